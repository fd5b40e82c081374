package demo

import (
	"fmt"
	"time"
)

// The company's partners, by name: an access request must name who got the data (C-154/21).
var partners = []string{"Elektropartner Vest AS", "Montørlaget Nordvest AS", "Pakkelevering Norge AS"}

func (g *generator) office() {
	for _, c := range g.customers {
		last := c.lastActive
		if last.IsZero() {
			last = c.created
		}
		g.add("parties", "privat", c.no, nil, c.first+" "+c.last, c.officeEmail, c.phone, c.street, c.place.code, c.place.city, c.created, last)
	}
	g.companies()
	g.suppliers()
	g.contacts()
	g.salesInvoices()
	g.purchaseInvoices()
	g.disclosures()
	g.notes()
	g.blockedAddresses()
}

// company gives the name of a company that no register knows, and its mailbox.
func (g *generator) company(n int) (name, domain string) {
	p := pick(g.random, places)
	trade := pick(g.random, trades)
	return fmt.Sprintf("%s %s %d AS", p.city, trade, n), fmt.Sprintf("%s-%s%d.example", mailName(p.city), mailName(trade), n)
}

func (g *generator) companies() {
	g.add("parties", "bedrift", "K-200000", organisationNo(1), partners[0], "post@elektropartner.example", phone(300), "Industriveien 14", "6002",
		"Ålesund", g.ago(2200), g.ago(30))
	for i := 1; i < companyCount; i++ {
		name, domain := g.company(i)
		p := pick(g.random, places)
		since := g.ago(g.between(100, 2400))
		g.add("parties", "bedrift", fmt.Sprintf("K-%06d", 200000+i), organisationNo(1+i), name, "post@"+domain, phone(300+i), g.street(), p.code, p.city,
			since, notAfter(since.AddDate(0, 0, g.n(900)), g.ago(3)))
	}
}

func (g *generator) suppliers() {
	g.add("suppliers", "L-3000", "enkeltpersonforetak", organisationNo(500), "Lys og Ledning Haugen", SoleProprietor.Name(), SoleProprietor.Email,
		SoleProprietor.Phone, "Sagaveien 5", "6856", "Sogndal", bankAccount(1), g.ago(1900), g.ago(45), "brreg.no",
		"Innehaver født 1971, næringskode 43.210 Elektrisk installasjonsarbeid", g.ago(1890), nil)
	for i := 1; i < supplierCount; i++ {
		p := pick(g.random, places)
		since := g.ago(g.between(200, 2400))
		last := notAfter(since.AddDate(0, 0, g.n(2000)), g.ago(5))
		first, family := g.name()
		name, domain := g.company(700 + i)
		kind, owner, email := "aksjeselskap", any(nil), "faktura@"+domain
		var source, details, found, informed any
		if g.chance(60) {
			kind, owner, name = "enkeltpersonforetak", first+" "+family, fmt.Sprintf("%s %s", family, pick(g.random, trades))
			email = g.address(first, family, 7000+i)
			if g.chance(50) {
				source, details, found = pick(g.random, []string{"brreg.no", "proff.no"}), "Næringskode 43.210, registrert i Enhetsregisteret", since
				informed = g.maybe(60, since.AddDate(0, 0, 20))
			}
		}
		g.add("suppliers", fmt.Sprintf("L-%d", 3000+i), kind, organisationNo(500+i), name, owner, email, phone(500+i), g.street(), p.code, p.city,
			bankAccount(1+i), since, last, source, details, found, informed)
	}
}

func (g *generator) contacts() {
	first := len(g.customers) + 1 // the party that is the first company
	g.add("contact_persons", first, nil, partners[0], Contact.First, Contact.Last, "Prosjektleder", Contact.Email, Contact.Phone, g.ago(800), nil,
		"1881.no", phone(13), "Bostedsadresse Utsikten 2, 5700 Voss", g.ago(790), nil)
	for i := range contactCount - 1 {
		name, family := g.name()
		var party, supplier, left any
		company := g.data["parties"][first-1+g.n(companyCount)]
		party = company[0]
		where, domain := company[4], company[5].(string)[len("post@"):]
		if s := g.data["suppliers"][g.n(supplierCount)]; s[2] == "aksjeselskap" && g.chance(30) {
			party, supplier = nil, s[0]
			where, domain = s[4], s[6].(string)[len("faktura@"):]
		}
		since := g.ago(g.between(30, 2000))
		if g.chance(20) {
			left = notAfter(since.AddDate(0, 0, g.n(600)), g.ago(2))
		}
		var source, found, details, when, informed any
		if g.chance(35) {
			source, found = pick(g.random, []string{"1881.no", "gulesider.no", "proff.no", "brreg.no"}), phone(20000+i)
			details, when = "Rolle i foretaket: daglig leder", since
			informed = g.maybe(50, since.AddDate(0, 0, 15))
		}
		g.add("contact_persons", party, supplier, where, name, family, pick(g.random, []string{"Innkjøper", "Daglig leder", "Prosjektleder", "Driftsleder"}),
			fmt.Sprintf("%s.%s%d@%s", mailName(name), mailName(family), i, domain), phone(700+i), since, left, source, found, details, when, informed)
	}
}

// salesInvoices writes an invoice for most orders. Those of the last five financial years must be
// kept (bokføringsloven § 13); older ones have outlived their reason.
func (g *generator) salesInvoices() {
	for _, o := range g.orders {
		c := o.customer
		if c.id > 7 && g.chance(10) {
			continue // paid by card, with a receipt only
		}
		due := o.at.AddDate(0, 0, 14)
		var paid any = due.AddDate(0, 0, -g.n(10))
		if due.After(g.ago(5)) {
			paid = nil
		}
		g.invoice("salg", c.id, nil, o.no, c.first+" "+c.last, c.officeEmail, fmt.Sprintf("%s, %s %s", c.street, c.place.code, c.place.city),
			o.first, o.total, o.at, paid)
	}
}

func (g *generator) purchaseInvoices() {
	for _, s := range g.data["suppliers"] {
		count := g.between(3, 14)
		for i := range count {
			last, _ := time.Parse(time.DateOnly, s[13].(string))
			when := last.AddDate(0, 0, -i*g.between(150, 240))
			who := s[4]
			if s[5] != nil {
				who = fmt.Sprintf("%s v/%s", s[4], s[5])
			}
			g.invoice("kjøp", nil, s[0], nil, who, s[6], fmt.Sprintf("%s, %s %s", s[8], s[9], s[10]), "Elektrikerarbeid", g.between(200000, 4000000), when, when.AddDate(0, 0, 20))
		}
	}
}

func (g *generator) invoice(kind string, party, supplier, order, name, email, address any, what string, total int, when time.Time, paid any) {
	n := len(g.data["invoices"]) + 1
	g.add("invoices", kind, fmt.Sprintf("F-%06d", 40000+n), party, supplier, order, name, email, address, what, total, total/5, when, when.AddDate(0, 0, 14), paid)
}

func (g *generator) disclosures() {
	g.disclosure(1, nil, partners[1], "Navn, adresse, telefon", "Montering av taklamper hjemme hos kunden", g.ago(820))
	g.disclosure(1, nil, partners[2], "Navn, adresse, telefon", "Hjemlevering", g.ago(738))
	g.disclosure(nil, 1, partners[1], "Navn, stilling, e-post, telefon", "Samarbeid om anbud", g.ago(250))
	for _, c := range g.customers[7:] {
		if c.orders > 0 && g.chance(60) {
			g.disclosure(c.id, nil, pick(g.random, partners), "Navn, adresse, telefon", "Hjemlevering", c.lastActive.AddDate(0, 0, 1))
		}
	}
	for i := range g.data["contact_persons"] {
		if i > 0 && g.chance(50) {
			g.disclosure(nil, i+1, pick(g.random, partners), "Navn, stilling, e-post, telefon", "Levering av tilbud", g.ago(g.between(10, 900)))
		}
	}
}

func (g *generator) disclosure(party, contact any, recipient, what, purpose string, when time.Time) {
	var content string
	if id, ok := contact.(int); ok {
		p := g.data["contact_persons"][id-1]
		content = fmt.Sprintf("%s %s, %s, %s, %s", p[4], p[5], p[6], p[7], p[8])
	} else {
		c := g.customers[party.(int)-1]
		content = fmt.Sprintf("%s %s, %s, %s %s, %s", c.first, c.last, c.street, c.place.code, c.place.city, c.phone)
	}
	g.add("disclosures", party, contact, recipient, what, content, purpose, notAfter(when, g.today), false)
}

// notes writes the free texts about customers, one of them about two people.
func (g *generator) notes() {
	g.add("notes", 1, "Ringte om dimmer som bråker, fikk ny tilsendt.", g.ago(400), g.staff[0])
	g.add("notes", 1, "Ønsker utelys før jul, følg opp i november.", g.ago(90), g.staff[0])
	g.add("notes", Neighbour.partyID(), fmt.Sprintf("Gaven ble bestilt av naboen %s (%s). Spør henne om bytte.", MostData.Name(), MostData.Email), g.ago(60), g.staff[0])
	g.add("notes", Neighbour.partyID(), "Er hjemme på dagtid, ring først.", g.ago(500), g.staff[1])
	for _, c := range g.customers[7:] {
		for range g.n(3) {
			g.add("notes", c.id, pick(g.random, noteTexts), g.ago(g.between(5, 1500)), pick(g.random, g.staff))
		}
	}
}

// partyID gives the number of a customer's row in the office, which follows the customer number.
func (p Person) partyID() int {
	var n int
	fmt.Sscanf(p.CustomerNo, "K-%d", &n)
	return n - 100000
}

func (g *generator) blockedAddresses() {
	blocked := g.customers[6]
	g.add("blocked_addresses", blocked.ip, "Mange mislykkede innlogginger", "/min-side", g.ago(20), g.ago(20).AddDate(0, 6, 0), g.staff[1])
	for i := range 40 {
		when := g.ago(g.between(1, 500))
		g.add("blocked_addresses", fmt.Sprintf("203.0.113.%d", i+10), pick(g.random, []string{"Søppelmeldinger i kontaktskjema", "Forsøk på innbrudd", "Automatisk kopiering av nettsidene"}), nil,
			when, when.AddDate(0, 6, 0), pick(g.random, g.staff))
	}
}

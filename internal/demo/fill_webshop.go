package demo

import (
	"fmt"
	"time"
)

func (g *generator) webshop() {
	g.namedCustomers()
	for len(g.customers) < customerCount {
		g.anyCustomer()
	}
	g.allOrders()
	for _, c := range g.customers {
		g.customerRow(c)
	}
	g.newsletter()
	g.cookies()
	g.contactForm()
	g.webLog()
}

func (g *generator) home(street string, p place) int {
	return g.add("addresses", street, p.code, p.city, "NO", nil)
}

// used notes the last day that an address was of use.
func (g *generator) used(addressID int, when time.Time) {
	row, day := g.data["addresses"][addressID-1], when.Format(time.DateOnly)
	if last, ok := row[5].(string); !ok || last < day {
		row[5] = day
	}
}

// customer makes a customer who lives at an address; the row is written when the orders are known.
func (g *generator) customer(first, last, email, tel string, addressID int, created time.Time) *customer {
	n := len(g.customers) + 1
	home := g.data["addresses"][addressID-1]
	c := &customer{id: n, no: fmt.Sprintf("K-%06d", 100000+n), first: first, last: last, email: email, officeEmail: email, phone: tel,
		addressID: addressID, street: home[1].(string), place: place{home[2].(string), home[3].(string)}, created: created,
		ip: networkAddress(n)}
	g.customers = append(g.customers, c)
	g.used(addressID, created)
	return c
}

// namedCustomers makes the customers among the hard cases, whose numbers are K-100001 to K-100007.
func (g *generator) namedCustomers() {
	shared := g.home("Fjordveien 7", place{"6002", "Ålesund"})
	long := g.ago(365*orderYears + 30)
	kari := g.customer(MostData.First, MostData.Last, MostData.Held[0], MostData.Phone, shared, long)
	kari.officeEmail, kari.orders = MostData.Email, 48
	ola := g.customer(Household.First, Household.Last, Household.Email, Household.Phone, shared, g.ago(900))
	ola.orders = 3
	astrid := g.customer(Neighbour.First, Neighbour.Last, Neighbour.Email, Neighbour.Phone, g.home("Fjordveien 9", place{"6002", "Ålesund"}), g.ago(1500))
	astrid.orders = 4
	family := g.home("Granveien 3", place{"2317", "Hamar"})
	g.customer(FamilyMother.First, FamilyMother.Last, FamilyMother.Email, FamilyMother.Phone, family, g.ago(1100)).orders = 3
	g.customer(FamilyFather.First, FamilyFather.Last, FamilyFather.Email, FamilyFather.Phone, family, g.ago(700)).orders = 2
	g.customer(OlderAddress.First, OlderAddress.Last, OlderAddress.Held[0], OlderAddress.Phone, g.home("Solbakken 21", place{"7713", "Steinkjer"}), g.ago(2000)).orders = 5
	g.customer(Blocked.First, Blocked.Last, Blocked.Email, Blocked.Phone, g.home("Sjøgata 40", place{"8006", "Bodø"}), g.ago(400)).orders = 1
}

func (g *generator) anyCustomer() {
	first, last := g.name()
	n := len(g.customers) + 1
	address := 0
	if g.chance(8) { // lives with the customer before
		prev := g.customers[len(g.customers)-1]
		address, last = prev.addressID, prev.last
		if prev.id <= 7 { // nobody moves in with the hard cases
			address = 0
		}
	}
	if address == 0 {
		address = g.home(g.street(), pick(g.random, places))
	}
	c := g.customer(first, last, g.address(first, last, n), phone(1000+n), address, g.ago(g.between(20, 365*orderYears)))
	if g.chance(90) {
		c.orders = g.between(1, 8)
	}
}

func (g *generator) allOrders() {
	for _, c := range g.customers {
		for i := range c.orders {
			age := int(g.today.Sub(c.created).Hours() / 24)
			when := c.created.AddDate(0, 0, g.n(age))
			switch {
			case c.id == 1: // no customer any more; over all the years before that, both sides of every time limit
				when = g.ago(740 + i*(365*orderYears-750)/48)
			case c.id == 2 && i == 0: // a customer still
				when = g.ago(40)
			}
			g.order(c, when, i)
		}
	}
}

func (g *generator) order(c *customer, when time.Time, nth int) {
	lines := g.between(1, 4)
	if c.id == 1 {
		lines += 2
	}
	id := len(g.data["orders"]) + 1
	o := order{id: id, no: fmt.Sprintf("O-%d-%05d", when.Year(), id), customer: c, at: when}
	for i := range lines {
		p, quantity := pick(g.random, products), g.between(1, 6)
		if i == 0 {
			o.first = p.name
		}
		o.total += quantity * p.ore
		g.add("order_lines", id, p.name, quantity, p.ore, when)
	}
	deliverTo := c.addressID
	var message any = g.maybe(6, "Sett gjerne pakka bak boden.")
	if c.id == 1 && nth == 4 {
		deliverTo, message = g.customers[2].addressID, "Gave til naboen, send uten pris."
	}
	status := "levert"
	var delivered any = when.AddDate(0, 0, g.between(2, 6))
	if when.After(g.ago(7)) {
		status, delivered = "under behandling", nil
	}
	g.add("orders", o.no, c.id, c.email, c.phone, c.first+" "+c.last, deliverTo, message, status, o.total, when, delivered)
	g.orders = append(g.orders, o)
	g.used(deliverTo, when)
	if when.After(c.lastActive) {
		c.lastActive = when
	}
}

func (g *generator) customerRow(c *customer) {
	var last any
	if !c.lastActive.IsZero() {
		last = c.lastActive
	}
	born := g.birthday()
	birthday := g.maybe(30, born)
	if c.id == 2 {
		birthday = born
	}
	g.add("customers", c.no, c.first, c.last, c.email, c.phone, birthday, c.addressID, c.created, last, false)
}

func (g *generator) newsletter() {
	for _, c := range g.customers {
		if c.id == 1 || c.id > 7 && g.chance(52) {
			g.subscriber(c.email, c.first, c.id, "Kassen i nettbutikken", c.created)
		}
	}
	g.subscriber(Subscriber.Email, Subscriber.First, 0, "Skjema på forsiden", g.ago(200))
	for i := range subscriberCount {
		first, last := g.name()
		g.subscriber(g.address(first, last, 5000+i), first, 0, "Skjema på forsiden", g.ago(g.between(10, 1400)))
	}
}

func (g *generator) subscriber(email, first string, customerID int, through string, when time.Time) {
	var customer, left, withdrawn any
	if customerID > 0 {
		customer = customerID
	}
	if customerID != 1 && email != Subscriber.Email && g.chance(15) {
		day := notAfter(when.AddDate(0, 0, g.between(5, 400)), g.ago(1))
		left, withdrawn = day, g.at(day)
	}
	id := g.add("newsletter_subscribers", email, first, customer, through, when, left)
	g.add("consents", id, email, fmt.Sprintf("nyhetsbrev-%d", when.Year()), networkAddress(customerID+20000), g.at(when), withdrawn)
}

func (g *generator) cookies() {
	for _, c := range g.customers {
		if c.id == 1 {
			g.cookie(c, "Telefon")
			g.cookie(c, "Nettbrett")
		}
		if c.id <= 2 || c.id > 7 && g.chance(60) {
			g.cookie(c, pick(g.random, []string{"Telefon", "Datamaskin"}))
		}
	}
	for range strangerProfiles {
		g.cookie(nil, pick(g.random, []string{"Telefon", "Datamaskin"}))
	}
}

func (g *generator) cookie(c *customer, device string) {
	key := fmt.Sprintf("ck_%016x", g.next())
	first := g.ago(g.between(5, 360))
	last := notAfter(first.AddDate(0, 0, g.n(200)), g.ago(1))
	var customer any
	if c != nil {
		customer = c.id
	}
	consented := c != nil && c.id == 1 || g.chance(70)
	liked := "ingen"
	if consented {
		liked = pick(g.random, interests) + ", " + pick(g.random, interests)
		g.add("cookie_consents", customer, key, fmt.Sprintf("cookies-%d", first.Year()), g.at(first), nil, false)
	}
	g.put("cookie_profiles", key, customer, device, liked, first, last)
}

func (g *generator) contactForm() {
	for _, m := range []struct{ subject, body string }{
		{"Spørsmål om levering", "Hei! Pakka til naboen min, Astrid Solberg, har ikke kommet. Kan dere sjekke?"},
		{"Lampa blinker", "Taklampa blinker når jeg demper lyset. Jeg har astma og trenger godt lys på soverommet."},
		{"Ønsker tilbud på montering", "Jeg ønsker et tilbud på montering av seks spotter i stua."},
	} {
		when := g.ago(g.between(40, 700))
		g.add("contact_messages", MostData.Name(), MostData.Held[1], MostData.Phone, m.subject, m.body, g.at(when), when.AddDate(0, 0, 3), Employee.Held[0])
	}
	for _, c := range g.customers[7:] {
		if g.chance(55) {
			g.message(c.first+" "+c.last, c.email, c.phone)
		}
	}
	for i := range 150 { // asked something and never bought
		first, last := g.name()
		g.message(first+" "+last, g.address(first, last, 6000+i), "")
	}
}

func (g *generator) message(name, email, tel string) {
	when, topic := g.ago(g.between(2, 900)), g.n(len(subjects))
	var closed any
	if when.Before(g.ago(10)) {
		closed = when.AddDate(0, 0, g.between(1, 7))
	}
	g.add("contact_messages", name, email, orNull(tel), subjects[topic], bodies[topic], g.at(when), closed,
		pick(g.random, []string{Employee.Held[0], Officer.Email}))
}

// webLog writes four months of visits: those of signed-in customers carry the customer or the cookie,
// all others nothing that leads to a person. Lines older than 90 days should have been deleted.
func (g *generator) webLog() {
	profiles := g.data["cookie_profiles"]
	for _, p := range profiles {
		if p[1] == nil {
			continue
		}
		c := g.customers[p[1].(int)-1]
		visits := g.between(2, 9)
		if c.id == 1 {
			visits = 130
		}
		for range visits {
			g.visit(c.ip, g.maybe(60, c.id), p[0])
		}
	}
	blocked := g.customers[6]
	for range 12 {
		g.visit(blocked.ip, blocked.id, nil)
	}
	for range strangerVisits {
		g.visit(strangerAddress(g.random), nil, nil)
	}
}

func (g *generator) visit(ip string, customer, cookie any) {
	g.add("web_logs", g.at(g.ago(g.between(1, 120))), ip, pick(g.random, pages), pick(g.random, []int{200, 200, 200, 304, 404}),
		pick(g.random, userAgents), customer, cookie)
}

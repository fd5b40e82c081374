package demo

import "mininfo/internal/locale"

// Person is a named person of the demo, the same whatever the seed.
type Person struct {
	First, Last string
	Email       string // the address that the person asks from
	// Held lists the addresses as the systems hold them, where they differ from Email.
	Held       []string
	Phone      string
	CustomerNo string // in the webshop and the office; empty for who is no customer
	What       locale.Text
}

// Name gives the first and last name.
func (p Person) Name() string { return p.First + " " + p.Last }

// The hard cases. Each says what a portal gets wrong if it is careless.
var (
	// MostData is in all three systems under three spellings of one address, one of them in upper
	// case: orders over seven years (one delivered to another customer's home), newsletter, consents,
	// cookies, contact messages, invoices both inside and past the time that bookkeeping law sets,
	// notes, disclosures and a recent application. Her last order is more than two years old. Her name and address also stand in a note about Neighbour.
	MostData = Person{First: "Kari", Last: "Nordmann", Email: "kari.nordmann@fjordlys-kunde.example",
		Held:  []string{"Kari.Nordmann@FJORDLYS-KUNDE.EXAMPLE", "Kari.Nordmann@fjordlys-kunde.example"},
		Phone: phone(1), CustomerNo: "K-100001", What: locale.Text{
			NB: "Har mest: bestillinger, fakturaer, nyhetsbrev, cookies og en jobbsøknad, i tre systemer",
			NN: "Har mest: bestillingar, fakturaer, nyheitsbrev, cookies og ein jobbsøknad, i tre system",
			EN: "Has the most: orders, invoices, newsletter, cookies and a job application, in three systems"}}
	// Household lives with MostData: their customer rows refer to the same address row, which must
	// survive the erasure of one of them. He has ordered lately, so that what his contract needs stays.
	Household = Person{First: "Ola", Last: "Nordmann", Email: "ola.nordmann@fjordlys-kunde.example", Phone: phone(2), CustomerNo: "K-100002",
		What: locale.Text{NB: "Bor sammen med Kari: de deler adresse i kunderegisteret", NN: "Bur saman med Kari: dei deler adresse i kunderegisteret",
			EN: "Lives with Kari: they share an address in the customer register"}}
	// Neighbour has a note in the office that names MostData with her e-mail address, and her home once
	// received one of MostData's orders.
	Neighbour = Person{First: "Astrid", Last: "Solberg", Email: "astrid.solberg@example.org", Phone: phone(3), CustomerNo: "K-100003",
		What: locale.Text{NB: "Et notat om henne nevner en annen person", NN: "Eit notat om henne nemner ein annan person",
			EN: "A note about her mentions another person"}}
	// FamilyMother and FamilyFather are two customers with one mailbox: the address matches several people.
	FamilyMother = Person{First: "Anne", Last: "Lie", Email: "familien.lie@example.com", Phone: phone(4), CustomerNo: "K-100004",
		What: locale.Text{NB: "Deler e-postadresse med Tor: adressen treffer to personer", NN: "Deler e-postadresse med Tor: adressa treffer to personar",
			EN: "Shares a mailbox with Tor: the address matches two people"}}
	FamilyFather = Person{First: "Tor", Last: "Lie", Email: "familien.lie@example.com", Phone: phone(5), CustomerNo: "K-100005",
		What: locale.Text{NB: "Deler e-postadresse med Anne", NN: "Deler e-postadresse med Anne", EN: "Shares a mailbox with Anne"}}
	// OlderAddress asks from an address that no system holds; an older address and the customer number do.
	OlderAddress = Person{First: "Gunnar", Last: "Moe", Email: "gunnar.moe@example.net", Held: []string{"gunnar.moe@gammelpost.example"},
		Phone: phone(6), CustomerNo: "K-100006", What: locale.Text{
			NB: "Skriver fra ny adresse; er registrert med gunnar.moe@gammelpost.example og kundenummer K-100006",
			NN: "Skriv frå ny adresse; er registrert med gunnar.moe@gammelpost.example og kundenummer K-100006",
			EN: "Writes from a new address; is held under gunnar.moe@gammelpost.example and customer number K-100006"}}
	// Blocked is a customer whose network address the office has blocked.
	Blocked = Person{First: "Viktor", Last: "Storm", Email: "viktor.storm@example.com", Phone: phone(7), CustomerNo: "K-100007",
		What: locale.Text{NB: "Har en blokkert IP-adresse", NN: "Har ei blokkert IP-adresse", EN: "Has a blocked IP address"}}
	// SoleProprietor is a supplier who is a person: everything about the business is personal data.
	// Some of it was found at brreg.no, and he was never told (Art. 14).
	SoleProprietor = Person{First: "Per", Last: "Haugen", Email: "per@lysogledning.example", Phone: phone(8),
		What: locale.Text{NB: "Leverandør med enkeltpersonforetak", NN: "Leverandør med enkeltpersonføretak", EN: "Supplier, sole proprietor"}}
	// Contact is a contact person in a partner company, enriched from open sources.
	Contact = Person{First: "Henrik", Last: "Vik", Email: "henrik.vik@elektropartner.example", Phone: phone(9),
		What: locale.Text{NB: "Kontaktperson hos en samarbeidspartner, utfylt fra 1881.no", NN: "Kontaktperson hos ein samarbeidspartnar, utfylt frå 1881.no",
			EN: "Contact person at a partner company, filled in from 1881.no"}}
	// Applicant has an application that should have been erased long ago, with a health note and an assessment.
	Applicant = Person{First: "Jonas", Last: "Berg", Email: "jonas.berg@example.com", Phone: phone(10),
		What: locale.Text{NB: "Jobbsøknad som skulle vært slettet", NN: "Jobbsøknad som skulle vore sletta", EN: "Job application kept past its time"}}
	// Employee has a personnel file, payroll with union dues and sick days, and a next of kin. Her work
	// address also stands in customers' messages, which are not hers.
	Employee = Person{First: "Silje", Last: "Dahl", Email: "silje.dahl@example.org", Held: []string{"silje.dahl@fjordlys.example"}, Phone: phone(11),
		What: locale.Text{NB: "Ansatt med lønn, fagforening og pårørende", NN: "Tilsett med løn, fagforeining og pårørande", EN: "Employee with payroll, union and next of kin"}}
	// NextOfKin is known only as Employee's next of kin.
	NextOfKin = Person{First: "Marius", Last: "Dahl", Email: "marius.dahl@example.org", Phone: phone(12),
		What: locale.Text{NB: "Pårørende til en ansatt", NN: "Pårørande til ein tilsett", EN: "Next of kin of an employee"}}
	// Subscriber only gets the newsletter.
	Subscriber = Person{First: "Lena", Last: "Strand", Email: "lena.strand@example.com",
		What: locale.Text{NB: "Får bare nyhetsbrevet", NN: "Får berre nyheitsbrevet", EN: "Only gets the newsletter"}}
	// Nobody is in no table of any system.
	Nobody = Person{First: "Nora", Last: "Ukjent", Email: "nora.ukjent@example.net",
		What: locale.Text{NB: "Er ikke registrert noe sted", NN: "Er ikkje registrert nokon stad", EN: "Is not held anywhere"}}
)

// HardCases lists the named persons, the one with most data first.
func HardCases() []Person {
	return []Person{MostData, Household, Neighbour, FamilyMother, FamilyFather, OlderAddress, Blocked, SoleProprietor,
		Contact, Applicant, Employee, NextOfKin, Subscriber, Nobody}
}

// Sample is a person that somebody who tries the demo can play.
type Sample struct {
	Email string
	Name  string
	What  locale.Text
}

// DemoPeople lists the addresses that the demo page offers, one for each mailbox.
func DemoPeople() []Sample {
	var out []Sample
	seen := map[string]bool{}
	for _, p := range HardCases() {
		if seen[p.Email] {
			continue
		}
		seen[p.Email] = true
		out = append(out, Sample{Email: p.Email, Name: p.Name(), What: p.What})
	}
	return out
}

// Controller is who answers: the company itself.
type Controller struct {
	Name, OrganisationNo, PostalAddress, Email, Phone, Website string
}

// Company is Fjordlys AS. Its register says the same.
var Company = Controller{Name: "Fjordlys AS", OrganisationNo: "310000019", PostalAddress: "Strandgata 12, 6002 Ålesund",
	Email: "personvern@fjordlys.example", Phone: phone(0), Website: "https://www.fjordlys.example"}

// Member is somebody on the staff who handles requests in the demo.
type Member struct {
	Name  string
	Email string
	What  locale.Text
}

// Officer handles the cases; Approver is the second pair of eyes that an erasure needs.
var (
	Officer = Member{Name: "Ingrid Aasen", Email: "ingrid.aasen@fjordlys.example",
		What: locale.Text{NB: "Personvernkontakt", NN: "Personvernkontakt", EN: "Privacy officer"}}
	Approver = Member{Name: "Tom Erik Ruud", Email: "tom.erik.ruud@fjordlys.example",
		What: locale.Text{NB: "Daglig leder, godkjenner sletting", NN: "Dagleg leiar, godkjenner sletting", EN: "Managing director, approves erasure"}}
)

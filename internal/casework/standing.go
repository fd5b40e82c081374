package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Standing is as what somebody asks, with what belongs to it. The zero value is the person for themselves.
type Standing struct {
	Kind         string `field:"standing/kind" validate:"max=40"`
	ChildAge     string `field:"standing/child_age" validate:"omitempty,oneof=under over"`
	AskerName    string `field:"standing/asker_name" validate:"max=200"`
	AskerEmail   string `field:"standing/asker_email" validate:"max=254"` // of a registered request; on the web it is the one proved
	Organisation string `field:"standing/organisation_number" validate:"max=30"`
	Authority    string `field:"standing/authority" validate:"max=2000"`
	// What the person is found by, when somebody else asks on the web.
	Email          string `field:"standing/email" validate:"max=254"`
	Phone          string `field:"standing/phone" validate:"max=40"`
	CustomerNumber string `field:"standing/customer_number" validate:"max=60"`
}

// Faults of standing.
var (
	ErrAskerName = fault.Define(fault.Invalid, "asker_name_missing",
		"Skriv navnet på den som spør.", "Skriv namnet på den som spør.", "Write the name of whoever asks.")
	ErrPersonName = fault.Define(fault.Invalid, "person_name_missing",
		"Skriv navnet på den du spør for.", "Skriv namnet på den du spør for.", "Write the name of the person you ask for.")
	ErrPersonContact = fault.Define(fault.Invalid, "person_contact_missing",
		"Skriv minst én ting vi kan finne personen med: e-post, telefon eller kundenummer.",
		"Skriv minst éin ting vi kan finne personen med: e-post, telefon eller kundenummer.",
		"Write at least one thing by which we can find the person: e-mail, phone or customer number.")
	ErrChildAge = fault.Define(fault.Invalid, "child_age_missing",
		"Velg hvor gammelt barnet er.", "Vel kor gammalt barnet er.", "Choose how old the child is.")
	ErrNoCompanies = fault.Define(fault.Conflict, "companies_not_answered",
		"Retten til innsyn, retting og sletting gjelder mennesker, ikke bedrifter. Vi har ikke lovet bedrifter svar. Driver du enkeltpersonforetak, eller er du kontaktperson i en bedrift, kan du spørre for deg selv.",
		"Retten til innsyn, retting og sletting gjeld menneske, ikkje bedrifter. Vi har ikkje lova bedrifter svar. Driv du enkeltpersonføretak, eller er du kontaktperson i ei bedrift, kan du spørje for deg sjølv.",
		"The right to access, rectification and erasure is for people, not for companies, and we have promised companies no answer. If you are a sole proprietor or a contact person of a company, you can ask for yourself.")
	ErrNobodyToAnswer = fault.Define(fault.Conflict, "person_not_reachable",
		"Vi har ingen bekreftet e-postadresse og ingen postadresse til personen selv. Bekreft en adresse først, eller skriv postadressen.",
		"Vi har inga stadfesta e-postadresse og inga postadresse til personen sjølv. Stadfest ei adresse først, eller skriv postadressa.",
		"We have no confirmed e-mail address and no postal address of the person. Confirm an address first, or write the postal address.")
)

// standing is a Standing that was read.
type standing struct {
	Standing
	as  dsr.Standing
	age dsr.ChildAge
}

// read checks what somebody says about for whom they ask.
func (s Standing) read() (standing, error) {
	for _, field := range []*string{&s.AskerName, &s.AskerEmail, &s.Organisation, &s.Authority, &s.Email, &s.Phone, &s.CustomerNumber} {
		*field = strings.TrimSpace(*field)
	}
	as, err := dsr.ParseStanding(s.Kind)
	if err != nil {
		return standing{}, err
	}
	out := standing{Standing: s, as: as}
	if as == dsr.AsParent || as == dsr.AsChild {
		if out.age = dsr.ChildAge(s.ChildAge); out.age == "" {
			return standing{}, ErrChildAge.At("/standing/child_age")
		}
	}
	if (as.ForOther() || as == dsr.AsCompany) && s.AskerName == "" {
		return standing{}, ErrAskerName.At("/standing/asker_name")
	}
	if as == dsr.AsCompany || s.Organisation != "" && (as == dsr.AsProprietor || as == dsr.AsContact) {
		if out.Organisation, err = dsr.ParseOrganisationNumber(s.Organisation); err != nil {
			return standing{}, at(err, "/standing/organisation_number")
		}
	}
	return out, nil
}

// online checks what a person on the web must say besides: name and a way to find the other one.
func (s standing) online(name string) error {
	if !s.as.ForOther() {
		return nil
	}
	if strings.TrimSpace(name) == "" {
		return ErrPersonName.At("/name")
	}
	if s.Email == "" && s.Phone == "" && s.CustomerNumber == "" && s.as != dsr.AsHeir {
		return ErrPersonContact.At("/standing/email")
	}
	if s.Email != "" {
		if _, err := dsr.ParseAddress(s.Email); err != nil {
			return at(err, "/standing/email")
		}
	}
	if s.Phone != "" {
		if _, err := dsr.CanonicalPhone(s.Phone); err != nil {
			return at(err, "/standing/phone")
		}
	}
	return nil
}

// apart tells whether the one who asks is somebody else than what is asked about.
func (s standing) apart() bool { return s.as.Apart() }

// into writes the standing into a new request. A company is answered only while the register promises it:
// it is no data subject (Art. 4(1)).
func (s standing) into(tx *store.Tx, n *store.NewRequest) error {
	n.Received.Standing, n.Received.ChildAge = s.as, s.age
	if s.as != dsr.AsSelf {
		n.Detail.Asker = &store.Asker{Name: s.AskerName, Organisation: s.Organisation, Authority: s.Authority}
	}
	if s.as != dsr.AsCompany {
		return nil
	}
	reg, err := registerOf(tx, n.Controller, n.RegisterVersion)
	if err != nil {
		return err
	}
	if reg.Companies == nil {
		return ErrNoCompanies.At("/standing/kind")
	}
	return nil
}

// points keeps what a company or a sole proprietor is found by. A company's number is a candidate until
// its signatory is known; a proprietor's is one until a member confirms it.
func (s standing) points(tx *store.Tx, r *store.Request) error {
	if s.Organisation == "" {
		return nil
	}
	if s.as == dsr.AsContact {
		return nil // the company's rows are not the contact person's
	}
	return tx.AddIdentifier(r, dsr.OrganisationNumber, keyring.NewPrivate(s.Organisation), store.Candidate, "registered")
}

// person gives, as a registration, what the other person is found by.
func (s standing) person() Registration {
	n := Registration{Phone: s.Phone, CustomerNumber: s.CustomerNumber}
	if address, err := dsr.ParseAddress(s.Email); err == nil {
		n.address = &address
	}
	return n
}

// Authority is what a member saw before somebody may act for somebody else (REP-01).
type Authority struct {
	Evidence string   `validate:"required,max=40"`
	Rights   []string `validate:"max=8,unique"` // empty: the right of the case
	Until    dsr.Date `validate:"-"`            // zero: it has no end
	Method   string   `validate:"required,oneof=mailbox known_address code_by_mail known_facts eid in_person"`
	Note     string   `validate:"required,max=1000"` // what was seen; sealed
}

// RecordAuthority writes down what shows that whoever asks may, how far and until when, and how they were
// known. A company is known by it, and its search starts.
func (d *Desk) RecordAuthority(ctx context.Context, by By, id string, a Authority) error {
	a.Note = strings.TrimSpace(a.Note)
	if err := check(a); err != nil {
		return err
	}
	return d.actOpen(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		data := dsr.EventData{Code: a.Evidence, Until: a.Until, Method: a.Method}
		for _, name := range a.Rights {
			right, err := dsr.ParseRight(name)
			if err != nil {
				return at(err, "/rights")
			}
			data.Rights = append(data.Rights, right)
		}
		if len(data.Rights) == 0 {
			data.Rights = []dsr.Right{r.Right}
		}
		e := dsr.Event{Kind: dsr.EventAuthority, Actor: by.actor(), Data: data}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Note: a.Note}); err != nil {
			return err
		}
		if r.P.Standing != dsr.AsCompany || r.P.Verified {
			return nil
		}
		return signed(tx, r, by, a)
	})
}

// signed: a company whose signatory was checked is found by its number from now on.
func signed(tx *store.Tx, r *store.Request, by By, a Authority) error {
	if err := confirmIdentity(tx, r, by.actor(), by.role(), "signatory", ""); err != nil {
		return err
	}
	known, err := tx.Identifiers(r)
	if err != nil {
		return err
	}
	for _, i := range known {
		proved := i.Kind == store.AskerEmail && proves(a.Method, "email")
		if i.Certainty == store.Candidate && (i.Kind == dsr.OrganisationNumber || proved) {
			if err := tx.DecideIdentifier(r, i.PublicID, true, "signatory"); err != nil {
				return err
			}
		}
	}
	return again(tx, r)
}

// AnswerPerson has the answer go to the person and not to the one who asks for them: if in doubt, that is
// always right (REP-01). From then on the one who asks sees the case no more.
func (d *Desk) AnswerPerson(ctx context.Context, by By, id, postal string) error {
	return d.actOpen(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if !r.P.Standing.ForOther() || r.P.Standing == dsr.AsHeir || r.P.Directed {
			return dsr.ErrTransition
		}
		known, err := tx.Identifiers(r)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(known, func(i store.Identifier) bool { return i.Kind == "email" && i.Certainty == store.Verified })
		postal = strings.TrimSpace(postal)
		to, delivery := dsr.Address{}, store.DeliveryPaper
		if i >= 0 {
			if to, err = dsr.ParseAddress(known[i].Value.Reveal()); err != nil {
				return err
			}
			delivery = store.DeliveryPortal
		} else if postal == "" && r.Postal.IsZero() {
			return ErrNobodyToAnswer.At("/postal_address")
		}
		columns, err := tx.MoveAddress(r, to)
		if err != nil {
			return err
		}
		columns["delivery"], r.Delivery = delivery, delivery
		if postal != "" {
			if columns["sealed_postal"], err = tx.SealPostal(r, postal); err != nil {
				return err
			}
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventDirected, Actor: by.actor()}, store.Change{Role: by.role(), Columns: columns})
	})
}

// Prepared is a refusal whose ground and words are ready: a member reads it, changes it, and sends it.
type Prepared struct {
	Ground string
	Text   string // in the language of the one who asks
}

// prepared gives the kind refusal to somebody who asks about the dead (REP-04), or the one that a member
// proposed.
func prepared(r *store.Request) *Prepared {
	if !dsr.Open(r.P.State) {
		return nil
	}
	if r.P.Proposed != nil {
		return &Prepared{Ground: r.P.Proposed.Ground, Text: proposedReason(r)}
	}
	if r.P.Standing == dsr.AsHeir {
		return &Prepared{Ground: "deceased", Text: textDeceased.In(r.Locale)}
	}
	return nil
}

func proposedReason(r *store.Request) string {
	for _, e := range slices.Backward(r.Events) {
		if e.Kind == dsr.EventProposed {
			return e.Note
		}
	}
	return ""
}

var textDeceased = text(
	"Vi kondolerer. Reglene om innsyn, retting og sletting gjelder bare for levende, så vi kan ikke gi deg opplysningene etter dem. Er du arving, kan du ha rett til opplysninger etter andre regler: Tingretten kan gi deg en skifteattest, og med den kan du be om det du trenger for å gjøre opp boet (arveloven). Ta gjerne kontakt med oss om avtaler og regninger som skal avsluttes.",
	"Vi kondolerer. Reglane om innsyn, retting og sletting gjeld berre for levande, så vi kan ikkje gi deg opplysningane etter dei. Er du arving, kan du ha rett til opplysningar etter andre reglar: Tingretten kan gi deg ein skifteattest, og med han kan du be om det du treng for å gjere opp buet (arvelova). Ta gjerne kontakt med oss om avtalar og rekningar som skal avsluttast.",
	"We are sorry for your loss. The rules on access, rectification and erasure are for the living only, so we cannot give you the data under them. If you are an heir, other rules may give you a right to information: the district court can give you a probate certificate, and with it you can ask for what you need to settle the estate (the Inheritance Act). Please contact us about agreements and bills that are to be ended.")

// Who is who asks, as the office sees it.
type Who struct {
	Kind         dsr.Standing
	Text         string
	Name         string
	Organisation string
	Authority    string // in their words
	Child        string
	HowToCheck   string // of a company: what the register promises about it
	Evidence     []Evidence
	Recorded     string
	WhyNot       string
	ToPerson     bool
}

// Evidence is something that can show that somebody may act for somebody else, in words.
type Evidence struct{ Key, Text string }

// whoAsks gives who asks; nil when the person asks for themselves.
func whoAsks(r *store.Request, reg *register.Register, now time.Time, l locale.Locale) *Who {
	if r.P.Standing == dsr.AsSelf {
		return nil
	}
	w := &Who{Kind: r.P.Standing, Text: r.P.Standing.Text().In(l), ToPerson: r.P.Directed}
	if a := r.Detail.Asker; a != nil {
		w.Name, w.Organisation, w.Authority = a.Name, a.Organisation, a.Authority
	}
	if r.P.ChildAge != "" {
		w.Child = childText(r.P.ChildAge, r.Events[0].Data.Country).In(l)
	}
	if r.P.Standing == dsr.AsCompany && reg.Companies != nil {
		w.HowToCheck = reg.Companies.Authority.In(l)
	}
	for _, e := range dsr.EvidenceFor(r.P.Standing, r.P.ChildAge) {
		w.Evidence = append(w.Evidence, Evidence{Key: string(e), Text: e.Text().In(l)})
	}
	if g := r.P.Grant; g != nil {
		w.Recorded = grantText(g, l)
	}
	if why := r.P.Unauthorised(now); why != nil && dsr.Open(r.P.State) {
		w.WhyNot = why.Text.In(l)
	}
	return w
}

func childText(age dsr.ChildAge, country string) locale.Text {
	n := dsr.ConsentAge(country)
	if age == dsr.ChildUnder {
		return text(fmt.Sprintf("Barnet er under %d år", n), fmt.Sprintf("Barnet er under %d år", n), fmt.Sprintf("The child is under %d", n))
	}
	return text(fmt.Sprintf("Barnet er %d år eller eldre og bestemmer selv", n), fmt.Sprintf("Barnet er %d år eller eldre og bestemmer sjølv", n),
		fmt.Sprintf("The child is %d or older and decides itself", n))
}

// grantText says what was seen, what it covers and until when.
func grantText(g *dsr.Grant, l locale.Locale) string {
	var rights []string
	for _, right := range g.Rights {
		rights = append(rights, strings.ToLower(right.Name().In(l)))
	}
	line := g.Evidence.Text().In(l) + ": " + strings.Join(rights, ", ")
	if g.Until.IsZero() {
		return line
	}
	return line + ", " + text("til og med", "til og med", "until").In(l) + " " + g.Until.Format(l)
}

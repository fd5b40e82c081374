package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Filing is a request that a person files on the web with an address that was just proved.
type Filing struct {
	Address    keyring.Private `validate:"-"` // canonical, proved
	ProvedAt   time.Time       `validate:"required"`
	Proof      string          `validate:"required,len=32"` // public id of the challenge
	Right      string          `validate:"required,right"`
	Also       []string        `validate:"max=7,unique,dive,right"` // rights asked at once: linked requests of their own
	Marketing  bool            // an objection to direct marketing
	Meanwhile  bool            // a rectification: the data are not to be used while it is looked into (Art. 18(1)(a))
	Ground     string          `validate:"omitempty,oneof=accuracy unlawful claims objection"` // of a restriction
	Recipient  string          `validate:"max=1000"`                                           // who is to get a portable copy directly
	Locale     locale.Locale   `validate:"required,oneof=nb nn en"`
	Name       string          `validate:"max=200"`
	Activities []string        `validate:"max=100,unique,dive,min=1,max=60"`
	Text       string          `validate:"max=10000"`
	// Corrections were opened from the sealed references that the person was shown.
	Corrections []store.Correction `validate:"max=500,dive"`
	Standing    Standing
	// Key makes a repeated filing give the first answer; Body is what it is held against.
	Key  string `validate:"max=100"`
	Body []byte `validate:"-"`
}

// Faults of filing.
var (
	ErrNothingWrong = fault.Define(fault.Invalid, "correction_empty",
		"Skriv hva som er feil, eller velg et felt som skal rettes.",
		"Skriv kva som er feil, eller vel eit felt som skal rettast.",
		"Write what is wrong, or choose a field to correct.")
	ErrSameField = fault.Define(fault.Invalid, "correction_twice",
		"Det samme feltet står to ganger. Skriv bare én riktig verdi.",
		"Det same feltet står to gonger. Skriv berre éin rett verdi.",
		"The same field is there twice. Write one correct value only.")
	ErrNotCorrecting = fault.Define(fault.Invalid, "correction_unfit",
		"Bare et krav om retting kan ha felt som skal rettes.",
		"Berre eit krav om retting kan ha felt som skal rettast.",
		"Only a request for rectification can have fields to correct.")
	ErrNoGround = fault.Define(fault.Invalid, "restriction_ground",
		"Velg hvorfor opplysningene ikke skal brukes.", "Vel kvifor opplysningane ikkje skal brukast.",
		"Choose why the data are not to be used.")
	ErrNoObject = fault.Define(fault.Invalid, "objection_to_nothing",
		"Velg hva personen protesterer mot.", "Vel kva personen protesterer mot.",
		"Choose what the person objects to.")
	ErrUnfitDetail = fault.Define(fault.Invalid, "detail_unfit",
		"Dette passer ikke til det du ber om. Last siden på nytt og prøv igjen.",
		"Dette passar ikkje til det du ber om. Last sida på nytt og prøv igjen.",
		"This does not fit what you ask for. Reload the page and try again.")
	ErrUnknownActivity = fault.Define(fault.Invalid, "unknown_activity",
		"En av delene du valgte, finnes ikke lenger. Last siden på nytt og velg igjen.",
		"Ein av delane du valde, finst ikkje lenger. Last sida på nytt og vel igjen.",
		"One of the parts you chose no longer exists. Reload the page and choose again.")
	ErrNotSetUp = fault.Define(fault.Unavailable, "not_set_up",
		"Portalen er ikke satt opp ennå. Kontakt virksomheten direkte.",
		"Portalen er ikkje sett opp enno. Kontakt verksemda direkte.",
		"The portal has not been set up yet. Contact the organisation directly.")
	ErrFutureReceipt = fault.Define(fault.Invalid, "received_in_future",
		"Mottaksdatoen kan ikke være i framtiden.", "Mottaksdatoen kan ikkje vere i framtida.",
		"The date of receipt cannot be in the future.")
	ErrOldReceipt = fault.Define(fault.Invalid, "received_too_old",
		"Mottaksdatoen er mer enn ti år gammel. Sjekk årstallet.", "Mottaksdatoen er meir enn ti år gammal. Sjekk årstalet.",
		"The date of receipt is more than ten years old. Check the year.")
	ErrNoContact = fault.Define(fault.Invalid, "no_contact",
		"Skriv minst ett av navn, e-post, telefon eller kundenummer.",
		"Skriv minst eitt av namn, e-post, telefon eller kundenummer.",
		"Write at least one of name, e-mail, phone or customer number.")
	ErrPaperAddress = fault.Define(fault.Invalid, "postal_address_missing",
		"Skriv postadressen som svaret på papir skal sendes til.",
		"Skriv postadressa som svaret på papir skal sendast til.",
		"Write the postal address that the answer on paper is sent to.")
	ErrPortalAddress = fault.Define(fault.Invalid, "email_missing",
		"Uten e-postadresse må svaret gis på papir.", "Utan e-postadresse må svaret givast på papir.",
		"Without an e-mail address the answer must be given on paper.")
)

// File files a request: request, events, leaves, mails and the search are one write. The address
// is proved before, so the search starts by itself.
func (d *Desk) File(ctx context.Context, f Filing) (*store.Request, error) {
	if err := check(f); err != nil {
		return nil, err
	}
	if err := firstErr(fitCorrections(f), fitDetail(f)); err != nil {
		return nil, err
	}
	who, err := f.Standing.read()
	if err != nil {
		return nil, err
	}
	if err := who.online(f.Name); err != nil {
		return nil, err
	}
	address, err := dsr.ParseAddress(f.Address.Reveal())
	if err != nil {
		return nil, err
	}
	var filed *store.Request
	err = d.Store.InTx(ctx, func(tx *store.Tx) error {
		scope := "file/" + fmt.Sprintf("%x", tx.AddressIndex(address.Canonical)[:12])
		done, err := tx.Once(scope, f.Key, f.Body)
		if err != nil {
			return err
		}
		if done != "" {
			filed, err = tx.ReadRequest(done)
			return err
		}
		if filed, err = d.open(tx, f, who, address); err != nil {
			return err
		}
		return tx.Remember(scope, f.Key, f.Body, filed.PublicID)
	})
	return filed, err
}

// fitCorrections: a rectification says what is wrong, and of each field one thing; nothing else has
// corrections.
func fitCorrections(f Filing) error {
	if f.Right != string(dsr.Rectification) {
		if len(f.Corrections) > 0 {
			return ErrNotCorrecting.At("/corrections")
		}
		return nil
	}
	if len(f.Corrections) == 0 && strings.TrimSpace(f.Text) == "" {
		return ErrNothingWrong.At("/text")
	}
	seen := map[string]bool{}
	for i, c := range f.Corrections {
		place := strings.Join([]string{c.Source, c.Collection, c.Field, string(c.Key)}, "\x00")
		if seen[place] {
			return ErrSameField.At(fmt.Sprintf("/corrections/%d", i))
		}
		seen[place] = true
	}
	return nil
}

// fitDetail: what belongs to one right is said with that right alone, and nothing is asked twice.
func fitDetail(f Filing) error {
	switch right := dsr.Right(f.Right); {
	case f.Marketing && right != dsr.Objection:
		return ErrUnfitDetail.At("/advertising")
	case f.Meanwhile && right != dsr.Rectification:
		return ErrUnfitDetail.At("/meanwhile")
	case f.Recipient != "" && right != dsr.Portability:
		return ErrUnfitDetail.At("/recipient")
	case f.Ground != "" && right != dsr.Restriction:
		return ErrUnfitDetail.At("/ground")
	case f.Ground == "" && right == dsr.Restriction:
		return ErrNoGround.At("/ground")
	}
	for i, right := range f.Also {
		if right == f.Right || !combines(dsr.Right(right)) {
			return ErrUnfitDetail.At(fmt.Sprintf("/also/%d", i))
		}
	}
	return nil
}

// combines tells whether a right says enough by itself to be asked for beside another.
func combines(right dsr.Right) bool {
	return right == dsr.Access || right == dsr.Portability || right == dsr.Erasure
}

func firstErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// open files the request and those that were asked with it, with one time of receipt (INT-06). It
// gives the first.
func (d *Desk) open(tx *store.Tx, f Filing, who standing, address dsr.Address) (*store.Request, error) {
	first, err := d.openOne(tx, f, who, address, dsr.Right(f.Right), "")
	if err != nil {
		return nil, err
	}
	for _, right := range f.Also {
		if _, err := d.openOne(tx, f, who, address, dsr.Right(right), first.Linked); err != nil {
			return nil, err
		}
	}
	return first, nil
}

func (d *Desk) openOne(tx *store.Tx, f Filing, who standing, address dsr.Address, right dsr.Right, linked string) (*store.Request, error) {
	n, err := d.begin(tx, right, dsr.Web, f.Locale)
	if err != nil {
		return nil, err
	}
	if err := knownActivities(tx, n, f.Activities); err != nil {
		return nil, err
	}
	n.Linked, n.Delivery, n.Name, n.Address = linked, store.DeliveryPortal, keyring.NewPrivate(f.Name), &address
	n.Detail = store.Detail{Text: f.Text, Activities: f.Activities}
	if linked == "" {
		n.Detail.Corrections, n.Detail.Marketing, n.Detail.Ground, n.Detail.Recipient = f.Corrections, f.Marketing, f.Ground, strings.TrimSpace(f.Recipient)
		n.Detail.Meanwhile = f.Meanwhile
	}
	n.ReceivedAt = tx.Now
	n.Actor = dsr.Actor{Kind: dsr.Person}
	if err := who.into(tx, &n); err != nil {
		return nil, err
	}
	r, err := tx.OpenRequest(n)
	if err != nil {
		return nil, err
	}
	if err := who.points(tx, r); err != nil {
		return nil, err
	}
	if who.apart() {
		return r, d.openForOther(tx, r, f, who, address)
	}
	proved := dsr.Event{Kind: dsr.EventVerified, Actor: n.Actor, Data: dsr.EventData{Code: "mailbox"}}
	columns := map[string]any{"verified_method": "mailbox", "verified_proof": f.Proof}
	if err := tx.Act(r, proved, store.Change{Columns: columns}); err != nil {
		return nil, err
	}
	if err := tx.AddIdentifier(r, "email", keyring.NewPrivate(address.Canonical), store.Verified, "mailbox"); err != nil {
		return nil, err
	}
	if err := tx.IndexWords(r, f.Name, address.Canonical); err != nil {
		return nil, err
	}
	if err := takeEffect(tx, r, true); err != nil {
		return nil, err
	}
	return r, d.announce(tx, r)
}

// openForOther: the mailbox that was proved is of the one who asks. It tells nothing of who the person is,
// and the person is never searched for by it.
func (d *Desk) openForOther(tx *store.Tx, r *store.Request, f Filing, who standing, address dsr.Address) error {
	if err := tx.AddIdentifier(r, store.AskerEmail, keyring.NewPrivate(address.Canonical), store.Verified, "mailbox"); err != nil {
		return err
	}
	person := who.person()
	if err := addIdentifiers(tx, r, person); err != nil {
		return err
	}
	words := append(person.findable(), f.Name, who.AskerName, who.Organisation, address.Canonical)
	if err := tx.IndexWords(r, words...); err != nil {
		return err
	}
	if err := takeEffect(tx, r, false); err != nil {
		return err
	}
	return d.announce(tx, r)
}

// begin fills in what every new request has.
func (d *Desk) begin(tx *store.Tx, right dsr.Right, channel dsr.Channel, l locale.Locale) (store.NewRequest, error) {
	c, err := tx.Controller()
	if err != nil {
		return store.NewRequest{}, err
	}
	settings, _, err := tx.Settings(c.ID)
	if err != nil {
		return store.NewRequest{}, err
	}
	if !settings.Named() {
		return store.NewRequest{}, ErrNotSetUp
	}
	reg, err := tx.Newest(c.ID, store.VersionRegister)
	if err != nil {
		return store.NewRequest{}, err
	}
	today, _, err := d.today(tx)
	if err != nil {
		return store.NewRequest{}, err
	}
	ref, err := dsr.NewReference(d.Rand, today.Year)
	if err != nil {
		return store.NewRequest{}, fmt.Errorf("drawing a reference: %w", err)
	}
	return store.NewRequest{
		Controller: c.ID, Reference: ref, Right: right, Channel: channel, Locale: l,
		RegisterVersion: reg.Number, CalendarVersion: dsr.CalendarVersion,
		Received: dsr.EventData{Profile: settings.Profile, Zone: c.Zone, Country: c.Country},
	}, nil
}

func knownActivities(tx *store.Tx, n store.NewRequest, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	reg, err := registerOf(tx, n.Controller, n.RegisterVersion)
	if err != nil {
		return err
	}
	for i, id := range ids {
		if reg.Activity(id) == nil {
			return ErrUnknownActivity.At(fmt.Sprintf("/activities/%d", i))
		}
	}
	return nil
}

// announce sends the receipt to the person and word to the office, and starts the search when the
// identity is established.
func (d *Desk) announce(tx *store.Tx, r *store.Request) error {
	if err := noteJoint(tx, r); err != nil {
		return err
	}
	receipt := mail.ReceiptOfRequest
	if r.P.Standing == dsr.AsChild {
		receipt = mail.ReceiptForChild
	}
	if err := tx.MailPerson(r, receipt); err != nil {
		return err
	}
	if err := tx.MailOffice(r, mail.StaffNewRequest); err != nil {
		return err
	}
	if !r.P.Verified || r.Right.Row().ByHand {
		return nil
	}
	return search(tx, r)
}

// search asks for the sources to be searched. There is none for what a person decides by hand. A case that is being looked over leaves the review at
// once: nobody is to decide on findings that are about to change.
func search(tx *store.Tx, r *store.Request) error {
	if r.P.State == dsr.Review {
		e := dsr.Event{Kind: dsr.EventReopened, Actor: dsr.Actor{Kind: dsr.System}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
	}
	return tx.Enqueue(job.Spec{Kind: JobCollect, Key: fmt.Sprintf("%s/%s/%d", JobCollect, r.PublicID, len(r.Events)), Object: r.PublicID})
}

// Identity methods that staff may record. Method "not_yet" leaves the identity open.
var methods = map[string]locale.Text{
	"mailbox":       text("Bekreftet e-postadressen med kode eller lenke", "Stadfesta e-postadressa med kode eller lenkje", "Confirmed the e-mail address with a code or link"),
	"known_address": text("Skrev fra en adresse vi har registrert", "Skreiv frå ei adresse vi har registrert", "Wrote from an address that we have on file"),
	"code_by_mail":  text("Bekreftet med kode sendt til registrert adresse", "Stadfesta med kode send til registrert adresse", "Confirmed with a code sent to an address on file"),
	"known_facts":   text("Svarte riktig på avtalte kontrollspørsmål", "Svara rett på avtalte kontrollspørsmål", "Answered agreed control questions"),
	"eid":           text("Elektronisk ID", "Elektronisk ID", "Electronic ID"),
	"in_person":     text("Møtte opp personlig", "Møtte opp personleg", "Appeared in person"),
	"signatory":     text("Bedriften: retten til å signere er sjekket", "Bedrifta: retten til å signere er sjekka", "The company: the right to sign was checked"),
	"client":        text("Et tilkoblet system", "Eit tilkopla system", "A connected system"),
}

// Registration is a request that came another way than the web.
type Registration struct {
	Rights         []string      `validate:"required,min=1,max=8,unique,dive,right"`
	Channel        string        `validate:"required,oneof=email letter phone counter api"`
	ReceivedAt     time.Time     `validate:"required"`
	ReceivedText   string        `validate:"max=100"`
	Locale         locale.Locale `validate:"required,oneof=nb nn en"`
	Name           string        `validate:"max=200"`
	Email          string        `validate:"max=254"`
	Phone          string        `validate:"max=40"`
	CustomerNumber string        `validate:"max=60"`
	Postal         string        `field:"postal_address" validate:"max=500"`
	Text           string        `validate:"max=100000"`
	Meanwhile      bool          // a rectification: the data are not to be used while it is looked into
	Method         string        `field:"identity/method" validate:"omitempty,oneof=known_address code_by_mail known_facts eid in_person client not_yet"`
	MethodNote     string        `field:"identity/note" validate:"max=1000"`
	Delivery       string        `validate:"omitempty,oneof=portal paper"`
	Activities     []string      `validate:"max=100,unique,dive,min=1,max=60"`                   // of an objection, a restriction or a withdrawal
	Marketing      bool          `field:"advertising"`                                           // an objection to direct marketing
	Ground         string        `validate:"omitempty,oneof=accuracy unlawful claims objection"` // of a restriction, where the person said it
	Recipient      string        `validate:"max=1000"`                                           // who is to get a portable copy directly
	ClientID       *int64        `validate:"-"`
	Standing       Standing
	Drill          bool            `validate:"-"`
	Key            string          `validate:"max=100"`
	Body           []byte          `validate:"-"`
	who            standing        `validate:"-"`
	asker          *dsr.Address    `validate:"-"`
	address        *dsr.Address    `validate:"-"`
	postal         keyring.Private `validate:"-"`
}

// Register registers a request that came by mail, letter, phone, at the counter or through
// another system, with its real time of receipt: one case for each right, linked, with the same
// time of receipt. The clock runs from that time whatever is known of the person.
func (d *Desk) Register(ctx context.Context, by By, n Registration) ([]*store.Request, error) {
	if err := n.check(by); err != nil {
		return nil, err
	}
	var cases []*store.Request
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		cases = nil
		scope := fmt.Sprintf("register/%d", by.ID)
		if n.ClientID != nil {
			scope = fmt.Sprintf("intake/%d", *n.ClientID)
		}
		done, err := tx.Once(scope, n.Key, n.Body)
		if err != nil {
			return err
		}
		if done != "" {
			cases, err = together(tx, done)
			return err
		}
		if err := d.plausible(tx, n.ReceivedAt); err != nil {
			return err
		}
		if cases, err = d.registerAll(tx, by, n); err != nil {
			return err
		}
		return tx.Remember(scope, n.Key, n.Body, cases[0].PublicID)
	})
	return cases, err
}

func (n *Registration) check(by By) error {
	if n.ClientID == nil {
		if err := staff.May(staff.Member{ID: by.ID, Roles: by.Roles}, staff.FileOnBehalf, staff.Facts{}); err != nil {
			return err
		}
	}
	n.fill()
	if err := check(*n); err != nil {
		return err
	}
	if n.ClientID == nil && n.Method == "client" {
		return errRules.At("/identity/method")
	}
	if n.ClientID == nil && n.Channel == string(dsr.API) {
		return errRules.At("/channel")
	}
	if n.Meanwhile && !slices.Contains(n.Rights, string(dsr.Rectification)) {
		return ErrUnfitDetail.At("/meanwhile")
	}
	if n.Phone != "" {
		if _, err := dsr.CanonicalPhone(n.Phone); err != nil {
			return at(err, "/phone")
		}
	}
	if err := n.fitDetail(); err != nil {
		return err
	}
	var err error
	if n.who, err = n.Standing.read(); err != nil {
		return err
	}
	return n.reachable()
}

// fitDetail: what belongs to one right is said with that right alone. What an objection is to is said:
// what somebody wrote in a letter is never read as an objection to everything.
func (n *Registration) fitDetail() error {
	asked := func(rights ...dsr.Right) bool {
		return slices.ContainsFunc(rights, func(right dsr.Right) bool { return slices.Contains(n.Rights, string(right)) })
	}
	switch {
	case n.Marketing && !asked(dsr.Objection):
		return ErrUnfitDetail.At("/advertising")
	case n.Recipient != "" && !asked(dsr.Portability):
		return ErrUnfitDetail.At("/recipient")
	case n.Ground != "" && !asked(dsr.Restriction):
		return ErrUnfitDetail.At("/ground")
	case len(n.Activities) > 0 && !asked(dsr.Objection, dsr.Restriction, dsr.Withdrawal):
		return ErrUnfitDetail.At("/activities")
	case asked(dsr.Objection) && !n.Marketing && len(n.Activities) == 0:
		return ErrNoObject.At("/activities")
	}
	return nil
}

// detail is what was asked under one of the rights.
func (n *Registration) detail(right dsr.Right) store.Detail {
	detail := store.Detail{Text: n.Text, Phone: n.Phone, CustomerNumber: n.CustomerNumber, Received: n.ReceivedText}
	switch right {
	case dsr.Rectification:
		detail.Meanwhile = n.Meanwhile
	case dsr.Portability:
		detail.Recipient = strings.TrimSpace(n.Recipient)
	case dsr.Restriction:
		detail.Ground, detail.Activities = n.Ground, n.Activities
	case dsr.Withdrawal:
		detail.Activities = n.Activities
	case dsr.Objection:
		detail.Marketing = n.Marketing
		if !n.Marketing {
			detail.Activities = n.Activities
		}
	}
	return detail
}

// fill puts in what was left open.
func (n *Registration) fill() {
	n.Email, n.Name, n.Phone = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name), strings.TrimSpace(n.Phone)
	n.CustomerNumber, n.Postal = strings.TrimSpace(n.CustomerNumber), strings.TrimSpace(n.Postal)
	if n.Delivery == "" {
		n.Delivery = store.DeliveryPortal
		if n.Email == "" && n.Standing.AskerEmail == "" {
			n.Delivery = store.DeliveryPaper
		}
	}
	if n.Method == "" {
		n.Method = "not_yet"
	}
}

// reachable refuses a registration that nobody could be answered by.
func (n *Registration) reachable() error {
	if n.Email == "" && n.Name == "" && n.Phone == "" && n.CustomerNumber == "" {
		return ErrNoContact.At("/email")
	}
	if n.Delivery == store.DeliveryPaper && n.Postal == "" {
		return ErrPaperAddress.At("/postal_address")
	}
	if n.Delivery == store.DeliveryPortal && n.Email == "" && n.Standing.AskerEmail == "" {
		return ErrPortalAddress.At("/email")
	}
	if n.Email != "" {
		address, err := dsr.ParseAddress(n.Email)
		if err != nil {
			return at(err, "/email")
		}
		n.address = &address
	}
	if n.who.apart() && n.who.AskerEmail != "" {
		address, err := dsr.ParseAddress(n.who.AskerEmail)
		if err != nil {
			return at(err, "/standing/asker_email")
		}
		n.asker = &address
	}
	n.postal = keyring.NewPrivate(n.Postal)
	return nil
}

// plausible refuses a time of receipt that cannot be.
func (d *Desk) plausible(tx *store.Tx, received time.Time) error {
	today, zone, err := d.today(tx)
	if err != nil {
		return err
	}
	on := dsr.DateOf(received, zone)
	if on.After(today) || received.After(tx.Now.Add(5*time.Minute)) {
		return ErrFutureReceipt.At("/received_at")
	}
	if on.Before(today.AddMonths(-120)) {
		return ErrOldReceipt.At("/received_at")
	}
	return nil
}

func (d *Desk) registerAll(tx *store.Tx, by By, n Registration) ([]*store.Request, error) {
	var cases []*store.Request
	for _, right := range n.Rights {
		linked := ""
		if len(cases) > 0 {
			linked = cases[0].Linked
		}
		r, err := d.registerOne(tx, by, n, dsr.Right(right), linked)
		if err != nil {
			return nil, err
		}
		cases = append(cases, r)
	}
	return cases, nil
}

func (d *Desk) registerOne(tx *store.Tx, by By, n Registration, right dsr.Right, linked string) (*store.Request, error) {
	base, err := d.begin(tx, right, dsr.Channel(n.Channel), n.Locale)
	if err != nil {
		return nil, err
	}
	base.Linked, base.Delivery, base.ClientID, base.Drill = linked, n.Delivery, n.ClientID, n.Drill
	base.Name, base.Address, base.Postal = keyring.NewPrivate(n.Name), n.address, n.postal
	base.Detail = n.detail(right)
	if err := knownActivities(tx, base, base.Detail.Activities); err != nil {
		return nil, err
	}
	base.ReceivedAt, base.Actor, base.Role = n.ReceivedAt, by.actor(), by.role()
	if n.ClientID != nil {
		base.Actor = dsr.Actor{Kind: dsr.System}
	}
	if n.asker != nil {
		base.Address = n.asker
	}
	if err := n.who.into(tx, &base); err != nil {
		return nil, err
	}
	r, err := tx.OpenRequest(base)
	if err != nil {
		return nil, err
	}
	if err := n.who.points(tx, r); err != nil {
		return nil, err
	}
	if n.Method != "not_yet" {
		if err := confirmIdentity(tx, r, base.Actor, by.role(), n.Method, n.MethodNote); err != nil {
			return nil, err
		}
	}
	if err := addIdentifiers(tx, r, n); err != nil {
		return nil, err
	}
	if err := tx.IndexWords(r, n.findable()...); err != nil {
		return nil, err
	}
	if err := takeEffect(tx, r, !n.who.apart()); err != nil {
		return nil, err
	}
	return r, d.announce(tx, r)
}

// findable gives what a case is searched by in the inbox.
func (n *Registration) findable() []string {
	texts := []string{n.Name, n.Email, n.CustomerNumber, n.who.AskerName, n.who.Organisation}
	if n.asker != nil {
		texts = append(texts, n.asker.Canonical)
	}
	if n.address != nil {
		texts = append(texts, n.address.Canonical)
	}
	if phone, err := dsr.CanonicalPhone(n.Phone); err == nil {
		texts = append(texts, phone)
	}
	return texts
}

// at tells which field of the input a fault is about.
func at(err error, field string) error {
	if f := fault.From(err); f != nil {
		return f.At(field)
	}
	return err
}

// confirmIdentity records how the identity was established: the level only, never a number of an
// identity document (personopplysningsloven § 12).
func confirmIdentity(tx *store.Tx, r *store.Request, actor dsr.Actor, role, method, note string) error {
	if _, known := methods[method]; !known {
		return errRules.At("/method")
	}
	e := dsr.Event{Kind: dsr.EventVerified, Actor: actor, Data: dsr.EventData{Code: method}}
	return tx.Act(r, e, store.Change{Role: role, Note: note, Columns: map[string]any{"verified_method": method}})
}

// proves tells whether a way of establishing the identity also proves that an identifier is the
// person's. Somebody who shows up in person may write any address in the form: what no method
// proves is a candidate, for the officer alone, until it is confirmed through a contact on file.
func proves(method, kind string) bool {
	switch method {
	case "mailbox", "known_address", "code_by_mail":
		return kind == "email"
	case "known_facts":
		return kind == "external_id" // the number was among what was asked
	}
	return false
}

// addIdentifiers keeps what the person is searched by.
func addIdentifiers(tx *store.Tx, r *store.Request, n Registration) error {
	sure := func(kind string) string {
		if r.P.Verified && proves(n.Method, kind) {
			return store.Verified
		}
		return store.Candidate
	}
	if n.asker != nil {
		if err := tx.AddIdentifier(r, store.AskerEmail, keyring.NewPrivate(n.asker.Canonical), store.Candidate, "registered"); err != nil {
			return err
		}
	}
	if n.address != nil {
		if err := tx.AddIdentifier(r, "email", keyring.NewPrivate(n.address.Canonical), sure("email"), "registered"); err != nil {
			return err
		}
	}
	if n.Phone != "" {
		phone, err := dsr.CanonicalPhone(n.Phone)
		if err != nil {
			return err
		}
		if err := tx.AddIdentifier(r, "phone_number", keyring.NewPrivate(phone), sure("phone_number"), "registered"); err != nil {
			return err
		}
	}
	if n.CustomerNumber != "" {
		return tx.AddIdentifier(r, "external_id", keyring.NewPrivate(n.CustomerNumber), sure("external_id"), "registered")
	}
	return nil
}

// together gives a case and those that were asked with it.
func together(tx *store.Tx, publicID string) ([]*store.Request, error) {
	first, err := tx.ReadRequest(publicID)
	if err != nil {
		return nil, err
	}
	others, err := tx.LinkedTo(first)
	return append([]*store.Request{first}, others...), err
}

package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Line is something that happened, in words.
type Line struct {
	At   time.Time
	Who  string
	Text string
	Kind string
	Leaf []byte // hash of the leaf in the log
}

// Asked is a question that waits for the person.
type Asked struct {
	Kind   string
	Text   string
	At     time.Time
	Paused bool
}

// View is a case as somebody sees it: the person, or the office.
type View struct {
	Request    *store.Request
	StateText  string
	Asked      []string
	DueReasons []string
	// Timing is that of the answer that was sent, or of one sent now; RefusalTiming that of a refusal sent now, while
	// it is undecided. Empty: nothing is or was to be answered.
	Timing        dsr.Timing
	RefusalTiming dsr.Timing
	Timeline      []Line
	Messages      []store.Message
	Authors       map[int64]string // names of members, for the office only
	Question      *Asked
	Answer        *store.Answer
	MayWithdraw   bool
	// CorrectsOwnAddress: the person asks to correct, in the systems, the very address that the case follows.
	CorrectsOwnAddress bool
	Address            *AddressView // the change of the case's address that waits, for the office
	Linked             []*store.Request
	Earlier            []Earlier
	Prepared           *Prepared // a refusal that is ready to be confirmed
	Who                *Who      // who asks, when it is not the person for themselves
	Identifiers        []Identifier
	Delivery           string // how the answer reaches the person as things stand: on paper while the address is not proved
	Identity           string
	NextText           string
	Beside             string // by which other laws the person may see the case, for the office of a public body
	Stopped            string // why the case needs a human, in words
	Today              dsr.Date
	May                []May
	Notice             Notice // that applied when the request came in
}

// Notice is a version of the privacy notice; Version 0: there was none.
type Notice struct {
	Version int64
	Date    dsr.Date // from which it applied
}

// Identifier is something that points at the person, as the office sees it.
type Identifier struct {
	store.Identifier
	NoteText   string     // where it came from, or how it was decided, in words
	AskedUntil *time.Time // a code waits at the contact on file until then; nil when none does
}

// May tells whether a member may do something now, and why not.
type May struct {
	Act     string
	Allowed bool
	WhyNot  string
}

// Mine gives the cases that the holder of a proved address may see, in the language they read now.
func (d *Desk) Mine(ctx context.Context, address []byte, l locale.Locale) ([]View, error) {
	var views []View
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		requests, err := tx.OfAddress(address, tx.Now.Add(-dsr.KeepAnswered))
		if err != nil {
			return err
		}
		for _, r := range requests {
			opens, err := tx.Opens(r, address, dsr.KeepAnswered)
			if err != nil {
				return err
			}
			if opens {
				views = append(views, View{Request: r, StateText: personState(r, l)})
			}
		}
		return nil
	})
	return views, err
}

// Letters of a case are named by the message that they are, or by one of these words.
const (
	AnswerLetter  = "answer"
	ReceiptLetter = "receipt"
)

// Letter gives the person a letter of their case as a PDF: the answer, the receipt, or a message that is one. It is
// made of what is sealed each time, and kept nowhere.
func (d *Desk) Letter(ctx context.Context, address []byte, id, which string) (name string, pdf []byte, err error) {
	err = d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := visible(tx, r, address); err != nil {
			return err
		}
		name, pdf, err = d.letter(tx, r, which)
		return err
	})
	return name, pdf, err
}

// SentLetter gives the office a letter that was sent in a case. That a member read it is a leaf in the log.
func (d *Desk) SentLetter(ctx context.Context, by By, id, which string) (name string, pdf []byte, err error) {
	err = d.act(ctx, by, id, staff.ListCases, func(tx *store.Tx, r *store.Request) error {
		if name, pdf, err = d.letter(tx, r, which); err != nil {
			return err
		}
		_, err := tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: "letter_read", Request: r.PublicID, RequestID: r.ID})
		return err
	})
	return name, pdf, err
}

func (d *Desk) letter(tx *store.Tx, r *store.Request, which string) (string, []byte, error) {
	if r.Shredded() {
		return "", nil, store.ErrShredded
	}
	a, err := d.written(tx, r, which)
	if err != nil {
		return "", nil, err
	}
	if a == nil {
		return "", nil, letter.ErrNone
	}
	pdf, err := a.PDF()
	return string(r.Reference) + ".pdf", pdf, err
}

// written finds a letter of a case, or nil.
func (d *Desk) written(tx *store.Tx, r *store.Request, which string) (*Answer, error) {
	switch which {
	case AnswerLetter:
		return readAnswer(r)
	case ReceiptLetter:
		return d.receipt(tx, r)
	}
	all, err := tx.Messages(r, false)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		if m.PublicID == which {
			return m.Letter, nil
		}
	}
	return nil, nil
}

// receipt sets up the confirmation of a request as it stood on the day it came in, whatever moved the
// time limit since.
func (d *Desk) receipt(tx *store.Tx, r *store.Request) (*Answer, error) {
	reg, err := registerOf(tx, r.Controller, r.RegisterVersion)
	if err != nil {
		return nil, err
	}
	zone, err := loadZone(r)
	if err != nil {
		return nil, err
	}
	then := *r
	if then.P, err = dsr.Project([]dsr.Event{r.Events[0].Event}); err != nil {
		return nil, fmt.Errorf("reading how a request came in: %w", err)
	}
	a := letter.NewReceipt(r.Locale, asked(r, reg, r.Locale), then.P.Deadline.Due)
	if err := tx.Address(&then, letter.Receipt, &a); err != nil {
		return nil, err
	}
	a.Case.Answered = dsr.DateOf(r.Events[0].At, zone)
	return &a, a.Check()
}

// Own gives one case to the person, in the language they read now, and marks the office's messages as
// read. The answer is the letter that was sent, in the language of the request. What others tell the
// person of the case is read beside, of the same moment.
func (d *Desk) Own(ctx context.Context, address []byte, id string, l locale.Locale, beside ...func(*store.Tx, *store.Request) error) (View, error) {
	var v View
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := visible(tx, r, address); err != nil {
			return err
		}
		if v, err = d.view(tx, r, l, false); err != nil {
			return err
		}
		for _, read := range beside {
			if err := read(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || v.Request.UnreadPerson == 0 {
		return v, err
	}
	// A message that came in between stays unread.
	return v, d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := d.own(tx, address, id)
		if err != nil {
			return err
		}
		return tx.Touch(r, map[string]any{"unread_person": max(0, r.UnreadPerson-v.Request.UnreadPerson)})
	})
}

// Case gives one case to the office. That a member read it is a leaf in the log.
func (d *Desk) Case(ctx context.Context, by By, id string, l locale.Locale, reading bool) (View, error) {
	var v View
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.HeldRequest(id) // to read is no change: the page would be told of its own look
		if err != nil {
			return err
		}
		if err := by.may(staff.ListCases, r); err != nil {
			return err
		}
		if v, err = d.view(tx, r, l, true); err != nil {
			return err
		}
		v.May = by.mayNow(r, v.Today, l)
		if v.Address, err = addressView(tx, r, by); err != nil {
			return err
		}
		if !reading {
			return nil
		}
		if _, err := tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: "case_read", Request: r.PublicID, RequestID: r.ID}); err != nil {
			return err
		}
		if r.UnreadOffice == 0 {
			return nil
		}
		return tx.Touch(r, map[string]any{"unread_office": 0})
	})
	return v, err
}

// Followed gives the inside id of a case that a member may see, to be told when something of it changes.
func (d *Desk) Followed(ctx context.Context, by By, id string) (inside int64, err error) {
	return d.followed(ctx, id, func(_ *store.Tx, r *store.Request) error { return by.may(staff.ListCases, r) })
}

// FollowedByPerson gives the inside id of a case that the holder of a proved address may see.
func (d *Desk) FollowedByPerson(ctx context.Context, address []byte, id string) (inside int64, err error) {
	return d.followed(ctx, id, func(tx *store.Tx, r *store.Request) error { return visible(tx, r, address) })
}

func (d *Desk) followed(ctx context.Context, id string, may func(*store.Tx, *store.Request) error) (inside int64, err error) {
	err = d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		inside = r.ID
		return may(tx, r)
	})
	return inside, err
}

// notice gives the version of the privacy notice that applied when a request came in.
func (d *Desk) notice(tx *store.Tx, r *store.Request) (Notice, error) {
	applied, ok, err := tx.NoticeOf(r, &d.notices)
	if err != nil || !ok {
		return Notice{}, err
	}
	zone, err := loadZone(r)
	return Notice{Version: applied.Number, Date: dsr.DateOf(applied.At, zone)}, err
}

func (d *Desk) view(tx *store.Tx, r *store.Request, l locale.Locale, office bool) (View, error) {
	today, _, err := d.today(tx)
	if err != nil {
		return View{}, err
	}
	v := View{Request: r, Today: today, StateText: personState(r, l), MayWithdraw: mayWithdraw(r), CorrectsOwnAddress: correctsOwnAddress(r)}
	if office {
		v.StateText, v.NextText = r.P.State.Row().Staff.In(l), next(r).In(l)
		v.Identity = identityText(r, l)
		if r.NeedsHuman != "" {
			v.Stopped = needsHumanText(r.NeedsHuman).In(l)
		}
	}
	if v.Timing = r.P.Timing(); v.Timing == "" && dsr.Open(r.P.State) {
		v.Timing = r.P.Deadline.Timing(tx.Now, false)
	}
	if dsr.Undecided(r.P.State) {
		v.RefusalTiming = r.P.Deadline.Timing(tx.Now, true)
	}
	for _, reason := range r.P.Deadline.Reasons {
		v.DueReasons = append(v.DueReasons, reason.Text.In(l))
	}
	reg, err := registerOf(tx, r.Controller, r.RegisterVersion)
	if err != nil {
		return View{}, err
	}
	v.Asked = asked(r, reg, l)
	if office {
		v.Beside = reg.Controller.BesideAccess(r.Right).In(l)
	}
	if v.Notice, err = d.notice(tx, r); err != nil {
		return View{}, err
	}
	if v.Timeline, err = timeline(tx, r, l, office); err != nil {
		return View{}, err
	}
	if v.Messages, err = tx.Messages(r, office); err != nil {
		return View{}, err
	}
	v.Question = question(r, v.Messages)
	if v.Answer, err = readAnswer(r); err != nil {
		return View{}, err
	}
	if !office {
		return v, nil
	}
	if v.Authors, err = authors(tx, r, v.Messages); err != nil {
		return View{}, err
	}
	if v.Linked, err = tx.LinkedTo(r); err != nil {
		return View{}, err
	}
	v.Prepared, v.Who = prepared(r), whoAsks(r, reg, tx.Now, l)
	if v.Earlier, err = earlier(tx, r); err != nil {
		return View{}, err
	}
	proved, err := tx.AddressProved(r)
	if err != nil {
		return View{}, err
	}
	if v.Delivery = r.Delivery; !proved {
		v.Delivery = store.DeliveryPaper
	}
	v.Identifiers, err = identifiers(tx, r, l)
	return v, err
}

const noteContactOnFile = "identifier_contact_on_file"

// identifierNotes says where an identifier came from, or how it was decided. The codes are those that
// store.Identifier.Note holds; the ways of establishing an identity are among them (methods).
var identifierNotes = map[string]locale.Text{
	"mailbox":                text("Personen bekreftet den med kode da kravet ble sendt", "Personen stadfesta henne med kode då kravet vart sendt", "The person confirmed it with a code when the request was sent"),
	"registered":             text("Oppgitt da saken ble registrert", "Oppgitt då saka vart registrert", "Given when the case was registered"),
	"person":                 text("Oppgitt i en melding i saken", "Oppgitt i ei melding i saka", "Given in a message in the case"),
	"identifier_confirmed":   text("Bekreftet av en saksbehandler; hvordan, står i loggen", "Stadfesta av ein saksbehandlar; korleis, står i loggen", "Confirmed by a case handler; how, is in the log"),
	"identifier_rejected":    text("Forkastet av en saksbehandler; hvorfor, står i loggen", "Forkasta av ein saksbehandlar; kvifor, står i loggen", "Rejected by a case handler; why, is in the log"),
	store.NoteAddressChanged: text("Bekreftet med kode da personen byttet e-postadresse", "Stadfesta med kode då personen bytte e-postadresse", "Confirmed with a code when the person changed address"),
	noteContactOnFile:        text("Bekreftet med kode til en e-postadresse dere hadde fra før", "Stadfesta med kode til ei e-postadresse de hadde frå før", "Confirmed with a code to an e-mail address you had already"),
}

func identifiers(tx *store.Tx, r *store.Request, l locale.Locale) ([]Identifier, error) {
	all, err := tx.Identifiers(r)
	if err != nil {
		return nil, err
	}
	out := make([]Identifier, len(all))
	for i, one := range all {
		note, ok := identifierNotes[one.Note]
		if !ok {
			note = methods[one.Note]
		}
		out[i] = Identifier{Identifier: one, NoteText: note.In(l)}
		if one.Certainty != store.Candidate {
			continue
		}
		open, err := tx.OpenChallenges(store.ContactFlow(), verification.ConfirmContact, store.ContactObject(r.PublicID, one.PublicID), 1)
		if err != nil {
			return nil, err
		}
		if len(open) > 0 {
			out[i].AskedUntil = &open[0].ExpiresAt
		}
	}
	return out, nil
}

// authors names the members who wrote, and the one whom the case is given to.
func authors(tx *store.Tx, r *store.Request, messages []store.Message) (map[int64]string, error) {
	names := map[int64]string{}
	if r.P.AssignedTo != 0 {
		if _, err := cached(tx, names, r.P.AssignedTo); err != nil {
			return nil, err
		}
	}
	for _, m := range messages {
		if m.MemberID != nil {
			if _, err := cached(tx, names, *m.MemberID); err != nil {
				return nil, err
			}
		}
	}
	return names, nil
}

func personState(r *store.Request, l locale.Locale) string {
	t := r.P.State.Row().Person
	if r.P.State == dsr.Answered {
		t = r.P.Outcome.Text()
	}
	return t.In(l)
}

func mayWithdraw(r *store.Request) bool {
	_, err := dsr.Next(r.P.State, r.P.Facts(time.Time{}), dsr.Withdraw, dsr.Person)
	return err == nil
}

// asked puts into words what the person wants.
func asked(r *store.Request, reg *register.Register, l locale.Locale) []string {
	lines := append([]string{r.Right.Name().In(l)}, scope(r, reg, l)...)
	if ground, ok := groundTexts[r.Detail.Ground]; ok {
		lines = append(lines, ground.In(l))
	}
	if r.Detail.Recipient != "" {
		lines = append(lines, text("Send kopien direkte til: ", "Send kopien direkte til: ", "Send the copy directly to: ").In(l)+r.Detail.Recipient)
	}
	for _, c := range r.Detail.Corrections {
		// The same value may stand in many places; the person corrected it once.
		if line := fmt.Sprintf("%s: «%s» → «%s»", c.Label, c.Old, c.New); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if r.Detail.Text != "" {
		lines = append(lines, r.Detail.Text)
	}
	return lines
}

// scope puts into words how much the person wants, without anything that the person wrote.
func scope(r *store.Request, reg *register.Register, l locale.Locale) []string {
	var lines []string
	for _, id := range r.Detail.Activities {
		name := id
		if a := reg.Activity(id); a != nil {
			name = a.Name.In(l)
		}
		lines = append(lines, text("Bare: ", "Berre: ", "Only: ").In(l)+name)
	}
	if r.Detail.Meanwhile {
		lines = append(lines, text("Opplysningene skal ikke brukes mens dette blir sjekket", "Opplysningane skal ikkje brukast medan dette blir sjekka",
			"The data must not be used while this is checked").In(l))
	}
	switch {
	case r.Detail.Marketing:
		lines = append(lines, text("Mot direkte markedsføring", "Mot direkte marknadsføring", "To direct marketing").In(l))
	case len(r.Detail.Activities) > 0 || r.Shredded():
	case r.Right == dsr.Withdrawal:
		lines = append(lines, text("Alle samtykker", "Alle samtykke", "All consents").In(l))
	case r.Right == dsr.Objection:
		lines = append(lines, text("All bruk som det kan protesteres mot", "All bruk som det kan protesterast mot", "All use that can be objected to").In(l))
	case r.Right == dsr.HumanReview:
	case r.Right == dsr.Rectification && len(r.Detail.Corrections) > 0:
		lines = append(lines, fmt.Sprintf(text("Felt som skal rettes: %d", "Felt som skal rettast: %d", "Fields to correct: %d").In(l), len(r.Detail.Corrections)))
	case r.Right == dsr.Portability:
		lines = append(lines, text("Det jeg selv har gitt, etter samtykke eller avtale", "Det eg sjølv har gitt, etter samtykke eller avtale", "What I provided, by consent or contract").In(l))
	case r.Right != dsr.Rectification && r.P.Standing == dsr.AsCompany:
		lines = append(lines, text("Alle opplysninger om foretaket", "Alle opplysningar om føretaket", "All data about the company").In(l))
	case r.Right != dsr.Rectification:
		lines = append(lines, text("Alle opplysninger om meg", "Alle opplysningar om meg", "All data about me").In(l))
	}
	return lines
}

// groundTexts put the grounds of a restriction (Art. 18(1)) in words.
var groundTexts = map[string]locale.Text{
	"accuracy": text("Opplysningene er feil, og skal ikke brukes mens det blir sjekket", "Opplysningane er feil, og skal ikkje brukast medan det blir sjekka",
		"The data are wrong and must not be used while that is checked"),
	"unlawful": text("Virksomheten har ikke lov til å bruke opplysningene, men de skal ikke slettes", "Verksemda har ikkje lov til å bruke opplysningane, men dei skal ikkje slettast",
		"The organisation may not use the data, but they must not be erased"),
	"claims":    text("Opplysningene trengs til et rettskrav", "Opplysningane trengst til eit rettskrav", "The data are needed for a legal claim"),
	"objection": text("Det er protestert mot bruken", "Det er protestert mot bruken", "The use has been objected to"),
}

// question gives the question that is open, with its words.
func question(r *store.Request, messages []store.Message) *Asked {
	if r.P.State != dsr.AwaitingPerson {
		return nil
	}
	for _, m := range slices.Backward(messages) {
		if m.Question != "" && m.Author == store.FromOffice {
			return &Asked{Kind: m.Question, Text: m.Body.Reveal(), At: m.At, Paused: r.P.Deadline.Open}
		}
	}
	return nil
}

func identityText(r *store.Request, l locale.Locale) string {
	if !r.P.Verified {
		return text("Identiteten er ikke bekreftet", "Identiteten er ikkje stadfesta", "The identity is not confirmed").In(l)
	}
	zone, err := loadZone(r)
	if err != nil {
		return ""
	}
	method := methods[r.VerifiedMethod].In(l)
	return method + ", " + dsr.DateOf(r.P.VerifiedAt, zone).Format(l)
}

// step names where a case stands. What has been carried out and checked is no longer being carried out.
func step(r *store.Request) locale.Text {
	if r.P.State == dsr.Executing && r.P.PlanDone {
		return text("Klar til å besvares", "Klar til å svarast på", "Ready to be answered")
	}
	return r.P.State.Row().Staff
}

// next says what the office does next.
func next(r *store.Request) locale.Text {
	if r.P.Urgent() {
		return text("Må gjøres nå", "Må gjerast no", "To be done at once")
	}
	switch r.P.State {
	case dsr.Received:
		if !r.P.Verified {
			return text("Bekreft hvem personen er", "Stadfest kven personen er", "Confirm who the person is")
		}
		if r.Right.Row().ByHand {
			return text("Vurder avgjørelsen på nytt, og svar", "Vurder avgjerda på nytt, og svar", "Review the decision, and answer")
		}
		return text("Søket starter av seg selv", "Søket startar av seg sjølv", "The search starts by itself")
	case dsr.Collecting:
		return text("Vent: systemene søkes gjennom", "Vent: systema blir søkte gjennom", "Wait: the systems are being searched")
	case dsr.AwaitingPerson:
		return text("Vent på svar fra personen", "Vent på svar frå personen", "Wait for the person's reply")
	case dsr.Review:
		return text("Se over", "Sjå over", "Look over")
	case dsr.Approved:
		return text("Gjennomføres av seg selv", "Blir gjennomført av seg sjølv", "Is carried out by itself")
	case dsr.Executing:
		if !r.P.PlanDone {
			return text("Gjennomføres av seg selv", "Blir gjennomført av seg sjølv", "Is carried out by itself")
		}
		if r.Right.Row().Package && !r.P.Packaged {
			return text("Vent: kopien av opplysningene lages", "Vent: kopien av opplysningane blir laga", "Wait: the copy of the data is being made")
		}
		return text("Send svar", "Send svar", "Send answer")
	case dsr.NeedsHuman:
		return text("Finn ut hva som stoppet", "Finn ut kva som stoppa", "Find out what stopped")
	}
	return text("Ferdig", "Ferdig", "Done")
}

// timeline tells what happened: to the person in plain words and without names of members, to the
// office all of it.
func timeline(tx *store.Tx, r *store.Request, l locale.Locale, office bool) ([]Line, error) {
	names := map[int64]string{}
	var lines []Line
	for _, e := range r.Events {
		words, forPerson := eventText(r, e, office)
		if !office && !forPerson {
			continue
		}
		line := Line{At: e.At, Text: words.In(l), Kind: string(e.Kind), Leaf: e.LeafHash}
		if office {
			who, err := actorName(tx, names, e, l)
			if err != nil {
				return nil, err
			}
			line.Who = who
			if e.Note != "" {
				line.Text += ": " + e.Note
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func actorName(tx *store.Tx, names map[int64]string, e store.Event, l locale.Locale) (string, error) {
	id := e.Actor.Member
	if e.Actor.Kind == dsr.Person {
		id = e.Data.Member // who took it down
	}
	if id == 0 {
		if e.Actor.Kind == dsr.Person {
			return text("Personen", "Personen", "The person").In(l), nil
		}
		if e.Actor.Kind == dsr.Colleague {
			return text("En kollega", "Ein kollega", "A colleague").In(l), nil
		}
		return text("Portalen", "Portalen", "The portal").In(l), nil
	}
	return cached(tx, names, id)
}

var eventTexts = map[dsr.EventKind]struct {
	words     locale.Text
	forPerson bool
}{
	dsr.EventReceived:         {text("Vi mottok kravet ditt", "Vi fekk kravet ditt", "We received your request"), true},
	dsr.EventVerified:         {text("Identiteten er bekreftet", "Identiteten er stadfesta", "The identity is confirmed"), true},
	dsr.EventCollectStarted:   {text("Vi begynte å lete i systemene våre", "Vi byrja å leite i systema våre", "We began to search our systems"), true},
	dsr.EventCollected:        {text("Systemene er gjennomsøkt", "Systema er gjennomsøkte", "The systems have been searched"), true},
	dsr.EventReopened:         {text("Vi leter en gang til", "Vi leitar ein gong til", "We are searching once more"), true},
	dsr.EventQuestionAsked:    {text("Vi stilte deg et spørsmål", "Vi stilte deg eit spørsmål", "We asked you a question"), true},
	dsr.EventQuestionAnswered: {text("Du svarte", "Du svara", "You replied"), true},
	dsr.EventExtended:         {text("Fristen er forlenget", "Fristen er lengd", "The time limit was extended"), true},
	dsr.EventReceiptCorrected: {text("Mottaksdatoen er rettet", "Mottaksdatoen er retta", "The date of receipt was corrected"), true},
	dsr.EventDecided:          {text("En vurdering er gjort", "Ei vurdering er gjord", "An assessment was made"), false},
	dsr.EventLookedOver:       {text("Funnene er sett over", "Funna er sett over", "The findings were looked over"), false},
	dsr.EventPlanned:          {text("Planen er laget", "Planen er laga", "The plan was made"), false},
	dsr.EventApproved:         {text("Behandlingen er godkjent", "Behandlinga er godkjend", "The handling was approved"), true},
	dsr.EventExecutionStarted: {text("Gjennomføringen begynte", "Gjennomføringa byrja", "It is being carried out"), true},
	dsr.EventExecuted:         {text("Gjennomført og kontrollert", "Gjennomført og kontrollert", "Carried out and checked"), true},
	dsr.EventDrifted:          {text("Opplysningene ble endret underveis, vi ser over på nytt", "Opplysningane vart endra undervegs, vi ser over på nytt", "The data changed meanwhile, we are looking over again"), true},
	dsr.EventAnswered:         {text("Vi svarte deg", "Vi svara deg", "We answered you"), true},
	dsr.EventRefused:          {text("Vi svarte deg med et avslag", "Vi svara deg med eit avslag", "We answered you with a refusal"), true},
	dsr.EventNothingFound:     {text("Vi svarte at vi ikke har opplysninger om deg", "Vi svara at vi ikkje har opplysningar om deg", "We answered that we hold no data about you"), true},
	dsr.EventWithdrawn:        {text("Kravet er trukket", "Kravet er trekt", "The request was withdrawn"), true},
	dsr.EventParked:           {text("Saken stoppet opp og må sees på", "Saka stoppa opp og må sjåast på", "The case stopped and must be looked at"), false},
	dsr.EventResumed:          {text("Saken er tatt opp igjen", "Saka er teken opp att", "The case was taken up again"), false},
	dsr.EventPurged:           {text("Saken er slettet hos oss", "Saka er sletta hos oss", "The case was erased by us"), true},
	dsr.EventMessage:          {text("En melding", "Ei melding", "A message"), true},
	dsr.EventAssigned:         {text("Saken fikk en saksbehandler", "Saka fekk ein saksbehandlar", "The case was assigned"), false},
	dsr.EventPackageReady:     {text("Kopien av opplysningene er klar", "Kopien av opplysningane er klar", "The copy of the data is ready"), true},
	dsr.EventDownloaded:       {text("Kopien ble lastet ned", "Kopien vart lasta ned", "The copy was downloaded"), true},
	dsr.EventCopyErased:       {text("Du slettet kopien hos oss", "Du sletta kopien hos oss", "You had our copy erased"), true},
	dsr.EventReminded:         {text("Påminnelse om fristen", "Påminning om fristen", "Reminder of the time limit"), false},
	dsr.EventSourceChecked:    {text("Et sted er sjekket", "Ein stad er sjekka", "A place was checked"), false},
	dsr.EventAuthority:        {text("Vi har sett at den som spør, kan gjøre det", "Vi har sett at den som spør, kan gjere det", "We have seen that whoever asks may do so"), true},
	dsr.EventDirected:         {text("Svaret går direkte til personen", "Svaret går direkte til personen", "The answer goes to the person directly"), false},
	dsr.EventProposed:         {text("Et avslag er foreslått", "Eit avslag er føreslått", "A refusal was proposed"), false},
	dsr.EventRestricted:       {text("Noe av det vi har, blir bare lagret inntil videre", "Noko av det vi har, blir berre lagra inntil vidare", "Some of what we hold is only stored for now"), true},
	dsr.EventLiftingTold:      {text("Vi sa fra om at begrensningen blir opphevet", "Vi sa frå om at avgrensinga blir oppheva", "We told that the restriction will be lifted"), true},
	dsr.EventAnswerCorrected:  {text("Vi rettet svaret vårt", "Vi retta svaret vårt", "We corrected our answer"), true},
	dsr.EventPartSent:         {text("Vi sendte deg en del av svaret", "Vi sende deg ein del av svaret", "We sent you a part of the answer"), true},
	dsr.EventLiftingKept:      {text("Begrensningen blir ikke opphevet likevel", "Avgrensinga blir ikkje oppheva likevel", "The restriction stays after all"), true},
	dsr.EventLifted:           {text("Begrensningen er opphevet", "Avgrensinga er oppheva", "The restriction was lifted"), true},
	dsr.EventDuty:             {text("Noe skal gjøres utenfor planen", "Noko skal gjerast utanfor planen", "Something is to be done beside the plan"), false},
	dsr.EventDutyDone:         {text("Gjort utenfor planen", "Gjort utanfor planen", "Done beside the plan"), false},
	dsr.EventLearned:          {text("Det virksomheten vet, er notert", "Det verksemda veit, er notert", "What the organisation knows was recorded"), false},
	dsr.EventRedacted:         {text("Noe i en tekst er sladdet, eller vises igjen", "Noko i ein tekst er sladda, eller blir vist igjen", "Parts of a text were redacted, or are shown again"), false},
	dsr.EventNoted:            {text("Intern merknad", "Intern merknad", "Internal note"), false},
}

var noteCodes = map[string]locale.Text{
	"identifier_confirmed": text("Et kontaktpunkt er bekreftet", "Eit kontaktpunkt er stadfesta", "A contact was confirmed"),
	noteContactOnFile: text("Bekreftet i e-postkassen dere hadde fra før at kravet er deres", "Stadfesta i e-postkassa de hadde frå før at kravet er deira",
		"Confirmed from the mailbox you had already that the request is theirs"),
	store.NoteReplyErased: text("Svaret om hvem personen er, er slettet: det trengs ikke lenger", "Svaret om kven personen er, er sletta: det trengst ikkje lenger",
		"The reply about who the person is was erased: it is needed no longer"),
	"correction_pointed":     text("Et felt som skal rettes, er pekt ut", "Eit felt som skal rettast, er peika ut", "A field to correct was pointed out"),
	"contact_asked":          text("Kode sendt til e-postadressen dere hadde fra før", "Kode send til e-postadressa som de hadde frå før", "A code was mailed to the address on file"),
	"contact_gone":           text("E-postadressen dere hadde fra før, tar ikke imot e-post", "E-postadressa de hadde frå før, tek ikkje imot e-post", "The address on file takes no mail"),
	noteAddressAsked:         text("Et bytte av e-postadressen er bestilt", "Eit byte av e-postadressa er tinga", "A change of the e-mail address was asked for"),
	noteAddressProved:        text("Den nye e-postadressen er bekreftet med kode", "Den nye e-postadressa er stadfesta med kode", "The new e-mail address was confirmed with a code"),
	store.NoteAddressChanged: text("Saken følger en ny e-postadresse", "Saka følgjer ei ny e-postadresse", "The case follows a new e-mail address"),
	noteAddressStopped:       text("Byttet av e-postadressen er stoppet", "Bytet av e-postadressa er stoppa", "The change of the e-mail address was stopped"),
	noteAddressDropped: text("Byttet av e-postadressen falt bort, for den nye adressen ble ikke bekreftet", "Bytet av e-postadressa fall bort, for den nye adressa vart ikkje stadfesta",
		"The change of the e-mail address lapsed, as the new address was not confirmed"),
	"address_gone":        text("Den nye e-postadressen tar ikke imot e-post", "Den nye e-postadressa tek ikkje imot e-post", "The new e-mail address takes no mail"),
	"identifier_rejected": text("Et kontaktpunkt er avvist", "Eit kontaktpunkt er avvist", "A contact was rejected"),
	"mail_failed":         text("En e-post til personen kunne ikke leveres", "Ein e-post til personen kunne ikkje leverast", "A mail to the person could not be delivered"),
	"colleague_asked":     text("En kollega er bedt om å se etter", "Ein kollega er beden om å sjå etter", "A colleague was asked to look"),
	"colleague_opened":    text("Kollegaen åpnet oppgaven og så hvem den gjelder", "Kollegaen opna oppgåva og såg kven ho gjeld", "The colleague opened the task and saw whom it is about"),
	"colleague_reminded":  text("En kollega er minnet om oppgaven", "Ein kollega er mint om oppgåva", "A colleague was reminded of the task"),
	"colleague_revoked":   text("Lenken til en kollega er trukket tilbake", "Lenkja til ein kollega er trekt tilbake", "The link to a colleague was revoked"),
	"colleague_unreached": text("En e-post til en kollega kom ikke fram", "Ein e-post til ein kollega kom ikkje fram", "A mail to a colleague did not arrive"),
	dsr.NoteLateRefusal: text("Avslaget kom etter fristen for å avslå. At svarfristen var forlenget, flytter ikke den.",
		"Avslaget kom etter fristen for å avslå. At svarfristen var lengd, flyttar ikkje den.",
		"The refusal came after the time limit for refusing, which an extension of the answer's time limit does not move."),
	"recipients_told":     text("Mottakerne av opplysningene får beskjed", "Mottakarane av opplysningane får beskjed", "The recipients of the data are being told"),
	"recipient_told":      text("En mottaker har fått beskjed", "Ein mottakar har fått beskjed", "A recipient was told"),
	"recipient_asked":     text("En mottaker får meldingen på nytt", "Ein mottakar får meldinga på nytt", "A recipient gets the message again"),
	"recipient_settled":   text("En mottaker er fulgt opp", "Ein mottakar er følgd opp", "A recipient was followed up"),
	"recipient_answered":  text("En mottaker har svart", "Ein mottakar har svara", "A recipient has answered"),
	"recipient_reminded":  text("En mottaker er minnet på", "Ein mottakar er mint på", "A recipient was reminded"),
	"recipient_unreached": text("En mottaker kunne ikke nås av portalen; si fra selv", "Ein mottakar kunne ikkje nåast av portalen; sei frå sjølv", "The portal could not reach a recipient; tell them yourself"),
	"marked_by_hand":      text("Begrensede rader er merket for hånd", "Avgrensa rader er merkte for hand", "Restricted rows were marked by hand"),
	"seen":                text("Sett på av en saksbehandler", "Sett på av ein saksbehandlar", "Looked at by a member"),
	"task_done":           text("Et sted er sjekket", "Ein stad er sjekka", "A place was checked"),
}

// officeTexts are those of the texts above that speak to the person, as the office reads them.
var officeTexts = map[dsr.EventKind]locale.Text{
	dsr.EventReceived:         text("Kravet kom inn", "Kravet kom inn", "The request came in"),
	dsr.EventCollectStarted:   text("Søket begynte", "Søket byrja", "The search began"),
	dsr.EventReopened:         text("Søket begynte på nytt", "Søket byrja på nytt", "The search began anew"),
	dsr.EventQuestionAsked:    text("Et spørsmål ble stilt", "Eit spørsmål vart stilt", "A question was asked"),
	dsr.EventQuestionAnswered: text("Personen svarte", "Personen svara", "The person replied"),
	dsr.EventAnswered:         text("Svaret ble sendt", "Svaret vart sendt", "The answer was sent"),
	dsr.EventAnswerCorrected:  text("Svaret ble rettet", "Svaret vart retta", "The answer was corrected"),
	dsr.EventPartSent:         text("En del av svaret ble sendt", "Ein del av svaret vart send", "A part of the answer was sent"),
	dsr.EventRefused:          text("Kravet ble avslått", "Kravet vart avslått", "The request was refused"),
	dsr.EventRestricted:       text("Opplysninger er begrenset", "Opplysningar er avgrensa", "Data were restricted"),
	dsr.EventLiftingTold:      text("Personen fikk vite at begrensningen oppheves", "Personen fekk vite at avgrensinga blir oppheva", "The person was told that the restriction will be lifted"),
	dsr.EventNothingFound:     text("Svart at ingen opplysninger finnes", "Svara at ingen opplysningar finst", "Answered that no data are held"),
}

func eventText(r *store.Request, e store.Event, office bool) (locale.Text, bool) {
	known := eventTexts[e.Kind]
	if e.Kind == dsr.EventDuty || e.Kind == dsr.EventDutyDone {
		return dutyText(e, office)
	}
	if own, ok := officeTexts[e.Kind]; ok && office {
		return own, known.forPerson
	}
	switch {
	case e.Kind == dsr.EventReminded && reminderOf(e) == "person" && office:
		return text("Personen spurte hvor svaret blir av", "Personen spurde kvar svaret blir av", "The person asked where the answer is"), true
	case e.Kind == dsr.EventReminded && reminderOf(e) == "person":
		return text("Du minnet oss på saken", "Du minte oss på saka", "You reminded us of the case"), true
	case e.Kind == dsr.EventReminded && reminderOf(e) == "refusal":
		return text("Påminnelse om fristen for å avslå", "Påminning om fristen for å avslå", "Reminder of the time limit for refusing"), false
	case e.Kind == dsr.EventReminded && reminderOf(e) == "identity":
		return text("Påminnelse om spørsmålet om hvem du er", "Påminning om spørsmålet om kven du er", "Reminder of the question about who you are"), true
	case e.Kind == dsr.EventReminded && reminderOf(e) == "clarification":
		return text("Påminnelse om spørsmålet om hva kravet gjelder", "Påminning om spørsmålet om kva kravet gjeld", "Reminder of the question about what the request covers"), true
	case e.Kind == dsr.EventProposed && e.Data.Code == "":
		return text("Forslaget om avslag er trukket", "Framlegget om avslag er trekt", "The proposed refusal was taken back"), false
	case e.Kind == dsr.EventMessage && e.Actor.Kind == dsr.Person && office:
		return text("Personen skrev en melding", "Personen skreiv ei melding", "The person wrote a message"), true
	case e.Kind == dsr.EventMessage && office:
		return text("En melding til personen", "Ei melding til personen", "A message to the person"), true
	case e.Kind == dsr.EventNoted && e.Data.Code == store.NoteReplyErased && !office:
		return text("Vi slettet det du svarte om hvem du er", "Vi sletta det du svara om kven du er", "We erased what you replied about who you are"), true
	case e.Kind == dsr.EventNoted && strings.HasPrefix(e.Data.Code, "identifier_") && noteCodes[e.Data.Code].IsZero():
		return text("Et mulig kontaktpunkt er lagt til", "Eit mogleg kontaktpunkt er lagt til", "A possible contact was added"), false
	case e.Kind == dsr.EventNoted && !noteCodes[e.Data.Code].IsZero():
		return noteCodes[e.Data.Code], false
	case e.Kind == dsr.EventMessage && e.Actor.Kind == dsr.Person:
		return text("Du skrev en melding", "Du skreiv ei melding", "You wrote a message"), true
	case e.Kind == dsr.EventMessage:
		return text("Vi skrev en melding til deg", "Vi skreiv ei melding til deg", "We wrote you a message"), true
	case e.Kind == dsr.EventExtended:
		return text("Fristen er forlenget til "+dueText(r, locale.NB), "Fristen er lengd til "+dueText(r, locale.NN),
			"The time limit was extended to "+dueText(r, locale.EN)), true
	}
	return known.words, known.forPerson
}

// dutyText tells what the office owes, or has done: to the person, what took effect the moment the
// request came in.
func dutyText(e store.Event, office bool) (locale.Text, bool) {
	duty := dsr.Duty(e.Data.Code)
	if !office {
		words, ok := effectTexts[duty]
		return words, ok && e.Kind == dsr.EventDuty
	}
	words := duty.Text()
	if e.Kind == dsr.EventDuty {
		return words, false
	}
	done := text("Gjort: ", "Gjort: ", "Done: ")
	if !e.Data.Confirmed {
		done = text("Ikke mulig: ", "Ikkje mogleg: ", "Not feasible: ")
	}
	return text(done.NB+words.NB, done.NN+words.NN, done.EN+words.EN), false
}

// effectTexts tell the person what took effect at once.
var effectTexts = map[dsr.Duty]locale.Text{
	dsr.StopMarketing: text("Du er reservert mot direkte markedsføring fra oss", "Du er reservert mot direkte marknadsføring frå oss", "You are opted out of direct marketing from us"),
	dsr.StopConsent:   text("Samtykket ditt er trukket", "Samtykket ditt er trekt", "Your consent is withdrawn"),
	dsr.HoldUse: text("Saksbehandlerne har fått beskjed om ikke å bruke opplysningene mens vi vurderer", "Saksbehandlarane har fått melding om ikkje å bruke opplysningane medan vi vurderer",
		"The case handlers were told not to use the data while we assess"),
}

// mayNow lists what a member may do with a case as far as this package is concerned.
func (b By) mayNow(r *store.Request, today dsr.Date, l locale.Locale) []May {
	open := dsr.Open(r.P.State)
	b.Fresh = true // a second factor is asked for when it is needed
	acts := []struct {
		act        string
		permission staff.Permission
		now        bool
	}{
		{"message", staff.Message, !r.Shredded()},
		{"reply", staff.Message, open || r.P.Silent},
		{"assign", staff.Assign, open},
		{"identity", staff.Decide, open && !r.P.Verified},
		{"identifiers", staff.Decide, open},
		{"address", staff.ChangeAddress, open && r.P.Verified && !r.Address.IsZero() && !r.Drill},
		{"receipt_date", staff.Extend, open},
		{"pause", staff.Ask, b.can(r, dsr.AskPerson)},
		{"extend", staff.Extend, open && r.P.ExtendedMonths() == 0 && r.P.Deadline.CanExtend(today)},
		{"authority", staff.Decide, open && len(dsr.EvidenceFor(r.P.Standing, r.P.ChildAge)) > 0},
		{"answer_person", staff.Decide, open && r.P.Standing.ForOther() && r.P.Standing != dsr.AsHeir && !r.P.Directed},
		{"refuse", staff.Refuse, b.can(r, dsr.Refuse)},
		{"drop_refusal", staff.Refuse, open && r.P.Proposed != nil},
		{"resume", staff.Decide, r.P.State == dsr.NeedsHuman || r.NeedsHuman != ""},
		{"withdraw", staff.Message, mayWithdraw(r)},
		{"correct_answer", staff.Release, r.P.State == dsr.Answered && !r.Shredded()},
		{"duty", staff.Decide, open && len(r.P.Duties) > 0},
	}
	var may []May
	for _, a := range acts {
		m := May{Act: a.act, Allowed: a.now}
		switch err := b.may(a.permission, r); {
		case err != nil:
			m.Allowed = false
			m.WhyNot = staff.ErrForbidden.Text.In(l)
		case !a.now && a.act == "extend" && open:
			m.WhyNot = ErrExtendLate.Text.In(l)
		case !a.now:
			continue
		}
		may = append(may, m)
	}
	return may
}

func (b By) can(r *store.Request, a dsr.Action) bool {
	_, err := dsr.Next(r.P.State, r.P.Facts(time.Time{}), a, dsr.Member)
	return err == nil
}

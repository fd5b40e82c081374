package fulfilment

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// AnswerInput is what a member adds when the answer is sent.
type AnswerInput struct {
	NothingFound bool
	Text         string      // a few own words
	OnPaper      bool        // it was printed and sent
	Orally       bool        // it was told as the person asked, who is known by more than a mailbox
	Reviewed     dsr.Outcome // of a decision that a person reviewed: granted (changed), partly, or refused (upheld)
}

// Faults of answering.
var (
	ErrSomethingFound = fault.Define(fault.Conflict, "something_found",
		"Det er funnet opplysninger, så du kan ikke svare at det ikke finnes noen.",
		"Det er funne opplysningar, så du kan ikkje svare at det ikkje finst nokon.",
		"Data were found, so you cannot answer that none are held.")
	ErrAskOlder = fault.Define(fault.Conflict, "ask_older_contact",
		"Spør først personen én gang om en eldre e-postadresse, et telefonnummer eller et kundenummer. Kan du ikke spørre, fordi kravet kom på papir, skriver du hvorfor.",
		"Spør først personen éin gong om ei eldre e-postadresse, eit telefonnummer eller eit kundenummer. Kan du ikkje spørje, fordi kravet kom på papir, skriv du kvifor.",
		"First ask the person once for an older e-mail address, a phone or a customer number. If you cannot ask because the request came on paper, write why.")
	ErrTasksNotDone = fault.Define(fault.Conflict, "tasks_not_done",
		"Noe skal gjøres for hånd først. Merk det som gjort når det er gjort.",
		"Noko skal gjerast for hand først. Merk det som gjort når det er gjort.",
		"Something has to be done by hand first. Mark it as done when it is.")
	ErrWordsMissing = fault.Define(fault.Invalid, "answer_text_missing",
		"Skriv til personen hva dere har gjort med det som ble tatt opp.",
		"Skriv til personen kva de har gjort med det som vart teke opp.",
		"Write to the person what you have done about what was raised.")
	ErrAddressUnproved = fault.Define(fault.Conflict, "address_not_proved",
		"Det er ikke bekreftet at e-postadressen i saken er personens, så svaret kan ikke leses i portalen. Bekreft adressen først, eller send svaret på papir.",
		"Det er ikkje stadfesta at e-postadressa i saka er personen si, så svaret kan ikkje lesast i portalen. Stadfest adressa først, eller send svaret på papir.",
		"It has not been confirmed that the e-mail address of the case is the person's, so the answer cannot be read in the portal. Confirm the address first, or send the answer on paper.")
	ErrNotSearched = fault.Define(fault.Conflict, "not_searched",
		"Vi har ikke kunnet lete noe sted med det som er bekreftet om personen. Bekreft en adresse eller et nummer under «Vi leter med», eller legg til et nytt.",
		"Vi har ikkje kunna leite nokon stad med det som er stadfesta om personen. Stadfest ei adresse eller eit nummer under «Vi leitar med», eller legg til eit nytt.",
		"Nothing could be searched with what has been confirmed about the person. Confirm an address or a number under “We search with”, or add another.")
	ErrNoPlaces = fault.Define(fault.Conflict, "no_places",
		"Ingen steder å lete er lagt inn ennå. Legg dem inn under «Hvor vi leter», og søk på nytt.",
		"Ingen stader å leite er lagde inn enno. Legg dei inn under «Kvar vi leitar», og søk på nytt.",
		"No places to look in have been added yet. Add them under “Where we look”, and search again.")
	ErrOrally = fault.Define(fault.Conflict, "orally_not_proved",
		"Et muntlig svar kan bare gis når personen har møtt opp, brukt elektronisk ID eller svart riktig på kontrollspørsmål. Bekreft identiteten på en av de måtene først.",
		"Eit munnleg svar kan berre givast når personen har møtt opp, brukt elektronisk ID eller svara rett på kontrollspørsmål. Stadfest identiteten på ein av dei måtane først.",
		"An oral answer can only be given when the person appeared in person, used an electronic ID or answered control questions. Establish the identity in one of those ways first.")
	ErrLookFirst = fault.Define(fault.Conflict, "look_over_first",
		"Saken må sees over før svaret kan sendes.",
		"Saka må sjåast over før svaret kan sendast.",
		"The case must be looked over before the answer can be sent.")
	ErrReviewOutcome = fault.Define(fault.Invalid, "review_outcome",
		"Velg om avgjørelsen blir stående eller er endret, og skriv hvorfor.",
		"Vel om avgjerda blir ståande eller er endra, og skriv kvifor.",
		"Choose whether the decision stands or was changed, and write why.")
	ErrTransferFirst = fault.Define(fault.Conflict, "transfer_first",
		"Personen har bedt om at kopien sendes direkte til noen andre. Skriv først hvordan det er gjort, eller hvorfor det ikke går.",
		"Personen har bede om at kopien blir send direkte til nokon andre. Skriv først korleis det er gjort, eller kvifor det ikkje går.",
		"The person asked for the copy to be sent directly to somebody else. First write how that was done, or why it is not feasible.")
	ErrNoAnswerYet = fault.Define(fault.Conflict, "no_answer_yet",
		"Det finnes ikke noe svar å vise ennå. Vent til søket er ferdig.",
		"Det finst ikkje noko svar å vise enno. Vent til søket er ferdig.",
		"There is no answer to show yet. Wait until the search has ended.")
)

// Answer sends the answer: of an access request when its package lies ready, of the others where
// they did not answer themselves, or that nothing is held.
func (w *Works) Answer(ctx context.Context, by By, id string, in AnswerInput) error {
	c, err := w.issue(ctx, by, id, in)
	if err != nil {
		return err
	}
	err = w.act(ctx, by, id, in.permission(), func(tx *store.Tx, r *store.Request) error {
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := m.sendable(in); err != nil {
			return err
		}
		switch {
		case r.Right.Row().ByHand:
			return w.answerReview(tx, by, m, in)
		case in.NothingFound:
			return w.answerNothing(tx, by, m, in)
		}
		return w.send(tx, m, by.actor(), by.role(), in, c)
	})
	if err == nil {
		w.clearOlder(ctx, c)
	}
	return err
}

// sendable tells why an answer cannot be sent now, whatever it says.
func (m *material) sendable(in AnswerInput) error {
	r := m.request
	if in.Orally && !knownOrally(r) {
		return ErrOrally.At("/answered_orally")
	}
	if r.Delivery == store.DeliveryPortal && !m.proved && !in.OnPaper && !in.Orally {
		return ErrAddressUnproved
	}
	switch {
	case r.Right.Row().ByHand:
		return nil
	case in.Reviewed != "":
		return dsr.ErrTransition
	case in.NothingFound:
		return nil
	}
	if slices.Contains(r.P.Duties, dsr.Transfer) {
		return ErrTransferFirst
	}
	if r.P.State != dsr.Executing || !r.P.PlanDone {
		return dsr.ErrPlanNotDone
	}
	if err := m.byHandDone(); err != nil {
		return err
	}
	if needsWords(r) && strings.TrimSpace(in.Text) == "" {
		return ErrWordsMissing.At("/text")
	}
	return nil
}

// withCopy tells whether a copy of the data goes with the answer.
func (m *material) withCopy(in AnswerInput) bool {
	return m.request.Right.Row().Package && !in.NothingFound
}

// knownOrally: who reads a mailbox is not who speaks on the phone (Art. 12(1), last sentence).
func knownOrally(r *store.Request) bool {
	return slices.Contains([]string{"in_person", "eid", "known_facts"}, r.VerifiedMethod)
}

// byHandDone tells whether colleagues have done what they found, where it is to be erased or
// corrected.
func (m *material) byHandDone() error {
	for _, t := range m.tasks {
		if t.State == store.TaskOpen || t.State == store.TaskFound && writes(m.request.Right) {
			return ErrTasksNotDone
		}
	}
	return nil
}

// needsWords: what a person wrote in words is answered in words.
func needsWords(r *store.Request) bool {
	return r.Right == dsr.Rectification && len(r.Detail.Corrections) == 0
}

// answerIfDone answers an erasure or a rectification by itself once it is carried out and checked:
// the approval covered what is said.
func (w *Works) answerIfDone(tx *store.Tx, r *store.Request) error {
	if !writes(r.Right) || r.P.State != dsr.Executing || !r.P.PlanDone || needsWords(r) {
		return nil
	}
	m, err := w.gather(tx, r)
	if err != nil {
		return err
	}
	if m.byHandDone() != nil {
		return nil // the colleague is not finished; finishing the task comes here again
	}
	if r.P.Unauthorised(tx.Now) != nil {
		return nil // the authority has ended meanwhile: a member sees to it
	}
	if r.Delivery == store.DeliveryPortal && !m.proved {
		return nil // nobody could read it: a member posts it, or confirms the address first
	}
	return w.send(tx, m, system, "", AnswerInput{}, nil)
}

// send writes the answer, opens the package that goes with it and tells the person.
func (w *Works) send(tx *store.Tx, m *material, actor dsr.Actor, role string, in AnswerInput, c *issued) error {
	r := m.request
	a, err := w.answerOf(tx, m, in)
	if err != nil {
		return err
	}
	if err := a.Check(); err != nil {
		return err
	}
	var p *store.Package
	if r.Right.Row().Package {
		if p, err = tx.PackageOf(r); err != nil {
			return err
		}
		if p == nil {
			return dsr.ErrPackageNotReady
		}
		if err := c.goesWith(tx, r, p, &a, actor, role); err != nil {
			return err
		}
	}
	columns, err := sealed(tx, r, a)
	if err != nil {
		return err
	}
	data := dsr.EventData{Outcome: a.Outcome}
	switch {
	case in.Orally:
		data.Code = "orally"
	case in.OnPaper:
		data.Code = "paper"
	}
	if err := noteLate(tx, r, a, actor, role); err != nil {
		return err
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventAnswered, Actor: actor, Data: data}, store.Change{Role: role, Columns: columns, Statement: a}); err != nil {
		return err
	}
	if err := w.liftWhenEnded(tx, r, a.Groups); err != nil {
		return err
	}
	if p == nil {
		return m.tell(tx, mail.AnswerDone)
	}
	keep, err := keepOf(tx)
	if err != nil {
		return err
	}
	if err := tx.OpenPackage(p, tx.Now.Add(PackageOpen), tx.Now.AddDate(0, 0, keep.CopyDays)); err != nil {
		return err
	}
	return m.tell(tx, mail.AnswerReady)
}

// noteLate writes down that an answer which refuses everything comes after the month that a refusal has.
func noteLate(tx *store.Tx, r *store.Request, a store.Answer, actor dsr.Actor, role string) error {
	if a.Outcome != dsr.Refused {
		return nil
	}
	return tx.NoteLateRefusal(r, actor, role)
}

// tell mails the person how the case ended. What was found and done is told to no mailbox that is not
// known to be the person's.
func (m *material) tell(tx *store.Tx, kind mail.Kind) error {
	if !m.proved {
		return nil
	}
	return tx.MailPerson(m.request, kind)
}

func sealed(tx *store.Tx, r *store.Request, a store.Answer) (map[string]any, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return tx.SealAnswer(r, body)
}

// answerReview answers a request to have an automated decision reviewed (Art. 22(3)): a member has
// heard the person and decided anew, and says why.
func (w *Works) answerReview(tx *store.Tx, by By, m *material, in AnswerInput) error {
	words, ok := reviewWords[in.Reviewed]
	if !ok {
		return ErrReviewOutcome.At("/outcome")
	}
	if strings.TrimSpace(in.Text) == "" {
		return ErrReviewOutcome.At("/text")
	}
	r := m.request
	a := store.Answer{Outcome: in.Reviewed, Title: textReviewed.In(r.Locale), Paragraphs: []string{words.In(r.Locale)}, Words: told(in.Text),
		Groups: []store.AnswerGroup{}, Recipients: []string{}, Complaint: []string{register.Complaint(r.Locale).Paragraph}}
	if err := w.address(tx, m, &a); err != nil {
		return err
	}
	columns, err := sealed(tx, r, a)
	if err != nil {
		return err
	}
	data := dsr.EventData{Outcome: a.Outcome}
	if in.OnPaper {
		data.Code = "paper"
	}
	if err := noteLate(tx, r, a, by.actor(), by.role()); err != nil {
		return err
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventAnswered, Actor: by.actor(), Data: data}, store.Change{Role: by.role(), Columns: columns, Statement: a}); err != nil {
		return err
	}
	return m.tell(tx, mail.AnswerDone)
}

var (
	textReviewed = text("Et menneske har vurdert avgjørelsen på nytt", "Eit menneske har vurdert avgjerda på nytt", "A person has reviewed the decision")
	reviewWords  = map[dsr.Outcome]locale.Text{
		dsr.Granted: text("Vi har sett på det du skrev, og endret avgjørelsen.", "Vi har sett på det du skreiv, og endra avgjerda.",
			"We have considered what you wrote and changed the decision."),
		dsr.PartlyGranted: text("Vi har sett på det du skrev, og endret en del av avgjørelsen.", "Vi har sett på det du skreiv, og endra ein del av avgjerda.",
			"We have considered what you wrote and changed a part of the decision."),
		dsr.Refused: text("Vi har sett på det du skrev. Avgjørelsen blir stående.", "Vi har sett på det du skreiv. Avgjerda blir ståande.",
			"We have considered what you wrote. The decision stands."),
	}
)

// nothing tells why the answer cannot be that nothing is held, or nil.
func (m *material) nothing() error {
	switch {
	case m.run == nil || m.run.State != store.RunComplete || m.newest == nil || m.newest.ID != m.run.ID:
		return dsr.ErrIncomplete
	case m.found():
		return ErrSomethingFound
	}
	for _, t := range m.tasks {
		switch t.State {
		case store.TaskOpen:
			return ErrTasksOpen
		case store.TaskFound, store.TaskDone:
			return ErrSomethingFound
		}
	}
	return m.looking()
}

// looking tells why nobody can say that the person was searched for: there is no place to look in,
// or not one of them could be searched, by the portal or by a colleague.
func (m *material) looking() error {
	if len(m.report.Sources)+len(m.tasks) == 0 {
		return ErrNoPlaces
	}
	for _, s := range m.report.Sources {
		if !unreachable(m.report, s.Name) {
			return nil
		}
	}
	if slices.ContainsFunc(m.tasks, func(t store.Task) bool { return t.State != store.TaskException }) {
		return nil
	}
	return ErrNotSearched
}

// answerNothing says that nothing is held, and where was looked (ACC-01). Before that the person
// is asked once for another way in.
func (w *Works) answerNothing(tx *store.Tx, by By, m *material, in AnswerInput) error {
	r := m.request
	if err := m.nothing(); err != nil {
		return err
	}
	excepted := !m.byPortal() && strings.TrimSpace(in.Text) != ""
	if !r.AskedOlderContact() && !excepted {
		return ErrAskOlder
	}
	a, err := w.nothingHeld(tx, m, in.Text, r.AskedOlderContact())
	if err != nil {
		return err
	}
	if err := a.Check(); err != nil {
		return err
	}
	columns, err := sealed(tx, r, a)
	if err != nil {
		return err
	}
	change := store.Change{Role: by.role(), Columns: columns, Statement: a, Note: in.Text}
	data := dsr.EventData{}
	if in.Orally {
		data.Code = "orally"
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventNothingFound, Actor: by.actor(), Data: data}, change); err != nil {
		return err
	}
	if err := w.liftWhenEnded(tx, r, a.Groups); err != nil {
		return err
	}
	return m.tell(tx, mail.NothingFound)
}

func (w *Works) nothingHeld(tx *store.Tx, m *material, words string, asked bool) (store.Answer, error) {
	l := m.request.Locale
	a := store.Answer{
		Outcome: dsr.NothingHeld,
		Title:   dsr.NothingHeld.Text().In(l),
		Paragraphs: []string{text("Vi har lett etter opplysninger om deg og fant ingen.", "Vi har leitt etter opplysningar om deg og fann ingen.",
			"We searched for data about you and found none.").In(l)},
		Groups: []store.AnswerGroup{}, Searched: []string{}, Recipients: []string{}, Complaint: []string{register.Complaint(l).Paragraph},
	}
	if m.request.P.Standing == dsr.AsChild {
		a.Paragraphs = []string{textChildNothing.In(l), textChildHelp.In(l)}
	}
	a.Paragraphs = append(a.Paragraphs, effects(m.request)...)
	if asked {
		a.Words = told(words)
	}
	return a, w.address(tx, m, &a)
}

// address fills in what the letter says of its case, and of how the person was known and searched for.
func (w *Works) address(tx *store.Tx, m *material, a *store.Answer) error {
	return w.addressAs(tx, m, a, letter.KindOf(m.request.Right, a.Outcome))
}

func (w *Works) addressAs(tx *store.Tx, m *material, a *store.Answer, kind letter.Kind) error {
	zone, err := zoneOf(tx)
	if err != nil {
		return err
	}
	r := m.request
	a.Case.Notice = w.noticeOf(m, zone)
	a.Identity = []string{identityText(r, r.Locale)}
	m.tellSearched(a)
	a.NotLinked = m.notReachable()
	if err := tx.Address(r, kind, a); err != nil {
		return err
	}
	if a.Controller.Name == "" && m.judge != nil {
		a.Controller = export.ControllerOf(m.judge.reg.Controller)
	}
	return nil
}

// Preview gives exactly the answer that would be sent now.
func (w *Works) Preview(ctx context.Context, by By, id string) (store.Answer, error) {
	var a store.Answer
	err := w.act(ctx, by, id, staff.ListCases, func(tx *store.Tx, r *store.Request) error {
		if r.Shredded() {
			return store.ErrShredded
		}
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := by.look(tx, r, "answer_previewed"); err != nil {
			return err
		}
		switch {
		case len(r.Answer) > 0:
			return json.Unmarshal(r.Answer, &a)
		case m.run == nil:
			return ErrNoAnswerYet
		case m.empty():
			a, err = w.nothingHeld(tx, m, "", r.AskedOlderContact())
			return err
		case m.plan == nil:
			return ErrNoAnswerYet
		}
		a, err = w.answerOf(tx, m, AnswerInput{})
		return err
	})
	return a, err
}

// answerOf writes the answer from what the plans did, or will do: the rows that were erased,
// changed and corrected in sources that are done, whatever plan did it, and what the plan in force
// keeps or leaves out.
func (w *Works) answerOf(tx *store.Tx, m *material, in AnswerInput) (store.Answer, error) {
	tallies, err := tallied(tx, m)
	if err != nil {
		return store.Answer{}, err
	}
	l := m.request.Locale
	a := answer{store.Answer{Groups: []store.AnswerGroup{}, Recipients: []string{}, Searched: []string{}, Complaint: []string{register.Complaint(l).Paragraph}}}
	for _, t := range tallies {
		a.add(t.Action, t.Name.In(l), done(t.Text, l), register.LawText(t.Law, l), t.Until, t.Count)
	}
	a.Groups = datesTogether(a.Groups, l)
	m.byHand(&a, l)
	a.Outcome = m.outcome(a.Groups)
	a.Title, a.Paragraphs = opening(m.request, a.Outcome, len(a.Groups) == 0)
	a.Paragraphs = append(a.Paragraphs, effects(m.request)...)
	a.Paragraphs = append(a.Paragraphs, weighings(m.facts, m.judge.reg, l)...)
	a.Paragraphs = append(a.Paragraphs, m.eachCorrection(l)...)
	a.Words = told(in.Text)
	if m.request.Right.Row().Package {
		if err := w.discloses(tx, m, &a.Answer, tallies, in.OnPaper); err != nil {
			return store.Answer{}, err
		}
	}
	if writes(m.request.Right) {
		recipients, err := m.recipients(tx)
		if err != nil {
			return store.Answer{}, err
		}
		if a.Recipients = namedIn(recipients, l); len(a.Recipients) > 0 {
			a.Paragraphs = append(a.Paragraphs, textRecipients.In(l))
		} else {
			a.NobodyTold = m.nobodyTold(tallies, recipients).In(l)
		}
	}
	if m.request.Right == dsr.Access {
		a.Disclosed = m.handedOut(l)
	}
	if m.request.Right == dsr.Restriction {
		if a.From, err = m.storedSince(tx, l); err != nil {
			return store.Answer{}, err
		}
	}
	// Backups hold nothing that is gone where nothing was erased.
	if m.request.Right.Removes() && slices.ContainsFunc(a.Groups, func(g store.AnswerGroup) bool { return changes(g.Action) }) {
		if a.Backups, err = backups(tx, m.request.Controller, l); err != nil {
			return store.Answer{}, err
		}
		if a.Systems, err = m.proof(tx, l); err != nil {
			return store.Answer{}, err
		}
	}
	return a.Answer, w.address(tx, m, &a.Answer)
}

// storedSince says since when what the request restricts is only stored; before it is carried out, from today on.
func (m *material) storedSince(tx *store.Tx, l locale.Locale) (string, error) {
	open, err := tx.Restrictions(m.request)
	if err != nil {
		return "", err
	}
	first := dsr.DateOf(tx.Now, m.zone)
	last := first
	for i, x := range open {
		day := dsr.DateOf(x.Since, m.zone)
		if i == 0 {
			first, last = day, day
		}
		if day.Before(first) {
			first = day
		}
		if day.After(last) {
			last = day
		}
	}
	return letter.RestrictedFrom(l, first, last), nil
}

// discloses tells of each purpose what Art. 15(1) asks for, what is left out of the copy and why, and how
// the copy is had.
func (w *Works) discloses(tx *store.Tx, m *material, a *store.Answer, tallies []tally, onPaper bool) error {
	l, reg := m.request.Locale, m.judge.reg
	s, _, err := planFacts(m.plan)
	if err != nil {
		return err
	}
	told := func(id string) bool {
		return slices.ContainsFunc(tallies, func(t tally) bool { return t.Activity == id }) ||
			slices.ContainsFunc(m.tasks, func(t store.Task) bool { return t.State == store.TaskFound && m.place(t).Activity == id })
	}
	for i := range reg.Activities {
		act := &reg.Activities[i]
		if !told(act.ID) {
			continue
		}
		p := export.PurposeOf(act, l)
		if until, err := dsr.ParseDate(s.Ends[act.ID]); err == nil && act.Retention.Dated() {
			p.KeptUntil, p.Over = until, until.Before(m.judge.today)
		}
		a.Purposes = append(a.Purposes, p)
	}
	if slices.ContainsFunc(tallies, func(t tally) bool { return reg.Activity(t.Activity) == nil }) {
		a.Purposes = append(a.Purposes, export.PurposeOf(nil, l))
	}
	for _, g := range a.Groups {
		if g.Action == "withheld" || g.Action == "redacted" {
			a.LeftOut = append(a.LeftOut, letter.Omission{What: g.Activity, Law: g.Law, Reason: g.Text})
		}
	}
	parts, err := tx.Parts(m.request)
	if err != nil {
		return err
	}
	switch {
	case len(a.Later) > 0: // a part says so itself
	case len(parts) > 0:
		a.Later = []string{letter.Completes(l, m.sentOn(parts))}
	default:
		a.Later = []string{textWhole.In(l)}
	}
	files, err := tx.Attachments(m.request)
	if err != nil {
		return err
	}
	a.Enclosed = export.Enclosed(m.request.Right, l)
	for _, f := range m.enclosed(files) {
		a.Enclosed = append(a.Enclosed, f.Name.Reveal())
	}
	if onPaper || !m.byPortal() {
		a.Files = []string{textOnPaper.In(l)}
		return nil
	}
	zone, err := zoneOf(tx)
	if err != nil {
		return err
	}
	a.Files = []string{fmt.Sprintf(textDownload.In(l), dsr.DateOf(tx.Now.Add(PackageOpen), zone).Format(l), PackageDownloads)}
	return nil
}

var (
	// textWhole: the portal answers at once, so that no part of an answer follows.
	textWhole = text("Dette er hele svaret. Ingen del av det kommer senere.", "Dette er heile svaret. Ingen del av det kjem seinare.",
		"This is the whole answer. No part of it follows later.")
	textOnPaper = text("Opplysningene følger med på papir. Du kan også få dem som filer (JSON og CSV).",
		"Opplysningane følgjer med på papir. Du kan òg få dei som filer (JSON og CSV).",
		"The data come with this letter on paper. You can also get them as files (JSON and CSV).")
	textDownload = text("Kopien er en ZIP-fil med en side og en PDF til å lese, og JSON og CSV til å bruke videre. Du kan laste den ned i saken din til og med %s, inntil %d ganger. Etter det åpner en ny engangskode den igjen, til den blir slettet.",
		"Kopien er ei ZIP-fil med ei side og ein PDF til å lese, og JSON og CSV til å bruke vidare. Du kan laste han ned i saka di til og med %s, inntil %d gonger. Etter det opnar ein ny eingongskode han igjen, til han blir sletta.",
		"The copy is a ZIP file with a page and a PDF to read, and JSON and CSV to reuse. You can download it in your case until and including %s, up to %d times. After that a new one-time code opens it again, until it is erased.")
)

// tallied puts together what was done by all plans of a request. What an earlier one restricted is told
// where the plan in force says nothing of it: the search after may not reach it any more.
func tallied(tx *store.Tx, m *material) ([]tally, error) {
	executed, err := tx.ExecutedPlans(m.request)
	if err != nil {
		return nil, err
	}
	now, _, err := planFacts(m.plan)
	if err != nil {
		return nil, err
	}
	still := func(t tally) bool {
		return t.Action == "restricted" && !slices.ContainsFunc(now.Tallies, func(n tally) bool {
			return n.Source == t.Source && n.Activity == t.Activity && n.Action == t.Action
		})
	}
	var out []tally
	for _, p := range executed {
		if p.ID == m.plan.ID {
			continue
		}
		s, _, err := planFacts(&p)
		if err != nil {
			return nil, err
		}
		done, err := tx.Executions(p.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range s.Tallies {
			if (changes(t.Action) || still(t)) && slices.ContainsFunc(done, func(e store.Execution) bool { return e.Source == t.Source && e.State == store.ExecutionDone }) {
				out = append(out, t)
			}
		}
	}
	return append(out, now.Tallies...), nil
}

func changes(action string) bool {
	return action == "deleted" || action == "anonymised" || action == "corrected"
}

// byHand adds what colleagues found and did in the places they look in.
func (m *material) byHand(a *answer, l locale.Locale) {
	files := map[dsr.Right]struct {
		action string
		text   locale.Text
	}{
		dsr.Restriction:   {"restricted", text("Merket for hånd, blir bare lagret: %s.", "Merkt for hand, blir berre lagra: %s.", "Marked by hand, only stored: %s.")},
		dsr.Erasure:       {"deleted", text("Slettet for hånd: %s.", "Sletta for hand: %s.", "Erased by hand: %s.")},
		dsr.Rectification: {"corrected", text("Rettet for hånd: %s.", "Retta for hand: %s.", "Corrected by hand: %s.")},
	}
	right := m.request.Right
	if right.Removes() {
		right = dsr.Erasure
	}
	said, ok := files[right]
	if !ok {
		said.action, said.text = "disclosed", text("Funnet her: %s. Det ligger ved.", "Funne her: %s. Det ligg ved.", "Found here: %s. It is enclosed.")
	}
	for _, t := range m.tasks {
		if t.State != store.TaskFound && t.State != store.TaskDone {
			continue
		}
		p := m.place(t)
		name := p.Name
		if act := m.judge.reg.Activity(p.Activity); act != nil {
			name = act.Name.In(l)
		}
		a.add(said.action, name, fmt.Sprintf(said.text.In(l), p.Name), "", "", 1)
	}
}

// answer is an answer while it is being written.
type answer struct{ store.Answer }

func (a *answer) add(action, activity, words, law, until string, count int64) {
	for i := range a.Groups {
		g := &a.Groups[i]
		if g.Action == action && g.Activity == activity && g.Text == words && g.Law == law && g.Until == until {
			g.Count += count
			return
		}
	}
	a.Groups = append(a.Groups, store.AnswerGroup{Action: action, Activity: activity, Count: count, Text: words, Law: law, Until: until})
}

// outcome tells how the case ends. Where what was asked about is not held, nothing was done about it, and
// no answer may say otherwise (Art. 12(1)); what took effect when the request came in is granted all the
// same: a consent is withdrawn, and marketing stopped, whatever is held.
func (m *material) outcome(groups []store.AnswerGroup) dsr.Outcome {
	switch {
	case len(groups) > 0 || len(effects(m.request)) > 0:
		return outcomeOf(m.request.Right, groups)
	case needsWords(m.request):
		return dsr.Assessed
	}
	return dsr.NothingHeld
}

// outcomeOf tells how much of what was asked is done. Who asked for restriction has it granted by one.
func outcomeOf(right dsr.Right, groups []store.AnswerGroup) dsr.Outcome {
	good, bad := false, false
	for _, g := range groups {
		if changes(g.Action) || g.Action == "disclosed" || right == dsr.Restriction && g.Action == "restricted" {
			good = true
		} else {
			bad = true
		}
	}
	switch {
	case bad && good:
		return dsr.PartlyGranted
	case bad:
		return dsr.Refused
	}
	return dsr.Granted
}

// recipients gives those who are told that data were corrected or erased (Art. 19): those who were written
// down, or before the execution those who will be.
func (m *material) recipients(tx *store.Tx) ([]store.Notice, error) {
	told, err := tx.Notices(m.request)
	if err != nil || len(told) > 0 || m.plan == nil {
		return told, err
	}
	s, _, err := planFacts(m.plan)
	if err != nil {
		return nil, err
	}
	for _, r := range m.toBeTold(s) {
		told = append(told, store.Notice{Kind: r.kind, Body: r.body})
	}
	return told, nil
}

// nobodyTold says why no recipient is told of what was done, as far as the register and the log of disclosures know: that
// nobody else got the data is said only where the register says so. Where nothing was done there is nothing to tell.
func (m *material) nobodyTold(tallies []tally, told []store.Notice) locale.Text {
	touched := m.touched(summary{Tallies: tallies})
	var acts []*register.Activity
	for _, id := range touched {
		acts = append(acts, m.judge.reg.Activity(id))
	}
	unnamed := func(a *register.Activity) bool {
		return a != nil && slices.ContainsFunc(a.Recipients, func(r register.Recipient) bool { return strings.TrimSpace(r.Name) == "" })
	}
	unsaid := func(a *register.Activity) bool { return a == nil || !a.NoRecipients }
	switch {
	case len(touched) == 0:
		return locale.Text{}
	case len(told) > 0:
		return textRepublished
	case slices.ContainsFunc(acts, unnamed):
		return textUnnamed
	case slices.ContainsFunc(acts, unsaid):
		return textNoneRecorded
	}
	return textNobodyElse
}

var (
	textNobodyElse = text("Vi har ikke gitt opplysningene til noen andre, så det er ingen å si fra til.", "Vi har ikkje gitt opplysningane til nokon andre, så det er ingen å seie frå til.",
		"We have not given the data to anybody else, so there is nobody to tell.")
	textNoneRecorded = text("Vi har ikke registrert at noen andre har fått opplysningene, så det er ingen å si fra til.",
		"Vi har ikkje registrert at nokon andre har fått opplysningane, så det er ingen å seie frå til.",
		"We have no record of anybody else having received the data, so there is nobody to tell.")
	textUnnamed = text("Andre får slike opplysninger av oss, men vi har ikke skrevet ned hvem. Spør oss, så finner vi det ut.",
		"Andre får slike opplysningar av oss, men vi har ikkje skrive ned kven. Spør oss, så finn vi det ut.",
		"Others get such data from us, but we have not written down who. Ask us, and we will find out.")
	textRepublished = text("Opplysningene var åpne for alle. Vi ber søkemotorer og andre som har gjengitt dem, om å fjerne dem.",
		"Opplysningane var opne for alle. Vi bed søkjemotorar og andre som har gjengitt dei, om å fjerne dei.",
		"The data were open to everybody. We ask search engines and others who have republished them to remove them.")
	textRecipients = text("Vi sier fra til dem som har fått opplysningene av oss. Mottakerne står i svaret.",
		"Vi seier frå til dei som har fått opplysningane av oss. Mottakarane står i svaret.",
		"We tell those who have received the data from us. The recipients are listed in the answer.")
	textBackups = text("Det vi har slettet, kan ligge i sikkerhetskopier til og med %s. Blir en kopi tatt i bruk før det, sletter vi på nytt.",
		"Det vi har sletta, kan liggje i tryggingskopiar til og med %s. Blir ein kopi teken i bruk før det, slettar vi på nytt.",
		"What we have erased may lie in backups until and including %s. If a backup is used before that, we erase again.")
)

// backups tells when the oldest backup that may hold what was erased is gone.
func backups(tx *store.Tx, controller int64, l locale.Locale) (string, error) {
	settings, _, err := tx.Settings(controller)
	if err != nil {
		return "", err
	}
	zone, err := zoneOf(tx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(textBackups.In(l), dsr.DateOf(tx.Now, zone).AddDays(settings.BackupDays).Format(l)), nil
}

// proof tells of each system what was erased in it and on which day: the day on which a plan was carried out
// there, or today where it is still to be. Of what colleagues erased by hand it knows that they did.
func (m *material) proof(tx *store.Tx, l locale.Locale) ([]letter.System, error) {
	zone, err := zoneOf(tx)
	if err != nil {
		return nil, err
	}
	plans, err := tx.ExecutedPlans(m.request)
	if err != nil {
		return nil, err
	}
	if m.plan != nil && !slices.ContainsFunc(plans, func(p store.Plan) bool { return p.ID == m.plan.ID }) {
		plans = append(plans, *m.plan)
	}
	var out []letter.System
	at := func(name, on string) *letter.System {
		i := slices.IndexFunc(out, func(s letter.System) bool { return s.Name == name && s.On == on && !s.ByHand })
		if i < 0 {
			i, out = len(out), append(out, letter.System{Name: name, On: on})
		}
		return &out[i]
	}
	today := dsr.DateOf(tx.Now, zone)
	for i := range plans {
		s, _, err := planFacts(&plans[i])
		if err != nil {
			return nil, err
		}
		done, err := tx.Executions(plans[i].ID)
		if err != nil {
			return nil, err
		}
		for _, t := range s.Tallies {
			on := today
			j := slices.IndexFunc(done, func(e store.Execution) bool { return e.Source == t.Source && e.DoneAt != nil })
			switch {
			case j >= 0:
				on = dsr.DateOf(*done[j].DoneAt, zone)
			case m.plan == nil || plans[i].ID != m.plan.ID:
				continue // the plan that came after it does it
			}
			switch t.Action {
			case "deleted":
				at(m.system(t.Source, l), on.String()).Erased += t.Count
			case "anonymised":
				at(m.system(t.Source, l), on.String()).Anonymised += t.Count
			}
		}
	}
	for _, t := range m.tasks {
		on := today
		switch {
		case t.State == store.TaskDone && t.FinishedAt != nil:
			on = dsr.DateOf(*t.FinishedAt, zone)
		case t.State != store.TaskFound:
			continue
		}
		out = append(out, letter.System{Name: locale.Named(m.place(t).Name, l), ByHand: true, On: on.String()})
	}
	return out, nil
}

// system is what the person knows a connected system by.
func (m *material) system(name string, l locale.Locale) string {
	for _, s := range m.report.Sources {
		if s.Name == name {
			return locale.Named(cmp.Or(s.Title, s.Name), l)
		}
	}
	return locale.Named(name, l)
}

// effects tells the person what took effect the moment the request came in, and how a transfer went.
func effects(r *store.Request) []string {
	var lines []string
	for _, e := range r.Events {
		duty := dsr.Duty(e.Data.Code)
		switch {
		case e.Kind == dsr.EventDuty:
			if t, ok := effectTexts[duty]; ok {
				lines = append(lines, t.In(r.Locale))
			}
		case e.Kind == dsr.EventDutyDone && duty == dsr.Transfer:
			t := text("Vi har sendt kopien direkte til den du ba om: ", "Vi har sendt kopien direkte til den du bad om: ", "We have sent the copy directly to whom you named: ")
			if !e.Data.Confirmed {
				t = text("Vi kan ikke sende kopien direkte til den du ba om: ", "Vi kan ikkje sende kopien direkte til den du bad om: ", "We cannot send the copy directly to whom you named: ")
			}
			lines = append(lines, t.In(r.Locale)+e.Note)
		}
	}
	return lines
}

var effectTexts = map[dsr.Duty]locale.Text{
	dsr.StopMarketing: text("Vi stanset den direkte markedsføringen til deg da vi fikk protesten din. Du får ikke mer av den.",
		"Vi stansa den direkte marknadsføringa til deg då vi fekk protesten din. Du får ikkje meir av henne.",
		"We stopped direct marketing to you when we received your objection. You will get no more of it."),
	dsr.StopConsent: text("Samtykket ditt er trukket fra den dagen du ga beskjed. Vi bruker ikke opplysningene på et annet grunnlag i stedet.",
		"Samtykket ditt er trekt frå den dagen du gav melding. Vi bruker ikkje opplysningane på eit anna grunnlag i staden.",
		"Your consent is withdrawn from the day you told us. We do not use the data on another basis instead."),
}

// weighings tells the person how an objection was weighed, in the office's words (Art. 21(1)).
func weighings(facts knowledge, reg *register.Register, l locale.Locale) []string {
	var lines []string
	for i, f := range facts {
		if f.Kind != FactWeighing || slices.ContainsFunc(facts[i+1:], func(later store.Fact) bool {
			return later.Kind == f.Kind && later.Activity == f.Activity
		}) {
			continue
		}
		line := f.Reason.Reveal()
		if a := reg.Activity(f.Activity); a != nil {
			line = a.Name.In(l) + ": " + line
		}
		lines = append(lines, line)
	}
	return lines
}

// opening gives the answer's title and its first paragraph. nothing: of what was asked about nothing is held.
func opening(r *store.Request, o dsr.Outcome, nothing bool) (string, []string) {
	l := r.Locale
	words := openings[r.Right]
	if own, ok := childOpenings[r.Right]; ok && r.P.Standing == dsr.AsChild {
		words = own
	}
	first := words.all
	title := words.title
	if nothing {
		first = textNoneHeld
	}
	switch o {
	case dsr.NothingHeld:
		title = o.Text()
	case dsr.Assessed:
		title, first = textAnswer, textAssessed
	case dsr.PartlyGranted:
		first = words.part
		if !words.partTitle.IsZero() {
			title = words.partTitle
		}
	case dsr.Refused:
		if first = words.none; r.Right == dsr.Withdrawal {
			break // the consent is withdrawn whatever is kept
		}
		title = textAnswer
	}
	if r.P.Standing == dsr.AsChild {
		return title.In(l), []string{first.In(l), textChildHelp.In(l)}
	}
	return title.In(l), []string{first.In(l)}
}

var (
	textAnswer   = text("Svar på kravet ditt", "Svar på kravet ditt", "Answer to your request")
	textNoneHeld = text("Vi har lett etter opplysningene som kravet ditt gjelder, og fant ingen. Derfor er det ikke gjort noe med dem. Under står hvor vi lette.",
		"Vi har leitt etter opplysningane som kravet ditt gjeld, og fann ingen. Difor er det ikkje gjort noko med dei. Under står kvar vi leitte.",
		"We searched for the data that your request is about and found none. So nothing was done with any. Below it says where we looked.")
	textAssessed = text("Vi har vurdert det du skrev. Under står hva vi kom fram til.", "Vi har vurdert det du skreiv. Under står kva vi kom fram til.",
		"We have considered what you wrote. Below it says what we found.")
)

type openingWords struct{ title, partTitle, all, part, none locale.Text }

var openings = map[dsr.Right]openingWords{
	dsr.Access: {
		title: text("Her er opplysningene vi har om deg", "Her er opplysningane vi har om deg", "Here are the data we hold about you"),
		all: text("Vi behandler opplysninger om deg. Du får en kopi av alle.", "Vi behandlar opplysningar om deg. Du får ein kopi av alle.",
			"We process data about you. You get a copy of all of them."),
		part: text("Vi behandler opplysninger om deg. Du får en kopi av dem. Noe er ikke tatt med; under står hva og hvorfor.",
			"Vi behandlar opplysningar om deg. Du får ein kopi av dei. Noko er ikkje teke med; under står kva og kvifor.",
			"We process data about you. You get a copy of them. Some are left out; below it says what and why."),
		none: text("Vi behandler opplysninger om deg, men kan ikke gi dem ut. Under står hvorfor.", "Vi behandlar opplysningar om deg, men kan ikkje gi dei ut. Under står kvifor.",
			"We process data about you but cannot give them to you. Below it says why."),
	},
	dsr.Rectification: {
		title:     text("Vi har rettet opplysningene dine", "Vi har retta opplysningane dine", "We have corrected your data"),
		partTitle: text("Vi har rettet noe av opplysningene dine", "Vi har retta noko av opplysningane dine", "We have corrected some of your data"),
		all:       text("Det du ba om, er gjort.", "Det du bad om, er gjort.", "What you asked for has been done."),
		part: text("Noe er rettet. Noe er ikke rettet; under står hva og hvorfor.", "Noko er retta. Noko er ikkje retta; under står kva og kvifor.",
			"Some of it has been corrected. Some has not; below it says what and why."),
		none: text("Vi har ikke rettet opplysningene. Under står hvorfor.", "Vi har ikkje retta opplysningane. Under står kvifor.",
			"We have not corrected the data. Below it says why."),
	},
	dsr.Portability: {
		title: text("Her er opplysningene du kan ta med deg", "Her er opplysningane du kan ta med deg", "Here are the data that you can take with you"),
		all: text("Du får det du selv har gitt oss, i filer som andre systemer kan lese (JSON og CSV). Vi sletter ingenting av den grunn.",
			"Du får det du sjølv har gitt oss, i filer som andre system kan lese (JSON og CSV). Vi slettar ingenting av den grunn.",
			"You get what you gave us yourself, in files that other systems can read (JSON and CSV). We erase nothing because of that."),
		part: text("Du får det du selv har gitt oss etter samtykke eller avtale, i filer som andre systemer kan lese (JSON og CSV). Noe er ikke tatt med; under står hva og hvorfor. Vi sletter ingenting av den grunn.",
			"Du får det du sjølv har gitt oss etter samtykke eller avtale, i filer som andre system kan lese (JSON og CSV). Noko er ikkje teke med; under står kva og kvifor. Vi slettar ingenting av den grunn.",
			"You get what you gave us yourself by consent or contract, in files that other systems can read (JSON and CSV). Some is left out; below it says what and why. We erase nothing because of that."),
		none: text("Vi har ingen opplysninger som du kan ta med deg etter reglene om dataportabilitet. Under står hvorfor. Du kan be om innsyn i stedet.",
			"Vi har ingen opplysningar som du kan ta med deg etter reglane om dataportabilitet. Under står kvifor. Du kan be om innsyn i staden.",
			"We hold no data that you can take with you under the rules on portability. Below it says why. You can ask for access instead."),
	},
	dsr.Restriction: {
		title:     text("Vi bruker ikke opplysningene dine", "Vi bruker ikkje opplysningane dine", "We do not use your data"),
		partTitle: text("Vi bruker ikke en del av opplysningene dine", "Vi bruker ikkje ein del av opplysningane dine", "We do not use some of your data"),
		all: text("Behandlingen er begrenset: vi lagrer bare opplysningene. Vi sier fra til deg før det endres.", "Behandlinga er avgrensa: vi lagrar berre opplysningane. Vi seier frå til deg før det blir endra.",
			"Processing is restricted: we only store the data. We tell you before that changes."),
		part: text("Behandlingen er begrenset for en del av opplysningene: dem lagrer vi bare, og vi sier fra til deg før det endres. Resten er ikke begrenset; under står hva og hvorfor.",
			"Behandlinga er avgrensa for ein del av opplysningane: dei lagrar vi berre, og vi seier frå til deg før det blir endra. Resten er ikkje avgrensa; under står kva og kvifor.",
			"Processing is restricted for some of the data: those we only store, and we tell you before that changes. The rest is not restricted; below it says what and why."),
		none: text("Vi har ikke begrenset behandlingen. Under står hvorfor.", "Vi har ikkje avgrensa behandlinga. Under står kvifor.", "We have not restricted the processing. Below it says why."),
	},
	dsr.Objection: {
		title:     text("Vi har stanset bruken du protesterte mot", "Vi har stansa bruken du protesterte mot", "We have stopped the use that you objected to"),
		partTitle: text("Vi har stanset en del av bruken du protesterte mot", "Vi har stansa ein del av bruken du protesterte mot", "We have stopped some of the use that you objected to"),
		all:       text("Vi har tatt protesten til følge og stanset bruken.", "Vi har teke protesten til følgje og stansa bruken.", "Your objection is upheld, and we have stopped the use."),
		part: text("En del av bruken er stanset. Resten fortsetter; under står hva og hvorfor.", "Ein del av bruken er stansa. Resten held fram; under står kva og kvifor.",
			"Some of the use has been stopped. The rest continues; below it says what and why."),
		none: text("Vi fortsetter bruken. Under står hvorfor.", "Vi held fram med bruken. Under står kvifor.", "We continue the use. Below it says why."),
	},
	dsr.Withdrawal: {
		title: text("Samtykket ditt er trukket", "Samtykket ditt er trekt", "Your consent is withdrawn"),
		all:   text("Det vi hadde etter samtykket, er slettet.", "Det vi hadde etter samtykket, er sletta.", "What we held by the consent has been erased."),
		part:  text("Noe av det vi hadde, er slettet. Resten beholder vi av en annen grunn enn samtykket; under står hva, hvorfor og hvor lenge.", "Noko av det vi hadde, er sletta. Resten tek vi vare på av ein annan grunn enn samtykket; under står kva, kvifor og kor lenge.", "Some of what we held has been erased. The rest we keep for another reason than the consent; below it says what, why and for how long."),
		none: text("Samtykket gjelder ikke lenger. Opplysningene beholder vi av en annen grunn; under står hva, hvorfor og hvor lenge.", "Samtykket gjeld ikkje lenger. Opplysningane tek vi vare på av ein annan grunn; under står kva, kvifor og kor lenge.",
			"The consent no longer holds. The data we keep for another reason; below it says what, why and for how long."),
	},
	dsr.Erasure: {
		title:     text("Vi har slettet opplysningene dine", "Vi har sletta opplysningane dine", "We have erased your data"),
		partTitle: text("Vi har slettet det vi kan", "Vi har sletta det vi kan", "We have erased what we can"),
		all:       text("Det du ba om, er slettet.", "Det du bad om, er sletta.", "What you asked for has been erased."),
		part: text("Vi har slettet det vi kan. Noe må vi beholde; under står hva, hvorfor og hvor lenge.", "Vi har sletta det vi kan. Noko må vi ta vare på; under står kva, kvifor og kor lenge.",
			"We have erased what we can. Some of it we must keep; below it says what, why and for how long."),
		none: text("Vi kan ikke slette opplysningene nå. Under står hvorfor og hvor lenge vi beholder dem.", "Vi kan ikkje slette opplysningane no. Under står kvifor og kor lenge vi tek vare på dei.",
			"We cannot erase the data now. Below it says why and for how long we keep them."),
	},
}

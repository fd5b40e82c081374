package fulfilment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// groundDisputed: the person says that the data are wrong, and it is being looked into.
const groundDisputed = "18(1)(a)"

// Faults of restricting and lifting.
var (
	ErrNothingDisputed = fault.Define(fault.Conflict, "nothing_disputed",
		"Det er ikke funnet noen rader som det er uenighet om. Gjelder det retting, så pek dem ut under rettelsene først.",
		"Det er ikkje funne nokon rader som det er usemje om. Gjeld det retting, så peik dei ut under rettingane først.",
		"No rows were found that are in dispute. If it is about rectification, point them out among the corrections first.")
	ErrNothingRestricted = fault.Define(fault.Conflict, "nothing_restricted",
		"Ingenting er begrenset i denne saken.", "Ingenting er avgrensa i denne saka.", "Nothing is restricted in this case.")
	ErrLiftReason = fault.Define(fault.Invalid, "lift_reason_missing",
		"Skriv til personen hvorfor begrensningen oppheves.", "Skriv til personen kvifor avgrensinga blir oppheva.",
		"Write to the person why the restriction is lifted.")
	ErrTellOnPaper = fault.Define(fault.Conflict, "lift_tell_first",
		"Personen har ikke en bekreftet e-postadresse. Send et brev om at begrensningen oppheves, og kryss av for at det er sendt.",
		"Personen har ikkje ei stadfesta e-postadresse. Send eit brev om at avgrensinga blir oppheva, og kryss av for at det er sendt.",
		"The person has no confirmed e-mail address. Send a letter that the restriction will be lifted, and tick that it was sent.")
)

var (
	textMarkedByHand = text("Vi merker opplysningene for hånd, så alle hos oss ser at de ikke skal brukes.",
		"Vi merkjer opplysningane for hand, så alle hos oss ser at dei ikkje skal brukast.",
		"We mark the data by hand, so that everybody with us sees that they are not to be used.")
	// Why it ends: the person let a question lie, or, by what the case asked for, it was answered or taken back.
	textUnheard = text("Vi har avsluttet saken fordi vi ikke fikk svar fra deg.", "Vi har avslutta saka fordi vi ikkje fekk svar frå deg.",
		"We have closed the case because we had no reply from you.")
	textAnswered = map[dsr.Right]locale.Text{
		dsr.Rectification: text("Vi har svart på kravet ditt om retting.", "Vi har svara på kravet ditt om retting.", "We have answered your request for rectification."),
		dsr.Objection:     text("Vi har svart på protesten din.", "Vi har svara på protesten din.", "We have answered your objection."),
	}
	textTakenBack = map[dsr.Right]locale.Text{
		dsr.Rectification: text("Du har trukket kravet ditt om retting.", "Du har trekt kravet ditt om retting.", "You have withdrawn your request for rectification."),
		dsr.Objection:     text("Du har trukket protesten din.", "Du har trekt protesten din.", "You have withdrawn your objection."),
	}
	textLiftByHand = text("Saken er avsluttet, men noe som ble begrenset mens den ble vurdert, er det fortsatt. Personen skal få vite det før begrensningen oppheves. Det kan portalen ikke gjøre alene her: se over hva som skal oppheves, og gi beskjed i saken, eller i et brev hvis personen ikke har en bekreftet e-postadresse.",
		"Saka er avslutta, men noko som vart avgrensa medan ho vart vurdert, er det framleis. Personen skal få vite det før avgrensinga blir oppheva. Det kan ikkje portalen gjere åleine her: sjå over kva som skal opphevast, og gi beskjed i saka, eller i eit brev om personen ikkje har ei stadfesta e-postadresse.",
		"The case is closed, but something that was restricted while it was looked into still is. The person must be told before that is lifted. The portal cannot do that alone here: look over what is to be lifted, and tell the person in the case, or by letter if they have no confirmed e-mail address.")
	textRestrictedNow = text("Fra %s lagrer vi bare noen av opplysningene dine, og bruker dem ikke mens vi ser på saken. Hvilke det er, hvorfor og hva det betyr, står i brevet. Du får beskjed før begrensningen oppheves.",
		"Frå %s lagrar vi berre nokre av opplysningane dine, og bruker dei ikkje medan vi ser på saka. Kva for nokre det er, kvifor og kva det betyr, står i brevet. Du får melding før avgrensinga blir oppheva.",
		"From %s we only store some of your data, and do not use them while we look into the case. Which they are, why, and what that means stands in the letter. You will be told before the restriction is lifted.")
	textRestrictedOnPaper = text("Personen skal ha brevet om at opplysninger er begrenset, på papir. Skriv det ut under Meldinger og send det med en gang.",
		"Personen skal ha brevet om at opplysningar er avgrensa, på papir. Skriv det ut under Meldingar og send det med ein gong.",
		"The person is to have the letter that data are restricted on paper. Print it under Messages and send it at once.")
	textOtherData = text("Andre opplysninger om deg", "Andre opplysningar om deg", "Other data about you")
	textEntries   = text("%s (antall oppføringer: %d)", "%s (talet på oppføringar: %d)", "%s (number of entries: %d)")
	textWillLift  = text("Vi har bare lagret noen av opplysningene dine og ikke brukt dem. Den begrensningen oppheves tidligst %s. Grunnen er:\n\n%s\n\nEr du ikke enig, kan du svare her før den tid, eller klage til Datatilsynet.",
		"Vi har berre lagra nokre av opplysningane dine og ikkje brukt dei. Den avgrensinga blir oppheva tidlegast %s. Grunnen er:\n\n%s\n\nEr du ikkje einig, kan du svare her før den tid, eller klage til Datatilsynet.",
		"We have only stored some of your data and not used them. That restriction will be lifted on %s at the earliest. The reason is:\n\n%s\n\nIf you do not agree, you can reply here before then, or complain to Datatilsynet.")
	textStays = text("Begrensningen blir ikke opphevet likevel. Vi bare lagrer opplysningene til du hører noe annet fra oss.",
		"Avgrensinga blir ikkje oppheva likevel. Vi berre lagrar opplysningane til du høyrer noko anna frå oss.",
		"The restriction is not lifted after all. We only store the data until you hear otherwise from us.")
	textUnmark = text("Begrensningen er opphevet. Ta bort merket for hånd her: %s.", "Avgrensinga er oppheva. Ta bort merket for hand her: %s.",
		"The restriction is lifted. Take the mark away by hand here: %s.")
	textNotMarked = text("Portalen fikk ikke merket opplysningene i systemene. Gjør det for hånd, eller se hva som er i veien.",
		"Portalen fekk ikkje merkt opplysningane i systema. Gjer det for hand, eller sjå kva som er i vegen.",
		"The portal could not set or take away the marks in the systems. Do it by hand, or see what is in the way.")
)

// uses tells whether an action does more with data than store them.
func uses(a register.Action) bool {
	return a == register.Erase || a == register.Anonymise || a == register.Set || a == register.Suppress
}

func join(a, b locale.Text) locale.Text {
	return text(a.NB+" "+b.NB, a.NN+" "+b.NN, a.EN+" "+b.EN)
}

func (w *Works) rowIndex(f *engine.Finding) []byte {
	return w.Store.RestrictedRow(f.Source, f.Dataset, f.Collection, f.Key)
}

func (w *Works) stepIndex(s *engine.Step) []byte {
	return w.Store.RestrictedRow(s.Source, s.Dataset, s.Collection, s.Key)
}

// restrict notes rows that are only stored from now on, with the event that says so and the job that
// marks them. It gives how many were not restricted before.
func (w *Works) restrict(tx *store.Tx, r *store.Request, actor dsr.Actor, role string, rows []store.NewRestriction) (int, error) {
	n, err := tx.Restrict(r, rows)
	if err != nil || n == 0 {
		return n, err
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventRestricted, Actor: actor, Data: dsr.EventData{Count: n}}, store.Change{Role: role}); err != nil {
		return n, err
	}
	if !slices.ContainsFunc(rows, func(x store.NewRestriction) bool { return x.State == store.RestrictionWaiting }) {
		return n, nil
	}
	return n, w.markLater(tx, r)
}

// restricted gives the rows of a source, or of all, that the plan has only stored from now on. Those that
// the plan has marked wait for a job that sees to it: until this is written down, the end of another
// case's restriction may take the mark away again.
func (c *carrying) restricted(ctx context.Context, name string) ([]store.NewRestriction, error) {
	if c.m.judge == nil || c.m.request.Right == dsr.Rectification {
		return nil, nil
	}
	marked := map[string]bool{}
	err := c.steps.Each(ctx, func(s *engine.Step) error {
		if s.Marked() {
			marked[string(c.w.stepIndex(s))] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	var out []store.NewRestriction
	err = c.w.reader(c.key, c.m.chunks, confirmed).Each(ctx, func(f *engine.Finding) error {
		if name != "" && f.Source != name {
			return nil
		}
		var why *verdict
		c.m.judge.judged(f, false, func(_ *engine.FieldValue, d verdict) {
			if d.Action == register.Restrict && why == nil {
				why = &d
			}
		})
		if why == nil {
			return nil
		}
		n := c.w.restriction(f, why.unit.Activity, cmp.Or(why.Exception, why.Ground), store.RestrictionByHand)
		if marked[string(n.Row)] {
			n.State = store.RestrictionWaiting
		}
		out = append(out, n)
		return nil
	})
	return out, err
}

func (w *Works) restriction(f *engine.Finding, activity, ground, state string) store.NewRestriction {
	return store.NewRestriction{Row: w.rowIndex(f), Restriction: store.Restriction{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection,
		Key: keyring.NewPrivate(keyText(f.Key)), Activity: activity, Ground: ground, State: state}}
}

// restrictedMeanwhile sends the case back to the office when a row that its plan changes was
// restricted for another case after the search (Art. 18(2)). True: it did.
func (c *carrying) restrictedMeanwhile(ctx context.Context, j job.Job) (bool, error) {
	var rows map[string]bool
	err := c.w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.RestrictedElsewhere(c.m.request, c.m.run.StartedAt)
		return err
	})
	if err != nil || len(rows) == 0 {
		return false, err
	}
	touched := map[string]int{}
	err = c.steps.Each(ctx, func(s *engine.Step) error {
		if s.Action.Writes() && s.Action != engine.Mark && rows[string(c.w.stepIndex(s))] {
			touched[s.Source]++
		}
		return nil
	})
	if err != nil || len(touched) == 0 {
		return false, err
	}
	for name, n := range touched {
		return true, c.drifted(ctx, j, name, n)
	}
	return false, nil
}

// RestrictMeanwhile has the rows of a case only stored while it is being looked into: those that the
// person says are wrong (Art. 18(1)(a)), or whose use an objection asks to have weighed (18(1)(d)).
// Nothing is written to a system before a member says so; then it is done at once, without a plan that
// could be approved only when there is nothing left to look into.
func (w *Works) RestrictMeanwhile(ctx context.Context, by By, id string) error {
	if err := w.act(ctx, by, id, staff.Decide, func(*store.Tx, *store.Request) error { return nil }); err != nil {
		return err
	}
	m, key, err := w.open(ctx, by, id, "disputed_rows_read")
	if err != nil {
		return err
	}
	if m.judge == nil {
		return ErrNothingDisputed
	}
	var rows []store.NewRestriction
	err = w.reader(key, m.chunks, confirmed).Each(ctx, func(f *engine.Finding) error {
		if activity, ground := m.judge.meanwhile(f); ground != "" {
			rows = append(rows, w.restriction(f, activity, ground, store.RestrictionWaiting))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return ErrNothingDisputed
	}
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if !dsr.Open(r.P.State) {
			return dsr.ErrTransition
		}
		n, err := w.restrict(tx, r, by.actor(), by.role(), rows)
		if err != nil || n == 0 {
			return err
		}
		return w.tellRestricted(tx, r, by, m.judge.reg, rows)
	})
}

// tellRestricted tells the person, in the transaction that restricts, what is only stored from today on, on which ground and
// what that means: a letter in the case and a mail that leads to it. Whoever no mail is sure to reach gets the
// letter on paper, and a note in the case says so; the restriction does not wait for that.
func (w *Works) tellRestricted(tx *store.Tx, r *store.Request, by By, reg *register.Register, rows []store.NewRestriction) error {
	zone, err := zoneOf(tx)
	if err != nil {
		return err
	}
	l, ground := r.Locale, meanwhileGrounds[r.Right]
	from := dsr.DateOf(tx.Now, zone)
	a := letter.NewRestricting(l, whatOf(reg, rows, l), register.RestrictionText(ground).In(l), register.ArticleText(ground).In(l), from)
	said := store.Message{MemberID: memberOrNil(by.actor().Member), Body: keyring.NewPrivate(fmt.Sprintf(textRestrictedNow.In(l), from.Format(l)))}
	if err := tx.Notify(r, letter.Restricting, a, said); err != nil {
		return err
	}
	if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
		return err
	}
	proved, err := tx.AddressProved(r)
	if err != nil {
		return err
	}
	if !proved || r.Address.IsZero() || r.Delivery == store.DeliveryPaper {
		if err := tx.Note(r, textRestrictedOnPaper); err != nil {
			return err
		}
	}
	return tx.MailPerson(r, mail.RestrictionBegun)
}

// whatOf names the activities whose data are restricted, with how many entries; what is about none that the register
// knows stands under a name of its own.
func whatOf(reg *register.Register, rows []store.NewRestriction, l locale.Locale) []string {
	var order []string
	counts := map[string]int{}
	for _, row := range rows {
		name := textOtherData.In(l)
		if a := reg.Activity(row.Activity); a != nil {
			name = a.Name.In(l)
		}
		if counts[name] == 0 {
			order = append(order, name)
		}
		counts[name]++
	}
	for i, name := range order {
		order[i] = fmt.Sprintf(textEntries.In(l), name, counts[name])
	}
	return order
}

// meanwhile tells on which ground a finding is only to be stored until the case is decided, and for
// which activity; without a ground it is not.
func (j *judge) meanwhile(f *engine.Finding) (activity, ground string) {
	switch j.right {
	case dsr.Rectification:
		for _, c := range j.fixes {
			if v, ok := corrects(f, c); ok {
				return cmp.Or(v.Activity, f.Activity), groundDisputed
			}
		}
	case dsr.Objection:
		j.judged(f, false, func(_ *engine.FieldValue, d verdict) {
			if ground == "" && d.asked && d.proposal.Code == register.CodeWeighing {
				activity, ground = d.unit.Activity, d.proposal.Ground
			}
		})
	}
	return activity, ground
}

func (w *Works) markLater(tx *store.Tx, r *store.Request) error {
	return tx.Enqueue(job.Spec{Kind: JobMark, Key: fmt.Sprintf("%s/%s/%d", JobMark, r.PublicID, len(r.Events)), Object: r.PublicID})
}

// MarkedByHand notes that somebody has marked in a system what the portal cannot mark there.
func (w *Works) MarkedByHand(ctx context.Context, by By, id, source string) error {
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		list, err := tx.Restrictions(r)
		if err != nil {
			return err
		}
		ids := idsOf(list, func(x store.Restriction) bool { return x.Source == source && x.State == store.RestrictionByHand })
		if len(ids) == 0 {
			return ErrNothingRestricted
		}
		if err := tx.MoveRestrictions(ids, store.RestrictionByHand, store.RestrictionHandMarked); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "marked_by_hand", Source: source, Count: len(ids)}}
		return tx.Act(r, e, store.Change{Role: by.role()})
	})
}

func idsOf(list []store.Restriction, pick func(store.Restriction) bool) []int64 {
	var ids []int64
	for _, x := range list {
		if pick(x) {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// BeginLifting tells the person that what is restricted in a case will be used again, why, and from
// when; the restriction ends when that time has passed, and not before (Art. 18(3)). onPaper: a letter
// was sent, since no mailbox is known to be the person's.
func (w *Works) BeginLifting(ctx context.Context, by By, id, reason string, onPaper bool) error {
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if strings.TrimSpace(reason) == "" {
			return ErrLiftReason.At("/reason")
		}
		open, err := tx.Restrictions(r)
		if err != nil {
			return err
		}
		if len(open) == 0 {
			return ErrNothingRestricted
		}
		return w.beginLifting(tx, r, by.actor(), by.role(), strings.TrimSpace(reason), onPaper, len(open))
	})
}

// beginLifting is one write: the event, the message in the case, the mail in the queue and the job that
// lifts when the time is up.
func (w *Works) beginLifting(tx *store.Tx, r *store.Request, actor dsr.Actor, role, reason string, onPaper bool, rows int) error {
	proved, err := tx.AddressProved(r)
	if err != nil {
		return err
	}
	if (!proved || r.Address.IsZero()) && !onPaper {
		return ErrTellOnPaper
	}
	settings, _, err := tx.Settings(r.Controller)
	if err != nil {
		return err
	}
	zone, err := zoneOf(tx)
	if err != nil {
		return err
	}
	// The whole of the last day belongs to the person.
	until := dsr.DateOf(tx.Now, zone).AddDays(settings.WholeLiftingDays() + 1).Start(zone).UTC()
	data := dsr.EventData{LiftAt: until, Count: rows}
	if onPaper {
		data.Code = "paper"
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventLiftingTold, Actor: actor, Data: data}, store.Change{Role: role, Note: reason}); err != nil {
		return err
	}
	if err := tx.TellLifting(r); err != nil {
		return err
	}
	from := dsr.DateOf(until, zone)
	body := fmt.Sprintf(textWillLift.In(r.Locale), from.Format(r.Locale), reason)
	said := store.Message{MemberID: memberOrNil(actor.Member), Body: keyring.NewPrivate(body)}
	if err := tx.Notify(r, letter.Lifting, letter.NewLifting(r.Locale, reason, from), said); err != nil {
		return err
	}
	if !onPaper {
		if err := tx.MailPerson(r, mail.RestrictionLifting); err != nil {
			return err
		}
	}
	return tx.Enqueue(job.Spec{Kind: JobLift, Key: fmt.Sprintf("%s/%s/%d", JobLift, r.PublicID, len(r.Events)), Object: r.PublicID, RunAt: until})
}

// KeepRestricted stops a lifting that the person was told of, as when they object, and tells them. What
// is restricted stays so until a new lifting is begun.
func (w *Works) KeepRestricted(ctx context.Context, by By, id string) error {
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventLiftingKept, Actor: by.actor()}, store.Change{Role: by.role()}); err != nil {
			return err
		}
		if err := tx.KeepRestrictions(r); err != nil {
			return err
		}
		said := store.Message{Author: store.FromOffice, MemberID: &by.ID, Body: keyring.NewPrivate(textStays.In(r.Locale))}
		if _, err := tx.AddMessage(r, said); err != nil {
			return err
		}
		proved, err := tx.AddressProved(r)
		if err != nil || !proved || r.Address.IsZero() {
			return err // told by letter before, and so now: the message can be printed
		}
		return tx.MailPerson(r, mail.NewMessage)
	})
}

// meanwhileGrounds are the grounds on which something is restricted until a case has ended.
var meanwhileGrounds = map[dsr.Right]string{dsr.Rectification: groundDisputed, dsr.Objection: register.RestrictionGrounds["objection"]}

// unrestrict is the job that does so for a case which ended without an answer of this package: it was
// refused, withdrawn, or closed for want of a reply.
func (w *Works) unrestrict(ctx context.Context, j job.Job) error {
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil {
			return err
		}
		return w.liftWhenEnded(tx, r, nil)
	})
	if errors.Is(err, store.ErrNoRequest) {
		return job.Cancel(err)
	}
	return firstErr(err, ended(j))
}

// liftWhenEnded begins to lift what was restricted while a correction was looked into or an objection
// was weighed, once the case has ended. Whom no mail can tell is told by a member, and so is who has
// something restricted for good by what was answered: what ends and what stays is then for a person to say.
func (w *Works) liftWhenEnded(tx *store.Tx, r *store.Request, answered []store.AnswerGroup) error {
	ground, ok := meanwhileGrounds[r.Right]
	if !ok || dsr.Open(r.P.State) || !r.P.LiftAt.IsZero() {
		return nil
	}
	open, err := tx.Restrictions(r)
	if err != nil || !slices.ContainsFunc(open, func(x store.Restriction) bool { return x.Ground == ground }) {
		return err
	}
	if !slices.ContainsFunc(answered, func(g store.AnswerGroup) bool { return g.Action == "restricted" }) {
		why := textAnswered[r.Right]
		switch {
		case r.P.State == dsr.Withdrawn:
			why = textTakenBack[r.Right]
		case r.P.Silent:
			why = textUnheard
		}
		err = w.beginLifting(tx, r, system, "", why.In(r.Locale), false, len(open))
		if !errors.Is(err, ErrTellOnPaper) {
			return err
		}
	}
	if err := tx.Note(r, textLiftByHand); err != nil {
		return err
	}
	return tx.MailOffice(r, mail.StaffMarks)
}

// answeredGroups gives what was answered of each group of findings.
func answeredGroups(r *store.Request) ([]store.AnswerGroup, error) {
	var a store.Answer
	if len(r.Answer) > 0 {
		if err := json.Unmarshal(r.Answer, &a); err != nil {
			return nil, fmt.Errorf("reading the answer: %w", err)
		}
	}
	return a.Groups, nil
}

// removed gives the indexes of the rows that the plan erased, or made to be about nobody.
func (c *carrying) removed(ctx context.Context) (map[string]bool, error) {
	gone := map[string]bool{}
	err := c.steps.Each(ctx, func(s *engine.Step) error {
		if s.Action == engine.Delete || s.Action == engine.Anonymise {
			gone[string(c.w.stepIndex(s))] = true
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	return gone, nil
}

// endRemoved ends the restriction of rows that hold nothing of the person any more. There is nothing
// that could be used again, so there is nothing to tell beforehand: the answer tells what went.
func (w *Works) endRemoved(tx *store.Tx, r *store.Request, gone map[string]bool) error {
	if len(gone) == 0 {
		return nil
	}
	open, err := tx.Restrictions(r)
	if err != nil {
		return err
	}
	var ids []int64
	for _, x := range open {
		key, err := parseKey(x.Key.Reveal())
		if err != nil {
			return err
		}
		if gone[string(w.Store.RestrictedRow(x.Source, x.Dataset, x.Collection, key))] {
			ids = append(ids, x.ID)
		}
	}
	_, err = tx.Lift(ids)
	return err
}

// RestrictionView is what is restricted in a case, and what a member may do about it.
type RestrictionView struct {
	Places               []RestrictedPlace
	LiftAt               *time.Time // the person was told that it ends then
	Restrict, Mark, Lift bool
	Keep                 bool // the lifting can be stopped
}

// RestrictedPlace is how many rows of one system are restricted.
type RestrictedPlace struct {
	Source, Title string
	Rows, ByHand  int
}

// restriction gives what is restricted; nil where nothing is and nothing can be.
func (b *viewer) restriction() (*RestrictionView, error) {
	r := b.m.request
	open, err := b.tx.Restrictions(r)
	if err != nil {
		return nil, err
	}
	may := b.by.may(staff.Decide, r) == nil
	v := &RestrictionView{Restrict: may && len(open) == 0 && plannable(r) && b.disputed()}
	if len(open) == 0 && !v.Restrict {
		return nil, nil
	}
	for _, x := range open {
		at := slices.IndexFunc(v.Places, func(p RestrictedPlace) bool { return p.Source == x.Source })
		if at < 0 {
			at = len(v.Places)
			v.Places = append(v.Places, RestrictedPlace{Source: x.Source, Title: b.place(x.Source)})
		}
		v.Places[at].Rows++
		if x.State == store.RestrictionByHand {
			v.Places[at].ByHand++
			v.Mark = may
		}
	}
	if v.Lift = may && len(open) > 0; !r.P.LiftAt.IsZero() {
		v.Lift, v.Keep, v.LiftAt = false, may, &r.P.LiftAt
	}
	return v, nil
}

// disputed tells whether something was found that is only to be stored until the case is decided.
func (b *viewer) disputed() bool {
	return slices.ContainsFunc(b.m.groups, func(g grouped) bool {
		return isFix(g.Part) && g.Proposal.Code != codeMissing ||
			b.m.request.Right == dsr.Objection && g.Part != partCandidate && g.Proposal.Code == register.CodeWeighing
	})
}

// marking is one run of the jobs that set and take away marks. The two never write the mark of one row
// at once: each takes its rows in hand first, and tells by what others have in hand whether the mark is
// its to write (store.ClaimMarks, store.ClaimLifting).
type marking struct {
	w       *Works
	request *store.Request
	key     keyring.DataKey
	claim   store.Claim
	at      []int            // which of the claim's rows are to be written
	rows    []engine.RowName // and their names
	result  []engine.Marking
}

// awaitMarks is how long a job waits for another that is at the marks of the same rows.
const awaitMarks = time.Minute

// mark marks rows that wait for it.
func (w *Works) mark(ctx context.Context, j job.Job) error {
	m, err := w.beginMarking(ctx, j, (*store.Tx).ClaimMarks, func(store.Claimed) bool { return true })
	if err != nil || m == nil {
		return firstErr(err, ended(j))
	}
	// The marks that stand are written down, whatever became of the rest.
	left := m.carry(ctx, j, false)
	if left == nil && m.claim.Busy {
		left = job.Snooze(awaitMarks)
	}
	end := finish
	if left != nil {
		end = hold
	}
	err = w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := end(tx, j); err != nil {
			return err
		}
		for from, to := range map[engine.Marking]string{engine.MarkThere: store.RestrictionMarked, engine.MarkByHand: store.RestrictionByHand} {
			if err := tx.MoveRestrictions(m.ids(from), store.RestrictionWaiting, to); err != nil {
				return err
			}
		}
		_, err := tx.Lift(m.ids(engine.MarkGone))
		return err
	})
	return firstErr(err, left, ended(j))
}

// lift takes the marks away once the person was told and the time that they were given has passed. The
// events of the case say whether it has; without them nothing is written to any system.
func (w *Works) lift(ctx context.Context, j job.Job) error {
	// What somebody marked by hand is for people to unmark. What is still to be marked by hand may bear the
	// portal's mark all the same, if it gave up half way.
	m, err := w.beginMarking(ctx, j, (*store.Tx).ClaimLifting, func(x store.Claimed) bool { return !x.Held && x.State != store.RestrictionHandMarked })
	if err != nil || m == nil {
		return firstErr(err, ended(j))
	}
	if err := m.carry(ctx, j, true); err != nil {
		return err
	}
	err = w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil {
			return err
		}
		if r.P.LiftAt.IsZero() || tx.Now.Before(r.P.LiftAt) {
			return w.markAgain(tx, r, j) // a member stopped it meanwhile
		}
		if _, err := tx.Lift(m.all()); err != nil {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventLifted, Actor: system, Data: dsr.EventData{Count: len(m.claim.Rows)}}, store.Change{}); err != nil {
			return err
		}
		if err := unmarkByHand(tx, r, m.leftMarked()); err != nil {
			return err
		}
		groups, err := answeredGroups(r)
		if err != nil {
			return err
		}
		return w.liftWhenEnded(tx, r, groups)
	})
	return firstErr(err, ended(j))
}

// markAgain gives back what a job has in hand, and has the marks set anew that it took away.
func (w *Works) markAgain(tx *store.Tx, r *store.Request, j job.Job) error {
	again, err := tx.DropClaim(r, j.ID)
	if err != nil || !again {
		return err
	}
	// A key of its own: no event need lie between two liftings that give up.
	return tx.Enqueue(job.Spec{Kind: JobMark, Object: r.PublicID})
}

// leftMarked gives the rows that a lifting leaves marked and no other case restricts: those that somebody
// marked by hand, and those that the portal marked and cannot reach any more.
func (m *marking) leftMarked() []store.Claimed {
	var left []store.Claimed
	for _, x := range m.claim.Rows {
		if !x.Held && x.State == store.RestrictionHandMarked {
			left = append(left, x)
		}
	}
	for i, r := range m.result {
		if x := m.claim.Rows[m.at[i]]; r == engine.MarkByHand && x.State == store.RestrictionMarked {
			left = append(left, x)
		}
	}
	return left
}

// unmarkByHand leaves the office a note of where it has to take marks away.
func unmarkByHand(tx *store.Tx, r *store.Request, list []store.Claimed) error {
	var places []string
	for _, x := range list {
		if !slices.Contains(places, x.Source) {
			places = append(places, x.Source)
		}
	}
	if len(places) == 0 {
		return nil
	}
	slices.Sort(places)
	if err := tx.Note(r, textUnmark.With(strings.Join(places, ", "))); err != nil {
		return err
	}
	return tx.MailOffice(r, mail.StaffMarks)
}

// beginMarking takes in hand what there is to write; nil: nothing. A lifting that was not told, or whose
// time has not come, is nothing.
func (w *Works) beginMarking(ctx context.Context, j job.Job, claim func(*store.Tx, *store.Request, int64) (store.Claim, error), writes func(store.Claimed) bool) (*marking, error) {
	m := &marking{w: w}
	nothing := false
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		*m, nothing = marking{w: w}, false
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		if j.Kind == JobLift {
			if r.P.LiftAt.IsZero() || r.P.State == dsr.Purged {
				nothing = true
				return firstErr(finish(tx, j), w.markAgain(tx, r, j))
			}
			if tx.Now.Before(r.P.LiftAt) {
				return job.Snooze(r.P.LiftAt.Sub(tx.Now))
			}
		}
		if m.claim, err = claim(tx, r, j.ID); err != nil {
			return err
		}
		m.request = r
		for i, x := range m.claim.Rows {
			if !writes(x) {
				continue
			}
			key, err := parseKey(x.Key.Reveal())
			if err != nil {
				return err
			}
			m.at = append(m.at, i)
			m.rows = append(m.rows, engine.RowName{Source: x.Source, Dataset: x.Dataset, Collection: x.Collection, Key: key})
		}
		if len(m.claim.Rows) == 0 && (m.claim.Busy || j.Kind == JobMark) {
			if m.claim.Busy {
				return job.Snooze(awaitMarks)
			}
			nothing = true
			return finish(tx, j)
		}
		if len(m.rows) > 0 {
			m.key, err = tx.Key(r.PublicID, store.ClassRestriction)
		}
		return err
	})
	if errors.Is(err, store.ErrNoRequest) {
		return nil, job.Cancel(err)
	}
	if err != nil || nothing {
		return nil, err
	}
	return m, nil
}

// carry sets or takes away the marks, system by system. One that cannot be reached, or answers later, holds
// up its own rows alone: the others are carried out before its error is given.
func (m *marking) carry(ctx context.Context, j job.Job, lift bool) error {
	if len(m.rows) == 0 {
		return nil
	}
	conns, err := m.w.Open(ctx, j)
	if err != nil {
		return fmt.Errorf("connecting the sources: %w", err)
	}
	defer conns.close()
	m.connected(conns)
	var failed, later, overdue error
	for _, name := range engine.Order(conns.Sources) {
		err := m.system(ctx, conns, name, lift)
		switch {
		case ctx.Err() != nil:
			return err
		case errors.Is(err, &source.Error{Code: source.Later}):
			later = err
		case errors.Is(err, &source.Error{Code: source.Overdue}):
			overdue = err
		case err != nil:
			failed = err
		}
	}
	// The job is given up for one that did not answer in time only when no other is to be tried again.
	return sourceErr(firstErr(failed, later, overdue))
}

// system plans the marks of one system from what stands there now, carries the plan out, and looks again
// until every row is as wanted or cannot be.
func (m *marking) system(ctx context.Context, conns *Connections, name string, lift bool) error {
	for range markTries {
		steps := engine.NewSpool(m.w.TempDir)
		again, err := m.once(ctx, conns, name, steps, lift)
		steps.Close()
		if err != nil || !again {
			return err
		}
	}
	return job.Fail(StopSource, errors.New("rows keep changing while they are marked"))
}

// markTries is how often rows are looked at anew because they changed while they were being marked.
const markTries = 5

// connected leaves out rows of systems that are not connected any more: those are marked by hand.
func (m *marking) connected(conns *Connections) {
	m.result = make([]engine.Marking, len(m.rows))
	for i, r := range m.rows {
		known := slices.ContainsFunc(conns.Sources, func(c engine.Connected) bool {
			return c.Source.Name() == r.Source && slices.ContainsFunc(c.Datasets, func(d *dataset.Dataset) bool {
				_, ok := d.Collection(r.Collection)
				return d.Key == r.Dataset && ok
			})
		})
		if !known {
			m.result[i] = engine.MarkByHand
		}
	}
}

// once plans and carries out. True: rows changed in between, or the effect is still to be seen.
func (m *marking) once(ctx context.Context, conns *Connections, name string, steps *engine.Spool, lift bool) (bool, error) {
	var rows []engine.RowName
	var at []int
	for i, r := range m.rows {
		if r.Source == name && m.result[i] != engine.MarkByHand {
			rows, at = append(rows, r), append(at, i)
		}
	}
	if len(rows) == 0 {
		return false, nil
	}
	digests := m.key.Index(keyring.LabelRowDigest, "")
	plan := engine.NewPlanWriter(steps)
	result, err := engine.PlanMarks(ctx, conns.Sources, rows, lift, digests, plan.Write)
	if err != nil {
		return false, err
	}
	for i, r := range result {
		m.result[at[i]] = r
	}
	summary, err := plan.Close()
	if err != nil || summary.Steps == 0 {
		return false, err
	}
	_, err = engine.Execute(ctx, conns.Sources, name, engine.StepsFunc(steps.Open), engine.ExecuteOptions{DigestKey: digests})
	var drift *engine.DriftError
	if err != nil && !errors.As(err, &drift) {
		return false, err
	}
	return true, nil
}

// ids gives the restrictions of rows of which one thing became.
func (m *marking) ids(of engine.Marking) []int64 {
	var ids []int64
	for i, r := range m.result {
		if r == of {
			ids = append(ids, m.claim.Rows[m.at[i]].ID)
		}
	}
	return ids
}

// all gives all restrictions in hand.
func (m *marking) all() []int64 {
	ids := make([]int64, len(m.claim.Rows))
	for i, x := range m.claim.Rows {
		ids[i] = x.ID
	}
	return ids
}

// liftAnew is how long a lifting that gave up waits before it is tried again.
const liftAnew = 24 * time.Hour

// unmarked tells the office that marks could not be set or taken away, and gives back what the job has
// in hand. A lifting is tried again later: the person was told that the restriction ends, and nobody can
// begin another while that stands.
func (w *Works) unmarked(ctx context.Context, j job.Job) error {
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		if err := w.markAgain(tx, r, j); err != nil {
			return err
		}
		anew := fmt.Sprintf("%s/%s/again/", JobLift, r.PublicID)
		if j.Kind == JobLift && !r.P.LiftAt.IsZero() {
			next := job.Spec{Kind: JobLift, Key: fmt.Sprint(anew, j.ID), Object: r.PublicID, RunAt: tx.Now.Add(liftAnew)}
			if err := tx.Enqueue(next); err != nil {
				return err
			}
		}
		if strings.HasPrefix(j.Key, anew) {
			return nil // the office was told when this lifting gave up the first time
		}
		if err := tx.Note(r, textNotMarked); err != nil {
			return err
		}
		return tx.MailOffice(r, mail.StaffMarks)
	})
	if errors.Is(err, store.ErrNoRequest) {
		return nil
	}
	return err
}

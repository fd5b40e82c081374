package fulfilment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Whoever got data is told of what is corrected, erased or restricted (Art. 19), and what became of it is
// followed until each has answered. The order is a lock: the recipients of a plan are written down and handed
// to their channels in the transaction that begins its execution, and no row goes before that. Handed over
// means that it lies in the queue or with a member: a mail server or a system that is down holds no erasure
// up, since the message is sent from the case and not from the rows.

// Faults of notices.
var (
	ErrNoticeOver = fault.Define(fault.Gone, "notice_over",
		"Dere har alt svart på dette. Dere trenger ikke å gjøre noe mer.", "De har alt svara på dette. De treng ikkje å gjere noko meir.",
		"You have answered this already. You need not do anything more.")
	ErrNoticeExpired = fault.Define(fault.Gone, "notice_link_expired",
		"Lenken er gått ut. Kontakt kontoret som sendte den.", "Lenkja er gått ut. Kontakt kontoret som sende henne.",
		"The link has expired. Reach the office that sent it.")
	ErrNoticeReason = fault.Define(fault.Invalid, "notice_reason",
		"Skriv hvorfor det ikke er mulig.", "Skriv kvifor det ikkje er mogleg.", "Write why it is not possible.")
	ErrNoticeHow = fault.Define(fault.Invalid, "notice_how",
		"Skriv hvordan mottakeren fikk vite det.", "Skriv korleis mottakaren fekk vite det.", "Write how the recipient was told.")
	ErrNoticeOutcome = fault.Define(fault.Invalid, "notice_outcome",
		"Velg om det er gjort eller ikke er mulig.", "Vel om det er gjort eller ikkje er mogleg.", "Choose whether it is done or not possible.")
	ErrNoticeByHand = fault.Define(fault.Conflict, "notice_by_hand",
		"Denne mottakeren får ikke vite det av portalen. Si fra selv, og skriv hvordan.",
		"Denne mottakaren får ikkje vite det av portalen. Sei frå sjølv, og skriv korleis.",
		"The portal does not tell this recipient. Tell them yourself, and write how.")
	errNotTold = fault.Define(fault.Internal, "recipients_not_told",
		"Mottakerne er ikke skrevet ned ennå.", "Mottakarane er ikkje skrivne ned enno.", "The recipients have not been written down yet.")
)

const (
	noticeLife      = 60 // days that a link works
	remindAfterDays = 7  // between a notice and its first reminder, and between that and the second
	mostReminders   = 2
)

// toldRecipient is somebody who is told, and by which channel.
type toldRecipient struct {
	kind, channel string
	body          store.NoticeBody
}

// recipientList gathers whom the execution of a plan concerns.
type recipientList struct {
	m   *material
	all []toldRecipient
}

// toBeTold gathers those that the register names for the activities that a plan touches, and those of the log
// of disclosures, past ones too, whom what is done concerns: nobody else may learn that the person asked.
func (m *material) toBeTold(sum summary) []toldRecipient {
	if m.request.Drill {
		return nil // the register's recipients are real, the person is not
	}
	list := recipientList{m: m}
	touched := m.touched(sum)
	for _, id := range touched {
		act := m.judge.reg.Activity(id)
		if act == nil {
			continue
		}
		for _, r := range act.Recipients {
			list.add(r.Name, act, m.corrected(func(g grouped) bool { return g.Activity == id }))
		}
		if act.Published && m.request.Right.Removes() {
			list.republishers(act)
		}
	}
	for _, d := range m.disclosed {
		act := m.judge.reg.Activity(d.Activity)
		changed := m.corrected(func(g grouped) bool { return act != nil && g.within(act) })
		if len(changed) > 0 || m.reaches(touched, act) {
			list.add(d.Recipient, act, changed)
		}
	}
	return list.all
}

// reaches tells whether what a plan touches reaches what was disclosed for an activity; nil: the log does not
// say for which. Where everything is erased, whatever was disclosed came of it.
func (m *material) reaches(touched []string, act *register.Activity) bool {
	switch r := m.request; {
	case act != nil && slices.Contains(touched, act.ID):
		return true
	case r.Right == dsr.Erasure:
		return len(touched) > 0 && len(r.Detail.Activities) == 0
	}
	return false
}

// within tells whether the fields of a group are an activity's, or of the kinds that it discloses: a name that
// is corrected in one system was wrong with whoever got it from another.
func (g grouped) within(act *register.Activity) bool {
	return g.Activity == act.ID || dataset.CoversAny(act.Categories, g.Categories) || dataset.CoversAny(g.Categories, act.Categories)
}

// touched gives the activities in which something is corrected, erased or restricted, by the portal or by hand.
func (m *material) touched(sum summary) []string {
	var ids []string
	for _, t := range sum.Tallies {
		if changes(t.Action) || t.Action == "restricted" && m.request.Right == dsr.Restriction {
			ids = append(ids, t.Activity)
		}
	}
	for _, t := range m.tasks {
		if t.State == store.TaskFound || t.State == store.TaskDone {
			ids = append(ids, m.place(t).Activity)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// corrected gives the fields of some groups that are corrected: what recipients have to correct as well.
func (m *material) corrected(pick func(grouped) bool) []store.NoticeChange {
	var out []store.NoticeChange
	if m.request.Right != dsr.Rectification {
		return nil
	}
	for i, c := range m.request.Detail.Corrections {
		part := fmt.Sprintf("%s%d", partFix, i)
		of := slices.IndexFunc(m.groups, func(g grouped) bool { return g.Part == part })
		if of >= 0 && pick(m.groups[of]) && m.fixed(i) == register.Set {
			out = append(out, store.NoticeChange{Label: c.Label, Old: c.Old, New: c.New})
		}
	}
	return out
}

// add puts an activity into a recipient's notice.
func (l *recipientList) add(name string, act *register.Activity, changed []store.NoticeChange) {
	name = strings.TrimSpace(name)
	if name == "" {
		return
	}
	b := &l.of(name).body
	if act != nil && !slices.ContainsFunc(b.Activities, func(s store.NoticeSubject) bool { return s.ID == act.ID }) {
		b.Activities = append(b.Activities, store.NoticeSubject{ID: act.ID, Name: act.Name})
	}
	for _, c := range changed {
		if !slices.Contains(b.Corrections, c) {
			b.Corrections = append(b.Corrections, c)
		}
	}
}

// of gives a recipient's notice. How they are told, the first activity of the register that says it decides.
func (l *recipientList) of(name string) *toldRecipient {
	for i := range l.all {
		if l.all[i].kind == store.NoticeRecipient && l.all[i].body.Name == name {
			return &l.all[i]
		}
	}
	r := toldRecipient{kind: store.NoticeRecipient, channel: store.ChannelTask, body: store.NoticeBody{Name: name, Language: l.m.judge.reg.Language(name)}}
	if way := l.m.judge.reg.Notify(name); way != nil {
		r.body.Mail, r.body.Webhook, r.body.How = way.Mail, way.Webhook, way.Task
		switch {
		case way.Mail != "":
			r.channel = store.ChannelMail
		case way.Webhook != "":
			r.channel = store.ChannelWebhook
		}
	}
	l.all = append(l.all, r)
	return &l.all[len(l.all)-1]
}

func (l *recipientList) republishers(act *register.Activity) {
	i := slices.IndexFunc(l.all, func(r toldRecipient) bool { return r.kind == store.NoticeRepublisher })
	if i < 0 {
		i = len(l.all)
		l.all = append(l.all, toldRecipient{kind: store.NoticeRepublisher, channel: store.ChannelTask})
	}
	b := &l.all[i].body
	b.Activities = append(b.Activities, store.NoticeSubject{ID: act.ID, Name: act.Name})
}

// tellRecipients writes down who is told of a plan and hands each notice to its channel. It is part of the
// transaction that begins the execution (ERA-08).
func tellRecipients(tx *store.Tx, m *material, sum summary) error {
	r := m.request
	before, err := tx.ToldOf(m.plan)
	if err != nil || before {
		return err
	}
	told := 0
	for _, to := range m.toBeTold(sum) {
		n, fresh, err := tx.PutNotice(r, to.kind, to.channel, to.body)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		told++
		if err := logNotice(tx, n, By{}, "recipient_notice"); err != nil {
			return err
		}
		if err := sendNotice(tx, n, fmt.Sprintf("plan/%d", m.plan.ID)); err != nil {
			return err
		}
	}
	if told > 0 {
		e := dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "recipients_told", Count: told}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
	}
	return tx.PlanTold(m.plan)
}

// sendNotice has the message sent, once the transaction is kept. A task is with a member already.
func sendNotice(tx *store.Tx, n store.Notice, why string) error {
	if n.Channel == store.ChannelTask {
		return nil
	}
	return tx.Enqueue(job.Spec{Kind: JobTellRecipient, Key: fmt.Sprintf("%s/%s/%s", JobTellRecipient, n.PublicID, why), Object: n.PublicID})
}

// logNotice writes a leaf: which notice, how and how far. Who the recipient is stands in no leaf.
func logNotice(tx *store.Tx, n store.Notice, by By, action string) error {
	a := store.Act{Actor: "system", Action: action, Request: n.Request, RequestID: n.RequestID,
		Statement: map[string]string{"notice": n.PublicID, "channel": n.Channel, "state": n.State}}
	if by.ID != 0 {
		a.Actor, a.Role = fmt.Sprintf("member.%d", by.ID), by.role()
	}
	_, err := tx.Log(a)
	return err
}

// toldFirst is the lock: nothing of a plan is carried out before its recipients are written down.
func (c *carrying) toldFirst(ctx context.Context) error {
	return c.w.Store.Read(ctx, func(tx *store.Tx) error {
		told, err := tx.ToldOf(c.m.plan)
		if err == nil && !told {
			err = errNotTold
		}
		return err
	})
}

// NoticeView is one recipient as the page of a case shows it.
type NoticeView struct {
	ID, Kind, Name, Channel, State string
	Activities                     []string
	Text                           string // how far it has come, in words
	How                            string // what the register says to whoever tells them
	Language                       locale.Locale
	Note, By                       string
	At                             time.Time
	ToldAt, SettledAt              *time.Time
	Failed, Late                   bool
	Settle, Send                   bool // what a member may do now
}

var textRepublishers = text("Søkemotorer og andre som har gjengitt opplysningene", "Søkjemotorar og andre som har gjengitt opplysningane",
	"Search engines and others who have republished the data")

func noticeName(n store.Notice, l locale.Locale) string {
	if n.Kind == store.NoticeRepublisher {
		return textRepublishers.In(l)
	}
	return n.Body.Name
}

func subjects(n store.Notice, l locale.Locale) []string {
	out := []string{}
	for _, a := range n.Body.Activities {
		out = append(out, a.Name.In(l))
	}
	return out
}

var noticeTexts = map[string]locale.Text{
	store.NoticeWaiting + store.ChannelMail:    text("E-posten er på vei", "E-posten er på veg", "The mail is on its way"),
	store.NoticeWaiting + store.ChannelWebhook: text("Meldingen til systemet deres er på vei", "Meldinga til systemet deira er på veg", "The message to their system is on its way"),
	store.NoticeWaiting + store.ChannelTask:    text("Dere må si fra", "De må seie frå", "You have to tell them"),
	store.NoticeTold:                           text("Har fått beskjed, ikke svart", "Har fått beskjed, ikkje svara", "Told, not answered"),
	store.NoticeConfirmed:                      text("Har bekreftet at det er gjort", "Har stadfesta at det er gjort", "Has confirmed that it is done"),
	store.NoticeImpossible:                     text("Ikke mulig", "Ikkje mogleg", "Not possible"),
}

func noticeText(n store.Notice) locale.Text {
	if n.State == store.NoticeWaiting {
		return noticeTexts[n.State+n.Channel]
	}
	return noticeTexts[n.State]
}

func (b *viewer) notices() ([]NoticeView, error) {
	all, err := b.tx.Notices(b.m.request)
	if err != nil {
		return nil, err
	}
	may := b.by.may(staff.Decide, b.m.request) == nil
	out := []NoticeView{}
	for _, n := range all {
		v := NoticeView{ID: n.PublicID, Kind: n.Kind, Name: noticeName(n, b.l), Channel: n.Channel, State: n.State, Activities: subjects(n, b.l),
			Text: noticeText(n).In(b.l), How: n.Body.How, Language: n.Body.Language, Note: n.Note.Reveal(), At: n.CreatedAt, ToldAt: n.ToldAt, SettledAt: n.SettledAt,
			Failed: n.FailedAt != nil, Late: !n.Settled() && n.Reminders >= mostReminders,
			Settle: may && !n.Settled(), Send: may && !n.Settled() && n.Channel != store.ChannelTask}
		if n.MemberID != nil {
			if v.By, err = b.name(*n.MemberID); err != nil {
				return nil, err
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// The acts of a member on a notice.
const (
	NoticeAgain  = "again" // send the message again
	NoticeSaid   = "told"  // the member has told them
	NoticeDone   = "done"  // the recipient has said that it is done
	NoticeCannot = "impossible"
)

// SettleNotice is a member's doing: they have told a recipient, know what became of it, or have the message
// sent again.
func (w *Works) SettleNotice(ctx context.Context, by By, id, notice, act, note string) error {
	note = strings.TrimSpace(note)
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		n, err := tx.NoticeByID(notice)
		if err != nil {
			return err
		}
		if n == nil || n.RequestID != r.ID {
			return store.ErrNoNotice
		}
		if n.Settled() {
			return ErrNoticeOver
		}
		code, moved := "recipient_settled", false
		switch act {
		case NoticeAgain:
			if n.Channel == store.ChannelTask {
				return ErrNoticeByHand
			}
			code, moved = "recipient_asked", true
		case NoticeSaid:
			if note == "" {
				return ErrNoticeHow.At("/note")
			}
			code, n.State = "recipient_told", store.NoticeTold
			moved, err = tx.NoticeTold(*n, note, &by.ID)
		case NoticeDone:
			if note == "" && n.ToldAt == nil {
				return ErrNoticeHow.At("/note")
			}
			n.State = store.NoticeConfirmed
			moved, err = tx.SettleNotice(*n, n.State, note, &by.ID)
		case NoticeCannot:
			if note == "" {
				return ErrNoticeReason.At("/note")
			}
			n.State = store.NoticeImpossible
			moved, err = tx.SettleNotice(*n, n.State, note, &by.ID)
		default:
			return ErrNoticeOutcome.At("/act")
		}
		if err != nil {
			return err
		}
		if !moved {
			return store.ErrMoved
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: code}}
		if err := tx.Act(r, e, store.Change{Role: by.role()}); err != nil {
			return err
		}
		if act == NoticeAgain {
			err = sendNotice(tx, *n, fmt.Sprintf("event/%d", len(r.Events)))
		}
		return firstErr(err, logNotice(tx, *n, by, "recipient_notice"))
	})
}

// NoticeErrand is what a recipient sees behind the link.
type NoticeErrand struct {
	Reference   dsr.Reference
	Right       dsr.Right
	Controller  string
	Activities  []locale.Text
	Who         []Clue
	Corrections []store.NoticeChange
	Until       dsr.Date
}

// OpenNotice shows a recipient whom a notice is about and what to do: the name in the case and the identifiers
// that are confirmed to be theirs, and in a correction the fields. Each look is a leaf in the log.
func (w *Works) OpenNotice(ctx context.Context, notice string) (NoticeErrand, error) {
	var out NoticeErrand
	err := w.onNotice(ctx, notice, func(tx *store.Tx, r *store.Request, n store.Notice) error {
		var err error
		if out, err = noticeErrand(tx, r, n); err != nil {
			return err
		}
		if _, err := tx.NoticeOpened(n.ID); err != nil {
			return err
		}
		_, err = tx.Log(store.Act{Actor: "recipient", Action: "notice_opened", Request: r.PublicID, RequestID: r.ID, Statement: map[string]string{"notice": n.PublicID}})
		return err
	})
	return out, err
}

func noticeErrand(tx *store.Tx, r *store.Request, n store.Notice) (NoticeErrand, error) {
	settings, _, err := tx.Settings(r.Controller)
	if err != nil {
		return NoticeErrand{}, err
	}
	out := NoticeErrand{Reference: r.Reference, Right: r.Right, Controller: settings.Name, Corrections: n.Body.Corrections}
	for _, a := range n.Body.Activities {
		out.Activities = append(out.Activities, a.Name)
	}
	zone, err := zoneOf(tx)
	if err != nil {
		return out, err
	}
	out.Until = noticeUntil(n, zone)
	out.Who, err = whoIs(tx, r)
	return out, err
}

func noticeUntil(n store.Notice, zone *time.Location) dsr.Date {
	return dsr.DateOf(n.CreatedAt, zone).AddDays(noticeLife)
}

// whoIs gives what a person is recognised by: the name in the case and what is confirmed to be theirs.
func whoIs(tx *store.Tx, r *store.Request) ([]Clue, error) {
	var who []Clue
	if !r.Name.IsZero() {
		who = append(who, Clue{Kind: "name", Value: r.Name})
	}
	known, err := tx.Identifiers(r)
	for _, i := range known {
		if i.Certainty == store.Verified && i.Kind != store.AskerEmail {
			who = append(who, Clue{Kind: i.Kind, Value: i.Value})
		}
	}
	return who, err
}

// onNotice runs one use case of a recipient. What the link is good for is decided on what the transaction
// itself has read.
func (w *Works) onNotice(ctx context.Context, notice string, fn func(*store.Tx, *store.Request, store.Notice) error) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.NoticeByID(notice)
		if err != nil {
			return err
		}
		if n == nil {
			return ErrNoticeExpired
		}
		r, err := tx.Request(n.Request)
		if err != nil {
			return err
		}
		// Read again, now that the case is locked: somebody may have answered meanwhile.
		if n, err = tx.NoticeByID(notice); err != nil {
			return err
		}
		zone, err := zoneOf(tx)
		if err != nil {
			return err
		}
		switch {
		case n.Settled():
			return ErrNoticeOver
		case r.P.State == dsr.Purged || dsr.DateOf(tx.Now, zone).After(noticeUntil(*n, zone)):
			return ErrNoticeExpired
		}
		return fn(tx, r, *n)
	})
}

// AnswerNotice takes what a recipient says: it is done, or it is not possible and why.
func (w *Works) AnswerNotice(ctx context.Context, notice, outcome, reason string) error {
	reason = strings.TrimSpace(reason)
	state := map[string]string{NoticeDone: store.NoticeConfirmed, NoticeCannot: store.NoticeImpossible}[outcome]
	switch {
	case state == "":
		return ErrNoticeOutcome.At("/outcome")
	case state == store.NoticeImpossible && reason == "":
		return ErrNoticeReason.At("/reason")
	}
	return w.onNotice(ctx, notice, func(tx *store.Tx, r *store.Request, n store.Notice) error {
		return answered(tx, r, n, state, reason)
	})
}

func answered(tx *store.Tx, r *store.Request, n store.Notice, state, reason string) error {
	moved, err := tx.SettleNotice(n, state, reason, nil)
	if err != nil {
		return err
	}
	if !moved {
		return ErrNoticeOver
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "recipient_answered"}}, store.Change{}); err != nil {
		return err
	}
	_, err = tx.Log(store.Act{Actor: "recipient", Action: "recipient_notice", Request: r.PublicID, RequestID: r.ID,
		Statement: map[string]string{"notice": n.PublicID, "channel": n.Channel, "state": state}})
	if err != nil || state != store.NoticeImpossible {
		return err
	}
	return tx.MailOffice(r, mail.StaffRecipients)
}

// ToldRecipient is somebody who got data and was told, as the person reads it.
type ToldRecipient struct {
	Name       string
	Activities []string
	On         time.Time
	Text       string
}

// toldRecipients lists for the person who is told (Art. 19): always, since it is to be told on request.
func toldRecipients(tx *store.Tx, r *store.Request, l locale.Locale) ([]ToldRecipient, error) {
	out := []ToldRecipient{}
	all, err := tx.Notices(r)
	for _, n := range all {
		if len(n.Body.Activities) == 0 && n.Body.Name == "" {
			continue // shredded
		}
		it := ToldRecipient{Name: noticeName(n, l), Activities: subjects(n, l), On: n.CreatedAt, Text: personTexts[n.State].In(l)}
		if n.ToldAt != nil {
			it.On = *n.ToldAt
		}
		// What a recipient wrote is for the office to judge first.
		if n.State == store.NoticeImpossible && n.MemberID != nil {
			it.Text += ": " + n.Note.Reveal()
		}
		out = append(out, it)
	}
	return out, err
}

var personTexts = map[string]locale.Text{
	store.NoticeWaiting:    text("Får beskjed", "Får beskjed", "Is being told"),
	store.NoticeTold:       text("Har fått beskjed", "Har fått beskjed", "Has been told"),
	store.NoticeConfirmed:  text("Har svart at det er gjort", "Har svara at det er gjort", "Has answered that it is done"),
	store.NoticeImpossible: text("Det lot seg ikke gjøre", "Det let seg ikkje gjere", "It was not possible"),
}

// namedIn gives the recipients as the answer names them.
func namedIn(all []store.Notice, l locale.Locale) []string {
	out := []string{}
	for _, n := range all {
		if n.Kind == store.NoticeRecipient {
			out = append(out, n.Body.Name+" ("+strings.Join(subjects(n, l), ", ")+")")
		}
	}
	return out
}

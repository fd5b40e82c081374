package casework

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/store"
)

// mailPerson sends what the job's object names, with the case as it now stands.
func (d *Desk) mailPerson(ctx context.Context, j job.Job) error {
	m, settings, err := d.compose(ctx, j, true)
	if err != nil || m == nil {
		return err
	}
	m.From = mail.Mailbox{Name: settings.Name, Address: settings.Email}
	m.ReplyTo = m.From
	if m.drill != "" {
		return d.keepDrillMail(ctx, *m, false)
	}
	return d.send(ctx, j, m.Message)
}

const codeUncertain = "mail_uncertain"

// send sends a mail. What the server refuses for good is not tried again. When the connection broke
// after the server may have taken the mail, it is sent once more and no more: the message id is the
// same, but not every mail program looks at it.
func (d *Desk) send(ctx context.Context, j job.Job, m mail.Message) error {
	err := d.Sender.Send(ctx, m)
	if err == nil {
		return nil
	}
	var failed *mail.SendError
	switch {
	case errors.As(err, &failed) && failed.Code == mail.CodeNoServer:
		return job.Snooze(time.Minute) // nothing is tried, so nothing is used up
	case errors.As(err, &failed) && failed.Uncertain && j.LastCode == codeUncertain:
		return job.Cancel(job.Fail(codeUncertain, err))
	case errors.As(err, &failed) && failed.Uncertain:
		return job.Fail(codeUncertain, err)
	case !mail.Temporary(err):
		return job.Cancel(job.Fail("mail_refused", err))
	}
	return err
}

// mailOffice sends the same mail to each address that is told: the officer and a stand-in. Each
// goes out in a job of its own, so that one bad address does not hold back the other.
func (d *Desk) mailOffice(ctx context.Context, j job.Job) error {
	m, settings, err := d.compose(ctx, j, false)
	if err != nil || m == nil {
		return err
	}
	if m.drill != "" { // a rehearsal alarms nobody
		return d.keepDrillMail(ctx, *m, true)
	}
	object, to, single := strings.Cut(j.Object, "#")
	notify := settings.Notify
	if len(notify) == 0 {
		notify = []string{settings.Email}
	}
	if !single && len(notify) > 1 {
		return d.fanOut(ctx, j, object, len(notify))
	}
	i := 0
	if single {
		if _, err := fmt.Sscanf(to, "%d", &i); err != nil || i >= len(notify) {
			return nil // the list of those who are told has become shorter
		}
	}
	m.To = keyring.NewPrivate(notify[i])
	m.From = mail.Mailbox{Name: settings.Name, Address: settings.Email}
	m.ReplyTo = m.From
	return d.send(ctx, j, m.Message)
}

// composed is a mail about a case.
type composed struct {
	mail.Message
	drill string // the rehearsal whose mailbox it goes into; empty: it is sent
}

// keepDrillMail puts a mail of a rehearsal into its mailbox.
func (d *Desk) keepDrillMail(ctx context.Context, m composed, toOffice bool) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(m.drill)
		if err != nil || r.Shredded() {
			return err
		}
		return tx.KeepDrillMail(r, m.MessageID, store.DrillMail{ToOffice: toOffice, Subject: m.Subject, Text: m.Text})
	})
}

func (d *Desk) fanOut(ctx context.Context, j job.Job, object string, n int) error {
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		mine, err := tx.FinishJob(j.ID, j.Fence)
		if err != nil {
			return err
		}
		if !mine {
			return job.ErrLost
		}
		for i := range n {
			spec := job.Spec{Kind: j.Kind, Key: fmt.Sprintf("%s#%d", j.Key, i), Object: fmt.Sprintf("%s#%d", object, i)}
			if err := tx.Enqueue(spec); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return job.ErrDone
}

// compose writes the mail; nil when there is nothing to send any more.
func (d *Desk) compose(ctx context.Context, j job.Job, toPerson bool) (*composed, store.Settings, error) {
	object, _, _ := strings.Cut(j.Object, "#")
	kind, id, ok := strings.Cut(object, ":")
	if !ok {
		return nil, store.Settings{}, job.Cancel(errors.New("the job names no mail"))
	}
	var m *composed
	var settings store.Settings
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if settings, _, err = tx.Settings(r.Controller); err != nil {
			return err
		}
		if r.Shredded() || toPerson && r.Address.IsZero() {
			return nil
		}
		if outdated(r, mail.Kind(kind)) {
			return nil
		}
		written, err := d.render(tx, r, mail.Kind(kind), settings, toPerson)
		if err != nil {
			return err
		}
		if toPerson {
			written.To = r.Address
		}
		written.MessageID = mail.MessageID(j.ID, d.PublicURL)
		m = &composed{Message: written}
		if r.Drill {
			m.drill = r.PublicID
		}
		return nil
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil, settings, job.Cancel(err)
	}
	return m, settings, err
}

// outdated tells whether a mail that waited would say what is no longer so.
func outdated(r *store.Request, kind mail.Kind) bool {
	switch kind {
	case mail.EraseLastCall:
		return r.P.State != dsr.Approved
	case mail.StaffDeadlineWarning, mail.StaffApproval:
		return !dsr.Open(r.P.State)
	case mail.StaffRefusalDue:
		return !dsr.Undecided(r.P.State)
	case mail.StaffNeedsHuman:
		return r.NeedsHuman == "" // somebody has taken it up already
	}
	return false
}

func (d *Desk) render(tx *store.Tx, r *store.Request, kind mail.Kind, s store.Settings, toPerson bool) (mail.Message, error) {
	l := r.Locale
	path := "/cases/" + r.PublicID
	if !toPerson {
		l, path = s.Speaks(), "/staff/cases/"+r.PublicID
	}
	zone, err := loadZone(r)
	if err != nil {
		return mail.Message{}, err
	}
	until, err := untilText(tx, r, kind, l, zone)
	if err != nil {
		return mail.Message{}, err
	}
	lines, err := linesOf(tx, r, kind, l)
	if err != nil {
		return mail.Message{}, err
	}
	applied, ok, err := tx.NoticeOf(r, &d.notices)
	if err != nil {
		return mail.Message{}, err
	}
	notice := ""
	if ok {
		notice = applied.In(l, zone)
	}
	return d.Mails.Render(kind, l, mail.Data{
		Org: s.Name, Look: s.Look, Reference: string(r.Reference), Right: rightPhrase(r.Right, l), Received: r.P.Deadline.Received.Format(l),
		Due: dueText(r, l), Until: until, When: lastText(r, dsr.EventDownloaded, l, zone), Paused: pausedText(r, l, zone),
		URL: d.link(path), Contact: contactLine(s), Postal: oneLine(s.PostalAddress), Reason: staffReason(r, l), Lines: lines,
		Notice: notice,
	})
}

// linesOf gives the list in a mail: what was understood, what was done or where was looked. None
// of it is personal data.
func linesOf(tx *store.Tx, r *store.Request, kind mail.Kind, l locale.Locale) ([]string, error) {
	switch kind {
	case mail.ReceiptOfRequest, mail.ReceiptForChild:
		reg, err := registerOf(tx, r.Controller, r.RegisterVersion)
		if err != nil {
			return nil, err
		}
		return scope(r, reg, l), nil
	case mail.AnswerDone, mail.NothingFound:
	default:
		return nil, nil
	}
	answer, err := readAnswer(r)
	if err != nil || answer == nil {
		return nil, err
	}
	lines := slices.Concat(answer.Searched, answer.Period)
	if kind == mail.AnswerDone {
		lines = answerLines(answer, l)
	}
	if len(lines) == 0 {
		lines = []string{r.P.Outcome.Text().In(l)}
	}
	return lines, nil
}

func oneLine(s string) string { return strings.Join(strings.FieldsFunc(s, isLineEnd), ", ") }

func isLineEnd(c rune) bool { return c == '\n' || c == '\r' }

// link is built from the configured address alone, never from what a request claimed.
func (d *Desk) link(path string) string {
	u, err := url.JoinPath(d.PublicURL, path)
	if err != nil {
		return d.PublicURL
	}
	return u
}

func rightPhrase(r dsr.Right, l locale.Locale) string {
	return strings.ToLower(r.Name().In(l))
}

func dueText(r *store.Request, l locale.Locale) string {
	if r.P.Deadline.Open {
		return r.P.Deadline.DueUnsuspended.Format(l)
	}
	return r.P.Deadline.Due.Format(l)
}

// untilText is how long what the mail offers holds: the download, or the time to cancel.
func untilText(tx *store.Tx, r *store.Request, kind mail.Kind, l locale.Locale, zone *time.Location) (string, error) {
	switch kind {
	case mail.AnswerReady:
		p, err := tx.PackageOf(r)
		if err != nil || p == nil || p.OpenUntil == nil {
			return "", err
		}
		return instantText(*p.OpenUntil, l, zone), nil
	case mail.EraseLastCall:
		return instantText(r.P.CoolUntil, l, zone), nil
	case mail.StaffRefusalDue:
		return r.P.Deadline.RefusalDue().Format(l), nil
	}
	return "", nil
}

func instantText(at time.Time, l locale.Locale, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return dsr.DateOf(at, zone).Format(l) + at.In(zone).Format(" 15:04")
}

// lastText is when something last happened.
func lastText(r *store.Request, kind dsr.EventKind, l locale.Locale, zone *time.Location) string {
	for _, e := range slices.Backward(r.Events) {
		if e.Kind == kind {
			return instantText(e.At, l, zone)
		}
	}
	return ""
}

// pausedText is the date of the question that the clock stands still for, if it does.
func pausedText(r *store.Request, l locale.Locale, zone *time.Location) string {
	if !r.P.Deadline.Open {
		return ""
	}
	for _, e := range slices.Backward(r.Events) {
		if e.Kind != dsr.EventQuestionAsked || e.Data.Asks == dsr.QuestionOther {
			continue
		}
		if !e.Data.On.IsZero() {
			return e.Data.On.Format(l)
		}
		return dsr.DateOf(e.At, zone).Format(l)
	}
	return ""
}

func contactLine(s store.Settings) string {
	if s.Phone == "" {
		return s.Email
	}
	return s.Email + ", " + s.Phone
}

// staffReason says in words why a case stopped.
func staffReason(r *store.Request, l locale.Locale) string {
	if r.NeedsHuman == "" {
		return ""
	}
	return needsHumanText(r.NeedsHuman).In(l)
}

// answerLines tells in counts what was done, and nothing of what it was about: a mail is read by
// others than the person, and that somebody is an applicant or an employee is personal data.
func answerLines(a *Answer, l locale.Locale) []string {
	var order []string
	counts := map[string]int64{}
	for _, g := range a.Groups {
		if _, there := counts[g.Action]; !there {
			order = append(order, g.Action)
		}
		counts[g.Action] += g.Count
	}
	lines := make([]string, len(order))
	for i, action := range order {
		lines[i] = fmt.Sprintf("%s: %d", actionWord(action).In(l), counts[action])
	}
	return lines
}

var actionWords = map[string]locale.Text{
	"disclosed":  text("Utlevert", "Utlevert", "Disclosed"),
	"withheld":   text("Ikke tatt med", "Ikkje teke med", "Left out"),
	"redacted":   text("Delvis sladdet", "Delvis sladda", "Redacted in part"),
	"corrected":  text("Rettet", "Retta", "Corrected"),
	"annotated":  text("Merknad lagt til", "Merknad lagd til", "Annotated"),
	"deleted":    text("Slettet", "Sletta", "Deleted"),
	"anonymised": text("Anonymisert", "Anonymisert", "Anonymised"),
	"restricted": text("Begrenset", "Avgrensa", "Restricted"),
	"kept":       text("Beholdt", "Teke vare på", "Kept"),
	"refused":    text("Ikke rettet", "Ikkje retta", "Not corrected"),
}

func actionWord(action string) locale.Text { return actionWords[action] }

var stops = map[string]locale.Text{
	"source_failed":    text("Et system kunne ikke leses eller endres.", "Eit system kunne ikkje lesast eller endrast.", "A system could not be read or changed."),
	"mail_failed":      text("En e-post kunne ikke leveres. Når du lar saken gå videre, sendes den på nytt.", "Ein e-post kunne ikkje leverast. Når du lèt saka gå vidare, blir han send på nytt.", "A mail could not be delivered. It is sent again when you let the case go on."),
	noteAddressStopped: text("Den som leser den gamle e-postadressen, stoppet byttet av adressen. Finn ut hvem som ba om det.", "Den som les den gamle e-postadressa, stoppa bytet av adressa. Finn ut kven som bad om det.", "Whoever reads the old e-mail address stopped the change of address. Find out who asked for it."),
	"colleague_unreached": text("En kollega som skulle se etter, fikk ikke e-posten. Spør på en annen måte, eller rett adressen og send på nytt.",
		"Ein kollega som skulle sjå etter, fekk ikkje e-posten. Spør på ein annan måte, eller rett adressa og send på nytt.",
		"A colleague who was to look did not get the mail. Ask in another way, or correct the address and send it again."),
	"execution_failed": text("Det som var godkjent, kunne ikke utføres.", "Det som var godkjent, kunne ikkje utførast.", "What had been approved could not be carried out."),
	"collect_failed":   text("Søket i systemene kom ikke i mål.", "Søket i systema kom ikkje i mål.", "The search of the systems did not come through."),
	"plan_failed":      text("Forslaget til hva som skal gjøres, kunne ikke lages.", "Framlegget til kva som skal gjerast, kunne ikkje lagast.", "The proposal of what to do could not be made."),
	"remains":          text("Etter gjennomføringen står det fortsatt igjen opplysninger som skulle vært borte.", "Etter gjennomføringa står det framleis att opplysningar som skulle ha vore borte.", "After execution there are still data that should be gone."),
}

func needsHumanText(code string) locale.Text {
	if t, ok := stops[code]; ok {
		return t
	}
	return text("Noe stoppet opp og må sees på.", "Noko stoppa opp og må sjåast på.", "Something stopped and must be looked at.")
}

// GaveUp notes on the case that a mail could not be delivered, so that the office sees it. The
// case itself goes on: a bounced mail is no reason to stop the clock.
func (d *Desk) GaveUp(ctx context.Context, j job.Job, code string) error {
	if j.Kind != store.JobMailPerson && j.Kind != store.JobMailOffice {
		return nil
	}
	object, _, _ := strings.Cut(j.Object, "#")
	kind, id, _ := strings.Cut(object, ":")
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if r.NeedsHuman == "mail_failed" || !dsr.Open(r.P.State) && r.P.State != dsr.Answered {
			return nil
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: "mail_failed"}}
		if err := tx.Act(r, e, store.Change{Statement: map[string]string{"mail": kind, "code": code}, Columns: map[string]any{"needs_human": "mail_failed"}}); err != nil {
			return err
		}
		if j.Kind == store.JobMailOffice {
			return nil // the office's own mailbox is what fails: the inbox shows the mark
		}
		return tx.MailOffice(r, mail.StaffNeedsHuman)
	})
}

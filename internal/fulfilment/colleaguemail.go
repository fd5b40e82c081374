package fulfilment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// How colleagues are written to: at most once a day, all that waits in one mail. What comes later that
// day goes out the next morning; only what a member sends by hand, and what is to be carried out, goes
// at once.
const (
	morning            = 7                   // o'clock, where the office is
	remindAfter        = 5                   // days after the last mail
	remindBeforeTarget = 3                   // days before the internal target
	colleaguePatience  = 14 * 24 * time.Hour // as for mails to persons
	linksAtOnce        = 200
)

// mailColleague writes to one colleague about everything that waits for them. The secrets are minted
// here: they exist in this function's memory and in the mail alone.
func (w *Works) mailColleague(ctx context.Context, j job.Job) error {
	m, err := w.colleagueMail(ctx, j)
	if err != nil || m == nil {
		return err
	}
	err = w.Sender.Send(ctx, *m)
	if err == nil {
		return w.colleagueMailed(ctx, j)
	}
	var failed *mail.SendError
	switch {
	case errors.As(err, &failed) && failed.Code == mail.CodeNoServer:
		return job.Snooze(time.Minute)
	case !mail.Temporary(err):
		return job.Cancel(job.Fail("mail_refused", err))
	}
	return err
}

// colleagueMailed ends the job together with what it did. If that fails, the mail is out all the same.
func (w *Works) colleagueMailed(ctx context.Context, j job.Job) error {
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := finish(tx, j); err != nil {
			return err
		}
		return tx.TaskLinksSent(j.ID)
	})
	if err != nil {
		return err
	}
	return ended(j)
}

// colleagueMail takes the links that a mail is wanted for, mints their secrets and writes the mail; nil
// when there is nothing to send, or another job sends it.
func (w *Works) colleagueMail(ctx context.Context, j job.Job) (*mail.Message, error) {
	var m *mail.Message
	var wait time.Duration
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		m, wait = nil, 0
		own, err := tx.TaskLinkByID(j.Object)
		if err != nil || own == nil || own.VoidAt != nil || own.WantedAt == nil {
			return err
		}
		zone, err := zoneOf(tx)
		if err != nil {
			return err
		}
		last, err := tx.LastMailTo(own.AddressIndex)
		if err != nil {
			return err
		}
		if wait = untilMorning(tx.Now, last, zone); wait > 0 && !own.Urgent {
			return nil
		}
		wait = 0
		m, err = w.takeLinks(tx, j, *own, dsr.DateOf(tx.Now, zone))
		return err
	})
	if err == nil && wait > 0 {
		err = job.Snooze(wait)
	}
	return m, err
}

// untilMorning is how long a mail waits when one went out today already.
func untilMorning(now time.Time, last *time.Time, zone *time.Location) time.Duration {
	today := dsr.DateOf(now, zone)
	if last == nil || dsr.DateOf(*last, zone) != today {
		return 0
	}
	next := today.AddDays(1)
	return time.Date(next.Year, next.Month, next.Day, morning, 0, 0, 0, zone).Sub(now)
}

func (w *Works) takeLinks(tx *store.Tx, j job.Job, own store.TaskLink, today dsr.Date) (*mail.Message, error) {
	wanted, err := tx.WantedTaskLinks(own.AddressIndex, j.ID)
	if err != nil {
		return nil, err
	}
	l := own.Colleague.Locale
	d := mail.Data{}
	kind := mail.ColleagueReminder
	for _, link := range wanted {
		entry, err := w.takeLink(tx, j, link, today, l)
		if err != nil {
			return nil, err
		}
		if entry == nil {
			continue
		}
		d.Links = append(d.Links, *entry)
		if link.Reminders == 0 {
			kind = mail.ColleagueTasks
		}
	}
	if len(d.Links) == 0 {
		return nil, nil
	}
	c, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	settings, _, err := tx.Settings(c.ID)
	if err != nil {
		return nil, err
	}
	d.Org, d.Contact = settings.Name, contactLine(settings)
	d.Postal = strings.Join(strings.FieldsFunc(settings.PostalAddress, func(c rune) bool { return c == '\n' || c == '\r' }), ", ")
	m, err := w.Mails.Render(kind, l, d)
	if err != nil {
		return nil, fmt.Errorf("writing a mail: %w", err)
	}
	m.To, m.MessageID = own.Colleague.Email, mail.MessageID(j.ID, w.PublicURL)
	m.From = mail.Mailbox{Name: settings.Name, Address: settings.Email}
	m.ReplyTo = m.From
	return &m, nil
}

func contactLine(s store.Settings) string {
	if s.Phone == "" {
		return s.Email
	}
	return s.Email + ", " + s.Phone
}

// takeLink mints the secret of one link; nil when its task is over. The mail says which case and where to
// look, and nothing about whom.
func (w *Works) takeLink(tx *store.Tx, j job.Job, link store.TaskLink, today dsr.Date, l locale.Locale) (*mail.Link, error) {
	r, err := tx.ReadRequest(link.Request)
	if err != nil {
		return nil, err
	}
	t, err := taskByID(tx, r, link.TaskID)
	if err != nil {
		return nil, err
	}
	wait := awaited(r, t)
	if wait != awaitLook && wait != awaitDo || expired(r, today) {
		return nil, nil
	}
	secret, err := verification.MintSecret(w.Rand)
	if err != nil {
		return nil, err
	}
	mine, err := tx.ClaimTaskLink(link.ID, j.ID, verification.HashToken(secret))
	if err != nil || !mine {
		return nil, err
	}
	places, err := placesNow(tx, r)
	if err != nil {
		return nil, err
	}
	return &mail.Link{
		Text: errandLine(r, wait, places[t.SourceID].Name, l),
		URL:  strings.TrimRight(w.PublicURL, "/") + "/colleague#" + link.PublicID + "." + secret.Reveal(),
	}, nil
}

func errandLine(r *store.Request, wait, place string, l locale.Locale) string {
	line := string(r.Reference) + ": " + place
	if wait == awaitDo {
		line += ". " + text("Nå kan du gjøre det som er bestemt", "No kan du gjere det som er bestemt", "Now you can do what was decided").In(l)
	}
	if r.P.Deadline.Open {
		return line
	}
	return line + ". " + text("Svar senest", "Svar seinast", "Answer no later than").In(l) + " " + r.P.Deadline.Due.Format(l)
}

func taskByID(tx *store.Tx, r *store.Request, id int64) (store.Task, error) {
	tasks, err := tx.Tasks(r)
	if err != nil {
		return store.Task{}, err
	}
	i := slices.IndexFunc(tasks, func(t store.Task) bool { return t.ID == id })
	if i < 0 {
		return store.Task{}, store.ErrNoTask
	}
	return tasks[i], nil
}

// RemindColleagues asks for reminders where nobody has answered, in the morning of a working day, and ends
// the links of what is over.
func (w *Works) RemindColleagues(ctx context.Context) error {
	var failed []error
	after := int64(0)
	for {
		var links []store.TaskLink
		err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
			links, err = tx.OpenTaskLinks(after, linksAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		for _, l := range links {
			after = l.ID
			if err := w.remind(ctx, l.PublicID); err != nil {
				w.Logger.ErrorContext(ctx, "a case was left out", "what", "colleague_reminder", "case", l.Request, "code", job.Code(err))
				failed = append(failed, err)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(links) < linksAtOnce {
			return errors.Join(failed...)
		}
	}
}

func (w *Works) remind(ctx context.Context, link string) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		l, err := tx.TaskLinkByID(link)
		if err != nil || l == nil || l.VoidAt != nil {
			return err
		}
		r, err := tx.Request(l.Request)
		if err != nil {
			return err
		}
		t, err := taskByID(tx, r, l.TaskID)
		if err != nil {
			return err
		}
		wait := awaited(r, t)
		if wait == "" {
			_, err := tx.VoidTaskLink(t.ID)
			return err
		}
		zone, err := zoneOf(tx)
		if err != nil {
			return err
		}
		today := dsr.DateOf(tx.Now, zone)
		if wait == awaitRest || expired(r, today) || !workingMorning(tx, today, zone) || !reminderDue(*l, r.P.Deadline.InternalTarget, today, zone) {
			return nil
		}
		if _, err := tx.WantTaskLink(l.ID, false, true); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "colleague_reminded"}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
		return mailLater(tx, *l, fmt.Sprintf("event/%d", len(r.Events)))
	})
}

func workingMorning(tx *store.Tx, today dsr.Date, zone *time.Location) bool {
	c, err := tx.Controller()
	if err != nil || tx.Now.In(zone).Hour() < morning {
		return false
	}
	calendar, err := dsr.CalendarFor(c.Country)
	return err != nil || calendar.Working(today)
}

// reminderDue: once when a while has passed since the last mail, and once more when the day comes near
// that the office works to.
func reminderDue(l store.TaskLink, target, today dsr.Date, zone *time.Location) bool {
	if l.SentAt == nil || l.WantedAt != nil {
		return false
	}
	sent, near := dsr.DateOf(*l.SentAt, zone), target.AddDays(-remindBeforeTarget)
	if sent.Before(near) && !today.Before(near) {
		return true
	}
	return l.Reminders == 0 && !today.Before(sent.AddDays(remindAfter))
}

// unreached notes on the cases that a colleague could not be written to, so that the office asks in
// another way. It may run twice.
func (w *Works) unreached(ctx context.Context, j job.Job) error {
	var failed []store.TaskLink
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if failed, err = tx.TaskLinksOf(j.ID); err != nil || len(failed) > 0 {
			return err
		}
		// Given up before it took any, such as for want of an organisation's name: its own still waits.
		own, err := tx.TaskLinkByID(j.Object)
		if err == nil && own != nil {
			failed = []store.TaskLink{*own}
		}
		return err
	})
	for _, l := range failed {
		err = errors.Join(err, w.Store.InTx(ctx, func(tx *store.Tx) error { return noteUnreached(tx, l) }))
	}
	return err
}

func noteUnreached(tx *store.Tx, l store.TaskLink) error {
	r, err := tx.Request(l.Request)
	if err != nil {
		return err
	}
	waited, err := tx.FailTaskLink(l.ID)
	if err != nil || !waited || !dsr.Open(r.P.State) {
		return err
	}
	e := dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "colleague_unreached"}}
	change := store.Change{}
	if r.NeedsHuman == "" {
		change.Columns = map[string]any{"needs_human": "colleague_unreached"}
	}
	if err := tx.Act(r, e, change); err != nil {
		return err
	}
	r.NeedsHuman = "colleague_unreached"
	return tx.MailOffice(r, mail.StaffNeedsHuman)
}

package fulfilment

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/mail"
	"mininfo/internal/source"
	"mininfo/internal/source/webhook"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// recipientPatience is how long a mail or a message to a recipient is tried before it becomes a task of the
// office's.
const recipientPatience = 48 * time.Hour

// noticeMessage is a notice on its way: a mail, or a message to a system.
type noticeMessage struct {
	notice store.Notice
	mail   *mail.Message
	hook   *hookMessage
}

// hookMessage is what a recipient's system is told. It goes over an encrypted and signed way, so unlike a
// mail it says whom it is about.
type hookMessage struct {
	Type        string               `json:"type"`
	Language    string               `json:"language"` // of the names in it
	ID          string               `json:"id"`
	Reference   string               `json:"reference"`
	Right       string               `json:"right"`
	Controller  string               `json:"controller"`
	Activities  []string             `json:"activities"`
	Who         []hookClue           `json:"who"`
	Corrections []store.NoticeChange `json:"corrections"`
	AnswerTo    string               `json:"answer_to"`
	Token       string               `json:"token"`
}

type hookClue struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// hookAnswer is what the system may say at once.
type hookAnswer struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
}

// HookSecret is what the messages to a recipient's system at an address are signed with.
func HookSecret(ring *keyring.Ring, address string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(ring.Index(keyring.LabelHook, address))
}

// tellRecipient sends one notice. The secret of its link is minted here: it exists in this function's memory
// and in the message alone.
func (w *Works) tellRecipient(ctx context.Context, j job.Job) error {
	m, err := w.noticeMessage(ctx, j)
	if err != nil || m == nil {
		return err
	}
	var said hookAnswer
	if m.mail != nil {
		err = w.Sender.Send(ctx, *m.mail)
	} else {
		said, err = w.tellSystem(ctx, m)
	}
	var failed *mail.SendError
	switch {
	case err == nil:
		return w.recipientReached(ctx, j, m.notice, said)
	case errors.As(err, &failed) && failed.Code == mail.CodeNoServer:
		return job.Snooze(time.Minute)
	case m.mail != nil && !mail.Temporary(err):
		return job.Cancel(job.Fail("mail_refused", err))
	}
	return err
}

// noticeMessage writes the message about a notice; nil when there is nothing to tell any more.
func (w *Works) noticeMessage(ctx context.Context, j job.Job) (*noticeMessage, error) {
	var m *noticeMessage
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		m = nil
		n, err := tx.NoticeByID(j.Object)
		if err != nil || n == nil || n.Settled() || n.Channel == store.ChannelTask {
			return err
		}
		r, err := tx.ReadRequest(n.Request)
		if err != nil || r.P.State == dsr.Purged {
			return err
		}
		secret, err := verification.MintSecret(w.Rand)
		if err != nil {
			return err
		}
		minted, err := tx.MintNotice(*n, verification.HashToken(secret))
		if err != nil || !minted {
			return err
		}
		m = &noticeMessage{notice: *n}
		if n.Channel == store.ChannelMail {
			m.mail, err = w.noticeMail(tx, j, r, *n, secret.Reveal())
			return err
		}
		m.hook, err = w.noticeHook(tx, r, *n, secret.Reveal())
		return err
	})
	return m, err
}

// noticeMail says which case, and nothing about whom.
func (w *Works) noticeMail(tx *store.Tx, j job.Job, r *store.Request, n store.Notice, secret string) (*mail.Message, error) {
	settings, _, err := tx.Settings(r.Controller)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(tx)
	if err != nil {
		return nil, err
	}
	kind := mail.RecipientNotice
	if n.Reminders > 0 {
		kind = mail.RecipientReminder
	}
	l := cmp.Or(n.Body.Language, settings.Speaks())
	d := mail.Data{Org: settings.Name, Look: settings.Look, Contact: contactLine(settings), Reference: string(r.Reference), Until: noticeUntil(n, zone).Format(l),
		URL: w.at("/recipient#" + n.PublicID + "." + secret)}
	d.Postal = strings.Join(strings.FieldsFunc(settings.PostalAddress, func(c rune) bool { return c == '\n' || c == '\r' }), ", ")
	m, err := w.Mails.Render(kind, l, d)
	if err != nil {
		return nil, fmt.Errorf("writing a mail: %w", err)
	}
	m.To, m.MessageID = keyring.NewPrivate(n.Body.Mail), mail.MessageID(j.ID, w.PublicURL)
	m.From = mail.Mailbox{Name: settings.Name, Address: settings.Email}
	m.ReplyTo = m.From
	return &m, nil
}

func (w *Works) at(path string) string { return strings.TrimRight(w.PublicURL, "/") + path }

func (w *Works) noticeHook(tx *store.Tx, r *store.Request, n store.Notice, secret string) (*hookMessage, error) {
	e, err := noticeErrand(tx, r, n)
	if err != nil {
		return nil, err
	}
	settings, _, err := tx.Settings(r.Controller)
	if err != nil {
		return nil, err
	}
	l := cmp.Or(n.Body.Language, settings.Speaks())
	m := &hookMessage{Type: "recipient.notice", Language: string(l), ID: n.PublicID, Reference: string(r.Reference), Right: string(r.Right), Controller: e.Controller,
		Activities: []string{}, Who: []hookClue{}, Corrections: []store.NoticeChange{}, AnswerTo: w.at("/api/v1/recipient/answer"), Token: n.PublicID + "." + secret}
	for _, a := range e.Activities {
		m.Activities = append(m.Activities, a.In(l))
	}
	for _, c := range e.Who {
		m.Who = append(m.Who, hookClue{Kind: c.Kind, Value: c.Value.Reveal()})
	}
	m.Corrections = append(m.Corrections, e.Corrections...)
	return m, nil
}

// tellSystem posts a notice. What the system answers with 2xx and cannot be read says only that it was told.
func (w *Works) tellSystem(ctx context.Context, m *noticeMessage) (hookAnswer, error) {
	body, err := json.Marshal(m.hook)
	if err != nil {
		return hookAnswer{}, errors.New("writing a message to a recipient")
	}
	at := m.notice.Body.Webhook
	open := source.Config{Name: "recipient", DSN: source.NewSecret(at + "#" + HookSecret(w.Ring, at)), Timeout: time.Minute, Now: w.Now}
	said, err := webhook.Tell(ctx, open, m.notice.PublicID, body)
	if err != nil {
		return hookAnswer{}, fmt.Errorf("telling a recipient's system: %w", err)
	}
	var a hookAnswer
	if json.Unmarshal(said, &a) != nil {
		return hookAnswer{}, nil
	}
	return a, nil
}

// recipientReached ends the job together with what it did.
func (w *Works) recipientReached(ctx context.Context, j job.Job, n store.Notice, said hookAnswer) error {
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(n.Request)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil {
			return err
		}
		told, err := tx.NoticeTold(n, "", nil)
		if err != nil {
			return err
		}
		n.State = store.NoticeTold
		if told {
			if err := logNotice(tx, n, By{}, "recipient_notice"); err != nil {
				return err
			}
		}
		reason := strings.TrimSpace(said.Reason)
		switch {
		case said.Outcome == NoticeDone:
			err = answered(tx, r, n, store.NoticeConfirmed, "")
		case said.Outcome == NoticeCannot && reason != "":
			err = answered(tx, r, n, store.NoticeImpossible, reason)
		}
		if errors.Is(err, ErrNoticeOver) {
			return nil // answered by the link meanwhile
		}
		return err
	})
	if err != nil {
		return err
	}
	return ended(j)
}

// recipientUnreached makes a notice that could not be delivered a task of the office's. It may run twice.
func (w *Works) recipientUnreached(ctx context.Context, j job.Job) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.NoticeByID(j.Object)
		if err != nil || n == nil {
			return err
		}
		r, err := tx.Request(n.Request)
		if err != nil || r.P.State == dsr.Purged {
			return err
		}
		moved, err := tx.NoticeByHand(n.ID)
		if err != nil || !moved {
			return err
		}
		n.Channel = store.ChannelTask
		if err := logNotice(tx, *n, By{}, "recipient_unreached"); err != nil {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "recipient_unreached"}}, store.Change{}); err != nil {
			return err
		}
		return tx.MailOffice(r, mail.StaffRecipients)
	})
}

// RemindRecipients reminds those who have not answered, after one week and after two, in the morning of a
// working day. Of what the office has to tell itself, the office is reminded.
func (w *Works) RemindRecipients(ctx context.Context) error {
	var failed []error
	after := int64(0)
	for {
		var list []store.Notice
		err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
			list, err = tx.OpenNotices(after, linksAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		for _, n := range list {
			after = n.ID
			if err := w.remindRecipient(ctx, n.PublicID); err != nil {
				w.Logger.ErrorContext(ctx, "a case was left out", "what", "recipient_reminder", "case", n.Request, "code", job.Code(err))
				failed = append(failed, err)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
		if len(list) < linksAtOnce {
			return errors.Join(failed...)
		}
	}
}

func (w *Works) remindRecipient(ctx context.Context, notice string) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		n, err := tx.NoticeByID(notice)
		if err != nil || n == nil || n.Settled() || n.Reminders >= mostReminders {
			return err
		}
		r, err := tx.Request(n.Request)
		if err != nil || r.P.State == dsr.Purged {
			return err
		}
		zone, err := zoneOf(tx)
		if err != nil {
			return err
		}
		today := dsr.DateOf(tx.Now, zone)
		due := dsr.DateOf(n.CreatedAt, zone).AddDays(remindAfterDays * (int(n.Reminders) + 1))
		if today.Before(due) || !workingMorning(tx, today, zone) {
			return nil
		}
		mine, err := tx.RemindNotice(*n)
		if err != nil || !mine {
			return err
		}
		if err := logNotice(tx, *n, By{}, "recipient_reminded"); err != nil {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "recipient_reminded"}}, store.Change{}); err != nil {
			return err
		}
		if n.Channel == store.ChannelTask || n.Reminders+1 == mostReminders {
			if err := tx.MailOffice(r, mail.StaffRecipients); err != nil {
				return err
			}
		}
		return sendNotice(tx, *n, fmt.Sprintf("reminder/%d/%d", n.CreatedAt.UnixMicro(), n.Reminders+1))
	})
}

package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// sendChallenge mints the secrets of a challenge, commits their digests and mails them. The clear
// secrets exist in this function's memory and in the mail alone: a run that is cut off leaves digests
// of nothing, and the next run mints anew.
func (g *Gate) sendChallenge(ctx context.Context, j job.Job) error {
	letter, err := g.write(ctx, j)
	if err != nil || letter == nil {
		return err
	}
	err = g.Sender.Send(ctx, letter.message)
	if err == nil {
		return g.sent(ctx, j, letter)
	}
	var refused *mail.SendError
	known := errors.As(err, &refused)
	if known && !refused.Uncertain {
		if err := g.Store.InTx(ctx, func(tx *store.Tx) error { return tx.DropDigests(letter.challenge.ID, letter.digests) }); err != nil {
			return err
		}
	}
	if mail.Temporary(err) {
		return err
	}
	if known && refused.Code == mail.CodeRecipient && letter.challenge.Purpose == verification.ConfirmContact {
		return g.refusedContact(ctx, letter.challenge)
	}
	if known && refused.Code == mail.CodeRecipient {
		// A mailbox that does not exist is the asker's typing error or a stranger's guess. Nobody is
		// told: neither the asker, who would learn which mailboxes exist, nor the office, who can do nothing.
		g.logger().InfoContext(ctx, "a mailbox refused a code", "job", j.ID, "status", refused.Status)
		return nil
	}
	return job.Cancel(err)
}

// refusedContact notes on the case that the mailbox on file is no more: the office is waiting for a
// reply, and it is the office's own data that say where to ask.
func (g *Gate) refusedContact(ctx context.Context, c *store.Challenge) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		id, asked := store.OfContactObject(c.Object)
		r, err := tx.Request(id)
		if fault.KindOf(err) == fault.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.VoidObject(verification.ConfirmContact, c.Object); err != nil || !dsr.Open(r.P.State) {
			return err
		}
		code := "contact_gone"
		if change, err := tx.AddressChange(asked); err != nil {
			return err
		} else if change != nil {
			code = "address_gone" // a member wrote it; nothing is on file there yet
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: code}}
		return tx.Act(r, e, store.Change{})
	})
}

// sent ends the job together with what it did. If that fails, the mail is out all the same: the job
// is done, and only the wish for another mail has to wait.
func (g *Gate) sent(ctx context.Context, j job.Job, l *letter) error {
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		mine, err := tx.FinishJob(j.ID, j.Fence)
		if err != nil {
			return err
		}
		if !mine {
			return job.ErrLost
		}
		return tx.ChallengeSent(l.challenge.ID)
	})
	switch {
	case err == nil:
		return job.ErrDone
	case errors.Is(err, job.ErrLost):
		return err
	}
	g.logger().WarnContext(ctx, "a mail went out and could not be noted", "job", j.ID)
	return nil
}

type letter struct {
	message   mail.Message
	challenge *store.Challenge
	digests   store.Digests
}

// write mints the secrets, commits their digests and writes the mail; nil when there is nothing to
// send any more. Who was promised a mail and got none before its code was over is told so, once.
func (g *Gate) write(ctx context.Context, j job.Job) (*letter, error) {
	secrets, err := verification.Mint(g.Rand)
	if err != nil {
		return nil, err
	}
	var l *letter
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		l = nil
		c, err := tx.Challenge(j.Object)
		if err != nil || c == nil {
			return err
		}
		var d store.Digests
		if c.Open(tx.Now) {
			d = g.digests(c, secrets)
			if alive, err := tx.SetDigests(c, d, verification.PriorMax); err != nil || !alive {
				return err
			}
		} else if c.Purpose != verification.File || c.UsedAt != nil || c.VoidAt != nil || c.SentAt != nil {
			return nil
		}
		m, err := g.compose(tx, c, secrets, j)
		if err != nil {
			return err
		}
		l = &letter{message: m, challenge: c, digests: d}
		return nil
	})
	return l, err
}

func (g *Gate) digests(c *store.Challenge, s verification.Secrets) store.Digests {
	d := store.Digests{CodeMAC: verification.MACCode(g.Ring.Derive(keyring.LabelCodePepper), c.Purpose, c.PublicID, objectID(c), s.Code)}
	if c.Purpose.Spec().Link {
		d.TokenHash = verification.HashToken(s.Token)
	}
	return d
}

// compose writes the mail. It holds no word that the asker chose.
func (g *Gate) compose(tx *store.Tx, c *store.Challenge, s verification.Secrets, j job.Job) (mail.Message, error) {
	settings, zone, err := office(tx)
	if err != nil {
		return mail.Message{}, err
	}
	address, err := tx.ChallengeAddress(c)
	if err != nil {
		return mail.Message{}, err
	}
	data := mail.Data{Org: settings.Name, Contact: contactLine(settings), Postal: settings.PostalAddress, Look: settings.Look, Code: s.Code.Reveal(),
		Until: clockText(c.ExpiresAt, zone, c.Locale)}
	kind := mail.Verify
	switch {
	case !c.Open(tx.Now): // it was held up until its code was over
		kind, data.Code, data.Until = mail.VerifyLate, "", ""
		data.When = clockText(c.CreatedAt, zone, c.Locale)
		data.URL = strings.TrimRight(g.PublicURL, "/") + "/"
	case c.Purpose == verification.StepUp:
		kind = mail.StepUp
		data.Reason = operations[c.Operation].In(c.Locale)
		data.Reference = reference(tx, c.Object)
	case c.Purpose == verification.ConfirmContact:
		kind = mail.ConfirmContact
		request, _ := store.OfContactObject(c.Object)
		data.Reference = reference(tx, request)
		data.URL = strings.TrimRight(g.PublicURL, "/") + "/confirm/" + c.PublicID // the code is not in it: somebody has to type it
	default:
		data.URL = strings.TrimRight(g.PublicURL, "/") + "/verify#" + c.PublicID + "." + s.Token.Reveal()
		if c.Right != "" {
			data.Right = strings.ToLower(c.Right.Name().In(c.Locale))
		}
	}
	m, err := g.Mails.Render(kind, c.Locale, data)
	if err != nil {
		return mail.Message{}, fmt.Errorf("writing a mail: %w", err)
	}
	g.envelope(&m, address, settings, j)
	return m, nil
}

// envelope says whom a mail of a job is to and from.
func (g *Gate) envelope(m *mail.Message, to dsr.Address, settings store.Settings, j job.Job) {
	m.To = keyring.NewPrivate(deliverable(to))
	m.From = mail.Mailbox{Name: settings.Name, Address: settings.Email}
	m.ReplyTo, m.MessageID = m.From, mail.MessageID(j.ID, g.PublicURL)
}

// post sends a mail; one that is refused for good is not tried again.
func (g *Gate) post(ctx context.Context, m mail.Message) error {
	err := g.Sender.Send(ctx, m)
	if err != nil && !mail.Temporary(err) {
		return job.Cancel(err)
	}
	return err
}

// deliverable is the address as typed, with the domain in the form that every mail server knows.
func deliverable(a dsr.Address) string {
	local, _, _ := strings.Cut(a.Typed, "@")
	_, domain, _ := strings.Cut(a.Canonical, "@")
	return local + "@" + domain
}

// reference is the number of the case that a step-up is about; without one the mail does without.
func reference(tx *store.Tx, object string) string {
	if object == "" {
		return ""
	}
	r, err := tx.ReadRequest(object)
	if err != nil {
		return ""
	}
	return string(r.Reference)
}

// office gives the settings of an organisation that has been named, and its zone.
func office(tx *store.Tx) (store.Settings, *time.Location, error) {
	c, err := tx.Controller()
	if err != nil {
		return store.Settings{}, nil, err
	}
	settings, _, err := tx.Settings(c.ID)
	if err != nil {
		return store.Settings{}, nil, err
	}
	if !settings.Named() {
		return store.Settings{}, nil, ErrNotSetUp
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return store.Settings{}, nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	return settings, zone, nil
}

func contactLine(s store.Settings) string {
	if s.Phone == "" {
		return s.Email
	}
	return s.Email + ", " + s.Phone
}

func clockText(at time.Time, zone *time.Location, l locale.Locale) string {
	clock := locale.Text{NB: " kl. ", NN: " kl. ", EN: " at "}.In(l)
	return dsr.DateOf(at, zone).Format(l) + clock + at.In(zone).Format("15:04")
}

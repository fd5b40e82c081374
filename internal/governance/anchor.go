package governance

import (
	"context"
	"fmt"
	"strings"

	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/mail"
	"mininfo/internal/store"
)

// JobAnchor mails the log's newest checkpoint to an address outside the house, once a day. Whoever has the
// database and its keys can write another log; he cannot take back what lies in somebody else's mailbox.
const JobAnchor = "anchor"

func (o *Office) anchor(ctx context.Context, j job.Job) error {
	if o.Sender == nil {
		return ErrMailNotSet
	}
	var m mail.Message
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		checkpoint, err := tx.Checkpoint()
		if err != nil || checkpoint == nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil || c.SetUpAt == nil {
			return err // the office has no name yet to write in
		}
		s, _, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		date, _, err := today(tx, c)
		if err != nil {
			return err
		}
		l := s.Speaks()
		d := mail.Data{Org: s.Name, Contact: s.Email, Postal: s.PostalAddress, When: date.Format(l), Lines: strings.FieldsFunc(string(checkpoint), func(r rune) bool { return r == '\n' })}
		if m, err = o.Mails.Render(mail.StaffCheckpoint, l, d); err != nil {
			return fmt.Errorf("writing the checkpoint's mail: %w", err)
		}
		m.To, m.From = keyring.NewPrivate(o.Anchor), mail.Mailbox{Name: s.Name, Address: s.Email}
		m.ReplyTo, m.MessageID = m.From, mail.MessageID(j.ID, o.PublicURL)
		return nil
	})
	if err != nil || m.Subject == "" {
		return err
	}
	return o.Sender.Send(ctx, m)
}

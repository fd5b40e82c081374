package governance

import (
	"context"
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
		lines := strings.FieldsFunc(string(checkpoint), func(r rune) bool { return r == '\n' })
		m, err = o.write(tx, j, c, keyring.NewPrivate(o.Anchor), mail.StaffCheckpoint, mail.Data{When: date.Format(s.Speaks()), Lines: lines})
		return err
	})
	if err != nil || m.Subject == "" {
		return err
	}
	return o.Sender.Send(ctx, m)
}

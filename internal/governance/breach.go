package governance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// The jobs of breaches. A mail's object is "<mail kind>:<breach>:<member>", by their public ids.
const (
	JobBreaches   = "watch_breaches"
	JobMailBreach = "mail_breach"
)

// breachWarning is how long before the 72 hours end the office is warned.
const breachWarning = 24 * time.Hour

// NewBreach is a breach as somebody writes it down first.
type NewBreach struct {
	NoticedAt time.Time `validate:"required"`
	What      string    `validate:"required,max=10000"`
	Concerned int       `validate:"min=0,max=100000000"`
	Case      string    `validate:"max=40"` // the case that it came of; may be empty
}

// BreachChange is what is known and decided of a breach now; Base is how often it had been changed when it
// was read.
type BreachChange struct {
	Base         int64
	What         string `validate:"required,max=10000"`
	Concerned    int    `validate:"min=0,max=100000000"`
	Risk         string `validate:"omitempty,oneof=unlikely risk high"`
	Reason       string `validate:"max=10000"`
	AuthorityAt  *time.Time
	AuthorityWhy string `validate:"max=10000"`
	PersonsAt    *time.Time
	PersonsWhy   string `validate:"max=10000"`
	Close        bool
}

// Breaches gives the office's record of personal data breaches (Art. 33(5)), the newest first.
func (o *Office) Breaches(ctx context.Context, by By) ([]store.Breach, error) {
	if err := by.may(staff.ReadBreaches, staff.Facts{}); err != nil {
		return nil, err
	}
	var list []store.Breach
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		list, err = tx.Breaches(c.ID)
		return err
	})
	return list, err
}

// OpenBreach writes a breach down and tells the privacy officers. The 72 hours run from when it was noticed,
// not from now (Art. 33(1)).
func (o *Office) OpenBreach(ctx context.Context, by By, n NewBreach) (string, error) {
	if err := by.may(staff.ReportBreach, staff.Facts{}); err != nil {
		return "", err
	}
	n.What = strings.TrimSpace(n.What)
	if err := check(n); err != nil {
		return "", err
	}
	b := store.Breach{What: n.What, Breach: dsr.Breach{NoticedAt: n.NoticedAt, Concerned: n.Concerned}}
	var id string
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := b.Check(tx.Now); err != nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		var r *store.Request
		if n.Case != "" {
			if r, err = tx.ReadRequest(n.Case); err != nil {
				return err
			}
			if err := by.may(staff.ListCases, staff.Facts{Assigned: r.P.AssignedTo == 0 || r.P.AssignedTo == by.ID}); err != nil {
				return err
			}
		}
		if id, err = tx.AddBreach(c.ID, by.ID, r, b); err != nil {
			return err
		}
		b.PublicID = id
		act := store.Act{Actor: by.actor(), Role: by.role(), Action: "breach_opened", Statement: map[string]any{"breach": id}}
		if r != nil {
			act.Request, act.RequestID = r.PublicID, r.ID
		}
		if _, err := tx.Log(act); err != nil {
			return err
		}
		return tellOfficers(tx, mail.StaffBreach, b)
	})
	return id, err
}

// AssessBreach writes what is known and decided of a breach, and closes it when that is complete.
func (o *Office) AssessBreach(ctx context.Context, by By, id string, change BreachChange) error {
	if err := by.may(staff.AssessBreach, staff.Facts{}); err != nil {
		return err
	}
	for _, s := range []*string{&change.What, &change.Reason, &change.AuthorityWhy, &change.PersonsWhy} {
		*s = strings.TrimSpace(*s)
	}
	if err := check(change); err != nil {
		return err
	}
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		b, err := tx.Breach(id)
		if err != nil {
			return err
		}
		b.What = change.What
		b.Breach = dsr.Breach{NoticedAt: b.NoticedAt, Concerned: change.Concerned, Risk: dsr.BreachRisk(change.Risk), Reason: change.Reason,
			AuthorityAt: change.AuthorityAt, AuthorityWhy: change.AuthorityWhy, PersonsAt: change.PersonsAt, PersonsWhy: change.PersonsWhy}
		if err := b.Check(tx.Now); err != nil {
			return err
		}
		action := "breach_changed"
		if change.Close {
			action = "breach_closed"
			if err := b.MayClose(); err != nil {
				return err
			}
		}
		if err := tx.ChangeBreach(b, change.Base, change.Close); err != nil {
			return err
		}
		return by.log(tx, action, map[string]any{"breach": id, "risk": change.Risk})
	})
}

// WatchBreaches warns the privacy officers 24 hours before the 72 are over, once, of each breach of which
// Datatilsynet is neither told nor ruled out; and erases what was closed so long ago that nobody may ask.
func (o *Office) WatchBreaches(ctx context.Context) error {
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		list, err := tx.BreachesToWarnOf(tx.Now.Add(breachWarning).Add(-dsr.BreachHours))
		if err != nil {
			return err
		}
		for _, b := range list {
			warn, err := tx.WarnOfBreach(b)
			if err != nil {
				return err
			}
			if warn {
				if err := tellOfficers(tx, mail.StaffBreachDue, b); err != nil {
					return err
				}
			}
		}
		gone, err := tx.ForgetBreaches(tx.Now.AddDate(-dsr.MostCaseYears, 0, 0))
		if err != nil {
			return err
		}
		return tx.NotePurge("breach", gone)
	})
}

// tellOfficers mails every privacy officer, each once for a breach and kind of mail.
func tellOfficers(tx *store.Tx, kind mail.Kind, b store.Breach) error {
	members, err := tx.Members()
	if err != nil {
		return err
	}
	for _, m := range members {
		if !m.Policy().Has(staff.PrivacyOfficer) || m.Disabled {
			continue
		}
		object := fmt.Sprintf("%s:%s:%s", kind, b.PublicID, m.PublicID)
		if err := tx.Enqueue(job.Spec{Kind: JobMailBreach, Key: JobMailBreach + "/" + object, Object: object}); err != nil {
			return err
		}
	}
	return nil
}

func (o *Office) mailBreach(ctx context.Context, j job.Job) error {
	part := strings.Split(j.Object, ":")
	if len(part) != 3 {
		return job.Cancel(errors.New("the job names no mail"))
	}
	if o.Sender == nil {
		return ErrMailNotSet
	}
	var m mail.Message
	send := false
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		b, err := tx.Breach(part[1])
		if err != nil {
			return job.Cancel(err)
		}
		who, err := tx.MemberByPublicID(part[2])
		if err != nil {
			return err
		}
		if who == nil || who.Disabled || b.ClosedAt != nil || mail.Kind(part[0]) == mail.StaffBreachDue && !b.Awaited() {
			return nil // it would say what is no longer so
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			return fmt.Errorf("loading the controller's zone: %w", err)
		}
		s, _, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		due := dsr.BreachDue(b.NoticedAt).In(zone)
		send = true
		m, err = o.write(tx, j, c, who.Email, mail.Kind(part[0]), mail.Data{Until: dsr.DateOf(due, zone).Format(s.Speaks()) + textAtTime.In(s.Speaks()) + due.Format("15:04"), URL: o.PublicURL + "/staff/breaches"})
		return err
	})
	if err != nil || !send {
		return err
	}
	return o.Sender.Send(ctx, m)
}

// textAtTime stands between a date and a time of day.
var textAtTime = text(" kl. ", " kl. ", " at ")

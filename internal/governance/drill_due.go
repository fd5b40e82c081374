package governance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mininfo/internal/job"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// The jobs that remind an office of rehearsing. The object of a mail is the member's public id.
const (
	JobDrills    = "watch_drills"
	JobMailDrill = "mail_drill"
)

// An office that had neither a case nor a rehearsal for a year is reminded, and once more each year after. The
// days in which it may be are as long as the portal may stand still without one being forgotten.
const (
	drillEvery  = 365 * 24 * time.Hour
	drillWithin = 7 * 24 * time.Hour
)

// drillDue tells how many years the office has had neither a case nor a rehearsal; 0: not one.
func drillDue(tx *store.Tx) (years int, since time.Time, err error) {
	c, err := tx.Controller()
	if err != nil {
		return 0, since, err
	}
	last, err := tx.LastHandled(c)
	if err != nil || last.IsZero() {
		return 0, last, err
	}
	return int(tx.Now.Sub(last) / drillEvery), last, nil
}

// WatchDrills reminds the privacy officers that nobody has handled a case for a year.
func (o *Office) WatchDrills(ctx context.Context) error {
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		years, last, err := drillDue(tx)
		if err != nil || years == 0 || tx.Now.Sub(last)%drillEvery >= drillWithin {
			return err
		}
		members, err := tx.Members()
		if err != nil {
			return err
		}
		for _, m := range members {
			if !m.Policy().Has(staff.PrivacyOfficer) || m.Disabled {
				continue
			}
			key := fmt.Sprintf("%s/%s/%d/%d", JobMailDrill, m.PublicID, last.Unix(), years)
			if err := tx.Enqueue(job.Spec{Kind: JobMailDrill, Key: key, Object: m.PublicID}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *Office) mailDrill(ctx context.Context, j job.Job) error {
	if o.Sender == nil {
		return ErrMailNotSet
	}
	var m mail.Message
	send := false
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		years, _, err := drillDue(tx)
		if err != nil || years == 0 {
			return err // somebody has handled one meanwhile
		}
		who, err := tx.MemberByPublicID(j.Object)
		if err != nil {
			return err
		}
		if who == nil || who.Disabled {
			return job.Cancel(errors.New("the member is gone"))
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		send = true
		m, err = o.write(tx, j, c, who.Email, mail.StaffDrillDue, mail.Data{URL: o.PublicURL + "/staff/drill"})
		return err
	})
	if err != nil || !send {
		return err
	}
	return o.Sender.Send(ctx, m)
}

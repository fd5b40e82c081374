package casework

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// KeepDrill is for how long a rehearsal is kept after its end.
const KeepDrill = 30 * 24 * time.Hour

// drillDomain is reserved so that no mail ever arrives there (RFC 2606).
const drillDomain = "ovelse.invalid"

// Drill is a rehearsal and how it went.
type Drill struct {
	Request *store.Request
	Step    string // where it stands, in words
	Days    int    // from its beginning to the answer; so far, while it is open
	InTime  bool
}

// StartDrill begins a rehearsal for an office that gets few requests: a request of an invented person, with
// a clock of its own, invented rows to search, and nobody who is mailed or told. It is handled like any other.
func (d *Desk) StartDrill(ctx context.Context, by By, right string, l locale.Locale) (*store.Request, error) {
	if right != string(dsr.Access) && right != string(dsr.Erasure) {
		return nil, dsr.ErrRight.At("/right")
	}
	var random [4]byte
	if _, err := io.ReadFull(d.Rand, random[:]); err != nil {
		return nil, fmt.Errorf("drawing an invented address: %w", err)
	}
	n := Registration{
		Rights: []string{right}, Channel: string(dsr.Letter), ReceivedAt: d.Now(), Locale: l, Drill: true, Delivery: store.DeliveryPaper,
		Name:   text("ØVELSE Kim Prøvesen", "ØVING Kim Prøvesen", "DRILL Kim Sample").In(l),
		Email:  fmt.Sprintf("kim.%s@%s", hex.EncodeToString(random[:]), drillDomain),
		Postal: text("Øvelsesveien 1\n0001 Øvelse", "Øvingsvegen 1\n0001 Øving", "1 Drill Street\n0001 Drill").In(l),
		Text: map[string]locale.Text{
			string(dsr.Access):  text("Hva har dere lagret om meg?", "Kva har de lagra om meg?", "What have you stored about me?"),
			string(dsr.Erasure): text("Slett alt dere har om meg.", "Slett alt de har om meg.", "Erase everything you have about me."),
		}[right].In(l),
	}
	if err := n.check(by); err != nil {
		return nil, err
	}
	var r *store.Request
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		all, err := d.registerAll(tx, by, n)
		if err != nil {
			return err
		}
		r = all[0]
		return tx.Enqueue(job.Spec{Kind: store.JobFurnishDrill, Key: store.JobFurnishDrill + "/" + r.PublicID, Object: r.PublicID})
	})
	return r, err
}

// Drills lists the rehearsals, newest first. A purged one still shows when it was and how it went.
func (d *Desk) Drills(ctx context.Context, by By, l locale.Locale) ([]Drill, error) {
	var drills []Drill
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		if err := staff.May(staff.Member{ID: by.ID, Roles: by.Roles}, staff.CountCases, staff.Facts{}); err != nil {
			return err
		}
		today, zone, err := d.today(tx)
		if err != nil {
			return err
		}
		all, err := tx.Drills(50)
		if err != nil {
			return err
		}
		drills = make([]Drill, len(all))
		for i, r := range all {
			end := today
			if !r.P.AnsweredAt.IsZero() {
				end = dsr.DateOf(r.P.AnsweredAt, zone)
			}
			drills[i] = Drill{Request: r, Step: step(r).In(l), Days: dsr.DaysBetween(dsr.DateOf(r.ReceivedAt, zone), end),
				InTime: r.P.Deadline.Open || !end.After(r.P.Deadline.Due)}
			if t := r.P.Timing(); t != "" {
				drills[i].InTime = t != dsr.TooLate
			}
		}
		return nil
	})
	return drills, err
}

// clearDrill has the sources of a rehearsal removed.
func clearDrill(tx *store.Tx, r *store.Request) error {
	return tx.Enqueue(job.Spec{Kind: store.JobClearDrill, Key: store.JobClearDrill + "/" + r.PublicID, Object: r.PublicID})
}

// DrillMails gives the mails that the person and the office would have got, had the rehearsal been a real case;
// oldest first. Of a real case there are none.
func (d *Desk) DrillMails(ctx context.Context, by By, id string) ([]store.DrillMail, error) {
	var list []store.DrillMail
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.ListCases, r); err != nil {
			return err
		}
		if r.Shredded() {
			return store.ErrShredded
		}
		list, err = tx.DrillMails(r)
		return err
	})
	return list, err
}

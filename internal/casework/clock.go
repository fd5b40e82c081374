package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/mail"
	"mininfo/internal/store"
)

func loadZone(r *store.Request) (*time.Location, error) {
	name := "Europe/Oslo"
	if len(r.Events) > 0 && r.Events[0].Data.Zone != "" {
		name = r.Events[0].Data.Zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	return zone, nil
}

// warnAt is how many days before the time limit the office is warned; below zero it is overdue.
var warnAt = []int{14, 7, 2, -1}

// refusalStep begins the code of a reminder that is about the time limit for refusing.
const refusalStep = "refusal_"

// WarnOfDeadlines mails the office about cases whose time limit comes near or has passed, once
// for each step; of an extended case that is undecided also about the time limit for refusing, which the
// extension did not move (Art. 12(4)). It may run as often as one likes.
func (d *Desk) WarnOfDeadlines(ctx context.Context) error {
	var due, extended []string
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		today, _, err := d.today(tx)
		if err != nil {
			return err
		}
		near, err := tx.DueSoon(today, warnAt[0])
		for _, c := range near {
			if reachedStep(c.DueOn, c.Warned, today) != "" {
				due = append(due, c.PublicID)
			}
		}
		if err != nil {
			return err
		}
		extended, err = tx.Extended()
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(d.eachCase(ctx, "refusal_warning", extended, d.warnOfRefusal), d.eachCase(ctx, "deadline_warning", due, d.warn))
}

// eachCase does something with each case. One that fails does not keep the others from it: it is
// logged, and the job reports that it is not done.
func (d *Desk) eachCase(ctx context.Context, what string, ids []string, do func(context.Context, string) error) error {
	var failed []error
	for _, id := range ids {
		err := do(ctx, id)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			d.Logger.ErrorContext(ctx, "a case was left out", "what", what, "case", id, "code", job.Code(err))
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// reachedStep names the warning that a case has reached and not yet had for that due date, such as
// "2026-07-01:7".
func reachedStep(dueOn, warned string, today dsr.Date) string {
	due, err := dsr.ParseDate(dueOn)
	if err != nil {
		return ""
	}
	left, reached := dsr.DaysBetween(today, due), ""
	for _, days := range warnAt {
		if left <= days {
			reached = fmt.Sprintf("%s:%d", dueOn, days)
		}
	}
	if slices.Contains(strings.Split(warned, ","), reached) {
		return ""
	}
	return reached
}

func (d *Desk) warn(ctx context.Context, id string) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		today, _, err := d.today(tx)
		if err != nil {
			return err
		}
		if !dsr.Open(r.P.State) {
			return nil
		}
		due := r.P.Deadline.Due
		if r.P.Deadline.Open {
			// A pause is from guidance, not from the text of Art. 12: nobody may count on it unwarned.
			due = r.P.Deadline.DueUnsuspended
		}
		return warnOnce(tx, r, due, today, "due_", mail.StaffDeadlineWarning)
	})
}

// warnOfRefusal warns of the day until which an extended case can be refused. Steps that were warned of while that
// day was the due date, before the extension, are not warned of again.
func (d *Desk) warnOfRefusal(ctx context.Context, id string) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		today, _, err := d.today(tx)
		if err != nil || !dsr.Undecided(r.P.State) || r.P.ExtendedMonths() == 0 {
			return err
		}
		return warnOnce(tx, r, r.P.Deadline.RefusalDue(), today, refusalStep, mail.StaffRefusalDue)
	})
}

// warnOnce warns the office of a day when a step towards it is reached that it was not warned of.
func warnOnce(tx *store.Tx, r *store.Request, due, today dsr.Date, code string, kind mail.Kind) error {
	reached := reachedStep(due.String(), r.Warned, today)
	if reached == "" {
		return nil
	}
	_, days, _ := strings.Cut(reached, ":")
	e := dsr.Event{Kind: dsr.EventReminded, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: code + days}}
	warned := strings.Trim(r.Warned+","+reached, ",")
	if err := tx.Act(r, e, store.Change{Columns: map[string]any{"warned": warned}}); err != nil {
		return err
	}
	return tx.MailOffice(r, kind)
}

// KeepReply is for how long a reply about identity is kept at most when there is nothing left to decide by it.
const KeepReply = 24 * time.Hour

// ForgetReplies erases replies about identity that came when it was decided, or given up, already. What came
// before went with the decision; here their keys leave the files too. It may run as often as one likes.
func (d *Desk) ForgetReplies(ctx context.Context) error {
	until := d.Now().Add(-KeepReply)
	var kept []string
	err := d.Store.Read(ctx, func(tx *store.Tx) (err error) {
		kept, err = tx.RepliesKept(until)
		return err
	})
	if err != nil {
		return err
	}
	gone := 0
	failed := d.eachCase(ctx, JobForgetReplies, kept, func(ctx context.Context, id string) error {
		forgot := 0
		err := d.Store.InTx(ctx, func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil || r.P.Doubted {
				return err
			}
			forgot, err = tx.ForgetReplies(r, until)
			return err
		})
		if err == nil {
			gone += forgot
		}
		return err
	})
	noted := d.Store.InTx(ctx, func(tx *store.Tx) error { return tx.NotePurge(store.ClassIdentity, int64(gone)) })
	return errors.Join(failed, noted, d.Store.Truncate(ctx))
}

const purgeAtOnce = 100

// PurgeOld destroys the key of what was asked and decided when its time is up (Settings.Keep). The events' facts,
// the log's leaves and the counts stay: they hold no personal data.
func (d *Desk) PurgeOld(ctx context.Context) error {
	var failed []error
	gone := int64(0)
	tried := map[string]bool{}
	purge := func(ctx context.Context, id string) error {
		err := d.purge(ctx, id)
		if err == nil {
			gone++
		}
		return err
	}
	for {
		var old []string
		err := d.Store.Read(ctx, func(tx *store.Tx) (err error) {
			c, err := tx.Controller()
			if err != nil {
				return err
			}
			s, _, err := tx.Settings(c.ID)
			if err != nil {
				return err
			}
			if old, err = tx.ToPurge(tx.Now.AddDate(-s.Keep.CaseYears, 0, 0), purgeAtOnce); err != nil || len(old) == purgeAtOnce {
				return err
			}
			drills, err := tx.DrillsToPurge(tx.Now.Add(-KeepDrill), purgeAtOnce-len(old))
			for _, id := range drills {
				if !slices.Contains(old, id) {
					old = append(old, id)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
		rest := slices.DeleteFunc(slices.Clone(old), func(id string) bool { return tried[id] })
		for _, id := range rest {
			tried[id] = true
		}
		if err := d.eachCase(ctx, "purge", rest, purge); err != nil {
			failed = append(failed, err)
		}
		if len(old) < purgeAtOnce || len(rest) == 0 {
			noted := d.Store.InTx(ctx, func(tx *store.Tx) error {
				return errors.Join(tx.NotePurge("core", gone), tx.NotePurge("traces", 0))
			})
			return errors.Join(append(failed, noted, d.sweep(ctx))...)
		}
	}
}

// keepTraces is for how long ended jobs and idempotency keys are kept: longer than anybody repeats
// a call or a job's key can come again.
const keepTraces = 30 * 24 * time.Hour

func (d *Desk) sweep(ctx context.Context) error {
	before := d.Now().Add(-keepTraces)
	if err := d.Store.SweepJobs(ctx, before); err != nil {
		return err
	}
	if err := d.Store.SweepIdempotency(ctx, before); err != nil {
		return err
	}
	return d.Store.Truncate(ctx)
}

func (d *Desk) purge(ctx context.Context, id string) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventPurged, Actor: dsr.Actor{Kind: dsr.System}}
		if err := tx.Act(r, e, store.Change{Columns: map[string]any{"address_index": nil, "received_text": ""}}); err != nil {
			return err
		}
		if r.Drill {
			if err := errors.Join(clearDrill(tx, r), tx.DropDrillMails(r)); err != nil {
				return err
			}
		}
		if err := tx.DropIdentifiers(r); err != nil {
			return err
		}
		if err := tx.DropTaskLinks(r); err != nil {
			return err
		}
		if err := tx.CloseNotices(r); err != nil {
			return err
		}
		if err := tx.DropRestrictions(r); err != nil {
			return err
		}
		if err := tx.DropWords(r); err != nil {
			return err
		}
		for _, class := range []string{store.ClassCore, store.ClassEvidence, store.ClassPackage, store.ClassRestriction} {
			if err := tx.Shred(r.PublicID, class); err != nil {
				return err
			}
		}
		// Nobody can read them any more; they are not to lie there for ever either.
		return tx.Enqueue(job.Spec{Kind: JobForget, Key: JobForget + "/" + r.PublicID, Object: r.PublicID})
	})
}

// Receipt proves, offline, that the request came in and when.
func (d *Desk) Receipt(ctx context.Context, address []byte, id string) ([]byte, error) {
	var proof []byte
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := visible(tx, r, address); err != nil {
			return err
		}
		proof, err = tx.Receipt(r.ID, r.PublicID, string(dsr.EventReceived))
		return err
	})
	if fault.KindOf(err) == fault.Unavailable {
		// The sequencer runs every second; a person who is quicker need not see that.
		if _, sequenced := d.Store.Sequence(ctx); sequenced == nil {
			err = d.Store.Read(ctx, func(tx *store.Tx) error {
				r, err := tx.ReadRequest(id)
				if err != nil {
					return err
				}
				proof, err = tx.Receipt(r.ID, r.PublicID, string(dsr.EventReceived))
				return err
			})
		}
	}
	return proof, err
}

package casework

import (
	"context"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// takeEffect does what the law lets a request do the moment it comes in, whatever its time limit is
// (CLK-08): who objects to marketing or withdraws consent is on the suppression list from now on
// (Art. 21(3), 7(3)). What only people can stop becomes a duty of the office. Own tells that the address
// of the case is the person's: nobody is put on a list by what somebody else asks for them.
func takeEffect(tx *store.Tx, r *store.Request, own bool) error {
	reg, err := registerOf(tx, r.Controller, r.RegisterVersion)
	if err != nil {
		return err
	}
	stopped, owed := effect(r, reg)
	for _, activity := range stopped {
		if !own || len(r.AddressIndex) == 0 {
			break // nothing to remember the person by: the duty says so to the office
		}
		if err := tx.Suppress(activity, r.AddressIndex); err != nil {
			return err
		}
	}
	for _, duty := range owed {
		e := dsr.Event{Kind: dsr.EventDuty, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: string(duty), Count: len(stopped)}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
	}
	return nil
}

// effect lists the activities that a request ends at once, and what the office owes.
func effect(r *store.Request, reg *register.Register) (stopped []string, owed []dsr.Duty) {
	owe := func(d dsr.Duty) {
		if !slices.Contains(owed, d) {
			owed = append(owed, d)
		}
	}
	switch r.Right {
	case dsr.Restriction:
		owe(dsr.HoldUse)
	case dsr.Rectification:
		if r.Detail.Meanwhile {
			owe(dsr.HoldUse)
		}
	case dsr.Portability:
		if r.Detail.Recipient != "" {
			owe(dsr.Transfer)
		}
	case dsr.Objection, dsr.Withdrawal:
		for _, id := range reg.Scope(r.Right, r.Detail.Activities, r.Detail.Marketing) {
			switch a := reg.Activity(id); {
			case a == nil || !a.Has(r.Right):
			case r.Right == dsr.Withdrawal:
				stopped = append(stopped, id)
				owe(dsr.StopConsent)
			case a.Erasure.Marketing:
				stopped = append(stopped, id)
				owe(dsr.StopMarketing)
			default:
				owe(dsr.HoldUse)
			}
		}
	}
	return stopped, owed
}

// Relieve records that the office has done what it owed beside the plan, and how. A transfer that
// was not feasible is recorded as such, with the reason: the person is told it.
func (d *Desk) Relieve(ctx context.Context, by By, id string, duty dsr.Duty, done bool, how string) error {
	how = strings.TrimSpace(how)
	if duty == dsr.Transfer && how == "" {
		return ErrReason.At("/how")
	}
	if duty != dsr.Transfer && !done {
		return dsr.ErrTransition // what takes effect at once cannot be declined
	}
	return d.actOpen(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		e := dsr.Event{Kind: dsr.EventDutyDone, Actor: by.actor(), Data: dsr.EventData{Code: string(duty), Confirmed: done}}
		return tx.Act(r, e, store.Change{Role: by.role(), Note: how})
	})
}

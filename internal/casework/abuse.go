package casework

import (
	"context"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// thinkAgain is how long an office of one thinks before it refuses a request as abuse.
const thinkAgain = 24 * time.Hour

// Faults of refusing a request as abuse.
var (
	ErrRefusalSecond = fault.Define(fault.Forbidden, "refusal_second",
		"Et slikt avslag må godkjennes av en annen enn den som foreslo det.",
		"Eit slikt avslag må godkjennast av ein annan enn den som føreslo det.",
		"Such a refusal must be approved by another person than the one who proposed it.")
	ErrRefusalWait = fault.Define(fault.Conflict, "refusal_wait",
		"Du er alene om å avgjøre dette. Vent et døgn fra du foreslo avslaget, og se på saken en gang til før du sender det.",
		"Du er åleine om å avgjere dette. Vent eit døgn frå du føreslo avslaget, og sjå på saka ein gong til før du sender det.",
		"You decide this alone. Wait a day from when you proposed the refusal, and look at the case once more before you send it.")
)

// abuse tells whether a ground says that the person abuses the right (Art. 12(5)): manifestly unfounded
// or excessive. The office has to prove it, so one person does not decide it alone.
func abuse(ground string) bool { return ground == "manifestly_unfounded" || ground == "excessive" }

// second proposes a refusal as abuse, or lets it pass when another member has proposed it with the same
// ground (FEE-03). An office of one proposes, thinks for a day, and then sends.
func second(tx *store.Tx, r *store.Request, by By, ground, reason string) (proposed bool, err error) {
	if !by.can(r, dsr.Refuse) {
		return false, dsr.ErrTransition
	}
	p := r.P.Proposed
	if p == nil || p.Ground != ground {
		e := dsr.Event{Kind: dsr.EventProposed, Actor: by.actor(), Data: dsr.EventData{Code: ground}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Note: reason}); err != nil {
			return false, err
		}
		return true, tx.MailOffice(r, mail.StaffApproval)
	}
	if p.By != by.ID {
		return false, nil
	}
	approvers, err := tx.Approvers()
	switch {
	case err != nil:
		return false, err
	case approvers > 1:
		return false, ErrRefusalSecond.At("/ground")
	case tx.Now.Sub(p.At) < thinkAgain:
		return false, ErrRefusalWait.At("/ground")
	}
	return false, nil
}

// DropProposal takes a proposed refusal back: the case goes on.
func (d *Desk) DropProposal(ctx context.Context, by By, id string) error {
	return d.actOpen(ctx, by, id, staff.Refuse, func(tx *store.Tx, r *store.Request) error {
		if r.P.Proposed == nil {
			return dsr.ErrTransition
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventProposed, Actor: by.actor()}, store.Change{Role: by.role()})
	})
}

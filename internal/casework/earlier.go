package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Earlier is another request of the same person, as far as one can tell.
type Earlier struct {
	Request *store.Request
	// Recent: it is about the same right and came less than a year before. With a year or more between them
	// no request is excessive (FEE-02).
	Recent bool
}

func earlier(tx *store.Tx, r *store.Request) ([]Earlier, error) {
	others, err := tx.EarlierThan(r)
	if err != nil {
		return nil, err
	}
	out := make([]Earlier, len(others))
	for i, other := range others {
		gap := r.P.Deadline.Received
		out[i] = Earlier{Request: other, Recent: other.Right == r.Right && other.P.Deadline.Received.AddMonths(12).After(gap)}
	}
	return out, nil
}

// KnownBy gives the cases that a person with these contacts has had, for whoever registers another: it may
// be a reminder (INT-12). That a member looked is a leaf in the log.
func (d *Desk) KnownBy(ctx context.Context, by By, contacts []Contact, l locale.Locale) ([]Summary, error) {
	values := map[string]string{}
	for i, c := range contacts {
		if err := check(c); err != nil {
			return nil, err
		}
		value, err := c.canonical()
		if err != nil {
			return nil, at(err, fmt.Sprintf("/contacts/%d/value", i))
		}
		values[c.Kind] = value.Reveal()
	}
	var out []Summary
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		out = nil
		if err := staff.May(staff.Member{ID: by.ID, Roles: by.Roles}, staff.FileOnBehalf, staff.Facts{}); err != nil {
			return err
		}
		found, err := tx.KnownBy(values)
		if err != nil {
			return err
		}
		today, _, err := d.today(tx)
		if err != nil {
			return err
		}
		for _, r := range found {
			if by.may(staff.ListCases, r) == nil {
				out = append(out, Summarise(r, today, l, ""))
			}
		}
		act := store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: "earlier_cases_read", Statement: map[string]int{"cases": len(out)}}
		_, err = tx.Log(act)
		return err
	})
	return out, err
}

// Remind is the person asking where the answer is. It is no new request and moves no date (INT-12): it
// stands in the open case, and the office is told.
func (d *Desk) Remind(ctx context.Context, address []byte, id string) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := d.own(tx, address, id)
		if err != nil {
			return err
		}
		if !dsr.Open(r.P.State) {
			return dsr.ErrTransition
		}
		today, zone, err := d.today(tx)
		if err != nil {
			return err
		}
		sameDay := func(e store.Event) bool {
			return e.Kind == dsr.EventReminded && e.Actor.Kind == dsr.Person && dsr.DateOf(e.At, zone) == today
		}
		if slices.ContainsFunc(r.Events, sameDay) {
			return nil // the office has been told today
		}
		e := dsr.Event{Kind: dsr.EventReminded, Actor: dsr.Actor{Kind: dsr.Person}, Data: dsr.EventData{Code: "by_person"}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
		return tx.MailOffice(r, mail.StaffReply)
	})
}

// reminderOf tells of which kind a reminder is.
func reminderOf(e store.Event) string {
	switch {
	case e.Actor.Kind == dsr.Person:
		return "person"
	case strings.HasPrefix(e.Data.Code, "identity_"):
		return "identity"
	case strings.HasPrefix(e.Data.Code, "clarification_"):
		return "clarification"
	case strings.HasPrefix(e.Data.Code, refusalStep):
		return "refusal"
	}
	return ""
}

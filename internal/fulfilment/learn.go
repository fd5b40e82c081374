package fulfilment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Lesson is what a member tells the portal about a case, or about one activity of it, and how they
// know. Of a weighing the reason is the balancing text (Art. 21(1)), which the person is told.
type Lesson struct{ Activity, Kind, Value, Reason string }

// Faults of telling the portal something.
var (
	ErrUnknownFact = fault.Define(fault.Invalid, "unknown_fact",
		"Dette kan ikke noteres her. Last siden på nytt.", "Dette kan ikkje noterast her. Last sida på nytt.",
		"This cannot be recorded here. Reload the page.")
	ErrFactReason = fault.Define(fault.Invalid, "fact_reason",
		"Skriv hvordan dere vet det.", "Skriv korleis de veit det.", "Write how you know.")
	ErrWeighingReason = fault.Define(fault.Invalid, "weighing_reason",
		"Skriv hvordan interessene er veid mot hverandre. Personen får lese det.",
		"Skriv korleis interessene er vegne mot kvarandre. Personen får lese det.",
		"Write how the interests were weighed. The person will read it.")
)

// Learn keeps what members told about a case. The rules go by it from the next search on, which
// begins at once: proposals and decisions that no longer follow are made anew (ERA-02, OBJ-01).
func (w *Works) Learn(ctx context.Context, by By, id string, lessons []Lesson) error {
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		for i, l := range lessons {
			if err := l.check(); err != nil {
				return err.At(fmt.Sprintf("/facts/%d%s", i, err.Field))
			}
		}
		if !learns(r) {
			return dsr.ErrTransition
		}
		reg, _, err := registerOf(tx, r.Controller, 0)
		if err != nil {
			return err
		}
		for i, l := range lessons {
			if !l.fits(r, reg) {
				return ErrUnknownFact.At(fmt.Sprintf("/facts/%d/kind", i))
			}
			// The log commits to all of it: what was known decides what becomes of the person's data.
			reason := strings.TrimSpace(l.Reason)
			said := map[string]string{"kind": l.Kind, "activity": l.Activity, "value": l.Value, "reason": reason}
			e := dsr.Event{Kind: dsr.EventLearned, Actor: by.actor(), Data: dsr.EventData{Code: l.Kind}}
			if err := tx.Act(r, e, store.Change{Role: by.role(), Statement: said}); err != nil {
				return err
			}
			fact := store.Fact{Activity: l.Activity, Kind: l.Kind, Value: l.Value, Reason: keyring.NewPrivate(reason), MemberID: by.ID,
				LeafHash: r.Events[len(r.Events)-1].LeafHash}
			if err := tx.AddFact(r, fact); err != nil {
				return err
			}
		}
		return w.searchAnew(tx, by, r)
	})
}

// searchAnew has the sources searched by what is known now. Before the first search there is nothing
// to do again.
func (w *Works) searchAnew(tx *store.Tx, by By, r *store.Request) error {
	if !searchable(r) {
		return nil
	}
	if r.P.State == dsr.Review {
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventReopened, Actor: by.actor()}, store.Change{Role: by.role()}); err != nil {
			return err
		}
	}
	return searchLater(tx, r)
}

// learns tells whether what the office knows can still change what is decided.
func learns(r *store.Request) bool {
	switch r.P.State {
	case dsr.Received, dsr.Collecting, dsr.AwaitingPerson, dsr.Review:
		return r.Right.Writes()
	}
	return false
}

func (l Lesson) check() *fault.Error {
	switch {
	case !slices.Contains(factValues[l.Kind], l.Value):
		return ErrUnknownFact.At("/kind")
	case strings.TrimSpace(l.Reason) != "":
		return nil
	case l.Kind == FactWeighing:
		return ErrWeighingReason.At("/reason")
	}
	return ErrFactReason.At("/reason")
}

// fits tells whether a fact can be told of a request: of an activity that there is, and a weighing
// only where the person objected to what can be weighed.
func (l Lesson) fits(r *store.Request, reg *register.Register) bool {
	a := reg.Activity(l.Activity)
	if l.Activity != "" && a == nil {
		return false
	}
	if l.Kind == FactWeighing {
		return (r.Right == dsr.Objection || r.Right == dsr.Erasure) && (a == nil || a.NeedsWeighing())
	}
	return slices.Contains(factsOf(r.Right), l.Kind)
}

// factsOf lists the facts that can change what is decided under a right, in the order of the form.
func factsOf(right dsr.Right) []string {
	switch right {
	case dsr.Erasure:
		return []string{FactRelation, FactClaim, FactUnlawful, FactChild, FactDuty, FactRestrict, FactObjection, FactWithdrawal}
	case dsr.Objection, dsr.Withdrawal:
		return []string{FactRelation, FactClaim, FactUnlawful, FactChild, FactDuty, FactRestrict}
	case dsr.Restriction:
		return []string{FactClaim}
	case dsr.Rectification:
		return []string{FactOpinion, FactAccurate}
	}
	return nil
}

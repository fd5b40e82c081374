package fulfilment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// GroupDecision is what a member decides for a group. The same action as proposed means that the
// member has looked at it.
type GroupDecision struct{ Group, Action, Ground, Reason string }

// ErrPlanStale says that the plan is being made anew.
var ErrPlanStale = fault.Define(fault.Conflict, "plan_stale",
	"Forslaget blir laget på nytt akkurat nå. Vent et øyeblikk, og last siden på nytt.",
	"Framlegget blir laga på nytt akkurat no. Vent litt, og last sida på nytt.",
	"The plan is being made anew right now. Wait a moment and reload the page.")

// ErrSourceDown says that a connected system does not answer.
var ErrSourceDown = fault.Define(fault.Unavailable, "source_unavailable",
	"Et av systemene svarer ikke akkurat nå. Portalen prøver igjen av seg selv.",
	"Eit av systema svarer ikkje akkurat no. Portalen prøver igjen av seg sjølv.",
	"One of the systems does not answer right now. The portal tries again by itself.")

// unavailable turns the failure of a connected system into words for a person.
func unavailable(err error) error {
	if err != nil && job.Code(err) == StopSource {
		return ErrSourceDown.Because(err)
	}
	return err
}

// planAtOnce is up to how many findings a plan is made before the answer to the member, instead
// of a moment later.
const planAtOnce = 3000

// Decide keeps what a member decided for groups of findings, and has the plan follow.
func (w *Works) Decide(ctx context.Context, by By, id string, decisions []GroupDecision) error {
	found := 0
	err := w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if !plannable(r) || m.run == nil {
			return dsr.ErrTransition
		}
		found = m.report.Found
		for _, d := range decisions {
			if err := w.decide(tx, by, m, d); err != nil {
				return err
			}
		}
		e := dsr.Event{Kind: dsr.EventDecided, Actor: by.actor(), Data: dsr.EventData{Count: len(decisions)}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Statement: decisions}); err != nil {
			return err
		}
		return planLater(tx, r)
	})
	if err != nil || found > planAtOnce {
		return err
	}
	w.planNow(ctx, id)
	return nil
}

// planNow makes the plan at once where that is quick. Its failure is no failure of the act: the
// job tries again.
func (w *Works) planNow(ctx context.Context, id string) {
	if err := w.replan(ctx, job.Job{Object: id}); err != nil {
		w.Logger.WarnContext(ctx, "the plan is made later", "request", id, "code", job.Code(err))
	}
}

func (w *Works) decide(tx *store.Tx, by By, m *material, d GroupDecision) error {
	g, ok := m.group(d.Group)
	if !ok {
		return ErrGroupGone.At("/decisions")
	}
	action := register.Action(d.Action)
	proposed := shown(g.Proposal.Action)
	if g.Blocked != nil && g.Part != partCandidate {
		return m.gap(g)
	}
	if action != proposed && !slices.Contains(g.Options, action) {
		return ErrNoSuchAction.At("/decisions")
	}
	if action == register.Review {
		return ErrNoSuchAction.At("/decisions")
	}
	departs := action != proposed
	if departs && proposed != register.Review && strings.TrimSpace(d.Reason) == "" {
		return ErrReasonMissing.At("/decisions")
	}
	if departs && register.Quiet(d.Ground) && strings.TrimSpace(d.Reason) == "" {
		return ErrReasonMissing.At("/decisions")
	}
	if departs && misplaced(d.Ground, m.request.Right) {
		return ErrGroundMissing.At("/decisions")
	}
	if departs && needsGround(g.unit(), action) && !knownGround(d.Ground, m.request, g.unit()) {
		return ErrGroundMissing.At("/decisions")
	}
	if !departs {
		action, d.Ground = g.Proposal.Action, g.Proposal.Ground
	}
	return tx.AddDecision(m.request, m.run, store.Decision{GroupKey: g.key, Action: string(action), Ground: d.Ground,
		Reason: keyring.NewPrivate(d.Reason), MemberID: by.ID})
}

// misplaced tells whether a provision is named that does not reach the right that was asked for, such as
// personopplysningsloven § 17 against erasure. What is about others is kept on one ground whatever was asked for.
func misplaced(code string, right dsr.Right) bool {
	known, ok := register.FindReason(register.RefusalGrounds, code)
	return ok && code != groundOthers && !known.For(right)
}

func knownGround(code string, r *store.Request, u unit) bool {
	list := register.RefusalGrounds
	if u.Part == partStored {
		list = register.RestrictedUses
	}
	if r.Right.Row().Package {
		list = slices.Concat(register.WithholdGrounds, register.QuietGrounds)
	}
	known, ok := register.FindReason(list, code)
	return ok && known.Before(r.P.Standing)
}

// holds tells whether a finding lies in the collection of a group.
func (g grouped) holds(f *engine.Finding) bool {
	return f.Source == g.Group.Source && collectionName(f) == g.Group.Collection
}

// chunk tells whether findings of a group can lie in a chunk.
func (g grouped) chunk(c store.Chunk) bool {
	return c.Source == g.Group.Source && c.Collection == g.Group.Collection && c.Candidate == g.Candidate
}

// shortKey is a row's key as people read it.
func shortKey(f *engine.Finding) string {
	parts := make([]string, len(f.Key))
	for i, k := range f.Key {
		parts[i] = k.Column + "=" + k.Value.Text()
	}
	s := strings.Join(parts, ", ")
	if r := []rune(s); len(r) > 400 {
		s = string(r[:400]) + "…"
	}
	return s
}

// open gives a request's material and the key of its findings to a member who looks into them;
// that is a leaf in the log.
func (w *Works) open(ctx context.Context, by By, id, action string) (*material, keyring.DataKey, error) {
	var m *material
	var k keyring.DataKey
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.ListCases, r); err != nil {
			return err
		}
		if m, err = w.gather(tx, r); err != nil {
			return err
		}
		if k, err = tx.Key(id, store.ClassEvidence); err != nil {
			return err
		}
		return by.look(tx, r, action)
	})
	if err != nil {
		return nil, k, fmt.Errorf("opening findings: %w", err)
	}
	return m, k, nil
}

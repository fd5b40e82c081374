package fulfilment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Retention without a request (Art. 5(1)(e)): every night all rows of the connected systems are held
// against the register, what has passed its time becomes a plan, two members approve it, and the same
// engine carries it out as an erasure's. A plan is never approved by itself: the register may be wrong,
// and a wrong period would erase a company's archive in a night.

// Faults of retention.
var (
	ErrNoRetention = fault.Define(fault.NotFound, "no_retention_plan",
		"Denne listen gjelder ikke lenger. Last siden på nytt.", "Denne lista gjeld ikkje lenger. Last sida på nytt.",
		"This list is no longer in force. Reload the page.")
	ErrRetentionMoved = fault.Define(fault.Conflict, "retention_moved",
		"Listen er en annen nå, eller noen andre har behandlet den. Last siden på nytt.",
		"Lista er ei anna no, eller nokon andre har behandla henne. Last sida på nytt.",
		"The list is another one now, or somebody else has dealt with it. Reload the page.")
)

// Why a plan is void, or a system was left to the next one.
const (
	leftHeld      = "held"      // somebody in it has an open case now
	leftNewer     = "newer"     // a newer plan took its place
	leftDrifted   = "drifted"   // rows are not as they were
	leftRefused   = "refused"   // the system does not allow it
	leftConnected = "not_there" // it is not connected any more
	leftGivenUp   = "given_up"  // it did not answer in time
	leftRemains   = StopRemains // rows are not as the plan leaves them
)

// retentionReport is what is kept of a plan in the clear: counts, nothing of anybody.
type retentionReport struct {
	Counts   []engine.RetentionCount `json:"counts"`
	Titles   []collectionTitle       `json:"titles,omitempty"`
	Waiting  []string                `json:"waiting,omitempty"` // systems that could not be read
	Writes   []string                `json:"writes,omitempty"`  // systems that it changes
	Problems []problem               `json:"problems,omitempty"`
}

// collectionTitle is what the office calls a collection and the system that it lies in.
type collectionTitle struct {
	Source     string `json:"source"`
	Collection string `json:"collection"`
	Title      string `json:"title"`
	Place      string `json:"place"`
}

// titlesOf gives what the datasets call the collections that something was counted in.
func titlesOf(connected []engine.Connected, counts []engine.RetentionCount) []collectionTitle {
	var out []collectionTitle
	for _, c := range connected {
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				counted := slices.ContainsFunc(counts, func(n engine.RetentionCount) bool { return n.Source == c.Source.Name() && n.Collection == col.Name })
				if counted {
					out = append(out, collectionTitle{Source: c.Source.Name(), Collection: col.Name, Title: col.Title(), Place: cmp.Or(titleOf(c), c.Source.Name())})
				}
			}
		}
	}
	return out
}

func reportIn(p *store.RetentionPlan) (retentionReport, error) {
	var r retentionReport
	if err := json.Unmarshal([]byte(p.Report), &r); err != nil {
		return r, fmt.Errorf("reading a plan of retention: %w", err)
	}
	return r, nil
}

func retentionFolder(id string) string { return "retention/" + id + "/" }

// retaining is what a plan of retention is made from.
type retaining struct {
	controller int64
	reg        *register.Register
	version    int64
	hold       []engine.Seed
	done       *engine.Ledger
	zone       *time.Location
	today      dsr.Date
	busy       bool // a plan is being carried out
}

// gatherRetention reads what a plan is made from.
func (w *Works) gatherRetention(tx *store.Tx, names []string) (retaining, error) {
	var r retaining
	c, err := tx.Controller()
	if err != nil {
		return r, err
	}
	r.controller = c.ID
	live, err := tx.LiveRetention(c.ID)
	if err != nil {
		return r, err
	}
	r.busy = live != nil && live.State == store.RetentionApproved
	if r.reg, r.version, err = registerOf(tx, c.ID, 0); err != nil {
		return r, err
	}
	if r.zone, err = zoneOf(tx); err != nil {
		return r, err
	}
	r.today = dsr.DateOf(tx.Now, r.zone)
	if r.hold, err = holds(tx); err != nil {
		return r, err
	}
	r.done, err = tx.Ledger(names...)
	return r, err
}

// holds gives the identifiers of everybody whose rows are left alone.
func holds(tx *store.Tx) ([]engine.Seed, error) {
	list, err := tx.Holds()
	if err != nil {
		return nil, err
	}
	known, maybe := seeds(list)
	return append(known, maybe...), nil
}

func (r *retaining) rules() engine.RetentionRules {
	return engine.RetentionRules{Hold: r.hold, Done: r.done,
		Term: func(activity string, from source.Value) engine.Term {
			a := r.reg.Activity(activity)
			if a == nil {
				return engine.Term{}
			}
			t := a.Term(dateOf(from), r.reg.Controller.FinancialYearTo, r.today)
			out := engine.Term{Over: t.Over, Look: t.Look, Undated: t.Undated}
			if t.End != (dsr.Date{}) {
				out.End = t.End.String()
			}
			return out
		},
		Decide: func(activity string) engine.Decision {
			d := engine.Decision{Action: engine.Delete, Reason: engine.ReasonRetention, Article: "Art. 5(1)(e)", RegisterVersion: int(r.version)}
			if a := r.reg.Activity(activity); a != nil && a.Passing() == register.Anonymise {
				d.Action = engine.Anonymise
			}
			return d
		},
	}
}

// planRetention is the job that looks for what has passed its time.
func (w *Works) planRetention(ctx context.Context, j job.Job) error {
	if err := w.PlanRetention(ctx); err != nil {
		return sourceErr(err)
	}
	return nil
}

// PlanRetention holds all rows of the connected systems against the register and makes a plan of what
// has passed its time. It takes the place of one that waits; while one is carried out there is no other.
// It may run anywhere, any number of times, at once.
func (w *Works) PlanRetention(ctx context.Context) error {
	conns, err := w.Open(ctx, job.Job{})
	if err != nil {
		return fmt.Errorf("connecting the sources: %w", err)
	}
	defer conns.close()
	var names []string
	for _, c := range conns.Sources {
		names = append(names, c.Source.Name())
	}
	var r retaining
	err = w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = w.gatherRetention(tx, names)
		return err
	})
	if err != nil || r.busy || len(r.reg.Activities) == 0 {
		return err
	}
	id, err := w.Store.NewID()
	if err != nil {
		return err
	}
	var key keyring.DataKey
	err = w.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		key, err = tx.Key(id, store.ClassEvidence)
		return err
	})
	if err != nil {
		return err
	}
	p, err := w.draftRetention(ctx, conns, r, id, key)
	kept := false
	if err == nil {
		kept, err = w.keepRetention(ctx, p)
	}
	if err != nil || !kept || p.State == store.RetentionEmpty {
		err = errors.Join(err, w.dropRetention(context.WithoutCancel(ctx), id))
	}
	return err
}

// draftRetention writes the steps.
func (w *Works) draftRetention(ctx context.Context, conns *Connections, r retaining, id string, key keyring.DataKey) (store.RetentionPlan, error) {
	p := store.RetentionPlan{PublicID: id, Controller: r.controller, Blob: retentionFolder(id) + "plan", RegisterVersion: r.version, State: store.RetentionReady}
	var report engine.RetentionReport
	var planned engine.PlanSummary
	_, err := blob.PutSealed(ctx, w.Blobs, p.Blob, key, func(out io.Writer) (err error) {
		steps := engine.NewPlanWriter(out)
		report, err = engine.PlanRetention(ctx, conns.Sources, r.rules(), w.options(key, r.zone), engine.PlanOptions{LedgerKey: w.Store.LedgerKey()}, steps.Write)
		if err == nil {
			planned, err = steps.Close()
		}
		return err
	})
	if err != nil {
		return p, err
	}
	p.Digest, p.Steps = planned.Digest, int64(planned.Steps)
	told := retentionReport{Counts: report.Counts, Titles: titlesOf(conns.Sources, report.Counts), Waiting: report.Waiting}
	problems := report.Problems
	if p.Steps == 0 {
		p.State = store.RetentionEmpty
	} else {
		tried, err := engine.Preflight(ctx, conns.Sources, w.steps(ctx, key, p.Blob), engine.ExecuteOptions{DigestKey: digestKey(key), SecondLook: -1, Rand: chanceOf(key, p.Digest)})
		if err != nil {
			return p, err
		}
		problems = append(problems, tried...)
	}
	for _, f := range problems {
		told.Problems = append(told.Problems, problem{Source: f.Source, Code: f.Code, Text: f.Text, Warning: f.Warning})
	}
	for _, c := range planned.Collections {
		if !slices.Contains(told.Writes, c.Source) {
			told.Writes = append(told.Writes, c.Source)
		}
	}
	body, err := json.Marshal(told)
	p.Report = string(body)
	return p, err
}

// keepRetention takes a plan in; false: another one was quicker.
func (w *Works) keepRetention(ctx context.Context, p store.RetentionPlan) (bool, error) {
	kept := false
	var old string
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		kept, old = false, ""
		live, err := tx.LiveRetention(p.Controller)
		if err != nil {
			return err
		}
		if live != nil {
			ended, err := tx.EndRetention(live, store.RetentionReady, store.RetentionVoid, leftNewer)
			if err != nil || !ended {
				return err
			}
			old = live.PublicID
		}
		if kept, err = tx.AddRetentionPlan(p); err != nil || !kept {
			return err
		}
		return logRetention(tx, "system", "", "retention_planned", &p, map[string]any{"digest": p.Digest, "rows": p.Steps})
	})
	if err == nil && old != "" {
		err = w.forget(ctx, retentionFolder(old))
	}
	return kept, err
}

func logRetention(tx *store.Tx, actor, role, action string, p *store.RetentionPlan, more map[string]any) error {
	said := map[string]any{"plan": p.PublicID}
	for k, v := range more {
		said[k] = v
	}
	_, err := tx.Log(store.Act{Actor: actor, Role: role, Action: action, Statement: said})
	return err
}

// dropRetention clears away what a plan that nobody needs left.
func (w *Works) dropRetention(ctx context.Context, id string) error {
	return errors.Join(w.forget(ctx, retentionFolder(id)),
		w.Store.InTx(ctx, func(tx *store.Tx) error { return tx.Shred(id, store.ClassEvidence) }))
}

// AskRetention has the systems looked through now.
func (w *Works) AskRetention(ctx context.Context, by By) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := by.mayIn(staff.Collect, staff.Facts{Assigned: true}); err != nil {
			return err
		}
		if _, err := tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: "retention_asked"}); err != nil {
			return err
		}
		// Asked many times at once it is done once.
		return tx.Enqueue(job.Spec{Kind: JobPlanRetention, Key: fmt.Sprintf("%s/asked/%d", JobPlanRetention, tx.Now.Unix()/60)})
	})
}

// ApproveRetention is the word of one member on exactly the plan with a digest. The first of two looks it
// through, the second approves it, and it is carried out; the only approver of an office confirms once more.
func (w *Works) ApproveRetention(ctx context.Context, by By, id, digest string, confirmed bool) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		p, err := tx.RetentionPlan(id)
		if err != nil {
			return err
		}
		approvers, err := tx.Approvers()
		if err != nil {
			return err
		}
		confirmed := confirmed && approvers < 2
		facts := staff.Facts{FactorFresh: by.Fresh, ApproversInOffice: approvers, Guarded: true, Confirmed: confirmed, OwnWork: approvers < 2}
		if p != nil && p.LookedBy != nil {
			facts.OwnWork = facts.OwnWork || *p.LookedBy == by.ID
		}
		if err := by.mayIn(staff.Approve, facts); err != nil {
			return err
		}
		switch {
		case p == nil:
			return ErrNoRetention
		case p.State != store.RetentionReady || p.Digest != digest:
			return ErrRetentionMoved
		}
		report, err := reportIn(p)
		if err != nil {
			return err
		}
		if blocking(report.Problems) {
			return ErrPlanProblems
		}
		said := map[string]any{"digest": p.Digest, "rows": p.Steps}
		actor := fmt.Sprintf("member.%d", by.ID)
		if p.LookedBy == nil && !confirmed {
			if ok, err := tx.LookRetention(p, by.ID); err != nil || !ok {
				return firstErr(err, ErrRetentionMoved)
			}
			return logRetention(tx, actor, by.role(), "retention_looked", p, said)
		}
		if ok, err := tx.ApproveRetention(p, by.ID, confirmed); err != nil || !ok {
			return firstErr(err, ErrRetentionMoved)
		}
		if err := tx.ExpectRetention(p, report.Writes); err != nil {
			return err
		}
		if err := logRetention(tx, actor, by.role(), "retention_approved", p, said); err != nil {
			return err
		}
		return tx.Enqueue(job.Spec{Kind: JobRetain, Key: JobRetain + "/" + p.PublicID, Object: p.PublicID})
	})
}

// carryingRetention is one run of the job that carries a plan out.
type carryingRetention struct {
	w     *Works
	plan  *store.RetentionPlan
	key   keyring.DataKey
	steps engine.Steps
	conns *Connections
	hold  []engine.Seed
	zone  *time.Location
	open  []string // systems that wait
}

// retain is the job that carries an approved plan out.
func (w *Works) retain(ctx context.Context, j job.Job) error {
	failed := w.carryRetention(ctx, j)
	if failed == nil || errors.Is(failed, job.ErrDone) || errors.Is(failed, job.ErrLost) {
		return failed
	}
	// A worker that took this one for dead may have ended the plan and cleared its steps away.
	over := false
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		p, err := tx.RetentionPlan(j.Object)
		over = err == nil && (p == nil || p.State != store.RetentionApproved)
		return err
	})
	if err == nil && over {
		return nil
	}
	return failed
}

// carryRetention carries the approved plan out, system by system. A system that fails is tried again;
// what is done stays done, and whatever else cannot be done is for the next plan.
func (w *Works) carryRetention(ctx context.Context, j job.Job) error {
	c, err := w.startRetention(ctx, j)
	if err != nil {
		return err
	}
	if c == nil {
		return ended(j)
	}
	if c.conns, err = w.Open(ctx, job.Job{}); err != nil {
		return fmt.Errorf("connecting the sources: %w", err)
	}
	defer c.conns.close()
	unread, held, err := c.held(ctx)
	switch {
	case err != nil:
		return sourceErr(err)
	case held > 0:
		return firstErr(c.end(ctx, j, store.RetentionVoid, leftHeld), ended(j))
	}
	var failed []error
	for _, name := range engine.Order(c.conns.Sources) {
		if !slices.Contains(c.open, name) {
			continue
		}
		if slices.Contains(unread, name) {
			failed = append(failed, c.note(ctx, name, string(source.Unreachable)), errSourceDown)
			continue
		}
		failed = append(failed, c.one(ctx, name))
	}
	for _, name := range c.open {
		if !slices.ContainsFunc(c.conns.Sources, func(s engine.Connected) bool { return s.Source.Name() == name }) {
			failed = append(failed, c.settle(ctx, store.RetentionSource{Source: name, State: store.RetainLeft, Code: leftConnected}, nil))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return sourceErr(err)
	}
	return firstErr(c.end(ctx, j, store.RetentionDone, ""), ended(j))
}

// startRetention reads what is to be carried out; nil: nothing any more.
func (w *Works) startRetention(ctx context.Context, j job.Job) (*carryingRetention, error) {
	var c *carryingRetention
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		c = nil
		p, err := tx.RetentionPlan(j.Object)
		if err != nil {
			return err
		}
		if p == nil || p.State != store.RetentionApproved {
			return finish(tx, j)
		}
		c = &carryingRetention{w: w, plan: p}
		if c.key, err = tx.Key(p.PublicID, store.ClassEvidence); err != nil {
			return err
		}
		if c.hold, err = holds(tx); err != nil {
			return err
		}
		if c.zone, err = zoneOf(tx); err != nil {
			return err
		}
		list, err := tx.RetentionSources(p)
		for _, s := range list {
			if s.State == store.RetainWaiting {
				c.open = append(c.open, s.Source)
			}
		}
		c.steps = w.steps(ctx, c.key, p.Blob)
		return err
	})
	return c, err
}

// held counts the rows of systems that still wait and that are about somebody with an open case. A case
// may have come in since the plan was made, and one row of it is enough to make a new one.
func (c *carryingRetention) held(ctx context.Context) (unread []string, rows int, err error) {
	waiting := stepsOfSources{c.steps, c.open}
	rows, unread, err = engine.HeldSteps(ctx, c.conns.Sources, c.hold, c.w.options(c.key, c.zone), waiting)
	return unread, rows, err
}

// stepsOfSources are the steps of some systems.
type stepsOfSources struct {
	engine.Steps
	names []string
}

func (s stepsOfSources) Each(ctx context.Context, fn func(*engine.Step) error) error {
	return s.Steps.Each(ctx, func(step *engine.Step) error {
		if !slices.Contains(s.names, step.Source) {
			return nil
		}
		return fn(step)
	})
}

// one carries out one system and checks it.
func (c *carryingRetention) one(ctx context.Context, name string) error {
	result, err := engine.Execute(ctx, c.conns.Sources, name, c.steps, engine.ExecuteOptions{DigestKey: digestKey(c.key), Rand: chanceOf(c.key, c.plan.Digest+" "+name)})
	left := store.RetentionSource{Source: name, State: store.RetainLeft}
	var drift *engine.DriftError
	switch {
	case errors.As(err, &drift):
		left.Code = leftDrifted
		return c.settle(ctx, left, nil)
	case errors.Is(err, engine.ErrCeiling), errors.Is(err, engine.ErrEffects), isConstraint(err):
		left.Code = leftRefused
		return c.settle(ctx, left, nil)
	case err != nil:
		return errors.Join(err, c.note(ctx, name, sourceCode(err)))
	}
	v, err := engine.Verify(ctx, c.conns.Sources, nil, c.w.options(c.key, c.zone), stepsOfSources{c.steps, []string{name}})
	if err != nil {
		return errors.Join(err, c.note(ctx, name, sourceCode(err)))
	}
	if v.Failed > 0 {
		left.Code = leftRemains
		return c.settle(ctx, left, nil)
	}
	deleted, changed, erased, err := c.w.written(ctx, name, c.steps)
	if err != nil {
		return err
	}
	if !result.AlreadyDone {
		deleted, changed = int64(result.Deleted), int64(result.Changed)
	}
	return c.settle(ctx, store.RetentionSource{Source: name, State: store.RetainDone, Deleted: deleted, Changed: changed}, erased)
}

func sourceCode(err error) string {
	var own *source.Error
	if errors.As(err, &own) {
		return string(own.Code)
	}
	return "failed"
}

// written tells what a plan does in a source, for the count and for the ledger.
func (w *Works) written(ctx context.Context, name string, steps engine.Steps) (deleted, changed int64, erased []engine.Erased, err error) {
	err = steps.Each(ctx, func(s *engine.Step) error {
		if s.Source != name || !s.Action.Writes() {
			return nil
		}
		if s.Action == engine.Delete {
			deleted++
		} else {
			changed++
		}
		return nil
	})
	if err == nil {
		err = engine.ErasedBy(ctx, w.Store.LedgerKey(), name, steps, func(e engine.Erased) error {
			erased = append(erased, e)
			return nil
		})
	}
	if err != nil {
		err = fmt.Errorf("reading the plan: %w", err)
	}
	return deleted, changed, erased, err
}

func (c *carryingRetention) note(ctx context.Context, name, code string) error {
	return c.w.Store.InTx(ctx, func(tx *store.Tx) error { return tx.NoteRetention(c.plan, name, code) })
}

// settle writes what became of a system, its ledger and its leaf, once.
func (c *carryingRetention) settle(ctx context.Context, s store.RetentionSource, erased []engine.Erased) error {
	return c.w.Store.InTx(ctx, func(tx *store.Tx) error {
		first, err := tx.SettleRetention(c.plan, s)
		if err != nil || !first {
			return err
		}
		for i := range erased {
			erased[i].At = tx.Now
		}
		if _, err := tx.AddErased(erased); err != nil {
			return err
		}
		action, said := "retention_executed", map[string]any{"source": s.Source, "deleted": s.Deleted, "changed": s.Changed, "digest": c.plan.Digest}
		if s.State == store.RetainLeft {
			action, said = "retention_left", map[string]any{"source": s.Source, "why": s.Code}
		}
		return logRetention(tx, "system", "", action, c.plan, said)
	})
}

// end ends the plan, destroys the key of its steps, and has what was left planned anew.
func (c *carryingRetention) end(ctx context.Context, j job.Job, state, code string) error {
	err := c.w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := finish(tx, j); err != nil {
			return err
		}
		return endRetention(tx, c.plan, state, code)
	})
	if err != nil {
		return err
	}
	return c.w.forget(ctx, retentionFolder(c.plan.PublicID))
}

func endRetention(tx *store.Tx, p *store.RetentionPlan, state, code string) error {
	first, err := tx.EndRetention(p, store.RetentionApproved, state, code)
	if err != nil || !first {
		return err
	}
	list, err := tx.RetentionSources(p)
	if err != nil {
		return err
	}
	left := slices.ContainsFunc(list, func(s store.RetentionSource) bool { return s.State != store.RetainDone })
	if err := logRetention(tx, "system", "", "retention_ended", p, map[string]any{"state": state, "why": code, "left": left}); err != nil {
		return err
	}
	if !left {
		return nil
	}
	return tx.Enqueue(job.Spec{Kind: JobPlanRetention, Key: JobPlanRetention + "/after/" + p.PublicID})
}

// gaveUpRetention leaves what did not answer for a day to the next plan.
func (w *Works) gaveUpRetention(ctx context.Context, j job.Job) error {
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		p, err := tx.RetentionPlan(j.Object)
		if err != nil || p == nil {
			return err
		}
		list, err := tx.RetentionSources(p)
		if err != nil {
			return err
		}
		for _, s := range list {
			if _, err := tx.SettleRetention(p, store.RetentionSource{Source: s.Source, State: store.RetainLeft, Code: leftGivenUp}); err != nil {
				return err
			}
		}
		return endRetention(tx, p, store.RetentionDone, leftGivenUp)
	})
	if err != nil {
		return err
	}
	return w.forget(ctx, retentionFolder(j.Object))
}

// RetentionRow names one row of a plan, for whoever looks it up in the system.
type RetentionRow struct {
	Key    string
	Action string
}

// retentionSample is how many rows are shown.
const retentionSample = 20

// RetentionRows shows the keys of some rows of a waiting plan; the look is logged.
func (w *Works) RetentionRows(ctx context.Context, by By, id, src, collection string) ([]RetentionRow, error) {
	var steps engine.Steps
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := by.mayIn(staff.Unmask, staff.Facts{Assigned: true, FactorFresh: by.Fresh}); err != nil {
			return err
		}
		p, err := tx.RetentionPlan(id)
		if err != nil {
			return err
		}
		if p == nil || p.State != store.RetentionReady {
			return ErrNoRetention
		}
		key, err := tx.Key(p.PublicID, store.ClassEvidence)
		if err != nil {
			return err
		}
		steps = w.steps(ctx, key, p.Blob)
		return logRetention(tx, fmt.Sprintf("member.%d", by.ID), by.role(), "retention_rows_read", p, map[string]any{"source": src, "collection": collection})
	})
	if err != nil {
		return nil, err
	}
	var out []RetentionRow
	err = steps.Each(ctx, func(s *engine.Step) error {
		if s.Source != src || s.Collection != collection || len(out) == retentionSample {
			return nil
		}
		row := RetentionRow{Action: string(s.Action)}
		for i, k := range s.Key {
			if i > 0 {
				row.Key += ", "
			}
			row.Key += k.Column + " " + k.Value.Text()
		}
		out = append(out, row)
		return nil
	})
	return out, err
}

// RetentionView is what the office sees.
type RetentionView struct {
	ID       string // "" where no plan was ever made
	State    string
	Digest   string
	Rows     int64
	MadeAt   time.Time
	Looked   bool // a first member has looked
	Mine     bool // and that was this one
	Alone    bool // there is nobody else to approve
	Groups   []RetentionGroup
	Waiting  []string
	Sources  []store.RetentionSource
	Problems []locale.Text
	Blocked  bool
	Last     *store.RetentionPlan // that was carried out
	LastRows int64
	Own      []OwnClass
}

// RetentionGroup is what was found in one collection of the rows that are there for the same activities, in words.
type RetentionGroup struct {
	engine.RetentionCount
	For          []RetainedFor
	Title, Place string // what the office calls the collection, and the system
}

// RetainedFor is an activity, and for how long its data are kept.
type RetainedFor struct {
	ID      string
	Name    locale.Text
	HowLong locale.Text
}

// Retention gives what has passed its time, and what the portal erases of its own.
func (w *Works) Retention(ctx context.Context, by By) (RetentionView, error) {
	var v RetentionView
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		v = RetentionView{}
		if err := by.mayIn(staff.ReadReports, staff.Facts{}); err != nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		approvers, err := tx.Approvers()
		if err != nil {
			return err
		}
		v.Alone = approvers < 2
		if v.Own, err = ownClasses(tx); err != nil {
			return err
		}
		if v.Last, err = tx.LastRetention(c.ID); err != nil {
			return err
		}
		if v.Last != nil {
			list, err := tx.RetentionSources(v.Last)
			if err != nil {
				return err
			}
			for _, s := range list {
				v.LastRows += s.Deleted + s.Changed
			}
		}
		p, err := tx.NewestRetention(c.ID)
		if err != nil || p == nil {
			return err
		}
		return v.of(tx, p, by)
	})
	return v, err
}

func (v *RetentionView) of(tx *store.Tx, p *store.RetentionPlan, by By) error {
	report, err := reportIn(p)
	if err != nil {
		return err
	}
	reg, _, err := registerOf(tx, p.Controller, p.RegisterVersion)
	if err != nil {
		return err
	}
	v.ID, v.State, v.Digest, v.Rows, v.MadeAt, v.Waiting = p.PublicID, p.State, p.Digest, p.Steps, p.MadeAt, report.Waiting
	v.Looked = p.LookedBy != nil
	v.Mine = v.Looked && *p.LookedBy == by.ID
	v.Blocked = blocking(report.Problems)
	for _, f := range report.Problems {
		v.Problems = append(v.Problems, f.Text)
	}
	for _, c := range report.Counts {
		g := RetentionGroup{RetentionCount: c, Title: export.Readable(c.Collection), Place: c.Source}
		for _, id := range c.Activities {
			kept := RetainedFor{ID: id, Name: textUnknownActivity}
			if a := reg.Activity(id); a != nil {
				kept.Name, kept.HowLong = a.Name, a.Retention.HowLong()
			}
			g.For = append(g.For, kept)
		}
		for _, named := range report.Titles {
			if named.Source == c.Source && named.Collection == c.Collection {
				g.Title, g.Place = cmp.Or(named.Title, g.Title), named.Place
			}
		}
		v.Groups = append(v.Groups, g)
	}
	v.Sources, err = tx.RetentionSources(p)
	return err
}

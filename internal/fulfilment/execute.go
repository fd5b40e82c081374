package fulfilment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// carrying is one run of the execute job.
type carrying struct {
	w     *Works
	job   job.Job
	m     *material
	key   keyring.DataKey
	steps engine.Steps
	conns *Connections
	sum   summary
	seeds []engine.Seed
	zone  *time.Location
}

// awaitCopy is how long an execution sleeps before it looks whether the person has the copy. It is woken when the
// request for the copy is closed; this is for what wakes nobody, such as an identifier that turned out to be
// somebody else's, and for a request that is closed just while the execution goes to sleep.
const awaitCopy = 15 * time.Minute

// execute carries out the approved plan: exactly its steps, source by source, each in one
// transaction of its own. What is done stays done however often this runs.
func (w *Works) execute(ctx context.Context, j job.Job) error {
	c, wait, err := w.carry(ctx, j)
	switch {
	case errors.Is(err, store.ErrNoRequest):
		return job.Cancel(err)
	case errors.Is(err, ErrCopyFirst): // asked for after the approval
		return job.Snooze(awaitCopy)
	case err != nil:
		return err
	case wait > 0:
		return job.Snooze(wait)
	case c == nil:
		return ended(j)
	}
	if !writes(c.m.request.Right) {
		return w.pack(ctx, j, c)
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	if c.conns != nil {
		defer c.conns.close()
	}
	if done, err := c.restrictedMeanwhile(ctx, j); err != nil || done {
		return firstErr(err, ended(j))
	}
	if done, err := c.write(ctx, j); err != nil || done {
		return firstErr(err, ended(j))
	}
	if done, err := c.check(ctx, j); err != nil || done {
		return firstErr(err, ended(j))
	}
	if err := w.executed(ctx, j, c); err != nil {
		return err
	}
	return ended(j)
}

// carry moves an approved request into its execution, or takes one up that was begun; nil: nothing
// to do. A wait says that the person may still change their mind, or that results are still to come.
func (w *Works) carry(ctx context.Context, j job.Job) (*carrying, time.Duration, error) {
	var c *carrying
	var wait time.Duration
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		c, wait = nil, 0
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		if r.P.State != dsr.Approved && (r.P.State != dsr.Executing || r.P.PlanDone) {
			return finish(tx, j)
		}
		if left := r.P.CoolUntil.Sub(tx.Now); r.P.State == dsr.Approved && left > 0 {
			wait = left
			return nil
		}
		later, err := tx.Awaits(j.ID)
		if err != nil {
			return err
		}
		if later {
			wait = awaitResult
			return nil
		}
		c = &carrying{w: w, job: j}
		return c.start(tx, r)
	})
	return c, wait, err
}

func (c *carrying) start(tx *store.Tx, r *store.Request) error {
	var err error
	if c.m, err = c.w.gather(tx, r); err != nil {
		return err
	}
	if c.m.plan == nil || c.m.plan.Digest != r.P.Approval {
		return job.Cancel(dsr.ErrPlanNotApproved)
	}
	if c.sum, _, err = planFacts(c.m.plan); err != nil {
		return err
	}
	if r.P.State == dsr.Approved {
		if err := copyFirst(tx, r); err != nil {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventExecutionStarted, Actor: system}, store.Change{}); err != nil {
			return err
		}
		if err := handOver(tx, r, c.m.tasks); err != nil {
			return err
		}
	}
	if err := tellRecipients(tx, c.m, c.sum); err != nil {
		return err
	}
	if err := tx.ExpectExecution(c.m.plan.ID, c.sum.Writes); err != nil {
		return err
	}
	if c.key, err = tx.Key(r.PublicID, store.ClassEvidence); err != nil {
		return err
	}
	known, err := tx.Identifiers(r)
	if err != nil {
		return err
	}
	c.seeds, _ = seeds(known)
	if c.zone, err = zoneOf(tx); err != nil {
		return err
	}
	c.steps = c.w.steps(tx.Context(), c.key, c.m.plan.Blob)
	return nil
}

// connect opens the sources, if the plan has anything to do with any. All of them must be there, as
// when the plan was made: the check afterwards looks everywhere, and which fields tell whether a row
// has changed depends on the references that other sources have to it.
func (c *carrying) connect(ctx context.Context) error {
	c.steps = c.w.steps(ctx, c.key, c.m.plan.Blob)
	if len(c.sum.Writes) == 0 {
		return nil
	}
	conns, err := c.w.Open(ctx, c.job)
	if err != nil {
		return fmt.Errorf("connecting the sources: %w", err)
	}
	c.conns = conns
	return c.answer(ctx)
}

// answer holds that every source answers before the first is written: databases are connected when they
// are first asked.
func (c *carrying) answer(ctx context.Context) error {
	var down []error
	for _, s := range c.conns.Sources {
		if _, err := s.Source.Inspect(ctx); err != nil {
			if ctx.Err() != nil || errors.Is(err, &source.Error{Code: source.Later}) {
				return sourceErr(err)
			}
			down = append(down, errSourceDown, c.noteErr(ctx, s.Source.Name(), err))
		}
	}
	return job.Fail(StopSource, errors.Join(down...))
}

func (c *carrying) note(ctx context.Context, name, code string) error {
	return c.w.Store.InTx(ctx, func(tx *store.Tx) error { return tx.FailExecution(c.m.plan.ID, name, code) })
}

// write carries out the sources that are not done, in their order. True: rows had changed, the
// case is back with the office.
func (c *carrying) write(ctx context.Context, j job.Job) (bool, error) {
	var waiting []string
	err := c.w.Store.Read(ctx, func(tx *store.Tx) error {
		waiting = nil
		all, err := tx.Executions(c.m.plan.ID)
		for _, e := range all {
			if e.State != store.ExecutionDone {
				waiting = append(waiting, e.Source)
			}
		}
		return err
	})
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	if err := c.toldFirst(ctx); err != nil {
		return false, err
	}
	// Every source must be there before the first is written.
	for _, name := range waiting {
		if !slices.ContainsFunc(c.conns.Sources, func(s engine.Connected) bool { return s.Source.Name() == name }) {
			return false, job.Fail(StopSource, errors.Join(errSourceDown, c.note(ctx, name, string(source.Unreachable))))
		}
	}
	for _, name := range engine.Order(c.conns.Sources) {
		if !slices.Contains(waiting, name) {
			continue
		}
		if drifted, err := c.one(ctx, j, name); err != nil || drifted {
			return drifted, err
		}
	}
	return false, nil
}

// one carries out one source.
func (c *carrying) one(ctx context.Context, j job.Job, name string) (bool, error) {
	result, err := engine.Execute(ctx, c.conns.Sources, name, c.steps, engine.ExecuteOptions{DigestKey: digestKey(c.key), Rand: chanceOf(c.key, c.m.plan.Digest+" "+name)})
	var drift *engine.DriftError
	switch {
	case errors.Is(err, &source.Error{Code: source.Later}):
		return false, comeBack()
	case errors.As(err, &drift):
		return true, c.drifted(ctx, j, name, drift.Rows)
	case errors.Is(err, engine.ErrCeiling), errors.Is(err, engine.ErrEffects), isConstraint(err):
		return false, job.Cancel(job.Fail(StopExecute, errors.Join(err, c.note(ctx, name, "refused"))))
	case err != nil:
		return false, errors.Join(sourceErr(err), c.noteErr(ctx, name, err))
	}
	return false, c.done(ctx, name, result)
}

func isConstraint(err error) bool { return errors.Is(err, &source.Error{Code: source.Constraint}) }

func (c *carrying) noteErr(ctx context.Context, name string, err error) error {
	code := "failed"
	var own *source.Error
	if errors.As(err, &own) {
		code = string(own.Code)
	}
	return c.note(ctx, name, code)
}

// done writes down what a source's transaction did. If the process died between that transaction
// and this one, the engine finds every row in its end state and the plan says what was done.
func (c *carrying) done(ctx context.Context, name string, result engine.SourceResult) error {
	deleted, changed, erased, err := c.w.written(ctx, name, c.steps)
	if err != nil {
		return err
	}
	if !result.AlreadyDone {
		deleted, changed = int64(result.Deleted), int64(result.Changed)
	}
	// Now, and not when all is done: should another source send the case back, the next search need not
	// reach these rows any more.
	restricted, err := c.restricted(ctx, name)
	if err != nil {
		return err
	}
	return c.w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(c.m.request.PublicID)
		if err != nil {
			return err
		}
		first, err := tx.FinishExecution(c.m.plan.ID, name, deleted, changed)
		if err != nil || !first {
			return err
		}
		for i := range erased {
			erased[i].At = tx.Now
		}
		if r.Drill {
			erased, restricted = nil, nil // no backup brings back what nobody had, and it holds for nobody
		}
		if _, err := c.w.restrict(tx, r, system, "", restricted); err != nil {
			return err
		}
		if _, err := tx.AddErased(erased); err != nil {
			return err
		}
		// The check that follows asks what is there now, and not what was there before.
		if err := tx.CloseEnquiriesOf(name, c.job.ID); err != nil {
			return err
		}
		_, err = tx.Log(store.Act{Actor: "system", Action: "source_executed", Request: r.PublicID, RequestID: r.ID,
			Statement: map[string]any{"source": name, "deleted": deleted, "changed": changed, "digest": c.m.plan.Digest}})
		return err
	})
}

// drifted sends the case back to the office: rows are not as they were approved. The approval is
// void, the sources are searched anew; sources that are done stay done.
func (c *carrying) drifted(ctx context.Context, j job.Job, name string, rows int) error {
	return c.w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(c.m.request.PublicID)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil || r.P.State != dsr.Executing {
			return err
		}
		if err := tx.FailExecution(c.m.plan.ID, name, "drifted"); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventDrifted, Actor: system, Data: dsr.EventData{Source: name, Count: rows}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
		return searchLater(tx, r)
	})
}

// check reads everything once more: every step must have its effect, and an erasure must leave
// nothing that the plan does not keep. True: the case has gone elsewhere.
func (c *carrying) check(ctx context.Context, j job.Job) (bool, error) {
	if c.conns == nil {
		return false, nil
	}
	v, err := engine.Verify(ctx, c.conns.Sources, c.seeds, c.w.options(c.key, c.zone), c.steps)
	if err != nil {
		return false, sourceErr(fmt.Errorf("checking the execution: %w", err))
	}
	switch {
	case awaits(v.Report.Collections):
		return false, comeBack()
	case overdue(v.Report.Collections):
		return false, job.Cancel(job.Fail(StopSource, errOverdue))
	case v.Report.Incomplete:
		return false, job.Fail(StopSource, errSourceDown)
	}
	if v.Failed > 0 {
		return false, job.Cancel(job.Fail(StopRemains, errors.Join(fmt.Errorf("%d steps are not in their end state", v.Failed), c.undone(ctx, v.FailedIn))))
	}
	if !c.m.request.Right.Removes() {
		return false, nil
	}
	for _, left := range v.Remaining {
		if left.Unexpected > 0 {
			return true, c.drifted(ctx, j, left.Source, left.Unexpected)
		}
	}
	return false, nil
}

// undone notes sources whose rows are not as the plan left them: a commit was lost with the power, or
// a backup was put back. When a person lets the case go on, the plan is carried out there once more.
func (c *carrying) undone(ctx context.Context, sources []string) error {
	return c.w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(c.m.request.PublicID)
		if err != nil || r.P.State != dsr.Executing || r.P.PlanDone {
			return err
		}
		for _, name := range sources {
			if err := tx.UndoExecution(c.m.plan.ID, name, StopRemains); err != nil {
				return err
			}
		}
		return nil
	})
}

// executed writes that everything is done and checked. What needs no colleague any more is
// answered in the same transaction.
func (w *Works) executed(ctx context.Context, j job.Job, c *carrying) error {
	restricted, err := c.restricted(ctx, "")
	if err != nil {
		return err
	}
	removed, err := c.removed(ctx)
	if err != nil {
		return err
	}
	beside, err := c.keptStatements(ctx)
	if err != nil {
		return err
	}
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(c.m.request.PublicID)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil || r.P.State != dsr.Executing || r.P.PlanDone {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventExecuted, Actor: system}, store.Change{}); err != nil {
			return err
		}
		if r.Drill { // nothing of a rehearsal is to hold for others
			return w.answerIfDone(tx, r)
		}
		if err := w.state(tx, r, beside); err != nil {
			return err
		}
		if err := w.endRemoved(tx, r, removed); err != nil {
			return err
		}
		if _, err := w.restrict(tx, r, system, "", restricted); err != nil {
			return err
		}
		own, err := tx.PersonAddresses(r)
		if err != nil {
			return err
		}
		for _, address := range own {
			for _, activity := range c.sum.Suppress {
				if err := tx.Suppress(activity, address); err != nil {
					return err
				}
			}
		}
		return w.answerIfDone(tx, r)
	})
}

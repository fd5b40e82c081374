package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Outcome says how a run ended.
type Outcome string

// The outcomes of a run.
const (
	Done       Outcome = "done"
	Retried    Outcome = "retried"
	Snoozed    Outcome = "snoozed"
	GaveUp     Outcome = "gave_up"
	Lost       Outcome = "lost"        // somebody else holds it
	HandedBack Outcome = "handed_back" // the process stops
	Unsettled  Outcome = "unsettled"   // the queue could not be told; the lease will run out
)

// Runner claims jobs and runs their handlers. Queue, Work, Now and Rand are needed; the rest has defaults.
type Runner struct {
	Queue    Queue
	Work     map[string]Work // by kind
	Periodic []Periodic
	Now      func() time.Time
	Rand     func() float64 // in [0,1), safe for concurrent use

	Worker      string        // name of this process in the rows
	Concurrency int           // jobs at once; 4
	Lease       time.Duration // 60 s
	Beat        time.Duration // between heartbeats; 15 s
	Poll        time.Duration // between looks when no hint comes; 1 s
	Grace       time.Duration // for handlers to end by themselves when stopping; 20 s
	MaxCrashes  int           // in a row, before a job is set aside; 3

	// OnGiveUp raises the alarm. It runs before the job is set aside, and again if the process dies in
	// between: an alarm may come twice but never not at all. If it fails, the job is kept and it is tried again.
	OnGiveUp func(ctx context.Context, j Job, code string) error
	// Describe says more about an error in the log than its code and type. It must tell no personal data; "" says no more.
	Describe func(error) string
	Observe  func(j Job, o Outcome, took time.Duration) // for metrics
	Logger   *slog.Logger
}

// Run works until ctx ends: then it claims no more, lets handlers end by themselves for Grace, ends their
// contexts, and hands their jobs back. It gives nil after an orderly stop.
func (r *Runner) Run(ctx context.Context) error {
	c, err := r.withDefaults()
	if err != nil {
		return err
	}
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(ErrStopping)
	x := &execution{Runner: c, stop: work, busy: map[string]int{}, freed: make(chan struct{}, 1)}
	var periodic sync.WaitGroup
	periodic.Go(func() { x.enqueuePeriodic(ctx) })
	x.claimLoop(ctx)
	periodic.Wait()
	return x.wait(cancel)
}

func (r *Runner) withDefaults() (*Runner, error) {
	c := *r
	if c.Queue == nil || c.Now == nil || c.Rand == nil || len(c.Work) == 0 {
		return nil, errors.New("job runner needs a queue, work, a clock and randomness")
	}
	for kind, w := range c.Work {
		if w.Handle == nil {
			return nil, fmt.Errorf("job runner has no handler for %s", kind)
		}
	}
	for _, p := range c.Periodic {
		if _, ok := c.Work[p.Kind]; !ok || p.Every <= 0 {
			return nil, fmt.Errorf("job runner cannot do the periodic %s", p.Kind)
		}
	}
	setDefault(&c.Worker, "worker")
	setDefault(&c.Concurrency, 4)
	setDefault(&c.Lease, time.Minute)
	setDefault(&c.Beat, 15*time.Second)
	setDefault(&c.Poll, time.Second)
	setDefault(&c.Grace, 20*time.Second)
	setDefault(&c.MaxCrashes, 3)
	if c.Beat >= c.Lease {
		return nil, errors.New("job runner's heartbeat must be shorter than its lease")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.OnGiveUp == nil {
		c.OnGiveUp = func(context.Context, Job, string) error { return nil }
	}
	if c.Observe == nil {
		c.Observe = func(Job, Outcome, time.Duration) {}
	}
	return &c, nil
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// execution is one call of Run.
type execution struct {
	*Runner
	stop  context.Context // ends when handlers must end
	freed chan struct{}   // a place became free

	mu    sync.Mutex
	busy  map[string]int // running jobs by kind
	total int
	all   sync.WaitGroup
}

func (x *execution) claimLoop(ctx context.Context) {
	for ctx.Err() == nil {
		kinds := x.freeKinds()
		if len(kinds) > 0 {
			j, err := x.claim(ctx, kinds)
			if err != nil {
				x.Logger.Error("claiming a job", "error", x.describe(err))
			}
			if j != nil {
				x.start(*j)
				continue
			}
		}
		x.waitForWork(ctx)
	}
}

// claim does not end with ctx: a claim that is cut off may have been written, and would then look like a
// crash until the lease runs out.
func (x *execution) claim(ctx context.Context, kinds []string) (*Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), x.Lease/2)
	defer cancel()
	return x.Queue.Claim(ctx, x.Worker, kinds, x.Lease)
}

func (x *execution) waitForWork(ctx context.Context) {
	timer := time.NewTimer(x.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-x.Queue.Wake():
	case <-x.freed:
	case <-timer.C:
	}
}

// freeKinds gives the kinds of which one more job may run now, in a stable order.
func (x *execution) freeKinds() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.total >= x.Concurrency {
		return nil
	}
	kinds := slices.Sorted(maps.Keys(x.Work))
	return slices.DeleteFunc(kinds, func(kind string) bool {
		limit := x.Work[kind].Concurrency
		return limit > 0 && x.busy[kind] >= limit
	})
}

func (x *execution) start(j Job) {
	x.mu.Lock()
	x.busy[j.Kind]++
	x.total++
	x.mu.Unlock()
	x.all.Go(func() {
		defer x.release(j.Kind)
		began := x.Now()
		outcome := x.run(j)
		x.Observe(j, outcome, x.Now().Sub(began))
	})
}

func (x *execution) release(kind string) {
	x.mu.Lock()
	x.busy[kind]--
	x.total--
	x.mu.Unlock()
	select {
	case x.freed <- struct{}{}:
	default: // a note is already there
	}
}

// wait gives handlers Grace to end by themselves, ends their contexts, and gives them Grace once more.
func (x *execution) wait(cancel context.CancelCauseFunc) error {
	done := make(chan struct{})
	go func() { x.all.Wait(); close(done) }()
	for range 2 {
		timer := time.NewTimer(x.Grace)
		select {
		case <-done:
			timer.Stop()
			return nil
		case <-timer.C:
			cancel(ErrStopping)
		}
	}
	return errors.New("a job's handler does not end; its lease will run out")
}

func (x *execution) enqueuePeriodic(ctx context.Context) {
	asked := make([]time.Time, len(x.Periodic))
	for ctx.Err() == nil && len(x.Periodic) > 0 {
		now := x.Now()
		wait := x.Periodic[0].Every
		for i, p := range x.Periodic {
			slot := now.UTC().Truncate(p.Every)
			if !slot.Equal(asked[i]) {
				spec := Spec{Kind: p.Kind, Object: p.Object, Key: fmt.Sprintf("%s/%s@%d", p.Kind, p.Object, slot.Unix())}
				if err := x.Queue.Enqueue(ctx, spec); err != nil {
					x.Logger.Error("asking for a periodic job", "kind", p.Kind, "error", x.describe(err))
					wait = min(wait, x.Poll)
					continue
				}
				asked[i] = slot
			}
			wait = min(wait, slot.Add(p.Every).Sub(now))
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// describe says what the log may say about an error.
func (x *execution) describe(err error) string {
	s := fmt.Sprintf("%s (%T)", Code(err), root(err))
	if x.Describe == nil {
		return s
	}
	if more := x.Describe(err); more != "" {
		s += ": " + more
	}
	return s
}

// root gives the innermost error of a chain, whose type says most.
func root(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

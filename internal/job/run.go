package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// run takes one claimed job to its outcome.
func (x *execution) run(j Job) Outcome {
	log := x.Logger.With("job", j.ID, "kind", j.Kind, "object", j.Object, "attempt", j.Attempt, "fence", j.Fence)
	switch {
	case j.Crashes >= x.MaxCrashes:
		return x.giveUp(log, j, CodeCrashed)
	case j.Crashes > 0 && j.Attempt > x.maxAttempts(j) && x.oldEnough(j): // the last attempt left no word
		return x.giveUp(log, j, CodeAttempts)
	}
	ctx, cancel := context.WithCancelCause(x.stop)
	defer cancel(nil)
	beating := make(chan struct{})
	go func() { defer close(beating); x.beat(ctx, cancel, log, j) }()
	err := x.handle(ctx, log, j)
	lost := errors.Is(context.Cause(ctx), ErrLost)
	cancel(nil)
	<-beating
	if lost || errors.Is(err, ErrLost) {
		log.Warn("stale_worker: another worker holds the job; this result is discarded")
		return Lost
	}
	return x.settle(log, j, err)
}

// handle runs the handler and makes its panic an error. The value of a panic may hold personal data: only
// its type and the stack (which has no values) are logged.
func (x *execution) handle(ctx context.Context, log *slog.Logger, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("job panicked", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = Fail(CodePanic, errors.New("handler panicked"))
		}
	}()
	w := x.Work[j.Kind]
	if w.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.Timeout)
		defer cancel()
	}
	return w.Handle(ctx, j)
}

// beat keeps the lease until ctx ends, and ends ctx with ErrLost when the lease is lost, or may be: when no
// heartbeat came through for so long that it could run out before the next.
func (x *execution) beat(ctx context.Context, cancel context.CancelCauseFunc, log *slog.Logger, j Job) {
	ticker := time.NewTicker(x.Beat)
	defer ticker.Stop()
	last := time.Now() // monotonic; only differences are used
	for {
		select {
		case <-ctx.Done():
			// When the process stops, a handler may still be ending: the rest of its lease is longer than
			// the grace that it has.
			return
		case <-ticker.C:
		}
		began := time.Now()
		err := x.heartbeat(ctx, j)
		switch {
		case err == nil:
			last = began
		case errors.Is(err, ErrLost):
			cancel(ErrLost)
			return
		case ctx.Err() == nil:
			log.Warn("heartbeat failed", "error", x.describe(err))
		}
		if time.Since(last) >= x.Lease-x.Beat {
			cancel(ErrLost)
			return
		}
	}
}

func (x *execution) heartbeat(ctx context.Context, j Job) error {
	ctx, cancel := context.WithTimeout(ctx, x.Beat)
	defer cancel()
	return x.Queue.Heartbeat(ctx, j.ID, j.Fence, x.Lease)
}

// settle tells the queue what became of the job.
func (x *execution) settle(log *slog.Logger, j Job, err error) Outcome {
	var later snooze
	var never cancelled
	switch {
	case err == nil:
		return x.tell(log, j, Done, func(ctx context.Context) error { return x.Queue.Complete(ctx, j.ID, j.Fence) })
	case errors.Is(err, ErrDone):
		return Done
	case errors.As(err, &later):
		return x.tell(log, j, Snoozed, func(ctx context.Context) error { return x.Queue.Snooze(ctx, j.ID, j.Fence, later.after) })
	case errors.As(err, &never):
		log.Error("job cannot be done", "error", x.describe(err))
		return x.giveUp(log, j, Code(err))
	case x.stop.Err() != nil:
		return x.tell(log, j, HandedBack, func(ctx context.Context) error { return x.Queue.Snooze(ctx, j.ID, j.Fence, 0) })
	case j.Attempt >= x.maxAttempts(j) && x.oldEnough(j):
		log.Error("job failed for the last time", "error", x.describe(err))
		return x.giveUp(log, j, Code(err))
	}
	after := Backoff(j.Attempt, x.Rand())
	log.Warn("job failed and will be tried again", "error", x.describe(err), "after", after.String())
	return x.tell(log, j, Retried, func(ctx context.Context) error { return x.Queue.Retry(ctx, j.ID, j.Fence, after, Code(err)) })
}

func (x *execution) maxAttempts(j Job) int {
	switch {
	case j.MaxAttempts > 0:
		return j.MaxAttempts
	case x.Work[j.Kind].MaxAttempts > 0:
		return x.Work[j.Kind].MaxAttempts
	}
	return 10
}

func (x *execution) oldEnough(j Job) bool {
	return x.Now().Sub(j.CreatedAt) >= x.Work[j.Kind].GiveUpAfter
}

// giveUp raises the alarm and then sets the job aside. If there is no alarm to be had, the queue is told
// nothing: the lease runs out, and the job is given up again.
func (x *execution) giveUp(log *slog.Logger, j Job, code string) Outcome {
	log.Error("job is given up and needs a human", "code", code)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.stop), x.Lease/2)
	err := x.OnGiveUp(ctx, j, code)
	cancel()
	if err != nil {
		log.Error("raising the alarm", "error", x.describe(err))
		return Unsettled
	}
	return x.tell(log, j, GaveUp, func(ctx context.Context) error { return x.Queue.GiveUp(ctx, j.ID, j.Fence, code) })
}

// tell writes an outcome, also when the process is stopping. A database that is away for a moment must not
// make a finished job run again, so it is told three times.
func (x *execution) tell(log *slog.Logger, j Job, o Outcome, write func(context.Context) error) Outcome {
	pause := 200 * time.Millisecond
	for try := 1; ; try++ {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(x.stop), x.Beat)
		err := write(ctx)
		cancel()
		switch {
		case err == nil:
			return o
		case errors.Is(err, ErrLost):
			log.Warn("stale_worker: another worker holds the job; this result is discarded")
			return Lost
		case try == 3:
			log.Error("outcome of a job could not be written; it will run again", "outcome", o, "error", x.describe(err))
			return Unsettled
		}
		timer := time.NewTimer(pause)
		<-timer.C
		pause *= 5
	}
}

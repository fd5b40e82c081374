package job_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/fault"
	"mininfo/internal/job"
)

// world is a queue and a runner on it, inside a synctest bubble.
type world struct {
	*queue
	t    *testing.T
	log  *syncBuffer
	stop context.CancelFunc
	done chan error
	mu   sync.Mutex
	seen []string // outcomes
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (w *world) outcomes() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// in runs f in a bubble with a runner whose only kind of work is "work".
func in(t *testing.T, work job.Work, change func(*job.Runner), f func(w *world)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, queue: newQueue(), log: &syncBuffer{}, done: make(chan error, 1)}
		r := &job.Runner{
			Queue: w.queue, Work: map[string]job.Work{"work": work}, Now: time.Now, Rand: func() float64 { return 0.5 },
			Logger: slog.New(slog.NewTextHandler(w.log, nil)),
			Observe: func(j job.Job, o job.Outcome, _ time.Duration) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.seen = append(w.seen, fmt.Sprintf("%d:%s", j.Attempt, o))
			},
		}
		if change != nil {
			change(r)
		}
		ctx, stop := context.WithCancel(context.Background())
		w.stop = stop
		go func() { w.done <- r.Run(ctx) }()
		f(w)
		stop()
		if err := <-w.done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if strings.Contains(w.log.String(), "kari") {
			t.Errorf("the log tells personal data:\n%s", w.log)
		}
	})
}

func (w *world) add(s job.Spec) int64 {
	w.t.Helper()
	if s.Kind == "" {
		s.Kind = "work"
	}
	if err := w.Enqueue(context.Background(), s); err != nil {
		w.t.Fatal(err)
	}
	return w.next
}

// pass lets time go by until everything has come to rest.
func pass(d time.Duration) {
	time.Sleep(d) // of the bubble's clock: it takes no time
	synctest.Wait()
}

func (w *world) want(id int64, state, code string, outcomes ...string) {
	w.t.Helper()
	r := w.get(id)
	if r.state != state || r.code != code {
		w.t.Errorf("job is %s with code %q, want %s with %q", r.state, r.code, state, code)
	}
	if diff := cmp.Diff(outcomes, w.outcomes()); diff != "" {
		w.t.Error(diff)
	}
}

func TestWorkIsDoneAtOnce(t *testing.T) {
	var ran atomic.Int32
	in(t, job.Work{Handle: func(_ context.Context, j job.Job) error {
		if j.Object != "case-1" || j.Attempt != 1 || j.Fence != 1 || j.Crashes != 0 {
			t.Errorf("got %+v", j)
		}
		ran.Add(1)
		return nil
	}}, nil, func(w *world) {
		synctest.Wait()
		began := time.Now()
		id := w.add(job.Spec{Object: "case-1"})
		synctest.Wait()
		w.want(id, "done", "", "1:done")
		if time.Since(began) != 0 {
			t.Error("the hint was not heeded")
		}
		pass(time.Hour)
		if ran.Load() != 1 {
			t.Errorf("ran %d times", ran.Load())
		}
	})
}

func TestLaterWorkWaits(t *testing.T) {
	var at time.Time
	in(t, job.Work{Handle: func(context.Context, job.Job) error { at = time.Now(); return nil }}, nil, func(w *world) {
		due := time.Now().Add(time.Hour)
		w.add(job.Spec{RunAt: due})
		pass(2 * time.Hour)
		if late := at.Sub(due); late < 0 || late > time.Second {
			t.Errorf("ran %v after it was due", late)
		}
	})
}

func TestFailedWorkComesBackUntilItIsGivenUp(t *testing.T) {
	var alarms []string
	in(t, job.Work{MaxAttempts: 3, Handle: func(context.Context, job.Job) error {
		return job.Fail("smtp_451", errors.New("kari@example.no is greylisted"))
	}}, func(r *job.Runner) {
		r.OnGiveUp = func(_ context.Context, j job.Job, code string) error {
			alarms = append(alarms, fmt.Sprintf("%s after %d", code, j.Attempt))
			return nil
		}
	}, func(w *world) {
		id := w.add(job.Spec{})
		synctest.Wait()
		w.want(id, "ready", "smtp_451", "1:retried")
		if wait := time.Until(w.get(id).RunAt); wait != 3*time.Second {
			t.Errorf("waits %v", wait)
		}
		pass(time.Hour)
		w.want(id, "needs_human", "smtp_451", "1:retried", "2:retried", "3:gave_up")
		if diff := cmp.Diff([]string{"smtp_451 after 3"}, alarms); diff != "" {
			t.Error(diff)
		}
		if !strings.Contains(w.log.String(), "given up") {
			t.Error("given up quietly")
		}
	})
}

func TestWorkIsNotGivenUpBeforeItsAge(t *testing.T) {
	var down atomic.Bool
	down.Store(true)
	in(t, job.Work{MaxAttempts: 3, GiveUpAfter: 48 * time.Hour, Handle: func(context.Context, job.Job) error {
		if down.Load() {
			return errors.New("server is down")
		}
		return nil
	}}, func(r *job.Runner) { r.Poll = time.Minute }, func(w *world) {
		id := w.add(job.Spec{})
		pass(47 * time.Hour)
		if r := w.get(id); r.state == "needs_human" || r.Attempt < 100 {
			t.Errorf("%s after %d attempts", r.state, r.Attempt)
		}
		down.Store(false)
		pass(16 * time.Minute) // the longest that it may wait, and a look
		if r := w.get(id); r.state != "done" {
			t.Errorf("the server came back, and the job is %s", r.state)
		}
		down.Store(true)
		id = w.add(job.Spec{})
		pass(49 * time.Hour)
		if r := w.get(id); r.state != "needs_human" || r.code != job.CodeInternal {
			t.Errorf("after 49 hours it is %s, %s", r.state, r.code)
		}
	})
}

func TestAttemptsOfTheJobComeFirst(t *testing.T) {
	in(t, job.Work{MaxAttempts: 9, Handle: func(context.Context, job.Job) error { return errors.New("no") }}, nil, func(w *world) {
		id := w.add(job.Spec{MaxAttempts: 1})
		synctest.Wait()
		w.want(id, "needs_human", job.CodeInternal, "1:gave_up")
	})
}

func TestCancelGivesUpAtOnce(t *testing.T) {
	in(t, job.Work{Handle: func(context.Context, job.Job) error {
		return job.Cancel(job.Fail("no_such_mailbox", errors.New("550")))
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		synctest.Wait()
		w.want(id, "needs_human", "no_such_mailbox", "1:gave_up")
	})
}

func TestSnoozeCountsNoAttempt(t *testing.T) {
	left := 5
	in(t, job.Work{MaxAttempts: 1, Handle: func(context.Context, job.Job) error {
		if left--; left > 0 {
			return fmt.Errorf("waiting: %w", job.Snooze(time.Minute))
		}
		return nil
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		pass(10 * time.Minute)
		w.want(id, "done", "", "1:snoozed", "1:snoozed", "1:snoozed", "1:snoozed", "1:done")
	})
}

func TestHandlerThatCompletedItself(t *testing.T) {
	var w0 *world
	in(t, job.Work{Handle: func(ctx context.Context, j job.Job) error {
		if err := w0.Complete(ctx, j.ID, j.Fence); err != nil {
			t.Error(err)
		}
		return job.ErrDone
	}}, nil, func(w *world) {
		w0 = w
		id := w.add(job.Spec{})
		synctest.Wait()
		w.want(id, "done", "", "1:done")
		if n := w.count("complete"); n != 1 {
			t.Errorf("completed %d times", n)
		}
	})
}

func TestPanicIsOneJobsTrouble(t *testing.T) {
	in(t, job.Work{MaxAttempts: 2, Handle: func(_ context.Context, j job.Job) error {
		if j.Object == "bad" {
			panic("kari@example.no is not a number")
		}
		return nil
	}}, nil, func(w *world) {
		bad, good := w.add(job.Spec{Object: "bad"}), w.add(job.Spec{Object: "good"})
		pass(time.Hour)
		if r := w.get(bad); r.state != "needs_human" || r.code != job.CodePanic {
			t.Errorf("the bad job is %s, %s", r.state, r.code)
		}
		if r := w.get(good); r.state != "done" {
			t.Errorf("the good job is %s", r.state)
		}
		if log := w.log.String(); !strings.Contains(log, "job_test.go") || !strings.Contains(log, "type=string") {
			t.Error("the log does not say where it panicked")
		}
	})
}

func TestJobThatKillsItsProcessIsParked(t *testing.T) {
	var ran, alarms atomic.Int32
	in(t, job.Work{Handle: func(context.Context, job.Job) error { ran.Add(1); return nil }}, func(r *job.Runner) {
		r.OnGiveUp = func(context.Context, job.Job, string) error { alarms.Add(1); return nil }
	}, func(w *world) {
		// Three processes claimed it and died.
		w.queue.mu.Lock()
		w.rows[99] = &row{state: "running", until: time.Now().Add(-time.Second), Job: job.Job{
			ID: 99, Kind: "work", Attempt: 3, Crashes: 2, Fence: 3, CreatedAt: time.Now(),
		}}
		w.queue.mu.Unlock()
		pass(time.Minute)
		w.want(99, "needs_human", job.CodeCrashed, "4:gave_up")
		if ran.Load() != 0 || alarms.Load() != 1 {
			t.Errorf("ran %d times, %d alarms", ran.Load(), alarms.Load())
		}
	})
}

func TestJobOfACrashedProcessRunsAgain(t *testing.T) {
	in(t, job.Work{Handle: func(context.Context, job.Job) error { return nil }}, nil, func(w *world) {
		w.queue.mu.Lock()
		w.rows[99] = &row{state: "running", until: time.Now().Add(30 * time.Second), Job: job.Job{
			ID: 99, Kind: "work", Attempt: 1, Fence: 1, CreatedAt: time.Now(),
		}}
		w.queue.mu.Unlock()
		pass(29 * time.Second)
		w.want(99, "running", "")
		pass(3 * time.Second)
		w.want(99, "done", "", "2:done")
	})
}

func TestLastAttemptThatCrashedIsGivenUp(t *testing.T) {
	var ran atomic.Int32
	in(t, job.Work{MaxAttempts: 2, Handle: func(context.Context, job.Job) error { ran.Add(1); return nil }}, nil, func(w *world) {
		w.queue.mu.Lock()
		w.rows[99] = &row{state: "running", until: time.Now().Add(-time.Second), Job: job.Job{
			ID: 99, Kind: "work", Attempt: 2, Fence: 2, CreatedAt: time.Now(),
		}}
		w.queue.mu.Unlock()
		pass(time.Minute)
		w.want(99, "needs_human", job.CodeAttempts, "3:gave_up")
		if ran.Load() != 0 {
			t.Error("it ran once too often")
		}
	})
}

func TestAlarmThatFailsComesAgain(t *testing.T) {
	alarms := 0
	in(t, job.Work{MaxAttempts: 1, Handle: func(context.Context, job.Job) error { return errors.New("no") }}, func(r *job.Runner) {
		r.OnGiveUp = func(context.Context, job.Job, string) error {
			if alarms++; alarms < 3 {
				return errDown
			}
			return nil
		}
	}, func(w *world) {
		id := w.add(job.Spec{})
		pass(time.Hour)
		if r := w.get(id); r.state != "needs_human" {
			t.Errorf("it is %s", r.state)
		}
		if alarms != 3 {
			t.Errorf("%d alarms", alarms)
		}
	})
}

func TestLongWorkKeepsItsLease(t *testing.T) {
	var ran atomic.Int32
	in(t, job.Work{Handle: func(ctx context.Context, _ job.Job) error {
		ran.Add(1)
		return sleep(ctx, 10*time.Minute)
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		pass(11 * time.Minute)
		w.want(id, "done", "", "1:done")
		if ran.Load() != 1 {
			t.Errorf("ran %d times", ran.Load())
		}
		if n := w.count("heartbeat"); n < 35 || n > 45 {
			t.Errorf("%d heartbeats in ten minutes", n)
		}
	})
}

// sleep waits on the context as well, like any well-behaved handler.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func TestLostLeaseEndsTheHandlerAndDiscardsItsResult(t *testing.T) {
	for name, result := range map[string]error{"success": nil, "failure": errors.New("no"), "its own cause": job.ErrLost} {
		t.Run(name, func(t *testing.T) {
			var ended time.Duration
			in(t, job.Work{Handle: func(ctx context.Context, _ job.Job) error {
				began := time.Now()
				<-ctx.Done()
				ended = time.Since(began)
				if !errors.Is(context.Cause(ctx), job.ErrLost) {
					t.Errorf("cause is %v", context.Cause(ctx))
				}
				return result
			}}, nil, func(w *world) {
				id := w.add(job.Spec{})
				synctest.Wait()
				w.steal(id)
				pass(20 * time.Second)
				w.want(id, "running", "", "1:lost")
				if ended != 15*time.Second {
					t.Errorf("noticed after %v", ended)
				}
				if n := w.count("complete") + w.count("retry") + w.count("give up"); n != 0 {
					t.Error("a stale worker wrote a result")
				}
				if !strings.Contains(w.log.String(), "stale_worker") {
					t.Error("the log does not tell")
				}
			})
		})
	}
}

func TestZombieCannotComplete(t *testing.T) {
	in(t, job.Work{Handle: func(context.Context, job.Job) error {
		return sleep(context.Background(), time.Second) // does not look at its context
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		synctest.Wait()
		w.steal(id)
		pass(2 * time.Second)
		w.want(id, "running", "", "1:lost")
	})
}

func TestDatabaseAwayForLongEndsTheHandler(t *testing.T) {
	var ended time.Duration
	in(t, job.Work{Handle: func(ctx context.Context, j job.Job) error {
		if j.Attempt > 1 {
			return nil
		}
		began := time.Now()
		<-ctx.Done()
		ended = time.Since(began)
		return context.Cause(ctx)
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		synctest.Wait()
		w.setDown(errDown)
		pass(5 * time.Minute)
		if ended == 0 || ended >= time.Minute {
			t.Errorf("worked on for %v without a lease", ended)
		}
		w.setDown(nil)
		pass(time.Minute)
		w.want(id, "done", "", "1:lost", "2:done")
	})
}

func TestDatabaseAwayForAMomentCostsNothing(t *testing.T) {
	var ran atomic.Int32
	in(t, job.Work{Handle: func(ctx context.Context, _ job.Job) error { ran.Add(1); return sleep(ctx, 20*time.Second) }}, nil, func(w *world) {
		id := w.add(job.Spec{})
		pass(19900 * time.Millisecond)
		w.setDown(errDown)
		pass(400 * time.Millisecond)
		w.setDown(nil)
		pass(10 * time.Second)
		w.want(id, "done", "", "1:done")
		if ran.Load() != 1 {
			t.Errorf("ran %d times", ran.Load())
		}
	})
}

func TestOutcomeThatCannotBeWritten(t *testing.T) {
	var w0 *world
	in(t, job.Work{Handle: func(_ context.Context, j job.Job) error {
		if j.Attempt == 1 {
			w0.setDown(errDown)
		}
		return nil
	}}, nil, func(w *world) {
		w0 = w
		id := w.add(job.Spec{})
		pass(10 * time.Second)
		w.want(id, "running", "", "1:unsettled")
		w.setDown(nil)
		pass(2 * time.Minute)
		w.want(id, "done", "", "1:unsettled", "2:done")
	})
}

func TestTimeout(t *testing.T) {
	in(t, job.Work{MaxAttempts: 1, Timeout: time.Minute, Handle: func(ctx context.Context, _ job.Job) error {
		return sleep(ctx, time.Hour)
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		pass(61 * time.Second)
		w.want(id, "needs_human", job.CodeTimeout, "1:gave_up")
	})
}

func TestStopLetsHandlersEnd(t *testing.T) {
	in(t, job.Work{Handle: func(ctx context.Context, _ job.Job) error { return sleep(ctx, 10*time.Second) }}, nil, func(w *world) {
		id := w.add(job.Spec{})
		pass(time.Second)
		later := w.add(job.Spec{RunAt: time.Now().Add(time.Second)})
		w.stop()
		pass(5 * time.Second)
		if r := w.get(id); r.state != "running" {
			t.Errorf("the handler was ended early: %s", r.state)
		}
		pass(10 * time.Second)
		w.want(id, "done", "", "1:done")
		if r := w.get(later); r.state != "ready" {
			t.Errorf("a job was claimed while stopping: %s", r.state)
		}
	})
}

func TestStopHandsLongWorkBack(t *testing.T) {
	in(t, job.Work{Handle: func(ctx context.Context, _ job.Job) error {
		err := sleep(ctx, time.Hour)
		if !errors.Is(err, job.ErrStopping) {
			t.Errorf("ended by %v", err)
		}
		return err
	}}, nil, func(w *world) {
		id := w.add(job.Spec{})
		pass(time.Second)
		w.stop()
		pass(21 * time.Second)
		w.want(id, "ready", "", "1:handed_back")
		if r := w.get(id); r.Attempt != 0 || time.Until(r.RunAt) > 0 {
			t.Errorf("handed back with attempt %d, in %v", r.Attempt, time.Until(r.RunAt))
		}
	})
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		release := make(chan struct{})
		r := &job.Runner{
			Queue: q, Now: time.Now, Rand: func() float64 { return 0 },
			Work: map[string]job.Work{"work": {Handle: func(context.Context, job.Job) error { <-release; return nil }}},
		}
		if err := q.Enqueue(t.Context(), job.Spec{Kind: "work"}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		stop()
		began := time.Now()
		if err := <-done; err == nil {
			t.Error("a handler that does not end is passed over in silence")
		}
		if took := time.Since(began); took != 40*time.Second {
			t.Errorf("waited %v", took)
		}
		close(release)
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var mu sync.Mutex
		now, most := map[string]int{}, map[string]int{}
		handle := func(ctx context.Context, j job.Job) error {
			mu.Lock()
			for _, k := range []string{j.Kind, "all"} {
				now[k]++
				most[k] = max(most[k], now[k])
			}
			mu.Unlock()
			err := sleep(ctx, time.Second)
			mu.Lock()
			defer mu.Unlock()
			now[j.Kind]--
			now["all"]--
			return err
		}
		r := &job.Runner{
			Queue: q, Now: time.Now, Rand: func() float64 { return 0 }, Concurrency: 5,
			Work: map[string]job.Work{"slow": {Handle: handle, Concurrency: 2}, "quick": {Handle: handle}},
		}
		for i := range 60 {
			if err := q.Enqueue(t.Context(), job.Spec{Kind: []string{"slow", "slow", "quick"}[i%3]}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		pass(21 * time.Second) // 40 slow ones, two at a time
		for id := range q.rows {
			if got := q.get(id); got.state != "done" {
				t.Errorf("job %d is %s", id, got.state)
			}
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(map[string]int{"slow": 2, "quick": 3, "all": 5}, most); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOnlyOwnKindsAreClaimed(t *testing.T) {
	in(t, job.Work{Handle: func(context.Context, job.Job) error { return nil }}, nil, func(w *world) {
		id := w.add(job.Spec{Kind: "somebody_elses"})
		pass(time.Hour)
		w.want(id, "ready", "")
	})
}

func TestPeriodic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var mu sync.Mutex
		var times []time.Time
		work := map[string]job.Work{"sweep": {Handle: func(_ context.Context, j job.Job) error {
			mu.Lock()
			defer mu.Unlock()
			times = append(times, time.Now())
			return nil
		}}}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 2)
		for range 2 { // two processes on one queue
			r := &job.Runner{
				Queue: q, Now: time.Now, Rand: func() float64 { return 0 }, Work: work, Concurrency: 1,
				Periodic: []job.Periodic{{Kind: "sweep", Object: "all", Every: time.Hour}},
			}
			go func() { done <- r.Run(ctx) }()
		}
		pass(30 * time.Minute)
		q.setDown(errDown) // over the turn of the hour
		pass(45 * time.Minute)
		q.setDown(nil)
		pass(4 * time.Hour)
		stop()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		slots := map[time.Time]int{}
		for _, at := range times {
			slots[at.Truncate(time.Hour)]++
		}
		if len(slots) != 6 || len(times) != 6 {
			t.Errorf("ran at %v", times)
		}
		for _, r := range q.rows {
			if !strings.HasPrefix(r.Key, "sweep/all@") {
				t.Errorf("key is %q", r.Key)
			}
		}
	})
}

func TestRunnerRefusesHalfASetup(t *testing.T) {
	t.Parallel()
	good := func() job.Runner {
		return job.Runner{
			Queue: newQueue(), Now: time.Now, Rand: func() float64 { return 0 },
			Work: map[string]job.Work{"work": {Handle: func(context.Context, job.Job) error { return nil }}},
		}
	}
	for name, change := range map[string]func(*job.Runner){
		"queue":          func(r *job.Runner) { r.Queue = nil },
		"clock":          func(r *job.Runner) { r.Now = nil },
		"randomness":     func(r *job.Runner) { r.Rand = nil },
		"work":           func(r *job.Runner) { r.Work = nil },
		"handler":        func(r *job.Runner) { r.Work["work"] = job.Work{} },
		"periodic kind":  func(r *job.Runner) { r.Periodic = []job.Periodic{{Kind: "other", Every: time.Hour}} },
		"period":         func(r *job.Runner) { r.Periodic = []job.Periodic{{Kind: "work"}} },
		"slow heartbeat": func(r *job.Runner) { r.Lease, r.Beat = time.Second, time.Second },
	} {
		r := good()
		change(&r)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Run(ctx); err == nil {
			t.Errorf("runs without a %s", name)
		}
	}
	r := good()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Run(ctx); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempt int
		r       float64
		want    time.Duration
	}{
		{1, 0, time.Second}, {1, 1, 5 * time.Second}, {2, 1, 10 * time.Second}, {3, 0.5, 10500 * time.Millisecond},
		{8, 1, 640 * time.Second}, {9, 1, 15 * time.Minute}, {100, 1, 15 * time.Minute}, {100, 0, time.Second}, {0, 1, 5 * time.Second},
	} {
		if got := job.Backoff(c.attempt, c.r); got != c.want {
			t.Errorf("Backoff(%d, %v) = %v, want %v", c.attempt, c.r, got, c.want)
		}
	}
	for attempt := range 70 {
		if got := job.Backoff(attempt, 0.999999); got < time.Second || got > 15*time.Minute {
			t.Errorf("Backoff(%d) = %v", attempt, got)
		}
	}
}

type shy struct{}

func (shy) Error() string     { return "kari@example.no" }
func (shy) ErrorCode() string { return "kari@example.no" }

func TestCode(t *testing.T) {
	t.Parallel()
	f := fault.Define(fault.Conflict, "plan_changed", "a", "b", "c")
	for want, err := range map[string]error{
		"smtp_451":     fmt.Errorf("sending: %w", job.Fail("smtp_451", errors.New("x"))),
		"plan_changed": fmt.Errorf("executing: %w", f.At("/x")),
		"timeout":      fmt.Errorf("reading: %w", context.DeadlineExceeded),
		"internal":     shy{},
		"given":        job.Cancel(job.Fail("given", f)),
	} {
		if got := job.Code(err); got != want {
			t.Errorf("Code(%v) = %q, want %q", err, got, want)
		}
	}
	if job.Fail("x", nil) != nil || job.Cancel(nil) != nil {
		t.Error("no error became one")
	}
	if !errors.Is(job.Cancel(f), f) || !errors.Is(job.Fail("x", f), f) {
		t.Error("the cause is lost")
	}
}

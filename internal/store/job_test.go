package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"mininfo/internal/audit"
	"mininfo/internal/job"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

var workKinds = []string{"work"}

func enqueue(t *testing.T, s *store.Store, specs ...job.Spec) {
	t.Helper()
	inTx(t, s, func(tx *store.Tx) error {
		for _, spec := range specs {
			if err := tx.Enqueue(spec); err != nil {
				return err
			}
		}
		return nil
	})
}

func claim(t *testing.T, s *store.Store, worker string) *job.Job {
	t.Helper()
	j, err := s.Queue().Claim(t.Context(), worker, workKinds, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestNoJobIsClaimedTwice(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		const jobs, workers = 100, 16
		second := b.Open(t)
		for i := range jobs {
			enqueue(t, b.Store, job.Spec{Kind: "work", Key: fmt.Sprint(i), Object: fmt.Sprint(i)})
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		seen, errs := map[int64]int{}, make([]error, workers)
		for i := range workers {
			s := b.Store
			if i%2 == 1 {
				s = second
			}
			all.Go(func() {
				for {
					j, err := s.Queue().Claim(t.Context(), fmt.Sprint(i), workKinds, time.Minute)
					if err != nil || j == nil {
						errs[i] = err
						return
					}
					mu.Lock()
					seen[j.ID]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if len(seen) != jobs {
			t.Errorf("%d jobs were claimed, want %d", len(seen), jobs)
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("job %d was claimed %d times", id, n)
			}
		}
	})
}

func TestLeaseThatRanOutIsTakenOver(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		q := b.Store.Queue()
		enqueue(t, b.Store, job.Spec{Kind: "work", Key: "a", Object: "o", MaxAttempts: 7}, job.Spec{Kind: "other", Key: "b"})
		first := claim(t, b.Store, "one")
		if first == nil || first.Object != "o" || first.Attempt != 1 || first.Crashes != 0 || first.MaxAttempts != 7 {
			t.Fatalf("claimed %+v", first)
		}
		if again := claim(t, b.Store, "two"); again != nil {
			t.Fatalf("a leased job was claimed: %+v", again)
		}
		b.Clock.Advance(50 * time.Second)
		if err := q.Heartbeat(t.Context(), first.ID, first.Fence, time.Minute); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(50 * time.Second)
		if again := claim(t, b.Store, "two"); again != nil {
			t.Fatal("a lease that was kept alive ran out")
		}
		b.Clock.Advance(11 * time.Second)
		second := claim(t, b.Store, "two")
		if second == nil || second.Fence <= first.Fence || second.Crashes != 1 || second.Attempt != 2 {
			t.Fatalf("taken over as %+v", second)
		}
		stale(t, b, first)
		if err := q.Complete(t.Context(), second.ID, second.Fence); err != nil {
			t.Fatal(err)
		}
		if err := q.Complete(t.Context(), second.ID, second.Fence); !errors.Is(err, job.ErrLost) {
			t.Errorf("completed twice: %v", err)
		}
		b.Clock.Advance(time.Hour)
		if j := claim(t, b.Store, "two"); j != nil {
			t.Errorf("a done job was claimed: %+v", j)
		}
	})
}

// stale: who holds an older fence can do nothing.
func stale(t *testing.T, b *portaltest.Bundle, j *job.Job) {
	t.Helper()
	q, ctx := b.Store.Queue(), t.Context()
	for name, err := range map[string]error{
		"heartbeat": q.Heartbeat(ctx, j.ID, j.Fence, time.Minute), "complete": q.Complete(ctx, j.ID, j.Fence),
		"retry": q.Retry(ctx, j.ID, j.Fence, 0, "x"), "snooze": q.Snooze(ctx, j.ID, j.Fence, 0), "give up": q.GiveUp(ctx, j.ID, j.Fence, "x"),
	} {
		if !errors.Is(err, job.ErrLost) {
			t.Errorf("%s with a stale fence: %v", name, err)
		}
	}
	inTx(t, b.Store, func(tx *store.Tx) error {
		mine, err := tx.FinishJob(j.ID, j.Fence)
		if mine {
			t.Error("finished with a stale fence")
		}
		return err
	})
}

func TestEndsOfAJob(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		q := b.Store.Queue()
		enqueue(t, b.Store, job.Spec{Kind: "work", Key: "a"})
		j := claim(t, b.Store, "one")
		if err := q.Retry(t.Context(), j.ID, j.Fence, time.Minute, "smtp_down"); err != nil {
			t.Fatal(err)
		}
		if early := claim(t, b.Store, "one"); early != nil {
			t.Fatal("came before its time")
		}
		b.Clock.Advance(time.Minute)
		j = claim(t, b.Store, "one")
		if j == nil || j.Attempt != 2 || j.LastCode != "smtp_down" || j.Crashes != 0 {
			t.Fatalf("after a retry: %+v", j)
		}
		if err := q.Snooze(t.Context(), j.ID, j.Fence, 0); err != nil {
			t.Fatal(err)
		}
		if j = claim(t, b.Store, "one"); j == nil || j.Attempt != 2 {
			t.Fatalf("a snooze counted: %+v", j)
		}
		if err := q.GiveUp(t.Context(), j.ID, j.Fence, "refused"); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Hour)
		if j = claim(t, b.Store, "one"); j != nil {
			t.Errorf("a job that was given up came again: %+v", j)
		}
		if n := b.Count(t, "SELECT count(*) FROM job WHERE state = 'needs_human' AND last_code = 'refused'"); n != 1 {
			t.Errorf("the job does not wait for a human: %s", b.Dump(t, "job"))
		}
	})
}

func TestKeysOfJobs(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		enqueue(t, b.Store, job.Spec{Kind: "work", Key: "a", Object: "1"}, job.Spec{Kind: "work", Key: "a", Object: "2"})
		j := claim(t, b.Store, "one")
		if err := b.Store.Queue().Complete(t.Context(), j.ID, j.Fence); err != nil {
			t.Fatal(err)
		}
		if err := b.Store.Queue().Enqueue(t.Context(), job.Spec{Kind: "work", Key: "a", Object: "3"}); err != nil {
			t.Fatal(err)
		}
		if j.Object != "1" || b.Count(t, "SELECT count(*) FROM job") != 1 {
			t.Errorf("a taken key made a job: %s", b.Dump(t, "job"))
		}
		enqueue(t, b.Store, job.Spec{Kind: "work"}, job.Spec{Kind: "work"})
		if n := b.Count(t, "SELECT count(*) FROM job WHERE state = 'ready'"); n != 2 {
			t.Errorf("%d jobs without a key, want 2", n)
		}
		b.Clock.Advance(time.Hour)
		if err := b.Store.SweepJobs(t.Context(), b.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(*) FROM job"); n != 2 {
			t.Errorf("%d jobs after the sweep, want those that are not done", n)
		}
	})
}

func TestCancelledAndFinishedJobs(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		enqueue(t, b.Store, job.Spec{Kind: "work", Key: "a", Object: "x"}, job.Spec{Kind: "work", Key: "b", Object: "x", RunAt: b.Clock.Now().Add(time.Hour)})
		j := claim(t, b.Store, "one")
		inTx(t, b.Store, func(tx *store.Tx) error { return tx.CancelJobs("work", "x") })
		broken := errors.New("broken")
		err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
			if mine, err := tx.FinishJob(j.ID, j.Fence); !mine || err != nil {
				t.Errorf("not finished: %v", err)
			}
			return broken
		})
		if !errors.Is(err, broken) || b.Count(t, "SELECT count(*) FROM job WHERE key = 'a' AND state = 'ready'") != 1 {
			t.Errorf("the end of a job outlived its transaction: %v", err)
		}
		inTx(t, b.Store, func(tx *store.Tx) error { _, err := tx.FinishJob(j.ID, j.Fence); return err })
		b.Clock.Advance(2 * time.Hour)
		if j := claim(t, b.Store, "one"); j != nil {
			t.Errorf("a job came after it was finished or cancelled: %+v", j)
		}
	})
}

// TestDatabaseClock: without a clock of the test, what is asked for now is ready now.
func TestDatabaseClock(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		signer, err := audit.NewSigner("portal.example/log", b.Ring.AuditSigner())
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Options{URL: b.URL, Ring: b.Ring, Now: time.Now, Rand: zeroes{7}, Signer: signer})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		enqueue(t, s, job.Spec{Kind: "work", Key: "now"}, job.Spec{Kind: "work", Key: "later", RunAt: time.Now().Add(time.Hour)})
		j := claim(t, s, "one")
		if j == nil || j.Key != "now" {
			t.Fatalf("claimed %+v", j)
		}
		if err := s.Queue().Retry(t.Context(), j.ID, j.Fence, time.Hour, "x"); err != nil {
			t.Fatal(err)
		}
		if j := claim(t, s, "one"); j != nil {
			t.Errorf("claimed %+v before its time", j)
		}
	})
}

// TestWake: a job of one process wakes the other.
func TestWake(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.Postgres)
	other := b.Open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	woken := make(chan struct{})
	go func() {
		defer close(woken)
		select {
		case <-other.Queue().Wake():
		case <-ctx.Done():
		}
	}()
	// The other may not listen yet: a hint that is lost is given again.
	for i := 0; ; i++ {
		enqueue(t, b.Store, job.Spec{Kind: "work", Key: fmt.Sprint(i)})
		select {
		case <-woken:
			if ctx.Err() != nil {
				t.Error("the other process was never woken")
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func TestRunnerOnTheRealTable(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		enqueue(t, b.Store, job.Spec{Kind: "work", Key: "good", Object: "good"}, job.Spec{Kind: "work", Key: "bad", Object: "bad"})
		runs := map[string]int{}
		work := map[string]job.Work{"work": {MaxAttempts: 2, Handle: func(_ context.Context, j job.Job) error {
			runs[j.Object]++
			if j.Object == "bad" {
				return job.Fail("down", errors.New("no"))
			}
			return nil
		}}}
		for range 4 {
			b.RunJobs(t, work)
			b.Clock.Advance(15 * time.Minute)
		}
		if runs["good"] != 1 || runs["bad"] != 2 {
			t.Errorf("runs %v", runs)
		}
		if b.Count(t, "SELECT count(*) FROM job WHERE state = 'done' AND key = 'good'") != 1 ||
			b.Count(t, "SELECT count(*) FROM job WHERE state = 'needs_human' AND key = 'bad' AND last_code = 'down'") != 1 {
			t.Errorf("%s", b.Dump(t, "job"))
		}
	})
}

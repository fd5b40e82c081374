package job_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mininfo/internal/job"
)

// queue is a Queue in memory; in a synctest bubble its clock is the bubble's.
type queue struct {
	mu    sync.Mutex
	rows  map[int64]*row
	next  int64
	wake  chan struct{}
	down  error // while set, every call fails
	calls map[string]int
}

type row struct {
	job.Job
	state string // ready, running, done, needs_human
	until time.Time
	code  string
}

func newQueue() *queue {
	return &queue{rows: map[int64]*row{}, wake: make(chan struct{}, 1), calls: map[string]int{}}
}

var errDown = errors.New("database is down: secret detail kari@example.no")

// call counts a call and tells whether the database is there; q.mu must be held.
func (q *queue) call(name string) error {
	q.calls[name]++
	return q.down
}

func (q *queue) Enqueue(_ context.Context, s job.Spec) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.call("enqueue"); err != nil {
		return err
	}
	for _, r := range q.rows {
		if s.Key != "" && r.Key == s.Key {
			return nil
		}
	}
	q.next++
	if s.RunAt.IsZero() {
		s.RunAt = time.Now()
	}
	q.rows[q.next] = &row{state: "ready", Job: job.Job{
		ID: q.next, Kind: s.Kind, Key: s.Key, Object: s.Object, MaxAttempts: s.MaxAttempts, RunAt: s.RunAt, CreatedAt: time.Now(),
	}}
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return nil
}

func (q *queue) Claim(_ context.Context, _ string, kinds []string, lease time.Duration) (*job.Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.call("claim"); err != nil {
		return nil, err
	}
	now := time.Now()
	var ready []*row
	for _, r := range q.rows {
		due := r.state == "ready" && !r.RunAt.After(now) || r.state == "running" && r.until.Before(now)
		if due && slices.Contains(kinds, r.Kind) {
			ready = append(ready, r)
		}
	}
	if len(ready) == 0 {
		return nil, nil
	}
	r := slices.MinFunc(ready, func(a, b *row) int { return cmp.Or(a.RunAt.Compare(b.RunAt), cmp.Compare(a.ID, b.ID)) })
	if r.state == "running" {
		r.Crashes++
	}
	r.state, r.until = "running", now.Add(lease)
	r.Attempt++
	r.Fence++
	j := r.Job
	return &j, nil
}

func (q *queue) held(name string, id, fence int64) (*row, error) {
	if err := q.call(name); err != nil {
		return nil, err
	}
	r := q.rows[id]
	if r == nil || r.state != "running" || r.Fence != fence {
		return nil, job.ErrLost
	}
	return r, nil
}

func (q *queue) end(name string, id, fence int64, f func(*row)) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.held(name, id, fence)
	if err == nil {
		f(r)
		r.Crashes = 0
	}
	return err
}

func (q *queue) Heartbeat(_ context.Context, id, fence int64, lease time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	r, err := q.held("heartbeat", id, fence)
	if err == nil {
		r.until = time.Now().Add(lease)
	}
	return err
}

func (q *queue) Complete(_ context.Context, id, fence int64) error {
	return q.end("complete", id, fence, func(r *row) { r.state = "done" })
}

func (q *queue) Retry(_ context.Context, id, fence int64, after time.Duration, code string) error {
	return q.end("retry", id, fence, func(r *row) { r.state, r.code, r.RunAt = "ready", code, time.Now().Add(after) })
}

func (q *queue) Snooze(_ context.Context, id, fence int64, after time.Duration) error {
	return q.end("snooze", id, fence, func(r *row) {
		r.state, r.RunAt = "ready", time.Now().Add(after)
		r.Attempt--
	})
}

func (q *queue) GiveUp(_ context.Context, id, fence int64, code string) error {
	return q.end("give up", id, fence, func(r *row) { r.state, r.code = "needs_human", code })
}

func (q *queue) Wake() <-chan struct{} { return q.wake }

func (q *queue) get(id int64) row {
	q.mu.Lock()
	defer q.mu.Unlock()
	return *q.rows[id]
}

func (q *queue) count(call string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.calls[call]
}

func (q *queue) setDown(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.down = err
}

// steal is what another worker's claim does after the lease ran out.
func (q *queue) steal(id int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rows[id].Fence++
	q.rows[id].until = time.Now().Add(time.Hour)
}

// Package job runs durable work: rows that are written in the transaction of the act that asks for them,
// claimed under a lease with a fencing number, tried again with backoff, and given up loudly. The rows are
// the Queue's business; this package decides what happens to them.
//
// A handler may run more than once for one job (a process may die after the effect and before the word of
// it), so its effect must be harmless to repeat, or be written in one transaction with the job's
// completion (ErrDone).
package job

import (
	"context"
	"time"
)

// Job is a claimed piece of work. It carries ids alone, never personal data.
type Job struct {
	ID     int64
	Kind   string
	Key    string // unique among all jobs that are kept; empty for none
	Object string // public id of what it is about

	Attempt     int // of this run; the first is 1. Raised at the claim, so that a crash counts
	MaxAttempts int // 0: as the runner's Work says
	// Crashes counts the claims in a row, before this one, that ended without a word: the process died,
	// or lost its lease.
	Crashes int
	// LastCode is the code that an earlier attempt ended with; empty before the first.
	LastCode string

	Fence     int64 // raised at each claim; who holds an older one changes nothing
	RunAt     time.Time
	CreatedAt time.Time
}

// Spec asks for a job.
type Spec struct {
	Kind        string
	Key         string // a job whose key is taken is not made again
	Object      string
	RunAt       time.Time // zero: now
	MaxAttempts int       // 0: as the runner's Work says
}

// Queue keeps the rows. Its clock is the database's: no process's clock decides a lease. Every method
// with a fence gives ErrLost, and changes nothing, if the job is no longer claimed under that fence.
type Queue interface {
	// Claim takes the oldest ready job of the kinds, or one whose lease ran out (which raises Crashes),
	// raises its attempt and fence, and holds it for the lease. nil without an error: nothing is ready.
	Claim(ctx context.Context, worker string, kinds []string, lease time.Duration) (*Job, error)
	// Heartbeat holds the job for another lease from now on.
	Heartbeat(ctx context.Context, id, fence int64, lease time.Duration) error
	// Complete ends the job; its row (and key) is kept for a while.
	Complete(ctx context.Context, id, fence int64) error
	// Retry makes the job ready again after a while and keeps the code of what went wrong.
	Retry(ctx context.Context, id, fence int64, after time.Duration, code string) error
	// Snooze makes the job ready again after a while; the attempt does not count.
	Snooze(ctx context.Context, id, fence int64, after time.Duration) error
	// GiveUp sets the job aside for a human, with the code of what went wrong.
	GiveUp(ctx context.Context, id, fence int64, code string) error
	// Enqueue makes a job outside any other transaction; a taken key makes nothing and is no error.
	Enqueue(ctx context.Context, s Spec) error
	// Wake gives a hint that something may be ready. A lost hint costs a poll interval, nothing else.
	Wake() <-chan struct{}
}

// Handler does the work of one kind. Its context ends when the lease is lost, the time is up or the
// process stops. nil completes the job; see also ErrDone, Snooze, Cancel and Fail.
type Handler func(ctx context.Context, j Job) error

// Work says how jobs of one kind are done.
type Work struct {
	Handle Handler
	// MaxAttempts and GiveUpAfter are both to be used up before a job is given up: a mail that meets a
	// server down for a night is tried many times, and lives. Defaults: 10 attempts, no age.
	MaxAttempts int
	GiveUpAfter time.Duration
	Timeout     time.Duration // of one run; 0 for none
	Concurrency int           // at once in this process; 0 for the runner's limit alone
}

// Periodic asks for a job of a kind once in each period, by whichever process comes first. A period in
// which nobody ran is not made up for. Rows of completed jobs must be kept for a period at least.
type Periodic struct {
	Kind   string
	Object string
	Every  time.Duration
}

const (
	firstDelay = 5 * time.Second
	lastDelay  = 15 * time.Minute
	leastDelay = time.Second
)

// Backoff gives how long to wait after a failed attempt: a random part (r in [0,1)) of a ceiling that
// doubles from 5 s to 15 min, and never less than a second. The randomness keeps jobs that failed
// together from coming back together.
func Backoff(attempt int, r float64) time.Duration {
	ceiling := lastDelay
	if attempt < 12 { // 5 s · 2^11 is far beyond the last delay
		ceiling = min(lastDelay, firstDelay<<max(0, attempt-1))
	}
	return leastDelay + time.Duration(r*float64(ceiling-leastDelay))
}

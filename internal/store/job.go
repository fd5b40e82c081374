package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/migrations"
)

type jobRow struct {
	ID          int64
	Kind        string
	Key         string
	Object      string
	State       string
	RunAt       int64
	Attempts    int
	MaxAttempts int
	Crashes     int
	LeaseOwner  string
	LeaseUntil  *int64
	Fence       int64
	LastCode    string
	CreatedAt   int64
	DoneAt      *int64
}

func (jobRow) TableName() string { return "job" }

func (r jobRow) domain() *job.Job {
	return &job.Job{
		ID: r.ID, Kind: r.Kind, Key: r.Key, Object: r.Object, Attempt: r.Attempts, MaxAttempts: r.MaxAttempts,
		Crashes: r.Crashes, Fence: r.Fence, LastCode: r.LastCode, RunAt: Instant(r.RunAt), CreatedAt: Instant(r.CreatedAt),
	}
}

// Enqueue adds a job to the transaction's act: both are kept, or neither. A key that was used
// before, even by a job long done, adds nothing.
func (tx *Tx) Enqueue(spec job.Spec) error {
	runAt := spec.RunAt
	if runAt.IsZero() {
		// SQLite's clock has milliseconds: what is asked for now must be ready now.
		runAt = tx.Now.Truncate(time.Millisecond)
	}
	if spec.Key == "" {
		id, err := tx.NewID()
		if err != nil {
			return err
		}
		spec.Key = spec.Kind + "/" + id
	}
	row := jobRow{
		Kind: spec.Kind, Key: spec.Key, Object: spec.Object, State: "ready",
		RunAt: Micros(runAt), MaxAttempts: spec.MaxAttempts, CreatedAt: Micros(tx.Now),
	}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("enqueueing %s: %w", spec.Kind, err)
	}
	tx.enqueued = true
	return nil
}

// FinishJob completes a job in the same transaction as its effect; false means that another
// worker has taken it over and this one must write nothing.
func (tx *Tx) FinishJob(id, fence int64) (bool, error) {
	mine, err := changed(tx.db.Model(&jobRow{}).Where("id = ? AND fence = ? AND state = 'ready' AND lease_until IS NOT NULL", id, fence).
		Updates(map[string]any{"state": "done", "done_at": Micros(tx.Now), "lease_until": nil, "crashes": 0}))
	if err != nil || !mine {
		return mine, err
	}
	return true, closeEnquiries(tx.db, Micros(tx.Now), "job_id = ?", id)
}

// HoldJob tells whether a job is still the worker's who has this fence, and has it stay so until the
// transaction ends; false means that this one must write nothing.
func (tx *Tx) HoldJob(id, fence int64) (bool, error) {
	return changed(tx.db.Model(&jobRow{}).Where("id = ? AND fence = ? AND state = 'ready' AND lease_until IS NOT NULL", id, fence).Update("fence", fence))
}

// wakeJobs lets those of some jobs that sleep run now. One that is at work sees for itself.
func (tx *Tx) wakeJobs(which string, args ...any) error {
	now := Micros(tx.Now.Truncate(time.Millisecond)) // as in Enqueue
	err := tx.db.Model(&jobRow{}).Where(which, args...).Where("state = 'ready' AND lease_until IS NULL AND run_at > ?", now).Update("run_at", now).Error
	if err != nil {
		return fmt.Errorf("waking jobs: %w", err)
	}
	tx.enqueued = true
	return nil
}

// CancelJobs takes back jobs of a kind that wait for an object and have not begun.
func (tx *Tx) CancelJobs(kind, object string) error {
	err := tx.db.Model(&jobRow{}).Where("kind = ? AND object = ? AND state = 'ready' AND lease_until IS NULL", kind, object).
		Updates(map[string]any{"state": "done", "done_at": Micros(tx.Now), "last_code": "cancelled"}).Error
	if err != nil {
		return fmt.Errorf("cancelling %s: %w", kind, err)
	}
	return nil
}

// Queue is the table of jobs as the runner uses it.
type Queue struct{ s *Store }

var _ job.Queue = Queue{}

// Queue gives the jobs' table to a runner.
func (s *Store) Queue() Queue { return Queue{s} }

// Wake hints that something may be ready.
func (q Queue) Wake() <-chan struct{} { return q.s.wake }

// clock gives the queue's time: an SQL expression, or a number when a clock was handed in.
func (q Queue) clock() string {
	if q.s.opt.QueueClock != nil {
		return fmt.Sprintf("%d", Micros(q.s.opt.QueueClock()))
	}
	return q.s.databaseMicros()
}

// Claim takes the oldest ready job whose lease is free.
func (q Queue) Claim(ctx context.Context, worker string, kinds []string, lease time.Duration) (*job.Job, error) {
	skip := ""
	if q.s.dialect == migrations.Postgres {
		skip = "FOR UPDATE SKIP LOCKED"
	}
	now := q.clock()
	statement := fmt.Sprintf(`UPDATE job SET lease_owner = ?, lease_until = %[1]s + ?, fence = fence + 1, attempts = attempts + 1,
		crashes = crashes + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END
		WHERE id = (SELECT id FROM job WHERE state = 'ready' AND kind IN ? AND run_at <= %[1]s
			AND (lease_until IS NULL OR lease_until < %[1]s) ORDER BY run_at, id LIMIT 1 %[2]s)
		RETURNING *`, now, skip)
	var rows []jobRow
	err := q.s.db.WithContext(ctx).Transaction(func(db *gorm.DB) error {
		return db.Raw(statement, worker, lease.Microseconds(), kinds).Scan(&rows).Error
	})
	if err != nil {
		return nil, fmt.Errorf("claiming a job: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0].domain(), nil
}

// Heartbeat keeps a lease; job.ErrLost when it is somebody else's.
func (q Queue) Heartbeat(ctx context.Context, id, fence int64, lease time.Duration) error {
	return q.fenced(ctx, id, fence, fmt.Sprintf("lease_until = %s + %d", q.clock(), lease.Microseconds()))
}

// Complete marks a job done.
func (q Queue) Complete(ctx context.Context, id, fence int64) error {
	return q.fenced(ctx, id, fence, fmt.Sprintf("state = 'done', done_at = %s, lease_until = NULL, crashes = 0", q.clock()))
}

// Retry lets a job run again later.
func (q Queue) Retry(ctx context.Context, id, fence int64, after time.Duration, code string) error {
	set := fmt.Sprintf("run_at = %s + %d, lease_until = NULL, crashes = 0, last_code = ?", q.clock(), after.Microseconds())
	return q.fenced(ctx, id, fence, set, code)
}

// Snooze lets a job run again later without counting the attempt.
func (q Queue) Snooze(ctx context.Context, id, fence int64, after time.Duration) error {
	set := fmt.Sprintf("run_at = %s + %d, lease_until = NULL, crashes = 0, attempts = attempts - 1", q.clock(), after.Microseconds())
	return q.fenced(ctx, id, fence, set)
}

// GiveUp leaves a job for a human.
func (q Queue) GiveUp(ctx context.Context, id, fence int64, code string) error {
	set := fmt.Sprintf("state = 'needs_human', done_at = %s, lease_until = NULL, crashes = 0, last_code = ?", q.clock())
	if err := q.fenced(ctx, id, fence, set, code); err != nil {
		return err
	}
	return closeEnquiries(q.s.db.WithContext(ctx), Micros(q.s.opt.Now()), "job_id = ?", id)
}

func (q Queue) fenced(ctx context.Context, id, fence int64, set string, args ...any) error {
	result := q.s.db.WithContext(ctx).Exec("UPDATE job SET "+set+" WHERE id = ? AND fence = ? AND state = 'ready' AND lease_until IS NOT NULL", append(args, id, fence)...)
	if result.Error != nil {
		return fmt.Errorf("writing a job's end: %w", result.Error)
	}
	if result.RowsAffected == 0 {
		return job.ErrLost
	}
	return nil
}

// Enqueue adds a job outside any use case (a periodic one).
func (q Queue) Enqueue(ctx context.Context, spec job.Spec) error {
	return q.s.InTx(ctx, func(tx *Tx) error { return tx.Enqueue(spec) })
}

// SweepJobs removes jobs that ended well before a time, and with them their keys.
func (s *Store) SweepJobs(ctx context.Context, before time.Time) error {
	return s.InTx(ctx, func(tx *Tx) error {
		if err := tx.db.Where("state = 'done' AND done_at < ?", Micros(before)).Delete(&jobRow{}).Error; err != nil {
			return fmt.Errorf("sweeping jobs: %w", err)
		}
		return nil
	})
}

// soon is how near a job's time must be for its object to count as being worked on.
const soon = time.Minute

// Busy tells whether a job of some kinds works on an object, or is about to.
func (tx *Tx) Busy(object string, kinds ...string) (bool, error) {
	var n int64
	err := tx.db.Model(&jobRow{}).Where("object = ? AND kind IN ? AND state = 'ready' AND run_at <= ?", object, kinds, Micros(tx.Now.Add(soon))).
		Limit(1).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("looking for work on an object: %w", err)
	}
	return n > 0, nil
}

// Waiting counts the jobs of some kinds that have not yet come through, and those among them whose
// last attempt failed.
func (tx *Tx) Waiting(kinds ...string) (waiting int64, failing int64, err error) {
	var row struct{ Waiting, Failing int64 }
	err = tx.db.Raw(`SELECT count(*) AS waiting, coalesce(sum(CASE WHEN last_code <> '' THEN 1 ELSE 0 END), 0) AS failing
		FROM job WHERE state = 'ready' AND kind IN ?`, kinds).Scan(&row).Error
	if err != nil {
		return 0, 0, fmt.Errorf("counting jobs: %w", err)
	}
	return row.Waiting, row.Failing, nil
}

// Census is what whoever runs the machine watches.
type Census struct {
	JobsReady, JobsStopped      int64 // waiting for their turn; set aside for a human
	OldestReady                 int64 // when the first of them should have run, in microseconds; 0 without one
	CasesOpen, CasesOverdue     int64
	CasesStopped, CasesAwaiting int64 // set aside for a human; waiting for the person
	LeavesWaiting               int64 // not yet in the log
}

// Census counts.
func (tx *Tx) Census(today dsr.Date) (Census, error) {
	var c Census
	err := tx.db.Raw(`SELECT jobs.*, cases.*, leaves.* FROM
		(SELECT count(CASE WHEN state = 'ready' THEN 1 END) AS jobs_ready, count(CASE WHEN state = 'needs_human' THEN 1 END) AS jobs_stopped,
			coalesce(min(CASE WHEN state = 'ready' THEN run_at END), 0) AS oldest_ready FROM job WHERE state IN ('ready', 'needs_human')) AS jobs,
		(SELECT count(*) AS cases_open, count(CASE WHEN due_on < ? AND paused = ? THEN 1 END) AS cases_overdue,
			count(CASE WHEN state = 'needs_human' THEN 1 END) AS cases_stopped, count(CASE WHEN state = 'awaiting_person' THEN 1 END) AS cases_awaiting
			FROM request WHERE `+openStates+`) AS cases,
		(SELECT count(*) AS leaves_waiting FROM audit_leaf WHERE place IS NULL) AS leaves`, today.String(), false).Scan(&c).Error
	if err != nil {
		return Census{}, fmt.Errorf("counting cases and jobs: %w", err)
	}
	return c, nil
}

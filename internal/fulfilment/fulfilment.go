// Package fulfilment drives the engine for a case: it searches the sources, keeps what was found
// sealed, proposes and keeps decisions, makes the plan, has it approved, carries it out, checks it
// and answers. Every act is one transaction; the slow work between them may die anywhere and is
// taken up again by its job.
package fulfilment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// The jobs of this package. Their object is the public id of a request; purging and planning retention
// have none.
const (
	JobCollect = "collect"        // search the sources
	JobPlan    = "plan"           // make the plan anew from the decisions
	JobExecute = store.JobExecute // carry the approved plan out
	JobPurge   = "purge_evidence" // erase findings and packages whose time is up
	JobMark    = "mark"           // mark rows as restricted in the systems that hold them
	JobLift    = "lift"           // take the marks away again

	JobForget     = "forget"     // delete the files of a case that was purged
	JobUnrestrict = "unrestrict" // begin to lift what was restricted while a case was looked into that has ended

	JobPlanRetention = "plan_retention" // look for what has passed its time in the systems
	JobRetain        = "retain"         // carry out what was approved of it; its object is the plan's public id

	JobMailColleague   = "mail_colleague"    // write to whoever looks in a place; its object is the public id of a link
	JobRemindColleague = "remind_colleagues" // ask for reminders, and end the links of what is over

	JobTellRecipient    = "tell_recipient"    // tell somebody who got data; its object is the public id of a notice
	JobRemindRecipients = "remind_recipients" // remind those who have not answered
	JobCountUninformed  = "count_uninformed"  // count whose data came from others
)

// How long a package is open, and how often it can be fetched in that time. When it is erased is the office's
// to say (dsr.Keep).
const (
	PackageOpen      = dsr.LeastCopyDays * 24 * time.Hour
	PackageDownloads = 5
)

// Works is where requests are carried out.
type Works struct {
	Store     *store.Store
	Blobs     blob.Store
	Ring      *keyring.Ring
	Sender    mail.Sender  // of the mails to colleagues
	Mails     mail.Wording // the controller's own texts
	Now       func() time.Time
	Rand      io.Reader
	PublicURL string
	Logger    *slog.Logger
	// TempDir is where a walk and a package may spill, encrypted; empty is the system's.
	TempDir string
	// Open connects the sources that are in use, for a job or for whoever waits at the screen (the zero
	// job, which no system can answer later). The caller closes what it gets.
	Open func(ctx context.Context, j job.Job) (*Connections, error)

	notices register.History
}

// Connections are the sources in use at one moment.
type Connections struct {
	// Sources are databases and files. One that is down is there too: its reads fail, so that it never
	// passes for empty.
	Sources []engine.Connected
	Manual  []Place // places that a colleague looks in
	Close   func()  // may be nil
}

// Place is somewhere that a colleague looks.
type Place struct {
	ID                           int64 // of its row in the table of sources
	Name, Activity, Instructions string
}

func (c *Connections) close() {
	if c.Close != nil {
		c.Close()
	}
}

// By is the member who acts.
type By struct {
	ID       int64
	Name     string
	Roles    []staff.Role
	Session  string    // public id of the session
	ProvedAt time.Time // when a second factor was last given
	Fresh    bool      // it was given in the last minutes
}

func (b By) actor() dsr.Actor { return dsr.Actor{Kind: dsr.Member, Member: b.ID} }

func (b By) role() string { return string(staff.Main(b.Roles)) }

// may asks the table of roles.
func (b By) may(p staff.Permission, r *store.Request) error {
	return b.mayIn(p, staff.Facts{Assigned: r.P.AssignedTo == 0 || r.P.AssignedTo == b.ID, FactorFresh: b.Fresh})
}

func (b By) mayIn(p staff.Permission, f staff.Facts) error {
	return staff.May(staff.Member{ID: b.ID, Roles: b.Roles}, p, f)
}

var system = dsr.Actor{Kind: dsr.System}

// act runs one use case of a member on a case. The permission is decided on what the transaction
// itself has read.
func (w *Works) act(ctx context.Context, by By, id string, p staff.Permission, fn func(*store.Tx, *store.Request) error) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := by.may(p, r); err != nil {
			return err
		}
		return fn(tx, r)
	})
}

// look writes that a member read something that the case's page does not show by itself.
func (b By) look(tx *store.Tx, r *store.Request, action string) error {
	_, err := tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", b.ID), Role: b.role(), Action: action, Request: r.PublicID, RequestID: r.ID})
	return err
}

// Work gives the jobs that this package works. A source that is down is tried for half an hour
// before a human is called; an execution for a day, since it was promised.
func (w *Works) Work() map[string]job.Work {
	return map[string]job.Work{
		JobCollect: {Handle: w.collect, MaxAttempts: 8, GiveUpAfter: 30 * time.Minute, Timeout: time.Hour, Concurrency: 2},
		JobPlan:    {Handle: w.plan, MaxAttempts: 8, GiveUpAfter: 30 * time.Minute, Timeout: time.Hour, Concurrency: 2},
		JobExecute: {Handle: w.execute, MaxAttempts: 10, GiveUpAfter: 24 * time.Hour, Timeout: 2 * time.Hour, Concurrency: 2},
		JobPurge:   {Handle: func(ctx context.Context, _ job.Job) error { return w.PurgeEvidence(ctx) }, MaxAttempts: 5},

		JobPlanRetention: {Handle: w.planRetention, MaxAttempts: 5, GiveUpAfter: 6 * time.Hour, Timeout: 2 * time.Hour, Concurrency: 1},
		JobRetain:        {Handle: w.retain, MaxAttempts: 10, GiveUpAfter: 24 * time.Hour, Timeout: 2 * time.Hour, Concurrency: 1},
		JobMark:          {Handle: w.mark, MaxAttempts: 10, GiveUpAfter: 24 * time.Hour, Timeout: time.Hour, Concurrency: 1},
		JobLift:          {Handle: w.lift, MaxAttempts: 10, GiveUpAfter: 24 * time.Hour, Timeout: time.Hour, Concurrency: 1},
		JobUnrestrict:    {Handle: w.unrestrict, MaxAttempts: 20},
		JobForget:        {Handle: w.forgetCase, MaxAttempts: 20, GiveUpAfter: 7 * 24 * time.Hour},

		JobMailColleague:   {Handle: w.mailColleague, MaxAttempts: 20, GiveUpAfter: colleaguePatience, Timeout: 2 * time.Minute, Concurrency: 2},
		JobRemindColleague: {Handle: func(ctx context.Context, _ job.Job) error { return w.RemindColleagues(ctx) }, MaxAttempts: 5},

		JobTellRecipient:    {Handle: w.tellRecipient, MaxAttempts: 20, GiveUpAfter: recipientPatience, Timeout: 2 * time.Minute, Concurrency: 2},
		JobRemindRecipients: {Handle: func(ctx context.Context, _ job.Job) error { return w.RemindRecipients(ctx) }, MaxAttempts: 5},
		JobCountUninformed:  {Handle: func(ctx context.Context, _ job.Job) error { return w.CountUninformed(ctx) }, MaxAttempts: 5, Timeout: time.Hour},
	}
}

// Periodic gives what is done again and again.
func (w *Works) Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobPurge, Every: 6 * time.Hour}, {Kind: JobRemindColleague, Every: time.Hour}, {Kind: JobRemindRecipients, Every: time.Hour}, {Kind: JobCountUninformed, Every: 24 * time.Hour}, {Kind: JobPlanRetention, Every: 24 * time.Hour}}
}

// The codes of why a case stops for a human.
const (
	StopSource  = "source_failed"
	StopCollect = "collect_failed"
	StopPlan    = "plan_failed"
	StopExecute = "execution_failed"
	StopRemains = "remains"
)

// GaveUp parks the request of a job that is given up, with the reason and an alarm. It may run
// twice, and before the job's own end is written.
func (w *Works) GaveUp(ctx context.Context, j job.Job, code string) error {
	if j.Kind == JobMailColleague {
		return w.unreached(ctx, j)
	}
	if j.Kind == JobTellRecipient {
		return w.recipientUnreached(ctx, j)
	}
	if j.Kind == JobRetain {
		return w.gaveUpRetention(ctx, j)
	}
	if j.Kind == JobMark || j.Kind == JobLift {
		return w.unmarked(ctx, j)
	}
	own := map[string]string{JobCollect: StopCollect, JobPlan: StopPlan, JobExecute: StopExecute}[j.Kind]
	if own == "" {
		return nil
	}
	if code == StopSource || code == StopRemains {
		own = code
	}
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		return park(tx, r, own)
	})
	if errors.Is(err, store.ErrNoRequest) {
		return nil
	}
	return err
}

func park(tx *store.Tx, r *store.Request, code string) error {
	if r.P.State == dsr.NeedsHuman || !dsr.Open(r.P.State) {
		return nil
	}
	e := dsr.Event{Kind: dsr.EventParked, Actor: system, Data: dsr.EventData{Code: code}}
	if err := tx.Act(r, e, store.Change{Columns: map[string]any{"needs_human": code}}); err != nil {
		return err
	}
	r.NeedsHuman = code
	return tx.MailOffice(r, mail.StaffNeedsHuman)
}

// finish ends a job in the transaction of its effect. False: another worker has taken it over and
// nothing may be written.
func finish(tx *store.Tx, j job.Job) error {
	if j.ID == 0 {
		return nil // called by a use case and not by the runner
	}
	mine, err := tx.FinishJob(j.ID, j.Fence)
	if err != nil {
		return err
	}
	if !mine {
		return job.ErrLost
	}
	return nil
}

// hold is finish for a job that goes on.
func hold(tx *store.Tx, j job.Job) error {
	if j.ID == 0 {
		return nil
	}
	mine, err := tx.HoldJob(j.ID, j.Fence)
	if err == nil && !mine {
		return job.ErrLost
	}
	return err
}

func ended(j job.Job) error {
	if j.ID == 0 {
		return nil
	}
	return job.ErrDone
}

// registerOf gives a version of the register; the newest for 0.
func registerOf(tx *store.Tx, controller, version int64) (*register.Register, int64, error) {
	v, err := tx.Newest(controller, store.VersionRegister)
	if version != 0 {
		v, err = tx.VersionNumber(controller, store.VersionRegister, version)
	}
	if err != nil {
		return nil, 0, err
	}
	if v.Number == 0 {
		return &register.Register{}, 0, nil
	}
	reg, err := register.Kept(v.Body)
	if err != nil {
		return nil, 0, fmt.Errorf("reading register version %d: %w", v.Number, err)
	}
	return reg, v.Number, nil
}

func zoneOf(tx *store.Tx) (*time.Location, error) {
	c, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	return zone, nil
}

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

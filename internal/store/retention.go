package store

import (
	"fmt"
	"time"

	"gorm.io/gorm"

	"mininfo/internal/dsr"
)

// The states of a plan of retention.
const (
	RetentionEmpty    = "empty" // nothing has passed its time
	RetentionReady    = "ready" // waits for members
	RetentionApproved = "approved"
	RetentionDone     = "done"
	RetentionVoid     = "void" // another one took its place, or it may not be carried out any more
)

// RetentionPlan is a plan of what has passed its time.
type RetentionPlan struct {
	ID              int64
	PublicID        string
	Controller      int64
	State           string
	Digest          string
	Steps           int64
	Report          string // JSON of package fulfilment, without personal data
	Blob            string
	RegisterVersion int64
	LookedBy        *int64 // the first of the two members
	ApprovedBy      *int64
	ApprovedAt      *time.Time
	Alone           bool
	Code            string // why it is void
	MadeAt          time.Time
	EndedAt         *time.Time
}

type retentionPlanRow struct {
	ID              int64
	PublicID        string
	ControllerID    int64
	State           string
	Digest          string
	Steps           int64
	Report          string
	Blob            string
	RegisterVersion int64
	LookedBy        *int64
	ApprovedBy      *int64
	ApprovedAt      *int64
	Alone           bool
	Code            string
	MadeAt          int64
	EndedAt         *int64
}

func (retentionPlanRow) TableName() string { return "retention_plan" }

func (r retentionPlanRow) domain() *RetentionPlan {
	return &RetentionPlan{ID: r.ID, PublicID: r.PublicID, Controller: r.ControllerID, State: r.State, Digest: r.Digest, Steps: r.Steps,
		Report: r.Report, Blob: r.Blob, RegisterVersion: r.RegisterVersion, LookedBy: r.LookedBy, ApprovedBy: r.ApprovedBy,
		ApprovedAt: instantOrNil(r.ApprovedAt), Alone: r.Alone, Code: r.Code, MadeAt: Instant(r.MadeAt), EndedAt: instantOrNil(r.EndedAt)}
}

// AddRetentionPlan keeps a plan; false when another one waits or is being carried out.
func (tx *Tx) AddRetentionPlan(p RetentionPlan) (bool, error) {
	row := retentionPlanRow{PublicID: p.PublicID, ControllerID: p.Controller, State: p.State, Digest: p.Digest, Steps: p.Steps,
		Report: p.Report, Blob: p.Blob, RegisterVersion: p.RegisterVersion, MadeAt: Micros(tx.Now)}
	result := tx.db.Exec(`INSERT INTO retention_plan (public_id, controller_id, state, digest, steps, report, blob, register_version, made_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		row.PublicID, row.ControllerID, row.State, row.Digest, row.Steps, row.Report, row.Blob, row.RegisterVersion, row.MadeAt)
	added, err := changed(result)
	if err != nil {
		return false, fmt.Errorf("keeping a plan of retention: %w", err)
	}
	return added, nil
}

// NewestRetention gives the newest plan, or nil.
func (tx *Tx) NewestRetention(controller int64) (*RetentionPlan, error) {
	return tx.retention(tx.db.Where("controller_id = ?", controller))
}

// LastRetention gives the plan that was carried out last, or nil.
func (tx *Tx) LastRetention(controller int64) (*RetentionPlan, error) {
	return tx.retention(tx.db.Where("controller_id = ? AND state = ?", controller, RetentionDone))
}

// LiveRetention gives the plan that waits or is being carried out, or nil.
func (tx *Tx) LiveRetention(controller int64) (*RetentionPlan, error) {
	return tx.retention(tx.db.Where("controller_id = ? AND state IN (?, ?)", controller, RetentionReady, RetentionApproved))
}

// RetentionPlan gives a plan by its public id, or nil.
func (tx *Tx) RetentionPlan(id string) (*RetentionPlan, error) {
	return tx.retention(tx.db.Where("public_id = ?", id))
}

func (tx *Tx) retention(q *gorm.DB) (*RetentionPlan, error) {
	var rows []retentionPlanRow
	if err := q.Order("id DESC").Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a plan of retention: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0].domain(), nil
}

// LookRetention notes the first of two members; false when there is one, or the plan is not waiting.
func (tx *Tx) LookRetention(p *RetentionPlan, member int64) (bool, error) {
	return tx.moveRetention(p, "state = 'ready' AND looked_by IS NULL", map[string]any{"looked_by": member})
}

// ApproveRetention approves a waiting plan; false when it does not wait any more.
func (tx *Tx) ApproveRetention(p *RetentionPlan, member int64, alone bool) (bool, error) {
	return tx.moveRetention(p, "state = 'ready'", map[string]any{"state": RetentionApproved, "approved_by": member, "approved_at": Micros(tx.Now), "alone": alone})
}

// EndRetention ends a plan that is in a state, and destroys the key of its steps; false when it was
// ended, or is in another state.
func (tx *Tx) EndRetention(p *RetentionPlan, from, to, code string) (bool, error) {
	ended, err := tx.moveRetention(p, "state = '"+from+"'", map[string]any{"state": to, "code": code, "ended_at": Micros(tx.Now)})
	if err != nil || !ended {
		return false, err
	}
	return true, tx.Shred(p.PublicID, ClassEvidence)
}

func (tx *Tx) moveRetention(p *RetentionPlan, where string, set map[string]any) (bool, error) {
	ok, err := changed(tx.db.Model(&retentionPlanRow{}).Where("id = ? AND "+where, p.ID).Updates(set))
	if err != nil {
		return false, fmt.Errorf("moving a plan of retention: %w", err)
	}
	return ok, nil
}

// The states of one system of a plan of retention.
const (
	RetainWaiting = "waiting"
	RetainDone    = "done"
	RetainLeft    = "left" // its rows are for the next plan
)

// RetentionSource is how far one system of a plan is.
type RetentionSource struct {
	Source, State    string
	Deleted, Changed int64
	Code             string
}

// ExpectRetention makes the rows of the systems that a plan changes.
func (tx *Tx) ExpectRetention(p *RetentionPlan, sources []string) error {
	for _, name := range sources {
		if err := tx.db.Exec("INSERT INTO retention_source (plan_id, source, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", p.ID, name, RetainWaiting).Error; err != nil {
			return fmt.Errorf("expecting a system: %w", err)
		}
	}
	return nil
}

// RetentionSources gives how far the systems of a plan are, by name.
func (tx *Tx) RetentionSources(p *RetentionPlan) ([]RetentionSource, error) {
	var list []RetentionSource
	if err := tx.db.Raw("SELECT source, state, deleted, changed, code FROM retention_source WHERE plan_id = ? ORDER BY source", p.ID).Scan(&list).Error; err != nil {
		return nil, fmt.Errorf("reading the systems of a plan: %w", err)
	}
	return list, nil
}

// SettleRetention writes what became of a waiting system, once; false when it was written before.
func (tx *Tx) SettleRetention(p *RetentionPlan, s RetentionSource) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE retention_source SET state = ?, deleted = ?, changed = ?, code = ?, done_at = ? WHERE plan_id = ? AND source = ? AND state = ?",
		s.State, s.Deleted, s.Changed, s.Code, Micros(tx.Now), p.ID, s.Source, RetainWaiting))
	if err != nil {
		return false, fmt.Errorf("settling a system of a plan: %w", err)
	}
	return ok, nil
}

// NoteRetention notes why a system waits still.
func (tx *Tx) NoteRetention(p *RetentionPlan, source, code string) error {
	if err := tx.db.Exec("UPDATE retention_source SET code = ? WHERE plan_id = ? AND source = ? AND state = ?", code, p.ID, source, RetainWaiting).Error; err != nil {
		return fmt.Errorf("noting a failure: %w", err)
	}
	return nil
}

// reasonClaim is the code of a decision to keep for a legal claim (Art. 17(3)(e)).
const reasonClaim = "art_17_3_e"

// Holds gives the identifiers of everybody whose rows are left alone by retention: a case is open, a
// restriction or an objection was granted, data are kept for a legal claim, or rows are restricted still,
// whatever became of the case. What is only supposed to be theirs is left alone too.
func (tx *Tx) Holds() ([]Identifier, error) {
	var ids []string
	err := tx.db.Raw(`SELECT public_id FROM request WHERE state IN ('received', 'collecting', 'awaiting_person', 'review', 'approved', 'executing', 'needs_human')
		OR state = 'answered' AND (asked_right IN (?, ?) AND outcome IN (?, ?)
			OR EXISTS (SELECT 1 FROM decision WHERE decision.request_id = request.id AND decision.ground = ?))
		OR EXISTS (SELECT 1 FROM restriction WHERE restriction.request_id = request.id AND restriction.lifted_at IS NULL)
		ORDER BY id`, dsr.Restriction, dsr.Objection, dsr.Granted, dsr.PartlyGranted, reasonClaim).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("reading who is left alone: %w", err)
	}
	var out []Identifier
	for _, id := range ids {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return nil, err
		}
		known, err := tx.Identifiers(r)
		if err != nil {
			return nil, err
		}
		for _, i := range known {
			if i.Certainty != Rejected {
				out = append(out, i)
			}
		}
	}
	return out, nil
}

// PurgeRun is when something of the portal's own was last looked through.
type PurgeRun struct {
	What string
	At   time.Time
	Gone int64
}

// NotePurge notes that something was looked through, and how much of it was erased.
func (tx *Tx) NotePurge(what string, gone int64) error {
	err := tx.db.Exec("INSERT INTO purge_run (what, at, gone) VALUES (?, ?, ?) ON CONFLICT (what) DO UPDATE SET at = excluded.at, gone = excluded.gone",
		what, Micros(tx.Now), gone).Error
	if err != nil {
		return fmt.Errorf("noting a purge: %w", err)
	}
	return nil
}

// Purges gives when what was last looked through.
func (tx *Tx) Purges() (map[string]PurgeRun, error) {
	var rows []struct {
		What     string
		At, Gone int64
	}
	if err := tx.db.Raw("SELECT what, at, gone FROM purge_run").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the purges: %w", err)
	}
	out := map[string]PurgeRun{}
	for _, r := range rows {
		out[r.What] = PurgeRun{What: r.What, At: Instant(r.At), Gone: r.Gone}
	}
	return out, nil
}

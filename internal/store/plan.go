package store

import (
	"fmt"
	"time"
)

// Plan is a plan as it was made: its steps lie sealed in blob storage, its digest names them.
type Plan struct {
	ID              int64
	PublicID        string
	RequestID       int64
	RunID           int64
	Digest          string
	Steps           int64
	Counts          string // JSON of package fulfilment, without personal data
	Problems        string // JSON
	Basis           string // what it was made from: the search, the decisions, the corrections
	Blob            string
	RegisterVersion int64
	MemberID        *int64
	CreatedAt       time.Time
}

type planRow struct {
	ID              int64
	PublicID        string
	RequestID       int64
	RunID           int64
	Digest          string
	Steps           int64
	Counts          string
	Problems        string
	Basis           string
	Blob            string
	RegisterVersion int64
	MemberID        *int64
	CreatedAt       int64

	SealedDisclosures []byte
	ToldAt            *int64
}

func (planRow) TableName() string { return "plan" }

func (p planRow) domain() Plan {
	return Plan{ID: p.ID, PublicID: p.PublicID, RequestID: p.RequestID, RunID: p.RunID, Digest: p.Digest, Steps: p.Steps,
		Counts: p.Counts, Problems: p.Problems, Basis: p.Basis, Blob: p.Blob, RegisterVersion: p.RegisterVersion,
		MemberID: p.MemberID, CreatedAt: Instant(p.CreatedAt)}
}

// AddPlan keeps a plan and makes it the request's.
func (tx *Tx) AddPlan(r *Request, p Plan) (Plan, error) {
	row := planRow{PublicID: p.PublicID, RequestID: r.ID, RunID: p.RunID, Digest: p.Digest, Steps: p.Steps, Counts: p.Counts,
		Problems: p.Problems, Basis: p.Basis, Blob: p.Blob, RegisterVersion: p.RegisterVersion, MemberID: p.MemberID, CreatedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return Plan{}, fmt.Errorf("keeping a plan: %w", err)
	}
	r.PlanID = &row.ID
	return row.domain(), tx.Touch(r, map[string]any{"plan_id": row.ID})
}

// CurrentPlan gives the request's plan, or nil.
func (tx *Tx) CurrentPlan(r *Request) (*Plan, error) {
	if r.PlanID == nil {
		return nil, nil
	}
	var rows []planRow
	if err := tx.db.Where("id = ? AND request_id = ?", *r.PlanID, r.ID).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a plan: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	p := rows[0].domain()
	return &p, nil
}

// ExecutedPlans gives the plans of a request of which at least one source has been carried out,
// oldest first.
func (tx *Tx) ExecutedPlans(r *Request) ([]Plan, error) {
	var rows []planRow
	err := tx.db.Where("request_id = ? AND EXISTS (SELECT 1 FROM execution WHERE execution.plan_id = plan.id AND execution.state = 'done')", r.ID).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading executed plans: %w", err)
	}
	plans := make([]Plan, len(rows))
	for i, row := range rows {
		plans[i] = row.domain()
	}
	return plans, nil
}

// IdlePlans gives the blobs of plans of a request that are not its current one and of which
// nothing was carried out: they can be cleared away.
func (tx *Tx) IdlePlans(r *Request) ([]string, error) {
	current := int64(0)
	if r.PlanID != nil {
		current = *r.PlanID
	}
	var blobs []string
	err := tx.db.Raw(`SELECT blob FROM plan WHERE request_id = ? AND id <> ?
		AND NOT EXISTS (SELECT 1 FROM execution WHERE execution.plan_id = plan.id)
		AND NOT EXISTS (SELECT 1 FROM approval WHERE approval.plan_id = plan.id)`, r.ID, current).Scan(&blobs).Error
	if err != nil {
		return nil, fmt.Errorf("reading idle plans: %w", err)
	}
	return blobs, nil
}

// Approval is who approved which plan, and how freshly they had proved who they are.
type Approval struct {
	PlanID   int64
	Digest   string
	MemberID int64
	Session  string
	ProvedAt time.Time
	Alone    bool
	At       time.Time
}

type approvalRow struct {
	ID        int64
	RequestID int64
	PlanID    int64
	Digest    string
	MemberID  int64
	Session   string
	ProvedAt  int64
	Alone     bool
	At        int64
}

func (approvalRow) TableName() string { return "approval" }

// AddApproval keeps an approval.
func (tx *Tx) AddApproval(r *Request, a Approval) error {
	row := approvalRow{RequestID: r.ID, PlanID: a.PlanID, Digest: a.Digest, MemberID: a.MemberID, Session: a.Session,
		ProvedAt: Micros(a.ProvedAt), Alone: a.Alone, At: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("keeping an approval: %w", err)
	}
	return nil
}

// ApprovalOf gives the newest approval of a plan, or nil.
func (tx *Tx) ApprovalOf(planID int64) (*Approval, error) {
	var rows []approvalRow
	if err := tx.db.Where("plan_id = ?", planID).Order("id DESC").Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading an approval: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	a := rows[0]
	return &Approval{PlanID: a.PlanID, Digest: a.Digest, MemberID: a.MemberID, Session: a.Session,
		ProvedAt: Instant(a.ProvedAt), Alone: a.Alone, At: Instant(a.At)}, nil
}

// The states of a source in an execution.
const (
	ExecutionWaiting = "waiting"
	ExecutionDone    = "done"
	ExecutionFailed  = "failed"
)

// Execution is how far one source of a plan has been carried out.
type Execution struct {
	PlanID           int64
	Source           string
	State            string
	Deleted, Changed int64
	Code             string
	DoneAt           *time.Time
}

type executionRow struct {
	ID        int64
	PlanID    int64
	Source    string
	State     string
	Deleted   int64
	Changed   int64
	Code      string
	StartedAt *int64
	DoneAt    *int64
}

func (executionRow) TableName() string { return "execution" }

// ExpectExecution makes the rows of the sources that a plan changes; those that are there stay.
func (tx *Tx) ExpectExecution(planID int64, sources []string) error {
	for _, source := range sources {
		err := tx.db.Exec("INSERT INTO execution (plan_id, source, state, started_at) VALUES (?, ?, 'waiting', ?) ON CONFLICT (plan_id, source) DO NOTHING",
			planID, source, Micros(tx.Now)).Error
		if err != nil {
			return fmt.Errorf("expecting an execution: %w", err)
		}
	}
	return nil
}

// Executions gives how far the sources of a plan are, by name.
func (tx *Tx) Executions(planID int64) ([]Execution, error) {
	var rows []executionRow
	if err := tx.db.Where("plan_id = ?", planID).Order("source").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading executions: %w", err)
	}
	executions := make([]Execution, len(rows))
	for i, r := range rows {
		executions[i] = Execution{PlanID: r.PlanID, Source: r.Source, State: r.State, Deleted: r.Deleted, Changed: r.Changed,
			Code: r.Code, DoneAt: instantOrNil(r.DoneAt)}
	}
	return executions, nil
}

// FinishExecution writes that a source is carried out, once; false when it was written before.
func (tx *Tx) FinishExecution(planID int64, source string, deleted, changedRows int64) (bool, error) {
	ok, err := changed(tx.db.Model(&executionRow{}).Where("plan_id = ? AND source = ? AND state <> ?", planID, source, ExecutionDone).
		Updates(map[string]any{"state": ExecutionDone, "deleted": deleted, "changed": changedRows, "code": "", "done_at": Micros(tx.Now)}))
	if err != nil {
		return false, fmt.Errorf("ending an execution: %w", err)
	}
	return ok, nil
}

// UndoExecution notes that what a source had done is not there any more: it is to be carried out again.
func (tx *Tx) UndoExecution(planID int64, source, code string) error {
	err := tx.db.Model(&executionRow{}).Where("plan_id = ? AND source = ? AND state = ?", planID, source, ExecutionDone).
		Updates(map[string]any{"state": ExecutionFailed, "deleted": 0, "changed": 0, "code": code, "done_at": nil}).Error
	if err != nil {
		return fmt.Errorf("undoing an execution: %w", err)
	}
	return nil
}

// FailExecution notes why a source could not be carried out yet.
func (tx *Tx) FailExecution(planID int64, source, code string) error {
	err := tx.db.Model(&executionRow{}).Where("plan_id = ? AND source = ? AND state <> ?", planID, source, ExecutionDone).
		Updates(map[string]any{"state": ExecutionFailed, "code": code}).Error
	if err != nil {
		return fmt.Errorf("noting a failed execution: %w", err)
	}
	return nil
}

package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// The states of a run.
const (
	RunReading    = "reading"
	RunComplete   = "complete"
	RunIncomplete = "incomplete" // a system could not be read: it never passes for empty
	RunSuperseded = "superseded" // another search was begun, or its findings were cleared away
)

// Run is one search of the sources for one request. Report holds what was searched and how many
// rows were found, never what they say.
type Run struct {
	ID              int64
	PublicID        string
	RequestID       int64
	State           string
	RegisterVersion int64
	Report          string
	StartedAt       time.Time
	FinishedAt      *time.Time
}

type runRow struct {
	ID              int64
	PublicID        string
	RequestID       int64
	State           string
	RegisterVersion int64
	Report          string
	StartedAt       int64
	FinishedAt      *int64
}

func (runRow) TableName() string { return "run" }

func (r runRow) domain() *Run {
	return &Run{ID: r.ID, PublicID: r.PublicID, RequestID: r.RequestID, State: r.State, RegisterVersion: r.RegisterVersion,
		Report: r.Report, StartedAt: Instant(r.StartedAt), FinishedAt: instantOrNil(r.FinishedAt)}
}

// StartRun begins a search. One that is under way for the same request is superseded: its result
// will not be taken.
func (tx *Tx) StartRun(r *Request, registerVersion int64) (*Run, error) {
	if _, err := tx.SupersedeRun(r); err != nil {
		return nil, err
	}
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	row := runRow{PublicID: id, RequestID: r.ID, State: RunReading, RegisterVersion: registerVersion, StartedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return nil, fmt.Errorf("beginning a search: %w", err)
	}
	return row.domain(), nil
}

// SupersedeRun ends the search that is under way for a request, if there is one, and gives its public
// id: its result will not be taken, and what it has found can be cleared away.
func (tx *Tx) SupersedeRun(r *Request) ([]string, error) {
	var rows []runRow
	if err := tx.db.Where("request_id = ? AND state = ?", r.ID, RunReading).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("superseding a search: %w", err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.PublicID
		if err := tx.db.Model(&runRow{}).Where("id = ? AND state = ?", row.ID, RunReading).Update("state", RunSuperseded).Error; err != nil {
			return nil, fmt.Errorf("superseding a search: %w", err)
		}
	}
	return ids, nil
}

// FinishRun writes a search's end; false when another search has taken its place.
func (tx *Tx) FinishRun(run *Run, state, report string) (bool, error) {
	ok, err := changed(tx.db.Model(&runRow{}).Where("id = ? AND state = ?", run.ID, RunReading).
		Updates(map[string]any{"state": state, "report": report, "finished_at": Micros(tx.Now)}))
	if err != nil {
		return false, fmt.Errorf("ending a search: %w", err)
	}
	return ok, nil
}

// NewestRun gives the search that was begun last, or nil.
func (tx *Tx) NewestRun(r *Request) (*Run, error) { return tx.run("request_id = ?", r.ID) }

// CurrentRun gives the search whose findings the request is decided by, or nil.
func (tx *Tx) CurrentRun(r *Request) (*Run, error) {
	if r.RunID == nil {
		return nil, nil
	}
	return tx.run("id = ?", *r.RunID)
}

func (tx *Tx) run(where string, args ...any) (*Run, error) {
	var rows []runRow
	if err := tx.db.Where(where, args...).Order("id DESC").Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a search: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0].domain(), nil
}

// DecideBy makes a search the one that the request is decided by.
func (tx *Tx) DecideBy(r *Request, run *Run) error {
	r.RunID = &run.ID
	return tx.Touch(r, map[string]any{"run_id": run.ID})
}

// Group is the findings of one collection under one activity that are decided together. Facts is
// JSON of package fulfilment and holds no personal data.
type Group struct {
	Source, Collection, Activity, Part string
	Count, Shared, ThirdParty          int64
	Candidate, CaseVariant             bool
	Facts                              string
}

// Key names a group by its content, so that a decision holds for exactly the findings that were looked
// at: other rows, or the same rows changed, are another group.
func (g Group) Key(content string) string {
	sum := sha256.Sum256([]byte(g.Source + "\x00" + g.Collection + "\x00" + g.Activity + "\x00" + g.Part + "\x00" + content))
	return hex.EncodeToString(sum[:16])
}

type groupRow struct {
	ID          int64
	PublicID    string
	RunID       int64
	Source      string
	Collection  string
	Activity    string
	Part        string
	Count       int64
	Shared      int64
	ThirdParty  int64
	Candidate   bool
	CaseVariant bool
	Facts       string
}

func (groupRow) TableName() string { return "finding_group" }

const rowsAtOnce = 200

// AddGroups keeps the groups of a search.
func (tx *Tx) AddGroups(run *Run, groups []Group) error {
	rows := make([]groupRow, 0, len(groups))
	for _, g := range groups {
		id, err := tx.NewID()
		if err != nil {
			return err
		}
		rows = append(rows, groupRow{PublicID: id, RunID: run.ID, Source: g.Source, Collection: g.Collection, Activity: g.Activity,
			Part: g.Part, Count: g.Count, Shared: g.Shared, ThirdParty: g.ThirdParty, Candidate: g.Candidate,
			CaseVariant: g.CaseVariant, Facts: g.Facts})
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.db.CreateInBatches(rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("keeping groups of findings: %w", err)
	}
	return nil
}

// Groups gives the groups of a search, in the order they were kept.
func (tx *Tx) Groups(run *Run) ([]Group, error) {
	var rows []groupRow
	if err := tx.db.Where("run_id = ?", run.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading groups of findings: %w", err)
	}
	groups := make([]Group, len(rows))
	for i, r := range rows {
		groups[i] = Group{Source: r.Source, Collection: r.Collection, Activity: r.Activity, Part: r.Part, Count: r.Count,
			Shared: r.Shared, ThirdParty: r.ThirdParty, Candidate: r.Candidate, CaseVariant: r.CaseVariant, Facts: r.Facts}
	}
	return groups, nil
}

// Chunk says where findings of one collection lie, sealed. Several collections may share a blob.
type Chunk struct {
	Source, Collection string
	Number             int64
	Blob               string
	Findings           int64
	Candidate          bool // reached only through an identifier that is not confirmed
}

type chunkRow struct {
	ID         int64
	RunID      int64
	Source     string
	Collection string
	Number     int64
	Blob       string
	Findings   int64
	Candidate  bool
}

func (chunkRow) TableName() string { return "finding_chunk" }

// AddChunks keeps where a search's findings lie.
func (tx *Tx) AddChunks(run *Run, chunks []Chunk) error {
	rows := make([]chunkRow, len(chunks))
	for i, c := range chunks {
		rows[i] = chunkRow{RunID: run.ID, Source: c.Source, Collection: c.Collection, Number: c.Number, Blob: c.Blob,
			Findings: c.Findings, Candidate: c.Candidate}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.db.CreateInBatches(rows, rowsAtOnce).Error; err != nil {
		return fmt.Errorf("keeping where findings lie: %w", err)
	}
	return nil
}

// Chunks gives where a search's findings lie, in their order.
func (tx *Tx) Chunks(run *Run) ([]Chunk, error) {
	var rows []chunkRow
	if err := tx.db.Where("run_id = ?", run.ID).Order("number, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading where findings lie: %w", err)
	}
	chunks := make([]Chunk, len(rows))
	for i, r := range rows {
		chunks[i] = Chunk{Source: r.Source, Collection: r.Collection, Number: r.Number, Blob: r.Blob, Findings: r.Findings, Candidate: r.Candidate}
	}
	return chunks, nil
}

// DropRuns forgets the searches of a request that are neither under way nor the one it is decided
// by, and gives their public ids: their findings can be cleared away.
func (tx *Tx) DropRuns(r *Request) ([]string, error) {
	q := tx.db.Where("request_id = ? AND state NOT IN ?", r.ID, []string{RunReading, RunSuperseded})
	if r.RunID != nil {
		q = q.Where("id <> ?", *r.RunID)
	}
	var rows []runRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading old searches: %w", err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.PublicID
		if err := tx.db.Where("run_id = ?", row.ID).Delete(&chunkRow{}).Error; err != nil {
			return nil, fmt.Errorf("forgetting an old search: %w", err)
		}
		if err := tx.db.Model(&runRow{}).Where("id = ?", row.ID).Update("state", RunSuperseded).Error; err != nil {
			return nil, fmt.Errorf("forgetting an old search: %w", err)
		}
	}
	return ids, nil
}

package store

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// The states of a task.
const (
	TaskOpen      = "open"
	TaskFound     = "found"     // something is there; in an erasure or a correction it is yet to be done
	TaskNothing   = "nothing"   // looked, nothing there
	TaskException = "exception" // not looked, with the reason
	TaskDone      = "done"      // done by hand
)

// ErrNoTask says that there is no such task in this case.
var ErrNoTask = fault.Define(fault.NotFound, "task_not_found",
	"Vi finner ikke denne oppgaven.", "Vi finn ikkje denne oppgåva.", "There is no such task.")

// Task is a place that somebody looks in for one request.
type Task struct {
	ID         int64
	PublicID   string
	RequestID  int64
	SourceID   int64
	State      string
	Note       keyring.Private
	MemberID   *int64
	CreatedAt  time.Time
	FinishedAt *time.Time
}

type taskRow struct {
	ID         int64
	PublicID   string
	RequestID  int64
	SourceID   int64
	State      string
	SealedNote []byte
	MemberID   *int64
	CreatedAt  int64
	FinishedAt *int64
}

func (taskRow) TableName() string { return "task" }

// InsertTask makes a task for a place unless the request has one for it.
func (tx *Tx) InsertTask(r *Request, sourceID int64) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	row := taskRow{PublicID: id, RequestID: r.ID, SourceID: sourceID, State: TaskOpen, CreatedAt: Micros(tx.Now)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("making a task: %w", err)
	}
	return nil
}

// Tasks gives a request's tasks, oldest first.
func (tx *Tx) Tasks(r *Request) ([]Task, error) {
	var rows []taskRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading tasks: %w", err)
	}
	tasks := make([]Task, len(rows))
	for i, row := range rows {
		note, err := tx.open(r.PublicID, ClassCore, "task", "sealed_note", row.PublicID, row.SealedNote)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		tasks[i] = Task{ID: row.ID, PublicID: row.PublicID, RequestID: row.RequestID, SourceID: row.SourceID, State: row.State,
			Note: keyring.NewPrivate(string(note)), MemberID: row.MemberID, CreatedAt: Instant(row.CreatedAt), FinishedAt: instantOrNil(row.FinishedAt)}
	}
	return tasks, nil
}

// SetTask moves a task from the state that was read; false when somebody else moved it first. A nil
// member is the place's colleague.
func (tx *Tx) SetTask(r *Request, t Task, state string, note keyring.Private, member *int64) (bool, error) {
	sealed, err := tx.seal(r.PublicID, ClassCore, "task", "sealed_note", t.PublicID, []byte(note.Reveal()))
	if err != nil {
		return false, err
	}
	set := map[string]any{"state": state, "sealed_note": sealed, "member_id": member, "finished_at": Micros(tx.Now)}
	if state == TaskOpen {
		set["finished_at"] = nil
	}
	ok, err := changed(tx.db.Model(&taskRow{}).Where("id = ? AND state = ?", t.ID, t.State).Updates(set))
	if err != nil {
		return false, fmt.Errorf("moving a task: %w", err)
	}
	return ok, nil
}

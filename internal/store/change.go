package store

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// keepChanges is how long it stays written that a case changed: far longer than any process looks back.
const keepChanges = time.Hour

// A CaseChange is that something of a case changed; it does not say what.
type CaseChange struct {
	ID        int64
	RequestID int64
	At        time.Time
}

type changeRow struct {
	ID        int64
	RequestID int64
	At        int64
}

func (changeRow) TableName() string { return "case_change" }

// changes notes that something of a case changes in this transaction.
func (tx *Tx) changes(requestID int64) {
	if !tx.reading {
		tx.changed[requestID] = true
	}
}

// tellChanges writes which cases changed. It comes last in a transaction, so that the number of a row is
// seldom taken long before others can read it.
func (tx *Tx) tellChanges() error {
	if len(tx.changed) == 0 {
		return nil
	}
	rows := make([]changeRow, 0, len(tx.changed))
	for _, id := range slices.Sorted(maps.Keys(tx.changed)) {
		rows = append(rows, changeRow{RequestID: id, At: Micros(tx.Now)})
	}
	if err := tx.db.CreateInBatches(rows, 500).Error; err != nil {
		return fmt.Errorf("telling that a case changed: %w", err)
	}
	return nil
}

// ChangesAfter gives what changed after a place in the order of writing. On PostgreSQL a row can appear below
// others that were read before it: whoever reads on goes back a little each time.
func (tx *Tx) ChangesAfter(id int64) ([]CaseChange, error) {
	var rows []changeRow
	if err := tx.db.Where("id > ?", id).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading what changed: %w", err)
	}
	list := make([]CaseChange, len(rows))
	for i, r := range rows {
		list[i] = CaseChange{ID: r.ID, RequestID: r.RequestID, At: Instant(r.At)}
	}
	return list, nil
}

// LastChange is the place of the newest change; 0 when there is none.
func (tx *Tx) LastChange() (int64, error) {
	var last int64
	if err := tx.db.Raw("SELECT coalesce(max(id), 0) FROM case_change").Scan(&last).Error; err != nil {
		return 0, fmt.Errorf("reading what changed: %w", err)
	}
	return last, nil
}

// LiveSessions tells which of some sessions are still good, and for each of a member by which roles.
func (tx *Tx) LiveSessions(ids []int64) (map[int64]string, error) {
	now := Micros(tx.Now)
	var rows []struct {
		ID    int64
		Roles string
	}
	err := tx.db.Raw(`SELECT s.id, coalesce(m.roles, '') AS roles FROM session s LEFT JOIN member m ON m.id = s.member_id
		WHERE s.id IN ? AND s.ended_at IS NULL AND s.expires_at > ? AND s.idle_until > ? AND m.disabled_at IS NULL`, ids, now, now).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading sessions: %w", err)
	}
	live := make(map[int64]string, len(rows))
	for _, r := range rows {
		live[r.ID] = r.Roles
	}
	return live, nil
}

package store

import "fmt"

// The jobs of a rehearsal: the office makes its sources, and removes them again. The object is the request.
const (
	JobFurnishDrill = "furnish_drill"
	JobClearDrill   = "clear_drill"
)

// Drills gives the rehearsals, newest first.
func (tx *Tx) Drills(limit int) ([]*Request, error) {
	var rows []requestRow
	if err := tx.db.Where("drill").Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading rehearsals: %w", err)
	}
	return tx.requests(rows)
}

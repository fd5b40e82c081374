package store

import (
	"fmt"
	"time"

	"mininfo/internal/dsr"
)

// ReportRow is what a report counts of a request; nothing sealed is opened for it.
type ReportRow struct {
	Right      string
	State      string
	Outcome    string
	Received   int64
	AnsweredAt *int64
	DueOn      string
	Paused     bool // a valid question is unanswered: nothing is late
	Extended   bool
}

// ReceivedOn is the civil date of receipt in a zone.
func (r ReportRow) ReceivedOn(zone *time.Location) dsr.Date {
	return dsr.DateOf(Instant(r.Received), zone)
}

// AnsweredOn is the civil date of the answer in a zone; call it when AnsweredAt is set.
func (r ReportRow) AnsweredOn(zone *time.Location) dsr.Date {
	return dsr.DateOf(Instant(*r.AnsweredAt), zone)
}

// ReportRows gives the requests received in [from, to).
func (tx *Tx) ReportRows(from, to time.Time) ([]ReportRow, error) {
	var rows []ReportRow
	err := tx.db.Raw(`SELECT asked_right AS "right", state, outcome, received_at AS received, answered_at, due_on, paused, extended_months > 0 AS extended
		FROM request WHERE received_at >= ? AND received_at < ? ORDER BY received_at`, Micros(from), Micros(to)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	return rows, nil
}

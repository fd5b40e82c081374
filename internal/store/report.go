package store

import (
	"encoding/json"
	"fmt"
	"time"

	"mininfo/internal/dsr"
)

// ReportRow is what a report counts of a request; nothing sealed is opened for it, so a purged
// request counts as it did before. A rehearsal never counts.
type ReportRow struct {
	ID         int64
	Reference  string
	Right      string
	Channel    string
	State      string
	Outcome    string
	Received   int64
	AnsweredAt *int64
	DueOn      string
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

// EachReported reads the requests received in [from, to) one by one, whatever their number. The
// civil dates are the caller's to count: only SQLite lacks zones, but both must give the same.
func (tx *Tx) EachReported(from, to time.Time, yield func(ReportRow) error) error {
	rows, err := tx.db.Raw(`SELECT id, reference, asked_right, channel, state, outcome, received_at, answered_at, due_on, extended_months > 0
		FROM request WHERE received_at >= ? AND received_at < ? AND NOT drill ORDER BY received_at, id`, Micros(from), Micros(to)).Rows()
	if err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r ReportRow
		if err := rows.Scan(&r.ID, &r.Reference, &r.Right, &r.Channel, &r.State, &r.Outcome, &r.Received, &r.AnsweredAt, &r.DueOn, &r.Extended); err != nil {
			return fmt.Errorf("reading the report: %w", err)
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}
	return nil
}

// RefusalGrounds counts the refusals of requests received in [from, to) by their ground.
func (tx *Tx) RefusalGrounds(from, to time.Time) (map[string]int, error) {
	var rows []struct {
		Facts string
		N     int
	}
	err := tx.db.Raw(`SELECT e.facts, count(*) AS n FROM event e JOIN request r ON r.id = e.request_id
		WHERE e.kind = 'refused' AND NOT r.drill AND r.received_at >= ? AND r.received_at < ? GROUP BY e.facts`, Micros(from), Micros(to)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("counting refusals: %w", err)
	}
	grounds := map[string]int{}
	for _, row := range rows {
		var facts dsr.EventData
		if err := json.Unmarshal([]byte(row.Facts), &facts); err != nil {
			return nil, fmt.Errorf("reading a refusal: %w", err)
		}
		grounds[facts.Code] += row.N
	}
	return grounds, nil
}

// Happened counts the requests received in [from, to) in which something of a kind happened, once or more.
func (tx *Tx) Happened(kind dsr.EventKind, from, to time.Time) (int, error) {
	var n int
	err := tx.db.Raw(`SELECT count(DISTINCT e.request_id) FROM event e JOIN request r ON r.id = e.request_id
		WHERE e.kind = ? AND NOT r.drill AND r.received_at >= ? AND r.received_at < ?`, string(kind), Micros(from), Micros(to)).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("counting what happened: %w", err)
	}
	return n, nil
}

// EachMoved reads the history of those requests received in [from, to) in which the person was asked
// something or the time limit was extended: the clock of the others ran straight on. Nothing sealed is opened.
func (tx *Tx) EachMoved(from, to time.Time, yield func(id int64, history []dsr.Event) error) error {
	rows, err := tx.db.Raw(`SELECT e.request_id, e.at, e.kind, e.actor, coalesce(e.member_id, 0), e.facts FROM event e JOIN request r ON r.id = e.request_id
		WHERE r.received_at >= ? AND r.received_at < ? AND NOT r.drill AND e.request_id IN (SELECT request_id FROM event WHERE kind IN ('question_asked', 'extended'))
		ORDER BY e.request_id, e.number`, Micros(from), Micros(to)).Rows()
	if err != nil {
		return fmt.Errorf("reading time limits: %w", err)
	}
	defer rows.Close()
	var history []dsr.Event
	var current int64
	for rows.Next() {
		var id, at int64
		var facts string
		var e dsr.Event
		if err := rows.Scan(&id, &at, &e.Kind, &e.Actor.Kind, &e.Actor.Member, &facts); err != nil {
			return fmt.Errorf("reading time limits: %w", err)
		}
		e.At = Instant(at)
		if err := json.Unmarshal([]byte(facts), &e.Data); err != nil {
			return fmt.Errorf("reading an event: %w", err)
		}
		if id != current && len(history) > 0 {
			if err := yield(current, history); err != nil {
				return err
			}
			history = history[:0]
		}
		current, history = id, append(history, e)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading time limits: %w", err)
	}
	if len(history) == 0 {
		return nil
	}
	return yield(current, history)
}

// DueCount is how many open requests are due on a day; of those whose clock stands the day moves.
type DueCount struct {
	DueOn  string
	Paused bool
	Count  int
}

// OpenByDue counts the open requests by their due date, earliest first.
func (tx *Tx) OpenByDue() ([]DueCount, error) {
	var counts []DueCount
	err := tx.db.Raw("SELECT due_on, paused, count(*) AS count FROM request WHERE " + openStates + " AND NOT drill GROUP BY due_on, paused ORDER BY due_on").Scan(&counts).Error
	if err != nil {
		return nil, fmt.Errorf("counting open requests: %w", err)
	}
	return counts, nil
}

// RecipientNotices counts what became of telling recipients (Art. 19) in the requests received in
// [from, to), by the notice's state.
func (tx *Tx) RecipientNotices(from, to time.Time) (map[string]int, error) {
	var rows []struct {
		State string
		N     int
	}
	err := tx.db.Raw(`SELECT n.state, count(*) AS n FROM recipient_notice n JOIN request r ON r.id = n.request_id
		WHERE r.received_at >= ? AND r.received_at < ? GROUP BY n.state`, Micros(from), Micros(to)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("counting notices: %w", err)
	}
	states := map[string]int{}
	for _, row := range rows {
		states[row.State] = row.N
	}
	return states, nil
}

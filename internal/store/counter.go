package store

import (
	"fmt"
	"time"

	"mininfo/internal/verification"
)

// Counter is one count that a limit holds down. The key is a keyed digest: neither an address nor an
// IP lies in the table.
type Counter struct {
	Limit verification.Limit
	Key   []byte
}

func (c Counter) scope() string {
	return fmt.Sprintf("%s.%s.%d", c.Limit.Bucket, c.Limit.Scope, int64(c.Limit.Window/time.Second))
}

// Hits gives the counts of the previous and the current fixed window at an instant. It locks the
// current one until the transaction ends, so that nobody counts between the look and AddHits.
func (tx *Tx) Hits(c Counter, at time.Time) (previous, current int, err error) {
	start, _ := c.Limit.At(at)
	err = tx.db.Raw(`INSERT INTO counter (scope, key, slot, hits) VALUES (?, ?, ?, 0)
		ON CONFLICT (scope, key, slot) DO UPDATE SET hits = counter.hits RETURNING hits`,
		c.scope(), c.Key, Micros(start)).Scan(&current).Error
	if err != nil {
		return 0, 0, fmt.Errorf("reading a counter: %w", err)
	}
	err = tx.db.Raw("SELECT coalesce(sum(hits), 0) FROM counter WHERE scope = ? AND key = ? AND slot = ?",
		c.scope(), c.Key, Micros(start.Add(-c.Limit.Window))).Scan(&previous).Error
	if err != nil {
		return 0, 0, fmt.Errorf("reading a counter: %w", err)
	}
	return previous, current, nil
}

// AddHits counts n more in the window that an instant falls in; n may be zero, or negative to give
// back what was counted at the same instant.
func (tx *Tx) AddHits(c Counter, at time.Time, n int) error {
	start, _ := c.Limit.At(at)
	err := tx.db.Exec("UPDATE counter SET hits = hits + ? WHERE scope = ? AND key = ? AND slot = ?",
		n, c.scope(), c.Key, Micros(start)).Error
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	return nil
}

// BlockAddress closes web filing for an address until an instant; an earlier end is moved on.
func (tx *Tx) BlockAddress(index []byte, until time.Time) error {
	// The bytes stand second: right after a parenthesis the mapper would read them as a list.
	err := tx.db.Exec(`INSERT INTO blocked_address (until, address_index) VALUES (?, ?)
		ON CONFLICT (address_index) DO UPDATE SET until = excluded.until WHERE blocked_address.until < excluded.until`,
		Micros(until), index).Error
	if err != nil {
		return fmt.Errorf("blocking an address: %w", err)
	}
	return nil
}

// AddressBlocked tells whether web filing is closed for an address now.
func (tx *Tx) AddressBlocked(index []byte) (bool, error) {
	var n int64
	err := tx.db.Raw("SELECT count(*) FROM blocked_address WHERE address_index = ? AND until > ?", index, Micros(tx.Now)).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("reading the blocked addresses: %w", err)
	}
	return n > 0, nil
}

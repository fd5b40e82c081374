package portaltest

import (
	"sync"
	"time"
)

// Start is what a fresh clock shows: a Monday morning, no holiday near.
var Start = time.Date(2026, time.June, 1, 8, 0, 0, 0, time.UTC)

// Clock stands still until a test moves it. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock gives a clock that shows an instant.
func NewClock(at time.Time) *Clock { return &Clock{now: at} }

// Now gives the time in whole microseconds UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.UTC().Truncate(time.Microsecond)
}

// Set puts the clock to an instant.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

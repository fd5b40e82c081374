package fulfilment

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"mininfo/internal/engine"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/source"
)

// awaitResult is how long a job sleeps that waits for results which systems send later. A result that
// comes wakes it before; this is for one that came as the job was lying down, and for one whose time
// runs out.
const awaitResult = time.Minute

func comeBack() error { return job.Snooze(awaitResult) }

// awaits tells whether a search failed at nothing but answers that come later.
func awaits(r []engine.CollectionReport) bool {
	failed := 0
	later := 0
	for _, c := range r {
		switch {
		case c.Status == engine.Failed && c.Code == source.Later:
			later++
		case c.Status == engine.Failed:
			failed++
		}
	}
	return later > 0 && failed == 0
}

// overdue tells whether a system said that it would answer and did not.
func overdue(r []engine.CollectionReport) bool {
	return slices.ContainsFunc(r, func(c engine.CollectionReport) bool { return c.Status == engine.Failed && c.Code == source.Overdue })
}

var errOverdue = errors.New("a source that was to answer later did not")

// chance gives the random values of a plan: the same however often the plan is begun, so that a
// system which answers later is asked the same, and nobody's once the key is destroyed.
type chance struct {
	key  keyring.DataKey
	plan string
	next int
	rest []byte
}

func chanceOf(k keyring.DataKey, plan string) io.Reader { return &chance{key: k, plan: plan} }

func (c *chance) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		c.rest = c.key.Index(keyring.LabelChance, c.plan+" "+strconv.Itoa(c.next))
		c.next++
	}
	if len(c.rest) == 0 {
		return 0, keyring.ErrNoKey
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mininfo/internal/fault"
)

var (
	// ErrDone is a handler's word that it completed the job in its own transaction, under the fence: the
	// runner writes nothing.
	ErrDone = errors.New("job was completed by its handler")
	// ErrLost means that the job is no longer this worker's: whatever it did is discarded.
	ErrLost = errors.New("job is leased to somebody else or has ended")
	// ErrStopping is the cause of a handler's ended context when the process stops.
	ErrStopping = errors.New("worker is stopping")
)

// Codes that the runner itself gives.
const (
	CodeInternal = "internal" // an error without a code of its own
	CodePanic    = "panic"
	CodeTimeout  = "timeout"
	CodeCrashed  = "crashed"  // killed its process too often
	CodeAttempts = "attempts" // used up, the last one without a word
)

type snooze struct{ after time.Duration }

func (s snooze) Error() string { return "job asks to run later" }

// Snooze ends a run without a result: the job runs again after d, and the attempt does not count. For
// waiting on something that is no failure.
func Snooze(d time.Duration) error { return snooze{after: max(0, d)} }

type cancelled struct{ err error }

func (c cancelled) Error() string { return c.err.Error() }
func (c cancelled) Unwrap() error { return c.err }

// Cancel marks an error as one that no further attempt can mend: the job is given up at once.
func Cancel(err error) error {
	if err == nil {
		return nil
	}
	return cancelled{err: err}
}

type coded struct {
	code string
	err  error
}

func (c coded) Error() string     { return fmt.Sprintf("%s: %v", c.code, c.err) }
func (c coded) Unwrap() error     { return c.err }
func (c coded) ErrorCode() string { return c.code }

// Fail gives an error a stable code (a-z, 0-9, "_", ".") that is kept with the job and shown to staff.
func Fail(code string, err error) error {
	if err == nil {
		return nil
	}
	return coded{code: code, err: err}
}

// Code gives the stable code of an error: what an ErrorCode method says, or a fault's code, or
// CodeTimeout, or CodeInternal. It never gives the error's text.
func Code(err error) string {
	var own interface{ ErrorCode() string }
	if errors.As(err, &own) && isCode(own.ErrorCode()) {
		return own.ErrorCode()
	}
	if f := fault.From(err); f != nil && isCode(f.Code) {
		return f.Code
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return CodeTimeout
	}
	return CodeInternal
}

func isCode(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

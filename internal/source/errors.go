package source

import "strings"

// Code says what kept a connected system from doing what it was asked; it is stable and safe to show.
type Code string

// The codes of failures.
const (
	Unreachable  Code = "unreachable"   // no connection, wrong password, gone in the middle
	Denied       Code = "denied"        // the account lacks the right
	TimedOut     Code = "timed_out"     // a statement took longer than allowed
	Missing      Code = "missing"       // a table or column that the dataset names is not there
	Constraint   Code = "constraint"    // a rule of the database forbids the change
	BadConfig    Code = "bad_config"    // the connection string cannot be read
	Unsupported  Code = "unsupported"   // this kind of system cannot do it
	Locked       Code = "locked"        // somebody else holds the rows or the file
	BadType      Code = "bad_type"      // a value does not fit the column
	Later        Code = "later"         // the system has the question and will answer; whoever asks comes back
	Overdue      Code = "overdue"       // it said so, and did not answer in time
	FailedSystem Code = "failed_system" // anything else
)

// Error is a failure of a connected system. It carries the SQLSTATE and the name of a constraint,
// and never the driver's own text, which quotes rows and connection strings.
type Error struct {
	Source     string // name of the source
	Code       Code
	State      string // SQLSTATE or the engine's own number
	Constraint string
	Table      string
}

func (e *Error) Error() string {
	parts := []string{"source " + e.Source + ": " + string(e.Code)}
	if e.State != "" {
		parts = append(parts, "state "+e.State)
	}
	if e.Constraint != "" {
		parts = append(parts, "constraint "+e.Constraint)
	}
	if e.Table != "" {
		parts = append(parts, "table "+e.Table)
	}
	return strings.Join(parts, ", ")
}

// Is makes errors.Is(err, &Error{Code: c}) true for every error with that code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

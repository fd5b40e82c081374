// Package fault holds the errors that may reach a person: a kind, a stable code, a safe sentence
// in each language and the field it is about. Any other error is internal: it is logged, and the
// person is told only that something went wrong.
package fault

import (
	"errors"
	"fmt"

	"mininfo/internal/locale"
)

// Kind says what sort of thing went wrong; the HTTP edge maps it to a status.
type Kind string

// The kinds of faults.
const (
	Invalid         Kind = "invalid"         // the input is wrong: 422
	Malformed       Kind = "malformed"       // the input cannot be read: 400
	Unauthenticated Kind = "unauthenticated" // who are you: 401
	Forbidden       Kind = "forbidden"       // not you, not now: 403
	NotFound        Kind = "not_found"       // 404; also what is not yours
	Conflict        Kind = "conflict"        // the state does not allow it: 409
	Gone            Kind = "gone"            // it was here once: 410
	TooLarge        Kind = "too_large"       // 413
	TooMany         Kind = "too_many"        // 429
	Unavailable     Kind = "unavailable"     // a system is down, try again: 503
	Internal        Kind = "internal"        // 500
)

// Error is a fault. Its text never holds personal data: arguments given to With are for
// dates, numbers, names of fields, files and systems only.
type Error struct {
	Kind  Kind
	Code  string      // stable, snake_case; clients branch on it
	Text  locale.Text // what happened and what to do
	Field string      // JSON pointer of the input that is wrong, or empty
	cause error
}

// Define makes a fault that packages keep in a variable and compare with errors.Is.
func Define(kind Kind, code, nb, nn, en string) *Error {
	return &Error{Kind: kind, Code: code, Text: locale.Text{NB: nb, NN: nn, EN: en}}
}

// Error gives the code and the English sentence, for logs.
func (e *Error) Error() string {
	if e.cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Text.EN, e.cause)
	}
	return e.Code + ": " + e.Text.EN
}

// Unwrap gives the cause, which is for logs alone.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is true for faults of the same code, whatever their field or arguments.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// At gives the fault with the field (a JSON pointer such as "/email") that it is about.
func (e *Error) At(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// With fills the verbs of the sentences with arguments (never personal data).
func (e *Error) With(args ...any) *Error {
	c := *e
	c.Text = locale.Text{
		NB: fmt.Sprintf(e.Text.NB, args...),
		NN: fmt.Sprintf(e.Text.NN, args...),
		EN: fmt.Sprintf(e.Text.EN, args...),
	}
	return &c
}

// Because keeps the cause for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// From gives the fault in an error's chain, or nil: the error is internal.
func From(err error) *Error {
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// KindOf gives the kind of an error; what is no fault is Internal. It is "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if f := From(err); f != nil {
		return f.Kind
	}
	return Internal
}

// Package source says what a connected system can do: be looked into (Inspector), be searched
// (Finder), be changed (Changer). A kind of system implements what it can; the engine asks for
// no more. Kinds are listed in one place, package source/kinds.
package source

import (
	"context"
	"io"
	"time"
)

// Config connects one system.
type Config struct {
	Name string // unique among the sources of an installation
	Kind string // "" means: by the scheme of the DSN
	DSN  Secret
	Dir  string // folder that relative file paths start from
	// Timeout is how long one statement may take; 0 means five minutes.
	Timeout time.Duration
	// Now is the clock, for kinds that sign what they send. Without one they cannot ask.
	Now func() time.Time `json:"-"`
	// Enquiries keeps questions that are answered later. Without it nobody is there to be called back.
	Enquiries Enquiries `json:"-"`
}

// Opener connects a system of one kind.
type Opener func(ctx context.Context, c Config) (Source, error)

// Source is a connected system. It also implements Finder and Changer where it can.
type Source interface {
	io.Closer
	// Name is the name that it has in the configuration.
	Name() string
	// Kind is the name of its kind.
	Kind() string
	// Inspect reads the live schema. It needs no right to read rows.
	Inspect(ctx context.Context) (*Schema, error)
}

// Finder is a system that can be searched.
type Finder interface {
	// Snapshot opens one read-only view of the whole system: nothing that others write
	// while it is open is seen.
	Snapshot(ctx context.Context) (Snapshot, error)
}

// Field is a column, or a place inside a column that holds a document.
type Field struct {
	Column string
	Path   []string // inside a JSON document
	List   bool     // a JSON list whose elements are compared, in a column that is no array
	// Each tells how many steps along Path a list of documents stands. All of them are looked
	// into: the value is the list of what stands at the end of Path, and List is set.
	Each []int
}

// Fold says how values are compared.
type Fold uint8

// Exact is the comparison of the system itself after a cast to the column's type.
// FoldASCII ignores the case of A–Z alone. FoldDigits compares the digits only.
const (
	Exact Fold = iota
	FoldASCII
	FoldDigits
)

// Match selects rows: those where the fields equal one of the tuples. Null equals null only
// with NullSafe.
type Match struct {
	Fields   []Field
	Tuples   [][]Value
	Fold     Fold
	NullSafe bool
	// Within is when the rows that are asked for came in; nil: at any time. It saves a source
	// that lies in the order of time from reading the rest, and binds none: rows outside it may
	// be delivered, and are left out by whoever asks.
	Within *Within
}

// Within is a span of time that a field lies in: From is part of it, Until is not.
type Within struct {
	Field       Field
	From, Until time.Time
}

// Query asks for rows of one table. Tables and columns must be the live schema's own.
type Query struct {
	Table  *Table
	Fields []Field
	Match  *Match // nil: all rows
	RowID  bool   // deliver the hidden row id as one more, last value
	Limit  int    // 0: none
	Cut    int    // characters after which texts are cut, for looking at a sample; 0: whole texts
}

// Snapshot reads from one moment of a system. It is used by one goroutine at a time.
type Snapshot interface {
	// Find streams rows. The slice and the texts in it are valid until fn returns (Value.Clone
	// keeps one). fn must not call the snapshot.
	// Values that cannot be cast to the type of the field they are compared with match nothing.
	Find(ctx context.Context, q Query, fn func(row []Value) error) error
	// Count tells for each value of a field that occurs how many rows have it. Documents'
	// inner fields work too. Texts are valid until fn returns, as in Find.
	Count(ctx context.Context, t *Table, f Field, values []Value, fn func(v Value, rows int64) error) error
	io.Closer
}

// Shared is a Snapshot that can be opened more than once, for several goroutines to read from the
// same moment.
type Shared interface {
	Snapshot
	// Beside opens another view of this snapshot's moment. It may be called while the snapshot is
	// in use, and the other view stays valid without it. An error: the system cannot do it now.
	Beside(ctx context.Context) (Snapshot, error)
}

// Dated is a Snapshot of another moment than the one at which it was opened, such as of a system that answers
// later. A zero time: of when it was opened.
type Dated interface {
	Of() time.Time
}

// Remote is a Source that is reached over a network.
type Remote interface {
	// Overheard tells that somebody between the portal and the system could read or change what is
	// sent: it is not encrypted, or the other side's certificate is not checked, and it is another machine.
	Overheard() bool
}

// Limited is a Changer of which some systems cannot be changed all the same, such as a workbook in
// which copies of what is changed could stay behind.
type Limited interface {
	ReadOnly() bool
}

// Changer is a system that rows can be changed in.
type Changer interface {
	// Begin starts the one transaction that a plan is carried out in.
	Begin(ctx context.Context) (Change, error)
}

// Stepwise is a Change of which some systems write one row after the other: what was written before
// the commit failed stays written. Carried out again, the plan goes on where it stopped.
type Stepwise interface {
	Stepwise() bool
}

// Set is a change of one field for all rows of a statement. Exactly one of the forms is used:
// Each (a value for each row, in the order of the keys) or Value.
type Set struct {
	Field Field
	Value Value
	Each  []Value
}

// Effect counts what happened to a table in a transaction, whoever caused it.
type Effect struct {
	Table                      TableName // see Table.Counted; zero: changes that the system cannot tell the table of
	Inserted, Updated, Deleted int64
}

// Change is a transaction that is going to write. It is used by one goroutine.
type Change interface {
	// Lock reads rows by key and keeps others from changing them until the end.
	// Query.Match holds the keys.
	Lock(ctx context.Context, q Query, fn func(row []Value) error) error
	// Update sets fields of the rows with these keys and tells how many rows it changed.
	Update(ctx context.Context, t *Table, keys Match, sets []Set) (int64, error)
	// Delete removes the rows with these keys and tells how many it removed.
	Delete(ctx context.Context, t *Table, keys Match) (int64, error)
	// Effects tells what the transaction did so far, cascades and triggers included.
	Effects(ctx context.Context) ([]Effect, error)
	// Touched counts the rows of a table, still there, that the transaction wrote: each once,
	// however often triggers wrote it again.
	Touched(ctx context.Context, t *Table) (int64, error)
	// Settle checks now what the system would check at the commit.
	Settle(ctx context.Context) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}

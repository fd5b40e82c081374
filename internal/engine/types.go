// Package engine finds a person's rows in connected systems, plans what is to happen to them,
// carries a plan out and checks it afterwards. It knows sources and datasets and nothing else:
// no store, no HTTP, no clock.
package engine

import (
	"fmt"
	"io"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
	"mininfo/internal/source"
)

// Connected is a source together with what is known about its content.
type Connected struct {
	Source   source.Source
	Datasets []*dataset.Dataset
}

// Seed is one verified identifier of the person: the walk starts from it.
type Seed struct {
	Kind  string // email, phone_number, external_id, or a kind of the datasets' own
	Value string
}

// Format keeps the value out of logs and error texts.
func (s Seed) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.Kind + "=***")) }

// Canonical brings an identifier of one kind to the form that is compared; false: it is none.
type Canonical func(value string) (string, bool)

// Options of a walk. The zero value works.
type Options struct {
	// Canonical forms for each kind of identity. Kinds that are missing use DefaultCanonical.
	Canonical map[string]Canonical
	// Zone is where the days of an IP address's use, and local times without a zone, are counted;
	// nil means UTC.
	Zone *time.Location
	// DigestKey keys the digests of rows as seen. Without one, findings carry no digest.
	DigestKey []byte
	// Categories limits the fields of findings (whole path segments); empty: all.
	Categories []string
	// TempDir is where findings that do not fit in Memory are kept, encrypted, until the end.
	TempDir string
	Memory  int // bytes for all collections together; 0 means 4 MiB
	// KeepForeign keeps the values of fields in which another known person's identifiers
	// appear and the rows of other persons. The portal does (an officer decides); a command
	// that prints does not.
	KeepForeign bool
	// Now is the clock that tells of which moment a system's view is; nil: nobody asks.
	Now func() time.Time
	// Progress is called with the number of findings so far, at most once for each batch read.
	Progress func(findings int)

	only string // the one source that is asked anything; "": all
}

// KeyPart is one column of the key that names a row. A table without a key is named by all
// columns that were read.
type KeyPart struct {
	Column string
	Value  source.Value
}

// FieldValue is one field of a finding.
type FieldValue struct {
	Name       string // dotted for a field inside a document
	Value      source.Value
	Categories []string // empty: a key or a link
	Activity   string   // the register's processing activity, or ""
	Identity   string   // the kind of identity, or ""
	Key        bool     // part of the primary key
	Link       bool     // an end of a reference
	ReadOnly   bool
	ThirdParty bool   // declared to hold data about others
	Special    string // special category that the dataset declares, e.g. health
	NationalID bool
	FreeText   bool      // text that may say anything about anyone
	Foreign    bool      // another known person's identifier appears in it
	Others     []Passage // where, in the order of the text
	Withheld   bool      // the value was left out (see Options.KeepForeign)
	Mark       bool      // it says whether the row is restricted
	// Whole is the list as it stands in the system, where Value holds only the elements by which
	// the row was found: a list may hold what leads to others. Null where Value is everything.
	Whole source.Value
	// Place is the column and the way inside its document; nil for a column.
	Place []string
}

// Passage is a part of a field's value in which another known person's identifier stands. From and To
// count characters (runes) of Value.Text(), To being the first after it. In a document it never goes
// over the quotes of a text.
type Passage struct {
	From, To int
	Kind     string // of identity: email, phone_number, …
}

// Finding is one row that the walk reached. The slices are valid until the callback returns.
type Finding struct {
	Source     string
	Dataset    string // fides_key
	Collection string
	Key        []KeyPart
	Fields     []FieldValue
	Paths      []string // every way that led to it, from the seed: "crm.customers.email > crm.orders.customer_id"
	Activity   string   // of the collection or dataset, or ""
	SourceOf   string   // where the data came from, as the dataset says
	Received   source.Value
	Retention  source.Value // the date that the retention period counts from
	// Matched: an identifier of the person stands in the row itself.
	Matched bool
	// Owned: matched, or reached from an owned row the way that owned things are (a customer's
	// orders). False: reached by following a reference to something that may be anybody's.
	Owned bool
	// Shared: rows that are not the person's refer to it, or it is tied to another person.
	// Never changed by default; its disclosure is a decision (Art. 15(4)).
	Shared     bool
	SharedWith int // how many such rows, 0 when only tied to another person
	// OtherPerson: it is another person's own row, by that person's identifier.
	OtherPerson bool
	// CaseVariant: the identifier stands there in other letters (Kari@ for kari@).
	CaseVariant bool
	// ForeignIdentifiers: at least one field is Foreign.
	ForeignIdentifiers bool
	// Restricted: another case of the portal's has the row only stored (Art. 18(2)). The engine does
	// not set it.
	Restricted bool
	Digest     []byte // keyed digest of all columns read
}

// Status of a collection after a walk.
type Status string

// The statuses. Failed leaves the whole answer incomplete.
const (
	Reached      Status = "reached"       // at least one row
	Nothing      Status = "nothing"       // looked, no row
	NotReachable Status = "not_reachable" // no path leads there from the given identities
	Skipped      Status = "skipped"       // the dataset says skip_processing
	Failed       Status = "failed"        // could not be read
)

// CollectionReport says what became of one collection.
type CollectionReport struct {
	Source     string      `json:"source"`
	Dataset    string      `json:"dataset"`
	Collection string      `json:"collection"`
	Status     Status      `json:"status"`
	Rows       int         `json:"rows"`
	Shared     int         `json:"shared,omitempty"`
	Others     int         `json:"other_persons,omitempty"`
	Withheld   int         `json:"withheld_fields,omitempty"`
	Rejected   int         `json:"match_rejected,omitempty"` // rows that the database returned but that are not equal in canonical form
	Code       source.Code `json:"code,omitempty"`
	State      string      `json:"state,omitempty"`
	// Unannotated columns of the table that the dataset does not mention; Absent are fields
	// that the table does not have.
	Unannotated []string `json:"unannotated,omitempty"`
	Absent      []string `json:"absent,omitempty"`
}

// Report is the outcome of a walk, one entry for every collection, sorted.
type Report struct {
	Collections []CollectionReport `json:"collections"`
	Findings    int                `json:"findings"`
	// Read tells of each source that was looked into of which moment its view is.
	Read map[string]time.Time `json:"read,omitempty"`
	// Incomplete: a source or collection could not be read. It never passes for empty.
	Incomplete bool `json:"incomplete"`
}

// Action on a row.
type Action string

// The actions of a plan.
const (
	Disclose  Action = "disclose"
	SetAction Action = "set"
	Delete    Action = "delete"
	Anonymise Action = "anonymise"
	Restrict  Action = "restrict" // only stored from now on; the system has no mark for it
	Mark      Action = "mark"     // only stored from now on, and marked so in the system
	Lift      Action = "lift"     // no longer restricted: the mark is taken away
	Keep      Action = "keep"
	Withhold  Action = "withhold"
)

// Writes tells whether the action changes the connected system.
func (a Action) Writes() bool {
	return a == SetAction || a == Delete || a == Anonymise || a == Mark || a == Lift
}

// ColumnChange is a change of one field. Random values are chosen at execution.
type ColumnChange struct {
	Name     string
	Strategy string // of package engine's strategies; "set" for a rectification
	Value    source.Value
	Random   int    // length of the random text to be chosen at execution, 0: Value holds
	Suffix   string // follows the random text
}

// Step is what is to happen to one row, and why.
type Step struct {
	Source          string
	Dataset         string
	Collection      string
	Key             []KeyPart
	Action          Action
	Columns         []ColumnChange // of set, anonymise, mark and lift, by name
	Kept            []string       // fields of an anonymised row that stay, by name; of a restricted one the mark that it bears already
	Reason          string         // code: erasure, rectification, shared, third_party, legal_obligation, read_only, …
	Article         string         // Art. 17(3)(b)
	Until           string         // civil date up to which it is kept, or ""
	RegisterVersion int
	Seen            []byte // Finding.Digest
	Trace           []byte // for a ledger: see trace. No part of the plan's digest
}

// Decision of what is to happen to one field of a finding, or to the whole finding.
type Decision struct {
	Action          Action // Delete (erase), Anonymise (with Strategy), Keep, Withhold, Disclose, Restrict
	Strategy        string // with Anonymise; "" lets the planner choose what the column allows
	Config          dataset.MaskingConfig
	Reason          string
	Article         string
	Until           string
	RegisterVersion int
	// Override is the officer's reason for a strategy that is pseudonymisation and not erasure.
	Override string
}

// Decide says what is to happen to a field. It is asked for every categorised field of every
// finding. A row all of whose fields get Delete is deleted where the system allows it.
type Decide func(f *Finding, field *FieldValue) Decision

// Problem is why a plan cannot be carried out, in words for an officer.
type Problem struct {
	Source     string      `json:"source"`
	Collection string      `json:"collection,omitempty"`
	Code       string      `json:"code"`
	Text       locale.Text `json:"text"`
	// Warning: told, but the plan may be carried out.
	Warning bool `json:"warning,omitempty"`
}

// Counts of steps by action.
type Counts map[Action]int

// CollectionCount is the number of steps of one collection by action.
type CollectionCount struct {
	Source     string `json:"source"`
	Dataset    string `json:"dataset"`
	Collection string `json:"collection"`
	Counts     Counts `json:"counts"`
}

// PlanSummary describes a written plan.
type PlanSummary struct {
	Digest      string            `json:"digest"` // hex of the RFC 6962 tree head over the steps
	Steps       int               `json:"steps"`
	Counts      Counts            `json:"counts"`
	Collections []CollectionCount `json:"collections"`
	Reasons     []ReasonCount     `json:"reasons"` // in the order of the first step of each
}

// ReasonCount is the number of steps with one action for one reason.
type ReasonCount struct {
	Action  Action `json:"action"`
	Reason  string `json:"reason,omitempty"`
	Article string `json:"article,omitempty"`
	Until   string `json:"until,omitempty"`
	Steps   int    `json:"steps"`
}

// Writes counts the rows that a plan changes or removes.
func (p PlanSummary) Writes() int {
	n := 0
	for action, count := range p.Counts {
		if action.Writes() {
			n += count
		}
	}
	return n
}

// SourceResult is what execution did to one source.
type SourceResult struct {
	Source      string            `json:"source"`
	Deleted     int               `json:"deleted"`
	Changed     int               `json:"changed"`
	AlreadyDone bool              `json:"already_done,omitempty"`
	Collections []CollectionCount `json:"collections"`
}

// ExecuteOptions bound an execution.
type ExecuteOptions struct {
	DigestKey []byte // the key that the plan's digests were made with
	// Ceiling is how many rows one source may have changed; 0 means any number.
	Ceiling int
	// SecondLook is how many rows a plan may change without asking for a second look (a warning
	// of Preflight); 0 means DefaultSecondLook, negative never.
	SecondLook int
	Chunk      int                            // rows of one statement; 0 means 500,000
	Rand       io.Reader                      // of random values; nil: crypto/rand
	Done       func(source string, steps int) // told after each chunk
}

// DefaultSecondLook is the size above which a plan should be looked at once more: few people have
// so many rows, and a wrong reference in a dataset file finds them.
const DefaultSecondLook = 500

// Remaining is what a walk after execution still finds.
type Remaining struct {
	Source     string `json:"source"`
	Dataset    string `json:"dataset"`
	Collection string `json:"collection"`
	Kept       int    `json:"kept"`       // rows the plan keeps, with a reason
	Changed    int    `json:"changed"`    // rows the plan changed, as planned
	Unexpected int    `json:"unexpected"` // rows the plan does not know: new, or newly reached
}

// Verification is the outcome of the check after an execution.
type Verification struct {
	Steps     int         `json:"steps"`
	Failed    int         `json:"failed"`              // steps whose row is not in the planned end state
	FailedIn  []string    `json:"failed_in,omitempty"` // the sources of those steps
	Remaining []Remaining `json:"remaining"`
	Report    Report      `json:"report"`
}

// Done tells whether every step has its effect and the check could read everything.
func (v Verification) Done() bool { return v.Failed == 0 && !v.Report.Incomplete }

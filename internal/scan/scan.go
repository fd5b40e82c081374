// Package scan reads what a live system says about itself and a small sample of its rows, and
// proposes a dataset: which column holds which kind of personal data, where a person is found by,
// and how rows lead to other rows. Every proposal says what it rests on and how sure it is; what
// is only a guess is asked and not proposed. It reads, writes nothing, and keeps no value.
package scan

import (
	"context"
	"errors"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// The bounds of what a scan reads.
const (
	defaultRows   = 200              // of one table
	defaultBudget = 60 * time.Second // for all samples together
	maxText       = 2000             // characters of one value
	maxLookups    = 2                // questions a table, on the average, whether values lead to another table
)

// Options say what is scanned and under which name.
type Options struct {
	Key      string // fides_key
	Name     string
	Activity string // the register's processing activity, or ""
	Schema   string // only this schema, or "" for all
	// Unknown is the category of columns that nothing is known of. Lists that somebody made of people
	// have it, so that nothing is left out of an answer; databases have none.
	Unknown string
	// Rows is how many rows of a table are looked at; 0 means 200.
	Rows int
	// Budget is how long all samples together may take; tables after it are judged by their names. 0 means a minute.
	Budget time.Duration
	// Only says which tables are sampled; the others are judged by their names. nil means all.
	Only func(source.TableName) bool
}

// Confidence says how sure a proposal is.
type Confidence uint8

// Unsure is asked and not proposed, or rests on nothing but the row that it stands in. Likely rests on
// one sign. Sure rests on two, or on the system's own word.
const (
	Unsure Confidence = iota
	Likely
	Sure
)

func (c Confidence) String() string { return [...]string{"unsure", "likely", "sure"}[c] }

// Role says why a table is in the proposal.
type Role string

// The roles.
const (
	RolePeople Role = "people" // the rows are people
	RoleOwned  Role = "owned"  // the rows belong to people
	RoleShared Role = "shared" // the rows may belong to several: addresses, households
	RolePath   Role = "path"   // nothing personal, but the way to something goes through it
	RoleOther  Role = "other"  // personal data that no reference ties to anybody
)

// Proposal is a proposed dataset.
type Proposal struct {
	Key, Name, Activity string
	Schema              string // the one schema that it is about, or ""
	System              string // "PostgreSQL 15.18"
	Tables              int    // looked at
	Collections         []*Collection
	LeftOut             []LeftOut
}

// LeftOut is a table that holds nothing about people, as far as is seen.
type LeftOut struct {
	Name   string
	Reason Note
	Asked  bool // it is only a guess that it holds nothing
	// Chosen names a column of a table that somebody left out, who knows it: the file says so, and no
	// later look asks again.
	Chosen string
}

// Collection is a proposed collection.
type Collection struct {
	Name          string
	Table         source.TableName
	Description   string // the system's own words
	Role          Role
	Rows          int64 // as the system estimates, -1 when it does not
	Sampled       int   // rows that were looked at
	Fields        []*Field
	Received      string
	RetentionFrom string
	Restriction   *dataset.Restriction // a guess
	Evidence      []Note
	Questions     []Question
}

// Field is a proposed field: one for every column.
type Field struct {
	Name        string
	Description string
	DataType    string
	Length      int
	PrimaryKey  bool
	ReadOnly    bool
	Category    string
	Identity    string
	NationalID  bool
	ThirdParty  bool
	Special     string
	Confidence  Confidence // of the category
	Evidence    []Note     // for the category
	Asked       string     // a category that is only a guess
	References  []Reference
	Masking     string // YAML of the strategy, for columns that cannot be emptied
	Fields      []*Field
	KeyNote     *Note // for a key that the system does not know of
}

// Reference is a proposed reference.
type Reference struct {
	Collection, Field string
	Direction         dataset.Direction
	Confidence        Confidence
	Evidence          Note
	Asked             bool // it is only a guess, or a way that is better not walked
}

// Question is something that a person who knows the system has to say.
type Question struct {
	Field string // or ""
	Note  Note
	Write string // the YAML that answers yes
}

// Propose scans a system. A table that cannot be read is judged by its names. Its error is a
// failure of the source, or the end of the context.
func Propose(ctx context.Context, s source.Source, o Options) (*Proposal, error) {
	schema, err := s.Inspect(ctx)
	if err != nil {
		return nil, err
	}
	finder, ok := s.(source.Finder)
	if !ok {
		return nil, &source.Error{Source: s.Name(), Code: source.Unsupported}
	}
	j := newJudge(schema, o)
	if o.Schema != "" && len(j.tables) == 0 {
		return nil, &source.Error{Source: s.Name(), Code: source.Missing, Table: o.Schema}
	}
	r := &reader{finder: finder, rows: o.Rows}
	if r.rows == 0 {
		r.rows = defaultRows
	}
	budget := o.Budget
	if budget == 0 {
		budget = defaultBudget
	}
	limited, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	defer r.close()
	for _, t := range j.tables {
		if o.Only != nil && !o.Only(t.live.Name) {
			continue
		}
		if err := r.sample(limited, t); err != nil && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		} else if err != nil && fatal(err) {
			return nil, err
		}
	}
	j.lookups = len(j.tables)*maxLookups + 50
	j.read(func(t *source.Table, column string, values []source.Value) (int, bool) {
		return r.found(limited, t, column, values)
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return j.propose(), nil
}

// fatal tells failures of the whole source from those of one table.
func fatal(err error) bool {
	var own *source.Error
	return errors.As(err, &own) && (own.Code == source.Unreachable || own.Code == source.BadConfig)
}

// reader samples tables in one read-only snapshot, which it opens anew after a failure.
type reader struct {
	finder source.Finder
	snap   source.Snapshot
	rows   int
	failed int // in a row: a system that answers nothing is not asked a thousand times
}

func (r *reader) close() {
	if r.snap != nil {
		_ = r.snap.Close()
		r.snap = nil
	}
}

func (r *reader) open(ctx context.Context) error {
	if r.snap != nil {
		return nil
	}
	snap, err := r.finder.Snapshot(ctx)
	if err == nil {
		r.snap = snap
	}
	return err
}

const maxFailed = 20

// sample reads some rows of a table and counts what their values look like.
func (r *reader) sample(ctx context.Context, t *table) error {
	if t.live.View || !t.live.CanSelect || r.failed >= maxFailed || ctx.Err() != nil {
		t.unread = !t.live.View
		return ctx.Err()
	}
	var fields []source.Field
	var into []*column
	for _, c := range t.columns {
		if c.live.Class != source.ClassBytes {
			fields = append(fields, source.Field{Column: c.live.Name})
			into = append(into, c)
			c.stats = newStats()
		}
	}
	if len(fields) == 0 {
		return nil
	}
	err := r.open(ctx)
	if err == nil {
		q := source.Query{Table: t.live, Fields: fields, Limit: r.rows, Cut: maxText}
		err = r.snap.Find(ctx, q, func(row []source.Value) error {
			t.sampled++
			for i, v := range row {
				into[i].add(v)
			}
			return nil
		})
	}
	if err != nil {
		t.unread = true
		r.failed++
		r.close()
		return err
	}
	r.failed = 0
	return nil
}

// found counts how many of the values stand in a column of another table.
func (r *reader) found(ctx context.Context, t *source.Table, column string, values []source.Value) (int, bool) {
	if r.failed >= maxFailed || ctx.Err() != nil || r.open(ctx) != nil {
		return 0, false
	}
	seen := 0
	err := r.snap.Count(ctx, t, source.Field{Column: column}, values, func(source.Value, int64) error { seen++; return nil })
	if err != nil {
		r.failed++
		r.close()
		return 0, false
	}
	r.failed = 0
	return min(seen, len(values)), true
}

// table is a live table while it is judged.
type table struct {
	live    *source.Table
	name    string // of the collection
	noun    noun
	before  []string // words before the noun
	columns []*column
	sampled int
	unread  bool
	role    Role
	refs    []*ref
	list    []string // the words of the name, without what is wrapped around them
}

// column is a live column while it is judged.
type column struct {
	live  *source.Column
	words []string
	name  string // the words in one
	stats *stats
	key   bool // part of the primary key
	alone bool // the whole primary key
	// elsewhere: a foreign key leads to a table that is not looked at.
	elsewhere bool
	guess     guess

	seen     *guess // by itself, once its values are counted
	code     string // how its codes are built, once asked for
	codeDone bool
}

const (
	maxKeys  = 40 // of the objects in a JSON column
	maxLevel = 2
)

// add counts a value that was seen in the column.
func (c *column) add(v source.Value) { c.stats.take(v, 1) }

// take adds a value; of a JSON object, also what stands under its keys.
func (s *stats) take(v source.Value, level int) {
	if v.Kind == source.JSON || v.Kind == source.Text && strings.HasPrefix(v.Str, "{") {
		if object, ok := objectOf(v.Str); ok {
			s.filled++
			s.objects++
			s.inside(object, level)
			return
		}
		if list := objectsOf(v.Str); len(list) > 0 {
			s.filled++
			s.objects++
			s.lists++
			for _, object := range list[:min(len(list), 5)] {
				s.inside(object, level)
			}
			return
		}
		list := v.Elements()
		if v.Kind == source.JSON && len(list) == 0 {
			s.empty++ // an empty list says nothing of what its column is for
			return
		}
		if v.Kind == source.JSON && len(list) > 0 && !(len(list) == 1 && list[0].Kind == source.JSON) {
			s.lists++
			for _, each := range list[:min(len(list), 5)] {
				s.add(each)
			}
			return
		}
	}
	s.add(v)
}

// inside adds what stands under the keys of an object.
func (s *stats) inside(object map[string]source.Value, level int) {
	if s.keys == nil {
		s.keys = map[string]*stats{}
	}
	for name, inner := range object {
		if s.keys[name] == nil && len(s.keys) < maxKeys {
			s.keys[name] = newStats()
		}
		if k := s.keys[name]; k != nil && level < maxLevel {
			k.take(inner, level+1)
		} else if k != nil {
			k.add(inner)
		}
	}
}

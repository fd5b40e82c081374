package sqldb

import (
	"database/sql/driver"
	"strconv"
	"strings"
	"unsafe"

	"github.com/huandu/go-sqlbuilder"

	"mininfo/internal/source"
)

// dialect is what differs between the systems that are asked with lists of parameters (MySQL,
// SQL Server). Statements are built here, from the catalogue, for all of them.
type dialect struct {
	kind   string
	flavor sqlbuilder.Flavor
	param  func(n int) string // the nth parameter, from 1
	keys   int                // keys of one statement
	params int                // parameters of one statement
	top    bool               // TOP (n) in front, where others have LIMIT n behind
	hint   string             // behind the table's name: lock its rows
	suffix string             // behind the statement: lock its rows
	from   bool               // UPDATE names its table in FROM
	found  bool               // UPDATE counts rows that it found, not only those that it changed
	own    string             // asked behind a statement: how many rows it wrote itself, without what triggers did

	// read is the expression that a field is selected by.
	read func(s *statement, c *source.Column, f source.Field) string
	// left and right are the two sides of a comparison in the system's own way.
	left  func(s *statement, c *source.Column, f source.Field, fold source.Fold) string
	right func(s *statement, c *source.Column, f source.Field, fold source.Fold, v source.Value) string
	// same is the condition that a field holds exactly a value, which may be null.
	same func(s *statement, c *source.Column, f source.Field, v source.Value) string
	// list makes a table j with one column e of the texts in a JSON list.
	list func(s *statement, c *source.Column, f source.Field) string
	// listed is the expression that an element of j is compared by.
	listed func(fold source.Fold) string
	// grouped brings a field to a form in which only equal bytes are equal.
	grouped func(c *source.Column, expression string) string
	// assign is a new value for a column, and place a new document for one: some places in it changed.
	assign func(s *statement, c *source.Column, v source.Value) string
	place  func(s *statement, c *source.Column, sets []placed) string
	// differs tells, where UPDATE counts only the rows that it changed, which ones it will.
	differs func(s *statement, c *source.Column, expression string) string

	decode func(raw driver.Value, c *source.Column, f source.Field) source.Value
	// diagnose reads a driver's error; false: it is none of the system's own.
	diagnose func(err error) (source.Error, bool)
}

// placed is a new value for one place in a document.
type placed struct {
	path []string
	// value writes the new value; each row's own by way of the function that writes one.
	value func(s *statement, write func(source.Value) string) string
}

// statement collects a statement and its parameters.
type statement struct {
	strings.Builder
	d    *dialect
	args []driver.Value
}

func (s *statement) arg(v driver.Value) string {
	s.args = append(s.args, v)
	return s.d.param(len(s.args))
}

func (s *statement) column(c *source.Column) string { return "t." + quote(s.d.flavor, c.Name) }

func (s *statement) table(t *source.Table) string { return quoteTable(s.d.flavor, t.Name) }

// find builds the question for one chunk of tuples; on is nil where all rows are asked for.
func (d *dialect) find(q source.Query, cols, on []*source.Column, tuples [][]source.Value, lock bool) *statement {
	s := &statement{d: d}
	s.WriteString("SELECT ")
	if q.Limit > 0 && d.top {
		s.WriteString("TOP (" + strconv.Itoa(q.Limit) + ") ")
	}
	for i, c := range cols {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(d.read(s, c, q.Fields[i]))
	}
	if q.RowID {
		if len(cols) > 0 {
			s.WriteString(", ")
		}
		s.WriteString(rowID(q.Table))
	}
	s.WriteString(" FROM " + s.table(q.Table) + " AS t")
	if lock {
		s.WriteString(d.hint)
	}
	if on != nil {
		s.WriteString(" WHERE ")
		s.where(q.Match, on, tuples)
	}
	if q.Limit > 0 && !d.top {
		s.WriteString(" LIMIT " + strconv.Itoa(q.Limit))
	}
	if lock {
		s.WriteString(d.suffix)
	}
	return s
}

func rowID(t *source.Table) string {
	if t.RowID == "" {
		return "NULL"
	}
	return t.RowID
}

// where writes the condition of a match; tuples are cast already.
func (s *statement) where(m *source.Match, cols []*source.Column, tuples [][]source.Value) {
	if len(cols) > 1 || m.NullSafe {
		for i, tuple := range tuples {
			if i > 0 {
				s.WriteString(" OR ")
			}
			s.WriteString("(" + s.key(m, cols, tuple) + ")")
		}
		return
	}
	c, f := cols[0], m.Fields[0]
	if f.List {
		s.WriteString("EXISTS (SELECT 1 FROM " + s.d.list(s, c, f) + " WHERE " + s.d.listed(m.Fold) + " IN (")
		s.texts(tuples)
		s.WriteString("))")
		return
	}
	s.WriteString(s.d.left(s, c, f, m.Fold) + " IN (")
	for i, tuple := range tuples {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(s.d.right(s, c, f, m.Fold, tuple[0]))
	}
	s.WriteString(")")
}

// texts lists values that elements of a JSON list are compared with.
func (s *statement) texts(tuples [][]source.Value) {
	for i, tuple := range tuples {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(s.arg(tuple[0].Text()))
	}
}

// key gives the condition for one key. Parameters are numbered as they are written, so that its
// parts must come into the statement in this order.
func (s *statement) key(m *source.Match, cols []*source.Column, tuple []source.Value) string {
	parts := make([]string, len(cols))
	for i, c := range cols {
		f := m.Fields[i]
		if m.NullSafe {
			parts[i] = s.d.same(s, c, f, tuple[i])
		} else {
			left := s.d.left(s, c, f, source.Exact)
			parts[i] = left + " = " + s.d.right(s, c, f, source.Exact, tuple[i])
		}
	}
	return strings.Join(parts, " AND ")
}

// count builds the question how many rows have each of the values.
func (d *dialect) count(t *source.Table, c *source.Column, m *source.Match, tuples [][]source.Value) *statement {
	s, f := &statement{d: d}, m.Fields[0]
	s.WriteString("SELECT v, COUNT(*) FROM (SELECT ")
	if f.List {
		s.WriteString(d.listed(source.Exact) + " AS v FROM " + s.table(t) + " AS t CROSS ")
		if d.top {
			s.WriteString("APPLY ")
		} else {
			s.WriteString("JOIN ")
		}
		s.WriteString(d.list(s, c, f) + " WHERE " + d.listed(source.Exact) + " IN (")
		s.texts(tuples)
		s.WriteString(")")
	} else {
		s.WriteString(d.grouped(c, d.read(s, c, f)) + " AS v FROM " + s.table(t) + " AS t WHERE ")
		s.where(m, []*source.Column{c}, tuples)
	}
	s.WriteString(") AS x GROUP BY v")
	return s
}

// keyed builds a statement that ends in the condition for keys.
func (d *dialect) keyed(head func(s *statement), keys *source.Match, cols []*source.Column, tuples [][]source.Value, suffix string) *statement {
	s := &statement{d: d}
	head(s)
	s.where(keys, cols, tuples)
	s.WriteString(suffix)
	return s
}

// howMany builds the question how many rows have the keys, which it locks.
func (d *dialect) howMany(t *source.Table, keys *source.Match, cols []*source.Column, tuples [][]source.Value) *statement {
	return d.keyed(func(s *statement) { s.WriteString("SELECT COUNT(*) FROM " + s.table(t) + " AS t" + d.hint + " WHERE ") }, keys, cols, tuples, d.suffix)
}

func (d *dialect) remove(t *source.Table, keys *source.Match, cols []*source.Column, tuples [][]source.Value) *statement {
	return d.keyed(func(s *statement) { s.WriteString("DELETE t FROM " + s.table(t) + " AS t WHERE ") }, keys, cols, tuples, "")
}

// update builds the change of one chunk of rows, the first of which is number first of the sets.
// Rows that hold the new values already are left out with only.
func (d *dialect) update(t *source.Table, groups []columnSets, keys *source.Match, cols []*source.Column, tuples [][]source.Value, first int, only bool) *statement {
	return d.keyed(func(s *statement) {
		if d.from {
			s.WriteString("UPDATE t SET ")
		} else {
			s.WriteString("UPDATE " + s.table(t) + " AS t SET ")
		}
		for i, g := range groups {
			if i > 0 {
				s.WriteString(", ")
			}
			s.WriteString(quote(d.flavor, g.column.Name) + " = " + s.assigned(g, keys, cols, tuples, first))
		}
		if d.from {
			s.WriteString(" FROM " + s.table(t) + " AS t")
		}
		s.WriteString(" WHERE (")
		if only {
			for i, g := range groups {
				if i > 0 {
					s.WriteString(" OR ")
				}
				s.WriteString(d.differs(s, g.column, s.assigned(g, keys, cols, tuples, first)))
			}
			s.WriteString(") AND (")
		}
	}, keys, cols, tuples, ")")
}

// assigned gives the new value of a column. Where rows get values of their own, a CASE over the
// keys of the chunk picks them.
func (s *statement) assigned(g columnSets, keys *source.Match, cols []*source.Column, tuples [][]source.Value, first int) string {
	if len(g.sets[0].Field.Path) == 0 {
		return s.chosen(g.sets[0], keys, cols, tuples, first, func(v source.Value) string { return s.d.assign(s, g.column, v) })
	}
	var places []placed
	for _, set := range g.sets {
		places = append(places, placed{path: set.Field.Path, value: func(s *statement, write func(source.Value) string) string {
			return s.chosen(set, keys, cols, tuples, first, write)
		}})
	}
	return s.d.place(s, g.column, places)
}

func (s *statement) chosen(set source.Set, keys *source.Match, cols []*source.Column, tuples [][]source.Value, first int, value func(source.Value) string) string {
	if set.Each == nil {
		return value(set.Value)
	}
	if len(tuples) == 1 {
		return value(set.Each[first])
	}
	var b strings.Builder
	b.WriteString("CASE")
	for i, tuple := range tuples {
		b.WriteString(" WHEN " + s.key(keys, cols, tuple))
		b.WriteString(" THEN " + value(set.Each[first+i]))
	}
	b.WriteString(" END")
	return b.String()
}

// asText gives the content of a driver's text without copying it: it is valid until the next row.
func asText(raw driver.Value) string {
	switch v := raw.(type) {
	case []byte:
		return unsafe.String(unsafe.SliceData(v), len(v))
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// jsonPath writes a place inside a document in the notation of MySQL, SQL Server and SQLite.
func jsonPath(path []string) string { return litePath(path) }

// castTo brings a value to a column's type for writing; what does not fit is left for the system
// to refuse.
func castTo(c *source.Column, v source.Value) source.Value {
	if cast, ok := source.Cast(v, c.Class); ok && c.Class != source.ClassOther {
		return cast
	}
	return v
}

package source

import (
	"slices"
	"strings"
)

// TableName names a table or view. Schema is empty where the system knows no schemas.
type TableName struct {
	Schema string
	Name   string
}

func (t TableName) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Class is the family of types that a column's values belong to.
type Class uint8

// The classes. Other is anything that is read and written as text: enums, ranges, addresses of networks.
const (
	ClassText Class = iota
	ClassInt
	ClassFloat
	ClassDecimal
	ClassBool
	ClassBytes
	ClassDate
	ClassTime // with or without a zone
	ClassJSON
	ClassArray // read as a JSON array
	ClassUUID
	ClassOther
)

// Column is one column as the live system describes it.
type Column struct {
	Name      string
	Type      string // as the system writes it, e.g. character varying(40)
	Class     Class
	Elem      Class // of an array
	ElemType  string
	Nullable  bool
	MaxLength int      // in characters, 0: none
	Collation string   // of a text, where the system has several
	Enum      []string // the labels, where the type is an enumeration
	Generated bool     // computed by the system: cannot be written
	Identity  bool     // numbered by the system
	HasZone   bool     // a time with a zone
	Default   bool
	Order     Order  // of an index that begins with the column
	Comment   string // what the system's own description says of it
}

// Order says how an index orders a column that holds texts.
type Order uint8

// The orders. ByLetters orders as people do: ways of writing one word in other letters stand
// side by side. Folded takes them for equal.
const (
	Unordered Order = iota
	ByBytes
	ByLetters
	Folded
)

// ForeignKey is a rule that rows of one table point at rows of another.
type ForeignKey struct {
	Name       string
	Table      TableName // the table that carries the key (the child)
	Columns    []string
	RefTable   TableName // the table that is pointed at (the parent)
	RefColumns []string
	OnDelete   string // no action, restrict, cascade, set null, set default
	OnUpdate   string
}

// Index is a rule of uniqueness. Partial tells that it holds for some rows only.
type Index struct {
	Name    string
	Columns []string // empty name: an expression
	Primary bool
	Partial bool
}

// Trigger is code of the system's own that runs when rows change.
type Trigger struct {
	Name     string
	OnUpdate bool
	OnDelete bool
}

// Table is a table or view as the live system describes it.
type Table struct {
	Name       TableName
	View       bool
	Columns    []Column
	PrimaryKey []string
	Uniques    []Index // also the primary key
	Checks     []string
	Triggers   []Trigger
	RowID      string // hidden column that tells rows apart inside one snapshot: rowid, ctid; or empty
	Keyless    bool   // no row has a key and none needs one: a change takes as many equal rows as it names
	Open       bool   // Columns is what a sample shows: rows may hold fields of other names, and types too
	CanSelect  bool
	CanUpdate  bool
	CanDelete  bool
	Rows       int64 // an estimate, -1 when unknown
	Comment    string
	// Letters: a row is a message between people. Identifiers in it that are not the person's are
	// somebody else's, and none of them makes the row that person's own.
	Letters bool
	// Root is the table that this one inherits from, at the top; zero where there is none. What
	// happens to rows is counted there.
	Root TableName
}

// Counted gives the table under which changes of this one are counted.
func (t *Table) Counted() TableName {
	if t.Root != (TableName{}) {
		return t.Root
	}
	return t.Name
}

// Column finds a column by name; a name that differs in case only is taken when it is the only one.
// An open table has every column.
func (t *Table) Column(name string) (*Column, bool) {
	var near *Column
	count := 0
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i], true
		}
		if strings.EqualFold(t.Columns[i].Name, name) {
			near = &t.Columns[i]
			count++
		}
	}
	if t.Open {
		return &Column{Name: name, Class: ClassOther, Nullable: true}, true
	}
	return near, count == 1
}

// Shows tells whether a column is one of those that the system tells of.
func (t *Table) Shows(column string) bool {
	return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == column })
}

// IsUnique tells whether no two rows can have the same value in one column.
func (t *Table) IsUnique(column string) bool {
	for _, u := range t.Uniques {
		if !u.Partial && len(u.Columns) == 1 && u.Columns[0] == column {
			return true
		}
	}
	return false
}

// InUnique tells whether a column takes part in any rule of uniqueness.
func (t *Table) InUnique(column string) bool {
	for _, u := range t.Uniques {
		for _, c := range u.Columns {
			if c == column {
				return true
			}
		}
	}
	return false
}

// Schema is what a live system says about itself.
type Schema struct {
	System      string // "PostgreSQL 15.18"
	Tables      []Table
	ForeignKeys []ForeignKey
}

// Table finds a table. Without a schema the name must be unambiguous, or lie in the system's
// default schema, which comes first in Tables. Names that differ in case only are taken when
// exactly one does.
func (s *Schema) Table(name TableName) (*Table, bool) {
	var exact, near []*Table
	for i := range s.Tables {
		t := &s.Tables[i]
		if name.Schema != "" && !strings.EqualFold(t.Name.Schema, name.Schema) {
			continue
		}
		if t.Name.Name == name.Name && (name.Schema == "" || t.Name.Schema == name.Schema) {
			exact = append(exact, t)
		} else if strings.EqualFold(t.Name.Name, name.Name) {
			near = append(near, t)
		}
	}
	switch {
	case len(exact) > 0:
		return exact[0], true
	case len(near) == 1:
		return near[0], true
	}
	return nil, false
}

// Package dataset reads annotation files: which table of a connected system holds which kind of
// personal data, and how rows lead to other rows. The format is that of Fides; the reading is
// strict, and says for everything it does not accept what to write instead.
package dataset

import (
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/locale"
)

// Dataset annotates one connected system, or one schema of it.
type Dataset struct {
	Key          string // fides_key
	Name         string
	Description  string
	Categories   []string
	Activity     string // the register's processing activity
	Schema       string // namespace.schema
	DatabaseName string // namespace.database_name
	After        []string
	Collections  []*Collection
	File         string
	Line         int
}

// Collection annotates one table.
type Collection struct {
	Name          string
	Description   string
	Categories    []string
	Activity      string
	Received      string // field that holds when the row came in
	RetentionFrom string // field that the retention period counts from
	SourceOf      string // where the data came from
	Restriction   *Restriction
	Statement     string // field that takes what a person states beside the row (Art. 16)
	Disclosure    *Disclosure
	Skip          bool
	After         []string // "dataset.collection"
	EraseAfter    []string
	Override      *Masking // only strategy delete
	Fields        []*Field
	Line          int
}

// Restriction says how the system is told that a row may only be stored (Art. 18): what a field holds
// while it is restricted, and what it holds otherwise.
type Restriction struct {
	Field  string
	Value  string
	Lifted *string // nil: empty
	Line   int
}

// Disclosure says that the rows are a log of what was given to whom (Art. 15(1)(c)), and which fields tell it.
// All but the recipient may be empty.
type Disclosure struct {
	Recipient string `json:"recipient"`
	At        string `json:"at,omitempty"`
	What      string `json:"what,omitempty"`
	Basis     string `json:"basis,omitempty"`
}

// Field annotates one column, or a place inside a document.
type Field struct {
	Name              string
	Description       string
	Categories        []string
	Identity          string // the kind of identifier that stands here
	PrimaryKey        bool
	References        []Reference
	DataType          string // without "[]"
	Array             bool
	Length            int
	ReturnAllElements bool
	ReadOnly          bool
	Override          *Masking
	Activity          string
	ThirdParty        bool
	Special           string
	NationalID        bool
	Fields            []*Field // nested object
	Line              int
}

// Direction says which way a reference is walked, seen from the field that carries it.
type Direction string

// The directions. Both is what an absent direction means.
const (
	From Direction = "from" // filled from the named field: named → this
	To   Direction = "to"   // leads to the named field: this → named
	Both Direction = ""
)

// Reference ties a field to a field of another collection.
type Reference struct {
	Dataset   string
	Field     string // "collection.field" or "collection.field.sub"
	Direction Direction
	Line      int
}

// Masking is a strategy with its configuration.
type Masking struct {
	Strategy string
	Config   MaskingConfig
	Line     int
}

// MaskingConfig holds what the strategies can be told.
type MaskingConfig struct {
	RewriteValue *string // string_rewrite
	Length       int     // random_string_rewrite; 0 means 30
	Algorithm    string  // hash, hmac: SHA-256 or SHA-512
	Mode         string  // aes_encrypt: GCM
	Suffix       string  // format_preservation
	To           string  // truncate_date: year or month
	Keep         int     // generalise: characters of a text that stay
	Step         int     // generalise: numbers are rounded down to a multiple
}

// The strategies: Fides' names, then our own.
const (
	NullRewrite         = "null_rewrite"
	StringRewrite       = "string_rewrite"
	RandomStringRewrite = "random_string_rewrite"
	Hash                = "hash"
	HMAC                = "hmac"
	AESEncrypt          = "aes_encrypt"
	Preserve            = "preserve"
	DeleteRow           = "delete"
	TruncateDate        = "truncate_date"
	Generalise          = "generalise"
)

// Strategies lists all names.
var Strategies = []string{NullRewrite, StringRewrite, RandomStringRewrite, Hash, HMAC, AESEncrypt,
	Preserve, DeleteRow, TruncateDate, Generalise}

// Pseudonymises tells whether what a strategy leaves can still be tied to the person: it is
// pseudonymisation and no erasure (Art. 4(5), recital 26).
func Pseudonymises(strategy string) bool {
	return strategy == Hash || strategy == HMAC || strategy == AESEncrypt
}

// CategoriesOf gives the categories of a field: its own, else the collection's, else the dataset's.
func (d *Dataset) CategoriesOf(c *Collection, f *Field) []string {
	switch {
	case len(f.Categories) > 0:
		return f.Categories
	case len(c.Categories) > 0:
		return c.Categories
	}
	return d.Categories
}

// Activities lists the register's activities that the dataset points at, each once.
func (d *Dataset) Activities() []string {
	var all []string
	add := func(id string) {
		if id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	add(d.Activity)
	for _, c := range d.Collections {
		add(c.Activity)
		for _, leaf := range c.Leaves() {
			add(leaf.Field.Activity)
		}
	}
	return all
}

// ActivityOf gives the register's activity of a field: its own, else the collection's, else the dataset's.
func (d *Dataset) ActivityOf(c *Collection, f *Field) string {
	for _, a := range []string{f.Activity, c.Activity} {
		if a != "" {
			return a
		}
	}
	return d.Activity
}

// Collection finds a collection by name.
func (d *Dataset) Collection(name string) (*Collection, bool) {
	for _, c := range d.Collections {
		if c.Name == name {
			return c, true
		}
	}
	return nil, false
}

// Field finds a field by its dotted path.
func (c *Collection) Field(path string) (*Field, bool) {
	fields := c.Fields
	for rest := path; ; {
		f, left := pick(fields, rest)
		if f == nil || left == "" {
			return f, f != nil
		}
		fields, rest = f.Fields, left
	}
}

// pick finds the field that a dotted path begins with and what is left of the path. Names may
// hold dots themselves, so that the longest name wins.
func pick(fields []*Field, path string) (*Field, string) {
	var best *Field
	for _, f := range fields {
		if f.Name == path || strings.HasPrefix(path, f.Name+".") {
			if best == nil || len(f.Name) > len(best.Name) {
				best = f
			}
		}
	}
	if best == nil {
		return nil, ""
	}
	return best, strings.TrimPrefix(strings.TrimPrefix(path, best.Name), ".")
}

// Leaf is a field that holds a value, with its dotted path from the collection.
type Leaf struct {
	Path  string
	Parts []string // the column, then the way inside its document
	Lists []int    // how many steps inside the document a list of documents stands on the way
	Field *Field
}

// Title is what people call the collection: its description up to the first full stop or colon.
// It is empty without a description.
func (c *Collection) Title() string {
	title, _, _ := strings.Cut(c.Description, ":")
	title, _, _ = strings.Cut(title, ". ")
	return strings.TrimSuffix(strings.TrimSpace(title), ".")
}

// Leaves lists the fields that hold values. A field with nested fields is not one.
func (c *Collection) Leaves() []Leaf { return leaves(nil, nil, c.Fields) }

func leaves(parts []string, lists []int, fields []*Field) []Leaf {
	var out []Leaf
	for _, f := range fields {
		own := append(append([]string{}, parts...), f.Name)
		if len(f.Fields) > 0 {
			within := lists
			if f.Array {
				within = append(append([]int{}, lists...), len(own)-1)
			}
			out = append(out, leaves(own, within, f.Fields)...)
			continue
		}
		out = append(out, Leaf{Path: strings.Join(own, "."), Parts: own, Lists: lists, Field: f})
	}
	return out
}

// Resolve finds the collection and the field path that a reference names: names of collections
// may hold dots ("sales.orders"), so that the longest name that fits wins.
func (d *Dataset) Resolve(field string) (c *Collection, path string, ok bool) {
	for _, each := range d.Collections {
		rest, found := strings.CutPrefix(field, each.Name+".")
		if found && (c == nil || len(each.Name) > len(c.Name)) {
			c, path = each, rest
		}
	}
	if c == nil {
		return nil, "", false
	}
	f, ok := c.Field(path)
	return c, path, ok && len(f.Fields) == 0
}

// Problem is one thing wrong with an annotation file: where, and what to write instead.
type Problem struct {
	File string      `json:"file"`
	Line int         `json:"line"`
	Text locale.Text `json:"text"`
}

// Problems are all that is wrong. The type is an error; see Err.
type Problems []Problem

// Error gives one line for each problem, file:line first, in English.
func (p Problems) Error() string { return p.In(locale.EN) }

// In gives one line for each problem in a language.
func (p Problems) In(l locale.Locale) string {
	lines := make([]string, len(p))
	for i, each := range p {
		lines[i] = fmt.Sprintf("%s:%d: %s", each.File, each.Line, each.Text.In(l))
	}
	return strings.Join(lines, "\n")
}

// Err gives the problems as an error, or nil when there are none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

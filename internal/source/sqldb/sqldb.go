// Package sqldb connects SQL databases. The statements of all of them are built in one place
// from the introspected catalogue; what differs between systems is small: how a name is quoted,
// how a value is compared, how many rows are changed by one statement.
package sqldb

import (
	"context"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"mininfo/internal/source"
)

// quote writes an identifier. It is the only way that a name comes into a statement.
func quote(flavor sqlbuilder.Flavor, name string) string {
	if strings.IndexByte(name, 0) >= 0 {
		// No catalogue has such a name; a statement that ends early must not be made of one.
		name = strings.ReplaceAll(name, "\x00", "")
	}
	return flavor.Quote(name)
}

func quoteTable(flavor sqlbuilder.Flavor, t source.TableName) string {
	if t.Schema == "" {
		return quote(flavor, t.Name)
	}
	return quote(flavor, t.Schema) + "." + quote(flavor, t.Name)
}

func missing(src string, t source.TableName) error {
	return &source.Error{Source: src, Code: source.Missing, Table: t.String()}
}

// columns resolves the fields of a query against the catalogue: a name that is not there never
// reaches a statement.
func columns(src string, t *source.Table, fields []source.Field) ([]*source.Column, error) {
	out := make([]*source.Column, len(fields))
	for i, f := range fields {
		c, ok := t.Column(f.Column)
		if !ok {
			return nil, missing(src, t.Name)
		}
		out[i] = c
	}
	return out, nil
}

// castTuples brings the values of a match to the columns' types and leaves out tuples that no
// row can equal.
func castTuples(m *source.Match, cols []*source.Column, keep bool) [][]source.Value {
	if ready(m, cols) {
		return m.Tuples
	}
	out := make([][]source.Value, 0, len(m.Tuples))
	for _, tuple := range m.Tuples {
		cast := make([]source.Value, len(tuple))
		possible := true
		for i, v := range tuple {
			class := cols[i].Class
			if class == source.ClassArray && m.Fold == source.Exact && !m.NullSafe {
				class = cols[i].Elem
			}
			if len(m.Fields[i].Path) > 0 || m.Fold != source.Exact {
				class = source.ClassText
			}
			c, ok := v, true
			// What a document held is compared as it was read: 1 is not "1" there.
			if !m.NullSafe || len(m.Fields[i].Path) == 0 {
				c, ok = source.Cast(v, class)
			}
			if !ok && keep {
				c, ok = v, true
			}
			if !ok || c.IsNull() && !m.NullSafe {
				possible = false
				break
			}
			cast[i] = c
		}
		if possible {
			out = append(out, cast)
		}
	}
	return out
}

// ready tells whether the values of a match are of the columns' types already, as those of keys are.
func ready(m *source.Match, cols []*source.Column) bool {
	if m.Fold != source.Exact {
		return false
	}
	for i, c := range cols {
		kind := source.Int
		switch {
		case c.Class == source.ClassText:
			kind = source.Text
		case c.Class != source.ClassInt:
			return false
		}
		if len(m.Fields[i].Path) > 0 {
			return false
		}
		for _, tuple := range m.Tuples {
			if tuple[i].Kind != kind {
				return false
			}
		}
	}
	return true
}

// contextError gives the error of a context that has ended. It is asked for at the end of a stream
// too: all of its rows may have been here already when the caller gave up.
func contextError(ctx context.Context) error { return context.Cause(ctx) }

package sqldb

import (
	"context"
	"slices"

	"mininfo/internal/source"
)

// change is rows that are about to be deleted, or changed in the columns of sets.
type change struct {
	table  *source.Table
	keys   *source.Match
	cols   []*source.Column
	tuples [][]source.Value
	sets   []columnSets // nil: deleted
}

// acts tells whether a rule between tables changes rows by itself.
func acts(rule string) bool { return rule == "cascade" || rule == "set null" || rule == "set default" }

// follow counts the rows that rules between tables are going to change or delete along with a
// change: these systems do that without telling. It goes from the rows to those that refer to
// them, and on, by the catalogue; the rows are locked, as they will be anyway.
func (w *writer) follow(ctx context.Context, c change) error {
	for _, k := range w.schema.ForeignKeys {
		if k.RefTable != c.table.Name {
			continue
		}
		rule := k.OnDelete
		if c.sets != nil {
			if rule = k.OnUpdate; !slices.ContainsFunc(c.sets, func(g columnSets) bool { return slices.Contains(k.RefColumns, g.column.Name) }) {
				continue
			}
		}
		if !acts(rule) {
			continue
		}
		if err := w.carry(ctx, c, k, rule); err != nil {
			return err
		}
	}
	return nil
}

// carry counts the rows of one table that one rule changes, and follows them.
func (w *writer) carry(ctx context.Context, c change, k source.ForeignKey, rule string) error {
	child, ok := w.schema.Table(k.Table)
	if !ok {
		return missing(w.s.name, k.Table)
	}
	values, err := w.values(ctx, c, k.RefColumns)
	if err != nil || len(values) == 0 {
		return err
	}
	link := &source.Match{Tuples: values}
	for _, name := range k.Columns {
		link.Fields = append(link.Fields, source.Field{Column: name})
	}
	named := child.PrimaryKey
	if len(named) == 0 {
		for _, column := range child.Columns {
			named = append(named, column.Name)
		}
	}
	q := source.Query{Table: child, Match: link}
	for _, name := range named {
		q.Fields = append(q.Fields, source.Field{Column: name})
	}
	cols, err := columns(w.s.name, child, q.Fields)
	if err != nil {
		return err
	}
	t := w.of(child.Name)
	next := change{table: child, keys: &source.Match{Fields: q.Fields, NullSafe: len(child.PrimaryKey) == 0}, cols: cols}
	if c.sets != nil || rule != "cascade" {
		for _, name := range k.Columns {
			if column, ok := child.Column(name); ok {
				next.sets = append(next.sets, columnSets{column: column})
			}
		}
	}
	err = w.find(ctx, q, true, func(row []source.Value) error {
		if w.met(t, next, row) {
			next.tuples = append(next.tuples, source.CloneRow(row))
		}
		return nil
	})
	if err != nil || len(next.tuples) == 0 {
		return err
	}
	return w.follow(ctx, next)
}

// met counts a row, and tells whether it was not counted in this way before: rules may go in a circle.
func (w *writer) met(t *tally, c change, row []source.Value) bool {
	key := keyText(c.cols, row)
	if c.sets == nil {
		key = "deleted\x00" + key
	}
	if t.carried == nil {
		t.carried = map[string]struct{}{}
	}
	if _, known := t.carried[key]; known {
		return false
	}
	t.carried[key] = struct{}{}
	switch {
	case c.sets == nil:
		t.deleted++
	case c.keys.NullSafe:
		t.unnamed++
	default:
		t.updated[key] = struct{}{}
	}
	return true
}

// values reads what the rows of a change hold in some columns now.
func (w *writer) values(ctx context.Context, c change, names []string) ([][]source.Value, error) {
	q := source.Query{Table: c.table}
	for _, name := range names {
		q.Fields = append(q.Fields, source.Field{Column: name})
	}
	if slices.EqualFunc(c.keys.Fields, q.Fields, func(a, b source.Field) bool { return a.Column == b.Column && len(a.Path) == 0 }) {
		return c.tuples, nil
	}
	m := *c.keys
	m.Tuples = c.tuples
	q.Match = &m
	var out [][]source.Value
	err := w.find(ctx, q, true, func(row []source.Value) error {
		if !slices.ContainsFunc(row, source.Value.IsNull) {
			out = append(out, source.CloneRow(row))
		}
		return nil
	})
	return out, err
}

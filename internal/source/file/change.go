package file

import (
	"context"
	"slices"

	"mininfo/internal/source"
)

// edit is what a transaction did to one row.
type edit struct {
	gone  bool
	cells map[int]string // new texts by column
}

// change is a transaction that is going to write. Everything happens on the tables in memory until the
// commit puts the new version in the place of the old.
type change struct {
	snapshot
	source *Source
	draft  Draft
	old    []byte
	fresh  []byte   // made by Settle
	back   []*table // what it says
	edits  map[string]map[int64]edit
}

// Begin reads the file anew and holds it for this writer.
func (s *Source) Begin(ctx context.Context) (source.Change, error) {
	if s.keeper == nil {
		return nil, &source.Error{Source: s.name, Code: source.Unsupported}
	}
	draft, err := s.keeper.Begin(ctx)
	if err != nil {
		return nil, s.failure(err)
	}
	c := &change{source: s, draft: draft, edits: map[string]map[int64]edit{}}
	c.name = s.name
	if c.old, err = draft.Read(ctx); err == nil {
		c.tables, err = parse(c.old)
	}
	if err == nil && !changeable(c.old) {
		err = &source.Error{Source: s.name, Code: source.Denied}
	}
	if err != nil {
		draft.Discard()
		return nil, s.failure(err)
	}
	for _, t := range c.tables {
		t.writable = true
	}
	s.hold(c.tables)
	return c, nil
}

// Lock reads rows as this transaction sees them. Nobody else writes while the file is held.
func (c *change) Lock(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	return c.Find(ctx, q, fn)
}

// rewrite goes through the rows with these keys. fn gets which tuple a row matched and gives what becomes
// of it; a row that it leaves as it was is counted all the same, as databases do.
func (c *change) rewrite(t *source.Table, keys source.Match, fn func(own *table, cells [][]byte, tuple int) (edit, error)) (int64, error) {
	own, err := c.table(t)
	if err != nil {
		return 0, err
	}
	which, ok := keys.Which(own.describe().Columns)
	if !ok {
		return 0, &source.Error{Source: c.name, Code: source.Missing, Table: own.name}
	}
	rows := int64(0)
	edits := c.edits[own.name]
	if edits == nil {
		edits = map[int64]edit{}
		c.edits[own.name] = edits
	}
	altered, err := own.alter(func(line int64, cells [][]byte) ([][]byte, error) {
		tuple := which(func(at int) source.Value { return own.value(at, cells) })
		if tuple < 0 {
			return cells, nil
		}
		e, err := fn(own, cells, tuple)
		if err != nil {
			return nil, err
		}
		rows++
		before := edits[line]
		if e.gone {
			edits[line] = e
			return nil, nil
		}
		for at, text := range before.cells {
			if _, again := e.cells[at]; !again {
				e.cells[at] = text
			}
		}
		edits[line] = e
		for at, text := range e.cells {
			cells[at] = []byte(text)
		}
		if !slices.ContainsFunc(cells, func(cell []byte) bool { return len(cell) > 0 }) {
			return nil, nil // an empty row is none
		}
		return cells, nil
	})
	if err != nil {
		return 0, err
	}
	c.put(altered)
	return rows, nil
}

// put takes an altered table. The slice is a new one: the tables that searches read stay as they are.
func (c *change) put(altered *table) {
	tables := make([]*table, len(c.tables))
	for i, t := range c.tables {
		if tables[i] = t; t.name == altered.name {
			tables[i] = altered
		}
	}
	c.tables, c.fresh = tables, nil
}

// Update sets fields of the rows with these keys.
func (c *change) Update(_ context.Context, t *source.Table, keys source.Match, sets []source.Set) (int64, error) {
	own, err := c.table(t)
	if err != nil {
		return 0, err
	}
	at := make([]int, len(sets))
	for i, set := range sets {
		if len(set.Field.Path) > 0 {
			return 0, &source.Error{Source: c.name, Code: source.Unsupported, Table: own.name}
		}
		if at[i] = own.at(set.Field.Column); at[i] < 0 {
			return 0, &source.Error{Source: c.name, Code: source.Missing, Table: own.name}
		}
	}
	return c.rewrite(t, keys, func(own *table, cells [][]byte, tuple int) (edit, error) {
		e := edit{cells: map[int]string{}}
		for i, set := range sets {
			v := set.Value
			if set.Each != nil {
				v = set.Each[tuple]
			}
			text, ok := own.forms[at[i]].write(v, string(cells[at[i]]))
			if !ok {
				return e, &source.Error{Source: c.name, Code: source.BadType, Table: own.name}
			}
			if text != string(cells[at[i]]) {
				e.cells[at[i]] = text
			}
		}
		return e, nil
	})
}

// Delete removes the rows with these keys.
func (c *change) Delete(_ context.Context, t *source.Table, keys source.Match) (int64, error) {
	return c.rewrite(t, keys, func(*table, [][]byte, int) (edit, error) { return edit{gone: true}, nil })
}

// Effects tells what the transaction did: a file does nothing of its own.
func (c *change) Effects(context.Context) ([]source.Effect, error) {
	var out []source.Effect
	for _, t := range c.tables {
		e := source.Effect{Table: source.TableName{Name: t.name}}
		for _, one := range c.edits[t.name] {
			if one.gone {
				e.Deleted++
			} else {
				e.Updated++
			}
		}
		if e.Deleted+e.Updated > 0 {
			out = append(out, e)
		}
	}
	return out, nil
}

// Touched counts the rows that were written and are still there.
func (c *change) Touched(_ context.Context, t *source.Table) (int64, error) {
	n := int64(0)
	for _, one := range c.edits[t.Name.Name] {
		if !one.gone {
			n++
		}
	}
	return n, nil
}

// Settle writes the new version in memory and reads it back: it must say exactly what the transaction
// means. A value that the file's encoding cannot write, or that would be read as something else, is told
// here.
func (c *change) Settle(context.Context) error {
	if len(c.edits) == 0 {
		c.fresh, c.back = c.old, c.tables
		return nil
	}
	fresh, err := write(c.old, c.tables, c.edits)
	if err != nil {
		return c.source.failure(err)
	}
	back, err := parse(fresh)
	if err != nil {
		return &source.Error{Source: c.name, Code: source.BadType}
	}
	for _, t := range c.tables {
		found := false
		for _, other := range back {
			found = found || t.same(other)
		}
		if !found {
			return &source.Error{Source: c.name, Code: source.BadType, Table: t.name}
		}
	}
	for _, t := range back {
		t.writable = true
	}
	c.fresh, c.back = fresh, back
	return nil
}

// Commit puts the new version in the place of the old.
func (c *change) Commit(ctx context.Context) error {
	if c.fresh == nil {
		if err := c.Settle(ctx); err != nil {
			return err
		}
	}
	defer c.draft.Discard()
	if err := c.draft.Replace(ctx, c.old, c.fresh); err != nil {
		return c.source.failure(err)
	}
	c.source.hold(c.back)
	return nil
}

// Rollback leaves the file as it is.
func (c *change) Rollback(context.Context) error {
	c.draft.Discard()
	return nil
}

package webhook

import (
	"context"
	"strings"

	"mininfo/internal/source"
)

// maxChanges is how many rows one change may name: it is one request, which the system carries out
// whole or not at all.
const maxChanges = 50_000

// change collects what is to be done. The system learns of it twice: as a trial when everything is
// noted, and as the change itself at the commit. Both name each row by key, with the values that
// were seen in it: a row that is no longer so makes the system refuse all.
type change struct {
	*snapshot
	rows  map[string]*noted
	order []*noted
	count map[source.TableName]*source.Effect
}

type noted struct {
	table *source.Table
	key   map[string]source.Value
	seen  map[string]source.Value
	set   map[string]source.Value
	gone  bool
}

// Begin starts a change. Nothing is asked yet.
func (s *Source) Begin(ctx context.Context) (source.Change, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	return &change{snapshot: v, rows: map[string]*noted{}, count: map[source.TableName]*source.Effect{}}, nil
}

// name tells rows of all tables apart by their keys.
func name(t *source.Table, key map[string]source.Value) string {
	var b strings.Builder
	b.WriteString(t.Name.Name)
	for _, k := range t.PrimaryKey {
		b.WriteString("\x00" + key[k].Typed())
	}
	return b.String()
}

// Lock reads rows and remembers what was in them. What is noted already is shown as if it were
// done. Nobody else is kept from the rows: the system compares when it writes.
func (c *change) Lock(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	if q.Table == nil || len(q.Table.PrimaryKey) == 0 {
		return c.fail(source.Unsupported, "")
	}
	whole := q
	whole.Fields = nil
	for _, column := range q.Table.Columns {
		whole.Fields = append(whole.Fields, source.Field{Column: column.Name})
	}
	at, ok := source.Places(q.Table.Columns, q.Fields)
	if !ok {
		return c.fail(source.Missing, "")
	}
	return c.Find(ctx, whole, func(cells []source.Value) error {
		n := &noted{table: q.Table, key: map[string]source.Value{}, seen: map[string]source.Value{}}
		for i, column := range q.Table.Columns {
			n.seen[column.Name] = cells[i].Clone()
		}
		for _, k := range q.Table.PrimaryKey {
			n.key[k] = n.seen[k]
			delete(n.seen, k)
		}
		id := name(q.Table, n.key)
		if known := c.rows[id]; known != nil {
			n = known
		} else if c.rows[id] = n; len(c.rows) > maxChanges {
			return c.fail(source.FailedSystem, StateLarge)
		}
		if n.gone {
			return nil
		}
		row := make([]source.Value, len(at))
		for i, place := range at {
			v := cells[place]
			if changed, ok := n.set[q.Table.Columns[place].Name]; ok {
				v = changed
			}
			row[i] = v.At(q.Fields[i].Path)
		}
		return fn(row)
	})
}

// each finds what was locked under some keys.
func (c *change) each(t *source.Table, keys source.Match, fn func(i int, n *noted)) (int64, error) {
	var rows int64
	for i, tuple := range keys.Tuples {
		key := map[string]source.Value{}
		for k, f := range keys.Fields {
			column, ok := t.Column(f.Column)
			if !ok || len(f.Path) > 0 {
				return rows, c.fail(source.Unsupported, "")
			}
			v, ok := source.Cast(tuple[k], column.Class)
			if !ok {
				return rows, c.fail(source.BadType, "")
			}
			key[column.Name] = v
		}
		n := c.rows[name(t, key)]
		if n == nil || n.gone {
			continue
		}
		if n.set == nil && !n.gone {
			c.order = append(c.order, n)
			n.set = map[string]source.Value{}
		}
		rows++
		fn(i, n)
	}
	return rows, nil
}

func (c *change) effect(t *source.Table) *source.Effect {
	if c.count[t.Name] == nil {
		c.count[t.Name] = &source.Effect{Table: t.Name}
	}
	return c.count[t.Name]
}

// Update notes new values of rows that were locked.
func (c *change) Update(_ context.Context, t *source.Table, keys source.Match, sets []source.Set) (int64, error) {
	for _, s := range sets {
		column, ok := t.Column(s.Field.Column)
		if !ok || len(s.Field.Path) > 0 || column.Generated {
			return 0, c.fail(source.Unsupported, "")
		}
		for _, v := range append([]source.Value{s.Value}, s.Each...) {
			if _, ok := source.Cast(v, column.Class); !ok {
				return 0, c.fail(source.BadType, "")
			}
		}
	}
	rows, err := c.each(t, keys, func(i int, n *noted) {
		for _, s := range sets {
			v := s.Value
			if s.Each != nil {
				v = s.Each[i]
			}
			column, _ := t.Column(s.Field.Column)
			n.set[column.Name], _ = source.Cast(v, column.Class)
		}
	})
	c.effect(t).Updated += rows
	return rows, err
}

// Delete notes that rows that were locked are to go.
func (c *change) Delete(_ context.Context, t *source.Table, keys source.Match) (int64, error) {
	rows, err := c.each(t, keys, func(_ int, n *noted) { n.gone = true })
	c.effect(t).Deleted += rows
	return rows, err
}

// Effects tells what will be done; what the system does of its own accord it keeps to itself.
func (c *change) Effects(context.Context) ([]source.Effect, error) {
	var out []source.Effect
	for _, e := range c.count {
		if e.Updated+e.Deleted > 0 {
			out = append(out, *e)
		}
	}
	return out, nil
}

// Touched counts the rows that are to be changed.
func (c *change) Touched(_ context.Context, t *source.Table) (int64, error) {
	var rows int64
	for _, n := range c.order {
		if n.table.Name == t.Name && !n.gone {
			rows++
		}
	}
	return rows, nil
}

// Settle asks the system whether all could be done.
func (c *change) Settle(ctx context.Context) error { return c.send(ctx, true) }

// Rollback forgets.
func (c *change) Rollback(context.Context) error { return nil }

// Commit has it done. The answer must say so of every row.
func (c *change) Commit(ctx context.Context) error { return c.send(ctx, false) }

func (c *change) send(ctx context.Context, trial bool) error {
	if len(c.order) == 0 {
		return nil
	}
	q := request{Type: "change", At: c.at, Trial: trial}
	for _, n := range c.order {
		one := oneChange{Op: "update", Table: n.table.Name.Name, Key: n.key, Seen: n.seen, Set: n.set}
		if n.gone {
			one.Op, one.Set = "delete", nil
		}
		q.Changes = append(q.Changes, one)
	}
	return c.ask(ctx, q, func(answer []byte) error {
		var done struct {
			Changed *int `json:"changed"`
		}
		if err := strict(answer, &done); err != nil || done.Changed == nil || *done.Changed != len(q.Changes) {
			return c.fail(source.FailedSystem, StateAnswer)
		}
		return nil
	})
}

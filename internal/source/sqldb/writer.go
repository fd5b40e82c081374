package sqldb

import (
	"cmp"
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"mininfo/internal/source"
)

// writer is the one transaction of a plan. Lock sees what is there now and holds it, which is
// what the comparison with the plan needs.
type writer struct {
	reader
	schema *source.Schema // read before the first write
	tally  map[source.TableName]*tally
	others source.Effect // what triggers did, of whatever table
}

// tally is what happened to the rows of one table.
type tally struct {
	deleted int64
	updated map[string]struct{} // by primary key
	unnamed int64               // changed rows of a table without one
	carried map[string]struct{} // rows that rules between tables changed or deleted
}

func (s *server) Begin(ctx context.Context) (source.Change, error) {
	l, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx, l); err != nil {
		_ = l.Close()
		return nil, err
	}
	return &writer{reader: reader{l}, tally: map[source.TableName]*tally{}}, nil
}

// Lock reads rows and locks them.
func (w *writer) Lock(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	return w.find(ctx, q, true, fn)
}

func (w *writer) of(name source.TableName) *tally {
	t := w.tally[name]
	if t == nil {
		t = &tally{updated: map[string]struct{}{}}
		w.tally[name] = t
	}
	return t
}

// open looks whether a table may be written at all: what a storage engine without transactions
// deletes in a trial is gone. The live catalogue knows.
func (w *writer) open(ctx context.Context, t *source.Table, allowed bool) error {
	if !allowed || t.View {
		return &source.Error{Source: w.s.name, Code: source.Denied, Table: t.Name.String()}
	}
	if w.schema != nil {
		return nil
	}
	var err error
	w.schema, err = w.s.inspect(ctx, w.session)
	return err
}

func (w *writer) Update(ctx context.Context, t *source.Table, keys source.Match, sets []source.Set) (int64, error) {
	cols, err := columns(w.s.name, t, keys.Fields)
	if err != nil {
		return 0, err
	}
	groups, err := byColumn(w.s.name, t, sets)
	if err != nil {
		return 0, err
	}
	if err := w.open(ctx, t, t.CanUpdate); err != nil {
		return 0, err
	}
	tuples := castTuples(&keys, cols, true)
	if err := w.follow(ctx, change{table: t, keys: &keys, cols: cols, tuples: tuples, sets: groups}); err != nil {
		return 0, err
	}
	only := w.s.differs != nil && firesOn(t, func(g source.Trigger) bool { return g.OnUpdate })
	each := 0
	for _, set := range sets {
		if set.Each != nil {
			each++
		}
	}
	size := w.s.chunk(len(cols))
	if each > 0 {
		perKey := len(cols) + each*(len(cols)+2)
		if only {
			perKey *= 2
		}
		size = w.s.chunk(perKey)
		// A name that changes in the statement cannot pick the values of the same statement.
		if slices.ContainsFunc(groups, func(g columnSets) bool { return slices.Contains(cols, g.column) }) {
			size = 1
		}
	}
	var total int64
	for first := 0; first < len(tuples); first += size {
		part := tuples[first:min(first+size, len(tuples))]
		n, err := w.updated(ctx, t, &keys, cols, part, w.s.update(t, groups, &keys, cols, part, first, only))
		if err != nil {
			return total, err
		}
		total += n
	}
	w.note(t, keys.Fields, cols, tuples, total)
	return total, nil
}

// updated runs the change of a chunk and tells how many rows have the keys.
func (w *writer) updated(ctx context.Context, t *source.Table, keys *source.Match, cols []*source.Column, tuples [][]source.Value, s *statement) (found int64, err error) {
	if !w.s.found {
		many := w.s.howMany(t, keys, cols, tuples)
		err := w.query(ctx, many.String(), many.args, func(row []driver.Value) error {
			found = w.s.decode(row[0], &source.Column{Class: source.ClassInt}, source.Field{}).Int
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	n, err := w.watched(ctx, firesOn(t, func(g source.Trigger) bool { return g.OnUpdate }), s, func(e *source.Effect) *int64 { return &e.Updated })
	if w.s.found {
		found = n
	}
	return found, err
}

func firesOn(t *source.Table, when func(source.Trigger) bool) bool {
	return slices.ContainsFunc(t.Triggers, when)
}

// watched runs a statement and counts, where triggers run with it, what else was written. own is
// where the statement's own rows are counted.
func (w *writer) watched(ctx context.Context, triggers bool, s *statement, own func(*source.Effect) *int64) (int64, error) {
	if !triggers {
		return w.exec(ctx, s.String(), s.args)
	}
	if w.s.written == nil {
		// Nobody can tell what they do: so the plan is not offered.
		w.others.Updated++
		return w.exec(ctx, s.String(), s.args)
	}
	var at [3]source.Effect
	var n int64
	for i := range at {
		var err error
		if i == 2 {
			if n, err = w.exec(ctx, s.String(), s.args); err != nil {
				return n, err
			}
		}
		if at[i], err = w.s.written(ctx, w.session); err != nil {
			return n, err
		}
	}
	// Between the first two readings nothing happened but a reading.
	e := less(less(at[2], at[1]), less(at[1], at[0]))
	*own(&e) -= n
	w.others.Inserted += max(e.Inserted, 0)
	w.others.Updated += max(e.Updated, 0)
	w.others.Deleted += max(e.Deleted, 0)
	return n, nil
}

func less(a, b source.Effect) source.Effect {
	return source.Effect{Inserted: a.Inserted - b.Inserted, Updated: a.Updated - b.Updated, Deleted: a.Deleted - b.Deleted}
}

// note counts changed rows, each once.
func (w *writer) note(t *source.Table, fields []source.Field, cols []*source.Column, tuples [][]source.Value, rows int64) {
	k := w.of(t.Name)
	if !names(t, fields) || rows != int64(len(tuples)) {
		k.unnamed += rows
		return
	}
	for _, tuple := range tuples {
		k.updated[keyText(cols, tuple)] = struct{}{}
	}
}

// names tells whether fields are the primary key, in its order.
func names(t *source.Table, fields []source.Field) bool {
	return len(t.PrimaryKey) > 0 && slices.EqualFunc(fields, t.PrimaryKey, func(f source.Field, name string) bool { return f.Column == name && len(f.Path) == 0 })
}

func keyText(cols []*source.Column, tuple []source.Value) string {
	key := ""
	for i, v := range tuple {
		if cast, ok := source.Cast(v, cols[i].Class); ok {
			v = cast
		}
		key += v.Typed() + "\x00"
	}
	return key
}

func (w *writer) Delete(ctx context.Context, t *source.Table, keys source.Match) (int64, error) {
	cols, err := columns(w.s.name, t, keys.Fields)
	if err != nil {
		return 0, err
	}
	if err := w.open(ctx, t, t.CanDelete); err != nil {
		return 0, err
	}
	tuples := castTuples(&keys, cols, true)
	c := change{table: t, keys: &keys, cols: cols, tuples: tuples}
	if err := w.untie(ctx, c); err != nil {
		return 0, err
	}
	if err := w.follow(ctx, c); err != nil {
		return 0, err
	}
	triggers := firesOn(t, func(g source.Trigger) bool { return g.OnDelete })
	var total int64
	for size := w.s.chunk(len(cols)); len(tuples) > 0; tuples = tuples[min(size, len(tuples)):] {
		n, err := w.watched(ctx, triggers, w.s.remove(t, &keys, cols, tuples[:min(size, len(tuples))]), func(e *source.Effect) *int64 { return &e.Deleted })
		if err != nil {
			return total, err
		}
		total += n
	}
	w.of(t.Name).deleted += total
	return total, nil
}

// untie empties the links between rows of one table that go together: these systems look at each
// row, or at each statement, for itself, and a rule that takes one of the rows along would leave
// the statement one less to count.
func (w *writer) untie(ctx context.Context, c change) error {
	var sets []source.Set
	for _, k := range w.schema.ForeignKeys {
		if k.Table != c.table.Name || k.RefTable != c.table.Name {
			continue
		}
		for _, name := range k.Columns {
			if column, ok := c.table.Column(name); ok && column.Nullable && !column.Generated {
				sets = append(sets, source.Set{Field: source.Field{Column: column.Name}})
			}
		}
	}
	if len(sets) == 0 || !c.table.CanUpdate {
		return nil
	}
	groups, err := byColumn(w.s.name, c.table, sets)
	if err != nil {
		return err
	}
	for rest, size := c.tuples, w.s.chunk(len(c.cols)); len(rest) > 0; rest = rest[min(size, len(rest)):] {
		part := rest[:min(size, len(rest))]
		if _, err := w.updated(ctx, c.table, c.keys, c.cols, part, w.s.update(c.table, groups, c.keys, c.cols, part, 0, w.s.differs != nil)); err != nil {
			return err
		}
	}
	return nil
}

// Effects gives what the statements and the rules between tables did, and as changes without a
// table what triggers did.
func (w *writer) Effects(context.Context) ([]source.Effect, error) {
	var out []source.Effect
	for name, k := range w.tally {
		out = append(out, source.Effect{Table: name, Deleted: k.deleted, Updated: int64(len(k.updated)) + k.unnamed})
	}
	if w.others != (source.Effect{}) {
		out = append(out, w.others)
	}
	return out, nil
}

func (w *writer) Touched(_ context.Context, t *source.Table) (int64, error) {
	k := w.of(t.Name)
	return int64(len(k.updated)) + k.unnamed, nil
}

// Settle has nothing to look at: these systems put no rule off to the commit.
func (w *writer) Settle(context.Context) error { return nil }

func (w *writer) Commit(ctx context.Context) error {
	err := w.do(ctx, "COMMIT")
	_ = w.Close()
	return err
}

func (w *writer) Rollback(ctx context.Context) error {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if !w.cut {
		_ = w.do(short, cmp.Or(w.s.rollback, "ROLLBACK"))
	}
	return w.Close()
}

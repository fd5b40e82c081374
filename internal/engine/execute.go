package engine

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"

	"mininfo/internal/source"
)

// DriftError: rows are not as they were when the plan was made. Nothing was written, but for Done
// rows, which an attempt before this one had written.
type DriftError struct {
	Source string
	Rows   int
	Done   int
}

func (e *DriftError) Error() string {
	return fmt.Sprintf("source %s: %d rows changed since the plan was made", e.Source, e.Rows)
}

// PartlyError: a system without transactions failed while it was being changed. Some rows may be
// written; carried out again, the plan goes on with the others.
type PartlyError struct {
	Source string
	Err    error
}

func (e *PartlyError) Error() string { return "some rows may be changed already: " + e.Err.Error() }

// Unwrap gives why.
func (e *PartlyError) Unwrap() error { return e.Err }

// errTrial ends a trial run.
var errTrial = errors.New("trial run")

// Execute carries out the steps of one source, by its name, in one transaction: all of them or none.
// connected are all sources, as at the walk: which fields tell whether a row has changed depends on
// the references that others have to it; nothing is asked of the others. Every row is read again and
// locked first; a row that is not as the plan saw it stops everything (DriftError). What the database did is counted, and must be what the plan says. A source whose
// steps are all in their end state already is left alone (AlreadyDone). A system without transactions
// (source.Stepwise) may stop half way (PartlyError); rows that are in their end state are then passed
// over the next time.
func Execute(ctx context.Context, connected []Connected, name string, plan Steps, opts ExecuteOptions) (SourceResult, error) {
	x, err := newExecution(ctx, connected, name, plan, opts)
	if err != nil {
		return SourceResult{Source: name}, err
	}
	defer x.close()
	return x.run(ctx)
}

// execution is the state of carrying out one source's part of a plan.
type execution struct {
	*model
	name    string
	sys     *system
	plan    Steps
	opts    ExecuteOptions
	order   []*node
	steps   map[*node][]*stepList
	changer source.Changer
	tx      source.Change
	result  SourceResult
	expect  map[source.TableName]source.Effect
	drift   int
	forward bool            // the system has no transactions
	done    map[hash16]bool // rows that are in their end state already, by key
	random  io.Reader
	trial   bool
	effects []source.Effect
}

func newExecution(ctx context.Context, connected []Connected, name string, plan Steps, opts ExecuteOptions) (*execution, error) {
	m, err := newModel(ctx, connected, Options{only: name})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(m.systems, func(s *system) bool { return s.Source.Name() == name })
	if at < 0 {
		return nil, &source.Error{Source: name, Code: source.Missing}
	}
	sys := m.systems[at]
	if sys.err != nil {
		return nil, sys.err
	}
	x := &execution{model: m, name: name, sys: sys, plan: plan, opts: opts, random: opts.Rand, expect: map[source.TableName]source.Effect{}, steps: map[*node][]*stepList{}}
	x.result.Source = x.name
	changer, ok := sys.Source.(source.Changer)
	if !ok {
		return nil, &source.Error{Source: x.name, Code: source.Unsupported}
	}
	x.changer = changer
	if x.opts.Chunk <= 0 {
		x.opts.Chunk = writeAtOnce
	}
	if x.random == nil {
		x.random = rand.Reader
	}
	return x, x.count(ctx)
}

// count finds the nodes that steps are of, their order, and how many rows will change.
func (x *execution) count(ctx context.Context) error {
	counts := map[*node]Counts{}
	lists := map[string]*stepList{}
	var n *node
	var l *stepList
	writes := 0
	err := stepsFrom(ctx, x.plan, x.name, func(s *Step) error {
		if !s.Action.Writes() {
			return nil
		}
		if n == nil || n.report.Collection != s.Collection || n.report.Dataset != s.Dataset {
			var err error
			if n, err = x.node(s.Source, s.Dataset, s.Collection); err != nil {
				return err
			}
			l = nil
		}
		if len(s.Key) != len(n.key) {
			return &DriftError{Source: x.name, Rows: 1} // rows of the table bear other names now
		}
		if l == nil || !l.alike(s) {
			name := strconv.Itoa(n.index) + string(s.Action) + shapeOf(s)
			if l = lists[name]; l == nil {
				l = newStepList(s)
				lists[name], x.steps[n] = l, append(x.steps[n], l)
			}
		}
		if counts[n] == nil {
			counts[n] = Counts{}
		}
		counts[n][s.Action]++
		l.add(s)
		writes++
		return nil
	})
	if err != nil {
		return err
	}
	if x.opts.Ceiling > 0 && writes > x.opts.Ceiling {
		return ErrCeiling
	}
	for _, n := range x.childrenFirst() {
		if counts[n] != nil {
			x.order = append(x.order, n)
			x.result.Collections = append(x.result.Collections, CollectionCount{Source: x.name, Dataset: n.report.Dataset,
				Collection: n.report.Collection, Counts: counts[n]})
		}
	}
	return nil
}

// childrenFirst orders the nodes for writing: by the live system's foreign keys, then by
// erase_after and the datasets' references. Where foreign keys go in a circle the order that the
// database accepts is found by the trial run.
func (m *model) childrenFirst() []*node {
	var out []*node
	state := map[*node]int{}
	var visit func(n *node)
	visit = func(n *node) {
		if state[n] != 0 || n.table == nil {
			return
		}
		state[n] = 1
		for _, k := range n.sys.schema.ForeignKeys {
			if k.RefTable != n.table.Name {
				continue
			}
			if t, ok := n.sys.schema.Table(k.Table); ok {
				if child := m.nodeOf(n.sys, t); child != nil {
					visit(child)
				}
			}
		}
		for _, name := range n.col.EraseAfter {
			for _, other := range m.nodes {
				if other.ds.Key+"."+other.col.Name == name && !m.refers(n, other) {
					visit(other)
				}
			}
		}
		for _, e := range n.in {
			if e.Up {
				visit(e.from)
			}
		}
		for _, e := range n.out {
			if !e.Up {
				visit(e.to)
			}
		}
		out = append(out, n)
	}
	for _, n := range m.nodes {
		visit(n)
	}
	return out
}

// refers tells whether a foreign key leads from a to b: then a goes first, whatever was wished.
func (m *model) refers(a, b *node) bool {
	if b.table == nil || a.sys != b.sys {
		return false
	}
	for _, k := range a.sys.schema.ForeignKeys {
		if k.Table == a.table.Name && k.RefTable == b.table.Name {
			return true
		}
	}
	return false
}

func (x *execution) run(ctx context.Context) (SourceResult, error) {
	if len(x.order) == 0 {
		return x.result, nil
	}
	var err error
	if x.tx, err = x.changer.Begin(ctx); err != nil {
		return x.result, err
	}
	if s, ok := x.tx.(source.Stepwise); ok && s.Stepwise() {
		x.forward, x.done = true, map[hash16]bool{}
	}
	if err := x.inside(ctx); err != nil {
		_ = x.tx.Rollback(ctx)
		x.result.Deleted, x.result.Changed = 0, 0
		if x.drift > 0 && !x.trial {
			return x.wasDone(ctx, err)
		}
		return x.result, err
	}
	if err := x.tx.Commit(ctx); err != nil {
		if x.forward {
			err = &PartlyError{Source: x.name, Err: err}
		}
		return x.result, err
	}
	return x.result, nil
}

// inside is what happens in the transaction: compare everything, then write everything, then
// look at what was done.
func (x *execution) inside(ctx context.Context) error {
	for _, n := range x.order {
		together := [][]*stepList{x.steps[n]}
		if x.forward { // what a step wants is asked of its own list
			together = slices.Collect(slices.Chunk(x.steps[n], 1))
		}
		for _, lists := range together {
			if err := eachBatch(lists, x.opts.Chunk, n.hasKey, func(b *batch) error { return x.lock(ctx, n, b) }); err != nil {
				return err
			}
		}
	}
	if x.drift > 0 {
		return &DriftError{Source: x.name, Rows: x.drift, Done: len(x.done)}
	}
	if err := x.loosen(ctx); err != nil {
		return err
	}
	// Changes come before deletions: a row that stays may let go of one that does not.
	for _, action := range []Action{SetAction, Mark, Lift, Anonymise, Delete} {
		for _, n := range x.order {
			if err := x.eachOf(n, action, func(b *batch) error { return x.write(ctx, n, b) }); err != nil {
				return err
			}
		}
	}
	if err := x.tx.Settle(ctx); err != nil {
		return err
	}
	var err error
	if x.effects, err = x.tx.Effects(ctx); err != nil {
		return err
	}
	if err := x.settleEffects(ctx); err != nil {
		return err
	}
	if x.trial {
		return errTrial
	}
	if slices.ContainsFunc(x.effects, foreign) {
		return ErrEffects
	}
	if !x.triggers() {
		// Nobody else wrote into the rows, and as many were written as planned.
		return nil
	}
	for _, n := range x.order {
		if err := x.check(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// triggers tells whether code of the system's own may have written something else.
func (x *execution) triggers() bool {
	for _, t := range x.sys.schema.Tables {
		if len(t.Triggers) > 0 {
			return true
		}
	}
	return false
}

// loosen empties the links of rows that are going to be deleted after the rows they refer to:
// where tables refer to each other in a circle no order is right.
func (x *execution) loosen(ctx context.Context) error {
	place := map[source.TableName]int{}
	for i, n := range x.order {
		place[n.table.Name] = i
	}
	for i, n := range x.order {
		gone := x.result.Collections[i].Counts[Delete]
		var sets []source.Set
		for _, k := range x.sys.schema.ForeignKeys {
			parent, planned := place[k.RefTable]
			if k.Table != n.table.Name || gone == 0 || !planned || parent > i || parent == i && gone <= x.opts.Chunk {
				continue
			}
			for _, name := range k.Columns {
				if c, ok := n.table.Column(name); ok && c.Nullable && !c.Generated && !contains(n.table.PrimaryKey, name) && n.hasKey {
					sets = append(sets, source.Set{Field: source.Field{Column: name}})
				}
			}
		}
		if len(sets) == 0 {
			continue
		}
		if err := x.eachOf(n, Delete, func(b *batch) error { return x.empty(ctx, n, b, sets) }); err != nil {
			return err
		}
	}
	return nil
}

func (x *execution) empty(ctx context.Context, n *node, b *batch, sets []source.Set) error {
	rows, err := x.tx.Update(ctx, n.table, n.keyMatch(b.keys), sets)
	if err != nil {
		return err
	}
	e := x.expect[n.table.Counted()]
	e.Updated += rows
	x.expect[n.table.Counted()] = e
	return nil
}

// eachOf gives the steps of a node with one action in batches, without those that are done.
func (x *execution) eachOf(n *node, action Action, fn func(*batch) error) error {
	for i, l := range x.steps[n] {
		if l.action != action {
			continue
		}
		err := eachBatch(x.steps[n][i:i+1], x.opts.Chunk, n.hasKey, func(b *batch) error {
			if len(x.done) > 0 && b.without(func(key []source.Value) bool { return x.done[n.tupleKey(key)] }) == 0 {
				return nil
			}
			return fn(b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lock reads the rows of a batch again and compares them with what the plan saw. Rows of a
// table without a key may be equal; then there must be as many as the plan has.
func (x *execution) lock(ctx context.Context, n *node, b *batch) error {
	rows := map[int][]source.Value{} // of a system without transactions, where some may be done
	d := newDigester(x.opts.DigestKey, n)
	match := n.keyMatch(b.keys)
	if !n.hasKey {
		match.Tuples = distinct(match.Tuples)
	}
	steps := places{unique: n.hasKey, names: make([]hash16, len(b.keys))}
	for i, key := range b.keys {
		steps.names[i] = n.tupleKey(key)
	}
	open := make([]int32, len(b.keys)) // rows that are still to come, at the first step of each
	for i, name := range steps.names {
		first := i
		if !n.hasKey {
			first = steps.find(name)
		}
		if open[first]++; !bytes.Equal(b.seen[first], b.seen[i]) {
			x.drift++
		}
	}
	err := x.tx.Lock(ctx, source.Query{Table: n.table, Fields: n.read, Match: &match}, func(row []source.Value) error {
		first := steps.find(n.rowKey(row))
		if first < 0 {
			return nil
		}
		open[first]--
		if x.forward {
			rows[first] = source.CloneRow(row)
			return nil
		}
		if seen := b.seen[first]; d != nil && len(seen) > 0 && !bytes.Equal(d.row(row), seen) {
			x.drift++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if x.forward {
		x.passDone(n, b, rows, open, d)
	}
	for _, rows := range open {
		if rows != 0 {
			x.drift++
		}
	}
	return nil
}

// passDone notes the rows that an attempt before this one wrote, and compares the others.
func (x *execution) passDone(n *node, b *batch, rows map[int][]source.Value, open []int32, d *digester) {
	for i, s := range b.outcomes() {
		row, there := rows[i]
		switch {
		case !x.trial && s.written(n, row, there, d):
			x.pass(s.action, n.tupleKey(s.key))
			open[i] = 0
		case there && d != nil && len(s.seen) > 0 && !bytes.Equal(d.row(row), s.seen):
			x.drift++
		}
	}
}

// written tells whether a row is as its step wants it because an attempt before this one wrote it. A
// number that was drawn at random looks like any other.
func (s outcome) written(n *node, row []source.Value, there bool, d *digester) bool {
	return n.hasKey && s.reached(n, row, there, d) && !slices.ContainsFunc(s.columns, func(c ColumnChange) bool {
		return c.Random > 0 && row[n.pos(c.Name)].Kind != source.Text
	})
}

// pass notes a row that is done.
func (x *execution) pass(action Action, k hash16) {
	if x.done[k] {
		return
	}
	x.done[k] = true
	if action == Delete {
		x.result.Deleted++
	} else {
		x.result.Changed++
	}
}

func distinct(tuples [][]source.Value) [][]source.Value {
	seen := map[hash16]bool{}
	var out [][]source.Value
	for _, t := range tuples {
		if k := hashOf(encodeRow(t)); !seen[k] {
			seen[k] = true
			out = append(out, t)
		}
	}
	return out
}

// write carries out the steps of a batch.
func (x *execution) write(ctx context.Context, n *node, b *batch) error {
	switch {
	case b.list.action == Delete:
		return x.remove(ctx, n, b)
	case len(b.list.columns) == 0:
		return nil
	}
	return x.update(ctx, n, b)
}

func (x *execution) update(ctx context.Context, n *node, b *batch) error {
	sets := make([]source.Set, len(b.list.columns))
	for i, c := range b.list.columns {
		at := n.pos(c.Name)
		if at < 0 {
			return &source.Error{Source: x.name, Code: source.Missing, Table: n.table.Name.String()}
		}
		f := &n.fields[at]
		sets[i] = source.Set{Field: f.at, Value: c.Value}
		if c.Random == 0 && len(b.values) == 0 {
			continue
		}
		each := make([]source.Value, len(b.keys))
		equal := true
		for k := range b.keys {
			each[k] = x.value(f, c, b.value(k, i))
			equal = equal && each[k].Equal(each[0])
		}
		if sets[i].Value = each[0]; !equal {
			sets[i].Value, sets[i].Each = source.Value{}, each
		}
	}
	rows, err := x.tx.Update(ctx, n.table, n.keyMatch(b.keys), sets)
	if err != nil {
		return err
	}
	return x.did(n, b.list.action, rows, len(b.keys))
}

// value gives what is written: the plan's value, or a random one chosen now.
func (x *execution) value(f *field, c ColumnChange, planned source.Value) source.Value {
	switch {
	case c.Random == 0:
		return planned
	case f.column.Class == source.ClassInt:
		return source.IntOf(x.number(c.Random))
	}
	return source.TextOf(x.letters(c.Random) + c.Suffix)
}

const letters = "abcdefghijklmnopqrstuvwxyz"

// letters gives n random small letters. Whoever hands in a source of randomness hands in one that
// never fails, as crypto/rand.
func (x *execution) letters(n int) string {
	b := make([]byte, n)
	_, _ = io.ReadFull(x.random, b)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}

func (x *execution) number(digits int) int64 {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	n, err := rand.Int(x.random, limit)
	if err != nil {
		return 0
	}
	return n.Int64()
}

func (x *execution) remove(ctx context.Context, n *node, b *batch) error {
	match := n.keyMatch(b.keys)
	if !n.hasKey {
		match.Tuples = distinct(match.Tuples)
	}
	rows, err := x.tx.Delete(ctx, n.table, match)
	if err != nil {
		return err
	}
	return x.did(n, Delete, rows, len(b.keys))
}

// did compares how many rows a statement changed with the plan.
func (x *execution) did(n *node, action Action, rows int64, want int) error {
	if rows != int64(want) {
		return &DriftError{Source: x.name, Rows: int(max(rows-int64(want), int64(want)-rows))}
	}
	e := x.expect[n.table.Counted()]
	if action == Delete {
		e.Deleted += rows
		x.result.Deleted += want
	} else {
		e.Updated += rows
		x.result.Changed += want
	}
	x.expect[n.table.Counted()] = e
	if x.opts.Done != nil && !x.trial {
		x.opts.Done(x.name, want)
	}
	return nil
}

// check looks inside the transaction whether each changed row is in its end state: a trigger may
// have written something else. That as many rows are gone as planned is known already.
func (x *execution) check(ctx context.Context, n *node) error {
	find := func(q source.Query, fn func([]source.Value) error) error { return x.tx.Lock(ctx, q, fn) }
	failed := 0
	for _, l := range x.steps[n] {
		if l.action == Delete {
			continue
		}
		err := eachBatch([]*stepList{l}, min(x.opts.Chunk, askAtOnce), n.hasKey, func(b *batch) error {
			return postconditions(n, b.outcomes(), x.opts.DigestKey, find, func() { failed++ })
		})
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return &DriftError{Source: x.name, Rows: failed}
	}
	return nil
}

// outcome is the end state that one step wants.
type outcome struct {
	action  Action
	key     []source.Value
	columns []ColumnChange
	seen    []byte
}

// postconditions reads the rows of steps and calls bad for each that is not in its end state.
func postconditions(n *node, steps []outcome, key []byte, find func(source.Query, func([]source.Value) error) error, bad func()) error {
	rows := map[hash16][]source.Value{}
	tuples := make([][]source.Value, len(steps))
	for i, s := range steps {
		tuples[i] = s.key
	}
	match := n.keyMatch(distinct(tuples))
	q := source.Query{Table: n.table, Fields: n.read, Match: &match}
	err := find(q, func(row []source.Value) error {
		rows[n.rowKey(row)] = source.CloneRow(row)
		return nil
	})
	if err != nil {
		return err
	}
	d := newDigester(key, n)
	for _, s := range steps {
		row, there := rows[n.tupleKey(s.key)]
		if !s.reached(n, row, there, d) {
			bad()
		}
	}
	return nil
}

// reached tells whether a row is as its step wants it. A row that is named by all its columns has
// another name after a change: that it no longer bears the old one is the sign.
func (s outcome) reached(n *node, row []source.Value, there bool, d *digester) bool {
	if s.action == Delete || !n.hasKey && !n.declared {
		return !there
	}
	if !there {
		return false
	}
	for _, c := range s.columns {
		at := n.pos(c.Name)
		if at < 0 {
			return false
		}
		if c.Random > 0 {
			// That the row holds something else than was seen is no sign: somebody may have changed it.
			if !drawn(row[at], c.Random, c.Suffix) || d != nil && len(s.seen) > 0 && bytes.Equal(d.row(row), s.seen) {
				return false
			}
			continue
		}
		if !same(row[at], c.Value, &n.fields[at]) {
			return false
		}
	}
	return true
}

// wasDone looks, after rows were not as planned, whether that is because the plan was carried out before.
func (x *execution) wasDone(ctx context.Context, drift error) (SourceResult, error) {
	done, err := x.alreadyDone(ctx)
	switch {
	case err != nil:
		return x.result, err
	case done:
		x.result.AlreadyDone = true
		return x.result, nil
	}
	return x.result, drift
}

// alreadyDone tells whether every step of the source is in its end state: a job that died after
// the commit is repeated without effect.
func (x *execution) alreadyDone(ctx context.Context) (bool, error) {
	s := x.sys
	snap, err := s.snapshot(ctx)
	if err != nil {
		return false, err
	}
	defer s.reset()
	find := func(q source.Query, fn func([]source.Value) error) error { return snap.Find(ctx, q, fn) }
	errOpen := errors.New("not done")
	for _, n := range x.order {
		for _, l := range x.steps[n] {
			err := eachBatch([]*stepList{l}, min(x.opts.Chunk, askAtOnce), n.hasKey, func(b *batch) error {
				open := false
				if err := postconditions(n, b.outcomes(), x.opts.DigestKey, find, func() { open = true }); err != nil {
					return err
				}
				if open {
					return errOpen
				}
				return nil
			})
			if errors.Is(err, errOpen) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// settleEffects takes out of the effects what the plan expects: its own changes, and triggers
// that wrote the planned rows once more. In tables WITHOUT ROWID only the plan's own statements
// are counted by table.
func (x *execution) settleEffects(ctx context.Context) error {
	var rest []source.Effect
	for _, e := range x.effects {
		want := x.expect[e.Table]
		if e.Updated > want.Updated && want.Updated > 0 {
			t, ok := x.sys.schema.Table(e.Table)
			if !ok {
				continue
			}
			touched, err := x.tx.Touched(ctx, t)
			if err != nil {
				return err
			}
			if touched-e.Inserted <= want.Updated {
				e.Updated = want.Updated
			}
		}
		e.Updated, e.Deleted = e.Updated-want.Updated, e.Deleted-want.Deleted
		if e.Inserted != 0 || e.Updated != 0 || e.Deleted != 0 {
			rest = append(rest, e)
		}
	}
	x.effects = rest
	return nil
}

// foreign tells whether an effect changed or removed rows that are not in the plan. Rows that are
// merely added (a history table) are told, and do not stop the plan.
func foreign(e source.Effect) bool { return e.Updated != 0 || e.Deleted != 0 }

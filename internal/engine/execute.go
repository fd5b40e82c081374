package engine

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

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
// the references that others have to it; nothing is asked of the others. Every row is read again and locked first; a row that is not as the plan saw it stops everything
// (DriftError). What the database did is counted, and must be what the plan says. A source whose
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
	steps   map[*node]*stepList
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
	x := &execution{model: m, name: name, sys: sys, plan: plan, opts: opts, random: opts.Rand, expect: map[source.TableName]source.Effect{}, steps: map[*node]*stepList{}}
	x.result.Source = x.name
	changer, ok := sys.Source.(source.Changer)
	if !ok {
		return nil, &source.Error{Source: x.name, Code: source.Unsupported}
	}
	x.changer = changer
	if x.opts.Chunk <= 0 {
		x.opts.Chunk = askAtOnce
	}
	if x.random == nil {
		x.random = rand.Reader
	}
	return x, x.count(ctx)
}

// count finds the nodes that steps are of, their order, and how many rows will change.
func (x *execution) count(ctx context.Context) error {
	counts := map[*node]Counts{}
	writes := 0
	err := x.plan.Each(ctx, func(s *Step) error {
		if s.Source != x.name || !s.Action.Writes() {
			return nil
		}
		n, err := x.node(s.Source, s.Dataset, s.Collection)
		if err != nil {
			return err
		}
		if counts[n] == nil {
			counts[n], x.steps[n] = Counts{}, &stepList{}
		}
		counts[n][s.Action]++
		x.steps[n].add(s)
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
		if err := x.each(n, func(b *batch) error { return x.lock(ctx, n, b) }); err != nil {
			return err
		}
	}
	if x.drift > 0 {
		return &DriftError{Source: x.name, Rows: x.drift, Done: len(x.done)}
	}
	if err := x.loosen(ctx); err != nil {
		return err
	}
	// Changes come before deletions: a row that stays may let go of one that does not.
	for _, action := range []Action{SetAction, Anonymise, Delete} {
		for i, n := range x.order {
			if x.result.Collections[i].Counts[action] == 0 {
				continue
			}
			if err := x.each(n, func(b *batch) error { return x.write(ctx, n, b, action) }); err != nil {
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
		if err := x.each(n, func(b *batch) error { return x.check(ctx, n, b) }); err != nil {
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
		err := x.each(n, func(b *batch) error { return x.empty(ctx, n, b, sets) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *execution) empty(ctx context.Context, n *node, b *batch, sets []source.Set) error {
	gone := b.only(Delete)
	if len(gone.steps) == 0 {
		return nil
	}
	rows, err := x.tx.Update(ctx, n.table, n.keyMatch(gone.tuples()), sets)
	if err != nil {
		return err
	}
	e := x.expect[n.table.Counted()]
	e.Updated += rows
	x.expect[n.table.Counted()] = e
	return nil
}

// only gives the steps with one action.
func (b *batch) only(action Action) *batch {
	out := &batch{}
	for _, s := range b.steps {
		if s.Action == action {
			out.steps = append(out.steps, s)
		}
	}
	return out
}

// batch is a chunk of one node's steps.
type batch struct{ steps []*Step }

func (b *batch) tuples() [][]source.Value {
	out := make([][]source.Value, len(b.steps))
	for i, s := range b.steps {
		out[i] = tupleOf(s.Key)
	}
	return out
}

// stepList keeps the writing steps of a node, one after the other, in a compact form: a plan may
// be long, and is gone through several times.
type stepList struct {
	data   []byte
	shapes [][]ColumnChange // the columns of steps that change fields, without their values
	index  map[string]int
}

func (l *stepList) add(s *Step) {
	if l.index == nil {
		l.index = map[string]int{}
	}
	name := shapeOf(s)
	at, known := l.index[name]
	if !known {
		at = len(l.shapes)
		l.index[name] = at
		l.shapes = append(l.shapes, s.Columns)
	}
	l.data = binary.AppendUvarint(l.data, uint64(at))
	l.data = append(l.data, s.Action[0], byte(len(s.Key)))
	for _, k := range s.Key {
		l.data = appendValue(l.data, k.Value)
	}
	for _, c := range s.Columns {
		l.data = appendValue(l.data, c.Value)
	}
	l.data = append(l.data, byte(len(s.Seen)))
	l.data = append(l.data, s.Seen...)
}

// next reads one step. Its key parts have no names: the node has.
func (l *stepList) next(rest []byte) (*Step, []byte, error) {
	at, n := binary.Uvarint(rest)
	if n <= 0 || int(at) >= len(l.shapes) || len(rest) < n+2 {
		return nil, nil, errCorrupt
	}
	s := &Step{Action: actionOf(rest[n]), Key: make([]KeyPart, rest[n+1])}
	rest = rest[n+2:]
	var err error
	for i := range s.Key {
		if s.Key[i].Value, rest, err = readValue(rest); err != nil {
			return nil, nil, err
		}
	}
	if shape := l.shapes[at]; len(shape) > 0 {
		s.Columns = slices.Clone(shape)
		for i := range s.Columns {
			if s.Columns[i].Value, rest, err = readValue(rest); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(rest) == 0 || len(rest) < 1+int(rest[0]) {
		return nil, nil, errCorrupt
	}
	size := int(rest[0])
	s.Seen = rest[1 : 1+size]
	return s, rest[1+size:], nil
}

// actionOf gives a writing action by its first letter.
func actionOf(letter byte) Action {
	for _, a := range []Action{Delete, Anonymise, SetAction} {
		if a[0] == letter {
			return a
		}
	}
	return ""
}

// each gives the writing steps of a node in chunks.
func (x *execution) each(n *node, fn func(*batch) error) error {
	list := x.steps[n]
	b := &batch{}
	for rest := list.data; len(rest) > 0; {
		s, left, err := list.next(rest)
		if err != nil {
			return err
		}
		rest = left
		if !x.done[keyOf(n, s.Key)] {
			b.steps = append(b.steps, s)
		}
		if len(b.steps) == x.opts.Chunk || len(rest) == 0 {
			if err := fn(b); err != nil {
				return err
			}
			b = &batch{steps: b.steps[:0]}
		}
	}
	return nil
}

// lock reads the rows of a chunk again and compares them with what the plan saw. Rows of a
// table without a key may be equal; then there must be as many as the plan has.
func (x *execution) lock(ctx context.Context, n *node, b *batch) error {
	seen := map[hash16]int{}
	digests := map[hash16][]byte{}
	rows := map[hash16][]source.Value{} // where some may be done
	d := newDigester(x.opts.DigestKey, n)
	match := n.keyMatch(b.tuples())
	if !n.hasKey {
		match.Tuples = distinct(match.Tuples)
	}
	err := x.tx.Lock(ctx, source.Query{Table: n.table, Fields: n.read, Match: &match}, func(row []source.Value) error {
		k := n.rowKey(row)
		seen[k]++
		digests[k] = d.row(row)
		if x.forward {
			rows[k] = source.CloneRow(row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	want := map[hash16]int{}
	for _, s := range b.steps {
		k := keyOf(n, s.Key)
		if row, there := rows[k]; x.forward && !x.trial && n.written(s, row, there, d) {
			x.pass(s, k)
			continue
		}
		want[k]++
		if len(s.Seen) > 0 && d != nil && !bytes.Equal(digests[k], s.Seen) && seen[k] > 0 {
			x.drift++
		}
	}
	for k, count := range want {
		if seen[k] != count {
			x.drift++
		}
	}
	return nil
}

// written tells whether a row is as its step wants it because an attempt before this one wrote it. That a
// row holds something else than was seen is no sign: what was drawn at random must look like it.
func (n *node) written(s *Step, row []source.Value, there bool, d *digester) bool {
	if !n.hasKey || !atEnd(n, s, row, there, d) {
		return false
	}
	for _, c := range s.Columns {
		if c.Random == 0 {
			continue
		}
		if at := n.pos(c.Name); at < 0 || row[at].Kind != source.Text || !drawn(row[at], c.Random, c.Suffix) {
			return false
		}
	}
	return true
}

// pass notes a row that is done.
func (x *execution) pass(s *Step, k hash16) {
	if x.done[k] {
		return
	}
	x.done[k] = true
	if s.Action == Delete {
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

// write carries out the steps of a chunk with one action.
func (x *execution) write(ctx context.Context, n *node, b *batch, action Action) error {
	if action == Delete {
		return x.remove(ctx, n, b)
	}
	groups := map[string][]*Step{}
	var order []string
	for _, s := range b.steps {
		if s.Action != action || len(s.Columns) == 0 {
			continue
		}
		shape := shapeOf(s)
		if groups[shape] == nil {
			order = append(order, shape)
		}
		groups[shape] = append(groups[shape], s)
	}
	for _, shape := range order {
		if err := x.update(ctx, n, groups[shape]); err != nil {
			return err
		}
	}
	return nil
}

// shapeOf names the columns that a step changes, and how random values are made: steps of one
// shape share a statement.
func shapeOf(s *Step) string {
	var b strings.Builder
	for _, c := range s.Columns {
		b.WriteString(strconv.Quote(c.Name) + strconv.Itoa(c.Random) + strconv.Quote(c.Suffix))
	}
	return b.String()
}

func (x *execution) update(ctx context.Context, n *node, steps []*Step) error {
	group := &batch{steps: steps}
	match := n.keyMatch(group.tuples())
	sets := make([]source.Set, len(steps[0].Columns))
	for i, c := range steps[0].Columns {
		at := n.pos(c.Name)
		if at < 0 {
			return &source.Error{Source: x.name, Code: source.Missing, Table: n.table.Name.String()}
		}
		f := &n.fields[at]
		sets[i] = source.Set{Field: f.at}
		each := make([]source.Value, len(steps))
		equal := true
		for k, s := range steps {
			each[k] = x.value(f, s.Columns[i])
			equal = equal && each[k].Equal(each[0])
		}
		if equal {
			sets[i].Value = each[0]
		} else {
			sets[i].Each = each
		}
	}
	rows, err := x.tx.Update(ctx, n.table, match, sets)
	if err != nil {
		return err
	}
	return x.did(n, Anonymise, rows, len(steps))
}

// value gives what is written: the plan's value, or a random one chosen now.
func (x *execution) value(f *field, c ColumnChange) source.Value {
	switch {
	case c.Random == 0:
		return c.Value
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
	gone := b.only(Delete)
	if len(gone.steps) == 0 {
		return nil
	}
	match := n.keyMatch(gone.tuples())
	if !n.hasKey {
		match.Tuples = distinct(match.Tuples)
	}
	rows, err := x.tx.Delete(ctx, n.table, match)
	if err != nil {
		return err
	}
	return x.did(n, Delete, rows, len(gone.steps))
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
func (x *execution) check(ctx context.Context, n *node, all *batch) error {
	b := &batch{}
	for _, s := range all.steps {
		if s.Action != Delete {
			b.steps = append(b.steps, s)
		}
	}
	if len(b.steps) == 0 {
		return nil
	}
	failed := 0
	find := func(q source.Query, fn func([]source.Value) error) error { return x.tx.Lock(ctx, q, fn) }
	if err := postconditions(n, b, x.opts.DigestKey, find, func(*Step) { failed++ }); err != nil {
		return err
	}
	if failed > 0 {
		return &DriftError{Source: x.name, Rows: failed}
	}
	return nil
}

// postconditions reads the rows of steps and calls bad with each step whose row is not in the
// end state.
func postconditions(n *node, b *batch, key []byte, find func(source.Query, func([]source.Value) error) error, bad func(*Step)) error {
	rows := map[hash16][]source.Value{}
	match := n.keyMatch(distinct(b.tuples()))
	q := source.Query{Table: n.table, Fields: n.read, Match: &match}
	err := find(q, func(row []source.Value) error {
		rows[n.rowKey(row)] = source.CloneRow(row)
		return nil
	})
	if err != nil {
		return err
	}
	d := newDigester(key, n)
	for _, s := range b.steps {
		row, there := rows[keyOf(n, s.Key)]
		if !atEnd(n, s, row, there, d) {
			bad(s)
		}
	}
	return nil
}

// atEnd tells whether a row is as its step wants it. A row that is named by all its columns has
// another name after a change: that it no longer bears the old one is the sign.
func atEnd(n *node, s *Step, row []source.Value, there bool, d *digester) bool {
	if s.Action == Delete || !n.hasKey && !n.declared {
		return !there
	}
	if !there {
		return false
	}
	for _, c := range s.Columns {
		at := n.pos(c.Name)
		if at < 0 {
			return false
		}
		if c.Random > 0 {
			if d != nil && len(s.Seen) > 0 && bytes.Equal(d.row(row), s.Seen) {
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
		err := x.each(n, func(b *batch) error {
			open := false
			if err := postconditions(n, b, x.opts.DigestKey, find, func(*Step) { open = true }); err != nil {
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

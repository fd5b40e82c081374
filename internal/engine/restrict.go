package engine

import (
	"context"
	"slices"
	"sort"

	"mininfo/internal/source"
)

// strategyMark is the strategy of a change that marks a row as restricted, or takes the mark away.
const strategyMark = "mark"

// codeNoMark tells that a system cannot be told that rows are restricted.
const codeNoMark = "no_mark"

// RowName names one row of a connected system.
type RowName struct {
	Source     string
	Dataset    string
	Collection string
	Key        []KeyPart
}

// Marking is what became of one row that was to be marked as restricted, or no longer.
type Marking string

// What becomes of such a row.
const (
	MarkPlanned Marking = "planned" // a step does it
	MarkThere   Marking = "there"   // it is as wanted already, or somebody else has set the field meanwhile
	MarkGone    Marking = "gone"    // there is no such row any more
	MarkByHand  Marking = "by_hand" // the system has no mark that can be written
)

// markable tells whether rows of a collection can be marked: the dataset names a field, the system
// lets it be written, and rows are named by something that the mark does not change.
func (n *node) markable() bool {
	if n.table == nil || n.marked < 0 || !n.writable() || !n.hasKey && !n.declared {
		return false
	}
	if limited, ok := n.sys.Source.(source.Limited); ok && limited.ReadOnly() {
		return false
	}
	_, ok := n.sys.Source.(source.Changer)
	return ok && n.fixed(&n.fields[n.marked]) == ""
}

// marking gives the change that sets or takes away the mark of a row. false: the value that the
// dataset names does not fit the column.
func (n *node) marking(lift bool) (ColumnChange, bool) {
	f, r := &n.fields[n.marked], n.col.Restriction
	c := Correction{New: r.Value}
	if lift {
		if c.Null = r.Lifted == nil; !c.Null {
			c.New = *r.Lifted
		}
	}
	v, code := newValue(f, &c)
	return ColumnChange{Name: f.name, Strategy: strategyMark, Value: v}, code == ""
}

// restrict adds to the step of a row that stays that it may only be stored, where that was decided
// for any of its fields (Art. 18).
func (e *erasure) restrict(n *node, f *Finding, step *Step) {
	d, wanted := e.restricting(f)
	if !wanted {
		return
	}
	if step.Action == Keep {
		step.take(d)
		step.Action = Restrict
	}
	if !n.markable() {
		e.problems.unmarked(n)
		return
	}
	c, ok := n.marking(false)
	switch {
	case !ok:
		e.problems.field(n, &n.fields[n.marked], codeType, "set", false)
		return
	case marked(f, n, c):
		step.Kept = append(step.Kept, c.Name)
		sort.Strings(step.Kept)
		return
	}
	if step.Action == Restrict {
		step.Action = Mark
	}
	step.Columns = append(step.Columns, c)
	sort.Slice(step.Columns, func(i, j int) bool { return step.Columns[i].Name < step.Columns[j].Name })
}

// restricting gives the first decision that restricts a finding.
func (e *erasure) restricting(f *Finding) (Decision, bool) {
	asked := false
	for i := range f.Fields {
		if len(f.Fields[i].Categories) == 0 {
			continue
		}
		asked = true
		if d := e.decide(f, &f.Fields[i]); d.Action == Restrict {
			return d, true
		}
	}
	if asked {
		return Decision{}, false
	}
	d := e.decide(f, nil)
	return d, d.Action == Restrict
}

// marked tells whether a finding bears the mark already.
func marked(f *Finding, n *node, c ColumnChange) bool {
	v, ok := f.Field(c.Name)
	return ok && same(v.Value, c.Value, &n.fields[n.marked])
}

// Marked tells whether the row of a step is marked as restricted once the step is done.
func (s *Step) Marked() bool {
	return s.Action == Mark || s.Action == Restrict && len(s.Kept) > 0 ||
		slices.ContainsFunc(s.Columns, func(c ColumnChange) bool { return c.Strategy == strategyMark && s.Action != Lift })
}

// unmarked tells that rows have to be marked by hand.
func (p *problemList) unmarked(n *node) {
	p.add(Problem{Source: n.report.Source, Collection: n.report.Collection, Code: codeNoMark, Warning: true, Text: text(
		"«%s» har ikke noe felt som sier at en rad er begrenset. Radene må merkes for hånd i «%s».",
		"«%s» har ikkje noko felt som seier at ei rad er avgrensa. Radene må merkast for hand i «%s».",
		"%q has no field that says that a row is restricted. Its rows must be marked by hand in %q.", n.report.Collection, n.report.Source)})
}

// PlanMarks makes the steps that mark rows as restricted, or with lift take the mark away again, and
// tells for each row what becomes of it. Only a mark that still says "restricted" is taken away. The
// digests are made with digestKey. A system that cannot be read is an error.
func PlanMarks(ctx context.Context, connected []Connected, rows []RowName, lift bool, digestKey []byte, sink func(*Step) error) ([]Marking, error) {
	m, err := newModel(ctx, connected, Options{})
	if err != nil {
		return nil, err
	}
	defer m.close()
	p := &marks{model: m, rows: rows, lift: lift, digestKey: digestKey, sink: sink, out: make([]Marking, len(rows))}
	of := map[*node][]int{}
	var order []*node
	for i, r := range rows {
		n, err := m.node(r.Source, r.Dataset, r.Collection)
		if err != nil {
			return nil, err
		}
		if of[n] == nil {
			order = append(order, n)
		}
		of[n] = append(of[n], i)
	}
	for _, n := range order {
		for chunk := range slices.Chunk(of[n], askAtOnce) {
			if err := p.chunk(ctx, n, chunk); err != nil {
				return nil, err
			}
		}
	}
	return p.out, nil
}

// marks is the state of PlanMarks.
type marks struct {
	*model
	rows      []RowName
	lift      bool
	digestKey []byte
	sink      func(*Step) error
	out       []Marking
}

// chunk reads some rows of a node and makes their steps.
func (p *marks) chunk(ctx context.Context, n *node, rows []int) error {
	var set, lifted ColumnChange
	fits := n.markable()
	if fits {
		var a, b bool
		set, a = n.marking(false)
		lifted, b = n.marking(true)
		fits = a && b
	}
	var tuples [][]source.Value
	at := map[hash16]int{}
	for _, i := range rows {
		if !fits || len(p.rows[i].Key) != len(n.key) {
			p.out[i] = MarkByHand
			continue
		}
		p.out[i] = MarkGone
		tuples = append(tuples, tupleOf(p.rows[i].Key))
		at[keyOf(n, p.rows[i].Key)] = i
	}
	if len(tuples) == 0 {
		return nil
	}
	snap, err := n.sys.snapshot(ctx)
	if err != nil {
		return err
	}
	d := newDigester(p.digestKey, n)
	match := n.keyMatch(distinct(tuples))
	steps := map[int]*Step{}
	err = snap.Find(ctx, source.Query{Table: n.table, Fields: n.read, Match: &match}, func(row []source.Value) error {
		i, ok := at[n.rowKey(row)]
		if !ok {
			return nil
		}
		is := same(row[n.marked], set.Value, &n.fields[n.marked])
		if is != p.lift {
			p.out[i] = MarkThere
			return nil
		}
		r := p.rows[i]
		step := &Step{Source: r.Source, Dataset: r.Dataset, Collection: r.Collection, Key: cloneKey(r.Key), Action: Mark,
			Columns: []ColumnChange{set}, Article: articleRestrict, Seen: slices.Clone(d.row(row))}
		if p.lift {
			step.Action, step.Columns, step.Article = Lift, []ColumnChange{lifted}, articleLift
		}
		p.out[i], steps[i] = MarkPlanned, step
		return nil
	})
	if err != nil {
		return err
	}
	for _, i := range rows {
		if s := steps[i]; s != nil {
			if err := p.sink(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// RowIndex is the keyed digest of a row's name. Without the key nobody can tell which row it is.
func RowIndex(key []byte, r RowName) []byte {
	return ledgerRow(key, r.Source, r.Dataset, r.Collection, r.Key)
}

package engine

import (
	"context"
	"slices"
	"sort"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// PlanOptions of a planner.
type PlanOptions struct {
	// Key makes hashes and the like, where an officer chose such a strategy.
	Key []byte
	// LedgerKey is the key of the ledger that takes note of the plan; nil: none does.
	LedgerKey []byte
}

// fate is what a planner wants for a row.
type fate uint8

const (
	fateNone   fate = iota // nothing was asked
	fateKeep               // stays as it is, with a reason
	fateChange             // fields change
	fateDelete
	fateDemoted // should go, but rows that stay refer to it
)

// erasure is the state of planning an erasure.
type erasure struct {
	*model
	decide   Decide
	masker   masker
	ledger   []byte
	fates    map[hash16]fate
	parents  map[*node][]parentRef // references to rows of a node
	rows     map[*node][]candidate // rows to be deleted that something may refer to
	problems problemList
}

// parentRef is a rule or an annotation by which rows of a child refer to rows of a parent.
type parentRef struct {
	child   *node // nil: the table is not annotated
	table   *source.Table
	sys     *system
	columns []source.Field
	refs    []int // positions in the parent's fields
	lost    bool  // the parent's columns are not read: nothing can be said
}

type candidate struct {
	hash hash16
	refs [][]source.Value // for each parentRef the values referred to
}

// PlanErase makes the steps of an erasure. A row whose categorised fields all go is deleted,
// unless rows that stay refer to it or it cannot be deleted: then it is made anonymous field by
// field. Steps come in the order of the findings. Problems that are no warnings mean that the
// plan cannot be carried out.
func PlanErase(ctx context.Context, connected []Connected, findings Findings, decide Decide, opts PlanOptions, sink func(*Step) error) ([]Problem, error) {
	m, err := newModel(ctx, connected, Options{})
	if err != nil {
		return nil, err
	}
	defer m.close()
	e := &erasure{model: m, decide: decide, masker: masker{key: opts.Key}, ledger: opts.LedgerKey, fates: map[hash16]fate{},
		parents: map[*node][]parentRef{}, rows: map[*node][]candidate{}}
	for _, n := range m.nodes {
		if n.table != nil {
			e.parents[n] = m.parentsOf(n)
		}
	}
	if err := findings.Each(ctx, e.wish); err != nil {
		return nil, err
	}
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	err = findings.Each(ctx, func(f *Finding) error { return e.emit(f, sink) })
	return e.problems.list, err
}

// parentsOf lists what may refer to a node's rows: the live system's foreign keys, and the
// references of the datasets.
func (m *model) parentsOf(n *node) []parentRef {
	var out []parentRef
	for _, k := range n.sys.schema.ForeignKeys {
		if k.RefTable != n.table.Name {
			continue
		}
		table, ok := n.sys.schema.Table(k.Table)
		if !ok {
			continue
		}
		ref := parentRef{table: table, sys: n.sys, child: m.nodeOf(n.sys, table)}
		for _, c := range k.Columns {
			ref.columns = append(ref.columns, source.Field{Column: c})
		}
		for _, c := range k.RefColumns {
			at := n.columnAt(c)
			ref.lost = ref.lost || at < 0
			ref.refs = append(ref.refs, at)
		}
		out = append(out, ref)
	}
	for _, e := range m.edges {
		parent, child, parentPos, childPos := e.to, e.from, e.toPos, e.fromPos
		if !e.Up {
			parent, child, parentPos, childPos = e.from, e.to, e.fromPos, e.toPos
		}
		if parent != n || len(e.also) > 0 { // the foreign key itself is in the list
			continue
		}
		ref := parentRef{child: child, table: child.table, sys: child.sys,
			columns: []source.Field{child.fields[childPos].at}, refs: []int{parentPos}}
		if !slices.ContainsFunc(out, ref.same) {
			out = append(out, ref)
		}
	}
	return out
}

func (r parentRef) same(other parentRef) bool {
	return r.table == other.table && slices.Equal(r.refs, other.refs) && slices.EqualFunc(r.columns, other.columns,
		func(a, b source.Field) bool { return a.Column == b.Column && slices.Equal(a.Path, b.Path) })
}

// nodeOf finds the collection that annotates a table.
func (m *model) nodeOf(s *system, t *source.Table) *node {
	for _, n := range m.nodes {
		if n.sys == s && n.table == t {
			return n
		}
	}
	return nil
}

func (n *node) columnAt(column string) int {
	for i, f := range n.fields {
		if f.at.Column == column && len(f.at.Path) == 0 {
			return i
		}
	}
	return -1
}

// wish notes what should become of a finding, before references are looked at.
func (e *erasure) wish(f *Finding) error {
	n, err := e.node(f.Source, f.Dataset, f.Collection)
	if err != nil {
		return err
	}
	h := keyOf(n, f.Key)
	want := e.fateOf(n, f)
	e.fates[h] = want
	if want != fateDelete || len(e.parents[n]) == 0 {
		return nil
	}
	c := candidate{hash: h}
	for _, ref := range e.parents[n] {
		c.refs = append(c.refs, n.referred(f, ref))
	}
	e.rows[n] = append(e.rows[n], c)
	return nil
}

// referred gives the values of a finding that rows may refer to; nil when it does not hold them.
func (n *node) referred(f *Finding, ref parentRef) []source.Value {
	if ref.lost {
		return nil
	}
	var out []source.Value
	for _, at := range ref.refs {
		v, ok := f.value(n.fields[at].name)
		if !ok {
			return nil
		}
		out = append(out, v.Clone())
	}
	return out
}

// value finds a value by name among the fields and the key.
func (f *Finding) value(name string) (source.Value, bool) {
	if v, ok := f.Field(name); ok && !v.Withheld {
		return v.Value, true
	}
	for _, k := range f.Key {
		if k.Column == name {
			return k.Value, true
		}
	}
	return source.Value{}, false
}

// fateOf puts the decisions on a finding's fields together.
func (e *erasure) fateOf(n *node, f *Finding) fate {
	asked, deletes, others, kept, changed := 0, 0, 0, 0, 0
	for i := range f.Fields {
		v := &f.Fields[i]
		if len(v.Categories) == 0 {
			continue
		}
		asked++
		switch d := e.decide(f, v); d.Action {
		case Delete:
			deletes++
			if override := n.override(v.Name); override != nil && override.Strategy != dataset.DeleteRow || n.readOnly(v.Name) && !v.Key {
				others++
			}
		case Anonymise:
			changed++
		case "":
		default:
			kept++
		}
	}
	if asked == 0 {
		switch d := e.decide(f, nil); d.Action {
		case Delete:
			deletes, asked = 1, 1
		case "":
		default:
			kept++
		}
	}
	wholeRow := n.col.Override != nil && n.col.Override.Strategy == dataset.DeleteRow
	switch {
	case deletes > 0 && deletes == asked && others == 0, wholeRow && deletes+changed > 0 && kept == 0,
		deletes > 0 && kept == 0 && others == 0 && changed == 0:
		if n.deletable() {
			return fateDelete
		}
		return fateDemoted
	case deletes+changed > 0:
		return fateChange
	case kept > 0:
		return fateKeep
	}
	return fateNone
}

// readOnly tells whether the dataset forbids to change a field; its row cannot go either.
func (n *node) readOnly(name string) bool {
	at := n.pos(name)
	return at >= 0 && n.fields[at].leaf != nil && n.fields[at].leaf.ReadOnly
}

// override gives the strategy that the dataset demands for a field.
func (n *node) override(name string) *dataset.Masking {
	if at := n.pos(name); at >= 0 && n.fields[at].leaf != nil {
		return n.fields[at].leaf.Override
	}
	return nil
}

// bareLink tells whether a field only ties rows together: it says nothing by itself, or the
// system's own rules hold it. Its other end goes, or is made anonymous, in the same plan.
func (n *node) bareLink(f *field) bool {
	if f.leaf != nil && f.leaf.Identity != "" && !n.pointedAt(f) {
		return false
	}
	if n.pointedAt(f) {
		return true
	}
	onlyNumber := true
	for _, c := range f.categories {
		onlyNumber = onlyNumber && dataset.Covers("user.unique_id", c)
	}
	return f.link && onlyNumber || n.points(f) && (onlyNumber || !f.column.Nullable)
}

// points tells whether a foreign key of the live system starts at a field.
func (n *node) points(f *field) bool {
	for _, k := range n.sys.schema.ForeignKeys {
		if k.Table == n.table.Name && contains(k.Columns, f.at.Column) {
			return true
		}
	}
	return false
}

// pointedAt tells whether a foreign key of the live system ends at a field.
func (n *node) pointedAt(f *field) bool {
	for _, k := range n.sys.schema.ForeignKeys {
		if k.RefTable == n.table.Name && contains(k.RefColumns, f.at.Column) {
			return true
		}
	}
	return false
}

func (n *node) writable() bool { return !n.table.View && n.table.CanUpdate }

func (n *node) deletable() bool { return !n.table.View && n.table.CanDelete }

// settle takes back deletions of rows that rows which stay refer to, until nothing changes: what
// stays may refer to more rows.
func (e *erasure) settle(ctx context.Context) error {
	for again := true; again; {
		again = false
		for _, n := range e.childrenFirst() {
			demoted, err := e.settleNode(ctx, n)
			if err != nil {
				return err
			}
			again = again || demoted && e.inCircle(n)
		}
	}
	return nil
}

// childrenFirst orders the nodes so that what refers comes before what is referred to.
func (e *erasure) childrenFirst() []*node {
	var out []*node
	state := map[*node]int{}
	var visit func(n *node)
	visit = func(n *node) {
		if state[n] != 0 {
			return
		}
		state[n] = 1
		for _, ref := range e.parents[n] {
			if ref.child != nil {
				visit(ref.child)
			}
		}
		out = append(out, n)
	}
	for _, n := range e.nodes {
		visit(n)
	}
	return out
}

// inCircle tells whether a node refers to itself over any number of references: only then can
// taking back a deletion reach a node that was settled before.
func (e *erasure) inCircle(n *node) bool {
	seen := map[*node]bool{}
	var queue []*node
	for _, ref := range e.parents[n] {
		queue = append(queue, ref.child)
	}
	for len(queue) > 0 {
		c := queue[0]
		queue = queue[1:]
		if c == nil || seen[c] {
			continue
		}
		if c == n {
			return true
		}
		seen[c] = true
		for _, ref := range e.parents[c] {
			queue = append(queue, ref.child)
		}
	}
	return false
}

func (e *erasure) settleNode(ctx context.Context, n *node) (bool, error) {
	demoted := false
	for i, ref := range e.parents[n] {
		live := map[hash16][]hash16{} // values → rows
		var tuples [][]source.Value
		for _, c := range e.rows[n] {
			if e.fates[c.hash] != fateDelete {
				continue
			}
			if c.refs[i] == nil {
				e.fates[c.hash], demoted = fateDemoted, true
				continue
			}
			k, ok := tupleKey(ref, c.refs[i])
			if !ok {
				continue
			}
			if len(live[k]) == 0 {
				tuples = append(tuples, c.refs[i])
			}
			live[k] = append(live[k], c.hash)
		}
		for len(tuples) > 0 {
			size := min(len(tuples), askAtOnce)
			err := e.referrers(ctx, ref, tuples[:size], func(k hash16) {
				for _, h := range live[k] {
					e.fates[h], demoted = fateDemoted, true
				}
			})
			if err != nil {
				return demoted, err
			}
			tuples = tuples[size:]
		}
	}
	return demoted, nil
}

// tupleKey is the hash of values in the types of the columns that refer; false: one is null.
func tupleKey(ref parentRef, tuple []source.Value) (hash16, bool) {
	var b []byte
	for i, v := range tuple {
		c, _ := ref.table.Column(ref.columns[i].Column)
		f := field{at: ref.columns[i], column: c}
		k, ok := columnKey(v, f)
		if v.IsNull() || !ok {
			return hash16{}, false
		}
		b = append(b, k[:]...)
	}
	return hashOf(b), true
}

// referrers calls stays with the values that rows which stay refer to.
func (e *erasure) referrers(ctx context.Context, ref parentRef, tuples [][]source.Value, stays func(hash16)) error {
	var fields []source.Field
	if ref.child != nil {
		fields = append(fields, ref.child.read...)
	}
	width := len(fields)
	fields = append(fields, ref.columns...)
	snap, err := ref.sys.snapshot(ctx)
	if err != nil {
		return err
	}
	q := source.Query{Table: ref.table, Fields: fields, Match: &source.Match{Fields: ref.columns, Tuples: tuples}}
	return snap.Find(ctx, q, func(row []source.Value) error {
		if ref.child != nil && e.fates[ref.child.rowKey(row[:width])] == fateDelete {
			return nil
		}
		list := [][]source.Value{row[width:]}
		if c, _ := ref.table.Column(ref.columns[0].Column); len(ref.columns) == 1 && c.Class == source.ClassArray {
			list = nil
			for _, v := range row[width].Elements() {
				list = append(list, []source.Value{v})
			}
		}
		for _, values := range list {
			if k, ok := tupleKey(ref, values); ok {
				stays(k)
			}
		}
		return nil
	})
}

// emit gives the step of a finding.
func (e *erasure) emit(f *Finding, sink func(*Step) error) error {
	n, err := e.node(f.Source, f.Dataset, f.Collection)
	if err != nil {
		return err
	}
	step := &Step{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection, Key: cloneKey(f.Key), Seen: slices.Clone(f.Digest)}
	switch e.fates[keyOf(n, f.Key)] {
	case fateNone:
		return nil
	case fateDelete:
		step.Action = Delete
		step.take(e.leading(f, Delete))
	case fateKeep:
		step.Action = Keep
		step.take(e.leading(f, Keep))
		e.restrict(n, f, step)
	case fateChange:
		e.changes(n, f, step, false)
		e.restrict(n, f, step)
	case fateDemoted:
		e.changes(n, f, step, true)
	}
	if e.ledger != nil && erases(step.Action) {
		step.Trace = trace(e.ledger, f)
	}
	return sink(step)
}

// take copies why from a decision.
func (s *Step) take(d Decision) {
	s.Reason, s.Article, s.Until, s.RegisterVersion = d.Reason, d.Article, d.Until, d.RegisterVersion
}

// leading gives the decision that speaks for the whole row: the first with the action, else the first.
func (e *erasure) leading(f *Finding, action Action) Decision {
	var any Decision
	found := false
	for i := range f.Fields {
		if len(f.Fields[i].Categories) == 0 {
			continue
		}
		found = true
		d := e.decide(f, &f.Fields[i])
		if d.Action == action || action == Keep && d.Action != "" {
			return d
		}
		if any.Action == "" {
			any = d
		}
	}
	if !found {
		return e.decide(f, nil)
	}
	return any
}

// changes fills a step that changes fields. demoted: the row should have gone.
func (e *erasure) changes(n *node, f *Finding, step *Step, demoted bool) {
	step.Action = Anonymise
	if !n.writable() {
		step.take(e.leading(f, Delete))
		step.Action, step.Reason = Keep, ReasonReadOnly
		e.problems.add(Problem{Source: n.report.Source, Collection: n.report.Collection, Code: codeReadOnly, Warning: true,
			Text: text("«%s» kan ikke endres med denne tilkoblingen. Radene blir stående.",
				"«%s» kan ikkje endrast med denne tilkoplinga. Radene blir ståande.",
				"%q cannot be changed over this connection. Its rows stay.", n.report.Collection)})
		return
	}
	var why Decision
	for i := range f.Fields {
		v := &f.Fields[i]
		if len(v.Categories) == 0 {
			continue
		}
		d := e.decide(f, v)
		at := n.pos(v.Name)
		if d.Action == "" || at < 0 {
			continue
		}
		if d.Action != Delete && d.Action != Anonymise {
			step.Kept = append(step.Kept, v.Name)
			continue
		}
		if why.Action == "" {
			why = d
		}
		c, acted := e.fieldChange(n, &n.fields[at], v, d, demoted)
		switch {
		case acted:
			step.Columns = append(step.Columns, c)
		case !v.Value.IsNull():
			step.Kept = append(step.Kept, v.Name)
		}
	}
	step.take(why)
	sort.Slice(step.Columns, func(i, j int) bool { return step.Columns[i].Name < step.Columns[j].Name })
	sort.Strings(step.Kept)
	if len(step.Columns) == 0 {
		step.Action = Keep
		step.Kept = nil
		if demoted || step.Reason == ReasonErasure {
			step.Reason = ReasonReferenced
			if !demoted {
				step.Reason = n.stays(f)
			}
		}
	}
}

// stays says why a row in which no field may be changed is left: the dataset preserves it, or the system's
// rules hold it.
func (n *node) stays(f *Finding) string {
	for i := range f.Fields {
		v := &f.Fields[i]
		if o := n.override(v.Name); len(v.Categories) > 0 && !v.Key && !v.Value.IsNull() && (o == nil || o.Strategy != dataset.Preserve) {
			return ReasonConstraint
		}
	}
	return ReasonPreserve
}

// fieldChange chooses what happens to one field: the dataset's own strategy wins over the one
// that was asked for; where none was, the column's type decides.
func (e *erasure) fieldChange(n *node, f *field, v *FieldValue, d Decision, demoted bool) (ColumnChange, bool) {
	strategy, config := d.Strategy, d.Config
	if o := f.leaf; o != nil && o.Override != nil && o.Override.Strategy != dataset.DeleteRow {
		strategy, config = o.Override.Strategy, o.Override.Config
	}
	var c change
	if strategy == "" {
		// What is not about a person stays in a row that has to stay, and so do its bare links.
		if demoted && !dataset.CoversAny([]string{"user"}, f.categories) || n.bareLink(f) {
			return ColumnChange{}, false
		}
		c = e.masker.anonymise(n, f, v)
	} else {
		c = e.masker.apply(n, f, v, strategy, config)
		if dataset.Pseudonymises(strategy) && !c.keep && d.Override == "" {
			c.code = codePseudonym
		}
	}
	if c.code != "" {
		e.problems.field(n, f, c.code, strategy, c.keep)
		return ColumnChange{}, false
	}
	return c.column, !c.keep
}

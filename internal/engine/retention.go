package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"mininfo/internal/source"
)

// Retention without a request: rows whose time is over by the register are planned like an erasure,
// whoever they are about, and nobody's rows are touched about whom a case is open.

// ReasonRetention is the reason of a step that removes what has passed its time (Art. 5(1)(e)).
const ReasonRetention = "retention_over"

// Term is what the register says of one row of an activity.
type Term struct {
	Over bool // its time is over
	Look bool // a person must tell: it depends on more than a date
	// Undated: its time counts from a date that is not there.
	Undated bool
	End     string // the last day that it was to be kept, YYYY-MM-DD; "" unknown
}

// RetentionRules say which rows go.
type RetentionRules struct {
	// Term tells about an activity's row whose time counts from a date; null: none is known.
	Term func(activity string, from source.Value) Term
	// Decide tells how an activity's data go when their time is over: Delete or Anonymise.
	Decide func(activity string) Decision
	// Hold names the persons whose rows are left alone.
	Hold []Seed
	// Done knows rows that were made anonymous and could not go; nil: none.
	Done *Ledger
	// Limit is how many rows a plan takes at most, what belongs to them beside; 0 means DefaultRetained.
	// The others come with the next plan.
	Limit int
}

// DefaultRetained is how many rows one plan of retention takes: what an officer can answer for, and
// what fits in memory.
const DefaultRetained = 50_000

// RetentionCount is what was found in one collection of the rows that are there for the same activities. What
// happens to a row is counted once, however many activities it happens for.
type RetentionCount struct {
	Source     string   `json:"source"`
	Collection string   `json:"collection"`
	Activities []string `json:"activities"`           // in the order of the collection's fields
	Deleted    int      `json:"deleted,omitempty"`    // rows that the plan deletes
	Anonymised int      `json:"anonymised,omitempty"` // rows that it makes anonymous, since other rows need them
	Kept       int      `json:"kept,omitempty"`       // over, and not to be changed here
	Held       int      `json:"held,omitempty"`       // over, and about somebody with an open case
	Later      int      `json:"later,omitempty"`      // over, and left to the next plan
	Look       int      `json:"look,omitempty"`       // a person must tell
	Undated    int      `json:"undated,omitempty"`    // without the date that the time counts from
	NoDate     bool     `json:"no_date,omitempty"`    // the dataset names no field with that date
	Oldest     string   `json:"oldest,omitempty"`     // the earliest day on which the time of one of them ended
}

func (c RetentionCount) says() bool {
	return c.NoDate || c.Deleted+c.Anonymised+c.Kept+c.Held+c.Later+c.Look+c.Undated > 0
}

// RetentionReport is what a look at all rows brought.
type RetentionReport struct {
	Counts   []RetentionCount
	Waiting  []string // sources that could not be read, and those that hang on them: they wait
	Problems []Problem
}

// PlanRetention makes the steps for all rows of the connected sources whose time is over. A source
// that fails waits, with those that it refers to or that refer to it: what needs a row there cannot
// be known. The others go on. Rows are read one after the other and only what goes is held.
func PlanRetention(ctx context.Context, connected []Connected, rules RetentionRules, opts Options, plan PlanOptions, sink func(*Step) error) (RetentionReport, error) {
	opts.Categories, opts.KeepForeign = nil, true
	if rules.Limit <= 0 {
		rules.Limit = DefaultRetained
	}
	var waiting []string
	for {
		r := &retention{rules: rules, opts: opts, connected: connected, counts: map[countOf]*RetentionCount{}, children: map[*node][]parentRef{}, stays: map[hash16]bool{}}
		failed, err := r.plan(ctx, plan, sink)
		if err != nil {
			return RetentionReport{}, err
		}
		if len(failed) == 0 {
			slices.Sort(waiting)
			return RetentionReport{Counts: r.sorted(), Waiting: waiting, Problems: r.problems}, nil
		}
		gone := tied(connected, failed)
		waiting = append(waiting, gone...)
		connected = slices.DeleteFunc(slices.Clone(connected), func(c Connected) bool { return slices.Contains(gone, c.Source.Name()) })
	}
}

// HeldSteps counts the rows that a plan changes and that are about persons who are to be left alone. It
// gives the sources that cannot be judged now: those that cannot be read, and what hangs on them.
func HeldSteps(ctx context.Context, connected []Connected, hold []Seed, opts Options, plan Steps) (rows int, unread []string, err error) {
	opts.Categories, opts.KeepForeign = nil, true
	held, failed, err := heldRows(ctx, connected, hold, opts)
	if err != nil || len(held) == 0 {
		return 0, tied(connected, failed), err
	}
	m, err := newModel(ctx, connected, opts)
	if err != nil {
		return 0, nil, err
	}
	defer m.close()
	err = plan.Each(ctx, func(s *Step) error {
		n, err := m.node(s.Source, s.Dataset, s.Collection)
		var own *source.Error
		if errors.As(err, &own) {
			failed = append(failed, s.Source)
			return nil
		}
		if err == nil && s.Action.Writes() && held[keyOf(n, s.Key)] {
			rows++
		}
		return err
	})
	return rows, tied(connected, failed), err
}

// heldRows finds the rows of persons, and the sources that could not be searched for them.
func heldRows(ctx context.Context, connected []Connected, hold []Seed, opts Options) (map[hash16]bool, []string, error) {
	held := map[hash16]bool{}
	if len(hold) == 0 {
		return held, nil, nil
	}
	w, err := openWalk(ctx, connected, hold, opts)
	if err != nil {
		return nil, nil, err
	}
	defer w.close()
	err = w.deliver(func(f *Finding) error {
		n, err := w.node(f.Source, f.Dataset, f.Collection)
		if err == nil {
			held[keyOf(n, f.Key)] = true
		}
		return err
	})
	return held, failures(w.nodes), err
}

// failures names the sources of which something could not be read.
func failures(nodes []*node) []string {
	var out []string
	for _, n := range nodes {
		if n.report.Status == Failed && !slices.Contains(out, n.report.Source) {
			out = append(out, n.report.Source)
		}
	}
	return out
}

// tied gives sources and all that hang together with them by references between their datasets.
func tied(connected []Connected, names []string) []string {
	owner := map[string]int{}
	for i, c := range connected {
		for _, d := range c.Datasets {
			owner[d.Key] = i
		}
	}
	near := make([][]int, len(connected))
	tie := func(i, j int) { near[i], near[j] = append(near[i], j), append(near[j], i) }
	for i, c := range connected {
		for _, t := range ties(c, owner) {
			tie(i, t.source)
		}
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				for _, name := range col.EraseAfter {
					if j, ok := ownerOf(owner, name); ok {
						tie(i, j)
					}
				}
			}
		}
	}
	seen := make([]bool, len(connected))
	var out []string
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		out = append(out, connected[i].Source.Name())
		for _, j := range near[i] {
			visit(j)
		}
	}
	for i, c := range connected {
		if slices.Contains(names, c.Source.Name()) {
			visit(i)
		}
	}
	return out
}

type countOf struct {
	n          *node
	activities string // their ids, which have no spaces
}

// retention is the state of one look at all rows.
type retention struct {
	rules     RetentionRules
	opts      Options
	connected []Connected
	w         *walk
	held      map[hash16]bool
	left      int             // rows that the plan still takes
	taken     map[hash16]bool // those of a node without a key: equal rows go together
	stays     map[hash16]bool // held rows that belong to rows that go, counted
	counts    map[countOf]*RetentionCount
	children  map[*node][]parentRef // rows without a date that go with a node's rows
	problems  []Problem
	findings  Findings
	current   *Finding // that the planner is at
}

// plan makes the steps, or tells which sources failed before there was any.
func (r *retention) plan(ctx context.Context, plan PlanOptions, sink func(*Step) error) ([]string, error) {
	if len(r.connected) == 0 {
		return nil, nil
	}
	var failed []string
	var err error
	if r.held, failed, err = heldRows(ctx, r.connected, r.rules.Hold, r.opts); err != nil || len(failed) > 0 {
		return failed, err
	}
	if failed, err = r.look(ctx); err != nil || len(failed) > 0 {
		return failed, err
	}
	defer r.w.close()
	r.findings = collected{r.w}
	r.problems, err = PlanErase(ctx, r.connected, r, r.decide, plan, func(s *Step) error { return r.step(s, sink) })
	var own *source.Error
	if errors.As(err, &own) && own.Source != "" {
		return []string{own.Source}, nil // before the first step: steps are made of what is held already
	}
	return nil, err
}

// look chooses the rows.
func (r *retention) look(ctx context.Context) ([]string, error) {
	m, err := newModel(ctx, r.connected, r.opts)
	if err != nil {
		return nil, err
	}
	r.w, r.left = newWalk(ctx, m, seedSet{}), r.rules.Limit
	for _, n := range m.nodes {
		r.children[n] = append(r.children[n], m.undated(n)...)
	}
	// What refers is chosen before what is referred to: a limit that cuts between them leaves the row
	// that others need.
	for _, n := range m.childrenFirst() {
		if err := r.lookInto(n); err != nil {
			r.w.close()
			return nil, err
		}
	}
	m.close()
	if failed := failures(m.nodes); len(failed) > 0 {
		r.w.close()
		return failed, nil
	}
	return nil, nil
}

// activities gives what the data of a node's rows are for.
func (n *node) activities() []string {
	var out []string
	for i := range n.fields {
		f := &n.fields[i]
		if id := cmp.Or(f.activity, n.col.Activity, n.ds.Activity); f.leaf != nil && len(f.categories) > 0 && id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// undated gives the collections without a date of their own whose rows belong to those of a node, and go
// with them: the lines of an order. What else it is for keeps a row.
func (m *model) undated(n *node) []parentRef {
	if n.table == nil {
		return nil
	}
	return slices.DeleteFunc(m.parentsOf(n), func(ref parentRef) bool {
		return ref.child == nil || ref.child == n || ref.lost || ref.child.retained >= 0 || ref.child.col.RetentionFrom != "" || len(ref.child.activities()) == 0 || !m.leadsUp(ref, n)
	})
}

// leadsUp tells whether the dataset has the reference by which rows belong to another row.
func (m *model) leadsUp(ref parentRef, n *node) bool {
	for _, e := range m.edges {
		if !e.Up && e.from == n && e.to == ref.child || e.Up && e.to == n && e.from == ref.child {
			return true
		}
	}
	return false
}

// lookInto reads the dates of a node's rows and chooses those that go.
func (r *retention) lookInto(n *node) error {
	list := n.activities()
	if n.report.Status == Failed || len(list) == 0 {
		return nil
	}
	if n.retained < 0 {
		return r.noDate(n, list)
	}
	n.report.Status = Nothing
	choose := r.chooseByKey
	if !n.hasKey {
		choose = r.chooseByAll
	}
	if err := choose(n, list); err != nil {
		return err
	}
	return r.follow(n)
}

// chooseByAll reads whole rows, since all that they hold names them.
func (r *retention) chooseByAll(n *node, list []string) error {
	key := make([]source.Value, len(n.key))
	r.taken = map[hash16]bool{}
	defer func() { r.taken = nil }()
	return n.find(r.w.ctx, nil, 0, func(row []source.Value, id source.Value) error {
		for i, k := range n.key {
			key[i] = row[k]
		}
		if !r.judge(n, list, row[n.retained], key) {
			return nil
		}
		return r.take(n, row, id)
	})
}

// chooseByKey reads keys and dates, and then the rows that go.
func (r *retention) chooseByKey(n *node, list []string) error {
	var wanted [][]source.Value
	fields := append(n.keyFields(), n.fields[n.retained].at)
	width := len(n.key)
	err := n.stream(r.w.ctx, source.Query{Table: n.table, Fields: fields}, func(row []source.Value) error {
		if r.judge(n, list, row[width], row[:width]) {
			wanted = append(wanted, source.CloneRow(row[:width]))
		}
		return nil
	})
	for size := 0; err == nil && len(wanted) > 0; wanted = wanted[size:] {
		size = min(len(wanted), askAtOnce)
		match := n.keyMatch(wanted[:size])
		err = n.find(r.w.ctx, &match, 0, func(row []source.Value, id source.Value) error {
			return r.take(n, row, id)
		})
	}
	return err
}

// noDate notes activities whose time counts from a date that the dataset does not name, where the rows
// do not go with others.
func (r *retention) noDate(n *node, list []string) error {
	for _, refs := range r.children {
		if slices.ContainsFunc(refs, func(ref parentRef) bool { return ref.child == n }) {
			return nil
		}
	}
	r.count(n, r.those(list, source.Value{}, func(t Term) bool { return t.Undated })).NoDate = true
	return nil
}

// count is where what happens to a row for some activities is counted; for none it goes nowhere.
func (r *retention) count(n *node, activities []string) *RetentionCount {
	if len(activities) == 0 {
		return &RetentionCount{}
	}
	at := countOf{n, strings.Join(activities, " ")}
	if r.counts[at] == nil {
		r.counts[at] = &RetentionCount{Source: n.report.Source, Collection: n.report.Collection, Activities: activities}
	}
	return r.counts[at]
}

// those gives the activities of a row for which the register says something.
func (r *retention) those(list []string, from source.Value, says func(Term) bool) []string {
	var out []string
	for _, id := range list {
		if says(r.rules.Term(id, from)) {
			out = append(out, id)
		}
	}
	return out
}

// over gives the activities of a row whose time is over.
func (r *retention) over(list []string, from source.Value) []string {
	return r.those(list, from, func(t Term) bool { return t.Over })
}

// judge tells whether the plan takes a row, and counts it if not.
func (r *retention) judge(n *node, list []string, from source.Value, key []source.Value) bool {
	var over, look, undated []string
	last := ""
	for _, id := range list {
		t := r.rules.Term(id, from)
		switch {
		case t.Look:
			look = append(look, id)
		case t.Undated && !r.done(n, key, ""):
			undated = append(undated, id)
		case t.Over:
			over, last = append(over, id), max(last, t.End)
		}
	}
	r.count(n, look).Look++
	r.count(n, undated).Undated++
	switch {
	case len(over) == 0:
		return false
	case r.held[n.tupleKey(key)]:
		r.count(n, over).Held++
		return false
	case r.done(n, key, last):
		return false
	case r.taken[n.tupleKey(key)]:
		return true
	case r.left == 0:
		r.count(n, over).Later++
		return false
	}
	if r.left--; r.taken != nil {
		r.taken[n.tupleKey(key)] = true
	}
	return true
}

// done tells whether a row was made anonymous after its time had ended: it stayed because other rows
// need it, and there is nothing left to do.
func (r *retention) done(n *node, key []source.Value, end string) bool {
	if r.rules.Done == nil {
		return false
	}
	parts := make([]KeyPart, len(n.key))
	for i, k := range n.key {
		parts[i] = KeyPart{Column: n.fields[k].name, Value: key[i]}
	}
	for _, e := range r.rules.Done.rows[string(ledgerRow(r.rules.Done.key, n.report.Source, n.report.Dataset, n.report.Collection, parts))] {
		if e.look.action == Anonymise && e.at.Format(time.DateOnly) > end {
			return true
		}
	}
	return false
}

// take puts a row into the plan.
func (r *retention) take(n *node, row []source.Value, id source.Value) error {
	h := n.rowHash(row, id)
	if r.w.visited.find(h) != nil {
		return nil
	}
	no := r.w.visited.add(h, rowInfo{flags: fMatched | fOwned | fDown})
	r.w.found++
	n.report.Status = Reached
	n.bucket.add(&r.w.spill, n, no, row)
	return r.w.keepWithin()
}

// follow takes the rows that belong to those that were chosen, and what belongs to them.
func (r *retention) follow(n *node) error {
	for _, ref := range r.children[n] {
		list := ref.child.activities()
		var tuples [][]source.Value
		ask := func() error {
			if len(tuples) == 0 {
				return nil
			}
			match := source.Match{Fields: ref.columns, Tuples: tuples}
			err := ref.child.find(r.w.ctx, &match, 0, func(row []source.Value, id source.Value) error {
				// A row that belongs to several comes by several ways, and is one row.
				if at := ref.child.rowKey(row); r.held[at] {
					if !r.stays[at] {
						r.stays[at] = true
						r.count(ref.child, list).Held++
					}
					return nil
				}
				return r.take(ref.child, row, id)
			})
			tuples = nil
			return err
		}
		err := n.bucket.each(&r.w.spill, len(n.fields), func(_ uint32, row []source.Value) error {
			over := list
			if n.retained >= 0 {
				over = r.over(list, row[n.retained])
			}
			if len(over) < len(list) {
				return nil // what belongs to it is kept for something else
			}
			values := make([]source.Value, len(ref.refs))
			for i, at := range ref.refs {
				values[i] = row[at].Clone()
			}
			if tuples = append(tuples, values); len(tuples) < askAtOnce {
				return nil
			}
			return ask()
		})
		if err == nil {
			err = ask()
		}
		if err != nil {
			return err
		}
		if ref.child.bucket.rows > 0 {
			if err := r.follow(ref.child); err != nil {
				return err
			}
		}
	}
	return nil
}

// Each gives the findings, and remembers which one the planner is at.
func (r *retention) Each(ctx context.Context, fn func(*Finding) error) error {
	return r.findings.Each(ctx, func(f *Finding) error {
		r.current = f
		return fn(f)
	})
}

// decide removes the fields of activities whose time is over.
func (r *retention) decide(f *Finding, v *FieldValue) Decision {
	if v == nil {
		return Decision{Action: Keep, Reason: ReasonNotPersonal}
	}
	id := cmp.Or(v.Activity, f.Activity)
	if !r.writable(f.Source) {
		return Decision{Action: Keep, Reason: ReasonReadOnly}
	}
	// A row without a date is here because the row that it belongs to goes.
	if id == "" || !f.Retention.IsNull() && !r.rules.Term(id, f.Retention).Over {
		return Decision{Action: Keep, Reason: ReasonPreserve}
	}
	return r.rules.Decide(id)
}

func (r *retention) writable(name string) bool {
	for _, c := range r.connected {
		if c.Source.Name() == name {
			_, ok := c.Source.(source.Changer)
			limited, is := c.Source.(source.Limited)
			return ok && !(is && limited.ReadOnly())
		}
	}
	return false
}

// step counts a step with the row that it is about. What is as an earlier plan left it is no step.
func (r *retention) step(s *Step, sink func(*Step) error) error {
	n, err := r.w.node(s.Source, s.Dataset, s.Collection)
	if err != nil {
		return err
	}
	if s.Action == Anonymise && !slices.ContainsFunc(s.Columns, func(c ColumnChange) bool { return !c.in(r.current) }) {
		return nil
	}
	over := n.activities()
	if n.retained >= 0 {
		over = r.over(over, r.current.Retention)
	}
	c := r.count(n, over)
	if n.retained >= 0 {
		for _, id := range over {
			if end := r.rules.Term(id, r.current.Retention).End; c.Oldest == "" || end < c.Oldest {
				c.Oldest = end
			}
		}
	}
	switch s.Action {
	case Delete:
		c.Deleted++
	case Anonymise:
		c.Anonymised++
	default:
		c.Kept++
	}
	if !s.Action.Writes() {
		return nil // the plan names what it changes, and not what is kept
	}
	return sink(s)
}

// in tells whether a change shows in a row already.
func (c ColumnChange) in(f *Finding) bool {
	v, ok := f.Field(c.Name)
	switch {
	case !ok:
		return false
	case c.Random > 0:
		return v.Value.Kind == source.Text && drawn(v.Value, c.Random, c.Suffix)
	}
	return v.Whole.IsNull() && v.Value.Equal(c.Value)
}

func (r *retention) sorted() []RetentionCount {
	var out []RetentionCount
	for _, c := range r.counts {
		if c.says() {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b RetentionCount) int {
		return cmp.Or(slices.Compare(a.Activities, b.Activities), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Collection, b.Collection))
	})
	return out
}

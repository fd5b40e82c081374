package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// system is a connected source while the engine works with it.
type system struct {
	Connected
	schema *source.Schema
	views  [2]view // of one moment; the second only where there is much to read
	alone  bool    // there is no second view
	now    func() time.Time
	read   time.Time     // of which moment the view is that was opened last
	err    *source.Error // the whole source cannot be read
}

// view is an open snapshot.
type view struct {
	snap source.Snapshot
	busy bool // with a question of reading
}

func (v *view) close() {
	if v.snap != nil {
		_ = v.snap.Close()
		v.snap = nil
	}
}

// field is one value that is read from the rows of a node.
type field struct {
	name       string // dotted
	at         source.Field
	column     *source.Column
	leaf       *dataset.Field // nil: part of the key that the dataset does not mention
	categories []string
	activity   string
	key        bool
	link       bool
	output     bool // annotated: appears in a finding
}

// identity is a field that an identifier of a person may stand in.
type identity struct {
	pos   int
	kind  string
	rules kindRules
}

// node is one collection with its live table.
type node struct {
	index    int
	sys      *system
	ds       *dataset.Dataset
	col      *dataset.Collection
	table    *source.Table
	fields   []field
	read     []source.Field
	key      []int // positions of what names a row
	hasKey   bool  // the key is unique by the catalogue
	declared bool  // the key is the dataset's word alone
	idents   []identity
	out, in  []*edge
	report   CollectionReport
	received int // position of the field, -1: none
	retained int
	marked   int  // position of the field that marks a row as restricted
	once     bool // the walk comes to each of its rows once, and nothing asks for one of them

	doubtful    int  // rows with another identifier, reached by a reference to them
	matchedRows int  // findings in which an identifier of the person stands
	checkShared bool // some finding needs the question "who else refers to it?"
	bucket      bucket
}

func (n *node) name() string {
	return n.sys.Source.Name() + "." + n.col.Name
}

// edge is a way from rows of one node to rows of another.
type edge struct {
	dataset.Edge
	from, to       *node
	fromPos, toPos int
	local          int  // which way into the node it is
	fromKey        bool // the from field alone is the key of its node
	fromWhole      bool // the from fields together are, in a foreign key of several columns
	fromUnique     bool
	rules          *kindRules // set where identifiers are compared and not plain values
	also           []pair     // further columns that must agree: a foreign key of several columns
	path           string

	frontier []byte               // values that are still to be asked for
	counts   map[hash16]edgeCount // of from values that are not unique
	seeded   map[hash16]struct{}  // up edges: values that came from rows with the person's identifier
}

type edgeCount struct {
	rows int32
	sent bool
}

// pair is where the two ends of a further column of an edge are read.
type pair struct{ from, to int }

// model is all nodes and edges of a walk or a plan.
type model struct {
	systems []*system
	nodes   []*node
	edges   []*edge
	opts    Options
}

// newModel inspects every source. One that does not answer marks its nodes as failed. kinds are
// the identities that were given.
func newModel(ctx context.Context, connected []Connected, opts Options) (*model, error) {
	m := &model{opts: opts}
	var all []*dataset.Dataset
	owner := map[*dataset.Dataset]*system{}
	for _, c := range connected {
		s := &system{Connected: c, now: opts.Now}
		m.systems = append(m.systems, s)
		var err error
		if opts.only != "" && opts.only != c.Source.Name() {
			s.err, s.schema = &source.Error{Source: c.Source.Name(), Code: source.Missing}, &source.Schema{}
		} else if s.schema, err = c.Source.Inspect(ctx); err != nil {
			if s.err, err = asSourceError(c.Source.Name(), err); err != nil {
				return nil, err
			}
			s.schema = &source.Schema{}
		}
		for _, d := range c.Datasets {
			all = append(all, d)
			owner[d] = s
		}
	}
	graph := dataset.NewGraph(all)
	for i, gn := range graph.Nodes {
		m.nodes = append(m.nodes, newNode(i, owner[gn.Dataset], gn))
	}
	for _, e := range graph.Edges {
		m.nodes[e.From].mark(e.FromField)
		m.nodes[e.To].mark(e.ToField)
	}
	for _, n := range m.nodes {
		n.bind(opts)
	}
	for _, e := range graph.Edges {
		m.connect(e)
	}
	m.join()
	for _, n := range m.nodes {
		for i, e := range n.in {
			e.local = i
		}
		n.once = n.comesOnce()
		n.bucket.once = n.once
	}
	return m, nil
}

// asSourceError separates failures of a source, which are reported, from the end of the work.
func asSourceError(name string, err error) (*source.Error, error) {
	var own *source.Error
	if errors.As(err, &own) {
		return own, nil
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	return &source.Error{Source: name, Code: source.FailedSystem}, nil
}

func newNode(index int, s *system, g dataset.Node) *node {
	n := &node{index: index, sys: s, ds: g.Dataset, col: g.Collection, received: -1, retained: -1, marked: -1}
	n.report = CollectionReport{Source: s.Source.Name(), Dataset: g.Dataset.Key, Collection: g.Collection.Name, Status: NotReachable}
	for _, l := range n.col.Leaves() {
		f := field{name: l.Path, at: source.Field{Column: l.Parts[0], Path: l.Parts[1:], Each: l.Lists}, leaf: l.Field,
			categories: n.ds.CategoriesOf(n.col, l.Field), activity: n.ds.ActivityOf(n.col, l.Field)}
		f.output = len(f.categories) > 0 || l.Field.Identity != "" || l.Field.PrimaryKey
		f.key = l.Field.PrimaryKey
		if r := n.col.Restriction; r != nil && r.Field == f.name { // whatever the collection's rows are about
			f.output, f.categories = true, nil
		}
		n.fields = append(n.fields, f)
	}
	for _, name := range []string{n.col.Received, n.col.RetentionFrom} {
		n.mark(name)
	}
	return n
}

// mark makes a field one that is read, since something leads to or from it.
func (n *node) mark(name string) {
	for i := range n.fields {
		if n.fields[i].name == name {
			n.fields[i].link, n.fields[i].output = true, true
		}
	}
}

// tableName is where the dataset says the rows lie.
func (n *node) tableName() source.TableName {
	return source.TableName{Schema: n.ds.Schema, Name: n.col.Name}
}

func (n *node) fail(err *source.Error) {
	n.report.Status, n.report.Code, n.report.State = Failed, err.Code, err.State
}

// bind finds the live table and columns, and decides what names a row.
func (n *node) bind(opts Options) {
	if n.col.Skip {
		n.report.Status = Skipped
		return
	}
	if n.sys.err != nil {
		n.fail(n.sys.err)
		return
	}
	t, ok := n.sys.schema.Table(n.tableName())
	if schema, name, dotted := strings.Cut(n.col.Name, "."); !ok && dotted {
		t, ok = n.sys.schema.Table(source.TableName{Schema: schema, Name: name})
	}
	if !ok {
		n.fail(&source.Error{Code: source.Missing})
		return
	}
	n.table = t
	n.bindFields()
	n.bindKey()
	for i, f := range n.fields {
		n.read = append(n.read, f.at)
		if f.leaf != nil && f.leaf.Identity != "" {
			n.idents = append(n.idents, identity{pos: i, kind: f.leaf.Identity, rules: opts.rules(f.leaf.Identity)})
		}
		if f.name == n.col.Received {
			n.received = i
		}
		if f.name == n.col.RetentionFrom {
			n.retained = i
		}
		if r := n.col.Restriction; r != nil && f.name == r.Field {
			n.marked = i
		}
	}
}

func (n *node) bindFields() {
	mentioned, inKey := map[string]bool{}, map[string]bool{}
	for _, name := range n.keyColumns() {
		inKey[name] = true
	}
	var kept []field
	for _, f := range n.fields {
		c, ok := n.table.Column(f.at.Column)
		if !ok {
			n.report.Absent = append(n.report.Absent, f.name)
			continue
		}
		mentioned[c.Name] = true
		f.at.Column, f.column = c.Name, c
		f.at.List = f.leaf.Array && c.Class != source.ClassArray || len(f.at.Each) > 0
		f.output = f.output || inKey[c.Name] && len(f.at.Path) == 0
		if f.output {
			kept = append(kept, f)
		}
	}
	n.fields = kept
	for _, c := range n.table.Columns {
		if !mentioned[c.Name] {
			n.report.Unannotated = append(n.report.Unannotated, c.Name)
		}
	}
}

// bindKey takes the catalogue's primary key, else a rule of uniqueness over columns that are
// never null, else the dataset's word, else all columns that are read.
func (n *node) bindKey() {
	columns := n.keyColumns()
	n.hasKey = len(columns) > 0
	for _, name := range columns {
		n.key = append(n.key, n.position(name))
	}
	if n.hasKey {
		for i := range n.fields {
			n.fields[i].key = contains(n.key, i)
		}
		return
	}
	for i, f := range n.fields {
		if f.key {
			n.key = append(n.key, i)
		}
	}
	if n.declared = len(n.key) > 0; !n.declared {
		for i := range n.fields {
			n.key = append(n.key, i)
		}
	}
}

func (n *node) keyColumns() []string {
	if len(n.table.PrimaryKey) > 0 {
		return n.table.PrimaryKey
	}
	for _, u := range n.table.Uniques {
		if !u.Partial && n.neverNull(u.Columns) {
			return u.Columns
		}
	}
	return nil
}

func contains[T comparable](list []T, x T) bool {
	for _, each := range list {
		if each == x {
			return true
		}
	}
	return false
}

func (n *node) neverNull(columns []string) bool {
	for _, name := range columns {
		if c, ok := n.table.Column(name); !ok || c.Nullable {
			return false
		}
	}
	return len(columns) > 0
}

// position gives where a column is read, and has it read when it was not.
func (n *node) position(column string) int {
	for i, f := range n.fields {
		if f.at.Column == column && len(f.at.Path) == 0 {
			return i
		}
	}
	c, _ := n.table.Column(column)
	n.fields = append(n.fields, field{name: column, at: source.Field{Column: column}, column: c})
	return len(n.fields) - 1
}

// pos gives where a dotted field is read, or -1.
func (n *node) pos(name string) int {
	for i, f := range n.fields {
		if f.name == name {
			return i
		}
	}
	return -1
}

// connect adds an edge between two nodes that can be read. An end that the table lacks leads
// nowhere; the node reports the column as absent.
func (m *model) connect(e dataset.Edge) {
	from, to := m.nodes[e.From], m.nodes[e.To]
	if from.table == nil || to.table == nil {
		return
	}
	x := &edge{Edge: e, from: from, to: to, fromPos: from.pos(e.FromField), toPos: to.pos(e.ToField)}
	if x.fromPos < 0 || x.toPos < 0 {
		return
	}
	ff, tf := from.fields[x.fromPos], to.fields[x.toPos]
	for _, leaf := range []*dataset.Field{tf.leaf, ff.leaf} {
		if leaf != nil && leaf.Identity != "" && x.rules == nil {
			if r := m.opts.rules(leaf.Identity); r.fold != source.Exact {
				x.rules = &r
			}
		}
	}
	plain := len(ff.at.Path) == 0 && ff.column.Class != source.ClassArray
	x.fromKey = plain && from.hasKey && len(from.key) == 1 && from.key[0] == x.fromPos && x.rules == nil
	x.fromUnique = plain && x.rules == nil && from.table.IsUnique(ff.at.Column)
	x.path = fmt.Sprintf("%s.%s", to.name(), e.ToField)
	from.out = append(from.out, x)
	to.in = append(to.in, x)
	m.edges = append(m.edges, x)
}

// join makes one edge of those that are the columns of one foreign key, where the dataset has a
// reference for each of them: rows belong together when all columns agree, and half a key would
// lead to the rows of another tenant. The last column is asked for, by custom the one that tells most;
// but rather one that no other key has, as many have the tenant.
func (m *model) join() {
	parts := map[*edge]bool{}
	for _, n := range m.nodes {
		if n.table == nil {
			continue
		}
		for _, k := range n.sys.schema.ForeignKeys {
			if len(k.Columns) < 2 || k.Table != n.table.Name {
				continue
			}
			for _, other := range m.nodes {
				if other.sys == n.sys && other.table != nil && other.table.Name == k.RefTable {
					at := n.ownColumn(k)
					joinEdges(n, other, k.Columns, k.RefColumns, at, parts)
					joinEdges(other, n, k.RefColumns, k.Columns, at, parts)
				}
			}
		}
	}
	left := func(list []*edge) []*edge {
		return slices.DeleteFunc(list, func(e *edge) bool { return parts[e] && len(e.also) == 0 })
	}
	for _, n := range m.nodes {
		n.in, n.out = left(n.in), left(n.out)
	}
	m.edges = left(m.edges)
}

// ownColumn gives the last column of a foreign key of a node that the fewest other keys have.
func (n *node) ownColumn(k source.ForeignKey) int {
	best, fewest := 0, -1
	for i, c := range k.Columns {
		if k.Table == k.RefTable && c == k.RefColumns[i] {
			continue // no reference leads there
		}
		keys := 0
		for _, other := range n.sys.schema.ForeignKeys {
			if other.Table == k.Table && slices.Contains(other.Columns, c) {
				keys++
			}
		}
		if slices.Contains(n.table.PrimaryKey, c) {
			keys++
		}
		if fewest < 0 || keys <= fewest {
			best, fewest = i, keys
		}
	}
	return best
}

// joinEdges joins the edges between two nodes that go from each of one's columns to the other's, into
// those of one of the columns. parts takes note of those that are followed as part of another.
func joinEdges(from, to *node, fromColumns, toColumns []string, at int, parts map[*edge]bool) {
	for _, lead := range from.out {
		if lead.to != to || len(lead.also) > 0 || !lead.joins(fromColumns[at], toColumns[at]) {
			continue
		}
		var also []pair
		var others []*edge
		for i := range fromColumns {
			if i == at {
				continue
			}
			// Whichever way the references of the further columns go, they go where this one does.
			// Several foreign keys may share them, as those of one tenant's rows do.
			between := edgesBetween(from, to, fromColumns[i], toColumns[i])
			switch {
			case len(between) > 0:
				others = append(others, between...)
			case from != to || fromColumns[i] != toColumns[i]:
				continue
			}
			// A field cannot refer to itself: that rows of one table share it goes without saying.
			also = append(also, pair{from: from.reads(fromColumns[i]), to: to.reads(toColumns[i])})
		}
		if len(also) < len(fromColumns)-1 {
			continue
		}
		for _, e := range others {
			parts[e] = true
		}
		lead.also = also
		lead.fromKey = false
		within := func(c string) bool { return slices.Contains(fromColumns, c) }
		lead.fromUnique = slices.ContainsFunc(from.table.Uniques, func(u source.Index) bool {
			return !u.Partial && !slices.ContainsFunc(u.Columns, func(c string) bool { return !within(c) })
		})
		lead.fromWhole = from.hasKey && len(from.key) == len(fromColumns) &&
			!slices.ContainsFunc(from.key, func(k int) bool { return !within(from.fields[k].at.Column) })
	}
}

// edgesBetween gives the edges between two columns, both ways.
func edgesBetween(a, b *node, ofA, ofB string) []*edge {
	var out []*edge
	for _, e := range a.out {
		if e.to == b && e.joins(ofA, ofB) {
			out = append(out, e)
		}
	}
	for _, e := range a.in {
		if e.from == b && e.joins(ofB, ofA) {
			out = append(out, e)
		}
	}
	return out
}

// reads gives where a column is read, and has it read when it was not.
func (n *node) reads(column string) int {
	at := n.position(column)
	if at == len(n.read) {
		n.read = append(n.read, n.fields[at].at)
	}
	return at
}

// joins tells whether an edge goes from one whole column to another, by plain values.
func (e *edge) joins(from, to string) bool {
	return e.rules == nil && e.from.holds(e.fromPos, from) && e.to.holds(e.toPos, to)
}

// holds tells whether a field is a whole column of this name.
func (n *node) holds(pos int, column string) bool {
	f := n.fields[pos]
	return f.at.Column == column && len(f.at.Path) == 0 && f.column.Class != source.ClassArray && !f.at.List
}

// listsNationalIDs tells whether a person's national identity number stands in each row.
func (n *node) listsNationalIDs() bool {
	return slices.ContainsFunc(n.fields, func(f field) bool { return f.leaf != nil && f.leaf.NationalID })
}

// comesOnce tells whether no row of a node needs to be known again: nothing leads on from it, and
// one edge alone leads to it, whose every value is asked for once.
func (n *node) comesOnce() bool {
	if !n.hasKey || len(n.out) > 0 || len(n.in) != 1 || len(n.idents) > 0 || n.listsNationalIDs() {
		return false
	}
	e := n.in[0]
	from, to := e.from.fields[e.fromPos], n.fields[e.toPos]
	if !e.fromUnique || e.rules != nil || len(e.also) > 0 || len(to.at.Path) > 0 || to.at.List || from.column.Class != to.column.Class {
		return false
	}
	// Values that differ must not become equal on the way.
	switch to.column.Class {
	case source.ClassInt:
		return true
	case source.ClassText:
		return to.leaf == nil || to.leaf.DataType == "" || to.leaf.DataType == "string"
	}
	return false
}

// snapshot gives the open snapshot of a system. After a failed statement it is opened anew: the
// case is incomplete anyway, and the other collections should still be read.
func (s *system) snapshot(ctx context.Context) (source.Snapshot, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.views[0].snap != nil {
		return s.views[0].snap, nil
	}
	finder, ok := s.Source.(source.Finder)
	if !ok {
		s.err = &source.Error{Source: s.Source.Name(), Code: source.Unsupported}
		return nil, s.err
	}
	snap, err := finder.Snapshot(ctx)
	if err != nil {
		own, fatal := asSourceError(s.Source.Name(), err)
		if fatal != nil {
			return nil, fatal
		}
		s.err = own
		return nil, own
	}
	s.views[0].snap, s.read = snap, s.moment(snap)
	return snap, nil
}

// moment tells of which moment a view is that was opened now; zero without a clock.
func (s *system) moment(snap source.Snapshot) time.Time {
	if s.now == nil {
		return time.Time{}
	}
	if d, ok := snap.(source.Dated); ok && !d.Of().IsZero() {
		return d.Of()
	}
	return s.now()
}

// idle gives a view that is free for a question; nil: there is none now. A second one is opened
// where much is to be read and the system can show the same moment twice.
func (s *system) idle(ctx context.Context, much bool) (*view, error) {
	first, second := &s.views[0], &s.views[1]
	if !first.busy {
		_, err := s.snapshot(ctx)
		return first, err
	}
	if second.snap == nil && much && !s.alone {
		s.alone = true
		if shared, ok := first.snap.(source.Shared); ok {
			if snap, err := shared.Beside(ctx); err == nil {
				second.snap, s.alone = snap, false
			}
		}
	}
	if second.snap == nil || second.busy {
		return nil, nil
	}
	return second, nil
}

func (s *system) reset() {
	for i := range s.views {
		s.views[i].close()
	}
}

// close ends all snapshots and frees what was spilled.
func (m *model) close() {
	for _, s := range m.systems {
		s.reset()
	}
}

// sorted gives the nodes by source, dataset and collection: the order of findings and steps.
func (m *model) sorted() []*node {
	out := append([]*node{}, m.nodes...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].report, out[j].report
		if a.Source != b.Source {
			return a.Source < b.Source
		}
		if a.Dataset != b.Dataset {
			return a.Dataset < b.Dataset
		}
		return a.Collection < b.Collection
	})
	return out
}

// find streams rows of a node. A failure of the source is kept in the node's report and is no error.
func (n *node) find(ctx context.Context, match *source.Match, limit int, fn func(row []source.Value, rowID source.Value) error) error {
	if n.table == nil {
		return nil
	}
	q := n.query(match, limit)
	return n.stream(ctx, q, func(row []source.Value) error {
		var id source.Value
		if q.RowID {
			id = row[len(row)-1]
			row = row[:len(row)-1]
		}
		return fn(row, id)
	})
}

// stream asks the node's table. A failure of the source is kept in the node's report and is no error.
func (n *node) stream(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	if n.table == nil || n.report.Status == Failed {
		return nil
	}
	snap, err := n.sys.snapshot(ctx)
	if err == nil {
		var inner error
		err = snap.Find(ctx, q, func(row []source.Value) error {
			inner = fn(row)
			return inner
		})
		if inner != nil {
			return inner
		}
	}
	return n.note(err)
}

func (n *node) query(match *source.Match, limit int) source.Query {
	return source.Query{Table: n.table, Fields: n.read, Match: match, RowID: !n.hasKey && n.table.RowID != "", Limit: limit}
}

// note keeps a failure of the source in the report.
func (n *node) note(err error) error {
	if err == nil {
		return nil
	}
	own, fatal := asSourceError(n.report.Source, err)
	if fatal != nil {
		return fatal
	}
	n.fail(own)
	n.sys.reset()
	return nil
}

func (e *edge) toField() source.Field { return e.to.fields[e.toPos].at }

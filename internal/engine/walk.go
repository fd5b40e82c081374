package engine

import (
	"context"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"mininfo/internal/source"
)

// Sizes of questions and of what is kept in memory.
const (
	askAtOnce     = 5000    // values in one question
	defaultMemory = 4 << 20 // findings in memory before they are spilled, all collections together
)

// walk is the state of one walk. It runs on one goroutine; others read for it.
type walk struct {
	*model
	ctx     context.Context
	seeds   seedSet
	visited visited
	spill   spill
	memory  int
	found   int
	asked   []deferred // rows that may be anybody's: not yet decided whether to go on from them
	mention mentions
	shared  map[uint32]int // how many foreign rows refer to a shared one
}

// Walk finds every row about the person: from the rows in which one of the identifiers stands,
// along the references of the datasets, across sources, until nothing new is found. Findings are
// delivered in the order of source, dataset, collection and key, each once.
//
// An edge without direction is walked both ways, with one bound: from a row that was reached by
// following a reference to it (an address, a product, a household) the walk does not come down
// to what else refers to it, unless nothing there shows another person's identifier.
//
// A source that fails is told in the report and is no error.
func Walk(ctx context.Context, connected []Connected, seeds []Seed, opts Options, sink func(*Finding) error) (Report, error) {
	w, err := openWalk(ctx, connected, seeds, opts)
	if err != nil {
		return Report{}, err
	}
	defer w.close()
	if err := w.deliver(sink); err != nil {
		return Report{}, err
	}
	return w.report(), nil
}

// openWalk walks and keeps what it found. Close it.
func openWalk(ctx context.Context, connected []Connected, seeds []Seed, opts Options) (*walk, error) {
	known, err := newSeeds(seeds, opts)
	if err != nil {
		return nil, err
	}
	m, err := newModel(ctx, connected, opts)
	if err != nil {
		return nil, err
	}
	w := newWalk(ctx, m, known)
	if err := w.run(); err != nil {
		w.close()
		return nil, err
	}
	for _, e := range m.edges {
		if e.seeded = nil; !e.to.fields[e.toPos].narrows() {
			e.counts = nil
		}
	}
	// The snapshots are not needed any more, and hold up writers.
	m.close()
	return w, nil
}

func (w *walk) close() {
	w.model.close()
	w.spill.close()
}

func newWalk(ctx context.Context, m *model, seeds seedSet) *walk {
	w := &walk{model: m, ctx: ctx, seeds: seeds, memory: m.opts.Memory, shared: map[uint32]int{}}
	if w.memory == 0 {
		w.memory = defaultMemory
	}
	w.spill.dir = m.opts.TempDir
	w.mention = newMentions(m, w.seeds)
	return w
}

func (w *walk) run() error {
	w.reachable()
	if err := w.start(); err != nil {
		return err
	}
	for {
		if err := w.follow(); err != nil {
			return err
		}
		more, err := w.goOn()
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	if err := w.findSharing(); err != nil {
		return err
	}
	return w.findOthers()
}

// reachable marks the nodes that some path leads to: looked at and empty is not the same as
// never looked at.
func (w *walk) reachable() {
	var queue []*node
	seen := map[*node]bool{}
	for _, n := range w.nodes {
		for _, id := range n.idents {
			if w.seeds[id.kind] != nil && !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if n.report.Status == NotReachable {
			n.report.Status = Nothing
		}
		for _, e := range n.out {
			if !seen[e.to] {
				seen[e.to] = true
				queue = append(queue, e.to)
			}
		}
	}
}

// start asks every node for the person's identifiers.
func (w *walk) start() error {
	for _, n := range w.nodes {
		for _, id := range n.idents {
			list := w.seeds.list(id.kind)
			if len(list) == 0 {
				continue
			}
			match := id.rules.match(n.fields[id.pos].at, list)
			match.Within = w.seeds.within(n, id.kind)
			err := n.find(w.ctx, match, 0, func(row []source.Value, rowID source.Value) error {
				if !w.equalIdentity(n, id, row) {
					n.report.Rejected++
					return nil
				}
				return w.accept(n, row, rowID, nil)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// equalIdentity compares a row that the database returned with the identifiers, by the canonical
// form: databases fold letters that are not the same address. An identifier that was the person's
// for a time must have been so when the row came in.
func (w *walk) equalIdentity(n *node, id identity, row []source.Value) bool {
	for _, v := range n.elements(row, id.pos) {
		if k, mine := w.seed(n, id, v); mine && k.holds(n, row, w.opts.zone()) {
			return true
		}
	}
	return false
}

// seed gives the person's identifier that a value is.
func (w *walk) seed(n *node, id identity, v source.Value) (known, bool) {
	c, ok := id.rules.canonical(v.Text())
	if !ok {
		return known{}, false
	}
	if k, mine := w.seeds[id.kind][c]; mine {
		return k, true
	}
	return id.equal(n, v, w.seeds[id.kind])
}

// follow walks edges, breadth first, until no value is left to be asked for.
func (w *walk) follow() error {
	for {
		var level []*asking
		for _, e := range w.edges {
			if len(e.frontier) > 0 {
				level = append(level, &asking{e, e.frontier})
				e.frontier = nil
			}
		}
		if len(level) == 0 {
			return nil
		}
		if err := w.read(level); err != nil {
			return err
		}
	}
}

// match makes the question for an edge's values.
func (e *edge) match(chunk []source.Value) *source.Match {
	if e.rules != nil {
		var list []string
		for _, v := range chunk {
			if c, ok := e.rules.canonical(v.Text()); ok {
				list = append(list, c)
			}
		}
		return e.rules.match(e.toField(), list)
	}
	m := &source.Match{Fields: []source.Field{e.toField()}, Tuples: make([][]source.Value, 0, len(chunk))}
	to := e.to.fields[e.toPos]
	for i := range chunk {
		if v, ok := declared(chunk[i], to); ok {
			m.Tuples = append(m.Tuples, []source.Value{v})
		}
	}
	if len(e.also) > 0 { // the same number of several tenants is asked for once
		m.Tuples = distinct(m.Tuples)
	}
	return m
}

// declared casts by the data_type that the dataset gives, where it gives one. The source then
// casts to the column's own type.
func declared(v source.Value, f field) (source.Value, bool) {
	if f.leaf == nil {
		return v, true
	}
	switch f.leaf.DataType {
	case "integer":
		return source.Cast(v, source.ClassInt)
	case "float":
		return source.Cast(v, source.ClassDecimal)
	case "boolean":
		return source.Cast(v, source.ClassBool)
	case "string", "object_id":
		return source.Cast(v, source.ClassText)
	}
	return v, true
}

// key gives the form that values of an edge are compared in, in memory.
func (e *edge) key(v source.Value) (hash16, bool) {
	if v.IsNull() {
		return hash16{}, false
	}
	if e.rules != nil {
		c, ok := e.rules.canonical(v.Text())
		return hashOf([]byte(c)), ok
	}
	f := e.to.fields[e.toPos]
	d, ok := declared(v, f)
	if !ok {
		return hash16{}, false
	}
	return columnKey(d, f)
}

// whole adds to a value's key those of the edge's further columns, of a row of the from node or of
// the to node. A column without a value refers to nothing.
func (e *edge) whole(k hash16, row []source.Value, from bool) (hash16, bool) {
	if len(e.also) == 0 {
		return k, true
	}
	b := append(make([]byte, 0, 16*(1+len(e.also))), k[:]...)
	for _, p := range e.also {
		at := p.to
		if from {
			at = p.from
		}
		if row[at].IsNull() {
			return hash16{}, false
		}
		f := e.to.fields[p.to]
		v, ok := declared(row[at], f)
		if !ok {
			return hash16{}, false
		}
		part, ok := columnKey(v, f)
		if !ok {
			return hash16{}, false
		}
		b = append(b, part[:]...)
	}
	return hashOf(b), true
}

// agrees tells whether a row that came by one column of an edge has the further ones as well.
func (e *edge) agrees(row []source.Value) bool {
	if len(e.also) == 0 {
		return true
	}
	k, ok := e.key(row[e.toPos])
	if !ok {
		return false
	}
	k, ok = e.whole(k, row, false)
	return ok && e.counts[k].sent
}

// columnKey is the hash of a value in the type of a column.
func columnKey(v source.Value, f field) (hash16, bool) {
	class := f.column.Class
	if class == source.ClassArray {
		class = f.column.Elem
	}
	if len(f.at.Path) > 0 {
		class = source.ClassText
	}
	c, ok := source.Cast(v, class)
	if !ok {
		return hash16{}, false
	}
	switch class {
	case source.ClassDecimal:
		c = source.TextOf(plainDecimal(c.Text()))
	case source.ClassTime:
		c = source.TextOf(instant(c.Text()))
	case source.ClassOther:
		c = source.TextOf(c.Text())
	}
	return hashOf(appendValue(nil, c)), true
}

// plainDecimal brings a number to one spelling: 41.00 is 41.
func plainDecimal(s string) string {
	if strings.ContainsAny(s, "eEnN") || !strings.Contains(s, ".") {
		return strings.TrimPrefix(s, "+")
	}
	return strings.TrimPrefix(strings.TrimRight(strings.TrimRight(s, "0"), "."), "+")
}

// wanted gives the set that returned rows are compared with, for types whose equality is the
// database's own business: collations make different texts equal.
func (e *edge) wanted(chunk []source.Value) map[hash16]struct{} {
	if e.rules == nil && e.to.fields[e.toPos].column.Class != source.ClassText {
		return nil
	}
	set := make(map[hash16]struct{}, len(chunk))
	for _, v := range chunk {
		if h, ok := e.key(v); ok {
			set[h] = struct{}{}
		}
	}
	return set
}

// arrives tells whether a row has one of the values that were asked for.
func (e *edge) arrives(row []source.Value, wanted map[hash16]struct{}) bool {
	for _, v := range e.to.elements(row, e.toPos) {
		if h, ok := e.key(v); ok {
			if _, found := wanted[h]; found {
				return true
			}
		}
	}
	return false
}

// rowHash names a row: by its key, by the hidden row id within the snapshot, or by all it holds.
func (n *node) rowHash(row []source.Value, rowID source.Value) hash16 {
	b := make([]byte, 0, 64)
	b = append(b, byte(n.index), byte(n.index>>8), byte(n.index>>16))
	if !n.hasKey && !rowID.IsNull() {
		return hashOf(appendValue(b, rowID))
	}
	for _, k := range n.key {
		b = appendValue(b, row[k])
	}
	return hashOf(b)
}

// keyHash names the row of an edge's from node that a row of the to node refers to, by the value in
// the edge's field. The edge must have the whole key.
func (e *edge) keyHash(v source.Value, to []source.Value) (hash16, bool) {
	row := make([]source.Value, len(e.from.fields))
	row[e.fromPos] = v
	for _, p := range e.also {
		row[p.from] = to[p.to]
	}
	for _, k := range e.from.key {
		c, ok := source.Cast(row[k], e.from.fields[k].column.Class)
		if !ok || c.IsNull() {
			return hash16{}, false
		}
		row[k] = c
	}
	return e.from.rowHash(row, source.Value{}), true
}

// accept takes a row that was reached, from a seed (via nil) or by an edge.
func (w *walk) accept(n *node, row []source.Value, rowID source.Value, via *edge) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	way := waySeed
	if via != nil {
		way = via.way()
	}
	if n.once {
		return w.enter(n, hash16{}, row, via, way)
	}
	h := n.rowHash(row, rowID)
	no := w.visited.number(h)
	if no == 0 {
		return w.enter(n, h, row, via, way)
	}
	info := w.visited.info(no)
	info.ways |= way
	if via == nil || !via.Up {
		info.flags |= fDown
	}
	if info.flags&fOwned == 0 && info.flags&fDown != 0 {
		w.own(n, row, info)
		w.push(n, h, no, row, info.flags, true)
	}
	return nil
}

// enter takes a row for the first time.
func (w *walk) enter(n *node, h hash16, row []source.Value, via *edge, way uint16) error {
	matched, mismatch, variant := w.identify(n, row)
	var flags uint16
	switch {
	case matched:
		flags |= fMatched
		n.matchedRows++
	case mismatch:
		flags |= fMismatch
	}
	if variant {
		flags |= fVariant
	}
	// One person's row leads to another person's of the same table: a manager to the people
	// under her. They are not hers.
	if via != nil && via.Undirected && !via.Up && via.from == n && mismatch {
		return nil
	}
	if matched || via == nil || !via.Up {
		flags |= fOwned | fDown
	} else if mismatch {
		n.doubtful++
	}
	var no uint32
	if n.once {
		no = w.visited.enter(rowInfo{ways: way, flags: flags})
	} else {
		no = w.visited.add(h, rowInfo{ways: way, flags: flags})
	}
	w.found++
	if n.report.Status != Failed { // another question of the collection may have failed meanwhile
		n.report.Status = Reached
	}
	n.bucket.add(&w.spill, n, no, row)
	w.mention.scan(n, row, matched)
	if flags&fMatched == 0 && n.manyWays(way) {
		n.checkShared = true
	}
	if flags&fMismatch == 0 || flags&fOwned != 0 {
		w.count(n, row)
	}
	w.push(n, h, no, row, flags, false)
	return w.keepWithin()
}

// manyWays tells whether somebody else may refer to a row that was reached this way.
func (n *node) manyWays(way uint16) bool {
	for _, e := range n.in {
		if e.way() != way || !e.fromUnique || e.from.doubtful > 0 {
			return true
		}
	}
	return false
}

// own makes a row the person's that was anybody's.
func (w *walk) own(n *node, row []source.Value, info *rowInfo) {
	info.flags |= fOwned
	if info.flags&fMismatch != 0 {
		w.count(n, row)
	}
}

// count notes how many findings have each value of a field that others may have as well. What is
// another person's own is none of them.
func (w *walk) count(n *node, row []source.Value) {
	for _, e := range n.out {
		if e.fromKey {
			continue
		}
		for _, v := range n.elements(row, e.fromPos) {
			k, ok := e.key(v)
			if ok {
				k, ok = e.whole(k, row, true)
			}
			if ok {
				if e.counts == nil {
					e.counts = map[hash16]edgeCount{}
				}
				c := e.counts[k]
				c.rows++
				e.counts[k] = c
			}
		}
	}
}

// push hands a row's values to the edges that lead on. again: the row was here before and is
// now known to be the person's.
func (w *walk) push(n *node, h hash16, no uint32, row []source.Value, flags uint16, again bool) {
	waits := false
	for _, e := range n.out {
		free := e.Up || !e.Undirected
		if again && free {
			continue
		}
		if !free && flags&fOwned == 0 {
			waits = true
			continue
		}
		w.send(n, e, row, flags&fMatched != 0)
	}
	if waits {
		w.asked = append(w.asked, deferred{node: n, hash: h, no: no, row: encodeRow(row)})
	}
}

func (w *walk) send(n *node, e *edge, row []source.Value, matched bool) {
	for _, v := range n.elements(row, e.fromPos) {
		if e.fromKey {
			e.frontier = appendValue(e.frontier, v)
			continue
		}
		k, ok := e.key(v)
		if !ok {
			continue
		}
		if k, ok = e.whole(k, row, true); !ok {
			continue
		}
		if matched && e.Up {
			if e.seeded == nil {
				e.seeded = map[hash16]struct{}{}
			}
			e.seeded[k] = struct{}{}
		}
		if c := e.counts[k]; !c.sent {
			if c.sent = true; e.counts == nil {
				e.counts = map[hash16]edgeCount{}
			}
			e.counts[k] = c
			e.frontier = appendValue(e.frontier, v)
		}
	}
}

// keepWithin spills the largest bucket when all together outgrow their room.
func (w *walk) keepWithin() error {
	if w.found%256 != 0 {
		return nil
	}
	total, largest := 0, w.nodes[0]
	for _, n := range w.nodes {
		size := n.bucket.memory()
		total += size
		if size > largest.bucket.memory() {
			largest = n
		}
	}
	if total <= w.memory {
		return nil
	}
	return largest.bucket.flush(&w.spill)
}

func encodeRow(row []source.Value) []byte {
	var b []byte
	for _, v := range row {
		b = appendValue(b, v)
	}
	return b
}

func decodeRow(b []byte, width int) ([]source.Value, error) {
	row := make([]source.Value, width)
	for i := range row {
		var err error
		if row[i], b, err = readValue(b); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// report sums up.
func (w *walk) report() Report {
	r := Report{Findings: 0}
	for _, n := range w.sorted() {
		c := n.report
		sort.Strings(c.Unannotated)
		sort.Strings(c.Absent)
		r.Collections = append(r.Collections, c)
		r.Findings += c.Rows
		if c.Status == Failed || c.Status != Skipped && len(c.Absent) > 0 {
			r.Incomplete = true
		}
	}
	for _, s := range w.systems {
		if s.read.IsZero() {
			continue
		}
		if r.Read == nil {
			r.Read = map[string]time.Time{}
		}
		r.Read[s.Source.Name()] = s.read
	}
	return r
}

// paths writes the ways that led to rows of a node with these bits, each from its seed. A way
// that only comes back from what the row itself led to is left out.
func (n *node) paths(ways uint16, kinds seedSet) []string {
	var out []string
	if ways&waySeed != 0 {
		for _, id := range n.idents {
			if kinds[id.kind] != nil {
				out = append(out, n.name()+"."+n.fields[id.pos].name)
			}
		}
	}
	out = append(out, n.trails(ways, kinds, map[*node]bool{n: true})...)
	if len(out) == 0 {
		// Only from other rows of the same collection.
		out = n.trails(ways, kinds, map[*node]bool{})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// trails gives the shortest way over each of the edges that led here, around some nodes.
func (n *node) trails(ways uint16, kinds seedSet, around map[*node]bool) []string {
	var out []string
	for _, e := range n.in {
		if ways&e.way() == 0 {
			continue
		}
		seen := maps.Clone(around)
		seen[e.from] = true
		if t := trail(e, kinds, seen); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// trail gives the shortest way from a seed over an edge, or "".
func trail(e *edge, kinds seedSet, seen map[*node]bool) string {
	type step struct {
		n    *node
		text string // begins with a field of n
	}
	queue := []step{{e.from, e.from.name() + "." + e.FromField + arrow + e.path}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, id := range s.n.idents {
			if kinds[id.kind] != nil {
				return join(s.n.name()+"."+s.n.fields[id.pos].name, s.text)
			}
		}
		for _, in := range s.n.in {
			if !seen[in.from] {
				seen[in.from] = true
				queue = append(queue, step{in.from, in.from.name() + "." + in.FromField + arrow + join(in.path, s.text)})
			}
		}
	}
	return ""
}

const arrow = " > "

// join puts a field before a way that may begin with it already.
func join(head, text string) string {
	if strings.HasPrefix(text, head+arrow) {
		return text
	}
	return head + arrow + text
}

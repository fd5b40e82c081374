package engine

import (
	"mininfo/internal/source"
)

// deferred is a row that was reached by following a reference to it and that things without a
// direction hang on: a household with its members, an address with its orders.
type deferred struct {
	node *node
	hash hash16
	no   uint32
	row  []byte
}

// Bounds of the look ahead: what is larger than this hangs together with many people.
const (
	lookAtOnce = 200  // rows decided together
	lookAhead  = 4000 // rows read for such a decision
)

// goOn decides from which of the deferred rows the walk goes on, and tells whether from any.
func (w *walk) goOn() (bool, error) {
	list := w.asked
	w.asked = nil
	more := false
	for len(list) > 0 {
		n := min(len(list), lookAtOnce)
		went, err := w.decide(list[:n])
		if err != nil {
			return false, err
		}
		more = more || went
		list = list[n:]
	}
	return more, nil
}

// peek is a row that was only looked at: it is no finding yet.
type peek struct {
	n       *node
	hash    hash16 // of a row that is a finding, with its number
	no      uint32
	row     []source.Value
	parents []int
	foreign bool // shows another person, or was not looked at to the end
	up      bool
}

type lookout struct {
	w     *walk
	rows  []peek
	index map[hash16]int
	roots int
}

func (w *walk) decide(list []deferred) (bool, error) {
	l := &lookout{w: w, index: map[hash16]int{}}
	for _, d := range list {
		info := w.visited.info(d.no)
		if info.flags&(fOwned|fEvaluated) != 0 {
			continue
		}
		info.flags |= fEvaluated
		row, err := decodeRow(d.row, len(d.node.fields))
		if err != nil {
			return false, err
		}
		l.index[d.hash] = len(l.rows)
		l.rows = append(l.rows, peek{n: d.node, hash: d.hash, no: d.no, row: row, foreign: info.flags&fMismatch != 0})
	}
	l.roots = len(l.rows)
	if err := l.samePerson(); err != nil {
		return false, err
	}
	if err := l.look(); err != nil {
		return false, err
	}
	l.spread()
	return l.settle(), nil
}

// samePerson lets go of the doubt about a row with another identifier that a row with the
// person's own refers to and nothing else does: an account and its customer, under two spellings.
func (l *lookout) samePerson() error {
	for i := range l.rows {
		p := &l.rows[i]
		if !p.foreign {
			continue
		}
		same, err := l.w.oneToOne(p.n, p.row)
		if err != nil {
			return err
		}
		p.foreign = !same
	}
	return nil
}

// oneToOne tells whether exactly one row, the person's own and of another table, refers to this one.
func (w *walk) oneToOne(n *node, row []source.Value) (bool, error) {
	for _, e := range n.in {
		if !e.Up || e.from == n {
			continue
		}
		k, ok := e.key(row[e.toPos])
		if !ok {
			continue
		}
		if k, ok = e.whole(k, row, false); !ok {
			continue
		}
		if _, own := e.seeded[k]; !own {
			continue
		}
		total, err := w.total(e, k, row[e.toPos])
		if err != nil {
			return false, err
		}
		if total == 1 {
			return true, nil
		}
	}
	return false, nil
}

// total counts the rows of an edge's from node that refer by a value, want being its key.
func (w *walk) total(e *edge, want hash16, v source.Value) (int64, error) {
	var total int64
	err := w.countRows(e, []source.Value{v}, func(k hash16, rows int64) {
		if k == want {
			total += rows
		}
	})
	return total, err
}

// look reads what hangs on the rows, level by level, until nothing is new or the bound is met.
func (l *lookout) look() error {
	level := make([]int, 0, l.roots)
	for i := range l.rows {
		level = append(level, i)
	}
	for len(level) > 0 {
		next := len(l.rows)
		asked := map[*edge]map[hash16][]int{}
		chunks := map[*edge][]source.Value{}
		for _, i := range level {
			l.collect(i, asked, chunks)
		}
		for _, e := range l.w.edges {
			if len(chunks[e]) > 0 {
				if err := l.ask(e, chunks[e], asked[e]); err != nil {
					return err
				}
			}
		}
		level = level[:0]
		for i := next; i < len(l.rows); i++ {
			if !l.rows[i].foreign && !l.rows[i].up {
				level = append(level, i)
			}
		}
	}
	return nil
}

// collect notes the values that lead on from a row. From a root only the edges that waited.
func (l *lookout) collect(i int, asked map[*edge]map[hash16][]int, chunks map[*edge][]source.Value) {
	p := l.rows[i]
	if p.foreign {
		return
	}
	for _, e := range p.n.out {
		if i < l.roots && (e.Up || !e.Undirected) {
			continue
		}
		for _, v := range p.n.elements(p.row, e.fromPos) {
			k, ok := e.key(v)
			if !ok {
				continue
			}
			if k, ok = e.whole(k, p.row, true); !ok {
				continue
			}
			if asked[e] == nil {
				asked[e] = map[hash16][]int{}
			}
			if len(asked[e][k]) == 0 {
				chunks[e] = append(chunks[e], v)
			}
			asked[e][k] = append(asked[e][k], i)
		}
	}
}

func (l *lookout) ask(e *edge, chunk []source.Value, asked map[hash16][]int) error {
	room := lookAhead - (len(l.rows) - l.roots)
	seen := 0
	if room > 0 {
		err := e.to.find(l.w.ctx, e.match(chunk), room, func(row []source.Value, rowID source.Value) error {
			seen++
			l.meet(e, row, rowID, asked)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if seen >= room {
		for _, parents := range asked {
			for _, p := range parents {
				l.rows[p].foreign = true
			}
		}
	}
	return nil
}

// meet takes a row that the look ahead came to.
func (l *lookout) meet(e *edge, row []source.Value, rowID source.Value, asked map[hash16][]int) {
	var parents []int
	for _, v := range e.to.elements(row, e.toPos) {
		if k, ok := e.key(v); ok {
			if k, ok = e.whole(k, row, false); ok {
				parents = append(parents, asked[k]...)
			}
		}
	}
	if len(e.also) > 0 && len(parents) == 0 {
		return // one column agrees and another does not
	}
	h := e.to.rowHash(row, rowID)
	if at, known := l.index[h]; known {
		l.rows[at].parents = append(l.rows[at].parents, parents...)
		return
	}
	if info := l.w.visited.find(h); info != nil && info.flags&fOther == 0 {
		return
	}
	matched, mismatch, _ := l.w.identify(e.to, row)
	p := peek{n: e.to, row: source.CloneRow(row), parents: parents, up: e.Up}
	// In a table of people where the person has a row, every other row is somebody else's.
	p.foreign = mismatch || !matched && e.to.matchedRows > 0 && l.w.tellsPeople(e.to)
	l.index[h] = len(l.rows)
	l.rows = append(l.rows, p)
}

// tellsPeople tells whether identifiers of the given kinds stand in a node's rows.
func (w *walk) tellsPeople(n *node) bool {
	for _, id := range n.idents {
		if w.seeds[id.kind] != nil {
			return true
		}
	}
	return false
}

// spread carries the sign of another person back to where the look ahead began.
func (l *lookout) spread() {
	var queue []int
	for i, p := range l.rows {
		if p.foreign {
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, p := range l.rows[i].parents {
			if !l.rows[p].foreign {
				l.rows[p].foreign = true
				queue = append(queue, p)
			}
		}
	}
}

// settle lets the walk go on from the rows that showed nobody else.
func (l *lookout) settle() bool {
	went := false
	for _, p := range l.rows[:l.roots] {
		info := l.w.visited.info(p.no)
		if p.foreign {
			if info.flags&fMismatch != 0 {
				info.flags |= fOther
			}
			continue
		}
		l.w.own(p.n, p.row, info)
		l.w.push(p.n, p.hash, p.no, p.row, info.flags, true)
		went = true
	}
	return went
}

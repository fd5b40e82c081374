package engine

import "mininfo/internal/source"

// countRows asks how many rows of an edge's from node have each of the values, compared the way
// the edge compares, and gives them by what the whole edge compares.
func (w *walk) countRows(e *edge, list []source.Value, fn func(k hash16, rows int64)) error {
	n := e.from
	if n.table == nil || n.report.Status == Failed {
		return nil
	}
	at := n.fields[e.fromPos].at
	if e.rules != nil {
		var canonical []string
		for _, v := range list {
			if c, ok := e.rules.canonical(v.Text()); ok {
				canonical = append(canonical, c)
			}
		}
		return n.find(w.ctx, e.rules.match(at, canonical), 0, func(row []source.Value, _ source.Value) error {
			for _, v := range n.elements(row, e.fromPos) {
				if k, ok := e.key(v); ok {
					fn(k, 1)
				}
			}
			return nil
		})
	}
	if len(e.also) > 0 {
		match := &source.Match{Fields: []source.Field{at}}
		for _, v := range list {
			match.Tuples = append(match.Tuples, []source.Value{v})
		}
		match.Tuples = distinct(match.Tuples) // a source may be asked in several parts
		return n.find(w.ctx, match, 0, func(row []source.Value, _ source.Value) error {
			if k, ok := e.key(row[e.fromPos]); ok {
				if k, ok = e.whole(k, row, true); ok {
					fn(k, 1)
				}
			}
			return nil
		})
	}
	snap, err := n.sys.snapshot(w.ctx)
	if err == nil {
		err = snap.Count(w.ctx, n.table, at, list, func(v source.Value, rows int64) error {
			if k, ok := e.key(v); ok {
				fn(k, rows)
			}
			return nil
		})
	}
	return n.note(err)
}

// findSharing marks the findings that rows refer to which are not the person's (Art. 15(4)).
func (w *walk) findSharing() error {
	if err := w.doubts(); err != nil {
		return err
	}
	w.markOthers()
	for _, n := range w.nodes {
		if !n.checkShared || len(n.in) == 0 {
			continue
		}
		s := &sharing{walk: w, n: n, open: make([]map[hash16]question, len(n.in))}
		err := n.bucket.each(&w.spill, len(n.fields), s.look)
		if err != nil {
			return err
		}
		for i := range n.in {
			if err := s.answer(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// doubts decides about rows with another identifier that nothing undirected hangs on: they were
// not looked at before.
func (w *walk) doubts() error {
	for _, n := range w.nodes {
		if n.doubtful == 0 {
			continue
		}
		err := n.bucket.each(&w.spill, len(n.fields), func(no uint32, row []source.Value) error {
			info := w.visited.info(no)
			if info.flags&fMismatch == 0 || info.flags&(fOwned|fEvaluated) != 0 {
				return nil
			}
			same, err := w.oneToOne(n, row)
			if same {
				w.own(n, row, info)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// markOthers names the rows that are another person's own: reached by a reference to them, with
// an identifier that is not the person's.
func (w *walk) markOthers() {
	for _, infos := range w.visited.infos {
		for i := range infos {
			if f := &infos[i].flags; *f&fMismatch != 0 && *f&fOwned == 0 {
				*f |= fOther
			}
		}
	}
}

// question is a value that others may refer by, and the findings that have it.
type question struct {
	value source.Value
	rows  []uint32 // their numbers
}

type sharing struct {
	*walk
	n    *node
	open []map[hash16]question // by edge
}

// look finds the edges by which somebody else may refer to a finding.
func (s *sharing) look(no uint32, row []source.Value) error {
	info := s.visited.info(no)
	if info.flags&fMatched != 0 {
		return nil
	}
	if info.flags&fOther != 0 {
		info.flags |= fShared
	}
	for i, e := range s.n.in {
		for _, v := range s.n.elements(row, e.toPos) {
			if err := s.consider(i, e, v, row, no); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sharing) consider(i int, e *edge, v source.Value, row []source.Value, no uint32) error {
	if e.fromKey || e.fromWhole {
		k, ok := e.keyHash(v, row)
		if !ok {
			return nil
		}
		if from := s.visited.find(k); from != nil {
			if from.flags&fOther != 0 {
				s.visited.info(no).flags |= fShared
			}
			return nil
		}
	}
	k, ok := e.key(v)
	if !ok {
		return nil
	}
	if k, ok = e.whole(k, row, false); !ok {
		return nil
	}
	if s.open[i] == nil {
		s.open[i] = map[hash16]question{}
	}
	q := s.open[i][k]
	q.value, q.rows = v.Clone(), append(q.rows, no)
	s.open[i][k] = q
	if len(s.open[i]) >= askAtOnce {
		return s.answer(i)
	}
	return nil
}

// answer asks how many rows refer by the open values, and marks those that more rows refer to
// than there are findings among them.
func (s *sharing) answer(i int) error {
	open, e := s.open[i], s.n.in[i]
	s.open[i] = nil
	if len(open) == 0 {
		return nil
	}
	list := make([]source.Value, 0, len(open))
	for _, q := range open {
		list = append(list, q.value)
	}
	totals := map[hash16]int64{}
	err := s.countRows(e, list, func(k hash16, rows int64) { totals[k] += rows })
	if err != nil {
		return err
	}
	for k, q := range open {
		others := totals[k] - int64(e.counts[k].rows)
		if others <= 0 {
			continue
		}
		for _, no := range q.rows {
			s.visited.info(no).flags |= fShared
			s.shared[no] += int(others)
		}
	}
	return nil
}

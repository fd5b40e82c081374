package engine

import (
	"context"
	"unsafe"

	"mininfo/internal/source"
)

// Rows are read beside the walk: while it takes in what one question brought, others are asked
// already, of other systems or of a second view of the same moment.
const (
	questionsAtOnce = 4
	batches         = 8 // of rows on their way, all questions together
	batchRows       = 256
	batchText       = 32 << 10
)

// secondAfter is how many rows are read before a system is given a second connection: most persons
// have fewer, and opening one takes as long as reading some thousand.
var secondAfter = 4096

// asking is what is left of an edge's values.
type asking struct {
	e    *edge
	rest []byte
}

// next gives the values of the next question.
func (a *asking) next() ([]source.Value, error) {
	var chunk []source.Value
	for len(a.rest) > 0 && len(chunk) < askAtOnce {
		v, rest, err := readValue(a.rest)
		if err != nil {
			return nil, err
		}
		chunk, a.rest = append(chunk, v), rest
	}
	return chunk, nil
}

// inquiry is one question while it is answered.
type inquiry struct {
	e      *edge
	query  source.Query
	wanted map[hash16]struct{} // see edge.wanted
	view   *view
}

// rowBatch is some rows of an answer, with texts of their own.
type rowBatch struct {
	values []source.Value // row after row
	width  int            // of a row
	text   []byte
}

// news is what a reader tells: some rows, or that its question is answered.
type news struct {
	of   *inquiry
	rows *rowBatch
	done bool
	err  error
}

// reading is the questions of one level of the walk.
type reading struct {
	*walk
	ctx     context.Context
	level   []*asking
	free    chan *rowBatch // nil: to be made
	news    chan news
	running int
	rows    int
}

// read asks all questions of a level and takes in what they bring.
func (w *walk) read(level []*asking) error {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	r := &reading{walk: w, ctx: ctx, level: level, free: make(chan *rowBatch, batches), news: make(chan news, batches+questionsAtOnce)}
	for range batches {
		r.free <- nil
	}
	failed := r.start()
	if failed != nil {
		cancel()
	}
	for r.running > 0 {
		n := <-r.news
		if failed == nil && n.rows != nil {
			failed = r.takeIn(n)
		}
		if n.rows != nil {
			r.free <- n.rows
		}
		if n.done {
			r.running--
			n.of.view.busy = false
			if failed == nil {
				failed = r.finish(n)
			}
		}
		if failed == nil {
			failed = r.start()
		}
		if failed != nil {
			cancel() // nobody waits for what is still on its way
		}
	}
	return failed
}

// takeIn hands the rows of a batch to the walk.
func (r *reading) takeIn(n news) error {
	q, width := n.of, n.rows.width
	for values := n.rows.values; len(values) > 0; values = values[width:] {
		row, id := values[:width:width], source.Value{}
		if q.query.RowID {
			row, id = row[:width-1:width-1], row[width-1]
		}
		r.rows++
		if q.wanted != nil && !q.e.arrives(row, q.wanted) || !q.e.agrees(row) {
			q.e.to.report.Rejected++
			continue
		}
		if err := r.accept(q.e.to, row, id, q.e); err != nil {
			return err
		}
	}
	return nil
}

// finish notes how a question ended.
func (r *reading) finish(n news) error {
	to := n.of.e.to
	if n.err != nil {
		own, fatal := asSourceError(to.report.Source, n.err)
		if fatal != nil {
			return fatal
		}
		to.fail(own)
		n.of.view.close()
	}
	if r.opts.Progress != nil {
		r.opts.Progress(r.found)
	}
	return nil
}

// start asks whatever can be asked now.
func (r *reading) start() error {
	for _, a := range r.level {
		to := a.e.to
		for len(a.rest) > 0 && r.running < questionsAtOnce {
			if to.table == nil || to.report.Status == Failed {
				a.rest = nil
				break
			}
			v, err := to.sys.idle(r.ctx, r.rows >= secondAfter)
			if err != nil {
				// Another question of the system may still be on its way: its view stays open.
				own, fatal := asSourceError(to.report.Source, err)
				if fatal != nil {
					return fatal
				}
				to.fail(own)
				continue
			}
			if v == nil {
				break
			}
			chunk, err := a.next()
			if err != nil {
				return err
			}
			q := &inquiry{e: a.e, query: to.query(a.e.match(chunk), 0), wanted: a.e.wanted(chunk), view: v}
			v.busy = true
			r.running++
			go r.answer(q)
		}
	}
	return nil
}

// answer reads the rows that a question asks for. It runs beside the walk and touches nothing of it.
func (r *reading) answer(q *inquiry) {
	var b *rowBatch
	err := q.view.snap.Find(r.ctx, q.query, func(row []source.Value) error {
		if b != nil && !b.fits(row) {
			r.news <- news{of: q, rows: b}
			b = nil
		}
		if b == nil {
			select {
			case b = <-r.free:
			case <-r.ctx.Done():
				return context.Cause(r.ctx)
			}
			b = b.empty()
		}
		b.add(row)
		return nil
	})
	r.news <- news{of: q, rows: b, done: true, err: err}
}

// empty gives an empty batch; b may be nil.
func (b *rowBatch) empty() *rowBatch {
	if b == nil || cap(b.text) > batchText {
		return &rowBatch{text: make([]byte, 0, batchText)}
	}
	b.values, b.text = b.values[:0], b.text[:0]
	return b
}

func textOf(row []source.Value) int {
	n := 0
	for i := range row {
		n += len(row[i].Str)
	}
	return n
}

func (b *rowBatch) fits(row []source.Value) bool {
	return len(b.values) < batchRows*len(row) && len(b.text)+textOf(row) <= cap(b.text)
}

// add copies a row that fits, or the first one whatever its size.
func (b *rowBatch) add(row []source.Value) {
	if n := textOf(row); len(b.text)+n > cap(b.text) {
		b.text = make([]byte, 0, n)
	}
	b.width = len(row)
	for _, v := range row {
		if n := len(v.Str); n > 0 {
			at := len(b.text)
			b.text = append(b.text, v.Str...)
			v.Str = unsafe.String(&b.text[at], n) // the room was there: it never moves
		}
		b.values = append(b.values, v)
	}
}

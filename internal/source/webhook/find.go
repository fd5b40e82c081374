package webhook

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"mininfo/internal/source"
)

const (
	askAtOnce = 500     // tuples in one question
	maxPages  = 100_000 // of the answer to one
)

// snapshot is a view. All its questions bear the same moment, by which a system that can may hold
// still; one that cannot answers as things are.
type snapshot struct {
	*Source
	at string
}

// Snapshot begins a view. Nothing is asked yet.
func (s *Source) Snapshot(ctx context.Context) (source.Snapshot, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (s *Source) view(ctx context.Context) (*snapshot, error) {
	at, err := s.moment(ctx)
	return &snapshot{Source: s, at: at}, err
}

// Of is the moment that all questions of the view bear.
func (v *snapshot) Of() time.Time {
	at, err := time.Parse(time.RFC3339Nano, v.at)
	if err != nil {
		return time.Time{} // there was no clock
	}
	return at
}

// Close ends the view.
func (v *snapshot) Close() error { return nil }

type page struct {
	Rows [][]json.RawMessage `json:"rows"`
	Next string              `json:"next"`
}

var compares = map[source.Fold]string{source.Exact: "exact", source.FoldASCII: "ignore_case", source.FoldDigits: "digits"}

// Find asks for rows page by page, and holds each against the question: a system may deliver more
// than it was asked for.
func (v *snapshot) Find(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	if q.Table == nil {
		return v.fail(source.Missing, "")
	}
	fields := columnsOf(q)
	columns := make([]source.Column, len(fields))
	for i, name := range fields {
		c, ok := q.Table.Column(name)
		if !ok {
			return &source.Error{Source: v.name, Code: source.Missing, Table: q.Table.Name.Name}
		}
		columns[i] = *c
	}
	at, known := source.Places(columns, q.Fields)
	test, ok := q.Match.Test(columns)
	if !known || !ok {
		return &source.Error{Source: v.name, Code: source.Missing, Table: q.Table.Name.Name}
	}
	f := finding{v: v, ctx: ctx, q: q, fields: fields, columns: columns, at: at, test: test, fn: fn}
	if q.Match == nil {
		return f.ask(nil)
	}
	for rest := ordered(q.Match.Tuples); len(rest) > 0 && !f.enough(); {
		size := min(len(rest), askAtOnce)
		if err := f.ask(rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
	return nil
}

// ordered sorts what is looked for: a job that asks anew after a while asks the same question, in
// whatever order other systems gave what it looks for.
func ordered(tuples [][]source.Value) [][]source.Value {
	return slices.SortedFunc(slices.Values(tuples), func(a, b []source.Value) int {
		return slices.CompareFunc(a, b, func(x, y source.Value) int { return strings.Compare(x.Typed(), y.Typed()) })
	})
}

// columnsOf lists the columns that a question needs, each once.
func columnsOf(q source.Query) []string {
	var out []string
	seen := map[string]bool{}
	add := func(fields []source.Field) {
		for _, f := range fields {
			if !seen[f.Column] {
				seen[f.Column] = true
				out = append(out, f.Column)
			}
		}
	}
	add(q.Fields)
	if q.Match != nil {
		add(q.Match.Fields)
	}
	return out
}

// finding is the state of one question while it is answered.
type finding struct {
	v       *snapshot
	ctx     context.Context
	q       source.Query
	fields  []string
	columns []source.Column
	at      []int
	test    func(cell func(int) source.Value) bool
	fn      func(row []source.Value) error
	found   int
}

func (f *finding) enough() bool { return f.q.Limit > 0 && f.found >= f.q.Limit }

func (f *finding) ask(tuples [][]source.Value) error {
	ask := request{Type: "find", At: f.v.at, Table: f.q.Table.Name.Name, Fields: f.fields, Limit: f.q.Limit}
	if tuples != nil {
		ask.Where = &where{Compare: compares[f.q.Match.Fold], Values: tuples}
		for _, m := range f.q.Match.Fields {
			ask.Where.Fields = append(ask.Where.Fields, dotted(m))
		}
	}
	for range maxPages {
		var next string
		err := f.v.ask(f.ctx, ask, func(answer []byte) (err error) {
			next, err = f.page(answer)
			return err
		})
		if err != nil || next == "" || f.enough() {
			return err
		}
		if next == ask.Cursor {
			return f.v.fail(source.FailedSystem, StateAnswer)
		}
		ask.Cursor = next
	}
	return f.v.fail(source.FailedSystem, StateAnswer)
}

// page takes one page of rows and gives where the next one begins.
func (f *finding) page(answer []byte) (string, error) {
	var p page
	if err := strict(answer, &p); err != nil || p.Rows == nil {
		return "", f.v.fail(source.FailedSystem, StateAnswer)
	}
	for _, raw := range p.Rows {
		if err := f.take(raw); err != nil || f.enough() {
			return "", err
		}
	}
	return p.Next, nil
}

func (f *finding) take(raw []json.RawMessage) error {
	if len(raw) != len(f.columns) {
		return f.v.fail(source.FailedSystem, StateAnswer)
	}
	cells := make([]source.Value, len(raw))
	for i, r := range raw {
		v, ok := source.Cast(source.FromJSON(string(r)), f.columns[i].Class)
		if !ok {
			return f.v.fail(source.FailedSystem, StateAnswer)
		}
		cells[i] = v
	}
	cell := func(at int) source.Value { return cells[at] }
	if !f.test(cell) {
		return nil
	}
	row := make([]source.Value, len(f.at))
	for i, place := range f.at {
		row[i] = cell(place).At(f.q.Fields[i].Path)
	}
	f.found++
	return f.fn(row)
}

// dotted names a place inside a document.
func dotted(f source.Field) string {
	name := f.Column
	for _, p := range f.Path {
		name += "." + p
	}
	return name
}

// Count tells how many rows hold each of the values.
func (v *snapshot) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(v source.Value, rows int64) error) error {
	return source.CountFound(ctx, v, t, f, values, fn)
}

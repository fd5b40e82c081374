package webhook

import (
	"context"
	"encoding/json"

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
func (s *Source) Snapshot(context.Context) (source.Snapshot, error) { return s.view(), nil }

func (s *Source) view() *snapshot { return &snapshot{Source: s, at: s.moment()} }

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
	for rest := q.Match.Tuples; len(rest) > 0 && !f.enough(); {
		size := min(len(rest), askAtOnce)
		if err := f.ask(rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
	return nil
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
		answer, err := f.v.ask(f.ctx, ask)
		if err != nil {
			return err
		}
		var p page
		if err := strict(answer, &p); err != nil || p.Rows == nil {
			return f.v.fail(source.FailedSystem, StateAnswer)
		}
		for _, raw := range p.Rows {
			if err := f.take(raw); err != nil {
				return err
			}
			if f.enough() {
				return nil
			}
		}
		if p.Next == "" {
			return nil
		}
		if p.Next == ask.Cursor {
			return f.v.fail(source.FailedSystem, StateAnswer)
		}
		ask.Cursor = p.Next
	}
	return f.v.fail(source.FailedSystem, StateAnswer)
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

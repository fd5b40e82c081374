package source

import (
	"context"
	"strconv"
	"strings"
)

// What a system needs that compares nothing itself (files, logs, mailboxes): it reads rows and
// holds each against the question.

// Places gives for each field which of the columns it is; false: one of them is not there.
func Places(columns []Column, fields []Field) ([]int, bool) {
	out := make([]int, len(fields))
	for i, f := range fields {
		out[i] = -1
		for k := range columns {
			if columns[k].Name == f.Column {
				out[i] = k
			}
		}
		if out[i] < 0 {
			return nil, false
		}
	}
	return out, true
}

// Test makes the test that tells which rows are asked for. It gets a row as a function from the
// place of a column to the value there. A nil match asks for all. False: a field is no column.
func (m *Match) Test(columns []Column) (test func(cell func(at int) Value) bool, ok bool) {
	if m == nil {
		return func(func(int) Value) bool { return true }, true
	}
	which, ok := m.Which(columns)
	return func(cell func(int) Value) bool { return which(cell) >= 0 }, ok
}

// Which makes the test that tells by which tuple a row is asked for, -1 for none. Where tuples are
// equal, as those of rows without a key may be, equal rows get them in turn. False: a field is no
// column.
func (m *Match) Which(columns []Column) (which func(cell func(at int) Value) int, ok bool) {
	at, ok := Places(columns, m.Fields)
	if !ok {
		return nil, false
	}
	wanted := m.keys(columns, at)
	values := make([]Value, len(at))
	return func(cell func(int) Value) int {
		for i, place := range at {
			values[i] = cell(place).At(m.Fields[i].Path)
		}
		if len(at) != 1 || !m.Fields[0].List && columns[at[0]].Class != ClassArray {
			return wanted.take(m.key(values))
		}
		for _, element := range values[0].Elements() {
			if tuple := wanted.take(m.key([]Value{element})); tuple >= 0 {
				return tuple
			}
		}
		return -1
	}, true
}

// tuples are what is asked for, by what is compared.
type tuples struct {
	last map[string]int // the tuple that was taken last
	next []int          // a ring of those that are equal
}

// take gives the tuple with a key, the next one each time.
func (t *tuples) take(key string, ok bool) int {
	last, is := t.last[key]
	if !ok || !is {
		return -1
	}
	if t.next[last] != last {
		t.last[key] = t.next[last]
	}
	return t.next[last]
}

// keys brings the values that are asked for to the columns' types. What does not fit equals nothing.
func (m *Match) keys(columns []Column, at []int) *tuples {
	out := &tuples{last: make(map[string]int, len(m.Tuples)), next: make([]int, len(m.Tuples))}
	cast := make([]Value, len(at))
	for which, tuple := range m.Tuples {
		fits := true
		for i, v := range tuple {
			class := columns[at[i]].Class
			if class == ClassArray || class == ClassJSON {
				class = ClassText
			}
			var ok bool
			cast[i], ok = Cast(v, class)
			fits = fits && ok
		}
		key, ok := m.key(cast)
		if !ok || !fits {
			continue
		}
		out.next[which] = which
		if last, again := out.last[key]; again {
			out.next[which], out.next[last] = out.next[last], which
		}
		out.last[key] = which
	}
	return out
}

// key gives the text by which values are compared. False: null, which nothing is equal to.
func (m *Match) key(values []Value) (string, bool) {
	if len(values) == 1 && !values[0].IsNull() {
		return m.Fold.Of(values[0].Text()), true
	}
	var b strings.Builder
	for _, v := range values {
		if v.IsNull() {
			if !m.NullSafe {
				return "", false
			}
			b.WriteString("-,")
			continue
		}
		text := m.Fold.Of(v.Text())
		b.WriteString(strconv.Itoa(len(text)) + ":" + text)
	}
	return b.String(), true
}

// Of brings a text to the form that is compared.
func (f Fold) Of(s string) string {
	switch f {
	case FoldASCII:
		return strings.Map(func(r rune) rune {
			if r >= 'A' && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, s)
	case FoldDigits:
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	return s
}

// CountFound is Snapshot.Count for a system that can only find.
func CountFound(ctx context.Context, s Snapshot, t *Table, f Field, values []Value, fn func(v Value, rows int64) error) error {
	m := &Match{Fields: []Field{f}}
	asked := map[string]bool{}
	for _, v := range values {
		m.Tuples = append(m.Tuples, []Value{v})
		asked[v.Text()] = true
	}
	counts := map[string]int64{}
	var order []Value
	err := s.Find(ctx, Query{Table: t, Fields: m.Fields, Match: m}, func(row []Value) error {
		list := row
		if row[0].Kind == JSON {
			list = row[0].Elements()
		}
		for _, v := range list {
			key := v.Text()
			if !asked[key] {
				continue
			}
			if counts[key] == 0 {
				v = v.Clone()
				key = v.Text()
				order = append(order, v)
			}
			counts[key]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range order {
		if err := fn(v, counts[v.Text()]); err != nil {
			return err
		}
	}
	return nil
}

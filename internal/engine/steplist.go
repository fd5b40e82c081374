package engine

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"mininfo/internal/source"
)

// writeAtOnce is how many rows one statement is told of: so many that a database can weigh reading
// a table once against looking for each row, and few enough to be held in memory.
const writeAtOnce = 500_000

// stepList keeps the steps of a node that do the same with the same columns, one after the other,
// in a compact form: a plan may be long, and is gone through several times.
type stepList struct {
	action  Action
	columns []ColumnChange // as the first step changes them
	width   int            // values of a key
	steps   int
	parts   [][]byte
}

const stepPart = 256 << 10

func newStepList(s *Step) *stepList {
	return &stepList{action: s.Action, width: len(s.Key), columns: slices.Clone(s.Columns)}
}

// alike tells whether a step belongs in the list.
func (l *stepList) alike(s *Step) bool {
	return l.action == s.Action && slices.EqualFunc(l.columns, s.Columns, func(a, b ColumnChange) bool {
		return a.Name == b.Name && a.Random == b.Random && a.Suffix == b.Suffix
	})
}

// shapeOf names the columns that a step changes, and how random values are made: steps of one
// shape share a statement.
func shapeOf(s *Step) string {
	var b strings.Builder
	for _, c := range s.Columns {
		b.WriteString(strconv.Quote(c.Name) + strconv.Itoa(c.Random) + strconv.Quote(c.Suffix))
	}
	return b.String()
}

// add puts a step at the end: its key, new values where they are not those of the first step, and
// the digest of what was seen.
func (l *stepList) add(s *Step) {
	if n := len(l.parts); n == 0 || len(l.parts[n-1]) > stepPart {
		l.parts = append(l.parts, nil)
	}
	part := &l.parts[len(l.parts)-1]
	b := *part
	for _, k := range s.Key {
		b = appendValue(b, k.Value)
	}
	if slices.EqualFunc(l.columns, s.Columns, func(a, b ColumnChange) bool { return a.Value.Equal(b.Value) }) {
		b = append(b, 0)
	} else {
		b = append(b, 1)
		for _, c := range s.Columns {
			b = appendValue(b, c.Value)
		}
	}
	b = append(b, byte(len(s.Seen)))
	*part = append(b, s.Seen...)
	l.steps++
}

// batch is a chunk of a node's steps. What it holds is valid until the next one is read.
type batch struct {
	list   *stepList // of the last step
	keys   [][]source.Value
	seen   [][]byte
	values [][]source.Value // up to the last step whose new values are not those of its list; nil for others
	last   []byte           // the last key, as it is stored
	room   []source.Value
}

// own gives the new values of a step where they are not those of its list.
func (b *batch) own(step int) []source.Value {
	if step < len(b.values) {
		return b.values[step]
	}
	return nil
}

// value gives the new value of one column in one step.
func (b *batch) value(step, column int) source.Value {
	if own := b.own(step); own != nil {
		return own[column]
	}
	return b.list.columns[column].Value
}

// outcomes gives the steps of a batch out of one list.
func (b *batch) outcomes() []outcome {
	out := make([]outcome, len(b.keys))
	for i, key := range b.keys {
		out[i] = outcome{action: b.list.action, key: key, columns: b.list.columns, seen: b.seen[i]}
		if own := b.own(i); own != nil {
			out[i].columns = slices.Clone(b.list.columns)
			for k := range own {
				out[i].columns[k].Value = own[k]
			}
		}
	}
	return out
}

// without leaves out the steps of some rows, and tells how many are left.
func (b *batch) without(done func(key []source.Value) bool) int {
	left := 0
	for i, key := range b.keys {
		if !done(key) {
			b.keys[left], b.seen[left] = key, b.seen[i]
			if left < len(b.values) {
				b.values[left] = b.own(i)
			}
			left++
		}
	}
	b.keys, b.seen, b.values = b.keys[:left], b.seen[:left], b.values[:min(left, len(b.values))]
	return left
}

// next reads one step of the list and gives what follows it.
func (b *batch) next(rest []byte) ([]byte, error) {
	first := rest
	key, rest, err := b.read(b.list.width, rest)
	if err != nil || len(rest) == 0 {
		return nil, errCorrupt
	}
	b.last = first[:len(first)-len(rest)]
	differs := rest[0] != 0
	if rest = rest[1:]; differs {
		var own []source.Value
		if own, rest, err = b.read(len(b.list.columns), rest); err != nil {
			return nil, err
		}
		for len(b.values) < len(b.keys) {
			b.values = append(b.values, nil)
		}
		b.values = append(b.values, own)
	}
	if len(rest) == 0 || len(rest) < 1+int(rest[0]) {
		return nil, errCorrupt
	}
	end := 1 + int(rest[0])
	b.keys, b.seen = append(b.keys, key), append(b.seen, rest[1:end])
	return rest[end:], nil
}

// read reads some values.
func (b *batch) read(n int, rest []byte) ([]source.Value, []byte, error) {
	at := len(b.room)
	for range n {
		v, after, err := readValue(rest)
		if err != nil {
			return nil, nil, err
		}
		b.room, rest = append(b.room, v), after
	}
	return b.room[at:len(b.room):len(b.room)], rest, nil
}

// eachBatch gives the steps of lists in batches. Rows without a key of their own may be equal, and
// equal ones, which stand one after the other, stay together.
func eachBatch(lists []*stepList, size int, unique bool, fn func(*batch) error) error {
	left := 0
	for _, l := range lists {
		left += l.steps
	}
	if left == 0 {
		return nil
	}
	room := min(size, left)
	b := &batch{keys: make([][]source.Value, 0, room), seen: make([][]byte, 0, room),
		room: make([]source.Value, 0, room*lists[0].width)}
	flush := func() error {
		err := fn(b)
		b.keys, b.seen, b.values, b.room = b.keys[:0], b.seen[:0], b.values[:0], b.room[:0]
		return err
	}
	for _, b.list = range lists {
		for _, rest := range b.list.parts {
			for len(rest) > 0 {
				if len(b.keys) >= size && (unique || !bytes.HasPrefix(rest, b.last)) {
					if err := flush(); err != nil {
						return err
					}
				}
				var err error
				if rest, err = b.next(rest); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// places finds the step of a batch that a row belongs to, the first one where rows are equal. Rows
// with a key often come in the order of the steps, and are not looked for then; else they are by a
// table of their own, since their names are evenly spread already.
type places struct {
	names  []hash16
	slots  []int32 // step + 1; 0: free
	unique bool
	next   int // the step that the next row likely has
}

// index makes the table.
func (p *places) index() {
	size := 1
	for size < 2*len(p.names) {
		size *= 2
	}
	p.slots = make([]int32, size)
	for i, name := range p.names {
		if s := p.slot(name); *s == 0 {
			*s = int32(i) + 1
		}
	}
}

// slot gives where a name stands, or would.
func (p *places) slot(name hash16) *int32 {
	last := uint64(len(p.slots) - 1)
	for at := binary.LittleEndian.Uint64(name[:]) & last; ; at = (at + 1) & last {
		if step := p.slots[at]; step == 0 || p.names[step-1] == name {
			return &p.slots[at]
		}
	}
}

// find gives the step of a name, -1: there is none.
func (p *places) find(name hash16) int {
	if !p.unique || p.next >= len(p.names) || p.names[p.next] != name {
		if p.slots == nil {
			p.index()
		}
		p.next = int(*p.slot(name)) - 1
	}
	p.next++
	return p.next - 1
}

package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unsafe"

	"golang.org/x/mod/sumdb/tlog"

	"mininfo/internal/source"
)

// The stored form of a step: one line of JSON, always the same bytes for the same step.
type wireColumn struct {
	Name     string `json:"n"`
	Strategy string `json:"st"`
	Value    string `json:"v,omitempty"`
	Random   int    `json:"r,omitempty"`
	Suffix   string `json:"sx,omitempty"`
}

type wireStep struct {
	Source          string       `json:"source"`
	Dataset         string       `json:"dataset"`
	Collection      string       `json:"collection"`
	Key             []wireKey    `json:"key"`
	Action          Action       `json:"action"`
	Columns         []wireColumn `json:"columns,omitempty"`
	Kept            []string     `json:"kept,omitempty"`
	Reason          string       `json:"reason,omitempty"`
	Article         string       `json:"article,omitempty"`
	Until           string       `json:"until,omitempty"`
	RegisterVersion int          `json:"register,omitempty"`
	Seen            []byte       `json:"seen,omitempty"`
	Trace           []byte       `json:"trace,omitempty"`
}

// appendStep writes a step as the plan's digest is made of it. The order of the keys is fixed, and
// what is empty is left out.
func appendStep(b []byte, s *Step) []byte {
	b = appendPair(append(b, '{'), "source", s.Source)
	b = appendPair(append(b, ','), "dataset", s.Dataset)
	b = appendPair(append(b, ','), "collection", s.Collection)
	b = append(b, `,"key":[`...)
	for i, k := range s.Key {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPair(append(b, '{'), "c", k.Column)
		b = append(appendPair(append(b, ','), "v", k.Value.Typed()), '}')
	}
	b = appendPair(append(b, ']', ','), "action", string(s.Action))
	if len(s.Columns) > 0 {
		b = append(b, `,"columns":[`...)
		for i, c := range s.Columns {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendColumn(b, c)
		}
		b = append(b, ']')
	}
	if len(s.Kept) > 0 {
		b = append(b, `,"kept":[`...)
		for i, name := range s.Kept {
			if i > 0 {
				b = append(b, ',')
			}
			b = source.AppendJSONString(b, name)
		}
		b = append(b, ']')
	}
	for _, each := range [][2]string{{"reason", s.Reason}, {"article", s.Article}, {"until", s.Until}} {
		if each[1] != "" {
			b = appendPair(append(b, ','), each[0], each[1])
		}
	}
	if s.RegisterVersion != 0 {
		b = strconv.AppendInt(append(b, `,"register":`...), int64(s.RegisterVersion), 10)
	}
	if len(s.Seen) > 0 {
		b = append(base64.StdEncoding.AppendEncode(append(b, `,"seen":"`...), s.Seen), '"')
	}
	return append(b, '}', '\n')
}

// appendTrace adds what a ledger wants to know to the line of a step.
func appendTrace(b []byte, s *Step) []byte {
	if len(s.Trace) == 0 {
		return b
	}
	b = append(bytes.TrimSuffix(b, []byte("}\n")), `,"trace":"`...)
	return append(base64.StdEncoding.AppendEncode(b, s.Trace), "\"}\n"...)
}

func appendPair(b []byte, name, value string) []byte {
	b = append(append(append(b, '"'), name...), `":`...)
	return source.AppendJSONString(b, value)
}

func appendColumn(b []byte, c ColumnChange) []byte {
	b = appendPair(append(b, '{'), "n", c.Name)
	b = appendPair(append(b, ','), "st", c.Strategy)
	if c.Random == 0 {
		b = appendPair(append(b, ','), "v", c.Value.Typed())
	} else {
		b = strconv.AppendInt(append(b, `,"r":`...), int64(c.Random), 10)
	}
	if c.Suffix != "" {
		b = appendPair(append(b, ','), "sx", c.Suffix)
	}
	return append(b, '}')
}

// stepReader reads the fixed form that appendStep writes. What it does not know it leaves to the
// general reader. Names, which are the same in most lines, are made once.
type stepReader struct {
	rest  []byte
	bad   bool
	names []string // of the last line, in their order
	at    int
	step  Step // the one that read gives
}

func (l *stepReader) literal(text string) bool {
	if len(l.rest) >= len(text) && string(l.rest[:len(text)]) == text {
		l.rest = l.rest[len(text):]
		return true
	}
	return false
}

func (l *stepReader) expect(text string) { l.bad = !l.literal(text) || l.bad }

// text reads a text without escapes. It lies in the line.
func (l *stepReader) text() []byte {
	if len(l.rest) > 0 && l.rest[0] == '"' {
		if end := bytes.IndexByte(l.rest[1:], '"'); end >= 0 {
			text := l.rest[1 : 1+end]
			l.rest = l.rest[end+2:]
			l.bad = l.bad || bytes.IndexByte(text, '\\') >= 0
			return text
		}
	}
	l.bad = true
	return nil
}

// name reads a text that is likely the same as in the line before.
func (l *stepReader) name() string {
	text := l.text()
	if l.at == len(l.names) {
		l.names = append(l.names, string(text))
	} else if l.names[l.at] != string(text) {
		l.names[l.at] = string(text)
	}
	l.at++
	return l.names[l.at-1]
}

// value reads a stored value.
func (l *stepReader) value() source.Value {
	text := l.text()
	v, err := source.ParseTyped(unsafe.String(unsafe.SliceData(text), len(text)))
	l.bad = l.bad || err != nil
	return v.Clone()
}

// number reads a whole number.
func (l *stepReader) number() int {
	end := 0
	for end < len(l.rest) && l.rest[end] >= '0' && l.rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(l.rest[:end]))
	l.rest, l.bad = l.rest[end:], l.bad || err != nil
	return n
}

// column reads one change of a field.
func (l *stepReader) column() ColumnChange {
	var c ColumnChange
	l.expect(`{"n":`)
	c.Name = l.name()
	l.expect(`,"st":`)
	c.Strategy = l.name()
	if l.literal(`,"r":`) {
		c.Random = l.number()
	} else {
		l.expect(`,"v":`)
		c.Value = l.value()
	}
	if l.literal(`,"sx":`) {
		c.Suffix = l.name()
	}
	l.expect("}")
	return c
}

// plain reads a line without escapes, as most of them are. The step is valid until the next line.
func (l *stepReader) plain(line []byte) bool {
	l.rest, l.bad, l.at = bytes.TrimSuffix(line, []byte("\n")), false, 0
	s := &l.step
	*s = Step{Key: s.Key[:0], Columns: s.Columns[:0], Kept: s.Kept[:0], Seen: s.Seen[:0], Trace: s.Trace[:0]}
	l.expect(`{"source":`)
	s.Source = l.name()
	l.expect(`,"dataset":`)
	s.Dataset = l.name()
	l.expect(`,"collection":`)
	s.Collection = l.name()
	l.expect(`,"key":[`)
	for more := true; more && !l.bad; more = l.literal(",") {
		l.expect(`{"c":`)
		name := l.name()
		l.expect(`,"v":`)
		s.Key = append(s.Key, KeyPart{Column: name, Value: l.value()})
		l.expect("}")
	}
	l.expect(`],"action":`)
	s.Action = Action(l.name())
	if !l.bad && l.literal(`,"columns":[`) {
		for more := true; more && !l.bad; more = l.literal(",") {
			s.Columns = append(s.Columns, l.column())
		}
		l.expect("]")
	}
	if !l.bad && l.literal(`,"kept":[`) {
		for more := true; more && !l.bad; more = l.literal(",") {
			s.Kept = append(s.Kept, l.name())
		}
		l.expect("]")
	}
	for _, each := range []struct {
		name string
		to   *string
	}{{`,"reason":`, &s.Reason}, {`,"article":`, &s.Article}, {`,"until":`, &s.Until}} {
		if !l.bad && l.literal(each.name) {
			*each.to = l.name()
		}
	}
	if !l.bad && l.literal(`,"register":`) {
		s.RegisterVersion = l.number()
	}
	if !l.bad && l.literal(`,"seen":`) {
		var err error
		s.Seen, err = base64.StdEncoding.AppendDecode(s.Seen, l.text())
		l.bad = l.bad || err != nil
	}
	if !l.bad && l.literal(`,"trace":`) {
		var err error
		s.Trace, err = base64.StdEncoding.AppendDecode(s.Trace, l.text())
		l.bad = l.bad || err != nil
	}
	return !l.bad && string(l.rest) == "}"
}

// read reads a line. The step is valid until the next line is read.
func (l *stepReader) read(line []byte) (*Step, error) {
	if l.plain(line) {
		return &l.step, nil
	}
	return anyStep(line)
}

// clone makes a copy that stays valid.
func (s *Step) clone() *Step {
	c := *s
	c.Key, c.Columns = append([]KeyPart(nil), s.Key...), append([]ColumnChange(nil), s.Columns...)
	c.Kept, c.Seen, c.Trace = append([]string(nil), s.Kept...), append([]byte(nil), s.Seen...), append([]byte(nil), s.Trace...)
	return &c
}

// anyStep reads a line in whatever form of JSON it is.
func anyStep(line []byte) (*Step, error) {
	var in wireStep
	if json.Unmarshal(line, &in) != nil {
		return nil, errStored
	}
	s := &Step{Source: in.Source, Dataset: in.Dataset, Collection: in.Collection, Action: in.Action, Kept: in.Kept,
		Reason: in.Reason, Article: in.Article, Until: in.Until, RegisterVersion: in.RegisterVersion, Seen: in.Seen, Trace: in.Trace}
	var err error
	if s.Key, err = readKeys(in.Key); err != nil {
		return nil, errStored
	}
	for _, w := range in.Columns {
		c := ColumnChange{Name: w.Name, Strategy: w.Strategy, Random: w.Random, Suffix: w.Suffix}
		if w.Random == 0 {
			if c.Value, err = source.ParseTyped(w.Value); err != nil {
				return nil, errStored
			}
		}
		s.Columns = append(s.Columns, c)
	}
	return s, nil
}

// merkle computes the tree head of RFC 6962 over leaves that come one by one: it keeps one hash
// for each complete subtree.
type merkle struct {
	peaks []tlog.Hash
	sizes []int
	count int
}

func (m *merkle) add(leaf []byte) {
	h, size := tlog.RecordHash(leaf), 1
	for len(m.sizes) > 0 && m.sizes[len(m.sizes)-1] == size {
		last := len(m.peaks) - 1
		h, size = tlog.NodeHash(m.peaks[last], h), size*2
		m.peaks, m.sizes = m.peaks[:last], m.sizes[:last]
	}
	m.peaks, m.sizes = append(m.peaks, h), append(m.sizes, size)
	m.count++
}

func (m *merkle) root() string {
	if m.count == 0 {
		empty := sha256.Sum256(nil)
		return hex.EncodeToString(empty[:])
	}
	h := m.peaks[len(m.peaks)-1]
	for i := len(m.peaks) - 2; i >= 0; i-- {
		h = tlog.NodeHash(m.peaks[i], h)
	}
	return hex.EncodeToString(h[:])
}

// PlanWriter writes a plan as NDJSON and computes its digest on the way.
type PlanWriter struct {
	w       *bufio.Writer
	tree    merkle
	summary PlanSummary
	reasons map[ReasonCount]int // without the number: place in the summary
	buf     []byte
}

// NewPlanWriter starts a plan. Steps come in the order that the planners give them.
func NewPlanWriter(w io.Writer) *PlanWriter {
	return &PlanWriter{w: bufio.NewWriterSize(w, 64<<10), reasons: map[ReasonCount]int{},
		summary: PlanSummary{Counts: Counts{}, Collections: []CollectionCount{}, Reasons: []ReasonCount{}}}
}

// Write adds a step.
func (p *PlanWriter) Write(s *Step) error {
	p.buf = appendStep(p.buf[:0], s)
	p.tally(s, bytes.TrimSuffix(p.buf, []byte("\n")))
	p.buf = appendTrace(p.buf, s)
	if _, err := p.w.Write(p.buf); err != nil {
		return fmt.Errorf("writing a plan: %w", err)
	}
	return nil
}

func (p *PlanWriter) tally(s *Step, line []byte) {
	p.tree.add(line)
	p.summary.Steps++
	p.summary.Counts[s.Action]++
	list := p.summary.Collections
	if n := len(list); n == 0 || list[n-1].Source != s.Source || list[n-1].Dataset != s.Dataset || list[n-1].Collection != s.Collection {
		p.summary.Collections = append(list, CollectionCount{Source: s.Source, Dataset: s.Dataset, Collection: s.Collection, Counts: Counts{}})
	}
	p.summary.Collections[len(p.summary.Collections)-1].Counts[s.Action]++
	why := ReasonCount{Action: s.Action, Reason: s.Reason, Article: s.Article, Until: s.Until}
	at, known := p.reasons[why]
	if !known {
		at = len(p.summary.Reasons)
		p.reasons[why] = at
		p.summary.Reasons = append(p.summary.Reasons, why)
	}
	p.summary.Reasons[at].Steps++
}

// Close writes what is buffered and gives the digest and the counts.
func (p *PlanWriter) Close() (PlanSummary, error) {
	p.summary.Digest = p.tree.root()
	return p.summary, p.w.Flush()
}

// ReadPlan reads what a PlanWriter wrote. The step stays valid.
func ReadPlan(r io.Reader, fn func(*Step) error) error {
	var l stepReader
	return eachLine(r, func(line []byte) error {
		s, err := l.read(line)
		if err != nil {
			return err
		}
		return fn(s.clone())
	})
}

// PlanDigest computes digest and counts of a stored plan anew.
func PlanDigest(r io.Reader) (PlanSummary, error) {
	p := NewPlanWriter(io.Discard)
	var l stepReader
	err := eachLine(r, func(line []byte) error {
		s, err := l.read(line)
		if err == nil && len(s.Trace) > 0 {
			p.buf = appendStep(p.buf[:0], s)
			line = p.buf
		}
		if err == nil {
			p.tally(s, bytes.TrimSuffix(line, []byte("\n")))
		}
		return err
	})
	if err != nil {
		return PlanSummary{}, err
	}
	return p.Close()
}

// Steps can be gone through again and again. A step stays valid.
type Steps interface {
	Each(ctx context.Context, fn func(*Step) error) error
}

type stepsFunc func() (io.ReadCloser, error)

// StepsFunc gives the steps of a stored plan. open starts from the beginning.
func StepsFunc(open func() (io.ReadCloser, error)) Steps { return stepsFunc(open) }

func (open stepsFunc) Each(ctx context.Context, fn func(*Step) error) error {
	return open.lines(ctx, nil, func(s *Step) error { return fn(s.clone()) })
}

// lines reads the steps whose line begins with a prefix. A step is valid until fn returns.
func (open stepsFunc) lines(ctx context.Context, prefix []byte, fn func(*Step) error) error {
	r, err := open()
	if err != nil {
		return fmt.Errorf("opening a stored plan: %w", err)
	}
	defer r.Close()
	var l stepReader
	return eachLine(r, func(line []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !bytes.HasPrefix(line, prefix) {
			return nil
		}
		s, err := l.read(line)
		if err != nil {
			return err
		}
		return fn(s)
	})
}

// stepsFrom gives the steps of one source, stepsOf those of one of its nodes. A stored plan is not
// decoded for the others. A step is valid until fn returns.
func stepsFrom(ctx context.Context, plan Steps, src string, fn func(*Step) error) error {
	return some(ctx, plan, &Step{Source: src}, `"dataset"`, func(s *Step) error {
		if s.Source != src {
			return nil
		}
		return fn(s)
	})
}

func stepsOf(ctx context.Context, plan Steps, n *node, fn func(*Step) error) error {
	of := &Step{Source: n.report.Source, Dataset: n.report.Dataset, Collection: n.report.Collection}
	return some(ctx, plan, of, `"key"`, func(s *Step) error {
		if s.Source != of.Source || s.Dataset != of.Dataset || s.Collection != of.Collection {
			return nil
		}
		return fn(s)
	})
}

// some gives the steps that are stored like another one up to a name, or more.
func some(ctx context.Context, plan Steps, like *Step, upTo string, fn func(*Step) error) error {
	stored, ok := plan.(stepsFunc)
	if !ok {
		return plan.Each(ctx, fn)
	}
	head := appendStep(nil, like)
	return stored.lines(ctx, head[:bytes.Index(head, []byte(upTo))], fn)
}

// Errors of plans.
var (
	// ErrUnknownCollection: a finding or step of a collection that no connected dataset has.
	ErrUnknownCollection = errors.New("a stored row belongs to a collection that is not connected")
	// ErrCeiling: more rows of a source would change than allowed.
	ErrCeiling = errors.New("the plan changes more rows than the ceiling allows")
	// ErrEffects: triggers or cascades changed rows that are not in the plan.
	ErrEffects = errors.New("the database would change rows that are not in the plan")
)

// node finds the node of a stored row.
func (m *model) node(src, ds, collection string) (*node, error) {
	for _, n := range m.nodes {
		if n.report.Source == src && n.report.Dataset == ds && n.report.Collection == collection {
			if n.table == nil {
				return nil, &source.Error{Source: src, Code: first2(n.report.Code, source.Missing), State: n.report.State}
			}
			return n, nil
		}
	}
	return nil, ErrUnknownCollection
}

func first2(a, b source.Code) source.Code {
	if a != "" {
		return a
	}
	return b
}

// keyOf names a row by the stored key.
func keyOf(n *node, key []KeyPart) hash16 {
	b := append(make([]byte, 0, 64), byte(n.index), byte(n.index>>8))
	for _, k := range key {
		b = appendValue(b, k.Value)
	}
	return hashOf(b)
}

// tupleKey names a row by the values of its key, by the same name as keyOf.
func (n *node) tupleKey(key []source.Value) hash16 {
	b := append(make([]byte, 0, 64), byte(n.index), byte(n.index>>8))
	for _, v := range key {
		b = appendValue(b, v)
	}
	return hashOf(b)
}

// rowKey names a row that was read by the same name as keyOf.
func (n *node) rowKey(row []source.Value) hash16 {
	b := append(make([]byte, 0, 64), byte(n.index), byte(n.index>>8))
	for _, k := range n.key {
		b = appendValue(b, row[k])
	}
	return hashOf(b)
}

// keyFields gives the fields that name rows of a node.
func (n *node) keyFields() []source.Field {
	out := make([]source.Field, len(n.key))
	for i, k := range n.key {
		out[i] = n.fields[k].at
	}
	return out
}

// keyMatch makes the condition for rows with these keys.
func (n *node) keyMatch(tuples [][]source.Value) source.Match {
	return source.Match{Fields: n.keyFields(), Tuples: tuples, NullSafe: !n.hasKey}
}

func tupleOf(key []KeyPart) []source.Value {
	out := make([]source.Value, len(key))
	for i, k := range key {
		out[i] = k.Value
	}
	return out
}

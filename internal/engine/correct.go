package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	"mininfo/internal/source"
)

// Correction is one wrong field and what should stand there (Art. 16).
type Correction struct {
	Source     string // "" where only one source has the collection
	Collection string // as CollectJSON writes it, or "dataset.collection"
	Field      string
	Key        []KeyPart // only this row; empty: every row of the person's
	Old        *string   // only rows that hold this now
	New        string    // as text, cast to the column's type
	Null       bool      // make it empty
}

// String keeps the values out of logs.
func (c Correction) String() string { return c.Collection + "." + c.Field + "=***" }

// GoString keeps the values out of %#v.
func (c Correction) GoString() string { return c.String() }

// PlanCorrect makes the steps of a rectification. Only rows that are the person's and nobody
// else's are touched, and only where the value differs.
func PlanCorrect(ctx context.Context, connected []Connected, findings Findings, sets []Correction, opts PlanOptions, sink func(*Step) error) ([]Problem, error) {
	m, err := newModel(ctx, connected, Options{})
	if err != nil {
		return nil, err
	}
	defer m.close()
	c := &correction{model: m, names: collectionNames(connected), sets: map[*node][]bound{}}
	for i := range sets {
		c.bind(&sets[i])
	}
	if len(c.problems.list) > 0 {
		return c.problems.list, nil
	}
	err = findings.Each(ctx, func(f *Finding) error { return c.step(f, sink) })
	for _, n := range c.nodes {
		for _, b := range c.sets[n] {
			if b.rows == 0 {
				c.none(n, b)
			}
		}
	}
	return c.problems.list, err
}

// bound is a correction with the field it is about.
type bound struct {
	*Correction
	at    int
	value source.Value
	rows  int
}

type correction struct {
	*model
	names    map[[3]string]string
	sets     map[*node][]bound
	problems problemList
}

// bind finds the collection and field, and casts the value.
func (c *correction) bind(s *Correction) {
	var found []*node
	for _, n := range c.nodes {
		name := c.names[[3]string{n.report.Source, n.report.Dataset, n.report.Collection}]
		same := s.Collection == name || s.Collection == n.report.Dataset+"."+n.report.Collection || s.Collection == n.report.Collection
		if same && (s.Source == "" || s.Source == n.report.Source) {
			found = append(found, n)
		}
	}
	switch {
	case len(found) == 0:
		c.problem(s, "unknown_collection", "Ingen kilde har «%s.%s».", "Inga kjelde har «%s.%s».", "No source has \"%s.%s\".")
	case len(found) > 1:
		c.problem(s, "ambiguous_collection", "Flere kilder har «%s.%s». Skriv kilden foran: kilde.collection.felt.",
			"Fleire kjelder har «%s.%s». Skriv kjelda framfor: kjelde.collection.felt.",
			"Several sources have \"%s.%s\". Write the source before it: source.collection.field.")
	case found[0].table == nil:
		c.problem(s, "unreadable", "«%s.%s» kan ikke leses nå.", "«%s.%s» kan ikkje lesast no.", "\"%s.%s\" cannot be read now.")
	default:
		c.bindField(found[0], s)
	}
}

func (c *correction) problem(s *Correction, code, nb, nn, en string) {
	c.problems.add(Problem{Source: s.Source, Collection: s.Collection, Code: code, Text: text(nb, nn, en, s.Collection, s.Field)})
}

func (c *correction) bindField(n *node, s *Correction) {
	at := n.pos(s.Field)
	if at < 0 || !n.fields[at].output {
		c.problem(s, "unknown_field", "«%s» har ikke et felt «%s» med en kategori i dataset-filen.",
			"«%s» har ikkje eit felt «%s» med ein kategori i dataset-fila.",
			"\"%s\" has no field \"%s\" with a category in the dataset file.")
		return
	}
	f := &n.fields[at]
	if why := n.fixed(f); why != "" || !n.writable() {
		if why == "" {
			why = codeReadOnly
		}
		c.problems.field(n, f, why, "set", false)
		return
	}
	v, code := newValue(f, s)
	if code != "" {
		c.problems.field(n, f, code, "set", false)
		return
	}
	c.sets[n] = append(c.sets[n], bound{Correction: s, at: at, value: v})
}

// newValue casts what the person wrote. A rectified value is never cut: what does not fit is told.
func newValue(f *field, s *Correction) (source.Value, string) {
	if s.Null {
		if !f.column.Nullable && len(f.at.Path) == 0 {
			return source.Value{}, codeNotNull
		}
		return source.Value{}, ""
	}
	if len(f.at.Path) > 0 {
		return source.TextOf(s.New), ""
	}
	if f.cut(s.New) != s.New && f.textual() {
		return source.Value{}, codeTooLong
	}
	if len(f.column.Enum) > 0 && !contains(f.column.Enum, s.New) {
		return source.Value{}, codeType
	}
	v, ok := declared(source.TextOf(s.New), *f)
	if ok {
		v, ok = source.Cast(v, f.column.Class)
	}
	if !ok {
		return source.Value{}, codeType
	}
	return v, ""
}

// step makes the step of one finding, if anything in it is to be set right.
func (c *correction) step(f *Finding, sink func(*Step) error) error {
	n, err := c.node(f.Source, f.Dataset, f.Collection)
	if err != nil {
		return err
	}
	step := &Step{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection, Key: cloneKey(f.Key), Seen: slices.Clone(f.Digest),
		Action: SetAction, Reason: ReasonRectification, Article: articleRectify}
	for i := range c.sets[n] {
		b := &c.sets[n][i]
		v, ok := f.Field(b.Field)
		if !ok || len(b.Key) > 0 && !sameKey(b.Key, f.Key) || b.Old != nil && v.Value.Text() != *b.Old {
			continue
		}
		b.rows++
		if keep, kept := keepOthers(f, v); kept {
			step.Reason, step.Article = keep.Reason, keep.Article
			step.Kept = append(step.Kept, v.Name)
			continue
		}
		if same(v.Value, b.value, &n.fields[b.at]) {
			continue
		}
		step.Columns = append(step.Columns, ColumnChange{Name: v.Name, Strategy: "set", Value: b.value})
	}
	sort.Slice(step.Columns, func(i, j int) bool { return step.Columns[i].Name < step.Columns[j].Name })
	switch {
	case len(step.Columns) > 0:
		step.Reason, step.Article = ReasonRectification, articleRectify
	case len(step.Kept) > 0:
		step.Action, step.Kept = Keep, nil
	default:
		return nil
	}
	return sink(step)
}

func sameKey(a, b []KeyPart) bool {
	return slices.EqualFunc(a, b, func(x, y KeyPart) bool { return x.Column == y.Column && x.Value.Equal(y.Value) })
}

// same compares a stored value with a new one the way the column's type does: systems write
// numbers, times and documents back in a spelling of their own.
func same(stored, wanted source.Value, f *field) bool {
	if stored.IsNull() || wanted.IsNull() {
		return stored.IsNull() && wanted.IsNull()
	}
	if len(f.at.Path) == 0 {
		switch f.column.Class {
		case source.ClassDecimal, source.ClassFloat:
			a, aok := new(big.Rat).SetString(stored.Text())
			b, bok := new(big.Rat).SetString(wanted.Text())
			if aok && bok {
				return a.Cmp(b) == 0
			}
		case source.ClassTime:
			return instant(stored.Text()) == instant(wanted.Text())
		case source.ClassJSON, source.ClassArray:
			return sameDocument(stored.Text(), wanted.Text())
		case source.ClassText:
			if f.column.Type == "bpchar" {
				return strings.TrimRight(stored.Text(), " ") == strings.TrimRight(wanted.Text(), " ")
			}
		}
	}
	a, aok := columnKey(stored, *f)
	b, bok := columnKey(wanted, *f)
	return aok && bok && a == b
}

// instant brings a time to one spelling; without a zone it is taken as UTC, as the connection does.
func instant(s string) string {
	s = strings.Replace(s, " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05Z07", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format(time.RFC3339Nano)
		}
	}
	return s
}

func sameDocument(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}

func (c *correction) none(n *node, b bound) {
	c.problems.add(Problem{Source: n.report.Source, Collection: n.report.Collection, Code: "no_rows", Warning: true,
		Text: text("Ingen av radene som ble funnet har «%s.%s» å rette.", "Ingen av radene som vart funne har «%s.%s» å rette.",
			"None of the rows that were found has \"%s.%s\" to correct.", n.report.Collection, b.Field)})
}

// ParseSet reads "collection.field=new value" or "source.collection.field=new value". Names of
// sources and collections are tried as they are connected, since they may hold dots.
func ParseSet(s string, connected []Connected) (Correction, error) {
	names := collectionNames(connected)
	for i := 0; i < len(s); i++ {
		if s[i] != '=' {
			continue
		}
		path, value := s[:i], s[i+1:]
		for _, c := range connected {
			for _, d := range c.Datasets {
				for _, col := range d.Collections {
					src := c.Source.Name()
					for _, name := range []string{names[[3]string{src, d.Key, col.Name}], d.Key + "." + col.Name, col.Name} {
						for _, prefix := range []string{src + "." + name + ".", name + "."} {
							if len(path) <= len(prefix) || path[:len(prefix)] != prefix {
								continue
							}
							if _, ok := col.Field(path[len(prefix):]); !ok {
								continue
							}
							out := Correction{Collection: name, Field: path[len(prefix):], New: value}
							if prefix != name+"." {
								out.Source = src
							}
							return out, nil
						}
					}
				}
			}
		}
		return Correction{}, fmt.Errorf("no connected collection has the field %q: write collection.field=value", path)
	}
	return Correction{}, fmt.Errorf("a change is written collection.field=value")
}

package engine

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

func ownerOf(owner map[string]int, name string) (int, bool) {
	for key, i := range owner {
		if strings.HasPrefix(name, key+".") {
			return i, true
		}
	}
	return 0, false
}

// tie is a reference from a source's field into another source.
type tie struct {
	source  int
	towards bool // the walk goes from here to there, and not back
}

func ties(c Connected, owner map[string]int) []tie {
	var out []tie
	for _, d := range c.Datasets {
		for _, col := range d.Collections {
			for _, l := range col.Leaves() {
				for _, ref := range l.Field.References {
					if j, ok := owner[ref.Dataset]; ok {
						out = append(out, tie{j, ref.Direction == dataset.To})
					}
				}
			}
		}
	}
	return out
}

// Verify checks after an execution: every step's row is in its end state, and a walk with the
// same seeds finds nothing but what the plan keeps or changed.
func Verify(ctx context.Context, connected []Connected, seeds []Seed, opts Options, plan Steps) (Verification, error) {
	v := &verification{planned: map[hash16]Action{}, remaining: map[*node]*Remaining{}, out: Verification{Remaining: []Remaining{}}}
	m, err := newModel(ctx, connected, opts)
	if err != nil {
		return Verification{}, err
	}
	defer m.close()
	v.model = m
	if err := plan.Each(ctx, v.plan); err != nil {
		return Verification{}, err
	}
	for _, n := range m.sorted() {
		if n.table == nil {
			continue
		}
		if err := v.conditions(ctx, n, plan); err != nil {
			return Verification{}, err
		}
	}
	opts.DigestKey, opts.Categories, opts.KeepForeign = nil, nil, true
	report, err := Walk(ctx, connected, seeds, opts, v.found)
	if err != nil {
		return Verification{}, err
	}
	v.out.Report = report
	for _, n := range m.sorted() {
		if r := v.remaining[n]; r != nil {
			v.out.Remaining = append(v.out.Remaining, *r)
		}
	}
	return v.out, nil
}

type verification struct {
	*model
	planned   map[hash16]Action
	ends      map[*node]map[string]map[hash16]bool // end states of rows that are named by all they hold
	remaining map[*node]*Remaining
	out       Verification
}

func (v *verification) plan(s *Step) error {
	n, err := v.node(s.Source, s.Dataset, s.Collection)
	if err != nil {
		if _, fatal := asSourceError(s.Source, err); fatal != nil || err == ErrUnknownCollection {
			return err
		}
		v.failed(s.Source) // it does not answer: nothing is known about the step
		return nil
	}
	v.out.Steps++
	v.planned[keyOf(n, s.Key)] = s.Action
	v.end(n, s)
	return nil
}

// failed counts a step that has not its effect.
func (v *verification) failed(name string) {
	v.out.Failed++
	if !slices.Contains(v.out.FailedIn, name) {
		v.out.FailedIn = append(v.out.FailedIn, name)
	}
}

// end notes how a changed row is named afterwards, where its name is all that it holds. What was drawn at
// random is left out of the name.
func (v *verification) end(n *node, s *Step) {
	if n.hasKey || n.declared || s.Action == Delete || !s.Action.Writes() {
		return
	}
	row := tupleOf(s.Key)
	random := ""
	for _, c := range s.Columns {
		at := n.pos(c.Name)
		if at < 0 || at >= len(row) {
			return
		}
		if row[at] = c.Value; c.Random > 0 {
			row[at] = source.Value{}
			random += strconv.Itoa(at) + ","
		}
	}
	if v.ends == nil {
		v.ends = map[*node]map[string]map[hash16]bool{}
	}
	if v.ends[n] == nil {
		v.ends[n] = map[string]map[hash16]bool{}
	}
	if v.ends[n][random] == nil {
		v.ends[n][random] = map[hash16]bool{}
	}
	v.ends[n][random][hashOf(encodeRow(row))] = true
}

// ended tells whether a row that is found is one that the plan changed.
func (v *verification) ended(n *node, key []KeyPart) bool {
	for random, rows := range v.ends[n] {
		row := tupleOf(key)
		for at := range strings.SplitSeq(random, ",") {
			if i, err := strconv.Atoi(at); err == nil && i < len(row) {
				row[i] = source.Value{}
			}
		}
		if rows[hashOf(encodeRow(row))] {
			return true
		}
	}
	return false
}

// conditions reads the rows of a node's writing steps and counts those not in their end state.
func (v *verification) conditions(ctx context.Context, n *node, plan Steps) error {
	var steps []outcome
	check := func() error {
		if len(steps) == 0 {
			return nil
		}
		snap, err := n.sys.snapshot(ctx)
		if err != nil {
			return err
		}
		find := func(q source.Query, fn func([]source.Value) error) error { return snap.Find(ctx, q, fn) }
		err = postconditions(n, steps, nil, find, func() { v.failed(n.report.Source) })
		steps = steps[:0]
		return err
	}
	err := stepsOf(ctx, plan, n, func(s *Step) error {
		if !s.Action.Writes() {
			return nil
		}
		steps = append(steps, outcome{action: s.Action, key: tupleOf(s.Key), columns: slices.Clone(s.Columns)})
		if len(steps) < askAtOnce {
			return nil
		}
		return check()
	})
	if err != nil {
		return err
	}
	return check()
}

// found takes a row that the walk still finds.
func (v *verification) found(f *Finding) error {
	n, err := v.node(f.Source, f.Dataset, f.Collection)
	if err != nil {
		return err
	}
	r := v.remaining[n]
	if r == nil {
		r = &Remaining{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection}
		v.remaining[n] = r
	}
	action, known := v.planned[keyOf(n, f.Key)]
	switch {
	case !known && v.ended(n, f.Key):
		r.Changed++
	case !known, action == Delete:
		r.Unexpected++
	case action.Writes():
		r.Changed++
	default:
		r.Kept++
	}
	return nil
}

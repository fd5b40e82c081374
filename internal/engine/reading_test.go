package engine_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/source"
)

// shelf is a system in memory: people, and two tables that hang on them. It gives every row of
// notes twice, though their id is a key by its catalogue.
type shelf struct {
	rows   int
	broken string        // of this table half of the rows come, and then an error
	ended  func()        // called in the middle of notes
	given  chan struct{} // there are letters: closed when those to a person are asked for
	closed chan struct{} // closed with the view in which those from a person could not be read
	views  atomic.Int32  // that were opened
	open   atomic.Int32
}

const shelfDataset = `
dataset:
- fides_key: shelf
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: notes
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: person, fides_meta: {references: [{dataset: shelf, field: people.id, direction: from}]}}
    - {name: body, data_categories: [user.content]}
  - name: visits
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: person, fides_meta: {references: [{dataset: shelf, field: people.id, direction: from}]}}
    - {name: body, data_categories: [user.content]}
  - name: letters
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: person, fides_meta: {references: [{dataset: shelf, field: people.id, direction: from}]}}
    - {name: sender, fides_meta: {references: [{dataset: shelf, field: people.id, direction: from}]}}
    - {name: body, data_categories: [user.content]}
`

func (s *shelf) Name() string { return "shelf" }
func (s *shelf) Kind() string { return "shelf" }
func (s *shelf) Close() error { return nil }

func (s *shelf) Inspect(context.Context) (*source.Schema, error) {
	table := func(name string, columns ...string) source.Table {
		t := source.Table{Name: source.TableName{Name: name}, PrimaryKey: []string{"id"}, Uniques: []source.Index{{Name: "key", Columns: []string{"id"}, Primary: true}}, CanSelect: true}
		for _, c := range columns {
			class := source.ClassInt
			if c == "email" || c == "body" {
				class = source.ClassText
			}
			t.Columns = append(t.Columns, source.Column{Name: c, Class: class})
		}
		return t
	}
	return &source.Schema{Tables: []source.Table{table("people", "id", "email"), table("notes", "id", "person", "body"), table("visits", "id", "person", "body"), table("letters", "id", "person", "sender", "body")}}, nil
}

func (s *shelf) Snapshot(context.Context) (source.Snapshot, error) {
	s.views.Add(1)
	s.open.Add(1)
	return &shelfView{shelf: s}, nil
}

type shelfView struct {
	*shelf
	over, failed bool
}

func (v *shelfView) Beside(ctx context.Context) (source.Snapshot, error) { return v.Snapshot(ctx) }

func (v *shelfView) Close() error {
	if v.over {
		return errors.New("closed twice")
	}
	v.over = true
	v.open.Add(-1)
	if v.failed {
		close(v.closed)
	}
	return nil
}

func (v *shelfView) Count(context.Context, *source.Table, source.Field, []source.Value, func(source.Value, int64) error) error {
	return nil
}

func (v *shelfView) Find(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	give := func(row ...source.Value) error {
		err := fn(row)
		clear(row) // valid until the call returns
		return err
	}
	name := q.Table.Name.Name
	if name == "people" {
		return give(source.IntOf(1), source.TextOf("kari@example.no"))
	}
	if name == "letters" {
		return v.letters(ctx, q.Match.Fields[0].Column, give)
	}
	for i := range v.rows {
		if i == v.rows/2 && name == v.broken {
			return &source.Error{Source: "shelf", Code: source.Unreachable}
		}
		if i == v.rows/2 && name == "notes" && v.ended != nil {
			v.ended()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		for range map[string]int{"notes": 2, "visits": 1}[name] {
			if err := give(source.IntOf(int64(i)), source.IntOf(1), source.TextOf("text "+strconv.Itoa(i))); err != nil {
				return err
			}
		}
	}
	return nil
}

// letters gives those to a person, once it is known that those from the person cannot be read.
func (v *shelfView) letters(ctx context.Context, by string, give func(...source.Value) error) error {
	if v.given == nil {
		return nil
	}
	wait, err := v.closed, error(nil)
	if by == "sender" {
		wait, v.failed, err = v.given, true, &source.Error{Source: "shelf", Code: source.Unreachable}
	} else {
		close(v.given)
	}
	select {
	case <-wait:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err == nil {
		err = give(source.IntOf(1), source.IntOf(1), source.IntOf(2), source.TextOf("text 1"))
	}
	return err
}

func (s *shelf) walk(t *testing.T, ctx context.Context) (map[string]int, engine.Report, error) {
	t.Helper()
	sets, problems := dataset.Read("shelf.yaml", []byte(shelfDataset))
	if len(problems) > 0 {
		t.Fatal(problems.Err())
	}
	got := map[string]int{}
	report, err := engine.Walk(ctx, []engine.Connected{{Source: s, Datasets: sets}}, email("kari@example.no"), engine.Options{TempDir: t.TempDir(), Memory: 1 << 16}, func(f *engine.Finding) error {
		if f.Collection != "people" {
			if id, body := f.Key[0].Value.Text(), f.Fields[len(f.Fields)-1].Value.Text(); body != "text "+id {
				t.Errorf("%s holds %q", id, body)
			}
		}
		got[f.Collection]++
		return nil
	})
	if n := s.open.Load(); n != 0 {
		t.Errorf("%d views are still open", n)
	}
	return got, report, err
}

func TestTwoViewsAreReadAtOnceAndEachRowIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	s := &shelf{rows: 3000}
	got, report, err := s.walk(t, t.Context())
	if err != nil || report.Incomplete || got["people"] != 1 || got["notes"] != 3000 || got["visits"] != 3000 || s.views.Load() != 2 {
		t.Error(got, report, err, s.views.Load())
	}
}

func TestAViewThatBreaksLeavesTheOther(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"notes", "visits"} {
		s := &shelf{rows: 3000, broken: name}
		got, report, err := s.walk(t, t.Context())
		if err != nil || !report.Incomplete || got[name] != 1500 || got["notes"]+got["visits"] != 4500 {
			t.Error(name, got, report, err)
		}
	}
}

func TestAWalkThatIsGivenUpEndsItsReaders(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &shelf{rows: 3000, ended: cancel}
	if got, _, err := s.walk(t, ctx); !errors.Is(err, context.Canceled) {
		t.Error(got, err)
	}
}

// What a second question brings makes the collection whole no more than before.
func TestACollectionOfWhichAQuestionFailedIsIncomplete(t *testing.T) {
	t.Parallel()
	s := &shelf{given: make(chan struct{}), closed: make(chan struct{})}
	got, report, err := s.walk(t, t.Context())
	if err != nil || !report.Incomplete || got["letters"] != 1 {
		t.Error(got, report, err)
	}
}

package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"mininfo/internal/engine"
	"mininfo/internal/locale"
)

const markedShop = `
dataset:
- fides_key: shop
  collections:
  - name: customers
    mininfo: {restriction: {field: blocked, value: "yes", lifted: "no"}}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: name, data_categories: [user.name]}
    - {name: phone, data_categories: [user.contact.phone_number]}
    - {name: blocked}
`

const markedTables = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, phone TEXT, blocked TEXT);
INSERT INTO customers VALUES (1, 'kari@example.com', 'Kari', '91234567', NULL), (2, 'ola@example.com', 'Ola', '92345678', 'no'),
	(3, 'kari@example.com', 'Kari', '93456789', 'no');
CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT, note TEXT);
INSERT INTO orders VALUES (10, 'kari@example.com', 'ring');
`

// written is a plan as the portal makes it.
type written struct {
	t       *testing.T
	s       *engine.Sources
	steps   engine.Steps
	summary engine.PlanSummary
	list    []*engine.Step
}

var digestKeyOfTests = []byte("a key of digests for these tests")

func (w *written) take(plan func(sink func(*engine.Step) error) error) {
	w.t.Helper()
	var stored bytes.Buffer
	pw := engine.NewPlanWriter(&stored)
	err := plan(func(s *engine.Step) error {
		w.list = append(w.list, s)
		return pw.Write(s)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.summary, err = pw.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.steps = engine.StepsFunc(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(stored.Bytes())), nil })
}

func (w *written) execute() (engine.SourceResult, error) {
	w.t.Helper()
	return engine.Execute(w.t.Context(), w.s.Connected, w.s.Connected[0].Source.Name(), w.steps, engine.ExecuteOptions{DigestKey: digestKeyOfTests})
}

func (w *written) done(what string, changed int) {
	w.t.Helper()
	if r, err := w.execute(); err != nil || r.Changed != changed || r.AlreadyDone {
		w.t.Fatalf("%s: %+v, %v", what, r, err)
	}
	if r, err := w.execute(); err != nil || changed > 0 && !r.AlreadyDone && r.Changed != changed {
		w.t.Errorf("%s, once more: %+v, %v", what, r, err)
	}
}

func decided(t *testing.T, s *engine.Sources, address string, decide engine.Decide) (*written, []engine.Problem) {
	t.Helper()
	var stored bytes.Buffer
	fw := engine.NewFindingWriter(&stored)
	if _, err := engine.Walk(t.Context(), s.Connected, email(address), engine.Options{DigestKey: digestKeyOfTests, KeepForeign: true}, fw.Write); err != nil {
		t.Fatal(err)
	}
	if err := fw.Flush(); err != nil {
		t.Fatal(err)
	}
	found := engine.FindingsFunc(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(stored.Bytes())), nil })
	w := &written{t: t, s: s}
	var problems []engine.Problem
	w.take(func(sink func(*engine.Step) error) (err error) {
		problems, err = engine.PlanErase(t.Context(), s.Connected, found, decide, engine.PlanOptions{}, sink)
		return err
	})
	return w, problems
}

func restrictAll(*engine.Finding, *engine.FieldValue) engine.Decision {
	return engine.Decision{Action: engine.Restrict, Reason: "CLAIM", Article: "17(3)(e)"}
}

func marks(t *testing.T, s *engine.Sources, rows []engine.RowName, lift bool) (*written, []engine.Marking) {
	t.Helper()
	w := &written{t: t, s: s}
	var out []engine.Marking
	w.take(func(sink func(*engine.Step) error) (err error) {
		out, err = engine.PlanMarks(t.Context(), s.Connected, rows, lift, digestKeyOfTests, sink)
		return err
	})
	return w, out
}

func (w *written) rows() []engine.RowName {
	var out []engine.RowName
	for _, s := range w.list {
		out = append(out, engine.RowName{Source: s.Source, Dataset: s.Dataset, Collection: s.Collection, Key: s.Key})
	}
	return out
}

// What is decided to be only stored is marked so in the system, row by row, and the mark is taken away
// again. It is no change of what a plan made before it saw.
func TestRES01RestrictionIsMarkedAndLifted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, markedTables)
		s := connect(t, "shop", c, markedShop)
		const state = "SELECT id, name, phone, blocked FROM customers"
		before, _ := decided(t, s, "kari@example.com", engine.EraseAll)

		w, problems := decided(t, s, "kari@example.com", restrictAll)
		same(t, "problems", len(problems), 0)
		same(t, "counts", w.summary.Counts, "map[mark:2]")
		same(t, "in words", w.summary.Words(locale.EN, nil), "2 rows in 1 table: 2 marked as restricted (CLAIM).")
		w.done("restricted", 2)
		same(t, "the rows", c.rows(state), "[[1|Kari|91234567|yes] [2|Ola|92345678|no] [3|Kari|93456789|yes]]")
		v, err := engine.Verify(t.Context(), s.Connected, email("kari@example.com"), engine.Options{}, w.steps)
		if err != nil || !v.Done() || v.Remaining[0].Changed != 2 || v.Remaining[0].Unexpected != 0 {
			t.Errorf("verification: %+v, %v", v, err)
		}
		again, _ := decided(t, s, "kari@example.com", restrictAll)
		same(t, "what is marked is not marked again", again.summary.Counts, "map[restrict:2]")

		lift, out := marks(t, s, w.rows(), true)
		same(t, "to be lifted", out, "[planned planned]")
		c.exec("UPDATE customers SET phone = '00000000' WHERE id = 3")
		var drift *engine.DriftError
		if _, err := lift.execute(); !errors.As(err, &drift) {
			t.Errorf("lifted over a changed row: %v", err)
		}
		lift, _ = marks(t, s, w.rows(), true)
		lift.done("lifted", 2)
		same(t, "the rows after it", c.rows(state), "[[1|Kari|91234567|no] [2|Ola|92345678|no] [3|Kari|00000000|no]]")
		v, err = engine.Verify(t.Context(), s.Connected, email("kari@example.com"), engine.Options{}, lift.steps)
		if err != nil || !v.Done() {
			t.Errorf("verification of the lifting: %+v, %v", v, err)
		}
		c.exec("UPDATE customers SET blocked = 'by somebody else' WHERE id = 1")
		c.exec("UPDATE customers SET phone = '93456789' WHERE id = 3")
		if _, out = marks(t, s, w.rows(), true); fmt.Sprint(out) != "[there there]" {
			t.Errorf("lifted what it had not set: %v", out)
		}
		c.exec("UPDATE customers SET blocked = 'yes' WHERE id = 1")
		if r, err := before.execute(); err != nil || r.Deleted != 2 {
			t.Errorf("a mark stopped a plan that was made before it: %+v, %v", r, err)
		}
		_, out = marks(t, s, w.rows(), true)
		same(t, "rows that are gone", out, "[gone gone]")
	})
}

func TestRES01RestrictsWhatStaysOfARowThatIsErased(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, markedTables)
		s := connect(t, "shop", c, markedShop)
		w, _ := decided(t, s, "kari@example.com", func(f *engine.Finding, v *engine.FieldValue) engine.Decision {
			if v.Name == "phone" {
				return engine.Decision{Action: engine.Delete, Reason: engine.ReasonErasure}
			}
			return restrictAll(f, v)
		})
		same(t, "counts", w.summary.Counts, "map[anonymise:2]")
		w.done("half erased", 2)
		same(t, "the rows", c.rows("SELECT id, name, phone, blocked FROM customers"), "[[1|Kari|<nil>|yes] [2|Ola|92345678|no] [3|Kari|<nil>|yes]]")
		err := engine.ErasedBy(t.Context(), []byte("ledger"), "shop", w.steps, func(e engine.Erased) error {
			if strings.Contains(e.Columns, "blocked") {
				t.Errorf("the ledger of erasures has the mark: %s", e.Columns)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Where the system has no mark the rows are left to people, and that is told.
func TestRES01WithoutAMarkItIsForPeople(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, markedTables)
		before := c.dump()
		s := connect(t, "shop", c, `
dataset:
- fides_key: shop
  collections:
  - name: orders
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: note, data_categories: [user.content]}
`)
		w, problems := decided(t, s, "kari@example.com", restrictAll)
		same(t, "counts", w.summary.Counts, "map[restrict:1]")
		if len(problems) != 1 || problems[0].Code != "no_mark" || !problems[0].Warning || !strings.Contains(problems[0].Text.EN, `"shop"`) {
			t.Errorf("problems: %+v", problems)
		}
		if _, out := marks(t, s, w.rows(), false); fmt.Sprint(out) != "[by_hand]" {
			t.Errorf("marks: %v", out)
		}
		w.done("nothing to write", 0)
		same(t, "the system", fmt.Sprint(c.dump()), fmt.Sprint(before))
	})
}

func TestRES01RestrictionInAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kunder.csv")
	if err := os.WriteFile(path, []byte("nr;epost;navn;sperret\n1;kari@example.no;Kari;nei\n2;ola@example.no;Ola;nei\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := connect(t, "liste", &company{dsn: "csv:" + path}, `
dataset:
- fides_key: liste
  collections:
  - name: rows
    mininfo: {restriction: {field: sperret, value: ja, lifted: nei}}
    fields:
    - {name: nr, fides_meta: {primary_key: true}}
    - {name: epost, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: navn, data_categories: [user.name]}
    - {name: sperret}
`)
	w, problems := decided(t, s, "kari@example.no", restrictAll)
	same(t, "problems", problems, "[]")
	w.done("restricted", 1)
	same(t, "the file", content(t, path), "nr;epost;navn;sperret\n1;kari@example.no;Kari;ja\n2;ola@example.no;Ola;nei\n")
	lift, _ := marks(t, s, w.rows(), true)
	lift.done("lifted", 1)
	same(t, "the file after it", content(t, path), "nr;epost;navn;sperret\n1;kari@example.no;Kari;nei\n2;ola@example.no;Ola;nei\n")
}

// A document that was never restricted does not hold the field.
func TestRES01RestrictionInDocuments(t *testing.T) {
	t.Parallel()
	db, s := documents(t, `
dataset:
- fides_key: s
  collections:
  - name: customers
    mininfo: {restriction: {field: restricted, value: true, lifted: false}}
    fields:
    - {name: _id, fides_meta: {primary_key: true}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: restricted, fides_meta: {data_type: boolean}}
`, map[string][]any{"customers": {
		bson.D{{Key: "_id", Value: 1}, {Key: "email", Value: "kari@example.com"}},
		bson.D{{Key: "_id", Value: 2}, {Key: "email", Value: "ola@example.com"}, {Key: "restricted", Value: false}},
	}})
	w, _ := decided(t, s, "kari@example.com", restrictAll)
	w.done("restricted", 1)
	same(t, "documents", held(t, db, "customers"), `[{"_id":1,"email":"kari@example.com","restricted":true} {"_id":2,"email":"ola@example.com","restricted":false}]`)
	lift, _ := marks(t, s, w.rows(), true)
	lift.done("lifted", 1)
	same(t, "documents after it", held(t, db, "customers"), `[{"_id":1,"email":"kari@example.com","restricted":false} {"_id":2,"email":"ola@example.com","restricted":false}]`)
}

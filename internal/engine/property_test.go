package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

// world is a random company: tables whose rows refer to one another, annotated at random.
type world struct {
	tables []wtable
	refs   []wref
}

type wtable struct {
	name     string
	identity bool
	notNull  bool
	rows     []wrow
}

// wref: rows of the child refer to rows of the parent.
type wref struct {
	child, parent int
	direction     dataset.Direction
	fk            string // "", or what happens on delete
}

type wrow struct {
	id    int
	email string
	links []int // by ref, 0: none
}

func drawWorld(t *rapid.T) world {
	var w world
	n := rapid.IntRange(1, 5).Draw(t, "tables")
	for i := range n {
		w.tables = append(w.tables, wtable{name: fmt.Sprintf("t%d", i), identity: i == 0 || rapid.IntRange(0, 3).Draw(t, "identity") == 0,
			notNull: rapid.Bool().Draw(t, "not null")})
	}
	for range rapid.IntRange(0, 7).Draw(t, "refs") {
		r := wref{child: rapid.IntRange(0, n-1).Draw(t, "child"), parent: rapid.IntRange(0, n-1).Draw(t, "parent"),
			direction: rapid.SampledFrom([]dataset.Direction{dataset.From, dataset.To, dataset.Both}).Draw(t, "direction")}
		if r.child > r.parent {
			r.fk = rapid.SampledFrom([]string{"", "NO ACTION", "CASCADE", "SET NULL", "RESTRICT"}).Draw(t, "fk")
		}
		w.refs = append(w.refs, r)
	}
	for i := range w.tables {
		rows := rapid.IntRange(0, 6).Draw(t, "rows")
		for id := 1; id <= rows; id++ {
			row := wrow{id: id, links: make([]int, len(w.refs))}
			if w.tables[i].identity {
				row.email = rapid.SampledFrom([]string{"", "me@example.com", "ME@example.com", "you@example.com", "they@example.com"}).Draw(t, "email")
			}
			w.tables[i].rows = append(w.tables[i].rows, row)
		}
	}
	for i := range w.tables {
		for k := range w.tables[i].rows {
			for r, ref := range w.refs {
				if ref.child == i && len(w.tables[ref.parent].rows) > 0 {
					w.tables[i].rows[k].links[r] = rapid.IntRange(0, len(w.tables[ref.parent].rows)).Draw(t, "link")
				}
			}
		}
	}
	return w
}

func (w world) script() string {
	var b strings.Builder
	for i, t := range w.tables {
		fmt.Fprintf(&b, "CREATE TABLE %s (id INTEGER PRIMARY KEY, email TEXT, name TEXT%s", t.name, map[bool]string{true: " NOT NULL", false: ""}[t.notNull])
		for r, ref := range w.refs {
			if ref.child == i {
				fmt.Fprintf(&b, ", r%d INTEGER", r)
				if ref.fk != "" {
					fmt.Fprintf(&b, " REFERENCES t%d(id) ON DELETE %s", ref.parent, ref.fk)
				}
			}
		}
		b.WriteString(");\n")
	}
	for i, t := range w.tables {
		for _, row := range t.rows {
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%d, %s, 'name %d of %s'", t.name, row.id, quoted(row.email), row.id, t.name)
			for r, ref := range w.refs {
				if ref.child == i {
					b.WriteString(", " + number(row.links[r]))
				}
			}
			b.WriteString(");\n")
		}
	}
	return b.String()
}

func quoted(s string) string {
	if s == "" {
		return "NULL"
	}
	return "'" + s + "'"
}

func number(i int) string {
	if i == 0 {
		return "NULL"
	}
	return fmt.Sprint(i)
}

func (w world) yaml() string {
	var b strings.Builder
	b.WriteString("dataset:\n- fides_key: w\n  collections:\n")
	for i, t := range w.tables {
		fmt.Fprintf(&b, "  - name: %s\n    fields:\n    - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: True}}\n", t.name)
		if t.identity {
			b.WriteString("    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}\n")
		}
		b.WriteString("    - {name: name, data_categories: [user.name]}\n")
		for r, ref := range w.refs {
			if ref.child == i {
				direction := ""
				if ref.direction != dataset.Both {
					direction = ", direction: " + string(ref.direction)
				}
				fmt.Fprintf(&b, "    - {name: r%d, fides_meta: {references: [{dataset: w, field: t%d.id%s}]}}\n", r, ref.parent, direction)
			}
		}
	}
	return b.String()
}

// selfReference: Check refuses a field that refers to itself, not to its own table.
func (w world) directed() bool {
	for _, r := range w.refs {
		if r.direction == dataset.Both {
			return false
		}
	}
	return true
}

// reach is the oracle of the walk for worlds with directions: plain closure, "table/id".
func (w world) reach() map[string]bool {
	seen := map[string]bool{}
	var queue [][2]int
	add := func(table, id int) {
		key := fmt.Sprintf("t%d/%d", table, id)
		if id > 0 && !seen[key] {
			seen[key] = true
			queue = append(queue, [2]int{table, id})
		}
	}
	for i, t := range w.tables {
		for _, row := range t.rows {
			if strings.EqualFold(row.email, "me@example.com") {
				add(i, row.id)
			}
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for r, ref := range w.refs {
			if ref.direction == dataset.To && ref.child == at[0] {
				add(ref.parent, w.tables[at[0]].rows[at[1]-1].links[r])
			}
			if ref.direction == dataset.From && ref.parent == at[0] {
				for _, row := range w.tables[ref.child].rows {
					if row.links[r] == at[1] {
						add(ref.child, row.id)
					}
				}
			}
		}
	}
	return seen
}

// fresh makes the world anew as an SQLite file, or in a PostgreSQL schema of its own.
func (w world) fresh(t *rapid.T, kind, dir string, db *sql.DB) (dump func() map[string]string) {
	tables := make([]string, len(w.tables))
	for i := range w.tables {
		tables[i] = w.tables[i].name
	}
	script := w.script()
	if kind == "postgres" {
		script = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n" + script
	} else {
		for i := range 12 {
			script = fmt.Sprintf("DROP TABLE IF EXISTS t%d;\n", i) + script
		}
		script = "PRAGMA foreign_keys = OFF;\n" + script + "PRAGMA foreign_keys = ON;\n"
	}
	if _, err := db.Exec(script); err != nil {
		t.Fatalf("%s\n%v", script, err)
	}
	return func() map[string]string {
		out := map[string]string{}
		for _, name := range tables {
			rows, err := db.Query("SELECT * FROM " + name)
			if err != nil {
				t.Fatal(err)
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				raw, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range raw {
					into[i] = &raw[i]
				}
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				text := ""
				for i, v := range raw {
					text += fmt.Sprintf("%s=%v;", columns[i], v)
				}
				out[fmt.Sprintf("%s/%v", name, raw[0])] = text
			}
			rows.Close()
		}
		return out
	}
}

// Whatever the tables, references and rules are: the walk finds what the directions say; an
// erasure changes exactly the rows and columns of its plan and nothing else, or nothing at all;
// afterwards nothing of what was planned is left.
func TestErasureTouchesExactlyItsPlan(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, "SELECT 1")
		dir := t.TempDir()
		ctx := context.Background()
		rapid.Check(t, func(rt *rapid.T) {
			w := drawWorld(rt)
			dump := w.fresh(rt, kind, dir, c.db)
			s := w.connect(rt, c.dsn, dir)
			defer s.Close()
			before := dump()
			w.checkWalk(rt, s)
			var rules []engine.CategoryRule
			switch rapid.IntRange(0, 2).Draw(rt, "rules") {
			case 1:
				rules = []engine.CategoryRule{{Category: "user.contact"}}
			case 2:
				rules = []engine.CategoryRule{{Category: "user.name", Strategy: dataset.StringRewrite}}
			}
			opts := engine.RunOptions{Execute: engine.ExecuteOptions{Chunk: rapid.IntRange(0, 3).Draw(rt, "chunk")}}
			p, err := engine.PrepareErase(ctx, s, email("me@example.com"), rules, opts)
			if err != nil {
				rt.Fatal(err)
			}
			defer p.Close()
			if d := differences(before, dump()); len(d) > 0 {
				rt.Fatalf("the trial run left traces: %v", d)
			}
			if p.Blocked() {
				rt.Fatalf("no plan: %+v\n%s\n%s", p.Problems, w.script(), w.yaml())
			}
			out, err := p.Execute(ctx, p.Summary.Digest)
			if err != nil || !out.Verification.Done() {
				rt.Fatalf("%v %+v\n%s\n%s", err, out, w.script(), w.yaml())
			}
			compare(rt, w, p, before, dump())
		})
	})
}

func (w world) connect(t *rapid.T, dsn, dir string) *engine.Sources {
	path := filepath.Join(dir, "sources.yaml")
	for name, text := range map[string]string{path: "sources: [{name: w, dsn: 'env:D', dataset: w.yaml}]\n", filepath.Join(dir, "w.yaml"): w.yaml()} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := engine.LoadSources(context.Background(), path, func(string) (string, bool) { return dsn, true }, kinds.Open)
	if err != nil {
		t.Fatalf("%v\n%s", err, w.yaml())
	}
	return s
}

func (w world) checkWalk(t *rapid.T, s *engine.Sources) {
	found := map[string]bool{}
	_, err := engine.Walk(context.Background(), s.Connected, email("me@example.com"), engine.Options{KeepForeign: true}, func(f *engine.Finding) error {
		key := fmt.Sprintf("%s/%d", f.Collection, f.Key[0].Value.Int)
		if found[key] {
			t.Fatalf("%s twice", key)
		}
		found[key] = true
		if len(f.Paths) == 0 {
			t.Fatalf("%s without a path\n%s\n%s", key, w.script(), w.yaml())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := w.reach()
	if w.directed() {
		for key := range want {
			if !found[key] {
				t.Fatalf("missed %s\n%s\n%s", key, w.script(), w.yaml())
			}
		}
		for key := range found {
			if !want[key] {
				t.Fatalf("found %s\n%s\n%s", key, w.script(), w.yaml())
			}
		}
	}
}

func differences(a, b map[string]string) []string {
	var out []string
	for k, v := range a {
		if b[k] != v {
			out = append(out, k)
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}

// compare holds the dumps against the plan.
func compare(t *rapid.T, w world, p *engine.Prepared, before, after map[string]string) {
	planned := map[string]*engine.Step{}
	err := p.Steps().Each(context.Background(), func(s *engine.Step) error {
		planned[fmt.Sprintf("%s/%d", s.Collection, s.Key[0].Value.Int)] = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, was := range before {
		s := planned[key]
		is, there := after[key]
		switch {
		case s == nil || !s.Action.Writes():
			if is != was {
				t.Fatalf("%s is not in the plan and changed from %q to %q\n%s\n%s", key, was, is, w.script(), w.yaml())
			}
		case s.Action == engine.Delete:
			if there {
				t.Fatalf("%s was to be deleted", key)
			}
		default:
			compareFields(t, key, s, was, is)
		}
	}
	if len(after) > len(before) {
		t.Fatal("rows were added")
	}
}

func compareFields(t *rapid.T, key string, s *engine.Step, was, is string) {
	var changed []string
	for _, c := range s.Columns {
		changed = append(changed, c.Name)
	}
	old, now := strings.Split(was, ";"), strings.Split(is, ";")
	for i := range old {
		name, _, _ := strings.Cut(old[i], "=")
		if len(now) != len(old) || slices.Contains(changed, name) == (old[i] == now[i]) {
			t.Fatalf("%s: %q became %q, planned %v", key, was, is, changed)
		}
	}
}

// The compact forms that findings are kept in lose nothing and keep the order.
func TestValuesKeepTheirOrderAndContent(t *testing.T) {
	t.Parallel()
	draw := rapid.Custom(func(t *rapid.T) source.Value {
		switch rapid.IntRange(0, 6).Draw(t, "kind") {
		case 0:
			return source.Value{}
		case 1:
			return source.IntOf(rapid.Int64().Draw(t, "int"))
		case 2:
			return source.FloatOf(rapid.Float64().Draw(t, "float"))
		case 3:
			return source.BytesOf(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		case 4:
			return source.Value{Kind: source.Decimal, Str: fmt.Sprint(rapid.Int32().Draw(t, "decimal"))}
		case 5:
			return source.BoolOf(rapid.Bool().Draw(t, "bool"))
		}
		return source.TextOf(rapid.String().Draw(t, "text"))
	})
	rapid.Check(t, func(t *rapid.T) {
		v := draw.Draw(t, "v")
		back, err := source.ParseTyped(v.Typed())
		if err != nil || !back.Equal(v) {
			t.Fatalf("%q came back as %q: %v", v.Typed(), back.Typed(), err)
		}
	})
}

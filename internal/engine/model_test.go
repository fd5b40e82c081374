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

// The model holds a random company in two systems: tables with keys of one or two columns or
// none, whose rows refer to rows of the same or the other system by numbers or texts, that may be
// empty, from columns or from inside documents. Whatever it looks like, the walk finds what a
// plain search of the model finds, and an erasure leaves every other row as it was.

type cell struct {
	null bool
	n    int
}

// text is how a cell is written in a column of texts; a column of numbers holds the number.
func (c cell) text() string {
	if c.null {
		return "NULL"
	}
	return fmt.Sprintf("'%d'", c.n)
}

func (c cell) number() string {
	if c.null {
		return "NULL"
	}
	return fmt.Sprint(c.n)
}

type mcolumn struct {
	name      string
	text      bool // holds the number as a text
	inside    bool // lies in the document of its row
	to        *mcolumn
	table     *mtable
	direction dataset.Direction
}

type mtable struct {
	name    string
	system  int
	keys    int // columns of the primary key: 0, 1, 2
	people  bool
	columns []*mcolumn // the first ones are the key
	rows    []mrow
}

type mrow struct {
	email string
	cells []cell
	mark  int // different in every row of a table without a key, or not
}

func (c *mcolumn) index() int { return slices.Index(c.table.columns, c) }

func drawModel(t *rapid.T) []*mtable {
	var list []*mtable
	for i := range rapid.IntRange(2, 5).Draw(t, "tables") {
		m := &mtable{name: fmt.Sprintf("t%d", i), system: rapid.IntRange(0, 1).Draw(t, "system"),
			keys: rapid.IntRange(0, 2).Draw(t, "keys"), people: i == 0 || rapid.IntRange(0, 3).Draw(t, "people") == 0}
		for k := range m.keys + rapid.IntRange(1, 3).Draw(t, "columns") {
			c := &mcolumn{name: fmt.Sprintf("c%d", k), table: m, text: rapid.Bool().Draw(t, "text")}
			c.inside = k >= m.keys && rapid.IntRange(0, 2).Draw(t, "inside") == 0
			m.columns = append(m.columns, c)
		}
		list = append(list, m)
	}
	for _, m := range list {
		for _, c := range m.columns {
			if rapid.IntRange(0, 2).Draw(t, "refers") == 0 {
				continue
			}
			other := list[rapid.IntRange(0, len(list)-1).Draw(t, "to")]
			if to := other.columns[rapid.IntRange(0, len(other.columns)-1).Draw(t, "column")]; to != c {
				c.to, c.direction = to, rapid.SampledFrom([]dataset.Direction{dataset.From, dataset.To}).Draw(t, "direction")
			}
		}
		m.drawRows(t)
	}
	return list
}

func (m *mtable) drawRows(t *rapid.T) {
	taken := map[string]bool{}
	for i := range rapid.IntRange(0, 7).Draw(t, "rows") {
		r := mrow{mark: i}
		if m.keys == 0 && rapid.IntRange(0, 3).Draw(t, "equal") == 0 {
			r.mark = 0 // may be equal to another row in everything
		}
		if m.people {
			r.email = rapid.SampledFrom([]string{"", "me@example.com", "Me@Example.com", "you@example.com"}).Draw(t, "email")
		}
		key := ""
		for k := range m.columns {
			c := cell{n: rapid.IntRange(0, 4).Draw(t, "value")}
			if k < m.keys {
				key += fmt.Sprint(c.n, ",")
			} else {
				c.null = rapid.IntRange(0, 3).Draw(t, "null") == 0
			}
			r.cells = append(r.cells, c)
		}
		if m.keys > 0 && taken[key] {
			continue
		}
		taken[key] = true
		m.rows = append(m.rows, r)
	}
}

// script makes the tables of one system.
func script(list []*mtable, system int, kind string) string {
	var b strings.Builder
	for _, m := range list {
		if m.system != system {
			continue
		}
		fmt.Fprintf(&b, "CREATE TABLE %s (mark INTEGER, email TEXT, doc %s", m.name, map[string]string{"postgres": "JSONB", "sqlite": "TEXT"}[kind])
		for k, c := range m.columns {
			if c.inside {
				continue
			}
			fmt.Fprintf(&b, ", %s %s", c.name, map[bool]string{true: "TEXT", false: "INTEGER"}[c.text])
			if k < m.keys {
				b.WriteString(" NOT NULL")
			}
		}
		switch m.keys {
		case 1:
			b.WriteString(", PRIMARY KEY (c0)")
		case 2:
			b.WriteString(", PRIMARY KEY (c0, c1)")
		}
		b.WriteString(");\n")
		for _, r := range m.rows {
			doc, values := []string{`"deep": {"note": "x"}`}, ""
			for k, c := range m.columns {
				v := r.cells[k]
				switch {
				case c.inside && !v.null:
					doc = append(doc, fmt.Sprintf(`"%s": {"v": %s}`, c.name, map[bool]string{true: strings.ReplaceAll(v.text(), "'", `"`), false: v.number()}[c.text]))
				case !c.inside && c.text:
					values += ", " + v.text()
				case !c.inside:
					values += ", " + v.number()
				}
			}
			fmt.Fprintf(&b, "INSERT INTO %s VALUES (%d, %s, '{%s}'%s);\n", m.name, r.mark, quoted(r.email), strings.Join(doc, ", "), values)
		}
	}
	return b.String()
}

func (c *mcolumn) path() string {
	if c.inside {
		return "doc." + c.name + ".v"
	}
	return c.name
}

// annotations writes the dataset of one system.
func annotations(list []*mtable, system int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "dataset:\n- fides_key: d%d\n  collections:\n", system)
	for _, m := range list {
		if m.system != system {
			continue
		}
		fmt.Fprintf(&b, "  - name: %s\n    fields:\n    - {name: mark, data_categories: [user.behavior]}\n    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}\n", m.name)
		meta := func(k int, c *mcolumn) string {
			parts := []string{}
			if k < m.keys {
				parts = append(parts, "primary_key: True")
			}
			if c.to != nil {
				parts = append(parts, fmt.Sprintf("references: [{dataset: d%d, field: %s.%s, direction: %s}]", c.to.table.system, c.to.table.name, c.to.path(), c.direction))
			}
			return "fides_meta: {" + strings.Join(parts, ", ") + "}"
		}
		b.WriteString("    - name: doc\n      fields:\n      - {name: deep, fields: [{name: note, data_categories: [user.content]}]}\n")
		for k, c := range m.columns {
			if c.inside {
				fmt.Fprintf(&b, "      - {name: %s, fields: [{name: v, data_categories: [user.unique_id], %s}]}\n", c.name, meta(k, c))
			}
		}
		for k, c := range m.columns {
			if !c.inside {
				fmt.Fprintf(&b, "    - {name: %s, data_categories: [user.unique_id], %s}\n", c.name, meta(k, c))
			}
		}
	}
	return b.String()
}

// reached is the plain search: by table, the places of the rows.
func reached(list []*mtable) map[*mtable]map[int]bool {
	seen := map[*mtable]map[int]bool{}
	type at struct {
		m *mtable
		i int
	}
	var queue []at
	add := func(m *mtable, i int) {
		if seen[m] == nil {
			seen[m] = map[int]bool{}
		}
		if !seen[m][i] {
			seen[m][i] = true
			queue = append(queue, at{m, i})
		}
	}
	for _, m := range list {
		for i, r := range m.rows {
			if strings.EqualFold(r.email, "me@example.com") {
				add(m, i)
			}
		}
	}
	for len(queue) > 0 {
		x := queue[0]
		queue = queue[1:]
		for _, m := range list {
			for _, c := range m.columns {
				if c.to == nil {
					continue
				}
				from, to := c, c.to // "to": this leads there
				if c.direction == dataset.From {
					from, to = c.to, c
				}
				if from.table != x.m {
					continue
				}
				v := x.m.rows[x.i].cells[from.index()]
				for i, r := range to.table.rows {
					if w := r.cells[to.index()]; !v.null && !w.null && v.n == w.n {
						add(to.table, i)
					}
				}
			}
		}
	}
	return seen
}

// name is what tells a row apart in the findings: of rows without a key everything that is read.
func (m *mtable) rowName(r mrow) string {
	out := fmt.Sprintf("%s mark=%d email=%s", m.name, r.mark, r.email)
	for k, c := range m.columns {
		if r.cells[k].null {
			continue
		}
		out += fmt.Sprintf(" %s=%d", c.path(), r.cells[k].n)
	}
	return out
}

func findingName(f *engine.Finding) string {
	out := f.Collection
	var columns []string
	for _, v := range f.Fields {
		switch {
		case v.Name == "mark" || v.Name == "email":
			out += " " + v.Name + "=" + v.Value.Text()
		case v.Name != "doc.deep.note" && v.Value.Kind != source.Null:
			columns = append(columns, " "+v.Name+"="+v.Value.Text())
		}
	}
	// Those inside the document come first in the file.
	sort.SliceStable(columns, func(i, j int) bool { return columnNumber(columns[i]) < columnNumber(columns[j]) })
	return out + strings.Join(columns, "")
}

func columnNumber(s string) string { return strings.TrimPrefix(strings.TrimPrefix(s, " "), "doc.") }

func TestTheWalkFindsWhatAPlainSearchFinds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		companies := []*company{newCompany(t, kind, "SELECT 1"), newCompany(t, kind, "SELECT 1")}
		dir := t.TempDir()
		rapid.Check(t, func(rt *rapid.T) {
			list := drawModel(rt)
			var told string
			for i, c := range companies {
				remake(rt, c, script(list, i, kind))
				told += script(list, i, kind) + annotations(list, i)
			}
			s := connectModel(rt, companies, list, dir)
			defer s.Close()
			var got, want []string
			report, err := engine.Walk(context.Background(), s.Connected, email("me@example.com"), engine.Options{KeepForeign: true}, func(f *engine.Finding) error {
				got = append(got, findingName(f))
				return nil
			})
			if err != nil || report.Incomplete {
				rt.Fatal(err, report, told)
			}
			for m, rows := range reached(list) {
				for i := range rows {
					want = append(want, m.rowName(m.rows[i]))
				}
			}
			sort.Strings(got)
			sort.Strings(want)
			if !slices.Equal(got, want) {
				rt.Fatalf("found\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), told)
			}
			eraseModel(rt, companies, s, list, told)
		})
	})
}

// eraseModel erases, and holds every row that the plan does not change against what it was.
func eraseModel(t *rapid.T, companies []*company, s *engine.Sources, list []*mtable, told string) {
	ctx := context.Background()
	before := dumpModel(t, companies, list)
	p, err := engine.PrepareErase(ctx, s, email("me@example.com"), nil, engine.RunOptions{})
	if err != nil {
		t.Fatal(err, told)
	}
	defer p.Close()
	if fmt.Sprint(dumpModel(t, companies, list)) != fmt.Sprint(before) {
		t.Fatal("the trial run left traces", told)
	}
	if p.Blocked() {
		t.Fatalf("no plan: %+v\n%s", p.Problems, told)
	}
	changed := map[string]int{} // rows of each table that may differ afterwards
	deleted := map[string]int{}
	err = p.Steps().Each(ctx, func(x *engine.Step) error {
		switch {
		case x.Action == engine.Delete:
			deleted[x.Collection]++
			changed[x.Collection]++
		case x.Action.Writes():
			changed[x.Collection]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Execute(ctx, p.Summary.Digest)
	if err != nil || !out.Verification.Done() {
		t.Fatalf("%v %+v\n%s", err, out, told)
	}
	after := dumpModel(t, companies, list)
	for _, m := range list {
		was, is := before[m.name], after[m.name]
		if len(was)-len(is) != deleted[m.name] {
			t.Fatalf("%s had %d rows and has %d, %d were to go\n%s", m.name, len(was), len(is), deleted[m.name], told)
		}
		if gone := missingFrom(was, is); gone != changed[m.name] {
			t.Fatalf("%s: %d rows are not as they were, %d were planned\n%s", m.name, gone, changed[m.name], told)
		}
	}
}

// missingFrom counts the rows of a that b does not have as often.
func missingFrom(a, b []string) int {
	left := slices.Clone(b)
	n := 0
	for _, row := range a {
		if at := slices.Index(left, row); at >= 0 {
			left = slices.Delete(left, at, at+1)
		} else {
			n++
		}
	}
	return n
}

func dumpModel(t *rapid.T, companies []*company, list []*mtable) map[string][]string {
	out := map[string][]string{}
	for _, m := range list {
		rows, err := companies[m.system].db.Query("SELECT * FROM " + m.name)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			raw, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
			for i := range raw {
				into[i] = &raw[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			out[m.name] = append(out[m.name], fmt.Sprint(raw))
		}
		rows.Close()
		sort.Strings(out[m.name])
	}
	return out
}

func remake(t *rapid.T, c *company, script string) {
	clean := "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
	if c.kind == "sqlite" {
		clean = "PRAGMA foreign_keys = OFF;\n"
		for i := range 6 {
			clean += fmt.Sprintf("DROP TABLE IF EXISTS t%d;\n", i)
		}
	}
	if _, err := c.db.Exec(clean + script); err != nil {
		t.Fatalf("%s\n%v", script, err)
	}
}

func connectModel(t *rapid.T, companies []*company, list []*mtable, dir string) *engine.Sources {
	var sources strings.Builder
	sources.WriteString("sources:\n")
	dsns := map[string]string{}
	for i, c := range companies {
		if !slices.ContainsFunc(list, func(m *mtable) bool { return m.system == i }) {
			continue
		}
		fmt.Fprintf(&sources, "- {name: s%d, dsn: 'env:D%d', dataset: d%d.yaml}\n", i, i, i)
		dsns[fmt.Sprintf("D%d", i)] = c.dsn
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("d%d.yaml", i)), []byte(annotations(list, i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(path, []byte(sources.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := engine.LoadSources(context.Background(), path, func(k string) (string, bool) { v, ok := dsns[k]; return v, ok }, kinds.Open)
	if err != nil {
		t.Fatalf("%v\n%s", err, annotations(list, 0)+annotations(list, 1))
	}
	return s
}

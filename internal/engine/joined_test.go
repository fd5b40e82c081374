package engine_test

import (
	"context"
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
	"mininfo/internal/source/kinds"
)

// A random company of several tenants: every table has a key of a tenant and a number, and foreign
// keys over both. Some have a column for the tenant of their own, others share that of the row; some
// lack the reference of one column in the dataset.

type tenantTable struct {
	name   string
	people bool
	links  []*tenantLink // of which it is the child
	rows   []tenantRow
}

type tenantLink struct {
	name      string
	child     *tenantTable
	parent    *tenantTable
	own       bool // has a column of its own for the tenant
	half      bool // the dataset has no reference for the tenant
	turned    bool // the tenant comes last
	direction dataset.Direction
}

// tenantRow holds its values by column; one that lacks is null.
type tenantRow map[string]int

const (
	nobody = iota
	mine
	another
)

func (l *tenantLink) tenant() string {
	if l.own {
		return l.name + "t"
	}
	return "tenant"
}

func drawTenants(t *rapid.T) []*tenantTable {
	var list []*tenantTable
	for i := range rapid.IntRange(1, 4).Draw(t, "tables") {
		list = append(list, &tenantTable{name: fmt.Sprintf("t%d", i), people: i == 0 || rapid.IntRange(0, 2).Draw(t, "people") == 0})
	}
	directions := []dataset.Direction{dataset.From, dataset.To}
	if rapid.Bool().Draw(t, "undirected") {
		directions = append(directions, dataset.Both, dataset.Both)
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "links") {
		l := &tenantLink{name: fmt.Sprintf("f%d", i), child: rapid.SampledFrom(list).Draw(t, "child"), parent: rapid.SampledFrom(list).Draw(t, "parent"),
			own: rapid.Bool().Draw(t, "own"), half: rapid.IntRange(0, 5).Draw(t, "half") == 0, turned: rapid.Bool().Draw(t, "turned"), direction: rapid.SampledFrom(directions).Draw(t, "direction")}
		l.child.links = append(l.child.links, l)
	}
	for _, m := range list {
		taken := map[[2]int]bool{}
		for range rapid.IntRange(1, 7).Draw(t, "rows") {
			r := tenantRow{"tenant": rapid.IntRange(1, 2).Draw(t, "tenant"), "id": rapid.IntRange(1, 4).Draw(t, "id")}
			if k := [2]int{r["tenant"], r["id"]}; taken[k] {
				continue
			} else {
				taken[k] = true
			}
			if m.people {
				r["email"] = rapid.IntRange(nobody, another).Draw(t, "email")
			}
			m.rows = append(m.rows, r)
		}
	}
	for _, m := range list {
		for _, l := range m.links {
			for _, r := range m.rows {
				to := rapid.SampledFrom(l.parent.rows).Draw(t, "to")
				null := rapid.IntRange(0, 5).Draw(t, "null")
				if l.own && null != 0 {
					r[l.tenant()] = to["tenant"]
				}
				if null > 1 && (l.own || r["tenant"] == to["tenant"]) || null == 0 && l.own {
					r[l.name] = to["id"]
				}
			}
		}
	}
	return list
}

func tenantScript(list []*tenantTable, kind string) string {
	var create, fill, after strings.Builder
	for _, m := range list {
		columns := []string{"tenant", "id", "email"}
		fmt.Fprintf(&create, "CREATE TABLE %s (tenant INTEGER, id INTEGER, email TEXT", m.name)
		keys := ""
		for _, l := range m.links {
			if l.own {
				columns = append(columns, l.tenant())
				fmt.Fprintf(&create, ", %s INTEGER", l.tenant())
			}
			columns = append(columns, l.name)
			fmt.Fprintf(&create, ", %s INTEGER", l.name)
			key := fmt.Sprintf("FOREIGN KEY (%s, %s) REFERENCES %s (tenant, id)", l.tenant(), l.name, l.parent.name)
			if l.turned {
				key = fmt.Sprintf("FOREIGN KEY (%s, %s) REFERENCES %s (id, tenant)", l.name, l.tenant(), l.parent.name)
			}
			keys += ", " + key
			fmt.Fprintf(&after, "ALTER TABLE %s ADD %s;\n", m.name, key)
		}
		if kind == "postgres" {
			keys = ""
		}
		fmt.Fprintf(&create, ", PRIMARY KEY (tenant, id)%s);\n", keys)
		for _, r := range m.rows {
			var values []string
			for _, c := range columns {
				switch v, ok := r[c]; {
				case !ok || c == "email" && v == nobody:
					values = append(values, "NULL")
				case c == "email":
					values = append(values, quoted([]string{"", "me@example.com", "you@example.com"}[v]))
				default:
					values = append(values, fmt.Sprint(v))
				}
			}
			fmt.Fprintf(&fill, "INSERT INTO %s VALUES (%s);\n", m.name, strings.Join(values, ", "))
		}
	}
	if kind == "postgres" {
		return create.String() + fill.String() + after.String()
	}
	return "PRAGMA foreign_keys = OFF;\n" + create.String() + fill.String() + "PRAGMA foreign_keys = ON;\n"
}

func tenantDataset(list []*tenantTable) string {
	var b strings.Builder
	b.WriteString("dataset:\n- fides_key: s\n  collections:\n")
	for _, m := range list {
		fmt.Fprintf(&b, "  - name: %s\n    fields:\n    - {name: id, fides_meta: {primary_key: True}}\n    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}\n", m.name)
		refs := map[string][]string{"tenant": nil}
		for _, l := range m.links {
			to := func(column string) string {
				if l.direction == dataset.Both {
					return fmt.Sprintf("{dataset: s, field: %s.%s}", l.parent.name, column)
				}
				return fmt.Sprintf("{dataset: s, field: %s.%s, direction: %s}", l.parent.name, column, l.direction)
			}
			refs[l.name] = append(refs[l.name], to("id"))
			// A field cannot refer to itself.
			if itself := !l.own && l.child == l.parent; !l.half && !itself && !slices.Contains(refs[l.tenant()], to("tenant")) {
				refs[l.tenant()] = append(refs[l.tenant()], to("tenant"))
			}
		}
		names := []string{}
		for name := range refs {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(&b, "    - {name: %s, data_categories: [user.unique_id], fides_meta: {references: [%s]}}\n", name, strings.Join(refs[name], ", "))
		}
	}
	return b.String()
}

// tenantWay is a way from rows of one table to rows of another, where all pairs of columns agree.
type tenantWay struct {
	from, to       *tenantTable
	pairs          [][2]string
	up, undirected bool
}

// tenantWays says what the references mean: those of both columns of a foreign key lead there
// together, and one that stands alone leads alone.
func tenantWays(list []*tenantTable) []tenantWay {
	var out []tenantWay
	for _, m := range list {
		for _, l := range m.links {
			pairs := [][2]string{{l.name, "id"}}
			// What the columns share needs no reference of its own where a table refers to itself,
			// and another foreign key may have brought it.
			brought := slices.ContainsFunc(slices.Concat(m.links, l.parent.links), func(o *tenantLink) bool {
				return !o.own && !o.half && (o.child == l.child && o.parent == l.parent || o.child == l.parent && o.parent == l.child)
			})
			if !l.half || !l.own && (l.child == l.parent || brought) {
				pairs = append(pairs, [2]string{l.tenant(), "tenant"})
			}
			w := tenantWay{from: l.child, to: l.parent, pairs: pairs, up: true, undirected: l.direction == dataset.Both}
			if l.direction != dataset.From {
				out = append(out, w)
			}
			if l.direction != dataset.To {
				out = append(out, w.back())
			}
		}
	}
	return out
}

func (w tenantWay) back() tenantWay {
	b := tenantWay{from: w.to, to: w.from, undirected: w.undirected}
	for _, p := range w.pairs {
		b.pairs = append(b.pairs, [2]string{p[1], p[0]})
	}
	return b
}

func (w tenantWay) leads(a, b tenantRow) bool {
	for _, p := range w.pairs {
		x, ok := a[p[0]]
		y, is := b[p[1]]
		if !ok || !is || x != y {
			return false
		}
	}
	return true
}

// tenantReach is the plain search. Where a reference has no direction the walk need not go on from
// what may be anybody's: least tells what it finds at least, else what it finds at most.
func tenantReach(list []*tenantTable, ways []tenantWay, least bool) map[string]bool {
	type at struct {
		m   *tenantTable
		i   int
		own bool
	}
	seen := map[at]bool{}
	var queue []at
	add := func(x at) {
		if r := x.m.rows[x.i]; r["email"] == mine || !least {
			x.own = true
		}
		if !seen[x] {
			seen[x] = true
			queue = append(queue, x)
		}
	}
	for _, m := range list {
		for i, r := range m.rows {
			if r["email"] == mine {
				add(at{m, i, true})
			}
		}
	}
	for len(queue) > 0 {
		x := queue[0]
		queue = queue[1:]
		for _, w := range ways {
			if w.from != x.m || w.undirected && !w.up && !x.own {
				continue
			}
			for i, r := range w.to.rows {
				if !w.leads(x.m.rows[x.i], r) || w.undirected && !w.up && w.from == w.to && r["email"] == another {
					continue
				}
				add(at{w.to, i, !w.up})
			}
		}
	}
	out := map[string]bool{}
	for x := range seen {
		out[tenantName(x.m, x.m.rows[x.i])] = true
	}
	return out
}

func tenantName(m *tenantTable, r tenantRow) string {
	return fmt.Sprintf("%s/%d/%d", m.name, r["tenant"], r["id"])
}

// A foreign key of several columns is one way, whatever else leads between the tables.
func TestKeysOfTenantsLeadWhereAPlainSearchLeads(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, "SELECT 1")
		dir := t.TempDir()
		rapid.Check(t, func(rt *rapid.T) {
			list := drawTenants(rt)
			remake(rt, c, tenantScript(list, kind))
			told := tenantScript(list, kind) + tenantDataset(list)
			s := connectTenants(rt, c.dsn, dir, tenantDataset(list))
			defer s.Close()
			found := map[string]*engine.Finding{}
			report, err := engine.Walk(context.Background(), s.Connected, email("me@example.com"), engine.Options{KeepForeign: true}, func(f *engine.Finding) error {
				name := f.Collection + "/" + f.Key[0].Value.Text() + "/" + f.Key[1].Value.Text()
				if found[name] != nil {
					rt.Fatalf("%s twice\n%s", name, told)
				}
				found[name] = f.Clone()
				return nil
			})
			if err != nil || report.Incomplete {
				rt.Fatal(err, report, told)
			}
			ways := tenantWays(list)
			for name := range tenantReach(list, ways, true) {
				if found[name] == nil {
					rt.Fatalf("missed %s\n%s", name, told)
				}
			}
			most := tenantReach(list, ways, false)
			for name := range found {
				if !most[name] {
					rt.Fatalf("found %s\n%s", name, told)
				}
			}
			for _, w := range ways {
				for _, b := range w.to.rows {
					f := found[tenantName(w.to, b)]
					if f == nil || f.Matched || f.Shared {
						continue
					}
					for _, a := range w.from.rows {
						if other := found[tenantName(w.from, a)]; w.leads(a, b) && (other == nil || other.OtherPerson) {
							rt.Fatalf("%s leads to %s too, which is not shared\n%s", tenantName(w.from, a), tenantName(w.to, b), told)
						}
					}
				}
			}
		})
	})
}

func connectTenants(t *rapid.T, dsn, dir, yaml string) *engine.Sources {
	path := filepath.Join(dir, "sources.yaml")
	for name, text := range map[string]string{path: "sources: [{name: s, dsn: 'env:D', dataset: s.yaml}]\n", filepath.Join(dir, "s.yaml"): yaml} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := engine.LoadSources(context.Background(), path, func(string) (string, bool) { return dsn, true }, kinds.Open)
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	return s
}

// What hangs on another person, and what that person refers to, is shown to nobody unseen. The other
// tenant has the same numbers, and nothing of it is found.
func TestWhatAnotherPersonHasIsShared(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `
			CREATE TABLE homes (id INTEGER PRIMARY KEY, street TEXT);
			CREATE TABLE people (tenant INTEGER, id INTEGER, email TEXT, home INTEGER, boss INTEGER, PRIMARY KEY (id, tenant), FOREIGN KEY (boss, tenant) REFERENCES people (id, tenant));
			CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant INTEGER, buyer INTEGER, seller INTEGER,
				FOREIGN KEY (tenant, buyer) REFERENCES people (tenant, id), FOREIGN KEY (seller, tenant) REFERENCES people (id, tenant));
			CREATE TABLE wages (id INTEGER PRIMARY KEY, tenant INTEGER, person INTEGER, FOREIGN KEY (tenant, person) REFERENCES people (tenant, id));
			INSERT INTO homes VALUES (1, 'hers'), (2, 'of the seller'), (3, 'in the other tenant');
			INSERT INTO people VALUES (1, 9, 'chief@example.com', NULL, NULL), (2, 9, 'other@example.com', 3, NULL);
			INSERT INTO people VALUES (1, 7, 'kari@example.com', 1, NULL), (1, 8, 'seller@example.com', 2, 9), (2, 7, 'ola@example.com', 3, 9), (2, 8, 'per@example.com', 3, NULL);
			INSERT INTO orders VALUES (1, 1, 7, 8), (2, 2, 7, 8);
			INSERT INTO wages VALUES (1, 1, 8), (2, 2, 8), (3, 1, 9);`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: homes
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: street, data_categories: [user.contact.address.street]}
  - name: people
    fields:
    - {name: tenant, fides_meta: {primary_key: True}}
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: home, fides_meta: {references: [{dataset: s, field: homes.id, direction: to}]}}
    - {name: boss, fides_meta: {references: [{dataset: s, field: people.id, direction: to}]}}
  - name: orders
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: tenant, fides_meta: {references: [{dataset: s, field: people.tenant, direction: from}]}}
    - {name: buyer, fides_meta: {references: [{dataset: s, field: people.id, direction: from}]}}
    - {name: seller, fides_meta: {references: [{dataset: s, field: people.id, direction: to}]}}
  - name: wages
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: tenant, fides_meta: {references: [{dataset: s, field: people.tenant, direction: from}]}}
    - {name: person, fides_meta: {references: [{dataset: s, field: people.id, direction: from}]}}
`)
		var got []string
		for name, f := range findings(t, s, email("kari@example.com")) {
			got = append(got, fmt.Sprint(name, map[bool]string{true: " shared"}[f.Shared]))
		}
		sort.Strings(got)
		same(t, "found", got, "[homes/1 homes/2 shared orders/1 people/7/1 people/8/1 shared people/9/1 shared wages/1 shared wages/3 shared]")
	})
}

package engine_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
)

// listColumn gives the type of a column that holds texts, and a value of it.
func listColumn(kind string, texts ...string) (typ, value string) {
	if kind == "postgres" {
		return "TEXT[]", "ARRAY['" + strings.Join(texts, "','") + "']"
	}
	return "TEXT", `'["` + strings.Join(texts, `","`) + `"]'`
}

// Of a list by which a row was found only what leads to the person is the person's, unless the
// dataset says that all of it is.
func TestListsAreNarrowedToWhatLedToTheRow(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		typ, mails := listColumn(kind, "kari@example.com", "someone@example.com")
		_, orders := listColumn(kind, "A1", "B7")
		_, logins := listColumn(kind, "kari", "kk")
		c := newCompany(t, kind, fmt.Sprintf(`
			CREATE TABLE groups (id INTEGER PRIMARY KEY, mails %s, every %s);
			CREATE TABLE orders (no TEXT PRIMARY KEY, email TEXT);
			CREATE TABLE parcels (id INTEGER PRIMARY KEY, orders %s, place TEXT);
			INSERT INTO groups VALUES (1, %s, %s);
			INSERT INTO orders VALUES ('A1', 'kari@example.com'), ('B7', 'someone@example.com');
			INSERT INTO parcels VALUES (1, %s, 'Oslo');`, typ, typ, typ, mails, logins, orders))
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: groups
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: mails, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: "string[]"}}
    - {name: every, data_categories: [user.name], fides_meta: {data_type: "string[]", return_all_elements: True, identity: login}}
  - name: orders
    fields:
    - {name: no, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: parcels
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: orders, data_categories: [user.behavior], fides_meta: {data_type: "string[]", references: [{dataset: s, field: orders.no, direction: from}]}}
    - {name: place, data_categories: [user.location]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "own address", got["s"]["groups"][0]["mails"], "[kari@example.com]")
		same(t, "own order", got["s"]["parcels"][0]["orders"], "[A1]")
		got, _ = collect(t, s, []engine.Seed{{Kind: "login", Value: "kari"}})
		same(t, "all of them", got["s"]["groups"][0]["every"], "[kari kk]")
		word := "x"
		execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.contact", Strategy: dataset.StringRewrite, Config: dataset.MaskingConfig{RewriteValue: &word}},
			engine.CategoryRule{Category: "user.behavior"}))
		left := map[string]string{"postgres": "[[{x,someone@example.com}|{kari,kk}]]",
			"sqlite": `[[["x","someone@example.com"]|["kari","kk"]]]`}[kind]
		same(t, "the other stays", c.rows("SELECT mails, every FROM groups"), left)
		same(t, "parcels", c.rows("SELECT orders FROM parcels"), map[string]string{"postgres": "[[{NULL,B7}]]", "sqlite": `[[[null,"B7"]]]`}[kind])
	})
}

func TestFieldsInsideListsOfDocuments(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		doc := map[string]string{"postgres": "JSONB", "sqlite": "TEXT"}[kind]
		c := newCompany(t, kind, `
			CREATE TABLE orders (id INTEGER PRIMARY KEY, doc `+doc+`, people `+doc+`);
			CREATE TABLE goods (sku TEXT PRIMARY KEY, gift TEXT);
			INSERT INTO orders VALUES (1, '{"lines": [{"sku": "a", "tags": ["t1"], "ok": true}, {"sku": "b", "tags": ["t2", "t3"]}, {}]}', '[{"mail": "Kari@example.com"}, {"mail": "x@example.com"}]'),
				(2, '{"lines": {"sku": "c"}}', '{"mail": "kari@example.com"}'), (3, '{"lines": [{"sku": "d"}]}', '[{"mail": "ola@example.com"}]'), (4, NULL, NULL);
			INSERT INTO goods VALUES ('a', 'for kari'), ('b', 'for kari'), ('c', 'for kari'), ('d', 'for ola');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: orders
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - name: doc
      fields:
      - name: lines
        fides_meta: {data_type: "object[]"}
        fields:
        - {name: sku, data_categories: [user.behavior]}
        - {name: tags, data_categories: [user.behavior], fides_meta: {data_type: "string[]"}}
        - {name: ok, data_categories: [user.behavior]}
    - name: people
      fides_meta: {data_type: "object[]"}
      fields:
      - {name: mail, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: goods
    fields:
    - {name: sku, fides_meta: {primary_key: True, references: [{dataset: s, field: orders.doc.lines.sku, direction: from}]}}
    - {name: gift, data_categories: [user.content]}
`)
		got, report := collect(t, s, email("kari@example.com"))
		same(t, "incomplete", report.Incomplete, false)
		same(t, "orders", got.values("s", "orders", "id"), "[1 2]")
		same(t, "lines", got.values("s", "orders", "doc"), "[map[lines:map[ok:[true] sku:[a b] tags:[t1 t2 t3]]] map[lines:map[ok:[] sku:[c] tags:[]]]]")
		same(t, "mails", got.values("s", "orders", "people"), "[map[mail:[Kari@example.com]] map[mail:[kari@example.com]]]")
		same(t, "goods", got.values("s", "goods", "sku"), "[a b c]")
		if p := prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.behavior"}); !p.Blocked() || p.Problems[0].Code != "in_list" {
			t.Errorf("a change inside a list of documents was offered or dropped in silence: %+v", p.Problems)
		}
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", c.rows("SELECT id FROM orders"), "[[3] [4]]")
	})
}

func TestIdentifiersAreComparedInTheTypeOfTheirColumn(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "postgres", `CREATE TABLE people (id uuid PRIMARY KEY, no numeric(10,2), name text);
		INSERT INTO people VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 7, 'Kari'), ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', 8, 'Ola');`)
	s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True, identity: person_id}}
    - {name: no, fides_meta: {identity: customer_no}}
    - {name: name, data_categories: [user.name]}
`)
	for _, seed := range []engine.Seed{{Kind: "person_id", Value: "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"}, {Kind: "customer_no", Value: "7"}, {Kind: "customer_no", Value: "7.0"}} {
		got, _ := collect(t, s, []engine.Seed{seed})
		same(t, "found", got.values("s", "people", "name"), "[Kari]")
	}
}

// Rows that the database hides from the account would pass for rows that are not there.
func TestHiddenRowsAreAFailure(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "postgres", `CREATE TABLE notes (id int PRIMARY KEY, email text, text text);
		INSERT INTO notes VALUES (1, 'kari@example.com', 'hidden'), (2, 'kari@example.com', 'seen');
		ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON notes USING (id = 2);`)
	u, err := url.Parse(c.dsn)
	if err != nil {
		t.Fatal(err)
	}
	role := "limited_" + strings.TrimPrefix(u.Path, "/")
	c.exec("CREATE ROLE " + role + " LOGIN PASSWORD 'limited'; GRANT ALL ON notes TO " + role)
	t.Cleanup(func() { c.exec("REVOKE ALL ON notes FROM " + role + "; DROP ROLE " + role) })
	u.User = url.UserPassword(role, "limited")
	limited := *c
	limited.dsn = u.String()
	s := connect(t, "s", &limited, `
dataset:
- fides_key: s
  collections:
  - name: notes
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: text, data_categories: [user.content]}
`)
	_, report := collect(t, s, email("kari@example.com"))
	same(t, "status", []any{report.Incomplete, report.Collections[0].Status, report.Collections[0].Code}, "[true failed denied]")
	if p := prepareErase(t, s, email("kari@example.com")); !p.Blocked() {
		t.Error("a plan over hidden rows was offered")
	}
}

func TestTablesThatOthersInheritFrom(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "postgres", `CREATE TABLE visits (id int PRIMARY KEY, email text, what text); CREATE TABLE old_visits () INHERITS (visits);
		INSERT INTO visits VALUES (1, 'kari@example.com', 'new'), (2, 'ola@example.com', 'new'); INSERT INTO old_visits VALUES (1, 'kari@example.com', 'old'), (2, 'ola@example.com', 'old');`)
	s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: visits
    fields:
    - {name: id}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: what, data_categories: [user.behavior]}
`)
	got, _ := collect(t, s, email("kari@example.com"))
	same(t, "both", got.values("s", "visits", "what"), "[new old]")
	execute(t, prepareErase(t, s, email("kari@example.com")))
	same(t, "left", c.rows("SELECT email, what FROM visits"), "[[ola@example.com|new] [ola@example.com|old]]")
}

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"mininfo/internal/engine"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

func TestCyclesEndAndCompositeKeysWork(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `
			CREATE TABLE a (x INTEGER, y TEXT, email TEXT, c_id INTEGER, PRIMARY KEY (x, y));
			CREATE TABLE b (id INTEGER PRIMARY KEY, a_x INTEGER);
			CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INTEGER, word TEXT);
			INSERT INTO a VALUES (1, 'p', 'kari@example.com', NULL), (2, 'q', NULL, 5), (9, 'z', 'ola@example.com', NULL);
			INSERT INTO b VALUES (3, 1), (4, 2), (8, 9);
			INSERT INTO c VALUES (5, 3, 'one'), (6, 4, 'two'), (7, 8, 'other');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: a
    fields:
    - {name: x, fides_meta: {primary_key: True}}
    - {name: y, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: c_id, fides_meta: {references: [{dataset: s, field: c.id, direction: from}]}}
  - name: b
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: a_x, fides_meta: {references: [{dataset: s, field: a.x, direction: from}]}}
  - name: c
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: b_id, fides_meta: {references: [{dataset: s, field: b.id, direction: from}]}}
    - {name: word, data_categories: [user.content]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "a", got.values("s", "a", "y"), "[p q]")
		same(t, "b", got.values("s", "b", "id"), "[3 4]")
		same(t, "c", got.values("s", "c", "word"), "[one two]")
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", []any{c.rows("SELECT x FROM a"), c.rows("SELECT id FROM c")}, "[[[9]] [[7]]]")
	})
}

// What another source refers to, and what refers to another source, is part of what a row is known by,
// though it says nothing by itself: a plan that was made with both in sight is carried out so.
func TestReferencesBetweenSourcesAreNoDrift(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		crm := newCompany(t, kind, `
			CREATE TABLE people (id INTEGER PRIMARY KEY, no TEXT, email TEXT);
			INSERT INTO people VALUES (1, 'K-1', 'kari@example.com'), (2, 'K-2', 'ola@example.com');`)
		desk := newCompany(t, kind, `
			CREATE TABLE tickets (id INTEGER PRIMARY KEY, person TEXT, topic TEXT);
			CREATE TABLE visits (person TEXT, page TEXT);
			INSERT INTO tickets VALUES (1, 'K-1', 'lamp'), (2, 'K-2', 'lamp');
			INSERT INTO visits VALUES ('K-1', '/a'), ('K-1', '/a'), ('K-2', '/a');`)
		s := connect(t, "crm", crm, `
dataset:
- fides_key: crm
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: no}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`, "desk", desk, `
dataset:
- fides_key: desk
  collections:
  - name: tickets
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: crm, field: people.no, direction: from}]}}
    - {name: topic, data_categories: [user.behavior]}
  - name: visits
    fields:
    - {name: person, fides_meta: {references: [{dataset: crm, field: people.no, direction: from}]}}
    - {name: page, data_categories: [user.behavior.browsing_history]}
`)
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", []any{crm.rows("SELECT id FROM people"), desk.rows("SELECT id FROM tickets"), desk.rows("SELECT * FROM visits")}, "[[[2]] [[2]] [[K-2|/a]]]")
	})
}

func TestCastsAcrossTypesAndSources(t *testing.T) {
	t.Parallel()
	crm := `
dataset:
- fides_key: crm
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True, data_type: integer}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
`
	web := `
dataset:
- fides_key: web
  collections:
  - name: profiles
    fields:
    - name: person
      fides_meta: {primary_key: True, data_type: string, references: [{dataset: crm, field: people.id, direction: from}]}
    - {name: nick, data_categories: [user.account.username]}
  - name: posts
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: nick, fides_meta: {references: [{dataset: web, field: profiles.nick, direction: from}]}}
    - {name: score, data_categories: [user.behavior], fides_meta: {references: [{dataset: crm, field: people.id, direction: to}]}}
`
	onBoth(t, func(t *testing.T, kind string) {
		a := newCompany(t, kind, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
			INSERT INTO people VALUES (1, 'kari@example.com', 'Kari'), (2, 'ola@example.com', 'Ola'), (41, 'per@example.com', 'Per');`)
		b := newCompany(t, kind, `CREATE TABLE profiles (person TEXT PRIMARY KEY, nick TEXT);
			CREATE TABLE posts (id INTEGER PRIMARY KEY, nick TEXT, score NUMERIC);
			INSERT INTO profiles VALUES ('1', 'kk'), ('01', 'no'), ('2', 'oo'), ('x', 'xx');
			INSERT INTO posts VALUES (1, 'kk', 41), (2, 'oo', 2), (3, 'kk', 41.5);`)
		s := connect(t, "crm", a, crm, "web", b, web)
		got, report := collect(t, s, email("kari@example.com"))
		same(t, "profiles", got.values("web", "profiles", "nick"), "[kk]")
		same(t, "posts", got.values("web", "posts", "id"), "[1 3]")
		same(t, "incomplete", report.Incomplete, false)
		f := findings(t, s, email("kari@example.com"))
		if per := f["people/41"]; per == nil || !per.OtherPerson || !per.Shared {
			t.Errorf("another person's row, reached by a number: %+v", per)
		}
		if _, shown := got["crm"]["people"][0]["name"]; len(got["crm"]["people"]) != 1 || !shown {
			t.Errorf("people: %v", got["crm"]["people"])
		}
		p := prepareErase(t, s, email("kari@example.com"))
		same(t, "order", engine.Order(s.Connected), "[web crm]")
		execute(t, p)
		same(t, "people", a.rows("SELECT name FROM people"), "[[Ola] [Per]]")
		same(t, "profiles", b.rows("SELECT person FROM profiles"), "[[01] [2] [x]]")
	})
}

func TestOnePersonUnderTwoSpellingsInTwoTables(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `
			CREATE TABLE customers (no INTEGER PRIMARY KEY, email TEXT, name TEXT, rep INTEGER);
			CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, customer_no INTEGER, nick TEXT);
			INSERT INTO customers VALUES (1, 'kari.nordmann@example.com', 'Kari', NULL), (2, 'ola@example.com', 'Ola', NULL);
			INSERT INTO users VALUES (5, 'karin@example.org', 1, 'kk'), (6, 'ola@example.com', 2, 'oo');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: customers
    fields:
    - {name: no, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
  - name: users
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: customer_no, fides_meta: {references: [{dataset: s, field: customers.no}]}}
    - {name: nick, data_categories: [user.account.username]}
`)
		for _, seed := range []string{"kari.nordmann@example.com", "KARIN@example.org"} {
			got, _ := collect(t, s, email(seed))
			same(t, seed+" users", got.values("s", "users", "nick"), "[kk]")
			same(t, seed+" customers", got.values("s", "customers", "name"), "[Kari]")
			same(t, seed+" both addresses", got.values("s", "customers", "email"), "[kari.nordmann@example.com]")
			same(t, seed+" both addresses", got.values("s", "users", "email"), "[karin@example.org]")
		}
	})
}

func TestAManagerDoesNotGetThePeopleUnderHer(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `
			CREATE TABLE staff (id INTEGER PRIMARY KEY, email TEXT, boss INTEGER REFERENCES staff(id));
			CREATE TABLE pay (id INTEGER PRIMARY KEY, staff_id INTEGER REFERENCES staff(id), amount INTEGER);
			INSERT INTO staff VALUES (1, 'boss@example.com', NULL), (2, 'kari@example.com', 1), (3, 'ola@example.com', 1);
			INSERT INTO pay VALUES (1, 1, 900), (2, 2, 500), (3, 3, 400);`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: staff
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: boss, fides_meta: {references: [{dataset: s, field: staff.id}]}}
  - name: pay
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: staff_id, fides_meta: {references: [{dataset: s, field: staff.id}]}}
    - {name: amount, data_categories: [user.financial]}
`)
		for seed, pay := range map[string]string{"boss@example.com": "[900]", "kari@example.com": "[500]"} {
			got, _ := collect(t, s, email(seed))
			same(t, seed, got.values("s", "pay", "amount"), pay)
			same(t, seed+" staff", len(got["s"]["staff"]), 1)
		}
		execute(t, prepareErase(t, s, email("boss@example.com")))
		same(t, "staff", c.rows("SELECT id, boss, email FROM staff WHERE id > 1"), "[[2|1|kari@example.com] [3|1|ola@example.com]]")
		same(t, "pay", c.rows("SELECT id FROM pay"), "[[2] [3]]")
	})
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	names := []string{`na"me`, `a;DROP TABLE victims--`, `sel'ect`, `order`, "møl`k", `%s`, `$1`, `a b`, `UPPER`, `[x]`}
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `CREATE TABLE victims (id INTEGER PRIMARY KEY); INSERT INTO victims VALUES (1);`)
		var yaml strings.Builder
		yaml.WriteString("dataset:\n- fides_key: s\n  collections:\n")
		for _, n := range names {
			q := `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
			column := `"c` + strings.ReplaceAll(n, `"`, `""`) + `"`
			c.exec(fmt.Sprintf(`CREATE TABLE %s (%s INTEGER PRIMARY KEY, "e' or 1=1 --" TEXT, "x""y" TEXT)`, q, column))
			c.exec(fmt.Sprintf(`INSERT INTO %s VALUES (1, 'kari@example.com', 'a'), (2, 'ola@example.com', 'b')`, q))
			fmt.Fprintf(&yaml, `  - name: %q
    fields:
    - {name: %q, fides_meta: {primary_key: True}}
    - {name: "e' or 1=1 --", data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: "x\"y", data_categories: [user.name]}
`, n, "c"+n)
		}
		s := connect(t, "s", c, yaml.String())
		got, report := collect(t, s, email("kari@example.com"))
		same(t, "incomplete", report.Incomplete, false)
		for _, n := range names {
			same(t, n, got.values("s", n, `x"y`), "[a]")
		}
		got, _ = collect(t, s, email(`x' OR '1'='1@example.com`))
		same(t, "injected", len(got), 0)
		execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.name"}))
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "victims", c.rows("SELECT * FROM victims"), "[[1]]")
		for _, n := range names {
			same(t, n, c.rows(fmt.Sprintf(`SELECT "x""y" FROM "%s"`, strings.ReplaceAll(n, `"`, `""`))), "[[b]]")
		}
	})
}

// An answer says of each system of which moment it is: of those that were looked into, by the clock that was given.
func TestACC10TheReportTellsWhenEachSystemWasRead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		down := &company{t: t, dsn: "postgres://nobody@127.0.0.1:1/none?sslmode=disable"}
		if kind == "sqlite" {
			down.dsn = "file:/nowhere/none.db"
		}
		s := connect(t, "shop", c, shopDataset, "hr", down, `
dataset:
- fides_key: hr
  collections:
  - name: staff
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`)
		at := time.Date(2026, 6, 1, 8, 15, 0, 0, time.UTC)
		opts := engine.Options{TempDir: t.TempDir(), Now: func() time.Time { return at }}
		report, err := engine.Walk(t.Context(), s.Connected, email("customer-1@example.com"), opts, func(*engine.Finding) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		same(t, "read", len(report.Read), 1)
		same(t, "shop", report.Read["shop"].Equal(at), true)
	})
}

func TestWhatCannotBeReadNeverPassesForEmpty(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		down := &company{t: t, dsn: "postgres://nobody:canary@127.0.0.1:1/none?sslmode=disable"}
		if kind == "sqlite" {
			down.dsn = "file:/nowhere/canary.db"
		}
		other := `
dataset:
- fides_key: hr
  collections:
  - name: staff
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
- fides_key: gone
  collections:
  - name: nothing_here
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`
		s := connect(t, "shop", c, strings.Replace(shopDataset, "  - name: visits", "  - name: renamed", 1), "hr", down, other)
		got, report := collect(t, s, email("customer-1@example.com"))
		same(t, "the rest", got.values("shop", "customers", "id"), "[1]")
		same(t, "incomplete", report.Incomplete, true)
		status := map[string]string{}
		for _, r := range report.Collections {
			status[r.Collection] = string(r.Status) + " " + string(r.Code)
		}
		same(t, "renamed", status["renamed"], "failed missing")
		same(t, "staff", status["staff"], "failed unreachable")
		p := prepareErase(t, s, email("customer-1@example.com"))
		same(t, "blocked", p.Blocked(), true)
		for _, x := range p.Problems {
			if strings.Contains(fmt.Sprint(x), "canary") {
				t.Errorf("quotes the connection: %v", x)
			}
		}
	})
}

func TestStatusOfEachCollection(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema+`CREATE TABLE island (id INTEGER PRIMARY KEY, name TEXT, extra TEXT); CREATE TABLE skipped (id INTEGER PRIMARY KEY, email TEXT);`)
		s := connect(t, "shop", c, shopDataset+`
  - name: island
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: name, data_categories: [user.name]}
  - name: skipped
    fides_meta: {skip_processing: True}
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`)
		_, report := collect(t, s, email("nobody@example.com"))
		got := map[string]string{}
		drift := map[string][]string{}
		for _, r := range report.Collections {
			got[r.Collection] = string(r.Status)
			drift[r.Collection] = r.Unannotated
		}
		same(t, "customers", got["customers"], "nothing")
		same(t, "visits", got["visits"], "nothing")
		same(t, "island", got["island"], "not_reachable")
		same(t, "skipped", got["skipped"], "skipped")
		same(t, "drift", []any{drift["customers"], drift["island"]}, "[[created] [extra]]")
		same(t, "incomplete", report.Incomplete, false)
	})
}

func TestIdentitiesOfSeveralKinds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		for _, number := range []string{"91234567", "+4791234567", "0047 91 23 45 67"} {
			got, _ := collect(t, s, []engine.Seed{{Kind: engine.Phone, Value: number}})
			same(t, number, got.values("shop", "orders", "id"), "[10 11]")
		}
		both := []engine.Seed{{Kind: engine.Phone, Value: "91234567"}, {Kind: engine.Email, Value: "customer-2@example.com"}}
		got, _ := collect(t, s, both)
		same(t, "both", got.values("shop", "customers", "id"), "[1 2]")
		same(t, "no one's address is somebody else's", got.values("shop", "addresses", "id"), "[1 2]")
	})
}

// An IP address is the person's for the days that they give and no others, whatever it is stored
// as; another address in a row of theirs makes the row nobody else's.
func TestAnAddressOfTheNetworkForItsDays(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		at, ip := "TIMESTAMP", "TEXT"
		if kind == "postgres" {
			at, ip = "TIMESTAMPTZ", "INET"
		}
		c := newCompany(t, kind, `
			CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);
			CREATE TABLE logins (id INTEGER PRIMARY KEY, person INTEGER, at `+at+`, ip `+ip+`);
			INSERT INTO people VALUES (1, 'kari@example.com'), (2, 'ola@example.com');
			INSERT INTO logins VALUES (10, NULL, '2026-10-02 23:30:00Z', '203.0.113.7'), (11, NULL, '2026-10-01 12:00:00Z', '203.0.113.7'),
				(12, NULL, '2026-10-04 12:00:00Z', '203.0.113.7'), (13, NULL, NULL, '203.0.113.7'), (14, NULL, '2026-10-03 12:00:00Z', '203.0.113.70'),
				(15, 1, '2026-12-01 12:00:00Z', '198.51.100.1'), (16, NULL, '2026-10-03 12:00:00Z', '2001:db8::7');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: logins
    mininfo: {received: at}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: s, field: people.id, direction: from}]}}
    - {name: at, data_categories: [user.behavior]}
    - {name: ip, data_categories: [user.device.ip_address], fides_meta: {identity: ip_address}}
`)
		use := func(v string) engine.Seed { return engine.Seed{Kind: engine.IPAddress, Value: v} }
		for _, c := range []struct {
			seeds []engine.Seed
			want  string
		}{
			{[]engine.Seed{use("203.0.113.7 2026-10-02/2026-10-03")}, "[10]"},
			{[]engine.Seed{use("203.0.113.7 2026-10-01"), use("203.0.113.7 2026-10-04")}, "[11 12]"},
			{[]engine.Seed{use("203.0.113.7 2026-10-05/2026-10-31")}, "[]"},
			{[]engine.Seed{use("2001:db8:0::7 2026-10-03")}, "[16]"},
			{append(email("kari@example.com"), use("203.0.113.7 2026-10-01")), "[11 15]"},
		} {
			got, _ := collect(t, s, c.seeds)
			same(t, "logins", got.values("s", "logins", "id"), c.want)
		}
	})
}

func TestCategoryLimitKeepsOnlySuchFields(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		got, _ := collect(t, connect(t, "shop", c, shopDataset), email("customer-1@example.com"), "user.contact")
		same(t, "collections", len(got["shop"]), 3)
		same(t, "customers", got["shop"]["customers"], "[map[email:Customer-1@Example.com phone:+47 912 34 567]]")
		same(t, "addresses", len(got["shop"]["addresses"][0]), 2)
	})
}

// What does not fit in memory goes to disk and comes back in order.
func TestSpilledFindingsComeInOrder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'kari@example.com');
			CREATE TABLE events (a INTEGER, b TEXT, person INTEGER, what TEXT, PRIMARY KEY (a, b));
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
			INSERT INTO events SELECT (i * 7919) % 20011 - 9000, 'k' || (i % 13), 1, 'event number ' || i FROM n;`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: events
    fields:
    - {name: a, fides_meta: {primary_key: True}}
    - {name: b, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: s, field: people.id, direction: from}]}}
    - {name: what, data_categories: [user.behavior]}
`)
		var last []engine.KeyPart
		count := 0
		_, err := engine.Walk(context.Background(), s.Connected, email("kari@example.com"), engine.Options{Memory: 64 << 10, TempDir: t.TempDir()}, func(f *engine.Finding) error {
			if f.Collection != "events" {
				return nil
			}
			if count++; count > 1 && compareKeys(last, f.Key) >= 0 {
				t.Fatalf("row %d is not after the one before", count)
			}
			last = f.Clone().Key
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "count", count, 20000)
	})
}

func compareKeys(a, b []engine.KeyPart) int {
	for i := range a {
		if c := a[i].Value.Compare(b[i].Value); c != 0 {
			return c
		}
	}
	return 0
}

// Every type of value comes out exactly, and its row can be named by it.
func TestPostgresTypes(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "postgres", `
		CREATE SCHEMA sales;
		CREATE TYPE sales.mood AS ENUM ('glad', 'sur');
		CREATE DOMAIN sales.mail AS varchar(80) CHECK (value LIKE '%@%');
		CREATE TABLE sales."Kunder" (
			id uuid PRIMARY KEY, email sales.mail NOT NULL, mood sales.mood NOT NULL, amount numeric(30,10), ratio double precision,
			born date, seen timestamptz, local timestamp, clock time, ok boolean, raw bytea, doc jsonb, tags text[], code char(6),
			ip inet, twice int GENERATED ALWAYS AS (42) STORED, no bigint GENERATED ALWAYS AS IDENTITY);
		INSERT INTO sales."Kunder" (id, email, mood, amount, ratio, born, seen, local, clock, ok, raw, doc, tags, code, ip) VALUES
			('0b0e5e1a-0000-4000-8000-000000000001', 'Kari@Example.com', 'sur', 12345678901.0123456789, 0.1, '1980-02-03', '2026-01-02 03:04:05.6+01', '2026-01-02 03:04:05',
			 '23:59:58', true, '\x00ff', '{"a": {"mail": "kari@example.com", "n": 1}, "b": [1, 2]}', '{"x,y", "z\"q"}', 'ab', '10.0.0.1'),
			('0b0e5e1a-0000-4000-8000-000000000002', 'ola@example.com', 'glad', null, null, null, null, null, null, null, null, '{"a": {"mail": "ola@example.com"}}', null, null, null);
		CREATE TABLE sales.log (at timestamptz, kunde uuid, mood sales.mood, code char(6));
		INSERT INTO sales.log VALUES ('2026-01-02 03:04:05.6+01', '0b0e5e1a-0000-4000-8000-000000000001', 'sur', 'ab'),
			('2026-01-02 03:04:05.6+01', '0b0e5e1a-0000-4000-8000-000000000001', 'sur', 'ab'), (now(), '0b0e5e1a-0000-4000-8000-000000000002', null, null);`)
	s := connect(t, "s", c, `
dataset:
- fides_key: s
  fides_meta: {namespace: {schema: sales}}
  data_categories: [user]
  collections:
  - name: Kunder
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, fides_meta: {identity: email}}
    - name: mood
    - name: amount
    - name: ratio
    - name: born
    - name: seen
    - name: local
    - name: clock
    - name: ok
    - name: raw
    - name: doc
      fields:
      - name: a
        fields:
        - {name: mail, fides_meta: {identity: email}}
        - name: n
      - name: b
    - {name: tags, fides_meta: {data_type: "string[]"}}
    - name: code
    - name: ip
    - name: twice
  - name: log
    fields:
    - name: at
    - {name: kunde, fides_meta: {references: [{dataset: s, field: Kunder.id, direction: from}]}}
    - name: mood
    - name: code
`)
	got, report := collect(t, s, email("kari@example.com"))
	same(t, "incomplete", report.Incomplete, false)
	want := map[string]string{"id": "0b0e5e1a-0000-4000-8000-000000000001", "email": "Kari@Example.com", "mood": "sur", "ratio": "0.1", "born": "1980-02-03",
		"seen": "2026-01-02T02:04:05.6Z", "local": "2026-01-02T03:04:05", "clock": "23:59:58", "ok": "true", "raw": "AP8=", "doc": "map[a:map[mail:kari@example.com n:1] b:[1 2]]", "tags": `[x,y z"q]`, "code": "ab    ", "ip": "10.0.0.1/32", "twice": "42"}
	if len(got["s"]["Kunder"]) != 1 {
		t.Fatalf("rows: %v", got)
	}
	for name, text := range want {
		same(t, name, got["s"]["Kunder"][0][name], text)
	}
	same(t, "log", len(got["s"]["log"]), 2)
	p := prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user"})
	same(t, "not null and generated fields block", p.Blocked(), true)
	execute(t, prepareErase(t, s, email("kari@example.com")))
	same(t, "kunder", c.rows(`SELECT email FROM sales."Kunder"`), "[[ola@example.com]]")
	same(t, "log", len(c.rows("SELECT * FROM sales.log")), 1)
}

func TestPostgresLastResortValues(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "postgres", `
		CREATE TYPE mood AS ENUM ('glad', 'sur');
		CREATE TABLE k (id int PRIMARY KEY, email varchar(30) NOT NULL UNIQUE, name varchar(4) NOT NULL, mood mood NOT NULL, amount numeric NOT NULL, born date NOT NULL,
			seen timestamptz NOT NULL, clock time NOT NULL, ok bool NOT NULL, raw bytea NOT NULL, doc jsonb NOT NULL, tags int[] NOT NULL, no int NOT NULL UNIQUE, u uuid NOT NULL, twice int GENERATED ALWAYS AS (2) STORED);
		CREATE TABLE keep (id int PRIMARY KEY, k int NOT NULL REFERENCES k(id) ON DELETE CASCADE);
		INSERT INTO k VALUES (1, 'kari@example.com', 'Kari', 'sur', 1.5, '1980-01-01', now(), '12:00', true, '\x01', '{"a":1}', '{1,2}', 17, gen_random_uuid()),
			(2, 'ola@example.com', 'Ola', 'sur', 2.5, '1981-01-01', now(), '13:00', true, '\x02', '{"a":2}', '{3}', 18, gen_random_uuid());
		INSERT INTO keep VALUES (1, 1), (2, 2);`)
	s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: k
    data_categories: [user]
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - name: name
    - name: mood
    - name: amount
    - name: born
    - name: seen
    - name: clock
    - name: ok
    - name: raw
    - name: doc
    - {name: tags, fides_meta: {data_type: "integer[]"}}
    - name: no
    - name: u
    - name: twice
`)
	before := c.rows("SELECT * FROM k WHERE id = 2")
	execute(t, prepareErase(t, s, email("kari@example.com")))
	same(t, "kari", c.rows(`SELECT email LIKE '%@example.invalid', name, mood, amount, born, clock, ok, raw = '', doc, tags, no <> 17, u FROM k WHERE id = 1`),
		"[[true|slet|glad|0|1900-01-01 00:00:00 +0000 UTC|00:00:00|false|true|{}|{}|true|00000000-0000-0000-0000-000000000000]]")
	same(t, "ola", c.rows("SELECT * FROM k WHERE id = 2"), before)
	same(t, "keep", c.rows("SELECT * FROM keep"), "[[1|1] [2|2]]")
}

func TestAnIdentifierThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	for _, seeds := range [][]engine.Seed{email("not an address"), email(""), {{Kind: engine.Phone, Value: "x"}}} {
		if _, err := engine.Walk(context.Background(), s.Connected, seeds, engine.Options{}, nil); !errors.Is(err, engine.ErrSeed) {
			t.Errorf("%v: %v", seeds, err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	const canary = "p@ss-CANARY"
	dsns := []string{"postgres://u:" + canary + "@127.0.0.1:1/x", "postgres://u:" + canary + "@[bad", "file:/" + canary + "/x?mode=weird", "strange:" + canary}
	for _, dsn := range dsns {
		config := source.Config{Name: "s", DSN: source.NewSecret(dsn)}
		s, err := kinds.Open(context.Background(), config)
		if err == nil {
			_, err = s.Inspect(context.Background())
		}
		if err == nil {
			t.Fatalf("no failure")
		}
		for _, shown := range []string{err.Error(), fmt.Sprintf("%+v %#v %s", config, config, config.DSN), fmt.Sprintf("%v", email(canary)), fmt.Sprintf("%+v", source.TextOf(canary))} {
			if strings.Contains(shown, canary) {
				t.Errorf("shows a secret: %s", shown)
			}
		}
	}
}

// A foreign key of several columns leads to the rows in which all of them agree: in a database of
// several tenants one number is a customer of each.
func TestForeignKeyOfSeveralColumnsIsFollowedWhole(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `
			CREATE TABLE people (tenant INTEGER, id INTEGER, email TEXT, PRIMARY KEY (tenant, id));
			CREATE TABLE addresses (tenant INTEGER, id INTEGER, street TEXT, PRIMARY KEY (tenant, id));
			CREATE TABLE orders (tenant INTEGER, number INTEGER, person INTEGER, address INTEGER, word TEXT, PRIMARY KEY (tenant, number),
				FOREIGN KEY (tenant, person) REFERENCES people (tenant, id), FOREIGN KEY (tenant, address) REFERENCES addresses (tenant, id));
			CREATE TABLE lines (id INTEGER PRIMARY KEY, tenant INTEGER, number INTEGER, word TEXT, FOREIGN KEY (tenant, number) REFERENCES orders (tenant, number));
			INSERT INTO people VALUES (1, 7, 'kari@example.com'), (2, 7, 'ola@example.com'), (1, 8, 'per@example.com');
			INSERT INTO addresses VALUES (1, 3, 'Storgata'), (2, 3, 'Lillegata'), (1, 4, 'Felles');
			INSERT INTO orders VALUES (1, 1, 7, 3, 'hers'), (2, 1, 7, 3, 'his'), (1, 2, 8, 4, 'another'), (2, 2, NULL, 3, 'nobody'), (1, 3, 7, 4, 'shared');
			INSERT INTO lines VALUES (1, 1, 1, 'her line'), (2, 2, 1, 'his line'), (3, 1, 2, 'another line'), (4, NULL, 1, 'no line'), (5, 1, 3, 'her second');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: tenant, fides_meta: {primary_key: True}}
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: addresses
    fields:
    - {name: tenant, fides_meta: {primary_key: True}}
    - {name: id, fides_meta: {primary_key: True}}
    - {name: street, data_categories: [user.contact.address.street]}
  - name: orders
    fields:
    - {name: tenant, fides_meta: {references: [{dataset: s, field: people.tenant, direction: from}, {dataset: s, field: addresses.tenant, direction: to}]}}
    - {name: number, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: s, field: people.id, direction: from}]}}
    - {name: address, fides_meta: {references: [{dataset: s, field: addresses.id, direction: to}]}}
    - {name: word, data_categories: [user.content]}
  - name: lines
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: tenant, fides_meta: {references: [{dataset: s, field: orders.tenant}]}}
    - {name: number, fides_meta: {references: [{dataset: s, field: orders.number}]}}
    - {name: word, data_categories: [user.content]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "people", got.values("s", "people", "email"), "[kari@example.com]")
		same(t, "orders", got.values("s", "orders", "word"), "[hers shared]")
		same(t, "lines", got.values("s", "lines", "word"), "[her line her second]")
		same(t, "addresses", got.values("s", "addresses", "street"), "[Storgata Felles]")
		// The other tenant's order to an address of the same number makes nothing shared; another
		// customer's order to the same address does.
		var shared []string
		for _, f := range findings(t, s, email("kari@example.com")) {
			if f.Shared {
				shared = append(shared, f.Collection)
			}
		}
		same(t, "shared", shared, "[addresses]")
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", []any{c.rows("SELECT email FROM people ORDER BY 1"), c.rows("SELECT word FROM orders ORDER BY 1"), c.rows("SELECT word FROM lines ORDER BY 1"),
			c.rows("SELECT street FROM addresses ORDER BY 1")}, "[[[ola@example.com] [per@example.com]] [[another] [his] [nobody]] [[another line] [his line] [no line]] [[Felles] [Lillegata]]]")
	})
}

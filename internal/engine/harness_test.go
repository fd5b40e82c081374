package engine_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/source/kinds"
)

// company is a connected database of a test, with a second way into it that the engine knows
// nothing about.
type company struct {
	t    *testing.T
	kind string
	dsn  string
	db   *sql.DB
}

// newCompany makes a database from a script that both systems understand.
func newCompany(t *testing.T, kind, script string) *company {
	t.Helper()
	c := &company{t: t, kind: kind}
	var err error
	if kind == "postgres" {
		c.dsn = portaltest.Postgres(t)
		c.db, err = sql.Open("pgx", c.dsn+"&default_query_exec_mode=exec")
	} else {
		path := filepath.Join(t.TempDir(), "company.db")
		c.dsn = "file:" + path
		c.db, err = sql.Open("sqlite3", "file:"+path+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)&_pragma=secure_delete(1)")
	}
	if err != nil {
		t.Fatal(err)
	}
	c.db.SetMaxOpenConns(1)
	t.Cleanup(func() { c.db.Close() })
	c.exec(script)
	return c
}

func (c *company) exec(script string, args ...any) {
	c.t.Helper()
	if _, err := c.db.Exec(script, args...); err != nil {
		c.t.Fatalf("%s: %v", script, err)
	}
}

// dump gives every row of every table as text: the oracle that the engine has no part in.
func (c *company) dump() map[string][]string {
	c.t.Helper()
	query := "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if c.kind == "postgres" {
		query = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog','information_schema')"
	}
	names := c.column(query)
	out := map[string][]string{}
	for _, n := range names {
		from := n
		if c.kind == "sqlite" {
			from = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
		}
		out[strings.TrimPrefix(n, "public.")] = c.rows("SELECT * FROM " + from)
	}
	return out
}

func (c *company) column(query string) []string {
	c.t.Helper()
	var out []string
	for _, r := range c.rows(query) {
		out = append(out, strings.TrimSuffix(strings.TrimPrefix(r, "["), "]"))
	}
	return out
}

// rows gives the rows of a query as sorted texts.
func (c *company) rows(query string, args ...any) []string {
	c.t.Helper()
	rows, err := c.db.Query(query, args...)
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		raw, into := make([]any, len(names)), make([]any, len(names))
		for i := range raw {
			into[i] = &raw[i]
		}
		if err := rows.Scan(into...); err != nil {
			c.t.Fatal(err)
		}
		parts := make([]string, len(raw))
		for i, v := range raw {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			parts[i] = fmt.Sprint(v)
		}
		out = append(out, "["+strings.Join(parts, "|")+"]")
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	sort.Strings(out)
	return out
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, kind string)) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// connect writes a list of sources and their datasets and loads them, as a command does.
func connect(t *testing.T, parts ...any) *engine.Sources {
	t.Helper()
	dir := t.TempDir()
	var list strings.Builder
	list.WriteString("sources:\n")
	dsns := map[string]string{}
	for i := 0; i < len(parts); i += 3 {
		name, c, yaml := parts[i].(string), parts[i+1].(*company), parts[i+2].(string)
		fmt.Fprintf(&list, "- {name: %s, dsn: 'env:DSN_%s', dataset: %s.yaml}\n", name, name, name)
		dsns["DSN_"+name] = c.dsn
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "sources.yaml")
	if err := os.WriteFile(path, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := engine.LoadSources(context.Background(), path, func(k string) (string, bool) { v, ok := dsns[k]; return v, ok }, kinds.Open)
	if err != nil {
		t.Fatalf("LoadSources: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

func email(a string) []engine.Seed { return []engine.Seed{{Kind: engine.Email, Value: a}} }

type tree map[string]map[string][]map[string]any

// collect gives what a command would print.
func collect(t *testing.T, s *engine.Sources, seeds []engine.Seed, limit ...string) (tree, engine.Report) {
	t.Helper()
	var b bytes.Buffer
	report, err := engine.CollectJSON(context.Background(), s.Connected, seeds, engine.CollectOptions{Options: engine.Options{Categories: limit, TempDir: t.TempDir()}}, &b)
	if err != nil {
		t.Fatalf("CollectJSON: %v", err)
	}
	var out tree
	if err := json.Unmarshal(b.Bytes(), &out); err != nil {
		t.Fatalf("output is no JSON: %v\n%s", err, b.String())
	}
	return out, report
}

// values gives one field of all rows of a collection, as text, in order.
func (tr tree) values(src, collection, field string) []string {
	out := []string{}
	for _, r := range tr[src][collection] {
		out = append(out, fmt.Sprint(r[field]))
	}
	return out
}

func findings(t *testing.T, s *engine.Sources, seeds []engine.Seed) map[string]*engine.Finding {
	t.Helper()
	out := map[string]*engine.Finding{}
	_, err := engine.Walk(context.Background(), s.Connected, seeds, engine.Options{KeepForeign: true, DigestKey: []byte("k")}, func(f *engine.Finding) error {
		name := f.Collection
		for _, k := range f.Key {
			name += "/" + k.Value.Text()
		}
		out[name] = f.Clone()
		return nil
	})
	if err != nil {
		t.Fatalf("Walk: %v", err)
	}
	return out
}

func prepareErase(t *testing.T, s *engine.Sources, seeds []engine.Seed, rules ...engine.CategoryRule) *engine.Prepared {
	t.Helper()
	p, err := engine.PrepareErase(context.Background(), s, seeds, rules, engine.RunOptions{})
	if err != nil {
		t.Fatalf("PrepareErase: %v", err)
	}
	t.Cleanup(p.Close)
	return p
}

func steps(t *testing.T, p *engine.Prepared) map[string]*engine.Step {
	t.Helper()
	out := map[string]*engine.Step{}
	err := p.Steps().Each(context.Background(), func(s *engine.Step) error {
		name := s.Collection
		for _, k := range s.Key {
			name += "/" + k.Value.Text()
		}
		out[name] = s
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// execute carries out a plan that must work.
func execute(t *testing.T, p *engine.Prepared) engine.Outcome {
	t.Helper()
	if p.Blocked() {
		t.Fatalf("the plan has problems: %+v", p.Problems)
	}
	out, err := p.Execute(context.Background(), p.Summary.Digest)
	if err != nil {
		t.Fatalf("Execute: %v", err)
	}
	if !out.Verification.Done() {
		t.Fatalf("verification: %+v", out.Verification)
	}
	return out
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want)
	if g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

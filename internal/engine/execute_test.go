package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
)

const visitsDataset = `
dataset:
- fides_key: v
  collections:
  - name: visits
    fields:
    - {name: mail, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: page, data_categories: [user.behavior.browsing_history]}
`

// Equal rows of a table without a key are told apart by their number alone: they are locked and
// deleted together, however few rows a statement is told of.
func TestEqualRowsStayTogether(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, "CREATE TABLE visits (mail TEXT, page TEXT); INSERT INTO visits VALUES ('you@example.com', 'c')"+
			strings.Repeat(", ('me@example.com', 'a')", 3)+strings.Repeat(", ('me@example.com', 'b')", 4))
		s := connect(t, "v", c, visitsDataset)
		p, err := engine.PrepareErase(context.Background(), s, email("me@example.com"), nil, engine.RunOptions{Execute: engine.ExecuteOptions{Chunk: 2}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		out := execute(t, p)
		same(t, "deleted", out.Results[0].Deleted, 7)
		same(t, "left", c.rows("SELECT mail, page FROM visits"), "[[you@example.com|c]]")
	})
}

// One more row like those of the plan, one less, or one that differs stops everything, in whatever
// batch it is; and so does a table that names its rows otherwise.
func TestDriftInAnyBatchStopsAll(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"another equal row": "INSERT INTO visits VALUES ('me@example.com', 'b')",
		"an equal row less": "DELETE FROM visits WHERE page = 'c'",
		"another value":     "UPDATE events SET what = 'else' WHERE id = 7",
		"a row less":        "DELETE FROM events WHERE id = 7",
		"another key":       "ALTER TABLE events DROP CONSTRAINT events_pkey, ADD PRIMARY KEY (id, person)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, kind string) {
				if strings.HasPrefix(change, "ALTER") && kind == "sqlite" {
					return // it cannot do that
				}
				c := newCompany(t, kind, "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'me@example.com');"+
					"CREATE TABLE events (id INTEGER PRIMARY KEY, person INTEGER NOT NULL, at TEXT, what TEXT, amount INTEGER);"+
					"INSERT INTO events VALUES (1, 1, 'x', 'a', 1), (3, 1, 'x', 'b', 2), (5, 1, 'x', 'c', 3), (7, 1, 'x', 'd', 4), (8, 2, 'x', 'd', 4);"+
					"CREATE TABLE visits (mail TEXT, page TEXT); INSERT INTO visits VALUES ('me@example.com', 'c'), ('me@example.com', 'b'), ('me@example.com', 'b')")
				s := connect(t, "v", c, visitsDataset+strings.TrimPrefix(benchDataset, "\ndataset:\n"))
				var plans []*engine.Prepared
				for _, size := range []int{0, 1, 2, 3} {
					p, err := engine.PrepareErase(context.Background(), s, email("me@example.com"), nil, engine.RunOptions{Execute: engine.ExecuteOptions{Chunk: size}})
					if err != nil || p.Blocked() {
						t.Fatal(err, p)
					}
					t.Cleanup(p.Close)
					plans = append(plans, p)
				}
				c.exec(change)
				before := c.dump()
				for _, p := range plans {
					_, err := p.Execute(context.Background(), p.Summary.Digest)
					var drift *engine.DriftError
					if !errors.As(err, &drift) || drift.Rows != 1 {
						t.Errorf("%v", err)
					}
					same(t, "rows", c.dump(), before)
				}
			})
		})
	}
}

// Rows that get values of their own get each its own, whatever the others of the batch get.
func TestEachRowGetsItsOwnValue(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		for _, size := range []int{0, 2} {
			c := newCompany(t, kind, "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO people VALUES (1, 'me@example.com');"+
				"CREATE TABLE events (id INTEGER PRIMARY KEY, person INTEGER NOT NULL, at DATE, what TEXT, amount INTEGER);"+
				"INSERT INTO events VALUES (1, 1, '2024-05-06', 'a', 1), (3, 1, '2024-07-08', 'b', 2), (5, 1, '2023-05-06', 'c', 3), (7, 1, '2024-01-02', 'd', 4), (9, 1, '2022-01-02', 'e', 5), (8, 2, '2022-02-03', 'f', 6)")
			s := connect(t, "v", c, benchDataset)
			rules := []engine.CategoryRule{{Category: "user.behavior.browsing_history", Strategy: dataset.StringRewrite}, {Category: "user.behavior", Strategy: dataset.TruncateDate}}
			p, err := engine.PrepareErase(context.Background(), s, email("me@example.com"), rules, engine.RunOptions{Execute: engine.ExecuteOptions{Chunk: size}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			out := execute(t, p)
			same(t, "changed", out.Results[0].Changed, 5)
			same(t, "rows", c.rows("SELECT id, CAST(at AS TEXT), what FROM events"),
				"[[1|2024-01-01|MASKED] [3|2024-01-01|MASKED] [5|2023-01-01|MASKED] [7|2024-01-01|MASKED] [8|2022-02-03|f] [9|2022-01-01|MASKED]]")
		}
	})
}

// A row in which somebody wrote another address since the plan was made is not one that has its random
// address already, even where it is the only row.
func TestAnotherAddressIsNotTheRandomOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, "CREATE TABLE people (id INTEGER PRIMARY KEY, email CHAR(60) NOT NULL UNIQUE, plan TEXT); INSERT INTO people VALUES (1, 'me@example.com', 'a')")
		s := connect(t, "p", c, `
dataset:
- fides_key: p
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: plan, data_categories: [user.behavior]}
`)
		p := prepareErase(t, s, email("me@example.com"), engine.CategoryRule{Category: "user.contact.email", Strategy: dataset.RandomStringRewrite})
		c.exec("UPDATE people SET email = 'new@example.com'")
		var drift *engine.DriftError
		if out, err := p.Execute(context.Background(), p.Summary.Digest); !errors.As(err, &drift) {
			t.Errorf("%+v %v", out, err)
		}
		same(t, "left", c.column("SELECT trim(email) FROM people"), "[new@example.com]")
		c.exec("UPDATE people SET email = 'me@example.com'")
		execute(t, p)
		if out := execute(t, p); !out.Results[0].AlreadyDone {
			t.Errorf("the second time: %+v", out)
		}
	})
}

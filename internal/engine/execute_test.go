package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

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

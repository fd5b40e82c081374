package engine_test

import (
	"bytes"
	"context"
	"testing"

	"mininfo/internal/engine"
)

// What SQLite holds is written as what it is, whatever the column was declared as.
func TestSQLiteTypes(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", `CREATE TABLE k (id INTEGER PRIMARY KEY, email TEXT, ok BOOLEAN, day DATE, at DATETIME, n NUMERIC(12,2), r REAL, big BIGINT, raw BLOB, doc JSON, bad JSON, any, twice INTEGER GENERATED ALWAYS AS (id * 2), "a""b.c" TEXT);
		INSERT INTO k (id, email, ok, day, at, n, r, big, raw, doc, bad, any, "a""b.c") VALUES
			(9007199254740993, 'kari@example.com', 1, '2026-01-02', 1767323045, 12.50, 0.1, 9223372036854775807, x'00ff', '{"a": [1, 2.50], "b": "å"}', '{not', 'text', 'x'),
			(2, 'kari@example.com', 0, NULL, '2026-01-02 03:04:05', 7, 1e300, NULL, NULL, NULL, NULL, 1.5, NULL);`)
	s := connect(t, "s", c, `
dataset:
- fides_key: s
  data_categories: [user]
  collections:
  - name: k
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, fides_meta: {identity: email}}
    - name: ok
    - name: day
    - name: at
    - name: n
    - name: r
    - name: big
    - name: raw
    - name: doc
    - name: bad
    - name: any
    - name: twice
    - name: a"b.c
`)
	var out bytes.Buffer
	if _, err := engine.CollectJSON(context.Background(), s.Connected, email("kari@example.com"), engine.CollectOptions{NDJSON: true}, &out); err != nil {
		t.Fatal(err)
	}
	want := `{"source":"s","collection":"k","row":{"id": 2, "email": "kari@example.com", "ok": false, "day": null, "at": "2026-01-02 03:04:05", "n": 7, "r": 1e+300, "big": null, "raw": null, "doc": null, "bad": null, "any": 1.5, "twice": 4, "a\"b.c": null}}
{"source":"s","collection":"k","row":{"id": 9007199254740993, "email": "kari@example.com", "ok": true, "day": "2026-01-02", "at": 1767323045, "n": 12.5, "r": 0.1, "big": 9223372036854775807, "raw": "AP8=", "doc": {"a":[1,2.50],"b":"å"}, "bad": "{not", "any": "text", "twice": 18014398509481986, "a\"b.c": "x"}}
`
	same(t, "rows", out.String(), want)
	execute(t, prepareErase(t, s, email("kari@example.com")))
	same(t, "left", len(c.rows("SELECT * FROM k")), 0)
}

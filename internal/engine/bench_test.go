package engine_test

import (
	"context"
	"flag"
	"io"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/source/kinds"
)

var benchRows = flag.Int("benchrows", 200_000, "rows of the person in the benchmarks")

func init() {
	// Fewer worlds than the library's default: each is a database. The command line wins.
	_ = flag.Set("rapid.checks", "40")
}

const benchDataset = `
dataset:
- fides_key: big
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: events
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: big, field: people.id, direction: from}]}}
    - {name: at, data_categories: [user.behavior]}
    - {name: what, data_categories: [user.behavior.browsing_history]}
    - {name: amount, data_categories: [user.financial]}
`

func benchCompany(b *testing.B) (*engine.Sources, *pgx.Conn, string) {
	b.Helper()
	engine.AsInstalled()
	dsn := portaltest.Postgres(b)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(ctx) })
	for _, q := range []string{"CREATE TABLE people (id int PRIMARY KEY, email text)", "INSERT INTO people SELECT i, 'p' || i || '@example.com' FROM generate_series(1, 10) i",
		"CREATE TABLE events (id bigint PRIMARY KEY, person int REFERENCES people(id), at timestamptz, what text, amount numeric(12,2))"} {
		if _, err := conn.Exec(ctx, q); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := conn.Exec(ctx, "INSERT INTO events SELECT i, 1 + (i % 2), now(), 'something that happened, number ' || i, i / 7.0 FROM generate_series(1, $1::int) i", *benchRows*2); err != nil {
		b.Fatal(err)
	}
	for _, q := range []string{"CREATE INDEX ON events (person)", "VACUUM ANALYZE"} {
		if _, err := conn.Exec(ctx, q); err != nil {
			b.Fatal(err)
		}
	}
	s, err := engine.LoadSources(ctx, writeSources(b, benchDataset), func(string) (string, bool) { return dsn, true }, kinds.Open)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s, conn, dsn
}

// BenchmarkCollect reads one person with many rows and reports the time in relation to COPY of
// the same rows.
func BenchmarkCollect(b *testing.B) {
	s, conn, _ := benchCompany(b)
	ctx := context.Background()
	var copied, walked time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := conn.PgConn().CopyTo(ctx, io.Discard, "COPY (SELECT id, person, at, what, amount FROM events WHERE person = 2) TO STDOUT"); err != nil {
			b.Fatal(err)
		}
		copied += time.Since(start)
		start = time.Now()
		report, err := engine.CollectJSON(ctx, s.Connected, email("p2@example.com"), engine.CollectOptions{NDJSON: true}, io.Discard)
		if err != nil || report.Findings != *benchRows+1 {
			b.Fatal(report.Findings, err)
		}
		walked += time.Since(start)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(walked)/float64(copied), "times-copy")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}

const retentionDataset = `
dataset:
- fides_key: big
  collections:
  - name: events
    mininfo: {activity: visits, retention_from: at}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: at, data_categories: [user.behavior]}
    - {name: what, data_categories: [user.behavior.browsing_history]}
`

// BenchmarkRetention looks through a table of which one row in a thousand has passed its time, and reports
// the time in relation to a plain count of those rows by the database and to COPY of keys and dates, and
// the memory that is in use meanwhile.
func BenchmarkRetention(b *testing.B) {
	_, conn, dsn := benchCompany(b)
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "UPDATE events SET at = CASE id % 1000 WHEN 0 THEN '2020-01-01'::timestamptz ELSE '2026-11-01' END"); err != nil {
		b.Fatal(err)
	}
	s, err := engine.LoadSources(ctx, writeSources(b, retentionDataset), func(string) (string, bool) { return dsn, true }, kinds.Open)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	rules := terms("2026-11-29", map[string]int{"visits": 1})
	var counted, copied, planned time.Duration
	for b.Loop() {
		start := time.Now()
		var rows int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM events WHERE at < '2025-11-29'").Scan(&rows); err != nil {
			b.Fatal(err)
		}
		counted += time.Since(start)
		start = time.Now()
		if _, err := conn.PgConn().CopyTo(ctx, io.Discard, "COPY (SELECT id, at FROM events) TO STDOUT"); err != nil {
			b.Fatal(err)
		}
		copied += time.Since(start)
		start = time.Now()
		steps := engine.NewPlanWriter(io.Discard)
		if _, err := engine.PlanRetention(ctx, s.Connected, rules, engine.Options{}, engine.PlanOptions{}, steps.Write); err != nil {
			b.Fatal(err)
		}
		planned += time.Since(start)
		if sum, err := steps.Close(); err != nil || sum.Steps != rows {
			b.Fatal(sum.Steps, rows, err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(planned)/float64(counted), "times-count")
	b.ReportMetric(float64(planned)/float64(copied), "times-copy-of-dates")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}

// BenchmarkOnePerson walks to one person of 100,000 with 50 rows over 12 collections. The time is
// that of the walk, without the look at the catalogue.
func BenchmarkOnePerson(b *testing.B) {
	engine.AsInstalled()
	dsn := portaltest.Postgres(b)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(ctx) })
	script := "CREATE TABLE people (id int PRIMARY KEY, email text); INSERT INTO people SELECT i, 'p' || i || '@example.com' FROM generate_series(1, 100000) i; CREATE INDEX ON people (email);"
	yaml := "\ndataset:\n- fides_key: one\n  collections:\n  - name: people\n    fields:\n    - {name: id, fides_meta: {primary_key: True}}\n" +
		"    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}\n"
	for t := range 11 {
		name := "t" + strconv.Itoa(t)
		each := 4 + t%2 // 49 rows in eleven tables, and the person
		script += "CREATE TABLE " + name + " (id int PRIMARY KEY, person int, what text); INSERT INTO " + name +
			" SELECT i, 1 + i % 100000, 'text ' || i FROM generate_series(0, " + strconv.Itoa(each*100_000-1) + ") i; CREATE INDEX ON " + name + " (person);"
		yaml += "  - name: " + name + "\n    fields:\n    - {name: id, fides_meta: {primary_key: True}}\n    - {name: what, data_categories: [user.behavior]}\n" +
			"    - {name: person, fides_meta: {references: [{dataset: one, field: people.id, direction: from}]}}\n"
	}
	for _, q := range []string{script, "VACUUM ANALYZE"} {
		if _, err := conn.Exec(ctx, q); err != nil {
			b.Fatal(err)
		}
	}
	s, err := engine.LoadSources(ctx, writeSources(b, yaml), func(string) (string, bool) { return dsn, true }, kinds.Open)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	var times, catalogue []time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := s.Connected[0].Source.Inspect(ctx); err != nil {
			b.Fatal(err)
		}
		catalogue = append(catalogue, time.Since(start))
		start = time.Now()
		report, err := engine.Walk(ctx, s.Connected, email("P777@example.com"), engine.Options{}, func(*engine.Finding) error { return nil })
		if err != nil || report.Findings != 50 {
			b.Fatal(report.Findings, err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	slices.Sort(catalogue)
	look := catalogue[len(catalogue)/2]
	b.ReportMetric(float64(times[len(times)/2]-look)/float64(time.Millisecond), "ms-walk")
	b.ReportMetric(float64(look)/float64(time.Millisecond), "ms-catalogue")
}

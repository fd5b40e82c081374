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

// BenchmarkErase deletes one person's rows and reports the time of the execution in relation to
// one hand-written transaction that locks, compares and deletes the same keys; the check after
// it is reported beside.
func BenchmarkErase(b *testing.B) {
	s, conn, _ := benchCompany(b)
	ctx := context.Background()
	var byHand, executed, checked time.Duration
	rows := 0
	for b.Loop() {
		seeds, opts := email("p2@example.com"), engine.RunOptions{Execute: engine.ExecuteOptions{Ceiling: 0}}
		p, err := engine.PrepareErase(ctx, s, seeds, nil, opts)
		if err != nil || p.Blocked() {
			b.Fatal(err, p)
		}
		rows += p.Summary.Steps
		byHand += handWritten(b, conn)
		start := time.Now()
		done, err := engine.Execute(ctx, s.Connected, s.Connected[0].Source.Name(), p.Steps(), engine.ExecuteOptions{Ceiling: 0})
		if err != nil || done.Deleted != p.Summary.Steps {
			b.Fatal(done, err)
		}
		executed += time.Since(start)
		start = time.Now()
		if v, err := engine.Verify(ctx, s.Connected, seeds, engine.Options{}, p.Steps()); err != nil || !v.Done() {
			b.Fatal(v, err)
		}
		checked += time.Since(start)
		p.Close()
		b.StopTimer()
		for _, q := range []string{"INSERT INTO people VALUES (2, 'p2@example.com')",
			"INSERT INTO events SELECT id + 1, 2, at, what, amount FROM events WHERE person = 1 AND id % 2 = 0", "VACUUM ANALYZE"} {
			if _, err := conn.Exec(ctx, q); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(executed)/float64(byHand), "times-by-hand")
	b.ReportMetric(float64(checked)/float64(byHand), "check-times-by-hand")
	b.ReportMetric(float64(rows)/float64(b.N), "rows")
}

// BenchmarkAnonymise empties one column of many rows of a person, and reports the time of the
// execution in relation to one hand-written transaction that locks, compares and updates the same
// keys; making the plan and the check after it are reported beside.
func BenchmarkAnonymise(b *testing.B) {
	s, conn, _ := benchCompany(b)
	for _, rows := range []int{10_000, *benchRows} {
		b.Run(strconv.Itoa(rows), func(b *testing.B) { anonymise(b, s, conn, rows) })
	}
}

func anonymise(b *testing.B, s *engine.Sources, conn *pgx.Conn, rows int) {
	ctx := context.Background()
	reset := func() {
		b.Helper()
		for _, q := range []string{"UPDATE events SET person = CASE WHEN id % 2 = 1 AND id <= " + strconv.Itoa(2*rows) + " THEN 2 ELSE 1 END, what = 'something that happened, number ' || id", "VACUUM FULL ANALYZE events"} {
			if _, err := conn.Exec(ctx, q); err != nil {
				b.Fatal(err)
			}
		}
	}
	var byHand, executed, checked, planned time.Duration
	for b.Loop() {
		b.StopTimer()
		reset()
		byHand += emptiedByHand(b, conn, rows)
		reset()
		b.StartTimer()
		seeds := email("p2@example.com")
		start := time.Now()
		p, err := engine.PrepareErase(ctx, s, seeds, []engine.CategoryRule{{Category: "user.behavior.browsing_history"}}, engine.RunOptions{})
		if err != nil || p.Blocked() || p.Summary.Counts[engine.Anonymise] != rows {
			b.Fatal(err, p)
		}
		planned += time.Since(start)
		start = time.Now()
		done, err := engine.Execute(ctx, s.Connected, s.Connected[0].Source.Name(), p.Steps(), engine.ExecuteOptions{})
		if err != nil || done.Changed != rows {
			b.Fatal(done, err)
		}
		executed += time.Since(start)
		start = time.Now()
		if v, err := engine.Verify(ctx, s.Connected, seeds, engine.Options{}, p.Steps()); err != nil || !v.Done() {
			b.Fatal(v, err)
		}
		checked += time.Since(start)
		p.Close()
	}
	b.ReportMetric(float64(executed)/float64(byHand), "times-by-hand")
	b.ReportMetric(float64(checked)/float64(byHand), "check-times-by-hand")
	b.ReportMetric(float64(planned)/float64(byHand), "plan-times-by-hand")
}

// emptiedByHand locks the rows, compares what is in them with what was seen, and updates them.
func emptiedByHand(b *testing.B, conn *pgx.Conn, want int) time.Duration {
	b.Helper()
	ctx := context.Background()
	seen := map[int64]string{}
	each := func(q interface {
		Query(context.Context, string, ...any) (pgx.Rows, error)
	}, sql string, args []any, fn func(id int64, what string)) {
		rows, err := q.Query(ctx, sql, args...)
		if err != nil {
			b.Fatal(err)
		}
		var id int64
		var at, what, amount string
		if _, err := pgx.ForEachRow(rows, []any{&id, &at, &what, &amount}, func() error { fn(id, at+what+amount); return nil }); err != nil {
			b.Fatal(err)
		}
	}
	var ids []int64
	each(conn, "SELECT id, at::text, what, amount::text FROM events WHERE person = 2", nil, func(id int64, what string) {
		ids = append(ids, id)
		seen[id] = what
	})
	start := time.Now()
	tx, err := conn.Begin(ctx)
	if err != nil {
		b.Fatal(err)
	}
	same := 0
	each(tx, "SELECT id, at::text, what, amount::text FROM events WHERE id = ANY($1) FOR UPDATE", []any{ids}, func(id int64, what string) {
		if seen[id] == what {
			same++
		}
	})
	if same != want {
		b.Fatal(same, want)
	}
	if _, err := tx.Exec(ctx, "UPDATE events SET what = NULL WHERE id = ANY($1)", ids); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(ctx); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// BenchmarkOnePerson walks to one person of 100,000 with 50 rows over 12 collections. The time is
// that of the walk, without the look at the catalogue.
func BenchmarkOnePerson(b *testing.B) {
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

// handWritten does what an administrator's script would, and rolls it back.
func handWritten(b *testing.B, conn *pgx.Conn) time.Duration {
	b.Helper()
	ctx := context.Background()
	rows, err := conn.Query(ctx, "SELECT id FROM events WHERE person = 2")
	if err != nil {
		b.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	tx, err := conn.Begin(ctx)
	if err != nil {
		b.Fatal(err)
	}
	locked, err := tx.Query(ctx, "SELECT id, person, at::text, what, amount::text FROM events WHERE id = ANY($1) FOR UPDATE", ids)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for locked.Next() {
		n++
	}
	if n != len(ids) {
		b.Fatal(n)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM events WHERE id = ANY($1)", ids); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	if err := tx.Rollback(ctx); err != nil {
		b.Fatal(err)
	}
	return took
}

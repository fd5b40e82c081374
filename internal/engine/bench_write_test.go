package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ncruces/go-sqlite3"

	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/source/kinds"
)

// The benchmarks of writing hold the execution of a plan against one transaction written by hand,
// in turns, each on a fresh copy of the same database that somebody has just read the rows of. The
// transaction knows the keys and what was in the rows. It reads the same columns of the rows again
// and locks them, compares each with what was seen, and changes or deletes them: two statements over
// all keys, and nothing else. It is on a connection that is open already, and as close to the
// database as Go comes: the bytes of the protocol, the engine's own memory. Not in it, but in the
// execution: to read the plan, to look at the catalogue, to connect, to count what the database did.

// BenchmarkErase deletes a person and all their rows.
func BenchmarkErase(b *testing.B) { benchWriting(b, nil, "DELETE FROM events") }

// BenchmarkAnonymise empties one column of a person's rows.
func BenchmarkAnonymise(b *testing.B) {
	benchWriting(b, []engine.CategoryRule{{Category: "user.behavior.browsing_history"}}, "UPDATE events SET what = NULL")
}

func benchWriting(b *testing.B, rules []engine.CategoryRule, change string) {
	for _, system := range []string{"PostgreSQL", "SQLite"} {
		for _, rows := range []int{10_000, *benchRows} {
			b.Run(system+"/"+strconv.Itoa(rows), func(b *testing.B) {
				c := &benchPostgres{}
				if system == "SQLite" {
					inTurns(b, newBenchSQLite(b, rows), rows, rules, change)
					return
				}
				c.make(b, rows)
				inTurns(b, c, rows, rules, change)
			})
		}
	}
}

// writingSystem is a database for the benchmarks of writing.
type writingSystem interface {
	// fresh makes the database anew.
	fresh(b *testing.B)
	// connect opens it for a transaction written by hand.
	connect(b *testing.B) byHand
	dsn() string
}

// byHand is a connection to it.
type byHand interface {
	run(sql string, ids []int64) int64
	// read gives the rows of a question: the id, and all columns as one text, which is valid until fn
	// returns.
	read(sql string, ids []int64, fn func(id int64, row []byte))
	// begin starts a transaction.
	begin() string
	// among is the condition for ids, and lock what follows it.
	among() (condition, lock string)
	close()
}

const eventColumns = "SELECT id, person, at, what, amount FROM events WHERE "

// inTurns measures both and reports the medians of their relations.
func inTurns(b *testing.B, c writingSystem, rows int, rules []engine.CategoryRule, change string) {
	ctx := context.Background()
	s, err := engine.LoadSources(ctx, writeSources(b, benchDataset), func(string) (string, bool) { return c.dsn(), true }, kinds.Open)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var executed, planned, checked []float64
	for b.Loop() {
		b.StopTimer()
		hand := transaction(b, c, rows, change)
		c.fresh(b)
		start := time.Now()
		seeds := email("p2@example.com")
		p, err := engine.PrepareErase(ctx, s, seeds, rules, engine.RunOptions{})
		if err != nil || p.Blocked() || p.Summary.Writes() < rows {
			b.Fatal(err, p)
		}
		planned = append(planned, float64(time.Since(start))/float64(hand))
		c.fresh(b) // the trial left its traces
		seen(b, c, rows)
		b.StartTimer()
		start = time.Now()
		done, err := p.Carry(ctx)
		if err != nil || done.Changed+done.Deleted != p.Summary.Writes() {
			b.Fatal(done, err)
		}
		executed = append(executed, float64(time.Since(start))/float64(hand))
		b.StopTimer()
		start = time.Now()
		if v, err := engine.Verify(ctx, s.Connected, seeds, engine.Options{}, p.Steps()); err != nil || !v.Done() {
			b.Fatal(v, err)
		}
		checked = append(checked, float64(time.Since(start))/float64(hand))
		p.Close()
		b.StartTimer()
	}
	for unit, list := range map[string][]float64{"times-by-hand": executed, "plan-times-by-hand": planned, "check-times-by-hand": checked} {
		slices.Sort(list)
		b.ReportMetric(list[len(list)/2], unit)
	}
}

// seen reads the person's rows as they were seen, in the order of their keys.
func seen(b *testing.B, c writingSystem, rows int) ([]int64, map[int64]string) {
	b.Helper()
	h := c.connect(b)
	defer h.close()
	ids, was := make([]int64, 0, rows), make(map[int64]string, rows)
	h.read(eventColumns+"person = 2 ORDER BY id", nil, func(id int64, row []byte) {
		ids, was[id] = append(ids, id), string(row)
	})
	if len(ids) != rows {
		b.Fatal(len(ids))
	}
	runtime.GC()
	return ids, was
}

// transaction changes the person's rows by hand and tells the time from the beginning to the commit.
func transaction(b *testing.B, c writingSystem, rows int, change string) time.Duration {
	b.Helper()
	c.fresh(b)
	ids, was := seen(b, c, rows)
	h := c.connect(b)
	defer h.close()
	among, lock := h.among()
	start := time.Now()
	h.run(h.begin(), nil)
	same := 0
	h.read(eventColumns+among+lock, ids, func(id int64, row []byte) {
		if was[id] == string(row) {
			same++
		}
	})
	if same != rows {
		b.Fatal(same)
	}
	if n := h.run(change+" WHERE "+among, ids); n != int64(rows) {
		b.Fatal(n)
	}
	if strings.HasPrefix(change, "DELETE") && h.run("DELETE FROM people WHERE id = 2", nil) != 1 {
		b.Fatal("the person is not there")
	}
	h.run("COMMIT", nil)
	return time.Since(start)
}

// writingScript makes the tables. They hold as many rows of another person, or more.
func writingScript(rows int, series string) []string {
	return []string{"CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)",
		"INSERT INTO people VALUES (1, 'p1@example.com'), (2, 'p2@example.com')",
		"CREATE TABLE events (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id), at TEXT, what TEXT, amount NUMERIC(12,2))",
		fmt.Sprintf("INSERT INTO events SELECT i, CASE WHEN i %% 2 = 1 AND i <= %d THEN 2 ELSE 1 END, '2026-01-02T03:04:05', "+
			"'something that happened, number ' || i, i / 8.0 FROM %s", 2*rows, fmt.Sprintf(series, max(2*rows, 200_000))),
		"CREATE INDEX events_person ON events (person)"}
}

type benchPostgres struct{ admin, model, work string }

func (c *benchPostgres) make(b *testing.B, rows int) {
	c.admin, c.model, c.work = portaltest.Postgres(b), portaltest.Postgres(b), portaltest.Postgres(b)
	c.exec(b, c.model, append(writingScript(rows, "generate_series(1, %d) i"), "VACUUM ANALYZE")...)
}

func (c *benchPostgres) exec(b *testing.B, dsn string, script ...string) {
	b.Helper()
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, q := range script {
		if _, err := conn.Exec(context.Background(), q); err != nil {
			b.Fatal(q, err)
		}
	}
}

func (c *benchPostgres) fresh(b *testing.B) {
	b.Helper()
	name := func(dsn string) string {
		u, err := url.Parse(dsn)
		if err != nil {
			b.Fatal(err)
		}
		return strings.TrimPrefix(u.Path, "/")
	}
	c.exec(b, c.admin, "DROP DATABASE IF EXISTS "+name(c.work)+" WITH (FORCE)", "CREATE DATABASE "+name(c.work)+" TEMPLATE "+name(c.model))
}

func (c *benchPostgres) dsn() string { return c.work }

func (c *benchPostgres) connect(b *testing.B) byHand {
	b.Helper()
	conn, err := pgx.Connect(context.Background(), c.work)
	if err != nil {
		b.Fatal(err)
	}
	h := &handPostgres{b: b, conn: conn}
	h.run("SET jit = off", nil)
	return h
}

type handPostgres struct {
	b    *testing.B
	conn *pgx.Conn
}

func (h *handPostgres) begin() string                   { return "BEGIN" }
func (h *handPostgres) among() (condition, lock string) { return "id = ANY($1)", " FOR UPDATE" }
func (h *handPostgres) close()                          { _ = h.conn.Close(context.Background()) }

func (h *handPostgres) run(sql string, ids []int64) int64 {
	var args []any
	if ids != nil {
		args = append(args, ids)
	}
	tag, err := h.conn.Exec(context.Background(), sql, args...)
	if err != nil {
		h.b.Fatal(sql, err)
	}
	return tag.RowsAffected()
}

func (h *handPostgres) read(sql string, ids []int64, fn func(id int64, row []byte)) {
	args := []any{pgx.QueryResultFormats{pgx.TextFormatCode}}
	if ids != nil {
		args = append(args, ids)
	}
	rows, err := h.conn.Query(context.Background(), sql, args...)
	if err != nil {
		h.b.Fatal(sql, err)
	}
	defer rows.Close()
	var row []byte
	for rows.Next() {
		raw := rows.RawValues()
		id, err := strconv.ParseInt(string(raw[0]), 10, 64)
		if err != nil {
			h.b.Fatal(err)
		}
		row = row[:0]
		for _, column := range raw {
			row = append(append(row, column...), 0)
		}
		fn(id, row)
	}
	if err := rows.Err(); err != nil {
		h.b.Fatal(sql, err)
	}
}

type benchSQLite struct{ model, work string }

func newBenchSQLite(b *testing.B, rows int) *benchSQLite {
	b.Helper()
	dir := b.TempDir()
	c := &benchSQLite{model: filepath.Join(dir, "model.db"), work: filepath.Join(dir, "work.db")}
	h := c.open(b, c.model)
	defer h.close()
	for _, q := range append(writingScript(rows, "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) SELECT i FROM s)"), "ANALYZE") {
		h.run(q, nil)
	}
	return c
}

func (c *benchSQLite) dsn() string { return "file:" + c.work }

func (c *benchSQLite) fresh(b *testing.B) {
	b.Helper()
	data, err := os.ReadFile(c.model)
	if err == nil {
		err = os.WriteFile(c.work, data, 0o600)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func (c *benchSQLite) connect(b *testing.B) byHand { return c.open(b, c.work) }

// open pins what an erasure needs: references hold, and what is erased is overwritten in the file.
func (c *benchSQLite) open(b *testing.B, path string) byHand {
	b.Helper()
	conn, err := sqlite3.Open("file:" + path + "?_pragma=foreign_keys(1)&_pragma=secure_delete(1)")
	if err != nil {
		b.Fatal(err)
	}
	return &handSQLite{b: b, conn: conn}
}

type handSQLite struct {
	b    *testing.B
	conn *sqlite3.Conn
}

func (h *handSQLite) begin() string { return "BEGIN IMMEDIATE" }
func (h *handSQLite) among() (condition, lock string) {
	return "id IN (SELECT value FROM json_each(?))", ""
}
func (h *handSQLite) close() { _ = h.conn.Close() }

// prepare gives a statement; the ids are one parameter.
func (h *handSQLite) prepare(sql string, ids []int64) *sqlite3.Stmt {
	stmt, _, err := h.conn.Prepare(sql)
	if err == nil && ids != nil {
		var list []byte
		if list, err = json.Marshal(ids); err == nil {
			err = stmt.BindRawText(1, list)
		}
	}
	if err != nil {
		h.b.Fatal(sql, err)
	}
	return stmt
}

func (h *handSQLite) run(sql string, ids []int64) int64 {
	stmt := h.prepare(sql, ids)
	defer stmt.Close()
	if err := stmt.Exec(); err != nil {
		h.b.Fatal(sql, err)
	}
	return h.conn.Changes()
}

func (h *handSQLite) read(sql string, ids []int64, fn func(id int64, row []byte)) {
	stmt := h.prepare(sql, ids)
	defer stmt.Close()
	var row []byte
	for stmt.Step() {
		row = row[:0]
		for i := range stmt.ColumnCount() {
			row = append(append(row, stmt.ColumnRawText(i)...), 0)
		}
		fn(stmt.ColumnInt64(0), row)
	}
	if err := stmt.Err(); err != nil {
		h.b.Fatal(sql, err)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The bounds of reading one person out of large systems.
const (
	maxReading = 1.5   // times what the system's own tool needs for the same rows
	maxMemory  = 128.0 // MiB, however many rows

	rounds = 3 // the best of so many counts, taken in turns with the system's own tool
)

// rowsOfOne is how many rows the person has: a million, or what MININFO_BENCH_ROWS says. The
// systems hold ten times as many.
func rowsOfOne() int {
	if n, err := strconv.Atoi(os.Getenv("MININFO_BENCH_ROWS")); err == nil && n >= 1000 {
		return n
	}
	return 1_000_000
}

// The tables: SERIES(n) becomes a list of numbers from 1 to n, ALL the number of all rows. Person 1
// has a tenth of everything, person 2 a thousandth.
const tables = `
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT);
INSERT INTO people SELECT i, 'p' || i || '@example.com', 'Person ' || i FROM SERIES(100000);
CREATE INDEX people_email ON people (email);
CREATE TABLE events (id BIGINT PRIMARY KEY, person INTEGER, at TEXT, what TEXT, amount NUMERIC(12,2));
INSERT INTO events SELECT i, PERSON, '2026-01-02T03:04:05', 'something that happened, number ' || i, i / 8.0 FROM SERIES(ALL / 2);
CREATE TABLE orders (id BIGINT PRIMARY KEY, person INTEGER, placed TEXT, note TEXT, total NUMERIC(12,2));
INSERT INTO orders SELECT i, PERSON, '2026-01-02', 'order note ' || i, i / 4.0 FROM SERIES(ALL / 5);
CREATE TABLE lines (order_id BIGINT, line INTEGER, sku TEXT, qty INTEGER, PRIMARY KEY (order_id, line));
INSERT INTO lines SELECT i, 1, 'sku-' || i % 5000, i % 7 FROM SERIES(ALL / 5);
CREATE TABLE messages (id BIGINT PRIMARY KEY, person INTEGER, body TEXT);
INSERT INTO messages SELECT i, PERSON, 'message text message text message text message text ' || i FROM SERIES(ALL / 10);
CREATE INDEX events_person ON events (person); CREATE INDEX orders_person ON orders (person); CREATE INDEX messages_person ON messages (person);
ANALYZE;
`

// sameRows are what the systems' own tools read for a person.
var sameRows = []string{
	"SELECT id, email, name FROM people WHERE id = %d",
	"SELECT id, person, at, what, amount FROM events WHERE person = %d",
	"SELECT id, person, placed, note, total FROM orders WHERE person = %d",
	"SELECT order_id, line, sku, qty FROM lines WHERE order_id IN (SELECT id FROM orders WHERE person = %d)",
	"SELECT id, person, body FROM messages WHERE person = %d",
}

const annotation = `
dataset:
- fides_key: big
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
  - name: events
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: person, fides_meta: {references: [{dataset: big, field: people.id, direction: from}]}}
    - {name: at, data_categories: [user.behavior]}
    - {name: what, data_categories: [user.behavior]}
    - {name: amount, data_categories: [user.financial]}
  - name: orders
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: person, fides_meta: {references: [{dataset: big, field: people.id, direction: from}]}}
    - {name: placed, data_categories: [user.behavior.purchase_history]}
    - {name: note, data_categories: [user.content]}
    - {name: total, data_categories: [user.financial]}
  - name: lines
    fields:
    - {name: order_id, fides_meta: {primary_key: true, references: [{dataset: big, field: orders.id, direction: from}]}}
    - {name: line, fides_meta: {primary_key: true}}
    - {name: sku, data_categories: [user.behavior.purchase_history]}
    - {name: qty, data_categories: [user.behavior.purchase_history]}
  - name: messages
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: person, fides_meta: {references: [{dataset: big, field: people.id, direction: from}]}}
    - {name: body, data_categories: [user.content]}
`

func script(series func(n string) string, all int) string {
	out := strings.ReplaceAll(tables, "PERSON", "CASE WHEN i % 10 = 0 THEN 1 WHEN i % 1000 = 7 THEN 2 ELSE 3 + i % 99997 END")
	for {
		before, rest, found := strings.Cut(out, "SERIES(")
		if !found {
			return out
		}
		n, after, _ := strings.Cut(rest, ")")
		out = before + series(strings.ReplaceAll(n, "ALL", strconv.Itoa(all))) + after
	}
}

// measureSources reads one person out of large systems. It has itself started again with a
// private server.
func measureSources(ctx context.Context, binary string) ([]figure, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "scripts/with-postgres", self, "-sources", "-binary", binary)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("reading out of large systems: %w", err)
	}
	var figures []figure
	for line := range strings.Lines(string(out)) {
		parts := strings.Split(strings.TrimSpace(line), "\t")
		if len(parts) != 4 {
			return nil, fmt.Errorf("reading %q", line)
		}
		value, err := strconv.ParseFloat(parts[1], 64)
		if err != nil {
			return nil, err
		}
		most, err := strconv.ParseFloat(parts[2], 64)
		if err != nil {
			return nil, err
		}
		figures = append(figures, figure{parts[0], value, most, parts[3]})
	}
	return figures, nil
}

// printSources is what measureSources starts.
func printSources(ctx context.Context, binary string) error {
	dir, err := os.MkdirTemp("", "mininfo-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := postgresSystem(ctx, dir)
	if err != nil {
		return err
	}
	file, err := sqliteSystem(ctx, dir)
	if err != nil {
		return err
	}
	for _, s := range []system{server, file} {
		figures, err := s.measure(ctx, binary, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		for _, f := range figures {
			fmt.Printf("%s\t%g\t%g\t%s\n", f.what, f.value, f.most, f.unit)
		}
	}
	return nil
}

// system is a large system with its own tool.
type system struct {
	name, tool, dsn string
	read            func(person int) *exec.Cmd
}

func postgresSystem(ctx context.Context, dir string) (system, error) {
	u, err := url.Parse(os.Getenv("MININFO_TEST_PG"))
	if err != nil || u.Host == "" {
		return system{}, errors.New("there is no server: run it by scripts/with-postgres")
	}
	admin := u.String()
	u.Path = "/bench"
	series := func(n string) string { return "generate_series(1, " + n + ") AS i" }
	text := "DROP DATABASE IF EXISTS bench;\nCREATE DATABASE bench;\n\\connect bench\n" + script(series, 10*rowsOfOne()) + "VACUUM;\n"
	if err := feed(exec.CommandContext(ctx, "psql", "-qX", "-v", "ON_ERROR_STOP=1", admin), text); err != nil {
		return system{}, err
	}
	return system{name: "PostgreSQL", tool: `psql \copy`, dsn: u.String(), read: func(person int) *exec.Cmd {
		var text strings.Builder
		for _, q := range sameRows {
			fmt.Fprintf(&text, "\\copy ("+q+") to '/dev/null'\n", person)
		}
		cmd := exec.CommandContext(ctx, "psql", "-qX", "-v", "ON_ERROR_STOP=1", u.String())
		cmd.Stdin = strings.NewReader(text.String())
		return cmd
	}}, nil
}

func sqliteSystem(ctx context.Context, dir string) (system, error) {
	path := filepath.Join(dir, "big.db")
	series := func(n string) string {
		return "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < " + n + ") SELECT i FROM s)"
	}
	if err := feed(exec.CommandContext(ctx, "sqlite3", "-bail", path), "PRAGMA journal_mode = off; PRAGMA synchronous = off;\n"+script(series, 10*rowsOfOne())); err != nil {
		return system{}, err
	}
	return system{name: "SQLite", tool: "the sqlite3 shell", dsn: "file:" + path, read: func(person int) *exec.Cmd {
		var text strings.Builder
		for _, q := range sameRows {
			fmt.Fprintf(&text, q+";\n", person)
		}
		return exec.CommandContext(ctx, "sqlite3", "-bail", "-csv", path, text.String())
	}}, nil
}

func feed(cmd *exec.Cmd, text string) error {
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = strings.NewReader(text), &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("making the tables with %s: %w: %s", cmd.Args[0], err, &said)
	}
	return nil
}

// measure reads person 1 in turns with the system's own tool, then person 2.
func (s system) measure(ctx context.Context, binary, dir string) ([]figure, error) {
	list := filepath.Join(dir, s.name+".yaml")
	for name, text := range map[string]string{list: "sources: [{name: big, dsn: 'env:BENCH_DSN', dataset: big.yaml}]\n", filepath.Join(dir, "big.yaml"): annotation} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	collect := func(person int) *exec.Cmd {
		cmd := exec.CommandContext(ctx, binary, "source", "collect", "--sources", list, "--identity", fmt.Sprintf("email=p%d@example.com", person), "--ndjson")
		cmd.Env = append(os.Environ(), "BENCH_DSN="+s.dsn)
		return cmd
	}
	var own, ours time.Duration
	var most float64
	for range rounds {
		t, _, err := timed(s.read(1))
		if err != nil {
			return nil, err
		}
		if own == 0 || t < own {
			own = t
		}
		t, rss, err := timed(collect(1))
		if err != nil {
			return nil, err
		}
		if ours == 0 || t < ours {
			ours = t
		}
		most = max(most, rss)
	}
	_, few, err := timed(collect(2))
	if err != nil {
		return nil, err
	}
	rows := rowsOfOne()
	return []figure{
		{fmt.Sprintf("%s: %d rows of one person of %d, times %s", s.name, rows, 10*rows, s.tool), float64(ours) / float64(own), maxReading, "×"},
		{fmt.Sprintf("%s: memory for %d rows (RSS)", s.name, rows), most, maxMemory, "MiB"},
		{fmt.Sprintf("%s: memory for %d rows (RSS)", s.name, rows/100), few, maxMemory, "MiB"},
	}, nil
}

// timed runs a command, its output thrown away, and tells the time and the most memory it had.
func timed(cmd *exec.Cmd) (time.Duration, float64, error) {
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, 0, fmt.Errorf("running %s: %w: %s", cmd.Args[0], err, &said)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return took, 0, nil
	}
	unit := 1 << 10 // Linux counts in KiB, macOS in bytes
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return took, float64(usage.Maxrss) * float64(unit) / (1 << 20), nil
}

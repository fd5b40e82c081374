package log_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/source/log"
)

// The lines are what nginx (its packages' format "main"), Apache (combined, vhost_combined and
// common) and IIS write.
const (
	nginx = `203.0.113.7 - - [03/Oct/2026:10:15:32 +0200] "GET /ordre/1 HTTP/1.1" 200 5316 "https://fjordlys.example/" "Mozilla/5.0 (X11; Linux x86_64)" "-"
10.0.0.5 - kari [03/Oct/2026:10:15:33 +0200] "POST /login HTTP/2.0" 302 0 "-" "curl/8.5" "203.0.113.7, 10.0.0.9"
198.51.100.4 - - [03/Oct/2026:10:15:34 +0200] "\x16\x03\x01" 400 157 "-" "-" "-"
2001:db8::7 - - [03/Oct/2026:10:15:35 +0200] "GET / HTTP/1.1" 200 12 "-" "Mozilla/5.0" "-"
`
	apache = `blogg.example:443 203.0.113.7 - Kari Nordmann [04/Oct/2026:23:59:59 +0200] "GET /s\xc3\xb8k?q=\"a\" HTTP/1.1" 404 196 "-" "Mozilla/5.0"
203.0.113.7 - - [05/Oct/2026:00:00:00 +0200] "GET /common HTTP/1.0" 200 7
broken
`
	iis = `#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2026-10-03 07:00:00
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken
2026-10-03 07:00:01 10.0.0.1 GET /minside id=7 443 FJORD\kari 203.0.113.7 Mozilla/5.0+(Windows+NT+10.0) https://fjordlys.example/ 200 0 0 31
2026-10-03 07:00:02 10.0.0.1 GET / - 443 - 198.51.100.4 - - 200 0 0 2
`
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	data := []byte(text)
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		data = b.Bytes()
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string) source.Source {
	t.Helper()
	s, err := kinds.Open(context.Background(), source.Config{Name: "web", DSN: source.NewSecret("log:" + path)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// collect walks the logs by the dataset that the kind ships, and gives the paths and the report.
func collect(t *testing.T, s source.Source, zone string, uses ...string) ([]string, engine.Report) {
	t.Helper()
	own, ok := s.(source.Describer)
	if !ok {
		t.Fatal("the logs bring no dataset")
	}
	sets, problems := dataset.Read("web.yaml", own.Describe(source.NamingOf("web")))
	problems = append(problems, dataset.Check(sets)...)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	at, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var seeds []engine.Seed
	for _, u := range uses {
		seeds = append(seeds, engine.Seed{Kind: engine.IPAddress, Value: u})
	}
	var paths []string
	report, err := engine.Walk(context.Background(), []engine.Connected{{Source: s, Datasets: sets}}, seeds,
		engine.Options{Zone: at, TempDir: t.TempDir()}, func(f *engine.Finding) error {
			if !f.Matched || f.Shared || f.OtherPerson {
				t.Errorf("a line is not plainly the person's: %+v", f)
			}
			v, _ := f.Field("path")
			paths = append(paths, v.Value.Clone().Text())
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return paths, report
}

func TestWalkByAddressAndPeriod(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "access.log", nginx)
	write(t, dir, "access.log.2.gz", apache)
	write(t, dir, "access-20261003", iis)
	s := open(t, filepath.Join(dir, "access*"))
	for _, c := range []struct {
		zone string
		uses []string
		want []string
	}{
		{"Europe/Oslo", []string{"203.0.113.7 2026-10-03/2026-10-04"}, []string{"/login", "/minside?id=7", "/ordre/1", `/søk?q="a"`}},
		{"Europe/Oslo", []string{"203.0.113.7 2026-10-05/2026-10-05"}, []string{"/common"}},
		// The same moment is another day in UTC.
		{"UTC", []string{"203.0.113.7 2026-10-05/2026-10-05"}, nil},
		{"UTC", []string{"203.0.113.7 2026-10-04/2026-10-04", "::ffff:203.0.113.7 2026-10-03"}, []string{"/common", "/login", "/minside?id=7", "/ordre/1", `/søk?q="a"`}},
		{"Europe/Oslo", []string{"2001:0DB8:0::7 2026-10-03"}, []string{"/"}},
		{"Europe/Oslo", []string{"203.0.113.70 2026-10-03/2026-10-05"}, nil},
	} {
		got, report := collect(t, s, c.zone, c.uses...)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %v:\n%s", c.zone, c.uses, diff)
		}
		if report.Incomplete {
			t.Errorf("%s %v: incomplete: %+v", c.zone, c.uses, report.Collections)
		}
	}
}

// rows reads everything, each row as its texts.
func rows(t *testing.T, s source.Source, m *source.Match, columns ...string) []string {
	t.Helper()
	schema, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.(source.Finder).Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	return find(t, snap, schema, m, columns...)
}

func find(t *testing.T, snap source.Snapshot, schema *source.Schema, m *source.Match, columns ...string) []string {
	t.Helper()
	q := source.Query{Table: &schema.Tables[0], Match: m}
	for _, c := range columns {
		q.Fields = append(q.Fields, source.Field{Column: c})
	}
	var out []string
	err := snap.Find(context.Background(), q, func(row []source.Value) error {
		var cells []string
		for _, v := range row {
			cells = append(cells, v.Clone().Text())
		}
		out = append(out, strings.Join(cells, "|"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFormats(t *testing.T) {
	t.Parallel()
	columns := []string{"time", "ip", "forwarded_for", "host", "user", "method", "path", "status", "referer", "user_agent"}
	for name, c := range map[string]struct{ text, want string }{
		"nginx": {nginx, `2026-10-03T08:15:32Z|203.0.113.7||||GET|/ordre/1|200|https://fjordlys.example/|Mozilla/5.0 (X11; Linux x86_64)
2026-10-03T08:15:33Z|10.0.0.5|["203.0.113.7","10.0.0.9"]||kari|POST|/login|302||curl/8.5
2026-10-03T08:15:34Z|198.51.100.4|||||` + "\x16\x03\x01" + `|400||
2026-10-03T08:15:35Z|2001:db8::7||||GET|/|200||Mozilla/5.0`},
		"apache": {apache, `2026-10-04T21:59:59Z|203.0.113.7||blogg.example:443|Kari Nordmann|GET|/søk?q="a"|404||Mozilla/5.0
2026-10-04T22:00:00Z|203.0.113.7||||GET|/common|200||`},
		"iis": {iis, `2026-10-03T07:00:01Z|203.0.113.7|||FJORD\kari|GET|/minside?id=7|200|https://fjordlys.example/|Mozilla/5.0 (Windows NT 10.0)
2026-10-03T07:00:02Z|198.51.100.4||||GET|/|200||`},
	} {
		got := strings.Join(rows(t, open(t, write(t, t.TempDir(), "a.log", c.text)), nil, columns...), "\n")
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// A row keeps its name when the log is rotated and packed, so that a decision on it stays.
func TestNamesOutliveRotation(t *testing.T) {
	t.Parallel()
	names := func(dir string) []string { return rows(t, open(t, dir), nil, "line", "path") }
	before, after := t.TempDir(), t.TempDir()
	write(t, before, "access.log", nginx)
	write(t, after, "access.log.1", nginx)
	first := names(before)
	if diff := cmp.Diff(first, names(after)); diff != "" {
		t.Fatal(diff)
	}
	// While it is being packed both are there, and the packed one is not whole. It is one log all the same.
	whole, err := os.ReadFile(write(t, t.TempDir(), "x.gz", nginx+strings.Repeat(nginx, 500)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(after, "access.log.1.gz"), whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, names(after)); diff != "" {
		t.Fatal(diff)
	}
	// Another log that begins with the same line is another log.
	write(t, after, "blog.log", nginx)
	if got := names(after); len(got) != 2*len(first) || got[0] == got[len(first)] {
		t.Fatalf("two logs that begin alike are not told apart: %q", got)
	}
}

// What is written or rotated away while a snapshot is open changes nothing in it.
func TestSnapshotHolds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := write(t, dir, "access.log", nginx)
	s := open(t, dir)
	schema, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.(source.Finder).Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	before := find(t, snap, schema, nil, "line")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(nginx); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, find(t, snap, schema, nil, "line")); diff != "" || len(before) == 0 {
		t.Fatal(diff)
	}
	counts := map[string]int64{}
	err = snap.Count(context.Background(), &schema.Tables[0], source.Field{Column: "forwarded_for"},
		[]source.Value{source.TextOf("203.0.113.7"), source.TextOf("1.1.1.1")}, func(v source.Value, n int64) error {
			counts[v.Text()] = n
			return nil
		})
	if diff := cmp.Diff(map[string]int64{"203.0.113.7": 1}, counts); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
}

// What cannot be read is told and never passes for a log without the person.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	damaged := t.TempDir()
	data, err := os.ReadFile(write(t, damaged, "a.log.gz", strings.Repeat(nginx, 500)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(damaged, "a.log.gz"), data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	other, none := t.TempDir(), t.TempDir()
	write(t, other, "error.log", "2026/10/03 10:00:00 [error] 7#7: *1 open() failed, client: 203.0.113.7\n")
	for dir, want := range map[string]source.Error{
		damaged:                      {Code: source.FailedSystem, State: log.StateArchive},
		other:                        {Code: source.BadConfig, State: log.StateFormat},
		none:                         {Code: source.Unreachable, State: log.StateNoFiles},
		filepath.Join(none, "a.log"): {Code: source.Unreachable, State: log.StateNoFiles},
	} {
		got, report := collect(t, open(t, dir), "UTC", "203.0.113.7 2026-10-01/2026-10-31")
		c := report.Collections[0]
		if !report.Incomplete || c.Status != engine.Failed || c.Code != want.Code || c.State != want.State {
			t.Errorf("%s: got %v, %+v; want %v", filepath.Base(dir), got, c, want)
		}
	}
	for _, dsn := range []string{"log:", "log", "logs:/var/log", "log:/var/[log"} {
		var own *source.Error
		if _, err := log.Open(context.Background(), source.Config{Name: "web", DSN: source.NewSecret(dsn)}); !errors.As(err, &own) || own.Code != source.BadConfig {
			t.Errorf("%q: got %v", dsn, err)
		}
	}
}

// Files that end before the days that are asked for, or begin after them, are not read: a log of
// years would be gone through for each case.
func TestReadsWhatLiesInThePeriod(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line := func(day string) string {
		return fmt.Sprintf("203.0.113.7 - - [%s:10:00:00 +0000] \"GET /%s HTTP/1.1\" 200 1 \"-\" \"-\"\n", day, day[:2])
	}
	old := write(t, dir, "access.log.9.gz", line("01/Jan/2026"))
	// What is damaged would fail if it were read.
	data, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, data[:len(data)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	past := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "access.log.1", line("20/Oct/2026")+line("21/Oct/2026"))
	write(t, dir, "access.log", line("24/Oct/2026")+strings.Repeat("no log\n", 50))
	got, report := collect(t, open(t, dir), "UTC", "203.0.113.7 2026-10-21/2026-10-21")
	if diff := cmp.Diff([]string{"/21"}, got); diff != "" || report.Incomplete {
		t.Fatal(diff, report)
	}
	if _, report := collect(t, open(t, dir), "UTC", "203.0.113.7 2026-01-01/2026-10-24"); !report.Incomplete {
		t.Fatal("the test's damaged file is not damaged")
	}
}

func TestHostileLines(t *testing.T) {
	t.Parallel()
	text := nginx + strings.Repeat("x", 200_000) + "\n" +
		"203.0.113.7 - - [03/Oct/2026:10:15:32 +0200] \"GET /\xff\xfe HTTP/1.1\" 200 1 \"-\" \"unclosed\n" +
		"\n203.0.113.7 - - [03/Oct/2026:10:15:32 +0200] \"GET /last HTTP/1.1\" 200 1"
	got := rows(t, open(t, write(t, t.TempDir(), "a.log", text)), &source.Match{
		Fields: []source.Field{{Column: "ip"}}, Tuples: [][]source.Value{{source.TextOf("203.0.113.7")}}}, "path")
	if diff := cmp.Diff([]string{"/ordre/1", "/\uFFFD", "/last"}, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, t.TempDir(), "a.log", strings.Repeat(nginx, 3000)))
	schema, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.(source.Finder).Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	ctx, cancel := context.WithCancel(context.Background())
	seen := 0
	err = snap.Find(ctx, source.Query{Table: &schema.Tables[0], Fields: []source.Field{{Column: "path"}}}, func([]source.Value) error {
		seen++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen >= 12_000 {
		t.Fatalf("read %d lines after the end: %v", seen, err)
	}
}

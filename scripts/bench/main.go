// Command bench measures the figures that the portal holds and writes docs/BENCHMARKS.md. It fails
// if a bound is broken. Run it by 'make bench', which builds bin/mininfo first.
//
//	bench [-binary bin/mininfo] [-out docs/BENCHMARKS.md]
//
// MININFO_BENCH_ROWS says how many rows the person has whom the large systems are read for (a
// million without it); a quick run takes 100000.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The bounds. Sizes in MiB (2^20 bytes), the start in seconds.
const (
	maxBinary = 64.0
	maxIdle   = 64.0
	maxStart  = 0.5
	maxWait   = 1.0  // from request to findings, from approval to package: the person with most data
	maxScan   = 10.0 // of a schema of 500 tables, until its dataset file is proposed

	maxErasing = 1.5  // times one hand-written transaction
	maxWalk    = 15.0 // ms, one person of 100,000 with 50 rows
	maxLook    = 4.0  // times COPY of the keys and dates of a table of which one row in a thousand is too old

	longest = time.Hour // the whole run

	starts    = 5               // the median of so many starts counts
	idleAfter = 5 * time.Second // how long after the first answer the portal is taken for idle
)

// figure is one measured value and its bound.
type figure struct {
	what        string
	value, most float64
	unit        string
}

func (f figure) holds() bool { return f.value <= f.most }

func main() {
	binary := flag.String("binary", "bin/mininfo", "the built binary")
	out := flag.String("out", "docs/BENCHMARKS.md", "the report")
	sources := flag.Bool("sources", false, "only read out of large systems, of the server in MININFO_TEST_PG, and print the figures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	if *sources {
		if err := printSources(ctx, *binary); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ok, err := run(ctx, *binary, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if !ok {
		fmt.Fprintln(os.Stderr, "bench: a bound is broken")
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, out string) (bool, error) {
	figures, err := measureServer(ctx, binary)
	if err != nil {
		return false, err
	}
	reading, err := measureSources(ctx, binary)
	if err != nil {
		return false, err
	}
	figures = append(figures, reading...)
	benchmarks, err := goBenchmarks(ctx)
	if err != nil {
		return false, err
	}
	more, err := waited(benchmarks)
	if err != nil {
		return false, err
	}
	figures = append(figures, more...)
	report := render(figures, benchmarks, time.Now())
	if err := os.WriteFile(out, []byte(report), 0o644); err != nil {
		return false, fmt.Errorf("writing the report: %w", err)
	}
	fmt.Print(report)
	return !slices.ContainsFunc(figures, func(f figure) bool { return !f.holds() }), nil
}

// measureServer looks at the binary and at the demo that it serves. The first start makes the demo
// company and is not measured.
func measureServer(ctx context.Context, binary string) ([]figure, error) {
	info, err := os.Stat(binary)
	if err != nil {
		return nil, fmt.Errorf("looking at the binary: %w", err)
	}
	data, err := os.MkdirTemp("", "mininfo-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(data) }()
	var times []float64
	var rss float64
	for i := range starts + 1 {
		wait := time.Duration(0)
		if i == starts {
			wait = idleAfter
		}
		took, memory, err := serveOnce(ctx, binary, data, wait)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			times = append(times, took.Seconds())
		}
		rss = memory
	}
	slices.Sort(times)
	return []figure{
		{"binary", float64(info.Size()) / (1 << 20), maxBinary, "MiB"},
		{"start to first answer, median of " + strconv.Itoa(starts), times[len(times)/2], maxStart, "s"},
		{"memory when idle (RSS)", rss, maxIdle, "MiB"},
	}, nil
}

// serveOnce starts the portal, waits for the first answer and, after a wait, reads its memory.
func serveOnce(ctx context.Context, binary, data string, wait time.Duration) (time.Duration, float64, error) {
	address, err := freeAddress()
	if err != nil {
		return 0, 0, err
	}
	var log bytes.Buffer
	cmd := exec.CommandContext(ctx, binary, "serve", "--demo", "--data", filepath.Join(data, "demo"), "--listen", address)
	cmd.Stdout, cmd.Stderr = &log, &log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, fmt.Errorf("starting the portal: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
		}
	}()
	took, err := firstAnswer(ctx, "http://"+address+"/healthz", began, ended)
	if err != nil {
		return 0, 0, fmt.Errorf("waiting for the portal: %w; it said:\n%s", err, &log)
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	}
	memory, err := residentMiB(ctx, cmd.Process.Pid)
	return took, memory, err
}

func firstAnswer(ctx context.Context, url string, began time.Time, ended chan error) (time.Duration, error) {
	client := http.Client{Timeout: time.Second}
	for time.Since(began) < 2*time.Minute {
		select {
		case <-ended:
			ended <- nil // for the deferred wait
			return 0, errors.New("it ended")
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
		if response, err := client.Get(url); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
	}
	return 0, errors.New("no answer in two minutes")
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func residentMiB(ctx context.Context, pid int) (float64, error) {
	out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("reading the memory: %w", err)
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		return 0, fmt.Errorf("reading the memory: %w", err)
	}
	return kib / 1024, nil
}

// goBenchmarks runs every Go benchmark and gives their lines. Those of the engine are told how
// many rows, and run three times: each is long enough.
func goBenchmarks(ctx context.Context) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the packages: %w", err)
	}
	others := slices.DeleteFunc(strings.Fields(string(out)), func(p string) bool { return p == engine })
	lines, err := goTest(ctx, append([]string{"-benchmem"}, others...)...)
	if err != nil {
		return nil, err
	}
	own, err := goTest(ctx, engine, "-timeout", longest.String(), "-benchtime", "3x", "-benchrows", strconv.Itoa(rowsOfOne()))
	return append(lines, own...), err
}

const engine = "mininfo/internal/engine"

func goTest(ctx context.Context, args ...string) ([]string, error) {
	cmd := exec.CommandContext(ctx, "scripts/with-postgres", append([]string{"go", "test", "-run", "^$", "-bench", "."}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running the benchmarks: %w\n%s", err, out)
	}
	var lines []string
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "Benchmark") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines, nil
}

// bounded are the units of Go benchmarks that have a bound.
var bounded = map[string]figure{
	"s/findings":          {"request to findings", 0, maxWait, "s"},
	"s/package":           {"approval to package", 0, maxWait, "s"},
	"times-copy":          {"collecting, times COPY of the same rows", 0, maxReading, "×"},
	"times-copy-of-dates": {"looking for what is too old, times COPY of keys and dates", 0, maxLook, "×"},
	"times-by-hand":       {"carrying out, times a transaction by hand", 0, maxErasing, "×"},
	"s/scan":              {"scan of 500 tables", 0, maxScan, "s"},
	"ms-walk":             {"the walk to 50 rows in 12 collections", 0, maxWalk, "ms"},
}

// waited finds the figures with a bound in what the benchmarks say. Each of them must be told of.
func waited(benchmarks []string) ([]figure, error) {
	var out []figure
	told := map[string]bool{}
	for _, line := range benchmarks {
		words := strings.Fields(line)
		for i, unit := range words {
			f, of := bounded[unit]
			if !of {
				continue
			}
			value, err := strconv.ParseFloat(words[i-1], 64)
			if err != nil {
				return nil, fmt.Errorf("reading %q: %w", line, err)
			}
			f.what += ", " + strings.TrimPrefix(strings.TrimPrefix(words[0], "Benchmark"), "Answer/")
			f.value = value
			told[unit] = true
			out = append(out, f)
		}
	}
	for unit, f := range bounded {
		if !told[unit] {
			return nil, errors.New("no benchmark tells of: " + f.what)
		}
	}
	return out, nil
}

func render(figures []figure, benchmarks []string, at time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMade by `make bench` on %s: %s, %s, %d cores. Do not edit.\n\n",
		at.UTC().Format(time.DateOnly), runtime.GOOS+"/"+runtime.GOARCH, runtime.Version(), runtime.NumCPU())
	b.WriteString("| figure | measured | bound | holds |\n|---|---|---|---|\n")
	for _, f := range figures {
		holds := "yes"
		if !f.holds() {
			holds = "**no**"
		}
		fmt.Fprintf(&b, "| %s | %.2f %s | ≤ %g %s | %s |\n", f.what, f.value, f.unit, f.most, f.unit, holds)
	}
	if len(benchmarks) > 0 {
		b.WriteString("\n## Go benchmarks\n\n```\n" + strings.Join(benchmarks, "\n") + "\n```\n")
	}
	return b.String()
}

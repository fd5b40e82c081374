package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// heartbeat is how long the output may be silent before it names the packages that still run.
const heartbeat = 30 * time.Second

// event is a line of 'go test -json' (see 'go doc test2json').
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output and build-fail
	Test       string
	Output     string
	Elapsed    float64 // seconds
}

// goTest runs 'go test -json' with further arguments. The whole process group dies with ctx.
func goTest(ctx context.Context, args []string, stdout, stderr io.Writer) (counts, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return counts{}, fmt.Errorf("opening the output of go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return counts{}, fmt.Errorf("starting go test: %w", err)
	}
	tally := newTally(stdout)
	tally.follow(pipe, heartbeat)
	err = cmd.Wait()
	if ctx.Err() != nil {
		return counts{}, fmt.Errorf("running go test: %w", ctx.Err())
	}
	got := tally.counts
	if err != nil && got.Failed == 0 { // no event tells what went wrong
		got.Failed = 1
		fmt.Fprintf(stdout, "FAIL  go test: %v\n", err)
	}
	return got, nil
}

// tally turns the stream of events into lines for a person and counts.
//
// A test with subtests is not counted itself, unless it failed though all of its subtests passed. A
// skipped test is a failure: the setup gives every test what it needs, so nothing may go untested in
// silence.
type tally struct {
	counts
	out      io.Writer
	packages map[string]*progress
}

// progress is what is known of one package while its tests run.
type progress struct {
	counts
	tests  map[string]*testState
	output []string // of the package itself: a panic, TestMain, the build
}

type testState struct {
	output      []string
	hasSubtests bool
	failedBelow bool
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, packages: map[string]*progress{}}
}

// follow reads events until the stream ends.
func (t *tally) follow(r io.Reader, quiet time.Duration) {
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		reader := bufio.NewReader(r)
		for {
			line, err := reader.ReadBytes('\n')
			if len(line) > 0 {
				lines <- line
			}
			if err != nil {
				return
			}
		}
	}()
	ticker := time.NewTicker(quiet)
	defer ticker.Stop()
	for {
		select {
		case line, open := <-lines:
			if !open {
				return
			}
			if t.line(line) {
				ticker.Reset(quiet)
			}
		case <-ticker.C:
			t.stillRunning()
		}
	}
}

// line takes one line of the stream and tells whether it printed anything.
func (t *tally) line(raw []byte) bool {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || e.Action == "" {
		fmt.Fprintf(t.out, "%s", raw) // go itself speaking, e.g. about a flag
		return true
	}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(t.out, e.Output)
		return true
	case e.Action == "build-fail" || e.Package == "":
		return false
	case e.Test != "":
		return t.test(e)
	}
	return t.pkg(e)
}

func (t *tally) of(name string) *progress {
	p := t.packages[name]
	if p == nil {
		p = &progress{tests: map[string]*testState{}}
		t.packages[name] = p
	}
	return p
}

func (t *tally) test(e event) bool {
	p := t.of(e.Package)
	s := p.tests[e.Test]
	if s == nil {
		s = &testState{}
		p.tests[e.Test] = s
		if parent := p.parent(e.Test); parent != nil {
			parent.hasSubtests = true
		}
	}
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") { // RUN, PAUSE, CONT
			s.output = append(s.output, e.Output)
		}
		return false
	case "pass":
		if !s.hasSubtests {
			p.Passed++
		}
	case "skip":
		p.Failed++
		fmt.Fprintf(t.out, "SKIP  %s %s (counts as a failure)\n%s", e.Package, e.Test, strings.Join(s.output, ""))
	case "fail":
		t.failed(p, e.Package, e.Test, s)
	default:
		return false
	}
	delete(p.tests, e.Test)
	return e.Action != "pass"
}

// failed prints a failed test in full and counts it, if no subtest was counted for it.
func (t *tally) failed(p *progress, pkg, name string, s *testState) {
	if !s.failedBelow {
		p.Failed++
	}
	if parent := p.parent(name); parent != nil {
		parent.failedBelow = true
	}
	fmt.Fprintf(t.out, "FAIL  %s %s\n%s", pkg, name, strings.Join(s.output, ""))
}

func (p *progress) parent(test string) *testState {
	i := strings.LastIndexByte(test, '/')
	for ; i > 0; i = strings.LastIndexByte(test[:i], '/') {
		if s := p.tests[test[:i]]; s != nil { // a subtest's own name may hold a slash
			return s
		}
	}
	return nil
}

func (t *tally) pkg(e event) bool {
	p := t.of(e.Package)
	switch e.Action {
	case "output":
		p.output = append(p.output, e.Output)
		return false
	case "pass", "skip":
	case "fail":
		t.packageFailed(p, e.Package)
	default:
		return false
	}
	delete(t.packages, e.Package)
	t.Passed += p.Passed
	t.Failed += p.Failed
	if p.Passed+p.Failed == 0 {
		return false // a package without tests is no news
	}
	word := "ok  "
	if p.Failed > 0 {
		word = "FAIL"
	}
	fmt.Fprintf(t.out, "%s  %-44s %4d passed", word, e.Package, p.Passed)
	if p.Failed > 0 {
		fmt.Fprintf(t.out, ", %d failed", p.Failed)
	}
	fmt.Fprintf(t.out, "  %6.2f s\n", e.Elapsed)
	return true
}

// packageFailed counts the tests that were running when the package's program died, and makes sure
// that a package that failed for any other reason counts at least once.
func (t *tally) packageFailed(p *progress, pkg string) {
	names := make([]string, 0, len(p.tests))
	for name := range p.tests {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // subtests first
	for _, name := range names {
		t.failed(p, pkg, name, p.tests[name])
	}
	if p.Failed == 0 {
		p.Failed = 1
		fmt.Fprintf(t.out, "FAIL  %s\n", pkg)
	}
	fmt.Fprint(t.out, strings.Join(p.output, ""))
}

func (t *tally) stillRunning() {
	names := make([]string, 0, len(t.packages))
	for name := range t.packages {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		tests := make([]string, 0, len(t.packages[name].tests))
		for test := range t.packages[name].tests {
			tests = append(tests, test)
		}
		slices.Sort(tests)
		if len(tests) > 3 {
			tests = append(tests[:3], "…")
		}
		fmt.Fprintf(t.out, "…     %s %s\n", name, strings.Join(tests, " "))
	}
}

// Command torture runs the fault harness in a long set and writes its figures into docs/RELIABILITY.md,
// between the two marks. It fails if a figure that must be zero is not. Run it by 'make torture'.
//
//	torture [-set short|medium|long] [-only NAME] [-out docs/RELIABILITY.md]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// harness is one test of the harness and what says how long it goes on, in each set. What it says of
// itself (FIGURE lines) is taken as it is.
type harness struct {
	test, setting       string
	short, medium, long int
}

var harnesses = []harness{
	{"TestKilledAtRandom", "MININFO_TEST_KILLS", 100, 300, 2000},
	{"TestPowerCuts", "MININFO_TEST_CRASHES", 100, 1000, 1000000}, // the long set: all that there are
	{"TestFirstStartIsCut", "MININFO_TEST_CUTS", 60, 300, 1000},
	{"TestSyncsFail", "MININFO_TEST_SYNCS", 2, 20, 50},
	{"TestMailServerMisbehaves", "MININFO_TEST_MISBEHAVIOURS", 5, 20, 200},
	{"TestStaleReplicas", "MININFO_TEST_STALE", 30, 100, 2000},
	{"TestContractHoldsUnderFuzzing", "MININFO_TEST_FUZZ", 10000, 50000, 1000000},
}

const begin, end = "<!-- figures: make torture -->", "<!-- end of the figures -->"

type figure struct{ what, of, wrong string }

func main() {
	set := flag.String("set", "long", "short, medium or long")
	only := flag.String("only", "", "only the tests whose name holds this; the figures of the others stay")
	out := flag.String("out", "docs/RELIABILITY.md", "the document with the figures")
	flag.Parse()
	if err := run(*set, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

func run(set, only, out string) error {
	args, env := []string{"test", "-count=1", "-timeout", "48h", "-v"}, os.Environ()
	var tests []string
	for _, h := range harnesses {
		n, known := map[string]int{"short": h.short, "medium": h.medium, "long": h.long}[set]
		if !known {
			return fmt.Errorf("there is no set %q: short, medium or long", set)
		}
		env = append(env, h.setting+"="+strconv.Itoa(n))
		if strings.Contains(h.test, only) {
			tests = append(tests, h.test)
		}
	}
	if len(tests) == 0 {
		return fmt.Errorf("no test's name holds %q", only)
	}
	cmd := exec.Command("go", append(args, "-run", "^("+strings.Join(tests, "|")+")$", "./cmd/mininfo")...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	lines, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	figures, err := gather(lines, os.Stdout)
	failed := cmd.Wait()
	if err := errors.Join(err, write(out, set, only == "", figures)); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("a figure that must be zero is not, or a test failed: %w", failed)
	}
	return nil
}

// gather reads the figures out of what the tests print, and passes it on.
func gather(from io.Reader, to io.Writer) ([]figure, error) {
	var list []figure
	in := bufio.NewScanner(from)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		if _, err := fmt.Fprintln(to, in.Text()); err != nil {
			return nil, err
		}
		if _, text, found := strings.Cut(in.Text(), "FIGURE\t"); found {
			if f := strings.Split(text, "\t"); len(f) == 3 {
				list = append(list, figure{f[0], f[1], f[2]})
			}
		}
	}
	return list, in.Err()
}

// write puts the figures between the marks of the document: all anew, or those that were run.
func write(path, set string, whole bool, figures []figure) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(data), begin+"\n")
	old, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s lacks the marks %q and %q", path, begin, end)
	}
	commit, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("asking for the commit: %w", err)
	}
	stamp := fmt.Sprintf("%s, %s, %s", time.Now().UTC().Format("2006-01-02"), strings.TrimSpace(string(commit)), set)
	var b strings.Builder
	b.WriteString(begin + "\n\n| what | of | wrong | run (day, commit, set) |\n|---|---:|---:|---|\n")
	anew := map[string]bool{}
	for _, f := range figures {
		anew[f.what] = true
	}
	for line := range strings.Lines(old) {
		cells := strings.Split(line, " | ")
		if what := strings.TrimPrefix(cells[0], "| "); !whole && len(cells) == 4 && !anew[what] && what != "what" {
			b.WriteString(line)
		}
	}
	for _, f := range figures {
		wrong := f.wrong
		if f.of != "" && wrong != "0" {
			wrong = "**" + wrong + "**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.what, f.of, wrong, stamp)
	}
	fmt.Fprintf(&b, "\nOn %d processors, %s/%s.\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	return os.WriteFile(path, []byte(before+b.String()+end+after), 0o644)
}

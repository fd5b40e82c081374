package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// counts is what one runner counted.
type counts struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

func (c counts) String() string {
	if c.Skipped > 0 {
		return fmt.Sprintf("%d passed, %d failed, %d skipped", c.Passed, c.Failed, c.Skipped)
	}
	return fmt.Sprintf("%d passed, %d failed", c.Passed, c.Failed)
}

func (c counts) write(path string) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding the counts: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return fmt.Errorf("writing the counts: %w", err)
	}
	return nil
}

// runners are the reports that a full run can leave, and how to read each.
var runners = []struct {
	name, file string
	read       func([]byte) (counts, error)
}{
	{"Go", "go", readCounts},
	{"UI", "ui", readVitest},
	{"Browser", "browser", readPlaywright},
}

// total reads the runners' reports in a folder. For each runner that was started there is a file
// NAME.status with its exit code; NAME.json is its report. It gives the exit code.
func total(dir string, out io.Writer) int {
	var sum counts
	started := 0
	for _, r := range runners {
		status, err := os.ReadFile(filepath.Join(dir, r.file+".status"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		started++
		got, err := readReport(filepath.Join(dir, r.file+".json"), r.read)
		switch {
		case err != nil:
			fmt.Fprintf(out, "%s: %v\n", r.name, err)
			got.Failed++
		case got.Passed+got.Failed == 0:
			fmt.Fprintf(out, "%s: no test ran\n", r.name)
			got.Failed++
		case string(status) != "0\n" && got.Failed == 0:
			fmt.Fprintf(out, "%s: no test failed, yet the runner did (exit code %.4s)\n", r.name, status)
			got.Failed++
		}
		fmt.Fprintf(out, "%s: %s\n", r.name, got)
		sum.Passed += got.Passed
		sum.Failed += got.Failed
		sum.Skipped += got.Skipped
	}
	if started == 0 {
		fmt.Fprintln(out, "no runner was started")
		sum.Failed++
	}
	fmt.Fprintf(out, "\n%s\n", sum)
	if sum.Failed > 0 {
		return 1
	}
	return 0
}

func readReport(path string, read func([]byte) (counts, error)) (counts, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return counts{}, errors.New("the runner left no report")
	}
	if err != nil {
		return counts{}, fmt.Errorf("reading the report: %w", err)
	}
	c, err := read(raw)
	if err != nil {
		return counts{}, fmt.Errorf("reading the report: %w", err)
	}
	return c, nil
}

func readCounts(raw []byte) (counts, error) {
	var c counts
	err := json.Unmarshal(raw, &c)
	return c, err
}

// readVitest reads vitest's json reporter. A suite that could not be loaded has no tests, so it is
// looked for on its own.
func readVitest(raw []byte) (counts, error) {
	var report struct {
		Passed  int `json:"numPassedTests"`
		Failed  int `json:"numFailedTests"`
		Pending int `json:"numPendingTests"`
		Todo    int `json:"numTodoTests"`
		Suites  []struct {
			Status string `json:"status"`
			Tests  []any  `json:"assertionResults"`
		} `json:"testResults"`
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		return counts{}, err
	}
	c := counts{Passed: report.Passed, Failed: report.Failed, Skipped: report.Pending + report.Todo}
	for _, suite := range report.Suites {
		if suite.Status == "failed" && len(suite.Tests) == 0 {
			c.Failed++
		}
	}
	return c, nil
}

// readPlaywright reads Playwright's json reporter. A flaky test (failed, then passed) is a failure:
// no test may depend on luck.
func readPlaywright(raw []byte) (counts, error) {
	var report struct {
		Stats struct {
			Expected, Unexpected, Flaky, Skipped int
		} `json:"stats"`
		Errors []any `json:"errors"`
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		return counts{}, err
	}
	s := report.Stats
	return counts{Passed: s.Expected, Failed: s.Unexpected + s.Flaky + len(report.Errors), Skipped: s.Skipped}, nil
}

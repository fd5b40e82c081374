package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTallyCountsLeavesOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stream string
		want   counts
		says   []string
		silent []string
	}{
		{
			name: "a test with subtests counts as its subtests",
			stream: `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"run","Package":"p","Test":"TestA/y/z"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA/x"}
{"Action":"pass","Package":"p","Test":"TestA/y/z"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":0.5}
`,
			want:   counts{Passed: 2},
			says:   []string{"ok    p", "2 passed", "0.50 s"},
			silent: []string{"quiet"},
		},
		{
			name: "a failed subtest is one failure and printed in full",
			stream: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Test":"TestA/x","Output":"got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p","Elapsed":0.1}
`,
			want: counts{Failed: 1},
			says: []string{"FAIL  p TestA/x\ngot 1, want 2"},
		},
		{
			name: "a test that fails after its subtests passed is a failure",
			stream: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"pass","Package":"p","Test":"TestA/x"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`,
			want: counts{Passed: 1, Failed: 1},
		},
		{
			name: "a skipped test is a failure",
			stream: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"no database\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}
`,
			want: counts{Failed: 1},
			says: []string{"SKIP  p TestA", "no database"},
		},
		{
			name: "the tests that ran when the program died are failures",
			stream: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestA/x"}
{"Action":"output","Package":"p","Output":"panic: oh\n"}
{"Action":"fail","Package":"p"}
`,
			want: counts{Failed: 1},
			says: []string{"TestA/x", "panic: oh"},
		},
		{
			name: "a package that does not compile is a failure",
			stream: `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: no\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`,
			want: counts{Failed: 1},
			says: []string{"p.go:1: no"},
		},
		{
			name: "a package without tests is no news",
			stream: `{"Action":"start","Package":"p"}
{"Action":"skip","Package":"p"}
`,
			silent: []string{"p"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			tally := newTally(&out)
			tally.follow(strings.NewReader(tt.stream), time.Hour)
			if diff := cmp.Diff(tt.want, tally.counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			for _, s := range tt.says {
				if !strings.Contains(out.String(), s) {
					t.Errorf("output lacks %q:\n%s", s, &out)
				}
			}
			for _, s := range tt.silent {
				if strings.Contains(out.String(), s) {
					t.Errorf("output has %q:\n%s", s, &out)
				}
			}
		})
	}
}

func TestTotalNeverTakesSilenceForSuccess(t *testing.T) {
	t.Parallel()
	const (
		goGood  = `{"passed":3,"failed":0,"skipped":0}`
		uiGood  = `{"numPassedTests":2,"numFailedTests":0,"testResults":[]}`
		webGood = `{"stats":{"expected":4,"unexpected":0,"flaky":0,"skipped":1},"errors":[]}`
	)
	tests := []struct {
		name  string
		files map[string]string
		last  string
		code  int
	}{
		{"all good", map[string]string{
			"go.status": "0\n", "go.json": goGood, "ui.status": "0\n", "ui.json": uiGood,
			"browser.status": "0\n", "browser.json": webGood,
		}, "9 passed, 0 failed, 1 skipped", 0},
		{"only what was started counts", map[string]string{"go.status": "0\n", "go.json": goGood}, "3 passed, 0 failed", 0},
		{"nothing started", nil, "0 passed, 1 failed", 1},
		{"a runner that died", map[string]string{"go.status": "137\n"}, "0 passed, 1 failed", 1},
		{"a runner that tested nothing", map[string]string{
			"ui.status": "0\n", "ui.json": `{"numPassedTests":0}`,
		}, "0 passed, 1 failed", 1},
		{"a runner that failed without a failed test", map[string]string{
			"ui.status": "1\n", "ui.json": uiGood,
		}, "2 passed, 1 failed", 1},
		{"a suite that could not be loaded", map[string]string{
			"ui.status": "1\n", "ui.json": `{"numPassedTests":2,"testResults":[{"status":"failed","assertionResults":[]}]}`,
		}, "2 passed, 1 failed", 1},
		{"a flaky journey", map[string]string{
			"browser.status": "0\n", "browser.json": `{"stats":{"expected":1,"flaky":1}}`,
		}, "1 passed, 1 failed", 1},
		{"a report cut short", map[string]string{"browser.status": "0\n", "browser.json": `{"stats":`}, "0 passed, 1 failed", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out bytes.Buffer
			code := total(dir, &out)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if got := lines[len(lines)-1]; got != tt.last || code != tt.code {
				t.Errorf("total closes with %q and exit code %d, want %q and %d:\n%s", got, code, tt.last, tt.code, &out)
			}
		})
	}
}

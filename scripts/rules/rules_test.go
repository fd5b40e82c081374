package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read gives all that the command works with.
func read(t *testing.T) (root string, rules []Rule, tests []Test, violations []Violation) {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if rules, err = readRules(); err != nil {
		t.Fatal(err)
	}
	if tests, err = findTests(root, rules); err != nil {
		t.Fatal(err)
	}
	if violations, _, err = readViolations(); err != nil {
		t.Fatal(err)
	}
	return root, rules, tests, violations
}

func TestRulesAreWhole(t *testing.T) {
	t.Parallel()
	_, rules, tests, _ := read(t)
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[compact(r.ID)] || r.Text == "" || r.Source == "" || !slices.Contains(levels, r.Level) || areas[prefix(r.ID)] == "" {
			t.Errorf("%+v", r)
		}
		seen[compact(r.ID)] = true
		if stateOf(r, tests) == notYet && r.Lacks == "" {
			t.Errorf("%s: no test holds it, and rules.yaml says neither what is missing nor whose duty it is", r.ID)
		}
	}
	if len(rules) != 113 {
		t.Errorf("%d rules, want 113", len(rules))
	}
}

// TestViolationsFit: each can still be planted, and every rule that a test holds has one.
func TestViolationsFit(t *testing.T) {
	t.Parallel()
	root, rules, tests, violations := read(t)
	planted := map[string]bool{}
	for _, v := range violations {
		if _, err := v.planted(root); err != nil {
			t.Error(err)
		}
		if _, err := v.testOf(tests); err != nil {
			t.Error(err)
		}
		planted[v.Rule] = true
	}
	names := map[string]string{}
	for _, test := range tests {
		if other, twice := names[test.Name]; twice {
			t.Errorf("%s stands in %s and in %s: a violation could mean either", test.Name, other, test.Package)
		}
		names[test.Name] = test.Package
	}
	for _, r := range rules {
		if len(holding(tests, r.ID)) > 0 && !planted[r.ID] {
			t.Errorf("%s: no violation of it is planted", r.ID)
		}
	}
}

// TestDefectsFit: each can still be planted, once, and the test that has to see it is there.
func TestDefectsFit(t *testing.T) {
	t.Parallel()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	_, defects, err := readViolations()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range defects {
		if _, err := d.planted(root); err != nil {
			t.Error(err)
		}
		if d.Package == "" || seen[d.Rule] {
			t.Errorf("%s: it has no package, or stands twice", d.Rule)
		}
		seen[d.Rule] = true
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(d.Package), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		declared := func(file string) bool {
			content, err := os.ReadFile(file)
			return err == nil && strings.Contains(string(content), "\nfunc "+d.Test+"(")
		}
		if !slices.ContainsFunc(files, declared) {
			t.Errorf("%s: there is no test %s in %s", d.Rule, d.Test, d.Package)
		}
	}
}

func TestRuled(t *testing.T) {
	t.Parallel()
	rules := []Rule{{ID: "CLK-03"}, {ID: "ART23-01"}, {ID: "CLK-04"}}
	for name, want := range map[string][]string{
		"TestCLK03MonthEnds":           {"CLK-03"},
		"TestCLK03CLK04Table":          {"CLK-03", "CLK-04"},
		"TestART2301OnlyLaw":           {"ART23-01"},
		"TestDeadlineTable":            nil,
		"TestMonthEndsCLK03":           nil,
		"BenchmarkCLK03":               nil,
		"TestCLK05HolidaysOfTheOffice": nil,
	} {
		if diff := cmp.Diff(want, ruled(name, rules)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

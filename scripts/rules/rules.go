package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed rules.yaml
var rulesFile []byte

// Rule is one thing that the law, an authority or we ourselves want of an office that answers
// requests.
type Rule struct {
	ID     string `yaml:"id"`
	Level  string `yaml:"level"` // must: the law; should: guidance or practice; choice: ours
	Text   string `yaml:"text"`
	Source string `yaml:"source"`
	Person string `yaml:"person,omitempty"` // what stays a person's duty, and whose
	Lacks  string `yaml:"lacks,omitempty"`  // what the portal ought to hold and does not
}

func readRules() ([]Rule, error) {
	var rules []Rule
	if err := decode(rulesFile, &rules); err != nil {
		return nil, fmt.Errorf("rules.yaml: %w", err)
	}
	return rules, nil
}

// decode reads YAML strictly: a key with a typing error is an error.
func decode(content []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(content))
	d.KnownFields(true)
	return d.Decode(into)
}

// Test is a test. It holds the rules whose ids, without the hyphen, begin its name.
type Test struct {
	Name    string
	Package string // folder under the module, with slashes
	Rules   []string
}

// compact is an id as it stands in the name of a test: CLK03 for CLK-03.
func compact(id string) string { return strings.ReplaceAll(id, "-", "") }

// ruled gives the ids that a test's name begins with.
func ruled(name string, rules []Rule) []string {
	rest, ok := strings.CutPrefix(name, "Test")
	var ids []string
	for ok {
		ok = false
		for _, r := range rules {
			if after, found := strings.CutPrefix(rest, compact(r.ID)); found {
				ids, rest, ok = append(ids, r.ID), after, true
				break
			}
		}
	}
	return ids
}

// looksRuled tells of a name that means a rule, known or not.
var looksRuled = regexp.MustCompile(`^Test[A-Z]{2,}\d*\d\d[A-Z]`)

// findTests gives all Go tests under a folder that are named after rules, in the order of their
// packages and names.
func findTests(root string, rules []Rule) ([]Test, error) {
	all, err := goTests(root)
	var tests []Test
	for _, t := range all {
		t.Rules = ruled(t.Name, rules)
		switch {
		case len(t.Rules) > 0:
			tests = append(tests, t)
		case looksRuled.MatchString(t.Name):
			return nil, fmt.Errorf("%s: %s is named after no rule of rules.yaml", t.Package, t.Name)
		}
	}
	return tests, err
}

// goTests gives all Go tests and fuzz targets under a folder, in the order of their packages and names.
func goTests(root string) ([]Test, error) {
	var tests []Test
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && slices.Contains([]string{".git", "node_modules", "dist", "data", "bin"}, e.Name()):
			return fs.SkipDir
		case e.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		found, err := testsIn(root, path)
		tests = append(tests, found...)
		return err
	})
	slices.SortFunc(tests, func(a, b Test) int { return strings.Compare(a.Package+a.Name, b.Package+b.Name) })
	return tests, err
}

func testsIn(root, path string) ([]Test, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	folder, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var tests []Test
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
			tests = append(tests, Test{Name: f.Name.Name, Package: filepath.ToSlash(folder)})
		}
	}
	return tests, nil
}

// holding gives the tests that hold a rule.
func holding(tests []Test, id string) []Test {
	var out []Test
	for _, t := range tests {
		if slices.Contains(t.Rules, id) {
			out = append(out, t)
		}
	}
	return out
}

// moduleRoot is the folder of go.mod, at or above the one we run in.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			err = fmt.Errorf("there is no go.mod above this folder")
		}
		dir = up
	}
	return "", err
}

package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed violations.yaml
var violationsFile []byte

//go:embed defects.yaml
var defectsFile []byte

// Violation is a small change of the product that breaks a rule. The text to be replaced stands
// exactly once in its file.
type Violation struct {
	Rule    string `yaml:"rule"`
	Package string `yaml:"package"` // of the test: for a defect, which is of no rule and has a name instead
	Test    string `yaml:"test"`    // that has to fail
	File    string `yaml:"file"`
	Old     string `yaml:"old"`
	New     string `yaml:"new"`
}

// readViolations gives the violations of the rules, and the defects.
func readViolations() (ofRules, defects []Violation, err error) {
	if err := decode(violationsFile, &ofRules); err != nil {
		return nil, nil, fmt.Errorf("violations.yaml: %w", err)
	}
	if err := decode(defectsFile, &defects); err != nil {
		return nil, nil, fmt.Errorf("defects.yaml: %w", err)
	}
	return ofRules, defects, nil
}

// planted gives the content of the violation's file with the violation in it.
func (v Violation) planted(root string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(v.File)))
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(content, []byte(v.Old)); n != 1 || v.Old == v.New {
		return nil, fmt.Errorf("%s: the text to be replaced stands %d times in %s, want once, and another one for it", v.Rule, n, v.File)
	}
	return bytes.Replace(content, []byte(v.Old), []byte(v.New), 1), nil
}

// testOf finds the test that has to fail. That of a rule is named after it.
func (v Violation) testOf(tests []Test) (Test, error) {
	if v.Package != "" {
		return Test{Name: v.Test, Package: v.Package}, nil
	}
	i := slices.IndexFunc(tests, func(t Test) bool { return t.Name == v.Test && slices.Contains(t.Rules, v.Rule) })
	if i < 0 {
		return Test{}, fmt.Errorf("%s: there is no test %s named after it", v.Rule, v.Test)
	}
	return tests[i], nil
}

// plantAll plants each of some violations in turn, or those alone that are named, and runs the test that
// has to fail. The files of the checkout are never touched: the compiler gets the change as an overlay.
func plantAll(ctx context.Context, root string, tests []Test, all []Violation, ids []string, out io.Writer) error {
	var missed []error
	planted := 0
	for _, v := range all {
		if len(ids) > 0 && !slices.Contains(ids, v.Rule) {
			continue
		}
		planted++
		began := time.Now()
		err := plant(ctx, root, tests, v)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			missed = append(missed, err)
			fmt.Fprintf(out, "MISSED  %-12s %v\n", v.Rule, err)
			continue
		}
		fmt.Fprintf(out, "caught  %-12s %s (%.0f s)\n", v.Rule, v.Test, time.Since(began).Seconds())
	}
	fmt.Fprintf(out, "%d planted, %d caught, %d missed\n", planted, planted-len(missed), len(missed))
	if planted == 0 {
		return errors.New("there is nothing of these names to plant")
	}
	return errors.Join(missed...)
}

// plant gives an error unless the test fails with the violation in place.
func plant(ctx context.Context, root string, tests []Test, v Violation) error {
	test, err := v.testOf(tests)
	if err != nil {
		return err
	}
	content, err := v.planted(root)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mininfo-plant-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	replaced := filepath.Join(dir, "planted")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, filepath.FromSlash(v.File)): replaced}})
	if err != nil {
		return err
	}
	if err := errors.Join(os.WriteFile(replaced, content, 0o600), os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600)); err != nil {
		return err
	}
	run := exec.CommandContext(ctx, "go", "test", "-count=1", "-vet=off", "-timeout=10m", "-run=^"+test.Name+"$", "./"+test.Package)
	run.Dir = root
	// In the environment it reaches the builds that a test makes itself, such as that of the whole program.
	run.Env = append(os.Environ(), strings.TrimSpace("GOFLAGS="+os.Getenv("GOFLAGS")+" -overlay="+filepath.Join(dir, "overlay.json")))
	said, err := run.CombinedOutput()
	switch failed := strings.Contains(string(said), "--- FAIL: "+test.Name); {
	case err == nil:
		return fmt.Errorf("%s: %s passes with %s changed", v.Rule, test.Name, v.File)
	case !failed:
		return fmt.Errorf("%s: the test did not come to run:\n%s", v.Rule, said)
	}
	return nil
}

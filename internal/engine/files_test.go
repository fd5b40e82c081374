package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func dirOf(c *company) string { return filepath.Dir(strings.TrimPrefix(c.dsn, "file:")) }

// files reads every file of a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name()] = string(b)
	}
	return out
}

// writeSources writes a list with one source, whose DSN comes from the environment.
func writeSources(t testing.TB, yaml string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sources.yaml")
	for name, text := range map[string]string{path: "sources: [{name: w, dsn: 'env:D', dataset: w.yaml}]\n", filepath.Join(filepath.Dir(path), "w.yaml"): yaml} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

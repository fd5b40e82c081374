package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"mininfo/internal/engine"
)

const listDataset = `
dataset:
- fides_key: liste
  collections:
  - name: rows
    fields:
    - {name: Navn, data_categories: [user.name]}
    - {name: E-post, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: Født, data_categories: [user.demographic.date_of_birth]}
    - {name: Beløp, data_categories: [user.financial]}
`

// list is a file as Norwegian Excel writes it, with two equal rows.
func list(t *testing.T) (path string, s *engine.Sources) {
	t.Helper()
	text := strings.Join([]string{
		"Navn;E-post;Født;Beløp",
		`"Åse Bø";ase@example.no;31.12.1980;1 234,50`,
		"Kari;KARI@example.no;1.2.1990;0,5",
		"Ole; ole@example.no ;02.03.1991;7",
		"Kari;kari@example.no;01.02.1990;0,5",
		"Kari;kari@example.no;01.02.1990;0,5",
		"",
	}, "\r\n")
	data, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "kunder.csv")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, connect(t, "liste", &company{dsn: "csv:" + path}, listDataset)
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestErasingInAFile(t *testing.T) {
	t.Parallel()
	path, s := list(t)
	got, _ := collect(t, s, email("ase@example.no"))
	same(t, "values are read as what they are", got["liste"]["rows"], "[map[Beløp:1234.5 E-post:ase@example.no Født:1980-12-31 Navn:Åse Bø]]")
	p := prepareErase(t, s, email("kari@example.no"))
	out := execute(t, p)
	same(t, "deleted", out.Results[0].Deleted, 3)
	const left = "Navn;E-post;Født;Beløp\n\"Åse Bø\";ase@example.no;31.12.1980;1 234,50\nOle; ole@example.no ;02.03.1991;7\n"
	same(t, "the file", content(t, path), left)
	again, err := p.Execute(context.Background(), p.Summary.Digest)
	if err != nil || !again.Results[0].AlreadyDone {
		t.Errorf("a job that died after the rename comes again: %+v, %v", again.Results, err)
	}
	same(t, "the file after it", content(t, path), left)
}

func TestAnonymisingAndCorrectingInAFile(t *testing.T) {
	t.Parallel()
	path, s := list(t)
	execute(t, prepareErase(t, s, email("ase@example.no"), engine.CategoryRule{Category: "user.name"}, engine.CategoryRule{Category: "user.financial"}))
	same(t, "emptied", strings.Split(content(t, path), "\n")[1], `"";ase@example.no;31.12.1980;`)
	var sets []engine.Correction
	for _, text := range []string{"rows.Født=1991-03-04", "rows.Beløp=12345.25"} {
		set, err := engine.ParseSet(text, s.Connected)
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, set)
	}
	p, err := engine.PrepareCorrect(context.Background(), s, email("ole@example.no"), sets, engine.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	execute(t, p)
	lines := strings.Split(content(t, path), "\n")
	same(t, "corrected in the file's own form", lines[3], "Ole; ole@example.no ;04.03.1991;12345,25")
	same(t, "the others", lines[4:6], "[Kari;kari@example.no;01.02.1990;0,5 Kari;kari@example.no;01.02.1990;0,5]")
}

func TestAFileThatChangedSinceThePlan(t *testing.T) {
	t.Parallel()
	path, s := list(t)
	p := prepareErase(t, s, email("kari@example.no"))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// What does not concern the plan does not stop it; what does, does.
	changed := strings.Replace(string(before), "Kari;KARI", "Karin;KARI", 1)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	var drift *engine.DriftError
	if _, err := p.Execute(context.Background(), p.Summary.Digest); !errors.As(err, &drift) || drift.Rows == 0 {
		t.Fatalf("executed over a changed row: %v", err)
	}
	if now, _ := os.ReadFile(path); string(now) != changed {
		t.Error("wrote something")
	}
	if err := os.WriteFile(path, append([]byte("Navn;E-post;F\xf8dt;Bel\xf8p\r\nNy;ny@example.no;1.1.2000;1,0\r\n"), before[strings.Index(string(before), "\n")+1:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	execute(t, p)
	if text := content(t, path); !strings.Contains(text, "Ny;ny@example.no;1.1.2000;1,0\n") || strings.Contains(strings.ToLower(text), "kari") {
		t.Errorf("the file is %q", text)
	}
}

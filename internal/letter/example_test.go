package letter_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/letter"
	"mininfo/internal/locale"
)

// Whoever words letters sees a whole one of each kind, with something in each part that can be worded; with -write as PDF, for eyes.
func TestExamplesAreWholeLetters(t *testing.T) {
	t.Parallel()
	for _, k := range letter.Kinds {
		for _, l := range locale.All {
			a := letter.Example(k, l)
			a.Controller.Name, a.Controller.Email = "Fjordlys AS", "personvern@example.no"
			if err := a.Check(); err != nil {
				t.Errorf("%s %s: %v", k, l, err)
			}
			if *write != "" {
				if err := os.WriteFile(filepath.Join(*write, "example-"+string(k)+"-"+string(l)+".pdf"), pdfOf(t, a.Letter()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			shown := a.Letter()
			if strings.Contains(shown.Text(), "%!") || shown.Title == "" {
				t.Errorf("%s %s: %s", k, l, shown.Text())
			}
			for _, p := range k.Parts() {
				optional := p == letter.Recipients || p == letter.Backups || p == letter.Proof
				if !optional && !slices.ContainsFunc(shown.Sections, func(s letter.Section) bool { return s.Part == p }) {
					t.Errorf("%s %s shows nothing of %s", k, l, p)
				}
			}
		}
	}
}

// No page holds the closing alone.
func TestClosingStandsBesideWhatItCloses(t *testing.T) {
	t.Parallel()
	for _, k := range []letter.Kind{letter.Access, letter.FeeWarning, letter.IdentityQuestion, letter.NothingHeld} {
		a := letter.Example(k, locale.NB)
		a.Controller.Name, a.Controller.Email = "Fjordlys AS", "personvern@example.no"
		for range 12 { // wherever the page happens to end
			a.Person.Address = append(a.Person.Address, "Oppgang")
			shown := a.Letter()
			body := pdfOf(t, shown)
			r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
			if err != nil {
				t.Fatal(err)
			}
			last, err := r.Page(r.NumPage()).GetPlainText(nil)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(last, "Er du uenig?") && !strings.Contains(last, "Filene") {
				t.Errorf("%s: the last page says %q", k, last)
			}
		}
	}
}

// Templates are written as the file that they are read from.
func TestTemplatesAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	const file = "refusal:\n  nb:\n    title: 'Svar: {reference}'\n    parts:\n      - part: disagree\n        heading: Slik klager du\n        intro: |-\n          To\n          linjer\n" +
		"      - part: summary\n      - part: reasons\n      - part: words\n"
	read, err := letter.ParseTemplates(file)
	if err != nil {
		t.Fatal(err)
	}
	written, err := read.YAML()
	if err != nil || written != file {
		t.Errorf("%v:\n%s", err, written)
	}
	if none, err := (letter.Templates{}).YAML(); err != nil || none != "" {
		t.Errorf("no template gives %q, %v", none, err)
	}
}

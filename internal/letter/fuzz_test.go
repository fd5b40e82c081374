package letter_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/letter"
	"mininfo/internal/locale"
)

// What the office words is read as it was written, whatever stands in it. A heading that began with a tab
// on a line of its own could once be written and not be read.
func FuzzTemplateIsReadAsWritten(f *testing.F) {
	f.Add("Svar", "\t\nx", "Hei {name}")
	f.Add("", "a: b\n  - c\n", "'\"#&*!|>%@`")
	f.Add("~", "\ufeff\u2028x", "\u0085\u202e")
	f.Add("null", "  x\n\n y \n", "---\n...")
	f.Fuzz(func(t *testing.T, title, heading, intro string) {
		for _, text := range []string{title, heading, intro} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00{}") {
				return // the edge lets none in, and placeholders have their own test
			}
		}
		k := letter.Receipt
		written := &letter.Template{Title: strings.TrimSpace(title)}
		for i, p := range k.Parts() {
			placed := letter.Placed{Part: p}
			if i == 0 {
				placed.Heading, placed.Intro = strings.TrimSpace(heading), strings.TrimSpace(intro)
			}
			written.Parts = append(written.Parts, placed)
		}
		text, err := letter.Templates{k: {locale.NB: written}}.YAML()
		if err != nil {
			t.Fatal(err)
		}
		read, err := letter.ParseTemplates(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if diff := cmp.Diff(written, read.Of(k, locale.NB)); diff != "" {
			t.Errorf("%s\n%s", diff, text)
		}
	})
}

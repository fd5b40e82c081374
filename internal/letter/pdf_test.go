package letter_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/export"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
)

// write keeps the PDFs that the tests make, for eyes: go test ./internal/letter -run PDF -write folder.
var write = flag.String("write", "", "folder for the PDFs")

var made = time.Date(2026, 6, 20, 0, 0, 0, 0, time.UTC)

func pdfOf(t *testing.T, l letter.Letter) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := l.WritePDF(&b, made); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// What a reader of PDF gets out of the file is what the letter of the case says: every value, in the order of
// the letter, with its role, for an access answer, an erasure in part and a refused rectification, in
// three languages.
func TestPDFSaysWhatTheLetterSays(t *testing.T) {
	t.Parallel()
	for name, make := range whole {
		for _, l := range locale.All {
			t.Run(name+"/"+string(l), func(t *testing.T) {
				t.Parallel()
				a := make(l)
				want := a.Letter()
				body := pdfOf(t, want)
				if *write != "" {
					if err := os.WriteFile(filepath.Join(*write, name+"-"+string(l)+".pdf"), body, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
				if err != nil {
					t.Fatal(err)
				}
				root := r.Trailer().Key("Root")
				if root.Key("Lang").Text() != string(l) || !root.Key("MarkInfo").Key("Marked").Bool() || r.Trailer().Key("Info").Key("Title").Text() != want.Title {
					t.Errorf("language %q, marked %v, title %q", root.Key("Lang").Text(), root.Key("MarkInfo").Key("Marked").Bool(), r.Trailer().Key("Info").Key("Title").Text())
				}
				got := portaltest.ReadPDF(t, r)
				if got[0].Kind != "Document" {
					t.Errorf("the tree begins with %q", got[0].Kind)
				}
				inOrder(t, got, spoken(want))
			})
		}
	}
}

// spoken lists what a letter says, in order, with the role of each.
func spoken(l letter.Letter) []portaltest.Element {
	out := []portaltest.Element{{Kind: "H1", Text: l.Title}}
	facts := func(all []export.Fact) {
		for _, f := range all {
			out = append(out, portaltest.Element{Kind: "TH", Scope: "Row", Text: f.Label}, portaltest.Element{Kind: "TD", Text: strings.Join(f.Lines, " ")})
		}
	}
	facts(l.Facts)
	out = append(out, portaltest.Element{Kind: "P", Text: l.Greeting})
	for _, s := range l.Sections {
		out = append(out, portaltest.Element{Kind: "H2", Text: s.Heading})
		for _, b := range s.Blocks {
			if b.Heading != "" {
				out = append(out, portaltest.Element{Kind: "H3", Text: b.Heading})
			}
			if b.Text != "" {
				out = append(out, portaltest.Element{Kind: "P", Text: b.Text})
			}
			for _, item := range b.List {
				out = append(out, portaltest.Element{Kind: "LBody", Text: item})
			}
			facts(b.Facts)
			if b.Table == nil {
				continue
			}
			for _, h := range b.Table.Head {
				out = append(out, portaltest.Element{Kind: "TH", Scope: "Column", Text: h})
			}
			for _, row := range b.Table.Rows {
				for _, cell := range row {
					out = append(out, portaltest.Element{Kind: "TD", Text: cell})
				}
			}
		}
	}
	return out
}

func inOrder(t *testing.T, got, want []portaltest.Element) {
	t.Helper()
	at := 0
	for _, w := range want {
		i := slices.IndexFunc(got[at:], func(e portaltest.Element) bool {
			return e.Kind == w.Kind && e.Scope == w.Scope && squeeze(e.Text) == squeeze(w.Text)
		})
		if i < 0 {
			t.Fatalf("the PDF lacks, after what stands before it, %+v", w)
		}
		at += i + 1
	}
}

// A reader finds each character by the table of its font, which may not say it in one range of all (ISO 14289-1, 7.21.7).
func TestPDFTellsWhichCharactersItHas(t *testing.T) {
	t.Parallel()
	a := access(locale.NB)
	body := pdfOf(t, a.Letter())
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	fonts := r.Page(1).Resources().Key("Font")
	for _, name := range fonts.Keys() {
		table, err := io.ReadAll(fonts.Key(name).Key("ToUnicode").Reader())
		if err != nil {
			t.Fatal(err)
		}
		ranges := regexp.MustCompile(`(?m)^<([0-9A-F]{2})[0-9A-F]{2}> <([0-9A-F]{2})[0-9A-F]{2}> <`).FindAllStringSubmatch(string(table), -1)
		if len(ranges) != 256 || slices.ContainsFunc(ranges, func(m []string) bool { return m[1] != m[2] }) || strings.Contains(string(table), "<0000> <00FF>") {
			t.Errorf("%s: %d ranges", name, len(ranges))
		}
	}
	if len(fonts.Keys()) != 2 {
		t.Errorf("fonts %v", fonts.Keys())
	}
}

func TestPDFIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	a := access(locale.NB)
	if l := a.Letter(); !bytes.Equal(pdfOf(t, l), pdfOf(t, l)) {
		t.Error("the same letter was written as other bytes")
	}
}

// A cell longer than a page, and what a name may hold, end up readable.
func TestPDFOfLongAndHostileText(t *testing.T) {
	t.Parallel()
	a := erased(locale.EN)
	a.Groups[1].Text = strings.Repeat("Long sentence about (parentheses) \\ and ) more. ", 400)
	a.Person.Name = "Kari ) Tj /X \u202e\x00 <b>"
	want := a.Letter()
	body := pdfOf(t, want)
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if r.NumPage() < 3 {
		t.Errorf("%d pages", r.NumPage())
	}
	got := portaltest.ReadPDF(t, r)
	for _, wanted := range []string{squeeze(a.Groups[1].Text), "Kari ) Tj /X <b>"} {
		if !slices.ContainsFunc(got, func(e portaltest.Element) bool { return strings.Contains(squeeze(e.Text), wanted) }) {
			t.Errorf("the PDF lacks %.60q", wanted)
		}
	}
}

package letter_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/export"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
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

// element is a structure element as a reader of the PDF finds it.
type element struct{ kind, scope, text string }

// contents gives the text of each piece of marked content of a page, and whatever stands outside of any.
func contents(page pdf.Value) (map[int64]string, string) {
	out, loose := map[int64]string{}, ""
	id, marked := int64(-1), false
	pdf.Interpret(page.Key("Contents"), func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		switch op {
		case "BMC":
			marked = true
		case "BDC":
			marked = true
			if m := args[1].Key("MCID"); m.Kind() == pdf.Integer {
				id = m.Int64()
			}
		case "EMC":
			id, marked = -1, false
		case "Tj":
			raw := []byte(args[0].RawString())
			units := make([]uint16, 0, len(raw)/2)
			for i := 0; i+1 < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			words := string(utf16.Decode(units))
			switch {
			case id >= 0:
				out[id] += words
			case !marked:
				loose += words
			}
		}
	})
	return out, loose
}

// structure reads the tree of a tagged PDF in its order.
func structure(t *testing.T, r *pdf.Reader) []element {
	t.Helper()
	pages := map[string]map[int64]string{}
	for i := 1; i <= r.NumPage(); i++ {
		page := r.Page(i).V
		found, loose := contents(page)
		if loose != "" {
			t.Errorf("page %d has text outside of the structure: %q", i, loose)
		}
		if page.Key("StructParents").Int64() != int64(i-1) {
			t.Errorf("page %d does not lead to its structure", i)
		}
		pages[page.Key("Contents").String()] = found
	}
	var out []element
	var walk func(pdf.Value)
	walk = func(v pdf.Value) {
		e := element{kind: v.Key("S").Name(), scope: v.Key("A").Key("Scope").Name()}
		at := len(out)
		out = append(out, e)
		var lines []string
		for i := range v.Key("K").Len() {
			k := v.Key("K").Index(i)
			if k.Key("Type").Name() == "MCR" {
				lines = append(lines, pages[k.Key("Pg").Key("Contents").String()][k.Key("MCID").Int64()])
				continue
			}
			walk(k)
		}
		out[at].text = strings.Join(lines, " ")
	}
	walk(r.Trailer().Key("Root").Key("StructTreeRoot").Key("K").Index(0))
	return out
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
				got := structure(t, r)
				if got[0].kind != "Document" {
					t.Errorf("the tree begins with %q", got[0].kind)
				}
				inOrder(t, got, spoken(want))
			})
		}
	}
}

// spoken lists what a letter says, in order, with the role of each.
func spoken(l letter.Letter) []element {
	out := []element{{kind: "H1", text: l.Title}}
	facts := func(all []export.Fact) {
		for _, f := range all {
			out = append(out, element{"TH", "Row", f.Label}, element{"TD", "", strings.Join(f.Lines, " ")})
		}
	}
	facts(l.Facts)
	out = append(out, element{"P", "", l.Greeting})
	for _, s := range l.Sections {
		out = append(out, element{"H2", "", s.Heading})
		for _, b := range s.Blocks {
			if b.Heading != "" {
				out = append(out, element{"H3", "", b.Heading})
			}
			if b.Text != "" {
				out = append(out, element{"P", "", b.Text})
			}
			for _, item := range b.List {
				out = append(out, element{"LBody", "", item})
			}
			facts(b.Facts)
			if b.Table == nil {
				continue
			}
			for _, h := range b.Table.Head {
				out = append(out, element{"TH", "Column", h})
			}
			for _, row := range b.Table.Rows {
				for _, cell := range row {
					out = append(out, element{"TD", "", cell})
				}
			}
		}
	}
	return out
}

func inOrder(t *testing.T, got, want []element) {
	t.Helper()
	at := 0
	for _, w := range want {
		i := slices.IndexFunc(got[at:], func(e element) bool {
			return e.kind == w.kind && e.scope == w.scope && squeeze(e.text) == squeeze(w.text)
		})
		if i < 0 {
			t.Fatalf("the PDF lacks, after what stands before it, %+v", w)
		}
		at += i + 1
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
	got := structure(t, r)
	for _, wanted := range []string{squeeze(a.Groups[1].Text), "Kari ) Tj /X <b>"} {
		if !slices.ContainsFunc(got, func(e element) bool { return strings.Contains(squeeze(e.text), wanted) }) {
			t.Errorf("the PDF lacks %.60q", wanted)
		}
	}
}

package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
)

func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "style" {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// What a screen reader needs: a language, one main heading, a way to every section, names for
// regions and headers for cells.
func TestUI01PageStructure(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			body, _ := write(t, sample(l))
			doc := parse(t, unzip(t, body)[export.PageName(l)])
			count, ids, links, labels := map[string]int{}, map[string]int{}, []string{}, []string{}
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				count[n.Data]++
				if id := attr(n, "id"); id != "" {
					ids[id]++
				}
				if href := attr(n, "href"); strings.HasPrefix(href, "#") {
					links = append(links, href[1:])
				}
				if label := attr(n, "aria-label"); label != "" {
					labels = append(labels, label)
				}
				if n.Data == "html" && attr(n, "lang") != string(l) {
					t.Errorf("lang %q", attr(n, "lang"))
				}
				if n.Data == "th" && attr(n, "scope") == "" {
					t.Error("a header cell without scope")
				}
			}
			for _, one := range []string{"h1", "main", "header", "footer", "nav", "title"} {
				if count[one] != 1 {
					t.Errorf("%d of <%s>, want 1", count[one], one)
				}
			}
			for id, n := range ids {
				if n != 1 || id != "innhold" && !slices.Contains(links, id) {
					t.Errorf("section %s stands %d times and is linked: %v", id, n, slices.Contains(links, id))
				}
			}
			for _, link := range links {
				if ids[link] == 0 {
					t.Errorf("link to %s, which does not exist", link)
				}
			}
			if count["caption"] != count["table"] {
				t.Errorf("%d tables and %d captions", count["table"], count["caption"])
			}
			if slices.Sort(labels); len(slices.Compact(slices.Clone(labels))) != len(labels) {
				t.Errorf("two regions of a name: %v", labels)
			}
		})
	}
}

// Everything that Art. 15 and 12 ask for has its place in the page.
func TestACC03ACC07ACC14DPO01PageTells(t *testing.T) {
	t.Parallel()
	p := sample(locale.EN)
	p.Purposes[0].Recipients = []export.Recipient{{Name: "Cloud Inc", Role: "processor", Country: "US", Safeguard: "standard contractual clauses", Why: "Hosts the shop", When: "since 2020"}}
	p.Purposes[0].Automated = "Your credit is scored from earlier payments."
	p.Purposes[0].Storage = export.Storage{System: "Shop database", Country: "SE", Protection: "Encrypted"}
	over := p.Purposes[1]
	over.ID, over.Tables, over.KeptUntil, over.Over = "old", nil, dsr.NewDate(2019, 11, 1), true
	p.Purposes = append(p.Purposes, over)
	p.Corrections = []string{"Part two follows in February."}
	p.Glossary = []export.Term{{Term: "B2C", Meaning: "Private customer"}}
	p.Controller.DPO = "ombud@fjordlys.example"
	body, _ := write(t, p)
	text := textOf(parse(t, unzip(t, body)["your-data.html"]))
	for _, want := range []string{
		"INN-2027-0001", "2 January 2027", "31 January 2027", "2 February 2027", "Fjordlys AS", "Storgata 1, 5003 Bergen", "personvern@example.no",
		"Yes, we process personal data", "6 entries", "Du brukte koden", "webshop", "e-postadresse",
		"Cloud Inc (processor, the United States): Hosts the shop since 2020. Safeguard: standard contractual clauses",
		"Cloud Inc (the United States): standard contractual clauses", "“Shop database”, Sweden", "Encrypted", "credit is scored",
		"Kept until and including 31 December 2031.", "The time limit for keeping them ran out on 1 November 2019. They are to be erased.", "4 March 2026, 10:15 UTC", "Kari Nordmann", "[left out: opplysninger om en annen person]",
		"artikkel 15 nr. 4", "GDPR Article 11", "Datatilsynet", "Part two follows", "Private customer", "7 February 2027, and up to 5 times",
		"Søknad (2).PDF", "Ola Ombud, personvernkontakt", "ombud@fjordlys.example",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestACC01ThePageSaysNo(t *testing.T) {
	t.Parallel()
	p := export.Package{Locale: locale.NN, Created: made, Controller: export.Controller{Name: "Fjordlys AS"},
		Case:     export.Case{Reference: "INN-1", Right: dsr.Access},
		Searched: export.Searched{Systems: []string{"nettbutikken"}, Identifiers: []string{"e-postadresse"}}}
	body, m := write(t, p)
	text := textOf(parse(t, unzip(t, body)["opplysningane-dine.html"]))
	for _, want := range []string{"Nei, vi fann ingen personopplysningar om deg.", "nettbutikken", "e-postadresse", "Datatilsynet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(text, "Ja, vi") || m.Rows != 0 {
		t.Error("the page says that data are held")
	}
}

func TestLetter(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := export.WriteHTML(t.Context(), &b, sample(locale.NB)); err != nil {
		t.Fatal(err)
	}
	text := textOf(parse(t, b.String()))
	for _, want := range []string{"Fjordveien 2", "Org.nr. 999999999", "Hei, Kari Nordmann", "5 oppføringer", "1003", "Ola Ombud"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter does not say %q", want)
		}
	}
	for _, not := range []string{"data.json", `href="vedlegg`, "SECRET-CANARY"} {
		if strings.Contains(b.String(), not) {
			t.Errorf("the letter holds %q", not)
		}
	}
}

func TestTimesInZone(t *testing.T) {
	t.Parallel()
	p := sample(locale.NB)
	p.Zone = time.FixedZone("CET", 3600)
	body, _ := write(t, p)
	page := unzip(t, body)["dine-opplysninger.html"]
	if !strings.Contains(page, `<time datetime="2026-03-04T10:15:00Z">4. mars 2026 kl. 11.15</time>`) {
		t.Error("the time is not shown in the zone, with its exact form")
	}
}

func TestACC03PurposeOf(t *testing.T) {
	t.Parallel()
	for _, a := range register.Seed().Activities {
		for _, l := range locale.All {
			p := export.PurposeOf(&a, l)
			if p.ID != a.ID || p.Name == "" || p.Purpose == "" || len(p.Bases) == 0 || len(p.Recipients) != len(a.Recipients) {
				t.Errorf("%s in %s: %+v", a.ID, l, p)
			}
		}
	}
	newsletter := export.PurposeOf(register.Seed().Activity("newsletter"), locale.EN)
	if !slices.Contains(newsletter.Rights, "Withdraw your consent") {
		t.Errorf("rights %v", newsletter.Rights)
	}
	if other := export.PurposeOf(nil, locale.NB); other.Name != "Andre opplysninger" {
		t.Errorf("unknown activity: %+v", other)
	}
}

// How a decision is made without people stands where the register says it, and in the part of the answer
// that is about such decisions. The answer says that there is none only where the register says so.
func TestACC06AutomatedDecisions(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		a := *register.Seed().Activity("customers")
		told := func() string {
			p := sample(l)
			p.Purposes = []export.Purpose{export.PurposeOf(&a, l)}
			body, _ := write(t, p)
			var data struct {
				Automated []string `json:"automated_decisions"`
			}
			if err := json.Unmarshal([]byte(unzip(t, body)["data.json"]), &data); err != nil {
				t.Fatal(err)
			}
			return strings.Join(data.Automated, "\n")
		}
		if got := told(); got != register.NotAutomated([]string{a.Name.In(l)}, l) || !strings.Contains(got, a.Name.In(l)) {
			t.Errorf("%s: nothing is said in the register, and the answer says %q", l, got)
		}
		a.NoAutomated = true
		none := told()
		a.NoAutomated = false
		logic := locale.Text{NB: "Kreditt gis etter tidligere betalinger.", NN: "Kreditt blir gitt etter tidlegare betalingar.", EN: "Credit follows earlier payments."}
		a.Automated = &logic
		if got := told(); none != register.NotAutomated(nil, l) || got != a.Name.In(l)+": "+logic.In(l) {
			t.Errorf("%s: %q without, %q with such a decision", l, none, got)
		}
	}
}

// manyRows makes rows as they are asked for: nothing of them is in memory.
func manyRows(n int) export.Package {
	p := sample(locale.NB)
	p.Purposes[1].Tables[0] = export.Table{Source: "webshop", Collection: "log", Columns: []export.Column{{Name: "id"}, {Name: "what"}, {Name: "at"}},
		Rows: func(_ context.Context, yield func(*export.Row) error) error {
			row := export.Row{Cells: make([]export.Cell, 3)}
			for i := range n {
				row.Key = fmt.Sprint(i)
				row.Cells[0].Value = source.IntOf(int64(i))
				row.Cells[1].Value = source.TextOf("Looked at a lamp that gives light to the whole of the living room")
				row.Cells[2].Value = source.Value{Kind: source.Time, Str: "2026-03-04T10:15:00Z"}
				if err := yield(&row); err != nil {
					return err
				}
			}
			return nil
		}}
	return p
}

// peak tells the largest live heap seen at the points where the writer is called.
type peak struct {
	calls int
	most  uint64
}

func (p *peak) Write(b []byte) (int, error) {
	if p.calls++; p.calls%16 == 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		p.most = max(p.most, m.HeapAlloc)
	}
	return len(b), nil
}

func TestMemoryIsFlat(t *testing.T) {
	measure := func(n int) (zip, page uint64) {
		var z, h peak
		if _, err := export.Write(t.Context(), &z, manyRows(n)); err != nil {
			t.Fatal(err)
		}
		if err := export.WriteHTML(t.Context(), &h, manyRows(n)); err != nil {
			t.Fatal(err)
		}
		if z.calls < 16 || h.calls < 16 {
			t.Fatalf("%d and %d writes: nothing was measured", z.calls, h.calls)
		}
		return z.most, h.most
	}
	const few, many, slack = 10_000, 100_000, 2 << 20
	fewZip, fewPage := measure(few)
	manyZip, manyPage := measure(many)
	t.Logf("package: %d KiB with %d rows, %d KiB with %d; page: %d and %d KiB", fewZip>>10, few, manyZip>>10, many, fewPage>>10, manyPage>>10)
	if manyZip > fewZip+slack || manyPage > fewPage+slack {
		t.Error("memory grows with the rows")
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := export.Write(b.Context(), io.Discard, manyRows(n)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func TestThePageLeadsToACorrection(t *testing.T) {
	t.Parallel()
	p := sample(locale.EN)
	p.Case.Wrong = "https://personvern.fjordlys.example/request/rectification"
	body, _ := write(t, p)
	files := unzip(t, body)
	if want := `<a href="` + p.Case.Wrong + `">`; !strings.Contains(files["your-data.html"], want) {
		t.Errorf("the page lacks %s", want)
	}
	p.Case.Wrong = "javascript:alert(1)"
	body, _ = write(t, p)
	if strings.Contains(unzip(t, body)["your-data.html"], `href="javascript`) {
		t.Error("the page leads to a script")
	}
}

package portaltest

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
)

// Element is a structure element as a reader of the PDF finds it.
type Element struct{ Kind, Scope, Text string }

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

// ReadPDF reads the tree of a tagged PDF in its order, with the product's own code in no part of it. Text that belongs
// to no element fails the test.
func ReadPDF(t testing.TB, r *pdf.Reader) []Element {
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
	var out []Element
	var walk func(pdf.Value)
	walk = func(v pdf.Value) {
		e := Element{Kind: v.Key("S").Name(), Scope: v.Key("A").Key("Scope").Name()}
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
		out[at].Text = strings.Join(lines, " ")
	}
	walk(r.Trailer().Key("Root").Key("StructTreeRoot").Key("K").Index(0))
	return out
}

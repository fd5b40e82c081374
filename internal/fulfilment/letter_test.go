package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/letter"
	"mininfo/internal/portaltest"
)

// A register that does not know who gets the data, or on what basis they are held, holds the answer back:
// the case stays as it was, and the fault names what to fill in.
func TestACC03ACC04NothingIsIssuedWithoutBasisOrRecipient(t *testing.T) {
	t.Parallel()
	bases := regexp.MustCompile(`(?ms)^  bases:\n.*?^  persons:`)
	cases := map[string]struct{ register, lacks string }{
		"recipient": {strings.Replace(string(demo.Register()), "name: Kraftsky Drift AS", `name: ""`, 3), "navn på mottaker (Nettlogg)"},
		"basis":     {bases.ReplaceAllString(string(demo.Register()), "  bases: []\n  persons:"), "behandlingsgrunnlag (Kunderegister)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := officeWith(t, b, c.register)
				id := o.reachReview(dsr.Access, demo.MostData.Email)
				o.approve(id)
				o.work()
				err := o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{})
				if f := fault.From(err); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(f.Text.NB, c.lacks) {
					t.Errorf("error %v", err)
				}
				o.state(id, dsr.Executing)
			})
		})
	}
}

// The copy holds the answer as a letter, with the values of the case.
func TestACC12TheCopyHoldsTheAnswerAsALetter(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.MostData.Email)
		o.approve(id)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Text: "Ring oss gjerne."}))
		body := unpacked(t, o.download(id), "brev.pdf")
		r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		if r.Trailer().Key("Root").Key("Lang").Text() != "nb" {
			t.Error("the letter does not say its language")
		}
		a := o.answer(id)
		own, err := a.PDF()
		if err != nil {
			t.Fatal(err)
		}
		for name, file := range map[string][]byte{"copy": body, "case": own} {
			said := plain(t, file)
			for _, want := range []string{a.Case.Reference, a.Case.Received.Format(a.Locale), a.Purposes[0].Name, a.Purposes[0].Recipients[0].Name} {
				if !strings.Contains(said, want) {
					t.Errorf("the letter of the %s lacks %q", name, want)
				}
			}
		}
		if !strings.Contains(plain(t, own), "Ring oss gjerne.") {
			t.Error("the words of the office are not in the letter")
		}
		if len(a.Purposes) < 2 || a.Check() != nil {
			t.Errorf("%d purposes, %v", len(a.Purposes), a.Check())
		}
		ends := 0
		for _, p := range a.Purposes {
			if !p.KeptUntil.IsZero() {
				ends++
			}
		}
		if ends == 0 {
			t.Error("no purpose says until when its data are kept")
		}
	})
}

func plain(t *testing.T, body []byte) string {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unpacked(t *testing.T, body []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

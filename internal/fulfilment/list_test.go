package fulfilment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// The list has a person who stands in no other system, twice in equal lines.
const (
	listed     = "tone@liste.example"
	listBefore = "Fornavn;Epost;Født;Registrert;Kontingent\r\n" +
		"Åse;ase@liste.example;31.12.1980;1.2.2024;1 234,50\r\n" +
		"Tone; TONE@liste.example ;1.2.1990;3.4.2024;0,5\r\n" +
		"\"Pål; sjef\";pal@liste.example;5.6.1970;7.8.2024;12\r\n" +
		"Tone;tone@liste.example;01.02.1990;03.04.2024;0,5\r\n" +
		"Tone;tone@liste.example;01.02.1990;03.04.2024;0,5\r\n"
)

// list connects a CSV file as Norwegian Excel writes it.
func (o *office) list() (read func() string) {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "mottakere.csv")
	data, err := charmap.Windows1252.NewEncoder().Bytes([]byte(listBefore))
	o.must(err)
	o.must(os.WriteFile(path, data, 0o600))
	o.more = map[string]string{"mottakere": "csv:" + path}
	return func() string {
		data, err := os.ReadFile(path)
		o.must(err)
		text, err := charmap.Windows1252.NewDecoder().Bytes(data)
		o.must(err)
		return string(text)
	}
}

// done checks that the plan was carried out in the list, and looked at afterwards.
func (o *office) done(id string) {
	o.t.Helper()
	o.state(id, dsr.Answered)
	e := o.view(id).Execution
	if e == nil || e.State != "verified" {
		o.t.Fatalf("execution %+v", e)
	}
}

func TestErasureInAList(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		read, before := o.list(), o.dump()
		id := o.file(dsr.Erasure, listed, store.Detail{})
		o.work()
		o.settle(id, "keep")
		if p := o.view(id).Plan; p == nil || len(p.Problems) > 0 {
			t.Fatalf("the plan: %+v", p)
		}
		if read() != listBefore {
			t.Fatal("the trial wrote into the file")
		}
		o.approve(id)
		o.work()
		o.done(id)
		lines := strings.SplitAfter(listBefore, "\r\n")
		if diff := cmp.Diff(lines[0]+lines[1]+lines[3], read()); diff != "" {
			t.Error(diff)
		}
		if a := o.answer(id); counted(a, "deleted") != 3 || a.Outcome != dsr.Granted {
			t.Errorf("answer %+v", a)
		}
		if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
			t.Errorf("elsewhere gone %v, changed %v", gone, changed)
		}
	})
}

func TestRectificationInAList(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		read := o.list()
		mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate("pal@liste.example"), locale.NB)
		o.must(err)
		var asked []store.Correction
		for _, f := range mine.Fields {
			if f.Label == "Fornavn" {
				c, err := o.works.OpenRef(f.Ref, b.Store.AddressIndex("pal@liste.example"))
				o.must(err)
				c.New = "Pål Åge"
				asked = append(asked, c)
			}
		}
		if len(asked) != 1 {
			t.Fatalf("the name is not among %d fields", len(mine.Fields))
		}
		id := o.file(dsr.Rectification, "pal@liste.example", store.Detail{Corrections: asked, Text: "Fødselsdagen og kontingenten er feil."})
		o.work()
		g := o.view(id).Groups[0]
		page, err := o.works.Findings(t.Context(), o.first, id, g.ID, "", 10, locale.NB)
		o.must(err)
		for field, value := range map[string]string{"Født": "1970-06-04", "Kontingent": "1500.25"} {
			o.must(o.works.AddCorrection(t.Context(), o.first, id, fulfilment.FieldCorrection{Group: g.ID, Key: page.Findings[0].Key, Field: field, Value: value}))
			o.work()
		}
		o.settle(id, "annotate")
		if p := o.view(id).Plan; p == nil || len(p.Problems) > 0 {
			t.Fatalf("the plan: %+v", p)
		}
		o.approve(id)
		o.work()
		o.done(id)
		want := strings.Replace(listBefore, "\"Pål; sjef\";pal@liste.example;5.6.1970;7.8.2024;12\r\n", "\"Pål Åge\";pal@liste.example;4.6.1970;7.8.2024;1 500,25\r\n", 1)
		if diff := cmp.Diff(want, read()); diff != "" {
			t.Error(diff)
		}
		if a := o.answer(id); counted(a, "corrected") != 3 || a.Outcome != dsr.Granted {
			t.Errorf("answer %+v", a)
		}
	})
}

// Somebody saves the list with another value in the person's row between approval and execution.
func TestAListThatChangedAfterTheApproval(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		read := o.list()
		id := o.file(dsr.Erasure, listed, store.Detail{})
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		path := strings.TrimPrefix(o.more["mottakere"], "csv:")
		saved, err := charmap.Windows1252.NewEncoder().String(strings.Replace(listBefore, "Tone; TONE", "Tone Marie; TONE", 1))
		o.must(err)
		o.must(os.WriteFile(path, []byte(saved), 0o600))
		o.work()
		o.state(id, dsr.Review)
		if !strings.Contains(read(), "Tone Marie") || strings.Count(read(), "Tone;tone@") != 2 {
			t.Errorf("the file was changed: %q", read())
		}
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.done(id)
		if strings.Contains(strings.ToLower(read()), "tone") {
			t.Errorf("the file is %q", read())
		}
	})
}

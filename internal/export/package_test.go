package export_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

var made = time.Date(2027, 1, 31, 11, 30, 0, 0, time.UTC)

// rowsOf gives fixed rows, as often as asked.
func rowsOf(rows ...export.Row) export.Rows {
	return func(_ context.Context, yield func(*export.Row) error) error {
		for i := range rows {
			if err := yield(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

func cells(values ...source.Value) []export.Cell {
	out := make([]export.Cell, len(values))
	for i, v := range values {
		out[i] = export.Cell{Value: v}
	}
	return out
}

func customer() export.Table {
	row := export.Row{Key: "id=7", Cells: cells(source.IntOf(7), source.TextOf("Kari Nordmann"),
		source.TextOf("+47 900 00 001"), source.Value{}, source.Value{Kind: source.Date, Str: "2019-05-17"})}
	row.Cells = append(row.Cells, export.Cell{Withheld: "opplysninger om en annen person", Value: source.TextOf("SECRET-CANARY")})
	return export.Table{Source: "webshop", Collection: "customers", Title: "Kunde", Columns: []export.Column{
		{Name: "id", Label: "Kundenummer"}, {Name: "name", Label: "Navn", Category: "Navn"},
		{Name: "phone", Label: "Telefon", Category: "Kontaktopplysninger"}, {Name: "fax"},
		{Name: "born", Label: "Fødselsdato", Category: "Fødselsdato"}, {Name: "note", Label: "Notat"}},
		Rows: rowsOf(row)}
}

func orders(n int) export.Table {
	rows := make([]export.Row, n)
	for i := range rows {
		rows[i] = export.Row{Key: fmt.Sprintf("id=%d", 1000+i), Cells: cells(source.IntOf(int64(1000+i)),
			source.Value{Kind: source.Time, Str: "2026-03-04T10:15:00Z"}, source.Value{Kind: source.Decimal, Str: "1249.50"},
			source.TextOf("Lampe \"Nordlys\", messing"), source.BoolOf(i%2 == 0)),
			KeptUntil: dsr.NewDate(2031, 12, 31), KeptWhy: "Bokføringsloven § 13."}
	}
	return export.Table{Source: "webshop", Collection: "orders", Title: "Ordrer", Columns: []export.Column{
		{Name: "id", Label: "Ordrenummer"}, {Name: "placed", Label: "Bestilt"}, {Name: "total", Label: "Beløp"},
		{Name: "item", Label: "Vare"}, {Name: "paid", Label: "Betalt"}}, Rows: rowsOf(rows...)}
}

func sample(l locale.Locale) export.Package {
	seed := register.Seed()
	customers := export.PurposeOf(seed.Activity("customers"), l)
	customers.Tables = []export.Table{customer()}
	invoices := export.PurposeOf(seed.Activity("invoices"), l)
	customers.NoAutomated, invoices.NoAutomated = true, true
	invoices.KeptUntil = dsr.NewDate(2031, 12, 31)
	invoices.Tables = []export.Table{orders(5)}
	pdf := []byte("%PDF-1.4 small")
	sum := sha256.Sum256(pdf)
	return export.Package{
		Locale: l, Created: made,
		Controller: export.Controller{Name: "Fjordlys AS", OrganisationNo: "999999999", Address: "Storgata 1, 5003 Bergen",
			Email: "personvern@example.no", Phone: "+47 55 00 00 00"},
		Case: export.Case{Reference: "INN-2027-0001", Right: dsr.Access, Received: dsr.NewDate(2027, 1, 2),
			Answered: dsr.NewDate(2027, 1, 31), Due: dsr.NewDate(2027, 2, 2)},
		Person:   export.Person{Name: "Kari Nordmann", Address: []string{"Fjordveien 2", "5003 Bergen"}},
		Identity: []string{"Du brukte koden vi sendte til e-postadressen vi har registrert."},
		Searched: export.Searched{Systems: []string{"webshop", "kontor"}, Identifiers: []string{"e-postadresse", "telefon"},
			Period: []string{"Alt som var lagret, uten grense tilbake i tid."}},
		Purposes: []export.Purpose{customers, invoices},
		Withheld: []export.Withheld{{What: "Notat", Count: 1, Ground: "artikkel 15 nr. 4", Text: "Notatet gjelder en annen."}},
		Attachments: []export.Attachment{{Name: `..\..\Søknad (2).PDF`, MediaType: "application/pdf", Size: int64(len(pdf)),
			SHA256: sum[:], Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(pdf)), nil }}},
		NotReachable: []string{"Nettlogg"}, ValidUntil: dsr.NewDate(2027, 2, 7), Downloads: 5,
		Signer: export.Signer{Name: "Ola Ombud", Role: "personvernkontakt"},
	}
}

func write(t *testing.T, p export.Package) ([]byte, export.Manifest) {
	t.Helper()
	var b bytes.Buffer
	m, err := export.Write(t.Context(), &b, p)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	return b.Bytes(), m
}

func unzip(t *testing.T, body []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(b)
	}
	return files
}

func TestGolden(t *testing.T) {
	t.Parallel()
	body, _ := write(t, sample(locale.NB))
	files := unzip(t, body)
	for _, name := range []string{"data.json", "csv/webshop-customers.csv", "csv/webshop-orders.csv",
		"dine-opplysninger.html", "les-meg.txt", "manifest.json"} {
		golden := filepath.Join("testdata", filepath.Base(name))
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, []byte(files[name]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), files[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestACC12POR02NamesOfFiles(t *testing.T) {
	t.Parallel()
	want := map[locale.Locale][]string{
		locale.NB: {"csv/webshop-customers.csv", "csv/webshop-orders.csv", "data.json", "dine-opplysninger.html", "les-meg.txt", "manifest.json", "vedlegg/001-soeknad-2.pdf"},
		locale.NN: {"csv/webshop-customers.csv", "csv/webshop-orders.csv", "data.json", "les-meg.txt", "manifest.json", "opplysningane-dine.html", "vedlegg/001-soeknad-2.pdf"},
		locale.EN: {"attachments/001-soeknad-2.pdf", "csv/webshop-customers.csv", "csv/webshop-orders.csv", "data.json", "manifest.json", "read-me.txt", "your-data.html"},
	}
	for l, names := range want {
		body, _ := write(t, sample(l))
		if diff := cmp.Diff(names, slices.Sorted(maps.Keys(unzip(t, body)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", l, diff)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	t.Parallel()
	a, _ := write(t, sample(locale.EN))
	b, _ := write(t, sample(locale.EN))
	if !bytes.Equal(a, b) {
		t.Error("the same package was written as other bytes")
	}
}

func TestACC08ACC15WithheldValueIsNowhere(t *testing.T) {
	t.Parallel()
	body, _ := write(t, sample(locale.NB))
	for name, content := range unzip(t, body) {
		if strings.Contains(content, "SECRET-CANARY") {
			t.Errorf("%s holds a withheld value", name)
		}
	}
}

func TestACC02ExactValuesInJSON(t *testing.T) {
	t.Parallel()
	p := sample(locale.NB)
	exact := []export.Column{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "e"}, {Name: "f"}, {Name: "g"}}
	p.Purposes[0].Tables = []export.Table{{Source: "s", Collection: "c", Columns: exact, Rows: rowsOf(export.Row{Key: "k",
		Cells: cells(source.IntOf(9007199254740993), source.Value{Kind: source.Decimal, Str: "10.50"}, source.TextOf("=1+1\u202e<b>\u2028"),
			source.Value{Kind: source.JSON, Str: `{"x":[1,"<"]}`}, source.BytesOf([]byte{0, 255}), source.Value{}, source.BoolOf(true)),
		Notes: []string{"n"}})}}
	body, _ := write(t, p)
	files := unzip(t, body)
	var data struct {
		Purposes []struct {
			Tables []struct {
				Count int
				Rows  []struct {
					Values map[string]json.RawMessage
					Notes  []string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(files["data.json"]), &data); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	table := data.Purposes[0].Tables[0]
	for k, v := range table.Rows[0].Values {
		got[k] = string(v)
	}
	want := map[string]string{"a": "9007199254740993", "b": "10.50", "c": "\"=1+1\u202e<b>\\u2028\"", "d": `{"x":[1,"<"]}`,
		"e": `"AP8="`, "f": "null", "g": "true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if table.Count != 1 || len(table.Rows[0].Notes) != 1 {
		t.Errorf("count %d, notes %v", table.Count, table.Rows[0].Notes)
	}
	if !strings.Contains(files["csv/s-c.csv"], "'=1+1") {
		t.Error("the CSV holds a formula")
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	body, m := write(t, sample(locale.NB))
	got, err := export.Verify(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m, got); diff != "" {
		t.Errorf("manifest (-written +read):\n%s", diff)
	}
	// 1 customer and 5 orders.
	if m.Rows != 6 || len(m.SHA256) != 64 {
		t.Errorf("rows %d, digest %q", m.Rows, m.SHA256)
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	body, _ := write(t, sample(locale.NB))
	cases := map[string]func(name, content string) (string, string, bool){
		"changed":  func(n, c string) (string, string, bool) { return n, strings.Replace(c, "Kari", "Mari", 1), true },
		"missing":  func(n, c string) (string, string, bool) { return n, c, n != "data.json" },
		"renamed":  func(n, c string) (string, string, bool) { return strings.Replace(n, "csv/", "../", 1), c, true },
		"longer":   func(n, c string) (string, string, bool) { return n, c + " ", true },
		"manifest": func(n, c string) (string, string, bool) { return n, c, n != "manifest.json" },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := rezip(t, body, change)
			if _, err := export.Verify(bytes.NewReader(other), int64(len(other))); !errors.Is(err, export.ErrDamaged) {
				t.Errorf("error %v, want ErrDamaged", err)
			}
		})
	}
	if _, err := export.Verify(bytes.NewReader(body[:len(body)/2]), int64(len(body)/2)); !errors.Is(err, export.ErrDamaged) {
		t.Errorf("half a file: error %v, want ErrDamaged", err)
	}
	same := rezip(t, body, func(n, c string) (string, string, bool) { return n, c, true })
	if _, err := export.Verify(bytes.NewReader(same), int64(len(same))); err != nil {
		t.Errorf("written again unchanged: %v", err)
	}
}

func rezip(t *testing.T, body []byte, change func(name, content string) (string, string, bool)) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := unzip(t, body)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		name, content, keep := change(f.Name, files[f.Name])
		if !keep {
			continue
		}
		e, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(e, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	calls := 0
	table := func(rows export.Rows) func(*export.Package) {
		return func(p *export.Package) {
			p.Purposes[0].Tables = []export.Table{{Source: "s", Collection: "c", Columns: []export.Column{{Name: "a"}}, Rows: rows}}
		}
	}
	one := export.Row{Cells: cells(source.IntOf(1))}
	pass := 0
	cases := map[string]struct {
		change func(*export.Package)
		want   error
	}{
		"rows fail": {table(func(context.Context, func(*export.Row) error) error { return broken }), broken},
		"rows fail in the page": {table(func(_ context.Context, yield func(*export.Row) error) error {
			if calls++; calls == 3 {
				return broken
			}
			return yield(&one)
		}), broken},
		"rows change": {table(func(_ context.Context, yield func(*export.Row) error) error {
			pass++
			for range pass {
				if err := yield(&one); err != nil {
					return err
				}
			}
			return nil
		}), export.ErrUnstable},
		"wrong number of cells": {table(rowsOf(export.Row{})), export.ErrShape},
		"two columns of a name": {func(p *export.Package) {
			p.Purposes[0].Tables[0].Columns[1].Name = "id"
		}, export.ErrShape},
		"attachment changed": {func(p *export.Package) { p.Attachments[0].SHA256 = make([]byte, 32) }, export.ErrAttachment},
		"attachment longer":  {func(p *export.Package) { p.Attachments[0].Size-- }, export.ErrAttachment},
		"attachment gone": {func(p *export.Package) {
			p.Attachments[0].Open = func() (io.ReadCloser, error) { return nil, broken }
		}, broken},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sample(locale.NB)
			c.change(&p)
			_, err := export.Write(t.Context(), io.Discard, p)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "Kari") {
				t.Errorf("the error holds personal data: %v", err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := export.Write(ctx, io.Discard, sample(locale.NB)); !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
	if err := export.WriteHTML(ctx, io.Discard, sample(locale.NB)); !errors.Is(err, context.Canceled) {
		t.Errorf("WriteHTML: %v", err)
	}
}

type fullDisk struct{ left int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(b []byte) (int, error) {
	if d.left -= len(b); d.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	p := sample(locale.NB)
	p.Purposes[1].Tables = []export.Table{orders(3000)}
	body, _ := write(t, p)
	for _, left := range []int{0, len(body) / 4, len(body) / 2, len(body) - 10} {
		if _, err := export.Write(t.Context(), &fullDisk{left}, p); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: %v", left, err)
		}
	}
}

func TestSpool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := export.NewSpool(dir, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]export.Row{}
	long := strings.Repeat("CANARY ", 3000)
	for i := range 200 {
		name := fmt.Sprint(i % 3)
		r := export.Row{Key: fmt.Sprint(i), Cells: []export.Cell{{Value: source.IntOf(int64(i))}, {Value: source.TextOf(long)},
			{Withheld: "why"}, {Value: source.BytesOf([]byte{0, 1})}}, Notes: []string{"a", ""},
			KeptUntil: dsr.NewDate(2030, 1, 1), KeptWhy: "w"}
		if i%2 == 0 {
			r.KeptUntil, r.Notes = dsr.Date{}, nil
		}
		want[name] = append(want[name], r)
		if err := s.Table(name).Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		for name, rows := range want {
			if s.Table(name).Len() != len(rows) {
				t.Errorf("table %s has %d rows, want %d", name, s.Table(name).Len(), len(rows))
			}
			i := 0
			err := s.Table(name).Rows()(t.Context(), func(r *export.Row) error {
				got := *r
				if len(got.Notes) == 0 {
					got.Notes = nil
				}
				if diff := cmp.Diff(rows[i], got, cmp.Comparer(source.Value.Equal)); diff != "" {
					return fmt.Errorf("row %d (-want +got):\n%s", i, diff)
				}
				i++
				return nil
			})
			if err != nil || i != len(rows) {
				t.Fatalf("table %s: %d rows, %v", name, i, err)
			}
		}
	}
	for _, f := range mustGlob(t, dir) {
		b, err := os.ReadFile(f)
		if err != nil || bytes.Contains(b, []byte("CANARY")) {
			t.Errorf("a temporary file can be read: %v", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left := mustGlob(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func mustGlob(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func readCSV(t *testing.T, s string) [][]string {
	t.Helper()
	if !strings.HasPrefix(s, "\ufeff") {
		t.Error("the CSV has no byte order mark")
	}
	records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"mininfo/internal/fault"
	"mininfo/internal/source"
	"mininfo/internal/source/file"
	"mininfo/internal/source/kinds"
)

// read gives every table as its columns and rows, in text.
func read(t *testing.T, s source.Source) map[string][][]string {
	t.Helper()
	schema, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][][]string{}
	for i := range schema.Tables {
		table := &schema.Tables[i]
		var names []string
		var fields []source.Field
		for _, c := range table.Columns {
			names = append(names, c.Name)
			fields = append(fields, source.Field{Column: c.Name})
		}
		rows := [][]string{names}
		err := find(t, s, source.Query{Table: table, Fields: fields}, func(row []source.Value) error {
			var cells []string
			for _, v := range row {
				cells = append(cells, v.Text())
			}
			rows = append(rows, cells)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		out[table.Name.Name] = rows
	}
	return out
}

func find(t *testing.T, s source.Source, q source.Query, fn func([]source.Value) error) error {
	t.Helper()
	snapshot, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	return snapshot.Find(t.Context(), q, fn)
}

func windows1252(t *testing.T, s string) []byte {
	t.Helper()
	b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCSV(t *testing.T) {
	t.Parallel()
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("Navn\tBeløp\nÅse\t1,50\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in   []byte
		want [][]string
	}{
		"Norwegian Excel: semicolons, decimal commas, Windows-1252": {
			windows1252(t, "Navn;E-post;Beløp\r\nÅse Bjørnøy – “Å”;ase@example.no;1 234,50\r\nOle;;0,5\r\n"),
			[][]string{{"Navn", "E-post", "Beløp"}, {"Åse Bjørnøy – “Å”", "ase@example.no", "1234.50"}, {"Ole", "", "0.5"}}},
		"ISO-8859-1": {
			[]byte("navn,by\nB\xf8e,\xc5s\n"), [][]string{{"navn", "by"}, {"Bøe", "Ås"}}},
		"UTF-8 with BOM": {
			[]byte("\xef\xbb\xbfnavn,by\nBøe,Ås\n"), [][]string{{"navn", "by"}, {"Bøe", "Ås"}}},
		"UTF-16 with tabs": {
			utf16, [][]string{{"Navn", "Beløp"}, {"Åse", "1.50"}}},
		"line breaks, separators and quotes in quotes": {
			[]byte("navn,notat\n\"Nord, Kari\",\"første\r\nandre \"\"linje\"\"\"\nPer,5\" rør\n"),
			[][]string{{"navn", "notat"}, {"Nord, Kari", "første\r\nandre \"linje\""}, {"Per", "5\" rør"}}},
		"sep line, empty lines, short rows, no line end": {
			[]byte("sep=;\n\nnavn;by;land\n\nPer;Ås\n;;\nKari;Oslo;Norge"),
			[][]string{{"navn", "by", "land"}, {"Per", "Ås", ""}, {"Kari", "Oslo", "Norge"}}},
		"old Mac line ends": {
			[]byte("navn;by\rPer;Ås\r"), [][]string{{"navn", "by"}, {"Per", "Ås"}}},
		"one column": {
			[]byte("epost\na@example.no\n"), [][]string{{"epost"}, {"a@example.no"}}},
		"equal and empty headings": {
			[]byte("navn;Navn;;line_number\na;b;c;d\n"),
			[][]string{{"navn", "Navn (2)", "column 3", "line_number"}, {"a", "b", "c", "d"}}},
		"blanks around": {
			[]byte(" navn ;  e-post\n  Per\u00a0; a@example.no  \n"), [][]string{{"navn", "e-post"}, {"Per", "a@example.no"}}},
		"a huge cell": {
			[]byte("navn;notat\nPer;" + strings.Repeat("x", 1<<20) + "\n"),
			[][]string{{"navn", "notat"}, {"Per", strings.Repeat("x", 1<<20)}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := file.New("liste", c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string][][]string{"rows": c.want}, read(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		want *fault.Error
		says string // in the English sentence
	}{
		"empty":                   {"", file.ErrEmpty, ""},
		"blank":                   {" \r\n\n", file.ErrEmpty, ""},
		"headings alone":          {"navn;by\n", file.ErrEmpty, ""},
		"no headings":             {"Kari Nordmann;kari@example.no\nPer;per@example.no\n", file.ErrNoHeadings, "Line 1"},
		"a phone as heading":      {"navn;922 33 445\nPer;x\n", file.ErrNoHeadings, "Line 1"},
		"a quote that never ends": {"navn;by\nPer;Ås\n\"Kari;Oslo\nOle;Bø\n", file.ErrQuote, "line 3"},
		"text after a quote":      {"navn;by\n\"Per\" x;Ås\n", file.ErrQuote, "line 2"},
		"too many values":         {"navn,beløp\nPer,100\nKari,1,50\n", file.ErrColumns, "Line 3 has more values (3) than there are headings (2)"},
		"a cell beyond measure":   {"navn;notat\nPer;" + strings.Repeat("x", 1<<20+1) + "\n", file.ErrCell, "line 2"},
		"too many columns":        {strings.Repeat("a;", 600) + "\n1\n", file.ErrWide, "500"},
		"binary":                  {"navn\x00;by\n", file.ErrNotTable, ""},
		"PDF":                     {"%PDF-1.7\nx\n", file.ErrNotTable, ""},
		"a zip that is no book":   {"PK\x03\x04 nothing", file.ErrNotTable, ""},
		"old or locked Excel":     {"\xd0\xcf\x11\xe0\xa1\xb1", file.ErrOldExcel, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := file.New("liste", []byte(c.in))
			f := fault.From(err)
			if !errors.Is(err, c.want) || f == nil {
				t.Fatalf("got %v, want %s", err, c.want.Code)
			}
			if !strings.Contains(f.Text.EN, c.says) || !f.Text.Complete() || strings.Contains(f.Text.EN, "Kari") {
				t.Errorf("the sentence is %q", f.Text.EN)
			}
		})
	}
	if _, err := file.ReadAll(bytes.NewReader(make([]byte, file.MaxBytes+1))); !errors.Is(err, file.ErrTooLarge) {
		t.Errorf("a file beyond the limit gave %v", err)
	}
}

func workbook(t *testing.T, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A workbook that unfolds beyond measure is refused, whatever it says about its size.
func TestWorkbookThatUnfolds(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	sheet, err := w.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for range 129 {
		if _, err := sheet.Write(spaces); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if bomb.Len() > 1<<20 {
		t.Fatalf("%d bytes are no bomb", bomb.Len())
	}
	if _, err := file.New("bombe", bomb.Bytes()); !errors.Is(err, file.ErrNotTable) {
		t.Errorf("got %v", err)
	}
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	data := workbook(t, func(f *excelize.File) {
		set := func(sheet, cell string, v any, style *excelize.Style) {
			if err := f.SetCellValue(sheet, cell, v); err != nil {
				t.Fatal(err)
			}
			if style == nil {
				return
			}
			id, err := f.NewStyle(style)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStyle(sheet, cell, cell, id); err != nil {
				t.Fatal(err)
			}
		}
		custom := func(format string) *excelize.Style { return &excelize.Style{CustomNumFmt: &format} }
		if err := f.SetSheetName("Sheet1", "Kunder"); err != nil {
			t.Fatal(err)
		}
		for i, h := range []string{"Navn", "Kundenr", "Postnr", "Født", "Sist sett", "Beløp", "Mobil", "Aktiv"} {
			set("Kunder", string(rune('A'+i))+"1", h, nil)
		}
		set("Kunder", "A4", "Åse Bjørnøy", nil)
		set("Kunder", "B4", 12345678901, nil)
		set("Kunder", "C4", 154, custom("0000"))
		set("Kunder", "D4", time.Date(1984, 3, 1, 0, 0, 0, 0, time.UTC), custom("dd.mm.yyyy"))
		set("Kunder", "E4", time.Date(2024, 3, 1, 10, 30, 0, 0, time.UTC), nil)
		set("Kunder", "F4", 1234.5, &excelize.Style{NumFmt: 4})
		set("Kunder", "G4", 98765432, custom("00 00 00 00"))
		set("Kunder", "H4", true, nil)
		for _, sheet := range []string{"Skjult", "Tomt"} {
			if _, err := f.NewSheet(sheet); err != nil {
				t.Fatal(err)
			}
		}
		set("Skjult", "A1", "epost", nil)
		set("Skjult", "A2", "a@example.no", nil)
		if err := f.SetSheetVisible("Skjult", false); err != nil {
			t.Fatal(err)
		}
	})
	s, err := file.New("kunder", data)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][][]string{
		"Kunder": {{"Navn", "Kundenr", "Postnr", "Født", "Sist sett", "Beløp", "Mobil", "Aktiv"},
			{"Åse Bjørnøy", "12345678901", "0154", "1984-03-01", "2024-03-01 10:30", "1234.5", "98 76 54 32", "TRUE"}},
		"Skjult": {{"epost"}, {"a@example.no"}},
	}
	if diff := cmp.Diff(want, read(t, s)); diff != "" {
		t.Error(diff)
	}
	empty := workbook(t, func(*excelize.File) {})
	if _, err := file.New("tom", empty); !errors.Is(err, file.ErrEmpty) {
		t.Errorf("an empty workbook gave %v", err)
	}
	wide := workbook(t, func(f *excelize.File) {
		_ = f.SetCellValue("Sheet1", "A1", "Kundeliste")
		_ = f.SetCellValue("Sheet1", "A3", "Navn")
		_ = f.SetCellValue("Sheet1", "B3", "E-post")
	})
	if _, err := file.New("tittel", wide); !errors.Is(err, file.ErrColumns) || !strings.Contains(fault.From(err).Text.EN, "Line 3") {
		t.Errorf("a title above the headings gave %v", err)
	}
}

const people = "kundenr;navn;e-post;mobil;by\n" +
	"100;Kari;Kari.Nordmann@Example.no;+47 922 33 445;Oslo\n" +
	"0100;Ole;ole@example.no;92233446;\n" +
	"102;KARI;kari.nordmann@example.no;;Ås\n" +
	"103;Kelvin;\u212Aari.nordmann@example.no;;\n"

func TestFind(t *testing.T) {
	t.Parallel()
	s, err := file.New("kunder", []byte(people))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table := &schema.Tables[0]
	if table.CanUpdate || table.CanDelete || !table.CanSelect || len(table.PrimaryKey) > 0 || table.RowID == "" {
		t.Errorf("the table is described as %+v", table)
	}
	text := func(list ...string) (tuples [][]source.Value) {
		for _, s := range list {
			tuples = append(tuples, []source.Value{source.TextOf(s)})
		}
		return tuples
	}
	at := func(columns ...string) (fields []source.Field) {
		for _, c := range columns {
			fields = append(fields, source.Field{Column: c})
		}
		return fields
	}
	for name, c := range map[string]struct {
		match source.Match
		limit int
		want  []int64
	}{
		"exact":                    {source.Match{Fields: at("kundenr"), Tuples: text("100")}, 0, []int64{2}},
		"a number finds its text":  {source.Match{Fields: at("kundenr"), Tuples: [][]source.Value{{source.IntOf(100)}}}, 0, []int64{2}},
		"letters' case, A-Z alone": {source.Match{Fields: at("e-post"), Tuples: text("kari.nordmann@example.no"), Fold: source.FoldASCII}, 0, []int64{2, 4}},
		"digits":                   {source.Match{Fields: at("mobil"), Tuples: text("4792233445", "92233446"), Fold: source.FoldDigits}, 0, []int64{2, 3}},
		"several columns":          {source.Match{Fields: at("navn", "by"), Tuples: [][]source.Value{{source.TextOf("Kari"), source.TextOf("Oslo")}, {source.TextOf("KARI"), source.TextOf("Oslo")}}}, 0, []int64{2}},
		"empty equals nothing":     {source.Match{Fields: at("by"), Tuples: [][]source.Value{{{}}, {source.TextOf("")}}}, 0, nil},
		"unless asked for":         {source.Match{Fields: at("navn", "by"), Tuples: [][]source.Value{{source.TextOf("Ole"), {}}}, NullSafe: true}, 0, []int64{3}},
		"limited":                  {source.Match{Fields: at("e-post"), Tuples: text("kari.nordmann@example.no"), Fold: source.FoldASCII}, 1, []int64{2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []int64
			err := find(t, s, source.Query{Table: table, Fields: at("navn"), Match: &c.match, RowID: true, Limit: c.limit}, func(row []source.Value) error {
				got = append(got, row[1].Int)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCountAndFailures(t *testing.T) {
	t.Parallel()
	s, err := file.New("ordre", []byte("kunde;vare\n1;a\n2;b\n1;c\n"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	schema, _ := s.Inspect(t.Context())
	table := &schema.Tables[0]
	got := map[string]int64{}
	err = snapshot.Count(t.Context(), table, source.Field{Column: "kunde"}, []source.Value{source.IntOf(1), source.TextOf("3")},
		func(v source.Value, rows int64) error { got[v.Text()] = rows; return nil })
	if diff := cmp.Diff(map[string]int64{"1": 2}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	nothing := func([]source.Value) error { return nil }
	missing := &source.Error{Code: source.Missing}
	if err := snapshot.Find(t.Context(), source.Query{Table: table, Fields: []source.Field{{Column: "x"}}}, nothing); !errors.Is(err, missing) {
		t.Errorf("an unknown column gave %v", err)
	}
	if err := snapshot.Find(t.Context(), source.Query{Table: &source.Table{Name: source.TableName{Name: "x"}}}, nothing); !errors.Is(err, missing) {
		t.Errorf("an unknown table gave %v", err)
	}
	own := errors.New("mine")
	if err := snapshot.Find(t.Context(), source.Query{Table: table}, func([]source.Value) error { return own }); !errors.Is(err, own) {
		t.Errorf("the caller's error became %v", err)
	}
	broken := file.Keep("borte", &shelf{err: errors.New("a driver's words")})
	if _, err := broken.Inspect(t.Context()); !errors.Is(err, &source.Error{Code: source.Unreachable}) || strings.Contains(err.Error(), "driver") {
		t.Errorf("a file that is gone gave %v", err)
	}
	bad := file.Keep("feil", &shelf{data: []byte("navn\n\"Kari")})
	if _, err := bad.Snapshot(t.Context()); !errors.Is(err, &source.Error{Code: source.BadConfig}) || strings.Contains(err.Error(), "Kari") {
		t.Errorf("a file with an error gave %v", err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	s, err := file.New("stor", []byte("navn\n"+strings.Repeat("x\n", 10_000)))
	if err != nil {
		t.Fatal(err)
	}
	schema, _ := s.Inspect(t.Context())
	ctx, cancel := context.WithCancel(t.Context())
	snapshot, _ := s.Snapshot(ctx)
	rows := 0
	err = snapshot.Find(ctx, source.Query{Table: &schema.Tables[0]}, func([]source.Value) error {
		rows++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || rows >= 10_000 {
		t.Errorf("after %d rows: %v", rows, err)
	}
}

func TestOpenByPath(t *testing.T) {
	t.Parallel()
	s, err := kinds.Open(t.Context(), source.Config{Name: "kunder", DSN: source.NewSecret("csv:kunder.csv"), Dir: "testdata"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := map[string][][]string{"rows": {{"navn", "e-post"}, {"Kari Nordmann", "kari@example.no"}}}
	if diff := cmp.Diff(want, read(t, s)); diff != "" || s.Kind() != file.Kind {
		t.Error(s.Kind(), diff)
	}
	_, err = kinds.Open(t.Context(), source.Config{Name: "kunder", Kind: "file", DSN: source.NewSecret("sqlite:kunder.db")})
	if !errors.Is(err, &source.Error{Code: source.BadConfig}) {
		t.Errorf("another scheme gave %v", err)
	}
}

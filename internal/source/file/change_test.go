package file_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"mininfo/internal/source"
	"mininfo/internal/source/file"
	"mininfo/internal/source/kinds"
)

// shelf keeps a file in memory.
type shelf struct {
	mu   sync.Mutex
	data []byte
	err  error
}

func (s *shelf) Read(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.data), s.err
}

func (s *shelf) Begin(context.Context) (file.Draft, error) { return s, s.err }
func (s *shelf) Discard()                                  {}

func (s *shelf) Replace(_ context.Context, old, fresh []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bytes.Equal(s.data, old) {
		return &source.Error{Code: source.Locked}
	}
	s.data = fresh
	return nil
}

// alter runs one transaction on the first table.
func alter(t testing.TB, s source.Source, fn func(tx source.Change, table *source.Table) error) error {
	t.Helper()
	schema, err := s.Inspect(t.Context())
	if err != nil {
		return err
	}
	tx, err := s.(source.Changer).Begin(t.Context())
	if err != nil {
		return err
	}
	if err := errors.Join(fn(tx, &schema.Tables[0])); err != nil {
		_ = tx.Rollback(t.Context())
		return err
	}
	if err := tx.Settle(t.Context()); err != nil {
		_ = tx.Rollback(t.Context())
		return err
	}
	return tx.Commit(t.Context())
}

func is(column string, values ...string) source.Match {
	m := source.Match{Fields: []source.Field{{Column: column}}}
	for _, v := range values {
		m.Tuples = append(m.Tuples, []source.Value{source.TextOf(v)})
	}
	return m
}

func set(column string, v source.Value) source.Set {
	return source.Set{Field: source.Field{Column: column}, Value: v}
}

func TestChangesInTheFilesOwnForm(t *testing.T) {
	t.Parallel()
	wide := func(order unicode.Endianness, s string) []byte {
		b, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		in, want []byte
		do       func(tx source.Change, table *source.Table) error
	}{
		"Windows-1252, semicolons, dates and decimals": {
			windows1252(t, "Navn;Født;Beløp\r\nÅse – “Å”;31.12.1980;1 234,50\r\nBjørn;1.2.1990;0,5\r\n"),
			windows1252(t, "Navn;Født;Beløp\r\nÅse – “Å”;31.12.1980;1 234,50\r\nBjørn Øy;3.4.1991;12 345 678,25\r\n"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Update(context.Background(), table, is("Navn", "Bjørn"), []source.Set{set("Navn", source.TextOf("Bjørn Øy")),
					set("Født", source.Value{Kind: source.Date, Str: "1991-04-03"}), set("Beløp", source.Value{Kind: source.Decimal, Str: "12345678.25"})})
				return err
			}},
		"UTF-8 with a mark, quotes stay and come where they are needed": {
			[]byte("\xef\xbb\xbfnavn,notat,by\n\"Per\",  a  ,Ås\nKari,\"b\"\"c\",\"Oslo\"\n"),
			[]byte("\xef\xbb\xbfnavn,notat,by\n\"Pål\",\"x,y\",Ås\nKari,\"b\"\"c\",\"Oslo\"\n"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Update(context.Background(), table, is("navn", "Per"), []source.Set{set("navn", source.TextOf("Pål")), set("notat", source.TextOf("x,y"))})
				return err
			}},
		"UTF-16, a row in the middle goes": {
			wide(unicode.LittleEndian, "navn\tby\r\nÅse\tBø\r\n😀 Per\tOslo\r\nKari\tÅs"), wide(unicode.LittleEndian, "navn\tby\r\nÅse\tBø\r\nKari\tÅs"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Delete(context.Background(), table, is("navn", "😀 Per"))
				return err
			}},
		"UTF-16 of the other order, a value behind others": {
			wide(unicode.BigEndian, "navn\tby\n😀\tBø\nPer\tOslo\n"), wide(unicode.BigEndian, "navn\tby\n😀\tBø\nPer\t😀 Ås\n"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Update(context.Background(), table, is("navn", "Per"), []source.Set{set("by", source.TextOf("😀 Ås"))})
				return err
			}},
		"a short row grows, and a line break is quoted": {
			[]byte("sep=;\nnavn;by;land\nPer\nKari;Ås;Norge\n"), []byte("sep=;\nnavn;by;land\nPer;;\"Nor\nge\"\nKari;Ås;Norge\n"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Update(context.Background(), table, is("navn", "Per"), []source.Set{set("land", source.TextOf("Nor\nge"))})
				return err
			}},
		"emptied, and the last row without a line end goes": {
			[]byte("navn;by\rPer;Ås\rKari;\"Oslo\"\rOle;Bø"), []byte("navn;by\r;Ås\rKari;\"\"\r"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Update(context.Background(), table, is("navn", "Per"), []source.Set{set("navn", source.Value{})})
				_, more := tx.Update(context.Background(), table, is("navn", "Kari"), []source.Set{set("by", source.Value{})})
				_, last := tx.Delete(context.Background(), table, is("navn", "Ole"))
				return errors.Join(err, more, last)
			}},
		"the last person of all": {
			[]byte("navn;by\nPer;Ås\n"), []byte("navn;by\n"),
			func(tx source.Change, table *source.Table) error {
				_, err := tx.Delete(context.Background(), table, is("navn", "Per"))
				return err
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &shelf{data: c.in}
			s := file.Keep("liste", k)
			if err := alter(t, s, c.do); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(c.want), string(k.data)); diff != "" {
				t.Error(diff)
			}
			if again := read(t, file.Keep("liste", k)); !cmp.Equal(again, read(t, s)) {
				t.Error("what is known of the file is not what it says", cmp.Diff(again, read(t, s)))
			}
		})
	}
}

func TestRefusedChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   []byte
		set  source.Set
		code source.Code
	}{
		"a letter that the encoding lacks": {windows1252(t, "navn;by\nÅse;Bø\n"), set("by", source.TextOf("Łódź")), source.BadType},
		"no date":                          {[]byte("navn;dato\nÅse;1.2.2026\n"), set("dato", source.TextOf("i går")), source.BadType},
		"inside a document":                {[]byte("navn;by\nÅse;{}\n"), source.Set{Field: source.Field{Column: "by", Path: []string{"a"}}}, source.Unsupported},
		"an unknown column":                {[]byte("navn;by\nÅse;Bø\n"), set("land", source.TextOf("x")), source.Missing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &shelf{data: c.in}
			err := alter(t, file.Keep("liste", k), func(tx source.Change, table *source.Table) error {
				_, err := tx.Update(t.Context(), table, is("navn", "Åse"), []source.Set{c.set})
				return err
			})
			if !errors.Is(err, &source.Error{Code: c.code}) || !bytes.Equal(k.data, c.in) {
				t.Errorf("got %v, want %s, and the file as it was", err, c.code)
			}
		})
	}
	memory, err := file.New("liste", []byte("navn\nÅse\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := memory.Begin(t.Context()); !errors.Is(err, &source.Error{Code: source.Unsupported}) || !memory.ReadOnly() {
		t.Errorf("a file in memory: %v", err)
	}
}

// Whatever a file looks like and whatever is done to it: rows that nobody named are the same bytes.
func TestUntouchedRowsAreTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		separator := rapid.SampledFrom([]string{";", ",", "\t", "|"}).Draw(r, "separator")
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(r, "end")
		cell := rapid.StringMatching(`[a-zåøA-Z0-9 ."{}ß–-]{0,8}`)
		quote := func(s string, always bool) string {
			if always || strings.ContainsAny(s, separator+"\r\n") || strings.HasPrefix(s, `"`) {
				return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
			}
			return s
		}
		rows := rapid.IntRange(1, 12).Draw(r, "rows")
		lines := []string{"id" + separator + "navn" + separator + "notat" + end}
		for i := range rows {
			lines = append(lines, fmt.Sprintf("r%d", i)+separator+quote(cell.Draw(r, "a"), rapid.Bool().Draw(r, "q"))+separator+quote(cell.Draw(r, "b"), rapid.Bool().Draw(r, "q"))+end)
		}
		encode := func(s string) []byte {
			out, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(s))
			if err != nil {
				r.Fatal(err)
			}
			return out
		}
		mark := []byte{0xFF, 0xFE}
		switch rapid.IntRange(0, 3).Draw(r, "encoding") {
		case 0:
			mark, encode = nil, func(s string) []byte { return []byte(s) }
		case 1:
			mark, encode = []byte{0xEF, 0xBB, 0xBF}, func(s string) []byte { return []byte(s) }
		case 2:
			mark, encode = nil, func(s string) []byte { return windows1252(t, s) }
		}
		k := &shelf{data: append(slices.Clone(mark), encode(strings.Join(lines, ""))...)}
		s := file.Keep("liste", k)
		gone, changed := map[int]bool{}, map[int]bool{}
		for i := range rows {
			switch rapid.IntRange(0, 3).Draw(r, "what") {
			case 0:
				gone[i] = true
			case 1:
				changed[i] = true
			}
		}
		fresh := strings.TrimSpace(rapid.StringMatching(`[a-zåø"; ,\n-]{0,8}`).Draw(r, "new"))
		before := slices.Clone(k.data)
		err := alter(t, s, func(tx source.Change, table *source.Table) error {
			for i := range rows {
				key := is("id", fmt.Sprintf("r%d", i))
				if gone[i] {
					if n, err := tx.Delete(t.Context(), table, key); err != nil || n != 1 {
						return fmt.Errorf("%d rows, %w", n, err)
					}
				}
				if changed[i] {
					if n, err := tx.Update(t.Context(), table, key, []source.Set{set("notat", source.TextOf(fresh))}); err != nil || n != 1 {
						return fmt.Errorf("%d rows, %w", n, err)
					}
				}
			}
			return nil
		})
		if errors.Is(err, &source.Error{Code: source.BadType}) {
			// A file whose separator can no longer be told is left as it was: that, too, is no change.
			if !bytes.Equal(before, k.data) {
				r.Fatal("a refused change was written")
			}
			return
		}
		if err != nil {
			r.Fatal(err)
		}
		rest := k.data
		take := func(want []byte, what string) {
			if !bytes.HasPrefix(rest, want) {
				r.Fatalf("%s is not as it was: %q, want %q", what, rest[:min(len(rest), 40)], want)
			}
			rest = rest[len(want):]
		}
		take(append(slices.Clone(mark), encode(lines[0])...), "the heading")
		for i := range rows {
			switch {
			case gone[i]:
			case changed[i]:
				head, _, _ := strings.Cut(lines[i+1], separator)
				take(encode(head+separator), "the key of a changed row")
				next := len(rest)
				for j := i + 1; j < rows && next == len(rest); j++ {
					if !gone[j] {
						next = bytes.Index(rest, encode(end+fmt.Sprintf("r%d", j)+separator)) + len(encode(end))
					}
				}
				rest = rest[next:]
			default:
				take(encode(lines[i+1]), "a row that nobody named")
			}
		}
	})
}

func workfile(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "kunder.csv")
	if err := os.WriteFile(path, []byte("navn;by\nPer;Ås\nKari;Oslo\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

func open(t *testing.T, dsn string) source.Source {
	t.Helper()
	s, err := kinds.Open(t.Context(), source.Config{Name: "kunder", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func remove(who string) func(tx source.Change, table *source.Table) error {
	return func(tx source.Change, table *source.Table) error {
		n, err := tx.Delete(context.Background(), table, is("navn", who))
		if err == nil && n != 1 {
			err = fmt.Errorf("%d rows", n)
		}
		return err
	}
}

func TestFileOnDiskIsReplacedWhole(t *testing.T) {
	t.Parallel()
	dir, path := workfile(t)
	// A process that died in the middle of writing left this behind.
	left := filepath.Join(dir, ".mininfo-kunder.csv")
	if err := os.WriteFile(left, []byte("navn;by\nKari;O"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, "csv:"+path)
	before, _ := os.Stat(path)
	if err := alter(t, s, remove("Per")); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	after, err := os.Stat(path)
	if err != nil || string(data) != "navn;by\nKari;Oslo\n" || after.Mode() != before.Mode() || os.SameFile(before, after) {
		t.Errorf("%q, %v, %v", data, after, err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"kunder.csv"}) {
		t.Errorf("the folder holds %v", got)
	}
}

// What stops between the writing and the renaming leaves the old file whole and no other behind, and the
// next try comes through.
func TestStopBetweenWritingAndRenaming(t *testing.T) {
	t.Parallel()
	dir, path := workfile(t)
	s := open(t, "csv:"+path)
	schema, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.(source.Changer).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := remove("Per")(tx, &schema.Tables[0]); err != nil {
		t.Fatal(err)
	}
	if err := tx.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	away := filepath.Join(t.TempDir(), "bort.csv")
	if err := os.Rename(path, away); err != nil { // what it was made from is gone at the last moment
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err == nil {
		t.Fatal("the change was written though the file is gone")
	}
	if err := os.Rename(away, path); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "navn;by\nPer;Ås\nKari;Oslo\n" {
		t.Errorf("the file is %q", data)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"kunder.csv"}) {
		t.Errorf("the folder holds %v", got)
	}
	if err := alter(t, s, remove("Per")); err != nil {
		t.Errorf("the next try: %v", err)
	}
}

func TestChangeFromElsewhereIsSeen(t *testing.T) {
	t.Parallel()
	_, path := workfile(t)
	s := open(t, "csv:"+path)
	err := alter(t, s, func(tx source.Change, table *source.Table) error {
		if err := remove("Per")(tx, table); err != nil {
			return err
		}
		return os.WriteFile(path, []byte("navn;by\nPer;Ås\nKari;Bergen\n"), 0o640) // somebody saves it meanwhile
	})
	if !errors.Is(err, &source.Error{Code: source.Locked}) {
		t.Fatalf("got %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "navn;by\nPer;Ås\nKari;Bergen\n" {
		t.Errorf("what the other wrote became %q", data)
	}
	if err := alter(t, s, remove("Per")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "navn;by\nKari;Bergen\n" {
		t.Errorf("the next try made it %q", data)
	}
}

func TestManyWritersOfOneFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "kunder.csv")
	const many = 12
	text := "navn;by\n"
	for i := range many {
		text += fmt.Sprintf("p%d;Ås\n", i)
	}
	if err := os.WriteFile(path, []byte(text+"rest;Bø\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	errs := make([]error, many)
	for i := range many {
		s := open(t, "csv:"+path)
		all.Go(func() {
			for range 2000 {
				errs[i] = alter(t, s, remove(fmt.Sprintf("p%d", i)))
				if !errors.Is(errs[i], &source.Error{Code: source.Locked}) {
					return
				}
				time.Sleep(time.Duration(1+rand.IntN(10)) * time.Millisecond)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(path); string(data) != "navn;by\nrest;Bø\n" {
		t.Errorf("the file is %q", data)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"kunder.csv"}) {
		t.Errorf("the folder holds %v", got)
	}
}

func TestWatchedFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name, who string, age time.Duration) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("navn;by\n"+who+";Ås\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	first := func(s source.Source) string { return read(t, s)["rows"][1][0] }
	if _, err := open(t, "csv:"+dir).Inspect(t.Context()); !errors.Is(err, &source.Error{Code: source.Unreachable}) {
		t.Errorf("an empty folder: %v", err)
	}
	put("kunder-01.csv", "Gammel", time.Hour)
	put("Kunder-02.CSV", "Ny", time.Minute)
	put("andre.csv", "Annen", 0)
	put(".mininfo-kunder-02.csv", "Halv", 0)
	put("kunder-03.txt", "Tekst", 0)
	if got := first(open(t, "csv:"+dir)); got != "Annen" {
		t.Errorf("the newest of all is %s", got)
	}
	pattern := "csv:" + filepath.Join(dir, "kunder-*.csv")
	s := open(t, pattern)
	if got := first(s); got != "Ny" {
		t.Errorf("the newest of the pattern is %s", got)
	}
	if err := alter(t, s, remove("Ny")); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(filepath.Join(dir, "Kunder-02.CSV")); string(data) != "navn;by\n" {
		t.Errorf("the newest became %q", data)
	}
	put("kunder-04.csv", "Nyest", -time.Minute)
	if got := first(open(t, pattern)); got != "Nyest" {
		t.Errorf("the next search reads %s", got)
	}
	if _, err := kinds.Open(t.Context(), source.Config{Name: "x", DSN: source.NewSecret("csv:/x/[")}); !errors.Is(err, &source.Error{Code: source.BadConfig}) {
		t.Errorf("a pattern that is none: %v", err)
	}
}

func TestWorkbookForgetsWhatIsErased(t *testing.T) {
	t.Parallel()
	k := &shelf{data: workbook(t, func(f *excelize.File) {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &[]string{"dd.mm.yyyy"}[0]})
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range [][]any{{"navn", "født", "beløp"}, {"Kari Kanari", time.Date(1984, 3, 1, 0, 0, 0, 0, time.UTC), 12.5}, {"Per Vik", time.Date(1990, 1, 2, 0, 0, 0, 0, time.UTC), 7}, {"Ole Li", time.Date(1991, 1, 2, 0, 0, 0, 0, time.UTC), 8}} {
			for j, v := range row {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if err := errors.Join(f.SetCellValue("Sheet1", cell, v)); err != nil {
					t.Fatal(err)
				}
				if j == 1 && i > 0 {
					if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if _, err := f.NewSheet("Andre"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.SetCellValue("Andre", "A1", "epost"), f.SetCellValue("Andre", "A2", "Per Vik"), f.SetColWidth("Sheet1", "A", "A", 41)); err != nil {
			t.Fatal(err)
		}
	})}
	s := file.Keep("kunder", k)
	if s.ReadOnly() {
		t.Fatal("the workbook cannot be changed")
	}
	err := alter(t, s, func(tx source.Change, table *source.Table) error {
		_, err := tx.Update(t.Context(), table, is("navn", "Per Vik"), []source.Set{set("navn", source.TextOf("Pål Vik")), set("født", source.TextOf("1992-05-06")), set("beløp", source.TextOf("9.25"))})
		return errors.Join(err, remove("Kari Kanari")(tx, table))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][][]string{"Sheet1": {{"navn", "født", "beløp"}, {"Pål Vik", "1992-05-06", "9.25"}, {"Ole Li", "1991-01-02", "8"}}, "Andre": {{"epost"}, {"Per Vik"}}}
	if diff := cmp.Diff(want, read(t, file.Keep("kunder", k))); diff != "" {
		t.Error(diff)
	}
	z, err := zip.NewReader(bytes.NewReader(k.data), int64(len(k.data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r)
		if strings.Contains(string(body), "Kanari") {
			t.Errorf("%s still holds what was erased", f.Name)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(k.data))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	shown, _ := book.GetCellValue("Sheet1", "B2")
	width, _ := book.GetColWidth("Sheet1", "A")
	if shown != "06.05.1992" || width != 41 {
		t.Errorf("the cell shows %q, the column is %v wide", shown, width)
	}
	formulas := &shelf{data: workbook(t, func(f *excelize.File) {
		_ = f.SetCellValue("Sheet1", "A1", "navn")
		_ = f.SetCellValue("Sheet1", "A2", "Kari")
		_ = f.SetCellFormula("Sheet1", "B2", "=A2")
	})}
	if s := file.Keep("formler", formulas); !s.ReadOnly() {
		t.Error("a workbook whose formulas hold copies can be changed")
	} else if _, err := s.Begin(t.Context()); !errors.Is(err, &source.Error{Code: source.Denied}) {
		t.Errorf("got %v", err)
	}
}

// Package file connects a CSV or XLSX file that somebody exported from another system or keeps by hand.
// Every sheet is a table and the first row holds the columns' names. A change writes a new version of the
// file in the place of the old one, in which all that is not changed is as it was: encoding, separator,
// line ends, quotation marks and the spelling of dates and numbers.
package file

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"mininfo/internal/fault"
	"mininfo/internal/source"
)

// Kind is the name of this kind of source.
const Kind = "file"

// The sizes that a file may have.
const (
	MaxBytes   = 10 << 20  // of the file as it is uploaded
	maxText    = 128 << 20 // of what an XLSX file unfolds to
	maxCell    = 1 << 20   // of one cell
	maxColumns = 500
	maxSheets  = 100
	maxName    = 100 // characters of a column's name
)

// Faults of files. Their texts name lines and columns' places, never what stands in a cell.
var (
	ErrTooLarge = fault.Define(fault.TooLarge, "file_too_large",
		"Filen er for stor. Den kan være på høyst 10 MB. Del den i flere filer.",
		"Fila er for stor. Ho kan vere på høgst 10 MB. Del ho i fleire filer.",
		"The file is too large. It may be at most 10 MB. Split it into several files.")
	ErrEmpty = fault.Define(fault.Invalid, "file_empty",
		"Filen har ingen rader. Den første raden skal ha overskrifter, og resten opplysningene.",
		"Fila har ingen rader. Den første rada skal ha overskrifter, og resten opplysningane.",
		"The file has no rows. The first row must hold headings, and the rest the data.")
	ErrNotTable = fault.Define(fault.Invalid, "file_not_table",
		"Dette er ikke en CSV-fil eller en XLSX-fil. Lagre listen som CSV eller som Excel-arbeidsbok (.xlsx) og prøv igjen.",
		"Dette er ikkje ei CSV-fil eller ei XLSX-fil. Lagre lista som CSV eller som Excel-arbeidsbok (.xlsx) og prøv igjen.",
		"This is no CSV file and no XLSX file. Save the list as CSV or as an Excel workbook (.xlsx) and try again.")
	ErrOldExcel = fault.Define(fault.Invalid, "file_old_excel",
		"Filen er i et gammelt Excel-format, eller beskyttet med passord. Lagre den som Excel-arbeidsbok (.xlsx) uten passord og prøv igjen.",
		"Fila er i eit gammalt Excel-format, eller verna med passord. Lagre ho som Excel-arbeidsbok (.xlsx) utan passord og prøv igjen.",
		"The file is in an old Excel format, or protected by a password. Save it as an Excel workbook (.xlsx) without a password and try again.")
	ErrNoHeadings = fault.Define(fault.Invalid, "file_no_headings",
		"Linje %d ser ut til å være opplysninger om noen. Den første raden skal ha overskrifter, for eksempel Navn og E-post.",
		"Linje %d ser ut til å vere opplysningar om nokon. Den første rada skal ha overskrifter, til dømes Namn og E-post.",
		"Line %d seems to hold data about somebody. The first row must hold headings, such as Name and E-mail.")
	ErrQuote = fault.Define(fault.Invalid, "file_quote",
		"Anførselstegnet som begynner på linje %d, blir ikke avsluttet riktig. Rett linjen, eller eksporter filen på nytt.",
		"Hermeteiknet som byrjar på linje %d, blir ikkje avslutta rett. Rett linja, eller eksporter fila på nytt.",
		"The quotation mark that begins on line %d is not closed properly. Correct the line, or export the file again.")
	ErrColumns = fault.Define(fault.Invalid, "file_columns",
		"Linje %d har flere verdier (%d) enn det er overskrifter (%d). Står det et skilletegn inne i en verdi, må verdien ha anførselstegn rundt seg.",
		"Linje %d har fleire verdiar (%d) enn det er overskrifter (%d). Står det eit skiljeteikn inne i ein verdi, må verdien ha hermeteikn rundt seg.",
		"Line %d has more values (%d) than there are headings (%d). A value that contains a separator must be put in quotation marks.")
	ErrCell = fault.Define(fault.Invalid, "file_cell",
		"En verdi på linje %d er større enn 1 MB. Er filen eksportert riktig?",
		"Ein verdi på linje %d er større enn 1 MB. Er fila eksportert rett?",
		"A value on line %d is larger than 1 MB. Was the file exported properly?")
	ErrWide = fault.Define(fault.Invalid, "file_wide",
		"Filen har flere enn %d kolonner eller ark. Ta bort det som ikke er med.",
		"Fila har fleire enn %d kolonnar eller ark. Ta bort det som ikkje er med.",
		"The file has more than %d columns or sheets. Remove what does not belong.")
)

// Keeper is where a file lies.
type Keeper interface {
	// Read gives the bytes as they now are.
	Read(ctx context.Context) ([]byte, error)
	// Begin holds the file for one writer at a time. It is source.Locked while somebody else holds it and
	// source.Denied where nothing may be written.
	Begin(ctx context.Context) (Draft, error)
}

// Draft is a new version of a file on its way.
type Draft interface {
	// Read gives the bytes that the new version is made from.
	Read(ctx context.Context) ([]byte, error)
	// Replace puts the new bytes in the place of the old ones, whole or not at all. It is source.Locked when
	// the file is no longer what it was.
	Replace(ctx context.Context, old, fresh []byte) error
	// Discard lets the file go. After Replace it does nothing.
	Discard()
}

// Source is a file that is connected.
type Source struct {
	name   string
	keeper Keeper // nil: the bytes lie in memory and are never changed

	mu     sync.Mutex
	read   bool
	tables []*table
	err    error
}

var (
	_ source.Source  = (*Source)(nil)
	_ source.Finder  = (*Source)(nil)
	_ source.Changer = (*Source)(nil)
	_ source.Limited = (*Source)(nil)
)

// Open connects a file on the server's disk: csv:PATH or xlsx:PATH. It is read when it is first used. PATH
// may be a folder, or a folder with a pattern for names: then it is the newest such file at each search.
func Open(_ context.Context, c source.Config) (source.Source, error) {
	scheme, path, ok := strings.Cut(c.DSN.Reveal(), ":")
	if !ok || path == "" || scheme != "csv" && scheme != "xlsx" {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	if !filepath.IsAbs(path) && c.Dir != "" {
		path = filepath.Join(c.Dir, path)
	}
	if _, err := filepath.Match(filepath.Base(path), "x"); err != nil {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	return Keep(c.Name, &place{name: c.Name, path: path, scheme: scheme}), nil
}

// Keep connects a file that is read when it is first used, and can be changed.
func Keep(name string, k Keeper) *Source { return &Source{name: name, keeper: k} }

// New reads a file that lies in memory, as somebody has just uploaded it. The error is a fault that says
// what is wrong and on which line.
func New(name string, data []byte) (*Source, error) {
	tables, err := parse(data)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(tables, func(t *table) bool { return t.count > 0 }) {
		return nil, ErrEmpty
	}
	return &Source{name: name, read: true, tables: tables}, nil
}

// ReadAll reads a file of at most MaxBytes; ErrTooLarge when there is more.
func ReadAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxBytes {
		return nil, ErrTooLarge
	}
	return data, nil
}

// loaded gives the tables. What is wrong with the file is told as a failure of the source: the
// fault itself is for whoever uploads.
func (s *Source) loaded(ctx context.Context) ([]*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.read {
		s.tables, s.err = s.load(ctx)
		s.read = s.err == nil || ctx.Err() == nil
	}
	return s.tables, s.err
}

func (s *Source) load(ctx context.Context) ([]*table, error) {
	data, err := s.keeper.Read(ctx)
	if err != nil {
		return nil, s.failure(err)
	}
	tables, err := parse(data)
	if err != nil {
		return nil, s.failure(err)
	}
	editable := changeable(data)
	for _, t := range tables {
		t.writable = editable
	}
	return tables, nil
}

func (s *Source) failure(err error) error {
	var own *source.Error
	switch f := fault.From(err); {
	case errors.As(err, &own):
		return own
	case f != nil && f.Kind != fault.Gone:
		return &source.Error{Source: s.name, Code: source.BadConfig, State: f.Code}
	}
	return &source.Error{Source: s.name, Code: source.Unreachable}
}

// hold makes what was read, or written, the file as it is known.
func (s *Source) hold(tables []*table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read, s.tables, s.err = true, tables, nil
}

// ReadOnly tells that the file can be searched and not changed: it lies in memory alone, or it is a
// workbook in which copies of what is changed could stay behind.
func (s *Source) ReadOnly() bool {
	tables, err := s.loaded(context.Background())
	return s.keeper == nil || err == nil && slices.ContainsFunc(tables, func(t *table) bool { return !t.writable })
}

func parse(data []byte) ([]*table, error) {
	switch {
	case len(data) > MaxBytes:
		return nil, ErrTooLarge
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return parseXLSX(data)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, ErrOldExcel
	}
	return parseCSV(data)
}

// Name is the name of the source.
func (s *Source) Name() string { return s.name }

// Kind is "file".
func (s *Source) Kind() string { return Kind }

// Close does nothing: a file holds no connection.
func (s *Source) Close() error { return nil }

// Inspect gives the tables with their columns: texts, and dates and decimals where all values are.
func (s *Source) Inspect(ctx context.Context) (*source.Schema, error) {
	tables, err := s.loaded(ctx)
	if err != nil {
		return nil, err
	}
	schema := &source.Schema{System: "CSV/XLSX"}
	for _, t := range tables {
		schema.Tables = append(schema.Tables, t.describe())
	}
	return schema, nil
}

// Snapshot gives the file as it was when it was first read, or last written.
func (s *Source) Snapshot(ctx context.Context) (source.Snapshot, error) {
	tables, err := s.loaded(ctx)
	if err != nil {
		return nil, err
	}
	return &snapshot{name: s.name, tables: tables}, nil
}

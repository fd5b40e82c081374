package file

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// parseXLSX reads every worksheet of a workbook, hidden ones too: what is hidden is held all the same.
func parseXLSX(data []byte) ([]*table, error) {
	// Both limits are the same, so that the library never unpacks people's data into a file.
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: maxText, UnzipXMLSizeLimit: maxText,
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		// The library's error may quote the content; whichever it is, this file is no use.
		return nil, ErrNotTable
	}
	defer func() { _ = book.Close() }()
	names := book.GetSheetList()
	if len(names) > maxSheets {
		return nil, ErrWide.With(maxSheets)
	}
	props, err := book.GetWorkbookProps()
	if err != nil {
		return nil, ErrNotTable
	}
	s := &sheetReader{book: book, from1904: props.Date1904 != nil && *props.Date1904}
	var tables []*table
	for _, name := range names {
		t, err := s.sheet(name)
		if err != nil {
			return nil, err
		}
		if t != nil {
			t.settle()
			tables = append(tables, t)
		}
	}
	if len(tables) == 0 {
		return nil, ErrEmpty
	}
	return tables, nil
}

type sheetReader struct {
	book     *excelize.File
	from1904 bool
	text     int
}

// sheet reads a sheet twice in step: as it is shown and as it is stored.
func (s *sheetReader) sheet(name string) (*table, error) {
	shown, err := s.book.Rows(name)
	if err != nil {
		return nil, nil // a sheet of charts has no rows
	}
	defer func() { _ = shown.Close() }()
	stored, err := s.book.Rows(name)
	if err != nil {
		return nil, ErrNotTable
	}
	defer func() { _ = stored.Close() }()
	var t *table
	for line := 1; shown.Next() && stored.Next(); line++ {
		cells, err := shown.Columns()
		if err != nil {
			return nil, ErrNotTable
		}
		raw, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, ErrNotTable
		}
		for i := range cells {
			if i < len(raw) {
				cells[i] = s.cell(cells[i], raw[i])
			}
			// Shared texts can make a small file unfold without end.
			if s.text += len(cells[i]); s.text > maxText {
				return nil, ErrTooLarge
			}
		}
		switch {
		case t != nil:
			err = t.add(line, cells)
		case len(trimRight(cells)) > 0:
			t, err = newTable(name, cells, line)
		}
		if err != nil {
			return nil, err
		}
	}
	if shown.Error() != nil || stored.Error() != nil {
		return nil, ErrNotTable
	}
	return t, nil
}

var (
	threeParts = regexp.MustCompile(`^\d{1,4}[-/. ]+\d{1,2}[-/. ]+\d{1,4}($|[ T]\d)`)
	monthName  = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cs])`)
	clock      = regexp.MustCompile(`^\d{1,2}:\d{2}`)
	plainDigit = regexp.MustCompile(`^[0-9 ]+$`)
	separated  = regexp.MustCompile(`^-?[0-9.,\x{00a0}\x{202f} ]+$`)
)

// cell decides between what a cell shows and what it holds. Dates become ISO dates, whatever the
// sheet shows of them ("mar. 24" hides the day); numbers are given in full; digits that a format
// completes (postal code 0154, kept as 154) are given as they are shown.
func (s *sheetReader) cell(shown, raw string) string {
	if shown == raw || raw == "" {
		return shown
	}
	number, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return shown
	}
	switch {
	case number >= 1 && number < 2958466 && (threeParts.MatchString(shown) || monthName.MatchString(shown)):
		at, err := excelize.ExcelDateToTime(number, s.from1904)
		if err != nil {
			return shown
		}
		return iso(at)
	case clock.MatchString(shown), plainDigit.MatchString(shown):
		return shown
	case separated.MatchString(shown):
		return raw
	}
	return shown
}

func iso(at time.Time) string {
	at = at.Round(time.Second)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format(time.DateOnly)
	}
	return strings.TrimSuffix(at.Format(time.DateTime), ":00")
}

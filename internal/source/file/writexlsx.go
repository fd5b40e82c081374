package file

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"mininfo/internal/source"
)

// Parts of a workbook in which copies of cells lie that a change would not reach, and formulas, whose
// results are copies too. Such a workbook is searched and never changed.
var (
	copies  = regexp.MustCompile(`^xl/(pivotCache|revisions|externalLinks|queryTables|vbaProject)`)
	formula = regexp.MustCompile(`<([A-Za-z0-9]+:)?f[ >/]`)
)

// changeable tells whether a new version can be written that keeps nothing of what it changes.
func changeable(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("PK")) {
		return true
	}
	parts, err := unzip(data)
	if err != nil {
		return false
	}
	for _, p := range parts {
		if copies.MatchString(p.Name) || isSheet(p.Name) && formula.Match(p.body) {
			return false
		}
	}
	return true
}

func isSheet(name string) bool {
	return strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml")
}

type part struct {
	*zip.FileHeader
	body []byte
}

func unzip(data []byte) ([]part, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, ErrNotTable
	}
	left := int64(maxText)
	var out []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, ErrNotTable
		}
		body, err := io.ReadAll(io.LimitReader(r, left+1))
		_ = r.Close()
		if left -= int64(len(body)); err != nil || left < 0 {
			return nil, ErrNotTable
		}
		out = append(out, part{&f.FileHeader, body})
	}
	return out, nil
}

// writeXLSX changes cells and removes rows; other sheets, formats and widths stay.
func writeXLSX(old []byte, edits map[string]map[int64]edit) ([]byte, error) {
	book, err := excelize.OpenReader(bytes.NewReader(old), excelize.Options{UnzipSizeLimit: maxText, UnzipXMLSizeLimit: maxText})
	if err != nil {
		return nil, ErrNotTable
	}
	defer func() { _ = book.Close() }()
	props, err := book.GetWorkbookProps()
	if err != nil {
		return nil, ErrNotTable
	}
	from1904 := props.Date1904 != nil && *props.Date1904
	for sheet, rows := range edits {
		var gone []int
		for line, e := range rows {
			if e.gone {
				gone = append(gone, int(line))
				continue
			}
			for at, text := range e.cells {
				if err := setCell(book, sheet, at, int(line), text, from1904); err != nil {
					return nil, &source.Error{Code: source.BadType, Table: sheet}
				}
			}
		}
		slices.Sort(gone)
		for _, line := range slices.Backward(gone) { // from below, so that the lines above keep their numbers
			if err := book.RemoveRow(sheet, line); err != nil {
				return nil, &source.Error{Code: source.FailedSystem, Table: sheet}
			}
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		return nil, &source.Error{Code: source.FailedSystem}
	}
	return forget(out.Bytes())
}

// setCell writes a cell in its own form: a number stays a number, a date a date.
func setCell(book *excelize.File, sheet string, at, line int, text string, from1904 bool) error {
	cell, err := excelize.CoordinatesToCellName(at+1, line)
	if err != nil {
		return err
	}
	if text == "" {
		return book.SetCellValue(sheet, cell, nil)
	}
	raw, err := book.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	if err != nil {
		return err
	}
	kind, err := book.GetCellType(sheet, cell)
	if err != nil {
		return err
	}
	_, numeric := strconv.ParseFloat(raw, 64)
	if numeric == nil && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber) {
		if day, err := time.Parse(time.DateOnly, text); err == nil {
			zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
			if from1904 {
				zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
			}
			return book.SetCellInt(sheet, cell, int64(day.Sub(zero)/(24*time.Hour)))
		}
		if n, err := strconv.ParseFloat(text, 64); err == nil && !padded(text) {
			return book.SetCellFloat(sheet, cell, n, -1, 64)
		}
	}
	return book.SetCellStr(sheet, cell, text)
}

// forget empties the shared texts that no cell uses any more: a workbook keeps every text that it ever
// shared, so that what was erased would still lie in the file.
func forget(data []byte) ([]byte, error) {
	parts, err := unzip(data)
	if err != nil {
		return nil, err
	}
	used := map[int]bool{}
	for _, p := range parts {
		if isSheet(p.Name) {
			sharedIn(p.body, used)
		}
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		if p.Name == "xl/sharedStrings.xml" {
			if p.body, err = emptied(p.body, used); err != nil {
				return nil, err
			}
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Deflate, Modified: p.Modified})
		if err != nil {
			return nil, errors.New("writing a workbook")
		}
		if _, err := w.Write(p.body); err != nil {
			return nil, errors.New("writing a workbook")
		}
	}
	if err := z.Close(); err != nil {
		return nil, errors.New("writing a workbook")
	}
	return out.Bytes(), nil
}

// sharedCell is a cell that shows a shared text, with its number; sharedText begins one such text. Neither
// nests. What an odd spelling hides from them would show as another text in a cell, and stop the change:
// the new version is read back before it is kept.
var (
	sharedCell = regexp.MustCompile(`<(?:[A-Za-z0-9]+:)?c\s[^<>]*\bt\s*=\s*["']s["'][^<>]*>\s*<(?:[A-Za-z0-9]+:)?v[^<>]*>\s*(\d+)`)
	sharedText = regexp.MustCompile(`<((?:[A-Za-z0-9]+:)?)si(?:\s[^<>]*)?>`)
)

// sharedIn notes which shared texts the cells of a sheet use.
func sharedIn(sheet []byte, used map[int]bool) {
	for _, m := range sharedCell.FindAllSubmatch(sheet, -1) {
		if i, err := strconv.Atoi(string(m[1])); err == nil {
			used[i] = true
		}
	}
}

// emptied gives the shared texts with those that nobody uses emptied; the others keep their places.
func emptied(texts []byte, used map[int]bool) ([]byte, error) {
	var out []byte
	for number := 0; ; number++ {
		m := sharedText.FindSubmatchIndex(texts)
		if m == nil {
			return append(out, texts...), nil
		}
		prefix := string(texts[m[2]:m[3]])
		end := m[1]
		if texts[m[1]-2] != '/' {
			closing := []byte("</" + prefix + "si>")
			i := bytes.Index(texts[m[1]:], closing)
			if i < 0 {
				return nil, ErrNotTable
			}
			end += i + len(closing)
		}
		if used[number] {
			out = append(out, texts[:end]...)
		} else {
			out = append(out, texts[:m[0]]...)
			out = append(out, "<"+prefix+"si><"+prefix+"t></"+prefix+"t></"+prefix+"si>"...)
		}
		texts = texts[end:]
	}
}

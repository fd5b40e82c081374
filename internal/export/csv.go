package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/locale"
)

// writeCSV writes one table: UTF-8 with a byte order mark, commas, CRLF (RFC 4180), and no cell
// that a spreadsheet program would calculate.
func (t *table) writeCSV(ctx context.Context, w io.Writer, l locale.Locale) error {
	b := bufio.NewWriterSize(w, 64<<10)
	_, _ = b.WriteString("\ufeff")
	header := make([]string, 0, len(t.Columns)+3)
	taken := map[string]bool{}
	for _, c := range t.Columns {
		header = append(header, c.Name)
		taken[c.Name] = true
	}
	header = append(header, t.extraColumns(taken)...)
	writeRecord(b, header)
	record := make([]string, 0, len(header))
	err := t.each(ctx, func(r *Row) error {
		record = t.record(record[:0], r, l)
		writeRecord(b, record)
		return nil
	})
	if err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing a CSV file: %w", err)
	}
	return nil
}

// CSV writes rows, the header among them, in the same form.
func CSV(w io.Writer, rows [][]string) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString("\ufeff")
	for _, row := range rows {
		writeRecord(b, row)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing a CSV file: %w", err)
	}
	return nil
}

// extraColumns are what we say about rows; they never take a name of the system's own.
func (t *table) extraColumns(taken map[string]bool) []string {
	var names []string
	if t.kept {
		names = append(names, "kept_until", "kept_why")
	}
	if t.noted {
		names = append(names, "notes")
	}
	for i := range names {
		for taken[names[i]] {
			names[i] = "_" + names[i]
		}
	}
	return names
}

func (t *table) record(record []string, r *Row, l locale.Locale) []string {
	for i := range r.Cells {
		if why := r.Cells[i].Withheld; why != "" {
			record = append(record, fmt.Sprintf(texts["withheld_cell"].In(l), why))
		} else {
			record = append(record, r.Cells[i].Value.Text())
		}
	}
	if t.kept {
		record = append(record, r.KeptUntil.String(), r.KeptWhy)
	}
	if t.noted {
		record = append(record, strings.Join(r.Notes, "\n"))
	}
	return record
}

// writeRecord leaves errors to the writer, which keeps the first one until Flush.
func writeRecord(w *bufio.Writer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			_ = w.WriteByte(',')
		}
		c = neutral(strings.ToValidUTF8(c, "\ufffd"))
		if !needsQuotes(c) {
			_, _ = w.WriteString(c)
			continue
		}
		_ = w.WriteByte('"')
		_, _ = w.WriteString(strings.ReplaceAll(c, `"`, `""`))
		_ = w.WriteByte('"')
	}
	_, _ = w.WriteString("\r\n")
}

func needsQuotes(s string) bool {
	return strings.ContainsAny(s, "\",;\t\r\n'\x00") || s != strings.TrimSpace(s)
}

// neutral puts ' before what a spreadsheet program would take for a formula. A Norwegian Excel
// splits at semicolons and tabs and not at commas, and reads quotes in the middle of its own
// cells as letters, so a line break ends the row for it: each of these starts a cell too.
func neutral(s string) string {
	if !strings.ContainsAny(s, "=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20") {
		return s
	}
	var b strings.Builder
	if strings.IndexByte("\t\r\n\x00", s[0]) >= 0 {
		b.WriteByte('\'')
	} else if calculates(s) {
		b.WriteByte('\'')
	}
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		switch s[i] {
		case ';', '\t', '\r', '\n':
			if calculates(s[i+1:]) {
				b.WriteByte('\'')
			}
		}
	}
	return b.String()
}

// calculates tells whether a cell that starts so would be a formula. Spaces, quotes and what
// cannot be seen are passed over, because some programs do; a separator starts its own cell.
func calculates(s string) bool {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case strings.ContainsRune("=+-@\uff1d\uff0b\uff0d\uff20", r):
			return true
		case strings.ContainsRune("\t\r\n;", r):
			return false
		case r == '"' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			s = s[size:]
		default:
			return false
		}
	}
	return false
}

package file

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mininfo/internal/source"
)

// table is one sheet. Its rows lie behind one another in one piece of memory, so that a large
// file costs little more than its text.
type table struct {
	name     string
	columns  []string
	forms    []form // how each column writes what it holds
	rows     []byte // each: line, then a length and the text of every cell
	count    int64
	writable bool
}

// newTable takes the headings. A heading that is missing or stands twice gets a name of its own.
func newTable(name string, headings []string, line int) (*table, error) {
	headings = trimRight(headings)
	if len(headings) > maxColumns {
		return nil, ErrWide.With(maxColumns)
	}
	t := &table{name: name}
	taken := map[string]bool{}
	for i, h := range headings {
		h = heading(h)
		if looksPersonal(h) {
			return nil, ErrNoHeadings.With(line)
		}
		if h == "" {
			h = "column " + strconv.Itoa(i+1)
		}
		unique := h
		for n := 2; taken[strings.ToLower(unique)]; n++ {
			unique = h + " (" + strconv.Itoa(n) + ")"
		}
		taken[strings.ToLower(unique)] = true
		t.columns = append(t.columns, unique)
	}
	return t, nil
}

// heading brings a heading to one line without invisible characters.
func heading(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > maxName {
		s = string(runes[:maxName])
	}
	return s
}

var personal = regexp.MustCompile(`^\S+@\S+\.\S+$|^\+?[0-9][0-9 ]{7,}$`)

// looksPersonal tells an address or a telephone number: what stands in a heading is kept where
// personal data may not be.
func looksPersonal(heading string) bool { return personal.MatchString(heading) }

func trimRight(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// add puts in one row. Empty rows are left out.
func (t *table) add(line int, cells []string) error {
	cells = trimRight(cells)
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > len(t.columns) {
		return ErrColumns.With(line, len(cells), len(t.columns))
	}
	t.rows = binary.AppendUvarint(t.rows, uint64(line))
	for i := range t.columns {
		cell := ""
		if i < len(cells) {
			cell = strings.TrimFunc(cells[i], unicode.IsSpace)
		}
		if len(cell) > maxCell {
			return ErrCell.With(line)
		}
		t.rows = binary.AppendUvarint(t.rows, uint64(len(cell)))
		t.rows = append(t.rows, cell...)
	}
	t.count++
	return nil
}

// each gives the rows in the order of the file. cells is reused and points into the table.
func (t *table) each(fn func(line int64, cells [][]byte) error) error {
	cells := make([][]byte, len(t.columns))
	for rest := t.rows; len(rest) > 0; {
		line, n := binary.Uvarint(rest)
		rest = rest[n:]
		for i := range cells {
			size, n := binary.Uvarint(rest)
			cells[i], rest = rest[n:n+int(size)], rest[n+int(size):]
		}
		if err := fn(int64(line), cells); err != nil {
			return err
		}
	}
	return nil
}

// settle looks how the columns write what they hold, when all rows are in.
func (t *table) settle() {
	t.forms = make([]form, len(t.columns))
	for i := range t.columns {
		t.forms[i] = formOf(func(look func(string) bool) {
			_ = t.each(func(_ int64, cells [][]byte) error {
				if len(cells[i]) > 0 && !look(string(cells[i])) {
					return errEnough
				}
				return nil
			})
		})
	}
}

// lineID is the hidden name of rows inside one snapshot: their line in the file. It is no key, since what
// is removed above a row moves it: rows are named by what they hold, or by a column that the dataset
// declares to be their key.
const lineID = "line"

var typeNames = map[source.Class]string{source.ClassText: "text", source.ClassDate: "date", source.ClassDecimal: "decimal"}

func (t *table) describe() source.Table {
	d := source.Table{Name: source.TableName{Name: t.name}, RowID: lineID, Keyless: true, CanSelect: true, CanUpdate: t.writable, CanDelete: t.writable, Rows: t.count}
	for i, c := range t.columns {
		class := t.forms[i].class
		d.Columns = append(d.Columns, source.Column{Name: c, Type: typeNames[class], Class: class, Nullable: true})
	}
	return d
}

// at gives where a column stands; -1 is none.
func (t *table) at(column string) int { return slices.Index(t.columns, column) }

// value gives one value of a row. An empty cell holds nothing.
func (t *table) value(at int, cells [][]byte) source.Value {
	if len(cells[at]) == 0 {
		return source.Value{}
	}
	return t.forms[at].read(string(cells[at]))
}

// alter gives the table with some rows changed or left out. fn gets the cells of each row and gives those
// that are to stand there; nil leaves the row out.
func (t *table) alter(fn func(line int64, cells [][]byte) ([][]byte, error)) (*table, error) {
	out := &table{name: t.name, columns: t.columns, forms: t.forms, writable: t.writable}
	err := t.each(func(line int64, cells [][]byte) error {
		cells, err := fn(line, cells)
		if err != nil || cells == nil {
			return err
		}
		out.rows = binary.AppendUvarint(out.rows, uint64(line))
		for _, cell := range cells {
			out.rows = binary.AppendUvarint(out.rows, uint64(len(cell)))
			out.rows = append(out.rows, cell...)
		}
		out.count++
		return nil
	})
	return out, err
}

// same tells whether two tables hold the same rows in the same order, on whatever lines.
func (t *table) same(other *table) bool {
	if t.name != other.name || !slices.Equal(t.columns, other.columns) || t.count != other.count {
		return false
	}
	var all [][]byte
	_ = t.each(func(_ int64, cells [][]byte) error { all = append(all, slices.Clone(cells)...); return nil })
	at, same := 0, true
	_ = other.each(func(_ int64, cells [][]byte) error {
		for _, cell := range cells {
			same = same && bytes.Equal(cell, all[at])
			at++
		}
		return nil
	})
	return same
}

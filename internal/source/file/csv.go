package file

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// csvTable is what the only table of a CSV file is called. The file's own name is not used: it
// may be somebody's name.
const csvTable = "rows"

// span is a piece of the decoded text.
type span struct{ from, to int }

// record is where a row stands: whole with its line end, and the text of each of its cells.
type record struct {
	span
	cells []span
}

// layout is where everything stands in a CSV file, for whoever changes it.
type layout struct {
	text      []byte // decoded
	separator byte
	records   map[int64]record // by line
}

// parseCSV reads a CSV file as spreadsheets and other systems write it.
func parseCSV(data []byte) ([]*table, error) {
	tables, _, err := layoutCSV(data)
	return tables, err
}

func layoutCSV(data []byte) ([]*table, *layout, error) {
	text, err := decode(data)
	if err != nil {
		return nil, nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil, ErrEmpty
	}
	p := &csvReader{text: text, rest: text, line: 1}
	p.separator = p.declared()
	if p.separator == 0 {
		p.separator = guessSeparator(p.rest)
	}
	l := &layout{text: text, separator: p.separator, records: map[int64]record{}}
	var t *table
	for {
		from := p.at()
		cells, line, err := p.next()
		if err != nil {
			return nil, nil, err
		}
		if line == 0 {
			break
		}
		l.records[int64(line)] = record{span{from, p.at()}, slices.Clone(p.spans)}
		switch {
		case t != nil:
			err = t.add(line, cells)
		case len(trimRight(cells)) > 0:
			t, err = newTable(csvTable, cells, line)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if t == nil {
		return nil, nil, ErrEmpty
	}
	t.settle()
	return []*table{t}, l, nil
}

// decode gives the text in UTF-8. What is no UTF-8 is Windows-1252, the form in which Norwegian
// spreadsheets have been saved for decades; ISO-8859-1 is a part of it.
func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil || bytes.IndexByte(out, 0) >= 0 {
			return nil, ErrNotTable
		}
		return out, nil
	}
	if bytes.IndexByte(data, 0) >= 0 || bytes.HasPrefix(data, []byte("%PDF")) {
		return nil, ErrNotTable
	}
	if utf8.Valid(data) {
		return data, nil
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return nil, ErrNotTable
	}
	return out, nil
}

// csvReader splits text into records. Quotation marks mean something only at the start of a
// value: 5" pipe is a value as it stands, while a value that begins with one must be closed.
// A reader that guesses there would swallow the rest of the file as one value.
type csvReader struct {
	text      []byte
	rest      []byte
	separator byte
	line      int
	end       int    // where the text of the last cell ended
	spans     []span // of the cells of the last record
}

// at is how far the text has been read.
func (p *csvReader) at() int { return len(p.text) - len(p.rest) }

// declared reads Excel's own first line, sep=;
func (p *csvReader) declared() byte {
	head, rest := p.rest, []byte(nil)
	if i := bytes.IndexByte(head, '\n'); i >= 0 {
		head, rest = head[:i], head[i+1:]
	}
	head = bytes.Trim(head, "\r\" ")
	if len(head) != 5 || !bytes.EqualFold(head[:4], []byte("sep=")) {
		return 0
	}
	p.rest, p.line = rest, 2
	return head[4]
}

// next gives a record and the line that it begins on; line 0 is the end.
func (p *csvReader) next() (cells []string, line int, err error) {
	if len(p.rest) == 0 {
		return nil, 0, nil
	}
	line, p.spans = p.line, p.spans[:0]
	for {
		from := p.at()
		cell, end, err := p.cell()
		if err != nil {
			return nil, line, err
		}
		if cells = append(cells, cell); len(cells) > maxColumns {
			return nil, line, ErrWide.With(maxColumns)
		}
		p.spans = append(p.spans, span{from, p.end})
		if end {
			return cells, line, nil
		}
	}
}

// cell reads one value; end tells that the record ends with it.
func (p *csvReader) cell() (cell string, end bool, err error) {
	if len(p.rest) > 0 && p.rest[0] == '"' {
		if cell, err = p.quoted(); err != nil {
			return "", false, err
		}
		// Nothing but blanks may stand between the closing mark and the separator.
		start := p.line
		tail, end := p.plain()
		if len(bytes.TrimSpace([]byte(tail))) > 0 {
			return "", false, ErrQuote.With(start)
		}
		return cell, end, nil
	}
	cell, end = p.plain()
	return cell, end, nil
}

// plain reads up to the next separator or line end and passes it.
func (p *csvReader) plain() (string, bool) {
	for i, c := range p.rest {
		p.end = p.at() + i
		switch c {
		case p.separator:
			cell := string(p.rest[:i])
			p.rest = p.rest[i+1:]
			return cell, false
		case '\n', '\r':
			cell := string(p.rest[:i])
			p.rest = p.rest[i+1:]
			if c == '\r' && len(p.rest) > 0 && p.rest[0] == '\n' {
				p.rest = p.rest[1:]
			}
			p.line++
			return cell, true
		}
	}
	cell := string(p.rest)
	p.rest, p.end = nil, len(p.text)
	return cell, true
}

func (p *csvReader) quoted() (string, error) {
	start, rest := p.line, p.rest[1:]
	var cell []byte
	for {
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			return "", ErrQuote.With(start)
		}
		cell = append(cell, rest[:i]...)
		rest = rest[i+1:]
		if len(rest) > 0 && rest[0] == '"' {
			cell = append(cell, '"')
			rest = rest[1:]
			continue
		}
		break
	}
	p.line += lines(p.rest[:len(p.rest)-len(rest)])
	p.rest = rest
	return string(cell), nil
}

// lines counts line ends: LF, CR LF, or a CR alone.
func lines(b []byte) int {
	return bytes.Count(b, []byte("\n")) + bytes.Count(b, []byte("\r")) - bytes.Count(b, []byte("\r\n"))
}

// guessSeparator takes the one that splits the most of the first records into as many values as
// the headings; semicolon first, as Norwegian spreadsheets write it (the comma is decimal).
func guessSeparator(text []byte) byte {
	best, score := byte(','), 0
	for _, candidate := range []byte{';', '\t', ',', '|'} {
		p := &csvReader{text: text, rest: text, separator: candidate, line: 1}
		width, even := 0, 0
		for range 50 {
			cells, line, err := p.next()
			if errors.Is(err, ErrWide) {
				return candidate // nothing else splits a line into that many
			}
			if err != nil || line == 0 {
				break
			}
			switch {
			case width == 0:
				width = len(cells)
			case len(cells) == width:
				even++
			}
		}
		if s := (even+1)*1000 + width; width > 1 && s > score {
			best, score = candidate, s
		}
	}
	return best
}

package file

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"mininfo/internal/source"
)

// write gives the new version of a file. What no edit names is as it was, byte by byte in a CSV file.
func write(old []byte, tables []*table, edits map[string]map[int64]edit) ([]byte, error) {
	if bytes.HasPrefix(old, []byte("PK")) {
		return writeXLSX(old, edits)
	}
	_, l, err := layoutCSV(old)
	if err != nil {
		return nil, err
	}
	return l.apply(old, edits[tables[0].name])
}

// patch puts a text in the place of a piece of the decoded file.
type patch struct {
	span
	text string
}

func (l *layout) apply(old []byte, edits map[int64]edit) ([]byte, error) {
	var patches []patch
	for line, e := range edits {
		r := l.records[line]
		if e.gone {
			patches = append(patches, patch{r.span, ""})
			continue
		}
		patches = append(patches, l.patches(r, e)...)
	}
	slices.SortFunc(patches, func(a, b patch) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	enc := encodingOf(old)
	out := make([]byte, 0, len(old)+1024)
	raw, done := enc.start, 0 // how far the file and its text have been copied
	copyTo := func(upTo int) {
		next := raw + enc.size(l.text[done:upTo])
		next = min(next, len(old))
		out = append(out, old[raw:next]...)
		raw, done = next, upTo
	}
	out = append(out, old[:enc.start]...)
	for _, p := range patches {
		copyTo(p.from)
		raw, done = min(raw+enc.size(l.text[done:p.to]), len(old)), p.to
		text, ok := enc.encode(p.text)
		if !ok {
			return nil, &source.Error{Code: source.BadType, State: "encoding"}
		}
		out = append(out, text...)
	}
	return append(out, old[raw:]...), nil
}

// patches changes the cells of one record, each in its own spelling: quotation marks stay where they were
// and come where they are needed, and blanks around a value stay.
func (l *layout) patches(r record, e edit) []patch {
	var out []patch
	var missing []int
	for at, text := range e.cells {
		if at >= len(r.cells) {
			if text != "" {
				missing = append(missing, at)
			}
			continue
		}
		s := r.cells[at]
		cell := string(l.text[s.from:s.to])
		trimmed := strings.TrimSpace(cell)
		lead := strings.Index(cell, trimmed)
		inner := span{s.from + lead, s.from + lead + len(trimmed)}
		quoted := strings.HasPrefix(cell, `"`)
		fresh := l.cell(text, quoted)
		if !quoted && strings.HasPrefix(fresh, `"`) {
			inner = s // a mark means something at the very beginning of a cell alone
		}
		out = append(out, patch{inner, fresh})
	}
	if len(missing) == 0 {
		return out
	}
	// A short row gets the separators that it lacks.
	slices.Sort(missing)
	var tail strings.Builder
	have := len(r.cells)
	for _, at := range missing {
		for ; have <= at; have++ {
			tail.WriteByte(l.separator)
		}
		tail.WriteString(l.cell(e.cells[at], false))
	}
	end := r.cells[len(r.cells)-1].to
	return append(out, patch{span{end, end}, tail.String()})
}

func (l *layout) cell(text string, quoted bool) string {
	if !quoted && !strings.ContainsAny(text, "\r\n"+string(rune(l.separator))) && !strings.HasPrefix(text, `"`) {
		return text
	}
	return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// encoding is how a file writes its text.
type encoding struct {
	start  int // after the mark at the beginning
	size   func(text []byte) int
	encode func(text string) ([]byte, bool)
}

func encodingOf(data []byte) encoding {
	plain := encoding{size: func(t []byte) int { return len(t) }, encode: func(t string) ([]byte, bool) { return []byte(t), true }}
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		plain.start = 3
		return plain
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return wide(false)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return wide(true)
	case utf8.Valid(data):
		return plain
	}
	return encoding{size: utf8.RuneCount, encode: func(t string) ([]byte, bool) {
		out, err := charmap.Windows1252.NewEncoder().Bytes([]byte(t))
		return out, err == nil
	}}
}

// wide is UTF-16 of either order.
func wide(big bool) encoding {
	return encoding{start: 2, size: func(text []byte) int {
		n := 0
		for len(text) > 0 {
			r, size := utf8.DecodeRune(text)
			text = text[size:]
			n += 2 * utf16.RuneLen(r)
		}
		return n
	}, encode: func(t string) ([]byte, bool) {
		var out []byte
		for _, unit := range utf16.Encode([]rune(t)) {
			if big {
				out = append(out, byte(unit>>8), byte(unit))
			} else {
				out = append(out, byte(unit), byte(unit>>8))
			}
		}
		return out, utf8.ValidString(t)
	}}
}

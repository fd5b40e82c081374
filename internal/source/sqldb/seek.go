package sqldb

import (
	"strings"

	"mininfo/internal/source"
)

// An address is stored in whatever letters somebody once typed, and no index knows that they are
// the same address. Where an index orders a column by bytes, all ways of writing one address can
// be found in it by a few seeks: each asks for the first value that is not before a certain
// spelling, and what comes back tells which spellings in between need not be looked for.

// maxSeeks bounds the seeks for one address; where it is not enough the table is read.
const maxSeeks = 60

// spellings finds all stored spellings of a text in small ASCII letters. seek gives the first
// stored value that is not before a text. False: it would have taken too long.
func spellings(small string, seek func(from string) (string, bool, error)) ([]string, bool, error) {
	var out []string
	at, more := upperASCII(small), true
	for range maxSeeks {
		if !more {
			return out, true, nil
		}
		found, ok, err := seek(at)
		if err != nil || !ok {
			return out, err == nil, err
		}
		if lowerASCII(found) == small {
			out = append(out, found)
		}
		at, more = spellingAfter(small, found)
	}
	return nil, false, nil
}

// spellingAfter gives the first spelling of a text that comes after another text, by bytes.
func spellingAfter(small, after string) (string, bool) {
	same := 0
	for same < len(small) && same < len(after) && lowerByte(after[same]) == small[same] {
		same++
	}
	if same == len(after) && same < len(small) {
		// It is the beginning of a spelling: the first that goes on from it.
		return after + upperASCII(small[same:]), true
	}
	for i := min(same, len(small)-1, len(after)-1); i >= 0; i-- {
		for _, c := range []byte{upperByte(small[i]), small[i]} {
			if c > after[i] {
				return after[:i] + string([]byte{c}) + upperASCII(small[i+1:]), true
			}
		}
	}
	return "", false
}

func lowerByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upperByte(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - ('a' - 'A')
	}
	return c
}

func mapASCII(s string, by func(byte) byte) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(by(s[i]))
	}
	return b.String()
}

func lowerASCII(s string) string { return mapASCII(s, lowerByte) }
func upperASCII(s string) string { return mapASCII(s, upperByte) }

// stored makes a match that an index answers out of one that would read the whole table, where
// the column has such an index.
func stored(m *source.Match, c *source.Column, seek func(from string) (string, bool, error)) (*source.Match, error) {
	if m == nil || m.Fold != source.FoldASCII || len(m.Fields) != 1 || len(m.Fields[0].Path) > 0 || m.Fields[0].List ||
		c.Order != source.ByBytes || len(m.Tuples) > 10 {
		return m, nil
	}
	out := &source.Match{Fields: m.Fields, Tuples: [][]source.Value{}}
	for _, t := range m.Tuples {
		list, all, err := spellings(t[0].Text(), seek)
		if err != nil || !all {
			return m, err
		}
		for _, s := range list {
			out.Tuples = append(out.Tuples, []source.Value{source.TextOf(s)})
		}
	}
	return out, nil
}

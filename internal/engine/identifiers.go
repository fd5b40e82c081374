package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/dsr"
)

// NationalID is the kind of a national identity number: of fields that the dataset marks so.
const NationalID = "national_id"

// numbers calls fn with what may be a phone number in a text, in any of the ways that people write one.
func numbers(text string, canonical Canonical, fn func(x mention)) {
	each(text, func(groups []span, plus bool) {
		for i := range groups {
			total := 0
			for k := i; k < len(groups) && k < i+maxGroups; k++ {
				total += groups[k].to - groups[k].from
				if total > 17 {
					break
				}
				from := groups[i].from
				international := plus && i == 0
				if international {
					from-- // the sign
				}
				written := text[from:groups[k].to]
				if !international && (!looksDialled(digits(written)) || isDate(groups[i:k+1])) {
					continue
				}
				if id, ok := canonical(written); ok && total >= 8 {
					fn(mention{Phone, id, from, groups[k].to})
				}
			}
		}
	})
}

// maxGroups is how many groups the digits of one number are written in: +47 98 76 54 32, and longer ones.
const maxGroups = 8

// looksDialled tells whether digits without a sign before them are as one dials a number: eight of them
// in this country, none of whose numbers begins like a year or a day; with a country's code; or with the
// zero that many countries begin with.
func looksDialled(d string) bool {
	switch {
	case len(d) == 8:
		return d[0] >= '2' && !strings.HasPrefix(d, "20")
	case len(d) == 10 && strings.HasPrefix(d, "47"):
		return true
	}
	return strings.HasPrefix(d, "0") && len(d) >= 9
}

// isDate tells whether groups of digits are written as a day is: 30.11.2026, 2026-11-30.
func isDate(groups []span) bool {
	if len(groups) != 3 {
		return false
	}
	first, middle, last := groups[0].to-groups[0].from, groups[1].to-groups[1].from, groups[2].to-groups[2].from
	return middle == 2 && (first == 2 && last == 4 || first == 4 && last == 2)
}

// nationalNumbers calls fn with the national identity numbers in a text: birth numbers and D-numbers.
func nationalNumbers(text string, fn func(x mention)) {
	each(text, func(groups []span, plus bool) {
		for i, g := range groups {
			to := g.to
			if to-g.from == 6 && i+1 < len(groups) {
				to = groups[i+1].to
			}
			if d := digits(text[g.from:to]); !plus && dsr.IsNationalNumber(d) {
				fn(mention{NationalID, d, g.from, to})
			}
		}
	})
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

// each calls fn with the runs of digits in a text: groups with one sign between them, as in
// "98 76 54 32", and whether a plus stands before the first. Digits that are part of a word are none.
func each(text string, fn func(groups []span, plus bool)) {
	var room [16]span
	groups, first := room[:0], 0
	end := func() {
		if len(groups) > 0 {
			fn(groups, first > 0 && text[first-1] == '+')
		}
		groups = groups[:0]
	}
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		from := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		before, _ := utf8.DecodeLastRuneInString(text[:from])
		after, _ := utf8.DecodeRuneInString(text[i:])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			end()
			continue
		}
		if len(groups) > 0 && !joins(text[groups[len(groups)-1].to:from]) {
			end()
		}
		if len(groups) == 0 {
			first = from
		}
		groups = append(groups, span{from, i})
	}
	end()
}

// joins tells whether what stands between two groups of digits holds them together as one number.
func joins(between string) bool {
	switch between {
	case " ", "-", ".", "\u00a0", "\u202f", "/", ") ", " (", ")":
		return true
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// tokens calls fn with what may be a number of the company's own (a customer number) in a text: a word of
// letters and digits, or digits alone where a word before them says what they are.
func tokens(text string, fn func(written string, from, to int)) {
	for i := 0; i < len(text); {
		if !inToken(text[i]) {
			i++
			continue
		}
		from, digit, letter := i, false, false
		for i < len(text) && inToken(text[i]) {
			digit = digit || isDigit(text[i])
			letter = letter || text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z'
			i++
		}
		to := i
		for to > from && !isDigit(text[to-1]) && strings.IndexByte("-_./:", text[to-1]) >= 0 {
			to--
		}
		written := text[from:to]
		if digit && len(written) >= 4 && len(written) <= 64 && (letter || saysNumber(text[:from])) {
			fn(written, from, to)
		}
	}
}

func inToken(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-' || c == '_' || c == '.' || c == '/' || c == ':'
}

// saysNumber tells whether a text ends with what announces a customer's number. Digits alone are amounts,
// years and numbers of other things far more often than they are somebody's.
func saysNumber(before string) bool {
	before = asciiLower(before[max(0, len(before)-24):])
	for _, word := range []string{"kunde", "customer", "client", "klient", "medlem", "member", "ansatt", "tilsett", "employee", "abonne", "bruker", "brukar"} {
		if strings.Contains(before, word) {
			return true
		}
	}
	return false
}

// word is a word of a text.
type word struct {
	span
	capital bool
	comma   bool // a comma stands between it and the next
	last    bool // the next one does not follow it
}

// Names have this many words at most.
const maxNameWords = 4

// names calls fn with what may be a person's name in a text: two to four words that stand side by side, in
// small letters with single blanks; family name first where a comma stands between them. Each is given
// without the s of a genitive as well. any: words in small letters too, of which no more than three.
func names(text string, any bool, fn func(x mention)) {
	var room [64]word
	list := wordsOf(text, room[:0])
	for i := range list {
		if !any && !list[i].capital {
			continue
		}
		capital := true
		for k := i + 1; k < len(list) && k < i+maxNameWords && !list[k-1].last; k++ {
			if capital = capital && (list[k-1].capital || isParticle(text[list[k-1].from:list[k-1].to])); !any && !capital {
				break
			}
			ends := capital && list[i].capital && list[k].capital
			if !ends && (!any || k > i+2) {
				continue
			}
			named(text, list[i:k+1], fn)
		}
	}
}

func named(text string, list []word, fn func(x mention)) {
	from, to := list[0].from, list[len(list)-1].to
	comma := -1
	for i, w := range list[:len(list)-1] {
		if w.comma {
			if comma >= 0 {
				return
			}
			comma = i
		}
	}
	var b strings.Builder
	write := func(part []word) {
		for _, w := range part {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(text[w.from:w.to])
		}
	}
	write(list[comma+1:])
	write(list[:comma+1])
	id := strings.ToLower(b.String())
	fn(mention{Name, id, from, to})
	if comma < 0 {
		for _, ending := range []string{"'s", "’s", "s", "'", "’"} {
			if stem, ok := strings.CutSuffix(id, ending); ok {
				fn(mention{Name, stem, from, to - len(ending)})
				break
			}
		}
	}
}

// wordsOf gives the words of a text that may be part of a name. Those of one name stand with one blank, or
// a comma and a blank, between them.
func wordsOf(text string, list []word) []word {
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if !unicode.IsLetter(c) {
			i += size
			continue
		}
		w := word{span: span{from: i}, capital: unicode.IsUpper(c)}
		for i < len(text) {
			c, size = utf8.DecodeRuneInString(text[i:])
			if !unicode.IsLetter(c) && !unicode.Is(unicode.Mn, c) && c != '-' && c != '\'' && c != '’' && c != '.' {
				break
			}
			i += size
		}
		w.to = i
		// A full stop ends a sentence, but not an initial.
		if trimmed := strings.TrimRight(text[w.from:w.to], "-'’."); len(trimmed) > 1 || text[w.to-1] != '.' {
			w.last = strings.HasSuffix(text[w.from:w.to], ".")
			w.to = w.from + len(trimmed)
		}
		switch rest := text[i:]; {
		case w.last:
		case strings.HasPrefix(rest, ", "):
			w.comma = true
			i += 2
		case strings.HasPrefix(rest, " "):
			i++
		case strings.HasPrefix(rest, "\u00a0"):
			i += 2
		default:
			w.last = true
		}
		if i < len(text) {
			if next, _ := utf8.DecodeRuneInString(text[i:]); !unicode.IsLetter(next) {
				w.last = true
			}
		}
		list = append(list, w)
	}
	return list
}

// isParticle tells whether a word in small letters may stand inside a name.
func isParticle(s string) bool {
	switch s {
	case "af", "al", "av", "bin", "da", "de", "del", "den", "der", "di", "dos", "du", "el", "ibn", "la", "le", "ten", "van", "von", "y", "zu":
		return true
	}
	return false
}

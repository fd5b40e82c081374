package scan

import (
	"strings"
	"unicode"
)

// letters brings letters to the plain form that names are compared in: databases write ø as ø, o
// or oe, and å as å, a or aa.
var letters = strings.NewReplacer("æ", "ae", "ø", "o", "å", "a", "é", "e", "è", "e", "ö", "o", "ä", "ae", "ü", "u")

// words splits a name at underscores, blanks, changes of case and digits, in small plain letters:
// "kundeEpost_2" is kunde, epost, 2.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, letters.Replace(strings.ToLower(string(word))))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			// A hyphen inside a word is no border: e-post.
			if r != '-' || len(word) != 1 {
				flush()
			}
			continue
		case unicode.IsDigit(r) != (len(word) > 0 && unicode.IsDigit(word[len(word)-1])):
			flush()
		case unicode.IsUpper(r) && i > 0 && unicode.IsLower(runes[i-1]):
			flush()
		case unicode.IsUpper(r) && i > 0 && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1]):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return out
}

func squeeze(list []string) string { return strings.Join(list, "") }

func set(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// qualifiers say which of several, not what it is; they may stand last: "E-post (privat)", phone_2.
var qualifiers = set(`privat private jobb arbeid work home hjem heime primary secondary alternative alt main hoved other annen anna legacy old new
	gammel ny value raw text txt encrypted enc plain clean normalized original full str col field felt verdi line linje
	cents ore oere minor nok kr usd eur gbp inkl incl eks excl`)

// verbs stand first in names of switches, counters and the like, whatever comes behind them.
var verbs = set(`is has er har can kan should skal allow tillat show vis send sendt sent num number count antall ant max min avg last latest next
	require requires verified bekreftet enable enabled use needs hide default sort order by`)

// lookup finds what the last part of a name means: the head of the word decides, in Norwegian as
// in English. What stands before it is given as well.
// A word is split inside itself where accept takes its first part for a word.
func lookup[T any](list []string, heads map[string]T, accept func(first, head string) bool) (found T, before []string, ok bool) {
	for len(list) > 0 {
		for i := range list {
			if f, is := heads[squeeze(list[i:])]; is {
				return f, list[:i], true
			}
		}
		last := list[len(list)-1]
		for i := 2; i+4 <= len(last); i++ {
			if f, is := heads[last[i:]]; is && accept(last[:i], last[i:]) {
				return f, append(append([]string{}, list[:len(list)-1]...), last[:i]), true
			}
		}
		if !qualifiers[last] && !digits(last) {
			break
		}
		list = list[:len(list)-1]
	}
	return found, nil, false
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// endings of plurals, longest first, with what stands in the singular.
var endings = []struct{ plural, singular string }{
	{"ies", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"shes", "sh"}, {"eople", "erson"}, {"ildren", "ild"},
	{"dresser", "dresse"}, {"dressar", "dresse"}, {"medlemmer", "medlem"}, {"medlemmar", "medlem"},
	{"inger", "ing"}, {"ingar", "ing"}, {"elser", "else"}, {"elsar", "else"}, {"er", "e"}, {"ar", "e"}, {"er", ""}, {"ar", ""}, {"ene", "e"}, {"s", ""}, {"e", ""}, {"r", ""},
}

// singulars gives what a word may be in the singular, itself first.
func singulars(word string) []string {
	out := []string{word}
	for _, e := range endings {
		if stem, ok := strings.CutSuffix(word, e.plural); ok && len(stem)+len(e.singular) >= 3 {
			out = append(out, stem+e.singular)
		}
	}
	return out
}

// sameNoun tells whether two words are the same noun in singular or plural.
func sameNoun(a, b string) bool {
	for _, x := range singulars(a) {
		for _, y := range singulars(b) {
			if x == y {
				return true
			}
		}
	}
	return false
}

package engine

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"mininfo/internal/dsr"
	"mininfo/internal/source"
)

// The kinds of identities that are compared in a form of their own. An IP address is a person's
// for a time only: a seed of that kind is the address with its days (dsr.IPUse), and it leads to
// rows alone whose field received lies in them.
const (
	Email     = "email"
	Phone     = "phone_number"
	IPAddress = "ip_address"
	Name      = "name"
)

// kindRules says how identifiers of one kind are compared.
type kindRules struct {
	kind      string
	canonical Canonical
	fold      source.Fold
}

func (o Options) rules(kind string) kindRules {
	r := kindRules{kind: kind, canonical: o.Canonical[kind], fold: source.Exact}
	if r.canonical == nil {
		r.canonical = DefaultCanonical(kind)
	}
	switch kind {
	case Email, IPAddress, Name:
		r.fold = source.FoldASCII
	case Phone:
		r.fold = source.FoldDigits
	}
	return r
}

// DefaultCanonical gives the comparison form of a kind: e-mail addresses in small ASCII letters,
// telephone numbers as digits with the country, IP addresses in their short form, names in
// small letters with single blanks, everything else as it is.
func DefaultCanonical(kind string) Canonical {
	switch kind {
	case Email:
		return func(s string) (string, bool) {
			s = strings.TrimSpace(s)
			return asciiLower(s), strings.Count(s, "@") == 1 && s[0] != '@' && s[len(s)-1] != '@'
		}
	case Phone:
		return canonicalPhone
	case IPAddress:
		return func(s string) (string, bool) {
			addr, ok := dsr.ParseIP(s)
			return addr.String(), ok
		}
	case Name:
		return func(s string) (string, bool) {
			words := strings.ToLower(strings.Join(strings.Fields(s), " "))
			return words, words != ""
		}
	}
	return func(s string) (string, bool) { return s, s != "" }
}

// asciiLower folds A–Z and nothing else: no letter of another alphabet turns into one of these.
func asciiLower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for k := i; k < len(b); k++ {
				if b[k] >= 'A' && b[k] <= 'Z' {
					b[k] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

// canonicalPhone keeps the digits, with the country code: eight digits alone are Norwegian.
func canonicalPhone(s string) (string, bool) {
	d := digits(s)
	d = strings.TrimPrefix(d, "00")
	if len(d) == 8 {
		d = "47" + d
	}
	return d, len(d) >= 5
}

func digits(s string) string {
	var b strings.Builder
	for _, c := range s {
		if c >= '0' && c <= '9' {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// spellings lists the folded forms that an identifier may be stored in, for the question to the
// database. What comes back is compared again by the canonical form.
func (r kindRules) spellings(canonical string) []string {
	switch r.kind {
	case Email:
		list := []string{canonical}
		if local, domain, ok := strings.Cut(canonical, "@"); ok {
			if u, err := idna.ToUnicode(domain); err == nil && u != domain {
				list = append(list, local+"@"+u)
			}
		}
		return list
	case Phone:
		list := []string{canonical, "00" + canonical}
		if national, ok := strings.CutPrefix(canonical, "47"); ok && len(national) == 8 {
			list = append(list, national)
		}
		return list
	case IPAddress:
		if strings.Contains(canonical, ":") {
			return []string{canonical, canonical + "/128"}
		}
		return []string{canonical, canonical + "/32", "::ffff:" + canonical}
	case Name:
		return []string{canonical, titled(canonical)}
	}
	return []string{canonical}
}

// titled gives each word a capital: a question without regard to ASCII case alone would not find
// «Åse» by «åse».
func titled(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words {
		first, size := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(first)) + w[size:]
	}
	return strings.Join(words, " ")
}

// match makes the question for rows whose field is one of the identifiers.
func (r kindRules) match(at source.Field, canonical []string) *source.Match {
	m := &source.Match{Fields: []source.Field{at}, Fold: r.fold}
	for _, c := range canonical {
		for _, s := range r.spellings(c) {
			m.Tuples = append(m.Tuples, []source.Value{source.TextOf(s)})
		}
	}
	return m
}

// seedSet holds the person's identifiers: kind → canonical form → what is known of it.
type seedSet map[string]map[string]known

type known struct {
	given string
	times []period // when it was the person's; empty: always
}

// period is a span of time: from is part of it, until is not.
type period struct{ from, until time.Time }

// ErrSeed: an identifier that is none of its kind. A walk without it would find nothing and
// look like one that looked.
var ErrSeed = errors.New("an identifier cannot be read as one of its kind")

func newSeeds(seeds []Seed, opts Options) (seedSet, error) {
	set := seedSet{}
	for _, s := range seeds {
		c, k, ok := opts.seed(s)
		if !ok {
			return nil, fmt.Errorf("%s: %w", s.Kind, ErrSeed)
		}
		if set[s.Kind] == nil {
			set[s.Kind] = map[string]known{}
		}
		k.times = append(set[s.Kind][c].times, k.times...)
		set[s.Kind][c] = k
	}
	return set, nil
}

func (o Options) seed(s Seed) (string, known, bool) {
	if s.Kind != IPAddress {
		c, ok := o.rules(s.Kind).canonical(s.Value)
		return c, known{given: s.Value}, ok
	}
	use, err := dsr.ParseIPUse(s.Value)
	if err != nil {
		return "", known{}, false
	}
	zone := o.zone()
	return use.Addr.String(), known{given: use.Addr.String(), times: []period{
		{from: use.From.Start(zone), until: use.Until.AddDays(1).Start(zone)}}}, true
}

func (o Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

func (s seedSet) list(kind string) []string {
	var out []string
	for c := range s[kind] {
		out = append(out, c)
	}
	return out
}

// within gives the span of time that all identifiers of a kind lie in, so that a source need not
// read what is older or newer; nil when one of them holds always.
func (s seedSet) within(n *node, kind string) *source.Within {
	if n.received < 0 {
		return nil
	}
	w := source.Within{Field: n.fields[n.received].at}
	for _, k := range s[kind] {
		if len(k.times) == 0 {
			return nil
		}
		for _, p := range k.times {
			if w.From.IsZero() || p.from.Before(w.From) {
				w.From = p.from
			}
			if p.until.After(w.Until) {
				w.Until = p.until
			}
		}
	}
	return &w
}

// holds tells whether an identifier was the person's when the row came in.
func (k known) holds(n *node, row []source.Value, zone *time.Location) bool {
	if len(k.times) == 0 {
		return true
	}
	if n.received < 0 {
		return false
	}
	first, last, ok := instants(row[n.received], zone)
	if !ok {
		return false
	}
	for _, p := range k.times {
		if first.Before(p.until) && !last.Before(p.from) {
			return true
		}
	}
	return false
}

// instants gives the first and the last moment that a date or time can mean.
func instants(v source.Value, zone *time.Location) (first, last time.Time, ok bool) {
	if t, isTime := source.Cast(v, source.ClassTime); isTime && !v.IsNull() {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
			"2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04"} {
			if at, err := time.ParseInLocation(layout, t.Str, zone); err == nil {
				return at, at, true
			}
		}
	}
	d, err := dsr.ParseDate(v.Text())
	if err != nil {
		return first, last, false
	}
	return d.Start(zone), d.AddDays(1).Start(zone).Add(-1), true
}

// identify says whether an identifier of the person stands in a row, whether another one's
// does, and whether it is written in other letters than the person's. Another IP address says
// nothing: everybody has several.
func (w *walk) identify(n *node, row []source.Value) (matched, mismatch, variant bool) {
	for _, id := range n.idents {
		mine := w.seeds[id.kind]
		if mine == nil {
			continue
		}
		for _, v := range n.elements(row, id.pos) {
			text := v.Text()
			c, ok := id.rules.canonical(text)
			if !ok {
				continue
			}
			k, is := mine[c]
			if !is {
				k, is = id.equal(n, v, mine)
			}
			switch {
			case is && k.holds(n, row, w.opts.zone()):
				matched = true
				variant = variant || text != k.given && text != c
			case id.kind != IPAddress:
				mismatch = true
			}
		}
	}
	return matched, mismatch && !matched, variant
}

// equal gives the identifier that a value is in the type of its column, for kinds without a form of
// their own: a uuid in capitals, a number with zeros before it.
func (id identity) equal(n *node, v source.Value, mine map[string]known) (known, bool) {
	f := n.fields[id.pos]
	if id.rules.fold != source.Exact || f.column.Class == source.ClassText || f.column.Class == source.ClassOther {
		return known{}, false
	}
	k, ok := columnKey(v, f)
	if !ok {
		return known{}, false
	}
	for c, own := range mine {
		if s, ok := columnKey(source.TextOf(c), f); ok && s == k {
			// Not another way of writing it: the column has one way only.
			own.given = v.Text()
			return own, true
		}
	}
	return known{}, false
}

// elements gives the values at a position: of a list, each of them.
func (n *node) elements(row []source.Value, pos int) []source.Value {
	v := row[pos]
	f := &n.fields[pos]
	if v.Kind == source.Null {
		return nil
	}
	if f.column.Class == source.ClassArray || f.leaf != nil && f.leaf.Array || v.Kind == source.JSON {
		return v.Elements()
	}
	if f.column.Type == "bpchar" {
		// The blanks that fill a text of fixed length are no part of it.
		v.Str = strings.TrimRight(v.Str, " ")
	}
	return []source.Value{v}
}

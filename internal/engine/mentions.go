package engine

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"mininfo/internal/dsr"
	"mininfo/internal/source"
)

// mentions collects identifiers in texts that are not the person's, to find out whose they are.
type mentions struct {
	own       map[string]map[string]bool // kind → canonical form: the person's own
	asked     map[string]map[string]bool // kind → canonical form → known to be another person's
	full      map[string]bool            // of a kind more was mentioned than is looked up
	known     map[string]bool            // of a kind some is another known person's, or counts as it
	phone     Canonical                  // nil: no table of people has phone numbers
	national  bool                       // some has national identity numbers
	named     bool                       // some has names
	kinds     []string                   // of the numbers of the company's own that some has
	listings  []listing
	smallLeft int // how many words in small letters are still looked at as names
}

// maxMentions bounds the identifiers of one kind that are looked up; beyond it every further one counts as
// somebody's, which errs on the side of showing it to an officer first.
const maxMentions = 200_000

// smallWords bounds in how many words names are sought that are written in small letters: any words may
// be such names.
const smallWords = 100_000

var emailPattern = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[\p{L}0-9](?:[\p{L}0-9.-]{0,253}[\p{L}0-9])?`)

func newMentions(m *model, seeds seedSet) mentions {
	out := mentions{own: map[string]map[string]bool{}, asked: map[string]map[string]bool{}, full: map[string]bool{}, known: map[string]bool{}, smallLeft: smallWords}
	for kind, list := range seeds {
		for id := range list {
			out.keep(kind, id)
		}
	}
	for _, n := range m.nodes {
		out.listings = append(out.listings, n.listings(m.opts)...)
	}
	for _, l := range out.listings {
		switch l.kind {
		case Email:
		case Phone:
			out.phone = m.opts.rules(Phone).canonical
		case NationalID:
			out.national = true
		case Name:
			out.named = true
		default:
			if !contains(out.kinds, l.kind) {
				out.kinds = append(out.kinds, l.kind)
			}
		}
	}
	return out
}

// keep notes that an identifier is the person's own.
func (m *mentions) keep(kind, id string) {
	if m.own[kind] == nil {
		m.own[kind] = map[string]bool{}
	}
	m.own[kind][strings.Clone(id)] = true
}

// mention is an identifier in a text, in canonical form, and where it stands, in bytes.
type mention struct {
	kind, id string
	from, to int
}

// addresses calls fn with the e-mail addresses in a text.
func addresses(text string, fn func(x mention)) {
	if strings.IndexByte(text, '@') < 0 {
		return
	}
	for _, at := range emailPattern.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		left := strings.TrimLeft(found, ".'")
		from := at[1] - len(left)
		left = strings.TrimRight(left, ".'")
		fn(mention{Email, strings.Clone(asciiLower(left)), from, from + len(left)})
	}
}

// inField gives the parts of a row's field in which others' identifiers stand.
func (m *mentions) inField(n *node, row []source.Value, pos int, others func(x mention) bool) []Passage {
	if !n.fields[pos].output {
		return nil
	}
	v := n.textIn(row, pos)
	return m.passages(v, n.fields[pos].says(v), others)
}

// textIn gives a field of a row as what the dataset says that it is: a text may be a document.
func (n *node) textIn(row []source.Value, pos int) source.Value {
	if n.fields[pos].holdsDocument() {
		return documentOf(row[pos])
	}
	return row[pos]
}

// says tells whether a field's value may speak of anybody, in words: a text that people write, or a document.
func (f *field) says(v source.Value) bool {
	return f.isFreeText() || v.Kind == source.JSON && !f.key && !f.link && (f.leaf == nil || f.leaf.Identity == "")
}

// in calls fn with each identifier in a value, the person's own too. says: also with those that are told
// from other words only by whose they are.
func (m *mentions) in(v source.Value, says, small bool, fn func(x mention)) {
	switch v.Kind {
	case source.Text:
		m.inText(v.Str, says, small, fn)
	case source.JSON:
		eachText(v.Str, func(part jsonText) {
			m.inText(part.text, says, small, func(x mention) {
				x.from, x.to = part.at(x.from), part.at(x.to)
				fn(x)
			})
		})
	}
}

func (m *mentions) inText(text string, says, small bool, fn func(x mention)) {
	addresses(text, fn)
	if !says {
		return
	}
	if m.phone != nil {
		numbers(text, m.phone, fn)
	}
	if m.national {
		nationalNumbers(text, fn)
	}
	if len(m.kinds) > 0 {
		tokens(text, func(written string, from, to int) {
			for _, kind := range m.kinds {
				fn(mention{kind, written, from, to})
			}
		})
	}
	if m.named {
		names(text, small, fn)
	}
}

// passages gives the parts of a value in which identifiers stand that are others', in order; those that
// overlap are one. What stands inside the person's own identifier is none.
func (m *mentions) passages(v source.Value, says bool, others func(x mention) bool) []Passage {
	var own, list []mention
	m.in(v, says, true, func(x mention) {
		switch {
		case m.own[x.kind][x.id]:
			own = append(own, x)
		case others(x):
			list = append(list, x)
		}
	})
	inOrder := func(a, b mention) int { return cmp.Or(a.from-b.from, b.to-a.to) }
	slices.SortStableFunc(own, inOrder)
	slices.SortStableFunc(list, inOrder)
	reach := 0 // of those of the person's own that begin no later
	list = slices.DeleteFunc(list, func(x mention) bool {
		for len(own) > 0 && own[0].from <= x.from {
			reach, own = max(reach, own[0].to), own[1:]
		}
		return x.to <= reach
	})
	var out []Passage
	chars, at, end := 0, 0, 0 // so many characters lie before a byte; where the last passage ends
	to := func(i int) int {
		chars += utf8.RuneCountInString(v.Str[at:i])
		at = i
		return chars
	}
	for _, x := range list {
		switch {
		case len(out) > 0 && x.to <= end:
		case len(out) > 0 && x.from < end:
			out[len(out)-1].To, end = to(x.to), x.to
		default:
			out = append(out, Passage{From: to(x.from), To: to(x.to), Kind: x.kind})
			end = x.to
		}
	}
	return out
}

// jsonText is a text or a number that stands in a document, read, and where its bytes lie there.
type jsonText struct {
	text  string
	start int
	moved []int // where each byte lies; nil: one after the other, from start on
}

func (t jsonText) at(i int) int {
	if t.moved == nil {
		return t.start + i
	}
	return t.moved[i]
}

// eachText calls fn with the texts and the numbers in a document, and with the names in its objects.
func eachText(doc string, fn func(jsonText)) {
	for i := 0; i < len(doc); {
		switch c := doc[i]; {
		case c == '"':
			end, escaped := i+1, false
			for end < len(doc) && doc[end] != '"' {
				if doc[end] == '\\' {
					escaped = true
					end++
				}
				end++
			}
			if end >= len(doc) {
				return
			}
			if escaped {
				fn(unescaped(doc, i+1, end))
			} else {
				fn(jsonText{text: doc[i+1 : end], start: i + 1})
			}
			i = end + 1
		case c >= '0' && c <= '9':
			end := i + 1
			for end < len(doc) && doc[end] >= '0' && doc[end] <= '9' {
				end++
			}
			fn(jsonText{text: doc[i:end], start: i})
			i = end
		default:
			i++
		}
	}
}

// unescaped reads the text between two quotes that has escapes in it.
func unescaped(doc string, from, to int) jsonText {
	t := jsonText{start: from}
	var b strings.Builder
	for i := from; i < to; {
		size := 1
		if doc[i] == '\\' {
			size = 2
			if doc[i+1] == 'u' {
				size = 6
				if i+8 <= to && isSurrogate(doc[i+2:i+4]) && doc[i+6:i+8] == `\u` {
					size = 12
				}
			}
		}
		size = min(size, to-i)
		was := b.Len()
		if size == 1 {
			b.WriteByte(doc[i])
		} else {
			var c string
			if json.Unmarshal([]byte(`"`+doc[i:i+size]+`"`), &c) != nil {
				c = " "
			}
			b.WriteString(c)
		}
		for range b.Len() - was {
			t.moved = append(t.moved, i)
		}
		i += size
	}
	t.text, t.moved = b.String(), append(t.moved, to)
	return t
}

// isSurrogate tells whether the first two digits of an escape begin a character of two escapes.
func isSurrogate(digits string) bool {
	return (digits[0] == 'd' || digits[0] == 'D') && strings.IndexByte("89abAB", digits[1]) >= 0
}

// scan notes what a row mentions, to find out whose it is, and what of it is the person's own.
func (m *mentions) scan(n *node, row []source.Value, matched bool) {
	if matched && n.tells() {
		for _, l := range m.listings {
			if l.n == n && l.kind != Email {
				for _, id := range l.ids(row) {
					m.keep(l.kind, id)
				}
			}
		}
	}
	for pos := range row {
		f := &n.fields[pos]
		if !f.output {
			continue
		}
		v := n.textIn(row, pos)
		says := f.says(v)
		if n.table.Letters && !says {
			continue
		}
		small := false
		if says && m.named && m.smallLeft > 0 {
			small = true
			m.smallLeft -= len(v.Str) / 6
		}
		m.in(v, says, small, func(x mention) {
			if !n.table.Letters || x.kind != Email {
				m.note(x)
			}
		})
	}
}

// note keeps an identifier to find out whose it is.
func (m *mentions) note(x mention) {
	if m.own[x.kind][x.id] {
		return
	}
	asked := m.asked[x.kind]
	switch {
	case asked == nil:
		m.asked[x.kind] = map[string]bool{strings.Clone(x.id): false}
	case len(asked) < maxMentions:
		if _, is := asked[x.id]; !is {
			asked[strings.Clone(x.id)] = false
		}
	default:
		if _, is := asked[x.id]; !is {
			m.full[x.kind], m.known[x.kind] = true, true
		}
	}
}

// foreign tells whether an identifier is another known person's.
func (m *mentions) foreign(x mention) bool {
	known, seen := m.asked[x.kind][x.id]
	return known || !seen && m.full[x.kind]
}

// tells tells whether an identifier leads to one row of a node at most, so that whatever else identifies a
// person in it is the same person's. In a table of orders the person's address may stand beside the name
// of whoever got a gift; and of a file without keys nothing says which of the two it is.
func (n *node) tells() bool {
	for _, id := range n.idents {
		f := n.fields[id.pos]
		if len(f.at.Path) == 0 && (n.table.IsUnique(f.at.Column) || len(n.key) == 1 && n.key[0] == id.pos) {
			return true
		}
	}
	return false
}

// listing is where identifiers of one kind stand in a table of people.
type listing struct {
	n     *node
	kind  string
	match func(ids []string) *source.Match
	ids   func(row []source.Value) []string // of a row, in canonical form
}

// listings gives where people's identifiers stand in a node. In letters whoever wrote them is nobody whom
// the company knows by that alone.
func (n *node) listings(opts Options) []listing {
	if n.table == nil || n.table.Letters {
		return nil
	}
	var out []listing
	for _, id := range n.idents {
		if id.kind == IPAddress || id.kind == dsr.OrganisationNumber {
			continue
		}
		out = append(out, n.identityListing(id))
	}
	for pos := range n.fields {
		if leaf := n.fields[pos].leaf; leaf != nil && leaf.NationalID && leaf.Identity == "" && !leaf.ThirdParty {
			out = append(out, n.nationalListing(pos))
		}
	}
	if len(n.idents) > 0 {
		out = append(out, n.nameListings(opts)...)
	}
	return out
}

func (n *node) identityListing(id identity) listing {
	l := listing{n: n, kind: id.kind, match: func(ids []string) *source.Match { return id.rules.match(n.fields[id.pos].at, ids) }}
	l.ids = func(row []source.Value) (out []string) {
		for _, v := range n.elements(row, id.pos) {
			switch id.kind {
			case Email:
				out = append(out, asciiLower(v.Text()))
			case Phone, Name:
				if c, ok := id.rules.canonical(v.Text()); ok {
					out = append(out, c)
				}
			default:
				s := v.Text()
				out = append(out, s, strings.ToLower(s), strings.ToUpper(s))
			}
		}
		return out
	}
	if id.rules.fold == source.Exact {
		l.match = func(ids []string) *source.Match {
			var both []string
			for _, s := range ids {
				both = append(both, s, strings.ToUpper(s))
			}
			return id.rules.match(n.fields[id.pos].at, both)
		}
	}
	return l
}

// nationalListing finds national identity numbers by their digits: some write a blank after the day of
// birth, and a column of numbers drops the zero before it.
func (n *node) nationalListing(pos int) listing {
	return listing{n: n, kind: NationalID,
		match: func(ids []string) *source.Match {
			m := &source.Match{Fields: []source.Field{n.fields[pos].at}, Fold: source.FoldDigits}
			for _, s := range ids {
				m.Tuples = append(m.Tuples, []source.Value{source.TextOf(s)})
				if short, ok := strings.CutPrefix(s, "0"); ok {
					m.Tuples = append(m.Tuples, []source.Value{source.TextOf(short)})
				}
			}
			return m
		},
		ids: func(row []source.Value) (out []string) {
			for _, v := range n.elements(row, pos) {
				d := digits(v.Text())
				out = append(out, strings.Repeat("0", max(0, 11-len(d)))+d)
			}
			return out
		}}
}

// nameListings finds people's names in a node: in one field, or in two of which the family name is asked
// for and the given name compared.
func (n *node) nameListings(opts Options) []listing {
	var out []listing
	given, family := -1, -1
	rules := opts.rules(Name)
	for pos := range n.fields {
		f := &n.fields[pos]
		if f.leaf == nil || f.leaf.ThirdParty || f.leaf.Identity != "" || f.column.Class != source.ClassText && f.column.Class != source.ClassOther {
			continue
		}
		switch {
		case contains(f.categories, "user.name.first"):
			given = pos
		case contains(f.categories, "user.name.last"):
			family = pos
		case contains(f.categories, "user.name"):
			out = append(out, listing{n: n, kind: Name,
				match: func(ids []string) *source.Match { return matchNames(f.at, ids) },
				ids: func(row []source.Value) (out []string) {
					for _, v := range n.elements(row, pos) {
						if c, ok := rules.canonical(v.Text()); ok {
							out = append(out, c)
						}
					}
					return out
				}})
		}
	}
	if given < 0 || family < 0 {
		return out
	}
	return append(out, listing{n: n, kind: Name,
		match: func(ids []string) *source.Match {
			var last []string
			seen := map[string]bool{}
			for _, id := range ids {
				for rest := id; ; {
					_, after, more := strings.Cut(rest, " ")
					if !more {
						break
					}
					if rest = after; !seen[rest] {
						seen[rest] = true
						last = append(last, rest)
					}
				}
			}
			return matchNames(n.fields[family].at, last)
		},
		ids: func(row []source.Value) []string {
			g, gave := rules.canonical(row[given].Text())
			f, has := rules.canonical(row[family].Text())
			if !gave || !has {
				return nil
			}
			out := []string{g + " " + f}
			if first, _, more := strings.Cut(g, " "); more { // of two given names many use the first
				out = append(out, first+" "+f)
			}
			return out
		}})
}

// matchNames asks for names in small letters, with a capital for each word, and in capitals.
func matchNames(at source.Field, ids []string) *source.Match {
	m := &source.Match{Fields: []source.Field{at}, Fold: source.FoldASCII}
	for _, id := range ids {
		spelled := []string{id, asciiLower(titled(id)), asciiLower(strings.ToUpper(id))}
		for i, s := range spelled {
			if !contains(spelled[:i], s) {
				m.Tuples = append(m.Tuples, []source.Value{source.TextOf(s)})
			}
		}
	}
	return m
}

// findOthers asks every table of people whether the identifiers that were mentioned are somebody
// else's: of a row that is not among the person's findings.
func (w *walk) findOthers() error {
	m := &w.mention
	for kind, asked := range m.asked {
		for id := range asked {
			if m.own[kind][id] { // known to be only after it was mentioned
				delete(asked, id)
			}
		}
	}
	for _, l := range m.listings {
		for list := range slices.Chunk(slices.Sorted(maps.Keys(m.asked[l.kind])), askAtOnce) {
			err := l.n.find(w.ctx, l.match(list), 0, func(row []source.Value, rowID source.Value) error {
				info := w.visited.find(l.n.rowHash(row, rowID))
				if info != nil && info.flags&fOther == 0 {
					return nil
				}
				for _, id := range l.ids(row) {
					if _, asked := m.asked[l.kind][id]; asked {
						// An assignment keeps the text of the key it is given, and this one is the row's.
						m.asked[l.kind][strings.Clone(id)] = true
						m.known[l.kind] = true
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	m.sift()
	return nil
}

// sift leaves only those kinds to be looked for in the findings by which somebody else is known.
func (m *mentions) sift() {
	if !m.known[Phone] {
		m.phone = nil
	}
	m.national, m.named = m.known[NationalID], m.known[Name]
	m.kinds = slices.DeleteFunc(m.kinds, func(kind string) bool { return !m.known[kind] })
}

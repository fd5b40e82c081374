package engine

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"mininfo/internal/source"
)

// mentions collects identifiers in texts that are not the person's, to find out whose they are.
type mentions struct {
	seeds seedSet
	email map[string]bool // canonical → known to be another person's
	full  bool
}

// maxMentions bounds the identifiers that are looked up; beyond it every further one counts as
// somebody's, which errs on the side of showing it to an officer first.
const maxMentions = 200_000

var emailPattern = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[\p{L}0-9](?:[\p{L}0-9.-]{0,253}[\p{L}0-9])?`)

func newMentions(seeds seedSet) mentions { return mentions{seeds: seeds, email: map[string]bool{}} }

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
	return m.passages(n.textIn(row, pos), others)
}

// textIn gives a field of a row as what the dataset says that it is: a text may be a document.
func (n *node) textIn(row []source.Value, pos int) source.Value {
	if n.fields[pos].holdsDocument() {
		return documentOf(row[pos])
	}
	return row[pos]
}

// in calls fn with each identifier in a value that is not the person's.
func (m *mentions) in(v source.Value, fn func(x mention)) {
	each := func(x mention) {
		if !has(m.seeds[x.kind], x.id) {
			fn(x)
		}
	}
	switch v.Kind {
	case source.Text:
		addresses(v.Str, each)
	case source.JSON:
		eachText(v.Str, func(part jsonText) {
			addresses(part.text, func(x mention) {
				x.from, x.to = part.at(x.from), part.at(x.to)
				each(x)
			})
		})
	}
}

// passages gives the parts of a value in which identifiers stand that are others'.
func (m *mentions) passages(v source.Value, others func(x mention) bool) []Passage {
	var out []Passage
	chars, at := 0, 0 // so many characters lie before a byte
	m.in(v, func(x mention) {
		if !others(x) {
			return
		}
		if x.from < at {
			chars, at = 0, 0
		}
		from := chars + utf8.RuneCountInString(v.Str[at:x.from])
		chars, at = from, x.from
		out = append(out, Passage{From: from, To: from + utf8.RuneCountInString(v.Str[x.from:x.to]), Kind: x.kind})
	})
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

func (m *mentions) scan(n *node, row []source.Value) {
	if n.table.Letters {
		return
	}
	for pos := range row {
		if n.fields[pos].output {
			m.in(n.textIn(row, pos), m.note)
		}
	}
}

// note keeps an identifier to find out whose it is.
func (m *mentions) note(x mention) {
	if len(m.email) < maxMentions {
		m.email[x.id] = false
	} else {
		m.full = true
	}
}

// foreign tells whether an identifier is another known person's.
func (m *mentions) foreign(x mention) bool {
	known, seen := m.email[x.id]
	return known || !seen && m.full
}

// findOthers asks every table of people whether the addresses that were mentioned are somebody
// else's: of a row that is not among the person's findings.
func (w *walk) findOthers() error {
	if len(w.mention.email) == 0 {
		return nil
	}
	list := make([]string, 0, len(w.mention.email))
	for a := range w.mention.email {
		list = append(list, a)
	}
	for _, n := range w.nodes {
		if n.table != nil && n.table.Letters {
			continue
		}
		for _, id := range n.idents {
			if id.kind != Email {
				continue
			}
			for rest := list; len(rest) > 0; {
				size := min(len(rest), askAtOnce)
				err := n.find(w.ctx, id.rules.match(n.fields[id.pos].at, rest[:size]), 0, func(row []source.Value, rowID source.Value) error {
					info := w.visited.find(n.rowHash(row, rowID))
					if info != nil && info.flags&fOther == 0 {
						return nil
					}
					for _, v := range n.elements(row, id.pos) {
						a := asciiLower(v.Text())
						if _, asked := w.mention.email[a]; asked {
							// An assignment keeps the text of the key it is given, and this one is the row's.
							w.mention.email[strings.Clone(a)] = true
						}
					}
					return nil
				})
				if err != nil {
					return err
				}
				rest = rest[size:]
			}
		}
	}
	return nil
}

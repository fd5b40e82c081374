package dataset

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"mininfo/internal/locale"
)

// The sizes that a file may have: it is read by machines that have other things to do.
const (
	maxBytes   = 16 << 20
	maxAliases = 10_000
)

// Doc reads YAML strictly, collecting every problem with its line. Other files of the product
// that people write (the list of sources) are read with it too.
type Doc struct {
	File     string
	Problems Problems
	aliases  int
}

// Root parses the file and gives its top node, or nil when it is no YAML.
func (d *Doc) Root(data []byte) *yaml.Node {
	if len(data) > maxBytes {
		d.Add(1, "Filen er større enn 16 MB.", "Fila er større enn 16 MB.", "The file is larger than 16 MB.")
		return nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		d.syntax(err)
		return nil
	}
	if len(doc.Content) == 0 {
		d.Add(1, "Filen er tom.", "Fila er tom.", "The file is empty.")
		return nil
	}
	return doc.Content[0]
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// syntax tells where the YAML breaks. The parser's text names tokens, never content.
func (d *Doc) syntax(err error) {
	line := 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
	}
	what := strings.TrimPrefix(err.Error(), "yaml: ")
	d.Add(line, "Dette er ikke gyldig YAML (%s). Se etter innrykk, kolon og anførselstegn.",
		"Dette er ikkje gyldig YAML (%s). Sjå etter innrykk, kolon og hermeteikn.",
		"This is not valid YAML (%s). Check indentation, colons and quotes.", what)
}

// Add records a problem.
func (d *Doc) Add(line int, nb, nn, en string, args ...any) {
	if len(args) > 0 {
		nb, nn, en = fmt.Sprintf(nb, args...), fmt.Sprintf(nn, args...), fmt.Sprintf(en, args...)
	}
	d.Problems = append(d.Problems, Problem{File: d.File, Line: line, Text: locale.Text{NB: nb, NN: nn, EN: en}})
}

// deref follows an alias. A file whose aliases multiply, or that contains itself, is cut off.
func (d *Doc) deref(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		if d.aliases++; d.aliases == maxAliases {
			d.Add(n.Line, "Filen bruker for mange aliaser (*navn). Skriv ut innholdet i stedet.",
				"Fila bruker for mange alias (*namn). Skriv ut innhaldet i staden.",
				"The file uses too many aliases (*name). Write the content out instead.")
		}
		if d.aliases >= maxAliases {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line}
		}
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// Map is one mapping of a file.
type Map struct {
	doc   *Doc
	Line  int
	what  string
	nodes map[string]*yaml.Node
	lines map[string]int
}

// Map reads a mapping with these keys and no others. what names it in messages.
func (d *Doc) Map(n *yaml.Node, what string, keys ...string) *Map {
	m := &Map{doc: d, what: what, nodes: map[string]*yaml.Node{}, lines: map[string]int{}}
	if n == nil {
		return m
	}
	n = d.deref(n)
	m.Line = n.Line
	if isNull(n) {
		return m
	}
	if n.Kind != yaml.MappingNode {
		d.Add(n.Line, "%s skal ha nøkler med verdier her («navn: verdi»).",
			"%s skal ha nøklar med verdiar her («namn: verdi»).", "%s needs keys with values here (\"name: value\").", what)
		return m
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		m.take(n.Content[i], d.deref(n.Content[i+1]), keys)
	}
	return m
}

func (m *Map) take(key, value *yaml.Node, keys []string) {
	name := key.Value
	switch {
	case !contains(keys, name):
		m.unknown(key.Line, name, keys)
	case m.lines[name] != 0:
		m.doc.Add(key.Line, "«%s» står to ganger i %s (først på linje %d). Behold den ene.",
			"«%s» står to gonger i %s (først på linje %d). Behald den eine.",
			"%q stands twice in %s (first on line %d). Keep one of them.", name, m.what, m.lines[name])
	default:
		m.lines[name] = key.Line
		if !isNull(value) {
			m.nodes[name] = value
		}
	}
}

func (m *Map) unknown(line int, name string, keys []string) {
	if near := Nearest(name, keys); near != "" {
		m.doc.Add(line, "%s har ingen nøkkel «%s». Mente du «%s»?", "%s har ingen nøkkel «%s». Meinte du «%s»?",
			"%s has no key %q. Did you mean %q?", m.what, name, near)
		return
	}
	list := strings.Join(keys, ", ")
	m.doc.Add(line, "%s har ingen nøkkel «%s». Skriv en av: %s.", "%s har ingen nøkkel «%s». Skriv ein av: %s.",
		"%s has no key %q. Write one of: %s.", m.what, name, list)
}

// Has tells whether a key is there with a value.
func (m *Map) Has(key string) bool { return m.nodes[key] != nil }

// Node gives the value of a key, or nil.
func (m *Map) Node(key string) *yaml.Node { return m.nodes[key] }

// LineOf gives the line of a key, or of the mapping.
func (m *Map) LineOf(key string) int {
	if l := m.lines[key]; l != 0 {
		return l
	}
	return m.Line
}

// Require records a problem when a key is missing.
func (m *Map) Require(key string) {
	if !m.Has(key) {
		m.doc.Add(m.Line, "%s mangler «%s». Skriv «%s: …».", "%s manglar «%s». Skriv «%s: …».",
			"%s lacks %q. Write \"%s: …\".", m.what, key, key)
	}
}

// String reads a text.
func (m *Map) String(key string) string {
	n := m.nodes[key]
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		m.doc.Add(n.Line, "«%s» skal være en tekst.", "«%s» skal vere ein tekst.", "%q must be a text.", key)
		return ""
	}
	return n.Value
}

// Bool reads true or false.
func (m *Map) Bool(key string) bool {
	n := m.nodes[key]
	if n == nil {
		return false
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		m.doc.Add(n.Line, "«%s» skal være true eller false.", "«%s» skal vere true eller false.",
			"%q must be true or false.", key)
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

// Positive reads a whole number above zero.
func (m *Map) Positive(key string) int {
	n := m.nodes[key]
	if n == nil {
		return 0
	}
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || i <= 0 {
		m.doc.Add(n.Line, "«%s» skal være et helt tall større enn 0.", "«%s» skal vere eit heilt tal større enn 0.",
			"%q must be a whole number above 0.", key)
		return 0
	}
	return i
}

// List gives the items of a list.
func (m *Map) List(key string) []*yaml.Node {
	n := m.nodes[key]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		m.doc.Add(n.Line, "«%s» skal være en liste («- …» på egne linjer, eller [a, b]).",
			"«%s» skal vere ei liste («- …» på eigne linjer, eller [a, b]).",
			"%q must be a list (\"- …\" on lines of their own, or [a, b]).", key)
		return nil
	}
	items := make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		items[i] = m.doc.deref(c)
	}
	return items
}

// Strings reads a list of texts and calls fn with each.
func (m *Map) Strings(key string, fn func(s string, line int) bool) []string {
	var out []string
	for _, n := range m.List(key) {
		if n.Kind != yaml.ScalarNode || isNull(n) {
			m.doc.Add(n.Line, "«%s» skal være en liste av tekster.", "«%s» skal vere ei liste av tekstar.",
				"%q must be a list of texts.", key)
			continue
		}
		if fn == nil || fn(n.Value, n.Line) {
			out = append(out, n.Value)
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, each := range list {
		if each == s {
			return true
		}
	}
	return false
}

// Nearest gives the candidate that a mistyped word was most likely meant to be, or "".
func Nearest(word string, candidates []string) string {
	best, at := "", len([]rune(word))/3+1
	for _, c := range candidates {
		if strings.EqualFold(c, word) {
			return c
		}
		if d := distance(strings.ToLower(word), c); d <= at && (best == "" || d < distance(strings.ToLower(word), best)) {
			best = c
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap between two words.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

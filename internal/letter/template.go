package letter

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/fault"
	"mininfo/internal/locale"

	"go.yaml.in/yaml/v3"
)

// Template words a letter of one kind in one language in the controller's own way: its title, and the
// order, headings and introductions of its parts. What the parts say is made from the case, so that
// no template can take it away.
type Template struct {
	Title string   `yaml:"title,omitempty" json:"title,omitempty"`
	Parts []Placed `yaml:"parts" json:"parts"`
}

// Placed is a part where it stands.
type Placed struct {
	Part    Part   `yaml:"part" json:"part"`
	Heading string `yaml:"heading,omitempty" json:"heading,omitempty"`
	Intro   string `yaml:"intro,omitempty" json:"intro,omitempty"`
}

// Templates are those of a controller, by kind and language; what it has none for is worded as built in.
type Templates map[Kind]map[locale.Locale]*Template

// Of gives the template of a kind in a language, or nil.
func (t Templates) Of(k Kind, l locale.Locale) *Template { return t[k][l] }

// YAML writes templates as the file that ParseTemplates reads, in the order of Kinds; none is no text at all.
func (t Templates) YAML() (string, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range Kinds {
		langs := &yaml.Node{Kind: yaml.MappingNode}
		for _, l := range locale.All {
			if t.Of(k, l) == nil {
				continue
			}
			langs.Content = append(langs.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: string(l)}, t.Of(k, l).node())
		}
		if len(langs.Content) > 0 {
			root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: string(k)}, langs)
		}
	}
	if len(root.Content) == 0 {
		return "", nil
	}
	var b strings.Builder
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return "", fmt.Errorf("writing letter templates: %w", err)
	}
	return b.String(), enc.Close()
}

// node is the template in YAML, without what it leaves out.
func (t *Template) node() *yaml.Node {
	parts := &yaml.Node{Kind: yaml.SequenceNode}
	for _, p := range t.Parts {
		placed := mapping("part", string(p.Part), "heading", p.Heading, "intro", p.Intro)
		parts.Content = append(parts.Content, placed)
	}
	n := mapping("title", t.Title)
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "parts"}, parts)
	return n
}

// mapping gives names with their texts, but for those that are empty.
func mapping(pairs ...string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: pairs[i]},
				&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: pairs[i+1], Style: style(pairs[i+1])})
		}
	}
	return n
}

// style is how a text is written so that it is read as it was: several lines as lines, and in quotes what the
// library writes as lines and cannot read again (a line that begins with a tab, say).
func style(s string) yaml.Style {
	odd := func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case strings.ContainsFunc(s, odd), unicode.IsSpace(first):
		return yaml.DoubleQuotedStyle
	case strings.Contains(s, "\n"):
		return yaml.LiteralStyle
	}
	return 0
}

// Placeholders lists what a template may fill in.
func Placeholders() []string { return slices.Sorted(maps.Keys(placeholders)) }

// Heading is what a part is called where no template words it; the short answer of a letter that ends nothing has a name of
// its own, and so has a question.
func (k Kind) Heading(p Part) locale.Text {
	if p == Summary && (k == IdentityQuestion || k == Clarification) {
		return words["our_question"]
	}
	if p == Summary && !k.Ends() {
		return words["in_short"]
	}
	return headings[p]
}

// ErrTemplate says what is wrong with a template, and on which line.
var ErrTemplate = fault.Define(fault.Invalid, "letter_template",
	"Brevmalen kan ikke brukes. Linje %d: %s.", "Brevmalen kan ikkje brukast. Linje %d: %s.", "The letter template cannot be used. Line %d: %s.")

var (
	wrongYAML        = text("dette er ikke gyldig YAML", "dette er ikkje gyldig YAML", "this is not valid YAML")
	wrongKind        = text("ukjent brev «%s»", "ukjent brev «%s»", "unknown letter “%s”")
	wrongLanguage    = text("ukjent språk «%s»", "ukjent språk «%s»", "unknown language “%s”")
	wrongKey         = text("ukjent felt «%s»", "ukjent felt «%s»", "unknown field “%s”")
	wrongPart        = text("ukjent del «%s»", "ukjent del «%s»", "unknown part “%s”")
	twice            = text("delen «%s» står to ganger", "delen «%s» står to gonger", "the part “%s” stands twice")
	missing          = text("delen «%s» mangler, og loven krever den", "delen «%s» manglar, og lova krev han", "the part “%s” is missing, and the law requires it")
	wrongPlaceholder = text("ukjent felt i klammer «{%s}»", "ukjent felt i klammer «{%s}»", "unknown placeholder “{%s}”")
)

// placeholders are what a template may fill in of the case. None of them is said to anybody but the
// person: they are filled in the letter alone.
var placeholders = map[string]func(writer) string{
	"reference":  func(w writer) string { return w.Case.Reference },
	"received":   func(w writer) string { return w.Case.Received.Format(w.l) },
	"answered":   func(w writer) string { return w.Case.Answered.Format(w.l) },
	"due":        func(w writer) string { return w.Case.Due.Format(w.l) },
	"controller": func(w writer) string { return w.Controller.Name },
	"name":       func(w writer) string { return w.Person.Name },
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func (w writer) fill(s string) string {
	return placeholder.ReplaceAllStringFunc(s, func(m string) string {
		if value, ok := placeholders[m[1:len(m)-1]]; ok {
			return value(w)
		}
		return m
	})
}

// order gives the parts as the template places them, or as the outline does. A duty that a template from before the
// part was added does not know stands at its end.
func (t *Template) order(k Kind) []Placed {
	var placed []Placed
	if t != nil {
		placed = slices.Clone(t.Parts)
	}
	for _, p := range k.Parts() {
		if !slices.ContainsFunc(placed, func(have Placed) bool { return have.Part == p }) {
			placed = append(placed, Placed{Part: p})
		}
	}
	return placed
}

// ParseTemplates reads templates in YAML: kind, language, then title and parts. Each part of the kind has to
// be placed, once; the fault says on which line something is wrong. No text at all is no template.
func ParseTemplates(body string) (Templates, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(body), &doc); err != nil {
		return nil, wrong(lineOf(err), wrongYAML)
	}
	out := Templates{}
	if len(doc.Content) == 0 {
		return out, nil
	}
	err := pairs(doc.Content[0], func(key, value *yaml.Node) error {
		k := Kind(key.Value)
		if len(k.Parts()) == 0 {
			return wrong(key.Line, wrongKind, key.Value)
		}
		out[k] = map[locale.Locale]*Template{}
		return pairs(value, func(lang, value *yaml.Node) error {
			l := locale.Locale(lang.Value)
			if !slices.Contains(locale.All, l) {
				return wrong(lang.Line, wrongLanguage, lang.Value)
			}
			t, err := parseTemplate(k, lang.Line, value)
			out[k][l] = t
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func parseTemplate(k Kind, line int, n *yaml.Node) (*Template, error) {
	t := &Template{}
	err := pairs(n, func(key, value *yaml.Node) error {
		switch key.Value {
		case "title":
			t.Title = value.Value
			return checkText(value)
		case "parts":
			if value.Kind != yaml.SequenceNode {
				return wrong(value.Line, wrongYAML)
			}
			for _, item := range value.Content {
				p, err := parsePart(k, item)
				if err != nil {
					return err
				}
				if slices.ContainsFunc(t.Parts, func(have Placed) bool { return have.Part == p.Part }) {
					return wrong(item.Line, twice, string(p.Part))
				}
				t.Parts = append(t.Parts, p)
			}
			return nil
		}
		return wrong(key.Line, wrongKey, key.Value)
	})
	if err != nil {
		return nil, err
	}
	for _, p := range k.Parts() {
		if !slices.ContainsFunc(t.Parts, func(have Placed) bool { return have.Part == p }) {
			return nil, wrong(line, missing, string(p))
		}
	}
	return t, nil
}

func parsePart(k Kind, n *yaml.Node) (Placed, error) {
	var p Placed
	err := pairs(n, func(key, value *yaml.Node) error {
		switch key.Value {
		case "part":
			p.Part = Part(value.Value)
			if !slices.Contains(k.Parts(), p.Part) {
				return wrong(value.Line, wrongPart, value.Value)
			}
			return nil
		case "heading":
			p.Heading = strings.TrimSpace(value.Value)
			return checkText(value)
		case "intro":
			p.Intro = strings.TrimSpace(value.Value)
			return checkText(value)
		}
		return wrong(key.Line, wrongKey, key.Value)
	})
	if err == nil && p.Part == "" {
		err = wrong(n.Line, wrongPart, "")
	}
	return p, err
}

func checkText(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return wrong(n.Line, wrongYAML)
	}
	for _, m := range placeholder.FindAllStringSubmatch(n.Value, -1) {
		if _, ok := placeholders[m[1]]; !ok {
			return wrong(n.Line, wrongPlaceholder, m[1])
		}
	}
	return nil
}

func pairs(n *yaml.Node, each func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return wrong(n.Line, wrongYAML)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if err := each(n.Content[i], n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func wrong(line int, what locale.Text, args ...any) error {
	e := *ErrTemplate
	say := func(l locale.Locale) string {
		said := what.In(l)
		if len(args) > 0 {
			said = fmt.Sprintf(said, args...)
		}
		return fmt.Sprintf(ErrTemplate.Text.In(l), line, said)
	}
	e.Text = locale.Text{NB: say(locale.NB), NN: say(locale.NN), EN: say(locale.EN)}
	return e.At("/letters")
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// lineOf finds the line that the reader of YAML names in its error.
func lineOf(err error) int {
	line := 1
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		_, _ = fmt.Sscan(m[1], &line)
	}
	return line
}

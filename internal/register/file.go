package register

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// maxFile is the largest register file that is read, in bytes.
const maxFile = 2 << 20

// ErrInvalid: the register cannot be used as it is written. The list of Errors says why.
var ErrInvalid = fault.Define(fault.Invalid, "register_invalid",
	"Protokollen over behandlingsaktiviteter har feil. Rett det som står i listen, og prøv igjen.",
	"Protokollen over behandlingsaktivitetar har feil. Rett det som står i lista, og prøv igjen.",
	"The record of processing activities has errors. Correct what the list says, and try again.")

// ErrContradiction: the register says two things that cannot both be true, and is not put into force.
var ErrContradiction = fault.Define(fault.Invalid, "register_contradiction",
	"Protokollen motsier seg selv og kan ikke tas i bruk slik. Rett det som står i listen, og prøv igjen.",
	"Protokollen motseier seg sjølv og kan ikkje takast i bruk slik. Rett det som står i lista, og prøv igjen.",
	"The record of processing activities contradicts itself and cannot be put into force like this. Correct what the list says, and try again.")

// Problem is one thing that is wrong with a register, and what to write instead.
type Problem struct {
	File string
	Line int    // 1-based; 0 where there is no file
	Path string // such as activities[2].bases[0].article
	Text locale.Text
}

// String gives the problem on one line, in English.
func (p Problem) String() string {
	where := p.File
	if p.Line > 0 {
		where += ":" + strconv.Itoa(p.Line)
	}
	return strings.TrimPrefix(where+": ", ": ") + strings.TrimPrefix(p.Path+": ", ": ") + p.Text.EN
}

// Errors is every problem of one register at once. It is ErrInvalid to errors.Is.
type Errors struct{ Problems []Problem }

func (e *Errors) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Unwrap makes the list a fault that may reach a person.
func (e *Errors) Unwrap() error { return ErrInvalid }

// Parse reads a register strictly: unknown and repeated keys, values of the wrong kind and values
// outside the closed lists are errors, an *Errors with file, line and what to write instead.
// What is merely missing is a gap, not an error.
func Parse(file string, data []byte) (*Register, error) {
	doc := document{file: file, lines: map[string]int{}}
	r := doc.register(data)
	if len(doc.problems) > 0 {
		return nil, doc.errors()
	}
	return r, nil
}

// Finding is one thing that a register file has wrong or leaves open, with its place.
type Finding struct {
	Problem
	Activity string // id; empty for what is of no activity
	Severity Severity
	Rule     string // that a contradiction breaks
}

// Lint reads a register file and gives all that is wrong with it and all that it leaves open, in the
// order of the file. A value that cannot stand does not hide the gaps; keys and lists that cannot be
// read do.
func Lint(file string, data []byte) []Finding {
	doc := document{file: file, lines: map[string]int{}}
	r := doc.register(data)
	var all []Finding
	for _, p := range doc.problems {
		all = append(all, Finding{Problem: p, Severity: Wrong})
	}
	if r == nil {
		return all
	}
	for _, g := range r.Gaps() {
		all = append(all, Finding{Activity: g.Activity, Severity: g.Severity, Rule: g.Rule,
			Problem: Problem{File: file, Line: doc.lineOf(g.path), Path: g.path, Text: g.Text}})
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return a.Line - b.Line })
	return all
}

// Contradictions gives what a register file says against itself; a register is put into force without any.
func Contradictions(file string, data []byte) []Finding {
	return slices.DeleteFunc(Lint(file, data), func(f Finding) bool { return f.Severity != Contradiction })
}

// register reads the file, noting problems. The register is nil when it has not the shape of one.
func (d *document) register(data []byte) *Register {
	root := d.read(data)
	if root == nil {
		return nil
	}
	d.walk(root, reflect.TypeFor[Register](), "")
	if len(d.problems) > 0 {
		return nil
	}
	var r Register
	if err := root.Decode(&r); err != nil {
		d.problem(root.Line, "", text("filen kan ikke leses som en protokoll: "+err.Error(), "fila kan ikkje lesast som ein protokoll: "+err.Error(),
			"the file cannot be read as a register: "+err.Error()))
		return nil
	}
	for _, p := range r.problems() {
		p.File, p.Line = d.file, d.lineOf(p.Path)
		d.problems = append(d.problems, p)
	}
	return &r
}

// Marshal writes the register as YAML. The same register always gives the same bytes.
func (r *Register) Marshal() ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	return out.Bytes(), nil
}

//go:embed seed.yaml
var seed []byte

// Seed gives a register to start from: the activities that an ordinary company's notice names,
// with their real legal bases and retention from common practice marked as unconfirmed. The
// controller is empty and systems and recipients are unnamed: its gaps say what to fill in.
func Seed() *Register {
	r, err := Parse("seed.yaml", seed)
	if err != nil {
		// The file is part of the binary and a test reads it.
		panic(err)
	}
	return r
}

// document is one YAML file while it is read.
type document struct {
	file     string
	lines    map[string]int
	problems []Problem
}

func (d *document) errors() error {
	slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Line - b.Line })
	return &Errors{Problems: d.problems}
}

func (d *document) problem(line int, path string, t locale.Text) {
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Path: path, Text: t})
}

// lineOf gives the line of a path, or of the nearest thing above it that is in the file.
func (d *document) lineOf(path string) int {
	for {
		if line, ok := d.lines[path]; ok {
			return line
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return d.lines[""]
		}
		path = path[:cut]
	}
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// read gives the one document's root mapping, or nil with a problem noted.
func (d *document) read(data []byte) *yaml.Node {
	if len(data) > maxFile {
		d.problem(0, "", text(
			fmt.Sprintf("filen er større enn %d byte; en protokoll er noen få kilobyte tekst", maxFile),
			fmt.Sprintf("fila er større enn %d byte; ein protokoll er nokre få kilobyte tekst", maxFile),
			fmt.Sprintf("the file is larger than %d bytes; a register is a few kilobytes of text", maxFile)))
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		d.problem(1, "", text("filen er tom; skriv controller: og activities:", "fila er tom; skriv controller: og activities:", "the file is empty; write controller: and activities:"))
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			d.syntax(err)
		} else {
			d.problem(more.Line, "", text(
				"her begynner et dokument til; skriv én protokoll i hver fil og fjern ---",
				"her byrjar eit dokument til; skriv éin protokoll i kvar fil og fjern ---",
				"a second document begins here; write one register in each file and remove ---"))
		}
		return nil
	}
	return doc.Content[0]
}

func (d *document) syntax(err error) {
	line, message := 1, strings.TrimPrefix(err.Error(), "yaml: ") // what goes wrong on the first line has no number
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = m[2]
	}
	d.problem(line, "", text(
		"dette er ikke YAML ("+message+"); se over innrykk, anførselstegn og kolon",
		"dette er ikkje YAML ("+message+"); sjå over innrykk, hermeteikn og kolon",
		"this is not YAML ("+message+"); check indentation, quotes and colons"))
}

// walk checks that a node has the shape of a type and notes each path's line. A key without a
// value counts as absent.
func (d *document) walk(n *yaml.Node, t reflect.Type, path string) {
	d.lines[path] = n.Line
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.problem(n.Line, path, text(
			"ankere og aliaser (& og *) leses ikke; skriv verdien ut",
			"anker og alias (& og *) blir ikkje lesne; skriv verdien ut",
			"anchors and aliases (& and *) are not read; write the value out"))
		return
	}
	if n.Tag == "!!null" {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		d.walk(n, t.Elem(), path)
	case reflect.Struct:
		d.walkStruct(n, t, path)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.problem(n.Line, path, text(
				"her skal det stå en liste; skriv hvert punkt på en egen linje etter en strek",
				"her skal det stå ei liste; skriv kvart punkt på ei eiga linje etter ein strek",
				"a list is expected; write each item on a line of its own after a dash"))
			return
		}
		for i, item := range n.Content {
			d.walk(item, t.Elem(), path+"["+strconv.Itoa(i)+"]")
		}
	default:
		d.walkScalar(n, t, path)
	}
}

func (d *document) walkScalar(n *yaml.Node, t reflect.Type, path string) {
	switch {
	case n.Kind != yaml.ScalarNode:
		d.problem(n.Line, path, text("her skal det stå én verdi, ikke en liste eller nøkler", "her skal det stå éin verdi, ikkje ei liste eller nøklar", "a single value is expected, not a list or keys"))
	case t.Kind() == reflect.Int && n.Tag != "!!int":
		d.problem(n.Line, path, text("skriv et helt tall", "skriv eit heilt tal", "write a whole number"))
	case t.Kind() == reflect.Bool && n.Tag != "!!bool":
		d.problem(n.Line, path, text("skriv true eller false", "skriv true eller false", "write true or false"))
	}
}

func (d *document) walkStruct(n *yaml.Node, t reflect.Type, path string) {
	fields := fieldsOf(t)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	if n.Kind != yaml.MappingNode {
		d.problem(n.Line, path, text(
			"her skal det stå nøkler; skriv "+strings.Join(names, ", "), "her skal det stå nøklar; skriv "+strings.Join(names, ", "),
			"keys are expected; write "+strings.Join(names, ", ")))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		if first, dup := seen[key.Value]; dup {
			d.problem(key.Line, at, text(
				fmt.Sprintf("%s står alt på linje %d; behold den ene", quote(key.Value, locale.NB), first),
				fmt.Sprintf("%s står alt på linje %d; ta vare på den eine", quote(key.Value, locale.NN), first),
				fmt.Sprintf("%s is already written on line %d; keep one of them", quote(key.Value, locale.EN), first)))
			continue
		}
		seen[key.Value] = key.Line
		field := slices.Index(names, key.Value)
		if field < 0 {
			d.problem(key.Line, at, wrong(key.Value, text("er ikke en nøkkel her", "er ikkje ein nøkkel her", "is not a key here"), instead(key.Value, names)))
			continue
		}
		d.walk(value, fields[field].typ, at)
		d.lines[at] = key.Line
	}
}

type fieldInfo struct {
	name string
	typ  reflect.Type
}

func fieldsOf(t reflect.Type) []fieldInfo {
	var fields []fieldInfo
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		fields = append(fields, fieldInfo{name: name, typ: t.Field(i).Type})
	}
	return fields
}

// instead says what to write for a word that is not in a closed list: the nearest one, if the
// word looks like a slip of it, and otherwise all of them.
func instead(word string, list []string) locale.Text {
	if near := nearest(word, list); near != "" {
		return write(near)
	}
	all := strings.Join(list, ", ")
	return text("skriv en av "+all, "skriv ein av "+all, "write one of "+all)
}

func write(word string) locale.Text { return text("skriv "+word, "skriv "+word, "write "+word) }

// maxWord is the longest word that is compared or quoted, in bytes.
const maxWord = 80

// quote puts a wrong word into a message.
func quote(word string, l locale.Locale) string {
	if len(word) > maxWord {
		return text("dette", "dette", "this").In(l)
	}
	return strconv.Quote(word)
}

// nearest gives the word that this one is a slip of by one or two letters, or nothing.
func nearest(word string, list []string) string {
	best, near := 3, ""
	if len(word) > maxWord {
		return ""
	}
	for _, w := range list {
		if n := distance(strings.ToLower(word), strings.ToLower(w)); n < best && n < len(w) {
			best, near = n, w
		}
	}
	return near
}

// distance is Levenshtein's: how many letters must be put in, taken out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

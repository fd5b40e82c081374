package mail

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/locale"
)

// Wording is how the controller words mails in its own way, by language and kind; what it has no file for reads as built
// in, and so does all of the zero value. A text is read strictly when it is loaded, so that none is found unfit when a
// person waits for it: both forms of a mail, text and HTML, are made of the one file.
type Wording struct {
	own map[locale.Locale]map[Kind]letter
}

// Worded names the mails that have a text of the controller's own, as their files are called, in the order of Kinds.
func (w Wording) Worded() []string {
	var out []string
	for _, k := range Kinds {
		for _, l := range locale.All {
			if _, ok := w.own[l][k]; ok {
				out = append(out, FileName(k, l))
			}
		}
	}
	return out
}

// FileName is what the file of a mail is called.
func FileName(k Kind, l locale.Locale) string { return fmt.Sprintf("%s.%s.txt", k, l) }

// Problem is one thing that keeps a text from being used.
type Problem struct {
	File string
	Line int
	Text locale.Text
}

func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text.In(locale.EN))
}

// WordingError has all that is wrong with a folder of texts, file by file.
type WordingError struct{ Problems []Problem }

func (e *WordingError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// maxText is far more than a mail that anybody reads.
const maxText = 64 << 10

// LoadWording reads a folder: a file for each kind and language that is worded anew, and nothing else but what is hidden.
// The error is *WordingError, or that the folder cannot be read; dir is how it is named in problems.
func LoadWording(dir string, folder fs.FS) (Wording, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return Wording{}, fmt.Errorf("reading the folder of mail texts: %w", err)
	}
	w, problems := Wording{own: map[locale.Locale]map[Kind]letter{}}, []Problem{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		r := reader{file: path.Join(dir, entry.Name())}
		if k, l, ok := r.names(entry.Name()); ok {
			data, err := fs.ReadFile(folder, entry.Name())
			if err != nil {
				return Wording{}, fmt.Errorf("reading a mail text: %w", err)
			}
			if w.own[l] == nil {
				w.own[l] = map[Kind]letter{}
			}
			w.own[l][k] = r.read(k, l, data)
		}
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		problems = append(problems, r.problems...)
	}
	if len(problems) > 0 {
		return Wording{}, &WordingError{problems}
	}
	return w, nil
}

// Draft gives the built-in text of a mail as a file to begin from. What has to stand in it as it is, is a name in
// brackets, with its words in a comment below.
func Draft(k Kind, l locale.Locale) (string, error) {
	t, ok := catalogue[l][k]
	if !ok {
		return "", fmt.Errorf("drafting %q in %q: %w", k, l, ErrUnknownKind)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Subject: %s\n", t.Subject)
	for _, p := range t.paragraphs() {
		b.WriteString("\n")
		if name := markOf(p); name != "" {
			b.WriteString("[" + name + "]\n")
			p = "# " + strings.ReplaceAll(mark.ReplaceAllString(p, ""), "\n", "\n# ")
		}
		b.WriteString(p + "\n")
	}
	return b.String(), nil
}

func (t letter) paragraphs() []string { return strings.Split(strings.TrimSpace(t.Body), "\n\n") }

// mark is the name of a paragraph that is taken over as it stands.
var mark = regexp.MustCompile(`^\[([a-z_]+)\] `)

func markOf(p string) string {
	if m := mark.FindStringSubmatch(p); m != nil {
		return m[1]
	}
	return ""
}

// field is a value that the mail fills in; placed is a line that is nothing but the name of a paragraph to take over.
var (
	field  = regexp.MustCompile(`\{([^{}\n]*)\}`)
	placed = regexp.MustCompile(`^\[([^\[\]]*)\]$`)
)

// alone are the fields that are set in a way of their own, and so stand on a line of their own.
var alone = []string{"code", "url", "lines", "links"}

// everywhere are the fields that any mail may name: its footer has them.
var everywhere = []string{"org", "contact"}

// ofAPerson are fields that somebody may look for and that no mail has: whoever reads the mailbox would read them.
var ofAPerson = []string{"name", "first_name", "last_name", "email", "address", "phone", "postal_address", "birth_date", "national_id", "customer_number", "person", "data", "answer", "message"}

var (
	badName     = text("filen skal hete som e-posten og språket, for eksempel «receipt_of_request.nb.txt»", "fila skal heite som e-posten og språket, til dømes «receipt_of_request.nb.txt»", "the file is to be named after the mail and the language, such as “receipt_of_request.nb.txt”")
	badKind     = text("det finnes ingen e-post som heter «%s»", "det finst ingen e-post som heiter «%s»", "there is no mail called “%s”")
	badLanguage = text("ukjent språk «%s»: skriv nb, nn eller en", "ukjent språk «%s»: skriv nb, nn eller en", "unknown language “%s”: write nb, nn or en")
	badText     = text("teksten må være UTF-8 uten styretegn, og høyst 64 kB", "teksten må vere UTF-8 utan styreteikn, og høgst 64 kB", "the text must be UTF-8 without control characters, and 64 kB at the most")
	badHead     = text("ukjent felt «%s» foran teksten: her står bare «Subject: …», og så en tom linje", "ukjent felt «%s» framfor teksten: her står berre «Subject: …», og så ei tom linje", "unknown field “%s” before the text: only “Subject: …” stands here, and then an empty line")
	noSubject   = text("emnet mangler: den første linjen er «Subject: …»", "emnet manglar: den første linja er «Subject: …»", "the subject is missing: the first line is “Subject: …”")
	noBody      = text("e-posten har ingen tekst", "e-posten har ingen tekst", "the mail has no text")
	badSubject  = text("feltet «{%s}» kan ikke stå i emnet: det leses på låste skjermer", "feltet «{%s}» kan ikkje stå i emnet: det blir lese på låste skjermar", "the field “{%s}” cannot stand in the subject: it is read on locked screens")
	unknown     = text("ukjent felt «{%s}»: denne e-posten har %s", "ukjent felt «{%s}»: denne e-posten har %s", "unknown field “{%s}”: this mail has %s")
	personal    = text("feltet «{%s}» er en personopplysning og kommer ikke i noen e-post: saksnummeret og lenken er nok", "feltet «{%s}» er ei personopplysning og kjem ikkje i nokon e-post: saksnummeret og lenkja er nok", "the field “{%s}” is personal data and enters no mail: the case number and the link are enough")
	looseBrace  = text("en klamme hører ikke til noe felt", "ein klamme høyrer ikkje til noko felt", "a brace belongs to no field")
	notAlone    = text("feltet «{%s}» må stå alene på linjen", "feltet «{%s}» må stå åleine på linja", "the field “{%s}” must stand alone on its line")
	mayLack     = text("feltet «{%s}» har ikke alltid en verdi: begynn avsnittet med «? », så faller det bort da", "feltet «{%s}» har ikkje alltid ein verdi: byrj avsnittet med «? », så fell det bort då", "the field “{%s}” does not always have a value: begin the paragraph with “? ”, and it is left out then")
	mayNotLack  = text("avsnittet faller aldri bort, for alt i det har en verdi: ta bort «? »", "avsnittet fell aldri bort, for alt i det har ein verdi: ta bort «? »", "the paragraph is never left out, since all in it has a value: take “? ” away")
	lacksField  = text("feltet «{%s}» mangler, og denne e-posten må ha det", "feltet «{%s}» manglar, og denne e-posten må ha det", "the field “{%s}” is missing, and this mail must have it")
	badMark     = text("ukjent avsnitt «[%s]»: denne e-posten har %s", "ukjent avsnitt «[%s]»: denne e-posten har %s", "unknown paragraph “[%s]”: this mail has %s")
	markAlone   = text("avsnittet «[%s]» står som det er: skriv navnet alene, med en tom linje før og etter", "avsnittet «[%s]» står som det er: skriv namnet åleine, med ei tom linje før og etter", "the paragraph “[%s]” stands as it is: write its name alone, with an empty line before and after")
	lacksMark   = text("avsnittet «[%s]» mangler, og det må stå med i denne e-posten", "avsnittet «[%s]» manglar, og det må stå med i denne e-posten", "the paragraph “[%s]” is missing, and it must stand in this mail")
	twice       = text("avsnittet «[%s]» står to ganger", "avsnittet «[%s]» står to gonger", "the paragraph “[%s]” stands twice")
	nothing     = text("ingen", "ingen", "none")
)

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

// reader reads one file and gathers what is wrong with it.
type reader struct {
	file     string
	problems []Problem
}

func (r *reader) wrong(line int, what locale.Text, args ...any) {
	say := func(l locale.Locale) string {
		in := slices.Clone(args)
		for i, a := range in {
			if t, ok := a.(locale.Text); ok {
				in[i] = t.In(l)
			}
		}
		if len(in) == 0 {
			return what.In(l)
		}
		return fmt.Sprintf(what.In(l), in...)
	}
	r.problems = append(r.problems, Problem{r.file, line, text(say(locale.NB), say(locale.NN), say(locale.EN))})
}

func (r *reader) names(file string) (Kind, locale.Locale, bool) {
	part := strings.Split(file, ".")
	if len(part) != 3 || part[2] != "txt" {
		r.wrong(1, badName)
		return "", "", false
	}
	k, l := Kind(part[0]), locale.Locale(part[1])
	if !slices.Contains(Kinds, k) {
		r.wrong(1, badKind, part[0])
	}
	if !slices.Contains(locale.All, l) {
		r.wrong(1, badLanguage, part[1])
	}
	return k, l, len(r.problems) == 0
}

// paragraph is a paragraph with the line on which it begins.
type paragraph struct {
	line int
	text string
}

// read gives the text of a file, as it is written where the built-in one is.
func (r *reader) read(k Kind, l locale.Locale, data []byte) letter {
	if len(data) > maxText || !utf8.Valid(data) {
		r.wrong(1, badText)
		return letter{}
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n"), "\n")
	for i, line := range lines {
		if strings.ContainsFunc(line, func(c rune) bool {
			return c != '\t' && unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == unicode.ReplacementChar
		}) {
			r.wrong(i+1, badText)
		}
	}
	own := letter{}
	subject, body := r.head(lines)
	builtIn := catalogue[l][k]
	own.Subject = subject.text
	r.subject(k, l, subject)
	paragraphs := r.body(lines, body)
	if len(paragraphs) == 0 {
		r.wrong(len(lines), noBody)
		return letter{}
	}
	texts := make([]string, 0, len(paragraphs))
	marks := builtIn.marks()
	seen := map[string]bool{}
	for _, p := range paragraphs {
		m := placed.FindStringSubmatch(p.text)
		if name := markOf(p.text); name != "" {
			r.wrong(p.line, markAlone, name)
			continue
		}
		if m == nil {
			r.paragraph(k, l, p)
			texts = append(texts, p.text)
			continue
		}
		switch {
		case marks[m[1]] == "":
			r.wrong(p.line, badMark, m[1], listed("[%s]", marksOf(builtIn)))
		case seen[m[1]]:
			r.wrong(p.line, twice, m[1])
		}
		seen[m[1]] = true
		texts = append(texts, marks[m[1]])
	}
	for _, name := range marksOf(builtIn) {
		if !seen[name] {
			r.wrong(body+1, lacksMark, name)
		}
	}
	own.Body = strings.Join(texts, "\n\n")
	r.whole(k, l, own, body+1)
	return own
}

// head reads the subject from the lines before the first empty one, and gives the index of that.
func (r *reader) head(lines []string) (subject paragraph, end int) {
	found := false
	for i, line := range lines {
		line = strings.TrimSpace(line)
		switch name, value, ok := strings.Cut(line, ":"); {
		case strings.HasPrefix(line, "#"):
		case line == "":
			if !found {
				r.wrong(i+1, noSubject)
			}
			return subject, i
		case ok && name == "Subject" && !found:
			subject, found = paragraph{i + 1, strings.TrimSpace(value)}, true
			if subject.text == "" {
				r.wrong(i+1, noSubject)
			}
		default:
			r.wrong(i+1, badHead, name)
		}
	}
	if !found {
		r.wrong(1, noSubject)
	}
	return subject, len(lines)
}

// body gives the paragraphs after the head, without comments.
func (r *reader) body(lines []string, from int) []paragraph {
	var out []paragraph
	open := false
	for i := from; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t")
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			open = false
		case open:
			out[len(out)-1].text += "\n" + line
		default:
			out, open = append(out, paragraph{i + 1, line}), true
		}
	}
	return out
}

// subject is read on locked screens and in lists: it names the organisation and the case alone.
func (r *reader) subject(k Kind, l locale.Locale, s paragraph) {
	r.fields(k, l, s, func(name string) {
		if name != "org" && (name != "reference" || !slices.Contains(k.Needs(l), name)) {
			r.wrong(s.line, badSubject, name)
		}
	})
}

func (r *reader) paragraph(k Kind, l locale.Locale, p paragraph) {
	needs := k.Needs(l)
	said, optional := strings.CutPrefix(p.text, "? ")
	lacking := false
	r.fields(k, l, paragraph{p.line, said}, func(name string) {
		if !slices.Contains(needs, name) {
			lacking = true
			if !optional {
				r.wrong(p.line, mayLack, name)
			}
		}
	})
	if optional && !lacking {
		r.wrong(p.line, mayNotLack)
	}
	for i, line := range strings.Split(said, "\n") {
		for _, name := range names(line) {
			if slices.Contains(alone, name) && line != "{"+name+"}" {
				r.wrong(p.line+i, notAlone, name)
			}
		}
	}
}

// fields looks at the fields of a text, and hands those on that the mail has.
func (r *reader) fields(k Kind, l locale.Locale, p paragraph, each func(name string)) {
	has := fieldsOf(catalogue[l][k])
	for i, line := range strings.Split(p.text, "\n") {
		for _, m := range field.FindAllStringSubmatch(line, -1) {
			switch {
			case slices.Contains(has, m[1]):
				each(m[1])
			case slices.Contains(ofAPerson, m[1]):
				r.wrong(p.line+i, personal, m[1])
			default:
				r.wrong(p.line+i, unknown, m[1], listed("{%s}", has))
			}
		}
		if strings.ContainsAny(field.ReplaceAllString(line, ""), "{}") {
			r.wrong(p.line+i, looseBrace)
		}
	}
}

// whole holds the text against what the mail must have: each field of the built-in text, and those that always have a
// value where they are always said.
func (r *reader) whole(k Kind, l locale.Locale, own letter, line int) {
	always, any := own.needs(""), fieldsOf(own)
	for _, name := range fieldsOf(catalogue[l][k]) {
		said := any
		if slices.Contains(k.Needs(l), name) {
			said = always
		}
		if !slices.Contains(everywhere, name) && !slices.Contains(said, name) {
			r.wrong(line, lacksField, name)
		}
	}
	if len(r.problems) > 0 {
		return
	}
	// What was read so far is what Render asks for; this holds the two together.
	if _, err := Example(l).render(k, l, own); err != nil {
		r.wrong(line, text("%s", "%s", "%s"), errors.Unwrap(err).Error())
	}
}

// fieldsOf gives the names of all fields in a text, and those of everywhere, sorted.
func fieldsOf(t letter) []string {
	all := append(names(t.Subject+t.Body), everywhere...)
	slices.Sort(all)
	return slices.Compact(all)
}

// marks gives the paragraphs that are taken over as they stand, by name.
func (t letter) marks() map[string]string {
	out := map[string]string{}
	for _, p := range t.paragraphs() {
		if name := markOf(p); name != "" {
			out[name] = p
		}
	}
	return out
}

func marksOf(t letter) []string {
	var out []string
	for _, p := range t.paragraphs() {
		if name := markOf(p); name != "" {
			out = append(out, name)
		}
	}
	return out
}

func listed(form string, all []string) locale.Text {
	if len(all) == 0 {
		return nothing
	}
	out := make([]string, len(all))
	for i, name := range all {
		out[i] = fmt.Sprintf(form, name)
	}
	said := strings.Join(out, ", ")
	return text(said, said, said)
}

// Example fills a mail about nobody, with a value for everything, for whoever words mails.
func Example(l locale.Locale) Data {
	date := func(day string) string { return text(day+". april 2026", day+". april 2026", day+" April 2026").In(l) }
	const url = "https://personvern.eksempel.example"
	return Data{
		Org: "Eksempel AS", Contact: "personvern@eksempel.example, 55 00 00 00", Postal: "Postboks 1, 5001 Bergen",
		Reference: "MI-2026-7F3K-2Q", Right: text("innsyn", "innsyn", "access").In(l), Received: date("1"), Due: date("30"), Until: date("8"), When: date("2"), Paused: date("3"),
		URL: url + "/cases/7f3k", Code: "K7QM-2WXD", Reason: text("nedlasting av svaret", "nedlasting av svaret", "downloading the answer").In(l),
		Notice: text("versjon 3", "versjon 3", "version 3").In(l) + ", " + date("1"),
		Lines:  []string{text("Utlevert: 12", "Utlevert: 12", "Disclosed: 12").In(l), text("Ikke tatt med: 3", "Ikkje teke med: 3", "Left out: 3").In(l)},
		Links:  []Link{{Text: "MI-2026-7F3K-2Q: " + text("Papirarkivet", "Papirarkivet", "Paper archive").In(l), URL: url + "/colleague#1"}},
	}
}

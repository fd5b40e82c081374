package export

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"iter"
	"path"
	"strings"

	"mininfo/internal/locale"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// pageTemplate escapes every value by where it stands. The style is ours and has no values in it,
// so it becomes part of the template's own text.
var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"clean": visible}).
	Parse(strings.Replace(pageSource, "/*style*/", pageStyle, 1)))

const (
	// fewRows or less, or more than manyColumns, are shown one below the other instead of in
	// columns: easier to read on a phone, on paper and by ear.
	fewRows     = 3
	manyColumns = 10
	pageBuffer  = 64 << 10
)

// WriteHTML writes the page alone, as a letter for paper: with the addresses and without links to
// files. Attachments are listed; they have to be printed or enclosed by hand.
func WriteHTML(ctx context.Context, w io.Writer, p Package) error {
	l, err := newLayout(&p)
	if err != nil {
		return err
	}
	if err := l.count(ctx); err != nil {
		return err
	}
	return l.writePage(ctx, w, true)
}

// writePage needs the counts of an earlier pass: the table of contents stands first.
func (l *layout) writePage(ctx context.Context, w io.Writer, paper bool) error {
	out := &stoppable{w: w}
	b := bufio.NewWriterSize(out, pageBuffer)
	page := &pageView{layout: l, Paper: paper, stop: out, ctx: ctx}
	err := pageTemplate.Execute(b, page)
	if out.err != nil {
		return out.err
	}
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// stoppable refuses everything after a source of rows failed, so that the template ends at once.
type stoppable struct {
	w   io.Writer
	err error
}

func (s *stoppable) Write(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	return s.w.Write(b)
}

// errEnough ends a pass whose reader wants no more.
var errEnough = errors.New("enough")

// pageView is what the template sees.
type pageView struct {
	*layout
	Paper bool
	stop  *stoppable
	ctx   context.Context // rows are read while the template runs, which passes no arguments on
}

// T gives a fixed text. A key that does not exist fails the page.
func (v *pageView) T(key string, args ...any) (string, error) {
	t, ok := texts[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	if len(args) == 0 {
		return t.In(v.Locale), nil
	}
	return fmt.Sprintf(t.In(v.Locale), args...), nil
}

// Lang is the page's language as a tag.
func (v *pageView) Lang() string { return string(v.Locale) }

// Signed is what stands under the answer.
func (v *pageView) Signed() []string { return v.Signer.Lines(v.Controller.Name) }

// Right is what was asked for, as it stands inside a sentence.
func (v *pageView) Right() string { return strings.ToLower(v.Case.Right.Row().Name.In(v.Locale)) }

// Date writes a date of the case, or "".
func (v *pageView) Date(d interface{ Format(locale.Locale) string }) string {
	return d.Format(v.Locale)
}

// Entries says how many rows there are.
func (v *pageView) Entries(n int) string {
	if n == 1 {
		return texts["entry"].In(v.Locale)
	}
	return fmt.Sprintf(texts["entries"].In(v.Locale), number(n, v.Locale))
}

// Number writes a count.
func (v *pageView) Number(n int) string { return number(n, v.Locale) }

// Rows is how many rows the whole package holds.
func (v *pageView) Rows() int { return v.rows() }

// Page is the name of this page in the ZIP.
func (v *pageView) Page() string { return PageName(v.Locale) }

// LetterName is the name of the answer as PDF in the ZIP.
func (v *pageView) LetterName() string { return letterName(v.Locale) }

// AttachmentFolder is where the attachments lie in the ZIP.
func (v *pageView) AttachmentFolder() string { return attachmentFolder(v.Locale) }

// HasTables tells whether there is any CSV file.
func (v *pageView) HasTables() bool { return len(v.tables()) > 0 }

// Validity says how long the download is open, or "".
func (v *pageView) Validity() string { return v.validity() }

func (l *layout) validity() string {
	switch {
	case l.ValidUntil.IsZero():
		return ""
	case l.Downloads > 0:
		return fmt.Sprintf(texts["valid_both"].In(l.Locale), l.ValidUntil.Format(l.Locale), number(l.Downloads, l.Locale))
	}
	return fmt.Sprintf(texts["valid_until"].In(l.Locale), l.ValidUntil.Format(l.Locale))
}

// Sections are the purposes, numbered for links.
func (v *pageView) Sections() []purposeView {
	all := make([]purposeView, len(v.purposes))
	for i, p := range v.purposes {
		all[i] = purposeView{Purpose: p.Purpose, ID: fmt.Sprintf("p%d", i+1), Count: p.rows(), page: v, tables: p.tables}
	}
	return all
}

// Files are the attachments.
func (v *pageView) Files() []fileView {
	all := make([]fileView, len(v.attachments))
	for i, a := range v.attachments {
		all[i] = fileView{Name: strings.TrimSpace(a.Name), Note: a.Note, Path: a.file}
		if all[i].Name == "" {
			all[i].Name = path.Base(a.file) // a link needs a name
		}
		if a.size > 0 {
			all[i].Size = byteSize(a.size, v.Locale)
		}
	}
	return all
}

type fileView struct{ Name, Note, Path, Size string }

type purposeView struct {
	*Purpose
	ID     string
	Count  int
	page   *pageView
	tables []*table
}

// Facts is what Art. 15(1) asks to tell about the purpose, in order.
func (p purposeView) Facts() []Fact { return p.Purpose.Facts(p.page.Locale) }

// Fact is a label and what there is to say under it.
type Fact struct {
	Label string   `json:"label"`
	Lines []string `json:"lines"`
}

// Facts is what Art. 15(1) asks to tell about the purpose, in order. What the register does not know is
// said to be unknown: a letter with that in it is not sent (package letter).
func (p *Purpose) Facts(l locale.Locale) []Fact {
	var kept []Fact
	add := func(key, unknown string, lines []string) {
		if len(lines) == 0 {
			if unknown == "" {
				return
			}
			lines = one(texts[unknown].In(l))
		}
		kept = append(kept, Fact{Label: texts[key].In(l), Lines: lines})
	}
	add("f_purpose", "unknown", one(p.Purpose))
	add("f_bases", "unknown", p.Bases)
	add("f_categories", "unknown", one(listed(p.Categories)))
	add("f_sources", "unknown", p.Sources)
	none := "recipients_none"
	if p.Alone {
		none = "recipients_alone"
	}
	add("f_recipients", none, p.recipients(l))
	add("f_storage", "unknown", one(joined(", ", locale.Named(p.Storage.System, l), locale.Country(p.Storage.Country, l))))
	add("f_protection", "unknown", one(p.Storage.Protection))
	add("f_retention", "unknown", p.retention(l))
	add("f_rights", "", one(listed(p.Rights)))
	add("f_automated", "", one(p.Automated))
	add("f_notes", "", p.Notes)
	return kept
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func joined(sep string, parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, sep)
}

// listed writes short names on one line.
func listed(names []string) string { return strings.Join(names, " · ") }

// recipients writes each as "Name (processor, Norway): why. When."
func (p *Purpose) recipients(l locale.Locale) []string {
	var lines []string
	for _, r := range p.Recipients {
		line := r.Name
		if line == "" {
			line = texts["recipient_unnamed"].In(l)
		}
		if in := joined(", ", roleName(r.Role, l), locale.Country(r.Country, l)); in != "" {
			line += " (" + in + ")"
		}
		if why := joined(" ", r.Why, r.When); why != "" {
			line += ": " + why
		}
		if r.Safeguard != "" {
			line = strings.TrimSuffix(line, ".") + ". " + texts["safeguard"].In(l) + ": " + r.Safeguard
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *Purpose) retention(l locale.Locale) []string {
	lines := one(p.Retention)
	if !p.KeptUntil.IsZero() {
		key := "f_kept"
		if p.Over {
			key = "f_over"
		}
		lines = append(lines, fmt.Sprintf(texts[key].In(l), p.KeptUntil.Format(l)))
	}
	return lines
}

// Data are the purpose's tables.
func (p purposeView) Data() []*tableView {
	all := make([]*tableView, len(p.tables))
	for i, t := range p.tables {
		all[i] = &tableView{table: t, page: p.page, Region: fmt.Sprintf("%s – %s (%d)", t.title(), p.Name, i+1)}
	}
	return all
}

// tableView is a table as the page shows it. Its rows come as they are read.
type tableView struct {
	*table
	page   *pageView
	Region string // names the scrolling region, differently from all others of the purpose
}

// Title is the table's name for people.
func (t *tableView) Title() string { return t.title() }

// Count is how many rows it has.
func (t *tableView) Count() int { return t.rows }

// Stacked tells whether each row becomes a table of its own, with the fields below each other.
func (t *tableView) Stacked() bool { return t.rows <= fewRows || len(t.Heads()) > manyColumns }

// Several tells whether rows need numbers to be told apart.
func (t *tableView) Several() bool { return t.rows > 1 }

// Heads are the columns' names for people, ours last.
func (t *tableView) Heads() []headView {
	all := make([]headView, 0, len(t.Columns)+2)
	for _, c := range t.Columns {
		h := headView{Label: c.label(), Category: c.Category}
		if strings.EqualFold(h.Label, h.Category) {
			h.Category = ""
		}
		all = append(all, h)
	}
	if t.kept {
		all = append(all, headView{Label: texts["c_kept"].In(t.page.Locale)})
	}
	if t.noted {
		all = append(all, headView{Label: texts["c_notes"].In(t.page.Locale)})
	}
	return all
}

type headView struct{ Label, Category string }

type rowView struct {
	Number string
	Cells  []namedCell
}

type namedCell struct {
	Head headView
	Cell *shown // a field of its own: the template looks fields up for every cell
}

// Records gives the rows one by one while the page is written. A failure stops the page.
func (t *tableView) Records() iter.Seq[*rowView] {
	return func(yield func(*rowView) bool) {
		heads := t.Heads()
		show := shower{locale: t.page.Locale, zone: t.page.Zone}
		row := &rowView{Cells: make([]namedCell, len(heads))}
		for i := range heads {
			row.Cells[i] = namedCell{Head: heads[i], Cell: new(shown)}
		}
		n := 0
		err := t.each(t.page.ctx, func(r *Row) error {
			n++
			row.Number = number(n, t.page.Locale)
			t.fill(row, r, show)
			if t.page.stop.err != nil || !yield(row) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) && t.page.stop.err == nil {
			t.page.stop.err = err
		}
	}
}

func (t *tableView) fill(row *rowView, r *Row, show shower) {
	for i := range r.Cells {
		*row.Cells[i].Cell = show.cell(&r.Cells[i])
	}
	n := len(r.Cells)
	if t.kept {
		*row.Cells[n].Cell = plainText(joined("\n", r.KeptUntil.Format(t.page.Locale), r.KeptWhy))
		n++
	}
	if t.noted {
		*row.Cells[n].Cell = plainText(strings.Join(r.Notes, "\n"))
	}
}

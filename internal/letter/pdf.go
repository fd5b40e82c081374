package letter

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"mininfo/internal/export"
)

// Millimetres of an A4 page.
const (
	pageWidth        = 210.0
	pageTop, pageEnd = 22.0, 275.0
	margin           = 22.0
	textWidth        = pageWidth - 2*margin
	labelWidth       = 46.0
	lineHeight       = 5.2
)

// WritePDF writes the letter as a tagged PDF: real text in reading order, with headings, lists and tables
// that a screen reader knows, the language and the title. The same letter gives the same bytes; made is
// the date that the file says it was made on.
func (l Letter) WritePDF(out io.Writer, made time.Time) error {
	s := newSheet(l, made)
	s.head(l)
	for i, section := range l.Sections {
		if i == len(l.Sections)-1 {
			s.together(section, l)
		}
		s.section(section)
	}
	s.closing(l)
	var body bytes.Buffer
	if err := s.pdf.Output(&body); err != nil {
		return fmt.Errorf("writing a letter as PDF: %w", err)
	}
	tagged, err := s.tags.add(body.Bytes())
	if err != nil {
		return err
	}
	if _, err := out.Write(tagged); err != nil {
		return fmt.Errorf("writing a letter as PDF: %w", err)
	}
	return nil
}

// sheet draws the letter line by line. Each line is a piece of content of its own that belongs to
// an element of the structure tree, so that a page may end between any two.
type sheet struct {
	pdf  *fpdf.Fpdf
	tags *tagTree
	y    float64
}

func newSheet(l Letter, made time.Time) *sheet {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(made.UTC())
	pdf.SetModificationDate(made.UTC())
	pdf.SetProducer("Mininfo", true)
	pdf.SetTitle(clean(l.Title), true)
	pdf.SetLang(string(l.Locale))
	pdf.SetXmpMetadata([]byte(fmt.Sprintf(xmp, html.EscapeString(clean(l.Title)), l.Locale)))
	pdf.AddUTF8FontFromBytes("go", "", goregular.TTF)
	pdf.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	s := &sheet{pdf: pdf, tags: newTagTree(string(l.Locale))}
	pdf.SetFooterFunc(func() {
		pdf.SetFont("go", "", 8)
		pdf.SetXY(margin, 284)
		pdf.RawWriteStr("/Artifact <</Type /Pagination>> BDC")
		pdf.CellFormat(textWidth, 4, fmt.Sprintf("%d", pdf.PageNo()), "", 0, "R", false, 0, "")
		pdf.RawWriteStr("EMC")
	})
	s.newPage()
	return s
}

const xmp = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`

func (s *sheet) newPage() {
	s.pdf.AddPage()
	s.tags.pages++
	s.y = pageTop
}

// room begins a new page where fewer than so many millimetres are left.
func (s *sheet) room(mm float64) {
	if s.y+mm > pageEnd {
		s.newPage()
	}
}

func (s *sheet) font(style string, size float64) { s.pdf.SetFont("go", style, size) }

// line draws one line at the pen's height, as content of an element.
func (s *sheet) line(e *tag, x, width float64, words string) {
	s.pdf.SetXY(x, s.y)
	s.pdf.RawWriteStr(fmt.Sprintf("/%s <</MCID %d>> BDC", e.kind, s.tags.content(e)))
	s.pdf.CellFormat(width, lineHeight, words, "", 0, "L", false, 0, "")
	s.pdf.RawWriteStr("EMC")
}

// text draws words under each other.
func (s *sheet) text(e *tag, x, width, leading float64, words string) {
	for _, line := range s.wrap(words, width) {
		s.room(leading)
		s.line(e, x, width, line)
		s.y += leading
	}
}

// wrap parts words into lines that fit.
func (s *sheet) wrap(words string, width float64) []string {
	var out []string
	for _, paragraph := range strings.Split(words, "\n") {
		paragraph = clean(paragraph)
		if paragraph == "" {
			continue
		}
		for _, line := range s.pdf.SplitText(unbroken.Replace(paragraph), width-2) {
			out = append(out, strings.ReplaceAll(line, joint, " "))
		}
	}
	return out
}

// joint stands for a space at which no line ends: a section has its number beside it.
const joint = "\ue000"

var unbroken = strings.NewReplacer("§ ", "§"+joint, "nr. ", "nr."+joint, "bokstav ", "bokstav"+joint, "Article ", "Article"+joint)

// clean takes out what cannot be seen.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r) || r > 0xffff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
}

func (s *sheet) head(l Letter) {
	s.font("", 9)
	from := s.tags.root.child("P")
	for _, line := range l.Sender {
		s.text(from, margin, textWidth, 4.4, line)
	}
	s.y += 6
	if len(l.Receiver) > 0 {
		s.font("", 10.5)
		to := s.tags.root.child("P")
		for _, line := range l.Receiver {
			s.text(to, margin, textWidth, lineHeight, line)
		}
		s.y += 8
	}
	if l.Kicker != "" {
		s.font("", 10.5)
		s.text(s.tags.root.child("P"), margin, textWidth, lineHeight, l.Kicker)
		s.y += 2.5
	}
	s.font("B", 18)
	s.text(s.tags.root.child("H1"), margin, textWidth, 8.4, l.Title)
	s.y += 3
	s.facts(l.Facts)
	if l.Greeting != "" {
		s.y += 3
		s.font("", 10.5)
		s.text(s.tags.root.child("P"), margin, textWidth, lineHeight, l.Greeting)
	}
}

func (s *sheet) section(section Section) {
	if s.y > pageTop {
		s.y += 6
	}
	s.room(24) // a heading never stands alone at the end of a page
	s.font("B", 13)
	s.text(s.tags.root.child("H2"), margin, textWidth, 6.4, section.Heading)
	s.y++
	for _, b := range section.Blocks {
		s.block(b)
	}
}

func (s *sheet) block(b Block) {
	if b.Heading != "" {
		s.y += 2
		s.room(20)
		s.font("B", 10.5)
		s.text(s.tags.root.child("H3"), margin, textWidth, lineHeight, b.Heading)
		s.y += 0.8
	}
	s.font("", 10.5)
	if b.Text != "" {
		s.text(s.tags.root.child("P"), margin, textWidth, lineHeight, b.Text)
		s.y += 1.4
	}
	if len(b.List) > 0 {
		list := s.tags.root.child("L")
		for _, item := range b.List {
			li := list.child("LI")
			s.room(lineHeight)
			s.line(li.child("Lbl"), margin, 5, "–")
			s.text(li.child("LBody"), margin+5, textWidth-5, lineHeight, item)
			s.y += 0.6
		}
		s.y++
	}
	s.facts(b.Facts)
	if b.Table != nil {
		s.table(*b.Table)
	}
}

// facts is a table whose rows begin with their heading.
func (s *sheet) facts(facts []export.Fact) {
	if len(facts) == 0 {
		return
	}
	table := s.tags.root.child("Table")
	for _, f := range facts {
		row := table.child("TR")
		head := row.child("TH")
		head.scope = "Row"
		s.row([]*tag{head, row.child("TD")}, []float64{labelWidth, textWidth - labelWidth}, []string{f.Label, strings.Join(f.Lines, "\n")}, 1)
	}
	s.y += 1.4
}

// table gives short columns a fixed width and the others the rest.
func (s *sheet) table(t Table) {
	widths := s.columnWidths(t)
	table := s.tags.root.child("Table")
	draw := func(kind string, cells []string, bold int) {
		row := table.child("TR")
		tags := make([]*tag, len(cells))
		for i := range cells {
			tags[i] = row.child(kind)
			if kind == "TH" {
				tags[i].scope = "Column"
			}
		}
		s.row(tags, widths, cells, bold)
		s.rule()
	}
	s.room(3 * lineHeight)
	draw("TH", t.Head, len(t.Head))
	for _, cells := range t.Rows {
		draw("TD", cells, 0)
	}
	s.y += 1.4
}

// columnWidths breaks no word: each column has room for its longest one, and short columns for all they say. The rest of
// the line goes to those that say more.
func (s *sheet) columnWidths(t Table) []float64 {
	const apart, short = 4.6, 34.0
	least, wanted := make([]float64, len(t.Head)), make([]float64, len(t.Head))
	measure := func(i int, cell string) {
		wanted[i] = max(wanted[i], s.pdf.GetStringWidth(clean(cell))+apart)
		for _, word := range strings.Fields(clean(cell)) {
			least[i] = max(least[i], s.pdf.GetStringWidth(word)+apart)
		}
	}
	s.font("B", 9.5)
	for i, head := range t.Head {
		measure(i, head)
	}
	s.font("", 9.5)
	for _, row := range t.Rows {
		for i, cell := range row {
			measure(i, cell)
		}
	}
	given, open := 0.0, 0.0
	for i := range least {
		if wanted[i] <= short {
			least[i] = wanted[i]
		}
		given += least[i]
		open += wanted[i] - least[i]
	}
	widths := make([]float64, len(least))
	for i := range least {
		switch {
		case given >= textWidth:
			widths[i] = least[i] * textWidth / given
		case open == 0:
			widths[i] = least[i] + (textWidth-given)/float64(len(least))
		default:
			widths[i] = least[i] + (textWidth-given)*(wanted[i]-least[i])/open
		}
	}
	return widths
}

// row draws cells beside each other, the first so many in bold, and keeps a row on one page where it can.
func (s *sheet) row(tags []*tag, widths []float64, cells []string, bold int) {
	lines, deepest := make([][]string, len(cells)), 0
	style := func(i int) {
		if i < bold {
			s.font("B", 9.5)
		} else {
			s.font("", 9.5)
		}
	}
	for i, cell := range cells {
		style(i)
		lines[i] = s.wrap(cell, widths[i])
		deepest = max(deepest, len(lines[i]))
	}
	s.y += 0.8
	if height := float64(deepest) * lineHeight; height < 80 {
		s.room(height) // only a row that is long in any case is parted
	}
	for at := range deepest {
		s.room(lineHeight)
		x := margin
		for i := range cells {
			if at < len(lines[i]) {
				style(i)
				s.line(tags[i], x, widths[i], lines[i][at])
			}
			x += widths[i]
		}
		s.y += 4.7
	}
	s.y += 0.6
}

func (s *sheet) rule() {
	s.pdf.RawWriteStr("/Artifact BMC")
	s.pdf.SetDrawColor(190, 190, 190)
	s.pdf.Line(margin, s.y, pageWidth-margin, s.y)
	s.pdf.RawWriteStr("EMC")
}

// together begins a new page where the last section would leave the closing alone on one.
func (s *sheet) together(section Section, l Letter) {
	height := 6 + 6.4 + 1 + beforeClosing + float64(len(l.Closing))*lineHeight
	s.font("", 10.5)
	for _, b := range section.Blocks {
		if len(b.Facts) > 0 || b.Table != nil || b.Heading != "" {
			return // it is long in any case
		}
		height += float64(len(s.wrap(b.Text, textWidth)))*lineHeight + 1.4
		for _, item := range b.List {
			height += float64(len(s.wrap(item, textWidth-5)))*lineHeight + 1.6
		}
	}
	if height < 80 {
		s.room(height)
	}
}

const beforeClosing = 8.0

func (s *sheet) closing(l Letter) {
	s.y += beforeClosing
	s.room(float64(len(l.Closing)) * lineHeight)
	s.font("", 10.5)
	end := s.tags.root.child("P")
	for _, line := range l.Closing {
		s.text(end, margin, textWidth, lineHeight, line)
	}
}

package letter

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// tagTree is the logical structure of a PDF (ISO 32000-1, 14.7): which piece of which page is a heading, a
// paragraph or a cell, in reading order. The writer of the pages knows nothing of it, so it is added
// behind its file as an incremental update (7.5.6).
type tagTree struct {
	lang  string
	root  *tag
	pages int
	owner [][]*tag // by page: the element of each piece
}

// tag is an element of the structure.
type tag struct {
	kind  string
	scope string // of a heading cell
	up    *tag
	kids  []any // *tag or piece
	id    int   // number of its object
}

// piece is marked content of a page.
type piece struct{ page, id int }

func newTagTree(lang string) *tagTree { return &tagTree{lang: lang, root: &tag{kind: "Document"}} }

func (t *tag) child(kind string) *tag {
	c := &tag{kind: kind, up: t}
	t.kids = append(t.kids, c)
	return c
}

// content gives the number of the next piece of the page that is being written, for an element.
func (t *tagTree) content(e *tag) int {
	for len(t.owner) < t.pages {
		t.owner = append(t.owner, nil)
	}
	page := t.pages - 1
	t.owner[page] = append(t.owner[page], e)
	id := len(t.owner[page]) - 1
	e.kids = append(e.kids, piece{page, id})
	return id
}

// errPDF says that the file is not as its writer is known to make it.
var errPDF = errors.New("the PDF cannot be tagged: it is not built as expected")

var (
	pageObject = regexp.MustCompile(`(?m)^(\d+) 0 obj\n<</Type /Page\n`)
	trailer    = regexp.MustCompile(`trailer\n<<\n/Size (\d+)\n/Root (\d+) 0 R\n/Info (\d+) 0 R\n`)
	toUnicode  = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
	startXref  = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\s*$`)
)

// add writes the structure behind the file.
func (t *tagTree) add(pdf []byte) ([]byte, error) {
	end, start := trailer.FindSubmatch(pdf), startXref.FindSubmatch(pdf)
	pages := pageObject.FindAllSubmatchIndex(pdf, -1)
	if end == nil || start == nil || len(pages) != t.pages {
		return nil, errPDF
	}
	size, _ := strconv.Atoi(string(end[1]))
	catalog := regexp.MustCompile(`(?m)^` + string(end[2]) + ` 0 obj\n<<\n/Type /Catalog\n`).FindIndex(pdf)
	if catalog == nil {
		return nil, errPDF
	}
	u := &update{body: bytes.NewBuffer(bytes.Clone(pdf)), next: size, places: map[int]int{}}
	if !bytes.HasSuffix(pdf, []byte("\n")) {
		u.body.WriteByte('\n')
	}
	for _, font := range toUnicode.FindAllSubmatch(pdf, -1) {
		id, _ := strconv.Atoi(string(font[1]))
		if _, done := u.places[id]; !done {
			u.object(id, fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(characters), characters))
		}
	}
	structure, parents := u.number(), u.number()
	t.root.each(func(e *tag) { e.id = u.number() })
	ids := make([]int, len(pages))
	for i, p := range pages {
		ids[i], _ = strconv.Atoi(string(pdf[p[2]:p[3]]))
		rest, ok := object(pdf, p[1])
		if !ok {
			return nil, errPDF
		}
		u.object(ids[i], fmt.Sprintf("<</Type /Page\n/StructParents %d\n/Tabs /S\n%s", i, rest))
	}
	rest, ok := object(pdf, catalog[1])
	if !ok {
		return nil, errPDF
	}
	root, _ := strconv.Atoi(string(end[2]))
	u.object(root, fmt.Sprintf("<<\n/Type /Catalog\n/MarkInfo <</Marked true>>\n/StructTreeRoot %d 0 R\n/ViewerPreferences <</DisplayDocTitle true>>\n%s", structure, rest))
	u.object(structure, fmt.Sprintf("<</Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d>>", t.root.id, parents, len(pages)))
	u.object(parents, "<</Nums ["+t.numbers()+"]>>")
	t.root.each(func(e *tag) { u.object(e.id, e.dictionary(structure, ids, t.lang)) })
	u.finish(string(end[2]), string(end[3]), string(start[1]))
	return u.body.Bytes(), nil
}

// characters says which character each code of a font is: the one of that number (9.10.3). The writer of the pages says
// it in one range of all, which a range may not be: it ends where the first byte changes.
var characters = func() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for from := 0; from < 0x100; from += 0x40 {
		fmt.Fprintf(&b, "%d beginbfrange\n", 0x40)
		for high := from; high < from+0x40; high++ {
			first, last := high<<8, high<<8|0xff
			switch high {
			case 0:
				first = 1 // nothing is the character 0,
			case 0xfe:
				last-- // nor the mark of a byte order,
			case 0xff:
				last -= 2 // nor what is no character
			}
			fmt.Fprintf(&b, "<%04X> <%04X> <%04X>\n", first, last, first)
		}
		b.WriteString("endbfrange\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return b.String()
}()

// object gives what is left of an object from a place in it.
func object(pdf []byte, from int) (string, bool) {
	to := bytes.Index(pdf[from:], []byte("\nendobj"))
	if to < 0 {
		return "", false
	}
	return string(pdf[from : from+to]), true
}

func (t *tag) each(do func(*tag)) {
	do(t)
	for _, k := range t.kids {
		if e, ok := k.(*tag); ok {
			e.each(do)
		}
	}
}

// numbers is the tree that leads from a page's pieces back to their elements.
func (t *tagTree) numbers() string {
	var b strings.Builder
	for page, owners := range t.owner {
		fmt.Fprintf(&b, "%d [", page)
		for _, e := range owners {
			fmt.Fprintf(&b, "%d 0 R ", e.id)
		}
		b.WriteString("] ")
	}
	return b.String()
}

func (t *tag) dictionary(structure int, pages []int, lang string) string {
	up := structure
	more := ""
	if t.up != nil {
		up = t.up.id
	} else {
		more = fmt.Sprintf(" /Lang (%s)", lang)
	}
	if t.scope != "" {
		more += fmt.Sprintf(" /A <</O /Table /Scope /%s>>", t.scope)
	}
	var kids strings.Builder
	for _, k := range t.kids {
		switch k := k.(type) {
		case *tag:
			fmt.Fprintf(&kids, "%d 0 R ", k.id)
		case piece:
			fmt.Fprintf(&kids, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pages[k.page], k.id)
		}
	}
	return fmt.Sprintf("<</Type /StructElem /S /%s /P %d 0 R /K [%s]%s>>", t.kind, up, kids.String(), more)
}

// update is what is written behind a PDF: new objects, and newer versions of old ones.
type update struct {
	body   *bytes.Buffer
	next   int
	order  []int
	places map[int]int
}

func (u *update) number() int {
	u.next++
	return u.next - 1
}

func (u *update) object(id int, body string) {
	u.places[id] = u.body.Len()
	u.order = append(u.order, id)
	fmt.Fprintf(u.body, "%d 0 obj\n%s\nendobj\n", id, body)
}

func (u *update) finish(root, info, previous string) {
	sum := sha256.Sum256(u.body.Bytes())
	at := u.body.Len()
	u.body.WriteString("xref\n")
	for _, id := range u.order {
		fmt.Fprintf(u.body, "%d 1\n%010d 00000 n \n", id, u.places[id])
	}
	fmt.Fprintf(u.body, "trailer\n<</Size %d /Root %s 0 R /Info %s 0 R /Prev %s /ID [<%x> <%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		u.next, root, info, previous, sum[:16], sum[:16], at)
}

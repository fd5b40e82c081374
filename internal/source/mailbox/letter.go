package mailbox

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // reads every charset that mail is written in
	"github.com/emersion/go-message/mail"
	"golang.org/x/net/html"

	"mininfo/internal/source"
)

// Bounds of one message. The text that lies beyond maxText is looked through for addresses all the
// same, so that the message is found by them.
const (
	maxText   = 1 << 20 // bytes
	maxParts  = 500
	maxDepth  = 10
	maxPeople = 2000
	maxHeader = 512 << 10
	overlap   = 400 // bytes; longer than any address
)

// letter is one message as a row.
type letter [width]source.Value

type attachment struct {
	Name string `json:"name,omitempty"`
	Type string `json:"type,omitempty"`
	Size int64  `json:"size"` // bytes
}

// reader takes a message apart as it comes over the wire.
type reader struct {
	own           []string
	people, names set
	plain, rich   strings.Builder
	attachments   []attachment
	parts         int
}

// set keeps texts in the order in which they came, each once.
type set struct {
	seen map[string]bool
	list []string
}

func (s *set) add(text string) {
	if text == "" || s.seen[text] || len(s.list) >= maxPeople {
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[text] = true
	s.list = append(s.list, text)
}

// parse reads a message to its end. What is broken in it is read as far as it goes; the error is
// the wire's.
func parse(wire io.Reader, own []string) (*letter, error) {
	r := &tracked{r: wire}
	l, p := &letter{}, &reader{own: own}
	if e := entity(r); e != nil {
		h := mail.Header{Header: e.Header}
		l[atFrom] = texts(p.addresses(&h, "From", "Sender", "Reply-To"))
		l[atTo] = texts(p.addresses(&h, "To"))
		l[atCc] = texts(p.addresses(&h, "Cc", "Bcc"))
		subject, _ := h.Subject()
		p.scan(subject)
		l[atSubject] = textOf(subject)
		if date, err := h.Date(); err == nil && !date.IsZero() {
			l[atDate] = instant(date)
		}
		p.part(e, 0)
	}
	_, _ = io.Copy(io.Discard, r)
	body := p.plain.String()
	if strings.TrimSpace(body) == "" {
		body = p.rich.String()
	}
	l[atBody] = textOf(strings.TrimSpace(body))
	l[atNames], l[atPeople] = texts(p.names.list), texts(p.people.list)
	if len(p.attachments) > 0 {
		b, err := json.Marshal(p.attachments)
		if err != nil {
			return nil, err
		}
		l[atAttachments] = source.Value{Kind: source.JSON, Str: string(b)}
	}
	return l, r.err
}

// entity reads the header of a message. A charset or an encoding that nobody knows is no reason to
// leave the message out: then its text is taken as it is.
func entity(r io.Reader) *message.Entity {
	e, err := message.ReadWithOptions(r, &message.ReadOptions{MaxHeaderBytes: maxHeader})
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil
	}
	return e
}

// addresses gives the addresses in some fields of a header, and notes them and the names beside them.
func (p *reader) addresses(h *mail.Header, fields ...string) []string {
	var out set
	for _, name := range fields {
		for values := h.FieldsByKey(name); values.Next(); {
			text, err := values.Text()
			if err != nil {
				text = values.Value()
			}
			if list, err := mail.ParseAddressList(values.Value()); err == nil {
				for _, a := range list {
					out.add(a.Address)
					p.person(a.Address)
					p.names.add(strings.Join(strings.Fields(a.Name), " "))
				}
				continue
			}
			// A field that is written against the rules still names people.
			for _, a := range found(text) {
				out.add(a)
				p.person(a)
			}
		}
	}
	return out.list
}

// person notes an address, unless it is one of the organisation itself.
func (p *reader) person(address string) {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	for _, own := range p.own {
		if domain == own || strings.HasSuffix(domain, "."+own) {
			return
		}
	}
	p.people.add(address)
}

var addressPattern = regexp.MustCompile(`[\p{L}0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[\p{L}0-9](?:[\p{L}0-9.-]{0,253}[\p{L}0-9])?`)

func found(text string) []string {
	if strings.IndexByte(text, '@') < 0 {
		return nil
	}
	var out []string
	for _, a := range addressPattern.FindAllString(text, -1) {
		out = append(out, strings.Trim(a, ".'"))
	}
	return out
}

func (p *reader) scan(text string) {
	for _, a := range found(text) {
		p.person(strings.Clone(a))
	}
}

// part reads one part of a message and what lies in it.
func (p *reader) part(e *message.Entity, depth int) {
	if p.parts++; p.parts > maxParts || depth > maxDepth {
		return
	}
	if multi := e.MultipartReader(); multi != nil {
		for p.parts <= maxParts {
			next, err := multi.NextPart()
			if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) || next == nil {
				return
			}
			p.part(next, depth+1)
		}
		return
	}
	kind, params, _ := e.Header.ContentType()
	disposition, more, _ := e.Header.ContentDisposition()
	name := more["filename"]
	if name == "" {
		name = params["name"]
	}
	switch {
	case kind == "message/rfc822":
		p.forwarded(e.Body, depth)
	case disposition == "attachment" || name != "" || !strings.HasPrefix(kind, "text/"):
		size, _ := io.Copy(io.Discard, e.Body)
		p.attachments = append(p.attachments, attachment{Name: clean(name), Type: kind, Size: size})
	case kind == "text/html":
		page := &kept{}
		p.read(e.Body, page)
		before := p.rich.Len()
		p.rich.WriteString(plainText(page.b.String()))
		p.scan(p.rich.String()[before:])
	default:
		text := &kept{}
		p.read(e.Body, text)
		if p.plain.Len() > 0 {
			p.plain.WriteString("\n\n")
		}
		p.plain.WriteString(text.b.String())
	}
}

// forwarded reads a message inside the message: its people are people of this one.
func (p *reader) forwarded(body io.Reader, depth int) {
	e := entity(body)
	if e == nil {
		return
	}
	h := mail.Header{Header: e.Header}
	p.addresses(&h, "From", "Sender", "Reply-To", "To", "Cc", "Bcc")
	subject, _ := h.Subject()
	p.scan(subject)
	p.plain.WriteString("\n\n" + subject)
	p.part(e, depth+1)
}

// read copies a text, and looks all of it through for addresses, however long it is.
func (p *reader) read(from io.Reader, to io.Writer) {
	buf := make([]byte, 32<<10)
	held := 0
	for {
		n, err := from.Read(buf[held:])
		_, _ = to.Write(buf[held : held+n])
		held += n
		if err != nil {
			p.scan(string(buf[:held]))
			return
		}
		if held == len(buf) {
			p.scan(string(buf))
			held = copy(buf, buf[len(buf)-overlap:])
		}
	}
}

// kept keeps the beginning of a text.
type kept struct{ b strings.Builder }

func (k *kept) Write(b []byte) (int, error) {
	if room := maxText - k.b.Len(); room > 0 {
		k.b.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

// plainText takes the words out of a page.
func plainText(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.StartTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "script", "style", "head", "title":
				hidden++
			case "br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote":
				b.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if name, _ := z.TagName(); string(name) == "br" {
				b.WriteByte('\n')
			}
		case html.EndTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "script", "style", "head", "title":
				hidden = max(hidden-1, 0)
			}
		case html.TextToken:
			if hidden == 0 {
				b.WriteString(html.UnescapeString(string(z.Text())))
			}
		}
	}
}

// clean makes a text one that can be kept and shown: valid, and without NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, string(utf8.RuneError)), "\x00", "")
}

func textOf(s string) source.Value {
	if s = clean(s); s == "" {
		return source.Value{}
	}
	return source.TextOf(s)
}

func texts(list []string) source.Value {
	if len(list) == 0 {
		return source.Value{}
	}
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = source.AppendJSONString(b, clean(s))
	}
	return source.Value{Kind: source.JSON, Str: string(append(b, ']'))}
}

func instant(t time.Time) source.Value {
	return source.Value{Kind: source.Time, Str: t.UTC().Format(time.RFC3339)}
}

// tracked remembers how a reader ended: a message that the connection ended in is not whole.
type tracked struct {
	r   io.Reader
	err error
}

func (t *tracked) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}

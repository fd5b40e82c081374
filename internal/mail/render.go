package mail

import (
	"errors"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"mininfo/internal/locale"
)

// Data fills a mail. Each value is one line, already written in the mail's language (dates too), and is
// no personal data. A kind that needs a value refuses to be rendered without it.
type Data struct {
	Org       string   // name of the organisation; needed always
	Contact   string   // where to reach the office in another way: address, phone; needed always
	Postal    string   // postal address
	Reference string   // of the case
	Right     string   // what it is about, as a noun phrase: "innsyn", "sletting"
	Received  string   // date of receipt
	Due       string   // date of the answer at the latest
	Until     string   // how long something holds
	When      string   // when something happened
	Paused    string   // date from which the clock stands still
	URL       string   // http or https
	Code      string   // one-time code
	Notice    string   // which version of the privacy notice applied
	Reason    string   // why, or for what operation, as a noun phrase
	Lines     []string // a list: counts and categories, places looked in
	Links     []Link   // a list of things to do, each behind a link of its own
	Look      Look     // what the organisation wears
}

// Look is what the organisation wears: its colour and its logo. Both may be empty.
type Look struct {
	Accent string `json:"accent,omitempty"` // #rrggbb; dark enough to be read on white
	Logo   []byte `json:"logo,omitempty"`   // a PNG
}

// logoName is what the HTML calls the logo, which comes with the mail: nothing is fetched from anywhere.
const logoName = "logo.png"

// Link is one thing to do and the address where it is done.
type Link struct{ Text, URL string }

// Errors of rendering. They name kinds and placeholders, never values.
var (
	ErrUnknownKind = errors.New("no such mail")
	ErrMissing     = errors.New("mail lacks a value")
	ErrValue       = errors.New("mail has an unfit value")
)

// Placeholders are all there are. They are replaced as plain text, once: what a value holds is never
// read as a placeholder or as markup.
var placeholders = []string{
	"org", "contact", "postal", "reference", "right", "received", "due", "until", "when", "paused", "url", "code", "reason", "notice", "lines", "links",
}

func (d Data) value(name string) string {
	switch name {
	case "org":
		return d.Org
	case "contact":
		return d.Contact
	case "postal":
		return d.Postal
	case "reference":
		return d.Reference
	case "right":
		return d.Right
	case "received":
		return d.Received
	case "due":
		return d.Due
	case "until":
		return d.Until
	case "when":
		return d.When
	case "paused":
		return d.Paused
	case "url":
		return d.URL
	case "code":
		return d.Code
	case "reason":
		return d.Reason
	case "notice":
		return d.Notice
	case "lines":
		return strings.Join(d.Lines, "\n") // only asked whether it is empty
	case "links":
		if len(d.Links) > 0 {
			return d.Links[0].URL // likewise
		}
	}
	return ""
}

// Render writes a mail as it is built in.
func Render(k Kind, l locale.Locale, d Data) (Message, error) { return Wording{}.Render(k, l, d) }

// Render writes a mail, in the controller's own words where there are such: subject, text, HTML and language are set, and
// the caller adds who sends it to whom. The error is ErrUnknownKind, ErrMissing or ErrValue.
func (w Wording) Render(k Kind, l locale.Locale, d Data) (Message, error) {
	t, ok := catalogue[l][k]
	if !ok {
		return Message{}, fmt.Errorf("rendering %q in %q: %w", k, l, ErrUnknownKind)
	}
	if own, worded := w.own[l][k]; worded {
		t = own
	}
	return d.render(k, l, t)
}

func (d Data) render(k Kind, l locale.Locale, t letter) (Message, error) {
	if err := d.check(); err != nil {
		return Message{}, fmt.Errorf("rendering %q: %w", k, err)
	}
	subject, err := d.fill(t.Subject, plain)
	if err != nil {
		return Message{}, fmt.Errorf("rendering %q: %w", k, err)
	}
	body, err := d.paragraphs(t.Body)
	if err != nil {
		return Message{}, fmt.Errorf("rendering %q: %w", k, err)
	}
	end, err := d.paragraphs(footer.In(l))
	if err != nil {
		return Message{}, fmt.Errorf("rendering %q: %w", k, err)
	}
	m := Message{Subject: subject, Locale: l, Logo: d.Look.Logo}
	if m.Text, err = d.text(body, end); err != nil {
		return Message{}, fmt.Errorf("rendering %q: %w", k, err)
	}
	if m.HTML, err = d.html(l, subject, body, end); err != nil {
		return Message{}, fmt.Errorf("rendering %q: %w", k, err)
	}
	return m, nil
}

// Needs gives the names of the placeholders that a mail cannot be without, sorted.
func (k Kind) Needs(l locale.Locale) []string {
	t := catalogue[l][k]
	return t.needs(footer.In(l))
}

func (t letter) needs(end string) []string {
	need := names(t.Subject)
	for _, p := range strings.Split(t.Body+"\n\n"+end, "\n\n") {
		if !strings.HasPrefix(p, "? ") {
			need = append(need, names(p)...)
		}
	}
	slices.Sort(need)
	return slices.Compact(need)
}

func (d Data) check() error {
	for _, name := range placeholders {
		if name != "lines" && name != "links" && !oneLine(d.value(name)) {
			return fmt.Errorf("%w: {%s} has a control character", ErrValue, name)
		}
	}
	for _, line := range d.Lines {
		if line == "" || !oneLine(line) {
			return fmt.Errorf("%w: {lines} has an empty line or a control character", ErrValue)
		}
	}
	if d.Look.Accent != "" && !colour.MatchString(d.Look.Accent) {
		return fmt.Errorf("%w: the colour is not of the form #rrggbb", ErrValue)
	}
	if d.URL != "" && !ofTheWeb(d.URL) {
		return fmt.Errorf("%w: {url} is not an address of the web", ErrValue)
	}
	for _, link := range d.Links {
		if link.Text == "" || !oneLine(link.Text) || !ofTheWeb(link.URL) {
			return fmt.Errorf("%w: {links} has an empty line, a control character or an address that is not of the web", ErrValue)
		}
	}
	return nil
}

var colour = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func ofTheWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && oneLine(address) && !strings.ContainsAny(address, " \"<>")
}

// paragraphs splits a text, and leaves out the optional ones whose values are missing.
func (d Data) paragraphs(text string) ([]string, error) {
	var out []string
	for _, p := range strings.Split(strings.TrimSpace(text), "\n\n") {
		p, optional := strings.CutPrefix(mark.ReplaceAllString(p, ""), "? ")
		missing := d.missing(p)
		if len(missing) > 0 && optional {
			continue
		}
		if len(missing) > 0 {
			return nil, fmt.Errorf("%w: {%s}", ErrMissing, missing[0])
		}
		out = append(out, p)
	}
	return out, nil
}

func (d Data) missing(text string) []string {
	return slices.DeleteFunc(names(text), func(name string) bool { return d.value(name) != "" })
}

// names gives the placeholders in a text.
func names(text string) []string {
	var out []string
	for {
		_, after, ok := strings.Cut(text, "{")
		if !ok {
			return out
		}
		name, rest, _ := strings.Cut(after, "}")
		out, text = append(out, name), rest
	}
}

func plain(s string) string { return s }

// fill replaces the placeholders of a text, in one pass.
func (d Data) fill(text string, escape func(string) string) (string, error) {
	if missing := d.missing(text); len(missing) > 0 {
		return "", fmt.Errorf("%w: {%s}", ErrMissing, missing[0])
	}
	pairs := make([]string, 0, 2*len(placeholders))
	for _, name := range placeholders {
		pairs = append(pairs, "{"+name+"}", escape(d.value(name)))
	}
	return strings.NewReplacer(pairs...).Replace(escape(text)), nil
}

func (d Data) text(body, end []string) (string, error) {
	var out []string
	for _, p := range body {
		var lines []string
		for _, line := range strings.Split(p, "\n") {
			if line == "{lines}" {
				for _, item := range d.Lines {
					lines = append(lines, "- "+item)
				}
				continue
			}
			if line == "{links}" {
				for _, link := range d.Links {
					lines = append(lines, "- "+link.Text, "  "+link.URL)
				}
				continue
			}
			s, err := d.fill(line, plain)
			if err != nil {
				return "", err
			}
			lines = append(lines, s)
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	foot, err := d.fill(strings.Join(end, "\n"), plain)
	if err != nil {
		return "", err
	}
	return strings.Join(out, "\n\n") + "\n\n-- \n" + foot + "\n", nil
}

// Styles stand in the elements, since mail programs drop style sheets. Nothing is fetched from anywhere.
const (
	styleBody = "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:16px;line-height:1.5;max-width:36em;margin:0 auto;padding:16px;overflow-wrap:break-word;word-wrap:break-word"
	styleOrg  = "font-weight:bold;margin:0 0 16px"
	styleLine = ";padding:0 0 12px;border-bottom:4px solid %s" // under the name, in the organisation's colour
	styleLogo = "display:block;max-width:240px;max-height:64px;margin:0 0 8px"
	styleP    = "margin:0 0 16px"
	styleCode = "margin:0 0 16px;font-family:ui-monospace,Consolas,monospace;font-size:28px;letter-spacing:2px;font-weight:bold"
	styleLink = "word-break:break-all" // an address with a secret in it is longer than a phone is wide
	styleFoot = "margin:24px 0 0;padding:16px 0 0;border-top:1px solid #808080"
)

func (d Data) html(l locale.Locale, subject string, body, end []string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>%s</title></head>\n<body style=\"%s\">\n",
		l, html.EscapeString(subject), styleBody)
	head, logo := styleOrg, ""
	if d.Look.Accent != "" {
		head += fmt.Sprintf(styleLine, d.Look.Accent)
	}
	if len(d.Look.Logo) > 0 {
		logo = fmt.Sprintf("<img src=\"cid:%s\" alt=\"\" style=\"%s\">", logoName, styleLogo)
	}
	fmt.Fprintf(&b, "<p style=\"%s\">%s%s</p>\n", head, logo, html.EscapeString(d.Org))
	for _, p := range body {
		if err := d.htmlParagraph(&b, p); err != nil {
			return "", err
		}
	}
	foot, err := d.fill(strings.Join(end, "\n"), html.EscapeString)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "<p style=\"%s\">%s</p>\n</body>\n</html>\n", styleFoot, strings.ReplaceAll(foot, "\n", "<br>\n"))
	return b.String(), nil
}

func (d Data) htmlParagraph(b *strings.Builder, p string) error {
	open := false // a paragraph is open
	end := func() {
		if open {
			b.WriteString("</p>\n")
		}
		open = false
	}
	for _, line := range strings.Split(p, "\n") {
		s, err := d.fill(line, html.EscapeString)
		if err != nil {
			return err
		}
		switch line {
		case "{lines}":
			end()
			b.WriteString("<ul>\n")
			for _, item := range d.Lines {
				fmt.Fprintf(b, "<li>%s</li>\n", html.EscapeString(item))
			}
			b.WriteString("</ul>\n")
			continue
		case "{links}":
			end()
			b.WriteString("<ul>\n")
			for _, link := range d.Links {
				to := html.EscapeString(link.URL)
				fmt.Fprintf(b, "<li>%s<br>\n<a href=\"%s\" style=\"%s\">%s</a></li>\n", html.EscapeString(link.Text), to, styleLink, to)
			}
			b.WriteString("</ul>\n")
			continue
		case "{code}":
			end()
			fmt.Fprintf(b, "<p style=\"%s\">%s</p>\n", styleCode, s)
			continue
		case "{url}":
			s = fmt.Sprintf("<a href=\"%s\" style=\"%s\">%s</a>", s, styleLink, s)
		}
		if open {
			b.WriteString("<br>\n" + s)
			continue
		}
		fmt.Fprintf(b, "<p style=\"%s\">%s", styleP, s)
		open = true
	}
	end()
	return nil
}

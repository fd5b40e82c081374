package casework

import (
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// ParsedMail is a mail read into the fields of a new case. Nothing of it is kept.
type ParsedMail struct {
	FromName  string
	FromEmail string
	Received  *time.Time
	Subject   string
	Text      string
	Rights    []dsr.Right // suggested from the words
	Reference dsr.Reference
	CaseID    string // the case that the mail answers
	Warnings  []string
}

// ErrMailUnreadable says that a text is neither a mail nor words.
var ErrMailUnreadable = fault.Define(fault.Invalid, "mail_unreadable",
	"Vi klarte ikke å lese dette. Lim inn teksten i e-posten i stedet.",
	"Vi klarte ikkje å lese dette. Lim inn teksten i e-posten i staden.",
	"We could not read this. Paste the text of the mail instead.")

const (
	mailDepth = 8       // how deep parts may lie in each other
	mailText  = 100_000 // characters that are kept of the text
)

// ParseMail reads an .eml file or a pasted text into the fields of a new case. The sender of a
// pasted mail proves nothing: the address is only a suggestion.
func (d *Desk) ParseMail(ctx context.Context, by By, raw string, l locale.Locale) (ParsedMail, error) {
	if err := staff.May(staff.Member{ID: by.ID, Roles: by.Roles}, staff.FileOnBehalf, staff.Facts{}); err != nil {
		return ParsedMail{}, err
	}
	p := readMail(raw, l)
	p.clean()
	if strings.TrimSpace(p.Text) == "" && p.Subject == "" {
		return ParsedMail{}, ErrMailUnreadable.At("/raw")
	}
	p.Rights = suggestRights(p.Subject + "\n" + p.Text)
	p.Reference = findReference(p.Subject + "\n" + p.Text)
	if p.Received != nil && p.Received.After(d.Now()) {
		p.Received = nil
		p.Warnings = append(p.Warnings, text("Datoen i e-posten er i framtiden. Skriv når den kom.",
			"Datoen i e-posten er i framtida. Skriv når han kom.", "The date in the mail is in the future. Write when it came.").In(l))
	}
	if p.Reference == "" {
		return p, nil
	}
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ByReference(p.Reference)
		if err != nil || r == nil {
			return err
		}
		p.CaseID = r.PublicID
		return nil
	})
	return p, err
}

// clean makes of the words what the form takes back: UTF-8 without NUL, as long as its fields.
func (p *ParsedMail) clean() {
	for _, s := range []struct {
		text  *string
		limit int
	}{{&p.FromName, 200}, {&p.Subject, 500}, {&p.Text, mailText}} {
		*s.text = cut(strings.ReplaceAll(strings.ToValidUTF8(*s.text, "\uFFFD"), "\x00", ""), s.limit)
	}
}

var (
	headerLine = regexp.MustCompile(`(?i)^\*?(from|fra|frå|to|til|cc|kopi|subject|emne|date|dato|sendt|sent|received|mottatt):`)
	divider    = regexp.MustCompile(`(?i)^[-_ ]*((begin )?forwarded message|videresendt melding|vidaresend melding|original message|opprinnelig melding|opphavleg melding)?[-_: ]*$`)
)

func readMail(raw string, l locale.Locale) ParsedMail {
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil || m.Header.Get("From") == "" && m.Header.Get("Subject") == "" && m.Header.Get("Received") == "" {
		return pasted(raw)
	}
	p := ParsedMail{Subject: decodeHeader(m.Header.Get("Subject"))}
	if from, err := (&mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: charset}}).Parse(m.Header.Get("From")); err == nil {
		p.FromName = from.Name
		if a, err := dsr.ParseAddress(from.Address); err == nil {
			p.FromEmail = a.Typed
		}
	} else { // pasted out of a mail program, which writes it in its own way
		p.FromName, p.FromEmail = sender(decodeHeader(m.Header.Get("From")))
	}
	if at, ok := receivedAt(m.Header); ok {
		p.Received = &at
	}
	plain, rich := bodies(m.Body, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), mailDepth)
	p.Text = strings.TrimSpace(plain)
	if p.Text == "" {
		p.Text = strings.TrimSpace(stripHTML(rich))
	}
	p.Text = cut(p.Text, mailText)
	if p.FromEmail == "" {
		p.Warnings = append(p.Warnings, text("Fant ingen gyldig avsenderadresse.", "Fann inga gyldig avsendaradresse.", "Found no valid sender's address.").In(l))
	}
	return p
}

// receivedAt is when the mail server took the mail: the top Received header, not what the sender's
// clock said.
func receivedAt(h mail.Header) (time.Time, bool) {
	for _, r := range h["Received"] {
		if _, date, ok := strings.Cut(r, ";"); ok {
			if at, err := mail.ParseDate(strings.TrimSpace(date)); err == nil {
				return at, true
			}
		}
	}
	if at, err := h.Date(); err == nil {
		return at, true
	}
	return writtenDate(h.Get("Sent"))
}

// pasted reads what was copied out of a mail program: perhaps some header lines, then the text.
func pasted(raw string) ParsedMail {
	p := ParsedMail{}
	lines := strings.Split(strings.ReplaceAll(raw, "\r\n", "\n"), "\n")
	body := 0
	for i, line := range lines {
		if i > 16 || strings.TrimSpace(line) != "" && !headerLine.MatchString(line) && !divider.MatchString(line) {
			break
		}
		body = i + 1
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(strings.TrimRight(value, "*"))
		switch strings.ToLower(strings.Trim(name, "* ")) {
		case "from", "fra", "frå":
			p.FromName, p.FromEmail = sender(value)
		case "subject", "emne":
			p.Subject = value
		case "date", "dato", "sendt", "sent":
			if at, ok := writtenDate(value); ok {
				p.Received = &at
			}
		}
	}
	p.Text = cut(strings.TrimSpace(strings.Join(lines[body:], "\n")), mailText)
	if p.FromEmail == "" {
		p.FromEmail = firstAddress(p.Text)
	}
	return p
}

var (
	dateInWords = regexp.MustCompile(`(?i)(\d{1,2})\.? (\p{L}{3,})\.? (\d{4})(?:[^\d]{1,6}(\d{1,2})[:.](\d{2}))?`)
	dateEnglish = regexp.MustCompile(`(?i)(\p{L}{3,}) (\d{1,2}), (\d{4})(?:[^\d]{1,6}(\d{1,2}):(\d{2})(?::\d{2})?\s*([ap]m)?)?`)
	dateNumbers = regexp.MustCompile(`(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[^\d]{1,6}(\d{1,2})[:.](\d{2}))?`)
)

// writtenDate reads the date that a mail program shows: RFC 5322, "mandag 2. november 2026 kl. 09:15",
// "02.11.2026 09:15" or "Monday, November 2, 2026 9:15 AM". Without a zone it is Norwegian time.
func writtenDate(s string) (time.Time, bool) {
	if at, err := mail.ParseDate(s); err == nil {
		return at, true
	}
	if m := dateNumbers.FindStringSubmatch(s); m != nil {
		return oslo(m[3], m[2], m[1], m[4], m[5], "")
	}
	if m := dateEnglish.FindStringSubmatch(s); m != nil {
		return oslo(m[3], monthNumber(m[1]), m[2], m[4], m[5], m[6])
	}
	if m := dateInWords.FindStringSubmatch(s); m != nil {
		return oslo(m[3], monthNumber(m[2]), m[1], m[4], m[5], "")
	}
	return time.Time{}, false
}

// monthNumber reads a month by its first three letters; Norwegian and English differ in two of them.
func monthNumber(name string) string {
	names := []string{"jan", "feb", "mar", "apr", "ma", "jun", "jul", "aug", "sep", "o", "nov", "de"}
	name = strings.ToLower(name)
	for i, begin := range names {
		if strings.HasPrefix(name, begin) {
			return strconv.Itoa(i + 1)
		}
	}
	return "0"
}

// oslo puts a date together; what no calendar has is no date.
func oslo(year, month, day, hour, minute, half string) (time.Time, bool) {
	zone, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		return time.Time{}, false
	}
	n := [5]int{}
	for i, part := range []string{year, month, day, hour, minute} {
		n[i], _ = strconv.Atoi(part) // the pattern holds digits or nothing
	}
	switch {
	case strings.EqualFold(half, "pm") && n[3] < 12:
		n[3] += 12
	case strings.EqualFold(half, "am") && n[3] == 12:
		n[3] = 0
	}
	at := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], 0, 0, zone)
	ok := at.Day() == n[2] && int(at.Month()) == n[1] && n[3] < 24 && n[4] < 60
	return at, ok
}

var addressLike = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[\p{L}\p{N}.-]+\.\p{L}{2,}`)

func sender(value string) (name, address string) {
	if a, err := mail.ParseAddress(value); err == nil {
		if _, err := dsr.ParseAddress(a.Address); err == nil {
			return a.Name, a.Address
		}
	}
	address = firstAddress(value)
	name = strings.Trim(strings.TrimSpace(strings.NewReplacer(address, "", "<", "", ">", "", "[mailto:", "", "]", "").Replace(value)), `"' `)
	return name, address
}

// firstAddress takes the only address of a text; of several nobody knows which is the person's.
func firstAddress(s string) string {
	found := addressLike.FindAllString(s, 3)
	if len(found) != 1 {
		return ""
	}
	if a, err := dsr.ParseAddress(strings.TrimRight(found[0], ".")); err == nil {
		return a.Typed
	}
	return ""
}

func decodeHeader(s string) string {
	decoded, err := (&mime.WordDecoder{CharsetReader: charset}).DecodeHeader(s)
	if err != nil {
		return s
	}
	return decoded
}

func charset(name string, r io.Reader) (io.Reader, error) {
	encoding, err := htmlindex.Get(name)
	if err != nil {
		return r, nil //nolint:nilerr // an unknown charset is shown as it came rather than lost
	}
	return encoding.NewDecoder().Reader(r), nil
}

// bodies gathers the plain and the HTML text of a mail's parts; attachments are passed over.
func bodies(r io.Reader, contentType, transfer string, depth int) (plain, rich string) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind, params = "text/plain", map[string]string{}
	}
	if strings.HasPrefix(kind, "multipart/") && depth > 0 {
		return parts(multipart.NewReader(r, params["boundary"]), depth-1)
	}
	if kind != "text/plain" && kind != "text/html" {
		return "", ""
	}
	switch strings.ToLower(strings.TrimSpace(transfer)) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	body, _ := io.ReadAll(io.LimitReader(r, 4*mailText))
	s := decoded(body, params["charset"])
	if kind == "text/html" {
		return "", s
	}
	return s, ""
}

// decoded reads bytes in the charset that a mail says. Old programs say none, or one that nobody
// knows: what is not UTF-8 is then read as what they wrote in.
func decoded(body []byte, name string) string {
	encoding, err := htmlindex.Get(name)
	if err != nil && !utf8.Valid(body) {
		encoding, err = charmap.Windows1252, nil
	}
	if err == nil {
		if out, failed := encoding.NewDecoder().Bytes(body); failed == nil {
			body = out
		}
	}
	return strings.ToValidUTF8(string(body), "�")
}

func parts(m *multipart.Reader, depth int) (plain, rich string) {
	for {
		part, err := m.NextRawPart()
		if err != nil {
			return plain, rich
		}
		if strings.HasPrefix(part.Header.Get("Content-Disposition"), "attachment") {
			continue
		}
		p, h := bodies(part, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), depth)
		plain, rich = plain+p, rich+h
	}
}

// stripHTML gives the words of a page: no script, no style, a line for each block.
func stripHTML(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.StartTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "script", "style", "head":
				hidden++
			case "p", "div", "br", "li", "tr", "h1", "h2", "h3":
				out.WriteString("\n")
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if s := string(name); (s == "script" || s == "style" || s == "head") && hidden > 0 {
				hidden--
			}
		case html.TextToken:
			if hidden == 0 {
				out.WriteString(strings.TrimSpace(string(z.Text())) + " ")
			}
		}
	}
}

func cut(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}

var referenceLike = regexp.MustCompile(`(?i)\bMI-\d{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b`)

func findReference(s string) dsr.Reference {
	for _, candidate := range referenceLike.FindAllString(s, 10) {
		if ref, err := dsr.ParseReference(candidate); err == nil {
			return ref
		}
	}
	return ""
}

// The words that tell which right a letter is about, in the languages such letters come in. Any
// of them may be wrong: they are suggestions, and a letter without them is a request all the same
// (EDPB 01/2022 § 50).
var rightWords = []struct {
	right dsr.Right
	words []string
}{
	{dsr.Access, []string{"innsyn", "artikkel 15", "art. 15", "article 15", "art 15", "kopi av opplysning", "hvilke opplysninger", "kva opplysningar", "access to", "copy of my", "copy of the personal data", "subject access", "auskunft", "what data"}},
	{dsr.Rectification, []string{"rett opp", "retting", "rettet", "korriger", "artikkel 16", "art. 16", "article 16", "feil adresse", "er feil", "rectif", "incorrect", "inaccurate", "berichtigung"}},
	{dsr.Erasure, []string{"slett", "fjern", "artikkel 17", "art. 17", "article 17", "rett til å bli glemt", "erase", "erasure", "delete", "right to be forgotten", "löschung"}},
	{dsr.Restriction, []string{"begrens", "avgrens", "sperr", "artikkel 18", "art. 18", "article 18", "restrict the processing", "restriction of processing", "stop using my data"}},
	{dsr.Portability, []string{"dataportabilitet", "flytte opplysning", "artikkel 20", "art. 20", "article 20", "portability", "machine-readable", "maskinlesbar"}},
	{dsr.Objection, []string{"protester", "motsetter meg", "motset meg", "reservere meg", "reserverer meg", "ikke mer reklame", "ikkje meir reklame", "direkte markedsføring", "direkte marknadsføring", "artikkel 21", "art. 21", "article 21", "i object", "object to the processing", "stop marketing", "direct marketing"}},
	{dsr.Withdrawal, []string{"trekker samtykke", "trekkjer samtykke", "trekke samtykke", "trekkje samtykke", "trekke tilbake samtykke", "trekker tilbake samtykke", "meld meg av", "artikkel 7", "article 7", "withdraw my consent", "unsubscribe"}},
	{dsr.HumanReview, []string{"automatisk avgjør", "automatisert avgjør", "automatisk avgjer", "artikkel 22", "art. 22", "article 22", "automated decision", "human review", "menneskelig vurdering"}},
}

func suggestRights(s string) []dsr.Right {
	lower := strings.ToLower(s)
	var found []dsr.Right
	for _, r := range rightWords {
		for _, w := range r.words {
			if strings.Contains(lower, w) {
				found = append(found, r.right)
				break
			}
		}
	}
	return found
}

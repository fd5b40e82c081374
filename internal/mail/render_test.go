package mail_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/locale"
	"mininfo/internal/mail"
)

var update = flag.Bool("update", false, "write the golden files anew")

func full(l locale.Locale) mail.Data {
	right := locale.Text{NB: "sletting", NN: "sletting", EN: "erasure"}
	reason := locale.Text{NB: "nedlasting av svaret", NN: "nedlasting av svaret", EN: "downloading the answer"}
	date := func(day int) string {
		return locale.Text{
			NB: fmt.Sprintf("%d. april 2026", day), NN: fmt.Sprintf("%d. april 2026", day), EN: fmt.Sprintf("%d April 2026", day),
		}.In(l)
	}
	return mail.Data{
		Org: "Fjordlys AS", Contact: "personvern@fjordlys.example, 55 00 00 00", Postal: "Postboks 1, 5001 Bergen",
		Reference: "MI-2026-7F3K-2Q", Right: right.In(l), Received: date(1), Due: date(30), Until: date(8), When: date(2), Paused: date(3),
		URL: "https://personvern.fjordlys.example/sak/7f3k", Code: "K7QM-2WXD", Reason: reason.In(l),
		Notice: locale.Text{NB: "versjon 3", NN: "versjon 3", EN: "version 3"}.In(l) + ", " + date(1),
		Lines:  []string{"12 × A", "3 × B"},
		Links:  []mail.Link{{Text: "MI-2026-7F3K-2Q: A", URL: "https://personvern.fjordlys.example/colleague#1"}, {Text: "MI-2026-9M2P-4T: B", URL: "https://personvern.fjordlys.example/colleague#2"}},
	}
}

// onlyNeeded leaves out everything that a kind can do without.
func onlyNeeded(k mail.Kind, l locale.Locale) mail.Data {
	d := full(l)
	need := k.Needs(l)
	for _, name := range fields {
		if !slices.Contains(need, name) {
			*field(&d, name) = ""
		}
	}
	if !slices.Contains(need, "lines") {
		d.Lines = nil
	}
	if !slices.Contains(need, "links") {
		d.Links = nil
	}
	return d
}

var fields = []string{
	"org", "contact", "postal", "reference", "right", "received", "due", "until", "when", "paused", "url", "code", "reason", "notice",
}

func field(d *mail.Data, name string) *string {
	return map[string]*string{
		"org": &d.Org, "contact": &d.Contact, "postal": &d.Postal, "reference": &d.Reference, "right": &d.Right,
		"received": &d.Received, "due": &d.Due, "until": &d.Until, "when": &d.When, "paused": &d.Paused, "url": &d.URL,
		"code": &d.Code, "reason": &d.Reason, "notice": &d.Notice,
	}[name]
}

func each(t *testing.T, f func(t *testing.T, k mail.Kind, l locale.Locale)) {
	t.Helper()
	for _, k := range mail.Kinds {
		for _, l := range locale.All {
			t.Run(fmt.Sprintf("%s.%s", k, l), func(t *testing.T) { f(t, k, l) })
		}
	}
}

// The mail sends people to a choice on the page; it must have the name that it has there.
func TestStoppingHasTheNameThatItHasOnThePage(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		page, err := os.ReadFile(filepath.Join("..", "..", "ui", "src", "text", "person."+string(l)+".ts"))
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(page), "'notMe.summary': '")
		name, _, found := strings.Cut(after, "'")
		m, err := mail.Render(mail.Verify, l, full(l))
		if err != nil || !found || name == "" || !strings.Contains(m.Text, name) {
			t.Errorf("%s: the mail does not name %q: %v", l, name, err)
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k mail.Kind, l locale.Locale) {
		m, err := mail.Render(k, l, full(l))
		if err != nil {
			t.Fatal(err)
		}
		got := "Subject: " + m.Subject + "\n\n" + m.Text + "\n" + m.HTML
		path := filepath.Join("testdata", "golden", fmt.Sprintf("%s.%s.txt", k, l))
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("differs from %s (look at it, then -update):\n%s", path, diff)
		}
	})
}

func TestNoStrayGoldenFiles(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(filepath.Join("testdata", "golden"))
	if err != nil {
		t.Fatal(err)
	}
	if want := len(mail.Kinds) * len(locale.All); len(files) != want {
		t.Errorf("%d golden files for %d mails", len(files), want)
	}
}

func TestEveryMailIsWholeInBothForms(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k mail.Kind, l locale.Locale) {
		for name, d := range map[string]mail.Data{"full": full(l), "only needed": onlyNeeded(k, l)} {
			m, err := mail.Render(k, l, d)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for part, s := range map[string]string{"subject": m.Subject, "text": m.Text, "html": m.HTML} {
				if s == "" || strings.ContainsAny(s, "{}") || strings.Contains(s, "\n? ") || strings.Contains(s, "%!") {
					t.Errorf("%s: %s is not finished: %q", name, part, s)
				}
			}
			for _, need := range k.Needs(l) {
				var want []string
				switch need {
				case "lines":
					want = d.Lines
				case "links":
					for _, link := range d.Links {
						want = append(want, link.Text, link.URL)
					}
				default:
					want = []string{*field(&d, need)}
				}
				for _, w := range want {
					if !strings.Contains(m.Subject+m.Text, w) {
						t.Errorf("%s: the text lacks {%s}", name, need)
					}
					if !strings.Contains(m.Subject+m.HTML, w) {
						t.Errorf("%s: the HTML lacks {%s}", name, need)
					}
				}
			}
			if strings.Contains(m.Text, "\n\n\n") || strings.Contains(m.HTML, "<p style=\"margin:0 0 16px\"></p>") {
				t.Errorf("%s: an empty paragraph", name)
			}
			if m.Locale != l || !strings.Contains(m.HTML, fmt.Sprintf(`lang="%s"`, l)) {
				t.Errorf("%s: wrong language", name)
			}
			if strings.Count(m.HTML, "<p") != strings.Count(m.HTML, "</p>") || strings.Count(m.HTML, "<ul>") != strings.Count(m.HTML, "</ul>") {
				t.Errorf("%s: elements are not closed", name)
			}
		}
	})
}

func TestEveryMissingValueIsAnError(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, k mail.Kind, l locale.Locale) {
		need := k.Needs(l)
		if !slices.Contains(need, "org") || !slices.Contains(need, "contact") {
			t.Errorf("needs only %v", need)
		}
		for _, name := range need {
			d := full(l)
			switch name {
			case "lines":
				d.Lines = nil
			case "links":
				d.Links = nil
			default:
				*field(&d, name) = ""
			}
			if _, err := mail.Render(k, l, d); !errors.Is(err, mail.ErrMissing) || !strings.Contains(err.Error(), "{"+name+"}") {
				t.Errorf("without %s: %v", name, err)
			}
		}
	})
}

// A translation that says less than the original would pass every other test.
func TestUI03LanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	for _, k := range mail.Kinds {
		nb, err := mail.Render(k, locale.NB, full(locale.NB))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range locale.All {
			if diff := cmp.Diff(k.Needs(locale.NB), k.Needs(l)); diff != "" {
				t.Errorf("%s in %s needs other values: %s", k, l, diff)
			}
			m, err := mail.Render(k, l, full(l))
			if err != nil {
				t.Fatal(err)
			}
			if a, b := strings.Count(nb.Text, "\n\n"), strings.Count(m.Text, "\n\n"); a != b {
				t.Errorf("%s in %s has %d paragraphs, in bokmål %d", k, l, b, a)
			}
			if l != locale.NB && m.Text == nb.Text {
				t.Errorf("%s in %s is not translated", k, l)
			}
		}
	}
}

func TestMailsWithLegalContents(t *testing.T) {
	t.Parallel()
	complaint := locale.Text{NB: "klage til Datatilsynet", NN: "klage til Datatilsynet", EN: "complain to Datatilsynet"}
	court := locale.Text{NB: "domstolene", NN: "domstolane", EN: "court"}
	for _, k := range []mail.Kind{mail.Extension, mail.AnswerReady, mail.AnswerPart, mail.AnswerCorrected, mail.AnswerDone, mail.Refused, mail.NothingFound, mail.RestrictionBegun, mail.RestrictionLifting} {
		for _, l := range locale.All {
			m, err := mail.Render(k, l, full(l))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(m.Text, complaint.In(l)) || !strings.Contains(m.Text, court.In(l)) {
				t.Errorf("%s in %s: Art. 12(4): complaint or court is missing", k, l)
			}
		}
	}
	for _, need := range []string{"reference", "received", "right", "due", "contact", "url"} {
		if !slices.Contains(mail.ReceiptOfRequest.Needs(locale.NB), need) {
			t.Errorf("a receipt can do without %s", need)
		}
	}
	if !slices.Contains(mail.Extension.Needs(locale.NB), "due") {
		t.Error("an extension can do without its new date")
	}
	if !slices.Contains(mail.NothingFound.Needs(locale.NB), "lines") {
		t.Error("nothing found can do without saying where we looked")
	}
}

// Values are text, never markup, never placeholders, never anything a template language would run.
func TestValuesAreOnlyText(t *testing.T) {
	t.Parallel()
	evil := `<script>alert(1)</script> {code} {{.Env}} {{7*7}} ${x} %s "quoted" & 'single' {url}`
	d := full(locale.NB)
	d.Right, d.Org, d.Reason = evil, evil, evil
	d.Lines = []string{evil, "{lines}"}
	for _, k := range mail.Kinds {
		m, err := mail.Render(k, locale.NB, d)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, evil) {
			t.Errorf("%s: the text changes a value", k)
		}
		if strings.Contains(m.HTML, "<script") || !strings.Contains(m.HTML, "&lt;script&gt;alert(1)&lt;/script&gt; {code} {{.Env}}") {
			t.Errorf("%s: the HTML does not escape a value", k)
		}
	}
}

func TestUnfitValues(t *testing.T) {
	t.Parallel()
	for _, name := range fields {
		for _, bad := range []string{"a\nb", "a\r\nBcc: x@y.no", "a\x00b", "a\u2028b", "\x7f"} {
			d := full(locale.NB)
			*field(&d, name) = bad
			_, err := mail.Render(mail.Verify, locale.NB, d)
			if !errors.Is(err, mail.ErrValue) {
				t.Errorf("%s with %q: %v", name, bad, err)
			} else if strings.Contains(err.Error(), "x@y.no") {
				t.Errorf("%s: the error repeats the value", name)
			}
		}
	}
	for _, bad := range [][]string{{""}, {"a\nb"}} {
		d := full(locale.NB)
		d.Lines = bad
		if _, err := mail.Render(mail.AnswerDone, locale.NB, d); !errors.Is(err, mail.ErrValue) {
			t.Errorf("lines %q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "a\nb"} {
		d := full(locale.NB)
		d.Links[0].Text = bad
		if _, err := mail.Render(mail.ColleagueTasks, locale.NB, d); !errors.Is(err, mail.ErrValue) {
			t.Errorf("a link's text %q: %v", bad, err)
		}
	}
	for _, bad := range []string{
		"javascript:alert(1)", "//host", "host", "ftp://host/", "https://", "https://user@host/", `https://host/"onclick`, "https://h/<b>",
	} {
		d := full(locale.NB)
		d.URL = bad
		if _, err := mail.Render(mail.Verify, locale.NB, d); !errors.Is(err, mail.ErrValue) {
			t.Errorf("url %q: %v", bad, err)
		}
		d = full(locale.NB)
		d.Links[1].URL = bad
		if _, err := mail.Render(mail.ColleagueTasks, locale.NB, d); !errors.Is(err, mail.ErrValue) {
			t.Errorf("link %q: %v", bad, err)
		}
	}
}

func TestUnknownKindOrLanguage(t *testing.T) {
	t.Parallel()
	if _, err := mail.Render("spam", locale.NB, full(locale.NB)); !errors.Is(err, mail.ErrUnknownKind) {
		t.Errorf("unknown kind: %v", err)
	}
	if _, err := mail.Render(mail.Verify, "sv", full(locale.NB)); !errors.Is(err, mail.ErrUnknownKind) {
		t.Errorf("unknown language: %v", err)
	}
}

// An address with a secret in it is longer than a phone is wide: it breaks, and the mail does not scroll sideways.
func TestLinksBreakOnAPhone(t *testing.T) {
	t.Parallel()
	links := 0
	each(t, func(t *testing.T, k mail.Kind, l locale.Locale) {
		m, err := mail.Render(k, l, full(l))
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(m.HTML, "<a ")
		links += n
		if n != strings.Count(m.HTML, `style="word-break:break-all">http`) {
			t.Error("a link does not break")
		}
	})
	if links == 0 {
		t.Error("no mail has a link")
	}
}

func TestNothingIsFetched(t *testing.T) {
	t.Parallel()
	d := full(locale.NB)
	for _, k := range mail.Kinds {
		m, err := mail.Render(k, locale.NB, d)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<img", "<link", "<script", "src=", "url(", "@import"} {
			if strings.Contains(m.HTML, bad) {
				t.Errorf("%s: the HTML has %s", k, bad)
			}
		}
		rest := strings.ReplaceAll(m.HTML, d.URL, "")
		for _, link := range d.Links {
			rest = strings.ReplaceAll(rest, link.URL, "")
		}
		if strings.Contains(rest, "://") {
			t.Errorf("%s: the HTML has a foreign address", k)
		}
	}
}

package mail_test

import (
	"bytes"
	"errors"
	"io/fs"
	"mime"
	netmail "net/mail"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
)

// documented gives the example of docs/mails.md as a folder.
func documented(t *testing.T) fstest.MapFS {
	t.Helper()
	page, err := os.ReadFile("../../docs/mails.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```text ([a-z_.]+)\n(.*?)```").FindStringSubmatch(string(page))
	if m == nil {
		t.Fatal("docs/mails.md shows no text")
	}
	return fstest.MapFS{m[1]: {Data: []byte(m[2])}}
}

func load(t *testing.T, folder fs.FS) mail.Wording {
	t.Helper()
	w, err := mail.LoadWording("mails", folder)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// What docs/mails.md shows can be used as it stands, and is what a mail server gets: both forms, in its words.
func TestOwnWordsAreSent(t *testing.T) {
	t.Parallel()
	w := load(t, documented(t))
	if diff := cmp.Diff([]string{"receipt_of_request.nb.txt"}, w.Worded()); diff != "" {
		t.Fatal(diff)
	}
	o := &office{}
	s := newSMTP(t, "smtp://"+listen(t, o, nil, false), nil)
	m, err := w.Render(mail.ReceiptOfRequest, locale.NB, full(locale.NB))
	if err != nil {
		t.Fatal(err)
	}
	m.To, m.From = keyring.NewPrivate(person), mail.Mailbox{Name: "Fjordlys AS", Address: "personvern@fjordlys.example"}
	m.ReplyTo, m.MessageID = m.From, mail.MessageID(18, "https://personvern.fjordlys.example")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := netmail.ReadMessage(bytes.NewReader(o.bodies[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if want := "Takk, vi har fått kravet ditt (MI-2026-7F3K-2Q)"; err != nil || subject != want {
		t.Errorf("subject %q, want %q (%v)", subject, want, err)
	}
	text, html := parts(t, got)
	for _, want := range []string{
		"Hei, og takk for at du skrev til Fjordlys AS.", "senest 30. april 2026", "- 12 × A\n", "https://personvern.fjordlys.example/sak/7f3k",
		"Har du ikke bedt om dette? Si fra til personvern@fjordlys.example, 55 00 00 00.", "Postadresse: Postboks 1, 5001 Bergen",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	for _, want := range []string{"<li>12 × A</li>", `<a href="https://personvern.fjordlys.example/sak/7f3k" style="`, ">Hei, og takk for at du skrev til Fjordlys AS.</p>"} {
		if !strings.Contains(html, want) {
			t.Errorf("the HTML lacks %q:\n%s", want, html)
		}
	}
	for _, never := range []string{"Lines like this", "[not_you]", "Vi har mottatt kravet ditt."} {
		if strings.Contains(text+html, never) {
			t.Errorf("the mail has %q", never)
		}
	}
	// The other language, and another mail, are as built in.
	for _, k := range []mail.Kind{mail.ReceiptOfRequest, mail.Verify} {
		own, err := w.Render(k, locale.NN, full(locale.NN))
		if err != nil {
			t.Fatal(err)
		}
		builtIn, err := mail.Render(k, locale.NN, full(locale.NN))
		if diff := cmp.Diff(builtIn, own); diff != "" || err != nil {
			t.Errorf("%s: %s%v", k, diff, err)
		}
	}
}

// A draft is the built-in mail: used as it is, it changes nothing.
func TestDraftIsTheMail(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{".gitignore": {Data: []byte("x")}}
	each(t, func(t *testing.T, k mail.Kind, l locale.Locale) {
		body, err := mail.Draft(k, l)
		if err != nil {
			t.Fatal(err)
		}
		folder[mail.FileName(k, l)] = &fstest.MapFile{Data: []byte(body)}
	})
	w := load(t, folder)
	if n := len(w.Worded()); n != len(mail.Kinds)*len(locale.All) {
		t.Errorf("%d texts", n)
	}
	each(t, func(t *testing.T, k mail.Kind, l locale.Locale) {
		for name, d := range map[string]mail.Data{"full": full(l), "only needed": onlyNeeded(k, l)} {
			own, err := w.Render(k, l, d)
			if err != nil {
				t.Fatal(err)
			}
			builtIn, err := mail.Render(k, l, d)
			if diff := cmp.Diff(builtIn, own); diff != "" || err != nil {
				t.Errorf("%s: %s%v", name, diff, err)
			}
		}
	})
}

// refusal is one way to spoil a text, where that is seen and what is said.
type refusal struct {
	kind     string
	old, new string
	line     int
	says     string
}

func TestUnfitWordsAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]refusal{
		"no subject":           {"verify", "Subject: ", "Emne: ", 1, "unknown field “Emne” before the text"},
		"a header more":        {"verify", "Subject: ", "Bcc: x@example.org\nSubject: ", 1, "unknown field “Bcc” before the text"},
		"an empty subject":     {"verify", "Bekreft e-postadressen din hos {org}", "", 1, "the subject is missing"},
		"the code outside":     {"verify", "Bekreft", "{code} Bekreft", 1, "“{code}” cannot stand in the subject"},
		"no code":              {"verify", "\n{code}\n", "\n", 2, "the field “{code}” is missing"},
		"code within a line":   {"verify", "\n{code}\n", "\nKode: {code}\n", 9, "“{code}” must stand alone"},
		"no link":              {"verify", "{url}", "", 2, "the field “{url}” is missing"},
		"no warning":           {"verify", "[secret]\n", "", 2, "the paragraph “[secret]” is missing"},
		"no duty":              {"refused", "[complaint]\n", "", 2, "the paragraph “[complaint]” is missing"},
		"the duty reworded":    {"refused", "[complaint]\n", "[complaint] Takk for nå.\n", 9, "stands as it is"},
		"a duty twice":         {"refused", "[complaint]\n", "[complaint]\n\n[complaint]\n", 11, "stands twice"},
		"another mail's duty":  {"verify", "[secret]\n", "[secret]\n\n[complaint]\n", 17, "unknown paragraph “[complaint]”: this mail has [secret], [not_you]"},
		"no number":            {"receipt_of_request", "{reference}", "", 2, "the field “{reference}” is missing"},
		"no day of the answer": {"receipt_of_request", "{due}", "snart", 2, "the field “{due}” is missing"},
		"day said at times":    {"extension", "Du får svar senest {due}.", "\n\n? Du får svar senest {due}.", 5, "never left out"},
		"a name":               {"receipt_of_request", "Vi har mottatt", "Hei {name}! Vi har mottatt", 3, "“{name}” is personal data and enters no mail"},
		"an address":           {"receipt_of_request", "Vi har mottatt kravet ditt.", "Til {email}", 3, "“{email}” is personal data"},
		"a field of another":   {"new_message", "Les den", "Les den før {due}", 3, "unknown field “{due}”: this mail has"},
		"no such field":        {"new_message", "Les den", "{{.Env}} Les den", 3, "a brace belongs to no field"},
		"may lack a value":     {"question_identity", "? Svarfristen", "Svarfristen", 12, "“{paused}” does not always have a value"},
		"left out the pause":   {"question_identity", "{paused}", "i dag", 2, "“{paused}” is missing"},
		"a control character":  {"verify", "Skriv", "Skriv\x07", 7, "UTF-8 without control characters"},
		"no text":              {"new_message", "Det er en ny melding til deg i saken. Les den og svar her:\n\n{url}", "", 4, "the mail has no text"},
		"no UTF-8":             {"verify", "Skriv", "\xff\xfe", 1, "must be UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := mail.Draft(mail.Kind(c.kind), locale.NB)
			if err != nil || !strings.Contains(body, c.old) {
				t.Fatalf("%q is not in the draft: %v\n%s", c.old, err, body)
			}
			spoilt := fstest.MapFS{c.kind + ".nb.txt": {Data: []byte(strings.ReplaceAll(body, c.old, c.new))}}
			_, err = mail.LoadWording("mails", spoilt)
			var wrong *mail.WordingError
			if !errors.As(err, &wrong) {
				t.Fatalf("it is taken: %v", err)
			}
			if !slices.ContainsFunc(wrong.Problems, func(p mail.Problem) bool {
				return p.File == "mails/"+c.kind+".nb.txt" && p.Line == c.line && strings.Contains(p.Text.EN, c.says) && p.Text.NB != "" && p.Text.NB != p.Text.EN
			}) {
				t.Errorf("want line %d: %s\n%v", c.line, c.says, err)
			}
		})
	}
	for file, says := range map[string]string{
		"spam.nb.txt": "no mail called “spam”", "verify.sv.txt": "unknown language “sv”", "verify.nb.html": "named after the mail", "README.md": "named after the mail", "verify.txt": "named after the mail",
	} {
		_, err := mail.LoadWording("mails", fstest.MapFS{file: {Data: []byte("Subject: x\n\ny")}})
		var wrong *mail.WordingError
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), "mails/"+file+":1: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// A text that was taken says all that the mail must say, whatever it is filled with.
func FuzzWording(f *testing.F) {
	for _, k := range []mail.Kind{mail.Verify, mail.ReceiptOfRequest, mail.Refused, mail.QuestionIdentity} {
		body, err := mail.Draft(k, locale.NB)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(k), body)
	}
	f.Fuzz(func(t *testing.T, kind, body string) {
		w, err := mail.LoadWording("mails", fstest.MapFS{kind + ".nb.txt": {Data: []byte(body)}})
		if err != nil || len(w.Worded()) == 0 {
			return // refused, or hidden
		}
		k := mail.Kind(kind)
		for _, d := range []mail.Data{full(locale.NB), onlyNeeded(k, locale.NB)} {
			m, err := w.Render(k, locale.NB, d)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range k.Needs(locale.NB) {
				if name != "lines" && name != "links" && !strings.Contains(m.Subject+m.Text, *field(&d, name)) {
					t.Errorf("{%s} is not said", name)
				}
			}
			m.To, m.From, m.MessageID = keyring.NewPrivate(person), mail.Mailbox{Address: "noreply@fjordlys.example"}, "job-1@localhost"
			if err := m.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}

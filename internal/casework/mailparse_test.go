package casework

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

func TestReadMail(t *testing.T) {
	t.Parallel()
	eml := strings.ReplaceAll(`Received: from mx.example.net by mail.example.org; Tue, 3 Nov 2026 09:15:02 +0100
Date: Mon, 2 Nov 2026 23:59:00 +0100
From: =?utf-8?q?K=C3=A5re_=C3=98stby?= <kare@example.net>
To: post@example.org
Subject: =?utf-8?b?SW5uc3luIG9nIHNsZXR0aW5n?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Jeg =F8nsker innsyn etter artikkel 15.
Slett s=E5 alt. Sak MI-2026-XXXX-XX.
--x
Content-Type: text/html; charset=utf-8

<p>Jeg ønsker innsyn</p><script>alert(1)</script>
--x--
`, "\n", "\r\n")
	p := readMail(eml, locale.NB)
	if p.FromName != "Kåre Østby" || p.FromEmail != "kare@example.net" {
		t.Errorf("sender %q <%s>", p.FromName, p.FromEmail)
	}
	if p.Subject != "Innsyn og sletting" {
		t.Errorf("subject %q", p.Subject)
	}
	// The mail server's time counts, not the sender's clock.
	if p.Received == nil || p.Received.UTC().Format("2006-01-02 15:04") != "2026-11-03 08:15" {
		t.Errorf("received %v", p.Received)
	}
	if want := "Jeg ønsker innsyn etter artikkel 15.\r\nSlett så alt. Sak MI-2026-XXXX-XX."; p.Text != want {
		t.Errorf("text %q", p.Text)
	}
	if diff := cmp.Diff([]dsr.Right{dsr.Access, dsr.Erasure}, suggestRights(p.Text)); diff != "" {
		t.Error(diff)
	}
}

func TestReadMailHTMLOnly(t *testing.T) {
	t.Parallel()
	p := readMail("From: a@example.org\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n<style>p{}</style><p>Adressen min er feil</p><script>evil()</script>", locale.NB)
	if !strings.Contains(p.Text, "Adressen min er feil") || strings.Contains(p.Text, "evil") || strings.Contains(p.Text, "p{}") {
		t.Errorf("text %q", p.Text)
	}
}

func TestReadPasted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, email, from, text string }{
		"headers of a mail program": {"Fra: Kari Nordmann <kari@example.org>\nEmne: Sletting\n\nVennligst slett meg.", "kari@example.org", "Kari Nordmann", "Vennligst slett meg."},
		"words alone":               {"Hei, jeg vil se hva dere har om meg. Hilsen kari@example.org", "kari@example.org", "", "Hei, jeg vil se hva dere har om meg. Hilsen kari@example.org"},
		"two addresses":             {"Ikke a@example.org men b@example.org", "", "", "Ikke a@example.org men b@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readMail(c.raw, locale.NB)
			if p.FromEmail != c.email || p.FromName != c.from || p.Text != c.text {
				t.Errorf("got %q <%s> %q", p.FromName, p.FromEmail, p.Text)
			}
		})
	}
}

func FuzzReadMail(f *testing.F) {
	f.Add("From: a@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--")
	f.Add("Emne: x\n\nhei")
	f.Fuzz(func(t *testing.T, raw string) {
		p := readMail(raw, locale.NB)
		if len([]rune(p.Text)) > mailText {
			t.Fatal("text is not cut")
		}
		if p.FromEmail != "" {
			if _, err := dsr.ParseAddress(p.FromEmail); err != nil {
				t.Fatal("suggested an address that the grammar refuses")
			}
		}
	})
}

func TestWrittenDate(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"mandag 2. november 2026 09:15":         "2026-11-02 08:15",
		"2. november 2026 kl. 09.15":            "2026-11-02 08:15",
		"tysdag 5. mai 2026 14:00":              "2026-05-05 12:00",
		"1. desember 2026":                      "2026-11-30 23:00",
		"02.11.2026 09:15":                      "2026-11-02 08:15",
		"Monday, November 2, 2026 9:15 AM":      "2026-11-02 08:15",
		"Monday, November 2, 2026 12:05:09 AM":  "2026-11-01 23:05",
		"2 November 2026 21:15":                 "2026-11-02 20:15",
		"Mon, 2 Nov 2026 09:15:00 +0000":        "2026-11-02 09:15",
		"31. februar 2026":                      "",
		"2. blomstermåned 2026":                 "",
		"i går":                                 "",
		"02.11.2026 29:15":                      "",
		"söndag den 3 maj 2026 kl. 10:00":       "2026-05-03 08:00",
		"fredag 1. oktober 2027 kl. 00:30 CEST": "2027-09-30 22:30",
	} {
		at, ok := writtenDate(s)
		if got := at.UTC().Format("2006-01-02 15:04"); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %s, %v; want %q", s, got, ok, want)
		}
	}
}

func TestReadPastedFromMailPrograms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, email, from, subject, text, received string }{
		"Outlook": {
			"Fra: Kari Nordmann <kari@example.org> \nSendt: mandag 2. november 2026 09:15\nTil: Post <post@example.com>\nKopi: \nEmne: Innsyn\n\nHei,\nhva har dere om meg?",
			"kari@example.org", "Kari Nordmann", "Innsyn", "Hei,\nhva har dere om meg?", "2026-11-02 08:15",
		},
		"Outlook in English with mailto": {
			"From: Nordmann, Kari [mailto:kari@example.org]\r\nSent: Monday, November 2, 2026 9:15 AM\r\nTo: post@example.com\r\nSubject: My data\r\n\r\nDelete my data.",
			"kari@example.org", "Nordmann, Kari", "My data", "Delete my data.", "2026-11-02 08:15",
		},
		"Gmail forwarded": {
			"---------- Forwarded message ---------\nFra: Kari Nordmann <kari@example.org>\nDate: man. 2. nov. 2026 kl. 09:15\nSubject: Sletting\nTo: <post@example.com>\n\n\nSlett meg.",
			"kari@example.org", "Kari Nordmann", "Sletting", "Slett meg.", "2026-11-02 08:15",
		},
		"nynorsk": {
			"-----Opphavleg melding-----\nFrå: kari@example.org\nSendt: 2. november 2026 09:15\nEmne: Retting\n\nNamnet mitt er feil.",
			"kari@example.org", "", "Retting", "Namnet mitt er feil.", "2026-11-02 08:15",
		},
		"no date":                 {"Fra: kari@example.org\nEmne: Innsyn\n\nHei", "kari@example.org", "", "Innsyn", "Hei", ""},
		"a greeting with a colon": {"Hei: jeg vil ha innsyn\nFra: ingen", "", "", "", "Hei: jeg vil ha innsyn\nFra: ingen", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readMail(c.raw, locale.NB)
			received := ""
			if p.Received != nil {
				received = p.Received.UTC().Format("2006-01-02 15:04")
			}
			got := []string{p.FromEmail, p.FromName, p.Subject, p.Text, received}
			if diff := cmp.Diff([]string{c.email, c.from, c.subject, c.text, c.received}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadMailOfManyKinds(t *testing.T) {
	t.Parallel()
	head := "From: a@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
	for name, c := range map[string]struct{ raw, want string }{
		"base64":                        {head + "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSmVnIMO4bnNrZXIg\r\naW5uc3lu\r\n", "Jeg ønsker innsyn"},
		"windows-1252":                  {head + "Content-Type: text/plain; charset=\"Windows-1252\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\nJeg \xf8nsker \x93innsyn\x94", "Jeg ønsker “innsyn”"},
		"unknown charset":               {head + "Content-Type: text/plain; charset=x-none\r\n\r\nJeg vil ha innsyn", "Jeg vil ha innsyn"},
		"unknown charset in eight bits": {head + "Content-Type: text/plain; charset=x-none\r\n\r\nJeg \xf8nsker innsyn", "Jeg ønsker innsyn"},
		"no charset in eight bits":      {head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nJeg \xf8nsker innsyn", "Jeg ønsker innsyn"},
		"no type":                       {head + "\r\nJeg vil ha innsyn", "Jeg vil ha innsyn"},
		"nested with an attachment": {head + "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n" +
			"--c\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSlett meg\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>Slett meg</p>\r\n--c--\r\n--b--\r\n" +
			"--a\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\nHEMMELIG\r\n--a--\r\n", "Slett meg"},
		"too deep":   {head + "Content-Type: multipart/mixed; boundary=a\r\n\r\n" + strings.Repeat("--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n", 20), ""},
		"html table": {head + "Content-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>T</title></head><body><table><tr><td>Innsyn</td></tr><tr><td>nå</td></tr></table></body></html>", "Innsyn \nnå"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if p := readMail(c.raw, locale.NB); p.Text != c.want {
				t.Errorf("text %q, want %q", p.Text, c.want)
			}
		})
	}
	if p := readMail(head+"Date: rubbish\r\n\r\nhei", locale.NB); p.Received != nil {
		t.Errorf("a date out of nothing: %v", p.Received)
	}
	if p := readMail("From: not an address\r\nSubject: x\r\n\r\nhei", locale.EN); p.FromEmail != "" || len(p.Warnings) != 1 {
		t.Errorf("sender %q, warnings %v", p.FromEmail, p.Warnings)
	}
}

// TestINT01SuggestedRights uses letters of the kind that templates on the web make.
func TestINT01SuggestedRights(t *testing.T) {
	t.Parallel()
	for letter, want := range map[string][]dsr.Right{
		"Jeg ber herved om innsyn i henhold til artikkel 15 GDPR. Bekreft om dere behandler personopplysninger om meg.":                            {dsr.Access},
		"Eg ber med dette om innsyn etter artikkel 15. Kva opplysningar har de om meg?":                                                            {dsr.Access},
		"I am hereby requesting access according to Art. 15 GDPR. Please confirm whether or not you are processing personal data.":                 {dsr.Access},
		"I am hereby requesting immediate erasure of personal data concerning me according to Art. 17 GDPR. I am hereby withdrawing said consent.": {dsr.Erasure},
		"Jeg krever at alle opplysninger om meg slettes uten ugrunnet opphold.":                                                                    {dsr.Erasure},
		"Namnet mitt er feil i registeret dykkar, eg ber om retting etter artikkel 16.":                                                            {dsr.Rectification},
		"I am hereby requesting the immediate rectification of the following personal data pursuant to Art. 16 GDPR.":                              {dsr.Rectification},
		"Hei. Send meg kopi av opplysningene mine, og slett dem etterpå.":                                                                          {dsr.Access, dsr.Erasure},
		"Hiermit bitte ich um unverzügliche Löschung der mich betreffenden personenbezogenen Daten.":                                               {dsr.Erasure},
		"Når kommer bestillingen min?": nil,
	} {
		if diff := cmp.Diff(want, suggestRights(letter)); diff != "" {
			t.Errorf("%.40s…: %s", letter, diff)
		}
	}
}

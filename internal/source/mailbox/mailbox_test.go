package mailbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/source/mailbox"
)

const (
	fromKari = `From: =?ISO-8859-1?Q?Kari_=D8deg=E5rd?= <Kari@Example.org>
To: post@fjordlys.example
Cc: Ola Hansen <ola@example.net>
Date: Thu, 1 Oct 2026 10:00:00 +0200
Subject: =?UTF-8?B?U3DDuHJzbcOlbA==?=
MIME-Version: 1.0
Content-Type: text/plain; charset=windows-1252
Content-Transfer-Encoding: quoted-printable

Hei, jeg lurer p=E5 ordre 7. Sp=F8r gjerne nabo@example.com.
`
	form = `From: noreply@fjordlys.example
To: post@fjordlys.example
Subject: Kontaktskjema
Content-Type: multipart/mixed; boundary=b1

--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

TmF2bjogS2FyaSDDmGRlZ8OlcmQKRS1wb3N0OiBrYXJpQGV4YW1wbGUub3JnCg==
--b2
Content-Type: text/html; charset=utf-8

<html><head><style>p{}</style></head><body><p>E-post: kari@example.org</p></body></html>
--b2--
--b1
Content-Type: application/pdf; name="kvittering.pdf"
Content-Disposition: attachment; filename="kvittering.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b1--
`
	page = `From: Kari <kari@example.org>
To: post@fjordlys.example
Subject: Bare HTML
Content-Type: text/html; charset=utf-8

<p>Ring meg<br>p&aring; mandag</p><script>alert(1)</script>
`
	forwarded = `From: post@fjordlys.example
To: salg@fjordlys.example
Subject: VS
Content-Type: multipart/mixed; boundary=b1

--b1
Content-Type: text/plain

Se under.
--b1
Content-Type: message/rfc822

From: Kari <kari@example.org>
Subject: Klage
Content-Type: text/plain

Varen er defekt.
--b1--
`
	other = `From: xkari@example.org
To: post@fjordlys.example
Subject: En annen
Content-Type: text/plain

Skriv til kari@example.org.au.
`
)

func open(t *testing.T, dsn string) source.Source {
	t.Helper()
	s, err := kinds.Open(context.Background(), source.Config{Name: "post", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func connect(t *testing.T, s source.Source) []engine.Connected {
	t.Helper()
	sets, problems := dataset.Read("post.yaml", s.(source.Describer).Describe(source.NamingOf("post")))
	problems = append(problems, dataset.Check(sets)...)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return []engine.Connected{{Source: s, Datasets: sets}}
}

func kari(kind, value string) []engine.Seed { return []engine.Seed{{Kind: kind, Value: value}} }

var key = []byte("0123456789abcdef0123456789abcdef")

func walk(t *testing.T, c []engine.Connected, seeds []engine.Seed) ([]*engine.Finding, engine.Report) {
	t.Helper()
	var out []*engine.Finding
	report, err := engine.Walk(context.Background(), c, seeds, engine.Options{DigestKey: key, TempDir: t.TempDir(), KeepForeign: true},
		func(f *engine.Finding) error {
			out = append(out, f.Clone())
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

func text(f *engine.Finding, name string) string {
	v, ok := f.Field(name)
	if !ok {
		return "?"
	}
	return v.Value.Text()
}

func subjects(list []*engine.Finding) []string {
	var out []string
	for _, f := range list {
		out = append(out, text(f, "folder")+": "+text(f, "subject"))
	}
	slices.Sort(out)
	return out
}

// flags gives the flags of every message of a folder.
func flags(t *testing.T, box *portaltest.Mailbox, folder string) []string {
	t.Helper()
	c := box.Client(t)
	if _, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	var all imap.UIDSet
	all.AddRange(1, 0)
	list, err := c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, Envelope: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range list {
		out = append(out, fmt.Sprint(m.Envelope.Subject, m.Flags))
	}
	return out
}

func TestFindsThePersonsMessages(t *testing.T) {
	t.Parallel()
	box := portaltest.Dovecot(t)
	box.Deliver(t, "INBOX", fromKari, form, other, page)
	box.Deliver(t, "Arkiv", forwarded)
	before := append(flags(t, box, "INBOX"), flags(t, box, "Arkiv")...)
	c := connect(t, open(t, box.DSN("?own=fjordlys.example")))
	got, report := walk(t, c, kari(engine.Email, "kari@example.org"))
	if report.Incomplete {
		t.Fatalf("%+v", report)
	}
	want := []string{"Arkiv: VS", "INBOX: Bare HTML", "INBOX: Kontaktskjema", "INBOX: Spørsmål"}
	if diff := cmp.Diff(want, subjects(got)); diff != "" {
		t.Fatal(diff)
	}
	byName := map[string]*engine.Finding{}
	for _, f := range got {
		byName[text(f, "subject")] = f
		if f.Shared || f.OtherPerson || !f.Matched {
			t.Errorf("%s: shared %v, other %v", text(f, "subject"), f.Shared, f.OtherPerson)
		}
	}
	for subject, fields := range map[string]map[string]string{
		"Spørsmål": {"from": `["Kari@Example.org"]`, "to": `["post@fjordlys.example"]`, "cc": `["ola@example.net"]`, "names": `["Kari Ødegård","Ola Hansen"]`,
			"date": "2026-10-01T08:00:00Z", "received": "2026-10-01T12:00:00Z", "body": "Hei, jeg lurer på ordre 7. Spør gjerne nabo@example.com.",
			"people": `["Kari@Example.org"]`, "attachments": ""},
		"Kontaktskjema": {"from": `["noreply@fjordlys.example"]`, "body": "Navn: Kari Ødegård\nE-post: kari@example.org", "people": `["kari@example.org"]`,
			"attachments": `[{"name":"kvittering.pdf","type":"application/pdf","size":9}]`},
		"Bare HTML": {"body": "Ring meg\npå mandag"},
		"VS":        {"body": "Se under.\n\nKlage\n\nVaren er defekt."},
	} {
		for name, want := range fields {
			if got := strings.ReplaceAll(text(byName[subject], name), "\r", ""); strings.TrimSpace(got) != want && !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("%s.%s: %q, want %q", subject, name, got, want)
			}
		}
	}
	// Third persons are marked where they stand, and the organisation itself is none.
	var foreign []string
	for _, f := range got {
		for _, v := range f.Fields {
			if v.Foreign {
				foreign = append(foreign, text(f, "subject")+"."+v.Name)
			}
		}
	}
	slices.Sort(foreign)
	if diff := cmp.Diff([]string{"Spørsmål.body", "Spørsmål.cc"}, foreign); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(before, append(flags(t, box, "INBOX"), flags(t, box, "Arkiv")...)); diff != "" {
		t.Errorf("searching changed the mailbox:\n%s", diff)
	}
	byTheName, _ := walk(t, c, kari(engine.Name, "kari ØDEGÅRD"))
	if diff := cmp.Diff([]string{"INBOX: Spørsmål"}, subjects(byTheName)); diff != "" {
		t.Error(diff)
	}
	if none, _ := walk(t, c, kari(engine.Email, "kar@example.org")); len(none) > 0 {
		t.Errorf("a piece of an address finds %v", subjects(none))
	}
}

func TestFoldersAndStartTLS(t *testing.T) {
	t.Parallel()
	box := portaltest.Dovecot(t)
	box.Deliver(t, "INBOX", page)
	box.Deliver(t, "Søknader", strings.Replace(page, "Bare HTML", "Søknad", 1))
	dsn := strings.Replace(box.DSN("/S%C3%B8knader"), "imaps://", "imap://", 1)
	dsn = strings.Replace(dsn, fmt.Sprint(":", box.IMAPS), fmt.Sprint(":", box.IMAP), 1)
	got, report := walk(t, connect(t, open(t, dsn)), kari(engine.Email, "kari@example.org"))
	if diff := cmp.Diff([]string{"Søknader: Søknad"}, subjects(got)); diff != "" || report.Incomplete {
		t.Fatal(diff, report)
	}
	for name, c := range map[string]struct {
		dsn  string
		code source.Code
	}{
		"wrong password": {strings.Replace(box.DSN(""), "hemmelig", "feil", 1), source.Unreachable},
		"unknown folder": {box.DSN("/Finnes-ikke"), source.Missing},
		"unknown issuer": {strings.Split(box.DSN(""), "?")[0], source.Unreachable},
		"nobody there":   {"imaps://u:p@127.0.0.1:1/", source.Unreachable},
	} {
		_, err := open(t, c.dsn).Inspect(context.Background())
		var own *source.Error
		if !errors.As(err, &own) || own.Code != c.code || strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	for _, dsn := range []string{"imap://host/", "imaps://u:p@/", "imap://u:p@mail.example.org/?plain=1", "imaps://u:p@127.0.0.1/?plain=1",
		"imaps://u:p@h/?folders=x", "imaps://u:p@h/?ca=/finnes/ikke", "pop3://u:p@h/", "imap:u"} {
		if _, err := mailbox.Open(context.Background(), source.Config{Name: "post", DSN: source.NewSecret(dsn)}); !errors.Is(err, &source.Error{Code: source.BadConfig}) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// erase plans and carries out the erasure of every finding.
func erase(t *testing.T, c []engine.Connected, seeds []engine.Seed) ([]engine.Step, engine.Steps) {
	t.Helper()
	found, _ := walk(t, c, seeds)
	all := func(*engine.Finding, *engine.FieldValue) engine.Decision {
		return engine.Decision{Action: engine.Delete, Reason: "erasure", Article: "Art. 17(1)"}
	}
	var steps []engine.Step
	problems, err := engine.PlanErase(context.Background(), c, list(found), all, engine.PlanOptions{Key: key}, func(s *engine.Step) error {
		steps = append(steps, *s)
		return nil
	})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	plan := plan(steps)
	if problems, err := engine.Preflight(context.Background(), c, plan, engine.ExecuteOptions{DigestKey: key}); err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return steps, plan
}

type list []*engine.Finding

func (l list) Each(_ context.Context, fn func(*engine.Finding) error) error {
	for _, f := range l {
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

type plan []engine.Step

func (p plan) Each(_ context.Context, fn func(*engine.Step) error) error {
	for i := range p {
		if err := fn(&p[i]); err != nil {
			return err
		}
	}
	return nil
}

func TestErasesExactlyThePlannedMessages(t *testing.T) {
	t.Parallel()
	box := portaltest.Dovecot(t)
	box.Deliver(t, "INBOX", fromKari, other, page)
	box.Deliver(t, "Arkiv", forwarded, other)
	// A message that somebody else marked as deleted, and has not expunged, is not ours to remove.
	theirs := box.Client(t)
	if _, err := theirs.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Store(imap.UIDSetNum(2), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted, imap.FlagFlagged}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	c := connect(t, open(t, box.DSN("")))
	seeds := kari(engine.Email, "kari@example.org")
	steps, plan := erase(t, c, seeds)
	for _, s := range steps {
		if s.Action != engine.Delete {
			t.Errorf("step %+v", s)
		}
	}
	if n := len(flags(t, box, "INBOX")); n != 3 {
		t.Fatalf("the trial run removed messages: %d are left", n)
	}
	result, err := engine.Execute(context.Background(), c, c[0].Source.Name(), plan, engine.ExecuteOptions{DigestKey: key})
	if err != nil || result.Deleted != 3 {
		t.Fatal(result, err)
	}
	left := append(flags(t, box, "INBOX"), flags(t, box, "Arkiv")...)
	slices.Sort(left)
	if len(left) != 2 || !strings.Contains(left[1], `\Deleted`) && !strings.Contains(left[0], `\Deleted`) || !strings.HasPrefix(left[0], "En annen") {
		t.Errorf("left: %q", left)
	}
	if found, _ := walk(t, c, seeds); len(found) > 0 {
		t.Errorf("still there: %v", subjects(found))
	}
	// A job that died after its commit comes again and finds its work done.
	if result, err = engine.Execute(context.Background(), c, c[0].Source.Name(), plan, engine.ExecuteOptions{DigestKey: key}); err != nil || !result.AlreadyDone {
		t.Error(result, err)
	}
}

func TestAChangedMailboxStopsThePlan(t *testing.T) {
	t.Parallel()
	box := portaltest.Dovecot(t)
	box.Deliver(t, "Arkiv", page, fromKari)
	c := connect(t, open(t, box.DSN("")))
	_, plan := erase(t, c, kari(engine.Email, "kari@example.org"))
	// The folder is made anew: the same UIDs name other messages now.
	theirs := box.Client(t)
	if err := theirs.Delete("Arkiv").Wait(); err != nil {
		t.Fatal(err)
	}
	box.Deliver(t, "Arkiv", other, other, page)
	before := flags(t, box, "Arkiv")
	var drift *engine.DriftError
	result, err := engine.Execute(context.Background(), c, c[0].Source.Name(), plan, engine.ExecuteOptions{DigestKey: key})
	if !errors.As(err, &drift) && !result.AlreadyDone {
		t.Errorf("%+v, %v", result, err)
	}
	if diff := cmp.Diff(before, flags(t, box, "Arkiv")); diff != "" {
		t.Errorf("messages that the plan does not name were touched:\n%s", diff)
	}
}

// What comes while a view is open is not seen in it.
func TestViewEndsWhereItBegan(t *testing.T) {
	t.Parallel()
	box := portaltest.Dovecot(t)
	box.Deliver(t, "INBOX", page)
	s := open(t, box.DSN(""))
	schema, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	view, err := s.(source.Finder).Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	box.Deliver(t, "INBOX", fromKari)
	count := func(limit int) int {
		n := 0
		q := source.Query{Table: &schema.Tables[0], Fields: []source.Field{{Column: "subject"}}, Limit: limit}
		if err := view.Find(context.Background(), q, func([]source.Value) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(0); n != 1 {
		t.Errorf("%d messages", n)
	}
	own := errors.New("the receiver's own")
	q := source.Query{Table: &schema.Tables[0], Fields: []source.Field{{Column: "subject"}}}
	if err := view.Find(context.Background(), q, func([]source.Value) error { return own }); !errors.Is(err, own) {
		t.Errorf("got %v", err)
	}
	counts := map[string]int64{}
	err = view.Count(context.Background(), &schema.Tables[0], source.Field{Column: "people"}, []source.Value{source.TextOf("kari@example.org"), source.TextOf("x@y.no")},
		func(v source.Value, n int64) error { counts[v.Text()] = n; return nil })
	if diff := cmp.Diff(map[string]int64{"kari@example.org": 1}, counts); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// A large message costs the memory of its text, and is found by an address at its end.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	box := portaltest.Dovecot(t)
	long := "From: a@b.no\nSubject: Lang\nContent-Type: text/plain\n\n" + strings.Repeat(strings.Repeat("x", 70)+"\n", 40_000) + "kari@example.org\n"
	deep := strings.Builder{}
	deep.WriteString("From: kari@example.org\nSubject: Dyp\n")
	for i := range 60 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	deep.WriteString("Content-Type: text/plain\n\nbunn\n")
	box.Deliver(t, "INBOX", long, deep.String(),
		"From: kari@example.org\nSubject: =?x-ukjent?Q?=FF?=\nContent-Type: text/plain; charset=x-ukjent\n\n\xff\xfe\n",
		"From: kari@example.org, <, \"\nTo: :;\nSubject: Rot\n\nhei\n",
		"From: kari@example.org\nSubject: Uten ende\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhei")
	got, report := walk(t, connect(t, open(t, box.DSN("/INBOX"))), kari(engine.Email, "kari@example.org"))
	if len(got) != 5 || report.Incomplete {
		t.Fatalf("%q, %+v", subjects(got), report)
	}
	for _, f := range got {
		if n := len(text(f, "body")); text(f, "subject") == "Lang" && (n == 0 || n > 1<<20) {
			t.Errorf("%d bytes of text are kept", n)
		}
	}
}

// A server that says nothing, one that dies in the middle, and a cancelled search end.
func TestServersThatFail(t *testing.T) {
	t.Parallel()
	serve := func(t *testing.T, talk func(c net.Conn)) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go talk(c)
			}
		}()
		return "imap://u:p@" + l.Addr().String() + "/?plain=1"
	}
	silent := serve(t, func(c net.Conn) {
		buf := make([]byte, 1)
		_, _ = c.Read(buf)
	})
	s, err := mailbox.Open(context.Background(), source.Config{Name: "post", DSN: source.NewSecret(silent), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Inspect(context.Background()); !errors.Is(err, &source.Error{Code: source.TimedOut}) {
		t.Errorf("a silent server: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := open(t, silent).Inspect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search: %v", err)
	}
	rude := serve(t, func(c net.Conn) {
		_, _ = c.Write([]byte("* OK hello\r\n* BYE"))
		c.Close()
	})
	if _, err := open(t, rude).Inspect(context.Background()); !errors.Is(err, &source.Error{Code: source.Unreachable}) {
		t.Errorf("a server that dies: %v", err)
	}
}

// A server that offers no encryption, or fails at it, gets no password.
func TestNoPasswordWithoutEncryption(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	said := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			said <- err.Error()
			return
		}
		defer c.Close()
		_, _ = c.Write([]byte("* OK [CAPABILITY IMAP4rev1] hello\r\n"))
		var all strings.Builder
		lines := bufio.NewScanner(c)
		for lines.Scan() {
			all.WriteString(lines.Text() + "\n")
			tag, _, _ := strings.Cut(lines.Text(), " ")
			_, _ = c.Write([]byte(tag + " BAD unknown\r\n"))
		}
		said <- all.String()
	}()
	s := open(t, "imap://kari:hemmelig@"+l.Addr().String()+"/")
	if _, err := s.Inspect(context.Background()); err == nil || strings.Contains(err.Error(), "hemmelig") {
		t.Errorf("got %v", err)
	}
	if got := <-said; !strings.Contains(got, "STARTTLS") || strings.Contains(got, "hemmelig") || strings.Contains(got, "LOGIN") {
		t.Errorf("the portal said %q", got)
	}
}

func TestSecretStaysSecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := mailbox.Open(context.Background(), source.Config{Name: "post", DSN: source.NewSecret("imaps://kari:hemmelig@mail.example.org/INBOX")})
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(said, "hemmelig") {
		t.Error("the password prints")
	}
	if _, err := mailbox.Open(context.Background(), source.Config{Name: "post", Dir: dir, DSN: source.NewSecret("imaps://u:p@h/?ca=ca.pem")}); !errors.Is(err, &source.Error{Code: source.BadConfig}) {
		t.Errorf("a file without certificates: %v", err)
	}
}

package mail_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
)

const person = "kari.kanari@kunde.example"

// office is a mail server that remembers, and refuses where it is told to.
type office struct {
	mu       sync.Mutex
	from     []string
	to       []string
	bodies   [][]byte
	secure   []bool
	users    []string
	mailErr  error
	rcptErr  error
	dataErr  error
	authErr  error
	dropData bool // hang up after the content, without an answer
}

func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{o: o, conn: c}, nil }

type session struct {
	o    *office
	conn *smtp.Conn
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		s.o.mu.Lock()
		defer s.o.mu.Unlock()
		s.o.users = append(s.o.users, user+":"+pass)
		return s.o.authErr
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.from = append(s.o.from, from)
	return s.o.mailErr
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.to = append(s.o.to, to)
	return s.o.rcptErr
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	_, secure := s.conn.TLSConnectionState()
	s.o.bodies, s.o.secure = append(s.o.bodies, b), append(s.o.secure, secure)
	if s.o.dropData {
		_ = s.conn.Conn().Close()
	}
	return s.o.dataErr
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func listen(t *testing.T, o *office, conf *tls.Config, implicit bool) string {
	t.Helper()
	s := smtp.NewServer(o)
	s.Domain, s.AllowInsecureAuth = "localhost", true
	s.ErrorLog = discard{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if implicit {
		l = tls.NewListener(l, conf)
	} else {
		s.TLSConfig = conf
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); _ = s.Close(); <-done })
	return address
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func noon() time.Time { return time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC) }

func newSMTP(t *testing.T, url string, conf *tls.Config) *mail.SMTP {
	t.Helper()
	s, err := mail.NewSMTP(mail.SMTPConfig{URL: url, Now: noon, TLS: conf, Hello: "portal.example", Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func message(t *testing.T) mail.Message {
	t.Helper()
	m, err := mail.Render(mail.Verify, locale.NN, full(locale.NN))
	if err != nil {
		t.Fatal(err)
	}
	m.To = keyring.NewPrivate(person)
	m.From = mail.Mailbox{Name: "Fjordlys Ærlig, AS", Address: "noreply@fjordlys.example"}
	m.ReplyTo = mail.Mailbox{Name: "Personvern", Address: "personvern@fjordlys.example"}
	m.MessageID = mail.MessageID(17, "https://personvern.fjordlys.example:8443")
	return m
}

func TestSend(t *testing.T) {
	t.Parallel()
	o := &office{}
	s := newSMTP(t, "smtp://"+listen(t, o, nil, false), nil)
	m := message(t)
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(o.bodies) != 1 || len(o.to) != 1 || o.to[0] != person || o.from[0] != "noreply@fjordlys.example" {
		t.Fatalf("envelope from %v to %v, %d mails", o.from, o.to, len(o.bodies))
	}
	got, err := netmail.ReadMessage(bytes.NewReader(o.bodies[0]))
	if err != nil {
		t.Fatal(err)
	}
	decode := new(mime.WordDecoder)
	for header, want := range map[string]string{
		"Subject": m.Subject, "To": "<" + person + ">", "Message-Id": "<job-17@personvern.fjordlys.example>",
		"Auto-Submitted": "auto-generated", "Content-Language": "nn", "Date": "Wed, 01 Apr 2026 12:00:00 +0000",
		"User-Agent": "", "X-Mailer": "", "Cc": "", "Bcc": "",
	} {
		if v, err := decode.DecodeHeader(got.Header.Get(header)); err != nil || v != want {
			t.Errorf("%s is %q, want %q (%v)", header, v, want, err)
		}
	}
	for header, want := range map[string]mail.Mailbox{"From": m.From, "Reply-To": m.ReplyTo} {
		list, err := got.Header.AddressList(header)
		if err != nil || len(list) != 1 || list[0].Name != want.Name || list[0].Address != want.Address {
			t.Errorf("%s is %v, %v", header, list, err)
		}
	}
	text, html := parts(t, got)
	if text != m.Text || html != m.HTML {
		t.Errorf("the parts differ from what was written:\n%q\n%q", text, html)
	}
}

func TestSendWithLook(t *testing.T) {
	t.Parallel()
	o := &office{}
	s := newSMTP(t, "smtp://"+listen(t, o, nil, false), nil)
	d := full(locale.NN)
	logo := []byte("\x89PNG the logo")
	d.Look = mail.Look{Accent: "#0b6a53", Logo: logo}
	m, err := mail.Render(mail.Verify, locale.NN, d)
	if err != nil {
		t.Fatal(err)
	}
	m.To, m.From = keyring.NewPrivate(person), mail.Mailbox{Address: "noreply@fjordlys.example"}
	m.MessageID = mail.MessageID(19, "https://personvern.fjordlys.example")
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := netmail.ReadMessage(bytes.NewReader(o.bodies[0]))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	r := multipart.NewReader(got.Body, params["boundary"])
	written, err := r.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	_, html := parts(t, &netmail.Message{Header: netmail.Header(written.Header), Body: written})
	for _, want := range []string{`<img src="cid:logo.png" alt=""`, "border-bottom:4px solid #0b6a53"} {
		if !strings.Contains(html, want) {
			t.Errorf("the HTML lacks %q:\n%s", want, html)
		}
	}
	if strings.Contains(html, "src=\"http") {
		t.Error("the HTML fetches something")
	}
	picture, err := r.NextPart()
	if err != nil || picture.Header.Get("Content-Id") != "<logo.png>" || !strings.HasPrefix(picture.Header.Get("Content-Type"), "image/png") {
		t.Fatalf("the picture: %v, %v", picture, err)
	}
	b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, picture))
	if err != nil || !bytes.Equal(b, logo) {
		t.Errorf("the picture is %q, %v", b, err)
	}
	d.Look.Accent = "red;background:url(//a)"
	if _, err := mail.Render(mail.Verify, locale.NN, d); !errors.Is(err, mail.ErrValue) {
		t.Errorf("a colour that is none: %v", err)
	}
}

func parts(t *testing.T, m *netmail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	var out []string
	for _, want := range []string{"text/plain", "text/html"} {
		p, err := r.NextRawPart()
		if err != nil || !strings.HasPrefix(p.Header.Get("Content-Type"), want) {
			t.Fatalf("part: %v, %v", p, err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.ReplaceAll(string(b), "\r\n", "\n"))
	}
	if _, err := r.NextPart(); err != io.EOF {
		t.Errorf("more than two parts: %v", err)
	}
	return out[0], out[1]
}

func TestErrorClasses(t *testing.T) {
	t.Parallel()
	reply := func(code int, enhanced smtp.EnhancedCode) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no " + person + " here"}
	}
	for name, c := range map[string]struct {
		office *office
		want   mail.SendError
	}{
		"no such mailbox":    {&office{rcptErr: reply(550, smtp.EnhancedCode{5, 1, 1})}, mail.SendError{Code: mail.CodeRecipient, Status: 550}},
		"greylisted":         {&office{rcptErr: reply(451, smtp.EnhancedCode{4, 7, 1})}, mail.SendError{Code: mail.CodeRecipient, Status: 451, Temporary: true}},
		"no relaying":        {&office{rcptErr: reply(554, smtp.EnhancedCode{5, 7, 1})}, mail.SendError{Code: mail.CodeRecipient, Status: 554, Temporary: true}},
		"sender refused":     {&office{mailErr: reply(553, smtp.EnhancedCode{5, 1, 8})}, mail.SendError{Code: mail.CodeSender, Status: 553, Temporary: true}},
		"content refused":    {&office{dataErr: reply(554, smtp.EnhancedCode{5, 6, 0})}, mail.SendError{Code: mail.CodeContent, Status: 554}},
		"disk full there":    {&office{dataErr: reply(452, smtp.EnhancedCode{4, 3, 1})}, mail.SendError{Code: mail.CodeContent, Status: 452, Temporary: true}},
		"hung up at the end": {&office{dropData: true}, mail.SendError{Code: mail.CodeUnknown, Temporary: true, Uncertain: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := newSMTP(t, "smtp://"+listen(t, c.office, nil, false), nil).Send(t.Context(), message(t))
			checkError(t, err, c.want)
		})
	}
}

func checkError(t *testing.T, err error, want mail.SendError) {
	t.Helper()
	var got *mail.SendError
	if !errors.As(err, &got) {
		t.Fatalf("got %v", err)
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	if mail.Temporary(err) != want.Temporary {
		t.Error("Temporary says something else")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(fmt.Sprintf("%v %+v", e, e), "kanari") {
			t.Errorf("the error tells the address: %v", e)
		}
	}
}

func TestServerIsDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s := newSMTP(t, "smtp://"+address, nil)
	checkError(t, s.Send(t.Context(), message(t)), mail.SendError{Code: mail.CodeConnect, Temporary: true})
}

func TestServerIsNoMailServer(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	s := newSMTP(t, "smtp://"+l.Addr().String(), nil)
	checkError(t, s.Send(t.Context(), message(t)), mail.SendError{Code: mail.CodeConnect, Temporary: true})
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	o := &office{}
	s := newSMTP(t, "smtp://"+listen(t, o, nil, false), nil)
	gone := errors.New("the lease is lost")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if err := s.Send(ctx, message(t)); !errors.Is(err, gone) || !mail.Temporary(err) {
		t.Errorf("got %v", err)
	}
	if len(o.bodies) != 0 {
		t.Error("sent all the same")
	}
}

func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
		&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	server, trusting := certificate(t)
	distrusting := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	const user = "portal:hemmelig@"
	for name, c := range map[string]struct {
		scheme, user string
		offered      *tls.Config
		implicit     bool
		client       *tls.Config
		wantSecure   bool
		wantCode     string
	}{
		"TLS from the start":           {"smtps://", user, server, true, trusting, true, ""},
		"STARTTLS with a user":         {"smtp://", user, server, false, trusting, true, ""},
		"STARTTLS when offered":        {"smtp://", "", server, false, trusting, true, ""},
		"none offered, no user":        {"smtp://", "", nil, false, trusting, false, ""},
		"none offered, with a user":    {"smtp://", user, nil, false, trusting, false, mail.CodeTLS},
		"not trusted":                  {"smtp://", user, server, false, distrusting, false, mail.CodeTLS},
		"not trusted from the start":   {"smtps://", user, server, true, distrusting, false, mail.CodeTLS},
		"not trusted, without a user":  {"smtp://", "", server, false, distrusting, false, mail.CodeTLS},
		"loopback in plain, with user": {"smtp://", user, nil, false, nil, false, ""},
		"smtps to a plain server":      {"smtps://", user, nil, false, trusting, false, mail.CodeTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &office{}
			s := newSMTP(t, c.scheme+c.user+listen(t, o, c.offered, c.implicit), c.client)
			err := s.Send(t.Context(), message(t))
			if c.wantCode != "" {
				checkError(t, err, mail.SendError{Code: c.wantCode, Temporary: true})
				if len(o.users) != 0 || len(o.bodies) != 0 || len(o.to) != 0 {
					t.Error("the password or the mail went out all the same")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if o.secure[0] != c.wantSecure {
				t.Errorf("encrypted: %v", o.secure[0])
			}
			if c.user != "" && (len(o.users) != 1 || o.users[0] != "portal:hemmelig") {
				t.Errorf("signed in as %v", o.users)
			}
		})
	}
}

func TestWrongPasswordIsTemporary(t *testing.T) {
	t.Parallel()
	o := &office{authErr: &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no " + person}}
	s := newSMTP(t, "smtp://portal:feil@"+listen(t, o, nil, false), nil)
	checkError(t, s.Send(t.Context(), message(t)), mail.SendError{Code: mail.CodeAuth, Status: 535, Temporary: true})
}

func TestUnfitMessagesAreNotSent(t *testing.T) {
	t.Parallel()
	o := &office{}
	s := newSMTP(t, "smtp://"+listen(t, o, nil, false), nil)
	for name, change := range map[string]func(*mail.Message){
		"no recipient":       func(m *mail.Message) { m.To = keyring.Private{} },
		"two recipients":     func(m *mail.Message) { m.To = keyring.NewPrivate(person + ",x@y.example") },
		"two, by semicolon":  func(m *mail.Message) { m.To = keyring.NewPrivate(person + ";x@y.example") },
		"two, by space":      func(m *mail.Message) { m.To = keyring.NewPrivate(person + " x@y.example") },
		"with a name":        func(m *mail.Message) { m.To = keyring.NewPrivate("Kari <" + person + ">") },
		"with brackets":      func(m *mail.Message) { m.To = keyring.NewPrivate("<" + person + ">") },
		"quoted":             func(m *mail.Message) { m.To = keyring.NewPrivate(`"a@b.example"@evil.example`) },
		"two signs":          func(m *mail.Message) { m.To = keyring.NewPrivate("a@b@evil.example") },
		"encoded word":       func(m *mail.Message) { m.To = keyring.NewPrivate("=?utf-8?q?a?=@evil.example") },
		"unicode":            func(m *mail.Message) { m.To = keyring.NewPrivate("\u212aari@kunde.example") },
		"literal":            func(m *mail.Message) { m.To = keyring.NewPrivate("kari@[127.0.0.1]") },
		"SMTP injection":     func(m *mail.Message) { m.To = keyring.NewPrivate(person + ">\r\nRCPT TO:<x@y.example") },
		"header in subject":  func(m *mail.Message) { m.Subject = "a\r\nBcc: x@y.example" },
		"newline in subject": func(m *mail.Message) { m.Subject = "a\nb" },
		"no subject":         func(m *mail.Message) { m.Subject = "" },
		"header in name":     func(m *mail.Message) { m.From.Name = "a\r\nBcc: x@y.example" },
		"header in sender":   func(m *mail.Message) { m.From.Address = "a@b.example\r\nBcc: x@y.example" },
		"no sender":          func(m *mail.Message) { m.From = mail.Mailbox{} },
		"name in reply-to":   func(m *mail.Message) { m.ReplyTo.Name = "a\nb" },
		"list in reply-to":   func(m *mail.Message) { m.ReplyTo.Address = "a@b.example, c@d.example" },
		"reply-to w/o addr":  func(m *mail.Message) { m.ReplyTo.Address = "" },
		"header in id":       func(m *mail.Message) { m.MessageID = "a@b>\r\nBcc: x@y.example" },
		"no id":              func(m *mail.Message) { m.MessageID = "" },
		"no text":            func(m *mail.Message) { m.Text = "" },
	} {
		m := message(t)
		change(&m)
		err := s.Send(t.Context(), m)
		if !errors.Is(err, mail.ErrMessage) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if mail.Temporary(err) {
			t.Errorf("%s: would be tried again", name)
		}
		if strings.Contains(err.Error(), "@") && !strings.Contains(err.Error(), "word@host") {
			t.Errorf("%s: the error holds an address: %v", name, err)
		}
	}
	if len(o.to)+len(o.bodies) != 0 {
		t.Errorf("sent to %v", o.to)
	}
}

func TestAddressesOfOddShape(t *testing.T) {
	t.Parallel()
	o := &office{}
	s := newSMTP(t, "smtp://"+listen(t, o, nil, false), nil)
	for i, to := range []string{
		"a@b.example", "O'Brien+news@b.example", "KARI@Kunde.Example", "a.b_c-d/e=f{g}|h~i!j#k$l%m&n*o?p^q@xn--fjrd-hra.example",
	} {
		m := message(t)
		m.To = keyring.NewPrivate(to)
		if err := s.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", to, err)
		} else if len(o.to) != i+1 || o.to[i] != to {
			t.Errorf("%s went to %v", to, o.to)
		}
	}
}

func TestServerAddresses(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"smtp://localhost:2525", "smtp://mail.example", "smtps://u:p@mail.example", "smtp://u%40x:p%2F@mail.example:587/", "smtp://[::1]:25",
	} {
		if err := mail.ValidURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "mail.example", "http://mail.example", "smtp://", "smtp://u:hemmelig@", "smtp://u:hemmelig@h:99999", "smtp://u:hemmelig@h:x",
		"smtp://u@h", "smtp://:hemmelig@h", "smtp://u:hemmelig@h/path", "smtp://u:hemmelig@h?tls=none", "smtp://u:hemmelig@h:25#x",
		"smtp://u:hemmelig%zz@h",
	} {
		err := mail.ValidURL(bad)
		if err == nil {
			t.Errorf("%s is accepted", bad)
		} else if strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("the error tells the password: %v", err)
		}
		if _, err := mail.NewSMTP(mail.SMTPConfig{URL: bad, Now: noon}); err == nil {
			t.Errorf("a sender to %s", bad)
		}
	}
	if _, err := mail.NewSMTP(mail.SMTPConfig{URL: "smtp://localhost"}); err == nil {
		t.Error("a sender without a clock")
	}
}

func TestMessageID(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://personvern.example.no":      "job-7@personvern.example.no",
		"http://localhost:8080/":             "job-7@localhost",
		"http://[::1]:8080":                  "job-7@localhost",
		"":                                   "job-7@localhost",
		"https://a.example/\r\nBcc: x@y.no/": "job-7@localhost",
	} {
		if got := mail.MessageID(7, url); got != want {
			t.Errorf("%q gives %q, want %q", url, got, want)
		}
	}
}

func TestTemporary(t *testing.T) {
	t.Parallel()
	if mail.Temporary(nil) || !mail.Temporary(errors.New("something else")) {
		t.Error("Temporary is wrong about other errors")
	}
}

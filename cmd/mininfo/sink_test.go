package main_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Letter is a mail that the mail server has taken the responsibility for.
type Letter struct {
	From, To string
	ID       string // Message-ID
	Subject  string
	ReplyTo  string
	Text     string
	Raw      []byte
	At       time.Time
}

// Sink is a mail server that keeps what it gets. It can be down and come back on the same port.
type Sink struct {
	t       testing.TB
	address string

	mu      sync.Mutex
	server  *smtp.Server
	letters []Letter
	dialled int
}

func newSink(t testing.TB) *Sink {
	t.Helper()
	s := &Sink{t: t}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	s.serve(l)
	t.Cleanup(s.Down)
	return s
}

func (s *Sink) serve(l net.Listener) {
	server := smtp.NewServer(s)
	server.Domain, server.MaxMessageBytes = "mail.example", 1<<20
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.ErrorLog = silent{}
	s.mu.Lock()
	s.server = server
	s.mu.Unlock()
	go func() { _ = server.Serve(l) }()
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// URL is the address for MININFO_SMTP.
func (s *Sink) URL() string { return "smtp://" + s.address }

// Down makes the mail server unreachable.
func (s *Sink) Down() {
	s.mu.Lock()
	server := s.server
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// Up brings the mail server back on its port.
func (s *Sink) Up() {
	s.t.Helper()
	var l net.Listener
	until(s.t, "the mail server's port is free again", func() bool {
		var err error
		l, err = net.Listen("tcp", s.address)
		return err == nil
	})
	s.serve(l)
}

// NewSession is a connection of the portal's.
func (s *Sink) NewSession(*smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialled++
	return &delivery{sink: s}, nil
}

type delivery struct {
	sink     *Sink
	from, to string
}

func (d *delivery) Mail(from string, _ *smtp.MailOptions) error { d.from = from; return nil }

var errOneRecipient = errors.New("a mail of the portal has one recipient")

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	if d.to != "" {
		return errOneRecipient
	}
	d.to = to
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := readLetter(raw)
	if err != nil {
		return err
	}
	l.From, l.To, l.At = d.from, d.to, time.Now()
	d.sink.mu.Lock()
	d.sink.letters = append(d.sink.letters, l)
	d.sink.mu.Unlock()
	return nil
}

func (d *delivery) Reset()        { d.from, d.to = "", "" }
func (d *delivery) Logout() error { return nil }

func readLetter(raw []byte) (Letter, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Letter{}, err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Letter{}, err
	}
	text, err := plain(m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
	return Letter{ID: m.Header.Get("Message-Id"), Subject: subject, ReplyTo: m.Header.Get("Reply-To"), Text: text, Raw: raw}, err
}

// plain gives the text of a mail as a reader without HTML sees it.
func plain(kind, encoding string, body io.Reader) (string, error) {
	media, parameters, err := mime.ParseMediaType(kind)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, parameters["boundary"])
		part, err := parts.NextRawPart()
		if err != nil {
			return "", err
		}
		return plain(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	return strings.ReplaceAll(string(data), "\r\n", "\n"), err
}

// All gives what was delivered, oldest first.
func (s *Sink) All() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// To gives what was delivered to an address, oldest first.
func (s *Sink) To(address string) []Letter {
	var list []Letter
	for _, l := range s.All() {
		if strings.EqualFold(l.To, address) {
			list = append(list, l)
		}
	}
	return list
}

// Wait gives the first mail to an address, after the first skip ones, that is wanted.
func (s *Sink) Wait(t testing.TB, address string, skip int, what string, wanted func(Letter) bool) Letter {
	t.Helper()
	var found Letter
	until(t, "a mail: "+what, func() bool {
		all := s.To(address)
		for _, l := range all[min(skip, len(all)):] {
			if wanted(l) {
				found = l
				return true
			}
		}
		return false
	})
	return found
}

var (
	codeInMail = regexp.MustCompile(`(?m)^\s*([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\s*$`)
	linkInMail = regexp.MustCompile(`https?://\S+/verify#([0-9a-f]{32})\.([A-Za-z0-9_-]{43})`)
)

// Code gives the code of a mail, or nothing.
func (l Letter) Code() string {
	if found := codeInMail.FindStringSubmatch(l.Text); found != nil {
		return found[1]
	}
	return ""
}

// Link gives the verification and the token of a mail's link, or nothing.
func (l Letter) Link() (id, token string) {
	if found := linkInMail.FindStringSubmatch(l.Text); found != nil {
		return found[1], found[2]
	}
	return "", ""
}

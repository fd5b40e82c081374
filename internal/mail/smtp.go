package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Codes of SendError.
const (
	CodeMessage   = "message"            // the message itself is unfit
	CodeNoServer  = "no_server"          // none is configured: nothing was tried
	CodeConnect   = "connect"            // no server, or it hung up
	CodeTLS       = "tls"                // no encryption, or a certificate that is not trusted
	CodeAuth      = "auth"               // user name or password refused
	CodeSender    = "sender_rejected"    // the server does not let us send as ourselves
	CodeRecipient = "recipient_rejected" // no such mailbox, or not now
	CodeContent   = "content_rejected"   // refused after the content, or not now
	CodeUnknown   = "outcome_unknown"    // cut off when the server may already have accepted
)

// SendError is a mail that was not, or perhaps not, accepted. Its text never holds an address or what
// the server said (which may repeat the address).
type SendError struct {
	Code      string
	Status    int  // SMTP reply code, or 0
	Temporary bool // of use to try again
	Uncertain bool // the server may have accepted it: try again at most once
}

// Error gives the code and status alone.
func (e *SendError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("mail not sent: %s (SMTP %d)", e.Code, e.Status)
	}
	return "mail not sent: " + e.Code
}

// ErrorCode gives the stable code that a job keeps of its last error.
func (e *SendError) ErrorCode() string { return "mail_" + e.Code }

// Temporary tells whether it is of use to send again. Errors of an unknown kind count as temporary: a
// mail is given up only for a reason.
func Temporary(err error) bool {
	var e *SendError
	return err != nil && (!errors.As(err, &e) || e.Temporary)
}

// SMTPConfig says how to reach the mail server.
type SMTPConfig struct {
	// URL is smtps://user:pass@host:465 (TLS from the start) or smtp://user:pass@host:587 (STARTTLS).
	// With a user, encryption is demanded; without, it is used if offered. A loopback host is spoken
	// to in plain text, unless TLS is set.
	URL     string
	Now     func() time.Time // for the Date header
	Timeout time.Duration    // of each step; 20 s if zero
	TLS     *tls.Config      // nil: the system's roots, TLS 1.2 or later
	Hello   string           // name given in EHLO; the machine's if empty
}

// SMTP is the Sender for real. Each mail has its own connection: mails are few, and a connection that
// is kept may be dead when it is needed.
type SMTP struct {
	host    string
	options []gomail.Option
	timeout time.Duration
	now     func() time.Time
}

type server struct {
	host, user, pass string
	port             int
	implicit         bool // TLS from the start
	loopback         bool
}

// ValidURL tells what is wrong with the address of a mail server. The error never holds the password.
func ValidURL(raw string) error {
	_, err := parseServer(raw)
	return err
}

func parseServer(raw string) (server, error) {
	u, err := url.Parse(raw)
	if err != nil { // its text would repeat the password
		return server{}, errors.New("address of the mail server is not a URL such as smtp://user:password@host:587")
	}
	s := server{host: u.Hostname(), user: u.User.Username()}
	s.pass, _ = u.User.Password()
	switch u.Scheme {
	case "smtp":
		s.port = 587
	case "smtps":
		s.port, s.implicit = 465, true
	default:
		return server{}, errors.New("address of the mail server must begin with smtp:// or smtps://")
	}
	if s.host == "" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return server{}, errors.New("address of the mail server must be a host and a port, with nothing after them")
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil || s.port < 1 || s.port > 65535 {
			return server{}, errors.New("port of the mail server must be from 1 to 65535")
		}
	}
	if (s.user == "") != (s.pass == "") {
		return server{}, errors.New("address of the mail server needs both user and password, or neither")
	}
	ip := net.ParseIP(s.host)
	s.loopback = s.host == "localhost" || ip != nil && ip.IsLoopback()
	return s, nil
}

// NewSMTP makes a sender. It does not connect: a mail server that is down must not stop the portal.
func NewSMTP(c SMTPConfig) (*SMTP, error) {
	s, err := parseServer(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Now == nil {
		return nil, errors.New("mail sender needs a clock")
	}
	if c.Timeout == 0 {
		c.Timeout = 20 * time.Second
	}
	plain := s.loopback && c.TLS == nil && !s.implicit
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS != nil {
		conf = c.TLS.Clone()
	}
	if conf.ServerName == "" {
		conf.ServerName = s.host
	}
	options := []gomail.Option{gomail.WithPort(s.port), gomail.WithTLSConfig(conf), gomail.WithoutNoop(), gomail.WithoutSMTPUTF8()}
	switch {
	case s.implicit:
		options = append(options, gomail.WithSSL())
	case plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case s.user != "":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if s.user != "" {
		auth := gomail.SMTPAuthAutoDiscover // never sends a password in clear
		if plain {
			auth = gomail.SMTPAuthPlain // which the library allows towards loopback alone
		}
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(s.user), gomail.WithPassword(s.pass))
	}
	if c.Hello != "" {
		options = append(options, gomail.WithHELO(c.Hello))
	}
	if _, err := gomail.NewClient(s.host, options...); err != nil {
		return nil, fmt.Errorf("setting up the mail sender: %w", err)
	}
	return &SMTP{host: s.host, options: options, timeout: c.Timeout, now: c.Now}, nil
}

// Send hands the message to the server. nil means that the server took the responsibility for it. The
// error is a *SendError, or the context's.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	timeout := s.timeout
	if end, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(end))
	}
	if err := ctx.Err(); err != nil || timeout <= 0 {
		return fmt.Errorf("sending mail: %w", context.Cause(ctx))
	}
	client, err := gomail.NewClient(s.host, append(s.options[:len(s.options):len(s.options)], gomail.WithTimeout(timeout))...)
	if err != nil {
		return &SendError{Code: CodeConnect, Temporary: true}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("sending mail: %w", context.Cause(ctx))
		}
		return classifyDial(err)
	}
	err = client.SendWithSMTPClient(conn, msg)
	_ = client.CloseWithSMTPClient(conn) // what happens after the server's yes does not matter
	if err != nil && !msg.IsDelivered() {
		return classifySend(err)
	}
	return nil
}

func (s *SMTP) compose(m Message) (*gomail.Msg, error) {
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", &SendError{Code: CodeMessage}, err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	to := m.To.Reveal()
	msg.EnvelopeFromMailAddress(&netmail.Address{Address: m.From.Address})
	msg.FromMailAddress(&netmail.Address{Name: m.From.Name, Address: m.From.Address})
	msg.ToMailAddress(&netmail.Address{Address: to})
	if m.ReplyTo != (Mailbox{}) {
		msg.ReplyToMailAddress(&netmail.Address{Name: m.ReplyTo.Name, Address: m.ReplyTo.Address})
	}
	rcpts, err := msg.GetRecipients()
	if err != nil || len(rcpts) != 1 || rcpts[0] != "<"+to+">" {
		return nil, fmt.Errorf("%w: %w: an address was read in another way than it is written",
			&SendError{Code: CodeMessage}, ErrMessage)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.now())
	msg.SetMessageIDWithValue(m.MessageID)
	// No answering machines, please (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	if m.Locale != "" {
		msg.SetGenHeader("Content-Language", string(m.Locale))
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	if len(m.Logo) > 0 {
		err := msg.EmbedReader(logoName, bytes.NewReader(m.Logo), gomail.WithFileContentType("image/png"), gomail.WithFileContentID("<"+logoName+">"))
		if err != nil {
			return nil, fmt.Errorf("%w: %w: the logo cannot be read", &SendError{Code: CodeMessage}, ErrMessage)
		}
	}
	return msg, nil
}

// classifyDial tells why there is no session. All of these can be mended without touching the mail, so
// all are temporary, also a wrong password.
func classifyDial(err error) error {
	var reply *textproto.Error
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	out := &SendError{Code: CodeConnect, Temporary: true}
	switch {
	case errors.As(err, &cert), errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &record),
		strings.Contains(err.Error(), "STARTTLS"): // the library has no type for a server without it
		out.Code = CodeTLS
	case errors.Is(err, gomail.ErrNoSupportedAuthDiscovered), errors.Is(err, gomail.ErrPlainAuthNotSupported),
		strings.Contains(err.Error(), "SMTP AUTH"):
		out.Code = CodeAuth
	}
	if errors.As(err, &reply) {
		out.Status = reply.Code
	}
	return out
}

// classifySend tells permanent refusals of this mail from trouble that passes or can be mended.
func classifySend(err error) error {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return &SendError{Code: CodeConnect, Temporary: true}
	}
	status := e.ErrorCode()
	refused := status >= 500 && status < 600
	switch e.Reason {
	case gomail.ErrSMTPMailFrom:
		return &SendError{Code: CodeSender, Status: status, Temporary: true}
	case gomail.ErrSMTPRcptTo:
		// 5.7.x is policy: most often that this server may not relay for us, which is no fault of the address.
		policy := strings.HasPrefix(e.EnhancedStatusCode(), "5.7.") || status == 530
		return &SendError{Code: codeOr(status, CodeRecipient), Status: status, Temporary: !refused || policy}
	case gomail.ErrSMTPData, gomail.ErrWriteContent:
		return &SendError{Code: codeOr(status, CodeContent), Status: status, Temporary: !refused}
	case gomail.ErrSMTPDataClose:
		if status == 0 { // the connection ended between our last dot and the answer
			return &SendError{Code: CodeUnknown, Temporary: true, Uncertain: true}
		}
		return &SendError{Code: CodeContent, Status: status, Temporary: !refused}
	}
	return &SendError{Code: CodeConnect, Status: status, Temporary: true}
}

// codeOr is for a step that ended without an answer: the connection broke.
func codeOr(status int, code string) string {
	if status == 0 {
		return CodeConnect
	}
	return code
}

// Package mailbox connects folders of a mailbox over IMAP. They are searched for the addresses and
// names of a person; a message is a row. Searching changes nothing, not even whether a message was
// read. Where the server has UIDPLUS, messages can be erased: exactly those of a plan.
package mailbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"mininfo/internal/source"
)

// Kind is the name of this kind of source.
const Kind = "mailbox"

// Table is the name of the one table that the messages of all folders make up.
const Table = "messages"

// defaultTimeout is how long the server may be silent.
const defaultTimeout = 5 * time.Minute

// Source is a mailbox.
type Source struct {
	name    string
	address string // host:port
	host    string
	user    string
	secret  source.Secret
	wrapped bool // TLS from the first byte, else STARTTLS
	plain   bool // no TLS at all: on this machine alone
	roots   *x509.CertPool
	folders []string // none: all
	own     []string // domains of the organisation itself
	timeout time.Duration
}

var (
	_ source.Source    = (*Source)(nil)
	_ source.Finder    = (*Source)(nil)
	_ source.Changer   = (*Source)(nil)
	_ source.Describer = (*Source)(nil)
)

// Open connects a mailbox when it is first asked:
//
//	imaps://USER:PASSWORD@HOST[:993]/INBOX?folder=Sent&own=example.no
//	imap://…   the same, with STARTTLS, on port 143
//
// Without folders all are searched. own names a domain of the organisation: its addresses are
// nobody else's. ca names a file with certificates to trust beside the system's. plain=1 does
// without encryption, on a loopback address alone.
func Open(_ context.Context, c source.Config) (source.Source, error) {
	bad := &source.Error{Source: c.Name, Code: source.BadConfig}
	u, err := url.Parse(c.DSN.Reveal())
	if err != nil || u.Scheme != "imap" && u.Scheme != "imaps" || u.Hostname() == "" || u.User == nil || u.Opaque != "" {
		return nil, bad
	}
	password, _ := u.User.Password()
	s := &Source{name: c.Name, host: u.Hostname(), user: u.User.Username(), secret: source.NewSecret(password),
		wrapped: u.Scheme == "imaps", timeout: c.Timeout}
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "993", false: "143"}[s.wrapped]
	}
	s.address = net.JoinHostPort(s.host, port)
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	if folder := strings.Trim(u.Path, "/"); folder != "" {
		s.folders = append(s.folders, folder)
	}
	for key, values := range u.Query() {
		switch key {
		case "folder":
			s.folders = append(s.folders, values...)
		case "own":
			for _, domain := range values {
				s.own = append(s.own, strings.ToLower(domain))
			}
		case "plain":
			s.plain = true
		case "ca":
			if s.roots, err = trusted(values[len(values)-1], c.Dir); err != nil {
				return nil, bad
			}
		default:
			return nil, bad
		}
	}
	if s.user == "" || s.plain && (s.wrapped || !loopback(s.host)) {
		return nil, bad
	}
	return s, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func trusted(path, dir string) (*x509.CertPool, error) {
	if !filepath.IsAbs(path) && dir != "" {
		path = filepath.Join(dir, path)
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificates")
	}
	return pool, nil
}

func (s *Source) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// Format keeps the password out of logs and error texts: fmt looks into private fields without
// asking them.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("mailbox " + s.name)) }

// Name is the name of the source.
func (s *Source) Name() string { return s.name }

// Kind is "mailbox".
func (s *Source) Kind() string { return Kind }

// Close does nothing: a connection lasts as long as the view or change that it is for.
func (s *Source) Close() error { return nil }

//go:embed dataset.yaml
var dataset string

// Describe gives the dataset file of mailboxes.
func (s *Source) Describe(n source.Naming) []byte { return n.Fill(dataset) }

// The places of the columns.
const (
	atMessage = iota
	atFolder
	atReceived
	atDate
	atFrom
	atTo
	atCc
	atNames
	atSubject
	atBody
	atAttachments
	atPeople
	width
)

var columns = [width]source.Column{
	atMessage:     {Name: "message", Type: "text", Class: source.ClassText, Generated: true},
	atFolder:      {Name: "folder", Type: "text", Class: source.ClassText, Generated: true},
	atReceived:    {Name: "received", Type: "timestamp", Class: source.ClassTime, HasZone: true, Generated: true},
	atDate:        {Name: "date", Type: "timestamp", Class: source.ClassTime, HasZone: true, Nullable: true, Generated: true},
	atFrom:        list("from"),
	atTo:          list("to"),
	atCc:          list("cc"),
	atNames:       list("names"),
	atSubject:     {Name: "subject", Type: "text", Class: source.ClassText, Nullable: true, Generated: true},
	atBody:        {Name: "body", Type: "text", Class: source.ClassText, Nullable: true, Generated: true},
	atAttachments: {Name: "attachments", Type: "json", Class: source.ClassJSON, Nullable: true, Generated: true},
	atPeople:      list("people"),
}

func list(name string) source.Column {
	return source.Column{Name: name, Type: "text[]", Class: source.ClassArray, Elem: source.ClassText, ElemType: "text", Nullable: true, Generated: true}
}

// Inspect signs in, looks for the folders, and gives the one table.
func (s *Source) Inspect(ctx context.Context) (*source.Schema, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if _, err := c.list(ctx, s.folders); err != nil {
		return nil, err
	}
	return &source.Schema{System: "IMAP", Tables: []source.Table{{
		Name: source.TableName{Name: Table}, Columns: columns[:], PrimaryKey: []string{"message"}, CanSelect: true,
		CanDelete: c.client.Caps().Has(imap.CapUIDPlus), Rows: -1, Letters: true,
		Uniques: []source.Index{{Name: "message", Columns: []string{"message"}, Primary: true}},
	}}}, nil
}

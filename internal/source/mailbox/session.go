package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sort"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mininfo/internal/source"
)

// maxFolders is how many folders one mailbox may have.
const maxFolders = 2000

// session is a connection that is signed in. A server that is silent for too long, or a context
// that ends, cuts it.
type session struct {
	s      *Source
	conn   net.Conn
	client *imapclient.Client
}

func (s *Source) dial(ctx context.Context) (*session, error) {
	dialer := net.Dialer{Timeout: min(s.timeout, 30*time.Second)}
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, s.failure(ctx, source.Unreachable)
	}
	c := &session{s: s, conn: conn}
	err = c.do(ctx, func(func()) error {
		if err := c.start(ctx); err != nil {
			return err
		}
		return c.client.Login(s.user, s.secret.Reveal()).Wait()
	})
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// start brings up encryption. A server that does not offer it gets no password.
func (c *session) start(ctx context.Context) error {
	options := &imapclient.Options{TLSConfig: c.s.tls()}
	switch {
	case c.s.plain:
		c.client = imapclient.New(c.conn, options)
	case c.s.wrapped:
		t := tls.Client(c.conn, c.s.tls())
		if err := t.HandshakeContext(ctx); err != nil {
			return err
		}
		c.client = imapclient.New(t, options)
	default:
		client, err := imapclient.NewStartTLS(c.conn, options)
		if err != nil {
			return err
		}
		c.client = client
	}
	return c.client.WaitGreeting()
}

// do runs commands. alive must be called whenever the server has said something.
func (c *session) do(ctx context.Context, fn func(alive func()) error) error {
	stopped := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	defer stopped()
	timer := time.AfterFunc(c.s.timeout, func() { _ = c.conn.Close() })
	err := fn(func() { timer.Reset(c.s.timeout) })
	expired := !timer.Stop()
	var own *source.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own) || errors.Is(err, errFn):
		return err
	case expired:
		return c.s.failure(ctx, source.TimedOut)
	}
	return c.s.told(ctx, err)
}

// told turns what the server said into a failure; its own words are left out.
func (s *Source) told(ctx context.Context, err error) error {
	var said *imap.Error
	if !errors.As(err, &said) {
		return s.failure(ctx, source.Unreachable)
	}
	out := &source.Error{Source: s.name, Code: source.FailedSystem, State: string(said.Code), Table: Table}
	switch said.Code {
	case imap.ResponseCodeAuthenticationFailed, imap.ResponseCodeUnavailable, imap.ResponseCodePrivacyRequired:
		out.Code = source.Unreachable
	case imap.ResponseCodeNoPerm, imap.ResponseCodeAuthorizationFailed:
		out.Code = source.Denied
	case imap.ResponseCodeNonExistent:
		out.Code = source.Missing
	case imap.ResponseCodeInUse:
		out.Code = source.Locked
	}
	return out
}

func (s *Source) failure(ctx context.Context, code source.Code) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &source.Error{Source: s.name, Code: code}
}

func (c *session) close() {
	if c.client != nil {
		_ = c.client.Close()
	}
	_ = c.conn.Close()
}

// list gives the folders that are searched: those that were named, which must all be there, or all
// that hold messages of their own.
func (c *session) list(ctx context.Context, named []string) ([]string, error) {
	var found []*imap.ListData
	err := c.do(ctx, func(func()) (err error) {
		found, err = c.client.List("", "*", nil).Collect()
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range found {
		// A folder that shows messages of others (\All, \Flagged) would show each twice.
		if slices.ContainsFunc(f.Attrs, func(a imap.MailboxAttr) bool {
			return a == imap.MailboxAttrNoSelect || a == imap.MailboxAttrNonExistent ||
				len(named) == 0 && (a == imap.MailboxAttrAll || a == imap.MailboxAttrFlagged)
		}) {
			continue
		}
		all = append(all, f.Mailbox)
	}
	if len(all) > maxFolders {
		return nil, &source.Error{Source: c.s.name, Code: source.BadConfig}
	}
	for _, name := range named {
		if !slices.Contains(all, name) {
			return nil, &source.Error{Source: c.s.name, Code: source.Missing}
		}
	}
	if len(named) > 0 {
		all = slices.Clone(named)
	}
	sort.Strings(all)
	return slices.Compact(all), nil
}

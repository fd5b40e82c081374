// Package webhook connects a system behind HTTP that speaks the protocol of docs/connect.md: it
// says which tables it has, finds rows, and changes or erases them by key. Every request is signed
// as Standard Webhooks prescribes, so that the system knows that it is the portal that asks.
package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/source"
)

// Kind is the name of this kind of source.
const Kind = "webhook"

const (
	defaultTimeout = 5 * time.Minute // of one question, with all that is tried again
	maxTables      = 2000
	maxColumns     = 2000
	minSecret      = 24 // bytes, as Standard Webhooks wants it
)

// Source is a system behind HTTP.
type Source struct {
	name    string
	url     *url.URL
	signer  *standardwebhooks.Webhook
	client  *http.Client
	timeout time.Duration
	now     func() time.Time
	pause   time.Duration // before the first repetition; doubled each time

	enquiries source.Enquiries // nil: nobody can be called back
	answers   atomic.Bool      // the system has said that it calls back
}

var (
	_ source.Source  = (*Source)(nil)
	_ source.Finder  = (*Source)(nil)
	_ source.Changer = (*Source)(nil)
)

// Open connects https://HOST/PATH#whsec_SECRET. What follows the # is the secret that requests are
// signed with; it is never sent. Without encryption only a loopback address is taken.
func Open(_ context.Context, c source.Config) (source.Source, error) {
	bad := &source.Error{Source: c.Name, Code: source.BadConfig}
	u, err := url.Parse(c.DSN.Reveal())
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, bad
	}
	signer := signerOf(u)
	if signer == nil {
		return nil, bad
	}
	u.Fragment, u.RawFragment = "", ""
	s := &Source{name: c.Name, url: u, signer: signer, timeout: c.Timeout, now: c.Now, pause: 500 * time.Millisecond, enquiries: c.Enquiries}
	if s.timeout <= 0 {
		s.timeout = defaultTimeout
	}
	s.client = &http.Client{CheckRedirect: s.stays, Transport: &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 30 * time.Second, IdleConnTimeout: time.Minute, MaxConnsPerHost: 4,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}}
	return s, nil
}

// signerOf makes what signs and checks with the secret of an address; nil when there is none.
func signerOf(u *url.URL) *standardwebhooks.Webhook {
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(u.Fragment, "whsec_"))
	if err != nil || len(secret) < minSecret {
		return nil
	}
	signer, err := standardwebhooks.NewWebhookRaw(secret)
	if err != nil {
		return nil
	}
	return signer
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// stays follows a redirection to the same place of trust only: elsewhere nobody was meant to learn
// whom the portal asks about.
func (s *Source) stays(r *http.Request, via []*http.Request) error {
	if len(via) > 3 || !s.ours(r.URL) || r.Method != via[0].Method {
		return http.ErrUseLastResponse
	}
	return nil
}

func (s *Source) ours(u *url.URL) bool { return u.Scheme == s.url.Scheme && u.Host == s.url.Host }

// Format keeps the secret out of logs and error texts: fmt looks into private fields without
// asking them.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("webhook " + s.name)) }

// Name is the name of the source.
func (s *Source) Name() string { return s.name }

// Kind is "webhook".
func (s *Source) Kind() string { return Kind }

// Close lets go of idle connections.
func (s *Source) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// description is what the system says about itself.
type description struct {
	System   string `json:"system"`
	Callback bool   `json:"callback"`
	Tables   []struct {
		Name      string   `json:"name"`
		Key       []string `json:"key"`
		CanUpdate bool     `json:"can_update"`
		CanDelete bool     `json:"can_delete"`
		Columns   []struct {
			Name      string `json:"name"`
			Type      string `json:"type"`
			Nullable  bool   `json:"nullable"`
			MaxLength int    `json:"max_length"`
			ReadOnly  bool   `json:"read_only"`
		} `json:"columns"`
	} `json:"tables"`
}

// classes are the types that a column can have. An array holds texts.
var classes = map[string]source.Class{"text": source.ClassText, "integer": source.ClassInt, "decimal": source.ClassDecimal,
	"boolean": source.ClassBool, "date": source.ClassDate, "timestamp": source.ClassTime, "json": source.ClassJSON, "text[]": source.ClassArray}

// Inspect asks the system which tables it has.
func (s *Source) Inspect(ctx context.Context) (*source.Schema, error) {
	var d description
	err := s.ask(ctx, request{Type: "describe", At: s.stamp()}, func(answer []byte) error {
		if err := strict(answer, &d); err != nil || len(d.Tables) > maxTables {
			return s.fail(source.FailedSystem, StateAnswer)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.answers.Store(d.Callback)
	schema := &source.Schema{System: d.System}
	for _, t := range d.Tables {
		table := source.Table{Name: source.TableName{Name: t.Name}, PrimaryKey: t.Key, CanSelect: true, CanUpdate: t.CanUpdate && len(t.Key) > 0,
			CanDelete: t.CanDelete && len(t.Key) > 0, Rows: -1}
		for _, c := range t.Columns {
			class, ok := classes[c.Type]
			if !ok || c.Name == "" {
				return nil, s.fail(source.FailedSystem, StateAnswer)
			}
			table.Columns = append(table.Columns, source.Column{Name: c.Name, Type: c.Type, Class: class, Nullable: c.Nullable,
				MaxLength: c.MaxLength, Generated: c.ReadOnly, HasZone: c.Type == "timestamp"})
		}
		for _, k := range t.Key {
			if _, ok := table.Column(k); !ok {
				return nil, s.fail(source.FailedSystem, StateAnswer)
			}
		}
		if len(t.Key) > 0 {
			table.Uniques = []source.Index{{Name: "key", Columns: t.Key, Primary: true}}
		}
		if t.Name == "" || len(t.Columns) == 0 || len(t.Columns) > maxColumns {
			return nil, s.fail(source.FailedSystem, StateAnswer)
		}
		schema.Tables = append(schema.Tables, table)
	}
	return schema, nil
}

// strict reads an answer. Members that this version does not know are let be.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode(into)
}

func (s *Source) fail(code source.Code, state string) error {
	return &source.Error{Source: s.name, Code: code, State: state}
}

// moment is when a view or a change began: all its questions bear the same. One that a job has begun
// before and not come to the end of goes on.
func (s *Source) moment(ctx context.Context) (string, error) {
	if s.later() {
		at, err := s.enquiries.Moment(ctx)
		return stampOf(at), err
	}
	return s.stamp(), nil
}

func (s *Source) stamp() string {
	if s.now == nil {
		return ""
	}
	return stampOf(s.now())
}

func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// later tells whether the system may answer later.
func (s *Source) later() bool { return s.enquiries != nil && s.now != nil && s.answers.Load() }

package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/source/webhook"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"

const members = `
dataset:
- fides_key: members
  collections:
  - name: members
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: joined, data_categories: [user.behavior]}
    - {name: tags, data_categories: [user.content], fides_meta: {data_type: "string[]"}}
`

var key = []byte("0123456789abcdef0123456789abcdef")

// example starts the example server. between may stand before it.
func example(t *testing.T, between func(next http.Handler) http.Handler) (*portaltest.Members, string) {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	s := &portaltest.Members{Hook: hook, Rows: []map[string]any{
		{"id": 1.0, "email": "Kari@example.org", "name": "Kari «æøå»", "joined": "2024-02-29", "tags": []any{"a", "b"}},
		{"id": 2.0, "email": "ola@example.org", "name": "Ola", "joined": nil, "tags": nil},
		{"id": 3.0, "email": "kari@example.org", "name": nil, "joined": "2025-01-01", "tags": nil},
	}}
	var handler http.Handler = s
	if between != nil {
		handler = between(s)
	}
	h := httptest.NewServer(handler)
	t.Cleanup(h.Close)
	return s, h.URL
}

func open(t *testing.T, url string) source.Source {
	t.Helper()
	s, err := kinds.Open(context.Background(), source.Config{Name: "crm", DSN: source.NewSecret(url + "#" + secret), Now: time.Now, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func connect(t *testing.T, s source.Source) []engine.Connected {
	t.Helper()
	sets, problems := dataset.Read("members.yaml", []byte(members))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return []engine.Connected{{Source: s, Datasets: sets}}
}

var kari = []engine.Seed{{Kind: engine.Email, Value: "kari@example.org"}}

func walk(t *testing.T, c []engine.Connected) (findings, engine.Report) {
	t.Helper()
	var out findings
	report, err := engine.Walk(context.Background(), c, kari, engine.Options{DigestKey: key, TempDir: t.TempDir()}, func(f *engine.Finding) error {
		out = append(out, f.Clone())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

type findings []*engine.Finding

func (l findings) Each(_ context.Context, fn func(*engine.Finding) error) error {
	for _, f := range l {
		if err := fn(f); err != nil {
			return err
		}
	}
	return nil
}

func (l findings) String() string {
	var out []string
	for _, f := range l {
		var cells []string
		for _, v := range f.Fields {
			cells = append(cells, string(v.Value.AppendJSON(nil)))
		}
		out = append(out, strings.Join(cells, " "))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
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

func erase(t *testing.T, c []engine.Connected, decide engine.Decide) plan {
	t.Helper()
	found, _ := walk(t, c)
	var steps plan
	problems, err := engine.PlanErase(context.Background(), c, found, decide, engine.PlanOptions{Key: key}, func(s *engine.Step) error {
		steps = append(steps, *s)
		return nil
	})
	if err != nil || len(problems) > 0 || len(steps) == 0 {
		t.Fatal(err, problems, len(steps))
	}
	return steps
}

func everything(*engine.Finding, *engine.FieldValue) engine.Decision {
	return engine.Decision{Action: engine.Delete, Reason: "erasure", Article: "Art. 17(1)"}
}

const karisRows = `1 "Kari@example.org" "Kari «æøå»" "2024-02-29" ["a","b"]
3 "kari@example.org" null "2025-01-01" null`

func TestFindAndErase(t *testing.T) {
	t.Parallel()
	s, url := example(t, nil)
	c := connect(t, open(t, url))
	found, report := walk(t, c)
	if diff := cmp.Diff(karisRows, found.String()); diff != "" || report.Incomplete {
		t.Fatal(diff, report)
	}
	steps, before := erase(t, c, everything), s.Dump()
	if problems, err := engine.Preflight(context.Background(), c, steps, engine.ExecuteOptions{DigestKey: key}); err != nil || len(problems) > 0 || s.Dump() != before {
		t.Fatal(err, problems, s.Dump())
	}
	result, err := engine.Execute(context.Background(), c, c[0].Source.Name(), steps, engine.ExecuteOptions{DigestKey: key})
	if err != nil || result.Deleted != 2 {
		t.Fatal(result, err)
	}
	if got := s.Dump(); got != `[{"email":"ola@example.org","id":2,"joined":null,"name":"Ola","tags":null}]` {
		t.Error(got)
	}
	if result, err = engine.Execute(context.Background(), c, c[0].Source.Name(), steps, engine.ExecuteOptions{DigestKey: key}); err != nil || !result.AlreadyDone {
		t.Error(result, err)
	}
}

// Fields are emptied where a row stays, and nothing else in it changes.
func TestAnonymise(t *testing.T) {
	t.Parallel()
	s, url := example(t, nil)
	c := connect(t, open(t, url))
	steps := erase(t, c, func(_ *engine.Finding, v *engine.FieldValue) engine.Decision {
		if v != nil && v.Name == "joined" {
			return engine.Decision{Action: engine.Keep, Reason: "legal_obligation", Article: "Art. 17(3)(b)"}
		}
		return engine.Decision{Action: engine.Delete, Reason: "erasure", Article: "Art. 17(1)"}
	})
	if _, err := engine.Execute(context.Background(), c, c[0].Source.Name(), steps, engine.ExecuteOptions{DigestKey: key}); err != nil {
		t.Fatal(err)
	}
	want := `[{"email":null,"id":1,"joined":"2024-02-29","name":null,"tags":null},{"email":"ola@example.org","id":2,"joined":null,"name":"Ola","tags":null},{"email":null,"id":3,"joined":"2025-01-01","name":null,"tags":null}]`
	if diff := cmp.Diff(want, s.Dump()); diff != "" {
		t.Error(diff)
	}
}

// A row that changed since the plan stops it: seen by the portal before it writes, or by the system
// when it is written to.
func TestDrift(t *testing.T) {
	t.Parallel()
	s, url := example(t, nil)
	c := connect(t, open(t, url))
	steps := erase(t, c, everything)
	s.Set(0, "name", "Kari Ny")
	before := s.Dump()
	var drift *engine.DriftError
	if _, err := engine.Execute(context.Background(), c, c[0].Source.Name(), steps, engine.ExecuteOptions{DigestKey: key}); !errors.As(err, &drift) || s.Dump() != before {
		t.Errorf("%v, %s", err, s.Dump())
	}
	steps = erase(t, c, everything)
	src := c[0].Source.(source.Changer)
	tx, err := src.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := c[0].Source.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table := &schema.Tables[0]
	keys := source.Match{Fields: []source.Field{{Column: "id"}}, Tuples: [][]source.Value{{source.IntOf(1)}, {source.IntOf(2)}}}
	if err := tx.Lock(context.Background(), source.Query{Table: table, Fields: keys.Fields, Match: &keys}, func([]source.Value) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if n, err := tx.Delete(context.Background(), table, keys); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if err := tx.Settle(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.Set(1, "name", "Ola Ny")
	before = s.Dump()
	if err := tx.Commit(context.Background()); !errors.Is(err, &source.Error{Code: source.Locked}) || s.Dump() != before {
		t.Errorf("%v, %s", err, s.Dump())
	}
	_ = steps
}

// A rule of the system stops a plan in its trial.
func TestRefused(t *testing.T) {
	t.Parallel()
	s, url := example(t, nil)
	c := connect(t, open(t, url))
	schema, err := c[0].Source.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table, before := &schema.Tables[0], s.Dump()
	tx, err := c[0].Source.(source.Changer).Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	keys := source.Match{Fields: []source.Field{{Column: "id"}}, Tuples: [][]source.Value{{source.IntOf(3)}}}
	read := func() string {
		var out []string
		q := source.Query{Table: table, Fields: []source.Field{{Column: "name"}, {Column: "email"}}, Match: &keys}
		if err := tx.Lock(context.Background(), q, func(row []source.Value) error {
			out = append(out, row[0].Text()+"/"+row[1].Text())
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return strings.Join(out, ",")
	}
	if got := read(); got != "/kari@example.org" {
		t.Fatal(got)
	}
	if n, err := tx.Update(context.Background(), table, keys, []source.Set{{Field: source.Field{Column: "name"}, Value: source.TextOf("forbudt")}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got := read(); got != "forbudt/kari@example.org" {
		t.Errorf("inside the change the row is %q", got)
	}
	if err := tx.Settle(context.Background()); !errors.Is(err, &source.Error{Code: source.Constraint}) || s.Dump() != before {
		t.Errorf("%v, %s", err, s.Dump())
	}
	if _, err := tx.Update(context.Background(), table, keys, []source.Set{{Field: source.Field{Column: "id"}, Value: source.IntOf(9)}}); !errors.Is(err, &source.Error{Code: source.Unsupported}) {
		t.Errorf("a key was changed: %v", err)
	}
}

// What fails for a while is tried again under the same id, and done once; an answer that takes long
// is fetched where the system says.
func TestRetriesAndPolling(t *testing.T) {
	t.Parallel()
	var calls, polls atomic.Int64
	ids := map[string]bool{}
	var base string
	s, url := example(t, func(next http.Handler) http.Handler {
		var later []byte
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			switch {
			case r.Method == http.MethodGet:
				if polls.Add(1) < 2 {
					w.Header().Set("Location", "/later")
					w.WriteHeader(http.StatusAccepted)
					return
				}
				_, _ = w.Write(later)
			case bytes.Contains(body, []byte(`"type":"find"`)):
				record := httptest.NewRecorder()
				next.ServeHTTP(record, r)
				later = record.Body.Bytes()
				w.Header().Set("Location", base+"/later")
				w.WriteHeader(http.StatusAccepted)
			case bytes.Contains(body, []byte(`"type":"change"`)) && !bytes.Contains(body, []byte(`"trial":true`)):
				ids[r.Header.Get("Webhook-Id")+r.Header.Get("Idempotency-Key")] = true
				record := httptest.NewRecorder()
				next.ServeHTTP(record, r) // done, but nobody hears of it at first
				if calls.Add(1) < 3 {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
				w.WriteHeader(record.Code)
				_, _ = w.Write(record.Body.Bytes())
			default:
				next.ServeHTTP(w, r)
			}
		})
	})
	base = url
	c := connect(t, open(t, url))
	steps := erase(t, c, everything)
	result, err := engine.Execute(context.Background(), c, c[0].Source.Name(), steps, engine.ExecuteOptions{DigestKey: key})
	if err != nil || result.Deleted != 2 || len(ids) != 1 || calls.Load() != 3 {
		t.Fatal(result, err, len(ids), calls.Load())
	}
	if got := s.Dump(); strings.Contains(strings.ToLower(got), "kari") {
		t.Error(got)
	}
}

// An answer that is not what the protocol says fails the source, visibly, and leads nowhere else.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Error("a question went to another host")
	}))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		code   source.Code
	}{
		"no json":    {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") }, source.FailedSystem},
		"no rows":    {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "{}") }, source.FailedSystem},
		"short rows": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"rows":[[1]]}`) }, source.FailedSystem},
		"endless":    {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"rows":[],"next":"x"}`) }, source.FailedSystem},
		"denied":     {func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, source.Denied},
		"other host": {func(w http.ResponseWriter) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(http.StatusPermanentRedirect)
		}, source.FailedSystem},
		"poll there": {func(w http.ResponseWriter) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(http.StatusAccepted)
		}, source.FailedSystem},
		"poll nowhere": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) }, source.Unsupported},
		"huge": {func(w http.ResponseWriter) {
			chunk := bytes.Repeat([]byte(" "), 1<<20)
			for range 20 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}, source.FailedSystem},
	} {
		t.Run(name, func(t *testing.T) {
			_, url := example(t, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					r.Body = io.NopCloser(bytes.NewReader(body))
					if bytes.Contains(body, []byte(`"type":"find"`)) {
						c.answer(w)
						return
					}
					next.ServeHTTP(w, r)
				})
			})
			found, report := walk(t, connect(t, open(t, url)))
			if len(found) > 0 || !report.Incomplete || report.Collections[0].Code != c.code {
				t.Errorf("%d findings, %+v", len(found), report)
			}
		})
	}
}

// A system that delivers more than was asked for does not make other people's rows the person's.
func TestDeliversTooMuch(t *testing.T) {
	t.Parallel()
	_, url := example(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if bytes.Contains(body, []byte(`"type":"find"`)) {
				_, _ = io.WriteString(w, `{"rows":[[1,"Kari@example.org","K",null,null],[2,"ola@example.org","O",null,null],[4,"kari@example.org.au","X",null,null]],"extra":1}`)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			next.ServeHTTP(w, r)
		})
	})
	found, _ := walk(t, connect(t, open(t, url)))
	if diff := cmp.Diff(`1 "Kari@example.org" "K" null null`, found.String()); diff != "" {
		t.Error(diff)
	}
}

func TestStopsInTime(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer h.Close()
	defer close(hang)
	s, err := webhook.Open(context.Background(), source.Config{Name: "crm", DSN: source.NewSecret(h.URL + "#" + secret), Now: time.Now, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Inspect(context.Background()); !errors.Is(err, &source.Error{Code: source.TimedOut}) {
		t.Errorf("a silent system: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := open(t, h.URL).Inspect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question: %v", err)
	}
}

func TestConnections(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"http://crm.example.org/#" + secret, "https://crm.example.org/", "https://crm.example.org/#whsec_c2hvcnQ=", "https://u:p@crm.example.org/#" + secret,
		"https:///x#" + secret, "https://crm.example.org/#whsec_!!!!"} {
		if _, err := webhook.Open(context.Background(), source.Config{Name: "crm", DSN: source.NewSecret(dsn)}); !errors.Is(err, &source.Error{Code: source.BadConfig}) || strings.Contains(err.Error(), "whsec") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
	s, err := webhook.Open(context.Background(), source.Config{Name: "crm", DSN: source.NewSecret("https://crm.example.org/#" + secret)})
	if err != nil {
		t.Fatal(err)
	}
	if said := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(said, "whsec") || strings.Contains(said, "0x31") {
		t.Error("the secret prints")
	}
	if _, err := s.Inspect(context.Background()); !errors.Is(err, &source.Error{Code: source.BadConfig}) {
		t.Errorf("without a clock: %v", err)
	}
}

// Whoever does not know the secret is not answered, and the portal says that it may not.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	_, url := example(t, nil)
	s, err := webhook.Open(context.Background(), source.Config{Name: "crm", Now: time.Now, DSN: source.NewSecret(url + "#whsec_" + strings.Repeat("QUFB", 10))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Inspect(context.Background()); !errors.Is(err, &source.Error{Code: source.Denied}) {
		t.Errorf("got %v", err)
	}
}

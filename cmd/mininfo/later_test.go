package main_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/api"
	"mininfo/internal/demo"
	"mininfo/internal/portaltest"
)

const (
	membersSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
	membersDataset = `
dataset:
- fides_key: members
  collections:
  - name: members
    mininfo: {activity: newsletter}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
`
)

// newMembers starts a system that answers later and writes a list of sources with it alone.
func newMembers(t *testing.T) (*portaltest.Members, string) {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(membersSecret)
	if err != nil {
		t.Fatal(err)
	}
	m := &portaltest.Members{Hook: hook, Later: true, Rows: []map[string]any{
		{"id": 1.0, "email": "kari.later@example.org", "name": "KANARI-FRA-CRM"}, {"id": 2.0, "email": "ola@example.org", "name": "Ola"}}}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	for name, content := range map[string]string{"members.yaml": membersDataset, "register.yaml": string(demo.Register()),
		"sources.yaml": "sources: [{name: crm, dsn: '" + server.URL + "#" + membersSecret + "', dataset: members.yaml}]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m, dir
}

// An access request to a system that calls back, with the program killed while the system works: the
// result comes when the portal is up again, and is in the copy that the person gets.
func TestSystemCallsBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s Setup) {
		members, dir := newMembers(t)
		s.NoCompany = true
		s.Env = []string{"MININFO_SOURCES=" + filepath.Join(dir, "sources.yaml"), "MININFO_REGISTER=" + filepath.Join(dir, "register.yaml")}
		p, first, _ := office(t, s)
		person := newPerson(t, p, "kari.later@example.org")
		person.Prove(api.RightAccess)
		filed := person.File(api.NewRequest{Right: api.RightAccess})
		until(t, "the system is asked, and the search sleeps", func() bool {
			return len(members.Waiting()) > 0 && len(query(t, p, "SELECT id FROM job WHERE kind = 'collect' AND state = 'ready' AND lease_until IS NULL")) > 0 &&
				len(query(t, p, "SELECT id FROM enquiry WHERE accepted_at IS NOT NULL")) > 0
		})
		asked := members.Waiting()[0]
		t.Run("what is refused", func(t *testing.T) { refusedResults(t, p, members, asked) })
		p.Kill()
		working, stop := context.WithCancel(t.Context())
		var deliveries sync.WaitGroup
		defer deliveries.Wait()
		defer stop()
		deliveries.Go(func() { deliver(working, members) })
		p.Start()
		first.SignIn()
		first.Await(filed.Id, "a plan is ready", planned)
		first.Settle(filed.Id, api.DecisionActionDisclose)
		first.Approve(filed.Id)
		first.Await(filed.Id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
		first.act(filed.Id, "answer", map[string]any{})
		if data := unzip(t, person.Download(filed.Id))["data.json"]; !bytes.Contains(data, []byte("KANARI-FRA-CRM")) {
			t.Errorf("the copy lacks what the system sent: %s", data)
		}
		stop()
		p.Stop()
		for _, at := range append(filesUnder(t, p.Dir), place{"the portal's tables", dump(t, p)}, place{"the log", p.Log()}) {
			if bytes.Contains(at.content, []byte("KANARI-FRA-CRM")) || bytes.Contains(at.content, []byte(membersSecret)) {
				t.Errorf("%s holds what the system sent, or its secret", at.name)
			}
		}
		if left := query(t, p, "SELECT id FROM enquiry WHERE sealed_result IS NOT NULL OR closed_at IS NULL"); len(left) > 0 {
			t.Errorf("%d enquiries are left", len(left))
		}
	})
}

// deliver answers whatever the system is asked.
func deliver(ctx context.Context, m *portaltest.Members) {
	for ctx.Err() == nil {
		for _, q := range m.Waiting() {
			_ = m.Deliver(ctx, q)
		}
		select {
		case <-ctx.Done():
		case <-time.After(25 * time.Millisecond):
		}
	}
}

// refusedResults sends what is not to be taken in, and sees that nothing comes of it.
func refusedResults(t *testing.T, p *Portal, members *portaltest.Members, asked portaltest.Taken) {
	path := "/api/v1" + strings.Split(asked.Callback, "/api/v1")[1]
	if !strings.HasPrefix(asked.Callback, p.URL+"/api/v1/enquiries/") {
		t.Fatal(asked.Callback)
	}
	good, err := members.Result(asked)
	if err != nil {
		t.Fatal(err)
	}
	stranger := newCaller(t, p)
	send := func(path string, body []byte, id string, at time.Time, more ...func(*http.Request)) Reply {
		return stranger.Do("POST", path, body, append([]func(*http.Request){func(r *http.Request) {
			signature, err := members.Hook.Sign(id, at, body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("webhook-id", id)
			r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
			r.Header.Set("webhook-signature", signature)
		}}, more...)...)
	}
	now := time.Now()
	alien := "/api/v1/enquiries/" + strings.Repeat("a", 32) + "/result"
	unsigned := func(r *http.Request) { r.Header.Set("webhook-signature", "v1,AAAA") }
	first := send(alien, good, "msg_"+strings.Repeat("a", 32), now)
	refused(t, first, http.StatusUnauthorized, "result_refused")
	for name, a := range map[string]Reply{
		"wrong signature":        send(path, good, asked.ID, now, unsigned),
		"unknown, unsigned":      send(alien, good, asked.ID, now, unsigned),
		"too old":                send(path, good, asked.ID, now.Add(-6*time.Minute)),
		"unsigned and no JSON":   send(path, []byte("{"), asked.ID, now, unsigned),
		"no JSON, unknown":       send(alien, []byte("{"), asked.ID, now),
		"another's id":           send(path, good, "msg_"+strings.Repeat("a", 32), now),
		"unsigned, another type": send(path, good, asked.ID, now, unsigned, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }),
	} {
		if a.Status != first.Status || !bytes.Equal(a.Body, first.Body) || fmt.Sprint(a.Header.Values("WWW-Authenticate")) != fmt.Sprint(first.Header.Values("WWW-Authenticate")) {
			t.Errorf("%s is told %v %s, and an unknown enquiry %v %s", name, a.Status, a.Body, first.Status, first.Body)
		}
		if len(a.Header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s: a cookie", name)
		}
	}
	// The portal's own question, signature and all, is no answer to itself.
	refused(t, send(path, asked.Question, asked.ID, now), http.StatusUnprocessableEntity, "unknown_field", "contract")
	refused(t, send(path, []byte(`{"type":"result","status":200,"answer":`), asked.ID, now), http.StatusBadRequest, "malformed")
	refused(t, send(path, []byte(`{"type":"result","status":200,"answer":{},"more":1}`), asked.ID, now), http.StatusUnprocessableEntity, "unknown_field")
	refused(t, send(path, good, asked.ID, now, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }), http.StatusUnsupportedMediaType, "unsupported_media_type", "media_type")
	for _, at := range []string{path, alien} {
		large := bytes.Repeat([]byte(" "), 17<<20)
		if a := send(at, large, asked.ID, now); a.Err == nil {
			refused(t, a, http.StatusRequestEntityTooLarge, "too_large")
		}
		a := send(at, good, asked.ID, now, func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(good)), -1 })
		refused(t, a, http.StatusBadRequest, "malformed")
	}
	if rows := query(t, p, "SELECT id FROM enquiry WHERE answered_at IS NOT NULL"); len(rows) > 0 {
		t.Error("a refused result was kept")
	}
	// A stranger is stopped after a while, whichever enquiry is named; the system itself comes from
	// elsewhere.
	stopped := false
	for range 70 {
		a := send(alien, []byte("{}"), asked.ID, now, unsigned, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.9") })
		stopped = stopped || a.Status == http.StatusTooManyRequests && a.Header.Get("Retry-After") != ""
	}
	if !stopped {
		t.Error("a stranger may try for ever")
	}
}

// A command cannot be called back. It says so to a system that would, and such a one answers at once;
// one that answers 202 all the same makes the answer incomplete, in words.
func TestCommandIsNotCalledBack(t *testing.T) {
	members, dir := newMembers(t)
	list := filepath.Join(dir, "sources.yaml")
	collect := func() (string, error) {
		out, err := exec.CommandContext(t.Context(), program(t), "source", "collect", "--sources", list, "--identity", "email=kari.later@example.org").CombinedOutput()
		return string(out), err
	}
	if out, err := collect(); err != nil || !strings.Contains(out, "KANARI-FRA-CRM") || len(members.Waiting()) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	deaf := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && bytes.Contains(body, []byte(`"describe"`)) {
			r.Body = io.NopCloser(bytes.NewReader(body))
			members.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer deaf.Close()
	text := "sources: [{name: crm, dsn: '" + deaf.URL + "#" + membersSecret + "', dataset: members.yaml}]\n"
	if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := collect(); err == nil || !strings.Contains(out, "a command cannot be called") {
		t.Errorf("%v: %s", err, out)
	}
}

package main_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pquerna/otp/hotp"

	"mininfo/api"
)

// Traffic keeps what went over the wire: no address and no problem may hold what is personal.
type Traffic struct {
	mu       sync.Mutex
	Paths    []string
	Problems [][]byte
	Secrets  []string // codes, tokens, cookies, passwords
	inFlight atomic.Int64
}

func (r *Traffic) secret(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		if v != "" {
			r.Secrets = append(r.Secrets, v)
		}
	}
}

// Reply is an answer of the portal's.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	Err    error // nobody answered
}

// Code gives the stable code of a problem.
func (r Reply) Code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(r.Body, &p)
	return p.Code
}

func (r Reply) String() string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return fmt.Sprintf("%d %s", r.Status, tail(r.Body, 1500))
}

// Caller is a browser, or another program, of somebody.
type Caller struct {
	t      testing.TB
	Portal *Portal
	http   *http.Client
	Header http.Header

	patience *patience     // nil: who does not answer is not asked again
	gate     *sync.RWMutex // nil, or what is locked while nothing may be asked
}

// patience asks again when nobody answers.
type patience struct {
	most time.Duration
	cut  func(method string) // told of each request that was cut off
}

var callers atomic.Uint32

// newCaller gives a browser without cookies. Each has an address of its own, so that the limits for
// one network do not stand in the way of many people on one machine.
func newCaller(t testing.TB, p *Portal) *Caller {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := callers.Add(1)
	c := &Caller{t: t, Portal: p, Header: http.Header{}, http: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{}}}
	c.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.7", n>>8&255, n&255))
	c.Header.Set("Accept-Language", "en")
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// Do calls an operation. body is JSON to be, or []byte as it is, or nil.
func (c *Caller) Do(method, path string, body any, more ...func(*http.Request)) Reply {
	a := c.once(method, path, body, more...)
	if c.patience == nil || a.Err == nil {
		return a
	}
	deadline := time.Now().Add(c.patience.most)
	for a.Err != nil && time.Now().Before(deadline) {
		if !errors.Is(a.Err, syscall.ECONNREFUSED) { // it had begun
			c.patience.cut(method)
		}
		pause := time.NewTimer(50 * time.Millisecond)
		<-pause.C
		a = c.once(method, path, body, more...)
	}
	return a
}

func (c *Caller) once(method, path string, body any, more ...func(*http.Request)) Reply {
	if c.gate != nil {
		c.gate.RLock()
		defer c.gate.RUnlock()
	}
	var content io.Reader = http.NoBody
	kind := ""
	switch b := body.(type) {
	case nil:
	case []byte:
		content, kind = bytes.NewReader(b), "application/json"
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return Reply{Err: err}
		}
		content, kind = bytes.NewReader(data), "application/json"
	}
	if !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "//") {
		path = "/api/v1" + path
	}
	r, err := http.NewRequest(method, c.Portal.URL+strings.TrimPrefix(path, "//root"), content)
	if err != nil {
		return Reply{Err: err}
	}
	for name, values := range c.Header {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, m := range more {
		m(r)
	}
	return c.send(r)
}

func (c *Caller) send(r *http.Request) Reply {
	traffic := c.Portal.Traffic
	traffic.inFlight.Add(1)
	defer traffic.inFlight.Add(-1)
	a, err := c.http.Do(r)
	if err != nil {
		return Reply{Err: err}
	}
	defer a.Body.Close()
	data, err := answered(a)
	for _, k := range a.Cookies() {
		traffic.secret(k.Value)
	}
	traffic.mu.Lock()
	defer traffic.mu.Unlock()
	traffic.Paths = append(traffic.Paths, r.URL.RequestURI())
	if a.StatusCode >= 400 {
		traffic.Problems = append(traffic.Problems, data)
	}
	return Reply{Status: a.StatusCode, Header: a.Header, Body: data, Err: err}
}

// answered reads an answer to its end; of a stream, which has none, the beginning.
func answered(a *http.Response) ([]byte, error) {
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream") {
		return bufio.NewReader(a.Body).ReadBytes('\n')
	}
	return io.ReadAll(a.Body)
}

// must calls an operation that has to succeed and reads the answer into v.
func (c *Caller) must(method, path string, body, v any, more ...func(*http.Request)) Reply {
	c.t.Helper()
	a := c.Do(method, path, body, more...)
	if a.Err != nil || a.Status < 200 || a.Status > 299 {
		c.t.Fatalf("%s %s: %v", method, path, a)
	}
	if v != nil {
		if err := json.Unmarshal(a.Body, v); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, a.Body)
		}
	}
	return a
}

// Person is somebody with a mailbox and a browser.
type Person struct {
	*Caller
	Email string
}

func newPerson(t testing.TB, p *Portal, email string) *Person {
	t.Helper()
	return &Person{newCaller(t, p), email}
}

// Ask asks for a mail that proves the address.
func (p *Person) Ask(right api.Right) api.VerificationStarted {
	p.t.Helper()
	var v api.VerificationStarted
	p.must(http.MethodPost, "/verifications", map[string]any{"email": p.Email, "locale": "nb", "right": right}, &v)
	return v
}

// Mailed waits for the mail of a verification.
func (p *Person) Mailed(id string) Letter {
	p.t.Helper()
	l := p.Portal.Mail.Wait(p.t, p.Email, 0, "the code for a verification", func(l Letter) bool {
		of, _ := l.Link()
		return of == id
	})
	_, token := l.Link()
	p.Portal.Traffic.secret(l.Code(), token)
	return l
}

// Prove proves the address by the code.
func (p *Person) Prove(right api.Right) {
	p.t.Helper()
	v := p.Ask(right)
	l := p.Mailed(v.Id)
	p.must(http.MethodPost, "/verifications/"+v.Id+"/redeem", map[string]any{"code": l.Code()}, nil)
}

// File files a request.
func (p *Person) File(r api.NewRequest) api.RequestCreated {
	p.t.Helper()
	if r.Locale == "" {
		r.Locale = api.Nb
	}
	var out api.RequestCreated
	p.must(http.MethodPost, "/requests", r, &out)
	return out
}

// See reads one of one's own requests.
func (p *Person) See(id string) api.Request {
	p.t.Helper()
	var r api.Request
	p.must(http.MethodGet, "/requests/"+id, nil, &r)
	return r
}

// StepUp proves the address once more; at is the path before /step-up.
func (p *Person) StepUp(at string, operation string) {
	p.t.Helper()
	before := len(p.Portal.Mail.To(p.Email))
	var body any
	if operation != "" {
		body = map[string]string{"operation": operation}
	}
	p.must(http.MethodPost, at+"/step-up", body, nil)
	l := p.Portal.Mail.Wait(p.t, p.Email, before, "a fresh code", func(l Letter) bool { return l.Code() != "" })
	p.Portal.Traffic.secret(l.Code())
	p.must(http.MethodPost, at+"/step-up/redeem", map[string]string{"code": l.Code()}, nil)
}

// Fields gives the person's own contact fields.
func (p *Person) Fields() api.MyFields {
	p.t.Helper()
	p.StepUp("/me", "")
	var f api.MyFields
	p.must(http.MethodGet, "/me/fields", nil, &f)
	return f
}

// Download fetches the package.
func (p *Person) Download(id string) []byte {
	p.t.Helper()
	p.StepUp("/requests/"+id, "download")
	return p.must(http.MethodGet, "/requests/"+id+"/package", nil, nil).Body
}

// Officer is a member of the staff.
type Officer struct {
	*Caller
	Name, Email, Password, Secret, ID string
	lastStep                          int64
}

const officePassword = "en lang setning om fjorden"

// newOfficer makes a member through the command, as an installation does.
func newOfficer(t testing.TB, p *Portal, name, email string, roles ...string) *Officer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(officePassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"staff", "add", "--json", "--name", name, "--email", email, "--password-file", file}
	for _, r := range roles {
		args = append(args, "--role", r)
	}
	out, err := p.Run(args...)
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		ID     string `json:"id"`
		Secret string `json:"totp_secret"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	p.Traffic.secret(made.Secret, officePassword)
	return &Officer{Caller: newCaller(t, p), Name: name, Email: email, Password: officePassword, Secret: made.Secret, ID: made.ID}
}

// factor gives a one-time code that this member has not used yet. A code is good until 60
// seconds after its own time has begun and 30 before, so that a second one needs no waiting.
func (o *Officer) factor() string {
	o.t.Helper()
	step := max(time.Now().Unix()/30, o.lastStep+1)
	until(o.t, "the authenticator shows another code", func() bool { return time.Now().Unix()/30+1 >= step })
	o.lastStep = step
	code, err := hotp.GenerateCode(o.Secret, uint64(step))
	if err != nil {
		o.t.Fatal(err)
	}
	o.Portal.Traffic.secret(code)
	return code
}

// SignIn opens a session.
func (o *Officer) SignIn() {
	o.t.Helper()
	o.must(http.MethodPost, "/staff/session", map[string]string{"email": o.Email, "password": o.Password, "code": o.factor()}, nil)
}

// Fresh gives the second factor again.
func (o *Officer) Fresh() {
	o.t.Helper()
	o.must(http.MethodPost, "/staff/session/step-up", map[string]string{"code": o.factor()}, nil)
}

// Name the organisation, so that the portal is set up.
func (o *Officer) SetUp(coolingOff int) {
	o.t.Helper()
	o.must(http.MethodPut, "/staff/settings", map[string]any{
		"organisation":      map[string]any{"name": "Fjordlys AS", "email": "personvern@fjordlys.example", "postal_address": "Strandgata 12, 6002 Ålesund", "phone": "+4770000000"},
		"notify":            []string{o.Email},
		"cooling_off_hours": coolingOff,
		"done":              true,
	}, nil)
}

// Case reads a case.
func (o *Officer) Case(id string) api.Case {
	o.t.Helper()
	var c api.Case
	o.must(http.MethodGet, "/staff/cases/"+id, nil, &c)
	return c
}

// Await waits until a case is as wanted.
func (o *Officer) Await(id, what string, wanted func(api.Case) bool) api.Case {
	o.t.Helper()
	var c api.Case
	deadline := time.Now().Add(waiting)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if c = o.Case(id); wanted(c) {
			return c
		}
		if time.Now().After(deadline) {
			stopped := ""
			if c.NeedsHuman != nil {
				stopped = *c.NeedsHuman
			}
			t := ""
			if c.Plan != nil {
				t = fmt.Sprintf("plan %+v", *c.Plan)
			}
			o.t.Fatalf("waited in vain: %s; the case is %s (%s) %s", what, c.State, stopped, t)
		}
		<-tick.C
	}
}

// State waits for a state.
func (o *Officer) State(id string, want api.State) api.Case {
	o.t.Helper()
	return o.Await(id, "the case is "+string(want), func(c api.Case) bool { return c.State == want })
}

// act posts to a case and gives it as it then stands.
func (o *Officer) act(id, what string, body any) api.Case {
	o.t.Helper()
	var c api.Case
	o.must(http.MethodPost, "/staff/cases/"+id+"/"+what, body, &c)
	return c
}

// Settle looks at everything that needs a look: what is proposed is confirmed, what is open gets
// the careful decision. It gives the case with a plan that is up to date.
func (o *Officer) Settle(id string, careful api.DecisionAction) api.Case {
	o.t.Helper()
	c := o.Await(id, "a plan is ready", planned)
	decisions := undecided(c, careful)
	if len(decisions) > 0 {
		o.act(id, "decide", map[string]any{"decisions": decisions})
	}
	return o.Await(id, "the plan is up to date", planned)
}

// undecided gives a decision for each group that needs one: what is proposed, or the careful one.
func undecided(c api.Case, careful api.DecisionAction) []map[string]any {
	var decisions []map[string]any
	for _, g := range c.Groups {
		if !isTrue(g.NeedsLook) || isTrue(g.Confirmed) {
			continue
		}
		d := map[string]any{"group": g.Id, "action": g.Proposal.Action, "ground": "art_15_4"}
		if g.Proposal.Action == api.DecisionActionReview {
			d["action"], d["reason"] = careful, "Vurdert for hånd av kontoret."
		}
		decisions = append(decisions, d)
	}
	return decisions
}

// keyed sends an idempotency key.
func keyed(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Idempotency-Key", key) }
}

func chanceKey() string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func planned(c api.Case) bool {
	return c.State == api.StateReview && c.Plan != nil && !c.Plan.Stale && c.Plan.Digest != ""
}

func isTrue(b *bool) bool { return b != nil && *b }

// Approve approves the plan in force.
func (o *Officer) Approve(id string) api.Case {
	o.t.Helper()
	c := o.Case(id)
	if c.Plan == nil {
		o.t.Fatal("there is no plan")
	}
	return o.act(id, "approve", map[string]any{"digest": c.Plan.Digest, "confirmed": true})
}

// office is a portal that serves, with two members signed in.
func office(t testing.TB, s Setup) (*Portal, *Officer, *Officer) {
	t.Helper()
	p := newPortal(t, s)
	first := newOfficer(t, p, "Ingrid Aasen", "ingrid.aasen@fjordlys.example")
	second := newOfficer(t, p, "Tom Erik Ruud", "tom.erik.ruud@fjordlys.example", "privacy_officer", "admin")
	p.Start()
	first.SignIn()
	second.SignIn()
	first.SetUp(0)
	return p, first, second
}

package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// Size and seed of the run: `make fuzz` sets more, and a seed that was printed gives the same cases again.
const (
	fuzzCases   = "MININFO_TEST_FUZZ"
	fuzzSeed    = "MININFO_TEST_FUZZ_SEED"
	fuzzOnly    = "MININFO_TEST_FUZZ_ONLY" // one operation
	casesUsual  = 10000
	fuzzWorkers = 4
)

// one is a case: what is sent, and what it must not be taken for.
type one struct {
	seed         int
	op           *operation
	who          string
	method, path string
	header       http.Header
	body         string
	aim          string // what was done to it
	must         func(a Reply) string
}

// curl is the case for a terminal, without what its sender proves itself by.
func (c *one) curl() string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -X %s %q", c.method, c.path[:min(len(c.path), 300)])
	for name, values := range c.header {
		if name != "Authorization" && name != "Cookie" {
			fmt.Fprintf(&b, " -H %q", name+": "+values[0][:min(len(values[0]), 100)])
		}
	}
	if c.body != "" {
		fmt.Fprintf(&b, " --data-binary %q", c.body[:min(len(c.body), 700)])
	}
	return b.String()
}

// fuzzer calls the portal as everybody.
type fuzzer struct {
	t       *testing.T
	portal  *Portal
	all     []operation
	ops     []operation // those that are called
	client  *http.Client
	mu      sync.Mutex
	proving sync.Mutex             // one at a time
	proof   map[string]http.Header // of person, member and client
	ids     map[string][]string    // by the first words of a path
	found   map[string]string      // one of each fault, with the first case that shows it
	counts  map[string]int
	reached map[string]bool // operation and status
}

// Every operation of the contract with what it takes in and what it does not, as everybody who calls:
// the checks are those of API fuzzers (no 5xx, documented answers alone, broken input refused, …).
func TestContractHoldsUnderFuzzing(t *testing.T) {
	total, seed := setting(t, fuzzCases, casesUsual), setting(t, fuzzSeed, int(rand.Uint32()))
	p := newPortal(t, Setup{NoCompany: true, Env: []string{"MININFO_DEMO=1", "MININFO_SMTP=dev:", "MININFO_LOG_LEVEL=warn"}})
	p.Start()
	f := &fuzzer{t: t, portal: p, ops: operations(t), client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: fuzzWorkers}},
		proof: map[string]http.Header{}, ids: map[string][]string{}, found: map[string]string{}, counts: map[string]int{}, reached: map[string]bool{}}
	defer f.client.CloseIdleConnections()
	if name := os.Getenv(fuzzOnly); name != "" {
		f.ops = slices.DeleteFunc(f.ops, func(o operation) bool { return o.id != name })
	}
	f.all = operations(t)
	f.begin()
	began := time.Now()
	var workers sync.WaitGroup
	for w := range fuzzWorkers {
		workers.Go(func() {
			for i := w; i < total; i += fuzzWorkers {
				f.try(seed + i)
			}
		})
	}
	workers.Wait()
	statuses := 0
	for _, op := range f.ops {
		for status := range op.spec.Responses.Map() {
			if f.reached[op.id+" "+status] {
				statuses++
			}
		}
	}
	t.Logf("%d cases of %d operations from seed %d (%s) in %s; %d documented answers seen; %v", total, len(f.ops), seed, fuzzSeed, time.Since(began).Round(time.Second), statuses, f.counts)
	figure(t, "API fuzz cases, answers of 5xx or not as documented", total, len(f.found))
	for what, example := range f.found {
		t.Errorf("%s\n    %s", what, example)
	}
}

func setting(t *testing.T, name string, usual int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// begin files what there is to ask about.
func (f *fuzzer) begin() {
	f.t.Helper()
	for _, who := range []string{"person", "member", "client"} {
		f.prove(who)
	}
	for _, right := range []string{"access", "erasure", "rectification", "portability"} {
		f.send("person", http.MethodPost, "/api/v1/requests", `{"right":"`+right+`","locale":"nb","text":"Navnet mitt er feil."}`)
	}
	for _, path := range []string{"/requests", "/staff/cases", "/staff/sources", "/staff/members", "/staff/clients"} {
		who := "member"
		if path == "/requests" {
			who = "person"
		}
		f.learn("/api/v1"+path, f.send(who, http.MethodGet, "/api/v1"+path, ""))
	}
}

// send asks without checks.
func (f *fuzzer) send(who, method, path, body string) Reply {
	f.t.Helper()
	c := &one{who: who, method: method, path: path, body: body, header: http.Header{"Content-Type": {"application/json"}}}
	a := f.do(c)
	if a.Err != nil || a.Status > 299 {
		f.t.Errorf("%s %s: %v", method, path, a)
	}
	return a
}

// prove signs somebody in anew.
func (f *fuzzer) prove(who string) {
	header := http.Header{}
	switch who {
	case "person":
		started := f.send("", http.MethodPost, "/api/v1/verifications", `{"email":"`+fuzzPerson+`","locale":"nb"}`)
		var v struct{ ID string }
		_ = json.Unmarshal(started.Body, &v)
		flow := started.Header.Get("Set-Cookie")
		code := ""
		untilWithin(f.t, "the code in the demo's letterbox", waiting, func() bool {
			var box struct{ Mails []struct{ Text string } }
			_ = json.Unmarshal(f.send("", http.MethodGet, "/api/v1/demo/mailbox", "").Body, &box)
			for _, m := range box.Mails {
				if l := (Letter{Text: m.Text}); strings.Contains(m.Text, v.ID) {
					code = l.Code()
					return true
				}
			}
			return false
		})
		c := &one{method: http.MethodPost, path: "/api/v1/verifications/" + v.ID + "/redeem", body: `{"code":"` + code + `"}`,
			header: http.Header{"Content-Type": {"application/json"}, "Cookie": {strings.Split(flow, ";")[0]}}}
		for _, set := range f.do(c).Header.Values("Set-Cookie") {
			if strings.HasPrefix(set, "dsr_person") {
				header.Set("Cookie", strings.Split(set, ";")[0])
			}
		}
	case "member", "desk":
		var played struct{ Members []struct{ ID string } }
		_ = json.Unmarshal(f.send("", http.MethodGet, "/api/v1/demo", "").Body, &played)
		a := f.send("", http.MethodPost, "/api/v1/demo/sign-in", `{"member":"`+played.Members[0].ID+`"}`)
		header.Set("Cookie", strings.Split(a.Header.Get("Set-Cookie"), ";")[0])
	case "client":
		f.prove("desk") // a session of its own, that no case signs out
		var open struct {
			Clients []struct {
				ID     string
				Active bool
			}
		}
		_ = json.Unmarshal(f.send("desk", http.MethodGet, "/api/v1/staff/clients", "").Body, &open)
		open.Clients = slices.DeleteFunc(open.Clients, func(c struct {
			ID     string
			Active bool
		}) bool {
			return !c.Active
		})
		for _, old := range open.Clients[:max(0, len(open.Clients)-50)] { // others' cases made them
			f.do(&one{who: "desk", method: http.MethodDelete, path: "/api/v1/staff/clients/" + old.ID})
		}
		var made struct {
			ID     string `json:"client_id"`
			Secret string `json:"client_secret"`
		}
		_ = json.Unmarshal(f.send("desk", http.MethodPost, "/api/v1/staff/clients", `{"name":"Kundesenteret","scopes":["intake","restriction:read"]}`).Body, &made)
		c := &one{method: http.MethodPost, path: "/oauth/token", body: "grant_type=client_credentials", header: http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(made.ID+":"+made.Secret))}}}
		var token struct {
			Token string `json:"access_token"`
		}
		_ = json.Unmarshal(f.do(c).Body, &token)
		header.Set("Authorization", "Bearer "+token.Token)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.proof[who] = header
}

const fuzzPerson = "ragnhild.fuzz@example.com"

var hexID = regexp.MustCompile(`"([0-9a-f]{32})"`)

// learn keeps the ids of an answer for those who ask next at the same place.
func (f *fuzzer) learn(path string, a Reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	place := family(path)
	for _, m := range hexID.FindAllSubmatch(a.Body[:min(len(a.Body), 20000)], 20) {
		list := append(f.ids[place], string(m[1]))
		f.ids[place] = list[max(0, len(list)-100):]
	}
}

func family(path string) string {
	words := strings.Split(strings.TrimPrefix(path, "/api/v1/"), "/")
	if words[0] == "staff" && len(words) > 1 {
		return "staff " + words[1]
	}
	return words[0]
}

// id gives an id of the place, of another place, or of nothing.
func (f *fuzzer) id(place string) known {
	return func(t *rapid.T, name string) string {
		pick := rapid.IntRange(0, 999).Draw(t, "which "+name)
		f.mu.Lock()
		defer f.mu.Unlock()
		list := f.ids[place]
		if pick%10 >= 7 || len(list) == 0 {
			list = f.ids[[]string{"staff cases", "requests", "staff sources", "staff members", "verifications"}[pick%5]]
		}
		if pick%20 == 0 || len(list) == 0 {
			return strings.Repeat("ab", 16)
		}
		return list[pick%len(list)]
	}
}

// caller says as whom an operation is called by right.
func (o *operation) caller() string {
	if o.spec.Security == nil {
		return ""
	}
	for _, s := range *o.spec.Security {
		for name := range s {
			if name == "staff" {
				return "member"
			}
			return name
		}
	}
	return ""
}

// try makes the case of a seed, sends it and looks at the answer.
func (f *fuzzer) try(seed int) {
	c := rapid.Custom(f.draw).Example(seed)
	c.seed = seed
	if slices.Contains([]string{"staffSignIn"}, c.op.id) && seed%10 != 0 {
		return // each costs what a password costs
	}
	a := f.do(c)
	if a.Status == http.StatusUnauthorized && c.must == nil && c.who != "" && c.who == c.op.caller() && !strings.Contains(c.op.path, "step-up") && c.aim != "wrong proof" {
		f.proving.Lock() // signed out by a case before, or its token ran out
		if a = f.do(c); a.Status == http.StatusUnauthorized {
			f.prove(c.who)
			a = f.do(c)
		}
		f.proving.Unlock()
	}
	f.judge(c, a)
	if a.Status < 300 {
		f.learn(c.path, a)
	}
}

func (f *fuzzer) draw(t *rapid.T) *one {
	op := &f.ops[rapid.IntRange(0, len(f.ops)-1).Draw(t, "operation")]
	c := &one{op: op, who: op.caller(), method: op.method, header: http.Header{"Accept-Language": {rapid.SampledFrom([]string{"nb", "nn", "en", "*;q=0.5", "x" + strings.Repeat("-a", 30), ""}).Draw(t, "language")}}}
	c.aim = rapid.SampledFrom([]string{"valid", "valid", "valid", "valid", "spoilt", "spoilt", "spoilt", "torn", "type", "path", "query", "method", "nobody", "wrong proof", "somebody else", "header", "too large", "cross site"}).Draw(t, "aim")
	ids := f.id(family("/api/v1" + op.path))
	valid := f.fill(t, c, ids)
	switch c.aim {
	case "valid":
		if !valid {
			c.must = refusedAtAll
		}
	case "spoilt", "torn", "query", "path":
		if !valid {
			c.must = refusedAtAll
		}
	case "type":
		if op.spec.RequestBody == nil {
			break
		}
		c.header.Set("Content-Type", rapid.SampledFrom([]string{"text/plain", "", "application/xml", "application/json; charset=\xff", "application/jsonx", "multipart/form-data", "*/*", "application/merge-patch+json"}).Draw(t, "type"))
		if c.body != "" {
			c.must = refusedAtAll
		}
	case "method":
		if f.others(c, t) {
			c.must = func(a Reply) string {
				if a.Status != http.StatusMethodNotAllowed || !strings.Contains(a.Header.Get("Allow"), op.method) {
					return "a method that is not there is not answered by 405 with Allow"
				}
				return ""
			}
		}
	case "nobody":
		if c.who != "" {
			c.who, c.must = "", unproved
		}
	case "somebody else":
		if c.who != "" {
			c.who = map[string]string{"person": "member", "member": "client", "client": "person"}[c.who]
			c.must = unproved
		}
	case "wrong proof":
		if c.who != "" {
			c.who, c.must = "", unproved
			bad := rapid.SampledFrom([]string{"x", "", strings.Repeat("A", 43), strings.Repeat("A", 9000), "eyJhbGciOiJub25lIn0.e30.", "%00", "a.b.c", strings.Repeat("a", 32) + "." + strings.Repeat("B", 43)}).Draw(t, "proof")
			c.header.Set("Authorization", rapid.SampledFrom([]string{"Bearer ", "bearer ", "Basic ", ""}).Draw(t, "scheme")+bad)
			c.header.Set("Cookie", "dsr_person="+bad+"; dsr_staff="+bad+"; dsr_flow="+bad)
			c.header.Set("Webhook-Signature", "v1,"+bad)
		}
	case "header":
		name := rapid.SampledFrom([]string{"Idempotency-Key", "Content-Encoding", "X-HTTP-Method-Override", "X-Forwarded-For", "X-Forwarded-Host", "Expect", "Range", "If-None-Match", "Accept", "Transfer-Encoding"}).Draw(t, "header")
		c.header.Set(name, rapid.SampledFrom([]string{"x", "gzip", "DELETE", "127.0.0.1", "a,b,c", strings.Repeat("9", 300), "bytes=0-5", "text/html", "\"", "æ"}).Draw(t, "value"))
	case "too large":
		if op.spec.RequestBody != nil && rapid.IntRange(0, 99).Draw(t, "rarely") == 0 {
			c.body = `{"a":"` + strings.Repeat("x", 12<<20) + `"}`
			c.must = func(a Reply) string {
				if a.Err == nil && a.Status != http.StatusRequestEntityTooLarge && a.Status < 400 {
					return "twelve megabytes are taken in"
				}
				return ""
			}
		}
	case "cross site":
		c.header.Set("Sec-Fetch-Site", "cross-site")
		if op.method != http.MethodGet {
			c.must = func(a Reply) string {
				if a.Status != http.StatusForbidden || a.Code() != "cross_origin" {
					return "a call from another site goes through"
				}
				return ""
			}
		}
	}
	return c
}

func refusedAtAll(a Reply) string {
	if a.Status < 400 {
		return "what breaks the contract is taken in"
	}
	return ""
}

func unproved(a Reply) string {
	if !slices.Contains([]int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge}, a.Status) {
		return "who proves nothing is not refused by 401"
	}
	return ""
}

// others sets a method that the path does not have.
func (f *fuzzer) others(c *one, t *rapid.T) bool {
	c.method = rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "QUERY"}).Draw(t, "method")
	return !slices.ContainsFunc(f.all, func(o operation) bool { return o.path == c.op.path && o.method == c.method })
}

// fill gives path, query and body; false when the contract does not take them in.
func (f *fuzzer) fill(t *rapid.T, c *one, ids known) bool {
	good := true
	c.path = "/api/v1" + c.op.path
	query := url.Values{}
	for _, p := range c.op.spec.Parameters {
		s := p.Value.Schema.Value
		switch p.Value.In {
		case "path":
			segment := url.PathEscape(fmt.Sprint(draw(t, p.Value.Name, s, ids)))
			if c.aim == "path" {
				segment = rapid.SampledFrom(oddSegments).Draw(t, "segment")
				good = false
			}
			c.path = strings.ReplaceAll(c.path, "{"+p.Value.Name+"}", segment)
		case "query":
			if p.Value.Required || rapid.Bool().Draw(t, "with "+p.Value.Name) {
				query.Set(p.Value.Name, fmt.Sprint(draw(t, p.Value.Name, s, ids)))
			}
		case "header":
			if rapid.IntRange(0, 3).Draw(t, "with "+p.Value.Name) == 0 {
				c.header.Set(p.Value.Name, fmt.Sprint(draw(t, p.Value.Name, s, ids)))
			}
		}
	}
	if len(query) > 0 {
		c.path += "?" + query.Encode()
	}
	if c.aim == "query" {
		c.path = strings.Split(c.path, "?")[0] + "?" + rapid.SampledFrom(oddQueries).Draw(t, "query")
	}
	if c.op.spec.RequestBody == nil {
		return good
	}
	return f.fillBody(t, c, ids) && good
}

func (f *fuzzer) fillBody(t *rapid.T, c *one, ids known) bool {
	for kind, media := range c.op.spec.RequestBody.Value.Content {
		c.header.Set("Content-Type", kind)
		s := media.Schema.Value
		switch kind {
		case "application/json":
			v := draw(t, "body", s, ids)
			if c.aim == "spoilt" {
				v = spoil(t, v, s)
			}
			body, err := json.Marshal(v)
			if err != nil {
				return true
			}
			c.body = string(body)
			if c.aim == "torn" {
				c.body = tear(t, c.body)
			}
			return takes(s, c.body) || c.body == "" && !c.op.spec.RequestBody.Value.Required
		case "application/x-www-form-urlencoded":
			form := url.Values{}
			for name, value := range drawObject(t, s, ids) {
				form.Set(name, fmt.Sprint(value))
			}
			c.body = form.Encode()
			if c.aim == "torn" {
				c.body = rapid.SampledFrom([]string{"", "%zz", "grant_type", "grant_type=x", "grant_type=client_credentials&grant_type=client_credentials", "grant_type=client_credentials&client_id=%00", "grant_type=client_credentials&client_id=" + strings.Repeat("a", 5000)}).Draw(t, "form")
			}
		default:
			c.header.Set("Content-Type", "multipart/form-data; boundary=b")
			c.body = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nFil\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
				rapid.SampledFrom([]string{"a.csv", "../../a.csv", "a.xlsx", "æ.pdf", ""}).Draw(t, "filename") + "\"\r\n\r\n" + rapid.SampledFrom([]string{"navn,epost\nA,a@example.com\n", "", "PK\x03\x04xx", "\xff\xfe\x00"}).Draw(t, "content") + "\r\n--b--\r\n"
			if c.aim == "torn" {
				c.body = rapid.SampledFrom([]string{"", "--b", "--b\r\n\r\n", c.body[:len(c.body)/2], strings.ReplaceAll(c.body, "name=\"file\"", "name=\"fil\""), "--b\r\nContent-Disposition: form-data; name=\"file\"\r\nA: " + strings.Repeat("a", 20000)}).Draw(t, "form")
			}
		}
	}
	return true
}

// takes says whether a schema takes in a JSON text.
func takes(s *openapi3.Schema, body string) bool {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return false
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return false
	}
	return s.VisitJSON(v, openapi3.VisitAsRequest()) == nil
}

func (f *fuzzer) do(c *one) Reply {
	r, err := http.NewRequest(c.method, f.portal.URL+"/", strings.NewReader(c.body))
	if err != nil {
		return Reply{Err: err}
	}
	path, query, _ := strings.Cut(c.path, "?")
	r.URL.Opaque, r.URL.RawQuery = path, query
	for name, values := range c.header {
		r.Header[name] = values
	}
	f.mu.Lock()
	for name, values := range f.proof[c.who] {
		r.Header[name] = values
	}
	f.mu.Unlock()
	a, err := f.client.Do(r)
	if err != nil {
		return Reply{Err: err}
	}
	defer a.Body.Close()
	data, err := answered(a)
	return Reply{Status: a.StatusCode, Header: a.Header, Body: data, Err: err}
}

// byServer are what net/http says itself of what is no request yet; no handler of ours sees it.
var byServer = []int{http.StatusBadRequest, http.StatusExpectationFailed, http.StatusRequestHeaderFieldsTooLarge}

var codeForm = regexp.MustCompile(`^[a-z0-9_]{2,80}$`)

// inside is what no answer tells of the program.
var inside = regexp.MustCompile(`goroutine \d|\.go:\d|runtime error|SQLSTATE|SQLITE_|sqlite3:|pgx|gorm|panic|/internal/`)

// judge holds an answer against the contract and the case's own demand.
func (f *fuzzer) judge(c *one, a Reply) {
	fail := func(what string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		key := c.op.id + ": " + what
		if _, had := f.found[key]; !had {
			f.found[key] = fmt.Sprintf("seed %d, as %q: %s\n    answered %.600s", c.seed, c.who, c.curl(), a.String())
		}
	}
	f.mu.Lock()
	f.counts[c.aim]++
	f.reached[c.op.id+" "+strconv.Itoa(a.Status)] = true
	f.mu.Unlock()
	if a.Err != nil {
		// Of a body that is too large the server need not read the rest.
		if c.aim != "too large" && c.aim != "header" {
			fail("no answer")
		}
		return
	}
	if c.must != nil {
		if what := c.must(a); what != "" {
			fail(what)
		}
	}
	if slices.Contains(byServer, a.Status) && a.Header.Get("X-Content-Type-Options") == "" {
		return
	}
	if a.Status >= 500 && (a.Status != http.StatusServiceUnavailable || a.Code() == "database_down") {
		fail(fmt.Sprintf("status %d", a.Status))
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
		if got := a.Header.Get(name); got != want {
			fail(fmt.Sprintf("header %s is %q at %d", name, got, a.Status))
		}
	}
	if a.Status >= 400 {
		f.judgeProblem(c, a, fail)
	}
	if c.method != c.op.method || c.aim == "path" && a.Status == http.StatusNotFound || a.Status == http.StatusMisdirectedRequest || a.Status == http.StatusMethodNotAllowed {
		return
	}
	f.judgeContract(c, a, fail)
}

func (f *fuzzer) judgeProblem(c *one, a Reply, fail func(string)) {
	if c.method == http.MethodHead {
		return
	}
	if inside.Match(a.Body) {
		fail("the answer tells of the program")
	}
	var p struct {
		Type, Title, Code, Error string
		Status                   int
	}
	if err := json.Unmarshal(a.Body, &p); err != nil {
		fail("an error that is no problem document")
		return
	}
	if c.op.id == "issueToken" && p.Error != "" {
		return
	}
	if p.Status != a.Status || p.Title == "" || p.Type == "" || !codeForm.MatchString(p.Code) {
		fail("a problem document that lacks something")
	}
	if a.Header.Get("Content-Type") != "application/problem+json" {
		fail("a problem document of another type")
	}
}

func (f *fuzzer) judgeContract(c *one, a Reply, fail func(string)) {
	documented := c.op.spec.Responses.Value(strconv.Itoa(a.Status))
	if documented == nil {
		fail(fmt.Sprintf("status %d is not in the contract", a.Status))
		return
	}
	if len(documented.Value.Content) == 0 {
		if len(a.Body) > 0 {
			fail(fmt.Sprintf("status %d has a body", a.Status))
		}
		return
	}
	kind, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	media := documented.Value.Content[kind]
	if media == nil {
		fail(fmt.Sprintf("status %d comes as %s", a.Status, kind))
		return
	}
	if !strings.HasSuffix(kind, "json") || media.Schema == nil {
		return
	}
	var v any
	if err := json.NewDecoder(bytes.NewReader(a.Body)).Decode(&v); err != nil {
		fail("an answer that is no JSON")
		return
	}
	if err := media.Schema.Value.VisitJSON(v, openapi3.VisitAsResponse()); err != nil {
		var broken *openapi3.SchemaError
		place := err.Error()
		if errors.As(err, &broken) {
			place = strings.Join(broken.JSONPointer(), "/") + ": " + broken.Reason
		}
		fail(fmt.Sprintf("status %d breaks its schema at %s", a.Status, regexp.MustCompile(`/\d+`).ReplaceAllString(place, "/n")))
	}
}

package main_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/api"
	"mininfo/internal/demo"
)

// refused checks that an answer is a problem as the contract has them, and which.
func refused(t *testing.T, a Reply, status int, codes ...string) {
	t.Helper()
	if a.Err != nil || a.Status != status {
		t.Errorf("got %v, want status %d and one of %v", a, status, codes)
		return
	}
	problem(t, a)
	for _, c := range codes {
		if a.Code() == c {
			return
		}
	}
	t.Errorf("got the code %s, want one of %v", a.Code(), codes)
}

// problem checks the form of what went wrong (RFC 9457).
func problem(t *testing.T, a Reply) {
	t.Helper()
	var p struct {
		Type, Title, Code string
		Status            int
	}
	if err := json.Unmarshal(a.Body, &p); err != nil || p.Type == "" || p.Title == "" || p.Code == "" || p.Status != a.Status {
		t.Errorf("no problem document: %v", a)
	}
	if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("the problem %s comes as %s", p.Code, kind)
	}
	hardened(t, a)
}

// hardened checks the headers of every answer of the API.
func hardened(t *testing.T, a Reply) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("header %s is %q, want %q (%d %s)", name, got, want, a.Status, tail(a.Body, 100))
		}
	}
	if !strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("an answer of the API has the content policy %q", a.Header.Get("Content-Security-Policy"))
	}
}

// Wrong input of every sort gets a clear answer, and nothing is lost by it.
func TestWrongInput(t *testing.T) {
	p, first, second := office(t, Setup{})
	t.Run("unknown address", func(t *testing.T) { unknownAddress(t, p) })
	t.Run("forged headers", func(t *testing.T) { forgedHeaders(t, p) })
	t.Run("codes", func(t *testing.T) { wrongCodes(t, p) })
	t.Run("bodies", func(t *testing.T) { wrongBodies(t, p, first) })
	t.Run("dataset with a typing error", func(t *testing.T) { datasetTypo(t, p, first) })
	t.Run("source that is down", func(t *testing.T) { sourceDown(t, p, first) })
	t.Run("rows that changed after approval", func(t *testing.T) { changedRows(t, p, first, second) })
}

var oneID = regexp.MustCompile(`[0-9a-f]{32}`)

// unknownAddress: what is answered for an address that nobody holds is the same to the last byte,
// but for the number of the verification.
func unknownAddress(t *testing.T, p *Portal) {
	answers := map[string]Reply{}
	for _, address := range []string{demo.Neighbour.Email, demo.Nobody.Email, "ny.adresse@example.com"} {
		a := newPerson(t, p, address).Do("POST", "/verifications", map[string]any{"email": address, "locale": "nb"})
		if a.Status != http.StatusAccepted {
			t.Fatalf("%v", a)
		}
		hardened(t, a)
		a.Body = oneID.ReplaceAll(a.Body, []byte("ID"))
		a.Header.Del("Date")
		a.Header.Set("Set-Cookie", regexp.MustCompile(`=[^;]{43};`).ReplaceAllString(a.Header.Get("Set-Cookie"), "=SECRET;"))
		answers[address] = a
	}
	known := answers[demo.Neighbour.Email]
	for address, a := range answers {
		if !bytes.Equal(a.Body, known.Body) {
			t.Errorf("%q and %q", a.Body, known.Body)
		}
		if diff := cmp.Diff(known.Header, a.Header); diff != "" {
			t.Errorf("headers tell %s apart:\n%s", address, diff)
		}
	}
	// Three and more in an hour for one address are answered alike, and sent no more.
	many := newPerson(t, p, "mange@example.com")
	for range 5 {
		a := many.Do("POST", "/verifications", map[string]any{"email": many.Email, "locale": "nb"})
		if a.Status != http.StatusAccepted || !bytes.Equal(oneID.ReplaceAll(a.Body, []byte("ID")), known.Body) {
			t.Errorf("an address that was asked for often is answered %v", a)
		}
	}
	for _, wrong := range []string{"", "a", "nobody", "a@b", "to@example.com,cc@example.com", "a@example.com\r\nBcc: b@example.com"} {
		a := many.Do("POST", "/verifications", map[string]any{"email": wrong, "locale": "nb"})
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("the address %q is answered %v", wrong, a)
		}
	}
}

// forgedHeaders: wherever a call says that it came by, the links of its mail lead to the portal.
func forgedHeaders(t *testing.T, p *Portal) {
	person := newPerson(t, p, "lenker@example.com")
	a := person.Do("POST", "/verifications", map[string]any{"email": person.Email, "locale": "nb"}, func(r *http.Request) {
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-Host", "X-HTTP-Host-Override", "Referer", "X-Original-URL", "X-Rewrite-URL"} {
			r.Header.Set(name, "https://evil.example/")
		}
		r.Header.Set("X-Forwarded-Proto", "javascript")
		r.Header.Set("X-Forwarded-Prefix", "//evil.example")
		r.Header.Set("Forwarded", "host=evil.example;proto=https")
	})
	var v api.VerificationStarted
	if err := json.Unmarshal(a.Body, &v); err != nil || a.Status != http.StatusAccepted {
		t.Fatalf("%v", a)
	}
	text := person.Mailed(v.Id).Text
	links := regexp.MustCompile(`[a-z]+:/*[^\s)>]+`).FindAllString(text, -1)
	if len(links) == 0 || strings.Contains(text, "evil") {
		t.Errorf("the links are %q", links)
	}
	for _, link := range links {
		if !strings.HasPrefix(link, p.URL+"/") {
			t.Errorf("a link leads to %q", link)
		}
	}
}

func wrongCodes(t *testing.T, p *Portal) {
	person := newPerson(t, p, demo.Contact.Email)
	v := person.Ask(api.RightAccess)
	letter := person.Mailed(v.Id)
	at := "/verifications/" + v.Id + "/redeem"
	right := map[string]any{"code": letter.Code()}

	wrong := person.Do("POST", at, map[string]any{"code": "0000-0000"})
	if wrong.Status < 400 || wrong.Status > 499 {
		t.Fatalf("a wrong code: %v", wrong)
	}
	problem(t, wrong)
	same := func(what string, a Reply) {
		t.Helper()
		if a.Status != wrong.Status || !bytes.Equal(a.Body, wrong.Body) {
			t.Errorf("%s is answered otherwise than a wrong code: %v", what, a)
		}
	}
	elsewhere := newPerson(t, p, person.Email)
	foreign, guess := elsewhere.Do("POST", at, right), elsewhere.Do("POST", at, map[string]any{"code": "0000-0000"})
	refused(t, foreign, http.StatusConflict, "other_browser")
	if !bytes.Equal(foreign.Body, guess.Body) || foreign.Status != guess.Status {
		t.Errorf("another browser is told whether the code is right: %v, %v", foreign, guess)
	}
	same("a code for a verification that does not exist", person.Do("POST", "/verifications/"+strings.Repeat("a", 32)+"/redeem", right))
	execute(t, p, "UPDATE challenge SET expires_at = expires_at - 90000000000 WHERE public_id = '"+v.Id+"'")
	same("an expired code", person.Do("POST", at, right))
	execute(t, p, "UPDATE challenge SET expires_at = expires_at + 90000000000 WHERE public_id = '"+v.Id+"'")
	person.must("POST", at, right, nil)
	person.must("GET", "/me", nil, nil)
	same("a code used twice", person.Do("POST", at, right))
	person.must("GET", "/me", nil, nil)
}

func wrongBodies(t *testing.T, p *Portal, o *Officer) {
	c := newCaller(t, p)
	verify := "/verifications"
	big := append(append([]byte(`{"email":"`), bytes.Repeat([]byte("a"), 3<<20)...), `@example.com","locale":"nb"}`...)
	refused(t, c.Do("POST", verify, big), http.StatusRequestEntityTooLarge, "too_large")
	refused(t, c.Do("POST", verify, map[string]any{"email": "a@example.com", "locale": "nb", "admin": true}), http.StatusUnprocessableEntity, "unknown_field")
	refused(t, c.Do("POST", verify, []byte(`{"email":"a@example.com","locale":"nb","email":"b@example.com"}`)), http.StatusBadRequest, "malformed")
	refused(t, c.Do("POST", verify, []byte(`{"email":"a@example.com","locale":"nb","Email":"b@example.com"}`)), http.StatusBadRequest, "malformed")
	refused(t, c.Do("POST", verify, []byte(`{"email":["a@example.com","b@example.com"],"locale":"nb"}`)), http.StatusUnprocessableEntity, "invalid_input")
	refused(t, c.Do("POST", verify, []byte(`{"email":`)), http.StatusBadRequest, "malformed")
	refused(t, c.Do("POST", verify, []byte(`email=a@example.com`), func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }),
		http.StatusUnsupportedMediaType, "media_type")
	refused(t, o.Do("POST", "/staff/sources/file", []byte(`x`), func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data") }),
		http.StatusUnsupportedMediaType, "media_type")
	refused(t, c.Do("GET", "/no/such/thing", nil), http.StatusNotFound, "not_found")
	refused(t, c.Do("DELETE", "/portal", nil), http.StatusMethodNotAllowed, "method_not_allowed")
	refused(t, c.Do("GET", "/notice?locale=%zz", nil), http.StatusBadRequest, "malformed")
	refused(t, c.Do("POST", verify, []byte(`{"email":"a@example.com","locale":"nb"}`), func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }),
		http.StatusUnsupportedMediaType, "media_type")
	for _, form := range []string{"grant_type=%zz", "grant_type=client_credentials&grant_type=client_credentials", ""} {
		r := c.Do("POST", "/oauth/token", []byte(form), func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
		if r.Status != http.StatusBadRequest || !bytes.Contains(r.Body, []byte(`"error":"invalid_request"`)) {
			t.Errorf("the form %q: %v", form, r)
		}
	}
	refused(t, c.Do("POST", verify, map[string]any{"email": "a@example.com", "locale": "nb"}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }),
		http.StatusForbidden, "cross_origin")
	refused(t, c.Do("GET", "/portal", nil, func(r *http.Request) { r.Host = "evil.example" }), http.StatusMisdirectedRequest, "unknown_host")
	tomorrow := map[string]any{
		"rights": []string{"access"}, "channel": "letter", "received_at": time.Now().Add(30 * time.Hour).UTC().Format(time.RFC3339), "locale": "nb",
		"name": "Kari Nordmann", "email": "kari@example.com", "identity": map[string]string{"method": "not_yet", "note": ""},
	}
	a := o.Do("POST", "/staff/cases", tomorrow)
	if a.Status != http.StatusUnprocessableEntity || !bytes.Contains(a.Body, []byte("received_at")) {
		t.Errorf("a date in the future: %v", a)
	}
	problem(t, a)
}

// datasetTypo: a typing error in a dataset file is told with file, line and what to write instead,
// by the command and by the API, and the annotation in force stays.
func datasetTypo(t *testing.T, p *Portal, o *Officer) {
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join(p.Company.Dir, "webshop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	line, broken := 0, strings.Replace(string(data), "data_categories: [user.contact.email]", "data_categories: [user.contact.emial]", 1)
	for i, l := range strings.Split(broken, "\n") {
		if strings.Contains(l, "emial") {
			line = i + 1
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "webshop.yaml"), []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	list := fmt.Sprintf("sources:\n- name: webshop\n  dsn: %s\n  dataset: webshop.yaml\n", demo.SQLiteDSN(p.Company.Dir, "webshop"))
	if err := os.WriteFile(filepath.Join(dir, "sources.yaml"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = p.Run("source", "check", "--sources", filepath.Join(dir, "sources.yaml"))
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("webshop.yaml:%d:", line)) || !strings.Contains(err.Error(), "user.contact.email") {
		t.Errorf("the command says %v; want file, line %d and what to write instead", err, line)
	}
	var sources struct{ Sources []api.Source }
	o.must("GET", "/staff/sources", nil, &sources)
	var id string
	version := 0
	for _, s := range sources.Sources {
		if s.Name == "webshop" {
			id, version = s.Id, s.Version
		}
	}
	// Only who may manage sources is told what is wrong with one.
	admin := newOfficer(t, p, "Anne Admin", "anne.admin@fjordlys.example", "admin")
	admin.SignIn()
	a := admin.Do("PUT", "/staff/sources/"+id, map[string]any{"dataset": broken})
	if a.Status != http.StatusUnprocessableEntity || !bytes.Contains(a.Body, []byte(fmt.Sprintf("/line/%d", line))) || !bytes.Contains(a.Body, []byte("user.contact.email")) {
		t.Errorf("the API says %v; want line %d and what to write instead", a, line)
	}
	problem(t, a)
	var still api.Source
	o.must("GET", "/staff/sources/"+id, nil, &still)
	if still.Version != version || still.Dataset == nil || strings.Contains(*still.Dataset, "emial") {
		t.Errorf("version %d of the annotation became %d", version, still.Version)
	}
}

// sourceDown: a source that is down makes the search incomplete, never empty; when it is back the
// search is done again and the case goes on.
func sourceDown(t *testing.T, p *Portal, o *Officer) {
	path := demo.Path(p.Company.Dir, "office")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	person := newPerson(t, p, demo.Neighbour.Email)
	person.Prove(api.RightAccess)
	filed := person.File(api.NewRequest{Right: api.RightAccess})
	c := o.Await(filed.Id, "the office sees that a source is down", func(c api.Case) bool {
		for _, s := range c.Sources {
			if s.Name == "office" && (s.State == "failed" || s.State == "not_reachable") {
				return true
			}
		}
		return false
	})
	a := o.Do("POST", "/staff/cases/"+filed.Id+"/answer", map[string]any{"outcome": "nothing_found"})
	if a.Status < 400 || a.Status >= 500 {
		t.Errorf("nothing held was said with a source down: %v", a)
	}
	if c.Plan != nil && c.State == api.StateReview {
		a = o.Do("POST", "/staff/cases/"+filed.Id+"/approve", map[string]any{"digest": c.Plan.Digest, "confirmed": true})
		if a.Status < 400 || a.Status >= 500 {
			t.Errorf("a plan of an incomplete search was approved: %v", a)
		}
	}
	if r := person.See(filed.Id); r.Reference != filed.Reference {
		t.Errorf("the person sees %+v", r)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	until(t, "the search is done again", func() bool {
		c := o.Case(filed.Id)
		switch c.State {
		case api.StateNeedsHuman:
			o.Do("POST", "/staff/cases/"+filed.Id+"/resume", nil)
		case api.StateReview:
			for _, s := range c.Sources {
				if s.State == "failed" || s.State == "not_reachable" {
					o.Do("POST", "/staff/cases/"+filed.Id+"/collect", nil)
					return false
				}
			}
			return planned(c)
		}
		return false
	})
	o.Settle(filed.Id, api.DecisionActionDisclose)
	o.Approve(filed.Id)
	o.Await(filed.Id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
}

// changedRows: a row of the plan changes between approval and execution. Nothing is written; the
// case comes back to the office, and the new plan can be carried out.
func changedRows(t *testing.T, p *Portal, first, second *Officer) {
	who := demo.Subscriber
	person := newPerson(t, p, who.Email)
	person.Prove(api.RightErasure)
	filed := person.File(api.NewRequest{Right: api.RightErasure})
	first.Settle(filed.Id, api.DecisionActionKeep)
	first.act(filed.Id, "plan", nil)
	first.Await(filed.Id, "the plan is up to date", planned)
	before := p.Company.State()

	// Somebody at the company holds the database while the plan is approved, and changes the row.
	db := p.Company.open("webshop")
	defer db.Close()
	held, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	statement(t, held, "BEGIN IMMEDIATE")
	second.Approve(filed.Id)
	statement(t, held, "UPDATE newsletter_subscribers SET first_name = 'Lena Marie' WHERE email = '"+who.Email+"'")
	statement(t, held, "COMMIT")

	c := first.Await(filed.Id, "the case is back at the office", func(c api.Case) bool {
		return c.State == api.StateReview || c.State == api.StateNeedsHuman || c.State == api.StateAnswered
	})
	if c.State == api.StateAnswered {
		t.Fatal("a plan was carried out although its rows had changed")
	}
	d := difference(before, p.Company.State())
	if len(d) != 1 {
		t.Errorf("beside the company's own change, something was written: %v", d)
	}
	if r := person.See(filed.Id); r.State == api.StateAnswered {
		t.Error("the person was answered")
	}
	if c.State == api.StateNeedsHuman {
		first.act(filed.Id, "resume", nil)
	}
	first.Settle(filed.Id, api.DecisionActionKeep)
	first.act(filed.Id, "plan", nil)
	first.Await(filed.Id, "the new plan is up to date", planned)
	second.Approve(filed.Id)
	first.State(filed.Id, api.StateAnswered)
	left := p.Company.State()
	for key := range before.owned(who.Email) {
		table, id, _ := strings.Cut(key, " ")
		if _, there := left[table][id]; there && table == "webshop.newsletter_subscribers" {
			t.Errorf("%s is still there", key)
		}
	}
}

func statement(t *testing.T, c *sql.Conn, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.ExecContext(ctx, text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// With the mail server down from verification to the end nothing fails, and when it comes back the
// mails go out once each.
func TestMailDownAfterVerification(t *testing.T) {
	p, first, second := office(t, Setup{})
	person := newPerson(t, p, demo.Household.Email)
	person.Prove(api.RightErasure)
	p.Mail.Down()
	filed := person.File(api.NewRequest{Right: api.RightErasure})
	first.Settle(filed.Id, api.DecisionActionKeep)
	first.act(filed.Id, "plan", nil)
	first.Await(filed.Id, "the plan is up to date", planned)
	second.Approve(filed.Id)
	first.State(filed.Id, api.StateAnswered)
	if r := person.See(filed.Id); r.Answer == nil {
		t.Error("the person sees no answer")
	}
	until(t, "the portal says that mails are late", func() bool {
		var s api.Settings
		first.must("GET", "/staff/settings", nil, &s)
		return s.Mail.State == "delayed"
	})
	p.Mail.Up()
	mailsOnce(t, p)
	for _, subject := range []string{"mottatt kravet ditt", "behandlet"} {
		p.Mail.Wait(t, person.Email, 0, subject, func(l Letter) bool {
			return strings.Contains(l.Subject, subject) && strings.Contains(l.Subject, filed.Reference)
		})
	}
}

// With the mail server down before verification the person is told to wait and how else to reach
// the office; when it comes back the code comes once.
func TestMailDownBeforeVerification(t *testing.T) {
	p, _, _ := office(t, Setup{})
	p.Mail.Down()
	person := newPerson(t, p, demo.Blocked.Email)
	v := person.Ask(api.RightAccess)
	var portal api.Portal
	until(t, "the person is told that mails are late", func() bool {
		person.must("GET", "/portal", nil, &portal)
		return portal.MailDelayed
	})
	if portal.Email == "" || portal.PostalAddress == "" {
		t.Errorf("the portal names no other way to reach the office: %+v", portal)
	}
	p.Mail.Up()
	letter := person.Mailed(v.Id)
	person.must("POST", "/verifications/"+v.Id+"/redeem", map[string]any{"code": letter.Code()}, nil)
	until(t, "nobody is told any more that mails are late", func() bool {
		person.must("GET", "/portal", nil, &portal)
		return !portal.MailDelayed
	})
	mailsOnce(t, p)
}

// mailsOnce waits until no mail waits, and checks that each came once.
func mailsOnce(t *testing.T, p *Portal) {
	t.Helper()
	until(t, "no mail waits", func() bool {
		return len(query(t, p, "SELECT id FROM job WHERE state = 'ready' AND (kind LIKE 'mail%' OR kind LIKE 'send%')")) == 0
	})
	times := map[string]int{}
	for _, l := range p.Mail.All() {
		times[l.ID]++
		if times[l.ID] > 1 {
			t.Errorf("the mail %q came twice", l.Subject)
		}
	}
	if len(times) == 0 {
		t.Error("no mail came")
	}
}

package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"mininfo/api"
	"mininfo/internal/demo"
	"mininfo/internal/register"
)

// operation is one of the contract's.
type operation struct {
	id, method, path string
	spec             *openapi3.Operation
}

func operations(t *testing.T) []operation {
	t.Helper()
	data, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	var list []operation
	for path, item := range doc.Paths.Map() {
		for method, spec := range item.Operations() {
			list = append(list, operation{spec.OperationID, method, path, spec})
		}
	}
	// What ends a session or a case comes last.
	last := map[string]int{"withdrawRequest": 1, "recordWithdrawal": 1, "refuseCase": 1, "signOut": 2, "staffSignOut": 2}
	slices.SortFunc(list, func(a, b operation) int {
		if d := last[a.id] - last[b.id]; d != 0 {
			return d
		}
		return strings.Compare(a.id, b.id)
	})
	return list
}

// apiClient makes an API client and gives a caller with its token.
func apiClient(t *testing.T, p *Portal, admin *Officer, scopes ...string) *Caller {
	t.Helper()
	c, _ := clientOf(t, p, admin, scopes...)
	return c
}

// clientOf is apiClient with the client's id.
func clientOf(t *testing.T, p *Portal, admin *Officer, scopes ...string) (*Caller, string) {
	t.Helper()
	if len(scopes) == 0 {
		scopes = []string{"intake", "restriction:read"}
	}
	var made api.ClientCreated
	admin.must("POST", "/staff/clients", map[string]any{"name": "Kundesenteret", "scopes": scopes}, &made)
	p.Traffic.secret(made.ClientSecret)
	c := newCaller(t, p)
	a := c.Do("POST", "/oauth/token", []byte(url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Join(scopes, " ")}}.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(made.ClientId, made.ClientSecret)
	})
	var token api.Token
	if err := json.Unmarshal(a.Body, &token); err != nil || a.Status != http.StatusOK || token.AccessToken == "" {
		t.Fatalf("%v", a)
	}
	p.Traffic.secret(token.AccessToken)
	c.Header.Set("Authorization", "Bearer "+token.AccessToken)
	return c, made.ClientId
}

// call calls an operation with the least that the contract takes in.
func (c *Caller) call(op operation, path string) Reply {
	if op.spec.RequestBody == nil {
		return c.Do(op.method, path, nil)
	}
	content := op.spec.RequestBody.Value.Content
	switch {
	case content.Get("application/json") != nil:
		body, err := json.Marshal(least(op.id, content.Get("application/json").Schema.Value))
		if err != nil {
			c.t.Fatal(err)
		}
		return c.Do(op.method, path, body)
	case content.Get("application/x-www-form-urlencoded") != nil:
		return c.Do(op.method, path, []byte("grant_type=client_credentials&client_id=x&client_secret=y"), func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		})
	}
	text := "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nFil " + chanceKey() + "\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\nnavn,epost\nA,a@example.com\n\r\n--b--\r\n"
	return c.Do(op.method, path, []byte(text), func(r *http.Request) { r.Header.Set("Content-Type", `multipart/form-data; boundary=b`) })
}

// least gives the smallest value that a schema takes in.
func least(name string, s *openapi3.Schema) any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Is("object") || len(s.Properties) > 0:
		return leastObject(s)
	case s.Type.Is("array"):
		list := []any{}
		for range s.MinItems {
			list = append(list, least(name, s.Items.Value))
		}
		return list
	case s.Type.Is("boolean"):
		return false
	case s.Type.Is("integer"), s.Type.Is("number"):
		if s.Min != nil {
			return *s.Min
		}
		return 1
	}
	switch {
	case s.Format == "date-time":
		return time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	case s.Format == "date":
		return time.Now().UTC().Format("2006-01-02")
	case strings.Contains(s.Pattern, "0-9a-f"):
		return strings.Repeat("a", 32)
	case name == "email":
		return "noen." + chanceKey()[:8] + "@example.com"
	case name == "name":
		return "Navn " + chanceKey()[:6]
	case name == "ground":
		return register.RefusalGrounds[0].Code
	case name == "grounds":
		return register.ExtensionReasons[0].Code
	case name == "yaml":
		return string(demo.Register())
	}
	return strings.Repeat("x", int(max(s.MinLength, 1)))
}

func leastObject(s *openapi3.Schema) map[string]any {
	out := map[string]any{}
	for _, field := range s.Required {
		out[field] = least(field, s.Properties[field].Value)
	}
	if len(out) < int(s.MinProps) {
		field := slices.Sorted(maps.Keys(s.Properties))[0]
		out[field] = least(field, s.Properties[field].Value)
	}
	return out
}

// What an answer must hold and what it must never hold.
// The cookie of the browser that asked ends where the session begins, and the session's where the
// person signs out, with all that this browser kept.
func TestOneCookieFollowsTheOther(t *testing.T) {
	p, _, _ := office(t, Setup{})
	person := newPerson(t, p, demo.Neighbour.Email)
	v := person.Ask(api.RightAccess)
	code := person.Mailed(v.Id).Code()
	cookies := func(a Reply) map[string]string {
		set := map[string]string{}
		for _, line := range a.Header.Values("Set-Cookie") {
			name, rest, _ := strings.Cut(line, "=")
			value, attributes, _ := strings.Cut(rest, ";")
			if !strings.Contains(attributes, "HttpOnly") || !strings.Contains(attributes, "SameSite=Strict") || strings.Contains(attributes, "Domain") {
				t.Errorf("cookie %s: %s", name, attributes)
			}
			set[name] = value
		}
		return set
	}
	got := cookies(person.Do(http.MethodPost, "/verifications/"+v.Id+"/redeem", map[string]any{"code": code}))
	if flow, ended := got["dsr_flow"]; !ended || flow != "" || len(got["dsr_person"]) != 43 {
		t.Errorf("signing in sets %d cookies, the flow's ended: %v", len(got), ended)
	}
	out := person.Do(http.MethodDelete, "/me", nil)
	if session, ended := cookies(out)["dsr_person"]; !ended || session != "" || !strings.Contains(out.Header.Get("Clear-Site-Data"), "storage") {
		t.Errorf("signing out: %v", out.Header)
	}
	refused(t, person.Do(http.MethodGet, "/me", nil), http.StatusUnauthorized, "not_signed_in")
}

// TestRequestKeepsItsNotice: a request is told which version of the notice applied when it came in,
// also after the register has changed.
func TestRequestKeepsItsNotice(t *testing.T) {
	p, _, admin := office(t, Setup{})
	person := newPerson(t, p, demo.Neighbour.Email)
	person.Prove(api.RightAccess)
	filed := person.File(api.NewRequest{Right: api.RightAccess})
	before := person.See(filed.Id)
	version := fmt.Sprintf("versjon %d, ", before.NoticeVersion)
	p.Mail.Wait(t, person.Email, 0, "the receipt says which notice applied", func(l Letter) bool {
		return strings.Contains(l.Subject, filed.Reference) && strings.Contains(l.Text, version)
	})
	var reg api.Register
	admin.must(http.MethodGet, "/staff/register", nil, &reg)
	put := func(yaml string) {
		t.Helper()
		admin.must(http.MethodPut, "/staff/register", map[string]any{"yaml": yaml, "base_version": reg.Version}, &reg)
	}
	put(reg.Yaml + "\n# nobody reads this\n")
	put(strings.Replace(reg.Yaml, "nb: I to år etter siste bestilling.", "nb: I tre år etter siste bestilling.", 1))
	after := person.See(filed.Id)
	if before.NoticeVersion == 0 || before.NoticeDate == nil || after.NoticeVersion != before.NoticeVersion || *after.NoticeDate != *before.NoticeDate {
		t.Errorf("the notice of the request was %d and is %d", before.NoticeVersion, after.NoticeVersion)
	}
	var now, then api.Notice
	person.must(http.MethodGet, "/notice?locale=nb", nil, &now)
	person.must(http.MethodGet, fmt.Sprintf("/notice?version=%d", before.NoticeVersion), nil, &then)
	if now.Version != before.NoticeVersion+2 || !now.Current || now.Versions[1].Version != before.NoticeVersion || len(now.Changes) != 1 || now.Changes[0].Id != "customers" {
		t.Errorf("now version %d of %v, changed %+v", now.Version, now.Versions, now.Changes)
	}
	if then.Version != before.NoticeVersion || then.Current {
		t.Errorf("the older version is %d, current %v", then.Version, then.Current)
	}
	refused(t, person.Do(http.MethodGet, "/notice?version=99", nil), http.StatusNotFound, "notice_version_unknown")
	refused(t, person.Do(http.MethodGet, "/notice.jsonld?version=99", nil), http.StatusNotFound, "notice_version_unknown")
}

func TestAnswersHoldAndWithhold(t *testing.T) {
	p, first, _ := office(t, Setup{})
	person := newPerson(t, p, demo.Neighbour.Email)
	person.Prove(api.RightAccess)
	name := demo.Neighbour.Name()
	filed := person.File(api.NewRequest{Right: api.RightAccess, Name: &name})
	first.Await(filed.Id, "a plan is ready", planned)
	first.act(filed.Id, "message", map[string]any{"text": "HEMMELIG-NOTAT til kolleger", "internal": true})
	inside := []string{"password", "totp", "sealed", "\"dsn\"", "address_index", "member_id", "request_id", "flow_hash", "HEMMELIG-NOTAT"}
	for _, c := range []struct {
		by        *Caller
		path      string
		has, hasn []string
	}{
		{newCaller(t, p), "/portal", []string{"Fjordlys AS", "personvern@fjordlys.example", "set_up", "deadline_text"}, append(inside, demo.Neighbour.Email, first.Email)},
		{newCaller(t, p), "/notice?locale=nb", []string{"sections", "Fjordlys"}, append(inside, demo.Neighbour.Email)},
		{newCaller(t, p), "/notice.jsonld", []string{"dpv:PrivacyNotice", "Fjordlys"}, append(inside, demo.Neighbour.Email)},
		{newCaller(t, p), "/rules?locale=nb", []string{"bokf"}, append(inside, demo.Neighbour.Email)},
		{person.Caller, "/me", []string{demo.Neighbour.Email}, append(inside, demo.MostData.Email)},
		{person.Caller, "/requests", []string{filed.Id, filed.Reference}, append(inside, "groups", "digest", first.Email)},
		{person.Caller, "/requests/" + filed.Id, []string{filed.Reference, "timeline", "due_reasons"}, append(inside, "groups\":[{\"id", "digest", "prepared", first.Email, demo.MostData.Last, demo.MostData.Email)},
		{person.Caller, "/requests/" + filed.Id + "/receipt", []string{"c2sp.org/tlog-proof"}, append(inside, demo.Neighbour.Last)},
		{first.Caller, "/staff/session", []string{first.Name, "permissions"}, []string{`"password":`, "argon", "totp", "secret"}},
		{first.Caller, "/staff/cases", []string{filed.Reference}, []string{demo.Neighbour.Email, demo.Neighbour.Name(), "sealed", "address_index"}},
		{first.Caller, "/staff/cases/" + filed.Id, []string{filed.Reference, "HEMMELIG-NOTAT", "choices"}, []string{"sealed", "address_index", "password"}},
		{first.Caller, "/staff/sources", []string{"webshop", "office", "people"}, []string{"sealed", "\"dsn\"", "password"}},
		{first.Caller, "/staff/members", []string{first.Name}, []string{"password", "totp", "secret"}},
		{first.Caller, "/staff/audit", []string{"leaves", "size"}, []string{demo.Neighbour.Email, demo.Neighbour.Last, first.Email, first.Name}},
		{first.Caller, "/staff/report", []string{"received", "in_time"}, []string{demo.Neighbour.Email, filed.Reference}},
		{first.Caller, "/staff/settings", []string{"Fjordlys AS", "cooling_off_hours"}, []string{"smtp://", "password"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			a := c.by.Do("GET", c.path, nil)
			if a.Status != http.StatusOK {
				t.Fatalf("%v", a)
			}
			hardened(t, a)
			for _, want := range c.has {
				if !bytes.Contains(a.Body, []byte(want)) {
					t.Errorf("%q is missing in %s", want, tail(a.Body, 3000))
				}
			}
			for _, never := range c.hasn {
				if bytes.Contains(bytes.ToLower(a.Body), bytes.ToLower([]byte(never))) {
					t.Errorf("%q is in %s", never, tail(a.Body, 3000))
				}
			}
		})
	}
}

// A request that another system registers: token, request, state; wrong credentials get the errors
// of RFC 6749, and a token is good for what it says alone.
func TestIntake(t *testing.T) {
	p, _, admin := office(t, Setup{})
	c := apiClient(t, p, admin)
	body := map[string]any{"right": "erasure", "received_at": time.Now().Add(-2 * time.Hour).UTC().Format(time.RFC3339), "email": demo.Subscriber.Email, "locale": "nb"}
	var made, again, state api.IntakeState
	key := chanceKey()
	c.must("POST", "/intake/requests", body, &made, keyed(key))
	c.must("POST", "/intake/requests", body, &again, keyed(key))
	if made.Id != again.Id || made.Reference != again.Reference {
		t.Errorf("the same key made %s and %s", made.Reference, again.Reference)
	}
	a := c.must("GET", "/intake/requests/"+made.Id, nil, &state)
	if state.Reference != made.Reference || bytes.Contains(a.Body, []byte(demo.Subscriber.Email)) {
		t.Errorf("%v", a)
	}
	refused(t, c.Do("GET", "/intake/requests/"+strings.Repeat("a", 32), nil), http.StatusNotFound, "not_found", "request_not_found", "case_not_found")
	refused(t, apiClient(t, p, admin).Do("GET", "/intake/requests/"+made.Id, nil), http.StatusNotFound, "not_found", "request_not_found", "case_not_found")
	token := c.Header.Get("Authorization")
	for name, wrong := range map[string]string{
		"none": "", "cut": token[:len(token)-2], "of nobody": "Bearer " + unsigned(token), "changed": strings.Replace(token, ".", ".A", 1), "basic": "Basic YTpi",
	} {
		stranger := newCaller(t, p)
		if wrong != "" {
			stranger.Header.Set("Authorization", wrong)
		}
		a := stranger.Do("GET", "/intake/requests/"+made.Id, nil)
		if a.Status != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("token %s: %v", name, a)
		}
	}
	a = newCaller(t, p).Do("POST", "/oauth/token", []byte("grant_type=client_credentials&client_id="+strings.Repeat("a", 32)+"&client_secret=x"), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	if a.Status != http.StatusUnauthorized || !regexp.MustCompile(`"error":\s*"invalid_client"`).Match(a.Body) {
		t.Errorf("a client that does not exist: %v", a)
	}
}

// unsigned is a token with the same claims whose header says that it needs no signature.
func unsigned(bearer string) string {
	parts := strings.Split(strings.TrimPrefix(bearer, "Bearer "), ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
}

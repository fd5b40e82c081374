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

// who may call an operation, as this test has it: kept apart from the table that the program uses.
// "-" everybody, "l" the holder of a mailed link, "s" a connected system, "p" the person whose request it is, "m" every member, "c" an API client, "." nobody
// outside the demo; else the roles: h case handler (on cases that are the handler's own), o privacy
// officer, a auditor, d administrator.
var allowed = map[string]string{
	"getPortal": "-", "getLogo": "-", "getNotice": "-", "getNoticeLinked": "-", "getErasureRules": "-", "startVerification": "-", "resendVerification": "-", "redeemVerification": "-",
	"disownVerification": "-", "confirmContact": "-", "stopAddressChange": "-", "staffSignIn": "-", "getSignIn": "-", "startPasskeySignIn": "-", "passkeySignIn": "-", "startOIDCSignIn": "-", "oidcSignIn": "-", "issueToken": "-",
	// "l": nobody here holds a link, and all get the one answer of a wrong secret.
	"openErrand": "l", "uploadErrandFile": "l", "answerErrand": "l", "openNotice": "l", "answerNotice": "l",
	// "s": a system that was asked and signs. Nobody here is one, and all get the one answer.
	"deliverResult": "s",

	"getMe": "p", "signOut": "p", "startFieldsStepUp": "p", "redeemFieldsStepUp": "p", "getMyFields": "p", "cancelAddress": "p", "proveAddress": "p", "nameAddress": "p", "redeemAddressStepUp": "p", "startAddressStepUp": "p", "listRequests": "p", "createRequest": "p",
	"getRequest": "p", "followRequest": "p", "sendMessage": "p", "withdrawRequest": "p", "startStepUp": "p", "redeemStepUp": "p", "downloadPackage": "p", "eraseCopy": "p", "remindOffice": "p", "downloadLetter": "p", "getReceipt": "p",

	"getStaffSession": "m", "staffSignOut": "m", "staffStepUp": "m", "startPasskeyStepUp": "m", "passkeyStepUp": "m", "startOIDCStepUp": "m", "oidcStepUp": "m", "startOIDCLink": "m", "oidcLink": "m", "getAccount": "m", "startPasskey": "m", "addPasskey": "m", "removePasskey": "m", "endOwnSession": "m",
	"listMembers": "oad", "listMemberSessions": "oad", "endMemberSessions": "d",
	"listCases": "hoa", "followCases": "hoa", "registerCase": "ho", "parseMail": "ho",
	"getCase": "oa", "listDrillMails": "oa", "listFindings": "oa", "getPlan": "oa", "previewAnswer": "oa",
	"confirmIdentity": "o", "changeAddress": "o", "cancelAddressChange": "o", "addIdentifier": "o", "confirmIdentifier": "o", "askContact": "o", "correctField": "o", "collectCase": "o", "decideCase": "o", "readText": "oa", "redactText": "o", "takeBackRedaction": "o", "planCase": "o", "approveCase": "o",
	"staffLetter": "oa", "staffSentLetter": "oa", "answerCase": "o", "correctAnswer": "o", "previewPart": "oa", "sendPart": "o", "staffPackage": "o", "refuseCase": "o", "warnOfFee": "o", "extendCase": "o", "pauseCase": "o", "recordReply": "o", "correctReceipt": "o",
	"messagePerson": "o", "assignCase": "o", "assignCases": "o", "resumeCase": "o", "recordWithdrawal": "o", "finishTask": "o", "uploadTaskFile": "o", "taskLink": "o", "followRecipient": "o",
	"listSources": "oad", "getSource": "oad", "checkSource": "oad", "addSource": "od", "addFileSource": "od", "scanSource": "d", "changeSource": "d",
	"listInforming": "hoad", "finishInforming": "o", "getRegister": "hoad", "putRegister": "o", "getSettings": "oad", "putSettings": "od", "getLetters": "oad", "putLetters": "od", "previewLetter": "oad", "testMail": "od",
	"listClients": "oad", "addClient": "d", "rotateClient": "d", "revokeClient": "d", "listAudit": "oa", "takeLog": "oa", "listBreaches": "oa", "openBreach": "ho", "assessBreach": "o", "getReport": "oad", "getReportTable": "oad", "listDrills": "hoad", "startDrill": "ho",
	"answerPerson": "o", "recordAuthority": "o", "relieveDuty": "o", "learnFacts": "o", "dropRefusal": "o", "restrictCase": "o", "findEarlier": "ho",
	"checkRegister": "o", "listRegisterVersions": "hoad", "getRegisterVersion": "hoad", "getTaxonomy": "hoad",
	"getRetention": "oad", "askRetention": "ho", "approveRetention": "o", "listRetentionRows": "ho",
	"takeEvidence": "oa", "takeWholeEvidence": "oa",

	"intakeRequest": "c", "intakeState": "c", "checkRestrictions": "c",
	"getDemo": ".", "demoSignIn": ".", "listDemoMail": ".",
}

// principal is somebody who calls.
type principal struct {
	name   string
	sort   string // of the letters above, or empty
	caller *Caller
	other  bool // a person, but not the one whose request it is
}

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

// Every operation with every sort of caller: who may not call it is told 401, 403 or 404 and
// nothing else, who may is never told so, and nobody ever gets a 5xx.
func TestWhoMayCall(t *testing.T) {
	p, first, second := office(t, Setup{})
	owner := newPerson(t, p, demo.Neighbour.Email)
	owner.Prove(api.RightAccess)
	filed := owner.File(api.NewRequest{Right: api.RightAccess})
	first.Await(filed.Id, "a plan is ready", planned)
	// The case is another member's: a case handler has no part in it.
	first.act(filed.Id, "assign", map[string]any{"member": first.ID})
	people := principals(t, p, first, second, owner)
	ids := map[string]string{"letter": "receipt", "id": filed.Id, "taskId": strings.Repeat("b", 32), "noticeId": strings.Repeat("b", 32), "identifierId": strings.Repeat("b", 32), "redactionId": strings.Repeat("b", 32)}
	var sources struct{ Sources []api.Source }
	first.must("GET", "/staff/sources", nil, &sources)
	cells := 0
	all := operations(t)
	for _, op := range all {
		letters, known := allowed[op.id]
		if !known {
			t.Errorf("nobody has said who may call %s", op.id)
			continue
		}
		for _, who := range people {
			cells++
			path := op.path
			for name, value := range ids {
				if strings.HasPrefix(path, "/staff/sources/") && name == "id" {
					value = sources.Sources[0].Id
				}
				path = strings.ReplaceAll(path, "{"+name+"}", value)
			}
			if op.id == "listFindings" {
				path += "?group=x"
			}
			if op.id == "readText" {
				path += "?group=x&field=x&finding=" + strings.Repeat("b", 32)
			}
			if op.id == "listRetentionRows" {
				path += "?source=webshop&collection=orders"
			}
			a := who.caller.call(op, path)
			judge(t, op, who, letters, a)
		}
	}
	for id := range allowed {
		if !slices.ContainsFunc(all, func(o operation) bool { return o.id == id }) {
			t.Errorf("%s is in this table and not in the contract", id)
		}
	}
	t.Logf("%d operations, %d kinds of callers, %d cells", len(all), len(people), cells)
}

// judge holds one answer against who may call.
func judge(t *testing.T, op operation, who principal, letters string, a Reply) {
	t.Helper()
	at := fmt.Sprintf("%s by %s: %v", op.id, who.name, a)
	if a.Err != nil || a.Status >= 500 && a.Code() != "not_set_up" {
		t.Errorf("failed: %s", at)
		return
	}
	if a.Status >= 400 && op.id != "issueToken" {
		problem(t, a)
	} else {
		hardened(t, a)
	}
	switch {
	case letters == ".":
		if a.Status != http.StatusNotFound {
			t.Errorf("this is no demo: %s", at)
		}
	case letters == "-":
		if a.Status == http.StatusForbidden || a.Status == http.StatusUnauthorized && !slices.Contains([]string{"staffSignIn", "passkeySignIn", "issueToken"}, op.id) {
			t.Errorf("everybody may: %s", at)
		}
	case letters == "s":
		if a.Status != http.StatusUnauthorized || a.Code() != "result_refused" {
			t.Errorf("nobody may: %s", at)
		}
	case letters == "l":
		if a.Status != http.StatusUnauthorized || a.Code() != "task_link_invalid" {
			t.Errorf("nobody may: %s", at)
		}
	case letters == "p" && who.other && strings.Contains(op.path, "{id}"):
		if a.Status != http.StatusNotFound && a.Code() != "challenge_failed" {
			t.Errorf("another person's request is not there: %s", at)
		}
	case who.sort == "" || !admits(letters, who.sort):
		want := http.StatusUnauthorized
		if strings.Contains("hoad", letters[:1]) && strings.Contains("hoad", who.sort) && who.sort != "" || letters == "m" {
			want = http.StatusForbidden
		}
		if who.sort == "" || !strings.Contains("hoad", who.sort) {
			want = http.StatusUnauthorized
		}
		if a.Status != want || a.Code() == "step_up_required" {
			t.Errorf("may not, want %d: %s", want, at)
		}
	default:
		if a.Status == http.StatusUnauthorized && a.Code() != "wrong_totp" || a.Status == http.StatusForbidden && a.Code() == "forbidden" {
			t.Errorf("may: %s", at)
		}
	}
}

func admits(letters, sort string) bool {
	if letters == "m" {
		return strings.Contains("hoad", sort)
	}
	return strings.Contains(letters, sort)
}

// principals makes one of each.
func principals(t *testing.T, p *Portal, first, admin *Officer, owner *Person) []principal {
	t.Helper()
	other := newPerson(t, p, demo.Contact.Email)
	other.Prove(api.RightAccess)
	expired := newPerson(t, p, demo.Blocked.Email)
	expired.Prove(api.RightAccess)
	execute(t, p, "UPDATE session SET idle_until = created_at, expires_at = created_at WHERE id = (SELECT max(id) FROM session)")
	list := []principal{
		{name: "anybody", caller: newCaller(t, p)},
		{name: "the person", sort: "p", caller: owner.Caller},
		{name: "another person", sort: "p", caller: other.Caller, other: true},
		{name: "a person whose session is over", caller: expired.Caller},
	}
	for role, sort := range map[string]string{"case_handler": "h", "privacy_officer": "o", "auditor": "a", "admin": "d"} {
		m := newOfficer(t, p, "Medlem "+sort, "medlem."+sort+"@fjordlys.example", role)
		m.SignIn()
		list = append(list, principal{name: role, sort: sort, caller: m.Caller})
	}
	gone := newOfficer(t, p, "Tidligere Ansatt", "tidligere@fjordlys.example", "privacy_officer")
	gone.SignIn()
	if _, err := p.Run("staff", "disable", gone.Email); err != nil {
		t.Fatal(err)
	}
	late := newOfficer(t, p, "Sent Ute", "sent.ute@fjordlys.example", "privacy_officer")
	late.SignIn()
	execute(t, p, "UPDATE session SET idle_until = created_at, expires_at = created_at WHERE id = (SELECT max(id) FROM session)")
	list = append(list, principal{name: "a disabled member", caller: gone.Caller}, principal{name: "a member whose session is over", caller: late.Caller},
		principal{name: "an API client", sort: "c", caller: apiClient(t, p, admin)})
	slices.SortStableFunc(list, func(a, b principal) int { return strings.Compare(a.name, b.name) })
	return list
}

// apiClient makes an API client and gives a caller with its token.
func apiClient(t *testing.T, p *Portal, admin *Officer) *Caller {
	t.Helper()
	var made api.ClientCreated
	admin.must("POST", "/staff/clients", map[string]any{"name": "Kundesenteret", "scopes": []string{"intake", "restriction:read"}}, &made)
	p.Traffic.secret(made.ClientSecret)
	c := newCaller(t, p)
	a := c.Do("POST", "/oauth/token", []byte(url.Values{"grant_type": {"client_credentials"}, "scope": {"intake restriction:read"}}.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(made.ClientId, made.ClientSecret)
	})
	var token api.Token
	if err := json.Unmarshal(a.Body, &token); err != nil || a.Status != http.StatusOK || token.AccessToken == "" {
		t.Fatalf("%v", a)
	}
	p.Traffic.secret(token.AccessToken)
	c.Header.Set("Authorization", "Bearer "+token.AccessToken)
	return c
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

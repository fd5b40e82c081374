package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/api"
	"mininfo/internal/demo"
)

// allowed is who may call an operation, kept apart from the tables that the program uses (api/routes.go and the
// policy of internal/staff): the test below holds the two together over HTTP.
//
// Who: "-" everybody, "l" the holder of a mailed link, "n" a recipient's or an invitation's (nobody here has one), "s" a connected system, "p" the person whose
// request it is, "m" every member, "i" an API client with the scope intake, "r" one with restriction:read, "." nobody
// outside the demo; else the roles: h case handler, w case handler on cases that are their own or nobody's, o privacy
// officer, a auditor, d administrator.
// When: "!" with a second factor given a moment ago; "+" only while the case is open; "~" also when the case's data are
// erased, which nothing else is.
var allowed = map[string]string{
	"getPortal": "-", "getLogo": "-", "getNotice": "-", "getNoticeLinked": "-", "getErasureRules": "-", "startVerification": "-", "resendVerification": "-", "redeemVerification": "-",
	"disownVerification": "-", "confirmContact": "-", "stopAddressChange": "-", "staffSignIn": "-", "getSignIn": "-", "startPasskeySignIn": "-", "passkeySignIn": "-", "startOIDCSignIn": "-", "oidcSignIn": "-", "issueToken": "-",
	"openErrand": "l", "uploadErrandFile": "l", "answerErrand": "l",
	// No system was asked: all get the one answer of a wrong secret.
	"openNotice": "n", "answerNotice": "n", "deliverResult": "s",

	"getMe": "p", "signOut": "p", "startFieldsStepUp": "p", "redeemFieldsStepUp": "p", "getMyFields": "p", "cancelAddress": "p", "proveAddress": "p", "nameAddress": "p", "redeemAddressStepUp": "p", "startAddressStepUp": "p", "listRequests": "p", "createRequest": "p",
	"getRequest": "p", "followRequest": "p", "sendMessage": "p", "withdrawRequest": "p+", "startStepUp": "p", "redeemStepUp": "p", "downloadPackage": "p", "eraseCopy": "p", "remindOffice": "p+", "downloadLetter": "p", "getReceipt": "p",

	"getStaffSession": "m", "staffSignOut": "m", "staffStepUp": "m", "startPasskeyStepUp": "m", "passkeyStepUp": "m", "startOIDCStepUp": "m", "oidcStepUp": "m", "getAccount": "m", "endOwnSession": "m",
	"startOIDCLink": "m!", "oidcLink": "m!", "startPasskey": "m!", "addPasskey": "m!", "removePasskey": "m!",
	"listMembers": "oad", "listMemberSessions": "oad", "endMemberSessions": "d!",
	"listCases": "hoa", "followCases": "hoa", "registerCase": "ho", "parseMail": "ho",
	"getCase": "woa~", "listDrillMails": "woa", "listFindings": "woa~", "getPlan": "woa", "previewAnswer": "woa", "readText": "woa", "unmaskRow": "wo!", "staffLetter": "woa", "staffSentLetter": "woa", "previewPart": "woa",
	"confirmIdentity": "wo+", "addIdentifier": "wo+", "confirmIdentifier": "wo+", "askContact": "wo+", "correctField": "wo+", "collectCase": "wo+", "decideCase": "wo+", "redactText": "wo+", "takeBackRedaction": "wo+", "planCase": "wo+",
	"pauseCase": "wo+", "recordReply": "wo", "messagePerson": "wo", "resumeCase": "wo+", "recordWithdrawal": "wo+", "finishTask": "wo+", "uploadTaskFile": "wo+", "taskLink": "wo+", "followRecipient": "wo",
	"answerPerson": "wo+", "recordAuthority": "wo+", "relieveDuty": "wo+", "learnFacts": "wo+", "restrictCase": "wo+",
	"changeAddress": "o!+", "cancelAddressChange": "o!", "approveCase": "o!+", "staffPackage": "o!",
	"answerCase": "o+", "correctAnswer": "o", "sendPart": "o+", "refuseCase": "o+", "dropRefusal": "o+", "warnOfFee": "o+", "extendCase": "o+", "correctReceipt": "o+", "assignCase": "o+", "assignCases": "o",
	"takeEvidence": "oa~", "takeWholeEvidence": "oa!~",
	"listSources": "oad", "getSource": "oad", "checkSource": "oad", "addSource": "od", "addFileSource": "od", "scanSource": "d!", "changeSource": "d!",
	"listInforming": "hoad", "finishInforming": "o", "getRegister": "hoad", "putRegister": "o", "checkRegister": "o", "listRegisterVersions": "hoad", "getRegisterVersion": "hoad", "getTaxonomy": "hoad",
	"getSettings": "oad", "putSettings": "od", "getLetters": "oad", "putLetters": "od", "previewLetter": "oad", "testMail": "od",
	"listInvitations": "oad", "invite": "d!", "recoverMember": "d!", "resendInvitation": "d!", "revokeInvitation": "od!", "confirmInvitation": "od!",
	"openInvitation": "n", "startJoining": "n", "acceptInvitation": "n",
	"listClients": "oad", "addClient": "d!", "rotateClient": "d!", "revokeClient": "d!", "listAudit": "oa", "takeLog": "oa!",
	"listBreaches": "oa", "openBreach": "ho", "assessBreach": "o", "getReport": "oad", "getReportTable": "oad", "listDrills": "hoad", "startDrill": "ho", "findEarlier": "ho",
	"getRetention": "oad", "askRetention": "ho", "approveRetention": "o!", "listRetentionRows": "ho",

	"intakeRequest": "i", "intakeState": "i", "checkRestrictions": "r",
	"getDemo": ".", "demoSignIn": ".", "listDemoMail": ".",
}

const staffRoles = "hoad"

// principal is somebody who calls.
type principal struct {
	name   string
	sort   string // of the letters above, several for a member of several roles, or empty
	caller *Caller
	other  bool // a person, but not the one whose request it is
	stale  bool // a member whose second factor was given a while ago
	owns   bool // the case handler whose cases they are
}

func (p principal) staff() bool { return p.sort != "" && strings.Contains(staffRoles, p.sort[:1]) }

// condition is how the case stands that an operation is about.
type condition struct {
	name         string
	id           string
	own          bool // it is a case handler's
	ended, purge bool
}

// The table names each operation of the contract, and no other.
func TestWhoMayCallIsSaid(t *testing.T) {
	t.Parallel()
	all := operations(t)
	for _, op := range all {
		if _, known := allowed[op.id]; !known {
			t.Errorf("nobody has said who may call %s", op.id)
		}
	}
	for id := range allowed {
		if !slices.ContainsFunc(all, func(o operation) bool { return o.id == id }) {
			t.Errorf("%s is in this table and not in the contract", id)
		}
	}
}

// Every operation with every sort of caller and, where it is about a case, with cases in each condition: who may not
// call it is told 401, 403 or 404 and nothing else, who may is never told so, what has ended or is erased is not
// worked on, and nobody ever gets a 5xx.
func TestAuthorisation(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s Setup) {
		w := newWhoMay(t, s)
		w.ownWork(t)
		for _, op := range w.all {
			for _, at := range w.conditions(op) {
				for _, who := range w.people {
					w.cell(t, op, at, who)
				}
			}
		}
		w.officeOfOne(t)
		t.Logf("%d operations, %d kinds of callers, %d cells, %d mismatches", len(w.all), len(w.people), w.cells, w.wrong)
	})
}

type whoMay struct {
	p       *Portal
	all     []operation
	people  []principal
	cases   []condition
	source  string
	first   *Officer // of all who work here the first: officer and administrator
	roles   map[string]*Officer
	prepare string // an erasure that the officer has prepared
	alone   string // one that the first has
	cells   int
	wrong   int
}

func newWhoMay(t *testing.T, s Setup) *whoMay {
	t.Helper()
	p, first, second := office(t, s)
	w := &whoMay{p: p, all: operations(t), first: first, roles: map[string]*Officer{}}
	owner := newPerson(t, p, demo.Neighbour.Email)
	owner.Prove(api.RightAccess)
	w.staff(t)
	handler := w.roles["h"].ID
	for _, at := range []struct {
		condition
		right api.Right
		whose string
	}{
		{condition{name: "another's case"}, api.RightAccess, first.ID},
		{condition{name: "one's own case", own: true}, api.RightPortability, handler},
		{condition{name: "an answered case", own: true, ended: true}, api.RightErasure, handler},
		{condition{name: "an erased case", own: true, ended: true, purge: true}, api.RightRectification, handler},
	} {
		text := "Navnet mitt er feil."
		filed := owner.File(api.NewRequest{Right: at.right, Text: &text})
		at.id = filed.Id
		first.Await(at.id, "the sources are read", func(c api.Case) bool { return c.State == api.StateReview })
		first.act(at.id, "assign", map[string]any{"member": at.whose})
		if at.ended {
			first.act(at.id, "refuse", map[string]any{"ground": "not_identifiable", "reason": "Navnet passer på mange."})
			first.State(at.id, api.StateAnswered)
		}
		w.cases = append(w.cases, at.condition)
	}
	w.purge(t, w.cases[3].id)
	var sources struct{ Sources []api.Source }
	first.must("GET", "/staff/sources", nil, &sources)
	w.source = sources.Sources[0].Id
	w.persons(t, owner)
	w.clients(t, second)
	w.prepare = w.erasure(t, w.roles["o"], demo.Household.Email)
	w.alone = w.erasure(t, first, demo.Subscriber.Email)
	w.colleague(t)
	return w
}

// purge has the time of a case run out.
func (w *whoMay) purge(t *testing.T, id string) {
	t.Helper()
	execute(t, w.p, "UPDATE request SET closed_at = 1 WHERE public_id = '"+id+"'")
	until(t, "the day's purge has run", func() bool {
		return query(t, w.p, "SELECT state FROM job WHERE kind = 'purge_cases' ORDER BY id DESC LIMIT 1")[0][0] == "done"
	})
	execute(t, w.p, "UPDATE job SET state = 'ready', done_at = NULL, run_at = 1 WHERE id = (SELECT max(id) FROM job WHERE kind = 'purge_cases')")
	until(t, "the case is erased", func() bool {
		return query(t, w.p, "SELECT count(*) FROM data_key WHERE owner = '"+id+"' AND shredded_at IS NOT NULL")[0][0] != "0"
	})
}

// staff makes a member of each role with a fresh factor and with a stale one, and some who are shut out.
func (w *whoMay) staff(t *testing.T) {
	t.Helper()
	member := func(name, role string) *Officer {
		m := newOfficer(t, w.p, "Medlem "+name, strings.ReplaceAll(name, " ", ".")+"@fjordlys.example", role)
		m.SignIn()
		return m
	}
	newest := " WHERE id = (SELECT max(id) FROM session)"
	for _, r := range []struct{ role, sort string }{{"case_handler", "h"}, {"privacy_officer", "o"}, {"auditor", "a"}, {"admin", "d"}} {
		w.roles[r.sort] = member("fersk "+r.sort, r.role)
		stale := member("gammel "+r.sort, r.role)
		execute(t, w.p, fmt.Sprintf("UPDATE session SET stepped_up_at = %d"+newest, time.Now().Add(-6*time.Minute).UnixMicro()))
		w.people = append(w.people, principal{name: r.role, sort: r.sort, caller: w.roles[r.sort].Caller, owns: r.sort == "h"},
			principal{name: r.role + " with a factor of a while ago", sort: r.sort, caller: stale.Caller, stale: true})
	}
	closed := member("stengt", "privacy_officer")
	if _, err := w.p.Run("staff", "disable", closed.Email); err != nil {
		t.Fatal(err)
	}
	late := member("sen", "privacy_officer")
	execute(t, w.p, "UPDATE session SET idle_until = created_at, expires_at = created_at"+newest)
	ended := member("avsluttet", "admin")
	w.roles["d"].must("DELETE", "/staff/members/"+ended.ID+"/sessions", nil, nil)
	w.people = append(w.people, principal{name: "a member whose account is closed", caller: closed.Caller},
		principal{name: "a member whose session is over", caller: late.Caller}, principal{name: "a member whose sessions were ended", caller: ended.Caller})
}

func (w *whoMay) persons(t *testing.T, owner *Person) {
	t.Helper()
	other := newPerson(t, w.p, demo.Contact.Email)
	other.Prove(api.RightAccess)
	late := newPerson(t, w.p, demo.Neighbour.Email)
	late.Prove(api.RightAccess)
	execute(t, w.p, "UPDATE session SET idle_until = created_at, expires_at = created_at WHERE id = (SELECT max(id) FROM session)")
	w.people = append(w.people, principal{name: "anybody", caller: newCaller(t, w.p)}, principal{name: "the person", sort: "p", caller: owner.Caller},
		principal{name: "another person", sort: "p", caller: other.Caller, other: true}, principal{name: "the person in a session that is over", caller: late.Caller})
}

func (w *whoMay) clients(t *testing.T, admin *Officer) {
	t.Helper()
	gone, id := clientOf(t, w.p, admin)
	admin.must("DELETE", "/staff/clients/"+id, nil, nil)
	w.people = append(w.people, principal{name: "an API client for requests", sort: "i", caller: apiClient(t, w.p, admin, "intake")},
		principal{name: "an API client for restrictions", sort: "r", caller: apiClient(t, w.p, admin, "restriction:read")},
		principal{name: "an API client that was ended", caller: gone})
}

// colleague is somebody who was mailed a link to look in a place.
func (w *whoMay) colleague(t *testing.T) {
	t.Helper()
	email := "arkivet@fjordlys.example"
	w.first.must("POST", "/staff/sources", map[string]any{"name": "Papirarkivet", "kind": "manual", "activity": "job_applications", "instructions": "Se i permene.",
		"colleague": map[string]string{"name": "Arkivet", "email": email, "locale": "nb"}}, nil)
	person := newPerson(t, w.p, demo.Applicant.Email)
	person.Prove(api.RightAccess)
	person.File(api.NewRequest{Right: api.RightAccess})
	holder, secret := newCaller(t, w.p), ""
	w.p.Mail.Wait(t, email, 0, "the colleague is written to", func(l Letter) bool {
		_, after, found := strings.Cut(l.Text, "/colleague#")
		secret = strings.Fields(after + " ")[0]
		return found
	})
	w.p.Traffic.secret(secret)
	holder.Header.Set("Authorization", "Bearer "+secret)
	w.people = append(w.people, principal{name: "a colleague with a link", sort: "l", caller: holder})
}

// erasure gives a case whose plan an officer has prepared, so that another member has to approve it.
func (w *whoMay) erasure(t *testing.T, by *Officer, email string) string {
	t.Helper()
	person := newPerson(t, w.p, email)
	person.Prove(api.RightErasure)
	id := person.File(api.NewRequest{Right: api.RightErasure}).Id
	by.Settle(id, api.DecisionActionKeep)
	by.act(id, "plan", nil)
	by.Await(id, "the plan is up to date", planned)
	return id
}

func (w *whoMay) conditions(op operation) []condition {
	if strings.Contains(op.path, "/cases/{id}") || strings.Contains(op.path, "/requests/{id}") && !strings.HasPrefix(op.path, "/intake") {
		return w.cases
	}
	return w.cases[:1]
}

// cell calls an operation as somebody about something, and judges the answer.
func (w *whoMay) cell(t *testing.T, op operation, at condition, who principal) {
	t.Helper()
	ids := map[string]string{"letter": "receipt", "id": at.id, "taskId": strings.Repeat("b", 32), "noticeId": strings.Repeat("b", 32), "identifierId": strings.Repeat("b", 32), "redactionId": strings.Repeat("b", 32)}
	if strings.HasPrefix(op.path, "/staff/sources/") {
		ids["id"] = w.source
	}
	path := op.path
	for name, value := range ids {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	path += map[string]string{"listFindings": "?group=x", "readText": "?group=x&field=x&finding=" + strings.Repeat("b", 32), "listRetentionRows": "?source=webshop&collection=orders"}[op.id]
	w.tell(t, op, at, who, who.caller.call(op, path))
}

func (w *whoMay) tell(t *testing.T, op operation, at condition, who principal, a Reply) {
	t.Helper()
	w.cells++
	if wrong := misjudged(op, at, who, a); wrong != "" {
		w.wrong++
		t.Errorf("%s by %s, %s: %s: %d %.300s", op.id, who.name, at.name, wrong, a.Status, a.Body)
	}
	if a.Err != nil || a.Status >= 500 {
		return
	}
	if a.Status >= 400 && op.id != "issueToken" {
		problem(t, a)
	} else {
		hardened(t, a)
	}
}

// misjudged says what is wrong with an answer; empty when it is as the table has it.
func misjudged(op operation, at condition, who principal, a Reply) string {
	letters := allowed[op.id]
	code := a.Code()
	told := func(status int, codes ...string) string {
		if a.Status != status || len(codes) > 0 && !slices.Contains(codes, code) {
			return fmt.Sprintf("want %d %v", status, codes)
		}
		return ""
	}
	switch {
	case a.Err != nil || a.Status >= 500 && code != "not_set_up":
		return "failed"
	case letters == ".":
		return told(http.StatusNotFound)
	case letters == "-":
		if a.Status == http.StatusForbidden || a.Status == http.StatusUnauthorized && !slices.Contains([]string{"staffSignIn", "passkeySignIn", "issueToken"}, op.id) {
			return "everybody may"
		}
		return ""
	case letters == "s":
		return told(http.StatusUnauthorized, "result_refused")
	case letters == "n", letters == "l" && who.sort != "l":
		return told(http.StatusUnauthorized, "task_link_invalid")
	case strings.HasPrefix(letters, "p") && who.other && strings.Contains(op.path, "{id}"):
		if a.Status != http.StatusNotFound && code != "challenge_failed" {
			return "another person's request is not there"
		}
		return ""
	case strings.ContainsAny(letters, "ir") && strings.ContainsAny(who.sort, "ir") && len(letters) == 1 && letters != who.sort:
		return told(http.StatusForbidden, "insufficient_scope")
	case !admits(letters, who, at):
		if who.staff() && strings.ContainsAny(letters, staffRoles+"w") {
			return told(http.StatusForbidden, "forbidden")
		}
		return told(http.StatusUnauthorized)
	case who.stale && strings.Contains(letters, "!"):
		return told(http.StatusForbidden, "step_up_required")
	}
	return let(letters, at, who, a)
}

// let judges what somebody is told who may.
func let(letters string, at condition, who principal, a Reply) string {
	code, done := a.Code(), a.Status < 300
	switch {
	case a.Status == http.StatusUnauthorized && code != "wrong_totp":
		return "may"
	case a.Status == http.StatusForbidden && (code == "forbidden" || code == "step_up_required" && who.staff() && !who.stale):
		return "may"
	case done && at.purge && !strings.ContainsAny(letters, "~") && strings.ContainsAny(letters, "wop") && !strings.Contains(letters, "m"):
		return "the case's data are erased"
	case done && at.purge && bytes.Contains(a.Body, []byte(demo.Neighbour.Last)), done && at.purge && bytes.Contains(a.Body, []byte(demo.Neighbour.Email)):
		return "the person's data are still there"
	case done && at.ended && strings.Contains(letters, "+"):
		return "the case has ended"
	}
	return ""
}

func admits(letters string, who principal, at condition) bool {
	switch {
	case who.sort == "":
		return false
	case strings.HasPrefix(letters, "m"):
		return who.staff()
	case strings.Contains(letters, "w") && at.own && who.owns:
		return true
	}
	return strings.ContainsAny(letters, who.sort)
}

// ownWork: who prepared an erasure does not approve it; nobody but an officer does; another officer may.
func (w *whoMay) ownWork(t *testing.T) {
	t.Helper()
	at := w.all[slices.IndexFunc(w.all, func(o operation) bool { return o.id == "approveCase" })]
	var plan api.Case
	w.first.must("GET", "/staff/cases/"+w.prepare, nil, &plan)
	body := map[string]any{"digest": plan.Plan.Digest, "confirmed": true}
	call := func(c *Caller) Reply { return c.Do("POST", "/staff/cases/"+w.prepare+"/approve", body) }
	about := condition{name: "an erasure to approve", own: true}
	for _, who := range w.people {
		if who.caller != w.roles["o"].Caller {
			w.tell(t, at, about, who, call(who.caller))
			continue
		}
		w.cells++
		if a := call(who.caller); a.Status != http.StatusForbidden || a.Code() != "four_eyes" {
			w.wrong++
			t.Errorf("the officer approved their own work: %v", a)
		}
	}
	w.first.Fresh()
	w.cells++
	if a := call(w.first.Caller); a.Status != http.StatusOK {
		w.wrong++
		t.Errorf("another officer may: %v", a)
	}
}

// officeOfOne: who works alone may do what officer and administrator may, and approves what they prepared if they say
// so twice.
func (w *whoMay) officeOfOne(t *testing.T) {
	t.Helper()
	var list struct{ Members []api.Member }
	w.first.must("GET", "/staff/members", nil, &list)
	for _, m := range list.Members {
		if m.Active && m.Id != w.first.ID {
			if _, err := w.p.Run("staff", "disable", m.Email); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.first.Fresh()
	alone := principal{name: "who works alone", sort: "od", caller: w.first.Caller}
	c := w.first.Case(w.alone)
	approve := func(confirmed bool) Reply {
		w.cells++
		return w.first.Do("POST", "/staff/cases/"+w.alone+"/approve", map[string]any{"digest": c.Plan.Digest, "confirmed": confirmed})
	}
	if a := approve(false); a.Code() != "second_confirmation" {
		w.wrong++
		t.Errorf("who works alone approves without saying so twice: %v", a)
	}
	if a := approve(true); a.Status != http.StatusOK {
		w.wrong++
		t.Errorf("who works alone confirms: %v", a)
	}
	for _, op := range w.all {
		if letters := allowed[op.id]; !strings.ContainsAny(letters, staffRoles) || letters == "-" || op.id == "staffSignOut" {
			continue
		}
		for _, at := range w.conditions(op) {
			w.cell(t, op, at, alone)
		}
	}
}

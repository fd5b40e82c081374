package main_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"mininfo/api"
	"mininfo/internal/demo"
)

// An answer in parts and the correction of it, as the office's browser and the person's call the API: what is ready goes first, the
// rest completes it, and what was wrong is told in a letter beside it. Who may not is refused, and wrong input says where it is.
func TestCLK07APartTheRestAndACorrection(t *testing.T) {
	onBoth(t, func(t *testing.T, s Setup) {
		p, first, second := office(t, s)
		const place, reason = "Arkivet fra 2019", "Permene leses for hånd."
		second.must(http.MethodPost, "/staff/sources", map[string]any{"name": place, "kind": "manual", "activity": "customers", "instructions": "Se under navnet."}, nil)
		person, other := newPerson(t, p, demo.Neighbour.Email), newPerson(t, p, demo.MostData.Email)
		person.Prove(api.RightAccess)
		other.Prove(api.RightAccess)
		filed := person.File(api.NewRequest{Right: api.RightAccess})
		at := "/staff/cases/" + filed.Id
		pack := "/requests/" + filed.Id + "/package"
		another := map[string]any{"digest": strings.Repeat("0", 64), "reason": reason}
		first.Await(filed.Id, "there is a place to look in", func(c api.Case) bool { return len(openTasks(c)) > 0 })
		if a := second.Do(http.MethodPost, at+"/correct-answer", map[string]any{"wrong": "a", "right": "b", "reason": "c"}); a.Status != http.StatusConflict {
			t.Errorf("an answer that is not sent was corrected: %v", a)
		}
		c := first.Settle(filed.Id, api.DecisionActionWithhold)

		// What the officer sees of it before, and what is not taken in.
		var early api.LetterView
		first.must(http.MethodGet, at+"/part", nil, &early)
		if whole := said(t, early); !strings.Contains(whole, place) {
			t.Errorf("the part does not say what is missing: %s", whole)
		}
		digest := c.Plan.Digest
		for name, wrong := range map[string]struct {
			body   any
			status int
			code   string
		}{
			"another plan":    {another, http.StatusConflict, "plan_not_approved"},
			"no reason":       {map[string]any{"digest": digest, "reason": " "}, http.StatusUnprocessableEntity, "part_reason"},
			"no digest":       {map[string]any{"reason": reason}, http.StatusUnprocessableEntity, "invalid_input"},
			"a foreign field": {map[string]any{"digest": digest, "reason": reason, "whole": true}, http.StatusUnprocessableEntity, "unknown_field"},
			"no JSON":         {[]byte(`{"digest":`), http.StatusBadRequest, "malformed"},
		} {
			if a := second.Do(http.MethodPost, at+"/part", wrong.body); a.Status != wrong.status || a.Code() != wrong.code {
				t.Errorf("%s: %v, want %d %s", name, a, wrong.status, wrong.code)
			}
		}
		part := map[string]any{"digest": digest, "reason": reason, "text": "Resten kommer så snart permene er lest.", "confirmed": true}
		for name, who := range map[string]*Caller{"the person": person.Caller, "nobody": newCaller(t, p)} {
			if a := who.Do(http.MethodPost, at+"/part", part); a.Status != http.StatusUnauthorized {
				t.Errorf("a part sent by %s: %v", name, a)
			}
		}
		refused(t, person.Do(http.MethodGet, pack+"?part=1", nil), http.StatusNotFound, "no_package")

		second.act(filed.Id, "part", part)
		refused(t, second.Do(http.MethodPost, at+"/part", part), http.StatusConflict, "part_sent")
		if c := first.Case(filed.Id); c.State != api.StateReview || c.Parts == nil || len(*c.Parts) != 1 || (*c.Parts)[0].Number != 1 || isTrue((*c.Parts)[0].Package.Fetched) {
			t.Errorf("after a part the case is %s with %+v", c.State, c.Parts)
		}
		mailed := p.Mail.Wait(t, person.Email, 0, "the part is told of", func(l Letter) bool { return strings.Contains(l.Subject, "En del av svaret ditt er klar") })
		if strings.Contains(mailed.Text, place) || strings.Contains(mailed.Text, "permene") {
			t.Errorf("the mail says what the case is about: %s", mailed.Text)
		}
		seen := person.See(filed.Id)
		if seen.Answer != nil || seen.Package != nil || seen.Parts == nil || len(*seen.Parts) != 1 || !strings.Contains(said(t, seen.Messages), reason) {
			t.Fatalf("the person sees %+v", seen)
		}
		fetch := func(query string) []byte {
			t.Helper()
			person.StepUp("/requests/"+filed.Id, "download")
			return person.must(http.MethodGet, pack+query, nil, nil).Body
		}
		refused(t, person.Do(http.MethodGet, pack+"?part=1", nil), http.StatusForbidden, "step_up_required")
		before := fetch("?part=1")
		if !strings.Contains(unzipped(t, before), demo.Neighbour.CustomerNo) {
			t.Error("the part does not hold what the company has")
		}
		for query, want := range map[string]int{"?part=2": http.StatusNotFound, "": http.StatusNotFound, "?part=0": http.StatusUnprocessableEntity, "?part=one": http.StatusUnprocessableEntity} {
			person.StepUp("/requests/"+filed.Id, "download")
			if a := person.Do(http.MethodGet, pack+query, nil); a.Status != want {
				t.Errorf("package%s: %v, want %d", query, a, want)
			}
		}
		if a := other.Do(http.MethodGet, pack+"?part=1", nil); a.Status != http.StatusNotFound {
			t.Errorf("somebody else at the part: %v", a)
		}

		// The rest: nothing is missing any more, so it is the answer that is sent.
		for _, task := range openTasks(first.Case(filed.Id)) {
			first.must(http.MethodPost, at+"/tasks/"+task, map[string]any{"outcome": "nothing"}, nil)
		}
		c = first.Await(filed.Id, "the plan is up to date", planned)
		refused(t, second.Do(http.MethodPost, at+"/part", map[string]any{"digest": c.Plan.Digest, "reason": reason}), http.StatusConflict, "part_whole")
		second.Approve(filed.Id)
		first.Await(filed.Id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
		first.act(filed.Id, "answer", map[string]any{})
		first.State(filed.Id, api.StateAnswered)
		if answer := said(t, *person.See(filed.Id).Answer.Letter); !strings.Contains(answer, "fullfører den delen du fikk før") {
			t.Errorf("the answer does not say what it completes: %s", answer)
		}
		if rest := fetch(""); !strings.Contains(unzipped(t, rest), demo.Neighbour.CustomerNo) {
			t.Error("the answer's copy does not hold what the part held")
		}
		if again := fetch("?part=1"); !bytes.Equal(again, before) {
			t.Error("the part is another after the answer")
		}
		correction(t, p, person, second, filed)
	})
}

// correction tells the person what was wrong in an answer that was sent, and opens a case that is answered anew.
func correction(t *testing.T, p *Portal, person *Person, o *Officer, filed api.RequestCreated) {
	at := "/staff/cases/" + filed.Id + "/correct-answer"
	body := map[string]any{"wrong": "Kundeklubben var ikke med.", "right": "Du er også i kundeklubben.", "reason": "Systemet var ikke koblet til.", "again": true}
	for field, code := range map[string]string{"wrong": "correction_wrong", "right": "correction_right", "reason": "reason_missing"} {
		bad := map[string]any{}
		for k, v := range body {
			bad[k] = v
		}
		bad[field] = "  "
		a := o.Do(http.MethodPost, at, bad)
		if a.Status != http.StatusUnprocessableEntity || a.Code() != code || !bytes.Contains(a.Body, []byte(`"/`+field+`"`)) {
			t.Errorf("without %s: %v", field, a)
		}
		delete(bad, field)
		if a := o.Do(http.MethodPost, at, bad); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s left out: %v", field, a)
		}
	}
	if a := person.Do(http.MethodPost, at, body); a.Status != http.StatusUnauthorized {
		t.Errorf("a correction by the person: %v", a)
	}
	before := person.See(filed.Id)
	once := keyed(chanceKey())
	o.must(http.MethodPost, at, body, nil, once)
	o.must(http.MethodPost, at, body, nil, once) // the browser asks again when it got no reply
	mailed := p.Mail.Wait(t, person.Email, 0, "the correction is told of", func(l Letter) bool {
		return strings.Contains(l.Subject, "rett") && strings.Contains(l.Subject, filed.Reference)
	})
	if strings.Contains(mailed.Text, "undeklubb") {
		t.Errorf("the mail says what was wrong: %s", mailed.Text)
	}
	after := person.See(filed.Id)
	if after.State != api.StateAnswered || said(t, *after.Answer.Letter) != said(t, *before.Answer.Letter) || len(after.Messages) != len(before.Messages)+1 {
		t.Fatalf("after the correction: %s, %d messages of %d", after.State, len(after.Messages), len(before.Messages))
	}
	letter := after.Messages[len(after.Messages)-1].Letter
	if letter == nil || !strings.Contains(said(t, *letter), "Du er også i kundeklubben.") || !strings.Contains(said(t, *letter), "Datatilsynet") {
		t.Errorf("the correction says %+v", letter)
	}
	var mine struct {
		Requests []api.RequestSummary `json:"requests"`
	}
	person.must(http.MethodGet, "/requests", nil, &mine)
	if len(mine.Requests) != 2 {
		t.Fatalf("%d cases, want the old and the new", len(mine.Requests))
	}
	for _, r := range mine.Requests {
		if r.Id != filed.Id {
			o.Await(r.Id, "the new case is searched", func(c api.Case) bool { return c.State == api.StateReview })
			if anew := person.See(r.Id); anew.DueOn != before.DueOn {
				t.Errorf("the new case is due %v, the first was %v", anew.DueOn, before.DueOn)
			}
		}
	}
}

// said is all that an answer of the API says, as text.
func said(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// openTasks gives the places of a case where nobody has looked yet.
func openTasks(c api.Case) []string {
	var open []string
	for _, t := range c.Tasks {
		if t.State == api.TaskStateOpen {
			open = append(open, t.Id)
		}
	}
	return open
}

// unzipped is the text of all files of a package.
func unzipped(t *testing.T, content []byte) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(&all, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

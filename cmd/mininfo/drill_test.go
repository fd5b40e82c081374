package main_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/api"
	"mininfo/internal/demo"
)

// The whole rehearsal, access and erasure, through the API as the office's pages use it: it is found in
// invented lists alone, the company's systems and its recipients notice nothing, nobody is mailed, no
// report counts it, and a real request is never searched for in its lists.
func TestDrillTouchesNothingReal(t *testing.T) {
	onBoth(t, func(t *testing.T, s Setup) {
		p, first, second := office(t, s)
		before, mails := p.Company.State(), len(p.Mail.All())
		var counted api.Report
		first.must("GET", "/staff/report", nil, &counted)

		access := startDrill(first, api.RightAccess)
		first.Settle(access, api.DecisionActionDisclose)
		first.Approve(access)
		first.Await(access, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
		first.act(access, "answer", map[string]any{})
		first.State(access, api.StateAnswered)

		erasure := startDrill(first, api.RightErasure)
		c := first.Settle(erasure, api.DecisionActionErase)
		if len(c.Groups) != 2 {
			t.Errorf("%d groups of findings in two lists", len(c.Groups))
		}
		for _, source := range c.Sources {
			if !strings.HasPrefix(source.Name, "Drill ") {
				t.Errorf("the rehearsal searched %q", source.Name)
			}
		}
		first.act(erasure, "plan", nil)
		first.Await(erasure, "the plan is up to date", planned)
		second.Approve(erasure)
		c = first.State(erasure, api.StateAnswered)
		if c.Answer == nil || c.Answer.Outcome == api.OutcomeNothingFound || c.Recipients != nil && len(*c.Recipients) > 0 {
			t.Errorf("answered %+v, told %v", c.Answer, c.Recipients)
		}
		if c.Drill == nil || !*c.Drill || !strings.HasPrefix(*c.Name, "DRILL ") {
			t.Errorf("it is not marked: %v %v", c.Drill, c.Name)
		}

		person := newPerson(t, p, demo.Household.Email)
		person.Prove(api.RightAccess)
		filed := person.File(api.NewRequest{Right: api.RightAccess})
		real := first.Await(filed.Id, "the sources are read", func(c api.Case) bool { return c.State == api.StateReview })
		for _, source := range real.Sources {
			if strings.HasPrefix(source.Name, "Drill ") {
				t.Errorf("a real request was searched for in %q", source.Name)
			}
		}
		if real.Drill != nil {
			t.Error("a real case is marked as a rehearsal")
		}

		gone, changed := difference(before, p.Company.State()).count()
		if gone+changed != 0 {
			t.Errorf("the company lost %d rows and had %d changed", gone, changed)
		}
		for _, l := range p.Mail.All()[mails:] {
			if strings.Contains(l.To, "ovelse.invalid") || strings.Contains(l.Text, c.Reference) {
				t.Errorf("a mail to %s: %s", l.To, l.Subject)
			}
		}
		var box struct{ Mails []api.DrillMail }
		first.must("GET", "/staff/cases/"+erasure+"/drill-mails", nil, &box)
		toPerson := 0
		for _, m := range box.Mails {
			if !strings.Contains(m.Subject+m.Text, c.Reference) {
				t.Errorf("a mail in the rehearsal's mailbox is about something else: %q", m.Subject)
			}
			if !m.ToOffice {
				toPerson++
			}
		}
		if toPerson == 0 || toPerson == len(box.Mails) {
			t.Errorf("%d mails in the mailbox, %d to the person", len(box.Mails), toPerson)
		}
		first.must("GET", "/staff/cases/"+filed.Id+"/drill-mails", nil, &box)
		if len(box.Mails) != 0 {
			t.Error("a real case has a rehearsal's mailbox")
		}
		var after api.Report
		first.must("GET", "/staff/report", nil, &after)
		if after.Received != counted.Received+1 || after.Answered != counted.Answered {
			t.Errorf("counted %+v, before %+v", after, counted)
		}
		var list struct{ Drills []api.Drill }
		first.must("GET", "/staff/drills", nil, &list)
		if len(list.Drills) != 2 {
			t.Fatalf("%+v", list.Drills)
		}
		for _, d := range list.Drills {
			if d.Open || !d.InTime || d.Days != 0 || d.Purged {
				t.Errorf("%+v", d)
			}
		}
		var sources struct{ Sources []api.Source }
		first.must("GET", "/staff/sources", nil, &sources)
		for _, source := range sources.Sources {
			if strings.HasPrefix(source.Name, "Drill ") {
				t.Errorf("%q stands among the office's systems", source.Name)
			}
		}
		if diff := cmp.Diff(422, first.Do("POST", "/staff/drills", map[string]any{"right": "rectification"}).Status); diff != "" {
			t.Error(diff)
		}
	})
}

// startDrill begins a rehearsal and says who asks.
func startDrill(o *Officer, right api.Right) string {
	var started struct{ Id string }
	o.must("POST", "/staff/drills", map[string]any{"right": right}, &started)
	o.act(started.Id, "identity", map[string]any{"method": "known_address", "note": "Skrev fra adressen vi har."})
	return started.Id
}

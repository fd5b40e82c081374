package dsr_test

import (
	"errors"
	"testing"

	"mininfo/internal/dsr"
)

// everyFacts calls f with every combination of facts that a guard can tell apart.
func everyFacts(f func(dsr.Facts)) {
	returns := []dsr.State{"", dsr.Received, dsr.AwaitingPerson, dsr.Review, dsr.Approved, dsr.Executing,
		dsr.NeedsHuman, dsr.Answered}
	for bits := range 1 << 9 {
		on := func(i int) bool { return bits>>i&1 == 1 }
		for _, right := range []dsr.Right{dsr.Access, dsr.Erasure} {
			for _, plan := range [][2]string{{"", ""}, {"p", "q"}, {"p", "p"}} {
				for _, people := range [][2]int64{{1, 0}, {0, 1}, {1, 1}, {1, 2}} {
					for _, from := range returns {
						f(dsr.Facts{Right: right, PlanDigest: plan[0], ApprovedDigest: plan[1],
							PreparedBy: people[0], ApprovedBy: people[1], ApproversInOffice: 1 + bits&1,
							Verified: on(1), SecondConfirmation: on(2), CoolingOver: on(3), Incomplete: on(4),
							OpenQuestion: on(5), PlanDone: on(6), PackageReady: on(7), Special: on(8), ReturnState: from})
					}
				}
			}
		}
	}
}

// mayExecute is the rule of two people said again, apart from the code.
func mayExecute(f dsr.Facts) bool {
	if !f.Verified || f.PlanDigest == "" || f.PlanDigest != f.ApprovedDigest || f.ApprovedBy == 0 {
		return false
	}
	if f.Right != dsr.Erasure && !f.Special {
		return true
	}
	twoPeople := f.PreparedBy != 0 && f.ApprovedBy != f.PreparedBy && !f.OwnWork
	return (f.CoolingOver || f.Right != dsr.Erasure) && (twoPeople || f.ApproversInOffice <= 1 && f.SecondConfirmation)
}

// TestEveryStep takes every step there is: each state, action, actor and combination of facts.
func TestEveryStep(t *testing.T) {
	t.Parallel()
	edges := map[dsr.State]map[dsr.State]bool{}
	everyFacts(func(f dsr.Facts) {
		for _, row := range dsr.States() {
			for _, a := range dsr.Actions() {
				for _, who := range []dsr.ActorKind{dsr.Person, dsr.Member, dsr.System} {
					to, err := dsr.Next(row.State, f, a, who)
					if err != nil {
						if to != row.State {
							t.Fatalf("%s %s: a refusal moved the case to %s", row.State, a, to)
						}
						continue
					}
					checkStep(t, row.State, f, a, who, to)
					if edges[row.State] == nil {
						edges[row.State] = map[dsr.State]bool{}
					}
					edges[row.State][to] = true
				}
			}
		}
	})
	checkGraph(t, edges)
}

func checkStep(t *testing.T, from dsr.State, f dsr.Facts, a dsr.Action, who dsr.ActorKind, to dsr.State) {
	t.Helper()
	fail := func(why string) { t.Fatalf("%s --%s by %s--> %s: %s; facts %+v", from, a, who, to, why, f) }
	switch {
	case to.Row().State == "":
		fail("leads to no state")
	case (to == dsr.Executing) && !mayExecute(f) && from != dsr.Executing:
		fail("execution without verified person, approved plan and two people")
	case to == dsr.Executing && from == dsr.Executing && !mayExecute(f):
		fail("execution goes on without its ground")
	case to == dsr.Approved && (!f.Verified || f.PlanDigest == "" || f.PlanDigest != f.ApprovedDigest):
		fail("approved without verified person or plan")
	case to == dsr.Collecting && !f.Verified:
		fail("touches data of an unverified person")
	case a == dsr.Approve && (who != dsr.Member || f.Incomplete || f.OpenQuestion):
		fail("approved too early or by a machine")
	case a == dsr.Answer && (!f.Verified || !f.PlanDone || f.Right == dsr.Access && !f.PackageReady):
		fail("answered before it was done")
	case a == dsr.NothingFound && (!f.Verified || f.Incomplete || who != dsr.Member):
		fail("said that nothing is held without having looked")
	case a == dsr.Refuse && who != dsr.Member && (who != dsr.System || from != dsr.AwaitingPerson):
		fail("refused by a machine")
	case a == dsr.Withdraw && (who != dsr.Person || from == dsr.Executing || from == dsr.NeedsHuman && f.ReturnState == dsr.Executing):
		fail("withdrawn by another or too late")
	case !dsr.Open(from) && to != dsr.Purged:
		fail("a closed case came to life")
	case who == dsr.Person && a != dsr.Withdraw && a != dsr.PersonReplied:
		fail("a person did the office's work")
	}
}

// checkGraph walks from received: every state can be reached, and every open state can end.
func checkGraph(t *testing.T, edges map[dsr.State]map[dsr.State]bool) {
	t.Helper()
	seen, queue := map[dsr.State]bool{dsr.Received: true}, []dsr.State{dsr.Received}
	for len(queue) > 0 {
		for to := range edges[queue[0]] {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
		queue = queue[1:]
	}
	for _, row := range dsr.States() {
		if !seen[row.State] {
			t.Errorf("no path leads to %s", row.State)
		}
		if row.State != dsr.Purged && len(edges[row.State]) == 0 {
			t.Errorf("%s is a dead end", row.State)
		}
	}
	if len(edges[dsr.Purged]) != 0 {
		t.Errorf("a purged case moved to %v", edges[dsr.Purged])
	}
	want := map[dsr.State]bool{dsr.Approved: true, dsr.NeedsHuman: true, dsr.Executing: true}
	for from, tos := range edges {
		if tos[dsr.Executing] && !want[from] {
			t.Errorf("execution begins from %s", from)
		}
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	t.Parallel()
	good := dsr.Facts{Verified: true, Right: dsr.Erasure, PlanDigest: "p", ApprovedDigest: "p", PreparedBy: 1,
		ApprovedBy: 2, ApproversInOffice: 2, CoolingOver: true, PlanDone: true, ReturnState: dsr.Review}
	for name, c := range map[string]struct {
		from   dsr.State
		action dsr.Action
		who    dsr.ActorKind
		change func(*dsr.Facts)
		want   error
	}{
		"wrong state":      {dsr.Received, dsr.Execute, dsr.System, func(*dsr.Facts) {}, dsr.ErrTransition},
		"wrong actor":      {dsr.Review, dsr.Approve, dsr.Person, func(*dsr.Facts) {}, dsr.ErrActor},
		"unverified":       {dsr.Received, dsr.Collect, dsr.System, func(f *dsr.Facts) { f.Verified = false }, dsr.ErrNotVerified},
		"changed plan":     {dsr.Approved, dsr.Execute, dsr.System, func(f *dsr.Facts) { f.PlanDigest = "q" }, dsr.ErrPlanNotApproved},
		"own decision":     {dsr.Review, dsr.Approve, dsr.Member, func(f *dsr.Facts) { f.OwnWork = true }, dsr.ErrFourEyes},
		"own plan":         {dsr.Review, dsr.Approve, dsr.Member, func(f *dsr.Facts) { f.PreparedBy = 2 }, dsr.ErrFourEyes},
		"own special copy": {dsr.Review, dsr.Approve, dsr.Member, func(f *dsr.Facts) { f.Right, f.Special, f.OwnWork = dsr.Access, true, true }, dsr.ErrFourEyes},
		"alone":            {dsr.Review, dsr.Approve, dsr.Member, func(f *dsr.Facts) { f.PreparedBy, f.ApproversInOffice = 2, 1 }, dsr.ErrSecondConfirmation},
		"cooling off":      {dsr.Approved, dsr.Execute, dsr.System, func(f *dsr.Facts) { f.CoolingOver = false }, dsr.ErrCoolingOff},
		"unread source":    {dsr.Review, dsr.Approve, dsr.Member, func(f *dsr.Facts) { f.Incomplete = true }, dsr.ErrIncomplete},
		"open question":    {dsr.Review, dsr.Approve, dsr.Member, func(f *dsr.Facts) { f.OpenQuestion = true }, dsr.ErrOpenQuestion},
		"not done":         {dsr.Executing, dsr.Answer, dsr.System, func(f *dsr.Facts) { f.PlanDone = false }, dsr.ErrPlanNotDone},
		"no package":       {dsr.Executing, dsr.Answer, dsr.System, func(f *dsr.Facts) { f.Right = dsr.Access }, dsr.ErrPackageNotReady},
		"return to closed": {dsr.NeedsHuman, dsr.Resume, dsr.Member, func(f *dsr.Facts) { f.ReturnState = dsr.Answered }, dsr.ErrTransition},
	} {
		f := good
		c.change(&f)
		if _, err := dsr.Next(c.from, f, c.action, c.who); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, step := range []struct {
		from   dsr.State
		action dsr.Action
		who    dsr.ActorKind
		to     dsr.State
	}{
		{dsr.Review, dsr.Approve, dsr.Member, dsr.Approved}, {dsr.Approved, dsr.Execute, dsr.System, dsr.Executing},
		{dsr.Executing, dsr.Answer, dsr.System, dsr.Answered}, {dsr.AwaitingPerson, dsr.PersonReplied, dsr.Person, dsr.Review},
		{dsr.Executing, dsr.Drifted, dsr.System, dsr.Review}, {dsr.Answered, dsr.Purge, dsr.System, dsr.Purged},
	} {
		if to, err := dsr.Next(step.from, good, step.action, step.who); err != nil || to != step.to {
			t.Errorf("%s %s = %s, %v, want %s", step.from, step.action, to, err, step.to)
		}
	}
}

func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	for _, s := range dsr.States() {
		if !s.Person.Complete() || !s.Staff.Complete() {
			t.Errorf("state %s: %+v", s.State, s)
		}
	}
	for _, r := range dsr.Rights() {
		if !r.Name.Complete() || !r.Ask.Complete() || r.Article == "" || r.Right.Name() != r.Name {
			t.Errorf("right %s: %+v", r.Right, r)
		}
	}
	for _, o := range dsr.Outcomes() {
		if !o.Text().Complete() {
			t.Errorf("outcome %s", o)
		}
	}
	for _, c := range dsr.Channels() {
		if got, err := dsr.ParseChannel(string(c)); err != nil || got != c || !c.Text().Complete() {
			t.Errorf("channel %s: %v", c, err)
		}
	}
	if _, err := dsr.ParseChannel("fax"); !errors.Is(err, dsr.ErrChannel) {
		t.Errorf("fax: %v", err)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	for _, r := range dsr.Rights() {
		if got, err := dsr.ParseRight(string(r.Right)); err != nil || got != r.Right {
			t.Errorf("ParseRight(%q) = %q, %v", r.Right, got, err)
		}
	}
	for _, bad := range []string{"", "Access", "delete"} {
		if _, err := dsr.ParseRight(bad); !errors.Is(err, dsr.ErrRight) {
			t.Errorf("ParseRight(%q): %v", bad, err)
		}
	}
}

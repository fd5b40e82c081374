package casework_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/audit"
	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// TestWhoSeesACase: the address that filed it, proved, and no longer than 90 days after its end.
func TestWhoSeesACase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		n := registration()
		unproved, err := d.Register(t.Context(), d.officer, n) // the same address, nobody proved it
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			address []byte
			id      string
		}{
			"another address": {d.index("ola@example.org"), r.PublicID}, "no address": {nil, r.PublicID}, "empty address": {[]byte{}, r.PublicID},
			"unproved": {d.index(kari), unproved[0].PublicID}, "no such case": {d.index(kari), strings.Repeat("0", 32)}, "no id": {d.index(kari), ""},
		} {
			_, own := d.Own(t.Context(), c.address, c.id, locale.NB)
			_, write := d.Write(t.Context(), c.address, c.id, "hei", nil, "")
			_, receipt := d.Receipt(t.Context(), c.address, c.id)
			withdraw := d.Withdraw(t.Context(), c.address, c.id, func(*store.Tx) error { return nil })
			for _, err := range []error{own, write, receipt, withdraw} {
				if !errors.Is(err, store.ErrNoRequest) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		mine := func() int {
			views, err := d.Mine(t.Context(), d.index(kari), locale.NB)
			if err != nil {
				t.Fatal(err)
			}
			return len(views)
		}
		if mine() != 1 {
			t.Errorf("%d cases, want 1", mine())
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "x"); err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Advance(90 * 24 * time.Hour)
		if _, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB); err != nil {
			t.Errorf("on the last day: %v", err)
		}
		d.b.Clock.Advance(time.Microsecond)
		if _, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB); !errors.Is(err, store.ErrNoRequest) || mine() != 0 {
			t.Errorf("after 90 days: %v, %d cases", err, mine())
		}
		if _, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false); err != nil {
			t.Errorf("the office: %v", err)
		}
	})
}

// The person changes the language of the page, and the case is told in that one.
func TestOwnCaseIsToldInTheLanguageOfThePage(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		for l, want := range map[locale.Locale]string{locale.NB: "Innsyn", locale.EN: "Access"} {
			v, err := d.Own(t.Context(), d.index(kari), r.PublicID, l)
			if err != nil {
				t.Fatal(err)
			}
			mine, err := d.Mine(t.Context(), d.index(kari), l)
			state := r.P.State.Row().Person.In(l)
			if err != nil || v.Asked[0] != want || v.StateText != state || len(mine) != 1 || mine[0].StateText != state {
				t.Errorf("%s: %v, state %q, mine %+v, %v", l, v.Asked, v.StateText, mine, err)
			}
		}
	})
}

func TestCaseAsTheOfficeSeesIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		n := registration()
		n.Rights, n.Method = []string{"access", "rectification"}, "in_person"
		cases, err := d.Register(t.Context(), d.officer, n)
		if err != nil {
			t.Fatal(err)
		}
		v, err := d.Case(t.Context(), d.officer, cases[0].PublicID, locale.EN, true)
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Linked) != 1 || v.Linked[0].Right != dsr.Rectification || v.Identity != "Appeared in person, 1 June 2026" || v.Request.Name.Reveal() != n.Name {
			t.Errorf("%+v", v)
		}
		if v.StateText != "Received" || v.NextText == "" || len(v.DueReasons) == 0 || v.Asked[len(v.Asked)-1] != n.Text {
			t.Errorf("state %q, next %q, reasons %v, asked %v", v.StateText, v.NextText, v.DueReasons, v.Asked)
		}
		for _, line := range v.Timeline {
			if len(line.Leaf) != 32 || line.Who != "Ingrid" {
				t.Errorf("line %+v", line)
			}
		}
		if n := d.b.Count(t, "SELECT count(*) FROM audit_leaf WHERE request_id = $1", cases[0].ID); n != 3 {
			t.Errorf("%d leaves, want received, verified and read", n)
		}
		if _, err := d.Case(t.Context(), casework.By{ID: 99}, cases[0].PublicID, locale.NB, false); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a member without a role: %v", err)
		}
	})
}

// TestWhatAMemberMayDo: what is offered is what is allowed.
func TestWhatAMemberMayDo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		allowed := func(by casework.By) map[string]bool {
			v, err := d.Case(t.Context(), by, r.PublicID, locale.NN, false)
			if err != nil {
				t.Fatal(err)
			}
			may := map[string]bool{}
			for _, m := range v.May {
				if may[m.Act] = m.Allowed; !m.Allowed && m.WhyNot == "" {
					t.Errorf("%s is not allowed and nobody says why", m.Act)
				}
			}
			return may
		}
		officer, handler := allowed(d.officer), allowed(d.handler)
		for act, want := range map[string][2]bool{
			"message": {true, true}, "reply": {true, true}, "assign": {true, false}, "identifiers": {true, true}, "receipt_date": {true, false},
			"pause": {true, true}, "extend": {true, false}, "refuse": {true, false}, "withdraw": {true, true}, "identity": {false, false}, "resume": {false, false},
		} {
			if officer[act] != want[0] || handler[act] != want[1] {
				t.Errorf("%s: officer %v, handler %v, want %v", act, officer[act], handler[act], want)
			}
		}
		d.b.Clock.Advance(40 * 24 * time.Hour)
		if allowed(d.officer)["extend"] {
			t.Error("an extension is offered after the first limit")
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "x"); err != nil {
			t.Fatal(err)
		}
		for act, ok := range allowed(d.officer) {
			if ok != (act == "message" || act == "correct_answer") {
				t.Errorf("%s after the answer: %v", act, ok)
			}
		}
	})
}

func TestInboxRows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		row := func() casework.Summary {
			page, err := d.Inbox(t.Context(), d.officer, store.Filter{View: store.ViewAll, Limit: 5}, locale.NB)
			if err != nil || len(page.Cases) != 1 {
				t.Fatalf("%d rows, %v", len(page.Cases), err)
			}
			return page.Cases[0]
		}
		for _, c := range []struct {
			day   string
			left  int
			badge casework.Badge
		}{{"2026-06-01", 30, casework.BadgeOK}, {"2026-06-23", 8, casework.BadgeOK}, {"2026-06-24", 7, casework.BadgeSoon}, {"2026-07-01", 0, casework.BadgeSoon}, {"2026-07-02", -1, casework.BadgeLate}} {
			at, err := time.Parse(time.DateOnly, c.day)
			if err != nil {
				t.Fatal(err)
			}
			d.b.Clock.Set(at.Add(9 * time.Hour))
			if got := row(); got.DaysLeft != c.left || got.Badge != c.badge || got.Who != "Kari N." || got.Next != "Søket starter av seg selv" {
				t.Errorf("%s: %+v", c.day, got)
			}
		}
		d.b.Clock.Set(time.Date(2026, 6, 2, 8, 0, 0, 0, time.UTC))
		if err := d.Question(t.Context(), d.officer, r.PublicID, "identity", "Hvem?", "Tvil", false); err != nil {
			t.Fatal(err)
		}
		if got := row(); got.Badge != casework.BadgePaused || got.DaysLeft != 29 {
			t.Errorf("paused: %+v", got)
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "identity_not_confirmed", "x"); err != nil {
			t.Fatal(err)
		}
		if got := row(); got.Badge != casework.BadgeDone || got.Step != "Avslått" {
			t.Errorf("done: %+v", got)
		}
	})
}

func TestNamesAreMasked(t *testing.T) {
	t.Parallel()
	for in, want := range map[[2]string]string{
		{"Kari Anne Nordmann", "k@example.org"}: "Kari A. N.", {"Øystein Ås", ""}: "Øystein Å.", {"", "øystein@example.org"}: "ø…@example.org", {"", ""}: "", {"Kari", ""}: "Kari",
	} {
		r := &store.Request{Name: keyring.NewPrivate(in[0]), Address: keyring.NewPrivate(in[1])}
		if got := casework.Summarise(r, dsr.NewDate(2026, 6, 1), locale.NB, "").Who; got != want {
			t.Errorf("%v: %q, want %q", in, got, want)
		}
	}
}

// TestInboxOfAHandler shows what is free or one's own.
func TestInboxOfAHandler(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		free, own, other := d.file(t, dsr.Access), d.file(t, dsr.Access), d.file(t, dsr.Access)
		if err := errors.Join(d.Assign(t.Context(), d.officer, own.PublicID, d.handler.ID), d.Assign(t.Context(), d.officer, other.PublicID, d.second.ID)); err != nil {
			t.Fatal(err)
		}
		page, err := d.Inbox(t.Context(), d.handler, store.Filter{View: store.ViewOpen, Limit: 10}, locale.NB)
		if err != nil || len(page.Cases) != 2 || page.Cases[0].Request.PublicID != free.PublicID || page.Cases[1].Assigned != "Siri" {
			t.Errorf("%d rows, %v", len(page.Cases), err)
		}
		if _, err := d.Inbox(t.Context(), casework.By{}, store.Filter{Limit: 1}, locale.NB); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		proof, err := d.Receipt(t.Context(), d.index(kari), r.PublicID) // before the sequencer has run
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := audit.ParseReceipt(proof)
		if err != nil {
			t.Fatal(err)
		}
		if leaf, _, err := receipt.Verify(d.b.VerifierKey(t)); err != nil || leaf.Request != r.PublicID || leaf.Action != "received" {
			t.Errorf("%+v, %v", leaf, err)
		}
	})
}

func TestReport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		day := 24 * time.Hour
		answer := func(right dsr.Right, after time.Duration, extend bool) {
			d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
			r := d.file(t, right)
			if extend {
				if err := d.Extend(t.Context(), d.officer, r.PublicID, 1, []string{"volume"}, "x"); err != nil {
					t.Fatal(err)
				}
			}
			if after > 0 {
				d.b.Clock.Advance(after)
				if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "x"); err != nil {
					t.Fatal(err)
				}
			}
		}
		answer(dsr.Access, 10*day, false)
		answer(dsr.Access, 20*day, false)
		answer(dsr.Access, 31*day, false) // 2 July: a day late
		answer(dsr.Erasure, 45*day, true) // a refusal has the first month, whatever the extension did
		answer(dsr.Erasure, 0, false)
		d.b.Clock.Set(time.Date(2026, 8, 1, 8, 0, 0, 0, time.UTC))
		got, err := d.Report(t.Context(), d.audit, dsr.Date{}, dsr.Date{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Received != 5 || got.Answered != 4 || got.InTime != 2 || got.Late != 2 || got.Open != 1 || got.Extended != 1 || got.Statistics != nil {
			t.Errorf("%+v", got)
		}
		if got.ByRight["access"] != 3 || got.ByRight["erasure"] != 2 || got.ByOutcome["refused"] != 4 || got.ByGround["not_identifiable"] != 4 || got.ByChannel["web"] != 5 || got.From.String() != "2025-08-02" {
			t.Errorf("%+v", got)
		}
		if diff := cmp.Diff(map[string]map[string]int{"access": {"refused": 3}, "erasure": {"refused": 1}}, got.Outcomes); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]casework.Month{{Key: "2026-06", Received: 5, InTime: 2, OverTime: 2}}, got.Months); diff != "" {
			t.Error(diff)
		}
		// Due 1 July; a few answers are listed, since a median of them says nothing.
		if diff := cmp.Diff([]casework.DueWeek{{Key: casework.DueOverdue, Count: 1}}, got.Due); diff != "" {
			t.Error(diff)
		}
		var days []int
		for _, a := range got.Answers {
			days = append(days, a.Days)
			if (a.Timing == dsr.InTime) != (a.Days < 31) || a.Reference == "" {
				t.Errorf("%+v", a)
			}
		}
		if diff := cmp.Diff([]int{10, 20, 31, 45}, days); diff != "" {
			t.Error(diff)
		}
		empty, err := d.Report(t.Context(), d.audit, dsr.NewDate(2026, 6, 2), dsr.NewDate(2026, 6, 30))
		if err != nil || empty.Received != 0 {
			t.Errorf("%+v, %v", empty, err)
		}
		if _, err := d.Report(t.Context(), d.audit, dsr.NewDate(2026, 6, 2), dsr.NewDate(2026, 6, 1)); !errors.Is(err, casework.ErrPeriod) {
			t.Errorf("backwards: %v", err)
		}
		if _, err := d.Report(t.Context(), d.handler, dsr.Date{}, dsr.Date{}); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a handler: %v", err)
		}
	})
}

// TestParsedMailFindsItsCase: by the reference in its subject.
func TestParsedMailFindsItsCase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		p, err := d.ParseMail(t.Context(), d.handler, "Fra: "+kari+"\nSendt: 1. juni 2027\nEmne: SV: sak "+strings.ToLower(string(r.Reference))+"\n\nDet er meg. Slett alt.", locale.EN)
		if err != nil || p.CaseID != r.PublicID || p.Reference != r.Reference || p.FromEmail != kari || p.Rights[0] != dsr.Erasure {
			t.Errorf("%+v, %v", p, err)
		}
		if p.Received != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "future") {
			t.Errorf("received %v, warnings %v", p.Received, p.Warnings)
		}
		if _, err := d.ParseMail(t.Context(), d.handler, " \n ", locale.NB); !errors.Is(err, casework.ErrMailUnreadable) {
			t.Errorf("nothing: %v", err)
		}
		if _, err := d.ParseMail(t.Context(), d.audit, "hei", locale.NB); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("an auditor: %v", err)
		}
	})
}

package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// desk is where people's requests come in, in the same office.
func (o *office) desk() *casework.Desk {
	return &casework.Desk{Store: o.b.Store, Sender: o.b.Letters, PublicURL: portaltest.PublicURL, Now: o.b.Clock.Now, Rand: rand.Reader,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func (o *office) asker() casework.By {
	return casework.By{ID: o.first.ID, Name: o.first.Name, Roles: o.first.Roles}
}

// ask files what a person asks on the web, and gives the cases that it became, the first first.
func (o *office) ask(right dsr.Right, change func(*casework.Filing)) []*store.Request {
	o.t.Helper()
	f := casework.Filing{Address: keyring.NewPrivate(demo.MostData.Email), ProvedAt: o.b.Clock.Now(), Proof: strings.Repeat("a", 32), Right: string(right), Locale: locale.NB}
	if change != nil {
		change(&f)
	}
	first, err := o.desk().File(o.t.Context(), f)
	o.must(err)
	cases := []*store.Request{first}
	o.tx(func(tx *store.Tx) error {
		linked, err := tx.LinkedTo(first)
		cases = append(cases, linked...)
		return err
	})
	return cases
}

// relieve marks everything that is owed as done.
func (o *office) relieve(id string) {
	o.t.Helper()
	for _, duty := range o.request(id).P.Duties {
		o.must(o.desk().Relieve(o.t.Context(), o.asker(), id, duty, true, "Gjort i systemet"))
	}
}

func (o *office) suppressed(activity, id string) bool {
	o.t.Helper()
	on, address := false, o.request(id).AddressIndex
	o.tx(func(tx *store.Tx) error {
		since, err := tx.SuppressedAt([][]byte{address})
		on = !since[string(address)][activity].IsZero()
		return err
	})
	return on
}

// actions gives what is proposed for the groups of an activity.
func (o *office) actions(id, activity string) map[string]bool {
	o.t.Helper()
	found := map[string]bool{}
	for _, g := range o.view(id).Groups {
		if g.Activity == activity && !g.Candidate {
			found[g.Proposal.Action] = true
		}
	}
	return found
}

func TestOBJ02CLK08ObjectionToMarketingStopsItAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Marketing = true })[0].PublicID
		if !o.suppressed("newsletter", id) || o.suppressed("customers", id) {
			t.Fatal("the objection did not take effect when it was filed, for marketing alone")
		}
		r := o.request(id)
		if !slices.Equal(r.P.Duties, []dsr.Duty{dsr.StopMarketing}) || !r.P.Urgent() {
			t.Fatalf("the office owes %v", r.P.Duties)
		}
		o.work()
		for _, g := range o.view(id).Groups {
			if g.Activity != "newsletter" || !g.Candidate && g.Proposal.Action != "erase" {
				t.Errorf("%s: %s is proposed", g.Activity, g.Proposal.Action)
			}
		}
		o.settle(id, "erase")
		o.must(o.works.Plan(t.Context(), o.first, id))
		o.is(o.works.Approve(t.Context(), o.second, id, o.view(id).Plan.Digest, false), fulfilment.ErrDutyFirst)
		o.relieve(id)
		o.is(o.desk().Relieve(t.Context(), o.asker(), id, dsr.StopMarketing, true, ""), dsr.ErrNoDuty)
		before := o.dump()
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		gone, _ := difference(before, o.dump())
		if gone["webshop.newsletter_subscribers"] != 1 || total(gone) != 2 {
			t.Errorf("gone %v", gone)
		}
		a := o.answer(id)
		if a.Outcome != dsr.Granted || !strings.Contains(strings.Join(a.Paragraphs, " "), "stanset den direkte markedsføringen") {
			t.Errorf("answer %+v", a)
		}
	})
}

// Where there is no marketing to erase, one person answers: there is nothing that a second one would guard.
func TestOBJ02NothingToEraseNeedsNoSecondApprover(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		db := o.sql("webshop")
		_, err := db.Exec("DELETE FROM newsletter_subscribers WHERE lower(email) = lower(?)", demo.Household.Email)
		o.must(err)
		db.Close()
		id := o.ask(dsr.Objection, func(f *casework.Filing) {
			f.Address, f.Marketing = keyring.NewPrivate(demo.Household.Email), true
		})[0].PublicID
		o.work()
		o.settle(id, "keep")
		o.relieve(id)
		o.must(o.works.Plan(t.Context(), o.first, id))
		before, p := o.dump(), o.view(id).Plan
		if p.Removes {
			t.Error("a second approver is asked for")
		}
		var done atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if o.works.Approve(t.Context(), o.first, id, p.Digest, false) == nil {
					done.Add(1)
				}
			})
		}
		wg.Wait()
		o.work()
		o.state(id, dsr.Answered)
		if gone, changed := difference(before, o.dump()); done.Load() != 1 || total(gone)+total(changed) > 0 {
			t.Errorf("approved %d times, gone %v, changed %v", done.Load(), gone, changed)
		}
		if a := o.answer(id); a.Backups != "" {
			t.Errorf("nothing was erased, and the answer says %q", a.Backups)
		}
		// What erases is still for two.
		other := o.ask(dsr.Objection, func(f *casework.Filing) { f.Marketing = true })[0].PublicID
		o.work()
		o.settle(other, "erase")
		o.relieve(other)
		o.must(o.works.Plan(t.Context(), o.first, other))
		o.is(o.works.Approve(t.Context(), o.first, other, o.view(other).Plan.Digest, true), dsr.ErrFourEyes)
	})
}

// Who is refused an erasure reads nothing of backups of what was erased, since nothing was.
func TestRefusedErasureSaysNothingOfBackups(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{Activities: []string{"newsletter"}})
		o.work()
		o.settle(id, "keep")
		var kept []fulfilment.GroupDecision
		for _, g := range o.view(id).Groups {
			if !g.Candidate && g.Proposal.Action != "keep" {
				kept = append(kept, fulfilment.GroupDecision{Group: g.ID, Action: "keep", Ground: "still_necessary", Reason: "Trengs i en tvist"})
			}
		}
		o.must(o.works.Decide(t.Context(), o.first, id, kept))
		o.work()
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		if a := o.answer(id); a.Outcome != dsr.Refused || a.Backups != "" {
			t.Errorf("%s: %q, %+v", a.Outcome, a.Backups, a.Groups)
		}
	})
}

// A plan that refuses everything is a refusal: carried out after the month, it is written down as late, however
// long the time limit was extended.
func TestREF01RefusalByPlanAfterTheMonthIsLate(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		refused := func(after int) *store.Request {
			id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Activities = []string{"invoices"} })[0].PublicID
			o.must(o.desk().Extend(t.Context(), o.asker(), id, 2, []string{"volume"}, "Tolv systemer"))
			b.Clock.Advance(time.Duration(after) * 24 * time.Hour)
			o.work()
			o.settle(id, "keep")
			o.approve(id)
			o.work()
			o.state(id, dsr.Answered)
			return o.request(id)
		}
		for after, want := range map[int]bool{5: false, 40: true} {
			r := refused(after)
			noted := slices.ContainsFunc(r.Events, func(e store.Event) bool { return e.Kind == dsr.EventNoted && e.Data.Code == dsr.NoteLateRefusal })
			if r.P.Outcome != dsr.Refused || noted != want || (r.P.Timing() == dsr.TooLate) != want {
				t.Errorf("after %d days: %s, noted %v, %s", after, r.P.Outcome, noted, r.P.Timing())
			}
		}
	})
}

func TestOBJ01ObjectionIsWeighedBeforeItIsDecided(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"compelling": "keep", "not_compelling": "erase"} {
		portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
			o := newOffice(t, b)
			id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Activities, f.Text = []string{"customers"}, "Jeg vil ikke stå der" })[0].PublicID
			if o.suppressed("customers", id) {
				t.Error("what is to be weighed is suppressed already")
			}
			o.work()
			if got := o.actions(id, "customers"); !got["restrict"] || got["anonymise"] || got["erase"] {
				t.Fatalf("before the weighing: %v", got)
			}
			if weigh := o.view(id).Weigh; len(weigh) != 1 || weigh[0].ID != "customers" {
				t.Fatalf("to be weighed: %v", weigh)
			}
			o.relieve(id)
			o.settle(id, "restrict")
			o.must(o.works.Plan(t.Context(), o.first, id))
			o.is(o.works.Approve(t.Context(), o.second, id, o.view(id).Plan.Digest, false), fulfilment.ErrWeighFirst)
			weighing := fulfilment.Lesson{Activity: "customers", Kind: fulfilment.FactWeighing, Value: value}
			o.is(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{weighing}), fulfilment.ErrWeighingReason)
			weighing.Reason = "Hensynet til den andre teller slik."
			o.must(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{weighing}))
			o.work()
			if got := o.actions(id, "customers"); !got[want] || got["restrict"] {
				t.Fatalf("after the weighing: %v", got)
			}
			o.settle(id, "keep")
			o.approve(id)
			o.work()
			o.state(id, dsr.Answered)
			a := o.answer(id)
			if (a.Outcome == dsr.Refused) != (want == "keep") || !strings.Contains(strings.Join(a.Paragraphs, " "), weighing.Reason) {
				t.Errorf("answer %+v", a)
			}
			if o.b.Dump(t, "fact", "event", "job", "audit_leaf") == "" || strings.Contains(o.b.Dump(t, "fact", "event", "job", "audit_leaf"), "Hensynet") {
				t.Error("the weighing lies in the clear")
			}
		})
	}
}

func TestOBJ03ObjectionElsewhereIsExplained(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Activities = []string{"invoices"} })[0].PublicID
	if len(o.request(id).P.Duties) != 0 {
		t.Errorf("the office owes %v", o.request(id).P.Duties)
	}
	o.work()
	o.settle(id, "keep")
	o.approve(id)
	o.work()
	o.state(id, dsr.Answered)
	a := o.answer(id)
	if a.Outcome != dsr.Refused || len(a.Groups) == 0 || !strings.Contains(a.Groups[0].Text, "be om sletting i stedet") || a.Groups[0].Law == "" {
		t.Errorf("answer %+v", a)
	}
}

func TestWDR01ConsentIsWithdrawnAtOnceAndForGood(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Withdrawal, nil)[0].PublicID
		if !o.suppressed("newsletter", id) || !o.suppressed("cookies", id) || o.suppressed("customers", id) {
			t.Fatal("the withdrawal did not take effect when it was filed, for what rests on consent")
		}
		o.work()
		for _, g := range o.view(id).Groups {
			if g.Activity != "newsletter" || g.Candidate {
				continue
			}
			if g.Proposal.Ground != "17(1)(b)" {
				t.Errorf("%s: ground %s", g.Collection, g.Proposal.Ground)
			}
			for _, option := range g.Options {
				if option.Action == "keep" {
					t.Errorf("%s may be kept on another basis", g.Collection)
				}
			}
			o.is(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: g.ID, Action: "keep", Reason: "Vi har en berettiget interesse"}}), fulfilment.ErrNoSuchAction)
		}
		o.relieve(id)
		o.settle(id, "erase")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		if a := o.answer(id); counted(a, "deleted") == 0 || !strings.Contains(strings.Join(a.Paragraphs, " "), "ikke opplysningene på et annet grunnlag") {
			t.Errorf("answer %+v", a)
		}
	})
}

func TestRES01RestrictionIsAskedForAndTold(t *testing.T) {
	t.Parallel()
	for ground, article := range map[string]string{"accuracy": "18(1)(a)", "unlawful": "18(1)(b)", "claims": "18(1)(c)", "objection": "18(1)(d)"} {
		portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
			o := newOffice(t, b)
			id := o.ask(dsr.Restriction, func(f *casework.Filing) { f.Ground, f.Activities = ground, []string{"newsletter"} })[0].PublicID
			o.work()
			for _, g := range o.view(id).Groups {
				if !g.Candidate && (g.Proposal.Action != "restrict" || g.Proposal.Ground != article) {
					t.Errorf("%s: %s by %s", g.Collection, g.Proposal.Action, g.Proposal.Ground)
				}
			}
			o.relieve(id)
			o.settle(id, "restrict")
			before := o.dump()
			o.approve(id)
			o.work()
			o.state(id, dsr.Answered)
			if gone, _ := difference(before, o.dump()); total(gone) != 0 {
				t.Errorf("gone %v", gone)
			}
			if a := o.answer(id); a.Outcome != dsr.Granted || counted(a, "restricted") == 0 {
				t.Errorf("answer %+v", a)
			}
		})
	}
}

func TestPOR01POR02POR03PortableCopyIsAskedForAndDelivered(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before := o.dump()
		id := o.ask(dsr.Portability, func(f *casework.Filing) { f.Recipient = "Nordlys Strøm AS, flytt@nordlys.example" })[0].PublicID
		o.work()
		open := 0
		for _, g := range o.view(id).Groups {
			if g.Activity == "web_logs" && g.Proposal.Action == "disclose" {
				t.Error("what rests on an interest is portable")
			}
			if g.Proposal.Action == "disclose" {
				open++
			}
		}
		if open == 0 {
			t.Fatal("nothing is portable")
		}
		o.settle(id, "withhold")
		o.approve(id)
		o.work()
		o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}), fulfilment.ErrTransferFirst)
		if err := o.desk().Relieve(t.Context(), o.asker(), id, dsr.Transfer, true, " "); !errors.Is(err, casework.ErrReason) {
			t.Errorf("a transfer without a word on how: %v", err)
		}
		o.must(o.desk().Relieve(t.Context(), o.asker(), id, dsr.Transfer, true, "Lagt inn i deres mottak"))
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		o.state(id, dsr.Answered)
		if !strings.Contains(strings.Join(o.answer(id).Paragraphs, " "), "Lagt inn i deres mottak") {
			t.Errorf("the transfer is not told: %v", o.answer(id).Paragraphs)
		}
		content := o.download(id)
		_, err := export.Verify(bytes.NewReader(content), int64(len(content)))
		o.must(err)
		z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		o.must(err)
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
		}
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".json") }) ||
			!slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".csv") }) ||
			slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".html") }) {
			t.Errorf("the copy has %v", names)
		}
		if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
			t.Errorf("a portable copy changed the company: %v %v", gone, changed)
		}
	})
}

func TestADM01AutomatedDecisionIsReviewedByAPerson(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.HumanReview, func(f *casework.Filing) { f.Text = "Jeg fikk avslag på kreditt uten grunn." })[0].PublicID
		o.work()
		o.state(id, dsr.Received) // nothing is searched for
		o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Text: "Se her"}), fulfilment.ErrReviewOutcome)
		o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Reviewed: dsr.Granted}), fulfilment.ErrReviewOutcome)
		var wg sync.WaitGroup
		var mu sync.Mutex
		sent := 0
		for range 16 {
			wg.Go(func() {
				if o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Reviewed: dsr.Granted, Text: "Inntekten var lest feil."}) == nil {
					mu.Lock()
					sent++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		o.state(id, dsr.Answered)
		if a := o.answer(id); sent != 1 || a.Outcome != dsr.Granted || !strings.Contains(strings.Join(a.Words, " "), "Inntekten var lest feil.") {
			t.Errorf("answered %d times: %+v", sent, a)
		}
	})
}

func TestINT06PortabilityIsAnsweredBeforeWhatTakesAway(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		cases := o.ask(dsr.Withdrawal, func(f *casework.Filing) { f.Also = []string{"portability"} })
		if len(cases) != 2 || cases[1].Right != dsr.Portability || !cases[0].ReceivedAt.Equal(cases[1].ReceivedAt) || cases[0].Linked != cases[1].Linked {
			t.Fatalf("%d cases", len(cases))
		}
		withdrawal, copied := cases[0].PublicID, cases[1].PublicID
		o.work()
		o.relieve(withdrawal)
		o.settle(withdrawal, "erase")
		o.must(o.works.Plan(t.Context(), o.first, withdrawal))
		o.is(o.works.Approve(t.Context(), o.second, withdrawal, o.view(withdrawal).Plan.Digest, false), fulfilment.ErrCopyFirst)
		o.settle(copied, "withhold")
		o.approve(copied)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, copied, fulfilment.AnswerInput{}))
		o.must(o.works.Approve(t.Context(), o.second, withdrawal, o.view(withdrawal).Plan.Digest, false))
	})
}

// The table of Art. 17 goes by what the office knows, not only by what the person named.
func TestERA02WhatTheOfficeKnowsChangesTheProposal(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Erasure, func(f *casework.Filing) { f.Activities = []string{"customers"} })[0].PublicID
		o.work()
		before := o.actions(id, "customers")
		if before["restrict"] {
			t.Fatalf("before: %v", before)
		}
		old := o.view(id).Plan.Digest
		claim := fulfilment.Lesson{Kind: fulfilment.FactClaim, Value: "yes"}
		o.is(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{claim}), fulfilment.ErrFactReason)
		claim.Reason = "Reklamasjonssak 77 er ikke avgjort"
		o.must(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{claim}))
		o.state(id, dsr.Collecting)
		o.work()
		if after := o.actions(id, "customers"); !after["restrict"] {
			t.Errorf("with a claim open: %v", after)
		}
		v := o.view(id)
		if v.Plan.Digest == old || v.Plan.Stale || len(v.Facts) != 1 || v.Facts[0].Reason != claim.Reason {
			t.Errorf("plan %+v, facts %+v", v.Plan, v.Facts)
		}
		o.is(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{{Activity: "nowhere", Kind: fulfilment.FactClaim, Value: "yes", Reason: "x"}}), fulfilment.ErrUnknownFact)
		o.is(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{{Kind: fulfilment.FactClaim, Value: "perhaps", Reason: "x"}}), fulfilment.ErrUnknownFact)
		claim.Value = "no"
		o.must(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{claim}))
		o.work()
		if again := o.actions(id, "customers"); again["restrict"] {
			t.Errorf("without a claim: %v", again)
		}
		if strings.Contains(o.b.Dump(t, "fact", "event", "job", "audit_leaf"), "Reklamasjon") {
			t.Error("the reason lies in the clear")
		}
	})
}

// Two clicks, two members or a mail program that sends twice: what was asked is filed once.
func TestObjectionSentManyTimesAtOnceIsFiledOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		f := casework.Filing{Address: keyring.NewPrivate(demo.MostData.Email), ProvedAt: b.Clock.Now(), Proof: strings.Repeat("a", 32), Locale: locale.NB,
			Right: string(dsr.Objection), Marketing: true, Also: []string{"access", "erasure"}, Key: "the same", Body: []byte("body")}
		ids := make([]string, 8)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() {
				r, err := o.desk().File(t.Context(), f)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = r.PublicID
			})
		}
		wg.Wait()
		if slices.Sort(ids); ids[0] == "" || ids[0] != ids[len(ids)-1] {
			t.Fatalf("the answers name %v", slices.Compact(ids))
		}
		if n := b.Count(t, "SELECT count(*) FROM request"); n != 3 {
			t.Errorf("%d cases", n)
		}
		if n := b.Count(t, "SELECT count(*) FROM suppression"); n != 1 || !o.suppressed("newsletter", ids[0]) {
			t.Errorf("%d suppressed", n)
		}
	})
}

func TestDutyIsDoneOnceByManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Marketing = true })[0].PublicID
		o.once("a duty", func() error {
			return o.desk().Relieve(t.Context(), o.asker(), id, dsr.StopMarketing, true, "")
		})
		if r := o.request(id); len(r.P.Duties) != 0 || r.P.Urgent() {
			t.Errorf("the office owes %v", r.P.Duties)
		}
		done := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventDutyDone {
				done++
			}
		}
		if done != 1 {
			t.Errorf("done %d times", done)
		}
	})
}

// Each fact that went through stands in the case; the search that follows ends in one whole plan.
func TestFactsToldByManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Erasure, func(f *casework.Filing) { f.Activities = []string{"customers"} })[0].PublicID
		o.work()
		var wg sync.WaitGroup
		var told atomic.Int64
		for range 8 {
			wg.Go(func() {
				claim := fulfilment.Lesson{Kind: fulfilment.FactClaim, Value: "yes", Reason: "Reklamasjonssak 77 er ikke avgjort"}
				if o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{claim}) == nil {
					told.Add(1)
				}
			})
		}
		wg.Wait()
		learned := int64(0)
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventLearned {
				learned++
			}
		}
		if told.Load() == 0 || learned != told.Load() {
			t.Errorf("%d went through, %d stand in the case", told.Load(), learned)
		}
		o.work()
		o.state(id, dsr.Review)
		if v := o.view(id); len(v.Facts) != 1 || v.Plan.Stale || !o.actions(id, "customers")["restrict"] {
			t.Errorf("facts %+v, plan %+v", v.Facts, v.Plan)
		}
	})
}

func TestINT06ErasureWarnsOfAnOpenRectification(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		cases := o.ask(dsr.Rectification, func(f *casework.Filing) { f.Text, f.Also = "Adressen er feil", []string{"erasure"} })
		erasure := cases[1].PublicID
		o.work()
		warned := func() bool {
			return strings.Contains(strings.Join(o.view(erasure).Plan.Warnings, " "), "bedt om retting ("+string(cases[0].Reference)+")")
		}
		if cases[1].Right != dsr.Erasure || !warned() {
			t.Errorf("an erasure beside an open rectification warns of %q", o.view(erasure).Plan.Warnings)
		}
		o.must(o.desk().Withdraw(t.Context(), cases[0].AddressIndex, cases[0].PublicID, free))
		if warned() {
			t.Error("it warns of a rectification that was withdrawn")
		}
	})
}

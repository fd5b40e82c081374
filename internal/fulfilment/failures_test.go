package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// reachReview files a request and brings it to where it can be approved.
func (o *office) reachReview(right dsr.Right, address string) string {
	o.t.Helper()
	id := o.file(right, address, store.Detail{})
	o.work()
	o.settle(id, map[dsr.Right]string{dsr.Erasure: "keep", dsr.Access: "withhold"}[right])
	return id
}

func TestRowThatChangedAfterApprovalStopsItsSource(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Erasure, demo.MostData.Email)
		o.approve(id)
		if _, err := o.sql("webshop").Exec("UPDATE customers SET first_name = 'Changed' WHERE lower(email) = lower(?)", demo.MostData.Email); err != nil {
			t.Fatal(err)
		}
		before := o.dump()
		o.work()
		o.state(id, dsr.Review)
		after := o.dump()
		gone, changed := difference(before, after)
		for _, table := range append(keys(gone), keys(changed)...) {
			if strings.HasPrefix(table, "webshop.") {
				t.Errorf("%s was written though its source had changed", table)
			}
		}
		if r := o.request(id); r.P.Approval != "" {
			t.Error("the approval outlived the change")
		}
		// The plan is made anew; the changed group needs no new look by itself, the approval does.
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		gone, changed = difference(before, o.dump())
		a := o.answer(id)
		if kept, marked := len(o.restrictions(id)), o.marked("office", "disclosures")+o.marked("webshop", "cookie_consents"); kept == 0 || kept != marked {
			t.Errorf("%d rows are noted as restricted, %d are marked", kept, marked)
		}
		if total(gone) != counted(a, "deleted") || total(changed) != counted(a, "anonymised") {
			t.Errorf("gone %v, changed %v; told %d deleted, %d anonymised", gone, changed, counted(a, "deleted"), counted(a, "anonymised"))
		}
	})
}

func TestACC10SourceThatIsDownNeverPassesForEmpty(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.breaks("office", true)
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		o.state(id, dsr.Collecting)
		failed := false
		for _, s := range o.view(id).Sources {
			failed = failed || s.Name == "office" && s.State == "failed"
		}
		if !failed {
			t.Error("nobody sees that a source is down")
		}
		o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{NothingFound: true}), dsr.ErrIncomplete)
		o.breaks("office", false)
		b.Clock.Advance(15 * time.Minute)
		o.work()
		o.state(id, dsr.Review)

		other := o.file(dsr.Access, demo.Household.Email, store.Detail{})
		o.breaks("office", true)
		o.work()
		j := job.Job{ID: 1 << 40, Kind: fulfilment.JobCollect, Object: other}
		for range 2 { // giving up may run twice
			o.must(o.works.GaveUp(t.Context(), j, fulfilment.StopSource))
		}
		o.state(other, dsr.NeedsHuman)
		if got := o.request(other).NeedsHuman; got != fulfilment.StopSource {
			t.Errorf("stopped for %q", got)
		}
		if n := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_office' AND object = $1", "staff_needs_human:"+other); n != 1 {
			t.Errorf("%d alarms", n)
		}
	})
}

func TestSourceThatGoesDownDuringExecution(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before := o.dump()
		id := o.reachReview(dsr.Erasure, demo.MostData.Email)
		o.approve(id)
		o.breaks("people", true)
		o.work()
		o.state(id, dsr.Executing)
		if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
			t.Errorf("something was written though a source was down: %v %v", gone, changed)
		}
		o.breaks("people", false)
		b.Clock.Advance(15 * time.Minute)
		o.work()
		o.state(id, dsr.Answered)
	})
}

func TestHandlersMayRunTwice(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		work := o.works.Work()
		twice := func(kind, id string) {
			for range 2 {
				if err := work[kind].Handle(t.Context(), job.Job{Kind: kind, Object: id}); err != nil && !errors.Is(err, job.ErrDone) {
					t.Fatalf("%s: %v", kind, err)
				}
			}
		}
		before := o.dump()
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		twice(fulfilment.JobCollect, id)
		twice(fulfilment.JobPlan, id)
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		twice(fulfilment.JobExecute, id)
		o.work()
		o.state(id, dsr.Answered)
		gone, changed := difference(before, o.dump())
		if a := o.answer(id); total(gone) != counted(a, "deleted") || total(changed) != counted(a, "anonymised") {
			t.Errorf("gone %v, changed %v, told %+v", gone, changed, a.Groups)
		}
		answered := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventAnswered {
				answered++
			}
		}
		if answered != 1 {
			t.Errorf("answered %d times", answered)
		}
	})
}

// TestResultThatWasNotWrittenDown is a process that died between the company's commit and the
// portal's.
func TestResultThatWasNotWrittenDown(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	before := o.dump()
	id := o.reachReview(dsr.Erasure, demo.MostData.Email)
	o.approve(id)
	portal := o.b.SQL(t)
	if _, err := portal.Exec("CREATE TRIGGER crash BEFORE UPDATE ON execution WHEN NEW.state = 'done' BEGIN SELECT RAISE(ABORT, 'crash'); END"); err != nil {
		t.Fatal(err)
	}
	o.work()
	o.state(id, dsr.Executing)
	if gone, changed := difference(before, o.dump()); total(gone)+total(changed) == 0 {
		t.Fatal("nothing was written before the crash: this test shows nothing")
	}
	if _, err := portal.Exec("DROP TRIGGER crash"); err != nil {
		t.Fatal(err)
	}
	o.b.Clock.Advance(15 * time.Minute)
	o.work()
	o.state(id, dsr.Answered)
	gone, changed := difference(before, o.dump())
	if a := o.answer(id); total(gone) != counted(a, "deleted") || total(changed) != counted(a, "anonymised") {
		t.Errorf("gone %v, changed %v, told %+v", gone, changed, a.Groups)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.Subscriber.Email)
		digest := o.view(id).Plan.Digest
		o.once("approve", func() error { return o.works.Approve(t.Context(), o.first, id, digest, false) })
		o.work()
		o.once("answer", func() error { return o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}) })
		index := o.request(id).AddressIndex
		const people = 12
		var wg sync.WaitGroup
		errs := make(chan error, people)
		for range people {
			wg.Go(func() {
				d, err := o.works.OpenPackage(t.Context(), index, id, 0, free)
				if err == nil {
					_, err = io.Copy(io.Discard, d)
					d.Close()
				}
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil && !errors.Is(err, store.ErrMoved) {
				t.Errorf("downloading: %v", err)
			}
		}
		downloads := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventDownloaded {
				downloads++
			}
		}
		counted := b.Count(t, "SELECT downloads + (opened * 5) FROM package")
		if downloads == 0 || counted != downloads {
			t.Errorf("%d downloads happened, %d were counted", downloads, counted)
		}
	})
}

// once calls an act many times at once: exactly one call goes through.
func (o *office) once(what string, act func() error) {
	o.t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	through := 0
	for range 8 {
		wg.Go(func() {
			if act() == nil {
				mu.Lock()
				through++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if through != 1 {
		o.t.Fatalf("%s went through %d times", what, through)
	}
}

func TestACC01NothingHeld(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.Nobody.Email, store.Detail{})
		o.work()
		o.state(id, dsr.Review)
		nothing := fulfilment.AnswerInput{NothingFound: true}
		o.is(o.works.Answer(t.Context(), o.first, id, nothing), fulfilment.ErrAskOlder)
		o.is(o.works.Approve(t.Context(), o.first, id, o.view(id).Plan.Digest, false), fulfilment.ErrNothingToApprove)
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			asked := dsr.Event{Kind: dsr.EventQuestionAsked, Actor: dsr.Actor{Kind: dsr.Member, Member: o.first.ID},
				Data: dsr.EventData{Asks: dsr.QuestionOther, Reasoned: true, Code: "older_contact"}}
			return tx.Act(r, asked, store.Change{})
		})
		o.must(o.works.Answer(t.Context(), o.first, id, nothing))
		a := o.answer(id)
		if a.Outcome != dsr.NothingHeld || len(a.Searched) != len(demo.Sources) {
			t.Errorf("answer %+v", a)
		}
		held := o.file(dsr.Access, demo.Subscriber.Email, store.Detail{})
		o.work()
		o.is(o.works.Answer(t.Context(), o.first, held, nothing), fulfilment.ErrSomethingFound)
	})
}

func TestPlacesThatAColleagueLooksIn(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.bare = true
		o.tx(func(tx *store.Tx) error {
			for _, name := range []string{"Permen i arkivet", "Innboksen"} {
				s, err := tx.AddSource(store.Source{Controller: o.controller, Name: name, Kind: "manual", Enabled: true}, keyring.Private{}, "test")
				if err != nil {
					return err
				}
				o.manual = append(o.manual, fulfilment.Place{ID: s.ID, Name: name, Activity: "customers"})
			}
			return nil
		})
		id := o.file(dsr.Access, "per.permisjon@example.net", store.Detail{})
		o.work()
		v := o.view(id)
		if len(v.Tasks) != 2 || v.Plan == nil {
			t.Fatalf("tasks %+v, plan %+v", v.Tasks, v.Plan)
		}
		o.is(o.works.Approve(t.Context(), o.first, id, v.Plan.Digest, false), fulfilment.ErrTasksOpen)
		ctx := t.Context()
		o.is(o.works.UploadTask(ctx, o.first, id, v.Tasks[0].ID, "x.exe", strings.NewReader("MZ\x00\x01")), fulfilment.ErrUploadType)
		o.is(o.works.UploadTask(ctx, o.first, id, v.Tasks[0].ID, "x.txt", bytes.NewReader(make([]byte, fulfilment.MaxUpload+1))), fulfilment.ErrUploadSize)
		const found = "Per Permisjon kjøpte en lampe i 2019."
		o.must(o.works.UploadTask(ctx, o.first, id, v.Tasks[0].ID, "../../perm.txt", strings.NewReader(found)))
		o.must(o.works.FinishTask(ctx, o.first, id, v.Tasks[0].ID, "found", ""))
		o.is(o.works.FinishTask(ctx, o.first, id, v.Tasks[1].ID, "exception", " "), fulfilment.ErrNoteMissing)
		o.must(o.works.FinishTask(ctx, o.first, id, v.Tasks[1].ID, "exception", "Postkassen er nede"))
		o.must(o.works.Approve(ctx, o.first, id, v.Plan.Digest, false))
		o.work()
		o.must(o.works.Answer(ctx, o.first, id, fulfilment.AnswerInput{Text: "Ring oss gjerne."}))
		if !strings.Contains(allText(t, o.download(id)), found) {
			t.Error("what the colleague found is not in the package")
		}
		a := o.answer(id)
		if a.Outcome != dsr.Granted || !strings.Contains(strings.Join(a.Words, " "), "Ring oss gjerne.") || !strings.Contains(strings.Join(a.Searched, " "), "Postkassen er nede") {
			t.Errorf("answer %+v", a)
		}
		if said := (&a).Letter().Text(); !strings.Contains(said, "Vedlegg: kopi av opplysningene · ordforklaringer · perm.txt") ||
			!strings.Contains(said, "Permen i arkivet (gjennomgått for hånd 1. juni 2026)") {
			t.Errorf("the letter: %s", said)
		}
		if view := o.view(id); view.Tasks[0].Files[0].Name != "perm.txt" {
			t.Errorf("files %+v", view.Tasks[0].Files)
		}
	})
}

func TestErasureByHandIsAnsweredWhenItIsDone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	o.bare = true
	o.tx(func(tx *store.Tx) error {
		s, err := tx.AddSource(store.Source{Controller: o.controller, Name: "Permen", Kind: "manual", Enabled: true}, keyring.Private{}, "test")
		o.manual = []fulfilment.Place{{ID: s.ID, Name: "Permen", Activity: "customers"}}
		return err
	})
	id := o.file(dsr.Erasure, "per.permisjon@example.net", store.Detail{})
	o.work()
	task := o.view(id).Tasks[0].ID
	o.must(o.works.FinishTask(t.Context(), o.first, id, task, "found", ""))
	o.approve(id)
	o.work()
	o.state(id, dsr.Executing)
	o.is(o.works.FinishTask(t.Context(), o.first, id, task, "nothing", ""), dsr.ErrTransition)
	o.b.Clock.Advance(24 * time.Hour)
	o.must(o.works.FinishTask(t.Context(), o.first, id, task, "done", "Makulert"))
	o.state(id, dsr.Answered)
	a := o.answer(id)
	if counted(a, "deleted") != 1 || a.Outcome != dsr.Granted {
		t.Errorf("answer %+v", a)
	}
	if diff := cmp.Diff([]letter.System{{Name: "Permen", ByHand: true, On: "2026-06-02"}}, a.Systems); diff != "" {
		t.Errorf("what was erased where (-want +got):\n%s", diff)
	}
	if text := (&a).Letter().Text(); !strings.Contains(text, "Permen (for hånd)") || strings.Contains(text, "lette vi på nytt") {
		t.Errorf("the letter: %s", text)
	}
}

// allText gives everything that lies in a ZIP.
func allText(t *testing.T, content []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return all.String()
}

func TestREF03NAT01Decisions(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
	o.work()
	ctx := t.Context()
	var plain fulfilment.Group
	for _, g := range o.view(id).Groups {
		if g.Proposal.Action == "disclose" && !g.NeedsLook {
			plain = g
			break
		}
	}
	one := func(d fulfilment.GroupDecision) error {
		return o.works.Decide(ctx, o.first, id, []fulfilment.GroupDecision{d})
	}
	o.is(one(fulfilment.GroupDecision{Group: strings.Repeat("0", 32), Action: "disclose"}), fulfilment.ErrGroupGone)
	o.is(one(fulfilment.GroupDecision{Group: plain.ID, Action: "erase"}), fulfilment.ErrNoSuchAction)
	o.is(one(fulfilment.GroupDecision{Group: plain.ID, Action: "withhold", Ground: "art_15_4"}), fulfilment.ErrReasonMissing)
	o.is(one(fulfilment.GroupDecision{Group: plain.ID, Action: "withhold", Reason: "fordi"}), fulfilment.ErrGroundMissing)
	before := o.view(id).Plan.Digest
	o.must(one(fulfilment.GroupDecision{Group: plain.ID, Action: "withhold", Ground: "pol_16_1_e", Reason: "Internt notat"}))
	v := o.view(id)
	if v.Plan.Stale || v.Plan.Digest == before {
		t.Error("the plan did not follow the decision")
	}
	for _, g := range v.Groups {
		if g.ID == plain.ID && (g.Decision.Action != "withhold" || g.Decision.Reason != "Internt notat" || g.Decision.By != o.first.Name) {
			t.Errorf("decision %+v", g.Decision)
		}
	}
	a, err := o.works.Preview(ctx, o.first, id)
	o.must(err)
	if counted(a, "withheld") == 0 || a.Outcome != dsr.PartlyGranted {
		t.Errorf("the answer does not tell what is withheld: %+v", a)
	}
	// A new search finds the same rows: the decision holds. A changed row makes it another group.
	o.must(o.works.Collect(ctx, o.first, id))
	o.work()
	still := false
	for _, g := range o.view(id).Groups {
		still = still || g.ID == plain.ID && g.Confirmed
	}
	if !still {
		t.Error("a decision was forgotten though nothing had changed")
	}
}

// A gap in the register stops the decisions that rest on what is missing, and no other: not what is
// decided for another activity, not another right, not the search.
func TestACY02GapStopsOnlyTheDecisionItConcerns(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, ctx := newOffice(t, b), t.Context()
		whole := string(demo.Register())
		from := strings.Index(whole, "- id: newsletter\n")
		to := from + strings.Index(whole[from:], "- id: cookies\n")
		rule := from + strings.Index(whole[from:to], "  erasure:\n")
		o.save(whole[:rule] + "\n" + whole[to:])

		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.state(id, dsr.Review)
		stopped := 0
		for _, g := range o.view(id).Groups {
			d := fulfilment.GroupDecision{Group: g.ID, Action: g.Proposal.Action, Ground: "art_15_4", Reason: "sett på"}
			if d.Action == "review" {
				d.Action = "keep"
			}
			err := o.works.Decide(ctx, o.first, id, []fulfilment.GroupDecision{d})
			if g.Activity != "newsletter" {
				o.must(err)
				continue
			}
			stopped++
			o.is(err, fulfilment.ErrGap)
		}
		if stopped == 0 {
			t.Fatal("nothing of the newsletter was found")
		}
		o.work()
		o.must(o.works.Plan(ctx, o.first, id))
		o.is(o.works.Approve(ctx, o.second, id, o.view(id).Plan.Digest, false), fulfilment.ErrGap)
		seeing := o.reachReview(dsr.Access, demo.Subscriber.Email)
		o.must(o.works.Approve(ctx, o.first, seeing, o.view(seeing).Plan.Digest, false))

		o.save(whole)
		o.must(o.works.Collect(ctx, o.first, id))
		o.work()
		o.settle(id, "keep")
		o.approve(id)
	})
}

// A decision about data that the register names no basis for is refused, and so is its approval: the refusal names the
// activity and the basis that is missing, in three languages. Articles 9 and 10 stand in for no basis of Article 6.
func TestBadInputIsRefusedWithTheRule(t *testing.T) {
	t.Parallel()
	whole := string(demo.Register())
	from := strings.Index(whole, "- id: newsletter\n")
	to := from + strings.Index(whole[from:], "- id: cookies\n")
	bases := regexp.MustCompile(`(?ms)^  bases:\n.*?^  persons:`)
	for name, c := range map[string]struct{ bases, says string }{
		"no basis":        {"  bases: []\n", "«Nyhetsbrev»: Behandlingsgrunnlaget mangler. "},
		"Article 9 alone": {"  bases:\n  - article: 9(2)(f)\n", "«Nyhetsbrev»: Grunnlaget i artikkel 6 mangler. "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o, ctx := officeWith(t, b, whole[:from]+bases.ReplaceAllString(whole[from:to], c.bases+"  persons:")+whole[to:]), t.Context()
				refused := func(what string, err error) {
					t.Helper()
					if f := fault.From(err); !errors.Is(err, fulfilment.ErrGap) || !f.Text.Complete() || !strings.HasPrefix(f.Text.NB, c.says) || !strings.HasSuffix(f.Text.EN, "search again.") {
						t.Errorf("%s: %v", what, err)
					}
				}
				id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
				o.work()
				o.state(id, dsr.Review)
				stopped := 0
				for _, g := range o.view(id).Groups {
					d := fulfilment.GroupDecision{Group: g.ID, Action: g.Proposal.Action, Ground: "art_15_4", Reason: "sett på"}
					if d.Action == "review" {
						d.Action = "keep"
					}
					err := o.works.Decide(ctx, o.first, id, []fulfilment.GroupDecision{d})
					if g.Activity != "newsletter" {
						o.must(err)
						continue
					}
					stopped++
					refused("the decision", err)
				}
				if stopped == 0 {
					t.Fatal("nothing of the newsletter was found")
				}
				o.work()
				o.must(o.works.Plan(ctx, o.first, id))
				refused("the approval", o.works.Approve(ctx, o.second, id, o.view(id).Plan.Digest, false))
				o.state(id, dsr.Review)
			})
		})
	}
}

func TestPagesOfFindingsAndPlan(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
	o.work()
	for _, g := range o.view(id).Groups {
		cursor, seen := "", map[string]bool{}
		for {
			page, err := o.works.Findings(t.Context(), o.first, id, g.ID, cursor, 3, locale.NB)
			o.must(err)
			for _, f := range page.Findings {
				if seen[f.Key] || len(f.Fields) == 0 || f.Action == "" {
					t.Fatalf("row %+v came twice or is empty", f)
				}
				seen[f.Key] = true
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if int64(len(seen)) != g.Count {
			t.Errorf("%s: %d rows on the pages, %d counted", g.Collection, len(seen), g.Count)
		}
	}
	plan := o.view(id).Plan
	cursor, steps := "", 0
	for {
		page, err := o.works.PlanPage(t.Context(), o.first, id, cursor, 50, locale.NB)
		o.must(err)
		steps += len(page.Steps)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if int64(steps) != plan.Steps {
		t.Errorf("%d steps on the pages, %d in the plan", steps, plan.Steps)
	}
	if _, err := o.works.Findings(t.Context(), o.first, id, o.view(id).Groups[0].ID, "AAAA", 3, locale.NB); !errors.Is(err, fulfilment.ErrCursor) {
		t.Errorf("a made-up cursor gave %v", err)
	}
}

func TestCoolingOffLetsThePersonStop(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	o.tx(func(tx *store.Tx) error {
		_, err := tx.AddVersion(o.controller, store.VersionSettings, 1,
			`{"name":"Fjordlys AS","email":"personvern@fjordlys.example","postal_address":"Storgata 1","cooling_off_hours":72}`, "test")
		return err
	})
	before := o.dump()
	id := o.reachReview(dsr.Erasure, demo.Subscriber.Email)
	o.approve(id)
	o.work()
	o.state(id, dsr.Approved)
	o.b.Clock.Advance(71 * time.Hour)
	o.work()
	o.state(id, dsr.Approved)
	if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
		t.Errorf("rows went before the time to cancel was over: %v %v", gone, changed)
	}
	if n := o.b.Count(t, "SELECT count(*) FROM job WHERE object = $1", "erase_last_call:"+id); n != 1 {
		t.Errorf("%d last calls", n)
	}
	o.b.Clock.Advance(2 * time.Hour)
	o.work()
	o.state(id, dsr.Answered)
}

func TestINT06ACC11AccessIsAnsweredBeforeErasure(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	var erasure string
	o.tx(func(tx *store.Tx) error {
		a, err := o.open2(tx, dsr.Access, demo.Subscriber.Email, store.Detail{}, "")
		if err != nil {
			return err
		}
		e, err := o.open2(tx, dsr.Erasure, demo.Subscriber.Email, store.Detail{}, a.PublicID)
		erasure = e.PublicID
		return err
	})
	o.work()
	o.settle(erasure, "keep")
	o.must(o.works.Plan(t.Context(), o.first, erasure))
	o.is(o.works.Approve(t.Context(), o.second, erasure, o.view(erasure).Plan.Digest, false), fulfilment.ErrCopyFirst)
}

// Whoever asks for a copy on another day gets it before the data go, also when the erasure is approved by then.
func TestACC11CopyAskedForOnAnotherDayComesFirst(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		answer := func(id string) {
			o.settle(id, "withhold")
			o.approve(id)
			o.work()
			o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		}
		o.file(dsr.Access, demo.Subscriber.Email, store.Detail{}) // somebody else's
		erasure := o.ask(dsr.Erasure, nil)[0].PublicID
		access := o.ask(dsr.Access, nil)[0].PublicID
		o.work()
		o.settle(erasure, "keep")
		o.must(o.works.Plan(t.Context(), o.first, erasure))
		o.is(o.works.Approve(t.Context(), o.second, erasure, o.view(erasure).Plan.Digest, false), fulfilment.ErrCopyFirst)
		answer(access)
		o.must(o.works.Approve(t.Context(), o.second, erasure, o.view(erasure).Plan.Digest, false))
		late := o.ask(dsr.Portability, nil)[0].PublicID
		before := o.dump()
		o.work()
		o.state(erasure, dsr.Approved)
		waits, own := o.request(late), o.request(erasure)
		if e := o.view(erasure).Execution; e == nil || e.State != "awaits_copy" || !strings.Contains(e.Text, string(waits.Reference)) ||
			!strings.Contains(e.Text, waits.P.Deadline.Due.Format(locale.NB)) || !strings.Contains(e.Text, own.P.Deadline.Due.Format(locale.NB)) {
			t.Errorf("the office is shown %+v", e)
		}
		if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
			t.Fatalf("gone %v, changed %v before the person has the copy", gone, changed)
		}
		answer(late)
		o.work() // woken by the answer: the clock stands
		o.state(erasure, dsr.Answered)
	})
}

// What waits for a copy goes on when the person takes that request back, and at no sign from anybody else's.
func TestACC11ErasureIsWokenWhenTheCopyIsWithdrawn(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		others := o.file(dsr.Access, demo.Subscriber.Email, store.Detail{})
		erasure := o.ask(dsr.Erasure, nil)[0].PublicID
		o.work()
		o.settle(erasure, "keep")
		o.approve(erasure)
		late := o.ask(dsr.Access, nil)[0].PublicID
		o.work()
		asleep := func() bool {
			t.Helper()
			return b.Count(t, "SELECT count(*) FROM job WHERE kind = 'execute' AND object = $1 AND state = 'ready' AND run_at > $2", erasure, store.Micros(b.Clock.Now())) == 1
		}
		if !asleep() {
			t.Fatal("the erasure does not wait for the copy")
		}
		takeBack := func(id string) {
			t.Helper()
			o.must(o.desk().RecordWithdrawal(t.Context(), o.asker(), id, "personen ringte"))
		}
		takeBack(others)
		if !asleep() {
			t.Error("somebody else's request woke it")
		}
		takeBack(late)
		if asleep() {
			t.Error("nothing woke it")
		}
		o.work()
		o.state(erasure, dsr.Answered)
	})
}

// Somebody who is not known stops nobody's erasure by asking for a copy.
func TestACC11OnlyThePersonsOwnRequestComesFirst(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		_, err := o.desk().Register(t.Context(), o.asker(), casework.Registration{Rights: []string{"access"}, Channel: "letter",
			ReceivedAt: o.b.Clock.Now(), Locale: locale.NB, Name: demo.MostData.Name(), Email: demo.MostData.Email, Method: "not_yet"})
		o.must(err)
		erasure := o.ask(dsr.Erasure, nil)[0].PublicID
		o.work()
		o.settle(erasure, "keep")
		o.approve(erasure)
		o.work()
		o.state(erasure, dsr.Answered)
	})
}

// Two people look at what is special before it is shown; what is not shown needs no second one.
func TestCAT01SpecialCategoriesAreShownByTwo(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		shown, kept := o.file(dsr.Access, demo.Applicant.Email, store.Detail{}), o.file(dsr.Access, demo.Applicant.Email, store.Detail{})
		plain := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		if v := o.view(plain); v.Plan.Special {
			t.Error("a customer's copy needs two")
		}
		o.settle(shown, "withhold")
		v := o.view(shown)
		if !v.Plan.Special || v.Plan.Removes {
			t.Fatalf("plan %+v", v.Plan)
		}
		o.is(o.works.Approve(t.Context(), o.first, shown, v.Plan.Digest, true), dsr.ErrFourEyes)
		o.must(o.works.Approve(t.Context(), o.second, shown, v.Plan.Digest, false))
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, shown, fulfilment.AnswerInput{}))
		o.state(shown, dsr.Answered)

		var out []fulfilment.GroupDecision
		for _, g := range o.view(kept).Groups {
			if slices.Contains(g.Categories, "Helseopplysninger") {
				out = append(out, fulfilment.GroupDecision{Group: g.ID, Action: "withhold", Ground: "pol_16_1_c", Reason: "Legen har sagt nei"})
			}
		}
		o.must(o.works.Decide(t.Context(), o.first, kept, out))
		o.work()
		o.settle(kept, "withhold")
		if v := o.view(kept); v.Plan.Special {
			t.Error("what is not shown needs two")
		}
		o.must(o.works.Approve(t.Context(), o.first, kept, o.view(kept).Plan.Digest, false))
	})
}

func TestID05CandidatesAreKeptApart(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.Subscriber.Email, store.Detail{})
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			return tx.AddIdentifier(r, "email", keyring.NewPrivate(demo.MostData.Email), store.Candidate, "person")
		})
		o.work()
		candidates := 0
		for _, g := range o.view(id).Groups {
			if g.Candidate {
				candidates++
			}
		}
		if candidates == 0 {
			t.Fatal("the candidate led to nothing")
		}
		o.settle(id, "withhold")
		o.approve(id)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		if all := allText(t, o.download(id)); strings.Contains(all, demo.MostData.CustomerNo) {
			t.Error("somebody else's data were delivered")
		}
	})
}

// An IP address with its days, and a name, lead to candidates: in a web log, by the days of the
// controller's zone, and in a mailbox, where what other people are named by is theirs.
func TestWhatAnAddressOfTheNetworkAndANameLeadTo(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		box := portaltest.Dovecot(t)
		box.Deliver(t, "INBOX",
			"From: "+demo.Subscriber.Email+"\nTo: post@fjordlys.example\nCc: nabo@example.net\nSubject: Egen\n\nHei\n",
			"From: Ida Uvanlig <ida@example.net>\nTo: post@fjordlys.example\nSubject: Navnesak\n\nHei\n")
		log := filepath.Join(t.TempDir(), "access.log")
		line := func(day, path string) string {
			return fmt.Sprintf("203.0.113.7 - - [%s +0200] \"GET %s HTTP/1.1\" 200 5 \"-\" \"-\"\n", day, path)
		}
		text := line("02/Oct/2026:23:59:59", "/before") + line("03/Oct/2026:00:00:00", "/first") + line("03/Oct/2026:23:59:59", "/last") + line("04/Oct/2026:00:00:00", "/after")
		if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o.more = map[string]string{"web": "log:" + log, "post": box.DSN("?own=fjordlys.example")}
		id := o.file(dsr.Access, demo.Subscriber.Email, store.Detail{})
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			if err := tx.AddIdentifier(r, "ip_address", keyring.NewPrivate("203.0.113.7 2026-10-03/2026-10-03"), store.Candidate, "person"); err != nil {
				return err
			}
			// Whoever confirmed it: a name is not one person's.
			return tx.AddIdentifier(r, "name", keyring.NewPrivate("Ida Uvanlig"), store.Verified, "person")
		})
		o.work()
		got := map[string]int64{}
		for _, g := range o.view(id).Groups {
			switch {
			case g.Source == "web" && g.Candidate:
				got["web"] += g.Count
			case g.Source == "post" && g.Candidate:
				got["name"] += g.Count
			case g.Source == "post":
				got["own"] += g.Count
				if g.ThirdParty > 0 {
					got["third"]++
				}
			case g.Source == "web":
				t.Error("an IP address alone made lines the person's")
			}
		}
		if got["web"] != 2 || got["name"] != 1 || got["own"] == 0 || got["third"] == 0 {
			t.Errorf("%v", got)
		}
	})
}

func TestID09SEC01EvidenceIsPurged(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.Subscriber.Email)
		o.approve(id)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		index := o.request(id).AddressIndex
		for range 7 {
			o.download(id) // a fresh code opens the package again
		}
		b.Clock.Advance(89 * 24 * time.Hour)
		o.must(o.works.PurgeEvidence(t.Context()))
		if p := o.person(id, locale.NB).Package; p.State != "locked" {
			t.Errorf("after 89 days: %+v", p)
		}
		o.download(id)
		b.Clock.Advance(25 * time.Hour)
		for range 2 {
			o.must(o.works.PurgeEvidence(t.Context()))
		}
		_, err := o.works.OpenPackage(t.Context(), index, id, 0, free)
		if err == nil {
			t.Error("a purged package was opened")
		}
		left := 0
		for _, err := range o.blobs.List(t.Context(), id) {
			o.must(err)
			left++
		}
		if left != 0 {
			t.Errorf("%d blobs are left", left)
		}
	})
}

func TestNoPersonalDataOutsideTheSeals(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.MostData.Email)
		o.approve(id)
		o.work()
		dump := b.Dump(t, "job", "run", "finding_group", "finding_chunk", "plan", "execution", "decision", "package", "event", "audit_leaf", "task")
		for _, secret := range []string{demo.MostData.Email, demo.MostData.First + " " + demo.MostData.Last, demo.MostData.CustomerNo, strings.TrimPrefix(demo.MostData.Phone, "+47")} {
			if secret != "" && strings.Contains(strings.ToLower(dump), strings.ToLower(secret)) {
				t.Errorf("%q stands in the clear", fmt.Sprintf("%.3s…", secret))
			}
		}
	})
}

func TestSharedMailboxShowsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate(demo.FamilyMother.Email), locale.NB)
	o.must(err)
	if mine.State != fulfilment.FieldsSeveral || len(mine.Fields) != 0 {
		t.Errorf("a family's mailbox showed %d fields (%s)", len(mine.Fields), mine.State)
	}
	o.breaks("office", true)
	mine, err = o.works.MyFields(t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
	o.must(err)
	if mine.State != fulfilment.FieldsUnavailable || len(mine.Fields) != 0 {
		t.Errorf("with a source down: %s", mine.State)
	}
}

// Control of a mailbox is not yet the person: only what stands beside the address itself is shown, of
// whoever holds it. The rows that hang on it may be about others.
func TestOwnFieldsAreOnlyThePersonsOwn(t *testing.T) {
	t.Parallel()
	labels := []string{"Navn", "Fornavn", "Etternavn", "E-post", "Telefon", "Gateadresse", "Postnummer", "Poststed",
		"Innehaver", "Telefon fra åpne kilder"}
	// Where the address itself stands. Not among them: deliveries, orders, notes, staff, applications.
	places := []string{"office.parties", "office.suppliers", "office.contact_persons", "webshop.customers", "webshop.consents", "webshop.contact_messages", "webshop.newsletter_subscribers"}
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		shown := 0
		for _, p := range demo.HardCases() {
			mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate(p.Email), locale.NB)
			o.must(err)
			for _, f := range mine.Fields {
				c, err := o.works.OpenRef(f.Ref, b.Store.AddressIndex(p.Email))
				o.must(err)
				shown++
				if !slices.Contains(labels, f.Label) || !slices.Contains(places, c.Collection) {
					t.Errorf("%s of %s is shown as the person's own", f.Label, c.Collection)
				}
			}
		}
		if shown == 0 {
			t.Error("nothing is shown to anybody")
		}
	})
}

func TestReferencesToFields(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
	o.must(err)
	if len(mine.Fields) == 0 {
		t.Fatal("nothing is shown")
	}
	ref := mine.Fields[0].Ref
	if len(ref) > 2000 {
		t.Errorf("a reference has %d characters", len(ref))
	}
	index := o.b.Store.AddressIndex(demo.MostData.Email)
	if _, err := o.works.OpenRef(ref, o.b.Store.AddressIndex("other@example.net")); !errors.Is(err, fulfilment.ErrRef) {
		t.Errorf("somebody else opened the reference: %v", err)
	}
	if _, err := o.works.OpenRef(ref[:len(ref)-2]+"AA", index); !errors.Is(err, fulfilment.ErrRef) {
		t.Errorf("an altered reference opened: %v", err)
	}
	o.b.Clock.Advance(61 * time.Minute)
	if _, err := o.works.OpenRef(ref, index); !errors.Is(err, fulfilment.ErrRefExpired) {
		t.Errorf("an old reference opened: %v", err)
	}
}

func TestSourceThatStopsAnswering(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	before := o.dump()
	o.breaks("people", true)
	id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
	o.work()
	o.state(id, dsr.Collecting)
	o.breaks("people", false)
	o.b.Clock.Advance(15 * time.Minute)
	o.work()
	o.state(id, dsr.Review)
	// Now it stops while decisions are made: the plan waits, and nothing can be approved.
	o.breaks("people", true)
	o.settle(id, "keep")
	o.is(o.works.Plan(t.Context(), o.first, id), fulfilment.ErrSourceDown)
	if v := o.view(id); v.Plan == nil || !v.Plan.Stale {
		t.Errorf("the plan passes for good: %+v", v.Plan)
	}
	o.breaks("people", false)
	o.b.Clock.Advance(15 * time.Minute)
	o.work()
	o.approve(id)
	o.breaks("people", true)
	o.work()
	o.state(id, dsr.Executing)
	o.breaks("people", false)
	o.b.Clock.Advance(15 * time.Minute)
	o.work()
	o.state(id, dsr.Answered)
	gone, changed := difference(before, o.dump())
	if a := o.answer(id); total(gone) != counted(a, "deleted") || total(changed) != counted(a, "anonymised") {
		t.Errorf("gone %v, changed %v; told %+v", gone, changed, a.Groups)
	}
}

// An office that has not said where to look cannot say that it looked.
func TestNothingIsSaidWhereThereIsNoPlaceToLookIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	o.bare = true
	id := o.file(dsr.Access, demo.Nobody.Email, store.Detail{})
	o.work()
	o.state(id, dsr.Review)
	o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{NothingFound: true, OnPaper: true, Text: "x"}), fulfilment.ErrNoPlaces)
	o.is(o.works.Approve(t.Context(), o.first, id, o.view(id).Plan.Digest, false), fulfilment.ErrNoPlaces)
}

// A worker died while it searched, and then the person took the request back: the search does not
// stand as under way for ever, and what it had found is gone.
func TestSearchOfAWithdrawnRequestEnds(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		var name string
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			if err := tx.Act(r, dsr.Event{Kind: dsr.EventCollectStarted, Actor: dsr.Actor{Kind: dsr.System}}, store.Change{}); err != nil {
				return err
			}
			run, err := tx.StartRun(r, 1)
			if err != nil {
				return err
			}
			name = id + "/run/" + run.PublicID + "/0"
			return tx.Act(r, dsr.Event{Kind: dsr.EventWithdrawn, Actor: dsr.Actor{Kind: dsr.Person}}, store.Change{})
		})
		_, err := o.blobs.Put(t.Context(), name, func(w io.Writer) error { _, err := io.WriteString(w, "found"); return err })
		o.must(err)
		o.work()
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			run, err := tx.NewestRun(r)
			if err == nil && run.State != store.RunSuperseded {
				t.Errorf("the search is %s", run.State)
			}
			return err
		})
		if _, err := o.blobs.Stat(t.Context(), name); err == nil {
			t.Error("what the dead worker found is still there")
		}
		o.state(id, dsr.Withdrawn)
	})
}

package fulfilment_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// save makes a register the newest version.
func (o *office) save(body string) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		v, err := tx.Newest(o.controller, store.VersionRegister)
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(o.controller, store.VersionRegister, v.Number, body, "test")
		return err
	})
}

// An erasure that is granted in part is a refusal of the rest: each part has its provision, its reason
// and, where it is kept for a time, its last day, and the letter says where to complain.
func TestREF02PartialRefusalItemByItem(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.reachReview(dsr.Erasure, demo.MostData.Email)
	o.approve(id)
	o.work()
	o.state(id, dsr.Answered)
	a, refused := o.answer(id), 0
	for _, g := range a.Groups {
		if g.Action != "kept" && g.Action != "restricted" {
			continue
		}
		refused++
		if g.Law == "" || g.Text == "" || g.Activity == "" || g.Count == 0 {
			t.Errorf("refused without its provision or its reason: %+v", g)
		}
	}
	if a.Outcome != dsr.PartlyGranted || refused < 3 {
		t.Errorf("%s, %d parts refused", a.Outcome, refused)
	}
	if said := strings.Join(a.Complaint, " "); !strings.Contains(said, "Datatilsynet") || !strings.Contains(said, "domstolene") {
		t.Errorf("the way to complain: %q", said)
	}
}

// What is decided says nothing of what an activity is called: a company that names them otherwise, in
// its register and in its datasets, gets the same decisions on the same rows.
func TestDemoCompanyRenamedIsDecidedTheSame(t *testing.T) {
	t.Parallel()
	ids, uses := regexp.MustCompile(`(?m)^- id: (\w+)$`), regexp.MustCompile(`(?m)(\bactivity: )(\w+)`)
	decided := func(o *office, right dsr.Right) []string {
		id := o.file(right, demo.MostData.Email, store.Detail{})
		o.work()
		o.state(id, dsr.Review)
		var all []string
		for _, g := range o.view(id).Groups {
			line, err := json.Marshal([]any{g.Source, g.Collection, g.Count, g.Categories, g.Fields, g.NeedsLook, g.Proposal, g.Options})
			if err != nil {
				o.t.Fatal(err)
			}
			all = append(all, string(line))
		}
		slices.Sort(all)
		return all
	}
	plain, renamed := newOffice(t, portaltest.New(t, migrations.SQLite)), newOffice(t, portaltest.New(t, migrations.SQLite))
	renamed.save(ids.ReplaceAllString(string(demo.Register()), "- id: z_$1"))
	renamed.edit = func(file []byte) []byte { return uses.ReplaceAll(file, []byte("${1}z_$2")) }
	for _, right := range []dsr.Right{dsr.Erasure, dsr.Access} {
		want, got := decided(plain, right), decided(renamed, right)
		if diff := cmp.Diff(want, got); diff != "" || len(want) < 8 {
			t.Errorf("%s, %d groups (-named +renamed):\n%s", right, len(want), diff)
		}
	}
}

// When the register changes its mind about the time or the basis, what is decided, what the notice says
// and what the person reads in the letter change with it.
func TestDecisionNoticeAndLetterFollowTheRegister(t *testing.T) {
	t.Parallel()
	const (
		oldTime  = "    rule: bookkeeping_primary\n    text: {nb: I fem år etter regnskapsårets slutt."
		newTime  = "    rule: bookkeeping_primary\n    months: 120\n    text: {nb: I ti år etter regnskapsårets slutt."
		oldBasis = "  - article: 6(1)(a)\n    why:\n      nb: Samtykket du gav da du meldte deg på"
		newBasis = "  - article: 6(1)(f)\n    why:\n      nb: Interessen vår i å selge"
		// What does not rest on consent cannot be kept until it is withdrawn.
		oldEnd = "    rule: until_withdrawn\n    text: {nb: Til du trekker samtykket tilbake., nn"
		newEnd = "    rule: months\n    months: 240\n    text: {nb: I tjue år etter at du meldte deg på., nn"
	)
	was := string(demo.Register())
	if strings.Count(was, oldBasis) != 1 || strings.Count(was, oldEnd) != 1 || !strings.Contains(was, oldTime) {
		t.Fatal("the demo's register says something else by now")
	}
	now := strings.NewReplacer(oldBasis, newBasis, oldEnd, newEnd).Replace(strings.Replace(was, oldTime, newTime, 1))
	type told struct {
		until, news string // the letter's last day for vouchers; why the newsletter went
		notice      register.Section
		vouchers    string // how long, in the notice
	}
	tell := func(body string) told {
		o := newOffice(t, portaltest.New(t, migrations.SQLite))
		o.save(body)
		id := o.reachReview(dsr.Erasure, demo.MostData.Email)
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		var out told
		for _, g := range o.answer(id).Groups {
			switch {
			case g.Action == "kept" && g.Activity == "Fakturaer og bilag":
				out.until = max(out.until, g.Until)
			case g.Action == "deleted" && g.Activity == "Nyhetsbrev":
				out.news += g.Text
			}
		}
		r, err := register.Parse("register.yaml", []byte(body))
		o.must(err)
		for _, s := range register.NewNotice(r, locale.NB, 1, dsr.Date{}).Sections {
			switch s.Activity {
			case "newsletter":
				out.notice = s
			case "invoices":
				out.vouchers = s.Retention
			}
		}
		return out
	}
	before, after := tell(was), tell(now)
	if before.until == "" || after.until[:4] != year(before.until, 5) {
		t.Errorf("vouchers were kept to %q and are now kept to %q", before.until, after.until)
	}
	if !strings.Contains(before.vouchers, "fem år") || !strings.Contains(after.vouchers, "ti år") {
		t.Errorf("the notice said %q and says %q", before.vouchers, after.vouchers)
	}
	if !strings.Contains(before.news, "samtykke") || strings.Contains(after.news, "samtykke") || !strings.Contains(after.news, "tvingende berettigede grunner") {
		t.Errorf("the letter said %q and says %q", before.news, after.news)
	}
	if !before.notice.Withdraw || after.notice.Withdraw || !slices.Contains(before.notice.Rights, dsr.Portability) || slices.Contains(after.notice.Rights, dsr.Portability) ||
		strings.Contains(strings.Join(before.notice.Bases, ""), "bokstav f") || !strings.Contains(strings.Join(after.notice.Bases, ""), "bokstav f") {
		t.Errorf("the notice said %+v and says %+v", before.notice, after.notice)
	}
}

// year gives the year of a date, some years later.
func year(date string, later int) string {
	d, err := dsr.ParseDate(date)
	if err != nil {
		return ""
	}
	return d.AddMonths(12 * later).String()[:4]
}

// A portable copy leaves out what it would harm others to give, as an access answer does.
func TestPOR03OthersAreNotHarmed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	before := o.dump()
	id := o.file(dsr.Portability, demo.MostData.Email, store.Detail{})
	o.work()
	others := 0
	for _, g := range o.view(id).Groups {
		if g.Shared > 0 || g.ThirdParty > 0 {
			others++
			if !g.NeedsLook {
				t.Errorf("%s speaks of others and nobody has to look at it", g.Collection)
			}
		}
	}
	if others == 0 {
		t.Fatal("nothing about others was found")
	}
	o.settle(id, "withhold")
	o.approve(id)
	o.work()
	o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
	if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
		t.Errorf("a portable copy took something away: %v, %v", gone, changed)
	}
	for _, name := range []string{"Informasjonskapsler", "Kunderegister"} {
		if !slices.ContainsFunc(o.answer(id).Groups, func(g store.AnswerGroup) bool {
			return g.Action == "withheld" && g.Activity == name && strings.Contains(g.Text, "fra oss selv")
		}) {
			t.Errorf("what the office made itself is not left out of %s", name)
		}
	}
}

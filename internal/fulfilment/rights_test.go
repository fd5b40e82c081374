package fulfilment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/migrations"
)

func free(*store.Tx) error { return nil }

func TestINT07ACC02AccessFromRequestToDownload(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before := o.dump()
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		o.state(id, dsr.Review)
		v := o.view(id)
		if len(v.Groups) < 8 || v.Plan == nil || v.Plan.Stale {
			t.Fatalf("%d groups, plan %+v: want everything ready for the officer", len(v.Groups), v.Plan)
		}
		o.is(o.works.Approve(t.Context(), o.first, id, v.Plan.Digest, false), fulfilment.ErrNeedsLook)
		o.settle(id, "disclose")
		preview, err := o.works.Preview(t.Context(), o.first, id)
		o.must(err)
		o.approve(id)
		o.work()
		o.state(id, dsr.Executing)
		if _, err := o.works.OpenPackage(t.Context(), o.request(id).AddressIndex, id, 0, free); err == nil {
			t.Fatal("the package was open before the answer was sent")
		}
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		o.state(id, dsr.Answered)
		if diff := cmp.Diff(preview, o.answer(id)); diff != "" {
			t.Errorf("the preview was not the answer (-preview +answer):\n%s", diff)
		}
		content := o.download(id)
		manifest, err := export.Verify(bytes.NewReader(content), int64(len(content)))
		o.must(err)
		if manifest.Rows < counted(o.answer(id), "disclosed") {
			t.Errorf("%d rows delivered, %d told", manifest.Rows, counted(o.answer(id), "disclosed"))
		}
		if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
			t.Errorf("an access request changed the company: %v %v", gone, changed)
		}
	})
}

// download fetches the package as the person does.
func (o *office) download(id string) []byte {
	o.t.Helper()
	d, err := o.works.OpenPackage(o.t.Context(), o.request(id).AddressIndex, id, 0, free)
	o.must(err)
	defer d.Close()
	content, err := io.ReadAll(d)
	o.must(err)
	if d.Size != int64(len(content)) {
		o.t.Errorf("%d bytes announced, %d delivered", d.Size, len(content))
	}
	return content
}

func TestERA03ERA07RET02ErasureDoesWhatItTells(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before := o.dump()
		young := o.strings(o.sql("office"), "SELECT id FROM invoices WHERE issued_on > '2020-12-31'")
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "keep")
		v := o.view(id)
		if len(v.Plan.Problems) > 0 {
			t.Fatalf("the plan has problems: %v", v.Plan.Problems)
		}
		// The member who decided must not approve.
		if err := o.works.Approve(t.Context(), o.first, id, v.Plan.Digest, true); err == nil {
			t.Fatal("one member prepared and approved an erasure")
		}
		preview, err := o.works.Preview(t.Context(), o.first, id)
		o.must(err)
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		a := o.answer(id)
		if diff := cmp.Diff(preview, a); diff != "" {
			t.Errorf("the preview was not the answer (-preview +answer):\n%s", diff)
		}
		gone, changed := difference(before, o.dump())
		if total(gone) == 0 || total(gone) != counted(a, "deleted") || total(changed) != counted(a, "anonymised") {
			t.Errorf("gone %v, changed %v; told %d deleted, %d anonymised", gone, changed, counted(a, "deleted"), counted(a, "anonymised"))
		}
		// What was given to others, and what was agreed to, is proved by less: the rest of the row goes, and the
		// row is only stored.
		if n := counted(a, "restricted"); n == 0 || n != changed["office.disclosures"]+changed["webshop.cookie_consents"] {
			t.Errorf("%d rows are told as restricted: %v", n, changed)
		}
		given := o.strings(o.sql("office"), "SELECT id FROM disclosures WHERE party_id = 1")
		stored := o.strings(o.sql("office"), "SELECT id FROM disclosures WHERE party_id = 1 AND restricted AND content IS NULL AND recipient <> ''")
		if diff := cmp.Diff(given, stored); diff != "" || len(given) < 2 {
			t.Errorf("the log of disclosures (-held +stored without content):\n%s", diff)
		}
		proof := o.strings(o.sql("webshop"), "SELECT id FROM cookie_consents WHERE customer_id = 1 AND restricted AND cookie_id IS NULL AND wording <> ''")
		if len(proof) != changed["webshop.cookie_consents"] {
			t.Errorf("%d proofs of consent without the cookie: %v", len(proof), changed)
		}
		// Bookkeeping keeps vouchers of the last five financial years; older ones may go.
		kept := o.strings(o.sql("office"), "SELECT id FROM invoices WHERE issued_on > '2020-12-31'")
		if diff := cmp.Diff(young, kept); diff != "" || changed["office.invoices"] != 0 {
			t.Errorf("bookkeeping was touched: %s", diff)
		}
		if a.Outcome != dsr.PartlyGranted || counted(a, "kept") == 0 {
			t.Errorf("outcome %s, %d kept: invoices have to be kept", a.Outcome, counted(a, "kept"))
		}
		for _, g := range a.Groups {
			if g.Action == "kept" && strings.Contains(g.Law, "bokføring") && g.Until == "" {
				t.Errorf("kept without a last day: %+v", g)
			}
		}
		o.tx(func(tx *store.Tx) error {
			r, err := tx.ReadRequest(id)
			o.must(err)
			erased := int64(0)
			held, err := tx.ErasedSources()
			o.must(err)
			for _, s := range held {
				erased += s.Rows
			}
			if erased != int64(total(gone)+total(changed)) {
				t.Errorf("the ledger holds %d rows, %d were erased or changed", erased, total(gone)+total(changed))
			}
			if on, err := tx.SuppressedAt([][]byte{r.AddressIndex}); err != nil || on[string(r.AddressIndex)]["newsletter"].IsZero() {
				t.Errorf("the newsletter may come back: %v", err)
			}
			return nil
		})
	})
}

// The answer is a proof of what was erased: in which system, how much and when, and until which day it may
// lie in a backup. It says so in the person's language, in the letter too.
func TestERA06ERA07TheAnswerTellsOfEachSystemAndOfTheLastBackup(t *testing.T) {
	t.Parallel()
	for l, days := range map[locale.Locale][2]string{
		locale.NB: {"1. juni 2026", "16. juli 2026"}, locale.NN: {"1. juni 2026", "16. juli 2026"}, locale.EN: {"1 June 2026", "16 July 2026"},
	} {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				o.speaks = l
				o.tx(func(tx *store.Tx) error {
					_, err := tx.AddVersion(o.controller, store.VersionSettings, 1, `{"name":"Fjordlys AS","email":"personvern@fjordlys.example","postal_address":"Storgata 1","cooling_off_hours":0,"backup_days":45}`, "test")
					return err
				})
				before := o.dump()
				id := o.reachReview(dsr.Erasure, demo.MostData.Email)
				o.approve(id)
				o.work()
				o.state(id, dsr.Answered)
				gone, changed := difference(before, o.dump())
				want := map[string][2]int64{}
				for table, n := range gone {
					name, _, _ := strings.Cut(table, ".")
					want[name] = [2]int64{want[name][0] + int64(n), want[name][1]}
				}
				for table, n := range changed {
					name, _, _ := strings.Cut(table, ".")
					want[name] = [2]int64{want[name][0], want[name][1] + int64(n)}
				}
				a, got := o.answer(id), map[string][2]int64{}
				titles := map[string]string{}
				for _, s := range o.view(id).Sources {
					titles[locale.Named(s.Title, l)] = s.Name
				}
				for _, s := range a.Systems {
					if s.On != "2026-06-01" || s.ByHand {
						t.Errorf("%+v", s)
					}
					got[titles[s.Name]] = [2]int64{s.Erased, s.Anonymised}
				}
				if diff := cmp.Diff(want, got); diff != "" || len(want) < 2 {
					t.Errorf("what was erased and changed in each system (-in the systems +told):\n%s", diff)
				}
				said, rows := (&a).Letter(), 0
				for _, s := range said.Sections {
					if s.Part != letter.Proof {
						continue
					}
					for _, row := range s.Blocks[0].Table.Rows {
						if rows++; titles[row[0]] == "" || row[len(row)-1] != days[0] {
							t.Errorf("the letter tells of a system %q", row)
						}
					}
				}
				if text := said.Text(); rows != len(a.Systems) || !strings.Contains(a.Backups, days[1]) || !strings.Contains(text, a.Backups) {
					t.Errorf("%d of %d systems, and of backups %q: %s", rows, len(a.Systems), a.Backups, text)
				}
			})
		})
	}
}

// Who has ordered lately asks to be forgotten: what the contract needs stays, with why and until when, and
// the rest of the same row goes.
func TestERA03CustomerStillKeepsWhatTheContractNeeds(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		row := func() string {
			return strings.Join(o.strings(o.sql("webshop"), `SELECT first_name || '|' || coalesce(email, '') || '|' || customer_no || '|' || coalesce(last_order_on, '') || '|' || coalesce(birth_date, '') || '|' || coalesce(created_on, '')
				FROM customers WHERE customer_no = '`+demo.Household.CustomerNo+`'`), "")
		}
		was := strings.Split(row(), "|")
		if len(was) != 6 || slices.Contains(was, "") {
			t.Fatalf("the customer is %v", was)
		}
		id := o.reachReview(dsr.Erasure, demo.Household.Email)
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		now := strings.Split(row(), "|")
		if diff := cmp.Diff(append(slices.Clone(was[:4]), "", ""), now); diff != "" {
			t.Errorf("the customer's row (-want +got):\n%s", diff)
		}
		ordered, err := dsr.ParseDate(was[3][:10])
		o.must(err)
		a, told := o.answer(id), 0
		for _, g := range a.Groups {
			if g.Action == "kept" && g.Activity == "Kunderegister" && g.Until != "" { // the home that is shared stays for another reason
				told++
				if g.Until != ordered.AddMonths(24).String() || !strings.Contains(g.Text, "garanti og reklamasjon") || !strings.Contains(g.Law, "artikkel 6 nr. 1 bokstav b") {
					t.Errorf("the customer is told %+v", g)
				}
			}
		}
		if told == 0 || a.Outcome != dsr.PartlyGranted {
			t.Errorf("%d groups of the customer register are told as kept, outcome %s", told, a.Outcome)
		}
		for _, table := range []string{"cookie_profiles", "site_activity", "payment_methods"} {
			if left := o.strings(o.sql("webshop"), "SELECT customer_id FROM "+table+" WHERE customer_id = 2"); len(left) > 0 {
				t.Errorf("%d rows of %s are left", len(left), table)
			}
		}
	})
}

func TestREC01RectificationChangesOneField(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		address := keyring.NewPrivate(demo.MostData.Email)
		mine, err := o.works.MyFields(t.Context(), address, locale.NB)
		o.must(err)
		if mine.State != fulfilment.FieldsShown {
			t.Fatalf("state %s", mine.State)
		}
		index := b.Store.AddressIndex(demo.MostData.Email)
		var c store.Correction
		for _, f := range mine.Fields {
			if f.Label == "Etternavn" {
				c, err = o.works.OpenRef(f.Ref, index)
				o.must(err)
			}
		}
		if c.Field == "" {
			t.Fatalf("the last name is not among %d fields", len(mine.Fields))
		}
		c.New = "Nordmann-Test"
		before := o.dump()
		id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: []store.Correction{c}})
		o.work()
		o.state(id, dsr.Review)
		v := o.view(id)
		if len(v.Corrections) != 1 || v.Corrections[0].Decision != "set" || v.Corrections[0].Group == "" {
			t.Fatalf("corrections: %+v", v.Corrections)
		}
		o.settle(id, "annotate")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		gone, changed := difference(before, o.dump())
		if total(gone) != 0 || total(changed) != 1 || changed["webshop.customers"] != 1 {
			t.Errorf("gone %v, changed %v", gone, changed)
		}
		a := o.answer(id)
		if counted(a, "corrected") != 1 || a.Outcome != dsr.Granted {
			t.Errorf("answer %+v", a)
		}
		names := o.strings(o.sql("webshop"), "SELECT last_name FROM customers WHERE last_name = 'Nordmann-Test'")
		if len(names) != 1 {
			t.Errorf("the new name stands in %d rows", len(names))
		}
	})
}

func TestErasureOfOnePartTouchesNothingElse(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before := o.dump()
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{Activities: []string{"newsletter"}})
		o.work()
		for _, g := range o.view(id).Groups {
			if g.Activity != "newsletter" {
				t.Errorf("%s of %s is to be decided though nobody asked", g.Collection, g.Activity)
			}
		}
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		gone, changed := difference(before, o.dump())
		want := map[string]int{"webshop.newsletter_subscribers": 1, "webshop.consents": 1}
		if diff := cmp.Diff(want, gone); diff != "" || total(changed) != 0 {
			t.Errorf("changed %v, gone (-want +got):\n%s", changed, diff)
		}
		if a := o.answer(id); counted(a, "deleted") != 2 || len(a.Groups) != 1 || a.Outcome != dsr.Granted {
			t.Errorf("answer %+v", a)
		}
	})
}

func TestAccessToOnePartDeliversNothingElse(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.file(dsr.Access, demo.MostData.Email, store.Detail{Activities: []string{"newsletter"}})
	o.work()
	o.settle(id, "disclose")
	o.approve(id)
	o.work()
	o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
	all := allText(t, o.download(id))
	if !strings.Contains(all, "Nyhetsbrev") || strings.Contains(all, demo.MostData.CustomerNo) {
		t.Error("the package is not the newsletter alone")
	}
}

func TestCorrectionThatTheOfficeRefusesIsTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
	o.must(err)
	var asked []store.Correction
	for _, f := range mine.Fields {
		if f.Label == "Etternavn" || f.Label == "Fornavn" {
			c, err := o.works.OpenRef(f.Ref, o.b.Store.AddressIndex(demo.MostData.Email))
			o.must(err)
			c.New = "Annet"
			asked = append(asked, c)
		}
	}
	before := o.dump()
	id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: asked})
	o.work()
	for _, c := range o.view(id).Corrections {
		o.must(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: c.Group, Action: "refuse", Reason: "Navnet er bekreftet"}}))
	}
	o.settle(id, "annotate")
	o.approve(id)
	o.work()
	o.state(id, dsr.Answered)
	if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
		t.Errorf("gone %v, changed %v", gone, changed)
	}
	if a := o.answer(id); counted(a, "refused") != len(asked) || a.Outcome != dsr.Refused || len(asked) == 0 {
		t.Errorf("answer %+v", a)
	}
}

func TestWishInWordsIsAnsweredInWords(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Text: "Notatet om meg er feil."})
	o.work()
	o.settle(id, "annotate")
	o.approve(id)
	o.work()
	o.state(id, dsr.Executing)
	o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}), fulfilment.ErrWordsMissing)
	o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Text: "Vi har lagt merknaden din ved notatet."}))
	o.state(id, dsr.Answered)
	if a := o.answer(id); a.Outcome != dsr.Assessed || a.Title != "Svar på kravet ditt" || !strings.HasPrefix(a.Paragraphs[0], "Vi har vurdert det du skrev.") || len(a.Words) == 0 {
		t.Errorf("nothing was corrected, and the answer is %+v", a)
	}
}

// customer finds the row of the customer and gives what names it.
func (o *office) customer(id string) (group, key string) {
	o.t.Helper()
	for _, g := range o.view(id).Groups {
		if g.Source != "webshop" || g.Collection != "customers" {
			continue
		}
		page, err := o.works.Findings(o.t.Context(), o.first, id, g.ID, "", 10, locale.NB)
		o.must(err)
		return g.ID, page.Findings[0].Key
	}
	o.t.Fatal("the customer is not among the findings")
	return "", ""
}

func TestOfficerPointsAWishAtARow(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Text: "Etternavnet mitt er feil, og nummeret er ikke mitt."})
		o.work()
		group, key := o.customer(id)
		point := func(field, value string) fulfilment.FieldCorrection {
			return fulfilment.FieldCorrection{Group: group, Key: key, Field: field, Value: value, Remove: value == ""}
		}
		add := func(c fulfilment.FieldCorrection) error { return o.works.AddCorrection(t.Context(), o.first, id, c) }
		missing := point("last_name", "X")
		missing.Key = "id=0"
		for name, c := range map[string]struct {
			asked fulfilment.FieldCorrection
			want  error
		}{
			"no such row":          {missing, fulfilment.ErrNoSuchRow},
			"no such field":        {point("shoe_size", "43"), fulfilment.ErrNoSuchRow},
			"a key":                {point("id", "7"), fulfilment.ErrNotCorrectable},
			"a log of what was":    {point("last_order_on", "2020-01-01"), fulfilment.ErrNotCorrectable},
			"what stands there":    {point("last_name", demo.MostData.Last), fulfilment.ErrSameValue},
			"empty, not asked for": {fulfilment.FieldCorrection{Group: group, Key: key, Field: "phone"}, fulfilment.ErrNewValue},
			"must not be empty":    {point("last_name", ""), fulfilment.ErrNewValue},
			"longer than its room": {point("phone", strings.Repeat("4", 60)), fulfilment.ErrNewValue},
			"an older search":      {fulfilment.FieldCorrection{Group: "gone", Key: key, Field: "last_name", Value: "X"}, fulfilment.ErrGroupGone},
		} {
			if err := add(c.asked); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if n := len(o.request(id).Detail.Corrections); n != 0 {
			t.Fatalf("%d corrections of what was refused", n)
		}
		o.must(add(point("last_name", "Feil")))
		o.work()
		group, key = o.customer(id)
		o.must(add(point("last_name", "Rettet"))) // the office changes its mind
		o.work()
		group, key = o.customer(id)
		o.must(add(point("phone", "")))
		o.work()
		before := o.dump()
		o.settle(id, "annotate")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		if gone, changed := difference(before, o.dump()); total(gone) != 0 || total(changed) != 1 || changed["webshop.customers"] != 1 {
			t.Errorf("gone %v, changed %v", gone, changed)
		}
		if n := len(o.strings(o.sql("webshop"), "SELECT id FROM customers WHERE last_name = 'Rettet' AND phone IS NULL")); n != 1 {
			t.Errorf("%d rows were corrected", n)
		}
		a := o.answer(id)
		said := strings.Join(a.Paragraphs, "\n")
		if counted(a, "corrected") != 2 || !strings.Contains(said, "Etternavn: Nå står det «Rettet».") || !strings.Contains(said, "Telefon: Feltet er tømt.") ||
			strings.Contains(said, demo.MostData.Phone) || strings.Contains(said, demo.MostData.Last) {
			t.Errorf("answer %+v", a)
		}
		if words := a.Groups[0].Text; words != "Vi har rettet dette." {
			t.Errorf("the answer speaks of what is still to come: %q", words)
		}
		codes := map[string]int{}
		for _, e := range o.request(id).Events {
			codes[e.Data.Code]++
		}
		if codes["correction_pointed"] != 3 {
			t.Errorf("events %v", codes)
		}
		if dump := b.Dump(t, "event", "job", "audit_leaf", "request", "plan"); strings.Contains(dump, "Rettet") {
			t.Error("the new value lies in the clear")
		}
	})
}

func TestOfficerLeavesThePersonsOwnCorrection(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
	o.must(err)
	var asked store.Correction
	for _, f := range mine.Fields {
		if f.Label == "Etternavn" {
			asked, err = o.works.OpenRef(f.Ref, o.b.Store.AddressIndex(demo.MostData.Email))
			o.must(err)
		}
	}
	asked.New = "Personens"
	id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: []store.Correction{asked}})
	o.work()
	group, key := o.customer(id)
	o.is(o.works.AddCorrection(t.Context(), o.first, id, fulfilment.FieldCorrection{Group: group, Key: key, Field: "last_name", Value: "Kontorets"}), fulfilment.ErrAskedByPerson)
}

// TestAnswerTellsWhatIsDone: no sentence of an erasure's answer is about what is yet to happen, and
// what differs in its last day alone is told once.
func TestAnswerTellsWhatIsDone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
	o.work()
	o.settle(id, "keep")
	o.approve(id)
	o.work()
	o.state(id, dsr.Answered)
	seen := map[[3]string]int{}
	dated := 0
	for _, g := range o.answer(id).Groups {
		if (g.Action == "deleted" || g.Action == "anonymised") && strings.Contains(g.Text, "Vi sletter dette") {
			t.Errorf("%s: %q", g.Action, g.Text)
		}
		if g.Until == "" {
			continue
		}
		seen[[3]string{g.Action, g.Activity, g.Law}]++
		if strings.Contains(g.Text, "for det eldste og") {
			dated++
			if until, err := dsr.ParseDate(g.Until); err != nil || !strings.Contains(g.Text, until.Format(locale.NB)+" for det nyeste") {
				t.Errorf("kept until %s: %q", g.Until, g.Text)
			}
		}
	}
	for what, n := range seen {
		if n != 1 {
			t.Errorf("%v is told %d times", what, n)
		}
	}
	if dated == 0 {
		t.Error("the invoices of several years have one last day")
	}
}

// Two who both decided something are not two pairs of eyes: whoever approves has no decision in it.
func TestSEC01WhoeverDecidedDoesNotApprove(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Erasure, demo.MostData.Email)
		g := o.view(id).Groups
		decide := func(by fulfilment.By, i int) {
			t.Helper()
			action := g[i].Proposal.Action
			if action == "review" {
				action = "keep"
			}
			o.must(o.works.Decide(t.Context(), by, id, []fulfilment.GroupDecision{{Group: g[i].ID, Action: action, Ground: "17_3_e", Reason: "Etter en vurdering"}}))
		}
		decide(o.second, 0)
		decide(o.first, 1)
		o.work()
		o.must(o.works.Plan(t.Context(), o.first, id))
		digest := o.view(id).Plan.Digest
		o.is(o.works.Approve(t.Context(), o.second, id, digest, false), dsr.ErrFourEyes)
		o.is(o.works.Approve(t.Context(), o.first, id, digest, false), dsr.ErrFourEyes)
		// The other one makes the decision instead: then it is the first one's work alone.
		decide(o.first, 0)
		o.work()
		o.must(o.works.Plan(t.Context(), o.first, id))
		o.is(o.works.Approve(t.Context(), o.first, id, o.view(id).Plan.Digest, false), dsr.ErrFourEyes)
		o.must(o.works.Approve(t.Context(), o.second, id, o.view(id).Plan.Digest, false))
		if p := o.request(id).P; p.ApprovedBy != o.second.ID || p.PreparedBy != o.first.ID {
			t.Errorf("prepared by %d, approved by %d", p.PreparedBy, p.ApprovedBy)
		}
	})
}

// A web log ends day by day: the letter names the oldest and the newest, not a line for each day, and
// the numbers stay.
func TestLetterHasOneLineForWhatDiffersInADay(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.reachReview(dsr.Erasure, demo.MostData.Email)
	var planned int64
	for _, c := range o.view(id).Plan.Counts {
		if c.Collection == "web_logs" {
			planned += c.Count
		}
	}
	o.approve(id)
	o.work()
	var lines []string
	var told int64
	for _, g := range o.answer(id).Groups {
		if g.Activity == "Nettlogg" {
			lines, told = append(lines, g.Text), told+g.Count
		}
	}
	if told != planned || planned < 100 {
		t.Errorf("%d rows are told of, %d were planned", told, planned)
	}
	if len(lines) > 2 || !slices.ContainsFunc(lines, func(s string) bool { return strings.Contains(s, " for det eldste og ") }) {
		t.Errorf("the log has %d lines: %q", len(lines), lines)
	}
}

// Two officers have the case open. What one of them has seen is not what stands once the other has
// decided something: nobody approves what they have not looked at.
func TestPlanThatChangedOnTheScreenIsNotApproved(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, ctx := newOffice(t, b), t.Context()
		id := o.reachReview(dsr.Access, demo.MostData.Email)
		seen := o.view(id)
		for _, g := range seen.Groups {
			if g.Proposal.Action == "disclose" && !g.NeedsLook {
				o.must(o.works.Decide(ctx, o.second, id, []fulfilment.GroupDecision{{Group: g.ID, Action: "withhold", Ground: "pol_16_1_e", Reason: "Internt notat"}}))
				break
			}
		}
		o.work()
		for _, digest := range []string{seen.Plan.Digest, ""} {
			o.is(o.works.Approve(ctx, o.first, id, digest, false), dsr.ErrPlanNotApproved)
		}
		o.state(id, dsr.Review)
		o.must(o.works.Approve(ctx, o.first, id, o.view(id).Plan.Digest, false))
	})
}

func TestBrokenPackageCostsNoCode(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.Subscriber.Email)
		o.approve(id)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		o.state(id, dsr.Answered)
		name := ""
		o.must(b.Store.Read(t.Context(), func(tx *store.Tx) error {
			p, err := tx.PackageOf(o.request(id))
			name = p.Blob
			return err
		}))
		_, err := o.blobs.Put(t.Context(), name, func(w io.Writer) error { _, err := w.Write([]byte("broken")); return err })
		o.must(err)
		spent := 0
		_, err = o.works.OpenPackage(t.Context(), o.request(id).AddressIndex, id, 0, func(*store.Tx) error { spent++; return nil })
		if err == nil || spent != 0 {
			t.Errorf("a broken package: %v, %d codes spent", err, spent)
		}
		if n := b.Count(t, "SELECT downloads FROM package"); n != 0 {
			t.Errorf("%d downloads are counted", n)
		}
	})
}

func TestPageToPrint(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.file(dsr.Access, demo.Subscriber.Email, store.Detail{})
	o.work()
	stale := o.first
	stale.Fresh = false
	_, err := o.works.StaffPackage(t.Context(), stale, id, "html")
	o.is(err, staff.ErrStepUp)
	// What is not the plan that stands is not printed: it is not what would be approved.
	db := o.b.SQL(t)
	_, err = db.ExecContext(t.Context(), "UPDATE plan SET basis = 'x' || basis")
	o.must(err)
	_, err = o.works.StaffPackage(t.Context(), o.first, id, "html")
	o.is(err, fulfilment.ErrPlanStale)
	_, err = db.ExecContext(t.Context(), "UPDATE plan SET basis = substr(basis, 2)")
	o.must(err)
	for _, form := range []string{"html", "zip"} {
		d, err := o.works.StaffPackage(t.Context(), o.first, id, form)
		o.must(err)
		content, err := io.ReadAll(d)
		o.must(err)
		o.must(d.Close())
		if form == "zip" {
			_, err = export.Verify(bytes.NewReader(content), int64(len(content)))
			o.must(err)
		} else if !bytes.Contains(content, []byte("Fjordlys")) {
			t.Error("the page says nothing")
		}
	}
	_, err = o.works.StaffPackage(t.Context(), o.first, id, "pdf")
	o.is(err, fulfilment.ErrForm)
}

// A voucher is corrected by a new entry: nobody can decide that it is written over, with whatever reason.
func TestREC06NobodyDecidesThatAVoucherIsWrittenOver(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		mine, err := o.works.MyFields(t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
		o.must(err)
		i := slices.IndexFunc(mine.Fields, func(f fulfilment.MyField) bool { return f.Label == "Etternavn" })
		c, err := o.works.OpenRef(mine.Fields[i].Ref, b.Store.AddressIndex(demo.MostData.Email))
		o.must(err)
		// The form offers no voucher; a field can have become one since it was pointed at.
		invoices := o.sql("office")
		number := o.strings(invoices, "SELECT min(id) FROM invoices WHERE billing_email = '"+demo.MostData.Email+"'")[0]
		c.Source, c.Collection, c.Field, c.Label = "office", "office.invoices", "billing_name", "Navn på fakturaen"
		c.Old = o.strings(invoices, "SELECT billing_name FROM invoices WHERE id = "+number)[0]
		c.Key = json.RawMessage(regexp.MustCompile(`[0-9]+`).ReplaceAllString(string(c.Key), number))
		c.New = "Nordmann-Test"
		before := o.dump()
		id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: []store.Correction{c}})
		o.work()
		v := o.view(id)
		i = slices.IndexFunc(v.Groups, func(g fulfilment.Group) bool { return g.ID == v.Corrections[0].Group })
		if i < 0 || v.Groups[i].Proposal.Action != string(register.Annotate) ||
			slices.ContainsFunc(v.Groups[i].Options, func(o fulfilment.Option) bool { return o.Action == string(register.Set) }) {
			t.Fatalf("a voucher's field can be decided so: %+v of %+v", v.Corrections, v.Groups)
		}
		over := fulfilment.GroupDecision{Group: v.Groups[i].ID, Action: string(register.Set), Reason: "Kunden har rett."}
		o.is(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{over}), fulfilment.ErrNoSuchAction)
		o.settle(id, "annotate")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		if gone, changed := difference(before, o.dump()); total(gone) != 0 || changed["office.invoices"] != 0 {
			t.Errorf("gone %v, changed %v", gone, changed)
		}
	})
}

package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// A register that does not know who gets the data, whether anybody does, on what basis they are held, how they are stored
// and protected, or whether anything is decided by automated means, holds the answer back: the case stays as it was, and the fault names what to fill in. The case says so from the search on.
func TestACC03ACC04ACC06NothingIsIssuedThatLacksWhatTheLawAsks(t *testing.T) {
	t.Parallel()
	bases := regexp.MustCompile(`(?ms)^  bases:\n.*?^  persons:`)
	hosts := regexp.MustCompile(`(?ms)^  recipients:\n  - name: Kraftsky Drift AS\n.*?^  storage:`)
	whole := string(demo.Register())
	logs := strings.Index(whole, "- id: web_logs")
	without := func(cut string) string { return whole[:logs] + strings.Replace(whole[logs:], cut, "", 1) }
	cases := map[string]struct{ register, lacks, early string }{
		"name":      {strings.Replace(whole, "name: Kraftsky Drift AS", `name: ""`, 3), "navn på mottaker (Nettlogg)", "Skriv navnet på mottakeren."},
		"recipient": {hosts.ReplaceAllString(whole, "  storage:"), "ingen andre får dem (Nettlogg)", "Skriv hvem som får opplysningene, eller at ingen andre får dem"},
		"system":    {without("    system: Nettbutikken\n"), "hvilket system opplysningene lagres i (Nettlogg)", "Skriv hvilket system opplysningene ligger i."},
		"protected": {regexp.MustCompile(`(?m)^    protection:\n(      .*\n)+`).ReplaceAllString(whole, ""), "hvordan opplysningene er sikret (Nettlogg)", "hvordan opplysningene er sikret"},
		"automated": {without("  no_automated_decisions: true\n"), "om avgjørelser tas automatisk, og i så fall hvordan (Nettlogg)", "Skriv om avgjørelser tas automatisk"},
		"basis":     {bases.ReplaceAllString(whole, "  bases: []\n  persons:"), "behandlingsgrunnlag (Kunderegister)", "Behandlingsgrunnlaget mangler."},
	}
	for name, c := range cases {
		if c.register == whole {
			t.Fatalf("%s: the demo's register says something else by now", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := officeWith(t, b, c.register)
				id := o.reachReview(dsr.Access, demo.MostData.Email)
				if said := o.view(id).Lacking; !slices.ContainsFunc(said, func(l fulfilment.Lacking) bool { return strings.Contains(l.Text, c.early) && l.Name != "" }) {
					t.Errorf("the case says of what the answer will lack: %+v", said)
				}
				o.approve(id)
				o.work()
				err := o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{})
				if f := fault.From(err); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(f.Text.NB, c.lacks) {
					t.Errorf("error %v", err)
				}
				o.state(id, dsr.Executing)
			})
		})
	}
}

// The copy holds the answer as a letter, with the values of the case.
func TestACC12TheCopyHoldsTheAnswerAsALetter(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.MostData.Email)
		o.approve(id)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Text: "Ring oss gjerne."}))
		body := unpacked(t, o.download(id), "brev.pdf")
		r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		if r.Trailer().Key("Root").Key("Lang").Text() != "nb" {
			t.Error("the letter does not say its language")
		}
		a := o.answer(id)
		own, err := a.PDF()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(body, own) {
			t.Error("the letter in the copy is not the one that was sent")
		}
		for name, file := range map[string][]byte{"copy": body, "case": own} {
			said := plain(t, file)
			for _, want := range []string{a.Case.Reference, a.Case.Received.Format(a.Locale), a.Purposes[0].Name, a.Purposes[0].Recipients[0].Name} {
				if !strings.Contains(said, want) {
					t.Errorf("the letter of the %s lacks %q", name, want)
				}
			}
		}
		for _, want := range []string{"Ring oss gjerne.", "Fjordlys AS, personvern", "Vedlegg: kopi av opplysningene · ordforklaringer"} {
			if !strings.Contains(plain(t, own), want) {
				t.Errorf("the letter lacks %q", want)
			}
		}
		if page := string(unpacked(t, o.download(id), "dine-opplysninger.html")); !strings.Contains(page, "Fjordlys AS, personvern</p>") {
			t.Error("nobody signs the page of the copy")
		}
		if len(a.Purposes) < 2 || a.Check() != nil {
			t.Errorf("%d purposes, %v", len(a.Purposes), a.Check())
		}
		ends := 0
		today := dsr.DateOf(o.b.Clock.Now(), time.UTC)
		for _, p := range a.Purposes {
			if !p.KeptUntil.IsZero() {
				ends++
				if p.Over != p.KeptUntil.Before(today) {
					t.Errorf("%s: kept until %s, over: %v", p.ID, p.KeptUntil, p.Over)
				}
			}
			if p.ID == "newsletter" && !p.KeptUntil.IsZero() {
				t.Errorf("a consent that holds until it is withdrawn ends on %s", p.KeptUntil)
			}
		}
		if ends == 0 {
			t.Error("no purpose says until when its data are kept")
		}
	})
}

// What a member adds, and the day on which it is sent, is in the copy too, whatever it held when it was built: the letter
// inside is the one that is sent. What it replaced is gone, and where nothing differs the copy is not written again.
func TestACC02TheLetterInTheCopyIsTheVeryOneThatIsSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   fulfilment.AnswerInput
		wait time.Duration
		same bool
	}{
		"as it was built":   {fulfilment.AnswerInput{}, 0, true},
		"with words":        {fulfilment.AnswerInput{Text: "Ring oss gjerne."}, 0, false},
		"two days after":    {fulfilment.AnswerInput{}, 48 * time.Hour, false},
		"words, days after": {fulfilment.AnswerInput{Text: "Beklager at det tok tid."}, 48 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				id := o.reachReview(dsr.Access, demo.MostData.Email)
				o.approve(id)
				o.work()
				was := o.copy(id)
				b.Clock.Advance(c.wait)
				o.must(o.works.Answer(t.Context(), o.first, id, c.in))
				now := o.copy(id)
				if (was.Blob == now.Blob) != c.same || (was.Manifest == now.Manifest) != c.same {
					t.Errorf("the copy was %s and is %s", was.Blob, now.Blob)
				}
				if _, err := o.blobs.Stat(t.Context(), was.Blob); (err == nil) != c.same {
					t.Errorf("the copy that nobody gets: %v", err)
				}
				a := o.answer(id)
				own, err := a.PDF()
				o.must(err)
				archive := o.download(id)
				if !bytes.Equal(unpacked(t, archive, "brev.pdf"), own) {
					t.Error("the letter in the copy is not the one that was sent")
				}
				if m, err := export.Verify(bytes.NewReader(archive), int64(len(archive))); err != nil || m.SHA256 != now.Manifest {
					t.Errorf("manifest %s, in the log %s: %v", m.SHA256, now.Manifest, err)
				}
				if page := string(unpacked(t, archive, "dine-opplysninger.html")); !strings.Contains(page, a.Case.Answered.Format(a.Locale)) {
					t.Error("the page of the copy was answered on another day")
				}
				staff, err := o.works.StaffPackage(t.Context(), o.first, id, "zip")
				o.must(err)
				body, err := io.ReadAll(staff)
				o.must(errors.Join(err, staff.Close()))
				if !bytes.Equal(unpacked(t, body, "brev.pdf"), own) {
					t.Error("the office's copy holds another letter")
				}
			})
		})
	}
}

// copy gives the package of a case.
func (o *office) copy(id string) *store.Package {
	o.t.Helper()
	var p *store.Package
	r := o.request(id)
	o.tx(func(tx *store.Tx) (err error) {
		p, err = tx.PackageOf(r)
		return err
	})
	return p
}

// The answer tells what the search covered: each place with the moment at which it was read, and that there was no limit
// back in time. A place of which nobody knows when it was read holds the answer back.
func TestACC01ACC10TheAnswerTellsWhatTheSearchCovered(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.MostData.Email)
		o.approve(id)
		o.work()
		var report map[string]any
		o.must(json.Unmarshal([]byte(o.report(id)), &report))
		kept := o.report(id)
		for _, s := range report["sources"].([]any) {
			if _, ok := s.(map[string]any)["read"]; !ok {
				t.Errorf("nobody knows when this was read: %v", s)
			}
			delete(s.(map[string]any), "read")
		}
		delete(report, "date")
		lost, err := json.Marshal(report)
		o.must(err)
		o.put(id, string(lost))
		err = o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{})
		if f := fault.From(err); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(f.Text.NB, "når det ble lett (Nettbutikken)") {
			t.Errorf("error %v", err)
		}
		o.state(id, dsr.Executing)
		o.put(id, kept)
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		a := o.answer(id)
		page := string(unpacked(t, o.download(id), "dine-opplysninger.html"))
		for _, where := range []string{a.Letter().Text(), page} {
			for _, want := range []string{"Nettbutikken (lest 1. juni 2026 kl. ", "uten noen grense tilbake i tid",
				"ikke spurt for seg: Kraftsky Drift AS (Nettbutikken"} {
				if !strings.Contains(where, want) {
					t.Errorf("%q is told nowhere in\n%s", want, where)
				}
			}
		}
	})
}

// Which processors were asked is a sentence of its own in each language, made from the register's processors and the places
// that were searched: nobody is said to be asked who was not, and that there are none is said too.
func TestACC10TheAnswerTellsWhichProcessorsWereAsked(t *testing.T) {
	t.Parallel()
	o := officeWith(t, portaltest.New(t, migrations.SQLite), strings.Replace(string(demo.Register()), "processors:\n", "processors:\n- name: Langt Borte AS\n  country: \"NO\"\n  agreement: ja\n", 1))
	o.edit = func(file []byte) []byte {
		return bytes.Replace(file, []byte("name: Personal\n"), []byte("name: Personal hos Talloft Regnskap AS\n"), 1)
	}
	for l, want := range map[locale.Locale][]string{
		locale.NB: {"Databehandlere vi har spurt: Talloft Regnskap AS.", "Disse databehandlerne behandler opplysninger for oss i det vi lette i, og er ikke spurt for seg: Kraftsky Drift AS (Nettbutikken", "Disse databehandlerne er ikke spurt: Langt Borte AS."},
		locale.NN: {"Databehandlarar vi har spurt: Talloft Regnskap AS.", "Desse databehandlarane behandlar opplysningar for oss i det vi leita i, og er ikkje spurde for seg: Kraftsky Drift AS (Nettbutikken", "Desse databehandlarane er ikkje spurde: Langt Borte AS."},
		locale.EN: {"Processors that we have asked: Talloft Regnskap AS.", "These processors handle data for us in what we searched, and were not asked separately: Kraftsky Drift AS (“Nettbutikken”", "These processors were not asked: Langt Borte AS."},
	} {
		o.speaks = l
		got := o.previewed(o.reachReview(dsr.Access, demo.MostData.Email)).Processors
		if len(got) != 3 {
			t.Fatalf("%s: %q", l, got)
		}
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				t.Errorf("%s: %q, want %q", l, got[i], want[i])
			}
		}
	}
	alone := officeWith(t, portaltest.New(t, migrations.SQLite), regexp.MustCompile(`(?s)\nprocessors:\n.*?\ncompanies:`).ReplaceAllString(
		strings.ReplaceAll(string(demo.Register()), "role: processor", "role: controller"), "\ncompanies:"))
	got := alone.previewed(alone.reachReview(dsr.Access, demo.MostData.Email)).Processors
	if len(got) != 1 || got[0] != "Vi har ikke ført opp noen databehandlere, så ingen er spurt." {
		t.Errorf("without any: %q", got)
	}
}

// previewed is the answer as it would be sent now.
func (o *office) previewed(id string) store.Answer {
	o.t.Helper()
	a, err := o.works.Preview(o.t.Context(), o.first, id)
	o.must(err)
	return a
}

// report gives what is kept of the newest search of a case.
func (o *office) report(id string) string {
	o.t.Helper()
	var said string
	r := o.request(id)
	o.tx(func(tx *store.Tx) error {
		run, err := tx.CurrentRun(r)
		if err == nil {
			said = run.Report
		}
		return err
	})
	return said
}

// put writes another report past the portal.
func (o *office) put(id, report string) {
	o.t.Helper()
	_, err := o.b.SQL(o.t).Exec("UPDATE run SET report = $1 WHERE request_id = (SELECT id FROM request WHERE public_id = $2)", report, id)
	o.must(err)
}

func plain(t *testing.T, body []byte) string {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unpacked(t *testing.T, body []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// What the law lets nobody speak of is left out, and neither the answer, the letter, its PDF, any file of the copy nor a
// mail tells by which provision, or that there was anything. The rest is given, and the way to complain stays.
func TestACC15WhatMayNotBeNamedIsNamedNowhere(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		ctx := t.Context()
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "disclose")
		var secret fulfilment.Group
		alone := map[string]int{}
		for _, g := range o.view(id).Groups {
			alone[g.Source+g.Collection]++
		}
		for _, g := range o.view(id).Groups {
			if g.Proposal.Action == "disclose" && !g.NeedsLook && alone[g.Source+g.Collection] == 1 {
				secret = g
			}
		}
		decide := func(reason string) error {
			return o.works.Decide(ctx, o.first, id, []fulfilment.GroupDecision{{Group: secret.ID, Action: "withhold", Ground: "pol_16_1_b_quiet", Reason: reason}})
		}
		o.is(decide(" "), fulfilment.ErrReasonMissing)
		before := b.Count(t, "SELECT count(*) FROM audit_leaf")
		o.must(decide("Etterforskes av politiet"))
		if after := b.Count(t, "SELECT count(*) FROM audit_leaf"); after <= before {
			t.Error("the decision left no leaf in the log")
		}
		o.approve(id)
		o.work()
		o.must(o.works.Answer(ctx, o.first, id, fulfilment.AnswerInput{}))
		o.work()
		a := o.answer(id)
		sealed, err := json.Marshal(a)
		o.must(err)
		own, err := a.PDF()
		o.must(err)
		told := map[string]string{"answer": string(sealed), "letter": a.Letter().Text(), "PDF": plain(t, own)}
		archive := o.download(id)
		z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		o.must(err)
		for _, f := range z.File {
			told["copy/"+f.Name] = string(unpacked(t, archive, f.Name))
			if strings.HasSuffix(f.Name, ".pdf") {
				told["copy/"+f.Name] = plain(t, unpacked(t, archive, f.Name))
			}
		}
		b.RunJobs(t, o.desk().Work())
		if len(b.Letters.To(demo.MostData.Email)) == 0 {
			t.Error("the person was told by no mail")
		}
		for _, m := range b.Letters.All() {
			told["mail "+m.Subject] = m.Subject + m.Text
		}
		for where, said := range told {
			for _, word := range []string{"§ 16", "pol_16", "quiet", "straffbare", "Etterforskes", "nevnes ikke"} {
				if strings.Contains(said, word) {
					t.Errorf("%s says %q", where, word)
				}
			}
		}
		for _, where := range []string{"answer", "copy/data.json"} {
			if strings.Contains(told[where], `"`+secret.Collection+`"`) {
				t.Errorf("%s names %s", where, secret.Collection)
			}
		}
		if a.Outcome != dsr.Granted || len(a.LeftOut) != 0 || len(a.Purposes) < 2 {
			t.Errorf("outcome %s, left out %v, %d purposes", a.Outcome, a.LeftOut, len(a.Purposes))
		}
		for _, want := range []string{"Loven kan også unnta opplysninger", register.Complaint(a.Locale).Complain, register.Complaint(a.Locale).Court} {
			if !strings.Contains(told["letter"], want) {
				t.Errorf("the letter lacks %q", want)
			}
		}
	})
}

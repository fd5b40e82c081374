package fulfilment_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// archive adds a place that a colleague looks in.
func (o *office) archive(name string) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		s, err := tx.AddSource(store.Source{Controller: o.controller, Name: name, Kind: "manual", Enabled: true}, keyring.Private{}, "test")
		o.manual = append(o.manual, fulfilment.Place{ID: s.ID, Name: name, Activity: "customers"})
		return err
	})
}

// part fetches the copy of a part as the person does.
func (o *office) part(id string, number int64) ([]byte, error) {
	d, err := o.works.OpenPackage(o.t.Context(), o.request(id).AddressIndex, id, number, free)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return io.ReadAll(d)
}

// sends says that the plan that stands was looked at.
func (o *office) sends(id string, in fulfilment.PartInput) fulfilment.PartInput {
	o.t.Helper()
	in.Digest = o.view(id).Plan.Digest
	return in
}

// What is ready of an answer goes before the rest, with a letter that says what is missing, why and by when; the case stays
// open, each part goes out once, and the answer completes it.
func TestCLK07APartGoesBeforeTheRest(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		ctx := t.Context()
		o.archive("Arkivet fra 2019")
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		early, err := o.works.PreviewPart(ctx, o.second, id)
		o.must(err)
		if miss := early.Told[letter.Missing]; len(miss) < 2 || !strings.Contains(strings.Join(miss, "; "), "Noe av det som ligger i ") {
			t.Errorf("what is still to be looked at is not said to be missing: %q", miss)
		}
		if because := early.Told[letter.Because]; !slices.Equal(because, []string{fulfilment.Unwritten}) {
			t.Errorf("where the reason will stand is %q", because)
		}
		o.settle(id, "withhold")
		in := o.sends(id, fulfilment.PartInput{Reason: "Arkivet fra 2019 leses for hånd."})
		o.is(o.works.SendPart(ctx, o.second, id, fulfilment.PartInput{Digest: in.Digest, Reason: " "}), fulfilment.ErrPartReason)
		o.is(o.works.SendPart(ctx, o.second, id, fulfilment.PartInput{Digest: "another", Reason: in.Reason}), dsr.ErrPlanNotApproved)

		// While who the person is is asked, nothing of theirs goes out.
		o.must(o.desk().Question(ctx, o.asker(), id, "identity", "Hvem er du?", "To med samme navn", false))
		o.is(o.works.SendPart(ctx, o.second, id, in), dsr.ErrOpenQuestion)
		o.must(o.desk().Reply(ctx, o.asker(), id, "Det er meg.", b.Clock.Now(), true))

		// However many send it at once, it goes out once.
		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wg.Go(func() { errs[i] = o.works.SendPart(ctx, o.second, id, in) })
		}
		wg.Wait()
		sent := 0
		for _, err := range errs {
			if err == nil {
				sent++
			}
		}
		if sent != 1 {
			t.Fatalf("%d went out: %v", sent, errs)
		}
		o.is(o.works.SendPart(ctx, o.second, id, in), fulfilment.ErrPartSent)

		r := o.request(id)
		if r.P.State != dsr.Review || r.P.Parts != 1 || !r.P.AnsweredAt.IsZero() {
			t.Errorf("the case is %s with %d parts, answered %v", r.P.State, r.P.Parts, r.P.AnsweredAt)
		}
		own, err := o.desk().Own(ctx, r.AddressIndex, id, locale.NB)
		o.must(err)
		m := own.Messages[len(own.Messages)-1]
		if m.Letter == nil || m.Letter.Kind != letter.PartialAnswer || m.Letter.Check() != nil {
			t.Fatalf("the last message is %+v", m)
		}
		said := m.Letter.Letter().Text()
		for _, want := range []string{"En del av svaret ditt", "Arkivet fra 2019\n", "Arkivet fra 2019 leses for hånd.", "Resten kommer senest " + r.P.Deadline.Due.Format("nb"),
			"Dette er en del av svaret.", "Datatilsynet", "Nettbutikken (lest"} {
			if !strings.Contains(said, want) {
				t.Errorf("the letter lacks %q:\n%s", want, said)
			}
		}
		if strings.Contains(said, "hele svaret. Ingen del") || strings.Contains(said, "Noe av det som ligger i") {
			t.Errorf("the letter says too much: %s", said)
		}
		first, err := o.part(id, 1)
		o.must(err)
		manifest, err := export.Verify(bytes.NewReader(first), int64(len(first)))
		o.must(err)
		pdf, err := m.Letter.PDF()
		o.must(err)
		if manifest.Rows == 0 || !bytes.Equal(unpacked(t, first, "brev.pdf"), pdf) {
			t.Errorf("%d rows, or another letter in the copy", manifest.Rows)
		}
		if _, err := o.part(id, 0); err == nil {
			t.Error("the answer's copy is there before the answer")
		}
		o.must(o.desk().Question(ctx, o.asker(), id, "identity", "Hvem er du?", "En annen ringte", false))
		if _, err := o.part(id, 1); !errors.Is(err, dsr.ErrPackageNotReady) {
			t.Errorf("the part is given out while who the person is is asked: %v", err)
		}
		o.must(o.desk().Reply(ctx, o.asker(), id, "Det er meg.", b.Clock.Now(), true))
		if _, err := o.works.OpenPackage(ctx, o.b.Store.AddressIndex("other@example.org"), id, 1, free); err == nil {
			t.Error("somebody else got the part")
		}
		if parts := o.person(id, locale.NB).Parts; len(parts) != 1 || parts[0].Number != 1 || !parts[0].Package.Fetched {
			t.Errorf("the person sees %+v", parts)
		}
		o.b.RunJobs(t, o.desk().Work())
		told := o.b.Letters.To(demo.MostData.Email)
		if !slices.ContainsFunc(told, func(m mail.Message) bool { return strings.HasPrefix(m.Subject, "En del av svaret ditt er klar") }) {
			t.Error("the person was not told")
		}
		for _, m := range told {
			if strings.Contains(m.Text, "Arkivet") {
				t.Errorf("a mail says %s", m.Text)
			}
		}

		// The rest, and that it completes what went before.
		task := o.view(id).Tasks[0].ID
		o.must(o.works.UploadTask(ctx, o.first, id, task, "perm.txt", strings.NewReader("En lampe i 2019.")))
		o.must(o.works.FinishTask(ctx, o.first, id, task, "found", ""))
		o.work()
		o.is(o.works.SendPart(ctx, o.second, id, o.sends(id, in)), fulfilment.ErrPartWhole)
		o.approve(id)
		o.work()
		o.must(o.works.Answer(ctx, o.first, id, fulfilment.AnswerInput{}))
		a := o.answer(id)
		if len(a.Later) != 1 || !strings.Contains(a.Later[0], "fullfører den delen du fikk før (sendt "+dsr.NewDate(2026, 6, 1).Format("nb")+")") {
			t.Errorf("the answer says %q", a.Later)
		}
		whole := o.download(id)
		all, err := export.Verify(bytes.NewReader(whole), int64(len(whole)))
		o.must(err)
		if all.Rows < manifest.Rows || !strings.Contains(allText(t, whole), "En lampe i 2019.") {
			t.Errorf("the answer's copy has %d rows, the part's %d", all.Rows, manifest.Rows)
		}
		if again, err := o.part(id, 1); err != nil || !bytes.Equal(again, first) {
			t.Errorf("the part is not there beside the answer: %v", err)
		}
		pack, err := o.desk().Evidence(ctx, o.asker(), id, false, "", locale.NB)
		o.must(err)
		if !strings.Contains(allText(t, pack.Body), "part_sent") {
			t.Error("the evidence does not know of the part")
		}
		o.b.Clock.Set(portaltest.Start.AddDate(0, 0, dsr.DefaultKeep().CopyDays+2))
		o.must(o.works.PurgeEvidence(ctx))
		if _, err := o.part(id, 1); err == nil {
			t.Error("the part outlives its time")
		}
	})
}

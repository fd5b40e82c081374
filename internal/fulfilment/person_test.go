package fulfilment_test

import (
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// What the person reads of a case and of how it is carried out is of one moment: what is sent while the
// page is being read is on the next page, all of it.
func TestPersonReadsTheCaseAsOfOneMoment(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "disclose")
		o.approve(id)
		o.work()
		var beside fulfilment.PersonView
		v, err := o.desk().Own(t.Context(), o.request(id).AddressIndex, id, locale.NB, func(tx *store.Tx, _ *store.Request) error {
			o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
			r, err := tx.ReadRequest(id)
			if err != nil {
				return err
			}
			beside, err = o.works.ForPerson(tx, r, locale.NB)
			return err
		})
		o.must(err)
		if v.Answer != nil || beside.Package != nil {
			t.Errorf("half of what was sent is read: answer %v, package %+v", v.Answer != nil, beside.Package)
		}
		if p := o.person(id, locale.NB).Package; p == nil || p.State != store.PackageReady {
			t.Errorf("%+v", p)
		}
	})
}

// A rehearsal's findings are deleted with its case, bytes and all, although no time of theirs has come.
func TestDrillLeavesNoFiles(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		r, err := o.desk().StartDrill(t.Context(), o.asker(), string(dsr.Access), locale.NB)
		o.must(err)
		o.must(o.desk().ConfirmIdentity(t.Context(), o.asker(), r.PublicID, "in_person", "Øvelse"))
		o.work()
		if o.state(r.PublicID, dsr.Review); o.files(r.PublicID) == 0 {
			t.Fatal("nothing was kept of the search")
		}
		o.must(o.desk().RecordWithdrawal(t.Context(), o.asker(), r.PublicID, "Øvelsen er slutt"))
		b.Clock.Advance(casework.KeepDrill + time.Hour)
		o.must(o.desk().PurgeOld(t.Context()))
		o.work()
		o.must(o.works.PurgeEvidence(t.Context()))
		if n := o.files(r.PublicID); n != 0 || !o.request(r.PublicID).Shredded() {
			t.Errorf("%d files are left of a rehearsal", n)
		}
	})
}

// files counts what lies in blob storage for a case.
func (o *office) files(id string) (n int) {
	o.t.Helper()
	for _, err := range o.blobs.List(o.t.Context(), id+"/") {
		o.must(err)
		n++
	}
	return n
}

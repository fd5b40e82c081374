package fulfilment_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// uninformed gives the lists of contact persons.
func (o *office) uninformed() []fulfilment.Informing {
	o.t.Helper()
	list, _, err := o.works.Uninformed(o.t.Context(), o.first, locale.NB)
	o.must(err)
	return slices.DeleteFunc(list, func(i fulfilment.Informing) bool { return i.Activity != "Kontaktpersoner i bedrifter" })
}

// contact adds a contact person that the employer told of, on a day.
func (o *office) contact(name, day string) {
	o.t.Helper()
	_, err := o.sql("office").Exec("INSERT INTO contact_persons (supplier_id, company_name, first_name, last_name, title, email, phone, registered_on) VALUES (1, 'Bergvik AS', ?, 'Nykommer', 'Selger', ?, '21000000', ?)", name, name+"@bergvik.example", day)
	o.must(err)
}

// Those whose data came from others are counted when they come in, each once, and the office has a month from
// the first of them.
func TestINF02ThoseWhoseDataCameFromOthersAreInformed(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, ctx := newOffice(t, b), t.Context()
		_, err := o.sql("office").Exec("UPDATE contact_persons SET registered_on = '2020-01-01'")
		o.must(err)
		today := dsr.DateOf(b.Clock.Now(), time.UTC)
		first := today.AddDays(-3)
		o.contact("ada", first.String())
		o.contact("bo", today.AddDays(-1).String())
		o.contact("cam", today.String()) // today is not over

		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := o.works.CountUninformed(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list := o.uninformed()
		if len(list) != 1 || list[0].People != 2 || list[0].Due != first.AddMonths(1) || list[0].Told == "" {
			t.Fatalf("counted: %+v", list)
		}
		b.Clock.Advance(24 * time.Hour)
		o.must(o.works.CountUninformed(ctx))
		o.must(o.works.CountUninformed(ctx))
		if list = o.uninformed(); len(list) != 1 || list[0].People != 3 || list[0].Due != first.AddMonths(1) {
			t.Fatalf("a day later: %+v", list)
		}
		if said := b.Dump(t, "inform_task", "audit_leaf", "job"); strings.Contains(said, "bergvik") {
			t.Error("somebody's data are kept")
		}

		o.is(o.works.Informed(ctx, o.first, list[0].ID, " "), fulfilment.ErrInformHow)
		o.is(o.works.Informed(ctx, o.first, strings.Repeat("0", 32), "x"), store.ErrNoInforming)
		o.must(o.works.Informed(ctx, o.first, list[0].ID, "E-post med erklæringen 3. juni."))
		o.is(o.works.Informed(ctx, o.second, list[0].ID, "x"), fulfilment.ErrInformed)
		o.must(o.works.CountUninformed(ctx))
		if list = o.uninformed(); len(list) != 1 || list[0].DoneAt == nil || list[0].By != o.first.Name || list[0].How == "" {
			t.Errorf("informed: %+v", list)
		}
		o.contact("dag", today.AddDays(1).String())
		b.Clock.Advance(48 * time.Hour)
		o.must(o.works.CountUninformed(ctx))
		if list = o.uninformed(); len(list) != 2 || list[0].People != 1 || list[0].DoneAt != nil {
			t.Errorf("the next who came: %+v", list)
		}
	})
}

// A system that is down makes no day pass uncounted.
func TestINF02SystemThatIsDownIsCountedLater(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.SQLite)
	o := newOffice(t, b)
	_, err := o.sql("office").Exec("UPDATE contact_persons SET registered_on = '2020-01-01'")
	o.must(err)
	o.contact("ada", dsr.DateOf(b.Clock.Now(), time.UTC).AddDays(-2).String())
	o.breaks(demo.Office, true)
	o.is(o.works.CountUninformed(t.Context()), &source.Error{Code: source.Unreachable})
	if list := o.uninformed(); len(list) != 0 {
		t.Fatalf("counted what could not be read: %+v", list)
	}
	o.breaks(demo.Office, false)
	b.Clock.Advance(24 * time.Hour)
	o.must(o.works.CountUninformed(t.Context()))
	if list := o.uninformed(); len(list) != 1 || list[0].People != 1 {
		t.Errorf("counted: %+v", list)
	}
}

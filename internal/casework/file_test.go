package casework_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

func TestINT05ID02FiledRequestIsVerifiedAnnouncedAndSearched(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Access)
		f.Activities = []string{"newsletter", "invoices"}
		r, err := d.File(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		got := d.read(t, r.PublicID)
		if !got.P.Verified || got.VerifiedMethod != "mailbox" || got.VerifiedProof != f.Proof || got.P.Deadline.Due.String() != "2026-07-01" {
			t.Errorf("verified %v by %s, due %s", got.P.Verified, got.VerifiedMethod, got.P.Deadline.Due)
		}
		if got.RegisterVersion != 1 || got.CalendarVersion == "" || got.Detail.Activities[1] != "invoices" {
			t.Errorf("register %d, calendar %q, %+v", got.RegisterVersion, got.CalendarVersion, got.Detail)
		}
		if n := d.jobs(t, casework.JobCollect, r.PublicID); n != 1 {
			t.Errorf("%d searches, want 1", n)
		}
		d.post(t)
		m := d.b.Letters.Last(t, kari)
		for _, want := range []string{string(r.Reference), "1. juli 2026", "Bare: Nyhetsbrev", portaltest.PublicURL + "/cases/" + r.PublicID} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("the receipt lacks %q:\n%s", want, m.Text)
			}
		}
		if m.ReplyTo.Address != officer || m.From.Name != "Fjordlys AS" {
			t.Errorf("from %v, reply to %v", m.From, m.ReplyTo)
		}
		for _, address := range []string{officer, standIn} {
			if n := len(d.b.Letters.To(address)); n != 1 {
				t.Errorf("%s got %d mails, want 1", address, n)
			}
		}
	})
}

func TestFilingManyAtOnceWithOneKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Access)
		f.Key, f.Body = "key-1", []byte(`{"right":"access"}`)
		var all sync.WaitGroup
		errs, ids := make([]error, 12), make([]string, 12)
		for i := range errs {
			all.Go(func() {
				r, err := d.File(t.Context(), f)
				if errs[i] = err; err == nil {
					ids[i] = r.PublicID
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("two requests: %v", ids)
			}
		}
		if n := d.b.Count(t, "SELECT count(*) FROM request"); n != 1 {
			t.Errorf("%d requests", n)
		}
		f.Body = []byte("other")
		if _, err := d.File(t.Context(), f); !errors.Is(err, store.ErrIdempotencyKey) {
			t.Errorf("the same key with another body: %v", err)
		}
	})
}

// phone is a number that stands in one row and should be another.
func phone(row, want string) store.Correction {
	return store.Correction{Source: "webshop", Collection: "customers", Field: "phone", Key: []byte("[" + row + "]"), Label: "Telefon", Old: "99", New: want}
}

// One value may stand in many places. It is corrected in each, and said once.
func TestACorrectionInManyPlacesIsSaidOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Rectification)
		f.Activities, f.Text, f.Corrections = nil, "", []store.Correction{phone("1", "11"), phone("2", "11"), phone("3", "22")}
		r, err := d.File(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		v, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.EN)
		want := []string{"Rectification", "Fields to correct: 3", "Telefon: «99» → «11»", "Telefon: «99» → «22»"}
		if diff := cmp.Diff(want, v.Asked); err != nil || diff != "" || len(v.Request.Detail.Corrections) != 3 {
			t.Errorf("%v %s", err, diff)
		}
	})
}

func TestFilingThatCannotBe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for name, c := range map[string]struct {
			change func(*casework.Filing)
			code   string
			field  string
		}{
			"unknown right":    {func(f *casework.Filing) { f.Right = "x" }, "invalid_input", "/right"},
			"no proof":         {func(f *casework.Filing) { f.Proof = "" }, "invalid_input", "/proof"},
			"unknown activity": {func(f *casework.Filing) { f.Activities = []string{"newsletter", "nothing"} }, "unknown_activity", "/activities/1"},
			"activity twice":   {func(f *casework.Filing) { f.Activities = []string{"invoices", "invoices"} }, "invalid_input", "/activities"},
			"empty activity":   {func(f *casework.Filing) { f.Activities = []string{""} }, "invalid_input", "/activities/0"},
			"long text":        {func(f *casework.Filing) { f.Text = strings.Repeat("x", 10001) }, "invalid_input", "/text"},
			"not correcting":   {func(f *casework.Filing) { f.Corrections = []store.Correction{phone("1", "11")} }, "correction_unfit", "/corrections"},
			"one field twice": {func(f *casework.Filing) {
				f.Right, f.Corrections = "rectification", []store.Correction{phone("1", "11"), phone("2", "22"), phone("1", "33")}
			}, "correction_twice", "/corrections/2"},
			"nothing to correct": {func(f *casework.Filing) { f.Right, f.Text = "rectification", " \n" }, "correction_empty", "/text"},
		} {
			f := filing(dsr.Access)
			c.change(&f)
			_, err := d.File(t.Context(), f)
			if got := fault.From(err); got == nil || got.Code != c.code || got.Field != c.field || !got.Text.Complete() {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := d.b.Count(t, "SELECT count(*) FROM request") + d.b.Count(t, "SELECT count(*) FROM audit_leaf"); n != 0 {
			t.Errorf("%d traces were left", n)
		}
	})
}

func TestNothingIsFiledBeforeTheOfficeHasAName(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		d := &casework.Desk{Store: b.Store, Now: b.Clock.Now}
		if _, err := d.File(t.Context(), filing(dsr.Access)); !errors.Is(err, casework.ErrNotSetUp) {
			t.Errorf("got %v", err)
		}
	})
}

func registration() casework.Registration {
	return casework.Registration{
		Rights: []string{"access"}, Channel: "email", ReceivedAt: time.Date(2026, 5, 28, 21, 30, 0, 0, time.UTC), Locale: locale.NN,
		Name: "Kari Nordmann", Email: "Kari.Nordmann@example.org", Text: "Eg vil sjå alt", Method: "not_yet",
	}
}

func TestINT02INT03INT06RegisteredRightsAreLinkedCases(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		n := registration()
		n.Rights, n.Method, n.MethodNote, n.Phone, n.CustomerNumber = []string{"access", "erasure"}, "known_facts", "kjente kundenummer", "912 34 567", "K-1001"
		n.Key, n.Body = "k", []byte("b")
		cases, err := d.Register(t.Context(), d.handler, n)
		if err != nil {
			t.Fatal(err)
		}
		again, err := d.Register(t.Context(), d.handler, n)
		if err != nil || len(again) != 2 || again[0].PublicID != cases[0].PublicID {
			t.Errorf("repeated: %d cases, %v", len(again), err)
		}
		if len(cases) != 2 || cases[0].Linked != cases[1].Linked || cases[0].Right != dsr.Access || cases[1].Right != dsr.Erasure || cases[0].Reference == cases[1].Reference {
			t.Fatalf("cases %+v", cases)
		}
		for _, c := range cases {
			got := d.read(t, c.PublicID)
			// 21:30 UTC on 28 May is 23:30 in Oslo; 28 June is a Sunday.
			if !got.ReceivedAt.Equal(n.ReceivedAt) || got.P.Deadline.Received.String() != "2026-05-28" || got.P.Deadline.Due.String() != "2026-06-29" {
				t.Errorf("received %v, due %s", got.ReceivedAt, got.P.Deadline.Due)
			}
			if !got.P.Verified || got.VerifiedMethod != "known_facts" || d.jobs(t, casework.JobCollect, c.PublicID) != 1 {
				t.Errorf("verified %v, %d searches", got.P.Verified, d.jobs(t, casework.JobCollect, c.PublicID))
			}
			if n := d.b.Count(t, "SELECT count(*) FROM identifier WHERE request_id = $1 AND certainty = 'verified'", c.ID); n != 1 {
				t.Errorf("%d certain identifiers, want the customer number alone: the questions were about it", n)
			}
		}
		for _, query := range []string{"nordmann", kari, "91234567", "+47 912 34 567", "4791234567", "k-1001"} {
			page, err := d.Inbox(t.Context(), d.officer, store.Filter{View: store.ViewOpen, Query: query, Limit: 5}, locale.NB)
			if err != nil || len(page.Cases) != 2 {
				t.Errorf("%q finds %d cases, %v", query, len(page.Cases), err)
			}
		}
		d.post(t)
		if list := d.b.Letters.To(kari); len(list) != 2 || list[0].Locale != locale.NN || !strings.Contains(list[0].Text, "Alle opplysningar om meg") {
			t.Errorf("%d receipts", len(list))
		}
	})
}

// TestINT03RegisteredWithoutIdentity: the clock runs, nothing is searched until the identity is known.
func TestINT03RegisteredWithoutIdentity(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		n := registration()
		n.Channel, n.Email, n.Delivery, n.Postal = "letter", "", store.DeliveryPaper, "Lia 3, 6300 Åndalsnes"
		n.CustomerNumber = "K-7"
		cases, err := d.Register(t.Context(), d.officer, n)
		if err != nil {
			t.Fatal(err)
		}
		r := d.read(t, cases[0].PublicID)
		if r.P.Verified || r.P.Deadline.Due.IsZero() || r.Delivery != store.DeliveryPaper || r.Postal.Reveal() != n.Postal || !r.Address.IsZero() {
			t.Errorf("%+v", r)
		}
		if d.jobs(t, casework.JobCollect, r.PublicID) != 0 {
			t.Error("a search was started")
		}
		d.post(t)
		if all := d.b.Letters.All(); len(all) != 2 {
			t.Errorf("%d mails, want the office's two", len(all))
		}
		for _, method := range []string{"mailbox", "client", "not_yet", "guessed"} {
			if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, method, ""); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", method, err)
			}
		}
		if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "in_person", "viste førerkort"); err != nil {
			t.Fatal(err)
		}
		if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "eid", ""); !errors.Is(err, dsr.ErrTransition) {
			t.Errorf("confirmed twice: %v", err)
		}
		r = d.read(t, r.PublicID)
		if !r.P.Verified || r.VerifiedMethod != "in_person" || d.jobs(t, casework.JobCollect, r.PublicID) != 1 {
			t.Errorf("verified %v, method %q", r.P.Verified, r.VerifiedMethod)
		}
		if n := d.b.Count(t, "SELECT count(*) FROM identifier WHERE certainty = 'verified'"); n != 0 {
			t.Errorf("%d certain identifiers: who shows up in person has not proved an address", n)
		}
	})
}

func TestRegistrationThatCannotBe(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for name, c := range map[string]struct {
			change func(*casework.Registration)
			code   string
			field  string
		}{
			"tomorrow":            {func(n *casework.Registration) { n.ReceivedAt = d.b.Clock.Now().Add(24 * time.Hour) }, "received_in_future", "/received_at"},
			"in an hour":          {func(n *casework.Registration) { n.ReceivedAt = d.b.Clock.Now().Add(time.Hour) }, "received_in_future", "/received_at"},
			"last century":        {func(n *casework.Registration) { n.ReceivedAt = n.ReceivedAt.AddDate(-30, 0, 0) }, "received_too_old", "/received_at"},
			"no rights":           {func(n *casework.Registration) { n.Rights = nil }, "invalid_input", "/rights"},
			"unknown right":       {func(n *casework.Registration) { n.Rights = []string{"access", "fame"} }, "invalid_input", "/rights/1"},
			"web":                 {func(n *casework.Registration) { n.Channel = "web" }, "invalid_input", "/channel"},
			"a client's channel":  {func(n *casework.Registration) { n.Channel = "api" }, "invalid_input", "/channel"},
			"a client's identity": {func(n *casework.Registration) { n.Method = "client" }, "invalid_input", "/identity/method"},
			"nobody":              {func(n *casework.Registration) { n.Name, n.Email = "", " " }, "no_contact", "/email"},
			"paper to nowhere":    {func(n *casework.Registration) { n.Delivery = "paper" }, "postal_address_missing", "/postal_address"},
			"portal to nowhere":   {func(n *casework.Registration) { n.Delivery, n.Email = "portal", "" }, "email_missing", "/email"},
			"no e-mail, no post":  {func(n *casework.Registration) { n.Email = "" }, "postal_address_missing", "/postal_address"},
			"bad address":         {func(n *casework.Registration) { n.Email = "kari@@example.org" }, "", "/email"},
			"bad phone":           {func(n *casework.Registration) { n.Phone = "ring meg" }, "", "/phone"},
		} {
			n := registration()
			c.change(&n)
			_, err := d.Register(t.Context(), d.officer, n)
			if got := fault.From(err); got == nil || c.code != "" && got.Code != c.code || got.Field != c.field {
				t.Errorf("%s: %v (%+v)", name, err, got)
			}
		}
		if _, err := d.Register(t.Context(), d.audit, registration()); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("an auditor registered: %v", err)
		}
		if n := d.b.Count(t, "SELECT count(*) FROM request"); n != 0 {
			t.Errorf("%d requests", n)
		}
		// A moment ahead is another clock, not another day.
		n := registration()
		n.ReceivedAt, n.ClientID = d.b.Clock.Now().Add(2*time.Minute), nil
		if _, err := d.Register(t.Context(), d.officer, n); err != nil {
			t.Errorf("two minutes ahead: %v", err)
		}
	})
}

// What came in a letter is registered as what it says: an objection is to something, and what belongs
// to one right touches no other that was asked for with it.
func TestINT06RegisteredRightsSayWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		register := func(change func(*casework.Registration), rights ...string) ([]*store.Request, error) {
			n := registration()
			n.Rights = rights
			change(&n)
			return d.Register(t.Context(), d.handler, n)
		}
		for name, refused := range map[string]struct {
			rights []string
			change func(*casework.Registration)
			want   error
		}{
			"an objection to nothing":       {[]string{"access", "objection"}, func(*casework.Registration) {}, casework.ErrNoObject},
			"marketing without objecting":   {[]string{"access"}, func(n *casework.Registration) { n.Marketing = true }, casework.ErrUnfitDetail},
			"a ground without restricting":  {[]string{"access"}, func(n *casework.Registration) { n.Ground = "claims" }, casework.ErrUnfitDetail},
			"a recipient without a copy":    {[]string{"objection"}, func(n *casework.Registration) { n.Marketing, n.Recipient = true, "Nordlys" }, casework.ErrUnfitDetail},
			"activities of access":          {[]string{"access"}, func(n *casework.Registration) { n.Activities = []string{"customers"} }, casework.ErrUnfitDetail},
			"an activity that is not there": {[]string{"objection"}, func(n *casework.Registration) { n.Activities = []string{"nowhere"} }, casework.ErrUnknownActivity},
		} {
			if _, err := register(refused.change, refused.rights...); !errors.Is(err, refused.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := d.b.Count(t, "SELECT count(*) FROM request"); n != 0 {
			t.Fatalf("%d cases were opened all the same", n)
		}
		cases, err := register(func(n *casework.Registration) {
			n.Activities, n.Ground, n.Recipient = []string{"customers"}, "claims", " Nordlys Strøm AS "
		}, "access", "objection", "restriction", "portability")
		if err != nil {
			t.Fatal(err)
		}
		want := []store.Detail{
			{}, {Activities: []string{"customers"}}, {Activities: []string{"customers"}, Ground: "claims"}, {Recipient: "Nordlys Strøm AS"},
		}
		for i, c := range cases {
			got := d.read(t, c.PublicID)
			want[i].Text = got.Detail.Text
			if diff := cmp.Diff(want[i], got.Detail); diff != "" {
				t.Errorf("%s (-want +got):\n%s", got.Right, diff)
			}
		}
		if got := d.read(t, cases[3].PublicID).P.Duties; !slices.Equal(got, []dsr.Duty{dsr.Transfer}) {
			t.Errorf("of the transfer, the office owes %v", got)
		}
		if cases, err = register(func(n *casework.Registration) { n.Marketing = true }, "objection"); err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, cases[0].PublicID); !got.Detail.Marketing || !slices.Equal(got.P.Duties, []dsr.Duty{dsr.StopMarketing}) {
			t.Errorf("of the marketing, the office owes %v", got.P.Duties)
		}
	})
}

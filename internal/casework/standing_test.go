package casework_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

const siv = "siv.fullmektig@example.org"

// filingFor is a request on the web by Siv for Kari.
func filingFor(as dsr.Standing) casework.Filing {
	f := filing(dsr.Access)
	f.Address = keyring.NewPrivate(siv)
	f.Standing = casework.Standing{Kind: string(as), AskerName: "Siv Fullmektig", Email: kari, Authority: "Fullmakt av 1. mai"}
	if as == dsr.AsParent {
		f.Standing.ChildAge = string(dsr.ChildUnder)
	}
	return f
}

// reviewed brings a case to where the office looks at what was found.
func (d *desk) reviewed(t *testing.T, id string) {
	t.Helper()
	system := dsr.Actor{Kind: dsr.System}
	d.act(t, id, dsr.Event{Kind: dsr.EventCollectStarted, Actor: system}, dsr.Event{Kind: dsr.EventCollected, Actor: system})
}

// nothing tries to answer that nothing is held: the shortest answer that there is.
func (d *desk) nothing(t *testing.T, id string) error {
	t.Helper()
	return d.b.Store.InTx(t.Context(), func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventNothingFound, Actor: dsr.Actor{Kind: dsr.Member, Member: d.officer.ID}}, store.Change{})
	})
}

func is(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func authority(evidence dsr.Evidence) casework.Authority {
	return casework.Authority{Evidence: string(evidence), Method: "eid", Note: "Fullmakten av 1. mai, underskrevet"}
}

func TestREP01ARepresentativeIsAnsweredWhenTheAuthorityWasSeen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r, err := d.File(t.Context(), filingFor(dsr.AsRepresentative))
		if err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, r.PublicID); got.P.Verified || got.P.Standing != dsr.AsRepresentative || got.Detail.Asker.Name != "Siv Fullmektig" || got.Name.Reveal() != "Kari Nordmann" {
			t.Errorf("verified %v as %q: %+v", got.P.Verified, got.P.Standing, got.Detail.Asker)
		}
		if n := d.jobs(t, casework.JobCollect, r.PublicID); n != 0 {
			t.Error("a stranger's mailbox set off a search")
		}
		if v, err := d.Own(t.Context(), d.index(siv), r.PublicID, locale.NB); err != nil || len(v.Messages) != 0 {
			t.Errorf("the one who asks cannot follow the case: %v", err)
		}
		if _, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB); fault.KindOf(err) != fault.NotFound {
			t.Errorf("an address that nobody proved opens the case: %v", err)
		}
		if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "code_by_mail", "kode"); err != nil {
			t.Fatal(err)
		}
		for _, i := range d.identifiers(t, r.PublicID) {
			if i.Value.Reveal() == siv && i.Kind != store.AskerEmail {
				t.Errorf("the one who asks is searched for as %s", i.Kind)
			}
		}
		d.reviewed(t, r.PublicID)
		is(t, "without authority", d.nothing(t, r.PublicID), dsr.ErrNoAuthority)
		is(t, "a guardian's paper", d.RecordAuthority(t.Context(), d.officer, r.PublicID, authority(dsr.Appointment)), dsr.ErrEvidence)
		narrow := authority(dsr.WrittenAuthority)
		narrow.Rights = []string{"erasure"}
		is(t, "recording a narrow one", d.RecordAuthority(t.Context(), d.officer, r.PublicID, narrow), nil)
		is(t, "too narrow", d.nothing(t, r.PublicID), dsr.ErrAuthorityNarrow)
		ended := authority(dsr.WrittenAuthority)
		ended.Until = dsr.Date{Year: 2026, Month: 5, Day: 31}
		is(t, "recording one that ended", d.RecordAuthority(t.Context(), d.officer, r.PublicID, ended), nil)
		is(t, "expired", d.nothing(t, r.PublicID), dsr.ErrAuthorityExpired)
		is(t, "recording a good one", d.RecordAuthority(t.Context(), d.officer, r.PublicID, authority(dsr.WrittenAuthority)), nil)
		whole := authority(dsr.WrittenAuthority)
		for _, right := range dsr.Rights() {
			whole.Rights = append(whole.Rights, string(right.Right))
		}
		is(t, "recording one for everything", d.RecordAuthority(t.Context(), d.officer, r.PublicID, whole), nil)
		is(t, "with authority", d.nothing(t, r.PublicID), nil)
	})
}

func TestREP01InDoubtTheAnswerGoesToThePerson(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r, err := d.File(t.Context(), filingFor(dsr.AsAgent))
		if err != nil {
			t.Fatal(err)
		}
		is(t, "nobody to answer", d.AnswerPerson(t.Context(), d.officer, r.PublicID, " "), casework.ErrNobodyToAnswer)
		if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "code_by_mail", "kode"); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		done := make(chan error, 8)
		for range cap(done) {
			wg.Go(func() { done <- d.AnswerPerson(t.Context(), d.officer, r.PublicID, "") })
		}
		wg.Wait()
		close(done)
		won := 0
		for err := range done {
			if err == nil {
				won++
			}
		}
		got := d.read(t, r.PublicID)
		if won != 1 || !got.P.Directed || got.Address.Reveal() != kari || got.Delivery != store.DeliveryPortal {
			t.Errorf("%d times, directed %v, %s", won, got.P.Directed, got.Delivery)
		}
		if _, err := d.Own(t.Context(), d.index(siv), r.PublicID, locale.NB); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the one who asked still sees the case: %v", err)
		}
		if _, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB); err != nil {
			t.Errorf("the person does not see it: %v", err)
		}
		d.reviewed(t, r.PublicID)
		is(t, "answer to the person", d.nothing(t, r.PublicID), nil)
	})
}

func TestREP02WhoActsForAChild(t *testing.T) {
	t.Parallel()
	if dsr.ConsentAge("NO") != 13 || dsr.ConsentAge("DE") != 16 {
		t.Error("the age of consent is wrong")
	}
	each(t, func(t *testing.T, d *desk) {
		for _, c := range []struct {
			as     dsr.Standing
			age    dsr.ChildAge
			before error
			needs  dsr.Evidence
		}{
			{dsr.AsParent, dsr.ChildUnder, dsr.ErrNoAuthority, dsr.Responsibility},
			{dsr.AsParent, dsr.ChildOver, dsr.ErrNoAuthority, dsr.ChildsAgreement},
			{dsr.AsChild, dsr.ChildUnder, dsr.ErrChildUnder, dsr.ParentsAgreement},
			{dsr.AsChild, dsr.ChildOver, nil, ""},
		} {
			f := filingFor(c.as)
			f.Standing.ChildAge = string(c.age)
			if c.as == dsr.AsChild {
				f.Standing.AskerName, f.Standing.Email = "", ""
			}
			r, err := d.File(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			if !r.P.Verified {
				if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "known_facts", "x"); err != nil {
					t.Fatal(err)
				}
			}
			d.reviewed(t, r.PublicID)
			if c.needs != "" {
				is(t, "before", d.nothing(t, r.PublicID), c.before)
				is(t, "another's paper", d.RecordAuthority(t.Context(), d.officer, r.PublicID, authority(dsr.WrittenAuthority)), dsr.ErrEvidence)
				is(t, "recording", d.RecordAuthority(t.Context(), d.officer, r.PublicID, authority(c.needs)), nil)
			}
			is(t, string(c.as)+" "+string(c.age), d.nothing(t, r.PublicID), nil)
		}
		f := filingFor(dsr.AsParent)
		f.Standing.ChildAge = ""
		_, err := d.File(t.Context(), f)
		is(t, "no age", err, casework.ErrChildAge)
	})
}

func TestREP03ACompanyIsAnsweredWhileTheNoticePromisesIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filingFor(dsr.AsCompany)
		f.Standing.Organisation = "310 000 019"
		_, err := d.File(t.Context(), f)
		is(t, "without a promise", err, casework.ErrNoCompanies)
		d.promiseCompanies(t)
		f.Standing.Organisation = "310000018"
		_, err = d.File(t.Context(), f)
		is(t, "a wrong number", err, dsr.ErrOrganisationNumber)
		f.Standing.Organisation = "310 000 019"
		r, err := d.File(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := d.Own(t.Context(), d.index(siv), r.PublicID, locale.NB); err != nil || !slices.Contains(v.Asked, "Alle opplysninger om foretaket") {
			t.Errorf("the company asked for %q: %v", v.Asked, err)
		}
		is(t, "known by something else", d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "known_facts", "x"), dsr.ErrSignatory)
		if n := d.jobs(t, casework.JobCollect, r.PublicID); n != 0 {
			t.Error("searched before the signatory was checked")
		}
		is(t, "recording the signatory", d.RecordAuthority(t.Context(), d.officer, r.PublicID, authority(dsr.SignatureRegister)), nil)
		got := d.read(t, r.PublicID)
		if n := d.jobs(t, casework.JobCollect, r.PublicID); n != 1 || !got.P.Verified || got.VerifiedMethod != "signatory" {
			t.Errorf("%d searches, verified %v by %s", n, got.P.Verified, got.VerifiedMethod)
		}
		i := slices.IndexFunc(d.identifiers(t, r.PublicID), func(i store.Identifier) bool {
			return i.Kind == dsr.OrganisationNumber && i.Certainty == store.Verified && i.Value.Reveal() == "310000019"
		})
		if i < 0 {
			t.Error("the company is not found by its number")
		}
		// A sole proprietor and a contact person are people: nothing but who they are is asked.
		for _, as := range []dsr.Standing{dsr.AsProprietor, dsr.AsContact} {
			own := filing(dsr.Access)
			own.Standing = casework.Standing{Kind: string(as), Organisation: "310000019"}
			if r, err := d.File(t.Context(), own); err != nil || !r.P.Verified || r.P.Unauthorised(d.b.Clock.Now()) != nil {
				t.Errorf("%s: %v", as, err)
			}
		}
	})
}

func TestREP04ADeadPersonsCaseIsRefusedKindly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filingFor(dsr.AsHeir)
		f.Standing.Email = ""
		r, err := d.File(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
		if err != nil || v.Prepared == nil || v.Prepared.Ground != "deceased" || !strings.Contains(v.Prepared.Text, "skifteattest") {
			t.Fatalf("nothing is prepared: %+v, %v", v.Prepared, err)
		}
		is(t, "an authority", d.RecordAuthority(t.Context(), d.officer, r.PublicID, authority(dsr.WrittenAuthority)), dsr.ErrEvidence)
		if err := d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "known_facts", "x"); err != nil {
			t.Fatal(err)
		}
		d.reviewed(t, r.PublicID)
		is(t, "an answer", d.nothing(t, r.PublicID), dsr.ErrDeceased)
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, v.Prepared.Ground, v.Prepared.Text); err != nil {
			t.Fatal(err)
		}
		if v, err = d.Own(t.Context(), d.index(siv), r.PublicID, locale.NB); err != nil || v.Answer == nil || v.Answer.Outcome != dsr.Refused {
			t.Errorf("%+v, %v", v.Answer, err)
		}
	})
}

func TestINT11AChildsReceiptIsInPlainWords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Access)
		f.Standing = casework.Standing{Kind: string(dsr.AsChild), ChildAge: string(dsr.ChildOver)}
		if _, err := d.File(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "en voksen du stoler på") || !strings.Contains(m.Text, "koster ingenting") {
			t.Errorf("not for a child:\n%s", m.Text)
		}
	})
}

func TestINT12AReminderIsNoNewRequest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		due := r.P.Deadline.Due
		d.b.Clock.Advance(10 * 24 * time.Hour)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				// Of those that come at the same moment some are told that somebody else acted.
				if err := d.Remind(t.Context(), d.index(kari), r.PublicID); err != nil && !errors.Is(err, store.ErrMoved) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got := d.read(t, r.PublicID)
		reminders := 0
		for _, e := range got.Events {
			if e.Kind == dsr.EventReminded {
				reminders++
			}
		}
		mine, err := d.Mine(t.Context(), d.index(kari), locale.NB)
		if err != nil || reminders != 1 || len(mine) != 1 || got.P.Deadline.Due != due {
			t.Errorf("%d reminders, %d cases, due %s, %v", reminders, len(mine), got.P.Deadline.Due, err)
		}
		if _, err := d.Own(t.Context(), d.index(siv), r.PublicID, locale.NB); err == nil {
			t.Error("a stranger reads it")
		}
		is(t, "a stranger's reminder", d.Remind(t.Context(), d.index(siv), r.PublicID), store.ErrNoRequest)
		known, err := d.KnownBy(t.Context(), d.handler, []casework.Contact{{Kind: "email", Value: "Kari.Nordmann@Example.org"}}, locale.NB)
		if err != nil || len(known) != 1 || known[0].Request.PublicID != r.PublicID {
			t.Errorf("the office does not see the earlier case: %d, %v", len(known), err)
		}
		if known, err := d.KnownBy(t.Context(), d.handler, []casework.Contact{{Kind: "email", Value: siv}}, locale.NB); err != nil || len(known) != 0 {
			t.Errorf("a stranger's address leads to %d cases, %v", len(known), err)
		}
	})
}

func TestFEE02EarlierRequestsStandBesideARefusal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first := d.file(t, dsr.Access)
		d.b.Clock.Advance(30 * 24 * time.Hour)
		second := d.file(t, dsr.Access)
		d.b.Clock.Advance(366 * 24 * time.Hour)
		third := d.file(t, dsr.Access)
		look := func(id string) map[string]bool {
			v, err := d.Case(t.Context(), d.officer, id, locale.NB, false)
			if err != nil {
				t.Fatal(err)
			}
			recent := map[string]bool{}
			for _, e := range v.Earlier {
				if e.Request.P.Deadline.Received.After(v.Request.P.Deadline.Received) {
					t.Errorf("a later request stands among the earlier ones")
				}
				recent[e.Request.PublicID] = e.Recent
			}
			return recent
		}
		if got := look(second.PublicID); len(got) != 1 || !got[first.PublicID] {
			t.Errorf("a month later: %v", got)
		}
		if got := look(third.PublicID); len(got) != 2 || got[first.PublicID] || got[second.PublicID] {
			t.Errorf("more than a year later nothing is recent: %v", got)
		}
	})
}

func TestFEE03RefusalAsAbuseTakesTwo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		refuse := func(by casework.By) error {
			return d.Refuse(t.Context(), by, r.PublicID, "manifestly_unfounded", "Ti like krav i dag")
		}
		is(t, "proposing", refuse(d.officer), nil)
		if got := d.read(t, r.PublicID); got.P.State == dsr.Answered || got.P.Proposed == nil {
			t.Fatalf("one person refused it: %s", got.P.State)
		}
		is(t, "approving one's own", refuse(d.officer), casework.ErrRefusalSecond)
		is(t, "taking it back", d.DropProposal(t.Context(), d.second, r.PublicID), nil)
		is(t, "taking back nothing", d.DropProposal(t.Context(), d.second, r.PublicID), dsr.ErrTransition)
		is(t, "proposing anew", refuse(d.officer), nil)
		var wg sync.WaitGroup
		done := make(chan error, 6)
		for range cap(done) {
			wg.Go(func() { done <- refuse(d.second) })
		}
		wg.Wait()
		close(done)
		won := 0
		for err := range done {
			if err == nil {
				won++
			}
		}
		if got := d.read(t, r.PublicID); won != 1 || got.P.Outcome != dsr.Refused {
			t.Errorf("%d approvals, %s", won, got.P.Outcome)
		}
	})
}

func TestFEE03AnOfficeOfOneThinksForADay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.in(t, func(tx *store.Tx) error { _, err := tx.DisableMember(d.second.ID); return err })
		r := d.file(t, dsr.Access)
		refuse := func() error {
			return d.Refuse(t.Context(), d.officer, r.PublicID, "excessive", "Ti like krav i dag")
		}
		is(t, "proposing", refuse(), nil)
		d.b.Clock.Advance(23 * time.Hour)
		is(t, "at once", refuse(), casework.ErrRefusalWait)
		d.b.Clock.Advance(time.Hour)
		is(t, "a day later", refuse(), nil)
		if got := d.read(t, r.PublicID); got.P.Outcome != dsr.Refused {
			t.Errorf("%s", got.P.State)
		}
	})
}

func TestID10AnUnansweredQuestionOfIdentityClosesAndReopens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Question(t.Context(), d.officer, r.PublicID, "identity", "Hvem er du?", "To med samme navn", false); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		chase := func(days int) {
			d.b.Clock.Advance(time.Duration(days) * 24 * time.Hour)
			for range 2 { // as often as one likes
				if err := d.ChaseSilence(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			d.post(t)
		}
		count := func(kind dsr.EventKind) (n int) {
			for _, e := range d.read(t, r.PublicID).Events {
				if e.Kind == kind {
					n++
				}
			}
			return n
		}
		before := len(d.b.Letters.To(kari))
		for _, step := range []struct{ days, reminders int }{{13, 0}, {1, 1}, {15, 1}, {1, 2}, {29, 2}} {
			chase(step.days)
			if n := count(dsr.EventReminded); n != step.reminders || len(d.b.Letters.To(kari))-before != n {
				t.Errorf("%d reminders, want %d; %d mails", n, step.reminders, len(d.b.Letters.To(kari))-before)
			}
		}
		chase(1)
		got := d.read(t, r.PublicID)
		if got.P.State != dsr.Answered || !got.P.Silent || !strings.Contains(string(got.Answer), "Datatilsynet") {
			t.Fatalf("after sixty days it is %s", got.P.State)
		}
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "tas opp igjen") || !strings.Contains(m.Text, "Datatilsynet") {
			t.Errorf("the closing notice says too little:\n%s", m.Text)
		}
		d.b.Clock.Advance(5 * 24 * time.Hour)
		if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Det er meg", nil, ""); err != nil {
			t.Fatal(err)
		}
		got = d.read(t, r.PublicID)
		if got.P.State != dsr.Received || got.P.Outcome != "" || got.ClosedAt != nil || len(got.Answer) != 0 || got.P.Deadline.PausedDays != 65 {
			t.Errorf("a late reply: %s, %q, closed %v, paused %d days", got.P.State, got.P.Outcome, got.ClosedAt, got.P.Deadline.PausedDays)
		}
		d.in(t, func(tx *store.Tx) error {
			wrong, err := tx.CheckProjection(r.PublicID)
			if len(wrong) > 0 {
				t.Errorf("columns that do not follow: %v", wrong)
			}
			return err
		})
		if d.jobs(t, casework.JobCollect, r.PublicID) < 2 {
			t.Error("the search does not begin anew")
		}
	})
}

func (d *desk) identifiers(t *testing.T, id string) (all []store.Identifier) {
	t.Helper()
	d.in(t, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		all, err = tx.Identifiers(r)
		return err
	})
	return all
}

// promiseCompanies saves a register that promises companies an answer.
func (d *desk) promiseCompanies(t *testing.T) {
	t.Helper()
	reg := register.Seed()
	reg.Companies = &register.Companies{Authority: locale.Text{NB: "Signatur.", NN: "Signatur.", EN: "Signatory."}}
	body, err := reg.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	d.in(t, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(c.ID, store.VersionRegister, 1, string(body), "test")
		return err
	})
}

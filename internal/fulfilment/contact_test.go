package fulfilment_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

const stranger = "ola.ny@example.net"

// mailroom is an office whose mails with codes go out and are answered.
type mailroom struct {
	*office
	gate *access.Gate
	desk *casework.Desk
	from access.Client
}

func newMailroom(t *testing.T, b *portaltest.Bundle) *mailroom {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	return &mailroom{office: newOffice(t, b), from: access.Client{IP: netip.MustParseAddr("192.0.2.1")},
		gate: &access.Gate{Store: b.Store, Ring: b.Ring, Sender: b.Letters, Now: b.Clock.Now, Rand: rand.Reader, PublicURL: portaltest.PublicURL, Logger: quiet, LimitFactor: 100},
		desk: &casework.Desk{Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: rand.Reader, Logger: quiet}}
}

// candidate adds what the person says may lead to them.
func (m *mailroom) candidate(id, kind, value string) string {
	m.t.Helper()
	m.must(m.desk.AddIdentifier(m.t.Context(), m.member(), id, casework.Contact{Kind: kind, Value: value}))
	m.work()
	all := m.identifiers(id)
	return all[len(all)-1].PublicID
}

func (m *mailroom) member() casework.By {
	return casework.By{ID: m.first.ID, Name: m.first.Name, Roles: []staff.Role{staff.PrivacyOfficer}}
}

func (m *mailroom) identifiers(id string) []casework.Identifier {
	m.t.Helper()
	v, err := m.desk.Case(m.t.Context(), m.member(), id, locale.NB, false)
	m.must(err)
	return v.Identifiers
}

func (m *mailroom) post() { m.t.Helper(); m.b.RunJobs(m.t, m.gate.Work()) }

var confirmLink = regexp.MustCompile(regexp.QuoteMeta(portaltest.PublicURL) + `/confirm/([0-9a-f]{32})\n`)

// asked asks the contact on file and gives the mail with its challenge and code.
func (m *mailroom) asked(id, identifier, to string) (letter mail.Message, challenge, code string) {
	m.t.Helper()
	m.must(m.works.AskContact(m.t.Context(), m.first, id, identifier))
	m.post()
	letter = m.b.Letters.Last(m.t, to)
	link := confirmLink.FindStringSubmatch(letter.Text)
	if link == nil {
		m.t.Fatalf("no link in %q", letter.Text)
	}
	return letter, link[1], portaltest.Code(m.t, letter)
}

func (m *mailroom) confirm(challenge, code string) error {
	return m.gate.ConfirmContact(m.t.Context(), challenge, code, m.from, m.desk.ContactProved)
}

func (m *mailroom) refuses(challenge, code, why string) {
	m.t.Helper()
	if err := m.confirm(challenge, code); !errors.Is(err, access.ErrChallenge) {
		m.t.Errorf("%s: %v, want the answer of a wrong code", why, err)
	}
}

// found counts the rows that are surely the person's.
func (m *mailroom) found(id string) int64 {
	m.t.Helper()
	n := int64(0)
	for _, g := range m.view(id).Groups {
		if !g.Candidate {
			n += g.Count
		}
	}
	return n
}

func TestContactOnFileConfirmsACandidate(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		id := m.file(dsr.Access, stranger, store.Detail{})
		m.work()
		number := m.candidate(id, "external_id", demo.Household.CustomerNo)
		if m.found(id) != 0 {
			t.Fatal("what a candidate leads to counts as the person's")
		}
		letter, challenge, code := m.asked(id, number, demo.Household.Email)
		for _, never := range []string{stranger, demo.Household.CustomerNo, "ola nordmann"} {
			if strings.Contains(strings.ToLower(letter.Text+letter.HTML), strings.ToLower(never)) {
				t.Errorf("the mail tells %q", never)
			}
		}
		if !strings.Contains(letter.Subject, string(m.request(id).Reference)) || strings.Contains(letter.Text, "#") {
			t.Errorf("the mail names no case, or has a secret in its link: %s", letter.Text)
		}
		m.is(m.works.AskContact(t.Context(), m.first, id, number), fulfilment.ErrContactAsked)
		waiting := m.identifiers(id)[1]
		if waiting.AskedUntil == nil || !waiting.AskedUntil.Equal(b.Clock.Now().Add(7*24*time.Hour)) {
			t.Errorf("the office does not see that a code waits: %+v", waiting.AskedUntil)
		}
		m.refuses(challenge, "0000-0000", "a wrong code")
		m.refuses(strings.Repeat("0", 32), code, "an unknown challenge")
		before, runs := len(m.request(id).Events), b.Count(t, "SELECT count(*) FROM job WHERE kind = 'collect'")
		m.must(m.confirm(challenge, code))
		if n := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'collect'"); n != runs+1 {
			t.Errorf("%d searches were asked for", n-runs)
		}
		// What is confirmed, and that the case leaves the review for the new search.
		events := m.request(id).Events[before:]
		if len(events) != 2 || events[0].Data.Code != "identifier_contact_on_file" || len(events[0].LeafHash) == 0 || events[1].Kind != dsr.EventReopened {
			t.Errorf("the events: %+v", events)
		}
		got := m.identifiers(id)[1]
		if got.Certainty != store.Verified || got.VerifiedAt == nil || !strings.Contains(got.NoteText, "Bekreftet med kode") || got.AskedUntil != nil {
			t.Errorf("the identifier: %+v", got)
		}
		m.refuses(challenge, code, "a code used twice")
		m.work()
		if m.found(id) == 0 {
			t.Error("the search did not go on from what was confirmed")
		}
		if n := len(b.Letters.To(demo.Household.Email)); n != 1 {
			t.Errorf("%d mails to the contact on file", n)
		}
	})
}

func TestCodeToAContactOnFileEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(m *mailroom, id, identifier, challenge string){
		"worn out": func(m *mailroom, _, _, challenge string) {
			for range 5 {
				m.refuses(challenge, "0000-0000", "a wrong code")
			}
		},
		"too old": func(m *mailroom, _, _, _ string) { m.b.Clock.Advance(7 * 24 * time.Hour) },
		"rejected by the office": func(m *mailroom, id, identifier, _ string) {
			m.must(m.desk.DecideIdentifier(m.t.Context(), m.member(), id, identifier, false, "En annens nummer"))
		},
		"the case is closed": func(m *mailroom, id, _, _ string) {
			m.must(m.desk.RecordWithdrawal(m.t.Context(), m.member(), id, "Ringte"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				m := newMailroom(t, b)
				id := m.file(dsr.Access, stranger, store.Detail{})
				m.work()
				number := m.candidate(id, "external_id", demo.Household.CustomerNo)
				_, challenge, code := m.asked(id, number, demo.Household.Email)
				end(m, id, number, challenge)
				m.refuses(challenge, code, name)
				if got := m.identifiers(id)[1].Certainty; got == store.Verified {
					t.Error("the candidate was confirmed")
				}
			})
		})
	}
}

// TestPageFollowsTheSearch: from the act that leads to a search until its plan is made, the page is
// told that what it shows will change.
func TestPageFollowsTheSearch(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		id := m.file(dsr.Access, stranger, store.Detail{})
		working := func(when string, want bool) {
			t.Helper()
			if got := m.view(id).Working; got != want {
				t.Errorf("%s: working is %t", when, got)
			}
		}
		working("filed", true)
		m.work()
		working("searched", false)
		m.must(m.desk.AddIdentifier(t.Context(), m.member(), id, casework.Contact{Kind: "external_id", Value: demo.Household.CustomerNo}))
		m.state(id, dsr.Collecting)
		working("a candidate came", true)
		m.work()
		m.state(id, dsr.Review)
		working("searched by the candidate", false)
		g := m.view(id).Groups[0]
		m.must(m.works.Decide(t.Context(), m.first, id, []fulfilment.GroupDecision{{Group: g.ID, Action: g.Options[0].Action, Reason: "sett", Ground: "art_15_4"}}))
		working("a decision was made", true)
		m.work()
		working("planned", false)
	})
}

func TestManyConfirmAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		id := m.file(dsr.Access, stranger, store.Detail{})
		m.work()
		number := m.candidate(id, "external_id", demo.Household.CustomerNo)
		_, challenge, code := m.asked(id, number, demo.Household.Email)
		before := len(m.request(id).Events)
		const most = 5 // as many as a code has tries
		errs := make([]error, most)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { errs[i] = m.confirm(challenge, code) })
		}
		all.Wait()
		through := 0
		for _, err := range errs {
			if err == nil {
				through++
			} else if !errors.Is(err, access.ErrChallenge) {
				t.Errorf("the others were told %v", err)
			}
		}
		var kinds []dsr.EventKind
		for _, e := range m.request(id).Events[before:] {
			kinds = append(kinds, e.Kind)
		}
		if want := []dsr.EventKind{dsr.EventNoted, dsr.EventReopened}; through != 1 || !slices.Equal(kinds, want) {
			t.Errorf("%d came through, events %v", through, kinds)
		}
		if n := b.Count(t, "SELECT count(*) FROM challenge WHERE purpose = 'confirm_contact' AND used_at IS NOT NULL"); n != 1 {
			t.Errorf("%d used", n)
		}
	})
}

func TestManyWrongCodesToAContactAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		id := m.file(dsr.Access, stranger, store.Detail{})
		m.work()
		number := m.candidate(id, "external_id", demo.Household.CustomerNo)
		_, challenge, code := m.asked(id, number, demo.Household.Email)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { m.refuses(challenge, "0000-0000", "a wrong code") })
		}
		all.Wait()
		m.refuses(challenge, code, "after five wrong codes")
		if n := b.Count(t, "SELECT attempts FROM challenge WHERE purpose = 'confirm_contact'"); n != 5 {
			t.Errorf("%d attempts were looked at, want 5", n)
		}
	})
}

func TestOnlyAClearContactOnFileIsAsked(t *testing.T) {
	t.Parallel()
	m := newMailroom(t, portaltest.New(t, "sqlite"))
	id := m.file(dsr.Access, stranger, store.Detail{})
	m.work()
	db := m.sql("webshop")
	_, err := db.Exec("UPDATE customers SET phone = '+4790000001' WHERE customer_no IN (?, ?)", demo.Household.CustomerNo, demo.MostData.CustomerNo)
	m.must(err)
	for kind, values := range map[string]map[string]error{
		"external_id":  {"K-999999": fulfilment.ErrNoContactOnFile},
		"phone_number": {"+4790000001": fulfilment.ErrSeveralContacts},
		"name":         {"Ola Nordmann": fulfilment.ErrNoContactOnFile},
		"email":        {"ingen.her@example.net": fulfilment.ErrNoContactOnFile},
	} {
		for value, want := range values {
			m.is(m.works.AskContact(t.Context(), m.first, id, m.candidate(id, kind, value)), want)
		}
	}
	m.post()
	if n := len(m.b.Letters.All()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
	// A candidate that is an address is asked itself, since a system holds it.
	older := m.candidate(id, "email", demo.Household.Email)
	_, challenge, code := m.asked(id, older, demo.Household.Email)
	m.breaks("webshop", true)
	m.is(m.works.AskContact(t.Context(), m.first, id, m.candidateNow(id, demo.MostData.CustomerNo)), fulfilment.ErrSourceDown)
	m.must(m.confirm(challenge, code))
}

// candidateNow adds a candidate without a search.
func (m *mailroom) candidateNow(id, number string) string {
	m.t.Helper()
	m.must(m.desk.AddIdentifier(m.t.Context(), m.member(), id, casework.Contact{Kind: "external_id", Value: number}))
	all := m.identifiers(id)
	return all[len(all)-1].PublicID
}

func TestAMailboxOnFileThatIsGoneIsToldToTheOffice(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		id := m.file(dsr.Access, stranger, store.Detail{})
		m.work()
		number := m.candidate(id, "external_id", demo.Household.CustomerNo)
		b.Letters.Fail(&mail.SendError{Code: mail.CodeRecipient, Status: 550})
		m.must(m.works.AskContact(t.Context(), m.first, id, number))
		m.post()
		b.Letters.Fail(nil)
		v, err := m.desk.Case(t.Context(), m.member(), id, locale.NB, false)
		m.must(err)
		if last := v.Timeline[len(v.Timeline)-1].Text; !strings.Contains(last, "tar ikke imot") || v.Identifiers[1].AskedUntil != nil {
			t.Errorf("the office is told %q, and waits until %v", last, v.Identifiers[1].AskedUntil)
		}
	})
}

// TestAnswerNeedsAnAddressThatIsThePersons: a case that a member typed in, with an address that nobody
// has proved to be the person's, cannot be read by whoever reads that mailbox.
func TestAnswerNeedsAnAddressThatIsThePersons(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		cases, err := m.desk.Register(t.Context(), m.member(), casework.Registration{Rights: []string{"access"}, Channel: "counter", ReceivedAt: b.Clock.Now(),
			Locale: locale.NB, Name: "Ola Nordmann", Email: demo.Household.Email, CustomerNumber: demo.Household.CustomerNo, Method: "known_facts", Delivery: store.DeliveryPortal})
		m.must(err)
		id, index := cases[0].PublicID, b.Store.AddressIndex(demo.Household.Email)
		m.work()
		m.settle(id, "disclose")
		m.approve(id)
		m.work()
		m.is(m.works.Answer(t.Context(), m.first, id, fulfilment.AnswerInput{}), fulfilment.ErrAddressUnproved)
		closed := func(when string) {
			t.Helper()
			mine, err := m.desk.Mine(t.Context(), index, locale.NB)
			m.must(err)
			_, own := m.desk.Own(t.Context(), index, id, locale.NB)
			_, pack := m.works.OpenPackage(t.Context(), index, id, 0, free)
			_, receipt := m.desk.Receipt(t.Context(), index, id)
			_, write := m.desk.Write(t.Context(), index, id, "Hei", nil, "")
			if len(mine) != 0 {
				t.Errorf("%s: the case is listed", when)
			}
			for _, err := range []error{own, pack, receipt, write, m.desk.Withdraw(t.Context(), index, id, free)} {
				if fault.KindOf(err) != fault.NotFound {
					t.Errorf("%s: %v, want not found", when, err)
				}
			}
		}
		closed("before the answer")
		m.must(m.works.Answer(t.Context(), m.first, id, fulfilment.AnswerInput{OnPaper: true}))
		closed("after the answer on paper")
		if n := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_person' AND object LIKE 'answer_ready:%'"); n != 0 {
			t.Error("the answer was mailed to an address that nobody proved")
		}
	})
}

// TestErasureForAnUnprovedAddressIsAnsweredOnPaper: it does not answer itself to where nobody of it may
// read the answer.
func TestErasureForAnUnprovedAddressIsAnsweredOnPaper(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		cases, err := m.desk.Register(t.Context(), m.member(), casework.Registration{Rights: []string{"erasure"}, Channel: "phone", ReceivedAt: b.Clock.Now(),
			Locale: locale.NB, Name: "Ola Nordmann", Email: demo.Household.Email, CustomerNumber: demo.Household.CustomerNo, Method: "known_facts", Delivery: store.DeliveryPortal})
		m.must(err)
		id := cases[0].PublicID
		m.work()
		m.settle(id, "keep")
		m.approve(id)
		m.work()
		m.state(id, dsr.Executing)
		if !m.request(id).P.PlanDone {
			t.Fatal("the erasure was not carried out")
		}
		m.is(m.works.Answer(t.Context(), m.first, id, fulfilment.AnswerInput{}), fulfilment.ErrAddressUnproved)
		m.must(m.works.Answer(t.Context(), m.first, id, fulfilment.AnswerInput{OnPaper: true}))
		m.state(id, dsr.Answered)
		if n := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_person' AND object LIKE 'answer_done:%'"); n != 0 {
			t.Error("what was erased was mailed to an address that nobody proved")
		}
	})
}

func TestAConfirmedAddressOpensTheCase(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		cases, err := m.desk.Register(t.Context(), m.member(), casework.Registration{Rights: []string{"access"}, Channel: "counter", ReceivedAt: b.Clock.Now(),
			Locale: locale.NB, Name: "Ola Nordmann", Email: demo.Household.Email, CustomerNumber: demo.Household.CustomerNo, Method: "known_facts", Delivery: store.DeliveryPortal})
		m.must(err)
		id, index := cases[0].PublicID, b.Store.AddressIndex(demo.Household.Email)
		m.work()
		address := m.identifiers(id)[0]
		if address.Kind != "email" || address.Certainty != store.Candidate || address.NoteText != "Oppgitt da saken ble registrert" {
			t.Fatalf("identifier %+v", address)
		}
		_, challenge, code := m.asked(id, address.PublicID, demo.Household.Email)
		m.must(m.confirm(challenge, code))
		m.work()
		m.settle(id, "disclose")
		m.approve(id)
		m.work()
		m.must(m.works.Answer(t.Context(), m.first, id, fulfilment.AnswerInput{}))
		if _, err := m.desk.Own(t.Context(), index, id, locale.NB); err != nil {
			t.Errorf("its holder cannot read the case: %v", err)
		}
		if len(m.download(id)) == 0 {
			t.Error("nothing to download")
		}
		other := keyring.NewPrivate(stranger)
		if _, err := m.desk.Own(t.Context(), b.Store.AddressIndex(other.Reveal()), id, locale.NB); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another mailbox: %v", err)
		}
	})
}

// A system that nothing known of the person leads into was not searched. No letter says that it was,
// and where no place at all was searched nobody can say that nothing is held.
func TestID08ACC01NothingIsSaidOfSystemsThatWereNotSearched(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m, ctx := newMailroom(t, b), t.Context()
		registered, err := m.desk.Register(ctx, m.member(), casework.Registration{Rights: []string{"access"}, Channel: "phone", ReceivedAt: b.Clock.Now(),
			Locale: locale.NB, Name: "Nils Ukjent", Phone: "99 88 77 66", Postal: "Storgata 1, 0155 Oslo", Method: "known_facts", MethodNote: "svarte rett"})
		m.must(err)
		id := registered[0].PublicID
		m.work()
		m.state(id, dsr.Review)
		nothing := fulfilment.AnswerInput{NothingFound: true, OnPaper: true, Text: "Kunne ikke spørre."}
		m.is(m.works.Answer(ctx, m.first, id, nothing), fulfilment.ErrNotSearched)
		m.is(m.works.Approve(ctx, m.first, id, m.view(id).Plan.Digest, false), fulfilment.ErrNotSearched)
		for _, may := range m.view(id).May {
			if may.Act == "answer" && (may.Allowed || may.WhyNot != fulfilment.ErrNotSearched.Text.In(locale.NB)) {
				t.Errorf("the office is told %+v", may)
			}
		}
		for _, i := range m.identifiers(id) {
			m.must(m.desk.DecideIdentifier(ctx, m.member(), id, i.PublicID, false, "feil nummer"))
		}
		number := m.candidate(id, "external_id", "FL-9999999")
		m.must(m.desk.DecideIdentifier(ctx, m.member(), id, number, true, "står på fakturaen"))
		m.work()
		left := map[string]bool{}
		for _, s := range m.view(id).Sources {
			left[s.Title] = s.State == "not_reachable"
		}
		m.must(m.works.Answer(ctx, m.first, id, nothing))
		a := m.answer(id)
		if len(a.Searched) != len(left) {
			t.Fatalf("%d places were looked in, the letter has %q", len(left), a.Searched)
		}
		for _, line := range a.Searched {
			name, _, _ := strings.Cut(line, " (")
			if strings.Contains(line, "ikke gjennomsøkt") != left[name] {
				t.Errorf("%q was left out: %t, the letter says %q", name, left[name], line)
			}
		}
	})
}

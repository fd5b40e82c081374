package casework_test

import (
	"context"
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
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

const kariNew = "kari.ny@example.net"

// mover is a desk with the gate that proves addresses.
type mover struct {
	*desk
	gate *access.Gate
	from access.Client
}

func eachMover(t *testing.T, test func(t *testing.T, m *mover)) {
	t.Helper()
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.settings(t, func(s *store.Settings) { s.PostalAddress = "Storgata 1, 5003 Bergen" }) // as package governance keeps it
		test(t, &mover{desk: d, from: access.Client{IP: netip.MustParseAddr("192.0.2.1")}, gate: &access.Gate{
			Store: d.b.Store, Ring: d.b.Ring, Sender: d.b.Letters, Now: d.b.Clock.Now, Rand: rand.Reader, PublicURL: portaltest.PublicURL,
			Logger: slog.New(slog.DiscardHandler), LimitFactor: 100}})
	})
}

// work runs mails, codes and changes of addresses that are due.
func (m *mover) work(t *testing.T) {
	t.Helper()
	all := m.mailWork()
	for kind, w := range m.gate.Work() {
		all[kind] = w
	}
	for _, kind := range []string{casework.JobMailAddress, casework.JobChangeAddress} {
		all[kind] = m.Work()[kind]
	}
	m.b.RunJobs(t, all)
}

func (m *mover) signIn(t *testing.T, address string) *access.PersonSession {
	t.Helper()
	m.work(t) // what was mailed before is not the newest mail
	s, err := m.gate.StartVerification(t.Context(), address, locale.NB, "", m.from)
	if err != nil {
		t.Fatal(err)
	}
	m.work(t)
	p, _, err := m.gate.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", portaltest.Code(t, m.b.Letters.Last(t, address)), m.from)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// proveOld proves the old address for the change.
func (m *mover) proveOld(t *testing.T, p *access.PersonSession) {
	t.Helper()
	if _, err := m.gate.StartStepUp(t.Context(), p, access.OpAddress, access.AddressObject, m.from); err != nil {
		t.Fatal(err)
	}
	m.work(t)
	code := portaltest.Code(t, m.b.Letters.Last(t, p.Address.Reveal()))
	if _, err := m.gate.RedeemStepUp(t.Context(), p, access.AddressObject, code, m.from); err != nil {
		t.Fatal(err)
	}
}

func (m *mover) name(ctx context.Context, p *access.PersonSession, to string) error {
	_, err := m.gate.StartNewAddress(ctx, p, to, m.from, func(tx *store.Tx) error { return m.AddressFree(tx, p.AddressIndex) })
	return err
}

func (m *mover) prove(ctx context.Context, p *access.PersonSession, code string) error {
	return m.gate.RedeemNewAddress(ctx, p, code, m.from, func(tx *store.Tx, to dsr.Address) error {
		_, err := m.BeginAddressChange(tx, p.Address, to, p.Locale)
		return err
	})
}

// code has the new address named, and gives the code that was mailed there.
func (m *mover) code(t *testing.T, p *access.PersonSession, to string) string {
	t.Helper()
	m.proveOld(t, p)
	if err := m.name(t.Context(), p, to); err != nil {
		t.Fatal(err)
	}
	m.work(t)
	return portaltest.Code(t, m.b.Letters.Last(t, to))
}

// begin has a change wait.
func (m *mover) begin(t *testing.T, p *access.PersonSession, to string) {
	t.Helper()
	if err := m.prove(t.Context(), p, m.code(t, p, to)); err != nil {
		t.Fatal(err)
	}
	m.work(t)
}

func (m *mover) opens(t *testing.T, address, id string) bool {
	t.Helper()
	views, err := m.Mine(t.Context(), m.index(address), locale.NB)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(views, func(v casework.View) bool { return v.Request.PublicID == id })
}

var stopLink = regexp.MustCompile(regexp.QuoteMeta(portaltest.PublicURL) + `/stop-change#([0-9a-f]{32}\.[A-Za-z0-9_-]{43})`)

// stop is the link in the newest mail to the old address.
func (m *mover) stopLink(t *testing.T) string {
	t.Helper()
	link := stopLink.FindStringSubmatch(m.b.Letters.Last(t, kari).Text)
	if link == nil {
		t.Fatal("the mail to the old address has no link")
	}
	return link[1]
}

func (m *mover) stop(ctx context.Context, link string) error {
	id, err := m.gate.AddressLink(ctx, link, m.from)
	if err != nil {
		return err
	}
	return m.StopAddressChange(ctx, id)
}

func wantFault(t *testing.T, err error, code string) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Code != code {
		t.Errorf("%v, want %s", err, code)
	}
}

func (m *mover) alive(t *testing.T, address string) int {
	t.Helper()
	return m.b.Count(t, "SELECT count(*) FROM session WHERE address_index = $1 AND ended_at IS NULL", m.index(address))
}

func TestCasesFollowANewAddressAfterTheDelay(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		r, second := m.file(t, dsr.Access), m.file(t, dsr.Erasure)
		theirs, err := m.File(t.Context(), func() casework.Filing {
			f := filing(dsr.Access)
			f.Address = keyring.NewPrivate(kariNew)
			return f
		}())
		if err != nil {
			t.Fatal(err)
		}
		m.in(t, func(tx *store.Tx) error { return tx.Suppress("marketing", tx.AddressIndex(kari)) })
		p := m.signIn(t, kari)
		m.begin(t, p, kariNew)

		due, err := m.AddressChanging(t.Context(), p.AddressIndex)
		if err != nil || due == nil || !due.Equal(m.b.Clock.Now().Add(72*time.Hour)) {
			t.Fatalf("due %v, %v", due, err)
		}
		told := m.b.Letters.Last(t, kari)
		if !stopLink.MatchString(told.Text) || strings.Contains(told.Text, kariNew) || strings.Contains(told.Subject+told.Text+told.HTML, "Kari") {
			t.Errorf("the mail to the old address: %s", told.Text)
		}
		m.work(t)
		if m.opens(t, kariNew, r.PublicID) || !m.opens(t, kari, r.PublicID) {
			t.Error("the case moved before it was due")
		}
		m.b.Clock.Advance(73 * time.Hour)
		m.work(t)
		for _, id := range []string{r.PublicID, second.PublicID, theirs.PublicID} {
			if !m.opens(t, kariNew, id) || m.opens(t, kari, id) {
				t.Errorf("%s does not follow the new address", id)
			}
		}
		moved := m.read(t, r.PublicID)
		if moved.Address.Reveal() != kariNew {
			t.Error("mails do not go to the new address")
		}
		var known []store.Identifier
		m.in(t, func(tx *store.Tx) (err error) { known, err = tx.Identifiers(moved); return err })
		for _, address := range []string{kari, kariNew} {
			if !slices.ContainsFunc(known, func(i store.Identifier) bool {
				return i.Kind == "email" && i.Certainty == store.Verified && i.Value.Reveal() == address
			}) {
				t.Errorf("one of the addresses is not searched by")
			}
			var found []*store.Request
			m.in(t, func(tx *store.Tx) (err error) {
				found, _, err = tx.List(store.Filter{View: store.ViewAll, Query: address, Limit: 10})
				return err
			})
			if !slices.ContainsFunc(found, func(one *store.Request) bool { return one.ID == r.ID }) {
				t.Error("the office does not find the case under one of the addresses")
			}
			if text := m.b.Letters.Last(t, address).Text; !strings.Contains(text, "følger sakene dine hos Fjordlys AS en annen e-postadresse") {
				t.Errorf("an address was not told: %s", text)
			}
		}
		m.in(t, func(tx *store.Tx) error {
			index := tx.AddressIndex(kari)
			held, err := tx.SuppressedAt([][]byte{index})
			if held[string(index)]["marketing"].IsZero() {
				t.Error("what the old address does not want is forgotten")
			}
			return err
		})
		if n := m.alive(t, kari); n != 0 {
			t.Errorf("%d sessions of the old address live", n)
		}
		if dump := m.b.Dump(t, "address_change", "audit_leaf", "event", "job", "request_word", "identifier", "request"); strings.Contains(dump, kariNew) || strings.Contains(dump, kari) {
			t.Error("an address lies in the clear")
		}
	})
}

func TestANewAddressNeedsTheOldOneProvedAndTellsNothing(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		m.file(t, dsr.Access)
		p := m.signIn(t, kari)
		wantFault(t, m.name(t.Context(), p, kariNew), "step_up_required")
		m.proveOld(t, p)
		wantFault(t, m.name(t.Context(), p, "Kari.Nordmann@Example.org"), "same_address")
		wantFault(t, m.name(t.Context(), p, "ikke en adresse"), "bad_email")
		// Known, unknown and blocked: one answer, and a mail to whom one may be sent.
		m.in(t, func(tx *store.Tx) error {
			return tx.BlockAddress(tx.AddressIndex("stengt@example.net"), tx.Now.Add(time.Hour))
		})
		for _, to := range []string{"stengt@example.net", "ukjent@example.net", officer} {
			if err := m.name(t.Context(), p, to); err != nil {
				t.Errorf("naming an address: %v", err)
			}
		}
		m.work(t)
		if len(m.b.Letters.To("stengt@example.net")) != 0 {
			t.Error("a blocked address was mailed")
		}
		// Only the address that was named last counts, and only in this session.
		if err := m.name(t.Context(), p, "feil@example.net"); err != nil {
			t.Fatal(err)
		}
		m.work(t)
		wrong := portaltest.Code(t, m.b.Letters.Last(t, "feil@example.net"))
		if err := m.name(t.Context(), p, kariNew); err != nil {
			t.Fatal(err)
		}
		m.work(t)
		right := portaltest.Code(t, m.b.Letters.Last(t, kariNew))
		if err := m.prove(t.Context(), p, wrong); !errors.Is(err, access.ErrChallenge) {
			t.Errorf("the code of an address that was corrected: %v", err)
		}
		if err := m.prove(t.Context(), m.signIn(t, kari), right); !errors.Is(err, access.ErrChallenge) {
			t.Errorf("another session: %v", err)
		}
		m.b.Clock.Advance(11 * time.Minute)
		if err := m.prove(t.Context(), p, right); !errors.Is(err, access.ErrChallenge) {
			t.Errorf("a code that is over: %v", err)
		}
		if n := m.b.Count(t, "SELECT count(*) FROM address_change"); n != 0 {
			t.Errorf("%d changes", n)
		}
		// Somebody whom no case follows has nothing to change.
		other := m.signIn(t, "ola@example.net")
		m.proveOld(t, other)
		wantFault(t, m.name(t.Context(), other, kariNew), "nothing_follows")
	})
}

func TestTheOldAddressStopsAChange(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		r := m.file(t, dsr.Access)
		p := m.signIn(t, kari)
		m.begin(t, p, kariNew)
		link := m.stopLink(t)
		m.proveOld(t, p)
		wantFault(t, m.name(t.Context(), p, "enda.en@example.net"), "address_changing")
		// The link is opened by machines too: nothing happens but by the act itself.
		if _, err := m.gate.AddressLink(t.Context(), link, m.from); err != nil || m.alive(t, kari) == 0 {
			t.Fatalf("opening the link: %v", err)
		}
		wantFault(t, m.stop(t.Context(), link[:33]+strings.Repeat("A", 43)), "task_link_invalid")
		if err := m.stop(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		wantFault(t, m.stop(t.Context(), link), "address_change_over")
		if n := m.alive(t, kari); n != 0 {
			t.Errorf("%d sessions live after the stop", n)
		}
		m.b.Clock.Advance(80 * time.Hour)
		m.work(t)
		if !m.opens(t, kari, r.PublicID) || m.opens(t, kariNew, r.PublicID) {
			t.Error("a stopped change was carried out")
		}
		if m.read(t, r.PublicID).NeedsHuman != "address_stopped" {
			t.Error("nobody in the office is to look at it")
		}
		// The person may ask again, and take it back themselves.
		p = m.signIn(t, kari)
		m.begin(t, p, kariNew)
		if err := m.CancelAddressChange(t.Context(), p.AddressIndex); err != nil {
			t.Fatal(err)
		}
		wantFault(t, m.CancelAddressChange(t.Context(), p.AddressIndex), "address_change_over")
		m.b.Clock.Advance(80 * time.Hour)
		m.work(t)
		if !m.opens(t, kari, r.PublicID) {
			t.Error("a change that was taken back was carried out")
		}
	})
}

func TestAWithdrawnCaseFollowsToo(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		r := m.file(t, dsr.Access)
		p := m.signIn(t, kari)
		m.begin(t, p, kariNew)
		if err := m.Withdraw(t.Context(), p.AddressIndex, r.PublicID, func(*store.Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		m.b.Clock.Advance(73 * time.Hour)
		m.work(t)
		if !m.opens(t, kariNew, r.PublicID) || m.read(t, r.PublicID).P.State != dsr.Withdrawn {
			t.Error("the person cannot see the case that they took back")
		}
	})
}

func TestManyConfirmationsBeginOneChange(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		m.file(t, dsr.Access)
		a, b := m.signIn(t, kari), m.signIn(t, kari)
		codes := map[*access.PersonSession]string{a: m.code(t, a, kariNew)}
		codes[b] = m.code(t, b, "kari.annen@example.net")
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 4 {
			for p, code := range codes {
				wg.Go(func() {
					if err := m.prove(t.Context(), p, code); err == nil {
						mu.Lock()
						won++
						mu.Unlock()
					} else if fault.From(err) == nil {
						t.Errorf("no fault: %v", err)
					}
				})
			}
		}
		wg.Wait()
		if n := m.b.Count(t, "SELECT count(*) FROM address_change WHERE state = 'waiting'"); won != 1 || n != 1 {
			t.Errorf("%d came through, %d wait", won, n)
		}
	})
}

func TestStopOrCarryOutNeverBoth(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		for range 4 {
			f := filing(dsr.Access)
			r, err := m.File(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			p := m.signIn(t, kari)
			m.begin(t, p, kariNew)
			change, err := m.gate.AddressLink(t.Context(), m.stopLink(t), m.from)
			if err != nil {
				t.Fatal(err)
			}
			m.b.Clock.Advance(73 * time.Hour)
			carry := m.Work()[casework.JobChangeAddress].Handle
			errs := make([]error, 6)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() {
					if i%2 == 0 {
						errs[i] = m.StopAddressChange(t.Context(), change)
						return
					}
					if err := carry(t.Context(), job.Job{Object: change}); err != nil {
						t.Errorf("carrying out: %v", err)
					}
				})
			}
			wg.Wait()
			stops := 0
			for i := 0; i < len(errs); i += 2 {
				if errs[i] == nil {
					stops++
				} else {
					wantFault(t, errs[i], "address_change_over")
				}
			}
			moved := m.opens(t, kariNew, r.PublicID)
			if stops > 1 || moved == (stops == 1) || moved == m.opens(t, kari, r.PublicID) {
				t.Errorf("%d stops, moved: %v", stops, moved)
			}
			m.work(t)
		}
	})
}

func (m *mover) lostMailbox(t *testing.T) (*store.Request, casework.By) {
	t.Helper()
	by := m.officer
	by.Fresh = true
	return m.file(t, dsr.Access), by
}

var confirmAddress = regexp.MustCompile(`/confirm/([0-9a-f]{32})`)

// confirmNew redeems the code that a member had mailed to the new address.
func (m *mover) confirmNew(t *testing.T) error {
	t.Helper()
	letter := m.b.Letters.Last(t, kariNew)
	link := confirmAddress.FindStringSubmatch(letter.Text)
	if link == nil {
		t.Fatalf("no link to the page of the code: %v", m.b.Dump(t, "job"))
	}
	return m.gate.ConfirmContact(t.Context(), link[1], portaltest.Code(t, letter), m.from, m.ContactProved)
}

func TestAMemberChangesTheAddressOfALostMailbox(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		r, by := m.lostMailbox(t)
		other := m.file(t, dsr.Erasure)
		n := casework.NewAddress{Email: kariNew, Method: "eid", Reason: "Har mistet passordet til Kanarifugl"}
		wantFault(t, m.ChangeAddress(t.Context(), m.officer, r.PublicID, n), "step_up_required")
		handler := m.handler
		handler.Fresh = true
		wantFault(t, m.ChangeAddress(t.Context(), handler, r.PublicID, n), "forbidden")
		for _, bad := range []casework.NewAddress{{Email: kariNew, Method: "mailbox", Reason: "x"}, {Email: kariNew, Method: "eid", Reason: " "}, {Email: kari, Method: "eid", Reason: "x"}, {Email: "x", Method: "eid", Reason: "x"}} {
			if err := m.ChangeAddress(t.Context(), by, r.PublicID, bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%+v: %v", bad.Method, err)
			}
		}
		// The setting may be nothing; where nobody proved the old address there is a day.
		m.settings(t, func(s *store.Settings) { s.AddressHours = 0 })
		if err := m.ChangeAddress(t.Context(), by, r.PublicID, n); err != nil {
			t.Fatal(err)
		}
		wantFault(t, m.ChangeAddress(t.Context(), by, r.PublicID, n), "address_changing")
		m.work(t)
		m.stopLink(t)
		v, err := m.Case(t.Context(), by, r.PublicID, locale.NB, false)
		if err != nil || v.Address == nil || v.Address.Proved || !v.Address.MayStop || !v.Address.DueAt.Equal(m.b.Clock.Now().Add(24*time.Hour)) {
			t.Fatalf("%+v, %v", v.Address, err)
		}
		m.b.Clock.Advance(25 * time.Hour)
		m.work(t)
		if m.opens(t, kariNew, r.PublicID) {
			t.Fatal("the case follows an address that nobody proved")
		}
		if err := m.confirmNew(t); err != nil {
			t.Fatal(err)
		}
		m.b.Clock.Advance(time.Hour)
		m.work(t)
		if !m.opens(t, kariNew, r.PublicID) || !m.opens(t, kari, other.PublicID) {
			t.Error("that case, and no other, was to follow the new address")
		}
		if !strings.Contains(m.b.Letters.Last(t, kari).Text, string(r.Reference)) {
			t.Error("the old address is not told which case")
		}
		if dump := m.b.Dump(t, "audit_leaf", "event", "job", "address_change"); strings.Contains(dump, "Kanarifugl") || strings.Contains(dump, kariNew) {
			t.Error("the member's words or the address lie in the clear")
		}
	})
}

func TestAnAddressThatNobodyProvesIsDropped(t *testing.T) {
	eachMover(t, func(t *testing.T, m *mover) {
		r, by := m.lostMailbox(t)
		n := casework.NewAddress{Email: kariNew, Method: "in_person", Reason: "Mistet"}
		if err := m.ChangeAddress(t.Context(), by, r.PublicID, n); err != nil {
			t.Fatal(err)
		}
		m.b.Clock.Advance(8 * 24 * time.Hour)
		m.work(t)
		if !m.opens(t, kari, r.PublicID) || m.b.Count(t, "SELECT count(*) FROM address_change WHERE state = 'dropped'") != 1 {
			t.Error("the change was to lapse")
		}
		// A member takes one back; its code proves nothing any more.
		if err := m.ChangeAddress(t.Context(), by, r.PublicID, n); err != nil {
			t.Fatal(err)
		}
		m.work(t)
		if err := m.CancelAddressChangeOf(t.Context(), by, r.PublicID); err != nil {
			t.Fatal(err)
		}
		if err := m.confirmNew(t); !errors.Is(err, access.ErrChallenge) {
			t.Errorf("the code of a change that was taken back: %v", err)
		}
		m.b.Clock.Advance(80 * time.Hour)
		m.work(t)
		if !m.opens(t, kari, r.PublicID) {
			t.Error("what was taken back was carried out")
		}
	})
}

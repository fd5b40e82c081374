package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/live"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// house is one process that listens, and another that acts, on one database.
type house struct {
	*portaltest.Bundle
	t     *testing.T
	hub   *live.Hub
	other *store.Store
}

func newHouse(t *testing.T, b *portaltest.Bundle) *house {
	t.Helper()
	h := &house{Bundle: b, t: t, hub: live.New(b.Store, slog.New(slog.DiscardHandler)), other: b.Open(t)}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.hub.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return h
}

func (h *house) in(s *store.Store, fn func(*store.Tx) error) {
	h.t.Helper()
	if err := s.InTx(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) request() *store.Request {
	h.t.Helper()
	var r *store.Request
	h.in(h.other, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		id, err := tx.NewID()
		if err != nil {
			return err
		}
		ref, err := dsr.NewReference(strings.NewReader(id), 2026)
		if err != nil {
			return err
		}
		r, err = tx.OpenRequest(store.NewRequest{
			Controller: c.ID, Reference: ref, Right: dsr.Access, Channel: dsr.Web, Locale: locale.NB, Delivery: store.DeliveryPortal,
			Name: keyring.NewPrivate("Kari Nordmann"), ReceivedAt: tx.Now, CalendarVersion: dsr.CalendarVersion,
			Actor: dsr.Actor{Kind: dsr.Person}, Received: dsr.EventData{Zone: "Europe/Oslo"},
		})
		return err
	})
	return r
}

var members atomic.Int64

// member signs a new member in and gives their session.
func (h *house) member() (member, session int64) {
	h.t.Helper()
	h.in(h.Store, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		n := members.Add(1)
		m, err := tx.AddMember(c.ID, store.Member{Name: keyring.NewPrivate("Ola"), Email: keyring.NewPrivate("ola@example.org"), Roles: []staff.Role{staff.PrivacyOfficer}},
			fmt.Sprintf("ola%d@example.org", n), store.Credentials{PasswordHash: "x", TOTP: keyring.NewPrivate("x")})
		if err != nil {
			return err
		}
		s, err := tx.AddSession(store.Session{Kind: store.SessionMember, MemberID: m.ID, IdleUntil: tx.Now.Add(time.Hour), ExpiresAt: tx.Now.Add(time.Hour)}, fmt.Appendf(nil, "secret %d", n))
		if err != nil {
			return err
		}
		member, session = m.ID, s.ID
		return nil
	})
	return member, session
}

func (h *house) open(session, request int64) *live.Stream {
	h.t.Helper()
	s, err := h.hub.Open(session, request)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(s.Close)
	return s
}

const soon, quiet = 10 * time.Second, 2500 * time.Millisecond

func told(t *testing.T, s *live.Stream, what string) {
	t.Helper()
	select {
	case <-s.Changed():
	case <-s.Done():
		t.Fatalf("%s: the stream ended", what)
	case <-time.After(soon):
		t.Fatalf("%s: nobody was told", what)
	}
}

func untold(t *testing.T, s *live.Stream, what string) {
	t.Helper()
	select {
	case <-s.Changed():
		t.Fatalf("%s: the page was told", what)
	case <-s.Done():
		t.Fatalf("%s: the stream ended", what)
	case <-time.After(quiet):
	}
}

func over(t *testing.T, s *live.Stream, what string) {
	t.Helper()
	select {
	case <-s.Done():
		if !s.Ended() {
			t.Errorf("%s: nobody is told that the session is over", what)
		}
	case <-time.After(soon):
		t.Fatalf("%s: the stream goes on", what)
	}
}

func (h *house) touch(s *store.Store, r *store.Request) {
	h.t.Helper()
	h.in(s, func(tx *store.Tx) error {
		_, err := tx.Request(r.PublicID)
		return err
	})
}

// What another process does to a case is told here, to the pages of that case and of the inbox alone.
func TestAnotherProcessIsHeard(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := newHouse(t, b)
		r, other := h.request(), h.request()
		b.Clock.Advance(time.Minute) // what came before is on the page already
		_, session := h.member()
		page, inbox, elsewhere := h.open(session, r.ID), h.open(session, 0), h.open(session, other.ID)
		untold(t, page, "nothing changed")
		h.touch(h.other, r)
		told(t, page, "the case changed")
		told(t, inbox, "a case changed")
		untold(t, elsewhere, "another case changed")
		h.request()
		told(t, inbox, "a case came in")
	})
}

// A case that is only read, or whose change is taken back, is no news.
func TestOnlyWhatIsKeptIsTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := newHouse(t, b)
		r := h.request()
		b.Clock.Advance(time.Minute)
		_, session := h.member()
		page := h.open(session, r.ID)
		h.in(h.other, func(tx *store.Tx) error {
			_, err := tx.HeldRequest(r.PublicID)
			return err
		})
		failed := errors.New("no")
		if err := h.other.InTx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.Request(r.PublicID); err != nil {
				return err
			}
			return failed
		}); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		untold(t, page, "nothing was kept")
	})
}

// A page that begins to listen is told of what happened since it was read, a moment before.
func TestTheMomentBeforeIsTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := newHouse(t, b)
		r := h.request()
		b.Clock.Advance(time.Minute)
		_, session := h.member()
		h.touch(h.other, r)
		told(t, h.open(session, r.ID), "it changed just before")
		h.touch(h.other, r)
		told(t, h.open(session, r.ID), "it changed just before, while others listened")
	})
}

// On PostgreSQL a change can be seen after another with a greater number: it is told all the same, once.
func TestALateNumberIsTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := newHouse(t, b)
		r := h.request()
		b.Clock.Advance(time.Minute)
		_, session := h.member()
		page := h.open(session, r.ID)
		db := b.SQL(t)
		write := func(id, request int64) {
			t.Helper()
			if _, err := db.ExecContext(t.Context(), "INSERT INTO case_change (id, request_id, at) VALUES ($1, $2, $3)", id, request, store.Micros(b.Clock.Now())); err != nil {
				t.Fatal(err)
			}
		}
		write(100, r.ID)
		told(t, page, "number 100")
		write(90, r.ID)
		told(t, page, "number 90, after number 100")
		untold(t, page, "both were told")
	})
}

// A stream ends when its session does, however it does, and others go on.
func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := newHouse(t, b)
		r := h.request()
		b.Clock.Advance(time.Minute)
		_, staying := h.member()
		stays := h.open(staying, r.ID)
		for what, end := range map[string]func(tx *store.Tx, member, session int64) error{
			"signed out":  func(tx *store.Tx, _, session int64) error { return tx.EndSession(session) },
			"revoked":     func(tx *store.Tx, member, _ int64) error { return tx.EndSessionsOfMember(member, 0) },
			"other roles": func(tx *store.Tx, member, _ int64) error { return tx.SetRoles(member, []staff.Role{staff.Auditor}) },
			"disabled": func(tx *store.Tx, member, _ int64) error {
				_, err := tx.DisableMember(member)
				return err
			},
		} {
			member, session := h.member()
			s := h.open(session, r.ID)
			untold(t, s, what+" not yet")
			h.in(h.other, func(tx *store.Tx) error { return end(tx, member, session) })
			over(t, s, what)
		}
		untold(t, stays, "others' sessions ended")
		b.Clock.Advance(2 * time.Hour)
		over(t, stays, "its time is up")
	})
}

// However many pages a browser opens at once, and however many browsers there are.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	hub := live.New(nil, slog.New(slog.DiscardHandler))
	var got, refused atomic.Int64
	var first *live.Stream
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range 50 {
		all.Go(func() {
			<-begin
			s, err := hub.Open(1, 0)
			switch {
			case errors.Is(err, live.ErrBusy):
				refused.Add(1)
			case err != nil:
				t.Error(err)
			default:
				got.Add(1)
				mu.Lock()
				first = s
				mu.Unlock()
			}
		})
	}
	close(begin)
	all.Wait()
	if got.Load() != live.PerSession || refused.Load() != 50-live.PerSession {
		t.Errorf("%d streams of one session, %d refused", got.Load(), refused.Load())
	}
	first.Close()
	first.Close() // twice is once
	if _, err := hub.Open(1, 0); err != nil {
		t.Errorf("a place that was given back: %v", err)
	}
	for i := range live.InAll - live.PerSession {
		if _, err := hub.Open(int64(2+i), 0); err != nil {
			t.Fatalf("stream %d: %v", i, err)
		}
	}
	if _, err := hub.Open(9999, 0); !errors.Is(err, live.ErrBusy) {
		t.Errorf("one more than fit: %v", err)
	}
	hub.Close()
	<-first.Done()
	if first.Ended() {
		t.Error("the session is not over because the process stops")
	}
}

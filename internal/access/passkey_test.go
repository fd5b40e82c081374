package access_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

var chrome = access.Client{IP: here.IP, Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"}

func key() *portaltest.Authenticator {
	return &portaltest.Authenticator{Origin: portaltest.PublicURL, RPID: "portal.example", Counts: true}
}

func (h *house) signedInOfficer(t *testing.T, o officer) *access.StaffSession {
	t.Helper()
	s, err := h.Staff(t.Context(), o.cookie)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withKey adds a passkey to a signed-in member.
func (h *house) withKey(t *testing.T, s *access.StaffSession, a *portaltest.Authenticator) *store.Passkey {
	t.Helper()
	begun, err := h.StartPasskey(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	k, err := h.AddPasskey(t.Context(), s, begun.ID, " Min telefon ", a.Make(t, begun.Options))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (h *house) challenge(t *testing.T) access.Begun {
	t.Helper()
	b, err := h.StartPasskeySignIn(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPasskey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		s := h.signedInOfficer(t, o)
		_, other, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.later(t, o), chrome)
		if err != nil {
			t.Fatal(err)
		}
		a := key()
		k := h.withKey(t, s, a)
		if k.Name.Reveal() != "Min telefon" {
			t.Errorf("named %q", k.Name.Reveal())
		}
		if _, err := h.Staff(t.Context(), other); err == nil {
			t.Error("another session lives on after a passkey was added")
		}
		if _, err := h.Staff(t.Context(), o.cookie); err != nil {
			t.Errorf("the session that added it has ended: %v", err)
		}
		h.jobs(t)
		if m := h.Letters.Last(t, "ola@fjordlys.example"); !strings.Contains(m.Text, "passnøkkel ble lagt til") || strings.Contains(m.Text, "telefon") {
			t.Errorf("the notice is %q", m.Text)
		}

		b := h.challenge(t)
		if _, rp, uv, allowed := portaltest.Asked(t, b.Options); rp != "portal.example" || uv != "required" || allowed != 0 {
			t.Errorf("asked for %q, %q, %d", rp, uv, allowed)
		}
		in, cookie, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), chrome)
		if err != nil || in.Member.PublicID != o.member.PublicID || h.RequireStaffStepUp(in) != nil {
			t.Fatalf("%+v, %v", in, err)
		}
		list, err := h.Sessions(t.Context(), o.member.PublicID)
		if err != nil || len(list) != 2 || list[0].Method != store.MethodPasskey || list[0].Device != "Chrome, Windows" || list[1].Method != store.MethodPassword {
			t.Errorf("sessions %+v, %v", list, err)
		}
		ways, err := h.Ways(t.Context(), &in.Member)
		if err != nil || !ways.Password || len(ways.Passkeys) != 1 || ways.Passkeys[0].UsedAt == nil {
			t.Errorf("ways %+v, %v", ways, err)
		}

		h.Clock.Advance(6 * time.Minute)
		in, err = h.Staff(t.Context(), cookie)
		if err != nil || h.RequireStaffStepUp(in) == nil {
			t.Fatalf("the factor counts for ever: %v", err)
		}
		_, err = h.StartPasskey(t.Context(), in)
		want(t, err, "step_up_required", fault.Forbidden)
		want(t, h.RemovePasskey(t.Context(), in, k.PublicID), "step_up_required", fault.Forbidden)
		b, err = h.StartPasskeyStepUp(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		again, fresh, err := h.PasskeyStepUp(t.Context(), in, b.ID, a.Sign(t, b.Options), here)
		if err != nil || h.RequireStaffStepUp(again) != nil {
			t.Fatalf("%+v, %v", again, err)
		}
		if _, err := h.Staff(t.Context(), cookie); err == nil {
			t.Error("the cookie from before the proof still opens")
		}
		again, err = h.Staff(t.Context(), fresh)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.RemovePasskey(t.Context(), again, k.PublicID); err != nil {
			t.Fatal(err)
		}
		want(t, h.RemovePasskey(t.Context(), again, k.PublicID), "passkey_not_found", fault.NotFound)
		b = h.challenge(t)
		_, _, err = h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), here)
		want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
		for act, n := range map[string]int{"passkey_added": 1, "passkey_removed": 1, "member_stepped_up": 1, "member_signed_in": 3} {
			if got := h.acts(t, act); got != n {
				t.Errorf("%d leaves of %s, want %d", got, act, n)
			}
		}
		for _, secret := range []string{"Min telefon", string(a.ID)} {
			if strings.Contains(h.Dump(t, "passkey", "ceremony", "job", "audit_leaf"), secret) || strings.Contains(h.logged.String(), secret) {
				t.Errorf("%q lies open", secret)
			}
		}
	})
}

// later is the code of the next half minute.
func (h *house) later(t *testing.T, o officer) string {
	t.Helper()
	h.Clock.Advance(30 * time.Second)
	return h.totp(t, o)
}

// What a passkey is shown for, and by whom, and how often: everything but the one right answer is refused
// alike, and spends the challenge.
func TestPasskeyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		a := key()
		h.withKey(t, h.signedInOfficer(t, o), a)
		second := h.add(t, "kari@fjordlys.example", staff.CaseHandler)
		_, second.cookie, _ = h.StaffSignIn(t.Context(), "kari@fjordlys.example", password, h.totp(t, second), here)
		hers := key()
		h.withKey(t, h.signedInOfficer(t, second), hers)

		evil, wrongParty, unasked, stranger, swapped := *a, *a, *a, key(), *a
		evil.Origin = "https://portal.example.evil.example"
		wrongParty.RPID = "evil.example"
		unasked.Unasked = true
		stranger.Make(t, h.mustStart(t, o).Options)
		swapped.Handle = hers.Handle // the key of one, in the name of another
		for name, c := range map[string]struct {
			with *portaltest.Authenticator
			flow string
			id   string
		}{
			"another origin": {with: &evil}, "another party": {with: &wrongParty}, "no finger or PIN": {with: &unasked}, "a key that nobody added": {with: stranger},
			"another member's name": {with: &swapped}, "another browser": {with: a, flow: "x"}, "another challenge": {with: a, id: strings.Repeat("a", 32)},
		} {
			b := h.challenge(t)
			answer := c.with.Sign(t, b.Options)
			id, flow := b.ID, b.Flow
			if c.flow != "" {
				flow = c.flow
			}
			if c.id != "" {
				id = c.id
			}
			s, cookie, err := h.PasskeySignIn(t.Context(), id, flow, answer, here)
			want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
			if s != nil || cookie != "" {
				t.Errorf("%s comes in", name)
			}
		}
		b := h.challenge(t)
		for _, nonsense := range []string{"", "{}", "null", `{"id":"a"}`} {
			_, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, []byte(nonsense), here)
			want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
		}
		_, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), here)
		want(t, err, "passkey_sign_in_failed", fault.Unauthenticated) // nonsense has spent it

		b = h.challenge(t)
		answer := a.Sign(t, b.Options)
		h.Clock.Advance(5 * time.Minute)
		_, _, err = h.PasskeySignIn(t.Context(), b.ID, b.Flow, answer, here)
		want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)

		// A proof belongs to its session, its purpose and its member.
		_, cookie, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.later(t, o), here)
		if err != nil {
			t.Fatal(err)
		}
		o.cookie = cookie
		s := h.signedInOfficer(t, o)
		b, err = h.StartPasskeyStepUp(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = h.PasskeyStepUp(t.Context(), s, b.ID, hers.Sign(t, b.Options), here)
		want(t, err, "passkey_refused", fault.Invalid)
		b, _ = h.StartPasskeyStepUp(t.Context(), s)
		_, _, err = h.PasskeySignIn(t.Context(), b.ID, "", a.Sign(t, b.Options), here)
		want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
		theirs := h.signedInOfficer(t, second)
		_, _, err = h.PasskeyStepUp(t.Context(), theirs, b.ID, a.Sign(t, b.Options), here)
		want(t, err, "passkey_refused", fault.Invalid)

		if err := h.DisableMember(t.Context(), "kari@fjordlys.example", "system"); err != nil {
			t.Fatal(err)
		}
		b = h.challenge(t)
		_, _, err = h.PasskeySignIn(t.Context(), b.ID, b.Flow, hers.Sign(t, b.Options), here)
		want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
		b = h.challenge(t)
		if _, _, err = h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), here); err != nil {
			t.Errorf("the right one: %v", err)
		}
	})
}

func (h *house) mustStart(t *testing.T, o officer) access.Begun {
	t.Helper()
	b, err := h.StartPasskey(t.Context(), h.signedInOfficer(t, o))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Many at once show the same answer to one challenge: one comes in.
func TestAPasskeyChallengeIsUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		a := key()
		a.Counts = false // nothing but the challenge stands between
		h.withKey(t, h.signedInOfficer(t, o), a)
		b := h.challenge(t)
		answer := a.Sign(t, b.Options)
		var in atomic.Int64
		atOnce(8, func(int) {
			if _, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, answer, here); err == nil {
				in.Add(1)
			} else {
				want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
			}
		})
		if in.Load() != 1 {
			t.Errorf("%d came in with one challenge", in.Load())
		}
	})
}

// A counter that has not risen may be that of a copy: it opens nothing, is logged, and the member is told.
func TestACopyOfAPasskeyIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		a := key()
		h.withKey(t, h.signedInOfficer(t, o), a)
		stolen := *a
		b := h.challenge(t)
		if _, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), here); err != nil {
			t.Fatal(err)
		}
		b = h.challenge(t)
		_, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, stolen.Sign(t, b.Options), here)
		want(t, err, "passkey_sign_in_failed", fault.Unauthenticated)
		if n := h.acts(t, "passkey_doubled"); n != 1 {
			t.Errorf("%d leaves of a copy", n)
		}
		h.jobs(t)
		if m := h.Letters.Last(t, "ola@fjordlys.example"); !strings.Contains(m.Text, "kopi") {
			t.Errorf("the notice is %q", m.Text)
		}
		b = h.challenge(t)
		if _, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), here); err != nil {
			t.Errorf("the owner is shut out: %v", err)
		}
	})
}

// A member sees and ends their own sessions, and nobody else's; who manages members ends all of one.
func TestSessionsOfAMember(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		second := h.add(t, "kari@fjordlys.example", staff.CaseHandler)
		_, second.cookie, _ = h.StaffSignIn(t.Context(), "kari@fjordlys.example", password, h.totp(t, second), here)
		mine, theirs := h.signedInOfficer(t, o), h.signedInOfficer(t, second)
		want(t, h.EndSession(t.Context(), &theirs.Member, mine.Session), "session_not_found", fault.NotFound)
		if _, err := h.Staff(t.Context(), o.cookie); err != nil {
			t.Errorf("another's session was ended: %v", err)
		}
		var ended atomic.Int64
		atOnce(4, func(int) {
			if err := h.EndSession(t.Context(), &mine.Member, mine.Session); err == nil {
				ended.Add(1)
			} else {
				want(t, err, "session_not_found", fault.NotFound)
			}
		})
		if _, err := h.Staff(t.Context(), o.cookie); err == nil || ended.Load() != 1 {
			t.Errorf("ended %d times: %v", ended.Load(), err)
		}
		if err := h.EndSessions(t.Context(), second.member.PublicID, o.member.PublicID); err != nil {
			t.Fatal(err)
		}
		_, err := h.Staff(t.Context(), second.cookie)
		want(t, err, "not_signed_in", fault.Unauthenticated)
		want(t, h.EndSessions(t.Context(), strings.Repeat("0", 32), o.member.PublicID), "member_not_found", fault.NotFound)
		if n := h.acts(t, "member_session_ended"); n != 2 {
			t.Errorf("%d leaves, want two", n)
		}
	})
}

// acts counts the leaves of an act.
func (h *house) acts(t *testing.T, act string) int {
	t.Helper()
	return strings.Count(h.Dump(t, "audit_leaf"), act)
}

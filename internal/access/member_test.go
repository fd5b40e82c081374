package access_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

const password = "blåbær på tirsdag"

type officer struct {
	member store.Member
	secret string // of the authenticator app
	cookie string
}

func (h *house) add(t *testing.T, email string, roles ...staff.Role) officer {
	t.Helper()
	m, url, secret, err := h.AddMember(t.Context(), "Ola Ansvar", email, password, roles, "system")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(url, "otpauth://totp/") || !strings.Contains(url, secret) {
		t.Errorf("the app's URL is %q", url)
	}
	return officer{member: m, secret: secret}
}

func (h *house) totp(t *testing.T, o officer) string {
	t.Helper()
	c, err := totp.GenerateCode(o.secret, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (h *house) officer(t *testing.T) officer {
	t.Helper()
	o := h.add(t, "ola@fjordlys.example")
	_, cookie, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.totp(t, o), here)
	if err != nil {
		t.Fatal(err)
	}
	o.cookie = cookie
	return o
}

func TestStaffSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		s, err := h.Staff(t.Context(), o.cookie)
		if err != nil || s.Member.Name.Reveal() != "Ola Ansvar" || !s.Policy().Has(staff.PrivacyOfficer) || s.Policy().ID != o.member.ID {
			t.Fatalf("%+v, %v", s, err)
		}
		if err := h.RequireStaffStepUp(s); err != nil {
			t.Errorf("the code given a moment ago does not count: %v", err)
		}
		if err := h.SignOutStaff(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		_, err = h.Staff(t.Context(), o.cookie)
		want(t, err, "not_signed_in", fault.Unauthenticated)
	})
}

func TestStaffSignInHasOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.add(t, "ola@fjordlys.example")
		gone := h.add(t, "borte@fjordlys.example", staff.CaseHandler)
		if err := h.DisableMember(t.Context(), "borte@fjordlys.example", "system"); err != nil {
			t.Fatal(err)
		}
		right := h.totp(t, o)
		for name, c := range map[string][3]string{
			"unknown": {"ukjent@fjordlys.example", password, right}, "no address": {"ola", password, right}, "nothing": {"", "", ""},
			"wrong password": {"ola@fjordlys.example", "bringebær på tirsdag", right}, "wrong code": {"ola@fjordlys.example", password, "000000"},
			"no code": {"ola@fjordlys.example", password, ""}, "disabled": {"borte@fjordlys.example", password, h.totp(t, gone)},
			"a long one": {strings.Repeat("å", 5000), strings.Repeat("å", 5000), right},
		} {
			s, cookie, err := h.StaffSignIn(t.Context(), c[0], c[1], c[2], here)
			if s != nil || cookie != "" || !errors.Is(err, access.ErrSignIn) || err.Error() != access.ErrSignIn.Error() {
				t.Errorf("%s: %v, %v", name, s, err)
			}
		}
		if _, _, err := h.StaffSignIn(t.Context(), " OLA@fjordlys.example", password, right, here); err != nil {
			t.Errorf("the right one, written in another way: %v", err)
		}
	})
}

func TestAOneTimeCodeIsUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.add(t, "ola@fjordlys.example")
		code := h.totp(t, o)
		var in atomic.Int64
		atOnce(8, func(int) {
			_, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, code, here)
			if err == nil {
				in.Add(1)
			} else {
				want(t, err, "sign_in_failed", fault.Unauthenticated)
			}
		})
		if in.Load() != 1 {
			t.Errorf("%d came in with one code", in.Load())
		}
	})
}

func TestStaffSignInIsLimited(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.add(t, "ola@fjordlys.example")
		for i := range 20 {
			_, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", "x", "000000", from(fmt.Sprintf("198.51.%d.1", i)))
			want(t, err, "sign_in_failed", fault.Unauthenticated)
		}
		_, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.totp(t, o), here)
		want(t, err, "sign_in_failed", fault.Unauthenticated)
		h.Clock.Advance(2 * time.Hour)
		if _, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.totp(t, o), here); err != nil {
			t.Errorf("after two hours: %v", err)
		}
	})
}

func TestStaffSignInFromOnePlaceIsRefusedWithATime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i := range 60 {
			_, err := h.IssueToken(t.Context(), fmt.Sprint(i), "x", "", here) // the cheap way to the same counter
			want(t, err, "invalid_client", fault.Unauthenticated)
		}
		_, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", "x", "000000", here)
		want(t, err, "too_many_requests", fault.TooMany)
		if wait, ok := access.RetryAfter(err); !ok || wait <= 0 {
			t.Errorf("told to wait %v, %v", wait, ok)
		}
	})
}

func TestStaffSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		alive := func(cookie string) bool { _, err := h.Staff(t.Context(), cookie); return err == nil }
		o := h.officer(t)
		h.Clock.Advance(staff.SessionIdle)
		if alive(o.cookie) {
			t.Error("alive after the idle time")
		}
		signIn := func() string {
			h.Clock.Advance(time.Minute)
			_, cookie, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.totp(t, o), here)
			if err != nil {
				t.Fatal(err)
			}
			return cookie
		}
		busy := signIn()
		for range 23 {
			h.Clock.Advance(20 * time.Minute)
			if !alive(busy) {
				t.Fatal("ended although busy")
			}
		}
		h.Clock.Advance(20 * time.Minute)
		if alive(busy) {
			t.Error("alive after eight hours")
		}
		var cookies []string
		for range staff.SessionsMax + 1 {
			cookies = append(cookies, signIn())
		}
		for i, c := range cookies {
			if alive(c) != (i > 0) {
				t.Errorf("session %d of %d alive: %v", i+1, len(cookies), alive(c))
			}
		}
		if err := h.DisableMember(t.Context(), "ola@fjordlys.example", "system"); err != nil || alive(cookies[1]) {
			t.Errorf("alive after the account was closed: %v", err)
		}
	})
}

func TestStaffStepUpRotatesTheCookie(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.officer(t)
		h.Clock.Advance(staff.StepUpTTL + time.Second)
		s, err := h.Staff(t.Context(), o.cookie)
		if err != nil {
			t.Fatal(err)
		}
		needsStepUp(t, h.RequireStaffStepUp(s))
		_, _, err = h.StepUpStaff(t.Context(), s, "000000", here)
		want(t, err, "wrong_totp", fault.Unauthenticated)
		code := h.totp(t, o)
		next, cookie, err := h.StepUpStaff(t.Context(), s, code, here)
		if err != nil || cookie == o.cookie || h.RequireStaffStepUp(next) != nil {
			t.Fatalf("%v, %v", next, err)
		}
		if _, err := h.Staff(t.Context(), o.cookie); err == nil {
			t.Error("the cookie from before still works")
		}
		if s, err = h.Staff(t.Context(), cookie); err != nil || h.RequireStaffStepUp(s) != nil {
			t.Errorf("the new cookie: %v", err)
		}
		_, _, err = h.StepUpStaff(t.Context(), s, code, here)
		want(t, err, "wrong_totp", fault.Unauthenticated)
		h.Clock.Advance(staff.StepUpTTL + time.Second)
		needsStepUp(t, h.RequireStaffStepUp(s))
	})
}

func TestMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := h.add(t, "ola@fjordlys.example", staff.CaseHandler)
		if !slices.Contains(first.member.Roles, staff.PrivacyOfficer) || !slices.Contains(first.member.Roles, staff.Admin) || len(first.member.Roles) != 3 {
			t.Errorf("the first member is %v", first.member.Roles)
		}
		second := h.add(t, "mari@fjordlys.example", staff.PrivacyOfficer)
		if len(second.member.Roles) != 1 {
			t.Errorf("the second member is %v", second.member.Roles)
		}
		for name, c := range map[string]struct {
			name, email, password string
			roles                 []staff.Role
			code                  string
		}{
			"no role": {"Per", "per@fjordlys.example", password, nil, "roles_missing"}, "a role of no kind": {"Per", "per@fjordlys.example", password, []staff.Role{"owner"}, "unknown_role"},
			"no name": {" ", "per@fjordlys.example", password, []staff.Role{staff.Auditor}, "bad_name"}, "no address": {"Per", "per", password, []staff.Role{staff.Auditor}, "bad_email"},
			"short": {"Per", "per@fjordlys.example", "kort", []staff.Role{staff.Auditor}, "password_short"}, "guessable": {"Per", "per@fjordlys.example", "per@fjordlys.example", []staff.Role{staff.Auditor}, "password_guessable"},
			"taken": {"Ola to", "OLA@fjordlys.example", password, []staff.Role{staff.Auditor}, "member_exists"},
		} {
			_, url, secret, err := h.AddMember(t.Context(), c.name, c.email, c.password, c.roles, second.member.PublicID)
			if f := fault.From(err); f == nil || f.Code != c.code || f.Field == "" || url != "" && secret == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		count := func() (n int) {
			h.tx(t, func(tx *store.Tx) (err error) { n, err = tx.Approvers(); return err })
			return n
		}
		if count() != 2 {
			t.Errorf("%d approvers, want 2", count())
		}
		for range 2 {
			if err := h.DisableMember(t.Context(), "ola@fjordlys.example", second.member.PublicID); err != nil {
				t.Fatal(err)
			}
		}
		want(t, h.DisableMember(t.Context(), "ukjent@fjordlys.example", "system"), "member_not_found", fault.NotFound)
		list, err := h.Members(t.Context())
		if err != nil || len(list) != 2 || !list[0].Disabled || list[1].Disabled || count() != 1 {
			t.Errorf("%v, %v, %d approvers", list, err, count())
		}
		h.tx(t, func(tx *store.Tx) error {
			name, err := tx.MemberName(first.member.ID)
			none, err2 := tx.MemberName(first.member.ID + 100)
			if name != "Ola Ansvar" || none != "" {
				t.Errorf("names %q and %q", name, none)
			}
			return errors.Join(err, err2)
		})
		if n := h.Count(t, "SELECT count(*) FROM audit_leaf"); n != 3 {
			t.Errorf("%d leaves, want three acts", n)
		}
	})
}

func TestDemoSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		o := h.add(t, "ola@fjordlys.example")
		_, _, err := h.DemoSignIn(t.Context(), o.member.PublicID, here)
		want(t, err, "member_not_found", fault.NotFound)
		h.Demo = true
		_, cookie, err := h.DemoSignIn(t.Context(), o.member.PublicID, here)
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(20 * time.Minute)
		s, err := h.Staff(t.Context(), cookie)
		if err != nil || h.RequireStaffStepUp(s) != nil {
			t.Errorf("%v, %v", s, err)
		}
		_, _, err = h.DemoSignIn(t.Context(), strings.Repeat("0", 32), here)
		want(t, err, "member_not_found", fault.NotFound)
	})
}

// TestManyFirstMembersAtOnce: only one of them is the first.
func TestManyFirstMembersAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := home(b)
		h.setUp(t)
		atOnce(4, func(i int) {
			_, _, _, err := h.AddMember(t.Context(), "Ola", fmt.Sprintf("ola%d@fjordlys.example", i), password, []staff.Role{staff.Auditor}, "system")
			if err != nil {
				t.Error(err)
			}
		})
		if n := h.Count(t, "SELECT count(*) FROM member WHERE roles LIKE '%admin%'"); n != 1 {
			t.Errorf("%d administrators, want one", n)
		}
	})
}

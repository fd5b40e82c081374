package access_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/migrations"
)

const newcomer = "eva@fjordlys.example"

// signedInAs adds a member with the house's password and signs them in.
func (h *house) signedInAs(t *testing.T, email string, roles ...staff.Role) officer {
	t.Helper()
	o := h.add(t, email, roles...)
	_, cookie, err := h.StaffSignIn(t.Context(), email, password, h.totp(t, o), here)
	if err != nil {
		t.Fatal(err)
	}
	o.cookie = cookie
	return o
}

func (h *house) session(t *testing.T, email string, roles ...staff.Role) *access.StaffSession {
	t.Helper()
	return h.signedInOfficer(t, h.signedInAs(t, email, roles...))
}

func (h *house) invite(t *testing.T, by *access.StaffSession) *store.Invitation {
	t.Helper()
	i, err := h.Invite(t.Context(), by, " Eva Ny ", newcomer, locale.NN, []staff.Role{staff.CaseHandler})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// link gives what stands after the # of the newest mail to an address.
func (h *house) link(t *testing.T, to string) string {
	t.Helper()
	h.jobs(t)
	var found mail.Message
	for _, m := range h.Letters.All() {
		if m.To.Reveal() == to && strings.Contains(m.Text, "/staff/join#") {
			found = m
		}
	}
	_, after, ok := strings.Cut(found.Text, "/staff/join#")
	if !ok {
		t.Fatalf("nothing was mailed to %s", to)
	}
	return strings.Fields(after)[0]
}

func (h *house) unmailed(t *testing.T, why string) {
	t.Helper()
	h.jobs(t)
	for _, m := range h.Letters.All() {
		if strings.Contains(m.Text, "/staff/join#") {
			t.Errorf("a link was mailed: %s", why)
		}
	}
}

// byPassword sets a password and one-time codes through a link.
func (h *house) byPassword(t *testing.T, credential, chosen string) (*access.StaffSession, string, error) {
	t.Helper()
	id, err := h.InvitationLink(t.Context(), credential, here)
	if err != nil {
		return nil, "", err
	}
	b, err := h.StartJoin(t.Context(), id, access.WayPassword, here)
	if err != nil {
		return nil, "", err
	}
	code, err := totp.GenerateCode(b.TOTPSecret, h.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := h.AcceptInvitation(t.Context(), credential, b.Flow, access.Join{ID: b.ID, Password: chosen, Code: code}, here)
	return s, b.TOTPSecret, err
}

// byKey sets a passkey through a link.
func (h *house) byKey(t *testing.T, credential string, a *portaltest.Authenticator) (*access.StaffSession, error) {
	t.Helper()
	id, err := h.InvitationLink(t.Context(), credential, here)
	if err != nil {
		return nil, err
	}
	b, err := h.StartJoin(t.Context(), id, access.WayPasskey, here)
	if err != nil {
		return nil, err
	}
	s, _, err := h.AcceptInvitation(t.Context(), credential, b.Flow, access.Join{ID: b.ID, Name: "Telefonen", Passkey: a.Make(t, b.Options)}, here)
	return s, err
}

const own = "fjellvett på søndag kveld"

// Another member confirms an invitation; then the newcomer alone has the link, and chooses what nobody else has seen.
func TestInvitation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		officer := h.session(t, "pvo@fjordlys.example", staff.PrivacyOfficer)
		i := h.invite(t, admin)
		h.unmailed(t, "nobody has confirmed it")
		want(t, h.ConfirmInvitation(t.Context(), admin, i.PublicID), "own_proposal", fault.Forbidden)
		want(t, h.ResendInvitation(t.Context(), admin, i.PublicID), "invitation_not_confirmed", fault.Conflict)
		_, err := h.Invite(t.Context(), admin, "Eva", "EVA@fjordlys.example", locale.NB, []staff.Role{staff.Admin})
		want(t, err, "invited_already", fault.Conflict)
		_, err = h.Invite(t.Context(), admin, "Ola", "pvo@fjordlys.example", locale.NB, []staff.Role{staff.Admin})
		want(t, err, "member_exists", fault.Conflict)
		if err := h.ConfirmInvitation(t.Context(), officer, i.PublicID); err != nil {
			t.Fatal(err)
		}
		want(t, h.ConfirmInvitation(t.Context(), officer, i.PublicID), "invitation_not_found", fault.NotFound)
		first := h.link(t, newcomer)
		if err := h.ResendInvitation(t.Context(), admin, i.PublicID); err != nil {
			t.Fatal(err)
		}
		second := h.link(t, newcomer)
		if _, _, err := h.byPassword(t, first, own); err == nil {
			t.Error("the link before the newest still opens")
		}
		_, _, err = h.byPassword(t, second, "eva@fjordlys.example")
		want(t, err, "password_guessable", fault.Invalid)
		s, secret, err := h.byPassword(t, second, own)
		if err != nil || s.Member.Name.Reveal() != "Eva Ny" || len(s.Roles) != 1 || s.Roles[0] != staff.CaseHandler {
			t.Fatalf("%+v, %v", s, err)
		}
		if _, _, err := h.byPassword(t, second, own); err == nil {
			t.Error("the link opens twice")
		}
		h.Clock.Advance(time.Minute)
		code, err := totp.GenerateCode(secret, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.StaffSignIn(t.Context(), newcomer, own, code, here); err != nil {
			t.Errorf("what was chosen does not sign in: %v", err)
		}
		for act, n := range map[string]int{"member_invited": 1, "invitation_confirmed": 1, "invitation_sent_again": 1, "member_joined": 1} {
			if got := h.acts(t, act); got != n {
				t.Errorf("%d leaves %s, want %d", got, act, n)
			}
		}
		if raw := h.Dump(t, "invitation", "job", "audit_leaf", "ceremony"); strings.Contains(raw, "fjordlys.example") || strings.Contains(raw, second) || strings.Contains(raw, secret) {
			t.Error("who is invited, or the secret, lies in the open")
		}
	})
}

func TestInvitationWithAPasskey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		alone := h.session(t, "adm@fjordlys.example", staff.Admin)
		h.invite(t, alone)
		a := key()
		s, err := h.byKey(t, h.link(t, newcomer), a)
		if err != nil || s.Member.Name.Reveal() != "Eva Ny" {
			t.Fatalf("%+v, %v", s, err)
		}
		b := h.challenge(t)
		if in, _, err := h.PasskeySignIn(t.Context(), b.ID, b.Flow, a.Sign(t, b.Options), here); err != nil || in.Member.PublicID != s.Member.PublicID {
			t.Errorf("the passkey does not sign in: %v", err)
		}
	})
}

// Who works alone confirms nothing to themselves: it is mailed at once, and they are told.
func TestInvitationInAnOfficeOfOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		alone := h.session(t, "adm@fjordlys.example", staff.Admin)
		i := h.invite(t, alone)
		h.link(t, newcomer)
		if m := h.Letters.Last(t, "adm@fjordlys.example"); !i.Alone || !strings.Contains(m.Text, "invitert som medarbeider") || strings.Contains(m.Text, "Eva") {
			t.Errorf("alone %v, told %q", i.Alone, m.Text)
		}
		// The second member ends that, without anybody's asking.
		second := h.session(t, "pvo@fjordlys.example", staff.PrivacyOfficer)
		later, err := h.Invite(t.Context(), alone, "Per", "per@fjordlys.example", locale.NB, []staff.Role{staff.CaseHandler})
		if err != nil || later.Alone {
			t.Fatalf("two work here, and one decides alone: %v", err)
		}
		if err := h.ConfirmInvitation(t.Context(), second, later.PublicID); err != nil {
			t.Error(err)
		}
	})
}

func TestInvitationEnds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		i := h.invite(t, admin)
		taken := h.link(t, newcomer)
		if err := h.RevokeInvitation(t.Context(), admin, i.PublicID); err != nil {
			t.Fatal(err)
		}
		want(t, h.RevokeInvitation(t.Context(), admin, i.PublicID), "invitation_not_found", fault.NotFound)
		if _, _, err := h.byPassword(t, taken, own); err == nil {
			t.Error("a link opens that was taken back")
		}
		h.invite(t, admin)
		late := h.link(t, newcomer)
		h.Clock.Advance(staff.InvitationTTL + time.Second)
		if _, _, err := h.byPassword(t, late, own); err == nil {
			t.Error("a link opens when its day is over")
		}
		// Whoever invited is gone: what they decided is not done any more.
		admin = h.session(t, "adm2@fjordlys.example", staff.Admin)
		i = h.invite(t, admin)
		if err := h.ConfirmInvitation(t.Context(), h.session(t, "adm3@fjordlys.example", staff.Admin), i.PublicID); err != nil {
			t.Fatal(err)
		}
		link := h.link(t, newcomer)
		if err := h.DisableMember(t.Context(), "adm2@fjordlys.example", "system"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.byPassword(t, link, own); err == nil {
			t.Error("somebody joins whom a member invited who is shut out")
		}
		if n := h.Count(t, "SELECT count(*) FROM member"); n != 3 {
			t.Errorf("%d members, want 3", n)
		}
	})
}

func TestManyAcceptAnInvitationAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.invite(t, h.session(t, "adm@fjordlys.example", staff.Admin))
		credential := h.link(t, newcomer)
		var in atomic.Int64
		atOnce(6, func(n int) {
			var err error
			if n%2 == 0 {
				_, _, err = h.byPassword(t, credential, own)
			} else {
				_, err = h.byKey(t, credential, key())
			}
			if err == nil {
				in.Add(1)
			}
		})
		if n := h.Count(t, "SELECT count(*) FROM member"); in.Load() != 1 || n != 2 {
			t.Errorf("%d came in, %d members", in.Load(), n)
		}
	})
}

// Two administrators give a member a new sign-in; what the member had before opens nothing more.
func TestRecovery(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first, second := h.session(t, "adm@fjordlys.example", staff.Admin), h.session(t, "adm2@fjordlys.example", staff.Admin)
		officer := h.session(t, "pvo@fjordlys.example", staff.PrivacyOfficer)
		lost := h.signedInAs(t, "ola@fjordlys.example", staff.CaseHandler)
		s := h.signedInOfficer(t, lost)
		h.withKey(t, s, key())
		_, err := h.Recover(t.Context(), first, first.Member.PublicID)
		want(t, err, "own_recovery", fault.Conflict)
		i, err := h.Recover(t.Context(), first, lost.member.PublicID)
		if err != nil || i.Alone {
			t.Fatalf("%+v, %v", i, err)
		}
		h.unmailed(t, "nobody has confirmed it")
		if m := h.Letters.Last(t, "ola@fjordlys.example"); !strings.Contains(m.Text, "ny innlogging") {
			t.Errorf("the member is told %q", m.Text)
		}
		want(t, h.ConfirmInvitation(t.Context(), first, i.PublicID), "own_proposal", fault.Forbidden)
		want(t, h.ConfirmInvitation(t.Context(), officer, i.PublicID), "own_proposal", fault.Forbidden) // there is another administrator
		want(t, h.ConfirmInvitation(t.Context(), s, i.PublicID), "own_proposal", fault.Forbidden)
		if err := h.ConfirmInvitation(t.Context(), second, i.PublicID); err != nil {
			t.Fatal(err)
		}
		in, secret, err := h.byPassword(t, h.link(t, "ola@fjordlys.example"), own)
		if err != nil || in.Member.PublicID != lost.member.PublicID || len(in.Roles) != len(lost.member.Roles) {
			t.Fatalf("%+v, %v", in, err)
		}
		if _, err := h.Staff(t.Context(), lost.cookie); err == nil {
			t.Error("a session from before lives on")
		}
		h.Clock.Advance(time.Minute)
		if _, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", password, h.totp(t, lost), here); err == nil {
			t.Error("the lost password still opens")
		}
		ways, err := h.Ways(t.Context(), &in.Member)
		if err != nil || !ways.Password || len(ways.Passkeys) != 0 {
			t.Errorf("ways %+v, %v", ways, err)
		}
		code, err := totp.GenerateCode(secret, h.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.StaffSignIn(t.Context(), "ola@fjordlys.example", own, code, here); err != nil {
			t.Errorf("the new one does not: %v", err)
		}
		h.jobs(t)
		if m := h.Letters.Last(t, "ola@fjordlys.example"); !strings.Contains(m.Text, "virker ikke lenger") {
			t.Errorf("the member is told %q", m.Text)
		}
		if h.acts(t, "member_recovery_begun") != 1 || h.acts(t, "member_recovered") != 1 {
			t.Error("the log does not tell it")
		}
	})
}

// Where nobody else can confirm it, on the host and in the portal, a new sign-in waits a day, all who manage members are
// told, and it can be stopped meanwhile.
func TestRecoveryByOneWaitsADay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		h.add(t, "ola@fjordlys.example", staff.CaseHandler)
		i, err := h.RecoverOnHost(t.Context(), "ola@fjordlys.example")
		if err != nil || !i.Alone || i.OpensAt == nil {
			t.Fatalf("%+v, %v", i, err)
		}
		h.unmailed(t, "a day has not gone by")
		if m := h.Letters.Last(t, "adm@fjordlys.example"); !strings.Contains(m.Text, "en annen medarbeider") {
			t.Errorf("the administrator is told %q", m.Text)
		}
		h.Clock.Advance(access.AloneDelay - time.Minute)
		h.unmailed(t, "a day has not gone by")
		if err := h.RevokeInvitation(t.Context(), admin, i.PublicID); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(2 * time.Minute)
		h.unmailed(t, "it was stopped")
		// The only other member of an office proposes: nobody confirms, so that it waits as well.
		i, err = h.Recover(t.Context(), admin, h.mustMember(t, "ola@fjordlys.example").PublicID)
		if err != nil || !i.Alone || i.OpensAt == nil {
			t.Fatalf("%+v, %v", i, err)
		}
		want(t, h.ResendInvitation(t.Context(), admin, i.PublicID), "invitation_waits", fault.Conflict)
		h.unmailed(t, "a day has not gone by")
		h.Clock.Advance(access.AloneDelay + time.Minute)
		if _, _, err := h.byPassword(t, h.link(t, "ola@fjordlys.example"), own); err != nil {
			t.Error(err)
		}
	})
}

// Neither opens the organisation's sign-in what it did, whatever address the provider gives, nor makes it somebody new of
// the member, who connects it again.
func TestRecoveryEndsTheOrganisationsSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.withProvider(t)
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		lost := h.signedInAs(t, "ola@fjordlys.example", staff.CaseHandler)
		connect := func(s *access.StaffSession) error {
			b, err := h.StartOIDCLink(t.Context(), s)
			if err != nil {
				return err
			}
			code, state, _ := p.Login(t, b.URL, person("kjent", "saker"))
			return h.OIDCLink(t.Context(), s, access.Returned{Code: code, State: state})
		}
		if err := connect(h.signedInOfficer(t, lost)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.elsewhere(t, p, person("kjent", "saker")); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Recover(t.Context(), admin, lost.member.PublicID); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(access.AloneDelay + time.Minute)
		in, _, err := h.byPassword(t, h.link(t, "ola@fjordlys.example"), own)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = h.elsewhere(t, p, person("kjent", "saker"))
		want(t, err, "oidc_address", fault.Conflict)
		if n := h.Count(t, "SELECT count(*) FROM member"); n != 2 {
			t.Errorf("%d members, want 2", n)
		}
		if ways, err := h.Ways(t.Context(), &in.Member); err != nil || ways.OIDC {
			t.Errorf("ways %+v, %v", ways, err)
		}
		if err := connect(in); err != nil {
			t.Fatal(err)
		}
		if s, _, err := h.elsewhere(t, p, person("kjent", "saker")); err != nil || s.Member.ID != in.Member.ID {
			t.Errorf("connected anew it does not sign in: %v", err)
		}
	})
}

// What was decided by whoever has another task now is not done.
func TestInvitationNeedsTheRolesStill(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		officer := h.session(t, "pvo@fjordlys.example", staff.PrivacyOfficer)
		give := func(s *access.StaffSession, role staff.Role) {
			t.Helper()
			if err := h.Gate.Store.InTx(t.Context(), func(tx *store.Tx) error { return tx.SetRoles(s.Member.ID, []staff.Role{role}) }); err != nil {
				t.Fatal(err)
			}
		}
		i := h.invite(t, admin)
		if err := h.ConfirmInvitation(t.Context(), officer, i.PublicID); err != nil {
			t.Fatal(err)
		}
		give(officer, staff.CaseHandler)
		h.unmailed(t, "who confirmed it is an officer no more")
		give(officer, staff.PrivacyOfficer)
		if err := h.ResendInvitation(t.Context(), admin, i.PublicID); err != nil {
			t.Fatal(err)
		}
		link := h.link(t, newcomer)
		for _, c := range []struct {
			who          *access.StaffSession
			before, then staff.Role
		}{{officer, staff.PrivacyOfficer, staff.CaseHandler}, {admin, staff.Admin, staff.PrivacyOfficer}} {
			give(c.who, c.then)
			if _, _, err := h.byPassword(t, link, own); err == nil {
				t.Fatalf("somebody joins by the word of one who is no %s any more", c.before)
			}
			give(c.who, c.before)
		}
		if _, _, err := h.byPassword(t, link, own); err != nil {
			t.Error(err)
		}
	})
}

// lossy hands mails over, and loses the answer.
type lossy struct{ to mail.Sender }

func (l lossy) Send(ctx context.Context, m mail.Message) error {
	return errors.Join(l.to.Send(ctx, m), portaltest.MailDown)
}

// A link opens whose mail came though the answer for it did not, also when another try came after it.
func TestInvitationMailedTwiceOpensByBoth(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.invite(t, h.session(t, "adm@fjordlys.example", staff.Admin))
		whole := h.Sender
		h.Sender = lossy{whole}
		first := h.link(t, newcomer)
		h.Sender = whole
		h.Clock.Advance(10 * time.Minute)
		if second := h.link(t, newcomer); second == first {
			t.Fatal("it was not mailed again")
		}
		if _, _, err := h.byPassword(t, first, own); err != nil {
			t.Error(err)
		}
	})
}

// Nobody is mailed a link to an account that was closed meanwhile.
func TestRecoveryOfAFormerMemberIsNotMailed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		lost := h.add(t, "ola@fjordlys.example", staff.CaseHandler)
		if _, err := h.Recover(t.Context(), admin, lost.member.PublicID); err != nil {
			t.Fatal(err)
		}
		if err := h.DisableMember(t.Context(), "ola@fjordlys.example", "system"); err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(access.AloneDelay + time.Minute)
		h.unmailed(t, "the account is closed")
	})
}

// However an invitation ends, neither the address nor its index is left, and another to the same address ends as well.
func TestInvitationLeavesNoTraceOfWhom(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.session(t, "adm@fjordlys.example", staff.Admin)
		left := func(how string, ended int) {
			t.Helper()
			var index []byte
			if err := h.Gate.Store.InTx(t.Context(), func(tx *store.Tx) error { index = tx.AddressIndex(newcomer); return nil }); err != nil {
				t.Fatal(err)
			}
			if n := h.Count(t, "SELECT count(*) FROM invitation WHERE used_at IS NOT NULL OR void_at IS NOT NULL"); n != ended {
				t.Errorf("%s: %d have ended, want %d", how, n, ended)
			}
			query := "SELECT count(*) FROM invitation WHERE address_index = ? OR token_hash IS NOT NULL"
			if h.Dialect == migrations.Postgres {
				query = strings.Replace(query, "?", "$1", 1)
			}
			if n := h.Count(t, query, index); n != 0 {
				t.Errorf("%s: %d tell who was invited", how, n)
			}
		}
		i := h.invite(t, admin)
		h.link(t, newcomer)
		if err := h.RevokeInvitation(t.Context(), admin, i.PublicID); err != nil {
			t.Fatal(err)
		}
		left("taken back", 1)
		h.invite(t, admin)
		h.link(t, newcomer)
		h.Clock.Advance(staff.InvitationTTL + 2*time.Hour)
		if err := h.Gate.Store.InTx(t.Context(), func(tx *store.Tx) error { return tx.EndInvitations() }); err != nil {
			t.Fatal(err)
		}
		left("over", 2)
		h.invite(t, h.session(t, "adm2@fjordlys.example", staff.Admin))
		if err := h.ConfirmInvitation(t.Context(), h.session(t, "adm3@fjordlys.example", staff.Admin), h.mustInvitation(t)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.byPassword(t, h.link(t, newcomer), own); err != nil {
			t.Fatal(err)
		}
		left("used", 3)
	})
}

func (h *house) mustInvitation(t *testing.T) string {
	t.Helper()
	list, err := h.Invitations(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%d invitations, %v", len(list), err)
	}
	return list[0].PublicID
}

func (h *house) mustMember(t *testing.T, email string) store.Member {
	t.Helper()
	list, err := h.Members(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		if m.Email.Reveal() == email {
			return m
		}
	}
	t.Fatalf("there is no %s", email)
	return store.Member{}
}

package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// StaffSession is a browser whose member is signed in.
type StaffSession struct {
	ID             int64
	Session        string // public id
	Member         store.Member
	Roles          []staff.Role
	ProvedAt       time.Time
	ExpiresAt      time.Time
	SteppedUpUntil *time.Time // until when dangerous acts need no further code; nil when it is over

	hash []byte // of the cookie
}

// Policy is the member as the policy sees them.
func (s *StaffSession) Policy() staff.Member { return s.Member.Policy() }

// Faults of the members' list.
var (
	errName = fault.Define(fault.Invalid, "bad_name",
		"Skriv navnet, med høyst 200 tegn.", "Skriv namnet, med høgst 200 teikn.", "Write the name, in at most 200 characters.")
	errNoRole = fault.Define(fault.Invalid, "roles_missing",
		"Velg minst én rolle.", "Vel minst éi rolle.", "Choose at least one role.")
	ErrNoMember = fault.Define(fault.NotFound, "member_not_found",
		"Vi finner ikke medarbeideren.", "Vi finn ikkje medarbeidaren.", "We cannot find the member of staff.")
)

// StaffSignIn signs a member in with password and one-time code. Unknown account, wrong password, wrong
// or used code, disabled account, too many tries on the account: the answer and the work are the same.
// The string is the session's secret, for the cookie.
func (g *Gate) StaffSignIn(ctx context.Context, email, password, code string, from Client) (*StaffSession, string, error) {
	canonical := account(email)
	counted, err := g.countSignIn(ctx, canonical, from)
	if err != nil {
		return nil, "", err
	}
	found, err := g.find(ctx, canonical)
	if err != nil {
		return nil, "", err
	}
	right, err := g.rightPassword(ctx, found, password)
	if err != nil {
		return nil, "", err
	}
	step, totp := g.rightCode(found, code)
	if found.member == nil || !right || !totp || counted.generic || found.member.Disabled {
		return nil, "", ErrSignIn
	}
	var s *StaffSession
	var secret verification.Secret
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := counted.giveBack(tx); err != nil {
			return err
		}
		fresh, err := tx.UseTOTP(found.member.ID, step)
		if err != nil {
			return err
		}
		if !fresh {
			return ErrSignIn
		}
		s, secret, err = g.staffSession(tx, *found.member, store.MethodPassword, from)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return s, secret.Reveal(), nil
}

// account is what tries are counted by, and what the member is found by, for any text.
func account(email string) string {
	if a, err := dsr.ParseAddress(strings.TrimSpace(email)); err == nil {
		return a.Canonical
	}
	return "no address " + email[:min(len(email), 300)]
}

func (g *Gate) countSignIn(ctx context.Context, account string, from Client) (spent, error) {
	var s spent
	err := g.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		s, err = g.spend(tx, g.counters(verification.ActionSignIn, subject{address: tx.AddressIndex(account), from: from}))
		return err
	})
	return s, err
}

// found is who might be signing in.
type found struct {
	member      *store.Member // nil when there is none
	credentials store.Credentials
}

func (g *Gate) find(ctx context.Context, canonical string) (found, error) {
	var f found
	err := g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if f.member, err = tx.MemberByAddress(canonical); err != nil || f.member == nil {
			return err
		}
		f.credentials, err = tx.Credentials(f.member)
		return err
	})
	return f, err
}

// rightPassword does the same work when there is no member. A hash made under older parameters is
// made anew.
func (g *Gate) rightPassword(ctx context.Context, f found, password string) (bool, error) {
	release, err := g.hashing(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	ok, stale := staff.VerifyPassword(f.credentials.PasswordHash, password)
	if !ok || !stale {
		return ok, nil
	}
	hash, err := staff.HashPassword(g.Rand, password)
	if err != nil {
		return false, err
	}
	return true, g.Store.InTx(ctx, func(tx *store.Tx) error {
		return tx.SetPasswordHash(f.member.ID, f.credentials.PasswordHash, hash)
	})
}

// nobodysTOTP is compared with when there is no secret.
const nobodysTOTP = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func (g *Gate) rightCode(f found, code string) (step int64, ok bool) {
	secret := f.credentials.TOTP.Reveal()
	none := secret == "" // a member without codes, or no member: the code of an empty secret is known to all
	if none {
		secret = nobodysTOTP
	}
	step, err := staff.VerifyTOTP(secret, code, g.Now(), f.credentials.LastStep)
	return step, err == nil && !none
}

// staffSession makes a session with a fresh factor; the oldest of too many end.
func (g *Gate) staffSession(tx *store.Tx, m store.Member, method string, from Client) (*StaffSession, verification.Secret, error) {
	now := tx.Now
	return g.staffSessionUntil(tx, m, method, from, now.Add(staff.SessionAbsolute), &now)
}

// staffSessionUntil is staffSession with an end of its own, and when the factors were proved; nil: nobody says.
func (g *Gate) staffSessionUntil(tx *store.Tx, m store.Member, method string, from Client, until time.Time, proved *time.Time) (*StaffSession, verification.Secret, error) {
	secret, err := verification.MintSecret(g.Rand)
	if err != nil {
		return nil, "", err
	}
	if err := tx.EndSessionsOfMember(m.ID, staff.SessionsMax*max(1, g.LimitFactor)-1); err != nil {
		return nil, "", err
	}
	hash := verification.HashToken(secret)
	now := tx.Now
	s, err := tx.AddSession(store.Session{Kind: store.SessionMember, MemberID: m.ID, SteppedUpAt: proved, Device: device(from.Agent), Method: method,
		IdleUntil: now.Add(staff.SessionIdle), ExpiresAt: until}, hash)
	if err != nil {
		return nil, "", err
	}
	if err := logAs(tx, m.PublicID, "member_signed_in", nil); err != nil {
		return nil, "", err
	}
	return g.signedIn(s, m, hash, now), secret, nil
}

func (g *Gate) signedIn(s *store.Session, m store.Member, hash []byte, now time.Time) *StaffSession {
	out := &StaffSession{ID: s.ID, Session: s.PublicID, Member: m, Roles: m.Roles, ProvedAt: s.ProvedAt, ExpiresAt: s.ExpiresAt, hash: hash}
	switch {
	case g.Demo:
		// Nobody who plays the demo has the members' authenticator apps.
		out.SteppedUpUntil = &s.ExpiresAt
	case s.SteppedUpAt != nil && staff.FactorFresh(*s.SteppedUpAt, now):
		until := s.SteppedUpAt.Add(staff.StepUpTTL)
		out.SteppedUpUntil = &until
	}
	return out
}

// Staff gives the session of a cookie and moves the end of its idle time. A disabled member has none.
func (g *Gate) Staff(ctx context.Context, secret string) (*StaffSession, error) {
	s, err := g.session(ctx, store.SessionMember, secret, staff.SessionIdle)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, ErrStaffNotSignedIn
	}
	var m *store.Member
	err = g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		m, err = tx.Member(s.MemberID)
		return err
	})
	if err != nil {
		return nil, err
	}
	if m == nil || m.Disabled {
		return nil, ErrStaffNotSignedIn
	}
	return g.signedIn(s, *m, verification.HashToken(verification.Secret(secret)), g.Now()), nil
}

// SignOutStaff ends the session. Without one there is nothing to do.
func (g *Gate) SignOutStaff(ctx context.Context, s *StaffSession) error {
	if s == nil {
		return nil
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error { return tx.EndSession(s.ID) })
}

// StepUpStaff proves the second factor again and gives the session another secret, for the cookie.
func (g *Gate) StepUpStaff(ctx context.Context, s *StaffSession, code string, from Client) (*StaffSession, string, error) {
	counted, err := g.countSignIn(ctx, "step-up of "+s.Member.PublicID, from)
	if err != nil {
		return nil, "", err
	}
	f := found{member: &s.Member}
	err = g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		f.credentials, err = tx.Credentials(&s.Member)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	step, right := g.rightCode(f, code)
	if !right || counted.generic {
		return nil, "", staff.ErrTOTP
	}
	var next *StaffSession
	var secret string
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := counted.giveBack(tx); err != nil {
			return err
		}
		fresh, err := tx.UseTOTP(s.Member.ID, step)
		if err != nil {
			return err
		}
		if !fresh {
			return staff.ErrTOTP
		}
		next, secret, err = g.stepUp(tx, s)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return next, secret, nil
}

// stepUp notes that a factor was given and gives the session another secret, for the cookie.
func (g *Gate) stepUp(tx *store.Tx, s *StaffSession) (*StaffSession, string, error) {
	secret, err := verification.MintSecret(g.Rand)
	if err != nil {
		return nil, "", err
	}
	next := *s
	next.hash = verification.HashToken(secret)
	rotated, err := tx.RotateSession(s.ID, s.hash, next.hash)
	if err != nil {
		return nil, "", err
	}
	if !rotated {
		return nil, "", ErrStaffNotSignedIn
	}
	until := tx.Now.Add(staff.StepUpTTL)
	next.ProvedAt, next.SteppedUpUntil = tx.Now, &until
	return &next, secret.Reveal(), logAs(tx, s.Member.PublicID, "member_stepped_up", nil)
}

// RequireStaffStepUp tells whether a dangerous act may go on: the second factor was given in the last
// five minutes.
func (g *Gate) RequireStaffStepUp(s *StaffSession) error {
	if s == nil || s.SteppedUpUntil == nil || g.Now().After(*s.SteppedUpUntil) {
		return ErrStepUp
	}
	return nil
}

// DemoSignIn signs in as a member without any proof. Outside the demo there is no such thing.
func (g *Gate) DemoSignIn(ctx context.Context, memberPublicID string, from Client) (*StaffSession, string, error) {
	if !g.Demo {
		return nil, "", ErrNoMember
	}
	var s *StaffSession
	var secret verification.Secret
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		m, err := tx.MemberByPublicID(memberPublicID)
		if err != nil {
			return err
		}
		if m == nil || m.Disabled {
			return ErrNoMember
		}
		s, secret, err = g.staffSession(tx, *m, store.MethodPassword, from)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return s, secret.Reveal(), nil
}

// AddMember makes a member who signs in with a password and one-time codes. The first enabled one also
// gets the roles of an office of one. It gives the authenticator app's URL and secret, which are shown
// once. The actor is a member's public id, or "system".
func (g *Gate) AddMember(ctx context.Context, name, email, password string, roles []staff.Role, actor string) (m store.Member, totpURL, totpSecret string, err error) {
	name = strings.TrimSpace(name)
	address, err := dsr.ParseAddress(strings.TrimSpace(email))
	if err != nil {
		return m, "", "", dsr.ErrAddress.At("/email")
	}
	if name == "" || utf8.RuneCountInString(name) > 200 {
		return m, "", "", errName.At("/name")
	}
	for _, r := range roles {
		if _, err := staff.ParseRole(string(r)); err != nil {
			return m, "", "", err
		}
	}
	issuer, err := g.officeName(ctx)
	if err != nil {
		return m, "", "", err
	}
	if err := staff.CheckPassword(password, address.Canonical, name, issuer); err != nil {
		return m, "", "", err
	}
	c, totpURL, err := g.credentials(ctx, issuer, address, password)
	if err != nil {
		return m, "", "", err
	}
	m = store.Member{Name: keyring.NewPrivate(name), Email: keyring.NewPrivate(address.Typed), Roles: roles}
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		added, err := addMember(tx, m, address.Canonical, c, actor)
		if err == nil {
			m = *added
		}
		return err
	})
	if err != nil {
		return store.Member{}, "", "", err
	}
	return m, totpURL, c.TOTP.Reveal(), nil
}

func (g *Gate) officeName(ctx context.Context) (name string, err error) {
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		settings, _, err := office(tx)
		name = settings.Name
		if errors.Is(err, ErrNotSetUp) {
			name, err = "Mininfo", nil
		}
		return err
	})
	return name, err
}

func (g *Gate) credentials(ctx context.Context, issuer string, a dsr.Address, password string) (store.Credentials, string, error) {
	release, err := g.hashing(ctx)
	if err != nil {
		return store.Credentials{}, "", err
	}
	defer release()
	hash, err := staff.HashPassword(g.Rand, password)
	if err != nil {
		return store.Credentials{}, "", err
	}
	secret, link, err := staff.NewTOTP(g.Rand, strings.ReplaceAll(issuer, ":", " "), a.Canonical)
	if err != nil {
		return store.Credentials{}, "", err
	}
	return store.Credentials{PasswordHash: hash, TOTP: keyring.NewPrivate(secret)}, link, nil
}

func addMember(tx *store.Tx, m store.Member, canonical string, c store.Credentials, actor string) (*store.Member, error) {
	controller, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	enabled, err := tx.EnabledMembers(controller.ID)
	if err != nil {
		return nil, err
	}
	if enabled == 0 {
		m.Roles = append(slices.Clone(m.Roles), staff.SoleMemberRoles()...)
	}
	slices.Sort(m.Roles)
	m.Roles = slices.Compact(m.Roles)
	if len(m.Roles) == 0 {
		return nil, errNoRole.At("/roles")
	}
	added, err := tx.AddMember(controller.ID, m, canonical, c)
	if err != nil {
		return nil, err
	}
	return added, logAs(tx, actor, "member_added", map[string]any{"member": added.PublicID, "roles": added.Roles})
}

// Members gives all members, also disabled ones.
func (g *Gate) Members(ctx context.Context) ([]store.Member, error) {
	var list []store.Member
	err := g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Members()
		return err
	})
	return list, err
}

// DisableMember closes an account and ends its sessions. Twice is as good as once.
func (g *Gate) DisableMember(ctx context.Context, email, actor string) error {
	address, err := dsr.ParseAddress(strings.TrimSpace(email))
	if err != nil {
		return dsr.ErrAddress.At("/email")
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		m, err := tx.MemberByAddress(address.Canonical)
		if err != nil {
			return err
		}
		if m == nil {
			return ErrNoMember
		}
		done, err := tx.DisableMember(m.ID)
		if err != nil {
			return fmt.Errorf("closing an account: %w", err)
		}
		if !done {
			return nil
		}
		return logAs(tx, actor, "member_disabled", map[string]string{"member": m.PublicID})
	})
}

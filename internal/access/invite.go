package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Faults of invitations.
var (
	ErrNoInvitation = fault.Define(fault.NotFound, "invitation_not_found",
		"Invitasjonen er brukt, trukket tilbake eller for gammel.", "Invitasjonen er brukt, trekt tilbake eller for gammal.",
		"The invitation is used, taken back or too old.")
	errNotConfirmed = fault.Define(fault.Conflict, "invitation_not_confirmed",
		"En annen må bekrefte dette først.", "Ein annan må stadfeste dette først.", "Somebody else must confirm this first.")
	errNotOpen = fault.Define(fault.Conflict, "invitation_waits",
		"Lenken sendes av seg selv når ventetiden er over.", "Lenkja blir send av seg sjølv når ventetida er over.",
		"The link is sent by itself when the waiting time is over.")
	errOwnRecovery = fault.Define(fault.Conflict, "own_recovery",
		"Du kan ikke gi deg selv ny innlogging. Be en annen, eller bruk «mininfo staff recover» på serveren.",
		"Du kan ikkje gi deg sjølv ny innlogging. Be ein annan, eller bruk «mininfo staff recover» på serveren.",
		"You cannot give yourself a new sign-in. Ask somebody else, or use “mininfo staff recover” on the server.")
	errWay = fault.Define(fault.Invalid, "unknown_way",
		"Velg passnøkkel eller passord.", "Vel passnøkkel eller passord.", "Choose a passkey or a password.")
	errJoinCode = fault.Define(fault.Invalid, "join_code",
		"Engangskoden er feil. Vent på neste kode i appen, og prøv igjen.", "Eingongskoden er feil. Vent på neste kode i appen, og prøv igjen.",
		"The one-time code is wrong. Wait for the next code in the app, and try again.")
)

// AloneDelay is how long a new sign-in waits that one person alone has asked for. All officers and administrators can stop
// it, also the member it is about; a member who cannot is told at once, and has so long to ask one who can.
const AloneDelay = 24 * time.Hour

// proposalTTL is how long an invitation waits for somebody to confirm it.
const proposalTTL = 7 * 24 * time.Hour

// The ways to sign in that somebody can choose who is invited.
const (
	WayPasskey  = "passkey"
	WayPassword = "password"
)

// JobSendInvitation mails the link. Its object is the invitation's public id.
const JobSendInvitation = "send_invitation"

// Invite asks somebody to be a member. In an office of several it is mailed once another officer or administrator has
// confirmed it; who works alone confirms nothing to themselves: it is mailed at once, and they are told that it was.
func (g *Gate) Invite(ctx context.Context, by *StaffSession, name, email string, l locale.Locale, roles []staff.Role) (i *store.Invitation, err error) {
	name = strings.TrimSpace(name)
	address, err := dsr.ParseAddress(strings.TrimSpace(email))
	if err != nil {
		return nil, dsr.ErrAddress.At("/email")
	}
	if name == "" || utf8.RuneCountInString(name) > 200 {
		return nil, errName.At("/name")
	}
	for _, r := range roles {
		if _, err := staff.ParseRole(string(r)); err != nil {
			return nil, err
		}
	}
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	if len(roles) == 0 {
		return nil, errNoRole.At("/roles")
	}
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		taken, err := tx.MemberByAddress(address.Canonical)
		if err != nil {
			return err
		}
		if taken != nil {
			return store.ErrMemberExists.At("/email")
		}
		others, err := confirmers(tx, by.Member.ID, 0)
		if err != nil {
			return err
		}
		i, err = tx.AddInvitation(store.Invitation{Who: store.Invited{Name: keyring.NewPrivate(name), Email: keyring.NewPrivate(address.Typed), Locale: l},
			Roles: roles, ProposedBy: by.Member.ID, Alone: len(others) == 0, ExpiresAt: tx.Now.Add(proposalTTL)}, address.Canonical)
		if err != nil {
			return err
		}
		if i.Alone {
			if err := errors.Join(sendInvitation(tx, i), tell(tx, noticeInvitedAlone, &by.Member)); err != nil {
				return err
			}
		}
		return logAs(tx, by.Member.PublicID, "member_invited", map[string]any{"invitation": i.PublicID, "roles": roles, "alone": i.Alone})
	})
	return i, err
}

// Recover asks that a member who has lost what they sign in with gets a link to set it anew. Another administrator
// confirms it, or an officer where there is no other; where there is neither, it waits a day. The member is told at once.
func (g *Gate) Recover(ctx context.Context, by *StaffSession, memberPublicID string) (i *store.Invitation, err error) {
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		m, err := tx.MemberByPublicID(memberPublicID)
		if err != nil {
			return err
		}
		switch {
		case m == nil || m.Disabled:
			return ErrNoMember
		case m.ID == by.Member.ID:
			return errOwnRecovery
		}
		others, err := confirmers(tx, by.Member.ID, m.ID)
		if err != nil {
			return err
		}
		i, err = recovery(tx, m, by.Member.ID, len(others) == 0, by.Member.PublicID)
		return err
	})
	return i, err
}

// RecoverOnHost is Recover by whoever has the server, for whom nobody else can confirm: it always waits a day, and all
// who manage members are told.
func (g *Gate) RecoverOnHost(ctx context.Context, email string) (i *store.Invitation, err error) {
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		m, err := tx.MemberByAddress(account(email))
		if err != nil {
			return err
		}
		if m == nil || m.Disabled {
			return ErrNoMember
		}
		i, err = recovery(tx, m, 0, true, system)
		return err
	})
	return i, err
}

func recovery(tx *store.Tx, m *store.Member, by int64, alone bool, actor string) (*store.Invitation, error) {
	settings, _, err := office(tx)
	if err != nil {
		return nil, err
	}
	address, err := dsr.ParseAddress(m.Email.Reveal())
	if err != nil {
		return nil, err
	}
	i := store.Invitation{MemberID: m.ID, Who: store.Invited{Name: m.Name, Email: m.Email, Locale: settings.Speaks()}, Roles: m.Roles,
		ProposedBy: by, Alone: alone, ExpiresAt: tx.Now.Add(proposalTTL)}
	if alone {
		opens := tx.Now.Add(AloneDelay)
		i.OpensAt = &opens
	}
	made, err := tx.AddInvitation(i, address.Canonical)
	if err != nil {
		return nil, err
	}
	if alone {
		if err := sendInvitation(tx, made); err != nil {
			return nil, err
		}
	}
	if err := tell(tx, noticeRecovery, m); err != nil {
		return nil, err
	}
	watchers, err := confirmers(tx, m.ID, by)
	if err != nil {
		return nil, err
	}
	for _, other := range watchers {
		if err := tell(tx, noticeRecoveryOther, &other); err != nil {
			return nil, err
		}
	}
	return made, logAs(tx, actor, "member_recovery_begun", map[string]any{"invitation": made.PublicID, "member": m.PublicID, "alone": alone})
}

// confirmers are the members who may confirm what somebody proposes about members: neither that one nor whom it is about.
// Of a recovery (about is not 0) these are the administrators, and the officers where there is no other administrator.
func confirmers(tx *store.Tx, by, about int64) ([]store.Member, error) {
	all, err := tx.Members()
	if err != nil {
		return nil, err
	}
	with := func(roles ...staff.Role) (list []store.Member) {
		for _, m := range all {
			if m.ID != by && m.ID != about && slices.ContainsFunc(roles, m.Policy().Has) {
				list = append(list, m)
			}
		}
		return list
	}
	if about != 0 {
		if admins := with(staff.Admin); len(admins) > 0 {
			return admins, nil
		}
	}
	return with(staff.PrivacyOfficer, staff.Admin), nil
}

// ConfirmInvitation lets the link go out that another member proposed.
func (g *Gate) ConfirmInvitation(ctx context.Context, by *StaffSession, id string) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		i, err := invitation(tx, id)
		if err != nil {
			return err
		}
		others, err := confirmers(tx, i.ProposedBy, i.MemberID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(others, func(m store.Member) bool { return m.ID == by.Member.ID }) {
			return staff.ErrOwnProposal
		}
		done, err := tx.ConfirmInvitation(i.ID, by.Member.ID)
		if err != nil {
			return err
		}
		if !done {
			return ErrNoInvitation
		}
		if err := sendInvitation(tx, i); err != nil {
			return err
		}
		return logAs(tx, by.Member.PublicID, "invitation_confirmed", map[string]string{"invitation": i.PublicID})
	})
}

// MayConfirmInvitation tells whether a member is one who may confirm it.
func (g *Gate) MayConfirmInvitation(ctx context.Context, by *StaffSession, i store.Invitation) (may bool, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		others, err := confirmers(tx, i.ProposedBy, i.MemberID)
		may = slices.ContainsFunc(others, func(m store.Member) bool { return m.ID == by.Member.ID })
		return err
	})
	return may, err
}

// ResendInvitation mails another link; what was mailed before is good for nothing from then on.
func (g *Gate) ResendInvitation(ctx context.Context, by *StaffSession, id string) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		i, err := invitation(tx, id)
		if err != nil {
			return err
		}
		switch {
		case !i.Confirmed():
			return errNotConfirmed
		case i.OpensAt != nil && tx.Now.Before(*i.OpensAt):
			return errNotOpen
		}
		if err := errors.Join(tx.ForgetInvitationTokens(i.ID), sendInvitation(tx, i)); err != nil {
			return err
		}
		return logAs(tx, by.Member.PublicID, "invitation_sent_again", map[string]string{"invitation": i.PublicID})
	})
}

// RevokeInvitation takes an invitation back; its link is good for nothing from then on. Whoever may confirm may say no.
func (g *Gate) RevokeInvitation(ctx context.Context, by *StaffSession, id string) error {
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		i, err := invitation(tx, id)
		if err != nil {
			return err
		}
		done, err := tx.VoidInvitation(i)
		if err != nil {
			return err
		}
		if !done {
			return ErrNoInvitation
		}
		return logAs(tx, by.Member.PublicID, "invitation_revoked", map[string]string{"invitation": i.PublicID})
	})
	if err == nil {
		g.clear(ctx)
	}
	return err
}

// clear takes what was shredded out of the files. What was done is done where that fails, and the hourly sweep tries again.
func (g *Gate) clear(ctx context.Context) {
	if err := g.Store.Truncate(ctx); err != nil {
		g.Logger.WarnContext(ctx, "what was shredded lies in the files still", "error", err)
	}
}

// Invitations gives those that wait, the newest first.
func (g *Gate) Invitations(ctx context.Context) (list []store.Invitation, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		list, err = tx.Invitations()
		return err
	})
	return list, err
}

func invitation(tx *store.Tx, id string) (*store.Invitation, error) {
	i, err := tx.Invitation(id)
	if err == nil && i == nil {
		err = ErrNoInvitation
	}
	return i, err
}

func sendInvitation(tx *store.Tx, i *store.Invitation) error {
	s := job.Spec{Kind: JobSendInvitation, Object: i.PublicID}
	if i.OpensAt != nil {
		s.RunAt = *i.OpensAt
	}
	return tx.Enqueue(s)
}

// mailInvitation mints the link's secret, commits its digest and mails it. The secret of the try before stays good: its
// mail may have been taken though the answer was lost.
func (g *Gate) mailInvitation(ctx context.Context, j job.Job) error {
	secret, err := verification.MintSecret(g.Rand)
	if err != nil {
		return err
	}
	var m mail.Message
	send := false
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		send = false
		i, err := tx.Invitation(j.Object)
		if err != nil || i == nil || !i.Confirmed() {
			return err
		}
		if holds, err := stillHolds(tx, i); err != nil || !holds {
			return err
		}
		until := tx.Now.Add(staff.InvitationTTL)
		if send, err = tx.SetInvitationToken(i.ID, verification.HashToken(secret), until); err != nil || !send {
			return err
		}
		settings, zone, err := office(tx)
		if err != nil {
			return err
		}
		to, err := dsr.ParseAddress(i.Who.Email.Reveal())
		if err != nil {
			return job.Cancel(err)
		}
		kind, l := mail.StaffInvite, i.Who.Locale
		if i.MemberID != 0 {
			kind = mail.StaffRecover
		}
		m, err = g.Mails.Render(kind, l, mail.Data{Org: settings.Name, Contact: contactLine(settings), Postal: settings.PostalAddress,
			Until: clockText(until, zone, l), URL: strings.TrimRight(g.PublicURL, "/") + "/staff/join#" + i.PublicID + "." + secret.Reveal()})
		if err != nil {
			return fmt.Errorf("writing a mail: %w", err)
		}
		g.envelope(&m, to, settings, j)
		return nil
	})
	if err != nil || !send {
		return err
	}
	return g.post(ctx, m)
}

// InvitationLink gives the public id of the invitation whose secret somebody holds: "<id>.<secret>", as in the mail.
func (g *Gate) InvitationLink(ctx context.Context, credential string, from Client) (string, error) {
	return g.mailedLink(ctx, "invitation", credential, from, func(tx *store.Tx, id string) (*digests, error) {
		i, err := tx.Invitation(id)
		if err != nil || i == nil {
			return nil, err
		}
		return &digests{i.TokenHash, i.EarlierHash}, nil
	})
}

// Invited tells who is invited by a link.
func (g *Gate) Invited(ctx context.Context, id string) (i *store.Invitation, org string, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		if i, err = tx.Invitation(id); err != nil || i == nil {
			return errors.Join(err, ErrTaskLink)
		}
		settings, _, err := office(tx)
		org = settings.Name
		return err
	})
	return i, org, err
}

// Joining is a choice of what to sign in with that waits to be finished in the browser that made it.
type Joining struct {
	Begun

	TOTPSecret, TOTPURL string // for the authenticator app; shown this once
}

// joining is what the portal remembers of it.
type joining struct {
	Session *webauthn.SessionData `json:"session,omitempty"`
	Member  string                `json:"member,omitempty"` // the public id that the key is made for
	Secret  string                `json:"secret,omitempty"`
}

// StartJoin begins to set a passkey, or a password with one-time codes.
func (g *Gate) StartJoin(ctx context.Context, id, way string, from Client) (Joining, error) {
	if err := g.Limit(ctx, actionCeremony, nil, from); err != nil {
		return Joining{}, err
	}
	i, org, err := g.Invited(ctx, id)
	if err != nil {
		return Joining{}, err
	}
	switch way {
	case WayPasskey:
		return g.startJoinKey(ctx, i, org)
	case WayPassword:
		address, err := dsr.ParseAddress(i.Who.Email.Reveal())
		if err != nil {
			return Joining{}, err
		}
		secret, link, err := staff.NewTOTP(g.Rand, strings.ReplaceAll(org, ":", " "), address.Canonical)
		if err != nil {
			return Joining{}, err
		}
		out := Joining{TOTPSecret: secret, TOTPURL: link}
		out.Begun, err = g.beginJoin(ctx, store.CeremonyJoinPassword, joining{Secret: secret})
		return out, err
	}
	return Joining{}, errWay.At("/way")
}

func (g *Gate) startJoinKey(ctx context.Context, i *store.Invitation, org string) (Joining, error) {
	w, err := g.relyingParty()
	if err != nil {
		return Joining{}, err
	}
	var m *store.Member
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if i.MemberID != 0 {
			m, err = tx.Member(i.MemberID)
			return err
		}
		public, err := tx.NewID()
		m = &store.Member{PublicID: public, Name: i.Who.Name, Email: i.Who.Email}
		return err
	})
	if err != nil {
		return Joining{}, err
	}
	if m == nil {
		return Joining{}, ErrTaskLink
	}
	options, state, err := w.BeginRegistration(&keyHolder{member: m}, webauthn.WithRegistrationRelyingPartyName(org))
	if err != nil {
		return Joining{}, fmt.Errorf("beginning a passkey: %w", err)
	}
	shown, err := json.Marshal(options.Response)
	if err != nil {
		return Joining{}, fmt.Errorf("writing a challenge: %w", err)
	}
	out := Joining{}
	out.Begun, err = g.beginJoin(ctx, store.CeremonyJoinPasskey, joining{Session: state, Member: m.PublicID})
	out.Options = shown
	return out, err
}

func (g *Gate) beginJoin(ctx context.Context, purpose string, j joining) (Begun, error) {
	kept, err := json.Marshal(j)
	if err != nil {
		return Begun{}, fmt.Errorf("keeping a choice: %w", err)
	}
	return g.begin(ctx, purpose, nil, kept)
}

// Join is what somebody sets who is invited: of passkey, or password with code, one.
type Join struct {
	ID             string // of the ceremony
	Name           string // of the passkey
	Passkey        []byte
	Password, Code string
}

// factors are what a member signs in with from now on.
type factors struct {
	member      string // public id of somebody new; empty: any
	method      string
	credentials store.Credentials
	key         *webauthn.Credential
	name        string
}

// AcceptInvitation makes the member that somebody is invited to be, or gives a member a new sign-in in the place of all
// that they had, and signs them in. The link is good for one of both, once.
func (g *Gate) AcceptInvitation(ctx context.Context, credential, flow string, in Join, from Client) (s *StaffSession, secret string, err error) {
	id, token, _ := strings.Cut(credential, ".")
	i, org, err := g.Invited(ctx, id)
	if err != nil {
		return nil, "", err
	}
	f, err := g.chosen(ctx, i, org, flow, in)
	if err != nil {
		return nil, "", err
	}
	var minted verification.Secret
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		used, err := tx.UseInvitation(i, verification.HashToken(verification.Secret(token)))
		if err != nil {
			return err
		}
		if !used {
			return ErrTaskLink
		}
		m, err := g.enrol(tx, i, f)
		if err != nil {
			return err
		}
		s, minted, err = g.staffSession(tx, *m, f.method, from)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	g.clear(ctx)
	return s, minted.Reveal(), nil
}

// chosen holds what somebody chose against what was begun.
func (g *Gate) chosen(ctx context.Context, i *store.Invitation, org, flow string, in Join) (f factors, err error) {
	if len(in.Passkey) > 0 {
		return g.chosenKey(ctx, flow, in)
	}
	address, err := dsr.ParseAddress(i.Who.Email.Reveal())
	if err != nil {
		return f, err
	}
	if err := staff.CheckPassword(in.Password, address.Canonical, i.Who.Name.Reveal(), org); err != nil {
		return f, err
	}
	c, err := g.look(ctx, in.ID, store.CeremonyJoinPassword, flow)
	if err != nil {
		return f, err
	}
	step, err := staff.VerifyTOTP(c.Secret, in.Code, g.Now(), 0)
	if c.Secret == "" || err != nil {
		return f, errJoinCode.At("/code")
	}
	release, err := g.hashing(ctx)
	if err != nil {
		return f, err
	}
	defer release()
	hash, err := staff.HashPassword(g.Rand, in.Password)
	return factors{method: store.MethodPassword, credentials: store.Credentials{PasswordHash: hash, TOTP: keyring.NewPrivate(c.Secret), LastStep: step}}, err
}

func (g *Gate) chosenKey(ctx context.Context, flow string, in Join) (f factors, err error) {
	name := strings.TrimSpace(in.Name)
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return f, errPasskeyName.At("/name")
	}
	w, err := g.relyingParty()
	if err != nil {
		return f, err
	}
	taken, err := g.take(ctx, in.ID, store.CeremonyJoinPasskey, nil, flow)
	if err != nil {
		return f, err
	}
	parsed, wrong := protocol.ParseCredentialCreationResponseBytes(in.Passkey)
	var c joining
	if taken == nil || wrong != nil || json.Unmarshal([]byte(taken.State.Reveal()), &c) != nil || c.Session == nil {
		return f, ErrPasskey
	}
	made, err := w.CreateCredential(&keyHolder{member: &store.Member{PublicID: c.Member}}, *c.Session, parsed)
	if err != nil || !made.Flags.UserVerified {
		return f, ErrPasskey
	}
	made.Attestation = webauthn.CredentialAttestation{} // who made the key is nothing to us
	return factors{member: c.Member, method: store.MethodPasskey, key: made, name: name}, nil
}

// look gives what was begun without consuming it: whoever mistypes a code tries the next one. The link is what is good once.
func (g *Gate) look(ctx context.Context, id, purpose, flow string) (c joining, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		kept, err := tx.Ceremony(id, purpose, verification.HashToken(verification.Secret(flow)))
		if err != nil || kept == nil {
			return err
		}
		return json.Unmarshal([]byte(kept.State.Reveal()), &c)
	})
	return c, err
}

// stillHolds tells whether who proposed and who confirmed it could do so today, and the member it is about is no former one.
func stillHolds(tx *store.Tx, i *store.Invitation) (bool, error) {
	for _, need := range []struct {
		id    int64
		roles []staff.Role
	}{
		{i.ProposedBy, []staff.Role{staff.Admin}},
		{i.ConfirmedBy, []staff.Role{staff.Admin, staff.PrivacyOfficer}},
		{i.MemberID, nil},
	} {
		if need.id == 0 {
			continue
		}
		m, err := tx.Member(need.id)
		if err != nil {
			return false, err
		}
		if m == nil || m.Disabled || need.roles != nil && !slices.ContainsFunc(need.roles, m.Policy().Has) {
			return false, nil
		}
	}
	return true, nil
}

// enrol gives somebody what they sign in with. What was decided when they were invited must still hold.
func (g *Gate) enrol(tx *store.Tx, i *store.Invitation, f factors) (*store.Member, error) {
	if holds, err := stillHolds(tx, i); err != nil {
		return nil, err
	} else if !holds {
		return nil, ErrTaskLink
	}
	m, err := enrolled(tx, i, f)
	if err != nil {
		return nil, err
	}
	if f.key != nil {
		kept, err := json.Marshal(f.key)
		if err != nil {
			return nil, fmt.Errorf("writing a passkey: %w", err)
		}
		if _, err := tx.AddPasskey(m, f.key.ID, store.Passkey{Name: keyring.NewPrivate(f.name), Credential: keyring.NewPrivate(string(kept)), SignCount: f.key.Authenticator.SignCount}); err != nil {
			return nil, err
		}
	}
	action := "member_joined"
	if i.MemberID != 0 {
		action = "member_recovered"
		if err := tell(tx, noticeRecovered, m); err != nil {
			return nil, err
		}
	}
	return m, logAs(tx, m.PublicID, action, map[string]any{"member": m.PublicID, "invitation": i.PublicID, "roles": m.Roles})
}

func enrolled(tx *store.Tx, i *store.Invitation, f factors) (*store.Member, error) {
	if i.MemberID != 0 {
		m, err := tx.Member(i.MemberID)
		if err != nil {
			return nil, err
		}
		if m == nil || m.Disabled || f.member != "" && f.member != m.PublicID {
			return nil, ErrTaskLink
		}
		return m, tx.ReplaceFactors(m, f.credentials)
	}
	address, err := dsr.ParseAddress(i.Who.Email.Reveal())
	if err != nil {
		return nil, err
	}
	controller, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	return tx.AddMember(controller.ID, store.Member{PublicID: f.member, Name: i.Who.Name, Email: i.Who.Email, Roles: i.Roles}, address.Canonical, f.credentials)
}

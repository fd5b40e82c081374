package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Faults of passkeys.
var (
	ErrPasskeySignIn = fault.Define(fault.Unauthenticated, "passkey_sign_in_failed",
		"Passnøkkelen ble ikke godtatt. Prøv igjen, eller logg inn på en annen måte.",
		"Passnøkkelen vart ikkje godteken. Prøv igjen, eller logg inn på ein annan måte.",
		"The passkey was not accepted. Try again, or sign in another way.")
	ErrPasskey = fault.Define(fault.Invalid, "passkey_refused",
		"Passnøkkelen ble ikke godtatt. Prøv igjen.", "Passnøkkelen vart ikkje godteken. Prøv igjen.",
		"The passkey was not accepted. Try again.")
	ErrNoPasskey = fault.Define(fault.NotFound, "passkey_not_found",
		"Vi finner ikke passnøkkelen.", "Vi finn ikkje passnøkkelen.", "We cannot find the passkey.")
	errPasskeyName = fault.Define(fault.Invalid, "passkey_name",
		"Skriv et navn på passnøkkelen, med høyst 60 tegn.", "Skriv eit namn på passnøkkelen, med høgst 60 teikn.",
		"Write a name for the passkey, in at most 60 characters.")
	errPasskeysMany = fault.Define(fault.Conflict, "passkeys_many",
		"Du har ti passnøkler. Fjern en før du legger til en ny.", "Du har ti passnøklar. Fjern ein før du legg til ein ny.",
		"You have ten passkeys. Remove one before you add another.")
	errPasskeysOff = fault.Define(fault.Conflict, "passkeys_off",
		"Passnøkler krever at portalen har et navn og ikke bare et nummer som adresse.",
		"Passnøklar krev at portalen har eit namn og ikkje berre eit nummer som adresse.",
		"Passkeys need the portal to have a name for its address and not only a number.")
	errLastFactor = fault.Define(fault.Conflict, "last_factor",
		"Dette er den eneste måten du kan logge inn på. Legg til en annen først.",
		"Dette er den einaste måten du kan logge inn på. Legg til ein annan først.",
		"This is the only way you can sign in. Add another one first.")
)

const (
	passkeysMax = 10
	ceremonyTTL = 5 * time.Minute
)

// relyingParty is the portal as browsers know it: by its public address alone. Nil when the address is a
// number, for which there are no passkeys.
func (g *Gate) relyingParty() (*webauthn.WebAuthn, error) {
	public, err := url.Parse(g.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("reading the public address: %w", err)
	}
	if _, err := netip.ParseAddr(public.Hostname()); err == nil {
		return nil, errPasskeysOff
	}
	required := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: public.Hostname(), RPDisplayName: "Mininfo", RPOrigins: []string{public.Scheme + "://" + public.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("preparing passkeys: %w", err)
	}
	return w, nil
}

// Passkeys tells whether members can have passkeys here.
func (g *Gate) Passkeys() bool {
	_, err := g.relyingParty()
	return err == nil
}

// keyHolder is a member as the library sees one.
type keyHolder struct {
	member   *store.Member
	keys     []webauthn.Credential
	passkeys []store.Passkey // in the order of keys
}

func (k *keyHolder) WebAuthnID() []byte                         { return []byte(k.member.PublicID) }
func (k *keyHolder) WebAuthnName() string                       { return k.member.Email.Reveal() }
func (k *keyHolder) WebAuthnDisplayName() string                { return k.member.Name.Reveal() }
func (k *keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

func (k *keyHolder) passkey(credential []byte) *store.Passkey {
	for i := range k.keys {
		if string(k.keys[i].ID) == string(credential) {
			return &k.passkeys[i]
		}
	}
	return nil
}

func holder(tx *store.Tx, m *store.Member) (*keyHolder, error) {
	passkeys, err := tx.Passkeys(m)
	if err != nil {
		return nil, err
	}
	k := &keyHolder{member: m, passkeys: passkeys, keys: make([]webauthn.Credential, len(passkeys))}
	for i, p := range passkeys {
		if err := json.Unmarshal([]byte(p.Credential.Reveal()), &k.keys[i]); err != nil {
			return nil, fmt.Errorf("reading a passkey: %w", err)
		}
		k.keys[i].Authenticator.SignCount = p.SignCount
	}
	return k, nil
}

func (g *Gate) holder(ctx context.Context, m *store.Member) (k *keyHolder, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		k, err = holder(tx, m)
		return err
	})
	return k, err
}

// Begun is a ceremony that waits for its browser.
type Begun struct {
	ID      string
	Options json.RawMessage // what navigator.credentials takes, in JSON; nil where another page is gone to
	URL     string          // of that page
	Flow    string          // secret of the browser that began it, for the cookie; empty in a session
}

// begin keeps a ceremony, in a session or, without one, in the browser that begins it.
func (g *Gate) begin(ctx context.Context, purpose string, s *StaffSession, state []byte) (Begun, error) {
	c := store.Ceremony{Purpose: purpose, State: keyring.NewPrivate(string(state)), ExpiresAt: g.Now().Add(ceremonyTTL)}
	var b Begun
	if s != nil {
		c.Session = s.ID
	} else {
		flow, err := verification.MintSecret(g.Rand)
		if err != nil {
			return b, err
		}
		b.Flow, c.FlowHash = flow.Reveal(), verification.HashToken(flow)
	}
	return b, g.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		b.ID, err = tx.AddCeremony(c)
		return err
	})
}

// take consumes a ceremony, whatever comes of it; nil when there is none for this session or browser.
func (g *Gate) take(ctx context.Context, id, purpose string, s *StaffSession, flow string) (c *store.Ceremony, err error) {
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		var session int64
		if s != nil {
			session = s.ID
		}
		c, err = tx.TakeCeremony(id, purpose, session, verification.HashToken(verification.Secret(flow)))
		return err
	})
	return c, err
}

func (g *Gate) beginPasskey(ctx context.Context, purpose string, s *StaffSession, options any, state *webauthn.SessionData) (Begun, error) {
	kept, err := json.Marshal(state)
	if err != nil {
		return Begun{}, fmt.Errorf("keeping a challenge: %w", err)
	}
	shown, err := json.Marshal(options)
	if err != nil {
		return Begun{}, fmt.Errorf("writing a challenge: %w", err)
	}
	b, err := g.begin(ctx, purpose, s, kept)
	b.Options = shown
	return b, err
}

func (g *Gate) takePasskey(ctx context.Context, id, purpose string, s *StaffSession, flow string) (*webauthn.SessionData, error) {
	c, err := g.take(ctx, id, purpose, s, flow)
	if err != nil || c == nil {
		return nil, err
	}
	var state webauthn.SessionData
	if err := json.Unmarshal([]byte(c.State.Reveal()), &state); err != nil {
		return nil, fmt.Errorf("reading a challenge: %w", err)
	}
	return &state, nil
}

// StartPasskey begins to add a passkey. It needs a fresh factor, as adding it does.
func (g *Gate) StartPasskey(ctx context.Context, s *StaffSession) (Begun, error) {
	if err := g.RequireStaffStepUp(s); err != nil {
		return Begun{}, err
	}
	w, err := g.relyingParty()
	if err != nil {
		return Begun{}, err
	}
	k, err := g.holder(ctx, &s.Member)
	if err != nil {
		return Begun{}, err
	}
	if len(k.keys) >= passkeysMax {
		return Begun{}, errPasskeysMany
	}
	name, err := g.officeName(ctx)
	if err != nil {
		return Begun{}, err
	}
	options, state, err := w.BeginRegistration(k, webauthn.WithRegistrationRelyingPartyName(name),
		webauthn.WithExclusions(webauthn.Credentials(k.keys).CredentialDescriptors()))
	if err != nil {
		return Begun{}, fmt.Errorf("beginning a passkey: %w", err)
	}
	return g.beginPasskey(ctx, store.CeremonyAddPasskey, s, options.Response, state)
}

// AddPasskey keeps the passkey that the browser made for the challenge. The member's other sessions end, and
// the member is told by mail.
func (g *Gate) AddPasskey(ctx context.Context, s *StaffSession, id, name string, credential []byte) (*store.Passkey, error) {
	if err := g.RequireStaffStepUp(s); err != nil {
		return nil, err
	}
	if name = strings.TrimSpace(name); name == "" || utf8.RuneCountInString(name) > 60 {
		return nil, errPasskeyName.At("/name")
	}
	w, err := g.relyingParty()
	if err != nil {
		return nil, err
	}
	state, err := g.takePasskey(ctx, id, store.CeremonyAddPasskey, s, "")
	if err != nil {
		return nil, err
	}
	parsed, wrong := protocol.ParseCredentialCreationResponseBytes(credential)
	if state == nil || wrong != nil {
		return nil, ErrPasskey
	}
	made, err := w.CreateCredential(&keyHolder{member: &s.Member}, *state, parsed)
	if err != nil || !made.Flags.UserVerified {
		return nil, ErrPasskey
	}
	made.Attestation = webauthn.CredentialAttestation{} // who made the key is nothing to us
	kept, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("writing a passkey: %w", err)
	}
	var added *store.Passkey
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.HoldMember(s.Member.ID); err != nil {
			return err
		}
		before, err := tx.Passkeys(&s.Member)
		if err != nil {
			return err
		}
		if len(before) >= passkeysMax {
			return errPasskeysMany
		}
		added, err = tx.AddPasskey(&s.Member, made.ID, store.Passkey{Name: keyring.NewPrivate(name), Credential: keyring.NewPrivate(string(kept)), SignCount: made.Authenticator.SignCount})
		if err != nil {
			return err
		}
		return g.factorChanged(tx, s, noticePasskeyAdded, map[string]string{"passkey": added.PublicID})
	})
	return added, err
}

// RemovePasskey takes one of the member's passkeys away: it opens nothing from then on. The last way to sign
// in stays.
func (g *Gate) RemovePasskey(ctx context.Context, s *StaffSession, id string) error {
	if err := g.RequireStaffStepUp(s); err != nil {
		return err
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.HoldMember(s.Member.ID); err != nil {
			return err
		}
		gone, err := tx.RemovePasskey(s.Member.ID, id)
		if err != nil {
			return err
		}
		if !gone {
			return ErrNoPasskey
		}
		w, err := g.ways(tx, &s.Member)
		if err != nil {
			return err
		}
		if !w.Password && !w.OIDC && len(w.Passkeys) == 0 {
			return errLastFactor
		}
		return g.factorChanged(tx, s, noticePasskeyRemoved, map[string]string{"passkey": id})
	})
}

// factorChanged ends the member's other sessions, which somebody may hold who was to be shut out or who was
// let in by what has changed, and tells the member.
func (g *Gate) factorChanged(tx *store.Tx, s *StaffSession, n notice, statement map[string]string) error {
	if err := tx.EndOtherSessions(s.Member.ID, s.ID); err != nil {
		return err
	}
	if err := tell(tx, n, &s.Member); err != nil {
		return err
	}
	return logAs(tx, s.Member.PublicID, string(n), statement)
}

// StartPasskeySignIn begins a sign-in with a passkey of whoever sits there: nobody is named.
func (g *Gate) StartPasskeySignIn(ctx context.Context, from Client) (Begun, error) {
	w, err := g.relyingParty()
	if err != nil {
		return Begun{}, err
	}
	if err := g.Limit(ctx, actionCeremony, nil, from); err != nil {
		return Begun{}, err
	}
	options, state, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Begun{}, fmt.Errorf("beginning a sign-in: %w", err)
	}
	return g.beginPasskey(ctx, store.CeremonyPasskey, nil, options.Response, state)
}

// PasskeySignIn signs in the member whose passkey signed the challenge. Whatever is wrong, the answer is the same.
func (g *Gate) PasskeySignIn(ctx context.Context, id, flow string, credential []byte, from Client) (*StaffSession, string, error) {
	w, err := g.relyingParty()
	if err != nil {
		return nil, "", err
	}
	parsed, wrong := protocol.ParseCredentialRequestResponseBytes(credential)
	account := "no passkey"
	if wrong == nil {
		account = "passkey " + string(parsed.RawID)
	}
	counted, err := g.countSignIn(ctx, account, from)
	if err != nil {
		return nil, "", err
	}
	state, err := g.takePasskey(ctx, id, store.CeremonyPasskey, nil, flow)
	if err != nil {
		return nil, "", err
	}
	if state == nil || wrong != nil || counted.generic {
		return nil, "", ErrPasskeySignIn
	}
	var failed error // of the database, not of the passkey
	var k *keyHolder
	find := func(credential, _ []byte) (webauthn.User, error) {
		failed = g.Store.Read(ctx, func(tx *store.Tx) error {
			m, err := tx.MemberByPasskey(credential)
			if err != nil || m == nil {
				return err
			}
			k, err = holder(tx, m)
			return err
		})
		if k == nil {
			return nil, errors.New("nobody's passkey")
		}
		return k, failed
	}
	used, err := w.ValidateDiscoverableLogin(find, *state, parsed)
	if failed != nil {
		return nil, "", failed
	}
	if err != nil || k.member.Disabled {
		return nil, "", ErrPasskeySignIn
	}
	var s *StaffSession
	var secret verification.Secret
	err = g.usePasskey(ctx, k, used, ErrPasskeySignIn, func(tx *store.Tx) error {
		if err := counted.giveBack(tx); err != nil {
			return err
		}
		s, secret, err = g.staffSession(tx, *k.member, store.MethodPasskey, from)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return s, secret.Reveal(), nil
}

// usePasskey does what a passkey was used for, if its counter has risen. If not, there may be two of the key:
// nothing is done, and the member is told.
func (g *Gate) usePasskey(ctx context.Context, k *keyHolder, used *webauthn.Credential, refusal error, do func(*store.Tx) error) error {
	p := k.passkey(used.ID)
	doubled := false
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		ok, err := tx.UsePasskey(p.ID, used.Authenticator.SignCount)
		if err != nil {
			return err
		}
		if doubled = !ok; doubled {
			return refusal
		}
		return do(tx)
	})
	if !doubled || !used.Authenticator.CloneWarning {
		return err
	}
	g.logger().WarnContext(ctx, "a passkey's counter has not risen: there may be a copy of it", "passkey", p.PublicID)
	return errors.Join(err, g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tell(tx, noticePasskeyDoubled, k.member); err != nil {
			return err
		}
		return logAs(tx, k.member.PublicID, string(noticePasskeyDoubled), map[string]string{"passkey": p.PublicID})
	}))
}

// StartPasskeyStepUp begins a fresh proof with one of the member's passkeys.
func (g *Gate) StartPasskeyStepUp(ctx context.Context, s *StaffSession) (Begun, error) {
	w, err := g.relyingParty()
	if err != nil {
		return Begun{}, err
	}
	k, err := g.holder(ctx, &s.Member)
	if err != nil {
		return Begun{}, err
	}
	if len(k.keys) == 0 {
		return Begun{}, ErrNoPasskey
	}
	options, state, err := w.BeginLogin(k, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Begun{}, fmt.Errorf("beginning a proof: %w", err)
	}
	return g.beginPasskey(ctx, store.CeremonyPasskeyAgain, s, options.Response, state)
}

// PasskeyStepUp proves the second factor again with a passkey; the session gets another secret.
func (g *Gate) PasskeyStepUp(ctx context.Context, s *StaffSession, id string, credential []byte, from Client) (*StaffSession, string, error) {
	w, err := g.relyingParty()
	if err != nil {
		return nil, "", err
	}
	counted, err := g.countSignIn(ctx, "step-up of "+s.Member.PublicID, from)
	if err != nil {
		return nil, "", err
	}
	state, err := g.takePasskey(ctx, id, store.CeremonyPasskeyAgain, s, "")
	if err != nil {
		return nil, "", err
	}
	parsed, wrong := protocol.ParseCredentialRequestResponseBytes(credential)
	if state == nil || wrong != nil || counted.generic {
		return nil, "", ErrPasskey
	}
	k, err := g.holder(ctx, &s.Member)
	if err != nil {
		return nil, "", err
	}
	used, err := w.ValidateLogin(k, *state, parsed)
	if err != nil {
		return nil, "", ErrPasskey
	}
	var next *StaffSession
	var secret string
	err = g.usePasskey(ctx, k, used, ErrPasskey, func(tx *store.Tx) error {
		if err := counted.giveBack(tx); err != nil {
			return err
		}
		next, secret, err = g.stepUp(tx, s)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return next, secret, nil
}

// Ways are how a member can sign in.
type Ways struct {
	Password bool // with one-time code
	OIDC     bool
	Passkeys []store.Passkey
}

// ways tells how a member can sign in.
func (g *Gate) ways(tx *store.Tx, m *store.Member) (w Ways, err error) {
	if w.Passkeys, err = tx.Passkeys(m); err != nil {
		return w, err
	}
	c, err := tx.Credentials(m)
	if err != nil {
		return w, err
	}
	w.Password = c.PasswordHash != ""
	if g.OIDC != nil {
		w.OIDC, err = tx.HasIdentity(m.ID)
	}
	return w, err
}

// Ways tells how a member can sign in, for the member's own page.
func (g *Gate) Ways(ctx context.Context, m *store.Member) (w Ways, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		w, err = g.ways(tx, m)
		return err
	})
	return w, err
}

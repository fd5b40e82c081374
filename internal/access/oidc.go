package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Faults of signing in with the organisation's own sign-in.
var (
	ErrOIDCSignIn = fault.Define(fault.Unauthenticated, "oidc_sign_in_failed",
		"Innloggingen hos virksomheten ble ikke godtatt. Prøv igjen.", "Innlogginga hos verksemda vart ikkje godteken. Prøv igjen.",
		"The organisation's sign-in was not accepted. Try again.")
	ErrOIDC = fault.Define(fault.Invalid, "oidc_refused",
		"Innloggingen hos virksomheten ble ikke godtatt. Prøv igjen.", "Innlogginga hos verksemda vart ikkje godteken. Prøv igjen.",
		"The organisation's sign-in was not accepted. Try again.")
	ErrOIDCAway = fault.Define(fault.Unavailable, "oidc_unreachable",
		"Vi når ikke innloggingen til virksomheten akkurat nå. Prøv igjen om litt, eller logg inn på en annen måte.",
		"Vi når ikkje innlogginga til verksemda akkurat no. Prøv igjen om litt, eller logg inn på ein annan måte.",
		"We cannot reach the organisation's sign-in just now. Try again in a while, or sign in another way.")
	errOIDCOff = fault.Define(fault.NotFound, "oidc_off",
		"Virksomhetens innlogging er ikke satt opp her.", "Innlogginga til verksemda er ikkje sett opp her.",
		"The organisation's sign-in is not set up here.")
	errOIDCRole = fault.Define(fault.Conflict, "oidc_no_role",
		"Ingen av gruppene dine gir adgang hit. Snakk med administratoren.",
		"Ingen av gruppene dine gir tilgang hit. Snakk med administratoren.",
		"None of your groups gives access here. Talk to the administrator.")
	errOIDCAddress = fault.Define(fault.Conflict, "oidc_address",
		"Adressen din tilhører allerede en medarbeider, eller mangler. Logg inn på en annen måte, og koble til under «Innloggingen din».",
		"Adressa di høyrer alt til ein medarbeidar, eller manglar. Logg inn på ein annan måte, og kople til under «Innlogginga di».",
		"Your address belongs to a member of staff already, or is missing. Sign in another way, and connect under “Your sign-in”.")
)

// OIDC is the organisation's own sign-in (OpenID Connect). Make it once, by a literal, and hand on its pointer.
type OIDC struct {
	Issuer, ClientID, ClientSecret string
	// Roles says which group gives which role; what stands nowhere gives none.
	Roles map[string][]staff.Role
	// GroupsClaim names the claim that lists the groups.
	GroupsClaim string
	// ACR and AMR: one of these must be in the token, where any is named.
	ACR, AMR []string
	// MaxAge is how long ago somebody may have proved who they are there; zero leaves it to the provider.
	MaxAge time.Duration

	mu       sync.Mutex
	provider *oidc.Provider
	needsISS bool
}

// provers is how the provider is spoken to: in a while, and never where it points next.
var provers = &http.Client{
	Timeout:       10 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &limited{http.DefaultTransport.(*http.Transport).Clone()},
}

// limited reads no more of an answer than a provider has reason to give.
type limited struct{ http.RoundTripper }

func (l *limited) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := l.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	a.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(a.Body, 1<<20), a.Body}
	return a, nil
}

// Discover reads what the provider says of itself, once.
func (o *OIDC) Discover(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider != nil {
		return o.provider, nil
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, provers), o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("reading what the provider says of itself: %w", err)
	}
	var more struct {
		ISS bool `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, fmt.Errorf("reading what the provider says of itself: %w", err)
	}
	o.provider, o.needsISS = p, more.ISS
	return p, nil
}

func (g *Gate) oauth(p *oidc.Provider) oauth2.Config {
	return oauth2.Config{ClientID: g.OIDC.ClientID, ClientSecret: g.OIDC.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: strings.TrimRight(g.PublicURL, "/") + "/staff/oidc", Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// sent is what the portal remembers of a sign-in elsewhere.
type sent struct {
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	At       time.Time `json:"at"`
}

// The first letter of a state says what the sign-in is for, so that the page it comes back to knows.
var statePrefix = map[string]string{store.CeremonyOIDC: "i", store.CeremonyOIDCAgain: "p", store.CeremonyAddOIDC: "a"}

// startOIDC gives the address to send the browser to.
func (g *Gate) startOIDC(ctx context.Context, purpose string, s *StaffSession) (Begun, error) {
	if g.OIDC == nil {
		return Begun{}, errOIDCOff
	}
	p, err := g.OIDC.Discover(ctx)
	if err != nil {
		g.logger().ErrorContext(ctx, "the organisation's sign-in does not answer", "issuer", g.OIDC.Issuer)
		return Begun{}, ErrOIDCAway
	}
	var raw [32]byte
	if _, err := io.ReadFull(g.Rand, raw[:]); err != nil {
		return Begun{}, fmt.Errorf("drawing a nonce: %w", err)
	}
	out := sent{Nonce: base64.RawURLEncoding.EncodeToString(raw[:]), Verifier: oauth2.GenerateVerifier(), At: g.Now()}
	kept, err := json.Marshal(out)
	if err != nil {
		return Begun{}, fmt.Errorf("keeping a sign-in: %w", err)
	}
	b, err := g.begin(ctx, purpose, s, kept)
	if err != nil {
		return Begun{}, err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(out.Nonce), oauth2.S256ChallengeOption(out.Verifier)}
	switch {
	case purpose == store.CeremonyOIDCAgain:
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	case g.OIDC.MaxAge > 0:
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(g.OIDC.MaxAge/time.Second))))
	}
	if len(g.OIDC.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(g.OIDC.ACR, " ")))
	}
	c := g.oauth(p)
	b.URL = c.AuthCodeURL(statePrefix[purpose]+"."+b.ID, options...)
	return b, nil
}

// Returned is what the browser came back with.
type Returned struct{ Code, State, Issuer string }

// proved is whom the provider says sits there.
type proved struct {
	Subject string
	AuthAt  time.Time
	Name    string
	Email   string
	groups  []string
	grouped bool // the token says which groups
}

// finishOIDC redeems what the browser came back with. Nil without an error: it is not to be believed.
func (g *Gate) finishOIDC(ctx context.Context, purpose string, s *StaffSession, flow string, r Returned) (*proved, error) {
	if g.OIDC == nil {
		return nil, errOIDCOff
	}
	prefix, id, _ := strings.Cut(r.State, ".")
	c, err := g.take(ctx, id, purpose, s, flow)
	if err != nil || c == nil || prefix != statePrefix[purpose] {
		return nil, err
	}
	var out sent
	if err := json.Unmarshal([]byte(c.State.Reveal()), &out); err != nil {
		return nil, fmt.Errorf("reading a sign-in: %w", err)
	}
	p, err := g.OIDC.Discover(ctx)
	if err != nil {
		return nil, ErrOIDCAway
	}
	if r.Issuer != "" && r.Issuer != g.OIDC.Issuer || r.Issuer == "" && g.OIDC.needsISS {
		return nil, nil // another provider's answer (RFC 9207)
	}
	spoken := oidc.ClientContext(ctx, provers)
	config := g.oauth(p)
	token, err := config.Exchange(spoken, r.Code, oauth2.VerifierOption(out.Verifier))
	if err != nil {
		if refused := new(oauth2.RetrieveError); errors.As(err, &refused) && refused.Response.StatusCode < 500 {
			g.logger().WarnContext(ctx, "the organisation's sign-in refused a code", "status", refused.Response.StatusCode)
			return nil, nil
		}
		return nil, ErrOIDCAway
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" || len(raw) > 32<<10 {
		return nil, nil
	}
	verifier := p.VerifierContext(spoken, &oidc.Config{ClientID: g.OIDC.ClientID, Now: g.Now,
		SupportedSigningAlgs: []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}})
	said, err := verifier.Verify(spoken, raw)
	if err != nil {
		g.logger().WarnContext(ctx, "a token of the organisation's sign-in was refused")
		return nil, nil
	}
	return g.believe(said, out, purpose)
}

// believe holds a signed token against what was asked for.
func (g *Gate) believe(said *oidc.IDToken, out sent, purpose string) (*proved, error) {
	var claims struct {
		AZP      string   `json:"azp"`
		ACR      string   `json:"acr"`
		AMR      []string `json:"amr"`
		AuthTime int64    `json:"auth_time"`
		Name     string   `json:"name"`
		Email    string   `json:"email"`
	}
	var all map[string]json.RawMessage
	if said.Claims(&claims) != nil || said.Claims(&all) != nil {
		return nil, nil
	}
	const leeway = time.Minute // clocks differ
	who := &proved{Subject: said.Subject, AuthAt: time.Unix(claims.AuthTime, 0).UTC(), Name: claims.Name, Email: claims.Email}
	o := g.OIDC
	oldest := time.Time{}
	switch {
	case purpose == store.CeremonyOIDCAgain:
		oldest = out.At.Add(-leeway)
	case o.MaxAge > 0:
		oldest = g.Now().Add(-o.MaxAge - leeway)
	}
	switch {
	case said.Subject == "",
		subtle.ConstantTimeCompare([]byte(said.Nonce), []byte(out.Nonce)) != 1,
		said.IssuedAt.After(g.Now().Add(leeway)),
		claims.AZP != "" && claims.AZP != o.ClientID, claims.AZP == "" && len(said.Audience) > 1,
		len(o.ACR) > 0 && !slices.Contains(o.ACR, claims.ACR),
		len(o.AMR) > 0 && !slices.ContainsFunc(claims.AMR, func(m string) bool { return slices.Contains(o.AMR, m) }),
		!oldest.IsZero() && (claims.AuthTime == 0 || who.AuthAt.Before(oldest)):
		return nil, nil
	}
	if groups, stands := all[o.GroupsClaim]; stands {
		var one string
		switch {
		case json.Unmarshal(groups, &who.groups) == nil:
			who.grouped = true
		case json.Unmarshal(groups, &one) == nil:
			who.groups, who.grouped = []string{one}, true
		}
	}
	return who, nil
}

// roles are what a member's groups give.
func (o *OIDC) roles(groups []string) []staff.Role {
	var list []staff.Role
	for _, group := range groups {
		list = append(list, o.Roles[group]...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// StartOIDCSignIn begins a sign-in with the organisation's own.
func (g *Gate) StartOIDCSignIn(ctx context.Context, from Client) (Begun, error) {
	if err := g.Limit(ctx, actionCeremony, nil, from); err != nil {
		return Begun{}, err
	}
	return g.startOIDC(ctx, store.CeremonyOIDC, nil)
}

// OIDCSignIn signs in whom the provider knows. Who is new here becomes a member with the roles of their groups;
// who is not, gets these roles: the groups rule. Members are known by issuer and subject, never by an address.
func (g *Gate) OIDCSignIn(ctx context.Context, flow string, r Returned, from Client) (*StaffSession, string, error) {
	counted, err := g.countSignIn(ctx, "sign-in elsewhere "+r.State, from)
	if err != nil {
		return nil, "", err
	}
	who, err := g.finishOIDC(ctx, store.CeremonyOIDC, nil, flow, r)
	if err != nil {
		return nil, "", err
	}
	if who == nil {
		return nil, "", ErrOIDCSignIn
	}
	roles := g.OIDC.roles(who.groups)
	var s *StaffSession
	var secret verification.Secret
	var refusal error
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		refusal = nil
		m, err := tx.MemberBySubject(g.OIDC.Issuer, who.Subject)
		if err != nil {
			return err
		}
		switch {
		case m != nil && m.Disabled:
			refusal = ErrOIDCSignIn
			return nil
		case len(roles) == 0:
			refusal = errOIDCRole
			switch {
			case m == nil:
				return nil
			case !who.grouped:
				// A provider leaves the claim out of a person without groups, and also of one with very many: nobody
				// stays in, and nobody loses for good what the office gave.
				return tx.EndSessionsOfMember(m.ID, 0)
			case len(m.Roles) == 0:
				return nil
			}
			return g.changeRoles(tx, m, roles)
		case m == nil:
			if m, err = g.newcomer(tx, who, roles); err != nil {
				return err
			}
		case !slices.Equal(m.Roles, roles):
			if err := g.changeRoles(tx, m, roles); err != nil {
				return err
			}
		}
		if err := counted.giveBack(tx); err != nil {
			return err
		}
		until := tx.Now.Add(staff.SessionAbsolute)
		if limit := who.AuthAt.Add(g.OIDC.MaxAge); g.OIDC.MaxAge > 0 && limit.Before(until) {
			until = limit
		}
		// Whoever has a session with the provider may have proved nothing today: then it is no fresh factor.
		var proved *time.Time
		if who.AuthAt.Unix() > 0 {
			at := who.AuthAt
			if at.After(tx.Now) {
				at = tx.Now
			}
			proved = &at
		}
		s, secret, err = g.staffSessionUntil(tx, *m, store.MethodOIDC, from, until, proved)
		return err
	})
	if err = errors.Join(err, refusal); err != nil {
		return nil, "", err
	}
	return s, secret.Reveal(), nil
}

// changeRoles gives a member the roles that the groups give; what was begun with the old ones ends.
func (g *Gate) changeRoles(tx *store.Tx, m *store.Member, roles []staff.Role) error {
	if err := errors.Join(tx.SetRoles(m.ID, roles), tx.EndSessionsOfMember(m.ID, 0)); err != nil {
		return err
	}
	m.Roles = roles
	return log(tx, system, "member_roles_changed", map[string]any{"member": m.PublicID, "roles": roles})
}

// newcomer makes a member of somebody whom the provider knows.
func (g *Gate) newcomer(tx *store.Tx, who *proved, roles []staff.Role) (*store.Member, error) {
	address, err := dsr.ParseAddress(strings.TrimSpace(who.Email))
	if err != nil {
		return nil, errOIDCAddress
	}
	name := strings.TrimSpace(who.Name)
	if name == "" || len(name) > 200 {
		name = address.Typed
	}
	controller, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	m, err := tx.AddMember(controller.ID, store.Member{Name: keyring.NewPrivate(name), Email: keyring.NewPrivate(address.Typed), Roles: roles}, address.Canonical, store.Credentials{})
	if errors.Is(err, store.ErrMemberExists) {
		return nil, errOIDCAddress
	}
	if err != nil {
		return nil, err
	}
	err = tx.AddIdentity(m.ID, g.OIDC.Issuer, who.Subject)
	if errors.Is(err, store.ErrIdentityTaken) {
		return nil, errOIDCAddress // a member's who got a new sign-in in its place, and connects it again where they want
	}
	if err != nil {
		return nil, err
	}
	return m, log(tx, system, "member_added", map[string]any{"member": m.PublicID, "roles": roles})
}

// StartOIDCStepUp begins a fresh proof with the organisation's sign-in.
func (g *Gate) StartOIDCStepUp(ctx context.Context, s *StaffSession) (Begun, error) {
	return g.startOIDC(ctx, store.CeremonyOIDCAgain, s)
}

// OIDCStepUp proves once more who sits there: the same member, asked anew there; the session gets another secret.
func (g *Gate) OIDCStepUp(ctx context.Context, s *StaffSession, r Returned, from Client) (next *StaffSession, secret string, err error) {
	counted, err := g.countSignIn(ctx, "step-up of "+s.Member.PublicID, from)
	if err != nil {
		return nil, "", err
	}
	who, err := g.finishOIDC(ctx, store.CeremonyOIDCAgain, s, "", r)
	if err != nil {
		return nil, "", err
	}
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if who == nil || counted.generic {
			return ErrOIDC
		}
		m, err := tx.MemberBySubject(g.OIDC.Issuer, who.Subject)
		if err != nil {
			return err
		}
		if m == nil || m.ID != s.Member.ID || m.Disabled {
			return ErrOIDC
		}
		if err := counted.giveBack(tx); err != nil {
			return err
		}
		next, secret, err = g.stepUp(tx, s)
		return err
	})
	return next, secret, err
}

// StartOIDCLink begins to connect the signed-in member with the organisation's sign-in.
func (g *Gate) StartOIDCLink(ctx context.Context, s *StaffSession) (Begun, error) {
	if err := g.RequireStaffStepUp(s); err != nil {
		return Begun{}, err
	}
	return g.startOIDC(ctx, store.CeremonyAddOIDC, s)
}

// OIDCLink connects them: whom the provider knows as this subject is this member from then on. The member's
// other sessions end, and the member is told by mail.
func (g *Gate) OIDCLink(ctx context.Context, s *StaffSession, r Returned) error {
	if err := g.RequireStaffStepUp(s); err != nil {
		return err
	}
	who, err := g.finishOIDC(ctx, store.CeremonyAddOIDC, s, "", r)
	if err != nil {
		return err
	}
	if who == nil {
		return ErrOIDC
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.AddIdentity(s.Member.ID, g.OIDC.Issuer, who.Subject); err != nil {
			return err
		}
		return g.factorChanged(tx, s, noticeIdentityAdded, nil)
	})
}

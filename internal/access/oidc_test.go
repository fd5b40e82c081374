package access_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/pquerna/otp/totp"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// withProvider gives the house an OpenID provider.
func (h *house) withProvider(t *testing.T) *portaltest.Provider {
	t.Helper()
	p := portaltest.NewProvider(t, h.Clock.Now)
	h.OIDC = &access.OIDC{Issuer: p.URL, ClientID: portaltest.ProviderClient, ClientSecret: portaltest.ProviderSecret, GroupsClaim: "groups",
		Roles: map[string][]staff.Role{"personvern": {staff.PrivacyOfficer}, "saker": {staff.CaseHandler}, "drift": {staff.Admin}}}
	return p
}

func person(subject string, groups ...string) jwt.MapClaims {
	return jwt.MapClaims{"sub": subject, "name": "Eva Ekstern", "email": subject + "@fjordlys.example", "groups": groups}
}

func (h *house) elsewhere(t *testing.T, p *portaltest.Provider, who jwt.MapClaims) (*access.StaffSession, string, error) {
	t.Helper()
	b, err := h.StartOIDCSignIn(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	code, state, issuer := p.Login(t, b.URL, who)
	return h.OIDCSignIn(t.Context(), b.Flow, access.Returned{Code: code, State: state, Issuer: issuer}, here)
}

func TestOIDC(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.withProvider(t)
		local := h.officer(t)
		s, cookie, err := h.elsewhere(t, p, person("eva", "saker", "ukjent"))
		if err != nil || !slices.Equal(s.Roles, []staff.Role{staff.CaseHandler}) || s.Member.Name.Reveal() != "Eva Ekstern" || h.RequireStaffStepUp(s) != nil {
			t.Fatalf("%+v, %v", s, err)
		}
		// Known by subject: another address at the provider is the same member.
		moved := person("eva", "personvern", "saker")
		moved["email"] = "eva.ny@fjordlys.example"
		again, second, err := h.elsewhere(t, p, moved)
		if err != nil || again.Member.PublicID != s.Member.PublicID || len(again.Roles) != 2 {
			t.Fatalf("%+v, %v", again, err)
		}
		if _, err := h.Staff(t.Context(), cookie); err == nil {
			t.Error("a session with the old roles lives on")
		}
		// Whoever has a session with the provider has proved nothing today.
		for name, at := range map[string]int64{"proved this morning": h.Clock.Now().Add(-3 * time.Hour).Unix(), "does not say when": 0} {
			idle := person("eva", "personvern", "saker")
			idle["auth_time"] = at
			old, cookie, err := h.elsewhere(t, p, idle)
			if err != nil || h.RequireStaffStepUp(old) == nil {
				t.Errorf("%s: %v, and a fresh factor", name, err)
			}
			second = cookie
		}
		// A token that does not say which groups lets nobody in and takes nothing away for good.
		silent := person("eva")
		delete(silent, "groups")
		_, _, err = h.elsewhere(t, p, silent)
		want(t, err, "oidc_no_role", fault.Conflict)
		if _, err := h.Staff(t.Context(), second); err == nil {
			t.Error("a session lives on without a group")
		}
		if s, second, err = h.elsewhere(t, p, moved); err != nil || len(s.Roles) != 2 {
			t.Fatalf("%+v, %v", s, err)
		}
		// The last group gone: nobody comes in, and nobody stays in.
		_, _, err = h.elsewhere(t, p, person("eva"))
		want(t, err, "oidc_no_role", fault.Conflict)
		if _, err := h.Staff(t.Context(), second); err == nil {
			t.Error("a session lives on without any role")
		}
		// An address is no proof: who has Ola's at the provider is not Ola.
		thief := person("tyv", "drift")
		thief["email"] = "ola@fjordlys.example"
		_, _, err = h.elsewhere(t, p, thief)
		want(t, err, "oidc_address", fault.Conflict)
		_, _, err = h.elsewhere(t, p, person("ingen"))
		want(t, err, "oidc_no_role", fault.Conflict)
		if n := h.Count(t, "SELECT count(*) FROM member"); n != 2 {
			t.Errorf("%d members, want two", n)
		}

		// Ola connects himself, and comes in by that from then on; the groups give his roles.
		mine := h.signedInOfficer(t, local)
		b, err := h.StartOIDCLink(t.Context(), mine)
		if err != nil {
			t.Fatal(err)
		}
		code, state, _ := p.Login(t, b.URL, person("ola", "drift"))
		if err := h.OIDCLink(t.Context(), mine, access.Returned{Code: code, State: state}); err != nil {
			t.Fatal(err)
		}
		if ola, _, err := h.elsewhere(t, p, person("ola", "drift")); err != nil || ola.Member.ID != local.member.ID || !slices.Equal(ola.Roles, []staff.Role{staff.Admin}) {
			t.Errorf("%+v, %v", ola, err)
		}
		for act, n := range map[string]int{"identity_added": 1, "member_roles_changed": 3} {
			if got := h.acts(t, act); got != n {
				t.Errorf("%d leaves of %s, want %d", got, act, n)
			}
		}
		if err := h.DisableMember(t.Context(), "eva@fjordlys.example", "system"); err != nil {
			t.Fatal(err)
		}
		_, _, err = h.elsewhere(t, p, person("eva", "saker"))
		want(t, err, "oidc_sign_in_failed", fault.Unauthenticated)
	})
}

// A fresh proof is asked for anew at the provider, and is the same member's.
func TestOIDCStepUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.withProvider(t)
		_, cookie, err := h.elsewhere(t, p, person("eva", "personvern"))
		if err != nil {
			t.Fatal(err)
		}
		h.Clock.Advance(10 * time.Minute)
		prove := func(who jwt.MapClaims) (*access.StaffSession, string, error) {
			s, err := h.Staff(t.Context(), cookie)
			if err != nil || h.RequireStaffStepUp(s) == nil {
				t.Fatalf("%v", err)
			}
			b, err := h.StartOIDCStepUp(t.Context(), s)
			if err != nil || !strings.Contains(b.URL, "prompt=login") || !strings.Contains(b.URL, "max_age=0") {
				t.Fatalf("%q, %v", b.URL, err)
			}
			code, state, _ := p.Login(t, b.URL, who)
			return h.OIDCStepUp(t.Context(), s, access.Returned{Code: code, State: state}, here)
		}
		stale := person("eva", "personvern")
		stale["auth_time"] = h.Clock.Now().Add(-10 * time.Minute).Unix()
		unsaid := person("eva", "personvern")
		unsaid["auth_time"] = 0
		for name, who := range map[string]jwt.MapClaims{"somebody else": person("kari", "personvern"), "not asked anew": stale, "does not say when": unsaid} {
			_, _, err := prove(who)
			if f := fault.From(err); f == nil || f.Code != "oidc_refused" {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Who has no one-time codes cannot be played by the codes of an empty secret, nor of nobody's.
		for _, secret := range []string{"", strings.Repeat("A", 32)} {
			code, err := totp.GenerateCode(secret, h.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			s, err := h.Staff(t.Context(), cookie)
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = h.StepUpStaff(t.Context(), s, code, here)
			if f := fault.From(err); f == nil || f.Code != "wrong_totp" {
				t.Errorf("codes of %q: %v", secret, err)
			}
		}
		next, fresh, err := prove(person("eva", "personvern"))
		if err != nil || h.RequireStaffStepUp(next) != nil {
			t.Fatalf("%+v, %v", next, err)
		}
		if _, err := h.Staff(t.Context(), cookie); err == nil {
			t.Error("the cookie from before the proof still opens")
		}
		if _, err := h.Staff(t.Context(), fresh); err != nil {
			t.Error(err)
		}
	})
}

// Nothing but a token that the provider signed, for us, now, for this very sign-in, lets anybody in.
func TestForgedIDTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.LimitFactor = 100
		p := h.withProvider(t)
		h.OIDC.ACR, h.OIDC.AMR, h.OIDC.MaxAge = []string{"høy"}, []string{"mfa", "hwk"}, time.Hour
		other, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(&p.Key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		claim := func(name string, value any) func(jwt.MapClaims) string {
			return func(c jwt.MapClaims) string {
				if c[name] = value; value == nil {
					delete(c, name)
				}
				return p.Sign(jwt.SigningMethodRS256, p.Key, portaltest.ProviderKeyID, c)
			}
		}
		at := func(d time.Duration) int64 { return h.Clock.Now().Add(d).Unix() }
		signed := func(m jwt.SigningMethod, key any, kid string) func(jwt.MapClaims) string {
			return func(c jwt.MapClaims) string { return p.Sign(m, key, kid, c) }
		}
		right := func(c jwt.MapClaims) string {
			return p.Sign(jwt.SigningMethodRS256, p.Key, portaltest.ProviderKeyID, c)
		}
		header := func(name string, value any) func(jwt.MapClaims) string {
			return func(c jwt.MapClaims) string {
				token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
				token.Header[name] = value
				s, _ := token.SignedString(other)
				return s
			}
		}
		part := func(change func([]string)) func(jwt.MapClaims) string {
			return func(c jwt.MapClaims) string {
				parts := strings.Split(right(c), ".")
				change(parts)
				return strings.Join(parts, ".")
			}
		}
		forged := map[string]func(jwt.MapClaims) string{
			"audience of another": claim("aud", "other"), "no audience": claim("aud", nil), "audience begins alike": claim("aud", "mininfo2"),
			"two audiences, no azp": claim("aud", []string{"mininfo", "other"}), "azp of another": claim("azp", "other"),
			"another issuer": claim("iss", "https://evil.example"), "issuer with a slash": claim("iss", p.URL+"/"), "no issuer": claim("iss", nil),
			"expired": claim("exp", at(-time.Minute)), "no expiry": claim("exp", nil), "issued in the future": claim("iat", at(time.Hour)),
			"not yet": claim("nbf", at(time.Hour)), "no subject": claim("sub", nil), "empty subject": claim("sub", ""),
			"nonce of another sign-in": claim("nonce", "abc"), "no nonce": claim("nonce", nil),
			"too weak": claim("acr", "lav"), "does not say how strong": claim("acr", nil), "password alone": claim("amr", []string{"pwd"}), "does not say with what": claim("amr", nil),
			"proved long ago": claim("auth_time", at(-2*time.Hour)), "does not say when": claim("auth_time", nil),
			"alg none":                  signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, portaltest.ProviderKeyID),
			"HS256 with the public key": signed(jwt.SigningMethodHS256, public, portaltest.ProviderKeyID), "HS256 with the modulus": signed(jwt.SigningMethodHS256, p.Key.N.Bytes(), portaltest.ProviderKeyID),
			"HS256 with the client's secret": signed(jwt.SigningMethodHS256, []byte(portaltest.ProviderSecret), portaltest.ProviderKeyID),
			"another's key":                  signed(jwt.SigningMethodRS256, other, portaltest.ProviderKeyID), "a kid that nobody has": signed(jwt.SigningMethodRS256, other, "other"),
			"a path for a kid": signed(jwt.SigningMethodRS256, other, "../../dev/null"), "jku of its own": header("jku", "https://evil.example/keys"),
			"jwk of its own": header("jwk", map[string]string{"kty": "RSA", "e": "AQAB"}), "x5u of its own": header("x5u", "https://evil.example/cert"),
			"signature cut": part(func(s []string) { s[2] = s[2][:len(s[2])-4] }), "no signature": part(func(s []string) { s[2] = "" }),
			"body of another": part(func(s []string) { s[1] = strings.Split(claim("sub", "admin")(jwt.MapClaims{}), ".")[1] }),
			"nothing":         func(jwt.MapClaims) string { return "" }, "no token": func(jwt.MapClaims) string { return "a.b.c" },
			"very long": func(c jwt.MapClaims) string { return right(c) + strings.Repeat("A", 40<<10) },
		}
		strong := func() jwt.MapClaims {
			who := person("eva", "personvern")
			who["acr"], who["amr"] = "høy", []string{"pwd", "mfa"}
			return who
		}
		for name, forge := range forged {
			p.Forge = forge
			s, cookie, err := h.elsewhere(t, p, strong())
			if f := fault.From(err); s != nil || cookie != "" || f == nil || f.Code != "oidc_sign_in_failed" || f.Kind != fault.Unauthenticated {
				t.Errorf("%s: %v", name, err)
			}
		}
		if len(forged) != 38 {
			t.Errorf("%d forged tokens", len(forged))
		}
		if n := h.Count(t, "SELECT count(*) FROM session"); n != 0 {
			t.Errorf("%d sessions", n)
		}
		// The token of an earlier sign-in, whole and right, in another one.
		var kept string
		p.Forge = func(c jwt.MapClaims) string { kept = right(c); return kept }
		if _, _, err := h.elsewhere(t, p, strong()); err != nil {
			t.Fatalf("the right one: %v", err)
		}
		p.Forge = func(jwt.MapClaims) string { return kept }
		_, _, err = h.elsewhere(t, p, strong())
		want(t, err, "oidc_sign_in_failed", fault.Unauthenticated)
	})
}

// A code is good in the browser and the sign-in that it was fetched for, once, from the provider that was asked.
func TestOIDCAnswerBelongsToItsBrowser(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.withProvider(t)
		p.Named = true
		start := func() (access.Begun, access.Returned) {
			b, err := h.StartOIDCSignIn(t.Context(), here)
			if err != nil {
				t.Fatal(err)
			}
			code, state, issuer := p.Login(t, b.URL, person("eva", "personvern"))
			return b, access.Returned{Code: code, State: state, Issuer: issuer}
		}
		refused := func(name, flow string, r access.Returned) {
			t.Helper()
			_, _, err := h.OIDCSignIn(t.Context(), flow, r, here)
			if f := fault.From(err); f == nil || f.Code != "oidc_sign_in_failed" {
				t.Errorf("%s: %v", name, err)
			}
		}
		b, r := start()
		refused("another browser", "x", r)
		refused("no cookie", "", r)
		other, theirs := start()
		refused("another's state", b.Flow, theirs)
		refused("no state", b.Flow, access.Returned{Code: r.Code, Issuer: r.Issuer})
		refused("another's code", other.Flow, access.Returned{Code: r.Code, State: theirs.State, Issuer: r.Issuer})
		b, r = start()
		refused("another provider", b.Flow, access.Returned{Code: r.Code, State: r.State, Issuer: "https://evil.example"})
		b, r = start()
		refused("no provider", b.Flow, access.Returned{Code: r.Code, State: r.State})
		b, r = start()
		refused("for a proof", b.Flow, access.Returned{Code: r.Code, State: "p" + r.State[1:], Issuer: r.Issuer})
		b, r = start()
		h.Clock.Advance(6 * time.Minute)
		refused("too late", b.Flow, r)
		b, r = start()
		var in atomic.Int64
		atOnce(6, func(int) {
			if _, _, err := h.OIDCSignIn(t.Context(), b.Flow, r, here); err == nil {
				in.Add(1)
			}
		})
		if n := h.Count(t, "SELECT count(*) FROM session"); in.Load() != 1 || n != 1 {
			t.Errorf("%d came in, %d sessions", in.Load(), n)
		}
	})
}

// A provider that is down, or says that it is another, stops nobody who has another way in.
func TestOIDCAway(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, err := h.StartOIDCSignIn(t.Context(), here)
		want(t, err, "oidc_off", fault.NotFound)
		p := h.withProvider(t)
		whole := h.OIDC.Issuer
		h.OIDC = &access.OIDC{Issuer: whole + "/other"}
		_, err = h.StartOIDCSignIn(t.Context(), here)
		want(t, err, "oidc_unreachable", fault.Unavailable)
		h.withProvider(t)
		h.OIDC.Issuer = whole
		b, err := h.StartOIDCSignIn(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		code, state, _ := p.Login(t, b.URL, person("eva", "personvern"))
		p.Close()
		_, _, err = h.OIDCSignIn(t.Context(), b.Flow, access.Returned{Code: code, State: state}, here)
		want(t, err, "oidc_unreachable", fault.Unavailable)
		if s, err := h.Staff(t.Context(), h.officer(t).cookie); err != nil || s.Member.PublicID == "" {
			t.Errorf("the password does not open: %v", err)
		}
		if n := h.Count(t, "SELECT count(*) FROM session WHERE method = '"+store.MethodOIDC+"'"); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

package access_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/store"
)

func (h *house) client(t *testing.T) (store.Client, string) {
	t.Helper()
	c, secret, err := h.AddClient(t.Context(), "Sakssystem", nil, "system")
	if err != nil || len(secret) != 43 {
		t.Fatalf("%q, %v", secret, err)
	}
	return c, secret
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, secret := h.client(t)
		token, err := h.IssueToken(t.Context(), c.PublicID, secret, "", here)
		if err != nil || token.TokenType != "Bearer" || token.ExpiresIn != 300 || token.Scope != access.ScopeIntake {
			t.Fatalf("%+v, %v", token, err)
		}
		got, err := h.VerifyToken(t.Context(), token.AccessToken)
		if err != nil || got.ID != c.ID || got.PublicID != c.PublicID || got.May(access.ScopeIntake) != nil {
			t.Fatalf("%+v, %v", got, err)
		}
		want(t, got.May("staff"), "insufficient_scope", fault.Forbidden)
		h.Clock.Advance(5*time.Minute + 29*time.Second)
		if _, err := h.VerifyToken(t.Context(), token.AccessToken); err != nil {
			t.Errorf("within the leeway: %v", err)
		}
		h.Clock.Advance(2 * time.Second)
		_, err = h.VerifyToken(t.Context(), token.AccessToken)
		want(t, err, "invalid_token", fault.Unauthenticated)
	})
}

func TestClientsAreRevokedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, secret := h.client(t)
		token, err := h.IssueToken(t.Context(), c.PublicID, secret, access.ScopeIntake, here)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := h.RevokeClient(t.Context(), c.PublicID, "system"); err != nil {
				t.Fatal(err)
			}
		}
		_, err = h.VerifyToken(t.Context(), token.AccessToken)
		want(t, err, "invalid_token", fault.Unauthenticated)
		_, err = h.IssueToken(t.Context(), c.PublicID, secret, "", here)
		want(t, err, "invalid_client", fault.Unauthenticated)
		want(t, h.RevokeClient(t.Context(), strings.Repeat("0", 32), "system"), "client_not_found", fault.NotFound)
		list, err := h.Clients(t.Context())
		if err != nil || len(list) != 1 || list[0].RevokedAt == nil {
			t.Errorf("%+v, %v", list, err)
		}
		if n := h.Count(t, "SELECT count(*) FROM audit_leaf"); n != 2 {
			t.Errorf("%d leaves, want two acts", n)
		}
	})
}

func TestWrongCredentialsOfClients(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, secret := h.client(t)
		for name, pair := range map[string][2]string{"wrong": {c.PublicID, "x"}, "none": {c.PublicID, ""}, "unknown": {strings.Repeat("0", 32), secret}, "nothing": {"", ""}} {
			_, err := h.IssueToken(t.Context(), pair[0], pair[1], "", here)
			if !errors.Is(err, access.ErrInvalidClient) || err.Error() != access.ErrInvalidClient.Error() {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := h.IssueToken(t.Context(), c.PublicID, secret, "intake admin", here)
		want(t, err, "invalid_scope", fault.Invalid)
		for range 18 {
			_, err := h.IssueToken(t.Context(), c.PublicID, "x", "", here)
			want(t, err, "invalid_client", fault.Unauthenticated)
		}
		_, err = h.IssueToken(t.Context(), c.PublicID, secret, "", here)
		want(t, err, "invalid_client", fault.Unauthenticated)
		if _, _, err := h.AddClient(t.Context(), " ", nil, "system"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a client without a name: %v", err)
		}
		if _, _, err := h.AddClient(t.Context(), "x", []string{"admin"}, "system"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a client with any scope: %v", err)
		}
	})
}

func TestForgedTokens(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, secret := h.client(t)
		real, err := h.IssueToken(t.Context(), c.PublicID, secret, "", here)
		if err != nil {
			t.Fatal(err)
		}
		key := h.Bundle.Ring.TokenSigner()
		_, otherKey, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		parsed, _, err := jwt.NewParser().ParseUnverified(real.AccessToken, jwt.MapClaims{})
		if err != nil {
			t.Fatal(err)
		}
		now := h.Clock.Now()
		claims := func(change map[string]any) jwt.MapClaims {
			m := maps.Clone(parsed.Claims.(jwt.MapClaims))
			for k, v := range change {
				if v == nil {
					delete(m, k)
				} else {
					m[k] = v
				}
			}
			return m
		}
		sign := func(method jwt.SigningMethod, key any, header map[string]any, change map[string]any) string {
			token := jwt.NewWithClaims(method, claims(change))
			token.Header["typ"], token.Header["kid"] = parsed.Header["typ"], parsed.Header["kid"]
			for k, v := range header {
				if v == nil {
					delete(token.Header, k)
				} else {
					token.Header[k] = v
				}
			}
			s, err := token.SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		eddsa := func(header, change map[string]any) string { return sign(jwt.SigningMethodEdDSA, key, header, change) }
		if _, err := h.VerifyToken(t.Context(), eddsa(nil, nil)); err != nil {
			t.Fatalf("the table's own untouched token: %v", err)
		}
		public := []byte(h.TokenKey())
		part := strings.Split(real.AccessToken, ".")
		for name, raw := range map[string]string{
			"empty": "", "no token": "x", "two parts": part[0] + "." + part[1], "four parts": real.AccessToken + ".x",
			"no signature":              part[0] + "." + part[1] + ".",
			"padded":                    real.AccessToken + "=",
			"oversized":                 real.AccessToken + strings.Repeat("A", 4096),
			"dots":                      strings.Repeat(".", 4000),
			"alg none":                  sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, nil),
			"HS256 with the public key": sign(jwt.SigningMethodHS256, public, nil, nil),
			"another key":               sign(jwt.SigningMethodEdDSA, otherKey, nil, nil),
			"changed claims":            part[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"scope":"admin"}`)) + "." + part[2],
			"typ JWT":                   eddsa(map[string]any{"typ": "JWT"}, nil),
			"no typ":                    eddsa(map[string]any{"typ": nil}, nil),
			"another kid":               eddsa(map[string]any{"kid": "0000"}, nil),
			"no kid":                    eddsa(map[string]any{"kid": nil}, nil),
			"jku":                       eddsa(map[string]any{"jku": "https://evil.example/keys"}, nil),
			"x5u":                       eddsa(map[string]any{"x5u": "https://evil.example/cert"}, nil),
			"jwk":                       eddsa(map[string]any{"jwk": map[string]any{"kty": "OKP"}}, nil),
			"crit":                      eddsa(map[string]any{"crit": []string{"exp"}}, nil),
			"another issuer":            eddsa(nil, map[string]any{"iss": "https://other.example"}),
			"no issuer":                 eddsa(nil, map[string]any{"iss": nil}),
			"another audience":          eddsa(nil, map[string]any{"aud": "https://portal.example"}),
			"no audience":               eddsa(nil, map[string]any{"aud": nil}),
			"expired":                   eddsa(nil, map[string]any{"iat": now.Add(-10 * time.Minute).Unix(), "exp": now.Add(-5 * time.Minute).Unix()}),
			"a second past its end":     eddsa(nil, map[string]any{"iat": now.Add(-5 * time.Minute).Unix(), "exp": now.Add(-31 * time.Second).Unix()}),
			"a second before its time":  eddsa(nil, map[string]any{"nbf": now.Add(31 * time.Second).Unix()}),
			"no end":                    eddsa(nil, map[string]any{"exp": nil}),
			"no beginning":              eddsa(nil, map[string]any{"iat": nil}),
			"too long a life":           eddsa(nil, map[string]any{"exp": now.Add(6 * time.Minute).Unix()}),
			"issued in the future":      eddsa(nil, map[string]any{"iat": now.Add(2 * time.Minute).Unix(), "exp": now.Add(4 * time.Minute).Unix()}),
			"not yet":                   eddsa(nil, map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}),
			"unknown client":            eddsa(nil, map[string]any{"sub": strings.Repeat("0", 32)}),
			"no client":                 eddsa(nil, map[string]any{"sub": nil}),
			"no id":                     eddsa(nil, map[string]any{"jti": nil}),
		} {
			got, err := h.VerifyToken(t.Context(), raw)
			if got != nil || !errors.Is(err, access.ErrInvalidToken) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		for name, change := range map[string]map[string]any{
			"a second before its end": {"iat": now.Add(-5 * time.Minute).Unix(), "exp": now.Add(-29 * time.Second).Unix()},
			"a second into its time":  {"nbf": now.Add(29 * time.Second).Unix()},
		} {
			if _, err := h.VerifyToken(t.Context(), eddsa(nil, change)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		wide, err := h.VerifyToken(t.Context(), eddsa(nil, map[string]any{"scope": "intake admin"}))
		if err != nil || wide.May("admin") == nil {
			t.Errorf("a scope that the client does not have: %v", err)
		}
	})
}

// A new secret is good at once and the one before for another day; of many who change it at once one is first.
func TestClientsChangeTheirSecret(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		c, first := h.client(t)
		works := func(secret string) bool {
			_, err := h.IssueToken(t.Context(), c.PublicID, secret, "", here)
			return err == nil
		}
		second, until, err := h.RotateClient(t.Context(), c.PublicID, "system")
		if err != nil || !until.Equal(h.Clock.Now().Add(24*time.Hour)) || !works(first) || !works(second) {
			t.Fatalf("%v, %v", until, err)
		}
		h.Clock.Advance(24*time.Hour - time.Second)
		if !works(first) {
			t.Error("within a day")
		}
		h.Clock.Advance(time.Second)
		if works(first) || !works(second) {
			t.Error("after a day the old secret is good still, or the new one is not")
		}
		var wg sync.WaitGroup
		secrets := make([]string, 8)
		for i := range secrets {
			wg.Go(func() {
				secret, _, err := h.RotateClient(t.Context(), c.PublicID, "system")
				if err != nil && fault.From(err) == nil {
					t.Error(err)
				}
				secrets[i] = secret
			})
		}
		wg.Wait()
		good := 0
		for _, s := range secrets {
			if s != "" && works(s) {
				good++
			}
		}
		if good == 0 || good > 2 {
			t.Errorf("%d of the new secrets are good", good)
		}
		if err := h.RevokeClient(t.Context(), c.PublicID, "system"); err != nil {
			t.Fatal(err)
		}
		_, _, err = h.RotateClient(t.Context(), c.PublicID, "system")
		want(t, err, "client_changed", fault.Conflict)
		_, _, err = h.RotateClient(t.Context(), strings.Repeat("0", 32), "system")
		want(t, err, "client_not_found", fault.NotFound)
	})
}

// Only so many systems are open at a time: the list of them stays one that somebody can read.
func TestClientsAreOnlySoMany(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var last store.Client
		for range 100 {
			last, _ = h.client(t)
		}
		_, _, err := h.AddClient(t.Context(), "En til", nil, "system")
		want(t, err, "too_many_clients", fault.Conflict)
		if err := h.RevokeClient(t.Context(), last.PublicID, "system"); err != nil {
			t.Fatal(err)
		}
		h.client(t)
	})
}

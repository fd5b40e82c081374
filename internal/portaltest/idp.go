package portaltest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Provider is an OpenID provider over real HTTP: discovery, keys, and a token endpoint that wants the client's
// secret and the PKCE verifier. Where a person would sign in, Login does.
type Provider struct {
	*httptest.Server
	Key *rsa.PrivateKey
	Now func() time.Time
	// Forge, when set, writes the ID token in place of the provider, from the claims that it would have had.
	Forge func(claims jwt.MapClaims) string
	// Named answers with the iss parameter, and says so in discovery (RFC 9207).
	Named bool

	mu    sync.Mutex
	codes map[string]granted
}

type granted struct {
	challenge, redirect string
	claims              jwt.MapClaims
}

// The client that a provider knows.
const (
	ProviderClient = "mininfo"
	ProviderSecret = "hemmelig for leverandøren"
	ProviderKeyID  = "nøkkel-1"
)

// NewProvider starts a provider.
func NewProvider(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{Key: key, Now: now, codes: map[string]granted{}}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
			"authorization_response_iss_parameter_supported": p.Named})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		e := big.NewInt(int64(key.E)).Bytes()
		answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": ProviderKeyID,
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(e)}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		id, secret, ok := r.BasicAuth()
		if !ok {
			id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
		} else {
			id, _ = url.QueryUnescape(id)
			secret, _ = url.QueryUnescape(secret)
		}
		p.mu.Lock()
		g, known := p.codes[r.FormValue("code")]
		delete(p.codes, r.FormValue("code"))
		p.mu.Unlock()
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if id != ProviderClient || secret != ProviderSecret || !known || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge || r.FormValue("redirect_uri") != g.redirect {
			answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
			return
		}
		answer(w, http.StatusOK, map[string]any{"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": p.token(g.claims)})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *Provider) token(claims jwt.MapClaims) string {
	if p.Forge != nil {
		return p.Forge(claims)
	}
	return p.Sign(jwt.SigningMethodRS256, p.Key, ProviderKeyID, claims)
}

// Sign writes a token.
func (p *Provider) Sign(method jwt.SigningMethod, key any, kid string, claims jwt.MapClaims) string {
	t := jwt.NewWithClaims(method, claims)
	t.Header["kid"] = kid
	signed, err := t.SignedString(key)
	if err != nil {
		return ""
	}
	return signed
}

// Login is somebody who signs in at the address that the portal sent them to: it gives the code, the state and
// the issuer that the browser comes back with.
func (p *Provider) Login(t testing.TB, address string, who jwt.MapClaims) (code, state, issuer string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != ProviderClient || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		t.Fatalf("the portal asks %v", q)
	}
	now := p.Now()
	claims := jwt.MapClaims{"iss": p.URL, "aud": ProviderClient, "nonce": q.Get("nonce"), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": now.Unix()}
	maps.Copy(claims, who)
	code = rand.Text()
	p.mu.Lock()
	p.codes[code] = granted{q.Get("code_challenge"), q.Get("redirect_uri"), claims}
	p.mu.Unlock()
	if p.Named {
		issuer = p.URL
	}
	return code, q.Get("state"), issuer
}

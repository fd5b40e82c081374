package access

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"mininfo/internal/fault"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// What clients may do.
const (
	ScopeIntake       = "intake"           // register requests, and read the state of its own
	ScopeRestrictions = "restriction:read" // ask whether addresses may be used for an activity
)

// Rules of tokens (RFC 8725, RFC 9068).
const (
	tokenTTL      = 5 * time.Minute
	tokenLeeway   = 30 * time.Second
	tokenMaxBytes = 4096
	clientsMax    = 100            // open at a time
	clientOverlap = 24 * time.Hour // that a secret is good for beside the next one
	tokenType     = "at+jwt"
)

// Faults of clients. The codes of the first two are those of RFC 6749 § 5.2.
var (
	ErrInvalidClient = fault.Define(fault.Unauthenticated, "invalid_client",
		"Klienten er ukjent, stengt, eller hemmeligheten er feil.", "Klienten er ukjend, stengd, eller løyndomen er feil.",
		"The client is unknown or revoked, or the secret is wrong.")
	ErrInvalidScope = fault.Define(fault.Invalid, "invalid_scope",
		"Klienten har ikke den tilgangen.", "Klienten har ikkje den tilgangen.", "The client does not have that scope.")
	ErrInvalidToken = fault.Define(fault.Unauthenticated, "invalid_token",
		"Tilgangsbeviset er ugyldig eller utløpt. Hent et nytt.", "Tilgangsbeviset er ugyldig eller gått ut. Hent eit nytt.",
		"The token is invalid or has expired. Get a new one.")
	ErrInsufficientScope = fault.Define(fault.Forbidden, "insufficient_scope",
		"Klienten har ikke tilgang til dette.", "Klienten har ikkje tilgang til dette.", "The client may not do this.")
	ErrNoClient = fault.Define(fault.NotFound, "client_not_found",
		"Vi finner ikke klienten.", "Vi finn ikkje klienten.", "We cannot find the client.")
	errManyClients = fault.Define(fault.Conflict, "too_many_clients",
		"Det er alt %d klienter som er åpne. Steng en som ikke brukes, først.", "Det er alt %d klientar som er opne. Steng ein som ikkje blir brukt, først.",
		"%d clients are open already. Revoke one that is not used first.")
	errClientRotated = fault.Define(fault.Conflict, "client_changed",
		"Klienten er stengt, eller noen andre ga den en ny nøkkel akkurat nå. Last siden på nytt.",
		"Klienten er stengd, eller nokon andre gav han ein ny nøkkel akkurat no. Last sida på nytt.",
		"The client is revoked, or somebody else gave it a new key just now. Reload the page.")
	errClientName = fault.Define(fault.Invalid, "bad_name",
		"Skriv et navn, med høyst 60 tegn.", "Skriv eit namn, med høgst 60 teikn.", "Write a name, in at most 60 characters.")
)

// Token is what a client gets for its credentials (RFC 6749 § 5.1).
type Token struct {
	AccessToken string
	TokenType   string
	ExpiresIn   int // seconds
	Scope       string
}

// APIClient is who calls with a token.
type APIClient struct {
	ID       int64
	PublicID string
	Name     string
	Scopes   []string // of the token
}

// May tells whether the token covers a scope.
func (c *APIClient) May(scope string) error {
	if c == nil || !slices.Contains(c.Scopes, scope) {
		return ErrInsufficientScope
	}
	return nil
}

// AddClient makes a client and gives its secret, which is shown once. Without scopes it may register
// requests. The actor is a member's public id, or "system".
func (g *Gate) AddClient(ctx context.Context, name string, scopes []string, actor string) (c store.Client, secret string, err error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return c, "", errClientName.At("/name")
	}
	if len(scopes) == 0 {
		scopes = []string{ScopeIntake}
	}
	for _, s := range scopes {
		if s != ScopeIntake && s != ScopeRestrictions {
			return c, "", ErrInvalidScope.At("/scopes")
		}
	}
	minted, err := verification.MintSecret(g.Rand)
	if err != nil {
		return c, "", err
	}
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		controller, err := tx.Controller()
		if err != nil {
			return err
		}
		list, err := tx.Clients()
		if err != nil {
			return err
		}
		if n := len(slices.DeleteFunc(list, func(c store.Client) bool { return c.RevokedAt != nil })); n >= clientsMax {
			return errManyClients.With(clientsMax)
		}
		if c, err = tx.AddClient(controller.ID, name, scopes, verification.HashToken(minted), actor); err != nil {
			return err
		}
		return logAs(tx, actor, "client_added", map[string]any{"client": c.PublicID, "scopes": scopes})
	})
	if err != nil {
		return store.Client{}, "", err
	}
	return c, minted.Reveal(), nil
}

// RotateClient gives a client a new secret, which is shown once. The one before is good for another day, so
// that the other system can change over; what came before that ends at once.
func (g *Gate) RotateClient(ctx context.Context, publicID, actor string) (secret string, until time.Time, err error) {
	minted, err := verification.MintSecret(g.Rand)
	if err != nil {
		return "", until, err
	}
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		c, secrets, err := tx.ClientByPublicID(publicID)
		if err != nil {
			return err
		}
		if c == nil {
			return ErrNoClient
		}
		until = tx.Now.Add(clientOverlap)
		done, err := tx.RotateClient(c.ID, secrets.Hash, verification.HashToken(minted), until)
		if err != nil {
			return err
		}
		if !done {
			return errClientRotated
		}
		return logAs(tx, actor, "client_rotated", map[string]string{"client": publicID})
	})
	if err != nil {
		return "", time.Time{}, err
	}
	return minted.Reveal(), until, nil
}

// RevokeClient closes a client: its tokens stop at once. Twice is as good as once.
func (g *Gate) RevokeClient(ctx context.Context, publicID, actor string) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		c, _, err := tx.ClientByPublicID(publicID)
		if err != nil {
			return err
		}
		if c == nil {
			return ErrNoClient
		}
		done, err := tx.RevokeClient(c.ID)
		if err != nil || !done {
			return err
		}
		return logAs(tx, actor, "client_revoked", map[string]string{"client": publicID})
	})
}

// Clients gives all clients, also revoked ones.
func (g *Gate) Clients(ctx context.Context) ([]store.Client, error) {
	var list []store.Client
	err := g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Clients()
		return err
	})
	return list, err
}

// claims are those of RFC 9068: who issued it, for what, to whom, until when, and what it covers.
type claims struct {
	Scope string `json:"scope"`
	jwt.RegisteredClaims
}

// IssueToken gives a client a token of five minutes for its credentials (RFC 6749 § 4.4). An empty
// scope asks for all that the client has.
func (g *Gate) IssueToken(ctx context.Context, clientID, secret, scope string, from Client) (Token, error) {
	c, err := g.clientOf(ctx, clientID, secret, from)
	if err != nil {
		return Token{}, err
	}
	scopes := strings.Fields(scope)
	if len(scopes) == 0 {
		scopes = c.Scopes
	}
	for _, s := range scopes {
		if !slices.Contains(c.Scopes, s) {
			return Token{}, ErrInvalidScope
		}
	}
	id, err := g.Store.NewID()
	if err != nil {
		return Token{}, err
	}
	now := g.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		Scope: strings.Join(scopes, " "),
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: g.issuer(), Audience: jwt.ClaimStrings{g.audience()}, Subject: c.PublicID, ID: id,
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenTTL)),
		},
	})
	key := g.Ring.TokenSigner()
	t.Header["typ"], t.Header["kid"] = tokenType, keyID(key)
	signed, err := t.SignedString(key)
	if err != nil {
		return Token{}, fmt.Errorf("signing a token: %w", err)
	}
	return Token{AccessToken: signed, TokenType: "Bearer", ExpiresIn: int(tokenTTL / time.Second), Scope: strings.Join(scopes, " ")}, nil
}

// clientOf checks a client's credentials; unknown, revoked and wrong are one answer.
func (g *Gate) clientOf(ctx context.Context, id, secret string, from Client) (*store.Client, error) {
	var c *store.Client
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		found, secrets, err := tx.ClientByPublicID(id)
		if err != nil {
			return err
		}
		s := subject{address: []byte("client " + id[:min(len(id), 100)]), from: from}
		counted, err := g.spend(tx, g.counters(verification.ActionSignIn, s))
		if err != nil {
			return err
		}
		right := secretFits(secrets, verification.HashToken(verification.Secret(secret)), tx.Now)
		if found == nil || !right || counted.generic || found.RevokedAt != nil {
			return nil // what was counted is kept
		}
		c = found
		return counted.giveBack(tx)
	})
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, ErrInvalidClient
	}
	return c, nil
}

// secretFits compares with both secrets, whatever the first comparison says.
func secretFits(of *store.ClientSecrets, hash []byte, now time.Time) bool {
	if of == nil {
		of = &store.ClientSecrets{}
	}
	newest, earlier := verification.Equal(of.Hash, hash), verification.Equal(of.Earlier, hash)
	return newest || earlier && of.EarlierUntil != nil && now.Before(*of.EarlierUntil)
}

func (g *Gate) issuer() string   { return strings.TrimRight(g.PublicURL, "/") }
func (g *Gate) audience() string { return g.issuer() + "/api" }

func keyID(key ed25519.PrivateKey) string {
	sum := sha256.Sum256(key.Public().(ed25519.PublicKey))
	return hex.EncodeToString(sum[:8])
}

// VerifyToken gives the client of a token. Whatever is wrong with it, the answer is ErrInvalidToken;
// and a client that was revoked has no tokens, however fresh.
func (g *Gate) VerifyToken(ctx context.Context, raw string) (*APIClient, error) {
	read, err := g.parse(raw)
	if err != nil {
		return nil, ErrInvalidToken.Because(err)
	}
	var c *store.Client
	err = g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		c, _, err = tx.ClientByPublicID(read.Subject)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c == nil || c.RevokedAt != nil {
		return nil, ErrInvalidToken
	}
	scopes := slices.DeleteFunc(strings.Fields(read.Scope), func(s string) bool { return !slices.Contains(c.Scopes, s) })
	return &APIClient{ID: c.ID, PublicID: c.PublicID, Name: c.Name, Scopes: scopes}, nil
}

var errToken = errors.New("the token breaks a rule")

func (g *Gate) parse(raw string) (*claims, error) {
	if raw == "" || len(raw) > tokenMaxBytes {
		return nil, errToken
	}
	key := g.Ring.TokenSigner()
	var c claims
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(g.issuer()),
		jwt.WithAudience(g.audience()), jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(tokenLeeway),
		jwt.WithTimeFunc(g.Now), jwt.WithStrictDecoding())
	_, err := parser.ParseWithClaims(raw, &c, func(t *jwt.Token) (any, error) {
		for name := range t.Header { // jku, jwk, x5u, crit and the like would let the sender choose the key or the rules
			if name != "alg" && name != "typ" && name != "kid" {
				return nil, errToken
			}
		}
		if t.Header["typ"] != tokenType || t.Header["kid"] != keyID(key) {
			return nil, errToken
		}
		return key.Public(), nil
	})
	switch {
	case err != nil:
		return nil, errToken // the library's text repeats parts of the token
	case c.IssuedAt == nil || c.Subject == "" || c.ID == "" || c.ExpiresAt.Sub(c.IssuedAt.Time) > tokenTTL:
		return nil, errToken
	}
	return &c, nil
}

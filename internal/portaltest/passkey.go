package portaltest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Authenticator is a browser with one passkey, as WebAuthn has it: it makes the key and signs challenges.
type Authenticator struct {
	Origin  string
	RPID    string
	Count   uint32 // rises with each signature; a key that counts nothing says 0
	Counts  bool
	Unasked bool // signs without having asked for finger or PIN: no user verification
	ID      []byte
	Handle  string // user handle, base64url

	key *ecdsa.PrivateKey
}

const (
	flagPresent  = 1
	flagVerified = 4
	flagData     = 0x40
)

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *Authenticator) client(kind, challenge string) []byte {
	data, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	return data
}

func (a *Authenticator) data(flags byte, rest []byte) []byte {
	if !a.Unasked {
		flags |= flagVerified
	}
	if a.Counts {
		a.Count++
	}
	hash := sha256.Sum256([]byte(a.RPID))
	return append(binary.BigEndian.AppendUint32(append(hash[:], flags|flagPresent), a.Count), rest...)
}

type webauthnOptions struct {
	Challenge string                `json:"challenge"`
	User      struct{ ID string }   `json:"user"`
	RP        struct{ ID string }   `json:"rp"`
	RPID      string                `json:"rpId"`
	Allow     []struct{ ID string } `json:"allowCredentials"`
	UV        string                `json:"userVerification"`
}

// Asked gives what a challenge's options ask for.
func Asked(t testing.TB, raw []byte) (challenge, rp, verification string, allowed int) {
	t.Helper()
	var o webauthnOptions
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	if o.RPID == "" {
		o.RPID = o.RP.ID
	}
	return o.Challenge, o.RPID, o.UV, len(o.Allow)
}

// Make makes the key that creation options ask for, and gives the credential in JSON.
func (a *Authenticator) Make(t testing.TB, raw []byte) []byte {
	t.Helper()
	var o webauthnOptions
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.key, a.Handle, a.ID = key, o.User.ID, make([]byte, 32)
	if _, err := rand.Read(a.ID); err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		t.Fatal(err)
	}
	attested := append(make([]byte, 16), 0, byte(len(a.ID)))
	attested = append(append(attested, a.ID...), public...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(flagData, attested)})
	if err != nil {
		t.Fatal(err)
	}
	return a.credential(t, map[string]any{"clientDataJSON": encoded(a.client("webauthn.create", o.Challenge)), "attestationObject": encoded(object)})
}

// Sign signs the challenge of request options, and gives the credential in JSON.
func (a *Authenticator) Sign(t testing.TB, raw []byte) []byte {
	t.Helper()
	var o webauthnOptions
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	client, data := a.client("webauthn.get", o.Challenge), a.data(0, nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return a.credential(t, map[string]any{"clientDataJSON": encoded(client), "authenticatorData": encoded(data), "signature": encoded(signature), "userHandle": a.Handle})
}

func (a *Authenticator) credential(t testing.TB, response map[string]any) []byte {
	t.Helper()
	data, err := json.Marshal(map[string]any{"id": encoded(a.ID), "rawId": encoded(a.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

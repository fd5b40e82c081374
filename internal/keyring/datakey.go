package keyring

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeySize is the length of every symmetric key, in bytes.
const KeySize = 32

const sealedV1 = 1

// Errors of opening. Neither says more: what an attacker changed is none of his business.
var (
	// ErrSealed means that a sealed value was altered or moved, or belongs to another key.
	ErrSealed = errors.New("sealed value does not open here")
	// ErrNoKey means that the data key is the zero value, as after a shred.
	ErrNoKey = errors.New("no data key")
)

// DataKey seals the personal data of one owner and one retention class. Destroying its wrapped form
// makes all of that unreadable at once (crypto-shredding). It prints as "‹key›".
// The zero value seals and opens nothing.
type DataKey struct {
	_ [0]func()
	// A pointer to a string for the same reason as in Private. A pointer to an array would not do:
	// fmt follows it when the verb does not fit (%s).
	k *string
}

// NewDataKey makes a random key.
func NewDataKey() DataKey {
	var b [KeySize]byte
	_, _ = rand.Read(b[:]) // never fails: the program ends instead
	k := string(b[:])
	return DataKey{k: &k}
}

func dataKeyFrom(b []byte) (DataKey, error) {
	if len(b) != KeySize {
		return DataKey{}, ErrSealed
	}
	k := string(b)
	return DataKey{k: &k}, nil
}

// raw gives the key's bytes; the key must not be zero.
func (k DataKey) raw() []byte { return []byte(*k.k) }

// IsZero tells whether there is no key.
func (k DataKey) IsZero() bool { return k.k == nil }

// String hides the key.
func (k DataKey) String() string { return hiddenKey }

// GoString hides the key from %#v.
func (k DataKey) GoString() string { return hiddenKey }

// Format hides the key from every verb.
func (k DataKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenKey) }

// LogValue hides the key from slog.
func (k DataKey) LogValue() slog.Value { return slog.StringValue(hiddenKey) }

// MarshalJSON hides the key.
func (k DataKey) MarshalJSON() ([]byte, error) { return []byte(`"` + hiddenKey + `"`), nil }

// MarshalText hides the key.
func (k DataKey) MarshalText() ([]byte, error) { return []byte(hiddenKey), nil }

// Seal encrypts and authenticates a value for one place (XChaCha20-Poly1305, random nonce).
// The same value sealed twice gives different bytes.
func (k DataKey) Seal(plain []byte, at Place) ([]byte, error) {
	if k.IsZero() {
		return nil, ErrNoKey
	}
	aead, err := chacha20poly1305.NewX(k.raw())
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealWith(aead, []byte{sealedV1}, plain, at.bytes("mininfo seal v1")), nil
}

// Open gives back a sealed value. It fails with ErrSealed if the value was altered, was sealed for
// another place or under another key.
func (k DataKey) Open(sealed []byte, at Place) ([]byte, error) {
	if k.IsZero() {
		return nil, ErrNoKey
	}
	aead, err := chacha20poly1305.NewX(k.raw())
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	return openWith(aead, []byte{sealedV1}, sealed, at.bytes("mininfo seal v1"))
}

// SealPrivate seals personal text.
func (k DataKey) SealPrivate(p Private, at Place) ([]byte, error) {
	return k.Seal([]byte(p.Reveal()), at)
}

// OpenPrivate opens personal text.
func (k DataKey) OpenPrivate(sealed []byte, at Place) (Private, error) {
	b, err := k.Open(sealed, at)
	if err != nil {
		return Private{}, err
	}
	return NewPrivate(string(b)), nil
}

// Index gives a keyed digest (HMAC-SHA256) that dies with the data key: for word indexes over sealed
// fields and for digests of guessable details. It is empty for the zero key.
func (k DataKey) Index(label, canonical string) []byte {
	if k.IsZero() {
		return nil
	}
	return index(expand(k.raw(), "mininfo data index v1 "+label), canonical)
}

// sealWith writes header ‖ nonce ‖ ciphertext; the header is authenticated as well.
func sealWith(aead cipher.AEAD, header, plain, place []byte) []byte {
	out := make([]byte, len(header)+aead.NonceSize(), len(header)+aead.NonceSize()+len(plain)+aead.Overhead())
	copy(out, header)
	nonce := out[len(header):]
	_, _ = rand.Read(nonce)
	return aead.Seal(out, nonce, plain, append(place, header...))
}

func openWith(aead cipher.AEAD, header, sealed, place []byte) ([]byte, error) {
	if len(sealed) < len(header)+aead.NonceSize()+aead.Overhead() || string(sealed[:len(header)]) != string(header) {
		return nil, ErrSealed
	}
	body := sealed[len(header):]
	plain, err := aead.Open(nil, body[:aead.NonceSize()], body[aead.NonceSize():], append(place, header...))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// expand derives a key for one use from a key that is already uniformly random.
func expand(key []byte, use string) []byte {
	out, err := hkdf.Expand(sha256.New, key, use, KeySize)
	if err != nil {
		panic("keyring: " + err.Error()) // only for a length that HKDF cannot give
	}
	return out
}

func index(key []byte, canonical string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(canonical))
	return m.Sum(nil)
}

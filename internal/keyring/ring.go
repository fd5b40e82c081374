// Package keyring seals and opens personal data. A key file holds the ring: keys that wrap data keys,
// a root from which keys for indexes and the like are derived, and the seeds of two signing keys. A
// data key seals the values of one owner and one retention class; destroying it destroys them.
package keyring

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// Labels of derived keys. Each use has its own: a key never serves two purposes.
const (
	LabelAddressIndex = "address-index"
	LabelCodePepper   = "code-pepper"
	LabelCursor       = "cursor"
	LabelWordIndex    = "word-index"
	LabelSQLiteFile   = "sqlite-file"
	LabelRowDigest    = "row-digest"
	LabelQuestion     = "question"
	LabelResult       = "result"
	LabelChance       = "chance"
	LabelTx           = "tx"
	LabelBackup       = "backup"
	LabelRecipient    = "recipient"         // tells two recipients of a case apart
	LabelHook         = "recipient-webhook" // signs what a recipient's system is told
	LabelPasskey      = "passkey"           // finds a passkey by what a browser shows of it
	LabelSubject      = "subject"           // finds a member by issuer and subject
)

const (
	wrappedV1    = 1
	wrapHeader   = 1 + 4 // version, id of the key-encryption key
	placeForWrap = "mininfo wrap v1"
)

// ErrUnknownKEK means that a data key was wrapped under a key that is not in the ring: the key file is
// the wrong one or an old copy.
var ErrUnknownKEK = errors.New("data key is wrapped under a key that the key file does not hold")

// Ring holds the keys of an installation. It is safe for concurrent use and prints nothing of itself.
type Ring struct {
	root   DataKey
	keks   map[uint32]DataKey
	newest uint32
	audit  DataKey // seeds
	token  DataKey
}

func newRing() *Ring {
	return &Ring{
		root: NewDataKey(), keks: map[uint32]DataKey{1: NewDataKey()}, newest: 1,
		audit: NewDataKey(), token: NewDataKey(),
	}
}

// String hides the ring.
func (r *Ring) String() string { return "‹ring›" }

// Fingerprint identifies the root key without telling anything about it. Rotation does not change it:
// kept in the database, it shows at start-up that the key file is another installation's.
func (r *Ring) Fingerprint() string { return hex.EncodeToString(r.Derive("fingerprint")[:8]) }

// Derive gives the 32-byte key for one use (HKDF-SHA256). It comes from the root and not from the
// wrapping keys, so that indexes outlive a rotation.
func (r *Ring) Derive(label string) []byte {
	out, err := hkdf.Key(sha256.New, r.root.raw(), nil, "mininfo derive v1 "+label, KeySize)
	if err != nil {
		panic("keyring: " + err.Error()) // only for a length that HKDF cannot give
	}
	return out
}

// SubKey gives a derived key that can seal, for what belongs to no request (cursors, settings).
func (r *Ring) SubKey(label string) DataKey {
	k, err := dataKeyFrom(r.Derive("seal " + label))
	if err != nil {
		panic("keyring: derived key of a wrong size")
	}
	return k
}

// Index gives a keyed digest (HMAC-SHA256, 32 bytes) of a canonical form, to find a sealed value by.
func (r *Ring) Index(label, canonical string) []byte { return index(r.Derive(label), canonical) }

// AuditSigner signs the checkpoints of the audit log.
func (r *Ring) AuditSigner() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(r.audit.raw()) }

// TokenSigner signs the tokens of API clients.
func (r *Ring) TokenSigner() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(r.token.raw()) }

// Wrap seals a data key under the newest wrapping key, for one place.
func (r *Ring) Wrap(k DataKey, at Place) ([]byte, error) {
	if k.IsZero() {
		return nil, ErrNoKey
	}
	aead, err := chacha20poly1305.NewX(r.keks[r.newest].raw())
	if err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	header := binary.BigEndian.AppendUint32([]byte{wrappedV1}, r.newest)
	return sealWith(aead, header, k.raw(), at.bytes(placeForWrap)), nil
}

// Unwrap gives back a data key. It fails with ErrSealed if it was altered or moved, and with
// ErrUnknownKEK if its wrapping key is not in the ring.
func (r *Ring) Unwrap(wrapped []byte, at Place) (DataKey, error) {
	if len(wrapped) < wrapHeader || wrapped[0] != wrappedV1 {
		return DataKey{}, ErrSealed
	}
	header := wrapped[:wrapHeader]
	kek, ok := r.keks[binary.BigEndian.Uint32(header[1:])]
	if !ok {
		return DataKey{}, ErrUnknownKEK
	}
	aead, err := chacha20poly1305.NewX(kek.raw())
	if err != nil {
		return DataKey{}, fmt.Errorf("unwrapping a data key: %w", err)
	}
	plain, err := openWith(aead, header, wrapped, at.bytes(placeForWrap))
	if err != nil {
		return DataKey{}, err
	}
	return dataKeyFrom(plain)
}

// Stale tells whether a data key should be wrapped again because a newer wrapping key exists.
func (r *Ring) Stale(wrapped []byte) bool {
	return len(wrapped) >= wrapHeader && wrapped[0] == wrappedV1 &&
		binary.BigEndian.Uint32(wrapped[1:wrapHeader]) != r.newest
}

// randomHex is for names of temporary files.
func randomHex() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

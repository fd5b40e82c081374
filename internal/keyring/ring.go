// Package keyring seals and opens personal data. A key file holds the ring: keys that wrap data keys,
// a root from which keys for indexes and the like are derived, and the seeds of two signing keys. A
// data key seals the values of one owner and one retention class; destroying it destroys them.
package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

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

// Ring holds the keys of an installation. It is safe for concurrent use and prints nothing of itself. One
// that was read from a file learns of the wrapping keys that Rotate adds to it while the process runs.
type Ring struct {
	root  DataKey
	audit DataKey // seeds
	token DataKey

	path   string
	mu     sync.RWMutex
	keks   map[uint32]DataKey
	newest uint32
	file   os.FileInfo // as it was read
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
	r.refresh()
	id, kek := r.newestKEK()
	aead, err := chacha20poly1305.NewX(kek.raw())
	if err != nil {
		return nil, fmt.Errorf("wrapping a data key: %w", err)
	}
	header := binary.BigEndian.AppendUint32([]byte{wrappedV1}, id)
	return sealWith(aead, header, k.raw(), at.bytes(placeForWrap)), nil
}

// Unwrap gives back a data key. It fails with ErrSealed if it was altered or moved, and with
// ErrUnknownKEK if its wrapping key is not in the ring.
func (r *Ring) Unwrap(wrapped []byte, at Place) (DataKey, error) {
	if len(wrapped) < wrapHeader || wrapped[0] != wrappedV1 {
		return DataKey{}, ErrSealed
	}
	header := wrapped[:wrapHeader]
	id := binary.BigEndian.Uint32(header[1:])
	kek, ok := r.kek(id)
	if !ok { // another process has rotated
		r.refresh()
		if kek, ok = r.kek(id); !ok {
			return DataKey{}, ErrUnknownKEK
		}
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
	r.refresh()
	id, ok := WrappedUnder(wrapped)
	return ok && !r.Newest(id)
}

// Holds tells whether a wrapping key is in the ring.
func (r *Ring) Holds(id uint32) bool {
	_, ok := r.kek(id)
	return ok
}

// Newest tells whether a wrapping key is the one that is used now.
func (r *Ring) Newest(id uint32) bool {
	newest, _ := r.newestKEK()
	return id == newest
}

// WrapHeader is how many bytes of a wrapped data key WrappedUnder has to see.
const WrapHeader = wrapHeader

// WrappedUnder gives the number of the wrapping key that a data key lies under.
func WrappedUnder(wrapped []byte) (uint32, bool) {
	if len(wrapped) < wrapHeader || wrapped[0] != wrappedV1 {
		return 0, false
	}
	return binary.BigEndian.Uint32(wrapped[1:wrapHeader]), true
}

func (r *Ring) kek(id uint32) (DataKey, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.keks[id]
	return k, ok
}

func (r *Ring) newestKEK() (uint32, DataKey) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.newest, r.keks[r.newest]
}

// refresh reads the wrapping keys anew if the file has changed. A file that cannot be read, or that is
// another installation's, changes nothing: what is in memory is what the data are sealed under.
func (r *Ring) refresh() {
	if r.path == "" {
		return
	}
	r.mu.RLock()
	before := r.file
	r.mu.RUnlock()
	now, err := os.Stat(r.path)
	if err != nil || before != nil && os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) {
		return
	}
	read, err := Load(r.path)
	// What is wrapped under the new key must not be there before the file that holds it.
	if err != nil || read.Fingerprint() != r.Fingerprint() || syncDir(filepath.Dir(r.path)) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, k := range read.keks {
		if have, known := r.keks[id]; known && !bytes.Equal(have.raw(), k.raw()) {
			return // a copy that was rotated by itself
		}
	}
	r.file = read.file
	for id, k := range read.keks {
		r.keks[id] = k // none is forgotten: a copy of an old file put in its place loses nothing
		r.newest = max(r.newest, id)
	}
}

// randomHex is for names of temporary files.
func randomHex() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

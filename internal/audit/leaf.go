// Package audit is the tamper-evident log: leaves, a Merkle tree over them (RFC 6962), signed
// checkpoints (C2SP tlog-checkpoint) and receipts that a person can verify offline (C2SP tlog-proof).
// It is pure: the caller keeps leaves and hashes, in the transaction of the act that they are about.
//
// What it proves: somebody who holds one older checkpoint or receipt notices every later edit, deletion,
// insertion and reordering. What it cannot prove: an administrator who holds the signing key can rewrite
// everything that nobody outside holds a checkpoint of.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrLeaf means that a leaf is not in canonical form or holds what no leaf may hold.
var ErrLeaf = errors.New("not a leaf of the audit log")

// Leaf is one act. It never holds personal data: it stays when the person's data is shredded.
type Leaf struct {
	At      int64  // microseconds since 1970, UTC
	Actor   string // pseudonym of who acted, such as "member:…", "person:…", "system"; at most 80 characters
	Role    string // in which role
	Action  string // what was done, such as "request.received"
	Request string // public id of the request, or empty
	Detail  string // Commit over the details, or empty
}

func (l Leaf) check() error {
	switch {
	case l.At <= 0:
		return fmt.Errorf("%w: it has no time", ErrLeaf)
	case !isWord(l.Action):
		return fmt.Errorf("%w: its action has other characters than a-z 0-9 : . _ -", ErrLeaf)
	case !isWord(l.Role):
		return fmt.Errorf("%w: its role has other characters than a-z 0-9 : . _ -", ErrLeaf)
	case !isWord(l.Actor):
		return fmt.Errorf("%w: its actor has other characters than a-z 0-9 : . _ -", ErrLeaf)
	case l.Request != "" && !isWord(l.Request):
		return fmt.Errorf("%w: its request has other characters than a-z 0-9 : . _ -", ErrLeaf)
	case l.Detail != "" && !isDigest(l.Detail):
		return fmt.Errorf("%w: its detail is not a digest", ErrLeaf)
	}
	return nil
}

const maxWord = 80

// isWord tells whether a text has only the characters of pseudonyms, roles and actions: no "@" and no
// space, so that an address or a name put here by mistake is refused, and nothing that JSON escapes.
func isWord(s string) bool {
	if s == "" || len(s) > maxWord {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != ':' && c != '.' && c != '_' && c != '-') {
			return false
		}
	}
	return true
}

func isDigest(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 2*sha256.Size
}

// Bytes gives the leaf's canonical JSON: sorted keys, no white space, nothing to escape.
func (l Leaf) Bytes() ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"action":"%s","actor":"%s","at":%d,"detail":"%s","request":"%s","role":"%s"}`,
		l.Action, l.Actor, l.At, l.Detail, l.Request, l.Role), nil
}

// ParseLeaf reads a leaf, and refuses any bytes but the canonical ones. It reads that one form itself:
// verifying a log is mostly this.
func ParseLeaf(b []byte) (Leaf, error) {
	var l Leaf
	rest, ok := string(b), true
	next := func(before, after string) (field string) {
		if ok {
			rest, ok = strings.CutPrefix(rest, before)
		}
		if ok {
			field, rest, ok = strings.Cut(rest, after)
		}
		return field
	}
	l.Action = next(`{"action":"`, `",`)
	l.Actor = next(`"actor":"`, `",`)
	at := next(`"at":`, `,`)
	l.Detail = next(`"detail":"`, `",`)
	l.Request = next(`"request":"`, `",`)
	l.Role = next(`"role":"`, `"}`)
	var err error
	if l.At, err = strconv.ParseInt(at, 10, 64); !ok || err != nil || rest != "" || strconv.FormatInt(l.At, 10) != at {
		return Leaf{}, fmt.Errorf("%w: not its canonical JSON", ErrLeaf)
	}
	if err := l.check(); err != nil {
		return Leaf{}, err
	}
	return l, nil
}

// Commit gives the digest of a statement under a random salt, for Leaf.Detail. Without the salt nobody
// can find a guessable statement from the digest: keep both sealed, and give both to who may know.
func Commit(salt, statement []byte) string {
	h := sha256.New()
	h.Write([]byte("mininfo audit detail v1\n"))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(salt))))
	h.Write(salt)
	h.Write(statement)
	return hex.EncodeToString(h.Sum(nil))
}

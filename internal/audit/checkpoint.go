package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime/quotedprintable"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// ErrSignature means that a checkpoint is not signed by the key that was asked for.
var ErrSignature = errors.New("checkpoint is not signed by this log")

const algEd25519 = 1 // of C2SP signed-note

// Checkpoint says what the log was when it had Size leaves.
type Checkpoint struct {
	Origin string // name of the log
	Size   int64
	Root   Hash
}

// text is the body of a C2SP tlog-checkpoint.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" {
		return Checkpoint{}, errors.New("checkpoint has too few lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, errors.New("checkpoint has no size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errors.New("checkpoint has no root")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// Signer signs the checkpoints of one log (Ed25519, C2SP signed-note).
type Signer struct {
	origin   string
	key      ed25519.PrivateKey
	verifier string
	hash     uint32
}

// NewSigner makes the signer of the log named origin, such as "mininfo/3f0c9a5d1b7e2468": no space,
// no plus sign, and never changed, since receipts name it.
func NewSigner(origin string, key ed25519.PrivateKey) (*Signer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("audit signing key has a wrong length")
	}
	public, _ := key.Public().(ed25519.PublicKey)
	verifier, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return nil, fmt.Errorf("naming the audit log: %w", err)
	}
	if _, err := note.NewVerifier(verifier); err != nil {
		return nil, fmt.Errorf("naming the audit log %q: %w", origin, err)
	}
	sum := sha256.Sum256(append([]byte(origin+"\n"), append([]byte{algEd25519}, public...)...))
	return &Signer{origin: origin, key: key, verifier: verifier, hash: binary.BigEndian.Uint32(sum[:4])}, nil
}

// Origin is the log's name.
func (s *Signer) Origin() string { return s.origin }

// VerifierKey is what a person needs to verify receipts: name, key hash and public key in one line.
func (s *Signer) VerifierKey() string { return s.verifier }

// Sign gives the signed checkpoint of a tree; the origin is the signer's own.
func (s *Signer) Sign(c Checkpoint) ([]byte, error) {
	c.Origin = s.origin
	b, err := note.Sign(&note.Note{Text: c.text()}, noteSigner{s})
	if err != nil {
		return nil, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return b, nil
}

type noteSigner struct{ s *Signer }

func (n noteSigner) Name() string                    { return n.s.origin }
func (n noteSigner) KeyHash() uint32                 { return n.s.hash }
func (n noteSigner) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(n.s.key, msg), nil }

// OpenCheckpoint verifies a signed checkpoint and reads it. The error is ErrSignature if it is not
// signed by the key or names another log; signatures of others (witnesses) are ignored.
func OpenCheckpoint(signed []byte, verifierKey string) (Checkpoint, error) {
	v, err := note.NewVerifier(verifierKey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("reading the verifier key: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if c.Origin != v.Name() {
		return Checkpoint{}, fmt.Errorf("%w: it is of another log", ErrSignature)
	}
	return c, nil
}

// FindCheckpoint takes a signed checkpoint out of a text in which its lines follow each other: a file of it
// alone, a mail that was saved, as its text or whole (lines of a list begin with "- ", those of an answer with
// "> ", and empty ones may be missing). What is no checkpoint is given back as it is, for whoever reads it to refuse.
func FindCheckpoint(text []byte) []byte {
	plain := text
	if bytes.Contains(text, []byte("=E2=80=94 ")) { // a dash, as mails write it
		if decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(text))); err == nil {
			plain = decoded
		}
	}
	var lines []string
	for line := range strings.Lines(string(plain)) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"> ", "- "} {
			line = strings.TrimPrefix(line, mark)
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	for i := range lines {
		if i+3 >= len(lines) || !strings.HasPrefix(lines[i+3], "— ") {
			continue
		}
		signed := strings.Join(lines[i:i+3], "\n") + "\n\n" + lines[i+3] + "\n"
		if _, err := parseCheckpoint(signed); err == nil {
			return []byte(signed)
		}
	}
	return text
}

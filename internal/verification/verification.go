// Package verification holds the rules by which a person proves control of an address: what a
// challenge is, how its secrets are made, kept and compared, how long it lives, and how often
// anybody may try. It is pure: randomness, time and keys are handed in.
//
// It confirms an address. It never authenticates staff (NIST SP 800-63B: e-mail is no
// authenticator).
package verification

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"mininfo/internal/fault"
)

// Purpose is the one operation that a challenge can be redeemed for.
type Purpose string

// The purposes of challenges.
const (
	File          Purpose = "file"            // confirm the address before a request
	Resume        Purpose = "resume"          // come back to one's cases
	StepUp        Purpose = "step_up"         // download, withdraw, see fields: one code, one operation
	EraseLastCall Purpose = "erase_last_call" // cancel an approved erasure
	// ConfirmContact: whoever reads the mailbox that is on file says that the request is theirs. They
	// are in another place than whoever asked, so that no browser can be asked to be the same: the mail
	// carries a code to type and no secret in a link, and a program that opens links proves nothing.
	ConfirmContact Purpose = "confirm_contact"
)

// Spec is how challenges of a purpose behave.
type Spec struct {
	TTL      time.Duration // default lifetime
	MinTTL   time.Duration // bounds of the setting
	MaxTTL   time.Duration
	Attempts int  // wrong codes before the challenge is dead
	Link     bool // a link may be mailed beside the code
	// AnyBrowser: it may be redeemed elsewhere than where it was asked for. Never together with Link.
	AnyBrowser bool
}

// WrongBrowserMax is how many times a right token may come from another browser.
const WrongBrowserMax = 10

// PriorMax is how many sent, unexpired challenges of one purpose stay valid at once: late mail.
const PriorMax = 2

var specs = map[Purpose]Spec{
	File:          {TTL: time.Hour, MinTTL: 10 * time.Minute, MaxTTL: 24 * time.Hour, Attempts: 5, Link: true},
	Resume:        {TTL: 15 * time.Minute, MinTTL: 15 * time.Minute, MaxTTL: 15 * time.Minute, Attempts: 5, Link: true},
	StepUp:        {TTL: 10 * time.Minute, MinTTL: 10 * time.Minute, MaxTTL: 10 * time.Minute, Attempts: 5},
	EraseLastCall: {TTL: 72 * time.Hour, MaxTTL: 30 * 24 * time.Hour, Attempts: 5, Link: true},
	// An older mailbox is not read every day. Five tries at 40 bits stay five tries.
	ConfirmContact: {TTL: 7 * 24 * time.Hour, MinTTL: 7 * 24 * time.Hour, MaxTTL: 7 * 24 * time.Hour, Attempts: 5, AnyBrowser: true},
}

// Purposes lists all purposes.
func Purposes() []Purpose { return []Purpose{File, Resume, StepUp, EraseLastCall, ConfirmContact} }

// Spec gives the rules of a purpose. An unknown purpose allows no attempt and no time.
func (p Purpose) Spec() Spec { return specs[p] }

// Lifetime bounds a configured lifetime; zero is the default.
func (s Spec) Lifetime(configured time.Duration) time.Duration {
	if configured == 0 {
		return s.TTL
	}
	return min(max(configured, s.MinTTL), s.MaxTTL)
}

// Secret is something that must not be printed or logged.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// MarshalText hides the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

// Reveal gives the secret: for the mail, the cookie and the comparison alone.
func (s Secret) Reveal() string { return string(s) }

// Secrets are what the mail carries: in the fragment of the link, and typed by hand.
type Secrets struct {
	Token Secret // 256 bits, base64url, 43 characters
	Code  Secret // 40 bits, shown XXXX-XXXX
}

// CodeAlphabet is the 32 digits and letters without I, L, O and U.
const CodeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const (
	secretBytes = 32
	codeLength  = 8
)

// Mint draws the secrets of a challenge. It belongs in the worker that sends the mail: the clear
// secrets exist in memory only, and a retry mints anew.
func Mint(random io.Reader) (Secrets, error) {
	token, err := MintSecret(random)
	if err != nil {
		return Secrets{}, err
	}
	code, err := MintCode(random)
	if err != nil {
		return Secrets{}, err
	}
	return Secrets{Token: token, Code: code}, nil
}

// MintSecret draws 256 bits as 43 characters of base64url: a token, a flow or session cookie.
func MintSecret(random io.Reader) (Secret, error) {
	b := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("drawing a secret: %w", err)
	}
	return Secret(base64.RawURLEncoding.EncodeToString(b)), nil
}

// MintCode draws a code of 40 bits in the form XXXX-XXXX.
func MintCode(random io.Reader) (Secret, error) {
	b := make([]byte, codeLength)
	if _, err := io.ReadFull(random, b); err != nil {
		return "", fmt.Errorf("drawing a code: %w", err)
	}
	for i := range b {
		b[i] = CodeAlphabet[b[i]&31]
	}
	return Secret(b[:4]) + "-" + Secret(b[4:]), nil
}

// NormaliseCode reads a code as people type or paste it: any case, blanks and dashes, O for 0, I
// and L for 1. The second value is false for what cannot be a code.
func NormaliseCode(typed string) (Secret, bool) {
	if len(typed) > 64 {
		return "", false
	}
	var b strings.Builder
	for _, r := range typed {
		switch r = unicode.ToUpper(r); {
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u2212':
			continue
		case r == 'O':
			r = '0'
		case r == 'I' || r == 'L':
			r = '1'
		}
		if r > unicode.MaxASCII || strings.IndexByte(CodeAlphabet, byte(r)) < 0 {
			return "", false
		}
		b.WriteRune(r)
	}
	return Secret(b.String()), b.Len() == codeLength
}

// HashToken is what is stored of a token, a flow or a session: its SHA-256. That is enough for
// 112 bits and more (ASVS 6.5.2).
func HashToken(token Secret) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// MACCode is what is stored of a code: HMAC-SHA-256 under a pepper that lies outside the database,
// so that a stolen database cannot be searched for the 40 bits. The operation and the object are
// part of it: a code for one thing opens no other. The code may be typed in any accepted way.
func MACCode(pepper []byte, purpose Purpose, challengeID, objectID string, code Secret) []byte {
	normal, ok := NormaliseCode(code.Reveal())
	if !ok {
		normal = code
	}
	mac := hmac.New(sha256.New, pepper)
	for _, field := range []string{"mininfo code v1", string(purpose), challengeID, objectID, normal.Reveal()} {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(field)))
		mac.Write(length[:])
		mac.Write([]byte(field))
	}
	return mac.Sum(nil)
}

// Equal compares two digests in constant time. Digests of another length than SHA-256's, empty
// ones above all, equal nothing.
func Equal(a, b []byte) bool {
	return len(a) == sha256.Size && len(b) == sha256.Size && subtle.ConstantTimeCompare(a, b) == 1
}

// Challenge is what is stored of a mailed secret.
type Challenge struct {
	ID        string
	Purpose   Purpose
	ObjectID  string // what the operation is about; empty for File and Resume
	TokenHash []byte // empty when no link was mailed
	CodeMAC   []byte
	FlowHash  []byte // of the browser that asked
	ExpiresAt time.Time
	UsedAt    time.Time // zero while unused
	Attempts  int       // made, this one included: it is counted before comparing
}

// Attempt is what a browser hands in. Token or Code is set.
type Attempt struct {
	Purpose  Purpose
	ObjectID string
	Token    Secret
	Code     Secret
	Flow     Secret // from the cookie; empty without one
}

// Faults of redeeming. There is one answer for wrong, expired, used, worn out and unknown, so that
// guessing teaches nothing.
var (
	ErrChallenge = fault.Define(fault.Malformed, "challenge_failed",
		"Koden er feil, brukt eller for gammel. Sjekk at du bruker den nyeste e-posten, eller be om en ny kode.",
		"Koden er feil, brukt eller for gammal. Sjekk at du bruker den nyaste e-posten, eller be om ein ny kode.",
		"The code is wrong, used or too old. Check that you use the newest e-mail, or ask for a new code.")
	ErrOtherBrowser = fault.Define(fault.Conflict, "other_browser",
		"Åpne lenken i nettleseren der du begynte, eller skriv inn koden der.",
		"Opne lenkja i nettlesaren der du byrja, eller skriv inn koden der.",
		"Open the link in the browser where you started, or type the code there.")
)

// Redeem tells whether an attempt redeems a challenge at a time, by the pepper that its code was
// made under. It does not consume it: the caller counts the attempt before and marks it used after,
// each in one guarded statement.
func Redeem(c Challenge, a Attempt, pepper []byte, now time.Time) error {
	if !c.UsedAt.IsZero() || !now.Before(c.ExpiresAt) || c.Attempts > c.Purpose.Spec().Attempts ||
		a.Purpose != c.Purpose || a.ObjectID != c.ObjectID {
		return ErrChallenge
	}
	sameBrowser := c.Purpose.Spec().AnyBrowser || SameBrowser(c, a.Flow)
	if a.Token != "" {
		if !c.Purpose.Spec().Link || !Equal(c.TokenHash, HashToken(a.Token)) {
			return ErrChallenge
		}
		if !sameBrowser {
			return ErrOtherBrowser
		}
		return nil
	}
	if !sameBrowser {
		return ErrOtherBrowser
	}
	code, ok := NormaliseCode(a.Code.Reveal())
	if !ok || !Equal(c.CodeMAC, MACCode(pepper, c.Purpose, c.ID, c.ObjectID, code)) {
		return ErrChallenge
	}
	return nil
}

// SameBrowser tells whether a flow cookie is that of the browser that asked. Attempts of other
// browsers are not counted against the person's five.
func SameBrowser(c Challenge, flow Secret) bool {
	return flow != "" && Equal(c.FlowHash, HashToken(flow))
}

package staff

import (
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"mininfo/internal/fault"
)

// Length of a password in characters. The upper bound keeps a request from buying hashing time.
const (
	PasswordMin = 12
	PasswordMax = 128
)

// Faults of a chosen password.
var (
	ErrPasswordShort = fault.Define(fault.Invalid, "password_short",
		"Passordet må ha minst 12 tegn. Flere ord etter hverandre er lett å huske.",
		"Passordet må ha minst 12 teikn. Fleire ord etter kvarandre er lett å hugse.",
		"The password needs at least 12 characters. Several words in a row are easy to remember.")
	ErrPasswordLong = fault.Define(fault.Invalid, "password_long",
		"Passordet kan ha høyst 128 tegn.", "Passordet kan ha høgst 128 teikn.",
		"The password can have at most 128 characters.")
	ErrPasswordGuessable = fault.Define(fault.Invalid, "password_guessable",
		"Passordet er for lett å gjette. Ikke bruk navnet eller adressen din, eller de samme tegnene om og om igjen.",
		"Passordet er for lett å gjette. Ikkje bruk namnet eller adressa di, eller dei same teikna om og om att.",
		"The password is too easy to guess. Do not use your name or address, or the same characters again and again.")
)

// distinctMin is how many different characters a password holds at least; fewer is a pattern.
const distinctMin = 5

// CheckPassword tells whether a password may be chosen. personal is what others know of the member:
// name, address, name of the office. There are no rules of composition: length is what helps.
func CheckPassword(password string, personal ...string) error {
	password = norm.NFC.String(password)
	switch n := utf8.RuneCountInString(password); {
	case n < PasswordMin:
		return ErrPasswordShort.At("/password")
	case n > PasswordMax:
		return ErrPasswordLong.At("/password")
	}
	distinct := map[rune]bool{}
	for _, r := range password {
		distinct[r] = true
	}
	if len(distinct) < distinctMin || knownOf(password, personal) || common(password) {
		return ErrPasswordGuessable.At("/password")
	}
	return nil
}

// knownOf tells whether too little of the password is left once everything that is known of the
// member has been struck out.
func knownOf(password string, personal []string) bool {
	rest, struck := letters(password), false
	for _, text := range personal {
		words := append([]string{text}, strings.FieldsFunc(text, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})...)
		for _, word := range words {
			if word = letters(word); utf8.RuneCountInString(word) >= 4 && strings.Contains(rest, word) {
				rest, struck = strings.ReplaceAll(rest, word, ""), true
			}
		}
	}
	return struck && utf8.RuneCountInString(rest) < 8
}

//go:embed common.txt
var commonFile string

// commonPasswords are what many have chosen before: letters and digits alone, in small letters.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	list := map[string]bool{}
	for line := range strings.Lines(commonFile) {
		if !strings.HasPrefix(line, "#") {
			list[strings.TrimSpace(line)] = true
		}
	}
	return list
})

// common tells whether a password is one that many have, as it stands or with digits and signs put around it.
func common(password string) bool {
	list, bare := commonPasswords(), letters(password)
	return list[bare] || list[strings.TrimFunc(bare, unicode.IsDigit)]
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(s))
}

// argon is what a hash was made with. The current values are OWASP's for Argon2id.
type argon struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

var current = argon{memory: 19 * 1024, time: 2, threads: 1}

const (
	saltBytes = 16
	keyBytes  = 32
)

// dummy is the hash of no password at all: an unknown member costs as much time as a known one.
const dummy = "$argon2id$v=19$m=19456,t=2,p=1$bWluaW5mby1kdW1teS1zYQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// HashPassword gives the password's Argon2id hash as a PHC string. It takes 19 MiB while it runs:
// the caller bounds how many run at once.
func HashPassword(random io.Reader, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	key := current.key(password, salt, keyBytes)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, current.memory, current.time,
		current.threads, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

func (a argon) key(password string, salt []byte, length uint32) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, a.time, a.memory, a.threads, length)
}

// VerifyPassword compares a password with a stored hash in constant time. An empty or unreadable
// hash (an unknown member) is false after the same work. stale asks to hash anew on success,
// because the parameters have changed since.
func VerifyPassword(stored, password string) (ok, stale bool) {
	if utf8.RuneCountInString(password) > PasswordMax*2 {
		password = ""
	}
	a, salt, want, readable := parsePHC(stored)
	if !readable {
		a, salt, want, _ = parsePHC(dummy)
	}
	got := a.key(password, salt, uint32(len(want)))
	equal := subtle.ConstantTimeCompare(got, want) == 1
	return equal && readable, equal && readable && a != current
}

// parsePHC reads "$argon2id$v=19$m=…,t=…,p=…$salt$key" and refuses parameters that would make the
// comparison trivial or endless.
func parsePHC(stored string) (a argon, salt, key []byte, ok bool) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return argon{}, nil, nil, false
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &a.memory, &a.time, &a.threads); n != 3 || err != nil {
		return argon{}, nil, nil, false
	}
	if a.memory < 8 || a.memory > 256*1024 || a.time < 1 || a.time > 10 || a.threads < 1 || a.threads > 8 {
		return argon{}, nil, nil, false
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return argon{}, nil, nil, false
	}
	return a, salt, key, true
}

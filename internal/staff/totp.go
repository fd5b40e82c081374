package staff

import (
	"crypto/subtle"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"mininfo/internal/fault"
)

// Parameters of the one-time codes (RFC 6238), those that every authenticator app knows: SHA-1,
// six digits, 30 seconds.
const (
	totpPeriod = 30
	totpSkew   = 1  // steps before and after, for clocks that are wrong
	totpBytes  = 20 // of the secret
)

// ErrTOTP is the one answer for a wrong, an old and a reused code.
var ErrTOTP = fault.Define(fault.Unauthenticated, "wrong_totp",
	"Engangskoden er feil eller alt brukt. Vent på neste kode.",
	"Eingongskoden er feil eller alt brukt. Vent på neste kode.",
	"The one-time code is wrong or already used. Wait for the next one.")

// NewTOTP draws a secret for an authenticator app. It gives the secret in base32, to be sealed, and
// the otpauth URL that the app reads; the URL holds both the secret and the account's name.
func NewTOTP(random io.Reader, issuer, account string) (secret, url string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Period: totpPeriod,
		SecretSize: totpBytes, Rand: random})
	if err != nil {
		return "", "", fmt.Errorf("drawing a secret for one-time codes: %w", err)
	}
	return key.Secret(), key.URL(), nil
}

// VerifyTOTP checks a code at a time and gives the step that it belongs to. lastStep is the step of
// the last code that this member used (0 for none); a code of that step or an earlier one is
// refused, so that nobody uses a code a second time. The caller stores the step in a guarded
// statement (only where the stored one is smaller).
func VerifyTOTP(secret, code string, now time.Time, lastStep int64) (step int64, err error) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' {
			return -1
		}
		return r
	}, code)
	current := now.Unix() / totpPeriod
	matched := int64(-1)
	for s := current - totpSkew; s <= current+totpSkew; s++ {
		if s < 0 {
			continue
		}
		want, err := hotp.GenerateCode(secret, uint64(s))
		if err != nil {
			return 0, fmt.Errorf("computing a one-time code: %w", err)
		}
		// Every step is compared, whether or not one matched: the time tells nothing.
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > lastStep {
			matched = s
		}
	}
	if matched < 0 {
		return 0, ErrTOTP
	}
	return matched, nil
}

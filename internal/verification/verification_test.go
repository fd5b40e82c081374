package verification_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mininfo/internal/verification"
)

func mint(t testing.TB) verification.Secrets {
	t.Helper()
	s, err := verification.Mint(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMint(t *testing.T) {
	t.Parallel()
	seen := map[verification.Secret]bool{}
	for range 500 {
		s := mint(t)
		raw, err := base64.RawURLEncoding.DecodeString(s.Token.Reveal())
		if err != nil || len(raw) != 32 || len(s.Token) != 43 {
			t.Fatalf("token of %d bytes: %v", len(raw), err)
		}
		code := s.Code.Reveal()
		if len(code) != 9 || code[4] != '-' || strings.Trim(strings.Replace(code, "-", "", 1), verification.CodeAlphabet) != "" {
			t.Fatalf("code %q", code)
		}
		if seen[s.Token] || seen[s.Code] {
			t.Fatal("a secret came twice")
		}
		seen[s.Token], seen[s.Code] = true, true
	}
	for _, n := range []int{0, 31, 39} {
		if _, err := verification.Mint(bytes.NewReader(make([]byte, n))); err == nil {
			t.Errorf("minted from %d bytes", n)
		}
	}
}

func TestCodeUsesAllOfItsAlphabet(t *testing.T) {
	t.Parallel()
	if len(verification.CodeAlphabet) != 32 || strings.ContainsAny(verification.CodeAlphabet, "ILOU") {
		t.Fatalf("alphabet %q", verification.CodeAlphabet)
	}
	random := make([]byte, 256)
	for i := range random {
		random[i] = byte(i)
	}
	counts := map[rune]int{}
	for r := bytes.NewReader(random); r.Len() > 0; {
		code, err := verification.MintCode(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.ReplaceAll(code.Reveal(), "-", "") {
			counts[c]++
		}
	}
	for _, c := range verification.CodeAlphabet {
		if counts[c] != 8 {
			t.Errorf("%c came %d times of 8: the draw is not even", c, counts[c])
		}
	}
}

func TestNormaliseCode(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"0A1B-2C3D", "0a1b2c3d", " oaib 2c3d\n", "0A1B–2C3D", "OALB-2C3D", "0 A 1 B 2 C 3 D", "0A1B\u00a02C3D"} {
		if got, ok := verification.NormaliseCode(typed); !ok || got.Reveal() != "0A1B2C3D" {
			t.Errorf("NormaliseCode(%q) = %q, %v", typed, got.Reveal(), ok)
		}
	}
	for _, typed := range []string{"", "0A1B-2C3", "0A1B-2C3DE", "0A1B-2C3U", "0A1B_2C3D", "0A1B-2C3Å", strings.Repeat(" ", 65), "０A1B2C3D"} {
		if got, ok := verification.NormaliseCode(typed); ok {
			t.Errorf("NormaliseCode(%q) = %q", typed, got.Reveal())
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := mint(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("minted", "token", s.Token, "all", s)
	j, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.Token, s.Code), log.String(), string(j)} {
		if strings.Contains(out, s.Token.Reveal()) || strings.Contains(out, s.Code.Reveal()) || !strings.Contains(out, "[secret]") {
			t.Errorf("printed %s", out)
		}
	}
}

func TestMACCodeBindsEverything(t *testing.T) {
	t.Parallel()
	base := verification.MACCode([]byte("pepper"), verification.StepUp, "c1", "o1", "0A1B2C3D")
	if !verification.Equal(base, verification.MACCode([]byte("pepper"), verification.StepUp, "c1", "o1", "oaib-2c3d")) {
		t.Error("the way of typing matters")
	}
	for name, other := range map[string][]byte{
		"pepper":    verification.MACCode([]byte("other"), verification.StepUp, "c1", "o1", "0A1B2C3D"),
		"purpose":   verification.MACCode([]byte("pepper"), verification.Resume, "c1", "o1", "0A1B2C3D"),
		"challenge": verification.MACCode([]byte("pepper"), verification.StepUp, "c2", "o1", "0A1B2C3D"),
		"object":    verification.MACCode([]byte("pepper"), verification.StepUp, "c1", "o2", "0A1B2C3D"),
		"border":    verification.MACCode([]byte("pepper"), verification.StepUp, "c1o", "1", "0A1B2C3D"),
		"code":      verification.MACCode([]byte("pepper"), verification.StepUp, "c1", "o1", "0A1B2C3E"),
	} {
		if verification.Equal(base, other) {
			t.Errorf("%s is not part of the MAC", name)
		}
	}
	if verification.Equal(nil, nil) || verification.Equal([]byte{}, []byte{}) || verification.Equal(base, base[:31]) {
		t.Error("empty or short digests are equal")
	}
}

func TestSpecs(t *testing.T) {
	t.Parallel()
	for _, p := range verification.Purposes() {
		s := p.Spec()
		if s.Attempts != 5 || s.TTL < s.MinTTL || s.TTL > s.MaxTTL || s.Lifetime(0) != s.TTL {
			t.Errorf("%s: %+v", p, s)
		}
	}
	if verification.StepUp.Spec().Link || verification.StepUp.Spec().Lifetime(time.Hour) != 10*time.Minute {
		t.Error("step-up is a code of ten minutes, always")
	}
	file := verification.File.Spec()
	if file.Lifetime(time.Minute) != 10*time.Minute || file.Lifetime(48*time.Hour) != 24*time.Hour || file.Lifetime(2*time.Hour) != 2*time.Hour {
		t.Error("the lifetime for filing is not bounded")
	}
}

type scene struct {
	secrets   verification.Secrets
	flow      verification.Secret
	pepper    []byte
	now       time.Time
	challenge verification.Challenge
	attempt   verification.Attempt
}

func play(t testing.TB, purpose verification.Purpose) scene {
	t.Helper()
	flow, err := verification.MintSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := scene{secrets: mint(t), flow: flow, pepper: []byte("pepper"), now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	s.challenge = verification.Challenge{ID: "c1", Purpose: purpose, ObjectID: "o1", FlowHash: verification.HashToken(flow),
		CodeMAC:   verification.MACCode(s.pepper, purpose, "c1", "o1", s.secrets.Code),
		TokenHash: verification.HashToken(s.secrets.Token), ExpiresAt: s.now.Add(time.Minute), Attempts: 1}
	s.attempt = verification.Attempt{Purpose: purpose, ObjectID: "o1", Flow: flow}
	return s
}

func TestRedeem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*scene)
		want   error
	}{
		"code":                       {func(s *scene) { s.attempt.Code = s.secrets.Code }, nil},
		"code in small type":         {func(s *scene) { s.attempt.Code = verification.Secret(strings.ToLower(s.secrets.Code.Reveal())) }, nil},
		"token":                      {func(s *scene) { s.attempt.Token = s.secrets.Token }, nil},
		"fifth attempt":              {func(s *scene) { s.attempt.Code, s.challenge.Attempts = s.secrets.Code, 5 }, nil},
		"nothing":                    {func(*scene) {}, verification.ErrChallenge},
		"wrong code":                 {func(s *scene) { s.attempt.Code = "0000-0000" }, verification.ErrChallenge},
		"wrong token":                {func(s *scene) { s.attempt.Token = "x" }, verification.ErrChallenge},
		"sixth attempt":              {func(s *scene) { s.attempt.Code, s.challenge.Attempts = s.secrets.Code, 6 }, verification.ErrChallenge},
		"used":                       {func(s *scene) { s.attempt.Code, s.challenge.UsedAt = s.secrets.Code, s.now }, verification.ErrChallenge},
		"expired now":                {func(s *scene) { s.attempt.Code, s.challenge.ExpiresAt = s.secrets.Code, s.now }, verification.ErrChallenge},
		"other purpose":              {func(s *scene) { s.attempt.Code, s.attempt.Purpose = s.secrets.Code, verification.Resume }, verification.ErrChallenge},
		"other object":               {func(s *scene) { s.attempt.Code, s.attempt.ObjectID = s.secrets.Code, "o2" }, verification.ErrChallenge},
		"other pepper":               {func(s *scene) { s.attempt.Code, s.pepper = s.secrets.Code, []byte("x") }, verification.ErrChallenge},
		"no code was stored":         {func(s *scene) { s.attempt.Code, s.challenge.CodeMAC = s.secrets.Code, nil }, verification.ErrChallenge},
		"other browser, token":       {func(s *scene) { s.attempt.Token, s.attempt.Flow = s.secrets.Token, "x" }, verification.ErrOtherBrowser},
		"other browser, wrong token": {func(s *scene) { s.attempt.Token, s.attempt.Flow = "x", "x" }, verification.ErrChallenge},
		"other browser, code":        {func(s *scene) { s.attempt.Code, s.attempt.Flow = s.secrets.Code, "" }, verification.ErrOtherBrowser},
		"other browser, wrong code":  {func(s *scene) { s.attempt.Code, s.attempt.Flow = "0000-0000", "" }, verification.ErrOtherBrowser},
		"contact on file, from anywhere": {func(s *scene) {
			*s = play(t, verification.ConfirmContact)
			s.attempt.Code, s.attempt.Flow = s.secrets.Code, ""
		}, nil},
		"contact on file, wrong code": {func(s *scene) {
			*s = play(t, verification.ConfirmContact)
			s.attempt.Code, s.attempt.Flow = "0000-0000", ""
		}, verification.ErrChallenge},
		"contact on file, by a link": {func(s *scene) {
			*s = play(t, verification.ConfirmContact)
			s.attempt.Token = s.secrets.Token
		}, verification.ErrChallenge},
		"token for step-up": {func(s *scene) {
			*s = play(t, verification.StepUp)
			s.attempt.Token = s.secrets.Token
		}, verification.ErrChallenge},
	} {
		s := play(t, verification.File)
		c.change(&s)
		if err := verification.Redeem(s.challenge, s.attempt, s.pepper, s.now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := verification.Redeem(verification.Challenge{Purpose: "x"}, verification.Attempt{Purpose: "x"}, nil, time.Time{}); err == nil {
		t.Error("an unknown purpose was redeemed")
	}
}

func TestRedeemNeverTakesAnotherCode(t *testing.T) {
	t.Parallel()
	s := play(t, verification.File)
	right, _ := verification.NormaliseCode(s.secrets.Code.Reveal())
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringMatching(`[0-9A-Za-z]{4}[- ]?[0-9A-Za-z]{4}`).Draw(t, "code")
		s := s
		s.attempt.Code = verification.Secret(typed)
		got, ok := verification.NormaliseCode(typed)
		if err := verification.Redeem(s.challenge, s.attempt, s.pepper, s.now); (err == nil) != (ok && got == right) {
			t.Fatalf("%q: %v", typed, err)
		}
	})
}

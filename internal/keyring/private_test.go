package keyring_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/keyring"
)

const canary = "kanarifugl@example.no"

type holder struct {
	Open   keyring.Private
	hidden keyring.Private
	inside *keyring.Private
	list   []keyring.Private
}

func TestPrivateIsNeverPrinted(t *testing.T) {
	t.Parallel()
	p := keyring.NewPrivate(canary)
	h := holder{Open: p, hidden: p, inside: &p, list: []keyring.Private{p}}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "p", p, "h", h, "ptr", &p)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p, "h", h, "ptr", &p)
	out := []string{log.String(), p.String(), p.GoString(), fmt.Errorf("wrapped: %v", p).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%U"} {
		out = append(out, fmt.Sprintf(verb, p), fmt.Sprintf(verb, &p), fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h),
			fmt.Sprintf(verb, []any{p, h}), fmt.Sprintf(verb, map[string]any{"k": p}))
	}
	out = append(out, fmt.Sprint(p), fmt.Sprintln(h))
	for _, v := range []any{p, h, map[string]any{"p": p}, []keyring.Private{p}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("marshalling: %v", err)
		}
		out = append(out, string(b))
	}
	hex := fmt.Sprintf("%x", canary)
	for _, s := range out {
		if strings.Contains(s, "kanari") || strings.Contains(strings.ToLower(s), hex) {
			t.Errorf("printed: %s", s)
		}
	}
	if got := fmt.Sprintf("%v", p); got != "‹private›" {
		t.Errorf("%%v = %q", got)
	}
	if b, err := p.MarshalText(); err != nil || string(b) != "‹private›" {
		t.Errorf("MarshalText = %q, %v", b, err)
	}
	if _, err := p.Value(); err == nil {
		t.Error("a private text went into a database column")
	}
}

func TestPrivateEqual(t *testing.T) {
	t.Parallel()
	a, same, other := keyring.NewPrivate(canary), keyring.NewPrivate(canary), keyring.NewPrivate("x")
	if !a.Equal(same) || a.Equal(other) || a.Equal(keyring.Private{}) {
		t.Error("Equal is wrong")
	}
	if a.Reveal() != canary || a.IsZero() {
		t.Error("the text is lost")
	}
	empty := keyring.NewPrivate("")
	if !empty.IsZero() || !empty.Equal(keyring.Private{}) || empty.Reveal() != "" {
		t.Error("empty text is not the zero value")
	}
	if !cmp.Equal(a, same) || cmp.Equal(a, other) {
		t.Error("go-cmp does not use Equal")
	}
}

// 32 random bytes show as a list of numbers, as hexadecimal, or as bytes that are no ASCII text.
var looksLikeKey = regexp.MustCompile(`(\d+ ){20}|[0-9a-f]{40}|[^ -~‹›]`)

func TestKeysAreNeverPrinted(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	type hold struct{ k keyring.DataKey }
	for _, v := range []any{k, &k, hold{k}, &hold{k}} {
		for _, verb := range []string{"%v", "%+v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); looksLikeKey.MatchString(got) {
				t.Errorf("%s of %T may show the key: %q", verb, v, got)
			}
		}
	}
	if b, err := json.Marshal(k); err != nil || string(b) != `"‹key›"` {
		t.Errorf("json = %s, %v", b, err)
	}
	if b, err := k.MarshalText(); err != nil || string(b) != "‹key›" {
		t.Errorf("text = %s, %v", b, err)
	}
	if k.LogValue().String() != "‹key›" || k.GoString() != "‹key›" || k.String() != "‹key›" {
		t.Error("the key is not hidden")
	}
}

func TestZeroKeyDoesNothing(t *testing.T) {
	t.Parallel()
	var k keyring.DataKey
	at := keyring.Place{Table: "t"}
	if _, err := k.Seal([]byte("x"), at); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Seal: %v", err)
	}
	if _, err := k.Open(make([]byte, 100), at); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("Open: %v", err)
	}
	if _, err := k.SealWriter(&bytes.Buffer{}, at); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("SealWriter: %v", err)
	}
	if _, err := k.OpenReader(&bytes.Buffer{}, at); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("OpenReader: %v", err)
	}
	if k.Index("a", "b") != nil || !k.IsZero() {
		t.Error("the zero key gives an index")
	}
}

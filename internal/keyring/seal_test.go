package keyring_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"mininfo/internal/keyring"
)

var place = keyring.Place{Table: "identifier", Column: "value", Row: "01f0"}

// Places that a careless encoding would confuse with place, or with each other.
var otherPlaces = []keyring.Place{
	{},
	{Table: "identifier", Column: "value"},
	{Table: "identifier", Column: "value", Row: "01f1"},
	{Table: "identifier", Column: "value0", Row: "1f0"},
	{Table: "identifierv", Column: "alue", Row: "01f0"},
	{Table: "identifiervalue01f0"},
	{Table: "identifier", Column: "value\x00stream", Row: "01f0"},
	{Table: "value", Column: "identifier", Row: "01f0"},
}

func TestSealRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		k := keyring.NewDataKey()
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		at := keyring.Place{
			Table: rapid.String().Draw(t, "table"), Column: rapid.String().Draw(t, "column"), Row: rapid.String().Draw(t, "row"),
		}
		sealed, err := k.Seal(plain, at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Open(sealed, at)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %x, %v", got, err)
		}
		again, err := k.Seal(plain, at)
		if err != nil || bytes.Equal(again, sealed) {
			t.Fatal("the same value sealed twice looks the same")
		}
	})
}

func TestSealedOpensOnlyWhereItWasSealed(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	sealed, err := k.SealPrivate(keyring.NewPrivate(canary), place)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("kanari")) {
		t.Fatal("not encrypted")
	}
	if sealed[0] != 1 {
		t.Errorf("version byte is %d", sealed[0])
	}
	p, err := k.OpenPrivate(sealed, place)
	if err != nil || p.Reveal() != canary {
		t.Fatalf("does not open: %v", err)
	}
	for _, at := range otherPlaces {
		if _, err := k.Open(sealed, at); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("moved to %+v: %v", at, err)
		}
	}
	if _, err := keyring.NewDataKey().Open(sealed, place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("another key: %v", err)
	}
}

func TestAlteredValuesDoNotOpen(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	sealed, err := k.Seal([]byte("Kari Nordmann"), place)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := k.Open(bad, place); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("bit of byte %d turned: %v", i, err)
		}
		if _, err := k.Open(sealed[:i], place); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if _, err := k.Open(append(bytes.Clone(sealed), 0), place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("a byte more: %v", err)
	}
}

func TestDataKeyIndex(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	a := k.Index("word", "nordmann")
	if len(a) != 32 || !bytes.Equal(a, k.Index("word", "nordmann")) {
		t.Error("the index is not stable")
	}
	for name, b := range map[string][]byte{
		"label": k.Index("name", "nordmann"), "word": k.Index("word", "hansen"), "key": keyring.NewDataKey().Index("word", "nordmann"),
	} {
		if bytes.Equal(a, b) {
			t.Errorf("another %s gives the same index", name)
		}
	}
}

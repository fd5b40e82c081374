package store_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

func TestManyAtOnceMakeOneKey(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		second := b.Open(t)
		const n = 16
		var all sync.WaitGroup
		errs, indexes := make([]error, n), make([][]byte, n)
		for i := range n {
			s := b.Store
			if i%2 == 1 {
				s = second
			}
			all.Go(func() {
				errs[i] = s.InTx(t.Context(), func(tx *store.Tx) error {
					k, err := tx.Key("someone", store.ClassCore)
					if err == nil {
						indexes[i] = k.Index("same", "key")
					}
					return err
				})
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, index := range indexes {
			if !bytes.Equal(index, indexes[0]) {
				t.Fatal("two keys were made")
			}
		}
		if n := b.Count(t, "SELECT count(*) FROM data_key"); n != 1 {
			t.Errorf("%d keys, want 1", n)
		}
	})
}

func TestSealedValueOpensInItsPlaceOnly(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error {
			sealed, err := tx.Seal("me", store.ClassCore, "message", "sealed_body", "1", []byte("hei"))
			if err != nil {
				return err
			}
			plain, err := tx.Open("me", store.ClassCore, "message", "sealed_body", "1", sealed)
			if err != nil || string(plain) != "hei" {
				t.Errorf("opened %q, %v", plain, err)
			}
			if _, err := tx.Seal("you", store.ClassCore, "message", "sealed_body", "1", []byte("hei")); err != nil {
				return err
			}
			for _, place := range [][4]string{
				{"me", "message", "sealed_body", "2"}, {"me", "message", "other", "1"}, {"me", "request", "sealed_body", "1"}, {"you", "message", "sealed_body", "1"},
			} {
				if _, err := tx.Open(place[0], store.ClassCore, place[1], place[2], place[3], sealed); !errors.Is(err, keyring.ErrSealed) {
					t.Errorf("moved to %v: %v", place, err)
				}
			}
			if empty, err := tx.Seal("me", store.ClassCore, "message", "sealed_body", "3", nil); empty != nil || err != nil {
				t.Errorf("an empty value is sealed as %v, %v", empty, err)
			}
			return nil
		})
	})
}

func TestOpeningMakesNoKey(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Open("nobody", store.ClassCore, "message", "sealed_body", "1", []byte{1, 2, 3})
			return err
		})
		if err == nil || b.Count(t, "SELECT count(*) FROM data_key") != 0 {
			t.Errorf("a key was made to open with: %v", err)
		}
	})
}

func TestShreddedKeyIsGoneForGood(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		var sealed []byte
		inTx(t, b.Store, func(tx *store.Tx) (err error) {
			sealed, err = tx.Seal("me", store.ClassEvidence, "t", "c", "1", []byte("hei"))
			return err
		})
		inTx(t, b.Store, func(tx *store.Tx) error {
			if _, err := tx.Key("me", store.ClassEvidence); err != nil {
				return err
			}
			return errors.Join(tx.Shred("me", store.ClassEvidence), tx.Shred("me", store.ClassEvidence), tx.Shred("me", store.ClassPackage))
		})
		inTx(t, b.Store, func(tx *store.Tx) error {
			if _, err := tx.Open("me", store.ClassEvidence, "t", "c", "1", sealed); !errors.Is(err, store.ErrShredded) {
				t.Errorf("opened after shredding: %v", err)
			}
			for _, class := range []string{store.ClassEvidence, store.ClassPackage} {
				if _, err := tx.Seal("me", class, "t", "c", "2", []byte("hei")); !errors.Is(err, store.ErrShredded) {
					t.Errorf("%s sealed after shredding: %v", class, err)
				}
			}
			_, err := tx.Key("me", store.ClassCore)
			return err
		})
		if n := b.Count(t, "SELECT count(*) FROM data_key WHERE wrapped IS NULL AND shredded_at IS NOT NULL"); n != 2 {
			t.Errorf("%d shredded keys, want 2", n)
		}
	})
}

// Keys are rotated while two processes make, use and shred data keys: every value opens afterwards, every
// data key lies under the newest wrapping key, and what was shredded stays so.
func TestManyWorkWhileKeysAreRotated(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		file := filepath.Join(t.TempDir(), "k")
		if _, err := keyring.Create(file); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		url := "sqlite://" + filepath.Join(t.TempDir(), "own.db")
		if b.Dialect == migrations.Postgres {
			url = portaltest.Postgres(t)
		}
		open := func(ring *keyring.Ring) (*store.Store, error) {
			return store.Open(t.Context(), store.Options{URL: url, Ring: ring, Now: b.Clock.Now, Rand: rand.Reader})
		}
		var stores []*store.Store
		for range 2 {
			own, err := keyring.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := open(own)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			stores = append(stores, s)
		}
		const n = 40
		sealed := make([][]byte, n)
		owner := func(i int) string { return fmt.Sprintf("owner-%d", i) }
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for i := w; i < n; i += 4 {
					inTx(t, stores[i%2], func(tx *store.Tx) (err error) {
						sealed[i], err = tx.Seal(owner(i), store.ClassCore, "message", "sealed_body", "1", []byte("hei"))
						return err
					})
					if i%5 == 0 {
						inTx(t, stores[(i+1)%2], func(tx *store.Tx) error { return tx.Shred(owner(i), store.ClassCore) })
					}
				}
			})
		}
		for range 3 {
			if _, err = keyring.Rotate(file); err != nil {
				t.Fatal(err)
			}
			if _, err := stores[0].Rewrap(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		all.Wait()
		if _, err := stores[1].Rewrap(t.Context()); err != nil { // what was made between the last two
			t.Fatal(err)
		}
		for i := range n {
			inTx(t, stores[(i+1)%2], func(tx *store.Tx) error {
				plain, err := tx.Open(owner(i), store.ClassCore, "message", "sealed_body", "1", sealed[i])
				if i%5 == 0 {
					if !errors.Is(err, store.ErrShredded) {
						t.Errorf("%s was shredded: %q, %v", owner(i), plain, err)
					}
				} else if err != nil || string(plain) != "hei" {
					t.Errorf("%s: %q, %v", owner(i), plain, err)
				}
				return nil
			})
		}
		inTx(t, stores[0], func(tx *store.Tx) error {
			under, err := tx.WrappingKeys()
			if len(under) != 1 || under[4] != n-n/5 {
				t.Errorf("data keys by wrapping key: %v", under)
			}
			return err
		})
		if err := os.WriteFile(file+".copy", before, 0o600); err != nil {
			t.Fatal(err)
		}
		old, err := keyring.Load(file + ".copy")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(old); !errors.Is(err, store.ErrOldKey) {
			t.Errorf("with a copy of the file from before: %v", err)
		}
	})
}

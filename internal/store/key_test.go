package store_test

import (
	"bytes"
	"errors"
	"sync"
	"testing"

	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
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

package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"sync"
	"testing"

	"mininfo/internal/audit"
	"mininfo/internal/dsr"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// verify reads the whole log and holds it against its own checkpoints.
func verify(t *testing.T, b *portaltest.Bundle) audit.Report {
	t.Helper()
	var leaves iter.Seq2[[]byte, error] = func(yield func([]byte, error) bool) {
		stop := errors.New("stop")
		err := b.Store.Leaves(t.Context(), func(leaf []byte) error {
			if !yield(leaf, nil) {
				return stop
			}
			return nil
		})
		if err != nil && !errors.Is(err, stop) {
			yield(nil, err)
		}
	}
	checkpoints, err := b.Store.Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.VerifyLog(leaves, b.VerifierKey(t), checkpoints)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestManyProcessesSequence(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error { _, err := tx.Controller(); return err })
		stores := []*store.Store{b.Store, b.Open(t), b.Open(t)}
		const each = 20
		var all sync.WaitGroup
		errs := make([]error, 6)
		for i := range 6 {
			s := stores[i%3]
			all.Go(func() {
				for range each {
					err := s.InTx(t.Context(), func(tx *store.Tx) error {
						_, err := tx.Log(store.Act{Actor: "system", Action: "tried", Statement: map[string]int{"by": i}})
						return err
					})
					if err == nil {
						_, err = s.Sequence(t.Context())
					}
					errs[i] = errors.Join(errs[i], err)
				}
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for {
			n, err := b.Store.Sequence(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		if report := verify(t, b); report.Size != 6*each || report.Checkpoints == 0 {
			t.Errorf("%+v, want %d leaves", report, 6*each)
		}
		if n := b.Count(t, "SELECT count(*) FROM audit_node"); int64(n) != audit.StoredHashCount(6*each) {
			t.Errorf("%d nodes, want %d", n, audit.StoredHashCount(6*each))
		}
	})
}

func receipt(t *testing.T, b *portaltest.Bundle, r *store.Request) (audit.Receipt, error) {
	t.Helper()
	var raw []byte
	err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) {
		raw, err = tx.Receipt(r.ID, r.PublicID, string(dsr.EventReceived))
		return err
	})
	if err != nil {
		return audit.Receipt{}, err
	}
	return audit.ParseReceipt(raw)
}

func TestACY01ReceiptVerifiesOfflineAlsoAfterShredding(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		r := open(t, b, dsr.Access, "kari@example.org")
		if _, err := receipt(t, b, r); !errors.Is(err, store.ErrNotYetSequenced) {
			t.Errorf("before it has a place: %v", err)
		}
		if _, err := b.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		proof, err := receipt(t, b, r)
		if err != nil {
			t.Fatal(err)
		}
		leaf, _, err := proof.Verify(b.VerifierKey(t))
		if err != nil || leaf.Action != "received" || leaf.Request != r.PublicID || leaf.Actor != "person" || leaf.Role != "person" {
			t.Errorf("leaf %+v, %v", leaf, err)
		}
		var said struct {
			Reference string
			Asked     struct{ Text string }
		}
		if err := json.Unmarshal(proof.Statement, &said); err != nil || said.Reference != string(r.Reference) || said.Asked.Text != "alt dere har" {
			t.Errorf("statement %s, %v", proof.Statement, err)
		}
		altered := proof
		altered.Statement = bytes.Replace(proof.Statement, []byte("alt"), []byte("lit"), 1)
		if _, _, err := altered.Verify(b.VerifierKey(t)); err == nil {
			t.Error("another statement verifies")
		}
		inTx(t, b.Store, func(tx *store.Tx) error { return tx.Shred(r.PublicID, store.ClassCore) })
		proof, err = receipt(t, b, r)
		if err != nil || proof.Statement != nil {
			t.Fatalf("after shredding: %s, %v", proof.Statement, err)
		}
		if _, _, err := proof.Verify(b.VerifierKey(t)); err != nil {
			t.Errorf("the proof died with the statement: %v", err)
		}
		if report := verify(t, b); report.Size != 2 {
			t.Errorf("%+v", report)
		}
	})
}

func TestNoReceiptOfWhatDidNotHappen(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		r := open(t, b, dsr.Access, "kari@example.org")
		err := b.Store.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Receipt(r.ID, r.PublicID, "answered")
			return err
		})
		if err == nil {
			t.Error("there is a receipt")
		}
	})
}

// TestACY01LogCannotBeChanged tries what an administrator's mistake would.
func TestACY01LogCannotBeChanged(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		open(t, b, dsr.Access, "kari@example.org")
		inTx(t, b.Store, func(tx *store.Tx) error {
			_, err := tx.AddVersion(1, store.VersionSettings, 0, "{}", "x")
			return err
		})
		forbidden := []string{
			"UPDATE audit_leaf SET leaf = leaf_hash", "UPDATE audit_leaf SET sealed_statement = NULL", "UPDATE audit_leaf SET request_id = NULL",
		}
		for _, statement := range forbidden {
			if _, err := b.SQL(t).Exec(statement); err == nil {
				t.Errorf("before it has a place: %s", statement)
			}
		}
		if _, err := b.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		forbidden = append(forbidden, "UPDATE audit_leaf SET place = place + 100", "DELETE FROM audit_leaf",
			"UPDATE audit_node SET hash = hash", "DELETE FROM audit_node", "UPDATE audit_checkpoint SET note = note", "DELETE FROM audit_checkpoint",
			"UPDATE event SET kind = 'x'", "DELETE FROM event", "UPDATE version SET body = '[]'", "DELETE FROM version")
		if b.Dialect == migrations.Postgres {
			forbidden = append(forbidden, "TRUNCATE event", "TRUNCATE audit_leaf", "TRUNCATE audit_node", "TRUNCATE audit_checkpoint", "TRUNCATE version")
		}
		for _, statement := range forbidden {
			if _, err := b.SQL(t).Exec(statement); err == nil {
				t.Errorf("the database let through: %s", statement)
			}
		}
		verify(t, b)
	})
}

func TestLogPagesBackwards(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error {
			for range 5 {
				if _, err := tx.Log(store.Act{Actor: "member.1", Role: "auditor", Action: "read"}); err != nil {
					return err
				}
			}
			return nil
		})
		if _, err := b.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		var places []int64
		before := int64(0)
		for {
			var page []store.LogEntry
			err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) {
				page, err = tx.LogPage(before, 2)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				places = append(places, e.Place)
			}
			if before = page[len(page)-1].Place; before == 0 {
				break
			}
		}
		if len(places) != 5 || places[0] != 4 || places[4] != 0 {
			t.Errorf("places %v", places)
		}
	})
}

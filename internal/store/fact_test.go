package store_test

import (
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// The reason of a fact opens in its own row only: nobody with the database can give one weighing the words
// of another. What was told before rows had names is read as it was.
func TestFactIsSealedForItsRow(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		var id string
		facts := func() (said []string, err error) {
			err = b.Store.Read(t.Context(), func(tx *store.Tx) error {
				r, err := tx.ReadRequest(id)
				if err != nil {
					return err
				}
				list, err := tx.Facts(r)
				for _, f := range list {
					said = append(said, f.Reason.Reveal())
				}
				return err
			})
			return said, err
		}
		m, _ := office(t, b)
		id = open(t, b, dsr.Objection, "kari@example.org").PublicID
		inTx(t, b.Store, func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			old, err := tx.Seal(id, store.ClassCore, "fact", "sealed_reason", "weighing/customers", []byte("old"))
			if err != nil {
				return err
			}
			err = tx.DB().Exec("INSERT INTO fact (request_id, activity, kind, value, sealed_reason, member_id, at) VALUES (?, 'customers', 'weighing', 'compelling', ?, ?, 1)", r.ID, old, m).Error
			if err != nil {
				return err
			}
			for _, reason := range []string{"first", "second"} {
				if err := tx.AddFact(r, store.Fact{Activity: "customers", Kind: "weighing", Value: "compelling", Reason: keyring.NewPrivate(reason), MemberID: m}); err != nil {
					return err
				}
			}
			return nil
		})
		if said, err := facts(); err != nil || len(said) != 3 || said[0] != "old" || said[1] != "first" || said[2] != "second" {
			t.Fatalf("%q, %v", said, err)
		}
		_, err := b.SQL(t).ExecContext(t.Context(), "UPDATE fact SET sealed_reason = (SELECT sealed_reason FROM fact ORDER BY id DESC LIMIT 1) WHERE id = (SELECT max(id) - 1 FROM fact)")
		if err != nil {
			t.Fatal(err)
		}
		if said, err := facts(); err == nil {
			t.Errorf("one weighing has the words of another: %q", said)
		}
	})
}

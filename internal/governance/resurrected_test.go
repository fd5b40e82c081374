package governance_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"mininfo/internal/engine"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// A system that holds again what was erased says so at the next look, with what to do, and is quiet
// when it is gone; another person under the same key is nothing.
func TestErasedRowsThatAreBackAreTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		dsn := shop(t)
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Nettbutikk", Kind: "sqlite", DSN: source.NewSecret(dsn), Dataset: shopDataset})
		if err != nil {
			t.Fatal(err)
		}
		conns, err := o.Connections(t.Context(), job.Job{})
		if err != nil {
			t.Fatal(err)
		}
		defer conns.Close()
		kari := []engine.Seed{{Kind: engine.Email, Value: "kari@example.no"}}
		var rows []engine.Erased
		p, err := engine.PrepareErase(t.Context(), engine.NewSources(conns.Connected, "salt"), kari, nil, engine.RunOptions{Ledger: keyOnly{key: b.Store.LedgerKey()}})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := engine.ErasedBy(t.Context(), b.Store.LedgerKey(), "Nettbutikk", p.Steps(), func(e engine.Erased) error {
			e.At = b.Clock.Now()
			rows = append(rows, e)
			return nil
		}); err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		if err := b.Store.InTx(t.Context(), func(tx *store.Tx) error { _, err := tx.AddErased(rows); return err }); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite3", strings.Replace(dsn, "sqlite:", "file:", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		command := `mininfo source replay-erasures --source "Nettbutikk"`
		for _, each := range []struct {
			what, customers string
			back            bool
		}{
			{"it was never erased, which is what a restore looks like", "", true},
			{"it is erased", "DELETE FROM customers WHERE id = 1", false},
			{"somebody else has the key", "INSERT INTO customers VALUES (1, 'per@example.no', 'Per', '41')", false},
			{"it is back", "UPDATE customers SET email = 'Kari@example.no', name = 'Kari' WHERE id = 1", true},
			{"it is erased again", "DELETE FROM customers WHERE id = 1", false},
		} {
			if _, err := db.ExecContext(t.Context(), each.customers); err != nil {
				t.Fatal(err)
			}
			if err := o.Work()[governance.JobSources].Handle(t.Context(), job.Job{}); err != nil {
				t.Fatal(err)
			}
			list, err := o.Sources(t.Context(), by)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if seen := list[0]; seen.Restored != each.back || seen.State != store.SourceOK || strings.Contains(seen.StateText, "there again") != each.back {
				t.Errorf("%s: %v %s %q", each.what, seen.Restored, seen.State, seen.StateText)
			}
			checked, err := o.CheckSource(t.Context(), by, s.PublicID)
			if err != nil || !checked.OK {
				t.Fatalf("%+v, %v", checked, err)
			}
			said := fmt.Sprint(checked.Lines)
			if strings.Contains(said, command) != each.back || strings.Contains(strings.ToLower(said), "kari") {
				t.Errorf("%s: %s", each.what, said)
			}
		}
	})
}

// keyOnly is a ledger of which the planner needs the key alone.
type keyOnly struct {
	engine.Diary
	key []byte
}

func (k keyOnly) Key() []byte { return k.key }

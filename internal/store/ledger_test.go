package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

func TestLedgerOfErasedRows(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		at := b.Clock.Now()
		row := func(source, name string, at time.Time) engine.Erased {
			return engine.Erased{Source: source, Dataset: "d", Collection: "c", Row: []byte(name), Trace: []byte{1, 2}, Action: engine.Anonymise, Columns: `[{"n":"a"}]`, At: at}
		}
		all := []engine.Erased{row("shop", "one", at), row("shop", "two", at), row("crm", "one of crm", at.Add(time.Second)), row("shop", "one", at.Add(time.Minute))}
		inTx(t, b.Store, func(tx *store.Tx) error {
			for _, want := range []int64{int64(len(all)), 0} {
				added, err := tx.AddErased(append([]engine.Erased{all[0]}, all...)) // two equal rows without a key have one name
				if err != nil {
					return err
				}
				if added != want {
					t.Errorf("%d rows were new, want %d", added, want)
				}
			}
			return nil
		})
		read := func(source string) (list []engine.Erased) {
			inTx(t, b.Store, func(tx *store.Tx) error {
				list = nil
				return tx.EachErased(source, func(e engine.Erased) error { list = append(list, e); return nil })
			})
			return list
		}
		if diff := cmp.Diff(all, read("")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(all[2:3], read("crm")); diff != "" {
			t.Error(diff)
		}
		inTx(t, b.Store, func(tx *store.Tx) error {
			held, err := tx.ErasedSources()
			want := []store.ErasedSource{{Source: "crm", Rows: 1, Newest: at.Add(time.Second)}, {Source: "shop", Rows: 3, Newest: at.Add(time.Minute)}}
			if diff := cmp.Diff(want, held); diff != "" {
				t.Error(diff)
			}
			if err != nil {
				return err
			}
			l, err := tx.Ledger("shop")
			if err != nil {
				return err
			}
			if l.Rows() != 2 || !l.Names("shop") || l.Names("crm") {
				t.Errorf("%d rows of shop", l.Rows())
			}
			if gone, err := tx.ForgetErased(at.Add(time.Second)); err != nil || gone != 2 {
				t.Errorf("%d forgotten, %v", gone, err)
			}
			return nil
		})
		if diff := cmp.Diff(all[2:], read("")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReplaysAreEndedOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error {
			one, err := tx.BeginReplay("shop", "digest", 7)
			if err != nil {
				return err
			}
			open, err := tx.OpenReplays("shop")
			if diff := cmp.Diff([]store.Replay{one}, open); diff != "" || err != nil {
				t.Error(diff, err)
			}
			for _, want := range []bool{true, false} {
				if ended, err := tx.EndReplay(one); ended != want || err != nil {
					t.Errorf("ended: %v, want %v (%v)", ended, want, err)
				}
			}
			open, err = tx.OpenReplays("shop")
			if len(open) != 0 {
				t.Errorf("still open: %+v", open)
			}
			return err
		})
	})
}

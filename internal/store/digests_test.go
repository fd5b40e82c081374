package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Workers that have all read a challenge before any of them wrote, as one that stood still has: the code in each of
// their mails stays good.
func TestManyMailsOfAChallengeAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		address, err := dsr.ParseAddress("kari@kunde.example")
		if err != nil {
			t.Fatal(err)
		}
		var c *store.Challenge
		inTx(t, b.Store, func(tx *store.Tx) (err error) {
			c, err = tx.AddChallenge(store.NewChallenge{Purpose: verification.File, Locale: locale.NB, Address: address, FlowHash: []byte("flow"), ExpiresAt: tx.Now.Add(time.Hour)})
			return err
		})
		stores := []*store.Store{b.Store, b.Open(t)}
		const n = 1 + verification.PriorMax
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() {
				inTx(t, stores[i%2], func(tx *store.Tx) error {
					ok, err := tx.SetDigests(c, store.Digests{CodeMAC: fmt.Appendf(nil, "code %d", i)}, verification.PriorMax)
					if err == nil && !ok {
						t.Error("the challenge is over")
					}
					return err
				})
			})
		}
		all.Wait()
		inTx(t, b.Store, func(tx *store.Tx) error {
			now, err := tx.Challenge(c.PublicID)
			if err != nil {
				return err
			}
			good, err := tx.AllDigests(now)
			for i := range n {
				if !slices.ContainsFunc(good, func(d store.Digests) bool { return string(d.CodeMAC) == fmt.Sprintf("code %d", i) }) {
					t.Errorf("the code of mail %d is not good any more", i)
				}
			}
			return err
		})
	})
}

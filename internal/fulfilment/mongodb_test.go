package fulfilment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"mininfo/internal/dsr"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// A case over a system without transactions: the officer is told before the approval, and what the
// documents held is gone afterwards.
func TestErasureInMongoDB(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		dsn := portaltest.MongoDB(t)
		db := portaltest.OpenMongoDB(t, dsn)
		for name, rows := range map[string][]any{
			"subscribers": {bson.D{{Key: "_id", Value: 1}, {Key: "email", Value: "Tone@liste.example"}, {Key: "name", Value: bson.D{{Key: "first", Value: "Tone"}}}}, bson.D{{Key: "_id", Value: 2}, {Key: "email", Value: "pal@liste.example"}, {Key: "name", Value: bson.D{{Key: "first", Value: "Pål"}}}}},
			"letters":     {bson.D{{Key: "_id", Value: "a"}, {Key: "subscriberId", Value: 1}, {Key: "message", Value: "hei"}}, bson.D{{Key: "_id", Value: "b"}, {Key: "subscriberId", Value: 2}, {Key: "message", Value: "hei"}}},
		} {
			if _, err := db.Collection(name).InsertMany(t.Context(), rows); err != nil {
				t.Fatal(err)
			}
		}
		o.more = map[string]string{"brev": dsn}
		id := o.file(dsr.Erasure, listed, store.Detail{})
		o.work()
		o.settle(id, "keep")
		p := o.view(id).Plan
		if p == nil || len(p.Problems) > 0 {
			t.Fatalf("the plan: %+v", p)
		}
		if told := strings.Contains(strings.Join(p.Warnings, " "), "transaksjoner"); told != portaltest.PrivateMongoDB() {
			t.Errorf("warnings: %q", p.Warnings)
		}
		o.approve(id)
		o.work()
		o.done(id)
		if a := o.answer(id); counted(a, "deleted") != 2 || a.Outcome != dsr.Granted {
			t.Errorf("answer %+v", a)
		}
		left := map[string]int64{}
		for _, name := range []string{"subscribers", "letters"} {
			n, err := db.Collection(name).CountDocuments(t.Context(), bson.D{})
			o.must(err)
			left[name] = n
		}
		if diff := cmp.Diff(map[string]int64{"subscribers": 1, "letters": 1}, left); diff != "" {
			t.Error(diff)
		}
	})
}

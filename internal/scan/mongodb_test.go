package scan_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

// Documents inside documents and in lists are proposed as fields of their own, and no value is kept.
func TestProposeDocuments(t *testing.T) {
	t.Parallel()
	dsn := portaltest.MongoDB(t)
	db := portaltest.OpenMongoDB(t, dsn)
	var customers, orders, products []any
	for i := range 12 {
		id := bson.NewObjectID()
		customers = append(customers, bson.D{{Key: "_id", Value: id}, {Key: "epost", Value: fmt.Sprintf("kanarifugl%d@example.no", i)},
			{Key: "navn", Value: bson.D{{Key: "fornavn", Value: "Kari"}, {Key: "etternavn", Value: "Nordmann"}}},
			{Key: "adresser", Value: bson.A{bson.D{{Key: "gateadresse", Value: "Gata 1"}, {Key: "poststed", Value: "OSLO"}}, bson.D{{Key: "gateadresse", Value: "Veien 2"}, {Key: "poststed", Value: "BERGEN"}}}},
			{Key: "telefoner", Value: bson.A{"+47 922 33 445", "+47 400 00 001"}}, {Key: "aktiv", Value: true}})
		orders = append(orders, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "kundeId", Value: id}, {Key: "opprettet", Value: bson.NewDateTimeFromTime(portaltest.Start)}})
		products = append(products, bson.D{{Key: "_id", Value: bson.NewObjectID()}, {Key: "pris", Value: i}})
	}
	for name, rows := range map[string][]any{"kunder": customers, "ordrer": orders, "varer": products} {
		if _, err := db.Collection(name).InsertMany(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	s, err := kinds.Open(context.Background(), source.Config{Name: "shop", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	p := propose(t, s, scan.Options{Key: "shop", Name: "Nettbutikk"})
	body := p.YAML(locale.NB)
	sets, problems := dataset.Read("shop.yaml", body)
	problems = append(problems, dataset.Check(sets)...)
	if err := problems.Err(); err != nil {
		t.Fatalf("the proposal is not accepted: %v\n%s", err, body)
	}
	got := map[string]string{}
	for _, c := range sets[0].Collections {
		for _, leaf := range c.Leaves() {
			said := strings.TrimSpace(strings.Join(leaf.Field.Categories, ",") + " " + leaf.Field.Identity)
			if len(leaf.Lists) > 0 {
				said += " in a list"
			}
			for _, r := range leaf.Field.References {
				said += " -> " + r.Field
			}
			if leaf.Field.Override != nil {
				said += " " + leaf.Field.Override.Strategy
			}
			got[c.Name+"."+leaf.Path] = strings.TrimSpace(said)
		}
	}
	want := map[string]string{"kunder._id": "", "kunder.epost": "user.contact.email email", "kunder.navn.fornavn": "user.name.first", "kunder.navn.etternavn": "user.name.last",
		"kunder.adresser.gateadresse": "user.contact.address.street in a list", "kunder.adresser.poststed": "user.contact.address.city in a list",
		"kunder.telefoner": "user.contact.phone_number phone_number", "ordrer._id": "", "ordrer.kundeId": "-> kunder._id", "ordrer.opprettet": "user.behavior.purchase_history",
		// A row with a list of documents goes whole, and with it what leads to it: what lies in the list could not be emptied.
		"kunder.aktiv": "user"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%s", diff, body)
	}
	if strings.Contains(string(body), "kanarifugl") {
		t.Error("a value was kept")
	}
}

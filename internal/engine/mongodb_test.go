package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
)

// documents connects a database of MongoDB with what it holds, by collection.
func documents(t *testing.T, yaml string, rows map[string][]any) (*mongo.Database, *engine.Sources) {
	t.Helper()
	dsn := portaltest.MongoDB(t)
	db := portaltest.OpenMongoDB(t, dsn)
	for name, list := range rows {
		if _, err := db.Collection(name).InsertMany(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	return db, connect(t, "s", &company{dsn: dsn}, yaml)
}

// held gives a collection's documents as extended JSON, which tells every type, by key.
func held(t *testing.T, db *mongo.Database, name string) []string {
	t.Helper()
	cursor, err := db.Collection(name).Find(context.Background(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	var docs []bson.D
	if err := cursor.All(context.Background(), &docs); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range docs {
		text, err := bson.MarshalExtJSON(d, false, false)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	sort.Strings(out)
	return out
}

const documentShop = `
dataset:
- fides_key: s
  collections:
  - name: customers
    fields:
    - {name: _id, data_categories: [user.unique_id], fides_meta: {primary_key: True, data_type: object_id}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: nickname, data_categories: [user.name]}
    - name: name
      fields:
      - {name: first, data_categories: [user.name.first]}
      - {name: last, data_categories: [user.name.last]}
    - name: contact
      fields:
      - {name: phones, data_categories: [user.contact.phone_number], fides_meta: {identity: phone_number, data_type: "string[]", return_all_elements: True}}
    - {name: born, data_categories: [user.demographic.date_of_birth]}
    - {name: balance, data_categories: [user.financial]}
    - {name: visits, data_categories: [user.behavior]}
    - {name: friends, data_categories: [user.social], fides_meta: {data_type: "object_id[]"}}
  - name: orders
    fields:
    - {name: _id, data_categories: [user.unique_id], fides_meta: {primary_key: True}}
    - {name: customer, fides_meta: {references: [{dataset: s, field: customers._id, direction: from}]}}
    - {name: at, data_categories: [user.behavior]}
    - name: lines
      fides_meta: {data_type: "object[]"}
      fields:
      - {name: sku, data_categories: [user.behavior]}
      - {name: tags, data_categories: [user.behavior], fides_meta: {data_type: "string[]"}}
  - name: goods
    fields:
    - {name: _id, fides_meta: {primary_key: True, references: [{dataset: s, field: orders.lines.sku, direction: from}]}}
    - {name: text, data_categories: [user.content]}
  - name: groups
    fields:
    - {name: _id, fides_meta: {primary_key: True}}
    - {name: members, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: "string[]"}}
    - name: people
      fides_meta: {data_type: "object[]"}
      fields:
      - {name: mail, data_categories: [user.contact.email], fides_meta: {identity: email}}
`

var kari, ola = objectID("65a000000000000000000001"), objectID("65a000000000000000000002")

func objectID(hex string) bson.ObjectID {
	id, err := bson.ObjectIDFromHex(hex)
	if err != nil {
		panic(err)
	}
	return id
}

func shopDocuments() map[string][]any {
	born := time.Date(1984, 3, 1, 0, 0, 0, 0, time.UTC)
	return map[string][]any{
		"customers": {
			bson.D{{Key: "_id", Value: kari}, {Key: "email", Value: "Kari@example.com"}, {Key: "name", Value: bson.D{{Key: "first", Value: "Kari"}, {Key: "last", Value: "Nordmann"}, {Key: "since", Value: int32(7)}}},
				{Key: "contact", Value: bson.D{{Key: "phones", Value: bson.A{"+47 922 33 445", "22 33 44 55"}}}}, {Key: "born", Value: born}, {Key: "balance", Value: 12.5}, {Key: "visits", Value: int32(3)}, {Key: "friends", Value: bson.A{ola}}},
			bson.D{{Key: "_id", Value: ola}, {Key: "email", Value: "ola@example.com"}, {Key: "name", Value: "Ola"}, {Key: "visits", Value: "many"}},
		},
		"orders": {
			bson.D{{Key: "_id", Value: int32(1)}, {Key: "customer", Value: kari}, {Key: "at", Value: born.Add(1500 * time.Millisecond)}, {Key: "lines", Value: bson.A{
				bson.D{{Key: "sku", Value: "a"}, {Key: "tags", Value: bson.A{"t1"}}}, bson.D{{Key: "sku", Value: "b"}, {Key: "tags", Value: bson.A{"t2", "t3"}}}, bson.D{}}}},
			bson.D{{Key: "_id", Value: int32(2)}, {Key: "customer", Value: ola}, {Key: "lines", Value: bson.A{bson.D{{Key: "sku", Value: "c"}}}}},
			bson.D{{Key: "_id", Value: int32(3)}, {Key: "customer", Value: kari.Hex()}, {Key: "lines", Value: bson.D{{Key: "sku", Value: "d"}}}},
		},
		"goods":  {bson.D{{Key: "_id", Value: "a"}, {Key: "text", Value: "x"}}, bson.D{{Key: "_id", Value: "c"}, {Key: "text", Value: "y"}}, bson.D{{Key: "_id", Value: "d"}, {Key: "text", Value: "z"}}},
		"groups": {bson.D{{Key: "_id", Value: int32(1)}, {Key: "members", Value: bson.A{"kari@example.com", "someone@example.com"}}}, bson.D{{Key: "_id", Value: int32(2)}, {Key: "people", Value: bson.A{bson.D{{Key: "mail", Value: "kari@example.com"}}, bson.D{{Key: "mail", Value: "x@example.com"}}}}}},
	}
}

// Documents in documents and in lists, numbers and keys of several types, elements that are somebody
// else's: found by the same rules as JSON in a column.
func TestDocumentsOfMongoDB(t *testing.T) {
	t.Parallel()
	db, s := documents(t, documentShop, shopDocuments())
	got, report := collect(t, s, email("kari@example.com"))
	same(t, "incomplete", report.Incomplete, false)
	same(t, "customer", got["s"]["customers"], "[map[_id:65a000000000000000000001 balance:12.5 born:1984-03-01T00:00:00Z contact:map[phones:[+47 922 33 445 22 33 44 55]] email:Kari@example.com friends:[65a000000000000000000002] name:map[first:Kari last:Nordmann] nickname:<nil> visits:3]]")
	same(t, "orders", got.values("s", "orders", "_id"), "[1 3]")
	same(t, "lines", got.values("s", "orders", "lines"), "[map[sku:[a b] tags:[t1 t2 t3]] map[sku:[d] tags:<nil>]]")
	same(t, "moment", got.values("s", "orders", "at"), "[1984-03-01T00:00:01.5Z <nil>]")
	same(t, "goods", got.values("s", "goods", "_id"), "[a d]")
	same(t, "own element", got.values("s", "groups", "members"), "[[kari@example.com] <nil>]")
	same(t, "own element of a document", got["s"]["groups"][1]["people"], "map[mail:[kari@example.com]]")
	// By a telephone number in a list, written in another way: all of the elements are the person's.
	got, _ = collect(t, s, []engine.Seed{{Kind: engine.Phone, Value: "92233445"}})
	same(t, "by telephone", got["s"]["customers"][0]["contact"], "map[phones:[+47 922 33 445 22 33 44 55]]")

	if p := prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.behavior"}); !p.Blocked() || p.Problems[0].Code != "in_list" {
		t.Errorf("a change inside a list of documents was offered or dropped in silence: %+v", p.Problems)
	}
	word := "borte"
	before := held(t, db, "groups")
	p := prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.contact.email", Strategy: dataset.StringRewrite, Config: dataset.MaskingConfig{RewriteValue: &word}})
	if !p.Blocked() { // the group of documents cannot be changed inside its list
		t.Errorf("%+v", p.Problems)
	}
	same(t, "nothing written by the trial", held(t, db, "groups"), before)
	if _, err := db.Collection("groups").DeleteOne(t.Context(), bson.D{{Key: "_id", Value: 2}}); err != nil {
		t.Fatal(err)
	}
	execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.contact.email", Strategy: dataset.StringRewrite, Config: dataset.MaskingConfig{RewriteValue: &word}}))
	same(t, "the other stays", held(t, db, "groups"), `[{"_id":1,"members":["borte","someone@example.com"]}]`)
	same(t, "customer's address", strings.Contains(held(t, db, "customers")[0], `"email":"borte","name":{"first":"Kari"`), true)
}

// A corrected value has the type of the one that it replaces, and what stands beside it stays.
func TestCorrectionsInDocuments(t *testing.T) {
	t.Parallel()
	db, s := documents(t, documentShop, shopDocuments())
	sets := []engine.Correction{{Collection: "customers", Field: "name.first", New: "Kåre"}, {Collection: "customers", Field: "born", New: "1985-04-02"}, {Collection: "customers", Field: "visits", New: "4"},
		{Collection: "customers", Field: "balance", New: "7"}, {Collection: "customers", Field: "nickname", New: "K"}, {Collection: "customers", Field: "name.last", Null: true}}
	p, err := engine.PrepareCorrect(t.Context(), s, email("kari@example.com"), sets, engine.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	told := false
	for _, x := range p.Problems {
		told = told || x.Code == "stepwise" && x.Warning
	}
	same(t, "told that there are no transactions", told, portaltest.PrivateMongoDB())
	execute(t, p)
	same(t, "customer", held(t, db, "customers")[0], `{"_id":{"$oid":"65a000000000000000000001"},"email":"Kari@example.com","name":{"first":"Kåre","last":null,"since":7},"contact":{"phones":["+47 922 33 445","22 33 44 55"]},`+
		`"born":{"$date":"1985-04-02T00:00:00Z"},"balance":7.0,"visits":4,"friends":[{"$oid":"65a000000000000000000002"}],"nickname":"K"}`)
	// What does not fit the type is told, and nothing is written.
	for _, c := range []engine.Correction{{Collection: "customers", Field: "born", New: "i går"}, {Collection: "customers", Field: "balance", New: "mye"}} {
		p, err := engine.PrepareCorrect(t.Context(), s, email("kari@example.com"), []engine.Correction{c}, engine.RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Blocked() {
			t.Errorf("%s: offered", c.Field)
		}
		p.Close()
	}
}

func TestErasureOfDocuments(t *testing.T) {
	t.Parallel()
	db, s := documents(t, documentShop, shopDocuments())
	if _, err := db.Collection("customers").Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "email", Value: 1}}, Options: options.Index().SetUnique(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Collection("groups").DeleteOne(t.Context(), bson.D{{Key: "_id", Value: 1}}); err != nil {
		t.Fatal(err)
	}
	out := execute(t, prepareErase(t, s, email("kari@example.com")))
	same(t, "result", []int{out.Results[0].Deleted, out.Results[0].Changed}, "[6 0]")
	same(t, "left", []any{len(held(t, db, "customers")), held(t, db, "orders"), held(t, db, "goods"), held(t, db, "groups")},
		`[1 [{"_id":2,"customer":{"$oid":"65a000000000000000000002"},"lines":[{"sku":"c"}]}] [{"_id":"c","text":"y"}] []]`)
}

// interfering does something between the comparison with the plan and the writing.
type interfering struct {
	source.Source
	between func()
}

func (i *interfering) Snapshot(ctx context.Context) (source.Snapshot, error) {
	return i.Source.(source.Finder).Snapshot(ctx)
}

func (i *interfering) Begin(ctx context.Context) (source.Change, error) {
	c, err := i.Source.(source.Changer).Begin(ctx)
	return interfered{c, i.between}, err
}

type interfered struct {
	source.Change
	between func()
}

func (i interfered) Stepwise() bool { return i.Change.(source.Stepwise).Stepwise() }

func (i interfered) Settle(ctx context.Context) error {
	i.between()
	return i.Change.Settle(ctx)
}

// A server without transactions stops at a document that somebody changed. What was written stays, what
// leads to the rest is there still, and the same plan goes on.
func TestAnErasureThatStopsHalfWayGoesOn(t *testing.T) {
	t.Parallel()
	rows := map[string][]any{"customers": {bson.D{{Key: "_id", Value: kari}, {Key: "email", Value: "kari@example.com"}}}}
	for i := range 5 {
		rows["orders"] = append(rows["orders"], bson.D{{Key: "_id", Value: int32(i)}, {Key: "customer", Value: kari}, {Key: "at", Value: "x"}})
	}
	for _, name := range []string{"goods", "groups"} {
		rows[name] = []any{bson.D{{Key: "_id", Value: "of nobody"}}}
	}
	db, s := documents(t, documentShop, rows)
	meddler := &interfering{Source: s.Connected[0].Source, between: func() {}}
	s.Connected[0].Source = meddler
	var file bytes.Buffer
	ledger, err := engine.NewLedgerWriter(&file, []byte("a key that is kept apart"), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), true)
	if err != nil {
		t.Fatal(err)
	}
	p, err := engine.PrepareErase(t.Context(), s, email("kari@example.com"), nil, engine.RunOptions{Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if p.Blocked() {
		t.Fatalf("%+v", p.Problems)
	}
	change := func(value any) {
		t.Helper()
		if _, err := db.Collection("orders").UpdateOne(context.Background(), bson.D{{Key: "_id", Value: 3}}, bson.D{{Key: "$set", Value: bson.D{{Key: "at", Value: value}}}}); err != nil {
			t.Fatal(err)
		}
	}
	run := func(between func()) (engine.SourceResult, error) {
		meddler.between = between
		out, err := p.Execute(context.Background(), p.Summary.Digest)
		if err != nil {
			return engine.SourceResult{}, err
		}
		return out.Results[0], nil
	}
	_, err = run(func() { change("y") })
	var partly *engine.PartlyError
	var drift *engine.DriftError
	if !portaltest.PrivateMongoDB() {
		if errors.As(err, &partly) || !errors.Is(err, &source.Error{Code: source.Locked}) || len(held(t, db, "orders")) != 5 {
			t.Errorf("in a transaction: %v", err)
		}
		change("x")
		if result, err := run(func() {}); err != nil || result.Deleted != 6 {
			t.Errorf("again: %+v, %v", result, err)
		}
		return
	}
	if !errors.As(err, &partly) || !errors.Is(err, &source.Error{Code: source.Locked}) {
		t.Fatal(err)
	}
	left := held(t, db, "orders")
	if len(left) == 5 || !strings.Contains(fmt.Sprint(left), `"_id":3`) || len(held(t, db, "customers")) != 1 {
		t.Fatalf("after the stop: %v", left)
	}
	// The one that was changed is another one than was approved.
	if _, err := run(func() {}); !errors.As(err, &drift) || drift.Rows != 1 || drift.Done != 5-len(left) {
		t.Errorf("over a changed document: %v", err)
	}
	same(t, "not written", held(t, db, "orders"), left)
	if strings.Contains(file.String(), "undone") {
		t.Error("the ledger says that nothing was erased")
	}
	change("x")
	result, err := run(func() {})
	if err != nil || result.Deleted != 6 {
		t.Fatalf("the same plan: %+v, %v", result, err)
	}
	same(t, "left", []any{held(t, db, "orders"), held(t, db, "customers")}, "[[] []]")
	if result, err := run(func() {}); err != nil || result.Deleted != 6 {
		t.Errorf("once more: %+v, %v", result, err)
	}
}

package mongodb_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

// database connects a fresh database, with a second way into it.
func database(t *testing.T) (source.Source, *mongo.Database) {
	t.Helper()
	dsn := portaltest.MongoDB(t)
	return open(t, dsn), portaltest.OpenMongoDB(t, dsn)
}

func open(t *testing.T, dsn string) source.Source {
	t.Helper()
	s, err := kinds.Open(context.Background(), source.Config{Name: "s", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// load makes a collection of a sample. Dates without a time, and times without a zone, are texts: BSON
// has only moments. Decimals are doubles: the server of the tests has no others.
func load(t *testing.T, samples ...portaltest.Sample) source.Source {
	t.Helper()
	s, db := database(t)
	for _, sample := range samples {
		if err := db.CreateCollection(t.Context(), sample.Name); err != nil {
			t.Fatal(err)
		}
		var rows []any
		for _, row := range sample.Rows {
			doc := bson.D{}
			for i, c := range sample.Columns {
				doc = append(doc, bson.E{Key: c.Name, Value: stored(t, row[i])})
			}
			rows = append(rows, doc)
		}
		if _, err := db.Collection(sample.Name).InsertMany(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func stored(t *testing.T, v source.Value) any {
	t.Helper()
	switch v.Kind {
	case source.Null:
		return nil
	case source.Bool:
		return v.Int != 0
	case source.Int:
		return v.Int
	case source.Float:
		return v.Float
	case source.Bytes:
		return []byte(v.Str)
	case source.Decimal:
		f, err := json.Number(v.Str).Float64()
		if err != nil {
			t.Fatal(err)
		}
		return f
	case source.JSON:
		var doc any
		if err := bson.UnmarshalExtJSON([]byte(`{"v":`+v.Str+`}`), false, &doc); err != nil {
			t.Fatal(err)
		}
		return doc.(bson.D)[0].Value
	}
	return v.Str
}

// holds tells which of the hostile names the server of the tests can have. MongoDB has more.
func holds(name string) bool { return !strings.ContainsAny(name, "\"$.\\") }

func TestContract(t *testing.T) {
	t.Parallel()
	portaltest.CheckSource(t, portaltest.SourceKind{Name: "mongodb", Load: load, Open: true, Small: portaltest.PrivateMongoDB(), Holds: holds})
}

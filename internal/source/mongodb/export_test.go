package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"mininfo/internal/source"
)

// For the tests of what only a server with all of MongoDB's types and names could be asked.
var (
	Decode = decode
	Put    = put
	Place  = place
)

// Filters writes a match as the server is asked for it.
func Filters(t *source.Table, m *source.Match) []any { return question(t, m).filters }

// Model writes the change of one document after it was seen.
func Model(t *source.Table, doc bson.Raw, columns []string, set map[string]bson.RawValue, gone bool) any {
	n := &noted{table: t, id: column(doc, idField), gone: gone}
	n.see(doc, columns)
	for name, v := range set {
		n.assign(name, v)
	}
	return n.model(doc, true)
}

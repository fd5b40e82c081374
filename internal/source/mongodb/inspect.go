package mongodb

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"mininfo/internal/source"
)

// The bounds of what is looked at to learn a collection's fields: as many of the oldest documents as of
// the newest.
const (
	sampleRows  = 100
	sampleBytes = 4 << 20
	maxColumns  = 1000
)

// collection is one entry of the list of collections.
type collection struct {
	Name    string `bson:"name"`
	Type    string `bson:"type"`
	Options struct {
		Capped    bool     `bson:"capped"`
		Collation bson.Raw `bson:"collation"`
		Validator struct {
			Schema rules `bson:"$jsonSchema"`
		} `bson:"validator"`
	} `bson:"options"`
}

// rules are what a collection's own schema says of its fields, as far as it matters here.
type rules struct {
	Properties map[string]struct {
		Type        bson.RawValue `bson:"bsonType"`
		Enum        bson.RawValue `bson:"enum"`
		MaxLength   int           `bson:"maxLength"`
		Description string        `bson:"description"`
	} `bson:"properties"`
}

// Inspect reads which collections there are, their rules of uniqueness, and of each a few documents.
// A collection that the account may not read has no fields but its key.
func (s *Source) Inspect(ctx context.Context) (*source.Schema, error) {
	db, known, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.collections(ctx, db)
	if err != nil {
		return nil, err
	}
	may, err := s.privileges(ctx, db)
	if err != nil {
		return nil, err
	}
	schema := &source.Schema{System: known.system}
	for _, c := range list {
		t := source.Table{Name: source.TableName{Name: c.Name}, View: c.Type == "view", PrimaryKey: []string{idField}, Open: true,
			CanSelect: may.do(c.Name, "find"), Rows: -1}
		// What a series over time or a capped collection holds is not changed one by one.
		changeable := c.Type == "collection" || c.Type == ""
		t.CanUpdate = changeable && may.do(c.Name, "update")
		t.CanDelete = changeable && !c.Options.Capped && may.do(c.Name, "remove")
		if err := s.describe(ctx, db, &t, &c); err != nil {
			return nil, err
		}
		schema.Tables = append(schema.Tables, t)
	}
	return schema, nil
}

// idField is the key of every document.
const idField = "_id"

// collections lists what is there, by name. An account with rights to some collections alone is told
// those.
func (s *Source) collections(ctx context.Context, db *mongo.Database) ([]collection, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	read := func(o *options.ListCollectionsOptionsBuilder) (list []collection, err error) {
		cursor, err := db.ListCollections(ctx, bson.D{}, o)
		if err == nil {
			err = cursor.All(ctx, &list)
		}
		return list, s.fail(ctx, err)
	}
	list, err := read(options.ListCollections())
	if errors.Is(err, &source.Error{Code: source.Denied}) {
		list, err = read(options.ListCollections().SetNameOnly(true).SetAuthorizedCollections(true))
	}
	list = slices.DeleteFunc(list, func(c collection) bool { return strings.HasPrefix(c.Name, "system.") })
	slices.SortFunc(list, func(a, b collection) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

// privileges are what the account may do; nil: the server asks nobody who they are, or does not tell.
type privileges []privilege

type privilege struct {
	Resource struct {
		Database   *string `bson:"db"`
		Collection *string `bson:"collection"`
		Any        bool    `bson:"anyResource"`
	} `bson:"resource"`
	Actions []string `bson:"actions"`
}

func (s *Source) privileges(ctx context.Context, db *mongo.Database) (privileges, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var status struct {
		Info struct {
			Privileges privileges `bson:"authenticatedUserPrivileges"`
		} `bson:"authInfo"`
	}
	err := db.RunCommand(ctx, bson.D{{Key: "connectionStatus", Value: 1}, {Key: "showPrivileges", Value: true}}).Decode(&status)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	var own privileges
	for _, p := range status.Info.Privileges {
		r := p.Resource
		if r.Any || r.Database != nil && r.Collection != nil && (*r.Database == "" || *r.Database == s.database) {
			own = append(own, p)
		}
	}
	if own == nil && len(status.Info.Privileges) > 0 {
		own = privileges{}
	}
	return own, nil
}

func (p privileges) do(collection, action string) bool {
	return p == nil || slices.ContainsFunc(p, func(one privilege) bool {
		r := one.Resource
		return (r.Any || *r.Collection == "" || *r.Collection == collection) && (slices.Contains(one.Actions, action) || slices.Contains(one.Actions, "anyAction"))
	})
}

// describe fills in the columns of a collection and its rules.
func (s *Source) describe(ctx context.Context, db *mongo.Database, t *source.Table, c *collection) error {
	seen := &sample{at: map[string]int{}}
	seen.field(idField)
	if t.CanSelect {
		for _, newest := range []bool{false, true} {
			n, err := s.look(ctx, db.Collection(t.Name.Name), t.View, newest, seen)
			if errors.Is(err, &source.Error{Code: source.Denied}) {
				t.CanSelect = false
			} else if err != nil {
				return err
			}
			if n < sampleRows || t.View {
				break
			}
		}
	}
	if !t.View && t.CanSelect {
		if err := s.indexes(ctx, db, t); err != nil {
			return err
		}
	}
	for _, f := range seen.fields {
		t.Columns = append(t.Columns, f.column())
	}
	t.Columns[0].Nullable = false
	if len(c.Options.Collation) > 0 {
		t.Columns[0].Collation = c.Options.Collation.Lookup("locale").StringValue()
	}
	for i := range t.Columns {
		column := &t.Columns[i]
		if unique(t, column.Name) {
			// Nothing but one document can be without a value.
			column.Nullable = false
		}
		if rule, ok := c.Options.Validator.Schema.Properties[column.Name]; ok {
			column.MaxLength, column.Comment = rule.MaxLength, rule.Description
			column.Nullable = column.Nullable && nullable(rule.Type)
			for _, v := range members(rule.Enum) {
				if text, ok := v.StringValueOK(); ok {
					column.Enum = append(column.Enum, text)
				}
			}
		}
	}
	return nil
}

// unique tells whether a rule of uniqueness is about a column, or about a place inside it.
func unique(t *source.Table, column string) bool {
	return slices.ContainsFunc(t.Uniques, func(u source.Index) bool {
		return !u.Primary && !u.Partial && slices.Contains(u.Columns, column)
	})
}

// nullable tells whether a type of a collection's own schema lets a field be null.
func nullable(t bson.RawValue) bool {
	if one, ok := t.StringValueOK(); ok {
		return one == "null"
	}
	list := members(t)
	return len(list) == 0 || slices.ContainsFunc(list, func(v bson.RawValue) bool { return decode(v).Text() == "null" })
}

// look reads some documents, the oldest or the newest by their keys.
func (s *Source) look(ctx context.Context, c *mongo.Collection, view, newest bool, seen *sample) (n int, err error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	o := options.Find().SetLimit(sampleRows).SetBatchSize(20)
	if !view {
		o.SetSort(bson.D{{Key: idField, Value: map[bool]int{false: 1, true: -1}[newest]}})
	}
	cursor, err := c.Find(ctx, bson.D{}, o)
	if err != nil {
		return 0, s.fail(ctx, err)
	}
	defer shut(ctx, cursor)
	for bytes := 0; bytes < sampleBytes && cursor.Next(ctx); n++ {
		bytes += len(cursor.Current)
		seen.add(cursor.Current)
	}
	return n, s.fail(ctx, cursor.Err())
}

// indexes reads the rules of uniqueness.
func (s *Source) indexes(ctx context.Context, db *mongo.Database, t *source.Table) error {
	t.Uniques = []source.Index{{Name: "_id_", Columns: []string{idField}, Primary: true}}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	var list []struct {
		Name    string   `bson:"name"`
		Key     bson.Raw `bson:"key"`
		Unique  bool     `bson:"unique"`
		Sparse  bool     `bson:"sparse"`
		Partial bson.Raw `bson:"partialFilterExpression"`
	}
	cursor, err := db.Collection(t.Name.Name).Indexes().List(ctx)
	if err == nil {
		err = cursor.All(ctx, &list)
	}
	if err = s.fail(ctx, err); errors.Is(err, &source.Error{Code: source.Denied}) {
		return nil // to look is right enough; what is refused then is told when it is
	}
	for _, index := range list {
		if !index.Unique || index.Name == "_id_" {
			continue
		}
		u := source.Index{Name: index.Name, Partial: index.Sparse || index.Partial != nil}
		keys, _ := index.Key.Elements()
		for _, e := range keys {
			u.Columns = append(u.Columns, e.Key())
		}
		t.Uniques = append(t.Uniques, u)
	}
	return err
}

// sample is what was seen in a collection's documents, by the names of their fields.
type sample struct {
	fields []*field
	at     map[string]int
}

// field is what was seen under one name: how many values of which types, and in lists.
type field struct {
	name  string
	types map[bson.Type]bool
	elems map[bson.Type]bool
	whole bool // all doubles were whole numbers
}

func (s *sample) field(name string) *field {
	i, known := s.at[name]
	if !known {
		i = len(s.fields)
		s.at[name] = i
		s.fields = append(s.fields, &field{name: name, types: map[bson.Type]bool{}, elems: map[bson.Type]bool{}, whole: true})
	}
	return s.fields[i]
}

func (s *sample) add(doc bson.Raw) {
	list, _ := doc.Elements()
	for _, e := range list {
		if _, known := s.at[e.Key()]; !known && len(s.fields) >= maxColumns {
			continue
		}
		f, v := s.field(e.Key()), e.Value()
		if absent(v) {
			continue
		}
		f.note(f.types, v)
		for _, each := range members(v) {
			if !absent(each) {
				f.note(f.elems, each)
			}
		}
	}
}

func (f *field) note(types map[bson.Type]bool, v bson.RawValue) {
	t := v.Type
	if subtype, data, ok := v.BinaryOK(); ok && subtype == uuidBinary && len(data) == 16 {
		t = typeUUID
	}
	types[t] = true
	f.whole = f.whole && (t != bson.TypeDouble || decode(v).Kind == source.Int)
}

// typeUUID stands for binary data that are a UUID.
const typeUUID bson.Type = 0xF0

// column says what a field is: of one type, or of several that have something in common.
func (f *field) column() source.Column {
	c := source.Column{Name: f.name, Nullable: true}
	_, lists := f.types[bson.TypeArray]
	if !lists {
		c.Class, c.Type = f.classOf(f.types)
	} else if elem, name := f.classOf(f.elems); elem == source.ClassJSON || f.elems[bson.TypeArray] {
		c.Class, c.Type = source.ClassJSON, "array"
	} else {
		c.Class, c.Type, c.Elem, c.ElemType = source.ClassArray, "array", elem, name
		if len(f.elems) == 0 {
			c.Elem = source.ClassText
		}
	}
	c.HasZone = c.Class == source.ClassTime
	return c
}

var types = map[bson.Type]struct {
	class source.Class
	name  string
}{
	bson.TypeString: {source.ClassText, "string"}, bson.TypeInt32: {source.ClassInt, "int"}, bson.TypeInt64: {source.ClassInt, "long"},
	bson.TypeDouble: {source.ClassFloat, "double"}, bson.TypeDecimal128: {source.ClassDecimal, "decimal"}, bson.TypeBoolean: {source.ClassBool, "bool"},
	bson.TypeDateTime: {source.ClassTime, "date"}, bson.TypeObjectID: {source.ClassOther, "objectId"}, bson.TypeBinary: {source.ClassBytes, "binData"},
	typeUUID: {source.ClassUUID, "uuid"}, bson.TypeEmbeddedDocument: {source.ClassJSON, "object"},
}

func (f *field) classOf(seen map[bson.Type]bool) (source.Class, string) {
	numbers, others := 0, 0
	var only bson.Type
	for t := range seen {
		switch only = t; t {
		case bson.TypeInt32, bson.TypeInt64, bson.TypeDouble, bson.TypeDecimal128:
			numbers++
		default:
			others++
		}
	}
	switch {
	case numbers+others == 0:
		return source.ClassOther, ""
	case others == 0 && !seen[bson.TypeDecimal128] && f.whole:
		if seen[bson.TypeInt64] || numbers > 1 {
			return source.ClassInt, "long"
		}
		return source.ClassInt, map[bool]string{true: "int", false: "long"}[seen[bson.TypeInt32]]
	case numbers > 1 && others == 0:
		return source.ClassDecimal, "number"
	case numbers+others == 1:
		if t, ok := types[only]; ok {
			return t.class, t.name
		}
		return source.ClassOther, ""
	case seen[bson.TypeEmbeddedDocument] || seen[bson.TypeBinary]:
		return source.ClassOther, "mixed"
	}
	return source.ClassText, "mixed"
}

package mongodb

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"mininfo/internal/source"
)

// The bounds of what is written at once.
const (
	writeAtOnce = 500
	writeBytes  = 8 << 20
	guardBytes  = 256 << 10 // of a value that the server compares; larger ones are compared here alone
	attempts    = 3         // of a transaction that the server calls off for reasons of its own
)

// Settle writes everything in a transaction that is not committed yet, so that the server applies all
// of its rules. Without transactions the rules of uniqueness are looked at here.
func (c *change) Settle(ctx context.Context) error {
	if c.Stepwise() {
		return c.unique(ctx)
	}
	for left := attempts; ; {
		if c.txn != nil || len(c.order) == 0 {
			return nil
		}
		err := c.begin(ctx)
		if err == nil {
			return nil
		}
		_ = c.Rollback(ctx)
		var labelled mongo.LabeledError
		if left--; left == 0 || !errors.As(err, &labelled) || !labelled.HasErrorLabel("TransientTransactionError") {
			return c.refused(ctx, err)
		}
	}
}

func (c *change) begin(ctx context.Context) error {
	var err error
	if c.txn, err = c.db.Client().StartSession(); err != nil {
		return err
	}
	if err = c.txn.StartTransaction(options.Transaction().SetReadConcern(readconcern.Snapshot())); err != nil {
		return err
	}
	return c.write(mongo.NewSessionContext(ctx, c.txn))
}

// refused names the rule that forbids a change, if it is one of the catalogue's own: the rest of the
// server's text quotes documents.
func (c *change) refused(ctx context.Context, err error) error {
	out := c.s.fail(ctx, err)
	var own *source.Error
	var answered mongo.ServerError
	if !errors.As(out, &own) || own.Code != source.Constraint || !errors.As(err, &answered) {
		return out
	}
	for _, n := range c.order {
		for _, u := range n.table.Uniques {
			if own.Constraint == "" && answered.HasErrorMessage(" index: "+u.Name+" dup key") {
				own.Constraint, own.Table = u.Name, n.table.Name.Name
			}
		}
	}
	return out
}

// Commit makes the transaction last. Whether it does is asked again when the answer was lost.
// Without transactions it writes.
func (c *change) Commit(ctx context.Context) error {
	if c.Stepwise() {
		return c.refused(ctx, c.write(ctx))
	}
	if err := c.Settle(ctx); err != nil || c.txn == nil {
		return err
	}
	var err error
	for range attempts {
		err = c.txn.CommitTransaction(ctx)
		var labelled mongo.LabeledError
		if err == nil || !errors.As(err, &labelled) || !labelled.HasErrorLabel("UnknownTransactionCommitResult") {
			break
		}
	}
	c.txn.EndSession(context.WithoutCancel(ctx))
	c.txn = nil
	return c.refused(ctx, err)
}

// write changes the documents in the order in which they were named, those of one collection to which
// the same is done together. One that is not as it was seen stops it, before those that come after:
// what leads to a document that is still there must not go before it.
func (c *change) write(ctx context.Context) error {
	for first := 0; first < len(c.order); {
		last := first + 1
		for last < len(c.order) && last-first < writeAtOnce && c.order[last].table.Name == c.order[first].table.Name && c.order[last].gone == c.order[first].gone {
			last++
		}
		if err := c.some(ctx, c.order[first:last]); err != nil {
			return err
		}
		first = last
	}
	return nil
}

// some changes documents of one collection, after reading them again.
func (c *change) some(ctx context.Context, rows []*noted) error {
	t := rows[0].table
	var ids bson.A
	var fields []source.Field
	by := map[string]*noted{}
	for _, n := range rows {
		ids = append(ids, n.id)
		by[nameOf(t, n.id)] = n
		for _, s := range n.seen {
			for _, name := range s.columns {
				if f := (source.Field{Column: name}); !slices.ContainsFunc(fields, func(o source.Field) bool { return o.Column == name }) {
					fields = append(fields, f)
				}
			}
		}
	}
	var models []mongo.WriteModel
	size, found := 0, 0
	flush := func() error {
		if len(models) == 0 {
			return nil
		}
		err := c.bulk(ctx, t, models)
		models, size = nil, 0
		return err
	}
	filter := bson.D{{Key: idField, Value: bson.D{{Key: "$in", Value: ids}}}}
	err := c.stream(ctx, t, filter, paths(fields), 0, func(doc bson.Raw) error {
		n := by[nameOf(t, column(doc, idField))]
		if n == nil {
			return nil
		}
		if !n.still(doc) {
			return c.fail(source.Locked, t)
		}
		found++
		// The document is the cursor's own memory until the next one.
		models = append(models, n.model(bytes.Clone(doc), c.Stepwise()))
		if size += len(doc); size > writeBytes || len(models) >= c.server.batch {
			return flush()
		}
		return nil
	})
	if err == nil && found != len(rows) {
		err = c.fail(source.Locked, t)
	}
	if err != nil {
		return err
	}
	return flush()
}

func (c *change) bulk(ctx context.Context, t *source.Table, models []mongo.WriteModel) error {
	ctx, cancel := c.s.limit(ctx)
	defer cancel()
	o := options.BulkWrite().SetOrdered(true)
	done, err := c.db.Collection(t.Name.Name).BulkWrite(ctx, models, o)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	}
	if done.MatchedCount+done.DeletedCount != int64(len(models)) {
		return c.fail(source.Locked, t)
	}
	return nil
}

// model writes the change of one document. guarded: under the condition that it holds what was seen.
func (n *noted) model(doc bson.Raw, guarded bool) mongo.WriteModel {
	filter := bson.D{{Key: idField, Value: bson.D{{Key: "$eq", Value: n.id}}}}
	if guarded {
		filter = append(filter, n.guards(doc)...)
	}
	simple := collation(n.table)
	if n.gone {
		return mongo.NewDeleteOneModel().SetFilter(filter).SetCollation(simple)
	}
	return mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(n.update()).SetCollation(simple)
}

func collation(t *source.Table) *options.Collation {
	if id, ok := t.Column(idField); !ok || id.Collation == "" {
		return nil
	}
	return &options.Collation{Locale: "simple"}
}

// update writes the new values. A name that the server would take for a path is written as a word.
func (n *noted) update() any {
	set := bson.D{}
	var stages bson.A
	for _, a := range n.set {
		if plain(a.column) {
			set = append(set, bson.E{Key: a.column, Value: a.value})
			continue
		}
		stages = append(stages, bson.D{{Key: "$replaceWith", Value: bson.D{{Key: "$setField", Value: bson.D{
			{Key: "field", Value: literal(a.column)}, {Key: "input", Value: "$$ROOT"}, {Key: "value", Value: literal(a.value)}}}}}})
	}
	if stages == nil && len(set) > 0 {
		return bson.D{{Key: "$set", Value: set}}
	}
	for _, e := range set {
		stages = append(stages, bson.D{{Key: "$set", Value: bson.D{{Key: e.Key, Value: literal(e.Value)}}}})
	}
	return stages
}

func literal(v any) bson.D { return bson.D{{Key: "$literal", Value: v}} }

// guards write the condition that a document holds what was seen in it, with the types: for the server
// a list that holds a value equals it, and null what is missing.
func (n *noted) guards(doc bson.Raw) bson.D {
	var out bson.D
	var same bson.A
	done := map[string]bool{}
	for _, s := range n.seen {
		for _, name := range s.columns {
			if done[name] || name == idField {
				continue
			}
			done[name] = true
			v := column(doc, name)
			if !plain(name) {
				same = append(same, held(name, v))
				continue
			}
			out = append(out, bson.E{Key: name, Value: guard(v)})
		}
	}
	if same != nil {
		out = append(out, bson.E{Key: "$expr", Value: bson.D{{Key: "$and", Value: same}}})
	}
	return out
}

func guard(v bson.RawValue) bson.D {
	if v.Type == 0 {
		return bson.D{{Key: "$exists", Value: false}}
	}
	is := bson.D{{Key: "$type", Value: int32(v.Type)}}
	if v.Type == bson.TypeMinKey {
		is = bson.D{{Key: "$type", Value: -1}}
	}
	if v.Type != bson.TypeArray {
		is = append(is, bson.E{Key: "$not", Value: bson.D{{Key: "$type", Value: int32(bson.TypeArray)}}})
	}
	switch v.Type {
	case bson.TypeNull, bson.TypeUndefined, bson.TypeMinKey, bson.TypeMaxKey, bson.TypeDBPointer, bson.TypeCodeWithScope:
		return is
	}
	if len(v.Value) > guardBytes {
		return is
	}
	if v.Type == bson.TypeArray {
		// $type would look at the elements of old servers' lists.
		is = nil
	}
	return append(is, bson.E{Key: "$eq", Value: v})
}

// held is guard for a name that cannot stand in a path.
func held(name string, v bson.RawValue) bson.D {
	field := bson.D{{Key: "$getField", Value: bson.D{{Key: "field", Value: literal(name)}, {Key: "input", Value: "$$ROOT"}}}}
	if v.Type == 0 {
		return bson.D{{Key: "$eq", Value: bson.A{bson.D{{Key: "$type", Value: field}}, "missing"}}}
	}
	return bson.D{{Key: "$eq", Value: bson.A{field, literal(v)}}}
}

// unique looks whether new values are taken, where the server would say so only when others are
// written already.
func (c *change) unique(ctx context.Context) error {
	type rule struct {
		table *source.Table
		index source.Index
	}
	var order []rule
	wanted := map[string]map[string]*noted{} // by index, then by value
	values := map[string]bson.A{}
	for _, n := range c.order {
		for _, u := range n.table.Uniques {
			v, set := n.under(u)
			if n.gone || u.Primary || !set || u.Partial && absent(v) {
				continue
			}
			at, key := n.table.Name.Name+"\x00"+u.Name, string(rune(v.Type))+string(v.Value)
			if wanted[at] == nil {
				wanted[at] = map[string]*noted{}
				order = append(order, rule{n.table, u})
			}
			if wanted[at][key] != nil {
				return c.taken(n.table, u)
			}
			wanted[at][key] = n
			values[at] = append(values[at], v)
		}
	}
	for _, r := range order {
		list := values[r.table.Name.Name+"\x00"+r.index.Name]
		for len(list) > 0 {
			size := min(len(list), keysAtOnce)
			filter := bson.D{{Key: r.index.Columns[0], Value: bson.D{{Key: "$in", Value: list[:size]}}}}
			err := c.stream(ctx, r.table, filter, []string{idField}, 0, func(doc bson.Raw) error {
				other := c.rows[nameOf(r.table, column(doc, idField))]
				if other != nil && other.acts {
					if _, moves := other.under(r.index); moves || other.gone {
						return nil
					}
				}
				return c.taken(r.table, r.index)
			})
			if err != nil {
				return err
			}
			list = list[size:]
		}
	}
	return nil
}

func (c *change) taken(t *source.Table, u source.Index) error {
	return &source.Error{Source: c.s.name, Code: source.Constraint, Constraint: u.Name, Table: t.Name.Name}
}

// under gives the new value of the one field that a rule of uniqueness is about; false: it stays, or
// the rule is about several.
func (n *noted) under(u source.Index) (bson.RawValue, bool) {
	if len(u.Columns) != 1 {
		return bson.RawValue{}, false
	}
	name, rest, nested := strings.Cut(u.Columns[0], ".")
	for _, a := range n.set {
		if a.column != name {
			continue
		}
		if !nested {
			return a.value, a.value.Type != bson.TypeArray
		}
		var found []bson.RawValue
		if through := inside(a.value, strings.Split(rest, "."), &found); len(found) == 1 && !through {
			return found[0], true
		}
	}
	return bson.RawValue{}, false
}

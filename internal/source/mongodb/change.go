package mongodb

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"mininfo/internal/source"
)

// change collects what is to be done to documents. Nothing is written before everything is noted.
// In a transaction (Settle) each document is read again and must hold what was seen in it; then all
// of it is written or nothing. Without transactions the commit writes, document by document under the
// condition that it still is what was seen: see commit.go.
type change struct {
	*snapshot
	rows  map[string]*noted
	order []*noted       // those that are to be changed, as they were named
	txn   *mongo.Session // a transaction in which everything is written
}

// noted is a document that was looked at.
type noted struct {
	table *source.Table
	id    bson.RawValue
	seen  []sight
	set   []assignment
	gone  bool
	acts  bool // in the order
}

// sight is what some of a document's columns held when they were read.
type sight struct {
	columns []string
	sum     [sha256.Size]byte
}

// assignment is a column's new value.
type assignment struct {
	column string
	value  bson.RawValue
}

// Begin starts a change. Nothing is asked of the server yet but which collections there are.
func (s *Source) Begin(ctx context.Context) (source.Change, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	return &change{snapshot: v, rows: map[string]*noted{}}, nil
}

// Stepwise: without transactions what was written before a failure stays.
func (c *change) Stepwise() bool { return !c.server.transactions }

func (c *change) fail(code source.Code, t *source.Table) error {
	return &source.Error{Source: c.s.name, Code: code, Table: t.Name.Name}
}

func nameOf(t *source.Table, id bson.RawValue) string {
	return t.Name.Name + "\x00" + string(rune(id.Type)) + string(id.Value)
}

func look(doc bson.Raw, columns []string) sight {
	h := sha256.New()
	for _, name := range columns {
		v := column(doc, name)
		fmt.Fprintf(h, "%d:%d:", v.Type, len(v.Value))
		h.Write(v.Value)
	}
	out := sight{columns: columns}
	h.Sum(out.sum[:0])
	return out
}

// still tells whether a document holds what was seen in it.
func (n *noted) still(doc bson.Raw) bool {
	return !slices.ContainsFunc(n.seen, func(s sight) bool { return look(doc, s.columns).sum != s.sum })
}

// see notes what a document holds in some columns, once.
func (n *noted) see(doc bson.Raw, columns []string) {
	for _, s := range n.seen {
		if slices.Equal(s.columns, columns) {
			return
		}
	}
	n.seen = append(n.seen, look(doc, columns))
}

// now gives a column's value with what is noted for it.
func (n *noted) now(doc bson.Raw, name string) bson.RawValue {
	for _, a := range n.set {
		if a.column == name {
			return a.value
		}
	}
	return column(doc, name)
}

func (n *noted) assign(name string, v bson.RawValue) {
	for i := range n.set {
		if n.set[i].column == name {
			n.set[i].value = v
			return
		}
	}
	n.set = append(n.set, assignment{column: name, value: v})
}

// columnsOf lists the columns of fields, each once.
func columnsOf(t *source.Table, fields ...source.Field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		if c, ok := t.Column(f.Column); ok && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	slices.Sort(out)
	return out
}

// each reads the documents with these keys, and tells which tuple each has.
func (c *change) each(ctx context.Context, t *source.Table, keys *source.Match, columns []string, fn func(tuple int, n *noted, doc bson.Raw) error) error {
	which := map[string]int{}
	for i, tuple := range keys.Tuples {
		if key, ok := exactly(keys, tuple); ok {
			which[key] = i
		}
	}
	read := paths(keys.Fields, fieldsOf(columns))
	tuple := make([]source.Value, len(keys.Fields))
	for _, filter := range question(t, keys).filters {
		err := c.stream(ctx, t, filter, read, 0, func(doc bson.Raw) error {
			for i, f := range keys.Fields {
				tuple[i] = place(column(doc, f.Column), f)
			}
			key, _ := exactly(keys, tuple)
			at, ok := which[key]
			if !ok {
				return nil
			}
			id := column(doc, idField)
			name := nameOf(t, id)
			n := c.rows[name]
			if n == nil {
				n = &noted{table: t, id: bson.RawValue{Type: id.Type, Value: bytes.Clone(id.Value)}}
				c.rows[name] = n
			}
			return fn(at, n, doc)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func fieldsOf(columns []string) []source.Field {
	out := make([]source.Field, len(columns))
	for i, name := range columns {
		out[i] = source.Field{Column: name}
	}
	return out
}

// exactly gives the text by which keys are compared: 1 is not "1".
func exactly(m *source.Match, tuple []source.Value) (string, bool) {
	var b strings.Builder
	for _, v := range tuple {
		if v.IsNull() && !m.NullSafe {
			return "", false
		}
		text := v.Typed()
		b.WriteString(strconv.Itoa(len(text)) + ":" + text)
	}
	return b.String(), true
}

// Lock reads documents and remembers what was in them. What is noted already is shown as if it were
// done. Nobody else is kept from them: they are compared again when they are written.
func (c *change) Lock(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	if q.Match == nil {
		return c.fail(source.Unsupported, q.Table)
	}
	columns := columnsOf(q.Table, q.Fields...)
	row := make([]source.Value, len(q.Fields))
	return c.each(ctx, q.Table, q.Match, columns, func(_ int, n *noted, doc bson.Raw) error {
		n.see(doc, columns)
		if n.gone {
			return nil
		}
		for i, f := range q.Fields {
			row[i] = place(n.now(doc, f.Column), f)
		}
		return fn(row)
	})
}

// Update notes new values.
func (c *change) Update(ctx context.Context, t *source.Table, keys source.Match, sets []source.Set) (int64, error) {
	if t.View || !t.CanUpdate {
		return 0, c.fail(source.Denied, t)
	}
	var fields []source.Field
	for _, s := range sets {
		if s.Field.Column == idField || len(s.Field.Each) > 0 {
			return 0, c.fail(source.Unsupported, t)
		}
		fields = append(fields, s.Field)
	}
	columns := columnsOf(t, fields...)
	var rows int64
	err := c.each(ctx, t, &keys, columns, func(tuple int, n *noted, doc bson.Raw) error {
		if n.gone {
			return nil
		}
		n.see(doc, columns)
		for _, s := range sets {
			v := s.Value
			if s.Each != nil {
				v = s.Each[tuple]
			}
			live, _ := t.Column(s.Field.Column)
			old := n.now(doc, s.Field.Column)
			made, ok := put(old, s.Field.Path, v, live)
			if !ok {
				return c.fail(source.BadType, t)
			}
			if v.IsNull() && absent(old) {
				continue // what is not there stays so
			}
			n.assign(s.Field.Column, bson.RawValue{Type: made.Type, Value: bytes.Clone(made.Value)})
		}
		c.act(n)
		rows++
		return nil
	})
	return rows, err
}

// Delete notes that documents are to go.
func (c *change) Delete(ctx context.Context, t *source.Table, keys source.Match) (int64, error) {
	if t.View || !t.CanDelete {
		return 0, c.fail(source.Denied, t)
	}
	var rows int64
	err := c.each(ctx, t, &keys, []string{}, func(_ int, n *noted, _ bson.Raw) error {
		if !n.gone {
			n.gone, n.set = true, nil
			c.act(n)
			rows++
		}
		return nil
	})
	return rows, err
}

func (c *change) act(n *noted) {
	if !n.acts {
		n.acts = true
		c.order = append(c.order, n)
	}
}

// Effects tells what will be done. The server does nothing of its own accord.
func (c *change) Effects(context.Context) ([]source.Effect, error) {
	count := map[string]*source.Effect{}
	for _, n := range c.order {
		e := count[n.table.Name.Name]
		if e == nil {
			e = &source.Effect{Table: n.table.Name}
			count[n.table.Name.Name] = e
		}
		if n.gone {
			e.Deleted++
		} else {
			e.Updated++
		}
	}
	var out []source.Effect
	for _, e := range count {
		out = append(out, *e)
	}
	return out, nil
}

// Touched counts the documents that are to be changed.
func (c *change) Touched(_ context.Context, t *source.Table) (int64, error) {
	var rows int64
	for _, n := range c.order {
		if n.table.Name == t.Name && !n.gone {
			rows++
		}
	}
	return rows, nil
}

// Rollback forgets what was noted, and has the server forget it.
func (c *change) Rollback(ctx context.Context) error {
	if c.txn == nil {
		return nil
	}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := c.txn.AbortTransaction(short)
	c.txn.EndSession(short)
	c.txn = nil
	return c.s.fail(short, err)
}

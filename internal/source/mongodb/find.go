package mongodb

import (
	"context"
	"crypto/sha256"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"mininfo/internal/source"
)

// The bounds of one question.
const (
	keysAtOnce   = 1000
	tuplesAtOnce = 200     // of several fields
	foldsAtOnce  = 200     // written as patterns; more of them are compared here
	patternBytes = 8 << 10 // of one pattern
	filterBytes  = 1 << 20
)

// snapshot is a view. On a replica set it shows one moment; elsewhere each question is answered as
// things then are.
type snapshot struct {
	s      *Source
	db     *mongo.Database
	server *server
	sess   *mongo.Session // nil: no one moment
	tables map[string]collection
}

// Snapshot begins a view.
func (s *Source) Snapshot(ctx context.Context) (source.Snapshot, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	if v.server.snapshots {
		if v.sess, err = v.db.Client().StartSession(options.Session().SetSnapshot(true)); err != nil {
			return nil, s.fail(ctx, err)
		}
	}
	return v, nil
}

// view looks which collections there are: one that is gone answers like one that is empty.
func (s *Source) view(ctx context.Context) (*snapshot, error) {
	db, known, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.collections(ctx, db)
	if err != nil {
		return nil, err
	}
	v := &snapshot{s: s, db: db, server: known, tables: map[string]collection{}}
	for _, c := range list {
		v.tables[c.Name] = c
	}
	return v, nil
}

// Close ends the view.
func (v *snapshot) Close() error {
	if v.sess != nil {
		v.sess.EndSession(context.Background())
		v.sess = nil
	}
	return nil
}

func (v *snapshot) table(t *source.Table) (collection, error) {
	if t == nil {
		return collection{}, &source.Error{Source: v.s.name, Code: source.Missing}
	}
	c, ok := v.tables[t.Name.Name]
	if !ok {
		return c, &source.Error{Source: v.s.name, Code: source.Missing, Table: t.Name.Name}
	}
	return c, nil
}

// in gives the context of a question: of the view's one moment, where there is one.
func (v *snapshot) in(ctx context.Context, c collection) context.Context {
	if v.sess == nil || c.Options.Capped {
		// A capped collection has no past.
		return ctx
	}
	return mongo.NewSessionContext(ctx, v.sess)
}

// stream reads the documents that a filter selects. What it hands out is valid until fn returns.
func (v *snapshot) stream(ctx context.Context, t *source.Table, filter any, columns []string, limit int, fn func(doc bson.Raw) error) error {
	c, err := v.table(t)
	if err != nil {
		return err
	}
	ctx, cancel := v.s.limit(ctx)
	defer cancel()
	o := options.Find()
	if p := projection(columns); p != nil {
		o.SetProjection(p)
	}
	if limit > 0 {
		o.SetLimit(int64(limit))
	}
	if len(c.Options.Collation) > 0 {
		// Values are compared as they are, whatever letters the collection takes for equal.
		o.SetCollation(&options.Collation{Locale: "simple"})
	}
	inside := v.in(ctx, c)
	cursor, err := v.db.Collection(t.Name.Name).Find(inside, filter, o)
	if err != nil {
		return v.s.fail(ctx, err)
	}
	defer shut(inside, cursor)
	for cursor.Next(inside) {
		if deeper(cursor.Current, maxDepth) {
			return &source.Error{Source: v.s.name, Code: source.FailedSystem, State: StateDepth, Table: t.Name.Name}
		}
		if err := fn(cursor.Current); err != nil {
			return err
		}
	}
	if err := v.s.fail(ctx, cursor.Err()); err != nil {
		return err
	}
	// All of the documents may have been here already when the caller gave up.
	return context.Cause(ctx)
}

// StateDepth: a document lies deeper in itself than any that a server keeps.
const StateDepth = "mongodb_depth"

// maxDepth is how deep documents and lists may lie in each other; a server takes at most 250. They are
// read by functions that call themselves: without a bound one hostile answer would end the process.
const maxDepth = 300

// deeper tells whether documents and lists lie deeper in each other than that.
func deeper(doc []byte, most int) bool {
	if len(doc) <= 7*most { // the least that each takes
		return false
	}
	if most == 0 {
		return true
	}
	_, rest, ok := bsoncore.ReadLength(doc)
	for ok && len(rest) > 1 {
		var e bsoncore.Element
		if e, rest, ok = bsoncore.ReadElement(rest); !ok {
			break
		}
		if v, err := e.ValueErr(); err == nil && (v.Type == bsoncore.TypeEmbeddedDocument || v.Type == bsoncore.TypeArray) && deeper(v.Data, most-1) {
			return true
		}
	}
	return false
}

// plain tells whether a name can stand in a path: the server takes dots for steps and a dollar sign
// for a word of its own.
func plain(name string) bool {
	return name != "" && name[0] != '$' && !strings.ContainsAny(name, ".\x00")
}

// path writes a place as the server does. False: it cannot.
func path(f source.Field) (string, bool) {
	if !plain(f.Column) {
		return "", false
	}
	for _, p := range f.Path {
		if !plain(p) {
			return "", false
		}
	}
	return strings.Join(append([]string{f.Column}, f.Path...), "."), true
}

// projection names the paths that are read; nil: whole documents.
func projection(paths []string) any {
	if paths == nil {
		return nil
	}
	out := bson.D{{Key: idField, Value: 1}}
	paths = slices.Compact(slices.Sorted(slices.Values(paths)))
	for _, p := range paths {
		above := func(other string) bool { return strings.HasPrefix(p, other+".") }
		if p != idField && !strings.HasPrefix(p, idField+".") && !slices.ContainsFunc(paths, above) {
			out = append(out, bson.E{Key: p, Value: 1})
		}
	}
	return out
}

// paths gives what has to be read for fields; nil when it must be whole documents.
func paths(lists ...[]source.Field) []string {
	out := []string{}
	for _, fields := range lists {
		for _, f := range fields {
			p, ok := path(f)
			if !ok {
				return nil
			}
			out = append(out, p)
		}
	}
	return out
}

// column gives a column's value in a document.
func column(doc bson.Raw, name string) bson.RawValue {
	v, err := doc.LookupErr(name)
	if err != nil {
		return bson.RawValue{}
	}
	return v
}

// Find streams rows.
func (v *snapshot) Find(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	row := make([]source.Value, len(q.Fields))
	left := q.Limit
	deliver := func(doc bson.Raw) error {
		for i, f := range q.Fields {
			row[i] = cut(place(column(doc, f.Column), f), q.Cut)
		}
		return fn(row)
	}
	if q.Match == nil {
		return v.stream(ctx, q.Table, bson.D{}, paths(q.Fields), q.Limit, deliver)
	}
	ask := question(q.Table, q.Match)
	var seen map[[sha256.Size]byte]bool
	if len(ask.filters) > 1 {
		seen = map[[sha256.Size]byte]bool{}
	}
	for _, filter := range ask.filters {
		limit := left
		if ask.test != nil || seen != nil {
			limit = 0
		}
		enough := false
		err := v.stream(ctx, q.Table, filter, paths(q.Fields, q.Match.Fields), limit, func(doc bson.Raw) error {
			if ask.test != nil && !ask.test(doc) {
				return nil
			}
			if seen != nil {
				// A list may hold values of several questions.
				id := column(doc, idField)
				sum := sha256.Sum256(append([]byte{byte(id.Type)}, id.Value...))
				if seen[sum] {
					return nil
				}
				seen[sum] = true
			}
			if err := deliver(doc); err != nil {
				return err
			}
			if q.Limit > 0 {
				if left--; left == 0 {
					enough = true
					return errEnough
				}
			}
			return nil
		})
		if enough {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type enough struct{}

func (enough) Error() string { return "enough" }

var errEnough error = enough{}

// cut shortens a text.
func cut(v source.Value, most int) source.Value {
	if most > 0 && v.Kind == source.Text && len(v.Str) > most {
		if r := []rune(v.Str); len(r) > most {
			v.Str = string(r[:most])
		}
	}
	return v
}

// asked is a match as the server is asked for it.
type asked struct {
	filters []any
	test    func(doc bson.Raw) bool // nil: the filter says it all
}

// question writes a match. The server is asked for every type that a value may be kept in: documents
// of one collection may hold the same number as a number and as a text.
func question(t *source.Table, m *source.Match) asked {
	var names []string
	for _, f := range m.Fields {
		name, ok := path(f)
		if !ok {
			return asked{filters: []any{bson.D{}}, test: tester(m)}
		}
		names = append(names, name)
	}
	var out asked
	switch {
	case m.Fold != source.Exact && (len(names) > 1 || len(m.Tuples) > foldsAtOnce), slices.ContainsFunc(m.Tuples, ordered):
		return asked{filters: []any{bson.D{}}, test: tester(m)}
	case len(names) == 1:
		var list bson.A
		size := 0
		flush := func() {
			if len(list) > 0 {
				out.filters = append(out.filters, bson.D{{Key: names[0], Value: bson.D{{Key: "$in", Value: list}}}})
			}
			list, size = nil, 0
		}
		if m.Fold != source.Exact {
			list = folded(m)
			flush()
			return out
		}
		keys := 0
		for _, tuple := range m.Tuples {
			of := candidates(tuple[0], columnOf(t, m.Fields[0]), m.NullSafe)
			list = append(list, of...)
			keys++
			if size += len(tuple[0].Str) * len(of); keys%keysAtOnce == 0 || size > filterBytes {
				flush()
			}
		}
		flush()
		return out
	}
	for rest := m.Tuples; len(rest) > 0; {
		n := min(len(rest), tuplesAtOnce)
		var any bson.A
		for _, tuple := range rest[:n] {
			if all := every(t, m, names, tuple); all != nil {
				any = append(any, all)
			}
		}
		if len(any) > 0 {
			out.filters = append(out.filters, bson.D{{Key: "$or", Value: any}})
		}
		rest = rest[n:]
	}
	return out
}

// ordered tells whether a tuple holds a document that the server would take for an order of its own,
// such as {"$gt": ""}, and refuse. A DBRef is none.
func ordered(tuple []source.Value) bool {
	return slices.ContainsFunc(tuple, func(v source.Value) bool {
		if v.Kind != source.JSON {
			return false
		}
		doc, _ := document(v.Str, bson.RawValue{})
		list := elements(doc)
		return len(list) > 0 && strings.HasPrefix(list[0].Key(), "$") && list[0].Key() != "$ref"
	})
}

// every writes that all fields equal a tuple; nil: nothing can.
func every(t *source.Table, m *source.Match, names []string, tuple []source.Value) bson.D {
	var all bson.D
	for i, v := range tuple {
		of := candidates(v, columnOf(t, m.Fields[i]), m.NullSafe)
		if len(of) == 0 {
			return nil
		}
		all = append(all, bson.E{Key: names[i], Value: bson.D{{Key: "$in", Value: of}}})
	}
	return all
}

func columnOf(t *source.Table, f source.Field) *source.Column {
	if len(f.Path) > 0 {
		return nil
	}
	c, _ := t.Column(f.Column)
	return c
}

var numeral = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

func numbers(c *source.Column) bool {
	return c != nil && (c.Class == source.ClassInt || c.Class == source.ClassFloat || c.Class == source.ClassDecimal)
}

// candidates lists what a value may be kept as. Numbers of all types are equal to each other for the
// server, but for fractions in base ten, which only a column of such is asked for.
func candidates(v source.Value, c *source.Column, nullSafe bool) bson.A {
	text := v.Text()
	switch v.Kind {
	case source.Null:
		if nullSafe {
			return bson.A{nil}
		}
		return nil
	case source.Bytes:
		out := bson.A{}
		for _, subtype := range []byte{0, 2, 3, 5, 128} {
			out = append(out, bson.Binary{Subtype: subtype, Data: []byte(v.Str)})
		}
		return out
	case source.JSON:
		return documents(v.Str)
	}
	out := bson.A{text}
	switch {
	case v.Kind == source.Bool || v.Kind == source.Text && (text == "true" || text == "false"):
		return append(out, text == "true")
	case v.Kind == source.Float:
		return append(out, v.Float)
	case v.Kind == source.Int || v.Kind == source.Decimal || numeral.MatchString(text) || numbers(c):
		// "007" and "1e3" are numbers for a column of such alone.
		if i, ok := source.Cast(v, source.ClassInt); ok {
			return append(out, i.Int)
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			out = append(out, f)
		}
		if d, err := bson.ParseDecimal128(text); err == nil && c != nil && c.Class == source.ClassDecimal {
			out = append(out, d)
		}
		return out
	}
	if id, err := bson.ObjectIDFromHex(text); err == nil {
		out = append(out, id)
	}
	if id, err := uuid.Parse(text); err == nil {
		out = append(out, bson.Binary{Subtype: uuidBinary, Data: id[:]})
	}
	if at, ok := moment(v); ok && (len(text) >= len("2006-01-02")) {
		out = append(out, bson.NewDateTimeFromTime(at))
	}
	return out
}

// documents lists what a JSON document may have been, as the keys of some collections are: texts that
// look like an ObjectId or a date may be one.
func documents(text string) bson.A {
	plain, ok := document(text, bson.RawValue{})
	if !ok {
		return nil
	}
	out := bson.A{plain}
	if typed, changed := guessed(plain); changed {
		out = append(out, typed)
	}
	return out
}

func guessed(v bson.RawValue) (bson.RawValue, bool) {
	changed := false
	each := func(v bson.RawValue) bson.RawValue {
		g, c := guessed(v)
		changed = changed || c
		return g
	}
	var made any
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		d := bson.D{}
		for _, e := range elements(v) {
			d = append(d, bson.E{Key: e.Key(), Value: each(e.Value())})
		}
		made = d
	case bson.TypeArray:
		a := bson.A{}
		for _, e := range members(v) {
			a = append(a, each(e))
		}
		made = a
	case bson.TypeString:
		text := v.StringValue()
		if id, err := bson.ObjectIDFromHex(text); err == nil {
			made, changed = id, true
		} else if id, err := uuid.Parse(text); err == nil {
			made, changed = bson.Binary{Subtype: uuidBinary, Data: id[:]}, true
		} else if at, ok := moment(source.TextOf(text)); ok && strings.HasSuffix(text, "Z") {
			made, changed = bson.NewDateTimeFromTime(at), true
		}
	}
	if !changed {
		return v, false
	}
	out, ok := raw(made)
	return out, ok
}

// folded writes patterns for values that are compared without regard to letters' case or to anything
// but digits. They may find more: whoever asks compares again.
func folded(m *source.Match) bson.A {
	var out bson.A
	options := map[source.Fold]string{source.FoldASCII: "i"}[m.Fold]
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, bson.Regex{Pattern: "^(?:" + b.String() + ")$", Options: options})
		}
		b.Reset()
	}
	for _, tuple := range m.Tuples {
		text := m.Fold.Of(tuple[0].Text())
		if tuple[0].IsNull() || m.Fold == source.FoldDigits && text == "" {
			continue
		}
		one := strings.ReplaceAll(regexp.QuoteMeta(text), "\x00", `\x00`)
		if m.Fold == source.FoldDigits {
			one = `\D*` + strings.Join(strings.Split(text, ""), `\D*`) + `\D*`
			if i, err := strconv.ParseInt(text, 10, 64); err == nil {
				out = append(out, i)
			}
		}
		if b.Len()+len(one) > patternBytes {
			flush()
		}
		if b.Len() > 0 {
			b.WriteByte('|')
		}
		b.WriteString(one)
	}
	flush()
	return out
}

// tester compares here what the server cannot be asked.
func tester(m *source.Match) func(doc bson.Raw) bool {
	wanted := map[string]bool{}
	for _, tuple := range m.Tuples {
		if key, ok := comparable(m, tuple); ok {
			wanted[key] = true
		}
	}
	tuple := make([]source.Value, len(m.Fields))
	var from func(doc bson.Raw, i int) bool
	from = func(doc bson.Raw, i int) bool {
		if i == len(m.Fields) {
			key, ok := comparable(m, tuple)
			return ok && wanted[key]
		}
		v := place(column(doc, m.Fields[i].Column), m.Fields[i])
		list := v.Elements()
		if v.IsNull() {
			list = []source.Value{v}
		}
		for _, each := range list {
			if tuple[i] = each; from(doc, i+1) {
				return true
			}
		}
		return false
	}
	return func(doc bson.Raw) bool { return from(doc, 0) }
}

// comparable gives the text by which tuples are compared.
func comparable(m *source.Match, tuple []source.Value) (string, bool) {
	var b strings.Builder
	for _, v := range tuple {
		if v.IsNull() {
			if !m.NullSafe {
				return "", false
			}
			b.WriteString("-,")
			continue
		}
		text := m.Fold.Of(v.Text())
		if m.Fold == source.Exact && numeral.MatchString(text) {
			text = plainDecimal(text)
		}
		b.WriteString(strconv.Itoa(len(text)) + ":" + text)
	}
	return b.String(), true
}

// Count has the server count documents by value, for the values that are asked for.
func (v *snapshot) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(v source.Value, rows int64) error) error {
	m := &source.Match{Fields: []source.Field{f}}
	wanted := map[string]source.Value{}
	for _, value := range values {
		m.Tuples = append(m.Tuples, []source.Value{value})
		if key, ok := comparable(m, []source.Value{value}); ok {
			wanted[key] = value
		}
	}
	name, ok := path(f)
	if !ok {
		return source.CountFound(ctx, v, t, f, values, fn)
	}
	c, err := v.table(t)
	if err != nil {
		return err
	}
	for _, filter := range question(t, m).filters {
		counts := map[string]int64{}
		err := v.grouped(ctx, c, filter, name, func(group bson.RawValue, rows int64) {
			once := map[string]bool{}
			for _, each := range flat(group) {
				if key, ok := comparable(m, []source.Value{each}); ok && !once[key] {
					once[key] = true
					counts[key] += rows
				}
			}
		})
		if err != nil {
			return err
		}
		for key, rows := range counts {
			value, asked := wanted[key]
			if !asked {
				continue
			}
			// A list with values of two questions is in the answer to both, and counts once.
			delete(wanted, key)
			if err := fn(value, rows); err != nil {
				return err
			}
		}
	}
	return nil
}

// flat gives the values in a list and in the lists inside it.
func flat(v bson.RawValue) []source.Value {
	if v.Type != bson.TypeArray {
		return []source.Value{decode(v)}
	}
	var out []source.Value
	for _, each := range members(v) {
		out = append(out, flat(each)...)
	}
	return out
}

func (v *snapshot) grouped(ctx context.Context, c collection, filter any, name string, fn func(group bson.RawValue, rows int64)) error {
	ctx, cancel := v.s.limit(ctx)
	defer cancel()
	inside := v.in(ctx, c)
	o := options.Aggregate().SetAllowDiskUse(true)
	if len(c.Options.Collation) > 0 {
		o.SetCollation(&options.Collation{Locale: "simple"})
	}
	cursor, err := v.db.Collection(c.Name).Aggregate(inside, bson.A{
		bson.D{{Key: "$match", Value: filter}},
		bson.D{{Key: "$group", Value: bson.D{{Key: idField, Value: "$" + name}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}}}},
	}, o)
	if err != nil {
		return v.s.fail(ctx, err)
	}
	defer shut(inside, cursor)
	for cursor.Next(inside) {
		if deeper(cursor.Current, maxDepth) {
			return &source.Error{Source: v.s.name, Code: source.FailedSystem, State: StateDepth, Table: c.Name}
		}
		fn(column(cursor.Current, idField), decode(column(cursor.Current, "n")).Int)
	}
	return v.s.fail(ctx, cursor.Err())
}

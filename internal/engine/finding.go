package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"unicode/utf8"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// freeText are the categories whose texts may say anything about anyone.
var freeText = []string{"user.content", "user.social", "user.behavior"}

// isFreeText tells whether a field holds text that people write freely.
func (f *field) isFreeText() bool {
	text := f.column.Class == source.ClassText || f.column.Class == source.ClassJSON
	if !text || f.leaf == nil || f.leaf.Identity != "" || f.key || f.link {
		return false
	}
	return contains(f.categories, "user") || dataset.CoversAny(freeText, f.categories)
}

// template gives what is the same for every finding of a node.
func (n *node) template(limit []string) ([]FieldValue, []int) {
	var out []FieldValue
	var at []int
	for i := range n.fields {
		f := &n.fields[i]
		if f.leaf == nil || !f.output || len(limit) > 0 && !dataset.CoversAny(limit, f.categories) {
			continue
		}
		out = append(out, FieldValue{Name: f.name, Categories: f.categories, Activity: f.activity, Identity: f.leaf.Identity,
			Key: f.key, Link: f.link, ReadOnly: f.leaf.ReadOnly || f.column.Generated, ThirdParty: f.leaf.ThirdParty,
			Special: f.leaf.Special, NationalID: f.leaf.NationalID, FreeText: f.isFreeText(), Place: f.place(), Mark: i == n.marked})
		at = append(at, i)
	}
	return out, at
}

// place gives the column and the way inside its document; nil for a column.
func (f *field) place() []string {
	if len(f.at.Path) == 0 {
		return nil
	}
	return append([]string{f.at.Column}, f.at.Path...)
}

// delivery makes findings of one node.
type delivery struct {
	w        *walk
	n        *node
	finding  Finding
	places   []delivered // of each field of the finding
	paths    map[uint16][]string
	ways     uint16 // of the row before; f.Paths are theirs
	digester *digester
	foreign  map[int][]Passage
}

// delivered is where a field of a finding stands in a row, and what becomes of it.
type delivered struct {
	at       int
	document bool   // the dataset says that its text is one
	entry    *entry // nil: it is not narrowed
}

// deliver gives all findings in order.
func (w *walk) deliver(sink func(*Finding) error) error {
	for _, n := range w.sorted() {
		n.report.Rows, n.report.Shared, n.report.Others, n.report.Withheld = 0, 0, 0, 0
		if n.bucket.rows == 0 {
			continue
		}
		d := &delivery{w: w, n: n, paths: map[uint16][]string{}, foreign: map[int][]Passage{}, digester: newDigester(w.opts.DigestKey, n)}
		fields, at := n.template(w.opts.Categories)
		if len(fields) == 0 {
			continue
		}
		entries := w.entries(n)
		for _, i := range at {
			d.places = append(d.places, delivered{at: i, document: n.fields[i].holdsDocument(), entry: entries[i]})
		}
		d.finding = Finding{Source: n.report.Source, Dataset: n.report.Dataset, Collection: n.report.Collection,
			Activity: first(n.col.Activity, n.ds.Activity), SourceOf: n.col.SourceOf,
			Key: make([]KeyPart, len(n.key)), Fields: fields}
		for i, k := range n.key {
			d.finding.Key[i].Column = n.fields[k].name
		}
		err := n.bucket.each(&w.spill, len(n.fields), func(no uint32, row []source.Value) error {
			if err := w.ctx.Err(); err != nil {
				return err
			}
			return sink(d.make(no, row))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

func (d *delivery) make(no uint32, row []source.Value) *Finding {
	f, n, w := &d.finding, d.n, d.w
	info := w.visited.info(no)
	for i, k := range n.key {
		f.Key[i].Value = row[k]
	}
	if info.ways != d.ways {
		d.ways = info.ways
		paths, ok := d.paths[info.ways]
		if !ok {
			paths = n.paths(info.ways, w.seeds)
			d.paths[info.ways] = paths
		}
		f.Paths = paths
	}
	f.Matched, f.Owned = info.flags&fMatched != 0, info.flags&fDown != 0
	f.Shared, f.SharedWith = info.flags&fShared != 0, w.shared[no]
	f.OtherPerson, f.CaseVariant = info.flags&fOther != 0, info.flags&fVariant != 0
	f.Shared = f.Shared || f.OtherPerson
	f.Received, f.Retention = source.Value{}, source.Value{}
	if n.received >= 0 {
		f.Received = row[n.received]
	}
	if n.retained >= 0 {
		f.Retention = row[n.retained]
	}
	d.lookForOthers(row)
	for i := range d.places {
		v, p := &f.Fields[i], &d.places[i]
		v.Value, v.Whole, v.Withheld = row[p.at], source.Value{}, false
		v.Others = d.foreign[p.at]
		v.Foreign = len(v.Others) > 0
		if p.document {
			v.Value = documentOf(v.Value)
		}
		if p.entry != nil {
			d.narrow(v, p.entry)
		}
		if !w.opts.KeepForeign && (v.Foreign || f.OtherPerson && !v.Key) {
			v.Value, v.Whole, v.Others, v.Withheld = source.Value{}, source.Value{}, nil, true
			n.report.Withheld++
		}
	}
	f.Digest = d.digester.row(row)
	n.report.Rows++
	if f.Shared {
		n.report.Shared++
	}
	if f.OtherPerson {
		n.report.Others++
	}
	return f
}

// lookForOthers marks the fields in which another known person's address stands. Where it is the
// row's own identifier, the row belongs to that person too.
func (d *delivery) lookForOthers(row []source.Value) {
	f := &d.finding
	f.ForeignIdentifiers = false
	if len(d.foreign) > 0 {
		clear(d.foreign)
	}
	if d.n.table.Letters {
		d.writtenBetween(row)
		return
	}
	if len(d.w.mention.known) == 0 {
		return
	}
	d.mark(row, d.w.mention.foreign)
	if f.Matched || !f.ForeignIdentifiers {
		return
	}
	for pos := range d.foreign {
		if leaf := d.n.fields[pos].leaf; leaf != nil && leaf.Identity != "" {
			f.Shared = true
		}
	}
	if f.Shared {
		d.identitiesAreForeign(row)
	}
}

// mark notes where others' identifiers stand in the fields of a row.
func (d *delivery) mark(row []source.Value, others func(x mention) bool) {
	for pos := range row {
		list := d.w.mention.inField(d.n, row, pos, others)
		if len(list) > 0 {
			d.foreign[pos], d.finding.ForeignIdentifiers = list, true
		}
	}
}

// writtenBetween marks the fields of a message in which identifiers of others stand: of addresses those
// that the source counts as people, in the field that bears the identity.
func (d *delivery) writtenBetween(row []source.Value) {
	others := map[string]bool{}
	for _, id := range d.n.idents {
		if id.kind != Email {
			continue
		}
		for _, v := range d.n.elements(row, id.pos) {
			a := asciiLower(v.Text())
			if c, ok := id.rules.canonical(a); ok && !has(d.w.seeds[Email], c) {
				others[a] = true
			}
		}
	}
	d.mark(row, func(x mention) bool {
		if x.kind == Email {
			return others[x.id]
		}
		return d.w.mention.foreign(x)
	})
}

func has[V any](m map[string]V, key string) bool {
	_, ok := m[key]
	return ok
}

// identitiesAreForeign: where a row is another known person's too, none of the identifiers in it
// is known to be this person's.
func (d *delivery) identitiesAreForeign(row []source.Value) {
	for _, id := range d.n.idents {
		if !row[id.pos].IsNull() && !d.w.equalIdentity(d.n, id, row) {
			d.foreign[id.pos] = []Passage{{To: utf8.RuneCountInString(row[id.pos].Text()), Kind: id.kind}}
		}
	}
}

// holdsDocument tells whether the dataset says that the texts of a field are documents.
func (f *field) holdsDocument() bool {
	return f.leaf != nil && (f.leaf.Array || f.leaf.DataType == "object") && len(f.at.Path) == 0
}

// documentOf turns a text into the document that it should be, if it is one.
func documentOf(v source.Value) source.Value {
	if v.Kind == source.Text && json.Valid([]byte(v.Str)) {
		return source.Value{Kind: source.JSON, Str: v.Str}
	}
	return v
}

// digester makes the keyed digests of rows as seen: over the collection, and the name and value
// of every column that was read.
type digester struct {
	mac   hash.Hash
	head  []byte
	names [][]byte
	buf   []byte
	mark  int // position of the portal's own mark, which is no part of the digest; -1: none
}

func newDigester(key []byte, n *node) *digester {
	if len(key) == 0 {
		return nil
	}
	d := &digester{mac: hmac.New(sha256.New, key)}
	for _, s := range []string{n.report.Source, n.report.Dataset, n.report.Collection} {
		d.head = appendValue(d.head, source.TextOf(s))
	}
	d.mark = n.marked
	for _, f := range n.fields {
		d.names = append(d.names, appendValue(nil, source.TextOf(f.name)))
	}
	return d
}

func (d *digester) row(row []source.Value) []byte {
	if d == nil {
		return nil
	}
	d.buf = append(d.buf[:0], d.head...)
	for i, v := range row {
		if i == d.mark {
			continue
		}
		d.buf = append(d.buf, d.names[i]...)
		d.buf = appendValue(d.buf, v)
	}
	d.mac.Reset()
	d.mac.Write(d.buf)
	return d.mac.Sum(nil)
}

// Clone makes a copy that stays valid.
func (f *Finding) Clone() *Finding {
	c := *f
	c.Key = cloneKey(f.Key)
	c.Fields = slices.Clone(f.Fields)
	for i := range c.Fields {
		c.Fields[i].Value, c.Fields[i].Whole = c.Fields[i].Value.Clone(), c.Fields[i].Whole.Clone()
	}
	c.Received, c.Retention = f.Received.Clone(), f.Retention.Clone()
	c.Paths = slices.Clone(f.Paths)
	c.Digest = bytes.Clone(f.Digest)
	return &c
}

func cloneKey(key []KeyPart) []KeyPart {
	out := slices.Clone(key)
	for i := range out {
		out[i].Value = out[i].Value.Clone()
	}
	return out
}

// Field finds a field by its dotted name.
func (f *Finding) Field(name string) (*FieldValue, bool) {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			return &f.Fields[i], true
		}
	}
	return nil, false
}

// The stored form of a finding: one line of JSON with lossless values.
type wireKey struct {
	Column string `json:"c"`
	Value  string `json:"v"`
}

type wireField struct {
	Name       string    `json:"n"`
	Value      string    `json:"v"`
	Categories []string  `json:"cat,omitempty"`
	Activity   string    `json:"act,omitempty"`
	Identity   string    `json:"id,omitempty"`
	Special    string    `json:"special,omitempty"`
	Whole      string    `json:"w,omitempty"`
	Place      []string  `json:"p,omitempty"`
	Others     []Passage `json:"o,omitempty"`
	Flags      int       `json:"f,omitempty"`
}

type wireFinding struct {
	Source     string      `json:"source"`
	Dataset    string      `json:"dataset"`
	Collection string      `json:"collection"`
	Key        []wireKey   `json:"key"`
	Fields     []wireField `json:"fields"`
	Paths      []string    `json:"paths"`
	Activity   string      `json:"activity,omitempty"`
	SourceOf   string      `json:"source_of,omitempty"`
	Received   string      `json:"received,omitempty"`
	Retention  string      `json:"retention,omitempty"`
	SharedWith int         `json:"shared_with,omitempty"`
	Flags      int         `json:"f,omitempty"`
	Digest     []byte      `json:"digest,omitempty"`
}

func pack(flags ...bool) int {
	out := 0
	for i, f := range flags {
		if f {
			out |= 1 << i
		}
	}
	return out
}

func unpack(bits int, flags ...*bool) {
	for i, f := range flags {
		*f = bits&(1<<i) != 0
	}
}

func wireKeys(key []KeyPart) []wireKey {
	out := make([]wireKey, len(key))
	for i, k := range key {
		out[i] = wireKey{k.Column, k.Value.Typed()}
	}
	return out
}

func readKeys(key []wireKey) ([]KeyPart, error) {
	out := make([]KeyPart, len(key))
	for i, k := range key {
		v, err := source.ParseTyped(k.Value)
		if err != nil {
			return nil, err
		}
		out[i] = KeyPart{Column: k.Column, Value: v}
	}
	return out, nil
}

// FindingWriter writes findings as NDJSON that ReadFindings reads back without loss.
type FindingWriter struct {
	w   *bufio.Writer
	enc *json.Encoder
}

// NewFindingWriter starts writing. Call Flush at the end.
func NewFindingWriter(w io.Writer) *FindingWriter {
	b := bufio.NewWriterSize(w, 64<<10)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	return &FindingWriter{w: b, enc: enc}
}

// Write writes one finding.
func (fw *FindingWriter) Write(f *Finding) error {
	out := wireFinding{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection, Key: wireKeys(f.Key), Paths: f.Paths,
		Activity: f.Activity, SourceOf: f.SourceOf, SharedWith: f.SharedWith, Digest: f.Digest,
		Flags: pack(f.Matched, f.Owned, f.Shared, f.OtherPerson, f.CaseVariant, f.ForeignIdentifiers, f.Restricted)}
	if !f.Received.IsNull() {
		out.Received = f.Received.Typed()
	}
	if !f.Retention.IsNull() {
		out.Retention = f.Retention.Typed()
	}
	out.Fields = make([]wireField, len(f.Fields))
	for i, v := range f.Fields {
		out.Fields[i] = wireField{Name: v.Name, Value: v.Value.Typed(), Categories: v.Categories, Activity: v.Activity,
			Identity: v.Identity, Special: v.Special, Place: v.Place, Others: v.Others,
			Flags: pack(v.Key, v.Link, v.ReadOnly, v.ThirdParty, v.NationalID, v.FreeText, v.Foreign, v.Withheld, v.Mark)}
		if !v.Whole.IsNull() {
			out.Fields[i].Whole = v.Whole.Typed()
		}
	}
	return fw.enc.Encode(out)
}

// Flush writes what is buffered.
func (fw *FindingWriter) Flush() error { return fw.w.Flush() }

var errStored = errors.New("a stored finding or step cannot be read")

// eachLine calls fn with every line; lines may be as long as a document in a column.
func eachLine(r io.Reader, fn func(line []byte) error) error {
	b := bufio.NewReaderSize(r, 64<<10)
	var long []byte
	for {
		part, err := b.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, part...)
			continue
		}
		line := part
		if len(long) > 0 {
			long = append(long, part...)
			line = long
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if e := fn(line); e != nil {
				return e
			}
		}
		long = long[:0]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading stored lines: %w", err)
		}
	}
}

// ReadFindings reads what a FindingWriter wrote. The finding is valid until fn returns.
func ReadFindings(r io.Reader, fn func(*Finding) error) error {
	return eachLine(r, func(line []byte) error {
		f, err := parseFinding(line)
		if err != nil {
			return err
		}
		return fn(f)
	})
}

func parseFinding(line []byte) (*Finding, error) {
	var in wireFinding
	if json.Unmarshal(line, &in) != nil {
		return nil, errStored
	}
	f := &Finding{Source: in.Source, Dataset: in.Dataset, Collection: in.Collection, Paths: in.Paths, Activity: in.Activity,
		SourceOf: in.SourceOf, SharedWith: in.SharedWith, Digest: in.Digest}
	unpack(in.Flags, &f.Matched, &f.Owned, &f.Shared, &f.OtherPerson, &f.CaseVariant, &f.ForeignIdentifiers, &f.Restricted)
	var err error
	if f.Key, err = readKeys(in.Key); err != nil {
		return nil, errStored
	}
	if in.Received != "" {
		if f.Received, err = source.ParseTyped(in.Received); err != nil {
			return nil, errStored
		}
	}
	if in.Retention != "" {
		if f.Retention, err = source.ParseTyped(in.Retention); err != nil {
			return nil, errStored
		}
	}
	f.Fields = make([]FieldValue, len(in.Fields))
	for i, w := range in.Fields {
		v := FieldValue{Name: w.Name, Categories: w.Categories, Activity: w.Activity, Identity: w.Identity, Special: w.Special, Place: w.Place, Others: w.Others}
		unpack(w.Flags, &v.Key, &v.Link, &v.ReadOnly, &v.ThirdParty, &v.NationalID, &v.FreeText, &v.Foreign, &v.Withheld, &v.Mark)
		if v.Value, err = source.ParseTyped(w.Value); err != nil {
			return nil, errStored
		}
		if w.Whole != "" {
			if v.Whole, err = source.ParseTyped(w.Whole); err != nil {
				return nil, errStored
			}
		}
		f.Fields[i] = v
	}
	return f, nil
}

// collected are the findings of a walk that is still open: they come from where the walk keeps
// them, without a stored form in between.
type collected struct{ w *walk }

func (c collected) Each(ctx context.Context, fn func(*Finding) error) error {
	c.w.ctx = ctx
	return c.w.deliver(fn)
}

// Findings can be gone through again and again, in the order that Walk delivers.
type Findings interface {
	Each(ctx context.Context, fn func(*Finding) error) error
}

type findingsFunc func() (io.ReadCloser, error)

// FindingsFunc gives findings that were stored with a FindingWriter. open starts from the beginning.
func FindingsFunc(open func() (io.ReadCloser, error)) Findings { return findingsFunc(open) }

func (open findingsFunc) Each(ctx context.Context, fn func(*Finding) error) error {
	r, err := open()
	if err != nil {
		return fmt.Errorf("opening stored findings: %w", err)
	}
	defer r.Close()
	return ReadFindings(r, func(f *Finding) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(f)
	})
}

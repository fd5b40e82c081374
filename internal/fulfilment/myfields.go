package fulfilment

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// The states of a person's own fields.
const (
	FieldsShown       = "shown"
	FieldsNothing     = "nothing"
	FieldsSeveral     = "several_people"
	FieldsUnavailable = "unavailable"
)

// MyFields are a person's own contact fields as they are held.
type MyFields struct {
	State  string
	Fields []MyField
}

// MyField is one of them. Ref is sealed; it comes back when the person says that it is wrong.
type MyField struct{ Ref, Purpose, System, Label, Value string }

// Faults of references to fields.
var (
	ErrRef = fault.Define(fault.Invalid, "ref_invalid",
		"Vi kjenner ikke igjen feltet. Last siden på nytt.", "Vi kjenner ikkje att feltet. Last sida på nytt.",
		"We do not recognise the field. Reload the page.")
	ErrRefExpired = fault.Define(fault.Invalid, "ref_expired",
		"Det er for lenge siden feltene ble vist. Last siden på nytt.", "Det er for lenge sidan felta vart viste. Last sida på nytt.",
		"It is too long since the fields were shown. Reload the page.")
)

// refTTL is for how long a shown field can be said to be wrong: no longer than a session lasts.
const refTTL = 60 * time.Minute

const (
	fieldsShownAtMost = 500
	valueInRef        = 300 // bytes: a longer value is no contact field
)

// fieldRef is what a sealed reference holds.
type fieldRef struct {
	Source     string          `json:"s"`
	Collection string          `json:"c"`
	Field      string          `json:"f"`
	Key        json.RawMessage `json:"k"`
	Label      string          `json:"l"`
	Old        string          `json:"o"`
	Address    []byte          `json:"a"`
	Until      int64           `json:"u"`
}

func refPlace() keyring.Place { return keyring.Place{Table: "fulfilment", Column: "field_ref"} }

// MyFields walks the sources with a proved address and gives the person's own contact fields, so
// that the person can say what is wrong: nothing that is shared, free text, about others, about
// staff or of a special category, and nothing at all where the address matches several people.
// Control of a mailbox is not yet the person.
func (w *Works) MyFields(ctx context.Context, address keyring.Private, l locale.Locale) (MyFields, error) {
	var reg *register.Register
	var version int64
	var today dsr.Date
	var index []byte
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		zone, err := zoneOf(tx)
		if err != nil {
			return err
		}
		today, index = dsr.DateOf(tx.Now, zone), tx.AddressIndex(address.Reveal())
		reg, version, err = registerOf(tx, c.ID, 0)
		return err
	})
	if err != nil {
		return MyFields{}, err
	}
	conns, err := w.Open(ctx, job.Job{})
	if err != nil {
		w.Logger.WarnContext(ctx, "own fields cannot be shown", "code", job.Code(err))
		return MyFields{State: FieldsUnavailable, Fields: []MyField{}}, nil
	}
	defer conns.close()
	o := &own{w: w, l: l, labels: newLabels(conns.Sources), roots: rootsOf(conns.Sources), marks: map[string][]string{},
		judge: &judge{right: dsr.Rectification, reg: reg, version: version, today: today}, index: index, until: w.Now().Add(refTTL)}
	for _, c := range conns.Sources {
		o.titles = append(o.titles, [2]string{c.Source.Name(), cmp.Or(titleOf(c), c.Source.Name())})
	}
	seed := []engine.Seed{{Kind: engine.Email, Value: address.Reveal()}}
	report, err := engine.Walk(ctx, conns.Sources, seed, engine.Options{Canonical: canonical(), TempDir: w.TempDir, KeepForeign: true}, o.take)
	if err != nil {
		return MyFields{}, fmt.Errorf("looking for a person's own fields: %w", err)
	}
	return o.result(report.Incomplete), nil
}

// own collects a person's own fields during a walk.
type own struct {
	w       *Works
	l       locale.Locale
	labels  labels
	judge   *judge
	titles  [][2]string
	roots   map[string]bool
	names   []string            // of the people that the address matches, in whatever system
	marks   map[string][]string // what only one person has, by collection and field
	several bool
	index   []byte
	until   time.Time
	fields  []MyField
	err     error
}

// rootsOf finds the collections whose rows are people: an e-mail address and a name stand there,
// and the row is not filled from another row that has an e-mail address of its own.
func rootsOf(conns []engine.Connected) map[string]bool {
	email := map[string]bool{}
	byKey := map[string]*dataset.Dataset{}
	each(conns, func(d *dataset.Dataset, c *dataset.Collection) {
		byKey[d.Key] = d
		for _, leaf := range c.Leaves() {
			if leaf.Field.Identity == engine.Email {
				email[d.Key+"."+c.Name] = true
			}
		}
	})
	roots := map[string]bool{}
	each(conns, func(d *dataset.Dataset, c *dataset.Collection) {
		if !email[d.Key+"."+c.Name] {
			return
		}
		named, dependent := false, false
		for _, leaf := range c.Leaves() {
			named = named || dataset.CoversAny(nameCategory, d.CategoriesOf(c, leaf.Field))
			for _, ref := range leaf.Field.References {
				if ref.Direction != dataset.From || byKey[ref.Dataset] == nil {
					continue
				}
				parent, _, ok := byKey[ref.Dataset].Resolve(ref.Field)
				dependent = dependent || ok && email[ref.Dataset+"."+parent.Name]
			}
		}
		roots[d.Key+"."+c.Name] = named && !dependent
	})
	return roots
}

var (
	nameCategory  = []string{"user.name"}
	birthCategory = []string{"user.demographic.date_of_birth"}
)

func each(conns []engine.Connected, fn func(*dataset.Dataset, *dataset.Collection)) {
	for _, c := range conns {
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				fn(d, col)
			}
		}
	}
}

func (o *own) take(f *engine.Finding) error {
	o.whose(f)
	// What only hangs on a row of the person's (a delivery, a log of who was given what) may be about
	// somebody else; in a row where the address itself stands it is the person's own.
	if !f.Matched || f.OtherPerson || f.Shared || len(o.fields) >= fieldsShownAtMost {
		return nil
	}
	for i := range f.Fields {
		if v := &f.Fields[i]; o.shows(f, v) {
			o.add(f, v)
		}
	}
	return nil
}

// whose looks whether the rows that the address stands in are of one person, across all systems.
func (o *own) whose(f *engine.Finding) {
	if !f.Matched || !o.roots[collectionName(f)] {
		return
	}
	var parts []string
	for _, v := range f.Fields {
		if v.Value.IsNull() {
			continue
		}
		if dataset.CoversAny(nameCategory, v.Categories) {
			parts = append(parts, v.Value.Text())
		}
		if v.NationalID || dataset.CoversAny(birthCategory, v.Categories) {
			o.mark(f, v)
		}
	}
	name := strings.Join(parts, " ")
	if strings.TrimSpace(name) == "" {
		return
	}
	for _, other := range o.names {
		if !mayBeSame(name, other) {
			o.several = true
		}
	}
	o.names = append(o.names, name)
}

// mark notes what only one person has one of: two of them are two people, of the same name or not.
// Values are compared within one field, where they are written in one way.
func (o *own) mark(f *engine.Finding, v engine.FieldValue) {
	field := f.Source + "\x00" + collectionName(f) + "\x00" + v.Name
	value := strings.TrimSpace(v.Value.Text())
	if value == "" {
		return
	}
	if seen := o.marks[field]; len(seen) > 0 && !slices.Contains(seen, value) {
		o.several = true
	}
	o.marks[field] = append(o.marks[field], value)
}

// mayBeSame tells whether two names can be one person's: every word of the shorter stands in the
// longer.
func mayBeSame(a, b string) bool {
	x, y := strings.Fields(strings.ToLower(a)), strings.Fields(strings.ToLower(b))
	if len(x) > len(y) {
		x, y = y, x
	}
	return !slices.ContainsFunc(x, func(word string) bool { return !slices.Contains(y, word) })
}

// shows: the field may be shown before any member of staff has looked, and is one that can be
// corrected where it stands.
func (o *own) shows(f *engine.Finding, v *engine.FieldValue) bool {
	if v.Value.IsNull() || !categorised(v) || v.Key || v.Link || len(v.Value.Text()) > valueInRef {
		return false
	}
	facts := o.judge.facts(f, v, o.judge.reg.Activity(cmp.Or(v.Activity, f.Activity)))
	facts.Matches = 1
	return register.MayShow(facts) && register.ProposeCorrection(facts).Action == register.Set
}

func (o *own) add(f *engine.Finding, v *engine.FieldValue) {
	name := cmp.Or(o.labels.field(f, v.Name), v.Name)
	ref := fieldRef{Source: f.Source, Collection: collectionName(f), Field: v.Name, Key: json.RawMessage(keyText(f.Key)), Label: name,
		Old: v.Value.Text(), Address: o.index, Until: o.until.UnixMicro()}
	body, err := json.Marshal(ref)
	if err != nil {
		o.err = err
		return
	}
	sealed, err := o.w.Ring.SubKey(keyring.LabelCursor).Seal(body, refPlace())
	if err != nil {
		o.err = err
		return
	}
	field := MyField{Ref: base64.RawURLEncoding.EncodeToString(sealed), Label: name, Value: v.Value.Text(), System: f.Source}
	for _, t := range o.titles {
		if t[0] == f.Source {
			field.System = t[1]
		}
	}
	if a := o.judge.reg.Activity(cmp.Or(v.Activity, f.Activity)); a != nil {
		field.Purpose = a.Name.In(o.l)
	}
	if len(field.Ref) <= 2000 {
		o.fields = append(o.fields, field)
	}
}

func (o *own) result(incomplete bool) MyFields {
	switch {
	case incomplete || o.err != nil:
		return MyFields{State: FieldsUnavailable, Fields: []MyField{}}
	case o.several:
		return MyFields{State: FieldsSeveral, Fields: []MyField{}}
	case len(o.fields) == 0:
		return MyFields{State: FieldsNothing, Fields: []MyField{}}
	}
	return MyFields{State: FieldsShown, Fields: o.fields[:min(len(o.fields), fieldsShownAtMost)]}
}

// OpenRef opens a reference that was shown to the holder of an address a short while ago.
func (w *Works) OpenRef(ref string, addressIndex []byte) (store.Correction, error) {
	raw, err := base64.RawURLEncoding.DecodeString(ref)
	if err != nil {
		return store.Correction{}, ErrRef
	}
	plain, err := w.Ring.SubKey(keyring.LabelCursor).Open(raw, refPlace())
	if err != nil {
		return store.Correction{}, ErrRef
	}
	var f fieldRef
	if json.Unmarshal(plain, &f) != nil || !bytes.Equal(f.Address, addressIndex) {
		return store.Correction{}, ErrRef
	}
	if w.Now().UnixMicro() >= f.Until {
		return store.Correction{}, ErrRefExpired
	}
	return store.Correction{Source: f.Source, Collection: f.Collection, Field: f.Field, Key: f.Key, Label: f.Label, Old: f.Old}, nil
}

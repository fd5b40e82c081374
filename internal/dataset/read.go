package dataset

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	keyPattern      = regexp.MustCompile(`^[a-zA-Z0-9_.<>-]+$`)
	identityPattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	dataTypes       = []string{"string", "integer", "float", "boolean", "object_id", "object"}
)

// ReadFile reads an annotation file.
func ReadFile(path string) ([]*Dataset, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading dataset file: %w", err)
	}
	list, problems := Read(path, data)
	return list, problems.Err()
}

// Read reads an annotation file and gives every problem in it. References to other files are
// looked at by Check. What could be read is given even when there are problems.
func Read(file string, data []byte) ([]*Dataset, Problems) {
	r := &reader{Doc: Doc{File: file}}
	root := r.Root(data)
	if root == nil {
		return nil, r.Problems
	}
	m := r.Map(root, "file", "dataset")
	if len(r.Problems) == 0 {
		m.Require("dataset")
	}
	var out []*Dataset
	names := map[string]int{}
	for _, n := range m.List("dataset") {
		d := r.dataset(n)
		r.unique(names, d.Key, d.Line, "dataset")
		out = append(out, d)
	}
	return out, r.Problems
}

type reader struct{ Doc }

// meta reads fides_meta, also under its old name.
func (r *reader) meta(m *Map, what string, keys ...string) *Map {
	if m.Has("fides_meta") && m.Has("fidesops_meta") {
		r.Add(m.LineOf("fidesops_meta"), "«fidesops_meta» er det gamle navnet på «fides_meta». Behold bare «fides_meta».",
			"«fidesops_meta» er det gamle namnet på «fides_meta». Behald berre «fides_meta».",
			"\"fidesops_meta\" is the old name of \"fides_meta\". Keep \"fides_meta\" alone.")
	}
	n := m.Node("fides_meta")
	if n == nil {
		n = m.Node("fidesops_meta")
	}
	return r.Map(n, what+".fides_meta", keys...)
}

func (r *reader) unique(seen map[string]int, name string, line int, what string) {
	if name == "" {
		return
	}
	if first, twice := seen[name]; twice {
		r.Add(line, "Navnet «%s» er brukt før (%s på linje %d). Gi det et annet navn, eller slå dem sammen.",
			"Namnet «%s» er brukt før (%s på linje %d). Gje det eit anna namn, eller slå dei saman.",
			"The name %q is taken (%s on line %d). Rename one, or merge them.", name, what, first)
		return
	}
	seen[name] = line
}

func (r *reader) categories(m *Map) []string {
	return m.Strings("data_categories", func(key string, line int) bool {
		if _, ok := CategoryName(key); ok {
			return true
		}
		r.unknownCategory(key, line)
		return false
	})
}

func (r *reader) unknownCategory(key string, line int) {
	var keys []string
	for _, c := range Categories() {
		keys = append(keys, c.Key)
	}
	near := Nearest(key, keys)
	if near == "" {
		near = byLastSegment(key, keys)
	}
	if near == "" {
		r.Add(line, "Datakategorien «%s» finnes ikke i taksonomien. Skriv en nøkkel som «user.contact.email».",
			"Datakategorien «%s» finst ikkje i taksonomien. Skriv ein nøkkel som «user.contact.email».",
			"The data category %q is not in the taxonomy. Write a key such as \"user.contact.email\".", key)
		return
	}
	r.Add(line, "Datakategorien «%s» finnes ikke i taksonomien. Mente du «%s»?",
		"Datakategorien «%s» finst ikkje i taksonomien. Meinte du «%s»?",
		"The data category %q is not in the taxonomy. Did you mean %q?", key, near)
}

// byLastSegment finds the category with the same last word: old keys had other roots.
func byLastSegment(key string, keys []string) string {
	last := key[strings.LastIndexByte(key, '.')+1:]
	for _, k := range keys {
		if strings.HasSuffix(k, "."+last) {
			return k
		}
	}
	return ""
}

func (r *reader) dataset(n *yaml.Node) *Dataset {
	m := r.Map(n, "dataset", "fides_key", "name", "description", "tags", "meta", "organization_fides_key",
		"data_categories", "fides_meta", "fidesops_meta", "mininfo", "collections")
	m.Require("fides_key")
	m.Require("collections")
	d := &Dataset{Key: m.String("fides_key"), Name: m.String("name"), Description: m.String("description"),
		Categories: r.categories(m), File: r.File, Line: m.Line}
	if d.Key != "" && !keyPattern.MatchString(d.Key) {
		r.Add(m.LineOf("fides_key"), "«%s» kan ikke være en fides_key. Bruk bokstaver, tall og _ . - < >.",
			"«%s» kan ikkje vere ein fides_key. Bruk bokstavar, tal og _ . - < >.",
			"%q cannot be a fides_key. Use letters, digits and _ . - < >.", d.Key)
	}
	meta := r.meta(m, "dataset", "resource_id", "after", "namespace", "redact")
	d.After = meta.Strings("after", nil)
	r.redact(meta)
	if meta.Has("namespace") {
		d.Schema, d.DatabaseName = r.namespace(meta.Node("namespace"))
	}
	d.Activity = r.Map(m.Node("mininfo"), "dataset.mininfo", "activity").String("activity")
	names := map[string]int{}
	for _, c := range m.List("collections") {
		each := r.collection(c)
		r.unique(names, each.Name, each.Line, "collection")
		d.Collections = append(d.Collections, each)
	}
	return d
}

// namespace takes any key: each kind of system has its own. We use two of them.
func (r *reader) namespace(n *yaml.Node) (schema, database string) {
	n = r.deref(n)
	if n.Kind != yaml.MappingNode {
		r.Map(n, "namespace")
		return "", ""
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		switch value := r.deref(n.Content[i+1]); n.Content[i].Value {
		case "schema":
			schema = value.Value
		case "database_name":
			database = value.Value
		}
	}
	return schema, database
}

func (r *reader) redact(m *Map) {
	if v := m.String("redact"); v != "" && v != "name" {
		r.Add(m.LineOf("redact"), "«redact» kan bare være «name».", "«redact» kan berre vere «name».",
			"\"redact\" can only be \"name\".")
	}
}

func (r *reader) collection(n *yaml.Node) *Collection {
	m := r.Map(n, "collection", "name", "description", "data_categories", "fides_meta", "fidesops_meta", "mininfo", "fields")
	m.Require("name")
	m.Require("fields")
	c := &Collection{Name: m.String("name"), Description: m.String("description"), Categories: r.categories(m), Line: m.Line}
	meta := r.meta(m, "collection", "after", "erase_after", "skip_processing", "masking_strategy_override", "partitioning", "redact")
	c.After = meta.Strings("after", nil)
	c.EraseAfter = meta.Strings("erase_after", nil)
	c.Skip = meta.Bool("skip_processing")
	r.redact(meta)
	if c.Override = r.masking(meta); c.Override != nil && c.Override.Strategy != DeleteRow {
		r.Add(c.Override.Line, "En hel collection kan bare ha strategien «delete». Skriv andre strategier på feltene.",
			"Ein heil collection kan berre ha strategien «delete». Skriv andre strategiar på felta.",
			"A whole collection can only have the strategy \"delete\". Write other strategies on its fields.")
	}
	own := r.Map(m.Node("mininfo"), "collection.mininfo", "activity", "retention_from", "received", "source_of", "restriction", "statement", "disclosure")
	c.Activity, c.SourceOf = own.String("activity"), own.String("source_of")
	c.RetentionFrom, c.Received = own.String("retention_from"), own.String("received")
	c.Fields = r.fields(m)
	for _, key := range []string{"retention_from", "received"} {
		r.dateField(c, own, key)
	}
	r.restriction(c, own)
	r.statement(c, own)
	r.disclosure(c, own)
	r.dated(c)
	return c
}

// restriction reads how a row is marked as restricted.
func (r *reader) restriction(c *Collection, own *Map) {
	if !own.Has("restriction") {
		return
	}
	m := r.Map(own.Node("restriction"), "restriction", "field", "value", "lifted")
	m.Require("field")
	m.Require("value")
	out := &Restriction{Field: m.String("field"), Value: m.String("value"), Line: own.LineOf("restriction")}
	if m.Has("lifted") && !isNull(m.Node("lifted")) {
		lifted := m.String("lifted")
		out.Lifted = &lifted
	}
	if out.Field == "" || out.Value == "" {
		return
	}
	f := r.writableField(c, m, "field", out.Field)
	switch {
	case f == nil:
		return
	case len(f.Categories) > 0:
		r.Add(m.LineOf("field"), "«%s» holder opplysninger om personen, så det kan ikke være merket for begrensning. Velg et felt uten «data_categories».",
			"«%s» held opplysningar om personen, så det kan ikkje vere merket for avgrensing. Vel eit felt utan «data_categories».",
			"%q holds data about the person, so it cannot be the mark of a restriction. Choose a field without \"data_categories\".", out.Field)
		return
	case out.Lifted != nil && *out.Lifted == out.Value:
		r.Add(m.LineOf("lifted"), "«value» og «lifted» er det samme. Skriv hva feltet skal inneholde når begrensningen er opphevet.",
			"«value» og «lifted» er det same. Skriv kva feltet skal innehalde når avgrensinga er oppheva.",
			"\"value\" and \"lifted\" are the same. Write what the field is to hold once the restriction is lifted.")
		return
	}
	c.Restriction = out
}

// statement reads which field takes what a person states. Without a category of its own it would be
// missing from the answer to the person.
func (r *reader) statement(c *Collection, own *Map) {
	name := own.String("statement")
	if name == "" {
		return
	}
	f := r.writableField(c, own, "statement", name)
	switch {
	case f == nil:
	case len(f.Categories) == 0 || f.DataType != "" && f.DataType != "string":
		r.Add(own.LineOf("statement"), "«%s» skal ta imot det en person skriver, så det må være tekst og ha «data_categories». Skriv for eksempel data_categories: [user.content].",
			"«%s» skal ta imot det ein person skriv, så det må vere tekst og ha «data_categories». Skriv til dømes data_categories: [user.content].",
			"%q takes what a person writes, so it must be a text and have \"data_categories\". Write for example data_categories: [user.content].", name)
	default:
		c.Statement = name
	}
}

// disclosure reads which fields of a log of disclosures say what. A field without a category would not be read.
func (r *reader) disclosure(c *Collection, own *Map) {
	if !own.Has("disclosure") {
		return
	}
	m := r.Map(own.Node("disclosure"), "disclosure", "recipient", "at", "what", "basis")
	m.Require("recipient")
	c.Disclosure = &Disclosure{Recipient: m.String("recipient"), At: m.String("at"), What: m.String("what"), Basis: m.String("basis")}
	for _, key := range []string{"recipient", "at", "what", "basis"} {
		name := m.String(key)
		r.dateField(c, m, key)
		if f, ok := c.Field(name); ok && name != "" && len(f.Categories) == 0 {
			r.Add(m.LineOf(key), "«%s» har ingen «data_categories», så det blir ikke lest. Skriv en kategori på feltet.",
				"«%s» har ingen «data_categories», så det blir ikkje lese. Skriv ein kategori på feltet.",
				"%q has no \"data_categories\", so it is not read. Write a category on the field.", name)
		}
	}
}

// writableField finds a column that the portal may write of itself: it ties no rows together and
// nobody is found by it. It is nil where the name is of something else, which is told.
func (r *reader) writableField(c *Collection, m *Map, key, name string) *Field {
	f, ok := c.Field(name)
	switch {
	case !ok:
		r.Add(m.LineOf(key), "«%s» peker på feltet «%s», som ikke finnes i «%s». Skriv navnet på et felt her%s.",
			"«%s» peikar på feltet «%s», som ikkje finst i «%s». Skriv namnet på eit felt her%s.",
			"%q names the field %q, which is not in %q. Write the name of a field here%s.",
			key, name, c.Name, meant(name, fieldNames(c.Fields)))
		return nil
	case f.PrimaryKey, f.ReadOnly, f.Array, f.Identity != "", len(f.References) > 0, len(f.Fields) > 0, f.Name != name:
		r.Add(m.LineOf(key), "«%s» kan ikke skrives av portalen: det er en nøkkel, en liste, en kobling eller skrivebeskyttet. Velg en vanlig kolonne for «%s».",
			"«%s» kan ikkje skrivast av portalen: det er ein nøkkel, ei liste, ei kopling eller skriveverna. Vel ein vanleg kolonne for «%s».",
			"%q cannot be written by the portal: it is a key, a list, a reference or read-only. Choose a plain column for %q.", name, key)
		return nil
	}
	return f
}

// dated: an IP address is somebody's for a time, so that the row must say when.
func (r *reader) dated(c *Collection) {
	for _, leaf := range c.Leaves() {
		if leaf.Field.Identity == "ip_address" && c.Received == "" {
			r.Add(leaf.Field.Line, "En IP-adresse er noens bare for en tid. Skriv «received» under «mininfo» i «%s», med feltet som sier når raden kom inn, eller ta bort «identity».",
				"Ei IP-adresse er nokon si berre for ei tid. Skriv «received» under «mininfo» i «%s», med feltet som seier når rada kom inn, eller ta bort «identity».",
				"An IP address is somebody's for a time only. Write \"received\" under \"mininfo\" of %q, with the field that says when the row came in, or remove \"identity\".",
				c.Name)
		}
	}
}

func (r *reader) dateField(c *Collection, own *Map, key string) {
	name := own.String(key)
	if _, ok := c.Field(name); name == "" || ok {
		return
	}
	r.Add(own.LineOf(key), "«%s» peker på feltet «%s», som ikke finnes i «%s». Skriv navnet på et felt her%s.",
		"«%s» peikar på feltet «%s», som ikkje finst i «%s». Skriv namnet på eit felt her%s.",
		"%q names the field %q, which is not in %q. Write the name of a field here%s.",
		key, name, c.Name, meant(name, fieldNames(c.Fields)))
}

func fieldNames(fields []*Field) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return names
}

// meant gives ": name?" for the nearest candidate, in a form that fits all languages.
func meant(word string, candidates []string) string {
	if near := Nearest(word, candidates); near != "" {
		return ": " + near + "?"
	}
	return ""
}

func (r *reader) fields(m *Map) []*Field {
	var out []*Field
	names := map[string]int{}
	for _, n := range m.List("fields") {
		f := r.field(n)
		r.unique(names, f.Name, f.Line, "field")
		out = append(out, f)
	}
	return out
}

func (r *reader) field(n *yaml.Node) *Field {
	m := r.Map(n, "field", "name", "description", "data_categories", "fields", "fides_meta", "fidesops_meta", "mininfo")
	m.Require("name")
	f := &Field{Name: m.String("name"), Description: m.String("description"), Categories: r.categories(m),
		Line: m.Line, Fields: r.fields(m)}
	meta := r.meta(m, "field", "identity", "primary_key", "references", "data_type", "length", "return_all_elements",
		"read_only", "custom_request_field", "masking_strategy_override", "redact")
	f.PrimaryKey, f.ReadOnly = meta.Bool("primary_key"), meta.Bool("read_only")
	f.Length, f.ReturnAllElements = meta.Positive("length"), meta.Bool("return_all_elements")
	f.Override = r.masking(meta)
	r.redact(meta)
	r.identity(f, meta)
	r.dataType(f, meta)
	for _, ref := range meta.List("references") {
		f.References = append(f.References, r.reference(ref))
	}
	own := r.Map(m.Node("mininfo"), "field.mininfo", "activity", "third_party", "special", "national_id")
	f.Activity, f.ThirdParty = own.String("activity"), own.Bool("third_party")
	f.Special, f.NationalID = own.String("special"), own.Bool("national_id")
	return f
}

func (r *reader) identity(f *Field, meta *Map) {
	f.Identity = meta.String("identity")
	if f.Identity != "" && !identityPattern.MatchString(f.Identity) {
		r.Add(meta.LineOf("identity"), "«%s» er ikke en identitet. Skriv for eksempel email, phone_number eller external_id.",
			"«%s» er ikkje ein identitet. Skriv til dømes email, phone_number eller external_id.",
			"%q is not an identity. Write for example email, phone_number or external_id.", f.Identity)
		f.Identity = ""
	}
	if f.Identity != "" && len(f.Fields) > 0 {
		r.Add(meta.LineOf("identity"), "Et felt med underfelt kan ikke være en identitet. Flytt «identity» til underfeltet.",
			"Eit felt med underfelt kan ikkje vere ein identitet. Flytt «identity» til underfeltet.",
			"A field with nested fields cannot be an identity. Move \"identity\" to the nested field.")
	}
}

func (r *reader) dataType(f *Field, meta *Map) {
	declared := meta.String("data_type")
	f.DataType, f.Array = strings.CutSuffix(declared, "[]")
	line := meta.LineOf("data_type")
	if declared != "" && !contains(dataTypes, f.DataType) {
		r.Add(line, "«%s» er ingen data_type%s. Skriv string, integer, float, boolean, object_id eller object, med [] for en liste.",
			"«%s» er ingen data_type%s. Skriv string, integer, float, boolean, object_id eller object, med [] for ei liste.",
			"%q is no data_type%s. Write string, integer, float, boolean, object_id or object, with [] for a list.",
			declared, meant(f.DataType, dataTypes))
		f.DataType = ""
	}
	if len(f.Fields) > 0 && f.DataType != "" && f.DataType != "object" {
		r.Add(line, "Et felt med underfelt har data_type «object», ikke «%s». Skriv object, eller ta bort linjen.",
			"Eit felt med underfelt har data_type «object», ikkje «%s». Skriv object, eller ta bort linja.",
			"A field with nested fields has data_type \"object\", not %q. Write object, or remove the line.", declared)
	}
	if f.Length > 0 && (f.DataType != "" && f.DataType != "string" || len(f.Fields) > 0) {
		r.Add(meta.LineOf("length"), "«length» gjelder bare tekst, og dette feltet er «%s». Ta bort «length», eller skriv data_type: string.",
			"«length» gjeld berre tekst, og dette feltet er «%s». Ta bort «length», eller skriv data_type: string.",
			"\"length\" is for texts only, and this field is %q. Remove \"length\", or write data_type: string.", declared)
	}
	if f.ReturnAllElements && !f.Array {
		r.Add(meta.LineOf("return_all_elements"), "«return_all_elements» gjelder bare lister. Skriv en data_type med [], for eksempel string[].",
			"«return_all_elements» gjeld berre lister. Skriv ein data_type med [], til dømes string[].",
			"\"return_all_elements\" is for lists only. Write a data_type with [], for example string[].")
	}
}

func (r *reader) reference(n *yaml.Node) Reference {
	m := r.Map(n, "references", "dataset", "field", "direction")
	m.Require("dataset")
	m.Require("field")
	ref := Reference{Dataset: m.String("dataset"), Field: m.String("field"), Direction: Direction(m.String("direction")), Line: m.Line}
	if ref.Direction != From && ref.Direction != To && ref.Direction != Both {
		r.Add(m.LineOf("direction"), "«direction» er «from» (feltet her fylles fra det andre) eller «to» (feltet her leder til det andre), ikke «%s». Uten «direction» gjelder begge veier.",
			"«direction» er «from» (feltet her blir fylt frå det andre) eller «to» (feltet her leier til det andre), ikkje «%s». Utan «direction» gjeld begge vegar.",
			"\"direction\" is \"from\" (this field is filled from the other) or \"to\" (this field leads to the other), not %q. Without \"direction\" it is walked both ways.",
			string(ref.Direction))
		ref.Direction = Both
	}
	if ref.Field != "" && !strings.Contains(ref.Field, ".") {
		r.Add(m.LineOf("field"), "«%s» mangler collection. Skriv «collection.felt».", "«%s» manglar collection. Skriv «collection.felt».",
			"%q lacks the collection. Write \"collection.field\".", ref.Field)
	}
	return ref
}

// configKeys tells which configuration each strategy takes.
var configKeys = map[string][]string{
	NullRewrite:         {},
	StringRewrite:       {"rewrite_value", "format_preservation"},
	RandomStringRewrite: {"length", "format_preservation"},
	Hash:                {"algorithm", "format_preservation"},
	HMAC:                {"algorithm", "format_preservation"},
	AESEncrypt:          {"mode", "format_preservation"},
	Preserve:            {},
	DeleteRow:           {},
	TruncateDate:        {"to", "format_preservation"},
	Generalise:          {"keep", "step", "format_preservation"},
}

func (r *reader) masking(meta *Map) *Masking {
	if !meta.Has("masking_strategy_override") {
		return nil
	}
	m := r.Map(meta.Node("masking_strategy_override"), "masking_strategy_override", "strategy", "configuration")
	m.Require("strategy")
	out := &Masking{Strategy: m.String("strategy"), Line: m.LineOf("strategy")}
	if out.Strategy == "" {
		return nil
	}
	keys, ok := configKeys[out.Strategy]
	if !ok {
		r.Add(out.Line, "Strategien «%s» finnes ikke%s. Skriv en av: %s.", "Strategien «%s» finst ikkje%s. Skriv ein av: %s.",
			"There is no strategy %q%s. Write one of: %s.", out.Strategy, meant(out.Strategy, Strategies), strings.Join(Strategies, ", "))
		return nil
	}
	out.Config = r.config(r.Map(m.Node("configuration"), "configuration ("+out.Strategy+")", keys...), out.Strategy)
	return out
}

func (r *reader) config(m *Map, strategy string) MaskingConfig {
	c := MaskingConfig{Length: m.Positive("length"), Keep: m.Positive("keep"), Step: m.Positive("step"),
		Algorithm: m.String("algorithm"), Mode: m.String("mode"), To: m.String("to")}
	if m.Has("rewrite_value") {
		v := m.String("rewrite_value")
		c.RewriteValue = &v
	} else if strategy == StringRewrite {
		m.Require("rewrite_value")
	}
	r.oneOf(m, "algorithm", c.Algorithm, "SHA-256", "SHA-512")
	r.oneOf(m, "mode", c.Mode, "GCM")
	r.oneOf(m, "to", c.To, "year", "month")
	if m.Has("format_preservation") {
		c.Suffix = r.Map(m.Node("format_preservation"), "format_preservation", "suffix").String("suffix")
	}
	return c
}

func (r *reader) oneOf(m *Map, key, value string, allowed ...string) {
	if value != "" && !contains(allowed, value) {
		r.Add(m.LineOf(key), "«%s» kan ikke være «%s». Skriv en av: %s.", "«%s» kan ikkje vere «%s». Skriv ein av: %s.",
			"%q cannot be %q. Write one of: %s.", key, value, strings.Join(allowed, ", "))
	}
}

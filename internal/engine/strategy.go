package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"math"
	"strconv"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// What is written where nothing may be left empty. The word says to whoever meets it that the
// row was emptied on purpose; the address is of a domain that can never exist (RFC 2606).
const (
	erasedWord   = "slettet"
	erasedDomain = "@example.invalid"
	erasedDate   = "1900-01-01"
	randomLength = 30
)

// change is the outcome of looking at a strategy: a column change, or why there is none.
type change struct {
	column ColumnChange
	keep   bool
	code   string // problem, "" when fine
}

// problems of strategies.
const (
	codeNotNull   = "not_null"
	codeType      = "type"
	codePseudonym = "pseudonymisation"
	codeUnique    = "unique"
	codeReadOnly  = "read_only"
	codeGenerated = "generated"
	codeTooLong   = "too_long"
	codeInList    = "in_list"
)

// masker applies strategies to fields of one plan.
type masker struct {
	key []byte // of hashing and the like
}

// cut shortens a text to the declared length and the column's own, in characters.
func (f *field) cut(s string) string {
	for _, limit := range []int{f.declaredLength(), f.column.MaxLength} {
		if r := []rune(s); limit > 0 && len(r) > limit {
			s = string(r[:limit])
		}
	}
	return s
}

func (f *field) declaredLength() int {
	if f.leaf == nil {
		return 0
	}
	return f.leaf.Length
}

// textual tells whether a text may be written into a field.
func (f *field) textual() bool {
	if len(f.at.Path) > 0 {
		return true
	}
	return (f.column.Class == source.ClassText || f.column.Class == source.ClassOther) && len(f.column.Enum) == 0
}

// fixed tells why a field can never be written, or "".
func (n *node) fixed(f *field) string {
	switch {
	case f.leaf != nil && f.leaf.ReadOnly:
		return codeReadOnly
	case f.column.Generated:
		return codeGenerated
	case f.key:
		return "key"
	case len(f.at.Each) > 0:
		return codeInList
	}
	return ""
}

// stays is the change of a field that can never be written. What lies inside a list of documents
// is nothing that may stay in silence.
func stays(why string) change { return change{keep: why != codeInList, code: why} }

// apply carries out a named strategy on a value.
func (m *masker) apply(n *node, f *field, held *FieldValue, strategy string, c dataset.MaskingConfig) change {
	v := held.Value
	if strategy == dataset.Preserve || v.IsNull() {
		return change{keep: true}
	}
	if why := n.fixed(f); why != "" {
		return stays(why)
	}
	out := change{column: ColumnChange{Name: f.name, Strategy: strategy, Suffix: c.Suffix}}
	if f.holdsList() && v.Kind == source.JSON && (strategy != dataset.NullRewrite || !held.Whole.IsNull()) {
		return m.list(n, f, held, strategy, c, out)
	}
	switch strategy {
	case dataset.NullRewrite:
		if !f.column.Nullable && len(f.at.Path) == 0 {
			out.code = codeNotNull
		}
		return out
	case dataset.RandomStringRewrite:
		return m.random(f, c, out)
	case dataset.TruncateDate, dataset.Generalise:
		out.column.Suffix = ""
		text, ok := coarser(v, strategy, c)
		return m.written(f, text+c.Suffix, ok, out)
	case dataset.StringRewrite:
		text := "MASKED"
		if c.RewriteValue != nil {
			text = *c.RewriteValue
		}
		out.column.Suffix = ""
		return m.written(f, text+c.Suffix, true, out)
	}
	out.column.Suffix = ""
	text, ok := m.pseudonym(v, strategy, c)
	return m.written(f, text+c.Suffix, ok && f.textual(), out)
}

// list carries out a strategy on elements of a list.
func (m *masker) list(n *node, f *field, held *FieldValue, strategy string, c dataset.MaskingConfig, out change) change {
	element := *f.column
	if len(f.at.Path) == 0 && element.Class == source.ClassArray {
		element.Class, element.Type, element.Enum = element.Elem, element.ElemType, nil
	} else {
		element.Class = source.ClassText
	}
	one := field{name: f.name, column: &element, leaf: &dataset.Field{Length: f.declaredLength()}}
	value, ok := inList(held, func(v source.Value) (source.Value, bool) {
		if strategy == dataset.NullRewrite {
			return source.Value{}, true
		}
		to := m.apply(n, &one, &FieldValue{Value: v}, strategy, c)
		return to.column.Value, to.code == "" && to.column.Random == 0
	})
	out.column.Suffix = ""
	if out.column.Value = value; !ok {
		out.code = codeType
	}
	return out
}

// written casts a new text to the column, after cutting it to the length.
func (m *masker) written(f *field, text string, ok bool, out change) change {
	if len(f.at.Path) > 0 {
		out.column.Value = source.TextOf(f.cut(text))
		return out
	}
	if len(f.column.Enum) > 0 && !contains(f.column.Enum, text) {
		ok = false
	}
	value, fits := source.Cast(source.TextOf(f.cut(text)), f.column.Class)
	if !ok || !fits || f.column.Class == source.ClassArray || f.column.Class == source.ClassJSON {
		out.code = codeType
		return out
	}
	out.column.Value = value
	return out
}

func (m *masker) random(f *field, c dataset.MaskingConfig, out change) change {
	if !f.textual() {
		out.code = codeType
		return out
	}
	length := c.Length
	if length == 0 {
		length = randomLength
	}
	room := length + len([]rune(c.Suffix))
	for _, limit := range []int{f.declaredLength(), f.column.MaxLength} {
		if limit > 0 {
			room = min(room, limit)
		}
	}
	if out.column.Random = room - len([]rune(c.Suffix)); out.column.Random < 1 {
		out.column.Random, out.column.Suffix = room, ""
	}
	return out
}

// pseudonym hashes or encrypts. Equal values stay equal, and the key that makes them is the
// caller's: this is no erasure.
func (m *masker) pseudonym(v source.Value, strategy string, c dataset.MaskingConfig) (string, bool) {
	newHash := func() hash.Hash { return sha256.New() }
	if c.Algorithm == "SHA-512" {
		newHash = func() hash.Hash { return sha512.New() }
	}
	mac := hmac.New(newHash, m.key)
	mac.Write([]byte(strategy + "\x00" + v.Text()))
	sum := mac.Sum(nil)
	switch strategy {
	case dataset.Hash, dataset.HMAC:
		return hex.EncodeToString(sum), true
	case dataset.AESEncrypt:
		key := sha256.Sum256(append([]byte("aes_encrypt\x00"), m.key...))
		block, err := aes.NewCipher(key[:])
		if err != nil {
			return "", false
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			return "", false
		}
		nonce := sum[:gcm.NonceSize()]
		return base64.StdEncoding.EncodeToString(gcm.Seal(nonce, nonce, []byte(v.Text()), nil)), true
	}
	return "", false
}

// coarser makes a value less exact: a date its year or month, a number a multiple, a text its beginning.
func coarser(v source.Value, strategy string, c dataset.MaskingConfig) (string, bool) {
	text := v.Text()
	if strategy == dataset.TruncateDate {
		if len(text) < 10 || text[4] != '-' || text[7] != '-' {
			return "", false
		}
		day := text[:4] + "-01-01"
		if c.To == "month" {
			day = text[:8] + "01"
		}
		if len(text) > 10 {
			rest := text[10:11] + "00:00:00"
			if strings.HasSuffix(text, "Z") {
				rest += "Z"
			}
			return day + rest, true
		}
		return day, true
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil && v.Kind != source.Text && c.Keep == 0 {
		step := float64(max(c.Step, 1))
		if c.Step == 0 {
			step = 10
		}
		return strconv.FormatFloat(math.Floor(number/step)*step, 'f', -1, 64), true
	}
	keep := c.Keep
	if keep == 0 {
		keep = 2
	}
	if r := []rune(text); len(r) > keep {
		return string(r[:keep]) + strings.Repeat("*", len(r)-keep), true
	}
	return text, true
}

// anonymise chooses what a column allows: empty where it may be, else a value that says nothing.
func (m *masker) anonymise(n *node, f *field, held *FieldValue) change {
	if held.Value.IsNull() {
		return change{keep: true}
	}
	if why := n.fixed(f); why != "" {
		return stays(why)
	}
	if !held.Whole.IsNull() {
		return m.apply(n, f, held, dataset.NullRewrite, dataset.MaskingConfig{})
	}
	out := change{column: ColumnChange{Name: f.name, Strategy: dataset.NullRewrite}}
	if f.column.Nullable || len(f.at.Path) > 0 {
		return out
	}
	out.column.Strategy = dataset.StringRewrite
	unique := n.table.InUnique(f.at.Column)
	if f.textual() && !isDateType(f.column) {
		return m.anonymousText(f, unique, out)
	}
	value, ok := neutral(f.column)
	if !ok || unique && f.column.Class != source.ClassInt {
		return change{keep: true, code: codeType}
	}
	if unique {
		out.column.Strategy, out.column.Random = dataset.RandomStringRewrite, 9
		return out
	}
	out.column.Value = value
	return out
}

func isDateType(c *source.Column) bool {
	upper := strings.ToUpper(c.Type)
	return c.Class == source.ClassOther && (strings.Contains(upper, "DATE") || strings.Contains(upper, "TIME"))
}

func (m *masker) anonymousText(f *field, unique bool, out change) change {
	address := f.leaf != nil && f.leaf.Identity == Email || dataset.CoversAny([]string{"user.contact.email"}, f.categories)
	limit := f.column.MaxLength
	if d := f.declaredLength(); d > 0 && (limit == 0 || d < limit) {
		limit = d
	}
	if !unique && !address {
		out.column.Value = source.TextOf(f.cut(erasedWord))
		return out
	}
	out.column.Strategy, out.column.Random = dataset.RandomStringRewrite, 20
	if address && (limit == 0 || limit >= len(erasedDomain)+8) {
		out.column.Suffix = erasedDomain
	}
	if limit > 0 {
		out.column.Random = min(20, limit-len(out.column.Suffix))
	}
	return out
}

// neutral gives a value that says nothing, in a column's type.
func neutral(c *source.Column) (source.Value, bool) {
	switch c.Class {
	case source.ClassInt:
		return source.IntOf(0), true
	case source.ClassFloat:
		return source.FloatOf(0), true
	case source.ClassDecimal:
		return source.Value{Kind: source.Decimal, Str: "0"}, true
	case source.ClassBool:
		return source.BoolOf(false), true
	case source.ClassDate:
		return source.Value{Kind: source.Date, Str: erasedDate}, true
	case source.ClassTime:
		if strings.HasPrefix(c.Type, "time ") || c.Type == "time" {
			return source.Value{Kind: source.Time, Str: "00:00:00"}, true
		}
		return source.Value{Kind: source.Time, Str: erasedDate + "T00:00:00"}, true
	case source.ClassBytes:
		return source.Value{Kind: source.Bytes}, true
	case source.ClassUUID:
		return source.TextOf("00000000-0000-0000-0000-000000000000"), true
	case source.ClassJSON:
		return source.Value{Kind: source.JSON, Str: "{}"}, true
	case source.ClassArray:
		return source.Value{Kind: source.JSON, Str: "[]"}, true
	}
	if len(c.Enum) > 0 {
		return source.TextOf(c.Enum[0]), true
	}
	if isDateType(c) {
		return source.TextOf(erasedDate), true
	}
	return source.Value{}, false
}

package register

import (
	"encoding/json"
	"reflect"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
)

// SchemaID names the JSON Schema of register files.
const SchemaID = "urn:mininfo:register"

// Schema gives the JSON Schema (2020-12) of register files, made from the same types and rules that
// Parse goes by. What a schema cannot say, such as that an id stands once, Parse alone says.
func Schema() []byte {
	s := schemaOf(reflect.TypeFor[Register](), "")
	s["$schema"], s["$id"] = "https://json-schema.org/draft/2020-12/schema", SchemaID
	s["title"] = "Record of processing activities (GDPR Art. 30)"
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // maps and strings can be written
	}
	return append(out, '\n')
}

// schemaOf describes a type under the rules of its validate tag.
func schemaOf(t reflect.Type, rules string) map[string]any {
	own, items, _ := strings.Cut(rules, "dive")
	s := map[string]any{}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), rules)
	case reflect.Struct:
		return structSchema(t)
	case reflect.Slice:
		s["items"] = schemaOf(t.Elem(), strings.TrimPrefix(items, ","))
		s["type"] = []string{"array", "null"}
	case reflect.Bool:
		s["type"] = []string{"boolean", "null"}
	case reflect.Int:
		s["type"] = []string{"integer", "null"}
	default:
		// A number or a date without quotes is read as the text it is written as.
		s["type"] = []string{"string", "number", "boolean", "null"}
	}
	empty := !strings.Contains(own, "required")
	for _, rule := range strings.Split(own, ",") {
		name, param, _ := strings.Cut(rule, "=")
		applyRule(s, name, param, empty)
	}
	return s
}

func structSchema(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		rules := f.Tag.Get("validate")
		properties[name] = schemaOf(f.Type, rules)
		if strings.HasPrefix(rules, "required") {
			required = append(required, name)
		}
	}
	s := map[string]any{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
	if t == reflect.TypeFor[Activity]() {
		required = append(required, "name")
		name := schemaOf(reflect.TypeFor[locale.Text](), "")
		name["type"], name["required"] = "object", []string{"nb"}
		properties["name"] = name
	}
	if len(required) > 0 {
		s["type"], s["required"] = "object", required
	}
	return s
}

// applyRule puts a rule of the validator into a schema. Where a value may be left out, it may also be
// empty.
func applyRule(s map[string]any, name, param string, empty bool) {
	enum := func(words []string) {
		if empty {
			words = append([]string{""}, words...)
		}
		values := []any{}
		for _, w := range words {
			values = append(values, w)
		}
		if empty {
			values = append(values, nil)
		}
		s["enum"] = values
		delete(s, "type")
	}
	pattern := func(expr string) {
		if empty {
			expr = "^$|" + expr
		}
		s["pattern"] = expr
		if !empty {
			s["type"] = "string"
		}
	}
	switch name {
	case "oneof":
		enum(strings.Fields(param))
	case "subject":
		empty = false
		enum(keys(dataset.Subjects()))
	case "category":
		empty = false
		enum(keys(dataset.Categories()))
	case "notice_right":
		empty = false
		enum(noticeRights())
	case "activity_id":
		pattern(activityID.String())
	case "reason_code":
		pattern(reasonCode.String())
	case "article":
		pattern(article.String())
	case "iso3166_1_alpha2":
		pattern("^[A-Z]{2}$")
	case "fyend":
		pattern("^(0[1-9]|1[0-2])-(2[89]|3[01])$")
	case "recipient_hook":
		pattern(recipientHook.String())
	case "unique":
		s["uniqueItems"] = true
	case "min":
		s["minimum"] = json.Number(param)
	case "max":
		s["maximum"] = json.Number(param)
	}
}

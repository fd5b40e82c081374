package scan

import (
	"strings"
	"unicode"

	"mininfo/internal/locale"
)

// KeyOf makes a fides_key of a name: small letters, digits and underscores.
func KeyOf(name string) string {
	key := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, letters.Replace(strings.Map(unicode.ToLower, name))), "_")
	if key == "" {
		return "source"
	}
	return key
}

// The machine-readable form of a proposal.
type (
	proposalJSON struct {
		System      string           `json:"system"`
		Key         string           `json:"fides_key"`
		Tables      int              `json:"tables"`
		Collections []collectionJSON `json:"collections"`
		LeftOut     []leftOutJSON    `json:"left_out"`
		Dataset     string           `json:"dataset"`
	}
	collectionJSON struct {
		Name          string      `json:"name"`
		Role          Role        `json:"role"`
		Sampled       int         `json:"rows_sampled"`
		Received      string      `json:"received,omitempty"`
		RetentionFrom string      `json:"retention_from,omitempty"`
		Notes         []string    `json:"notes,omitempty"`
		Questions     []string    `json:"questions,omitempty"`
		Fields        []fieldJSON `json:"fields"`
	}
	fieldJSON struct {
		Name       string          `json:"name"`
		DataType   string          `json:"data_type,omitempty"`
		PrimaryKey bool            `json:"primary_key,omitempty"`
		Category   string          `json:"data_category,omitempty"`
		Asked      string          `json:"asked_category,omitempty"`
		Identity   string          `json:"identity,omitempty"`
		NationalID bool            `json:"national_id,omitempty"`
		Special    string          `json:"special,omitempty"`
		ThirdParty bool            `json:"third_party,omitempty"`
		Confidence string          `json:"confidence,omitempty"`
		Evidence   []string        `json:"evidence,omitempty"`
		References []referenceJSON `json:"references,omitempty"`
		Fields     []fieldJSON     `json:"fields,omitempty"`
	}
	referenceJSON struct {
		Field      string `json:"field"` // collection.field
		Direction  string `json:"direction,omitempty"`
		Confidence string `json:"confidence"`
		Evidence   string `json:"evidence"`
		Asked      bool   `json:"asked,omitempty"`
	}
	leftOutJSON struct {
		Name   string `json:"name"`
		Reason string `json:"reason"`
		Asked  bool   `json:"asked,omitempty"`
	}
)

// JSON gives what machines read, with the dataset file inside.
func (p *Proposal) JSON(l locale.Locale) any {
	out := proposalJSON{System: p.System, Key: p.Key, Tables: p.Tables, Collections: []collectionJSON{}, LeftOut: []leftOutJSON{}, Dataset: string(p.YAML(l))}
	for _, c := range p.Collections {
		one := collectionJSON{Name: c.Name, Role: c.Role, Sampled: c.Sampled, Received: c.Received, RetentionFrom: c.RetentionFrom,
			Notes: said3(c.Evidence, l), Fields: fieldsJSON(c.Fields, l)}
		for _, q := range c.Questions {
			one.Questions = append(one.Questions, q.Note.Text.In(l))
		}
		out.Collections = append(out.Collections, one)
	}
	for _, o := range p.LeftOut {
		out.LeftOut = append(out.LeftOut, leftOutJSON{Name: o.Name, Reason: o.Reason.Text.In(l), Asked: o.Asked})
	}
	return out
}

func said3(notes []Note, l locale.Locale) []string {
	var out []string
	for _, n := range notes {
		out = append(out, n.Text.In(l))
	}
	return out
}

func fieldsJSON(fields []*Field, l locale.Locale) []fieldJSON {
	out := []fieldJSON{}
	for _, f := range fields {
		one := fieldJSON{Name: f.Name, DataType: f.DataType, PrimaryKey: f.PrimaryKey, Category: f.Category, Asked: f.Asked, Identity: f.Identity,
			NationalID: f.NationalID, Special: f.Special, ThirdParty: f.ThirdParty, Evidence: said3(f.Evidence, l)}
		if f.Category != "" || f.Asked != "" {
			one.Confidence = f.Confidence.String()
		}
		if len(f.Fields) > 0 {
			one.Fields = fieldsJSON(f.Fields, l)
		}
		for _, r := range f.References {
			one.References = append(one.References, referenceJSON{Field: r.Collection + "." + r.Field, Direction: string(r.Direction),
				Confidence: r.Confidence.String(), Evidence: r.Evidence.Text.In(l), Asked: r.Asked})
		}
		out = append(out, one)
	}
	return out
}

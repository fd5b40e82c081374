package scan

import (
	"slices"

	"mininfo/internal/dataset"
)

// Choice is what somebody who knows a system decides about a proposal. Without a field it is about
// the whole table.
type Choice struct {
	Table    string
	Field    string
	Category string // of the field; "" means that it holds nothing about people
	Out      bool   // the table is left out
}

// Choose puts decisions in the place of proposals. A decision about something that is not in the
// proposal is not used.
func (p *Proposal) Choose(choices []Choice) {
	out := map[string]bool{}
	for _, c := range choices {
		if c.Field == "" && c.Out {
			out[c.Table] = true
		}
	}
	p.Collections = slices.DeleteFunc(p.Collections, func(c *Collection) bool {
		if out[c.Name] && len(c.Fields) > 0 {
			p.LeftOut = append(p.LeftOut, LeftOut{Name: c.Name, Reason: noteChosen, Chosen: c.Fields[0].Name})
		}
		return out[c.Name]
	})
	for _, c := range p.Collections {
		c.Questions = slices.DeleteFunc(c.Questions, func(q Question) bool { return q.Note.Code == noteUnreachable.Code })
		for _, f := range c.Fields {
			f.References = slices.DeleteFunc(f.References, func(r Reference) bool { return out[r.Collection] })
			for _, choice := range choices {
				if choice.Table == c.Name && choice.Field == f.Name {
					f.choose(choice.Category)
				}
			}
		}
	}
	p.reach()
}

func (f *Field) choose(category string) {
	if category == f.Category {
		f.Asked = ""
		return
	}
	_, known := dataset.CategoryName(category)
	if category != "" && !known {
		return
	}
	if f.General() {
		f.Masking = "" // it was to stay for not pointing at anybody, which may not be so any more
	}
	f.Category, f.Asked, f.Identity, f.Special, f.NationalID = category, "", "", "", category == catNational
	f.Confidence, f.Evidence = Sure, []Note{noteDecided}
	if category == "" {
		f.ThirdParty, f.Evidence, f.Masking = false, nil, ""
	}
	if !f.ThirdParty {
		switch category {
		case catEmail:
			f.Identity = "email"
		case catPhone:
			f.Identity = "phone_number"
		}
	}
}

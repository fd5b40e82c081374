package engine

import (
	"mininfo/internal/dataset"
)

// Reasons of steps. Callers may use codes of their own as well.
const (
	ReasonErasure       = "erasure"
	ReasonRectification = "rectification"
	ReasonShared        = "shared"
	ReasonThirdParty    = "third_party"
	ReasonReadOnly      = "read_only"
	ReasonReferenced    = "referenced" // rows that stay refer to it
	ReasonNotPersonal   = "not_personal"
	ReasonConstraint    = "constraint"
	ReasonPreserve      = "preserve"
	// Of a replay: why a row under the key of an erased one is left alone.
	ReasonUndated = "undated" // it is as it was, and nothing in it tells that it is not new
	ReasonChanged = "changed" // the same person's, and not as it was
	ReasonAnother = "another" // it does not say that it is the same person's
	ReasonListed  = "listed"  // a list that holds others too: the ledger does not know which elements went
)

// Articles that the default decisions rest on.
const (
	articleErasure = "Art. 17(1)"
	articleOthers  = "Art. 15(4)"
	articleRectify = "Art. 16"
	// Art. 18: a row is only stored, until the person was told that it no longer is.
	articleRestrict = "Art. 18(1)"
	articleLift     = "Art. 18(3)"
)

// EraseAll is the default decision on an erasure: everything about the person goes; what is
// shared, or about others, stays for an officer to decide. field is nil for a row without
// categorised fields.
func EraseAll(f *Finding, field *FieldValue) Decision {
	if d, kept := keepOthers(f, field); kept {
		return d
	}
	if !f.Owned && !hasPersonal(f) {
		return Decision{Action: Keep, Reason: ReasonNotPersonal}
	}
	return Decision{Action: Delete, Reason: ReasonErasure, Article: articleErasure}
}

// keepOthers keeps what may be somebody else's.
func keepOthers(f *Finding, field *FieldValue) (Decision, bool) {
	switch {
	case f.Shared:
		return Decision{Action: Keep, Reason: ReasonShared, Article: articleOthers}, true
	case field != nil && (field.ThirdParty || field.Foreign):
		return Decision{Action: Keep, Reason: ReasonThirdParty, Article: articleOthers}, true
	}
	return Decision{}, false
}

// hasPersonal tells whether a finding has a field about a person: of a category under user.
func hasPersonal(f *Finding) bool {
	for i := range f.Fields {
		if dataset.CoversAny([]string{"user"}, f.Fields[i].Categories) {
			return true
		}
	}
	return false
}

// CategoryRule erases the fields of one category by one strategy.
type CategoryRule struct {
	Category string
	Strategy string // "" means null_rewrite; "delete" removes the rows
	Config   dataset.MaskingConfig
}

// EraseCategories decides by categories: fields that no rule covers are left alone. The first
// rule that covers a field counts. Without rules it is EraseAll.
func EraseCategories(rules []CategoryRule, override string) Decide {
	if len(rules) == 0 {
		return EraseAll
	}
	return func(f *Finding, field *FieldValue) Decision {
		if field == nil {
			return Decision{}
		}
		for _, r := range rules {
			if !dataset.CoversAny([]string{r.Category}, field.Categories) {
				continue
			}
			if d, kept := keepOthers(f, field); kept {
				return d
			}
			return r.decision(override)
		}
		return Decision{}
	}
}

func (r CategoryRule) decision(override string) Decision {
	d := Decision{Action: Anonymise, Strategy: r.Strategy, Config: r.Config, Reason: ReasonErasure, Article: articleErasure, Override: override}
	if d.Strategy == "" {
		d.Strategy = dataset.NullRewrite
	}
	if d.Strategy == dataset.DeleteRow {
		d.Action, d.Strategy = Delete, ""
	}
	return d
}

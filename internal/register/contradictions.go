package register

import (
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// contradiction is what an activity cannot say: two things that are not both true, or one that the law rules
// out. What is merely missing is a gap. A register that contradicts itself is not put into force.
type contradiction struct {
	rule string // by its id among the rules that docs/RULES.md lists
	text locale.Text
	// rights are those whose decisions would rest on it. They wait where such a register is in force from before
	// it was refused.
	rights []dsr.Right
	at     func(a *Activity) []string // the fields that say it, inside the activity; none: it is not said
}

// contradictions is all there is of them.
var contradictions = []contradiction{
	// Bases
	{"CAT-01", gapSpecial, nil, where("bases", func(a *Activity) bool {
		return dataset.CoversAny(specialCategories, a.Categories) && !a.basisIn("9")
	})},
	{"CAT-01", gapCriminal, nil, where("bases", func(a *Activity) bool {
		return dataset.CoversAny(criminal, a.Categories) && !a.basisIn("10")
	})},
	{"CAT-01", gapNonProfit, nil, eachBasis("9(2)(d)", func(a *Activity) bool {
		// Its members' data, and never outside the body without their consent, or what another condition allows.
		return slices.ContainsFunc(a.Recipients, func(r Recipient) bool { return r.Role != "processor" }) &&
			!slices.ContainsFunc(a.Bases, func(b Basis) bool { return strings.HasPrefix(b.Article, "9(2)") && b.Article != "9(2)(d)" })
	})},
	{"CAT-01", gapMadePublic, nil, eachBasis("9(2)(e)", func(a *Activity) bool {
		return len(a.Sources) > 0 && !slices.ContainsFunc(a.Sources, func(s Source) bool { return s.FromPerson || s.Public })
	})},
	{"INF-01", gapObligationBasis, nil, where("obligation.kind", func(a *Activity) bool {
		switch {
		case a.Obligation == nil:
			return false
		case a.Obligation.Kind == ByLaw:
			return !a.hasBasis("6(1)(c)", "6(1)(e)")
		}
		return a.Obligation.Kind != Voluntary && !a.hasBasis("6(1)(b)")
	})},
	{"ADM-01", gapAutomated, nil, where("automated_decisions", func(a *Activity) bool {
		return a.Automated != nil && !a.hasBasis("6(1)(a)", "6(1)(b)", "6(1)(c)", "9(2)(a)")
	})},
	{"ACC-06", gapLogic, []dsr.Right{dsr.Access}, where("automated_decisions", func(a *Activity) bool {
		return a.Automated != nil && a.Automated.NB == ""
	})},

	// Transfers
	{"ACC-07", gapSafeguard, []dsr.Right{dsr.Access}, func(a *Activity) (fields []string) {
		for i, rec := range a.Recipients {
			if OutsideEEA(rec.Country) && rec.Safeguard == "" {
				fields = append(fields, fmt.Sprintf("recipients[%d].safeguard", i))
			}
		}
		return fields
	}},
	{"ACC-07", gapSafeguard, []dsr.Right{dsr.Access}, where("storage.country", func(a *Activity) bool {
		return OutsideEEA(a.Storage.Country) && !slices.ContainsFunc(a.Recipients, func(r Recipient) bool {
			return r.Country == a.Storage.Country && r.Safeguard != ""
		})
	})},

	// Retention
	{"WDR-01", gapUntilWithdrawn, []dsr.Right{dsr.Erasure}, where("retention.rule", func(a *Activity) bool {
		return a.Retention.Rule == RuleWithdrawn && !a.Consent()
	})},
	{"WDR-01", gapNeverWithdrawn, nil, where("retention.rule", func(a *Activity) bool {
		return a.Retention.Rule == RuleReview && a.OnlyConsent()
	})},
	{"ACY-02", gapWhileEmployed, nil, where("retention.rule", func(a *Activity) bool {
		return a.Retention.Rule == RuleEmployed && !a.personnel()
	})},
	{"ERA-01", gapBookkeeping, []dsr.Right{dsr.Erasure}, where("retention.rule", func(a *Activity) bool {
		return bookkeepingMonths(a.Retention.Rule) > 0 && !a.hasBasis("6(1)(c)")
	})},

	// Erasure
	{"OBJ-01", gapOverriding, []dsr.Right{dsr.Erasure, dsr.Objection}, where("erasure.exception", func(a *Activity) bool {
		return a.Erasure.Exception == OverridingGrounds && !a.hasBasis("6(1)(e)", "6(1)(f)")
	})},
	{"WDR-01", gapKeptOnConsent, nil, where("erasure.exception", func(a *Activity) bool {
		return a.Erasure.Exception == StillNecessary && a.OnlyConsent()
	})},
	{"OBJ-02", gapMarketing, nil, where("erasure.marketing", func(a *Activity) bool {
		return a.Erasure.Marketing && !a.hasBasis("6(1)(a)", "6(1)(f)")
	})},
	{"ERA-03", gapKeepFields, nil, func(a *Activity) (fields []string) {
		for i, c := range a.Erasure.KeepFields {
			if !dataset.CoversAny(a.Categories, []string{c}) && !dataset.CoversAny([]string{c}, a.Categories) {
				fields = append(fields, fmt.Sprintf("erasure.keep_fields[%d]", i))
			}
		}
		return fields
	}},
}

// where says it at one field.
func where(field string, said func(*Activity) bool) func(*Activity) []string {
	return func(a *Activity) []string {
		if said(a) {
			return []string{field}
		}
		return nil
	}
}

// eachBasis says it at each basis of an article.
func eachBasis(article string, said func(*Activity) bool) func(*Activity) []string {
	return func(a *Activity) (fields []string) {
		for i, b := range a.Bases {
			if b.Article == article && said(a) {
				fields = append(fields, fmt.Sprintf("bases[%d].article", i))
			}
		}
		return fields
	}
}

// contradictions gives what the activity says against itself.
func (a *Activity) contradictions() []Gap {
	var gaps []Gap
	for _, c := range contradictions {
		for _, field := range c.at(a) {
			gaps = append(gaps, Gap{Activity: a.ID, Field: field, Severity: Contradiction, Rule: c.rule, Rights: c.rights, Text: c.text,
				Answers: slices.Contains(c.rights, dsr.Access)})
		}
	}
	return gaps
}

package fulfilment

import (
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// knowledge is what the office has told the portal about a case, oldest first.
type knowledge []store.Fact

// The kinds of facts. Each but the relation and the weighing is yes or no.
const (
	FactRelation   = "relation" // ongoing or ended
	FactWeighing   = "weighing" // compelling or not_compelling
	FactClaim      = "claim"
	FactUnlawful   = "unlawful"
	FactChild      = "child"
	FactDuty       = "duty_to_erase"
	FactRestrict   = "prefers_restriction"
	FactObjection  = "objection"
	FactWithdrawal = "consent_withdrawn"
	FactOpinion    = "opinion"
	FactAccurate   = "accurate"
)

const factYes, factNo = "yes", "no"

// factValues lists the facts that there are, and what can be said of each.
var factValues = map[string][]string{
	FactRelation:   {string(register.Ongoing), string(register.Ended), "unknown"},
	FactWeighing:   {string(register.Compelling), string(register.NotCompelling)},
	FactClaim:      {factYes, factNo},
	FactUnlawful:   {factYes, factNo},
	FactChild:      {factYes, factNo},
	FactDuty:       {factYes, factNo},
	FactRestrict:   {factYes, factNo},
	FactObjection:  {factYes, factNo},
	FactWithdrawal: {factYes, factNo},
	FactOpinion:    {factYes, factNo},
	FactAccurate:   {factYes, factNo},
}

// of gives the newest value of a fact for an activity: what was said of the activity itself goes
// before what was said of the whole case.
func (k knowledge) of(kind, activity string) string {
	whole, own := "", ""
	for _, f := range k {
		switch {
		case f.Kind != kind:
		case f.Activity == activity:
			own = f.Value
		case f.Activity == "":
			whole = f.Value
		}
	}
	if own != "" {
		return own
	}
	return whole
}

// into puts what is known of an activity among the facts of one of its fields.
func (k knowledge) into(f *register.Facts, activity string) {
	if len(k) == 0 {
		return
	}
	yes := func(kind string) bool { return k.of(kind, activity) == factYes }
	switch relation := register.Relation(k.of(FactRelation, activity)); relation {
	case register.Ongoing, register.Ended:
		f.Relation = relation
	}
	f.Weighing = register.Weighing(k.of(FactWeighing, activity))
	f.Claim, f.Unlawful, f.Child, f.DutyToErase = yes(FactClaim), yes(FactUnlawful), yes(FactChild), yes(FactDuty)
	f.PrefersRestriction, f.Objection, f.ConsentWithdrawn = yes(FactRestrict), yes(FactObjection), yes(FactWithdrawal)
	f.Opinion, f.Accurate = yes(FactOpinion), yes(FactAccurate)
}

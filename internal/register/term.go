package register

import "mininfo/internal/dsr"

// Term says how the time of an activity's data stands on a day (Art. 5(1)(e)).
type Term struct {
	Over    bool     // it has passed; the data go without anybody's asking
	Look    bool     // it has passed, and only a person can tell whether the data may go
	Undated bool     // it counts from a date that is not known
	End     dsr.Date // the last day of keeping; zero: unknown
}

// Term tells how the time stands of data that count from a day; nil: none is known. yearTo is the
// controller's financial year end, MM-DD. Consent, employment and reviews depend on what a date alone
// does not tell, and so does what the register wants looked at item by item: such data are never over
// by themselves.
func (a *Activity) Term(from *dsr.Date, yearTo string, today dsr.Date) Term {
	byDate := false
	switch a.Retention.Rule {
	case RuleMonths:
		byDate = a.Retention.Months > 0
	case RulePrimary, RuleSecondary:
		byDate = true
	case RuleEmployed, RuleWithdrawn, RuleReview:
	default:
		return Term{}
	}
	if from == nil {
		return Term{Undated: byDate}
	}
	end, ok := a.Retention.End(*from, yearTo)
	if !ok || !end.Before(today) || a.Retention.Rule == RuleMonths && !byDate {
		return Term{End: end}
	}
	if byDate && a.Erasure.Kind != KindReview {
		return Term{Over: true, End: end}
	}
	return Term{Look: true, End: end}
}

// Passing tells how data go whose time is over: made anonymous where the register says so, else erased.
func (a *Activity) Passing() Action {
	if a.Erasure.Kind == KindAnonymise {
		return Anonymise
	}
	return Erase
}

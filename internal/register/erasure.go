package register

import (
	"fmt"
	"regexp"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// claimMonths is the main period of limitation (foreldelsesloven § 2).
const (
	claimMonths = 36
	claimLaw    = "foreldelsesloven § 2"
)

// ProposeErasure proposes what an erasure request (Art. 17) does to one field group of one
// record. All grounds of Art. 17(1) are tested, whatever the person named; a group is kept only
// where an exception of the register's rule covers its categories and its time is not out.
func ProposeErasure(f Facts) Proposal {
	a := f.Activity
	if a == nil {
		return review(CodeUnknownActivity, textByHand)
	}
	if g := a.blocking(dsr.Erasure); g != nil {
		return blocked(g)
	}
	switch {
	case f.Restricted:
		return review(CodeRestricted, textRestricted)
	case f.NotLinkable:
		return review(CodeNotIdentifiable, textNotLinkable)
	case f.Shared:
		return review(CodeShared, textShared)
	case f.ThirdParty:
		return review(CodeThirdParty, textThirdParty)
	}
	if a.keeps(f.Categories) {
		return f.held()
	}
	return f.removed(f.over())
}

// over tells whether the time that the register names is out. A date beside data on consent may
// be that of the consent, so it says nothing about their end.
func (f Facts) over() bool {
	until, known := f.until()
	return known && until.Before(f.Today) && f.Activity.Retention.Rule != RuleWithdrawn
}

// held decides about a group that the register's rule keeps.
func (f Facts) held() Proposal {
	e := f.Activity.Erasure
	until, known := f.until()
	over := known && until.Before(f.Today)
	duty := e.Exception == LegalDuty
	switch {
	case !over && f.DutyToErase:
		return review(CodeDutyConflict, textByHand)
	case !over && known && duty:
		return f.kept(Keep, until)
	case f.Claim && !e.Marketing:
		return f.claimed()
	case over:
		return f.removed(true)
	case f.groundMet():
		return f.removed(false)
	case e.Exception == OverridingGrounds && f.Objection && f.Weighing == "":
		return Proposal{Action: Restrict, Ground: OverridingGrounds, Exception: "18(1)(d)", Code: CodeWeighing,
			Law: f.law(), Text: textWeighing}
	case e.Exception == Expression || e.Exception == PublicHealth || e.Exception == Archive:
		return review(CodeByHand, textByHand)
	case !known && f.Activity.Retention.Rule == RuleEmployed && f.Relation != Ended:
		return review(CodeOngoing, textOngoing)
	case !known:
		return review(CodeNoDate, textByHand)
	case e.Kind == KindRestrict || e.Exception == LegalClaims:
		return f.kept(Restrict, until)
	}
	return f.kept(Keep, until)
}

// groundMet tells whether a ground of Art. 17(1) beats what the rule would keep. A duty or a claim
// under Art. 17(3) is not beaten; "still necessary" and "overriding grounds" are.
func (f Facts) groundMet() bool {
	e := f.Activity.Erasure
	if e.Exception != StillNecessary && e.Exception != OverridingGrounds {
		return false
	}
	return f.Unlawful || f.Child ||
		e.Exception == StillNecessary && f.Relation == Ended ||
		e.Exception == OverridingGrounds && f.Weighing == NotCompelling ||
		e.Marketing && f.Objection ||
		f.Activity.OnlyConsent() && f.ConsentWithdrawn
}

func (f Facts) kept(action Action, until dsr.Date) Proposal {
	e := f.Activity.Erasure
	last := textKeptUntil
	if action == Restrict {
		last = textRestrictedUntil
	}
	law := f.law()
	return Proposal{Action: action, Exception: e.Exception, Code: e.Code, Law: law, Until: &until,
		Text: join(e.Text, onDate(last, until), provision(e.Exception, law))}
}

// claimed restricts what a concrete claim needs, until the claim is time-barred.
func (f Facts) claimed() Proposal {
	from := f.Today
	if f.RetentionFrom != nil && !f.RetentionFrom.AddMonths(claimMonths).Before(f.Today) {
		from = *f.RetentionFrom
	}
	until := from.AddMonths(claimMonths)
	return Proposal{Action: Restrict, Exception: LegalClaims, Code: CodeClaim, Law: claimLaw, Until: &until,
		Text: join(textClaim, onDate(textRestrictedUntil, until), provision(LegalClaims, claimLaw))}
}

// removed decides how a group goes that nothing keeps, or whose time to be kept is over.
func (f Facts) removed(over bool) Proposal {
	e := f.Activity.Erasure
	switch {
	case f.Claim && !e.Marketing:
		return f.claimed()
	case e.Kind == KindReview:
		return Proposal{Action: Review, Ground: f.ground(over), Code: or(e.Code, CodeByHand), Text: join(e.Text, textByHand)}
	case f.PrefersRestriction:
		return Proposal{Action: Restrict, Exception: "18(1)(b)", Code: CodePrefersRestrict, Law: "GDPR art. 18", Text: textPrefersRestriction}
	case f.askWhetherEnded(over) || f.employed():
		return review(CodeOngoing, textOngoing)
	case e.Kind == KindSuppress || e.Marketing && f.Objection:
		return f.suppressed(over)
	}
	ground := f.ground(over)
	p := Proposal{Action: Erase, Ground: ground, Code: CodeErase, Text: join(textErase, f.because(ground, over))}
	switch {
	case over:
		p.Code = CodeRetentionOver
	case ground == GroundPromise:
		p.Code = CodePromise
	}
	if e.Kind == KindAnonymise {
		p.Action = Anonymise
		p.Text = join(textAnonymise, f.because(ground, over))
	}
	return p
}

// askWhetherEnded: what still runs on a contract is not stopped by a request to erase before
// somebody asked whether that is meant, as with a job application in an open recruitment.
func (f Facts) askWhetherEnded(over bool) bool {
	return !over && f.Relation == Ongoing && f.Activity.Erasure.Kind == KindErase &&
		f.ground(over) == StillNecessary && f.Activity.hasBasis("6(1)(b)")
}

// employed: nothing says that the employment has ended, so that nothing of it is erased before somebody
// asked, unless a ground holds that no employment stands against.
func (f Facts) employed() bool {
	return f.Activity.Retention.Rule == RuleEmployed && f.RetentionFrom == nil && f.Relation != Ended &&
		!f.Unlawful && !f.DutyToErase && !f.Child && !f.ConsentWithdrawn
}

func (f Facts) suppressed(over bool) Proposal {
	ground := f.ground(over)
	t := textSuppress
	if f.Activity.Erasure.Marketing {
		t = textSuppressMarketing
	}
	return Proposal{Action: Suppress, Ground: ground, Code: or(f.Activity.Erasure.Code, CodeSuppression),
		Text: join(textErase, f.because(ground, over), t)}
}

// ground finds the ground of Art. 17(1) that holds. A request to erase what rests on consent alone
// withdraws it; one about what rests on an interest or a task is read as an objection.
func (f Facts) ground(over bool) string {
	a := f.Activity
	weighed := a.hasBasis("6(1)(e)", "6(1)(f)")
	switch {
	case over:
		return StillNecessary
	case f.Unlawful:
		return "17(1)(d)"
	case f.DutyToErase:
		return "17(1)(e)"
	case f.Child && a.Consent():
		return "17(1)(f)"
	case a.OnlyConsent() || f.ConsentWithdrawn && a.Consent():
		return "17(1)(b)"
	case f.Objection && (weighed || a.Erasure.Marketing):
		return OverridingGrounds
	case f.Relation == Ended:
		return StillNecessary
	case f.promised():
		return GroundPromise
	case weighed && !a.hasBasis("6(1)(b)"):
		return OverridingGrounds
	}
	return StillNecessary
}

func (f Facts) promised() bool {
	p := f.Activity.Erasure.Promise
	return p != nil && (len(p.Categories) == 0 || dataset.CoversAny(p.Categories, f.Categories))
}

func (f Facts) because(ground string, over bool) locale.Text {
	if over {
		if until, ok := f.until(); ok {
			return onDate(textTimeOver, until)
		}
	}
	if ground == GroundPromise && f.Activity.Erasure.Promise.Text.NB != "" {
		return f.Activity.Erasure.Promise.Text
	}
	return groundTexts[ground]
}

// law names the provision behind what is kept; it is never empty.
func (f Facts) law() string {
	if law := f.Activity.law(); law != "" {
		return law
	}
	switch f.Activity.Erasure.Exception {
	case StillNecessary:
		return "GDPR art. 6(1)(b)"
	case OverridingGrounds:
		return "GDPR art. 6(1)(f)"
	case LegalClaims:
		return claimLaw
	}
	return "GDPR art. " + f.Activity.Erasure.Exception
}

// until is the last day that the data are kept. What still runs is kept for the rule's months from
// today at least. It is false where no date says when the time began.
func (f Facts) until() (dsr.Date, bool) {
	r := f.Activity.Retention
	if f.Relation == Ongoing && f.Activity.Erasure.Exception == StillNecessary && r.Months > 0 {
		return f.Today.AddMonths(r.Months), true
	}
	if r.Rule == RuleWithdrawn && f.RetentionFrom == nil {
		return f.Today.AddMonths(r.Months), true // the request is the withdrawal
	}
	if f.RetentionFrom == nil {
		return dsr.Date{}, false
	}
	return r.End(*f.RetentionFrom, f.FinancialYearEnd)
}

// End is the last day of keeping data whose time began on a day (or with the end of the financial year that it
// is in, where the register says so); they are erasable from the next.
// yearTo is the controller's financial year end, MM-DD. It is false for a rule without an end.
func (r Retention) End(from dsr.Date, yearTo string) (dsr.Date, bool) {
	if r.From == FromYearEnd && impliedFrom[r.Rule] == "" {
		from = financialYearEnd(from, yearTo)
	}
	switch r.Rule {
	case RulePrimary, RuleSecondary:
		months := max(bookkeepingMonths(r.Rule), r.Months)
		return dsr.RetentionEnd(financialYearEnd(from, yearTo), months), true
	case RuleMonths, RuleReview, RuleEmployed, RuleWithdrawn:
		return from.AddMonths(r.Months), true
	}
	return dsr.Date{}, false
}

// Dated tells whether the end follows from a date of the data alone: on what day a consent is withdrawn, or a
// review finds data not needed, nobody knows beforehand.
func (r Retention) Dated() bool { return r.Rule != RuleWithdrawn && r.Rule != RuleReview }

func onDate(t locale.Text, d dsr.Date) locale.Text {
	when := d.Text()
	return locale.Text{NB: fmt.Sprintf(t.NB, when.NB), NN: fmt.Sprintf(t.NN, when.NN), EN: fmt.Sprintf(t.EN, when.EN)}
}

var articleParts = regexp.MustCompile(`^(\d+)\((\d+)\)(?:\(([a-z])\))?$`)

// ArticleText writes an article of the GDPR as each language does: "artikkel 17 nr. 3 bokstav b".
func ArticleText(article string) locale.Text {
	m := articleParts.FindStringSubmatch(article)
	if rest, ok := strings.CutPrefix(article, "pol. "); ok {
		if section, letter, ok := strings.Cut(strings.TrimPrefix(rest, "§ "), " "); ok {
			no := " § " + section + " første ledd bokstav " + letter
			return locale.Text{NB: "personopplysningsloven" + no, NN: "personopplysningslova" + no,
				EN: "the Norwegian Personal Data Act section " + section + " first paragraph letter " + letter}
		}
		return locale.Text{NB: "personopplysningsloven " + rest, NN: "personopplysningslova " + rest,
			EN: "the Norwegian Personal Data Act " + rest}
	}
	if rest, ok := strings.CutPrefix(article, "recital "); ok {
		return locale.Text{NB: "fortalepunkt " + rest, NN: "fortalepunkt " + rest, EN: "recital " + rest}
	}
	if m == nil {
		return locale.Text{NB: "artikkel " + article, NN: "artikkel " + article, EN: "Article " + article}
	}
	no := "artikkel " + m[1] + " nr. " + m[2]
	if m[3] != "" {
		no += " bokstav " + m[3]
	}
	return locale.Text{NB: no, NN: no, EN: "Article " + article}
}

// LawText puts a provision in words: "GDPR art. 15(4)" is the regulation's own way to be cited, and
// says little to a customer. Other laws come back as they are.
func LawText(law string, l locale.Locale) string {
	if rest, ok := strings.CutPrefix(law, "personopplysningsloven "); ok {
		return ArticleText("pol. " + rest).In(l)
	}
	article, ok := strings.CutPrefix(law, "GDPR art. ")
	if !ok {
		return law
	}
	var cited []string
	for _, one := range strings.Split(article, ", ") {
		cited = append(cited, ArticleText(one).In(l))
	}
	return gdpr.In(l) + " " + strings.Join(cited, " "+text("og", "og", "and").In(l)+" ")
}

// provision names where the exception stands; a refusal must give its provision (Art. 12(4)).
func provision(exception, law string) locale.Text {
	at := ArticleText(exception)
	t := locale.Text{
		NB: "Det følger av personvernforordningen " + at.NB,
		NN: "Det følgjer av personvernforordninga " + at.NN,
		EN: "This follows from " + at.EN + " of the GDPR",
	}
	if law != "" && law[:min(4, len(law))] != "GDPR" {
		t.NB += ", jf. " + law
		t.NN += ", jf. " + law
		t.EN += ", cf. " + law
	}
	t.NB, t.NN, t.EN = t.NB+".", t.NN+".", t.EN+"."
	return t
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

package register

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Severity says what a gap does.
type Severity string

// The severities. No gap blocks that a request is registered, nor the clock.
const (
	Warn           Severity = "warn"
	BlocksDecision Severity = "blocks_decision" // the decisions of Gap.Rights about the activity's data wait for it
	Contradiction  Severity = "contradiction"   // two things that cannot both be true: no register that says so is put into force
	Wrong          Severity = "wrong"           // of a file alone: it cannot be read
)

// Gap is something the register ought to say and does not, or says against itself.
type Gap struct {
	Activity string // id; empty for the controller
	Field    string // path inside the activity, such as bases[0].law
	Severity Severity
	Rights   []dsr.Right // whose decisions it blocks; empty when it blocks none
	Text     locale.Text
	Rule     string // the rule that a contradiction breaks; empty for a gap
	// Answers: the answer to a request for access has to tell it (Art. 15(1)), and is not sent before it can.
	Answers bool

	path string // in the register's file
}

// Gaps lists everything that the register leaves open or says against itself, in the order of the
// register.
func (r *Register) Gaps() []Gap {
	gaps := r.Controller.gaps()
	gaps = append(gaps, r.jointGaps()...)
	gaps = append(gaps, r.processorGaps()...)
	gaps = append(gaps, r.promiseGaps()...)
	gaps = append(gaps, r.publishedGaps()...)
	for i := range gaps {
		gaps[i].path = gaps[i].Field
	}
	for i := range r.Activities {
		for _, g := range r.Activities[i].Gaps() {
			g.path = fmt.Sprintf("activities[%d].%s", i, g.Field)
			gaps = append(gaps, g)
		}
	}
	return gaps
}

func (c Controller) gaps() []Gap {
	var gaps []Gap
	warn := func(field string, t locale.Text) {
		gaps = append(gaps, Gap{Field: "controller." + field, Severity: Warn, Text: t})
	}
	for _, f := range []struct{ field, value string }{
		{"name", c.Name}, {"postal_address", c.PostalAddress}, {"email", c.Email}, {"country", c.Country},
	} {
		if f.value == "" {
			warn(f.field, gapController)
		}
	}
	if c.DPO == "" && c.NoDPO == "" {
		warn("dpo", gapDPO)
	}
	if OutsideEEA(c.Country) && c.Representative == "" {
		warn("representative", gapRepresentative)
	}
	if _, err := dsr.CalendarFor(c.Country); err != nil && c.Country != "" {
		warn("country", gapHolidays)
	}
	return gaps
}

// jointGaps: people are told the essence of what joint controllers agreed (Art. 26(2)), and whom they
// can turn to.
func (r *Register) jointGaps() []Gap {
	var gaps []Gap
	for i, j := range r.Joint {
		warn := func(field string, t locale.Text) {
			gaps = append(gaps, Gap{Field: fmt.Sprintf("joint_controllers[%d].%s", i, field), Severity: Warn, Text: t})
		}
		if j.Name == "" {
			warn("name", gapJointName)
		}
		if j.Contact == "" {
			warn("contact", gapJointContact)
		}
		switch {
		case j.Essence.NB == "":
			warn("essence", gapJointEssence)
		case !j.Essence.Complete():
			warn("essence", gapLanguage)
		}
		for k, id := range j.Activities {
			if r.Activity(id) == nil {
				warn(fmt.Sprintf("activities[%d]", k), gapJointActivity)
			}
		}
	}
	return gaps
}

// processorGaps: nobody handles data for the controller without a contract (Art. 28(3)).
func (r *Register) processorGaps() []Gap {
	var gaps []Gap
	warn := func(field string, t locale.Text) {
		gaps = append(gaps, Gap{Field: field, Severity: Warn, Text: t})
	}
	listed := map[string]bool{}
	for i, p := range r.Processors {
		listed[strings.ToLower(p.Name)] = true
		at := fmt.Sprintf("processors[%d].", i)
		if p.Name == "" {
			warn(at+"name", gapProcessorName)
		}
		if p.Country == "" {
			warn(at+"country", gapCountry)
		}
		if p.Agreement == "" {
			warn(at+"agreement", gapAgreement)
		}
	}
	for i := range r.Activities {
		for _, rec := range r.Activities[i].Recipients {
			name := strings.ToLower(rec.Name)
			if rec.Role == "processor" && name != "" && !listed[name] {
				listed[name] = true // told once
				warn("processors", gapUnlistedProcessor(rec.Name))
			}
		}
	}
	return gaps
}

// promiseGaps: a company is no data subject, so whoever promises it an answer has to know who may
// ask for it.
func (r *Register) promiseGaps() []Gap {
	if r.Companies == nil || r.Companies.Authority.Complete() {
		return nil
	}
	return []Gap{{Field: "companies", Severity: Warn, Text: gapCompanies}}
}

// publishedGaps tells what the notice that people have been given lacks (Arts. 13 and 14). The law
// holds whatever it says.
func (r *Register) publishedGaps() []Gap {
	p := r.Published
	if p == nil {
		return nil
	}
	gaps := []Gap{{Field: "published", Severity: Warn, Text: gapPublished}}
	warn := func(field string, t locale.Text) {
		gaps = append(gaps, Gap{Field: "published." + field, Severity: Warn, Text: t})
	}
	for _, name := range noticeRights() {
		if name == WithdrawConsent && !r.mayRestOnConsent() {
			continue
		}
		if !slices.Contains(p.Rights, name) {
			warn("rights", gapUnnamed[name])
		}
	}
	for i, name := range p.Narrowed {
		if t, ok := gapNarrowed[name]; ok {
			warn(fmt.Sprintf("narrowed[%d]", i), t)
		}
	}
	if p.Special == nil {
		return gaps
	}
	for i, c := range p.Special {
		switch {
		case dataset.CoversAny(criminal, []string{c}):
			warn(fmt.Sprintf("special_categories[%d]", i), gapCriminalIsNotSpecial)
		case !dataset.CoversAny(specialCategories, []string{c}):
			warn(fmt.Sprintf("special_categories[%d]", i), gapNotSpecial)
		}
	}
	for _, c := range []string{"user.health_and_medical.genetic", "user.biometric"} {
		if !slices.Contains(p.Special, c) {
			warn("special_categories", gapSpecialUnnamed[c])
		}
	}
	return gaps
}

// mayRestOnConsent tells whether any activity names consent, or a basis that nobody can read.
func (r *Register) mayRestOnConsent() bool {
	return slices.ContainsFunc(r.Activities, func(a Activity) bool {
		return a.Consent() || slices.ContainsFunc(a.Bases, func(b Basis) bool { return !article.MatchString(b.Article) })
	})
}

// Gaps lists what the activity leaves open.
func (a *Activity) Gaps() []Gap {
	if known, ok := gapsOf.Load(a); ok {
		return slices.Clip(known.([]Gap))
	}
	var gaps []Gap
	warn := func(field string, t locale.Text) {
		gaps = append(gaps, Gap{Activity: a.ID, Field: field, Severity: Warn, Text: t})
	}
	tell := func(field string, t locale.Text) {
		gaps = append(gaps, Gap{Activity: a.ID, Field: field, Severity: Warn, Text: t, Answers: true})
	}
	block := func(field string, t locale.Text, rights ...dsr.Right) {
		gaps = append(gaps, Gap{Activity: a.ID, Field: field, Severity: BlocksDecision, Rights: rights, Text: t, Answers: slices.Contains(rights, dsr.Access)})
	}
	hold := func(field string, t locale.Text, rights ...dsr.Right) {
		block(field, t, rights...)
		gaps[len(gaps)-1].Answers = true
	}
	if a.Purpose.NB == "" {
		block("purpose", gapPurpose, dsr.Access)
	}
	a.basisGaps(warn, block, hold)
	if len(a.Persons) == 0 {
		warn("persons", gapPersons)
	}
	if len(a.Categories) == 0 {
		tell("categories", gapCategories)
	}
	a.sourceGaps(warn, block)
	a.obligationGaps(warn)
	a.recipientGaps(warn, tell)
	a.storageGaps(tell)
	a.retentionGaps(warn, block)
	a.erasureGaps(warn, block)
	if a.Automated == nil && !a.NoAutomated {
		tell("automated_decisions", gapAutomatedUnsaid)
	}
	a.textGaps(warn)
	return append(gaps, a.contradictions()...)
}

type (
	warnGap  func(field string, t locale.Text)
	blockGap func(field string, t locale.Text, rights ...dsr.Right)
)

// basisGaps: a basis cannot be chosen afterwards, so a missing one is for the controller to settle
// before anything is erased or kept on it.
func (a *Activity) basisGaps(warn warnGap, block, hold blockGap) {
	if len(a.Bases) == 0 {
		hold("bases", gapBasis, dsr.Erasure, dsr.Objection)
	}
	for i, b := range a.Bases {
		at := fmt.Sprintf("bases[%d].", i)
		switch b.Article {
		case "6(1)(c)", "6(1)(e)", "9(2)(b)", "9(2)(g)", "9(2)(h)", "9(2)(i)", "9(2)(j)":
			if b.Law == "" {
				warn(at+"law", gapLaw)
			}
		case "9(2)(a)", "9(2)(c)", "9(2)(d)", "9(2)(e)", "9(2)(f)":
			if b.Why.NB == "" {
				warn(at+"why", gapSpecialWhy[b.Article])
			}
		case "10":
			if b.Law == "" {
				warn(at+"law", gapLaw)
			} else if onlySection11.MatchString(b.Law) && !a.hasBasis("9(2)(a)", "9(2)(c)", "9(2)(d)", "9(2)(e)", "9(2)(f)") {
				warn(at+"law", gapSection11)
			}
		case "6(1)(f)":
			if b.Why.NB != "" {
				continue
			}
			if a.Erasure.Exception == OverridingGrounds {
				block(at+"why", gapInterest, dsr.Erasure, dsr.Objection)
			} else {
				warn(at+"why", gapInterest)
			}
		}
	}
	if len(a.Bases) > 0 && !a.HasBasis() {
		block("bases", gapSix, dsr.Erasure, dsr.Objection)
	}
	if a.needsInterest() {
		warn("bases", gapInterestMissing)
	}
	if a.OnlyConsent() && slices.Contains(a.Persons, "employee") {
		warn("bases", gapEmployeeConsent)
	}
	if dataset.CoversAny([]string{"user.device.cookie", "user.device.cookie_id"}, a.Categories) && !a.hasBasis("6(1)(a)") {
		warn("bases", gapCookies)
	}
}

// onlySection11 is personopplysningsloven § 11 alone: it allows data on convictions only together with a
// condition of Article 9(2)(a) or (c) to (f), or of §§ 6, 7 or 9.
var onlySection11 = regexp.MustCompile(`(?i)^\s*(personopplysningsloven|pol\.?)\s*§\s*11\s*$`)

// basisIn tells whether any basis is of an article, such as "9".
func (a *Activity) basisIn(number string) bool {
	return slices.ContainsFunc(a.Bases, func(b Basis) bool {
		n, _, _ := strings.Cut(b.Article, "(")
		return n == number
	})
}

// needsInterest tells whether a basis is named that cannot carry the activity, so that a legitimate
// interest is what was meant: nobody has a contract with everybody who visits a website, and what
// strangers tell about somebody rests neither on that person's consent nor on their contract.
func (a *Activity) needsInterest() bool {
	if len(a.Bases) == 0 || a.hasBasis("6(1)(c)", "6(1)(d)", "6(1)(e)", "6(1)(f)") {
		return false
	}
	visitors := len(a.Persons) > 0 && !slices.ContainsFunc(a.Persons, func(p string) bool { return p != "visitor" && p != "anonymous_user" })
	strangers := len(a.Sources) > 0 && !slices.ContainsFunc(a.Sources, func(s Source) bool { return s.FromPerson || s.Own })
	return visitors && !a.OnlyConsent() || strangers
}

func (a *Activity) sourceGaps(warn warnGap, block blockGap) {
	if len(a.Sources) == 0 {
		block("sources", gapSource, dsr.Access)
	}
	for i, s := range a.Sources {
		at := fmt.Sprintf("sources[%d].name", i)
		switch {
		case s.Name.NB == "":
			block(at, gapSource, dsr.Access)
		case !s.FromPerson && !s.Own && says(s.Name, vagueSources):
			warn(at, gapSourceVague)
		}
	}
	if a.FromOthers() && a.Informed.NB == "" {
		warn("informed", gapInformed)
	}
}

// obligationGaps: who gives data is told whether they must, and what follows if they do not.
func (a *Activity) obligationGaps(warn warnGap) {
	if a.Obligation == nil {
		if slices.ContainsFunc(a.Sources, func(s Source) bool { return s.FromPerson }) {
			warn("obligation", gapObligation)
		}
		return
	}
	if a.Obligation.Kind != Voluntary && a.Obligation.Text.NB == "" {
		warn("obligation.text", gapConsequence)
	}
}

// recipientGaps: the answer to a request for access names those who get the data, or says that nobody does
// (Art. 15(1)(c)). A list that is only empty says neither.
func (a *Activity) recipientGaps(warn, tell warnGap) {
	if len(a.Recipients) == 0 && !a.NoRecipients {
		tell("recipients", gapRecipients)
	}
	for i, rec := range a.Recipients {
		at := fmt.Sprintf("recipients[%d].", i)
		switch {
		case rec.Name == "":
			tell(at+"name", gapRecipient)
		case says(text(rec.Name, "", ""), vagueRecipients):
			warn(at+"name", gapRecipient)
		}
		if rec.Country == "" {
			warn(at+"country", gapCountry)
		}
		if rec.Why.NB == "" {
			warn(at+"why", gapRecipientWhy)
		}
	}
}

// storageGaps: an answer to a request for access tells how the data are stored: what system, where, and how they are
// protected in general terms.
func (a *Activity) storageGaps(tell warnGap) {
	if a.Storage.System == "" {
		tell("storage.system", gapStorage)
	}
	if a.Storage.Country == "" {
		tell("storage.country", gapCountry)
	}
	if a.Storage.Protection.NB == "" {
		tell("storage.protection", gapProtection)
	}
}

func (a *Activity) retentionGaps(warn warnGap, block blockGap) {
	r, open := a.Retention, a.Retention.Rule == "" && a.Erasure.holds()
	if open {
		block("retention.rule", gapRetention, dsr.Access, dsr.Erasure)
	}
	switch {
	case vagueTime(r.Text):
		block("retention.text", gapRetentionVague, dsr.Access)
	case open:
	case r.Rule == "" || r.Text.NB == "":
		block("retention", gapRetention, dsr.Access)
	case r.Default:
		warn("retention.default", gapDefault)
	}
	if r.Rule == RuleMonths && r.StartsAt() == "" {
		warn("retention.from", gapRetentionFrom)
	}
}

// erasureGaps: nothing is ever kept without its exception, code, provision and sentence.
func (a *Activity) erasureGaps(warn warnGap, block blockGap) {
	e := a.Erasure
	if e.Kind == "" {
		block("erasure.kind", gapErasure, dsr.Erasure)
		return
	}
	if !e.holds() {
		if e.Text.NB == "" {
			warn("erasure.text", gapSentence)
		}
		return
	}
	if e.Exception == "" {
		block("erasure.exception", gapException, dsr.Erasure)
	}
	if e.Exception == LegalDuty && a.law() == "" {
		block("erasure.law", gapLaw, dsr.Erasure)
	}
	if e.Code == "" {
		block("erasure.code", gapCode, dsr.Erasure)
	}
	if e.Text.NB == "" {
		block("erasure.text", gapSentence, dsr.Erasure)
	}
}

// The words of a promise that says nothing, in small letters.
var (
	vagueTimes = []string{
		"så lenge det er nødvendig", "så lenge dette er nødvendig", "så lenge som nødvendig", "så lenge vi har behov", "så lenge det er behov",
		"så lenge vi trenger", "når det ikke lenger er behov", "over en periode som gjør det mulig", "så lenge det er naudsynt",
		"så lenge det trengst", "så lenge vi treng", "så lenge vi har bruk for", "når det ikkje lenger er bruk for", "i ein periode som gjer det mogleg",
		"as long as necessary", "as long as it is necessary", "as long as this is necessary", "as long as we need", "as long as needed",
		"when no longer needed", "for a period that makes it possible",
	}
	vagueRecipients = []string{
		"samarbeidspartner", "underleverandør", "tredjepart", "myndighet", "styresmakt", "styremakt", "berettigede", "databehandlere",
		"subcontractor", "third part", "authorities", "our partners", "our suppliers",
	}
	vagueSources = []string{"åpne kilder", "opne kjelder", "open sources", "internett", "annen kontakt", "annan kontakt", "other contact", "annet søk", "anna søk"}
)

// says tells whether a text has any of the phrases, in any language.
func says(t locale.Text, phrases []string) bool {
	for _, l := range []string{t.NB, t.NN, t.EN} {
		l = strings.ToLower(l)
		if slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(l, p) }) {
			return true
		}
	}
	return false
}

// vagueTime tells whether a time in words is no more than "as long as necessary": in some language
// each of its sentences says that, so that no period and no criterion is left (Art. 15(1)(d)).
func vagueTime(t locale.Text) bool {
	for _, l := range []string{t.NB, t.NN, t.EN} {
		vague := false
		for _, sentence := range strings.FieldsFunc(strings.ToLower(l), func(c rune) bool { return strings.ContainsRune(".;!\n", c) }) {
			if strings.TrimSpace(sentence) == "" {
				continue
			}
			if vague = slices.ContainsFunc(vagueTimes, func(p string) bool { return strings.Contains(sentence, p) }); !vague {
				break
			}
		}
		if vague {
			return true
		}
	}
	return false
}

// textGaps names the texts that exist in some of the languages only.
func (a *Activity) textGaps(warn warnGap) {
	texts := []struct {
		field string
		text  locale.Text
	}{
		{"name", a.Name}, {"purpose", a.Purpose}, {"storage.protection", a.Storage.Protection},
		{"retention.text", a.Retention.Text}, {"erasure.text", a.Erasure.Text},
	}
	add := func(field string, t locale.Text) {
		texts = append(texts, struct {
			field string
			text  locale.Text
		}{field, t})
	}
	for i, b := range a.Bases {
		add(fmt.Sprintf("bases[%d].why", i), b.Why)
	}
	for i, s := range a.Sources {
		add(fmt.Sprintf("sources[%d].name", i), s.Name)
	}
	for i, r := range a.Recipients {
		add(fmt.Sprintf("recipients[%d].why", i), r.Why)
	}
	add("informed", a.Informed)
	if a.Obligation != nil {
		add("obligation.text", a.Obligation.Text)
	}
	if a.Erasure.Promise != nil {
		add("erasure.promise.text", a.Erasure.Promise.Text)
	}
	if a.Automated != nil {
		add("automated_decisions", *a.Automated)
	}
	if a.Withhold != nil {
		add("withhold.text", a.Withhold.Text)
	}
	for _, t := range texts {
		if !t.text.IsZero() && !t.text.Complete() {
			warn(t.field, gapLanguage)
		}
	}
}

// blocking gives the first gap that a decision under a right has to wait for, or nil.
func (a *Activity) blocking(right dsr.Right) *Gap {
	for _, g := range a.Gaps() {
		if slices.Contains(g.Rights, right) {
			return &g
		}
	}
	return nil
}

// law is the provision that the erasure rule rests on: its own, or that of a basis in law.
func (a *Activity) law() string {
	if a.Erasure.Law != "" {
		return a.Erasure.Law
	}
	for _, b := range a.Bases {
		if (b.Article == "6(1)(c)" || b.Article == "6(1)(e)") && b.Law != "" {
			return b.Law
		}
	}
	return ""
}

// eea lists the members of the European Economic Area: the EU, Iceland, Liechtenstein and Norway.
var eea = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
	"IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}

// OutsideEEA tells whether sending data there is a transfer to a third country (Art. 44). A place
// that is not named is not said to be outside: the gaps ask for it.
func OutsideEEA(country string) bool {
	return country != "" && !slices.Contains(eea, strings.ToUpper(country))
}

package fulfilment

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// The parts that a collection's findings under one activity fall into. What a person must look at
// stands in a part of its own, so that one decision never covers what nobody looked at.
const (
	partPlain     = ""
	partCandidate = "candidate"   // reached only through an identifier that is not confirmed
	partOther     = "other"       // another person's own row
	partShared    = "shared"      // belongs to others too
	partThird     = "third_party" // speaks of others
	partSpecial   = "special"     // special categories
	partReview    = "review"      // the register proposes nothing
	partMinimum   = "minimum"     // what a keep_minimum rule keeps
	partStored    = "stored"      // only stored for another case (Art. 18(2))
	partChanged   = "changed"     // passages of it were redacted, and it is another text now
	partFix       = "fix."        // followed by the number of the correction
)

// unit is what is decided together.
type unit struct{ Source, Collection, Activity, Part string }

// judge proposes what is to be done with fields of findings, and puts the members' decisions over
// it. What it says depends on nothing but what it holds, so it says the same at every stage.
type judge struct {
	right   dsr.Right
	reg     *register.Register
	version int64
	today   dsr.Date
	asked   []string // activities; nil is all
	fixes   []store.Correction
	known   knowledge
	ground  string // the point of Art. 18(1) that a request for restriction rests on
	decided map[unit]ruling
	company bool // what is asked about is a company: whatever in it is about people is about others

	redacted redactions
	lost     []lostText
	waiting  map[unit]bool // of a part of an answer: what follows later
}

// ruling is what a member decided for a unit where it departs from, or stands in for, a proposal.
type ruling struct {
	proposed register.Action
	action   register.Action
	ground   string
}

// verdict is what is to be done with one field of one finding, and why.
type verdict struct {
	unit     unit
	activity *register.Activity
	proposal register.Proposal
	register.Proposal
	asked bool
	open  bool // nothing is proposed and nobody has decided
	look  bool // a member has to look at it though something is proposed

	redaction *redaction // of what is disclosed; nil: all of it is
}

// field judges one field; v is nil for a row that has no categorised fields.
func (j *judge) field(f *engine.Finding, v *engine.FieldValue, candidate bool) verdict {
	if v == nil {
		v = &engine.FieldValue{Activity: f.Activity}
	}
	id := cmp.Or(v.Activity, f.Activity)
	out := verdict{activity: j.reg.Activity(id), asked: j.asked == nil || slices.Contains(j.asked, id)}
	out.proposal = j.propose(j.facts(f, v, out.activity))
	out.unit = unit{Source: f.Source, Collection: collectionName(f), Activity: id, Part: j.part(f, v, out, candidate)}
	if out.unit.Part == partChanged {
		out.proposal = register.Proposal{Action: register.Review, Ground: groundOthers, Code: codeUnmarked, Text: textFell}
	}
	j.rule(&out)
	j.redact(f, v, &out)
	return out
}

// redact puts what a member redacted over what is disclosed, and over what needed no more than that.
func (j *judge) redact(f *engine.Finding, v *engine.FieldValue, d *verdict) {
	r := j.stands(f, v)
	if r == nil {
		return
	}
	if d.open && settles(v, d.unit.Part, r) {
		// What is taken out is told of by itself, where it may be told: this speaks of what is given.
		d.Proposal, d.open = register.Proposal{Action: register.Disclose, Code: codeRedacted, Text: officeTexts[register.Disclose]}, false
	}
	if d.Action == register.Disclose {
		d.redaction = r
	}
}

// facts puts together what is known about a field.
func (j *judge) facts(f *engine.Finding, v *engine.FieldValue, a *register.Activity) register.Facts {
	facts := register.Facts{
		Activity: a, Categories: v.Categories, Shared: f.Shared && !f.OtherPerson, ThirdParty: v.ThirdParty || v.Foreign || f.OtherPerson || j.ofPeople(v),
		FreeText: v.FreeText, Special: special(v), NationalID: v.NationalID, ReadOnly: v.ReadOnly,
		Today: j.today, RetentionFrom: dateOf(f.Retention), FinancialYearEnd: j.reg.Controller.FinancialYearTo, Restricted: f.Restricted, Restriction: j.ground,
	}
	if a != nil {
		j.known.into(&facts, a.ID)
	}
	return facts
}

// ofPeople tells whether a field of a company's row is about its people: a name, an address, a phone. Its
// number and what it is called as an organisation are the company's own.
func (j *judge) ofPeople(v *engine.FieldValue) bool {
	return j.company && slices.ContainsFunc(v.Categories, func(c string) bool {
		return strings.HasPrefix(c, "user.") && c != "user.unique_id" && c != "user.contact.organization" && !strings.HasPrefix(c, "user.financial")
	})
}

// dateOf reads the civil date at the beginning of a value; nil when there is none.
func dateOf(v source.Value) *dsr.Date {
	t := v.Text()
	if len(t) < 10 {
		return nil
	}
	d, err := dsr.ParseDate(t[:10])
	if err != nil {
		return nil
	}
	return &d
}

func (j *judge) propose(f register.Facts) register.Proposal {
	switch j.right {
	case dsr.Erasure:
		return register.ProposeErasure(f)
	case dsr.Access:
		return register.ProposeDisclosure(f)
	case dsr.Portability:
		return register.ProposePortability(f)
	case dsr.Objection:
		return register.ProposeObjection(f)
	case dsr.Withdrawal:
		return register.ProposeWithdrawal(f)
	case dsr.Restriction:
		return register.ProposeRestriction(f)
	}
	return register.Proposal{Action: register.Keep, Code: codeUntouched, Text: textUntouched}
}

// Codes of what the register has no word for.
const (
	codeUntouched = "UNTOUCHED"
	codeNotAsked  = "NOT_ASKED"
	codeFollows   = "FOLLOWS_LATER"
	codeUndecided = "UNDECIDED"
	codeMember    = "DECIDED_BY_OFFICE"
	codeChanged   = "CHANGED_MEANWHILE"
	codeMissing   = "NOT_FOUND_ANY_MORE"
)

func (j *judge) part(f *engine.Finding, v *engine.FieldValue, d verdict, candidate bool) string {
	switch {
	case candidate:
		return partCandidate
	case j.right == dsr.Rectification:
		return partPlain
	case f.Restricted && j.right != dsr.Access && j.right != dsr.Portability:
		return partStored
	case f.OtherPerson:
		return partOther
	case f.Shared:
		return partShared
	case v.ThirdParty || v.Foreign || j.ofPeople(v):
		return partThird
	case special(v) && !v.Value.IsNull():
		return partSpecial
	case d.proposal.Action == register.Review:
		return partReview
	case j.right.Removes() && d.activity != nil && d.activity.Erasure.Kind == register.KindMinimum:
		if keep, _ := register.Split(d.activity, v.Categories); len(keep) > 0 {
			return partMinimum
		}
	case j.right.Row().Package && d.proposal.Action != register.Disclose:
		return string(d.proposal.Action) + "." + d.proposal.Ground
	case j.fell(f, v):
		return partChanged
	}
	return partPlain
}

// special tells whether a field is of a special category or about offences (Arts. 9 and 10): its mark says
// so, or its category does.
func special(v *engine.FieldValue) bool { return v.Special != "" || register.Special(v.Categories) }

// rule puts the decision of a member over the proposal.
func (j *judge) rule(d *verdict) {
	d.Proposal = d.proposal
	if j.waiting[d.unit] {
		d.asked, d.Proposal = false, register.Proposal{Action: register.Keep, Code: codeFollows, Text: textFollows}
		return
	}
	if !d.asked {
		d.Proposal = register.Proposal{Action: register.Keep, Code: codeNotAsked, Text: textNotAsked}
		return
	}
	r, ok := j.decided[d.unit]
	switch {
	case !ok || r.action == r.proposed:
		d.open = d.Action == register.Review
	case r.proposed == register.Suppress && r.action == register.Erase:
	default:
		d.Proposal = j.byOffice(d, r)
	}
	if d.open && (j.right.Removes() || j.right == dsr.Restriction) {
		d.Proposal = register.Proposal{Action: register.Keep, Code: codeUndecided, Text: d.Text}
	}
}

// byOffice words what a member decided instead of, or where, nothing was proposed. What takes
// something from the person names its provision: the one that was chosen, else that of the
// register's rule, else that the data are still necessary.
func (j *judge) byOffice(d *verdict, r ruling) register.Proposal {
	p := register.Proposal{Action: r.action, Ground: r.ground, Code: codeMember, Text: officeTexts[r.action]}
	if _, ok := register.FindReason(register.RestrictedUses, r.ground); ok && d.unit.Part == partStored {
		return p
	}
	if known, ok := register.FindReason(slices.Concat(register.RefusalGrounds, register.QuietGrounds), r.ground); ok {
		p.Text, p.Exception, p.Law = known.Text, known.Article, register.Law(known.Article)
		if r.ground == groundOthers && r.action == register.Keep {
			j.keptForOthers(&p)
		}
		return p
	}
	ground := ""
	switch r.action {
	case register.Keep, register.Restrict:
		if d.unit.Part == partStored {
			p.Ground, p.Exception, p.Law, p.Text = "18(2)", "18(2)", register.Law("18(2)"), d.proposal.Text
			return p
		}
		ground = keepingGround[j.right]
		if ground == "" {
			ground = "still_necessary"
		}
		if forOthers(d.unit.Part) {
			ground = groundOthers
		} else if ground == "still_necessary" && d.activity != nil && d.activity.Erasure.Exception != "" {
			p.Exception, p.Law, p.Ground = d.activity.Erasure.Exception, d.activity.Erasure.Law, d.activity.Erasure.Exception
			p.Text = d.activity.Erasure.Text
			return p
		}
	case register.Withheld, register.Mask:
		ground = groundOthers
	case register.Refuse:
		ground = "accurate"
	default:
		return p
	}
	known, _ := register.FindReason(register.RefusalGrounds, ground)
	p.Ground, p.Exception, p.Law, p.Text = ground, known.Article, register.Law(known.Article), known.Text
	if ground == groundOthers && r.action == register.Keep {
		j.keptForOthers(&p)
	}
	return p
}

// keptForOthers words why data about others too stay. Art. 15(4) is about copies alone: what ends a
// use reaches no further than the data about the person who asks.
func (j *judge) keptForOthers(p *register.Proposal) {
	p.Text = textKeptForOthers
	if article, ok := ownDataOnly[j.right]; ok {
		p.Exception, p.Law = article, register.Law(article)
	}
}

var ownDataOnly = map[dsr.Right]string{
	dsr.Erasure: "17(1)", dsr.Withdrawal: "17(1)", dsr.Restriction: "18(1)", dsr.Objection: "21(1)",
}

// keepingGround is what a member keeps data on where no other provision was chosen, by right.
var keepingGround = map[dsr.Right]string{
	dsr.Objection: "overriding_grounds", dsr.Restriction: "restriction_not_met",
}

func forOthers(part string) bool { return part == partShared || part == partThird || part == partOther }

// fix judges a correction of one field: what the person says is wrong.
func (j *judge) fix(f *engine.Finding, v *engine.FieldValue, i int) verdict {
	id := cmp.Or(v.Activity, f.Activity)
	d := verdict{activity: j.reg.Activity(id), asked: true,
		unit: unit{Source: f.Source, Collection: collectionName(f), Activity: id, Part: fmt.Sprintf("%s%d", partFix, i)}}
	d.proposal = register.ProposeCorrection(j.facts(f, v, d.activity))
	if d.proposal.Action == register.Set && v.Value.Text() != j.fixes[i].Old {
		d.proposal = register.Proposal{Action: register.Review, Code: codeChanged, Text: textChanged}
	}
	d.look = register.ConfirmsNew(v.Categories)
	j.rule(&d)
	return d
}

// missingFix judges a correction of a field that is not among the findings any more.
func (j *judge) missingFix(i int) verdict {
	c := j.fixes[i]
	d := verdict{asked: true, look: true, unit: unit{Source: c.Source, Collection: c.Collection, Part: fmt.Sprintf("%s%d", partFix, i)}}
	d.proposal = register.Proposal{Action: register.Review, Code: codeMissing, Text: textMissing}
	j.rule(&d)
	return d
}

const groundOthers = "art_15_4"

// needsLook tells whether a member has to look at a unit before it can be approved.
func needsLook(part string, p register.Action) bool {
	switch part {
	case partCandidate, partOther, partShared, partThird, partSpecial, partReview, partStored, partChanged:
		return true
	}
	return p == register.Review
}

// options lists what a member may decide for a unit.
func (j *judge) options(u unit) []register.Action {
	fix := isFix(u.Part)
	switch {
	case u.Part == partCandidate && j.right.Row().Package:
		return []register.Action{register.Withheld}
	case u.Part == partCandidate:
		return []register.Action{register.Keep}
	case j.right == dsr.Withdrawal && j.onlyConsent(u.Activity):
		// No other basis takes the place of a consent that was withdrawn (Art. 7(3)).
		return []register.Action{register.Erase, register.Anonymise, register.Restrict}
	case j.right.Removes():
		return []register.Action{register.Erase, register.Anonymise, register.Restrict, register.Keep}
	case j.right == dsr.Restriction:
		return []register.Action{register.Restrict, register.Keep}
	case j.right == dsr.Rectification && fix && j.voucher(u.Activity):
		// Whoever decides writes over no voucher either (bokføringsloven): a new entry corrects it.
		return []register.Action{register.Annotate, register.Refuse}
	case j.right == dsr.Rectification && fix:
		return []register.Action{register.Set, register.Annotate, register.Refuse}
	case j.right == dsr.Rectification:
		return nil
	}
	return []register.Action{register.Disclose, register.Withheld, register.Mask}
}

func (j *judge) onlyConsent(activity string) bool {
	a := j.reg.Activity(activity)
	return a != nil && a.OnlyConsent()
}

func (j *judge) voucher(activity string) bool {
	a := j.reg.Activity(activity)
	return a != nil && a.Voucher()
}

func isFix(part string) bool { return len(part) > len(partFix) && part[:len(partFix)] == partFix }

// fixNumber gives the number of the correction that a part is about.
func fixNumber(part string) (int, bool) {
	if !isFix(part) {
		return 0, false
	}
	n, err := strconv.Atoi(part[len(partFix):])
	return n, err == nil
}

// needsGround tells whether the provision has to be chosen by the member (REF-03).
func needsGround(u unit, a register.Action) bool {
	if u.Part == partStored {
		return uses(a)
	}
	return a == register.Withheld && !forOthers(u.Part) && u.Part != partCandidate
}

// Faults of decisions.
var (
	ErrGroupGone = fault.Define(fault.Conflict, "findings_changed",
		"Funnene er endret siden siden ble lastet. Last siden på nytt og se på dem igjen.",
		"Funna er endra sidan sida vart lasta. Last sida på nytt og sjå på dei igjen.",
		"The findings have changed since the page was loaded. Reload it and look at them again.")
	ErrNoSuchAction = fault.Define(fault.Invalid, "action_not_possible",
		"Dette kan ikke velges her.", "Dette kan ikkje veljast her.", "This cannot be chosen here.")
	ErrReasonMissing = fault.Define(fault.Invalid, "reason_missing",
		"Skriv hvorfor du avviker fra forslaget.", "Skriv kvifor du avvik frå framlegget.",
		"Write why you depart from the proposal.")
	ErrGroundMissing = fault.Define(fault.Invalid, "ground_missing",
		"Velg hvilken bestemmelse dette bygger på.", "Vel kva føresegn dette byggjer på.",
		"Choose the provision that this rests on.")
	ErrGap = fault.Define(fault.Conflict, "register_gap",
		"Protokollen mangler noe som denne avgjørelsen bygger på. Fyll ut protokollen og søk på nytt.",
		"Protokollen manglar noko som denne avgjerda byggjer på. Fyll ut protokollen og søk på nytt.",
		"The register lacks something that this decision rests on. Complete the register and search again.")
)

// gap refuses a decision about a group for what the register lacks: it names the activity and says what to write.
func (m *material) gap(g grouped) error {
	name := locale.Text{NB: g.Activity}
	if a := m.judge.reg.Activity(g.Activity); a != nil {
		name = a.Name
	}
	in := func(l locale.Locale, format string) string { return fmt.Sprintf(format, name.In(l), g.Blocked.In(l)) }
	said := *ErrGap
	said.Text = locale.Text{NB: in(locale.NB, "«%s»: %s Fyll ut protokollen og søk på nytt."), NN: in(locale.NN, "«%s»: %s Fyll ut protokollen og søk på nytt."),
		EN: in(locale.EN, "“%s”: %s Complete the register and search again.")}
	return &said
}

var (
	textUntouched = text("Dette er ikke berørt av kravet.", "Dette er ikkje råka av kravet.", "The request does not concern this.")
	textChanged   = text("Det står noe annet her nå enn da du skrev.", "Det står noko anna her no enn då du skreiv.", "It says something else now than when you wrote.")
	textMissing   = text("Vi finner ikke denne opplysningen lenger.", "Vi finn ikkje denne opplysninga lenger.", "We can no longer find this.")
	textFollows   = text("Dette kommer senere.", "Dette kjem seinare.", "This follows later.")
	textNotAsked  = text("Du har ikke bedt om dette.", "Du har ikkje bede om dette.", "You did not ask for this.")

	textKeptForOthers = text(
		"Vi lar dette stå, fordi opplysningene også gjelder andre enn deg.",
		"Vi lèt dette stå, fordi opplysningane også gjeld andre enn deg.",
		"We leave this as it is, because the data are also about others than you.")
	officeTexts = map[register.Action]locale.Text{
		register.Erase:     text("Vi sletter dette.", "Vi slettar dette.", "We erase this."),
		register.Anonymise: text("Vi fjerner alt som kan knytte dette til deg.", "Vi fjernar alt som kan knyte dette til deg.", "We remove everything that can link this to you."),
		register.Restrict: text("Vi lagrer bare dette og bruker det ikke til noe annet. Du får beskjed før det endres.",
			"Vi lagrar berre dette og bruker det ikkje til noko anna. Du får melding før det blir endra.",
			"We only store this and use it for nothing else. You will be told before that changes."),
		register.Keep:     text("Vi beholder dette.", "Vi tek vare på dette.", "We keep this."),
		register.Disclose: text("Du får se dette.", "Du får sjå dette.", "You get to see this."),
		register.Withheld: text("Vi har ikke tatt med dette.", "Vi har ikkje teke med dette.", "We have left this out."),
		register.Mask:     text("Vi har dette, men viser det ikke.", "Vi har dette, men viser det ikkje.", "We hold this but do not show it."),
		register.Set:      text("Vi retter dette.", "Vi rettar dette.", "We correct this."),
		register.Annotate: text("Vi endrer det ikke, men lagrer det du skrev, sammen med opplysningen.", "Vi endrar det ikkje, men lagrar det du skreiv, saman med opplysninga.",
			"We do not change it, but file what you wrote with it."),
		register.Refuse: text("Vi retter ikke dette.", "Vi rettar ikkje dette.", "We do not correct this."),
	}
)

// categorised tells whether a field is decided about: keys and links that say nothing by
// themselves are not.
func categorised(v *engine.FieldValue) bool { return len(v.Categories) > 0 }

// judged goes through the fields of a finding that are decided about; for a row without any it
// calls fn once, with nil.
func (j *judge) judged(f *engine.Finding, candidate bool, fn func(v *engine.FieldValue, d verdict)) {
	any := false
	for i := range f.Fields {
		if v := &f.Fields[i]; categorised(v) {
			any = true
			fn(v, j.field(f, v, candidate))
		}
	}
	if !any {
		fn(nil, j.field(f, nil, candidate))
	}
}

// categoryNames puts taxonomy keys in words.
func categoryNames(keys []string, l locale.Locale) []string {
	names := make([]string, 0, len(keys))
	for _, k := range keys {
		name := k
		if t, ok := dataset.CategoryName(k); ok {
			name = t.In(l)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

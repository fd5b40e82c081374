package register

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Notice is the privacy notice that people read (Arts. 13 and 14), made from the register so that
// the two cannot contradict each other. It is read in the order Who, Sections, Rest.
type Notice struct {
	Locale     locale.Locale
	Version    int      // of the register, at which this text began to apply
	Date       dsr.Date // from which it applies
	Title      string
	Controller Controller
	Who        Part      // the controller and whom to write to
	Sections   []Section // activity by activity
	Rest       []Part    // what holds for all activities: transfers, automated decisions, rights, complaint
	Rights     []string  // what a person can ask for, all activities taken together
	Complaint  ComplaintText
}

// Part is a part of the notice under a heading of its own.
type Part struct {
	ID         string
	Title      string
	Paragraphs []string
	Facts      []Fact
}

// Fact is a label with what stands under it.
type Fact struct {
	Label  string
	Values []string
}

// Section is what the notice says about one activity. Facts are the same in words, as they are read.
type Section struct {
	Activity   string // id
	Title      string
	Purpose    string
	Bases      []string // each in words, with article and law
	Categories []string // what kinds of data
	Persons    []string // about whom
	Sources    []string
	Recipients []NoticeRecipient
	System     string
	Country    string // where the data are stored
	Protection string
	Retention  string
	Erasure    string      // what an erasure request does
	Automated  string      // empty: no automated decisions
	Rights     []dsr.Right // that exist for these data
	Withdraw   bool        // consent can be withdrawn
	Facts      []Fact
}

// NoticeRecipient is somebody who gets the data.
type NoticeRecipient struct {
	Name      string // empty: not yet named in the register
	Why       string
	Country   string
	Safeguard string // set where the country is outside the EEA
}

// NewNotice makes the notice of a version of the register.
func NewNotice(r *Register, l locale.Locale, version int, date dsr.Date) Notice {
	n := Notice{Locale: l, Version: version, Date: date, Title: noticeTitle.In(l),
		Controller: r.Controller, Who: who(r.Controller, l), Complaint: Complaint(l)}
	held := map[dsr.Right]bool{}
	for i := range r.Activities {
		s := section(&r.Activities[i], l)
		for _, right := range s.Rights {
			held[right] = true
		}
		n.Sections = append(n.Sections, s)
	}
	for _, row := range dsr.Rights() {
		if held[row.Right] {
			n.Rights = append(n.Rights, row.Name.In(l))
		}
	}
	n.Rest = r.rest(held, l)
	return n
}

func section(a *Activity, l locale.Locale) Section {
	s := Section{Activity: a.ID, Title: a.Name.In(l), Purpose: a.Purpose.In(l),
		Categories: names(dataset.Categories(), a.Categories, l), Persons: names(dataset.Subjects(), a.Persons, l),
		System: a.Storage.System, Country: a.Storage.Country, Protection: a.Storage.Protection.In(l),
		Retention: a.Retention.HowLong().In(l), Erasure: a.Erasure.Text.In(l),
		Rights: a.Rights(), Withdraw: a.Consent()}
	for _, b := range a.Bases {
		s.Bases = append(s.Bases, b.In(l))
	}
	for _, src := range a.Sources {
		s.Sources = append(s.Sources, src.Name.In(l))
	}
	for _, rec := range a.Recipients {
		s.Recipients = append(s.Recipients, NoticeRecipient{Name: rec.Name, Why: rec.Why.In(l), Country: rec.Country, Safeguard: rec.Safeguard})
	}
	if a.Automated != nil {
		s.Automated = a.Automated.In(l)
	}
	s.Facts = a.facts(s, l)
	return s
}

// facts puts the section in the lines that people read.
func (a *Activity) facts(s Section, l locale.Locale) []Fact {
	var facts []Fact
	add := func(label locale.Text, values ...string) {
		if values = filled(values...); len(values) > 0 {
			facts = append(facts, Fact{Label: label.In(l), Values: values})
		}
	}
	var sources, recipients []string
	for i, src := range a.Sources {
		line := s.Sources[i]
		if src.Public && line != "" {
			line += " (" + noticeOpen.In(l) + ")"
		}
		sources = append(sources, line)
	}
	for _, rec := range a.Recipients {
		recipients = append(recipients, rec.line(l))
	}
	add(labelBases, s.Bases...)
	add(labelCategories, listed(s.Categories))
	add(labelPersons, listed(s.Persons))
	add(labelSources, sources...)
	add(labelInformed, a.Informed.In(l))
	if a.Obligation != nil {
		add(labelObligation, strings.TrimSpace(obligations[a.Obligation.Kind].In(l)+" "+a.Obligation.Text.In(l)))
	}
	if a.NoRecipients {
		recipients = []string{noticeAlone.In(l)}
	}
	add(labelRecipients, recipients...)
	add(labelTransfers, a.transfers(l)...)
	add(labelStored, strings.Join(filled(locale.Named(s.System, l), locale.Country(s.Country, l)), ", "), s.Protection)
	add(labelRetention, s.Retention)
	add(labelErasure, s.Erasure, a.promised(l))
	add(labelAutomated, s.Automated)
	add(labelRights, listed(a.rightNames(l)))
	return facts
}

// line puts a recipient in one line: "Posten (Norge, databehandler): sender brevene våre".
func (r Recipient) line(l locale.Locale) string {
	line := r.Name
	if about := filled(locale.Country(r.Country, l), roles[r.Role].In(l)); len(about) > 0 {
		line = strings.TrimSpace(line + " (" + strings.Join(about, ", ") + ")")
	}
	if why := strings.TrimSuffix(r.Why.In(l), "."); why != "" {
		line += ": " + lowered(why)
	}
	return line
}

// transfers names everybody outside the EEA who gets or keeps the data, with what protects them there
// (Arts. 13(1)(f) and 14(1)(f)).
func (a *Activity) transfers(l locale.Locale) []string {
	var all []string
	for _, r := range a.Recipients {
		if OutsideEEA(r.Country) {
			all = append(all, strings.Join(filled(r.Name+" ("+locale.Country(r.Country, l)+")", r.Safeguard), ": "))
		}
	}
	if OutsideEEA(a.Storage.Country) && !slices.ContainsFunc(a.Recipients, func(r Recipient) bool { return r.Country == a.Storage.Country }) {
		all = append(all, locale.Named(a.Storage.System, l)+" ("+locale.Country(a.Storage.Country, l)+")")
	}
	return all
}

// promised says what is erased beyond the law, so that the promise stands where it binds.
func (a *Activity) promised(l locale.Locale) string {
	p := a.Erasure.Promise
	if p == nil {
		return ""
	}
	if len(p.Categories) == 0 {
		return promiseAll.In(l)
	}
	return promiseSome.In(l) + " " + lowered(listed(names(dataset.Categories(), p.Categories, l))) + "."
}

// rightNames lists the rights of the activity as they are called, with withdrawal of consent.
func (a *Activity) rightNames(l locale.Locale) []string {
	var all []string
	for _, right := range a.Rights() {
		name := right.Name().In(l)
		if right == dsr.Objection && a.Erasure.Marketing {
			name += ", " + objectMarketing.In(l)
		}
		all = append(all, name)
	}
	if a.Consent() {
		all = append(all, withdrawing.In(l))
	}
	return all
}

// who says who answers and whom to write to (Art. 13(1)(a) and (b)).
func who(c Controller, l locale.Locale) Part {
	p := Part{ID: "controller", Title: partWho.In(l)}
	add := func(label locale.Text, values ...string) {
		if values = filled(values...); len(values) > 0 {
			p.Facts = append(p.Facts, Fact{Label: label.In(l), Values: values})
		}
	}
	number := ""
	if c.OrganisationNo != "" {
		number = labelNumber.In(l) + " " + c.OrganisationNo
	}
	add(labelController, c.Name, number, c.PostalAddress)
	add(labelContact, c.Email, c.Phone)
	add(labelDPO, c.DPO)
	add(labelRepresentative, c.Representative)
	return p
}

// rest is what holds for all activities.
func (r *Register) rest(held map[dsr.Right]bool, l locale.Locale) []Part {
	parts := []Part{r.transferPart(l), r.automatedPart(l), r.rightsPart(held, l)}
	if held[dsr.Objection] {
		// Art. 21(4): presented clearly and apart from other information.
		p := Part{ID: "objection", Title: partObjection.In(l), Paragraphs: []string{objectionText.In(l)}}
		if r.any(func(a *Activity) bool { return a.Erasure.Marketing }) {
			p.Paragraphs = append(p.Paragraphs, marketingText.In(l))
		}
		p.Facts = r.applies(func(a *Activity) bool { return slices.Contains(a.Rights(), dsr.Objection) }, l)
		parts = append(parts, p)
	}
	if r.any((*Activity).Consent) {
		parts = append(parts, Part{ID: "withdraw_consent", Title: partWithdraw.In(l), Paragraphs: []string{withdrawText.In(l)},
			Facts: r.applies((*Activity).Consent, l)})
	}
	if len(r.Joint) > 0 {
		parts = append(parts, r.jointPart(l))
	}
	if r.Companies != nil {
		parts = append(parts, Part{ID: "companies", Title: partCompanies.In(l),
			Paragraphs: filled(companiesText.In(l), r.Companies.Authority.In(l))})
	}
	return append(parts, Part{ID: "complaint", Title: partComplaint.In(l), Paragraphs: []string{complaint.In(l)}})
}

// jointPart names those who answer together with the controller, what they agreed, and that people may
// use any of them (Art. 26(2) and (3)).
func (r *Register) jointPart(l locale.Locale) Part {
	p := Part{ID: "joint_controllers", Title: partJoint.In(l), Paragraphs: []string{jointText.In(l)}}
	for _, j := range r.Joint {
		var titles []string
		for _, id := range j.Activities {
			if a := r.Activity(id); a != nil {
				titles = append(titles, a.Name.In(l))
			}
		}
		about := ""
		if len(titles) > 0 {
			about = labelApplies.In(l) + ": " + listed(titles)
		}
		if values := filled(j.Contact, j.Essence.In(l), about); j.Name != "" && len(values) > 0 {
			p.Facts = append(p.Facts, Fact{Label: j.Name, Values: values})
		}
	}
	return p
}

func (r *Register) any(holds func(*Activity) bool) bool {
	for i := range r.Activities {
		if holds(&r.Activities[i]) {
			return true
		}
	}
	return false
}

// applies says for which activities something holds.
func (r *Register) applies(holds func(*Activity) bool, l locale.Locale) []Fact {
	var titles []string
	for i := range r.Activities {
		if holds(&r.Activities[i]) {
			titles = append(titles, r.Activities[i].Name.In(l))
		}
	}
	if len(titles) == 0 {
		return nil
	}
	return []Fact{{Label: labelApplies.In(l), Values: titles}}
}

func (r *Register) transferPart(l locale.Locale) Part {
	p := Part{ID: "transfers", Title: labelTransfers.In(l)}
	for i := range r.Activities {
		if lines := r.Activities[i].transfers(l); len(lines) > 0 {
			p.Facts = append(p.Facts, Fact{Label: r.Activities[i].Name.In(l), Values: lines})
		}
	}
	p.Paragraphs = []string{transfersSome.In(l)}
	if len(p.Facts) == 0 {
		p.Paragraphs = []string{transfersNone.In(l)}
	}
	return p
}

func (r *Register) automatedPart(l locale.Locale) Part {
	p := Part{ID: "automated_decisions", Title: labelAutomated.In(l)}
	var unsaid []string
	for i := range r.Activities {
		switch a := &r.Activities[i]; {
		case a.Automated != nil:
			p.Facts = append(p.Facts, Fact{Label: a.Name.In(l), Values: []string{a.Automated.In(l)}})
		case !a.NoAutomated:
			unsaid = append(unsaid, a.Name.In(l))
		}
	}
	if len(p.Facts) > 0 {
		p.Paragraphs = append(p.Paragraphs, automatedSome.In(l))
	}
	if len(p.Facts) == 0 || len(unsaid) > 0 {
		p.Paragraphs = append(p.Paragraphs, NotAutomated(unsaid, l))
	}
	return p
}

// NotAutomated says that no decision is made by automated means alone, or, for activities that do not say so,
// that it is not known.
func NotAutomated(unsaid []string, l locale.Locale) string {
	if len(unsaid) == 0 {
		return automatedNone.In(l)
	}
	return fmt.Sprintf(automatedUnsaid.In(l), strings.Join(unsaid, ", "))
}

func (r *Register) rightsPart(held map[dsr.Right]bool, l locale.Locale) Part {
	p := Part{ID: "rights", Title: partRights.In(l), Paragraphs: []string{rightsHow.In(l)}}
	for _, row := range dsr.Rights() {
		if !held[row.Right] || row.Right == dsr.Objection {
			continue // an objection has its own part
		}
		p.Facts = append(p.Facts, Fact{Label: row.Name.In(l), Values: []string{rightTexts[row.Right].In(l)}})
	}
	return p
}

// filled leaves out what is empty.
func filled(values ...string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
}

// listed puts names in one line: "Navn, kontaktopplysninger, IP-adresse".
func listed(all []string) string {
	out := slices.Clone(all)
	for i := 1; i < len(out); i++ {
		out[i] = lowered(out[i])
	}
	return strings.Join(out, ", ")
}

// lowered gives a phrase as it stands inside a sentence; what begins with several capitals stays.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// In writes the basis in words: its name, article, provision and what stands behind it.
func (b Basis) In(l locale.Locale) string {
	s := ArticleText(b.Article).In(l)
	if name, ok := basisNames[b.Article]; ok {
		s = name.In(l) + " (" + s + ")"
	}
	if b.Law != "" {
		s += ", " + LawText(b.Law, l)
	}
	if why := b.Why.In(l); why != "" {
		s += ": " + why
	}
	return s
}

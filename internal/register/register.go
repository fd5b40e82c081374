// Package register holds the record of processing activities (GDPR Art. 30): what a controller
// holds about people, why, on what basis, from whom, given to whom, how it is stored and for how
// long. Everything the portal says or decides comes from it: the notice, the answer to an access
// request, the decision whether a row may be erased, and retention.
//
// A register may have gaps. A gap warns, and it blocks the decision it concerns; it never blocks
// that a request is registered, nor the clock. The package proposes decisions from facts; a
// person decides. It is pure: no I/O, no clock.
package register

import (
	"cmp"
	"slices"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Register is one version of a controller's record of processing activities.
type Register struct {
	Controller Controller  `yaml:"controller"`
	Joint      []Joint     `yaml:"joint_controllers,omitempty" validate:"dive"`
	Processors []Processor `yaml:"processors,omitempty" validate:"dive"`
	Companies  *Companies  `yaml:"companies,omitempty"` // nil: nothing is promised to companies
	Published  *Published  `yaml:"published,omitempty"` // nil: people read the notice that this register makes
	Activities []Activity  `yaml:"activities" validate:"dive"`
}

// Joint is a controller that decides purposes and means together with this one (Art. 26). People may
// use their rights towards any of them, whatever was agreed.
type Joint struct {
	Name       string      `yaml:"name"`
	Contact    string      `yaml:"contact"`                                // how people reach it
	Essence    locale.Text `yaml:"essence"`                                // who does what, as people are told (Art. 26(2))
	Activities []string    `yaml:"activities,omitempty" validate:"unique"` // ids; none = all
}

// JointIn gives the controllers that decide together with this one about any of some activities; without
// activities, about any there is.
func (r *Register) JointIn(activities []string) []Joint {
	var list []Joint
	for _, j := range r.Joint {
		shared := func(id string) bool { return slices.Contains(j.Activities, id) }
		if len(activities) == 0 || len(j.Activities) == 0 || slices.ContainsFunc(activities, shared) {
			list = append(list, j)
		}
	}
	return list
}

// Processor handles data on behalf of the controller under a contract (Art. 28). The recipients of an
// activity say what it gets and why; here stands what binds it.
type Processor struct {
	Name      string `yaml:"name"`
	Contact   string `yaml:"contact,omitempty"`
	Country   string `yaml:"country" validate:"omitempty,iso3166_1_alpha2"`
	Agreement string `yaml:"agreement"`                // which contract, and where it is (Art. 28(3))
	Others    string `yaml:"sub_processors,omitempty"` // whom it uses itself (Art. 28(2))
}

// Companies is the promise of an answer to companies too. It is voluntary: a company is no data
// subject (Art. 4(1)), but what a notice promises is kept.
type Companies struct {
	Authority locale.Text `yaml:"authority"` // how it is checked that whoever asks may sign for the company
}

// Published is a notice that people were given and that was not made from this register. It is
// entered as it stands, so that the gaps name what it lacks.
type Published struct {
	Updated  string   `yaml:"updated,omitempty"`                                            // when, in its own words
	Rights   []string `yaml:"rights,omitempty" validate:"unique,dive,notice_right"`         // those that it names
	Narrowed []string `yaml:"narrowed,omitempty" validate:"unique,dive,notice_right"`       // those that it gives to fewer than the law does
	Special  []string `yaml:"special_categories,omitempty" validate:"unique,dive,category"` // what it calls sensitive
}

// What a notice names beside the rights that are asked for.
const (
	WithdrawConsent = "withdraw_consent" // Art. 7(3)
	LodgeComplaint  = "complaint"        // Art. 77
)

// Controller is the organisation that answers (Art. 4(7)).
type Controller struct {
	Name            string `yaml:"name"`
	OrganisationNo  string `yaml:"organisation_number,omitempty"`
	PostalAddress   string `yaml:"postal_address"`
	Email           string `yaml:"email" validate:"omitempty,email"`
	Phone           string `yaml:"phone,omitempty"`
	Representative  string `yaml:"representative,omitempty"`                                // name and contact of the representative in the EEA (Art. 27)
	DPO             string `yaml:"dpo,omitempty"`                                           // contact of the data protection officer, if any
	NoDPO           string `yaml:"no_dpo,omitempty"`                                        // why none has to be designated (Art. 37), for the record
	Country         string `yaml:"country" validate:"omitempty,iso3166_1_alpha2"`           // decides holidays
	Public          bool   `yaml:"public,omitempty"`                                        // a public body: people may also see cases by other laws (NAT-05)
	FinancialYearTo string `yaml:"financial_year_end,omitempty" validate:"omitempty,fyend"` // "12-31", which is also the default
}

// BesideAccess tells whoever handles a request for access at a public body that the person may see more, or
// sooner, by other laws; empty where there is nothing to say.
func (c Controller) BesideAccess(right dsr.Right) locale.Text {
	if !c.Public || right != dsr.Access {
		return locale.Text{}
	}
	return textBesideAccess
}

var textBesideAccess = text(
	"Dere er et offentlig organ. Ved siden av artikkel 15 kan personen ha rett til innsyn som part etter forvaltningsloven og innsyn etter offentleglova. Vurder alle tre, og gi det innsynet som er best for personen, også når det bare er bedt om innsyn etter personvernforordningen.",
	"De er eit offentleg organ. Ved sida av artikkel 15 kan personen ha rett til innsyn som part etter forvaltningslova og innsyn etter offentleglova. Vurder alle tre, og gi det innsynet som er best for personen, også når det berre er bede om innsyn etter personvernforordninga.",
	"You are a public body. Beside Article 15 the person may have the right to see the case as a party under forvaltningsloven (the Public Administration Act) and to see documents under offentleglova (the Freedom of Information Act). Consider all three, and give the access that serves the person best, also when only access under the GDPR was asked for.")

// Activity is one processing activity.
type Activity struct {
	ID         string      `yaml:"id" validate:"required,activity_id"`
	Formerly   []string    `yaml:"formerly,omitempty" validate:"unique,dive,activity_id"` // ids that it had before: what people said then still holds
	Name       locale.Text `yaml:"name"`
	Purpose    locale.Text `yaml:"purpose"`
	Bases      []Basis     `yaml:"bases" validate:"dive"`
	Persons    []string    `yaml:"persons" validate:"unique,dive,subject"`     // data subject keys of the taxonomy
	Categories []string    `yaml:"categories" validate:"unique,dive,category"` // data category keys of the taxonomy
	Sources    []Source    `yaml:"sources" validate:"dive"`
	Informed   locale.Text `yaml:"informed,omitempty"`   // when and how people are told of data that come from others (Art. 14(3))
	Published  bool        `yaml:"published,omitempty"`  // the data are made public, such as on a page about the staff (Art. 17(2))
	Obligation *Obligation `yaml:"obligation,omitempty"` // whether one has to give the data (Art. 13(2)(e))
	Recipients []Recipient `yaml:"recipients,omitempty" validate:"dive"`
	// NoRecipients says that nobody else gets the data. Without it an empty list is a gap, not a statement.
	NoRecipients bool         `yaml:"no_recipients,omitempty"`
	Storage      Storage      `yaml:"storage"`
	Retention    Retention    `yaml:"retention"`
	Erasure      ErasureRule  `yaml:"erasure"`
	Automated    *locale.Text `yaml:"automated_decisions,omitempty"` // Art. 22: the logic
	// NoAutomated says that there are no such decisions. Without it, and without their logic, that is a gap.
	NoAutomated bool      `yaml:"no_automated_decisions,omitempty"`
	Withhold    *Withhold `yaml:"withhold,omitempty"` // a ground for not disclosing on access
}

// Basis is a legal basis, declared from the start (Art. 6(1), with 9(2) or national law where
// needed). A basis cannot be swapped afterwards.
type Basis struct {
	Article string      `yaml:"article" validate:"required,article"` // "6(1)(a)" … "6(1)(f)", "9(2)(a)" …, "10"
	Law     string      `yaml:"law,omitempty"`                       // the act and section behind 6(1)(c) or (e), e.g. "bokføringsloven § 13"
	Why     locale.Text `yaml:"why,omitempty"`                       // the interest behind 6(1)(f), the contract behind (b)
	// Categories are those of the activity's that rest on this basis; none = all.
	Categories []string `yaml:"categories,omitempty" validate:"unique,dive,category"`
}

// Source says where the data come from (Arts. 14(2)(f) and 15(1)(g)): the person, the
// controller itself, or somebody else.
type Source struct {
	Name       locale.Text `yaml:"name"`
	FromPerson bool        `yaml:"from_person,omitempty"`
	Own        bool        `yaml:"own,omitempty"`    // the controller: another activity, or what it writes or infers itself
	Public     bool        `yaml:"public,omitempty"` // somebody else, and open to everybody
	// Categories are those of the activity's that come from here; none = any of them may.
	Categories []string `yaml:"categories,omitempty" validate:"unique,dive,category"`
}

// The kinds of obligations to give data.
const (
	ByLaw      = "law"       // an act requires it
	ByContract = "contract"  // a contract requires it
	ForEntry   = "entry"     // a contract cannot be made without it
	Voluntary  = "voluntary" // nobody has to
)

// Obligation says whether people have to give the data, and what follows if they do not.
type Obligation struct {
	Kind string      `yaml:"kind" validate:"required,oneof=law contract entry voluntary"`
	Text locale.Text `yaml:"text,omitempty"` // what follows
}

// Recipient is somebody who gets the data (Art. 15(1)(c)); named, not a category (C-154/21).
// An empty name is a gap: the controller knows that somebody gets the data, not yet who.
type Recipient struct {
	Name      string      `yaml:"name"`
	Role      string      `yaml:"role" validate:"required,oneof=processor controller authority"`
	Country   string      `yaml:"country" validate:"omitempty,iso3166_1_alpha2"`
	Safeguard string      `yaml:"safeguard,omitempty"` // Art. 46, where the country is outside the EEA
	Why       locale.Text `yaml:"why"`
	Language  string      `yaml:"language,omitempty" validate:"omitempty,oneof=nb nn en"` // that they are told in; empty: the office's
	Notify    *Notify     `yaml:"notify,omitempty"`                                       // how they are told of what was corrected, erased or restricted; nil: the office tells them
}

// Notify is the one channel by which a recipient is told (Art. 19).
type Notify struct {
	Mail    string `yaml:"mail,omitempty" validate:"omitempty,email"`             // a mail with a link, and nothing about anybody
	Webhook string `yaml:"webhook,omitempty" validate:"omitempty,recipient_hook"` // a signed message to a system of theirs
	Task    string `yaml:"task,omitempty"`                                        // the office tells them; here is how
}

// Storage says how the data are stored, in general terms.
type Storage struct {
	System     string      `yaml:"system"`
	Country    string      `yaml:"country" validate:"omitempty,iso3166_1_alpha2"`
	Protection locale.Text `yaml:"protection"`
}

// The retention rules. Each counts from the date that the dataset marks retention_from; Retention.From says
// which day that is.
const (
	RuleMonths      = "months"                // a number of months
	RulePrimary     = "bookkeeping_primary"   // 60 months after the financial year's end (bokføringsloven § 13)
	RuleSecondary   = "bookkeeping_secondary" // 42 months after the financial year's end
	RuleWithdrawn   = "until_withdrawn"       // until consent is withdrawn; months = how long the proof of it is kept after that
	RuleEmployed    = "while_employed"        // while employed; months = after the last day
	RuleReview      = "review"                // until a review finds it not needed; months = to the next review
	primaryMonths   = 60
	secondaryMonths = 42
)

// Retention says how long data are kept (Art. 5(1)(e), 15(1)(d)).
type Retention struct {
	Rule    string      `yaml:"rule" validate:"omitempty,oneof=months bookkeeping_primary bookkeeping_secondary until_withdrawn while_employed review"`
	Months  int         `yaml:"months,omitempty" validate:"min=0,max=1200"` // for bookkeeping rules only to lengthen the law's time
	From    string      `yaml:"from,omitempty" validate:"omitempty,oneof=collected last_activity relation_end employment_end matter_closed disclosed fell_due financial_year_end withdrawn"`
	Text    locale.Text `yaml:"text"`              // in words, for people
	Default bool        `yaml:"default,omitempty"` // a default from practice that nobody has confirmed yet
}

// What retention counts from.
const (
	FromCollected = "collected"          // the data were collected
	FromActivity  = "last_activity"      // the last order, visit or contact
	FromRelation  = "relation_end"       // the relation ended
	FromEmployed  = "employment_end"     // the last day of employment
	FromClosed    = "matter_closed"      // the matter, or the recruitment, was closed
	FromDisclosed = "disclosed"          // the data were given to somebody
	FromDue       = "fell_due"           // the claim fell due
	FromYearEnd   = "financial_year_end" // the end of the financial year that the date is in
	FromWithdrawn = "withdrawn"          // consent was withdrawn
)

// impliedFrom is what rules count from by what they are.
var impliedFrom = map[string]string{RulePrimary: FromYearEnd, RuleSecondary: FromYearEnd, RuleWithdrawn: FromWithdrawn, RuleEmployed: FromEmployed}

// StartsAt is what the time counts from, as the register or the rule itself says; empty where neither does.
func (r Retention) StartsAt() string { return cmp.Or(r.From, impliedFrom[r.Rule]) }

// HowLong is the time in the register's words, with what it counts from where the register says it.
func (r Retention) HowLong() locale.Text {
	from, said := startTexts[r.From]
	if !said {
		return r.Text
	}
	with := func(words, from string) string {
		if words == "" {
			return "" // the language is read in another one
		}
		return words + " " + from
	}
	return locale.Text{NB: with(r.Text.NB, from.NB), NN: with(r.Text.NN, from.NN), EN: with(r.Text.EN, from.EN)}
}

var startTexts = map[string]locale.Text{
	FromCollected: text("Tiden regnes fra opplysningene ble samlet inn.", "Tida blir rekna frå opplysningane vart samla inn.", "The time counts from when the data were collected."),
	FromActivity:  text("Tiden regnes fra siste aktivitet.", "Tida blir rekna frå siste aktivitet.", "The time counts from the last activity."),
	FromRelation:  text("Tiden regnes fra forholdet ble avsluttet.", "Tida blir rekna frå forholdet vart avslutta.", "The time counts from when the relation ended."),
	FromEmployed:  text("Tiden regnes fra siste arbeidsdag.", "Tida blir rekna frå siste arbeidsdag.", "The time counts from the last day of employment."),
	FromClosed:    text("Tiden regnes fra saken ble avsluttet.", "Tida blir rekna frå saka vart avslutta.", "The time counts from when the matter was closed."),
	FromDisclosed: text("Tiden regnes fra utleveringen.", "Tida blir rekna frå utleveringa.", "The time counts from the disclosure."),
	FromDue:       text("Tiden regnes fra forfall.", "Tida blir rekna frå forfall.", "The time counts from the due date of the claim."),
	FromYearEnd:   text("Tiden regnes fra slutten av regnskapsåret.", "Tida blir rekna frå slutten av rekneskapsåret.", "The time counts from the end of the financial year."),
	FromWithdrawn: text("Tiden regnes fra samtykket ble trukket.", "Tida blir rekna frå samtykket vart trekt.", "The time counts from when consent was withdrawn."),
}

// The kinds of erasure rules.
const (
	KindErase     = "erase"
	KindAnonymise = "anonymise"
	KindKeep      = "keep_until_retention" // everything, until the retention ends; then it is erased
	KindMinimum   = "keep_minimum"         // keep_fields until the retention ends; the rest is erased
	KindRestrict  = "restrict"             // store only, until the retention ends
	KindSuppress  = "suppress"             // erase, and keep a minimal key so that it does not come back
	KindNoID      = "not_identifiable"     // usually no way to tell whose it is (Art. 11)
	KindReview    = "review"               // item by item, by a person
)

// The reasons that data may be kept against an erasure request. The first two say that the ground
// for erasure is not met; the others are the exceptions of Art. 17(3).
const (
	StillNecessary    = "17(1)(a)" // still needed for what it was collected for, such as a running contract
	OverridingGrounds = "17(1)(c)" // overriding legitimate grounds, shown by a balancing test
	Expression        = "17(3)(a)"
	LegalDuty         = "17(3)(b)"
	PublicHealth      = "17(3)(c)"
	Archive           = "17(3)(d)"
	LegalClaims       = "17(3)(e)"
)

// ErasureRule says what an erasure request does to the activity's data.
type ErasureRule struct {
	Kind       string      `yaml:"kind" validate:"omitempty,oneof=erase anonymise keep_until_retention keep_minimum restrict suppress not_identifiable review"`
	Exception  string      `yaml:"exception,omitempty" validate:"omitempty,oneof=17(1)(a) 17(1)(c) 17(3)(a) 17(3)(b) 17(3)(c) 17(3)(d) 17(3)(e)"`
	Law        string      `yaml:"law,omitempty"`                                         // the provision that requires the data; else that of the basis
	Code       string      `yaml:"code,omitempty" validate:"omitempty,reason_code"`       // BOOKKEEPING_13, NECESSARY_CONTRACT, …
	KeepFields []string    `yaml:"keep_fields,omitempty" validate:"unique,dive,category"` // data categories that the exception needs; the rest is erased (Art. 17(3): necessary only)
	Marketing  bool        `yaml:"marketing,omitempty"`                                   // Art. 21(2): no weighing
	Promise    *Promise    `yaml:"promise,omitempty"`                                     // what the notice promises beyond the law
	Text       locale.Text `yaml:"text"`                                                  // the reason for the person, without a date
}

// Promise is a published promise to erase more than the law requires. It binds the controller as
// a ground for erasure of its own, but never against a legal duty to keep.
type Promise struct {
	Categories []string    `yaml:"categories,omitempty" validate:"unique,dive,category"` // none = all that the rule does not keep
	Text       locale.Text `yaml:"text"`
}

// Withhold is a ground for leaving data out of an access answer.
type Withhold struct {
	Ground     string      `yaml:"ground" validate:"required,oneof=art_15_4 pol_16_1_a pol_16_1_b pol_16_1_c pol_16_1_d pol_16_1_e pol_16_1_f"`
	Categories []string    `yaml:"categories,omitempty" validate:"unique,dive,category"` // none = all of the activity
	PerItem    bool        `yaml:"per_item,omitempty"`                                   // nothing is withheld before a person has looked at the item
	Text       locale.Text `yaml:"text"`
}

// Activity gives the activity with an id, or nil: unknown.
func (r *Register) Activity(id string) *Activity {
	for i := range r.Activities {
		if r.Activities[i].ID == id {
			return &r.Activities[i]
		}
	}
	return nil
}

// Known gives an activity by its id or by one that it had before; nil: there is none.
func (r *Register) Known(id string) *Activity {
	if a := r.Activity(id); a != nil {
		return a
	}
	for i := range r.Activities {
		if slices.Contains(r.Activities[i].Formerly, id) {
			return &r.Activities[i]
		}
	}
	return nil
}

// IDs gives the id of an activity and those that it had before.
func (a *Activity) IDs() []string { return append([]string{a.ID}, a.Formerly...) }

// Notify gives how a recipient is told, from the first activity that says it; nil: the office tells them.
func (r *Register) Notify(name string) *Notify {
	for _, a := range r.Activities {
		for _, known := range a.Recipients {
			if known.Name == name && known.Notify != nil {
				return known.Notify
			}
		}
	}
	return nil
}

// Language gives the language that a recipient is told in, from the first activity that says it; empty: the office's own.
func (r *Register) Language(name string) locale.Locale {
	for _, a := range r.Activities {
		for _, known := range a.Recipients {
			if known.Name == name && known.Language != "" {
				return locale.Locale(known.Language)
			}
		}
	}
	return ""
}

// FromOthers tells whether any of the data come from somebody else than the person and the controller, so
// that the person is to be informed of it (Art. 14).
func (a *Activity) FromOthers() bool {
	return slices.ContainsFunc(a.Sources, func(s Source) bool { return !s.FromPerson && !s.Own })
}

// Where lists the ids of the activities that something holds for; never nil.
func (r *Register) Where(holds func(*Activity) bool) []string {
	ids := []string{}
	for i := range r.Activities {
		if holds(&r.Activities[i]) {
			ids = append(ids, r.Activities[i].ID)
		}
	}
	return ids
}

// Scope lists the activities that a request is about; nil is all. An objection or a withdrawal that
// names none is about those for which the right exists, one to marketing about the marketing.
func (r *Register) Scope(right dsr.Right, named []string, marketing bool) []string {
	switch {
	case right == dsr.Objection && marketing:
		return r.Where(func(a *Activity) bool { return a.Erasure.Marketing })
	case len(named) > 0:
		return named
	case right == dsr.Objection || right == dsr.Withdrawal || right == dsr.HumanReview:
		return r.Where(func(a *Activity) bool { return a.Has(right) })
	}
	return nil
}

// Rights lists the rights that exist for the activity's data by its legal bases: portability needs consent
// or contract, and a source that is the person (Art. 20(1)), objection a task, an interest or marketing (Art. 21).
func (a *Activity) Rights() []dsr.Right {
	rights := []dsr.Right{dsr.Access, dsr.Rectification, dsr.Erasure, dsr.Restriction}
	if a.hasBasis("6(1)(a)", "6(1)(b)", "9(2)(a)") && slices.ContainsFunc(a.Sources, func(s Source) bool { return s.FromPerson }) {
		rights = append(rights, dsr.Portability)
	}
	if a.hasBasis("6(1)(e)", "6(1)(f)") || a.Erasure.Marketing {
		rights = append(rights, dsr.Objection)
	}
	return rights
}

// Has tells whether a right exists for the activity: withdrawal where something rests on consent,
// human review where something is decided by automated means alone, else as Rights says.
func (a *Activity) Has(right dsr.Right) bool {
	switch right {
	case dsr.Withdrawal:
		return a.Consent()
	case dsr.HumanReview:
		return a.Automated != nil
	}
	return slices.Contains(a.Rights(), right)
}

// Offers lists the rights that exist for at least one activity, in the order people see them: no
// other is offered (INF-01). While nothing is registered, what does not hang on a basis is.
func (r *Register) Offers() []dsr.Right {
	activities := r.Activities
	if len(activities) == 0 {
		activities = []Activity{{}}
	}
	var rights []dsr.Right
	for _, row := range dsr.Rights() {
		if slices.ContainsFunc(activities, func(a Activity) bool { return a.Has(row.Right) }) {
			rights = append(rights, row.Right)
		}
	}
	return rights
}

// Consent tells whether any of the data rest on consent, which can be withdrawn (Art. 7(3)).
func (a *Activity) Consent() bool { return a.hasBasis("6(1)(a)", "9(2)(a)") }

func (a *Activity) hasBasis(articles ...string) bool {
	return slices.ContainsFunc(a.Bases, func(b Basis) bool { return slices.Contains(articles, b.Article) })
}

// OnlyConsent tells whether nothing but consent was declared from the start: then nothing keeps the
// data in use once it is withdrawn (WDR-01).
func (a *Activity) OnlyConsent() bool {
	return a.Consent() && !slices.ContainsFunc(a.Bases, func(b Basis) bool {
		return b.Article != "6(1)(a)" && b.Article != "9(2)(a)"
	})
}

// personnel tells whether the data are about staff, applicants or their families. What an activity is
// called says nothing: an office names them as it likes.
func (a *Activity) personnel() bool {
	return slices.ContainsFunc(a.Persons, func(p string) bool {
		return p == "employee" || p == "job_applicant" || p == "next_of_kin" || p == "trainee"
	})
}

// specialCategories lists the categories of Art. 9, criminal those of Art. 10, special both.
var (
	specialCategories = []string{
		"user.health_and_medical", "user.biometric", "user.authorization.biometric",
		"user.demographic.political_opinion", "user.demographic.race_ethnicity",
		"user.demographic.religious_belief", "user.demographic.sexual_orientation", "user.demographic.trade_union_membership",
	}
	criminal = []string{"user.criminal_history"}
	special  = slices.Concat(specialCategories, criminal)
)

// Special tells whether any of some categories is special or about offences (Arts. 9 and 10).
func Special(categories []string) bool { return dataset.CoversAny(special, categories) }

// Unfounded lists those of some categories that are special or about offences and for which the activity has
// no condition of Art. 9(2), or no basis in Art. 10.
func (a *Activity) Unfounded(categories []string) []string {
	var out []string
	for _, c := range categories {
		if dataset.CoversAny(specialCategories, []string{c}) && !a.basisIn("9") || dataset.CoversAny(criminal, []string{c}) && !a.basisIn("10") {
			out = append(out, c)
		}
	}
	return out
}

// HasBasis tells whether the activity has a basis in Article 6, without which it is not lawful. What Articles 9 and 10
// ask for comes on top.
func (a *Activity) HasBasis() bool { return a.basisIn("6") }

// HasCondition tells whether the activity has a condition of Art. 9(2) at all.
func (a *Activity) HasCondition() bool { return a.basisIn("9") }

// Unnamed lists those of some categories that are special or about offences and that the activity does not say it
// holds: neither the notice nor an answer would tell of them.
func (a *Activity) Unnamed(categories []string) []string {
	var out []string
	for _, c := range categories {
		if Special([]string{c}) && !dataset.CoversAny(a.Categories, []string{c}) && !dataset.CoversAny([]string{c}, a.Categories) {
			out = append(out, c)
		}
	}
	return out
}

// Split parts an activity's categories into those that its erasure rule keeps and the rest, so
// that no field group mixes what must be kept with what must go (Art. 17(3): necessary only).
func Split(a *Activity, categories []string) (keep, rest []string) {
	for _, c := range categories {
		if a != nil && a.keeps([]string{c}) {
			keep = append(keep, c)
		} else {
			rest = append(rest, c)
		}
	}
	return keep, rest
}

// keeps tells whether the erasure rule keeps a field group with these categories at all. A group
// is kept when any of its categories is needed: its fields are decided together.
func (a *Activity) keeps(categories []string) bool {
	switch a.Erasure.Kind {
	case KindKeep, KindRestrict:
		return true
	case KindMinimum:
		return dataset.CoversAny(a.Erasure.KeepFields, categories)
	}
	return false
}

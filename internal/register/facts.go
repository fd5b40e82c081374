package register

import (
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Facts is what is known about one field group of one record when a decision about it is
// proposed. Zero values mean "not known" and are always safe.
type Facts struct {
	Activity   *Activity // nil: the data belong to no known activity, so a person must look
	Categories []string  // the group's data categories; see Split

	Shared     bool // the record also belongs to people who did not ask
	ThirdParty bool // the fields hold data about somebody else
	FreeText   bool // prose, in which anything may stand
	Special    bool // marked as special category or criminal data
	NationalID bool // marked as national identity number
	Credential bool // passwords, tokens and the like
	StaffName  bool // which employee looked or wrote (C-579/21)

	Today            dsr.Date
	RetentionFrom    *dsr.Date // the date in the field that the dataset marks retention_from
	FinancialYearEnd string    // the controller's, MM-DD; empty is the calendar year

	Relation           Relation
	Weighing           Weighing
	ConsentWithdrawn   bool   // the person withdrew consent in so many words; asking for erasure of data on consent alone counts too
	Objection          bool   // the person objected under Art. 21
	Claim              bool   // a concrete claim, dispute or security incident about these data is open
	Unlawful           bool   // processed without lawful ground, such as Art. 14 information never given
	DutyToErase        bool   // a law requires erasure
	Child              bool   // collected from a child for an online service (Art. 8)
	Restriction        string // the point of Art. 18(1) that a request for restriction rests on, such as 18(1)(a)
	PrefersRestriction bool   // the person wants restriction instead of erasure (Art. 18(1)(b), (c))
	NotLinkable        bool   // nothing says whose the data are (Art. 11)
	Restricted         bool   // it is only stored for another case (Art. 18(2))

	ReadOnly bool // the source cannot be written
	Opinion  bool // an assessment or a historic decision, not a fact
	Accurate bool // the controller has shown that the value held is right
	Matches  int  // how many people the verified address matches
}

// Relation says whether what the data were collected for still runs: the contract, the case, the
// recruitment, the employment.
type Relation string

// The relations. The zero value is "not known".
const (
	Ongoing Relation = "ongoing"
	Ended   Relation = "ended"
)

// Weighing is the outcome of the balancing test after an objection (Art. 21(1)).
type Weighing string

// The outcomes. The zero value is "not weighed yet".
const (
	Compelling    Weighing = "compelling"     // compelling legitimate grounds were shown
	NotCompelling Weighing = "not_compelling" // they were not
)

// Action is what a proposal wants done with a field group.
type Action string

// The actions.
const (
	Erase     Action = "erase"     // irreversible, in live systems and at processors
	Anonymise Action = "anonymise" // nobody can single out, link or infer; hashing and masking do not count
	Restrict  Action = "restrict"  // storage only (Art. 18(2))
	Keep      Action = "keep"      // continued use for the stated duty until a stated day
	Suppress  Action = "suppress"  // erase, and keep a minimal key so that it does not come back
	Review    Action = "review"    // a person has to decide; nothing is proposed

	Disclose Action = "disclose"
	Withheld Action = "withhold"
	Mask     Action = "mask" // show that the field is there, not its value

	Set      Action = "set"
	Annotate Action = "annotate" // the person's statement is filed with the record, which stays as it was
	Refuse   Action = "refuse"
)

// GroundPromise is the ground of erasing what the controller's own notice promises to erase.
const GroundPromise = "promise"

// Codes of proposals that the register does not name itself.
const (
	CodeUnknownActivity = "UNKNOWN_ACTIVITY"
	CodeGap             = "REGISTER_GAP"
	CodeNotIdentifiable = "ART11_NOT_IDENTIFIABLE"
	CodeShared          = "SHARED_RECORD"
	CodeThirdParty      = "THIRD_PARTY"
	CodeByHand          = "BY_HAND"
	CodeDutyConflict    = "CONFLICT_OF_DUTIES"
	CodeNoDate          = "NO_RETENTION_DATE"
	CodeOngoing         = "RELATION_ONGOING"
	CodeClaim           = "LEGAL_CLAIM"
	CodeWeighing        = "WEIGHING_OBJECTION"
	CodeRestricted      = "RESTRICTED"
	CodePrefersRestrict = "PERSON_PREFERS_RESTRICTION"
	CodeRetentionOver   = "RETENTION_OVER"
	CodePromise         = "NOTICE_PROMISE"
	CodeSuppression     = "SUPPRESSION"
	CodeErase           = "ERASE"
	CodeVoucher         = "VOUCHER"
	CodeLog             = "LOG"
	CodeOpinion         = "OPINION"
	CodeReadOnly        = "READ_ONLY"
	CodeAccurate        = "ACCURATE"
	CodeCorrect         = "CORRECT"
	CodeDisclose        = "DISCLOSE"
	CodeCredential      = "CREDENTIAL"
	CodeStaffName       = "STAFF_NAME"
	CodeNotPortable     = "NOT_PORTABLE"
	CodeMixedSources    = "MIXED_SOURCES"
	CodeNoObjection     = "OBJECTION_NOT_AVAILABLE"
	CodeCompelling      = "COMPELLING_GROUNDS"
	CodeNoConsent       = "NOT_ON_CONSENT"
	CodeOnRequest       = "RESTRICTED_ON_REQUEST"
)

// Proposal is what the register's rules say should be done with a field group, and why. A person
// decides; a departure needs a reason of its own. A keep or a restrict that lasts always has
// exception, code, law, until and sentence.
type Proposal struct {
	Action    Action
	Ground    string      // the ground for erasing, such as 17(1)(b), or for withholding, such as art_15_4
	Exception string      // the provision that allows keeping, such as 17(3)(b)
	Code      string      // stable reason code
	Law       string      // the provision behind the exception, such as bokføringsloven § 13
	Until     *dsr.Date   // last day of keeping or restricting; erasable from the next
	Text      locale.Text // what the person is told
	Blocked   *Gap        // the decision waits until this gap of the register is closed; Action is Review
}

func review(code string, t locale.Text) Proposal {
	return Proposal{Action: Review, Code: code, Text: t}
}

func blocked(g *Gap) Proposal {
	p := review(CodeGap, textByHand)
	p.Blocked = g
	return p
}

// join puts sentences after each other in every language.
func join(texts ...locale.Text) locale.Text {
	var out locale.Text
	for _, t := range texts {
		if t.IsZero() {
			continue
		}
		out.NB = glue(out.NB, t.In(locale.NB))
		out.NN = glue(out.NN, t.In(locale.NN))
		out.EN = glue(out.EN, t.In(locale.EN))
	}
	return out
}

func glue(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

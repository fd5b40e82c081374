package register

import (
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// credentials are secrets that open something: they are named in the answer, never shown.
var credentials = []string{"user.authorization.credentials", "user.authorization.password", "system.authentication"}

// ProposeDisclosure proposes whether a field group is part of the answer to an access request
// (Art. 15). The default is to disclose. Rights are limited only by law (Art. 23), and others'
// rights by redaction, not by refusing everything (Art. 15(4)).
func ProposeDisclosure(f Facts) Proposal {
	a := f.Activity
	if a == nil {
		return review(CodeUnknownActivity, textByHand)
	}
	if g := a.blocking(dsr.Access); g != nil {
		return blocked(g)
	}
	if w := a.withheld(f.Categories); w != nil {
		p := leftOut(Withheld, w.Ground, strings.ToUpper(w.Ground), withholdText(w))
		if w.PerItem {
			p.Action = Review
		}
		return p
	}
	switch {
	case f.Shared:
		return Proposal{Action: Review, Ground: "art_15_4", Code: CodeShared, Text: textSharedAccess}
	case f.ThirdParty:
		return Proposal{Action: Review, Ground: "art_15_4", Code: CodeThirdParty, Text: textThirdParty}
	case f.Credential || dataset.CoversAny(credentials, f.Categories):
		return leftOut(Mask, "pol_16_1_f", CodeCredential, textCredential)
	case f.StaffName:
		return leftOut(Mask, "art_15_4", CodeStaffName, textStaffName)
	}
	return Proposal{Action: Disclose, Code: CodeDisclose, Text: textDisclose}
}

// ProposePortability proposes whether a field group is part of a portable copy (Art. 20(1)): what the
// person provided, by consent or contract. The rest is not secret: the person is pointed to access.
// Where the register does not say which of several sources a field came from, a member decides.
func ProposePortability(f Facts) Proposal {
	p := ProposeDisclosure(f)
	if p.Action != Disclose {
		return p
	}
	known, _ := FindReason(RefusalGrounds, "not_portable")
	out := Proposal{Action: Withheld, Ground: known.Code, Code: CodeNotPortable, Law: Law(known.Article), Text: known.Text}
	switch f.Activity.portable(f.Categories) {
	case provided:
		return p
	case perhaps:
		out.Action, out.Code, out.Text = Review, CodeMixedSources, textMixedSources
	case ownMade:
		out.Text = textOwnMade
	}
	return out
}

// origin is who a field came from, where it rests on consent or contract.
type origin int

const (
	notProvided origin = iota
	ownMade            // it comes from the controller, such as what it inferred or wrote
	perhaps            // it may have come from another source as well
	provided
)

// made lists the categories that nobody provides: what was inferred about a person, and what the
// controller's systems write for themselves.
var made = []string{"user.demographic.profile", "system"}

// portable tells whether fields of these categories rest on consent or contract, and come from the
// person: observed data do, what was inferred or written by the controller does not.
func (a *Activity) portable(categories []string) origin {
	based := slices.ContainsFunc(a.Bases, func(b Basis) bool {
		return (b.Article == "6(1)(a)" || b.Article == "6(1)(b)" || b.Article == "9(2)(a)") &&
			(len(b.Categories) == 0 || dataset.CoversAny(b.Categories, categories))
	})
	switch {
	case !based:
		return notProvided
	case len(categories) == 0:
		return a.origin("")
	}
	first := a.origin(categories[0])
	for _, c := range categories[1:] {
		if a.origin(c) != first {
			return perhaps
		}
	}
	return first
}

// origin tells who a category came from. The source that names it most closely is where it is from; one
// that names no categories may be the source of any.
func (a *Activity) origin(category string) origin {
	if dataset.CoversAny(made, []string{category}) {
		return ownMade
	}
	person, own, others := 0, 0, 0
	for _, s := range a.Sources {
		near := 0
		if len(s.Categories) == 0 {
			near = 1
		}
		for _, named := range s.Categories {
			if dataset.Covers(named, category) {
				near = max(near, 1+len(named))
			}
		}
		switch {
		case s.FromPerson:
			person = max(person, near)
		case s.Own:
			own = max(own, near)
		default:
			others = max(others, near)
		}
	}
	switch nearest := max(own, others); {
	case person > nearest:
		return provided
	case person == nearest && person > 0:
		return perhaps
	case own > others:
		return ownMade
	}
	return notProvided
}

// leftOut takes something out of an answer: a refusal in part, which names its provision (Art. 12(4)).
func leftOut(action Action, ground, code string, t locale.Text) Proposal {
	known, _ := FindReason(WithholdGrounds, ground)
	return Proposal{Action: action, Ground: ground, Code: code, Law: Law(known.Article), Text: t}
}

// withheld gives the activity's ground for withholding these categories, or nil.
func (a *Activity) withheld(categories []string) *Withhold {
	if a.Withhold == nil || len(a.Withhold.Categories) > 0 && !dataset.CoversAny(a.Withhold.Categories, categories) {
		return nil
	}
	return a.Withhold
}

func withholdText(w *Withhold) locale.Text {
	if w.Text.NB != "" {
		return w.Text
	}
	ground, _ := FindReason(WithholdGrounds, w.Ground)
	return ground.Text
}

// shown lists the categories that a person may see for rectification before staff saw the request:
// what a person can be reached by. A bare "user.contact" says too little to be shown unseen, and an
// organisation is often somebody else, such as whoever the data were given to.
var shown = []string{"user.name", "user.contact.email", "user.contact.phone_number", "user.contact.fax_number", "user.contact.address", "user.contact.url"}

// MayShow tells whether the value of a field may be shown to a verified address before any member
// of staff has looked, so that the person can say what is wrong. Control of a mailbox is not yet
// the person: only the person's own contact fields, never shared, free-text, third-party,
// personnel or special-category fields, and nothing at all where several people match.
func MayShow(f Facts) bool {
	a := f.Activity
	switch {
	case a == nil || len(f.Categories) == 0 || f.Matches != 1:
		return false
	case f.Shared || f.ThirdParty || f.FreeText || f.Special || f.NationalID || f.Credential || f.StaffName:
		return false
	case a.personnel() || a.Withhold != nil || dataset.CoversAny(special, a.Categories):
		return false
	}
	return !slices.ContainsFunc(f.Categories, func(c string) bool { return !dataset.CoversAny(shown, []string{c}) })
}

var (
	textMixedSources = locale.Text{
		NB: "Noe av dette kan komme fra andre enn deg. En saksbehandler ser hva du selv har gitt oss.",
		NN: "Noko av dette kan kome frå andre enn deg. Ein saksbehandlar ser kva du sjølv har gitt oss.",
		EN: "Some of this may have come from others than you. A case handler sees what you gave us yourself."}
	textOwnMade = locale.Text{
		NB: "Dette kommer fra oss selv, ikke fra deg. Dataportabilitet gjelder bare det du selv har gitt oss. Du kan be om innsyn i stedet.",
		NN: "Dette kjem frå oss sjølve, ikkje frå deg. Dataportabilitet gjeld berre det du sjølv har gitt oss. Du kan be om innsyn i staden.",
		EN: "This comes from us, not from you. Portability covers only what you gave us. You may ask for access instead."}
	textDisclose = locale.Text{
		NB: "Du får se dette.",
		NN: "Du får sjå dette.",
		EN: "You get to see this."}
	textSharedAccess = locale.Text{
		NB: "Opplysningene gjelder også andre enn deg. En saksbehandler vurderer hva du kan få uten å gå ut over dem.",
		NN: "Opplysningane gjeld også andre enn deg. Ein saksbehandlar vurderer kva du kan få utan å gå ut over dei.",
		EN: "The data are also about others than you. A case handler assesses what you can get without affecting them."}
	textCredential = locale.Text{
		NB: "Vi lagrer dette, men viser det ikke, fordi den som ser det kunne gitt seg ut for deg.",
		NN: "Vi lagrar dette, men viser det ikkje, fordi den som ser det kunne gitt seg ut for å vere deg.",
		EN: "We store this but do not show it, because whoever sees it could pose as you."}
	textStaffName = locale.Text{
		NB: "Du får vite når og hvorfor det ble gjort, men ikke navnet på den ansatte som gjorde det.",
		NN: "Du får vite når og kvifor det vart gjort, men ikkje namnet på den tilsette som gjorde det.",
		EN: "You get to know when and why it was done, but not the name of the employee who did it."}
)

package register

import (
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// ProposeObjection proposes what an objection (Art. 21) does to one field group of one record.
// Direct marketing ends without weighing (21(2), (3)). What rests on a task or an interest is
// restricted until the weighing is recorded, and goes unless compelling grounds were shown (21(1)).
// Elsewhere the right does not exist, and the person is told which one does.
func ProposeObjection(f Facts) Proposal {
	a := f.Activity
	if a == nil {
		return review(CodeUnknownActivity, textByHand)
	}
	f.Objection = true
	if !a.Has(dsr.Objection) {
		known, _ := FindReason(RefusalGrounds, "objection_not_available")
		return Proposal{Action: Keep, Ground: known.Code, Exception: known.Article, Code: CodeNoObjection, Law: Law(known.Article),
			Text: join(known.Text, a.otherRoute())}
	}
	p := ProposeErasure(f)
	if a.Erasure.Marketing || p.Action == Review || p.Exception == LegalDuty || p.Code == CodeClaim {
		return p // marketing, or for a person, required by law, or needed for a claim, whatever is weighed
	}
	switch f.Weighing {
	case Compelling:
		known, _ := FindReason(RefusalGrounds, "overriding_grounds")
		return Proposal{Action: Keep, Ground: known.Code, Exception: "21(1)", Code: CodeCompelling, Law: Law("21(1)"), Text: known.Text}
	case NotCompelling:
		return p
	}
	return Proposal{Action: Restrict, Ground: "18(1)(d)", Exception: "18(1)(d)", Code: CodeWeighing, Law: Law("18(1)(d)"), Text: textWeighing}
}

// NeedsWeighing tells whether an objection to the activity waits for a balancing test (Art. 21(1)).
func (a *Activity) NeedsWeighing() bool { return a.Has(dsr.Objection) && !a.Erasure.Marketing }

// otherRoute tells which right leads on where an objection does not.
func (a *Activity) otherRoute() locale.Text {
	if a.Consent() {
		return textWithdrawInstead
	}
	return textEraseInstead
}

// ProposeWithdrawal proposes what a withdrawn consent (Art. 7(3)) does to one field group of one
// record: what rested on it goes by 17(1)(b). No other basis takes its place; what an activity
// declared beside consent from the start is kept for that alone.
func ProposeWithdrawal(f Facts) Proposal {
	a := f.Activity
	if a == nil {
		return review(CodeUnknownActivity, textByHand)
	}
	if !a.Consent() {
		return Proposal{Action: Keep, Code: CodeNoConsent, Exception: "7(3)", Law: Law("7(3)"), Text: textNotOnConsent}
	}
	f.ConsentWithdrawn = true
	return ProposeErasure(f)
}

// ProposeRestriction proposes what a request for restriction (Art. 18) does to one field group of
// one record: it is stored and not used, on the ground that the person gave.
func ProposeRestriction(f Facts) Proposal {
	switch {
	case f.Activity == nil:
		return review(CodeUnknownActivity, textByHand)
	case f.Shared:
		return review(CodeShared, textShared)
	case f.ThirdParty:
		return review(CodeThirdParty, textThirdParty)
	}
	ground := or(f.Restriction, "18(1)")
	return Proposal{Action: Restrict, Ground: ground, Exception: ground, Code: CodeOnRequest, Law: Law(ground),
		Text: join(restrictionTexts[f.Restriction], textOnlyStored)}
}

// OnlyStored says what a restriction means (Art. 18(2) and (3)).
func OnlyStored() locale.Text { return textOnlyStored }

// RestrictionText says on which of the points of Art. 18(1) something is restricted; empty for any other.
func RestrictionText(ground string) locale.Text { return restrictionTexts[ground] }

// RestrictionGrounds are the points of Art. 18(1), by the letter that a person chooses.
var RestrictionGrounds = map[string]string{"accuracy": "18(1)(a)", "unlawful": "18(1)(b)", "claims": "18(1)(c)", "objection": "18(1)(d)"}

var (
	textWithdrawInstead = text("Du kan når som helst trekke samtykket.", "Du kan når som helst trekkje samtykket.", "You can withdraw your consent at any time.")
	textEraseInstead    = text("Du kan be om sletting i stedet.", "Du kan be om sletting i staden.", "You can ask for erasure instead.")
	textNotOnConsent    = text("Dette bygger ikke på samtykke, så det er ikke berørt.", "Dette byggjer ikkje på samtykke, så det er ikkje råka.",
		"This does not rest on consent, so it is not affected.")
	textOnlyStored = text("Vi lagrer bare opplysningene. Ellers bruker vi dem bare med samtykke fra deg, i et rettskrav, for å verne andres rettigheter eller når viktige samfunnsinteresser krever det. Du får beskjed før begrensningen oppheves.",
		"Vi lagrar berre opplysningane. Elles bruker vi dei berre med samtykke frå deg, i eit rettskrav, for å verne rettane til andre eller når viktige samfunnsinteresser krev det. Du får melding før avgrensinga blir oppheva.",
		"We only store the data. Otherwise we use them only with your consent, for legal claims, to protect the rights of others or when important public interests require it. You will be told before the restriction is lifted.")
	restrictionTexts = map[string]locale.Text{
		"18(1)(a)": text("Du mener at opplysningene er feil, og vi undersøker det.", "Du meiner at opplysningane er feil, og vi undersøkjer det.",
			"You say that the data are wrong, and we are checking that."),
		"18(1)(b)": text("Du mener at vi ikke har lov til å bruke dem, men vil ikke at de slettes.", "Du meiner at vi ikkje har lov til å bruke dei, men vil ikkje at dei blir sletta.",
			"You say that we may not use them, but do not want them erased."),
		"18(1)(c)": text("Du trenger dem til et rettskrav.", "Du treng dei til eit rettskrav.", "You need them for a legal claim."),
		"18(1)(d)": text("Du har protestert mot bruken, og vi veier interessene mot hverandre.", "Du har protestert mot bruken, og vi veg interessene mot kvarandre.",
			"You have objected to the use, and we are weighing the interests."),
	}
)

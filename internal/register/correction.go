package register

import (
	"mininfo/internal/dataset"
	"mininfo/internal/locale"
)

// logs are what a machine saw happen: a correction is filed beside it, not written over it.
var logs = []string{"user.behavior", "user.telemetry", "user.device", "system.operations"}

// ProposeCorrection proposes what a request for rectification (Art. 16) does to one field.
// Accuracy is measured against the purpose: bookkeeping vouchers, logs, opinions and historic
// decisions are annotated with the person's statement, not rewritten.
func ProposeCorrection(f Facts) Proposal {
	a := f.Activity
	switch {
	case a == nil:
		return review(CodeUnknownActivity, textByHand)
	case f.Restricted:
		return review(CodeRestricted, textRestricted)
	case f.Accurate:
		return Proposal{Action: Refuse, Ground: "16", Code: CodeAccurate, Law: Law("16"), Text: join(textAccurate, complaint)}
	case f.Shared:
		return review(CodeShared, textShared)
	case f.ThirdParty:
		return review(CodeThirdParty, textThirdParty)
	case a.Voucher():
		return Proposal{Action: Annotate, Ground: "16", Code: CodeVoucher, Law: or(a.law(), "bokføringsloven"), Text: textVoucher}
	case f.Opinion || f.FreeText:
		return Proposal{Action: Annotate, Ground: "16", Code: CodeOpinion, Law: Law("16"), Text: textOpinion}
	case dataset.CoversAny(logs, f.Categories):
		return Proposal{Action: Annotate, Ground: "16", Code: CodeLog, Law: Law("16"), Text: textLog}
	case f.ReadOnly:
		return review(CodeReadOnly, textByHand)
	case a.Withhold != nil && a.withheld(f.Categories) != nil:
		return review(CodeByHand, textByHand)
	}
	return Proposal{Action: Set, Ground: "16", Code: CodeCorrect, Text: textCorrect}
}

// ConfirmsNew tells whether a field's new value must be proved before it is written: who changes
// the address changes who gets the codes, so the new address is confirmed and the old one told.
func ConfirmsNew(categories []string) bool {
	return dataset.CoversAny([]string{"user.contact.email", "user.contact.phone_number", "user.account.username"}, categories)
}

// Voucher tells whether the data are bookkeeping material, which is corrected by new entries.
func (a *Activity) Voucher() bool { return bookkeepingMonths(a.Retention.Rule) > 0 }

var (
	textCorrect = locale.Text{
		NB: "Vi retter dette.",
		NN: "Vi rettar dette.",
		EN: "We correct this."}
	textVoucher = locale.Text{
		NB: "Dette er et bilag. Loven krever at bilag blir stående slik de var. Vi retter med en ny føring og lagrer det du skriver, sammen med bilaget.",
		NN: "Dette er eit bilag. Lova krev at bilag blir ståande slik dei var. Vi rettar med ei ny føring og lagrar det du skriv, saman med bilaget.",
		EN: "This is a voucher. The law requires that vouchers stay as they were. We correct with a new entry and file what you write with the voucher."}
	textOpinion = locale.Text{
		NB: "Dette er en vurdering eller noe som ble skrevet den gangen. Vi endrer det ikke, men lagrer det du skriver, og viser det sammen med teksten.",
		NN: "Dette er ei vurdering eller noko som vart skrive den gongen. Vi endrar det ikkje, men lagrar det du skriv, og viser det saman med teksten.",
		EN: "This is an assessment or something written at the time. We do not change it, but we file what you write and show it with the text."}
	textLog = locale.Text{
		NB: "Dette er en logg over hva som skjedde. Vi endrer den ikke, men lagrer det du skriver, sammen med den.",
		NN: "Dette er ein logg over kva som skjedde. Vi endrar han ikkje, men lagrar det du skriv, saman med han.",
		EN: "This is a log of what happened. We do not change it, but we file what you write with it."}
	textAccurate = locale.Text{
		NB: "Vi har undersøkt dette og mener at det som står, er riktig. Vi lagrer det du skrev, sammen med opplysningen.",
		NN: "Vi har undersøkt dette og meiner at det som står, er rett. Vi lagrar det du skreiv, saman med opplysninga.",
		EN: "We have looked into this and find that what is written is right. We file what you wrote with it."}
)

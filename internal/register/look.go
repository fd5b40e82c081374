package register

import "mininfo/internal/locale"

// WhyLook says to the office why a person has to look at a finding, by the code of its proposal. The
// second value is false where the register's own sentence says it.
func WhyLook(code string) (locale.Text, bool) {
	t, ok := looks[code]
	return t, ok
}

var looks = map[string]locale.Text{
	CodeUnknownActivity: text("Protokollen har ingen behandlingsaktivitet for dette. Legg den til i protokollen, eller rett beskrivelsen av systemet.",
		"Protokollen har ingen behandlingsaktivitet for dette. Legg han til i protokollen, eller rett skildringa av systemet.",
		"The record has no processing activity for this. Add it to the record, or correct the description of the system."),
	CodeNotIdentifiable: text("Vi kan ikke se hvem dette gjelder. Be personen om noe som viser det, for eksempel IP-adresse og tidspunkt.",
		"Vi kan ikkje sjå kven dette gjeld. Be personen om noko som viser det, til dømes IP-adresse og tidspunkt.",
		"It cannot be told whose this is. Ask the person for something that shows it, such as IP address and time."),
	CodeShared: text("Dette gjelder også andre. Se hva som er personens eget.",
		"Dette gjeld også andre. Sjå kva som er personen sitt eige.",
		"This is about others too. See what is the person's own."),
	CodeThirdParty: text("Her er det opplysninger om andre. Se etter hva som kan vises, rettes eller slettes.",
		"Her er det opplysningar om andre. Sjå etter kva som kan visast, rettast eller slettast.",
		"There are data about others here. See what can be shown, corrected or erased."),
	CodeByHand: text("Dette avgjøres for hånd. Se på hver opplysning og avgjør.",
		"Dette blir avgjort for hand. Sjå på kvar opplysning og avgjer.",
		"This is decided by hand. Look at each item and decide."),
	CodeDutyConflict: text("En lov krever at det slettes, og en annen at det beholdes. Finn ut hvilken som går foran.",
		"Ei lov krev at det blir sletta, og ei anna at det blir teke vare på. Finn ut kva for ei som går føre.",
		"One act requires erasure and another requires keeping. Find out which goes first."),
	CodeNoDate: text("Vi kjenner ikke datoen som lagringstiden regnes fra. Finn den, og avgjør så om opplysningene må beholdes.",
		"Vi kjenner ikkje datoen som lagringstida blir rekna frå. Finn han, og avgjer så om opplysningane må takast vare på.",
		"The date that retention counts from is not known. Find it, then decide whether the data must be kept."),
	CodeOngoing: text("Forholdet til personen varer fortsatt. Se om opplysningene trengs så lenge det gjør det.",
		"Forholdet til personen varer framleis. Sjå om opplysningane trengst så lenge det gjer det.",
		"The relation to the person still lasts. See whether the data are needed for as long as it does."),
	CodeReadOnly: text("Portalen kan ikke endre dette systemet. Rett det der, og skriv her at det er gjort.",
		"Portalen kan ikkje endre dette systemet. Rett det der, og skriv her at det er gjort.",
		"The portal cannot change this system. Correct it there, and write here that it is done."),
}

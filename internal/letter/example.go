package letter

import (
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// Example is a letter of a kind about nobody, with something in every part, for whoever words letters. It is
// complete by its checklist.
func Example(k Kind, l locale.Locale) Answer {
	a := example(k, l)
	a.Kind, a.Locale = k, l
	a.Complaint = []string{register.Complaint(l).Paragraph}
	a.Case = export.Case{Reference: "MI-2026-7F3K-2Q", Right: exampleRights[k], Received: dsr.NewDate(2026, 6, 1),
		Answered: dsr.NewDate(2026, 6, 20), Due: dsr.NewDate(2026, 7, 1)}
	if a.Case.Right == "" {
		a.Case.Right = dsr.Access
	}
	a.Person = export.PersonOf("Kari Eksempel", "Storgata 1\n0155 Oslo")
	return a
}

var exampleRights = map[Kind]dsr.Right{Correction: dsr.Rectification, Erasure: dsr.Erasure, Restriction: dsr.Restriction, Objection: dsr.Objection,
	Done: dsr.HumanReview, Restricting: dsr.Rectification, Lifting: dsr.Restriction}

func example(k Kind, l locale.Locale) Answer {
	t := func(key string) string { return exampleTexts[key].In(l) }
	due, until := dsr.NewDate(2026, 7, 1), dsr.NewDate(2026, 9, 1)
	switch k {
	case Receipt:
		return NewReceipt(l, []string{dsr.Access.Row().Name.In(l)}, due)
	case IdentityQuestion:
		return NewIdentityQuestion(l, t("question"), t("doubt"), dsr.NewDate(2026, 6, 5))
	case Clarification:
		return NewClarification(l, t("which"), []string{exampleActivity(l).Name}, dsr.Date{})
	case Extension:
		return NewExtension(l, []string{t("many")}, t("by_hand"), due, until)
	case FeeWarning:
		return NewFeeWarning(l, register.ArticleText("12(5)").In(l), t("again"), 450, t("hours"))
	case Restricting:
		return NewRestricting(l, []string{exampleActivity(l).Name}, register.RestrictionText("18(1)(a)").In(l), register.ArticleText("18(1)(a)").In(l), dsr.NewDate(2026, 6, 2))
	case Lifting:
		return NewLifting(l, t("checked"), due)
	}
	if k == AnswerCorrection {
		return NewAnswerCorrection(l, dsr.NewDate(2026, 6, 10), t("forgot"), t("also"), t("why_forgot"), "MI-2026-7F3K-2Q")
	}
	name := exampleActivity(l).Name
	if k == PartialAnswer {
		a := NewPartialAnswer(l, []string{locale.Named(t("archive"), l)}, t("by_hand"), until, due)
		a.Words, a.Identity, a.Searched, a.SearchedWith = []string{t("words")}, []string{t("identity")}, []string{locale.Named(t("place"), l)}, []string{t("with")}
		a.Period, a.Processors, a.Purposes = []string{t("period")}, []string{t("processors")}, []export.Purpose{exampleActivity(l)}
		a.Groups, a.NotLinked = []Group{{Action: "disclosed", Activity: name, Count: 3}}, []string{t("log")}
		a.LeftOut = []Omission{{What: name, Law: register.LawText("GDPR art. 15(4)", l), Reason: t("others")}}
		a.Files, a.Enclosed = []string{t("files")}, export.Enclosed(dsr.Access, l)
		return a
	}
	a := Answer{Title: k.Name().In(l), Paragraphs: []string{t("short")}, Words: []string{t("words")}, Identity: []string{t("identity")},
		Searched: []string{locale.Named(t("place"), l)}, SearchedWith: []string{t("with")}, Period: []string{t("period")}, Processors: []string{t("processors")}, Outcome: dsr.PartlyGranted}
	law := register.LawText("bokføringsloven § 13", l)
	kept := Group{Action: "kept", Activity: name, Count: 7, Text: t("kept"), Law: law, Until: "2031-12-31"}
	switch k {
	case Access:
		a.Purposes = []export.Purpose{exampleActivity(l)}
		a.Groups = []Group{{Action: "disclosed", Activity: name, Count: 3}}
		a.LeftOut = []Omission{{What: name, Law: register.LawText("GDPR art. 15(4)", l), Reason: t("others")}}
		a.NotLinked, a.Files, a.Enclosed = []string{t("log")}, []string{t("files")}, export.Enclosed(dsr.Access, l)
		a.Later = []string{t("whole")}
	case NothingHeld:
		a.Outcome = dsr.NothingHeld
	case Correction:
		a.Groups = []Group{{Action: "corrected", Activity: name, Count: 1, Text: t("corrected")}}
		a.Recipients = []string{exampleRecipient + " (" + name + ")"}
	case Erasure:
		a.Groups = []Group{{Action: "deleted", Activity: name, Count: 2, Text: t("erased")}, kept}
		a.Recipients, a.Backups = []string{exampleRecipient + " (" + name + ")"}, t("backups")
		a.Systems = []System{{Name: locale.Named(t("place"), l), Erased: 2, On: "2026-06-19"}}
	case Restriction:
		a.Groups = []Group{{Action: "restricted", Activity: name, Count: 2, Text: t("stored")}}
		a.NobodyTold, a.From = t("nobody"), RestrictedFrom(l, dsr.NewDate(2026, 6, 20), dsr.NewDate(2026, 6, 20))
	case Objection, Done:
		a.Groups = []Group{kept}
	case Refusal, CannotIdentify:
		a.Outcome = dsr.Refused
		law := register.LawText(map[Kind]string{Refusal: "GDPR art. 12(5)", CannotIdentify: "GDPR art. 11(2)"}[k], l)
		a.LeftOut = []Omission{{What: dsr.Access.Row().Name.In(l), Law: law, Reason: t("refused")}}
	}
	return a
}

const exampleRecipient = "Eksempel AS"

func exampleActivity(l locale.Locale) export.Purpose {
	a := *register.Seed().Activity("invoices")
	a.Storage.System, a.Storage.Country, a.NoAutomated = exampleTexts["place"].In(l), "NO", true
	a.Recipients = a.Recipients[:1:1]
	a.Recipients[0].Name = exampleRecipient
	return export.PurposeOf(&a, l)
}

var exampleTexts = map[string]locale.Text{
	"question":   text("Hva er kundenummeret ditt?", "Kva er kundenummeret ditt?", "What is your customer number?"),
	"doubt":      text("To kunder har dette navnet.", "To kundar har dette namnet.", "Two customers have this name."),
	"which":      text("Gjelder det alt vi har om deg, eller noe bestemt?", "Gjeld det alt vi har om deg, eller noko bestemt?", "Is it about everything we hold on you, or something in particular?"),
	"many":       text("Opplysningene ligger i mange systemer.", "Opplysningane ligg i mange system.", "The data are in many systems."),
	"again":      text("Du har bedt om det samme fire ganger på to uker.", "Du har bede om det same fire gonger på to veker.", "You have asked for the same four times in two weeks."),
	"hours":      text("En times arbeid med å hente fram og skrive ut, og porto.", "Ein times arbeid med å hente fram og skrive ut, og porto.", "One hour of work to retrieve and print, and postage."),
	"by_hand":    text("Arkivet fra 2019 må leses for hånd.", "Arkivet frå 2019 må lesast for hand.", "The archive from 2019 has to be read by hand."),
	"checked":    text("Vi har undersøkt adressen, og den er rettet.", "Vi har undersøkt adressa, og ho er retta.", "We have checked the address, and it is corrected."),
	"short":      text("Her står det korte svaret i saken.", "Her står det korte svaret i saka.", "Here stands the short answer of the case."),
	"words":      text("Her står det saksbehandleren skriver selv.", "Her står det saksbehandlaren skriv sjølv.", "Here stands what the case handler writes."),
	"identity":   text("Du viste at e-postadressen er din, med en engangskode.", "Du viste at e-postadressa er di, med ein eingongskode.", "You showed that the e-mail address is yours, by a one-time code."),
	"place":      text("Nettbutikken", "Nettbutikken", "Webshop"),
	"archive":    text("Arkivet fra 2019", "Arkivet frå 2019", "Archive from 2019"),
	"forgot":     text("Opplysningene i kundeklubben var ikke med.", "Opplysningane i kundeklubben var ikkje med.", "The data in the customer club were not included."),
	"also":       text("Du er medlem av kundeklubben.", "Du er medlem av kundeklubben.", "You are a member of the customer club."),
	"why_forgot": text("Systemet var ikke koblet til da vi lette.", "Systemet var ikkje kopla til då vi leita.", "The system was not connected when we searched."),
	"period":     text("Alt som var lagret da stedet ble lest.", "Alt som var lagra då staden vart lesen.", "Everything that was kept when the place was read."),
	"processors": text("Databehandlere vi har spurt: Eksempel AS.", "Databehandlarar vi har spurt: Eksempel AS.", "Processors that we have asked: Eksempel AS."),
	"with":       text("e-postadresse", "e-postadresse", "e-mail address"),
	"kept":       text("En lov krever at vi tar vare på dette.", "Ei lov krev at vi tek vare på dette.", "An act requires us to keep this."),
	"others":     text("Teksten gjelder også en annen person.", "Teksten gjeld òg ein annan person.", "The text is also about another person."),
	"log":        text("Besøksloggen på nettsidene", "Besøksloggen på nettsidene", "The visitor log of the website"),
	"files":      text("Kopien er en ZIP-fil. Du kan laste den ned til og med 27. juni 2026.", "Kopien er ei ZIP-fil. Du kan laste han ned til og med 27. juni 2026.", "The copy is a ZIP file. You can download it until and including 27 June 2026."),
	"whole":      text("Dette er hele svaret.", "Dette er heile svaret.", "This is the whole answer."),
	"corrected":  text("Vi har rettet dette.", "Vi har retta dette.", "We have corrected this."),
	"erased":     text("Vi har slettet dette.", "Vi har sletta dette.", "We have erased this."),
	"stored":     text("Vi lagrer dette og bruker det ikke til noe annet.", "Vi lagrar dette og bruker det ikkje til noko anna.", "We store this and use it for nothing else."),
	"nobody":     text("Vi har ikke gitt opplysningene til noen andre, så det er ingen å si fra til.", "Vi har ikkje gitt opplysningane til nokon andre, så det er ingen å seie frå til.", "We have not given the data to anybody else, so there is nobody to tell."),
	"backups":    text("Sikkerhetskopiene er borte etter 18. september 2026.", "Tryggingskopiane er borte etter 18. september 2026.", "The backups are gone after 18 September 2026."),
	"refused":    text("Her står begrunnelsen i saken.", "Her står grunngivinga i saka.", "Here stand the reasons of the case."),
}

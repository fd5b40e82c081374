package letter

import (
	"mininfo/internal/export"
	"mininfo/internal/locale"
)

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

var kindNames = map[Kind]locale.Text{
	Access:      text("Svar på innsyn", "Svar på innsyn", "Answer to an access request"),
	NothingHeld: text("Ingen opplysninger funnet", "Ingen opplysningar funne", "Nothing found"),
	Correction:  text("Svar på retting", "Svar på retting", "Answer on correction"),
	Erasure:     text("Svar på sletting", "Svar på sletting", "Answer on erasure"),
	Restriction: text("Svar på begrensning", "Svar på avgrensing", "Answer on restriction"),
	Objection:   text("Svar på protest", "Svar på protest", "Answer to an objection"),
	Done:        text("Svar på andre krav", "Svar på andre krav", "Answer to other requests"),
	Refusal:     text("Avslag", "Avslag", "Refusal"),

	Receipt:          text("Kvittering", "Kvittering", "Receipt"),
	IdentityQuestion: text("Spørsmål om hvem personen er", "Spørsmål om kven personen er", "Question about who the person is"),
	Clarification:    text("Spørsmål om hva personen ønsker", "Spørsmål om kva personen ønskjer", "Question about what the person wants"),
	Extension:        text("Forlengelse av fristen", "Lenging av fristen", "Extension of the time limit"),
	FeeWarning:       text("Varsel om gebyr", "Varsel om gebyr", "Warning of a fee"),
	Lifting:          text("Før en begrensning oppheves", "Før ei avgrensing blir oppheva", "Before a restriction is lifted"),
	CannotIdentify:   text("Kan ikke knyttes til personen", "Kan ikkje knytast til personen", "Cannot be linked to the person"),
}

// headings are those of the outline; they get their numbers where they stand. What the page of a copy says too is
// taken from there, so that the two say it alike.
var headings = map[Part]locale.Text{
	Summary:     export.Word("h_summary"),
	Own:         text("Fra saksbehandleren", "Frå saksbehandlaren", "From the case handler"),
	Identity:    export.Word("h_identity"),
	Searched:    export.Word("h_searched"),
	Data:        text("Opplysningene dine – gruppert etter formål", "Opplysningane dine – grupperte etter føremål", "Your data – by purpose"),
	Carried:     text("Det vi har gjort", "Det vi har gjort", "What we have done"),
	NotDone:     text("Det vi ikke har gjort", "Det vi ikkje har gjort", "What we have not done"),
	Transfers:   export.Word("h_transfers"),
	Automated:   export.Word("h_automated"),
	LeftOut:     export.Word("h_withheld"),
	NotLinked:   export.Word("h_notreachable"),
	Recipients:  text("Hvem som får beskjed", "Kven som får melding", "Who is told"),
	Backups:     text("Sikkerhetskopier", "Tryggingskopiar", "Backups"),
	Reasons:     text("Begrunnelse", "Grunngiving", "Reasons"),
	MoreToGive:  text("Det du kan legge til", "Det du kan leggje til", "What you can add"),
	Disagree:    export.Word("h_complaint"),
	FilesOfCase: text("Filene", "Filene", "Files"),
	Understood:  text("Slik har vi forstått det", "Slik har vi forstått det", "What we understood"),
	Next:        text("Når du får svar", "Når du får svar", "When you get an answer"),
	Doubt:       text("Hvorfor vi er i tvil", "Kvifor vi er i tvil", "Why we are in doubt"),
	Enough:      text("Det som er nok", "Det som er nok", "What is enough"),
	Masking:     text("Om legitimasjon", "Om legitimasjon", "About identity documents"),
	Clock:       text("Fristen", "Fristen", "The time limit"),
	Everything:  text("Du kan be om alt", "Du kan be om alt", "You may ask for everything"),
	Processing:  text("Dette bruker vi personopplysninger til", "Dette bruker vi personopplysningar til", "What we use personal data for"),
	Because:     text("Hvorfor", "Kvifor", "Why"),
	Amount:      text("Gebyret", "Gebyret", "The fee"),
	Instead:     text("Det du kan gjøre i stedet", "Det du kan gjere i staden", "What you can do instead"),
	From:        text("Datoen", "Datoen", "The date"),
}

// words are the fixed sentences of letters.
var words = map[string]locale.Text{
	"kicker":          text("Svar på krav om %s", "Svar på krav om %s", "Answer to your request: %s"),
	"in_short":        text("Kort sagt", "Kort sagt", "In short"),
	"kicker_going_on": text("Kravet ditt om %s", "Kravet ditt om %s", "Your request: %s"),
	"written":         text("Skrevet", "Skrive", "Written"),
	"dear":            export.Word("dear"),
	"regards":         export.Word("regards"),
	"org_no":          export.Word("org_no"),
	"case":            export.Word("case"),
	"received":        export.Word("received"),
	"answered":        export.Word("answered"),
	"due":             export.Word("due"),
	"controller":      export.Word("controller"),
	"contact":         text("Kontakt", "Kontakt", "Contact"),
	"dpo":             export.Word("dpo"),
	"notice":          text("Personvernerklæring som gjaldt", "Personvernerklæring som galdt", "Privacy notice that applied"),

	"searched_with": text("Vi søkte med: %s.", "Vi søkte med: %s.", "We searched with: %s."),
	"data": text("Selve opplysningene ligger i kopien du får sammen med dette brevet. Her står det hva vi bruker dem til.",
		"Sjølve opplysningane ligg i kopien du får saman med dette brevet. Her står det kva vi bruker dei til.",
		"The data themselves are in the copy that comes with this letter. Here you read what we use them for."),
	"data_none": text("Vi har ingen opplysninger å vise her.", "Vi har ingen opplysningar å vise her.", "We have no data to show here."),
	"entries":   text("Oppføringer i kopien", "Oppføringar i kopien", "Entries in the copy"),

	"disclosed": text("Utlevert til", "Utlevert til", "Given to"),

	"about":           text("Gjelder", "Gjeld", "About"),
	"number":          export.Word("number"),
	"what":            text("Hva og hvorfor", "Kva og kvifor", "What and why"),
	"law":             export.Word("ground"),
	"reason":          export.Word("reason"),
	"until":           text("Til og med", "Til og med", "Until and including"),
	"carried_nothing": text("Vi har ikke rettet eller slettet noen opplysninger.", "Vi har ikkje retta eller sletta nokon opplysningar.", "We have not corrected or erased any data."),
	"all_done":        text("Alt du ba om, er gjort.", "Alt du bad om, er gjort.", "Everything you asked for has been done."),
	"left_out_none":   text("Det er ikke noe annet å opplyse om her.", "Det er ikkje noko anna å opplyse om her.", "There is nothing further to tell here."),
	"never_in": text("Opplysninger om andre enn deg, navn på ansatte som har behandlet saken, og det som skal holde systemene trygge, er ikke med. Loven kan også unnta opplysninger fra innsyn uten at vi har lov til å si fra om det.",
		"Opplysningar om andre enn deg, namn på tilsette som har behandla saka, og det som skal halde systema trygge, er ikkje med. Lova kan òg gjere unntak frå innsyn utan at vi har lov til å seie frå om det.",
		"Data about others than you, names of employees who handled the case, and what keeps the systems safe are not included. The law may also except data from access without our being allowed to say so."),
	"not_linked_none": text("Vi fant ingen slike opplysninger.", "Vi fann ingen slike opplysningar.", "We found no such data."),
	"not_linked": text("Noe av det vi lagrer, kan vi ikke knytte til en bestemt person (personvernforordningen artikkel 11):",
		"Noko av det vi lagrar, kan vi ikkje knyte til ein bestemt person (personvernforordninga artikkel 11):",
		"Some of what we store we cannot link to a particular person (GDPR Article 11):"),
	"more": text("Kan du oppgi noe mer, for eksempel en annen adresse, et kundenummer eller en IP-adresse med tidspunkt, leter vi videre.",
		"Kan du oppgje noko meir, til dømes ei anna adresse, eit kundenummer eller ei IP-adresse med tidspunkt, leitar vi vidare.",
		"If you can give us more, such as another address, a customer number or an IP address with the time, we will look again."),
	"disagree": text("Svar på meldingen vår, eller ta kontakt med oss.", "Svar på meldinga vår, eller ta kontakt med oss.", "Reply to our message, or contact us."),
	"disagree_dpo": text("Svar på meldingen vår, eller ta kontakt med personvernombudet (%s).", "Svar på meldinga vår, eller ta kontakt med personvernombodet (%s).",
		"Reply to our message, or contact our data protection officer (%s)."),
	"appeal": text("Avgjørelser fra Datatilsynet kan klages inn for Personvernnemnda innen tre uker.",
		"Avgjerder frå Datatilsynet kan klagast inn for Personvernnemnda innan tre veker.",
		"Decisions of Datatilsynet can be appealed to Personvernnemnda (the Privacy Appeals Board) within three weeks."),
	"other_form": text("Det er gratis. Vil du ha svaret i et annet format eller forklart muntlig, så si fra til oss.",
		"Det er gratis. Vil du ha svaret i eit anna format eller forklart munnleg, så sei frå til oss.",
		"It is free of charge. If you want the answer in another format or explained orally, let us know."),
}

package letter

import "mininfo/internal/locale"

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

var kindNames = map[Kind]locale.Text{
	Access:         text("Svar på innsyn", "Svar på innsyn", "Answer to an access request"),
	NothingHeld:    text("Ingen opplysninger funnet", "Ingen opplysningar funne", "Nothing found"),
	Correction:     text("Svar på retting", "Svar på retting", "Answer on correction"),
	Erasure:        text("Svar på sletting", "Svar på sletting", "Answer on erasure"),
	Restriction:    text("Svar på begrensning", "Svar på avgrensing", "Answer on restriction"),
	Objection:      text("Svar på protest", "Svar på protest", "Answer to an objection"),
	Done:           text("Svar på andre krav", "Svar på andre krav", "Answer to other requests"),
	Refusal:        text("Avslag", "Avslag", "Refusal"),
	CannotIdentify: text("Kan ikke knyttes til personen", "Kan ikkje knytast til personen", "Cannot be linked to the person"),
}

// headings are those of the outline; they get their numbers where they stand.
var headings = map[Part]locale.Text{
	Summary:     text("Kort svar", "Kort svar", "Short answer"),
	Own:         text("Fra saksbehandleren", "Frå saksbehandlaren", "From the case handler"),
	Identity:    text("Slik bekreftet vi hvem du er", "Slik stadfesta vi kven du er", "How we confirmed who you are"),
	Searched:    text("Her har vi lett", "Her har vi leita", "Where we looked"),
	Data:        text("Opplysningene dine – gruppert etter formål", "Opplysningane dine – grupperte etter føremål", "Your data – by purpose"),
	Carried:     text("Det vi har gjort", "Det vi har gjort", "What we have done"),
	NotDone:     text("Det vi ikke har gjort", "Det vi ikkje har gjort", "What we have not done"),
	Transfers:   text("Overføring til land utenfor EØS", "Overføring til land utanfor EØS", "Transfers outside the EEA"),
	Automated:   text("Automatiserte avgjørelser og profilering", "Automatiserte avgjerder og profilering", "Automated decisions and profiling"),
	LeftOut:     text("Det vi ikke har tatt med", "Det vi ikkje har teke med", "What we left out"),
	NotLinked:   text("Opplysninger vi ikke kan knytte til deg", "Opplysningar vi ikkje kan knyte til deg", "Data we cannot link to you"),
	Recipients:  text("Hvem som får beskjed", "Kven som får melding", "Who is told"),
	Backups:     text("Sikkerhetskopier", "Tryggingskopiar", "Backups"),
	Reasons:     text("Begrunnelse", "Grunngiving", "Reasons"),
	MoreToGive:  text("Det du kan legge til", "Det du kan leggje til", "What you can add"),
	Disagree:    text("Er du uenig?", "Er du usamd?", "If you disagree"),
	FilesOfCase: text("Filene", "Filene", "Files"),
}

// words are the fixed sentences of letters.
var words = map[string]locale.Text{
	"kicker":     text("Svar på krav om %s", "Svar på krav om %s", "Answer to your request: %s"),
	"dear":       text("Hei, %s", "Hei, %s", "Dear %s"),
	"regards":    text("Vennlig hilsen", "Venleg helsing", "Kind regards"),
	"org_no":     text("Org.nr.", "Org.nr.", "Organisation no."),
	"case":       text("Sak", "Sak", "Case"),
	"received":   text("Mottatt", "Motteke", "Received"),
	"answered":   text("Besvart", "Svara på", "Answered"),
	"due":        text("Svarfrist", "Svarfrist", "Latest answer date"),
	"controller": text("Behandlingsansvarlig", "Behandlingsansvarleg", "Controller"),
	"contact":    text("Kontakt", "Kontakt", "Contact"),
	"dpo":        text("Personvernombud", "Personvernombod", "Data protection officer"),
	"notice":     text("Personvernerklæring som gjaldt", "Personvernerklæring som galdt", "Privacy notice that applied"),

	"searched_with": text("Vi søkte med: %s.", "Vi søkte med: %s.", "We searched with: %s."),
	"data": text("Selve opplysningene ligger i kopien du får sammen med dette brevet. Her står det hva vi bruker dem til.",
		"Sjølve opplysningane ligg i kopien du får saman med dette brevet. Her står det kva vi bruker dei til.",
		"The data themselves are in the copy that comes with this letter. Here you read what we use them for."),
	"data_none": text("Vi har ingen opplysninger å vise her.", "Vi har ingen opplysningar å vise her.", "We have no data to show here."),
	"entries":   text("Oppføringer i kopien", "Oppføringar i kopien", "Entries in the copy"),

	"disclosed": text("Utlevert til", "Utlevert til", "Given to"),

	"about":           text("Gjelder", "Gjeld", "About"),
	"number":          text("Antall", "Tal", "Number"),
	"what":            text("Hva og hvorfor", "Kva og kvifor", "What and why"),
	"law":             text("Bestemmelse", "Føresegn", "Provision"),
	"reason":          text("Grunn", "Grunn", "Reason"),
	"until":           text("Til og med", "Til og med", "Until and including"),
	"carried_nothing": text("Ingenting er endret.", "Ingenting er endra.", "Nothing has been changed."),
	"all_done":        text("Alt du ba om, er gjort.", "Alt du bad om, er gjort.", "Everything you asked for has been done."),
	"left_out_none":   text("Vi har ikke utelatt noe av det vi fant om deg.", "Vi har ikkje utelate noko av det vi fann om deg.", "We have left out nothing of what we found about you."),
	"never_in": text("Opplysninger om andre enn deg, navn på ansatte som har behandlet saken, og det som skal holde systemene trygge, er ikke med.",
		"Opplysningar om andre enn deg, namn på tilsette som har behandla saka, og det som skal halde systema trygge, er ikkje med.",
		"Data about others than you, names of employees who handled the case, and what keeps the systems safe are not included."),
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

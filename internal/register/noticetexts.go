package register

import (
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// The headings and labels of the notice.
var (
	noticeTitle = text("Personvernerklæring", "Personvernerklæring", "Privacy notice")
	partWho     = text("Hvem som svarer", "Kven som svarer", "Who answers")

	labelController     = text("Behandlingsansvarlig", "Behandlingsansvarleg", "Controller")
	labelNumber         = text("Organisasjonsnummer", "Organisasjonsnummer", "Organisation number")
	labelContact        = text("Kontakt", "Kontakt", "Contact")
	labelDPO            = text("Personvernombud", "Personvernombod", "Data protection officer")
	labelRepresentative = text("Representant i EØS", "Representant i EØS", "Representative in the EEA")

	labelPurpose    = text("Formål", "Føremål", "Purpose")
	labelText       = text("Tekst", "Tekst", "Text")
	labelTitle      = text("Navn", "Namn", "Name")
	labelBases      = text("Behandlingsgrunnlag", "Behandlingsgrunnlag", "Legal basis")
	labelCategories = text("Hvilke opplysninger", "Kva opplysningar", "Which data")
	labelPersons    = text("Om hvem", "Om kven", "About whom")
	labelSources    = text("Hvor de kommer fra", "Kvar dei kjem frå", "Where they come from")
	labelInformed   = text("Når du får vite det", "Når du får vite det", "When you are told")
	labelObligation = text("Må du gi dem?", "Må du gi dei?", "Do you have to give them?")
	labelRecipients = text("Hvem som får dem", "Kven som får dei", "Who receives them")
	labelTransfers  = text("Overføring ut av EØS", "Overføring ut av EØS", "Transfer out of the EEA")
	labelStored     = text("Hvordan de lagres", "Korleis dei blir lagra", "How they are stored")
	labelRetention  = text("Hvor lenge", "Kor lenge", "For how long")
	labelErasure    = text("Hvis du ber om sletting", "Dersom du ber om sletting", "If you ask for erasure")
	labelAutomated  = text("Automatiserte avgjørelser", "Automatiserte avgjerder", "Automated decisions")
	labelRights     = text("Hva du kan kreve", "Kva du kan krevje", "What you can ask for")
	labelApplies    = text("Gjelder", "Gjeld", "Applies to")

	partRights    = text("Rettighetene dine", "Rettane dine", "Your rights")
	partObjection = text("Retten til å protestere", "Retten til å protestere", "Your right to object")
	partWithdraw  = text("Trekke tilbake samtykke", "Trekkje tilbake samtykke", "Withdraw consent")
	partJoint     = text("Felles behandlingsansvarlige", "Felles behandlingsansvarlege", "Joint controllers")
	partCompanies = text("Svar til bedrifter", "Svar til bedrifter", "Answers to companies")
	partComplaint = text("Er du uenig?", "Er du usamd?", "If you disagree")
)

// The sentences of the notice that stand there whatever the register says.
var (
	noticeAlone = text("Ingen andre får dem.", "Ingen andre får dei.", "Nobody else receives them.")
	noticeOpen  = text("åpen kilde", "open kjelde", "open source")
	promiseAll  = text("Det vi ikke må beholde, sletter vi når du ber om det, også der loven ikke krever det.", "Det vi ikkje må ta vare på, slettar vi når du ber om det, også der lova ikkje krev det.", "What we do not have to keep, we erase when you ask, also where the law does not require it.")
	promiseSome = text("Også der loven ikke krever det, sletter vi når du ber om det:", "Også der lova ikkje krev det, slettar vi når du ber om det:", "Also where the law does not require it, we erase when you ask:")

	withdrawing     = text("Trekke tilbake samtykke", "Trekkje tilbake samtykke", "Withdraw consent")
	objectMarketing = text("også mot direkte markedsføring", "også mot direkte marknadsføring", "also to direct marketing")

	transfersNone = text("Vi overfører ikke opplysninger til land utenfor EØS.", "Vi overfører ikkje opplysningar til land utanfor EØS.", "We do not transfer data to countries outside the EEA.")
	transfersSome = text("Her er opplysningene utenfor EØS, med garantiene som verner dem der. Vi gir deg en kopi av garantiene når du ber om det.",
		"Her er opplysningane utanfor EØS, med garantiane som vernar dei der. Vi gir deg ein kopi av garantiane når du ber om det.",
		"Here the data are outside the EEA, with the safeguards that protect them there. We give you a copy of the safeguards when you ask.")

	automatedNone = text("Vi tar ingen avgjørelser om deg som bare bygger på automatisk behandling, heller ikke profilering.",
		"Vi tek ingen avgjerder om deg som berre byggjer på automatisk behandling, heller ikkje profilering.",
		"We make no decisions about you by automated means alone, profiling included.")
	automatedUnsaid = text("Om dette har vi ikke registrert om avgjørelser tas automatisk eller ved profilering: %s. Spør oss, så finner vi det ut.",
		"Om dette har vi ikkje registrert om avgjerder blir tekne automatisk eller ved profilering: %s. Spør oss, så finn vi det ut.",
		"For this we have no record of whether decisions are made by automated means or profiling: %s. Ask us, and we will find out.")
	automatedSome = text("Noen avgjørelser bygger bare på automatisk behandling. Du kan kreve at et menneske ser på saken, si hva du mener, og bestride avgjørelsen (artikkel 22 nr. 3).",
		"Nokre avgjerder byggjer berre på automatisk behandling. Du kan krevje at eit menneske ser på saka, seie kva du meiner, og bestride avgjerda (artikkel 22 nr. 3).",
		"Some decisions are made by automated means alone. You can ask that a human looks at the matter, say what you think, and contest the decision (Article 22(3)).")

	jointText = text("Vi bestemmer formål og midler sammen med disse. Du kan bruke rettighetene dine overfor hvem du vil av oss, uansett hva vi har avtalt (artikkel 26 nr. 3).",
		"Vi bestemmer føremål og middel saman med desse. Du kan bruke rettane dine overfor kven du vil av oss, uansett kva vi har avtalt (artikkel 26 nr. 3).",
		"We decide purposes and means together with these. You can use your rights towards any of us, whatever we have agreed (Article 26(3)).")
	rightsHow = text("Du kan bruke rettighetene her på nettstedet, eller skrive eller ringe til oss. Det er gratis, og du trenger ikke oppgi grunn. Du får svar uten ugrunnet opphold og senest én måned etter at vi mottok kravet. Under hver aktivitet står det hva du kan kreve der.",
		"Du kan bruke rettane her på nettstaden, eller skrive eller ringje til oss. Det er gratis, og du treng ikkje oppgi grunn. Du får svar utan ugrunna opphald og seinast éin månad etter at vi fekk kravet. Under kvar aktivitet står det kva du kan krevje der.",
		"You can use your rights on this site, or write or call us. It is free of charge, and you do not need to give a reason. You get an answer without undue delay and within one month of receipt. Each activity says what you can ask for there.")
	objectionText = text("Du kan når som helst protestere mot behandling som bygger på berettiget interesse eller en oppgave i allmennhetens interesse (artikkel 21). Da stanser vi, hvis vi ikke kan vise tvingende berettigede grunner til å fortsette, eller trenger opplysningene for rettskrav.",
		"Du kan når som helst protestere mot behandling som byggjer på rettkomen interesse eller ei oppgåve i ålmenta si interesse (artikkel 21). Då stansar vi, dersom vi ikkje kan vise tvingande rettkomne grunnar til å halde fram, eller treng opplysningane for rettskrav.",
		"You can object at any time to processing that rests on legitimate interest or a task in the public interest (Article 21). We then stop, unless we can show compelling legitimate grounds to go on, or need the data for legal claims.")
	marketingText = text("Protesterer du mot direkte markedsføring, stanser vi den med en gang, uten å veie noe mot det.",
		"Protesterer du mot direkte marknadsføring, stansar vi henne med ein gong, utan å vege noko mot det.",
		"If you object to direct marketing, we stop it at once, with nothing weighed against it.")
	withdrawText = text("Et samtykke kan du trekke tilbake når som helst, like lett som du gav det (artikkel 7 nr. 3). Det vi har gjort før det, er fortsatt lovlig.",
		"Eit samtykke kan du trekkje tilbake når som helst, like lett som du gav det (artikkel 7 nr. 3). Det vi har gjort før det, er framleis lovleg.",
		"You can withdraw a consent at any time, as easily as you gave it (Article 7(3)). What we did before that stays lawful.")
	companiesText = text("En bedrift har ingen rettigheter etter personvernforordningen, men vi svarer bedrifter også. Enkeltpersonforetak og kontaktpersoner har rettighetene ovenfor.",
		"Ei bedrift har ingen rettar etter personvernforordninga, men vi svarer bedrifter òg. Enkeltpersonføretak og kontaktpersonar har rettane ovanfor.",
		"A company has no rights under the GDPR, but we answer companies too. Sole proprietors and contact persons have the rights above.")
)

var roles = map[string]locale.Text{
	"processor":  text("databehandler", "databehandlar", "processor"),
	"controller": text("selvstendig behandlingsansvarlig", "sjølvstendig behandlingsansvarleg", "controller of its own"),
	"authority":  text("myndighet", "styresmakt", "authority"),
}

var obligations = map[string]locale.Text{
	ByLaw:      text("Ja, loven krever det.", "Ja, lova krev det.", "Yes, the law requires it."),
	ByContract: text("Ja, avtalen krever det.", "Ja, avtalen krev det.", "Yes, the contract requires it."),
	ForEntry:   text("Ja, hvis vi skal inngå en avtale.", "Ja, dersom vi skal inngå ein avtale.", "Yes, if we are to make a contract."),
	Voluntary:  text("Nei, det er frivillig.", "Nei, det er frivillig.", "No, it is voluntary."),
}

var rightTexts = map[dsr.Right]locale.Text{
	dsr.Access: text("Du kan få vite hvilke opplysninger vi har om deg, hva vi bruker dem til, og få en kopi (artikkel 15).",
		"Du kan få vite kva opplysningar vi har om deg, kva vi bruker dei til, og få ein kopi (artikkel 15).",
		"You can learn which data we have about you and what we use them for, and get a copy (Article 15)."),
	dsr.Rectification: text("Du kan få rettet opplysninger som er feil, og supplert dem som mangler noe (artikkel 16).",
		"Du kan få retta opplysningar som er feil, og supplert dei som manglar noko (artikkel 16).",
		"You can have wrong data corrected and incomplete data completed (Article 16)."),
	dsr.Erasure: text("Du kan kreve at vi sletter opplysninger (artikkel 17). Noe må vi beholde, for eksempel når loven krever det. Da får du vite hvorfor og hvor lenge.",
		"Du kan krevje at vi slettar opplysningar (artikkel 17). Noko må vi ta vare på, til dømes når lova krev det. Då får du vite kvifor og kor lenge.",
		"You can ask us to erase data (Article 17). Some we have to keep, for example where the law requires it. You are then told why and for how long."),
	dsr.Restriction: text("Du kan kreve at vi bare lagrer opplysningene og ikke bruker dem, for eksempel mens vi undersøker om de er riktige (artikkel 18).",
		"Du kan krevje at vi berre lagrar opplysningane og ikkje bruker dei, til dømes medan vi undersøkjer om dei er rette (artikkel 18).",
		"You can ask that we only store the data and do not use them, for example while we check whether they are right (Article 18)."),
	dsr.Portability: text("Opplysninger du har gitt oss etter samtykke eller avtale, kan du få i en fil som andre systemer kan lese, eller få oss til å sende til andre (artikkel 20).",
		"Opplysningar du har gitt oss etter samtykke eller avtale, kan du få i ei fil som andre system kan lese, eller få oss til å sende til andre (artikkel 20).",
		"Data that you gave us by consent or contract you can have in a file that other systems can read, or have us send to others (Article 20)."),
}

var basisNames = map[string]locale.Text{
	"6(1)(a)": text("Samtykke", "Samtykke", "Consent"),
	"6(1)(b)": text("Avtale", "Avtale", "Contract"),
	"6(1)(c)": text("Rettslig forpliktelse", "Rettsleg plikt", "Legal obligation"),
	"6(1)(d)": text("Vitale interesser", "Vitale interesser", "Vital interests"),
	"6(1)(e)": text("Oppgave i allmennhetens interesse", "Oppgåve i ålmenta si interesse", "Task in the public interest"),
	"6(1)(f)": text("Berettiget interesse", "Rettkomen interesse", "Legitimate interest"),
	"9(2)(a)": text("Uttrykkelig samtykke", "Uttrykkeleg samtykke", "Explicit consent"),
	"9(2)(b)": text("Arbeidsrett og trygderett", "Arbeidsrett og trygderett", "Employment and social security law"),
	"10":      text("Straffedommer og lovovertredelser", "Straffedommar og lovbrot", "Criminal convictions and offences"),
}

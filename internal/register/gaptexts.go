package register

import (
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// What the gaps say: what to write, and what waits for it.
var (
	gapController = locale.Text{
		NB: "Fyll inn hvem virksomheten er og hvordan den kan nås.",
		NN: "Fyll inn kven verksemda er og korleis ein kan nå henne.",
		EN: "Fill in who the organisation is and how to reach it."}
	gapHolidays = locale.Text{
		NB: "Portalen kjenner ikke helligdagene i dette landet, og regner frister som før. De landene den kjenner, står under Innstillinger.",
		NN: "Portalen kjenner ikkje heilagdagane i dette landet, og reknar fristar som før. Dei landa han kjenner, står under Innstillingar.",
		EN: "The portal does not know the public holidays of this country and counts time limits as before. The countries that it knows stand under Settings."}
	gapPurpose = locale.Text{
		NB: "Skriv hva opplysningene brukes til. Et svar på innsyn må si det.",
		NN: "Skriv kva opplysningane blir brukte til. Eit svar på innsyn må seie det.",
		EN: "Write what the data are used for. An answer to an access request must say so."}
	gapBasis = locale.Text{
		NB: "Behandlingsgrunnlaget mangler. Skriv det grunnlaget som gjaldt fra starten. Før det er gjort, kan ikke krav om sletting avgjøres, og krav om innsyn ikke besvares.",
		NN: "Behandlingsgrunnlaget manglar. Skriv det grunnlaget som galdt frå starten. Før det er gjort, kan ikkje krav om sletting avgjerast, og krav om innsyn ikkje svarast på.",
		EN: "The legal basis is missing. Write the basis that applied from the start. Until then, erasure cannot be decided, nor access answered."}
	gapLaw = locale.Text{
		NB: "Skriv hvilken lov og paragraf plikten følger av.",
		NN: "Skriv kva lov og paragraf plikta følgjer av.",
		EN: "Write the act and section that the duty follows from."}
	gapInterest = locale.Text{
		NB: "Skriv hva den berettigede interessen er. Uten den kan den ikke veies mot personens.",
		NN: "Skriv kva den rettkomne interessa er. Utan henne kan ho ikkje vegast mot interessa til personen.",
		EN: "Write what the legitimate interest is. Without it, it cannot be weighed against the person's."}
	gapSpecial = locale.Text{
		NB: "Særlige kategorier av personopplysninger trenger et eget grunnlag i artikkel 9 nr. 2.",
		NN: "Særlege kategoriar av personopplysningar treng eit eige grunnlag i artikkel 9 nr. 2.",
		EN: "Special categories of personal data need a basis of their own in Article 9(2)."}
	// What each condition of Art. 9(2) that rests on no law has to say for itself.
	gapSpecialWhy = map[string]locale.Text{
		"9(2)(a)": text("Skriv hva personen uttrykkelig samtykker til, og hvordan samtykket blir gitt.",
			"Skriv kva personen uttrykkeleg samtykkjer til, og korleis samtykket blir gitt.",
			"Write what the person explicitly consents to, and how the consent is given."),
		"9(2)(c)": text("Skriv hvilken vital interesse det gjelder, og hvorfor personen ikke kan samtykke.",
			"Skriv kva vital interesse det gjeld, og kvifor personen ikkje kan samtykkje.",
			"Write which vital interest it is, and why the person cannot consent."),
		"9(2)(d)": text("Skriv hvilket politisk, religiøst, filosofisk eller fagforeningsmessig mål organisasjonen har.",
			"Skriv kva politisk, religiøst, filosofisk eller fagforeiningsmessig mål organisasjonen har.",
			"Write which political, religious, philosophical or trade-union aim the organisation has."),
		"9(2)(e)": text("Skriv hvor personen selv har offentliggjort opplysningene.",
			"Skriv kvar personen sjølv har offentleggjort opplysningane.",
			"Write where the person has made the data public."),
		"9(2)(f)": text("Skriv hvilket rettskrav det gjelder.", "Skriv kva rettskrav det gjeld.", "Write which legal claim it is."),
	}
	gapNonProfit = locale.Text{
		NB: "Etter artikkel 9 nr. 2 bokstav d kan opplysningene ikke gis ut av organisasjonen uten samtykke. Fjern mottakeren, eller legg til samtykke (bokstav a) eller et annet vilkår i artikkel 9 nr. 2 som tillater det.",
		NN: "Etter artikkel 9 nr. 2 bokstav d kan opplysningane ikkje givast ut av organisasjonen utan samtykke. Fjern mottakaren, eller legg til samtykke (bokstav a) eller eit anna vilkår i artikkel 9 nr. 2 som tillèt det.",
		EN: "Under Article 9(2)(d) the data may not be disclosed outside the organisation without consent. Remove the recipient, or add consent (Article 9(2)(a)) or another condition of Article 9(2) that permits it."}
	gapMadePublic = locale.Text{
		NB: "Artikkel 9 nr. 2 bokstav e gjelder det personen selv har offentliggjort, men ingen kilde er personen eller åpen for alle. Rett kilden, eller velg et annet grunnlag.",
		NN: "Artikkel 9 nr. 2 bokstav e gjeld det personen sjølv har offentleggjort, men inga kjelde er personen eller open for alle. Rett kjelda, eller vel eit anna grunnlag.",
		EN: "Article 9(2)(e) is for what the person has made public, but no source is the person or open to everybody. Correct the source, or choose another basis."}
	gapSection11 = locale.Text{
		NB: "Personopplysningsloven § 11 er ikke nok alene. Legg til vilkåret i artikkel 9 nr. 2 bokstav a eller c til f, eller skriv om det er § 6, § 7 eller § 9 som gjelder.",
		NN: "Personopplysningslova § 11 er ikkje nok åleine. Legg til vilkåret i artikkel 9 nr. 2 bokstav a eller c til f, eller skriv om det er § 6, § 7 eller § 9 som gjeld.",
		EN: "Section 11 of the Personal Data Act is not enough alone. Add the condition of Article 9(2)(a) or (c) to (f), or write whether section 6, 7 or 9 applies."}
	gapJointName = locale.Text{
		NB: "Skriv navnet på den som er behandlingsansvarlig sammen med dere.",
		NN: "Skriv namnet på den som er behandlingsansvarleg saman med dykk.",
		EN: "Write the name of whoever is controller together with you."}
	gapJointContact = locale.Text{
		NB: "Skriv hvordan folk kan nå den felles behandlingsansvarlige. De kan bruke rettighetene sine overfor begge.",
		NN: "Skriv korleis folk kan nå den felles behandlingsansvarlege. Dei kan bruke rettane sine overfor begge.",
		EN: "Write how people can reach the joint controller. They can use their rights towards both."}
	gapJointEssence = locale.Text{
		NB: "Skriv det vesentligste i avtalen: hvem som gjør hva. Folk har rett til å vite det (artikkel 26 nr. 2).",
		NN: "Skriv det vesentlegaste i avtalen: kven som gjer kva. Folk har rett til å vite det (artikkel 26 nr. 2).",
		EN: "Write the essence of the arrangement: who does what. People have a right to know it (Article 26(2))."}
	gapJointActivity = locale.Text{
		NB: "Denne behandlingsaktiviteten finnes ikke i protokollen. Velg en som finnes, eller fjern den.",
		NN: "Denne behandlingsaktiviteten finst ikkje i protokollen. Vel ein som finst, eller fjern han.",
		EN: "There is no such processing activity in the record. Choose one that there is, or remove it."}
	gapProcessorName = locale.Text{
		NB: "Skriv navnet på databehandleren.", NN: "Skriv namnet på databehandlaren.", EN: "Write the name of the processor."}
	gapAgreement = locale.Text{
		NB: "Skriv hvilken databehandleravtale som gjelder, og hvor den ligger (artikkel 28 nr. 3).",
		NN: "Skriv kva databehandlaravtale som gjeld, og kvar han ligg (artikkel 28 nr. 3).",
		EN: "Write which data processing agreement applies, and where it is kept (Article 28(3))."}
	gapPersons = locale.Text{
		NB: "Skriv hvem opplysningene handler om.",
		NN: "Skriv kven opplysningane handlar om.",
		EN: "Write who the data are about."}
	gapCategories = locale.Text{
		NB: "Skriv hvilke kategorier av opplysninger dette er.",
		NN: "Skriv kva kategoriar av opplysningar dette er.",
		EN: "Write which categories of data these are."}
	gapSource = locale.Text{
		NB: "Skriv hvor opplysningene kommer fra. Et svar på innsyn må si det.",
		NN: "Skriv kvar opplysningane kjem frå. Eit svar på innsyn må seie det.",
		EN: "Write where the data come from. An answer to an access request must say so."}
	gapRecipient = locale.Text{
		NB: "Skriv navnet på mottakeren. Personen har rett til å vite hvem det er.",
		NN: "Skriv namnet på mottakaren. Personen har rett til å vite kven det er.",
		EN: "Write the recipient's name. The person has a right to know who it is."}
	gapRecipients = locale.Text{
		NB: "Skriv hvem som får opplysningene, eller at ingen andre får dem (no_recipients).",
		NN: "Skriv kven som får opplysningane, eller at ingen andre får dei (no_recipients).",
		EN: "Write who gets the data, or that nobody else does (no_recipients)."}
	gapRecipientWhy = locale.Text{
		NB: "Skriv hvorfor mottakeren får opplysningene.",
		NN: "Skriv kvifor mottakaren får opplysningane.",
		EN: "Write why the recipient gets the data."}
	gapCountry = locale.Text{
		NB: "Skriv hvilket land opplysningene er i.",
		NN: "Skriv kva land opplysningane er i.",
		EN: "Write which country the data are in."}
	gapSafeguard = locale.Text{
		NB: "Opplysningene er utenfor EØS. Skriv hvilke garantier som gjelder (artikkel 46), på mottakeren i det landet.",
		NN: "Opplysningane er utanfor EØS. Skriv kva garantiar som gjeld (artikkel 46), på mottakaren i det landet.",
		EN: "The data are outside the EEA. Write the safeguards that apply (Article 46) on the recipient in that country."}
	gapStorage = locale.Text{
		NB: "Skriv hvilket system opplysningene ligger i.",
		NN: "Skriv kva system opplysningane ligg i.",
		EN: "Write which system the data are in."}
	gapRetention = locale.Text{
		NB: "Skriv hvor lenge opplysningene lagres, eller hva som avgjør det.",
		NN: "Skriv kor lenge opplysningane blir lagra, eller kva som avgjer det.",
		EN: "Write how long the data are kept, or what decides it."}
	gapRetentionFrom = locale.Text{
		NB: "Skriv fra hvilken dag lagringstiden regnes. Uten den vet ingen når den er over.",
		NN: "Skriv frå kva dag lagringstida blir rekna. Utan den veit ingen når ho er over.",
		EN: "Write from which day the retention period counts. Without it nobody knows when it is over."}
	gapDefault = locale.Text{
		NB: "Lagringstiden er et forslag fra vanlig praksis. Bekreft den, eller skriv deres egen.",
		NN: "Lagringstida er eit framlegg frå vanleg praksis. Stadfest henne, eller skriv dykkar eiga.",
		EN: "The retention period is a suggestion from common practice. Confirm it, or write your own."}
	gapErasure = locale.Text{
		NB: "Velg hva som skjer når noen krever sletting.",
		NN: "Vel kva som skjer når nokon krev sletting.",
		EN: "Choose what happens when somebody asks for erasure."}
	gapException = locale.Text{
		NB: "Noe beholdes uten at unntaket er oppgitt. Skriv hvilken bestemmelse i artikkel 17 som gir rett til det.",
		NN: "Noko blir teke vare på utan at unntaket er oppgitt. Skriv kva føresegn i artikkel 17 som gir rett til det.",
		EN: "Something is kept without an exception. Write which provision of Article 17 allows it."}
	gapCode = locale.Text{
		NB: "Noe beholdes uten årsakskode. Skriv en, for eksempel BOOKKEEPING_13.",
		NN: "Noko blir teke vare på utan årsakskode. Skriv ein, til dømes BOOKKEEPING_13.",
		EN: "Something is kept without a reason code. Write one, such as BOOKKEEPING_13."}
	gapSentence = locale.Text{
		NB: "Skriv setningen som personen får om sletting av dette.",
		NN: "Skriv setninga som personen får om sletting av dette.",
		EN: "Write the sentence that the person gets about erasure of this."}
	gapLanguage = locale.Text{
		NB: "Teksten mangler på bokmål, nynorsk eller engelsk.",
		NN: "Teksten manglar på bokmål, nynorsk eller engelsk.",
		EN: "The text is missing in Bokmål, Nynorsk or English."}
)

// What is said of other things than what is missing: contradictions, and a notice that was published.
var (
	gapDPO = locale.Text{
		NB: "Skriv hvordan personvernombudet kan nås. Trenger dere ikke ett (artikkel 37), skriv hvorfor under no_dpo.",
		NN: "Skriv korleis ein kan nå personvernombodet. Treng de ikkje eitt (artikkel 37), skriv kvifor under no_dpo.",
		EN: "Write how to reach the data protection officer. If none is required (Article 37), write why under no_dpo."}
	gapRepresentative = locale.Text{
		NB: "Virksomheten er utenfor EØS. Skriv hvem som representerer den her (artikkel 27).",
		NN: "Verksemda er utanfor EØS. Skriv kven som representerer henne her (artikkel 27).",
		EN: "The organisation is outside the EEA. Write who represents it here (Article 27)."}
	gapCompanies = locale.Text{
		NB: "Bedrifter er lovet svar, men en bedrift har ingen rettigheter etter personvernforordningen. Skriv hvordan dere kontrollerer at den som spør, kan signere for bedriften, eller ta løftet tilbake.",
		NN: "Bedrifter er lova svar, men ei bedrift har ingen rettar etter personvernforordninga. Skriv korleis de kontrollerer at den som spør, kan signere for bedrifta, eller ta lovnaden tilbake.",
		EN: "Companies are promised an answer, but a company has no rights under the GDPR. Write how you check that whoever asks may sign for the company, or take the promise back."}
	gapPublished = locale.Text{
		NB: "Folk leser en annen personvernerklæring enn den protokollen gir. Publiser denne, som har versjon og dato, og fjern published.",
		NN: "Folk les ei anna personvernerklæring enn den protokollen gir. Publiser denne, som har versjon og dato, og fjern published.",
		EN: "People read another privacy notice than the one this register makes. Publish this one, which has a version and a date, and remove published."}
	gapCriminalIsNotSpecial = locale.Text{
		NB: "Opplysninger om straffedommer og lovovertredelser er ikke en særlig kategori. De har sin egen regel i artikkel 10.",
		NN: "Opplysningar om straffedommar og lovbrot er ikkje ein særleg kategori. Dei har sin eigen regel i artikkel 10.",
		EN: "Data on criminal convictions and offences are not a special category. They have a rule of their own in Article 10."}
	gapNotSpecial = locale.Text{
		NB: "Dette er ikke en særlig kategori av personopplysninger (artikkel 9).",
		NN: "Dette er ikkje ein særleg kategori av personopplysningar (artikkel 9).",
		EN: "This is not a special category of personal data (Article 9)."}
	gapCriminal = locale.Text{
		NB: "Opplysninger om straffedommer og lovovertredelser trenger et eget grunnlag: artikkel 10, med loven som tillater det.",
		NN: "Opplysningar om straffedommar og lovbrot treng eit eige grunnlag: artikkel 10, med lova som tillèt det.",
		EN: "Data on criminal convictions and offences need a basis of their own: Article 10, with the act that allows it."}
	gapSix = locale.Text{
		NB: "Grunnlaget i artikkel 6 mangler. Artikkel 9 og 10 kommer i tillegg til det.",
		NN: "Grunnlaget i artikkel 6 manglar. Artikkel 9 og 10 kjem i tillegg til det.",
		EN: "The basis in Article 6 is missing. Articles 9 and 10 come on top of it."}
	gapInterestMissing = locale.Text{
		NB: "Samtykke og avtale passer ikke her: besøkende har ingen avtale, og opplysninger fra andre bygger ikke på personens samtykke. Berettiget interesse (artikkel 6 nr. 1 bokstav f) mangler. Gjaldt den fra starten, skriv den og hva interessen er.",
		NN: "Samtykke og avtale passar ikkje her: besøkjande har ingen avtale, og opplysningar frå andre byggjer ikkje på samtykket til personen. Rettkomen interesse (artikkel 6 nr. 1 bokstav f) manglar. Galdt ho frå starten, skriv henne og kva interessa er.",
		EN: "Consent and contract do not fit here: visitors have no contract, and data from others do not rest on the person's consent. Legitimate interest (Article 6(1)(f)) is missing. If it applied from the start, write it and what the interest is."}
	gapEmployeeConsent = locale.Text{
		NB: "En ansatt kan sjelden si nei til arbeidsgiveren, så samtykke alene er sjelden gyldig. Skriv grunnlaget som gjelder.",
		NN: "Ein tilsett kan sjeldan seie nei til arbeidsgivaren, så samtykke åleine er sjeldan gyldig. Skriv grunnlaget som gjeld.",
		EN: "An employee can rarely say no to the employer, so consent alone is rarely valid. Write the basis that applies."}
	gapCookies = locale.Text{
		NB: "Informasjonskapsler som ikke er nødvendige, krever samtykke (ekomloven § 3-15 og artikkel 6 nr. 1 bokstav a), og at folk får vite hva de brukes til.",
		NN: "Informasjonskapslar som ikkje er nødvendige, krev samtykke (ekomlova § 3-15 og artikkel 6 nr. 1 bokstav a), og at folk får vite kva dei blir brukte til.",
		EN: "Cookies that are not necessary need consent (ekomloven § 3-15 and Article 6(1)(a)), and people must be told what they are for."}
	gapSourceVague = locale.Text{
		NB: "Skriv navnet på kilden. Har personen ikke gitt opplysningene selv, har hun rett til å vite hvor de kommer fra.",
		NN: "Skriv namnet på kjelda. Har personen ikkje gitt opplysningane sjølv, har ho rett til å vite kvar dei kjem frå.",
		EN: "Write the name of the source. Whoever did not give the data themselves has a right to know where they come from."}
	gapInformed = locale.Text{
		NB: "Opplysningene kommer fra andre enn personen. Skriv når og hvordan personen får vite det: innen en måned, eller ved første kontakt (artikkel 14 nr. 3).",
		NN: "Opplysningane kjem frå andre enn personen. Skriv når og korleis personen får vite det: innan ein månad, eller ved første kontakt (artikkel 14 nr. 3).",
		EN: "The data come from others than the person. Write when and how the person is told: within a month, or at the first contact (Article 14(3))."}
	gapObligation = locale.Text{
		NB: "Skriv om folk må gi opplysningene, og hva som skjer hvis de ikke gjør det (artikkel 13 nr. 2 bokstav e).",
		NN: "Skriv om folk må gi opplysningane, og kva som skjer dersom dei ikkje gjer det (artikkel 13 nr. 2 bokstav e).",
		EN: "Write whether people have to give the data, and what happens if they do not (Article 13(2)(e))."}
	gapConsequence = locale.Text{
		NB: "Skriv hva som skjer hvis personen ikke gir opplysningene.",
		NN: "Skriv kva som skjer dersom personen ikkje gir opplysningane.",
		EN: "Write what happens if the person does not give the data."}
	gapObligationBasis = locale.Text{
		NB: "Plikten til å gi opplysningene og behandlingsgrunnlaget sier ikke det samme. Plikt etter lov trenger artikkel 6 nr. 1 bokstav c, plikt etter avtale bokstav b.",
		NN: "Plikta til å gi opplysningane og behandlingsgrunnlaget seier ikkje det same. Plikt etter lov treng artikkel 6 nr. 1 bokstav c, plikt etter avtale bokstav b.",
		EN: "The obligation to give the data and the legal basis do not say the same. A duty by law needs Article 6(1)(c), one by contract (b)."}
	gapProtection = locale.Text{
		NB: "Skriv i hovedtrekk hvordan opplysningene er sikret.",
		NN: "Skriv i hovudtrekk korleis opplysningane er sikra.",
		EN: "Write in general terms how the data are protected."}
	gapRetentionVague = locale.Text{
		NB: "«Så lenge det er nødvendig» er ikke nok. Skriv hvor lenge, fra hvilken dag, eller hva som avgjør det.",
		NN: "«Så lenge det er nødvendig» er ikkje nok. Skriv kor lenge, frå kva dag, eller kva som avgjer det.",
		EN: "“As long as necessary” is not enough. Write how long, from which day, or what decides it."}
	gapUntilWithdrawn = locale.Text{
		NB: "Lagringen varer til et samtykke trekkes, men samtykke er ikke behandlingsgrunnlag her.",
		NN: "Lagringa varer til eit samtykke blir trekt, men samtykke er ikkje behandlingsgrunnlag her.",
		EN: "The data are kept until consent is withdrawn, but consent is no legal basis here."}
	gapNeverWithdrawn = locale.Text{
		NB: "Opplysningene bygger bare på samtykke, men lagringen slutter ikke når samtykket trekkes. Skriv until_withdrawn, eller et antall måneder.",
		NN: "Opplysningane byggjer berre på samtykke, men lagringa sluttar ikkje når samtykket blir trekt. Skriv until_withdrawn, eller eit tal på månader.",
		EN: "The data rest on consent alone, but their retention does not end when it is withdrawn. Write until_withdrawn, or a number of months."}
	gapKeptOnConsent = locale.Text{
		NB: "Opplysningene bygger bare på samtykke, men beholdes som fortsatt nødvendige. Et samtykke kan alltid trekkes (artikkel 7 nr. 3), og da er det ikke noe å bygge på.",
		NN: "Opplysningane byggjer berre på samtykke, men blir tekne vare på som framleis nødvendige. Eit samtykke kan alltid trekkjast (artikkel 7 nr. 3), og då er det ikkje noko å byggje på.",
		EN: "The data rest on consent alone, but are kept as still necessary. Consent can always be withdrawn (Article 7(3)), and then nothing is left to rest on."}
	gapLogic = locale.Text{
		NB: "Det står at noe avgjøres helautomatisk, men ikke hvordan. Skriv logikken og hva den betyr for personen (artikkel 15 nr. 1 bokstav h).",
		NN: "Det står at noko blir avgjort heilautomatisk, men ikkje korleis. Skriv logikken og kva han har å seie for personen (artikkel 15 nr. 1 bokstav h).",
		EN: "It says that something is decided by automated means alone, but not how. Write the logic and what it means for the person (Article 15(1)(h))."}
	gapWhileEmployed = locale.Text{
		NB: "Lagringen følger et arbeidsforhold, men opplysningene handler ikke om ansatte eller søkere.",
		NN: "Lagringa følgjer eit arbeidsforhold, men opplysningane handlar ikkje om tilsette eller søkjarar.",
		EN: "The data are kept for an employment, but are not about employees or applicants."}
	gapBookkeeping = locale.Text{
		NB: "Lagringen følger bokføringsloven, men rettslig forpliktelse (artikkel 6 nr. 1 bokstav c) er ikke behandlingsgrunnlag her.",
		NN: "Lagringa følgjer bokføringslova, men rettsleg plikt (artikkel 6 nr. 1 bokstav c) er ikkje behandlingsgrunnlag her.",
		EN: "The data are kept under the Bookkeeping Act, but legal obligation (Article 6(1)(c)) is no legal basis here."}
	gapOverriding = locale.Text{
		NB: "Tvingende berettigede grunner kan bare veies der grunnlaget er artikkel 6 nr. 1 bokstav e eller f.",
		NN: "Tvingande rettkomne grunnar kan berre vegast der grunnlaget er artikkel 6 nr. 1 bokstav e eller f.",
		EN: "Compelling legitimate grounds are weighed only where the basis is Article 6(1)(e) or (f)."}
	gapMarketing = locale.Text{
		NB: "Direkte markedsføring bygger på samtykke eller berettiget interesse. Ingen av dem er grunnlag her.",
		NN: "Direkte marknadsføring byggjer på samtykke eller rettkomen interesse. Ingen av dei er grunnlag her.",
		EN: "Direct marketing rests on consent or legitimate interest. Neither is a basis here."}
	gapKeepFields = locale.Text{
		NB: "Noe skal beholdes som aktiviteten ikke har. Skriv en av kategoriene ovenfor.",
		NN: "Noko skal takast vare på som aktiviteten ikkje har. Skriv ein av kategoriane ovanfor.",
		EN: "Something is to be kept that the activity does not have. Write one of its categories."}
	gapAutomatedUnsaid = locale.Text{
		NB: "Skriv om avgjørelser tas automatisk, og i så fall hvordan, eller at ingen gjør det (no_automated_decisions). Et svar på innsyn sier det.",
		NN: "Skriv om avgjerder blir tekne automatisk, og i så fall korleis, eller at ingen blir det (no_automated_decisions). Eit svar på innsyn seier det.",
		EN: "Write whether decisions are made by automated means, and if so how, or that none are (no_automated_decisions). An answer to an access request tells it."}
	gapAutomated = locale.Text{
		NB: "Helautomatiske avgjørelser er bare tillatt etter avtale, lov eller uttrykkelig samtykke (artikkel 22 nr. 2).",
		NN: "Heilautomatiske avgjerder er berre tillatne etter avtale, lov eller uttrykkeleg samtykke (artikkel 22 nr. 2).",
		EN: "Decisions by automated means alone are allowed only by contract, law or explicit consent (Article 22(2))."}
)

// gapUnnamed tells of a right that a published notice does not name (Arts. 13(2) and 14(2)).
var gapUnnamed = map[string]locale.Text{
	string(dsr.Access): text("Erklæringen nevner ikke retten til innsyn (artikkel 15).", "Erklæringa nemner ikkje retten til innsyn (artikkel 15).",
		"The notice does not name the right of access (Article 15)."),
	string(dsr.Rectification): text("Erklæringen nevner ikke retten til retting (artikkel 16).", "Erklæringa nemner ikkje retten til retting (artikkel 16).",
		"The notice does not name the right to rectification (Article 16)."),
	string(dsr.Erasure): text("Erklæringen nevner ikke retten til sletting (artikkel 17).", "Erklæringa nemner ikkje retten til sletting (artikkel 17).",
		"The notice does not name the right to erasure (Article 17)."),
	string(dsr.Restriction): text("Erklæringen nevner ikke retten til begrensning av behandling (artikkel 18).",
		"Erklæringa nemner ikkje retten til avgrensing av behandling (artikkel 18).",
		"The notice does not name the right to restriction of processing (Article 18)."),
	string(dsr.Portability): text("Erklæringen nevner ikke retten til dataportabilitet (artikkel 20).",
		"Erklæringa nemner ikkje retten til dataportabilitet (artikkel 20).",
		"The notice does not name the right to data portability (Article 20)."),
	string(dsr.Objection): text("Erklæringen nevner ikke retten til å protestere (artikkel 21). Den skal stå tydelig og for seg selv.",
		"Erklæringa nemner ikkje retten til å protestere (artikkel 21). Han skal stå tydeleg og for seg sjølv.",
		"The notice does not name the right to object (Article 21). It must stand clearly and apart."),
	WithdrawConsent: text("Erklæringen nevner ikke at et samtykke kan trekkes tilbake når som helst (artikkel 7 nr. 3).",
		"Erklæringa nemner ikkje at eit samtykke kan trekkjast tilbake når som helst (artikkel 7 nr. 3).",
		"The notice does not say that consent can be withdrawn at any time (Article 7(3))."),
	LodgeComplaint: text("Erklæringen nevner ikke retten til å klage til Datatilsynet (artikkel 77).",
		"Erklæringa nemner ikkje retten til å klage til Datatilsynet (artikkel 77).",
		"The notice does not name the right to complain to Datatilsynet (Article 77)."),
}

// gapNarrowed tells of a right that a published notice gives to fewer than the law does. The portal
// goes by the law.
var gapNarrowed = func() map[string]locale.Text {
	all := map[string]locale.Text{}
	for _, row := range dsr.Rights() {
		at := ArticleText(row.Article)
		all[string(row.Right)] = text(
			row.Name.NB+": Erklæringen gir rettigheten til færre enn loven gjør ("+at.NB+"). Loven gjelder.",
			row.Name.NN+": Erklæringa gir retten til færre enn lova gjer ("+at.NN+"). Lova gjeld.",
			row.Name.EN+": The notice gives the right to fewer than the law does ("+at.EN+"). The law holds.")
	}
	return all
}()

// gapSpecialUnnamed tells of a special category that a published notice leaves out of its list.
var gapSpecialUnnamed = map[string]locale.Text{
	"user.health_and_medical.genetic": text("Listen over særlige kategorier mangler genetiske opplysninger (artikkel 9).",
		"Lista over særlege kategoriar manglar genetiske opplysningar (artikkel 9).",
		"The list of special categories lacks genetic data (Article 9)."),
	"user.biometric": text("Listen over særlige kategorier mangler biometriske opplysninger (artikkel 9).",
		"Lista over særlege kategoriar manglar biometriske opplysningar (artikkel 9).",
		"The list of special categories lacks biometric data (Article 9)."),
}

// gapUnlistedProcessor: somebody handles data for the controller, and no contract is noted.
func gapUnlistedProcessor(name string) locale.Text {
	return locale.Text{
		NB: name + " er databehandler for dere, men står ikke i listen over databehandlere. Legg til og skriv hvilken avtale som gjelder.",
		NN: name + " er databehandlar for dykk, men står ikkje i lista over databehandlarar. Legg til og skriv kva avtale som gjeld.",
		EN: name + " is a processor for you but is not in the list of processors. Add it and write which agreement applies."}
}

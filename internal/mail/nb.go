package mail

var nb = map[Kind]letter{
	Verify: {"Bekreft e-postadressen din hos {org}", `
Noen, trolig du selv, har oppgitt denne e-postadressen hos {org} for å bruke rettighetene sine etter personvernreglene.

? Det gjelder: {right}.

Skriv denne koden på siden der du begynte:

{code}

Eller åpne lenken i den samme nettleseren og bekreft der:

{url}

[secret] Koden og lenken virker til {until}, og bare én gang. Vi spør deg aldri om koden på telefon eller i e-post. Ikke gi den til noen.

[not_you] Var det ikke deg? Da trenger du ikke å gjøre noe. Uten koden skjer det ingenting. Vil du stanse det, åpner du lenken og velger «Det var ikke jeg som ba om dette».`},

	VerifyLate: {"Koden fra {org} ble forsinket", `
Noen, trolig du selv, oppga denne e-postadressen hos {org} {when} for å bruke rettighetene sine etter personvernreglene.

E-posten vår sto stille, og koden du skulle ha fått, virker ikke lenger. Det beklager vi. Ingenting er sendt inn ennå. Be om en ny kode her:

{url}

[not_you] Var det ikke deg? Da trenger du ikke å gjøre noe.`},

	StepUp: {"Engangskode fra {org}", `
Her er engangskoden du ba om:

{code}

Koden gjelder: {reason}.

? Saksnummer: {reference}

[secret] Koden virker til {until}, og bare én gang. Vi spør deg aldri om koden på telefon eller i e-post. Ikke gi den til noen.

[not_you] Ba du ikke om koden? Da kan noen andre ha siden din åpen. Si fra til {contact}.`},

	ReceiptOfRequest: {"Vi har mottatt kravet ditt, sak {reference}", `
Vi har mottatt kravet ditt.

Saksnummer: {reference}
Mottatt: {received}
Det gjelder: {right}
Du får svar senest {due}.

? Slik har vi forstått kravet:
{lines}

Det er gratis, og du trenger ikke å gjøre noe nå. Må vi spørre deg om noe, får du en e-post.

Her kan du følge saken, skrive til oss og trekke kravet:

{url}

? Personvernerklæringen som gjaldt da kravet kom inn: {notice}.

[not_you] Har du ikke bedt om dette? Si fra til {contact}.`},

	ReceiptForChild: {"Vi har fått kravet ditt, sak {reference}", `
Hei! Vi har fått kravet ditt.

Nummeret på saken er {reference}.
Den kom til oss {received} og gjelder {right}.
Du får svar senest {due}.

? Dette har du bedt om:
{lines}

Opplysningene om deg er dine. Derfor kan du spørre oss om dem, og det koster ingenting.

Du trenger ikke å gjøre noe nå. Er det noe vi må spørre om, skriver vi til deg. Her kan du se hvordan det går, og skrive til oss:

{url}

? Slik bruker vi opplysninger om folk, står i: {notice}.

[not_you] Forstår du ikke dette, kan du spørre oss eller en voksen du stoler på. Har du ikke bedt om noe? Si fra til {contact}.`},

	IdentityClosed: {"Saken er avsluttet, {reference}", `
[why] Vi spurte om noe som kan vise at det er du som har sendt kravet, og har ikke fått svar. Vi er i tvil om hvem du er, og da kan vi ikke gi ut eller endre opplysninger. Derfor er saken avsluttet.

[again] Saken kan tas opp igjen. Svar på spørsmålet her innen 90 dager, så fortsetter vi der den sluttet:

{url}

[complaint] Er du uenig, kan du klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, datatilsynet.no. Du kan også bringe saken inn for domstolene.`},

	ClarificationClosed: {"Saken er avsluttet, {reference}", `
[why] Vi spurte hva kravet ditt gjelder, og har ikke fått svar. Derfor er saken avsluttet.

[again] Saken kan tas opp igjen. Svar på spørsmålet her innen 90 dager, så går vi videre der den sluttet. Du trenger ikke avgrense kravet: Du kan svare at det gjelder alt.

{url}

[complaint] Er du uenig, kan du klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, datatilsynet.no. Du kan også bringe saken inn for domstolene.`},

	QuestionIdentity: {"Vi må vite at det er deg, sak {reference}", `
Før vi kan svare på kravet ditt, må vi være sikre på at det er du som spør. Slik hindrer vi at opplysningene dine kommer til uvedkommende.

Hvorfor vi er i tvil, hva som er nok, og hvilke måter du kan velge mellom, står i saken:

{url}

[masking] Ikke send kopi av pass eller førerkort. Velger du å vise et dokument, kan du dekke over alt vi ikke har spurt om.

? Svarfristen står stille fra {paused} til du har svart.`},

	QuestionClarification: {"Vi har et spørsmål om kravet ditt, sak {reference}", `
[everything] Vi har et spørsmål om hva kravet ditt gjelder. Du kan fortsatt be om alt.

Spørsmålet, og hva slags opplysninger vi behandler, står i saken:

{url}

? Svarfristen står stille fra {paused} til du har svart.`},

	QuestionOlderAddress: {"Kan vi ha deg registrert på en annen måte? Sak {reference}", `
Så langt har vi ikke funnet noen opplysninger om deg. Kan du ha brukt en annen e-postadresse, et telefonnummer eller et kundenummer hos oss?

Svar i saken:

{url}

? Det er frivillig å svare. Har du ikke svart innen {until}, avslutter vi letingen med det vi vet.`},

	ConfirmContact: {"Er det du som har skrevet til oss? Sak {reference}", `
Noen har sendt et krav etter personvernreglene til {org} og oppgitt noe som hører sammen med denne e-postadressen. Er det du som har sendt kravet?

Hvis det er deg, åpner du siden og skriver inn koden:

{url}

{code}

[secret] Koden virker til {until}, og bare én gang. Ikke gi den til noen. Ber noen deg om koden, er det ikke oss.

[not_you] Er det ikke deg? Da trenger du ikke å gjøre noe, og vi gir ikke ut noe. Si gjerne fra til {contact}.`},

	ContactNotice: {"Noen har bedt om opplysninger som denne adressen er knyttet til", `
Vi har mottatt et krav etter personvernreglene. Det gjelder: {right}. Denne e-postadressen er knyttet til de samme opplysningene, derfor sier vi fra til deg også.

Saksnummer: {reference}

Er det du selv som har bedt om det, trenger du ikke å gjøre noe.

[not_you] Kjenner du ikke til kravet? Si fra til {contact} før {until}.`},

	NewMessage: {"Ny melding i saken din, {reference}", `
Det er en ny melding til deg i saken. Les den og svar her:

{url}`},

	Extension: {"Vi trenger mer tid, sak {reference}", `
Vi trenger mer tid til å svare på kravet ditt. Du får svar senest {due}.

Hvorfor vi trenger mer tid, står i saken:

{url}

[complaint] Er du ikke enig, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	AnswerReady: {"Svaret ditt er klart, sak {reference}", `
Svaret på kravet ditt er klart. Opplysningene ligger ikke i denne e-posten. Du laster dem ned fra saken:

{url}

Før nedlasting sender vi deg en ny engangskode. Du kan laste ned til {until}.

? Personvernerklæringen som gjaldt da kravet kom inn: {notice}.

[complaint] Er noe feil, eller savner du noe, kan du skrive til oss i saken. Er du ikke enig i svaret, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	AnswerPart: {"En del av svaret ditt er klar, sak {reference}", `
En del av svaret på kravet ditt er klar. Resten kommer senere. Hva som mangler, og når det kommer, står i saken, og der laster du ned det som er klart:

{url}

Før nedlasting sender vi deg en ny engangskode.

[complaint] Er noe feil, kan du skrive til oss i saken. Er du ikke enig, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	AnswerCorrected: {"Vi har rettet svaret vårt, sak {reference}", `
Noe i svaret vi ga deg, var feil eller manglet. Hva det var, og hva som er riktig, står i saken:

{url}

[complaint] Er du ikke enig, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	AnswerDone: {"Kravet ditt er behandlet, sak {reference}", `
Vi har behandlet kravet ditt. Det gjelder: {right}.

I tall ble det slik:
{lines}

Beholder vi noe, står det i saken hva, hvorfor og hvor lenge. Der står også hvem som har fått opplysningene av oss, og som vi sier fra til:

{url}

[backups] Sikkerhetskopier blir slettet etter hvert som de går ut på tid.

? Personvernerklæringen som gjaldt da kravet kom inn: {notice}.

[complaint] Er du ikke enig, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	Refused: {"Svar på kravet ditt, sak {reference}", `
Vi har behandlet kravet ditt og kan ikke etterkomme det. Hva det gjelder, hvilken bestemmelse vi bygger på, og begrunnelsen står i saken:

{url}

? Personvernerklæringen som gjaldt da kravet kom inn: {notice}.

[complaint] Er du ikke enig, kan du skrive til oss i saken. Du kan også klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	NothingFound: {"Vi fant ingen opplysninger om deg, sak {reference}", `
Vi har lett og fant ingen opplysninger om deg.

Her har vi lett:
{lines}

Har du brukt en annen e-postadresse, et telefonnummer eller et kundenummer hos oss? Skriv til oss i saken, så leter vi igjen:

{url}

? Personvernerklæringen som gjaldt da kravet kom inn: {notice}.

[complaint] Er du ikke enig, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	Withdrawn: {"Kravet ditt er trukket, sak {reference}", `
Kravet ditt er trukket, og vi gjør ikke mer med det. Du kan når som helst sende et nytt:

{url}

[not_you] Har du ikke trukket kravet? Si fra til {contact}.`},

	PackageDownloaded: {"Svaret ditt er lastet ned, sak {reference}", `
Svaret i saken ble lastet ned {when}.

Var det deg, trenger du ikke å gjøre noe.

[not_you] Var det ikke deg? Si fra til {contact} med en gang.`},

	EraseLastCall: {"Vi sletter snart opplysningene dine, sak {reference}", `
Kravet ditt om sletting er godkjent. Vi sletter opplysningene dine etter {until}. Det kan ikke gjøres om.

Til da kan du avbryte, eller be om en kopi først:

{url}

? Koden til saken er:
{code}

Vil du at vi skal slette, trenger du ikke å gjøre noe.

[not_you] Har du ikke bedt om sletting? Avbryt i saken, eller si fra til {contact}.`},

	RestrictionBegun: {"Vi bruker ikke opplysningene mens vi ser på saken, {reference}", `
Noen av opplysningene dine lagrer vi nå bare. Vi bruker dem ikke mens vi ser på saken. Hvilke det er, hvorfor og hva det betyr, står i saken:

{url}

[told_before] Du får beskjed før begrensningen oppheves.

[complaint] Er du ikke enig, kan du skrive til oss i saken. Du kan også klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	RestrictionLifting: {"Vi tar snart i bruk opplysninger igjen, sak {reference}", `
Noen av opplysningene dine har vi bare lagret, og ikke brukt. Den begrensningen oppheves snart. I saken står det når, og hvorfor:

{url}

? Koden til saken er:
{code}

[complaint] Er du ikke enig, kan du svare i saken før den tid, klage til Datatilsynet (www.datatilsynet.no) eller bringe saken inn for domstolene.`},

	AddressChanging: {"E-postadressen din hos {org} skal byttes", `
Noen, trolig du selv, har bedt om at sakene dine hos {org} skal følge en annen e-postadresse. Den nye adressen gjelder fra {until}. Til da går alt hit som før.

? Det gjelder saken {reference}.

[not_you] Var det ikke deg? Da kan du stoppe byttet før den tid. Åpne siden og trykk på knappen:

{url}

Var det deg, trenger du ikke å gjøre noe.`},

	AddressChanged: {"E-postadressen din hos {org} er byttet", `
Fra {when} følger sakene dine hos {org} en annen e-postadresse enn før. E-post om sakene går til den nye adressen, og det er den du bekrefter når du vil se dem.

? Det gjelder saken {reference}.

[not_you] Har du ikke bedt om det? Si fra med en gang: {contact}.`},

	StaffNewRequest: {"Nytt krav: {reference}", `
Det har kommet et nytt krav.

Saksnummer: {reference}
Det gjelder: {right}
Mottatt: {received}
Svarfrist: {due}

{url}`},

	StaffReply: {"Svar i saken {reference}", `
Det har kommet en melding i saken {reference}.

Svarfrist: {due}

{url}`},

	StaffNeedsHuman: {"Saken {reference} trenger deg", `
Saken {reference} kommer ikke videre av seg selv.

Grunn: {reason}

? Svarfrist: {due}

{url}`},

	StaffApproval: {"Saken {reference} venter på godkjenning", `
En plan i saken {reference} er klar og må godkjennes av en annen enn den som laget den.

Det gjelder: {right}
Svarfrist: {due}

{url}`},

	StaffMarks: {"Begrensninger må ordnes for hånd: {reference}", `
I saken {reference} er det opplysninger som skal merkes som begrenset, eller ikke lenger være det. Portalen kan ikke gjøre det alene. I saken står det hvor.

{url}`},

	StaffDeadlineWarning: {"Svarfristen nærmer seg: {reference}", `
Saken {reference} er ikke besvart. Svarfristen er {due}.

Det gjelder: {right}

{url}`},

	StaffRefusalDue: {"Frist for å avslå: {reference}", `
Svarfristen i sak {reference} er forlenget til {due}, men det gjelder ikke et avslag. Skal hele kravet avslås, må personen få vite det innen én måned, senest {until} (artikkel 12 nr. 4). Etter den dagen er et avslag for sent.

Det gjelder: {right}

{url}`},

	StaffRecipients: {"Mottakere må følges opp, sak {reference}", `
Noen som har fått opplysninger fra oss, må få vite hva som er gjort, eller har ikke svart på at de har fått vite det. Se hvem i saken:

{url}`},

	StaffBreach: {"Et avvik må vurderes", `
Et avvik er registrert hos {org}. Vurder om Datatilsynet og de som er berørt, skal ha beskjed. Skal Datatilsynet ha det, er fristen {until}.

{url}`},

	StaffBreachDue: {"72 timer er snart gått: et avvik", `
Datatilsynet har ikke fått beskjed om et avvik hos {org}, og ingen har skrevet at det ikke er nødvendig. Fristen er {until}.

{url}`},

	StaffDrillDue: {"Ta en øvelse", `
Det er mer enn ett år siden noen hos {org} behandlet et krav om personvern eller tok en øvelse. Ta en øvelse, så sitter det når et krav kommer: Personen er oppdiktet, ingen får e-post, og ingenting endres i systemene deres.

{url}`},

	StaffInvite: {"Invitasjon til personvernportalen hos {org}", `
Du er invitert til å behandle personvernsaker hos {org}. Åpne lenken og velg hvordan du vil logge inn:

{url}

Lenken virker til {until}, og bare én gang. Ventet du ikke på dette, kan du se bort fra e-posten.`},

	StaffRecover: {"Ny innlogging hos {org}", `
Du kan nå velge på nytt hvordan du logger inn i personvernportalen hos {org}. Det du logget inn med før, slutter da å virke:

{url}

Lenken virker til {until}, og bare én gang.

[not_you] Har du ikke bedt om dette? Ikke bruk lenken, og si fra til administratoren med en gang: {contact}.`},

	StaffAccount: {"Innloggingen din hos {org}", `
{reason} Det skjedde {when}.

Her ser du hvordan du kan logge inn, og hvor du er logget inn:

{url}

[not_you] Var det ikke deg? Logg ut de andre stedene på siden over, fjern det du ikke kjenner igjen, og si fra til administratoren med en gang: {contact}.`},

	StaffAlarm: {"Personvernportalen trenger tilsyn", `
Noe i portalen må ses til av den som drifter den.

Grunn: {reason}

? Slik ser det ut:
{lines}

{url}`},

	StaffCheckpoint: {"Kontrollpunkt for loggen til {org}", `
Dette er det nyeste signerte kontrollpunktet for loggen i personvernportalen til {org} per {when}. Det har ingen personopplysninger. Ta vare på e-posten: ingen kan endre det som står i loggen fra før, uten at dette avslører det.

{lines}

Lagre teksten i e-posten som en fil, og hold loggen opp mot den med: mininfo audit verify --checkpoint FIL`},

	ColleagueTasks: {"Kan du se etter for {org}?", `
Vi har fått krav etter personvernreglene og trenger at du ser etter. Hver lenke gjelder én oppgave. Du trenger ingen konto.

{links}

Hvem det gjelder, ser du først når du har åpnet lenken og bekreftet med et klikk. Der laster du opp det du finner, eller svarer at det ikke er noe.

[private] Lenkene er bare til deg. Ikke send dem videre, og ikke svar på denne e-posten med opplysninger om noen.

Er dette ikke noe for deg? Si fra til {contact}.`},

	ColleagueReminder: {"Påminnelse: vi venter på svar fra deg", `
Vi har spurt deg før og venter på svar. Personen har rett til svar innen fristen. Hver lenke gjelder én oppgave. Du trenger ingen konto.

{links}

[private] Dette er nye lenker. De er bare til deg. Ikke send dem videre, og ikke svar på denne e-posten med opplysninger om noen.

Får du det ikke til? Si fra til {contact}.`},

	RecipientNotice: {"Opplysninger dere har fått fra {org} er endret eller slettet, {reference}", `
[duty] Dere har fått personopplysninger fra oss. Noe av det er nå rettet, slettet eller begrenset. Vi har plikt til å si fra til dere (personvernforordningen artikkel 19).

Hvem det gjelder, og hva dere må gjøre, ser dere når dere har åpnet lenken og bekreftet med et klikk:

{url}

[private] Der svarer dere at det er gjort, eller hvorfor det ikke er mulig. Lenken virker til {until}. Ikke svar på denne e-posten med opplysninger om noen.

Er dette ikke noe for dere? Si fra til {contact}.`},

	RecipientReminder: {"Påminnelse: vi venter på svar fra dere, {reference}", `
Vi har sagt fra om at personopplysninger dere har fått fra oss, er rettet, slettet eller begrenset, og venter på svar:

{url}

[private] Dette er en ny lenke. Den virker til {until}. Ikke svar på denne e-posten med opplysninger om noen.

Får dere det ikke til? Si fra til {contact}.`},
}

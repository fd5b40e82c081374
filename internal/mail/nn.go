package mail

var nn = map[Kind]letter{
	Verify: {"Stadfest e-postadressa di hos {org}", `
Nokon, truleg du sjølv, har oppgitt denne e-postadressa hos {org} for å bruke rettane sine etter personvernreglane.

? Det gjeld: {right}.

Skriv denne koden på sida der du byrja:

{code}

Eller opne lenkja i den same nettlesaren og stadfest der:

{url}

[secret] Koden og lenkja verkar til {until}, og berre éin gong. Vi spør deg aldri om koden på telefon eller i e-post. Ikkje gi han til nokon.

[not_you] Var det ikkje deg? Då treng du ikkje å gjere noko. Utan koden skjer det ingenting. Vil du stanse det, opnar du lenkja og vel «Det var ikkje eg som bad om dette».`},

	VerifyLate: {"Koden frå {org} vart forseinka", `
Nokon, truleg du sjølv, oppgav denne e-postadressa hos {org} {when} for å bruke rettane sine etter personvernreglane.

E-posten vår stod stille, og koden du skulle ha fått, verkar ikkje lenger. Det er vi lei for. Ingenting er sendt inn enno. Be om ein ny kode her:

{url}

[not_you] Var det ikkje deg? Då treng du ikkje å gjere noko.`},

	StepUp: {"Eingongskode frå {org}", `
Her er eingongskoden du bad om:

{code}

Koden gjeld: {reason}.

? Saksnummer: {reference}

[secret] Koden verkar til {until}, og berre éin gong. Vi spør deg aldri om koden på telefon eller i e-post. Ikkje gi han til nokon.

[not_you] Bad du ikkje om koden? Då kan nokon andre ha sida di open. Sei frå til {contact}.`},

	ReceiptOfRequest: {"Vi har motteke kravet ditt, sak {reference}", `
Vi har motteke kravet ditt.

Saksnummer: {reference}
Motteke: {received}
Det gjeld: {right}
Du får svar seinast {due}.

? Slik har vi forstått kravet:
{lines}

Det er gratis, og du treng ikkje å gjere noko no. Må vi spørje deg om noko, får du ein e-post.

Her kan du følgje saka, skrive til oss og trekkje kravet:

{url}

? Personvernerklæringa som galdt då kravet kom inn: {notice}.

[not_you] Har du ikkje bede om dette? Sei frå til {contact}.`},

	ReceiptForChild: {"Vi har fått kravet ditt, sak {reference}", `
Hei! Vi har fått kravet ditt.

Nummeret på saka er {reference}.
Ho kom til oss {received} og gjeld {right}.
Du får svar seinast {due}.

? Dette har du bede om:
{lines}

Opplysningane om deg er dine. Difor kan du spørje oss om dei, og det kostar ingenting.

Du treng ikkje å gjere noko no. Er det noko vi må spørje om, skriv vi til deg. Her kan du sjå korleis det går, og skrive til oss:

{url}

? Slik bruker vi opplysningar om folk, står i: {notice}.

[not_you] Forstår du ikkje dette, kan du spørje oss eller ein vaksen du stoler på. Har du ikkje bede om noko? Sei frå til {contact}.`},

	IdentityClosed: {"Saka er avslutta, {reference}", `
[why] Vi spurde om noko som kan vise at det er du som har sendt kravet, og har ikkje fått svar. Vi er i tvil om kven du er, og då kan vi ikkje gi ut eller endre opplysningar. Difor er saka avslutta.

[again] Saka kan takast opp att. Svar på spørsmålet her innan 90 dagar, så held vi fram der ho slutta:

{url}

[complaint] Er du usamd, kan du klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, datatilsynet.no. Du kan òg bringe saka inn for domstolane.`},

	ClarificationClosed: {"Saka er avslutta, {reference}", `
[why] Vi spurde kva kravet ditt gjeld, og har ikkje fått svar. Difor er saka avslutta.

[again] Saka kan takast opp att. Svar på spørsmålet her innan 90 dagar, så går vi vidare der ho slutta. Du treng ikkje avgrense kravet: Du kan svare at det gjeld alt.

{url}

[complaint] Er du usamd, kan du klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, datatilsynet.no. Du kan òg bringe saka inn for domstolane.`},

	QuestionIdentity: {"Vi må vite at det er deg, sak {reference}", `
Før vi kan svare på kravet ditt, må vi vere sikre på at det er du som spør. Slik hindrar vi at opplysningane dine kjem til uvedkomande.

Kvifor vi er i tvil, kva som er nok, og kva måtar du kan velje mellom, står i saka:

{url}

[masking] Ikkje send kopi av pass eller førarkort. Vel du å vise eit dokument, kan du dekkje over alt vi ikkje har spurt om.

? Svarfristen står stille frå {paused} til du har svara.`},

	QuestionClarification: {"Vi har eit spørsmål om kravet ditt, sak {reference}", `
[everything] Vi har eit spørsmål om kva kravet ditt gjeld. Du kan framleis be om alt.

Spørsmålet, og kva slags opplysningar vi behandlar, står i saka:

{url}

? Svarfristen står stille frå {paused} til du har svara.`},

	QuestionOlderAddress: {"Kan vi ha deg registrert på ein annan måte? Sak {reference}", `
Så langt har vi ikkje funne nokon opplysningar om deg. Kan du ha brukt ei anna e-postadresse, eit telefonnummer eller eit kundenummer hos oss?

Svar i saka:

{url}

? Det er frivillig å svare. Har du ikkje svara innan {until}, avsluttar vi leitinga med det vi veit.`},

	ConfirmContact: {"Er det du som har skrive til oss? Sak {reference}", `
Nokon har sendt eit krav etter personvernreglane til {org} og oppgitt noko som høyrer saman med denne e-postadressa. Er det du som har sendt kravet?

Om det er deg, opnar du sida og skriv inn koden:

{url}

{code}

[secret] Koden verkar til {until}, og berre éin gong. Ikkje gi han til nokon. Ber nokon deg om koden, er det ikkje oss.

[not_you] Er det ikkje deg? Då treng du ikkje å gjere noko, og vi gir ikkje ut noko. Sei gjerne frå til {contact}.`},

	ContactNotice: {"Nokon har bede om opplysningar som denne adressa er knytt til", `
Vi har motteke eit krav etter personvernreglane. Det gjeld: {right}. Denne e-postadressa er knytt til dei same opplysningane, derfor seier vi frå til deg òg.

Saksnummer: {reference}

Er det du sjølv som har bede om det, treng du ikkje å gjere noko.

[not_you] Kjenner du ikkje til kravet? Sei frå til {contact} før {until}.`},

	NewMessage: {"Ny melding i saka di, {reference}", `
Det er ei ny melding til deg i saka. Les henne og svar her:

{url}`},

	Extension: {"Vi treng meir tid, sak {reference}", `
Vi treng meir tid til å svare på kravet ditt. Du får svar seinast {due}.

Kvifor vi treng meir tid, står i saka:

{url}

[complaint] Er du ikkje samd, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	AnswerReady: {"Svaret ditt er klart, sak {reference}", `
Svaret på kravet ditt er klart. Opplysningane ligg ikkje i denne e-posten. Du lastar dei ned frå saka:

{url}

Før nedlasting sender vi deg ein ny eingongskode. Du kan laste ned til {until}.

? Personvernerklæringa som galdt då kravet kom inn: {notice}.

[complaint] Er noko feil, eller saknar du noko, kan du skrive til oss i saka. Er du ikkje samd i svaret, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	AnswerPart: {"Ein del av svaret ditt er klar, sak {reference}", `
Ein del av svaret på kravet ditt er klar. Resten kjem seinare. Kva som manglar, og når det kjem, står i saka, og der lastar du ned det som er klart:

{url}

Før nedlasting sender vi deg ein ny eingongskode.

[complaint] Er noko feil, kan du skrive til oss i saka. Er du ikkje samd, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	AnswerCorrected: {"Vi har retta svaret vårt, sak {reference}", `
Noko i svaret vi gav deg, var feil eller mangla. Kva det var, og kva som er rett, står i saka:

{url}

[complaint] Er du ikkje samd, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	AnswerDone: {"Kravet ditt er behandla, sak {reference}", `
Vi har behandla kravet ditt. Det gjeld: {right}.

I tal vart det slik:
{lines}

Tek vi vare på noko, står det i saka kva, kvifor og kor lenge. Der står òg kven som har fått opplysningane av oss, og som vi seier frå til:

{url}

[backups] Tryggingskopiar blir sletta etter kvart som dei går ut på tid.

? Personvernerklæringa som galdt då kravet kom inn: {notice}.

[complaint] Er du ikkje samd, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	Refused: {"Svar på kravet ditt, sak {reference}", `
Vi har behandla kravet ditt og kan ikkje etterkome det. Kva det gjeld, kva føresegn vi byggjer på, og grunngivinga står i saka:

{url}

? Personvernerklæringa som galdt då kravet kom inn: {notice}.

[complaint] Er du ikkje samd, kan du skrive til oss i saka. Du kan òg klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	NothingFound: {"Vi fann ingen opplysningar om deg, sak {reference}", `
Vi har leita og fann ingen opplysningar om deg.

Her har vi leita:
{lines}

Har du brukt ei anna e-postadresse, eit telefonnummer eller eit kundenummer hos oss? Skriv til oss i saka, så leitar vi igjen:

{url}

? Personvernerklæringa som galdt då kravet kom inn: {notice}.

[complaint] Er du ikkje samd, kan du klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	Withdrawn: {"Kravet ditt er trekt, sak {reference}", `
Kravet ditt er trekt, og vi gjer ikkje meir med det. Du kan når som helst sende eit nytt:

{url}

[not_you] Har du ikkje trekt kravet? Sei frå til {contact}.`},

	PackageDownloaded: {"Svaret ditt er lasta ned, sak {reference}", `
Svaret i saka vart lasta ned {when}.

Var det deg, treng du ikkje å gjere noko.

[not_you] Var det ikkje deg? Sei frå til {contact} med ein gong.`},

	EraseLastCall: {"Vi slettar snart opplysningane dine, sak {reference}", `
Kravet ditt om sletting er godkjent. Vi slettar opplysningane dine etter {until}. Det kan ikkje gjerast om.

Til då kan du avbryte, eller be om ein kopi først:

{url}

? Koden til saka er:
{code}

Vil du at vi skal slette, treng du ikkje å gjere noko.

[not_you] Har du ikkje bede om sletting? Avbryt i saka, eller sei frå til {contact}.`},

	RestrictionBegun: {"Vi bruker ikkje opplysningane medan vi ser på saka, {reference}", `
Nokre av opplysningane dine lagrar vi no berre. Vi bruker dei ikkje medan vi ser på saka. Kva for nokre det er, kvifor og kva det betyr, står i saka:

{url}

[told_before] Du får melding før avgrensinga blir oppheva.

[complaint] Er du ikkje samd, kan du skrive til oss i saka. Du kan òg klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	RestrictionLifting: {"Vi tek snart i bruk opplysningar igjen, sak {reference}", `
Nokre av opplysningane dine har vi berre lagra, og ikkje brukt. Den avgrensinga blir snart oppheva. I saka står det når, og kvifor:

{url}

? Koden til saka er:
{code}

[complaint] Er du ikkje samd, kan du svare i saka før den tid, klage til Datatilsynet (www.datatilsynet.no) eller bringe saka inn for domstolane.`},

	AddressChanging: {"E-postadressa di hos {org} skal bytast", `
Nokon, truleg du sjølv, har bede om at sakene dine hos {org} skal følgje ei anna e-postadresse. Den nye adressa gjeld frå {until}. Til då går alt hit som før.

? Det gjeld saka {reference}.

[not_you] Var det ikkje deg? Då kan du stoppe bytet før den tid. Opne sida og trykk på knappen:

{url}

Var det deg, treng du ikkje å gjere noko.`},

	AddressChanged: {"E-postadressa di hos {org} er bytt", `
Frå {when} følgjer sakene dine hos {org} ei anna e-postadresse enn før. E-post om sakene går til den nye adressa, og det er den du stadfestar når du vil sjå dei.

? Det gjeld saka {reference}.

[not_you] Har du ikkje bede om det? Sei frå med ein gong: {contact}.`},

	StaffNewRequest: {"Nytt krav: {reference}", `
Det har kome eit nytt krav.

Saksnummer: {reference}
Det gjeld: {right}
Motteke: {received}
Svarfrist: {due}

{url}`},

	StaffReply: {"Svar i saka {reference}", `
Det har kome ei melding i saka {reference}.

Svarfrist: {due}

{url}`},

	StaffNeedsHuman: {"Saka {reference} treng deg", `
Saka {reference} kjem ikkje vidare av seg sjølv.

Grunn: {reason}

? Svarfrist: {due}

{url}`},

	StaffApproval: {"Saka {reference} ventar på godkjenning", `
Ein plan i saka {reference} er klar og må godkjennast av ein annan enn den som laga han.

Det gjeld: {right}
Svarfrist: {due}

{url}`},

	StaffMarks: {"Avgrensingar må ordnast for hand: {reference}", `
I saka {reference} er det opplysningar som skal merkast som avgrensa, eller ikkje lenger vere det. Portalen kan ikkje gjere det åleine. I saka står det kvar.

{url}`},

	StaffDeadlineWarning: {"Svarfristen nærmar seg: {reference}", `
Saka {reference} er ikkje svara på. Svarfristen er {due}.

Det gjeld: {right}

{url}`},

	StaffRefusalDue: {"Frist for å avslå: {reference}", `
Svarfristen i sak {reference} er lengd til {due}, men det gjeld ikkje eit avslag. Skal heile kravet avslåast, må personen få vite det innan éin månad, seinast {until} (artikkel 12 nr. 4). Etter den dagen er eit avslag for seint.

Det gjeld: {right}

{url}`},

	StaffRecipients: {"Mottakarar må følgjast opp, sak {reference}", `
Nokon som har fått opplysningar frå oss, må få vite kva som er gjort, eller har ikkje svara på at dei har fått vite det. Sjå kven i saka:

{url}`},

	StaffBreach: {"Eit avvik må vurderast", `
Eit avvik er registrert hos {org}. Vurder om Datatilsynet og dei det gjeld, skal ha beskjed. Skal Datatilsynet ha det, er fristen {until}.

{url}`},

	StaffBreachDue: {"72 timar er snart gått: eit avvik", `
Datatilsynet har ikkje fått beskjed om eit avvik hos {org}, og ingen har skrive at det ikkje er nødvendig. Fristen er {until}.

{url}`},

	StaffDrillDue: {"Ta ei øving", `
Det er meir enn eitt år sidan nokon hos {org} behandla eit krav om personvern eller tok ei øving. Ta ei øving, så sit det når eit krav kjem: Personen er oppdikta, ingen får e-post, og ingenting blir endra i systema dykkar.

{url}`},

	StaffInvite: {"Invitasjon til personvernportalen hos {org}", `
Du er invitert til å behandle personvernsaker hos {org}. Opne lenkja og vel korleis du vil logge inn:

{url}

Lenkja verkar til {until}, og berre éin gong. Venta du ikkje på dette, kan du sjå bort frå e-posten.`},

	StaffRecover: {"Ny innlogging hos {org}", `
Du kan no velje på nytt korleis du loggar inn i personvernportalen hos {org}. Det du logga inn med før, sluttar då å verke:

{url}

Lenkja verkar til {until}, og berre éin gong.

[not_you] Har du ikkje bede om dette? Ikkje bruk lenkja, og sei frå til administratoren med ein gong: {contact}.`},

	StaffAccount: {"Innlogginga di hos {org}", `
{reason} Det skjedde {when}.

Her ser du korleis du kan logge inn, og kvar du er logga inn:

{url}

[not_you] Var det ikkje deg? Logg ut dei andre stadene på sida over, fjern det du ikkje kjenner att, og sei frå til administratoren med ein gong: {contact}.`},

	StaffAlarm: {"Personvernportalen treng tilsyn", `
Noko i portalen må sjåast til av den som driftar han.

Grunn: {reason}

? Slik ser det ut:
{lines}

{url}`},

	StaffCheckpoint: {"Kontrollpunkt for loggen til {org}", `
Dette er det nyaste signerte kontrollpunktet for loggen i personvernportalen til {org} per {when}. Det har ingen personopplysningar. Ta vare på e-posten: ingen kan endre det som står i loggen frå før, utan at dette avslører det.

{lines}

Lagre teksten i e-posten som ei fil, og hald loggen opp mot henne med: mininfo audit verify --checkpoint FIL`},

	ColleagueTasks: {"Kan du sjå etter for {org}?", `
Vi har fått krav etter personvernreglane og treng at du ser etter. Kvar lenkje gjeld éi oppgåve. Du treng ingen konto.

{links}

Kven det gjeld, ser du først når du har opna lenkja og stadfesta med eit klikk. Der lastar du opp det du finn, eller svarar at det ikkje er noko.

[private] Lenkjene er berre til deg. Ikkje send dei vidare, og ikkje svar på denne e-posten med opplysningar om nokon.

Er dette ikkje noko for deg? Sei frå til {contact}.`},

	ColleagueReminder: {"Påminning: vi ventar på svar frå deg", `
Vi har spurt deg før og ventar på svar. Personen har rett til svar innan fristen. Kvar lenkje gjeld éi oppgåve. Du treng ingen konto.

{links}

[private] Dette er nye lenkjer. Dei er berre til deg. Ikkje send dei vidare, og ikkje svar på denne e-posten med opplysningar om nokon.

Får du det ikkje til? Sei frå til {contact}.`},

	RecipientNotice: {"Opplysningar de har fått frå {org} er endra eller sletta, {reference}", `
[duty] De har fått personopplysningar frå oss. Noko av det er no retta, sletta eller avgrensa. Vi har plikt til å seie frå til dykk (personvernforordninga artikkel 19).

Kven det gjeld, og kva de må gjere, ser de når de har opna lenkja og stadfesta med eit klikk:

{url}

[private] Der svarer de at det er gjort, eller kvifor det ikkje er mogleg. Lenkja verkar til {until}. Ikkje svar på denne e-posten med opplysningar om nokon.

Er dette ikkje noko for dykk? Sei frå til {contact}.`},

	RecipientReminder: {"Påminning: vi ventar på svar frå dykk, {reference}", `
Vi har sagt frå om at personopplysningar de har fått frå oss, er retta, sletta eller avgrensa, og ventar på svar:

{url}

[private] Dette er ei ny lenkje. Ho verkar til {until}. Ikkje svar på denne e-posten med opplysningar om nokon.

Får de det ikkje til? Sei frå til {contact}.`},
}

package register

import "mininfo/internal/locale"

// The sentences of proposals. Those with %s take a date.
var (
	textByHand = locale.Text{
		NB: "En saksbehandler må se på dette før vi kan svare.",
		NN: "Ein saksbehandlar må sjå på dette før vi kan svare.",
		EN: "A case handler has to look at this before we can answer."}
	textNotLinkable = locale.Text{
		NB: "Vi kan ikke se hvem disse opplysningene gjelder. Oppgir du IP-adresse og tidspunkt, leter vi videre.",
		NN: "Vi kan ikkje sjå kven desse opplysningane gjeld. Oppgir du IP-adresse og tidspunkt, leitar vi vidare.",
		EN: "We cannot tell whose data these are. If you give us IP address and time, we will look again."}
	textShared = locale.Text{
		NB: "Opplysningene gjelder også andre enn deg. En saksbehandler vurderer hva som kan gjøres uten å gå ut over dem.",
		NN: "Opplysningane gjeld også andre enn deg. Ein saksbehandlar vurderer kva som kan gjerast utan å gå ut over dei.",
		EN: "The data are also about others than you. A case handler assesses what can be done without affecting them."}
	textThirdParty = locale.Text{
		NB: "Her står det opplysninger om andre enn deg. En saksbehandler må se på dette før vi kan svare.",
		NN: "Her står det opplysningar om andre enn deg. Ein saksbehandlar må sjå på dette før vi kan svare.",
		EN: "There are data about others than you here. A case handler has to look at this before we can answer."}
	textOngoing = locale.Text{
		NB: "Dette er fortsatt i bruk i et forhold mellom deg og oss. Vi spør deg om du vil avslutte det før vi sletter.",
		NN: "Dette er framleis i bruk i eit forhold mellom deg og oss. Vi spør deg om du vil avslutte det før vi slettar.",
		EN: "This is still in use in a relation between you and us. We will ask you whether you want to end it before we erase."}
	textClaim = locale.Text{
		NB: "Det er en åpen sak om dette, og vi trenger opplysningene for å fastsette, gjøre gjeldende eller forsvare rettskrav. Vi bruker dem ikke til noe annet.",
		NN: "Det er ei open sak om dette, og vi treng opplysningane for å fastsetje, gjere gjeldande eller forsvare rettskrav. Vi bruker dei ikkje til noko anna.",
		EN: "There is an open matter about this, and we need the data to establish, exercise or defend legal claims. We use them for nothing else."}
	textWeighing = locale.Text{
		NB: "Du har protestert mot at vi bruker dette. Mens vi veier interessene mot hverandre, lagrer vi bare opplysningene og bruker dem ikke.",
		NN: "Du har protestert mot at vi bruker dette. Medan vi veg interessene mot kvarandre, lagrar vi berre opplysningane og bruker dei ikkje.",
		EN: "You have objected to our use of this. While we weigh the interests, we only store the data and do not use them."}
	textRestricted = locale.Text{
		NB: "Dette er begrenset i en annen sak og skal bare lagres.",
		NN: "Dette er avgrensa i ei anna sak og skal berre lagrast.",
		EN: "This is restricted in another case and may only be stored."}
	textPrefersRestriction = locale.Text{
		NB: "Du har bedt om begrensning i stedet for sletting. Vi lagrer bare opplysningene og bruker dem ikke. Du får beskjed før det endres.",
		NN: "Du har bede om avgrensing i staden for sletting. Vi lagrar berre opplysningane og bruker dei ikkje. Du får melding før det blir endra.",
		EN: "You asked for restriction instead of erasure. We only store the data and do not use them. You will be told before that changes."}

	textKeptUntil = locale.Text{
		NB: "Vi beholder dette til og med %s. Deretter sletter vi det.",
		NN: "Vi tek vare på dette til og med %s. Deretter slettar vi det.",
		EN: "We keep this until and including %s. After that we erase it."}
	textRestrictedUntil = locale.Text{
		NB: "Vi lagrer dette, uten å bruke det til annet, til og med %s. Deretter sletter vi det.",
		NN: "Vi lagrar dette, utan å bruke det til anna, til og med %s. Deretter slettar vi det.",
		EN: "We store this, and use it for nothing else, until and including %s. After that we erase it."}
	textTimeOver = locale.Text{
		NB: "Tiden vi kunne beholde det, gikk ut %s.",
		NN: "Tida vi kunne ta vare på det, gjekk ut %s.",
		EN: "The time we could keep it ended on %s."}

	textErase = locale.Text{
		NB: "Vi sletter dette.",
		NN: "Vi slettar dette.",
		EN: "We erase this."}
	textAnonymise = locale.Text{
		NB: "Vi fjerner alt som kan knytte dette til deg.",
		NN: "Vi fjernar alt som kan knyte dette til deg.",
		EN: "We remove everything that can link this to you."}
	textSuppress = locale.Text{
		NB: "Vi beholder bare det som trengs for at opplysningene ikke skal bli hentet inn på nytt.",
		NN: "Vi tek berre vare på det som trengst for at opplysningane ikkje skal bli henta inn på nytt.",
		EN: "We keep only what is needed so that the data are not collected again."}
	textSuppressMarketing = locale.Text{
		NB: "Du får ikke mer markedsføring fra oss. Vi beholder bare det som trengs for å huske det, på en reservasjonsliste.",
		NN: "Du får ikkje meir marknadsføring frå oss. Vi tek berre vare på det som trengst for å hugse det, på ei reservasjonsliste.",
		EN: "You will get no more marketing from us. We keep only what is needed to remember that, on a suppression list."}
)

// groundTexts says to the person why something is erased, by the ground of Art. 17(1).
var groundTexts = map[string]locale.Text{
	"17(1)(a)": {
		NB: "Vi trenger det ikke lenger til det vi samlet det inn for.",
		NN: "Vi treng det ikkje lenger til det vi samla det inn for.",
		EN: "We no longer need it for what we collected it for."},
	"17(1)(b)": {
		NB: "Vi hadde det med ditt samtykke, og samtykket er nå trukket tilbake.",
		NN: "Vi hadde det med ditt samtykke, og samtykket er no trekt tilbake.",
		EN: "We had it by your consent, and the consent is now withdrawn."},
	"17(1)(c)": {
		NB: "Du vil ikke at vi skal ha det, og vi har ikke tvingende berettigede grunner til å beholde det.",
		NN: "Du vil ikkje at vi skal ha det, og vi har ikkje tvingande rettkomne grunnar til å ta vare på det.",
		EN: "You do not want us to have it, and we have no compelling legitimate grounds to keep it."},
	"17(1)(d)": {
		NB: "Vi hadde ikke lov til å behandle det.",
		NN: "Vi hadde ikkje lov til å behandle det.",
		EN: "We were not allowed to process it."},
	"17(1)(e)": {
		NB: "Loven krever at det slettes.",
		NN: "Lova krev at det blir sletta.",
		EN: "The law requires that it is erased."},
	"17(1)(f)": {
		NB: "Det ble samlet inn på nett mens du var barn.",
		NN: "Det vart samla inn på nett medan du var barn.",
		EN: "It was collected online while you were a child."},
	GroundPromise: {
		NB: "Vi har lovet det i personvernerklæringen vår.",
		NN: "Vi har lova det i personvernerklæringa vår.",
		EN: "We have promised so in our privacy notice."},
}

package register

import (
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Reason is one entry of a closed list that staff chooses from.
type Reason struct {
	Code    string
	Article string      // "12(5)", "17(3)(b)", or of the Norwegian act: "pol. § 16 a"
	Label   locale.Text // for the list
	Text    locale.Text // the sentence for the person; staff adds what is particular to the case
	Rights  []dsr.Right // which requests it can answer; empty means any
}

// For tells whether the reason can answer a request under a right.
func (r Reason) For(right dsr.Right) bool {
	return len(r.Rights) == 0 || slices.Contains(r.Rights, right)
}

// NotToParent is the ground of keeping from a parent what the child has a right to keep to itself.
const NotToParent = "not_to_parent"

// Before tells whether the reason can be given to whoever asks in a standing: what is kept from a parent is
// kept from nobody else.
func (r Reason) Before(s dsr.Standing) bool {
	return r.Code != NotToParent || s == dsr.AsParent || s == dsr.AsGuardian
}

// FindReason gives the entry of a list with a code.
func FindReason(list []Reason, code string) (Reason, bool) {
	for _, r := range list {
		if r.Code == code {
			return r, true
		}
	}
	return Reason{}, false
}

// Law names the provision behind an article of the closed lists: "GDPR art. 15(4)",
// "personopplysningsloven § 16 f".
func Law(article string) string {
	if article != "" && article[0] >= '0' && article[0] <= '9' {
		return "GDPR art. " + article
	}
	if rest, ok := strings.CutPrefix(article, "pol. "); ok {
		return "personopplysningsloven " + rest
	}
	return article
}

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

var (
	seeing  = []dsr.Right{dsr.Access, dsr.Portability}
	erasing = []dsr.Right{dsr.Erasure, dsr.Objection, dsr.Withdrawal}
	mending = []dsr.Right{dsr.Rectification}
)

// RestrictedUses are what restricted data may be used for besides being stored (Art. 18(2)). The list
// is closed.
var RestrictedUses = []Reason{
	{Code: "consent", Article: "18(2)",
		Label: text("Personen har samtykket til dette", "Personen har samtykt til dette", "The person has consented to this"),
		Text:  text("Vi gjør dette fordi du har samtykket.", "Vi gjer dette fordi du har samtykt.", "We do this because you have consented.")},
	{Code: "claims", Article: "18(2)",
		Label: text("Trengs for et rettskrav", "Trengst for eit rettskrav", "Needed for a legal claim"),
		Text: text("Vi gjør dette fordi det trengs for å fastsette, gjøre gjeldende eller forsvare et rettskrav.",
			"Vi gjer dette fordi det trengst for å fastsetje, gjere gjeldande eller forsvare eit rettskrav.",
			"We do this because it is needed to establish, exercise or defend a legal claim.")},
	{Code: "others_rights", Article: "18(2)",
		Label: text("Verner en annens rettigheter", "Vernar rettane til ein annan", "Protects another's rights"),
		Text: text("Vi gjør dette for å verne rettighetene til en annen.", "Vi gjer dette for å verne rettane til ein annan.",
			"We do this to protect another's rights.")},
	{Code: "public_interest", Article: "18(2)",
		Label: text("Viktige samfunnsinteresser", "Viktige samfunnsinteresser", "Important public interest"),
		Text: text("Vi gjør dette av hensyn til viktige samfunnsinteresser.", "Vi gjer dette av omsyn til viktige samfunnsinteresser.",
			"We do this for reasons of important public interest.")},
}

// Unclarified is why a case ends in which nobody said what was meant. No member refuses by it: it is given alone
// when the reply to a question about large amounts of data has not come, and any reply opens the case again.
func Unclarified() Reason {
	return Reason{Code: "not_clarified", Article: "recital 63",
		Label: text("Ikke svart på hva kravet gjelder", "Ikkje svara på kva kravet gjeld", "No reply on what the request covers"),
		Text: text("Kravet gjelder store mengder opplysninger, og vi har spurt hva du mener, men ikke fått svar.",
			"Kravet gjeld store mengder opplysningar, og vi har spurt kva du meiner, men ikkje fått svar.",
			"The request is about a large amount of data, and we have asked what you mean but had no reply.")}
}

// RefusalGrounds are the grounds on which a request, or a part of one, can be refused. Only law
// limits a right (Art. 23), so the list is closed.
var RefusalGrounds = slices.Concat([]Reason{
	{Code: "manifestly_unfounded", Article: "12(5)",
		Label: text("Åpenbart grunnløs", "Openbert grunnlaus", "Manifestly unfounded"),
		Text: text("Vi etterkommer ikke kravet, fordi det er åpenbart grunnløst.",
			"Vi etterkjem ikkje kravet, fordi det er openbert grunnlaust.",
			"We do not comply with the request, because it is manifestly unfounded.")},
	{Code: "excessive", Article: "12(5)",
		Label: text("Overdreven", "Overdriven", "Excessive"),
		Text: text("Vi etterkommer ikke kravet, fordi det er overdrevent, særlig fordi det gjentas.",
			"Vi etterkjem ikkje kravet, fordi det er overdrive, særleg fordi det blir gjenteke.",
			"We do not comply with the request, because it is excessive, in particular because it is repeated.")},
	{Code: "not_identifiable", Article: "11(2)",
		Label: text("Kan ikke knyttes til personen", "Kan ikkje knytast til personen", "Cannot be linked to the person"),
		Text: text("Vi kan ikke se hvilke opplysninger som gjelder deg. Gir du oss mer å lete etter, leter vi videre.",
			"Vi kan ikkje sjå kva opplysningar som gjeld deg. Gir du oss meir å leite etter, leitar vi vidare.",
			"We cannot tell which data are about you. If you give us more to search for, we will look again.")},
	{Code: "identity_not_confirmed", Article: "12(6)",
		Label: text("Identiteten er ikke bekreftet", "Identiteten er ikkje stadfest", "Identity not confirmed"),
		Text: text("Vi har rimelig tvil om hvem du er, og du har ikke bekreftet identiteten din.",
			"Vi har rimeleg tvil om kven du er, og du har ikkje stadfesta identiteten din.",
			"We have reasonable doubt about who you are, and you have not confirmed your identity.")},
	{Code: "no_authority", Article: "12(6)",
		Label: text("Fullmakt mangler", "Fullmakt manglar", "No authorisation"),
		Text: text("Du ber på vegne av en annen, og vi har ikke fått en fullmakt som viser at du kan det.",
			"Du ber på vegner av ein annan, og vi har ikkje fått ei fullmakt som viser at du kan det.",
			"You ask on behalf of somebody else, and we have received no authorisation that shows you may.")},
	{Code: "not_natural_person", Article: "4(1)",
		Label: text("Gjelder et foretak, ikke en person", "Gjeld eit føretak, ikkje ein person", "About an undertaking, not a person"),
		Text: text("Opplysningene gjelder et foretak. Retten gjelder bare opplysninger om fysiske personer, også i enkeltpersonforetak.",
			"Opplysningane gjeld eit føretak. Retten gjeld berre opplysningar om fysiske personar, også i enkeltpersonføretak.",
			"The data are about an undertaking. The right covers only data about natural persons, sole proprietors included.")},
	{Code: "deceased", Article: "recital 27",
		Label: text("Gjelder en som er død", "Gjeld ein som er død", "About somebody who has died"),
		Text: text("Opplysningene gjelder en som er død. Personvernforordningen gjelder ikke for døde.",
			"Opplysningane gjeld ein som er død. Personvernforordninga gjeld ikkje for døde.",
			"The data are about somebody who has died. The GDPR does not apply to the deceased.")},
	{Code: "not_controller", Article: "4(7)",
		Label: text("Vi er ikke behandlingsansvarlig", "Vi er ikkje behandlingsansvarleg", "We are not the controller"),
		Text: text("Vi har opplysningene bare som databehandler. Vi sender kravet ditt videre til den som er behandlingsansvarlig og skal svare deg.",
			"Vi har opplysningane berre som databehandlar. Vi sender kravet ditt vidare til den som er behandlingsansvarleg og skal svare deg.",
			"We hold the data only as a processor. We pass your request on to the controller, who has to answer you.")},
	{Code: "expression", Article: "pol. § 3",
		Label: text("Journalistikk, kunst eller akademisk ytring", "Journalistikk, kunst eller akademisk ytring", "Journalism, art or academic expression"),
		Text: text("Opplysningene brukes bare til journalistikk, kunst eller akademiske ytringer, og da gjelder ikke denne retten.",
			"Opplysningane blir berre brukte til journalistikk, kunst eller akademiske ytringar, og då gjeld ikkje denne retten.",
			"The data are used only for journalism, art or academic expression, and then this right does not apply.")},
	{Code: "research", Article: "pol. § 17",
		Label:  text("Arkiv, forskning eller statistikk", "Arkiv, forsking eller statistikk", "Archives, research or statistics"),
		Rights: []dsr.Right{dsr.Access, dsr.Rectification, dsr.Restriction},
		Text: text("Opplysningene brukes bare til arkiv, forskning eller statistikk, og kravet ville kreve uforholdsmessig mye eller hindre formålet.",
			"Opplysningane blir berre brukte til arkiv, forsking eller statistikk, og kravet ville krevje uforholdsmessig mykje eller hindre føremålet.",
			"The data are used only for archives, research or statistics, and the request would take a disproportionate effort or defeat the aim.")},
	{Code: "accurate", Article: "16", Rights: mending,
		Label: text("Opplysningen er riktig", "Opplysninga er rett", "The data are accurate"),
		Text:  textAccurate},
	{Code: "annotated", Article: "16", Rights: mending,
		Label: text("Lagret sammen med en supplerende erklæring", "Lagra saman med ei supplerande fråsegn", "Filed with a supplementary statement"),
		Text:  textOpinion},
	{Code: "still_necessary", Article: StillNecessary, Rights: erasing,
		Label: text("Fortsatt nødvendig", "Framleis nødvendig", "Still necessary"),
		Text: text("Vi trenger fortsatt opplysningene til det vi samlet dem inn for, og ingen grunn til sletting i artikkel 17 nr. 1 er oppfylt.",
			"Vi treng framleis opplysningane til det vi samla dei inn for, og ingen grunn til sletting i artikkel 17 nr. 1 er oppfylt.",
			"We still need the data for what we collected them for, and no ground for erasure in Article 17(1) is met.")},
	{Code: "overriding_grounds", Article: OverridingGrounds, Rights: []dsr.Right{dsr.Erasure, dsr.Objection},
		Label: text("Tvingende berettigede grunner", "Tvingande rettkomne grunnar", "Compelling legitimate grounds"),
		Text: text("Vi har veid interessene mot hverandre og har tvingende berettigede grunner til å fortsette.",
			"Vi har vege interessene mot kvarandre og har tvingande rettkomne grunnar til å halde fram.",
			"We have weighed the interests and have compelling legitimate grounds to continue.")},
	{Code: "objection_not_available", Article: "21(1)", Rights: []dsr.Right{dsr.Objection},
		Label: text("Retten til å protestere gjelder ikke her", "Retten til å protestere gjeld ikkje her", "No right to object here"),
		Text: text("Vi har opplysningene etter samtykke, avtale eller rettslig forpliktelse. Da gjelder ikke retten til å protestere, men du kan trekke samtykket eller be om sletting.",
			"Vi har opplysningane etter samtykke, avtale eller rettsleg plikt. Då gjeld ikkje retten til å protestere, men du kan trekkje samtykket eller be om sletting.",
			"We hold the data by consent, contract or legal obligation. The right to object does not apply, but you may withdraw consent or ask for erasure.")},
	{Code: "restriction_not_met", Article: "18(1)", Rights: []dsr.Right{dsr.Restriction},
		Label: text("Vilkårene for begrensning er ikke oppfylt", "Vilkåra for avgrensing er ikkje oppfylte", "No ground for restriction"),
		Text: text("Ingen av vilkårene for begrensning i artikkel 18 nr. 1 er oppfylt.", "Ingen av vilkåra for avgrensing i artikkel 18 nr. 1 er oppfylte.",
			"None of the conditions for restriction in Article 18(1) is met.")},
	{Code: "no_consent", Article: "7(3)", Rights: []dsr.Right{dsr.Withdrawal},
		Label: text("Ingenting bygger på samtykke", "Ingenting byggjer på samtykke", "Nothing rests on consent"),
		Text: text("Vi har ingen opplysninger om deg som bygger på samtykke.", "Vi har ingen opplysningar om deg som byggjer på samtykke.",
			"We hold no data about you that rest on consent.")},
	{Code: "no_automated_decision", Article: "22(1)", Rights: []dsr.Right{dsr.HumanReview},
		Label: text("Ikke en automatisk avgjørelse", "Ikkje ei automatisk avgjerd", "Not an automated decision"),
		Text: text("Avgjørelsen er ikke tatt automatisk alene.", "Avgjerda er ikkje teken automatisk åleine.",
			"The decision was not made by automated means alone.")},
	{Code: "not_portable", Article: "20(1)", Rights: []dsr.Right{dsr.Portability},
		Label: text("Dataportabilitet gjelder ikke her", "Dataportabilitet gjeld ikkje her", "Not portable"),
		Text: text("Dataportabilitet gjelder bare det du selv har gitt oss etter samtykke eller avtale. Du kan be om innsyn i stedet.",
			"Dataportabilitet gjeld berre det du sjølv har gitt oss etter samtykke eller avtale. Du kan be om innsyn i staden.",
			"Portability covers only what you gave us by consent or contract. You may ask for access instead.")},
}, exceptions, WithholdGrounds)

// exceptions are those of Art. 17(3).
var exceptions = []Reason{
	{Code: "art_17_3_a", Article: Expression, Rights: erasing,
		Label: text("Ytrings- og informasjonsfrihet", "Ytrings- og informasjonsfridom", "Freedom of expression and information"),
		Text: text("Opplysningene er nødvendige for ytrings- og informasjonsfriheten.",
			"Opplysningane er nødvendige for ytrings- og informasjonsfridommen.",
			"The data are necessary for freedom of expression and information.")},
	{Code: "art_17_3_b", Article: LegalDuty, Rights: erasing,
		Label: text("Rettslig forpliktelse", "Rettsleg plikt", "Legal obligation"),
		Text: text("En lov krever at vi beholder opplysningene.",
			"Ei lov krev at vi tek vare på opplysningane.",
			"A law requires that we keep the data.")},
	{Code: "art_17_3_c", Article: PublicHealth, Rights: erasing,
		Label: text("Folkehelse", "Folkehelse", "Public health"),
		Text: text("Opplysningene er nødvendige av hensyn til folkehelsen.",
			"Opplysningane er nødvendige av omsyn til folkehelsa.",
			"The data are necessary for reasons of public health.")},
	{Code: "art_17_3_d", Article: Archive, Rights: erasing,
		Label: text("Arkiv, forskning eller statistikk", "Arkiv, forsking eller statistikk", "Archives, research or statistics"),
		Text: text("Sletting ville i alvorlig grad hindre arkiv, forskning eller statistikk i allmennhetens interesse.",
			"Sletting ville i alvorleg grad hindre arkiv, forsking eller statistikk i ålmenta si interesse.",
			"Erasure would seriously impair archives, research or statistics in the public interest.")},
	{Code: "art_17_3_e", Article: LegalClaims, Rights: erasing,
		Label: text("Rettskrav", "Rettskrav", "Legal claims"),
		Text: text("Opplysningene er nødvendige for å fastsette, gjøre gjeldende eller forsvare rettskrav.",
			"Opplysningane er nødvendige for å fastsetje, gjere gjeldande eller forsvare rettskrav.",
			"The data are necessary to establish, exercise or defend legal claims.")},
}

// WithholdGrounds are the grounds for leaving something out of an access answer.
var WithholdGrounds = []Reason{
	{Code: "art_15_4", Article: "15(4)", Rights: seeing,
		Label: text("Andres rettigheter og friheter", "Rettane og fridommane til andre", "Rights and freedoms of others"),
		Text: text("Vi har tatt ut dette av hensyn til andres rettigheter og friheter.",
			"Vi har teke ut dette av omsyn til rettane og fridommane til andre.",
			"We have left this out for the sake of the rights and freedoms of others.")},
	{Code: NotToParent, Article: "15(4)", Rights: seeing,
		Label: text("Ikke til forelder eller verge", "Ikkje til forelder eller verje", "Not to the parent or guardian"),
		Text: text("Vi har tatt ut dette fordi retten er barnets eller den andres egen, og vi mener at det ikke er til deres beste at du får det.",
			"Vi har teke ut dette fordi retten er barnet eller den andre sin eigen, og vi meiner at det ikkje er til deira beste at du får det.",
			"We have left this out because the right belongs to the child or the other person, and we think it is not in their interest that you get it.")},
	{Code: "pol_16_1_a", Article: "pol. § 16 a", Rights: seeing,
		Label: text("Utenrikspolitikk, forsvar og sikkerhet", "Utanrikspolitikk, forsvar og tryggleik", "Foreign policy, defence and security"),
		Text: text("Vi har tatt ut opplysninger som er av betydning for utenrikspolitiske interesser eller nasjonale forsvars- og sikkerhetsinteresser.",
			"Vi har teke ut opplysningar som har noko å seie for utanrikspolitiske interesser eller nasjonale forsvars- og tryggleiksinteresser.",
			"We have left out data that matter to foreign policy, defence or national security.")},
	{Code: "pol_16_1_b", Article: "pol. § 16 b", Rights: seeing,
		Label: text("Forebygging og etterforskning av straffbare handlinger", "Førebygging og etterforsking av straffbare handlingar", "Prevention and investigation of crime"),
		Text: text("Vi har tatt ut opplysninger som må hemmeligholdes for å forebygge, etterforske, avsløre eller forfølge straffbare handlinger.",
			"Vi har teke ut opplysningar som må haldast hemmelege for å førebyggje, etterforske, avsløre eller forfølgje straffbare handlingar.",
			"We have left out data that must be kept secret to prevent, investigate, detect or prosecute crime.")},
	{Code: "pol_16_1_c", Article: "pol. § 16 c", Rights: seeing,
		Label: text("Personens helse eller nære forhold", "Helsa eller nære forhold til personen", "The person's health or close relations"),
		Text: text("Vi har tatt ut opplysninger som det er utilrådelig at du får, av hensyn til helsen din eller forholdet til noen som står deg nær. En representant for deg kan få dem.",
			"Vi har teke ut opplysningar som det er utilrådeleg at du får, av omsyn til helsa di eller forholdet til nokon som står deg nær. Ein representant for deg kan få dei.",
			"We have left out data that it is inadvisable for you to get, for the sake of your health or of your relation to somebody close. A representative of yours may get them.")},
	{Code: "pol_16_1_d", Article: "pol. § 16 d", Rights: seeing,
		Label: text("Lovbestemt taushetsplikt", "Lovfesta teieplikt", "Statutory duty of secrecy"),
		Text: text("Vi har tatt ut opplysninger som er underlagt taushetsplikt i lov.",
			"Vi har teke ut opplysningar som det er teieplikt om i lov.",
			"We have left out data that a statutory duty of secrecy covers.")},
	{Code: "pol_16_1_e", Article: "pol. § 16 e", Rights: seeing,
		Label: text("Tekst til intern saksforberedelse", "Tekst til intern saksførebuing", "Text for internal preparation"),
		Text: text("Vi har tatt ut tekst som er utarbeidet bare for intern saksforberedelse og ikke er gitt til andre, fordi det er nødvendig for forsvarlige interne avgjørelser.",
			"Vi har teke ut tekst som er laga berre for intern saksførebuing og ikkje er gitt til andre, fordi det er nødvendig for forsvarlege interne avgjerder.",
			"We have left out text written solely for internal preparation and not disclosed, because proper internal decisions require it.")},
	{Code: "pol_16_1_f", Article: "pol. § 16 f", Rights: seeing,
		Label: text("Åpenbare og grunnleggende interesser", "Openberre og grunnleggjande interesser", "Obvious and fundamental interests"),
		Text: text("Vi har tatt ut opplysninger fordi det ville være i strid med åpenbare og grunnleggende private eller offentlige interesser å gi dem.",
			"Vi har teke ut opplysningar fordi det ville vere i strid med openberre og grunnleggjande private eller offentlege interesser å gi dei.",
			"We have left out data because giving them would be against obvious and fundamental private or public interests.")},
}

// QuietGrounds are those of the grounds for leaving something out that nobody but the office is told of: where the
// provision alone would give the matter away (pol. § 16 first paragraph a–d). A member chooses one in a case,
// with a reason; no register does.
var QuietGrounds = quietly(WithholdGrounds, "pol_16_1_a", "pol_16_1_b", "pol_16_1_c", "pol_16_1_d")

func quietly(grounds []Reason, codes ...string) []Reason {
	var out []Reason
	for _, g := range grounds {
		if !slices.Contains(codes, g.Code) {
			continue
		}
		g.Code += "_quiet"
		g.Label = text(g.Label.NB+" – nevnes ikke i svaret", g.Label.NN+" – blir ikkje nemnt i svaret", g.Label.EN+" – not named in the answer")
		out = append(out, g)
	}
	return out
}

// Quiet tells whether something is left out on a ground that the person is not told of.
func Quiet(ground string) bool {
	_, ok := FindReason(QuietGrounds, ground)
	return ok
}

// ExtensionReasons are the reasons for extending the time limit (Art. 12(3)). Each is the
// beginning of a sentence that staff completes with what is particular: a standard sentence alone
// is no reason.
var ExtensionReasons = []Reason{
	{Code: "volume", Article: "12(3)",
		Label: text("Stort omfang", "Stort omfang", "Large volume"),
		Text: text("Kravet omfatter svært mange opplysninger.",
			"Kravet omfattar svært mange opplysningar.",
			"The request covers a very large amount of data.")},
	{Code: "dispersed_sources", Article: "12(3)",
		Label: text("Mange og spredte kilder", "Mange og spreidde kjelder", "Many dispersed sources"),
		Text: text("Opplysningene ligger spredt i mange systemer, og noe må hentes for hånd.",
			"Opplysningane ligg spreidde i mange system, og noko må hentast for hand.",
			"The data are spread over many systems, and some must be fetched by hand.")},
	{Code: "redaction", Article: "12(3)",
		Label: text("Sladding av andres opplysninger", "Sladding av opplysningar om andre", "Redaction of others' data"),
		Text: text("Opplysninger om andre må sladdes før du kan få svar.",
			"Opplysningar om andre må sladdast før du kan få svar.",
			"Data about others must be redacted before you can get an answer.")},
	{Code: "intelligibility", Article: "12(3)",
		Label: text("Må gjøres forståelig", "Må gjerast forståeleg", "Must be made intelligible"),
		Text: text("Opplysningene må bearbeides for at svaret skal bli forståelig.",
			"Opplysningane må arbeidast med for at svaret skal bli forståeleg.",
			"The data must be worked on for the answer to be intelligible.")},
	{Code: "number_of_requests", Article: "12(3)",
		Label: text("Mange krav fra samme person", "Mange krav frå same person", "Many requests from the person"),
		Text: text("Du har sendt flere krav som må behandles samtidig.",
			"Du har sendt fleire krav som må behandlast samtidig.",
			"You have sent several requests that must be handled at the same time.")},
}

// PauseReasons are the reasons for which the clock can be paused; the codes are those of
// dsr.PauseKind. Staff adds the concrete doubt, or why the volume is large.
var PauseReasons = []Reason{
	{Code: string(dsr.PauseIdentity), Article: "12(6)",
		Label: text("Rimelig tvil om identiteten", "Rimeleg tvil om identiteten", "Reasonable doubt about identity"),
		Text: text("Vi har rimelig tvil om hvem du er, og trenger at du bekrefter det. Ikke send kopi av pass eller førerkort. Fristen er stanset fra i dag til du svarer.",
			"Vi har rimeleg tvil om kven du er, og treng at du stadfestar det. Ikkje send kopi av pass eller førarkort. Fristen er stansa frå i dag til du svarer.",
			"We have reasonable doubt about who you are and need you to confirm it. Do not send a copy of a passport or driving licence. The clock is paused from today until you reply.")},
	{Code: string(dsr.PauseClarification), Article: "recital 63", Rights: seeing,
		Label: text("Presisering av et stort omfang", "Presisering av eit stort omfang", "Clarification of a large volume"),
		Text: text("Vi behandler store mengder opplysninger om deg. Si gjerne hva kravet gjelder. Du kan fortsatt be om alt. Fristen er stanset fra i dag til du svarer.",
			"Vi behandlar store mengder opplysningar om deg. Sei gjerne kva kravet gjeld. Du kan framleis be om alt. Fristen er stansa frå i dag til du svarer.",
			"We process a large amount of data about you. Please say what the request is about. You may still ask for everything. The clock is paused from today until you reply.")},
}

// ComplaintText is what every refusal, whole or in part, says at its end (Art. 12(4)).
type ComplaintText struct {
	Authority string // who takes complaints (Art. 77)
	Address   string
	Web       string
	Complain  string // the sentence about complaining
	Court     string // the sentence about the courts (Art. 79)
	Paragraph string // all of it in running text
}

var (
	authority = text("Datatilsynet", "Datatilsynet", "Datatilsynet (the Norwegian Data Protection Authority)")
	address   = text("Postboks 458 Sentrum, 0105 Oslo", "Postboks 458 Sentrum, 0105 Oslo", "PO Box 458 Sentrum, 0105 Oslo, Norway")
	complain  = text("Du kan klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, datatilsynet.no.",
		"Du kan klage til Datatilsynet, Postboks 458 Sentrum, 0105 Oslo, datatilsynet.no.",
		"You may complain to Datatilsynet (the Norwegian Data Protection Authority), PO Box 458 Sentrum, 0105 Oslo, Norway, datatilsynet.no.")
	court = text("Du kan også bringe saken inn for domstolene.",
		"Du kan også bringe saka inn for domstolane.",
		"You may also bring the matter before the courts.")
	complaint = join(complain, court)
)

// Complaint gives the text about complaints and courts in a language.
func Complaint(l locale.Locale) ComplaintText {
	return ComplaintText{Authority: authority.In(l), Address: address.In(l), Web: "datatilsynet.no",
		Complain: complain.In(l), Court: court.In(l), Paragraph: complaint.In(l)}
}

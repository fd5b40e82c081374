package register

import (
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Severity says what a gap does.
type Severity string

// The severities. No gap blocks that a request is registered, nor the clock.
const (
	Warn           Severity = "warn"
	BlocksDecision Severity = "blocks_decision" // the decisions of Gap.Rights about the activity's data wait for it
)

// Gap is something the register ought to say and does not.
type Gap struct {
	Activity string // id; empty for the controller
	Field    string // path inside the activity, such as bases[0].law
	Severity Severity
	Rights   []dsr.Right // whose decisions it blocks; empty when it only warns
	Text     locale.Text
}

// Gaps lists everything that the register leaves open, in the order of the register.
func (r *Register) Gaps() []Gap {
	gaps := r.Controller.gaps()
	for i := range r.Activities {
		gaps = append(gaps, r.Activities[i].Gaps()...)
	}
	return gaps
}

func (c Controller) gaps() []Gap {
	var gaps []Gap
	for _, f := range []struct{ field, value string }{
		{"controller.name", c.Name}, {"controller.postal_address", c.PostalAddress},
		{"controller.email", c.Email}, {"controller.country", c.Country},
	} {
		if f.value == "" {
			gaps = append(gaps, Gap{Field: f.field, Severity: Warn, Text: gapController})
		}
	}
	return gaps
}

// Gaps lists what the activity leaves open.
func (a *Activity) Gaps() []Gap {
	var gaps []Gap
	warn := func(field string, t locale.Text) {
		gaps = append(gaps, Gap{Activity: a.ID, Field: field, Severity: Warn, Text: t})
	}
	block := func(field string, t locale.Text, rights ...dsr.Right) {
		gaps = append(gaps, Gap{Activity: a.ID, Field: field, Severity: BlocksDecision, Rights: rights, Text: t})
	}
	if a.Purpose.NB == "" {
		block("purpose", gapPurpose, dsr.Access)
	}
	a.basisGaps(warn, block)
	if len(a.Persons) == 0 {
		warn("persons", gapPersons)
	}
	if len(a.Categories) == 0 {
		warn("categories", gapCategories)
	}
	a.sourceGaps(block)
	a.recipientGaps(warn, block)
	a.storageGaps(warn, block)
	a.retentionGaps(warn, block)
	a.erasureGaps(warn, block)
	a.textGaps(warn)
	return gaps
}

type (
	warnGap  func(field string, t locale.Text)
	blockGap func(field string, t locale.Text, rights ...dsr.Right)
)

// basisGaps: a basis cannot be chosen afterwards, so a missing one is for the controller to settle
// before anything is erased or kept on it.
func (a *Activity) basisGaps(warn warnGap, block blockGap) {
	if len(a.Bases) == 0 {
		block("bases", gapBasis, dsr.Erasure, dsr.Objection)
	}
	for i, b := range a.Bases {
		at := fmt.Sprintf("bases[%d].", i)
		switch b.Article {
		case "6(1)(c)", "6(1)(e)":
			if b.Law == "" {
				warn(at+"law", gapLaw)
			}
		case "6(1)(f)":
			if b.Why.NB != "" {
				continue
			}
			if a.Erasure.Exception == OverridingGrounds {
				block(at+"why", gapInterest, dsr.Erasure, dsr.Objection)
			} else {
				warn(at+"why", gapInterest)
			}
		}
	}
	nine := slices.ContainsFunc(a.Bases, func(b Basis) bool { return strings.HasPrefix(b.Article, "9") || b.Article == "10" })
	if dataset.CoversAny(special, a.Categories) && !nine {
		warn("bases", gapSpecial)
	}
}

func (a *Activity) sourceGaps(block blockGap) {
	if len(a.Sources) == 0 {
		block("sources", gapSource, dsr.Access)
	}
	for i, s := range a.Sources {
		if s.Name.NB == "" {
			block(fmt.Sprintf("sources[%d].name", i), gapSource, dsr.Access)
		}
	}
}

func (a *Activity) recipientGaps(warn warnGap, block blockGap) {
	for i, rec := range a.Recipients {
		at := fmt.Sprintf("recipients[%d].", i)
		if rec.Name == "" {
			warn(at+"name", gapRecipient)
		}
		if rec.Country == "" {
			warn(at+"country", gapCountry)
		} else if OutsideEEA(rec.Country) && rec.Safeguard == "" {
			block(at+"safeguard", gapSafeguard, dsr.Access)
		}
		if rec.Why.NB == "" {
			warn(at+"why", gapRecipientWhy)
		}
	}
}

func (a *Activity) storageGaps(warn warnGap, block blockGap) {
	if a.Storage.System == "" {
		warn("storage.system", gapStorage)
	}
	switch {
	case a.Storage.Country == "":
		warn("storage.country", gapCountry)
	case OutsideEEA(a.Storage.Country) && !slices.ContainsFunc(a.Recipients, func(r Recipient) bool {
		return r.Country == a.Storage.Country && r.Safeguard != ""
	}):
		block("storage.country", gapSafeguard, dsr.Access)
	}
}

func (a *Activity) retentionGaps(warn warnGap, block blockGap) {
	switch {
	case a.Retention.Rule == "" && a.Erasure.holds():
		block("retention.rule", gapRetention, dsr.Access, dsr.Erasure)
	case a.Retention.Rule == "" || a.Retention.Text.NB == "":
		block("retention", gapRetention, dsr.Access)
	case a.Retention.Default:
		warn("retention.default", gapDefault)
	}
}

// erasureGaps: nothing is ever kept without its exception, code, provision and sentence.
func (a *Activity) erasureGaps(warn warnGap, block blockGap) {
	e := a.Erasure
	if e.Kind == "" {
		block("erasure.kind", gapErasure, dsr.Erasure)
		return
	}
	if !e.holds() {
		if e.Text.NB == "" {
			warn("erasure.text", gapSentence)
		}
		return
	}
	if e.Exception == "" {
		block("erasure.exception", gapException, dsr.Erasure)
	}
	if e.Exception == LegalDuty && a.law() == "" {
		block("erasure.law", gapLaw, dsr.Erasure)
	}
	if e.Code == "" {
		block("erasure.code", gapCode, dsr.Erasure)
	}
	if e.Text.NB == "" {
		block("erasure.text", gapSentence, dsr.Erasure)
	}
}

// textGaps names the texts that exist in some of the languages only.
func (a *Activity) textGaps(warn warnGap) {
	texts := []struct {
		field string
		text  locale.Text
	}{
		{"name", a.Name}, {"purpose", a.Purpose}, {"storage.protection", a.Storage.Protection},
		{"retention.text", a.Retention.Text}, {"erasure.text", a.Erasure.Text},
	}
	add := func(field string, t locale.Text) {
		texts = append(texts, struct {
			field string
			text  locale.Text
		}{field, t})
	}
	for i, b := range a.Bases {
		add(fmt.Sprintf("bases[%d].why", i), b.Why)
	}
	for i, s := range a.Sources {
		add(fmt.Sprintf("sources[%d].name", i), s.Name)
	}
	for i, r := range a.Recipients {
		add(fmt.Sprintf("recipients[%d].why", i), r.Why)
	}
	if a.Erasure.Promise != nil {
		add("erasure.promise.text", a.Erasure.Promise.Text)
	}
	if a.Automated != nil {
		add("automated_decisions", *a.Automated)
	}
	if a.Withhold != nil {
		add("withhold.text", a.Withhold.Text)
	}
	for _, t := range texts {
		if !t.text.IsZero() && !t.text.Complete() {
			warn(t.field, gapLanguage)
		}
	}
}

// blocking gives the first gap that a decision under a right has to wait for, or nil.
func (a *Activity) blocking(right dsr.Right) *Gap {
	for _, g := range a.Gaps() {
		if g.Severity == BlocksDecision && slices.Contains(g.Rights, right) {
			return &g
		}
	}
	return nil
}

// law is the provision that the erasure rule rests on: its own, or that of a basis in law.
func (a *Activity) law() string {
	if a.Erasure.Law != "" {
		return a.Erasure.Law
	}
	for _, b := range a.Bases {
		if (b.Article == "6(1)(c)" || b.Article == "6(1)(e)") && b.Law != "" {
			return b.Law
		}
	}
	return ""
}

// eea lists the members of the European Economic Area: the EU, Iceland, Liechtenstein and Norway.
var eea = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS",
	"IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}

// OutsideEEA tells whether sending data there is a transfer to a third country (Art. 44). A place
// that is not named is not said to be outside: the gaps ask for it.
func OutsideEEA(country string) bool {
	return country != "" && !slices.Contains(eea, strings.ToUpper(country))
}

var (
	gapController = locale.Text{
		NB: "Fyll inn hvem virksomheten er og hvordan den kan nås.",
		NN: "Fyll inn kven verksemda er og korleis ein kan nå henne.",
		EN: "Fill in who the organisation is and how to reach it."}
	gapPurpose = locale.Text{
		NB: "Skriv hva opplysningene brukes til. Et svar på innsyn må si det.",
		NN: "Skriv kva opplysningane blir brukte til. Eit svar på innsyn må seie det.",
		EN: "Write what the data are used for. An answer to an access request must say so."}
	gapBasis = locale.Text{
		NB: "Behandlingsgrunnlaget mangler. Skriv det grunnlaget som gjaldt fra starten. Før det er gjort, kan ikke krav om sletting avgjøres.",
		NN: "Behandlingsgrunnlaget manglar. Skriv det grunnlaget som galdt frå starten. Før det er gjort, kan ikkje krav om sletting avgjerast.",
		EN: "The legal basis is missing. Write the basis that applied from the start. Until then, erasure cannot be decided."}
	gapLaw = locale.Text{
		NB: "Skriv hvilken lov og paragraf plikten følger av.",
		NN: "Skriv kva lov og paragraf plikta følgjer av.",
		EN: "Write the act and section that the duty follows from."}
	gapInterest = locale.Text{
		NB: "Skriv hva den berettigede interessen er. Uten den kan den ikke veies mot personens.",
		NN: "Skriv kva den rettkomne interessa er. Utan henne kan ho ikkje vegast mot interessa til personen.",
		EN: "Write what the legitimate interest is. Without it, it cannot be weighed against the person's."}
	gapSpecial = locale.Text{
		NB: "Særlige kategorier og opplysninger om straffbare forhold trenger et eget grunnlag i artikkel 9 nr. 2 eller artikkel 10.",
		NN: "Særlege kategoriar og opplysningar om straffbare forhold treng eit eige grunnlag i artikkel 9 nr. 2 eller artikkel 10.",
		EN: "Special categories and criminal data need a basis of their own in Article 9(2) or Article 10."}
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

package letter

import (
	"slices"
	"strings"

	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// duty is one line of a checklist: something that a letter must tell, and the rule that says so.
type duty struct {
	name  locale.Text
	law   string
	lacks func(*Answer) []string // what lacks it, named; [""] for the letter itself; nil: nothing does
}

func letterLacks(has func(*Answer) bool) func(*Answer) []string {
	return func(a *Answer) []string {
		if has(a) {
			return nil
		}
		return []string{""}
	}
}

// purposeLacks names the purposes that something is not said of. Data that the register links to no
// purpose are told as just that: a gap warns, and nobody is refused their own data for it.
func purposeLacks(has func(*export.Purpose) bool) func(*Answer) []string {
	return func(a *Answer) []string {
		var names []string
		for i := range a.Purposes {
			if p := &a.Purposes[i]; !p.Unplaced && !has(p) {
				names = append(names, a.Purposes[i].Name)
			}
		}
		return names
	}
}

func some(lines ...string) bool {
	return slices.ContainsFunc(lines, func(s string) bool { return strings.TrimSpace(s) != "" })
}

var (
	dutyCase = duty{text("saksnummer og datoer for mottak, svar og frist", "saksnummer og datoar for mottak, svar og frist", "case number and the dates of receipt, answer and time limit"), "Art. 12(3)",
		letterLacks(func(a *Answer) bool {
			c := a.Case
			return c.Reference != "" && !c.Received.IsZero() && !c.Answered.IsZero() && !c.Due.IsZero()
		})}
	dutyController = duty{text("hvem som er behandlingsansvarlig, og kontaktopplysninger", "kven som er behandlingsansvarleg, og kontaktopplysningar", "who the controller is, and how to reach them"), "Art. 12(1)",
		letterLacks(func(a *Answer) bool { return a.Controller.Name != "" && some(a.Controller.Email, a.Controller.Address) })}
	dutySummary  = duty{text("kort svar", "kort svar", "the short answer"), "Art. 15(1)", letterLacks(func(a *Answer) bool { return some(a.Paragraphs...) })}
	dutyIdentity = duty{text("hvordan det ble bekreftet hvem du er", "korleis det vart stadfesta kven du er", "how it was established who you are"), "Art. 12(6)",
		letterLacks(func(a *Answer) bool { return some(a.Identity...) })}
	dutySearched   = duty{text("hvor det er lett", "kvar det er leita", "where was searched"), "Art. 15(1)", letterLacks(func(a *Answer) bool { return some(a.Searched...) })}
	dutyPeriod     = duty{text("hvilket tidsrom søket dekker", "kva tidsrom søket dekkjer", "what period the search covers"), "Art. 15(1)", letterLacks(func(a *Answer) bool { return some(a.Period...) })}
	dutyDated      = duty{text("når det ble lett", "når det vart leita", "when it was searched"), "Art. 15(1)", func(a *Answer) []string { return a.Undated }}
	dutyProcessors = duty{text("hvilke databehandlere som er spurt", "kva databehandlarar som er spurde", "which processors were asked"), "Art. 15(1), 28", letterLacks(func(a *Answer) bool { return some(a.Processors...) })}
	dutyFrom       = duty{text("fra når opplysningene bare lagres", "frå når opplysningane berre blir lagra", "since when the data are only stored"), "Art. 18(1)", letterLacks(func(a *Answer) bool {
		return some(a.From) || !slices.ContainsFunc(a.Groups, func(g Group) bool { return g.Action == "restricted" })
	})}
	// Where all that was found is excepted and the law lets nobody say so, there is nothing to tell of.
	dutyData = duty{text("opplysningene etter formål", "opplysningane etter føremål", "the data by purpose"), "Art. 15(3)",
		letterLacks(func(a *Answer) bool { return len(a.Purposes)+len(a.LeftOut) > 0 || len(a.Groups) == 0 })}
	dutyComplaint = duty{text("retten til å klage til Datatilsynet og gå til domstolene", "retten til å klage til Datatilsynet og gå til domstolane", "the right to complain to Datatilsynet and to go to court"), "Art. 12(4)",
		letterLacks(func(a *Answer) bool { return complains(a) })}
	dutyOmissions = duty{text("bestemmelsen og grunnen for det som er utelatt", "føresegna og grunnen for det som er utelate", "the provision and the reason for what is left out"), "Art. 12(4), pol. § 16",
		func(a *Answer) []string {
			var lacking []string
			for _, o := range a.LeftOut {
				if !some(o.Reason) || !some(o.Law) {
					lacking = append(lacking, o.What)
				}
			}
			return lacking
		}}
	dutyGroups = duty{text("bestemmelsen og grunnen for det som ikke er gjort", "føresegna og grunnen for det som ikkje er gjort", "the provision and the reason for what was not done"), "Art. 12(4)",
		func(a *Answer) []string {
			var lacking []string
			for _, g := range a.Groups {
				if a.notDone(g.Action) && (!some(g.Text) || !some(g.Law) && !slices.Contains([]string{"annotated", "restricted"}, g.Action)) {
					lacking = append(lacking, g.Activity)
				}
			}
			return lacking
		}}
	dutyReasons = duty{text("bestemmelsen og grunnen for avslaget", "føresegna og grunngivinga for avslaget", "the provision and the reasons for the refusal"), "Art. 12(4)",
		letterLacks(func(a *Answer) bool {
			return len(a.LeftOut) > 0 && !slices.ContainsFunc(a.LeftOut, func(o Omission) bool { return !some(o.Law) || !some(o.Reason) })
		})}
	dutyTried   = duty{text("hva som er prøvd", "kva som er prøvd", "what was tried"), "Art. 11(2)", letterLacks(func(a *Answer) bool { return some(a.Searched...) })}
	dutyBackups = duty{text("hva som skjer med sikkerhetskopier", "kva som skjer med tryggingskopiar", "what happens to backups"), "Art. 17", letterLacks(func(a *Answer) bool {
		return some(a.Backups) || !slices.ContainsFunc(a.Groups, func(g Group) bool {
			return slices.Contains([]string{"deleted", "anonymised"}, g.Action)
		})
	})}
	// Whoever got data that are corrected, erased or restricted is told of it, and the person who that is. That there is
	// nobody to tell is an answer too.
	dutyTold = duty{text("hvem som får beskjed, eller at ingen andre har fått opplysningene", "kven som får melding, eller at ingen andre har fått opplysningane", "who is told, or that nobody else has received the data"), "Art. 19",
		letterLacks(func(a *Answer) bool {
			return len(a.Recipients) > 0 || some(a.NobodyTold) || !slices.ContainsFunc(a.Groups, func(g Group) bool { return !a.notDone(g.Action) })
		})}
	dutyFiles = duty{text("hvilke filer som følger, og hvor lenge", "kva filer som følgjer, og kor lenge", "which files there are, and for how long"), "Art. 12(1), 15(3)", letterLacks(func(a *Answer) bool { return some(a.Files...) })}
	dutyLater = duty{text("om noe av svaret kommer senere", "om noko av svaret kjem seinare", "whether any part of the answer follows later"), "Art. 12(3)", letterLacks(func(a *Answer) bool { return some(a.Later...) })}
)

// purposeDuties are the letters of Art. 15(1) that are told for each purpose, and what is promised beside.
var purposeDuties = []duty{
	{text("formål", "føremål", "purpose"), "Art. 15(1)(a)", purposeLacks(func(p *export.Purpose) bool { return some(p.Purpose) })},
	{text("behandlingsgrunnlag", "behandlingsgrunnlag", "legal basis"), "Art. 6, 12(1)", purposeLacks(func(p *export.Purpose) bool { return some(p.Bases...) })},
	{text("kategorier av opplysninger", "kategoriar av opplysningar", "categories of data"), "Art. 15(1)(b)", purposeLacks(func(p *export.Purpose) bool { return some(p.Categories...) })},
	{text("hvem som får opplysningene, eller at ingen andre får dem", "kven som får opplysningane, eller at ingen andre får dei", "who receives the data, or that nobody else does"), "Art. 15(1)(c)",
		purposeLacks(func(p *export.Purpose) bool { return p.Alone || len(p.Recipients) > 0 })},
	{text("navn på mottaker", "namn på mottakar", "the name of a recipient"), "Art. 15(1)(c)", purposeLacks(func(p *export.Purpose) bool {
		return !slices.ContainsFunc(p.Recipients, func(r export.Recipient) bool { return !some(r.Name) })
	})},
	{text("lagringstid", "lagringstid", "retention period"), "Art. 15(1)(d)", purposeLacks(func(p *export.Purpose) bool { return some(p.Retention) || !p.KeptUntil.IsZero() })},
	{text("hva du kan kreve", "kva du kan krevje", "what you can ask for"), "Art. 15(1)(e)", purposeLacks(func(p *export.Purpose) bool { return some(p.Rights...) })},
	{text("kilde", "kjelde", "source"), "Art. 15(1)(g)", purposeLacks(func(p *export.Purpose) bool { return some(p.Sources...) })},
	{text("hvilket system opplysningene lagres i", "kva system opplysningane blir lagra i", "what system the data are stored in"), "Art. 12(1)", purposeLacks(func(p *export.Purpose) bool { return some(p.Storage.System) })},
	{text("hvilket land opplysningene lagres i", "kva land opplysningane blir lagra i", "what country the data are stored in"), "Art. 12(1)", purposeLacks(func(p *export.Purpose) bool { return some(p.Storage.Country) })},
	{text("hvordan opplysningene er sikret", "korleis opplysningane er sikra", "how the data are protected"), "Art. 12(1)", purposeLacks(func(p *export.Purpose) bool { return some(p.Storage.Protection) })},
	// That nothing is decided so is an answer too; that nobody has said is none.
	{text("om avgjørelser tas automatisk, og i så fall hvordan", "om avgjerder blir tekne automatisk, og i så fall korleis", "whether decisions are made by automated means, and if so how"), "Art. 15(1)(h)",
		purposeLacks(func(p *export.Purpose) bool { return p.NoAutomated || some(p.Automated) })},
	{text("garanti for overføring ut av EØS", "garanti for overføring ut av EØS", "the safeguard of a transfer outside the EEA"), "Art. 15(2)", purposeLacks(func(p *export.Purpose) bool {
		return !slices.ContainsFunc(p.Recipients, func(r export.Recipient) bool { return register.OutsideEEA(r.Country) && !some(r.Safeguard) })
	})},
}

// always is what every letter tells.
var always = []duty{dutyCase, dutyController, dutySummary, dutyComplaint}

// checklists is what each kind must tell beside that.
var checklists = map[Kind][]duty{
	Access:         slices.Concat([]duty{dutyIdentity, dutySearched, dutyProcessors, dutyPeriod, dutyDated, dutyData, dutyOmissions, dutyFiles, dutyLater}, purposeDuties),
	NothingHeld:    {dutyIdentity, dutySearched, dutyProcessors, dutyPeriod, dutyDated},
	Correction:     {dutyIdentity, dutySearched, dutyPeriod, dutyDated, dutyGroups, dutyTold},
	Erasure:        {dutyIdentity, dutySearched, dutyPeriod, dutyDated, dutyGroups, dutyTold, dutyBackups},
	Restriction:    {dutyIdentity, dutySearched, dutyPeriod, dutyDated, dutyGroups, dutyFrom, dutyTold},
	Objection:      {dutyIdentity, dutySearched, dutyPeriod, dutyDated, dutyGroups, dutyTold},
	Done:           {dutyGroups},
	Refusal:        {dutyReasons},
	CannotIdentify: {dutyReasons, dutyTried},

	Receipt:          {told(Understood, "Art. 12(1)"), told(Next, "Art. 12(3)")},
	IdentityQuestion: {told(Doubt, "Art. 12(6)"), told(Enough, "Art. 12(6)"), told(Masking, "Art. 5(1)(c)"), told(Clock, "Art. 12(3)")},
	Clarification:    {told(Everything, "Art. 15"), told(Processing, "recital 63"), told(Clock, "Art. 12(3)")},
	Extension:        {dutyConcrete, told(From, "Art. 12(3)")},
	FeeWarning:       {dutyFeeReason, told(Amount, "Art. 12(5)"), dutyFeeCovers, told(Instead, "Art. 12(5)")},
	Restricting:      {told(Restricted, "Art. 18(1)"), dutyRestrictionGround, told(From, "Art. 18(1)"), told(Meaning, "Art. 18(2), (3)")},
	Lifting:          {told(Because, "Art. 18(3)"), told(From, "Art. 18(3)")},
	AnswerCorrection: {told(Wrong, "Art. 12(1)"), told(Righted, "Art. 12(1)"), told(Because, "Art. 5(2)")},
	PartialAnswer: slices.Concat([]duty{told(Missing, "Art. 12(3)"), told(Because, "Art. 12(3)"), told(From, "Art. 12(3)")},
		[]duty{dutyIdentity, dutySearched, dutyProcessors, dutyPeriod, dutyDated, dutyData, dutyOmissions, dutyFiles, dutyLater}, purposeDuties),
}

// Check holds the answer against the checklist of its kind. The fault names every part that is missing,
// with the purpose that it is missing for.
func (a *Answer) Check() error {
	var missing []locale.Text
	for _, d := range slices.Concat(always, checklists[a.Kind]) {
		for _, where := range d.lacks(a) {
			name := d.name
			if where != "" {
				name = locale.Text{NB: name.NB + " (" + where + ")", NN: name.NN + " (" + where + ")", EN: name.EN + " (" + where + ")"}
			}
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return incomplete(missing)
	}
	return nil
}

// complains tells whether the authority and the courts are both named, in the answer's language.
func complains(a *Answer) bool {
	said := strings.Join(a.Complaint, " ")
	c := register.Complaint(a.Locale)
	return strings.Contains(said, c.Complain) && strings.Contains(said, c.Court)
}

// notDone tells whether a group is something that was asked for and not done.
func (a *Answer) notDone(action string) bool {
	if action == "restricted" && a.Kind == Restriction {
		return false
	}
	return slices.Contains([]string{"kept", "refused", "withheld", "redacted", "restricted", "annotated"}, action)
}

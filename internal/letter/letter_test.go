package letter_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

func base(kind letter.Kind, right dsr.Right, l locale.Locale) letter.Answer {
	return letter.Answer{Kind: kind, Locale: l, Title: "Tittel", Paragraphs: []string{"Kort."}, Complaint: []string{register.Complaint(l).Paragraph},
		Case: export.Case{Reference: "MI-2026-7F3K-2Q", Right: right, Received: dsr.NewDate(2026, 6, 1), Answered: dsr.NewDate(2026, 6, 20),
			Due: dsr.NewDate(2026, 7, 1), Notice: "versjon 3"},
		Controller: export.Controller{Name: "Fjordlys AS", OrganisationNo: "999999999", Address: "Storgata 1, 5003 Bergen", Email: "personvern@example.no", DPO: "ombud@example.no"},
		Person:     export.Person{Name: "Kari Nordmann Ærø", Address: []string{"Fjordveien 2", "5003 Bergen"}},
		Identity:   []string{"Du brukte koden."}, Searched: []string{"Nettbutikken", "Innboksen"}, SearchedWith: []string{"e-postadresse"},
		Period: []string{"Alt som er lagret."}, Processors: []string{"Databehandlere som søket omfattet: Drift AS (Nettbutikken)."}, From: "Begrensningen gjelder fra 20. juni 2026.", Signer: export.Signer{Name: "Kari Hansen", Role: "personvernansvarlig"}}
}

// access is an answer to a request for access that lacks nothing.
func access(l locale.Locale) letter.Answer {
	a := base(letter.Access, dsr.Access, l)
	seed := register.Seed()
	a.Outcome = dsr.PartlyGranted
	a.Purposes = []export.Purpose{export.PurposeOf(seed.Activity("customers"), l), export.PurposeOf(seed.Activity("invoices"), l)}
	for i := range a.Purposes { // what the seed leaves open for the office
		p := &a.Purposes[i]
		p.Storage.System, p.Storage.Country, p.NoAutomated = "Nettbutikken", "NO", true
		for j := range p.Recipients {
			p.Recipients[j].Name = fmt.Sprintf("Mottaker %d AS", j+1)
		}
	}
	a.Purposes[1].KeptUntil = dsr.NewDate(2031, 12, 31)
	a.Groups = []letter.Group{{Action: "disclosed", Activity: a.Purposes[0].Name, Count: 3}}
	a.LeftOut = []letter.Omission{{What: "Notat", Law: register.LawText("GDPR art. 15(4)", l), Reason: "Notatet gjelder en annen."}}
	a.Files, a.Later = []string{"ZIP til 27. juni."}, []string{"Dette er hele svaret."}
	return a
}

// erased is an erasure of which a part is kept.
func erased(l locale.Locale) letter.Answer {
	a := base(letter.Erasure, dsr.Erasure, l)
	a.Outcome, a.Backups = dsr.PartlyGranted, "Sikkerhetskopier går ut på tid."
	a.Recipients = []string{"Lettermill Inc. (Nyhetsbrev)"}
	a.Groups = []letter.Group{{Action: "deleted", Activity: "Nyhetsbrev", Count: 2, Text: "Vi har slettet dette."},
		{Action: "kept", Activity: "Faktura", Count: 7, Text: "En lov krever det.", Law: "bokføringsloven § 13", Until: "2031-12-31"}}
	return a
}

// uncorrected is a rectification that is refused.
func uncorrected(l locale.Locale) letter.Answer {
	a := base(letter.Correction, dsr.Rectification, l)
	a.Outcome = dsr.Refused
	a.Groups = []letter.Group{{Action: "refused", Activity: "Kunderegister", Count: 1, Text: "Opplysningen er riktig.", Law: register.LawText("GDPR art. 16", l)}}
	return a
}

var whole = map[string]func(locale.Locale) letter.Answer{"access": access, "erasure": erased, "rectification": uncorrected}

func TestACC03TheOutlineHasTenHeadingsInOrder(t *testing.T) {
	t.Parallel()
	want := map[locale.Locale][]string{
		locale.NB: {"1. Kort svar", "2. Slik bekreftet vi hvem du er", "3. Her har vi lett", "4. Opplysningene dine – gruppert etter formål",
			"5. Overføring til land utenfor EØS", "6. Automatiserte avgjørelser og profilering", "7. Det vi ikke har tatt med",
			"8. Opplysninger vi ikke kan knytte til deg", "9. Er du uenig?", "10. Filene"},
		locale.NN: {"1. Kort svar", "2. Slik stadfesta vi kven du er", "3. Her har vi leita", "4. Opplysningane dine – grupperte etter føremål",
			"5. Overføring til land utanfor EØS", "6. Automatiserte avgjerder og profilering", "7. Det vi ikkje har teke med",
			"8. Opplysningar vi ikkje kan knyte til deg", "9. Er du usamd?", "10. Filene"},
		locale.EN: {"1. Short answer", "2. How we confirmed who you are", "3. Where we looked", "4. Your data – by purpose",
			"5. Transfers outside the EEA", "6. Automated decisions and profiling", "7. What we left out",
			"8. Data we cannot link to you", "9. If you disagree", "10. Files"},
	}
	for l, headings := range want {
		a := access(l)
		var got []string
		for _, s := range a.Letter().Sections {
			got = append(got, s.Heading)
		}
		if !slices.Equal(got, headings) {
			t.Errorf("%s: %q", l, got)
		}
		if err := a.Check(); err != nil {
			t.Errorf("%s: %v", l, err)
		}
	}
}

// Each line of the checklist, taken away, holds the letter back, and the fault names what is missing.
func TestACC03NothingThatTheLawRequiresCanBeLeftEmpty(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		take func(*letter.Answer)
		name string
	}{
		"number":         {func(a *letter.Answer) { a.Case.Reference = "" }, "saksnummer"},
		"received":       {func(a *letter.Answer) { a.Case.Received = dsr.Date{} }, "mottak"},
		"answered":       {func(a *letter.Answer) { a.Case.Answered = dsr.Date{} }, "svar"},
		"controller":     {func(a *letter.Answer) { a.Controller.Name = "" }, "behandlingsansvarlig"},
		"contact":        {func(a *letter.Answer) { a.Controller.Email, a.Controller.Address = "", "" }, "kontaktopplysninger"},
		"confirmation":   {func(a *letter.Answer) { a.Paragraphs = []string{" "} }, "kort svar"},
		"identity":       {func(a *letter.Answer) { a.Identity = nil }, "hvem du er"},
		"search":         {func(a *letter.Answer) { a.Searched = nil }, "hvor det er lett"},
		"period":         {func(a *letter.Answer) { a.Period = []string{" "} }, "tidsrom"},
		"date of search": {func(a *letter.Answer) { a.Undated = []string{"Nettbutikken"} }, "når det ble lett (Nettbutikken)"},
		"data":           {func(a *letter.Answer) { a.Purposes, a.LeftOut = nil, nil }, "etter formål"},
		"purpose":        {func(a *letter.Answer) { a.Purposes[0].Purpose = "" }, "formål (Kunderegister)"},
		"basis":          {func(a *letter.Answer) { a.Purposes[0].Bases = nil }, "behandlingsgrunnlag (Kunderegister)"},
		"categories":     {func(a *letter.Answer) { a.Purposes[0].Categories = nil }, "kategorier"},
		"recipient":      {func(a *letter.Answer) { a.Purposes[0].Recipients = []export.Recipient{{Role: "processor"}} }, "navn på mottaker (Kunderegister)"},
		"recipients":     {func(a *letter.Answer) { a.Purposes[0].Recipients = nil }, "hvem som får opplysningene, eller at ingen andre får dem (Kunderegister)"},
		"retention":      {func(a *letter.Answer) { a.Purposes[0].Retention = "" }, "lagringstid"},
		"rights":         {func(a *letter.Answer) { a.Purposes[0].Rights = nil }, "hva du kan kreve"},
		"source":         {func(a *letter.Answer) { a.Purposes[0].Sources = nil }, "kilde"},
		"system":         {func(a *letter.Answer) { a.Purposes[0].Storage.System = "" }, "hvilket system opplysningene lagres i (Kunderegister)"},
		"country":        {func(a *letter.Answer) { a.Purposes[0].Storage.Country = "" }, "hvilket land opplysningene lagres i (Kunderegister)"},
		"protection":     {func(a *letter.Answer) { a.Purposes[0].Storage.Protection = "" }, "hvordan opplysningene er sikret (Kunderegister)"},
		"automated":      {func(a *letter.Answer) { a.Purposes[0].NoAutomated = false }, "om avgjørelser tas automatisk, og i så fall hvordan (Kunderegister)"},
		"safeguard":      {func(a *letter.Answer) { a.Purposes[0].Recipients = []export.Recipient{{Name: "Cloud", Country: "US"}} }, "garanti"},
		"provision":      {func(a *letter.Answer) { a.LeftOut[0].Law = "" }, "bestemmelsen"},
		"reason":         {func(a *letter.Answer) { a.LeftOut[0].Reason = "" }, "grunnen"},
		"complaint":      {func(a *letter.Answer) { a.Complaint = []string{register.Complaint(locale.NB).Court} }, "klage til Datatilsynet"},
		"court":          {func(a *letter.Answer) { a.Complaint = []string{register.Complaint(locale.NB).Complain} }, "domstolene"},
		"later":          {func(a *letter.Answer) { a.Later = nil }, "om noe av svaret kommer senere"},
		"files":          {func(a *letter.Answer) { a.Files = nil }, "filer"},
	}
	for name, c := range cases {
		a := access(locale.NB)
		c.take(&a)
		err := a.Check()
		if f := fault.From(err); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(f.Text.NB, c.name) || !f.Text.Complete() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The register says early what would hold a letter back: of every part that an activity may lack, its gaps say that an
// answer has to tell it exactly where the checklist refuses the letter.
func TestACC03TheRegisterSaysWhatALetterWillLack(t *testing.T) {
	t.Parallel()
	whole := *register.Seed().Activity("invoices")
	whole.Storage = register.Storage{System: "Nettbutikken", Country: "NO", Protection: locale.Text{NB: "x", NN: "x", EN: "x"}}
	whole.NoAutomated = true
	whole.Recipients = []register.Recipient{{Name: "Talloft AS", Role: "processor", Country: "NO", Why: locale.Text{NB: "x", NN: "x", EN: "x"}}}
	for name, c := range map[string]struct {
		spoil func(*register.Activity)
		holds bool
	}{
		"nothing":       {func(*register.Activity) {}, false},
		"purpose":       {func(a *register.Activity) { a.Purpose = locale.Text{} }, true},
		"bases":         {func(a *register.Activity) { a.Bases = nil }, true},
		"categories":    {func(a *register.Activity) { a.Categories = nil }, true},
		"name":          {func(a *register.Activity) { a.Recipients = []register.Recipient{{Role: "processor", Country: "NO"}} }, true},
		"no recipients": {func(a *register.Activity) { a.Recipients = nil }, true},
		"sources":       {func(a *register.Activity) { a.Sources = nil }, true},
		"system":        {func(a *register.Activity) { a.Storage.System = "" }, true},
		"country":       {func(a *register.Activity) { a.Storage.Country = "" }, true},
		"protection":    {func(a *register.Activity) { a.Storage.Protection = locale.Text{} }, true},
		"automated":     {func(a *register.Activity) { a.NoAutomated = false }, true},
		"retention":     {func(a *register.Activity) { a.Retention.Text = locale.Text{} }, true},
		"safeguard": {func(a *register.Activity) {
			a.Recipients = []register.Recipient{{Name: "Cloud", Role: "processor", Country: "US"}}
		}, true},
		"why": {func(a *register.Activity) {
			a.Recipients = []register.Recipient{{Name: "Talloft AS", Role: "processor", Country: "NO"}}
		}, false},
		"nobody receives": {func(a *register.Activity) { a.Recipients, a.NoRecipients = nil, true }, false},
	} {
		a := whole
		c.spoil(&a)
		said := slices.ContainsFunc(a.Gaps(), func(g register.Gap) bool { return g.Answers })
		l := access(locale.NB)
		l.Purposes = []export.Purpose{export.PurposeOf(&a, locale.NB)}
		if err := l.Check(); said != c.holds || (err != nil) != c.holds {
			t.Errorf("%s: said %v, letter %v", name, said, err)
		}
		if name == "nobody receives" && !strings.Contains(l.Letter().Text(), "Ingen andre får dem.") {
			t.Error("the letter does not say that nobody else receives the data")
		}
	}
}

// A source that the register links to no activity is answered from all the same, and the letter says so; an
// activity of the register that only looks like it is held to everything.
func TestWhatHasNoPlaceInTheRegisterIsNotRefused(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		a := access(l)
		a.Purposes = append(a.Purposes, export.PurposeOf(nil, l))
		if err := a.Check(); err != nil {
			t.Error(err)
		}
		if last := a.Purposes[len(a.Purposes)-1]; last.Purpose == "" {
			t.Errorf("%s: the letter does not say that the register has no place for it", l)
		}
		a.Purposes = append(a.Purposes, export.PurposeOf(&register.Activity{ID: "other"}, l))
		if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) {
			t.Errorf("%s: an activity called other passes: %v", l, err)
		}
	}
}

// Whatever the ground, the kind and the language: a refusal without its provision, its reason or the way to
// complain is held back, and with them the letter says all of it.
func TestREF01REF02EveryRefusalTellsProvisionReasonAndComplaint(t *testing.T) {
	t.Parallel()
	for _, ground := range register.RefusalGrounds {
		for _, l := range locale.All {
			for _, kind := range letter.Kinds {
				if !kind.Ends() {
					continue
				}
				law, reason := register.ArticleText(ground.Article).In(l), fmt.Sprintf("Grunnen %s i saken.", ground.Code)
				a := base(kind, dsr.Erasure, l)
				a.Backups, a.Files, a.Later = "x", []string{"x"}, []string{"x"}
				a.LeftOut = []letter.Omission{{What: ground.Label.In(l), Law: law, Reason: reason}}
				a.Groups = []letter.Group{{Action: "refused", Activity: ground.Label.In(l), Count: 1, Law: law, Text: reason}}
				if err := a.Check(); err != nil {
					t.Fatalf("%s %s %s: %v", ground.Code, l, kind, err)
				}
				said := a.Letter().Text()
				c := register.Complaint(l)
				for _, want := range []string{c.Complain, c.Court} {
					if !strings.Contains(said, want) {
						t.Errorf("%s %s %s lacks %q", ground.Code, l, kind, want)
					}
				}
				if kind != letter.NothingHeld && (!strings.Contains(said, law) || !strings.Contains(said, reason)) {
					t.Errorf("%s %s %s does not tell why: %s", ground.Code, l, kind, said)
				}
				for name, take := range map[string]func(){"complaint": func() { a.Complaint = nil },
					"law": func() { a.LeftOut[0].Law, a.Groups[0].Law = "", "" }, "reason": func() { a.LeftOut[0].Reason, a.Groups[0].Text = "", "" }} {
					if kind == letter.NothingHeld && name != "complaint" {
						continue
					}
					kept := a
					a.LeftOut, a.Groups = slices.Clone(a.LeftOut), slices.Clone(a.Groups)
					take()
					if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) {
						t.Errorf("%s %s %s without %s: %v", ground.Code, l, kind, name, err)
					}
					a = kept
				}
			}
		}
	}
}

// The answer to a request for restriction says since when the data are only stored, and is held back without it.
func TestRES01TheAnswerSaysSinceWhen(t *testing.T) {
	t.Parallel()
	day := dsr.NewDate(2026, 6, 20)
	want := map[locale.Locale]string{locale.NB: "Begrensningen gjelder fra 20. juni 2026.", locale.NN: "Avgrensinga gjeld frå 20. juni 2026.", locale.EN: "The restriction applies from 20 June 2026."}
	for _, l := range locale.All {
		a := base(letter.Restriction, dsr.Restriction, l)
		a.Groups, a.NobodyTold, a.From = []letter.Group{{Action: "restricted", Activity: "Kunder", Count: 1, Text: "Bare lagret."}}, "Ingen.", letter.RestrictedFrom(l, day, day)
		if said := a.Letter().Text(); a.Check() != nil || !strings.Contains(said, want[l]) {
			t.Errorf("%s: %v, %s", l, a.Check(), said)
		}
		if two := letter.RestrictedFrom(l, day, day.AddDays(2)); !strings.Contains(two, day.Format(l)) || !strings.Contains(two, day.AddDays(2).Format(l)) {
			t.Errorf("%s: %s", l, two)
		}
		if a.From = ""; !errors.Is(a.Check(), letter.ErrIncomplete) {
			t.Errorf("%s: sent without its day", l)
		}
		a.Groups[0] = letter.Group{Action: "refused", Activity: "Kunder", Count: 1, Text: "Vilkårene er ikke oppfylt.", Law: "artikkel 18"}
		if err := a.Check(); err != nil {
			t.Errorf("%s: nothing is restricted, and a day is asked for: %v", l, err)
		}
	}
}

// Where something is corrected, erased or restricted, the letter says who is told of it, or why nobody is. Where nothing
// was done there is nothing to tell.
func TestNOT01NOT02TheLetterSaysWhoIsToldOrThatNobodyIs(t *testing.T) {
	t.Parallel()
	for kind, c := range map[letter.Kind]struct {
		right  dsr.Right
		action string
	}{
		letter.Correction: {dsr.Rectification, "corrected"}, letter.Erasure: {dsr.Erasure, "deleted"},
		letter.Restriction: {dsr.Restriction, "restricted"}, letter.Objection: {dsr.Objection, "anonymised"},
	} {
		for _, l := range locale.All {
			a := base(kind, c.right, l)
			a.Backups = "x"
			a.Groups = []letter.Group{{Action: c.action, Activity: "x", Count: 1, Text: "y"}}
			told := func() *letter.Section {
				for _, s := range a.Letter().Sections {
					if s.Part == letter.Recipients {
						return &s
					}
				}
				return nil
			}
			if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(fault.From(err).Text.EN, "who is told, or that nobody else has received the data") {
				t.Errorf("%s %s says nothing of who is told: %v", kind, l, err)
			}
			a.NobodyTold = "Ingen."
			if s := told(); a.Check() != nil || s == nil || len(s.Blocks) != 1 || s.Blocks[0].Text != "Ingen." {
				t.Errorf("%s %s: %v, %+v", kind, l, a.Check(), s)
			}
			a.NobodyTold, a.Recipients = "", []string{"Lettermill Inc."}
			if s := told(); a.Check() != nil || s == nil || !slices.Equal(s.Blocks[0].List, a.Recipients) {
				t.Errorf("%s %s: %v, %+v", kind, l, a.Check(), s)
			}
			a.Recipients, a.Groups[0].Action, a.Groups[0].Law = nil, "refused", "z"
			if a.Check() != nil || told() != nil {
				t.Errorf("%s %s, with nothing done: %v, %+v", kind, l, a.Check(), told())
			}
		}
	}
}

func TestNAT06LettersNameTheAppealToPersonvernnemnda(t *testing.T) {
	t.Parallel()
	for name, make := range whole {
		for _, l := range locale.All {
			a := make(l)
			if said := a.Letter().Text(); !strings.Contains(said, "Personvernnemnda") || !strings.Contains(said, "datatilsynet.no") {
				t.Errorf("%s %s: %s", name, l, said)
			}
		}
	}
}

// Words of the office are added in their own place; they take nothing away.
func TestOwnWordsAreMarkedAndRemoveNothing(t *testing.T) {
	t.Parallel()
	plain, with := access(locale.NB), access(locale.NB)
	with.Words = []string{"Ring oss gjerne."}
	found := false
	for _, s := range with.Letter().Sections {
		for _, b := range s.Blocks {
			found = found || s.Part == letter.Own && b.Own && b.Text == "Ring oss gjerne."
		}
	}
	if !found {
		t.Error("the words have no place of their own")
	}
	for _, s := range plain.Letter().Sections {
		_, heading, _ := strings.Cut(s.Heading, " ")
		if !strings.Contains(with.Letter().Text(), heading) {
			t.Errorf("the words took %q away", heading)
		}
	}
}

// The short answer comes first, and all the rest is there at once.
func TestACC13TheShortAnswerStandsFirst(t *testing.T) {
	t.Parallel()
	for name, make := range whole {
		a := make(locale.NB)
		l := a.Letter()
		if l.Sections[0].Part != letter.Summary || l.Sections[0].Blocks[0].Text != a.Paragraphs[0] {
			t.Errorf("%s begins with %+v", name, l.Sections[0])
		}
		for _, p := range a.Purposes {
			if !strings.Contains(l.Text(), p.Purpose) || !strings.Contains(l.Text(), p.Retention) {
				t.Errorf("%s leaves %s for later", name, p.Name)
			}
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	good := `refusal:
  nb:
    title: Svar i sak {reference}
    parts:
      - part: disagree
        heading: Slik klager du
        intro: Kravet kom {received}.
      - part: reasons
      - part: summary
      - part: words
`
	templates, err := letter.ParseTemplates(good)
	if err != nil {
		t.Fatal(err)
	}
	a := base(letter.Refusal, dsr.Access, locale.NB)
	a.LeftOut = []letter.Omission{{What: "x", Law: "artikkel 12 nr. 5", Reason: "y"}}
	a.Template = templates.Of(letter.Refusal, locale.NB)
	got := a.Letter()
	if got.Title != "Svar i sak MI-2026-7F3K-2Q" || got.Sections[0].Heading != "1. Slik klager du" || got.Sections[0].Blocks[0].Text != "Kravet kom 1. juni 2026." {
		t.Errorf("letter %+v", got)
	}
	if templates.Of(letter.Refusal, locale.EN) != nil || templates.Of(letter.Access, locale.NB) != nil {
		t.Error("what has no template is not worded as built in")
	}
	bad := map[string]struct{ change, to, says string }{
		"duty":        {"      - part: reasons\n", "", "Linje 2: delen «reasons» mangler"},
		"placeholder": {"{received}", "{password}", "Linje 7: ukjent felt i klammer «{password}»"},
		"part":        {"part: words", "part: data", "Linje 10: ukjent del «data»"},
		"twice":       {"part: words", "part: reasons", "Linje 10: delen «reasons» står to ganger"},
		"kind":        {"refusal:", "refusing:", "Linje 1: ukjent brev «refusing»"},
		"language":    {"  nb:", "  de:", "Linje 2: ukjent språk «de»"},
		"field":       {"title:", "titel:", "Linje 3: ukjent felt «titel»"},
		"yaml":        {"    title: ", "    title: [", "Linje"},
	}
	for name, c := range bad {
		_, err := letter.ParseTemplates(strings.Replace(good, c.change, c.to, 1))
		if f := fault.From(err); !errors.Is(err, letter.ErrTemplate) || !strings.Contains(f.Text.NB, c.says) || !f.Text.Complete() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if none, err := letter.ParseTemplates(""); err != nil || len(none) != 0 {
		t.Errorf("no text: %v, %v", none, err)
	}
}

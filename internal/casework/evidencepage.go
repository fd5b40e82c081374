package casework

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// proposalWords say what is proposed for, or decided about, what was found.
var proposalWords = map[string]locale.Text{
	string(register.Disclose):  text("Utleveres", "Blir utlevert", "Disclosed"),
	string(register.Withheld):  text("Holdes tilbake", "Blir halde tilbake", "Withheld"),
	string(register.Mask):      text("Utleveres sladdet", "Blir utlevert sladda", "Disclosed, redacted"),
	string(register.Erase):     text("Slettes", "Blir sletta", "Erased"),
	string(register.Anonymise): text("Anonymiseres", "Blir anonymisert", "Anonymised"),
	string(register.Restrict):  text("Begrenses", "Blir avgrensa", "Restricted"),
	string(register.Keep):      text("Beholdes", "Blir teke vare på", "Kept"),
	string(register.Review):    text("Må vurderes", "Må vurderast", "To be assessed"),
	string(register.Suppress):  text("Slettes", "Blir sletta", "Erased"),
	string(register.Set):       text("Rettes", "Blir retta", "Corrected"),
	string(register.Annotate):  text("Merknad legges ved", "Merknad blir lagd ved", "Statement added"),
	string(register.Refuse):    text("Avslås", "Blir avslått", "Refused"),
}

var actorWords = map[string]locale.Text{
	string(dsr.Person):    text("Personen", "Personen", "The person"),
	string(dsr.System):    text("Portalen", "Portalen", "The portal"),
	string(dsr.Colleague): text("En kollega", "Ein kollega", "A colleague"),
}

var identifierWords = map[string]locale.Text{
	"email":        text("e-postadresse", "e-postadresse", "e-mail address"),
	"phone_number": text("telefonnummer", "telefonnummer", "phone number"),
	"external_id":  text("kundenummer", "kundenummer", "customer number"),
	"name":         text("navn", "namn", "name"),
	"ip_address":   text("IP-adresse", "IP-adresse", "IP address"),
}

// page writes the evidence for people: the same as the data, in words.
func (w *witness) page(out *export.Evidence) {
	out.Title = text("Bevis for saksbehandlingen", "Bevis for saksbehandlinga", "Evidence of how the case was handled").In(w.l)
	out.Made = w.at(w.tx.Now)
	out.Lead = text("Uten personopplysninger. Hvem som gjorde noe, står som rolle.", "Utan personopplysningar. Kven som gjorde noko, står som rolle.",
		"Without personal data. Who did something is given as a role.").In(w.l)
	if w.whole {
		out.Lead = text("Med personopplysninger. Oppbevar pakken trygt, og slett den når den ikke trengs lenger.",
			"Med personopplysningar. Ta vare på pakken på ein trygg stad, og slett han når han ikkje trengst lenger.",
			"With personal data. Keep the pack safe, and delete it when it is no longer needed.").In(w.l)
	}
	out.Sections = []export.EvidenceSection{w.casePart(), w.clockPart(), w.searchPart()}
	if len(w.e.Facts) > 0 {
		out.Sections = append(out.Sections, w.factsPart())
	}
	out.Sections = append(out.Sections, w.findingsPart())
	if len(w.e.Redactions) > 0 {
		out.Sections = append(out.Sections, w.redactionsPart())
	}
	out.Sections = append(out.Sections, w.planPart(), w.answerPart())
	if w.whole {
		out.Sections = append(out.Sections, w.messagesPart())
	}
	if len(w.e.Recipients) > 0 {
		out.Sections = append(out.Sections, w.recipientsPart())
	}
	out.Sections = append(out.Sections, w.eventsPart())
}

func (w *witness) at(t time.Time) string {
	return dsr.DateOf(t, w.zone).Format(w.l) + t.In(w.zone).Format(" 15:04")
}

func (w *witness) word(words map[string]locale.Text, key string) string {
	if t, ok := words[key]; ok {
		return t.In(w.l)
	}
	return key
}

func (w *witness) role(role string) string {
	if r := staff.Role(role); !r.Text().IsZero() {
		return r.Text().In(w.l)
	}
	return w.word(actorWords, role)
}

type factList struct {
	l     locale.Locale
	facts []export.EvidenceFact
}

func (f *factList) add(name locale.Text, value string) {
	if value != "" {
		f.facts = append(f.facts, export.EvidenceFact{Name: name.In(f.l), Value: value})
	}
}

func (w *witness) casePart() export.EvidenceSection {
	f, e := factList{l: w.l}, w.e
	f.add(text("Behandlingsansvarlig", "Behandlingsansvarleg", "Controller"), strings.TrimSpace(e.Controller.Name+" "+e.Controller.OrganisationNumber))
	f.add(text("Krav om", "Krav om", "Request for"), fmt.Sprintf("%s (%s)", e.Case.Right.Name().In(w.l), register.ArticleText(e.Case.Article).In(w.l)))
	f.add(text("Hva det ble bedt om", "Kva det vart bede om", "What was asked"), strings.Join(e.Asked, "\n"))
	f.add(text("Mottatt", "Motteke", "Received"), w.at(e.Case.ReceivedAt))
	f.add(text("Kanal", "Kanal", "Channel"), e.Case.Channel.Text().In(w.l))
	f.add(text("Identitet", "Identitet", "Identity"), e.Identity.Text)
	if p := e.Person; p != nil {
		f.add(text("Navn", "Namn", "Name"), p.Name)
		f.add(text("E-post", "E-post", "E-mail"), p.Email)
		f.add(text("Postadresse", "Postadresse", "Postal address"), p.Postal)
	}
	f.add(text("Tilstand", "Tilstand", "State"), e.Case.State.Row().Staff.In(w.l))
	f.add(text("Utfall", "Utfall", "Outcome"), e.Case.Outcome.Text().In(w.l))
	if e.Case.AnsweredAt != nil {
		f.add(text("Besvart", "Svara på", "Answered"), w.at(*e.Case.AnsweredAt))
	}
	f.add(text("Protokollversjon", "Protokollversjon", "Version of the record of processing"), strconv.FormatInt(e.Register.Version, 10))
	if e.Register.From != nil {
		f.add(text("Personvernerklæring", "Personvernerklæring", "Privacy notice"), fmt.Sprintf(
			text("Versjon %d, gjelder fra %s", "Versjon %d, gjeld frå %s", "Version %d, in force from %s").In(w.l), e.Register.Notice, e.Register.From.Format(w.l)))
	}
	return export.EvidenceSection{Title: text("Saken", "Saka", "The case").In(w.l), Facts: f.facts}
}

func (w *witness) clockPart() export.EvidenceSection {
	f, c := factList{l: w.l}, w.e.Clock
	f.add(text("Svarfrist", "Svarfrist", "Due date"), c.Due.Format(w.l))
	f.add(text("Hvorfor denne datoen", "Kvifor denne datoen", "Why this date"), strings.Join(c.Reasons, "\n"))
	if w.r.P.ExtendedMonths() > 0 {
		f.add(text("Siste dag for et avslag", "Siste dag for eit avslag", "Last day for a refusal"), c.RefusalDue.Format(w.l))
	}
	if c.Timing != "" {
		f.add(text("Besvart i tide", "Svara på i tide", "Answered in time"), map[dsr.Timing]string{
			dsr.InTime:  text("Ja", "Ja", "Yes").In(w.l),
			dsr.TooLate: text("Nei", "Nei", "No").In(w.l),
			dsr.OnPause: fmt.Sprintf(text("Ja, men bare fordi fristen var stanset. Uten stansen var svarfristen %s.",
				"Ja, men berre fordi fristen var stansa. Utan stansen var svarfristen %s.",
				"Yes, but only because the clock was paused. Without the pause the due date was %s.").In(w.l), c.DueUnsuspended.Format(w.l)),
		}[c.Timing])
	}
	return export.EvidenceSection{Title: text("Fristen", "Fristen", "The time limit").In(w.l), Facts: f.facts}
}

func (w *witness) searchPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Søket", "Søket", "The search").In(w.l),
		Head: []string{text("System", "System", "System").In(w.l), text("Rader funnet", "Rader funne", "Rows found").In(w.l), text("Merknad", "Merknad", "Note").In(w.l)}}
	search := w.e.Search
	if search == nil {
		return s
	}
	f := factList{l: w.l}
	f.add(text("Begynte", "Byrja", "Began"), w.at(search.StartedAt))
	if search.FinishedAt != nil {
		f.add(text("Ferdig", "Ferdig", "Ended"), w.at(*search.FinishedAt))
	}
	var kinds []string
	for _, kind := range search.By {
		kinds = append(kinds, w.word(identifierWords, kind))
	}
	f.add(text("Søkt med", "Søkt med", "Searched by"), strings.Join(kinds, ", "))
	s.Facts = f.facts
	for _, one := range search.Systems {
		name, note := one.Title, ""
		if name == "" {
			name = one.Name
		}
		switch {
		case one.Down != "":
			note = text("Kunne ikke leses", "Kunne ikkje lesast", "Could not be read").In(w.l)
		case one.Hand:
			note = text("En kollega lette", "Ein kollega leita", "A colleague looked").In(w.l)
		}
		s.Rows = append(s.Rows, []string{name, strconv.FormatInt(one.Found, 10), note})
	}
	return s
}

func (w *witness) findingsPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Funn og avgjørelser", "Funn og avgjerder", "Findings and decisions").In(w.l),
		Head: []string{text("Aktivitet", "Aktivitet", "Activity").In(w.l), text("Sted", "Stad", "Place").In(w.l), text("Rader", "Rader", "Rows").In(w.l),
			text("Forslag", "Framlegg", "Proposed").In(w.l), text("Lovgrunnlag", "Lovgrunnlag", "Law").In(w.l), text("Avgjort av", "Avgjort av", "Decided by").In(w.l)}}
	for _, f := range w.e.Findings {
		proposed := w.word(proposalWords, f.Proposed)
		if f.Until != nil {
			proposed += text(" til ", " til ", " until ").In(w.l) + f.Until.Format(w.l)
		}
		decided := text("Etter protokollen", "Etter protokollen", "By the record").In(w.l)
		switch {
		case f.Decided != "":
			decided = fmt.Sprintf("%s: %s", w.role(f.Role), w.word(proposalWords, f.Decided))
			if f.Ground != "" {
				decided += fmt.Sprintf(" (%s)", groundText(f.Ground, w.l))
			}
			if f.Reason != "" {
				decided += ". " + f.Reason
			}
		case f.Proposed == string(register.Review):
			decided = text("Ikke avgjort", "Ikkje avgjort", "Not decided").In(w.l)
		}
		s.Rows = append(s.Rows, []string{f.Name, f.Collection, strconv.FormatInt(f.Rows, 10), proposed, register.LawText(f.Law, w.l), decided})
	}
	return s
}

func (w *witness) redactionsPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Sladdet i tekster", "Sladda i tekstar", "Redacted in texts").In(w.l),
		Head: []string{text("Når", "Når", "When").In(w.l), text("Aktivitet", "Aktivitet", "Activity").In(w.l), text("Felt", "Felt", "Field").In(w.l),
			text("Steder i teksten", "Stader i teksten", "Passages").In(w.l), text("Grunnlag", "Grunnlag", "Ground").In(w.l), text("Av", "Av", "By").In(w.l)}}
	for _, r := range w.e.Redactions {
		passages, ground, who := strconv.FormatInt(r.Passages, 10), "", w.role(r.Role)
		switch {
		case r.Passages == 0:
			passages = text("Sladdingen er tatt tilbake", "Sladdinga er teken tilbake", "The redaction was taken back").In(w.l)
		case r.Replaced:
			passages += text(" (gjelder ikke lenger)", " (gjeld ikkje lenger)", " (no longer in force)").In(w.l)
		}
		if r.Ground != "" {
			ground = groundText(r.Ground, w.l)
		}
		if r.Reason != "" {
			ground += ". " + r.Reason
		}
		if r.Member != "" {
			who += ", " + r.Member
		}
		s.Rows = append(s.Rows, []string{w.at(r.At), r.Name, r.Collection + "." + r.Field, passages, ground, who})
	}
	return s
}

// factWords name what a member can tell of a case, and valueWords what can be said of it.
var (
	factWords = map[string]locale.Text{
		"relation":            text("Forholdet til personen", "Forholdet til personen", "The relation to the person"),
		"weighing":            text("Avveining av interessene", "Avveging av interessene", "Weighing of the interests"),
		"claim":               text("Det er en åpen tvist eller et krav", "Det er ein open tvist eller eit krav", "A claim or dispute is open"),
		"unlawful":            text("Behandlingen var ulovlig", "Behandlinga var ulovleg", "The processing was unlawful"),
		"child":               text("Samlet inn på nett fra et barn", "Samla inn på nett frå eit barn", "Collected online from a child"),
		"duty_to_erase":       text("En lov krever sletting", "Ei lov krev sletting", "A law requires erasure"),
		"prefers_restriction": text("Personen vil heller ha begrensning", "Personen vil heller ha avgrensing", "The person prefers restriction"),
		"objection":           text("Personen har protestert", "Personen har protestert", "The person has objected"),
		"consent_withdrawn":   text("Samtykket er trukket", "Samtykket er trekt", "Consent is withdrawn"),
		"opinion":             text("Dette er en vurdering, ikke et faktum", "Dette er ei vurdering, ikkje eit faktum", "This is an assessment, not a fact"),
		"accurate":            text("Opplysningen er riktig", "Opplysninga er rett", "The data are accurate"),
	}
	valueWords = map[string]locale.Text{
		"yes": text("Ja", "Ja", "Yes"), "no": text("Nei", "Nei", "No"), "unknown": text("Vet ikke", "Veit ikkje", "Not known"),
		string(register.Ongoing):       text("Løpende", "Løpande", "Ongoing"),
		string(register.Ended):         text("Avsluttet", "Avslutta", "Ended"),
		string(register.Compelling):    text("Vi har tvingende berettigede grunner til å fortsette", "Vi har tvingande rettkomne grunnar til å halde fram", "We have compelling legitimate grounds to continue"),
		string(register.NotCompelling): text("Vi har ikke tvingende berettigede grunner til å fortsette", "Vi har ikkje tvingande rettkomne grunnar til å halde fram", "We have no compelling legitimate grounds to continue"),
	}
)

// FactText gives a fact and what was said of it in words; none that there is lacks them.
func FactText(kind, value string, l locale.Locale) (name, said string) {
	return factWords[kind].In(l), valueWords[value].In(l)
}

func (w *witness) factsPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Det avgjørelsene bygger på", "Det avgjerdene byggjer på", "What the decisions rest on").In(w.l),
		Head: []string{text("Når", "Når", "When").In(w.l), text("Gjelder", "Gjeld", "About").In(w.l), text("Hva", "Kva", "What").In(w.l),
			text("Svar", "Svar", "Answer").In(w.l), text("Notert av", "Notert av", "Recorded by").In(w.l)}}
	for _, f := range w.e.Facts {
		about, who := f.Name, w.role(f.Role)
		if about == "" {
			about = text("Hele saken", "Heile saka", "The whole case").In(w.l)
		}
		if f.Member != "" {
			who += ", " + f.Member
		}
		name, value := FactText(f.Kind, f.Value, w.l)
		if f.Reason != "" {
			value += ". " + f.Reason
		}
		s.Rows = append(s.Rows, []string{w.at(f.At), about, name, value, who})
	}
	return s
}

func (w *witness) planPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Planen og gjennomføringen", "Planen og gjennomføringa", "The plan and what was done").In(w.l)}
	p := w.e.Plan
	if p == nil {
		return s
	}
	f := factList{l: w.l}
	f.add(text("Planens kjennetegn", "Kjenneteiknet til planen", "The plan's digest"), p.Digest)
	if a := p.Approval; a != nil {
		who := w.role(a.Role)
		if a.Name != "" {
			who += ", " + a.Name
		}
		f.add(text("Godkjent", "Godkjend", "Approved"), w.at(a.At)+"\n"+who)
		if a.Alone {
			f.add(text("To personer", "To personar", "Two people"), text("Virksomheten har én som kan godkjenne; godkjent med to bekreftelser", "Verksemda har éin som kan godkjenne; godkjent med to stadfestingar",
				"The organisation has one approver; approved with two confirmations").In(w.l))
		}
	}
	for _, x := range p.Executed {
		if x.DoneAt != nil {
			f.add(text("Gjennomført", "Gjennomført", "Carried out"), fmt.Sprintf(text("%s: %s – %d slettet, %d endret", "%s: %s – %d sletta, %d endra", "%s: %s – %d erased, %d changed").In(w.l),
				x.Source, w.at(*x.DoneAt), x.Deleted, x.Changed))
		}
	}
	s.Facts = f.facts
	s.Head = []string{text("Aktivitet", "Aktivitet", "Activity").In(w.l), text("Handling", "Handling", "Action").In(w.l), text("Rader", "Rader", "Rows").In(w.l),
		text("Lovgrunnlag", "Lovgrunnlag", "Law").In(w.l), text("Til", "Til", "Until").In(w.l)}
	for _, t := range p.Tallies {
		s.Rows = append(s.Rows, []string{t.Name.In(w.l), actionWord(t.Action).In(w.l), strconv.FormatInt(t.Count, 10), register.LawText(t.Law, w.l), w.until(t.Until)})
	}
	return s
}

func (w *witness) until(day string) string {
	if on, err := dsr.ParseDate(day); err == nil {
		return on.Format(w.l)
	}
	return ""
}

func (w *witness) answerPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Svaret", "Svaret", "The answer").In(w.l)}
	a := w.e.Answer
	if a == nil {
		return s
	}
	if a.Title != "" {
		s.Text = append(s.Text, a.Title)
	}
	s.Text = append(append(s.Text, a.Paragraphs...), a.Complaint...)
	f := factList{l: w.l}
	f.add(text("Utfall", "Utfall", "Outcome"), a.Outcome.Text().In(w.l))
	f.add(text("Mottakere det ble opplyst om", "Mottakarar det vart opplyst om", "Recipients told of"), cmp.Or(strings.Join(a.Recipients, "\n"), a.NobodyTold))
	s.Facts = f.facts
	s.Head = []string{text("Aktivitet", "Aktivitet", "Activity").In(w.l), text("Handling", "Handling", "Action").In(w.l), text("Rader", "Rader", "Rows").In(w.l),
		text("Begrunnelse", "Grunngiving", "Reason").In(w.l), text("Til", "Til", "Until").In(w.l)}
	for _, g := range a.Groups {
		s.Rows = append(s.Rows, []string{g.Activity, actionWord(g.Action).In(w.l), strconv.FormatInt(g.Count, 10), strings.TrimSpace(g.Text + " " + register.LawText(g.Law, w.l)), w.until(g.Until)})
	}
	return s
}

func (w *witness) messagesPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Meldinger", "Meldingar", "Messages").In(w.l),
		Head: []string{text("Når", "Når", "When").In(w.l), text("Fra", "Frå", "From").In(w.l), text("Melding", "Melding", "Message").In(w.l)}}
	words := map[string]locale.Text{store.FromPerson: actorWords[string(dsr.Person)], store.FromOffice: text("Virksomheten", "Verksemda", "The organisation"),
		store.FromNote: text("Intern merknad", "Intern merknad", "Internal note")}
	for _, m := range w.e.Messages {
		said := m.Body
		if m.Erased {
			said = text("Slettet: et svar om hvem personen er", "Sletta: eit svar om kven personen er", "Erased: a reply about who the person is").In(w.l)
		}
		s.Rows = append(s.Rows, []string{w.at(m.At), w.word(words, m.Author), said})
	}
	return s
}

func (w *witness) recipientsPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Mottakere som er varslet", "Mottakarar som er varsla", "Recipients told").In(w.l),
		Head: []string{text("Mottaker", "Mottakar", "Recipient").In(w.l), text("Hvordan", "Korleis", "How").In(w.l), text("Varslet", "Varsla", "Told").In(w.l), text("Status", "Status", "State").In(w.l)}}
	channels := map[string]locale.Text{store.ChannelMail: text("E-post", "E-post", "E-mail"), store.ChannelWebhook: text("System til system", "System til system", "System to system"),
		store.ChannelTask: text("Av en saksbehandler", "Av ein saksbehandlar", "By a member")}
	for i, r := range w.e.Recipients {
		name, told := r.Name, ""
		if name == "" {
			name = strconv.Itoa(i + 1)
		}
		if r.ToldAt != nil {
			told = w.at(*r.ToldAt)
		}
		s.Rows = append(s.Rows, []string{name, w.word(channels, r.Channel), told, NoticeStateText(r.State, w.l)})
	}
	return s
}

func (w *witness) eventsPart() export.EvidenceSection {
	s := export.EvidenceSection{Title: text("Alt som skjedde", "Alt som hende", "All that happened").In(w.l),
		Head: []string{text("Når", "Når", "When").In(w.l), text("Hva", "Kva", "What").In(w.l), text("Hvem", "Kven", "Who").In(w.l), text("Spor i loggen", "Spor i loggen", "Leaf in the log").In(w.l)}}
	for _, e := range w.e.Events {
		what, who := e.Text, w.role(e.Role)
		if e.Note != "" {
			what += ": " + e.Note
		}
		if e.Name != "" {
			who += ", " + e.Name
		}
		s.Rows = append(s.Rows, []string{w.at(e.At), what, who, e.Leaf[:min(16, len(e.Leaf))] + "…"})
	}
	return s
}

// groundText is a ground in words: of a refusal, or of something that is withheld.
func groundText(code string, l locale.Locale) string {
	if ground, ok := register.FindReason(slices.Concat(register.WithholdGrounds, register.QuietGrounds), code); ok {
		return fmt.Sprintf("%s, %s", ground.Label.In(l), register.ArticleText(ground.Article).In(l))
	}
	return GroundText(code, l)
}

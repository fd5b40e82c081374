package register

import (
	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Notice is the privacy notice that people read (Arts. 13 and 14), made from the register so that
// the two cannot contradict each other.
type Notice struct {
	Locale     locale.Locale
	Version    int      // of the register
	Date       dsr.Date // from which it applies
	Title      string
	Controller Controller
	Sections   []Section
	Rights     []string // what a person can ask for, all activities taken together
	Complaint  ComplaintText
}

// Section is what the notice says about one activity.
type Section struct {
	Activity   string // id
	Title      string
	Purpose    string
	Bases      []string // each in words, with article and law
	Categories []string // what kinds of data
	Persons    []string // about whom
	Sources    []string
	Recipients []NoticeRecipient
	System     string
	Country    string // where the data are stored
	Protection string
	Retention  string
	Erasure    string      // what an erasure request does
	Automated  string      // empty: no automated decisions
	Rights     []dsr.Right // that exist for these data
	Withdraw   bool        // consent can be withdrawn
}

// NoticeRecipient is somebody who gets the data.
type NoticeRecipient struct {
	Name      string // empty: not yet named in the register
	Why       string
	Country   string
	Safeguard string // set where the country is outside the EEA
}

// NewNotice makes the notice of a version of the register.
func NewNotice(r *Register, l locale.Locale, version int, date dsr.Date) Notice {
	n := Notice{Locale: l, Version: version, Date: date, Title: noticeTitle.In(l),
		Controller: r.Controller, Complaint: Complaint(l)}
	held := map[dsr.Right]bool{}
	for i := range r.Activities {
		s := section(&r.Activities[i], l)
		for _, right := range s.Rights {
			held[right] = true
		}
		n.Sections = append(n.Sections, s)
	}
	for _, row := range dsr.Rights() {
		if held[row.Right] {
			n.Rights = append(n.Rights, row.Name.In(l))
		}
	}
	return n
}

func section(a *Activity, l locale.Locale) Section {
	s := Section{Activity: a.ID, Title: a.Name.In(l), Purpose: a.Purpose.In(l),
		Categories: names(dataset.Categories(), a.Categories, l), Persons: names(dataset.Subjects(), a.Persons, l),
		System: a.Storage.System, Country: a.Storage.Country, Protection: a.Storage.Protection.In(l),
		Retention: a.Retention.Text.In(l), Erasure: a.Erasure.Text.In(l),
		Rights: a.Rights(), Withdraw: a.Consent()}
	for _, b := range a.Bases {
		s.Bases = append(s.Bases, b.In(l))
	}
	for _, src := range a.Sources {
		s.Sources = append(s.Sources, src.Name.In(l))
	}
	for _, rec := range a.Recipients {
		s.Recipients = append(s.Recipients, NoticeRecipient{Name: rec.Name, Why: rec.Why.In(l), Country: rec.Country, Safeguard: rec.Safeguard})
	}
	if a.Automated != nil {
		s.Automated = a.Automated.In(l)
	}
	return s
}

// In writes the basis in words: its name, article, provision and what stands behind it.
func (b Basis) In(l locale.Locale) string {
	s := ArticleText(b.Article).In(l)
	if name, ok := basisNames[b.Article]; ok {
		s = name.In(l) + " (" + s + ")"
	}
	if b.Law != "" {
		s += ", " + b.Law
	}
	if why := b.Why.In(l); why != "" {
		s += ": " + why
	}
	return s
}

var noticeTitle = text("Personvernerklæring", "Personvernerklæring", "Privacy notice")

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

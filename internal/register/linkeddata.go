package register

import (
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// The vocabularies of the machine-readable notice: the W3C Data Privacy Vocabulary with its
// extensions for the GDPR and for countries, and what every catalogue uses.
var vocabularies = map[string]any{
	"dpv":     "https://w3id.org/dpv#",
	"eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
	"loc":     "https://w3id.org/dpv/loc#",
	"dcat":    "http://www.w3.org/ns/dcat#",
	"dct":     "http://purl.org/dc/terms/",
	"rdf":     "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
	"xsd":     "http://www.w3.org/2001/XMLSchema#",
}

// ld is a node of a JSON-LD document.
type ld = map[string]any

// LinkedData gives the notice as JSON-LD (W3C JSON-LD 1.1) in terms of the Data Privacy Vocabulary, in
// all languages at once. page is the address where people read the notice; before is the version
// that this one replaced, 0 for none.
func LinkedData(r *Register, version int, date dsr.Date, before int, page string) map[string]any {
	self := fmt.Sprintf("%s?version=%d", page, version)
	doc := ld{
		"@context": vocabularies,
		"@id":      self,
		// One notice serves both: data that people give, and data that come from others.
		"@type":                 []string{"dpv:PrivacyNotice", "eu-gdpr:DirectDataCollectionNotice", "eu-gdpr:IndirectDataCollectionNotice"},
		"dct:title":             inAll(noticeTitle),
		"dct:issued":            ld{"@type": "xsd:date", "@value": date.String()},
		"dct:language":          []string{"nb", "nn", "en"},
		"dcat:version":          fmt.Sprint(version),
		"dpv:hasDataController": r.Controller.linked(),
		"dpv:hasAuthority": ld{"@id": "https://www.datatilsynet.no/", "@type": "dpv:DataProtectionAuthority",
			"dpv:hasName": "Datatilsynet", "dpv:hasAddress": address.NB},
	}
	if before > 0 {
		doc["dct:replaces"] = ld{"@id": fmt.Sprintf("%s?version=%d", page, before)}
	}
	if len(r.Joint) > 0 {
		var others []any
		for _, j := range r.Joint {
			others = append(others, j.linked())
		}
		doc["dpv:hasJointDataControllers"] = ld{"@type": "dpv:JointDataControllers", "dpv:hasDataController": others}
	}
	var processes []any
	for i := range r.Activities {
		processes = append(processes, r.Activities[i].linked(self))
	}
	put(doc, "dpv:hasProcess", processes)
	return doc
}

func (c Controller) linked() ld {
	n := ld{"@type": "dpv:DataController"}
	put(n, "dpv:hasName", c.Name)
	put(n, "dct:identifier", c.OrganisationNo)
	put(n, "dpv:hasAddress", c.PostalAddress)
	put(n, "dpv:hasContact", anyOf(filled(c.Email, c.Phone)))
	put(n, "dpv:hasCountry", country(c.Country))
	if c.DPO != "" {
		n["dpv:hasDataProtectionOfficer"] = ld{"@type": "dpv:DataProtectionOfficer", "dpv:hasContact": c.DPO}
	}
	if c.Representative != "" {
		n["dpv:hasRepresentative"] = ld{"@type": "dpv:Representative", "dpv:hasContact": c.Representative}
	}
	return n
}

func (j Joint) linked() ld {
	n := ld{"@type": "dpv:DataController"}
	put(n, "dpv:hasName", j.Name)
	put(n, "dpv:hasContact", j.Contact)
	if !j.Essence.IsZero() {
		n["dct:description"] = inAll(j.Essence)
	}
	return n
}

func (a *Activity) linked(page string) ld {
	n := ld{"@id": page + "#" + a.ID, "@type": "dpv:Process", "dct:title": inAll(a.Name)}
	if !a.Purpose.IsZero() {
		n["dpv:hasPurpose"] = ld{"@type": "dpv:Purpose", "dct:description": inAll(a.Purpose)}
	}
	var bases, data, subjects, sources, recipients []any
	for _, b := range a.Bases {
		bases = append(bases, b.linked())
	}
	for _, c := range a.Categories {
		kind := "dpv:PersonalData"
		if dataset.CoversAny(specialCategories, []string{c}) {
			kind = "dpv:SpecialCategoryPersonalData"
		}
		data = append(data, ld{"@type": kind, "dct:identifier": c, "dct:title": labelled(dataset.Categories(), c)})
	}
	for _, p := range a.Persons {
		kind, ok := dpvSubjects[p]
		if !ok {
			kind = "dpv:DataSubject"
		}
		subjects = append(subjects, ld{"@type": kind, "dct:title": labelled(dataset.Subjects(), p)})
	}
	for _, s := range a.Sources {
		sources = append(sources, ld{"@type": s.dpvKind(), "dct:title": inAll(s.Name)})
	}
	for _, r := range a.Recipients {
		recipients = append(recipients, r.linked())
	}
	put(n, "dpv:hasLegalBasis", bases)
	put(n, "dpv:hasPersonalData", data)
	put(n, "dpv:hasDataSubject", subjects)
	put(n, "dpv:hasDataSource", sources)
	put(n, "dpv:hasRecipient", recipients)
	put(n, "dpv:hasStorageCondition", a.storageConditions())
	if !a.Storage.Protection.IsZero() {
		n["dpv:hasTechnicalOrganisationalMeasure"] = ld{"@type": "dpv:TechnicalOrganisationalMeasure", "dct:description": inAll(a.Storage.Protection)}
	}
	if o := a.Obligation; o != nil {
		n["dpv:hasNecessity"] = ld{"@id": "dpv:Required"}
		if o.Kind == Voluntary {
			n["dpv:hasNecessity"] = ld{"@id": "dpv:Optional"}
		}
		if !o.Text.IsZero() {
			n["dpv:hasConsequence"] = ld{"@type": "dpv:Consequence", "dct:description": inAll(o.Text)}
		}
	}
	if a.Automated != nil {
		n["dpv:hasContext"] = ld{"@type": "dpv:AutomatedDecisionMaking"}
		n["dpv:hasAlgorithmicLogic"] = ld{"@type": "dpv:AlgorithmicLogic", "dct:description": inAll(*a.Automated)}
	}
	put(n, "dpv:hasRight", a.linkedRights())
	return n
}

func (b Basis) linked() ld {
	kind := "dpv:LegalBasis" // Art. 10 has no term of its own
	if b.Article != "10" {
		kind = "eu-gdpr:A" + strings.Trim(strings.NewReplacer("(", "-", ")", "").Replace(b.Article), "-")
	}
	n := ld{"@type": kind, "dct:title": inAll(ArticleText(b.Article))}
	if !b.Why.IsZero() {
		n["dct:description"] = inAll(b.Why)
	}
	if b.Law != "" {
		n["dpv:hasApplicableLaw"] = ld{"@type": "dpv:Law", "dct:title": text3(func(l locale.Locale) string { return LawText(b.Law, l) })}
	}
	return n
}

func (r Recipient) linked() ld {
	n := ld{"@type": map[string]string{"processor": "dpv:DataProcessor", "controller": "dpv:DataController", "authority": "dpv:Authority"}[r.Role]}
	put(n, "dpv:hasName", r.Name)
	if !r.Why.IsZero() {
		n["dct:description"] = inAll(r.Why)
	}
	if !OutsideEEA(r.Country) {
		put(n, "dpv:hasCountry", country(r.Country))
		return n
	}
	n["dpv:hasThirdCountry"] = country(r.Country)
	if r.Safeguard != "" {
		n["dpv:hasOrganisationalMeasure"] = ld{"@type": "dpv:SafeguardForDataTransfer", "dct:description": r.Safeguard}
	}
	return n
}

// storageConditions says how long and where the data are kept.
func (a *Activity) storageConditions() []any {
	var all []any
	if !a.Retention.Text.IsZero() {
		how := ld{"@type": "dpv:StorageDuration", "dct:description": inAll(a.Retention.HowLong())}
		months := a.Retention.Months
		if least := bookkeepingMonths(a.Retention.Rule); months == 0 {
			months = least
		}
		switch a.Retention.Rule {
		case RuleWithdrawn, RuleEmployed, RuleReview:
			how["dpv:hasDuration"] = ld{"@type": "dpv:UntilEventDuration"}
		case RuleMonths, RulePrimary, RuleSecondary:
			how["dpv:hasDuration"] = ld{"@type": "dpv:TemporalDuration",
				"rdf:value": ld{"@type": "xsd:duration", "@value": fmt.Sprintf("P%dM", months)}}
		}
		all = append(all, how)
	}
	if a.Storage.System != "" || a.Storage.Country != "" {
		where := ld{"@type": "dpv:StorageLocation"}
		put(where, "dct:title", a.Storage.System)
		put(where, "dpv:hasCountry", country(a.Storage.Country))
		all = append(all, where)
	}
	return all
}

// linkedRights names the rights by their articles. To complain one may about everything.
func (a *Activity) linkedRights() []any {
	var all []any
	for _, right := range a.Rights() {
		all = append(all, ld{"@id": "eu-gdpr:A" + right.Row().Article})
	}
	if a.Consent() {
		all = append(all, ld{"@id": "eu-gdpr:A7-3"})
	}
	if a.Automated != nil {
		all = append(all, ld{"@id": "eu-gdpr:A22"})
	}
	return append(all, ld{"@id": "eu-gdpr:A77"})
}

func (s Source) dpvKind() string {
	switch {
	case s.FromPerson:
		return "dpv:DataSubjectDataSource"
	case s.Own:
		return "dpv:DataControllerDataSource"
	case s.Public:
		return "dpv:PublicDataSource"
	}
	return "dpv:ThirdPartyDataSource"
}

// dpvSubjects gives the terms of the kinds of persons that have one; the others are data subjects.
var dpvSubjects = map[string]string{
	"customer": "dpv:Customer", "employee": "dpv:Employee", "job_applicant": "dpv:JobApplicant", "visitor": "dpv:Visitor",
}

// put sets a key, unless there is nothing to say.
func put(n ld, key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	case ld:
		if v == nil {
			return
		}
	}
	n[key] = value
}

func country(code string) ld {
	if code == "" {
		return nil
	}
	return ld{"@id": "loc:" + strings.ToUpper(code)}
}

// inAll gives a text in every language that it has.
func inAll(t locale.Text) []any {
	var all []any
	for _, in := range []struct{ tag, said string }{{"nb", t.NB}, {"nn", t.NN}, {"en", t.EN}} {
		if in.said != "" {
			all = append(all, ld{"@language": in.tag, "@value": in.said})
		}
	}
	return all
}

func text3(in func(locale.Locale) string) []any {
	return inAll(text(in(locale.NB), in(locale.NN), in(locale.EN)))
}

func labelled(labels []dataset.Label, key string) []any {
	i := slices.IndexFunc(labels, func(l dataset.Label) bool { return l.Key == key })
	if i < 0 {
		return []any{key}
	}
	return inAll(labels[i].Name)
}

func anyOf(values []string) []any {
	var all []any
	for _, v := range values {
		all = append(all, v)
	}
	return all
}

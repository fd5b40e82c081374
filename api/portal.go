package api

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

func words(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

// chosen is the language of a query, or else the caller's.
func chosen(asked *LocaleQuery, c *caller) locale.Locale {
	if asked == nil {
		return c.locale
	}
	return locale.Locale(*asked)
}

// GetPortal tells who answers here.
func (s *Server) GetPortal(ctx context.Context, _ GetPortalRequestObject) (GetPortalResponseObject, error) {
	p, err := s.d.Office.Portal(ctx)
	if err != nil {
		return nil, err
	}
	out := GetPortal200JSONResponse{
		Name: p.Name, Email: p.Email, Phone: optional(p.Phone), PostalAddress: p.PostalAddress, Dpo: optional(p.DPO),
		Locales: []Locale{}, Rights: []Right{}, Demo: s.d.Demo != nil, SetUp: p.SetUp, MailDelayed: p.MailDelayed,
		DeadlineText: p.AnswerBy.Format(from(ctx).locale),
	}
	for _, l := range locale.All {
		out.Locales = append(out.Locales, Locale(l))
	}
	for _, r := range dsr.Rights() {
		if r.Offered {
			out.Rights = append(out.Rights, Right(r.Right))
		}
	}
	return out, nil
}

var noticeLabels = struct{ bases, categories, persons, sources, recipients, stored, retention, erasure locale.Text }{
	bases:      words("Behandlingsgrunnlag", "Behandlingsgrunnlag", "Legal basis"),
	categories: words("Hvilke opplysninger", "Kva opplysningar", "Which data"),
	persons:    words("Om hvem", "Om kven", "About whom"),
	sources:    words("Hvor de kommer fra", "Kvar dei kjem frå", "Where they come from"),
	recipients: words("Hvem som får dem", "Kven som får dei", "Who receives them"),
	stored:     words("Hvordan de lagres", "Korleis dei blir lagra", "How they are stored"),
	retention:  words("Hvor lenge", "Kor lenge", "For how long"),
	erasure:    words("Hvis du ber om sletting", "Dersom du ber om sletting", "If you ask for erasure"),
}

// GetNotice gives the privacy notice, generated from the register in force.
func (s *Server) GetNotice(ctx context.Context, r GetNoticeRequestObject) (GetNoticeResponseObject, error) {
	l := chosen(r.Params.Locale, from(ctx))
	n, err := s.d.Office.Notice(ctx, l)
	if err != nil {
		return nil, err
	}
	out := GetNotice200JSONResponse{Locale: Locale(l), Version: n.Version, Date: date(n.Date), Controller: controllerLine(n.Controller), Sections: []NoticeSection{}}
	for _, section := range n.Sections {
		out.Sections = append(out.Sections, noticeSection(section, l))
	}
	out.Sections = append(out.Sections, NoticeSection{
		Id: "rights", Title: words("Rettighetene dine", "Rettane dine", "Your rights").In(l),
		Paragraphs: []string{strings.Join(n.Rights, " · "), n.Complaint.Paragraph},
	})
	return out, nil
}

func controllerLine(c register.Controller) string {
	parts := []string{c.Name}
	for _, part := range []string{c.PostalAddress, c.Email, c.Phone, c.DPO} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func noticeSection(n register.Section, l locale.Locale) NoticeSection {
	facts := []NoticeFact{}
	add := func(label locale.Text, values []string) {
		if len(values) > 0 {
			facts = append(facts, NoticeFact{Label: label.In(l), Values: values})
		}
	}
	var recipients []string
	for _, r := range n.Recipients {
		recipients = append(recipients, recipientLine(r, l))
	}
	add(noticeLabels.bases, n.Bases)
	add(noticeLabels.categories, n.Categories)
	add(noticeLabels.persons, n.Persons)
	add(noticeLabels.sources, n.Sources)
	add(noticeLabels.recipients, recipients)
	add(noticeLabels.stored, filled(strings.Join(filled(n.System, locale.Country(n.Country, l)), ", "), n.Protection))
	add(noticeLabels.retention, filled(n.Retention))
	add(noticeLabels.erasure, filled(n.Erasure))
	return NoticeSection{Id: n.Activity, Title: n.Title, Paragraphs: filled(n.Purpose), Facts: &facts}
}

// recipientLine puts a recipient in one line: "Posten (Norge): sender brevene våre".
func recipientLine(r register.NoticeRecipient, l locale.Locale) string {
	line := r.Name
	if where := filled(locale.Country(r.Country, l), r.Safeguard); len(where) > 0 {
		line = strings.TrimSpace(line + " (" + strings.Join(where, ", ") + ")")
	}
	if r.Why == "" {
		return line
	}
	first, size := utf8.DecodeRuneInString(r.Why)
	return line + ": " + string(unicode.ToLower(first)) + strings.TrimSuffix(r.Why[size:], ".")
}

// filled leaves out what is empty.
func filled(values ...string) []string {
	out := []string{}
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// GetErasureRules tells what the register says is kept and why. It speaks of the rules alone,
// never of what is held about anybody.
func (s *Server) GetErasureRules(ctx context.Context, r GetErasureRulesRequestObject) (GetErasureRulesResponseObject, error) {
	rules, err := s.d.Office.Rules(ctx, chosen(r.Params.Locale, from(ctx)))
	if err != nil {
		return nil, err
	}
	out := GetErasureRules200JSONResponse{Rules: []ErasureRule{}}
	for _, rule := range rules {
		out.Rules = append(out.Rules, ErasureRule{
			Activity: rule.Activity, Name: rule.Name, Purpose: optional(rule.Purpose), Outcome: ruleOutcome(rule), OutcomeText: rule.Outcome, Text: rule.Why,
			Law: optional(rule.Law), HowLong: optional(rule.HowLong),
		})
	}
	return out, nil
}

func ruleOutcome(r register.Rule) ErasureRuleOutcome {
	switch r.Kind {
	case "keep_until_retention":
		return "keep"
	case "keep_minimum":
		return "partly"
	case "restrict":
		return "restrict"
	case "review", "not_identifiable":
		return "review"
	}
	if r.Kept {
		return "partly"
	}
	return "erase"
}

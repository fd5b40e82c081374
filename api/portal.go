package api

import (
	"bytes"
	"context"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

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
		Name: p.Name, Email: p.Email, Phone: optional(p.Phone), PostalAddress: p.PostalAddress, Dpo: optional(p.DPO), AccessibilityUrl: optional(p.AccessibilityURL),
		Locales: []Locale{}, Rights: []Right{}, Demo: s.d.Demo != nil, SetUp: p.SetUp, MailDelayed: p.MailDelayed,
		DeadlineText: p.AnswerBy.Format(from(ctx).locale), Companies: p.Companies, ConsentAge: p.ConsentAge,
		Accent: optional(p.Look.Accent), Logo: optional(governance.LogoName(p.Look)),
	}
	for _, l := range locale.All {
		out.Locales = append(out.Locales, Locale(l))
	}
	for _, right := range p.Rights {
		out.Rights = append(out.Rights, Right(right))
	}
	return out, nil
}

// GetLogo gives the organisation's logo. Another logo has another name, so a browser may keep this one.
func (s *Server) GetLogo(ctx context.Context, r GetLogoRequestObject) (GetLogoResponseObject, error) {
	logo, err := s.d.Office.Logo(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	from(ctx).echo.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return GetLogo200ImagepngResponse{Body: bytes.NewReader(logo), ContentLength: int64(len(logo))}, nil
}

// GetNotice gives the privacy notice, generated from the register.
func (s *Server) GetNotice(ctx context.Context, r GetNoticeRequestObject) (GetNoticeResponseObject, error) {
	l := chosen(r.Params.Locale, from(ctx))
	n, err := s.d.Office.Notice(ctx, l, number(r.Params.Version))
	if err != nil {
		return nil, err
	}
	out := GetNotice200JSONResponse{Locale: Locale(l), Version: n.Version, Date: date(n.Date), Current: n.Current, Controller: controllerLine(n.Controller),
		Sections: []NoticeSection{noticePart(n.Who)}, Versions: []NoticeVersionEntry{}, Changes: []NoticeChange{}}
	for _, section := range n.Sections {
		out.Sections = append(out.Sections, noticePart(register.Part{ID: section.Activity, Title: section.Title, Paragraphs: filled(section.Purpose), Facts: section.Facts}))
	}
	for _, part := range n.Rest {
		out.Sections = append(out.Sections, noticePart(part))
	}
	for _, v := range n.Versions {
		out.Versions = append(out.Versions, NoticeVersionEntry{Version: v.Number, Date: date(v.Date)})
	}
	for _, c := range n.Changes {
		change := NoticeChange{Id: c.ID, Title: c.Title, Kind: NoticeChangeKind(c.Kind), Facts: []NoticeFactChange{}}
		for _, f := range c.Facts {
			change.Facts = append(change.Facts, NoticeFactChange{Label: f.Label, Before: some(f.Before), Now: some(f.Now)})
		}
		out.Changes = append(out.Changes, change)
	}
	return out, nil
}

// GetNoticeLinked gives the notice to machines.
func (s *Server) GetNoticeLinked(ctx context.Context, r GetNoticeLinkedRequestObject) (GetNoticeLinkedResponseObject, error) {
	page := strings.TrimRight(s.d.PublicURL, "/") + "/notice"
	doc, err := s.d.Office.NoticeLinked(ctx, number(r.Params.Version), page)
	return GetNoticeLinked200ApplicationLdPlusJSONResponse(doc), err
}

// number reads a version that may be left out, as 0.
func number(version *NoticeVersion) int {
	if version == nil {
		return 0
	}
	return *version
}

func controllerLine(c register.Controller) string {
	return strings.Join(filled(c.Name, c.PostalAddress, c.Email, c.Phone, c.DPO), ", ")
}

func noticePart(p register.Part) NoticeSection {
	facts := []NoticeFact{}
	for _, f := range p.Facts {
		facts = append(facts, NoticeFact{Label: f.Label, Values: f.Values})
	}
	return NoticeSection{Id: p.ID, Title: p.Title, Paragraphs: some(p.Paragraphs), Facts: &facts}
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
			Law: optional(rule.Law), HowLong: optional(rule.HowLong), Rights: rights(rule.Rights), Marketing: rule.Marketing, Automated: optional(rule.Automated),
		})
	}
	return out, nil
}

func rights(all []dsr.Right) []Right {
	out := []Right{}
	for _, r := range all {
		out = append(out, Right(r))
	}
	return out
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

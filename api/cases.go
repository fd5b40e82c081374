package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

var errCursor = fault.Define(fault.Malformed, "cursor_invalid",
	"Listen kan ikke leses videre herfra. Begynn forfra.", "Lista kan ikkje lesast vidare herifrå. Byrj på nytt.",
	"The list cannot be read on from here. Start again.")

func limitOf(l *Limit) int {
	if l == nil {
		return 50
	}
	return *l
}

// ListCases gives a page of the inbox.
func (s *Server) ListCases(ctx context.Context, r ListCasesRequestObject) (ListCasesResponseObject, error) {
	c := from(ctx)
	f := store.Filter{View: store.ViewOpen, Query: text(r.Params.Q), Limit: limitOf(r.Params.Limit)}
	if r.Params.View != nil {
		f.View = store.View(*r.Params.View)
	}
	if r.Params.Right != nil {
		f.Right = dsr.Right(*r.Params.Right)
	}
	if cursor := text(r.Params.Cursor); cursor != "" {
		f.After = &store.Position{}
		if err := s.openCursor(cursor, f.After); err != nil {
			return nil, err
		}
	}
	page, err := s.d.Desk.Inbox(ctx, c.by(), f, c.locale)
	if err != nil {
		return nil, err
	}
	out := ListCases200JSONResponse{Cases: []CaseSummary{}, Counts: map[string]int{}}
	for _, summary := range page.Cases {
		out.Cases = append(out.Cases, caseSummary(summary))
	}
	for view, n := range page.Counts {
		out.Counts[string(view)] = int(n)
	}
	if page.Next != nil {
		if out.Next, err = s.sealCursor(page.Next); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Cursors are sealed: a caller can hand them back but not make them up (CVE-2026-33503).
func (s *Server) sealCursor(position any) (*string, error) {
	plain, err := json.Marshal(position)
	if err != nil {
		return nil, fmt.Errorf("writing a cursor: %w", err)
	}
	sealed, err := s.d.SealCursor(plain)
	return &sealed, err
}

func (s *Server) openCursor(sealed string, into any) error {
	plain, err := s.d.OpenCursor(sealed)
	if err != nil {
		return errCursor.At("/cursor")
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return errCursor.At("/cursor")
	}
	return nil
}

func caseSummary(v casework.Summary) CaseSummary {
	r := v.Request
	target := r.P.Deadline.InternalTarget
	return CaseSummary{
		Id: r.PublicID, Reference: string(r.Reference), Right: Right(r.Right), State: State(r.P.State), StepText: v.Step,
		NextText: v.Next, Outcome: outcome(r.P.Outcome), Channel: Channel(r.Channel), Who: optional(v.Who), ReceivedAt: r.ReceivedAt,
		DueOn: date(dueOn(r)), TargetOn: optionalDate(&target), DaysLeft: v.DaysLeft, Badge: CaseSummaryBadge(v.Badge),
		Verified: r.P.Verified, AssignedTo: optional(v.Assigned), UnreadMessages: count(r.UnreadOffice), NeedsHuman: optional(v.Stopped), Drill: optional(r.Drill), Urgent: optional(r.P.Urgent()),
	}
}

// RegisterCase registers a request that came another way.
func (s *Server) RegisterCase(ctx context.Context, r RegisterCaseRequestObject) (RegisterCaseResponseObject, error) {
	c := from(ctx)
	body, err := json.Marshal(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading a registration: %w", err)
	}
	b := r.Body
	n := casework.Registration{
		Channel: string(b.Channel), ReceivedAt: b.ReceivedAt, Locale: locale.Locale(b.Locale), Name: text(b.Name), Email: text(b.Email),
		Phone: text(b.Phone), CustomerNumber: text(b.CustomerNumber), Postal: text(b.PostalAddress), Text: text(b.Text), Meanwhile: yes(b.Meanwhile),
		Key: text(r.Params.IdempotencyKey), Body: body, Standing: standing(b.Standing),
		Marketing: yes(b.Advertising), Recipient: text(b.Recipient), Ground: text(b.Ground), Activities: list(b.Activities), Rights: texts(b.Rights),
	}
	if b.Identity != nil {
		n.Method, n.MethodNote = string(b.Identity.Method), b.Identity.Note
	}
	if b.Delivery != nil {
		n.Delivery = string(*b.Delivery)
	}
	cases, err := s.d.Desk.Register(ctx, c.by(), n)
	if err != nil {
		return nil, err
	}
	out := RegisterCase201JSONResponse{Cases: []CaseSummary{}}
	today, err := s.d.Desk.Today(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range cases {
		out.Cases = append(out.Cases, caseSummary(casework.Summarise(one, today, c.locale, "")))
	}
	return out, nil
}

// ParseMail reads a mail into the fields of a new case.
func (s *Server) ParseMail(ctx context.Context, r ParseMailRequestObject) (ParseMailResponseObject, error) {
	c := from(ctx)
	raw := text(r.Body.Raw)
	if r.Body.File != nil {
		raw = string(*r.Body.File) // bytes of whatever charset the mail says
	}
	p, err := s.d.Desk.ParseMail(ctx, c.by(), raw, c.locale)
	if err != nil {
		return nil, err
	}
	out := ParseMail200JSONResponse{
		FromName: optional(p.FromName), FromEmail: optional(p.FromEmail), ReceivedAt: p.Received, Subject: optional(p.Subject),
		Text: p.Text, Rights: []Right{}, Reference: optional(string(p.Reference)), CaseId: optional(p.CaseID),
	}
	for _, right := range p.Rights {
		out.Rights = append(out.Rights, Right(right))
	}
	if len(p.Warnings) > 0 {
		out.Warnings = &p.Warnings
	}
	return out, nil
}

// GetCase gives one case, whole. That it was read is logged.
func (s *Server) GetCase(ctx context.Context, r GetCaseRequestObject) (GetCaseResponseObject, error) {
	out, err := s.caseView(ctx, r.Id, true)
	return GetCase200JSONResponse(out), err
}

// caseView puts together what the two packages that work a case know of it.
func (s *Server) caseView(ctx context.Context, id string, reading bool) (CaseJSONResponse, error) {
	c := from(ctx)
	v, err := s.d.Desk.Case(ctx, c.by(), id, c.locale, reading)
	if err != nil {
		return CaseJSONResponse{}, err
	}
	work, err := s.d.Works.View(ctx, s.worker(c), id, c.locale)
	if err != nil {
		return CaseJSONResponse{}, err
	}
	return CaseJSONResponse(caseOf(v, work, c.locale)), nil
}

func caseOf(v casework.View, w fulfilment.WorkView, l locale.Locale) Case {
	r := v.Request
	sum := caseSummary(casework.Summarise(r, v.Today, l, v.Authors[r.P.AssignedTo]))
	lang, asked := Locale(r.Locale), r.AskedOlderContact()
	out := Case{
		Id: sum.Id, Reference: sum.Reference, Right: sum.Right, State: sum.State, StepText: sum.StepText, NextText: sum.NextText,
		Outcome: sum.Outcome, Channel: sum.Channel, Who: sum.Who, ReceivedAt: sum.ReceivedAt, DueOn: sum.DueOn, TargetOn: sum.TargetOn,
		DaysLeft: sum.DaysLeft, Badge: CaseBadge(sum.Badge), Verified: sum.Verified, AssignedTo: sum.AssignedTo,
		UnreadMessages: sum.UnreadMessages, NeedsHuman: sum.NeedsHuman, Drill: sum.Drill, Urgent: sum.Urgent,
		Name: optional(r.Name.Reveal()), Email: optional(r.Address.Reveal()), PostalAddress: optional(r.Postal.Reveal()), Locale: &lang,
		Asked: some(v.Asked), Delivery: CaseDelivery(v.Delivery), Identity: IdentityState{Text: v.Identity, Method: optional(r.VerifiedMethod)},
		Identifiers: identifiers(v.Identifiers), Clock: clock(v), Groups: groups(w.Groups), Sources: progress(w.Sources),
		Tasks: tasks(w.Tasks), Recipients: caseRecipients(w.Notices), Plan: plan(w.Plan), Package: packageView(w.Package), Parts: answerParts(w.Parts), Answer: answerView(v.Answer),
		Messages: messages(v.Messages, v.Authors), Question: question(v.Question), Log: logEntries(v.Timeline),
		Linked: []RequestCreated{}, May: may(v, w), Choices: choices(r, l), RegisterVersion: int(r.RegisterVersion),
		Execution: execution(w.Execution), Corrections: corrections(w.Corrections), Working: w.Working, AskedOlderContact: &asked, Restriction: restriction(w.Restriction), AddressChange: addressChange(v.Address),
	}
	out.Beside = optional(v.Beside)
	if r.P.Verified {
		at := r.P.VerifiedAt
		out.Identity.VerifiedAt = &at
	}
	out.Standing, out.Earlier, out.PreparedRefusal = standingView(v.Who), earlierCases(v, l), preparedRefusal(v, l)
	for _, other := range v.Linked {
		out.Linked = append(out.Linked, created(other))
	}
	owes(&out, r, w, l)
	return out
}

// owes adds what the office owes beside the plan, and what it has told the portal.
func owes(out *Case, r *store.Request, w fulfilment.WorkView, l locale.Locale) {
	duties, facts, askable := []Duty{}, []KnownFact{}, []FactKind{}
	for _, d := range r.P.Duties {
		duties = append(duties, Duty{Kind: DutyKind(d), Text: d.Text().In(l), AtOnce: d.AtOnce()})
	}
	for _, f := range w.Facts {
		facts = append(facts, KnownFact{Activity: optional(f.Activity), ActivityName: optional(f.ActivityName), Kind: FactKind(f.Kind),
			Value: FactValue(f.Value), Reason: f.Reason, By: f.By, At: f.At})
	}
	for _, k := range w.Askable {
		askable = append(askable, FactKind(k))
	}
	activities, weigh := namedActivities(w.Activities), namedActivities(w.Weigh)
	lacking := make([]LackingTold, len(w.Lacking))
	for i, each := range w.Lacking {
		lacking[i] = LackingTold{Id: each.ID, Name: each.Name, Text: each.Text}
	}
	out.Lacking = &lacking
	out.Duties, out.Facts, out.Askable, out.Activities, out.Weigh = &duties, &facts, &askable, &activities, &weigh
}

func namedActivities(all []fulfilment.Named) []NamedActivity {
	out := []NamedActivity{}
	for _, a := range all {
		out = append(out, NamedActivity{Id: a.ID, Name: a.Name})
	}
	return out
}

func standingView(w *casework.Who) *StandingView {
	if w == nil {
		return nil
	}
	out := &StandingView{
		Kind: StandingKind(w.Kind), Text: w.Text, AskerName: optional(w.Name), OrganisationNumber: optional(w.Organisation), Authority: optional(w.Authority),
		ChildText: optional(w.Child), HowToCheck: optional(w.HowToCheck), Evidence: []Choice{}, Recorded: optional(w.Recorded), WhyNot: optional(w.WhyNot), ToPerson: w.ToPerson,
	}
	for _, e := range w.Evidence {
		out.Evidence = append(out.Evidence, Choice{Key: e.Key, Text: e.Text})
	}
	return out
}

func earlierCases(v casework.View, l locale.Locale) *[]EarlierCase {
	out := []EarlierCase{}
	for _, e := range v.Earlier {
		out = append(out, EarlierCase{Id: e.Request.PublicID, Reference: string(e.Request.Reference), Right: Right(e.Request.Right),
			ReceivedAt: e.Request.ReceivedAt, StepText: casework.Summarise(e.Request, v.Today, l, "").Step, Recent: e.Recent})
	}
	return &out
}

func preparedRefusal(v casework.View, l locale.Locale) *PreparedRefusal {
	p := v.Prepared
	if p == nil {
		return nil
	}
	known, _ := register.FindReason(register.RefusalGrounds, p.Ground)
	return &PreparedRefusal{Ground: p.Ground, GroundText: known.Label.In(l), Text: p.Text, Proposed: v.Request.P.Proposed != nil}
}

func identifiers(all []casework.Identifier) []Identifier {
	out := []Identifier{}
	for _, i := range all {
		out = append(out, Identifier{Id: i.PublicID, Kind: i.Kind, Value: i.Value.Reveal(), Certainty: IdentifierCertainty(i.Certainty), Note: optional(i.NoteText), AskedUntil: i.AskedUntil})
	}
	return out
}

func clock(v casework.View) Clock {
	d := v.Request.P.Deadline
	out := Clock{
		ReceivedOn: date(d.Received), DueOn: date(dueOn(v.Request)), RefusalDueOn: date(d.RefusalDue()), TargetOn: date(d.InternalTarget),
		Paused: d.Open, Reasons: some(v.DueReasons), DueUnsuspendedOn: optionalDate(&d.DueUnsuspended),
		Timing: optional(Timing(v.Timing)), RefusalTiming: optional(Timing(v.RefusalTiming)),
	}
	if d.InternalTarget.IsZero() {
		out.TargetOn = date(d.DueUnsuspended)
	}
	if months := v.Request.P.ExtendedMonths(); months > 0 {
		out.ExtendedMonths = &months
	} else if d.CanExtend(v.Today) {
		out.MayExtendUntil = optionalDate(&d.Due)
	}
	return out
}

func decision(d fulfilment.Decision) Decision {
	out := Decision{
		Action: DecisionAction(d.Action), Ground: optional(d.Ground), Exception: optional(d.Exception), Law: optional(d.Law),
		Until: optionalDate(d.Until), Text: d.Text, Reason: optional(d.Reason), By: optional(d.By),
	}
	if len(d.Counts) > 0 {
		counts := map[string]int{}
		for action, n := range d.Counts {
			counts[action] = int(n)
		}
		out.Counts = &counts
	}
	return out
}

func groups(all []fulfilment.Group) []FindingGroup {
	out := []FindingGroup{}
	for _, g := range all {
		options := []DecisionOption{}
		for _, o := range g.Options {
			options = append(options, DecisionOption{Action: DecisionAction(o.Action), Text: o.Text})
		}
		out = append(out, FindingGroup{
			Id: g.ID, Title: g.Title, Place: g.Place, Source: g.Source, Collection: g.Collection, Activity: g.Activity, ActivityName: g.ActivityName, Count: g.Count,
			Shared: &g.Shared, ThirdParty: &g.ThirdParty, Redacted: &g.Redacted, Candidate: &g.Candidate, CaseVariant: &g.CaseVariant, Confirmed: &g.Confirmed,
			NeedsLook: &g.NeedsLook, Stored: &g.Stored, Categories: &g.Categories, Fields: &g.Fields, Proposal: decision(g.Proposal), Decision: decision(g.Decision),
			Options: &options,
		})
	}
	return out
}

func progress(all []fulfilment.SourceProgress) []SourceProgress {
	out := []SourceProgress{}
	for _, p := range all {
		found := p.Found
		out = append(out, SourceProgress{Name: p.Name, Title: p.Title, Kind: p.Kind, State: SourceProgressState(p.State), Text: p.Text, Found: &found, At: p.At})
	}
	return out
}

func tasks(all []fulfilment.Task) []Task {
	out := []Task{}
	for _, t := range all {
		it := Task{Id: t.ID, Place: t.Place, Instructions: optional(t.Instructions), State: TaskState(t.State), Note: optional(t.Note), Files: taskFiles(t.Files), Unseen: optional(t.Unseen)}
		if c := t.Colleague; c != nil {
			it.Colleague = &TaskColleague{Name: c.Name, State: TaskColleagueState(c.State), Text: c.Text, Send: c.Send, Revoke: c.Revoke}
		}
		out = append(out, it)
	}
	return out
}

func taskFiles(all []fulfilment.TaskFile) []TaskFile {
	files := []TaskFile{}
	for _, f := range all {
		files = append(files, TaskFile{Name: f.Name, Size: f.Size})
	}
	return files
}

func plan(p *fulfilment.PlanView) *Plan {
	if p == nil {
		return nil
	}
	out := &Plan{
		Digest: p.Digest, MadeAt: p.MadeAt, MadeBy: p.MadeBy, MadeByYou: &p.MadeByYou, Removes: p.Removes, Special: p.Special, Steps: p.Steps, Counts: []PlanCount{},
		Problems: some(p.Problems), Words: optional(p.Words), Stale: p.Stale, ApprovedBy: optional(p.ApprovedBy), ApprovedAt: p.ApprovedAt, ExecutesAt: p.ExecutesAt,
	}
	if len(p.Warnings) > 0 {
		out.Warnings = &p.Warnings
	}
	for _, n := range p.Counts {
		out.Counts = append(out.Counts, PlanCount{Source: n.Source, Collection: n.Collection, Action: n.Action, Count: n.Count, Text: n.Text})
	}
	return out
}

func restriction(v *fulfilment.RestrictionView) *Restriction {
	if v == nil {
		return nil
	}
	out := &Restriction{Places: []RestrictedPlace{}, LiftAt: v.LiftAt, Restrict: v.Restrict, Mark: v.Mark, Lift: v.Lift, Keep: v.Keep}
	for _, p := range v.Places {
		out.Places = append(out.Places, RestrictedPlace{Source: p.Source, Title: p.Title, Rows: p.Rows, ByHand: p.ByHand})
	}
	return out
}

func execution(e *fulfilment.Execution) *Execution {
	if e == nil {
		return nil
	}
	out := &Execution{State: ExecutionState(e.State), Text: optional(e.Text), Sources: []ExecutionSource{}}
	for _, one := range e.Sources {
		out.Sources = append(out.Sources, ExecutionSource{
			Name: one.Name, State: ExecutionSourcesState(one.State), Text: optional(one.Text), Deleted: one.Deleted, Changed: one.Changed,
		})
	}
	return out
}

func corrections(all []fulfilment.AskedCorrection) *[]AskedCorrection {
	out := []AskedCorrection{}
	for _, a := range all {
		decided := AskedCorrectionDecision(a.Decision)
		out = append(out, AskedCorrection{Group: optional(a.Group), Label: a.Label, OldValue: a.Old, NewValue: a.New, Decision: &decided})
	}
	return &out
}

func logEntries(lines []casework.Line) []LogEntry {
	out := []LogEntry{}
	for _, line := range lines {
		out = append(out, LogEntry{At: line.At, Who: line.Who, Text: line.Text, Kind: optional(line.Kind), Proof: optional(hex.EncodeToString(line.Leaf))})
	}
	return out
}

func may(v casework.View, w fulfilment.WorkView) []May {
	out := []May{}
	for _, m := range v.May {
		out = append(out, May{Act: m.Act, Allowed: m.Allowed, WhyNot: optional(m.WhyNot)})
	}
	for _, m := range w.May {
		out = append(out, May{Act: m.Act, Allowed: m.Allowed, WhyNot: optional(m.WhyNot)})
	}
	return out
}

func choices(r *store.Request, l locale.Locale) Choices {
	return Choices{
		RefusalGrounds: choice(register.RefusalGrounds, r, l), ExtensionGrounds: choice(register.ExtensionReasons, r, l),
		WithholdGrounds: choice(slices.Concat(register.WithholdGrounds, register.QuietGrounds), r, l), RestrictedUses: choice(register.RestrictedUses, r, l),
	}
}

func article(r register.Reason, l locale.Locale) string {
	if r.Article == "" {
		return ""
	}
	return register.ArticleText(r.Article).In(l)
}

func choice(reasons []register.Reason, about *store.Request, l locale.Locale) []Choice {
	out := []Choice{}
	for _, r := range reasons {
		if r.For(about.Right) && r.Before(about.P.Standing) {
			out = append(out, Choice{Key: r.Code, Law: optional(article(r, l)), Text: r.Text.In(l)})
		}
	}
	return out
}

// ListFindings gives the rows of one group, a page at a time.
func (s *Server) ListFindings(ctx context.Context, r ListFindingsRequestObject) (ListFindingsResponseObject, error) {
	c := from(ctx)
	page, err := s.d.Works.Findings(ctx, s.worker(c), r.Id, r.Params.Group, text(r.Params.Cursor), limitOf(r.Params.Limit), c.locale)
	if err != nil {
		return nil, err
	}
	out := ListFindings200JSONResponse{Findings: []FindingRow{}, Next: optional(page.Next)}
	for _, f := range page.Findings {
		row := FindingRow{Id: f.ID, Key: f.Key, Fields: []FindingField{}, Paths: &f.Paths, Shared: f.Shared, ThirdParty: f.ThirdParty,
			Action: optional(f.Action), Reason: optional(f.Reason), Until: optionalDate(f.Until)}
		for _, field := range f.Fields {
			row.Fields = append(row.Fields, FindingField{Name: field.Name, Label: optional(field.Label), Value: field.Value, Marks: &field.Marks, Masked: optional(field.Masked)})
		}
		out.Findings = append(out.Findings, row)
	}
	return out, nil
}

// GetPlan gives the plan and a page of its steps.
func (s *Server) GetPlan(ctx context.Context, r GetPlanRequestObject) (GetPlanResponseObject, error) {
	c := from(ctx)
	page, err := s.d.Works.PlanPage(ctx, s.worker(c), r.Id, text(r.Params.Cursor), limitOf(r.Params.Limit), c.locale)
	if err != nil {
		return nil, err
	}
	out := GetPlan200JSONResponse{Plan: *plan(&page.Plan), Steps: []PlanStep{}, Next: optional(page.Next)}
	for _, step := range page.Steps {
		row := PlanStep{Source: step.Source, Collection: step.Collection, Key: step.Key, Action: step.Action, Reason: step.Reason,
			Until: optionalDate(step.Until), Changes: []PlanChange{}}
		for _, change := range step.Changes {
			row.Changes = append(row.Changes, PlanChange{Field: change.Field, Old: optional(change.Old), New: optional(change.New)})
		}
		out.Steps = append(out.Steps, row)
	}
	return out, nil
}

// PreviewAnswer shows exactly what the person will be told.
func (s *Server) PreviewAnswer(ctx context.Context, r PreviewAnswerRequestObject) (PreviewAnswerResponseObject, error) {
	answer, err := s.d.Works.Preview(ctx, s.worker(from(ctx)), r.Id)
	if err != nil {
		return nil, err
	}
	return PreviewAnswer200JSONResponse(*answerView(&answer)), nil
}

// StaffLetter gives the answer as a PDF: the one that was sent, or as it would stand.
func (s *Server) StaffLetter(ctx context.Context, r StaffLetterRequestObject) (StaffLetterResponseObject, error) {
	c := from(ctx)
	answer, err := s.d.Works.Preview(ctx, s.worker(c), r.Id)
	if err != nil {
		return nil, err
	}
	pdf, err := answer.PDF()
	if err != nil {
		return nil, err
	}
	attach(c, answer.Case.Reference+".pdf")
	return StaffLetter200ApplicationpdfResponse{Body: bytes.NewReader(pdf), ContentLength: int64(len(pdf))}, nil
}

// StaffSentLetter gives a letter that was sent in the case.
func (s *Server) StaffSentLetter(ctx context.Context, r StaffSentLetterRequestObject) (StaffSentLetterResponseObject, error) {
	c := from(ctx)
	name, pdf, err := s.d.Desk.SentLetter(ctx, c.by(), r.Id, r.Letter)
	if err != nil {
		return nil, err
	}
	attach(c, name)
	return StaffSentLetter200ApplicationpdfResponse{Body: bytes.NewReader(pdf), ContentLength: int64(len(pdf))}, nil
}

// StaffPackage gives the package for paper, or to look over.
func (s *Server) StaffPackage(ctx context.Context, r StaffPackageRequestObject) (StaffPackageResponseObject, error) {
	c := from(ctx)
	form := "html"
	if r.Params.Form != nil {
		form = string(*r.Params.Form)
	}
	delivery, err := s.d.Works.StaffPackage(ctx, s.worker(c), r.Id, form)
	if err != nil {
		return nil, err
	}
	if form == "zip" {
		attach(c, delivery.Name)
		return StaffPackage200ApplicationzipResponse{Body: delivery, ContentLength: max(delivery.Size, 0)}, nil
	}
	// A page of our own making with style and nothing else; the sandbox stays.
	c.echo.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-modals")
	return StaffPackage200TexthtmlResponse{Body: delivery, ContentLength: max(delivery.Size, 0)}, nil
}

// TakeEvidence gives what shows how a case went, without personal data.
func (s *Server) TakeEvidence(ctx context.Context, r TakeEvidenceRequestObject) (TakeEvidenceResponseObject, error) {
	pack, err := s.evidence(ctx, r.Id, false, "")
	if err != nil {
		return nil, err
	}
	return TakeEvidence200ApplicationzipResponse{Body: bytes.NewReader(pack.Body), ContentLength: int64(len(pack.Body))}, nil
}

// TakeWholeEvidence gives the same with the personal data of the case.
func (s *Server) TakeWholeEvidence(ctx context.Context, r TakeWholeEvidenceRequestObject) (TakeWholeEvidenceResponseObject, error) {
	pack, err := s.evidence(ctx, r.Id, true, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return TakeWholeEvidence200ApplicationzipResponse{Body: bytes.NewReader(pack.Body), ContentLength: int64(len(pack.Body))}, nil
}

func (s *Server) evidence(ctx context.Context, id string, whole bool, reason string) (*casework.Pack, error) {
	c := from(ctx)
	pack, err := s.d.Desk.Evidence(ctx, s.fresh(c), id, whole, reason, c.locale)
	if err != nil {
		return nil, err
	}
	attach(c, pack.Name)
	return pack, nil
}

// file gives the uploaded file of a form; other parts with a name are handed to field.
func file(form *multipart.Reader, field func(name, value string)) (*multipart.Part, error) {
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, unread(err)
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, 1000))
		if err != nil {
			return nil, unread(err)
		}
		if bytes.IndexByte(value, 0) >= 0 {
			return nil, errMalformed
		}
		if field != nil {
			field(part.FormName(), string(value))
		}
	}
}

// unread tells why a form could not be read: it is too large, or no form.
func unread(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return errTooLarge
	}
	return errMalformed
}

// UploadTaskFile adds a file that was found.
func (s *Server) UploadTaskFile(ctx context.Context, r UploadTaskFileRequestObject) (UploadTaskFileResponseObject, error) {
	part, err := file(r.Body, nil)
	if err != nil {
		return nil, err
	}
	if err := s.d.Works.UploadTask(ctx, s.worker(from(ctx)), r.Id, r.TaskId, part.FileName(), part); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return UploadTaskFile200JSONResponse{out}, err
}

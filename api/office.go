package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"mininfo/internal/casework"
	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

func settings(v governance.Settings, l locale.Locale) Settings {
	waiting, version := int(v.Mail.Waiting), int(v.Version)
	return Settings{
		Organisation: Organisation{
			Name: v.Name, OrganisationNumber: optional(v.OrganisationNumber), Email: v.Email, Phone: optional(v.Phone),
			PostalAddress: v.PostalAddress, Dpo: optional(v.DPO), SignerName: optional(v.SignerName), SignerRole: optional(v.SignerRole), SignerRoleNn: optional(v.SignerRoleNN), SignerRoleEn: optional(v.SignerRoleEN), AccessibilityUrl: optional(v.AccessibilityURL),
		},
		Notify: some(v.Notify), CoolingOffHours: v.CoolingOffHours, AddressHours: v.AddressHours, BackupDays: v.BackupDays, LiftingDays: v.WholeLiftingDays(), Language: Locale(v.Speaks()), Profile: v.Counting(), Country: v.Country, Profiles: profiles(l), Countries: countries(l), Keep: Keep{EvidenceDays: v.Keep.EvidenceDays, CopyDays: v.Keep.CopyDays, CaseYears: v.Keep.CaseYears}, Version: &version,
		Look: LookWorn{Accent: v.Look.Accent, Logo: governance.LogoName(v.Look)},
		Mail: MailState{State: SettingsMailState(v.Mail.State), Text: v.Mail.Text, Waiting: &waiting},
	}
}

// profiles and countries are what an office may choose for its time limits, in words.
func profiles(l locale.Locale) []CodeAndName {
	var list []CodeAndName
	for _, p := range dsr.Profiles() {
		list = append(list, CodeAndName{Code: p.Name, Name: p.Title.In(l)})
	}
	return list
}

func countries(l locale.Locale) []CodeAndName {
	var list []CodeAndName
	for _, code := range dsr.Countries() {
		list = append(list, CodeAndName{Code: code, Name: locale.Country(code, l)})
	}
	slices.SortFunc(list, func(a, b CodeAndName) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func keep(k *Keep) *dsr.Keep {
	if k == nil {
		return nil
	}
	return &dsr.Keep{EvidenceDays: k.EvidenceDays, CopyDays: k.CopyDays, CaseYears: k.CaseYears}
}

func look(l *LookChange) *governance.LookChange {
	if l == nil {
		return nil
	}
	out := &governance.LookChange{Accent: l.Accent}
	if l.Logo != nil {
		out.Logo = append([]byte{}, *l.Logo...) // empty and none are two things
	}
	return out
}

// base is the version that a change was made on.
func base(version *int) *int64 {
	if version == nil {
		return nil
	}
	n := int64(*version)
	return &n
}

// GetSettings gives the organisation's settings.
func (s *Server) GetSettings(ctx context.Context, _ GetSettingsRequestObject) (GetSettingsResponseObject, error) {
	v, err := s.d.Office.Settings(ctx, s.governor(from(ctx)))
	return GetSettings200JSONResponse(settings(v, from(ctx).locale)), err
}

// PutSettings changes them.
func (s *Server) PutSettings(ctx context.Context, r PutSettingsRequestObject) (PutSettingsResponseObject, error) {
	o := r.Body.Organisation
	v, err := s.d.Office.PutSettings(ctx, s.governor(from(ctx)), governance.Change{
		Organisation: governance.Organisation{
			Name: o.Name, OrganisationNumber: text(o.OrganisationNumber), Email: o.Email, Phone: text(o.Phone),
			PostalAddress: o.PostalAddress, DPO: text(o.Dpo), SignerName: text(o.SignerName), SignerRole: text(o.SignerRole), SignerRoleNN: text(o.SignerRoleNn), SignerRoleEN: text(o.SignerRoleEn), AccessibilityURL: text(o.AccessibilityUrl),
		},
		Notify: r.Body.Notify, CoolingOffHours: r.Body.CoolingOffHours, AddressHours: r.Body.AddressHours, BackupDays: r.Body.BackupDays, LiftingDays: r.Body.LiftingDays, Language: text(r.Body.Language), Profile: r.Body.Profile, Country: r.Body.Country, Keep: keep(r.Body.Keep), Look: look(r.Body.Look), Done: yes(r.Body.Done), Base: base(r.Body.BaseVersion),
	})
	return PutSettings200JSONResponse(settings(v, from(ctx).locale)), err
}

// GetLetters gives the organisation's own wording of letters.
func (s *Server) GetLetters(ctx context.Context, _ GetLettersRequestObject) (GetLettersResponseObject, error) {
	out, err := s.letters(ctx)
	return GetLetters200JSONResponse(out), err
}

// PutLetters words letters in the organisation's own way.
func (s *Server) PutLetters(ctx context.Context, r PutLettersRequestObject) (PutLettersResponseObject, error) {
	body := text(r.Body.Body)
	if r.Body.Wordings != nil {
		var err error
		if body, err = templatesOf(*r.Body.Wordings).YAML(); err != nil {
			return nil, err
		}
	}
	if err := s.d.Office.PutLetters(ctx, s.governor(from(ctx)), body, r.Body.Version); err != nil {
		return nil, err
	}
	out, err := s.letters(ctx)
	return PutLetters200JSONResponse(out), err
}

// PreviewLetter shows a letter about nobody in a wording.
func (s *Server) PreviewLetter(ctx context.Context, r PreviewLetterRequestObject) (PreviewLetterResponseObject, error) {
	k, l := letter.Kind(r.Body.Letter), locale.Locale(r.Body.Locale)
	if !slices.Contains(letter.Kinds, k) {
		return nil, letter.ErrNone
	}
	var t *letter.Template
	if len(r.Body.Parts) > 0 {
		t = templatesOf([]LetterWording{*r.Body}).Of(k, l)
	}
	shown, err := s.d.Office.PreviewLetter(ctx, s.governor(from(ctx)), k, l, t)
	return PreviewLetter200JSONResponse(letterView(shown)), err
}

func (s *Server) letters(ctx context.Context) (Letters, error) {
	v, err := s.d.Office.Letters(ctx, s.governor(from(ctx)))
	if err != nil {
		return Letters{}, err
	}
	out := Letters{Body: v.Body, Version: v.Version, Wordings: []LetterWording{}, Letters: []LetterKind{}, Placeholders: letter.Placeholders()}
	if _, wrong := letter.ParseTemplates(v.Body); wrong != nil {
		out.Problem = optional(fault.From(wrong).Text.In(from(ctx).locale))
	}
	for _, k := range letter.Kinds {
		kind := LetterKind{Letter: string(k), Name: k.Name().In(from(ctx).locale), Parts: []LetterPart{}}
		for _, p := range k.Parts() {
			h := k.Heading(p)
			kind.Parts = append(kind.Parts, LetterPart{Part: string(p), Heading: InEachLanguage{Nb: h.NB, Nn: h.NN, En: h.EN}})
		}
		out.Letters = append(out.Letters, kind)
		for _, l := range locale.All {
			t := v.Templates.Of(k, l)
			if t == nil {
				continue
			}
			w := LetterWording{Letter: string(k), Locale: Locale(l), Title: optional(t.Title), Parts: []PlacedPart{}}
			for _, p := range t.Parts {
				w.Parts = append(w.Parts, PlacedPart{Part: string(p.Part), Heading: optional(p.Heading), Intro: optional(p.Intro)})
			}
			out.Wordings = append(out.Wordings, w)
		}
	}
	return out, nil
}

func templatesOf(all []LetterWording) letter.Templates {
	out := letter.Templates{}
	for _, w := range all {
		t := &letter.Template{Title: strings.TrimSpace(text(w.Title)), Parts: []letter.Placed{}}
		for _, p := range w.Parts {
			t.Parts = append(t.Parts, letter.Placed{Part: letter.Part(p.Part), Heading: strings.TrimSpace(text(p.Heading)), Intro: strings.TrimSpace(text(p.Intro))})
		}
		k := letter.Kind(w.Letter)
		if out[k] == nil {
			out[k] = map[locale.Locale]*letter.Template{}
		}
		out[k][locale.Locale(w.Locale)] = t
	}
	return out
}

// TestMail sends the member a test mail.
func (s *Server) TestMail(ctx context.Context, _ TestMailRequestObject) (TestMailResponseObject, error) {
	if err := s.d.Office.TestMail(ctx, s.governor(from(ctx))); err != nil {
		return nil, err
	}
	return TestMail202Response{}, nil
}

func registerOf(v governance.Register, l locale.Locale) (Register, error) {
	at := v.ChangedAt
	doc, err := v.Register.Document()
	if err != nil {
		return Register{}, err
	}
	out := Register{Version: int(v.Version), Yaml: v.YAML, Document: doc, ChangedAt: &at, ChangedBy: optional(v.ChangedBy),
		Comment: optional(v.Comment), Activities: []RegisterActivity{}, Gaps: []RegisterGap{}}
	for _, section := range register.NewNotice(v.Register, l, int(v.Version), dsr.Date{}).Sections {
		recipients := []string{}
		for _, rc := range section.Recipients {
			recipients = append(recipients, rc.Name)
		}
		sources := some(section.Sources)
		out.Activities = append(out.Activities, RegisterActivity{
			Id: section.Activity, Name: section.Title, Purpose: section.Purpose, Bases: some(section.Bases), Retention: section.Retention,
			Recipients: &recipients, Sources: &sources,
		})
	}
	for _, g := range v.Gaps {
		out.Gaps = append(out.Gaps, RegisterGap{Activity: g.Activity, Field: optional(g.Field), Text: g.Text.In(l), Blocks: len(g.Rights) > 0, Contradicts: g.Severity == register.Contradiction, Answers: g.Answers})
	}
	return out, nil
}

// GetRegister gives the register in force and what it lacks.
func (s *Server) GetRegister(ctx context.Context, _ GetRegisterRequestObject) (GetRegisterResponseObject, error) {
	c := from(ctx)
	v, err := s.d.Office.Register(ctx, s.governor(c))
	if err != nil {
		return nil, err
	}
	out, err := registerOf(v, c.locale)
	return GetRegister200JSONResponse(out), err
}

// PutRegister saves a new version of the register.
func (s *Server) PutRegister(ctx context.Context, r PutRegisterRequestObject) (PutRegisterResponseObject, error) {
	c := from(ctx)
	change := governance.RegisterChange{YAML: text(r.Body.Yaml), Base: int64(r.Body.BaseVersion), Comment: text(r.Body.Comment)}
	if r.Body.Document != nil {
		change.Document = *r.Body.Document
	}
	v, err := s.d.Office.PutRegister(ctx, s.governor(c), change)
	if err != nil {
		return nil, err
	}
	out, err := registerOf(v, c.locale)
	return PutRegister200JSONResponse(out), err
}

// CheckRegister says what a document would have wrong and leave open.
func (s *Server) CheckRegister(ctx context.Context, r CheckRegisterRequestObject) (CheckRegisterResponseObject, error) {
	c := from(ctx)
	found, err := s.d.Office.CheckRegister(s.governor(c), r.Body.Document)
	if err != nil {
		return nil, err
	}
	severities := map[register.Severity]RegisterCheckFindingsSeverity{register.Wrong: "wrong", register.Contradiction: "contradicts", register.BlocksDecision: "blocks", register.Warn: "warns"}
	out := RegisterCheck{Findings: []RegisterFinding{}}
	for _, f := range found {
		out.Findings = append(out.Findings, RegisterFinding{Field: f.Pointer(), Severity: severities[f.Severity], Text: f.Text.In(c.locale)})
	}
	return CheckRegister200JSONResponse(out), nil
}

// ListRegisterVersions lists the register's versions.
func (s *Server) ListRegisterVersions(ctx context.Context, _ ListRegisterVersionsRequestObject) (ListRegisterVersionsResponseObject, error) {
	versions, err := s.d.Office.RegisterVersions(ctx, s.governor(from(ctx)))
	if err != nil {
		return nil, err
	}
	out := ListRegisterVersions200JSONResponse{Versions: []RegisterVersion{}}
	for _, v := range versions {
		out.Versions = append(out.Versions, RegisterVersion{Version: int(v.Version), ChangedAt: v.ChangedAt, ChangedBy: v.ChangedBy, Comment: optional(v.Comment)})
	}
	return out, nil
}

// GetRegisterVersion gives an older version of the register.
func (s *Server) GetRegisterVersion(ctx context.Context, r GetRegisterVersionRequestObject) (GetRegisterVersionResponseObject, error) {
	c := from(ctx)
	v, err := s.d.Office.RegisterVersion(ctx, s.governor(c), int64(r.Version))
	if err != nil {
		return nil, err
	}
	out, err := registerOf(v, c.locale)
	return GetRegisterVersion200JSONResponse(out), err
}

// GetTaxonomy names the kinds of data and of persons.
func (s *Server) GetTaxonomy(ctx context.Context, _ GetTaxonomyRequestObject) (GetTaxonomyResponseObject, error) {
	l := from(ctx).locale
	named := func(labels []dataset.Label) []TaxonomyName {
		out := make([]TaxonomyName, len(labels))
		for i, each := range labels {
			out[i] = TaxonomyName{Key: each.Key, Text: each.Name.In(l)}
		}
		return out
	}
	return GetTaxonomy200JSONResponse{Categories: named(dataset.Categories()), Persons: named(dataset.Subjects())}, nil
}

func sourceOf(v governance.Source, whole bool) Source {
	out := Source{
		Id: v.PublicID, Name: v.Name, Title: optional(v.Title), Kind: v.Kind, Enabled: v.Enabled, Version: int(v.Version), Location: optional(v.Location),
		Activity: optional(v.Activity), Instructions: optional(v.Instructions), State: SourceState(v.State), StateText: v.StateText,
		Collections: &v.Collections, Drift: &v.Drift, Restored: &v.Restored,
	}
	if whole {
		out.Dataset = optional(v.Dataset)
	}
	if c := v.Colleague; c != nil {
		out.Colleague = &Colleague{Name: c.Name.Reveal(), Email: c.Email.Reveal(), Locale: Locale(c.Locale)}
	}
	return out
}

func mate(c *Colleague) *governance.Colleague {
	if c == nil {
		return nil
	}
	return &governance.Colleague{Name: c.Name, Email: c.Email, Locale: locale.Locale(c.Locale)}
}

// ListSources gives the systems that are searched.
func (s *Server) ListSources(ctx context.Context, _ ListSourcesRequestObject) (ListSourcesResponseObject, error) {
	all, err := s.d.Office.Sources(ctx, s.governor(from(ctx)))
	if err != nil {
		return nil, err
	}
	out := ListSources200JSONResponse{Sources: []Source{}}
	for _, v := range all {
		out.Sources = append(out.Sources, sourceOf(v, false))
	}
	return out, nil
}

// AddSource connects a database, or adds a place that a person looks in.
func (s *Server) AddSource(ctx context.Context, r AddSourceRequestObject) (AddSourceResponseObject, error) {
	v, err := s.d.Office.AddSource(ctx, s.governor(from(ctx)), governance.NewSource{
		Name: r.Body.Name, Kind: r.Body.Kind, DSN: source.NewSecret(text(r.Body.Dsn)), Dataset: text(r.Body.Dataset),
		Activity: text(r.Body.Activity), Instructions: text(r.Body.Instructions), Colleague: mate(r.Body.Colleague),
	})
	if err != nil {
		return nil, err
	}
	return AddSource201JSONResponse(sourceOf(v, true)), nil
}

// ScanSource proposes what a database holds that is about to be connected.
func (s *Server) ScanSource(ctx context.Context, r ScanSourceRequestObject) (ScanSourceResponseObject, error) {
	c := from(ctx)
	in := governance.Scan{Name: r.Body.Name, Kind: string(r.Body.Kind), DSN: source.NewSecret(r.Body.Dsn), Activity: text(r.Body.Activity), Person: text(r.Body.Person)}
	if r.Body.Choices != nil {
		for _, each := range *r.Body.Choices {
			in.Choices = append(in.Choices, scan.Choice{Table: each.Table, Field: text(each.Field), Category: text(each.Category), Out: each.Out != nil && *each.Out})
		}
	}
	v, err := s.d.Office.ScanSource(ctx, s.governor(c), in)
	if err != nil {
		return nil, err
	}
	return ScanSource200JSONResponse(scanOf(v, c.locale)), nil
}

func scanOf(v governance.Scanned, l locale.Locale) SourceScan {
	p := v.Proposal
	out := SourceScan{System: p.System, Tables: p.Tables, Dataset: v.Dataset, Collections: []ScanCollection{}, LeftOut: []ScanLeftOut{}, Categories: []ScanCategory{}}
	for _, c := range p.Collections {
		one := ScanCollection{Name: c.Name, Role: SourceScanCollectionsRole(c.Role), About: scan.RoleNote(c.Role).In(l), Notes: notesIn(c.Evidence, l), Fields: []ScanField{}}
		for _, q := range c.Questions {
			one.Notes = append(one.Notes, q.Note.Text.In(l))
		}
		for _, f := range c.Fields {
			one.Fields = append(one.Fields, scanField(f, l))
		}
		out.Collections = append(out.Collections, one)
	}
	for _, o := range p.LeftOut {
		out.LeftOut = append(out.LeftOut, ScanLeftOut{Name: o.Name, Reason: o.Reason.Text.In(l), Asked: o.Asked})
	}
	for _, label := range dataset.Categories() {
		out.Categories = append(out.Categories, ScanCategory{Key: label.Key, Text: label.Name.In(l)})
	}
	if v.Tried {
		found := ScanFound{Incomplete: v.Incomplete, Rows: []ScanRows{}}
		for _, row := range v.Found {
			found.Rows = append(found.Rows, ScanRows{Collection: row.Collection, Count: row.Rows})
		}
		out.Found = &found
	}
	return out
}

func notesIn(notes []scan.Note, l locale.Locale) []string {
	out := []string{}
	for _, n := range notes {
		out = append(out, n.Text.In(l))
	}
	return out
}

func scanField(f *scan.Field, l locale.Locale) ScanField {
	identity := f.Identity != ""
	out := ScanField{Name: f.Name, Key: f.PrimaryKey, Category: f.Category, Asked: f.Asked, Confidence: SourceScanCollectionsFieldsConfidence(f.Confidence.String()),
		ConfidenceText: scan.ConfidenceWord(f.Confidence).In(l), Because: notesIn(f.Evidence, l), Identity: &identity, Inside: inside("", f.Fields, l), LeadsTo: []ScanReference{}}
	for _, r := range f.References {
		out.LeadsTo = append(out.LeadsTo, ScanReference{To: r.Collection + "." + r.Field, Asked: r.Asked, Because: r.Evidence.Text.In(l)})
	}
	return out
}

// inside lists what is proposed for the inner fields of a document.
func inside(prefix string, fields []*scan.Field, l locale.Locale) []string {
	out := []string{}
	for _, f := range fields {
		if label, ok := dataset.CategoryName(f.Category); ok {
			out = append(out, prefix+f.Name+": "+label.In(l))
		}
		out = append(out, inside(prefix+f.Name+".", f.Fields, l)...)
	}
	return out
}

// AddFileSource takes in a CSV or XLSX file.
func (s *Server) AddFileSource(ctx context.Context, r AddFileSourceRequestObject) (AddFileSourceResponseObject, error) {
	fields := map[string]string{}
	part, err := file(r.Body, func(name, value string) { fields[name] = value })
	if err != nil {
		return nil, err
	}
	v, err := s.d.Office.AddFileSource(ctx, s.governor(from(ctx)), fields["name"], fields["activity"], part)
	if err != nil {
		return nil, err
	}
	return AddFileSource201JSONResponse(sourceOf(v, true)), nil
}

// GetSource gives one source with its dataset file.
func (s *Server) GetSource(ctx context.Context, r GetSourceRequestObject) (GetSourceResponseObject, error) {
	v, err := s.d.Office.Source(ctx, s.governor(from(ctx)), r.Id)
	if err != nil {
		return nil, err
	}
	return GetSource200JSONResponse(sourceOf(v, true)), nil
}

// ChangeSource saves a new version of a source.
func (s *Server) ChangeSource(ctx context.Context, r ChangeSourceRequestObject) (ChangeSourceResponseObject, error) {
	v, err := s.d.Office.ChangeSource(ctx, s.governor(from(ctx)), r.Id, governance.SourceChange{
		Dataset: r.Body.Dataset, Enabled: r.Body.Enabled, Instructions: r.Body.Instructions, Colleague: mate(r.Body.Colleague), Base: base(r.Body.BaseVersion),
	})
	if err != nil {
		return nil, err
	}
	return ChangeSource200JSONResponse(sourceOf(v, true)), nil
}

// CheckSource tries a source and holds its annotation against the live schema.
func (s *Server) CheckSource(ctx context.Context, r CheckSourceRequestObject) (CheckSourceResponseObject, error) {
	checked, err := s.d.Office.CheckSource(ctx, s.governor(from(ctx)), r.Id)
	if err != nil {
		return nil, err
	}
	out := CheckSource200JSONResponse{Ok: checked.OK, Lines: []CheckLine{}}
	for _, line := range checked.Lines {
		out.Lines = append(out.Lines, CheckLine{Level: SourceCheckLinesLevel(line.Level), Text: line.Text})
	}
	return out, nil
}

// ListAudit gives the log, newest first.
func (s *Server) ListAudit(ctx context.Context, r ListAuditRequestObject) (ListAuditResponseObject, error) {
	before := int64(0)
	if cursor := text(r.Params.Cursor); cursor != "" {
		if err := s.openCursor(cursor, &before); err != nil {
			return nil, err
		}
	}
	limit := limitOf(r.Params.Limit)
	out := ListAudit200JSONResponse{Leaves: []AuditLeaf{}}
	err := s.d.Desk.Store.Read(ctx, func(tx *store.Tx) error {
		entries, err := tx.LogPage(before, limit)
		if err != nil {
			return err
		}
		for _, e := range entries {
			out.Leaves = append(out.Leaves, AuditLeaf{
				Index: e.Place, At: store.Instant(e.Leaf.At), Actor: e.Leaf.Actor, Role: optional(e.Leaf.Role), Action: AuditAct(e.Leaf.Action),
				Request: optional(e.Leaf.Request), Hash: hex.EncodeToString(e.Hash),
			})
		}
		if out.Size, err = tx.LogSize(); err != nil {
			return err
		}
		note, err := tx.Checkpoint()
		out.Checkpoint = optional(string(note))
		return err
	})
	if err != nil {
		return nil, err
	}
	if n := len(out.Leaves); n == limit && out.Leaves[n-1].Index > 0 {
		if out.Next, err = s.sealCursor(out.Leaves[n-1].Index); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// TakeLog gives the whole log as it is written.
func (s *Server) TakeLog(ctx context.Context, _ TakeLogRequestObject) (TakeLogResponseObject, error) {
	c := from(ctx)
	log, err := s.d.Office.TakeLog(ctx, s.governor(c))
	if err != nil {
		return nil, err
	}
	attach(c, "mininfo-log.jsonl")
	r, w := io.Pipe()
	go func() { w.CloseWithError(log.Write(ctx, w)) }() // ends with the request
	return TakeLog200ApplicationoctetStreamResponse{Body: r}, nil
}

// GetReport counts a period.
func (s *Server) GetReport(ctx context.Context, r GetReportRequestObject) (GetReportResponseObject, error) {
	c := from(ctx)
	report, err := s.d.Desk.Report(ctx, c.by(), civil(r.Params.From), civil(r.Params.To))
	if err != nil {
		return nil, err
	}
	return GetReport200JSONResponse(reportOf(report, c.locale)), nil
}

// GetReportTable gives the same for a spreadsheet.
func (s *Server) GetReportTable(ctx context.Context, r GetReportTableRequestObject) (GetReportTableResponseObject, error) {
	c := from(ctx)
	report, err := s.d.Desk.Report(ctx, c.by(), civil(r.Params.From), civil(r.Params.To))
	if err != nil {
		return nil, err
	}
	var table bytes.Buffer
	if err := report.CSV(&table, c.locale); err != nil {
		return nil, err
	}
	attach(c, fmt.Sprintf("mininfo-%s-%s.csv", report.From, report.To))
	return GetReportTable200TextcsvResponse{Body: &table, ContentLength: int64(table.Len())}, nil
}

// StartDrill begins a rehearsal.
func (s *Server) StartDrill(ctx context.Context, r StartDrillRequestObject) (StartDrillResponseObject, error) {
	c := from(ctx)
	drill, err := s.d.Desk.StartDrill(ctx, c.by(), string(r.Body.Right), c.locale)
	if err != nil {
		return nil, err
	}
	return StartDrill201JSONResponse{Id: drill.PublicID}, nil
}

// ListDrills gives the rehearsals and how they went.
func (s *Server) ListDrills(ctx context.Context, _ ListDrillsRequestObject) (ListDrillsResponseObject, error) {
	c := from(ctx)
	all, err := s.d.Desk.Drills(ctx, c.by(), c.locale)
	if err != nil {
		return nil, err
	}
	out := ListDrills200JSONResponse{Drills: []Drill{}}
	for _, d := range all {
		r := d.Request
		out.Drills = append(out.Drills, Drill{
			Id: r.PublicID, Reference: string(r.Reference), Right: Right(r.Right), Step: d.Step, StartedOn: date(r.P.Deadline.Received),
			Open: dsr.Open(r.P.State), Purged: r.Shredded(), Days: d.Days, InTime: d.InTime,
		})
	}
	return out, nil
}

// civil is a civil date of a query; none is the zero date.
func civil(d *openapi_types.Date) dsr.Date {
	if d == nil {
		return dsr.Date{}
	}
	return dsr.NewDate(d.Year(), d.Month(), d.Day())
}

func reportOf(r casework.Report, l locale.Locale) Report {
	out := Report{
		From: date(r.From), To: date(r.To), Received: r.Received, Answered: r.Answered, InTime: r.InTime, OnPause: r.OnPause, Late: r.Late, Open: r.Open,
		Extended: r.Extended, Paused: r.Paused, PausedDays: r.PausedDays, InParts: r.InParts, Corrected: r.Corrected, ByRight: counts(r.ByRight), ByChannel: counts(r.ByChannel),
		ByOutcome: counts(r.ByOutcome), ByGround: counts(r.ByGround), ByNotice: counts(r.ByNotice),
		Outcomes: []RightOutcomes{}, Answers: []ReportAnswer{}, ByMonth: []ReportMonth{}, Due: []Count{},
	}
	for _, right := range slices.Sorted(maps.Keys(r.Outcomes)) {
		out.Outcomes = append(out.Outcomes, RightOutcomes{Right: Right(right), Outcomes: counts(r.Outcomes[right])})
	}
	for i, ground := range out.ByGround {
		out.ByGround[i].Text = optional(casework.GroundText(ground.Key, l))
	}
	for i, notice := range out.ByNotice {
		out.ByNotice[i].Text = optional(casework.NoticeStateText(notice.Key, l))
	}
	if s := r.Statistics; s != nil {
		out.Days = &ReportDays{Median: float32(s.Median), Mean: float32(s.Mean), P90: float32(s.P90)}
	}
	for _, a := range r.Answers {
		out.Answers = append(out.Answers, ReportAnswer{Reference: string(a.Reference), Right: Right(a.Right), Days: a.Days, Timing: Timing(a.Timing)})
	}
	for _, m := range r.Months {
		out.ByMonth = append(out.ByMonth, ReportMonth{Key: m.Key, Received: m.Received, InTime: m.InTime, Late: m.OverTime})
	}
	for _, d := range r.Due {
		out.Due = append(out.Due, Count{Key: d.Key, Count: d.Count})
	}
	return out
}

func counts(byKey map[string]int) []Count {
	out := []Count{}
	for key, n := range byKey {
		out = append(out, Count{Key: key, Count: n})
	}
	slices.SortFunc(out, func(a, b Count) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// ListDrillMails gives the mailbox of a rehearsal.
func (s *Server) ListDrillMails(ctx context.Context, r ListDrillMailsRequestObject) (ListDrillMailsResponseObject, error) {
	list, err := s.d.Desk.DrillMails(ctx, from(ctx).by(), r.Id)
	out := ListDrillMails200JSONResponse{Mails: []DrillMail{}}
	for _, m := range list {
		out.Mails = append(out.Mails, DrillMail{At: m.At, ToOffice: m.ToOffice, Subject: m.Subject, Text: m.Text})
	}
	return out, err
}

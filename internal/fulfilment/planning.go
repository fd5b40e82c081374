package fulfilment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// summary is what is kept of a plan in the clear: counts and sentences, nothing of anybody.
type summary struct {
	Collections []engine.CollectionCount `json:"collections"`
	Tallies     []tally                  `json:"tallies"`
	Writes      []string                 `json:"writes,omitempty"`   // sources that it changes
	Suppress    []string                 `json:"suppress,omitempty"` // activities that must not come back
	NewContact  bool                     `json:"new_contact,omitempty"`
	Ends        map[string]string        `json:"ends,omitempty"` // by activity: the last day that what is disclosed is kept
}

// tally is how many rows of an activity something is done with, and why.
type tally struct {
	Source   string      `json:"source"`
	Action   string      `json:"action"` // as store.AnswerGroup
	Activity string      `json:"activity"`
	Name     locale.Text `json:"name"`
	Count    int64       `json:"count"`
	Text     locale.Text `json:"text"`
	Law      string      `json:"law,omitempty"`
	Until    string      `json:"until,omitempty"`
}

// problem is why a plan cannot be carried out.
type problem struct {
	Source  string      `json:"source,omitempty"`
	Code    string      `json:"code,omitempty"`
	Text    locale.Text `json:"text"`
	Warning bool        `json:"warning,omitempty"`
}

// draft is a plan that has been written and not yet taken.
type draft struct {
	id, blob, digest string
	steps            int
	summary          summary
	problems         []problem
	disclosed        []store.Disclosure
}

// plan is the job that keeps the plan up to date.
func (w *Works) plan(ctx context.Context, j job.Job) error {
	err := w.replan(ctx, j)
	if errors.Is(err, store.ErrNoRequest) {
		return job.Cancel(err)
	}
	if err != nil {
		return err
	}
	return ended(j)
}

// plannable tells whether a plan may be made in the state that a request is in.
func plannable(r *store.Request) bool {
	return r.P.State == dsr.Review || r.P.State == dsr.AwaitingPerson
}

// replanTries is how often a plan is made anew because decisions changed while it was being made.
const replanTries = 5

// replan makes the plan from what is decided now, unless it is that already.
func (w *Works) replan(ctx context.Context, j job.Job) error {
	for range replanTries {
		taken, err := w.replanOnce(ctx, j)
		if err != nil || taken {
			return err
		}
	}
	return job.Fail("plan_moving", errors.New("the decisions kept changing while the plan was made"))
}

func (w *Works) replanOnce(ctx context.Context, j job.Job) (bool, error) {
	var m *material
	var key keyring.DataKey
	var needed, later bool
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		needed, later = false, false
		r, err := tx.ReadRequest(j.Object)
		if err != nil {
			return err
		}
		if m, err = w.gather(tx, r); err != nil {
			return err
		}
		if !plannable(r) || m.run == nil || !m.stale() {
			return finish(tx, j)
		}
		if later, err = tx.Awaits(j.ID); err != nil || later {
			return err
		}
		needed = true
		key, err = tx.Key(r.PublicID, store.ClassEvidence)
		return err
	})
	switch {
	case err != nil:
		return true, err
	case later:
		return true, comeBack()
	case !needed:
		return true, nil
	}
	d, err := w.draft(ctx, j, m, key)
	taken := false
	if err == nil {
		taken, err = w.take(ctx, j, m, d)
	}
	if d.blob != "" && (err != nil || !taken) {
		if gone := w.Blobs.Delete(ctx, d.blob); gone != nil {
			w.Logger.WarnContext(ctx, "a discarded plan is not cleared away yet", "request", m.request.PublicID)
		}
	}
	return taken, err
}

// take makes a draft the request's plan, if it still follows from what is decided.
func (w *Works) take(ctx context.Context, j job.Job, m *material, d draft) (bool, error) {
	taken := false
	var idle []string
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		taken, idle = false, nil
		r, err := tx.Request(m.request.PublicID)
		if err != nil {
			return err
		}
		now, err := w.gather(tx, r)
		if err != nil || now.basis != m.basis {
			return err
		}
		if !plannable(r) || !now.stale() {
			taken = true
			idle = []string{d.blob}
			return finish(tx, j)
		}
		taken = true
		if err := w.keepPlan(tx, r, m, d); err != nil {
			return err
		}
		if idle, err = tx.IdlePlans(r); err != nil {
			return err
		}
		return finish(tx, j)
	})
	for _, name := range idle {
		if gone := w.Blobs.Delete(ctx, name); gone != nil {
			w.Logger.WarnContext(ctx, "an old plan is not cleared away yet", "request", m.request.PublicID)
		}
	}
	return taken, err
}

func (w *Works) keepPlan(tx *store.Tx, r *store.Request, m *material, d draft) error {
	counts, err := json.Marshal(d.summary)
	if err != nil {
		return fmt.Errorf("writing a plan's counts: %w", err)
	}
	problems, err := json.Marshal(d.problems)
	if err != nil {
		return fmt.Errorf("writing a plan's problems: %w", err)
	}
	p := store.Plan{PublicID: d.id, RunID: m.run.ID, Digest: d.digest, Steps: int64(d.steps), Counts: string(counts), Problems: string(problems),
		Basis: m.basis, Blob: d.blob, RegisterVersion: m.run.RegisterVersion, MemberID: memberOrNil(r.P.PreparedBy)}
	kept, err := tx.AddPlan(r, p)
	if err != nil {
		return err
	}
	if err := tx.SetDisclosures(r, kept, d.disclosed); err != nil {
		return err
	}
	// Whoever decided last prepared what the system now writes down; all whose decisions stand in it
	// had a part in it.
	e := dsr.Event{Kind: dsr.EventPlanned, Actor: system,
		Data: dsr.EventData{Digest: d.digest, Member: r.P.PreparedBy, Members: m.deciders(), Count: d.steps}}
	return tx.Act(r, e, store.Change{})
}

// deciders gives the members whose decisions stand, and who last redacted a text or took that back: a text that is
// given whole again is a decision of theirs too.
func (m *material) deciders() []int64 {
	var list []int64
	for _, d := range m.decisions {
		list = append(list, d.MemberID)
	}
	for _, r := range last(m.redactions) {
		list = append(list, r.MemberID)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func memberOrNil(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// draft writes a plan of what is decided.
func (w *Works) draft(ctx context.Context, j job.Job, m *material, key keyring.DataKey) (draft, error) {
	id, err := w.Store.NewID()
	if err != nil {
		return draft{}, err
	}
	d := draft{id: id, blob: planName(m.request.PublicID, id)}
	logged := &disclosureReader{Findings: w.reader(key, m.chunks, confirmed), logs: m.report.Logs, judge: m.judge, right: m.request.Right, locale: m.request.Locale}
	p := &planner{w: w, m: m, judge: m.judge, findings: logged, tallies: map[tally]int64{}, ends: map[string]string{}}
	if writes(m.request.Right) && m.found() {
		conns, err := w.Open(ctx, j)
		if err != nil {
			return d, fmt.Errorf("connecting the sources: %w", err)
		}
		defer conns.close()
		p.conns = conns
	}
	_, err = blob.PutSealed(ctx, w.Blobs, d.blob, key, func(out io.Writer) error { return p.write(ctx, out) })
	if err != nil {
		return d, sourceErr(err)
	}
	d.digest, d.steps = p.planned.Digest, p.planned.Steps
	d.summary, d.problems, d.disclosed = p.summary(), p.problems, logged.noted
	if p.conns == nil || len(d.summary.Writes) == 0 || blocking(d.problems) {
		return d, nil
	}
	found, err := engine.Preflight(ctx, p.conns.Sources, w.steps(ctx, key, d.blob), engine.ExecuteOptions{DigestKey: digestKey(key), Rand: chanceOf(key, d.digest)})
	if err != nil {
		return d, sourceErr(err)
	}
	for _, f := range found {
		p.problem(f)
	}
	d.problems = p.problems
	return d, nil
}

// sourceErr gives a connected system's failure the code that the office is told. A system that
// answers later is no failure; one that then did not answer in time is not waited for once more.
func sourceErr(err error) error {
	var own *source.Error
	switch {
	case errors.Is(err, &source.Error{Code: source.Later}):
		return comeBack()
	case errors.Is(err, &source.Error{Code: source.Overdue}):
		return job.Cancel(job.Fail(StopSource, err))
	}
	if errors.As(err, &own) || errors.Is(err, engine.ErrUnknownCollection) {
		return job.Fail(StopSource, err)
	}
	return err
}

func blocking(list []problem) bool {
	return slices.ContainsFunc(list, func(p problem) bool { return !p.Warning })
}

// planner makes the steps of one plan and counts what they mean for the person.
type planner struct {
	w        *Works
	m        *material
	judge    *judge
	conns    *Connections
	findings engine.Findings
	steps    *engine.PlanWriter
	planned  engine.PlanSummary
	problems []problem
	tallies  map[tally]int64
	order    []tally
	row      []tally // of the row being counted
	suppress []string
	contact  bool
	ends     map[string]string
	current  *engine.Finding // the finding that the planner is at
	stepped  bool            // it got a step
}

func (p *planner) write(ctx context.Context, out io.Writer) error {
	p.steps = engine.NewPlanWriter(out)
	var err error
	switch {
	case p.m.request.Right == dsr.Rectification:
		err = p.correct(ctx)
	case writes(p.m.request.Right):
		err = p.erase(ctx)
	default:
		err = p.disclose(ctx)
	}
	if err != nil {
		return err
	}
	p.planned, err = p.steps.Close()
	return err
}

func (p *planner) problem(f engine.Problem) {
	p.problems = append(p.problems, problem{Source: f.Source, Code: f.Code, Text: f.Text, Warning: f.Warning})
}

// Each goes through the findings and remembers which one the engine is at, so that a step can be
// counted with the finding that it is about.
func (p *planner) Each(ctx context.Context, fn func(*engine.Finding) error) error {
	return p.findings.Each(ctx, func(f *engine.Finding) error {
		p.current, p.stepped = f, false
		if err := fn(f); err != nil {
			return err
		}
		return p.after(f)
	})
}

// after adds the step of a correction that changes nothing.
func (p *planner) after(f *engine.Finding) error {
	if p.m.request.Right != dsr.Rectification || p.stepped {
		return nil
	}
	for i, c := range p.judge.fixes {
		v, ok := corrects(f, c)
		if !ok {
			continue
		}
		if d := p.judge.fix(f, v, i); d.Action == register.Annotate || d.Action == register.Refuse {
			step := stepOf(f, engine.Keep, d, p.judge.version)
			return p.steps.Write(step)
		}
	}
	return nil
}

func stepOf(f *engine.Finding, a engine.Action, d verdict, version int64) *engine.Step {
	return &engine.Step{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection, Key: slices.Clone(f.Key), Action: a,
		Reason: d.Code, Article: cmp.Or(d.Exception, d.Ground), Until: untilOf(d), RegisterVersion: int(version), Seen: slices.Clone(f.Digest)}
}

func untilOf(d verdict) string {
	if d.Until == nil {
		return ""
	}
	return d.Until.String()
}

// writable tells whether a source can be changed by the portal at all.
func writable(c engine.Connected) bool {
	_, ok := c.Source.(source.Changer)
	limited, is := c.Source.(source.Limited)
	return ok && !(is && limited.ReadOnly())
}

func (p *planner) readOnly(name string) bool {
	return !slices.ContainsFunc(p.conns.Sources, func(c engine.Connected) bool { return c.Source.Name() == name && writable(c) })
}

// erase makes the steps of an erasure, and of the rights that may lead to one.
func (p *planner) erase(ctx context.Context) error {
	if p.conns == nil {
		return nil
	}
	byHand := map[string]bool{}
	decide := func(f *engine.Finding, v *engine.FieldValue) engine.Decision {
		d := p.judge.field(f, v, false)
		if removes(d.Action) && p.readOnly(f.Source) {
			byHand[f.Source] = true
			return engine.Decision{Action: engine.Keep, Reason: engine.ReasonReadOnly}
		}
		return decisionOf(d, p.judge.version)
	}
	found, err := engine.PlanErase(ctx, p.conns.Sources, p, decide, engine.PlanOptions{LedgerKey: p.w.Store.LedgerKey()}, p.erased)
	if err != nil {
		return err
	}
	for _, f := range found {
		p.problem(f)
	}
	for _, name := range sorted(byHand) {
		p.problems = append(p.problems, problem{Source: name, Text: readOnlyText(name)})
	}
	return nil
}

func readOnlyText(name string) locale.Text {
	return text(
		fmt.Sprintf("«%s» kan portalen bare lese. Slett radene der de kommer fra (er det en fil, så last den opp på nytt) og søk igjen, eller velg å beholde dem. En arbeidsbok med formler eller pivottabeller endres ikke: den kan ha kopier av det som slettes.", name),
		fmt.Sprintf("«%s» kan portalen berre lese. Slett radene der dei kjem frå (er det ei fil, så last ho opp på nytt) og søk igjen, eller vel å ta vare på dei. Ei arbeidsbok med formlar eller pivottabellar blir ikkje endra: ho kan ha kopiar av det som blir sletta.", name),
		fmt.Sprintf("The portal can only read \"%s\". Erase the rows where they come from (upload it anew if it is a file) and search again, or choose to keep them. A workbook with formulas or pivot tables is not changed: it may hold copies of what is erased.", name))
}

func sorted(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func removes(a register.Action) bool {
	return a == register.Erase || a == register.Anonymise || a == register.Suppress
}

func decisionOf(d verdict, version int64) engine.Decision {
	out := engine.Decision{Action: engine.Keep, Reason: d.Code, Article: cmp.Or(d.Exception, d.Ground), Until: untilOf(d), RegisterVersion: int(version)}
	switch d.Action {
	case register.Erase, register.Suppress:
		out.Action = engine.Delete
	case register.Anonymise:
		out.Action = engine.Anonymise
	case register.Restrict:
		out.Action = engine.Restrict
	}
	return out
}

// erased takes a step of an erasure and counts what it means.
func (p *planner) erased(s *engine.Step) error {
	if err := p.steps.Write(s); err != nil {
		return err
	}
	f := p.current
	p.row = nil
	var removed *verdict
	keeps := false
	p.judge.judged(f, false, func(_ *engine.FieldValue, d verdict) {
		switch {
		case removes(d.Action):
			if removed == nil || removed.unit.Activity != f.Activity && d.unit.Activity == f.Activity {
				removed = &d
			}
			if d.Action == register.Suppress && !slices.Contains(p.suppress, d.unit.Activity) {
				p.suppress = append(p.suppress, d.unit.Activity)
			}
		case d.Code == codeNotAsked:
			keeps = true
		default:
			keeps = true
			if d.Action == register.Restrict && !s.Marked() {
				d.Text = join(d.Text, textMarkedByHand)
			}
			p.count(f, keptAction(d.Action), d)
		}
	})
	switch {
	case s.Action == engine.Delete && removed != nil:
		p.count(f, "deleted", *removed)
	case s.Action == engine.Anonymise && removed != nil:
		if removed.Action != register.Anonymise {
			removed.Text = textEmptied
		}
		p.count(f, "anonymised", *removed)
	case s.Action == engine.Keep && removed != nil && !keeps:
		removed.Proposal = register.Proposal{Action: register.Keep, Code: s.Reason, Text: engineTexts(s.Reason)}
		p.count(f, "kept", *removed)
	}
	return nil
}

func keptAction(a register.Action) string {
	if a == register.Restrict {
		return "restricted"
	}
	return "kept"
}

// textEmptied: a row that should have gone had to stay, with nothing in it that points at the person.
var textEmptied = text("Vi fjerner det som peker på deg. Resten av oppføringen blir stående, fordi systemet eller noe annet som må stå, trenger den.",
	"Vi fjernar det som peikar på deg. Resten av oppføringa blir ståande, fordi systemet eller noko anna som må stå, treng henne.",
	"We remove what points at you. The rest of the entry stays, because the system or something else that must stay needs it.")

func engineTexts(reason string) locale.Text {
	if reason == engine.ReasonPreserve {
		return text("Vi lar dette stå, fordi det ikke peker på deg når resten er fjernet.",
			"Vi lèt dette stå, fordi det ikkje peikar på deg når resten er fjerna.",
			"We leave this as it is, because it does not point at you once the rest is removed.")
	}
	if reason == engine.ReasonReferenced {
		return text("Oppføringen må bli stående fordi noe annet som må tas vare på, viser til den. Det står ikke noe igjen i den som kan slettes.",
			"Oppføringa må bli ståande fordi noko anna som må takast vare på, viser til henne. Det står ikkje noko att i henne som kan slettast.",
			"The row must stay because something else that must be kept refers to it. Nothing is left in it that can be erased.")
	}
	return text("Systemet det ligger i, kan ikke fjerne dette uten å ødelegge annet som må tas vare på.",
		"Systemet det ligg i, kan ikkje fjerne dette utan å øydeleggje anna som må takast vare på.",
		"The system that holds it cannot remove this without breaking something else that must be kept.")
}

// count counts a row once for each thing that is done with it.
func (p *planner) count(f *engine.Finding, action string, d verdict) {
	t := tally{Source: f.Source, Action: action, Activity: d.unit.Activity, Name: nameOfActivity(d), Text: d.Text, Law: d.Law, Until: untilOf(d)}
	if slices.Contains(p.row, t) {
		return
	}
	p.row = append(p.row, t)
	if _, known := p.tallies[t]; !known {
		p.order = append(p.order, t)
	}
	p.tallies[t]++
}

func nameOfActivity(d verdict) locale.Text {
	if d.activity != nil {
		return d.activity.Name
	}
	return text("Andre opplysninger", "Andre opplysningar", "Other data")
}

// correct makes the steps of a rectification.
func (p *planner) correct(ctx context.Context) error {
	verdicts, err := p.fixes(ctx)
	if err != nil {
		return err
	}
	var sets []engine.Correction
	for i, d := range verdicts {
		action, known := map[register.Action]string{register.Set: "corrected", register.Annotate: "annotated", register.Refuse: "refused"}[d.Action]
		if !known {
			continue
		}
		c := p.judge.fixes[i]
		p.row = nil
		p.count(&engine.Finding{Source: c.Source}, action, d)
		if d.Action != register.Set {
			continue
		}
		set, err := correctionOf(c)
		if err != nil {
			return err
		}
		sets = append(sets, set)
		p.contact = p.contact || d.look
	}
	var beside []engine.Correction
	if p.conns != nil {
		list, err := p.m.states(ctx, p.findings, p.conns)
		if err != nil {
			return err
		}
		beside = statementSets(list)
	}
	found, err := p.set(ctx, slices.Concat(sets, beside))
	if err == nil && len(beside) > 0 && slices.ContainsFunc(found, func(f engine.Problem) bool { return !f.Warning }) {
		// The system cannot take what the person states, being too long for it for one: the portal keeps it.
		found, err = p.set(ctx, sets)
	}
	for _, f := range found {
		p.problem(f)
	}
	return err
}

// set makes the steps that change fields.
func (p *planner) set(ctx context.Context, sets []engine.Correction) ([]engine.Problem, error) {
	if len(sets) == 0 || p.conns == nil {
		return nil, p.Each(ctx, func(*engine.Finding) error { return nil })
	}
	return engine.PlanCorrect(ctx, p.conns.Sources, p, sets, engine.PlanOptions{}, func(s *engine.Step) error {
		p.stepped = true
		s.RegisterVersion = int(p.judge.version)
		return p.steps.Write(s)
	})
}

// fixes judges every correction that was asked for.
func (p *planner) fixes(ctx context.Context) ([]verdict, error) {
	out := make([]verdict, len(p.judge.fixes))
	for i := range out {
		out[i] = p.judge.missingFix(i)
	}
	err := p.findings.Each(ctx, func(f *engine.Finding) error {
		for i, c := range p.judge.fixes {
			if v, ok := corrects(f, c); ok {
				out[i] = p.judge.fix(f, v, i)
			}
		}
		return nil
	})
	return out, err
}

func correctionOf(c store.Correction) (engine.Correction, error) {
	key, err := parseKey(string(c.Key))
	if err != nil {
		return engine.Correction{}, err
	}
	return engine.Correction{Source: c.Source, Collection: c.Collection, Field: c.Field, Key: key, Old: &c.Old, New: c.New, Null: c.Remove}, nil
}

var errKey = errors.New("a stored key cannot be read")

// parseKey reads what keyText wrote.
func parseKey(s string) ([]engine.KeyPart, error) {
	var parts [][2]string
	if json.Unmarshal([]byte(s), &parts) != nil {
		return nil, errKey
	}
	key := make([]engine.KeyPart, len(parts))
	for i, part := range parts {
		v, err := source.ParseTyped(part[1])
		if err != nil {
			return nil, errKey
		}
		key[i] = engine.KeyPart{Column: part[0], Value: v}
	}
	return key, nil
}

// The strategies of a disclosure's step: what happens to fields that are not given as they are.
const (
	leaveOut = "leave_out" // was not asked for
	withhold = "withhold"
	mask     = "mask"
	redact   = "redact" // passages of it; the value says which, and why
)

// disclosed is what an access request gets of one finding.
type disclosed struct {
	step     *engine.Step // nil: nothing of it was asked for
	row      verdict      // speaks for the row
	verdicts map[string]verdict
}

// named gives a finding with no more of its key than the person sees of its fields: rows without a name of
// their own are named by their values.
func (d disclosed) named(f *engine.Finding) *engine.Finding {
	return &engine.Finding{Key: slices.DeleteFunc(slices.Clone(f.Key), func(k engine.KeyPart) bool {
		v, judged := d.verdicts[k.Column]
		return judged && (v.Action != register.Disclose || v.redaction != nil)
	})}
}

// disclosure judges a finding for an access request. The step and the package come of the same
// judgement, so that what is approved is what is delivered.
func (j *judge) disclosure(f *engine.Finding) disclosed {
	out := disclosed{verdicts: map[string]verdict{}}
	var columns []engine.ColumnChange
	var given, held *verdict
	j.judged(f, false, func(v *engine.FieldValue, d verdict) {
		strategy, value := "", source.Value{}
		switch {
		case !d.asked:
			strategy = leaveOut
		case d.Action == register.Disclose:
			if d.redaction != nil {
				strategy, value = redact, d.redaction.written()
			}
			if given == nil || given.unit.Activity != f.Activity && d.unit.Activity == f.Activity {
				given = &d
			}
		default:
			if strategy = withhold; d.Action == register.Mask {
				strategy = mask
			}
			if held == nil {
				held = &d
			}
		}
		if v == nil {
			return
		}
		out.verdicts[v.Name] = d
		if strategy != "" {
			columns = append(columns, engine.ColumnChange{Name: v.Name, Strategy: strategy, Value: value})
		}
	})
	switch {
	case given != nil:
		out.row = *given
		out.step = stepOf(f, engine.Disclose, *given, j.version)
	case held != nil:
		out.row = *held
		out.step = stepOf(f, engine.Withhold, *held, j.version)
	default:
		return out
	}
	slices.SortFunc(columns, func(a, b engine.ColumnChange) int { return cmp.Compare(a.Name, b.Name) })
	out.step.Columns = columns
	return out
}

// disclose makes the steps of an access request.
func (p *planner) disclose(ctx context.Context) error {
	return p.findings.Each(ctx, func(f *engine.Finding) error {
		d := p.judge.disclosure(f)
		if d.step == nil {
			return nil
		}
		p.row = nil
		if d.step.Action == engine.Disclose {
			p.count(f, "disclosed", d.row)
			p.end(f, d.row)
		}
		for i := range f.Fields {
			v, ok := d.verdicts[f.Fields[i].Name]
			switch {
			case !ok || !v.asked:
			case v.Action != register.Disclose && !register.Quiet(v.Ground):
				p.count(f, "withheld", v)
			case v.redaction != nil && !register.Quiet(v.redaction.Ground):
				p.count(f, "redacted", v.redaction.told(v, partsOf(p.m.label(f, f.Fields[i].Name))))
			}
		}
		if d.step.Action == engine.Withhold && len(d.verdicts) == 0 && !register.Quiet(d.row.Ground) {
			p.count(f, "withheld", d.row)
		}
		return p.steps.Write(d.step)
	})
}

// end notes until when a row that is disclosed is kept, where that follows from its own date.
func (p *planner) end(f *engine.Finding, d verdict) {
	from := dateOf(f.Retention)
	if d.activity == nil || from == nil {
		return
	}
	if until, ok := d.activity.Retention.End(*from, p.judge.reg.Controller.FinancialYearTo); ok && until.String() > p.ends[d.activity.ID] {
		p.ends[d.activity.ID] = until.String()
	}
}

// manyDates is from how many different last days on the rows of an activity are told with the
// latest of them.
const manyDates = 12

// summary counts the plan.
func (p *planner) summary() summary {
	s := summary{Collections: p.planned.Collections, Suppress: p.suppress, NewContact: p.contact, Ends: p.ends}
	for _, c := range p.planned.Collections {
		for action, n := range c.Counts {
			if action.Writes() && n > 0 && !slices.Contains(s.Writes, c.Source) {
				s.Writes = append(s.Writes, c.Source)
			}
		}
	}
	slices.Sort(s.Writes)
	for _, t := range p.order {
		t.Count = p.tallies[t]
		s.Tallies = append(s.Tallies, t)
	}
	s.Tallies = mergeDates(s.Tallies)
	return s
}

// mergeDates puts together what differs in nothing but the last day, where there are many.
func mergeDates(list []tally) []tally {
	type alike struct{ source, action, activity, law string }
	days := map[alike]int{}
	of := func(t tally) alike { return alike{t.Source, t.Action, t.Activity, t.Law} }
	for _, t := range list {
		if t.Until != "" {
			days[of(t)]++
		}
	}
	at := map[alike]int{}
	var out []tally
	for _, t := range list {
		k := of(t)
		i, have := at[k]
		if t.Until == "" || days[k] <= manyDates || !have {
			if t.Until != "" {
				at[k] = len(out)
			}
			out = append(out, t)
			continue
		}
		count := out[i].Count + t.Count
		if t.Until > out[i].Until {
			out[i] = t
		}
		out[i].Count = count
	}
	return out
}

// Plan records that a member has looked the plan over: from now on that member prepared it, and
// what two people guard needs another one to approve it. The plan is made anew first if it is stale.
func (w *Works) Plan(ctx context.Context, by By, id string) error {
	if err := w.act(ctx, by, id, staff.Plan, func(*store.Tx, *store.Request) error { return nil }); err != nil {
		return err
	}
	if err := w.replan(ctx, job.Job{Object: id}); err != nil {
		return unavailable(err)
	}
	return w.act(ctx, by, id, staff.Plan, func(tx *store.Tx, r *store.Request) error {
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if r.P.State != dsr.Review || m.run == nil {
			return dsr.ErrTransition
		}
		if m.stale() {
			return ErrPlanStale
		}
		e := dsr.Event{Kind: dsr.EventLookedOver, Actor: by.actor(), Data: dsr.EventData{Digest: m.plan.Digest}}
		if err := tx.Act(r, e, store.Change{Role: by.role()}); err != nil {
			return err
		}
		approvers, err := tx.Approvers()
		if err != nil || approvers < 2 {
			return err
		}
		if guarded, err := m.guarded(); err != nil || !guarded {
			return err
		}
		return tx.MailOffice(r, mail.StaffApproval)
	})
}

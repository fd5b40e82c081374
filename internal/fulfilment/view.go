package fulfilment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// WorkView is what the page of a case shows of this package's work, in a language.
type WorkView struct {
	Working     bool // the machine is at it: what is shown will change by itself
	Groups      []Group
	Corrections []AskedCorrection
	Sources     []SourceProgress
	Tasks       []Task
	Notices     []NoticeView
	Plan        *PlanView
	Package     *PackageView
	Parts       []PartView
	Execution   *Execution
	Restriction *RestrictionView
	Facts       []KnownFact // what the office has told the portal, the newest of each
	Askable     []string    // the kinds of facts that can change what is decided
	Activities  []Named     // of what was found: a fact may be about one of them
	Weigh       []Named     // activities whose objection waits for a balancing test
	Lacking     []Lacking   // what the register has to say before the answer can be sent
	May         []May
}

// KnownFact is something that a member told the portal, in which words and who.
type KnownFact struct {
	Activity, ActivityName, Kind, Value, Reason, By string
	At                                              time.Time
}

// Lacking is something that the answer must tell of an activity that was found, and that the register does not say.
type Lacking struct {
	Named
	Text string
}

// Named is an activity with what people call it.
type Named struct{ ID, Name string }

// May tells whether a member may do something now, and why not.
type May struct {
	Act     string
	Allowed bool
	WhyNot  string
}

// Group is the findings of one collection under one activity that are decided together.
type Group struct {
	ID, Source, Collection, Activity, ActivityName       string
	Title, Place                                         string // what people call the collection, and the source
	Count, Shared, ThirdParty                            int64
	Candidate, CaseVariant, Confirmed, NeedsLook, Stored bool
	Redacted                                             int64 // texts of which passages are taken out
	Categories, Fields                                   []string
	Proposal, Decision                                   Decision
	Options                                              []Option
}

// Decision is what is proposed, or decided, and why.
type Decision struct {
	Action, Ground, Exception, Law string
	Until                          *dsr.Date
	Text, Reason, By               string
	Counts                         map[string]int64
}

// Option is something that a member may decide.
type Option struct{ Action, Text string }

// AskedCorrection is a field that the person says is wrong.
type AskedCorrection struct{ Group, Label, Old, New, Decision string }

// SourceProgress is how far a place has been searched.
type SourceProgress struct {
	Name, Title, Kind, State, Text string
	Found                          int64
	At                             *time.Time
}

// Task is a place that somebody looks in.
type Task struct {
	ID, Place, Instructions, State, Note string
	Files                                []TaskFile
	Unseen                               bool           // a member has to look at the files before they are given
	Colleague                            *TaskColleague // nil: the officer looks there
}

// TaskColleague is the colleague of a place and how far the mail to them has come.
type TaskColleague struct {
	Name, State, Text string // the state is one of the Link… words
	Send, Revoke      bool   // what a member may do now
}

// TaskFile is a file that was added to a task.
type TaskFile struct {
	Name string
	Size int64
}

// PlanView is the plan in force, in words and numbers.
type PlanView struct {
	Digest                 string
	MadeAt                 time.Time
	MadeBy                 string
	MadeByYou              bool
	Steps                  int64
	Counts                 []PlanCount
	Problems               []string
	Words                  string   // what the plan does, in one line
	Warnings               []string // told, and no obstacle
	Stale                  bool
	Removes                bool // two people and a cooling-off guard it
	Special                bool // it shows special categories: two people guard it
	ApprovedBy             string
	ApprovedAt, ExecutesAt *time.Time
}

// PlanCount is how many rows of a collection something is done with.
type PlanCount struct {
	Source, Collection, Action, Text string
	Count                            int64
}

// Execution is how far the approved plan has been carried out.
type Execution struct {
	State   string // cooling_off, awaits_copy, running, verified, stopped
	Text    string
	Sources []ExecutionSource
}

// ExecutionSource is how far one source is.
type ExecutionSource struct {
	Name, State, Text string
	Deleted, Changed  int64
}

// View gives this package's part of the page of a case. It writes nothing.
func (w *Works) View(ctx context.Context, by By, id string, l locale.Locale) (WorkView, error) {
	var v WorkView
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.ListCases, r); err != nil {
			return err
		}
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		b := &viewer{tx: tx, m: m, by: by, l: l, names: map[int64]string{}}
		v, err = b.view(w)
		return err
	})
	return v, err
}

type viewer struct {
	tx    *store.Tx
	m     *material
	by    By
	l     locale.Locale
	names map[int64]string
}

func (b *viewer) view(w *Works) (WorkView, error) {
	v := WorkView{Groups: []Group{}, Sources: []SourceProgress{}, Tasks: []Task{}}
	var err error
	if v.Groups, err = b.groups(); err != nil {
		return v, err
	}
	v.Corrections = b.corrections()
	v.Sources = b.sources()
	if v.Tasks, err = b.tasks(); err != nil {
		return v, err
	}
	if v.Notices, err = b.notices(); err != nil {
		return v, err
	}
	if v.Facts, err = b.knownFacts(); err != nil {
		return v, err
	}
	if learns(b.m.request) {
		v.Askable = factsOf(b.m.request.Right)
	}
	v.Activities, v.Weigh = b.named(b.activities()), b.named(b.m.toWeigh())
	v.Lacking = b.lacking()
	if v.Plan, err = b.plan(); err != nil {
		return v, err
	}
	if v.Package, err = packageView(b.tx, b.m.request); err != nil {
		return v, err
	}
	if v.Parts, err = partViews(b.tx, b.m.request); err != nil {
		return v, err
	}
	if v.Execution, err = b.execution(); err != nil {
		return v, err
	}
	if v.Working, err = b.tx.Busy(b.m.request.PublicID, JobCollect, JobPlan, JobExecute); err != nil {
		return v, err
	}
	if v.Restriction, err = b.restriction(); err != nil {
		return v, err
	}
	v.May, err = b.may(w)
	return v, err
}

func (b *viewer) name(member int64) (string, error) {
	if member == 0 {
		return text("Portalen", "Portalen", "The portal").In(b.l), nil
	}
	if name, ok := b.names[member]; ok {
		return name, nil
	}
	name, err := b.tx.MemberName(member)
	b.names[member] = name
	return name, err
}

func (b *viewer) groups() ([]Group, error) {
	out := make([]Group, 0, len(b.m.groups))
	for _, g := range b.m.groups {
		it := Group{ID: g.key, Source: g.Group.Source, Collection: g.facts.Collection, Activity: g.Activity, ActivityName: b.activity(g),
			Title: b.title(g), Place: b.place(g.Group.Source), Count: g.Count, Shared: g.Shared, ThirdParty: g.ThirdParty, Candidate: g.Candidate, CaseVariant: g.CaseVariant,
			Redacted: int64(g.redacted), Confirmed: g.decision != nil || g.settled, NeedsLook: g.NeedsLook, Stored: g.Part == partStored, Categories: categoryNames(g.Categories, b.l), Proposal: b.proposal(g)}
		for _, f := range g.Fields {
			it.Fields = append(it.Fields, cmp.Or(f.Label, f.Name))
		}
		for _, a := range g.facts.Options {
			it.Options = append(it.Options, Option{Action: string(a), Text: optionText(g, a).In(b.l)})
		}
		var err error
		if it.Decision, err = b.decision(g); err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, nil
}

// title tells groups of one collection apart by what sets them apart: two with one name would be
// two links that look alike.
func (b *viewer) title(g grouped) string {
	name := cmp.Or(g.Title, export.Readable(g.facts.Collection))
	why, ok := partTexts[g.Part]
	if action, _, left := strings.Cut(g.Part, "."); !ok && left {
		why, ok = partActions[register.Action(action)]
	}
	if ok {
		return name + " – " + why.In(b.l)
	}
	return name
}

// partActions say what sets a group apart that is proposed to be treated otherwise than the rest.
var partActions = map[register.Action]locale.Text{
	register.Withheld: text("holdes tilbake", "blir halde tilbake", "withheld"),
	register.Mask:     text("sladdes", "blir sladda", "redacted"),
}

func searched(rows int64) locale.Text {
	if rows == 1 {
		return text("Gjennomsøkt: 1 rad", "Gjennomsøkt: 1 rad", "Searched: 1 row")
	}
	n := strconv.FormatInt(rows, 10)
	return text("Gjennomsøkt: "+n+" rader", "Gjennomsøkt: "+n+" rader", "Searched: "+n+" rows")
}

var partTexts = map[string]locale.Text{
	partCandidate: text("kanskje personens", "kanskje personen sine", "perhaps the person's"),
	partOther:     text("står under en annen", "står under ein annan", "filed under another person"),
	partShared:    text("delt med andre", "delt med andre", "shared with others"),
	partThird:     text("nevner andre", "nemner andre", "mentions others"),
	partSpecial:   text("særlige kategorier", "særlege kategoriar", "special categories"),
	partReview:    text("må vurderes", "må vurderast", "to be assessed"),
	partStored:    text("bare lagret inntil videre", "berre lagra inntil vidare", "only stored for now"),
	partChanged:   text("endret siden den ble sladdet", "endra sidan han vart sladda", "changed since it was redacted"),
	partMinimum:   text("det som må beholdes", "det som må haldast på", "what must be kept"),
}

// place is what people call a source.
func (b *viewer) place(name string) string {
	for _, s := range b.m.report.Sources {
		if s.Name == name && s.Title != "" {
			return s.Title
		}
	}
	return name
}

func (b *viewer) activity(g grouped) string {
	if a := b.m.judge.reg.Activity(g.Activity); a != nil {
		return a.Name.In(b.l)
	}
	return textUnknownActivity.In(b.l)
}

var textUnknownActivity = text("Ukjent behandling", "Ukjend behandling", "Unknown activity")

func (b *viewer) proposal(g grouped) Decision {
	p := g.Proposal
	d := Decision{Action: string(shown(p.Action)), Ground: p.Ground, Exception: p.Exception, Law: register.LawText(p.Law, b.l), Until: p.Until, Text: p.Text.In(b.l), Counts: g.Counts}
	if why, ok := register.WhyLook(p.Code); ok && p.Action == register.Review {
		d.Text = why.In(b.l)
	}
	if g.Blocked != nil {
		d.Text = g.Blocked.In(b.l)
	}
	if g.Varies {
		d.Text += " " + text("(Dette gjelder de fleste av radene. Datoen er ikke den samme for alle.)",
			"(Dette gjeld dei fleste av radene. Datoen er ikkje den same for alle.)",
			"(This holds for most of the rows. The date is not the same for all.)").In(b.l)
	}
	return d
}

func (b *viewer) decision(g grouped) (Decision, error) {
	d := b.proposal(g)
	if g.decision == nil && !g.settled {
		return d, nil
	}
	var err error
	if g.decision == nil {
		d = Decision{Action: string(register.Disclose), Text: textRedactedPart.In(b.l), Counts: map[string]int64{string(register.Disclose): g.Count}}
		d.By, err = b.name(g.by)
		return d, err
	}
	if d.By, err = b.name(g.decision.MemberID); err != nil {
		return d, err
	}
	d.Reason = g.decision.Reason.Reveal()
	if register.Action(g.decision.Action) == g.Proposal.Action {
		return d, nil
	}
	v := verdict{unit: g.unit(), activity: b.m.judge.reg.Activity(g.Activity)}
	p := b.m.judge.byOffice(&v, ruling{proposed: g.Proposal.Action, action: register.Action(g.decision.Action), ground: g.decision.Ground})
	d.Action, d.Ground, d.Exception, d.Law, d.Until, d.Text = string(shown(p.Action)), p.Ground, p.Exception, register.LawText(p.Law, b.l), p.Until, p.Text.In(b.l)
	d.Counts = map[string]int64{d.Action: g.Count}
	return d, nil
}

// knownFacts gives the newest of what was told of each fact.
func (b *viewer) knownFacts() ([]KnownFact, error) {
	out := []KnownFact{}
	for i, f := range b.m.facts {
		if slices.ContainsFunc(b.m.facts[i+1:], func(later store.Fact) bool { return later.Kind == f.Kind && later.Activity == f.Activity }) {
			continue
		}
		by, err := b.name(f.MemberID)
		if err != nil {
			return nil, err
		}
		it := KnownFact{Activity: f.Activity, Kind: f.Kind, Value: f.Value, Reason: f.Reason.Reveal(), By: by, At: f.At}
		if f.Activity != "" {
			it.ActivityName = b.named([]string{f.Activity})[0].Name
		}
		out = append(out, it)
	}
	return out, nil
}

// activities lists those of what was found.
func (b *viewer) activities() []string {
	var ids []string
	for _, g := range b.m.groups {
		if g.Activity != "" && !slices.Contains(ids, g.Activity) {
			ids = append(ids, g.Activity)
		}
	}
	return ids
}

// lacking lists what would hold the answer back in the end (package letter), while there is time to fill it in.
func (b *viewer) lacking() []Lacking {
	out := []Lacking{}
	if b.m.judge == nil || !b.m.request.Right.Row().Package || len(b.m.request.Answer) > 0 {
		return out
	}
	for _, a := range b.named(b.activities()) {
		act := b.m.judge.reg.Activity(a.ID)
		if act == nil {
			continue // told as what the register has no place for
		}
		for _, g := range act.Gaps() {
			if g.Answers {
				out = append(out, Lacking{a, g.Text.In(b.l)})
			}
		}
	}
	return out
}

func (b *viewer) named(ids []string) []Named {
	out := []Named{}
	for _, id := range ids {
		it := Named{ID: id, Name: id}
		if b.m.judge != nil {
			if a := b.m.judge.reg.Activity(id); a != nil {
				it.Name = a.Name.In(b.l)
			}
		}
		out = append(out, it)
	}
	return out
}

var optionTexts = map[register.Action]locale.Text{
	register.Erase:     text("Slett", "Slett", "Erase"),
	register.Anonymise: text("Gjør anonymt", "Gjer anonymt", "Make anonymous"),
	register.Restrict:  text("Begrens: bare lagre", "Avgrens: berre lagre", "Restrict: only store"),
	register.Keep:      text("Behold", "Ta vare på", "Keep"),
	register.Disclose:  text("Utlever", "Utlever", "Disclose"),
	register.Withheld:  text("Hold tilbake", "Hald tilbake", "Withhold"),
	register.Mask:      text("Utlever sladdet: nevn, men vis ikke", "Utlever sladda: nemn, men vis ikkje", "Disclose redacted: mention but do not show"),
	register.Set:       text("Rett", "Rett", "Correct"),
	register.Annotate:  text("Legg til merknad", "Legg til merknad", "Add a note"),
	register.Refuse:    text("Ikke rett", "Ikkje rett", "Do not correct"),
}

func optionText(g grouped, a register.Action) locale.Text {
	if g.Part == partCandidate {
		return text("Holdes utenfor: det er ikke bekreftet at dette er personen", "Blir halde utanfor: det er ikkje stadfesta at dette er personen",
			"Left out: it has not been confirmed that this is the person")
	}
	if g.Part == partShared && (a == register.Erase || a == register.Anonymise) {
		t := optionTexts[a]
		return text(t.NB+", også for de andre som bruker dette", t.NN+", også for dei andre som bruker dette", t.EN+", also for the others who use it")
	}
	return optionTexts[a]
}

func (b *viewer) corrections() []AskedCorrection {
	r := b.m.request
	if r.Right != dsr.Rectification {
		return nil
	}
	out := make([]AskedCorrection, len(r.Detail.Corrections))
	for i, c := range r.Detail.Corrections {
		out[i] = AskedCorrection{Label: c.Label, Old: c.Old, New: c.New, Decision: "open"}
	}
	for _, g := range b.m.groups {
		i, ok := fixNumber(g.Part)
		if !ok || i >= len(out) {
			continue
		}
		out[i].Group = g.key
		if action := b.m.fixed(i); action != "" {
			out[i].Decision = string(action)
		}
	}
	return out
}

func (b *viewer) sources() []SourceProgress {
	out := []SourceProgress{}
	run, report := b.m.newest, runReport{}
	if run != nil && run.State != store.RunReading && run.Report != "" && json.Unmarshal([]byte(run.Report), &report) != nil {
		report = runReport{}
	}
	if run == nil || run.State == store.RunReading {
		run, report = b.m.run, b.m.report // what was known before the search that is under way
	}
	for _, s := range report.Sources {
		p := SourceProgress{Name: s.Name, Title: cmp.Or(s.Title, s.Name), Kind: s.Kind, State: "read", Found: s.Found}
		if run != nil {
			p.At = run.FinishedAt
		}
		switch {
		case s.Down == string(source.Later):
			p.State, p.Text = "waiting", text("Svarer senere. Portalen venter på svaret.", "Svarar seinare. Portalen ventar på svaret.", "Answers later. The portal waits for the answer.").In(b.l)
		case s.Down != "":
			p.State, p.Text = "failed", text("Kan ikke leses nå. Portalen prøver igjen.", "Kan ikkje lesast no. Portalen prøver igjen.", "Cannot be read now. The portal tries again.").In(b.l)
		case b.m.newest != nil && b.m.newest.State == store.RunReading:
			p.State, p.Text = "waiting", text("Søkes gjennom nå", "Blir søkt gjennom no", "Being searched now").In(b.l)
		case unreachable(report, s.Name):
			p.State, p.Text = "not_reachable", text("Ingen vei dit fra det vi vet om personen", "Ingen veg dit frå det vi veit om personen", "No way there from what is known about the person").In(b.l)
		default:
			p.Text = searched(s.Found).In(b.l)
		}
		out = append(out, p)
	}
	return append(out, b.places()...)
}

// unreachable tells whether no collection of a source could be reached.
func unreachable(report runReport, name string) bool {
	any := false
	for _, c := range report.Walk {
		if c.Source != name {
			continue
		}
		any = true
		if c.Status == engine.Reached || c.Status == engine.Nothing || c.Status == engine.Failed {
			return false
		}
	}
	return any
}

func (b *viewer) places() []SourceProgress {
	var out []SourceProgress
	for _, t := range b.m.tasks {
		p := SourceProgress{Name: b.m.place(t).Name, Title: b.m.place(t).Name, Kind: "manual", State: "done", Text: taskTexts[t.State].In(b.l), At: t.FinishedAt}
		if t.State == store.TaskOpen || t.State == store.TaskFound && writes(b.m.request.Right) {
			p.State = "open_task"
		}
		out = append(out, p)
	}
	return out
}

var taskTexts = map[string]locale.Text{
	store.TaskOpen:      text("Venter på en kollega", "Ventar på ein kollega", "Waits for a colleague"),
	store.TaskFound:     text("Funnet noe", "Funne noko", "Something found"),
	store.TaskNothing:   text("Ingenting funnet", "Ingenting funne", "Nothing found"),
	store.TaskException: text("Ikke gjennomsøkt, med grunn", "Ikkje gjennomsøkt, med grunn", "Not searched, with a reason"),
	store.TaskDone:      text("Gjort", "Gjort", "Done"),
}

func (b *viewer) tasks() ([]Task, error) {
	files, err := b.tx.Attachments(b.m.request)
	if err != nil {
		return nil, err
	}
	links, err := b.links()
	if err != nil {
		return nil, err
	}
	out := []Task{}
	for _, t := range b.m.tasks {
		p := b.m.place(t)
		it := Task{ID: t.PublicID, Place: p.Name, Instructions: p.Instructions, State: t.State, Note: t.Note.Reveal(), Files: []TaskFile{}, Unseen: b.m.unseen(t), Colleague: links[t.ID]}
		for _, f := range files {
			if f.TaskID != nil && *f.TaskID == t.ID {
				it.Files = append(it.Files, TaskFile{Name: f.Name.Reveal(), Size: f.Size})
			}
		}
		out = append(out, it)
	}
	return out, nil
}

// actionTexts puts the actions of steps in words.
var actionTexts = map[engine.Action]locale.Text{
	engine.Disclose:  text("utleveres", "blir utleverte", "disclosed"),
	engine.Withhold:  text("holdes tilbake", "blir haldne tilbake", "withheld"),
	engine.SetAction: text("rettes", "blir retta", "corrected"),
	engine.Delete:    text("slettes", "blir sletta", "erased"),
	engine.Anonymise: text("anonymiseres", "blir gjorde anonyme", "made anonymous"),
	engine.Restrict:  text("begrenses", "blir avgrensa", "restricted"),
	engine.Keep:      text("blir stående", "blir ståande", "stay"),
}

func (b *viewer) plan() (*PlanView, error) {
	p, r := b.m.plan, b.m.request
	if p == nil {
		return nil, nil
	}
	s, problems, err := planFacts(p)
	if err != nil {
		return nil, err
	}
	v := &PlanView{Digest: p.Digest, MadeAt: p.CreatedAt, Steps: p.Steps,
		Counts: []PlanCount{}, Problems: []string{}, Stale: plannable(r) && b.m.stale()}
	if v.Removes, err = b.m.removes(); err != nil {
		return nil, err
	}
	v.Special = b.m.special()
	preparedBy, own := r.P.Approving(b.by.ID)
	v.MadeByYou = b.by.ID != 0 && (own || preparedBy == b.by.ID)
	if v.MadeBy, err = b.name(r.P.PreparedBy); err != nil {
		return nil, err
	}
	for _, c := range s.Collections {
		for _, a := range []engine.Action{engine.Disclose, engine.Withhold, engine.SetAction, engine.Delete, engine.Anonymise, engine.Restrict, engine.Keep} {
			if n := c.Counts[a]; n > 0 {
				v.Counts = append(v.Counts, PlanCount{Source: c.Source, Collection: c.Collection, Action: string(a), Count: int64(n),
					Text: fmt.Sprintf("%d %s", n, actionTexts[a].In(b.l))})
			}
		}
	}
	v.Words = wordsOf(p, s, b.l)
	if v.Warnings, err = b.linkedWarnings(); err != nil {
		return nil, err
	}
	for _, each := range problems {
		switch {
		case !each.Warning:
			v.Problems = append(v.Problems, each.Text.In(b.l))
		case slices.Contains(toldWarnings, each.Code):
			v.Warnings = append(v.Warnings, each.Text.In(b.l))
		}
	}
	return v, b.approval(v)
}

// linkedWarnings tells of a rectification that was asked for together with what this plan takes away.
func (b *viewer) linkedWarnings() ([]string, error) {
	if !b.m.request.Right.Removes() {
		return nil, nil
	}
	linked, err := b.tx.LinkedTo(b.m.request)
	if err != nil {
		return nil, err
	}
	for _, other := range linked {
		if other.Right == dsr.Rectification && dsr.Open(other.P.State) {
			return []string{text(
				fmt.Sprintf("Personen har også bedt om retting (%s), og det er ikke besvart. Det som slettes her, kan ikke rettes etterpå.", other.Reference),
				fmt.Sprintf("Personen har òg bede om retting (%s), og det er ikkje svara på. Det som blir sletta her, kan ikkje rettast etterpå.", other.Reference),
				fmt.Sprintf("The person has also asked for rectification (%s), which is not answered. What is erased here cannot be corrected afterwards.", other.Reference)).In(b.l)}, nil
		}
	}
	return nil, nil
}

// toldWarnings are those that ask for a look before the approval; the others say what the counts
// say as well.
var toldWarnings = []string{"second_look", "side_effects", "stepwise"}

// wordsOf tells what a plan does in one line, with the reasons for what stays in the words of the
// register.
func wordsOf(p *store.Plan, s summary, l locale.Locale) string {
	sum := engine.PlanSummary{Steps: int(p.Steps), Counts: engine.Counts{}, Collections: s.Collections}
	for _, c := range s.Collections {
		for a, n := range c.Counts {
			sum.Counts[a] += n
		}
	}
	for _, t := range s.Tallies {
		if t.Action == "kept" {
			sum.Reasons = append(sum.Reasons, engine.ReasonCount{Action: engine.Keep, Reason: t.Name.In(l), Until: t.Until, Steps: int(t.Count)})
		}
	}
	return sum.Words(l, nil)
}

func (b *viewer) approval(v *PlanView) error {
	r := b.m.request
	if r.P.Approval == "" || r.P.Approval != v.Digest {
		return nil
	}
	a, err := b.tx.ApprovalOf(b.m.plan.ID)
	if err != nil || a == nil {
		return err
	}
	v.ApprovedAt = &a.At
	if !r.P.CoolUntil.IsZero() {
		v.ExecutesAt = &r.P.CoolUntil
	}
	v.ApprovedBy, err = b.name(a.MemberID)
	return err
}

func (b *viewer) execution() (*Execution, error) {
	r := b.m.request
	if b.m.plan == nil {
		return nil, nil
	}
	all, err := b.tx.Executions(b.m.plan.ID)
	if err != nil {
		return nil, err
	}
	e := &Execution{Sources: []ExecutionSource{}}
	for _, s := range all {
		it := ExecutionSource{Name: b.place(s.Source), State: s.State, Deleted: s.Deleted, Changed: s.Changed}
		if s.State == store.ExecutionFailed {
			it.Text = text("Fikk det ikke til ennå. Portalen prøver igjen, eller trenger deg.", "Fekk det ikkje til enno. Portalen prøver igjen, eller treng deg.",
				"It has not worked yet. The portal tries again, or needs you.").In(b.l)
		}
		e.Sources = append(e.Sources, it)
	}
	var owed []*store.Request
	if r.P.State == dsr.Approved && r.Right.Row().Removes {
		if owed, err = b.tx.CopiesOwed(r); err != nil {
			return nil, err
		}
	}
	switch {
	case r.P.PlanDone:
		e.State, e.Text = "verified", text("Gjennomført og kontrollert", "Gjennomført og kontrollert", "Carried out and checked").In(b.l)
	case r.P.State == dsr.Approved && b.tx.Now.Before(r.P.CoolUntil):
		e.State, e.Text = "cooling_off", text("Personen kan fortsatt avbryte", "Personen kan framleis avbryte", "The person can still cancel").In(b.l)
	case len(owed) > 0:
		e.State, e.Text = "awaits_copy", b.awaits(owed)
	case r.P.State == dsr.Approved || r.P.State == dsr.Executing:
		e.State, e.Text = "running", text("Gjennomføres nå", "Blir gjennomført no", "Being carried out now").In(b.l)
	case len(all) > 0:
		e.State, e.Text = "stopped", text("Stoppet. Se over på nytt.", "Stoppa. Sjå over på nytt.", "Stopped. Look it over again.").In(b.l)
	default:
		return nil, nil
	}
	return e, nil
}

// awaits says which requests for a copy come first, until when each is to be answered, and until when this one.
func (b *viewer) awaits(owed []*store.Request) string {
	due := func(r *store.Request) string {
		d := r.P.Deadline.Due
		if r.P.Deadline.Open {
			d = r.P.Deadline.DueUnsuspended
		}
		return d.Format(b.l)
	}
	var list []string
	for _, r := range owed[:min(len(owed), maxAwaited)] {
		list = append(list, fmt.Sprintf("%s (%s)", r.Reference, due(r)))
	}
	return fmt.Sprintf(textAwaits.In(b.l), strings.Join(list, ", "), due(b.m.request))
}

// maxAwaited is how many of the requests that come first are named.
const maxAwaited = 5

var textAwaits = text("Personen skal først få kopien i %s. Slettingen går videre med én gang den er besvart eller trukket. Svarfristen i denne saken er %s.",
	"Personen skal først få kopien i %s. Slettinga går vidare med ein gong han er svart på eller trekt. Svarfristen i denne saka er %s.",
	"The person is to have the copy in %s first. The erasure goes on as soon as that is answered or withdrawn. The time limit in this case is %s.")

// may lists what the member may do, as the acts themselves would decide.
func (b *viewer) may(w *Works) ([]May, error) {
	r := b.m.request
	if !dsr.Open(r.P.State) && !(r.P.State == dsr.Answered && r.Right.Row().Package) {
		return []May{}, nil
	}
	approvers, err := b.tx.Approvers()
	if err != nil {
		return nil, err
	}
	fresh := b.by
	fresh.Fresh = true // a code is asked for when the act is done
	list := []May{}
	offer := func(act string, err error) { list = append(list, b.offer(act, err)) }
	searching := searchable(r) || r.P.State == dsr.Approved
	if searching {
		offer("collect", b.by.may(staff.Collect, r))
	}
	if learns(r) {
		offer("know", b.by.may(staff.Decide, r))
	}
	if r.Right.Row().ByHand {
		offer("answer", firstErr(b.by.may(staff.Release, r), b.reviewWhy()))
		return list, nil
	}
	if plannable(r) && b.m.run != nil {
		offer("decide", b.by.may(staff.Decide, r))
		offer("plan", firstErr(b.by.may(staff.Plan, r), b.planWhy()))
	}
	if r.P.State == dsr.Review || r.P.State == dsr.AwaitingPerson {
		guarded, err := b.m.guarded()
		if err != nil {
			return nil, err
		}
		offer("approve", firstErr(fresh.mayApprove(r, approvers, guarded, approvers < 2 && guarded), b.questionWhy(), w.approvable(b.tx, b.m)))
	}
	if parted := b.m.ready(); parted != nil && r.Right.Row().Package && (r.P.State == dsr.Review || r.P.State == dsr.AwaitingPerson) && len(parted.missing) > 0 && parted.gives() {
		offer("part", firstErr(fresh.mayApprove(r, approvers, parted.special(), approvers < 2), b.by.may(staff.Release, r), b.m.parting()))
	}
	if err := b.m.nothing(); err == nil && dsr.Open(r.P.State) && r.P.State != dsr.Approved && r.P.State != dsr.Executing && r.P.State != dsr.NeedsHuman {
		offer("answer", firstErr(b.by.may(staff.Refuse, r), b.askFirst()))
	} else if dsr.Open(r.P.State) {
		offer("answer", firstErr(b.by.may(staff.Release, r), b.answerWhy()))
	}
	if r.Right.Row().Package && b.m.run != nil && !b.m.empty() && r.P.Outcome != dsr.Refused {
		offer("package", fresh.may(staff.DownloadCopy, r))
	}
	if len(b.m.tasks) > 0 && dsr.Open(r.P.State) {
		offer("task", b.by.may(staff.Decide, r))
	}
	return list, nil
}

func (b *viewer) offer(act string, err error) May {
	m := May{Act: act, Allowed: err == nil}
	if f := fault.From(err); f != nil {
		m.WhyNot = f.Text.In(b.l)
	}
	return m
}

// reviewWhy tells why the review of a decision cannot be answered yet.
func (b *viewer) reviewWhy() error {
	f := b.m.request.P.Facts(time.Time{})
	_, err := dsr.Next(b.m.request.P.State, f, dsr.Answer, dsr.Member)
	return err
}

func (b *viewer) planWhy() error {
	if b.m.request.P.State != dsr.Review {
		return dsr.ErrOpenQuestion
	}
	return b.m.looked()
}

func (b *viewer) questionWhy() error {
	if b.m.request.P.State == dsr.AwaitingPerson {
		return dsr.ErrOpenQuestion
	}
	return nil
}

func (b *viewer) askFirst() error {
	if !b.m.request.AskedOlderContact() && b.m.byPortal() {
		return ErrAskOlder
	}
	return nil
}

// nothingWhy tells why a search that came to its end without a find is no answer yet.
func (b *viewer) nothingWhy() error {
	err := b.m.nothing()
	if errors.Is(err, ErrNotSearched) || errors.Is(err, ErrNoPlaces) {
		return err
	}
	return nil
}

func (b *viewer) answerWhy() error {
	r := b.m.request
	switch {
	case r.P.Approval == "":
		return firstErr(b.nothingWhy(), ErrLookFirst)
	case r.P.State != dsr.Executing || !r.P.PlanDone:
		return dsr.ErrPlanNotDone
	case r.Right.Row().Package && !r.P.Packaged:
		return dsr.ErrPackageNotReady
	case slices.Contains(r.P.Duties, dsr.Transfer):
		return ErrTransferFirst
	}
	return b.m.byHandDone()
}

// FindingPage is some findings of a group.
type FindingPage struct {
	Findings []FindingRow
	Next     string
}

// FindingRow is one finding as the office sees it.
type FindingRow struct {
	ID                 string // names it among the findings of the case
	Key                string
	Fields             []FindingField
	Paths              []string
	Shared, ThirdParty bool
	Action, Reason     string
	Until              *dsr.Date
}

// FindingField is one field of a finding.
type FindingField struct {
	Name, Label, Value string
	Marks              []string
	Masked             bool // there is a value, and it is not shown: Unmask shows it
}

// valueShown bounds how much of one value a page of the office shows.
const valueShown = 19_000

// Findings gives a page of a group's findings, with their values. Reading it is a leaf in the log.
func (w *Works) Findings(ctx context.Context, by By, id, group, cursor string, limit int, l locale.Locale) (FindingPage, error) {
	page := FindingPage{Findings: []FindingRow{}}
	from, err := w.cursor(cursor, group)
	if err != nil {
		return page, err
	}
	m, key, err := w.open(ctx, by, id, "findings_read")
	if err != nil {
		return page, err
	}
	g, ok := m.group(group)
	if !ok {
		return page, ErrGroupGone
	}
	number := 0
	err = w.reader(key, m.chunks, g.chunk).Each(ctx, func(f *engine.Finding) error {
		if !g.holds(f) {
			return nil
		}
		row, mine := m.rowOf(f, g, l)
		if !mine {
			return nil
		}
		if number++; number <= from {
			return nil
		}
		if len(page.Findings) == limit {
			page.Next = w.sealCursor(number-1, group)
			return errEnough
		}
		row.ID = findingID(key, f)
		for i := range row.Fields {
			if row.Fields[i].Masked {
				row.Fields[i].Value = ""
			}
		}
		page.Findings = append(page.Findings, row)
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return page, err
}

// rowOf shows a finding as a row of a group; false: none of its fields belong to the group.
func (m *material) rowOf(f *engine.Finding, g grouped, l locale.Locale) (FindingRow, bool) {
	row := FindingRow{Key: shortKey(f), Paths: slices.Clone(f.Paths), Shared: f.Shared, ThirdParty: f.OtherPerson}
	if len(row.Paths) > 50 {
		row.Paths = row.Paths[:50]
	}
	mine := false
	own := map[string]bool{}
	take := func(v *engine.FieldValue, d verdict) {
		if d.unit != g.unit() || !d.asked {
			return
		}
		if v != nil {
			own[v.Name] = true
			row.ThirdParty = row.ThirdParty || v.ThirdParty || v.Foreign
		}
		if !mine {
			mine = true
			row.Action, row.Reason, row.Until = string(shown(d.Action)), d.Text.In(l), d.Until
		}
	}
	if i, ok := fixNumber(g.Part); ok {
		if v, is := corrects(f, m.judge.fixes[i]); is {
			take(v, m.judge.fix(f, v, i))
		}
	} else {
		m.judge.judged(f, g.Candidate, take)
	}
	for i := range f.Fields {
		v := &f.Fields[i]
		if !own[v.Name] && !v.Key {
			continue
		}
		value := v.Value.Text()
		if r := []rune(value); len(r) > valueShown {
			value = string(r[:valueShown]) + "…"
		}
		row.Fields = append(row.Fields, FindingField{Name: v.Name, Label: label(g.Fields, v.Name), Value: value, Marks: m.marks(f, v), Masked: masked(v)})
	}
	return row, mine
}

func (m *material) marks(f *engine.Finding, v *engine.FieldValue) []string {
	var out []string
	for _, known := range []struct {
		is   bool
		mark string
	}{
		{m.judge.correctable(f, v), "correctable"}, {v.Key, "key"}, {v.Identity != "", "identity"}, {v.ThirdParty, "third_party"}, {v.Foreign, "foreign"},
		{special(v), "special"}, {v.NationalID, "national_id"}, {v.FreeText, "free_text"}, {v.ReadOnly, "read_only"},
		{m.request.Right.Row().Package && redactable(v), "redactable"}, {m.judge.stands(f, v) != nil, "redacted"},
		{m.judge.fell(f, v) && m.judge.stands(f, v) == nil, "changed"},
	} {
		if known.is {
			out = append(out, known.mark)
		}
	}
	for _, o := range v.Others {
		mark := "other.number"
		switch o.Kind {
		case engine.Email, engine.Phone, engine.NationalID, engine.Name:
			mark = "other." + o.Kind
		}
		if !slices.Contains(out, mark) {
			out = append(out, mark)
		}
	}
	return out
}

// PlanPage is the plan with some of its steps.
type PlanPage struct {
	Plan  PlanView
	Steps []PlanStep
	Next  string
}

// PlanStep is what is to happen to one row.
type PlanStep struct {
	Source, Collection, Key, Action, Reason string
	Changes                                 []PlanChange
	Until                                   *dsr.Date
}

// PlanChange is what is to happen to one field.
type PlanChange struct{ Field, Old, New string }

// ErrNoPlan says that there is no plan yet.
var ErrNoPlan = fault.Define(fault.NotFound, "no_plan",
	"Det er ikke laget noen plan ennå.", "Det er ikkje laga nokon plan enno.", "No plan has been made yet.")

// PlanPage gives the plan in force and a page of its steps. Reading it is a leaf in the log.
func (w *Works) PlanPage(ctx context.Context, by By, id, cursor string, limit int, l locale.Locale) (PlanPage, error) {
	page := PlanPage{Steps: []PlanStep{}}
	m, key, err := w.open(ctx, by, id, "plan_read")
	if err != nil {
		return page, err
	}
	if m.plan == nil {
		return page, ErrNoPlan
	}
	from, err := w.cursor(cursor, m.plan.Digest)
	if err != nil {
		return page, err
	}
	view, err := w.View(ctx, by, id, l)
	if err != nil {
		return page, err
	}
	if view.Plan != nil {
		page.Plan = *view.Plan
	}
	number := 0
	err = w.steps(ctx, key, m.plan.Blob).Each(ctx, func(s *engine.Step) error {
		if number++; number <= from {
			return nil
		}
		if len(page.Steps) == limit {
			page.Next = w.sealCursor(number-1, m.plan.Digest)
			return errEnough
		}
		page.Steps = append(page.Steps, planStep(s))
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return page, err
}

func planStep(s *engine.Step) PlanStep {
	out := PlanStep{Source: s.Source, Collection: s.Collection, Key: shortKey(&engine.Finding{Key: s.Key}), Action: string(s.Action),
		Reason: s.Reason, Changes: []PlanChange{}}
	if s.Article != "" {
		out.Reason += " (" + s.Article + ")"
	}
	if until, err := dsr.ParseDate(s.Until); err == nil {
		out.Until = &until
	}
	for _, c := range s.Columns {
		change := PlanChange{Field: c.Name, New: c.Value.Text()}
		switch {
		case c.Random > 0:
			change.New = "(…)"
		case c.Strategy == withhold || c.Strategy == mask || c.Strategy == leaveOut || c.Strategy == redact:
			change.New = c.Strategy
		}
		out.Changes = append(out.Changes, change)
	}
	return out
}

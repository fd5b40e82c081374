package casework

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Pack is an evidence pack: a ZIP that somebody outside can read and verify.
type Pack struct {
	Name string
	Body []byte
}

// ErrEvidenceReason says that nobody said what the whole evidence is for.
var ErrEvidenceReason = fault.Define(fault.Invalid, "evidence_reason",
	"Skriv hvorfor du trenger personopplysningene, med minst ti tegn.",
	"Skriv kvifor du treng personopplysningane, med minst ti teikn.",
	"Write why you need the personal data, in at least ten characters.")

const minEvidenceReason = 10

// Evidence gives what shows how a case went (Art. 5(2), 24): what was asked, who was found to ask, the
// clock, the search, the decisions, who approved, what was done and answered, and the log's proof of
// each act. It holds no personal data and no names of members, unless it is to be whole; that needs a
// fresh factor and a reason. That it was taken is an act of its own, which commits to the pack's digest.
func (d *Desk) Evidence(ctx context.Context, by By, id string, whole bool, reason string, l locale.Locale) (*Pack, error) {
	permission, action := staff.ReadEvidence, "evidence_taken"
	if whole {
		permission, action = staff.TakeEvidence, "evidence_taken_whole"
		if len([]rune(strings.TrimSpace(reason))) < minEvidenceReason {
			return nil, ErrEvidenceReason.At("/reason")
		}
	}
	// The newest acts get their place first: each must be provable.
	for {
		placed, err := d.Store.Sequence(ctx)
		if err != nil {
			return nil, err
		}
		if placed == 0 {
			break
		}
	}
	var pack *Pack
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := by.may(permission, r); err != nil {
			return err
		}
		e, err := d.evidence(tx, r, whole, l)
		if err != nil {
			return err
		}
		// A case's evidence is as long as its history: it never grows with the rows that were found.
		var body bytes.Buffer
		manifest, err := export.WriteEvidence(&body, e)
		if err != nil {
			return err
		}
		pack = &Pack{Name: fmt.Sprintf("%s-%s.zip", r.Reference, strings.TrimSuffix(export.EvidencePage(l), ".html")), Body: body.Bytes()}
		return logEvidence(tx, r, store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: action,
			Statement: map[string]any{"request": r.PublicID, "manifest_sha256": manifest.SHA256, "reason": strings.TrimSpace(reason)}})
	})
	return pack, err
}

// logEvidence writes that a pack was taken. A purged case has no key left that could seal why: then the
// office's log has it, and the case's own leaf says only that it happened.
func logEvidence(tx *store.Tx, r *store.Request, act store.Act) error {
	if r.Shredded() {
		if _, err := tx.Log(act); err != nil {
			return err
		}
		act.Statement = nil
	}
	act.Request, act.RequestID = r.PublicID, r.ID
	_, err := tx.Log(act)
	return err
}

// evidence is evidence.json. Fields that only the whole form has are left out of the other.
type evidence struct {
	Format     string              `json:"format"`
	Version    int                 `json:"version"`
	Whole      bool                `json:"whole"`
	Locale     locale.Locale       `json:"locale"`
	Created    time.Time           `json:"created"`
	Controller evidenceOffice      `json:"controller"`
	Case       evidenceCase        `json:"case"`
	Person     *evidencePerson     `json:"person,omitempty"`
	Asked      []string            `json:"asked"`
	Identity   evidenceIdentity    `json:"identity"`
	Clock      evidenceClock       `json:"clock"`
	Search     *evidenceSearch     `json:"search,omitempty"`
	Facts      []evidenceFact      `json:"facts"`
	Findings   []evidenceFinding   `json:"findings"`
	Redactions []evidenceRedaction `json:"redactions,omitempty"`
	Plan       *evidencePlan       `json:"plan,omitempty"`
	Answer     *store.Answer       `json:"answer,omitempty"`
	Recipients []evidenceNotice    `json:"recipients_told"`
	Messages   []evidenceMessage   `json:"messages,omitempty"`
	Register   evidenceVersions    `json:"register"`
	Events     []evidenceEvent     `json:"events"`
}

type evidenceOffice struct {
	Name               string `json:"name"`
	OrganisationNumber string `json:"organisation_number,omitempty"`
}

type evidenceCase struct {
	ID         string        `json:"id"`
	Reference  dsr.Reference `json:"reference"`
	Right      dsr.Right     `json:"right"`
	Article    string        `json:"article"`
	Channel    dsr.Channel   `json:"channel"`
	State      dsr.State     `json:"state"`
	Outcome    dsr.Outcome   `json:"outcome,omitempty"`
	ReceivedAt time.Time     `json:"received_at"`
	FiledAt    time.Time     `json:"filed_at"`
	AnsweredAt *time.Time    `json:"answered_at,omitempty"`
}

type evidencePerson struct {
	Name   string `json:"name,omitempty"`
	Email  string `json:"email,omitempty"`
	Postal string `json:"postal_address,omitempty"`
}

type evidenceIdentity struct {
	Verified   bool       `json:"verified"`
	Method     string     `json:"method,omitempty"`
	VerifiedAt *time.Time `json:"verified_at,omitempty"`
	Text       string     `json:"text"`
}

type evidenceClock struct {
	Received       dsr.Date `json:"received"`
	Due            dsr.Date `json:"due,omitzero"` // none while the clock stands
	ExtendedMonths int      `json:"extended_months"`
	PausedDays     int      `json:"paused_days"`
	DueUnsuspended dsr.Date `json:"due_unsuspended"` // as if no pause counted
	RefusalDue     dsr.Date `json:"refusal_due"`
	InTime         *bool    `json:"in_time,omitempty"`
	// Timing tells what in_time alone does not: on_pause is in time only because the clock stood.
	Timing  dsr.Timing `json:"timing,omitempty"`
	Reasons []string   `json:"reasons"`
}

type evidenceSearch struct {
	State      string           `json:"state"`
	StartedAt  time.Time        `json:"started_at"`
	FinishedAt *time.Time       `json:"finished_at,omitempty"`
	By         []string         `json:"searched_by"` // kinds of identifiers
	Systems    []evidenceSystem `json:"systems"`
}

type evidenceSystem struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Found int64  `json:"found"`
	Down  string `json:"down,omitempty"`
	Hand  bool   `json:"by_hand,omitempty"`
}

// evidenceFact is what a member told of the case: what is decided goes by it, and a weighing of interests
// is the decision (Art. 21(1)).
type evidenceFact struct {
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"`
	Activity string    `json:"activity,omitempty"` // none: the whole case
	Name     string    `json:"activity_name,omitempty"`
	Value    string    `json:"value"`
	Role     string    `json:"role"`
	Member   string    `json:"name,omitempty"`
	Reason   string    `json:"reason,omitempty"`
	Leaf     string    `json:"leaf"`
}

// evidenceRedaction is what a member took out of a text before the person got it (Art. 15(4)), and whether it
// stood in the end.
type evidenceRedaction struct {
	At         time.Time `json:"at"`
	Source     string    `json:"source"`
	Collection string    `json:"collection"`
	Field      string    `json:"field"`
	Activity   string    `json:"activity,omitempty"`
	Name       string    `json:"activity_name,omitempty"`
	Passages   int64     `json:"passages"` // none: those before were put back
	Replaced   bool      `json:"replaced,omitempty"`
	Ground     string    `json:"ground,omitempty"`
	Role       string    `json:"role"`
	Member     string    `json:"name,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Leaf       string    `json:"leaf"`
}

type evidenceFinding struct {
	Source     string    `json:"source"`
	Collection string    `json:"collection"`
	Activity   string    `json:"activity"`
	Name       string    `json:"activity_name"`
	Rows       int64     `json:"rows"`
	Proposed   string    `json:"proposed"`
	Law        string    `json:"law,omitempty"`
	Until      *dsr.Date `json:"until,omitempty"`
	Decided    string    `json:"decided,omitempty"` // by a member, where it departs or had to be
	Ground     string    `json:"ground,omitempty"`
	Role       string    `json:"role,omitempty"`
	Reason     string    `json:"reason,omitempty"`
}

type evidencePlan struct {
	Digest   string              `json:"digest"`
	Steps    int64               `json:"steps"`
	Tallies  []evidenceTally     `json:"tallies"`
	Approval *evidenceApproval   `json:"approval,omitempty"`
	Executed []evidenceExecution `json:"executed"`
}

type evidenceTally struct {
	Source   string      `json:"source"`
	Action   string      `json:"action"`
	Activity string      `json:"activity"`
	Name     locale.Text `json:"name"`
	Count    int64       `json:"count"`
	Law      string      `json:"law,omitempty"`
	Until    string      `json:"until,omitempty"`
}

type evidenceApproval struct {
	Digest   string    `json:"digest"`
	At       time.Time `json:"at"`
	ProvedAt time.Time `json:"factor_given_at"`
	Role     string    `json:"role"`
	Name     string    `json:"name,omitempty"`
	Alone    bool      `json:"alone"`
}

type evidenceExecution struct {
	Source  string     `json:"source"`
	State   string     `json:"state"`
	Deleted int64      `json:"deleted"`
	Changed int64      `json:"changed"`
	DoneAt  *time.Time `json:"done_at,omitempty"`
}

type evidenceNotice struct {
	Name      string     `json:"name,omitempty"` // who may be a person
	Kind      string     `json:"kind"`
	Channel   string     `json:"channel"`
	State     string     `json:"state"`
	ToldAt    *time.Time `json:"told_at,omitempty"`
	SettledAt *time.Time `json:"settled_at,omitempty"`
}

type evidenceMessage struct {
	At     time.Time `json:"at"`
	Author string    `json:"author"`
	Body   string    `json:"body"`
	Erased bool      `json:"erased,omitempty"` // it told who the person is, and that was decided
}

type evidenceVersions struct {
	Version int64     `json:"version"`
	Notice  int64     `json:"notice_version,omitempty"`
	From    *dsr.Date `json:"notice_from,omitempty"`
}

type evidenceEvent struct {
	At   time.Time     `json:"at"`
	Kind string        `json:"kind"`
	Data dsr.EventData `json:"data"`
	Text string        `json:"text"`
	Role string        `json:"role"`
	Name string        `json:"name,omitempty"`
	Note string        `json:"note,omitempty"`
	Leaf string        `json:"leaf"`
}

// witness puts the evidence of one request together.
type witness struct {
	tx    *store.Tx
	r     *store.Request
	l     locale.Locale
	zone  *time.Location
	whole bool
	roles map[int64]string // of members, as the log has them
	names map[int64]string
	e     evidence
}

func (d *Desk) evidence(tx *store.Tx, r *store.Request, whole bool, l locale.Locale) (export.Evidence, error) {
	_, zone, err := d.today(tx)
	if err != nil {
		return export.Evidence{}, err
	}
	proofs, err := tx.Proofs(r, whole)
	if err != nil {
		return export.Evidence{}, err
	}
	checkpoint, err := tx.Checkpoint()
	if err != nil {
		return export.Evidence{}, err
	}
	w := witness{tx: tx, r: r, l: l, zone: zone, whole: whole, roles: map[int64]string{}, names: map[int64]string{}}
	w.e = evidence{Format: export.EvidenceFormat, Version: export.EvidenceVersion, Whole: whole, Locale: l, Created: tx.Now.UTC()}
	leaves := map[string]string{}
	for _, p := range proofs {
		leaves[hex.EncodeToString(p.Hash)] = p.Leaf.Role
		var member int64
		if _, err := fmt.Sscanf(p.Leaf.Actor, "member.%d", &member); err == nil {
			w.roles[member] = p.Leaf.Role
		}
	}
	for _, step := range []func() error{w.head, func() error { return w.versions(d) }, w.clock, w.search, func() error { return w.facts(leaves) }, w.findings, func() error { return w.redactions(leaves) }, w.plan, w.answer, w.recipients, w.messages,
		func() error { return w.events(leaves) }} {
		if err := step(); err != nil {
			return export.Evidence{}, err
		}
	}
	out := export.Evidence{Locale: l, Created: tx.Now.In(zone), Reference: string(r.Reference), Data: w.e, Checkpoint: checkpoint, Key: tx.VerifierKey()}
	w.page(&out)
	version, err := tx.VersionNumber(r.Controller, store.VersionRegister, r.RegisterVersion)
	if err != nil {
		return export.Evidence{}, err
	}
	out.Register = []byte(version.Body)
	for _, p := range proofs {
		out.Proofs = append(out.Proofs, export.EvidenceProof{Action: p.Leaf.Action, Receipt: p.Receipt})
	}
	return out, nil
}

func (w *witness) head() error {
	r := w.r
	settings, _, err := w.tx.Settings(r.Controller)
	if err != nil {
		return err
	}
	w.e.Controller = evidenceOffice{Name: settings.Name, OrganisationNumber: settings.OrganisationNumber}
	w.e.Case = evidenceCase{ID: r.PublicID, Reference: r.Reference, Right: r.Right, Article: r.Right.Article(), Channel: r.Channel,
		State: r.P.State, Outcome: r.P.Outcome, ReceivedAt: r.ReceivedAt, FiledAt: r.FiledAt}
	if !r.P.AnsweredAt.IsZero() {
		w.e.Case.AnsweredAt = &r.P.AnsweredAt
	}
	reg, err := registerOf(w.tx, r.Controller, r.RegisterVersion)
	if err != nil {
		return err
	}
	w.e.Asked = append([]string{r.Right.Name().In(w.l)}, scope(r, reg, w.l)...)
	if w.whole && !r.Shredded() {
		w.e.Asked = asked(r, reg, w.l)
		w.e.Person = &evidencePerson{Name: r.Name.Reveal(), Email: r.Address.Reveal(), Postal: r.Postal.Reveal()}
	}
	w.e.Identity = evidenceIdentity{Verified: r.P.Verified, Method: r.VerifiedMethod, Text: identityText(r, w.l)}
	if r.P.Verified {
		w.e.Identity.VerifiedAt = &r.P.VerifiedAt
	}
	return nil
}

func (w *witness) versions(d *Desk) error {
	w.e.Register.Version = w.r.RegisterVersion
	notice, err := d.notice(w.tx, w.r)
	if err != nil || notice.Version == 0 {
		return err
	}
	w.e.Register.Notice, w.e.Register.From = notice.Version, &notice.Date
	return nil
}

func (w *witness) clock() error {
	deadline := w.r.P.Deadline
	c := evidenceClock{Received: deadline.Received, Due: deadline.Due, ExtendedMonths: w.r.P.ExtendedMonths(), PausedDays: deadline.PausedDays,
		DueUnsuspended: deadline.DueUnsuspended, RefusalDue: deadline.RefusalDue(), Reasons: []string{}}
	for _, reason := range deadline.Reasons {
		c.Reasons = append(c.Reasons, reason.Text.In(w.l))
	}
	if c.Timing = w.r.P.Timing(); c.Timing != "" {
		inTime := c.Timing != dsr.TooLate
		c.InTime = &inTime
	}
	w.e.Clock = c
	return nil
}

// The reports of a search and the counts of a plan are package fulfilment's JSON, without personal data;
// this is the part of them that evidence tells.
type searchReport struct {
	Kinds   []string `json:"kinds"`
	Sources []struct {
		Name  string `json:"name"`
		Title string `json:"title"`
		Down  string `json:"down"`
	} `json:"sources"`
	Manual []struct{ Name string } `json:"manual"`
}

type groupFacts struct {
	Content  string `json:"content"`
	Proposal struct {
		Action string    `json:"action"`
		Law    string    `json:"law"`
		Until  *dsr.Date `json:"until"`
	} `json:"proposal"`
}

func (w *witness) search() error {
	run, err := w.tx.CurrentRun(w.r)
	if err != nil || run == nil {
		return err
	}
	s := &evidenceSearch{State: run.State, StartedAt: run.StartedAt, FinishedAt: run.FinishedAt, By: []string{}, Systems: []evidenceSystem{}}
	var report searchReport
	if run.Report != "" {
		if err := json.Unmarshal([]byte(run.Report), &report); err != nil {
			return fmt.Errorf("reading a search's report: %w", err)
		}
	}
	s.By = append(s.By, report.Kinds...)
	groups, err := w.tx.Groups(run)
	if err != nil {
		return err
	}
	found := map[string]int64{}
	for _, g := range groups {
		found[g.Source] += g.Count
	}
	for _, one := range report.Sources {
		s.Systems = append(s.Systems, evidenceSystem{Name: one.Name, Title: one.Title, Found: found[one.Name], Down: one.Down})
	}
	for _, one := range report.Manual {
		s.Systems = append(s.Systems, evidenceSystem{Name: one.Name, Hand: true})
	}
	w.e.Search = s
	return nil
}

func (w *witness) findings() error {
	w.e.Findings = []evidenceFinding{}
	run, err := w.tx.CurrentRun(w.r)
	if err != nil || run == nil {
		return err
	}
	groups, err := w.tx.Groups(run)
	if err != nil {
		return err
	}
	decisions, err := w.tx.Decisions(w.r)
	if err != nil {
		return err
	}
	reg, err := registerOf(w.tx, w.r.Controller, run.RegisterVersion)
	if err != nil {
		return err
	}
	for _, g := range groups {
		var facts groupFacts
		if err := json.Unmarshal([]byte(g.Facts), &facts); err != nil {
			return fmt.Errorf("reading a group of findings: %w", err)
		}
		f := evidenceFinding{Source: g.Source, Collection: g.Collection, Activity: g.Activity, Name: g.Activity, Rows: g.Count,
			Proposed: facts.Proposal.Action, Law: facts.Proposal.Law, Until: facts.Proposal.Until}
		if a := reg.Activity(g.Activity); a != nil {
			f.Name = a.Name.In(w.l)
		}
		if decided, ok := decisions[g.Key(facts.Content)]; ok {
			f.Decided, f.Ground, f.Role = decided.Action, decided.Ground, w.roles[decided.MemberID]
			if w.whole {
				f.Reason = decided.Reason.Reveal()
			}
		}
		w.e.Findings = append(w.e.Findings, f)
	}
	return nil
}

func (w *witness) facts(roles map[string]string) error {
	w.e.Facts = []evidenceFact{}
	facts, err := w.tx.Facts(w.r)
	if err != nil || len(facts) == 0 {
		return err
	}
	reg, err := registerOf(w.tx, w.r.Controller, w.r.RegisterVersion)
	if err != nil {
		return err
	}
	for _, f := range facts {
		leaf := hex.EncodeToString(f.LeafHash)
		said := evidenceFact{At: f.At, Kind: f.Kind, Activity: f.Activity, Name: f.Activity, Value: f.Value, Role: cmp.Or(roles[leaf], w.roles[f.MemberID]), Leaf: leaf}
		if a := reg.Activity(f.Activity); a != nil {
			said.Name = a.Name.In(w.l)
		}
		if w.whole {
			said.Reason = f.Reason.Reveal()
			if said.Member, err = cached(w.tx, w.names, f.MemberID); err != nil {
				return err
			}
		}
		w.e.Facts = append(w.e.Facts, said)
	}
	return nil
}

func (w *witness) redactions(roles map[string]string) error {
	list, err := w.tx.Redactions(w.r)
	if err != nil || len(list) == 0 {
		return err
	}
	reg, err := registerOf(w.tx, w.r.Controller, w.r.RegisterVersion)
	if err != nil {
		return err
	}
	replaced := map[string]bool{}
	for _, r := range list {
		replaced[r.Replaces] = true
	}
	for _, r := range list {
		leaf := hex.EncodeToString(r.LeafHash)
		said := evidenceRedaction{At: r.At, Source: r.Source, Collection: r.Collection, Field: r.Field, Activity: r.Activity, Name: r.Activity, Passages: r.Passages,
			Replaced: replaced[r.PublicID], Ground: r.Ground, Role: cmp.Or(roles[leaf], w.roles[r.MemberID]), Leaf: leaf}
		if a := reg.Activity(r.Activity); a != nil {
			said.Name = a.Name.In(w.l)
		}
		if w.whole {
			said.Reason = r.Reason.Reveal()
			if said.Member, err = cached(w.tx, w.names, r.MemberID); err != nil {
				return err
			}
		}
		w.e.Redactions = append(w.e.Redactions, said)
	}
	return nil
}

func (w *witness) plan() error {
	plan, err := w.tx.CurrentPlan(w.r)
	if err != nil || plan == nil {
		return err
	}
	p := &evidencePlan{Digest: plan.Digest, Steps: plan.Steps, Tallies: []evidenceTally{}, Executed: []evidenceExecution{}}
	var counts struct {
		Tallies []evidenceTally `json:"tallies"`
	}
	if err := json.Unmarshal([]byte(plan.Counts), &counts); err != nil {
		return fmt.Errorf("reading a plan's counts: %w", err)
	}
	p.Tallies = append(p.Tallies, counts.Tallies...)
	approval, err := w.tx.ApprovalOf(plan.ID)
	if err != nil {
		return err
	}
	if approval != nil {
		p.Approval = &evidenceApproval{Digest: approval.Digest, At: approval.At, ProvedAt: approval.ProvedAt, Alone: approval.Alone, Role: w.roles[approval.MemberID]}
		if w.whole {
			if p.Approval.Name, err = cached(w.tx, w.names, approval.MemberID); err != nil {
				return err
			}
		}
	}
	executions, err := w.tx.Executions(plan.ID)
	if err != nil {
		return err
	}
	for _, x := range executions {
		p.Executed = append(p.Executed, evidenceExecution{Source: x.Source, State: x.State, Deleted: x.Deleted, Changed: x.Changed, DoneAt: x.DoneAt})
	}
	w.e.Plan = p
	return nil
}

// answer tells what was answered: as it was sent in the whole form, else what was done by which law.
// Who wrote in their own words may have named somebody, and a recipient may be a person.
func (w *witness) answer() error {
	a, err := readAnswer(w.r)
	if err != nil || a == nil {
		return err
	}
	if !w.whole {
		bare := store.Answer{Outcome: a.Outcome, Paragraphs: []string{}, Groups: []store.AnswerGroup{}, Searched: a.Searched, Recipients: []string{}, Complaint: a.Complaint}
		for _, g := range a.Groups {
			g.Text = ""
			bare.Groups = append(bare.Groups, g)
		}
		a = &bare
	}
	w.e.Answer = a
	return nil
}

// recipients tells who else was told what was done (Art. 19).
func (w *witness) recipients() error {
	w.e.Recipients = []evidenceNotice{}
	notices, err := w.tx.Notices(w.r)
	if err != nil {
		return err
	}
	for _, n := range notices {
		said := evidenceNotice{Kind: n.Kind, Channel: n.Channel, State: n.State, ToldAt: n.ToldAt, SettledAt: n.SettledAt}
		if w.whole {
			said.Name = n.Body.Name
		}
		w.e.Recipients = append(w.e.Recipients, said)
	}
	return nil
}

func (w *witness) messages() error {
	if !w.whole || w.r.Shredded() {
		return nil
	}
	all, err := w.tx.Messages(w.r, true)
	if err != nil {
		return err
	}
	for _, m := range all {
		w.e.Messages = append(w.e.Messages, evidenceMessage{At: m.At, Author: m.Author, Body: m.Body.Reveal(), Erased: m.Erased})
	}
	return nil
}

func (w *witness) events(roles map[string]string) error {
	for _, e := range w.r.Events {
		words, _ := eventText(w.r, e, true)
		leaf := hex.EncodeToString(e.LeafHash)
		said := evidenceEvent{At: e.At, Kind: string(e.Kind), Data: e.Data, Text: words.In(w.l), Role: cmp.Or(roles[leaf], string(e.Actor.Kind)), Leaf: leaf}
		if w.whole {
			said.Note = e.Note
			if e.Actor.Member != 0 {
				name, err := cached(w.tx, w.names, e.Actor.Member)
				if err != nil {
					return err
				}
				said.Name = name
			}
		}
		w.e.Events = append(w.e.Events, said)
	}
	return nil
}

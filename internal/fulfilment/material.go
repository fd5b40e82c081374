package fulfilment

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// material is everything that is known about a request's findings at one moment.
type material struct {
	request    *store.Request
	run        *store.Run // whose findings are decided by; nil before the first search has ended
	newest     *store.Run // the search that was begun last
	report     runReport
	groups     []grouped
	decisions  map[string]store.Decision
	facts      []store.Fact // what the office has told the portal
	redactions []store.Redaction
	chunks     []store.Chunk
	tasks      []store.Task
	files      map[int64]int   // how many files each task has
	places     map[int64]Place // as they are now called, by source
	plan       *store.Plan
	disclosed  []store.Disclosure // what a log of disclosures said of the person when the plan was made
	judge      *judge
	basis      string
	notice     *register.NoticeVersion // that applied when the request came in; nil: there was none
	zone       *time.Location
	proved     bool // the case's e-mail address is known to be the person's (store.Tx.Opens has the rule)
}

// byPortal tells whether the answer can be read in the portal; otherwise it goes on paper.
func (m *material) byPortal() bool { return m.request.Delivery == store.DeliveryPortal && m.proved }

// grouped is a group with its facts, its key and what a member decided.
type grouped struct {
	store.Group
	facts
	key      string
	decision *store.Decision
	redacted int   // texts in it of which passages are taken out
	settled  bool  // all of them are, and nothing more needed a look
	by       int64 // who redacted last
}

func (g grouped) unit() unit { return unit{g.Group.Source, g.Group.Collection, g.Activity, g.Part} }

// action is what is to be done with the group: what was decided, else what is proposed.
func (g grouped) action() register.Action {
	if g.decision != nil {
		return register.Action(g.decision.Action)
	}
	if g.settled {
		return register.Disclose
	}
	return g.Proposal.Action
}

// open tells whether a member has to look at the group before an approval.
func (g grouped) open() bool { return g.NeedsLook && g.decision == nil && !g.settled }

// gather reads a request's material.
func (w *Works) gather(tx *store.Tx, r *store.Request) (*material, error) {
	m := &material{request: r}
	var err error
	if m.zone, err = zoneOf(tx); err != nil {
		return nil, err
	}
	if m.newest, err = tx.NewestRun(r); err != nil {
		return nil, err
	}
	if m.run, err = tx.CurrentRun(r); err != nil {
		return nil, err
	}
	if m.tasks, err = tx.Tasks(r); err != nil {
		return nil, err
	}
	if len(m.tasks) > 0 {
		if m.places, err = placesNow(tx, r); err != nil {
			return nil, err
		}
		if m.files, err = filesOf(tx, r); err != nil {
			return nil, err
		}
	}
	if m.plan, err = tx.CurrentPlan(r); err != nil {
		return nil, err
	}
	if m.disclosed, err = tx.Disclosures(r, m.plan); err != nil {
		return nil, err
	}
	if m.proved, err = tx.AddressProved(r); err != nil {
		return nil, err
	}
	applied, ok, err := tx.NoticeOf(r, &w.notices)
	if err != nil {
		return nil, err
	}
	if ok {
		m.notice = &applied
	}
	if m.run == nil {
		return m, nil
	}
	if err := json.Unmarshal([]byte(m.run.Report), &m.report); err != nil {
		return nil, fmt.Errorf("reading a search's report: %w", err)
	}
	if m.chunks, err = tx.Chunks(m.run); err != nil {
		return nil, err
	}
	if m.decisions, err = tx.Decisions(r); err != nil {
		return nil, err
	}
	if m.facts, err = tx.Facts(r); err != nil {
		return nil, err
	}
	if r.Right.Row().Package {
		if m.redactions, err = tx.Redactions(r); err != nil {
			return nil, err
		}
	}
	if err := m.loadGroups(tx); err != nil {
		return nil, err
	}
	reg, version, err := registerOf(tx, r.Controller, m.run.RegisterVersion)
	if err != nil {
		return nil, err
	}
	m.judge = newJudge(r, reg, version, m.report.Date, m.facts, m.rulings())
	if m.judge.redacted, err = redactionsOf(m.redactions, m.run.ID); err != nil {
		return nil, err
	}
	m.judge.lost = m.report.Lost
	m.basis, err = m.basisOf(tx)
	return m, err
}

func (m *material) loadGroups(tx *store.Tx) error {
	groups, err := tx.Groups(m.run)
	if err != nil {
		return err
	}
	for _, g := range groups {
		it := grouped{Group: g}
		if err := json.Unmarshal([]byte(g.Facts), &it.facts); err != nil {
			return fmt.Errorf("reading a group's facts: %w", err)
		}
		it.key = g.Key(it.Content)
		if d, ok := m.decisions[it.key]; ok {
			it.decision = &d
		}
		it.redacted, it.settled, it.by = m.redactedIn(it)
		m.groups = append(m.groups, it)
	}
	return nil
}

func (m *material) rulings() map[unit]ruling {
	out := map[unit]ruling{}
	for _, g := range m.groups {
		if g.decision != nil {
			out[g.unit()] = ruling{proposed: g.Proposal.Action, action: register.Action(g.decision.Action), ground: g.decision.Ground}
		}
	}
	return out
}

// basisOf names what a plan is made from: the search, the newest decision, the newest fact, what was asked to
// be corrected and the newest redaction, if there is one. A plan with another basis is stale.
func (m *material) basisOf(tx *store.Tx) (string, error) {
	last := int64(0)
	for _, d := range m.decisions {
		last = max(last, d.ID)
	}
	asked, err := json.Marshal([]any{m.request.Detail.Corrections, m.request.Detail.Activities})
	if err != nil {
		return "", fmt.Errorf("writing what was asked: %w", err)
	}
	told := int64(0)
	for _, f := range m.facts {
		told = max(told, f.ID)
	}
	basis := fmt.Sprintf("%s.%d.%d.%s", m.run.PublicID, last, told, hex.EncodeToString(tx.Ring().Index("plan-basis", string(asked))[:8]))
	if n := len(m.redactions); n > 0 {
		basis += fmt.Sprintf(".%d", m.redactions[n-1].ID)
	}
	return basis, nil
}

// stale tells whether the plan does not follow from what is known now.
func (m *material) stale() bool {
	return m.plan == nil || m.plan.Basis != m.basis || m.plan.Digest != m.request.P.Plan
}

// found tells whether there is anything about the person that is confirmed to be theirs.
func (m *material) found() bool {
	for _, c := range m.chunks {
		if !c.Candidate && c.Findings > 0 {
			return true
		}
	}
	return false
}

func (m *material) group(key string) (grouped, bool) {
	for _, g := range m.groups {
		if g.key == key {
			return g, true
		}
	}
	return grouped{}, false
}

// place gives the place of a task as it was called when the search was made; while the first search
// goes on, as it is called now.
func (m *material) place(t store.Task) Place {
	for _, p := range m.report.Manual {
		if p.ID == t.SourceID {
			return p
		}
	}
	return m.places[t.SourceID]
}

func filesOf(tx *store.Tx, r *store.Request) (map[int64]int, error) {
	all, err := tx.Attachments(r)
	if err != nil {
		return nil, err
	}
	count := map[int64]int{}
	for _, f := range all {
		if f.TaskID != nil {
			count[*f.TaskID]++
		}
	}
	return count, nil
}

func placesNow(tx *store.Tx, r *store.Request) (map[int64]Place, error) {
	all, err := tx.Sources(r.Controller)
	if err != nil {
		return nil, err
	}
	places := map[int64]Place{}
	for _, s := range all {
		places[s.ID] = Place{ID: s.ID, Name: s.Name, Activity: s.Activity, Instructions: s.Instructions}
	}
	return places, nil
}

// planFacts reads what was kept beside the plan.
func planFacts(p *store.Plan) (summary, []problem, error) {
	var s summary
	var problems []problem
	if p == nil {
		return s, nil, nil
	}
	if err := json.Unmarshal([]byte(p.Counts), &s); err != nil {
		return s, nil, fmt.Errorf("reading a plan's counts: %w", err)
	}
	if p.Problems == "" {
		return s, nil, nil
	}
	if err := json.Unmarshal([]byte(p.Problems), &problems); err != nil {
		return s, nil, fmt.Errorf("reading a plan's problems: %w", err)
	}
	return s, problems, nil
}

// writes tells whether the request's plan changes the sources.
func writes(right dsr.Right) bool { return right.Writes() }

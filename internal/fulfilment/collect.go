package fulfilment

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// seedKinds are the kinds of identifiers that a walk starts from. A name is many people's: what it
// leads to is a candidate's, whoever confirmed the name.
var seedKinds = []string{"email", "phone_number", "external_id", dsr.OrganisationNumber, engine.IPAddress, engine.Name}

// errSourceDown says that a source could not be read; the job comes again.
var errSourceDown = errors.New("a source could not be read")

// search is one run of the collect job.
type search struct {
	w       *Works
	request *store.Request
	run     *store.Run
	key     keyring.DataKey
	reg     *register.Register
	version int64
	today   dsr.Date
	zone    *time.Location
	known   []engine.Seed // verified
	maybe   []engine.Seed // candidates
	facts   []store.Fact  // what the office has told the portal
	// redactions are what was redacted in earlier findings.
	redactions []store.Redaction
	conns      *Connections
	report     runReport
	dates      inheritance
	// restricted are the rows that are only stored for other cases, by their index.
	restricted map[string]bool
	later      bool // results are still to come: nothing is done yet
}

// runReport is what is kept of a search in the clear: where was searched and by what kinds of
// identifiers, and counts.
type runReport struct {
	Date    dsr.Date                  `json:"date"`
	Kinds   []string                  `json:"kinds"`
	Sources []sourceInfo              `json:"sources"`
	Manual  []Place                   `json:"manual,omitempty"`
	Walk    []engine.CollectionReport `json:"walk"`
	Found   int                       `json:"found"`
	Logs    []disclosureLog           `json:"logs,omitempty"` // which collections tell what was given to whom
	Lost    []lostText                `json:"lost,omitempty"` // fields in which a redacted text is not found any more
}

type sourceInfo struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Title string `json:"title,omitempty"`
	Down  string `json:"down,omitempty"` // code of why it could not be read
	Found int64  `json:"found"`
	Write bool   `json:"write"` // it can be changed by the portal
	// Read is of which moment what was read is; nil: it was not looked into, or before that was kept.
	Read *time.Time `json:"read,omitempty"`
}

// collect searches the sources for a request.
func (w *Works) collect(ctx context.Context, j job.Job) error {
	s, err := w.begin(ctx, j)
	switch {
	case err != nil || s == nil:
		return firstErr(err, ended(j))
	case s.later:
		return comeBack()
	}
	defer s.conns.close()
	if err := s.ask(ctx); err != nil {
		return err
	}
	chunks, err := s.walk(ctx)
	if err != nil {
		return err
	}
	if s.incomplete() {
		return s.failed(ctx)
	}
	groups, err := s.group(ctx, chunks)
	if err != nil {
		return err
	}
	if err := s.keep(ctx, j, chunks, groups); err != nil {
		return err
	}
	return ended(j)
}

func firstErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// begin moves the request into its search, if it is one that may be searched for; nil: nothing to do.
// A request that was taken back while it was searched for, by a worker that died, leaves no search
// that seems to be under way, and nothing of what was found. A search that slept while another was
// asked for leaves it to that one: it would open the case anew.
func (w *Works) begin(ctx context.Context, j job.Job) (*search, error) {
	s := &search{w: w}
	proceed := false
	var left []string
	err := w.Store.InTx(ctx, func(tx *store.Tx) error {
		proceed, left = false, nil
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		overtaken, err := tx.Overtaken(j)
		if err != nil {
			return err
		}
		if overtaken {
			return finish(tx, j)
		}
		if !searchable(r) {
			if left, err = tx.SupersedeRun(r); err != nil {
				return err
			}
			return finish(tx, j)
		}
		proceed = true
		if s.later, err = tx.Awaits(j.ID); err != nil || s.later {
			return err
		}
		return s.start(tx, r)
	})
	if errors.Is(err, store.ErrNoRequest) {
		return nil, job.Cancel(err)
	}
	if err != nil {
		return nil, err
	}
	if !proceed {
		w.clear(ctx, j.Object, left)
		return nil, nil
	}
	if s.later {
		return s, nil
	}
	if s.conns, err = w.Open(ctx, j); err != nil {
		return nil, fmt.Errorf("connecting the sources: %w", err)
	}
	return s, nil
}

// searchable tells whether the sources may be read for a request now.
func searchable(r *store.Request) bool {
	if !r.P.Verified || r.Right.Row().ByHand {
		return false
	}
	switch r.P.State {
	case dsr.Received, dsr.Collecting, dsr.AwaitingPerson, dsr.Review:
		return true
	}
	return false
}

func (s *search) start(tx *store.Tx, r *store.Request) error {
	kind := map[dsr.State]dsr.EventKind{dsr.Received: dsr.EventCollectStarted, dsr.Review: dsr.EventReopened}[r.P.State]
	if kind != "" {
		if err := tx.Act(r, dsr.Event{Kind: kind, Actor: system}, store.Change{}); err != nil {
			return err
		}
	}
	var err error
	if s.reg, s.version, err = registerOf(tx, r.Controller, 0); err != nil {
		return err
	}
	if s.run, err = tx.StartRun(r, s.version); err != nil {
		return err
	}
	if s.key, err = tx.Key(r.PublicID, store.ClassEvidence); err != nil {
		return err
	}
	if s.zone, err = zoneOf(tx); err != nil {
		return err
	}
	s.request, s.today = r, dsr.DateOf(tx.Now, s.zone)
	if s.facts, err = tx.Facts(r); err != nil {
		return err
	}
	if s.redactions, err = tx.Redactions(r); err != nil {
		return err
	}
	known, err := tx.Identifiers(r)
	if err != nil {
		return err
	}
	s.known, s.maybe = seeds(known)
	s.restricted, err = tx.RestrictedElsewhere(r, time.Time{})
	return err
}

func seeds(list []store.Identifier) (known, maybe []engine.Seed) {
	for _, i := range list {
		if !slices.Contains(seedKinds, i.Kind) {
			continue
		}
		switch {
		case i.Certainty == store.Candidate, i.Certainty == store.Verified && i.Kind == engine.Name:
			maybe = append(maybe, engine.Seed{Kind: i.Kind, Value: i.Value.Reveal()})
		case i.Certainty == store.Verified:
			known = append(known, engine.Seed{Kind: i.Kind, Value: i.Value.Reveal()})
		}
	}
	return known, maybe
}

// digestKey keys the digests of rows as seen; it dies with the findings.
func digestKey(k keyring.DataKey) []byte { return k.Index(keyring.LabelRowDigest, "") }

func (w *Works) options(k keyring.DataKey, zone *time.Location) engine.Options {
	return engine.Options{Canonical: canonical(), DigestKey: digestKey(k), TempDir: w.TempDir, KeepForeign: true, Zone: zone, Now: w.Now}
}

// canonical compares identifiers as the portal itself does.
func canonical() map[string]engine.Canonical {
	return map[string]engine.Canonical{
		engine.Email: func(s string) (string, bool) {
			a, err := dsr.ParseAddress(s)
			if err != nil {
				return engine.DefaultCanonical(engine.Email)(s)
			}
			return a.Canonical, true
		},
	}
}

// walk reads the sources and keeps what it finds: by what is verified first, then what only
// candidates lead to.
func (s *search) walk(ctx context.Context) ([]store.Chunk, error) {
	s.describe()
	s.dates = newInheritance(s.conns.Sources)
	out := newChunkWriter(ctx, s.w, s.key, s.request.PublicID, s.run.PublicID)
	var seen map[[16]byte]bool
	if len(s.maybe) > 0 {
		seen = map[[16]byte]bool{}
	}
	report, err := engine.Walk(ctx, s.conns.Sources, s.known, s.w.options(s.key, s.zone), func(f *engine.Finding) error {
		if seen != nil {
			seen[nameOf(f)] = true
		}
		f.Restricted = s.restricted[string(s.w.rowIndex(f))]
		s.dates.note(f)
		s.report.Found++
		return out.add(f, false)
	})
	if err != nil {
		return nil, fmt.Errorf("searching: %w", err)
	}
	s.report.Walk = report.Collections
	s.read(report)
	if seen != nil && !report.Incomplete {
		all := append(slices.Clone(s.known), s.maybe...)
		second, err := engine.Walk(ctx, s.conns.Sources, all, s.w.options(s.key, s.zone), func(f *engine.Finding) error {
			if seen[nameOf(f)] {
				return nil
			}
			return out.add(f, true)
		})
		if err != nil {
			return nil, fmt.Errorf("searching by candidates: %w", err)
		}
		if second.Incomplete {
			s.report.Walk = second.Collections
		}
		s.read(second)
	}
	s.count()
	if err := out.flush(); err != nil {
		return nil, err
	}
	return out.chunks, nil
}

// nameOf names a row among all rows of all sources.
func nameOf(f *engine.Finding) [16]byte {
	sum := sha256.Sum256([]byte(f.Source + "\x00" + collectionName(f) + "\x00" + keyText(f.Key)))
	return [16]byte(sum[:16])
}

// keyText is the stable text of a row's key.
func keyText(key []engine.KeyPart) string {
	parts := make([][2]string, len(key))
	for i, k := range key {
		parts[i] = [2]string{k.Column, k.Value.Typed()}
	}
	b, err := json.Marshal(parts)
	if err != nil {
		return "" // strings alone cannot fail to be written
	}
	return string(b)
}

// describe notes where is searched.
func (s *search) describe() {
	s.report = runReport{Date: s.today, Manual: s.conns.Manual}
	for _, seed := range s.known {
		if !slices.Contains(s.report.Kinds, seed.Kind) {
			s.report.Kinds = append(s.report.Kinds, seed.Kind)
		}
	}
	for _, c := range s.conns.Sources {
		s.report.Logs = append(s.report.Logs, logsOf(c)...)
		s.report.Sources = append(s.report.Sources, sourceInfo{Name: c.Source.Name(), Kind: c.Source.Kind(), Title: titleOf(c), Write: writable(c)})
	}
}

func titleOf(c engine.Connected) string {
	for _, d := range c.Datasets {
		if d.Name != "" {
			return d.Name
		}
	}
	return ""
}

// read notes when each system was read: by the first walk, which a second one by candidates follows at once.
func (s *search) read(r engine.Report) {
	for i := range s.report.Sources {
		info := &s.report.Sources[i]
		if at, ok := r.Read[info.Name]; ok && info.Read == nil {
			info.Read = &at
		}
	}
}

func (s *search) count() {
	for i := range s.report.Sources {
		info := &s.report.Sources[i]
		for _, c := range s.report.Walk {
			if c.Source != info.Name {
				continue
			}
			info.Found += int64(c.Rows)
			if c.Status == engine.Failed {
				info.Down = string(c.Code)
			}
		}
	}
}

func (s *search) incomplete() bool {
	return slices.ContainsFunc(s.report.Sources, func(i sourceInfo) bool { return i.Down != "" })
}

// failed writes that a source could not be read, or not yet, so that it shows; the job comes again.
func (s *search) failed(ctx context.Context) error {
	err := s.w.Store.InTx(ctx, func(tx *store.Tx) error {
		body, err := json.Marshal(s.report)
		if err != nil {
			return fmt.Errorf("writing a search's report: %w", err)
		}
		_, err = tx.FinishRun(s.run, store.RunIncomplete, string(body))
		return err
	})
	if err != nil {
		return err
	}
	if err := s.w.forget(ctx, runPrefix(s.request.PublicID, s.run.PublicID)); err != nil {
		return err
	}
	switch {
	case awaits(s.report.Walk):
		return comeBack()
	case overdue(s.report.Walk):
		return job.Cancel(job.Fail(StopSource, errOverdue))
	}
	return job.Fail(StopSource, errSourceDown)
}

// keep writes the search's end: where the findings lie, what they are, the places that a colleague
// looks in, and that the request is to be looked over.
func (s *search) keep(ctx context.Context, j job.Job, chunks []store.Chunk, groups []store.Group) error {
	body, err := json.Marshal(s.report)
	if err != nil {
		return fmt.Errorf("writing a search's report: %w", err)
	}
	taken := false
	var old []string
	err = s.w.Store.InTx(ctx, func(tx *store.Tx) error {
		taken, old = false, nil
		r, err := tx.Request(s.request.PublicID)
		if err != nil {
			return err
		}
		if err := finish(tx, j); err != nil {
			return err
		}
		current, err := tx.FinishRun(s.run, store.RunComplete, string(body))
		if err != nil || !current || r.P.State != dsr.Collecting && r.P.State != dsr.AwaitingPerson {
			return err
		}
		taken = true
		if err := s.take(tx, r, chunks, groups); err != nil {
			return err
		}
		old, err = tx.DropRuns(r)
		return err
	})
	if err != nil {
		return err
	}
	if !taken {
		old = []string{s.run.PublicID}
	}
	s.w.clear(ctx, s.request.PublicID, old)
	return nil
}

// clear deletes what searches of a request found. What cannot be deleted now goes with the request.
func (w *Works) clear(ctx context.Context, request string, runs []string) {
	for _, run := range runs {
		if err := w.forget(ctx, runPrefix(request, run)); err != nil {
			w.Logger.WarnContext(ctx, "old findings are not cleared away yet", "request", request)
		}
	}
}

func (s *search) take(tx *store.Tx, r *store.Request, chunks []store.Chunk, groups []store.Group) error {
	if err := tx.AddChunks(s.run, chunks); err != nil {
		return err
	}
	if err := tx.AddGroups(s.run, groups); err != nil {
		return err
	}
	for _, place := range s.conns.Manual {
		if err := tx.InsertTask(r, place.ID); err != nil {
			return err
		}
	}
	if err := tx.DecideBy(r, s.run); err != nil {
		return err
	}
	e := dsr.Event{Kind: dsr.EventCollected, Actor: system, Data: dsr.EventData{Count: s.report.Found, Version: s.version}}
	if err := tx.Act(r, e, store.Change{}); err != nil {
		return err
	}
	return planLater(tx, r)
}

// planLater has the plan made anew. The key holds the number of events: one act, one job.
func planLater(tx *store.Tx, r *store.Request) error {
	return tx.Enqueue(job.Spec{Kind: JobPlan, Key: fmt.Sprintf("%s/%s/%d", JobPlan, r.PublicID, len(r.Events)), Object: r.PublicID})
}

// searchLater has the sources searched anew.
func searchLater(tx *store.Tx, r *store.Request) error {
	return tx.Enqueue(job.Spec{Kind: JobCollect, Key: fmt.Sprintf("%s/%s/%d/again", JobCollect, r.PublicID, len(r.Events)), Object: r.PublicID})
}

// Collect has the sources searched once more.
func (w *Works) Collect(ctx context.Context, by By, id string) error {
	return w.act(ctx, by, id, staff.Collect, func(tx *store.Tx, r *store.Request) error {
		if !r.P.Verified {
			return dsr.ErrNotVerified
		}
		if !searchable(r) && r.P.State != dsr.Approved {
			return dsr.ErrTransition
		}
		if r.P.State == dsr.Review || r.P.State == dsr.Approved {
			e := dsr.Event{Kind: dsr.EventReopened, Actor: by.actor()}
			if err := tx.Act(r, e, store.Change{Role: by.role()}); err != nil {
				return err
			}
		}
		return searchLater(tx, r)
	})
}

// facts of a group, kept with it in the clear: no value of any field, only what they are.
type facts struct {
	Dataset    string            `json:"dataset"`
	Collection string            `json:"collection"`
	Title      string            `json:"title,omitempty"`
	Categories []string          `json:"categories,omitempty"`
	Fields     []fieldFact       `json:"fields,omitempty"`
	Proposal   proposalFact      `json:"proposal"`
	Counts     map[string]int64  `json:"counts,omitempty"`
	Varies     bool              `json:"varies,omitempty"` // not all rows have the proposal's date
	Blocked    *locale.Text      `json:"blocked,omitempty"`
	NeedsLook  bool              `json:"needs_look,omitempty"`
	Special    bool              `json:"special,omitempty"` // some field with a value is of a special category or about offences
	Options    []register.Action `json:"options,omitempty"`
	Content    string            `json:"content"`            // keyed digest of what the group is made of
	Texts      int               `json:"texts,omitempty"`    // texts that need a look, which redactions may settle
	Redacted   map[string]bool   `json:"redacted,omitempty"` // redactions that stood when the search ended, and whether each settles its text
}

type fieldFact struct {
	Name  string `json:"name"`
	Label string `json:"label,omitempty"`
}

type proposalFact struct {
	Action    register.Action `json:"action"`
	Ground    string          `json:"ground,omitempty"`
	Exception string          `json:"exception,omitempty"`
	Code      string          `json:"code,omitempty"`
	Law       string          `json:"law,omitempty"`
	Until     *dsr.Date       `json:"until,omitempty"`
	Text      locale.Text     `json:"text"`
}

func factOf(p register.Proposal) proposalFact {
	return proposalFact{Action: p.Action, Ground: p.Ground, Exception: p.Exception, Code: p.Code, Law: p.Law, Until: p.Until, Text: p.Text}
}

// labels finds what a field and a collection are called for people.
type labels map[string]*dataset.Collection

func newLabels(conns []engine.Connected) labels {
	l := labels{}
	for _, c := range conns {
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				l[c.Source.Name()+"\x00"+d.Key+"."+col.Name] = col
			}
		}
	}
	return l
}

func (l labels) collection(f *engine.Finding) *dataset.Collection {
	return l[f.Source+"\x00"+collectionName(f)]
}

func (l labels) field(f *engine.Finding, name string) string {
	if c := l.collection(f); c != nil {
		if field, ok := c.Field(name); ok {
			return field.Description
		}
	}
	return ""
}

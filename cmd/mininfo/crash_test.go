package main_test

import (
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mininfo/api"
	"mininfo/internal/demo"
	"mininfo/internal/keyring"
)

// The program is killed at random, again and again, while people and office are at work. Nothing that
// was acknowledged is lost, nothing is half done, and nothing is erased that is not in a plan.
func TestKilledAtRandom(t *testing.T) {
	onBoth(t, func(t *testing.T, s Setup) {
		h := newHarness(t, s)
		h.run(setting(t, "MININFO_TEST_KILLS", 100))
		h.portal.Stop()
		h.report()
		h.check()
		on := s.database()
		figure(t, "kill -9, lost or torn, "+on, len(h.leased), h.lost)
		figure(t, "erasures and corrections under kill -9, rows changed outside a plan, "+on, h.carriedOut, h.outside)
		figure(t, "mails under kill -9, wrong or missing, "+on, len(h.portal.Mail.All()), h.wrongMails)
		measured(t, "recovery after a kill to the first good answer, p99, "+on, percentile(h.recovered, 99).Round(time.Millisecond).String())
		h.planted()
	})
}

// players is how many journeys run at once.
const players = 32

type harness struct {
	t             *testing.T
	portal        *Portal
	first, second *Officer
	before        State
	people        chan string
	ack           *ackFile
	stop          chan struct{} // closed after the last kill: no new journeys

	generation  atomic.Int64
	last, ready atomic.Int64
	sessions    sync.RWMutex // locked while a member's session gets another cookie: a kill would lose it
	mu          sync.Mutex
	cut         map[int64]int // writing requests that a kill cut off, by the kill's number
	leased      []map[string]int
	ended       map[string]int // journeys by how they ended
	gaveUp      []string
	resumed     int
	recovered   []time.Duration // from a kill to the first good answer

	lost, outside, wrongMails, carriedOut int // counted by check
}

// ackFile is what the portal has said yes to, on disk before the player goes on.
type ackFile struct {
	mu   sync.Mutex
	file *os.File
}

// Ack is one thing that the portal has said yes to.
type Ack struct {
	What      string // filed, registered, withdrawn, answered
	ID        string
	Reference string
	Right     api.Right
	Email     string
}

func (a *ackFile) write(x Ack) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if _, err := a.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return a.file.Sync()
}

func (a *ackFile) all() ([]Ack, error) {
	data, err := os.ReadFile(a.file.Name())
	if err != nil {
		return nil, err
	}
	var list []Ack
	for line := range strings.Lines(string(data)) {
		var x Ack
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

func newHarness(t *testing.T, s Setup) *harness {
	t.Helper()
	// No job here is to blame for the crashes: none is set aside.
	s.Env = append(s.Env, "MININFO_LOG_LEVEL=warn", "MININFO_MAX_CRASHES=1000")
	h := &harness{t: t, stop: make(chan struct{}), cut: map[int64]int{}, ended: map[string]int{}}
	h.portal, h.first, h.second = office(t, s)
	h.before = h.portal.Company.State()
	h.people = mailboxes(h.before)
	file, err := os.OpenFile(filepath.Join(t.TempDir(), "acknowledged"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	h.ack = &ackFile{file: file}
	return h
}

// mailboxes gives customers whose address is theirs alone, in an order of chance.
func mailboxes(s State) chan string {
	times := map[string]int{}
	for _, r := range s["webshop.customers"] {
		times[strings.ToLower(r["email"])]++
	}
	named := map[string]bool{}
	for _, p := range demo.HardCases() {
		for _, a := range append([]string{p.Email}, p.Held...) {
			named[strings.ToLower(a)] = true
		}
	}
	var list []string
	for a, n := range times {
		if n == 1 && !named[a] && strings.Count(a, "@") == 1 {
			list = append(list, a)
		}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	out := make(chan string, len(list))
	for _, a := range list {
		out <- a
	}
	close(out)
	return out
}

// run lets people and office work while the program is killed n times, and then lets them finish.
func (h *harness) run(n int) {
	var all sync.WaitGroup
	h.last.Store(int64(n))
	for range players {
		all.Go(h.play)
	}
	// The first cases are ready to be decided before the first kill, and are let on between the kills:
	// so kills meet plans, approvals and executions too.
	untilWithin(h.t, "the first cases are ready", 5*time.Minute, func() bool { return h.ready.Load() >= players/2 })
	began := time.Now()
	for i := range n {
		wait := time.NewTimer(50*time.Millisecond + rand.N(350*time.Millisecond))
		<-wait.C
		h.awaitWork()
		h.kill(int64(i), i%8 == 7 || i == n-1)
	}
	h.t.Logf("%d kills in %s", n, time.Since(began).Round(time.Second))
	close(h.stop)
	h.awaitEnd(all.Wait)
	h.t.Logf("all journeys ended after %s", time.Since(began).Round(time.Second))
	h.settled()
	h.t.Logf("everything settled after %s", time.Since(began).Round(time.Second))
}

// finishing is how long journeys may take when nobody kills the program any more.
const finishing = 12 * time.Minute

// awaitEnd waits for the journeys that are going on. A program that has ended of itself, or that
// answers nobody, would hold each of them up until its patience ends: what it says then is told.
func (h *harness) awaitEnd(wait func()) {
	h.t.Helper()
	ended, late := make(chan struct{}), time.NewTimer(finishing)
	defer late.Stop()
	go func() {
		wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-h.portal.ended:
		h.t.Fatalf("the program ended of itself:\n%s", tail(h.portal.Log(), 6000))
	case <-late.C:
		h.mu.Lock()
		h.t.Logf("ended: %v", h.ended)
		for _, why := range h.gaveUp {
			h.t.Logf("  %s", tail([]byte(why), 300))
		}
		h.mu.Unlock()
		h.portal.end(syscall.SIGQUIT)
		h.t.Fatalf("journeys still go on after %s; what the program was at:\n%s", finishing, tail(h.portal.Log(), 30000))
	}
}

// awaitWork waits for the next instant at which the program is answering somebody: a kill that meets
// an idle program shows nothing. When nobody asks anything, the kill comes all the same.
func (h *harness) awaitWork() {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for range 15000 {
		<-tick.C
		if h.portal.Traffic.inFlight.Load() > 0 {
			return
		}
	}
}

// kill kills the program, looks at what it was doing, and starts it again. later lets the leases of
// the dead run out first, as a minute does: else all work that was begun would stand still for most of
// the run, and kills would meet nothing.
func (h *harness) kill(number int64, later bool) {
	h.sessions.RLock()
	defer h.sessions.RUnlock()
	pid := h.portal.cmd.Process.Pid
	h.portal.Kill()
	doing := map[string]int{}
	rows := query(h.t, h.portal, "SELECT kind FROM job WHERE state = 'ready' AND lease_until IS NOT NULL AND lease_owner LIKE '%-"+strconv.Itoa(pid)+"'")
	for _, r := range rows {
		doing[r[0]]++
	}
	h.mu.Lock()
	h.leased = append(h.leased, doing)
	h.mu.Unlock()
	h.generation.Store(number + 1)
	if later {
		db := h.portal.SQL(h.t)
		if _, err := db.Exec("UPDATE job SET lease_until = 1 WHERE state = 'ready' AND lease_until IS NOT NULL"); err != nil {
			h.t.Fatal(err)
		}
		_ = db.Close()
	}
	began := time.Now()
	h.portal.Start()
	h.recovered = append(h.recovered, time.Since(began))
}

// player is a testing.TB whose failures end a journey and not the test.
type player struct{ testing.TB }

type gaveUp struct{ why string }

func (p player) Fatalf(format string, args ...any) { panic(gaveUp{fmt.Sprintf(format, args...)}) }
func (p player) Fatal(args ...any)                 { panic(gaveUp{fmt.Sprint(args...)}) }
func (p player) Helper()                           {}

func (h *harness) play() {
	for address := range h.people {
		select {
		case <-h.stop: // of two ready cases select takes any: the end is asked for by itself
			return
		default:
			h.journey(address)
		}
	}
}

var journeys = []string{"access", "access", "rectify", "erase", "erase", "withdraw", "register", "register"}

// journey plays one request from the beginning to its end.
func (h *harness) journey(address string) {
	kind := journeys[rand.IntN(len(journeys))]
	filed := false
	defer func() {
		result := kind + " done"
		if r := recover(); r != nil {
			why, ours := r.(gaveUp)
			if !ours {
				panic(r)
			}
			result = kind + " left before it was filed"
			if filed {
				result = kind + " stuck"
			}
			h.mu.Lock()
			h.gaveUp = append(h.gaveUp, result+": "+why.why)
			h.mu.Unlock()
		}
		h.mu.Lock()
		h.ended[result]++
		h.mu.Unlock()
	}()
	t := player{h.t}
	if kind == "register" {
		h.register(t, address, &filed)
		return
	}
	person := newPerson(t, h.portal, address)
	person.patience = h.patience()
	right := map[string]api.Right{"rectify": api.RightRectification, "erase": api.RightErasure}[kind]
	if right == "" {
		right = api.RightAccess
	}
	person.Prove(right)
	request := api.NewRequest{Right: right}
	if right == api.RightRectification {
		request.Corrections = wrong(t, person)
	}
	out := person.fileOnce(request)
	filed = true
	h.acknowledged(t, Ack{"filed", out.Id, out.Reference, right, address})
	if kind == "withdraw" {
		h.withdraw(t, person, out, right)
		return
	}
	h.handle(t, out.Id, right)
	h.acknowledged(t, Ack{"answered", out.Id, out.Reference, right, address})
}

// wrong says that the first field shown is wrong.
func wrong(t testing.TB, person *Person) *[]api.Correction {
	t.Helper()
	fields := person.Fields().Fields
	for _, f := range fields {
		if f.Label == "Etternavn" {
			return &[]api.Correction{{Ref: f.Ref, NewValue: "Rettet"}}
		}
	}
	t.Fatalf("no last name among %d fields", len(fields))
	return nil
}

func (h *harness) acknowledged(t testing.TB, x Ack) {
	t.Helper()
	if err := h.ack.write(x); err != nil {
		t.Fatal(err)
	}
}

// fileOnce files with a key, so that asking again after a cut changes nothing.
func (p *Person) fileOnce(r api.NewRequest) api.RequestCreated {
	p.t.Helper()
	r.Locale = api.Nb
	var out api.RequestCreated
	p.must("POST", "/requests", r, &out, keyed(chanceKey()))
	return out
}

func (h *harness) withdraw(t testing.TB, person *Person, out api.RequestCreated, right api.Right) {
	t.Helper()
	a := person.Do("POST", "/requests/"+out.Id+"/withdraw", nil)
	// A cut answer may have been a yes: then the state says so.
	if a.Status != 200 && person.See(out.Id).State != api.StateWithdrawn {
		if a.Code() == "step_up_required" {
			person.StepUp("/requests/"+out.Id, "withdraw")
			person.must("POST", "/requests/"+out.Id+"/withdraw", nil, nil)
		} else {
			t.Fatalf("withdrawing: %v", a)
		}
	}
	h.acknowledged(t, Ack{"withdrawn", out.Id, out.Reference, right, person.Email})
}

func (h *harness) register(t testing.TB, address string, filed *bool) {
	t.Helper()
	o := h.officer(t, h.first)
	var out struct{ Cases []api.CaseSummary }
	o.must("POST", "/staff/cases", map[string]any{
		"rights": []string{"access"}, "channel": "email", "received_at": time.Now().UTC().Add(-time.Hour).Format(time.RFC3339), "locale": "nb",
		"email": address, "text": "Hva vet dere om meg?", "identity": map[string]string{"method": "known_address", "note": "Samme adresse som i kunderegisteret."},
	}, &out, keyed(chanceKey()))
	*filed = true
	for _, c := range out.Cases {
		h.acknowledged(t, Ack{"registered", c.Id, c.Reference, c.Right, address})
		h.follow(t, c.Id, func(c api.Case) bool { return c.State == api.StateReview }, func(api.Case) {})
	}
}

// officer gives a member's session to one player.
func (h *harness) officer(t testing.TB, of *Officer) *Officer {
	own := *of.Caller
	own.t, own.patience, own.gate = t, h.patience(), &h.sessions
	o := *of
	o.Caller = &own
	return &o
}

// patience makes a caller ask again when nobody answers, and counts what a kill cut off.
func (h *harness) patience() *patience {
	return &patience{most: 5 * time.Minute, cut: func(method string) {
		if method == "GET" {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.cut[h.generation.Load()]++
	}}
}

// follow looks at a case now and then and does the next thing, until it has ended. A case that
// stopped for a human is taken up again.
func (h *harness) follow(t testing.TB, id string, ended func(api.Case) bool, next func(api.Case)) {
	t.Helper()
	o := h.officer(t, h.first)
	for deadline := time.Now().Add(8 * time.Minute); ; {
		pause := time.NewTimer(300*time.Millisecond + rand.N(600*time.Millisecond))
		<-pause.C
		c := o.Case(id)
		switch {
		case ended(c):
			return
		case time.Now().After(deadline):
			t.Fatalf("case %s (%s) is %s, plan %+v, package %+v, %s", id, c.Right, c.State, c.Plan, c.Package, c.StepText)
		case c.State == api.StateNeedsHuman:
			if o.Do("POST", "/staff/cases/"+id+"/resume", nil).Status == 200 {
				h.mu.Lock()
				h.resumed++
				h.mu.Unlock()
			}
		default:
			next(c)
		}
	}
}

// handle plays the office for one case until it is answered.
func (h *harness) handle(t testing.TB, id string, right api.Right) {
	t.Helper()
	first, second := h.officer(t, h.first), h.officer(t, h.second)
	lookedOver := ""
	after, counted := int64(0), false
	if h.generation.Load() == 0 {
		after = rand.Int64N(max(1, h.last.Load()*4/5))
	}
	h.follow(t, id, func(c api.Case) bool { return c.State == api.StateAnswered }, func(c api.Case) {
		switch {
		case planned(c) && h.generation.Load() < after:
			if !counted {
				counted = true
				h.ready.Add(1)
			}
		case planned(c):
			h.advance(c, first, second, right, &lookedOver)
		case c.State == api.StateExecuting && right == api.RightAccess && c.Package != nil && c.Package.State == api.PackageStateReady:
			first.Do("POST", "/staff/cases/"+id+"/answer", map[string]any{})
		}
	})
}

// advance does the next thing for a case with a plan. What is refused was done before, or is done
// when the case is looked at the next time.
func (h *harness) advance(c api.Case, first, second *Officer, right api.Right, lookedOver *string) {
	decisions := undecided(c, map[api.Right]api.DecisionAction{api.RightAccess: api.DecisionActionDisclose, api.RightRectification: api.DecisionActionAnnotate, api.RightErasure: api.DecisionActionKeep}[right])
	at := "/staff/cases/" + c.Id
	if len(decisions) > 0 {
		first.Do("POST", at+"/decide", map[string]any{"decisions": decisions})
		return
	}
	approve := map[string]any{"digest": c.Plan.Digest, "confirmed": false}
	if right != api.RightErasure && !c.Plan.Special { // what two people guard, two look over
		h.approve(h.first, first, at, approve)
		return
	}
	if *lookedOver == "" {
		if first.Do("POST", at+"/plan", nil).Status == 200 {
			*lookedOver = c.Plan.Digest
		}
		return
	}
	h.approve(h.second, second, at, approve)
}

// approve approves as a member. A second factor is fresh for some minutes only, and a busy machine may
// take longer: one player then gives it anew for all, and the case is approved at the next look.
func (h *harness) approve(of, o *Officer, at string, body any) {
	if o.Do("POST", at+"/approve", body).Code() != "step_up_required" {
		return
	}
	h.sessions.Lock()
	defer h.sessions.Unlock()
	own := *o.Caller
	own.gate = nil
	alone := *of
	alone.Caller = &own
	defer func() { of.lastStep = alone.lastStep }()
	if alone.Do("POST", at+"/approve", body).Code() != "step_up_required" {
		return
	}
	alone.Fresh()
}

// settled waits until no work is left but what comes of itself, every hour or every day.
func (h *harness) settled() {
	h.t.Helper()
	untilWithin(h.t, "all jobs are done", 10*time.Minute, func() bool {
		pause := time.NewTimer(time.Second)
		<-pause.C
		return len(query(h.t, h.portal, "SELECT kind FROM job WHERE state = 'ready' AND key NOT LIKE '%@%'")) == 0 &&
			len(query(h.t, h.portal, "SELECT id FROM audit_leaf WHERE place IS NULL")) == 0
	})
}

// report prints what the kills met, and demands that four out of five met unfinished work.
func (h *harness) report() {
	h.t.Helper()
	met, byWork := 0, map[string]int{}
	for i, doing := range h.leased {
		label := slices.Sorted(maps.Keys(doing))
		if h.cut[int64(i)] > 0 {
			label = append(label, "request in flight")
		}
		if len(label) > 0 {
			met++
		}
		for _, l := range label {
			byWork[l]++
		}
		if len(label) == 0 {
			byWork["(nothing)"]++
		}
	}
	h.t.Logf("%d of %d kills landed inside unfinished work", met, len(h.leased))
	for _, l := range slices.SortedFunc(maps.Keys(byWork), func(a, b string) int { return byWork[b] - byWork[a] }) {
		h.t.Logf("  %4d kills while: %s", byWork[l], l)
	}
	for _, e := range slices.Sorted(maps.Keys(h.ended)) {
		h.t.Logf("  %4d journeys: %s", h.ended[e], e)
	}
	for _, why := range h.gaveUp {
		h.t.Logf("  %s", tail([]byte(why), 300))
	}
	h.t.Logf("  %4d times a human took up a case that had stopped", h.resumed)
	for _, why := range h.gaveUp {
		if strings.Contains(why, " stuck") {
			h.t.Errorf("%s", why)
		}
	}
	if 10*met < 8*len(h.leased) {
		h.t.Errorf("only %d of %d kills landed inside unfinished work", met, len(h.leased))
	}
}

// check holds what is there against what was acknowledged, planned and mailed.
func (h *harness) check() {
	h.t.Helper()
	acks, err := h.ack.all()
	if err != nil {
		h.t.Fatal(err)
	}
	if len(acks) == 0 {
		h.t.Error("nothing was acknowledged")
	}
	for _, wrong := range append(lostAcks(h.t, h.portal, acks), halfMade(h.t, h.portal)...) {
		h.lost++
		h.t.Error(wrong)
	}
	h.portal.Start()
	inOrder(h.t, h.portal)
	h.outsidePlans(acks)
	h.portal.Stop()
	h.mails(acks)
}

// lostAcks gives what was acknowledged and is not there as it was told.
func lostAcks(t testing.TB, p *Portal, acks []Ack) []string {
	t.Helper()
	state := map[string]string{}
	for _, r := range query(t, p, "SELECT public_id, reference, state FROM request") {
		state[r[0]+" "+r[1]] = r[2]
	}
	var lost []string
	for _, a := range acks {
		is, there := state[a.ID+" "+a.Reference]
		switch {
		case !there:
			lost = append(lost, fmt.Sprintf("%s %s was acknowledged and is lost", a.What, a.Reference))
		case a.What == "withdrawn" && is != "withdrawn", a.What == "answered" && is != "answered":
			lost = append(lost, fmt.Sprintf("%s was acknowledged as %s and is %s", a.Reference, a.What, is))
		}
	}
	return lost
}

// tornActs ask for acts that were not written whole: at no moment may there be one.
var tornActs = map[string]string{
	"request without its events":    "SELECT reference FROM request r WHERE events <> (SELECT count(*) FROM event e WHERE e.request_id = r.id) OR events = 0",
	"request without a job":         "SELECT reference FROM request r WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.object = r.public_id)",
	"event without its leaf":        "SELECT id FROM event e WHERE (SELECT count(*) FROM audit_leaf l WHERE l.leaf_hash = e.leaf_hash) <> 1",
	"gap in the numbers of events":  "SELECT request_id FROM event GROUP BY request_id HAVING max(number) - min(number) + 1 <> count(*)",
	"approved case without a proof": "SELECT reference FROM request WHERE approved_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM approval a WHERE a.request_id = request.id AND a.digest = request.approved_digest)",
	"executed before it was approved": `SELECT r.reference FROM request r JOIN plan p ON p.request_id = r.id JOIN execution x ON x.plan_id = p.id
		WHERE x.started_at < (SELECT min(a.at) FROM approval a WHERE a.plan_id = p.id)`,
}

// unfinished asks for work that is still to do: none may be left when everything has settled.
var unfinished = map[string]string{
	"leaf without a place":       "SELECT id FROM audit_leaf WHERE place IS NULL",
	"mail that was given up":     "SELECT kind || ' ' || last_code FROM job WHERE state = 'needs_human' AND kind LIKE 'mail%'",
	"job that was forgotten":     "SELECT kind FROM job WHERE state = 'ready' AND key NOT LIKE '%@%'",
	"case that waits for nobody": "SELECT reference FROM request WHERE state IN ('collecting', 'approved', 'executing', 'needs_human')",
	"run that never ended":       "SELECT id FROM run WHERE state = 'reading' AND NOT EXISTS (SELECT 1 FROM run later WHERE later.request_id = run.request_id AND later.id > run.id)",
}

// halfMade gives what the database holds of acts that were not written whole, or not brought to their end.
func halfMade(t testing.TB, p *Portal) []string {
	t.Helper()
	return append(found(t, p, tornActs), found(t, p, unfinished)...)
}

// found gives the rows that questions find, each after what it would mean.
func found(t testing.TB, p *Portal, questions map[string]string) []string {
	t.Helper()
	var wrong []string
	db := p.SQL(t)
	defer db.Close()
	for what, q := range questions {
		for _, row := range rowsOf(t, db, q) {
			wrong = append(wrong, what+": "+row[0])
		}
	}
	slices.Sort(wrong)
	return wrong
}

// outsidePlans: the difference that the company shows is the sum of the plans that were carried out.
func (h *harness) outsidePlans(acks []Ack) {
	h.t.Helper()
	d := difference(h.before, h.portal.Company.State())
	done := Difference{}
	for _, a := range acks {
		if a.What != "answered" || a.Right == api.RightAccess {
			continue
		}
		maps.Copy(done, planOf(h.t, h.portal.Company, h.first, a.ID))
		h.carriedOut++
	}
	gone, changed := d.count()
	h.t.Logf("%d rows erased, %d changed", gone, changed)
	for at, e := range d {
		want, planned := done[at]
		if !planned {
			h.outside++
			h.t.Errorf("%s was touched and stands in no plan: %+v", at, e)
		} else if want.Gone != e.Gone || !subset(e.Columns, want.Columns) {
			h.outside++
			h.t.Errorf("%s: planned %+v, done %+v", at, want, e)
		}
	}
	for at, want := range done {
		if _, there := d[at]; !there {
			h.t.Errorf("%s was planned and not done: %+v", at, want)
		}
	}
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// mails: none is lost, and none comes more often than the program was killed.
func (h *harness) mails(acks []Ack) {
	h.t.Helper()
	times := map[string]int{}
	for _, l := range h.portal.Mail.All() {
		times[l.ID]++
	}
	extra := 0
	for id, n := range times {
		extra += n - 1
		if n > 1+len(h.leased) {
			h.wrongMails++
			h.t.Errorf("mail %s came %d times", id, n)
		}
	}
	h.t.Logf("%d mails, %d of them twice", len(times), extra)
	if most := 4 * len(h.leased); extra > most {
		h.t.Errorf("%d mails came twice; four workers that are killed %d times explain %d", extra, len(h.leased), most)
	}
	wanted := map[string]string{"filed": "mottatt kravet ditt", "registered": "mottatt kravet ditt", "answered": "kravet ditt"}
	for _, a := range acks {
		found := 0
		for _, l := range h.portal.Mail.To(a.Email) {
			answer := strings.Contains(l.Subject, "behandlet") || strings.Contains(l.Subject, "Svaret ditt er klart")
			if strings.Contains(l.Subject, a.Reference) && (a.What != "answered" && strings.Contains(l.Subject, wanted[a.What]) || a.What == "answered" && answer) {
				found++
			}
		}
		if found == 0 && wanted[a.What] != "" {
			h.wrongMails++
			h.t.Errorf("%s: the mail that it was %s is lost", a.Reference, a.What)
		}
	}
}

// planted: the checker sees what a program that does not write whole would leave behind.
func (h *harness) planted() {
	h.t.Helper()
	if wrong := halfMade(h.t, h.portal); len(wrong) > 0 {
		return // told already
	}
	columns := columnsOf(h.t, h.portal, "request")
	reading := strings.NewReplacer("public_id", "'"+strings.Repeat("f", 32)+"'", "reference", "'INN-2026-PLANTED'").Replace(strings.Join(columns, ", "))
	execute(h.t, h.portal, "INSERT INTO request ("+strings.Join(columns, ", ")+") SELECT "+reading+" FROM request WHERE state = 'withdrawn' OR state = 'review' OR state = 'answered' ORDER BY id LIMIT 1")
	wrong := strings.Join(halfMade(h.t, h.portal), "\n")
	for _, want := range []string{"request without its events: INN-2026-PLANTED", "request without a job: INN-2026-PLANTED"} {
		if !strings.Contains(wrong, want) {
			h.t.Errorf("a request was planted without event, leaf and job, and the checker says only:\n%s", wrong)
		}
	}
	if lost := lostAcks(h.t, h.portal, []Ack{{What: "filed", ID: strings.Repeat("e", 32), Reference: "INN-2026-NEVER"}}); len(lost) != 1 {
		h.t.Error("the checker does not see that an acknowledged request is lost")
	}
	h.t.Logf("planted, and caught:\n%s", wrong)
}

func columnsOf(t testing.TB, p *Portal, table string) []string {
	t.Helper()
	db := p.SQL(t)
	defer db.Close()
	rows, err := db.Query("SELECT * FROM " + table + " LIMIT 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "id" })
}

// SQL opens the portal's own database past the program.
func (p *Portal) SQL(t testing.TB) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", p.DSN
	if path, ok := strings.CutPrefix(p.DSN, "sqlite://"); ok {
		ring, err := keyring.Load(filepath.Join(p.Dir, "mininfo.key"))
		if err != nil {
			t.Fatal(err)
		}
		q := url.Values{"vfs": {"adiantum"}, "hexkey": {hex.EncodeToString(ring.Derive(keyring.LabelSQLiteFile))}, "_pragma": {"busy_timeout(20000)"}}
		driver, dsn = "sqlite3", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: q.Encode()}).String()
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// query reads rows of the portal's own database as text.
func query(t testing.TB, p *Portal, statement string) [][]string {
	t.Helper()
	db := p.SQL(t)
	defer db.Close()
	return rowsOf(t, db, statement)
}

func rowsOf(t testing.TB, db *sql.DB, statement string) [][]string {
	t.Helper()
	rows, err := db.Query(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	values, at := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		at[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = written(v)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return out
}

func execute(t testing.TB, p *Portal, statement string) {
	t.Helper()
	db := p.SQL(t)
	defer db.Close()
	result, err := db.Exec(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s: %d rows, %v", statement, n, err)
	}
}

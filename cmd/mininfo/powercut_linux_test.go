package main_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"mininfo/api"
)

// The program works on a disk of which every write, sync and rename is noted. The disk is then made
// anew as it would be after a crash at moments of chance, by a kill and by a power cut: what was
// acknowledged before is there, and nothing is half done. The same cuts on a disk that takes syncs for
// done at once lose acknowledged requests: so the cuts do cut.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	run := traceWork(t)
	chance := rand.New(rand.NewPCG(testSeed(t), 1))
	moments := func(n int) []int { // after the first acknowledgement: before it nothing can be lost
		first := slices.IndexFunc(run.log.calls, func(c diskCall) bool { return c.At > run.acks[0].At })
		list := chance.Perm(len(run.log.calls) - first)
		list = list[:min(n, len(list))]
		slices.Sort(list)
		for i := range list {
			list[i] += first
		}
		return list
	}
	t.Run("kill", func(t *testing.T) {
		n := run.crash(t, moments(setting(t, "MININFO_TEST_CRASHES", 100)), false, func(d *disk, dir string) { d.killed(t, dir) })
		figure(t, "kill at a write, sync or rename of the portal's work, lost or torn", n.crashes, n.lost+n.torn)
	})
	cuts := moments(setting(t, "MININFO_TEST_CUTS", 60))
	t.Run("power cut", func(t *testing.T) {
		n := run.crash(t, cuts, false, func(d *disk, dir string) { d.powerless(t, dir, chance) })
		figure(t, "power cut, lost or torn", n.crashes, n.lost+n.torn)
	})
	t.Run("control: a disk that does not sync", func(t *testing.T) {
		n := run.crash(expected{player{t}}, cuts[max(0, len(cuts)-10):], true, func(d *disk, dir string) { d.powerless(t, dir, chance) })
		if n.lost+n.torn+n.broken == 0 {
			t.Error("nothing is lost even on a disk that does not sync: the cuts do not cut")
		}
		measured(t, "control: the same cuts on a disk that does not sync", fmt.Sprintf("%d lost, %d databases broken, of %d", n.lost, n.broken, n.crashes))
	})
}

// A first start that is cut anywhere can be made again.
func TestFirstStartIsCut(t *testing.T) {
	t.Parallel()
	trace := filepath.Join(t.TempDir(), "trace")
	p := newPortal(t, Setup{NoCompany: true, Under: strace(trace)})
	empty := newDisk(t, p.Dir, false)
	p.Start()
	p.Stop()
	log := readDiskLog(t, trace, p.Dir)
	chance := rand.New(rand.NewPCG(testSeed(t), 2))
	n := setting(t, "MININFO_TEST_CUTS", 60) / 10
	t.Logf("%d calls that change the disk, %d cuts", len(log.calls), n)
	at := chance.Perm(len(log.calls))[:n]
	slices.Sort(at)
	defer func() {
		figure(t, "power cut in the first start, not started again", n, map[bool]int{true: 1}[t.Failed()])
	}()
	walk(t, empty, log, at, func(_ int, d *disk) {
		again := p.elsewhere(t)
		d.powerless(t, again.Dir, chance)
		again.Start()
		newOfficer(t, again, "Ingrid Aasen", "ingrid.aasen@fjordlys.example")
		inOrder(t, again)
		again.Stop()
	})
}

// On a disk whose syncs fail, once or from some moment on, nothing is acknowledged that a power cut
// would then take away.
func TestSyncsFail(t *testing.T) {
	t.Parallel()
	p, _, _ := office(t, Setup{})
	p.Stop()
	chance := rand.New(rand.NewPCG(testSeed(t), 3))
	people := mailboxes(p.Company.State())
	failed, filed, refused, ended, lost := 0, 0, 0, 0, 0
	for i := range setting(t, "MININFO_TEST_SYNCS", 2) {
		again, trace := p.elsewhere(t), filepath.Join(t.TempDir(), "trace")
		newDisk(t, p.Dir, false).killed(t, again.Dir)
		before := newDisk(t, again.Dir, false)
		when := fmt.Sprint(1 + chance.IntN(3)) // counted in each thread
		if i%2 == 0 {
			when += "+"
		}
		again.Under = strace(trace, "-e", "inject=fsync,fdatasync:error=EIO:when="+when)
		again.Launch()
		var acks []Ack
		if again.serves() {
			var all sync.WaitGroup
			var mu sync.Mutex
			for range 3 {
				all.Go(func() {
					a, ok := again.files(t, <-people)
					mu.Lock()
					defer mu.Unlock()
					if ok {
						acks = append(acks, a)
					} else {
						refused++
					}
				})
			}
			all.Wait()
		} else {
			ended++
		}
		again.Kill()
		log := readDiskLog(t, trace, again.Dir)
		for _, c := range log.calls {
			if c.op == opSyncFailed {
				failed++
			}
		}
		filed += len(acks)
		after := p.elsewhere(t)
		walk(t, before, log, []int{len(log.calls) - 1}, func(_ int, d *disk) { d.powerless(t, after.Dir, chance) })
		for _, wrong := range append(lostAcks(t, after, acks), found(t, after, tornActs)...) {
			lost++
			t.Errorf("syncs fail from the %s.: %s", when, wrong)
		}
	}
	t.Logf("%d syncs failed; %d requests acknowledged, %d refused, %d programs that ended", failed, filed, refused, ended)
	figure(t, "syncs that fail, acknowledged and lost", failed, lost)
	if failed == 0 || refused+ended == 0 {
		t.Error("no sync failed, or nobody noticed")
	}
}

// serves tells whether the program comes to answer, or ends.
func (p *Portal) serves() bool {
	p.t.Helper()
	up := false
	until(p.t, "the program answers or ends", func() bool {
		select {
		case <-p.ended:
			return true
		default:
		}
		a, err := http.Get(p.URL + "/readyz")
		if err != nil {
			return false
		}
		_ = a.Body.Close()
		up = a.StatusCode == http.StatusOK
		return true
	})
	return up
}

// files lets a person file once; false means that the portal did not say yes.
func (p *Portal) files(t testing.TB, address string) (ack Ack, yes bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ours := r.(gaveUp); !ours {
				panic(r)
			}
		}
	}()
	person := newPerson(player{t}, p, address)
	person.Prove(api.RightAccess)
	out := person.File(api.NewRequest{Right: api.RightAccess})
	return Ack{"filed", out.Id, out.Reference, api.RightAccess, address}, true
}

// traceRun is work that was traced.
type traceRun struct {
	portal *Portal
	before string // the folder as it was when the work began
	log    *DiskLog
	acks   []ackAt
}

// ackAt is what the portal said yes to, and when that was heard, in seconds.
type ackAt struct {
	Ack
	At float64
}

// traceWork lets people and the office work, each kind of request on the portal's own disk.
func traceWork(t *testing.T) *traceRun {
	t.Helper()
	p, first, _ := office(t, Setup{})
	p.Stop()
	run := &traceRun{portal: p, before: t.TempDir()}
	if err := os.CopyFS(run.before, os.DirFS(p.Dir)); err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	p.Under = strace(trace)
	p.Start()
	yes := func(what string, out api.RequestCreated, right api.Right, address string) {
		run.acks = append(run.acks, ackAt{Ack{what, out.Id, out.Reference, right, address}, float64(time.Now().UnixMicro()) / 1e6})
	}
	people := mailboxes(p.Company.State())
	for range 2 {
		person := newPerson(t, p, <-people)
		person.Prove(api.RightErasure)
		out := person.File(api.NewRequest{Right: api.RightErasure})
		yes("filed", out, api.RightErasure, person.Email)
		if a := person.Do("POST", "/requests/"+out.Id+"/withdraw", nil); a.Status != 200 {
			t.Fatalf("withdrawing: %v", a)
		}
		yes("withdrawn", out, api.RightErasure, person.Email)

		person = newPerson(t, p, <-people)
		person.Prove(api.RightAccess)
		out = person.File(api.NewRequest{Right: api.RightAccess})
		yes("filed", out, api.RightAccess, person.Email)
		first.Settle(out.Id, api.DecisionActionDisclose)
		first.Approve(out.Id)
		first.Await(out.Id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
		first.act(out.Id, "answer", map[string]any{})
		first.State(out.Id, api.StateAnswered)
		yes("answered", out, api.RightAccess, person.Email)
	}
	p.Stop()
	run.log = readDiskLog(t, trace, p.Dir)
	kinds := map[string]int{}
	for _, c := range run.log.calls {
		kinds[opNames[c.op]]++
	}
	t.Logf("%d calls that change the disk: %v; %d acknowledgements", len(run.log.calls), kinds, len(run.acks))
	return run
}

// outcome counts what crashes left.
type outcome struct{ crashes, acks, lost, torn, broken int }

// crash makes the disk anew as after a crash at each moment, and looks at it. Each thirtieth time the
// program itself starts on it, and puts its house in order.
func (r *traceRun) crash(t testing.TB, at []int, lazy bool, how func(*disk, string)) outcome {
	var n outcome
	walk(t, newDisk(t, r.before, lazy), r.log, at, func(i int, d *disk) {
		p := r.portal.elsewhere(t)
		how(d, p.Dir)
		n.crashes++
		var acks []Ack
		for _, a := range r.acks {
			if a.At <= r.log.calls[i].At {
				acks = latest(acks, a.Ack)
			}
		}
		n.acks += len(acks)
		if lazy {
			defer func() {
				if r := recover(); r != nil {
					if _, ours := r.(gaveUp); !ours {
						panic(r)
					}
					n.broken++
				}
			}()
		}
		for _, lost := range lostAcks(t, p, acks) {
			n.lost++
			t.Errorf("cut %d: %s", i, lost)
		}
		for _, torn := range append(found(t, p, tornActs), packagesTorn(t, p)...) {
			n.torn++
			t.Errorf("cut %d: %s", i, torn)
		}
		if whole, ok := t.(*testing.T); ok && n.crashes%30 == 0 {
			p.Start()
			inOrder(whole, p)
			p.Stop()
		}
		_ = os.RemoveAll(p.Dir)
	})
	t.Logf("%d crashes: %d acknowledgements held against the disk, %d lost, %d torn, %d databases that did not open", n.crashes, n.acks, n.lost, n.torn, n.broken)
	return n
}

// latest keeps one acknowledgement a request: what was said last holds.
func latest(acks []Ack, a Ack) []Ack {
	return append(slices.DeleteFunc(acks, func(b Ack) bool { return b.ID == a.ID }), a)
}

// walk carries out a log and stops after the calls in at, which are sorted.
func walk(t testing.TB, d *disk, log *DiskLog, at []int, look func(int, *disk)) {
	t.Helper()
	for i, c := range log.calls {
		if len(at) == 0 {
			return
		}
		if err := d.do(c); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		if i == at[0] {
			at = at[1:]
			look(i, d)
		}
	}
}

// elsewhere gives the same portal on a folder of its own, not traced.
func (p *Portal) elsewhere(t testing.TB) *Portal {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "after")
	if err != nil {
		t.Fatal(err)
	}
	dsn := "sqlite://" + filepath.Join(dir, "mininfo.db")
	return &Portal{
		t: t, Dir: dir, URL: p.URL, DSN: dsn, Company: p.Company, Mail: p.Mail, Traffic: p.Traffic, listen: p.listen, logFile: p.logFile,
		env: append(slices.Clone(p.env), "MININFO_DATA="+dir, "MININFO_DATABASE="+dsn),
	}
}

// packagesTorn gives the copies of data that should lie ready, and do not as they were made.
func packagesTorn(t testing.TB, p *Portal) []string {
	t.Helper()
	var torn []string
	for _, row := range query(t, p, "SELECT blob, sha256 FROM package WHERE state = 'ready'") {
		content, err := os.ReadFile(filepath.Join(p.Dir, "blobs", filepath.FromSlash(row[0])))
		sum := sha256.Sum256(content)
		if err != nil || hex.EncodeToString(sum[:]) != row[1] {
			torn = append(torn, fmt.Sprintf("a copy that lies ready is not the one that was made: %d bytes, %v", len(content), err))
		}
	}
	return torn
}

// expected takes errors for what was wanted.
type expected struct{ player }

func (expected) Errorf(string, ...any) {}

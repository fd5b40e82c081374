package fulfilment_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/audit"
	"mininfo/internal/blob"
	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// Two systems of one company. The desk knows its customers by their number alone, so that it is
// reached through the crm and written before it.
const (
	crmScript = `
		CREATE TABLE customers (id INTEGER PRIMARY KEY, customer_no TEXT, email TEXT, name TEXT, last_order TEXT);
		CREATE TABLE subscribers (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), wording TEXT);
		CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), amount INTEGER, issued TEXT);`
	deskScript = `
		CREATE TABLE profiles (id INTEGER PRIMARY KEY, customer_no TEXT, nickname TEXT, seen TEXT);
		CREATE TABLE tickets (id INTEGER PRIMARY KEY, customer_no TEXT, topic TEXT, received TEXT);
		CREATE TABLE messages (id INTEGER PRIMARY KEY, ticket_id INTEGER REFERENCES tickets (id), topic TEXT, received TEXT);`
	crmDataset = `
dataset:
- fides_key: crm
  collections:
  - name: customers
    mininfo: {activity: customers, retention_from: last_order}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_no, data_categories: [user.unique_id], fides_meta: {data_type: string, length: 40, masking_strategy_override: {strategy: random_string_rewrite, configuration: {length: 12}}}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: name, data_categories: [user.name], fides_meta: {data_type: string}}
    - {name: last_order, data_categories: [user.behavior.purchase_history]}
  - name: subscribers
    fides_meta: {masking_strategy_override: {strategy: delete}}
    mininfo: {activity: newsletter}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_id, fides_meta: {references: [{dataset: crm, field: customers.id, direction: from}]}}
    - {name: wording, data_categories: [user.privacy_preferences]}
  - name: invoices
    fides_meta: {masking_strategy_override: {strategy: delete}}
    mininfo: {activity: invoices, retention_from: issued}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_id, fides_meta: {references: [{dataset: crm, field: customers.id, direction: from}]}}
    - {name: amount, data_categories: [user.financial]}
    - {name: issued, data_categories: [user.financial]}
`
	deskDataset = `
dataset:
- fides_key: desk
  collections:
  - name: profiles
    mininfo: {activity: customers, retention_from: seen}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_no, data_categories: [user.unique_id], fides_meta: {data_type: string, length: 40, references: [{dataset: crm, field: customers.customer_no, direction: from}], masking_strategy_override: {strategy: random_string_rewrite, configuration: {length: 12}}}}
    - {name: nickname, data_categories: [user.name], fides_meta: {data_type: string}}
    - {name: seen, data_categories: [user.behavior]}
  - name: tickets
    fides_meta: {masking_strategy_override: {strategy: delete}}
    mininfo: {activity: contact_form, received: received, retention_from: received}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_no, fides_meta: {references: [{dataset: crm, field: customers.customer_no, direction: from}]}}
    - {name: topic, data_categories: [user.behavior]}
    - {name: received, data_categories: [user.behavior]}
  - name: messages
    fides_meta: {masking_strategy_override: {strategy: delete}}
    mininfo: {activity: contact_form, received: received, retention_from: received}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: ticket_id, fides_meta: {references: [{dataset: desk, field: tickets.id, direction: from}]}}
    - {name: topic, data_categories: [user.behavior]}
    - {name: received, data_categories: [user.behavior]}
`
)

// What one person's plan does, and what of it is in each system.
var (
	planGone    = map[string]int{"crm.subscribers": 1, "desk.tickets": 2, "desk.messages": 3}
	planChanged = map[string]int{"crm.customers": 1, "desk.profiles": 1}
	planDone    = []string{"crm done 1 1", "desk done 5 1"}
)

// phases is an office whose two systems are a PostgreSQL and a SQLite database.
type phases struct {
	*office
	desk    *casework.Desk
	cluster *portaltest.Cluster
	wire    *wire
	tap     *tap
	systems []system
	beside  map[string]*sql.DB // by system, past portal and wire
	sqlite  string             // the name of the system that is one
	blobDir string
	people  int
	table   strings.Builder
	ledger  map[string]int64 // what the ledger held of each system when the last case had ended
}

// newPhases makes the office; first is the kind of the system that is written first.
func newPhases(t *testing.T, b *portaltest.Bundle, first string) *phases {
	t.Helper()
	p := &phases{office: officeWith(t, b, anonymising(shortRegister("contact_form", "customers", "invoices", "newsletter"))), cluster: portaltest.PostgresCluster(t), tap: &tap{}, ledger: map[string]int64{}, beside: map[string]*sql.DB{}, blobDir: filepath.Join(t.TempDir(), "blobs")}
	p.desk = &casework.Desk{Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: p.works.Rand, Logger: p.works.Logger}
	disk, err := blob.OpenDisk(p.blobDir)
	p.must(err)
	t.Cleanup(func() { disk.Close() })
	p.blobs, p.works.Blobs = disk, disk
	p.wire = newWire(t, p.cluster.Address)
	file := filepath.Join(t.TempDir(), "company.db")
	p.systems = []system{{"crm", "", crmDataset}, {"desk", "", deskDataset}}
	for i := range p.systems {
		y := &p.systems[i]
		if (first == "sqlite") == (y.Name == "desk") {
			p.sqlite, y.DSN = y.Name, "file:"+file
		} else {
			y.DSN = p.wire.DSN()
		}
		p.reach(y.Name)
	}
	b.GaveUp = p.works.GaveUp
	p.works.Open = func(ctx context.Context, _ job.Job) (*fulfilment.Connections, error) {
		return openSystems(ctx, p.systems, p.tap)
	}
	return p
}

// shortRegister gives the demo company's register with these activities alone: it is read often, and
// the whole of it is long.
func shortRegister(activities ...string) string {
	head, rest, _ := strings.Cut(string(demo.Register()), "\n- id: ")
	for _, a := range strings.Split(rest, "\n- id: ") {
		if id, _, _ := strings.Cut(a, "\n"); slices.Contains(activities, id) {
			head += "\n- id: " + a
		}
	}
	return head
}

var keepsCustomers = regexp.MustCompile(`    kind: keep_minimum\n    exception: 17\(1\)\(a\)\n    code: NECESSARY_CONTRACT\n    keep_fields: .*\n`)

// anonymising gives a register whose customers stay as rows that point at nobody, whenever they last
// ordered: then each system has rows that go and rows that change.
func anonymising(register string) string {
	return keepsCustomers.ReplaceAllString(register, "    kind: anonymise\n")
}

// reach opens a system past the portal, and past the wire.
func (p *phases) reach(name string) {
	p.t.Helper()
	driver, dsn := "pgx", p.cluster.DSN()+"&default_query_exec_mode=exec"
	if name == p.sqlite {
		i := slices.IndexFunc(p.systems, func(y system) bool { return y.Name == name })
		driver, dsn = "sqlite3", p.systems[i].DSN+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"
	}
	db, err := sql.Open(driver, dsn)
	p.must(err)
	db.SetMaxOpenConns(1)
	if old := p.beside[name]; old != nil {
		_ = old.Close()
	}
	p.beside[name] = db
	p.t.Cleanup(func() { db.Close() })
}

// populate fills the systems with people who are all alike. Nobody is the first of them.
func (p *phases) populate(most int) {
	p.t.Helper()
	var crm, desk strings.Builder
	crm.WriteString(crmScript)
	desk.WriteString(deskScript)
	for i := range most {
		crm.WriteString(strings.Join(crmRows(i), ";") + ";")
		fmt.Fprintf(&desk, "INSERT INTO profiles VALUES (%[1]d, 'K-%[1]d', 'kari%[1]d', '2026-04-01');", i)
		for k := range 2 {
			fmt.Fprintf(&desk, "INSERT INTO tickets VALUES (%d, 'K-%d', 'retur', '2026-04-02');", 2*i+k, i)
		}
		for k := range 3 {
			fmt.Fprintf(&desk, "INSERT INTO messages VALUES (%d, %d, 'retur', '2026-04-03');", 3*i+k, 2*i+k%2)
		}
	}
	for name, script := range map[string]string{"crm": crm.String(), "desk": desk.String()} {
		_, err := p.beside[name].Exec(script)
		p.must(err)
	}
}

// crmRows gives what makes one person's rows.
func crmRows(i int) []string {
	return []string{
		fmt.Sprintf("INSERT INTO customers VALUES (%[1]d, 'K-%[1]d', '%[2]s', 'Kari %[1]d', '2026-03-01')", i, personAt(i)),
		fmt.Sprintf("INSERT INTO subscribers VALUES (%[1]d, %[1]d, 'ja %[1]d')", i),
		fmt.Sprintf("INSERT INTO invoices VALUES (%[1]d, %[1]d, 100, '2026-03-01')", i),
	}
}

func personAt(i int) string { return fmt.Sprintf("kari%d@example.net", i) }

var phaseTables = map[string][]string{"crm": {"customers", "subscribers", "invoices"}, "desk": {"profiles", "tickets", "messages"}}

// hold gives every row of both systems, by table and id.
func (p *phases) hold() rows {
	p.t.Helper()
	out := rows{}
	for name, tables := range phaseTables {
		for _, table := range tables {
			all := map[int64]string{}
			list, err := p.beside[name].Query("SELECT * FROM " + table)
			p.must(err)
			columns, err := list.Columns()
			p.must(err)
			for list.Next() {
				values, at := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					at[i] = &values[i]
				}
				p.must(list.Scan(at...))
				all[values[0].(int64)] = fmt.Sprintf("%#v", values)
			}
			p.must(list.Err())
			list.Close()
			out[name+"."+table] = all
		}
	}
	return out
}

// approved brings the next person's erasure to where its execution may begin.
func (p *phases) approved() (person int, id string) {
	p.t.Helper()
	p.people++
	id = p.reachReview(dsr.Erasure, personAt(p.people))
	p.approve(id)
	p.state(id, dsr.Approved)
	return p.people, id
}

// phase is a place in an execution, by the calls that one without a fault makes.
type phase struct {
	name   string
	source string
	at     int
	after  bool
	lost   bool // the commit is done and its answer does not arrive
	locked bool // rows are held
	check  bool // everything is committed and noted
}

// phasesOf finds the phases in the calls of an execution in which nothing went wrong.
func phasesOf(t *testing.T, calls []string, order []string) []phase {
	t.Helper()
	find := func(from int, call string) int {
		i := slices.Index(calls[from:], call)
		if i < 0 {
			t.Fatalf("no %q among %v", call, calls)
		}
		return from + i
	}
	var out []phase
	end := 0
	for _, s := range order {
		begin := find(end, s+" begin")
		end = find(begin, s+" commit")
		out = append(out,
			phase{name: "before it begins", source: s, at: begin},
			phase{name: "rows locked", source: s, at: find(begin, s+" write"), locked: true},
			phase{name: "rows written", source: s, at: end, locked: true},
			phase{name: "commit without an answer", source: s, at: end, lost: true},
			phase{name: "committed, not noted", source: s, at: end, after: true})
	}
	first := slices.IndexFunc(calls[end:], func(c string) bool { return strings.HasSuffix(c, " snapshot") }) + end
	word := func(i int) string { name, _, _ := strings.Cut(calls[i], " "); return name }
	last := len(calls) - 1
	if first <= end || !strings.HasSuffix(calls[last], " close") {
		t.Fatalf("the check afterwards is not among %v", calls)
	}
	middle := (first + last) / 2
	return append(out,
		phase{name: "before the check", check: true, source: word(first), at: first},
		phase{name: "during the check", check: true, source: word(middle), at: middle},
		phase{name: "checked, not written down", check: true, source: word(last), at: last, after: true})
}

// TestFaultAtEachPhaseOfAnErasure: an erasure over two systems is stopped at each of its phases by
// each fault, and in the end it is done whole and once, or it waits for a person who can see why.
// The office on one portal database writes its PostgreSQL system first, the other its SQLite.
func TestFaultAtEachPhaseOfAnErasure(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		p := newPhases(t, b, map[migrations.Dialect]string{migrations.SQLite: "postgres", migrations.Postgres: "sqlite"}[b.Dialect])
		p.populate(50)
		calls, order := p.undisturbed()
		list := phasesOf(t, calls, order)
		for _, m := range p.mishaps() {
			for _, at := range list {
				if m.knows == nil || m.knows(at) {
					p.one(m, at)
				}
			}
		}
		p.changedBetween(list, order[1])
		t.Logf("written in the order %v, where %s is the SQLite database\n%s", order, p.sqlite, p.table.String())
	})
}

// undisturbed carries out one plan and gives the calls that it makes.
func (p *phases) undisturbed() (calls, order []string) {
	p.t.Helper()
	before := p.hold()
	person, id := p.approved()
	p.tap.set(-1, false, nil)
	p.work()
	calls, _ = p.tap.clear()
	p.whole(id, person, before, nil)
	c, err := p.works.Open(p.t.Context(), job.Job{})
	p.must(err)
	defer c.Close()
	return calls, engine.Order(c.Sources)
}

// mishap is something that stops an execution.
type mishap struct {
	name  string
	knows func(at phase) bool // nil: it can happen in every phase
	stop  func(id string, at phase)
	twice []string // systems that have to be written once more
}

func (p *phases) mishaps() []mishap {
	// A SQLite database has no moment between the commit and its answer.
	answers := func(at phase) bool { return !at.lost || at.source != p.sqlite }
	// What the PostgreSQL server was not asked for while it was away, it did not lose.
	asked := func(at phase) bool { return at.source != p.sqlite || at.check }
	// Who holds rows keeps others from them: nobody can do the work meanwhile.
	free := func(at phase) bool { return !at.locked && !at.lost }
	done := func(at phase) bool { return at.name == "before the check" }
	return []mishap{
		{"killed process", answers, p.killed, nil}, {"cut connection", nil, p.cut, nil}, {"power cut", asked, p.powerCut, nil},
		{"stalled worker", free, p.stalled, nil}, {"backup put back", done, p.putBack, []string{"crm"}},
	}
}

// killed: the process that carries out the plan is killed; the next one finds its lease run out.
func (p *phases) killed(_ string, at phase) {
	p.t.Helper()
	d := dying{URL: p.b.URL, KeyFile: p.b.KeyFile, Blobs: p.blobDir, TempDir: p.t.TempDir(), Now: p.b.Clock.Now(), Systems: p.systems, At: at.at, After: at.after}
	if at.lost {
		d.At = -1
	}
	text, err := json.Marshal(d)
	p.must(err)
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), dyingEnv+"="+string(text))
	var said bytes.Buffer
	c.Stderr = &said
	if at.lost {
		p.wire.LoseAnswer(func() { _ = c.Process.Kill() })
	}
	err = c.Run()
	if c.ProcessState == nil || c.ProcessState.String() != "signal: killed" {
		p.t.Fatalf("%s: %v %s", at.name, err, said.Bytes())
	}
	p.wire.Heal()
}

// cut: the connection to the system is cut, or the system answers nothing any more.
func (p *phases) cut(_ string, at phase) {
	p.t.Helper()
	strike := func() error {
		switch {
		case at.source == p.sqlite:
			return p.tap.leave(at.source)
		case at.lost:
			p.wire.LoseAnswer(p.wire.Cut)
		default:
			p.wire.Cut()
		}
		return nil
	}
	p.struck(at, at.after || at.lost && at.source == p.sqlite, strike)
	p.wire.Heal()
}

// powerCut: the PostgreSQL server loses its power, in whatever it does at the time.
func (p *phases) powerCut(_ string, at phase) {
	p.t.Helper()
	p.struck(at, at.after, func() error {
		if at.lost {
			p.wire.LoseAnswer(p.cluster.Cut)
		} else {
			p.cluster.Cut()
		}
		return nil
	})
	p.wire.Heal()
	p.cluster.Start(p.t)
	for _, y := range p.systems {
		p.reach(y.Name)
	}
}

// struck lets the jobs run with a tap that strikes, until they wait for something.
func (p *phases) struck(at phase, after bool, strike func() error) {
	p.t.Helper()
	p.tap.set(at.at, after, strike)
	p.work()
	if _, struck := p.tap.clear(); !struck {
		p.t.Fatalf("nothing struck at %q", at.name)
	}
}

// stalled: the worker stands still until its lease has run out and another has done everything, and
// then goes on as if nothing had been.
func (p *phases) stalled(id string, at phase) {
	p.t.Helper()
	j, err := p.b.Store.Queue().Claim(p.t.Context(), "stalled", []string{fulfilment.JobExecute}, time.Minute)
	p.must(err)
	still, on := make(chan struct{}), make(chan struct{})
	p.tap.set(at.at, at.after, func() error { close(still); <-on; return nil })
	var all sync.WaitGroup
	var result error
	all.Go(func() {
		result = p.works.Work()[fulfilment.JobExecute].Handle(context.WithoutCancel(p.t.Context()), *j)
	})
	<-still
	p.b.Clock.Advance(2 * time.Minute)
	p.work()
	p.state(id, dsr.Answered)
	close(on)
	all.Wait()
	p.tap.clear()
	if result == nil {
		p.t.Errorf("%s: the worker that stood still believes that it has done the work", at.name)
	}
}

// putBack: a system is again as it was before it was written.
func (p *phases) putBack(_ string, at phase) {
	p.t.Helper()
	p.struck(at, false, func() error {
		gone := []string{fmt.Sprintf("DELETE FROM invoices WHERE id = %d", p.people), fmt.Sprintf("DELETE FROM customers WHERE id = %d", p.people)}
		_, err := p.beside["crm"].Exec(strings.Join(append(gone, crmRows(p.people)...), ";"))
		return err
	})
}

// one stops one execution and looks at how it ends.
func (p *phases) one(m mishap, at phase) {
	p.t.Helper()
	before := p.hold()
	person, id := p.approved()
	failed := p.t.Failed()
	defer func() {
		if p.t.Failed() && !failed {
			p.t.Logf("that was: %s, %s, %s", m.name, at.source, at.name)
		}
	}()
	m.stop(id, at)
	state, noted := p.request(id).P.State, p.noted(id)
	runs, humans := 0, []string{}
	for range 6 {
		r := p.request(id)
		if r.P.State == dsr.Answered {
			break
		}
		if r.P.State == dsr.NeedsHuman {
			humans = append(humans, r.NeedsHuman)
			p.visible(r)
			p.must(p.desk.Resume(p.t.Context(), casework.By{ID: p.first.ID, Name: p.first.Name, Roles: []staff.Role{staff.PrivacyOfficer}}, id))
		}
		p.b.Clock.Advance(15 * time.Minute)
		p.work()
		runs++
	}
	p.whole(id, person, before, m.twice)
	fmt.Fprintf(&p.table, "%-14s  %-4s  %-26s  then %-9s  %-32s  done after %d more runs, people called: %v\n", m.name, at.source, at.name, state, strings.Join(noted, ", "), runs, humans)
}

// visible: who comes to a case that stopped is told why.
func (p *phases) visible(r *store.Request) {
	p.t.Helper()
	if r.NeedsHuman == "" || p.b.Count(p.t, "SELECT count(*) FROM job WHERE kind = 'mail_office' AND object = $1", string(mail.StaffNeedsHuman)+":"+r.PublicID) == 0 {
		p.t.Errorf("a case stopped for a person whom nobody called: %q", r.NeedsHuman)
	}
}

// noted gives what the portal knows of the execution of each system.
func (p *phases) noted(id string) []string {
	p.t.Helper()
	var out []string
	list, err := p.b.SQL(p.t).Query(`SELECT x.source, x.state, x.deleted, x.changed FROM execution x JOIN plan p ON p.id = x.plan_id
		JOIN request r ON r.id = p.request_id WHERE r.public_id = $1 ORDER BY x.source`, id)
	p.must(err)
	defer list.Close()
	for list.Next() {
		var name, state string
		var deleted, changed int
		p.must(list.Scan(&name, &state, &deleted, &changed))
		out = append(out, fmt.Sprintf("%s %s %d %d", name, state, deleted, changed))
	}
	p.must(list.Err())
	return out
}

// whole: the plan was carried out whole and once, the person is told what was done, and nothing else
// was touched.
func (p *phases) whole(id string, person int, before rows, twice []string) {
	p.t.Helper()
	p.state(id, dsr.Answered)
	after := p.hold()
	gone, changed := difference(before, after)
	if diff := cmp.Diff(planGone, gone) + cmp.Diff(planChanged, changed); diff != "" {
		p.t.Errorf("not what the plan says (-planned +done):\n%s", diff)
	}
	mine := map[string]func(id int64) bool{
		"crm.customers": func(i int64) bool { return i == int64(person) }, "crm.subscribers": func(i int64) bool { return i == int64(person) },
		"desk.profiles": func(i int64) bool { return i == int64(person) }, "desk.tickets": func(i int64) bool { return i/2 == int64(person) },
		"desk.messages": func(i int64) bool { return i/3 == int64(person) },
	}
	for table, all := range before {
		maps.DeleteFunc(all, func(i int64, row string) bool { return row == after[table][i] || mine[table] != nil && mine[table](i) })
		if len(all) > 0 {
			p.t.Errorf("%s: rows of others were touched: %v", table, all)
		}
	}
	a := p.answer(id)
	if counted(a, "deleted") != total(planGone) || counted(a, "anonymised") != total(planChanged) || counted(a, "kept") != 1 {
		p.t.Errorf("the person is told of %d deleted, %d anonymised, %d kept", counted(a, "deleted"), counted(a, "anonymised"), counted(a, "kept"))
	}
	if diff := cmp.Diff(planDone, p.noted(id)); diff != "" {
		p.t.Errorf("what the portal notes (-want +got):\n%s", diff)
	}
	times := map[dsr.EventKind]int{}
	for _, e := range p.request(id).Events {
		times[e.Kind]++
	}
	if times[dsr.EventExecutionStarted] != 1 || times[dsr.EventExecuted] != 1 || times[dsr.EventAnswered] != 1 || times[dsr.EventDrifted] != 0 {
		p.t.Errorf("events: %v", times)
	}
	if n := p.leaves(id, "source_executed"); n != len(p.systems)+len(twice) {
		p.t.Errorf("%d leaves say that a system was written, want one for each of %d and %d more", n, len(p.systems), len(twice))
	}
	p.tx(func(tx *store.Tx) error {
		for name, want := range map[string]int64{"crm": 2, "desk": 6} {
			n := int64(0)
			p.must(tx.EachErased(name, func(engine.Erased) error { n++; return nil }))
			p.ledger[name], n = n, n-p.ledger[name]
			if slices.Contains(twice, name) {
				want *= 2
			}
			if n != want {
				p.t.Errorf("the ledger holds %d rows of %s, want %d", n, name, want)
			}
		}
		return nil
	})
}

// leaves counts the entries of the audit log that a case has of one action.
func (p *phases) leaves(id, action string) int {
	p.t.Helper()
	list, err := p.b.SQL(p.t).Query("SELECT l.leaf FROM audit_leaf l JOIN request r ON r.id = l.request_id WHERE r.public_id = $1", id)
	p.must(err)
	defer list.Close()
	n := 0
	for list.Next() {
		var data []byte
		p.must(list.Scan(&data))
		l, err := audit.ParseLeaf(data)
		p.must(err)
		if l.Action == action {
			n++
		}
	}
	p.must(list.Err())
	return n
}

// changedBetween: when one system is done and a row of the next is not as it was approved, the office
// looks again, and the person is told of what was done before as well.
func (p *phases) changedBetween(list []phase, second string) {
	p.t.Helper()
	at := list[slices.IndexFunc(list, func(x phase) bool { return x.source == second && x.name == "before it begins" })]
	before := p.hold()
	_, id := p.approved()
	p.struck(at, false, func() error {
		_, err := p.beside["crm"].Exec("UPDATE customers SET name = 'Kari Ny' WHERE id = $1", p.people)
		return err
	})
	p.state(id, dsr.Review)
	p.settle(id, "keep")
	p.approve(id)
	p.work()
	p.state(id, dsr.Answered)
	gone, changed := difference(before, p.hold())
	if diff := cmp.Diff(planGone, gone) + cmp.Diff(planChanged, changed); diff != "" {
		p.t.Errorf("not what the plans say (-planned +done):\n%s", diff)
	}
	if a := p.answer(id); counted(a, "deleted") != total(gone) || counted(a, "anonymised") != total(changed) {
		p.t.Errorf("gone %v, changed %v; the person is told of %d deleted, %d anonymised", gone, changed, counted(a, "deleted"), counted(a, "anonymised"))
	}
}

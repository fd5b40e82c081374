package fulfilment_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/blob"
	"mininfo/internal/dataset"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// office is a portal with the demo company's systems connected, and two members.
type office struct {
	t          *testing.T
	b          *portaltest.Bundle
	works      *fulfilment.Works
	blobs      blob.Store
	dir        string
	controller int64
	first      fulfilment.By
	second     fulfilment.By

	mu     sync.Mutex
	down   map[string]bool
	manual []fulfilment.Place
	bare   bool                     // no systems connected
	apart  string                   // the system that is not connected any more
	more   map[string]string        // further systems, by name: the DSN
	edit   func(file []byte) []byte // what the office's own datasets say instead
	asks   dsr.EventData            // as what requests are filed; the zero value is the person for themselves
	speaks locale.Locale            // the language that requests are filed in; empty: bokmål
}

var company struct {
	once sync.Once
	dir  string
	err  error
}

// companyDir makes the demo company once for the process.
func companyDir(t *testing.T) string {
	t.Helper()
	company.once.Do(func() {
		company.dir, company.err = os.MkdirTemp("", "fulfilment-company-*")
		if company.err == nil {
			company.err = demo.Generate(context.Background(), demo.Options{Seed: demo.DefaultSeed, Now: portaltest.Start, Dir: company.dir})
		}
	})
	if company.err != nil {
		t.Fatal(company.err)
	}
	return company.dir
}

func TestMain(m *testing.M) {
	dieIfAsked()
	code := m.Run()
	if company.dir != "" {
		_ = os.RemoveAll(company.dir)
	}
	os.Exit(code)
}

func newOffice(t *testing.T, b *portaltest.Bundle) *office {
	t.Helper()
	return officeWith(t, b, string(demo.Register()))
}

// officeWith is an office with another register than the demo company's.
func officeWith(t *testing.T, b *portaltest.Bundle, register string) *office {
	t.Helper()
	o := &office{t: t, b: b, dir: t.TempDir(), down: map[string]bool{}}
	from := companyDir(t)
	for _, s := range demo.Sources {
		data, err := os.ReadFile(demo.Path(from, s))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(demo.Path(o.dir, s), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	disk, err := blob.OpenDisk(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disk.Close() })
	o.blobs = disk
	o.works = &fulfilment.Works{Store: b.Store, Blobs: disk, Ring: b.Ring, Sender: b.Letters, Now: b.Clock.Now, Rand: rand.Reader,
		PublicURL: portaltest.PublicURL, Logger: slog.New(slog.DiscardHandler), TempDir: t.TempDir(), Open: o.open}
	o.tx(func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		o.controller = c.ID
		if _, err := tx.AddVersion(c.ID, store.VersionSettings, 0, `{"name":"Fjordlys AS","email":"personvern@fjordlys.example","postal_address":"Storgata 1","cooling_off_hours":0,"lifting_days":0}`, "test"); err != nil {
			return err
		}
		if _, err := tx.AddVersion(c.ID, store.VersionRegister, 0, register, "test"); err != nil {
			return err
		}
		o.first, err = o.member(tx, "Ola Officer", "ola@fjordlys.example")
		if err != nil {
			return err
		}
		o.second, err = o.member(tx, "Anne Approver", "anne@fjordlys.example")
		return err
	})
	return o
}

func (o *office) member(tx *store.Tx, name, address string) (fulfilment.By, error) {
	m, err := tx.AddMember(o.controller, store.Member{Name: keyring.NewPrivate(name), Email: keyring.NewPrivate(address),
		Roles: []staff.Role{staff.PrivacyOfficer}}, address, store.Credentials{PasswordHash: "x", TOTP: keyring.NewPrivate("JBSWY3DPEHPK3PXP")})
	if err != nil {
		return fulfilment.By{}, err
	}
	return fulfilment.By{ID: m.ID, Name: name, Roles: m.Roles, Session: strings.Repeat("a", 32), ProvedAt: tx.Now, Fresh: true}, nil
}

func (o *office) tx(fn func(*store.Tx) error) {
	o.t.Helper()
	if err := o.b.Store.InTx(o.t.Context(), fn); err != nil {
		o.t.Fatal(err)
	}
}

// open connects the systems anew, as the portal does for every job.
func (o *office) open(ctx context.Context, _ job.Job) (*fulfilment.Connections, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := &fulfilment.Connections{Manual: o.manual}
	if o.bare {
		return c, nil
	}
	var opened []source.Source
	c.Close = func() {
		for _, s := range opened {
			_ = s.Close()
		}
	}
	for _, name := range demo.Sources {
		if name == o.apart {
			continue
		}
		s, err := kinds.Open(ctx, source.Config{Name: name, DSN: source.NewSecret(demo.SQLiteDSN(o.dir, name))})
		if err != nil {
			return nil, err
		}
		opened = append(opened, s)
		file, err := demo.Dataset(name, demo.Options{Dir: o.dir})
		if err != nil {
			return nil, err
		}
		if o.edit != nil {
			file = o.edit(file)
		}
		sets, problems := dataset.Read(name+".yaml", file)
		if err := problems.Err(); err != nil {
			return nil, err
		}
		if o.down[name] {
			s = down{s}
		}
		c.Sources = append(c.Sources, engine.Connected{Source: s, Datasets: sets})
	}
	for name, dsn := range o.more {
		s, err := kinds.Open(ctx, source.Config{Name: name, DSN: source.NewSecret(dsn)})
		if err != nil {
			return nil, err
		}
		opened = append(opened, s)
		described, err := describe(ctx, s, name)
		if err != nil {
			return nil, err
		}
		sets, problems := dataset.Read(name+".yaml", described)
		if err := problems.Err(); err != nil {
			return nil, err
		}
		c.Sources = append(c.Sources, engine.Connected{Source: s, Datasets: sets})
	}
	return c, nil
}

// describe gives what a system says of itself, or what the portal proposes for a list of recipients.
func describe(ctx context.Context, s source.Source, name string) ([]byte, error) {
	if own, ok := s.(source.Describer); ok {
		return own.Describe(source.NamingOf(name)), nil
	}
	p, err := scan.Propose(ctx, s, scan.Options{Key: name, Name: name, Activity: "newsletter", Unknown: "user"})
	if err != nil {
		return nil, err
	}
	return p.YAML(locale.NB), nil
}

// down is a source that does not answer.
type down struct{ source.Source }

func (d down) Inspect(context.Context) (*source.Schema, error) { return nil, d.err() }

func (d down) Snapshot(context.Context) (source.Snapshot, error) { return nil, d.err() }

func (d down) Begin(context.Context) (source.Change, error) { return nil, d.err() }

func (d down) err() error { return &source.Error{Source: d.Name(), Code: source.Unreachable} }

// breaks makes a source stop answering, or answer again.
func (o *office) breaks(name string, down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down[name] = down
}

// file files a request of somebody who proved an address.
func (o *office) file(right dsr.Right, address string, detail store.Detail) string {
	o.t.Helper()
	id := ""
	o.tx(func(tx *store.Tx) error {
		r, err := o.open2(tx, right, address, detail, "")
		if err == nil {
			id = r.PublicID
		}
		return err
	})
	return id
}

// fileWith files a request and goes on with it in the same transaction, before it is searched for.
func (o *office) fileWith(right dsr.Right, then func(*store.Tx, *store.Request) error) string {
	o.t.Helper()
	id := ""
	o.tx(func(tx *store.Tx) error {
		r, err := o.open2(tx, right, demo.MostData.Email, store.Detail{}, "")
		if err != nil {
			return err
		}
		id = r.PublicID
		if err := then(tx, r); err != nil {
			return err
		}
		return tx.Enqueue(job.Spec{Kind: fulfilment.JobCollect, Key: "collect/" + r.PublicID, Object: r.PublicID})
	})
	return id
}

func (o *office) open2(tx *store.Tx, right dsr.Right, address string, detail store.Detail, linked string) (*store.Request, error) {
	a, err := dsr.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	ref, err := dsr.NewReference(rand.Reader, 2026)
	if err != nil {
		return nil, err
	}
	r, err := tx.OpenRequest(store.NewRequest{Controller: o.controller, Reference: ref, Linked: linked, Right: right, Channel: dsr.Web, Locale: cmp.Or(o.speaks, locale.NB),
		Delivery: store.DeliveryPortal, Address: &a, Detail: detail, ReceivedAt: tx.Now, RegisterVersion: 1, CalendarVersion: dsr.CalendarVersion,
		Actor: dsr.Actor{Kind: dsr.Person}, Received: dsr.EventData{Zone: "Europe/Oslo", Standing: o.asks.Standing, ChildAge: o.asks.ChildAge}})
	if err != nil || o.asks.Standing == dsr.AsCompany {
		return r, err
	}
	proved := dsr.Event{Kind: dsr.EventVerified, Actor: dsr.Actor{Kind: dsr.Person}, Data: dsr.EventData{Code: "mailbox"}}
	if err := tx.Act(r, proved, store.Change{Columns: map[string]any{"verified_method": "mailbox"}}); err != nil {
		return nil, err
	}
	if err := tx.AddIdentifier(r, "email", keyring.NewPrivate(a.Canonical), store.Verified, "mailbox"); err != nil {
		return nil, err
	}
	return r, tx.Enqueue(job.Spec{Kind: fulfilment.JobCollect, Key: "collect/" + r.PublicID, Object: r.PublicID})
}

// work works all jobs that are ready.
func (o *office) work() { o.t.Helper(); o.b.RunJobs(o.t, o.works.Work()) }

func (o *office) request(id string) *store.Request {
	o.t.Helper()
	var r *store.Request
	o.tx(func(tx *store.Tx) (err error) {
		r, err = tx.ReadRequest(id)
		return err
	})
	return r
}

func (o *office) state(id string, want dsr.State) {
	o.t.Helper()
	if got := o.request(id).P.State; got != want {
		o.t.Fatalf("the case is %s, want %s", got, want)
	}
}

func (o *office) view(id string) fulfilment.WorkView {
	o.t.Helper()
	v, err := o.works.View(o.t.Context(), o.first, id, locale.NB)
	if err != nil {
		o.t.Fatal(err)
	}
	return v
}

// person is what the person reads of how their case is carried out, in the transaction that reads the case.
func (o *office) person(id string, l locale.Locale) (v fulfilment.PersonView) {
	o.t.Helper()
	_, err := o.desk().Own(o.t.Context(), o.request(id).AddressIndex, id, l, func(tx *store.Tx, r *store.Request) (err error) {
		v, err = o.works.ForPerson(tx, r, l)
		return err
	})
	o.must(err)
	return v
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// is checks that an error is a fault, and which.
func (o *office) is(got, want error) {
	o.t.Helper()
	if !errors.Is(got, want) {
		o.t.Fatalf("got %v, want %v", got, want)
	}
}

// settle looks at everything that needs a look: what is proposed is confirmed, what is open gets
// the careful answer.
func (o *office) settle(id string, careful string) {
	o.t.Helper()
	var decisions []fulfilment.GroupDecision
	for _, g := range o.view(id).Groups {
		if !g.NeedsLook || g.Confirmed {
			continue
		}
		d := fulfilment.GroupDecision{Group: g.ID, Action: g.Proposal.Action, Ground: "art_15_4"}
		if d.Action == "review" {
			d.Action = careful
			if g.Candidate {
				d.Action = g.Options[0].Action
			}
		}
		decisions = append(decisions, d)
	}
	if len(decisions) > 0 {
		o.must(o.works.Decide(o.t.Context(), o.first, id, decisions))
	}
	o.work()
}

func (o *office) approve(id string) {
	o.t.Helper()
	by := o.first
	if v := o.view(id); o.request(id).Right.Removes() || v.Plan != nil && v.Plan.Special {
		o.must(o.works.Plan(o.t.Context(), o.first, id))
		by = o.second
	}
	v := o.view(id)
	if v.Plan == nil {
		o.t.Fatal("there is no plan")
	}
	if len(v.Plan.Problems) > 0 {
		o.t.Logf("problems: %v", v.Plan.Problems)
	}
	o.must(o.works.Approve(o.t.Context(), by, id, v.Plan.Digest, false))
}

func (o *office) answer(id string) store.Answer {
	o.t.Helper()
	var a store.Answer
	body := o.request(id).Answer
	if len(body) == 0 {
		o.t.Fatal("nothing was answered")
	}
	o.must(json.Unmarshal(body, &a))
	return a
}

// sql opens a system of the company past the portal.
func (o *office) sql(name string) *sql.DB {
	o.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+demo.Path(o.dir, name)+"?_pragma=busy_timeout(10000)")
	o.must(err)
	o.t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	return db
}

// rows is a whole company: table → rowid → all values, read by nothing of the product.
type rows map[string]map[int64]string

func (o *office) dump() rows {
	o.t.Helper()
	out := rows{}
	for _, name := range demo.Sources {
		db := o.sql(name)
		tables := o.strings(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
		for _, table := range tables {
			out[name+"."+table] = o.table(db, table)
		}
		db.Close()
	}
	return out
}

func (o *office) strings(db *sql.DB, query string) []string {
	o.t.Helper()
	result, err := db.Query(query)
	o.must(err)
	defer result.Close()
	var out []string
	for result.Next() {
		var s string
		o.must(result.Scan(&s))
		out = append(out, s)
	}
	o.must(result.Err())
	return out
}

func (o *office) table(db *sql.DB, table string) map[int64]string {
	o.t.Helper()
	result, err := db.Query("SELECT rowid, * FROM " + table)
	o.must(err)
	defer result.Close()
	columns, err := result.Columns()
	o.must(err)
	out := map[int64]string{}
	values, at := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		at[i] = &values[i]
	}
	var line []byte
	for result.Next() {
		o.must(result.Scan(at...))
		line = line[:0]
		for _, v := range values[1:] {
			line = appendValue(line, v)
		}
		sum := sha256.Sum256(line)
		out[values[0].(int64)] = hex.EncodeToString(sum[:])
	}
	o.must(result.Err())
	return out
}

// appendValue writes a value with its type, so that two rows look alike only if they are.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		b = append(strconv.AppendInt(append(b, 's'), int64(len(v)), 10), ':')
		return append(b, v...)
	case []byte:
		b = append(strconv.AppendInt(append(b, 'b'), int64(len(v)), 10), ':')
		return append(b, v...)
	case int64:
		return append(strconv.AppendInt(append(b, 'i'), v, 10), ';')
	}
	return fmt.Appendf(b, "%T=%v;", v, v)
}

// difference counts, for each table, the rows that are gone and those that say something else.
func difference(before, after rows) (gone, changed map[string]int) {
	gone, changed = map[string]int{}, map[string]int{}
	for table, old := range before {
		for id, hash := range old {
			now, there := after[table][id]
			switch {
			case !there:
				gone[table]++
			case now != hash:
				changed[table]++
			}
		}
		for id := range after[table] {
			if _, there := old[id]; !there {
				changed["new row in "+table]++
			}
		}
	}
	return gone, changed
}

func total(m map[string]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

func counted(a store.Answer, action string) int {
	n := 0
	for _, g := range a.Groups {
		if g.Action == action {
			n += int(g.Count)
		}
	}
	return n
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

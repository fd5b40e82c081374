package fulfilment_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/store"
)

// One company keeps its customers in PostgreSQL, the course list of each in a CSV file under the
// customer number, and its letters in a mailbox under the address that the customer gave for work.
// Kari proved her private address, which stands in PostgreSQL and in one of her two lines of the list.
const (
	kariPrivate = "kari@privat.example"

	kindsScript = `
		CREATE TABLE customers (id INTEGER PRIMARY KEY, customer_no TEXT, email TEXT, work_email TEXT, last_name TEXT, last_order TEXT);
		CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), amount INTEGER, issued TEXT);
		INSERT INTO customers VALUES (1, 'K-1', 'kari@privat.example', 'kari@jobb.example', 'Nordmann', '2021-03-01'),
			(2, 'K-2', 'ola@privat.example', 'ola@jobb.example', 'Hansen', '2021-03-01');
		INSERT INTO invoices VALUES (1, 1, 58204711, '2026-03-01'), (2, 2, 58204712, '2026-03-01');`
	kindsDataset = `
dataset:
- fides_key: crm
  collections:
  - name: customers
    mininfo: {activity: customers, retention_from: last_order}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_no, data_categories: [user.unique_id], fides_meta: {data_type: string, length: 40, masking_strategy_override: {strategy: random_string_rewrite, configuration: {length: 12}}}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: work_email, data_categories: [user.contact.email], fides_meta: {data_type: string}}
    - {name: last_name, description: Etternavn, data_categories: [user.name.last], fides_meta: {data_type: string}}
    - {name: last_order, data_categories: [user.behavior.purchase_history]}
  - name: invoices
    fides_meta: {masking_strategy_override: {strategy: delete}}
    mininfo: {activity: invoices, retention_from: issued}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: customer_id, fides_meta: {references: [{dataset: crm, field: customers.id, direction: from}]}}
    - {name: amount, data_categories: [user.financial]}
    - {name: issued, data_categories: [user.financial]}
`
	courseList = "Kundenr;Epost;Etternavn;Kurs;Dato\r\n" +
		"K-2;ola@privat.example;Hansen;Fluebinding;1.2.2021\r\n" +
		"K-1;Kari@Privat.example;Nordmann;Fluebinding;1.2.2021\r\n" +
		"K-1;;Nordmann;\"Kast; videre\";2.3.2021\r\n" +
		"K-3;;Nordmann;Fluebinding;1.2.2021\r\n"
	courseDataset = `
dataset:
- fides_key: courses
  collections:
  - name: rows
    fides_meta: {masking_strategy_override: {strategy: delete}}
    mininfo: {activity: customers, retention_from: Dato}
    fields:
    - {name: Kundenr, data_categories: [user.unique_id], fides_meta: {references: [{dataset: crm, field: customers.customer_no, direction: from}]}}
    - {name: Epost, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: Etternavn, description: Etternavn, data_categories: [user.name.last], fides_meta: {data_type: string}}
    - {name: Kurs, data_categories: [user.financial]}
    - {name: Dato, data_categories: [user.financial]}
`
	kariWrote = "From: kari@jobb.example\nTo: post@firma.example\nSubject: Fluene\nContent-Type: text/plain\n\nHar dere fluene mine?\n"
	kariGot   = "From: post@firma.example\nTo: kari@jobb.example\nSubject: SV: Fluene\nContent-Type: text/plain\n\nDe ligger her.\n"
	olaWrote  = "From: ola@jobb.example\nTo: post@firma.example\nSubject: Stanga\nContent-Type: text/plain\n\nHar dere stanga mi?\n"
)

// threeKinds is an office whose systems are of three kinds.
type threeKinds struct {
	*office
	db   *sql.DB
	path string
	box  *portaltest.Mailbox
}

func newThreeKinds(t *testing.T, b *portaltest.Bundle) *threeKinds {
	t.Helper()
	k := &threeKinds{office: newOffice(t, b), path: filepath.Join(t.TempDir(), "kurs.csv"), box: portaltest.Dovecot(t)}
	dsn := portaltest.Postgres(t)
	var err error
	k.db, err = sql.Open("pgx", dsn+"&default_query_exec_mode=exec")
	k.must(err)
	t.Cleanup(func() { k.db.Close() })
	_, err = k.db.Exec(kindsScript)
	k.must(err)
	k.must(os.WriteFile(k.path, []byte(courseList), 0o600))
	k.box.Deliver(t, "INBOX", olaWrote, kariWrote)
	k.box.Deliver(t, "Sendt", kariGot)
	systems := []system{{"crm", dsn, kindsDataset}, {"courses", "csv:" + k.path, courseDataset}, {"mail", k.box.DSN("?own=firma.example"), k.letters()}}
	k.works.Open = func(ctx context.Context, _ job.Job) (*fulfilment.Connections, error) {
		return openSystems(ctx, systems, nil)
	}
	return k
}

// letters gives the dataset that a mailbox brings, with the way that leads into it from the crm.
func (k *threeKinds) letters() string {
	k.t.Helper()
	s, err := kinds.Open(k.t.Context(), source.Config{Name: "mail", DSN: source.NewSecret(k.box.DSN(""))})
	k.must(err)
	defer s.Close()
	const people = `fides_meta: {identity: email, data_type: "string[]"}`
	own := string(s.(source.Describer).Describe(source.NamingOf("mail")))
	if strings.Count(own, people) != 1 {
		k.t.Fatalf("the dataset of mailboxes is another:\n%s", own)
	}
	own = strings.Replace(own, people, `fides_meta: {identity: email, data_type: "string[]", references: [{dataset: crm, field: customers.work_email, direction: from}]}`, 1)
	return strings.Replace(own, "mininfo:\n", "mininfo:\n          activity: contact_form\n", 1)
}

// holding is all that the three systems hold, byte for byte.
type holding struct {
	Customers, Invoices []string
	Courses             string
	Letters             []string
}

func (k *threeKinds) hold() holding {
	k.t.Helper()
	text, err := os.ReadFile(k.path)
	k.must(err)
	h := holding{Courses: string(text)}
	h.Customers = k.strings(k.db, "SELECT c::text FROM customers c ORDER BY id")
	h.Invoices = k.strings(k.db, "SELECT i::text FROM invoices i ORDER BY id")
	c := k.box.Client(k.t)
	for _, folder := range []string{"INBOX", "Sendt"} {
		_, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		k.must(err)
		var all imap.UIDSet
		all.AddRange(1, 0)
		whole := &imap.FetchItemBodySection{Peek: true}
		list, err := c.Fetch(all, &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
		k.must(err)
		for _, m := range list {
			// Whether a message is new since somebody last looked is no part of it.
			flags := slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return f == "\\Recent" })
			h.Letters = append(h.Letters, fmt.Sprint(folder, m.UID, flags, string(m.FindBodySection(whole))))
		}
	}
	return h
}

// TestOneCaseOverThreeKindsOfSources: access, rectification and erasure for somebody whose data lie in a
// database, a file and a mailbox, and hang together by what one of them says of the others.
func TestOneCaseOverThreeKindsOfSources(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		k := newThreeKinds(t, b)
		before := k.hold()
		k.seen(before)
		k.corrected(before)
		k.erased()
	})
}

// seen: the package holds what lies in all three, and nothing of anybody else's.
func (k *threeKinds) seen(before holding) {
	k.t.Helper()
	id := k.file(dsr.Access, kariPrivate, store.Detail{})
	k.work()
	k.settle(id, "disclose")
	k.approve(id)
	k.work()
	k.must(k.works.Answer(k.t.Context(), k.first, id, fulfilment.AnswerInput{}))
	all := allText(k.t, k.download(id))
	for _, mine := range []string{"K-1", "kari@jobb.example", "Nordmann", "58204711", "Kast; videre", "Har dere fluene mine?", "De ligger her."} {
		if !strings.Contains(all, mine) {
			k.t.Errorf("the package lacks %q", mine)
		}
	}
	for _, other := range []string{"K-2", "K-3", "ola@", "Hansen", "58204712", "stanga"} {
		if strings.Contains(all, other) {
			k.t.Errorf("the package holds %q of somebody else", other)
		}
	}
	if diff := cmp.Diff(before, k.hold()); diff != "" {
		k.t.Errorf("an access request changed the systems:\n%s", diff)
	}
}

// corrected: a name that stands in the database and in the file is put right in both.
func (k *threeKinds) corrected(before holding) {
	k.t.Helper()
	mine, err := k.works.MyFields(k.t.Context(), keyring.NewPrivate(kariPrivate), locale.NB)
	k.must(err)
	var wrong []store.Correction
	for _, f := range mine.Fields {
		if f.Label == "Etternavn" {
			c, err := k.works.OpenRef(f.Ref, k.b.Store.AddressIndex(kariPrivate))
			k.must(err)
			c.New = "Nordmo"
			wrong = append(wrong, c)
		}
	}
	if len(wrong) != 2 {
		k.t.Fatalf("the name stands in two rows with her address, shown are %d of %d fields (%s)", len(wrong), len(mine.Fields), mine.State)
	}
	id := k.file(dsr.Rectification, kariPrivate, store.Detail{Corrections: wrong})
	k.work()
	k.settle(id, "annotate")
	k.approve(id)
	k.work()
	k.done(id)
	if a := k.answer(id); counted(a, "corrected") != 2 || a.Outcome != dsr.Granted {
		k.t.Errorf("answer %+v", a)
	}
	want := before
	want.Customers = []string{strings.Replace(before.Customers[0], "Nordmann", "Nordmo", 1), before.Customers[1]}
	want.Courses = strings.Replace(courseList, "Kari@Privat.example;Nordmann", "Kari@Privat.example;Nordmo", 1)
	if diff := cmp.Diff(want, k.hold()); diff != "" {
		k.t.Errorf("corrected (-want +got):\n%s", diff)
	}
}

// erased: what is hers is gone from all three, the invoice stays until its day, and nothing else is
// touched.
func (k *threeKinds) erased() {
	k.t.Helper()
	before := k.hold()
	id := k.file(dsr.Erasure, kariPrivate, store.Detail{})
	k.work()
	k.settle(id, "erase") // the letters name others; whoever looks sees that they are hers
	k.approve(id)
	k.work()
	k.done(id)
	after := k.hold()
	left := before
	left.Customers = []string{after.Customers[0], before.Customers[1]}
	left.Courses = strings.Join(slices.DeleteFunc(strings.SplitAfter(before.Courses, "\n"), func(l string) bool { return strings.HasPrefix(l, "K-1;") }), "")
	left.Letters = slices.DeleteFunc(slices.Clone(before.Letters), func(l string) bool { return strings.Contains(l, "kari@") })
	if diff := cmp.Diff(left, after); diff != "" {
		k.t.Errorf("erased (-want +got):\n%s", diff)
	}
	for _, mine := range []string{"K-1", "kari", "Nord"} {
		if strings.Contains(after.Customers[0], mine) {
			k.t.Errorf("%q still stands in %s", mine, after.Customers[0])
		}
	}
	a := k.answer(id)
	if counted(a, "deleted") != 4 || counted(a, "anonymised") != 1 || counted(a, "kept") != 1 {
		k.t.Errorf("told: %+v", a.Groups)
	}
	// Who asks anew is told that nothing is held that leads to her.
	again := k.file(dsr.Access, kariPrivate, store.Detail{})
	k.work()
	if groups := k.view(again).Groups; len(groups) != 0 {
		k.t.Errorf("still found: %+v", groups)
	}
}

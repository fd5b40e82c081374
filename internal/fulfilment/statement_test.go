package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// annotates decides that a disputed name stays as it is, with the person's statement beside it.
func (o *office) annotates(id string) {
	o.t.Helper()
	for _, c := range o.view(id).Corrections {
		o.must(o.works.Decide(o.t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: c.Group, Action: "annotate", Reason: "Navnet er bekreftet"}}))
	}
	o.settle(id, "annotate")
	o.approve(id)
	// As if several workers had the job.
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			_ = o.works.Work()[fulfilment.JobExecute].Handle(o.t.Context(), job.Job{Kind: fulfilment.JobExecute, Object: id})
		})
	}
	wg.Wait()
	o.work()
	o.state(id, dsr.Answered)
}

// copied gives the files of a copy, one after another.
func (o *office) copied() string {
	o.t.Helper()
	id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
	o.work()
	o.settle(id, "withhold")
	o.approve(id)
	o.work()
	o.must(o.works.Answer(o.t.Context(), o.first, id, fulfilment.AnswerInput{}))
	content := o.download(id)
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	o.must(err)
	var all strings.Builder
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".html") || strings.HasSuffix(f.Name, ".json") {
			r, err := f.Open()
			o.must(err)
			_, err = io.Copy(&all, r)
			o.must(err)
			all.WriteString("\n-- " + f.Name + "\n")
		}
	}
	return all.String()
}

// What is stated beside a row whose system has no place for it is kept by the portal, sealed, shown with
// the row in each later copy, and goes when the row does.
func TestREC02StatementIsShownWithTheRow(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		const words = "Etternavn skal være «Nordmann-Test»."
		before := o.dump()
		id := o.disputed()
		o.annotates(id)
		if gone, changed := difference(before, o.dump()); total(gone)+total(changed) != 0 {
			t.Errorf("gone %v, changed %v", gone, changed)
		}
		if counted(o.answer(id), "annotated") != 1 {
			t.Errorf("answer %+v", o.answer(id))
		}
		if n := b.Count(t, "SELECT count(*) FROM statement"); n != 1 || strings.Contains(b.Dump(t, "statement", "event", "job", "audit_leaf"), "Nordmann-Test") {
			t.Fatalf("%d statements are kept, or one lies in the clear", n)
		}
		if got := o.copied(); strings.Count(got, words) < 2 {
			t.Errorf("the copy shows the statement %d times", strings.Count(got, words))
		}
		// Who prints the copy for the person, or looks it over, sees it as well.
		looked := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		if !strings.Contains(o.staffPackage(looked, "html"), words) {
			t.Error("the office's copy does not show the statement")
		}
		o.settle(looked, "withhold")
		o.approve(looked)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, looked, fulfilment.AnswerInput{}))
		erasing := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(erasing, "erase")
		o.approve(erasing)
		o.work()
		o.state(erasing, dsr.Answered)
		if n := b.Count(t, "SELECT count(*) FROM statement"); n != 0 {
			t.Errorf("%d statements outlive their row", n)
		}
	})
}

// Where the dataset names a field for it the statement is written into the system, after what stands there.
func TestREC02StatementIsWrittenIntoTheSystem(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		db := o.sql("webshop")
		defer db.Close()
		_, err := db.Exec("ALTER TABLE customers ADD COLUMN remarks TEXT")
		o.must(err)
		_, err = db.Exec("UPDATE customers SET remarks = 'God kunde'")
		o.must(err)
		mark := "restriction: {field: restricted, value: true, lifted: false}\n    fields:\n    - name: id\n      fides_meta: {primary_key: true, data_type: integer}\n    - name: customer_no"
		o.edit = func(file []byte) []byte {
			with := strings.Replace(mark, "\n    fields:", "\n      statement: remarks\n    fields:\n    - {name: remarks, description: Merknad, data_categories: [user.content]}", 1)
			return bytes.Replace(file, []byte(mark), []byte(with), 1)
		}
		before := o.dump()
		id := o.disputed()
		o.annotates(id)
		var last, remarks string
		o.must(db.QueryRow("SELECT last_name, remarks FROM customers WHERE lower(email) = lower(?)", demo.MostData.Email).Scan(&last, &remarks))
		if last == "Nordmann-Test" || !strings.HasPrefix(remarks, "God kunde\nMerknad fra personen, ") || !strings.HasSuffix(remarks, ": Etternavn skal være «Nordmann-Test».") {
			t.Errorf("the system has %q and %q", last, remarks)
		}
		if gone, changed := difference(before, o.dump()); total(gone) != 0 || total(changed) != 1 {
			t.Errorf("gone %v, changed %v", gone, changed)
		}
		if n := b.Count(t, "SELECT count(*) FROM statement"); n != 0 {
			t.Errorf("%d statements are kept twice", n)
		}
		if counted(o.answer(id), "annotated") != 1 {
			t.Errorf("answer %+v", o.answer(id))
		}
	})
}

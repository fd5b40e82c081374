package fulfilment_test

import (
	"bytes"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sqlite "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/blob"
	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// canaries stand in every field of the case, once each.
func canary(what string) string { return "kanarifugl" + what }

// TestRET01SeenToBeGone fills a case with canaries in every field, runs it to its end, purges it and looks
// at what lies on the disk: the pages of the database with their encryption taken off, free pages too, the
// write-ahead log, and the folder of files. The control is the same look before the purge: there the keys
// lie, and open every canary.
func TestRET01SeenToBeGone(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		blobs := filepath.Join(t.TempDir(), "blobs")
		disk, err := blob.OpenDisk(blobs)
		o.must(err)
		t.Cleanup(func() { disk.Close() })
		o.blobs, o.works.Blobs = disk, disk
		d := &casework.Desk{Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: o.works.Rand, Logger: o.works.Logger}
		id := o.fullOfCanaries(d)
		// Another case, which stays: its key must not go with the others.
		other := o.file(dsr.Access, demo.Subscriber.Email, store.Detail{Text: canary("annen")})
		o.work()

		keys := o.wrapped(id)
		if len(keys) < 3 {
			t.Fatalf("%d keys: core, evidence and package each have their own", len(keys))
		}
		stay := o.wrapped(other)
		o.must(b.Store.Truncate(t.Context()))
		lie := o.onDisk(blobs)
		if at := bytes.Index(lie, []byte("kanarifugl")); at >= 0 {
			t.Errorf("a canary lies on the disk in the clear: %q", lie[max(0, at-60):at+30])
		}
		// The control, with the purge switched off.
		for i, k := range append(keys, stay...) {
			if !bytes.Contains(lie, k) {
				t.Errorf("key %d is not seen: the look is blind", i)
			}
		}
		o.opens(d, id, true)
		if left := blobsOf(t, blobs, id); left == 0 {
			t.Error("no file of the case is seen: the look is blind")
		}
		o.seesFreePages()

		b.Clock.Advance(dsr.MostDays*24*time.Hour + time.Hour)
		o.must(o.works.PurgeEvidence(t.Context()))
		if left := blobsOf(t, blobs, id); left != 0 {
			t.Errorf("%d files of the case are left", left)
		}
		b.Clock.Set(portaltest.Start.AddDate(dsr.DefaultKeep().CaseYears, 0, 2))
		o.must(d.PurgeOld(t.Context()))
		lie = o.onDisk(blobs)
		lies := func(k []byte) bool { return bytes.Contains(lie, k) }
		// The server keeps a row while anybody reads an older state of the database, as its own housekeeping
		// may just do; the portal clears the table again every hour.
		for tries := 0; tries < 40 && slices.ContainsFunc(keys, lies); tries++ {
			time.Sleep(250 * time.Millisecond)
			o.must(b.Store.Truncate(t.Context()))
			lie = o.onDisk(blobs)
		}
		for i, k := range keys {
			if lies(k) {
				t.Errorf("key %d lies on the disk still", i)
			}
		}
		if bytes.Contains(lie, []byte("kanarifugl")) {
			t.Error("a canary lies on the disk in the clear")
		}
		for i, k := range stay {
			if !bytes.Contains(lie, k) {
				t.Errorf("key %d of the case that stays went with the others", i)
			}
		}
		o.opens(d, id, false)
		if o.request(other).Shredded() {
			t.Error("the case that is open was purged as well")
		}
		// What is left counts, and answers nobody (RET-01).
		page, err := d.Inbox(t.Context(), casework.By{ID: o.first.ID, Roles: o.first.Roles}, store.Filter{View: store.ViewDone, Limit: 5}, locale.NB)
		if err != nil || len(page.Cases) != 1 {
			t.Errorf("%d cases are counted as done, %v", len(page.Cases), err)
		}
		o.is(d.Reply(t.Context(), casework.By{ID: o.first.ID, Roles: o.first.Roles}, id, "svar", b.Clock.Now(), false), store.ErrShredded)
		runs := map[string]store.PurgeRun{}
		o.tx(func(tx *store.Tx) (err error) { runs, err = tx.Purges(); return err })
		if runs["evidence"].Gone != 1 || runs["package"].Gone != 1 || runs["core"].Gone != 1 {
			t.Errorf("noted: %+v", runs)
		}
	})
}

// TestRET01ChosenTimes: what was found and the copy each go when the office says so, the case when it says so,
// and what was promised to the person about the copy holds when the office changes its mind.
func TestRET01ChosenTimes(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		blobs := filepath.Join(t.TempDir(), "blobs")
		disk, err := blob.OpenDisk(blobs)
		o.must(err)
		t.Cleanup(func() { disk.Close() })
		o.blobs, o.works.Blobs = disk, disk
		d := &casework.Desk{Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: o.works.Rand, Logger: o.works.Logger}
		o.keep(dsr.Keep{EvidenceDays: 10, CopyDays: 30, CaseYears: 1})
		id := o.delivered()
		answered := b.Clock.Now()
		o.keep(dsr.Keep{EvidenceDays: 10, CopyDays: 7, CaseYears: 1})
		index := o.request(id).AddressIndex
		keys := func() (open string) {
			for _, class := range []string{store.ClassCore, store.ClassEvidence, store.ClassPackage} {
				if b.Count(t, "SELECT count(*) FROM data_key WHERE owner = $1 AND class = $2 AND wrapped IS NOT NULL", id, class) == 1 {
					open += class + " "
				}
			}
			return strings.TrimSpace(open)
		}
		for _, at := range []struct {
			when time.Time
			open string
		}{
			{answered.AddDate(0, 0, 10).Add(-time.Minute), "core evidence package"},
			{answered.AddDate(0, 0, 10).Add(time.Minute), "core package"},
			{answered.AddDate(0, 0, 30).Add(-time.Minute), "core package"},
			{answered.AddDate(0, 0, 30).Add(time.Minute), "core"},
			{answered.AddDate(1, 0, 0).Add(-time.Hour), "core"},
			{answered.AddDate(1, 0, 0).Add(time.Hour), ""},
		} {
			b.Clock.Set(at.when)
			o.must(o.works.PurgeEvidence(t.Context()))
			o.must(d.PurgeOld(t.Context()))
			if got := keys(); got != at.open {
				t.Fatalf("after %s there open %q, want %q", at.when.Sub(answered), got, at.open)
			}
			if at.open == "core package" {
				delivery, err := o.works.OpenPackage(t.Context(), index, id, 0, free)
				o.must(err)
				if n, err := io.Copy(io.Discard, delivery); err != nil || n == 0 {
					t.Errorf("of the copy %d bytes are read, %v", n, err)
				}
				o.must(delivery.Close())
			}
		}
		if left := blobsOf(t, blobs, id); left != 0 {
			t.Errorf("%d files of the case are left", left)
		}
	})
}

// TestRET01CopyErasedWhenThePersonHasIt: who says that the copy was downloaded and read has ours erased at
// once, and only a copy that was downloaded. However many say so at once, it is done once.
func TestRET01CopyErasedWhenThePersonHasIt(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		blobs := filepath.Join(t.TempDir(), "blobs")
		disk, err := blob.OpenDisk(blobs)
		o.must(err)
		t.Cleanup(func() { disk.Close() })
		o.blobs, o.works.Blobs = disk, disk
		id := o.delivered()
		index := o.request(id).AddressIndex
		o.is(o.works.EraseCopy(t.Context(), index, id), fulfilment.ErrNotFetched)
		delivery, err := o.works.OpenPackage(t.Context(), index, id, 0, free)
		o.must(err)
		o.must(delivery.Close())
		o.is(o.works.EraseCopy(t.Context(), []byte("another address"), id), store.ErrNoRequest)
		if v := o.person(id, locale.NB).Package; !v.Fetched || v.State != store.PackageReady {
			t.Errorf("%+v", v)
		}
		files := blobsOf(t, blobs, id)
		o.once("erase the copy", func() error { return o.works.EraseCopy(t.Context(), index, id) })
		if left := blobsOf(t, blobs, id); left != files-1 {
			t.Errorf("%d files were %d", left, files)
		}
		if n := b.Count(t, "SELECT count(*) FROM data_key WHERE owner = $1 AND class = 'package' AND wrapped IS NULL", id); n != 1 {
			t.Error("the key of the copy is there still")
		}
		_, err = o.works.OpenPackage(t.Context(), index, id, 0, free)
		o.is(err, fulfilment.ErrPackageGone)
		if v := o.person(id, locale.NB).Package; v.State != store.PackagePurged {
			t.Errorf("%+v", v)
		}
		said := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventCopyErased && e.Actor.Kind == dsr.Person {
				said++
			}
		}
		if said != 1 || strings.Count(b.Dump(t, "audit_leaf"), "copy_erased") != 1 {
			t.Errorf("%d events", said)
		}
	})
}

// delivered runs an access request until its copy is with the person.
func (o *office) delivered() string {
	o.t.Helper()
	id := o.reachReview(dsr.Access, demo.Subscriber.Email)
	o.approve(id)
	o.work()
	o.must(o.works.Answer(o.t.Context(), o.first, id, fulfilment.AnswerInput{}))
	o.work()
	o.state(id, dsr.Answered)
	return id
}

// keep has the office choose how long it keeps its cases.
func (o *office) keep(k dsr.Keep) {
	o.t.Helper()
	o.sets(func(s *store.Settings) { s.Keep = k })
}

// sets changes the office's settings.
func (o *office) sets(change func(*store.Settings)) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		s, base, err := tx.Settings(o.controller)
		if err != nil {
			return err
		}
		change(&s)
		body, err := json.Marshal(s)
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(o.controller, store.VersionSettings, base, string(body), "test")
		return err
	})
}

// TestRET01TheTimesAreTheDocumentedOnes: what the office is told, what the documents say and what the code does
// are one.
func TestRET01TheTimesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/retention.md")
	if err != nil {
		t.Fatal(err)
	}
	keep := dsr.DefaultKeep()
	rows := []string{
		fmt.Sprintf("| `evidence_days` | %d | %d |", dsr.LeastDays, dsr.MostDays),
		fmt.Sprintf("| `copy_days` | %d | %d |", dsr.LeastCopyDays, dsr.MostCopyDays),
		fmt.Sprintf("| `case_years` | %d | %d |", dsr.LeastCaseYears, dsr.MostCaseYears),
	}
	own := map[string]fulfilment.OwnClass{}
	for _, c := range fulfilment.Own(keep) {
		own[c.Code] = c
		rows = append(rows, fmt.Sprintf("| %s | %s |", c.Name.NB, c.Keep.NB))
	}
	for _, row := range rows {
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/retention.md lacks %q", row)
		}
	}
	for code, begin := range map[string]string{
		"evidence": fmt.Sprintf("%d dager ", keep.EvidenceDays), "package": fmt.Sprintf("%d dager ", keep.CopyDays), "core": fmt.Sprintf("%d år ", keep.CaseYears),
	} {
		if !strings.HasPrefix(own[code].Keep.NB, begin) {
			t.Errorf("%s: %q, the code keeps it %q", code, own[code].Keep.NB, begin)
		}
	}
	if keep != (dsr.Keep{EvidenceDays: 90, CopyDays: 90, CaseYears: 3}) || dsr.MostCaseYears > 5 || dsr.MostCopyDays > 90 {
		t.Error("the defaults or the limits are not the rule's")
	}
}

// fullOfCanaries makes a case with a canary in every field, and runs it to its end.
func (o *office) fullOfCanaries(d *casework.Desk) string {
	t := o.t
	t.Helper()
	o.tx(func(tx *store.Tx) error {
		s, err := tx.AddSource(store.Source{Controller: o.controller, Name: "Permen", Kind: "manual", Enabled: true}, keyring.Private{}, "test")
		o.manual = append(o.manual, fulfilment.Place{ID: s.ID, Name: "Permen", Activity: "customers"})
		return err
	})
	by := casework.By{ID: o.first.ID, Name: o.first.Name, Roles: o.first.Roles}
	cases, err := d.Register(t.Context(), by, casework.Registration{
		Rights: []string{"access"}, Channel: "letter", ReceivedAt: portaltest.Start.Add(-time.Hour), Locale: locale.NB,
		ReceivedText: canary("mottatt"), Name: canary("navn"), Email: canary("epost") + "@example.no", Phone: "912 34 567",
		CustomerNumber: canary("kundenummer"), Postal: canary("post"), Text: canary("krav"), Method: "known_facts", MethodNote: canary("identitet"),
	})
	o.must(err)
	id := cases[0].PublicID
	o.work()
	o.must(d.Message(t.Context(), by, id, canary("notat"), true, "n"))
	o.must(d.Message(t.Context(), by, id, canary("melding"), false, "m"))
	o.must(d.Reply(t.Context(), by, id, canary("svar"), d.Now(), false))
	task := o.view(id).Tasks[0].ID
	o.must(o.works.UploadTask(t.Context(), o.first, id, task, canary("filnavn")+".txt", strings.NewReader(canary("vedlegg"))))
	o.must(o.works.FinishTask(t.Context(), o.first, id, task, "found", canary("kollega")))
	o.work()
	o.settle(id, "withhold")
	o.must(o.works.Approve(t.Context(), o.second, id, o.view(id).Plan.Digest, false))
	o.work()
	o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Text: canary("ord"), OnPaper: true}))
	o.work()
	o.state(id, dsr.Answered)
	return id
}

// opens tells whether the keys that are there open the canaries.
func (o *office) opens(d *casework.Desk, id string, want bool) {
	o.t.Helper()
	v, err := d.Case(o.t.Context(), casework.By{ID: o.first.ID, Roles: o.first.Roles}, id, locale.NB, true)
	o.must(err)
	seen := fmt.Sprintf("%+v", v) + o.private(id)
	for _, what := range []string{"navn", "epost", "kundenummer", "mottatt", "post", "krav", "identitet", "notat", "melding", "svar", "ord", "filnavn"} {
		if strings.Contains(seen, canary(what)) != want {
			o.t.Errorf("%s opens: %v, want %v", what, !want, want)
		}
	}
}

// private gives what a case keeps unprintable.
func (o *office) private(id string) string {
	o.t.Helper()
	var out strings.Builder
	r := o.request(id)
	fmt.Fprintln(&out, r.Name.Reveal(), r.Address.Reveal(), r.Postal.Reveal(), r.Detail, string(r.Answer))
	o.tx(func(tx *store.Tx) error {
		said, err := tx.Messages(r, true)
		if err != nil {
			return err
		}
		for _, m := range said {
			fmt.Fprintln(&out, m.Body.Reveal())
		}
		files, err := tx.Attachments(r)
		for _, f := range files {
			fmt.Fprintln(&out, f.Name.Reveal())
		}
		return err
	})
	return out.String()
}

// wrapped gives the sealed data keys of a case, as they lie in the database.
func (o *office) wrapped(id string) [][]byte {
	o.t.Helper()
	rows, err := o.b.SQL(o.t).QueryContext(o.t.Context(), "SELECT wrapped FROM data_key WHERE owner = $1 AND wrapped IS NOT NULL", id)
	o.must(err)
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var k []byte
		o.must(rows.Scan(&k))
		out = append(out, bytes.Clone(k))
	}
	o.must(rows.Err())
	return out
}

// onDisk gives all that lies on the disk: pages, free ones and dead rows too, the write-ahead log where it is
// readable, and the folder of files.
func (o *office) onDisk(blobs string) []byte {
	o.t.Helper()
	var out bytes.Buffer
	o.must(filepath.WalkDir(blobs, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		out.WriteString(path)
		out.Write(content)
		return err
	}))
	if o.b.Dialect == migrations.SQLite {
		out.Write(o.pages(o.b.SQL(o.t)))
		if wal, err := os.ReadFile(strings.TrimPrefix(o.b.URL, "sqlite://") + "-wal"); err != nil || len(wal) != 0 {
			o.t.Errorf("the write-ahead log holds %d bytes, %v", len(wal), err)
		}
		return out.Bytes()
	}
	db := o.b.SQL(o.t)
	_, err := db.ExecContext(o.t.Context(), "CHECKPOINT")
	o.must(err)
	// Tables, what is kept aside of them, and indexes, as the server's own files have them.
	rows, err := db.QueryContext(o.t.Context(), `SELECT pg_read_binary_file(pg_relation_filepath(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN ('public', 'pg_toast') AND pg_relation_filepath(c.oid) IS NOT NULL AND c.oid >= 16384`)
	o.must(err)
	defer rows.Close()
	for rows.Next() {
		var content []byte
		o.must(rows.Scan(&content))
		out.Write(content)
	}
	o.must(rows.Err())
	return out.Bytes()
}

// pages gives the pages of a SQLite database with their encryption taken off, free ones too.
func (o *office) pages(db *sql.DB) []byte {
	o.t.Helper()
	path := filepath.Join(o.t.TempDir(), "plain.db")
	conn, err := db.Conn(o.t.Context())
	o.must(err)
	defer conn.Close()
	o.must(conn.Raw(func(c any) error { return c.(sqlite.Conn).Raw().Backup("main", "file:"+path+"?vfs=os") }))
	content, err := os.ReadFile(path)
	o.must(err)
	return content
}

// seesFreePages: what lies in a page that is not used any more, as in one of a connection that wipes
// nothing, is seen.
func (o *office) seesFreePages() {
	o.t.Helper()
	db := o.b.SQL(o.t)
	db.SetMaxOpenConns(1)
	planted := hex.EncodeToString([]byte("a page that is free"))
	for _, statement := range []string{"CREATE TABLE planted (text TEXT)", "INSERT INTO planted VALUES ('" + strings.Repeat(planted, 40) + "')", "DELETE FROM planted"} {
		_, err := db.ExecContext(o.t.Context(), statement)
		o.must(err)
	}
	o.must(o.b.Store.Truncate(o.t.Context()))
	if !bytes.Contains(o.onDisk(o.t.TempDir()), []byte(planted)) {
		o.t.Error("what lies in a free page is not seen: the look is blind")
	}
	_, err := db.ExecContext(o.t.Context(), "DROP TABLE planted")
	o.must(err)
}

// blobsOf counts the files of a case.
func blobsOf(t *testing.T, dir, id string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.Contains(path, id) {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

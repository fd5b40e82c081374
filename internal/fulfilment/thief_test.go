package fulfilment_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/blob"
	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// sealedPlaces are all columns that hold personal data sealed, and the kinds of files, with the canary that
// lies in each. stays: what the passing of time does not erase, and why.
var sealedPlaces = []struct{ at, canary, stays string }{
	{at: "address_change.sealed_new", canary: "nyadresse"},
	{at: "address_change.sealed_old", canary: "gammeladresse"},
	{at: "attachment.sealed_name", canary: "filnavn"},
	{at: "audit_leaf.sealed_statement", canary: "loggen"},
	{at: "breach.sealed_body", canary: "avvik"},
	{at: "ceremony.sealed_state", canary: "utfordring"},
	{at: "challenge.sealed_address", canary: "kode"},
	{at: "decision.sealed_reason", canary: "begrunnelse"},
	{at: "demo_mail.sealed_mail", canary: "demo", stays: "the demo's letterbox alone: nobody is mailed there, and a key of the installation's own seals it"},
	{at: "drill_mail.sealed_mail", canary: "ovelse"},
	{at: "enquiry.sealed_result", canary: "senere"},
	{at: "event.sealed_note", canary: "identitet"},
	{at: "fact.sealed_reason", canary: "forhold"},
	{at: "identifier.sealed_value", canary: "kundenummer"},
	{at: "inform_task.sealed_how", canary: "informert"},
	{at: "invitation.sealed_who", canary: "invitert"},
	{at: "member.sealed_email", canary: "medlemadresse"},
	{at: "member.sealed_name", canary: "medlemnavn"},
	{at: "member.sealed_totp", canary: "medlemkode"},
	{at: "message.sealed_body", canary: "melding"},
	{at: "message.sealed_body", canary: "legitimasjon"}, // a key of its own
	{at: "message.sealed_letter", canary: "brev"},
	{at: "passkey.sealed_credential", canary: "nokkel"},
	{at: "passkey.sealed_name", canary: "nokkelnavn"},
	{at: "plan.sealed_disclosures", canary: "utlevert"},
	{at: "recipient_notice.sealed_body", canary: "mottaker"},
	{at: "recipient_notice.sealed_note", canary: "hvordanfortalt"},
	{at: "redaction.sealed_body", canary: "sladdet"},
	{at: "redaction.sealed_reason", canary: "sladdegrunn"},
	{at: "request.sealed_address", canary: "epost"},
	{at: "request.sealed_answer", canary: "ord"},
	{at: "request.sealed_detail", canary: "krav"},
	{at: "request.sealed_name", canary: "navn"},
	{at: "request.sealed_postal", canary: "post"},
	{at: "restriction.sealed_key", canary: "begrenset"},
	{at: "session.sealed_address", canary: "innlogging"},
	{at: "source.sealed_colleague", canary: "stedkollega", stays: "who looks in a place, until the office names somebody else"},
	{at: "source.sealed_dsn", canary: "tilkobling", stays: "how a system is reached, for as long as it is connected"},
	{at: "statement.sealed_text", canary: "tillegg", stays: "it stands beside the person's data for as long as these are kept, and goes with the row (Art. 16)"},
	{at: "task.sealed_note", canary: "kollega"},
	{at: "task_link.sealed_colleague", canary: "lenke"},
	{at: "file.run", canary: "funn"},
	{at: "file.plan", canary: "plan"},
	{at: "file.package", canary: "vedlegg"},
	{at: "file.file", canary: "vedlegg"},
}

// TestRET01NothingOpensWhenItsTimeIsUp: a canary lies in every place that the schema seals and in every kind of
// file, each of its own. Somebody with the disk and the key file opens each of them while it is kept (the
// control: the purge has run and nothing was due), and none when every time is up.
func TestRET01NothingOpensWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		blobs := filepath.Join(t.TempDir(), "blobs")
		disk, err := blob.OpenDisk(blobs)
		o.must(err)
		t.Cleanup(func() { disk.Close() })
		o.blobs, o.works.Blobs = disk, disk
		d := &casework.Desk{Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: o.works.Rand, Logger: o.works.Logger}
		o.holdsCanary()
		id := o.fullOfCanaries(d)
		o.canariesBeside(id)

		var known []string
		for _, p := range sealedPlaces {
			if !strings.HasPrefix(p.at, "file.") {
				known = append(known, p.at)
			}
		}
		slices.Sort(known)
		known = slices.Compact(known)
		if found := b.SealedColumns(t); !slices.Equal(found, known) {
			t.Fatalf("the schema seals %v,\nand canaries lie in %v", found, known)
		}
		o.purgeAll(d)
		loot := b.Steal(t, blobs)
		for _, p := range sealedPlaces {
			if !loot.Holds(p.at, canary(p.canary)) && p.at != "demo_mail.sealed_mail" {
				t.Errorf("while it is kept, the canary of %s is not opened: the look is blind", p.at)
			}
		}

		o.tx(func(tx *store.Tx) error { _, err := tx.Lift(o.restrictedOf(tx, id)); return err })
		b.Clock.Set(portaltest.Start.AddDate(dsr.MostCaseYears, 0, 2))
		o.purgeAll(d)
		loot = b.Steal(t, blobs)
		for _, p := range sealedPlaces {
			switch held := loot.Holds(p.at, canary(p.canary)); {
			case p.stays == "" && held:
				t.Errorf("%s opens still when its time is up", p.at)
			case p.stays != "" && !held && p.at != "demo_mail.sealed_mail":
				t.Errorf("%s is gone; it was to stay: %s", p.at, p.stays)
			}
		}
		for _, p := range sealedPlaces {
			if left := loot.Where(canary(p.canary)); p.stays == "" && len(left) > 0 {
				t.Errorf("the canary of %s opens in %v", p.at, left)
			}
		}
		if n := b.Count(t, "SELECT count(*) FROM member WHERE length(sealed_name) = 0"); n != 1 {
			t.Errorf("%d members who left are forgotten, want 1", n)
		}
	})
}

// purgeAll runs every job that erases what has passed its time.
func (o *office) purgeAll(d *casework.Desk) {
	o.t.Helper()
	gate := &access.Gate{Store: o.b.Store, Ring: o.b.Ring, Now: o.b.Clock.Now, Rand: rand.Reader, PublicURL: portaltest.PublicURL}
	house := &governance.Office{Store: o.b.Store, Blobs: o.blobs, Ring: o.b.Ring, Now: o.b.Clock.Now}
	o.must(o.works.PurgeEvidence(o.t.Context()))
	o.must(d.PurgeOld(o.t.Context()))
	o.must(d.ForgetReplies(o.t.Context()))
	o.must(gate.Work()[access.JobSweep].Handle(context.Background(), job.Job{}))
	o.must(house.WatchBreaches(o.t.Context()))
}

// holdsCanary puts a canary into a row that the search of the case finds in the company's own system.
func (o *office) holdsCanary() {
	o.t.Helper()
	db, err := sql.Open("sqlite3", demo.Path(o.dir, "webshop"))
	o.must(err)
	defer db.Close()
	done, err := db.ExecContext(o.t.Context(), "UPDATE customers SET email = ?, last_name = ? WHERE email = ?", canary("epost")+"@example.no", canary("funn"), demo.Household.Email)
	o.must(err)
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		o.t.Fatalf("%d rows have the canary, %v", n, err)
	}
}

// canariesBeside puts canaries where an access case has none of its own, past the use cases that would.
func (o *office) canariesBeside(id string) {
	o.t.Helper()
	private := func(what string) keyring.Private { return keyring.NewPrivate(canary(what)) }
	address := func(what string) dsr.Address {
		a, err := dsr.ParseAddress(canary(what) + "@example.no")
		o.must(err)
		return a
	}
	var evidence keyring.DataKey
	o.tx(func(tx *store.Tx) (err error) { evidence, err = tx.Key(id, store.ClassEvidence); return err })
	// The plan of an access case is empty; that of a correction holds what is to stand there.
	_, err := blob.PutSealed(o.t.Context(), o.blobs, id+"/plan/canary", evidence, func(w io.Writer) error { _, err := io.WriteString(w, canary("plan")); return err })
	o.must(err)
	o.tx(func(tx *store.Tx) error {
		r, err := tx.Request(id)
		o.must(err)
		left, err := tx.AddMember(o.controller, store.Member{Name: private("medlemnavn"), Email: private("medlemadresse"), Roles: []staff.Role{staff.CaseHandler}},
			canary("medlemadresse")+"@example.no", store.Credentials{PasswordHash: "x", TOTP: private("medlemkode")})
		o.must(err)
		_, err = tx.AddPasskey(left, []byte("credential"), store.Passkey{Name: private("nokkelnavn"), Credential: private("nokkel")})
		o.must(err)
		_, err = tx.AddInvitation(store.Invitation{Who: store.Invited{Name: private("invitert"), Email: keyring.NewPrivate("ny@example.no"), Locale: locale.NB},
			Roles: []staff.Role{staff.CaseHandler}, ExpiresAt: tx.Now.Add(time.Hour)}, "ny@example.no")
		o.must(err)
		_, err = tx.AddCeremony(store.Ceremony{Purpose: store.CeremonyPasskey, FlowHash: []byte("flow"), State: private("utfordring"), ExpiresAt: tx.Now.Add(time.Minute)})
		o.must(err)
		_, err = tx.DisableMember(left.ID)
		o.must(err)
		_, err = tx.AddAddressChange(store.AddressChange{Locale: locale.NB, Old: private("gammeladresse"), New: private("nyadresse"), DueAt: tx.Now.Add(time.Hour)})
		o.must(err)
		_, err = tx.AddChallenge(store.NewChallenge{Purpose: verification.File, Right: dsr.Access, Locale: locale.NB, Address: address("kode"), FlowHash: []byte("flow"), ExpiresAt: tx.Now.Add(time.Hour)})
		o.must(err)
		_, err = tx.AddSession(store.Session{Kind: store.SessionPerson, Address: private("innlogging"), AddressIndex: []byte("index"), IdleUntil: tx.Now.Add(time.Hour), ExpiresAt: tx.Now.Add(time.Hour)}, []byte("secret"))
		o.must(err)
		breach, err := tx.AddBreach(o.controller, o.first.ID, r, store.Breach{What: canary("avvik"), Breach: dsr.Breach{NoticedAt: tx.Now}})
		o.must(err)
		b, err := tx.Breach(breach)
		o.must(err)
		b.Risk = dsr.RiskUnlikely
		o.must(tx.ChangeBreach(b, b.Changes, true))
		_, err = tx.Log(store.Act{Actor: "person", Action: "noted", Request: id, RequestID: r.ID, Statement: map[string]string{"said": canary("loggen")}})
		o.must(err)
		_, err = tx.AddMessage(r, store.Message{Author: store.FromOffice, Body: private("melding"), Letter: &letter.Answer{Words: []string{canary("brev")}}})
		o.must(err)
		_, err = tx.AddMessage(r, store.Message{Author: store.FromPerson, Question: string(dsr.PauseIdentity), Body: private("legitimasjon")})
		o.must(err)
		run, err := tx.CurrentRun(r)
		o.must(err)
		o.must(tx.AddDecision(r, run, store.Decision{GroupKey: "group", Action: "withhold", Reason: private("begrunnelse"), MemberID: o.first.ID}))
		o.must(tx.AddRedaction(r, store.Redaction{RunID: run.ID, Body: private("sladdet"), Reason: private("sladdegrunn"), MemberID: o.first.ID, LeafHash: []byte("leaf")}))
		o.must(tx.AddFact(r, store.Fact{Kind: "claim", Value: "yes", Reason: private("forhold"), MemberID: o.first.ID}))
		_, err = tx.Restrict(r, []store.NewRestriction{{Restriction: store.Restriction{Source: "webshop", Key: private("begrenset"), State: store.RestrictionMarked}, Row: []byte("row")}})
		o.must(err)
		notice, _, err := tx.PutNotice(r, store.NoticeRecipient, store.ChannelTask, store.NoticeBody{Name: canary("mottaker")})
		o.must(err)
		_, err = tx.SettleNotice(notice, store.NoticeConfirmed, canary("hvordanfortalt"), &o.first.ID)
		o.must(err)
		plan, err := tx.CurrentPlan(r)
		o.must(err)
		o.must(tx.SetDisclosures(r, *plan, []store.Disclosure{{Recipient: canary("utlevert")}}))
		o.must(tx.State(r, []byte("row"), private("tillegg")))
		added, err := tx.AddInforming(o.controller, dsr.Date{}, store.Informing{Activity: "customers", First: dsr.DateOf(tx.Now, time.UTC), Last: dsr.DateOf(tx.Now, time.UTC), Due: dsr.DateOf(tx.Now, time.UTC), People: 1})
		o.must(err)
		lists, err := tx.Informings(o.controller, 10)
		o.must(err)
		if !added || len(lists) != 1 {
			return fmt.Errorf("%d lists of people to inform", len(lists))
		}
		_, err = tx.FinishInforming(lists[0].PublicID, canary("informert"), o.first.ID)
		o.must(err)
		crm, err := tx.AddSource(store.Source{Controller: o.controller, Name: "Arkivet", Kind: "manual", Enabled: true}, private("tilkobling"), "test")
		o.must(err)
		o.must(tx.SetSourceColleague(&crm, &store.Colleague{Name: private("stedkollega"), Email: private("stedkollega"), Locale: locale.NB}))
		tasks, err := tx.Tasks(r)
		o.must(err)
		_, err = tx.AddTaskLink(r, tasks[0], store.Colleague{Name: private("lenke"), Email: private("lenke"), Locale: locale.NB}, []byte("index"), false)
		o.must(err)
		o.must(tx.KeepDrillMail(r, "message", store.DrillMail{Subject: "s", Text: canary("ovelse")}))
		asked, err := tx.OpenEnquiry(id, crm.ID, 1, []byte("question"), tx.Now)
		o.must(err)
		o.must(tx.AnswerEnquiry(asked, []byte(canary("senere"))))
		return nil
	})
}

func (o *office) restrictedOf(tx *store.Tx, id string) []int64 {
	o.t.Helper()
	r, err := tx.Request(id)
	o.must(err)
	list, err := tx.Restrictions(r)
	o.must(err)
	var ids []int64
	for _, each := range list {
		ids = append(ids, each.ID)
	}
	return ids
}

// TestRET01TheServersLog: on PostgreSQL the write-ahead log has a destroyed key for as long as the server keeps
// its segments. A server that does not use them anew (wal_recycle = off, as docs/retention.md asks for) has
// thrown them away after its next checkpoints.
func TestRET01TheServersLog(t *testing.T) {
	t.Parallel()
	cluster := portaltest.PostgresCluster(t, "wal_recycle=off", "min_wal_size=32MB", "wal_keep_size=0")
	b := portaltest.NewOn(t, cluster)
	db := b.SQL(t)
	var wrapped []byte
	in := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := b.Store.InTx(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	in(func(tx *store.Tx) error { _, err := tx.Key("somebody", store.ClassCore); return err })
	if err := db.QueryRowContext(t.Context(), "SELECT wrapped FROM data_key WHERE owner = 'somebody'").Scan(&wrapped); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(cluster.WriteAheadLog(t), wrapped) {
		t.Fatal("the key is not seen in the write-ahead log: the look is blind")
	}
	in(func(tx *store.Tx) error { return tx.Shred("somebody", store.ClassCore) })
	if err := b.Store.Truncate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"SELECT pg_switch_wal()", "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if bytes.Contains(cluster.WriteAheadLog(t), wrapped) {
		t.Error("the key lies in the write-ahead log after two checkpoints")
	}
}

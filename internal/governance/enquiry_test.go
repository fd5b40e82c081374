package governance_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/dsr"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

const crmSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"

// enquired is an installation with an enquiry that waits for its result.
type enquired struct {
	t   *testing.T
	b   *portaltest.Bundle
	o   *governance.Office
	dir string // of the list of sources
	id  string // of the enquiry
	job job.Job
	crm store.Source
}

func newEnquired(t *testing.T, b *portaltest.Bundle) *enquired {
	t.Helper()
	e := &enquired{t: t, b: b, o: office(t, b), dir: t.TempDir()}
	e.connect(crmSecret, 1)
	e.tx(func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		found, err := tx.SourceNamed(c.ID, "crm")
		if err != nil {
			return err
		}
		e.crm = *found
		a, err := dsr.ParseAddress("kari@example.org")
		if err != nil {
			return err
		}
		r, err := tx.OpenRequest(store.NewRequest{Controller: c.ID, Reference: "MI-2026-7F3K-2Q", Right: dsr.Access, Channel: dsr.Web, Locale: locale.NB,
			Delivery: store.DeliveryPortal, Address: &a, ReceivedAt: tx.Now, RegisterVersion: 1, CalendarVersion: dsr.CalendarVersion,
			Actor: dsr.Actor{Kind: dsr.Person}, Received: dsr.EventData{Zone: "Europe/Oslo"}})
		if err != nil {
			return err
		}
		return tx.Enqueue(job.Spec{Kind: "collect", Object: r.PublicID})
	})
	claimed, err := b.Store.Queue().Claim(t.Context(), "w", []string{"collect"}, time.Minute)
	if err != nil || claimed == nil {
		t.Fatal(claimed, err)
	}
	e.job = *claimed
	if err := b.Store.Queue().Snooze(t.Context(), e.job.ID, e.job.Fence, time.Hour); err != nil {
		t.Fatal(err)
	}
	e.id = e.ask("question one")
	return e
}

// connect takes over a list of sources with the system under a secret; changed of them are new or other.
func (e *enquired) connect(secret string, changed int) {
	e.t.Helper()
	files := map[string]string{
		"crm.yaml":     "dataset: [{fides_key: crm, collections: [{name: people, fields: [{name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}]}]}]\n",
		"sources.yaml": "sources: [{name: crm, dsn: 'https://crm.example/portal#" + secret + "', dataset: crm.yaml}]\n",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(e.dir, name), []byte(content), 0o600); err != nil {
			e.t.Fatal(err)
		}
	}
	if n, err := e.o.ImportSources(e.t.Context(), filepath.Join(e.dir, "sources.yaml"), os.LookupEnv, governance.System()); err != nil || n != changed {
		e.t.Fatal(n, err)
	}
}

func (e *enquired) tx(fn func(tx *store.Tx) error) {
	e.t.Helper()
	if err := e.b.Store.InTx(e.t.Context(), fn); err != nil {
		e.t.Fatal(err)
	}
}

func (e *enquired) ask(question string) string {
	e.t.Helper()
	id := ""
	e.tx(func(tx *store.Tx) error {
		asked, err := tx.OpenEnquiry(e.job.Object, e.crm.ID, e.job.ID, []byte(question), tx.Now)
		if err != nil {
			return err
		}
		id = asked.PublicID
		return tx.AcceptEnquiry(id)
	})
	return id
}

// sign gives the headers of a result.
func sign(t *testing.T, secret, message string, at time.Time, body string) http.Header {
	t.Helper()
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := hook.Sign(message, at, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	h := http.Header{}
	h.Set("webhook-id", message)
	h.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	h.Set("webhook-signature", signature)
	return h
}

// deliver does what the edge does.
func (e *enquired) deliver(id string, h http.Header, body string) error {
	awaited, err := e.o.Awaited(e.t.Context(), id)
	if err != nil {
		return err
	}
	if err := awaited.Check(h, []byte(body)); err != nil {
		return err
	}
	return e.o.TakeResult(e.t.Context(), id, []byte(body))
}

const oneResult = `{"type":"result","status":200,"answer":{"rows":[["KANARI"]]}}`

// Whatever is wrong with a result gets one answer and changes nothing.
func TestResultIsTheSystemsOwn(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		other := e.ask("question two")
		now, message := b.Clock.Now(), "msg_"+e.id
		good := sign(t, crmSecret, message, now, oneResult)
		without := func(name string) http.Header {
			h := good.Clone()
			h.Del(name)
			return h
		}
		with := func(name, value string) http.Header {
			h := good.Clone()
			h.Set(name, value)
			return h
		}
		for name, c := range map[string]struct {
			id   string
			h    http.Header
			body string
		}{
			"no such enquiry":          {strings.Repeat("a", 32), sign(t, crmSecret, "msg_"+strings.Repeat("a", 32), now, oneResult), oneResult},
			"another secret":           {e.id, sign(t, "whsec_"+strings.Repeat("QUFB", 10), message, now, oneResult), oneResult},
			"another body":             {e.id, good, oneResult + " "},
			"signed for another":       {other, good, oneResult},
			"another's id is not ours": {e.id, sign(t, crmSecret, "msg_"+other, now, oneResult), oneResult},
			"too old":                  {e.id, sign(t, crmSecret, message, now.Add(-5*time.Minute-time.Second), oneResult), oneResult},
			"from the future":          {e.id, sign(t, crmSecret, message, now.Add(5*time.Minute+time.Second), oneResult), oneResult},
			"another time":             {e.id, with("webhook-timestamp", strconv.FormatInt(now.Unix()+1, 10)), oneResult},
			"no time":                  {e.id, without("webhook-timestamp"), oneResult},
			"no id":                    {e.id, without("webhook-id"), oneResult},
			"no signature":             {e.id, without("webhook-signature"), oneResult},
			"an empty signature":       {e.id, with("webhook-signature", "v1,"), oneResult},
			"another version":          {e.id, with("webhook-signature", strings.Replace(good.Get("webhook-signature"), "v1,", "v2,", 1)), oneResult},
			"time in the far past":     {e.id, with("webhook-timestamp", "-9223372036854775808"), oneResult},
		} {
			if err := e.deliver(c.id, c.h, c.body); !errors.Is(err, governance.ErrResult) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := b.Count(t, "SELECT count(*) FROM enquiry WHERE answered_at IS NOT NULL"); n != 0 {
			t.Fatalf("%d refused results were kept", n)
		}
		if n := b.Count(t, "SELECT count(*) FROM job WHERE run_at <= $1", store.Micros(now)); n != 0 {
			t.Error("a refused result woke the job")
		}
		// While a secret is changed the system signs with both.
		both := with("webhook-signature", "v1,"+strings.Repeat("A", 43)+"= "+good.Get("webhook-signature"))
		if err := e.deliver(e.id, both, oneResult); err != nil {
			t.Error(err)
		}
		if dump := b.Dump(t, "enquiry", "job", "counter"); strings.Contains(dump, "KANARI") {
			t.Error("the result does not lie sealed")
		}
		if n := b.Count(t, "SELECT count(*) FROM job WHERE run_at <= $1", store.Micros(now)); n != 1 {
			t.Error("the result did not wake the job")
		}
		// A system that was switched off is not listened to.
		off := false
		if _, err := e.o.ChangeSource(t.Context(), governance.System(), e.crm.PublicID, governance.SourceChange{Enabled: &off}); err != nil {
			t.Fatal(err)
		}
		if err := e.deliver(other, sign(t, crmSecret, "msg_"+other, now, oneResult), oneResult); !errors.Is(err, governance.ErrResult) {
			t.Errorf("switched off: %v", err)
		}
	})
}

// However many results come at once for one enquiry, one is kept: it repeated is nothing new, the
// others are told that they came second.
func TestManyResultsAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		const each = 8
		bodies := []string{oneResult, strings.Replace(oneResult, "KANARI", "ANOTHER", 1)}
		kept := make([]int, len(bodies))
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range each * len(bodies) {
			all.Go(func() {
				which := i % len(bodies)
				err := e.deliver(e.id, sign(t, crmSecret, "msg_"+e.id, b.Clock.Now(), bodies[which]), bodies[which])
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					kept[which]++
				case !errors.Is(err, store.ErrEnquiryAnswered):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if kept[0]+kept[1] != each || kept[0]*kept[1] != 0 {
			t.Errorf("%v were taken: all of one and none of the other", kept)
		}
		won := bodies[0]
		if kept[1] > 0 {
			won = bodies[1]
		}
		e.tx(func(tx *store.Tx) error {
			asked, err := tx.Enquiry(e.id)
			if err != nil {
				return err
			}
			got, err := tx.EnquiryResult(asked)
			if string(got) != won {
				t.Errorf("%q was kept", got)
			}
			return err
		})
	})
}

// Workers that ask the same at once, as when one took another's job over, share one enquiry.
func TestManyAskAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
					_, err := tx.OpenEnquiry(e.job.Object, e.crm.ID, e.job.ID, []byte("asked by many"), tx.Now)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := b.Count(t, "SELECT count(*) FROM enquiry"); n != 2 {
			t.Errorf("%d enquiries", n)
		}
	})
}

// An enquiry ends with its job, however that ends, and with the view; then its result is gone and the
// same question is a new one. What is told of it stays true until its time is up.
func TestEnquiryEnds(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		send := func(id, body string) error {
			return e.deliver(id, sign(t, crmSecret, "msg_"+id, b.Clock.Now(), body), body)
		}
		if err := send(e.id, oneResult); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Minute)
		e.tx(func(tx *store.Tx) error { return tx.CloseEnquiries(e.crm.ID, e.job.ID) })
		e.tx(func(tx *store.Tx) error {
			at, err := tx.EnquiryMoment(e.crm.ID, e.job.ID)
			if !at.IsZero() {
				t.Errorf("the view goes on from %v", at)
			}
			return err
		})
		if err := send(e.id, oneResult); err != nil {
			t.Errorf("the same result again: %v", err)
		}
		again := e.ask("question one")
		if again == e.id {
			t.Fatal("a new view was given an old answer")
		}
		claimed, err := b.Store.Queue().Claim(t.Context(), "w", []string{"collect"}, time.Minute)
		if err != nil || claimed == nil {
			t.Fatal(claimed, err)
		}
		if err := send(again, oneResult); err != nil {
			t.Fatal(err)
		}
		third := e.ask("question three")
		if err := b.Store.Queue().GiveUp(t.Context(), claimed.ID, claimed.Fence, "source_failed"); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(*) FROM enquiry WHERE sealed_result IS NOT NULL OR closed_at IS NULL"); n != 0 {
			t.Errorf("%d enquiries outlive their job", n)
		}
		if err := send(third, oneResult); !errors.Is(err, store.ErrEnquiryOver) {
			t.Errorf("nobody waits any more: %v", err)
		}
		sweep := func() int {
			e.tx(func(tx *store.Tx) error { return tx.SweepEnquiries() })
			return b.Count(t, "SELECT count(*) FROM enquiry")
		}
		if n := sweep(); n != 3 {
			t.Errorf("%d enquiries are known within their time", n)
		}
		b.Clock.Advance(store.EnquiryOpen + time.Minute)
		if n := sweep(); n != 0 {
			t.Errorf("%d enquiries are known after it", n)
		}
		if err := send(e.id, oneResult); !errors.Is(err, governance.ErrResult) {
			t.Errorf("gone: %v", err)
		}
	})
}

// A system whose time is up is told so, before the job that asked has seen it.
func TestResultIsTooLate(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		b.Clock.Advance(store.EnquiryOpen + time.Minute)
		if err := e.deliver(e.id, sign(t, crmSecret, "msg_"+e.id, b.Clock.Now(), oneResult), oneResult); !errors.Is(err, store.ErrEnquiryOver) {
			t.Error(err)
		}
		e.tx(func(tx *store.Tx) error { return tx.SweepEnquiries() })
		if b.Count(t, "SELECT count(*) FROM enquiry") != 1 {
			t.Error("an enquiry is gone before its job has seen that nothing came")
		}
	})
}

// A result for a request whose evidence was destroyed is not kept, and is no failure of the portal.
func TestResultAfterTheEvidenceIsGone(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		e.tx(func(tx *store.Tx) error { return tx.Shred(e.job.Object, store.ClassEvidence) })
		if err := e.deliver(e.id, sign(t, crmSecret, "msg_"+e.id, b.Clock.Now(), oneResult), oneResult); !errors.Is(err, store.ErrEnquiryOver) {
			t.Error(err)
		}
	})
}

// A secret is changed because somebody else may have it: what was sent under the old one is not believed,
// and nobody waits for what a system was asked that is reached another way now. The same list taken over
// again changes nothing.
func TestResultBeforeTheSecretWasChanged(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		e := newEnquired(t, b)
		waits := e.ask("question two")
		send := func(id, secret string) error {
			return e.deliver(id, sign(t, secret, "msg_"+id, b.Clock.Now(), oneResult), oneResult)
		}
		if err := send(e.id, crmSecret); err != nil {
			t.Fatal(err)
		}
		e.connect(crmSecret, 0)
		if e.ask("question one") != e.id {
			t.Error("the same connection is asked anew")
		}
		fresh := "whsec_" + strings.Repeat("QUFB", 10)
		e.connect(fresh, 1)
		if n := b.Count(t, "SELECT count(*) FROM enquiry WHERE sealed_result IS NOT NULL OR closed_at IS NULL"); n != 0 {
			t.Errorf("%d enquiries are believed or waited for", n)
		}
		again := e.ask("question one")
		if again == e.id {
			t.Error("an answer under the old secret is believed")
		}
		if err := send(again, crmSecret); !errors.Is(err, governance.ErrResult) {
			t.Errorf("the old secret: %v", err)
		}
		if err := send(waits, fresh); !errors.Is(err, store.ErrEnquiryOver) {
			t.Errorf("asked before the change: %v", err)
		}
		if err := send(again, fresh); err != nil {
			t.Errorf("the new secret: %v", err)
		}
	})
}

package fulfilment_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

const (
	membersSecret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
	membersDataset = `
dataset:
- fides_key: members
  collections:
  - name: members
    mininfo: {activity: newsletter}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
`
)

// corresponding is an office whose only system answers later.
type corresponding struct {
	*office
	members *portaltest.Members
	portal  *governance.Office
	refused int
	mu      sync.Mutex
}

func newCorresponding(t *testing.T, b *portaltest.Bundle) *corresponding {
	t.Helper()
	c := &corresponding{office: newOffice(t, b)}
	hook, err := standardwebhooks.NewWebhook(membersSecret)
	c.must(err)
	c.members = &portaltest.Members{Hook: hook, Later: true, Now: b.Clock.Now, Rows: []map[string]any{
		{"id": 1.0, "email": "Kari@example.org", "name": "KANARI-I-SVARET"},
		{"id": 2.0, "email": "ola@example.org", "name": "Ola"},
		{"id": 3.0, "email": "kari@example.org", "name": nil},
	}}
	system := httptest.NewServer(c.members)
	t.Cleanup(system.Close)
	web := httptest.NewServer(http.HandlerFunc(c.receive))
	t.Cleanup(web.Close)
	c.portal = &governance.Office{Store: b.Store, Ring: b.Ring, Blobs: c.blobs, Now: b.Clock.Now, Rand: rand.Reader, PublicURL: web.URL, Patience: time.Nanosecond}
	dir := t.TempDir()
	c.must(os.WriteFile(filepath.Join(dir, "members.yaml"), []byte(membersDataset), 0o600))
	list := filepath.Join(dir, "sources.yaml")
	c.must(os.WriteFile(list, []byte("sources: [{name: crm, dsn: '"+system.URL+"#"+membersSecret+"', dataset: members.yaml}]\n"), 0o600))
	if n, err := c.portal.ImportSources(t.Context(), list, os.LookupEnv, governance.System()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	c.works.Open = func(ctx context.Context, j job.Job) (*fulfilment.Connections, error) {
		opened, err := c.portal.Connections(ctx, j)
		if err != nil {
			return nil, err
		}
		return &fulfilment.Connections{Sources: opened.Connected, Close: func() { _ = opened.Close() }}, nil
	}
	return c
}

// receive takes a result in as the portal's edge does.
func (c *corresponding) receive(w http.ResponseWriter, r *http.Request) {
	id := strings.Split(r.URL.Path, "/")[4]
	body, _ := io.ReadAll(r.Body)
	awaited, err := c.portal.Awaited(r.Context(), id)
	if err == nil {
		err = awaited.Check(r.Header, body)
	}
	if err == nil {
		err = c.portal.TakeResult(r.Context(), id, body)
	}
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	c.mu.Lock()
	c.refused++
	c.mu.Unlock()
	w.WriteHeader(map[fault.Kind]int{fault.Unauthenticated: http.StatusUnauthorized, fault.Conflict: http.StatusConflict, fault.Gone: http.StatusGone}[fault.KindOf(err)])
}

// correspond works jobs and delivers what the system was asked, until neither has anything to do. It
// gives how many questions were answered later.
func (c *corresponding) correspond() int {
	c.t.Helper()
	for n := 0; ; n++ {
		c.work()
		waiting := c.members.Waiting()
		if len(waiting) == 0 {
			return n
		}
		if n > 100 {
			c.t.Fatal("the portal asks and asks")
		}
		for _, q := range waiting {
			c.must(c.members.Deliver(c.t.Context(), q))
		}
	}
}

func (c *corresponding) held() int {
	return c.b.Count(c.t, "SELECT count(*) FROM enquiry WHERE sealed_result IS NOT NULL")
}

// An erasure in a system that answers every question later: found, tried, carried out and checked, each
// question once, and nothing of the answers is left.
func TestErasureBySystemThatAnswersLater(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		c := newCorresponding(t, b)
		id := c.file(dsr.Erasure, "kari@example.org", store.Detail{})
		c.work()
		c.state(id, dsr.Collecting)
		if v := c.view(id); len(v.Sources) != 1 || v.Sources[0].State != "waiting" {
			t.Errorf("the office is told %+v", v.Sources)
		}
		if waiting := c.members.Waiting(); len(waiting) != 1 || !strings.Contains(string(waiting[0].Question), `"find"`) {
			t.Fatalf("%d questions", len(waiting))
		}
		if c.work(); len(c.members.Waiting()) != 1 {
			t.Error("the question was asked twice")
		}
		b.Clock.Advance(2 * time.Minute)
		if c.work(); len(c.members.Waiting()) != 1 || c.b.Count(t, "SELECT count(*) FROM run") != 1 {
			t.Error("a job that waits began anew")
		}
		if c.correspond() == 0 {
			t.Fatal("nothing was answered later")
		}
		c.state(id, dsr.Review)
		c.settle(id, "keep")
		c.correspond()
		v := c.view(id)
		if v.Plan == nil || len(v.Plan.Problems) > 0 {
			t.Fatalf("%+v", v.Plan)
		}
		c.approve(id)
		changed, checked := false, false
		for range 20 {
			c.work()
			for _, q := range c.members.Waiting() {
				if changed && !checked {
					checked = true
					if n := b.Count(t, "SELECT count(*) FROM enquiry WHERE closed_at IS NULL AND answered_at IS NOT NULL"); n != 0 {
						t.Errorf("the check could take %d answers from before the change", n)
					}
				}
				text := string(q.Question)
				changed = changed || strings.Contains(text, `"change"`) && !strings.Contains(text, `"trial"`)
				c.must(c.members.Deliver(t.Context(), q))
			}
		}
		if !changed || !checked {
			t.Errorf("changed later: %v, checked later: %v", changed, checked)
		}
		c.state(id, dsr.Answered)
		if got := c.members.Dump(); got != `[{"email":"ola@example.org","id":2,"name":"Ola"}]` {
			t.Error(got)
		}
		if c.held() != 0 || c.refused != 0 {
			t.Errorf("%d results are still held, %d were refused", c.held(), c.refused)
		}
	})
}

// What was asked and answered outlives the worker that asked: another one goes on with it, though the
// first died before it had heard that the system took the question, or before it used the answer.
func TestAnswerOutlivesTheWorker(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		c := newCorresponding(t, b)
		id := c.file(dsr.Access, "kari@example.org", store.Detail{})
		queue := b.Store.Queue()
		claim := func() job.Job {
			j, err := queue.Claim(t.Context(), "doomed", []string{fulfilment.JobCollect}, time.Minute)
			if err != nil || j == nil {
				t.Fatal(j, err)
			}
			return *j
		}
		_ = c.works.Work()[fulfilment.JobCollect].Handle(t.Context(), claim()) // and dies without a word
		if _, err := b.SQL(t).ExecContext(t.Context(), "UPDATE enquiry SET accepted_at = NULL"); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(2 * time.Minute) // its lease runs out
		c.work()
		waiting := c.members.Waiting()
		if len(waiting) != 1 || b.Count(t, "SELECT count(*) FROM enquiry") != 1 || b.Count(t, "SELECT count(*) FROM enquiry WHERE accepted_at IS NOT NULL") != 1 {
			t.Fatalf("%d questions", len(waiting))
		}
		c.must(c.members.Deliver(t.Context(), waiting[0]))
		if dump := b.Dump(t, "enquiry", "job"); strings.Contains(dump, "KANARI") || strings.Contains(dump, "example.org") || c.held() != 1 {
			t.Error("the result does not lie sealed")
		}
		j := claim()
		dead, cancel := context.WithCancel(t.Context())
		cancel()
		_ = c.works.Work()[fulfilment.JobCollect].Handle(dead, j)
		b.Clock.Advance(2 * time.Minute)
		if c.correspond(); c.held() != 0 {
			t.Error("the result is still held")
		}
		c.state(id, dsr.Review)
		if g := c.view(id).Groups; len(g) == 0 {
			t.Error("nothing was found")
		}
		// The system did not hear that its result arrived, and sends it again.
		c.must(c.members.Deliver(t.Context(), waiting[0]))
		c.members.Set(0, "name", "Another")
		if err := c.members.Deliver(t.Context(), waiting[0]); err == nil {
			t.Error("another result was taken")
		}
	})
}

// A system that does not answer in time, or answers that it cannot, fails visibly; an answer that comes
// then is too late.
func TestSystemThatNeverAnswers(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		c := newCorresponding(t, b)
		id := c.file(dsr.Access, "kari@example.org", store.Detail{})
		c.work()
		late := c.members.Waiting()
		b.Clock.Advance(store.EnquiryOpen - time.Minute)
		c.work()
		c.state(id, dsr.Collecting)
		b.Clock.Advance(2 * time.Minute)
		c.work()
		if n := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'collect' AND state = 'needs_human' AND last_code = $1", fulfilment.StopSource); n != 1 {
			t.Errorf("%d searches were given up", n)
		}
		c.state(id, dsr.Collecting)
		if err := c.members.Deliver(t.Context(), late[0]); err == nil || !strings.Contains(err.Error(), "410") {
			t.Errorf("too late: %v", err)
		}
		c.must(c.works.PurgeEvidence(t.Context()))
		if b.Count(t, "SELECT count(*) FROM enquiry") != 0 {
			t.Error("an enquiry outlives its time")
		}
		if err := c.members.Deliver(t.Context(), late[0]); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("an enquiry that is gone: %v", err)
		}
	})
}

// A search that is asked for while an earlier one waits takes its place: when the earlier one's results
// come, the case is not searched and opened once more.
func TestSearchAgainWhileOneWaits(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		c := newCorresponding(t, b)
		id := c.file(dsr.Access, "kari@example.org", store.Detail{})
		c.work()
		first := c.members.Waiting()[0]
		b.Clock.Advance(time.Second)
		c.must(c.works.Collect(t.Context(), c.first, id))
		c.work()
		for len(c.members.Waiting()) > 1 {
			c.must(c.members.Deliver(t.Context(), c.members.Waiting()[1]))
			c.work()
		}
		c.state(id, dsr.Review)
		events := len(c.request(id).Events)
		c.must(c.members.Deliver(t.Context(), first))
		c.work()
		c.state(id, dsr.Review)
		if got := len(c.request(id).Events); got != events || c.held() != 0 || b.Count(t, "SELECT count(*) FROM job WHERE kind = 'collect' AND state = 'ready'") != 0 {
			t.Errorf("%d events, then %d; %d results held", events, got, c.held())
		}
	})
}

// A row that changes between the portal's look and its change makes the system refuse, later too: the
// case goes back, and nothing is erased that nobody approved.
func TestChangeRefusedLater(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		c := newCorresponding(t, b)
		id := c.file(dsr.Erasure, "kari@example.org", store.Detail{})
		c.correspond()
		c.settle(id, "keep")
		c.correspond()
		c.approve(id)
		changed := false
		for range 100 {
			c.work()
			waiting := c.members.Waiting()
			for _, q := range waiting {
				if s := string(q.Question); strings.Contains(s, `"change"`) && !strings.Contains(s, `"trial"`) && !changed {
					c.members.Set(0, "name", "Kari Ny")
					changed = true
				}
				c.must(c.members.Deliver(t.Context(), q))
			}
			if len(waiting) == 0 && c.request(id).P.State == dsr.Review {
				break
			}
			b.Clock.Advance(20 * time.Minute)
		}
		c.state(id, dsr.Review)
		if !changed || !strings.Contains(c.members.Dump(), "Kari Ny") {
			t.Error(c.members.Dump())
		}
	})
}

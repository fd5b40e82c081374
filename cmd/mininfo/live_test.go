package main_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mininfo/api"
	"mininfo/internal/demo"
	"mininfo/internal/live"
)

// follow opens a stream and gives the names of its events; the channel is closed when the stream ends.
func (c *Caller) follow(path string) <-chan string {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.Portal.URL+"/api/v1"+path, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	for name, values := range c.Header {
		r.Header[name] = values
	}
	endless := *c.http
	endless.Timeout = 0
	a, err := endless.Do(r)
	if err != nil || a.StatusCode != http.StatusOK {
		c.t.Fatalf("%s: %v %v", path, a, err)
	}
	c.t.Cleanup(func() { _ = a.Body.Close() })
	events := make(chan string, 100)
	go func() {
		defer close(events)
		for lines := bufio.NewScanner(a.Body); lines.Scan(); {
			line := lines.Text()
			name, named := strings.CutPrefix(line, "event: ")
			switch {
			case named:
				events <- name
			case line != "" && line != ":" && line != "data: changed" && line != "data: ended":
				events <- "unknown line " + line
			}
		}
	}()
	return events
}

func heard(t *testing.T, events <-chan string, want, what string) {
	t.Helper()
	for late := time.After(20 * time.Second); ; {
		select {
		case got, going := <-events:
			if got == want {
				return
			}
			if !going || got != "changed" {
				t.Fatalf("%s: %q (going on: %v), want %s", what, got, going, want)
			}
		case <-late:
			t.Fatalf("%s: nobody was told", what)
		}
	}
}

// quieted waits until nothing has been told for a while.
func quieted(t *testing.T, events <-chan string) {
	t.Helper()
	for most := time.After(time.Minute); ; {
		select {
		case <-events:
		case <-most:
			t.Fatal("the page is told again and again")
		case <-time.After(3 * time.Second):
			return
		}
	}
}

// An open page is told that something changed, and nothing else; as long as its session lasts, and no longer.
func TestOpenPagesAreTold(t *testing.T) {
	for _, postgres := range []bool{false, true} {
		t.Run(fmt.Sprintf("postgres=%v", postgres), func(t *testing.T) {
			t.Parallel()
			p, first, second := office(t, Setup{Postgres: postgres})
			owner, other := newPerson(t, p, demo.Neighbour.Email), newPerson(t, p, demo.Contact.Email)
			owner.Prove(api.RightAccess)
			other.Prove(api.RightAccess)
			inbox := first.follow("/staff/changes")
			filed := owner.File(api.NewRequest{Right: api.RightAccess})
			heard(t, inbox, "changed", "a case came in")
			first.Await(filed.Id, "a plan is ready", planned)
			page, own := first.follow("/staff/changes?case="+filed.Id), owner.follow("/requests/"+filed.Id+"/changes")
			quieted(t, page)
			first.Case(filed.Id)
			second.Case(filed.Id) // to look changes nothing, so it tells nobody: pages would look for ever
			owner.See(filed.Id)
			select {
			case got := <-page:
				t.Fatalf("%s, because somebody looked", got)
			case <-time.After(3 * time.Second):
			}
			quieted(t, own)
			second.act(filed.Id, "message", map[string]any{"text": "Hei."})
			heard(t, page, "changed", "another member wrote")
			heard(t, own, "changed", "the office wrote")

			if a := other.Do("GET", "/requests/"+filed.Id+"/changes", nil); a.Status != http.StatusNotFound {
				t.Errorf("another person follows it: %v", a)
			}
			a := owner.Do("GET", "/requests/"+filed.Id+"/changes", nil)
			if a.Status != http.StatusOK || strings.Contains(string(a.Body), "Hei") {
				t.Errorf("%v", a)
			}
			for range live.PerSession {
				second.follow("/staff/changes")
			}
			full := second.Do("GET", "/staff/changes", nil)
			if full.Status != http.StatusServiceUnavailable || full.Code() != "changes_busy" || full.Header.Get("Retry-After") == "" {
				t.Errorf("one more than a session may have: %v", full)
			}
			owner.must("DELETE", "/me", nil, nil)
			heard(t, own, "ended", "the person signed out")
			if _, err := p.Run("staff", "disable", first.Email); err != nil {
				t.Fatal(err)
			}
			heard(t, page, "ended", "the member was shut out by another process")
			heard(t, inbox, "ended", "the member was shut out by another process")
			began := time.Now()
			p.Stop()
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("open pages held the end up for %s", took)
			}
		})
	}
}

package main_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"mininfo/api"
)

// Three replicas on one database share the work. Two of them are stopped in the middle of it, again and
// again, long enough for the others to take over, and go on as if nothing had been: every case has the
// very history that an undisturbed one has, nothing is half done, and every mail comes once.
func TestStaleReplicas(t *testing.T) {
	t.Parallel()
	first, _, _ := office(t, Setup{Postgres: true, Env: []string{"MININFO_LOG_LEVEL=warn"}})
	people := mailboxes(first.Company.State())
	undisturbed := first.fileAccess(t, <-people)
	settles(t, first)
	want := history(t, first)[undisturbed.ID]
	if len(want) < 3 {
		t.Fatalf("the undisturbed case has only %v", want)
	}

	others := []*Portal{first.replica(t), first.replica(t)}
	acks := []Ack{undisturbed}
	cases := setting(t, "MININFO_TEST_STALE", 30)
	filed := make(chan Ack, cases)
	go func() {
		defer close(filed)
		for range cases {
			filed <- first.fileAccess(t, <-people)
		}
	}()
	stops, held := 0, 0
	for open := true; open; {
		p := others[rand.IntN(len(others))]
		pause := time.NewTimer(rand.N(100 * time.Millisecond))
		<-pause.C
		held += stopped(t, p, func() {
			for more := true; more; {
				select {
				case a, ok := <-filed:
					if ok {
						acks = append(acks, a)
					}
					open, more = ok, ok
				default:
					more = false
				}
			}
		})
		stops++
	}
	settles(t, first)
	for _, p := range others {
		p.Stop()
	}
	stale := 0
	for _, p := range others {
		stale += strings.Count(string(p.Log()), "stale_worker")
	}
	got := history(t, first)
	effects := 0
	for _, a := range acks {
		if !slices.Equal(got[a.ID], want) {
			effects++
			t.Errorf("%s has the history %v, an undisturbed one %v", a.Reference, got[a.ID], want)
		}
	}
	for _, wrong := range append(lostAcks(t, first, acks), halfMade(t, first)...) {
		effects++
		t.Error(wrong)
	}
	twice, came := 0, map[string]int{}
	for _, l := range first.Mail.All() {
		came[l.ID]++
		if came[l.ID] > 1 {
			twice++
		}
	}
	jobs, err := strconv.Atoi(query(t, first, "SELECT count(*) FROM job WHERE state = 'done'")[0][0])
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cases, %d stops that met %d begun jobs, %d stale results discarded, %d mails", len(acks), stops, held, stale, len(came))
	figure(t, "jobs on three replicas of which two are stopped and go on, effects of a stale worker on a case", jobs, effects)
	measured(t, "the same: mails that came twice, under the same Message-ID", fmt.Sprintf("%d of %d", twice, len(came)))
	if held == 0 || stale == 0 {
		t.Error("no stop met begun work: nothing was shown")
	}
	// Between the last look at the lease and the mail server's yes nobody can fence: a worker that is
	// stopped there has sent. More than that would be a worker that does not look.
	if twice > held {
		t.Errorf("%d mails came twice, and only %d begun jobs were stopped", twice, held)
	}
}

// stopped stops a replica, lets its leases run out (which twice their time would do), gives the others
// the time to take over, and lets it go on. It gives how many begun jobs it held.
func stopped(t testing.TB, p *Portal, meanwhile func()) int {
	t.Helper()
	pid := p.cmd.Process.Pid
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	db := p.SQL(t)
	defer db.Close()
	result, err := db.Exec("UPDATE job SET lease_until = 1 WHERE state = 'ready' AND lease_until IS NOT NULL AND lease_owner LIKE '%-" + strconv.Itoa(pid) + "'")
	if err != nil {
		t.Fatal(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		t.Fatal(err)
	}
	pause := time.NewTimer(50*time.Millisecond + rand.N(500*time.Millisecond))
	<-pause.C
	meanwhile()
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// replica starts the same portal once more, on a port of its own.
func (p *Portal) replica(t testing.TB) *Portal {
	t.Helper()
	again := newPortal(t, Setup{NoCompany: true})
	again.Mail, again.Company, again.DSN = p.Mail, p.Company, p.DSN
	again.env = append(slices.Clone(p.env), "MININFO_LISTEN="+again.listen)
	again.Start()
	return again
}

func (p *Portal) fileAccess(t testing.TB, address string) Ack {
	person := newPerson(t, p, address)
	person.Prove(api.RightAccess)
	out := person.File(api.NewRequest{Right: api.RightAccess})
	return Ack{"filed", out.Id, out.Reference, api.RightAccess, address}
}

// settles waits until all work is done that does not come of itself.
func settles(t testing.TB, p *Portal) {
	t.Helper()
	untilWithin(t, "all jobs are done", 5*time.Minute, func() bool {
		return len(query(t, p, "SELECT kind FROM job WHERE state = 'ready' AND key NOT LIKE '%@%'")) == 0 &&
			len(query(t, p, "SELECT id FROM audit_leaf WHERE place IS NULL")) == 0 &&
			len(query(t, p, "SELECT id FROM request WHERE state = 'collecting'")) == 0
	})
}

// history gives what happened in each case, in its order.
func history(t testing.TB, p *Portal) map[string][]string {
	t.Helper()
	of := map[string][]string{}
	for _, row := range query(t, p, "SELECT r.public_id, e.kind, e.actor FROM event e JOIN request r ON r.id = e.request_id ORDER BY e.request_id, e.number") {
		of[row[0]] = append(of[row[0]], fmt.Sprintf("%s by %s", row[1], row[2]))
	}
	return of
}

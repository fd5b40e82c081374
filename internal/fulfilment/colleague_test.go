package fulfilment_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

const (
	mate   = "mia.kollega@fjordlys.example"
	asker  = "per.permisjon@example.net"
	archiv = "Permen i arkivet"
)

// withColleague is an office with one place, in which a colleague looks.
func withColleague(t *testing.T, b *portaltest.Bundle) *mailroom {
	t.Helper()
	m := newMailroom(t, b)
	m.bare = true
	m.place(archiv, mate)
	return m
}

func (m *mailroom) place(name, address string) {
	m.t.Helper()
	m.tx(func(tx *store.Tx) error {
		s, err := tx.AddSource(store.Source{Controller: m.controller, Name: name, Kind: "manual", Enabled: true, Instructions: "Se under etternavnet."}, keyring.Private{}, "test")
		if err != nil {
			return err
		}
		m.manual = append(m.manual, fulfilment.Place{ID: s.ID, Name: name, Activity: "customers", Instructions: s.Instructions})
		return tx.SetSourceColleague(&s, &store.Colleague{Name: keyring.NewPrivate("Mia Kollega"), Email: keyring.NewPrivate(address), Locale: locale.NB})
	})
}

var errandLink = regexp.MustCompile(regexp.QuoteMeta(portaltest.PublicURL) + `/colleague#([0-9a-f]{32})\.([A-Za-z0-9_-]{43})`)

// links gives what stands after the # of each link in a mail.
func links(t *testing.T, letter mail.Message) []string {
	t.Helper()
	var out []string
	for _, found := range errandLink.FindAllStringSubmatch(letter.Text, -1) {
		out = append(out, found[1]+"."+found[2])
	}
	if len(out) == 0 {
		t.Fatalf("no link in %q", letter.Text)
	}
	return out
}

func (m *mailroom) link(credential string) string {
	m.t.Helper()
	id, err := m.gate.TaskLink(m.t.Context(), credential, m.from)
	m.must(err)
	return id
}

func (m *mailroom) colleague(id string, task int) *fulfilment.TaskColleague {
	m.t.Helper()
	c := m.view(id).Tasks[task].Colleague
	if c == nil {
		m.t.Fatal("the task has no colleague")
	}
	return c
}

// leaves counts what the log says that a colleague did in a case.
func (m *mailroom) leaves(action string) int {
	m.t.Helper()
	n := 0
	if _, err := m.b.Store.Sequence(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	m.tx(func(tx *store.Tx) error {
		entries, err := tx.LogPage(0, 200)
		for _, e := range entries {
			if e.Leaf.Actor == "colleague" && e.Leaf.Action == action {
				n++
			}
		}
		return err
	})
	return n
}

func TestColleagueAnswersThroughTheLink(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		ctx := t.Context()
		id := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		letter := b.Letters.Last(t, mate)
		r := m.request(id)
		for _, want := range []string{string(r.Reference), archiv, "1. juli 2026"} {
			if !strings.Contains(letter.Text, want) {
				t.Errorf("the mail lacks %q:\n%s", want, letter.Text)
			}
		}
		if whole := letter.Subject + letter.Text + letter.HTML; strings.Contains(whole, asker) || strings.Contains(strings.ToLower(whole), "innsyn") {
			t.Errorf("the mail says more than where to look:\n%s", whole)
		}
		if c := m.colleague(id, 0); c.State != fulfilment.LinkSent || !c.Send || !c.Revoke {
			t.Errorf("the office sees %+v", c)
		}
		credential := links(t, letter)[0]
		link := m.link(credential)
		e, err := m.works.OpenErrand(ctx, link)
		m.must(err)
		if e.Act != "look" || e.Place != archiv || e.Instructions != "Se under etternavnet." || len(e.Who) != 1 || e.Who[0].Value.Reveal() != asker {
			t.Errorf("the colleague sees %+v", e)
		}
		_, err = m.works.OpenErrand(ctx, link)
		m.must(err)
		if m.leaves("noted") != 1 || m.leaves("task_opened") != 1 {
			t.Errorf("two looks are %d events and %d leaves, want one of each", m.leaves("noted"), m.leaves("task_opened"))
		}
		m.is(m.works.AnswerErrand(ctx, link, "found", ""), fulfilment.ErrFoundNothing)
		m.is(m.works.AnswerErrand(ctx, link, "exception", " "), fulfilment.ErrNoteMissing)
		m.is(m.works.AnswerErrand(ctx, link, "done", ""), dsr.ErrTransition)
		m.is(m.works.AnswerErrand(ctx, link, "reopened", ""), dsr.ErrTransition)
		m.is(m.works.UploadErrand(ctx, link, "x.exe", strings.NewReader("MZ\x00\x01")), fulfilment.ErrUploadType)
		const found = "Per Permisjon kjøpte en lampe i 2019."
		m.must(m.works.UploadErrand(ctx, link, "perm.txt", strings.NewReader(found)))
		m.must(m.works.AnswerErrand(ctx, link, "found", ""))
		m.is(m.works.AnswerErrand(ctx, link, "nothing", ""), fulfilment.ErrLinkOver)
		m.is(m.works.UploadErrand(ctx, link, "perm.txt", strings.NewReader(found)), fulfilment.ErrLinkOver)
		_, err = m.works.OpenErrand(ctx, link)
		m.is(err, fulfilment.ErrLinkOver)
		v := m.view(id)
		if task := v.Tasks[0]; task.State != store.TaskFound || len(task.Files) != 1 || task.Colleague.State != fulfilment.LinkOver {
			t.Errorf("the office sees %+v", task)
		}
		if m.leaves("source_checked") != 2 {
			t.Error("the file and the answer are not the colleague's in the log")
		}
		// The files may speak of others: a member looks before they go out.
		if !v.Tasks[0].Unseen {
			t.Error("the office is not told to look at the colleague's files")
		}
		m.is(m.works.Approve(ctx, m.first, id, v.Plan.Digest, false), fulfilment.ErrFilesUnseen)
		m.must(m.works.FinishTask(ctx, m.first, id, v.Tasks[0].ID, "found", ""))
		if v = m.view(id); v.Tasks[0].Unseen || v.Tasks[0].State != store.TaskFound {
			t.Errorf("after a look the office sees %+v", v.Tasks[0])
		}
		m.must(m.works.Approve(ctx, m.first, id, v.Plan.Digest, false))
		m.work()
		m.must(m.works.Answer(ctx, m.first, id, fulfilment.AnswerInput{}))
		if !strings.Contains(allText(t, m.download(id)), found) {
			t.Error("what the colleague found is not in the package")
		}
	})
}

func TestColleagueIsAskedWhileASystemIsDown(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		m.bare = false
		m.breaks("webshop", true)
		id := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		m.state(id, dsr.Collecting)
		link := m.link(links(t, b.Letters.Last(t, mate))[0])
		if v := m.view(id); len(v.Tasks) != 1 || v.Tasks[0].Place != archiv {
			t.Errorf("the office sees %+v", v.Tasks)
		}
		m.must(m.works.AnswerErrand(t.Context(), link, "nothing", ""))
		if n := len(b.Letters.To(mate)); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}

func TestColleagueLinkIsSecretAndScoped(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		ctx := t.Context()
		m.place("Innboksen", mate)
		id := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		both := links(t, b.Letters.Last(t, mate))
		if len(both) != 2 || len(b.Letters.To(mate)) != 1 {
			t.Fatalf("%d links in %d mails, want two in one", len(both), len(b.Letters.To(mate)))
		}
		first, firstSecret, _ := strings.Cut(both[0], ".")
		_, secondSecret, _ := strings.Cut(both[1], ".")
		wrong := map[string]string{
			"another task's secret": first + "." + secondSecret, "no secret": first + ".", "no id": "." + firstSecret, "nothing": "",
			"unknown": strings.Repeat("0", 32) + "." + firstSecret, "too long": both[0] + "A",
		}
		for name, credential := range wrong {
			if _, err := m.gate.TaskLink(ctx, credential, m.from); !errors.Is(err, access.ErrTaskLink) {
				t.Errorf("%s: %v", name, err)
			}
		}
		m.must(m.works.SendTaskLink(ctx, m.first, id, m.view(id).Tasks[0].ID))
		m.work()
		again := links(t, b.Letters.Last(t, mate))
		if len(again) != 1 || again[0] == both[0] {
			t.Fatalf("sent again: %d links", len(again))
		}
		m.link(again[0])
		m.link(both[0]) // the mail before it may be the one that is read
		m.must(m.works.RevokeTaskLink(ctx, m.first, id, m.view(id).Tasks[0].ID))
		m.is(m.works.RevokeTaskLink(ctx, m.first, id, m.view(id).Tasks[0].ID), fulfilment.ErrLinkNothing)
		_, err := m.works.OpenErrand(ctx, first)
		m.is(err, fulfilment.ErrLinkOver)
		if c := m.colleague(id, 0); c.State != fulfilment.LinkRevoked || !c.Send || c.Revoke {
			t.Errorf("the office sees %+v", c)
		}
		// The other one is not touched, until the office answers itself.
		second, _, _ := strings.Cut(both[1], ".")
		_, err = m.works.OpenErrand(ctx, second)
		m.must(err)
		m.must(m.works.FinishTask(ctx, m.first, id, m.view(id).Tasks[1].ID, "nothing", ""))
		m.is(m.works.AnswerErrand(ctx, second, "nothing", ""), fulfilment.ErrLinkOver)
		m.is(m.works.SendTaskLink(ctx, m.first, id, m.view(id).Tasks[1].ID), fulfilment.ErrLinkNothing)
		// Sent again after it was revoked, it is another link.
		m.must(m.works.SendTaskLink(ctx, m.first, id, m.view(id).Tasks[0].ID))
		m.work()
		if fresh := links(t, b.Letters.Last(t, mate)); len(fresh) != 1 || strings.HasPrefix(fresh[0], first) {
			t.Error("a revoked link lives again")
		}
		if _, err := m.gate.TaskLink(ctx, again[0], m.from); err != nil {
			t.Errorf("the right secret of a revoked link: %v", err)
		}
	})
}

func TestGuessingLinksIsLimited(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		m.gate.LimitFactor = 1
		m.file(dsr.Access, asker, store.Detail{})
		m.work()
		credential := links(t, b.Letters.Last(t, mate))[0]
		for range 60 { // right ones cost nothing
			m.link(credential)
		}
		id, _, _ := strings.Cut(credential, ".")
		for range 20 {
			if _, err := m.gate.TaskLink(t.Context(), id+".wrong", m.from); !errors.Is(err, access.ErrTaskLink) {
				t.Fatal(err)
			}
		}
		if _, err := m.gate.TaskLink(t.Context(), credential, m.from); !errors.Is(err, access.ErrTaskLink) {
			t.Errorf("after twenty wrong ones: %v", err)
		}
	})
}

func TestManyAnswersAtOnceAreOne(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		id := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		link := m.link(links(t, b.Letters.Last(t, mate))[0])
		const many = 8
		errs := make([]error, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				outcome := [...]string{"nothing", "exception"}[i%2]
				errs[i] = m.works.AnswerErrand(t.Context(), link, outcome, fmt.Sprintf("nr. %d", i))
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, fulfilment.ErrLinkOver) && fault.KindOf(err) != fault.Conflict:
				t.Errorf("got %v", err)
			}
		}
		if answers := m.leaves("source_checked"); won != 1 || answers != 1 {
			t.Errorf("%d of %d answers won and %d are in the log", won, many, answers)
		}
		if state := m.view(id).Tasks[0].State; state != store.TaskNothing && state != store.TaskException {
			t.Errorf("the task is %s", state)
		}
	})
}

// mailJob runs the mail's job by hand: the queue's clock is the database's own.
func (m *mailroom) mailJob(link string) error {
	return m.works.Work()[fulfilment.JobMailColleague].Handle(m.t.Context(), job.Job{Kind: fulfilment.JobMailColleague, Object: link})
}

func TestColleagueGetsOneMailADay(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		first := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		later := []string{m.file(dsr.Access, "two@example.net", store.Detail{}), m.file(dsr.Access, "three@example.net", store.Detail{})}
		m.work()
		if n := len(b.Letters.To(mate)); n != 1 {
			t.Fatalf("%d mails on the first day", n)
		}
		if c := m.colleague(later[0], 0); c.State != fulfilment.LinkWaiting {
			t.Errorf("the office sees %+v", c)
		}
		var waiting []string
		m.tx(func(tx *store.Tx) error {
			all, err := tx.OpenTaskLinks(0, 100)
			for _, l := range all {
				if l.WantedAt != nil {
					waiting = append(waiting, l.PublicID)
				}
			}
			return err
		})
		if len(waiting) != 2 {
			t.Fatalf("%d links wait", len(waiting))
		}
		b.Clock.Advance(24 * time.Hour)
		for _, link := range waiting {
			m.must(m.mailJob(link))
		}
		letters := b.Letters.To(mate)
		if len(letters) != 2 || len(links(t, letters[1])) != 2 {
			t.Errorf("%d mails, want a second one with both", len(letters))
		}
		// After five days a reminder about all three, in one mail on a working morning, and no second one.
		b.Clock.Set(time.Date(2026, time.June, 7, 8, 0, 0, 0, time.UTC)) // a Sunday
		m.must(m.works.RemindColleagues(t.Context()))
		m.work()
		b.Clock.Set(time.Date(2026, time.June, 8, 3, 0, 0, 0, time.UTC)) // five in the morning
		m.must(m.works.RemindColleagues(t.Context()))
		m.work()
		if n := len(b.Letters.To(mate)); n != 2 {
			t.Fatalf("%d mails on a Sunday and at night", n-2)
		}
		b.Clock.Set(time.Date(2026, time.June, 8, 8, 0, 0, 0, time.UTC))
		m.must(m.works.RemindColleagues(t.Context()))
		m.work()
		m.must(m.works.RemindColleagues(t.Context()))
		m.work()
		letters = b.Letters.To(mate)
		if len(letters) != 3 || !strings.HasPrefix(letters[2].Subject, "Påminnelse") || len(links(t, letters[2])) != 3 {
			t.Fatalf("%d mails, the last one %q with %d links", len(letters), letters[2].Subject, len(links(t, letters[2])))
		}
		// And once more before the day that the office works to, for those that still wait.
		m.must(m.works.FinishTask(t.Context(), m.first, first, m.view(first).Tasks[0].ID, "nothing", ""))
		target := m.request(first).P.Deadline.InternalTarget
		b.Clock.Set(time.Date(target.Year, target.Month, target.Day, 8, 0, 0, 0, time.UTC))
		m.must(m.works.RemindColleagues(t.Context()))
		m.work()
		letters = b.Letters.To(mate)
		if len(letters) != 4 || len(links(t, letters[3])) != 2 {
			t.Fatalf("%d mails before the target", len(letters))
		}
		b.Clock.Advance(24 * time.Hour)
		m.must(m.works.RemindColleagues(t.Context()))
		m.work()
		if n := len(b.Letters.To(mate)); n != 4 {
			t.Errorf("%d mails too many", n-4)
		}
	})
}

func TestLinkDiesWithItsCase(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		ctx := t.Context()
		late := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		link := m.link(links(t, b.Letters.Last(t, mate))[0])
		due := m.request(late).P.Deadline.Due
		b.Clock.Set(time.Date(due.Year, due.Month, due.Day, 12, 0, 0, 0, time.UTC))
		_, err := m.works.OpenErrand(ctx, link)
		m.must(err)
		b.Clock.Advance(24 * time.Hour)
		_, err = m.works.OpenErrand(ctx, link)
		m.is(err, fulfilment.ErrLinkExpired)
		m.is(m.works.AnswerErrand(ctx, link, "nothing", ""), fulfilment.ErrLinkExpired)
		m.is(m.works.SendTaskLink(ctx, m.first, late, m.view(late).Tasks[0].ID), fulfilment.ErrLinkExpired)
		if c := m.colleague(late, 0); c.State != fulfilment.LinkExpired {
			t.Errorf("the office sees %+v", c)
		}
		ended := m.file(dsr.Access, "two@example.net", store.Detail{})
		m.work()
		other := m.link(links(t, b.Letters.Last(t, mate))[0])
		m.tx(func(tx *store.Tx) error {
			r, err := tx.Request(ended)
			if err != nil {
				return err
			}
			return tx.Act(r, dsr.Event{Kind: dsr.EventWithdrawn, Actor: dsr.Actor{Kind: dsr.Person}}, store.Change{})
		})
		m.is(m.works.AnswerErrand(ctx, other, "nothing", ""), fulfilment.ErrLinkOver)
		m.must(m.works.RemindColleagues(ctx))
		m.tx(func(tx *store.Tx) error {
			l, err := tx.TaskLinkByID(other)
			if err == nil && l.VoidAt == nil {
				t.Error("the link of a case that ended lives on")
			}
			return err
		})
	})
}

func TestColleagueErasesWhenItIsDecided(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		ctx := t.Context()
		id := m.file(dsr.Erasure, asker, store.Detail{})
		m.work()
		link := m.link(links(t, b.Letters.Last(t, mate))[0])
		m.must(m.works.AnswerErrand(ctx, link, "found", "En side i permen"))
		e, err := m.works.OpenErrand(ctx, link)
		m.must(err)
		if e.Act != "rest" {
			t.Errorf("while it is decided: %s", e.Act)
		}
		m.is(m.works.AnswerErrand(ctx, link, "done", ""), dsr.ErrTransition)
		m.is(m.works.SendTaskLink(ctx, m.first, id, m.view(id).Tasks[0].ID), fulfilment.ErrLinkNothing)
		m.approve(id)
		m.work()
		m.state(id, dsr.Executing)
		letters := b.Letters.To(mate)
		if len(letters) != 2 || !strings.Contains(letters[1].Text, "det som er bestemt") {
			t.Fatalf("%d mails, the last:\n%s", len(letters), letters[len(letters)-1].Text)
		}
		link = m.link(links(t, letters[1])[0])
		if e, err = m.works.OpenErrand(ctx, link); err != nil || e.Act != "do" {
			t.Errorf("when it is decided: %s, %v", e.Act, err)
		}
		m.is(m.works.AnswerErrand(ctx, link, "nothing", ""), dsr.ErrTransition)
		m.must(m.works.AnswerErrand(ctx, link, "done", "Makulert"))
		m.state(id, dsr.Answered)
		if a := m.answer(id); counted(a, "deleted") != 1 || a.Outcome != dsr.Granted {
			t.Errorf("answer %+v", a)
		}
	})
}

func TestColleagueWhoCannotBeReached(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := withColleague(t, b)
		b.Letters.Fail(portaltest.MailRefused)
		id := m.file(dsr.Access, asker, store.Detail{})
		m.work()
		var link string
		var given job.Job
		m.tx(func(tx *store.Tx) error {
			all, err := tx.OpenTaskLinks(0, 10)
			link = all[0].PublicID
			return err
		})
		m.must(b.SQL(t).QueryRowContext(t.Context(), "SELECT id FROM job WHERE state = 'needs_human' AND kind = 'mail_colleague'").Scan(&given.ID))
		given.Kind, given.Object = fulfilment.JobMailColleague, link
		for range 2 { // it may run twice
			m.must(m.works.GaveUp(t.Context(), given, "mail_refused"))
		}
		if c := m.colleague(id, 0); c.State != fulfilment.LinkFailed || !c.Send {
			t.Errorf("the office sees %+v", c)
		}
		noted := 0
		for _, e := range m.request(id).Events {
			if e.Data.Code == "colleague_unreached" {
				noted++
			}
		}
		if noted != 1 || m.request(id).NeedsHuman != "colleague_unreached" {
			t.Errorf("noted %d times, the case says %q", noted, m.request(id).NeedsHuman)
		}
		b.Letters.Fail(nil)
		m.must(m.works.SendTaskLink(t.Context(), m.first, id, m.view(id).Tasks[0].ID))
		m.work()
		m.link(links(t, b.Letters.Last(t, mate))[0])
	})
}

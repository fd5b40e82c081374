package fulfilment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/store"
	"mininfo/migrations"
)

const (
	sender    = "privacy@lettermill.example"
	sendsNews = "    why: {nb: Sender ut nyhetsbrevet for oss., nn: Sender ut nyheitsbrevet for oss., en: Sends the newsletter for us.}\n"
)

// notified is the demo company's register where the newsletter's recipient is told in a way.
func notified(t *testing.T, way string) string {
	t.Helper()
	was := string(demo.Register())
	if strings.Count(was, sendsNews) != 1 {
		t.Fatal("the demo's register says something else by now")
	}
	return strings.Replace(was, sendsNews, sendsNews+"    notify: {"+way+"}\n", 1)
}

// unsubscribed erases the newsletter's data of a person, up to the approval.
func (m *mailroom) unsubscribed(register string) string {
	m.t.Helper()
	m.save(register)
	id := m.file(dsr.Erasure, demo.Subscriber.Email, store.Detail{Activities: []string{"newsletter"}})
	m.work()
	m.settle(id, "keep")
	m.approve(id)
	return id
}

func (m *mailroom) notices(id string) []store.Notice {
	m.t.Helper()
	var all []store.Notice
	m.tx(func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		all, err = tx.Notices(r)
		return err
	})
	return all
}

// notice gives the notice to a recipient.
func (m *mailroom) notice(id, name string) store.Notice {
	m.t.Helper()
	all := m.notices(id)
	i := slices.IndexFunc(all, func(n store.Notice) bool { return n.Body.Name == name })
	if i < 0 {
		m.t.Fatalf("%q is not written down: %+v", name, all)
	}
	return all[i]
}

var noticeLink = regexp.MustCompile(regexp.QuoteMeta(portaltest.PublicURL) + `/recipient#([0-9a-f]{32}\.[A-Za-z0-9_-]{43})`)

// credential gives what stands after the # in the newest mail to a recipient.
func (m *mailroom) credential(to string) string {
	m.t.Helper()
	letter := m.b.Letters.Last(m.t, to)
	found := noticeLink.FindStringSubmatch(letter.Text)
	if found == nil {
		m.t.Fatalf("no link in %q", letter.Text)
	}
	return found[1]
}

// A recipient is told before the rows go, by a mail that says nothing about anybody; behind its link stands
// whom it is about, and what they answer is on the case and on the person's page.
func TestNOT01NOT02ERA08RecipientsAreToldAndFollowed(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m, ctx := newMailroom(t, b), t.Context()
		before := m.dump()
		id := m.unsubscribed(notified(t, "mail: "+sender))
		m.breaks(demo.Webshop, true) // nothing can be erased now
		m.work()
		if gone, changed := difference(before, m.dump()); total(gone)+total(changed) > 0 {
			t.Fatalf("rows went: %v %v", gone, changed)
		}
		n := m.notice(id, "Lettermill Inc.")
		if n.Channel != store.ChannelMail || n.State != store.NoticeTold || n.ToldAt == nil {
			t.Fatalf("before the erasure: %+v", n)
		}
		letter := b.Letters.Last(t, sender)
		if whole := letter.Subject + letter.Text + letter.HTML; !strings.Contains(whole, string(m.request(id).Reference)) || strings.Contains(whole, demo.Subscriber.Email) || strings.Contains(whole, "yhetsbrev") {
			t.Errorf("the mail says:\n%s", whole)
		}
		m.breaks(demo.Webshop, false)
		b.Clock.Advance(time.Hour)
		m.work()
		m.state(id, dsr.Answered)
		if a := m.answer(id); !slices.Contains(a.Recipients, "Lettermill Inc. (Nyhetsbrev)") {
			t.Errorf("the answer names %v", a.Recipients)
		}

		link, err := m.gate.RecipientLink(ctx, m.credential(sender), m.from)
		m.must(err)
		e, err := m.works.OpenNotice(ctx, link)
		m.must(err)
		if e.Right != dsr.Erasure || e.Controller != "Fjordlys AS" || len(e.Who) == 0 || e.Who[0].Value.Reveal() != demo.Subscriber.Email || e.Activities[0].NB != "Nyhetsbrev" {
			t.Errorf("the recipient sees %+v", e)
		}
		m.is(m.works.AnswerNotice(ctx, link, "impossible", " "), fulfilment.ErrNoticeReason)
		m.is(m.works.AnswerNotice(ctx, link, "later", ""), fulfilment.ErrNoticeOutcome)
		_, err = m.gate.RecipientLink(ctx, link+"."+strings.Repeat("a", 43), m.from)
		m.is(err, access.ErrTaskLink)

		// Answered by many at once, it is answered once.
		var wg sync.WaitGroup
		answers := make([]error, 8)
		for i := range answers {
			wg.Go(func() { answers[i] = m.works.AnswerNotice(ctx, link, "done", "") })
		}
		wg.Wait()
		taken := 0
		for _, err := range answers {
			if err == nil {
				taken++
			} else if !errors.Is(err, fulfilment.ErrNoticeOver) {
				t.Errorf("answered once too often: %v", err)
			}
		}
		if n = m.notice(id, "Lettermill Inc."); taken != 1 || n.State != store.NoticeConfirmed {
			t.Errorf("%d answers taken, the notice is %s", taken, n.State)
		}
		_, err = m.works.OpenNotice(ctx, link)
		m.is(err, fulfilment.ErrNoticeOver)

		told := m.person(id, locale.NB).Recipients
		if i := slices.IndexFunc(told, func(r fulfilment.ToldRecipient) bool { return r.Name == "Lettermill Inc." }); i < 0 || told[i].Text != "Har svart at det er gjort" {
			t.Errorf("the person reads %+v", told)
		}
		if strings.Contains(b.Dump(t, "recipient_notice", "job", "audit_leaf"), "ettermill") {
			t.Error("a recipient's name lies in the clear")
		}
	})
}

// A mail server that is down holds no erasure up; when it is given up, the office tells the recipient, and is
// reminded until it has.
func TestNOT01UnreachedRecipientBecomesATask(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m, ctx := newMailroom(t, b), t.Context()
		id := m.unsubscribed(notified(t, "mail: "+sender))
		b.Letters.Fail(portaltest.MailDown)
		m.work()
		m.state(id, dsr.Answered)
		n := m.notice(id, "Lettermill Inc.")
		if n.State != store.NoticeWaiting || n.Channel != store.ChannelMail {
			t.Fatalf("with the mail server down: %+v", n)
		}
		given := job.Job{Kind: fulfilment.JobTellRecipient, Object: n.PublicID}
		m.must(m.works.GaveUp(ctx, given, "mail"))
		m.must(m.works.GaveUp(ctx, given, "mail"))
		v := m.view(id).Notices
		i := slices.IndexFunc(v, func(n fulfilment.NoticeView) bool { return n.Name == "Lettermill Inc." })
		if v[i].Channel != store.ChannelTask || !v[i].Failed || !v[i].Settle || v[i].Send {
			t.Errorf("given up: %+v", v[i])
		}
		b.Letters.Fail(nil)

		m.is(m.works.SettleNotice(ctx, m.first, id, n.PublicID, fulfilment.NoticeSaid, " "), fulfilment.ErrNoticeHow)
		m.is(m.works.SettleNotice(ctx, m.first, id, n.PublicID, fulfilment.NoticeAgain, ""), fulfilment.ErrNoticeByHand)
		m.is(m.works.SettleNotice(ctx, m.first, id, strings.Repeat("0", 32), fulfilment.NoticeSaid, "x"), store.ErrNoNotice)
		for range 3 {
			b.Clock.Advance(7 * 24 * time.Hour)
			m.must(m.works.RemindRecipients(ctx))
			m.must(m.works.RemindRecipients(ctx))
		}
		if n = m.notice(id, "Lettermill Inc."); n.Reminders != 2 {
			t.Errorf("%d reminders, want 2", n.Reminders)
		}
		m.must(m.works.SettleNotice(ctx, m.first, id, n.PublicID, fulfilment.NoticeSaid, "ringte vakta"))
		m.must(m.works.SettleNotice(ctx, m.first, id, n.PublicID, fulfilment.NoticeCannot, "firmaet er slettet"))
		m.is(m.works.SettleNotice(ctx, m.first, id, n.PublicID, fulfilment.NoticeDone, "x"), fulfilment.ErrNoticeOver)
		told := m.person(id, locale.NB).Recipients
		if !slices.ContainsFunc(told, func(r fulfilment.ToldRecipient) bool { return strings.HasSuffix(r.Text, "firmaet er slettet") }) {
			t.Errorf("the person is not told why a recipient could not be: %+v", told)
		}
	})
}

// peer is a recipient's system.
type peer struct {
	mu     sync.Mutex
	status int
	says   string
	got    []map[string]any
	bad    int // messages whose signature is not right
}

func (p *peer) serve(t *testing.T, secret func(address string) string) string {
	t.Helper()
	s := httptest.NewServer(nil)
	t.Cleanup(s.Close)
	address := s.URL + "/gdpr"
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		checks, err := standardwebhooks.NewWebhook(strings.TrimPrefix(secret(address), "whsec_"))
		if err != nil || checks.VerifyIgnoringTimestamp(body, r.Header) != nil {
			p.bad++
		}
		var said map[string]any
		if json.Unmarshal(body, &said) == nil {
			p.got = append(p.got, said)
		}
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, p.says)
	})
	return address
}

func TestNOT01RecipientsSystemIsToldAndAnswers(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m, ctx := newMailroom(t, b), t.Context()
		p := &peer{status: http.StatusServiceUnavailable}
		address := p.serve(t, func(address string) string { return fulfilment.HookSecret(b.Ring, address) })
		id := m.unsubscribed(notified(t, "webhook: "+address))
		m.work()
		m.state(id, dsr.Answered) // a system that is down holds nothing up
		if n := m.notice(id, "Lettermill Inc."); n.State != store.NoticeWaiting || n.Channel != store.ChannelWebhook {
			t.Fatalf("with the system down: %+v", n)
		}
		p.mu.Lock()
		p.status, p.says = http.StatusAccepted, ""
		p.mu.Unlock()
		b.Clock.Advance(time.Hour)
		m.work()
		n := m.notice(id, "Lettermill Inc.")
		if n.State != store.NoticeTold || p.bad > 0 {
			t.Fatalf("told: %+v, %d bad signatures", n, p.bad)
		}
		last := p.got[len(p.got)-1]
		who, _ := json.Marshal(last["who"])
		if last["right"] != "erasure" || !strings.Contains(string(who), demo.Subscriber.Email) || last["answer_to"] != portaltest.PublicURL+"/api/v1/recipient/answer" {
			t.Errorf("the system is told %v", last)
		}
		link, err := m.gate.RecipientLink(ctx, last["token"].(string), m.from)
		m.must(err)
		m.must(m.works.AnswerNotice(ctx, link, "impossible", "Står i regnskapet."))
		if n = m.notice(id, "Lettermill Inc."); n.State != store.NoticeImpossible || n.Note.Reveal() != "Står i regnskapet." {
			t.Errorf("answered: %+v", n)
		}

		// One that answers at once is not waited for.
		p.mu.Lock()
		p.status, p.says = http.StatusOK, `{"outcome":"done"}`
		p.mu.Unlock()
		other := m.file(dsr.Erasure, demo.Subscriber.Email, store.Detail{Activities: []string{"newsletter"}})
		m.tx(func(tx *store.Tx) error {
			r, err := tx.Request(other)
			if err != nil {
				return err
			}
			n, _, err := tx.PutNotice(r, store.NoticeRecipient, store.ChannelWebhook, store.NoticeBody{Name: "Lettermill Inc.", Webhook: address,
				Activities: []store.NoticeSubject{{ID: "newsletter", Name: locale.Text{NB: "Nyhetsbrev"}}}})
			if err != nil {
				return err
			}
			return tx.Enqueue(job.Spec{Kind: fulfilment.JobTellRecipient, Key: "test", Object: n.PublicID})
		})
		m.work()
		if n = m.notice(other, "Lettermill Inc."); n.State != store.NoticeConfirmed {
			t.Errorf("answered at once: %+v", n)
		}
	})
}

// A recipient is told in the language that the register says, by mail and by message; without one, in the office's.
func TestNOT01ARecipientIsToldInTheirLanguage(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		m.sets(func(s *store.Settings) { s.Language = locale.NN })
		p := &peer{status: http.StatusAccepted}
		address := p.serve(t, func(address string) string { return fulfilment.HookSecret(b.Ring, address) })
		byMail, byMessage := notified(t, "mail: "+sender), notified(t, "webhook: "+address)
		// The first is told as the register says; the others are handed over as it says when they are.
		id := m.unsubscribed(byMail)
		m.work()
		if l := b.Letters.Last(t, sender); l.Locale != locale.EN || !strings.Contains(l.Text, "Whom it is about") || m.notice(id, "Lettermill Inc.").Body.Language != locale.EN {
			t.Errorf("who reads English is told: %s", l.Text)
		}
		reg, err := register.Parse("", []byte(byMessage))
		m.must(err)
		again := func(channel string, body store.NoticeBody) {
			t.Helper()
			body.Name, body.Activities = "Lettermill Inc.", []store.NoticeSubject{{ID: "newsletter", Name: reg.Activity("newsletter").Name}}
			other := m.file(dsr.Erasure, demo.Subscriber.Email, store.Detail{Activities: []string{"newsletter"}})
			m.tx(func(tx *store.Tx) error {
				r, err := tx.Request(other)
				if err != nil {
					return err
				}
				n, _, err := tx.PutNotice(r, store.NoticeRecipient, channel, body)
				if err != nil {
					return err
				}
				return tx.Enqueue(job.Spec{Kind: fulfilment.JobTellRecipient, Key: "test/" + n.PublicID, Object: n.PublicID})
			})
			m.work()
		}
		again(store.ChannelMail, store.NoticeBody{Mail: sender})
		if l := b.Letters.Last(t, sender); l.Locale != locale.NN || !strings.Contains(l.Text, "Kven det gjeld") {
			t.Errorf("without a language: %s", l.Text)
		}
		again(store.ChannelWebhook, store.NoticeBody{Webhook: address, Language: reg.Language("Lettermill Inc.")})
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.got) == 0 {
			t.Fatal("the system is not told")
		}
		if last := p.got[len(p.got)-1]; last["language"] != "en" || fmt.Sprint(last["activities"]) != "[Newsletter]" {
			t.Errorf("the system is told %v", last)
		}
	})
}

// A recipient of a correction reads what is to be corrected, and one of another activity does not.
func TestNOT01CorrectionIsToldToItsRecipients(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.SQLite)
	m := newMailroom(t, b)
	mine, err := m.works.MyFields(t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
	m.must(err)
	i := slices.IndexFunc(mine.Fields, func(f fulfilment.MyField) bool { return f.Label == "Etternavn" })
	c, err := m.works.OpenRef(mine.Fields[i].Ref, b.Store.AddressIndex(demo.MostData.Email))
	m.must(err)
	c.New = "Nordmann-Test"
	id := m.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: []store.Correction{c}})
	m.work()
	m.settle(id, "annotate")
	m.approve(id)
	m.work()
	m.state(id, dsr.Answered)
	want := []store.NoticeChange{{Label: "Etternavn", Old: c.Old, New: "Nordmann-Test"}}
	n := m.notice(id, "Kraftsky Drift AS")
	if diff := cmp.Diff(want, n.Body.Corrections); diff != "" || len(n.Body.Activities) != 1 || n.Body.Activities[0].ID != "customers" {
		t.Errorf("told of %+v", n.Body)
	}
	// Whoever the log says got names is told of a name, though it stood in another system.
	if n = m.notice(id, "Pakkelevering Norge AS"); cmp.Diff(want, n.Body.Corrections) != "" {
		t.Errorf("who got the name is told of %+v", n.Body)
	}
}

// Who got data that nothing is done with does not learn that the person asked for anything.
func TestNOT01OnlyThoseConcernedAreTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		for _, right := range []dsr.Right{dsr.Withdrawal, dsr.Objection} {
			id := m.ask(right, func(f *casework.Filing) { f.Marketing = right == dsr.Objection })[0].PublicID
			m.work()
			m.settle(id, "erase")
			m.relieve(id)
			m.approve(id)
			m.work()
			m.state(id, dsr.Answered)
			erased := map[string]bool{}
			for _, g := range m.answer(id).Groups {
				if g.Action == "deleted" || g.Action == "anonymised" {
					erased[g.Activity] = true
				}
			}
			if len(erased) == 0 && right == dsr.Withdrawal {
				t.Fatalf("%s: nothing was erased", right)
			}
			for _, n := range m.notices(id) {
				for _, a := range n.Body.Activities {
					if !erased[a.Name.NB] {
						t.Errorf("%s: %s is told of %s", right, n.Body.Name, a.ID)
					}
				}
				if n.Body.Name == "Pakkelevering Norge AS" {
					t.Errorf("%s: a partner is told", right)
				}
			}
		}
	})
}

// Where nobody is told, the letter says so: as a fact where the register says that nobody else gets the data, and else no
// more than what is known.
func TestNOT01NOT02ThatThereIsNobodyToTellIsSaid(t *testing.T) {
	t.Parallel()
	mailed := regexp.MustCompile(`(?ms)^  recipients:\n  - name: Lettermill Inc\.\n.*?^  storage:`)
	if len(mailed.FindAll(demo.Register(), -1)) != 1 {
		t.Fatal("the demo's register says something else by now")
	}
	const unnamed = "  recipients:\n  - {name: \"\", role: processor, country: \"NO\"}\n"
	published := regexp.MustCompile(`- id: newsletter\n`)
	for name, c := range map[string]struct {
		instead   string
		published bool
		says      string
	}{
		"nobody else":     {"  no_recipients: true\n", false, "Vi har ikke gitt opplysningene til noen andre, så det er ingen å si fra til."},
		"nothing is said": {"", false, "Vi har ikke registrert at noen andre har fått opplysningene"},
		"somebody":        {unnamed, false, "vi har ikke skrevet ned hvem"},
		"open to all":     {"  no_recipients: true\n", true, "Vi ber søkemotorer og andre"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMailroom(t, portaltest.New(t, migrations.SQLite))
			reg := mailed.ReplaceAllString(string(demo.Register()), c.instead+"  storage:")
			if c.published {
				reg = published.ReplaceAllString(reg, "- id: newsletter\n  published: true\n")
			}
			id := m.unsubscribed(reg)
			seen, err := m.works.Preview(t.Context(), m.first, id)
			m.must(err)
			m.work()
			m.state(id, dsr.Answered)
			a := m.answer(id)
			if !strings.Contains(a.NobodyTold, c.says) || len(a.Recipients) != 0 || seen.NobodyTold != a.NobodyTold || counted(a, "deleted") == 0 {
				t.Errorf("told: %q, %v; in the preview: %q", a.NobodyTold, a.Recipients, seen.NobodyTold)
			}
			if !strings.Contains(a.Letter().Text(), "Hvem som får beskjed\n"+a.NobodyTold+"\n") {
				t.Errorf("the letter says:\n%s", a.Letter().Text())
			}
		})
	}
}

// What was made public is followed up with those who republish it.
func TestERA04PublishedDataIsFollowedUp(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m, ctx := newMailroom(t, b), t.Context()
		published := strings.Replace(string(demo.Register()), "- id: newsletter\n", "- id: newsletter\n  published: true\n", 1)
		id := m.unsubscribed(published)
		m.work()
		m.state(id, dsr.Answered)
		i := slices.IndexFunc(m.notices(id), func(n store.Notice) bool { return n.Kind == store.NoticeRepublisher })
		if i < 0 {
			t.Fatal("nobody is to tell those who republish")
		}
		n := m.notices(id)[i]
		if n.Channel != store.ChannelTask || n.State != store.NoticeWaiting || n.Body.Activities[0].ID != "newsletter" {
			t.Errorf("the task: %+v", n)
		}
		m.must(m.works.SettleNotice(ctx, m.first, id, n.PublicID, fulfilment.NoticeDone, "Meldt til Google og Bing."))
		told := m.person(id, locale.EN).Recipients
		if !slices.ContainsFunc(told, func(r fulfilment.ToldRecipient) bool { return strings.HasPrefix(r.Name, "Search engines") }) {
			t.Errorf("the person reads %+v", told)
		}
	})
}

// The access answer and its package name who got what and when, from the log of disclosures: past recipients
// too, and nothing of what was given about others.
func TestACC03ACC04DisclosuresAreTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m, ctx := newMailroom(t, b), t.Context()
		id := m.file(dsr.Access, demo.MostData.Email, store.Detail{})
		m.work()
		m.settle(id, "disclose")
		pack, err := m.works.StaffPackage(ctx, m.first, id, "html")
		m.must(err)
		page, err := io.ReadAll(pack)
		m.must(err)
		m.approve(id)
		m.work()
		m.must(m.works.Answer(ctx, m.first, id, fulfilment.AnswerInput{}))
		db := m.sql("office")
		want := m.strings(db, "SELECT recipient || ' ' || what || ' ' || purpose FROM disclosures WHERE party_id = 1 ORDER BY id")
		var got []string
		for _, d := range m.answer(id).Disclosed {
			got = append(got, d.Recipient+" "+d.What+" "+d.Basis)
			if d.On == "" || d.Activity != "Utlevering til samarbeidspartnere" {
				t.Errorf("told without when or for what: %+v", d)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || len(want) < 2 {
			t.Errorf("told (-log +answer):\n%s", diff)
		}
		if !bytes.Contains(page, []byte("Navn, adresse, telefon (Hjemlevering)")) {
			t.Error("the page does not tell what was given to whom")
		}
		if strings.Contains(b.Dump(t, "plan", "run", "finding_group"), "Hjemlevering") {
			t.Error("the log of disclosures lies in the clear")
		}
	})
}

// What a member leaves out of the copy does not go out in the list of those who got the data. For the sake of
// others it is what they got that is left out: who they are is told all the same.
func TestACC08TheListOfRecipientsLeavesOutWhatIsWithheld(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		m := newMailroom(t, b)
		id := m.file(dsr.Access, demo.MostData.Email, store.Detail{})
		m.work()
		m.settle(id, "disclose")
		told := func(ground string) (names, contents int) {
			var out []fulfilment.GroupDecision
			for _, g := range m.view(id).Groups {
				if g.Collection == "disclosures" && ground != "" {
					out = append(out, fulfilment.GroupDecision{Group: g.ID, Action: "withhold", Ground: ground, Reason: "Røper for mye"})
				}
			}
			if ground != "" {
				m.must(m.works.Decide(t.Context(), m.first, id, out))
				m.work()
			}
			a, err := m.works.Preview(t.Context(), m.first, id)
			m.must(err)
			for _, d := range a.Disclosed {
				names++
				if d.What+d.Basis != "" {
					contents++
				}
			}
			return names, contents
		}
		if names, contents := told(""); names == 0 || contents != names {
			t.Errorf("%d got something, of %d it is told what", names, contents)
		}
		if names, contents := told("art_15_4"); names == 0 || contents != 0 {
			t.Errorf("withheld for others' sake: %d got something, of %d it is told what", names, contents)
		}
		if names, _ := told("pol_16_1_b"); names != 0 {
			t.Errorf("withheld for an investigation's sake: %d recipients are told of", names)
		}
	})
}

// Whoever the log of disclosures names is told of an erasure, past recipients too.
func TestNOT01PastRecipientsAreTold(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.SQLite)
	m := newMailroom(t, b)
	db := m.sql("office")
	_, err := db.Exec("UPDATE disclosures SET recipient = 'Forhenværende Frakt AS' WHERE party_id = 1 AND purpose = 'Hjemlevering'")
	m.must(err)
	db.Close()
	id := m.reachReview(dsr.Erasure, demo.MostData.Email)
	m.approve(id)
	m.work()
	if n := m.notice(id, "Forhenværende Frakt AS"); n.Channel != store.ChannelTask || n.Body.Activities[0].ID != "partner_disclosure" {
		t.Errorf("a past recipient: %+v", n)
	}
	if n := m.notice(id, "Montørlaget Nordvest AS"); n.Body.How == "" {
		t.Errorf("the office is not told how: %+v", n)
	}
}

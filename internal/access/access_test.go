package access_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

const address = "Kari.Nordmann@Example.com" // a case variant on purpose

// house is a gate over a fresh database, with its letterbox and what it logs.
type house struct {
	*portaltest.Bundle
	*access.Gate
	logged *bytes.Buffer
}

func home(b *portaltest.Bundle) *house {
	logged := &bytes.Buffer{}
	return &house{Bundle: b, logged: logged, Gate: &access.Gate{
		Store: b.Store, Ring: b.Ring, Sender: b.Letters, Now: b.Clock.Now, Rand: rand.Reader, PublicURL: portaltest.PublicURL,
		Logger: slog.New(slog.NewTextHandler(logged, nil)),
	}}
}

// each runs a test on both databases, in an office that has been set up.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := home(b)
		h.setUp(t)
		test(t, h)
	})
}

func (h *house) setUp(t *testing.T) {
	t.Helper()
	s := store.DefaultSettings()
	s.Name, s.Email, s.Phone, s.PostalAddress = "Fjordlys AS", "personvern@fjordlys.example", "22 33 44 55", "Kaia 1, 0150 Oslo"
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	h.tx(t, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(c.ID, store.VersionSettings, 0, string(body), "test")
		return err
	})
}

func (h *house) tx(t *testing.T, fn func(*store.Tx) error) {
	t.Helper()
	if err := h.Bundle.Store.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func from(ip string) access.Client { return access.Client{IP: netip.MustParseAddr(ip)} }

var here = from("192.0.2.7")

func (h *house) jobs(t *testing.T) { t.Helper(); h.RunJobs(t, h.Work()) }

// start begins a verification and has its mail sent.
func (h *house) start(t *testing.T, email string, c access.Client) access.Started {
	t.Helper()
	s, err := h.StartVerification(t.Context(), email, locale.NB, "access", c)
	if err != nil {
		t.Fatal(err)
	}
	h.jobs(t)
	return s
}

func (h *house) last(t *testing.T) mail.Message {
	t.Helper()
	return h.Letters.Last(t, "Kari.Nordmann@example.com")
}

func (h *house) code(t *testing.T) string { t.Helper(); return portaltest.Code(t, h.last(t)) }

// signedIn proves the address and gives the session and its cookie.
func (h *house) signedIn(t *testing.T) (*access.PersonSession, string) {
	t.Helper()
	s := h.start(t, address, here)
	p, secret, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), here)
	if err != nil {
		t.Fatal(err)
	}
	return p, secret
}

func want(t *testing.T, got error, code string, kind fault.Kind) {
	t.Helper()
	f := fault.From(got)
	if f == nil || f.Code != code || f.Kind != kind || !f.Text.Complete() {
		t.Errorf("error %v, want a fault %s (%s) in all languages", got, code, kind)
	}
}

func challengeFailed(t *testing.T, err error) {
	t.Helper()
	want(t, err, "challenge_failed", fault.Malformed)
}

func TestNothingWorksBeforeTheOfficeHasAName(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		h := home(b)
		_, err := h.StartVerification(t.Context(), address, locale.NB, "", here)
		want(t, err, "not_set_up", fault.Unavailable)
		if n := h.Count(t, "SELECT count(*) FROM challenge"); n != 0 {
			t.Errorf("%d challenges", n)
		}
	})
}

// TestNoSecretAndNoAddressLiesInTheOpen plays everything once and looks for what must not be there.
func TestNoSecretAndNoAddressLiesInTheOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		started := h.start(t, address, here)
		id, token := portaltest.Link(t, h.last(t))
		code := h.code(t)
		h.Letters.Fail(portaltest.MailDown)
		h.Clock.Advance(2 * time.Minute)
		if _, err := h.ResendVerification(t.Context(), started.ID, started.FlowSecret, here); err != nil {
			t.Fatal(err)
		}
		h.jobs(t)
		h.Letters.Fail(portaltest.MailRefused)
		h.Clock.Advance(15 * time.Minute)
		h.jobs(t)
		h.Letters.Fail(nil)
		p, session, err := h.RedeemVerification(t.Context(), id, started.FlowSecret, token, "", here)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.StartStepUp(t.Context(), p, access.OpFields, "", here); err != nil {
			t.Fatal(err)
		}
		h.jobs(t)
		stepUp := h.Letters.Last(t, "kari.nordmann@example.com")
		_, wrong := h.RedeemStepUp(t.Context(), p, "", "0000-0000", here)
		challengeFailed(t, wrong)
		_, url, totp, err := h.AddMember(t.Context(), "Ola Hemmelig", "ola@fjordlys.example", "blåbær på tirsdag", nil, "system")
		if err != nil {
			t.Fatal(err)
		}
		_, clientSecret, err := h.AddClient(t.Context(), "Sakssystem", nil, "system")
		if err != nil {
			t.Fatal(err)
		}
		raw := h.Dump(t, "job", "audit_leaf", "challenge", "challenge_secret", "session", "step_up", "member", "api_client", "counter", "blocked_address", "data_key")
		for name, secret := range map[string]string{
			"the address": "nordmann", "the domain": "example.com", "the code": code, "the code without its dash": code[:4] + code[5:],
			"the token": token, "the flow": started.FlowSecret, "the session": session, "the step-up code": portaltest.Code(t, stepUp),
			"the member's name": "Hemmelig", "the member's address": "ola@", "the TOTP secret": totp, "its URL": url,
			"the client's secret": clientSecret, "the IP": "192.0.2",
		} {
			if bytes.Contains(bytes.ToLower([]byte(raw)), bytes.ToLower([]byte(secret))) {
				t.Errorf("%s lies in the database", name)
			}
			if bytes.Contains(bytes.ToLower(h.logged.Bytes()), bytes.ToLower([]byte(secret))) {
				t.Errorf("%s is logged", name)
			}
			if bytes.Contains(bytes.ToLower([]byte(wrong.Error())), bytes.ToLower([]byte(secret))) {
				t.Errorf("%s is in an error's text", name)
			}
		}
		if h.logged.Len() == 0 {
			t.Error("nothing was logged at all, so that looking proves nothing")
		}
	})
}

func TestSweepDeletesWhatIsOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.signedIn(t)
		h.start(t, "annen@example.com", from("198.51.100.4"))
		h.tx(t, func(tx *store.Tx) error { return tx.BlockAddress([]byte("x"), tx.Now.Add(time.Hour)) })
		sweep := func() {
			h.tx(t, func(tx *store.Tx) error { return tx.SweepDoorstep() })
		}
		sweep()
		for _, table := range []string{"challenge", "session", "counter", "blocked_address"} {
			if h.Count(t, "SELECT count(*) FROM "+table) == 0 {
				t.Errorf("%s was swept while it was still of use", table)
			}
		}
		h.Clock.Advance(29 * 24 * time.Hour)
		sweep()
		if n := h.Count(t, "SELECT count(*) FROM challenge"); n != 2 {
			t.Errorf("%d challenges after 29 days, want 2: they stay countable", n)
		}
		h.tx(t, func(tx *store.Tx) error {
			n, err := tx.Unconfirmed(tx.Now.Add(-30 * 24 * time.Hour))
			if n != 1 {
				t.Errorf("%d addresses never confirmed, want 1", n)
			}
			return err
		})
		h.Clock.Advance(13 * 24 * time.Hour)
		sweep()
		for _, table := range []string{"challenge", "challenge_secret", "session", "step_up", "counter", "blocked_address"} {
			if n := h.Count(t, "SELECT count(*) FROM "+table); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		if n := h.Count(t, "SELECT count(*) FROM data_key WHERE owner LIKE 'doorstep-%' AND wrapped IS NOT NULL"); n != 0 {
			t.Errorf("%d keys of the doorstep are left", n)
		}
		// Whoever comes after that finds a new key.
		h.signedIn(t)
	})
}

func TestSweepJob(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.start(t, address, here)
		h.Clock.Advance(60 * 24 * time.Hour)
		p := h.Periodic()[0]
		work := h.Work()[p.Kind]
		if p.Every <= 0 || work.Handle == nil {
			t.Fatalf("the sweep is not asked for: %+v", p)
		}
		if err := h.Bundle.Store.Queue().Enqueue(t.Context(), jobSpec(p.Kind)); err != nil {
			t.Fatal(err)
		}
		h.jobs(t)
		if n := h.Count(t, "SELECT count(*) FROM challenge"); n != 0 {
			t.Errorf("%d challenges are left", n)
		}
	})
}

func TestPeopleAreToldToWaitWhileTheMailServerIsDown(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		failing := func() bool {
			f, err := h.MailFailing(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		if failing() {
			t.Error("failing before anything was sent")
		}
		h.Letters.Fail(portaltest.MailDown)
		s := h.start(t, address, here)
		if !failing() {
			t.Error("not failing though the server is down")
		}
		h.Letters.Fail(nil)
		h.Clock.Advance(15 * time.Minute)
		h.jobs(t)
		if failing() || len(h.Letters.All()) != 1 {
			t.Errorf("failing %v, %d mails, want one", failing(), len(h.Letters.All()))
		}
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), here); err != nil {
			t.Errorf("the late mail's code: %v", err)
		}
	})
}

// Whoever was promised a mail gets one: when the mail server was away until the code was over, a mail
// that says so and where to ask anew, once. It opens nothing.
func TestHeldUpMailSaysSo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Letters.Fail(portaltest.MailDown)
		s := h.start(t, address, here)
		h.Clock.Advance(2 * time.Hour)
		h.jobs(t)
		h.Letters.Fail(nil)
		for range 3 {
			h.Clock.Advance(15 * time.Minute)
			h.jobs(t)
		}
		all := h.Letters.All()
		if len(all) != 1 || !strings.Contains(all[0].Subject, "forsinket") || !strings.Contains(all[0].Text, portaltest.PublicURL+"/") || strings.Contains(all[0].Text, "#") {
			t.Fatalf("%+v", all)
		}
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", "0000-0000", here); !errors.Is(err, verification.ErrChallenge) {
			t.Errorf("a code that was over: %v", err)
		}
		// What was used, or stopped by the mailbox's owner, is not late.
		started := h.start(t, address, here)
		if _, _, err := h.RedeemVerification(t.Context(), started.ID, started.FlowSecret, "", h.code(t), here); err != nil {
			t.Fatal(err)
		}
		sent := len(h.Letters.All())
		h.Clock.Advance(2 * time.Hour)
		h.jobs(t)
		if n := len(h.Letters.All()); n != sent {
			t.Errorf("%d mails more", n-sent)
		}
	})
}

func TestCodesCarryWhatTheMailSays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		started := h.start(t, address, here)
		m := h.last(t)
		if id, _ := portaltest.Link(t, m); id != started.ID {
			t.Errorf("the link is of %s, want %s", id, started.ID)
		}
		for _, s := range []string{"Fjordlys AS", "innsyn", "22 33 44 55", "11:00"} { // 09:00 UTC is 11:00 in Oslo
			if !bytes.Contains([]byte(m.Text), []byte(s)) {
				t.Errorf("the mail lacks %q:\n%s", s, m.Text)
			}
		}
		if m.ReplyTo.Address != "personvern@fjordlys.example" || !m.To.Equal(keyring.NewPrivate("Kari.Nordmann@example.com")) {
			t.Errorf("reply to %s", m.ReplyTo.Address)
		}
	})
}

func TestRetryAfterIsOnlyOfTooMany(t *testing.T) {
	t.Parallel()
	if _, ok := access.RetryAfter(errors.New("x")); ok {
		t.Error("any error has a time to wait")
	}
}

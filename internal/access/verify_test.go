package access_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

func jobSpec(kind string) job.Spec { return job.Spec{Kind: kind, Key: kind + "/test"} }

func TestLinkAndCodeSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for i, way := range []string{"code", "token"} {
			s := h.start(t, address, here)
			code, token := strings.ToLower(strings.ReplaceAll(h.code(t), "-", " ")), ""
			if way == "token" {
				code = ""
				_, token = portaltest.Link(t, h.last(t))
			}
			p, secret, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, token, code, here)
			if err != nil {
				t.Fatalf("%s: %v", way, err)
			}
			if p.Address.Reveal() != "kari.nordmann@example.com" || p.Right != "access" || p.Challenge != s.ID || len(secret) != 43 {
				t.Errorf("%s: session %+v", way, p)
			}
			again, err := h.Person(t.Context(), secret)
			if err != nil || again.PublicID != p.PublicID || !again.Address.Equal(p.Address) {
				t.Errorf("%s: %v, %v", way, again, err)
			}
			_, _, err = h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, token, code, here)
			challengeFailed(t, err)
			if n := h.Count(t, "SELECT count(*) FROM session"); n != i+1 {
				t.Errorf("%s: %d sessions", way, n)
			}
		}
	})
}

func TestBadInputIsSaidSo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, email := range []string{"", "kari", "kari@localhost", "\"kari\"@example.com", "kari@example.com\r\nBcc: x@example.com"} {
			_, err := h.StartVerification(t.Context(), email, locale.NB, "", here)
			want(t, err, "bad_email", fault.Invalid)
			if fault.From(err).Field != "/email" {
				t.Errorf("field %q", fault.From(err).Field)
			}
		}
		if _, err := h.StartVerification(t.Context(), address, locale.NB, "everything", here); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an unknown right: %v", err)
		}
		if n := h.Count(t, "SELECT count(*) FROM challenge"); n != 0 {
			t.Errorf("%d challenges of bad input", n)
		}
	})
}

// TestINT14SameAnswerForEveryAddress compares answers and what is written for an address never seen, one
// with open verifications, one over its limit and one that is blocked.
func TestINT14SameAnswerForEveryAddress(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.tx(t, func(tx *store.Tx) error {
			return tx.BlockAddress(tx.AddressIndex("blocked@example.com"), tx.Now.Add(time.Hour))
		})
		for i := range 3 {
			h.start(t, "over@example.com", from(fmt.Sprintf("198.51.%d.1", 100+i)))
		}
		h.start(t, "open@example.com", from("198.51.103.1"))
		for i, email := range []string{"never@example.com", "open@example.com", "over@example.com", "blocked@example.com"} {
			rows := func() [3]int {
				return [3]int{h.Count(t, "SELECT count(*) FROM challenge"), h.Count(t, "SELECT count(*) FROM job"), h.Count(t, "SELECT count(*) FROM audit_leaf")}
			}
			before := rows()
			s, err := h.StartVerification(t.Context(), email, locale.NB, "", from(fmt.Sprintf("203.0.%d.1", i)))
			if err != nil {
				t.Fatalf("%s: %v", email, err)
			}
			if len(s.ID) != 32 || len(s.FlowSecret) != 43 || s.CodeLength != 8 || s.ExpiresInMinutes != 60 || s.ResendAfterSeconds != 60 {
				t.Errorf("%s: answer %+v", email, s)
			}
			if after := rows(); after != [3]int{before[0] + 1, before[1] + 1, before[2] + 1} {
				t.Errorf("%s: %v rows became %v, want one more of each", email, before, after)
			}
			h.jobs(t)
			mails := map[string]int{"never@example.com": 1, "open@example.com": 2, "over@example.com": 3, "blocked@example.com": 0}[email]
			if n := len(h.Letters.To(email)); n != mails {
				t.Errorf("%s: %d mails, want %d", email, n, mails)
			}
			_, _, err = h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", "ABCD-EFGH", from("203.0.113.9"))
			challengeFailed(t, err)
			if again, err := h.ResendVerification(t.Context(), s.ID, s.FlowSecret, here); err != nil || again.ID != s.ID || again.ResendAfterSeconds != 60 {
				t.Errorf("%s: resend %+v, %v", email, again, err)
			}
		}
		if n := h.Count(t, "SELECT count(*) FROM job WHERE state = 'needs_human'"); n != 0 {
			t.Errorf("%d jobs need a human", n)
		}
	})
}

func TestLimitsOfMailsPerAddressAreSilent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		// Each verification is used, so that only the counters hold back.
		for i := range 4 {
			s := h.start(t, address, from(fmt.Sprintf("203.0.%d.1", i)))
			if n := len(h.Letters.All()); n != min(i+1, 3) {
				t.Fatalf("%d mails after %d asks, the limit is 3 an hour", n, i+1)
			}
			if i < 3 {
				if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), here); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range 4 {
			h.Clock.Advance(2 * time.Hour)
			h.start(t, address, from(fmt.Sprintf("203.1.%d.1", i)))
		}
		if n := len(h.Letters.All()); n != 5 {
			t.Errorf("%d mails in a day, the limit is 5", n)
		}
		h.Clock.Advance(48 * time.Hour)
		h.start(t, address, here)
		if n := len(h.Letters.All()); n != 6 {
			t.Errorf("%d mails after two days, want 6", n)
		}
	})
}

func TestLimitsPerPlaceAreToldWithATime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ask := func(n int, ip string) error {
			_, err := h.StartVerification(t.Context(), fmt.Sprintf("p%d@example.com", n), locale.NB, "", from(ip))
			return err
		}
		for n := range 10 {
			if err := ask(n, "192.0.2.7"); err != nil {
				t.Fatalf("ask %d from one place: %v", n+1, err)
			}
		}
		rows := h.Count(t, "SELECT count(*) FROM challenge")
		err := ask(10, "192.0.2.7")
		want(t, err, "too_many_requests", fault.TooMany)
		wait, ok := access.RetryAfter(err)
		if !ok || wait < time.Second || wait > 2*time.Hour {
			t.Fatalf("told to wait %v, %v", wait, ok)
		}
		if n := h.Count(t, "SELECT count(*) FROM challenge"); n != rows {
			t.Error("a refused ask left a row")
		}
		if err := ask(11, "::ffff:192.0.2.7"); err == nil {
			t.Error("the same place in another notation is let in")
		}
		if err := ask(12, "192.0.2.8"); err != nil {
			t.Errorf("the neighbour: %v", err)
		}
		h.Clock.Advance(wait)
		if err := ask(13, "192.0.2.7"); err != nil {
			t.Errorf("after the time it was told to wait: %v", err)
		}
	})
}

func TestLimitPerNetwork(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ask := func(n int) error {
			_, err := h.StartVerification(t.Context(), fmt.Sprintf("p%d@example.com", n), locale.NB, "", from(fmt.Sprintf("2001:db8:1::%x", n)))
			return err
		}
		for n := range 100 {
			if err := ask(n); err != nil {
				t.Fatalf("ask %d from one network: %v", n+1, err)
			}
		}
		want(t, ask(100), "too_many_requests", fault.TooMany)
	})
}

func TestWrongBrowserNeitherProvesNorBurns(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.start(t, address, here)
		other := h.start(t, "annen@example.com", here)
		_, token := portaltest.Link(t, h.last(t))
		for _, flow := range []string{"", "x", other.FlowSecret} {
			_, _, err := h.RedeemVerification(t.Context(), s.ID, flow, token, "", here)
			want(t, err, "other_browser", fault.Conflict)
			_, _, err = h.RedeemVerification(t.Context(), s.ID, flow, "", h.code(t), here)
			want(t, err, "other_browser", fault.Conflict)
		}
		// Guesses from elsewhere do not use up the person's own attempts, and end at ten.
		for range 4 {
			_, _, err := h.RedeemVerification(t.Context(), s.ID, "", strings.Repeat("A", 43), "", here)
			challengeFailed(t, err)
		}
		_, _, err := h.RedeemVerification(t.Context(), s.ID, "", token, "", here)
		challengeFailed(t, err)
		if n := h.Count(t, "SELECT attempts FROM challenge WHERE public_id = $1", s.ID); n != 0 {
			t.Errorf("%d of the person's attempts are gone", n)
		}
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, token, "", here); err != nil {
			t.Errorf("the right browser afterwards: %v", err)
		}
	})
}

// TestOneAnswerForAllThatFails compares wrong, expired, used, worn out, voided and unknown.
func TestOneAnswerForAllThatFails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		type try struct{ id, flow, token, code string }
		tries := map[string]try{}
		used := h.start(t, "a@example.com", here)
		code := portaltest.Code(t, h.Letters.Last(t, "a@example.com"))
		if _, _, err := h.RedeemVerification(t.Context(), used.ID, used.FlowSecret, "", code, here); err != nil {
			t.Fatal(err)
		}
		tries["used"] = try{used.ID, used.FlowSecret, "", code}
		old := h.start(t, "b@example.com", here)
		_, oldToken := portaltest.Link(t, h.Letters.Last(t, "b@example.com"))
		h.Clock.Advance(time.Hour) // the very instant is too late
		tries["expired"] = try{old.ID, old.FlowSecret, oldToken, ""}
		fresh := h.start(t, "c@example.com", here)
		_, freshToken := portaltest.Link(t, h.Letters.Last(t, "c@example.com"))
		tries["wrong code"] = try{fresh.ID, fresh.FlowSecret, "", "ABCD-EFGH"}
		tries["no code"] = try{fresh.ID, fresh.FlowSecret, "", ""}
		tries["token of another"] = try{fresh.ID, fresh.FlowSecret, oldToken, ""}
		tries["unknown"] = try{strings.Repeat("0", 32), fresh.FlowSecret, freshToken, ""}
		tries["no id"] = try{"", "", "", ""}
		worn := h.start(t, "d@example.com", here)
		wornCode := portaltest.Code(t, h.Letters.Last(t, "d@example.com"))
		for range 5 {
			_, _, err := h.RedeemVerification(t.Context(), worn.ID, worn.FlowSecret, "", "ABCD-EFGH", here)
			challengeFailed(t, err)
		}
		tries["worn out"] = try{worn.ID, worn.FlowSecret, "", wornCode}
		for name, c := range tries {
			_, secret, err := h.RedeemVerification(t.Context(), c.id, c.flow, c.token, c.code, here)
			if secret != "" || err == nil || err.Error() != access.ErrChallenge.Error() || !errors.Is(err, access.ErrChallenge) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTheFifthAttemptCounts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.start(t, address, here)
		for range 4 {
			_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", "ABCD-EFGH", here)
			challengeFailed(t, err)
		}
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), here); err != nil {
			t.Errorf("the fifth, right attempt: %v", err)
		}
	})
}

func TestWrongCodesPerAddressPerDay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var s access.Started
		for range 5 { // 5 mails a day, of which 4 take 5 wrong codes each
			s = h.start(t, address, here)
			if len(h.Letters.All()) == 5 {
				break
			}
			for range 5 {
				_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", "ABCD-EFGH", from("198.51.100.1"))
				challengeFailed(t, err)
			}
			h.Clock.Advance(2 * time.Hour)
		}
		code := h.code(t)
		_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", code, here)
		challengeFailed(t, err)
		h.Clock.Advance(30 * time.Minute)
		if n := h.Count(t, "SELECT count(*) FROM session"); n != 0 {
			t.Errorf("%d sessions past the limit of 20 wrong codes a day", n)
		}
	})
}

func TestWrongCodesFromOnePlace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 60 {
			_, _, err := h.RedeemVerification(t.Context(), strings.Repeat("1", 32), "x", "", "ABCD-EFGH", from("198.51.100.1"))
			challengeFailed(t, err)
		}
		s := h.start(t, address, here)
		_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), from("198.51.100.1"))
		challengeFailed(t, err)
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), here); err != nil {
			t.Errorf("from elsewhere: %v", err)
		}
	})
}

// What signed-in people do is counted in the database, by the address and by the place, and the
// refusal says how long to wait.
func TestLimitsOfSignedInPeople(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			action verification.Action
			most   int
		}{{access.LimitRequest, 10}, {access.LimitWrite, 20}, {access.LimitFields, 20}, {access.LimitDownload, 5}, {access.LimitIntake, 600}, {access.LimitConsult, 600}} {
			who := []byte("who")
			for i := range c.most {
				// Every time from elsewhere: it is the person who is counted.
				if err := h.Limit(t.Context(), c.action, who, from(fmt.Sprintf("10.%d.%d.1", i/256, i%256))); err != nil {
					t.Fatalf("%s %d: %v", c.action, i+1, err)
				}
			}
			err := h.Limit(t.Context(), c.action, who, from("192.0.2.77"))
			if wait, ok := access.RetryAfter(err); !ok || wait <= 0 || fault.KindOf(err) != fault.TooMany {
				t.Errorf("%s: the %dth: %v, wait %v", c.action, c.most+1, err, wait)
			}
			if err := h.Limit(t.Context(), c.action, []byte("another"), from("192.0.2.77")); err != nil {
				t.Errorf("%s: somebody else is stopped too: %v", c.action, err)
			}
		}
	})
}

func TestRightCodesCostNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.LimitFactor = 100 // of mails; redeeming would end at 60 x 100
		before := -1
		for range 3 {
			h.signedIn(t)
			n := h.Count(t, "SELECT coalesce(sum(hits), 0) FROM counter WHERE scope LIKE 'redeem.%'")
			if before >= 0 && n != before || n != 0 {
				t.Errorf("%d hits are left of right codes", n)
			}
			before = n
		}
	})
}

// TestManyWrongCodesAtOnce: fifty at once get five tries, as one after the other would.
func TestManyWrongCodesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.start(t, address, here)
		atOnce(50, func(i int) {
			ip := from(fmt.Sprintf("198.51.%d.1", i))
			_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", "ABCD-EFGH", ip)
			challengeFailed(t, err)
		})
		if n := h.Count(t, "SELECT attempts FROM challenge WHERE public_id = $1", s.ID); n != 5 {
			t.Errorf("%d attempts were let through, want 5", n)
		}
		_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", h.code(t), here)
		challengeFailed(t, err)
	})
}

// TestManyRightCodesAtOnce: one code makes one session.
func TestManyRightCodesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for round := range 8 { // a race need not be lost the first time
			s := h.start(t, address, here)
			code := h.code(t)
			_, token := portaltest.Link(t, h.last(t))
			var mu sync.Mutex
			in := 0
			atOnce(16, func(i int) {
				c, tok := code, ""
				if i%2 == 0 {
					c, tok = "", token
				}
				_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, tok, c, here)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else {
					challengeFailed(t, err)
				}
			})
			if n := h.Count(t, "SELECT count(*) FROM session"); in != 1 || n != round+1 {
				t.Fatalf("round %d: %d came in, %d sessions, want one more", round, in, n)
			}
			h.Clock.Advance(25 * time.Hour) // limits are by the hour and the day
		}
	})
}

func TestManyAsksAtOnceGetThreeMails(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		atOnce(20, func(i int) {
			if _, err := h.StartVerification(t.Context(), address, locale.NB, "", from(fmt.Sprintf("198.51.%d.1", i))); err != nil {
				t.Errorf("ask %d: %v", i, err)
			}
		})
		h.jobs(t)
		if n := len(h.Letters.All()); n != 3 {
			t.Errorf("%d mails, want 3", n)
		}
	})
}

func atOnce(n int, do func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() { <-begin; do(i) })
	}
	close(begin)
	all.Wait()
}

func TestResend(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.start(t, address, here)
		first := h.code(t)
		resend := func(id, flow string) int {
			t.Helper()
			got, err := h.ResendVerification(t.Context(), id, flow, here)
			if err != nil || got.ID != id || got.FlowSecret != "" || got.ExpiresInMinutes != 60 {
				t.Errorf("resend: %+v, %v", got, err)
			}
			h.jobs(t)
			return len(h.Letters.All())
		}
		if n := resend(s.ID, s.FlowSecret); n != 1 {
			t.Errorf("%d mails at once, want 1: a minute must go by", n)
		}
		h.Clock.Advance(time.Minute)
		if n := resend(s.ID, "another browser"); n != 1 {
			t.Errorf("%d mails for another browser, want 1", n)
		}
		if n := resend(strings.Repeat("0", 32), s.FlowSecret); n != 1 {
			t.Errorf("%d mails for an unknown id, want 1", n)
		}
		if n := resend(s.ID, s.FlowSecret); n != 2 {
			t.Fatalf("%d mails after a minute, want 2", n)
		}
		second := h.code(t)
		if first == second {
			t.Error("the second mail has the code of the first")
		}
		h.Clock.Advance(time.Minute)
		// The server fails for a while: what was sent before stays good.
		h.Letters.Fail(portaltest.MailDown)
		resend(s.ID, s.FlowSecret)
		for range 4 {
			h.Clock.Advance(5 * time.Minute)
			h.jobs(t)
		}
		h.Letters.Fail(nil)
		h.Clock.Advance(15 * time.Minute)
		h.jobs(t)
		if n := len(h.Letters.All()); n != 3 {
			t.Fatalf("%d mails, want 3", n)
		}
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", first, here); err != nil {
			t.Errorf("the first mail, come late: %v", err)
		}
		for _, code := range []string{second, h.code(t)} {
			_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", code, here)
			challengeFailed(t, err)
		}
	})
}

func TestOnlyTheLastMailsStayGood(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := h.start(t, address, here)
		codes := []string{h.code(t)}
		for range 3 {
			h.Clock.Advance(time.Minute)
			if _, err := h.ResendVerification(t.Context(), s.ID, s.FlowSecret, here); err != nil {
				t.Fatal(err)
			}
			h.jobs(t)
			if c := h.code(t); c != codes[len(codes)-1] {
				codes = append(codes, c)
			}
		}
		if n := h.Count(t, "SELECT count(*) FROM challenge_secret"); n > 2 {
			t.Errorf("%d earlier secrets are good, at most 2 may be", n)
		}
		if len(codes) != 4 {
			t.Fatalf("%d mails, want 4", len(codes))
		}
		_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", codes[0], here)
		challengeFailed(t, err)
		if _, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", codes[1], here); err != nil {
			t.Errorf("the second of four: %v", err)
		}
	})
}

func TestAMailboxThatDoesNotExistIsNobodysBusiness(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Letters.Fail(portaltest.MailRefused)
		h.start(t, address, here)
		h.Clock.Advance(time.Hour)
		h.jobs(t)
		if h.Letters.Attempts() != 1 || h.Count(t, "SELECT count(*) FROM job WHERE state = 'done'") != 1 {
			t.Errorf("%d attempts", h.Letters.Attempts())
		}
	})
}

func TestNoCodeIsMailedAfterItsTime(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.Letters.Fail(portaltest.MailDown)
		h.start(t, address, here)
		h.Letters.Fail(nil)
		h.Clock.Advance(time.Hour)
		h.jobs(t)
		if all := h.Letters.All(); len(all) != 1 || strings.Contains(all[0].Text, "verify#") {
			t.Errorf("mails with codes that are over: %v", all)
		}
		if n := h.Count(t, "SELECT count(*) FROM challenge WHERE code_mac IS NOT NULL"); n != 0 {
			t.Errorf("%d codes", n)
		}
		if n := h.Count(t, "SELECT count(*) FROM job WHERE state = 'done'"); n != 1 {
			t.Errorf("%d jobs are done", n)
		}
	})
}

func TestNotMe(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, cookie := h.signedIn(t)
		s := h.start(t, address, here)
		_, token := portaltest.Link(t, h.last(t))
		want(t, h.DisownVerification(t.Context(), s.ID, token, "nei", here), "wrong_word", fault.Invalid)
		challengeFailed(t, h.DisownVerification(t.Context(), s.ID, strings.Repeat("A", 43), "stopp", here))
		challengeFailed(t, h.DisownVerification(t.Context(), s.ID, "", "stopp", here))
		challengeFailed(t, h.DisownVerification(t.Context(), strings.Repeat("0", 32), token, "stopp", here))
		if _, err := h.Person(t.Context(), cookie); err != nil {
			t.Fatalf("signed out by a wrong token: %v", err)
		}
		if err := h.DisownVerification(t.Context(), s.ID, token, " Stopp ", from("203.0.113.1")); err != nil {
			t.Fatal(err)
		}
		_, err := h.Person(t.Context(), cookie)
		want(t, err, "not_signed_in", fault.Unauthenticated)
		_, _, err = h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, token, "", here)
		challengeFailed(t, err)
		sent := len(h.Letters.All())
		h.Clock.Advance(29 * 24 * time.Hour)
		h.start(t, address, here)
		if n := len(h.Letters.All()); n != sent {
			t.Error("a mail to a blocked address")
		}
		h.Clock.Advance(3 * 24 * time.Hour)
		h.start(t, address, here)
		if n := len(h.Letters.All()); n != sent+1 {
			t.Error("still blocked after 30 days")
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		alive := func(cookie string) bool {
			_, err := h.Person(t.Context(), cookie)
			if err != nil {
				want(t, err, "not_signed_in", fault.Unauthenticated)
			}
			return err == nil
		}
		_, idle := h.signedIn(t)
		h.Clock.Advance(access.PersonIdle - time.Second)
		if !alive(idle) {
			t.Error("ended before the idle time")
		}
		h.Clock.Advance(access.PersonIdle)
		if alive(idle) {
			t.Error("alive after the idle time")
		}
		_, busy := h.signedIn(t)
		for range 5 {
			h.Clock.Advance(10 * time.Minute)
			if !alive(busy) {
				t.Fatal("ended although busy")
			}
		}
		h.Clock.Advance(10 * time.Minute)
		if alive(busy) {
			t.Error("alive after an hour")
		}
		p, out := h.signedIn(t)
		if err := h.SignOutPerson(t.Context(), p); err != nil || alive(out) {
			t.Errorf("alive after signing out: %v", err)
		}
		for _, c := range []string{"", "x", strings.Repeat("A", 43)} {
			if alive(c) {
				t.Errorf("cookie %q is somebody", c)
			}
		}
		if err := h.SignOutPerson(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// A secret is taken whole and as it is: no part of it, no other writing of it and nothing beside it.
func TestSecretsAreTakenWholeAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, cookie := h.signedIn(t)
		o := h.officer(t)
		client, secret := h.client(t)
		opens := map[string]func(string) error{
			"a person": func(s string) error { _, err := h.Person(t.Context(), s); return err },
			"a member": func(s string) error { _, err := h.Staff(t.Context(), s); return err },
			"a client": func(s string) error {
				_, err := h.IssueToken(t.Context(), client.PublicID, s, "", from("203.0.113.200"))
				return err
			},
		}
		for who, right := range map[string]string{"a person": cookie, "a member": o.cookie, "a client": secret} {
			if err := opens[who](right); err != nil {
				t.Fatalf("%s: %v", who, err)
			}
			wrong := []string{right + "=", right + "A", "A" + right, " " + right, right + " ", right + "\x00", strings.ToUpper(right), strings.ToLower(right), right + right}
			cuts := []int{1, 20, 42}
			if who != "a client" { // whose wrong secrets are counted
				cuts = nil
				for n := range right {
					cuts = append(cuts, n)
				}
			}
			for _, n := range cuts {
				wrong = append(wrong, right[:n], right[len(right)-n:])
			}
			for _, s := range wrong {
				if opens[who](s) == nil && s != right {
					t.Errorf("%s comes in with %d characters of %d", who, len(s), len(right))
				}
			}
			if err := opens[who](right); err != nil {
				t.Errorf("%s afterwards: %v", who, err)
			}
		}
	})
}

func TestAPersonIsNoMemberAndTheOtherWayRound(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		_, cookie := h.signedIn(t)
		if _, err := h.Staff(t.Context(), cookie); err == nil {
			t.Error("a person's cookie opens the staff's pages")
		}
		o := h.officer(t)
		if _, err := h.Person(t.Context(), o.cookie); err == nil {
			t.Error("a member's cookie opens a person's pages")
		}
	})
}

package access_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

const aRequest = "0123456789abcdef0123456789abcdef"

func (h *house) ask(t *testing.T, p *access.PersonSession, operation, object string) string {
	t.Helper()
	got, err := h.StartStepUp(t.Context(), p, operation, object, here)
	if err != nil || got.CodeLength != 8 || got.ExpiresInMinutes != 10 || got.ResendAfterSeconds != 60 {
		t.Fatalf("%+v, %v", got, err)
	}
	h.jobs(t)
	return portaltest.Code(t, h.Letters.Last(t, "kari.nordmann@example.com"))
}

func (h *house) use(t *testing.T, p *access.PersonSession, operation, object string) error {
	t.Helper()
	return h.Bundle.Store.InTx(t.Context(), func(tx *store.Tx) error { return h.UseStepUp(tx, p, operation, object) })
}

func needsStepUp(t *testing.T, err error) {
	t.Helper()
	want(t, err, "step_up_required", fault.Forbidden)
}

func TestID11StepUpOpensOneOperationOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		needsStepUp(t, h.use(t, p, access.OpDownload, aRequest))
		code := h.ask(t, p, access.OpDownload, aRequest)
		_, err := h.RedeemStepUp(t.Context(), p, "another", code, here)
		challengeFailed(t, err)
		until, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here)
		if err != nil || !until.Equal(h.Clock.Now().Add(10*time.Minute)) {
			t.Fatalf("%v, %v", until, err)
		}
		_, err = h.RedeemStepUp(t.Context(), p, aRequest, code, here)
		challengeFailed(t, err)
		needsStepUp(t, h.use(t, p, access.OpWithdraw, aRequest))
		needsStepUp(t, h.use(t, p, access.OpDownload, "another"))
		// A rolled-back operation gives the proof back.
		stop := errors.New("stop")
		err = h.Bundle.Store.InTx(t.Context(), func(tx *store.Tx) error {
			return errors.Join(h.HasStepUp(tx, p, access.OpDownload, aRequest), h.UseStepUp(tx, p, access.OpDownload, aRequest), stop)
		})
		if fault.From(err) != nil || !errors.Is(err, stop) {
			t.Errorf("the rolled-back use: %v", err)
		}
		if err := h.use(t, p, access.OpDownload, aRequest); err != nil {
			t.Error(err)
		}
		needsStepUp(t, h.use(t, p, access.OpDownload, aRequest))
	})
}

func TestStepUpMailNamesTheOperationAndHasNoLink(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		for operation, text := range map[string]string{access.OpDownload: "nedlasting av svaret", access.OpWithdraw: "tilbaketrekking av kravet", access.OpFields: "visning av opplysningene dine"} {
			h.ask(t, p, operation, operation)
			m := h.Letters.Last(t, "kari.nordmann@example.com")
			if !contains(m, text) || contains(m, "/verify#") {
				t.Errorf("%s: %s", operation, m.Text)
			}
		}
		if _, err := h.StartStepUp(t.Context(), p, "erase_everything", "", here); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an unknown operation: %v", err)
		}
	})
}

func TestStepUpIsBoundToItsSession(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		other, _ := h.signedIn(t) // the same address in another browser
		code := h.ask(t, p, access.OpDownload, aRequest)
		_, err := h.RedeemStepUp(t.Context(), other, aRequest, code, here)
		challengeFailed(t, err)
		if _, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here); err != nil {
			t.Fatal(err)
		}
		needsStepUp(t, h.use(t, other, access.OpDownload, aRequest))
		if err := h.SignOutPerson(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		needsStepUp(t, h.use(t, p, access.OpDownload, aRequest))
	})
}

func TestACodeForAnotherOperationIsNoCode(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		s := h.start(t, address, here)
		stepUp := h.ask(t, p, access.OpDownload, aRequest)
		_, _, err := h.RedeemVerification(t.Context(), s.ID, s.FlowSecret, "", stepUp, here)
		challengeFailed(t, err)
		_, err = h.RedeemStepUp(t.Context(), p, aRequest, h.code(t), here)
		challengeFailed(t, err)
	})
}

// A code that was asked for one case opens no other.
func TestACodeForAnotherCaseIsNoCode(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		code := h.ask(t, p, access.OpDownload, aRequest)
		_, err := h.RedeemStepUp(t.Context(), p, strings.Repeat("b", 32), code, here)
		challengeFailed(t, err)
		if _, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here); err != nil {
			t.Errorf("and for its own: %v", err)
		}
	})
}

// One's own fields are shown to a fresh code for just that, as often as one likes while it holds.
func TestOwnFieldsNeedACodeOfTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		look := func() error { return h.LookAtFields(t.Context(), p, here) }
		needsStepUp(t, look())
		if _, err := h.RedeemStepUp(t.Context(), p, aRequest, h.ask(t, p, access.OpDownload, aRequest), here); err != nil {
			t.Fatal(err)
		}
		needsStepUp(t, look())
		if _, err := h.RedeemStepUp(t.Context(), p, "", h.ask(t, p, access.OpFields, ""), here); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := look(); err != nil {
				t.Fatal(err)
			}
		}
		other, _ := h.signedIn(t)
		needsStepUp(t, h.LookAtFields(t.Context(), other, here))
		h.Clock.Advance(10 * time.Minute)
		needsStepUp(t, look())
	})
}

// Ten minutes after signing in a request is withdrawn with a code for just that, once.
func TestWithdrawalNeedsAFreshProof(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, cookie := h.signedIn(t)
		withdraw := func() error {
			return h.Bundle.Store.InTx(t.Context(), func(tx *store.Tx) error { return h.ProveWithdrawal(tx, p, aRequest) })
		}
		if err := withdraw(); err != nil {
			t.Errorf("just signed in: %v", err)
		}
		h.Clock.Advance(11 * time.Minute)
		p, err := h.Person(t.Context(), cookie)
		if err != nil {
			t.Fatal(err)
		}
		needsStepUp(t, withdraw())
		code := h.ask(t, p, access.OpWithdraw, aRequest)
		if _, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here); err != nil {
			t.Fatal(err)
		}
		if err := withdraw(); err != nil {
			t.Error(err)
		}
		needsStepUp(t, withdraw())
	})
}

func TestStepUpEndsAfterTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, cookie := h.signedIn(t)
		code := h.ask(t, p, access.OpDownload, aRequest)
		h.Clock.Advance(10 * time.Minute)
		_, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here)
		challengeFailed(t, err)
		if h.HasFreshProof(p) != true {
			t.Error("the proof of ten minutes ago is not fresh")
		}
		if p, err = h.Person(t.Context(), cookie); err != nil {
			t.Fatal(err)
		}
		code = h.ask(t, p, access.OpDownload, aRequest)
		h.Clock.Advance(time.Minute)
		if h.HasFreshProof(p) {
			t.Error("the proof of eleven minutes ago is fresh")
		}
		if _, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here); err != nil {
			t.Fatal(err)
		}
		if p, err = h.Person(t.Context(), cookie); err != nil || !h.HasFreshProof(p) {
			t.Errorf("a code just now is no fresh proof: %v", err)
		}
		h.Clock.Advance(10 * time.Minute)
		needsStepUp(t, h.use(t, p, access.OpDownload, aRequest))
	})
}

func TestTwoStepUpMailsAreBothGood(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		first := h.ask(t, p, access.OpDownload, aRequest)
		if again := h.ask(t, p, access.OpDownload, aRequest); again != first {
			t.Error("a second mail within a minute")
		}
		h.Clock.Advance(time.Minute)
		if second := h.ask(t, p, access.OpDownload, aRequest); second == first {
			t.Fatal("no second mail after a minute")
		}
		if _, err := h.RedeemStepUp(t.Context(), p, aRequest, first, here); err != nil {
			t.Errorf("the first mail, come late: %v", err)
		}
	})
}

func TestStepUpAttemptsAndManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		code := h.ask(t, p, access.OpDownload, aRequest)
		atOnce(12, func(int) {
			_, err := h.RedeemStepUp(t.Context(), p, aRequest, "ABCD-EFGH", here)
			challengeFailed(t, err)
		})
		_, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here)
		challengeFailed(t, err)
		h.Clock.Advance(time.Minute)
		code = h.ask(t, p, access.OpWithdraw, aRequest)
		var proved, used atomic.Int64
		atOnce(16, func(int) {
			if _, err := h.RedeemStepUp(t.Context(), p, aRequest, code, here); err == nil {
				proved.Add(1)
			}
		})
		atOnce(16, func(int) {
			err := h.Bundle.Store.InTx(t.Context(), func(tx *store.Tx) error { return h.UseStepUp(tx, p, access.OpWithdraw, aRequest) })
			if err == nil {
				used.Add(1)
			} else {
				needsStepUp(t, err)
			}
		})
		if proved.Load() != 1 || used.Load() != 1 {
			t.Errorf("proved %d times, used %d times, want once each", proved.Load(), used.Load())
		}
	})
}

func TestStepUpMailsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p, _ := h.signedIn(t)
		for i := range 10 {
			h.ask(t, p, access.OpDownload, string(rune('a'+i)))
		}
		_, err := h.StartStepUp(t.Context(), p, access.OpDownload, "z", here)
		want(t, err, "too_many_requests", fault.TooMany)
		if wait, ok := access.RetryAfter(err); !ok || wait <= 0 {
			t.Errorf("told to wait %v, %v", wait, ok)
		}
	})
}

func contains(m mail.Message, text string) bool { return strings.Contains(m.Text, text) }

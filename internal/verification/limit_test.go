package verification_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"mininfo/internal/verification"
)

func TestLimitsAreComplete(t *testing.T) {
	t.Parallel()
	for action, want := range map[verification.Action]int{
		verification.ActionFile: 5, verification.ActionResend: 5, verification.ActionRedeem: 4,
		verification.ActionDownload: 2, verification.ActionSignIn: 3, verification.ActionResult: 2,
	} {
		list := verification.LimitsFor(action)
		if len(list) != want {
			t.Errorf("%s has %d limits, want %d", action, len(list), want)
		}
		for _, l := range list {
			if l.Max < 1 || l.Window < time.Minute || l.Bucket == "" || l.Over == "" || l.Scope == "" {
				t.Errorf("%+v", l)
			}
			// A visible refusal would tell a stranger that somebody just filed for the address.
			if action == verification.ActionFile && l.Scope == verification.ScopeAddress && l.Over != verification.Silent {
				t.Errorf("%+v is not silent", l)
			}
		}
	}
	if verification.LimitsFor("unknown") != nil {
		t.Error("an unknown action has limits")
	}
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	l := verification.Limit{Window: time.Hour, Max: 10}
	for _, c := range []struct {
		previous, current int
		elapsed           float64
		want              bool
	}{
		{0, 0, 0, true}, {0, 9, 0.5, true}, {0, 10, 0.5, false}, {10, 0, 0, false}, {10, 0, 0.1, true},
		{10, 4, 0.5, true}, {10, 5, 0.5, false}, {1000, 0, 1, true}, {10, 9, 1, true}, {0, 0, -1, true}, {10, 9, 7, true},
	} {
		if got := l.Allowed(c.previous, c.current, c.elapsed); got != c.want {
			t.Errorf("Allowed(%d, %d, %v) = %v", c.previous, c.current, c.elapsed, got)
		}
	}
	if (verification.Limit{Window: time.Hour}).Allowed(0, 0, 0) {
		t.Error("a limit of zero allows one")
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	l := verification.Limit{Window: time.Hour, Max: 10}
	start, elapsed := l.At(time.Date(2026, 6, 1, 12, 45, 0, 0, time.FixedZone("", 7200)))
	if !start.Equal(time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)) || elapsed != 0.75 {
		t.Errorf("At = %v, %v", start, elapsed)
	}
}

// TestFloodIsHeld sends as fast as allowed for many windows: no fixed window gets more than the
// maximum, and on the long run not more than the maximum a window.
func TestFloodIsHeld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := verification.Limit{Window: time.Hour, Max: rapid.IntRange(1, 20).Draw(t, "max")}
		step := time.Duration(rapid.IntRange(1, 600).Draw(t, "step")) * time.Second
		counts := map[time.Time]int{}
		begin := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
		total := 0
		for now := begin; now.Before(begin.Add(10 * time.Hour)); now = now.Add(step) {
			start, elapsed := l.At(now)
			if l.Allowed(counts[start.Add(-l.Window)], counts[start], elapsed) {
				counts[start]++
				total++
			}
			if counts[start] > l.Max {
				t.Fatalf("%d in one window, the limit is %d", counts[start], l.Max)
			}
		}
		if total == 0 || total > 10*l.Max {
			t.Fatalf("%d got through in ten windows of %d", total, l.Max)
		}
	})
}

func TestRetryAfterIsEnough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := verification.Limit{Window: time.Hour, Max: rapid.IntRange(1, 20).Draw(t, "max")}
		previous := rapid.IntRange(0, 40).Draw(t, "previous")
		current := rapid.IntRange(0, 40).Draw(t, "current")
		now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 3599).Draw(t, "second")) * time.Second)
		start, elapsed := l.At(now)
		wait := l.RetryAfter(previous, current, elapsed)
		if l.Allowed(previous, current, elapsed) {
			if wait != 0 {
				t.Fatalf("allowed, yet told to wait %v", wait)
			}
			return
		}
		if wait < time.Second || wait > 2*l.Window+2*time.Second {
			t.Fatalf("told to wait %v", wait)
		}
		counts := map[time.Time]int{start: current, start.Add(-l.Window): previous}
		start, elapsed = l.At(now.Add(wait))
		if !l.Allowed(counts[start.Add(-l.Window)], counts[start], elapsed) {
			t.Fatalf("not allowed after the %v it was told to wait", wait)
		}
	})
}

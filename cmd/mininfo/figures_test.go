package main_test

import (
	"slices"
	"testing"
	"time"
)

// figure tells a count that scripts/torture gathers for docs/RELIABILITY.md: of how many, how many were
// wrong. A wrong one fails the test.
func figure(t testing.TB, what string, of, wrong int) {
	t.Helper()
	t.Logf("FIGURE\t%s\t%d\t%d", what, of, wrong)
	if wrong > 0 {
		t.Errorf("%s: %d of %d", what, wrong, of)
	}
	if of == 0 {
		t.Errorf("%s: none was tried", what)
	}
}

// measured tells a value that is shown beside the figures and held to no bound.
func measured(t testing.TB, what, value string) {
	t.Helper()
	t.Logf("FIGURE\t%s\t\t%s", what, value)
}

// percentile gives the value that p of a hundred do not exceed.
func percentile(list []time.Duration, p int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)*p+99)/100-1]
}

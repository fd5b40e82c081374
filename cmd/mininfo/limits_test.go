package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/fulfilment"
	"mininfo/internal/live"
	lists "mininfo/internal/source/file"
	"mininfo/internal/staff"
	"mininfo/internal/verification"
)

// The limits that docs/limits.md names are those that hold, each of them.
func TestLimitsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	doc := readRoot(t, "docs/limits.md")
	names := map[verification.Action]string{
		verification.ActionFile: "ask for a code", verification.ActionResend: "ask for it again", verification.ActionRedeem: "give a wrong code or link",
		verification.ActionDownload: "fetch a copy", verification.ActionSignIn: "sign in wrongly", verification.ActionRequest: "file a request",
		verification.ActionWrite: "write a message", verification.ActionFields: "look at one's own fields", verification.ActionIntake: "register through another system",
		verification.ActionConsult: "ask whether addresses may be used", verification.ActionResult: "send a result that nobody signed",
	}
	scopes := map[verification.Scope]string{
		verification.ScopeFlow: "browser", verification.ScopeAddress: "address", verification.ScopeIP: "place", verification.ScopePrefix: "network", verification.ScopeGlobal: "all",
	}
	over := map[verification.Over]string{
		verification.Silent: "the same answer, and no mail", verification.Refuse: "429, with the time to wait", verification.Generic: "the answer of a wrong one", verification.Alarm: "the office is told",
	}
	windows := map[time.Duration]string{time.Hour: "hour", 24 * time.Hour: "day"}
	minutes := func(d time.Duration) string { return fmt.Sprintf("%d minutes", d/time.Minute) }
	var rows []string
	for action, name := range names {
		for _, l := range verification.LimitsFor(action) {
			rows = append(rows, fmt.Sprintf("| %s | %s | %s | %d | %s |", name, scopes[l.Scope], windows[l.Window], l.Max, over[l.Over]))
		}
	}
	counted := len(rows)
	code := verification.File.Spec()
	rows = append(rows,
		fmt.Sprintf("| a code or link to begin with | %s |", minutes(code.TTL)),
		fmt.Sprintf("| a code for something dear | %s |", minutes(verification.StepUp.Spec().TTL)),
		fmt.Sprintf("| wrong codes for one mail | %d |", code.Attempts),
		fmt.Sprintf("| between two mails | %d seconds |", verification.ResendEvery/time.Second),
		fmt.Sprintf("| a person's session, resting | %s |", minutes(access.PersonIdle)),
		fmt.Sprintf("| a person's session, in all | %s |", minutes(access.PersonAbsolute)),
		fmt.Sprintf("| a member's session, resting | %s |", minutes(staff.SessionIdle)),
		fmt.Sprintf("| a member's session, in all | %s |", minutes(staff.SessionAbsolute)),
		fmt.Sprintf("| sessions of one member | %d; one more ends the oldest |", staff.SessionsMax),
		fmt.Sprintf("| a member's fresh proof | %s |", minutes(staff.StepUpTTL)),
		fmt.Sprintf("| a member's password | %d to %d characters |", staff.PasswordMin, staff.PasswordMax),
		fmt.Sprintf("| downloads at once | %d |", verification.DownloadsAtOnceMax),
		fmt.Sprintf("| open pages that are told of changes | %d of one session, %d of one process; one more asks by itself |", live.PerSession, live.InAll),
		fmt.Sprintf("| a file for a case | %d MiB |", fulfilment.MaxUpload>>20),
		fmt.Sprintf("| a list as a system | %d MiB |", lists.MaxBytes>>20),
	)
	for _, row := range rows {
		if !strings.Contains(doc, row+"\n") {
			t.Errorf("docs/limits.md lacks %q", row)
		}
	}
	if got := strings.Count(doc, "\n| "); got != len(rows)+2 { // and the head of each table
		t.Errorf("docs/limits.md has %d rows, want the %d limits and the %d others", got, counted, len(rows)-counted)
	}
}

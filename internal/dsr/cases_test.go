package dsr_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
)

func TestCasesReproducesTheTable(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/deadlines.csv")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := dsr.Cases(strings.NewReader("\ufeff"+string(table)), dsr.Counted{}, &out); err != nil {
		t.Fatal(err)
	}
	want := []string{"id,due,due_unsuspended,internal_target,ext_valid"}
	for _, r := range readTable(t) {
		want = append(want, strings.Join([]string{r["id"], r["due"], r["due_unsuspended"], r["internal_target"], r["ext_valid"]}, ","))
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(out.String()), "\n")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCasesOpenAndInvalid(t *testing.T) {
	t.Parallel()
	in := "events,received,profile,id\nask1=2026-06-03T22:30:00Z,2026-06-01,,A\next=2@2026-07-02,2026-06-01,EDPB,B\n"
	var out strings.Builder
	if err := dsr.Cases(strings.NewReader(in), dsr.Counted{}, &out); err != nil {
		t.Fatal(err)
	}
	want := "id,due,due_unsuspended,internal_target,ext_valid\nA,open,2026-07-01,,\nB,2026-07-01,2026-07-01,2026-06-29,no\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a case does not say itself is counted as was asked for; what it says stands.
func TestCasesByProfileAndCountry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   string
		by   dsr.Counted
		want string
	}{
		"no column for the profile": {"id,received,events\nA,2026-02-09,ask1=2026-02-15;reply1=2026-04-19\n", dsr.Counted{Profile: "UK"}, "A,2026-05-19"},
		"the case's own profile":    {"id,profile,received,events\nA,EDPB,2026-02-09,ask1=2026-02-15;reply1=2026-04-19\n", dsr.Counted{Profile: "UK"}, "A,2026-05-13"},
		"a country":                 {"id,profile,received,events\nA,EDPB,2026-04-17,\n", dsr.Counted{Country: "DE"}, "A,2026-05-18"},
		"Constitution Day":          {"id,profile,received,events\nA,EDPB,2027-04-17,\n", dsr.Counted{}, "A,2027-05-18"},
		"the United Kingdom's":      {"id,profile,received,events\nA,EDPB,2027-04-17,\n", dsr.Counted{Country: "gb"}, "A,2027-05-17"},
		"the case's own country":    {"id,country,received,events\nA,NO,2027-04-17,\n", dsr.Counted{Country: "GB"}, "A,2027-05-18"},
		"the country's zone":        {"id,received,events\nA,2026-06-01T22:30:00Z,\n", dsr.Counted{Country: "GB"}, "A,2026-07-01"},
		"Norway's zone":             {"id,received,events\nA,2026-06-01T22:30:00Z,\n", dsr.Counted{}, "A,2026-07-02"},
		"no rolling":                {"id,received,events\nA,2026-04-17,\n", dsr.Counted{Profile: "STRICT"}, "A,2026-05-17"},
	} {
		var out strings.Builder
		if err := dsr.Cases(strings.NewReader(c.in), c.by, &out); err != nil || !strings.Contains(out.String(), "\n"+c.want+",") {
			t.Errorf("%s: %s%v, want %s", name, out.String(), err, c.want)
		}
	}
	if err := dsr.Cases(strings.NewReader("id,received,events\nA,2026-04-17,\n"), dsr.Counted{Country: "XX"}, &strings.Builder{}); !errors.Is(err, dsr.ErrCountry) {
		t.Errorf("a country without a calendar: %v", err)
	}
}

func TestCasesNamesTheLine(t *testing.T) {
	t.Parallel()
	in := `id,profile,received,events
A,EDPB,2026-06-01,
B,EDPB,2026-06-31,
"C
c",EDPB,2026-06-01,ext=3@2026-06-02
D,XX,2026-06-01,
E,EDPB,2026-06-01,ask1=2026-06-05;reply1=2026-06-04
F,EDPB,2026-06-01,reply2=2026-06-04
G,EDPB,2026-06-01,pause=2026-06-04
H,EDPB,2026-06-01,ask1=2026-06-05;ask1=2026-06-06
I,EDPB
J,EDPB,2026-06-01,
`
	var out strings.Builder
	err := dsr.Cases(strings.NewReader(in), dsr.Counted{}, &out)
	for _, target := range []error{dsr.ErrDate, dsr.ErrExtensionMonths, dsr.ErrProfile, dsr.ErrReplyBeforeAsk} {
		if !errors.Is(err, target) {
			t.Errorf("the error lacks %v", target)
		}
	}
	for _, line := range []string{"line 3:", "line 4:", "line 6:", "line 7:", "line 8:", "line 9:", "line 10:", "line 11:"} {
		if err == nil || !strings.Contains(err.Error(), line) {
			t.Errorf("the error does not name %s\n%v", line, err)
		}
	}
	want := "id,due,due_unsuspended,internal_target,ext_valid\nA,2026-07-01,2026-07-01,2026-06-29,\nJ,2026-07-01,2026-07-01,2026-06-29,\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the good rows (-want +got):\n%s", diff)
	}
}

func TestCasesWithoutColumns(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "id,profile,received\nA,EDPB,2026-06-01\n"} {
		if err := dsr.Cases(strings.NewReader(in), dsr.Counted{}, &strings.Builder{}); err == nil {
			t.Errorf("%q was accepted", in)
		}
	}
}

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
	if err := dsr.Cases(strings.NewReader("\ufeff"+string(table)), &out); err != nil {
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
	if err := dsr.Cases(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	want := "id,due,due_unsuspended,internal_target,ext_valid\nA,open,2026-07-01,,\nB,2026-07-01,2026-07-01,2026-06-29,no\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
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
	err := dsr.Cases(strings.NewReader(in), &out)
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
		if err := dsr.Cases(strings.NewReader(in), &strings.Builder{}); err == nil {
			t.Errorf("%q was accepted", in)
		}
	}
}

package dsr_test

import (
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
)

// TestRET01Limits: an office may choose how long it keeps a case, and not for longer than the rule's most. What
// lies outside is refused with what the limits are, at the field.
func TestRET01Limits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		keep  dsr.Keep
		field string
	}{
		{dsr.DefaultKeep(), ""},
		{dsr.Keep{EvidenceDays: 1, CopyDays: 7, CaseYears: 1}, ""},
		{dsr.Keep{EvidenceDays: 90, CopyDays: 90, CaseYears: 5}, ""},
		{dsr.Keep{}, "/keep/evidence_days"},
		{dsr.Keep{EvidenceDays: 91, CopyDays: 90, CaseYears: 5}, "/keep/evidence_days"},
		{dsr.Keep{EvidenceDays: 90, CopyDays: 6, CaseYears: 5}, "/keep/copy_days"},
		{dsr.Keep{EvidenceDays: 90, CopyDays: 91, CaseYears: 5}, "/keep/copy_days"},
		{dsr.Keep{EvidenceDays: 90, CopyDays: 90}, "/keep/case_years"},
		{dsr.Keep{EvidenceDays: 90, CopyDays: 90, CaseYears: 6}, "/keep/case_years"},
	} {
		err := c.keep.Check()
		if f := fault.From(err); (err == nil) != (c.field == "") || f != nil && f.Field != c.field {
			t.Errorf("%+v: %v", c.keep, err)
		}
	}
}

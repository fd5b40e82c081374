package dsr_test

import (
	"testing"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
)

// TestBRE01WhatIsMissing: a record is closed only when it says what Art. 33 and 34 want of it.
func TestBRE01WhatIsMissing(t *testing.T) {
	t.Parallel()
	noticed := time.Date(2026, 4, 2, 9, 0, 0, 0, time.UTC)
	soon, late, before := noticed.Add(time.Hour), noticed.Add(73*time.Hour), noticed.Add(-time.Minute)
	for name, c := range map[string]struct {
		b     dsr.Breach
		field string
	}{
		"nothing":           {dsr.Breach{}, "/risk"},
		"no reason":         {dsr.Breach{Risk: dsr.RiskUnlikely}, "/reason"},
		"unlikely":          {dsr.Breach{Risk: dsr.RiskUnlikely, Reason: "x"}, ""},
		"a risk, untold":    {dsr.Breach{Risk: dsr.RiskLikely, Reason: "x"}, "/authority_at"},
		"a risk, excused":   {dsr.Breach{Risk: dsr.RiskLikely, Reason: "x", AuthorityWhy: "y"}, "/authority_at"},
		"a risk":            {dsr.Breach{Risk: dsr.RiskLikely, Reason: "x", AuthorityAt: &soon}, ""},
		"told before":       {dsr.Breach{Risk: dsr.RiskLikely, Reason: "x", AuthorityAt: &before}, "/authority_at"},
		"late":              {dsr.Breach{Risk: dsr.RiskLikely, Reason: "x", AuthorityAt: &late}, "/authority_why"},
		"late, with reason": {dsr.Breach{Risk: dsr.RiskLikely, Reason: "x", AuthorityAt: &late, AuthorityWhy: "y"}, ""},
		"high":              {dsr.Breach{Risk: dsr.RiskHigh, Reason: "x", AuthorityAt: &soon}, "/persons_at"},
		"high, told":        {dsr.Breach{Risk: dsr.RiskHigh, Reason: "x", AuthorityAt: &soon, PersonsAt: &soon}, ""},
		"high, why not":     {dsr.Breach{Risk: dsr.RiskHigh, Reason: "x", AuthorityAt: &soon, PersonsWhy: "y"}, ""},
	} {
		c.b.NoticedAt = noticed
		err := c.b.Check(noticed.Add(100 * time.Hour))
		if err == nil {
			err = c.b.MayClose()
		}
		if f := fault.From(err); (err == nil) != (c.field == "") || f != nil && f.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

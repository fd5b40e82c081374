package dsr_test

import (
	"os"
	"strings"
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// The clock asks the profile, and nothing in it is counted by a profile's name: another one is another file.
const another = `
- name: OTHER
  title: {nb: Annen, nn: Annan, en: Other}
  country: DE
  period: {months: 2, counted: thirty_days, source: {nb: kilde A, nn: kjelde A, en: source A}}
  roll: {over: weekends, source: {nb: kilde B, nn: kjelde B, en: source B}}
  extension: {months: 1, source: {nb: kilde C, nn: kjelde C, en: source C}}
  questions:
    within_days: 3
    ask_day: paused
    source: {nb: kilde D, nn: kjelde D, en: source D}
    kinds: [{kind: clarification, effect: restarts}]
  target_days: [50, 80]
`

func TestAProfileIsData(t *testing.T) {
	t.Parallel()
	list, err := dsr.ReadProfiles([]byte(another))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(kind dsr.PauseKind, asked, replied string) []dsr.Pause {
		return []dsr.Pause{{Kind: kind, Asked: day(t, asked), Replied: day(t, replied), Reasoned: true}}
	}
	for name, c := range map[string]struct {
		received string
		pauses   []dsr.Pause
		months   int
		due      string
	}{
		"sixty days":                   {"2026-06-01", nil, 0, "2026-07-31"},
		"a Saturday":                   {"2026-06-02", nil, 0, "2026-08-03"},
		"no holiday":                   {"2026-08-04", nil, 0, "2026-10-05"}, // 3 October is a Saturday
		"Unity Day counts":             {"2028-08-04", nil, 0, "2028-10-03"},
		"extended":                     {"2026-06-01", nil, 1, "2026-08-31"},
		"identity does not pause":      {"2026-06-01", ask(dsr.PauseIdentity, "2026-06-02", "2026-06-12"), 0, "2026-07-31"},
		"a clarification starts again": {"2026-06-01", ask(dsr.PauseClarification, "2026-06-02", "2026-06-12"), 0, "2026-08-11"},
		"asked after three days":       {"2026-06-01", ask(dsr.PauseClarification, "2026-06-05", "2026-06-12"), 0, "2026-07-31"},
	} {
		clock := dsr.Clock{Profile: list[0], Received: day(t, c.received), Pauses: c.pauses}
		if c.months > 0 {
			clock.Extensions = []dsr.Extension{{Months: c.months, Sent: clock.Received, Reasoned: true}}
		}
		d, err := dsr.Compute(clock)
		if err != nil || d.Due.String() != c.due {
			t.Errorf("%s: due %v (%v), want %s", name, d.Due, err, c.due)
		}
		if why := words(d, locale.NN); !strings.Contains(why, "kjelde A") {
			t.Errorf("%s: why does not say by which source: %s", name, why)
		}
	}
	clock := dsr.Clock{Profile: list[0], Received: day(t, "2026-06-01"), Extensions: []dsr.Extension{{Months: 2, Sent: day(t, "2026-06-02"), Reasoned: true}}}
	if _, err := dsr.Compute(clock); err == nil {
		t.Error("extended by more than the profile allows")
	}
}

func words(d dsr.Deadline, l locale.Locale) string {
	var all []string
	for _, r := range d.Reasons {
		all = append(all, r.Text.In(l))
	}
	return strings.Join(all, "\n")
}

func TestReadProfilesIsStrict(t *testing.T) {
	t.Parallel()
	if _, err := dsr.ReadProfiles([]byte(another + another)); err == nil {
		t.Error("two profiles of one name were read")
	}
	for was, now := range map[string]string{
		"name: OTHER":           "name: ''",
		"country: DE":           "country: XX",
		"thirty_days":           "four_weeks",
		"months: 2,":            "months: 0,",
		"over: weekends":        "over: fridays",
		"nn: kjelde C, ":        "",
		"within_days: 3":        "within: 3",
		"ask_day: paused":       "ask_day: maybe",
		"kind: clarification":   "kind: fee",
		"effect: restarts":      "effect: none",
		"[50, 80]":              "[50]",
		"extension: {months: 1": "extension: {months: 13",
	} {
		text := strings.Replace(another, was, now, 1)
		if text == another {
			t.Fatalf("%q does not stand in the profile", was)
		}
		if _, err := dsr.ReadProfiles([]byte(text)); err == nil {
			t.Errorf("read with %q in place of %q", now, was)
		}
	}
	if _, err := dsr.ReadProfiles(nil); err == nil {
		t.Error("no profiles were read as profiles")
	}
}

// What a case was counted by stays: the shipped profiles have these names and these rules.
func TestCLK05TheShippedProfiles(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("profiles.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list, err := dsr.ReadProfiles(file)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d profiles, %v", len(list), err)
	}
	for name, want := range map[string]string{"": "EDPB", "edpb": "EDPB", " uk ": "UK", "ICO": "UK", "strict": "STRICT"} {
		if p, err := dsr.ParseProfile(name); err != nil || p.Name != want {
			t.Errorf("%q is %q, %v", name, p.Name, err)
		}
	}
}

// Why this date: each profile names its own sources, in each language, and none names another's.
func TestCLK01WhyThisDateNamesTheProfilesSources(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ names, never []string }{
		"EDPB":   {[]string{"Regulation 1182/71 Art. 3(2)(c)", "Regulation 1182/71 Art. 3(4)", "EDPB Guidelines 01/2022 para. 159", "GDPR Art. 12(3)"}, []string{"ICO", "UK"}},
		"UK":     {[]string{"the ICO's guidance on time limits", "the ICO's guidance on the right of access", "UK GDPR Art. 12(3)"}, []string{"EDPB", "1182/71"}},
		"STRICT": {[]string{"GDPR Art. 12(3)"}, []string{"EDPB", "1182/71", "ICO"}},
	} {
		d := compute(t, name, "2026-02-26", "ask1=2026-02-27;reply1=2026-03-01;ext=2@2026-03-02")
		why := words(d, locale.EN)
		rolled := compute(t, name, "2026-02-28", "")
		if name != "STRICT" && rolled.Due == rolled.Unrolled {
			t.Fatalf("%s: the case does not roll: %v", name, rolled.Due)
		}
		why += words(rolled, locale.EN)
		for _, source := range c.names {
			if !strings.Contains(why, source) {
				t.Errorf("%s does not name %q:\n%s", name, source, why)
			}
		}
		for _, other := range c.never {
			if strings.Contains(why, other) {
				t.Errorf("%s names %q:\n%s", name, other, why)
			}
		}
	}
}

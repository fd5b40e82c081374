package governance_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// office gives a fresh installation after its first start.
func office(t *testing.T, b *portaltest.Bundle) *governance.Office {
	t.Helper()
	blobs, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	o := &governance.Office{Store: b.Store, Ring: b.Ring, Blobs: blobs, Now: b.Clock.Now, Rand: rand.Reader,
		Sender: b.Letters, PublicURL: portaltest.PublicURL}
	if err := o.FirstStart(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

// member adds a member to the staff and gives who acts.
func member(t *testing.T, b *portaltest.Bundle, name string, roles ...staff.Role) governance.By {
	t.Helper()
	by := governance.By{Name: name, Roles: roles, Locale: locale.EN, FactorFresh: true}
	err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		address := name + "@kontor.example"
		m, err := tx.AddMember(c.ID, store.Member{Name: keyring.NewPrivate(name), Email: keyring.NewPrivate(address), Roles: roles},
			address, store.Credentials{PasswordHash: "x", TOTP: keyring.NewPrivate("x")})
		if err == nil {
			by.ID, by.PublicID = m.ID, m.PublicID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return by
}

func organisation() governance.Change {
	return governance.Change{CoolingOffHours: 72, Notify: []string{"leder@fjordlys.example"},
		Organisation: governance.Organisation{Name: "Fjordlys AS", OrganisationNumber: "999 999 999", Email: "personvern@fjordlys.example",
			Phone: "+47 55 00 00 00", PostalAddress: "Storgata 1\n5003 Bergen"}}
}

func TestFirstStart(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		if err := o.FirstStart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(*) FROM version"); n != 1 {
			t.Errorf("two starts made %d versions", n)
		}
		r, err := o.Register(t.Context(), governance.System())
		if err != nil {
			t.Fatal(err)
		}
		if r.Version != 1 || len(r.Register.Activities) != len(register.Seed().Activities) || len(r.Gaps) == 0 || r.ChangedBy != "Mininfo" {
			t.Errorf("version %d with %d activities, %d gaps, by %q", r.Version, len(r.Register.Activities), len(r.Gaps), r.ChangedBy)
		}
		p, err := o.Portal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// Monday 1 June 2026 plus one month is Wednesday 1 July.
		if diff := cmp.Diff(governance.Portal{AnswerBy: dsr.NewDate(2026, 7, 1), ConsentAge: 13, Rights: register.Seed().Offers()}, p); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPutSettings(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer, staff.Admin)
		s, err := o.PutSettings(t.Context(), by, organisation())
		if err != nil {
			t.Fatal(err)
		}
		want := store.Settings{Name: "Fjordlys AS", OrganisationNumber: "999999999", Email: "personvern@fjordlys.example", Phone: "+47 55 00 00 00",
			PostalAddress: "Storgata 1, 5003 Bergen", Notify: []string{"leder@fjordlys.example"}, CoolingOffHours: 72, BackupDays: 365, LiftingDays: 7, AddressHours: 72, Keep: dsr.DefaultKeep()}
		if diff := cmp.Diff(want, s.Settings); diff != "" || s.SetUp || s.Version != 1 || s.Mail.State != governance.MailOK {
			t.Errorf("%+v %s", s, diff)
		}
		// The register says the same, and nothing else of it has changed.
		r, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		seed := register.Seed()
		seed.Controller = register.Controller{Name: want.Name, OrganisationNo: want.OrganisationNumber, Email: want.Email, Phone: want.Phone,
			PostalAddress: want.PostalAddress, Country: "NO", FinancialYearTo: "12-31"}
		if diff := cmp.Diff(seed, r.Register); diff != "" || r.Version != 2 || r.ChangedBy != "ansvarlig" {
			t.Errorf("version %d by %q: %s", r.Version, r.ChangedBy, diff)
		}
		notice, err := o.Notice(t.Context(), locale.NN, 0)
		if err != nil || notice.Controller.Name != "Fjordlys AS" || notice.Version != 2 {
			t.Errorf("the notice is of %q, version %d (%v)", notice.Controller.Name, notice.Version, err)
		}
		change := organisation()
		days, week := 30, 14
		change.Done, change.CoolingOffHours, change.BackupDays, change.LiftingDays, change.Keep = true, 0, &days, &week, &dsr.Keep{EvidenceDays: 14, CopyDays: 30, CaseYears: 5}
		if s, err = o.PutSettings(t.Context(), by, change); err != nil || !s.SetUp || s.CoolingOffHours != 0 || s.Version != 2 {
			t.Errorf("done: %+v, %v", s, err)
		}
		change.Language = "nn"
		change.Base = nil
		if s, err = o.PutSettings(t.Context(), by, change); err != nil || s.Speaks() != locale.NN {
			t.Errorf("the office speaks %q, %v", s.Speaks(), err)
		}
		if s.LiftingDays != week {
			t.Errorf("people have %d days", s.LiftingDays)
		}
		if s.BackupDays != days {
			t.Errorf("backups are kept for %d days", s.BackupDays)
		}
		if s.Keep != *change.Keep {
			t.Errorf("kept: %+v", s.Keep)
		}
		if s, err = o.PutSettings(t.Context(), by, organisation()); err != nil || s.Keep != *change.Keep || s.LiftingDays != week || s.Speaks() != locale.NN {
			t.Errorf("settings that do not speak of it changed what is kept: %+v, %v", s.Keep, err)
		}
		if r, err = o.Register(t.Context(), by); err != nil || r.Version != 2 {
			t.Errorf("settings that leave the organisation alone made register version %d (%v)", r.Version, err)
		}
		base := int64(1)
		change.Base = &base
		if _, err := o.PutSettings(t.Context(), by, change); !errors.Is(err, store.ErrVersion) {
			t.Errorf("an old base gave %v", err)
		}
		if p, err := o.Portal(t.Context()); err != nil || !p.SetUp || p.Name != "Fjordlys AS" || p.PostalAddress != want.PostalAddress {
			t.Errorf("%+v, %v", p, err)
		}
		log := b.Dump(t, "audit_leaf", "job")
		for _, personal := range []string{"leder@", "Storgata"} {
			if strings.Contains(log, personal) {
				t.Errorf("the log holds %q", personal)
			}
		}
		if !strings.Contains(log, "settings_changed") {
			t.Error("the log lacks the change")
		}
	})
}

func TestPutSettingsRefuses(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := governance.By{Roles: []staff.Role{staff.Admin}}
		for field, change := range map[string]func(*governance.Change){
			"/organisation/name":                func(c *governance.Change) { c.Organisation.Name = "  " },
			"/organisation/email":               func(c *governance.Change) { c.Organisation.Email = "personvern@@fjordlys.example" },
			"/organisation/organisation_number": func(c *governance.Change) { c.Organisation.OrganisationNumber = "12345" },
			"/organisation/postal_address":      func(c *governance.Change) { c.Organisation.PostalAddress = "" },
			"/organisation/dpo":                 func(c *governance.Change) { c.Organisation.DPO = "a\r\nBcc: b" },
			"/organisation/signer_name":         func(c *governance.Change) { c.Organisation.SignerName = "a\nb" },
			"/organisation/signer_role":         func(c *governance.Change) { c.Organisation.SignerRole = strings.Repeat("x", 101) },
			"/organisation/accessibility_url":   func(c *governance.Change) { c.Organisation.AccessibilityURL = "javascript:alert(1)" },
			"/notify/1":                         func(c *governance.Change) { c.Notify = []string{"a@b.example", "nobody"} },
			"/cooling_off_hours":                func(c *governance.Change) { c.CoolingOffHours = 169 },
			"/profile":                          func(c *governance.Change) { c.Profile = new("ACME") },
			"/country":                          func(c *governance.Change) { c.Country = new("TR") },
			"/lifting_days":                     func(c *governance.Change) { none := 0; c.LiftingDays = &none },
			"/language":                         func(c *governance.Change) { c.Language = "sv" },
			"/backup_days":                      func(c *governance.Change) { none := 0; c.BackupDays = &none },
			"/keep/evidence_days":               func(c *governance.Change) { c.Keep = &dsr.Keep{EvidenceDays: 91, CopyDays: 90, CaseYears: 3} },
			"/keep/copy_days":                   func(c *governance.Change) { c.Keep = &dsr.Keep{EvidenceDays: 90, CopyDays: 6, CaseYears: 3} },
			"/keep/case_years":                  func(c *governance.Change) { c.Keep = &dsr.Keep{EvidenceDays: 90, CopyDays: 90, CaseYears: 6} },
			"/notify":                           func(c *governance.Change) { c.Notify = make([]string, 11) },
		} {
			c := organisation()
			change(&c)
			_, err := o.PutSettings(t.Context(), by, c)
			if f := fault.From(err); f == nil || f.Kind != fault.Invalid || f.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := o.PutSettings(t.Context(), governance.By{Roles: []staff.Role{staff.CaseHandler}}, organisation()); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a case handler: %v", err)
		}
		if n := b.Count(t, "SELECT count(*) FROM version WHERE kind = 'settings'"); n != 0 {
			t.Errorf("%d versions were written", n)
		}
	})
}

func TestMailStateAndTestMail(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer, staff.Admin)
		if err := o.TestMail(t.Context(), by); !errors.Is(err, governance.ErrNotNamed) {
			t.Errorf("before the organisation is named: %v", err)
		}
		if _, err := o.PutSettings(t.Context(), by, organisation()); err != nil {
			t.Fatal(err)
		}
		if err := o.TestMail(t.Context(), by); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.Dump(t, "job"), "kontor.example") {
			t.Error("the job holds an address")
		}
		b.Letters.Fail(portaltest.MailDown)
		b.RunJobs(t, o.Work())
		p, err := o.Portal(t.Context())
		s, _ := o.Settings(t.Context(), by)
		if err != nil || !p.MailDelayed || s.Mail.State != governance.MailDelayed || s.Mail.Waiting != 1 || s.Mail.Text == "" {
			t.Errorf("with the server down: %+v, %+v, %v", p, s.Mail, err)
		}
		b.Letters.Fail(nil)
		b.Clock.Advance(16 * 60 * 1e9)
		b.RunJobs(t, o.Work())
		m := b.Letters.Last(t, "ansvarlig@kontor.example")
		if m.From.Address != "personvern@fjordlys.example" || len(b.Letters.All()) != 1 {
			t.Errorf("%d mails, from %q", len(b.Letters.All()), m.From.Address)
		}
		if s, _ = o.Settings(t.Context(), by); s.Mail.State != governance.MailOK || s.Mail.Waiting != 0 {
			t.Errorf("after it came back: %+v", s.Mail)
		}
		o.Sender = nil
		if err := o.TestMail(t.Context(), by); !errors.Is(err, governance.ErrMailNotSet) {
			t.Errorf("without a server: %v", err)
		}
		if s, _ = o.Settings(t.Context(), by); s.Mail.State != governance.MailNotSet {
			t.Errorf("without a server: %+v", s.Mail)
		}
	})
}

func TestPutRegister(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		wrong := strings.Replace(was.YAML, "rule: months", "rule: mnths", 1)
		_, err = o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: wrong, Base: 1})
		var problems *governance.YAMLProblems
		if !errors.As(err, &problems) || !errors.Is(err, register.ErrInvalid) {
			t.Fatalf("a typing error gave %v", err)
		}
		line := 1 + strings.Count(wrong[:strings.Index(wrong, "mnths")], "\n")
		if len(problems.Lines) != 1 || problems.Lines[0].Line != line || problems.Lines[0].Text.In(locale.NB) == "" {
			t.Errorf("the typing error on line %d gave %+v", line, problems.Lines)
		}
		named := strings.NewReplacer(`name: ""`+"\n  postal_address: \"\"\n  email: \"\"", "name: Fjordlys AS # vi\n  postal_address: Storgata 1\n  email: p@fjordlys.example").Replace(was.YAML)
		if named == was.YAML {
			t.Fatal("the seed's controller looks otherwise than this test thinks")
		}
		now, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: named, Base: 1})
		if err != nil || now.Version != 2 || now.YAML != named {
			t.Fatalf("version %d, %v", now.Version, err)
		}
		if p, err := o.Portal(t.Context()); err != nil || p.Name != "Fjordlys AS" || p.Email != "p@fjordlys.example" {
			t.Errorf("the portal is of %q (%v)", p.Name, err)
		}
		if _, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: was.YAML, Base: 1}); !errors.Is(err, store.ErrVersion) {
			t.Errorf("an old base gave %v", err)
		}
		if _, err := o.PutRegister(t.Context(), governance.By{Roles: []staff.Role{staff.Admin}}, governance.RegisterChange{YAML: was.YAML, Base: 2}); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("an admin: %v", err)
		}
		// A change of the settings keeps the comments of the register.
		admin := governance.By{Roles: []staff.Role{staff.Admin}}
		if _, err := o.PutSettings(t.Context(), admin, organisation()); err != nil {
			t.Fatal(err)
		}
		out, err := o.ExportRegister(t.Context())
		if err != nil || !strings.Contains(string(out), "# vi") || !strings.Contains(string(out), "Storgata 1, 5003 Bergen") {
			t.Errorf("the register's text after new settings: %v\n%.400s", err, out)
		}
	})
}

// The register says where the office is: from then on the portal promises, and counts, by the holidays of
// that country. One that it has no calendar for changes nothing.
func TestCLK05TheRegisterSaysWhereTheOfficeIs(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Set(time.Date(2026, 5, 18, 22, 30, 0, 0, time.UTC)) // the 19th in Stockholm; 19 June is Midsummer's Eve
		base := int64(1)
		for _, c := range []struct{ country, zone, due string }{
			{"SE", "Europe/Stockholm", "2026-06-22"}, {"JP", "Europe/Stockholm", "2026-06-22"}, {"GB", "Europe/London", "2026-06-18"}, {"NO", "Europe/Oslo", "2026-06-19"},
		} {
			moved := strings.Replace(was.YAML, "  country: \"NO\"\n  financial", "  country: "+c.country+"\n  financial", 1)
			if c.country == "NO" {
				moved = was.YAML
			}
			now, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: moved, Base: base})
			if err != nil {
				t.Fatalf("%s: %v", c.country, err)
			}
			base = now.Version
			p, err := o.Portal(t.Context())
			if err != nil || p.AnswerBy.String() != c.due {
				t.Errorf("%s: an answer is promised by %s, want %s, %v", c.country, p.AnswerBy, c.due, err)
			}
			if n := b.Count(t, "SELECT count(*) FROM controller WHERE zone = $1", c.zone); n != 1 {
				t.Errorf("%s: the office is not in %s", c.country, c.zone)
			}
		}
	})
}

// The office chooses by which profile and whose holidays its time limits are counted; the register says the
// same country, what is not spoken of stays, and every country on offer can be chosen.
func TestCLK05TheOfficeChoosesHowTimeLimitsAreCounted(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		b.Clock.Set(time.Date(2027, 4, 17, 8, 0, 0, 0, time.UTC)) // 17 May 2027 is Whit Monday too
		if s, err := o.Settings(t.Context(), by); err != nil || s.Counting() != "EDPB" || s.Country != "NO" {
			t.Fatalf("at first %s in %s, %v", s.Counting(), s.Country, err)
		}
		for _, c := range []struct{ profile, country, zone, due string }{
			{"", "", "Europe/Oslo", "2027-05-18"}, {"ico", "GB", "Europe/London", "2027-05-17"}, {"", "", "Europe/London", "2027-05-17"},
			{"EDPB", "DE", "Europe/Berlin", "2027-05-18"}, {"STRICT", "NO", "Europe/Oslo", "2027-05-17"},
		} {
			change := organisation()
			if c.profile != "" {
				change.Profile, change.Country = &c.profile, &c.country
			}
			s, err := o.PutSettings(t.Context(), by, change)
			if err != nil {
				t.Fatalf("%+v: %v", c, err)
			}
			p, err := o.Portal(t.Context())
			if err != nil || p.AnswerBy.String() != c.due {
				t.Errorf("%+v: an answer is promised by %s, %v", c, p.AnswerBy, err)
			}
			if n := b.Count(t, "SELECT count(*) FROM controller WHERE zone = $1", c.zone); n != 1 {
				t.Errorf("%+v: the office is not in that zone", c)
			}
			r, err := o.Register(t.Context(), by)
			if err != nil || r.Register.Controller.Country != s.Country || c.country != "" && s.Country != c.country {
				t.Errorf("%+v: the settings say %s, the register %s, %v", c, s.Country, r.Register.Controller.Country, err)
			}
		}
		for _, country := range dsr.Countries() {
			change := organisation()
			change.Country = &country
			if s, err := o.PutSettings(t.Context(), by, change); err != nil || s.Country != country {
				t.Errorf("%s: %s, %v", country, s.Country, err)
			}
		}
	})
}

// The portal as it ships: its own processing stands in the register of the first start, on the legal duty to answer,
// the notice tells of it in each language with that basis and its time, and the settings keep a case just as long.
func TestACY03ThePortalAsShippedTellsOfItself(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		shipped, err := o.Register(t.Context(), governance.System())
		if err != nil {
			t.Fatal(err)
		}
		own := shipped.Register.Activity("dsr_cases")
		if own == nil || !slices.ContainsFunc(own.Bases, func(b register.Basis) bool { return b.Article == "6(1)(c)" && b.Law != "" }) {
			t.Fatalf("the portal's own entry: %+v", own)
		}
		s, err := o.Settings(t.Context(), governance.System())
		if err != nil || own.Retention.Rule != register.RuleMonths || own.Retention.Months != 12*s.Keep.CaseYears {
			t.Errorf("the register keeps a case for %d months, the portal for %d years, %v", own.Retention.Months, s.Keep.CaseYears, err)
		}
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		if _, err := o.PutSettings(t.Context(), by, organisation()); err != nil {
			t.Fatal(err)
		}
		for _, l := range locale.All {
			notice, err := o.Notice(t.Context(), l, 0)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(notice.Sections, func(s register.Section) bool { return s.Activity == "dsr_cases" })
			if i < 0 {
				t.Fatalf("%s: the notice does not tell of the portal itself", l)
			}
			var told strings.Builder
			for _, f := range notice.Sections[i].Facts {
				told.WriteString(strings.Join(f.Values, "\n") + "\n")
			}
			for what, want := range map[string]string{"basis": own.Bases[0].In(l), "time": own.Retention.HowLong().In(l), "erasure": own.Erasure.Text.In(l)} {
				if want == "" || !strings.Contains(told.String(), want) {
					t.Errorf("%s: the notice lacks the %s %q:\n%s", l, what, want, told.String())
				}
			}
			if purpose := own.Purpose.In(l); purpose == "" || notice.Sections[i].Purpose != purpose {
				t.Errorf("%s: the purpose is %q", l, notice.Sections[i].Purpose)
			}
		}
	})
}

func TestImportRegister(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		seed, err := o.ExportRegister(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		mine := []byte(strings.Replace(string(seed), "months: 3\n", "months: 4\n", 1))
		for range 2 {
			if n, err := o.SeedRegister(t.Context(), "r.yaml", mine); err != nil || n != 2 {
				t.Fatalf("version %d, %v", n, err)
			}
		}
		if _, err := o.PutRegister(t.Context(), governance.System(), governance.RegisterChange{YAML: string(seed), Base: 2}); err != nil {
			t.Fatal(err)
		}
		if n, err := o.SeedRegister(t.Context(), "r.yaml", mine); err != nil || n != 3 {
			t.Errorf("a start undid what the office changed: version %d, %v", n, err)
		}
		if n, err := o.ImportRegister(t.Context(), "r.yaml", mine, governance.System()); err != nil || n != 4 {
			t.Errorf("an import on purpose gave version %d, %v", n, err)
		}
		_, err = o.ImportRegister(t.Context(), "r.yaml", []byte("activites: []\n"), governance.System())
		var problems *governance.YAMLProblems
		if !errors.As(err, &problems) || problems.Lines[0].File != "r.yaml" || problems.Lines[0].Line != 1 {
			t.Errorf("a misspelt key gave %v", err)
		}
	})
}

// TestNoticeVersions: a version of the register that says something else is a version of the notice,
// with its day and what changed; the older ones stay readable.
func TestNoticeVersions(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		seed, err := o.ExportRegister(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		put := func(body string, base int64) {
			t.Helper()
			b.Clock.Advance(24 * time.Hour)
			if _, err := o.PutRegister(t.Context(), governance.System(), governance.RegisterChange{YAML: body, Base: base}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := o.Notice(t.Context(), locale.NB, 0); err != nil || n.Version != 1 || len(n.Versions) != 0 {
			t.Errorf("nobody is named yet, and people read version %d of %v (%v)", n.Version, n.Versions, err)
		}
		named := strings.Replace(string(seed), `name: ""`, "name: Fjordlys AS", 1)
		put(named, 1)
		put(named+"\n# nobody reads this\n", 2)
		put(strings.Replace(named, "nb: Inntil tre måneder.", "nb: Inntil to måneder.", 1), 3)
		n, err := o.Notice(t.Context(), locale.NB, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := []governance.NoticeVersion{{Number: 4, Date: dsr.NewDate(2026, 6, 4)}, {Number: 2, Date: dsr.NewDate(2026, 6, 2)}}
		if d := cmp.Diff(want, n.Versions); d != "" || !n.Current || n.Version != 4 || n.Before != 2 {
			t.Errorf("version %d after %d, current %v:\n%s", n.Version, n.Before, n.Current, d)
		}
		fact := []register.FactChange{{Label: "Hvor lenge", Before: []string{"Inntil tre måneder. Tiden regnes fra opplysningene ble samlet inn."}, Now: []string{"Inntil to måneder. Tiden regnes fra opplysningene ble samlet inn."}}}
		if d := cmp.Diff([]register.Change{{ID: "web_logs", Title: "Besøkslogg", Kind: register.Changed, Facts: fact}}, n.Changes); d != "" {
			t.Errorf("changes differ:\n%s", d)
		}
		for asked, got := range map[int]int{2: 2, 3: 2, 4: 4} {
			old, err := o.Notice(t.Context(), locale.NB, asked)
			if err != nil || old.Version != got || old.Current != (got == 4) {
				t.Errorf("under register version %d: notice version %d, current %v (%v)", asked, old.Version, old.Current, err)
			}
		}
		for _, none := range []int{1, 5} {
			if _, err := o.Notice(t.Context(), locale.NB, none); !errors.Is(err, governance.ErrNoticeVersion) {
				t.Errorf("version %d does not exist: %v", none, err)
			}
		}
		doc, err := o.NoticeLinked(t.Context(), 0, "https://example.no/notice")
		if err != nil || doc["@id"] != "https://example.no/notice?version=4" || doc["dct:replaces"] == nil {
			t.Errorf("linked data: %v %v (%v)", doc["@id"], doc["dct:replaces"], err)
		}
	})
}

func TestNoticeAndRules(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		for _, l := range locale.All {
			n, err := o.Notice(t.Context(), l, 0)
			rules, errRules := o.Rules(t.Context(), l)
			if err != nil || errRules != nil || len(n.Sections) == 0 || len(rules) != len(n.Sections) || n.Date != dsr.NewDate(2026, 6, 1) {
				t.Errorf("%s: %d sections, %d rules, %s (%v, %v)", l, len(n.Sections), len(rules), n.Date, err, errRules)
			}
		}
	})
}

// Who signs stands under the letters: as the office says, and by its privacy function where it says nothing.
func TestWhoSignsStandsUnderTheLetters(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := governance.By{Roles: []staff.Role{staff.Admin}}
		for _, c := range []struct {
			name, role string
			l          locale.Locale
			want       []string
		}{
			{"", "", locale.NB, []string{"Vennlig hilsen", "Fjordlys AS, personvern"}},
			{"", "", locale.EN, []string{"Kind regards", "Fjordlys AS, data protection"}},
			{" Kari Hansen ", "personvernansvarlig", locale.NB, []string{"Vennlig hilsen", "Kari Hansen, personvernansvarlig", "Fjordlys AS"}},
			{"Kari Hansen", "", locale.NN, []string{"Venleg helsing", "Kari Hansen", "Fjordlys AS"}},
			{"", "daglig leder", locale.NB, []string{"Vennlig hilsen", "Fjordlys AS, daglig leder"}},
			{"Kari Hansen", "rådgiver", locale.NB, []string{"Vennlig hilsen", "Kari Hansen, rådgiver", "Fjordlys AS"}},
			{"Kari Hansen", "rådgiver", locale.NN, []string{"Venleg helsing", "Kari Hansen, rådgjevar", "Fjordlys AS"}},
			{"Kari Hansen", "rådgiver", locale.EN, []string{"Kind regards", "Kari Hansen, adviser", "Fjordlys AS"}},
			{"Kari Hansen", "personvernansvarlig", locale.EN, []string{"Kind regards", "Kari Hansen, personvernansvarlig", "Fjordlys AS"}},
		} {
			change := organisation()
			if c.role == "rådgiver" {
				change.Organisation.SignerRoleNN, change.Organisation.SignerRoleEN = " rådgjevar ", "adviser"
			}
			change.Organisation.SignerName, change.Organisation.SignerRole = c.name, c.role
			if _, err := o.PutSettings(t.Context(), by, change); err != nil {
				t.Fatal(err)
			}
			l, err := o.PreviewLetter(t.Context(), by, letter.Extension, c.l, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, l.Closing); diff != "" {
				t.Errorf("%q, %q: %s", c.name, c.role, diff)
			}
		}
	})
}

// TestUI01StatementOnAccessibility: the page on accessibility leads to the organisation's own statement where it
// has one, and to nothing but an address of the web.
func TestUI01StatementOnAccessibility(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := governance.By{Roles: []staff.Role{staff.Admin}}
		const own = "https://uustatus.no/nb/erklaringer/publisert/1"
		c := organisation()
		c.Organisation.AccessibilityURL = "  " + own + " "
		if _, err := o.PutSettings(t.Context(), by, c); err != nil {
			t.Fatal(err)
		}
		if p, err := o.Portal(t.Context()); err != nil || p.AccessibilityURL != own {
			t.Errorf("people are led to %q, %v", p.AccessibilityURL, err)
		}
		for _, wrong := range []string{"http://uustatus.no/x", "uustatus.no", "https://", "data:text/html,x"} {
			c.Organisation.AccessibilityURL = wrong
			if _, err := o.PutSettings(t.Context(), by, c); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	})
}

package staff_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"mininfo/internal/dsr"
	"mininfo/internal/staff"
)

func member(roles ...staff.Role) staff.Member { return staff.Member{ID: 1, Roles: roles} }

// The table of who may do what, said once more: per permission the word for case handler, privacy
// officer, auditor and admin. yes, no, own (assigned cases), propose; a star needs a fresh factor.
var matrix = map[staff.Permission][4]string{
	staff.FileOnBehalf:  {"yes", "yes", "no", "no"},
	staff.ListCases:     {"own", "yes", "yes", "no"},
	staff.CountCases:    {"yes", "yes", "yes", "yes"},
	staff.Unmask:        {"own*", "yes*", "no", "no"},
	staff.Collect:       {"own", "yes", "no", "no"},
	staff.Decide:        {"own", "yes", "no", "no"},
	staff.Plan:          {"own", "yes", "no", "no"},
	staff.Approve:       {"no", "yes*", "no", "no"},
	staff.Refuse:        {"propose", "yes", "no", "no"},
	staff.Extend:        {"propose", "yes", "no", "no"},
	staff.Release:       {"propose", "yes", "no", "no"},
	staff.Ask:           {"own", "yes", "no", "no"},
	staff.Message:       {"own", "yes", "no", "no"},
	staff.Assign:        {"no", "yes", "no", "no"},
	staff.ChangeAddress: {"no", "yes*", "no", "no"},
	staff.DownloadCopy:  {"no", "yes*", "no", "no"},
	staff.ReadSources:   {"no", "yes", "yes", "yes"},
	staff.ManageSources: {"no", "no", "no", "propose*"},
	staff.ReadRegister:  {"yes", "yes", "yes", "yes"},
	staff.EditRegister:  {"no", "yes", "no", "no"},
	staff.ReadMembers:   {"no", "yes", "yes", "yes"},
	staff.ManageMembers: {"no", "no", "no", "propose*"},
	staff.ConfirmChange: {"no", "yes*", "no", "yes*"},
	staff.ReadSettings:  {"no", "yes", "yes", "yes"},
	staff.EditSettings:  {"no", "yes", "no", "yes"},
	staff.ReadAudit:     {"no", "yes", "yes", "no"},
	staff.VerifyAudit:   {"no", "yes", "yes", "yes"},
	staff.ExportAudit:   {"no", "yes*", "yes*", "no"},
	staff.ReadReports:   {"no", "yes", "yes", "yes"},
	staff.ReadEvidence:  {"no", "yes", "yes", "no"},
	staff.TakeEvidence:  {"no", "yes*", "yes*", "no"},
	staff.ReportBreach:  {"yes", "yes", "no", "no"},
	staff.ReadBreaches:  {"no", "yes", "yes", "no"},
	staff.AssessBreach:  {"no", "yes", "no", "no"},
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	if got := len(staff.Permissions()); got != len(matrix) {
		t.Errorf("%d permissions, the table has %d", got, len(matrix))
	}
	for p, row := range matrix {
		for i, role := range staff.Roles() {
			word, fresh := strings.CutSuffix(row[i], "*")
			for bits := range 1 << 3 {
				f := staff.Facts{Assigned: bits&1 != 0, Proposal: bits&2 != 0, FactorFresh: bits&4 != 0, MembersInOffice: 3, ApproversInOffice: 2}
				var want error
				switch {
				case word == "no", word == "own" && !f.Assigned, word == "propose" && !f.Proposal:
					want = staff.ErrForbidden
				case fresh && !f.FactorFresh:
					want = staff.ErrStepUp
				}
				if err := staff.May(member(role), p, f); !errors.Is(err, want) {
					t.Errorf("%s may %s with %+v: %v, want %v", role, p, f, err, want)
				}
				if err := staff.May(staff.Member{Roles: []staff.Role{role}, Disabled: true}, p, f); !errors.Is(err, staff.ErrDisabled) {
					t.Errorf("a disabled %s may %s: %v", role, p, err)
				}
			}
		}
		if err := staff.May(member(), p, staff.Facts{Assigned: true, Proposal: true, FactorFresh: true, MembersInOffice: 3}); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a member without roles may %s: %v", p, err)
		}
	}
	if err := staff.May(member(staff.Roles()...), "delete_audit", staff.Facts{FactorFresh: true, MembersInOffice: 1}); !errors.Is(err, staff.ErrForbidden) {
		t.Errorf("an unknown permission: %v", err)
	}
}

// The log names the role that an act is done in, whatever order a member was given roles.
func TestMainRole(t *testing.T) {
	t.Parallel()
	for _, roles := range [][]staff.Role{{staff.Admin, staff.PrivacyOfficer}, {staff.PrivacyOfficer, staff.Admin}, staff.Roles()} {
		if got := staff.Main(roles); got != staff.PrivacyOfficer {
			t.Errorf("%v: %q", roles, got)
		}
	}
	if got := staff.Main([]staff.Role{staff.Admin}); got != staff.Admin || staff.Main(nil) != "" {
		t.Errorf("%q", got)
	}
}

func TestMoreRolesNeverMayLess(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(staff.Permissions()).Draw(t, "permission")
		few := rapid.SliceOfDistinct(rapid.SampledFrom(staff.Roles()), rapid.ID).Draw(t, "roles")
		more := append([]staff.Role{rapid.SampledFrom(staff.Roles()).Draw(t, "another")}, few...)
		f := staff.Facts{Assigned: rapid.Bool().Draw(t, "assigned"), Proposal: rapid.Bool().Draw(t, "proposal"),
			FactorFresh: rapid.Bool().Draw(t, "fresh"), MembersInOffice: rapid.IntRange(0, 3).Draw(t, "members")}
		if staff.May(member(few...), p, f) == nil && staff.May(member(more...), p, f) != nil {
			t.Fatalf("%v may %s, %v may not", few, p, more)
		}
	})
}

func TestTwoPeople(t *testing.T) {
	t.Parallel()
	officer := member(staff.PrivacyOfficer)
	own := staff.Facts{FactorFresh: true, OwnWork: true, Guarded: true, ApproversInOffice: 2, MembersInOffice: 2}
	alone := own
	alone.ApproversInOffice = 1
	confirmed := alone
	confirmed.Confirmed = true
	access, other, uncounted := own, own, own
	access.Guarded, other.OwnWork, uncounted.ApproversInOffice = false, false, 0
	for name, c := range map[string]struct {
		f    staff.Facts
		want error
	}{
		"own erasure": {own, dsr.ErrFourEyes}, "nobody counted": {uncounted, dsr.ErrFourEyes},
		"alone": {alone, dsr.ErrSecondConfirmation}, "alone, twice": {confirmed, nil},
		"own access": {access, nil}, "another's erasure": {other, nil},
	} {
		if err := staff.May(officer, staff.Approve, c.f); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := staff.May(officer, staff.ConfirmChange, own); !errors.Is(err, staff.ErrOwnProposal) {
		t.Errorf("own change: %v", err)
	}
}

func TestOfficeOfOne(t *testing.T) {
	t.Parallel()
	only := member(staff.SoleMemberRoles()...)
	f := staff.Facts{FactorFresh: true, MembersInOffice: 1, ApproversInOffice: 1, OwnWork: true, Guarded: true, Confirmed: true}
	for _, p := range staff.Permissions() {
		if err := staff.May(only, p, f); err != nil {
			t.Errorf("the only member may not %s: %v", p, err)
		}
	}
	if n := staff.Approvers([]staff.Member{only, member(staff.CaseHandler), {Roles: []staff.Role{staff.PrivacyOfficer}, Disabled: true}}); n != 1 {
		t.Errorf("%d approvers", n)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, r := range staff.Roles() {
		if got, err := staff.ParseRole(string(r)); err != nil || got != r || !r.Text().Complete() {
			t.Errorf("role %s: %v", r, err)
		}
	}
	if _, err := staff.ParseRole("owner"); !errors.Is(err, staff.ErrRole) {
		t.Errorf("owner: %v", err)
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for ago, want := range map[time.Duration]bool{0: true, 5 * time.Minute: true, 5*time.Minute + 1: false, -time.Second: false} {
		if got := staff.FactorFresh(now.Add(-ago), now); got != want {
			t.Errorf("a factor given %v ago is fresh: %v", ago, got)
		}
	}
	if staff.FactorFresh(time.Time{}, now) {
		t.Error("a factor that was never given is fresh")
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	const password = "blåbær på tirsdag"
	hash, err := staff.HashPassword(rand.Reader, password)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("hash %q, %v", hash, err)
	}
	if ok, stale := staff.VerifyPassword(hash, password); !ok || stale {
		t.Errorf("the right password: %v, stale %v", ok, stale)
	}
	if ok, _ := staff.VerifyPassword(hash, "bla\u030abær pa\u030a tirsdag"); !ok {
		t.Error("another keyboard's way of writing å is refused")
	}
	for _, wrong := range []string{"", "blåbær på onsdag", password + " ", strings.Repeat("x", 5000)} {
		if ok, _ := staff.VerifyPassword(hash, wrong); ok {
			t.Errorf("%.20q was accepted", wrong)
		}
	}
	again, err := staff.HashPassword(rand.Reader, password)
	if err != nil || again == hash {
		t.Errorf("two hashes are the same: %v", err)
	}
	if _, err := staff.HashPassword(bytes.NewReader(nil), password); err == nil {
		t.Error("hashed without salt")
	}
}

func TestStaleAndUnreadableHashes(t *testing.T) {
	t.Parallel()
	// The RFC's parameters made small; key of "password" with salt "somesalt".
	const weak = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, stale := staff.VerifyPassword(weak, "password"); !ok || !stale {
		t.Errorf("an old hash: %v, stale %v", ok, stale)
	}
	for _, stored := range []string{"", "x", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$", "$argon2id$v=19$m=19456,t=2,p=1$!$!"} {
		if ok, _ := staff.VerifyPassword(stored, "password"); ok {
			t.Errorf("%q was accepted", stored)
		}
	}
}

// Unknown members must cost as much as known ones. What is compared is work, by the memory that
// one verification allocates, which does not depend on how busy the machine is.
func TestUnknownMemberCostsTheSame(t *testing.T) {
	hash, err := staff.HashPassword(rand.Reader, "blåbær på tirsdag")
	if err != nil {
		t.Fatal(err)
	}
	cost := func(stored string) int64 {
		return testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				staff.VerifyPassword(stored, "something else")
			}
		}).AllocedBytesPerOp()
	}
	known, unknown := cost(hash), cost("")
	if known < 19<<20 || unknown < 19<<20 || known-unknown > 1<<16 || unknown-known > 1<<16 {
		t.Errorf("known %d bytes, unknown %d bytes", known, unknown)
	}
}

func TestCheckPassword(t *testing.T) {
	t.Parallel()
	personal := []string{"kari.nordmann@fjordlys.no", "Kari Nordmann", "Fjordlys AS"}
	for password, want := range map[string]error{
		"elleve tegn":                     staff.ErrPasswordShort,
		"åååååååååååå":                    staff.ErrPasswordGuessable,
		"abababababab":                    staff.ErrPasswordGuessable,
		"Kari.Nordmann@Fjordlys.no":       staff.ErrPasswordGuessable,
		"karinordmann":                    staff.ErrPasswordGuessable,
		"Nordmann-2026":                   staff.ErrPasswordGuessable,
		strings.Repeat("abcdefgh", 17):    staff.ErrPasswordLong,
		"1qaz2wsx3edc":                    staff.ErrPasswordGuessable,
		"Finalfantasy":                    staff.ErrPasswordGuessable,
		"password2026!":                   staff.ErrPasswordGuessable,
		"correct horse battery staple":    nil,
		"tolv teikn..":                    nil,
		"blåbær på tirsdag":               nil,
		"nordmann spiser blåbær":          nil,
		strings.Repeat("åbcdefgh", 128/8): nil,
	} {
		if err := staff.CheckPassword(password, personal...); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}

func TestTOTP(t *testing.T) {
	t.Parallel()
	secret, link, err := staff.NewTOTP(rand.Reader, "Mininfo", "kari@example.no")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "otpauth" || u.Query().Get("secret") != secret || len(secret) != 32 {
		t.Fatalf("link %q, %v", link, err)
	}
	now := time.Date(2026, 6, 1, 12, 0, 10, 0, time.UTC)
	step := now.Unix() / 30
	code := func(at time.Time) string {
		c, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	right := code(now)
	if got, err := staff.VerifyTOTP(secret, right[:3]+" "+right[3:], now, 0); err != nil || got != step {
		t.Errorf("step %d, %v, want %d", got, err, step)
	}
	for name, c := range map[string]struct {
		code string
		last int64
		ok   bool
	}{
		"a step early":      {code(now.Add(30 * time.Second)), 0, true},
		"a step late":       {code(now.Add(-30 * time.Second)), 0, true},
		"after the last":    {right, step - 1, true},
		"used before":       {right, step, false},
		"older than used":   {code(now.Add(-30 * time.Second)), step, false},
		"two steps late":    {code(now.Add(-60 * time.Second)), 0, false},
		"two steps early":   {code(now.Add(60 * time.Second)), 0, false},
		"empty":             {"", 0, false},
		"too long":          {right + "0", 0, false},
		"full-width digits": {strings.Map(func(r rune) rune { return r + '０' - '0' }, right), 0, false},
	} {
		_, err := staff.VerifyTOTP(secret, c.code, now, c.last)
		if c.ok && err != nil || !c.ok && !errors.Is(err, staff.ErrTOTP) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := staff.VerifyTOTP("not base32!", right, now, 0); err == nil || errors.Is(err, staff.ErrTOTP) {
		t.Errorf("a broken secret: %v", err)
	}
}

// The vectors of RFC 6238, appendix B, for SHA-1, cut to six digits.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471",
		1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if step, err := staff.VerifyTOTP(secret, code, time.Unix(at, 0), 0); err != nil || step != at/30 {
			t.Errorf("%d: step %d, %v", at, step, err)
		}
	}
}

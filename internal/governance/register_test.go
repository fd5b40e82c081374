package governance_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// activitiesIn gives the activities of a register's document, for a test to change.
func activitiesIn(t *testing.T, doc map[string]any) []any {
	t.Helper()
	list, ok := doc["activities"].([]any)
	if !ok {
		t.Fatalf("no activities in %v", doc)
	}
	return list
}

func documentOf(t *testing.T, r governance.Register) map[string]any {
	t.Helper()
	doc, err := r.Register.Document()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestRegisterByForm: what the form saves is a version with who, when and why; older versions stay, and
// can be put back.
func TestRegisterByForm(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		doc := documentOf(t, was)
		first := activitiesIn(t, doc)[0].(map[string]any)
		first["purpose"] = map[string]any{"nb": "Nytt formål.", "nn": "Nytt føremål.", "en": "New purpose."}
		now, err := o.PutRegister(t.Context(), by, governance.RegisterChange{Document: doc, Base: was.Version, Comment: " Etter\nrevisjon "})
		if err != nil {
			t.Fatal(err)
		}
		if now.Version != 2 || now.Register.Activities[0].Purpose.EN != "New purpose." || now.Comment != "Etter\nrevisjon" || now.ChangedBy != "ansvarlig" {
			t.Errorf("version %d, %q, because %q by %q", now.Version, now.Register.Activities[0].Purpose.EN, now.Comment, now.ChangedBy)
		}
		versions, err := o.RegisterVersions(t.Context(), by)
		if err != nil || len(versions) != 2 || versions[0].Version != 2 || versions[0].Comment != "Etter\nrevisjon" || versions[1].ChangedBy != "Mininfo" {
			t.Errorf("the versions: %+v, %v", versions, err)
		}
		old, err := o.RegisterVersion(t.Context(), by, 1)
		if err != nil || old.YAML != was.YAML {
			t.Errorf("the first version: %v", err)
		}
		if back, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: old.YAML, Base: 2, Comment: "Tilbake"}); err != nil || back.Version != 3 || back.YAML != was.YAML {
			t.Errorf("put back: version %d, %v", back.Version, err)
		}
		if _, err := o.RegisterVersion(t.Context(), by, 9); !errors.Is(err, governance.ErrRegisterVersion) {
			t.Errorf("a version that is not there: %v", err)
		}
		for _, c := range []governance.RegisterChange{{Base: 3}, {Base: 3, YAML: was.YAML, Document: doc}} {
			if _, err := o.PutRegister(t.Context(), by, c); !errors.Is(err, governance.ErrRegisterForm) {
				t.Errorf("neither or both: %v", err)
			}
		}
		if _, err := o.CheckRegister(governance.By{Roles: []staff.Role{staff.Auditor}}, doc); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("an auditor checks: %v", err)
		}
	})
}

// TestRegisterFormProblems: what cannot stand is told at its field, and nothing is saved.
func TestRegisterFormProblems(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		doc := documentOf(t, was)
		first := activitiesIn(t, doc)[0].(map[string]any)
		first["retention"] = map[string]any{"rule": "bookkeeping_primary", "months": 12} // shorter than the law
		first["bases"] = []any{}
		_, err = o.PutRegister(t.Context(), by, governance.RegisterChange{Document: doc, Base: was.Version})
		var problems *governance.YAMLProblems
		if !errors.As(err, &problems) || fault.KindOf(err) != fault.Invalid || len(problems.Lines) != 1 || problems.Lines[0].Pointer != "/document/activities/0/retention/months" {
			t.Fatalf("got %v", err)
		}
		if !strings.Contains(problems.Lines[0].Text.In(locale.NB), "loven krever minst 60 måneder") {
			t.Errorf("it says %q", problems.Lines[0].Text.NB)
		}
		found, err := o.CheckRegister(by, doc)
		if err != nil {
			t.Fatal(err)
		}
		severity := map[string]register.Severity{}
		for _, f := range found {
			severity[f.Pointer()] = f.Severity
		}
		if severity["/activities/0/retention/months"] != register.Wrong || severity["/activities/0/bases"] != register.BlocksDecision {
			t.Errorf("the check found %v", severity)
		}
		if n := b.Count(t, "SELECT count(*) FROM version WHERE kind = 'register'"); n != 1 {
			t.Errorf("%d versions after a refusal", n)
		}
	})
}

// TestACY02ActivityInUseStays: an activity that a system points at cannot be taken out of the register,
// and the member is told which system.
func TestACY02ActivityInUseStays(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := admin(t, b)
		if _, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Nettbutikk", Kind: "sqlite", DSN: source.NewSecret(shop(t)), Dataset: shopDataset}); err != nil {
			t.Fatal(err)
		}
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		without := func(id string) map[string]any {
			doc := documentOf(t, was)
			var kept []any
			for _, a := range activitiesIn(t, doc) {
				if a.(map[string]any)["id"] != id {
					kept = append(kept, a)
				}
			}
			doc["activities"] = kept
			return doc
		}
		_, err = o.PutRegister(t.Context(), by, governance.RegisterChange{Document: without("customers"), Base: was.Version})
		if !errors.Is(err, governance.ErrActivityInUse) {
			t.Fatalf("got %v", err)
		}
		if said := fault.From(err).Text.NB; !strings.Contains(said, "Nettbutikk") || !strings.Contains(said, was.Register.Activity("customers").Name.NB) {
			t.Errorf("it says %q", said)
		}
		if now, err := o.PutRegister(t.Context(), by, governance.RegisterChange{Document: without("newsletter"), Base: was.Version}); err != nil || now.Register.Activity("newsletter") != nil {
			t.Errorf("an activity that no system uses: %v", err)
		}
	})
}

// TestRegisterSavedByManyAtOnce: of many who save on top of the same version one succeeds, and the others
// are told.
func TestRegisterSavedByManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		errs := make([]error, 8)
		var all sync.WaitGroup
		for i := range errs {
			doc := documentOf(t, was)
			activitiesIn(t, doc)[0].(map[string]any)["name"] = map[string]any{"nb": fmt.Sprint("Navn ", i), "nn": "n", "en": "n"}
			all.Go(func() {
				_, errs[i] = o.PutRegister(t.Context(), by, governance.RegisterChange{Document: doc, Base: was.Version})
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, store.ErrVersion):
				t.Errorf("lost with %v", err)
			}
		}
		leaves := b.Count(t, "SELECT count(*) FROM version WHERE kind = 'register'")
		if won != 1 || leaves != 2 {
			t.Errorf("%d saved, %d versions", won, leaves)
		}
	})
}

// A register that says two things which cannot both be true is refused with file, line and the rule's sentence,
// whichever way it comes; what it merely lacks does not stop it. The version in force stays.
func TestWDR01ACC07ARegisterThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		// The first activity rests on an interest, and its recipient is in Norway.
		kept := strings.Replace(was.YAML, "rule: months\n      months: 3\n      from: collected\n", "rule: until_withdrawn\n", 1)
		sent := strings.Replace(was.YAML, "role: processor\n        country: \"NO\"\n", "role: processor\n        country: US\n", 1)
		for name, c := range map[string]struct{ body, at, path, says string }{
			"retention": {kept, "rule: until_withdrawn\n", "activities[0].retention.rule", "samtykke er ikke behandlingsgrunnlag her"},
			"transfer":  {sent, "- name: \"\"\n        role: processor\n        country: US\n", "activities[0].recipients[0].safeguard", "garantier som gjelder (artikkel 46)"},
		} {
			line := 1 + strings.Count(c.body[:strings.Index(c.body, c.at)], "\n")
			refused := func(way string, err error, file string) {
				t.Helper()
				var problems *governance.YAMLProblems
				if !errors.As(err, &problems) || !errors.Is(err, register.ErrContradiction) || fault.KindOf(err) != fault.Invalid {
					t.Fatalf("%s, %s: %v", name, way, err)
				}
				got := problems.Lines
				if len(got) != 1 || got[0].File != file || got[0].Line != line || !strings.HasPrefix(got[0].Text.NB, c.path+": ") ||
					!strings.Contains(got[0].Text.NB, c.says) || !got[0].Text.Complete() {
					t.Errorf("%s, %s: want %s:%d, got %+v", name, way, file, line, got)
				}
			}
			_, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: c.body, Base: was.Version})
			refused("saved as a file", err, "register.yaml")
			_, err = o.ImportRegister(t.Context(), "mine.yaml", []byte(c.body), governance.System())
			refused("imported", err, "mine.yaml")
			_, err = o.SeedRegister(t.Context(), "seed.yaml", []byte(c.body))
			refused("named at the start", err, "seed.yaml")

			r, err := register.Parse("r.yaml", []byte(c.body)) // read it still is, so that it can be looked at
			if err != nil {
				t.Fatal(err)
			}
			doc, err := r.Document()
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.PutRegister(t.Context(), by, governance.RegisterChange{Document: doc, Base: was.Version})
			var problems *governance.YAMLProblems
			if pointer := "/document" + (register.Problem{Path: c.path}).Pointer(); !errors.As(err, &problems) || len(problems.Lines) != 1 || problems.Lines[0].Pointer != pointer {
				t.Errorf("%s, saved as a document: %v", name, err)
			}
			found, err := o.CheckRegister(by, doc)
			if err != nil || !slices.ContainsFunc(found, func(f register.Finding) bool {
				return f.Path == c.path && f.Severity == register.Contradiction && f.Rule != ""
			}) {
				t.Errorf("%s: the check does not say it: %v", name, err)
			}
		}
		now, err := o.Register(t.Context(), by)
		if err != nil || now.Version != was.Version || now.YAML != was.YAML {
			t.Errorf("version %d is in force after what was refused, %v", now.Version, err)
		}
		open := strings.Replace(was.YAML, "role: processor\n        country: \"NO\"\n", "role: processor\n", 1)
		if now, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: open, Base: was.Version}); err != nil || now.Version != was.Version+1 {
			t.Errorf("what the register merely lacks stops it: %v", err)
		}
	})
}

// A register from before such registers were refused stays in force: the office can correct its name, and
// correcting the register is the way on.
func TestARegisterFromBeforeStaysInForce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		old := strings.Replace(was.YAML, "rule: months\n      months: 3\n      from: collected\n", "rule: until_withdrawn\n", 1)
		if err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
			c, err := tx.Controller()
			if err != nil {
				return err
			}
			_, err = tx.AddVersion(c.ID, store.VersionRegister, was.Version, old, "test")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.PutSettings(t.Context(), governance.By{Roles: []staff.Role{staff.Admin}}, organisation()); err != nil {
			t.Errorf("the office cannot correct its name: %v", err)
		}
		now, err := o.Register(t.Context(), by)
		if err != nil || !slices.ContainsFunc(now.Gaps, func(g register.Gap) bool { return g.Severity == register.Contradiction }) {
			t.Fatalf("what it says against itself is not told: %v", err)
		}
		mended := strings.Replace(now.YAML, "rule: until_withdrawn\n", "rule: months\n      months: 3\n      from: collected\n", 1)
		if _, err := o.PutRegister(t.Context(), by, governance.RegisterChange{YAML: mended, Base: now.Version}); err != nil {
			t.Errorf("it cannot be mended: %v", err)
		}
	})
}

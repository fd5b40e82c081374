package scan_test

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

//go:embed testdata
var samples embed.FS

// open makes a database of a script and connects it.
func open(t testing.TB, kind, script string) (source.Source, *sql.DB) {
	t.Helper()
	driver, dsn := "pgx", ""
	if kind == "sqlite" {
		driver, dsn = "sqlite3", "file:"+filepath.Join(t.TempDir(), "x.db")
	} else {
		dsn = portaltest.Postgres(t)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
	s, err := kinds.Open(context.Background(), source.Config{Name: "s", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

func propose(t testing.TB, s source.Source, o scan.Options) *scan.Proposal {
	t.Helper()
	if o.Key == "" {
		o.Key, o.Name = "x", "x"
	}
	p, err := scan.Propose(context.Background(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range locale.All {
		body := p.YAML(l)
		sets, problems := dataset.Read("x.yaml", body)
		problems = append(problems, dataset.Check(sets)...)
		if err := problems.Err(); err != nil {
			t.Fatalf("our own reader refuses the proposal: %v\n%s", err, body)
		}
	}
	return p
}

func text(t testing.TB, name string) string {
	t.Helper()
	b, err := samples.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// truth is what somebody who knows a database says of it.
type truth struct {
	category   map[string][]string
	identity   map[string]string
	references map[string]string
	never      []string
	general    map[string]bool
}

func readTruth(t testing.TB, name string) truth {
	t.Helper()
	out := truth{category: map[string][]string{}, identity: map[string]string{}, references: map[string]string{}, general: map[string]bool{}}
	for line := range strings.Lines(text(t, name)) {
		w := strings.Fields(line)
		switch {
		case len(w) == 0:
		case w[0] == "category" && len(w) == 3:
			out.category[w[1]] = strings.Split(w[2], "|")
		case w[0] == "identity" && len(w) == 3:
			out.identity[w[1]] = w[2]
		case w[0] == "reference" && len(w) == 3:
			out.references[w[1]] = w[2]
		case w[0] == "never" && len(w) == 2:
			out.never = append(out.never, w[1])
		case w[0] == "general" && len(w) == 2:
			out.general[w[1]] = true
		default:
			t.Fatalf("%s: cannot read %q", name, line)
		}
	}
	return out
}

// score counts proposals: right, wrong and missing. Share is right of all three.
type score struct {
	right int
	wrong []string
}

func (s *score) count(is bool, format string, args ...any) {
	if is {
		s.right++
	} else {
		s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
	}
}

func (s score) share() float64 { return float64(s.right) / float64(max(s.right+len(s.wrong), 1)) }

// judge counts a proposal against the truth. A category is right when it is one of those that are
// right, or lies under one; what is asked and not proposed counts as missing. So does what is taken
// for the person's in general where its kind was to be known: whether that is right is counted apart.
func judge(p *scan.Proposal, want truth) (categories, identities, references, general score) {
	seen := map[string]bool{}
	for _, c := range p.Collections {
		for _, f := range c.Fields {
			at := c.Name + "." + f.Name
			switch {
			case f.General():
				seen["general "+at] = true
				general.count(want.general[at] || slices.ContainsFunc(want.category[at], func(k string) bool { return dataset.Covers(f.Category, k) }), "%s is %s", at, f.Category)
			case f.Category != "":
				seen["category "+at] = true
				right := slices.ContainsFunc(want.category[at], func(k string) bool { return dataset.Covers(k, f.Category) })
				categories.count(right, "%s is %s, wanted %v", at, f.Category, want.category[at])
			}
			if f.Identity != "" {
				seen["identity "+at] = true
				identities.count(want.identity[at] == f.Identity, "%s is identity %s, wanted %q", at, f.Identity, want.identity[at])
			}
			for _, r := range f.References {
				if !r.Asked {
					seen["reference "+at] = true
					to := r.Collection + "." + r.Field
					references.count(want.references[at] == to, "%s leads to %s, wanted %q", at, to, want.references[at])
				}
			}
		}
	}
	missing := func(s *score, what, at string) {
		if !seen[what+" "+at] {
			s.wrong = append(s.wrong, at+" has no "+what)
		}
	}
	for at := range want.category {
		missing(&categories, "category", at)
	}
	for at := range want.general {
		missing(&general, "general", at)
	}
	for at := range want.identity {
		missing(&identities, "identity", at)
	}
	for at := range want.references {
		missing(&references, "reference", at)
	}
	for _, s := range []*score{&categories, &identities, &references, &general} {
		sort.Strings(s.wrong)
	}
	return categories, identities, references, general
}

// TestShareOfRightProposals counts on databases that nobody here made the schema of, and on one of
// our own. Wrong and missing proposals both count; so does a guess that is only asked.
func TestShareOfRightProposals(t *testing.T) {
	for _, c := range []struct{ name, kind string }{
		{"chinook", "sqlite"}, {"chinook", "postgres"}, {"pagila", "postgres"}, {"fjellsport", "sqlite"}, {"fjellsport", "postgres"},
	} {
		t.Run(c.name+" "+c.kind, func(t *testing.T) {
			s, _ := open(t, c.kind, text(t, c.name+".sql"))
			want := readTruth(t, c.name+".truth")
			if c.kind == "postgres" && c.name == "chinook" {
				want = lower(want)
			}
			p := propose(t, s, scan.Options{})
			categories, identities, references, general := judge(p, want)
			for _, each := range []struct {
				what string
				score
			}{{"categories", categories}, {"identities", identities}, {"references", references}, {"general", general}} {
				t.Logf("%-10s %-8s %-10s %3d of %3d right (%3.0f %%)", c.name, c.kind, each.what, each.right, each.right+len(each.wrong), 100*each.share())
				for _, w := range each.wrong {
					t.Logf("  %s", w)
				}
				if each.share() < 0.8 {
					t.Errorf("%s: fewer than 80 %% of the proposals are right", each.what)
				}
			}
			for _, c := range p.Collections {
				for _, f := range c.Fields {
					for _, r := range f.References {
						if at := c.Name + "." + f.Name; !r.Asked && slices.Contains(want.never, at) {
							t.Errorf("%s would be walked to %s without being asked", at, r.Collection)
						}
					}
				}
			}
		})
	}
}

// lower is a truth as PostgreSQL folds the names of the script.
func lower(w truth) truth {
	out := truth{category: map[string][]string{}, identity: map[string]string{}, references: map[string]string{}, general: map[string]bool{}}
	for k := range w.general {
		out.general[strings.ToLower(k)] = true
	}
	for k, v := range w.category {
		out.category[strings.ToLower(k)] = v
	}
	for k, v := range w.identity {
		out.identity[strings.ToLower(k)] = v
	}
	for k, v := range w.references {
		out.references[strings.ToLower(k)] = strings.ToLower(v)
	}
	for _, k := range w.never {
		out.never = append(out.never, strings.ToLower(k))
	}
	return out
}

package demo_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/demo"
	"mininfo/internal/register"
)

// datasets reads the dataset files that belong to the options.
func datasets(t *testing.T, opt demo.Options) []*dataset.Dataset {
	t.Helper()
	var all []*dataset.Dataset
	for _, s := range demo.Sources {
		text, err := demo.Dataset(s, opt)
		if err != nil {
			t.Fatal(err)
		}
		read, problems := dataset.Read(s+".yaml", text)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		all = append(all, read...)
	}
	if err := dataset.Check(all).Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// annotated lists tables and columns of a dataset as the databases list theirs.
func annotated(d *dataset.Dataset) [][2]string {
	var out [][2]string
	for _, c := range d.Collections {
		for _, f := range c.Fields {
			out = append(out, [2]string{c.Name, f.Name})
		}
	}
	return out
}

func sorted(list [][2]string) [][2]string {
	return slices.SortedFunc(slices.Values(list), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
}

// renamed makes names that say nothing, distinct over the whole company.
func renamed(table, column string) string {
	if column == "" {
		return "Tabell «" + table + "»"
	}
	return "felt_" + table[:3] + "_" + column
}

func TestDatasetsAnnotateEveryColumn(t *testing.T) {
	t.Parallel()
	opt := demo.Options{Seed: 5, Now: today}
	other := demo.Options{Seed: 6, Now: today, Rename: renamed}
	cases := map[string]struct {
		company company
		opt     demo.Options
		schema  bool
	}{
		"sqlite":            {onSQLite(t, opt), opt, false},
		"sqlite, renamed":   {onSQLite(t, other), other, false},
		"postgres":          {onPostgres(t, opt), demo.Options{Postgres: new(sql.DB)}, true},
		"postgres, renamed": {onPostgres(t, other), demo.Options{Postgres: new(sql.DB), Rename: renamed}, true},
	}
	for name, c := range cases {
		all := datasets(t, c.opt)
		if len(all) != len(demo.Sources) {
			t.Fatalf("%s: %d datasets", name, len(all))
		}
		for i, d := range all {
			source := demo.Sources[i]
			if d.Key != source {
				t.Errorf("%s: key %q, want %q", name, d.Key, source)
			}
			if got := d.Schema == source; got != c.schema {
				t.Errorf("%s: schema %q", name, d.Schema)
			}
			if diff := cmp.Diff(sorted(c.company.columns(source)), sorted(annotated(d))); diff != "" {
				t.Errorf("%s: %s: database (-) and dataset (+) differ:\n%s", name, source, diff)
			}
		}
	}
}

func TestRenamedDatasetSaysTheSame(t *testing.T) {
	t.Parallel()
	plain := datasets(t, demo.Options{})
	for i, d := range datasets(t, demo.Options{Rename: renamed}) {
		for j, c := range d.Collections {
			was := plain[i].Collections[j]
			if c.Name != renamed(was.Name, "") {
				t.Errorf("collection %q, want the new name of %q", c.Name, was.Name)
			}
			if was.RetentionFrom != "" && c.RetentionFrom != renamed(was.Name, was.RetentionFrom) {
				t.Errorf("%s: retention from %q", was.Name, c.RetentionFrom)
			}
			if len(c.EraseAfter) != len(was.EraseAfter) || len(c.Fields) != len(was.Fields) || c.Activity != was.Activity {
				t.Errorf("%s: something got lost", was.Name)
			}
			for k, f := range c.Fields {
				if len(f.References) != len(was.Fields[k].References) || f.Identity != was.Fields[k].Identity {
					t.Errorf("%s.%s: something got lost", was.Name, was.Fields[k].Name)
				}
			}
		}
	}
}

func TestRegisterCoversWhatIsHeld(t *testing.T) {
	t.Parallel()
	r, err := register.Parse("register.yaml", demo.Register())
	if err != nil {
		t.Fatal(err)
	}
	if gaps := r.Gaps(); len(gaps) > 0 {
		t.Errorf("the demo's register has gaps: %+v", gaps)
	}
	used := map[string]bool{"dsr_cases": true, "backups": true} // held by the portal itself; and copies of all that follows
	for _, d := range datasets(t, demo.Options{}) {
		for _, c := range d.Collections {
			for _, f := range c.Fields {
				id := d.ActivityOf(c, f)
				used[id] = true
				a := r.Activity(id)
				if a == nil {
					t.Errorf("%s.%s: activity %q is not in the register", c.Name, f.Name, id)
					continue
				}
				for _, category := range d.CategoriesOf(c, f) {
					if !slices.ContainsFunc(a.Categories, func(limit string) bool { return dataset.Covers(limit, category) }) {
						t.Errorf("%s.%s: the register's %s lacks %s", c.Name, f.Name, id, category)
					}
				}
			}
		}
	}
	for _, a := range r.Activities {
		if !used[a.ID] {
			t.Errorf("activity %s has no data", a.ID)
		}
	}
	for _, id := range []string{"web_logs", "blocked_addresses", "contact_form", "customers", "company_contacts", "suppliers", "open_sources",
		"invoices", "order_documents", "partner_disclosure", "authority_disclosure", "job_applications", "employees", "payroll", "newsletter",
		"cookies", "dsr_cases", "next_of_kin", "cookie_consents", "site_behavior", "payment_details", "dunning", "police_disclosure", "timesheets", "mailboxes", "staff_page",
		"ban_list", "backups"} {
		if r.Activity(id) == nil {
			t.Errorf("activity %s is missing", id)
		}
	}
}

func TestRegisterNamesTheCompany(t *testing.T) {
	t.Parallel()
	r, err := register.Parse("register.yaml", demo.Register())
	if err != nil {
		t.Fatal(err)
	}
	got := demo.Controller{Name: r.Controller.Name, OrganisationNo: r.Controller.OrganisationNo, PostalAddress: r.Controller.PostalAddress,
		Email: r.Controller.Email, Phone: r.Controller.Phone, Website: demo.Company.Website}
	if diff := cmp.Diff(demo.Company, got); diff != "" {
		t.Errorf("the company and its register differ:\n%s", diff)
	}
}

func TestAllKindsOfDataAreReachable(t *testing.T) {
	t.Parallel()
	graph := dataset.NewGraph(datasets(t, demo.Options{}))
	for i, ok := range graph.Reachable([]string{"email"}) {
		if !ok {
			t.Errorf("collection %d is reached by no path from an e-mail address", i)
		}
	}
}

func TestWriteFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	opt := demo.Options{Dir: dir, Rename: renamed}
	if err := demo.WriteFiles(dir, opt, func(s string) string { return demo.SQLiteDSN(dir, s) }); err != nil {
		t.Fatal(err)
	}
	for _, s := range demo.Sources {
		read, err := dataset.ReadFile(filepath.Join(dir, s+".yaml"))
		if err != nil || len(read) != 1 {
			t.Errorf("%s: %d datasets, %v", s, len(read), err)
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, "sources.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := "sources:\n"
	for _, s := range demo.Sources {
		want += "    - name: " + s + "\n      dsn: " + demo.SQLiteDSN(dir, s) + "\n      dataset: " + s + ".yaml\n"
	}
	if diff := cmp.Diff(want, string(list)); diff != "" {
		t.Errorf("sources.yaml:\n%s", diff)
	}
}

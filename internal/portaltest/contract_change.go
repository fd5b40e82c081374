package portaltest

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/source"
)

func (k SourceKind) people(rows int) Sample {
	if k.Texts {
		return textSample(peopleSample(rows))
	}
	return peopleSample(rows)
}

// What is written is what is read, for every type; and the other rows keep every byte.
func checkWrites(t *testing.T, k SourceKind) {
	sample := typedSample()
	if k.Texts {
		sample = textSample(sample)
	}
	s := k.Load(t, sample)
	table := k.table(t, s, "typed")
	before := all(t, s, table)
	tx := begin(t, s)
	// Every row gets the values of the row before it, the row of nulls too.
	n := len(sample.Rows)
	keys := source.Match{Fields: fields("id")}
	for i := range n - 1 {
		keys.Tuples = append(keys.Tuples, []source.Value{source.IntOf(int64(i + 1))})
	}
	var sets []source.Set
	for at, c := range sample.Columns[1:] {
		set := source.Set{Field: source.Field{Column: c.Name}}
		for i := range n - 1 {
			set.Each = append(set.Each, sample.Rows[i][at+1])
		}
		sets = append(sets, set)
	}
	if changed, err := tx.Update(t.Context(), table, keys, sets); err != nil || changed != int64(n-1) {
		t.Fatal(changed, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range sample.Columns {
		names = append(names, c.Name)
	}
	got, want := map[string]string{}, map[string]string{}
	for _, row := range ask(t, s, source.Query{Table: table, Fields: fields(names...)}) {
		for i, c := range sample.Columns[1:] {
			got[row[0].Text()+" "+c.Name] = equivalent(row[i+1], c.Class)
		}
	}
	for id := range n {
		for i, c := range sample.Columns[1:] {
			want[strconv.Itoa(id)+" "+c.Name] = equivalent(sample.Rows[max(id-1, 0)][i+1], c.Class)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if after := all(t, s, table); after["0"] != before["0"] {
		t.Error("a row that was not named has changed")
	}
}

func checkCorrect(t *testing.T, k SourceKind) {
	rows, from, to := k.rows(4000), k.rows(700), k.rows(3500)
	s := k.Load(t, k.people(rows))
	table := k.table(t, s, "people")
	before := all(t, s, table)
	tx := begin(t, s)
	keys := source.Match{Fields: fields("id"), Tuples: numbers(from, to)}
	var each []source.Value
	for i := from; i < to; i++ {
		each = append(each, source.TextOf("new "+strconv.Itoa(i)))
	}
	n, err := tx.Update(t.Context(), table, keys, []source.Set{{Field: source.Field{Column: "mail"}, Each: each}, {Field: source.Field{Column: "score"}}})
	if err != nil || n != int64(to-from) {
		t.Fatal(n, err)
	}
	// The same again changes nothing, and the rows are there all the same.
	if n, err = tx.Update(t.Context(), table, keys, []source.Set{{Field: source.Field{Column: "score"}}}); err != nil || n != int64(to-from) {
		t.Fatal(n, err)
	}
	checkEffects(t, tx, map[string][3]int64{table.Name.Name: {0, int64(to - from), 0}}, table)
	if err := tx.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := all(t, s, table)
	for id, old := range before {
		i, _ := strconv.Atoi(id)
		planned := i >= from && i < to
		if planned != (after[id] != old) || planned && !strings.Contains(after[id], `"tnew `+id+`" "n"`) {
			t.Fatalf("row %d: %s", i, after[id])
		}
	}
	if n, err := begin(t, s).Update(t.Context(), table, source.Match{Fields: fields("id"), Tuples: numbers(rows, rows+3)}, []source.Set{{Field: source.Field{Column: "score"}}}); err != nil || n != 0 {
		t.Errorf("rows that are not there: %d, %v", n, err)
	}
}

// checkEffects compares what a transaction did, by table: inserted, updated, deleted. Rows that
// were written twice may count twice; then the touched ones tell.
func checkEffects(t *testing.T, tx source.Change, want map[string][3]int64, tables ...*source.Table) {
	t.Helper()
	effects, err := tx.Effects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][3]int64{}
	for _, e := range effects {
		if e.Inserted != 0 || e.Updated != 0 || e.Deleted != 0 {
			got[e.Table.Name] = [3]int64{e.Inserted, e.Updated, e.Deleted}
		}
	}
	for _, table := range tables {
		n, err := tx.Touched(t.Context(), table)
		if err != nil {
			t.Fatal(err)
		}
		if g := got[table.Name.Name]; g[1] > n-g[0] {
			g[1] = n - g[0]
			got[table.Name.Name] = g
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("effects: %s", diff)
	}
}

func checkErase(t *testing.T, k SourceKind) {
	rows, from, to := k.rows(4000), k.rows(100), k.rows(3900)
	s := k.Load(t, k.people(rows))
	table := k.table(t, s, "people")
	before := all(t, s, table)
	keys := source.Match{Fields: fields("id"), Tuples: numbers(from, to)}
	for _, commit := range []bool{false, true} {
		tx := begin(t, s)
		if n, err := tx.Delete(t.Context(), table, keys); err != nil || n != int64(to-from) {
			t.Fatal(n, err)
		}
		checkEffects(t, tx, map[string][3]int64{table.Name.Name: {0, 0, int64(to - from)}})
		end := tx.Rollback
		if commit {
			end = tx.Commit
		}
		if err := end(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := maps.Clone(before)
		if commit {
			maps.DeleteFunc(want, func(id, _ string) bool { i, _ := strconv.Atoi(id); return i >= from && i < to })
		}
		if diff := cmp.Diff(want, all(t, s, table)); diff != "" {
			t.Fatalf("commit %v: %.2000s", commit, diff)
		}
	}
}

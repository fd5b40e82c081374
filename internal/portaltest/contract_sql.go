package portaltest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/source"
)

func checkDocuments(t *testing.T, k *SQLKind) {
	doc := func(s string) source.Value { return source.Value{Kind: source.JSON, Str: s} }
	sample := Sample{Name: "docs", Key: []string{"id"}, Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "doc", Class: source.ClassJSON}},
		Rows: [][]source.Value{
			{source.IntOf(1), doc(`{"contact":{"mail":"Kari@Example.no","n":7},"tags":["a","B",3]}`)},
			{source.IntOf(2), doc(`{"contact":{"mail":"per@example.no"},"tags":[]}`)},
			{source.IntOf(3), doc(`{"contact":null,"tags":"a"}`)},
			{source.IntOf(4), {}}}}
	s, _ := k.load(t, sample)
	table := k.table(t, s, "docs")
	mail, tags := source.Field{Column: "doc", Path: []string{"contact", "mail"}}, source.Field{Column: "doc", Path: []string{"tags"}, List: true}
	got := map[string]string{}
	for _, row := range ask(t, s, source.Query{Table: table, Fields: []source.Field{{Column: "id"}, mail, {Column: "doc", Path: []string{"contact", "n"}}}}) {
		got[row[0].Text()] = row[1].Text() + "|" + row[2].Text()
	}
	if diff := cmp.Diff(map[string]string{"1": "Kari@Example.no|7", "2": "per@example.no|", "3": "|", "4": "|"}, got); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct {
		field source.Field
		fold  source.Fold
		value string
		want  []string
	}{
		{mail, source.Exact, "per@example.no", []string{"2"}}, {mail, source.Exact, "kari@example.no", []string{}}, {mail, source.FoldASCII, "kari@example.no", []string{"1"}},
		{tags, source.Exact, "a", []string{"1", "3"}}, {tags, source.Exact, "3", []string{"1"}}, {tags, source.FoldASCII, "b", []string{"1"}}, {tags, source.Exact, "b", []string{}},
	} {
		rows := ask(t, s, source.Query{Table: table, Fields: fields("id"), Match: &source.Match{Fields: []source.Field{c.field}, Tuples: texts(c.value), Fold: c.fold}})
		if diff := cmp.Diff(c.want, firsts(rows)); diff != "" {
			t.Errorf("%v %d %s: %s", c.field.Path, c.fold, c.value, diff)
		}
	}
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, f := range []source.Field{mail, tags} {
		if err := snap.Count(t.Context(), table, f, []source.Value{source.TextOf("a"), source.TextOf("per@example.no")}, func(v source.Value, n int64) error { counts[v.Text()] += n; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	snap.Close()
	if diff := cmp.Diff(map[string]int64{"a": 2, "per@example.no": 1}, counts); diff != "" {
		t.Error(diff)
	}
	tx := begin(t, s)
	keys := source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1), source.IntOf(2))}
	n, err := tx.Update(t.Context(), table, keys, []source.Set{{Field: mail, Each: []source.Value{source.TextOf(`new "ø"`), {}}}, {Field: source.Field{Column: "doc", Path: []string{"contact", "n"}}, Value: source.IntOf(8)}})
	if err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	docs := map[string]string{}
	for _, row := range ask(t, s, source.Query{Table: table, Fields: fields("id", "doc")}) {
		m := map[string]string{}
		for _, place := range [][]string{{"contact", "mail"}, {"contact", "n"}, {"tags"}} {
			m[place[len(place)-1]] = row[1].At(place).Text()
		}
		docs[row[0].Text()] = m["mail"] + "|" + m["n"] + "|" + strings.ReplaceAll(m["tags"], " ", "")
	}
	if diff := cmp.Diff(map[string]string{"1": `new "ø"|8|["a","B",3]`, "2": "||[]", "3": "||a", "4": "||"}, docs); diff != "" {
		t.Error(diff)
	}
}

func peopleSample(rows int) Sample {
	out := Sample{Name: "people", Key: []string{"id"}, Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "mail", Class: source.ClassText, Length: 80}, {Name: "score", Class: source.ClassInt}}}
	for i := range rows {
		out.Rows = append(out.Rows, []source.Value{source.IntOf(int64(i)), source.TextOf(fmt.Sprintf("p%d@example.no", i)), source.IntOf(int64(i * 3))})
	}
	return out
}

func numbers(from, to int) (out [][]source.Value) {
	for i := from; i < to; i++ {
		out = append(out, []source.Value{source.IntOf(int64(i))})
	}
	return out
}

func checkCascades(t *testing.T, k *SQLKind) {
	dsn, db := k.Fresh(t)
	num := k.Types[source.ClassInt]
	for _, statement := range []string{
		"CREATE TABLE a (id " + num + " NOT NULL PRIMARY KEY)",
		"CREATE TABLE b (id " + num + " NOT NULL PRIMARY KEY, a_id " + num + ", FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE)",
		"CREATE TABLE c (id " + num + " NOT NULL PRIMARY KEY, b_id " + num + ", FOREIGN KEY (b_id) REFERENCES b (id) ON DELETE SET NULL)",
		"CREATE TABLE d (id " + num + " NOT NULL PRIMARY KEY, b_id " + num + ", FOREIGN KEY (b_id) REFERENCES b (id) ON DELETE CASCADE ON UPDATE CASCADE)",
		"INSERT INTO a VALUES (1), (2), (3)", "INSERT INTO b VALUES (10, 1), (11, 1), (20, 2), (30, NULL)",
		"INSERT INTO c VALUES (100, 10), (101, 11), (102, 11), (200, 20)", "INSERT INTO d VALUES (1000, 10), (2000, 20), (3000, NULL)",
	} {
		mustExec(t, db, statement)
	}
	s := k.open(t, dsn)
	a, b, c := k.table(t, s, "a"), k.table(t, s, "b"), k.table(t, s, "c")
	tx := begin(t, s)
	if n, err := tx.Delete(t.Context(), a, source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1), source.IntOf(3))}); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	checkEffects(t, tx, map[string][3]int64{"a": {0, 0, 2}, "b": {0, 0, 2}, "c": {0, 3, 0}, "d": {0, 0, 1}}, c)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Children that a plan deletes first are not counted again.
	tx = begin(t, s)
	for _, each := range []struct {
		table *source.Table
		ids   []source.Value
	}{{k.table(t, s, "d"), []source.Value{source.IntOf(1000)}}, {b, []source.Value{source.IntOf(10), source.IntOf(11)}}, {a, []source.Value{source.IntOf(1)}}} {
		if n, err := tx.Delete(t.Context(), each.table, source.Match{Fields: fields("id"), Tuples: one(each.ids...)}); err != nil || n != int64(len(each.ids)) {
			t.Fatal(n, err)
		}
	}
	checkEffects(t, tx, map[string][3]int64{"a": {0, 0, 1}, "b": {0, 0, 2}, "c": {0, 3, 0}, "d": {0, 0, 1}}, c)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A key that changes takes those along that refer to it.
	mustExec(t, db, "DELETE FROM c")
	tx = begin(t, s)
	if n, err := tx.Update(t.Context(), b, source.Match{Fields: fields("id"), Tuples: one(source.IntOf(20))}, []source.Set{{Field: source.Field{Column: "id"}, Value: source.IntOf(21)}}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	checkEffects(t, tx, map[string][3]int64{"b": {0, 1, 0}, "d": {0, 1, 0}}, b, k.table(t, s, "d"))
}

// Rows of one table that refer to each other go together.
func checkCircles(t *testing.T, k *SQLKind) {
	rules := []string{"", " ON DELETE CASCADE", " ON DELETE SET NULL"}
	if k.NoCircles {
		rules = rules[:1]
	}
	for _, rule := range rules {
		dsn, db := k.Fresh(t)
		num := k.Types[source.ClassInt]
		mustExec(t, db, "CREATE TABLE staff (id "+num+" NOT NULL PRIMARY KEY, boss "+num+", FOREIGN KEY (boss) REFERENCES staff (id)"+rule+")")
		mustExec(t, db, "INSERT INTO staff VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, 5), (6, NULL)")
		mustExec(t, db, "UPDATE staff SET boss = 4 WHERE id = 1")
		s := k.open(t, dsn)
		table := k.table(t, s, "staff")
		tx := begin(t, s)
		if n, err := tx.Delete(t.Context(), table, source.Match{Fields: fields("id"), Tuples: numbers(1, 6)}); err != nil || n != 5 {
			t.Fatalf("%q: %d, %v", rule, n, err)
		}
		if err := tx.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		effects, err := tx.Effects(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(effects) != 1 || effects[0].Deleted != 5 {
			t.Errorf("%q: %+v", rule, effects)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"6"}, firsts(ask(t, s, source.Query{Table: table, Fields: fields("id")}))); diff != "" {
			t.Errorf("%q: %s", rule, diff)
		}
		// Somebody who is not in the plan goes along, and is counted.
		mustExec(t, db, "INSERT INTO staff VALUES (1, NULL), (2, 1)")
		tx = begin(t, s)
		n, err := tx.Delete(t.Context(), table, source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1))})
		if rule == "" {
			if err == nil {
				err = tx.Settle(t.Context())
			}
			failsWith(t, "a row that others refer to", err, source.Constraint)
			continue
		}
		if err != nil || n != 1 {
			t.Fatalf("%q: %d, %v", rule, n, err)
		}
		want := map[string][3]int64{"staff": {0, 0, 2}}
		if rule == " ON DELETE SET NULL" {
			want = map[string][3]int64{"staff": {0, 1, 1}}
		}
		checkEffects(t, tx, want)
	}
}

func checkTriggers(t *testing.T, k *SQLKind) {
	if k.Trigger == nil {
		return
	}
	dsn, db := k.Fresh(t)
	num := k.Types[source.ClassInt]
	for _, statement := range []string{
		"CREATE TABLE p (id " + num + " NOT NULL PRIMARY KEY, n " + num + ")", "CREATE TABLE history (id " + num + ")",
		"CREATE TABLE other (id " + num + " NOT NULL PRIMARY KEY, n " + num + ")",
		"INSERT INTO p VALUES (1, 1), (2, 2), (3, 3), (4, 4)", "INSERT INTO other VALUES (1, 0), (2, 0), (3, 0)",
		k.Trigger("keep", "p", "UPDATE", "INSERT INTO history (id) VALUES (OLD.id)"),
		k.Trigger("meddle", "p", "DELETE", "UPDATE other SET n = OLD.id WHERE id <> OLD.id"),
	} {
		mustExec(t, db, statement)
	}
	s := k.open(t, dsn)
	table := k.table(t, s, "p")
	if len(table.Triggers) != 2 {
		t.Errorf("%+v", table.Triggers)
	}
	sum := func(tx source.Change) (total source.Effect) {
		effects, err := tx.Effects(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range effects {
			total.Inserted, total.Updated, total.Deleted = total.Inserted+e.Inserted, total.Updated+e.Updated, total.Deleted+e.Deleted
		}
		return total
	}
	tx := begin(t, s)
	keys := source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1), source.IntOf(2), source.IntOf(3))}
	// One of them holds the value already.
	if n, err := tx.Update(t.Context(), table, keys, []source.Set{{Field: source.Field{Column: "n"}, Value: source.IntOf(3)}}); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if e := sum(tx); e.Updated != 3 || e.Deleted != 0 || e.Inserted != 3 && e.Inserted != 2 {
		t.Errorf("a trigger that writes history: %+v", e)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	tx = begin(t, s)
	if n, err := tx.Delete(t.Context(), table, source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1), source.IntOf(4))}); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	// 1 changes two other rows; 4 changes three, two of them for the second time.
	if e := sum(tx); e.Deleted != 2 || e.Updated < 3 {
		t.Errorf("a trigger that changes others: %+v", e)
	}
}

func checkConstraints(t *testing.T, k *SQLKind) {
	dsn, db := k.Fresh(t)
	num := k.Types[source.ClassInt]
	for _, statement := range []string{
		"CREATE TABLE parents (id " + num + " NOT NULL PRIMARY KEY)",
		"CREATE TABLE rules (id " + num + " NOT NULL PRIMARY KEY, mail VARCHAR(60) NOT NULL, parent " + num + ", n " + num +
			", CONSTRAINT one_mail UNIQUE (mail), CONSTRAINT has_parent FOREIGN KEY (parent) REFERENCES parents (id), CONSTRAINT n_positive CHECK (n > 0))",
		"INSERT INTO parents VALUES (1)", "INSERT INTO rules VALUES (1, '" + canary + "@example.no', 1, 1), (2, 'b@example.no', 1, 1)",
	} {
		mustExec(t, db, statement)
	}
	s := k.open(t, dsn)
	rules, parents := k.table(t, s, "rules"), k.table(t, s, "parents")
	if len(rules.Checks) != 1 || !rules.IsUnique("mail") {
		t.Errorf("%+v", rules)
	}
	second := source.Match{Fields: fields("id"), Tuples: one(source.IntOf(2))}
	for what, set := range map[string]source.Set{
		"NOT NULL": {Field: source.Field{Column: "mail"}}, "unique": {Field: source.Field{Column: "mail"}, Value: source.TextOf(canary + "@example.no")},
		"foreign key": {Field: source.Field{Column: "parent"}, Value: source.IntOf(99)}, "check": {Field: source.Field{Column: "n"}, Value: source.IntOf(-1)},
	} {
		tx := begin(t, s)
		_, err := tx.Update(t.Context(), rules, second, []source.Set{set})
		if err == nil {
			err = tx.Settle(t.Context())
		}
		failsWith(t, what, err, source.Constraint)
		_ = tx.Rollback(t.Context())
	}
	tx := begin(t, s)
	_, err := tx.Delete(t.Context(), parents, source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1))})
	if err == nil {
		err = tx.Settle(t.Context())
	}
	failsWith(t, "a parent", err, source.Constraint)
}

// A value that does not fit is refused and never cut.
func checkLengths(t *testing.T, k *SQLKind) {
	s, _ := k.load(t, Sample{Name: "short", Key: []string{"id"}, Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "name", Class: source.ClassText, Length: 10}},
		Rows: [][]source.Value{{source.IntOf(1), source.TextOf("ok")}}})
	table := k.table(t, s, "short")
	if c, _ := table.Column("name"); c.MaxLength != 10 {
		t.Errorf("%+v", c)
	}
	tx := begin(t, s)
	key := source.Match{Fields: fields("id"), Tuples: one(source.IntOf(1))}
	ten := "ÆØÅæøåÆØÅæ" // characters, not bytes
	if n, err := tx.Update(t.Context(), table, key, []source.Set{{Field: source.Field{Column: "name"}, Value: source.TextOf(ten)}}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if k.Loose {
		return
	}
	_, err := tx.Update(t.Context(), table, key, []source.Set{{Field: source.Field{Column: "name"}, Value: source.TextOf(ten + canary)}})
	failsWith(t, "too long", err, source.BadType)
}

// Lock sees what others committed meanwhile, and keeps them off afterwards.
func checkDrift(t *testing.T, k *SQLKind) {
	s, db := k.load(t, peopleSample(10))
	table := k.table(t, s, "people")
	ask(t, s, source.Query{Table: table, Fields: fields("id", "mail")})
	mustExec(t, db, "UPDATE people SET score = 777 WHERE id = 4")
	tx := begin(t, s)
	keys := source.Match{Fields: fields("id"), Tuples: numbers(3, 6)}
	got := map[string]string{}
	err := tx.Lock(t.Context(), source.Query{Table: table, Fields: fields("id", "score"), Match: &keys}, func(row []source.Value) error { got[row[0].Text()] = row[1].Text(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"3": "9", "4": "777", "5": "15"}, got); diff != "" {
		t.Error(diff)
	}
	other := make(chan error, 1)
	go func() {
		_, err := db.Exec("UPDATE people SET score = score + 1000 WHERE id = 5")
		other <- err
	}()
	if _, err := tx.Update(t.Context(), table, keys, []source.Set{{Field: source.Field{Column: "score"}, Value: source.IntOf(1)}}); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-other; err != nil {
		t.Fatal(err)
	}
	rows := ask(t, s, source.Query{Table: table, Fields: fields("score"), Match: &source.Match{Fields: fields("id"), Tuples: numbers(5, 6)}})
	if len(rows) != 1 || rows[0][0].Text() != "1001" {
		t.Errorf("somebody else wrote in between: %v", rows[0][0].Text())
	}
}

func checkMoment(t *testing.T, k *SQLKind) {
	s, db := k.load(t, peopleSample(3))
	table := k.table(t, s, "people")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	mustExec(t, db, "INSERT INTO people VALUES (90, 'new@example.no', 1)")
	views := []source.Snapshot{snap}
	if shared, ok := snap.(source.Shared); ok {
		if other, err := shared.Beside(t.Context()); err == nil {
			defer other.Close()
			views = append(views, other)
		}
	}
	for _, view := range views {
		n := 0
		if err := view.Find(t.Context(), source.Query{Table: table, Fields: fields("id")}, func([]source.Value) error { n++; return nil }); err != nil || n != 3 {
			t.Errorf("%d rows, %v", n, err)
		}
	}
}

// A connection that is cut is an error, never an end of the rows; a change that was under way is
// not done; and the next attempt works.
func checkCuts(t *testing.T, k *SQLKind) {
	if k.Cut == nil {
		return
	}
	sample := Sample{Name: "many", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "pad", Class: source.ClassText}}, Key: []string{"id"}}
	const rows = 40_000
	for i := range rows {
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), source.TextOf(strings.Repeat("x", 1000))})
	}
	s, db := k.load(t, sample)
	table := k.table(t, s, "many")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	seen := 0
	err = snap.Find(t.Context(), source.Query{Table: table, Fields: fields("id", "pad")}, func([]source.Value) error {
		if seen++; seen == 1 {
			k.Cut(t, db)
		}
		return nil
	})
	if seen >= rows {
		t.Errorf("all rows arrived")
	}
	failsWith(t, "cut while rows come", err, source.Unreachable)
	tx := begin(t, s)
	keys := source.Match{Fields: fields("id"), Tuples: numbers(0, 1000)}
	if _, err := tx.Delete(t.Context(), table, keys); err != nil {
		t.Fatal(err)
	}
	k.Cut(t, db)
	failsWith(t, "cut before the commit", tx.Commit(t.Context()), source.Unreachable)
	if got := ask(t, s, source.Query{Table: table, Fields: fields("id"), Match: &keys}); len(got) != 1000 {
		t.Errorf("%d of 1000 rows are left", len(got))
	}
}

func checkTimeouts(t *testing.T, k *SQLKind) {
	dsn, db := k.Fresh(t)
	mustExec(t, db, "CREATE VIEW slow AS "+k.Slow)
	table := k.table(t, k.open(t, dsn), "slow")
	s, err := k.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(dsn), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	err = snap.Find(t.Context(), source.Query{Table: table, Fields: fields("i")}, func([]source.Value) error { return nil })
	failsWith(t, "a slow statement", err, source.TimedOut)
}

// A statement that was given up lets go of its locks: the same plan can be tried again.
func checkCancelledStatements(t *testing.T, k *SQLKind) {
	dsn, db := k.Fresh(t)
	k.create(t, db, peopleSample(10))
	mustExec(t, db, "CREATE VIEW slow AS "+k.Slow)
	s := k.open(t, dsn)
	slow, people := k.table(t, s, "slow"), k.table(t, s, "people")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tx, err := s.(source.Changer).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	keys := source.Match{Fields: fields("id"), Tuples: numbers(0, 5)}
	if _, err := tx.Delete(ctx, people, keys); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- tx.Lock(ctx, source.Query{Table: slow, Fields: fields("i")}, func([]source.Value) error { return nil })
	}()
	time.AfterFunc(200*time.Millisecond, cancel)
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) && !errors.Is(err, &source.Error{}) {
			t.Errorf("cancelled: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("goes on")
	}
	_ = tx.Rollback(ctx)
	again := begin(t, s)
	if n, err := again.Delete(t.Context(), people, keys); err != nil || n != 5 {
		t.Errorf("a second attempt: %d, %v", n, err)
	}
}

func checkAccounts(t *testing.T, k *SQLKind) {
	if k.Reader == nil {
		return
	}
	dsn, db := k.Fresh(t)
	k.create(t, db, peopleSample(3))
	second := peopleSample(3)
	second.Name = "secrets"
	k.create(t, db, second)
	s := k.open(t, k.Reader(t, dsn, db, "people"))
	schema, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	people, ok := schema.Table(source.TableName{Name: "people"})
	if !ok || !people.CanSelect || people.CanUpdate || people.CanDelete {
		t.Errorf("%+v", people)
	}
	if got := ask(t, s, source.Query{Table: people, Fields: fields("id")}); len(got) != 3 {
		t.Errorf("%d rows", len(got))
	}
	full := k.open(t, dsn)
	secrets := k.table(t, full, "secrets")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	failsWith(t, "a table that is not for this account", snap.Find(t.Context(), source.Query{Table: secrets, Fields: fields("id")}, func([]source.Value) error { return nil }), source.Denied)
	tx := begin(t, s)
	_, err = tx.Delete(t.Context(), k.table(t, full, "people"), source.Match{Fields: fields("id"), Tuples: numbers(0, 1)})
	failsWith(t, "a change", err, source.Denied)
}

func checkThousand(t *testing.T, k *SQLKind) {
	dsn, db := k.Fresh(t)
	num := k.Types[source.ClassInt]
	const tables = 1000
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for i := range tables {
		text := fmt.Sprintf("CREATE TABLE t%04d (id %s NOT NULL PRIMARY KEY, up %s, name VARCHAR(40)", i, num, num)
		if i > 0 {
			text += fmt.Sprintf(", FOREIGN KEY (up) REFERENCES t%04d (id) ON DELETE CASCADE", i/10)
		}
		if _, err := tx.Exec(text + ")"); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	schema, err := k.open(t, dsn).Inspect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(schema.Tables) != tables || len(schema.ForeignKeys) != tables-1 {
		t.Errorf("%d tables, %d keys", len(schema.Tables), len(schema.ForeignKeys))
	}
	for _, table := range schema.Tables {
		if len(table.Columns) != 3 || !slices.Equal(table.PrimaryKey, []string{"id"}) || !table.CanDelete {
			t.Fatalf("%+v", table)
		}
	}
}

func checkViews(t *testing.T, k *SQLKind) {
	s, db := k.load(t, peopleSample(5))
	mustExec(t, db, "CREATE VIEW some_people AS SELECT id, mail FROM people WHERE id > 2")
	view := k.table(t, s, "some_people")
	if !view.View {
		t.Errorf("%+v", view)
	}
	if diff := cmp.Diff([]string{"3", "4"}, firsts(ask(t, s, source.Query{Table: view, Fields: fields("id")}))); diff != "" {
		t.Error(diff)
	}
}

// What cannot be reached says so, and never shows the connection string.
func checkUnreachable(t *testing.T, k *SQLKind) {
	if k.Cut == nil {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	dsn, _ := k.Fresh(t)
	scheme, _, _ := strings.Cut(dsn, ":")
	for what, c := range map[string]struct {
		dsn  string
		want source.Code
	}{
		"nobody listens": {scheme + "://who:" + canary + "@" + address + "/db", source.Unreachable},
		"no address":     {scheme + "://" + canary + "@/" + "?what=ever&x=" + canary, source.BadConfig},
		"no URL":         {scheme + "://%zz" + canary, source.BadConfig},
	} {
		s, err := k.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(c.dsn)})
		if err == nil {
			_, err = s.Inspect(t.Context())
		}
		if c.want == source.BadConfig && errors.Is(err, &source.Error{Code: source.Unreachable}) {
			continue // some drivers fill in what is missing
		}
		failsWith(t, what, err, c.want)
	}
}

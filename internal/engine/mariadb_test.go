package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
)

// The same as TestErasureTouchesExactlyItsPlan, in MariaDB, whose rules between tables act
// without telling and are looked at row by row.
func TestErasureTouchesExactlyItsPlanInMariaDB(t *testing.T) {
	t.Parallel()
	dsn := portaltest.MariaDB(t)
	db := portaltest.OpenMariaDB(t, dsn)
	db.SetMaxOpenConns(1)
	dir := t.TempDir()
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		script := "SET foreign_key_checks = 0;\n"
		for i := range 5 {
			script += fmt.Sprintf("DROP TABLE IF EXISTS t%d;\n", i)
		}
		if _, err := db.Exec(script + "SET foreign_key_checks = 1;\n" + w.script()); err != nil {
			rt.Fatalf("%s\n%v", w.script(), err)
		}
		dump := func() map[string]string { return w.dumpMariaDB(rt, db) }
		s := w.connect(rt, dsn, dir)
		defer s.Close()
		before := dump()
		w.checkWalk(rt, s)
		p, err := engine.PrepareErase(ctx, s, email("me@example.com"), nil, engine.RunOptions{})
		if err != nil {
			rt.Fatal(err)
		}
		defer p.Close()
		if d := differences(before, dump()); len(d) > 0 {
			rt.Fatalf("the trial run left traces: %v", d)
		}
		if p.Blocked() {
			rt.Fatalf("no plan: %+v\n%s\n%s", p.Problems, w.script(), w.yaml())
		}
		out, err := p.Execute(ctx, p.Summary.Digest)
		if err != nil || !out.Verification.Done() {
			rt.Fatalf("%v %+v\n%s\n%s", err, out, w.script(), w.yaml())
		}
		compare(rt, w, p, before, dump())
	})
}

func (w world) dumpMariaDB(t *rapid.T, db *sql.DB) map[string]string {
	out := map[string]string{}
	for i, table := range w.tables {
		columns := "'email=', IFNULL(email, '<nil>'), ';name=', IFNULL(name, '<nil>'), ';'"
		for r, ref := range w.refs {
			if ref.child == i {
				columns += fmt.Sprintf(", 'r%d=', IFNULL(r%d, '<nil>'), ';'", r, r)
			}
		}
		rows, err := db.Query("SELECT id, CONCAT('id=', id, ';', " + columns + ") FROM " + table.name)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id int
			var text string
			if err := rows.Scan(&id, &text); err != nil {
				t.Fatal(err)
			}
			out[fmt.Sprintf("%s/%d", table.name, id)] = text
		}
		rows.Close()
	}
	return out
}

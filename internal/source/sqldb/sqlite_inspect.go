package sqldb

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"mininfo/internal/source"
)

// Inspect reads the catalogue of the file.
func (s *sqlite) Inspect(ctx context.Context) (*source.Schema, error) {
	l, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	i := &liteInspection{l: l, schema: &source.Schema{}}
	if err := i.run(ctx); err != nil {
		return nil, s.fail(ctx, err)
	}
	return i.schema, nil
}

type liteInspection struct {
	l      *liteConn
	schema *source.Schema
}

// rows runs a query with texts and numbers in its answer.
func (i *liteInspection) rows(ctx context.Context, n int, fn func(row []any), query string, args ...any) error {
	rows, err := i.l.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	raw, into := make([]any, n), make([]any, n)
	for k := range raw {
		into[k] = &raw[k]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		fn(raw)
	}
	return rows.Err()
}

func text(v any) string { s, _ := v.(string); return s }
func flag(v any) bool   { n, _ := v.(int64); return n != 0 }

func (i *liteInspection) run(ctx context.Context) error {
	var version string
	if err := i.rows(ctx, 1, func(r []any) { version = text(r[0]) }, "SELECT sqlite_version()"); err != nil {
		return err
	}
	i.schema.System = "SQLite " + version
	withoutRowID := map[string]bool{}
	create := map[string]string{}
	err := i.rows(ctx, 4, func(r []any) {
		name := text(r[0])
		t := source.Table{Name: source.TableName{Name: name}, View: text(r[1]) == "view", Rows: -1,
			CanSelect: true, CanUpdate: text(r[1]) == "table", CanDelete: text(r[1]) == "table"}
		withoutRowID[name], create[name] = flag(r[2]), text(r[3])
		i.schema.Tables = append(i.schema.Tables, t)
	}, `SELECT l.name, l.type, l.wr, s.sql FROM pragma_table_list AS l JOIN sqlite_schema AS s ON s.name = l.name AND s.type IN ('table','view')
		WHERE l.schema = 'main' AND l.type IN ('table','view') AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY l.name`)
	if err != nil {
		return err
	}
	for n := range i.schema.Tables {
		t := &i.schema.Tables[n]
		if err := i.table(ctx, t, create[t.Name.Name]); err != nil {
			return err
		}
		if !t.View && !withoutRowID[t.Name.Name] {
			t.RowID = freeRowID(t)
		}
	}
	i.resolveKeys()
	return nil
}

// freeRowID gives a name for the hidden row id that no column of the table's own hides.
func freeRowID(t *source.Table) string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if _, taken := t.Column(name); !taken {
			return name
		}
	}
	return ""
}

func (i *liteInspection) table(ctx context.Context, t *source.Table, create string) error {
	key := map[int64]string{}
	err := i.rows(ctx, 6, func(r []any) {
		c := liteType(text(r[1]))
		c.Name, c.Nullable, c.Default = text(r[0]), !flag(r[2]), r[3] != nil
		hidden, _ := r[5].(int64)
		c.Generated = hidden == 2 || hidden == 3
		t.Columns = append(t.Columns, c)
		if at, _ := r[4].(int64); at > 0 {
			key[at] = c.Name
		}
	}, "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1", t.Name.Name)
	if err != nil {
		return err
	}
	for at := int64(1); at <= int64(len(key)); at++ {
		t.PrimaryKey = append(t.PrimaryKey, key[at])
	}
	if len(key) > 0 {
		t.Uniques = append(t.Uniques, source.Index{Name: "primary key", Columns: t.PrimaryKey, Primary: true})
	}
	if len(key) == 1 {
		if c, _ := t.Column(key[1]); strings.EqualFold(c.Type, "INTEGER") {
			c.Identity, c.Nullable = true, false
		}
	}
	t.Checks = append(t.Checks, checkPattern.FindAllString(create, -1)...)
	if err := i.indexes(ctx, t); err != nil {
		return err
	}
	if err := i.foreignKeys(ctx, t); err != nil {
		return err
	}
	return i.triggers(ctx, t)
}

// checkPattern only tells that there is a check; what it demands shows in the trial run.
var checkPattern = regexp.MustCompile(`(?i)\bcheck\s*\(`)

func (i *liteInspection) indexes(ctx context.Context, t *source.Table) error {
	var list []source.Index
	err := i.rows(ctx, 3, func(r []any) {
		if text(r[1]) != "pk" {
			list = append(list, source.Index{Name: text(r[0]), Partial: flag(r[2])})
		}
	}, `SELECT name, origin, partial FROM pragma_index_list(?) WHERE "unique" = 1 ORDER BY name`, t.Name.Name)
	if err != nil {
		return err
	}
	for _, index := range list {
		if err := i.rows(ctx, 1, func(r []any) { index.Columns = append(index.Columns, text(r[0])) },
			"SELECT name FROM pragma_index_info(?) ORDER BY seqno", index.Name); err != nil {
			return err
		}
		t.Uniques = append(t.Uniques, index)
	}
	return i.rows(ctx, 2, func(r []any) {
		c, ok := t.Column(text(r[0]))
		if !ok || c.Class != source.ClassText {
			return
		}
		switch text(r[1]) {
		case "BINARY":
			c.Order = source.ByBytes
		case "NOCASE":
			if c.Order == source.Unordered {
				c.Order = source.Folded
			}
		}
	}, `SELECT x.name, x.coll FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS x WHERE l.partial = 0 AND x.seqno = 0 AND x."desc" = 0 AND x.cid >= 0`, t.Name.Name)
}

func (i *liteInspection) foreignKeys(ctx context.Context, t *source.Table) error {
	byID := map[int64]int{}
	return i.rows(ctx, 6, func(r []any) {
		id, _ := r[0].(int64)
		at, ok := byID[id]
		if !ok {
			at = len(i.schema.ForeignKeys)
			byID[id] = at
			i.schema.ForeignKeys = append(i.schema.ForeignKeys, source.ForeignKey{Name: t.Name.Name + "_fk" + strconv.FormatInt(id, 10),
				Table: t.Name, RefTable: source.TableName{Name: text(r[1])},
				OnUpdate: strings.ToLower(text(r[4])), OnDelete: strings.ToLower(text(r[5]))})
		}
		k := &i.schema.ForeignKeys[at]
		k.Columns = append(k.Columns, text(r[2]))
		if to := text(r[3]); to != "" {
			k.RefColumns = append(k.RefColumns, to)
		}
	}, `SELECT id, "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq`, t.Name.Name)
}

// resolveKeys fills in what a foreign key leaves out (the parent's primary key) and brings names
// to the catalogue's own spelling.
func (i *liteInspection) resolveKeys() {
	var keep []source.ForeignKey
	for _, k := range i.schema.ForeignKeys {
		parent, ok := i.schema.Table(k.RefTable)
		if !ok {
			continue
		}
		k.RefTable = parent.Name
		if len(k.RefColumns) == 0 {
			k.RefColumns = append([]string{}, parent.PrimaryKey...)
		}
		child, _ := i.schema.Table(k.Table)
		k.Columns, k.RefColumns = spelled(child, k.Columns), spelled(parent, k.RefColumns)
		keep = append(keep, k)
	}
	i.schema.ForeignKeys = keep
}

func spelled(t *source.Table, names []string) []string {
	for n, name := range names {
		if c, ok := t.Column(name); ok {
			names[n] = c.Name
		}
	}
	return names
}

func (i *liteInspection) triggers(ctx context.Context, t *source.Table) error {
	return i.rows(ctx, 2, func(r []any) {
		body := strings.ToUpper(text(r[1]))
		head, _, _ := strings.Cut(body, "BEGIN")
		t.Triggers = append(t.Triggers, source.Trigger{Name: text(r[0]),
			OnUpdate: strings.Contains(head, "UPDATE"), OnDelete: strings.Contains(head, "DELETE")})
	}, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name", t.Name.Name)
}

var lengthPattern = regexp.MustCompile(`\(\s*(\d+)\s*\)`)

// liteType reads a declared type by SQLite's rules of affinity, and the common names of types
// that SQLite itself knows nothing about.
func liteType(declared string) source.Column {
	upper := strings.ToUpper(declared)
	c := source.Column{Type: declared, Class: liteClass(upper)}
	if m := lengthPattern.FindStringSubmatch(declared); m != nil && c.Class == source.ClassText {
		c.MaxLength, _ = strconv.Atoi(m[1])
	}
	return c
}

func liteClass(upper string) source.Class {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(upper, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("BOOL"):
		return source.ClassBool
	case has("DATE", "TIME"):
		// Stored as text or number, whatever the writer chose: read and compared as it is.
		return source.ClassOther
	case has("INT"):
		return source.ClassInt
	case has("CHAR", "CLOB", "TEXT", "UUID"):
		return source.ClassText
	case has("JSON"):
		return source.ClassJSON
	case has("BLOB"), upper == "":
		return source.ClassOther
	case has("REAL", "FLOA", "DOUB"):
		return source.ClassFloat
	case has("DEC", "NUMERIC"):
		return source.ClassDecimal
	}
	return source.ClassOther
}

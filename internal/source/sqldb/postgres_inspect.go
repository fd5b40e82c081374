package sqldb

import (
	"context"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5"

	"mininfo/internal/source"
)

// Inspect reads the catalogue. Tables of the default schema come first.
func (p *postgres) Inspect(ctx context.Context) (*source.Schema, error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	i := &pgInspection{conn: conn, schema: &source.Schema{}, byOID: map[uint32]*source.Table{}, heirs: map[uint32]bool{}}
	for _, step := range []func(context.Context) error{i.system, i.tables, i.columns, i.orders, i.indexes, i.foreignKeys, i.checks, i.triggers} {
		if err := step(ctx); err != nil {
			return nil, p.fail(ctx, err)
		}
	}
	return i.schema, nil
}

type pgInspection struct {
	conn   *pgx.Conn
	schema *source.Schema
	byOID  map[uint32]*source.Table
	heirs  map[uint32]bool // tables that others inherit from: reading them reads those too
}

func (i *pgInspection) each(ctx context.Context, sql string, scan ...any) func(func()) error {
	return func(fn func()) error {
		rows, err := i.conn.Query(ctx, sql)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, scan, func() error { fn(); return nil })
		return err
	}
}

func (i *pgInspection) system(ctx context.Context) error {
	var version string
	err := i.conn.QueryRow(ctx, "SHOW server_version").Scan(&version)
	number, _, _ := strings.Cut(version, " ")
	i.schema.System = "PostgreSQL " + number
	return err
}

func (i *pgInspection) tables(ctx context.Context) error {
	var oid uint32
	var schema, name, kind, comment string
	var sel, upd, del, inherited bool
	var rows int64
	var root source.TableName
	var oids []uint32
	err := i.each(ctx, `WITH RECURSIVE `+pgRoots+`
		SELECT c.oid, n.nspname, c.relname, c.relkind::text, has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'),
			has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE'), has_table_privilege(c.oid, 'DELETE'), c.reltuples::bigint,
			c.relkind = 'r' AND c.relhassubclass, coalesce(rn.nspname, ''), coalesce(rc.relname, ''), coalesce(obj_description(c.oid, 'pg_class'), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			LEFT JOIN root ON root.rel = c.oid LEFT JOIN pg_class rc ON rc.oid = root.top LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
		WHERE c.relkind IN ('r','p','v','m','f') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
			AND has_schema_privilege(n.oid, 'USAGE')
		ORDER BY n.nspname IS DISTINCT FROM current_schema(), n.nspname, c.relname`,
		&oid, &schema, &name, &kind, &sel, &upd, &del, &rows, &inherited, &root.Schema, &root.Name, &comment)(func() {
		t := source.Table{Name: source.TableName{Schema: schema, Name: name}, View: kind == "v" || kind == "m",
			CanSelect: sel, CanUpdate: upd, CanDelete: del, Rows: rows, Root: root, Comment: comment}
		switch {
		case kind == "p" || inherited:
			t.RowID = "(t.tableoid::text || t.ctid::text)"
		case kind == "r":
			t.RowID = "t.ctid::text"
		}
		i.heirs[oid] = inherited
		i.schema.Tables = append(i.schema.Tables, t)
		oids = append(oids, oid)
	})
	for n := range i.schema.Tables {
		i.byOID[oids[n]] = &i.schema.Tables[n]
	}
	return err
}

func (i *pgInspection) columns(ctx context.Context) error {
	var rel uint32
	var name, typ, base, category, elem, elemBase, elemCategory, comment string
	var notNull, generated, identity, hasDefault bool
	var mod int32
	var enum []string
	return i.each(ctx, `WITH RECURSIVE dom AS (
			SELECT oid AS typ, oid AS base, typtypmod AS mod, typnotnull AS nn FROM pg_type WHERE typtype <> 'd'
			UNION ALL
			SELECT d.oid, b.base, CASE WHEN d.typtypmod >= 0 THEN d.typtypmod ELSE b.mod END, d.typnotnull OR b.nn
			FROM pg_type d JOIN dom b ON b.typ = d.typbasetype WHERE d.typtype = 'd')
		SELECT a.attrelid, a.attname, format_type(a.atttypid, -1), b.typname, b.typcategory::text,
			coalesce(format_type(e.oid, -1), ''), coalesce(e.typname, ''), coalesce(e.typcategory::text, ''),
			a.attnotnull OR dom.nn, a.attgenerated <> '' OR a.attidentity = 'a', a.attidentity <> '', a.atthasdef,
			CASE WHEN b.typname IN ('varchar','bpchar') THEN greatest(a.atttypmod, dom.mod) - 4 ELSE 0 END,
			ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = b.oid ORDER BY enumsortorder),
			coalesce(col_description(a.attrelid, a.attnum), '')
		FROM pg_attribute a JOIN dom ON dom.typ = a.atttypid JOIN pg_type b ON b.oid = dom.base
			LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
		WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE c.relkind IN ('r','p','v','m','f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_')
		ORDER BY a.attrelid, a.attnum`,
		&rel, &name, &typ, &base, &category, &elem, &elemBase, &elemCategory, &notNull, &generated, &identity, &hasDefault, &mod, &enum, &comment)(func() {
		t := i.byOID[rel]
		if t == nil {
			return
		}
		c := source.Column{Name: name, Type: typ, Class: pgClass(base, category), Nullable: !notNull, Generated: generated,
			Identity: identity, Default: hasDefault, HasZone: base == "timestamptz" || base == "timetz", MaxLength: max(int(mod), 0), Comment: comment}
		if len(enum) > 0 {
			c.Enum = append([]string{}, enum...)
		}
		if c.Class == source.ClassArray {
			c.ElemType, c.Elem = elem, pgClass(elemBase, elemCategory)
		}
		t.Columns = append(t.Columns, c)
	})
}

// orders finds the columns of texts that an index begins with. By letters counts only in
// languages that do not take two letters for one: where "ch" is a letter, "cH" may lie far away.
// (In Norwegian and Danish "aa" is one: see narrow.)
func (i *pgInspection) orders(ctx context.Context) error {
	var rel uint32
	var name, class string
	var bytes, letters bool
	return i.each(ctx, `WITH d AS (SELECT pg_encoding_to_char(encoding) AS encoding, coalesce(to_jsonb(d)->>'datlocprovider', 'c') AS provider,
				coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale', datcollate) AS locale FROM pg_database d WHERE datname = current_database())
		SELECT x.indrelid, a.attname, o.opcname,
			coalesce(d.encoding IN ('UTF8', 'SQL_ASCII', 'LATIN1') AND (k.collname IN ('C', 'POSIX') OR k.collname = 'default' AND
				(d.provider = 'b' OR d.provider = 'c' AND d.locale IN ('C', 'POSIX', 'C.UTF-8', 'C.utf8'))), false),
			coalesce((CASE WHEN k.collname = 'default' THEN d.locale ELSE k.collname END) ~ '^(en|de|sv|fi|fr|nb|nn|no|da|und)([_-]|$)', false)
		FROM pg_index x CROSS JOIN d JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0] AND x.indcollation[0] = a.attcollation
			JOIN pg_opclass o ON o.oid = x.indclass[0] JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_am m ON m.oid = c.relam
			LEFT JOIN pg_collation k ON k.oid = a.attcollation
		WHERE m.amname = 'btree' AND x.indisvalid AND x.indpred IS NULL AND o.opcname IN ('text_ops', 'varchar_ops', 'citext_ops')`,
		&rel, &name, &class, &bytes, &letters)(func() {
		t := i.byOID[rel]
		if t == nil {
			return
		}
		c, ok := t.Column(name)
		switch {
		case !ok:
		case class == "citext_ops":
			c.Order = source.Folded
		case bytes:
			c.Order = source.ByBytes
		case letters && c.Order == source.Unordered:
			c.Order = source.ByLetters
		}
	})
}

// pgClass puts a base type into a family.
func pgClass(base, category string) source.Class {
	switch base {
	case "int2", "int4", "int8", "oid":
		return source.ClassInt
	case "float4", "float8":
		return source.ClassFloat
	case "numeric":
		return source.ClassDecimal
	case "bool":
		return source.ClassBool
	case "bytea":
		return source.ClassBytes
	case "date":
		return source.ClassDate
	case "timestamp", "timestamptz", "time", "timetz":
		return source.ClassTime
	case "json", "jsonb":
		return source.ClassJSON
	case "uuid":
		return source.ClassUUID
	case "text", "varchar", "bpchar", "name", "citext", "char":
		return source.ClassText
	}
	if category == "A" {
		return source.ClassArray
	}
	return source.ClassOther
}

func (i *pgInspection) indexes(ctx context.Context) error {
	var rel uint32
	var name string
	var primary, partial bool
	var columns []string
	return i.each(ctx, `SELECT x.indrelid, c.relname, x.indisprimary, x.indpred IS NOT NULL,
			ARRAY(SELECT coalesce((SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attnum = k.n AND k.n > 0), '')
				FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(n, at) WHERE k.at <= x.indnkeyatts ORDER BY k.at)
		FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid WHERE x.indisunique AND x.indisvalid ORDER BY c.relname`,
		&rel, &name, &primary, &partial, &columns)(func() {
		t := i.byOID[rel]
		if t == nil || i.heirs[rel] {
			// No rule of uniqueness holds for the rows of the tables that inherit.
			return
		}
		own := append([]string{}, columns...)
		t.Uniques = append(t.Uniques, source.Index{Name: name, Columns: own, Primary: primary, Partial: partial})
		if primary {
			t.PrimaryKey = own
		}
	})
}

func (i *pgInspection) foreignKeys(ctx context.Context) error {
	var child, parent uint32
	var name, onDelete, onUpdate string
	var columns, refs []string
	err := i.each(ctx, `SELECT k.conrelid, k.confrelid, k.conname, k.confdeltype::text, k.confupdtype::text,
			ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, at) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.at),
			ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, at) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.at)
		FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY k.conname`,
		&child, &parent, &name, &onDelete, &onUpdate, &columns, &refs)(func() {
		from, to := i.byOID[child], i.byOID[parent]
		if from == nil || to == nil {
			return
		}
		i.schema.ForeignKeys = append(i.schema.ForeignKeys, source.ForeignKey{Name: name, Table: from.Name, RefTable: to.Name,
			Columns: append([]string{}, columns...), RefColumns: append([]string{}, refs...),
			OnDelete: pgAction(onDelete), OnUpdate: pgAction(onUpdate)})
	})
	sort.SliceStable(i.schema.ForeignKeys, func(a, b int) bool {
		return i.schema.ForeignKeys[a].Table.String() < i.schema.ForeignKeys[b].Table.String()
	})
	return err
}

func pgAction(code string) string {
	switch code {
	case "r":
		return "restrict"
	case "c":
		return "cascade"
	case "n":
		return "set null"
	case "d":
		return "set default"
	}
	return "no action"
}

func (i *pgInspection) checks(ctx context.Context) error {
	var rel uint32
	var text string
	return i.each(ctx, `SELECT conrelid, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 ORDER BY conname`,
		&rel, &text)(func() {
		if t := i.byOID[rel]; t != nil {
			t.Checks = append(t.Checks, text)
		}
	})
}

func (i *pgInspection) triggers(ctx context.Context) error {
	var rel uint32
	var name string
	var kind int16
	return i.each(ctx, `SELECT tgrelid, tgname, tgtype FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgname`,
		&rel, &name, &kind)(func() {
		if t := i.byOID[rel]; t != nil {
			t.Triggers = append(t.Triggers, source.Trigger{Name: name, OnDelete: kind&8 != 0, OnUpdate: kind&16 != 0})
		}
	})
}

package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"mininfo/internal/source"
)

// msInspect reads the catalogue of the database that the connection names.
func msInspect(ctx context.Context, l *session) (*source.Schema, error) {
	i := &catalogue{l: l, schema: &source.Schema{}, tables: map[source.TableName]int{}}
	for _, step := range []func(context.Context) error{i.msSystem, i.msTables, i.msColumns, i.msIndexes, i.msForeignKeys, i.msChecks, i.msTriggers} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	for n := range i.schema.Tables {
		if t := &i.schema.Tables[n]; !t.View {
			t.RowID = msRowID(t)
		}
	}
	return i.schema, nil
}

// msRowID tells rows of a table without a key apart: by what they hold, and equal ones by a
// number, since nothing else tells them apart.
func msRowID(t *source.Table) string {
	if len(t.PrimaryKey) > 0 || len(t.Columns) == 0 {
		return ""
	}
	s := &statement{d: &sqlServerDialect}
	var all []string
	for n := range t.Columns {
		c := &t.Columns[n]
		text := "CONVERT(nvarchar(max), " + msRead(s, c, source.Field{}) + ")"
		if c.Class == source.ClassBytes {
			text = "CONVERT(nvarchar(max), CONVERT(varbinary(max), " + s.column(c) + "), 2)"
		}
		all = append(all, "CONCAT(DATALENGTH("+text+"), ':', "+text+", ',')")
	}
	whole := "HASHBYTES('SHA2_256', " + strings.Join(all, " + ") + ")"
	return "CONVERT(varchar(64), " + whole + ", 2) + ':' + CONVERT(varchar(20), ROW_NUMBER() OVER (PARTITION BY " + whole + " ORDER BY (SELECT NULL)))"
}

func (i *catalogue) msSystem(ctx context.Context) error {
	return i.each(ctx, "SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion'))", func(r []string) { i.schema.System = "SQL Server " + r[0] })
}

func (i *catalogue) msTables(ctx context.Context) error {
	return i.each(ctx, `SELECT s.name, o.name, RTRIM(o.type), COALESCE(t.temporal_type, 0), COALESCE(p.n, -1),
			HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'SELECT'),
			HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'UPDATE'),
			HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(o.name), 'OBJECT', 'DELETE')
		FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id LEFT JOIN sys.tables t ON t.object_id = o.object_id
			OUTER APPLY (SELECT SUM(x.rows) AS n FROM sys.partitions x WHERE x.object_id = o.object_id AND x.index_id IN (0, 1)) p
		WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
		ORDER BY CASE WHEN s.name = SCHEMA_NAME() THEN 0 ELSE 1 END, s.name, o.name`, func(r []string) {
		rows, _ := strconv.ParseInt(r[4], 10, 64)
		// A table that keeps the history of its rows keeps what is erased.
		plain := r[3] == "0"
		i.add(source.Table{Name: source.TableName{Schema: r[0], Name: r[1]}, View: r[2] == "V", Rows: rows,
			CanSelect: r[5] == "1", CanUpdate: plain && r[6] == "1", CanDelete: plain && r[7] == "1"})
	})
}

func (i *catalogue) msColumns(ctx context.Context) error {
	return i.each(ctx, `SELECT s.name, o.name, c.name, CASE WHEN c.system_type_id = 240 THEN TYPE_NAME(c.user_type_id) ELSE TYPE_NAME(c.system_type_id) END,
			c.max_length, c.precision, c.scale, CAST(c.is_nullable AS int), CAST(c.is_computed AS int), CAST(c.is_identity AS int),
			COALESCE(c.generated_always_type, 0), CASE WHEN c.default_object_id <> 0 THEN 1 ELSE 0 END, COALESCE(c.collation_name, '')
		FROM sys.columns c JOIN sys.objects o ON o.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
		WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 ORDER BY s.name, o.name, c.column_id`, func(r []string) {
		t := i.table(r[0], r[1])
		if t == nil {
			return
		}
		c := source.Column{Name: r[2], Class: msClass(r[3]), Nullable: r[7] == "1", Identity: r[9] == "1", Default: r[11] == "1", Collation: r[12],
			Generated: r[8] == "1" || r[9] == "1" || r[10] != "0" || r[3] == "timestamp", HasZone: r[3] == "datetimeoffset"}
		c.Type, c.MaxLength = msType(r[3], r[4], r[5], r[6])
		t.Columns = append(t.Columns, c)
	})
}

// msType writes a type as the system does, and gives the characters that fit.
func msType(kind, length, precision, scale string) (string, int) {
	n, _ := strconv.Atoi(length)
	switch kind {
	case "nchar", "nvarchar":
		if n /= 2; n > 0 {
			return fmt.Sprintf("%s(%d)", kind, n), n
		}
		return kind + "(max)", 0
	case "char", "varchar":
		if n > 0 {
			return fmt.Sprintf("%s(%d)", kind, n), n
		}
		return kind + "(max)", 0
	case "binary", "varbinary":
		if n > 0 {
			return fmt.Sprintf("%s(%d)", kind, n), 0
		}
		return kind + "(max)", 0
	case "decimal", "numeric":
		return kind + "(" + precision + "," + scale + ")", 0
	case "time", "datetime2", "datetimeoffset":
		return kind + "(" + scale + ")", 0
	}
	return kind, 0
}

// msClass puts a type into a family.
func msClass(kind string) source.Class {
	switch kind {
	case "tinyint", "smallint", "int", "bigint":
		return source.ClassInt
	case "real", "float":
		return source.ClassFloat
	case "decimal", "numeric", "money", "smallmoney":
		return source.ClassDecimal
	case "bit":
		return source.ClassBool
	case "binary", "varbinary", "image", "timestamp":
		return source.ClassBytes
	case "date":
		return source.ClassDate
	case "time", "datetime", "smalldatetime", "datetime2", "datetimeoffset":
		return source.ClassTime
	case "uniqueidentifier":
		return source.ClassUUID
	case "char", "varchar", "text", "nchar", "nvarchar", "ntext":
		return source.ClassText
	}
	return source.ClassOther
}

func (i *catalogue) msIndexes(ctx context.Context) error {
	return i.each(ctx, `SELECT s.name, o.name, x.name, c.name, CAST(x.is_primary_key AS int), CAST(x.has_filter AS int)
		FROM sys.indexes x JOIN sys.objects o ON o.object_id = x.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
			JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id AND k.is_included_column = 0
			JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
		WHERE x.is_unique = 1 AND x.is_disabled = 0 AND o.type = 'U' AND o.is_ms_shipped = 0
		ORDER BY s.name, o.name, x.is_primary_key DESC, x.name, k.key_ordinal`, func(r []string) {
		i.unique(i.table(r[0], r[1]), r[2], r[3], r[4] == "1", r[5] == "1")
	})
}

func (i *catalogue) msForeignKeys(ctx context.Context) error {
	return i.each(ctx, `SELECT s.name, o.name, f.name, c.name, rs.name, ro.name, rc.name, f.update_referential_action_desc, f.delete_referential_action_desc
		FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id
			JOIN sys.objects o ON o.object_id = f.parent_object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
			JOIN sys.columns c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
			JOIN sys.objects ro ON ro.object_id = f.referenced_object_id JOIN sys.schemas rs ON rs.schema_id = ro.schema_id
			JOIN sys.columns rc ON rc.object_id = k.referenced_object_id AND rc.column_id = k.referenced_column_id
		WHERE f.is_disabled = 0 ORDER BY s.name, o.name, f.name, k.constraint_column_id`, func(r []string) {
		i.key(r[2], i.table(r[0], r[1]), i.table(r[4], r[5]), r[3], r[6], r[7], r[8])
	})
}

func (i *catalogue) msChecks(ctx context.Context) error {
	return i.each(ctx, `SELECT s.name, o.name, k.definition FROM sys.check_constraints k JOIN sys.objects o ON o.object_id = k.parent_object_id
		JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE k.is_disabled = 0 ORDER BY s.name, o.name, k.name`, func(r []string) {
		t := i.table(r[0], r[1])
		if t == nil {
			return
		}
		for n := range t.Columns {
			// The way to hold a text to be a document.
			if c := &t.Columns[n]; c.Class == source.ClassText && strings.EqualFold(strings.NewReplacer("(", "", ")", "").Replace(r[2]), "isjson["+c.Name+"]>0") {
				c.Class, c.MaxLength = source.ClassJSON, 0
			}
		}
		t.Checks = append(t.Checks, r[2])
	})
}

func (i *catalogue) msTriggers(ctx context.Context) error {
	return i.each(ctx, `SELECT s.name, o.name, t.name, MAX(CASE WHEN e.type_desc = 'UPDATE' THEN 1 ELSE 0 END), MAX(CASE WHEN e.type_desc = 'DELETE' THEN 1 ELSE 0 END)
		FROM sys.triggers t JOIN sys.trigger_events e ON e.object_id = t.object_id JOIN sys.objects o ON o.object_id = t.parent_id
			JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE t.parent_class = 1 AND t.is_disabled = 0
		GROUP BY s.name, o.name, t.name ORDER BY s.name, o.name, t.name`, func(r []string) {
		if t := i.table(r[0], r[1]); t != nil {
			t.Triggers = append(t.Triggers, source.Trigger{Name: r[2], OnUpdate: r[3] == "1", OnDelete: r[4] == "1"})
		}
	})
}

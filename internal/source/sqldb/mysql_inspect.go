package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"mininfo/internal/source"
)

// myInspect reads the catalogue of the database that the connection names, and of others whose
// tables have rules that point into it.
func myInspect(ctx context.Context, l *session) (*source.Schema, error) {
	i := &catalogue{l: l, schema: &source.Schema{}, tables: map[source.TableName]int{}}
	for _, step := range []func(context.Context) error{i.mySystem, i.mySchemas, i.myTables, i.myColumns, i.myIndexes, i.myForeignKeys, i.myChecks, i.myTriggers, i.myRights} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	for n := range i.schema.Tables {
		if t := &i.schema.Tables[n]; !t.View {
			t.RowID = myRowID(t)
		}
	}
	return i.schema, nil
}

// catalogue is a schema that is being read.
type catalogue struct {
	l       *session
	schema  *source.Schema
	tables  map[source.TableName]int
	mariadb bool
	schemas []string // what is read, the default one first
}

// each gives the rows of a query as texts; null is the empty one.
func (i *catalogue) each(ctx context.Context, sql string, fn func(r []string)) error {
	var row []string
	return i.l.query(ctx, sql, nil, func(raw []driver.Value) error {
		row = row[:0]
		for _, v := range raw {
			row = append(row, strings.Clone(asText(v)))
		}
		fn(row)
		return nil
	})
}

func (i *catalogue) table(schema, name string) *source.Table {
	if n, ok := i.tables[source.TableName{Schema: schema, Name: name}]; ok {
		return &i.schema.Tables[n]
	}
	return nil
}

func (i *catalogue) add(t source.Table) {
	i.tables[t.Name] = len(i.schema.Tables)
	i.schema.Tables = append(i.schema.Tables, t)
}

// key adds one column to a rule between tables; rules come column by column.
func (i *catalogue) key(name string, child, parent *source.Table, from, to, onUpdate, onDelete string) {
	if child == nil || parent == nil {
		return
	}
	keys := i.schema.ForeignKeys
	if n := len(keys); n == 0 || keys[n-1].Name != name || keys[n-1].Table != child.Name {
		i.schema.ForeignKeys = append(keys, source.ForeignKey{Name: name, Table: child.Name, RefTable: parent.Name,
			OnUpdate: rule(onUpdate), OnDelete: rule(onDelete)})
	}
	k := &i.schema.ForeignKeys[len(i.schema.ForeignKeys)-1]
	k.Columns, k.RefColumns = append(k.Columns, from), append(k.RefColumns, to)
}

func rule(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", " ")) }

// unique adds one column to a rule of uniqueness.
func (i *catalogue) unique(t *source.Table, name, column string, primary, partial bool) {
	if t == nil {
		return
	}
	if n := len(t.Uniques); n == 0 || t.Uniques[n-1].Name != name {
		t.Uniques = append(t.Uniques, source.Index{Name: name, Primary: primary})
	}
	u := &t.Uniques[len(t.Uniques)-1]
	u.Columns, u.Partial = append(u.Columns, column), u.Partial || partial
	if primary {
		t.PrimaryKey = append(t.PrimaryKey, column)
	}
}

func (i *catalogue) mySystem(ctx context.Context) error {
	return i.each(ctx, "SELECT VERSION()", func(r []string) {
		number, _, _ := strings.Cut(r[0], "-")
		i.mariadb = strings.Contains(r[0], "MariaDB")
		i.schema.System = "MySQL " + number
		if i.mariadb {
			i.schema.System = "MariaDB " + number
		}
	})
}

// mySchemas finds the databases that are read. To look through all of them for rules that point
// into this one costs much on a large server, so that the storage engine's own list is asked first.
func (i *catalogue) mySchemas(ctx context.Context) error {
	take := func(r []string) { i.schemas = append(i.schemas, r[0]) }
	if err := i.each(ctx, "SELECT DATABASE()", take); err != nil {
		return err
	}
	if i.mariadb {
		across := false
		err := i.each(ctx, "SELECT 1 FROM information_schema.INNODB_SYS_FOREIGN WHERE SUBSTRING_INDEX(FOR_NAME, '/', 1) <> SUBSTRING_INDEX(REF_NAME, '/', 1) LIMIT 1", func([]string) { across = true })
		if err == nil && !across {
			return nil
		}
		if err != nil && !errors.Is(err, &source.Error{Code: source.Denied}) {
			return err
		}
	}
	return i.each(ctx, `SELECT DISTINCT CONSTRAINT_SCHEMA FROM information_schema.REFERENTIAL_CONSTRAINTS
		WHERE UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_SCHEMA <> DATABASE()`, take)
}

// in is the condition for what is read. One name alone is looked up; of several everything is read.
func (i *catalogue) in(column string) string {
	var names []string
	for _, name := range i.schemas {
		names = append(names, "'"+strings.NewReplacer("'", "''", `\`, `\\`).Replace(name)+"'")
	}
	if len(names) == 1 {
		return column + " = " + names[0]
	}
	return column + " IN (" + strings.Join(names, ", ") + ")"
}

func (i *catalogue) myTables(ctx context.Context) error {
	return i.each(ctx, `SELECT t.TABLE_SCHEMA, t.TABLE_NAME, t.TABLE_TYPE, COALESCE(e.TRANSACTIONS, ''), COALESCE(t.TABLE_ROWS, -1)
		FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
		WHERE `+i.in("t.TABLE_SCHEMA")+` AND t.TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
		ORDER BY t.TABLE_SCHEMA <> DATABASE(), t.TABLE_SCHEMA, t.TABLE_NAME`, func(r []string) {
		rows, _ := strconv.ParseInt(r[4], 10, 64)
		// What an engine without transactions does in a trial stays done; a table that keeps the
		// history of its rows keeps what is erased.
		safe := r[2] == "BASE TABLE" && r[3] == "YES"
		i.add(source.Table{Name: source.TableName{Schema: r[0], Name: r[1]}, View: r[2] == "VIEW", CanUpdate: safe, CanDelete: safe, Rows: rows})
	})
}

func (i *catalogue) myColumns(ctx context.Context) error {
	return i.each(ctx, `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0),
			COALESCE(COLLATION_NAME, ''), EXTRA, COALESCE(GENERATION_EXPRESSION, ''), COLUMN_DEFAULT IS NOT NULL, PRIVILEGES
		FROM information_schema.COLUMNS WHERE `+i.in("TABLE_SCHEMA")+` ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`, func(r []string) {
		t := i.table(r[0], r[1])
		if t == nil {
			return
		}
		extra := strings.ToLower(r[8])
		c := source.Column{Name: r[2], Type: r[4], Class: myClass(r[3], r[4]), Nullable: r[5] == "YES", Collation: r[7], Default: r[10] == "1",
			Generated: r[9] != "" || strings.Contains(extra, "generated") && !strings.Contains(extra, "default_generated"),
			Identity:  strings.Contains(extra, "auto_increment"), HasZone: r[3] == "timestamp"}
		if c.Class == source.ClassText {
			c.MaxLength = myLength(r[3], r[6])
		}
		if r[3] == "enum" {
			c.Enum = myLabels(r[4])
		}
		if r[3] == "float" {
			c.Type = "float"
		}
		t.Columns = append(t.Columns, c)
		t.CanSelect = t.CanSelect || strings.Contains(r[11], "select")
	})
}

// myLength gives the characters that fit; the limits of the TEXT types are bytes.
func myLength(kind, length string) int {
	n, _ := strconv.ParseInt(length, 10, 64)
	if kind == "tinytext" || kind == "text" || kind == "mediumtext" || kind == "longtext" {
		if kind == "longtext" {
			return 0
		}
		return int(n / 4)
	}
	return int(n)
}

// myClass puts a type into a family.
func myClass(kind, whole string) source.Class {
	switch kind {
	case "tinyint":
		if strings.HasPrefix(whole, "tinyint(1)") {
			return source.ClassBool
		}
		return source.ClassInt
	case "smallint", "mediumint", "int", "bigint", "year":
		return source.ClassInt
	case "bit":
		if whole == "bit(1)" {
			return source.ClassBool
		}
		return source.ClassInt
	case "float", "double":
		return source.ClassFloat
	case "decimal":
		return source.ClassDecimal
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		return source.ClassText
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return source.ClassBytes
	case "date":
		return source.ClassDate
	case "time", "datetime", "timestamp":
		return source.ClassTime
	case "json":
		return source.ClassJSON
	case "uuid":
		return source.ClassUUID
	}
	return source.ClassOther
}

// myLabels reads enum('a','b”c').
func myLabels(kind string) []string {
	inside := strings.TrimSuffix(strings.TrimPrefix(kind, "enum('"), "')")
	var out []string
	for _, label := range strings.Split(inside, "','") {
		out = append(out, strings.ReplaceAll(label, "''", "'"))
	}
	return out
}

func (i *catalogue) myIndexes(ctx context.Context) error {
	return i.each(ctx, `SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, COALESCE(COLUMN_NAME, ''), SUB_PART IS NOT NULL
		FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND `+i.in("TABLE_SCHEMA")+`
		ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`, func(r []string) {
		name := r[3]
		if r[4] == "1" {
			name = "" // the beginning of a text, not the text
		}
		i.unique(i.table(r[0], r[1]), r[2], name, r[2] == "PRIMARY", false)
	})
}

func (i *catalogue) myForeignKeys(ctx context.Context) error {
	rules := map[[3]string][2]string{}
	err := i.each(ctx, `SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE
		FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE `+i.in("CONSTRAINT_SCHEMA"), func(r []string) {
		rules[[3]string{r[0], r[1], r[2]}] = [2]string{r[3], r[4]}
	})
	if err != nil {
		return err
	}
	return i.each(ctx, `SELECT TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
		FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND `+i.in("TABLE_SCHEMA")+`
		ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`, func(r []string) {
		acts := rules[[3]string{r[0], r[1], r[2]}]
		i.key(r[2], i.table(r[0], r[1]), i.table(r[4], r[5]), r[3], r[6], acts[0], acts[1])
	})
}

// myChecks reads the rules that rows must meet. MariaDB's JSON is a text with such a rule.
func (i *catalogue) myChecks(ctx context.Context) error {
	query := `SELECT t.TABLE_SCHEMA, t.TABLE_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t
		ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK' `
	if i.mariadb {
		query = `SELECT t.CONSTRAINT_SCHEMA, t.TABLE_NAME, t.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS t `
	}
	err := i.each(ctx, query+"WHERE "+i.in("t.CONSTRAINT_SCHEMA")+" ORDER BY 1, 2, 3", func(r []string) {
		t := i.table(r[0], r[1])
		if t == nil {
			return
		}
		for n := range t.Columns {
			if c := &t.Columns[n]; c.Class == source.ClassText && r[2] == "json_valid("+quote(sqlbuilder.MySQL, c.Name)+")" {
				c.Class, c.MaxLength = source.ClassJSON, 0
				return
			}
		}
		t.Checks = append(t.Checks, r[2])
	})
	var own *source.Error
	if errors.As(err, &own) && (own.State == "mysql 1109" || own.State == "mysql 1146") {
		return nil // MySQL before 8.0.16 reads such rules and forgets them
	}
	return err
}

func (i *catalogue) myTriggers(ctx context.Context) error {
	return i.each(ctx, `SELECT EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, TRIGGER_NAME, EVENT_MANIPULATION FROM information_schema.TRIGGERS
		WHERE `+i.in("EVENT_OBJECT_SCHEMA")+` ORDER BY TRIGGER_NAME`, func(r []string) {
		if t := i.table(r[0], r[1]); t != nil {
			t.Triggers = append(t.Triggers, source.Trigger{Name: r[2], OnUpdate: r[3] == "UPDATE", OnDelete: r[3] == "DELETE"})
		}
	})
}

// myRights takes away what the account may not do, as far as it is told: with roles it is not,
// and the trial of a plan is what tells.
func (i *catalogue) myRights(ctx context.Context) error {
	update, remove := map[source.TableName]bool{}, map[source.TableName]bool{}
	roles := false
	grant := func(r []string) {
		for n := range i.schema.Tables {
			name := i.schema.Tables[n].Name
			if r[1] != "" && !likeName(name.Schema, r[1]) || r[2] != "" && name.Name != r[2] {
				continue
			}
			update[name] = update[name] || r[0] == "UPDATE"
			remove[name] = remove[name] || r[0] == "DELETE"
		}
	}
	// The name before the last @ may have one too.
	host := "SUBSTRING_INDEX(CURRENT_USER(), '@', -1)"
	who := "CONCAT(CHAR(39), LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(" + host + ") - 1), CHAR(39), '@', CHAR(39), " + host + ", CHAR(39))"
	for _, from := range []string{"'', '' FROM information_schema.USER_PRIVILEGES", "TABLE_SCHEMA, '' FROM information_schema.SCHEMA_PRIVILEGES",
		"TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLE_PRIVILEGES", "TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMN_PRIVILEGES"} {
		err := i.each(ctx, "SELECT DISTINCT PRIVILEGE_TYPE, "+from+" WHERE PRIVILEGE_TYPE IN ('UPDATE', 'DELETE') AND GRANTEE = "+who, grant)
		if err != nil {
			return err
		}
	}
	if err := i.each(ctx, "SELECT CURRENT_ROLE()", func(r []string) { roles = r[0] != "" && r[0] != "NONE" }); err != nil && !isUnknown(err) {
		return err
	}
	for n := range i.schema.Tables {
		t := &i.schema.Tables[n]
		t.CanUpdate = t.CanUpdate && (roles || update[t.Name])
		t.CanDelete = t.CanDelete && (roles || remove[t.Name])
	}
	return nil
}

// isUnknown: the server is older than the function (MySQL before 8 has no roles).
func isUnknown(err error) bool {
	return errors.Is(err, &source.Error{Code: source.FailedSystem})
}

// likeName matches the name of a database with the pattern of a grant.
func likeName(name, pattern string) bool {
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '%':
			for k := 0; k <= len(name); k++ {
				if likeName(name[k:], pattern[i+1:]) {
					return true
				}
			}
			return false
		case c == '\\' && i+1 < len(pattern):
			i++
			if name == "" || name[0] != pattern[i] {
				return false
			}
		case name == "" || c != '_' && c != name[0]:
			return false
		}
		name = name[1:]
	}
	return name == ""
}

// myRowID tells rows of a table without a key apart: by what they hold, and equal ones by a
// number, since nothing else tells them apart.
func myRowID(t *source.Table) string {
	if len(t.PrimaryKey) > 0 || len(t.Columns) == 0 {
		return ""
	}
	var all []string
	for _, c := range t.Columns {
		column := "t." + quote(sqlbuilder.MySQL, c.Name)
		if c.Class != source.ClassBytes && !isGeometry(c.Type) {
			column = "CAST(" + column + " AS CHAR)"
		}
		all = append(all, "IFNULL(HEX("+column+"), '-')")
	}
	whole := "SHA1(CONCAT_WS(',', " + strings.Join(all, ", ") + "))"
	return "CONCAT(" + whole + ", ':', ROW_NUMBER() OVER (PARTITION BY " + whole + "))"
}

package scan

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"mininfo/internal/source"
)

func objectOf(doc string) (map[string]source.Value, bool) {
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(doc), &raw) != nil || len(raw) == 0 {
		return nil, false
	}
	out := map[string]source.Value{}
	for k, v := range raw {
		out[k] = source.FromJSON(string(v))
	}
	return out, true
}

// objectsOf gives the objects that a JSON list holds; nil when it holds anything else.
func objectsOf(doc string) []map[string]source.Value {
	var parts []json.RawMessage
	if !strings.HasPrefix(strings.TrimSpace(doc), "[") || json.Unmarshal([]byte(doc), &parts) != nil {
		return nil
	}
	var out []map[string]source.Value
	for _, p := range parts {
		object, ok := objectOf(string(p))
		if !ok {
			return nil
		}
		out = append(out, object)
	}
	return out
}

// judge holds a schema while it is judged.
type judge struct {
	schema  *source.Schema
	o       Options
	tables  []*table
	views   []*source.Table
	byName  map[source.TableName]*table
	index   index
	lookups int
	found   map[*table]bool // tables of people in which somebody can be found
	ask     func(t *source.Table, column string, values []source.Value) (int, bool)
	looked  int // tables that are there, views and programs' own included
}

func newJudge(schema *source.Schema, o Options) *judge {
	j := &judge{schema: schema, o: o, byName: map[source.TableName]*table{}}
	base := 0
	for i := range schema.Tables {
		if !schema.Tables[i].View {
			base++
		}
	}
	first := ""
	if len(schema.Tables) > 0 {
		first = schema.Tables[0].Name.Schema
	}
	for i := range schema.Tables {
		t := &schema.Tables[i]
		if o.Schema != "" && t.Name.Schema != o.Schema {
			continue
		}
		j.looked++
		// Views show what stands in tables; they count only where an account sees nothing else.
		if t.View && base > 0 {
			j.views = append(j.views, t)
			continue
		}
		one := &table{live: t, name: t.Name.Name}
		if o.Schema == "" && t.Name.Schema != first {
			one.name = t.Name.String()
		}
		one.noun, one.before = about(t.Name.Name)
		for k := range t.Columns {
			c := &column{live: &t.Columns[k], words: words(t.Columns[k].Name)}
			c.name = squeeze(c.words)
			c.key = slices.Contains(t.PrimaryKey, c.live.Name)
			c.alone = c.key && len(t.PrimaryKey) == 1
			one.columns = append(one.columns, c)
		}
		one.list = unwrapped(t.Name.Name)
		j.tables = append(j.tables, one)
		j.byName[t.Name] = one
	}
	return j
}

// read judges everything. The order matters: what stands in the columns by itself says which
// tables are about people; references say what belongs to them; that decides the doubtful words.
func (j *judge) read(ask func(t *source.Table, column string, values []source.Value) (int, bool)) {
	j.ask = ask
	for _, t := range j.tables {
		j.first(t)
	}
	j.references()
	j.roles()
	for _, t := range j.tables {
		for _, c := range t.columns {
			c.guess = j.judge(t, c)
		}
	}
}

// first finds out which tables are about people by their own columns.
func (j *judge) first(t *table) {
	strong, names, weak, office, called := 0, 0, 0, 0, 0
	for _, c := range t.columns {
		g := c.self()
		switch {
		case g.rule == nil:
		case g.asked:
			weak++
		case g.rule.where == anywhere:
			strong++
			if strings.HasPrefix(g.category, catName) {
				names++
			}
			if g.category == catPhone || g.category == "user.contact.fax_number" {
				office++
			}
		case g.rule.where != deals:
			weak++
			if g.category == catName {
				called++
				if !g.rule.name {
					names++
				}
			}
		}
	}
	list := j.o.Unknown != ""
	switch t.noun {
	case person, staff, kin:
		if strong+called > 0 || weak > 1 || list {
			t.role = RolePeople
		}
	case thing:
		// A place or a product with an e-mail address is no person; one with people's names is more than a thing.
		if names > 0 && strong > names {
			t.role = RolePeople
		}
	case organisation:
		// A switchboard's number is nobody's; with a name or an e-mail address beside it, somebody works there.
		if names > 0 || strong > office || t.has(catName) && t.column("contact") != nil {
			t.role = RoleShared
		}
	case address:
		switch {
		case t.parts("") > 0 || t.whole():
			t.role = RoleShared
		case strong > 0:
			t.role = RoleOther
		}
	default:
		if strong > 0 {
			t.role = RoleOther
		}
		if t.noun == anything && (strong > 1 || strong == 1 && weak > 1) {
			t.role = RolePeople
		}
	}
	if list && t.role == "" {
		t.role = RolePeople
	}
}

func (t *table) column(name string) *column {
	for _, c := range t.columns {
		if c.live.Name == name {
			return c
		}
	}
	return nil
}

// included lists the tables that are proposed, in the order of their names.
func (j *judge) included() []*table {
	var out []*table
	for _, t := range j.tables {
		if t.role != "" {
			out = append(out, t)
		}
	}
	sort.SliceStable(out, func(a, b int) bool { return rank(out[a].role) < rank(out[b].role) })
	return out
}

func rank(r Role) int {
	return slices.Index([]Role{RolePeople, RoleOwned, RoleOther, RoleShared, RolePath}, r)
}

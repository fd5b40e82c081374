package scan

import (
	"slices"
	"sort"
	"strings"

	"mininfo/internal/source"
)

// ref is a way from a column of one table to a column of another.
type ref struct {
	child, parent *table
	columns       []string // of the child
	column, field string   // the ends that are walked
	beside        []string // the parent's ends of all columns, where none tells its rows apart alone
	declared      bool
	handler       bool // it points at whoever handled the row
	asked         bool
	sure          bool
	note          Note
}

func (j *judge) references() {
	for _, k := range j.schema.ForeignKeys {
		child, parent := j.byName[k.Table], j.byName[k.RefTable]
		if child != nil && parent == nil {
			for _, name := range k.Columns {
				if c := child.column(name); c != nil {
					c.elsewhere = true
				}
			}
		}
		if child == nil || parent == nil || len(k.Columns) == 0 || len(k.Columns) != len(k.RefColumns) {
			continue
		}
		// Of several columns the one that tells the parent's rows apart alone, or else all of them.
		at, beside := len(k.Columns)-1, k.RefColumns
		for i, c := range k.RefColumns {
			if parent.live.IsUnique(c) {
				at, beside = i, nil
			}
		}
		child.refs = append(child.refs, &ref{child: child, parent: parent, columns: k.Columns, column: k.Columns[at], field: k.RefColumns[at],
			beside: beside, declared: true, sure: true, note: noteForeignKey})
	}
	j.index = newIndex(j.tables)
	for _, t := range j.tables {
		for _, c := range t.columns {
			if !c.leads(t) && !c.elsewhere && kindOfKey(c.live) != 0 && len(c.words) > 0 {
				j.infer(t, c)
			}
		}
	}
	for _, t := range j.tables {
		for _, r := range t.refs {
			r.handler = r.handler || isHandler(r)
		}
	}
}

// target is a column that values may point at.
type target struct {
	table *table
	field *column
	exact bool // the names leave no doubt
}

// infer looks for where a column without a foreign key leads.
func (j *judge) infer(t *table, c *column) {
	for _, to := range j.targets(t, c) {
		if r := j.try(t, c, to); r != nil {
			t.refs = append(t.refs, r)
			return
		}
	}
}

// try proves a guess by values. Without values only a name that leaves no doubt is enough.
func (j *judge) try(t *table, c *column, to target) *ref {
	r := &ref{child: t, parent: to.table, columns: []string{c.live.Name}, column: c.live.Name, field: to.field.live.Name}
	if !c.stats.known() {
		if !to.exact || kindOfKey(c.live) != kindOfKey(to.field.live) {
			return nil
		}
		r.note = noteSameName(to.table.name, r.field)
		return r
	}
	if j.lookups--; j.lookups < 0 {
		return nil
	}
	values := sampleOf(c.stats, 40)
	if len(values) == 0 {
		return nil
	}
	found, ok := j.ask(to.table.live, to.field.live.Name, values)
	if !ok {
		return nil
	}
	share := float64(found) / float64(len(values))
	r.note = noteFound(found, len(values), to.table.name, r.field)
	switch {
	case share >= 0.9 && (to.exact || len(values) >= 3 || kindOfKey(c.live) == 3):
		r.sure = to.exact && len(values) >= 5
	case share >= 0.5 && to.exact:
		r.asked = true
	default:
		return nil
	}
	return r
}

func sampleOf(s *stats, most int) []source.Value {
	var keys []string
	for k := range s.distinct {
		if k != "0" && k != "-1" {
			keys = append(keys, k) // 0 says nobody, where a column must hold something
		}
	}
	sort.Strings(keys)
	var out []source.Value
	for _, k := range keys[:min(most, len(keys))] {
		out = append(out, s.distinct[k].value)
	}
	return out
}

// targets lists where a column may lead, the likeliest first.
func (j *judge) targets(t *table, c *column) []target {
	var out []target
	add := func(to target) {
		if to.field == nil || to.table == t || len(out) >= 4 || kindOfKey(to.field.live) == 0 || to.table.pointsAt(t) && c.alone {
			return
		}
		for _, o := range out {
			if o.table == to.table && o.field == to.field {
				return
			}
		}
		out = append(out, to)
	}
	stem, bare := stemOf(c.words)
	if len(squeeze(stem)) > 2 && !c.prosaic() {
		for _, p := range j.index.named(stem) {
			for _, k := range p.targets(c.name) {
				add(target{p, k, !bare && len(stem) > 0 && (k.alone || k.name == c.name)})
			}
		}
	}
	if last := lastOf(stem); doers[last] && len(j.index.users) == 1 && !c.alone {
		for _, k := range j.index.users[0].targets(c.name) {
			add(target{j.index.users[0], k, k.alone})
		}
	}
	if !bare && len(c.name) >= 5 && !c.alone {
		for _, to := range j.index.byColumn[c.name] {
			add(target{to.table, to.field, to.field.alone})
		}
	}
	if kindOfKey(c.live) == 3 && !c.key && c.stats.known() {
		for _, to := range j.index.uuids {
			add(to)
		}
	}
	if m := c.codeMask(); m != "" && !c.alone && !t.tells(c) {
		for _, to := range j.index.byCode[m] {
			add(to)
		}
	}
	return out
}

// index finds tables and columns by what others may call them.
type index struct {
	byWhole, byLast map[string][]*table // by each form of the name, and of its last word
	byColumn        map[string][]target // columns that tell the rows of their table apart, by name
	byCode          map[string][]target // and by how their codes are built
	uuids           []target            // keys of people
	users           []*table            // tables of accounts
}

// doers are words for whoever a row belongs to, where the table of people is called otherwise.
var doers = set("author owner buyer requester submitter poster uploader subscriber respondent eier kjoper forfatter innsender bestiller")

func newIndex(tables []*table) index {
	x := index{byWhole: map[string][]*table{}, byLast: map[string][]*table{}, byColumn: map[string][]target{}, byCode: map[string][]target{}}
	for _, t := range tables {
		if last := lastOf(t.list); t.noun == person && (sameNoun(last, "user") || sameNoun(last, "bruker")) {
			x.users = append(x.users, t)
		}
		if len(t.list) > 0 {
			forms := singulars(squeeze(t.list))
			if last := len(t.list) - 1; last > 0 && wrappings[t.list[last]] {
				forms = append(forms, singulars(squeeze(t.list[:last]))...)
			}
			for _, form := range forms {
				x.byWhole[form] = append(x.byWhole[form], t)
			}
			for _, form := range singulars(lastOf(t.list)) {
				x.byLast[form] = append(x.byLast[form], t)
			}
		}
		for _, c := range t.columns {
			if !t.tells(c) {
				continue
			}
			to := target{t, c, false}
			x.byColumn[c.name] = append(x.byColumn[c.name], to)
			if m := c.codeMask(); m != "" && t.noun != thing {
				x.byCode[m] = append(x.byCode[m], to)
			}
			if c.alone && kindOfKey(c.live) == 3 && (t.noun == person || t.noun == staff) {
				x.uuids = append(x.uuids, to)
			}
		}
	}
	return x
}

// named lists the tables that are called by a noun, the ones of exactly that name first.
func (x index) named(stem []string) []*table {
	var out []*table
	add := func(list []*table) {
		for _, t := range list {
			if !slices.Contains(out, t) && len(out) < 8 {
				out = append(out, t)
			}
		}
	}
	whole := singulars(squeeze(stem))
	for _, form := range whole {
		add(x.byWhole[form])
	}
	for _, form := range whole {
		add(x.byLast[form])
	}
	last := singulars(lastOf(stem))
	for _, form := range last {
		add(x.byWhole[form])
	}
	for _, form := range last {
		add(x.byLast[form])
	}
	return out
}

func (t *table) pointsAt(other *table) bool {
	return slices.ContainsFunc(t.refs, func(r *ref) bool { return r.parent == other })
}

// targets lists the columns of a table that others may point at: one of the same name first, then
// its key, then what else tells its rows apart.
func (t *table) targets(same string) []*column {
	var named, keys, rest []*column
	for _, c := range t.columns {
		switch {
		case !t.tells(c):
		case c.name == same && same != "id":
			named = append(named, c)
		case c.alone:
			keys = append(keys, c)
		case c.guess.identity == "" && kindOfKey(c.live) != 0 && c.stats.share(looksEmail) == 0:
			rest = append(rest, c)
		}
	}
	return append(append(named, keys...), rest[:min(2, len(rest))]...)
}

// tells says whether a column tells the rows of its table apart: by the system's rules, or, where it
// has none, as far as the sample goes.
func (t *table) tells(c *column) bool {
	if c.alone || t.live.IsUnique(c.live.Name) {
		return true
	}
	if c.key || len(t.live.PrimaryKey) > 0 && c.stats.known() && c.stats.filled < 5 {
		return false
	}
	return c.stats.unique() && c.stats.filled >= 2 && !c.prosaic() && kindOfKey(c.live) != 0 && (referenceWords[lastOf(c.words)] || endsInNumber(c.words))
}

func lastOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

func endsInNumber(list []string) bool {
	_, bare := stemOf(list)
	return !bare
}

// prosaic tells values that nobody would point with.
func (c *column) prosaic() bool {
	return c.stats != nil && (c.stats.longest > 64 || c.stats.share(looksProse) > 0.1 || c.stats.share(looksDate) > 0.5)
}

// codeMask gives how most values of a column of codes are built: letters and digits, such as K-10023.
func (c *column) codeMask() string {
	if !c.codeDone {
		c.code, c.codeDone = c.makeCode(), true
	}
	return c.code
}

func (c *column) makeCode() string {
	s := c.stats
	if !s.known() || len(s.distinct) < 5 || c.prosaic() || kindOfKey(c.live) != 2 ||
		s.share(looksEmail)+s.share(looksPhone)+s.share(looksNumber8)+s.share(looksIP)+s.share(looksDate)+s.share(looksURL)+s.share(looksHash) > 0.2 {
		return ""
	}
	for m, n := range s.masks {
		if n*10 >= len(s.distinct)*7 && len(m) >= 5 && strings.Contains(m, "A") && strings.Contains(m, "9") {
			return m
		}
	}
	return ""
}

func isHandler(r *ref) bool {
	stem, _ := stemOf(words(r.column))
	if handles[squeeze(stem)] || handles[squeeze(words(r.column))] {
		return true
	}
	if n := len(stem); n > 1 && sameNoun(stem[n-1], singularOf(r.parent)) && handles[squeeze(stem[:n-1])] {
		return true // leder_medlemsnr: the leader, by the number that members have
	}
	for i := range stem {
		if handles[squeeze(stem[i:])] && !sameNoun(squeeze(stem[i:]), singularOf(r.parent)) {
			return true
		}
	}
	last := lastOf(stem)
	return len(stem) > 1 && (last == "by" || last == "av") && !slices.Contains([]string{"ordered", "bestilt", "requested", "submitted", "placed", "booked", "purchased",
		"uploaded", "written", "posted", "author", "innsendt", "skrevet", "meldt", "sent", "paid", "owned", "betalt"}, stem[len(stem)-2])
}

// roles decides what belongs to whom.
func (j *judge) roles() {
	j.demote()
	for _, t := range j.tables {
		for _, r := range t.refs {
			r.handler = r.handler || r.parent.role == RolePeople && r.parent.gathers(t)
		}
	}
	j.own()
	for _, t := range j.tables {
		for _, r := range t.refs {
			// Whoever is on the staff and stands beside a customer in a row has handled it.
			if r.parent.noun != staff || r.parent == t {
				continue
			}
			beside := t.role == RolePeople && t.noun != staff && t.noun != kin && !unique(t, r.column)
			for _, o := range t.refs {
				beside = beside || o != r && !o.handler && o.parent.noun != staff && o.parent != t && (o.parent.role == RolePeople || o.parent.role == RoleOwned)
			}
			r.handler = r.handler || beside
		}
	}
	for _, t := range j.tables {
		if t.role == RoleOwned {
			t.role = ""
			j.first(t)
		}
	}
	j.demote()
	j.own()
	j.satellites()
	for _, t := range j.tables {
		// Applications, registrations: nothing points at a person, and the row itself is one.
		if t.role == RoleOther && t.calls("firstname") && t.calls("lastname") {
			t.role = RolePeople
		}
	}
}

// gathers tells whether the rows of a table stand together under those of a group: a branch of the
// shop, a team. Whom the group points at leads it; it is not theirs, and neither are the others in it.
func (t *table) gathers(group *table) bool {
	return group != t && slices.ContainsFunc(t.refs, func(r *ref) bool {
		c := t.column(r.column)
		return r.parent == group && !r.asked && c != nil && c.stats.known() && len(c.stats.distinct)*2 <= c.stats.filled
	})
}

// demote: a bank account or a profile of somebody in another table is that person's, and no person.
func (j *judge) demote() {
	for _, t := range j.tables {
		if t.role == RolePeople && !t.has(catName, catEmail, catPhone, catNational) && !t.numbered(j) &&
			slices.ContainsFunc(t.refs, func(r *ref) bool { return !r.handler && !r.asked && r.parent != t && r.parent.role == RolePeople }) {
			t.role = ""
		}
	}
}

// calls tells whether a table has a column that is called by a word of a rule and nothing else.
func (t *table) calls(word string) bool {
	return slices.ContainsFunc(t.columns, func(c *column) bool {
		r, before, ok := lookup(c.words, byWord, known)
		return ok && len(before) == 0 && r == byWord[word]
	})
}

func unique(t *table, column string) bool {
	c := t.column(column)
	return c != nil && (c.alone || t.live.IsUnique(column))
}

// own marks what belongs to people: rows that point at them, or at what belongs to them.
func (j *judge) own() {
	j.findable()
	for more := true; more; {
		more = false
		for _, t := range j.tables {
			if t.role == RolePeople || t.role == RoleOwned {
				continue
			}
			for _, r := range t.refs {
				p := r.parent
				if r.handler || r.asked || p == t || !(p.role == RoleOwned || p.role == RolePeople && j.found[p] || p.role == RoleOther && p.has(catEmail, catPhone)) {
					continue
				}
				if t.noun == organisation && t.role == RoleShared {
					continue
				}
				t.role, more = RoleOwned, true
			}
		}
	}
}

// findable marks the tables of people in which somebody can be found: by an identifier of their own
// columns, or of a table about the same people that points at them. Where there is no identifier in
// the whole system, all of them.
func (j *judge) findable() {
	j.found = map[*table]bool{}
	for _, t := range j.tables {
		if t.role == RolePeople && (t.has(catEmail, catPhone, catNational) || t.numbered(j)) {
			j.found[t] = true
		}
	}
	none := len(j.found) == 0
	for _, t := range j.tables {
		for _, r := range t.refs {
			if !r.handler && r.parent != t && r.parent.role == RolePeople && t.role == RolePeople {
				j.found[r.parent] = j.found[r.parent] || j.found[t]
				j.found[t] = j.found[t] || j.found[r.parent]
			}
		}
		if none && (t.noun == person || t.noun == staff) && t.role == RolePeople {
			j.found[t] = true
		}
	}
}

func (t *table) numbered(j *judge) bool {
	for _, c := range t.columns {
		if n := j.personNumber(t, c); n != nil && !n.asked {
			return true
		}
	}
	return false
}

// satellites settles tables that are pointed at: an address or a company is shared where somebody
// points at it, and a table without anything personal is in where the only way to something leads
// through it.
func (j *judge) satellites() {
	pointed := map[*table]bool{}
	inside := func(t *table) bool { return t.role == RolePeople || t.role == RoleOwned }
	for _, t := range j.tables {
		for _, r := range t.refs {
			if inside(t) && !r.handler && !r.asked {
				pointed[r.parent] = true
			}
		}
	}
	for _, t := range j.tables {
		switch {
		case t.role == RoleShared && !pointed[t] && !t.has(catEmail, catPhone, catName, catStreet, catAddress):
			t.role = ""
		case t.role == "" && t.noun != thing && pointed[t] && t.parts("") > 1 && t.has(catStreet, catAddress, catPostal):
			t.role = RoleShared
		}
	}
	for _, b := range j.tables {
		if b.role != RoleOther || b.has(catEmail, catPhone) {
			continue
		}
		for _, r := range b.refs {
			if p := r.parent; p.role == "" && pointed[p] && !r.handler && p != b {
				p.role, b.role = RolePath, RoleOwned
			}
		}
	}
}

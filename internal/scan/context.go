package scan

import (
	"slices"
	"strings"

	"mininfo/internal/source"
)

// ambiguous words mean something else as often as not: "state" is a status, "by" is who did it. They
// count alone, or behind a word that speaks of a person.
var ambiguous = set(`by land sted state title tittel position posisjon image bilde photo path page query device age alder first given middle last suffix company
	business web text tekst content body subject description total amount sum note notes agent comment answer question response sub mi country region
	district city town street name funksjon session message innhold emne locale language lang sprak enhet long lat keywords balance issue problem details
	summary house road line linje settings token pan bonus treatment behandling relation medium attention picture subtotal belop village extension handle url job reason sal comm`)

// parts of an address; alone in a table that is no person's they are places.
func addressPart(category string) bool { return strings.HasPrefix(category, catAddress) }

// judge says what a column holds, now that its table is known.
func (j *judge) judge(t *table, c *column) guess {
	if t.role == "" || t.role == RolePath || c.live.Generated && c.key {
		return guess{}
	}
	g := c.self()
	if c.points(t) && !(g.rule != nil && g.rule.where == anywhere && (g.sure || g.nationalID || g.identity == "email")) {
		return guess{}
	}
	if number := j.personNumber(t, c); number != nil && !g.sure && (g.rule == nil || g.rule.where != anywhere) {
		return *number
	}
	if c.key && (g.rule == nil || g.category != "user.account.username" && g.rule.where != anywhere || sortOf(c.live, c.stats) != textual) && !g.nationalID {
		return guess{}
	}
	if g.rule == nil && others[squeeze(c.words)] && t.role == RolePeople && sortOf(c.live, c.stats) == textual {
		g = guess{rule: ruleName, category: catName, third: true, notes: []Note{noteName(c.words, catName)}}
	}
	if g.rule == nil && !c.key && !c.leads(t) && (t.role == RolePeople || t.role == RoleOwned) {
		return hint(t, c)
	}
	if g.rule == nil {
		return g
	}
	if last := lastOf(c.words); handles[squeeze(c.words)] || len(c.words) > 1 && (last == "by" || last == "av") && g.category != catCity {
		// A colleague's name or address: theirs, and nothing that the row's person is found by.
		if g.rule.where != anywhere {
			return guess{}
		}
		g.asked, g.identity = true, ""
		return g
	}
	_, before, _ := lookup(c.words, byWord, known)
	last := ""
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	human := last == "" || personal[last] || others[last] || others[squeeze(before)] || len(last) <= 2 || nouns[last] == person || nouns[last] == staff || nouns[last] == kin ||
		sameNoun(last, singularOf(t))
	head := squeeze(c.words[len(before):])
	if ambiguous[strings.TrimRight(head, "0123456789")] && !human && !g.sure {
		return guess{}
	}
	if g.category == "user.job_title" && c.stats.honorific() {
		g.rule, g.category = ruleName, catName
	}
	if head == "lon" && !slices.ContainsFunc(t.columns, func(c *column) bool { return lastOf(c.words) == "lat" }) {
		// Nynorsk for pay, and English for a longitude.
		g.rule, g.category = byWord["lonn"], byWord["lonn"].category
	}
	if (head == "line" || head == "linje") && t.noun != address && t.parts(squeeze(before)) < 2 {
		return guess{}
	}
	if (head == "title" || head == "tittel") && t.noun == message {
		g.rule, g.category = byWord["subject"], catPrivate
	}
	if g.rule.shape == looksProse && t.noun == message {
		g.asked = false
	}
	if !j.fits(t, g, squeeze(before), last, human) {
		return guess{}
	}
	if g.category == catAddress && sortOf(c.live, c.stats) == textual && t.has(catCity, catPostal) {
		g.category = catStreet
	}
	if g.category == catPurchase && t.isPayment() {
		g.category = catPayment
	}
	if t.noun == kin {
		g.third = true
	}
	return g
}

// hint asks about values that look like something personal beside a person, under a name that says
// nothing: by themselves they could be anything.
func hint(t *table, c *column) guess {
	s, sort := c.stats, sortOf(c.live, c.stats)
	if !s.known() || s.filled < 5 || len(s.distinct) < 4 || s.objects > 0 {
		return guess{}
	}
	for _, h := range []struct {
		is     bool
		shape  shape
		rule   *rule
		said   said
		people bool
	}{
		{s.share(looksDate) >= 0.9 && s.share(looksBirth) >= 0.4, looksBirth, byWord["birthdate"], saidBirth, true},
		{sort&textual != 0 && s.share(looksNumber8) >= 0.9, looksNumber8, byWord["phone"], saidPhone, true},
		{sort&textual != 0 && s.share(looksPostal) >= 0.9, looksPostal, byWord["postnr"], saidPostal, true},
		{s.share(looksPoint) >= 0.9 && s.share(looksInteger) == 0 && len(s.distinct) > s.filled/2, looksPoint, byWord["latitude"], saidPoint, false},
	} {
		if h.is && (t.role == RolePeople || !h.people) && t.noun != thing {
			return guess{rule: h.rule, category: h.rule.category, asked: true, notes: []Note{noteValues(s.count(h.shape), s.filled, h.said)}}
		}
	}
	return guess{}
}

var honorifics = set("mr mrs ms miss dr prof sir mx fru herr hr froken")

// honorific tells whether what stands under "title" is Mr and Mrs and no occupation.
func (s *stats) honorific() bool {
	if !s.known() {
		return false
	}
	n := 0
	for text := range s.distinct {
		if honorifics[letters.Replace(strings.ToLower(strings.Trim(text, ". ")))] {
			n++
		}
	}
	return n*10 >= len(s.distinct)*6
}

func singularOf(t *table) string {
	list := words(t.live.Name.Name)
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

func (t *table) isPayment() bool {
	for _, w := range words(t.live.Name.Name) {
		for _, p := range []string{"payment", "betaling", "innbetaling", "transaction", "transaksjon", "refund"} {
			if sameNoun(w, p) {
				return true
			}
		}
	}
	return false
}

// fits tells whether the words of a rule mean a person's data in this table.
func (j *judge) fits(t *table, g guess, before, last string, human bool) bool {
	r := g.rule
	if g.sure && !r.name {
		return true
	}
	rowsArePeople := t.role == RolePeople
	withSiblings := t.role == RoleOwned || t.role == RoleOther || t.role == RoleShared
	switch r.where {
	case anywhere:
		return true
	case people:
		if r.name && last == "" && !rowsArePeople {
			// The name of an order or a log line is nobody's, unless it stands beside an address.
			return g.sure || (t.noun == message || t.noun == trace || t.noun == dealing || t.noun == anything) && t.has(catEmail, catPhone)
		}
		if r.name && !rowsArePeople && nounOf(last) == organisation {
			return false
		}
		if addressPart(g.category) && g.category != catAddress && !rowsArePeople && t.role != RoleShared {
			return t.parts(before) > 1 || t.parts(before) == 1 && t.whole() && g.category != catState && g.category != catCountry
		}
		if g.category == catState && last == "" {
			return t.parts(before) > 1 || t.whole()
		}
		if g.category == catCity && t.noun == thing {
			return t.parts(before) > 1
		}
		return true
	case rows:
		switch {
		case rowsArePeople:
			return true
		case g.category == catOrg:
			return human && (t.has(catEmail, catName, catPhone) || t.noun == organisation) || personal[last]
		}
		if t.noun == organisation && g.category == "user.job_title" {
			return t.has(catName)
		}
		return last != "" && human && withSiblings && (personal[last] || others[last])
	case deals:
		switch g.category {
		case catPurchase:
			if r.sorts == numeric {
				return withSiblings && t.noun == dealing && (t.role == RoleOwned || t.has(catEmail, catPhone))
			}
			return t.role == RoleOwned && (t.noun == dealing || t.noun == thing || t.noun == anything)
		case catPayment:
			return t.role == RoleOwned
		}
		return t.role == RoleOwned || t.role == RoleOther || t.noun == message || t.noun == trace || t.noun == dealing
	}
	return false
}

func nounOf(word string) noun {
	for _, form := range singulars(word) {
		if n, ok := nouns[form]; ok {
			return n
		}
	}
	return anything
}

// has tells whether one of the columns is, by itself, of one of the categories.
func (t *table) has(categories ...string) bool {
	for _, c := range t.columns {
		g := c.self()
		if g.rule != nil && !g.asked && slices.ContainsFunc(categories, func(k string) bool { return strings.HasPrefix(g.category, k) }) {
			return true
		}
	}
	return false
}

// whole tells whether a table has an address in one column.
func (t *table) whole() bool {
	return slices.ContainsFunc(t.columns, func(c *column) bool { return c.self().category == catAddress })
}

// parts counts the different parts of an address that stand in a table behind the same words:
// ship_city and ship_country are two, and a state of the order is none of them.
func (t *table) parts(before string) int {
	seen := map[string]bool{}
	for _, c := range t.columns {
		r, words, ok := lookup(c.words, byWord, known)
		if ok && addressPart(r.category) && r.category != catAddress && squeeze(words) == before && r.sorts&sortOf(c.live, c.stats) != 0 {
			seen[r.category] = true
		}
	}
	return len(seen)
}

// points tells whether a column leads to another table that counts: a postal code stays one where
// the post's register of places lies beside it.
func (c *column) points(t *table) bool {
	for _, r := range t.refs {
		if slices.Contains(r.columns, c.live.Name) && (r.parent.role != "" || r.declared && kindOfKey(c.live) != 2) {
			return true
		}
	}
	return false
}

// leads tells whether a column leads to any other table.
func (c *column) leads(t *table) bool {
	return slices.ContainsFunc(t.refs, func(r *ref) bool { return slices.Contains(r.columns, c.live.Name) })
}

var numbers = []string{"nummer", "number", "num", "nbr", "nr", "no"}

// personNumber recognises the number that a company gives its customers or members. It is what
// people know themselves by, so that a walk may begin at it.
func (j *judge) personNumber(t *table, c *column) *guess {
	if sortOf(c.live, c.stats)&(textual|numeric) == 0 || c.points(t) {
		return nil
	}
	list, id := c.words, false
	last := list[max(len(list)-1, 0):]
	if len(last) == 0 {
		return nil
	}
	stem := ""
	for _, n := range numbers {
		if last[0] == n && len(list) > 1 {
			stem = list[len(list)-2]
			break
		}
		if s, ok := strings.CutSuffix(last[0], n); ok && len(s) > 2 {
			stem = s
			break
		}
	}
	if stem == "" && !c.key {
		if last[0] == "id" && len(list) > 1 {
			stem, id = list[len(list)-2], true
		} else if s, ok := strings.CutSuffix(last[0], "id"); ok && len(s) > 2 {
			stem, id = s, true
		}
	}
	stem = strings.TrimSuffix(stem, "s")
	if n := nounOf(stem); stem == "" || n != person && n != staff || stem == "konto" || stem == "account" || stem == "contact" {
		return nil
	}
	r := &rule{category: catUnique, identity: "external_id"}
	g := guess{rule: r, category: catUnique, identity: r.identity, notes: []Note{noteName(c.words, catUnique)}}
	if id && j.o.Unknown == "" {
		if t.role != RolePeople || !sameNoun(stem, singularOf(t)) {
			return nil
		}
		g.asked = true
	}
	if c.stats.unique() {
		g.sure = true
		g.notes = append(g.notes, noteUnique(c.stats.filled))
	}
	return &g
}

// referenceWords are the ends of names that point elsewhere.
var referenceWords = set("id nr nummer no number key ref fk uuid guid kode code num nbr pk sk ident identifier")

// stemOf gives what a column would point at: customer of customer_id, kunde of kundenr. bare: the
// name has no end that says that it points at all.
func stemOf(list []string) (stem []string, bare bool) {
	for len(list) > 1 && (list[0] == "fk" || list[0] == "id" || list[0] == "ref") {
		list = list[1:]
	}
	bare = true
	for len(list) > 1 && referenceWords[list[len(list)-1]] {
		list, bare = list[:len(list)-1], false
	}
	if bare && len(list) > 0 {
		last := list[len(list)-1]
		for _, end := range []string{"nummer", "ident", "kode", "uuid", "id", "nr", "no", "ref", "fk"} {
			if s, ok := strings.CutSuffix(last, end); ok && len(s) > 2 {
				return append(append([]string{}, list[:len(list)-1]...), strings.TrimSuffix(s, "_")), false
			}
		}
	}
	return list, bare
}

func kindOfKey(c *source.Column) int {
	switch c.Class {
	case source.ClassInt, source.ClassDecimal, source.ClassFloat:
		return 1
	case source.ClassText, source.ClassOther:
		return 2
	case source.ClassUUID:
		return 3
	}
	return 0
}

package scan

import (
	"strings"

	"mininfo/internal/source"
)

// guess is what a column is taken for.
type guess struct {
	rule       *rule
	category   string
	identity   string
	special    string
	nationalID bool
	third      bool
	asked      bool
	sure       bool
	notes      []Note
}

// sortOf tells which rules can hold for a column by its type. SQLite's types promise nothing, so
// that what was seen decides.
func sortOf(c *source.Column, s *stats) uint8 {
	switch c.Class {
	case source.ClassInt, source.ClassFloat, source.ClassDecimal:
		return numeric
	case source.ClassBool:
		return truth
	case source.ClassDate, source.ClassTime:
		return dated
	case source.ClassBytes:
		return binary
	case source.ClassJSON:
		return document
	case source.ClassUUID:
		return numeric
	case source.ClassArray:
		return textual
	case source.ClassOther:
		upper := strings.ToUpper(c.Type)
		switch {
		case strings.Contains(upper, "DATE") || strings.Contains(upper, "TIME"):
			return dated
		case strings.Contains(upper, "BLOB"):
			return binary
		case strings.Contains(upper, "POINT"), strings.Contains(upper, "GEO"):
			return document
		case upper == "" && s.known() && s.share(looksInteger) > 0.9:
			return numeric | textual
		}
	}
	return textual
}

// self judges a column by its own name, comment and values, without its table.
func (c *column) self() guess {
	if c.seen == nil {
		g := c.identify()
		c.seen = &g
	}
	return *c.seen
}

func (c *column) identify() guess {
	s := c.stats
	sort := sortOf(c.live, s)
	g := guess{}
	if len(c.words) == 0 {
		return byShape(sort, s)
	}
	g = byName(c.words, sort, s)
	if g.rule == nil && c.live.Comment != "" {
		g = byComment(c.live.Comment, sort, s)
	}
	shaped := byShape(sort, s)
	switch {
	case shaped.rule == nil:
	case g.rule == nil:
		// Values alone: nothing in the name speaks for it.
		return shaped
	case shaped.sure && overrides(shaped.category, g.category):
		// An e-mail address under "kontakt" is an e-mail address.
		return shaped
	}
	return g
}

// overrides tells whether what values look like weighs more than what their column is called.
func overrides(shaped, named string) bool {
	switch shaped {
	case catEmail, catIP, catNational:
		return named != shaped && named != "user.account.username"
	case catPhone:
		return named != shaped && (strings.HasPrefix(named, catName) || named == catOrg || named == catContent)
	case catAccount, catCard:
		return strings.HasPrefix(named, catName) || strings.HasPrefix(named, catContent)
	}
	return false
}

// agreeing are words that begin the names of what somebody has agreed to.
var agreeing = set("samtykke consent optin opt newsletter nyhetsbrev nyheitsbrev marketing markedsforing gdpr reservasjon reservert agreed accepts accepted aksepterer godtar")

func byName(list []string, sort uint8, s *stats) guess {
	r, before, ok := lookup(list, byWord, known)
	if agreeing[list[0]] && sort&(truth|numeric|dated) != 0 && !(ok && len(before) == 0) {
		if last := lastOf(list); last != "id" && last != "count" {
			r, before, ok = byWord["consent"], nil, true
		}
	}
	if !ok || r.sorts&sort == 0 {
		return guess{}
	}
	g := guess{rule: r, category: r.category, identity: r.identity, special: r.special, nationalID: r.nationalID,
		notes: []Note{noteName(list, r.category)}}
	last := ""
	for i, w := range before {
		w = strings.TrimSuffix(w, "s")
		if others[w] || others[squeeze(before[i:])] || others[squeeze(before)] {
			g.third, g.identity = true, ""
		}
		last = w
	}
	// A switch, a count, a point in time: "email_verified", "is_member", "num_children".
	if len(before) > 0 && verbs[list[0]] && !g.third && r.category != catConsent && r.category != catIP && r.category != catPoint && r.special == "" {
		return guess{}
	}
	foreign := last != "" && (alien[last] || alien[last+"s"] || alien[strings.TrimSuffix(last, "e")])
	switch {
	case foreign && (last == "company" || last == "firma" || last == "bedrift" || last == "organization" || last == "organisation" || last == "selskap") && r.name:
		g.category, g.rule = catOrg, byWord["companyname"]
	case foreign && r.where != anywhere && !personal[last]:
		return guess{}
	case foreign && r.identity != "":
		g.asked = true
	case r.name && last != "" && !personal[last] && len(last) > 3 && !g.third:
		// What sort of a name it is is not known: values must say so.
		if s.share(looksName) < 0.4 {
			return guess{}
		}
	}
	g.asked = g.asked || r.weak
	return g.against(s)
}

// against holds a name against the values under it.
func (g guess) against(s *stats) guess {
	r := g.rule
	if !s.known() {
		return g
	}
	if strings.HasPrefix(g.category, catName) && s.filled >= 3 {
		switch {
		case s.share(looksInteger) > 0.8 || s.share(looksURL) > 0.5:
			return guess{}
		case s.share(looksName) >= 0.4:
			g.sure, g.asked = true, false
			g.notes = append(g.notes, noteValues(s.count(looksName), s.filled, saidNames))
		}
		return g
	}
	if r.shape == 0 || g.rule.category != g.category {
		return g
	}
	fits := 0
	for bit := shape(1); bit <= looksReligion; bit <<= 1 {
		if r.shape&bit != 0 {
			fits = max(fits, s.count(bit))
		}
	}
	if r.shape&looksPhone != 0 {
		fits = s.count(looksPhone) + s.count(looksNumber8)
	}
	switch {
	case fits*10 >= s.filled*6:
		g.sure, g.asked = r.shape&looksProse == 0, false
		g.notes = append(g.notes, noteValues(fits, s.filled, saidShape(r)))
	case fits == 0 && s.filled >= 5 && (r.category == catEmail || r.category == catIP || r.category == catPhone && s.share(looksWord) > 0.5):
		g.asked = true
		g.notes = append(g.notes, noteAgainst(s.filled))
	}
	return g
}

// byComment looks for a word of ours in what the database says about its column.
func byComment(comment string, sort uint8, s *stats) guess {
	list := words(comment)
	if len(list) > 12 {
		list = list[:12]
	}
	for i, w := range list {
		for _, end := range []string{"ene", "en", "et", "a", "s"} {
			if stem, ok := strings.CutSuffix(w, end); ok && byWord[w] == nil && byWord[stem] != nil {
				list[i] = stem
			}
		}
	}
	for size := min(4, len(list)); size > 0; size-- {
		for i := 0; i+size <= len(list); i++ {
			r := byWord[squeeze(list[i:i+size])]
			if r == nil || r.sorts&sort == 0 || r.weak || r.name && size == len(list) {
				continue
			}
			g := guess{rule: r, category: r.category, identity: r.identity, special: r.special, nationalID: r.nationalID, notes: []Note{noteComment(r.category)}}
			if i > 0 && others[list[i-1]] {
				g.third, g.identity = true, ""
			}
			return g.against(s)
		}
	}
	return guess{}
}

// Rules for values whose names say nothing.
var (
	ruleEmail    = byWord["email"]
	rulePhone    = byWord["phone"]
	ruleNational = byWord["fodselsnummer"]
	ruleIP       = byWord["ip"]
	ruleAccount  = byWord["iban"]
	ruleCard     = byWord["cardnumber"]
	ruleName     = byWord["fullname"]
	ruleAgent    = byWord["useragent"]
	ruleOrg      = byWord["orgnr"]
	ruleHealth   = byWord["health"]
	ruleUnion    = byWord["fagforening"]
	ruleReligion = byWord["religion"]
	ruleNotes    = byWord["notes"]
)

// byShape judges by the values alone. Only forms that hardly come about by chance are proposed;
// the rest is asked.
func byShape(sort uint8, s *stats) guess {
	if !s.known() || s.objects > 0 {
		return guess{}
	}
	make := func(r *rule, of shape, said said, sure bool) guess {
		return guess{rule: r, category: r.category, identity: r.identity, special: r.special, nationalID: r.nationalID,
			sure: sure, asked: !sure, notes: []Note{noteValues(s.count(of), s.filled, said)}}
	}
	enough := s.filled >= 3
	switch {
	case s.share(looksEmail) >= 0.8:
		return make(ruleEmail, looksEmail, saidEmail, true)
	case s.share(looksNationalID) >= 0.8 && (enough || sort == textual):
		return make(ruleNational, looksNationalID, saidNational, true)
	case s.share(looksIP) >= 0.8 && sort&textual != 0:
		return make(ruleIP, looksIP, saidIP, true)
	case s.share(looksIBAN) >= 0.8 && enough:
		return make(ruleAccount, looksIBAN, saidIBAN, true)
	case s.share(looksCard) >= 0.9 && enough && len(s.distinct) > 2:
		return make(ruleCard, looksCard, saidCard, true)
	case s.share(looksAccount) >= 0.95 && s.filled >= 5 && len(s.distinct) >= 5:
		return make(ruleAccount, looksAccount, saidAccount, true)
	case s.share(looksPhone) >= 0.8 && s.share(looksUUID) == 0 && s.share(looksDate) == 0 && sort&textual != 0:
		return make(rulePhone, looksPhone, saidPhone, true)
	case s.share(looksAgent) >= 0.8:
		return make(ruleAgent, looksAgent, saidAgent, true)
	case s.share(looksOrg) >= 0.95 && s.filled >= 5 && len(s.distinct) >= 3:
		return make(ruleOrg, looksOrg, saidOrg, false)
	}
	if sort != textual {
		return guess{}
	}
	switch {
	case s.share(looksHealth) >= 0.3 && s.filled >= 3:
		return make(ruleHealth, looksHealth, saidHealth, false)
	case s.share(looksUnion) >= 0.3 && s.filled >= 3:
		return make(ruleUnion, looksUnion, saidUnion, false)
	case s.share(looksReligion) >= 0.4 && s.filled >= 3:
		return make(ruleReligion, looksReligion, saidReligion, false)
	case s.share(looksName) >= 0.6 && s.share(looksWord) >= 0.9 && len(s.distinct) >= 3:
		return make(ruleName, looksName, saidNames, false)
	case s.share(looksMention) >= 0.2 && s.filled >= 3:
		return make(ruleNotes, looksMention, saidMention, false)
	}
	return guess{}
}

package scan

import (
	"slices"
	"strings"

	"mininfo/internal/dataset"
)

// catAny is the category of what tells of a person, and no more is known of it.
const catAny = "user"

const (
	catBehavior = "user.behavior"
	preserve    = "{strategy: preserve}"
)

// upkeep are words of columns that keep a row in order and tell nothing of whom it is about.
var upkeep = set(`version versjon rowversion revision revisjon lock lockversion optlock sort sortorder sortering sorting sortindex sequence sequenceno seq position displayorder rank lft rgt depth
	checksum hash etag md5 sha256 fingerprint updated updatedat updatedon updatedate modified modifiedat modifiedon modifieddate lastupdate lastupdated lastmodified lastmodifiedat lastchanged changed changedat
	endret endretdato endrettid sistendret sistendra oppdatert oppdatertdato sistoppdatert synced syncedat lastsync synkronisert imported importedat importert batch
	xmin ctid oid tableoid fulltext tsv tsvector searchvector discriminator dtype`)

// pointing are the ends of names of keys.
var pointing = set("id uuid guid key ref fk pk sk ident identifier token")

// general takes what else stands in a person's rows for data about them: dates, prices, statuses and
// amounts of what somebody ordered are theirs to know (Art. 15), whatever they mean by themselves. It
// is unsure, and says so. Tables that no way leads to from a person stay as they are.
func (j *judge) general(t *table, c *Collection) {
	if t.role != RolePeople && t.role != RoleOwned && !slices.ContainsFunc(c.Fields, func(f *Field) bool { return f.Identity != "" }) {
		return
	}
	for _, col := range t.columns {
		f := field(c, col.live.Name)
		if f == nil || f.Category != "" || f.Asked != "" || len(f.Fields) > 0 || f.PrimaryKey || f.ReadOnly || len(f.References) > 0 || col.technical(t) {
			continue
		}
		f.Category, f.Confidence, f.Evidence = t.kind(), Unsure, []Note{noteGeneral}
		if !col.live.Nullable {
			// It cannot be emptied, and by itself it points at nobody.
			f.Masking = preserve
		}
	}
}

// whole takes back what would keep rows that can only go whole: what lies inside a list of documents
// cannot be emptied, and a row stays where another that stays leads to it.
func (p *Proposal) whole() {
	goes := map[string]bool{}
	for more := true; more; {
		more = false
		for _, c := range p.Collections {
			if !goes[c.Name] && slices.ContainsFunc(c.Fields, func(f *Field) bool {
				return f.lists() || slices.ContainsFunc(f.References, func(r Reference) bool { return !r.Asked && r.Direction != dataset.To && goes[r.Collection] })
			}) {
				goes[c.Name], more = true, true
			}
		}
	}
	for _, c := range p.Collections {
		for _, f := range c.Fields {
			if goes[c.Name] && f.General() && f.Masking == preserve {
				f.Masking = ""
			}
		}
	}
}

// lists tells whether a field is a list of documents, or holds one.
func (f *Field) lists() bool {
	return len(f.Fields) > 0 && f.DataType == "object[]" || slices.ContainsFunc(f.Fields, (*Field).lists)
}

func field(c *Collection, name string) *Field {
	i := slices.IndexFunc(c.Fields, func(f *Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return c.Fields[i]
}

// technical tells whether a column is a key, a pointer, upkeep, or nothing that a person could read.
func (c *column) technical(t *table) bool {
	if len(c.words) == 0 || sortOf(c.live, c.stats)&(binary|document) != 0 || c.points(t) || c.leads(t) {
		return true
	}
	name, last := squeeze(c.words), lastOf(c.words)
	// "opprettet" is a point in time, or whoever did it.
	if handles[name] && sortOf(c.live, c.stats) != dated || upkeep[name] || last == "by" || last == "av" || pointing[last] {
		return true
	}
	return slices.ContainsFunc([]string{"uuid", "guid"}, func(end string) bool { return strings.HasSuffix(last, end) }) ||
		c.stats.known() && (c.stats.share(looksUUID) > 0.8 || c.stats.share(looksHash) > 0.8)
}

// kind is the narrowest category that fits everything in a table by what the table is about.
func (t *table) kind() string {
	switch {
	case t.role == RolePeople:
		return catAny
	case t.isPayment():
		return catPayment
	case t.isPurchase():
		return catPurchase
	case t.noun == trace:
		return catBehavior
	}
	return catAny
}

// isPurchase tells whether a table is about what somebody bought or rented: pay and applications are
// dealings too.
func (t *table) isPurchase() bool {
	return slices.ContainsFunc(words(t.live.Name.Name), func(w string) bool {
		return slices.ContainsFunc(purchases, func(p string) bool { return sameNoun(w, p) }) ||
			slices.ContainsFunc(compounds, func(p string) bool { return strings.HasSuffix(w, p) })
	})
}

var purchases = strings.Fields(`order ordre bestilling invoice faktura purchase kjop sale salg rental leie utleie booking reservation reservasjon cart handlekurv basket receipt kvittering
	subscription abonnement orderline ordrelinje orderitem ordredetalj orderdetail invoiceline fakturalinje invoiceitem`)

// compounds end Norwegian words: salgsordre, kundefaktura.
var compounds = []string{"ordre", "faktura", "bestilling"}

// General tells whether a field is taken for a person's because of the row that it stands in, and for
// nothing of its own.
func (f *Field) General() bool {
	return slices.ContainsFunc(f.Evidence, func(n Note) bool { return n.Code == noteGeneral.Code })
}

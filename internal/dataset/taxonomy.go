package dataset

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"sync"

	"mininfo/internal/locale"
)

// taxonomyCSV holds the keys of fideslang 3.1 (© Ethyca, CC BY 4.0) with labels of our own, and one key more:
// trade-union membership, a special category (Art. 9(1)).
//
//go:embed taxonomy.csv
var taxonomyCSV string

// Label is one key of the taxonomy: a data category, a data use or a kind of person.
type Label struct {
	Key    string
	Parent string // "" for a root
	Name   locale.Text
}

type taxonomy struct {
	categories, uses, subjects []Label
	byCategory                 map[string]Label
}

var loadTaxonomy = sync.OnceValue(func() taxonomy {
	r := csv.NewReader(strings.NewReader(taxonomyCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		panic("dataset: the built-in taxonomy cannot be read: " + err.Error())
	}
	t := taxonomy{byCategory: map[string]Label{}}
	for _, row := range rows[1:] {
		l := Label{Key: row[1], Parent: row[2], Name: locale.Text{NB: row[3], NN: row[4], EN: row[5]}}
		switch row[0] {
		case "category":
			t.categories = append(t.categories, l)
			t.byCategory[l.Key] = l
		case "use":
			t.uses = append(t.uses, l)
		case "subject":
			t.subjects = append(t.subjects, l)
		}
	}
	return t
})

// Categories lists the 86 data categories.
func Categories() []Label { return loadTaxonomy().categories }

// Uses lists the data uses.
func Uses() []Label { return loadTaxonomy().uses }

// Subjects lists the 15 kinds of persons.
func Subjects() []Label { return loadTaxonomy().subjects }

// CategoryName gives what a data category is called.
func CategoryName(key string) (locale.Text, bool) {
	l, ok := loadTaxonomy().byCategory[key]
	return l.Name, ok
}

// marked gives the category that the mark of a field (special: …) means.
var marked = map[string]string{
	"health": "user.health_and_medical", "genetic": "user.health_and_medical.genetic", "biometric": "user.biometric",
	"ethnicity": "user.demographic.race_ethnicity", "religion": "user.demographic.religious_belief", "philosophy": "user.demographic.religious_belief",
	"politics": "user.demographic.political_opinion", "sexual_orientation": "user.demographic.sexual_orientation",
	"union": "user.demographic.trade_union_membership", "criminal": "user.criminal_history",
}

// MarkedCategory gives the category of special data, or of data on offences, that a field's mark means; false for a
// mark in somebody's own words.
func MarkedCategory(mark string) (string, bool) {
	c, ok := marked[mark]
	return c, ok
}

// Covers tells whether a category is, or lies under, another one, by whole path segments:
// user.device.cookie does not cover user.device.cookie_id.
func Covers(limit, category string) bool {
	return category == limit || strings.HasPrefix(category, limit+".")
}

// CoversAny tells whether one of the limits covers one of the categories.
func CoversAny(limits, categories []string) bool {
	for _, l := range limits {
		for _, c := range categories {
			if Covers(l, c) {
				return true
			}
		}
	}
	return false
}

package demo

import (
	"fmt"
	"time"
)

// How much the company holds: about 2,000 persons and 60,000 rows.
const (
	customerCount    = 1500
	companyCount     = 110 // business customers
	subscriberCount  = 60  // who only get the newsletter
	supplierCount    = 60
	contactCount     = 160
	applicantCount   = 90
	employeeCount    = 36
	strangerVisits   = 14000 // log lines that nobody can tie to a person
	strangerProfiles = 300
	orderYears       = 7
)

// generator fills the tables. Rows are made in a fixed order from one sequence of random numbers: a
// draw more or less changes everything after it, which is why the named persons draw as well.
type generator struct {
	*random
	today     time.Time
	data      rows
	customers []*customer
	orders    []order
	staff     []string // names of who writes notes
}

type customer struct {
	id                  int
	no                  string
	first, last         string
	email, officeEmail  string
	phone               string
	addressID           int
	street              string
	place               place
	created, lastActive time.Time
	orders              int
	ip                  string
}

type order struct {
	id       int
	no       string
	customer *customer
	total    int
	at       time.Time
	first    string // the product on the first line
}

func fill(seed uint64, now time.Time) rows {
	g := &generator{random: &random{state: seed}, today: now.UTC().Truncate(24 * time.Hour), data: rows{},
		staff: []string{Employee.Name(), "Tom Erik Ruud", "Ingrid Aasen"}}
	g.webshop()
	g.office()
	g.people()
	g.more()
	return g.data
}

// add appends a row whose first value is its number in the table, and gives that number.
func (g *generator) add(table string, values ...any) int {
	id := len(g.data[table]) + 1
	g.put(table, append([]any{id}, values...)...)
	return id
}

// put appends a row whose key is not a number that counts up. Values stand in the order of the columns.
func (g *generator) put(table string, values ...any) {
	for i, v := range values {
		switch v := v.(type) {
		case time.Time:
			values[i] = v.Format(time.DateOnly)
		case instant:
			values[i] = time.Time(v).Format(time.RFC3339)
		}
	}
	g.data[table] = append(g.data[table], values)
}

// instant is a time that is stored with its hour; a plain time.Time is stored as a day.
type instant time.Time

func (g *generator) ago(days int) time.Time { return g.today.AddDate(0, 0, -days) }

// at gives an hour of a day, in working time.
func (g *generator) at(day time.Time) instant {
	return instant(day.Add(time.Duration(g.between(6*3600, 21*3600)) * time.Second))
}

// maybe gives a value in so many of a hundred cases, otherwise NULL. The value is made by then, so
// that the draws are the same either way.
func (g *generator) maybe(percent int, v any) any {
	if g.chance(percent) {
		return v
	}
	return nil
}

// orNull gives NULL for an empty string.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (g *generator) name() (first, last string) {
	return pick(g.random, firstNames), pick(g.random, lastNames)
}

// address makes an e-mail address under a reserved domain; n keeps it different from all others.
func (g *generator) address(first, last string, n int) string {
	return fmt.Sprintf("%s.%s%d@%s", mailName(first), mailName(last), n, pick(g.random, mailDomains))
}

func (g *generator) street() string {
	return fmt.Sprintf("%s %d", pick(g.random, streets), g.between(1, 120))
}

func (g *generator) birthday() time.Time { return g.ago(365*20 + g.n(365*55)) }

// notAfter gives the earlier of two days.
func notAfter(t, limit time.Time) time.Time {
	if t.After(limit) {
		return limit
	}
	return t
}

package demo

import (
	"fmt"
	"time"
)

// more fills what a company holds beside its main registers. It comes last, so that those do not depend on it.
func (g *generator) more() {
	g.siteActivity()
	g.paymentMethods()
	g.reminders()
	g.policeDisclosures()
	g.bans()
	for _, e := range g.data["employees"] {
		g.work(e)
	}
}

// siteActivity notes what customers who agreed to it have looked at.
func (g *generator) siteActivity() {
	for _, consent := range g.data["cookie_consents"] {
		id, ok := consent[1].(int)
		if !ok || id > 60 && !g.chance(5) {
			continue
		}
		for range g.between(1, 3) {
			g.add("site_activity", id, g.customers[id-1].ip, pick(g.random, products).name, g.at(g.ago(g.between(1, 120))))
		}
	}
}

// paymentMethods holds how recent purchases were paid, and one that should have been forgotten long ago.
func (g *generator) paymentMethods() {
	last := map[int]order{}
	for _, o := range g.orders {
		if o.customer.id <= 2 && o.at.After(last[o.customer.id].at) {
			last[o.customer.id] = o
		}
		if o.customer.id > 2 && o.at.After(g.ago(45)) {
			g.paid(o)
		}
	}
	g.paid(last[1])
	g.paid(last[2])
}

func (g *generator) paid(o order) {
	var settled any = o.at.AddDate(0, 0, 4)
	if o.at.After(g.ago(7)) {
		settled = nil
	}
	g.add("payment_methods", o.customer.id, fmt.Sprintf("Kort **** %04d", g.n(10000)), g.maybe(40, bankAccount(2000+o.id)), o.at, settled)
}

// reminders are about invoices that are not paid: one of somebody who is blocked, and some others.
func (g *generator) reminders() {
	for i, o := range g.orders {
		if id := o.customer.id; id == 7 || id > 7 && i%180 == 0 {
			due := notAfter(o.at.AddDate(0, 0, 14), g.ago(15))
			g.add("reminders", id, fmt.Sprintf("F-%s", o.no[2:]), pick(g.random, []string{"purring", "inkassovarsel"}), o.total, due, due.AddDate(0, 0, 14), false)
		}
	}
}

// policeDisclosures are what an order of the police required.
func (g *generator) policeDisclosures() {
	for i := range 24 {
		id := 7
		if i > 0 {
			id = g.between(8, customerCount)
		}
		when := g.ago(g.between(10, 900))
		g.add("police_disclosures", id, "Navn, adresse, bestillinger", fmt.Sprintf("P-%d-%04d", when.Year(), 1000+i*37), when)
	}
}

// bans are those who may not come into the shop for a time.
func (g *generator) bans() {
	for i := range 24 {
		c, since := g.customers[6], g.ago(60)
		if i > 0 {
			c, since = g.customers[40+i*50], g.ago(g.between(10, 700))
		}
		g.add("bans", c.no, c.first+" "+c.last, pick(g.random, []string{"Truet en ansatt i butikken.", "Tyveri fra butikken.", "Hærverk i butikken."}), since, since.AddDate(2, 0, 0))
	}
}

// work makes what an employee leaves behind at work: time sheets, the mailbox and the place on the website.
func (g *generator) work(e []any) {
	id, hired, left := e[0], day(e[16]), e[17]
	end := g.today
	if left != nil {
		end = day(left)
	}
	span := int(end.Sub(hired).Hours()/24) + 1
	for i := range 4 {
		g.add("timesheets", id, pick(g.random, []string{"Montering hos kunde", "Butikk", "Lager", "Opplæring"}), g.between(2, 9), hired.AddDate(0, 0, i*span/4))
	}
	g.add("mailboxes", id, e[4], g.between(40, 9000), hired, left)
	if left == nil || end.After(g.ago(700)) {
		g.add("staff_page", id, fmt.Sprintf("%s %s", e[2], e[3]), e[12], Company.Website+"/ansatte/"+mailName(e[2].(string))+".jpg", hired, hired, left)
	}
}

// day reads a day as put wrote it.
func day(v any) time.Time {
	t, _ := time.Parse(time.DateOnly, v.(string))
	return t
}

package demo

import (
	"fmt"
	"time"
)

var positions = []string{"Montør", "Kundebehandler", "Lærling", "Butikkmedarbeider", "Lysdesigner", "Regnskapsmedarbeider"}

const letter = "Jeg søker stillingen fordi jeg er glad i lys, er vant til å møte kunder og liker å jobbe i lag."

func (g *generator) people() {
	g.applications()
	g.employees()
}

func (g *generator) applications() {
	// Still running: may be withdrawn, and is hers to see, the assessment excepted.
	g.add("applications", "Kundebehandler", MostData.First, MostData.Last, MostData.Held[1], MostData.Phone, g.birthday(), letter,
		nil, nil, "Kjenner produktene godt. Innkalles til intervju.", "til vurdering", g.ago(25), nil, nil)
	// Past its time: six months after the process closed it should have been gone.
	g.add("applications", "Montør", Applicant.First, Applicant.Last, Applicant.Email, Applicant.Phone, g.birthday(), letter,
		"Bjørn Eide, tidligere leder, "+phone(14), "Trenger heve- og senkebord på grunn av ryggen.",
		"God faglig, men svakere enn to andre. Ikke aktuell.", "avslag", g.ago(470), g.ago(430), nil)
	for i := range applicantCount {
		first, last := g.name()
		received := g.ago(g.between(3, 600))
		status, closed, pool := "til vurdering", any(nil), any(nil)
		if received.Before(g.ago(60)) {
			day := received.AddDate(0, 0, g.between(20, 55))
			status, closed = pick(g.random, []string{"avslag", "avslag", "trukket"}), day
			pool = g.maybe(15, day)
		}
		referee, family := g.name()
		g.add("applications", pick(g.random, positions), first, last, g.address(first, last, 8000+i), phone(8000+i), g.birthday(), letter,
			g.maybe(60, fmt.Sprintf("%s %s, tidligere leder", referee, family)), g.maybe(5, "Trenger tilrettelagt arbeidstid."),
			g.maybe(70, "Vurdert av "+pick(g.random, g.staff)+"."), status, received, closed, pool)
	}
}

func (g *generator) employees() {
	hired := g.ago(1300)
	g.employee(Employee.First, Employee.Last, Employee.Held[0], Employee.Email, Employee.Phone, "Kundebehandler", hired, nil, true)
	g.add("next_of_kin", 1, NextOfKin.Name(), "Ektefelle", NextOfKin.Phone, NextOfKin.Email, hired)
	for i := range employeeCount - 1 {
		first, last := g.name()
		hired, left := g.ago(g.between(40, 2500)), any(nil)
		if g.chance(30) {
			left = notAfter(hired.AddDate(0, 0, g.between(200, 1200)), g.ago(20))
		}
		id := g.employee(first, last, fmt.Sprintf("%s.%s%d@fjordlys.example", mailName(first), mailName(last), i), g.address(first, last, 9000+i),
			phone(9000+i), pick(g.random, positions), hired, left, g.chance(40))
		for range g.between(1, 2) {
			kin, _ := g.name()
			g.add("next_of_kin", id, kin+" "+last, pick(g.random, []string{"Ektefelle", "Samboer", "Mor", "Far", "Søster"}), phone(9500+id*2), nil, hired)
		}
	}
}

func (g *generator) employee(first, last, work, private, tel, position string, hired time.Time, left any, union bool) int {
	id := len(g.data["employees"]) + 1
	born, p := g.birthday(), pick(g.random, places)
	g.add("employees", fmt.Sprintf("A-%03d", id), first, last, work, private, tel, nationalID(born, id*7), born, g.street(), p.code, p.city, position,
		bankAccount(200+id), "Trives, vil gjerne lære mer om styringssystemer.", "https://kort.fjordlys.example/"+mailName(first)+".jpg", hired, left)
	end := g.today
	if day, ok := left.(time.Time); ok {
		end = day
	}
	gross := g.between(36000, 62000) * 100
	for month := time.Date(hired.Year(), hired.Month()+1, 1, 0, 0, 0, 0, time.UTC); !month.After(end); month = month.AddDate(0, 1, 0) {
		var dues any
		if union {
			dues = gross * 14 / 1000
		}
		paid := notAfter(month.AddDate(0, 0, 11), g.today)
		g.add("payroll", id, month.Format("2006-01"), gross, gross*32/100, dues, g.maybe(12, g.between(1, 6)), paid, notAfter(paid.AddDate(0, 0, 5), g.today),
			fmt.Sprintf("AM-%s-%04d", month.Format("200601"), id))
	}
	return id
}

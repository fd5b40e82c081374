package engine

import (
	"context"
	"errors"

	"mininfo/internal/locale"
	"mininfo/internal/source"
)

// Preflight tries a plan against the live systems: each source's steps are carried out in a
// transaction that is rolled back. What it gives is told to an officer; a plan with a problem
// that is no warning must not be offered for approval.
func Preflight(ctx context.Context, connected []Connected, plan Steps, opts ExecuteOptions) ([]Problem, error) {
	var p problemList
	rows := map[string]int{} // that change, by source
	err := plan.Each(ctx, func(s *Step) error {
		if s.Action.Writes() {
			rows[s.Source]++
		}
		return nil
	})
	if err != nil {
		return p.list, err
	}
	p.secondLook(rows, opts.SecondLook)
	for _, c := range connected {
		if rows[c.Source.Name()] == 0 {
			continue
		}
		if err := tryOne(ctx, connected, c.Source.Name(), plan, opts, &p); err != nil {
			return p.list, err
		}
	}
	return p.list, nil
}

// secondLook tells of a plan that is large.
func (p *problemList) secondLook(bySource map[string]int, most int) {
	if most == 0 {
		most = DefaultSecondLook
	}
	rows := 0
	for _, n := range bySource {
		rows += n
	}
	if most > 0 && rows > most {
		p.add(Problem{Code: "second_look", Warning: true, Text: text(
			"Planen endrer %d rader. Det er mer enn %d, så se en gang til på at de virkelig gjelder denne personen.",
			"Planen endrar %d rader. Det er meir enn %d, så sjå ein gong til på at dei verkeleg gjeld denne personen.",
			"The plan changes %d rows. That is more than %d: look once more whether they really are this person's.", rows, most)})
	}
}

func tryOne(ctx context.Context, connected []Connected, name string, plan Steps, opts ExecuteOptions, p *problemList) error {
	x, err := newExecution(ctx, connected, name, plan, opts)
	if err != nil {
		return p.failure(name, err)
	}
	defer x.close()
	x.trial = true
	x.permissions(p)
	if _, err = x.run(ctx); err != nil && !errors.Is(err, errTrial) {
		return p.failure(name, err)
	}
	x.report(p)
	return nil
}

// permissions tells what the account may not do before the database does.
func (x *execution) permissions(p *problemList) {
	for i, n := range x.order {
		counts := x.result.Collections[i].Counts
		if counts[Delete] > 0 && !n.deletable() || counts[SetAction]+counts[Anonymise]+counts[Mark]+counts[Lift] > 0 && !n.writable() {
			p.add(Problem{Source: x.name, Collection: n.report.Collection, Code: string(source.Denied),
				Text: text("Kontoen til kilden har ikke lov til å endre «%s».", "Kontoen til kjelda har ikkje lov til å endre «%s».",
					"The account of the source may not change %q.", n.report.Collection)})
		}
	}
}

// report tells what happened in the trial beyond the plan, and what the system cannot promise.
func (x *execution) report(p *problemList) {
	if x.forward {
		p.add(Problem{Source: x.name, Code: "stepwise", Warning: true, Text: text(
			"«%s» har ikke transaksjoner: radene endres én etter én. Stopper det underveis, står det som er gjort, og resten gjøres når planen utføres igjen.",
			"«%s» har ikkje transaksjonar: radene blir endra éi etter éi. Stoppar det undervegs, står det som er gjort, og resten blir gjort når planen blir utført att.",
			"%q has no transactions: its rows are changed one after the other. If that stops half way, what is done stays, and the rest is done when the plan is carried out again.", x.name)})
	}
	for _, e := range x.effects {
		if e.Table == (source.TableName{}) && !foreign(e) {
			p.add(Problem{Source: x.name, Code: "side_effects", Warning: true, Text: text(
				"Databasen vil selv legge til %d rader i tabeller som kontoen ikke får vite om (triggere). Se etter om de inneholder det som slettes.",
				"Databasen vil sjølv leggje til %d rader i tabellar som kontoen ikkje får vite om (triggarar). Sjå etter om dei inneheld det som blir sletta.",
				"The database itself would add %d rows to tables that the account is not told of (triggers). See whether they hold what is erased.", e.Inserted)})
			continue
		}
		table := e.Table.String()
		if e.Table == (source.TableName{}) {
			table = "?"
		}
		if foreign(e) {
			p.add(Problem{Source: x.name, Code: "side_effects", Text: text(
				"Databasen vil selv endre %d og slette %d rader i «%s» som ikke står i planen (triggere eller kaskader).",
				"Databasen vil sjølv endre %d og slette %d rader i «%s» som ikkje står i planen (triggarar eller kaskadar).",
				"The database itself would change %d and delete %d rows of %q that are not in the plan (triggers or cascades).",
				e.Updated, e.Deleted, table)})
			continue
		}
		p.add(Problem{Source: x.name, Code: "side_effects", Warning: true, Text: text(
			"Databasen vil selv legge til %d rader i «%s» (triggere). Se etter om de inneholder det som slettes.",
			"Databasen vil sjølv leggje til %d rader i «%s» (triggarar). Sjå etter om dei inneheld det som blir sletta.",
			"The database itself would add %d rows to %q (triggers). See whether they hold what is erased.", e.Inserted, table)})
	}
}

// failure tells why a trial run failed; an error that is no answer of a source is returned.
func (p *problemList) failure(name string, err error) error {
	var drift *DriftError
	var own *source.Error
	switch {
	case errors.Is(err, &source.Error{Code: source.Later}):
		return err // nothing is known yet
	case errors.As(err, &drift):
		p.add(Problem{Source: name, Code: "drift", Text: text(
			"Rader som er endret siden de ble sett: %d. Søk på nytt, og se over det som har kommet.",
			"Rader som er endra sidan dei vart sett: %d. Søk på nytt, og sjå over det som har kome.",
			"Rows that changed since they were seen: %d. Search anew, and look over what came.", drift.Rows)})
	case errors.Is(err, ErrCeiling):
		p.add(Problem{Source: name, Code: "ceiling", Text: text(
			"Planen endrer flere rader enn grensen tillater.", "Planen endrar fleire rader enn grensa tillèt.",
			"The plan changes more rows than the ceiling allows.")})
	case errors.As(err, &own):
		p.add(Problem{Source: name, Code: string(own.Code), Text: sourceText(own)})
	default:
		return err
	}
	return nil
}

// sourceText says in words what a source answered.
func sourceText(e *source.Error) locale.Text {
	what := first(e.Constraint, e.Table, e.State)
	switch e.Code {
	case source.Constraint:
		return text("En regel i databasen («%s») tillater ikke endringen.", "Ein regel i databasen («%s») tillèt ikkje endringa.",
			"A rule of the database (%q) does not allow the change.", what)
	case source.Denied:
		return text("Kontoen til kilden har ikke lov til å endre dette («%s»).", "Kontoen til kjelda har ikkje lov til å endre dette («%s»).",
			"The account of the source may not change this (%q).", what)
	case source.BadType:
		return text("En ny verdi passer ikke i kolonnen («%s»).", "Ein ny verdi passar ikkje i kolonnen («%s»).",
			"A new value does not fit its column (%q).", what)
	case source.Locked:
		return text("Noen andre holder på med radene. Prøv igjen («%s»).", "Nokon andre held på med radene. Prøv igjen («%s»).",
			"Somebody else is working on the rows. Try again (%q).", what)
	case source.Missing:
		return text("En tabell eller kolonne finnes ikke («%s»).", "Ein tabell eller kolonne finst ikkje («%s»).",
			"A table or column does not exist (%q).", what)
	case source.TimedOut:
		return text("Kilden brukte for lang tid («%s»).", "Kjelda brukte for lang tid («%s»).", "The source took too long (%q).", what)
	}
	return text("Kilden svarte ikke som ventet («%s»).", "Kjelda svara ikkje som venta («%s»).",
		"The source did not answer as expected (%q).", what)
}

// Order gives the names of the sources in the order in which an erasure is carried out: what was
// reached from other sources first, so that a plan that stops half way leaves the links by which
// the rest is found.
func Order(connected []Connected) []string {
	owner := map[string]int{}
	for i, c := range connected {
		for _, d := range c.Datasets {
			owner[d.Key] = i
		}
	}
	before := make([]map[int]bool, len(connected)) // sources that go first
	for i, c := range connected {
		before[i] = map[int]bool{}
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				for _, name := range col.EraseAfter {
					if j, ok := ownerOf(owner, name); ok && j != i {
						before[i][j] = true
					}
				}
			}
		}
	}
	for i, c := range connected {
		for _, t := range ties(c, owner) {
			first, last := i, t.source
			if t.towards {
				first, last = last, first
			}
			if first != last && !before[first][last] {
				before[last][first] = true
			}
		}
	}
	return visitOrder(connected, before)
}

func visitOrder(connected []Connected, before []map[int]bool) []string {
	var out []string
	state := make([]int, len(connected))
	var visit func(i int)
	visit = func(i int) {
		if state[i] != 0 {
			return
		}
		state[i] = 1
		for j := range connected {
			if before[i][j] {
				visit(j)
			}
		}
		out = append(out, connected[i].Source.Name())
	}
	for i := range connected {
		visit(i)
	}
	return out
}

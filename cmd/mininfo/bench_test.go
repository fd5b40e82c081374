package main_test

import (
	"testing"
	"time"

	"mininfo/api"
	"mininfo/internal/demo"
)

// BenchmarkAnswer times what people wait for, for the person with the most data in the demo, through
// the program as it is served: from the request of a verified person to its findings, and from the
// approval to the package.
func BenchmarkAnswer(b *testing.B) {
	for name, s := range map[string]Setup{"sqlite": {}, "postgres": {Postgres: true}} {
		b.Run(name, func(b *testing.B) {
			p, o, _ := office(b, s)
			person := newPerson(b, p, demo.MostData.Email)
			person.Prove(api.RightAccess)
			var findings, packages time.Duration
			n := 0
			for b.Loop() {
				n++
				began := time.Now()
				id := person.File(api.NewRequest{Right: api.RightAccess}).Id
				o.Await(id, "the findings are ready", func(c api.Case) bool { return c.State == api.StateReview && len(c.Groups) > 0 })
				findings += time.Since(began)
				o.Settle(id, api.DecisionActionDisclose)
				began = time.Now()
				o.Approve(id)
				o.Await(id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
				packages += time.Since(began)
			}
			b.ReportMetric(findings.Seconds()/float64(n), "s/findings")
			b.ReportMetric(packages.Seconds()/float64(n), "s/package")
		})
	}
}

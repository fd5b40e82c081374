package engine_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"mininfo/internal/engine"
	"mininfo/internal/locale"
	"mininfo/internal/source"
)

func TestAPlanInWords(t *testing.T) {
	t.Parallel()
	w := engine.NewPlanWriter(io.Discard)
	add := func(n int, s engine.Step) {
		for i := range n {
			s.Key = []engine.KeyPart{{Column: "id", Value: source.IntOf(int64(i))}}
			if err := w.Write(&s); err != nil {
				t.Fatal(err)
			}
		}
	}
	add(41, engine.Step{Source: "shop", Collection: "visits", Action: engine.Delete, Reason: engine.ReasonErasure})
	add(12, engine.Step{Source: "shop", Collection: "orders", Action: engine.Anonymise, Reason: engine.ReasonErasure})
	add(250, engine.Step{Source: "shop", Collection: "vouchers", Action: engine.Keep, Reason: "BOOKKEEPING", Until: "2031-12-31"})
	add(9, engine.Step{Source: "shop", Collection: "addresses", Action: engine.Keep, Reason: engine.ReasonShared})
	sum, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	name := func(code string) string { return map[string]string{"BOOKKEEPING": "bookkeeping"}[code] }
	same(t, "en", sum.Words(locale.EN, name), "312 rows in 4 tables: 41 deleted, 12 anonymised, 259 kept (250: bookkeeping until 31.12.2031; 9: others' as well).")
	same(t, "nb", sum.Words(locale.NB, nil), "312 rader i 4 tabeller: 41 slettes, 12 anonymiseres, 259 beholdes (250: BOOKKEEPING til 31.12.2031; 9: gjelder også andre).")
	same(t, "nn", strings.HasPrefix(sum.Words(locale.NN, nil), "312 rader i 4 tabellar: 41 blir sletta"), true)
	same(t, "writes", sum.Writes(), 53)
}

// A large plan is not refused: it asks for a second look.
func TestALargePlanAsksForASecondLook(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	for limit, want := range map[int]bool{0: false, 11: false, 10: true, -1: false} {
		p, err := engine.PrepareErase(context.Background(), s, email("customer-1@example.com"), nil, engine.RunOptions{Execute: engine.ExecuteOptions{SecondLook: limit}})
		if err != nil {
			t.Fatal(err)
		}
		asks := false
		for _, x := range p.Problems {
			asks = asks || x.Code == "second_look" && x.Warning
		}
		if asks != want || p.Blocked() {
			t.Errorf("eleven rows and a limit of %d: %+v", limit, p.Problems)
		}
		p.Close()
	}
}

package api

import (
	"context"

	"mininfo/internal/dsr"
	"mininfo/internal/governance"
)

// ListBreaches gives the record of personal data breaches.
func (s *Server) ListBreaches(ctx context.Context, _ ListBreachesRequestObject) (ListBreachesResponseObject, error) {
	out, err := s.breaches(ctx)
	return ListBreaches200JSONResponse{out}, err
}

// OpenBreach writes a breach down.
func (s *Server) OpenBreach(ctx context.Context, r OpenBreachRequestObject) (OpenBreachResponseObject, error) {
	b := r.Body
	id, err := s.d.Office.OpenBreach(ctx, s.governor(from(ctx)), governance.NewBreach{NoticedAt: b.NoticedAt, What: b.What, Concerned: orZero(b.Concerned), Case: text(b.Case)})
	return OpenBreach201JSONResponse{Id: id}, err
}

// AssessBreach writes what was decided of it.
func (s *Server) AssessBreach(ctx context.Context, r AssessBreachRequestObject) (AssessBreachResponseObject, error) {
	b := r.Body
	change := governance.BreachChange{Base: int64(b.Changes), What: b.What, Concerned: orZero(b.Concerned), Risk: text(b.Risk), Reason: text(b.Reason),
		AuthorityAt: b.AuthorityAt, AuthorityWhy: text(b.AuthorityWhy), PersonsAt: b.PersonsAt, PersonsWhy: text(b.PersonsWhy), Close: yes(b.Close)}
	if err := s.d.Office.AssessBreach(ctx, s.governor(from(ctx)), r.Id, change); err != nil {
		return nil, err
	}
	out, err := s.breaches(ctx)
	return AssessBreach200JSONResponse{out}, err
}

func (s *Server) breaches(ctx context.Context) (BreachesJSONResponse, error) {
	list, err := s.d.Office.Breaches(ctx, s.governor(from(ctx)))
	out := BreachesJSONResponse{Breaches: []Breach{}}
	for _, b := range list {
		out.Breaches = append(out.Breaches, Breach{Id: b.PublicID, NoticedAt: b.NoticedAt, DueAt: dsr.BreachDue(b.NoticedAt), What: b.What, Concerned: b.Concerned,
			Case: optional(b.Case), Reference: optional(b.Reference), Risk: optional(BreachRisk(b.Risk)), Reason: b.Reason, AuthorityAt: b.AuthorityAt, AuthorityWhy: b.AuthorityWhy,
			PersonsAt: b.PersonsAt, PersonsWhy: b.PersonsWhy, Awaited: b.Awaited(), OpenedAt: b.OpenedAt, ClosedAt: b.ClosedAt, Changes: int(b.Changes)})
	}
	return out, err
}

func orZero(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

package api

import "context"

// ListInforming gives how many people are to be informed of data that came from others.
func (s *Server) ListInforming(ctx context.Context, _ ListInformingRequestObject) (ListInformingResponseObject, error) {
	out, err := s.informing(ctx)
	return ListInforming200JSONResponse{out}, err
}

// FinishInforming takes how they were informed.
func (s *Server) FinishInforming(ctx context.Context, r FinishInformingRequestObject) (FinishInformingResponseObject, error) {
	if err := s.d.Works.Informed(ctx, s.worker(from(ctx)), r.Id, r.Body.How); err != nil {
		return nil, err
	}
	out, err := s.informing(ctx)
	return FinishInforming200JSONResponse{out}, err
}

func (s *Server) informing(ctx context.Context) (InformingJSONResponse, error) {
	c := from(ctx)
	all, today, err := s.d.Works.Uninformed(ctx, s.worker(c), c.locale)
	out := InformingJSONResponse{Lists: []PeopleToInform{}}
	for _, i := range all {
		out.Lists = append(out.Lists, PeopleToInform{Id: i.ID, Activity: i.Activity, Told: optional(i.Told), People: i.People, FirstOn: date(i.First),
			LastOn: date(i.Last), DueOn: date(i.Due), Late: i.DoneAt == nil && today.After(i.Due), DoneAt: i.DoneAt, By: optional(i.By), How: optional(i.How)})
	}
	return out, err
}

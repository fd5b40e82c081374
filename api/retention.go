package api

import (
	"context"

	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
)

func (s *Server) retention(ctx context.Context) (Retention, error) {
	c := from(ctx)
	v, err := s.d.Works.Retention(ctx, s.worker(c))
	if err != nil {
		return Retention{}, err
	}
	return retentionOf(v, c.locale), nil
}

func retentionOf(v fulfilment.RetentionView, l locale.Locale) Retention {
	out := Retention{State: "none", Rows: int(v.Rows), Looked: v.Looked, Mine: v.Mine, Alone: v.Alone, Blocked: v.Blocked,
		Groups: []RetentionGroup{}, Waiting: append([]string{}, v.Waiting...), Problems: []string{}, Own: []OwnRetention{}}
	if v.ID != "" {
		out.Id, out.State, out.Digest, out.MadeAt = &v.ID, RetentionState(v.State), &v.Digest, &v.MadeAt
	}
	for _, t := range v.Problems {
		out.Problems = append(out.Problems, t.In(l))
	}
	for _, g := range v.Groups {
		oldest, _ := dsr.ParseDate(g.Oldest)
		it := RetentionGroup{Activities: []RetainedFor{}, Title: g.Title, Place: g.Place, Source: g.Source, Collection: g.Collection,
			Deleted: g.Deleted, Anonymised: g.Anonymised, Kept: g.Kept, Held: g.Held, Later: g.Later, Look: g.Look, Undated: g.Undated, NoDate: g.NoDate, Oldest: optionalDate(&oldest)}
		for _, a := range g.For {
			it.Activities = append(it.Activities, RetainedFor{Id: a.ID, Name: a.Name.In(l), HowLong: optional(a.HowLong.In(l))})
		}
		out.Groups = append(out.Groups, it)
	}
	if v.Last != nil {
		rows := int(v.LastRows)
		out.LastAt, out.LastRows = v.Last.EndedAt, &rows
	}
	for _, c := range v.Own {
		one := OwnRetention{Code: c.Code, Name: c.Name.In(l), Keep: c.Keep.In(l), NextAt: c.Next}
		if c.Run != nil {
			gone := int(c.Run.Gone)
			one.LastAt, one.Gone = &c.Run.At, &gone
		}
		out.Own = append(out.Own, one)
	}
	return out
}

// GetRetention gives what has passed its time.
func (s *Server) GetRetention(ctx context.Context, _ GetRetentionRequestObject) (GetRetentionResponseObject, error) {
	out, err := s.retention(ctx)
	return GetRetention200JSONResponse(out), err
}

// AskRetention has the systems looked through now.
func (s *Server) AskRetention(ctx context.Context, _ AskRetentionRequestObject) (AskRetentionResponseObject, error) {
	if err := s.d.Works.AskRetention(ctx, s.worker(from(ctx))); err != nil {
		return nil, err
	}
	return AskRetention202Response{}, nil
}

// ApproveRetention takes one member's word on a plan.
func (s *Server) ApproveRetention(ctx context.Context, r ApproveRetentionRequestObject) (ApproveRetentionResponseObject, error) {
	if err := s.d.Works.ApproveRetention(ctx, s.worker(from(ctx)), r.Id, r.Body.Digest, yes(r.Body.Confirmed)); err != nil {
		return nil, err
	}
	out, err := s.retention(ctx)
	return ApproveRetention200JSONResponse(out), err
}

// ListRetentionRows shows which rows of a collection a plan is about.
func (s *Server) ListRetentionRows(ctx context.Context, r ListRetentionRowsRequestObject) (ListRetentionRowsResponseObject, error) {
	rows, err := s.d.Works.RetentionRows(ctx, s.worker(from(ctx)), r.Id, r.Params.Source, r.Params.Collection)
	if err != nil {
		return nil, err
	}
	out := ListRetentionRows200JSONResponse{Rows: []RetentionRow{}}
	for _, row := range rows {
		out.Rows = append(out.Rows, RetentionRow{Key: row.Key, Action: RetentionRowAction(row.Action)})
	}
	return out, nil
}

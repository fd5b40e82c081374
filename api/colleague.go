package api

import (
	"context"

	"mininfo/internal/fulfilment"
)

// OpenErrand shows a colleague whom a task is about.
func (s *Server) OpenErrand(ctx context.Context, _ OpenErrandRequestObject) (OpenErrandResponseObject, error) {
	e, err := s.d.Works.OpenErrand(ctx, from(ctx).link)
	if err != nil {
		return nil, err
	}
	return OpenErrand200JSONResponse(errand(e)), nil
}

func errand(e fulfilment.Errand) Errand {
	out := Errand{
		Reference: string(e.Reference), Right: Right(e.Right), Act: ErrandAct(e.Act), Place: e.Place, Instructions: optional(e.Instructions),
		Who: []ErrandClue{}, Words: optional(e.Words), Files: taskFiles(e.Files),
	}
	if !e.Due.IsZero() {
		due := date(e.Due)
		out.DueOn = &due
	}
	for _, c := range e.Who {
		out.Who = append(out.Who, ErrandClue{Kind: c.Kind, Value: c.Value.Reveal()})
	}
	if len(e.Corrections) > 0 {
		list := []ErrandCorrection{}
		for _, c := range e.Corrections {
			list = append(list, ErrandCorrection{Label: c.Label, Old: c.Old, New: c.New})
		}
		out.Corrections = &list
	}
	return out
}

// UploadErrandFile takes a file that the colleague found.
func (s *Server) UploadErrandFile(ctx context.Context, r UploadErrandFileRequestObject) (UploadErrandFileResponseObject, error) {
	part, err := file(r.Body, nil)
	if err != nil {
		return nil, err
	}
	if err := s.d.Works.UploadErrand(ctx, from(ctx).link, part.FileName(), part); err != nil {
		return nil, err
	}
	return UploadErrandFile204Response{}, nil
}

// AnswerErrand takes what the colleague says.
func (s *Server) AnswerErrand(ctx context.Context, r AnswerErrandRequestObject) (AnswerErrandResponseObject, error) {
	if err := s.d.Works.AnswerErrand(ctx, from(ctx).link, string(r.Body.Outcome), text(r.Body.Note)); err != nil {
		return nil, err
	}
	return AnswerErrand204Response{}, nil
}

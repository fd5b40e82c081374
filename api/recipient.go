package api

import (
	"context"

	"mininfo/internal/fulfilment"
)

// OpenNotice shows a recipient whom a notice is about.
func (s *Server) OpenNotice(ctx context.Context, _ OpenNoticeRequestObject) (OpenNoticeResponseObject, error) {
	c := from(ctx)
	e, err := s.d.Works.OpenNotice(ctx, c.link)
	if err != nil {
		return nil, err
	}
	out := OpenNotice200JSONResponse{Reference: string(e.Reference), Right: Right(e.Right), Controller: e.Controller, Activities: []string{},
		Who: []NoticeClue{}, Corrections: []NoticeCorrection{}, Until: date(e.Until)}
	for _, a := range e.Activities {
		out.Activities = append(out.Activities, a.In(c.locale))
	}
	for _, clue := range e.Who {
		out.Who = append(out.Who, NoticeClue{Kind: clue.Kind, Value: clue.Value.Reveal()})
	}
	for _, each := range e.Corrections {
		out.Corrections = append(out.Corrections, NoticeCorrection{Label: each.Label, Old: each.Old, New: each.New})
	}
	return out, nil
}

// AnswerNotice takes what a recipient says.
func (s *Server) AnswerNotice(ctx context.Context, r AnswerNoticeRequestObject) (AnswerNoticeResponseObject, error) {
	if err := s.d.Works.AnswerNotice(ctx, from(ctx).link, string(r.Body.Outcome), text(r.Body.Reason)); err != nil {
		return nil, err
	}
	return AnswerNotice204Response{}, nil
}

// FollowRecipient takes what a member says of a recipient.
func (s *Server) FollowRecipient(ctx context.Context, r FollowRecipientRequestObject) (FollowRecipientResponseObject, error) {
	if err := s.d.Works.SettleNotice(ctx, s.worker(from(ctx)), r.Id, r.NoticeId, string(r.Body.Act), text(r.Body.Note)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return FollowRecipient200JSONResponse{out}, err
}

func caseRecipients(all []fulfilment.NoticeView) *[]CaseRecipient {
	if len(all) == 0 {
		return nil
	}
	out := []CaseRecipient{}
	for _, n := range all {
		out = append(out, CaseRecipient{Id: n.ID, Kind: CaseRecipientKind(n.Kind), Name: n.Name, Activities: n.Activities, Channel: CaseRecipientChannel(n.Channel),
			State: CaseRecipientState(n.State), Text: n.Text, How: optional(n.How), Language: optional(Locale(n.Language)), Note: optional(n.Note), By: optional(n.By), At: n.At,
			ToldAt: n.ToldAt, SettledAt: n.SettledAt, Failed: n.Failed, Late: n.Late, Settle: n.Settle, Send: n.Send})
	}
	return &out
}

func toldRecipients(all []fulfilment.ToldRecipient) *[]ToldRecipient {
	if len(all) == 0 {
		return nil
	}
	out := []ToldRecipient{}
	for _, t := range all {
		out = append(out, ToldRecipient{Name: t.Name, Activities: t.Activities, At: t.On, Text: t.Text})
	}
	return &out
}

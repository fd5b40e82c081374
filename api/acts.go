package api

import (
	"context"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
)

// The acts of members on a case: each does one thing and answers with the case as it now stands.

func yes(b *bool) bool { return b != nil && *b }

func decisions(asked []GroupDecision) []fulfilment.GroupDecision {
	out := make([]fulfilment.GroupDecision, 0, len(asked))
	for _, d := range asked {
		out = append(out, fulfilment.GroupDecision{Group: d.Group, Action: string(d.Action), Ground: text(d.Ground), Reason: text(d.Reason)})
	}
	return out
}

// takes gives the inside id of a member who can take cases.
func (s *Server) takes(ctx context.Context, member string) (int64, error) {
	members, err := s.d.Gate.Members(ctx)
	if err != nil {
		return 0, err
	}
	for _, m := range members {
		if m.PublicID == member && !m.Disabled {
			return m.ID, nil
		}
	}
	return 0, casework.ErrUnknownMember.At("/member")
}

// ConfirmIdentity records how the identity was established.
func (s *Server) ConfirmIdentity(ctx context.Context, r ConfirmIdentityRequestObject) (ConfirmIdentityResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.ConfirmIdentity(ctx, c.by(), r.Id, string(r.Body.Method), r.Body.Note); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return ConfirmIdentity200JSONResponse{out}, err
}

// RecordAuthority records what shows that whoever asks may.
func (s *Server) RecordAuthority(ctx context.Context, r RecordAuthorityRequestObject) (RecordAuthorityResponseObject, error) {
	c, b := from(ctx), r.Body
	a := casework.Authority{Evidence: b.Evidence, Method: string(b.Method), Note: b.Note, Rights: texts(list(b.Rights)), Until: civil(b.Until)}
	if err := s.d.Desk.RecordAuthority(ctx, c.by(), r.Id, a); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RecordAuthority200JSONResponse{out}, err
}

// AnswerPerson has the answer go to the person directly.
func (s *Server) AnswerPerson(ctx context.Context, r AnswerPersonRequestObject) (AnswerPersonResponseObject, error) {
	if err := s.d.Desk.AnswerPerson(ctx, from(ctx).by(), r.Id, text(r.Body.PostalAddress)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return AnswerPerson200JSONResponse{out}, err
}

// DropRefusal takes a proposed refusal back.
func (s *Server) DropRefusal(ctx context.Context, r DropRefusalRequestObject) (DropRefusalResponseObject, error) {
	if err := s.d.Desk.DropProposal(ctx, from(ctx).by(), r.Id); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return DropRefusal200JSONResponse{out}, err
}

// FindEarlier gives the cases that a person has had.
func (s *Server) FindEarlier(ctx context.Context, r FindEarlierRequestObject) (FindEarlierResponseObject, error) {
	c := from(ctx)
	var contacts []casework.Contact
	for _, one := range r.Body.Contacts {
		contacts = append(contacts, casework.Contact{Kind: string(one.Kind), Value: one.Value})
	}
	found, err := s.d.Desk.KnownBy(ctx, c.by(), contacts, c.locale)
	if err != nil {
		return nil, err
	}
	out := FindEarlier200JSONResponse{Cases: []CaseSummary{}}
	for _, one := range found {
		out.Cases = append(out.Cases, caseSummary(one))
	}
	return out, nil
}

// AddIdentifier adds a candidate to search by.
func (s *Server) AddIdentifier(ctx context.Context, r AddIdentifierRequestObject) (AddIdentifierResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.AddIdentifier(ctx, c.by(), r.Id, casework.Contact{Kind: string(r.Body.Kind), Value: r.Body.Value}); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return AddIdentifier200JSONResponse{out}, err
}

// ConfirmIdentifier confirms or rejects a candidate.
func (s *Server) ConfirmIdentifier(ctx context.Context, r ConfirmIdentifierRequestObject) (ConfirmIdentifierResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.DecideIdentifier(ctx, c.by(), r.Id, r.IdentifierId, r.Body.Confirmed, r.Body.How); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return ConfirmIdentifier200JSONResponse{out}, err
}

// AskContact mails a code to the contact on file where a candidate leads.
func (s *Server) AskContact(ctx context.Context, r AskContactRequestObject) (AskContactResponseObject, error) {
	if err := s.d.Works.AskContact(ctx, s.worker(from(ctx)), r.Id, r.IdentifierId); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return AskContact202JSONResponse{out}, err
}

// CorrectField points a wish for rectification at a field of a row that was found.
func (s *Server) CorrectField(ctx context.Context, r CorrectFieldRequestObject) (CorrectFieldResponseObject, error) {
	b := r.Body
	asked := fulfilment.FieldCorrection{Group: b.Group, Key: b.Key, Field: b.Field, Value: text(b.Value), Remove: yes(b.Remove)}
	if err := s.d.Works.AddCorrection(ctx, s.worker(from(ctx)), r.Id, asked); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return CorrectField200JSONResponse{out}, err
}

// RelieveDuty records what the office did beside the plan.
func (s *Server) RelieveDuty(ctx context.Context, r RelieveDutyRequestObject) (RelieveDutyResponseObject, error) {
	if err := s.d.Desk.Relieve(ctx, from(ctx).by(), r.Id, dsr.Duty(r.Body.Kind), !yes(r.Body.Infeasible), text(r.Body.How)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RelieveDuty200JSONResponse{out}, err
}

// LearnFacts tells the portal what the office knows.
func (s *Server) LearnFacts(ctx context.Context, r LearnFactsRequestObject) (LearnFactsResponseObject, error) {
	var lessons []fulfilment.Lesson
	for _, f := range r.Body.Facts {
		lessons = append(lessons, fulfilment.Lesson{Activity: text(f.Activity), Kind: string(f.Kind), Value: string(f.Value), Reason: f.Reason})
	}
	if err := s.d.Works.Learn(ctx, s.worker(from(ctx)), r.Id, lessons); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return LearnFacts200JSONResponse{out}, err
}

// CollectCase searches the sources again.
func (s *Server) CollectCase(ctx context.Context, r CollectCaseRequestObject) (CollectCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Works.Collect(ctx, s.worker(c), r.Id); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return CollectCase200JSONResponse{out}, err
}

// DecideCase decides groups of findings.
func (s *Server) DecideCase(ctx context.Context, r DecideCaseRequestObject) (DecideCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Works.Decide(ctx, s.worker(c), r.Id, decisions(r.Body.Decisions)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return DecideCase200JSONResponse{out}, err
}

// ReadText gives a text of a finding to be marked in.
func (s *Server) ReadText(ctx context.Context, r ReadTextRequestObject) (ReadTextResponseObject, error) {
	t, err := s.d.Works.ReadText(ctx, s.worker(from(ctx)), r.Id, r.Params.Group, r.Params.Finding, r.Params.Field)
	if err != nil {
		return nil, err
	}
	out := ReadText200JSONResponse{Text: t.Text, Seen: t.Seen, Passages: []Passage{}, Proposed: []ProposedPassage{}, Changed: t.Changed,
		Standing: optional(t.Standing), Ground: optional(t.Ground), Reason: optional(t.Reason), Mark: t.Mark}
	for _, p := range t.Passages {
		out.Passages = append(out.Passages, Passage{From: p.From, To: p.To})
	}
	for _, p := range t.Proposed {
		out.Proposed = append(out.Proposed, ProposedPassage{From: p.From, To: p.To, Kind: p.Kind})
	}
	return out, nil
}

// RedactText takes passages out of a text.
func (s *Server) RedactText(ctx context.Context, r RedactTextRequestObject) (RedactTextResponseObject, error) {
	b := r.Body
	in := fulfilment.Redaction{Group: b.Group, Finding: b.Finding, Field: b.Field, Seen: b.Seen, Replaces: text(b.Replaces), Ground: b.Ground, Reason: b.Reason}
	for _, p := range b.Passages {
		in.Passages = append(in.Passages, fulfilment.Passage{From: p.From, To: p.To})
	}
	if err := s.d.Works.Redact(ctx, s.worker(from(ctx)), r.Id, in); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RedactText200JSONResponse{out}, err
}

// TakeBackRedaction ends a redaction.
func (s *Server) TakeBackRedaction(ctx context.Context, r TakeBackRedactionRequestObject) (TakeBackRedactionResponseObject, error) {
	if err := s.d.Works.TakeBack(ctx, s.worker(from(ctx)), r.Id, r.RedactionId); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return TakeBackRedaction200JSONResponse{out}, err
}

// PlanCase makes the plan anew; the member has looked it over.
func (s *Server) PlanCase(ctx context.Context, r PlanCaseRequestObject) (PlanCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Works.Plan(ctx, s.worker(c), r.Id); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return PlanCase200JSONResponse{out}, err
}

// ApproveCase approves exactly the plan that was seen.
func (s *Server) ApproveCase(ctx context.Context, r ApproveCaseRequestObject) (ApproveCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Works.Approve(ctx, s.worker(c), r.Id, r.Body.Digest, yes(r.Body.Confirmed)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return ApproveCase200JSONResponse{out}, err
}

// AnswerCase sends the answer.
func (s *Server) AnswerCase(ctx context.Context, r AnswerCaseRequestObject) (AnswerCaseResponseObject, error) {
	c := from(ctx)
	in := fulfilment.AnswerInput{Text: text(r.Body.Text), OnPaper: yes(r.Body.SentOnPaper), Orally: yes(r.Body.AnsweredOrally)}
	if o := r.Body.Outcome; o != nil && dsr.Outcome(*o) == dsr.NothingHeld {
		in.NothingFound = true
	} else if o != nil {
		in.Reviewed = dsr.Outcome(*o)
	}
	if err := s.d.Works.Answer(ctx, s.worker(c), r.Id, in); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return AnswerCase200JSONResponse{out}, err
}

// CorrectAnswer tells the person what was wrong in an answer.
func (s *Server) CorrectAnswer(ctx context.Context, r CorrectAnswerRequestObject) (CorrectAnswerResponseObject, error) {
	c, b := from(ctx), r.Body
	in := casework.AnswerCorrection{Wrong: b.Wrong, Right: b.Right, Reason: b.Reason, Again: yes(b.Again)}
	if _, err := s.d.Desk.CorrectAnswer(ctx, c.by(), r.Id, in, text(r.Params.IdempotencyKey)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return CorrectAnswer200JSONResponse{out}, err
}

// PreviewPart gives the letter of what is ready.
func (s *Server) PreviewPart(ctx context.Context, r PreviewPartRequestObject) (PreviewPartResponseObject, error) {
	a, err := s.d.Works.PreviewPart(ctx, s.worker(from(ctx)), r.Id)
	if err != nil {
		return nil, err
	}
	return PreviewPart200JSONResponse(letterView(a.Letter())), nil
}

// SendPart sends what is ready of the answer.
func (s *Server) SendPart(ctx context.Context, r SendPartRequestObject) (SendPartResponseObject, error) {
	c, b := from(ctx), r.Body
	in := fulfilment.PartInput{Digest: b.Digest, Reason: b.Reason, Text: text(b.Text), Confirmed: yes(b.Confirmed)}
	if err := s.d.Works.SendPart(ctx, s.worker(c), r.Id, in); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return SendPart200JSONResponse{out}, err
}

// RefuseCase refuses with ground and reasons.
func (s *Server) RefuseCase(ctx context.Context, r RefuseCaseRequestObject) (RefuseCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.Refuse(ctx, c.by(), r.Id, r.Body.Ground, r.Body.Reason); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RefuseCase200JSONResponse{out}, err
}

// ExtendCase extends the time limit.
func (s *Server) ExtendCase(ctx context.Context, r ExtendCaseRequestObject) (ExtendCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.Extend(ctx, c.by(), r.Id, r.Body.Months, r.Body.Grounds, r.Body.Reason); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return ExtendCase200JSONResponse{out}, err
}

// WarnOfFee tells the person of a fee before there is any work.
func (s *Server) WarnOfFee(ctx context.Context, r WarnOfFeeRequestObject) (WarnOfFeeResponseObject, error) {
	c, b := from(ctx), r.Body
	if err := s.d.Desk.WarnOfFee(ctx, c.by(), r.Id, b.Ground, b.Reason, b.Kroner, b.Covers); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return WarnOfFee200JSONResponse{out}, err
}

// PauseCase asks the person something.
func (s *Server) PauseCase(ctx context.Context, r PauseCaseRequestObject) (PauseCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.Question(ctx, c.by(), r.Id, string(r.Body.Kind), r.Body.Text, r.Body.Reason, yes(r.Body.LargeVolume)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return PauseCase200JSONResponse{out}, err
}

// RecordReply records what the person answered another way.
func (s *Server) RecordReply(ctx context.Context, r RecordReplyRequestObject) (RecordReplyResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.Reply(ctx, c.by(), r.Id, r.Body.Text, r.Body.ReceivedAt, yes(r.Body.AnswersQuestion)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RecordReply200JSONResponse{out}, err
}

// CorrectReceipt corrects the time of receipt.
func (s *Server) CorrectReceipt(ctx context.Context, r CorrectReceiptRequestObject) (CorrectReceiptResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.CorrectReceipt(ctx, c.by(), r.Id, r.Body.ReceivedAt, r.Body.Reason); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return CorrectReceipt200JSONResponse{out}, err
}

// MessagePerson writes to the person, or keeps a note.
func (s *Server) MessagePerson(ctx context.Context, r MessagePersonRequestObject) (MessagePersonResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.Message(ctx, c.by(), r.Id, r.Body.Text, yes(r.Body.Internal), text(r.Params.IdempotencyKey)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return MessagePerson200JSONResponse{out}, err
}

// RestrictCase restricts what is in dispute, notes what was marked by hand, or begins to lift.
func (s *Server) RestrictCase(ctx context.Context, r RestrictCaseRequestObject) (RestrictCaseResponseObject, error) {
	by, b := s.worker(from(ctx)), r.Body
	var err error
	switch b.Act {
	case RestrictionActActRestrict:
		err = s.d.Works.RestrictMeanwhile(ctx, by, r.Id)
	case RestrictionActActMarked:
		err = s.d.Works.MarkedByHand(ctx, by, r.Id, text(b.Source))
	case RestrictionActActKeep:
		err = s.d.Works.KeepRestricted(ctx, by, r.Id)
	default:
		err = s.d.Works.BeginLifting(ctx, by, r.Id, text(b.Reason), yes(b.OnPaper))
	}
	if err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RestrictCase200JSONResponse{out}, err
}

// AssignCase gives the case to a member.
func (s *Server) AssignCase(ctx context.Context, r AssignCaseRequestObject) (AssignCaseResponseObject, error) {
	member, err := s.takes(ctx, r.Body.Member)
	if err != nil {
		return nil, err
	}
	if err := s.d.Desk.Assign(ctx, from(ctx).by(), r.Id, member); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return AssignCase200JSONResponse{out}, err
}

// AssignCases gives several cases to a member.
func (s *Server) AssignCases(ctx context.Context, r AssignCasesRequestObject) (AssignCasesResponseObject, error) {
	member, err := s.takes(ctx, r.Body.Member)
	if err != nil {
		return nil, err
	}
	done, err := s.d.Desk.AssignAll(ctx, from(ctx).by(), r.Body.Cases, member)
	return AssignCases200JSONResponse{Given: done.Given, Already: done.Already, Closed: done.Closed}, err
}

// UnmaskRow gives what is masked of a row that was found.
func (s *Server) UnmaskRow(ctx context.Context, r UnmaskRowRequestObject) (UnmaskRowResponseObject, error) {
	c := from(ctx)
	in := fulfilment.Unmasking{Group: r.Body.Group, Finding: r.Body.Finding, Reason: string(r.Body.Reason), Note: text(r.Body.Note)}
	fields, err := s.d.Works.Unmask(ctx, s.worker(c), r.Id, in, c.locale)
	if err != nil {
		return nil, err
	}
	out := UnmaskRow200JSONResponse{Fields: []UnmaskedField{}}
	for _, f := range fields {
		out.Fields = append(out.Fields, UnmaskedField{Name: f.Name, Value: f.Value})
	}
	return out, nil
}

// ResumeCase takes up a case that stopped.
func (s *Server) ResumeCase(ctx context.Context, r ResumeCaseRequestObject) (ResumeCaseResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.Resume(ctx, c.by(), r.Id); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return ResumeCase200JSONResponse{out}, err
}

// RecordWithdrawal records that the person took the request back.
func (s *Server) RecordWithdrawal(ctx context.Context, r RecordWithdrawalRequestObject) (RecordWithdrawalResponseObject, error) {
	c := from(ctx)
	if err := s.d.Desk.RecordWithdrawal(ctx, c.by(), r.Id, r.Body.How); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return RecordWithdrawal200JSONResponse{out}, err
}

// FinishTask says what was found in a place.
func (s *Server) FinishTask(ctx context.Context, r FinishTaskRequestObject) (FinishTaskResponseObject, error) {
	c := from(ctx)
	if err := s.d.Works.FinishTask(ctx, s.worker(c), r.Id, r.TaskId, string(r.Body.Outcome), text(r.Body.Note)); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return FinishTask200JSONResponse{out}, err
}

// TaskLink writes to a place's colleague again, or ends the link that is out.
func (s *Server) TaskLink(ctx context.Context, r TaskLinkRequestObject) (TaskLinkResponseObject, error) {
	act := s.d.Works.SendTaskLink
	if r.Body.Act == Revoke {
		act = s.d.Works.RevokeTaskLink
	}
	if err := act(ctx, s.worker(from(ctx)), r.Id, r.TaskId); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return TaskLink200JSONResponse{out}, err
}

package api

import (
	"context"

	"mininfo/internal/access"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

func started(s access.Started) VerificationStarted {
	return VerificationStarted{Id: s.ID, CodeLength: s.CodeLength, ExpiresInMinutes: s.ExpiresInMinutes, ResendAfterSeconds: s.ResendAfterSeconds}
}

// StartVerification asks for a mail that proves an address.
func (s *Server) StartVerification(ctx context.Context, r StartVerificationRequestObject) (StartVerificationResponseObject, error) {
	c := from(ctx)
	right := dsr.Right("")
	if r.Body.Right != nil {
		right = dsr.Right(*r.Body.Right)
	}
	v, err := s.d.Gate.StartVerification(ctx, r.Body.Email, locale.Locale(r.Body.Locale), right, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.flow, v.FlowSecret)
	return StartVerification202JSONResponse(started(v)), nil
}

// ResendVerification asks for another mail.
func (s *Server) ResendVerification(ctx context.Context, r ResendVerificationRequestObject) (ResendVerificationResponseObject, error) {
	c := from(ctx)
	v, err := s.d.Gate.ResendVerification(ctx, r.Id, read(c.echo, s.cookies.flow), c.from)
	if err != nil {
		return nil, err
	}
	return ResendVerification202JSONResponse(started(v)), nil
}

// RedeemVerification proves the address and opens a session.
func (s *Server) RedeemVerification(ctx context.Context, r RedeemVerificationRequestObject) (RedeemVerificationResponseObject, error) {
	c := from(ctx)
	session, secret, err := s.d.Gate.RedeemVerification(ctx, r.Id, read(c.echo, s.cookies.flow), text(r.Body.Token), text(r.Body.Code), c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.flow, "")
	s.cookies.set(c.echo, s.cookies.person, secret)
	return RedeemVerification200JSONResponse(me(*session)), nil
}

// DisownVerification voids a verification that the mailbox's holder did not ask for.
func (s *Server) DisownVerification(ctx context.Context, r DisownVerificationRequestObject) (DisownVerificationResponseObject, error) {
	if err := s.d.Gate.DisownVerification(ctx, r.Id, r.Body.Token, r.Body.Word, from(ctx).from); err != nil {
		return nil, err
	}
	return DisownVerification204Response{}, nil
}

// ConfirmContact redeems a code that was mailed to a contact on file. It tells nothing of the case
// but that it is confirmed: the reader of that mailbox may be anybody.
func (s *Server) ConfirmContact(ctx context.Context, r ConfirmContactRequestObject) (ConfirmContactResponseObject, error) {
	if err := s.d.Gate.ConfirmContact(ctx, r.Id, r.Body.Code, from(ctx).from, s.d.Desk.ContactProved); err != nil {
		return nil, err
	}
	return ConfirmContact204Response{}, nil
}

func me(p access.PersonSession) Me {
	m := Me{Email: p.Address.Reveal(), Locale: Locale(p.Locale), IdleMinutes: int(access.PersonIdle.Minutes()), ExpiresAt: p.ExpiresAt}
	if p.Right != "" {
		right := Right(p.Right)
		m.Right = &right
	}
	return m
}

// GetMe tells whose session this is.
func (s *Server) GetMe(ctx context.Context, _ GetMeRequestObject) (GetMeResponseObject, error) {
	c := from(ctx)
	due, err := s.d.Desk.AddressChanging(ctx, c.person.AddressIndex)
	if err != nil {
		return nil, err
	}
	out := me(*c.person)
	out.AddressChangesAt = due
	return GetMe200JSONResponse(out), nil
}

// SignOut ends the person's session.
func (s *Server) SignOut(ctx context.Context, _ SignOutRequestObject) (SignOutResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.SignOutPerson(ctx, c.person); err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.person, "")
	c.echo.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return SignOut204Response{}, nil
}

// The operations that a fresh code opens.
const (
	opDownload = "download"
	opFields   = "fields"
)

func stepUpStarted(s access.StepUpStarted) StepUpStarted {
	return StepUpStarted{CodeLength: s.CodeLength, ExpiresInMinutes: s.ExpiresInMinutes, ResendAfterSeconds: s.ResendAfterSeconds}
}

// StartFieldsStepUp asks for a code before one's own fields are shown.
func (s *Server) StartFieldsStepUp(ctx context.Context, _ StartFieldsStepUpRequestObject) (StartFieldsStepUpResponseObject, error) {
	c := from(ctx)
	v, err := s.d.Gate.StartStepUp(ctx, c.person, opFields, "", c.from)
	if err != nil {
		return nil, err
	}
	return StartFieldsStepUp202JSONResponse(stepUpStarted(v)), nil
}

// RedeemFieldsStepUp proves the address once more.
func (s *Server) RedeemFieldsStepUp(ctx context.Context, r RedeemFieldsStepUpRequestObject) (RedeemFieldsStepUpResponseObject, error) {
	c := from(ctx)
	until, err := s.d.Gate.RedeemStepUp(ctx, c.person, "", r.Body.Code, c.from)
	if err != nil {
		return nil, err
	}
	return RedeemFieldsStepUp200JSONResponse{ValidUntil: until}, nil
}

// GetMyFields shows the person's own contact fields as they are held.
func (s *Server) GetMyFields(ctx context.Context, _ GetMyFieldsRequestObject) (GetMyFieldsResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.LookAtFields(ctx, c.person, c.from); err != nil {
		return nil, err
	}
	found, err := s.d.Works.MyFields(ctx, c.person.Address, c.locale)
	if err != nil {
		return nil, err
	}
	out := MyFields{State: MyFieldsState(found.State), Fields: []MyField{}}
	for _, f := range found.Fields {
		out.Fields = append(out.Fields, MyField{Ref: f.Ref, Purpose: f.Purpose, System: optional(f.System), Label: f.Label, Value: f.Value})
	}
	return GetMyFields200JSONResponse(out), nil
}

// StartStepUp asks for a code for one operation on one request.
func (s *Server) StartStepUp(ctx context.Context, r StartStepUpRequestObject) (StartStepUpResponseObject, error) {
	c := from(ctx)
	operation := opDownload
	if r.Body != nil && r.Body.Operation != nil {
		operation = string(*r.Body.Operation)
	}
	if _, err := s.d.Desk.Own(ctx, c.person.AddressIndex, r.Id, c.locale); err != nil {
		return nil, err
	}
	v, err := s.d.Gate.StartStepUp(ctx, c.person, operation, r.Id, c.from)
	if err != nil {
		return nil, err
	}
	return StartStepUp202JSONResponse(stepUpStarted(v)), nil
}

// RedeemStepUp proves the address for that operation.
func (s *Server) RedeemStepUp(ctx context.Context, r RedeemStepUpRequestObject) (RedeemStepUpResponseObject, error) {
	c := from(ctx)
	until, err := s.d.Gate.RedeemStepUp(ctx, c.person, r.Id, r.Body.Code, c.from)
	if err != nil {
		return nil, err
	}
	return RedeemStepUp200JSONResponse{ValidUntil: until}, nil
}

func text[S ~string](s *S) string {
	if s == nil {
		return ""
	}
	return string(*s)
}

func texts[S ~string](all []S) []string {
	var out []string
	for _, s := range all {
		out = append(out, string(s))
	}
	return out
}

// optional leaves out what says nothing.
func optional[T comparable](v T) *T {
	var nothing T
	if v == nothing {
		return nil
	}
	return &v
}

func list[T any](p *[]T) []T {
	if p == nil {
		return nil
	}
	return *p
}

func count(n int64) *int {
	if n == 0 {
		return nil
	}
	i := int(n)
	return &i
}

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// IssueToken gives an API client a token (RFC 6749 §4.4). Its errors have that RFC's form.
func (s *Server) IssueToken(ctx context.Context, r IssueTokenRequestObject) (IssueTokenResponseObject, error) {
	c := from(ctx)
	// §5.2: a parameter that is missing or stands twice makes the request invalid.
	for _, values := range c.echo.Request().PostForm {
		if len(values) > 1 {
			return nil, errMalformed
		}
	}
	if r.Body == nil || r.Body.GrantType == "" {
		return nil, errMalformed
	}
	if r.Body.GrantType != ClientCredentials {
		return IssueToken400JSONResponse{Error: "unsupported_grant_type"}, nil
	}
	id, secret, basic := c.echo.Request().BasicAuth()
	if !basic {
		id, secret = text(r.Body.ClientId), text(r.Body.ClientSecret)
	}
	token, err := s.d.Gate.IssueToken(ctx, id, secret, text(r.Body.Scope), c.from)
	if f := fault.From(err); f != nil && f.Kind != fault.TooMany {
		return tokenError(c, f, basic), nil
	}
	if err != nil {
		return nil, err
	}
	c.echo.Response().Header().Set("Pragma", "no-cache")
	return IssueToken200JSONResponse{AccessToken: token.AccessToken, TokenType: TokenTokenType(token.TokenType), ExpiresIn: token.ExpiresIn, Scope: token.Scope}, nil
}

func tokenError(c *caller, f *fault.Error, basic bool) IssueTokenResponseObject {
	if statuses[f.Kind] != http.StatusUnauthorized {
		return IssueToken400JSONResponse(tokenRefused(f.Code, f))
	}
	if basic {
		c.echo.Response().Header().Set("WWW-Authenticate", "Basic")
	}
	return IssueToken401JSONResponse(tokenRefused(f.Code, f))
}

func tokenRefused(code string, f *fault.Error) TokenError {
	said := f.Text.In(locale.EN)
	return TokenError{Error: code, ErrorDescription: &said}
}

func intakeState(r *store.Request) IntakeState {
	return IntakeState{
		Id: r.PublicID, Reference: string(r.Reference), Right: Right(r.Right), State: State(r.P.State), Outcome: outcome(r.P.Outcome),
		ReceivedAt: r.ReceivedAt, DueOn: date(dueOn(r)),
	}
}

// IntakeRequest registers a request that reached the organisation through another system. That
// system vouches for nothing: the office establishes who the person is.
func (s *Server) IntakeRequest(ctx context.Context, r IntakeRequestRequestObject) (IntakeRequestResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.Limit(ctx, access.LimitIntake, fmt.Appendf(nil, "client %d", c.client.ID), c.from); err != nil {
		return nil, err
	}
	body, err := json.Marshal(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading an intake: %w", err)
	}
	l := locale.NB
	if r.Body.Locale != nil {
		l = locale.Locale(*r.Body.Locale)
	}
	cases, err := s.d.Desk.Register(ctx, casework.By{}, casework.Registration{
		Rights: []string{string(r.Body.Right)}, Channel: "api", ReceivedAt: r.Body.ReceivedAt, Locale: l, Name: text(r.Body.Name),
		Email: r.Body.Email, Text: text(r.Body.Text), ClientID: &c.client.ID, Key: text(r.Params.IdempotencyKey), Body: body,
		Marketing: yes(r.Body.Advertising), Recipient: text(r.Body.Recipient), Ground: text(r.Body.Ground), Activities: list(r.Body.Activities),
	})
	if err != nil {
		return nil, err
	}
	return IntakeRequest201JSONResponse(intakeState(cases[0])), nil
}

// IntakeState tells how far such a request has come.
func (s *Server) IntakeState(ctx context.Context, r IntakeStateRequestObject) (IntakeStateResponseObject, error) {
	found, err := s.d.Desk.State(ctx, from(ctx).client.ID, r.Id)
	if err != nil {
		return nil, err
	}
	return IntakeState200JSONResponse(intakeState(found)), nil
}

// CheckRestrictions tells what stands in the way of using addresses.
func (s *Server) CheckRestrictions(ctx context.Context, r CheckRestrictionsRequestObject) (CheckRestrictionsResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.Limit(ctx, access.LimitConsult, fmt.Appendf(nil, "client %d", c.client.ID), c.from); err != nil {
		return nil, err
	}
	found, err := s.d.Desk.Consult(ctx, r.Body.Addresses, text(r.Body.Activity))
	if err != nil {
		return nil, err
	}
	out := CheckRestrictions200JSONResponse{Addresses: make([]AddressChecked, len(found))}
	for i, of := range found {
		out.Addresses[i].Activities = make([]ActivityChecked, len(of))
		for j, a := range of {
			out.Addresses[i].Activities[j] = ActivityChecked{Activity: a.Activity, Suppressed: a.Suppressed, Restricted: a.Restricted, Since: a.Since}
		}
	}
	return out, nil
}

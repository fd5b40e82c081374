package api

import (
	"context"

	"mininfo/internal/access"
)

func returned(r OIDCReturn) access.Returned {
	out := access.Returned{Code: r.Code, State: r.State}
	if r.Iss != nil {
		out.Issuer = *r.Iss
	}
	return out
}

// StartOIDCSignIn gives the address of the organisation's sign-in.
func (s *Server) StartOIDCSignIn(ctx context.Context, _ StartOIDCSignInRequestObject) (StartOIDCSignInResponseObject, error) {
	c := from(ctx)
	begun, err := s.d.Gate.StartOIDCSignIn(ctx, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.begun, begun.Flow)
	return StartOIDCSignIn200JSONResponse{Url: begun.URL}, nil
}

// OidcSignIn signs in whom the organisation's sign-in knows.
func (s *Server) OidcSignIn(ctx context.Context, r OidcSignInRequestObject) (OidcSignInResponseObject, error) {
	c := from(ctx)
	session, secret, err := s.d.Gate.OIDCSignIn(ctx, read(c.echo, s.cookies.begun), returned(*r.Body), c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.begun, "")
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return OidcSignIn200JSONResponse(out), err
}

// StartOIDCStepUp gives the address of the organisation's sign-in, which asks anew.
func (s *Server) StartOIDCStepUp(ctx context.Context, _ StartOIDCStepUpRequestObject) (StartOIDCStepUpResponseObject, error) {
	begun, err := s.d.Gate.StartOIDCStepUp(ctx, from(ctx).staff)
	if err != nil {
		return nil, err
	}
	return StartOIDCStepUp200JSONResponse{Url: begun.URL}, nil
}

// OidcStepUp proves once more who sits there; the session gets a new secret.
func (s *Server) OidcStepUp(ctx context.Context, r OidcStepUpRequestObject) (OidcStepUpResponseObject, error) {
	c := from(ctx)
	session, secret, err := s.d.Gate.OIDCStepUp(ctx, c.staff, returned(*r.Body), c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return OidcStepUp200JSONResponse(out), err
}

// StartOIDCLink gives the address of the organisation's sign-in, to connect the member with.
func (s *Server) StartOIDCLink(ctx context.Context, _ StartOIDCLinkRequestObject) (StartOIDCLinkResponseObject, error) {
	begun, err := s.d.Gate.StartOIDCLink(ctx, from(ctx).staff)
	if err != nil {
		return nil, err
	}
	return StartOIDCLink200JSONResponse{Url: begun.URL}, nil
}

// OidcLink connects the member with the organisation's sign-in.
func (s *Server) OidcLink(ctx context.Context, r OidcLinkRequestObject) (OidcLinkResponseObject, error) {
	if err := s.d.Gate.OIDCLink(ctx, from(ctx).staff, returned(*r.Body)); err != nil {
		return nil, err
	}
	return OidcLink204Response{}, nil
}

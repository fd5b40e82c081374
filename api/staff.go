package api

import (
	"context"

	"mininfo/internal/access"
	"mininfo/internal/governance"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

func memberOf(m store.Member) Member {
	out := Member{Id: m.PublicID, Name: m.Name.Reveal(), Email: m.Email.Reveal(), Roles: []MemberRoles{}, Active: !m.Disabled}
	for _, role := range m.Roles {
		out.Roles = append(out.Roles, MemberRoles(role))
	}
	return out
}

func (s *Server) staffSession(ctx context.Context, session *access.StaffSession) (StaffSession, error) {
	settings, err := s.d.Office.Settings(ctx, governance.System())
	if err != nil {
		return StaffSession{}, err
	}
	approvers, err := s.d.Office.Approvers(ctx)
	if err != nil {
		return StaffSession{}, err
	}
	demo := s.d.Demo != nil
	out := StaffSession{
		Member: memberOf(session.Member), Permissions: []string{}, ExpiresAt: session.ExpiresAt, SteppedUpUntil: session.SteppedUpUntil,
		Demo: &demo, SetUpDone: settings.SetUp, Approvers: &approvers,
	}
	proofs, err := s.proofs(ctx, session)
	if err != nil {
		return StaffSession{}, err
	}
	out.Proofs = &proofs
	facts := staff.Facts{Assigned: true, Proposal: true, FactorFresh: true, MembersInOffice: 1, ApproversInOffice: 1}
	for _, p := range staff.Permissions() {
		if staff.May(session.Policy(), p, facts) == nil {
			out.Permissions = append(out.Permissions, string(p))
		}
	}
	return out, nil
}

// GetStaffSession tells who is signed in.
func (s *Server) GetStaffSession(ctx context.Context, _ GetStaffSessionRequestObject) (GetStaffSessionResponseObject, error) {
	out, err := s.staffSession(ctx, from(ctx).staff)
	return GetStaffSession200JSONResponse(out), err
}

// StaffSignIn signs a member in.
func (s *Server) StaffSignIn(ctx context.Context, r StaffSignInRequestObject) (StaffSignInResponseObject, error) {
	c := from(ctx)
	session, secret, err := s.d.Gate.StaffSignIn(ctx, r.Body.Email, r.Body.Password, r.Body.Code, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return StaffSignIn200JSONResponse(out), err
}

// StaffSignOut signs a member out.
func (s *Server) StaffSignOut(ctx context.Context, _ StaffSignOutRequestObject) (StaffSignOutResponseObject, error) {
	c := from(ctx)
	if err := s.d.Gate.SignOutStaff(ctx, c.staff); err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.staff, "")
	c.echo.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return StaffSignOut204Response{}, nil
}

// StaffStepUp proves the second factor again; the session gets a new secret.
func (s *Server) StaffStepUp(ctx context.Context, r StaffStepUpRequestObject) (StaffStepUpResponseObject, error) {
	c := from(ctx)
	session, secret, err := s.d.Gate.StepUpStaff(ctx, c.staff, r.Body.Code, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return StaffStepUp200JSONResponse(out), err
}

// ListMembers gives the members: whole to those who manage them, by name to those who assign.
func (s *Server) ListMembers(ctx context.Context, _ ListMembersRequestObject) (ListMembersResponseObject, error) {
	c := from(ctx)
	if s.allowed(c, staff.ReadMembers) != nil && s.allowed(c, staff.Assign) != nil {
		return nil, staff.ErrForbidden
	}
	members, err := s.d.Gate.Members(ctx)
	if err != nil {
		return nil, err
	}
	out := ListMembers200JSONResponse{Members: []Member{}}
	for _, m := range members {
		out.Members = append(out.Members, memberOf(m))
	}
	return out, nil
}

// ListClients gives the API clients.
func (s *Server) ListClients(ctx context.Context, _ ListClientsRequestObject) (ListClientsResponseObject, error) {
	clients, err := s.d.Gate.Clients(ctx)
	if err != nil {
		return nil, err
	}
	out := ListClients200JSONResponse{Clients: []Client{}}
	for _, c := range clients {
		at := c.CreatedAt
		out.Clients = append(out.Clients, Client{Id: c.PublicID, Name: c.Name, Scopes: some(c.Scopes), Active: c.RevokedAt == nil, CreatedAt: &at})
	}
	return out, nil
}

// AddClient makes an API client; its secret is shown this once.
func (s *Server) AddClient(ctx context.Context, r AddClientRequestObject) (AddClientResponseObject, error) {
	made, secret, err := s.d.Gate.AddClient(ctx, r.Body.Name, texts(list(r.Body.Scopes)), from(ctx).staff.Member.PublicID)
	if err != nil {
		return nil, err
	}
	return AddClient201JSONResponse{ClientId: made.PublicID, ClientSecret: secret}, nil
}

// RotateClient gives an API client a new secret, shown this once; the one before is good for a day more.
func (s *Server) RotateClient(ctx context.Context, r RotateClientRequestObject) (RotateClientResponseObject, error) {
	secret, until, err := s.d.Gate.RotateClient(ctx, r.Id, from(ctx).staff.Member.PublicID)
	if err != nil {
		return nil, err
	}
	return RotateClient200JSONResponse{ClientId: r.Id, ClientSecret: secret, EarlierUntil: &until}, nil
}

// RevokeClient ends an API client; its tokens stop at once.
func (s *Server) RevokeClient(ctx context.Context, r RevokeClientRequestObject) (RevokeClientResponseObject, error) {
	if err := s.d.Gate.RevokeClient(ctx, r.Id, from(ctx).staff.Member.PublicID); err != nil {
		return nil, err
	}
	return RevokeClient204Response{}, nil
}

// GetDemo tells whom one may play.
func (s *Server) GetDemo(ctx context.Context, _ GetDemoRequestObject) (GetDemoResponseObject, error) {
	members, err := s.d.Gate.Members(ctx)
	if err != nil {
		return nil, err
	}
	out := GetDemo200JSONResponse{Members: []Member{}, People: []DemoPersonRow{}}
	for _, m := range members {
		out.Members = append(out.Members, memberOf(m))
	}
	for _, p := range s.d.Demo.People(from(ctx).locale) {
		out.People = append(out.People, DemoPersonRow(p))
	}
	return out, nil
}

// DemoSignIn signs in as a member of the demo company.
func (s *Server) DemoSignIn(ctx context.Context, r DemoSignInRequestObject) (DemoSignInResponseObject, error) {
	c := from(ctx)
	session, secret, err := s.d.Gate.DemoSignIn(ctx, r.Body.Member, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return DemoSignIn200JSONResponse(out), err
}

// ListDemoMail gives the letters that the demo would have sent.
func (s *Server) ListDemoMail(ctx context.Context, _ ListDemoMailRequestObject) (ListDemoMailResponseObject, error) {
	letters, err := s.d.Demo.Mails(ctx)
	if err != nil {
		return nil, err
	}
	out := ListDemoMail200JSONResponse{Mails: []DemoMail{}}
	for _, m := range letters {
		out.Mails = append(out.Mails, DemoMail{Id: m.ID, To: m.To, Subject: m.Subject, Text: m.Text, At: m.At})
	}
	return out, nil
}

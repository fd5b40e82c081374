package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"mininfo/internal/access"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// invitationOf shows an invitation to a member.
func (s *Server) invitationOf(c *caller, i store.Invitation) (Invitation, error) {
	out := Invitation{Id: i.PublicID, Recovery: i.MemberID != 0, Name: i.Who.Name.Reveal(), Email: i.Who.Email.Reveal(), Roles: []InvitationRoles{}, State: InvitationStateSent,
		Own: i.ProposedBy == c.staff.Member.ID, CreatedAt: i.CreatedAt, OpensAt: i.OpensAt}
	for _, role := range i.Roles {
		out.Roles = append(out.Roles, InvitationRoles(role))
	}
	switch {
	case !i.Confirmed():
		out.State = InvitationStateToConfirm
	case i.SentAt != nil:
		out.ExpiresAt = &i.ExpiresAt
	case i.OpensAt != nil:
		out.State = InvitationStateWaiting
	default:
		out.State = InvitationStateSending
	}
	if out.State == InvitationStateToConfirm {
		may, err := s.d.Gate.MayConfirmInvitation(c.echo.Request().Context(), c.staff, i)
		out.MayConfirm = &may
		return out, err
	}
	return out, nil
}

// ListInvitations gives the invitations that wait.
func (s *Server) ListInvitations(ctx context.Context, _ ListInvitationsRequestObject) (ListInvitationsResponseObject, error) {
	list, err := s.d.Gate.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	out := ListInvitations200JSONResponse{Invitations: []Invitation{}}
	for _, i := range list {
		shown, err := s.invitationOf(from(ctx), i)
		if err != nil {
			return nil, err
		}
		out.Invitations = append(out.Invitations, shown)
	}
	return out, nil
}

// Invite invites somebody to be a member.
func (s *Server) Invite(ctx context.Context, r InviteRequestObject) (InviteResponseObject, error) {
	var roles []staff.Role
	for _, role := range r.Body.Roles {
		roles = append(roles, staff.Role(role))
	}
	i, err := s.d.Gate.Invite(ctx, from(ctx).staff, r.Body.Name, r.Body.Email, locale.Locale(r.Body.Locale), roles)
	if err != nil {
		return nil, err
	}
	out, err := s.invitationOf(from(ctx), *i)
	return Invite201JSONResponse(out), err
}

// RecoverMember lets a member set anew what they sign in with.
func (s *Server) RecoverMember(ctx context.Context, r RecoverMemberRequestObject) (RecoverMemberResponseObject, error) {
	i, err := s.d.Gate.Recover(ctx, from(ctx).staff, r.Id)
	if err != nil {
		return nil, err
	}
	out, err := s.invitationOf(from(ctx), *i)
	return RecoverMember201JSONResponse(out), err
}

// ConfirmInvitation confirms what another member proposed.
func (s *Server) ConfirmInvitation(ctx context.Context, r ConfirmInvitationRequestObject) (ConfirmInvitationResponseObject, error) {
	return ConfirmInvitation204Response{}, s.d.Gate.ConfirmInvitation(ctx, from(ctx).staff, r.Id)
}

// ResendInvitation mails another link.
func (s *Server) ResendInvitation(ctx context.Context, r ResendInvitationRequestObject) (ResendInvitationResponseObject, error) {
	return ResendInvitation204Response{}, s.d.Gate.ResendInvitation(ctx, from(ctx).staff, r.Id)
}

// RevokeInvitation takes an invitation back.
func (s *Server) RevokeInvitation(ctx context.Context, r RevokeInvitationRequestObject) (RevokeInvitationResponseObject, error) {
	return RevokeInvitation204Response{}, s.d.Gate.RevokeInvitation(ctx, from(ctx).staff, r.Id)
}

// OpenInvitation tells who is invited.
func (s *Server) OpenInvitation(ctx context.Context, _ OpenInvitationRequestObject) (OpenInvitationResponseObject, error) {
	i, org, err := s.d.Gate.Invited(ctx, from(ctx).link)
	if err != nil {
		return nil, err
	}
	out := OpenInvitation200JSONResponse{Organisation: org, Name: i.Who.Name.Reveal(), Email: i.Who.Email.Reveal(), Roles: []InvitedRoles{}, Recovery: i.MemberID != 0, Passkeys: s.d.Gate.Passkeys()}
	for _, role := range slices.Sorted(slices.Values(i.Roles)) {
		out.Roles = append(out.Roles, InvitedRoles(role))
	}
	return out, nil
}

// StartJoining begins a passkey, or a password with one-time codes.
func (s *Server) StartJoining(ctx context.Context, r StartJoiningRequestObject) (StartJoiningResponseObject, error) {
	c := from(ctx)
	begun, err := s.d.Gate.StartJoin(ctx, c.link, string(r.Body.Way), c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.begun, begun.Flow)
	out := StartJoining200JSONResponse{Id: begun.ID, TotpSecret: optional(begun.TOTPSecret), TotpUrl: optional(begun.TOTPURL)}
	if begun.Options != nil {
		out.Options = &map[string]any{}
		if err := json.Unmarshal(begun.Options, out.Options); err != nil {
			return nil, fmt.Errorf("reading a challenge: %w", err)
		}
	}
	return out, nil
}

// AcceptInvitation keeps what somebody chose to sign in with, and signs them in.
func (s *Server) AcceptInvitation(ctx context.Context, r AcceptInvitationRequestObject) (AcceptInvitationResponseObject, error) {
	c := from(ctx)
	in := access.Join{ID: r.Body.Id, Name: text(r.Body.Name), Password: text(r.Body.Password), Code: text(r.Body.Code)}
	if r.Body.Credential != nil {
		credential, err := credentialOf(*r.Body.Credential)
		if err != nil {
			return nil, err
		}
		in.Passkey = credential
	}
	credential, _ := bearer(c.echo.Request())
	session, secret, err := s.d.Gate.AcceptInvitation(ctx, credential, read(c.echo, s.cookies.begun), in, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.begun, "")
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return AcceptInvitation200JSONResponse(out), err
}

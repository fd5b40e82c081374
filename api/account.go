package api

import (
	"context"
	"encoding/json"
	"fmt"

	"mininfo/internal/access"
	"mininfo/internal/store"
)

// GetSignIn tells how members can sign in here.
func (s *Server) GetSignIn(_ context.Context, _ GetSignInRequestObject) (GetSignInResponseObject, error) {
	return GetSignIn200JSONResponse{Passkeys: s.d.Gate.Passkeys(), Oidc: s.d.Gate.OIDC != nil}, nil
}

func challengeOf(b access.Begun) (PasskeyChallenge, error) {
	out := PasskeyChallenge{Id: b.ID}
	if err := json.Unmarshal(b.Options, &out.Options); err != nil {
		return out, fmt.Errorf("reading a challenge: %w", err)
	}
	return out, nil
}

// credentialOf gives the browser's credential as it came.
func credentialOf(c PasskeyCredential) ([]byte, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("reading a credential: %w", err)
	}
	return data, nil
}

// StartPasskeySignIn gives a challenge to sign in with.
func (s *Server) StartPasskeySignIn(ctx context.Context, _ StartPasskeySignInRequestObject) (StartPasskeySignInResponseObject, error) {
	c := from(ctx)
	begun, err := s.d.Gate.StartPasskeySignIn(ctx, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.begun, begun.Flow)
	out, err := challengeOf(begun)
	return StartPasskeySignIn200JSONResponse(out), err
}

// PasskeySignIn signs a member in.
func (s *Server) PasskeySignIn(ctx context.Context, r PasskeySignInRequestObject) (PasskeySignInResponseObject, error) {
	c := from(ctx)
	credential, err := credentialOf(r.Body.Credential)
	if err != nil {
		return nil, err
	}
	session, secret, err := s.d.Gate.PasskeySignIn(ctx, r.Body.Id, read(c.echo, s.cookies.begun), credential, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.begun, "")
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return PasskeySignIn200JSONResponse(out), err
}

// StartPasskeyStepUp gives a challenge to prove the second factor again with.
func (s *Server) StartPasskeyStepUp(ctx context.Context, _ StartPasskeyStepUpRequestObject) (StartPasskeyStepUpResponseObject, error) {
	begun, err := s.d.Gate.StartPasskeyStepUp(ctx, from(ctx).staff)
	if err != nil {
		return nil, err
	}
	out, err := challengeOf(begun)
	return StartPasskeyStepUp200JSONResponse(out), err
}

// PasskeyStepUp proves the second factor again; the session gets a new secret.
func (s *Server) PasskeyStepUp(ctx context.Context, r PasskeyStepUpRequestObject) (PasskeyStepUpResponseObject, error) {
	c := from(ctx)
	credential, err := credentialOf(r.Body.Credential)
	if err != nil {
		return nil, err
	}
	session, secret, err := s.d.Gate.PasskeyStepUp(ctx, c.staff, r.Body.Id, credential, c.from)
	if err != nil {
		return nil, err
	}
	s.cookies.set(c.echo, s.cookies.staff, secret)
	out, err := s.staffSession(ctx, session)
	return PasskeyStepUp200JSONResponse(out), err
}

// proofs tells with what a member can prove the second factor again, the best first.
func (s *Server) proofs(ctx context.Context, session *access.StaffSession) ([]StaffSessionProofs, error) {
	ways, err := s.d.Gate.Ways(ctx, &session.Member)
	if err != nil {
		return nil, err
	}
	out := []StaffSessionProofs{}
	if len(ways.Passkeys) > 0 && s.d.Gate.Passkeys() {
		out = append(out, StaffSessionProofsPasskey)
	}
	if ways.Password {
		out = append(out, StaffSessionProofsPassword)
	}
	if ways.OIDC {
		out = append(out, StaffSessionProofsOidc)
	}
	return out, nil
}

func passkeyOf(k store.Passkey) Passkey {
	return Passkey{Id: k.PublicID, Name: k.Name.Reveal(), CreatedAt: k.CreatedAt, UsedAt: k.UsedAt}
}

func signedInOf(list []store.Session, current string) []SignedIn {
	out := make([]SignedIn, 0, len(list))
	for _, each := range list {
		out = append(out, SignedIn{Id: each.PublicID, Device: each.Device, Method: SignedInMethod(each.Method), CreatedAt: each.CreatedAt,
			SeenAt: each.SeenAt, Current: each.PublicID == current})
	}
	return out
}

// GetAccount tells how the member can sign in, and where they are signed in.
func (s *Server) GetAccount(ctx context.Context, _ GetAccountRequestObject) (GetAccountResponseObject, error) {
	me := from(ctx).staff
	ways, err := s.d.Gate.Ways(ctx, &me.Member)
	if err != nil {
		return nil, err
	}
	sessions, err := s.d.Gate.Sessions(ctx, me.Member.PublicID)
	if err != nil {
		return nil, err
	}
	out := GetAccount200JSONResponse{Password: ways.Password, Oidc: ways.OIDC, Passkeys: []Passkey{}, Sessions: signedInOf(sessions, me.Session)}
	for _, k := range ways.Passkeys {
		out.Passkeys = append(out.Passkeys, passkeyOf(k))
	}
	return out, nil
}

// StartPasskey gives a challenge for making a passkey.
func (s *Server) StartPasskey(ctx context.Context, _ StartPasskeyRequestObject) (StartPasskeyResponseObject, error) {
	begun, err := s.d.Gate.StartPasskey(ctx, from(ctx).staff)
	if err != nil {
		return nil, err
	}
	out, err := challengeOf(begun)
	return StartPasskey200JSONResponse(out), err
}

// AddPasskey keeps the passkey that the browser made.
func (s *Server) AddPasskey(ctx context.Context, r AddPasskeyRequestObject) (AddPasskeyResponseObject, error) {
	credential, err := credentialOf(r.Body.Credential)
	if err != nil {
		return nil, err
	}
	added, err := s.d.Gate.AddPasskey(ctx, from(ctx).staff, r.Body.Id, r.Body.Name, credential)
	if err != nil {
		return nil, err
	}
	return AddPasskey201JSONResponse(passkeyOf(*added)), nil
}

// RemovePasskey removes one of the member's passkeys.
func (s *Server) RemovePasskey(ctx context.Context, r RemovePasskeyRequestObject) (RemovePasskeyResponseObject, error) {
	return RemovePasskey204Response{}, s.d.Gate.RemovePasskey(ctx, from(ctx).staff, r.Id)
}

// EndOwnSession ends one of the member's own sessions.
func (s *Server) EndOwnSession(ctx context.Context, r EndOwnSessionRequestObject) (EndOwnSessionResponseObject, error) {
	return EndOwnSession204Response{}, s.d.Gate.EndSession(ctx, &from(ctx).staff.Member, r.Id)
}

// ListMemberSessions tells where a member is signed in.
func (s *Server) ListMemberSessions(ctx context.Context, r ListMemberSessionsRequestObject) (ListMemberSessionsResponseObject, error) {
	sessions, err := s.d.Gate.Sessions(ctx, r.Id)
	if err != nil {
		return nil, err
	}
	return ListMemberSessions200JSONResponse{Sessions: signedInOf(sessions, from(ctx).staff.Session)}, nil
}

// EndMemberSessions ends all sessions of a member.
func (s *Server) EndMemberSessions(ctx context.Context, r EndMemberSessionsRequestObject) (EndMemberSessionsResponseObject, error) {
	return EndMemberSessions204Response{}, s.d.Gate.EndSessions(ctx, r.Id, from(ctx).staff.Member.PublicID)
}

package api

import (
	"context"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/store"
)

// StartAddressStepUp asks for a code to the old address.
func (s *Server) StartAddressStepUp(ctx context.Context, _ StartAddressStepUpRequestObject) (StartAddressStepUpResponseObject, error) {
	c := from(ctx)
	v, err := s.d.Gate.StartStepUp(ctx, c.person, access.OpAddress, access.AddressObject, c.from)
	return StartAddressStepUp202JSONResponse(stepUpStarted(v)), err
}

// RedeemAddressStepUp proves the old address once more.
func (s *Server) RedeemAddressStepUp(ctx context.Context, r RedeemAddressStepUpRequestObject) (RedeemAddressStepUpResponseObject, error) {
	c := from(ctx)
	until, err := s.d.Gate.RedeemStepUp(ctx, c.person, access.AddressObject, r.Body.Code, c.from)
	return RedeemAddressStepUp200JSONResponse{ValidUntil: until}, err
}

// NameAddress has a code mailed to the new address.
func (s *Server) NameAddress(ctx context.Context, r NameAddressRequestObject) (NameAddressResponseObject, error) {
	c := from(ctx)
	v, err := s.d.Gate.StartNewAddress(ctx, c.person, r.Body.Email, c.from, func(tx *store.Tx) error {
		return s.d.Desk.AddressFree(tx, c.person.AddressIndex)
	})
	return NameAddress202JSONResponse(stepUpStarted(v)), err
}

// ProveAddress proves the new address; the change is under way.
func (s *Server) ProveAddress(ctx context.Context, r ProveAddressRequestObject) (ProveAddressResponseObject, error) {
	c := from(ctx)
	var due time.Time
	err := s.d.Gate.RedeemNewAddress(ctx, c.person, r.Body.Code, c.from, func(tx *store.Tx, to dsr.Address) (err error) {
		due, err = s.d.Desk.BeginAddressChange(tx, c.person.Address, to, c.person.Locale)
		return err
	})
	return ProveAddress200JSONResponse{DueAt: due}, err
}

// CancelAddress takes the change back that waits.
func (s *Server) CancelAddress(ctx context.Context, _ CancelAddressRequestObject) (CancelAddressResponseObject, error) {
	return CancelAddress204Response{}, s.d.Desk.CancelAddressChange(ctx, from(ctx).person.AddressIndex)
}

// StopAddressChange stops a change by the link that was mailed to the old address.
func (s *Server) StopAddressChange(ctx context.Context, r StopAddressChangeRequestObject) (StopAddressChangeResponseObject, error) {
	change, err := s.d.Gate.AddressLink(ctx, r.Body.Link, from(ctx).from)
	if err != nil {
		return nil, err
	}
	return StopAddressChange204Response{}, s.d.Desk.StopAddressChange(ctx, change)
}

// ChangeAddress begins a change for one case whose person has lost the old mailbox.
func (s *Server) ChangeAddress(ctx context.Context, r ChangeAddressRequestObject) (ChangeAddressResponseObject, error) {
	n := casework.NewAddress{Email: r.Body.Email, Method: string(r.Body.Method), Reason: r.Body.Reason}
	if err := s.d.Desk.ChangeAddress(ctx, s.fresh(from(ctx)), r.Id, n); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return ChangeAddress200JSONResponse{out}, err
}

// CancelAddressChange takes a change back that a member began.
func (s *Server) CancelAddressChange(ctx context.Context, r CancelAddressChangeRequestObject) (CancelAddressChangeResponseObject, error) {
	if err := s.d.Desk.CancelAddressChangeOf(ctx, s.fresh(from(ctx)), r.Id); err != nil {
		return nil, err
	}
	out, err := s.caseView(ctx, r.Id, false)
	return CancelAddressChange200JSONResponse{out}, err
}

func addressChange(v *casework.AddressView) *CaseAddressChange {
	if v == nil {
		return nil
	}
	return &CaseAddressChange{DueAt: v.DueAt, Proved: v.Proved, MayStop: v.MayStop}
}

// fresh is the member who calls, with whether the second factor was given a moment ago.
func (s *Server) fresh(c *caller) casework.By {
	by := c.by()
	by.Fresh = s.stepped(c) == nil
	return by
}

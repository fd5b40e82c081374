package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
)

// Invitation is a mailed way to set what one signs in with: for somebody who is to be a member, or for a member who has
// lost it. Of its secret only a digest is kept.
type Invitation struct {
	ID           int64
	PublicID     string
	MemberID     int64 // of a member who has lost what they signed in with; 0: somebody new
	AddressIndex []byte
	Who          Invited // nobody, once it is used, taken back or over
	Roles        []staff.Role
	ProposedBy   int64 // 0: on the host
	ConfirmedBy  int64 // 0: nobody yet, or nobody need
	Alone        bool  // there was nobody to confirm it
	OpensAt      *time.Time
	TokenHash    []byte
	EarlierHash  []byte // of the try before, whose mail may have come though nobody answered for it
	CreatedAt    time.Time
	SentAt       *time.Time
	ExpiresAt    time.Time
}

// Invited is who is invited.
type Invited struct {
	Name   keyring.Private
	Email  keyring.Private // as it is written to
	Locale locale.Locale
}

// Confirmed tells whether the mail may go out: by its time, if it has one.
func (i Invitation) Confirmed() bool { return i.Alone || i.ConfirmedBy != 0 }

type invitationRow struct {
	ID           int64
	PublicID     string
	MemberID     *int64
	AddressIndex []byte
	SealedWho    []byte
	Roles        string
	ProposedBy   *int64
	ConfirmedBy  *int64
	Alone        bool
	OpensAt      *int64
	TokenHash    []byte
	EarlierHash  []byte
	CreatedAt    int64
	SentAt       *int64
	ExpiresAt    int64
	UsedAt       *int64
	VoidAt       *int64
}

func (invitationRow) TableName() string { return "invitation" }

// ErrInvited says that somebody with the address has an invitation already.
var ErrInvited = fault.Define(fault.Conflict, "invited_already",
	"Det ligger allerede en invitasjon til den adressen. Send den på nytt, eller trekk den tilbake først.",
	"Det ligg alt ein invitasjon til den adressa. Send han på nytt, eller trekk han tilbake først.",
	"There is an invitation to that address already. Send it again, or take it back first.")

const liveInvitation = "used_at IS NULL AND void_at IS NULL"

// AddInvitation keeps an invitation, in the place of one to the same address that is over.
func (tx *Tx) AddInvitation(i Invitation, canonical string) (*Invitation, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	i.PublicID, i.AddressIndex, i.CreatedAt = id, tx.AddressIndex(canonical), tx.Now
	if err := tx.endInvitations("address_index = ? AND expires_at < ?", i.AddressIndex, Micros(tx.Now)); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(colleagueBody{Name: i.Who.Name.Reveal(), Email: i.Who.Email.Reveal(), Locale: i.Who.Locale})
	if err != nil {
		return nil, errors.New("writing who is invited")
	}
	row := invitationRow{PublicID: id, MemberID: idOrNil(i.MemberID), AddressIndex: i.AddressIndex, Roles: joinRoles(i.Roles), ProposedBy: idOrNil(i.ProposedBy),
		Alone: i.Alone, OpensAt: microsOrNil(i.OpensAt), CreatedAt: Micros(tx.Now), ExpiresAt: Micros(i.ExpiresAt)}
	if row.SealedWho, err = tx.seal(id, ClassStaff, "invitation", "sealed_who", id, plain); err != nil {
		return nil, err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return nil, ErrInvited.At("/email")
		}
		return nil, fmt.Errorf("keeping an invitation: %w", err)
	}
	i.ID = row.ID
	return &i, nil
}

func (tx *Tx) invitation(r invitationRow) (*Invitation, error) {
	i := &Invitation{ID: r.ID, PublicID: r.PublicID, MemberID: idOrZero(r.MemberID), AddressIndex: r.AddressIndex, Roles: splitRoles(r.Roles), ProposedBy: idOrZero(r.ProposedBy),
		ConfirmedBy: idOrZero(r.ConfirmedBy), Alone: r.Alone, OpensAt: instantOrNil(r.OpensAt), TokenHash: r.TokenHash, EarlierHash: r.EarlierHash, CreatedAt: Instant(r.CreatedAt),
		SentAt: instantOrNil(r.SentAt), ExpiresAt: Instant(r.ExpiresAt)}
	plain, err := tx.open(r.PublicID, ClassStaff, "invitation", "sealed_who", r.PublicID, r.SealedWho)
	if err != nil {
		return nil, err
	}
	var b colleagueBody
	if err := json.Unmarshal(plain, &b); err != nil {
		return nil, errors.New("reading who is invited")
	}
	i.Who = Invited{Name: keyring.NewPrivate(b.Name), Email: keyring.NewPrivate(b.Email), Locale: b.Locale}
	return i, nil
}

// Invitation gives an invitation that is neither used, taken back nor over; nil when there is none.
func (tx *Tx) Invitation(publicID string) (*Invitation, error) {
	list, err := tx.invitations("public_id = ?", publicID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Invitations gives those that are neither used, taken back nor over, the newest first.
func (tx *Tx) Invitations() ([]Invitation, error) { return tx.invitations("0 = ?", 0) }

func (tx *Tx) invitations(where string, arg any) ([]Invitation, error) {
	var rows []invitationRow
	if err := tx.db.Where(where, arg).Where(liveInvitation+" AND expires_at > ?", Micros(tx.Now)).Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading invitations: %w", err)
	}
	list := make([]Invitation, 0, len(rows))
	for _, r := range rows {
		i, err := tx.invitation(r)
		if err != nil {
			return nil, err
		}
		list = append(list, *i)
	}
	return list, nil
}

// ConfirmInvitation notes that another member agrees; false when somebody did already, or it is gone.
func (tx *Tx) ConfirmInvitation(id, member int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE invitation SET confirmed_by = ? WHERE id = ? AND confirmed_by IS NULL AND NOT alone AND proposed_by <> ? AND "+liveInvitation+
		" AND expires_at > ?", member, id, member, Micros(tx.Now)))
	if err != nil {
		return false, fmt.Errorf("confirming an invitation: %w", err)
	}
	return ok, nil
}

// SetInvitationToken keeps the digest of the secret that is mailed next, and until when it is good; the one before stays
// good beside it. False: there is nothing to mail.
func (tx *Tx) SetInvitationToken(id int64, hash []byte, until time.Time) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE invitation SET earlier_hash = token_hash, token_hash = ?, sent_at = ?, expires_at = ? WHERE id = ? AND "+liveInvitation+" AND expires_at > ?",
		hash, Micros(tx.Now), Micros(until), id, Micros(tx.Now)))
	if err != nil {
		return false, fmt.Errorf("keeping an invitation's secret: %w", err)
	}
	return ok, nil
}

// ForgetInvitationTokens makes the links good for nothing that were mailed so far.
func (tx *Tx) ForgetInvitationTokens(id int64) error {
	if err := tx.db.Exec("UPDATE invitation SET token_hash = NULL, earlier_hash = NULL WHERE id = ?", id).Error; err != nil {
		return fmt.Errorf("forgetting an invitation's secrets: %w", err)
	}
	return nil
}

// UseInvitation consumes an invitation: once, with a secret that was mailed, while it is good.
func (tx *Tx) UseInvitation(i *Invitation, hash []byte) (bool, error) {
	return tx.closeInvitation(i.PublicID, "used_at", " AND (token_hash = ? OR earlier_hash = ?) AND expires_at > ?", hash, hash, Micros(tx.Now))
}

// VoidInvitation takes an invitation back; false when it was used or taken back before.
func (tx *Tx) VoidInvitation(i *Invitation) (bool, error) {
	return tx.closeInvitation(i.PublicID, "void_at", "")
}

// EndInvitations ends those whose time is up.
func (tx *Tx) EndInvitations() error { return tx.endInvitations("expires_at < ?", Micros(tx.Now)) }

func (tx *Tx) endInvitations(where string, args ...any) error {
	var ids []string
	if err := tx.db.Model(&invitationRow{}).Where(where, args...).Where(liveInvitation).Pluck("public_id", &ids).Error; err != nil {
		return fmt.Errorf("reading invitations: %w", err)
	}
	for _, id := range ids {
		// Its time is asked for again: a link that was mailed meanwhile has moved it.
		if _, err := tx.closeInvitation(id, "void_at", " AND "+where, args...); err != nil {
			return err
		}
	}
	return nil
}

// closeInvitation ends one that nothing has ended, now, and nobody can tell any more who was invited: the key is shredded,
// and the address is the invitation's own number.
func (tx *Tx) closeInvitation(publicID, how, where string, args ...any) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE invitation SET "+how+" = ?, address_index = ?, token_hash = NULL, earlier_hash = NULL WHERE public_id = ? AND "+liveInvitation+where,
		append([]any{Micros(tx.Now), []byte(publicID), publicID}, args...)...))
	if err != nil {
		return false, fmt.Errorf("ending an invitation: %w", err)
	}
	if !ok {
		return false, nil
	}
	return true, tx.Shred(publicID, ClassStaff)
}

// ReplaceFactors gives a member other means to sign in with, and none beside them: password and key of one-time codes,
// or none; passkeys and sessions are gone, and the organisation's sign-in has ended: it opens nothing until the member
// connects it anew, and is kept so that nobody new is made of who holds it.
func (tx *Tx) ReplaceFactors(m *Member, c Credentials) error {
	totp, err := tx.seal(m.PublicID, ClassStaff, "member", "sealed_totp", m.PublicID, []byte(c.TOTP.Reveal()))
	if err != nil {
		return err
	}
	if totp == nil {
		totp = []byte{}
	}
	err = tx.db.Model(&memberRow{}).Where("id = ?", m.ID).Updates(map[string]any{"password_hash": c.PasswordHash, "sealed_totp": totp, "totp_last_step": c.LastStep}).Error
	if err != nil {
		return fmt.Errorf("replacing what a member signs in with: %w", err)
	}
	if err := tx.db.Exec("DELETE FROM passkey WHERE member_id = ?", m.ID).Error; err != nil {
		return fmt.Errorf("removing passkeys: %w", err)
	}
	if err := tx.db.Exec("UPDATE identity SET ended_at = ? WHERE member_id = ? AND ended_at IS NULL", Micros(tx.Now), m.ID).Error; err != nil {
		return fmt.Errorf("ending the organisation's sign-in: %w", err)
	}
	return tx.EndSessionsOfMember(m.ID, 0)
}

func idOrZero(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}

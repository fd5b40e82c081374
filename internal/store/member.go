package store

import (
	"fmt"
	"strings"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/staff"
)

// Member is a person on the staff.
type Member struct {
	ID        int64
	PublicID  string
	Name      keyring.Private
	Email     keyring.Private
	Roles     []staff.Role
	Disabled  bool
	CreatedAt time.Time
}

// Policy is the member as the policy sees them.
func (m Member) Policy() staff.Member {
	return staff.Member{ID: m.ID, Roles: m.Roles, Disabled: m.Disabled}
}

// Credentials are what a member signs in with.
type Credentials struct {
	PasswordHash string
	TOTP         keyring.Private // secret in base32
	LastStep     int64           // of the last one-time code that was used
}

type memberRow struct {
	ID           int64
	PublicID     string
	ControllerID int64
	EmailIndex   []byte
	SealedEmail  []byte
	SealedName   []byte
	PasswordHash string
	SealedTotp   []byte
	TotpLastStep int64
	Roles        string
	DisabledAt   *int64
	CreatedAt    int64
}

func (memberRow) TableName() string { return "member" }

// ErrMemberExists says that the address belongs to a member already.
var ErrMemberExists = fault.Define(fault.Conflict, "member_exists",
	"Det finnes allerede en medarbeider med den adressen.", "Det finst alt ein medarbeidar med den adressa.",
	"There is already a member of staff with that address.")

// AddMember keeps a new member, under a public id that was given or a new one; ErrMemberExists when the address is taken.
// canonical is what the member is found by.
func (tx *Tx) AddMember(controller int64, m Member, canonical string, c Credentials) (*Member, error) {
	id := m.PublicID
	if id == "" {
		var err error
		if id, err = tx.NewID(); err != nil {
			return nil, err
		}
	}
	var err error
	m.PublicID, m.CreatedAt = id, tx.Now
	row := memberRow{PublicID: id, ControllerID: controller, EmailIndex: tx.AddressIndex(canonical), PasswordHash: c.PasswordHash, TotpLastStep: c.LastStep,
		Roles: joinRoles(m.Roles), CreatedAt: Micros(tx.Now)}
	for _, column := range []struct {
		name  string
		value keyring.Private
		to    *[]byte
	}{{"sealed_email", m.Email, &row.SealedEmail}, {"sealed_name", m.Name, &row.SealedName}, {"sealed_totp", c.TOTP, &row.SealedTotp}} {
		if *column.to, err = tx.seal(id, ClassStaff, "member", column.name, id, []byte(column.value.Reveal())); err != nil {
			return nil, err
		}
		if *column.to == nil {
			*column.to = []byte{} // a member without one-time codes
		}
	}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return nil, ErrMemberExists.At("/email")
		}
		return nil, fmt.Errorf("keeping a member: %w", err)
	}
	m.ID = row.ID
	return &m, nil
}

func joinRoles(roles []staff.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, " ")
}

func splitRoles(s string) []staff.Role {
	words := strings.Fields(s)
	roles := make([]staff.Role, len(words))
	for i, w := range words {
		roles[i] = staff.Role(w)
	}
	return roles
}

func (tx *Tx) member(r memberRow) (*Member, error) {
	email, err := tx.open(r.PublicID, ClassStaff, "member", "sealed_email", r.PublicID, r.SealedEmail)
	if err != nil {
		return nil, err
	}
	name, err := tx.open(r.PublicID, ClassStaff, "member", "sealed_name", r.PublicID, r.SealedName)
	if err != nil {
		return nil, err
	}
	return &Member{ID: r.ID, PublicID: r.PublicID, Name: privateOf(name), Email: privateOf(email), Roles: splitRoles(r.Roles),
		Disabled: r.DisabledAt != nil, CreatedAt: Instant(r.CreatedAt)}, nil
}

func (tx *Tx) memberWhere(where string, arg any) (*Member, error) {
	var rows []memberRow
	if err := tx.db.Where(where, arg).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a member: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return tx.member(rows[0])
}

// Member gives a member by its row's id; nil when there is none.
func (tx *Tx) Member(id int64) (*Member, error) { return tx.memberWhere("id = ?", id) }

// MemberByPublicID gives a member; nil when there is none.
func (tx *Tx) MemberByPublicID(id string) (*Member, error) {
	return tx.memberWhere("public_id = ?", id)
}

// MemberByAddress gives the member with a canonical address; nil when there is none.
func (tx *Tx) MemberByAddress(canonical string) (*Member, error) {
	return tx.memberWhere("email_index = ?", tx.AddressIndex(canonical))
}

// Members gives all members whose names are there, also disabled ones, in the order they came.
func (tx *Tx) Members() ([]Member, error) {
	var rows []memberRow
	if err := tx.db.Where("length(sealed_name) > 0").Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the members: %w", err)
	}
	list := make([]Member, 0, len(rows))
	for _, r := range rows {
		m, err := tx.member(r)
		if err != nil {
			return nil, err
		}
		list = append(list, *m)
	}
	return list, nil
}

// MemberName gives a member's name, or "" when there is no such member or the name was erased.
func (tx *Tx) MemberName(id int64) (string, error) {
	m, err := tx.Member(id)
	if err != nil || m == nil {
		return "", err
	}
	return m.Name.Reveal(), nil
}

// Approvers counts the members who may approve a plan.
func (tx *Tx) Approvers() (int, error) {
	var rows []memberRow
	if err := tx.db.Select("id", "roles").Where("disabled_at IS NULL").Find(&rows).Error; err != nil {
		return 0, fmt.Errorf("counting approvers: %w", err)
	}
	members := make([]staff.Member, len(rows))
	for i, r := range rows {
		members[i] = staff.Member{ID: r.ID, Roles: splitRoles(r.Roles)}
	}
	return staff.Approvers(members), nil
}

// EnabledMembers counts the members who may sign in. It holds the count still until the
// transaction ends.
func (tx *Tx) EnabledMembers(controller int64) (int, error) {
	if err := tx.db.Exec("UPDATE controller SET zone = zone WHERE id = ?", controller).Error; err != nil {
		return 0, fmt.Errorf("locking the members: %w", err)
	}
	var n int64
	if err := tx.db.Model(&memberRow{}).Where("disabled_at IS NULL").Count(&n).Error; err != nil {
		return 0, fmt.Errorf("counting members: %w", err)
	}
	return int(n), nil
}

// HoldMember keeps others from changing what a member signs in with until the transaction ends: it is counted before
// it is changed.
func (tx *Tx) HoldMember(id int64) error {
	if err := tx.db.Exec("UPDATE member SET id = id WHERE id = ?", id).Error; err != nil {
		return fmt.Errorf("locking a member: %w", err)
	}
	return nil
}

// Credentials gives what a member signs in with.
func (tx *Tx) Credentials(m *Member) (Credentials, error) {
	var r memberRow
	if err := tx.db.Where("id = ?", m.ID).Take(&r).Error; err != nil {
		return Credentials{}, fmt.Errorf("reading credentials: %w", err)
	}
	secret, err := tx.open(r.PublicID, ClassStaff, "member", "sealed_totp", r.PublicID, r.SealedTotp)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{PasswordHash: r.PasswordHash, TOTP: privateOf(secret), LastStep: r.TotpLastStep}, nil
}

// UseTOTP notes the step of a one-time code; false when that step or a later one was used already,
// or the member is disabled.
func (tx *Tx) UseTOTP(member, step int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE member SET totp_last_step = ? WHERE id = ? AND totp_last_step < ? AND disabled_at IS NULL", step, member, step))
	if err != nil {
		return false, fmt.Errorf("noting a one-time code: %w", err)
	}
	return ok, nil
}

// SetPasswordHash keeps a password hashed anew under today's parameters.
func (tx *Tx) SetPasswordHash(member int64, old, hash string) error {
	err := tx.db.Exec("UPDATE member SET password_hash = ? WHERE id = ? AND password_hash = ?", hash, member, old).Error
	if err != nil {
		return fmt.Errorf("keeping a password: %w", err)
	}
	return nil
}

// SetRoles gives a member other roles.
func (tx *Tx) SetRoles(id int64, roles []staff.Role) error {
	if err := tx.db.Exec("UPDATE member SET roles = ? WHERE id = ?", joinRoles(roles), id).Error; err != nil {
		return fmt.Errorf("changing roles: %w", err)
	}
	return nil
}

// DisableMember closes a member's account and ends its sessions; false when it was closed already.
func (tx *Tx) DisableMember(id int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE member SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL", Micros(tx.Now), id))
	if err != nil {
		return false, fmt.Errorf("disabling a member: %w", err)
	}
	return ok, tx.EndSessionsOfMember(id, 0)
}

// ForgetMembers erases who the members are whose accounts were closed before an instant: name, address and
// what they signed in with. Their number stays, since decisions bear it. It tells how many it erased.
func (tx *Tx) ForgetMembers(disabledBefore time.Time) (int64, error) {
	var rows []memberRow
	err := tx.db.Select("id", "public_id").Where("disabled_at < ? AND length(sealed_name) > 0", Micros(disabledBefore)).Find(&rows).Error
	if err != nil {
		return 0, fmt.Errorf("reading members who left: %w", err)
	}
	for _, r := range rows {
		if err := tx.Shred(r.PublicID, ClassStaff); err != nil {
			return 0, err
		}
		err := tx.db.Model(&memberRow{}).Where("id = ?", r.ID).Updates(map[string]any{"sealed_email": []byte{}, "sealed_name": []byte{}, "sealed_totp": []byte{},
			"password_hash": "", "email_index": []byte(r.PublicID)}).Error // the address may be another member's one day
		if err != nil {
			return 0, fmt.Errorf("erasing a member: %w", err)
		}
		for _, statement := range []string{"DELETE FROM passkey WHERE member_id = ?", "DELETE FROM identity WHERE member_id = ?"} {
			if err := tx.db.Exec(statement, r.ID).Error; err != nil {
				return 0, fmt.Errorf("erasing what a member signed in with: %w", err)
			}
		}
	}
	return int64(len(rows)), nil
}

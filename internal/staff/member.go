// Package staff is the people who answer requests: their roles, what each may do in which
// circumstances, and how they prove who they are (password and one-time code). It is pure:
// randomness and time are handed in.
package staff

import (
	"slices"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Role is what a member is in the office. A member can have several.
type Role string

// The roles.
const (
	CaseHandler    Role = "case_handler"
	PrivacyOfficer Role = "privacy_officer"
	Auditor        Role = "auditor"
	Admin          Role = "admin"
)

// ErrRole: the word is no role.
var ErrRole = fault.Define(fault.Invalid, "unknown_role",
	"Vi kjenner ikke den rollen.", "Vi kjenner ikkje den rolla.", "We do not know that role.")

// Roles lists all roles.
func Roles() []Role { return []Role{CaseHandler, PrivacyOfficer, Auditor, Admin} }

// SoleMemberRoles are the roles of the only member of an office.
func SoleMemberRoles() []Role { return []Role{PrivacyOfficer, Admin} }

// ParseRole reads a role's stable name.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", ErrRole.At("/roles")
}

// Main is the role that says most of what a member does here: the log names it. Empty without roles.
func Main(roles []Role) Role {
	for _, r := range []Role{PrivacyOfficer, CaseHandler, Auditor, Admin} {
		if slices.Contains(roles, r) {
			return r
		}
	}
	return ""
}

// Text is the role in words.
func (r Role) Text() locale.Text {
	switch r {
	case CaseHandler:
		return locale.Text{NB: "Saksbehandler", NN: "Saksbehandlar", EN: "Case handler"}
	case PrivacyOfficer:
		return locale.Text{NB: "Personvernansvarlig", NN: "Personvernansvarleg", EN: "Privacy officer"}
	case Auditor:
		return locale.Text{NB: "Revisor", NN: "Revisor", EN: "Auditor"}
	case Admin:
		return locale.Text{NB: "Administrator", NN: "Administrator", EN: "Administrator"}
	}
	return locale.Text{}
}

// Member is a person on the staff, as far as the policy needs to know.
type Member struct {
	ID       int64
	Roles    []Role
	Disabled bool
}

// Has tells whether a member has a role. A disabled member has none.
func (m Member) Has(r Role) bool { return !m.Disabled && slices.Contains(m.Roles, r) }

// Approvers counts the members who may approve a plan. With one, that one approves alone and
// confirms erasures twice.
func Approvers(members []Member) int {
	n := 0
	for _, m := range members {
		if m.Has(PrivacyOfficer) {
			n++
		}
	}
	return n
}

// How long staff stay signed in, and how long a fresh factor counts for dangerous acts.
const (
	SessionIdle     = 30 * time.Minute
	SessionAbsolute = 8 * time.Hour
	SessionsMax     = 5
	StepUpTTL       = 5 * time.Minute
	InvitationTTL   = 24 * time.Hour
)

// FactorFresh tells whether a second factor given at a time still counts for dangerous acts.
func FactorFresh(given, now time.Time) bool {
	return !given.IsZero() && !now.Before(given) && now.Sub(given) <= StepUpTTL
}

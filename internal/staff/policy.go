package staff

import (
	"slices"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
)

// Permission is something that a member may or may not do.
type Permission string

// The permissions. What stands nowhere here (deleting the audit log, changing a plan after its
// approval) is allowed to nobody.
const (
	FileOnBehalf  Permission = "file_on_behalf" // register a request that came another way
	ListCases     Permission = "list_cases"     // see cases, masked
	CountCases    Permission = "count_cases"    // see figures only
	Unmask        Permission = "unmask"         // see a masked field
	Collect       Permission = "collect"        // have the sources read
	Decide        Permission = "decide"         // decide what happens to findings
	Plan          Permission = "plan"           // build a plan, without executing
	Approve       Permission = "approve"        // approve a plan, and so send the answer
	Refuse        Permission = "refuse"         // refuse, or answer that nothing is held
	Extend        Permission = "extend"         // extend the time limit
	Release       Permission = "release"        // release a package or printed answer
	Ask           Permission = "ask"            // put a question to the person, pause the clock
	Message       Permission = "message"        // write to the person
	Assign        Permission = "assign"         // give a case to a member
	ChangeAddress Permission = "change_address" // have a case follow another e-mail address
	DownloadCopy  Permission = "download_copy"  // fetch a person's package for paper
	ReadSources   Permission = "read_sources"   // see connected systems, secrets masked
	ManageSources Permission = "manage_sources" // connect systems, set limits and templates
	ReadRegister  Permission = "read_register"  // see the Art. 30 register
	EditRegister  Permission = "edit_register"  // change it
	ReadMembers   Permission = "read_members"   // see members and roles
	ManageMembers Permission = "manage_members" // add, disable, give roles
	ConfirmChange Permission = "confirm_change" // confirm a change that another member proposed
	ReadSettings  Permission = "read_settings"  // see the office's settings
	EditSettings  Permission = "edit_settings"  // change them
	ReadAudit     Permission = "read_audit"     // read the log
	VerifyAudit   Permission = "verify_audit"   // verify the log
	ExportAudit   Permission = "export_audit"   // take the log out
	ReadReports   Permission = "read_reports"   // figures about the office's work
	ReadEvidence  Permission = "read_evidence"  // take out how a case went, without personal data
	TakeEvidence  Permission = "take_evidence"  // the same, whole
	ReportBreach  Permission = "report_breach"  // write a personal data breach down
	ReadBreaches  Permission = "read_breaches"  // see the record of them
	AssessBreach  Permission = "assess_breach"  // say what the risk is and who was told
)

// scope is how far a permission goes.
type scope int

const (
	never    scope = iota
	propose        // may prepare it for somebody else to do
	assigned       // on cases that are one's own
	always
)

type rule struct {
	handler, officer, auditor, admin scope
	fresh                            bool // needs a fresh second factor
}

var policy = map[Permission]rule{
	FileOnBehalf:  {handler: always, officer: always},
	ListCases:     {handler: assigned, officer: always, auditor: always},
	CountCases:    {handler: always, officer: always, auditor: always, admin: always},
	Unmask:        {handler: assigned, officer: always, fresh: true},
	Collect:       {handler: assigned, officer: always},
	Decide:        {handler: assigned, officer: always},
	Plan:          {handler: assigned, officer: always},
	Approve:       {officer: always, fresh: true},
	Refuse:        {handler: propose, officer: always},
	Extend:        {handler: propose, officer: always},
	Release:       {handler: propose, officer: always},
	Ask:           {handler: assigned, officer: always},
	Message:       {handler: assigned, officer: always},
	Assign:        {officer: always},
	ChangeAddress: {officer: always, fresh: true},
	DownloadCopy:  {officer: always, fresh: true},
	ReadSources:   {officer: always, auditor: always, admin: always},
	ManageSources: {admin: propose, fresh: true},
	ReadRegister:  {handler: always, officer: always, auditor: always, admin: always},
	EditRegister:  {officer: always},
	ReadMembers:   {officer: always, auditor: always, admin: always},
	ManageMembers: {admin: propose, fresh: true},
	ConfirmChange: {officer: always, admin: always, fresh: true},
	ReadSettings:  {officer: always, auditor: always, admin: always},
	EditSettings:  {officer: always, admin: always},
	ReadAudit:     {officer: always, auditor: always},
	VerifyAudit:   {officer: always, auditor: always, admin: always},
	ExportAudit:   {officer: always, auditor: always, fresh: true},
	ReadReports:   {officer: always, auditor: always, admin: always},
	ReadEvidence:  {officer: always, auditor: always},
	TakeEvidence:  {officer: always, auditor: always, fresh: true},
	ReportBreach:  {handler: always, officer: always},
	ReadBreaches:  {officer: always, auditor: always},
	AssessBreach:  {officer: always},
}

// Facts are the circumstances that a permission depends on.
type Facts struct {
	Assigned          bool // the case is this member's own
	Proposal          bool // the member only prepares it for somebody else
	FactorFresh       bool // a second factor was given in the last five minutes
	MembersInOffice   int  // enabled members who could confirm (officers and admins)
	ApproversInOffice int  // enabled members who may approve
	OwnWork           bool // the member prepared the plan, or proposed the change, himself
	Guarded           bool // two people guard the plan: it takes data away, or shows special categories
	Confirmed         bool // the only approver confirmed once more
}

// Faults of the policy.
var (
	ErrForbidden = fault.Define(fault.Forbidden, "forbidden",
		"Rollen din gir ikke adgang til dette.", "Rolla di gir ikkje tilgang til dette.",
		"Your role does not allow this.")
	ErrDisabled = fault.Define(fault.Unauthenticated, "member_disabled",
		"Kontoen er stengt. Snakk med administratoren.", "Kontoen er stengd. Snakk med administratoren.",
		"The account is closed. Talk to the administrator.")
	ErrStepUp = fault.Define(fault.Forbidden, "step_up_required",
		"Skriv inn en ny engangskode for å gjøre dette.", "Skriv inn ein ny eingongskode for å gjere dette.",
		"Enter a fresh one-time code to do this.")
	ErrOwnProposal = fault.Define(fault.Forbidden, "own_proposal",
		"En endring må bekreftes av en annen enn den som foreslo den.",
		"Ei endring må stadfestast av ein annan enn den som foreslo ho.",
		"A change must be confirmed by another person than the one who proposed it.")
)

// Permissions lists all permissions, in the order of the alphabet.
func Permissions() []Permission {
	list := make([]Permission, 0, len(policy))
	for p := range policy {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// NeedsFreshFactor tells whether a permission needs a second factor given in the last minutes.
func NeedsFreshFactor(p Permission) bool { return policy[p].fresh }

// May tells whether a member may do something in the circumstances; nil is yes. The guards of the
// request itself (dsr.Next) hold beside it.
func May(m Member, p Permission, f Facts) error {
	if m.Disabled {
		return ErrDisabled
	}
	r, known := policy[p]
	if !known || !reaches(r.widest(m), p, f) {
		return ErrForbidden
	}
	if r.fresh && !f.FactorFresh {
		return ErrStepUp
	}
	return separated(p, f)
}

func (r rule) widest(m Member) scope {
	best := never
	for _, role := range m.Roles {
		switch role {
		case CaseHandler:
			best = max(best, r.handler)
		case PrivacyOfficer:
			best = max(best, r.officer)
		case Auditor:
			best = max(best, r.auditor)
		case Admin:
			best = max(best, r.admin)
		}
	}
	return best
}

func reaches(s scope, p Permission, f Facts) bool {
	switch s {
	case always:
		return true
	case assigned:
		return f.Assigned
	case propose:
		// Nobody is left to confirm in an office of one: there the proposal is the act.
		alone := f.MembersInOffice == 1 && (p == ManageSources || p == ManageMembers)
		return alone || f.Proposal
	}
	return false
}

// separated holds two people apart where one must not do both halves.
func separated(p Permission, f Facts) error {
	switch {
	case p == ConfirmChange && f.OwnWork && f.MembersInOffice != 1:
		return ErrOwnProposal
	case p != Approve || !f.Guarded || !f.OwnWork:
		return nil
	case f.ApproversInOffice != 1:
		return dsr.ErrFourEyes
	case !f.Confirmed:
		return dsr.ErrSecondConfirmation
	}
	return nil
}

package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/migrations"
)

// Controller is the organisation that answers. One in most installations.
type Controller struct {
	ID       int64
	PublicID string
	Country  string
	Zone     string
	SetUpAt  *time.Time
}

type controllerRow struct {
	ID             int64
	PublicID       string
	Country        string
	Zone           string
	KeyFingerprint string
	SetUpAt        *int64
	CreatedAt      int64
}

func (controllerRow) TableName() string { return "controller" }

type versionRow struct {
	ID           int64
	ControllerID int64
	Kind         string
	Number       int64
	Body         string
	CreatedAt    int64
	CreatedBy    string
	Comment      string
}

func (versionRow) TableName() string { return "version" }

// The kinds of versions.
const (
	VersionSettings = "settings"
	VersionRegister = "register"
)

// Version is one version of a document of the office.
type Version struct {
	Number    int64
	Body      string
	CreatedAt time.Time
	CreatedBy string
	Comment   string // why it was made; may be empty
}

// Settings is what the office has decided about itself.
type Settings struct {
	Name               string `json:"name"`
	OrganisationNumber string `json:"organisation_number,omitempty"`
	Email              string `json:"email"`
	Phone              string `json:"phone,omitempty"`
	PostalAddress      string `json:"postal_address"`
	DPO                string `json:"dpo,omitempty"`
	// SignerName and SignerRole stand under what is written to people, as the office wants it; both may be empty.
	SignerName string `json:"signer_name,omitempty"`
	SignerRole string `json:"signer_role,omitempty"`
	// SignerRoleNN and SignerRoleEN are the role in nynorsk and English; empty: as it is in bokmål.
	SignerRoleNN string `json:"signer_role_nn,omitempty"`
	SignerRoleEN string `json:"signer_role_en,omitempty"`
	// AccessibilityURL is where the organisation's own statement on accessibility stands (FOR-2013-06-21-732
	// § 4 b); empty when it has none.
	AccessibilityURL string   `json:"accessibility_url,omitempty"`
	Notify           []string `json:"notify,omitempty"` // the officer and a stand-in
	CoolingOffHours  int      `json:"cooling_off_hours"`
	// Language is what the office reads: the mails to it, and what the portal notes in a case for it. Its members
	// choose the language of their screens themselves.
	Language locale.Locale `json:"language,omitempty"`
	// BackupDays is how old the oldest backup of a connected system may be: for so long the ledger
	// keeps what was erased.
	BackupDays int `json:"backup_days"`
	// LiftingDays is how long a person has between being told that a restriction will be lifted and
	// its end (Art. 18(3)).
	LiftingDays int `json:"lifting_days"`
	// AddressHours is how long the old address can stop it that cases follow another one; 0 to MaxAddressHours.
	AddressHours int    `json:"address_hours"`
	Letters      string `json:"letters,omitempty"` // the controller's own wording, in YAML (package letter)
	// Profile names how time limits are counted (dsr.ParseProfile); empty is the default one. A request keeps
	// the one under which it came.
	Profile string `json:"profile,omitempty"`
	// Keep is for how long the portal keeps what it has of a case.
	Keep dsr.Keep `json:"keep"`
	// Look is what the person's pages and the mails wear of the organisation's own.
	Look mail.Look `json:"look,omitzero"`
}

// Speaks is the language that the office reads; settings from before it could be chosen speak bokmål.
func (s Settings) Speaks() locale.Locale {
	if !slices.Contains(locale.All, s.Language) {
		return locale.NB
	}
	return s.Language
}

// Signer is who signs letters in a language.
func (s Settings) Signer(l locale.Locale) export.Signer {
	role := locale.Text{NB: s.SignerRole, NN: cmp.Or(s.SignerRoleNN, s.SignerRole), EN: cmp.Or(s.SignerRoleEN, s.SignerRole)}
	return export.SignerOf(s.SignerName, role.In(l), l)
}

// WholeLiftingDays is how many whole days a person has. Settings that were saved before there was such a
// time have none.
func (s Settings) WholeLiftingDays() int {
	if s.LiftingDays <= 0 {
		return DefaultSettings().LiftingDays
	}
	return s.LiftingDays
}

// Counting is the name of the profile by which time limits are counted.
func (s Settings) Counting() string { return cmp.Or(s.Profile, dsr.DefaultProfile) }

// DefaultSettings is an installation that nobody has named yet.
func DefaultSettings() Settings {
	return Settings{CoolingOffHours: 72, BackupDays: 365, LiftingDays: 7, AddressHours: 72, Keep: dsr.DefaultKeep()}
}

// MaxAddressHours is fourteen days: whoever changes an address must get the answer there in time.
const MaxAddressHours = 14 * 24

// Named tells whether the organisation has been named.
func (s Settings) Named() bool { return s.Name != "" && s.Email != "" }

// Controller gives the only controller of the installation, and makes it at the first start.
func (tx *Tx) Controller() (Controller, error) {
	var rows []controllerRow
	if err := tx.db.Order("id").Limit(1).Find(&rows).Error; err != nil {
		return Controller{}, fmt.Errorf("reading the controller: %w", err)
	}
	if len(rows) == 0 {
		row, err := tx.makeController()
		if err != nil {
			return Controller{}, err
		}
		rows = append(rows, row)
	}
	r := rows[0]
	return Controller{ID: r.ID, PublicID: r.PublicID, Country: r.Country, Zone: r.Zone, SetUpAt: instantOrNil(r.SetUpAt)}, nil
}

// makeController makes the first controller, one however many processes start at once. A
// transaction that only reads gets one that is not kept.
func (tx *Tx) makeController() (controllerRow, error) {
	row := controllerRow{Country: "NO", Zone: "Europe/Oslo", KeyFingerprint: tx.Ring().Fingerprint(), CreatedAt: Micros(tx.Now)}
	if tx.reading {
		return row, nil
	}
	if tx.s.dialect == migrations.Postgres {
		if err := tx.db.Exec("SELECT pg_advisory_xact_lock(7102)").Error; err != nil {
			return row, fmt.Errorf("locking the controller: %w", err)
		}
		var rows []controllerRow
		if err := tx.db.Order("id").Limit(1).Find(&rows).Error; err != nil {
			return row, fmt.Errorf("reading the controller: %w", err)
		}
		if len(rows) > 0 {
			return rows[0], nil
		}
	}
	id, err := tx.NewID()
	if err != nil {
		return row, err
	}
	row.PublicID = id
	if err := tx.db.Create(&row).Error; err != nil {
		return row, fmt.Errorf("writing the controller: %w", err)
	}
	return row, nil
}

// Move puts the controller in a country: requests that come from now on are counted by its holidays and
// in its zone (IANA name). Those that came before keep theirs.
func (tx *Tx) Move(controller int64, country, zone string) error {
	place := map[string]any{"country": country, "zone": zone}
	if err := tx.db.Model(&controllerRow{}).Where("id = ?", controller).Updates(place).Error; err != nil {
		return fmt.Errorf("moving the controller: %w", err)
	}
	return nil
}

// MarkSetUp notes that the set-up has been looked over.
func (tx *Tx) MarkSetUp(controller int64) error {
	err := tx.db.Model(&controllerRow{}).Where("id = ? AND set_up_at IS NULL", controller).Update("set_up_at", Micros(tx.Now)).Error
	if err != nil {
		return fmt.Errorf("marking the set-up: %w", err)
	}
	return nil
}

// Newest gives the version in force; Number 0 when there is none.
func (tx *Tx) Newest(controller int64, kind string) (Version, error) {
	return tx.version("controller_id = ? AND kind = ?", controller, kind)
}

// VersionNumber gives an older version.
func (tx *Tx) VersionNumber(controller int64, kind string, number int64) (Version, error) {
	return tx.version("controller_id = ? AND kind = ? AND number = ?", controller, kind, number)
}

// FollowNotices brings a history up to the register's newest version.
func (tx *Tx) FollowNotices(controller int64, h *register.History) error {
	var rows []versionRow
	err := tx.db.Where("controller_id = ? AND kind = ? AND number > ?", controller, VersionRegister, h.Seen()).Order("number").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("reading the register's versions: %w", err)
	}
	versions := make([]register.Stored, len(rows))
	for i, r := range rows {
		versions[i] = register.Stored{Number: r.Number, Body: r.Body, At: Instant(r.CreatedAt)}
	}
	return h.Follow(versions)
}

// NoticeOf gives the version of the privacy notice that applied when a request came in; false when
// there was none.
func (tx *Tx) NoticeOf(r *Request, h *register.History) (register.NoticeVersion, bool, error) {
	if err := tx.FollowNotices(r.Controller, h); err != nil {
		return register.NoticeVersion{}, false, err
	}
	applied, ok := h.Applied(r.RegisterVersion)
	return applied, ok, nil
}

func (tx *Tx) version(where string, args ...any) (Version, error) {
	var rows []versionRow
	if err := tx.db.Where(where, args...).Order("number DESC").Limit(1).Find(&rows).Error; err != nil {
		return Version{}, fmt.Errorf("reading a version: %w", err)
	}
	if len(rows) == 0 {
		return Version{}, nil
	}
	r := rows[0]
	return r.domain(), nil
}

func (r versionRow) domain() Version {
	return Version{Number: r.Number, Body: r.Body, CreatedAt: Instant(r.CreatedAt), CreatedBy: r.CreatedBy, Comment: r.Comment}
}

// Versions lists the newest versions without their bodies, the newest first.
func (tx *Tx) Versions(controller int64, kind string, limit int) ([]Version, error) {
	var rows []versionRow
	err := tx.db.Omit("body").Where("controller_id = ? AND kind = ?", controller, kind).Order("number DESC").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("listing versions: %w", err)
	}
	list := make([]Version, len(rows))
	for i, r := range rows {
		list[i] = r.domain()
	}
	return list, nil
}

// ErrVersion says that somebody else saved a version meanwhile.
var ErrVersion = fault.Define(fault.Conflict, "version_conflict",
	"Noen andre har lagret en nyere versjon. Last siden på nytt og gjør endringen din om igjen.",
	"Nokon andre har lagra ein nyare versjon. Last sida på nytt og gjer endringa di om igjen.",
	"Somebody else has saved a newer version. Reload the page and make your change again.")

// AddVersion writes a version on top of base; ErrVersion when base is not the newest.
func (tx *Tx) AddVersion(controller int64, kind string, base int64, body, by string) (int64, error) {
	return tx.AddVersionBecause(controller, kind, base, body, by, "")
}

// AddVersionBecause is AddVersion with why the version was made.
func (tx *Tx) AddVersionBecause(controller int64, kind string, base int64, body, by, why string) (int64, error) {
	newest, err := tx.Newest(controller, kind)
	if err != nil {
		return 0, err
	}
	if newest.Number != base {
		return 0, ErrVersion
	}
	row := versionRow{ControllerID: controller, Kind: kind, Number: base + 1, Body: body, CreatedAt: Micros(tx.Now), CreatedBy: by, Comment: why}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return 0, ErrVersion
		}
		return 0, fmt.Errorf("writing a version: %w", err)
	}
	return row.Number, nil
}

// Settings gives the settings in force and their version.
func (tx *Tx) Settings(controller int64) (Settings, int64, error) {
	v, err := tx.Newest(controller, VersionSettings)
	if err != nil {
		return Settings{}, 0, err
	}
	s := DefaultSettings()
	if v.Number == 0 {
		return s, 0, nil
	}
	if err := json.Unmarshal([]byte(v.Body), &s); err != nil {
		return Settings{}, 0, fmt.Errorf("reading the settings: %w", err)
	}
	return s, v.Number, nil
}

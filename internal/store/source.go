package store

import (
	"fmt"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// Kinds of sources that the portal itself knows; the others are kinds of databases.
const (
	SourceManual = "manual" // a place that a colleague looks in
	SourceFile   = "file"   // an uploaded file
)

// The states of a source, as the last look at it found it.
const (
	SourceOK      = "ok"
	SourceFailing = "failing"
	SourceUnknown = "unknown" // nobody has looked yet
)

// Faults of sources.
var (
	ErrNoSource = fault.Define(fault.NotFound, "source_not_found",
		"Vi finner ikke denne kilden.", "Vi finn ikkje denne kjelda.", "There is no such source.")
	ErrSourceName = fault.Define(fault.Conflict, "source_name_taken",
		"Det finnes allerede en kilde med dette navnet. Velg et annet navn.",
		"Det finst alt ei kjelde med dette namnet. Vel eit anna namn.",
		"There is a source of this name already. Choose another name.")
)

// Source is a connected system, an uploaded file, or a place that a colleague looks in.
type Source struct {
	ID           int64
	PublicID     string
	Controller   int64
	Name         string // unique within the controller
	Kind         string
	Enabled      bool
	Version      int64  // of what is kept in the list of versions
	Location     string // where it is, without secrets
	Activity     string // the register's activity, where the dataset names none
	Instructions string // where and how to look, for a person
	Dataset      string // the annotation, YAML
	Blob         string // where an uploaded file lies
	State        string
	StateCode    string
	CheckedAt    *time.Time
	CreatedAt    time.Time
	DrillOf      *int64 // the rehearsal that it was made for, and is alone searched for

	sealedDSN       []byte
	sealedColleague []byte
}

// SourceVersion is one version of a source's annotation.
type SourceVersion struct {
	Number    int64
	Dataset   string
	Enabled   bool
	CreatedAt time.Time
	CreatedBy string
}

type sourceRow struct {
	ID              int64
	PublicID        string
	ControllerID    int64
	Name            string
	Kind            string
	Enabled         bool
	Version         int64
	SealedDSN       []byte `gorm:"column:sealed_dsn"`
	SealedColleague []byte
	Location        string
	Activity        string
	Instructions    string
	Dataset         string
	Blob            string
	State           string
	StateCode       string
	CheckedAt       *int64
	CreatedAt       int64
	DrillOf         *int64
}

func (sourceRow) TableName() string { return "source" }

type sourceVersionRow struct {
	ID        int64
	SourceID  int64
	Number    int64
	Dataset   string
	Enabled   bool
	CreatedAt int64
	CreatedBy string
}

func (sourceVersionRow) TableName() string { return "source_version" }

func (r sourceRow) domain() Source {
	return Source{
		ID: r.ID, PublicID: r.PublicID, Controller: r.ControllerID, Name: r.Name, Kind: r.Kind, Enabled: r.Enabled,
		Version: r.Version, Location: r.Location, Activity: r.Activity, Instructions: r.Instructions, Dataset: r.Dataset,
		Blob: r.Blob, State: r.State, StateCode: r.StateCode, CheckedAt: instantOrNil(r.CheckedAt),
		CreatedAt: Instant(r.CreatedAt), DrillOf: r.DrillOf, sealedDSN: r.SealedDSN, sealedColleague: r.SealedColleague,
	}
}

// Sources lists all sources of a controller by name. Those of rehearsals are none of them.
func (tx *Tx) Sources(controller int64) ([]Source, error) {
	return tx.sourcesWhere("controller_id = ? AND drill_of IS NULL", controller)
}

// DrillSources lists the sources made for a rehearsal.
func (tx *Tx) DrillSources(r *Request) ([]Source, error) {
	return tx.sourcesWhere("drill_of = ?", r.ID)
}

// DropDrillSources removes the sources of a rehearsal, and with their key what they hold; it gives where
// their files lie.
func (tx *Tx) DropDrillSources(r *Request) ([]string, error) {
	list, err := tx.DrillSources(r)
	if err != nil {
		return nil, err
	}
	blobs := make([]string, 0, len(list))
	for _, s := range list {
		blobs = append(blobs, s.Blob)
		if err := tx.db.Where("source_id = ?", s.ID).Delete(&sourceVersionRow{}).Error; err != nil {
			return nil, fmt.Errorf("removing a rehearsal's source: %w", err)
		}
		if err := tx.db.Where("id = ? AND drill_of = ?", s.ID, r.ID).Delete(&sourceRow{}).Error; err != nil {
			return nil, fmt.Errorf("removing a rehearsal's source: %w", err)
		}
		if err := tx.Shred(s.PublicID, ClassSource); err != nil {
			return nil, err
		}
	}
	return blobs, nil
}

func (tx *Tx) sourcesWhere(where string, args ...any) ([]Source, error) {
	var rows []sourceRow
	if err := tx.db.Where(where, args...).Order("name, id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the sources: %w", err)
	}
	list := make([]Source, len(rows))
	for i, r := range rows {
		list[i] = r.domain()
	}
	return list, nil
}

// Source gives one source; ErrNoSource when there is none.
func (tx *Tx) Source(publicID string) (Source, error) {
	s, err := tx.sourceWhere("public_id = ?", publicID)
	if err == nil && s == nil {
		err = ErrNoSource
	}
	if err != nil {
		return Source{}, err
	}
	return *s, nil
}

// SourceByID gives the source of a row, or nil.
func (tx *Tx) SourceByID(id int64) (*Source, error) { return tx.sourceWhere("id = ?", id) }

// SourceNamed gives the source of a name, or nil.
func (tx *Tx) SourceNamed(controller int64, name string) (*Source, error) {
	return tx.sourceWhere("controller_id = ? AND name = ?", controller, name)
}

func (tx *Tx) sourceWhere(where string, args ...any) (*Source, error) {
	var rows []sourceRow
	if err := tx.db.Where(where, args...).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a source: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	s := rows[0].domain()
	return &s, nil
}

// SourceDSN opens how a source is reached; empty when it is not reached that way.
func (tx *Tx) SourceDSN(s Source) (keyring.Private, error) {
	plain, err := tx.open(s.PublicID, ClassSource, "source", "sealed_dsn", s.PublicID, s.sealedDSN)
	if err != nil {
		return keyring.Private{}, err
	}
	return keyring.NewPrivate(string(plain)), nil
}

// AddSource writes a new source and its first version. PublicID may be given, for a source whose
// file was stored first; else it is drawn. dsn is sealed.
func (tx *Tx) AddSource(s Source, dsn keyring.Private, by string) (Source, error) {
	if s.PublicID == "" {
		id, err := tx.NewID()
		if err != nil {
			return Source{}, err
		}
		s.PublicID = id
	}
	// Looked up first, since on PostgreSQL a broken rule would end the transaction.
	if taken, err := tx.SourceNamed(s.Controller, s.Name); err != nil || taken != nil {
		if err == nil {
			err = ErrSourceName
		}
		return Source{}, err
	}
	sealed, err := tx.seal(s.PublicID, ClassSource, "source", "sealed_dsn", s.PublicID, []byte(dsn.Reveal()))
	if err != nil {
		return Source{}, err
	}
	row := sourceRow{
		PublicID: s.PublicID, ControllerID: s.Controller, Name: s.Name, Kind: s.Kind, Enabled: s.Enabled, Version: 1,
		SealedDSN: sealed, Location: s.Location, Activity: s.Activity, Instructions: s.Instructions, Dataset: s.Dataset,
		Blob: s.Blob, State: SourceUnknown, CreatedAt: Micros(tx.Now), DrillOf: s.DrillOf,
	}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return Source{}, ErrSourceName
		}
		return Source{}, fmt.Errorf("writing a source: %w", err)
	}
	s = row.domain()
	return s, tx.addSourceVersion(s, by)
}

// ReviseSource writes a source as it now is and a new version of it; ErrVersion when somebody
// else was first. A nil dsn leaves the connection as it is; where its file lies is SwapSourceBlob's alone.
func (tx *Tx) ReviseSource(s Source, dsn *keyring.Private, by string) (Source, error) {
	set := map[string]any{
		"enabled": s.Enabled, "version": s.Version + 1, "location": s.Location, "activity": s.Activity,
		"instructions": s.Instructions, "dataset": s.Dataset, "kind": s.Kind,
		"state": SourceUnknown, "state_code": "", "checked_at": nil,
	}
	if dsn != nil {
		sealed, err := tx.seal(s.PublicID, ClassSource, "source", "sealed_dsn", s.PublicID, []byte(dsn.Reveal()))
		if err != nil {
			return Source{}, err
		}
		set["sealed_dsn"] = sealed
	}
	ok, err := changed(tx.db.Model(&sourceRow{}).Where("id = ? AND version = ?", s.ID, s.Version).Updates(set))
	if err != nil {
		return Source{}, fmt.Errorf("changing a source: %w", err)
	}
	if !ok {
		return Source{}, ErrVersion
	}
	s, err = tx.Source(s.PublicID)
	if err != nil {
		return Source{}, err
	}
	return s, tx.addSourceVersion(s, by)
}

func (tx *Tx) addSourceVersion(s Source, by string) error {
	row := sourceVersionRow{SourceID: s.ID, Number: s.Version, Dataset: s.Dataset, Enabled: s.Enabled,
		CreatedAt: Micros(tx.Now), CreatedBy: by}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return ErrVersion
		}
		return fmt.Errorf("writing a source's version: %w", err)
	}
	return nil
}

// SourceVersions lists what a source has been, newest first.
func (tx *Tx) SourceVersions(s Source) ([]SourceVersion, error) {
	var rows []sourceVersionRow
	if err := tx.db.Where("source_id = ?", s.ID).Order("number DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a source's versions: %w", err)
	}
	list := make([]SourceVersion, len(rows))
	for i, r := range rows {
		list[i] = SourceVersion{Number: r.Number, Dataset: r.Dataset, Enabled: r.Enabled, CreatedAt: Instant(r.CreatedAt), CreatedBy: r.CreatedBy}
	}
	return list, nil
}

// NoteSourceState keeps what a look at a source found. It says something about the version that
// was looked at only, so that a newer one is left alone.
func (tx *Tx) NoteSourceState(s Source, state, code string) error {
	err := tx.db.Model(&sourceRow{}).Where("id = ? AND version = ?", s.ID, s.Version).
		Updates(map[string]any{"state": state, "state_code": code, "checked_at": Micros(tx.Now)}).Error
	if err != nil {
		return fmt.Errorf("noting a source's state: %w", err)
	}
	return nil
}

// SwapSourceBlob points a source at the bytes of a new version of its file; false when it has another
// version than the one that the change was made on.
func (tx *Tx) SwapSourceBlob(publicID, old, fresh string) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE source SET blob = ? WHERE public_id = ? AND blob = ?", fresh, publicID, old))
	if err != nil {
		return false, fmt.Errorf("changing a source's file: %w", err)
	}
	return ok, nil
}

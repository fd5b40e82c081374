package store

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
)

// The states of a package.
const (
	PackageBuilding = "building"
	PackageReady    = "ready"
	PackagePurged   = "purged"
)

// Package is the copy of the data that an access request is answered with, or with a part of the answer that went before.
type Package struct {
	ID        int64
	PublicID  string
	RequestID int64
	Number    int64 // of the part; 0: the answer's
	State     string
	Blob      string
	SHA256    string // of what lies sealed in blob storage
	Manifest  string // digest of the manifest inside
	Size      int64
	ReadyAt   *time.Time
	OpenUntil *time.Time
	Downloads int64 // since it was last opened
	Opened    int64 // how often a fresh code opened it again
	PurgeAt   *time.Time
}

// Fetched tells whether it was ever downloaded.
func (p *Package) Fetched() bool { return p.Downloads > 0 || p.Opened > 0 }

type packageRow struct {
	ID        int64
	PublicID  string
	RequestID int64
	Number    int64
	State     string
	Blob      string
	SHA256    string `gorm:"column:sha256"`
	Manifest  string
	Size      int64
	ReadyAt   *int64
	OpenUntil *int64
	Downloads int64
	Opened    int64
	PurgeAt   *int64
}

func (packageRow) TableName() string { return "package" }

// ExpectPackage makes the request's package if it has none yet, and gives it.
func (tx *Tx) ExpectPackage(r *Request) (*Package, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	row := packageRow{PublicID: id, RequestID: r.ID, State: PackageBuilding}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return nil, fmt.Errorf("expecting a package: %w", err)
	}
	return tx.PackageOf(r)
}

// PackageOf gives the copy that the request's answer goes with, or nil.
func (tx *Tx) PackageOf(r *Request) (*Package, error) { return tx.PartOf(r, 0) }

// PartOf gives the copy of a part of the request's answer, or nil.
func (tx *Tx) PartOf(r *Request, number int64) (*Package, error) {
	all, err := tx.packages(r, "number = ?", number)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// Parts gives the copies of the parts that went before the request's answer, the first one first.
func (tx *Tx) Parts(r *Request) ([]Package, error) { return tx.packages(r, "number > 0") }

func (tx *Tx) packages(r *Request, which string, args ...any) ([]Package, error) {
	var rows []packageRow
	if err := tx.db.Where("request_id = ?", r.ID).Where(which, args...).Order("number").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading packages: %w", err)
	}
	all := make([]Package, len(rows))
	for i, p := range rows {
		all[i] = Package{ID: p.ID, PublicID: p.PublicID, RequestID: p.RequestID, Number: p.Number, State: p.State, Blob: p.Blob, SHA256: p.SHA256,
			Manifest: p.Manifest, Size: p.Size, ReadyAt: instantOrNil(p.ReadyAt), OpenUntil: instantOrNil(p.OpenUntil),
			Downloads: p.Downloads, Opened: p.Opened, PurgeAt: instantOrNil(p.PurgeAt)}
	}
	return all, nil
}

// AddPart keeps the copy of a part of the answer, open to the person until a time; false: there is a part of that number.
func (tx *Tx) AddPart(r *Request, p Package, until time.Time) (bool, error) {
	now, open := Micros(tx.Now), Micros(until)
	row := packageRow{PublicID: p.PublicID, RequestID: r.ID, Number: p.Number, State: PackageReady, Blob: p.Blob, SHA256: p.SHA256, Manifest: p.Manifest,
		Size: p.Size, ReadyAt: &now, OpenUntil: &open}
	ok, err := changed(tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row))
	if err != nil {
		return false, fmt.Errorf("keeping a part: %w", err)
	}
	return ok, nil
}

// PackageIsReady writes where the finished package lies. A package that was ready before is
// replaced; a purged one never comes back.
func (tx *Tx) PackageIsReady(p *Package, blob, sha256, manifest string, size int64) error {
	ok, err := changed(tx.db.Model(&packageRow{}).Where("id = ? AND state <> ?", p.ID, PackagePurged).
		Updates(map[string]any{"state": PackageReady, "blob": blob, "sha256": sha256, "manifest": manifest, "size": size, "ready_at": Micros(tx.Now)}))
	if err != nil {
		return fmt.Errorf("finishing a package: %w", err)
	}
	if !ok {
		return ErrShredded
	}
	return nil
}

// OpenPackage opens the package to the person until a time, and says when it is purged.
func (tx *Tx) OpenPackage(p *Package, until, purge time.Time) error {
	err := tx.db.Model(&packageRow{}).Where("id = ? AND state = ?", p.ID, PackageReady).
		Updates(map[string]any{"open_until": Micros(until), "purge_at": Micros(purge), "downloads": 0}).Error
	if err != nil {
		return fmt.Errorf("opening a package: %w", err)
	}
	return nil
}

// CountDownload counts a download, in one guarded statement however many come at once: within the
// window while limit is not reached, else as the first of a window that the fresh code opens anew
// until a time. False: the package is not there any more.
func (tx *Tx) CountDownload(p *Package, limit int, until time.Time) (bool, error) {
	now := Micros(tx.Now)
	result := tx.db.Exec(`UPDATE package SET
		opened = opened + CASE WHEN downloads < ? AND open_until > ? THEN 0 ELSE 1 END,
		open_until = CASE WHEN downloads < ? AND open_until > ? THEN open_until ELSE ? END,
		downloads = CASE WHEN downloads < ? AND open_until > ? THEN downloads + 1 ELSE 1 END
		WHERE id = ? AND state = 'ready' AND open_until IS NOT NULL AND (number > 0 OR purge_at > ?)`,
		limit, now, limit, now, Micros(until), limit, now, p.ID, now)
	ok, err := changed(result)
	if err != nil {
		return false, fmt.Errorf("counting a download: %w", err)
	}
	return ok, nil
}

// PurgePackage writes that the package is gone; false: it was before, or there is none.
func (tx *Tx) PurgePackage(requestID int64) (bool, error) {
	gone, err := changed(tx.db.Model(&packageRow{}).Where("request_id = ? AND state <> ?", requestID, PackagePurged).
		Updates(map[string]any{"state": PackagePurged, "blob": "", "size": 0}))
	if err != nil {
		return false, fmt.Errorf("purging a package: %w", err)
	}
	return gone, nil
}

// EvidenceToPurge gives closed requests whose findings can still be opened though their time is up.
func (tx *Tx) EvidenceToPurge(closedBefore time.Time, limit int) ([]string, error) {
	return tx.keysToPurge(ClassEvidence, "request.closed_at < ?", []any{Micros(closedBefore)}, limit)
}

// CopiesToPurge gives closed requests whose package can still be opened though its time is up: the day that
// the person was told, or days after the end when none was ever delivered.
func (tx *Tx) CopiesToPurge(closedBefore time.Time, limit int) ([]string, error) {
	return tx.keysToPurge(ClassPackage, "(package.purge_at < ? OR package.purge_at IS NULL AND request.closed_at < ?)", []any{Micros(tx.Now), Micros(closedBefore)}, limit)
}

// keysToPurge leaves out cases that were closed for want of a reply for as long as one opens them again.
func (tx *Tx) keysToPurge(class, due string, args []any, limit int) ([]string, error) {
	var ids []string
	args = append(append([]any{class, Micros(tx.Now.Add(-dsr.KeepAnswered))}, args...), limit)
	err := tx.db.Raw(`SELECT request.public_id FROM request JOIN data_key ON data_key.owner = request.public_id
		LEFT JOIN package ON package.request_id = request.id AND package.number = 0
		WHERE data_key.class = ? AND data_key.shredded_at IS NULL AND request.closed_at IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM event WHERE event.request_id = request.id AND event.kind = 'refused' AND event.actor = 'system'
			AND event.at >= request.closed_at AND event.at >= ?)
		AND `+due+` LIMIT ?`, args...).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("reading whose %s is to be purged: %w", class, err)
	}
	return ids, nil
}

package store

import (
	"errors"
	"fmt"
	"time"

	"mininfo/internal/keyring"
)

// Attachment is a file that belongs to a request: what a colleague found in a place.
type Attachment struct {
	PublicID  string
	TaskID    *int64
	MessageID *int64
	Name      keyring.Private
	MediaType string
	Size      int64
	Blob      string
	SHA256    string // of the plain content, hex
	CreatedAt time.Time
}

type attachmentRow struct {
	ID         int64
	PublicID   string
	RequestID  int64
	MessageID  *int64
	TaskID     *int64
	SealedName []byte
	MediaType  string
	Size       int64
	Blob       string
	SHA256     string `gorm:"column:sha256"`
	CreatedAt  int64
}

func (attachmentRow) TableName() string { return "attachment" }

// AddAttachment keeps where a file lies. PublicID is the caller's: the blob is named by it.
func (tx *Tx) AddAttachment(r *Request, a Attachment) error {
	sealed, err := tx.seal(r.PublicID, ClassEvidence, "attachment", "sealed_name", a.PublicID, []byte(a.Name.Reveal()))
	if err != nil {
		return err
	}
	row := attachmentRow{PublicID: a.PublicID, RequestID: r.ID, MessageID: a.MessageID, TaskID: a.TaskID, SealedName: sealed,
		MediaType: a.MediaType, Size: a.Size, Blob: a.Blob, SHA256: a.SHA256, CreatedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("keeping an attachment: %w", err)
	}
	return nil
}

// Attachments gives a request's files, oldest first. A purged one has no name any more.
func (tx *Tx) Attachments(r *Request) ([]Attachment, error) {
	var rows []attachmentRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading attachments: %w", err)
	}
	files := make([]Attachment, len(rows))
	for i, row := range rows {
		name, err := tx.open(r.PublicID, ClassEvidence, "attachment", "sealed_name", row.PublicID, row.SealedName)
		if err != nil && !errors.Is(err, ErrShredded) {
			return nil, err
		}
		files[i] = Attachment{PublicID: row.PublicID, TaskID: row.TaskID, MessageID: row.MessageID, Name: keyring.NewPrivate(string(name)),
			MediaType: row.MediaType, Size: row.Size, Blob: row.Blob, SHA256: row.SHA256, CreatedAt: Instant(row.CreatedAt)}
	}
	return files, nil
}

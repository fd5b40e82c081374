package store

import (
	"fmt"
	"strings"
	"time"
)

// Client is another system of the organisation that calls the API.
type Client struct {
	ID        int64
	PublicID  string
	Name      string
	Scopes    []string
	CreatedAt time.Time
	CreatedBy string
	RevokedAt *time.Time
}

type clientRow struct {
	ID           int64
	PublicID     string
	ControllerID int64
	Name         string
	SecretHash   []byte
	Scopes       string
	CreatedAt    int64
	CreatedBy    string
	RevokedAt    *int64
	EarlierHash  []byte
	EarlierUntil *int64
}

func (clientRow) TableName() string { return "api_client" }

func (r clientRow) domain() Client {
	return Client{ID: r.ID, PublicID: r.PublicID, Name: r.Name, Scopes: strings.Fields(r.Scopes), CreatedAt: Instant(r.CreatedAt),
		CreatedBy: r.CreatedBy, RevokedAt: instantOrNil(r.RevokedAt)}
}

// AddClient keeps a new client under the digest of its secret.
func (tx *Tx) AddClient(controller int64, name string, scopes []string, secretHash []byte, by string) (Client, error) {
	id, err := tx.NewID()
	if err != nil {
		return Client{}, err
	}
	row := clientRow{PublicID: id, ControllerID: controller, Name: name, SecretHash: secretHash, Scopes: strings.Join(scopes, " "),
		CreatedAt: Micros(tx.Now), CreatedBy: by}
	if err := tx.db.Create(&row).Error; err != nil {
		return Client{}, fmt.Errorf("keeping a client: %w", err)
	}
	return row.domain(), nil
}

// ClientSecrets are the digests of a client's secret and of the one before, which is good until an instant.
type ClientSecrets struct {
	Hash, Earlier []byte
	EarlierUntil  *time.Time
}

// ClientByPublicID gives a client and its secrets; nil when there is none.
func (tx *Tx) ClientByPublicID(id string) (c *Client, secrets *ClientSecrets, err error) {
	if !isID(id) {
		return nil, nil, nil
	}
	var rows []clientRow
	if err := tx.db.Where("public_id = ?", id).Limit(1).Find(&rows).Error; err != nil {
		return nil, nil, fmt.Errorf("reading a client: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	found := rows[0].domain()
	return &found, &ClientSecrets{Hash: rows[0].SecretHash, Earlier: rows[0].EarlierHash, EarlierUntil: instantOrNil(rows[0].EarlierUntil)}, nil
}

// RotateClient gives an open client a new secret; the one that was read stays good until an instant. False
// when the client was closed or somebody else was first.
func (tx *Tx) RotateClient(id int64, read, secretHash []byte, until time.Time) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE api_client SET earlier_hash = secret_hash, earlier_until = ?, secret_hash = ? WHERE id = ? AND secret_hash = ? AND revoked_at IS NULL",
		Micros(until), secretHash, id, read))
	if err != nil {
		return false, fmt.Errorf("giving a client a new secret: %w", err)
	}
	return ok, nil
}

// clientsShown is how many clients are listed; those that were revoked long ago are left out.
const clientsShown = 1000

// Clients gives the clients: those that are open first, then those that were revoked, the newest first.
func (tx *Tx) Clients() ([]Client, error) {
	var rows []clientRow
	if err := tx.db.Order("CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC").Limit(clientsShown).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the clients: %w", err)
	}
	list := make([]Client, len(rows))
	for i, r := range rows {
		list[i] = r.domain()
	}
	return list, nil
}

// RevokeClient closes a client; false when it was closed already.
func (tx *Tx) RevokeClient(id int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE api_client SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", Micros(tx.Now), id))
	if err != nil {
		return false, fmt.Errorf("revoking a client: %w", err)
	}
	return ok, nil
}

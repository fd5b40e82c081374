package store

import (
	"errors"

	"github.com/ncruces/go-sqlite3"
	"gorm.io/gorm"
)

// Rows are all row structs, for the test that holds them against the schema.
var Rows = []interface{ TableName() string }{
	addressChangeRow{}, approvalRow{}, attachmentRow{}, breachRow{}, ceremonyRow{}, changeRow{}, chunkRow{}, clientRow{}, challengeRow{}, controllerRow{}, dataKeyRow{}, decisionRow{},
	demoMailRow{}, digestsRow{}, drillMailRow{}, enquiryRow{}, erasedRow{}, eventRow{}, executionRow{}, factRow{}, groupRow{}, idempotencyRow{}, identifierRow{}, identityRow{}, informRow{}, invitationRow{},
	jobRow{}, leafRow{}, memberRow{}, messageRow{}, noticeRow{}, packageRow{}, passkeyRow{}, planRow{}, redactionRow{}, replayRow{}, requestRow{}, restrictionRow{}, retentionPlanRow{}, runRow{}, sessionRow{},
	sourceRow{}, sourceVersionRow{}, statementRow{}, stepUpRow{}, suppressionRow{}, taskLinkRow{}, taskRow{}, versionRow{}, wordRow{},
}

// ErrBusy is what SQLite says when another connection writes.
var ErrBusy error = sqlite3.BUSY

// ErrAgain is a lost race.
var ErrAgain = errors.Join(errAgain)

// DB gives a transaction's connection, to write what the store itself would not.
func (tx *Tx) DB() *gorm.DB { return tx.db }

// Seal and Open are the store's own, for values of any place.
func (tx *Tx) Seal(owner, class, table, column, row string, plain []byte) ([]byte, error) {
	return tx.seal(owner, class, table, column, row, plain)
}

// Open opens what Seal sealed.
func (tx *Tx) Open(owner, class, table, column, row string, sealed []byte) ([]byte, error) {
	return tx.open(owner, class, table, column, row, sealed)
}

// OpenStates is the condition of the inbox.
const OpenStates = openStates

// Package export writes what an access request delivers: a ZIP with one page to read offline, the
// same data as JSON and CSV, the attachments, and a manifest of digests; or the page alone, as a
// letter on paper. Everything about rows streams: memory does not grow with them. The package
// knows no store, no clock and no network, and what it writes depends on its input alone.
package export

import (
	"context"
	"errors"
	"io"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/source"
)

// Errors of a package that cannot be delivered. None of them holds personal data.
var (
	// ErrUnstable: a table gave other rows in a later pass than in the first.
	ErrUnstable = errors.New("a table's rows changed while the package was written")
	// ErrShape: a row does not have one cell for each column, or two columns share a name.
	ErrShape = errors.New("a table's rows and columns do not agree")
	// ErrAttachment: an attachment's content is not what was announced.
	ErrAttachment = errors.New("an attachment differs from its recorded size or digest")
	// ErrDamaged: a ZIP is not what its manifest says.
	ErrDamaged = errors.New("the package does not agree with its manifest")
)

// Package is everything that an answer to a request for access tells (Art. 12, 15 and 11). Texts
// are in the language of Locale.
type Package struct {
	Locale     locale.Locale
	Created    time.Time      // when it was made; also the time of every file in the ZIP
	Zone       *time.Location // in which the page shows instants; nil is UTC
	Controller Controller
	Case       Case
	Person     Person
	Summary    []string // the short answer; empty: said from the content
	Identity   []string // how it was established who asks
	Searched   Searched
	Purposes   []Purpose
	Withheld   []Withheld
	// NotReachable are places whose content cannot be linked to a person (Art. 11).
	NotReachable []string
	Attachments  []Attachment
	Letter       []byte   // the answer as PDF; nil: none
	Transfers    []string // to countries outside the EEA; empty: made from the purposes
	Automated    []string // automated decisions; empty: made from the purposes
	Rights       []string // empty: the fixed paragraphs
	Complaint    []string // empty: the fixed paragraph on Datatilsynet and the courts
	Corrections  []string // of earlier answers, and parts that follow later
	Glossary     []Term   // beside the fixed terms
	ValidUntil   dsr.Date // last day of the download; zero is not said
	Downloads    int      // how many times it can be fetched; zero is not said
	Signer       Signer
}

// Controller is the organisation that answers.
type Controller struct {
	Name           string `json:"name"`
	OrganisationNo string `json:"organisation_number,omitempty"`
	Address        string `json:"address"`
	Email          string `json:"email"`
	Phone          string `json:"phone,omitempty"`
	DPO            string `json:"dpo,omitempty"` // contact of the data protection officer
}

// Case is the request that is answered.
type Case struct {
	Reference string    `json:"reference"`
	Right     dsr.Right `json:"right"`
	Received  dsr.Date  `json:"received"`
	Answered  dsr.Date  `json:"answered"`
	Due       dsr.Date  `json:"due"`
	Notice    string    `json:"privacy_notice,omitempty"` // the version that applied at receipt, and its address
	Wrong     string    `json:"-"`                        // the address where something wrong or missing is told; http or https
}

// portable tells whether the copy is for another system (Art. 20): then there is no page to read.
func (c Case) portable() bool { return c.Right == dsr.Portability }

// Person is who gets the answer. It may be empty: the address alone may be all that is known.
type Person struct {
	Name    string   `json:"name,omitempty"`
	Address []string `json:"address,omitempty"` // lines of the postal address, for a letter
}

// Searched says where was looked and with what.
type Searched struct {
	Systems     []string `json:"systems"`
	Identifiers []string `json:"identifiers"`      // kinds, such as "e-postadresse"
	Period      []string `json:"period,omitempty"` // how far back in time
	Notes       []string `json:"notes,omitempty"`
}

// Purpose is one processing activity and the data held for it.
type Purpose struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Purpose    string      `json:"purpose"`
	Bases      []string    `json:"bases"`
	Categories []string    `json:"categories"`
	Sources    []string    `json:"sources"`
	Recipients []Recipient `json:"recipients"`
	Alone      bool        `json:"no_recipients,omitzero"` // nobody else gets the data: said, and not only unknown
	Storage    Storage     `json:"storage"`
	Retention  string      `json:"retention"`
	KeptUntil  dsr.Date    `json:"kept_until,omitzero"` // the computed end, where it is one date for all
	Over       bool        `json:"over,omitzero"`       // that day has passed: it is to be erased
	Rights     []string    `json:"rights"`
	Automated  string      `json:"automated,omitempty"`
	// NoAutomated: nothing is decided by automated means alone: said, and not only unknown.
	NoAutomated bool     `json:"no_automated,omitzero"`
	Notes       []string `json:"notes,omitempty"`
	Unplaced    bool     `json:"unplaced,omitzero"` // data that the register links to no purpose: it says nothing of them
	Tables      []Table  `json:"-"`
}

// Recipient is somebody who gets or got the data (Art. 15(1)(c)).
type Recipient struct {
	Name      string `json:"name"`
	Role      string `json:"role,omitempty"`    // processor, controller, authority, or words
	Country   string `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Safeguard string `json:"safeguard,omitempty"`
	Why       string `json:"why,omitempty"`
	When      string `json:"when,omitempty"`
}

// Storage says how the data are stored, in general terms.
type Storage struct {
	System     string `json:"system"`
	Country    string `json:"country"` // ISO 3166-1 alpha-2
	Protection string `json:"protection"`
}

// Table is the rows of one collection that belong to one purpose.
type Table struct {
	Source     string // name of the connected system
	Collection string
	Title      string // for people; empty: Collection
	Columns    []Column
	Rows       Rows // nil: none
}

// Column is a field of a table. Names are unique within it.
type Column struct {
	Name     string `json:"name"`
	Label    string `json:"label"`              // for people; empty: Name made readable
	Category string `json:"category,omitempty"` // kind of data, in words
}

// Rows gives every row of a table to yield, and stops with its error. It is called several times
// and must give the same rows each time. A row may be reused between calls of yield.
type Rows func(ctx context.Context, yield func(*Row) error) error

// Row is one record. It has one cell for each column.
type Row struct {
	Key       string // names the record; written to the JSON alone
	Cells     []Cell
	Notes     []string
	KeptUntil dsr.Date
	KeptWhy   string
}

// Cell is one value, or the reason that it was left out. A withheld value is written nowhere.
type Cell struct {
	Value    source.Value
	Withheld string
}

// Withheld is something that was left out, with the provision and the reason (Art. 12(4)).
type Withheld struct {
	What   string `json:"what"`
	Count  int    `json:"count,omitempty"`
	Ground string `json:"ground"`
	Text   string `json:"text"`
}

// Attachment is a file that goes with the answer.
type Attachment struct {
	Name      string // as it was called; the ZIP gets a safe name of our own
	MediaType string
	Note      string
	Size      int64  // not positive: unknown
	SHA256    []byte // nil: unknown
	Open      func() (io.ReadCloser, error)
}

// Term is a word or code that the data use, explained.
type Term struct {
	Term    string `json:"term"`
	Meaning string `json:"meaning"`
}

// Signer is who answers for the controller. Where no name is given the controller itself signs in that role.
type Signer struct {
	Name string `json:"name,omitempty"`
	Role string `json:"role,omitempty"`
}

// SignerOf is who signs by what an office says, which may be nothing: then its privacy function does.
func SignerOf(name, role string, l locale.Locale) Signer {
	if name == "" && role == "" {
		role = texts["signer_role"].In(l)
	}
	return Signer{Name: name, Role: role}
}

// Enclosed names what a copy holds beside its files of others, as a letter lists it. Words are explained on the page to
// read, which a copy for another system has not.
func Enclosed(right dsr.Right, l locale.Locale) []string {
	if (Case{Right: right}).portable() {
		return fixed(l, "enclosed_copy")()
	}
	return fixed(l, "enclosed_copy", "enclosed_terms")()
}

// Lines are what stands under a letter of a controller.
func (s Signer) Lines(controller string) []string {
	if s.Name == "" {
		return one(joined(", ", controller, s.Role))
	}
	return append(one(joined(", ", s.Name, s.Role)), one(controller)...)
}

// Package governance holds the use cases of the office itself: what it is called and how it is
// reached, its register of processing activities, and which systems are searched. Every change is
// a version with who and when; the database is the truth, and files only seed it.
package governance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/go-playground/validator/v10"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Office is where the installation is governed. Use a pointer; make it by literal.
type Office struct {
	Store     *store.Store
	Ring      *keyring.Ring
	Blobs     blob.Store
	Now       func() time.Time
	Rand      io.Reader
	Sender    mail.Sender  // nil: no mail server is configured
	Mails     mail.Wording // the controller's own texts
	PublicURL string
	Demo      bool
	Anchor    string // an address outside the house that gets the log's newest checkpoint each day; may be empty
	// Patience is how long a job stays, at each source, for results that systems send later, before
	// it makes room for others; 0 is a few seconds.
	Patience time.Duration

	history register.History
}

// By is who acts: a signed-in member, or the system itself at the start and in commands.
type By struct {
	ID          int64
	PublicID    string
	Name        string
	Roles       []staff.Role
	Locale      locale.Locale // of the texts in answers; empty means bokmål
	FactorFresh bool          // a second factor was given in the last minutes

	system bool
}

// System acts at the start and for commands, which only who runs the server can give.
func System() By { return By{system: true} }

const systemActor = "system"

func (b By) actor() string {
	if b.system {
		return systemActor
	}
	return fmt.Sprintf("member.%d", b.ID)
}

func (b By) role() string {
	if b.system || len(b.Roles) == 0 {
		return systemActor
	}
	return string(staff.Main(b.Roles))
}

// may asks the table of roles.
func (b By) may(p staff.Permission, f staff.Facts) error {
	if b.system {
		return nil
	}
	f.FactorFresh = b.FactorFresh
	return staff.May(staff.Member{ID: b.ID, Roles: b.Roles}, p, f)
}

// confirmers counts the enabled members who could confirm what another one proposes.
func confirmers(tx *store.Tx) (int, error) {
	members, err := tx.Members()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, m := range members {
		who := staff.Member{Roles: m.Roles, Disabled: m.Disabled}
		if who.Has(staff.PrivacyOfficer) || who.Has(staff.Admin) {
			n++
		}
	}
	return n, nil
}

// log writes a leaf about the installation; it belongs to no request.
func (b By) log(tx *store.Tx, action string, statement map[string]any) error {
	_, err := tx.Log(store.Act{Actor: b.actor(), Role: b.role(), Action: action, Statement: statement})
	return err
}

// rules holds what an input must be. Tag "line": one line without control characters.
var rules = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	err := v.RegisterValidation("line", func(f validator.FieldLevel) bool {
		return !strings.ContainsFunc(f.Field().String(), unicode.IsControl)
	})
	if err != nil {
		panic(err) // only for an empty tag
	}
	return v
})

// ErrInput says that an input breaks a rule; the field is added.
var ErrInput = fault.Define(fault.Invalid, "invalid_input",
	"Noe mangler, er for langt eller er skrevet på en måte vi ikke forstår. Se på feltet og prøv igjen.",
	"Noko manglar, er for langt eller er skrive på ein måte vi ikkje forstår. Sjå på feltet og prøv igjen.",
	"Something is missing, too long or written in a way we do not understand. Look at the field and try again.")

// check holds an input against the rules in its validate tags. The field of the fault is a JSON pointer.
func check(input any) error {
	err := rules().Struct(input)
	if err == nil {
		return nil
	}
	if broken, ok := err.(validator.ValidationErrors); ok && len(broken) > 0 {
		return ErrInput.At(pointer(broken[0].Namespace()))
	}
	return fmt.Errorf("checking an input: %w", err)
}

// pointer turns Change.Organisation.PostalAddress into /organisation/postal_address.
func pointer(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	var b strings.Builder
	b.WriteByte('/')
	for i, c := range path {
		switch {
		case c == '.' || c == '[':
			b.WriteByte('/')
		case c == ']':
		case c >= 'A' && c <= 'Z':
			if i > 0 && path[i-1] != '.' && !(path[i-1] >= 'A' && path[i-1] <= 'Z') {
				b.WriteByte('_')
			}
			b.WriteRune(c - 'A' + 'a')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// FirstStart makes what every installation has: its controller and a register to adjust. It may
// run at every start, in any number of processes.
func (o *Office) FirstStart(ctx context.Context) error {
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		newest, err := tx.Newest(c.ID, store.VersionRegister)
		if err != nil || newest.Number > 0 {
			return err
		}
		body, err := register.Seed().Marshal()
		if err != nil {
			return err
		}
		return putRegister(tx, System(), c.ID, 0, string(body), "")
	})
	if errors.Is(err, store.ErrVersion) {
		return nil // another process was first
	}
	return err
}

// today is the civil date where the controller is established.
func today(tx *store.Tx, c store.Controller) (dsr.Date, *time.Location, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return dsr.Date{}, nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	return dsr.DateOf(tx.Now, zone), zone, nil
}

// Work gives the jobs that this package works.
func (o *Office) Work() map[string]job.Work {
	return map[string]job.Work{
		JobMailTest:           {Handle: o.mailTest, MaxAttempts: 5, GiveUpAfter: time.Hour, Timeout: 2 * time.Minute},
		JobBreaches:           {Handle: func(ctx context.Context, _ job.Job) error { return o.WatchBreaches(ctx) }, MaxAttempts: 5},
		JobMailBreach:         {Handle: o.mailBreach, MaxAttempts: 20, GiveUpAfter: 72 * time.Hour, Timeout: 2 * time.Minute},
		JobDrills:             {Handle: func(ctx context.Context, _ job.Job) error { return o.WatchDrills(ctx) }, MaxAttempts: 5},
		JobMailDrill:          {Handle: o.mailDrill, MaxAttempts: 20, GiveUpAfter: 7 * 24 * time.Hour, Timeout: 2 * time.Minute},
		JobAnchor:             {Handle: o.anchor, MaxAttempts: 20, GiveUpAfter: 7 * 24 * time.Hour, Timeout: 2 * time.Minute},
		JobSources:            {Handle: o.checkSources, MaxAttempts: 3, Timeout: time.Hour, Concurrency: 1},
		store.JobFurnishDrill: {Handle: o.furnishDrill, MaxAttempts: 20, Timeout: 2 * time.Minute},
		store.JobClearDrill:   {Handle: o.clearDrill, MaxAttempts: 20, Timeout: 2 * time.Minute},
		JobDropBlob:           {Handle: o.dropBlob, MaxAttempts: 20, GiveUpAfter: 7 * 24 * time.Hour, Timeout: 2 * time.Minute},
	}
}

// Periodic lists the jobs that this package asks for again and again.
func (o *Office) Periodic() []job.Periodic {
	list := []job.Periodic{{Kind: JobSources, Every: 24 * time.Hour}, {Kind: JobBreaches, Every: time.Hour}, {Kind: JobDrills, Every: 24 * time.Hour}}
	if o.Anchor != "" {
		list = append(list, job.Periodic{Kind: JobAnchor, Every: 24 * time.Hour})
	}
	return list
}

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

// write renders a mail in the organisation's name and language, for the job that sends it.
func (o *Office) write(tx *store.Tx, j job.Job, c store.Controller, to keyring.Private, k mail.Kind, d mail.Data) (mail.Message, error) {
	s, _, err := tx.Settings(c.ID)
	if err != nil {
		return mail.Message{}, err
	}
	d.Org, d.Contact, d.Postal = s.Name, s.Email, s.PostalAddress
	m, err := o.Mails.Render(k, s.Speaks(), d)
	if err != nil {
		return mail.Message{}, err
	}
	m.To, m.From = to, mail.Mailbox{Name: s.Name, Address: s.Email}
	m.ReplyTo, m.MessageID = m.From, mail.MessageID(j.ID, o.PublicURL)
	return m, nil
}

// Package casework holds the use cases of a case's life: it is filed, followed, talked about,
// paused, extended, refused, withdrawn and, in the end, purged. What the company's systems hold
// and what is done with it is the work of package fulfilment; the two meet through jobs and states.
package casework

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// The jobs that package fulfilment works: search a request's sources, make its plan, carry it out, begin
// to lift what was restricted until the case ended, and delete the files of a purged case.
const (
	JobCollect    = "collect"
	JobPlan       = "plan"
	JobExecute    = store.JobExecute
	JobUnrestrict = "unrestrict"
	JobForget     = "forget"
)

// Desk is where cases are worked.
type Desk struct {
	Store     *store.Store
	Sender    mail.Sender
	Mails     mail.Wording // the controller's own texts
	PublicURL string
	Now       func() time.Time
	Rand      io.Reader
	Logger    *slog.Logger
	// Demo has a member's change of address wait no longer than the setting says.
	Demo bool

	// Searched tells in an answer where was looked for the person, with what kinds of identifiers and when; nothing:
	// no search has ended.
	Searched func(*store.Tx, *store.Request, *store.Answer) error

	notices register.History
}

// By is the member who acts.
type By struct {
	ID    int64
	Name  string
	Roles []staff.Role
	Fresh bool // a second factor was given in the last minutes
}

func (b By) actor() dsr.Actor { return dsr.Actor{Kind: dsr.Member, Member: b.ID} }

func (b By) role() string { return string(staff.Main(b.Roles)) }

var validate = newValidator()

// newValidator names fields as the contract does: by their tag, or in snake case.
func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		if name := f.Tag.Get("field"); name != "" {
			return name
		}
		return snake(f.Name)
	})
	var rights []string
	for _, row := range dsr.Rights() {
		rights = append(rights, string(row.Right))
	}
	v.RegisterAlias("right", "oneof="+strings.Join(rights, " "))
	return v
}

// errRules says which rule of the domain an input breaks; the field is added.
var errRules = fault.Define(fault.Invalid, "invalid_input",
	"Noe mangler eller er for langt. Se på feltet og prøv igjen.",
	"Noko manglar eller er for langt. Sjå på feltet og prøv igjen.",
	"Something is missing or too long. Look at the field and try again.")

// check holds an input against the rules in its validate tags.
func check(input any) error {
	err := validate.Struct(input)
	if err == nil {
		return nil
	}
	var broken validator.ValidationErrors
	if errors.As(err, &broken) && len(broken) > 0 {
		return errRules.At("/" + strings.NewReplacer("[", "/", "]", "").Replace(broken[0].Field()))
	}
	return fmt.Errorf("checking an input: %w", err)
}

func snake(name string) string {
	out := make([]rune, 0, len(name)+4)
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				out = append(out, '_')
			}
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}

// today is the civil date where the controller is established.
func (d *Desk) today(tx *store.Tx) (dsr.Date, *time.Location, error) {
	c, err := tx.Controller()
	if err != nil {
		return dsr.Date{}, nil, err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return dsr.Date{}, nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	return dsr.DateOf(tx.Now, zone), zone, nil
}

// Today is the civil date where the controller is established.
func (d *Desk) Today(ctx context.Context) (dsr.Date, error) {
	var today dsr.Date
	err := d.Store.Read(ctx, func(tx *store.Tx) (err error) {
		today, _, err = d.today(tx)
		return err
	})
	return today, err
}

// registerOf gives the register in the version that a request is decided under.
func registerOf(tx *store.Tx, controller, version int64) (*register.Register, error) {
	v, err := tx.VersionNumber(controller, store.VersionRegister, version)
	if err != nil {
		return nil, err
	}
	if v.Number == 0 {
		return &register.Register{}, nil
	}
	r, err := register.Kept(v.Body)
	if err != nil {
		return nil, fmt.Errorf("reading register version %d: %w", version, err)
	}
	return r, nil
}

// Work gives the jobs that this package works.
func (d *Desk) Work() map[string]job.Work {
	return map[string]job.Work{
		store.JobMailPerson: {Handle: d.mailPerson, MaxAttempts: 20, GiveUpAfter: mailPatience, Timeout: 2 * time.Minute, Concurrency: 4},
		store.JobMailOffice: {Handle: d.mailOffice, MaxAttempts: 20, GiveUpAfter: mailPatience, Timeout: 2 * time.Minute, Concurrency: 2},
		JobMailAddress:      {Handle: d.mailAddress, MaxAttempts: 20, GiveUpAfter: mailPatience, Timeout: 2 * time.Minute, Concurrency: 2},
		JobChangeAddress:    {Handle: d.changeAddress, MaxAttempts: 20},
		JobDeadlines:        {Handle: func(ctx context.Context, _ job.Job) error { return d.WarnOfDeadlines(ctx) }, MaxAttempts: 5},
		JobSilence:          {Handle: func(ctx context.Context, _ job.Job) error { return d.ChaseSilence(ctx) }, MaxAttempts: 5},
		JobPurge:            {Handle: func(ctx context.Context, _ job.Job) error { return d.PurgeOld(ctx) }, MaxAttempts: 5},
		JobForgetReplies:    {Handle: func(ctx context.Context, _ job.Job) error { return d.ForgetReplies(ctx) }, MaxAttempts: 5},
	}
}

// mailPatience is for how long a mail server may be down before mails are given up. It is longer
// than any outage that nobody would notice: an answer that was written must reach the person.
const mailPatience = 14 * 24 * time.Hour

// The periodic jobs.
const (
	JobDeadlines     = "warn_of_deadlines"
	JobPurge         = "purge_cases"
	JobForgetReplies = "forget_identity_replies"
)

// Periodic gives what is done again and again.
func (d *Desk) Periodic() []job.Periodic {
	return []job.Periodic{{Kind: JobDeadlines, Every: time.Hour}, {Kind: JobSilence, Every: 6 * time.Hour}, {Kind: JobPurge, Every: 24 * time.Hour},
		{Kind: JobForgetReplies, Every: time.Hour}}
}

func text(nb, nn, en string) locale.Text { return locale.Text{NB: nb, NN: nn, EN: en} }

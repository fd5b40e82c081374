package governance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// JobMailTest mails the member whose public id is the job's object.
const JobMailTest = "mail_test"

// jobSendChallenge is the kind of package access's job that mails codes.
const jobSendChallenge = "send_challenge"

// The states of mail.
const (
	MailOK      = "ok"
	MailDelayed = "delayed" // mails wait because the server does not take them
	MailNotSet  = "not_set" // no server is configured
)

// Mail tells whether mails go out.
type Mail struct {
	State   string
	Text    string
	Waiting int64
}

// Settings is what the office has decided about itself, and how mail is doing.
type Settings struct {
	store.Settings
	Country string // whose public holidays count, and whose zone
	Version int64
	SetUp   bool // somebody has looked it over
	Mail    Mail
}

// Organisation is the controller as people see it.
type Organisation struct {
	Name               string `validate:"required,max=200,line"`
	OrganisationNumber string `validate:"omitempty,numeric,len=9"`
	Email              string `validate:"required,max=254"`
	Phone              string `validate:"max=40,line"`
	PostalAddress      string `validate:"required,min=5,max=500,line"`
	DPO                string `validate:"max=300,line"`
	SignerName         string `validate:"max=100,line"` // who signs letters to people; empty: nobody by name
	SignerRole         string `validate:"max=100,line"`
	SignerRoleNN       string `validate:"max=100,line"` // empty: as in bokmål
	SignerRoleEN       string `validate:"max=100,line"`
	AccessibilityURL   string `validate:"omitempty,max=500,startswith=https://,url"` // its own statement on accessibility
}

// Change is new settings. Base is the version that they were made from; nil takes the newest.
type Change struct {
	Organisation    Organisation
	Notify          []string    `validate:"max=10"`
	CoolingOffHours int         `validate:"min=0,max=168"`
	BackupDays      *int        `validate:"omitempty,min=1,max=3650"` // nil: as it was
	AddressHours    *int        `validate:"omitempty,min=0,max=336"`  // nil: as it was
	Keep            *dsr.Keep   `validate:"-"`                        // nil: as it was
	LiftingDays     *int        `validate:"omitempty,min=1,max=90"`   // nil: as it was
	Language        string      `validate:"omitempty,oneof=nb nn en"` // empty: as it was
	Profile         *string     `validate:"-"`                        // how time limits are counted; nil: as it was
	Country         *string     `validate:"-"`                        // where the office is established; nil: as it was
	Look            *LookChange `validate:"-"`                        // nil: as it was
	Done            bool
	Base            *int64
}

// ErrMailNotSet says that nobody has told the portal how to send mail.
var ErrMailNotSet = fault.Define(fault.Conflict, "mail_not_set",
	"Portalen har ingen e-posttjener å sende med. Den som drifter portalen, må sette MININFO_SMTP.",
	"Portalen har ingen e-posttenar å sende med. Den som driftar portalen, må setje MININFO_SMTP.",
	"The portal has no mail server to send with. Whoever runs the portal must set MININFO_SMTP.")

// Settings gives the settings in force.
func (o *Office) Settings(ctx context.Context, by By) (Settings, error) {
	if err := by.may(staff.ReadSettings, staff.Facts{}); err != nil {
		return Settings{}, err
	}
	var out Settings
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		out, err = o.settings(tx, c, by.Locale)
		return err
	})
	return out, err
}

func (o *Office) settings(tx *store.Tx, c store.Controller, l locale.Locale) (Settings, error) {
	s, number, err := tx.Settings(c.ID)
	if err != nil {
		return Settings{}, err
	}
	m, err := o.mail(tx, l)
	return Settings{Settings: s, Country: c.Country, Version: number, SetUp: c.SetUpAt != nil, Mail: m}, err
}

var mailTexts = map[string]locale.Text{
	MailOK: text("E-post blir sendt.", "E-post blir send.", "Mail is going out."),
	MailDelayed: text("E-posttjeneren tar ikke imot e-post nå. Portalen prøver igjen til den gjør det.",
		"E-posttenaren tek ikkje imot e-post no. Portalen prøver igjen til han gjer det.",
		"The mail server does not take mail right now. The portal tries again until it does."),
	MailNotSet: ErrMailNotSet.Text,
}

func (o *Office) mail(tx *store.Tx, l locale.Locale) (Mail, error) {
	m := Mail{State: MailOK}
	waiting, failing, err := tx.Waiting(store.JobMailPerson, store.JobMailOffice, jobSendChallenge, JobMailTest)
	if err != nil {
		return Mail{}, err
	}
	m.Waiting = waiting
	switch {
	case o.Sender == nil:
		m.State = MailNotSet
	case failing > 0:
		m.State = MailDelayed
	}
	m.Text = mailTexts[m.State].In(l)
	return m, nil
}

// clean brings an input to the form that is kept: one line each, no blanks around.
func (c *Change) clean() {
	org := &c.Organisation
	org.OrganisationNumber = strings.Join(strings.Fields(org.OrganisationNumber), "")
	org.PostalAddress = oneLine(org.PostalAddress)
	for _, s := range []*string{&org.Name, &org.Email, &org.Phone, &org.DPO, &org.SignerName, &org.SignerRole, &org.SignerRoleNN, &org.SignerRoleEN, &org.AccessibilityURL} {
		*s = strings.TrimSpace(*s)
	}
	for i := range c.Notify {
		c.Notify[i] = strings.TrimSpace(c.Notify[i])
	}
}

// oneLine joins the lines of an address with commas.
func oneLine(s string) string {
	var parts []string
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.Trim(strings.TrimSpace(line), ","); line != "" {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, ", ")
}

func (c *Change) check() error {
	c.clean()
	if err := check(*c); err != nil {
		return err
	}
	if _, err := dsr.ParseAddress(c.Organisation.Email); err != nil {
		return dsr.ErrAddress.At("/organisation/email")
	}
	for i, to := range c.Notify {
		if _, err := dsr.ParseAddress(to); err != nil {
			return dsr.ErrAddress.At(fmt.Sprintf("/notify/%d", i))
		}
	}
	if c.Profile != nil {
		p, err := dsr.ParseProfile(*c.Profile)
		if err != nil {
			return dsr.ErrProfile.At("/profile")
		}
		c.Profile = &p.Name
	}
	if c.Country != nil {
		if _, err := dsr.CalendarFor(*c.Country); err != nil {
			return dsr.ErrCountry.At("/country")
		}
	}
	if c.Look != nil {
		if err := c.Look.check(); err != nil {
			return err
		}
	}
	if c.Keep != nil {
		return c.Keep.Check()
	}
	return nil
}

// Approvers counts the members who may approve.
func (o *Office) Approvers(ctx context.Context) (n int, err error) {
	err = o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.Approvers()
		return err
	})
	return n, err
}

// PutSettings writes a new version of the settings, and brings the register's controller to the
// same, so that the notice and the portal cannot contradict each other.
func (o *Office) PutSettings(ctx context.Context, by By, change Change) (Settings, error) {
	if err := by.may(staff.EditSettings, staff.Facts{}); err != nil {
		return Settings{}, err
	}
	if err := change.check(); err != nil {
		return Settings{}, err
	}
	var out Settings
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		was, base, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		if change.Base != nil {
			base = *change.Base
		}
		org := change.Organisation
		s := was // what the change does not speak of stays as it was
		s.Name, s.OrganisationNumber, s.Email, s.Phone = org.Name, org.OrganisationNumber, org.Email, org.Phone
		s.PostalAddress, s.DPO, s.Notify, s.CoolingOffHours = org.PostalAddress, org.DPO, change.Notify, change.CoolingOffHours
		s.AccessibilityURL, s.SignerName, s.SignerRole = org.AccessibilityURL, org.SignerName, org.SignerRole
		s.SignerRoleNN, s.SignerRoleEN = org.SignerRoleNN, org.SignerRoleEN
		if change.AddressHours != nil {
			s.AddressHours = *change.AddressHours
		}
		if change.BackupDays != nil {
			s.BackupDays = *change.BackupDays
		}
		if change.Keep != nil {
			s.Keep = *change.Keep
		}
		if change.LiftingDays != nil {
			s.LiftingDays = *change.LiftingDays
		}
		if change.Language != "" {
			s.Language = locale.Locale(change.Language)
		}
		if change.Profile != nil {
			s.Profile = *change.Profile
		}
		if change.Look != nil {
			s.Look = change.Look.over(s.Look)
		}
		if err := putSettings(tx, by, c.ID, base, s); err != nil {
			return err
		}
		country := ""
		if change.Country != nil {
			if country, err = move(tx, c.ID, *change.Country); err != nil {
				return err
			}
		}
		if err := o.nameInRegister(tx, by, c.ID, s, country); err != nil {
			return err
		}
		if c, err = tx.Controller(); err != nil {
			return err
		}
		if change.Done {
			if err := tx.MarkSetUp(c.ID); err != nil {
				return err
			}
			if c, err = tx.Controller(); err != nil {
				return err
			}
		}
		out, err = o.settings(tx, c, by.Locale)
		return err
	})
	return out, err
}

func putSettings(tx *store.Tx, by By, controller, base int64, s store.Settings) error {
	body, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	number, err := tx.AddVersion(controller, store.VersionSettings, base, string(body), by.actor())
	if err != nil {
		return err
	}
	return by.log(tx, "settings_changed", map[string]any{"version": number})
}

// nameInSettings takes the controller of a register that was written over to the settings, and moves the
// office to the country that it names. One whose holidays nobody knows is a gap of the register.
func nameInSettings(tx *store.Tx, by By, controller int64, c register.Controller) error {
	if _, err := move(tx, controller, c.Country); err != nil && !errors.Is(err, dsr.ErrCountry) {
		return err
	}
	if _, err := dsr.ParseAddress(c.Email); err != nil || c.Name == "" {
		return nil // a gap of the register, which changes nothing
	}
	s, base, err := tx.Settings(controller)
	if err != nil {
		return err
	}
	was := s
	// One line each: they stand in the headers of mails.
	s.Name, s.OrganisationNumber, s.Email, s.Phone = oneLine(c.Name), c.OrganisationNo, c.Email, oneLine(c.Phone)
	s.PostalAddress, s.DPO = oneLine(c.PostalAddress), oneLine(c.DPO)
	if s.Name == was.Name && s.OrganisationNumber == was.OrganisationNumber && s.Email == was.Email &&
		s.Phone == was.Phone && s.PostalAddress == was.PostalAddress && s.DPO == was.DPO {
		return nil
	}
	return putSettings(tx, by, controller, base, s)
}

// move puts the office in a country whose holidays are known, and gives its code. Cases that are there keep
// the holidays and the zone that they came under.
func move(tx *store.Tx, controller int64, country string) (string, error) {
	calendar, err := dsr.CalendarFor(country)
	if err != nil {
		return "", err
	}
	return calendar.Country(), tx.Move(controller, calendar.Country(), calendar.Zone())
}

// Portal is what everybody may know.
type Portal struct {
	Name, Email, Phone, PostalAddress, DPO string
	AccessibilityURL                       string // the organisation's own statement on accessibility
	SetUp                                  bool   // the organisation has been named
	MailDelayed                            bool
	Demo                                   bool
	AnswerBy                               dsr.Date    // the time limit of a request that is filed today
	Companies                              bool        // companies are promised an answer too
	ConsentAge                             int         // from which age a child acts itself
	Rights                                 []dsr.Right // that exist for something in the register
	Look                                   mail.Look   // what the organisation wears
}

// Portal tells who answers here, and how to reach them without this portal.
func (o *Office) Portal(ctx context.Context) (Portal, error) {
	var p Portal
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, err := o.settings(tx, c, locale.NB)
		if err != nil {
			return err
		}
		p = Portal{Name: s.Name, Email: s.Email, Phone: s.Phone, PostalAddress: s.PostalAddress, DPO: s.DPO, AccessibilityURL: s.AccessibilityURL,
			SetUp: s.Named(), MailDelayed: s.Mail.State != MailOK, Demo: o.Demo, Look: s.Look}
		if p.Companies, err = promised(tx, c); err != nil {
			return err
		}
		p.ConsentAge = dsr.ConsentAge(c.Country)
		received, _, err := today(tx, c)
		if err != nil {
			return err
		}
		profile, err := dsr.ParseProfile(s.Profile)
		if err != nil {
			return err
		}
		d, err := dsr.Compute(dsr.Clock{Profile: profile, Zone: c.Zone, Country: c.Country, Received: received})
		if err != nil {
			return err
		}
		p.AnswerBy = d.Due
		v, err := tx.Newest(c.ID, store.VersionRegister)
		if err != nil {
			return err
		}
		reg, err := read(v)
		if err != nil {
			return err
		}
		p.Rights = reg.Offers()
		return nil
	})
	return p, err
}

// promised tells whether the register promises companies an answer.
func promised(tx *store.Tx, c store.Controller) (bool, error) {
	v, err := tx.Newest(c.ID, store.VersionRegister)
	if err != nil {
		return false, err
	}
	r, err := read(v)
	if err != nil {
		return false, err
	}
	return r.Companies != nil, nil
}

// TestMail sends the signed-in member a mail, to see that mail works.
func (o *Office) TestMail(ctx context.Context, by By) error {
	if err := by.may(staff.EditSettings, staff.Facts{}); err != nil {
		return err
	}
	if o.Sender == nil {
		return ErrMailNotSet
	}
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, _, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		if !s.Named() {
			return ErrNotNamed
		}
		key := fmt.Sprintf("%s/%s/%d", JobMailTest, by.PublicID, store.Micros(tx.Now))
		return tx.Enqueue(job.Spec{Kind: JobMailTest, Key: key, Object: by.PublicID})
	})
}

// ErrNotNamed says that the organisation has no name and address yet to send mail from.
var ErrNotNamed = fault.Define(fault.Conflict, "not_set_up",
	"Fyll inn navnet og e-postadressen til virksomheten først.",
	"Fyll inn namnet og e-postadressa til verksemda først.",
	"Fill in the name and e-mail address of the organisation first.")

// The test mail.
var (
	testSubject = text("Prøve fra personvernportalen", "Prøve frå personvernportalen", "Test from the privacy portal")
	testText    = text("Denne e-posten viser at personvernportalen kan sende e-post.\n\nDu trenger ikke å gjøre noe.\n\n%s\n%s\n",
		"Denne e-posten viser at personvernportalen kan sende e-post.\n\nDu treng ikkje å gjere noko.\n\n%s\n%s\n",
		"This e-mail shows that the privacy portal can send e-mail.\n\nYou need not do anything.\n\n%s\n%s\n")
)

func (o *Office) mailTest(ctx context.Context, j job.Job) error {
	var m mail.Message
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		who, err := tx.MemberByPublicID(j.Object)
		if err != nil {
			return err
		}
		if who == nil || who.Disabled {
			return job.Cancel(errors.New("the member is not there any more"))
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, _, err := tx.Settings(c.ID)
		from := mail.Mailbox{Name: s.Name, Address: s.Email}
		m = mail.Message{To: who.Email, From: from, ReplyTo: from, Subject: testSubject.In(s.Speaks()),
			Text: fmt.Sprintf(testText.In(s.Speaks()), s.Name, o.PublicURL), Locale: s.Speaks(), MessageID: mail.MessageID(j.ID, o.PublicURL)}
		return err
	})
	if err != nil {
		return err
	}
	return o.Sender.Send(ctx, m)
}

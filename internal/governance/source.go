package governance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Faults of sources.
var (
	ErrColleague = fault.Define(fault.Invalid, "colleague_name_missing",
		"Skriv hva kollegaen heter.", "Skriv kva kollegaen heiter.", "Write the colleague's name.")
	ErrColleaguePlace = fault.Define(fault.Invalid, "colleague_only_for_places",
		"Bare et sted som noen ser i, kan ha en kollega.", "Berre ein stad som nokon ser i, kan ha ein kollega.",
		"Only a place that somebody looks in can have a colleague.")
	ErrSourceText = fault.Define(fault.Invalid, "source_name_invalid",
		"Et navn kan ha bokstaver, tall, mellomrom, punktum og bindestrek, og være på høyst 60 tegn.",
		"Eit namn kan ha bokstavar, tal, mellomrom, punktum og bindestrek, og vere på høgst 60 teikn.",
		"A name can have letters, digits, blanks, full stops and hyphens, and be at most 60 characters.")
	ErrSourceKind = fault.Define(fault.Invalid, "source_kind_unknown",
		"Vi kan ikke koble til en slik kilde.", "Vi kan ikkje kople til ei slik kjelde.",
		"We cannot connect such a source.")
	ErrSourceDSN = fault.Define(fault.Invalid, "source_dsn_invalid",
		"Tilkoblingen kan ikke leses. Skriv for eksempel postgres://bruker:passord@tjener:5432/navn, mysql://bruker:passord@tjener:3306/navn eller sqlite:///sti/til/fil.db.",
		"Tilkoplinga kan ikkje lesast. Skriv til dømes postgres://brukar:passord@tenar:5432/namn, mysql://brukar:passord@tenar:3306/namn eller sqlite:///sti/til/fil.db.",
		"The connection cannot be read. Write for example postgres://user:password@host:5432/name, mysql://user:password@host:3306/name or sqlite:///path/to/file.db.")
	ErrSourceActivity = fault.Define(fault.Invalid, "unknown_activity",
		"Protokollen har ingen behandlingsaktivitet med denne nøkkelen. Velg en fra listen.",
		"Protokollen har ingen behandlingsaktivitet med denne nøkkelen. Vel ein frå lista.",
		"The record has no processing activity of this key. Choose one from the list.")
	ErrNoDataset = fault.Define(fault.Invalid, "dataset_missing",
		"Beskriv hva kilden inneholder i en dataset-fil.",
		"Skildre kva kjelda inneheld i ei dataset-fil.",
		"Describe what the source holds in a dataset file.")
	ErrNotDatabase = fault.Define(fault.Invalid, "source_without_dataset",
		"Et sted som en kollega ser i, har ingen dataset-fil.", "Ein stad som ein kollega ser i, har inga dataset-fil.",
		"A place that a colleague looks in has no dataset file.")
)

// Source is a source as the office reads it.
type Source struct {
	store.Source
	StateText   string
	Title       string           // what the annotation calls the system, and cases and letters with it
	Collections int              // of the annotation
	Colleague   *store.Colleague // who looks there; nil: the officer
	Drift       bool             // the last look saw personal data that are not described
	Restored    bool             // the last look saw rows that were erased
}

// Colleague is who is to look in a place.
type Colleague struct {
	Name   string
	Email  string
	Locale locale.Locale
}

// NewSource is a database to connect, or a place that a colleague looks in.
type NewSource struct {
	Name         string
	Kind         string // manual, or one of kinds.Names
	DSN          source.Secret
	Dataset      string `validate:"max=500000"` // empty: the one that the system brings along
	Activity     string `validate:"max=60"`
	Instructions string `validate:"max=2000"`
	Colleague    *Colleague
}

// ErrSwitchOffFirst says that what is in use is not changed by one person alone.
var ErrSwitchOffFirst = fault.Define(fault.Conflict, "source_in_use",
	"Systemet er i bruk. Slå det av før du endrer beskrivelsen. En kollega må se på endringen og slå det på igjen.",
	"Systemet er i bruk. Slå det av før du endrar skildringa. Ein kollega må sjå på endringa og slå det på igjen.",
	"The system is in use. Switch it off before you change its description. A colleague has to look at the change and switch it on again.")

// SourceChange is what may change; nil leaves it as it is.
type SourceChange struct {
	Dataset      *string
	Enabled      *bool
	Instructions *string
	Colleague    *Colleague // one without a name and an address: the officer looks there
	Base         *int64     // the version that the change was made on; store.ErrVersion when it is not the newest
}

// connection is how a source is reached, as it is sealed. Dir is where relative paths start.
type connection struct {
	DSN string `json:"dsn"`
	Dir string `json:"dir,omitempty"`
}

func (c connection) seal() (keyring.Private, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return keyring.Private{}, errors.New("writing a connection")
	}
	return keyring.NewPrivate(string(b)), nil
}

func database(kind string) bool { return kind != store.SourceManual && kind != store.SourceFile }

// mayChange decides who may change a source. Databases are connected by an admin with a fresh
// factor; in an office of several, another member switches them on (two people must agree to send
// people's data to a new place). Places and files are the office's own working material.
func mayChange(tx *store.Tx, by By, kind string, enables, own bool) error {
	if !database(kind) {
		return by.may(staff.EditSettings, staff.Facts{})
	}
	n, err := confirmers(tx)
	if err != nil {
		return err
	}
	if enables {
		return by.may(staff.ConfirmChange, staff.Facts{MembersInOffice: n, OwnWork: own})
	}
	return by.may(staff.ManageSources, staff.Facts{MembersInOffice: n, Proposal: true})
}

// Sources lists the sources by name.
func (o *Office) Sources(ctx context.Context, by By) ([]Source, error) {
	if err := by.may(staff.ReadSources, staff.Facts{}); err != nil {
		return nil, err
	}
	var out []Source
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		list, _, err := sources(tx)
		out = make([]Source, 0, len(list))
		for _, s := range list {
			one, err := whole(tx, s, by.Locale)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return err
	})
	return out, err
}

func sources(tx *store.Tx) ([]store.Source, store.Controller, error) {
	c, err := tx.Controller()
	if err != nil {
		return nil, c, err
	}
	list, err := tx.Sources(c.ID)
	return list, c, err
}

// Source gives one source with its dataset file.
func (o *Office) Source(ctx context.Context, by By, id string) (Source, error) {
	if err := by.may(staff.ReadSources, staff.Facts{}); err != nil {
		return Source{}, err
	}
	var out Source
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		s, err := tx.Source(id)
		if err != nil {
			return err
		}
		out, err = whole(tx, s, by.Locale)
		return err
	})
	return out, err
}

// SourceVersions lists what a source has been, newest first.
func (o *Office) SourceVersions(ctx context.Context, by By, id string) ([]store.SourceVersion, error) {
	if err := by.may(staff.ReadSources, staff.Facts{}); err != nil {
		return nil, err
	}
	var out []store.SourceVersion
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		s, err := tx.Source(id)
		if err != nil {
			return err
		}
		out, err = tx.SourceVersions(s)
		return err
	})
	return out, err
}

// whole is a source with who looks there.
func whole(tx *store.Tx, s store.Source, l locale.Locale) (Source, error) {
	out := shown(s, l)
	var err error
	out.Colleague, err = tx.SourceColleague(s)
	return out, err
}

func shown(s store.Source, l locale.Locale) Source {
	out := Source{Source: s, StateText: stateText(s).In(l)}
	if s.Enabled && s.State == store.SourceOK {
		out.Drift, out.Restored = s.StateCode == Drift, s.StateCode == Restored
	}
	if s.Dataset != "" {
		list, _ := dataset.Read(s.Name, []byte(s.Dataset))
		for _, d := range list {
			out.Title = cmp.Or(out.Title, d.Name)
			out.Collections += len(d.Collections)
		}
	}
	return out
}

var sourceName = regexp.MustCompile(`^[\p{L}\p{N} ._-]{1,60}$`)

func cleanName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if !sourceName.MatchString(name) {
		return "", ErrSourceText.At("/name")
	}
	return name, nil
}

// AddSource connects a database, or adds a place that a colleague looks in.
func (o *Office) AddSource(ctx context.Context, by By, n NewSource) (Source, error) {
	// Whoever adds nothing is told nothing of what could be added.
	if err := by.may(staff.EditSettings, staff.Facts{}); err != nil {
		return Source{}, err
	}
	if err := check(n); err != nil {
		return Source{}, err
	}
	name, err := cleanName(n.Name)
	if err != nil {
		return Source{}, err
	}
	s := store.Source{Name: name, Kind: n.Kind, Enabled: true, Activity: n.Activity, Instructions: strings.TrimSpace(n.Instructions)}
	var dsn keyring.Private
	mate, err := colleagueOf(n.Kind, n.Colleague)
	if err != nil {
		return Source{}, err
	}
	if n.Kind == store.SourceManual {
		if n.Dataset != "" {
			return Source{}, ErrNotDatabase.At("/dataset")
		}
	} else if dsn, err = describe(ctx, &s, n); err != nil {
		return Source{}, err
	}
	var out Source
	err = o.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := mayChange(tx, by, s.Kind, false, false); err != nil {
			return err
		}
		if database(s.Kind) && !by.system {
			n, err := confirmers(tx)
			if err != nil {
				return err
			}
			s.Enabled = n <= 1
		}
		if out, err = o.add(tx, by, s, dsn); err != nil || mate == nil {
			return err
		}
		return assign(tx, by, &out, mate)
	})
	return out, err
}

// colleagueOf reads who is to look in a place; nil when that is the officer.
func colleagueOf(kind string, c *Colleague) (*store.Colleague, error) {
	if c == nil {
		return nil, nil
	}
	name, email := strings.TrimSpace(c.Name), strings.TrimSpace(c.Email)
	switch {
	case name == "" && email == "":
		return nil, nil
	case kind != store.SourceManual:
		return nil, ErrColleaguePlace.At("/colleague")
	case name == "" || len([]rune(name)) > 200 || strings.ContainsFunc(name, unicode.IsControl):
		return nil, ErrColleague.At("/colleague/name")
	}
	address, err := dsr.ParseAddress(email)
	if err != nil {
		return nil, dsr.ErrAddress.At("/colleague/email")
	}
	local, _, _ := strings.Cut(address.Typed, "@")
	_, domain, _ := strings.Cut(address.Canonical, "@") // in the form that every mail server knows
	l, ok := locale.Parse(string(c.Locale))
	if !ok {
		l = locale.NB
	}
	return &store.Colleague{Name: keyring.NewPrivate(name), Email: keyring.NewPrivate(local + "@" + domain), Locale: l}, nil
}

// assign writes who looks in a place. The log says that it changed and not to whom.
func assign(tx *store.Tx, by By, s *Source, c *store.Colleague) error {
	if err := tx.SetSourceColleague(&s.Source, c); err != nil {
		return err
	}
	s.Colleague = c
	return by.log(tx, "source_colleague_changed", map[string]any{"source": s.PublicID, "colleague": c != nil})
}

// describe fills in what a database's connection says without secrets.
func describe(ctx context.Context, s *store.Source, n NewSource) (keyring.Private, error) {
	if !slices.Contains(kinds.Names(), n.Kind) || !database(n.Kind) {
		return keyring.Private{}, ErrSourceKind.At("/kind")
	}
	if n.DSN.IsZero() {
		return keyring.Private{}, ErrSourceDSN.At("/dsn")
	}
	opened, err := kinds.Open(ctx, source.Config{Name: s.Name, Kind: n.Kind, DSN: n.DSN})
	if err != nil {
		return keyring.Private{}, ErrSourceDSN.At("/dsn")
	}
	defer opened.Close()
	if own, ok := opened.(source.Describer); ok && strings.TrimSpace(n.Dataset) == "" {
		n.Dataset = string(own.Describe(source.NamingOf(s.Name)))
	}
	if strings.TrimSpace(n.Dataset) == "" {
		return keyring.Private{}, ErrNoDataset.At("/dataset")
	}
	s.Dataset, s.Location = n.Dataset, location(n.DSN, "")
	return connection{DSN: n.DSN.Reveal()}.seal()
}

// maxLocation is how much of a long path is shown, in bytes.
const maxLocation = 300

// location says where a database is: host and name, or the file's path. Never the user, the
// password or an option, and nothing when the connection is written in a form that is not a URL.
func location(dsn source.Secret, dir string) string {
	at := place(dsn, dir)
	if len(at) > maxLocation {
		at = strings.ToValidUTF8(at[len(at)-maxLocation:], "")
	}
	return at
}

func place(dsn source.Secret, dir string) string {
	if scheme, rest, _ := strings.Cut(dsn.Reveal(), "://"); scheme == "mongodb" || scheme == "mongodb+srv" {
		return replicas(rest)
	}
	u, err := url.Parse(dsn.Reveal())
	if err != nil {
		return ""
	}
	switch u.Scheme {
	case "postgres", "postgresql", "mysql", "mariadb", "imap", "imaps", "https", "http":
		return u.Host + u.Path
	case "sqlserver", "mssql":
		return u.Host + u.Path + "/" + u.Query().Get("database")
	case "sqlite", "sqlite3", "file", "csv", "xlsx", "log":
		path := u.Path
		if u.Opaque != "" {
			path, _ = url.PathUnescape(u.Opaque)
			if dir != "" && !strings.HasPrefix(path, "/") {
				path = dir + "/" + path
			}
		}
		return path
	}
	return ""
}

// hosts are one or several, with their ports, before the name of a database.
var hosts = regexp.MustCompile(`^[A-Za-z0-9.,:\[\]_-]+/[^/?@:]+$`)

// replicas is place for an address with several hosts, which is no URL. What stands before the last @
// is the account.
func replicas(rest string) string {
	address, _, _ := strings.Cut(rest[strings.LastIndexByte(rest, '@')+1:], "?")
	if !hosts.MatchString(address) {
		return ""
	}
	return address
}

// add writes a source that has been looked over, unless its annotation does not hold together
// with the others.
func (o *Office) add(tx *store.Tx, by By, s store.Source, dsn keyring.Private) (Source, error) {
	all, c, err := sources(tx)
	if err != nil {
		return Source{}, err
	}
	s.Controller = c.ID
	if err := o.knownActivity(tx, c, s.Activity); err != nil {
		return Source{}, err
	}
	if err := holdsTogether(append(all, s)); err != nil {
		return Source{}, err
	}
	s, err = tx.AddSource(s, dsn, by.actor())
	if err != nil {
		return Source{}, err
	}
	return shown(s, by.Locale), by.log(tx, "source_added", map[string]any{"source": s.PublicID, "kind": s.Kind, "enabled": s.Enabled})
}

func (o *Office) knownActivity(tx *store.Tx, c store.Controller, id string) error {
	if id == "" {
		return nil
	}
	v, err := tx.Newest(c.ID, store.VersionRegister)
	if err != nil {
		return err
	}
	r, err := read(v)
	if err != nil {
		return err
	}
	if r.Activity(id) == nil {
		return ErrSourceActivity.At("/activity")
	}
	return nil
}

// fileOf is what a source's annotation is called in messages.
func fileOf(s store.Source) string { return s.Name + ".yaml" }

// holdsTogether reads the annotations of all enabled sources strictly and checks what only shows
// when all are there.
func holdsTogether(all []store.Source) error {
	var list []*dataset.Dataset
	var problems dataset.Problems
	for _, s := range all {
		if !s.Enabled || s.Kind == store.SourceManual {
			continue
		}
		sets, found := dataset.Read(fileOf(s), []byte(s.Dataset))
		problems = append(problems, found...)
		list = append(list, sets...)
	}
	if len(problems) == 0 {
		problems = dataset.Check(list)
	}
	return datasetProblems(problems)
}

// ChangeSource writes a new version of a source: its annotation, whether it is searched, or where
// a person is to look.
func (o *Office) ChangeSource(ctx context.Context, by By, id string, change SourceChange) (Source, error) {
	var out Source
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		s, err := tx.Source(id)
		if err != nil {
			return err
		}
		if change.Base != nil && *change.Base != s.Version {
			return store.ErrVersion
		}
		before := s
		if err := apply(&s, change); err != nil {
			return err
		}
		if err := mayRevise(tx, by, before, change); err != nil {
			return err
		}
		mate, err := colleagueOf(s.Kind, change.Colleague)
		if err != nil {
			return err
		}
		if out, err = revise(tx, by, s, nil, "source_changed"); err != nil {
			return err
		}
		if change.Colleague != nil {
			return assign(tx, by, &out, mate)
		}
		out.Colleague, err = tx.SourceColleague(out.Source)
		return err
	})
	return out, err
}

// mayRevise: what a database is read by is looked over by two. So whoever changes an annotation
// cannot switch it on, neither in the same call nor later, and one that is switched on is switched
// off before it is changed.
func mayRevise(tx *store.Tx, by By, s store.Source, change SourceChange) error {
	on := s.Enabled
	if change.Enabled != nil {
		on = *change.Enabled
	}
	swaps := change.Dataset != nil && *change.Dataset != s.Dataset
	rest := swaps || change.Colleague != nil || change.Instructions != nil && *change.Instructions != s.Instructions
	if rest || !on || s.Enabled {
		if err := mayChange(tx, by, s.Kind, false, false); err != nil {
			return err
		}
	}
	if !on || s.Enabled && !swaps {
		return nil
	}
	own, err := proposed(tx, by, s)
	if err != nil {
		return err
	}
	err = mayChange(tx, by, s.Kind, true, own || swaps)
	if s.Enabled && errors.Is(err, staff.ErrOwnProposal) {
		return ErrSwitchOffFirst
	}
	return err
}

// proposed tells whether a member wrote any version of a source since it was last switched on.
func proposed(tx *store.Tx, by By, s store.Source) (bool, error) {
	versions, err := tx.SourceVersions(s)
	if err != nil {
		return false, err
	}
	for _, v := range versions {
		if v.Enabled {
			break
		}
		if v.CreatedBy == by.actor() {
			return true, nil
		}
	}
	return false, nil
}

func apply(s *store.Source, change SourceChange) error {
	if change.Dataset != nil && *change.Dataset != s.Dataset {
		switch {
		case s.Kind == store.SourceManual:
			return ErrNotDatabase.At("/dataset")
		case strings.TrimSpace(*change.Dataset) == "":
			return ErrNoDataset.At("/dataset")
		}
		s.Dataset = *change.Dataset
		// A source that is switched off must be readable all the same.
		if _, problems := dataset.Read(fileOf(*s), []byte(s.Dataset)); len(problems) > 0 {
			return datasetProblems(problems)
		}
	}
	if change.Enabled != nil {
		s.Enabled = *change.Enabled
	}
	if change.Instructions != nil {
		s.Instructions = strings.TrimSpace(*change.Instructions)
	}
	return nil
}

// revise writes a source as it now is, unless the annotations no longer hold together.
func revise(tx *store.Tx, by By, s store.Source, dsn *keyring.Private, action string) (Source, error) {
	all, _, err := sources(tx)
	if err != nil {
		return Source{}, err
	}
	for i := range all {
		if all[i].ID == s.ID {
			all[i] = s
		}
	}
	if err := holdsTogether(all); err != nil {
		return Source{}, err
	}
	s, err = tx.ReviseSource(s, dsn, by.actor())
	if err != nil {
		return Source{}, err
	}
	return shown(s, by.Locale), by.log(tx, action, map[string]any{"source": s.PublicID, "version": s.Version, "enabled": s.Enabled})
}

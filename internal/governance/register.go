package governance

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"mininfo/internal/dataset"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Line is one thing that is wrong with a text that was handed in: where, and what to write instead.
type Line struct {
	File    string
	Line    int    // 1-based, 0 when unknown
	Pointer string // JSON pointer of the field, where it was no file that was handed in
	Text    locale.Text
}

// YAMLProblems are all that is wrong with a register or a dataset file. It is a fault with a list.
type YAMLProblems struct {
	Lines []Line
	fault *fault.Error
}

// Error gives one line for each problem, in English.
func (p *YAMLProblems) Error() string {
	lines := make([]string, len(p.Lines))
	for i, l := range p.Lines {
		lines[i] = fmt.Sprintf("%s:%d: %s", l.File, l.Line, l.Text.In(locale.EN))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the fault.
func (p *YAMLProblems) Unwrap() error { return p.fault }

// ErrDataset says that a dataset file cannot be used as it is written.
var ErrDataset = fault.Define(fault.Invalid, "dataset_invalid",
	"Beskrivelsen av kilden har feil. Rett det som står i listen, og prøv igjen.",
	"Skildringa av kjelda har feil. Rett det som står i lista, og prøv igjen.",
	"The description of the source has errors. Correct what the list says, and try again.")

// registerProblems turns the register's list into lines with their places.
func registerProblems(err error) error {
	var list *register.Errors
	if !errors.As(err, &list) {
		return err
	}
	out := &YAMLProblems{fault: register.ErrInvalid.At("/yaml")}
	for _, p := range list.Problems {
		where := strings.TrimPrefix(p.Path+": ", ": ")
		out.Lines = append(out.Lines, Line{File: p.File, Line: p.Line, Text: text(where+p.Text.NB, where+p.Text.NN, where+p.Text.EN)})
	}
	return out
}

// documentProblems turns the register's list into fields of the document that was handed in.
func documentProblems(err error) error {
	var list *register.Errors
	if !errors.As(err, &list) {
		return err
	}
	out := &YAMLProblems{fault: register.ErrInvalid}
	for _, p := range list.Problems {
		out.Lines = append(out.Lines, Line{File: p.File, Pointer: "/document" + p.Pointer(), Text: p.Text})
	}
	return out
}

// contradictionProblems refuses a register that says two things which cannot both be true: nil when it says none.
// It is asked for before the register is put into force by somebody; one that already is stays readable, and
// the office's name and address can be corrected in it.
func contradictionProblems(found []register.Finding, field string) error {
	if len(found) == 0 {
		return nil
	}
	out := &YAMLProblems{fault: register.ErrContradiction.At(field)}
	for _, f := range found {
		line := Line{File: f.File, Line: f.Line, Text: f.Text}
		if field == "" {
			line.Pointer = "/document" + f.Pointer()
		} else {
			where := f.Path + ": "
			line.Text = text(where+f.Text.NB, where+f.Text.NN, where+f.Text.EN)
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// datasetProblems turns problems of dataset files into lines; nil when there are none.
func datasetProblems(problems dataset.Problems) error {
	if len(problems) == 0 {
		return nil
	}
	out := &YAMLProblems{fault: ErrDataset.At("/dataset")}
	for _, p := range problems {
		out.Lines = append(out.Lines, Line{File: p.File, Line: p.Line, Text: p.Text})
	}
	return out
}

// Register is the register in force, with what it lacks.
type Register struct {
	Version   int64
	YAML      string
	ChangedAt time.Time
	ChangedBy string // in words
	Comment   string // why it was changed; may be empty
	Register  *register.Register
	Gaps      []register.Gap
}

// RegisterChange is a register to be saved: as a file or as a document, exactly one of them.
type RegisterChange struct {
	YAML     string
	Document map[string]any
	Base     int64  // the version that it was made on
	Comment  string // why
}

// ErrActivityInUse says that an activity was removed which the description of a system points at.
var ErrActivityInUse = fault.Define(fault.Conflict, "activity_in_use",
	"Aktiviteten «%s» kan ikke fjernes: systemet «%s» viser til den. Endre systemet først, eller behold aktiviteten.",
	"Aktiviteten «%s» kan ikkje fjernast: systemet «%s» viser til han. Endre systemet først, eller ta vare på aktiviteten.",
	"The activity “%s” cannot be removed: the system “%s” refers to it. Change the system first, or keep the activity.")

// ErrRegisterVersion says that there is no such version of the register.
var ErrRegisterVersion = fault.Define(fault.NotFound, "no_register_version",
	"Denne versjonen av protokollen finnes ikke. Velg en i listen over versjoner.",
	"Denne versjonen av protokollen finst ikkje. Vel ein i lista over versjonar.",
	"There is no such version of the record. Choose one in the list of versions.")

// ErrRegisterForm says that a change of the register is neither a file nor a document, or both.
var ErrRegisterForm = fault.Define(fault.Invalid, "register_form",
	"Send protokollen enten som YAML eller som dokument, ikke begge deler.",
	"Send protokollen anten som YAML eller som dokument, ikkje begge delar.",
	"Send the record either as YAML or as a document, not both.")

// Register gives the register in force.
func (o *Office) Register(ctx context.Context, by By) (Register, error) {
	if err := by.may(staff.ReadRegister, staff.Facts{}); err != nil {
		return Register{}, err
	}
	var out Register
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		var err error
		out, err = o.register(tx)
		return err
	})
	return out, err
}

func (o *Office) register(tx *store.Tx) (Register, error) {
	c, err := tx.Controller()
	if err != nil {
		return Register{}, err
	}
	v, err := tx.Newest(c.ID, store.VersionRegister)
	if err != nil {
		return Register{}, err
	}
	r, err := read(v)
	if err != nil {
		return Register{}, err
	}
	return registerFrom(tx, v, r)
}

func registerFrom(tx *store.Tx, v store.Version, r *register.Register) (Register, error) {
	name, err := nameOf(tx, v.CreatedBy)
	if err != nil {
		return Register{}, err
	}
	return Register{Version: v.Number, YAML: v.Body, ChangedAt: v.CreatedAt, ChangedBy: name, Comment: v.Comment, Register: r, Gaps: r.Gaps()}, nil
}

// maxVersions is how many versions of the register are listed.
const maxVersions = 500

// RegisterVersions lists who changed the register when and why, the newest first. What each version
// says is not in the list.
func (o *Office) RegisterVersions(ctx context.Context, by By) ([]Register, error) {
	if err := by.may(staff.ReadRegister, staff.Facts{}); err != nil {
		return nil, err
	}
	var out []Register
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		versions, err := tx.Versions(c.ID, store.VersionRegister, maxVersions)
		if err != nil {
			return err
		}
		for _, v := range versions {
			name, err := nameOf(tx, v.CreatedBy)
			if err != nil {
				return err
			}
			out = append(out, Register{Version: v.Number, ChangedAt: v.CreatedAt, ChangedBy: name, Comment: v.Comment})
		}
		return nil
	})
	return out, err
}

// RegisterVersion gives an older version of the register; ErrRegisterVersion when there is none.
func (o *Office) RegisterVersion(ctx context.Context, by By, number int64) (Register, error) {
	if err := by.may(staff.ReadRegister, staff.Facts{}); err != nil {
		return Register{}, err
	}
	var out Register
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		v, err := tx.VersionNumber(c.ID, store.VersionRegister, number)
		if err != nil {
			return err
		}
		if v.Number == 0 {
			return ErrRegisterVersion
		}
		r, err := read(v)
		if err != nil {
			return err
		}
		out, err = registerFrom(tx, v, r)
		return err
	})
	return out, err
}

// CheckRegister gives what a document would have wrong and leave open, were it saved. Nothing is kept.
func (o *Office) CheckRegister(by By, doc map[string]any) ([]register.Finding, error) {
	if err := by.may(staff.EditRegister, staff.Facts{}); err != nil {
		return nil, err
	}
	return register.LintDocument(doc)
}

// read gives the register of a version; an empty one where there is none. Callers do not change what they get.
func read(v store.Version) (*register.Register, error) {
	if v.Number == 0 {
		return &register.Register{}, nil
	}
	r, err := register.Kept(v.Body)
	if err != nil {
		return nil, fmt.Errorf("reading register version %d: %w", v.Number, err)
	}
	return r, nil
}

// nameOf gives who made a version in words.
func nameOf(tx *store.Tx, actor string) (string, error) {
	number, ok := strings.CutPrefix(actor, "member.")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return "Mininfo", nil
	}
	m, err := tx.Member(id)
	if err != nil || m == nil {
		return "", err
	}
	return m.Name.Reveal(), nil
}

// PutRegister writes a new version of the register on top of a base. What is wrong with it, or what it
// says against itself, comes back as *YAMLProblems; what it lacks does not stop it. ErrActivityInUse when it leaves out an
// activity that a system's description points at, store.ErrVersion when somebody else saved meanwhile.
func (o *Office) PutRegister(ctx context.Context, by By, change RegisterChange) (Register, error) {
	if err := by.may(staff.EditRegister, staff.Facts{}); err != nil {
		return Register{}, err
	}
	r, err := change.read()
	if err != nil {
		return Register{}, err
	}
	var out Register
	err = o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		newest, err := tx.Newest(c.ID, store.VersionRegister)
		if err != nil {
			return err
		}
		if newest.Number != change.Base {
			return store.ErrVersion
		}
		if err := o.removesInUse(tx, c.ID, newest, r); err != nil {
			return err
		}
		body, err := change.body(newest, r)
		if err != nil {
			return err
		}
		if err := putRegister(tx, by, c.ID, change.Base, body, strings.TrimSpace(change.Comment)); err != nil {
			return err
		}
		if err := nameInSettings(tx, by, c.ID, r.Controller); err != nil {
			return err
		}
		out, err = o.register(tx)
		return err
	})
	return out, err
}

func (c RegisterChange) read() (*register.Register, error) {
	switch {
	case (c.YAML == "") == (c.Document == nil):
		return nil, ErrRegisterForm
	case c.Document != nil:
		r, err := register.ParseDocument(c.Document)
		if err != nil {
			return nil, documentProblems(err)
		}
		found, err := register.ContradictionsIn(c.Document)
		if err != nil {
			return nil, err
		}
		return r, contradictionProblems(found, "")
	}
	r, err := register.Parse("register.yaml", []byte(c.YAML))
	if err != nil {
		return nil, registerProblems(err)
	}
	return r, contradictionProblems(register.Contradictions("register.yaml", []byte(c.YAML)), "/yaml")
}

// body is the text to be kept: a document keeps the comments and the order of the text before it.
func (c RegisterChange) body(before store.Version, r *register.Register) (string, error) {
	if c.Document == nil {
		return c.YAML, nil
	}
	body, err := r.MarshalOver([]byte(before.Body))
	return string(body), err
}

// removesInUse refuses a register that leaves out an activity which a system points at: what is found
// there could not be decided any more.
func (o *Office) removesInUse(tx *store.Tx, controller int64, newest store.Version, r *register.Register) error {
	before, err := read(newest)
	if err != nil {
		return err
	}
	removed := map[string]string{} // id to name
	for i := range before.Activities {
		if a := &before.Activities[i]; r.Activity(a.ID) == nil {
			removed[a.ID] = a.Name.NB
		}
	}
	if len(removed) == 0 {
		return nil
	}
	sources, err := tx.Sources(controller)
	if err != nil {
		return err
	}
	for _, s := range sources {
		for _, id := range activitiesOf(s) {
			if name, gone := removed[id]; gone {
				return ErrActivityInUse.With(name, s.Name)
			}
		}
	}
	return nil
}

// activitiesOf lists the activities that a source points at.
func activitiesOf(s store.Source) []string {
	all := []string{s.Activity}
	sets, _ := dataset.Read(s.Name, []byte(s.Dataset))
	for _, d := range sets {
		all = append(all, d.Activities()...)
	}
	return all
}

func putRegister(tx *store.Tx, by By, controller, base int64, body, why string) error {
	number, err := tx.AddVersionBecause(controller, store.VersionRegister, base, body, by.actor(), why)
	if err != nil {
		return err
	}
	return by.log(tx, "register_changed", map[string]any{"version": number})
}

// ImportRegister makes a file the register in force and gives its version. A file that is the
// register in force already changes nothing; one that contradicts itself is refused as *YAMLProblems.
func (o *Office) ImportRegister(ctx context.Context, file string, data []byte, by By) (int64, error) {
	return o.importRegister(ctx, file, data, by, false)
}

// SeedRegister is ImportRegister for a file that is named at every start: once it was imported,
// what the office has changed since is left alone.
func (o *Office) SeedRegister(ctx context.Context, file string, data []byte) (int64, error) {
	return o.importRegister(ctx, file, data, System(), true)
}

func (o *Office) importRegister(ctx context.Context, file string, data []byte, by By, once bool) (int64, error) {
	if err := by.may(staff.EditRegister, staff.Facts{}); err != nil {
		return 0, err
	}
	r, err := register.Parse(file, data)
	if err != nil {
		return 0, registerProblems(err)
	}
	number := int64(0)
	err = o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		newest, err := tx.Newest(c.ID, store.VersionRegister)
		if err != nil {
			return err
		}
		number = newest.Number
		before, err := tx.VersionLike(c.ID, store.VersionRegister, string(data))
		if err != nil || newest.Body == string(data) || once && before.Number > 0 {
			return err
		}
		if err := contradictionProblems(register.Contradictions(file, data), "/yaml"); err != nil {
			return err
		}
		number++
		if err := putRegister(tx, by, c.ID, newest.Number, string(data), ""); err != nil {
			return err
		}
		return nameInSettings(tx, by, c.ID, r.Controller)
	})
	return number, err
}

// ExportRegister gives the register in force as a file.
func (o *Office) ExportRegister(ctx context.Context) ([]byte, error) {
	r, err := o.Register(ctx, System())
	return []byte(r.YAML), err
}

// Rules gives what an erasure request does, activity by activity, by the register alone.
func (o *Office) Rules(ctx context.Context, l locale.Locale) ([]register.Rule, error) {
	r, err := o.Register(ctx, System())
	if err != nil {
		return nil, err
	}
	return r.Register.Rules(l), nil
}

// nameInRegister writes the organisation into the register's controller, as a new version of the
// text that keeps its comments and order.
func (o *Office) nameInRegister(tx *store.Tx, by By, controller int64, s store.Settings, country string) error {
	v, err := tx.Newest(controller, store.VersionRegister)
	if err != nil {
		return err
	}
	r, err := read(v)
	if err != nil {
		return err
	}
	was, now := r.Controller, r.Controller
	now.Name, now.OrganisationNo, now.Email, now.Phone = s.Name, s.OrganisationNumber, s.Email, s.Phone
	now.PostalAddress, now.DPO, now.Country = s.PostalAddress, s.DPO, cmp.Or(country, was.Country)
	was.PostalAddress = oneLine(was.PostalAddress)
	if was == now || v.Number == 0 {
		return nil
	}
	body, err := withController(v.Body, now)
	if err != nil {
		return err
	}
	if _, err := register.Parse("register.yaml", body); err != nil {
		return registerProblems(err)
	}
	return putRegister(tx, by, controller, v.Number, string(body), "")
}

// withController gives the register's text with another controller.
func withController(body string, c register.Controller) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(body), &doc); err != nil || len(doc.Content) == 0 {
		return nil, fmt.Errorf("reading the register's text: %w", err)
	}
	root := doc.Content[0]
	at := valueOf(root, "controller")
	if at == nil {
		at = &yaml.Node{Kind: yaml.MappingNode}
		root.Content = append([]*yaml.Node{{Kind: yaml.ScalarNode, Value: "controller"}, at}, root.Content...)
	}
	for _, f := range []struct{ key, value string }{
		{"name", c.Name}, {"organisation_number", c.OrganisationNo}, {"postal_address", c.PostalAddress},
		{"email", c.Email}, {"phone", c.Phone}, {"dpo", c.DPO}, {"country", c.Country},
	} {
		setValue(at, f.key, f.value)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("writing the register's text: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("writing the register's text: %w", err)
	}
	return out.Bytes(), nil
}

func valueOf(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

// setValue sets a text in a mapping. A key that is not there and has nothing to say stays away.
func setValue(m *yaml.Node, key, value string) {
	at := valueOf(m, key)
	if at == nil {
		if value == "" {
			return
		}
		at = &yaml.Node{}
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, at)
	}
	line, foot := at.LineComment, at.FootComment
	at.SetString(value)
	at.LineComment, at.FootComment = line, foot
	// A number or a word that YAML reads otherwise stays a text.
	at.Tag, at.Style = "!!str", yaml.DoubleQuotedStyle
}

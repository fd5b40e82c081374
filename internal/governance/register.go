package governance

import (
	"bytes"
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
	File string
	Line int // 1-based, 0 when unknown
	Text locale.Text
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
	Register  *register.Register
	Gaps      []register.Gap
}

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
	r, err := o.parse(v)
	if err != nil {
		return Register{}, err
	}
	name, err := nameOf(tx, v.CreatedBy)
	if err != nil {
		return Register{}, err
	}
	return Register{Version: v.Number, YAML: v.Body, ChangedAt: v.CreatedAt, ChangedBy: name, Register: r, Gaps: r.Gaps()}, nil
}

// parse reads a version, or gives what was read of it before. Callers do not change what they get.
func (o *Office) parse(v store.Version) (*register.Register, error) {
	if v.Number == 0 {
		return &register.Register{}, nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.parsed.number == v.Number && o.parsed.body == v.Body {
		return o.parsed.reg, nil
	}
	r, err := register.Parse("register.yaml", []byte(v.Body))
	if err != nil {
		return nil, fmt.Errorf("reading register version %d: %w", v.Number, err)
	}
	o.parsed = parsedRegister{number: v.Number, body: v.Body, reg: r}
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

// PutRegister writes a new version of the register on top of base. What is wrong with it comes
// back as *YAMLProblems; what it lacks does not stop it.
func (o *Office) PutRegister(ctx context.Context, by By, body string, base int64) (Register, error) {
	if err := by.may(staff.EditRegister, staff.Facts{}); err != nil {
		return Register{}, err
	}
	r, err := register.Parse("register.yaml", []byte(body))
	if err != nil {
		return Register{}, registerProblems(err)
	}
	var out Register
	err = o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		if err := putRegister(tx, by, c.ID, base, body); err != nil {
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

func putRegister(tx *store.Tx, by By, controller, base int64, body string) error {
	number, err := tx.AddVersion(controller, store.VersionRegister, base, body, by.actor())
	if err != nil {
		return err
	}
	return by.log(tx, "register_changed", map[string]any{"version": number})
}

// ImportRegister makes a file the register in force and gives its version. A file that is the
// register in force already changes nothing.
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
		number++
		if err := putRegister(tx, by, c.ID, newest.Number, string(data)); err != nil {
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
func (o *Office) nameInRegister(tx *store.Tx, by By, controller int64, s store.Settings) error {
	v, err := tx.Newest(controller, store.VersionRegister)
	if err != nil {
		return err
	}
	r, err := o.parse(v)
	if err != nil {
		return err
	}
	was, now := r.Controller, r.Controller
	now.Name, now.OrganisationNo, now.Email, now.Phone = s.Name, s.OrganisationNumber, s.Email, s.Phone
	now.PostalAddress, now.DPO = s.PostalAddress, s.DPO
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
	return putRegister(tx, by, controller, v.Number, string(body))
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
		{"email", c.Email}, {"phone", c.Phone}, {"dpo", c.DPO},
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

package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"mininfo/api"
	"mininfo/internal/demo"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

var errRealPortal = errors.New("this portal has members of its own and is no demo: --demo would let everybody in and put Fjordlys' register in the place of yours. Name an empty folder with --data (make run: DATA=…); nothing was changed")

// refuseReal refuses to play on a portal that somebody else's members have. The demo is open to
// whoever finds it.
func refuseReal(ctx context.Context, cfg config) error {
	fresh, err := store.Fresh(ctx, cfg.Database)
	if err != nil || fresh {
		return err
	}
	s, _, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Read(ctx, func(tx *store.Tx) error {
		members, err := tx.Members()
		if err != nil {
			return err
		}
		own := func(m store.Member) bool { return m.Email.Reveal() == demo.Officer.Email }
		if len(members) > 0 && !slices.ContainsFunc(members, own) {
			return errRealPortal
		}
		return nil
	})
}

// makeDemoCompany makes Fjordlys' own databases and the files that describe them, at the first
// start, and points the configuration at them.
func makeDemoCompany(ctx context.Context, cfg *config) error {
	folder := filepath.Join(cfg.Data, "fjordlys")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the demo company's folder: %w", err)
	}
	opt := demo.Options{Seed: demo.DefaultSeed, Now: now(), Dir: folder}
	if err := demo.Generate(ctx, opt); err != nil && !errors.Is(err, demo.ErrExists) {
		return fmt.Errorf("making the demo company: %w", err)
	}
	if err := demo.WriteFiles(folder, opt, func(name string) string { return "file:" + demo.Path(folder, name) }); err != nil {
		return fmt.Errorf("writing the demo company's files: %w", err)
	}
	registerFile := filepath.Join(folder, "register.yaml")
	if err := os.WriteFile(registerFile, demo.Register(), 0o600); err != nil {
		return fmt.Errorf("writing the demo company's register: %w", err)
	}
	if cfg.Sources == "" {
		cfg.Sources = filepath.Join(folder, "sources.yaml")
	}
	if cfg.Register == "" {
		cfg.Register = registerFile
	}
	return nil
}

// openDemo fills in what a first start asks for, and says whom one may play.
func (p *portal) openDemo(ctx context.Context) (*api.Demonstration, error) {
	if err := p.nameDemo(ctx); err != nil {
		return nil, err
	}
	if err := p.staffDemo(ctx); err != nil {
		return nil, err
	}
	return &api.Demonstration{
		People: func(l locale.Locale) []api.DemoPerson {
			var people []api.DemoPerson
			for _, s := range demo.DemoPeople() {
				people = append(people, api.DemoPerson{Email: s.Email, Name: s.Name, What: s.What.In(l)})
			}
			return people
		},
		Mails: p.letters,
	}, nil
}

const lettersShown = 50

func (p *portal) letters(ctx context.Context) ([]api.DemoLetter, error) {
	var shown []api.DemoLetter
	err := p.store.Read(ctx, func(tx *store.Tx) error {
		letters, err := tx.Letters(lettersShown)
		for _, l := range letters {
			shown = append(shown, api.DemoLetter{ID: l.PublicID, To: l.To, Subject: l.Subject, Text: l.Text, At: l.At})
		}
		return err
	})
	return shown, err
}

func (p *portal) nameDemo(ctx context.Context) error {
	have, err := p.office.Settings(ctx, governance.System())
	if err != nil || have.SetUp {
		return err
	}
	c := demo.Company
	_, err = p.office.PutSettings(ctx, governance.System(), governance.Change{
		Organisation: governance.Organisation{
			Name: c.Name, OrganisationNumber: c.OrganisationNo, Email: c.Email, Phone: c.Phone, PostalAddress: c.PostalAddress,
		},
		Notify: []string{demo.Officer.Email, demo.Approver.Email}, CoolingOffHours: 0, AddressHours: new(int), Done: true,
	})
	return err
}

func (p *portal) staffDemo(ctx context.Context) error {
	members, err := p.gate.Members(ctx)
	if err != nil || len(members) > 0 {
		return err
	}
	for _, m := range []demo.Member{demo.Officer, demo.Approver} {
		var secret [18]byte
		if _, err := rand.Read(secret[:]); err != nil {
			return fmt.Errorf("drawing a password: %w", err)
		}
		// Nobody knows the password: the demo's page signs in without one.
		password := base64.RawURLEncoding.EncodeToString(secret[:])
		if _, _, _, err := p.gate.AddMember(ctx, m.Name, m.Email, password, []staff.Role{staff.PrivacyOfficer, staff.Admin}, "system"); err != nil {
			return fmt.Errorf("adding a member of the demo: %w", err)
		}
	}
	return nil
}

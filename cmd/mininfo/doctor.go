package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/source/sqldb"
	"mininfo/internal/store"
)

type doctorCommand struct {
	config
	JSON bool `help:"Machine-readable."`
}

type finding struct {
	Level string `json:"level"` // ok, warn, error
	About string `json:"about"`
	Text  string `json:"text"`
}

var errSick = errors.New("something needs attention")

// Run looks over the installation: keys, database, log, projections, mail, sources, register.
func (c *doctorCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	var all []finding
	for _, look := range []func(context.Context, *portal) ([]finding, error){lookConfig, lookKeys, lookCases, lookOIDC, lookMail, lookSources, lookRegister} {
		found, err := look(t.ctx, p)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	bad := false
	for _, f := range all {
		bad = bad || f.Level == "error"
	}
	if c.JSON {
		if err := printJSON(t.out, all); err != nil {
			return err
		}
	} else {
		for _, f := range all {
			fmt.Fprintf(t.out, "%-5s  %-9s %s\n", f.Level, f.About, f.Text)
		}
	}
	if bad {
		return errSick
	}
	return nil
}

func lookConfig(_ context.Context, p *portal) ([]finding, error) {
	out := []finding{{"ok", "config", "public address " + p.cfg.PublicURL}}
	if err := p.cfg.check(p.cfg.SMTP == "dev:"); err != nil {
		out = append(out, finding{"error", "config", err.Error()})
	}
	if c, err := pgx.ParseConfig(p.cfg.Database); strings.HasPrefix(p.cfg.Database, "postgres") && err == nil && sqldb.PostgresOverheard(c) {
		out = append(out, finding{"warn", "config", "the connection to the portal's own database can be overheard: add sslmode=verify-full to MININFO_DATABASE"})
	}
	info, err := os.Stat(p.cfg.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("looking at the key file: %w", err)
	}
	return append(out, finding{"ok", "keys", fmt.Sprintf("key file with mode %o; keep a copy apart from the database's backup", info.Mode().Perm())}), nil
}

// lookKeys tells of data keys that the key file cannot open, or that a rotation has left.
func lookKeys(ctx context.Context, p *portal) ([]finding, error) {
	var under map[uint32]int64
	err := p.store.Read(ctx, func(tx *store.Tx) (err error) {
		under, err = tx.WrappingKeys()
		return err
	})
	var out []finding
	left := int64(0)
	for id, n := range under {
		if !p.ring.Holds(id) {
			out = append(out, finding{"error", "keys", fmt.Sprintf("%d data keys lie under wrapping key %d, which the key file lacks: it is an older copy", n, id)})
		} else if !p.ring.Newest(id) {
			left += n
		}
	}
	if left > 0 {
		out = append(out, finding{"warn", "keys", fmt.Sprintf("%d data keys lie under an older wrapping key: a rotation was cut off, or somebody wrapped meanwhile; the next 'mininfo key rotate' takes them along", left)})
	}
	return out, err
}

// lookCases derives every case from its events again and compares.
func lookCases(ctx context.Context, p *portal) ([]finding, error) {
	var out []finding
	agree := 0
	err := p.store.Read(ctx, func(tx *store.Tx) error {
		ids, err := tx.RequestIDs()
		if err != nil {
			return err
		}
		for _, id := range ids {
			wrong, err := tx.CheckProjection(id)
			if err != nil {
				out = append(out, finding{"error", "cases", fmt.Sprintf("case %s: its events do not fit together", id)})
				continue
			}
			if len(wrong) > 0 {
				out = append(out, finding{"error", "cases", fmt.Sprintf("case %s: %v differ from what its events add up to", id, wrong)})
				continue
			}
			agree++
		}
		return nil
	})
	return append(out, finding{"ok", "cases", fmt.Sprintf("%d cases agree with their events", agree)}), err
}

func lookMail(ctx context.Context, p *portal) ([]finding, error) {
	s, err := p.office.Settings(ctx, governance.System())
	if err != nil {
		return nil, err
	}
	var out []finding
	if own := p.mails.Worded(); len(own) > 0 {
		out = append(out, finding{"ok", "mail", fmt.Sprintf("%d mail texts of your own: %s", len(own), strings.Join(own, ", "))})
	}
	if s.Mail.State == "ok" {
		return append(out, finding{"ok", "mail", "no mail is held up"}), nil
	}
	return append(out, finding{"warn", "mail", "mail does not go out: set MININFO_SMTP, or see the mail server's answers under Settings; nothing is lost meanwhile"}), nil
}

func lookSources(ctx context.Context, p *portal) ([]finding, error) {
	sources, err := p.office.Sources(ctx, governance.System())
	if err != nil {
		return nil, err
	}
	if len(sources) == 0 {
		return []finding{{"warn", "sources", "no system is connected and no place is on the checklist: a search finds nothing"}}, nil
	}
	var out []finding
	for _, s := range sources {
		if !s.Enabled || s.Kind == store.SourceManual {
			continue
		}
		checked, err := p.office.CheckSource(ctx, governance.System(), s.PublicID)
		if err != nil {
			out = append(out, finding{"error", "sources", s.Name + ": cannot be checked"})
			continue
		}
		for _, line := range checked.Lines {
			out = append(out, finding{line.Level, "sources", s.Name + ": " + line.Text})
		}
	}
	return out, nil
}

func lookRegister(ctx context.Context, p *portal) ([]finding, error) {
	r, err := p.office.Register(ctx, governance.System())
	if err != nil {
		return nil, err
	}
	out := []finding{{"ok", "register", fmt.Sprintf("version %d, %d activities", r.Version, len(r.Register.Activities))}}
	for _, g := range r.Gaps {
		line := finding{"warn", "register", cmp.Or(g.Activity, "the organisation") + ": " + g.Text.In(locale.EN)}
		if !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out, nil
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"mininfo/internal/staff"
	"mininfo/internal/store"
)

type staffCommands struct {
	Add     staffAddCommand     `cmd:"" help:"Add a member; the first may do everything."`
	List    staffListCommand    `cmd:"" help:"List the members."`
	Disable staffDisableCommand `cmd:"" help:"Close a member's account and end their sessions."`
	Recover staffRecoverCommand `cmd:"" help:"Mail a member who has lost what they sign in with a link to set it anew, a day from now."`
}

type staffAddCommand struct {
	config
	Name         string   `required:"" help:"The member's name."`
	Email        string   `required:"" help:"The member's e-mail address."`
	Role         []string `help:"case_handler, privacy_officer, auditor, admin; may be repeated. The first member also gets all that an office of one needs." default:"privacy_officer"`
	PasswordFile string   `help:"File with the password; without it, it is read from the terminal." type:"path"`
	JSON         bool     `help:"Machine-readable."`
}

// Run adds a member and shows, once, what belongs in their authenticator.
func (c *staffAddCommand) Run(t *terminal) error {
	p, err := c.open(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	var roles []staff.Role
	for _, name := range c.Role {
		role, err := staff.ParseRole(name)
		if err != nil {
			return misused{err}
		}
		roles = append(roles, role)
	}
	password, err := c.password(t)
	if err != nil {
		return err
	}
	member, url, secret, err := p.gate.AddMember(t.ctx, c.Name, c.Email, password, roles, "system")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t.out, map[string]string{"id": member.PublicID, "totp_url": url, "totp_secret": secret})
	}
	_, err = fmt.Fprintf(t.out, "Added. Put this secret into an authenticator app (shown this once):\n  %s\n  %s\nSign in at %s/staff\n", secret, url, p.cfg.PublicURL)
	return err
}

// open assembles the portal for a command that works on its own database.
func (c *config) open(t *terminal) (*portal, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	return assemble(t.ctx, *c, newLogger(t.err, c.LogLevel), false)
}

// openExisting is open for commands that only look or close: an empty portal made for a folder that
// was mistyped would be found in the best of orders.
func (c *config) openExisting(t *terminal) (*portal, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	if err := c.exists(t.ctx); err != nil {
		return nil, err
	}
	return assemble(t.ctx, *c, newLogger(t.err, c.LogLevel), false)
}

var errNoPortal = errors.New("there is no portal here: name its folder with --data or MININFO_DATA, its database with --database or MININFO_DATABASE; nothing was made")

// exists tells whether a portal has been made where the configuration points.
func (c *config) exists(ctx context.Context) error {
	fresh, err := store.Fresh(ctx, c.Database)
	if err == nil && fresh {
		err = errNoPortal
	}
	return err
}

func (c *staffAddCommand) password(t *terminal) (string, error) {
	if c.PasswordFile != "" {
		data, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("reading the password's file: %w", err)
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	}
	fmt.Fprint(t.err, "Password (at least 12 characters): ")
	if f := person(t.in); f != nil {
		typed, err := term.ReadPassword(int(f.Fd())) // without showing it
		fmt.Fprintln(t.err)
		return string(typed), err
	}
	line, err := bufio.NewReader(t.in).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if err != nil && line == "" {
		return "", fmt.Errorf("no password was given: type it, or use --password-file: %w", errUsage)
	}
	return line, nil
}

type staffListCommand struct {
	config
	JSON bool `help:"Machine-readable."`
}

// Run lists the members.
func (c *staffListCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	members, err := p.gate.Members(t.ctx)
	if err != nil {
		return err
	}
	type row struct {
		ID       string       `json:"id"`
		Name     string       `json:"name"`
		Email    string       `json:"email"`
		Roles    []staff.Role `json:"roles"`
		Disabled bool         `json:"disabled"`
	}
	rows := []row{}
	for _, m := range members {
		rows = append(rows, row{m.PublicID, m.Name.Reveal(), m.Email.Reveal(), m.Roles, m.Disabled})
	}
	if c.JSON {
		return printJSON(t.out, rows)
	}
	for _, r := range rows {
		state := "active"
		if r.Disabled {
			state = "closed"
		}
		if _, err := fmt.Fprintf(t.out, "%s\t%s\t%v\t%s\n", r.Name, r.Email, r.Roles, state); err != nil {
			return err
		}
	}
	return nil
}

type staffDisableCommand struct {
	config
	Email string `arg:"" help:"The member's e-mail address."`
}

// Run closes a member's account.
func (c *staffDisableCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	if err := p.gate.DisableMember(t.ctx, c.Email, "system"); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, "Closed. Their sessions have ended.")
	return err
}

type staffRecoverCommand struct {
	config
	Email string `arg:"" help:"The member's e-mail address."`
}

// Run lets a member set anew what they sign in with. The link goes to the member's mailbox and is shown to nobody.
func (c *staffRecoverCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	i, err := p.gate.RecoverOnHost(t.ctx, c.Email)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "Asked for. The member and all who manage members are told at once; the link is mailed to the member at %s, unless somebody takes it back before.\n", i.OpensAt.UTC().Format("2006-01-02 15:04 UTC"))
	return err
}

package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/mail"
)

// config is the configuration in force. Flags win over the environment.
type config struct {
	Data           string     `help:"Folder of the database, the key file and the files." default:"./data" env:"MININFO_DATA" type:"path"`
	Database       string     `help:"sqlite:///path/to/mininfo.db or postgres://…; default: a file in the data folder." env:"MININFO_DATABASE"`
	KeyFile        string     `help:"File of the keys (mode 0600); default: in the data folder." env:"MININFO_KEY_FILE"`
	Blobs          string     `help:"Where packages and findings lie: file://…; default: in the data folder." env:"MININFO_BLOBS"`
	PublicURL      string     `name:"public-url" help:"The address that people see, such as https://mininfo.example.no." env:"MININFO_PUBLIC_URL"`
	Listen         string     `help:"Address to listen at." default:"127.0.0.1:8080" env:"MININFO_LISTEN"`
	Metrics        string     `help:"Address to serve /metrics at (Prometheus), such as 127.0.0.1:9090; default: nowhere." env:"MININFO_METRICS"`
	SMTP           string     `name:"smtp" help:"smtp://user:password@host:587 or smtps://…; dev: keeps mails in a page (demo only)." env:"MININFO_SMTP"`
	Sources        string     `help:"sources.yaml to take in at start." env:"MININFO_SOURCES" type:"path"`
	Register       string     `help:"register.yaml to take in at start." env:"MININFO_REGISTER" type:"path"`
	Mails          string     `help:"Folder of your own texts of mails, read at start." env:"MININFO_MAILS" type:"path"`
	Anchor         string     `help:"An address outside the house that is mailed the log's newest checkpoint each day." env:"MININFO_ANCHOR"`
	TrustedProxies []string   `help:"Networks whose X-Forwarded-For is believed, such as 10.0.0.0/8." env:"MININFO_TRUSTED_PROXIES" sep:","`
	OIDC           oidcConfig `embed:"" prefix:"oidc-" envprefix:"MININFO_OIDC_"`
	MaxCrashes     int        `help:"How often in a row a job may die with its process before it is set aside for a human." default:"10" env:"MININFO_MAX_CRASHES"`
	LogLevel       string     `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"MININFO_LOG_LEVEL"`
}

// secrets may also be given as a file's name in MININFO_*_FILE.
var secrets = []string{"MININFO_DATABASE", "MININFO_SMTP", "MININFO_BLOBS", "MININFO_OIDC_CLIENT_SECRET"}

// secretFiles reads MININFO_*_FILE into MININFO_*, so that a secret need not stand in the environment
// of a service file.
func secretFiles() error {
	for _, name := range secrets {
		file := os.Getenv(name + "_FILE")
		if file == "" {
			continue
		}
		if os.Getenv(name) != "" {
			return fmt.Errorf("%s and %s_FILE are both set: keep one", name, name)
		}
		value, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading %s_FILE: %w", name, err)
		}
		if err := os.Setenv(name, strings.TrimSpace(string(value))); err != nil {
			return fmt.Errorf("setting %s: %w", name, err)
		}
	}
	return nil
}

// complete fills in what follows from the rest.
func (c *config) complete() error {
	data, err := filepath.Abs(c.Data)
	if err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	c.Data = data
	if c.Database == "" {
		c.Database = "sqlite://" + filepath.Join(data, "mininfo.db")
	}
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(data, "mininfo.key")
	}
	if c.Blobs == "" {
		c.Blobs = "file://" + filepath.Join(data, "blobs")
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + localName(c.Listen)
	}
	return nil
}

// localName is how a browser on this machine reaches the listener.
func localName(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() || host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// check refuses what is unsafe, with what to do instead.
func (c *config) check(demo bool) error {
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" || public.Scheme != "http" && public.Scheme != "https" {
		return fmt.Errorf("MININFO_PUBLIC_URL must be an address such as https://mininfo.example.no: %w", errUsage)
	}
	if public.User != nil || strings.Trim(public.Path, "/") != "" || public.RawQuery != "" {
		return fmt.Errorf("MININFO_PUBLIC_URL is scheme and host alone, such as https://mininfo.example.no: %w", errUsage)
	}
	if public.Scheme == "http" && !onLoopback(public.Hostname()) {
		return fmt.Errorf("MININFO_PUBLIC_URL must begin with https:// (plain http is for this machine alone): %w", errUsage)
	}
	if demo && !onLoopback(public.Hostname()) {
		return fmt.Errorf("--demo signs anybody in and is for this machine alone: %w", errUsage)
	}
	if host, _, err := net.SplitHostPort(c.Listen); demo && (err != nil || !onLoopback(host)) {
		return fmt.Errorf("--demo signs anybody in and may listen on this machine alone, such as 127.0.0.1:8080: %w", errUsage)
	}
	if c.SMTP == "dev:" && !demo {
		return fmt.Errorf("MININFO_SMTP=dev: shows everybody's codes and works only with --demo: %w", errUsage)
	}
	if c.SMTP != "" && c.SMTP != "dev:" {
		if err := mail.ValidURL(c.SMTP); err != nil {
			return fmt.Errorf("MININFO_SMTP cannot be read, write smtp://user:password@host:587: %w", errUsage)
		}
	}
	if c.Anchor != "" {
		if _, err := dsr.ParseAddress(c.Anchor); err != nil {
			return fmt.Errorf("MININFO_ANCHOR must be an e-mail address: %w", errUsage)
		}
	}
	if strings.HasPrefix(c.Blobs, "s3://") {
		return fmt.Errorf("MININFO_BLOBS: this version keeps files on disk only, write file:///path: %w", errUsage)
	}
	if _, err := c.OIDC.signIn(); err != nil {
		return err
	}
	_, err = c.proxies()
	return err
}

func onLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *config) secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

func (c *config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range c.TrustedProxies {
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("MININFO_TRUSTED_PROXIES: %q is no network such as 10.0.0.0/8: %w", text, errUsage)
		}
		out = append(out, p)
	}
	return out, nil
}

// redacted leaves out the password of an address.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" {
		if address == "" {
			return ""
		}
		return "‹unreadable›"
	}
	if u.User != nil {
		u.User = url.UserPassword(u.User.Username(), "xxxxx")
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(strings.ToLower(name), "pass") || strings.Contains(strings.ToLower(name), "key") {
			q.Set(name, "xxxxx")
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

type configCommand struct {
	config
	JSON bool `help:"Machine-readable."`
}

// Run prints the configuration in force.
func (c *configCommand) Run(t *terminal) error {
	if err := c.complete(); err != nil {
		return err
	}
	rows := [][2]string{
		{"MININFO_DATA", c.Data}, {"MININFO_DATABASE", redacted(c.Database)}, {"MININFO_KEY_FILE", c.KeyFile},
		{"MININFO_BLOBS", redacted(c.Blobs)}, {"MININFO_PUBLIC_URL", redacted(c.PublicURL)}, {"MININFO_LISTEN", c.Listen},
		{"MININFO_METRICS", c.Metrics},
		{"MININFO_SMTP", redacted(c.SMTP)}, {"MININFO_SOURCES", c.Sources}, {"MININFO_REGISTER", c.Register},
		{"MININFO_MAILS", c.Mails},
		{"MININFO_ANCHOR", c.Anchor},
		{"MININFO_OIDC_ISSUER", c.OIDC.Issuer}, {"MININFO_OIDC_CLIENT_ID", c.OIDC.ClientID}, {"MININFO_OIDC_CLIENT_SECRET", hidden(c.OIDC.ClientSecret)},
		{"MININFO_OIDC_ROLES", strings.Join(c.OIDC.Roles, ";")}, {"MININFO_OIDC_GROUPS_CLAIM", c.OIDC.GroupsClaim}, {"MININFO_OIDC_ACR", strings.Join(c.OIDC.ACR, ",")},
		{"MININFO_OIDC_AMR", strings.Join(c.OIDC.AMR, ",")}, {"MININFO_OIDC_MAX_AGE", c.OIDC.MaxAge.String()},
		{"MININFO_TRUSTED_PROXIES", strings.Join(c.TrustedProxies, ",")}, {"MININFO_MAX_CRASHES", strconv.Itoa(c.MaxCrashes)},
		{"MININFO_LOG_LEVEL", c.LogLevel},
	}
	if c.JSON {
		values := map[string]string{}
		for _, row := range rows {
			values[row[0]] = row[1]
		}
		return errors.Join(printJSON(t.out, values), c.check(c.SMTP == "dev:"))
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(t.out, "%s=%s\n", row[0], row[1]); err != nil {
			return err
		}
	}
	return c.check(c.SMTP == "dev:")
}

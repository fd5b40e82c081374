package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"mininfo/internal/access"
	"mininfo/internal/staff"
)

// oidcConfig is the organisation's own sign-in; empty without an issuer.
type oidcConfig struct {
	Issuer       string        `help:"Issuer of the organisation's own sign-in (OpenID Connect), such as https://login.example.no/realms/office." env:"ISSUER"`
	ClientID     string        `name:"client-id" help:"The portal's name there." env:"CLIENT_ID"`
	ClientSecret string        `name:"client-secret" help:"The portal's secret there." env:"CLIENT_SECRET"`
	Roles        []string      `help:"Which group gives which role: group=case_handler;another group=privacy_officer. What stands nowhere gives none." sep:";" env:"ROLES"`
	GroupsClaim  string        `name:"groups-claim" help:"The claim that lists the groups." default:"groups" env:"GROUPS_CLAIM"`
	ACR          []string      `name:"acr" help:"One of these must be how strongly somebody proved who they are there." env:"ACR"`
	AMR          []string      `name:"amr" help:"One of these must be among the means, such as mfa,hwk." env:"AMR"`
	MaxAge       time.Duration `name:"max-age" help:"How long ago somebody may have proved who they are there, such as 8h; 0 leaves it to the provider." env:"MAX_AGE"`
}

// signIn reads the configuration; nil where there is none.
func (c *oidcConfig) signIn() (*access.OIDC, error) {
	if c.Issuer == "" {
		if c.ClientID != "" || c.ClientSecret != "" || len(c.Roles) > 0 {
			return nil, fmt.Errorf("MININFO_OIDC_ISSUER is missing: the other MININFO_OIDC_* say nothing without it: %w", errUsage)
		}
		return nil, nil
	}
	issuer, err := url.Parse(c.Issuer)
	if err != nil || issuer.Host == "" || issuer.Scheme != "https" && !(issuer.Scheme == "http" && onLoopback(issuer.Hostname())) {
		return nil, fmt.Errorf("MININFO_OIDC_ISSUER must be an address that begins with https://: %w", errUsage)
	}
	if c.ClientID == "" || c.ClientSecret == "" {
		return nil, fmt.Errorf("MININFO_OIDC_CLIENT_ID and MININFO_OIDC_CLIENT_SECRET are both needed: %w", errUsage)
	}
	roles := map[string][]staff.Role{}
	for _, pair := range c.Roles {
		at := strings.LastIndexByte(pair, '=')
		if at < 1 {
			return nil, fmt.Errorf("MININFO_OIDC_ROLES: %q is no group=role: %w", pair, errUsage)
		}
		group := strings.TrimSpace(pair[:at])
		role, err := staff.ParseRole(strings.TrimSpace(pair[at+1:]))
		if err != nil || group == "" {
			return nil, fmt.Errorf("MININFO_OIDC_ROLES: %q names no role: case_handler, privacy_officer, auditor or admin: %w", pair, errUsage)
		}
		roles[group] = append(roles[group], role)
	}
	if len(roles) == 0 {
		return nil, fmt.Errorf("MININFO_OIDC_ROLES must say which groups give which roles: without it nobody comes in: %w", errUsage)
	}
	return &access.OIDC{Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, Roles: roles, GroupsClaim: c.GroupsClaim, ACR: c.ACR, AMR: c.AMR, MaxAge: c.MaxAge}, nil
}

// hidden shows that there is a secret, and nothing of it.
func hidden(secret string) string {
	if secret == "" {
		return ""
	}
	return "xxxxx"
}

func lookOIDC(ctx context.Context, p *portal) ([]finding, error) {
	if p.gate.OIDC == nil {
		return nil, nil
	}
	about := p.cfg.OIDC.Issuer
	if _, err := p.gate.OIDC.Discover(ctx); err != nil {
		return []finding{{"error", "sign-in", about + " does not answer, or says that it is another; members can sign in with passkeys and passwords meanwhile. Open " + strings.TrimRight(about, "/") + "/.well-known/openid-configuration from this machine: its issuer must be exactly what MININFO_OIDC_ISSUER says"}}, nil
	}
	return []finding{{"ok", "sign-in", "the organisation's sign-in at " + about + " answers; the address to come back to is " + strings.TrimRight(p.cfg.PublicURL, "/") + "/staff/oidc"}}, nil
}

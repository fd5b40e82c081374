// Package kinds is the one place that lists which kinds of systems can be connected. A new kind
// is a folder of its own and a line here.
package kinds

import (
	"context"
	"sort"
	"strings"

	"mininfo/internal/source"
	"mininfo/internal/source/file"
	"mininfo/internal/source/log"
	"mininfo/internal/source/mailbox"
	"mininfo/internal/source/mongodb"
	"mininfo/internal/source/sqldb"
	"mininfo/internal/source/webhook"
)

// openers by kind. A DSN without a named kind is opened by its scheme.
var openers = map[string]source.Opener{
	"postgres":   sqldb.OpenPostgres,
	"sqlite":     sqldb.OpenSQLite,
	"mysql":      sqldb.OpenMySQL,
	"sqlserver":  sqldb.OpenSQLServer,
	file.Kind:    file.Open,
	log.Kind:     log.Open,
	mailbox.Kind: mailbox.Open,
	mongodb.Kind: mongodb.Open,
	webhook.Kind: webhook.Open,
}

// schemes of DSNs that stand for a kind.
var schemes = map[string]string{
	"postgres": "postgres", "postgresql": "postgres",
	"sqlite": "sqlite", "sqlite3": "sqlite", "file": "sqlite",
	"mysql": "mysql", "mariadb": "mysql",
	"sqlserver": "sqlserver", "mssql": "sqlserver",
	"csv": file.Kind, "xlsx": file.Kind,
	"log":  log.Kind,
	"imap": mailbox.Kind, "imaps": mailbox.Kind,
	"mongodb": mongodb.Kind, "mongodb+srv": mongodb.Kind,
	"https": webhook.Kind, "http": webhook.Kind,
}

// Open connects a system. Its error never holds the DSN.
func Open(ctx context.Context, c source.Config) (source.Source, error) {
	kind := c.Kind
	if kind == "" {
		scheme, _, _ := strings.Cut(c.DSN.Reveal(), ":")
		kind = schemes[strings.ToLower(scheme)]
	}
	open := openers[kind]
	if open == nil {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	return open(ctx, c)
}

// Names lists the kinds.
func Names() []string {
	var names []string
	for n := range openers {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

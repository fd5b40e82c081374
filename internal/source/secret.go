package source

import "log/slog"

// Secret is a connection string or another key to somebody's data. Every way of printing it
// gives stars; only Reveal gives the content, for the driver that needs it.
type Secret struct{ s string }

// NewSecret wraps a secret.
func NewSecret(s string) Secret { return Secret{s: s} }

// Reveal gives the content. Call it where a connection is opened and nowhere else.
func (s Secret) Reveal() string { return s.s }

// IsZero tells whether there is no secret.
func (s Secret) IsZero() bool { return s.s == "" }

const stars = "***"

func (s Secret) String() string               { return stars }
func (s Secret) GoString() string             { return stars }
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + stars + `"`), nil }
func (s Secret) MarshalText() ([]byte, error) { return []byte(stars), nil }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(stars) }

//go:build no_ui

// Package ui without the browser application: for a process that serves the API alone.
package ui

import (
	"embed"
	"io/fs"
)

// Dist is empty: this build has no pages.
func Dist() fs.FS { return embed.FS{} }

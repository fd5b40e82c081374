//go:build !no_ui

// Package ui holds the browser application: the person's pages and the staff's pages, built by
// Vite into dist and carried inside the binary.
package ui

import (
	"embed"
	"io/fs"
)

// The pattern also matches this file, so the package compiles before the UI has been built; then
// Dist has no index.html.
//
//go:embed all:dist*
var files embed.FS

// Dist is the built application: index.html (person), staff.html (staff) and assets/, each text
// file also as .br and .gz. It is empty until `npm run build` has run.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic("ui: " + err.Error()) // "dist" is a valid path: only a change of this line can fail
	}
	return dist
}

package api

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// pages serves the built application: files under assets/ for ever (their names hold a hash), and
// for any other path one of the two pages, fresh each time.
type pages struct {
	files fs.FS
	built bool
}

func newPages(files fs.FS) (*pages, error) {
	_, err := fs.Stat(files, "index.html")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the pages: %w", err)
	}
	return &pages{files: files, built: err == nil}, nil
}

func (p *pages) serve(c echo.Context) error {
	name := strings.TrimPrefix(path.Clean("/"+c.Request().URL.Path), "/")
	h := c.Response().Header()
	if name != "" && path.Ext(name) != "" {
		if strings.HasPrefix(name, "assets/") {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		return p.send(c, name)
	}
	if !p.built {
		return c.String(http.StatusServiceUnavailable, "The pages have not been built: run make build.\n")
	}
	h.Set("Cache-Control", "no-store")
	if name == "staff" || strings.HasPrefix(name, "staff/") {
		return p.send(c, "staff.html")
	}
	return p.send(c, "index.html")
}

// send sends a file, compressed as the build left it when the browser takes that.
func (p *pages) send(c echo.Context, name string) error {
	h := c.Response().Header()
	h.Add("Vary", "Accept-Encoding")
	accepted := c.Request().Header.Get("Accept-Encoding")
	for _, form := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !strings.Contains(accepted, form.encoding) {
			continue
		}
		if f, err := p.files.Open(name + form.suffix); err == nil {
			h.Set("Content-Encoding", form.encoding)
			return p.stream(c, f, name)
		}
	}
	f, err := p.files.Open(name)
	if err != nil {
		h.Del("Cache-Control")
		return errNoRoute
	}
	return p.stream(c, f, name)
}

var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".woff2": "font/woff2", ".png": "image/png", ".ico": "image/x-icon", ".json": "application/json",
	".webmanifest": "application/manifest+json", ".txt": "text/plain; charset=utf-8",
}

func (p *pages) stream(c echo.Context, f fs.File, name string) error {
	defer f.Close()
	kind, ok := types[path.Ext(name)]
	if !ok {
		return errNoRoute
	}
	c.Response().Header().Set("Content-Type", kind)
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method == http.MethodHead {
		return nil
	}
	_, err := io.Copy(c.Response(), f)
	return err
}

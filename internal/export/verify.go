package export

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"mininfo/internal/locale"
)

// maxManifest is far more than a manifest of ten thousand files.
const maxManifest = 16 << 20

// Verify reads a whole package again and compares every file with the manifest, which it returns.
// A file too many, missing, renamed, changed, or that is no regular file is ErrDamaged.
func Verify(r io.ReaderAt, size int64) (Manifest, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Manifest{}, damaged("it is no ZIP")
	}
	return verify(z, Format, Version, allowedName)
}

func verify(z *zip.Reader, format string, version int, allowed func(name string) bool) (Manifest, error) {
	n := len(z.File)
	if n == 0 || z.File[n-1].Name != manifestName {
		return Manifest{}, damaged("the manifest is not the last file")
	}
	m, err := readManifest(z.File[n-1])
	if err != nil {
		return Manifest{}, err
	}
	if m.Format != format || m.Version != version {
		return Manifest{}, damaged("the manifest is of another format or version")
	}
	if len(m.Files) != n-1 {
		return Manifest{}, damaged("the number of files differs")
	}
	seen := map[string]bool{}
	for i, f := range z.File[:n-1] {
		if seen[f.Name] || !allowed(f.Name) || !f.Mode().IsRegular() {
			return Manifest{}, damaged("a name or file type is not ours")
		}
		seen[f.Name] = true
		if err := sameFile(f, m.Files[i]); err != nil {
			return Manifest{}, err
		}
	}
	return m, nil
}

// LetterIn gives the answer as PDF that a package holds.
func LetterIn(r io.ReaderAt, size int64, l locale.Locale) ([]byte, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, damaged("it is no ZIP")
	}
	f, err := z.Open(letterName(l))
	if err != nil {
		return nil, damaged("it has no letter")
	}
	defer f.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(f, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("reading the letter of a package: %w", err)
	}
	return body, nil
}

func readManifest(f *zip.File) (Manifest, error) {
	body, err := f.Open()
	if err != nil {
		return Manifest{}, damaged("the manifest cannot be opened")
	}
	defer body.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(io.LimitReader(body, maxManifest))
	if err != nil {
		return Manifest{}, damaged("the manifest cannot be read")
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return Manifest{}, damaged("the manifest cannot be understood")
	}
	sum := sha256.Sum256(raw)
	m.SHA256 = hex.EncodeToString(sum[:])
	return m, nil
}

func sameFile(f *zip.File, want File) error {
	if f.Name != want.Name {
		return damaged("the order or names of the files differ")
	}
	body, err := f.Open()
	if err != nil {
		return damaged("a file cannot be opened")
	}
	defer body.Close() //nolint:errcheck // only read
	m := &measure{w: io.Discard, hash: sha256.New()}
	// One byte more than announced is enough to see that it is too long.
	if _, err := io.Copy(m, io.LimitReader(body, want.Size+1)); err != nil {
		return damaged("a file cannot be read")
	}
	if m.size != want.Size || m.digest() != want.SHA256 {
		return damaged("a file's size or digest differs")
	}
	return nil
}

func damaged(why string) error { return fmt.Errorf("checking the package: %s: %w", why, ErrDamaged) }

package governance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	_ "image/jpeg" // a logo may come as one
	"image/png"
	"math"
	"strconv"
	"strings"

	"mininfo/internal/fault"
	"mininfo/internal/mail"
	"mininfo/internal/store"
)

// LookChange is a change of what the organisation wears on the person's pages and in mails.
type LookChange struct {
	Accent string // #rrggbb; empty is the portal's own colour
	Logo   []byte // PNG or JPEG; nil: as it was, empty: none
}

// What a logo may be. It goes with every mail.
const (
	maxLogo   = 64 << 10 // bytes
	maxPixels = 2000     // each way
)

// leastContrast is what text needs against its ground (WCAG 2.2, 1.4.3).
const leastContrast = 4.5

// ErrColour and the errors of a logo say why a look cannot be worn.
var (
	ErrColour = fault.Define(fault.Invalid, "colour",
		"Skriv fargen som # og seks tegn, for eksempel #0b6a53.",
		"Skriv fargen som # og seks teikn, til dømes #0b6a53.",
		"Write the colour as # and six characters, such as #0b6a53.")
	ErrColourPale = fault.Define(fault.Invalid, "colour_pale",
		"Fargen er for lys: hvit tekst på den kan ikke leses godt nok. Velg en mørkere.",
		"Fargen er for lys: kvit tekst på han kan ikkje lesast godt nok. Vel ein mørkare.",
		"The colour is too light: white text on it cannot be read well enough. Choose a darker one.")
	ErrLogo = fault.Define(fault.Invalid, "logo",
		"Logoen må være et bilde i PNG eller JPEG.",
		"Logoen må vere eit bilete i PNG eller JPEG.",
		"The logo must be a picture in PNG or JPEG.")
	ErrLogoBig = fault.Define(fault.Invalid, "logo_big",
		"Logoen er for stor. Den kan være 64 kB og 2000 piksler hver vei: lagre den mindre.",
		"Logoen er for stor. Han kan vere 64 kB og 2000 pikslar kvar veg: lagre han mindre.",
		"The logo is too big. It can be 64 kB and 2,000 pixels each way: save it smaller.")
)

// check brings a look to the form that is kept, or says why it cannot be worn.
func (l *LookChange) check() error {
	l.Accent = strings.ToLower(strings.TrimSpace(l.Accent))
	if l.Accent != "" {
		contrast, err := contrastToWhite(l.Accent)
		if err != nil {
			return ErrColour.At("/look/accent")
		}
		if contrast < leastContrast {
			return ErrColourPale.At("/look/accent")
		}
	}
	if len(l.Logo) == 0 {
		return nil
	}
	logo, err := redrawn(l.Logo)
	if err != nil {
		return err
	}
	l.Logo = logo
	return nil
}

// over gives what is worn when the change is put on.
func (l LookChange) over(was mail.Look) mail.Look {
	now := mail.Look{Accent: l.Accent, Logo: was.Logo}
	if l.Logo != nil {
		now.Logo = l.Logo
	}
	return now
}

// redrawn draws a picture anew, so that what is served and mailed holds its pixels and nothing else.
func redrawn(logo []byte) ([]byte, error) {
	size, _, err := image.DecodeConfig(bytes.NewReader(logo))
	if err != nil {
		return nil, ErrLogo.At("/look/logo")
	}
	if len(logo) > maxLogo || size.Width > maxPixels || size.Height > maxPixels {
		return nil, ErrLogoBig.At("/look/logo")
	}
	picture, _, err := image.Decode(bytes.NewReader(logo))
	if err != nil {
		return nil, ErrLogo.At("/look/logo")
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture); err != nil {
		return nil, fmt.Errorf("drawing the logo: %w", err)
	}
	if out.Len() > maxLogo {
		return nil, ErrLogoBig.At("/look/logo")
	}
	return out.Bytes(), nil
}

// contrastToWhite is the contrast of a colour (#rrggbb) to white, from 1 to 21 (WCAG 2.2, relative luminance).
func contrastToWhite(colour string) (float64, error) {
	digits, ok := strings.CutPrefix(colour, "#")
	n, err := strconv.ParseUint(digits, 16, 32)
	if !ok || err != nil || len(digits) != 6 {
		return 0, fmt.Errorf("%q is no colour", colour)
	}
	var luminance float64
	for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
		c := float64(n>>(8*i)&0xff) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		luminance += weight * c
	}
	return 1.05 / (luminance + 0.05), nil
}

// LogoName names a logo by what it shows, so that a browser may keep it; empty when there is none.
func LogoName(l mail.Look) string {
	if len(l.Logo) == 0 {
		return ""
	}
	sum := sha256.Sum256(l.Logo)
	return hex.EncodeToString(sum[:8])
}

// ErrNoLogo says that the organisation has no logo, or another by now.
var ErrNoLogo = fault.Define(fault.NotFound, "no_logo", "Det er ingen slik logo.", "Det er ingen slik logo.", "There is no such logo.")

// Logo gives the logo of that name, as PNG.
func (o *Office) Logo(ctx context.Context, name string) (logo []byte, err error) {
	err = o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, _, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		if logo = s.Look.Logo; name == "" || name != LogoName(s.Look) {
			return ErrNoLogo
		}
		return nil
	})
	return logo, err
}

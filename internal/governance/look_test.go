package governance_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
)

func picture(t *testing.T, width, height int, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	m.Set(0, 0, color.NRGBA{R: 11, G: 106, B: 83, A: 255})
	var out bytes.Buffer
	if err := encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(out *bytes.Buffer, m image.Image) error  { return png.Encode(out, m) }
func asJPEG(out *bytes.Buffer, m image.Image) error { return jpeg.Encode(out, m, nil) }

func TestLookIsWornAndStays(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := governance.By{Roles: []staff.Role{staff.Admin}}
		put := func(l *governance.LookChange) governance.Portal {
			t.Helper()
			change := organisation()
			change.Look = l
			if _, err := o.PutSettings(t.Context(), by, change); err != nil {
				t.Fatal(err)
			}
			p, err := o.Portal(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		// What hides behind the end of the picture does not come along.
		logo := append(picture(t, 40, 10, asPNG), "<script>alert(1)</script>"...)
		p := put(&governance.LookChange{Accent: " #0B6A53 ", Logo: logo})
		name := governance.LogoName(p.Look)
		served, err := o.Logo(t.Context(), name)
		if p.Look.Accent != "#0b6a53" || err != nil || bytes.Contains(served, []byte("script")) {
			t.Fatalf("worn: %q, %d bytes, %v", p.Look.Accent, len(served), err)
		}
		if size, kind, err := image.DecodeConfig(bytes.NewReader(served)); err != nil || kind != "png" || size.Width != 40 {
			t.Errorf("served: %v %s %v", size, kind, err)
		}
		if p = put(nil); p.Look.Accent != "#0b6a53" || governance.LogoName(p.Look) != name {
			t.Errorf("a change that does not speak of it changed it: %q", p.Look.Accent)
		}
		if p = put(&governance.LookChange{Accent: "#7a1f5c"}); p.Look.Accent != "#7a1f5c" || governance.LogoName(p.Look) != name {
			t.Errorf("another colour took the logo: %q", p.Look.Accent)
		}
		if p = put(&governance.LookChange{Logo: picture(t, 12, 12, asJPEG)}); p.Look.Accent != "" || governance.LogoName(p.Look) == name {
			t.Errorf("another logo: %q %s", p.Look.Accent, governance.LogoName(p.Look))
		}
		if _, err := o.Logo(t.Context(), name); !errors.Is(err, governance.ErrNoLogo) {
			t.Errorf("the old logo: %v", err)
		}
		if p = put(&governance.LookChange{Logo: []byte{}}); len(p.Look.Logo) > 0 {
			t.Error("the logo was not taken away")
		}
		if _, err := o.Logo(t.Context(), ""); !errors.Is(err, governance.ErrNoLogo) {
			t.Errorf("no logo: %v", err)
		}
	})
}

func TestLookRefuses(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := governance.By{Roles: []staff.Role{staff.Admin}}
		for _, c := range []struct {
			name string
			look governance.LookChange
			want error
		}{
			{"yellow", governance.LookChange{Accent: "#ffd200"}, governance.ErrColourPale},
			{"just too light", governance.LookChange{Accent: "#777777"}, governance.ErrColourPale},
			{"a word", governance.LookChange{Accent: "green"}, governance.ErrColour},
			{"style", governance.LookChange{Accent: "#000;x:url(//a)"}, governance.ErrColour},
			{"an SVG", governance.LookChange{Logo: []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")}, governance.ErrLogo},
			{"half a picture", governance.LookChange{Logo: picture(t, 40, 40, asPNG)[:60]}, governance.ErrLogo},
			{"too wide", governance.LookChange{Logo: picture(t, 2001, 1, asPNG)}, governance.ErrLogoBig},
			{"too heavy", governance.LookChange{Logo: append(picture(t, 1, 1, asPNG), make([]byte, 64<<10)...)}, governance.ErrLogoBig},
		} {
			change := organisation()
			change.Look = &c.look
			_, err := o.PutSettings(t.Context(), by, change)
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: no fault of the input: %v", c.name, err)
			}
		}
		for _, readable := range []string{"#767676", "#0062ba", "#000000"} {
			change := organisation()
			change.Look = &governance.LookChange{Accent: readable}
			if _, err := o.PutSettings(t.Context(), by, change); err != nil {
				t.Errorf("%s: %v", readable, err)
			}
		}
	})
}

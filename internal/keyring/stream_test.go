package keyring_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"mininfo/internal/keyring"
)

const chunk = 64 << 10

func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>11)
	}
	return b
}

func sealStream(t *testing.T, k keyring.DataKey, plain []byte, at keyring.Place) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := k.SealWriter(&out, at)
	if err != nil {
		t.Fatal(err)
	}
	// In uneven pieces, as a zip writer does.
	for b := plain; len(b) > 0; {
		n := min(len(b), 10_007)
		if _, err := w.Write(b[:n]); err != nil {
			t.Fatal(err)
		}
		b = b[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openStream(k keyring.DataKey, sealed []byte, at keyring.Place) ([]byte, error) {
	r, err := k.OpenReader(bytes.NewReader(sealed), at)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestStreamRoundTrip(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk, 5*chunk + 17} {
		plain := content(n)
		sealed := sealStream(t, k, plain, place)
		got, err := openStream(k, sealed, place)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %d back, %v", n, len(got), err)
		}
		at, size, err := k.OpenReaderAt(bytes.NewReader(sealed), int64(len(sealed)), place)
		if err != nil || size != int64(n) {
			t.Errorf("%d bytes: size %d, %v", n, size, err)
			continue
		}
		got, err = io.ReadAll(io.NewSectionReader(at, 0, size))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes by parts: %d back, %v", n, len(got), err)
		}
		if n >= chunk+50 {
			part := make([]byte, 100)
			if _, err := at.ReadAt(part, chunk-50); err != nil || !bytes.Equal(part, plain[chunk-50:chunk+50]) {
				t.Errorf("%d bytes: a part across chunks differs: %v", n, err)
			}
		}
	}
}

func TestCutStreamIsNoticed(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	plain := content(2*chunk + 5)
	sealed := sealStream(t, k, plain, place)
	cuts := []int{0, 1, 10, len(sealed) - 1, len(sealed) - 21, len(sealed) - 22, len(sealed) - (chunk + 16) - 21}
	for i := 20; i < len(sealed); i += 997 {
		cuts = append(cuts, i)
	}
	for _, n := range cuts {
		got, err := openStream(k, sealed[:n], place)
		if !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("cut at %d of %d: %d bytes, error %v", n, len(sealed), len(got), err)
		}
	}
	if _, err := openStream(k, append(bytes.Clone(sealed), 1), place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("a byte more: %v", err)
	}
}

func TestAlteredOrMovedStreamIsNoticed(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	plain := content(chunk + 100)
	sealed := sealStream(t, k, plain, place)
	for i := 0; i < len(sealed); i += 211 {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x40
		got, err := openStream(k, bad, place)
		if err == nil || !bytes.HasPrefix(plain, got) {
			t.Errorf("byte %d altered: %d bytes, error %v", i, len(got), err)
		}
	}
	for _, at := range otherPlaces {
		if _, err := openStream(k, sealed, at); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("moved to %+v: %v", at, err)
		}
	}
	if _, err := openStream(keyring.NewDataKey(), sealed, place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	// The head of one stream with the body of another of the same key and place.
	other := sealStream(t, k, content(chunk+100), place)
	mixed := append(bytes.Clone(sealed[:300]), other[300:]...)
	if _, err := openStream(k, mixed, place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("mixed streams: %v", err)
	}
}

type brokenWriter struct{ left int }

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestSealWriterReportsAFullDisk(t *testing.T) {
	t.Parallel()
	k := keyring.NewDataKey()
	for _, room := range []int{0, 100, 400, 70_000} {
		w, err := k.SealWriter(&brokenWriter{left: room}, place)
		if err == nil {
			if _, err = w.Write(content(2 * chunk)); err == nil {
				err = w.Close()
			}
		}
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

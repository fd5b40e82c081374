package audit_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"mininfo/internal/audit"
)

func exported(t *testing.T, s *audit.Signer, leaves [][]byte, checkpoints ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := audit.Export(&b, s.VerifierKey(), checkpoints, seq(leaves)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExportVerifiesWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	leaves := someLeaves(t, 40)
	_, early := grow(t, nil, 0, leaves[:17])
	_, root := grow(t, nil, 0, leaves)
	file := exported(t, s, leaves, sign(t, s, 17, early), sign(t, s, 40, root))
	report, err := audit.VerifyExport(bytes.NewReader(file), s.VerifierKey(), nil)
	if err != nil || report.Size != 40 || report.Root != root || report.Checkpoints != 2 {
		t.Fatalf("%+v, %v", report, err)
	}
	// By the key that the reader has, whatever the file says.
	other := signer(t, origin, 2)
	if _, err := audit.VerifyExport(bytes.NewReader(file), other.VerifierKey(), nil); !errors.Is(err, audit.ErrSignature) {
		t.Errorf("with another key: %v", err)
	}
}

// Whoever kept one older checkpoint notices every change of the file: of each single byte, of whole lines, and
// of the log made anew with the log's own key.
func TestChangedExportsAreDetected(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	leaves := someLeaves(t, 24)
	_, root := grow(t, nil, 0, leaves)
	kept := sign(t, s, 24, root)
	file := exported(t, s, leaves, kept)
	held := [][]byte{kept}
	check := func(what string, changed []byte) {
		t.Helper()
		if _, err := audit.VerifyExport(bytes.NewReader(changed), s.VerifierKey(), held); err == nil {
			t.Errorf("%s was not detected", what)
		}
	}
	lines := strings.SplitAfter(string(file), "\n")
	for i := 2; i < len(lines)-1; i++ {
		check("a line that is missing", []byte(strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "")))
		if i == 2 { // the same checkpoint twice says nothing else
			continue
		}
		check("a line that stands twice", []byte(strings.Join(append(append([]string{}, lines[:i]...), lines[i-1:]...), "")))
	}
	rng := rand.New(rand.NewPCG(3, 4))
	body := len(lines[0]) + len(lines[1])
	for range 2000 {
		bad := bytes.Clone(file)
		at := body + rng.IntN(len(bad)-body)
		bad[at] ^= 1 << rng.IntN(8)
		check("a changed byte", bad)
	}
	forged := someLeaves(t, 24)
	l := leaf(3)
	l.Action = "answered"
	forged[3] = leafBytes(t, l)
	_, again := grow(t, nil, 0, forged)
	check("a log made anew and signed with its own key", exported(t, s, forged, sign(t, s, 24, again)))
	check("a log that was cut", exported(t, s, leaves[:20], kept))
	check("a log that has no checkpoint", []byte(lines[0]+strings.Join(lines[2:], "")))
	if err := audit.Export(io.Discard, s.VerifierKey(), nil, seq(leaves)); err == nil {
		t.Error("a log without a checkpoint was taken out")
	}
	for _, text := range []string{"", "{}\n", "not json\n", `{"format":"mininfo-log/2"}` + "\n", strings.Repeat("a", 1<<20)} {
		if _, err := audit.VerifyExport(strings.NewReader(text), s.VerifierKey(), held); !errors.Is(err, audit.ErrExport) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

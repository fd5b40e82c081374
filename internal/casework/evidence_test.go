package casework_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/audit"
	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

const why = "Kravet fra Kari gjentas hver dag"

// evidenceFiles reads a pack as somebody outside would.
func evidenceFiles(t *testing.T, body []byte) (names []string, files map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		names = append(names, f.Name)
	}
	return names, files
}

func zipped(t *testing.T, names []string, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (d *desk) evidence(t *testing.T, id string) []byte {
	t.Helper()
	pack, err := d.Evidence(t.Context(), d.audit, id, false, "", locale.NB)
	if err != nil {
		t.Fatal(err)
	}
	return pack.Body
}

// Receipt, identity, clock, every event, the answer and their proofs are there, and nothing of whom it is about.
func TestACY01EvidenceWithoutPersonalData(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		d.b.Clock.Advance(24 * time.Hour)
		if err := d.Message(t.Context(), d.officer, r.PublicID, "Hei Kari Nordmann", false, "k"); err != nil {
			t.Fatal(err)
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", why); err != nil {
			t.Fatal(err)
		}
		body := d.evidence(t, r.PublicID)
		m, err := export.VerifyEvidence(bytes.NewReader(body), int64(len(body)), d.b.VerifierKey(t))
		if err != nil || m.Reference != string(r.Reference) {
			t.Fatalf("%+v, %v", m, err)
		}
		names, files := evidenceFiles(t, body)
		for _, secret := range []string{"Kari", "Nordmann", kari, why, "gjentas hver", "Ingrid"} {
			for name, content := range files {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s has %q", name, secret)
				}
			}
		}
		// A proof is written so that nobody reads it with their eyes: what it says is looked at opened.
		proofs := 0
		for name, content := range files {
			if !strings.HasPrefix(name, "log/") || name == "log/key.txt" || name == "log/checkpoint.txt" {
				continue
			}
			receipt, err := audit.ParseReceipt(content)
			if err != nil || receipt.Statement != nil || receipt.Salt != nil {
				t.Errorf("%s says %q, %v", name, receipt.Statement, err)
			}
			proofs++
		}
		if proofs == 0 {
			t.Error("the pack has no proof")
		}
		var said struct {
			Case   struct{ Reference, Outcome string }
			Clock  struct{ Reasons []string }
			Answer struct{ Outcome string }
			Events []struct{ Kind, Role, Leaf string }
		}
		if err := json.Unmarshal(files["evidence.json"], &said); err != nil {
			t.Fatal(err)
		}
		if said.Case.Reference != string(r.Reference) || said.Case.Outcome != "refused" || said.Answer.Outcome != "refused" || len(said.Clock.Reasons) < 2 {
			t.Errorf("%+v", said)
		}
		kinds := map[string]string{}
		for _, e := range said.Events {
			kinds[e.Kind] = e.Role
		}
		if kinds["received"] != "person" || kinds["refused"] != "privacy_officer" || kinds["verified"] == "" || len(said.Events) != len(d.read(t, r.PublicID).Events) {
			t.Errorf("%+v", said.Events)
		}
		page := string(files["bevis.html"])
		for _, words := range []string{string(r.Reference), "Kravet kom inn", "Kravet ble avslått", "Hvorfor denne datoen", "mininfo evidence verify", d.b.VerifierKey(t)} {
			if !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), words) {
				t.Errorf("the page lacks %q", words)
			}
		}
		if len(files["register.yaml"]) == 0 || names[len(names)-1] != "manifest.json" {
			t.Errorf("%v", names)
		}
	})
}

// Nothing in a pack can be changed without it showing, not even by who writes the manifest anew: the
// log holds the digest of the manifest that was handed out.
func TestACY01EvidenceShowsTampering(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		body, key := d.evidence(t, r.PublicID), d.b.VerifierKey(t)
		m, err := export.VerifyEvidence(bytes.NewReader(body), int64(len(body)), key)
		if err != nil {
			t.Fatal(err)
		}
		names, files := evidenceFiles(t, body)
		refused := func(what string, names []string, files map[string][]byte, key string) {
			t.Helper()
			changed := zipped(t, names, files)
			if _, err := export.VerifyEvidence(bytes.NewReader(changed), int64(len(changed)), key); !errors.Is(err, export.ErrDamaged) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if again := zipped(t, names, files); true {
			if _, err := export.VerifyEvidence(bytes.NewReader(again), int64(len(again)), key); err != nil {
				t.Fatalf("zipped anew: %v", err)
			}
		}
		for i, name := range names {
			whole := files[name]
			changed := bytes.Clone(whole)
			at := bytes.IndexAny(changed, "0123456789")
			changed[at] = '0' + (changed[at]-'0'+1)%10
			files[name] = changed
			refused("changed "+name, names, files, key)
			files[name] = whole
			refused("without "+name, append(append([]string{}, names[:i]...), names[i+1:]...), files, key)
		}
		// Whoever takes a proof out of the pack and writes the manifest anew has an event without one.
		first := slices.IndexFunc(m.Files, func(f export.File) bool { return strings.HasPrefix(f.Name, "log/0") })
		manifest := files["manifest.json"]
		fewer := m
		fewer.Files = slices.Delete(slices.Clone(m.Files), first, first+1)
		if files["manifest.json"], err = json.Marshal(fewer); err != nil {
			t.Fatal(err)
		}
		refused("without the proof of an event", slices.Delete(slices.Clone(names), first, first+1), files, key)
		files["manifest.json"] = manifest
		other, err := audit.NewSigner("mininfo/0000000000000000", make([]byte, 64))
		if err != nil {
			t.Fatal(err)
		}
		refused("another log's key", names, files, other.VerifierKey())

		// The next pack proves that the first was handed out, and which it was.
		pack, err := d.Evidence(t.Context(), casework.By{ID: d.officer.ID, Roles: d.officer.Roles, Fresh: true}, r.PublicID, true, "Tilsynet ber om hele saken", locale.EN)
		if err != nil {
			t.Fatal(err)
		}
		names, files = evidenceFiles(t, pack.Body)
		found := false
		for _, name := range names {
			if !strings.HasSuffix(name, "-evidence_taken.txt") {
				continue
			}
			receipt, err := audit.ParseReceipt(files[name])
			if err != nil {
				t.Fatal(err)
			}
			found = bytes.Contains(receipt.Statement, []byte(m.SHA256))
		}
		if !found {
			t.Error("the log does not tell which pack was handed out")
		}
	})
}

// The whole pack has the person, the names and the words, wants a fresh factor and a reason, and is logged.
func TestWholeEvidence(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", why); err != nil {
			t.Fatal(err)
		}
		fresh := d.officer
		fresh.Fresh = true
		for name, c := range map[string]struct {
			by     casework.By
			whole  bool
			reason string
			want   error
		}{
			"without a factor":    {d.officer, true, "Tilsynet ber om hele saken", staff.ErrStepUp},
			"without a reason":    {fresh, true, "  kort    ", casework.ErrEvidenceReason},
			"a handler":           {d.handler, false, "", staff.ErrForbidden},
			"a handler, whole":    {casework.By{ID: d.handler.ID, Roles: d.handler.Roles, Fresh: true}, true, "Tilsynet ber om hele saken", staff.ErrForbidden},
			"an unknown case":     {fresh, false, "", nil},
			"an officer":          {d.officer, false, "", nil},
			"an auditor with one": {casework.By{ID: d.audit.ID, Roles: d.audit.Roles, Fresh: true}, true, "Tilsynet ber om hele saken", nil},
		} {
			id := r.PublicID
			if name == "an unknown case" {
				id, c.want = strings.Repeat("0", 32), store.ErrNoRequest
			}
			if _, err := d.Evidence(t.Context(), c.by, id, c.whole, c.reason, locale.NB); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		pack, err := d.Evidence(t.Context(), fresh, r.PublicID, true, "Tilsynet ber om hele saken", locale.NN)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := export.VerifyEvidence(bytes.NewReader(pack.Body), int64(len(pack.Body)), d.b.VerifierKey(t)); err != nil {
			t.Error(err)
		}
		_, files := evidenceFiles(t, pack.Body)
		for _, words := range []string{"Kari Nordmann", kari, why, "Ingrid"} {
			if !bytes.Contains(files["evidence.json"], []byte(words)) || !bytes.Contains(files["bevis.html"], []byte(words)) {
				t.Errorf("the whole pack lacks %q", words)
			}
		}
		if _, err := d.b.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		logged := map[string]int{}
		d.in(t, func(tx *store.Tx) error {
			entries, err := tx.LogPage(0, 100)
			for _, e := range entries {
				logged[e.Leaf.Action]++
			}
			return err
		})
		if logged["evidence_taken"] != 1 || logged["evidence_taken_whole"] != 2 {
			t.Errorf("%v", logged)
		}
	})
}

// After the purge the pack still shows what was done and when, and has nobody in it.
func TestEvidenceAfterThePurge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.refused(t, 10)
		d.b.Clock.Set(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
		if err := d.PurgeOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		fresh := d.officer
		fresh.Fresh = true
		pack, err := d.Evidence(t.Context(), fresh, r.PublicID, true, "Tilsynet ber om hele saken", locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := export.VerifyEvidence(bytes.NewReader(pack.Body), int64(len(pack.Body)), d.b.VerifierKey(t)); err != nil {
			t.Error(err)
		}
		_, files := evidenceFiles(t, pack.Body)
		if bytes.Contains(files["evidence.json"], []byte("Nordmann")) || !bytes.Contains(files["evidence.json"], []byte(`"purged"`)) {
			t.Errorf("%s", files["evidence.json"])
		}
	})
}

package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"mininfo/internal/audit"
)

const origin = "personvern.example.no/mininfo"

func signer(t testing.TB, name string, seed byte) *audit.Signer {
	t.Helper()
	s, err := audit.NewSigner(name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func leaf(i int) audit.Leaf {
	return audit.Leaf{
		At: 1_700_000_000_000_000 + int64(i), Actor: fmt.Sprintf("member:%d", i%7), Role: "case_handler",
		Action: "request.received", Request: fmt.Sprintf("%032x", i), Detail: audit.Commit([]byte("salt"), fmt.Append(nil, i)),
	}
}

func leafBytes(t testing.TB, l audit.Leaf) []byte {
	t.Helper()
	b, err := l.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func someLeaves(t testing.TB, n int) [][]byte {
	t.Helper()
	out := make([][]byte, n)
	for i := range out {
		out[i] = leafBytes(t, leaf(i))
	}
	return out
}

// table is where the portal would keep hashes.
type table []audit.Hash

func (s table) ReadHashes(indexes []int64) ([]audit.Hash, error) {
	out := make([]audit.Hash, len(indexes))
	for i, n := range indexes {
		if n >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", n)
		}
		out[i] = s[n]
	}
	return out, nil
}

func grow(t testing.TB, s table, size int64, leaves [][]byte) (table, audit.Hash) {
	t.Helper()
	first, hashes, root, err := audit.Extend(size, leaves, s)
	if err != nil {
		t.Fatal(err)
	}
	if first != int64(len(s)) {
		t.Fatalf("hashes begin at %d, the table has %d", first, len(s))
	}
	s = append(s, hashes...)
	if want := audit.StoredHashCount(size + int64(len(leaves))); int64(len(s)) != want {
		t.Fatalf("%d hashes stored, want %d", len(s), want)
	}
	return s, root
}

func sign(t testing.TB, s *audit.Signer, size int64, root audit.Hash) []byte {
	t.Helper()
	b, err := s.Sign(audit.Checkpoint{Size: size, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func seq(leaves [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, l := range leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func TestLeafIsCanonical(t *testing.T) {
	t.Parallel()
	l := audit.Leaf{
		At: 1782900000000001, Actor: "member:3f", Role: "privacy_officer", Action: "plan.approved",
		Request: "ab01", Detail: strings.Repeat("0f", 32),
	}
	want := `{"action":"plan.approved","actor":"member:3f","at":1782900000000001,"detail":"` + strings.Repeat("0f", 32) +
		`","request":"ab01","role":"privacy_officer"}`
	got := leafBytes(t, l)
	var fields map[string]any
	if err := json.Unmarshal(got, &fields); err != nil || len(fields) != 6 {
		t.Errorf("not JSON of six fields: %v", err)
	}
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	back, err := audit.ParseLeaf(got)
	if err != nil || back != l {
		t.Errorf("parsed %+v, %v", back, err)
	}
	for _, bad := range []string{
		"", "{}", "null", want + " ", want + "{}", " " + want,
		strings.Replace(want, `"action"`, `"Action"`, 1),
		strings.Replace(want, `{`, `{"more":1,`, 1),
		strings.Replace(want, `{`, `{"action":"plan.approved",`, 1),
		strings.Replace(want, `member`, `\u006dember`, 1),
		`{"actor":"a","action":"b","at":1,"detail":"","request":"","role":"c"}`,
	} {
		if _, err := audit.ParseLeaf([]byte(bad)); !errors.Is(err, audit.ErrLeaf) {
			t.Errorf("parsed %s: %v", bad, err)
		}
	}
}

func TestLeafRefusesPersonalData(t *testing.T) {
	t.Parallel()
	good := leaf(1)
	for name, change := range map[string]func(*audit.Leaf){
		"address as actor":   func(l *audit.Leaf) { l.Actor = "kari@example.no" },
		"name as actor":      func(l *audit.Leaf) { l.Actor = "Kari Nordmann" },
		"no actor":           func(l *audit.Leaf) { l.Actor = "" },
		"address as request": func(l *audit.Leaf) { l.Request = "kari@example.no" },
		"sentence as action": func(l *audit.Leaf) { l.Action = "sent to kari" },
		"no action":          func(l *audit.Leaf) { l.Action = "" },
		"no role":            func(l *audit.Leaf) { l.Role = "" },
		"new line":           func(l *audit.Leaf) { l.Role = "admin\n" },
		"text as detail":     func(l *audit.Leaf) { l.Detail = "kari" },
		"upper-case digest":  func(l *audit.Leaf) { l.Detail = strings.Repeat("AB", 32) },
		"no time":            func(l *audit.Leaf) { l.At = 0 },
		"too long":           func(l *audit.Leaf) { l.Actor = strings.Repeat("a", 81) },
	} {
		bad := good
		change(&bad)
		_, err := bad.Bytes()
		if !errors.Is(err, audit.ErrLeaf) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "kari") {
			t.Errorf("%s: the error repeats it: %v", name, err)
		}
	}
}

func TestCommitDependsOnBothParts(t *testing.T) {
	t.Parallel()
	a := audit.Commit([]byte("ab"), []byte("c"))
	for _, b := range []string{
		audit.Commit([]byte("a"), []byte("bc")), audit.Commit(nil, []byte("abc")), audit.Commit([]byte("ab"), []byte("d")),
	} {
		if a == b {
			t.Error("two commitments are the same")
		}
	}
}

// reference computes RFC 6962's definition by recursion, in its own words.
func reference(leaves [][]byte) audit.Hash {
	if len(leaves) == 1 {
		return audit.LeafHash(leaves[0])
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	l, r := reference(leaves[:k]), reference(leaves[k:])
	return sha(append(append([]byte{1}, l[:]...), r[:]...))
}

func TestTreeAgainstTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 200).Draw(rt, "n")
		leaves := someLeaves(t, n)
		var s table
		var root audit.Hash
		for size := 0; size < n; { // in batches, as a sequencer does
			batch := rapid.IntRange(1, n-size).Draw(rt, "batch")
			s, root = grow(t, s, int64(size), leaves[size:size+batch])
			size += batch
		}
		if want := reference(leaves); root != want {
			rt.Fatalf("root of %d leaves is wrong", n)
		}
		report, err := audit.VerifyLog(seq(leaves), signer(t, origin, 1).VerifierKey(), nil)
		if err != nil || report.Root != root || report.Size != int64(n) {
			rt.Fatalf("following the log gives %+v, %v", report, err)
		}
		old := rapid.IntRange(1, n).Draw(rt, "old")
		oldRoot, err := audit.TreeHash(int64(old), s)
		if err != nil || oldRoot != reference(leaves[:old]) {
			rt.Fatalf("old root: %v", err)
		}
		p, err := audit.ProveTree(int64(n), int64(old), s)
		if err != nil {
			rt.Fatal(err)
		}
		if err := audit.CheckTree(p, int64(n), root, int64(old), oldRoot); err != nil {
			rt.Fatal(err)
		}
		oldRoot[3] ^= 1
		if err := audit.CheckTree(p, int64(n), root, int64(old), oldRoot); !errors.Is(err, audit.ErrMismatch) {
			rt.Fatalf("another old root: %v", err)
		}
	})
}

func TestExtendByNothing(t *testing.T) {
	t.Parallel()
	_, hashes, root, err := audit.Extend(0, nil, table(nil))
	if err != nil || len(hashes) != 0 {
		t.Fatalf("%d hashes, %v", len(hashes), err)
	}
	if root != sha(nil) { // RFC 6962 §2.1: the hash of an empty list is the hash of an empty string
		t.Error("root of the empty tree is wrong")
	}
	s, want := grow(t, nil, 0, someLeaves(t, 5))
	if _, _, root, err := audit.Extend(5, nil, s); err != nil || root != want {
		t.Errorf("root without new leaves: %v", err)
	}
}

func TestExtendReportsMissingHashes(t *testing.T) {
	t.Parallel()
	leaves := someLeaves(t, 8)
	s, _ := grow(t, nil, 0, leaves[:7])
	broken := errors.New("database is gone")
	for name, r := range map[string]audit.HashReader{
		"short": s[:2],
		"error": audit.HashReaderFunc(func([]int64) ([]audit.Hash, error) { return nil, broken }),
		"fewer": audit.HashReaderFunc(func([]int64) ([]audit.Hash, error) { return nil, nil }),
	} {
		if _, _, _, err := audit.Extend(7, leaves[7:], r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	root := audit.LeafHash([]byte("x"))
	signed := sign(t, s, 42, root)
	lines := strings.Split(string(signed), "\n")
	if lines[0] != origin || lines[1] != "42" || lines[2] != root.String() || lines[3] != "" ||
		!strings.HasPrefix(lines[4], "— "+origin+" ") {
		t.Errorf("not a C2SP checkpoint:\n%s", signed)
	}
	got, err := audit.OpenCheckpoint(signed, s.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(audit.Checkpoint{Origin: origin, Size: 42, Root: root}, got); diff != "" {
		t.Error(diff)
	}
	if s.Origin() != origin || !strings.HasPrefix(s.VerifierKey(), origin+"+") {
		t.Errorf("verifier key %q", s.VerifierKey())
	}
	for name, bad := range map[string][]byte{
		"size":     bytes.Replace(signed, []byte("\n42\n"), []byte("\n43\n"), 1),
		"origin":   bytes.Replace(signed, []byte(origin+"\n"), []byte("other.example.no\n"), 1),
		"root":     bytes.Replace(signed, []byte(root.String()), []byte(audit.LeafHash(nil).String()), 1),
		"unsigned": signed[:bytes.Index(signed, []byte("\n\n"))+2],
		"empty":    nil,
		"other":    sign(t, signer(t, origin, 2), 42, root),
		"renamed":  sign(t, signer(t, "other.example.no", 1), 42, root),
	} {
		if _, err := audit.OpenCheckpoint(bad, s.VerifierKey()); !errors.Is(err, audit.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a\nb"} {
		if _, err := audit.NewSigner(name, ed25519.NewKeyFromSeed(make([]byte, 32))); err == nil {
			t.Errorf("a log named %q", name)
		}
	}
	if _, err := audit.NewSigner(origin, nil); err == nil {
		t.Error("a signer without a key")
	}
	if _, err := audit.OpenCheckpoint(signed, "nonsense"); err == nil {
		t.Error("opened with a nonsense key")
	}
}

func receipt(t *testing.T, size, index int) (audit.Receipt, *audit.Signer, [][]byte) {
	t.Helper()
	s := signer(t, origin, 1)
	leaves := someLeaves(t, size)
	store, root := grow(t, nil, 0, leaves)
	p, err := audit.ProveRecord(int64(size), int64(index), store)
	if err != nil {
		t.Fatal(err)
	}
	return audit.Receipt{
		Leaf: leaves[index], Salt: []byte("salt"), Statement: fmt.Append(nil, index), Index: int64(index), Proof: p,
		Checkpoint: sign(t, s, int64(size), root),
	}, s, leaves
}

func TestReceiptRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ size, index int }{{1, 0}, {2, 1}, {7, 3}, {100, 99}, {1000, 512}} {
		r, s, _ := receipt(t, c.size, c.index)
		text, err := r.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(text, []byte("c2sp.org/tlog-proof@v1\nextra ")) {
			t.Errorf("not a C2SP proof:\n%s", text)
		}
		for name, b := range map[string][]byte{"as is": text, "through mail": bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))} {
			got, err := audit.ParseReceipt(b)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(r, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			l, cp, err := got.Verify(s.VerifierKey())
			if err != nil || l != leaf(c.index) || cp.Size != int64(c.size) {
				t.Errorf("%s: verified %+v in %+v, %v", name, l, cp, err)
			}
		}
		r.Salt, r.Statement = nil, nil
		if _, _, err := r.Verify(s.VerifierKey()); err != nil {
			t.Errorf("without its statement: %v", err)
		}
	}
}

// Whichever byte of a receipt is changed: it does not verify.
func TestEveryByteOfAReceiptCounts(t *testing.T) {
	t.Parallel()
	r, s, _ := receipt(t, 100, 42)
	text, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		for bit := range 8 {
			changed := bytes.Clone(text)
			changed[i] ^= 1 << bit
			got, err := audit.ParseReceipt(changed)
			if err != nil {
				continue
			}
			if _, _, err := got.Verify(s.VerifierKey()); err == nil {
				t.Errorf("byte %d (%q), bit %d: it verifies", i, text[i], bit)
			}
		}
	}
}

func TestForgedReceipts(t *testing.T) {
	t.Parallel()
	r, s, leaves := receipt(t, 100, 41)
	backdated := leaf(41)
	backdated.At -= 86_400_000_000
	for name, forge := range map[string]func(*audit.Receipt){
		"another leaf":      func(r *audit.Receipt) { r.Leaf = leaves[42] },
		"back-dated leaf":   func(r *audit.Receipt) { r.Leaf = leafBytes(t, backdated) },
		"another index":     func(r *audit.Receipt) { r.Index = 42 },
		"negative index":    func(r *audit.Receipt) { r.Index = -1 },
		"outside the tree":  func(r *audit.Receipt) { r.Index = 100 },
		"no proof":          func(r *audit.Receipt) { r.Proof = nil },
		"shorter proof":     func(r *audit.Receipt) { r.Proof = r.Proof[1:] },
		"altered proof":     func(r *audit.Receipt) { r.Proof = slices.Clone(r.Proof); r.Proof[0][0] ^= 1 },
		"another statement": func(r *audit.Receipt) { r.Statement = []byte("something else") },
		"another salt":      func(r *audit.Receipt) { r.Salt = []byte("pepper") },
		"another key": func(r *audit.Receipt) {
			c, err := audit.OpenCheckpoint(r.Checkpoint, s.VerifierKey())
			if err != nil {
				t.Fatal(err)
			}
			r.Checkpoint = sign(t, signer(t, origin, 9), c.Size, c.Root)
		},
		"another tree":   func(r *audit.Receipt) { r.Checkpoint = sign(t, s, 100, audit.LeafHash([]byte("fork"))) },
		"no checkpoint":  func(r *audit.Receipt) { r.Checkpoint = nil },
		"not a leaf":     func(r *audit.Receipt) { r.Leaf = []byte("{}") },
		"cut checkpoint": func(r *audit.Receipt) { r.Checkpoint = r.Checkpoint[:30] },
		"smaller tree":   func(r *audit.Receipt) { r.Checkpoint = sign(t, s, 99, audit.Hash{}) },
	} {
		forged := r
		forge(&forged)
		if _, _, err := forged.Verify(s.VerifierKey()); !errors.Is(err, audit.ErrReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseReceipt(f *testing.F) {
	f.Add([]byte("c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\no\n1\nAAAA\n\n— o AAAA\n"))
	f.Add([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"))
	key := signer(f, origin, 1).VerifierKey()
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := audit.ParseReceipt(b)
		if err != nil {
			if !errors.Is(err, audit.ErrReceipt) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		if _, _, err := r.Verify(key); err == nil {
			t.Error("a made-up receipt verified")
		}
	})
}

// TestB1MutationsAreDetected plays an insider with the database and, in part, with a key, against
// somebody who holds one older checkpoint.
func TestB1MutationsAreDetected(t *testing.T) {
	t.Parallel()
	const size, rounds = 64, 10_000
	s, thief := signer(t, origin, 1), signer(t, origin, 2)
	leaves := someLeaves(t, size)
	store, root := grow(t, nil, 0, leaves)
	held := map[int][]byte{}
	for n := 1; n <= size; n++ {
		h, err := audit.TreeHash(int64(n), store)
		if err != nil {
			t.Fatal(err)
		}
		held[n] = sign(t, s, int64(n), h)
	}
	if report, err := audit.VerifyLog(seq(leaves), s.VerifierKey(), [][]byte{held[size], held[9], held[33]}); err != nil ||
		report.Checkpoints != 3 || report.Root != root {
		t.Fatalf("the untouched log: %+v, %v", report, err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		old := 1 + rng.IntN(size) // of what somebody outside holds
		bad, what, signed := mutate(t, rng, leaves, old, thief, held)
		_, err := audit.VerifyLog(seq(bad), s.VerifierKey(), signed)
		if err == nil {
			t.Fatalf("round %d: %s was not detected (checkpoint of %d leaves)", round, what, old)
		}
		if !errors.Is(err, audit.ErrMismatch) && !errors.Is(err, audit.ErrTruncated) && !errors.Is(err, audit.ErrLeaf) &&
			!errors.Is(err, audit.ErrSignature) {
			t.Fatalf("round %d: %s: error of another kind: %v", round, what, err)
		}
	}
}

// mutate changes something among the first old leaves, or the checkpoints that are shown.
func mutate(t *testing.T, rng *rand.Rand, leaves [][]byte, old int, thief *audit.Signer, held map[int][]byte) ([][]byte, string, [][]byte) {
	t.Helper()
	bad := slices.Clone(leaves)
	at := rng.IntN(old)
	signed := [][]byte{held[old]}
	switch kind := rng.IntN(8); kind {
	case 0:
		l := leaf(at)
		l.At += 1 + rng.Int64N(1000)
		bad[at] = leafBytes(t, l)
		return bad, "an edit", signed
	case 1:
		return slices.Delete(bad, at, at+1), "a deletion", signed
	case 2:
		return slices.Insert(bad, at, leafBytes(t, leaf(1000+rng.IntN(1000)))), "an insertion", signed
	case 3:
		other := rng.IntN(len(bad))
		for other == at {
			other = rng.IntN(len(bad))
		}
		bad[at], bad[other] = bad[other], bad[at]
		return bad, "a reordering", signed
	case 4:
		return bad[:at], "a truncation", signed
	case 5: // a fork that is continued to the same length
		for i := at; i < len(bad); i++ {
			bad[i] = leafBytes(t, leaf(5000+i))
		}
		return bad, "a fork", signed
	case 6: // the whole log made anew and signed by another key
		bad[at] = leafBytes(t, leaf(7000))
		_, root := grow(t, nil, 0, bad[:old])
		return bad, "a new signature", [][]byte{sign(t, thief, int64(old), root)}
	default:
		i := rng.IntN(len(bad[at]))
		bad[at] = slices.Clone(bad[at])
		bad[at][i] ^= byte(1 + rng.IntN(255))
		return bad, "a changed byte", signed
	}
}

func TestVerifyLogReportsAReadError(t *testing.T) {
	t.Parallel()
	gone := errors.New("database is gone")
	_, err := audit.VerifyLog(func(yield func([]byte, error) bool) { yield(nil, gone) }, signer(t, origin, 1).VerifierKey(), nil)
	if !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

func TestVerifyEmptyLog(t *testing.T) {
	t.Parallel()
	s := signer(t, origin, 1)
	empty := sign(t, s, 0, sha(nil))
	if r, err := audit.VerifyLog(seq(nil), s.VerifierKey(), [][]byte{empty}); err != nil || r.Checkpoints != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	one := sign(t, s, 1, audit.LeafHash(someLeaves(t, 1)[0]))
	if _, err := audit.VerifyLog(seq(nil), s.VerifierKey(), [][]byte{one}); !errors.Is(err, audit.ErrTruncated) {
		t.Errorf("everything deleted: %v", err)
	}
}

func BenchmarkVerifyLog(b *testing.B) {
	leaves := someLeaves(b, 100_000)
	key := signer(b, origin, 1).VerifierKey()
	for b.Loop() {
		if _, err := audit.VerifyLog(seq(leaves), key, nil); err != nil {
			b.Fatal(err)
		}
	}
}

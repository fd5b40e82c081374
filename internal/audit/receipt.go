package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrReceipt means that a receipt cannot be read, or that its parts do not belong together.
var ErrReceipt = errors.New("not a valid receipt")

const (
	receiptHeader = "c2sp.org/tlog-proof@v1"
	maxReceipt    = 1 << 20
	maxProof      = 64 // a proof has one hash for each level of the tree
)

// Receipt proves offline that a leaf is in the log: the leaf, where it is, and a signed checkpoint of a
// tree that holds it. Salt and Statement are given to who may know the details: they show what the
// leaf's detail stands for.
type Receipt struct {
	Leaf       []byte
	Salt       []byte
	Statement  []byte
	Index      int64
	Proof      []Hash
	Checkpoint []byte
}

// extra is what C2SP tlog-proof leaves to the application. Fields in the order of their names.
type extra struct {
	Leaf      string `json:"leaf"`
	Salt      []byte `json:"salt,omitempty"`
	Statement []byte `json:"statement,omitempty"`
}

// Marshal writes the receipt as a C2SP tlog-proof: text that stands being mailed or printed.
func (r Receipt) Marshal() ([]byte, error) {
	if _, err := ParseLeaf(r.Leaf); err != nil {
		return nil, fmt.Errorf("writing a receipt: %w", err)
	}
	x, err := json.Marshal(extra{Leaf: string(r.Leaf), Salt: r.Salt, Statement: r.Statement})
	if err != nil {
		return nil, fmt.Errorf("writing a receipt: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", receiptHeader, base64.StdEncoding.EncodeToString(x), r.Index)
	for _, h := range r.Proof {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteByte('\n')
	b.Write(r.Checkpoint)
	return b.Bytes(), nil
}

// ParseReceipt reads a receipt, also one whose line ends a mail program changed. It verifies nothing.
func ParseReceipt(b []byte) (Receipt, error) {
	if len(b) > maxReceipt {
		return Receipt{}, fmt.Errorf("%w: too long", ErrReceipt)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != receiptHeader {
		return Receipt{}, fmt.Errorf("%w: it does not begin with %q", ErrReceipt, receiptHeader)
	}
	if len(lines)-3 > maxProof {
		return Receipt{}, fmt.Errorf("%w: its proof is too long", ErrReceipt)
	}
	r, err := parseExtra(lines[1])
	if err != nil {
		return Receipt{}, err
	}
	number, ok := strings.CutPrefix(lines[2], "index ")
	if r.Index, err = strconv.ParseInt(number, 10, 64); !ok || err != nil || r.Index < 0 {
		return Receipt{}, fmt.Errorf("%w: it has no index", ErrReceipt)
	}
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			return Receipt{}, fmt.Errorf("%w: a line of its proof is not a hash", ErrReceipt)
		}
		r.Proof = append(r.Proof, h)
	}
	r.Checkpoint = []byte(checkpoint)
	// JSON and base64 write one thing in several ways. A receipt has one way, so that a changed byte
	// is a changed receipt.
	if again, err := r.Marshal(); err != nil || string(again) != text || !plainSignatures(checkpoint) {
		return Receipt{}, fmt.Errorf("%w: it is not written as receipts are", ErrReceipt)
	}
	return r, nil
}

// plainSignatures tells whether each signature of a checkpoint stands in base64's own form.
func plainSignatures(checkpoint string) bool {
	for line := range strings.SplitSeq(checkpoint, "\n") {
		if !strings.HasPrefix(line, "— ") {
			continue
		}
		if _, err := base64.StdEncoding.Strict().DecodeString(line[strings.LastIndexByte(line, ' ')+1:]); err != nil {
			return false
		}
	}
	return true
}

func parseExtra(line string) (Receipt, error) {
	text, ok := strings.CutPrefix(line, "extra ")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil {
		return Receipt{}, fmt.Errorf("%w: it carries no leaf", ErrReceipt)
	}
	var x extra
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		return Receipt{}, fmt.Errorf("%w: it carries no leaf", ErrReceipt)
	}
	if _, err := d.Token(); err != io.EOF {
		return Receipt{}, fmt.Errorf("%w: it carries more than a leaf", ErrReceipt)
	}
	return Receipt{Leaf: []byte(x.Leaf), Salt: x.Salt, Statement: x.Statement}, nil
}

// Verify checks the receipt against the log's verifier key: the checkpoint's signature, that the leaf is
// in its tree, and that the statement (if there is one) is what the leaf commits to. It needs no network.
func (r Receipt) Verify(verifierKey string) (Leaf, Checkpoint, error) {
	leaf, err := ParseLeaf(r.Leaf)
	if err != nil {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	c, err := OpenCheckpoint(r.Checkpoint, verifierKey)
	if err != nil {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if r.Index < 0 || r.Index >= c.Size {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: %w: its index is outside the tree", ErrReceipt, ErrMismatch)
	}
	if err := CheckRecord(r.Proof, c.Size, c.Root, r.Index, r.Leaf); err != nil {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if (len(r.Salt) > 0 || len(r.Statement) > 0) && Commit(r.Salt, r.Statement) != leaf.Detail {
		return Leaf{}, Checkpoint{}, fmt.Errorf("%w: the statement is not what the log holds", ErrReceipt)
	}
	return leaf, c, nil
}

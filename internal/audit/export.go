package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// ErrExport means that a file is no log that was taken out.
var ErrExport = errors.New("this is no export of a log")

// errNoCheckpoint: then nothing would be verified.
var errNoCheckpoint = errors.New("the log has no checkpoint yet")

const exportFormat = "mininfo-log/1"

// maxExportLine bounds a line of an export: a leaf has some hundred bytes.
const maxExportLine = 64 << 10

// exportLine is a line of an export. The first names the format and the key that the log says signs its
// checkpoints; checkpoints come next, then leaves in order, each as its very bytes.
type exportLine struct {
	Format      string `json:"format,omitempty"`
	VerifierKey string `json:"verifier_key,omitempty"`
	Checkpoint  []byte `json:"checkpoint,omitempty"` // base64 in the file
	Leaf        []byte `json:"leaf,omitempty"`
}

// Export writes a log as lines of JSON, for whoever verifies it without the database: up to its newest
// checkpoint (they come oldest first), since nothing vouches for what comes after. It holds what the log
// holds, so no personal data.
func Export(w io.Writer, verifierKey string, checkpoints [][]byte, leaves iter.Seq2[[]byte, error]) error {
	if len(checkpoints) == 0 {
		return errNoCheckpoint
	}
	newest, err := sizeOf(checkpoints[len(checkpoints)-1])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	write := func(l exportLine) error {
		if err := lines.Encode(l); err != nil {
			return fmt.Errorf("writing the log: %w", err)
		}
		return nil
	}
	if err = write(exportLine{Format: exportFormat, VerifierKey: verifierKey}); err != nil {
		return err
	}
	for _, c := range checkpoints {
		if err := write(exportLine{Checkpoint: c}); err != nil {
			return err
		}
	}
	var size int64
	for leaf, err := range leaves {
		if err != nil {
			return fmt.Errorf("reading the log: %w", err)
		}
		if size++; size > newest {
			break
		}
		if err := write(exportLine{Leaf: leaf}); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the log: %w", err)
	}
	return nil
}

// sizeOf reads how many leaves a signed checkpoint is of, without asking who signed it.
func sizeOf(signed []byte) (int64, error) {
	c, err := parseCheckpoint(string(signed))
	return c.Size, err
}

// VerifyExport reads an export and holds its leaves against its own checkpoints and against those that
// were kept elsewhere, all by a key that comes from elsewhere too: what a file says of itself proves nothing.
// Its last checkpoint must be of all its leaves. The errors are ErrExport and those of VerifyLog.
func VerifyExport(r io.Reader, verifierKey string, kept [][]byte) (Report, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxExportLine)
	next := func() (l exportLine, more bool, err error) {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return l, false, fmt.Errorf("%w: %w", ErrExport, err)
			}
			return l, false, nil
		}
		// One way of writing alone: every byte counts.
		err = json.Unmarshal(lines.Bytes(), &l)
		if again, failed := json.Marshal(l); err != nil || failed != nil || !bytes.Equal(again, lines.Bytes()) {
			return l, false, fmt.Errorf("%w: a line is not written as an export's", ErrExport)
		}
		return l, true, nil
	}
	head, _, err := next()
	if err != nil {
		return Report{}, err
	}
	if head.Format != exportFormat {
		return Report{}, fmt.Errorf("%w: it does not begin with %q", ErrExport, exportFormat)
	}
	size := int64(-1)
	line, more, err := next()
	for ; err == nil && more && line.Checkpoint != nil; line, more, err = next() {
		kept = append(kept, line.Checkpoint)
		if size, err = sizeOf(line.Checkpoint); err != nil {
			return Report{}, fmt.Errorf("%w: %w", ErrExport, err)
		}
	}
	if err != nil {
		return Report{}, err
	}
	if size < 0 {
		return Report{}, fmt.Errorf("%w: %w", ErrExport, errNoCheckpoint)
	}
	report, err := VerifyLog(func(yield func([]byte, error) bool) {
		var failed error
		for failed == nil && more {
			if line.Leaf == nil || line.Checkpoint != nil || line.Format != "" {
				failed = fmt.Errorf("%w: a leaf is missing", ErrExport)
				break
			}
			if !yield(line.Leaf, nil) {
				return
			}
			line, more, failed = next()
		}
		if failed != nil {
			yield(nil, failed)
		}
	}, verifierKey, kept)
	if err == nil && report.Size != size {
		err = fmt.Errorf("%w: it has %d leaves, and its last checkpoint is of %d", ErrExport, report.Size, size)
	}
	return report, err
}

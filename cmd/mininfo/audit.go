package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"mininfo/internal/audit"
	"mininfo/internal/export"
	"mininfo/internal/governance"
	"mininfo/internal/store"
)

type auditCommands struct {
	Verify auditVerifyCommand `cmd:"" help:"Rebuild the log's tree and hold it against every signed checkpoint."`
	Export auditExportCommand `cmd:"" help:"Take the log out, for whoever verifies it without the database."`
}

type auditVerifyCommand struct {
	config
	Export     string   `help:"Verify a log that was taken out, without a portal." type:"existingfile" placeholder:"FILE"`
	Key        string   `help:"With --export: the organisation's verifier key, as it was printed at another time." placeholder:"KEY"`
	Checkpoint []string `help:"File of a checkpoint that was kept elsewhere, such as a saved mail of the day; may be repeated." type:"existingfile"`
	JSON       bool     `help:"Machine-readable."`
}

// Validate refuses half of the two that go together.
func (c *auditVerifyCommand) Validate() error {
	if (c.Export == "") != (c.Key == "") {
		return errors.New("--export and --key go together: a file does not prove itself by a key that it brings along")
	}
	return nil
}

// Run verifies the log: the portal's, or one that was taken out.
func (c *auditVerifyCommand) Run(t *terminal) error {
	kept, err := c.kept()
	if err != nil {
		return err
	}
	if c.Export != "" {
		f, err := os.Open(c.Export)
		if err != nil {
			return fmt.Errorf("opening the log: %w", err)
		}
		defer f.Close()
		report, err := audit.VerifyExport(f, c.Key, kept)
		return c.say(t, report, c.Key, err)
	}
	s, key, checkpoints, err := c.log(t.ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	report, err := audit.VerifyLog(governance.Leaves(t.ctx, s), key, append(checkpoints, kept...))
	return c.say(t, report, key, err)
}

// log opens the portal's store and gives its log's verifier key and signed checkpoints.
func (c *config) log(ctx context.Context) (s *store.Store, key string, checkpoints [][]byte, err error) {
	if err := c.complete(); err != nil {
		return nil, "", nil, err
	}
	if err := c.exists(ctx); err != nil {
		return nil, "", nil, err
	}
	s, ring, err := openStore(ctx, *c)
	if err != nil {
		return nil, "", nil, err
	}
	signer, err := audit.NewSigner(origin(ring.AuditSigner()), ring.AuditSigner())
	if err == nil {
		key = signer.VerifierKey()
		checkpoints, err = s.Checkpoints(ctx)
	}
	if err != nil {
		return nil, "", nil, errors.Join(err, s.Close())
	}
	return s, key, checkpoints, nil
}

// kept reads the checkpoints that were kept elsewhere.
func (c *auditVerifyCommand) kept() ([][]byte, error) {
	var kept [][]byte
	for _, file := range c.Checkpoint {
		one, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a checkpoint: %w", err)
		}
		kept = append(kept, audit.FindCheckpoint(one))
	}
	return kept, nil
}

func (c *auditVerifyCommand) say(t *terminal, report audit.Report, key string, err error) error {
	if err != nil {
		return fmt.Errorf("the log does not verify: %w", err)
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{"size": report.Size, "root": fmt.Sprintf("%x", report.Root[:]), "checkpoints": report.Checkpoints, "verifier_key": key})
	}
	_, err = fmt.Fprintf(t.out, "The log verifies: %d leaves, %d checkpoints.\nVerifier key: %s\n", report.Size, report.Checkpoints, key)
	return err
}

type auditExportCommand struct {
	config
	File string `arg:"" help:"Where to; a file that is there is kept as it is."`
}

// Run takes the log out, up to its newest checkpoint.
func (c *auditExportCommand) Run(t *terminal) error {
	s, key, checkpoints, err := c.log(t.ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the log: %w", err)
	}
	err = errors.Join(audit.Export(f, key, checkpoints, governance.Leaves(t.ctx, s)), f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(c.File))
	}
	_, err = fmt.Fprintf(t.out, "The log is in %s.\nVerifier key, to be kept apart from it: %s\n", c.File, key)
	return err
}

type evidenceCommands struct {
	Verify evidenceVerifyCommand `cmd:"" help:"Check a case's evidence pack offline: every file, and the log's proof of every act."`
}

type evidenceVerifyCommand struct {
	File string `arg:"" help:"The evidence pack." type:"existingfile"`
	Key  string `required:"" help:"The organisation's verifier key, as mininfo audit verify prints it."`
	JSON bool   `help:"Machine-readable."`
}

// Run checks a pack against the organisation's key; nothing else is needed.
func (c *evidenceVerifyCommand) Run(t *terminal) error {
	f, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("opening the evidence: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("opening the evidence: %w", err)
	}
	m, err := export.VerifyEvidence(f, info.Size(), c.Key)
	if err != nil {
		return fmt.Errorf("the evidence does not verify: %w", err)
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{"reference": m.Reference, "created": m.Created, "files": len(m.Files), "manifest_sha256": m.SHA256})
	}
	_, err = fmt.Fprintf(t.out, "The evidence verifies.\ncase %s\nmade %s\n%d files, every one as in the manifest, every act proved by the log\nSHA-256 of the manifest: %s\n",
		m.Reference, m.Created.Format("2006-01-02 15:04:05 UTC"), len(m.Files), m.SHA256)
	return err
}

type receiptCommands struct {
	Verify receiptVerifyCommand `cmd:"" help:"Check a person's receipt offline."`
}

type receiptVerifyCommand struct {
	File string `arg:"" help:"The receipt." type:"existingfile"`
	Key  string `required:"" help:"The organisation's verifier key, as mininfo audit verify prints it."`
	JSON bool   `help:"Machine-readable."`
}

// Run checks a receipt against the organisation's key; nothing else is needed.
func (c *receiptVerifyCommand) Run(t *terminal) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("reading the receipt: %w", err)
	}
	r, err := audit.ParseReceipt(data)
	if err != nil {
		return err
	}
	leaf, checkpoint, err := r.Verify(c.Key)
	if err != nil {
		return fmt.Errorf("the receipt does not verify: %w", err)
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{
			"action": leaf.Action, "at": store.Instant(leaf.At), "request": leaf.Request, "index": r.Index,
			"size": checkpoint.Size, "log": checkpoint.Origin, "statement": string(r.Statement),
		})
	}
	fmt.Fprintf(t.out, "The receipt verifies.\naction %s\nat %s\nrequest %s\nleaf %d of %d in the log of %s\n",
		leaf.Action, store.Instant(leaf.At).Format("2006-01-02 15:04:05 UTC"), leaf.Request, r.Index, checkpoint.Size, checkpoint.Origin)
	if len(r.Statement) > 0 {
		fmt.Fprintf(t.out, "it says: %s\n", r.Statement)
	}
	return nil
}

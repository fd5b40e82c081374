package audit_test

import (
	"crypto/sha256"

	"mininfo/internal/audit"
)

func sha(b []byte) audit.Hash { return sha256.Sum256(b) }

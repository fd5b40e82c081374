package api

import (
	"database/sql/driver"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// What Go would quietly read as another character is refused.
func TestStrictJSONRefusesHalfCharacters(t *testing.T) {
	t.Parallel()
	for body, good := range map[string]bool{
		`{"a":"æ","b":[1,{"a":2}]}`:    true,
		`{"a":"\ud83d\ude00 \\ud83d"}`: true,
		`{"a":"\\\\ud83d\n\u00e6"}`:    true,
		`"\ud83d"`:                     false,
		`"\ude00\ud83d"`:               false,
		`"\ud83d\u0041"`:               false,
		`"x\ud83dx"`:                   false,
		`"\\\ud83d"`:                   false,
		"\"a\xff\"":                    false,
		`"a\u0000"`:                    false,
		`{"a":1,"A":2}`:                false,
		`{"a":1}{}`:                    false,
		``:                             false,
		strings.Repeat("[", jsonDepth) + strings.Repeat("]", jsonDepth):     true,
		strings.Repeat("[", jsonDepth+1) + strings.Repeat("]", jsonDepth+1): false,
	} {
		if err := strictJSON([]byte(body)); (err == nil) != good {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// The contract is read by other tools as well: it holds nothing that the standard does not know (a
// comma in a description once made keys of its rest), and patterns that every engine reads.
func TestContractIsSoundForOthers(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for line := range strings.SplitSeq(string(document), "\n") {
		if _, pattern, ok := strings.Cut(line, "pattern: "); ok && strings.Contains(pattern, `\\p`) {
			t.Errorf("only some engines know \\p: %s", strings.TrimSpace(line))
		}
	}
}

// While PostgreSQL is away people are asked to come back, and nobody is told where it stands.
func TestUnreachableDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&pgconn.ConnectError{}, &pgconn.PgError{Code: "57P01"}, &pgconn.PgError{Code: "53300"}, &pgconn.PgError{Code: "08006"}, driver.ErrBadConn,
	} {
		if f := toFault(fmt.Errorf("reading: %w", err)); f.Code != errDatabase.Code || statuses[f.Kind] != http.StatusServiceUnavailable {
			t.Errorf("%T: %s", err, f.Code)
		}
	}
	if f := toFault(&pgconn.PgError{Code: "23505"}); f.Code != errInternal.Code {
		t.Errorf("a broken constraint: %s", f.Code)
	}
	if said := safeError(fmt.Errorf("reading: %w", &pgconn.ConnectError{})); said != "no connection to PostgreSQL" {
		t.Errorf("the log is told %q", said)
	}
}

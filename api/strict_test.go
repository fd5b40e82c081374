package api

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
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

// Where the contract refuses what a rule refuses too, whoever asked reads the rule and not only that a field is wrong.
func TestContractSaysTheRule(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range []struct {
		act, body, field string
		want             *fault.Error
	}{
		{"pause", `{"kind":"identity","text":"Hvem er du?"}`, "/reason", casework.ErrPauseReason},
		{"pause", `{"kind":"identity","text":"Hvem er du?","reason":""}`, "/reason", casework.ErrPauseReason},
		{"refuse", `{"reason":"Vi gjør ikke slikt"}`, "/ground", casework.ErrNoProvision},
		{"refuse", `{"ground":"","reason":"Vi gjør ikke slikt"}`, "/ground", casework.ErrNoProvision},
		{"refuse", `{"ground":"excessive"}`, "/reason", casework.ErrRefusalReason},
		{"extend", `{"months":3,"grounds":["volume"],"reason":"Arkivet leses for hånd"}`, "/months", dsr.ErrExtensionMonths},
		{"extend", `{"months":1,"grounds":[],"reason":"Arkivet leses for hånd"}`, "/grounds", casework.ErrUnknownGround},
		{"extend", `{"months":1,"grounds":["volume"],"reason":"mye"}`, "/reason", casework.ErrExtensionReason},
		{"extend", `{"months":"1","grounds":["volume"],"reason":"Arkivet leses for hånd"}`, "/months", errContract},
	} {
		r := httptest.NewRequest(http.MethodPost, "/staff/cases/"+strings.Repeat("a", 32)+"/"+ask.act, strings.NewReader(ask.body))
		r.Header.Set("Content-Type", "application/json")
		err := c.check(r, c.routes["POST /staff/cases/:id/"+ask.act], map[string]string{"id": strings.Repeat("a", 32)}, 1<<16)
		if f := fault.From(err); !errors.Is(err, ask.want) || f.Field != ask.field {
			t.Errorf("%s %s: %v", ask.act, ask.body, err)
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

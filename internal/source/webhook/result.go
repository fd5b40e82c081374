package webhook

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/source"
)

// ResultType is the type of a result's body. No question has it: one that is sent back to where it
// came from, signature and all, is no answer to itself.
const ResultType = "result"

// MaxResult is how many bytes a result may have: an answer with what stands around it.
const MaxResult = maxAnswer + 64<<10

// resultWindow is how far the time of a result may be from now.
const resultWindow = 5 * time.Minute

// messageID is what the question and the result of an enquiry are signed with.
func messageID(enquiry string) string { return "msg_" + enquiry }

// Signed tells whether the result of an enquiry comes from the system with this address: signed with
// its secret, with the id of the question that it answers, a moment ago.
func Signed(dsn source.Secret, enquiry string, header http.Header, body []byte, now time.Time) bool {
	u, err := url.Parse(dsn.Reveal())
	if err != nil {
		return false
	}
	signer := signerOf(u)
	at, err := strconv.ParseInt(header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if signer == nil || err != nil || now.Sub(time.Unix(at, 0)).Abs() > resultWindow {
		return false
	}
	// The library's own look at the time is by the machine's clock, and ours is handed in.
	return header.Get(standardwebhooks.HeaderWebhookID) == messageID(enquiry) && signer.VerifyIgnoringTimestamp(body, header) == nil
}

// result reads what a system sent later: a status, as it would have answered with, and the answer.
func (s *Source) result(body []byte) ([]byte, error) {
	var r struct {
		Type   string          `json:"type"`
		Status int             `json:"status"`
		Answer json.RawMessage `json:"answer"`
	}
	if err := strict(body, &r); err != nil || r.Type != ResultType || r.Status == http.StatusAccepted {
		return nil, s.fail(source.FailedSystem, StateAnswer)
	}
	if len(r.Answer) > maxAnswer {
		return nil, s.fail(source.FailedSystem, StateLarge)
	}
	code := codeOf(r.Status)
	if code == source.Unreachable {
		code = source.FailedSystem // it was reached, and this is its answer
	}
	if code != "" {
		return nil, s.fail(code, "http_"+strconv.Itoa(r.Status))
	}
	return r.Answer, nil
}

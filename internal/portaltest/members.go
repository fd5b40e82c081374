package portaltest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// This file is an example of the other side: a system with one table, members, that the portal can
// search and change, and that answers at once or later. docs/connect.md has the protocol in words.

// Members is the system. Its rows are maps, as they come out of JSON.
type Members struct {
	Hook *standardwebhooks.Webhook // of the secret that both sides know
	Rows []map[string]any
	// Later: questions with a callback are taken with 202 and answered by Deliver.
	Later bool
	// Now is a test's clock; nil in a system, which goes by the machine's.
	Now func() time.Time

	mu    sync.Mutex
	done  map[string]reply // what changes were answered with, by id: what comes twice is done once
	taken map[string]Taken // questions that are not answered yet, by id: what comes twice waits once
	order []string         // of taken
}

// reply is an answer: at once the status and body of the response, later what is sent.
type reply struct {
	status int
	body   []byte
}

// Taken is a question that is answered later. A system keeps it somewhere that outlives it, before it
// says 202.
type Taken struct {
	ID       string // of the message: its webhook-id
	Callback string
	Question []byte
}

type memberQuestion struct {
	Type   string   `json:"type"`
	Table  string   `json:"table"`
	Fields []string `json:"fields"`
	Where  *struct {
		Fields  []string `json:"fields"`
		Compare string   `json:"compare"`
		Values  [][]any  `json:"values"`
	} `json:"where"`
	Trial   bool `json:"trial"`
	Changes []struct {
		Op, Table      string
		Key, Seen, Set map[string]any
	} `json:"changes"`
	Callback string `json:"callback"`
}

const memberTables = `{"system": "Medlemsregister 3", "callback": %t, "tables": [{"name": "members", "key": ["id"], "can_update": true, "can_delete": true,
	"columns": [{"name": "id", "type": "integer", "read_only": true}, {"name": "email", "type": "text", "nullable": true},
		{"name": "name", "type": "text", "nullable": true, "max_length": 20}, {"name": "joined", "type": "date", "nullable": true}, {"name": "tags", "type": "text[]", "nullable": true}]}]}`

// ServeHTTP checks the signature first: whoever can ask can read everything.
func (m *Members) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	verify := m.Hook.Verify
	if m.Now != nil {
		verify = m.Hook.VerifyIgnoringTimestamp
	}
	if err != nil || verify(body, r.Header) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var q memberQuestion
	if json.Unmarshal(body, &q) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	id := r.Header.Get("webhook-id")
	if m.Later && q.Callback != "" {
		if _, twice := m.taken[id]; !twice {
			m.order = append(m.order, id)
			m.keep(Taken{ID: id, Callback: q.Callback, Question: body})
		}
		w.WriteHeader(http.StatusAccepted)
		return
	}
	a := m.answer(q, id)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (m *Members) keep(t Taken) {
	if m.taken == nil {
		m.taken = map[string]Taken{}
	}
	m.taken[t.ID] = t
}

// Waiting gives the questions that are to be answered, in the order in which they came.
func (m *Members) Waiting() []Taken {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Taken
	for _, id := range m.order {
		list = append(list, m.taken[id])
	}
	return list
}

// Deliver works one question and sends the result, signed under the question's own id. It sends again
// until the portal has it or refuses it: an error is a refusal, or that ctx ended.
func (m *Members) Deliver(ctx context.Context, t Taken) error {
	body, err := m.Result(t)
	if err != nil {
		return err
	}
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, time.Minute) {
		status, err := m.send(ctx, t, body)
		switch {
		case err == nil && status == http.StatusNoContent:
			m.forget(t.ID)
			return nil
		case err == nil && status < 500 && status != http.StatusTooManyRequests:
			return fmt.Errorf("the portal refuses the result: %d", status)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Result works a question and gives the body that it is answered with.
func (m *Members) Result(t Taken) ([]byte, error) {
	var q memberQuestion
	if err := json.Unmarshal(t.Question, &q); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.answer(q, t.ID)
	result := map[string]any{"type": "result", "status": a.status}
	if a.status == http.StatusOK {
		result["answer"] = json.RawMessage(a.body)
	}
	return json.Marshal(result)
}

func (m *Members) send(ctx context.Context, t Taken, body []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Callback, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	now := time.Now() // signed anew each time
	if m.Now != nil {
		now = m.Now()
	}
	signature, err := m.Hook.Sign(t.ID, now, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("webhook-id", t.ID)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func (m *Members) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.taken, id)
	m.order = slices.DeleteFunc(m.order, func(other string) bool { return other == id })
}

// Dump gives all rows as text.
func (m *Members) Dump() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, err := json.Marshal(m.Rows)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Set changes a field of a row past the portal.
func (m *Members) Set(row int, field string, value any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Rows[row][field] = value
}

func (m *Members) answer(q memberQuestion, id string) reply {
	switch q.Type {
	case "describe":
		return reply{http.StatusOK, fmt.Appendf(nil, memberTables, m.Later)}
	case "find":
		return m.find(q)
	case "change":
		return m.change(q, id)
	}
	return reply{status: http.StatusNotImplemented}
}

func (m *Members) find(q memberQuestion) reply {
	rows := [][]any{}
	for _, row := range m.Rows {
		if !q.matches(row) {
			continue
		}
		var cells []any
		for _, f := range q.Fields {
			cells = append(cells, row[f])
		}
		rows = append(rows, cells)
	}
	body, _ := json.Marshal(map[string]any{"rows": rows})
	return reply{http.StatusOK, body}
}

func (q memberQuestion) matches(row map[string]any) bool {
	if q.Where == nil {
		return true
	}
	return slices.ContainsFunc(q.Where.Values, func(tuple []any) bool {
		for i, f := range q.Where.Fields {
			a, b := tuple[i], row[f]
			if text, ok := a.(string); ok && q.Where.Compare == "ignore_case" {
				other, _ := b.(string)
				a, b = strings.ToLower(text), strings.ToLower(other)
			}
			if !reflect.DeepEqual(a, b) {
				return false
			}
		}
		return true
	})
}

// change does all or nothing. A row that is not as the portal saw it stops everything (409), and so
// does one that breaks a rule (422).
func (m *Members) change(q memberQuestion, id string) reply {
	if answer, twice := m.done[id]; twice {
		return answer
	}
	next := slices.Clone(m.Rows)
	for _, c := range q.Changes {
		i := slices.IndexFunc(next, func(row map[string]any) bool { return row["id"] == c.Key["id"] })
		if i < 0 {
			return reply{status: http.StatusConflict}
		}
		for field, seen := range c.Seen {
			if !reflect.DeepEqual(next[i][field], seen) {
				return reply{status: http.StatusConflict}
			}
		}
		if name, ok := c.Set["name"].(string); ok && strings.Contains(name, "forbudt") {
			return reply{status: http.StatusUnprocessableEntity}
		}
		if c.Op == "delete" {
			next = slices.Delete(next, i, i+1)
			continue
		}
		next[i] = maps.Clone(next[i])
		maps.Copy(next[i], c.Set)
	}
	body, _ := json.Marshal(map[string]int{"changed": len(q.Changes)})
	answer := reply{http.StatusOK, body}
	if !q.Trial {
		if m.done == nil {
			m.done = map[string]reply{}
		}
		m.Rows, m.done[id] = next, answer
	}
	return answer
}

package webhook_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// This file is an example of the other side: a system with one table, members, that the portal can
// search and change. docs/connect.md has the protocol in words.

// server answers the portal. Its rows are maps, as they come out of JSON.
type server struct {
	hook *standardwebhooks.Webhook

	mu   sync.Mutex
	rows []map[string]any
	done map[string][]byte // answers to changes by their id: what comes twice is done once
}

type question struct {
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
}

const describe = `{"system": "Medlemsregister 3", "tables": [{"name": "members", "key": ["id"], "can_update": true, "can_delete": true,
	"columns": [{"name": "id", "type": "integer", "read_only": true}, {"name": "email", "type": "text", "nullable": true},
		{"name": "name", "type": "text", "nullable": true, "max_length": 20}, {"name": "joined", "type": "date", "nullable": true}, {"name": "tags", "type": "text[]", "nullable": true}]}]}`

// ServeHTTP checks the signature first: whoever can ask can read everything.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err != nil || s.hook.Verify(body, r.Header) != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var q question
	if json.Unmarshal(body, &q) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q.Type {
	case "describe":
		_, _ = io.WriteString(w, describe)
	case "find":
		s.find(w, q)
	case "change":
		s.change(w, q, r.Header.Get("Idempotency-Key"))
	default:
		w.WriteHeader(http.StatusNotImplemented)
	}
}

func (s *server) find(w http.ResponseWriter, q question) {
	rows := [][]any{}
	for _, row := range s.rows {
		if !q.matches(row) {
			continue
		}
		var cells []any
		for _, f := range q.Fields {
			cells = append(cells, row[f])
		}
		rows = append(rows, cells)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"rows": rows})
}

func (q question) matches(row map[string]any) bool {
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
func (s *server) change(w http.ResponseWriter, q question, id string) {
	if answer, twice := s.done[id]; twice {
		_, _ = w.Write(answer)
		return
	}
	next := slices.Clone(s.rows)
	for _, c := range q.Changes {
		i := slices.IndexFunc(next, func(row map[string]any) bool { return row["id"] == c.Key["id"] })
		if i < 0 {
			w.WriteHeader(http.StatusConflict)
			return
		}
		for field, seen := range c.Seen {
			if !reflect.DeepEqual(next[i][field], seen) {
				w.WriteHeader(http.StatusConflict)
				return
			}
		}
		if name, ok := c.Set["name"].(string); ok && strings.Contains(name, "forbudt") {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		if c.Op == "delete" {
			next = slices.Delete(next, i, i+1)
			continue
		}
		next[i] = maps.Clone(next[i])
		maps.Copy(next[i], c.Set)
	}
	answer, _ := json.Marshal(map[string]int{"changed": len(q.Changes)})
	if !q.Trial {
		s.rows, s.done[id] = next, answer
	}
	_, _ = w.Write(answer)
}

package mongodb_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"mininfo/internal/source"
)

// replica speaks as the primary of a replica set of one does, as far as a change of documents by key
// needs it: the server of the other tests has no transactions. It notes what it is told.
type replica struct {
	net.Listener
	mu     sync.Mutex
	rows   map[string]bson.D // by key
	txn    map[string]bson.D // in the transaction, until it is committed
	told   []string
	refuse func(command string) bson.D // the answer instead of doing it; nil: do it
	alone  bool                        // a server that is no replica set
	copy   bool                        // no primary
}

func startReplica(t *testing.T, alone bool, rows ...bson.D) (*replica, source.Source) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{Listener: l, rows: map[string]bson.D{}, alone: alone}
	for _, row := range rows {
		r.rows[fmt.Sprint(row[0].Value)] = row
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(c)
		}
	}()
	s := open(t, "mongodb://"+l.Addr().String()+"/shop?directConnection=true")
	t.Cleanup(func() { s.Close(); l.Close() })
	return r, s
}

const opReply, opQuery, opMessage = 1, 2004, 2013

func (r *replica) serve(c net.Conn) {
	defer c.Close()
	for {
		head := make([]byte, 16)
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(head)-16)
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		var out []byte
		code := uint32(opMessage)
		if binary.LittleEndian.Uint32(head[12:]) == opQuery {
			at := 4 + bytes.IndexByte(body[4:], 0) + 1 + 8
			answer := r.answer(document(body[at:]))
			out = append(make([]byte, 16), 1, 0, 0, 0) // one document
			out, code = append(out, answer...), opReply
		} else {
			out = append(make([]byte, 4), 0)
			out = append(out, r.answer(message(body[4:]))...)
		}
		reply := binary.LittleEndian.AppendUint32(nil, uint32(16+len(out)))
		reply = append(append(reply, 0, 0, 0, 0), head[4:8]...)
		reply = binary.LittleEndian.AppendUint32(reply, code)
		if _, err := c.Write(append(reply, out...)); err != nil {
			return
		}
	}
}

func document(b []byte) bson.D {
	var d bson.D
	if err := bson.Unmarshal(b[:binary.LittleEndian.Uint32(b)], &d); err != nil {
		panic(err)
	}
	return d
}

// message reads the sections of a message into one command.
func message(b []byte) bson.D {
	var command bson.D
	for len(b) > 4 { // without a checksum
		kind := b[0]
		b = b[1:]
		size := binary.LittleEndian.Uint32(b)
		if kind == 0 {
			command = append(document(b), command...)
			b = b[size:]
			continue
		}
		part := b[4:size]
		end := bytes.IndexByte(part, 0)
		name, list := string(part[:end]), bson.A{}
		for part = part[end+1:]; len(part) > 0; part = part[binary.LittleEndian.Uint32(part):] {
			list = append(list, document(part))
		}
		command = append(command, bson.E{Key: name, Value: list})
		b = b[size:]
	}
	return command
}

func get(d bson.D, path ...string) any {
	var v any = d
	for _, name := range path {
		inner, _ := v.(bson.D)
		v = nil
		for _, e := range inner {
			if e.Key == name {
				v = e.Value
			}
		}
	}
	return v
}

func (r *replica) answer(command bson.D) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	out, err := bson.Marshal(r.do(command))
	if err != nil {
		panic(err)
	}
	return out
}

func cursor(list ...bson.D) bson.D {
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: "shop.people"}, {Key: "firstBatch", Value: list}}}, {Key: "ok", Value: 1}}
}

func (r *replica) do(command bson.D) bson.D {
	name := command[0].Key
	ok := bson.D{{Key: "ok", Value: 1}}
	switch strings.ToLower(name) {
	case "hello", "ismaster":
		host := r.Addr().String()
		set := bson.D{{Key: "setName", Value: "rs"}, {Key: "setVersion", Value: 1}, {Key: "hosts", Value: bson.A{host}}, {Key: "primary", Value: host}, {Key: "me", Value: host}}
		if r.alone {
			set = nil
		}
		return append(set, bson.D{{Key: "helloOk", Value: true}, {Key: "ismaster", Value: !r.copy}, {Key: "secondary", Value: r.copy}, {Key: "isWritablePrimary", Value: !r.copy},
			{Key: "maxBsonObjectSize", Value: 16 << 20}, {Key: "maxMessageSizeBytes", Value: 48 << 20}, {Key: "maxWriteBatchSize", Value: 1000}, {Key: "logicalSessionTimeoutMinutes", Value: 30}, {Key: "minWireVersion", Value: 0}, {Key: "maxWireVersion", Value: 21}, {Key: "ok", Value: 1}}...)
	case "buildinfo":
		return append(bson.D{{Key: "version", Value: "7.0.0"}}, ok...)
	case "listcollections":
		return cursor(bson.D{{Key: "name", Value: "people"}, {Key: "type", Value: "collection"}})
	case "listindexes":
		return cursor(bson.D{{Key: "name", Value: "_id_"}, {Key: "key", Value: bson.D{{Key: "_id", Value: 1}}}}, bson.D{{Key: "name", Value: "mail_1"}, {Key: "unique", Value: true}, {Key: "key", Value: bson.D{{Key: "mail", Value: 1}}}})
	case "connectionstatus":
		// An account that may read and change, and not erase.
		return append(bson.D{{Key: "authInfo", Value: bson.D{{Key: "authenticatedUserPrivileges", Value: bson.A{bson.D{{Key: "resource", Value: bson.D{{Key: "db", Value: "shop"}, {Key: "collection", Value: ""}}}, {Key: "actions", Value: bson.A{"find", "update"}}}}}}}}, ok...)
	case "endsessions":
		return ok
	}
	level := get(command, "readConcern", "level")
	r.told = append(r.told, strings.TrimSpace(fmt.Sprint(name, " ", map[bool]string{true: "start "}[get(command, "startTransaction") == true], map[bool]string{true: "in "}[get(command, "autocommit") == false], map[bool]any{true: level, false: ""}[level != nil])))
	inside := get(command, "autocommit") == false
	if get(command, "startTransaction") == true {
		r.txn = maps.Clone(r.rows)
	}
	if r.refuse != nil {
		if answer := r.refuse(name); answer != nil {
			return answer
		}
	}
	rows := r.rows
	if inside {
		rows = r.txn
	}
	n := 0
	switch name {
	case "find":
		var found []bson.D
		keys, _ := get(command, "filter", "_id", "$in").(bson.A)
		for _, key := range slices.Sorted(maps.Keys(rows)) {
			if keys == nil || slices.ContainsFunc(keys, func(k any) bool { return fmt.Sprint(k) == key }) {
				found = append(found, rows[key])
			}
		}
		return cursor(found...)
	case "update":
		for _, u := range get(command, "updates").(bson.A) {
			key := fmt.Sprint(get(u.(bson.D), "q", "_id", "$eq"))
			if rows[key] == nil {
				continue
			}
			n++
			row := slices.Clone(rows[key])
			for _, e := range get(u.(bson.D), "u", "$set").(bson.D) {
				row = append(slices.DeleteFunc(row, func(old bson.E) bool { return old.Key == e.Key }), e)
			}
			rows[key] = row
		}
		return append(bson.D{{Key: "n", Value: n}, {Key: "nModified", Value: n}}, ok...)
	case "delete":
		for _, d := range get(command, "deletes").(bson.A) {
			key := fmt.Sprint(get(d.(bson.D), "q", "_id", "$eq"))
			if rows[key] != nil {
				n++
				delete(rows, key)
			}
		}
		return append(bson.D{{Key: "n", Value: n}}, ok...)
	case "commitTransaction":
		r.rows = r.txn
	case "abortTransaction":
		r.txn = nil
	}
	return ok
}

func (r *replica) held() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Sprint(r.rows)
}

func (r *replica) commands() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.told
	r.told = nil
	return out
}

func failing(code int, message string, labels ...string) bson.D {
	list := bson.A{}
	for _, l := range labels {
		list = append(list, l)
	}
	return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "errmsg", Value: message}, {Key: "errorLabels", Value: list}}
}

// On a replica set a plan is one transaction: tried with all of the server's rules, taken back without a
// trace, or done whole. A document that is not as it was seen ends it.
func TestTransactions(t *testing.T) {
	t.Parallel()
	r, s := startReplica(t, false, bson.D{{Key: "_id", Value: "a"}, {Key: "mail", Value: "kanarifugl@example.no"}}, bson.D{{Key: "_id", Value: "b"}, {Key: "mail", Value: "b"}}, bson.D{{Key: "_id", Value: "c"}, {Key: "mail", Value: "c"}})
	people := table(t, s, "people")
	if !people.CanUpdate || people.CanDelete || people.View {
		t.Errorf("%+v", people)
	}
	people.CanDelete = true
	r.commands()
	before := r.held()
	key := func(ids ...string) source.Match {
		m := source.Match{Fields: []source.Field{{Column: "_id"}}}
		for _, id := range ids {
			m.Tuples = append(m.Tuples, []source.Value{source.TextOf(id)})
		}
		return m
	}
	noted := func() source.Change {
		t.Helper()
		c, err := s.(source.Changer).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.(source.Stepwise).Stepwise() {
			t.Fatal("no transaction")
		}
		all := key("a", "b")
		if err := c.Lock(t.Context(), source.Query{Table: people, Fields: []source.Field{{Column: "_id"}, {Column: "mail"}}, Match: &all}, func([]source.Value) error { return nil }); err != nil {
			t.Fatal(err)
		}
		n, err := c.Update(t.Context(), people, key("a"), []source.Set{{Field: source.Field{Column: "mail"}, Value: source.TextOf("ny")}})
		m, err2 := c.Delete(t.Context(), people, key("b"))
		if n != 1 || m != 1 || err != nil || err2 != nil {
			t.Fatal(n, m, err, err2)
		}
		return c
	}
	refuse := func(f func(command string) bson.D) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.refuse = f
	}
	fails := func(what string, err error, code source.Code) {
		t.Helper()
		if !errors.Is(err, &source.Error{Code: code}) || strings.Contains(err.Error(), "kanarifugl") {
			t.Errorf("%s: %v, want %s", what, err, code)
		}
		if r.held() != before {
			t.Errorf("%s: something was written", what)
		}
	}
	once := func(command string, answer bson.D) {
		done := false
		refuse(func(told string) bson.D {
			if told != command || done {
				return nil
			}
			done = true
			return answer
		})
	}

	// A trial.
	c := noted()
	r.commands()
	if err := c.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(r.commands()), "[find start in snapshot update in find in delete in abortTransaction in]"; got != want || r.held() != before {
		t.Errorf("%s\nwant %s", got, want)
	}
	// Somebody changes a document.
	c = noted()
	r.mu.Lock()
	r.rows["b"] = bson.D{{Key: "_id", Value: "b"}, {Key: "mail", Value: "another"}}
	r.mu.Unlock()
	before = r.held()
	fails("a changed document", c.Settle(t.Context()), source.Locked)
	if got := r.commands(); got[len(got)-1] != "abortTransaction in" {
		t.Errorf("not called off: %v", got)
	}
	// A rule of the server's.
	c = noted()
	once("update", bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 0}, {Key: "writeErrors", Value: bson.A{bson.D{{Key: "index", Value: 0}, {Key: "code", Value: 11000},
		{Key: "errmsg", Value: `E11000 duplicate key error collection: shop.people index: mail_1 dup key: { mail: "kanarifugl@example.no" }`}}}}})
	err := c.Settle(t.Context())
	var own *source.Error
	if fails("a rule", err, source.Constraint); !errors.As(err, &own) || own.Constraint != "mail_1" {
		t.Errorf("the rule is not named: %v", err)
	}
	// Others write at the same time: the server calls it off, and it is tried again.
	c = noted()
	once("update", failing(112, "WriteConflict kanarifugl", "TransientTransactionError"))
	if err := c.Settle(t.Context()); err != nil {
		t.Errorf("after a conflict: %v", err)
	}
	// The answer to the commit is lost.
	done := 0
	refuse(func(told string) bson.D {
		if told == "commitTransaction" {
			if done++; done == 1 {
				return failing(64, "waiting for replication timed out", "UnknownTransactionCommitResult")
			}
		}
		return nil
	})
	if err := c.Commit(t.Context()); err != nil || done < 2 {
		t.Errorf("commit: %v after %d", err, done)
	}
	if got, want := r.held(), `map[a:{"_id":"a","mail":"ny"} c:{"_id":"c","mail":"c"}]`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	// A view is of one moment.
	r.commands()
	if got := find(t, s, source.Query{Table: people, Fields: []source.Field{{Column: "_id"}}}); len(got) != 2 {
		t.Errorf("%d rows", len(got))
	}
	if got := fmt.Sprint(r.commands()); got != "[find snapshot]" {
		t.Error(got)
	}
	refuse(func(told string) bson.D {
		if told == "find" {
			return failing(13, "not authorized on kanarifugl")
		}
		return nil
	})
	v, err := s.(source.Finder).Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	before = r.held()
	fails("no right", v.Find(t.Context(), source.Query{Table: people, Fields: []source.Field{{Column: "_id"}}}, func([]source.Value) error { return nil }), source.Denied)
}

// A server that stands alone is told to write only what still is as it was seen: a document that
// somebody changes in the last moment is not written, and that is noticed.
func TestTheLastMoment(t *testing.T) {
	t.Parallel()
	r, s := startReplica(t, true, bson.D{{Key: "_id", Value: "a"}, {Key: "mail", Value: "a"}})
	people := table(t, s, "people")
	key := source.Match{Fields: []source.Field{{Column: "_id"}}, Tuples: [][]source.Value{{source.TextOf("a")}}}
	c, err := s.(source.Changer).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := c.Update(t.Context(), people, key, []source.Set{{Field: source.Field{Column: "mail"}, Value: source.TextOf("ny")}}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if err := c.Settle(t.Context()); err != nil || !c.(source.Stepwise).Stepwise() {
		t.Fatal(err)
	}
	if got := r.commands(); slices.Contains(got, "update") {
		t.Errorf("written before the commit: %v", got)
	}
	r.mu.Lock()
	r.refuse = func(told string) bson.D {
		if told == "update" {
			return bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 0}, {Key: "nModified", Value: 0}}
		}
		return nil
	}
	r.mu.Unlock()
	if err := c.Commit(t.Context()); !errors.Is(err, &source.Error{Code: source.Locked}) {
		t.Errorf("a write that met nothing: %v", err)
	}
	if got := fmt.Sprint(r.commands()); got != "[find update]" {
		t.Error(got)
	}
}

// A copy may lag behind the primary.
func TestCopiesAreNotSearched(t *testing.T) {
	t.Parallel()
	r, s := startReplica(t, false)
	r.mu.Lock()
	r.copy = true
	r.mu.Unlock()
	if _, err := s.Inspect(t.Context()); !errors.Is(err, &source.Error{Code: source.Unreachable}) {
		t.Error(err)
	}
}

// A document that lies deeper in itself than any that a server keeps is refused before it is read: what
// reads documents calls itself, and a hostile answer would end the process.
func TestDepth(t *testing.T) {
	t.Parallel()
	nested := func(levels int) bson.D {
		inner := any("x")
		for i := range levels {
			if inner = (bson.D{{Key: "k", Value: inner}}); i%2 == 1 {
				inner = bson.A{1, inner.(bson.D)[0].Value}
			}
		}
		return bson.D{{Key: "_id", Value: "a"}, {Key: "mail", Value: inner}}
	}
	for levels, want := range map[int]error{250: nil, 400: &source.Error{Code: source.FailedSystem}} {
		_, s := startReplica(t, false, nested(levels))
		people := table(t, s, "people")
		view, err := s.(source.Finder).Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		err = view.Find(t.Context(), source.Query{Table: people, Fields: []source.Field{{Column: "mail"}}}, func(row []source.Value) error {
			rows++
			return nil
		})
		if !errors.Is(err, want) || want == nil && rows != 1 || want != nil && rows != 0 {
			t.Errorf("%d levels: %d rows, %v", levels, rows, err)
		}
		if err := view.Close(); err != nil {
			t.Error(err)
		}
	}
}

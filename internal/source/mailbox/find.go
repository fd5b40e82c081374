package mailbox

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"mininfo/internal/source"
)

const (
	searchAtOnce = 40   // texts in one question to the server
	fetchAtOnce  = 50   // messages in one
	keysAtOnce   = 5000 // messages that are named in one: a server reads lines of some length only
)

// folder is a folder as it was when a view was opened: messages that came later have higher UIDs.
type folder struct {
	name     string
	validity uint32
	next     imap.UID
}

// snapshot is one view of the mailbox. IMAP messages never change; one that is deleted meanwhile
// is gone from it.
type snapshot struct {
	*session
	folders []folder
	current string // the folder that is open
}

// Snapshot signs in and notes where each folder ends.
func (s *Source) Snapshot(ctx context.Context) (source.Snapshot, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	out := &snapshot{session: c}
	if err := out.note(ctx); err != nil {
		c.close()
		return nil, err
	}
	return out, nil
}

func (v *snapshot) note(ctx context.Context) error {
	names, err := v.list(ctx, v.s.folders)
	if err != nil {
		return err
	}
	for _, name := range names {
		err := v.do(ctx, func(func()) error {
			st, err := v.client.Status(name, &imap.StatusOptions{UIDNext: true, UIDValidity: true}).Wait()
			if err != nil {
				return err
			}
			v.folders = append(v.folders, folder{name: name, validity: st.UIDValidity, next: st.UIDNext})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Close ends the connection.
func (v *snapshot) Close() error {
	v.close()
	return nil
}

var (
	errEnough = errors.New("enough") // the limit is reached
	errFn     = errors.New("the receiver of rows failed")
)

// Find asks the server for the messages that may match, and holds each against the question.
func (v *snapshot) Find(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	at, ok := source.Places(columns[:], q.Fields)
	wanted, known := q.Match.Test(columns[:])
	if !ok || !known || q.Table == nil || q.Table.Name.Name != Table {
		return &source.Error{Source: v.s.name, Code: source.Missing, Table: Table}
	}
	row := make([]source.Value, len(at))
	found := 0
	var failed error
	take := func(l *letter) error {
		cell := func(at int) source.Value { return l[at] }
		if !wanted(cell) {
			return nil
		}
		for i, place := range at {
			row[i] = cell(place).At(q.Fields[i].Path)
		}
		if failed = fn(row); failed != nil {
			return errFn
		}
		if found++; q.Limit > 0 && found >= q.Limit {
			failed = errEnough
			return errFn
		}
		return nil
	}
	for _, f := range v.folders {
		uids, err := v.candidates(ctx, f, q.Match)
		for err == nil && len(uids) > 0 {
			size := min(len(uids), fetchAtOnce)
			if q.Limit > 0 {
				size = min(size, q.Limit)
			}
			err = v.fetch(ctx, f, uids[:size], take)
			uids = uids[size:]
		}
		switch {
		case errors.Is(failed, errEnough):
			return nil
		case failed != nil:
			return failed
		case err != nil:
			return err
		}
	}
	return nil
}

// Count tells how many messages hold each of the values.
func (v *snapshot) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(v source.Value, rows int64) error) error {
	return source.CountFound(ctx, v, t, f, values, fn)
}

// enter opens a folder to be read. One that was made anew since the view began holds other messages.
func (v *snapshot) enter(ctx context.Context, f folder) error {
	if v.current == f.name {
		return nil
	}
	return v.do(ctx, func(func()) error {
		v.current = ""
		data, err := v.client.Select(f.name, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity != f.validity {
			return &source.Error{Source: v.s.name, Code: source.Locked, Table: Table}
		}
		v.current = f.name
		return nil
	})
}

// candidates gives the UIDs of messages in a folder that may match, in ascending order.
func (v *snapshot) candidates(ctx context.Context, f folder, m *source.Match) ([]imap.UID, error) {
	if f.next <= 1 {
		return nil, nil
	}
	if m != nil && len(m.Fields) == 1 && m.Fields[0].Column == columns[atMessage].Name {
		return keysIn(f, m), nil
	}
	if err := v.enter(ctx, f); err != nil {
		return nil, err
	}
	if m == nil || !searchable(m) {
		return v.search(ctx, f, nil)
	}
	seen := map[imap.UID]bool{}
	var out []imap.UID
	for rest := m.Tuples; len(rest) > 0; {
		size := min(len(rest), searchAtOnce)
		uids, err := v.search(ctx, f, rest[:size])
		if err != nil {
			return nil, err
		}
		for _, uid := range uids {
			if !seen[uid] {
				seen[uid] = true
				out = append(out, uid)
			}
		}
		rest = rest[size:]
	}
	return out, nil
}

// searchable tells whether the values that are asked for stand in the message as texts.
func searchable(m *source.Match) bool {
	if len(m.Fields) != 1 || m.Fold == source.FoldDigits {
		return false
	}
	switch m.Fields[0].Column {
	case columns[atFrom].Name, columns[atTo].Name, columns[atCc].Name, columns[atNames].Name, columns[atPeople].Name:
		return true
	}
	return false
}

// search asks the server for messages in which one of the texts stands, in the header or the body.
func (v *snapshot) search(ctx context.Context, f folder, tuples [][]source.Value) ([]imap.UID, error) {
	var all imap.UIDSet
	all.AddRange(1, f.next-1)
	criteria := imap.SearchCriteria{UID: []imap.UIDSet{all}}
	if tuples != nil {
		var any *imap.SearchCriteria
		for _, t := range tuples {
			one := imap.SearchCriteria{Text: []string{t[0].Text()}}
			if any == nil {
				any = &one
			} else {
				any = &imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{one, *any}}}
			}
		}
		criteria.And(any)
	}
	var uids []imap.UID
	err := v.do(ctx, func(func()) error {
		data, err := v.client.UIDSearch(&criteria, nil).Wait()
		if err != nil {
			return err
		}
		uids = data.AllUIDs()
		return nil
	})
	return uids, err
}

// fetch reads messages one at a time. BODY.PEEK leaves them unread.
func (v *snapshot) fetch(ctx context.Context, f folder, uids []imap.UID, take func(*letter) error) error {
	if err := v.enter(ctx, f); err != nil {
		return err
	}
	section := &imap.FetchItemBodySection{Peek: true}
	return v.do(ctx, func(alive func()) error {
		cmd := v.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}})
		for {
			data := cmd.Next()
			if data == nil {
				return cmd.Close()
			}
			l, err := v.read(f, data, alive)
			if err == nil && l != nil {
				err = take(l)
			}
			if err != nil {
				_ = cmd.Close()
				return err
			}
			alive()
		}
	})
}

// read takes one message off the wire. Nil: the server sent no message, only news of its flags.
func (v *snapshot) read(f folder, data *imapclient.FetchMessageData, alive func()) (*letter, error) {
	var l *letter
	var uid imap.UID
	received := source.Value{}
	for {
		switch item := data.Next().(type) {
		case nil:
			if l != nil {
				l[atMessage], l[atFolder], l[atReceived] = source.TextOf(f.key(uid)), source.TextOf(f.name), received
			}
			return l, nil
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataInternalDate:
			received = instant(item.Time)
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			var err error
			if l, err = parse(&listened{item.Literal, alive}, v.s.own); err != nil {
				return nil, err
			}
		}
	}
}

// listened tells whenever something came over the wire.
type listened struct {
	r     io.Reader
	alive func()
}

func (l *listened) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if n > 0 {
		l.alive()
	}
	return n, err
}

// key names a message for good: a folder that is made anew gets another validity.
func (f folder) key(uid imap.UID) string {
	return strconv.FormatUint(uint64(f.validity), 10) + "/" + strconv.FormatUint(uint64(uid), 10) + "/" + f.name
}

// keysIn gives the UIDs of the keys that name messages of a folder.
func keysIn(f folder, m *source.Match) []imap.UID {
	var out []imap.UID
	for _, t := range m.Tuples {
		parts := strings.SplitN(t[0].Text(), "/", 3)
		if len(parts) != 3 || parts[2] != f.name || parts[0] != strconv.FormatUint(uint64(f.validity), 10) {
			continue
		}
		uid, err := strconv.ParseUint(parts[1], 10, 32)
		if err == nil && uid > 0 && imap.UID(uid) < f.next {
			out = append(out, imap.UID(uid))
		}
	}
	return out
}

package mailbox

import (
	"context"
	"slices"

	"github.com/emersion/go-imap/v2"

	"mininfo/internal/source"
)

// change is an erasure of messages. IMAP has no transactions: nothing is written before the commit,
// which then removes exactly the messages that were looked at. First all of them are marked, which
// can be taken back, then each folder loses its own in one command. If the connection is cut between
// two folders, the rest is still there, and the plan no longer fits what is found: a person looks.
type change struct {
	*snapshot
	gone map[string]map[imap.UID]bool // by folder
	rows int64
}

// Begin signs in. A server without UIDPLUS can only remove everything that anybody marked.
func (s *Source) Begin(ctx context.Context) (source.Change, error) {
	view, err := s.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	c := &change{snapshot: view.(*snapshot), gone: map[string]map[imap.UID]bool{}}
	if !c.client.Caps().Has(imap.CapUIDPlus) {
		c.close()
		return nil, &source.Error{Source: s.name, Code: source.Unsupported}
	}
	return c, nil
}

// Lock reads messages. They cannot be held: others may delete them until the commit, and then are
// only quicker.
func (c *change) Lock(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	return c.Find(ctx, q, fn)
}

// Update is nothing that can be done to a message.
func (c *change) Update(context.Context, *source.Table, source.Match, []source.Set) (int64, error) {
	return 0, &source.Error{Source: c.s.name, Code: source.Unsupported, Table: Table}
}

// Delete notes the messages with these keys that are there.
func (c *change) Delete(ctx context.Context, t *source.Table, keys source.Match) (int64, error) {
	if len(keys.Fields) != 1 || keys.Fields[0].Column != columns[atMessage].Name || t == nil || t.Name.Name != Table {
		return 0, &source.Error{Source: c.s.name, Code: source.Unsupported, Table: Table}
	}
	var rows int64
	for _, f := range c.folders {
		for uids := range slices.Chunk(keysIn(f, &keys), keysAtOnce) {
			there, err := c.present(ctx, f, uids)
			if err != nil {
				return rows, err
			}
			if c.gone[f.name] == nil {
				c.gone[f.name] = map[imap.UID]bool{}
			}
			for _, uid := range there {
				if !c.gone[f.name][uid] {
					c.gone[f.name][uid] = true
					rows++
				}
			}
		}
	}
	c.rows += rows
	return rows, nil
}

func (c *change) present(ctx context.Context, f folder, uids []imap.UID) ([]imap.UID, error) {
	if err := c.enter(ctx, f); err != nil {
		return nil, err
	}
	var there []imap.UID
	err := c.do(ctx, func(func()) error {
		data, err := c.client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(uids...)}}, nil).Wait()
		if err != nil {
			return err
		}
		there = data.AllUIDs()
		return nil
	})
	return there, err
}

// Effects tells what will be done: a mailbox does nothing of its own accord.
func (c *change) Effects(context.Context) ([]source.Effect, error) {
	if c.rows == 0 {
		return nil, nil
	}
	return []source.Effect{{Table: source.TableName{Name: Table}, Deleted: c.rows}}, nil
}

// Touched is 0: no message is ever changed.
func (c *change) Touched(context.Context, *source.Table) (int64, error) { return 0, nil }

// Settle has nothing to check: the server says what it does not allow when it is asked.
func (c *change) Settle(context.Context) error { return nil }

// Rollback lets go of what was noted.
func (c *change) Rollback(context.Context) error { return c.Close() }

// Commit marks all messages, then removes them, folder by folder.
func (c *change) Commit(ctx context.Context) error {
	defer c.close()
	var marked []folder
	for _, f := range c.folders {
		if len(c.gone[f.name]) == 0 {
			continue
		}
		marked = append(marked, f)
		if err := c.mark(ctx, f, imap.StoreFlagsAdd); err != nil {
			for _, f := range marked {
				_ = c.mark(ctx, f, imap.StoreFlagsDel)
			}
			return err
		}
	}
	for _, f := range marked {
		if err := c.write(ctx, f, func(uids imap.UIDSet) error { return c.client.UIDExpunge(uids).Close() }); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) mark(ctx context.Context, f folder, op imap.StoreFlagsOp) error {
	return c.write(ctx, f, func(uids imap.UIDSet) error {
		return c.client.Store(uids, &imap.StoreFlags{Op: op, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close()
	})
}

// write opens a folder for writing, if it is still the one that was looked at, and does one thing
// to the messages that are to go.
func (c *change) write(ctx context.Context, f folder, act func(uids imap.UIDSet) error) error {
	var uids imap.UIDSet
	for uid := range c.gone[f.name] {
		uids.AddNum(uid)
	}
	return c.do(ctx, func(func()) error {
		c.current = ""
		data, err := c.client.Select(f.name, nil).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity != f.validity {
			return &source.Error{Source: c.s.name, Code: source.Locked, Table: Table}
		}
		return act(uids)
	})
}

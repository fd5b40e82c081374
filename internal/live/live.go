// Package live tells open pages that something of a case changed, so that they need not ask for it again and
// again. It says nothing of what changed: the page asks then, as it always does.
package live

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/store"
)

// Bounds of what one process keeps open.
const (
	PerSession = 6   // a browser's windows; it opens no more connections itself
	InAll      = 500 // of all sessions
)

// Every is how often the database is looked at.
const Every = time.Second

// lookBack is over how many looks a change is waited for whose number is smaller than others' that were seen
// before: its transaction took the number first and ended later.
const lookBack = 60

// justNow is how far back a page that begins to listen is told: it was read a moment before.
const justNow = 10 * time.Second

// ErrBusy says that no more pages can be told now; they ask by themselves.
var ErrBusy = fault.Define(fault.Unavailable, "changes_busy",
	"Mange følger med akkurat nå. Siden spør selv, med lengre mellomrom.",
	"Mange følgjer med akkurat no. Sida spør sjølv, med lengre mellomrom.",
	"Many pages are being told right now. The page asks by itself, less often.")

// Hub tells the pages of one process. One goroutine looks for all of them; while there are none, nobody looks.
type Hub struct {
	Store  *store.Store
	Logger *slog.Logger

	mu      sync.Mutex
	closed  bool
	streams map[*Stream]bool
	begun   chan struct{} // has an element when there are streams to look for
	seen    map[int64]bool
	last    []int64 // the newest change at each of the latest looks
}

// New gives a hub; Run makes it look.
func New(s *store.Store, logger *slog.Logger) *Hub {
	return &Hub{Store: s, Logger: logger, streams: map[*Stream]bool{}, begun: make(chan struct{}, 1)}
}

// Stream is one page that is told.
type Stream struct {
	hub     *Hub
	session int64
	request int64 // 0: any case
	roles   *string
	changed chan struct{}
	done    chan struct{}
	ended   bool
}

// Changed has an element when something changed since it was last taken out.
func (s *Stream) Changed() <-chan struct{} { return s.changed }

// Done is closed when nothing more will be told.
func (s *Stream) Done() <-chan struct{} { return s.done }

// Ended tells, once Done is closed, that it is because the session is over, or its member has other roles.
func (s *Stream) Ended() bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return s.ended
}

// Close lets go of the stream. It may be called more than once.
func (s *Stream) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.drop(s, false)
}

// Open begins to tell a page of a session: of one case by its inside id, or, with 0, of all. Whether the
// session may see the case is the caller's to ask, now and whenever something changed.
func (h *Hub) Open(session, request int64) (*Stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	own := 0
	for s := range h.streams {
		if s.session == session {
			own++
		}
	}
	if h.closed || own >= PerSession || len(h.streams) >= InAll {
		return nil, ErrBusy
	}
	s := &Stream{hub: h, session: session, request: request, changed: make(chan struct{}, 1), done: make(chan struct{})}
	h.streams[s] = true
	select {
	case h.begun <- struct{}{}:
	default:
	}
	return s, nil
}

// Close ends all streams and takes no more: the process is about to stop.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.streams {
		h.drop(s, false)
	}
}

// drop ends a stream, if it has not ended.
func (h *Hub) drop(s *Stream, ended bool) {
	if h.streams[s] {
		delete(h.streams, s)
		s.ended = ended
		close(s.done)
	}
}

// Run looks until ctx ends. A look that fails is made up for by the next.
func (h *Hub) Run(ctx context.Context) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.begun:
		}
		h.seen = nil // what happened while nobody listened is nobody's news
		for failed := false; h.any(); {
			if err := h.look(ctx); err != nil && !failed && ctx.Err() == nil {
				h.Logger.WarnContext(ctx, "open pages are not told of changes", "error", fmt.Sprintf("%T", err))
				failed = true
			} else if err == nil {
				failed = false
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}

func (h *Hub) any() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams) > 0
}

// look reads once what changed and which sessions are over, and tells.
func (h *Hub) look(ctx context.Context) error {
	sessions := h.sessions()
	var news []store.CaseChange
	var live map[int64]string
	var newest int64
	var now time.Time
	err := h.Store.Read(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now
		if live, err = tx.LiveSessions(sessions); err != nil {
			return err
		}
		if newest, err = tx.LastChange(); err != nil {
			return err
		}
		news, err = tx.ChangesAfter(h.floor(newest))
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for changes: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	recent := map[int64]bool{}
	for _, c := range news {
		if now.Sub(c.At) < justNow {
			recent[c.RequestID] = true
		}
	}
	changed := h.fresh(news, newest)
	for s := range h.streams {
		roles, alive := live[s.session]
		switch {
		case !slices.Contains(sessions, s.session): // it came after the look began
			continue
		case !alive, s.roles != nil && *s.roles != roles:
			h.drop(s, true)
			continue
		}
		about := changed
		if s.roles == nil {
			about = recent
		}
		s.roles = &roles
		if s.request == 0 && len(about) > 0 || about[s.request] {
			s.tell()
		}
	}
	return nil
}

// tell leaves a word for the page; one that lies there already says the same.
func (s *Stream) tell() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (h *Hub) sessions() []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	had := map[int64]bool{}
	list := []int64{}
	for s := range h.streams {
		if !had[s.session] {
			had[s.session] = true
			list = append(list, s.session)
		}
	}
	return list
}

// floor is after which change a look reads: what was the newest some looks ago.
func (h *Hub) floor(newest int64) int64 {
	if h.seen == nil {
		return max(0, newest-1000)
	}
	return h.last[0]
}

// fresh gives the cases with changes that no look has seen, and notes what this one saw.
func (h *Hub) fresh(news []store.CaseChange, newest int64) map[int64]bool {
	if h.seen == nil {
		h.seen, h.last = map[int64]bool{}, []int64{max(0, newest-1000)}
	}
	changed := map[int64]bool{}
	for _, c := range news {
		if !h.seen[c.ID] {
			h.seen[c.ID] = true
			changed[c.RequestID] = true
		}
	}
	h.last = append(h.last, newest)
	if len(h.last) > lookBack {
		h.last = h.last[1:]
		for id := range h.seen {
			if id <= h.last[0] {
				delete(h.seen, id)
			}
		}
	}
	return changed
}

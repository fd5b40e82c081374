package register

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Stored is one version of the register as it is kept.
type Stored struct {
	Number int64
	Body   string
	At     time.Time
}

// NoticeVersion is a version of the register at which the notice began to say something else. It has
// the register's number, so that a number that was told to somebody means the same text for ever.
type NoticeVersion struct {
	Number int64
	At     time.Time // from when it applied
}

// In names the version in words: "versjon 3, 1. juni 2026".
func (n NoticeVersion) In(l locale.Locale, zone *time.Location) string {
	return fmt.Sprintf("%s %d, %s", noticeVersion.In(l), n.Number, dsr.DateOf(n.At, zone).Format(l))
}

var noticeVersion = text("versjon", "versjon", "version")

// History knows which versions of the register changed the notice. Versions never change, so that
// each is read once. The zero value knows none; it may be used by many at once.
type History struct {
	mu      sync.Mutex
	seen    int64
	last    *Register
	notices []NoticeVersion
	read    map[int64]*Register // those of the notices
}

// Seen gives the newest version that was followed, 0 for none.
func (h *History) Seen() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen
}

// Follow reads versions, the oldest first. Those that were followed before are passed over.
func (h *History) Follow(versions []Stored) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range versions {
		if v.Number <= h.seen {
			continue
		}
		r, err := Parse("register.yaml", []byte(v.Body))
		if err != nil {
			return fmt.Errorf("reading register version %d: %w", v.Number, err)
		}
		h.seen = v.Number
		if r.Controller.Name == "" {
			continue // nobody is named who would say it: people read no notice yet
		}
		if h.last == nil || !SameNotice(h.last, r) {
			h.notices = append(h.notices, NoticeVersion{Number: v.Number, At: v.At})
			if h.read == nil {
				h.read = map[int64]*Register{}
			}
			h.read[v.Number] = r
		}
		h.last = r
	}
	return nil
}

// Notices gives the versions of the notice, the oldest first.
func (h *History) Notices() []NoticeVersion {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.notices)
}

// Register gives what a version of the notice is made from; nil when there is no such version. Anybody may
// read the notice, any version of it and as often as they like, so that none is parsed for it. Callers do
// not change what they get.
func (h *History) Register(n NoticeVersion) *Register {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.read[n.Number]
}

// Applied gives the version of the notice that applied under a version of the register. The second
// value is false where there was none.
func (h *History) Applied(version int64) (NoticeVersion, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if version > h.seen {
		return NoticeVersion{}, false
	}
	for _, n := range slices.Backward(h.notices) {
		if n.Number <= version {
			return n, true
		}
	}
	return NoticeVersion{}, false
}

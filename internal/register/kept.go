package register

import "sync"

// keepRead is how many texts are kept read: an office has a few versions in use at a time.
const keepRead = 16

var (
	// kept are registers as they were read, by their text.
	kept struct {
		sync.Mutex
		read map[string]*Register
	}
	// gapsOf has the gaps of their activities, as []Gap by *Activity.
	gapsOf sync.Map
)

// Kept reads a version of the register as it is kept, whose text never changes. Each text is read once: a
// search asks for it at every step, a plan for the gaps of its activities at every field. So the register is
// shared, and nobody may change it.
func Kept(text string) (*Register, error) {
	kept.Lock()
	defer kept.Unlock()
	if r, ok := kept.read[text]; ok {
		return r, nil
	}
	r, err := Parse("register", []byte(text))
	if err != nil {
		return nil, err
	}
	if kept.read == nil || len(kept.read) >= keepRead {
		kept.read = map[string]*Register{}
		gapsOf.Clear()
	}
	kept.read[text] = r
	for i := range r.Activities {
		a := &r.Activities[i]
		gapsOf.Store(a, a.Gaps())
	}
	return r, nil
}

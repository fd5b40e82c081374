package fulfilment

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// ErrCursor says that a page's address is not one that the portal gave.
var ErrCursor = fault.Define(fault.Malformed, "bad_cursor",
	"Siden finnes ikke. Begynn fra den første.", "Sida finst ikkje. Byrj frå den første.", "There is no such page. Begin with the first.")

// Cursors are sealed, and hold for the list that they came from alone.
func cursorPlace(list string) keyring.Place {
	return keyring.Place{Table: "fulfilment", Column: "cursor", Row: list}
}

func (w *Works) sealCursor(at int, list string) string {
	sealed, err := w.Ring.SubKey(keyring.LabelCursor).Seal([]byte(strconv.Itoa(at)), cursorPlace(list))
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(sealed)
}

func (w *Works) cursor(cursor, list string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, ErrCursor
	}
	plain, err := w.Ring.SubKey(keyring.LabelCursor).Open(raw, cursorPlace(list))
	if err != nil {
		return 0, ErrCursor
	}
	at, err := strconv.Atoi(string(plain))
	if err != nil {
		return 0, fmt.Errorf("reading a cursor: %w", err)
	}
	return at, nil
}

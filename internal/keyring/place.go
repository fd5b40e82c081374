package keyring

import "encoding/binary"

// Place is where a sealed value lies. It is authenticated together with the value, so that a value
// moved to another row, column or table does not open.
type Place struct {
	Table  string
	Column string
	Row    string // the row's public id or another key that never changes
}

// bytes encodes the place so that no two places (or uses) give the same bytes: each part is
// preceded by its length.
func (p Place) bytes(use string) []byte {
	var b []byte
	for _, part := range []string{use, p.Table, p.Column, p.Row} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

//go:build unix

package keyring

import (
	"os"
	"syscall"
)

// ownerOf gives the owner and group of a file, where the system has such.
func ownerOf(info os.FileInfo) (uid, gid int, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(s.Uid), int(s.Gid), true
}

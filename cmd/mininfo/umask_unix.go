//go:build unix

package main

import "syscall"

// ownFilesOnly lets nobody else read what the program writes: database, keys, packages.
func ownFilesOnly() { syscall.Umask(0o077) }

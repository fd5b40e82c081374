//go:build !unix

package main

// ownFilesOnly does nothing where access is ruled by the folder alone.
func ownFilesOnly() {}

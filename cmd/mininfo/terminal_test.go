package main

import (
	"os"
	"strings"
	"testing"
)

// Nobody sits at /dev/null, though it is a device of characters as a terminal is: what asks there would
// wait for nobody, or take nothing for a refusal.
func TestNobodySitsAtTheNullDevice(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(t.TempDir() + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, stream := range []any{null, file, strings.NewReader("yes\n"), nil} {
		if person(stream) != nil {
			t.Errorf("somebody sits at %T", stream)
		}
	}
}

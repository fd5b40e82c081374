// Command schema writes the JSON Schema of register files where the UI's tests hold the form against it.
package main

import (
	"log"
	"os"

	"mininfo/internal/register"
)

//go:generate go run . ../../ui/src/api/register.schema.gen.json

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: schema FILE")
	}
	if err := os.WriteFile(os.Args[1], register.Schema(), 0o644); err != nil {
		log.Fatal(err)
	}
}

// Command peers is what the benches compare the exporter with in Go.
//
//	peers URL ENVIRONMENTS INTERVAL   reads stats and list of each environment at its interval
//
// It ends when its standard input does, which is when the bench ends.
package main

import (
	"io"
	"log"
	"os"
)

func main() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(poll(os.Args[1], os.Args[2], os.Args[3]))
}

// Command peers is what the benches compare the exporter with in Go: three programs in one, since they share a module.
//
//	peers poll URL ENVIRONMENTS INTERVAL   reads stats and list of each environment at its interval
//	peers const URL                        serves the samples of URL from client_golang's const metrics
//	peers store URL                        serves them the way kube-state-metrics does
//
// A program that serves prints its port. Each ends when its standard input does, which is when the bench ends.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func main() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	switch os.Args[1] {
	case "poll":
		log.Fatal(poll(os.Args[2], os.Args[3], os.Args[4]))
	case "const":
		log.Fatal(serve(constMetrics(fetch(os.Args[2]))))
	case "store":
		log.Fatal(serve(store(fetch(os.Args[2]))))
	default:
		log.Fatalf("there is no peer %q", os.Args[1])
	}
}

// fetch returns the exposition at url in the text format.
func fetch(url string) []byte {
	answer, err := http.Get(url)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

func serve(handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	return http.Serve(listener, handler)
}

// The programs over the official Go SDK that the tests of test/conformance start: `worker` and `operations`.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) > 0 && arguments[0] == "worker" {
		return work(arguments[1:])
	}
	if len(arguments) == 1 && arguments[0] == "operations" {
		return answerCalls(os.Stdin, os.Stdout)
	}
	return fmt.Errorf("needs worker or operations")
}

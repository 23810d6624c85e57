// SPDX-License-Identifier: Apache-2.0

// Package traced is what the programs have in common: PROGRAM TRACE [SIZE] writes an execution trace of its story to
// TRACE. SIZE says how much is done, 1 unless it is given.
package traced

import (
	"log"
	"os"
	"runtime/trace"
	"strconv"
)

// Create opens the file that the command line names.
func Create() *os.File {
	if len(os.Args) < 2 {
		log.Fatalf("usage: %s TRACE [SIZE]", os.Args[0])
	}
	file, err := os.Create(os.Args[1])
	Must(err)
	return file
}

// Start begins to trace; the function it returns ends that.
func Start() (stop func()) {
	file := Create()
	Must(trace.Start(file))
	return func() {
		trace.Stop()
		Must(file.Close())
	}
}

// Size is how many units of work the command line asks for.
func Size() int {
	if len(os.Args) < 3 {
		return 1
	}
	size, err := strconv.Atoi(os.Args[2])
	Must(err)
	return size
}

// Must ends the program when something failed.
func Must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

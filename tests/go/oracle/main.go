// SPDX-License-Identifier: Apache-2.0

// Oracle says of Go execution traces what `tickbird report --json` has to say of them. It reads them with the parser that
// Go's authors publish, golang.org/x/exp/trace, and adds up what comes out in the plainest way.
//
//	oracle < TRACE               one object: goroutines, groups, waits, tasks, regions, the collector
//	oracle -verdicts FILE...     a line for each: whether the parser accepts it, how many events it gave, its error
//	oracle -events < TRACE       reads every event and does nothing with it: what a bare reader costs
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"time"

	"golang.org/x/exp/trace"
)

// forEach gives every event in order. The error is the parser's, if it does not accept the trace.
func forEach(input io.Reader, take func(*trace.Event)) error {
	reader, err := trace.NewReader(bufio.NewReaderSize(input, 1<<20))
	if err != nil {
		return err
	}
	for {
		event, err := reader.ReadEvent()
		// Not errors.Is: an error that wraps io.EOF is one of a trace that ends too early.
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		take(&event)
	}
}

// inOrder gives the values of a map, an empty list rather than none.
func inOrder[K comparable, V any](values map[K]V, compare func(a, b V) int) []V {
	sorted := append([]V{}, slices.Collect(maps.Values(values))...)
	slices.SortFunc(sorted, compare)
	return sorted
}

func account(input io.Reader, output io.Writer) error {
	goroutines, annotations, words := newGoroutines(), newAnnotations(), newRuntimeWords()
	err := forEach(input, func(event *trace.Event) {
		goroutines.take(event)
		annotations.take(event)
		words.take(event)
	})
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(output)
	return encoder.Encode(struct {
		goroutinesFound
		annotationsFound
		runtimeFound
	}{goroutines.finish(), annotations.finish(), words.finish()})
}

type verdict struct {
	File     string `json:"file"`
	Accepted bool   `json:"accepted"`
	Events   int    `json:"events"`
	Error    string `json:"error"`
}

func judge(path string) (verdict, error) {
	file, err := os.Open(path)
	if err != nil {
		return verdict{}, err
	}
	defer file.Close()
	found := verdict{File: path}
	// The parser panics on some damaged traces; that is no acceptance.
	defer func() {
		if panicked := recover(); panicked != nil {
			found.Error = fmt.Sprint("panic: ", panicked)
		}
	}()
	err = forEach(file, func(*trace.Event) { found.Events++ })
	found.Accepted = err == nil
	if err != nil {
		found.Error = err.Error()
	}
	return found, nil
}

func judgeAll(paths []string, output io.Writer) error {
	encoder := json.NewEncoder(output)
	for _, path := range paths {
		found, err := judge(path)
		if err == nil {
			err = encoder.Encode(found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func countEvents(input io.Reader, output io.Writer) error {
	count, began := 0, time.Now()
	err := forEach(input, func(*trace.Event) { count++ })
	if err == nil {
		_, err = fmt.Fprintf(output, "%d events in %.6f s\n", count, time.Since(began).Seconds())
	}
	return err
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("oracle: ")
	isVerdicts := flag.Bool("verdicts", false, "say which files the parser accepts")
	isEvents := flag.Bool("events", false, "read all events and do nothing else")
	flag.Parse()
	var err error
	switch {
	case *isVerdicts:
		err = judgeAll(flag.Args(), os.Stdout)
	case *isEvents:
		err = countEvents(os.Stdin, os.Stdout)
	default:
		err = account(os.Stdin, os.Stdout)
	}
	if err != nil {
		log.Fatal(err)
	}
}

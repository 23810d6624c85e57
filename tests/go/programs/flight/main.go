// SPDX-License-Identifier: Apache-2.0

//go:build go1.25

// A flight recorder that is dumped when a request was slow: the trace begins in the middle of things.
package main

import (
	"runtime/trace"
	"sync"
	"time"

	"programs/traced"
)

const (
	workers  = 4
	requests = 40
	pace     = 2 * time.Millisecond
)

func handle(i int, mutex *sync.Mutex) {
	mutex.Lock()
	defer mutex.Unlock()
	time.Sleep(time.Duration(i%5) * 100 * time.Microsecond)
}

func main() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 50 * time.Millisecond, MaxBytes: 1 << 20})
	traced.Must(recorder.Start())
	var mutex sync.Mutex
	jobs := make(chan int)
	var done sync.WaitGroup
	for range workers {
		done.Add(1)
		go func() {
			defer done.Done()
			for i := range jobs {
				handle(i, &mutex)
			}
		}()
	}
	for i := range requests * traced.Size() {
		jobs <- i
		time.Sleep(pace)
	}
	file := traced.Create()
	_, err := recorder.WriteTo(file)
	traced.Must(err)
	traced.Must(file.Close())
	recorder.Stop()
	close(jobs)
	done.Wait()
}

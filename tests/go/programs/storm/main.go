// SPDX-License-Identifier: Apache-2.0

// Very many goroutines: SIZE times a thousand that wait for one gate, and then for one lock.
package main

import (
	"sync"

	"programs/traced"
)

const goroutines = 1000

func main() {
	stop := traced.Start()
	defer stop()
	gate := make(chan struct{})
	var mutex sync.Mutex
	passed := 0
	var done sync.WaitGroup
	for range goroutines * traced.Size() {
		done.Add(1)
		go func() {
			defer done.Done()
			<-gate
			mutex.Lock()
			passed++
			mutex.Unlock()
		}()
	}
	close(gate)
	done.Wait()
	if passed != goroutines*traced.Size() {
		panic("somebody is missing")
	}
}

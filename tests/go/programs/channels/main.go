// SPDX-License-Identifier: Apache-2.0

// Every way in which goroutines wait for each other: channels with and without a buffer, select, conditions, locks,
// sleep, timers, and for ever. Some of them wait since before the trace began.
package main

import (
	"runtime"
	"sync"
	"time"

	"programs/traced"
)

const rounds = 40

func pipeline(n int) {
	source, squares := make(chan int), make(chan int, 4)
	go func() {
		defer close(source)
		for i := range n {
			source <- i
		}
	}()
	go func() {
		defer close(squares)
		for value := range source {
			squares <- value * value
		}
	}()
	for value := range squares {
		if value%16 == 0 {
			time.Sleep(50 * time.Microsecond)
		}
	}
}

func selects(n int) {
	left, right, quit := make(chan int), make(chan int), make(chan struct{})
	for _, channel := range []chan int{left, right} {
		go func() {
			for i := 0; ; i++ {
				select {
				case channel <- i:
				case <-quit:
					return
				case <-time.After(time.Second):
					panic("nobody took it")
				}
			}
		}()
	}
	for range n {
		select {
		case <-left:
		case <-right:
		}
	}
	close(quit)
}

func conditions(n int) {
	var mutex sync.Mutex
	turn, changed := 0, sync.NewCond(&mutex)
	var done sync.WaitGroup
	for me := range 3 {
		done.Add(1)
		go func() {
			defer done.Done()
			for range n {
				mutex.Lock()
				for turn%3 != me {
					changed.Wait()
				}
				turn++
				changed.Broadcast()
				mutex.Unlock()
			}
		}()
	}
	done.Wait()
}

func locks(n int) {
	var mutex sync.RWMutex
	var done sync.WaitGroup
	for i := range 4 {
		done.Add(1)
		go func() {
			defer done.Done()
			for range n {
				if i == 0 {
					mutex.Lock()
					time.Sleep(20 * time.Microsecond)
					mutex.Unlock()
				} else {
					mutex.RLock()
					runtime.Gosched()
					mutex.RUnlock()
				}
			}
		}()
	}
	done.Wait()
}

func timers(n int) {
	fired := make(chan struct{})
	for range n {
		time.AfterFunc(100*time.Microsecond, func() { fired <- struct{}{} })
		<-fired
	}
	ticker := time.NewTicker(200 * time.Microsecond)
	defer ticker.Stop()
	for range n / 4 {
		<-ticker.C
	}
}

func forever() {
	select {}
}

func waitFor(gate chan struct{}) {
	<-gate
}

func main() {
	gate := make(chan struct{})
	for range 3 {
		go waitFor(gate)
	}
	go forever()
	for i := range 2 {
		go time.Sleep(time.Duration(i)*time.Hour + time.Millisecond)
	}
	runtime.Gosched()
	stop := traced.Start()
	defer stop()
	go forever()
	go func() {
		var nobody chan int
		<-nobody
	}()
	for _, story := range []func(int){pipeline, selects, conditions, locks, timers} {
		story(rounds * traced.Size())
	}
	close(gate)
}

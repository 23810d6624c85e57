// SPDX-License-Identifier: Apache-2.0

// More work than processors: preemption, goroutines that are tied to their thread, CPU samples, and a GOMAXPROCS that
// changes.
package main

import (
	"context"
	"io"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"programs/traced"
)

const duration = 60 * time.Millisecond

func spin(d time.Duration) (sum int) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		for i := range 1000 {
			sum += i
		}
	}
	return sum
}

func main() {
	traced.Must(pprof.StartCPUProfile(io.Discard))
	defer pprof.StopCPUProfile()
	stop := traced.Start()
	defer stop()
	processors := runtime.GOMAXPROCS(0)
	var done sync.WaitGroup
	for i := range processors + 2 {
		done.Add(1)
		go pprof.Do(context.Background(), pprof.Labels("worker", string(rune('a'+i))), func(context.Context) {
			defer done.Done()
			if i == 0 {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
			}
			for range 3 {
				spin(duration * time.Duration(traced.Size()) / 3)
				runtime.Gosched()
			}
		})
	}
	time.Sleep(duration / 4)
	runtime.GOMAXPROCS(processors + 1)
	time.Sleep(duration / 4)
	runtime.GOMAXPROCS(1)
	done.Wait()
	runtime.GOMAXPROCS(processors)
}

// SPDX-License-Identifier: Apache-2.0

// A program that does nothing but schedule, until its trace has SIZE times 50 kB: for traces as big as one likes.
package main

import (
	"io"
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"sync/atomic"

	"programs/traced"
)

const (
	pairs      = 16
	bytesAUnit = 50_000
	turnsEach  = 20
)

type counted struct {
	io.Writer
	bytes atomic.Int64
}

func (c *counted) Write(bytes []byte) (int, error) {
	n, err := c.Writer.Write(bytes)
	c.bytes.Add(int64(n))
	return n, err
}

func turns(here, there chan int, mutex *sync.Mutex) {
	for i := range turnsEach {
		there <- i
		<-here
		mutex.Lock()
		if i%4 == 0 {
			runtime.Gosched()
		}
		mutex.Unlock()
	}
}

// New goroutines each time, as servers make them for each request.
func pair(mutex *sync.Mutex) {
	left, right := make(chan int, 1), make(chan int, 1)
	var done sync.WaitGroup
	done.Add(2)
	for _, mine := range [][2]chan int{{left, right}, {right, left}} {
		go func() {
			defer done.Done()
			turns(mine[0], mine[1], mutex)
		}()
	}
	done.Wait()
}

func main() {
	file := &counted{Writer: traced.Create()}
	traced.Must(trace.Start(file))
	wanted := int64(traced.Size()) * bytesAUnit
	var done sync.WaitGroup
	for range pairs {
		done.Add(1)
		go func() {
			defer done.Done()
			var mutex sync.Mutex
			for file.bytes.Load() < wanted {
				pair(&mutex)
			}
		}()
	}
	done.Wait()
	trace.Stop()
	traced.Must(file.Writer.(*os.File).Close())
}

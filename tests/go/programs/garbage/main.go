// SPDX-License-Identifier: Apache-2.0

// A program that allocates faster than the collector marks: mark assists, sweeping, stopped worlds of several kinds.
package main

import (
	"io"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"

	"programs/traced"
)

const (
	allocators  = 6
	treeDepth   = 15
	sizeOfLeaf  = 4096
	allocations = 1500
)

type tree struct {
	left, right *tree
	leaf        []byte
}

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{leaf: make([]byte, 16)}
	}
	return &tree{left: grow(depth - 1), right: grow(depth - 1)}
}

func allocate(n int) {
	var kept [64]*tree
	for i := range n {
		kept[i%len(kept)] = &tree{leaf: make([]byte, sizeOfLeaf), left: grow(3)}
	}
	runtime.KeepAlive(kept)
}

func main() {
	debug.SetGCPercent(10)
	live := grow(treeDepth)
	stop := traced.Start()
	defer stop()
	var done sync.WaitGroup
	for range allocators {
		done.Add(1)
		go func() {
			defer done.Done()
			allocate(allocations * traced.Size())
		}()
	}
	done.Wait()
	var statistics runtime.MemStats
	runtime.ReadMemStats(&statistics)
	traced.Must(pprof.Lookup("goroutine").WriteTo(io.Discard, 0))
	runtime.Stack(make([]byte, 1<<16), true)
	debug.FreeOSMemory()
	runtime.KeepAlive(live)
}

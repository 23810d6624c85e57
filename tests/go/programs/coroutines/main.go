// SPDX-License-Identifier: Apache-2.0

//go:build go1.23

// Iterators that are pulled: the runtime switches from goroutine to goroutine without the scheduler.
package main

import (
	"iter"
	"time"

	"programs/traced"
)

const values = 200

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if i%50 == 49 {
				time.Sleep(100 * time.Microsecond)
			}
			if !yield(i) {
				return
			}
		}
	}
}

func main() {
	stop := traced.Start()
	defer stop()
	n := values * traced.Size()
	whole, _ := iter.Pull(count(n))
	for _, isMore := whole(); isMore; _, isMore = whole() {
	}
	abandoned, leave := iter.Pull(count(n))
	for range n / 2 {
		abandoned()
	}
	leave()
	unfinished, _ := iter.Pull(count(n))
	unfinished()
	never, _ := iter.Pull(count(n))
	_ = never
}

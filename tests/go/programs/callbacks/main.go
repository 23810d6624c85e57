// SPDX-License-Identifier: Apache-2.0

// C and Go call each other: threads that C made call into Go and end, so that their ids are used again, and Go waits in C.
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

void callGo(int);

static void *caller(void *calls)
{
	for (int i = 0; i < (int)(intptr_t)calls; i++) {
		callGo(i);
		usleep(200);
	}
	return NULL;
}

static void call_from_threads(int threads, int calls)
{
	pthread_t ids[16];
	for (int i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, caller, (void *)(intptr_t)calls))
			abort();
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
}

static void wait_in_c(int microseconds)
{
	usleep(microseconds);
}

static void call_back(int depth)
{
	callGo(depth);
}
*/
import "C"

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"programs/traced"
)

const (
	rounds  = 5
	threads = 4
	calls   = 6
)

var called atomic.Int64

//export callGo
func callGo(i C.int) {
	called.Add(1)
	if i%3 == 2 {
		time.Sleep(100 * time.Microsecond)
	}
	runtime.Gosched()
}

func main() {
	stop := traced.Start()
	defer stop()
	var done sync.WaitGroup
	for i := range 3 {
		done.Add(1)
		go func() {
			defer done.Done()
			for range rounds * traced.Size() {
				switch i {
				case 0:
					C.call_from_threads(threads, calls)
				case 1:
					C.wait_in_c(3000)
				case 2:
					C.call_back(2)
				}
			}
		}()
	}
	done.Wait()
	if want := int64(rounds * traced.Size() * (threads*calls + 1)); called.Load() != want {
		panic("some call into Go was lost")
	}
}

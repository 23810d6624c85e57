// SPDX-License-Identifier: Apache-2.0

// Tasks, regions and logs: what runtime/trace offers, as programs use it, as Datadog's client writes spans (a task with
// the span's id as a log of eight raw bytes) and as OpenTelemetry's does (a task alone).
package main

import (
	"context"
	"encoding/binary"
	"runtime/trace"
	"sync"
	"time"

	"programs/traced"
)

const requests = 12

func order(ctx context.Context, i int) {
	ctx, task := trace.NewTask(ctx, "order")
	defer task.End()
	trace.Logf(ctx, "number", "%d", i)
	trace.WithRegion(ctx, "check", func() { time.Sleep(time.Duration(i%4) * 100 * time.Microsecond) })
	var done sync.WaitGroup
	for range 2 {
		done.Add(1)
		go func() {
			defer done.Done()
			defer trace.StartRegion(ctx, "pack").End()
			trace.WithRegion(ctx, "pack: box", func() { time.Sleep(50 * time.Microsecond) })
		}()
	}
	done.Wait()
}

func datadogSpan(ctx context.Context, resource string, id uint64, story func(context.Context)) {
	ctx, task := trace.NewTask(ctx, resource)
	defer task.End()
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], id)
	trace.Log(ctx, "datadog.uint64_span_id", string(bytes[:]))
	story(ctx)
}

func openTelemetrySpan(ctx context.Context, name string, story func(context.Context)) {
	ctx, task := trace.NewTask(ctx, name)
	defer task.End()
	story(ctx)
}

func pause(context.Context) { time.Sleep(200 * time.Microsecond) }

func main() {
	background := context.Background()
	// Begun before there is a trace: their ends have no beginning.
	early := make(chan struct{})
	var ended sync.WaitGroup
	ended.Add(1)
	go func() {
		defer ended.Done()
		region := trace.StartRegion(background, "before the trace")
		<-early
		region.End()
	}()
	stop := traced.Start()
	defer stop()
	_, long := trace.NewTask(background, "longer than a generation")
	close(early)
	for i := range requests * traced.Size() {
		order(background, i)
		datadogSpan(background, "GET /cart", 0x8000000000000000|uint64(i), func(ctx context.Context) {
			datadogSpan(ctx, "redis.command", uint64(i)<<8, pause)
		})
		openTelemetrySpan(background, "HTTP GET", func(ctx context.Context) {
			openTelemetrySpan(ctx, "query", pause)
		})
	}
	trace.WithRegion(background, "no task", func() { pause(background) })
	long.End()
	long.End()
	ended.Wait()
	_, neverEnds := trace.NewTask(background, "never ends")
	_ = neverEnds
	_ = trace.StartRegion(background, "never ends either")
	go func() { _ = trace.StartRegion(background, "ends with its goroutine") }()
	time.Sleep(time.Millisecond)
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"

	"golang.org/x/exp/trace"
)

// What the runtime says of itself: the collector's ranges, counters, samples of the CPU profile.

type counter struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	Min   uint64 `json:"min"`
	Max   uint64 `json:"max"`
}

var counterNames = map[string]string{
	"/memory/classes/heap/objects:bytes": "heap_bytes",
	"/gc/heap/goal:bytes":                "heap_goal_bytes",
	"/sched/gomaxprocs:threads":          "processors",
}

type sample struct {
	Stack stackText `json:"stack"`
	Count int       `json:"count"`
}

type rangeKey struct {
	scope trace.ResourceID
	name  string
}

type runtimeFound struct {
	Ranges   []*durations `json:"ranges"`
	Counters []*counter   `json:"counters"`
	Samples  []*sample    `json:"samples"`
}

type runtimeWords struct {
	ranges     byType
	openRanges map[rangeKey]trace.Time
	counters   map[string]*counter
	samples    map[stackText]*sample
}

func newRuntimeWords() *runtimeWords {
	return &runtimeWords{byType{}, map[rangeKey]trace.Time{}, map[string]*counter{}, map[stackText]*sample{}}
}

func (r *runtimeWords) take(event *trace.Event) {
	switch event.Kind() {
	case trace.EventRangeBegin:
		r.openRanges[rangeKey{event.Range().Scope, event.Range().Name}] = event.Time()
	case trace.EventRangeEnd:
		// One that is told to be active only began before the trace.
		key := rangeKey{event.Range().Scope, event.Range().Name}
		if begun, isOpen := r.openRanges[key]; isOpen {
			r.ranges.end(beginning{name: key.name, at: begun}, event.Time())
			delete(r.openRanges, key)
		}
	case trace.EventMetric:
		r.count(counterNames[event.Metric().Name], event.Metric().Value.Uint64())
	case trace.EventStackSample:
		if stack := textOf(event.Stack()); stack != "" {
			if r.samples[stack] == nil {
				r.samples[stack] = &sample{Stack: stack}
			}
			r.samples[stack].Count++
		}
	}
}

func (r *runtimeWords) count(name string, value uint64) {
	if r.counters[name] == nil {
		r.counters[name] = &counter{Name: name, First: value, Min: value}
	}
	found := r.counters[name]
	found.Count++
	found.Last = value
	found.Min, found.Max = min(found.Min, value), max(found.Max, value)
}

func (r *runtimeWords) finish() runtimeFound {
	counters := inOrder(r.counters, func(a, b *counter) int { return cmp.Compare(a.Name, b.Name) })
	samples := inOrder(r.samples, func(a, b *sample) int { return cmp.Compare(a.Stack, b.Stack) })
	return runtimeFound{r.ranges.finish(), counters, samples}
}

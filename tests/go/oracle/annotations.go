// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strconv"

	"golang.org/x/exp/trace"
)

// Those that began and ended in the trace count; those that only began are unfinished.
type durations struct {
	Type       string `json:"type"`
	Count      int    `json:"count"`
	Unfinished int    `json:"unfinished"`
	TotalNs    int64  `json:"total_ns"`
	P50Ns      int64  `json:"p50_ns"`
	P95Ns      int64  `json:"p95_ns"`
	P99Ns      int64  `json:"p99_ns"`
	MaxNs      int64  `json:"max_ns"`

	all []int64
}

// nearestRank gives the smallest value that at least so many per cent do not exceed.
func nearestRank(sorted []int64, percent int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(percent*len(sorted)+99)/100-1]
}

type byType map[string]*durations

func (b byType) of(name string) *durations {
	if b[name] == nil {
		b[name] = &durations{Type: name}
	}
	return b[name]
}

func (b byType) end(begun beginning, now trace.Time) {
	found := b.of(begun.name)
	found.all = append(found.all, int64(now-begun.at))
	found.TotalNs += int64(now - begun.at)
}

func (b byType) finish() []*durations {
	for _, found := range b {
		slices.Sort(found.all)
		found.Count = len(found.all)
		found.P50Ns, found.P95Ns = nearestRank(found.all, 50), nearestRank(found.all, 95)
		found.P99Ns, found.MaxNs = nearestRank(found.all, 99), nearestRank(found.all, 100)
	}
	return inOrder(b, func(a, b *durations) int { return cmp.Compare(a.Type, b.Type) })
}

type beginning struct {
	name   string
	at     trace.Time
	spanID uint64 // that a log of Datadog's client told; 0 none
}

// The log by which Datadog's client says which span a task is: eight bytes, the lowest first.
const spanLog = "datadog.uint64_span_id"

type span struct {
	ID        string     `json:"span_id"`
	Type      string     `json:"type"`
	Goroutine trace.GoID `json:"goroutine"`
	StartNs   trace.Time `json:"start_ns"`
	EndNs     trace.Time `json:"end_ns"`
}

type annotationsFound struct {
	Tasks   []*durations `json:"tasks"`
	Regions []*durations `json:"regions"`
	Spans   []span       `json:"spans"`
}

type annotations struct {
	tasks, regions byType
	openTasks      map[trace.TaskID]beginning
	openRegions    map[trace.GoID][]beginning
	spans          []span
}

func newAnnotations() *annotations {
	return &annotations{byType{}, byType{}, map[trace.TaskID]beginning{}, map[trace.GoID][]beginning{}, []span{}}
}

func (a *annotations) take(event *trace.Event) {
	switch event.Kind() {
	case trace.EventTaskBegin:
		a.openTasks[event.Task().ID] = beginning{name: event.Task().Type, at: event.Time()}
	case trace.EventLog:
		log := event.Log()
		if begun, isOpen := a.openTasks[log.Task]; isOpen && log.Category == spanLog && len(log.Message) == 8 {
			begun.spanID = binary.LittleEndian.Uint64([]byte(log.Message))
			a.openTasks[log.Task] = begun
		}
	case trace.EventTaskEnd:
		if begun, isOpen := a.openTasks[event.Task().ID]; isOpen {
			a.tasks.end(begun, event.Time())
			if begun.spanID != 0 {
				id := strconv.FormatUint(begun.spanID, 10)
				a.spans = append(a.spans, span{id, begun.name, event.Goroutine(), begun.at, event.Time()})
			}
			delete(a.openTasks, event.Task().ID)
		}
	case trace.EventRegionBegin:
		id := event.Goroutine()
		a.openRegions[id] = append(a.openRegions[id], beginning{name: event.Region().Type, at: event.Time()})
	case trace.EventRegionEnd:
		id := event.Goroutine()
		// One without a beginning began before the trace.
		if open := a.openRegions[id]; len(open) > 0 {
			a.regions.end(open[len(open)-1], event.Time())
			a.openRegions[id] = open[:len(open)-1]
		}
	case trace.EventStateTransition:
		transition := event.StateTransition()
		if transition.Resource.Kind != trace.ResourceGoroutine {
			return
		}
		if _, to := transition.Goroutine(); to == trace.GoNotExist {
			a.forget(transition.Resource.Goroutine())
		}
	}
}

// forget is for the regions that a goroutine left open.
func (a *annotations) forget(id trace.GoID) {
	for _, left := range a.openRegions[id] {
		a.regions.of(left.name).Unfinished++
	}
	delete(a.openRegions, id)
}

func (a *annotations) finish() annotationsFound {
	for _, left := range a.openTasks {
		a.tasks.of(left.name).Unfinished++
	}
	for id := range a.openRegions {
		a.forget(id)
	}
	return annotationsFound{a.tasks.finish(), a.regions.finish(), a.spans}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"slices"

	"golang.org/x/exp/trace"
)

// The reason of a goroutine that is in a system call and whose P was taken away.
const lostProcessor = "syscall"

type times struct {
	RunningNs  int64            `json:"running_ns"`
	RunnableNs int64            `json:"runnable_ns"`
	SyscallNs  int64            `json:"syscall_ns"`
	WaitingNs  map[string]int64 `json:"waiting_ns"`
}

func (t *times) add(other times) {
	t.RunningNs += other.RunningNs
	t.RunnableNs += other.RunnableNs
	t.SyscallNs += other.SyscallNs
	for reason, ns := range other.WaitingNs {
		t.WaitingNs[reason] += ns
	}
}

type lane struct {
	Kind    string     `json:"kind"`
	ID      trace.GoID `json:"id"`
	Name    string     `json:"name"`
	StartNs trace.Time `json:"start_ns"`
	EndNs   trace.Time `json:"end_ns"`
	times

	state       trace.GoState
	wait        site         // of the state waiting, and of a call
	processor   trace.ProcID // held in a system call
	since       trace.Time
	becameReady bool // in the trace
}

// The root of a goroutine's stack is the function it was started with.
func (l *lane) learnName(stack trace.Stack) {
	if l.Name != "" {
		return
	}
	for frame := range stack.Frames() {
		l.Name = frame.Func
	}
}

type group struct {
	Func  string `json:"func"`
	Count int    `json:"count"`
	times
}

type goroutinesFound struct {
	StartNs trace.Time `json:"start_ns"`
	EndNs   trace.Time `json:"end_ns"`
	Lanes   []*lane    `json:"lanes"`
	Groups  []*group   `json:"groups"`
	Waits   []*waitSum `json:"waits"`
	Ready   ready      `json:"ready"`
}

type goroutines struct {
	start, now trace.Time
	isBegun    bool
	alive      map[trace.GoID]*lane
	ended      []*lane
	// Who is in a system call with this P.
	holders map[trace.ProcID]*lane
	waits   waits
	ready   ready
}

func newGoroutines() *goroutines {
	return &goroutines{alive: map[trace.GoID]*lane{}, holders: map[trace.ProcID]*lane{}, waits: waits{}}
}

func (g *goroutines) take(event *trace.Event) {
	g.now = event.Time()
	if !g.isBegun {
		g.start, g.isBegun = g.now, true
	}
	if event.Kind() != trace.EventStateTransition {
		return
	}
	transition := event.StateTransition()
	switch transition.Resource.Kind {
	case trace.ResourceGoroutine:
		g.change(event, transition)
	case trace.ResourceProc:
		if from, to := transition.Proc(); from != to && to == trace.ProcIdle {
			g.takeAway(transition.Resource.Proc())
		}
	}
}

// settle charges the time since the last change to the state that ends; it gives that time.
func (g *goroutines) settle(l *lane) int64 {
	spent := int64(g.now - l.since)
	switch l.state {
	case trace.GoRunning:
		l.RunningNs += spent
	case trace.GoRunnable:
		l.RunnableNs += spent
	case trace.GoWaiting:
		g.settleWait(l, spent)
	case trace.GoSyscall:
		if l.processor != trace.NoProc {
			l.SyscallNs += spent
		} else {
			l.wait.reason = lostProcessor
			g.settleWait(l, spent)
		}
	}
	l.since = g.now
	return spent
}

func (g *goroutines) settleWait(l *lane, spent int64) {
	if spent > 0 {
		l.WaitingNs[l.wait.reason] += spent
		g.waits.add(l.wait, spent)
	}
}

func (g *goroutines) change(event *trace.Event, transition trace.StateTransition) {
	id := transition.Resource.Goroutine()
	from, to := transition.Goroutine()
	changing := g.alive[id]
	switch from {
	case trace.GoUndetermined:
		// What it is told to be, it has been since the trace began.
		changing = g.begin(id, g.start)
	case trace.GoNotExist:
		changing = g.begin(id, g.now)
	case to:
		changing.learnName(transition.Stack)
		return
	default:
		g.leave(changing, event)
	}
	changing.learnName(transition.Stack)
	changing.state, changing.processor = to, trace.NoProc
	changing.wait = site{transition.Reason, textOf(transition.Stack)}
	changing.becameReady = to == trace.GoRunnable && from != trace.GoUndetermined
	switch to {
	case trace.GoSyscall:
		changing.processor = event.Proc()
		if changing.processor != trace.NoProc {
			g.holders[changing.processor] = changing
		}
	case trace.GoNotExist:
		g.end(changing)
	}
}

func (g *goroutines) leave(leaving *lane, event *trace.Event) {
	spent := g.settle(leaving)
	switch leaving.state {
	case trace.GoSyscall:
		delete(g.holders, leaving.processor)
	case trace.GoRunnable:
		if leaving.becameReady {
			g.ready.add(spent)
		}
	case trace.GoWaiting:
		if by := textOf(event.Stack()); by != "" && spent > 0 {
			g.waits.wake(leaving.wait, by, spent)
		}
	}
}

func (g *goroutines) begin(id trace.GoID, start trace.Time) *lane {
	begun := &lane{Kind: "goroutine", ID: id, StartNs: start, since: start, times: times{WaitingNs: map[string]int64{}}}
	g.alive[id] = begun
	return begun
}

func (g *goroutines) end(ending *lane) {
	ending.EndNs = g.now
	g.ended = append(g.ended, ending)
	delete(g.alive, ending.ID)
}

func (g *goroutines) takeAway(processor trace.ProcID) {
	if holder := g.holders[processor]; holder != nil {
		g.settle(holder)
		holder.processor = trace.NoProc
		delete(g.holders, processor)
	}
}

func (g *goroutines) finish() goroutinesFound {
	for _, left := range g.alive {
		g.settle(left)
		g.end(left)
	}
	slices.SortFunc(g.ended, func(a, b *lane) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.StartNs, b.StartNs)) })
	groups := map[string]*group{}
	for _, each := range g.ended {
		if groups[each.Name] == nil {
			groups[each.Name] = &group{Func: each.Name, times: times{WaitingNs: map[string]int64{}}}
		}
		groups[each.Name].Count++
		groups[each.Name].add(each.times)
	}
	byName := inOrder(groups, func(a, b *group) int { return cmp.Compare(a.Func, b.Func) })
	return goroutinesFound{g.start, g.now, g.ended, byName, g.waits.finish(), g.ready}
}

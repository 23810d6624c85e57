// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/exp/trace"
)

// A stack as text, "function file:line" for each frame, leaf first; empty when there is none.
type stackText string

func textOf(stack trace.Stack) stackText {
	var frames []string
	for frame := range stack.Frames() {
		frames = append(frames, fmt.Sprintf("%s %s:%d", frame.Func, frame.File, frame.Line))
	}
	return stackText(strings.Join(frames, "\n"))
}

type waker struct {
	Stack    stackText `json:"stack"`
	Count    int       `json:"count"`
	CausedNs int64     `json:"caused_ns"`
}

// Waits with one reason and one stack, of all goroutines.
type waitSum struct {
	Reason  string    `json:"reason"`
	Stack   stackText `json:"stack"`
	Count   int       `json:"count"`
	TotalNs int64     `json:"total_ns"`
	MaxNs   int64     `json:"max_ns"`
	Wakers  []*waker  `json:"wakers"`
}

type site struct {
	reason string
	stack  stackText
}

type waits map[site]*waitSum

func (w waits) add(at site, ns int64) {
	if w[at] == nil {
		w[at] = &waitSum{Reason: at.reason, Stack: at.stack, Wakers: []*waker{}}
	}
	w[at].Count++
	w[at].TotalNs += ns
	w[at].MaxNs = max(w[at].MaxNs, ns)
}

// wake puts a wait that was added down to the one who ended it.
func (w waits) wake(at site, by stackText, ns int64) {
	sum := w[at]
	index := slices.IndexFunc(sum.Wakers, func(known *waker) bool { return known.Stack == by })
	if index < 0 {
		index = len(sum.Wakers)
		sum.Wakers = append(sum.Wakers, &waker{Stack: by})
	}
	sum.Wakers[index].Count++
	sum.Wakers[index].CausedNs += ns
}

func (w waits) finish() []*waitSum {
	return inOrder(w, func(a, b *waitSum) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Stack, b.Stack))
	})
}

// How long goroutines that became ready in the trace waited until they ran.
type ready struct {
	Count   int   `json:"count"`
	TotalNs int64 `json:"total_ns"`
	MaxNs   int64 `json:"max_ns"`
}

func (r *ready) add(ns int64) {
	r.Count++
	r.TotalNs += ns
	r.MaxNs = max(r.MaxNs, ns)
}

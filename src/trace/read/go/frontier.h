/* SPDX-License-Identifier: Apache-2.0 */
/* frontier.h — the next event of every thread in a generation, the earliest first.
 *
 * A binary heap by time. Where two are as early, the order is that of Go's reader, whose heap this follows step by step: it decides
 * the last nanosecond of both.
 */
#pragma once
#include "trace/read/go/order.h"

struct go_cursor {
	uint64_t m;
	uint32_t thread; /* noted by go_order_advance */
	uint32_t batch;
	const uint8_t *at, *end; /* of the batch's body */
	struct go_raw_event raw; /* the next event */
};

struct go_heap_place {
	uint64_t time_ns;
	uint32_t cursor;
};

struct go_frontier {
	const struct go_generation *generation;
	struct go_cursor *cursors;
	size_t cursor_capacity;
	struct go_heap_place *heap;
	size_t count; /* cursors that have an event */
};

/* All zero is empty. */
void go_frontier_fini(struct go_frontier *frontier);

/* Every thread of the generation at its first event. -1 with an error when one cannot be read. */
int go_frontier_enter(struct go_frontier *frontier, const struct go_generation *generation,
		      struct error *out_error);

static inline struct go_cursor *go_frontier_at(struct go_frontier *frontier, size_t place)
{
	return &frontier->cursors[frontier->heap[place].cursor];
}

/* The event at this place of the heap was taken: on to the thread's next one. -1 with an error when it cannot be read. */
int go_frontier_step(struct go_frontier *frontier, size_t place, struct error *out_error);

/* Sorts the heap, so that places are in order of time. */
void go_frontier_sort(struct go_frontier *frontier);

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/frontier.h"
#include "base/memory.h"
#include "trace/read/go/varint.h"
#include <stdlib.h>

void go_frontier_fini(struct go_frontier *frontier)
{
	free(frontier->cursors);
	free(frontier->heap);
	*frontier = (struct go_frontier){0};
}

static int unreadable(const char *what, unsigned type, struct error *out_error)
{
	return error_set(out_error, "%s of event %u cannot be read", what, type);
}

/* Reads the cursor's next event: 1; 0 when its thread has no more; -1. */
static int read_event(const struct go_generation *generation, struct go_cursor *cursor,
		      struct error *out_error)
{
	while (cursor->at == cursor->end) {
		if (!cursor->batch)
			return 0;
		const struct go_batch *batch = &generation->batches[cursor->batch];
		cursor->at = batch->body;
		cursor->end = batch->body + batch->size;
		cursor->batch = batch->next;
		cursor->raw.time_ns = go_clock_ns(&generation->clock, batch->time);
	}
	uint8_t number = *cursor->at++;
	const struct go_event_type *type = &go_event_types[number];
	if (!type->is_timed)
		return error_set(out_error, "event %u among the events of a thread", number);
	uint64_t units;
	const uint8_t *at = go_varint(cursor->at, cursor->end, &units);
	if (!at)
		return unreadable("the time", number, out_error);
	for (unsigned i = 0; i < type->argument_count; i++) {
		at = go_varint(at, cursor->end, &cursor->raw.arguments[i]);
		if (!at)
			return unreadable("an argument", number, out_error);
	}
	cursor->at = at;
	cursor->raw.type = number;
	cursor->raw.time_ns += go_clock_ns(&generation->clock, units);
	if (cursor->raw.time_ns > GO_TIME_MAX)
		cursor->raw.time_ns = GO_TIME_MAX;
	return 1;
}

static void swap(struct go_heap_place *a, struct go_heap_place *b)
{
	struct go_heap_place kept = *a;
	*a = *b;
	*b = kept;
}

static size_t sift_up(struct go_heap_place *heap, size_t place)
{
	while (place > 0 && heap[(place - 1) / 2].time_ns > heap[place].time_ns) {
		swap(&heap[(place - 1) / 2], &heap[place]);
		place = (place - 1) / 2;
	}
	return place;
}

static void sift_down(struct go_heap_place *heap, size_t count, size_t place)
{
	for (;;) {
		size_t least = place, left = 2 * place + 1;
		if (left < count && heap[left].time_ns < heap[least].time_ns)
			least = left;
		if (left + 1 < count && heap[left + 1].time_ns < heap[least].time_ns)
			least = left + 1;
		if (least == place)
			return;
		swap(&heap[least], &heap[place]);
		place = least;
	}
}

/* The place goes up to the top, whatever its time, and the last takes its place there. */
static void remove_place(struct go_frontier *frontier, size_t place)
{
	struct go_heap_place *heap = frontier->heap;
	for (; place > 0; place = (place - 1) / 2)
		swap(&heap[(place - 1) / 2], &heap[place]);
	heap[0] = heap[--frontier->count];
	sift_down(heap, frontier->count, 0);
}

int go_frontier_enter(struct go_frontier *frontier, const struct go_generation *generation,
		      struct error *out_error)
{
	frontier->generation = generation;
	frontier->count = 0;
	if (generation->thread_count > frontier->cursor_capacity) {
		frontier->cursor_capacity = generation->thread_capacity;
		frontier->cursors = memory_resize(frontier->cursors, frontier->cursor_capacity,
						  sizeof *frontier->cursors);
		frontier->heap =
			memory_resize(frontier->heap, frontier->cursor_capacity, sizeof *frontier->heap);
	}
	for (size_t i = 0; i < generation->thread_count; i++) {
		struct go_cursor *cursor = &frontier->cursors[i];
		*cursor = (struct go_cursor){.m = generation->threads[i].m,
					     .thread = ID_MAP_NONE,
					     .batch = generation->threads[i].first};
		int result = read_event(generation, cursor, out_error);
		if (result < 0)
			return -1;
		if (!result)
			continue;
		frontier->heap[frontier->count] = (struct go_heap_place){cursor->raw.time_ns, (uint32_t)i};
		sift_up(frontier->heap, frontier->count++);
	}
	return 0;
}

int go_frontier_step(struct go_frontier *frontier, size_t place, struct error *out_error)
{
	struct go_cursor *cursor = go_frontier_at(frontier, place);
	int result = read_event(frontier->generation, cursor, out_error);
	if (result < 0)
		return -1;
	if (!result) {
		remove_place(frontier, place);
		return 0;
	}
	frontier->heap[place].time_ns = cursor->raw.time_ns;
	if (sift_up(frontier->heap, place) == place)
		sift_down(frontier->heap, frontier->count, place);
	return 0;
}

/* By insertion: a heap is nearly sorted, and threads are few. */
void go_frontier_sort(struct go_frontier *frontier)
{
	struct go_heap_place *heap = frontier->heap;
	for (size_t i = 1; i < frontier->count; i++)
		for (size_t j = i; j > 0 && heap[j].time_ns < heap[j - 1].time_ns; j--)
			swap(&heap[j], &heap[j - 1]);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/frontier.h"
#include "base/memory.h"
#include "trace/read/go/varint.h"
#include <stdlib.h>
#include <string.h>

void go_frontier_fini(struct go_frontier *frontier)
{
	free(frontier->cursors);
	free(frontier->heap);
	*frontier = (struct go_frontier){0};
}

/* The longest event: its type, time and arguments. */
enum { EVENT_SIZE_MAX = 1 + (1 + GO_ARGUMENTS_MAX) * GO_VARINT_MAX };

static int unreadable(const uint8_t *at, struct error *out_error)
{
	return go_event_types[*at].is_timed
		       ? error_set(out_error, "event %s cannot be read", go_event_types[*at].name)
		       : error_set(out_error, "event %u among the events of a thread", *at);
}

/* Reads the event at the cursor, behind which there is room for any. Returns its size, or -1. */
static inline __attribute__((always_inline)) int decode_roomy(struct go_cursor *cursor, uint64_t *out_units)
{
	const uint8_t *at = cursor->at;
	const struct go_event_type *type = &go_event_types[*at];
	if (!type->is_timed)
		return -1;
	cursor->raw.type = *at;
	at = go_varint_roomy(at + 1, out_units);
	unsigned count = type->argument_count;
	for (unsigned i = 0; at && i < count; i++)
		at = go_varint_roomy(at, &cursor->raw.arguments[i]);
	return at ? (int)(at - cursor->at) : -1;
}

/* The same near the end of a batch: in a copy with room behind it. */
static int decode_last(struct go_cursor *cursor, uint64_t *out_units)
{
	uint8_t room[2 * EVENT_SIZE_MAX];
	size_t left = (size_t)(cursor->end - cursor->at);
	memcpy(room, cursor->at, left);
	/* What would go on here goes on too long to be a number. */
	memset(room + left, 0xff, sizeof room - left);
	struct go_cursor copy = {.at = room, .raw.time_ns = cursor->raw.time_ns};
	int size = decode_roomy(&copy, out_units);
	if (size > (int)left)
		return -1;
	cursor->raw = copy.raw;
	return size;
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
	uint64_t units;
	int size = cursor->end - cursor->at >= EVENT_SIZE_MAX ? decode_roomy(cursor, &units)
							      : decode_last(cursor, &units);
	if (size < 0)
		return unreadable(cursor->at, out_error);
	cursor->at += size;
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
	struct go_heap_place *heap = frontier->heap;
	heap[place].time_ns = cursor->raw.time_ns;
	/* Mostly the same thread goes on. */
	if (place == 0 && (frontier->count < 2 || heap[0].time_ns <= heap[1].time_ns) &&
	    (frontier->count < 3 || heap[0].time_ns <= heap[2].time_ns))
		return 0;
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

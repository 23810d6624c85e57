/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/drain.h"
#include <stdlib.h>
#include <string.h>
#include "agent/descriptor_names.h"
#include "agent/stack_nodes.h"
#include "agent/totals.h"
#include "base/memory.h"

static const char *const loss_names[ARENA_LOSS_COUNT] = {
	[LOSS_NO_CHUNK] = "arena_full",
	[LOSS_NO_THREAD_SLOT] = "too_many_threads",
	[LOSS_NESTED] = "signal_in_write",
	[LOSS_CLOCK_CHANGED] = "clock_changed",
	[LOSS_INCONSISTENT] = "library_switched_off",
};

/* A chunk's header as it was at one moment; the process may change the original at any time. */
struct chunk_view {
	uint32_t number, slot, generation, sequence, committed;
	enum trace_clock clock;
	uint64_t start_ticks;
};

/* 0, or -1 when the header cannot be one. */
static int chunk_view(const struct recorded *recorded, uint32_t number, struct chunk_view *out_view)
{
	struct chunk *chunk = arena_chunk(&recorded->shared.arena, number);
	if (!chunk)
		return -1;
	struct chunk_view view = {
		.number = number,
		.committed = atomic_load_explicit(&chunk->committed, memory_order_acquire),
		.slot = chunk->thread,
		.generation = chunk->generation,
		.sequence = chunk->sequence,
		.clock = clock_of(chunk->clock),
		.start_ticks = chunk->start_ticks,
	};
	if (!arena_thread(&recorded->shared.arena, view.slot) || view.committed > CHUNK_EVENT_BYTES)
		return -1;
	*out_view = view;
	return 0;
}

/* The lane that writes the chunk; a new one when the slot has a new user. NULL: the chunk is of an earlier user. */
static struct lane *lane_of(struct recorded *recorded, struct journal *journal, const struct chunk_view *view)
{
	struct lane *lane = recorded_lane(recorded, view->slot);
	if (lane->thread && lane->generation == view->generation)
		return lane;
	if (lane->thread && view->generation - lane->generation > UINT32_MAX / 2)
		return NULL;
	*lane = (struct lane){.thread = journal->next_thread++,
			      .tid = arena_thread(&recorded->shared.arena, view->slot)->tid,
			      .generation = view->generation,
			      .is_alive = true};
	event_put_thread(trace_writer_fact(journal->writer, journal->clock, EVENT_THREAD_MAX),
			 journal_now(journal), lane->thread, recorded->process, lane->tid);
	if (lane->tid == recorded->pid) {
		totals_tell_name(journal, lane, recorded->name, strlen(recorded->name));
		totals_tell_counts(journal, lane, recorded->start, &recorded->counts);
	} else {
		totals_read_name(recorded, journal, lane);
	}
	return lane;
}

/* Reads what the lane committed since it was looked at last; the number of events. */
static uint64_t read_events(struct recorded *recorded, struct journal *journal, struct lane *lane,
			    const struct chunk_view *view)
{
	if (lane->offset == 0)
		lane->registers = (struct event_registers){view->start_ticks, 0};
	if (view->committed <= lane->offset)
		return 0;
	uint8_t bytes[CHUNK_EVENT_BYTES];
	uint32_t size = view->committed - lane->offset;
	memcpy(bytes, arena_chunk(&recorded->shared.arena, view->number)->events + lane->offset, size);

	struct event_registers begin = lane->registers;
	const uint8_t *at = bytes, *end = bytes + size;
	uint64_t count = 0, first = UINT64_MAX, last = 0;
	struct event event;
	int result;
	while ((result = event_decode(&event_schema_own, &lane->registers, &at, end, &event)) == 1) {
		uint64_t start = event.time - event.duration;
		first = start < first ? start : first;
		last = event.time > last ? event.time : last;
		count++;
		if (event.type->number == EVENT_DESCRIPTOR_SEEN)
			descriptor_name_tell(recorded, journal, view->clock, &event);
		else if (event.type->number == EVENT_THREAD_OWN_NAME)
			totals_tell_name(journal, lane, event.values[EVENT_THREAD_OWN_NAME_NAME].text,
					 event.values[EVENT_THREAD_OWN_NAME_NAME].number);
	}
	lane->offset = result < 0 ? CHUNK_EVENT_BYTES
				  : view->committed; /* what follows is relative to what was lost */
	if (result < 0)
		journal_lost(journal, recorded->process, "malformed", 1);
	if (count)
		trace_writer_slice(journal->writer, lane->thread, view->clock, begin, bytes,
				   (size_t)(at - bytes), count, first, last);
	return count;
}

static uint64_t read_full_chunk(struct recorded *recorded, struct journal *journal, uint32_t number)
{
	struct chunk_view view;
	if (chunk_view(recorded, number, &view))
		return 0;
	uint64_t count = 0;
	struct lane *lane = lane_of(recorded, journal, &view);
	if (lane && view.sequence >= lane->sequence) {
		if (view.sequence > lane->sequence)
			lane->offset = 0;
		count = read_events(recorded, journal, lane, &view);
		lane->sequence = view.sequence + 1;
		lane->offset = 0;
	}
	struct arena *arena = &recorded->shared.arena;
	arena_list_push(&arena->header->free_chunks, number, &arena_chunk(arena, number)->next);
	return count;
}

static uint64_t read_full_chunks(struct recorded *recorded, struct journal *journal)
{
	struct arena *arena = &recorded->shared.arena;
	uint64_t head = atomic_exchange_explicit(&arena->header->full_chunks, 0, memory_order_acquire);
	uint32_t *numbers = NULL;
	size_t count = 0, room = 0;
	uint32_t number = (uint32_t)head;
	for (uint32_t i = 0; i < arena->chunk_count && arena_chunk(arena, number); i++) {
		MEMORY_GROW(numbers, count, room);
		numbers[count++] = number;
		number = atomic_load_explicit(&arena_chunk(arena, number)->next, memory_order_relaxed);
	}
	uint64_t events = 0;
	while (count > 0) /* the list has the last one first */
		events += read_full_chunk(recorded, journal, numbers[--count]);
	free(numbers);
	return events;
}

static uint32_t slots_used(const struct arena *arena)
{
	uint32_t used = atomic_load_explicit(&arena->header->threads_used, memory_order_relaxed);
	return used < arena->thread_count ? used : arena->thread_count;
}

static void free_slot(struct arena *arena, uint32_t number)
{
	struct thread_slot *slot = arena_thread(arena, number);
	atomic_store_explicit(&slot->chunk, 0, memory_order_relaxed);
	atomic_store_explicit(&slot->state, SLOT_FREE, memory_order_relaxed);
	arena_list_push(&arena->header->free_threads, number, &slot->next);
}

/* Reads the chunk that a slot's thread writes now, and frees the slot of one that ended. */
static uint64_t read_slot(struct recorded *recorded, struct journal *journal, uint32_t slot_number)
{
	struct arena *arena = &recorded->shared.arena;
	struct thread_slot *slot = arena_thread(arena, slot_number);
	uint32_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
	uint32_t number = atomic_load_explicit(&slot->chunk, memory_order_acquire);
	struct chunk_view view;
	if (state == SLOT_ENDED && !number)
		free_slot(arena, slot_number); /* it never got a chunk */
	if (state == SLOT_FREE || chunk_view(recorded, number, &view) || view.slot != slot_number)
		return 0;
	struct lane *lane = lane_of(recorded, journal, &view);
	if (!lane || view.sequence != lane->sequence) /* a full chunk before it is still to come */
		return 0;
	uint64_t count = read_events(recorded, journal, lane, &view);
	if (state == SLOT_ENDED) {
		arena_list_push(&arena->header->free_chunks, number, &arena_chunk(arena, number)->next);
		lane->is_alive = false;
		free_slot(arena, slot_number);
	}
	return count;
}

static void tell_losses(struct recorded *recorded, struct journal *journal)
{
	for (int reason = 0; reason < ARENA_LOSS_COUNT; reason++) {
		uint64_t lost = atomic_load_explicit(&recorded->shared.arena.header->lost[reason],
						     memory_order_relaxed);
		if (lost > recorded->lost_told[reason])
			journal_lost(journal, recorded->process, loss_names[reason],
				     lost - recorded->lost_told[reason]);
		recorded->lost_told[reason] = lost;
	}
}

uint64_t drain_process(struct recorded *recorded, struct journal *journal)
{
	uint64_t events = read_full_chunks(recorded, journal);
	uint32_t slots = slots_used(&recorded->shared.arena);
	for (uint32_t slot = 1; slot <= slots; slot++)
		events += read_slot(recorded, journal, slot);
	stack_nodes_tell(recorded, journal);
	tell_losses(recorded, journal);
	shared_arena_grow(&recorded->shared);
	return events;
}

static int by_slot_and_sequence(const void *left, const void *right)
{
	const struct chunk_view *a = left, *b = right;
	if (a->slot != b->slot)
		return a->slot < b->slot ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

uint64_t drain_rest(struct recorded *recorded, struct journal *journal)
{
	uint64_t events = read_full_chunks(recorded, journal);
	struct arena *arena = &recorded->shared.arena;
	uint32_t used = atomic_load_explicit(&arena->header->chunks_used, memory_order_relaxed);
	struct chunk_view *views = NULL;
	size_t count = 0, room = 0;

	/* A process killed between two steps leaves chunks on no list: look at all of them. */
	for (uint32_t number = 1; number <= used && number <= arena->chunk_count; number++) {
		struct chunk_view view;
		if (chunk_view(recorded, number, &view))
			continue;
		const struct lane *lane = recorded_lane(recorded, view.slot);
		if (lane->thread && lane->generation == view.generation && view.sequence < lane->sequence)
			continue; /* read before, free since */
		MEMORY_GROW(views, count, room);
		views[count++] = view;
	}
	if (count)
		qsort(views, count, sizeof *views, by_slot_and_sequence);
	for (size_t i = 0; i < count; i++) {
		struct lane *lane = lane_of(recorded, journal, &views[i]);
		if (!lane || views[i].sequence < lane->sequence)
			continue;
		if (views[i].sequence != lane->sequence)
			lane->offset = 0;
		events += read_events(recorded, journal, lane, &views[i]);
		lane->sequence = views[i].sequence + 1;
		lane->offset = 0;
	}
	free(views);
	stack_nodes_tell(recorded, journal);
	tell_losses(recorded, journal);
	return events;
}

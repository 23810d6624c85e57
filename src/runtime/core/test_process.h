/* SPDX-License-Identifier: Apache-2.0 */
/* test_process.h — for tests: the test program as a recorded process, its arena in memory of its own, without an agent.
 *
 *	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
 *	… what is to be tested …
 *	test_events_read(thread->slot, &events);
 *	test_process_end();
 *
 * The recorded times are of the monotonic clock: a tick is a nanosecond.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "record/event.h"
#include "runtime/core/room.h"
#include "runtime/core/thread_life.h"
#include "runtime/unwind/stack_walk.h"

enum { TEST_THRESHOLD_NS = 10000, TEST_TICKS_PER_SECOND = 1000000000 };

static inline void *test_pages(size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	return memory;
}

/* Bounds of the calling thread's stack, so that its frames can be walked and its writers told apart. */
static inline void test_stack_bounds(struct thread *thread)
{
	pthread_attr_t attributes;
	void *low;
	size_t size;
	assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
	assert_int_equal(pthread_attr_getstack(&attributes, &low, &size), 0);
	pthread_attr_destroy(&attributes);
	thread->stack_low = (uintptr_t)low;
	thread->stack_high = (uintptr_t)low + size;
}

/* An arena as the agent makes it, and a process that is awake in it in an epoch of its own; no thread is yet. */
static inline void test_process_wake(size_t arena_size)
{
	static uint32_t epoch = PROCESS_FIRST_EPOCH + 1000;
	static bool is_loaded;
	if (!is_loaded) {
		thread_init();
		stack_walk_init(NULL);
		is_loaded = true;
	}
	struct arena arena = {0};
	assert_int_equal(arena_lay_out(&arena, test_pages(arena_size), arena_size), 0);
	arena.header->layout_version = ARENA_LAYOUT_VERSION;
	arena.header->is_recording = 1;
	arena.header->clock = TRACE_CLOCK_MONOTONIC;
	for (int clock = 0; clock < TRACE_CLOCK_COUNT; clock++) {
		arena.header->ticks_per_second[clock] = TEST_TICKS_PER_SECOND;
		arena.header->threshold_ticks[clock] = TEST_THRESHOLD_NS;
	}
	arena.header->next_pair_ticks = UINT64_MAX; /* a test that wants clock pairs says when */
	guest_process = (struct process){.arena = arena, .pid = (uint32_t)getpid()};
	assert_int_equal(rooms_renew(arena.thread_count), 0);
	atomic_store(&quick_words.process_word, epoch++);
}

/* The same with the calling thread as its first. */
static inline struct thread *test_process_begin(size_t arena_size)
{
	test_process_wake(arena_size);
	guest_thread = (struct thread){.epoch = THREAD_NEW};
	test_stack_bounds(&guest_thread);
	struct thread *thread = thread_awake();
	assert_ptr_equal(thread, &guest_thread);
	return thread;
}

static inline void test_process_end(void)
{
	process_sleep();
	if (!guest_thread.is_blind)
		left_cpu_disarm();
	munmap(guest_process.pool.rooms, (size_t)guest_process.pool.count * ROOM_SIZE);
	munmap(guest_process.arena.header, guest_process.arena.size);
}

/* The events of one thread slot in the order in which they were written, as the agent would read them. */
enum { TEST_EVENTS_MAX = 4096 };
struct test_events {
	size_t count;
	unsigned chunks;
	struct event events[TEST_EVENTS_MAX];
};

static inline void test_chunk_read(struct test_events *events, uint32_t number, uint32_t slot)
{
	const struct chunk *chunk = arena_chunk(&guest_process.arena, number);
	if (!chunk || chunk->thread != slot)
		return;
	assert_in_range(chunk->committed, 0, CHUNK_EVENT_BYTES);
	assert_int_equal(chunk->generation, guest_process.arena.threads[slot - 1].generation);
	assert_int_equal(chunk->sequence, events->chunks);
	events->chunks++;
	struct event_registers registers = {chunk->start_ticks, 0};
	const uint8_t *at = chunk->events, *end = at + chunk->committed;
	while (at < end) {
		assert_in_range(events->count, 0, TEST_EVENTS_MAX - 1);
		assert_int_equal(event_decode(&event_schema_own, &registers, &at, end,
					      &events->events[events->count++]),
				 1);
	}
}

static inline void test_events_read(uint32_t slot, struct test_events *out_events)
{
	const struct arena *arena = &guest_process.arena;
	uint32_t full[1024], count = 0;
	out_events->count = out_events->chunks = 0;
	for (uint32_t number = (uint32_t)arena->header->full_chunks; number;
	     number = *arena_next_chunk(arena, number)) {
		assert_in_range(count, 0, 1023);
		full[count++] = number;
	}
	while (count) /* the list has the last one first */
		test_chunk_read(out_events, full[--count], slot);
	test_chunk_read(out_events, arena->threads[slot - 1].chunk, slot);
}

/* The events of the slot from the nth on, by name and their first field: "thread_start 0, lock_wait 4096". */
static inline const char *test_events_told(uint32_t slot, size_t first)
{
	static char text[4096];
	static struct test_events events;
	test_events_read(slot, &events);
	size_t used = 0;
	text[0] = 0;
	for (size_t i = first; i < events.count && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %llu", i > first ? ", " : "",
					 events.events[i].type->name,
					 (unsigned long long)events.events[i].values[0].number);
	return text;
}

static inline uint64_t test_lost(enum arena_loss reason)
{
	return atomic_load(&guest_process.arena.header->lost[reason]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* own_arena.h — the measuring program as a recorded process, its arena in memory of its own, and as its own
 * agent: what the guest does can be timed alone. Times are those of the TSC.
 */
#pragma once
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "runtime/core/process.h"
#include "runtime/core/room.h"
#include "runtime/core/thread_life.h"
#include "runtime/unwind/stack_walk.h"

static inline void *own_pages(size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

/* The calling thread begins to record. */
static inline struct thread *own_arena_begin(void)
{
	struct arena arena;
	thread_init();
	stack_walk_init(NULL);
	arena_lay_out(&arena, own_pages(ARENA_SIZE_DEFAULT), ARENA_SIZE_DEFAULT);
	arena.header->layout_version = ARENA_LAYOUT_VERSION;
	arena.header->is_recording = 1;
	arena.header->clock = TRACE_CLOCK_TSC;
	arena.header->ticks_per_second[TRACE_CLOCK_TSC] = 1; /* no wait is judged here */
	arena.header->next_pair_ticks = UINT64_MAX;
	guest_process = (struct process){.arena = arena, .pid = (uint32_t)getpid()};
	if (rooms_renew(arena.thread_count)) {
		perror("mmap");
		exit(1);
	}
	atomic_store(&quick_words.process_word, PROCESS_FIRST_EPOCH);

	pthread_attr_t attributes;
	void *low;
	size_t size;
	pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &low, &size);
	pthread_attr_destroy(&attributes);
	guest_thread.stack_low = (uintptr_t)low;
	guest_thread.stack_high = (uintptr_t)low + size;
	struct thread *thread = thread_awake();
	if (!thread) {
		fprintf(stderr, "the thread does not record\n");
		exit(1);
	}
	return thread;
}

/* What the agent does with full chunks, without reading them. Returns how many there were. */
static inline unsigned own_arena_drain(void)
{
	struct arena *arena = &guest_process.arena;
	unsigned count = 0;
	for (;; count++) {
		uint32_t number = arena_list_pop(&arena->header->full_chunks, arena, arena_next_chunk);
		if (!number)
			return count;
		arena_list_push(&arena->header->free_chunks, number, arena_next_chunk(arena, number));
	}
}

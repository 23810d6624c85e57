/* SPDX-License-Identifier: Apache-2.0 */
/* scheduler.h — Go's scheduler as far as a trace has told it: what every goroutine, processor and thread is doing now.
 *
 * Words:    goroutine, processor and thread are Go's G, P and M. A slot is a goroutine's place in `goroutines` while it lives; slots
 *           are used again. A sequence is the counter by which the runtime orders what different threads did to one thing; it
 *           counts within a generation.
 * Hostile:  all counts are bounded by go_limits; what would be more is refused by the functions that add.
 */
#pragma once
#include "trace/read/go/event_types.h"
#include "trace/read/go/id_map.h"
#include "trace/read/go/limits.h"
#include <stdbool.h>

struct go_sequence {
	uint64_t generation, count;
};

/* Whether `next` in this generation follows directly. */
static inline int go_sequence_follows(struct go_sequence last, uint64_t generation, uint64_t next)
{
	return last.generation == generation && last.count + 1 == next;
}

/* Behind a place where the trace is broken nobody knows what a goroutine does until its next status. */
enum { GO_LOST = GO_WAITING + 1 };

enum { GO_STOPS_MAX = 4 }; /* kinds of stop-the-world open at once in one goroutine */

struct go_goroutine {
	uint64_t id;
	struct go_sequence sequence;
	uint32_t stops[GO_STOPS_MAX]; /* kinds of stop-the-world it has begun: texts */
	uint32_t lane;                /* the caller's */
	uint32_t region;              /* the innermost that is open, in `regions`; 0 none */
	uint32_t region_depth;
	uint8_t status; /* enum go_goroutine_status; GO_LOST; 0: the slot is free */
	bool is_assisting;
	uint8_t stop_count;
};

struct go_processor {
	uint64_t id;
	struct go_sequence sequence;
	uint8_t status; /* enum go_processor_status */
	bool is_sweeping;
};

struct go_thread {
	uint64_t id;
	uint64_t processor, goroutine; /* ids; GO_NONE */
	uint32_t processor_slot, goroutine_slot;
};

struct go_region {
	uint64_t task;
	uint64_t start_ns;
	uint32_t name;  /* text */
	uint32_t outer; /* region; 0 none */
};

struct go_task {
	uint64_t id, parent;
	uint64_t span_id; /* of the distributed trace's span that it is; 0 none told */
	uint64_t start_ns;
	uint32_t name; /* text */
};

struct go_scheduler {
	const struct go_limits *limits;
	struct go_goroutine *goroutines;
	size_t goroutine_count, goroutine_capacity;
	uint32_t *free_slots;
	size_t free_count, free_capacity;
	struct id_map goroutine_slots;

	struct go_processor *processors;
	size_t processor_count, processor_capacity;
	struct id_map processor_slots;

	struct go_thread *threads;
	size_t thread_count, thread_capacity;
	struct id_map thread_slots;

	struct go_region *regions; /* the first is not used */
	size_t region_count, region_capacity;
	uint32_t free_region; /* chained by outer */

	struct go_task *tasks; /* open ones */
	size_t task_count, task_capacity;
	struct id_map task_slots;

	uint64_t gc_sequence;
	enum { GC_UNKNOWN, GC_OFF, GC_ON } gc;
	uint64_t first_generation; /* statuses are news in this one */
};

/* limits: borrowed. */
void go_scheduler_init(struct go_scheduler *scheduler, const struct go_limits *limits);
void go_scheduler_fini(struct go_scheduler *scheduler);

/* Something was lost: every goroutine is GO_LOST, processors and threads are unknown, and statuses are news again. */
void go_scheduler_lose(struct go_scheduler *scheduler);

/* NULL when there is none. Valid until one is added. */
static inline struct go_goroutine *go_scheduler_goroutine(struct go_scheduler *scheduler, uint64_t id)
{
	uint32_t slot = id_map_find(&scheduler->goroutine_slots, id);
	return slot == ID_MAP_NONE ? NULL : &scheduler->goroutines[slot];
}

static inline struct go_processor *go_scheduler_processor(struct go_scheduler *scheduler, uint64_t id)
{
	uint32_t slot = id_map_find(&scheduler->processor_slots, id);
	return slot == ID_MAP_NONE ? NULL : &scheduler->processors[slot];
}

static inline struct go_thread *go_scheduler_thread(struct go_scheduler *scheduler, uint64_t id)
{
	uint32_t slot = id_map_find(&scheduler->thread_slots, id);
	return slot == ID_MAP_NONE ? NULL : &scheduler->threads[slot];
}

/* New ones; NULL when there are too many. The id must be new. */
struct go_goroutine *go_scheduler_add_goroutine(struct go_scheduler *scheduler, uint64_t id);
struct go_processor *go_scheduler_add_processor(struct go_scheduler *scheduler, uint64_t id);
struct go_thread *go_scheduler_add_thread(struct go_scheduler *scheduler, uint64_t id);

void go_scheduler_remove_goroutine(struct go_scheduler *scheduler, uint32_t slot);

/* The thread now runs the goroutine, or holds the processor. */
static inline void go_thread_run(struct go_scheduler *scheduler, struct go_thread *thread,
				 const struct go_goroutine *goroutine)
{
	thread->goroutine = goroutine->id;
	thread->goroutine_slot = (uint32_t)(goroutine - scheduler->goroutines);
}

static inline void go_thread_hold(struct go_scheduler *scheduler, struct go_thread *thread,
				  const struct go_processor *processor)
{
	thread->processor = processor->id;
	thread->processor_slot = (uint32_t)(processor - scheduler->processors);
}

/* Pushes a region; -1 when they nest too deep. */
int go_goroutine_enter(struct go_scheduler *scheduler, struct go_goroutine *goroutine,
		       struct go_region region);

/* Pops the innermost, which must be there. */
struct go_region go_goroutine_leave(struct go_scheduler *scheduler, struct go_goroutine *goroutine);

/* The open task, or NULL. */
struct go_task *go_scheduler_task(struct go_scheduler *scheduler, uint64_t id);
/* -1 when there are too many. The id must be new. */
int go_scheduler_begin_task(struct go_scheduler *scheduler, struct go_task task);
void go_scheduler_end_task(struct go_scheduler *scheduler, uint64_t id);

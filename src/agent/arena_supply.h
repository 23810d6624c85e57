/* SPDX-License-Identifier: Apache-2.0 */
/* arena_supply.h — makes arenas: memory files of a fixed, sealed size, ready before a process asks.
 *
 * Threads:  supply_take and supply_refill by one thread; shared_arena_grow and _close by whoever owns the arena then.
 * Promise:  the guest never has to fault in a page of the parts that are used first while the kernel has
 *           memory.
 */
#pragma once
#include "base/error.h"
#include "record/arena.h"

/* An arena and its file. */
struct shared_arena {
	struct arena arena;
	int fd;
	uint32_t chunks_ready; /* chunks whose pages are there */
};

struct arena_terms {
	size_t size; /* bytes */
	uint64_t threshold_ns;
	enum trace_clock clock;
	uint64_t ticks_per_second[TRACE_CLOCK_COUNT];
};

enum { SUPPLY_READY = 2 };

struct arena_supply {
	struct arena_terms terms;
	struct shared_arena ready[SUPPLY_READY];
	unsigned ready_count;
};

/* One arena from the ready ones, or made now; 0 or -1. */
int supply_take(struct arena_supply *supply, struct shared_arena *out_arena, struct error *out_error);

/* Makes ready what was taken. 0, or -1 when none is ready; the next take tries again. */
int supply_refill(struct arena_supply *supply, struct error *out_error);

/* Closes the arenas that nobody took. */
void supply_close(struct arena_supply *supply);

/* Readies pages ahead of the chunks in use. */
void shared_arena_grow(struct shared_arena *shared);

void shared_arena_close(struct shared_arena *shared);

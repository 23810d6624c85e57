/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h — the memory that one recorded process shares with the agent.
 *
 *   header │ thread slots │ stack buckets │ stack nodes │ chunks
 *
 * The agent makes it as a memfd, seals its size, and sends it when the process says hello (hello.h). All of the geometry
 * follows from its size, which the guest takes from the sealed file, so neither side believes a number that the other
 * could change.
 *
 * Words:    a chunk is what one thread writes events into; `committed` grows event by event, so that the agent can read
 *           what a killed process left. A full chunk goes to the list `full`, a drained one to the list `free`, last in
 *           first out, so that few pages are ever touched. A thread slot says which chunk a thread writes now.
 *           A stack node is a frame and its parent; a stack is named by its leaf's node. Buckets are heads of hash chains
 *           of nodes.
 * Threads:  one thread writes a chunk. Lists are lock-free stacks of numbers with a tag against reuse between load and
 *           exchange.
 * Hostile:  both sides treat indices and sizes found here as written by an enemy: checked before use, loops bounded.
 * Numbers:  of slots, chunks and nodes are told from 1 where 0 means none.
 */
#pragma once
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include "record/clock.h"
#include "record/wire.h"

enum {
	ARENA_LAYOUT_VERSION = 1,
	ARENA_SIZE_MIN = 1 << 20,
	ARENA_SIZE_MAX = 1 << 30,
	ARENA_SIZE_DEFAULT = 32 << 20,
	ARENA_BUCKETS = 1 << 14,
	CHUNK_SIZE = 1024, /* small, so that 10,000 threads fit into the default arena */
	STACK_KIND_SHIFT = 56,
};

/* Why events were lost; the agent has the names. */
enum arena_loss {
	LOSS_NO_CHUNK,
	LOSS_NO_THREAD_SLOT,
	LOSS_NESTED,
	LOSS_CLOCK_CHANGED,
	LOSS_INCONSISTENT,
	ARENA_LOSS_COUNT
};

/* A lock-free stack of numbers: tag in the high half, number in the low. */
typedef _Atomic uint64_t arena_list;

struct arena_header {
	/* written by the agent before the guest sees it */
	uint32_t layout_version;
	uint32_t reserved;

	/* the agent tells */
	_Atomic uint32_t is_recording;                /* 0: the guest goes to sleep */
	_Atomic uint32_t clock;                       /* enum trace_clock for the next chunk */
	uint64_t threshold_ticks[TRACE_CLOCK_COUNT];  /* waits shorter than this are counted only */
	uint64_t ticks_per_second[TRACE_CLOCK_COUNT]; /* near enough for intervals; pairs are the truth */

	/* the guest tells */
	_Atomic uint64_t lost[ARENA_LOSS_COUNT];
	_Atomic uint64_t next_pair_ticks; /* when the process takes its next clock pair */
	_Atomic uint32_t threads_used, chunks_used,
		nodes_used; /* how many were ever taken: high-water marks */
	arena_list free_threads, free_chunks, full_chunks;
};

enum thread_slot_state { SLOT_FREE, SLOT_RUNNING, SLOT_ENDED };

struct thread_slot {
	_Atomic uint32_t
		state; /* enum thread_slot_state; ENDED by the guest, FREE by the agent once drained */
	uint32_t tid;
	_Atomic uint32_t chunk; /* number of the chunk being written, 0 none yet */
	uint32_t generation;    /* tells the users of one slot apart */
	_Atomic uint32_t next;  /* in free_threads */
	uint32_t reserved[11];
};

struct chunk {
	_Atomic uint32_t committed; /* bytes of whole events */
	uint32_t thread;            /* number of the thread slot */
	uint32_t generation;        /* of the slot when it was taken */
	uint32_t sequence;          /* counts the chunks of this thread from 0 */
	uint32_t clock;             /* enum trace_clock of its times */
	_Atomic uint32_t next;      /* in free_chunks or full_chunks */
	uint64_t start_ticks;       /* the registers' time before its first event; their address is 0 */
	uint8_t events[];
};
enum { CHUNK_EVENT_BYTES = CHUNK_SIZE - sizeof(struct chunk) };

struct stack_node {
	_Atomic uint64_t
		pc_and_kind; /* kind in the top byte (as in event stack_node); 0 until the node is whole */
	uint32_t parent;     /* number of the caller's node, 0 at the root */
	uint32_t next;       /* number of the next node in the bucket's chain */
};

_Static_assert(sizeof(struct arena_header) <= 4096 && sizeof(struct thread_slot) == 64, "layout");
_Static_assert(sizeof(struct chunk) == 32 && sizeof(struct stack_node) == 16, "layout");

/* The arena as one side has mapped it. */
struct arena {
	struct arena_header *header;
	struct thread_slot *threads; /* [thread_count], number 1 is [0] */
	_Atomic uint32_t *buckets;   /* [ARENA_BUCKETS] */
	struct stack_node *nodes;    /* [node_count] */
	uint8_t *chunks;             /* [chunk_count] of CHUNK_SIZE bytes */
	uint32_t thread_count, node_count, chunk_count;
	size_t size;
};

/* Lays the parts out over `memory`; 0, or -1 when the size is not one an arena can have. */
static inline int arena_lay_out(struct arena *out_arena, void *memory, size_t size)
{
	if (size < ARENA_SIZE_MIN || size > ARENA_SIZE_MAX || size % 4096)
		return -1;
	uint8_t *at = memory;
	struct arena arena = {.header = memory, .size = size};
	arena.thread_count = (uint32_t)(size / 2048);
	arena.node_count = (uint32_t)(size / 128);
	at += 4096;
	arena.threads = (struct thread_slot *)at;
	at += arena.thread_count * sizeof(struct thread_slot);
	arena.buckets = (_Atomic uint32_t *)at;
	at += ARENA_BUCKETS * sizeof(uint32_t);
	arena.nodes = (struct stack_node *)at;
	at += arena.node_count * sizeof(struct stack_node);
	at += -(uintptr_t)at & 4095;
	arena.chunks = at;
	arena.chunk_count = (uint32_t)((size - (size_t)(at - (uint8_t *)memory)) / CHUNK_SIZE);
	*out_arena = arena;
	return 0;
}

/* The part with this number, NULL when there is none. */
static inline struct chunk *arena_chunk(const struct arena *arena, uint32_t number)
{
	return number - 1 < arena->chunk_count
		       ? (struct chunk *)(arena->chunks + (size_t)(number - 1) * CHUNK_SIZE)
		       : NULL;
}

static inline struct thread_slot *arena_thread(const struct arena *arena, uint32_t number)
{
	return number - 1 < arena->thread_count ? &arena->threads[number - 1] : NULL;
}

static inline struct stack_node *arena_node(const struct arena *arena, uint32_t number)
{
	return number - 1 < arena->node_count ? &arena->nodes[number - 1] : NULL;
}

/* Puts a number on a list; `next` is the link inside the item it names. */
static inline void arena_list_push(arena_list *list, uint32_t number, _Atomic uint32_t *next)
{
	uint64_t head = atomic_load_explicit(list, memory_order_relaxed);
	do {
		atomic_store_explicit(next, (uint32_t)head, memory_order_relaxed);
	} while (!atomic_compare_exchange_weak_explicit(
		list, &head, (head & ~UINT64_C(0xffffffff)) + (UINT64_C(1) << 32) + number,
		memory_order_release, memory_order_relaxed));
}

/* Takes the number that was put on the list last, 0 when it is empty. next_of finds the link of a number, NULL for
 * one that cannot be (the list is broken). Bounded: other threads win between load and exchange only so often. */
static inline uint32_t arena_list_pop(arena_list *list, const struct arena *arena,
				      _Atomic uint32_t *(*next_of)(const struct arena *, uint32_t))
{
	enum { TRIES = 64 };
	uint64_t head = atomic_load_explicit(list, memory_order_acquire);
	for (int i = 0; i < TRIES && (uint32_t)head; i++) {
		_Atomic uint32_t *next = next_of(arena, (uint32_t)head);
		if (!next)
			return 0;
		uint64_t rest = (head & ~UINT64_C(0xffffffff)) + (UINT64_C(1) << 32) +
				atomic_load_explicit(next, memory_order_relaxed);
		if (atomic_compare_exchange_weak_explicit(list, &head, rest, memory_order_acquire,
							  memory_order_acquire))
			return (uint32_t)head;
	}
	return 0;
}

static inline _Atomic uint32_t *arena_next_chunk(const struct arena *arena, uint32_t number)
{
	struct chunk *chunk = arena_chunk(arena, number);
	return chunk ? &chunk->next : NULL;
}

static inline _Atomic uint32_t *arena_next_thread(const struct arena *arena, uint32_t number)
{
	struct thread_slot *slot = arena_thread(arena, number);
	return slot ? &slot->next : NULL;
}

/* A number that was never taken, 0 when all of `count` were. */
static inline uint32_t arena_take_fresh(_Atomic uint32_t *used, uint32_t count)
{
	if (atomic_load_explicit(used, memory_order_relaxed) >= count)
		return 0;
	uint32_t number = atomic_fetch_add_explicit(used, 1, memory_order_relaxed);
	return number < count ? number + 1 : 0;
}

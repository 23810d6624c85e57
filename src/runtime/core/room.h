/* SPDX-License-Identifier: Apache-2.0 */
/* room.h — what a thread needs beyond its TLS: one page of the guest's private memory, found by the number of its slot.
 *
 * Threads:  the owner of the slot only; between pthread_create and the start of the new thread, the creator.
 */
#pragma once
#include <assert.h>
#include "runtime/core/process.h"

enum {
	STACK_DEPTH_MAX = 127, /* deeper stacks keep the frames nearest to the leaf */
	MEMO_STACKS = 16,
	MEMO_DEPTH = 20, /* deeper stacks are looked up frame by frame */
};

/* A stack that was seen before, leaf first, and its node. */
struct memo_stack {
	uint16_t depth;
	uint16_t end; /* enum stack_end: the same addresses may be all, or all that was found */
	uint32_t node;
	uint32_t epoch; /* of the process: nodes of another arena mean nothing */
	uint64_t pcs[MEMO_DEPTH];
};

struct room {
	/* what a thread that is about to start has to know */
	void *(*start)(void *);
	void *argument;
	uint32_t creator_tid, creation_stack;
	size_t stack_size;

	/* unwinding; guarded by thread.writer */
	uint64_t pcs[STACK_DEPTH_MAX];
	struct memo_stack memo[MEMO_STACKS];
};
static_assert(sizeof(struct room) <= ROOM_SIZE, "one page");

static inline struct room *room_of_slot(uint32_t slot)
{
	return (struct room *)(guest_process.rooms + (size_t)(slot - 1) * ROOM_SIZE);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* memo.h — the stack that a thread walked last, so that the next walk need not be made again where nothing changed.
 *
 * Words:    frames stand root first. A frame is the state of its function: pc, rsp and rbp as its callee left them,;
 *           the pc was found at rsp - 8, and the words are listed in which all was found. `firm` counts the frames from the root on that
 *           can be recognised: each was found from the one behind it by its rule and these two words alone.
 * Why it is exact: a step is a function of pc, rsp, rbp, the rule of pc, and those two words. When a new walk comes to
 *           the state of an old frame, and all words of the frames towards the root still are what they were, then
 *           so is everything that a walk would find. Stale words in dead frames do no harm: their place follows from a
 *           state that was just found to be true.
 * Threads:  the owner's; guarded by thread.writer.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
	STACK_DEPTH_MAX = 128, /* deeper stacks keep the frames nearest to the leaf */
	MEMO_EDGES = 128,
};

struct memo_frame {
	uint64_t pc, sp, bp;
	union {
		uintptr_t
			bp_slot; /* while the walk is under way: where bp was found, 0 the callee did not save it */
		uint32_t
			words; /* afterwards: how many words this frame and those towards the root were found in */
	};
	uint32_t node; /* in the tree; of the guest's own code its caller's */
	uint32_t path; /* names the way from the root, not surely; bit 0: pc is exact, not behind a call */
};

/* A word of the stack in which a part of a frame was found: its pc, or its bp. */
struct memo_word {
	uintptr_t address;
	uint64_t value;
};

/* A node that was looked up: the tree's memory is shared by all threads, this is near. */
struct memo_edge {
	uint64_t pc_and_kind;
	uint32_t parent, node;
};

struct memo {
	uint32_t epoch; /* of the process: nodes of another arena mean nothing */
	uint32_t count; /* frames of the last walk */
	uint32_t firm;  /* … that the next may recognise */
	uint32_t kept;  /* … that the last had in common with the one before */
	uint64_t state; /* rule_cache_state of the last walk */
	uintptr_t high; /* end of the stack that the firm frames lie in */
	struct memo_frame frames[STACK_DEPTH_MAX];
	struct memo_word words[2 * STACK_DEPTH_MAX]; /* root first */
	struct memo_edge edges[MEMO_EDGES];
};
_Static_assert(sizeof(struct memo) <= 12 << 10, "a thread's memory is small");

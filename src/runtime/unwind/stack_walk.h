/* SPDX-License-Identifier: Apache-2.0 */
/* stack_walk.h — the return addresses on the calling thread's stack.
 *
 * This version follows frame pointers. The rule walk that needs none takes its place behind the same promise.
 *
 * Words:    the frame of a hook is its __builtin_frame_address(0); the first address found is the one that the hook
 *           returns to, so the function that called the hook is never missed, whether it keeps a frame pointer or not.
 * Promise:  every load lies between the frame and the end of the thread's own stack, each frame above the one before.
 *           No lock, no allocation; safe in a signal handler.
 * Ends:     STACK_WHOLE only where the program's first frame was reached; everything else says why, and is kept
 *           apart from whole stacks.
 */
#pragma once
#include "record/event_types.h"
#include "runtime/core/thread.h"

struct stack_walk {
	uint32_t depth;
	enum stack_end end;
};

/* Once, at load. */
void stack_walk_init(void);

/* Fills pcs, leaf first, with at most `most` return addresses. Always finds the first. */
struct stack_walk stack_walk(const struct thread *thread, const void *hook_frame, uint64_t *pcs,
			     uint32_t most);

/* The walk cut at the first address behind which it cannot be right. Slower: looks at the code. */
struct stack_walk stack_walk_check(struct stack_walk walk, const uint64_t *pcs);

/* SPDX-License-Identifier: Apache-2.0 */
/* stack_walk.h — the calling thread's stack, exact in any code that has unwind data, whether it keeps frame pointers or not.
 *
 * Each frame is left by the rule of its address (cfi/rule.h), taken from a cache of the whole process; where the last
 * walk of the thread met the same frames nothing is walked again (memo.h). Code without unwind data is left by its frame
 * pointer when that leads to an address that a call can have left.
 *
 * Words:    a walk begins at the function that called a hook, or where a signal interrupted the program.
 * Promise:  every load lies in memory known to be the stack (stack_memory.h), each frame above the one before. No
 *           lock, no allocation; safe in a signal handler, 3 KiB of stack where the slow lane is needed, else 0.5.
 * Ends:     STACK_WHOLE only where the unwind data say that there is no caller, or the first frame of a thread is
 *           reached; everything else says why, and is kept apart from whole stacks.
 */
#pragma once
#include <ucontext.h>
#include "record/event_types.h"
#include "runtime/core/thread.h"
#include "runtime/unwind/memo.h"

struct stack_start {
	uint64_t pc, sp, bp;
	const uint64_t
		*interrupted; /* general registers of a ucontext; NULL: the pc is behind a call of a hook */
};

/* Once, at load. own_code: an address in the object whose code no stack shows, NULL for none. */
void stack_walk_init(const void *own_code);

/* The caller of a hook, by the hook's __builtin_frame_address(0). */
static inline struct stack_start stack_start_at_hook(const void *hook_frame)
{
	const uint64_t *frame = hook_frame;
	return (struct stack_start){.pc = frame[1], .sp = (uintptr_t)(frame + 2), .bp = frame[0]};
}

/* Where the program was interrupted. */
static inline struct stack_start stack_start_at_signal(const ucontext_t *context)
{
	const uint64_t *registers = (const uint64_t *)context->uc_mcontext.gregs;
	return (struct stack_start){registers[REG_RIP], registers[REG_RSP], registers[REG_RBP], registers};
}

/* Fills the memo's frames: `kept` of them are those of the walk before. */
enum stack_end stack_walk(const struct thread *thread, struct memo *memo, struct stack_start start);

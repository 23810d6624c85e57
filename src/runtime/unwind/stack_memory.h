/* SPDX-License-Identifier: Apache-2.0 */
/* stack_memory.h — memory that is known to be a stack: the only memory that a walk reads.
 *
 * Words:    a range is a stack, or the part of one that is known. The thread's own stack and the signal stack that it is
 *           on are known whole. Any other (a coroutine's, that of a thread that libc did not make) is known up to the
 *           end of the page that rsp is in, and is probed page by page from there.
 * Promise:  between rsp and the end of a live stack all memory is there: nothing here faults, and no handler is needed.
 * Threads:  the calling thread's; safe in a signal handler.
 */
#pragma once
#include "runtime/core/thread.h"

struct stack_range {
	uintptr_t low, high;
	bool is_probed;      /* not known whole */
	unsigned pages_left; /* that may still be probed */
};

/* The range that an address is in; false when it cannot be a stack's. */
bool stack_range_find(const struct thread *thread, uint64_t sp, struct stack_range *out_range);

/* Whether the word at an address is inside, or could be found to be. */
bool stack_range_extend(struct stack_range *range, uint64_t address);

static inline bool stack_range_has(struct stack_range *range, uint64_t address)
{
	return (__builtin_expect(address - range->low <= range->high - range->low - sizeof(uint64_t), 1) ||
		stack_range_extend(range, address)) &&
	       address % sizeof(uint64_t) == 0;
}

/* Whether the kernel could read eight bytes there. One system call, 0.1 µs; false where calls of ours are not allowed. */
bool stack_memory_is_readable(uint64_t address);

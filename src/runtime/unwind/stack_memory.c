/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/stack_memory.h"
#include <errno.h>
#include <signal.h>
#include "runtime/core/syscall.h"

enum { PAGE = 4096, PAGES_PROBED_MAX = 16 };

/* The kernel copies the set before it finds that `how` means nothing. */
bool stack_memory_is_readable(uint64_t address)
{
	enum { NO_HOW = -1 };
	return syscall_6(SYS_rt_sigprocmask, NO_HOW, (long)address, 0, sizeof(uint64_t), 0, 0) == -EINVAL;
}

static bool is_between(uint64_t address, uintptr_t low, uintptr_t high)
{
	return address >= low && address < high;
}

/* The stack for signals, when the thread is on it. */
static bool signal_stack(uint64_t sp, struct stack_range *out_range)
{
	stack_t stack = {.ss_flags = SS_DISABLE};
	if (syscall_3(SYS_sigaltstack, 0, (long)&stack, 0) || stack.ss_flags & SS_DISABLE)
		return false;
	uintptr_t low = (uintptr_t)stack.ss_sp, high = low + stack.ss_size;
	if (!is_between(sp, low, high))
		return false;
	*out_range = (struct stack_range){.low = low, .high = high & -sizeof(uint64_t)};
	return true;
}

bool stack_range_find(const struct thread *thread, uint64_t sp, struct stack_range *out_range)
{
	if (sp % sizeof(uint64_t))
		return false;
	if (is_between(sp, thread->stack_low, thread->stack_high)) {
		*out_range = (struct stack_range){.low = thread->stack_low, .high = thread->stack_high};
		return true;
	}
	if (signal_stack(sp, out_range))
		return true;
	uint64_t page = sp & ~(uint64_t)(PAGE - 1);
	if (!stack_memory_is_readable(page))
		return false;
	*out_range = (struct stack_range){
		.low = page, .high = page + PAGE, .is_probed = true, .pages_left = PAGES_PROBED_MAX - 1};
	return true;
}

bool stack_range_extend(struct stack_range *range, uint64_t address)
{
	uint64_t end = address + sizeof(uint64_t);
	if (address < range->low || end < address)
		return false;
	while (range->high < end) {
		if (!range->pages_left || !stack_memory_is_readable(range->high))
			return false;
		range->pages_left--;
		range->high += PAGE;
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* direct.h — a system call made by the hook itself, in place of libc's function that does nothing else.
 *
 * Behind a system call the processor has no predictions for returns (measured, see docs/benchmarks.md: 6 ns each on one
 * with safe RET), so a hook that calls libc's function and returns itself pays one more of them than the program
 * would. With one thread in the program libc's function is the bare system call: it asks __libc_single_threaded as we
 * do here, and prepares to be cancelled only when there are more. With more the hook calls it.
 *
 * Only where every function replaced so is libc's own: another library in front of it is called as ever.
 *
 * Results:  as libc's: -1 and errno.
 * Threads:  safe in a signal handler. Errno changes only with an error.
 */
#pragma once
#include <stdbool.h>
#include "runtime/core/quick_words.h"
#include "runtime/core/syscall.h"

/* What quick_words.is_single_threaded points to: libc's word, or, until direct_allow, one that always says no. */
extern const char *direct_is_single_threaded __attribute__((visibility("hidden")));

/* Once, at load, when the functions behind the hooks are libc's own. */
void direct_allow(void);

/* Only where a thread records: there the word is set. */
static inline bool direct_is_possible(void)
{
	return *(volatile const char *)quick_words.is_single_threaded;
}

/* What libc's function would return for the kernel's answer; a failure is not on the straight path. */
long direct_failed(long error);

static inline long direct_result(long answer)
{
	return __builtin_expect((unsigned long)answer < -4095ul, 1) ? answer : direct_failed(answer);
}

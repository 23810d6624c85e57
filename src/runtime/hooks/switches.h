/* SPDX-License-Identifier: Apache-2.0 */
/* switches.h — hooks that the user has switched off (TICKBIRD_DISABLE_HOOKS).
 *
 * A hook that is off passes its call on and times nothing; it may still look whether the thread left the CPU, so that what
 * was waited there is found in the gap between the hooks that are on.
 *
 * Threads:  written once, at load.
 */
#pragma once
#include <stdbool.h>
#include "runtime/core/thread.h"

#define REAL(name, ...) HOOK_##name,
#define TIMED           REAL
#define DESCRIPTOR      REAL
#define POLL            REAL
#define EPOLL           REAL
#define WRITTEN         REAL
#define COLLECTED       REAL
enum hook_number {
#include "runtime/hooks/table.h"
	HOOK_COUNT
};
#undef REAL

extern bool hooks_off[HOOK_COUNT] __attribute__((visibility("hidden")));

static inline bool hook_is_off(enum hook_number number)
{
	return __builtin_expect(hooks_off[number], 0);
}

/* thread_awake for a hook that is on, NULL for one that is off. */
static inline struct thread *hook_thread(enum hook_number number)
{
	struct thread *thread = thread_awake();
	return thread && hook_is_off(number) ? NULL : thread;
}

/* names: with commas between; NULL none. Each names a function, or with a * at its end all that begin so. Returns whether
 * any is off. */
bool hooks_switch_off(const char *names);

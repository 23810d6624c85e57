/* SPDX-License-Identifier: Apache-2.0 */
/* load.c — the library comes into a process, and the process ends in good order. */
#include <stdlib.h>
#include "record/environment.h"
#include "runtime/core/direct.h"
#include "runtime/core/process.h"
#include "runtime/core/thread_life.h"
#include "runtime/exec/kept_environment.h"
#include "runtime/hooks/own_clock.h"
#include "runtime/hooks/real.h"
#include "runtime/hooks/switches.h"
#include "runtime/unwind/stack_walk.h"

static __attribute__((constructor)) void load(void)
{
	hooks_resolve();
	own_clock_resolve();
	bool is_any_off = hooks_switch_off(getenv(ENVIRONMENT_DISABLE_HOOKS));
	if (hooks_are_libcs() && !is_any_off)
		direct_allow();
	thread_init();
	kept_environment_init();
	process_init();
	if (process_word() !=
	    PROCESS_ASLEEP) /* a process that a filter may kill makes no call of ours, this one neither */
		stack_walk_init((const void *)load);
	thread_awake(); /* the main thread's lane begins here, not at its first wait */
}

static __attribute__((destructor)) void unload(void)
{
	thread_end();
}

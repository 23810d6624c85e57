/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/scheduler_slice.h"
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLICE_NS = 100000 }; /* the least that EEVDF takes: kernel/sched/syscalls.c, sched_setattr */

void scheduler_want_short_slices(void)
{
	struct sched_attr attributes = {
		.size = sizeof attributes, .sched_policy = SCHED_NORMAL, .sched_runtime = SLICE_NS};
	attributes.sched_nice = getpriority(PRIO_PROCESS, 0);
	syscall(SYS_sched_setattr, 0, &attributes, 0);
}

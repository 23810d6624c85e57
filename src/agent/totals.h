/* SPDX-License-Identifier: Apache-2.0 */
/* totals.h — what the kernel has counted for a recorded process's threads, told to the trace.
 *
 * Sources:  /proc/PID/task/TID/schedstat (CPU time, run-queue delay; a running thread's may be a tick old), …/status
 *           (switches), …/comm (name), and the control group's cpu.stat (throttling; versions 1 and 2).
 * Cost:     one small file a thread and call; two more when it ran since the last.
 */
#pragma once
#include "agent/recorded.h"

/* Totals, names and throttling of all lanes that ran since the last call. */
void totals_tell(struct recorded *recorded, struct journal *journal);

/* The same when the process has ended but was not waited for: the main thread's are exact then. */
void totals_tell_last(struct recorded *recorded, struct journal *journal);

/* Tells these counts as the lane's at that time. */
void totals_tell_counts(struct journal *journal, const struct lane *lane, struct trace_moment moment,
			const struct thread_counts *counts);

/* Tells the lane's name when it has another one now. */
void totals_read_name(struct recorded *recorded, struct journal *journal, struct lane *lane);

/* Tells that the lane has this name, when it had another one. */
void totals_tell_name(struct journal *journal, struct lane *lane, const void *name, size_t size);

/* The cpu.stat of a process's control group, NULL when there is none that can be read. The caller frees it. */
char *totals_throttle_path(uint32_t pid);

/* Finds the control group's file. Once a process. */
void totals_find_throttle(struct recorded *recorded);

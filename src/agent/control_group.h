/* SPDX-License-Identifier: Apache-2.0 */
/* control_group.h — the texts of the kernel about control groups, versions 1 and 2.
 *
 * Texts in, answers out: nothing is opened here.
 */
#pragma once
#include <stdint.h>

/* The path of a process's group in the text of /proc/PID/cgroup: of the hierarchy that has `controller`, or of version 2 for
 * "". NULL when there is none. The caller frees it. */
char *control_group_path(const char *groups, const char *controller);

/* How long a group was throttled since it began, in ns, by the text of its cpu.stat; 0 when that does not say. */
uint64_t control_group_throttled_ns(const char *stat);

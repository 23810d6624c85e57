/* SPDX-License-Identifier: Apache-2.0 */
/* scheduler_slice.h — how soon the calling thread is let in among others that are ready to run. */
#pragma once

/* Who may (root, CAP_SYS_NICE, RLIMIT_RTPRIO) is let in at once, before all that is not of real time. Others ask for short
 * slices: who wants little at a time gets it sooner, for every user since Linux 6.12; older kernels do not listen. For threads
 * that work for a fraction of a millisecond and then wait. */
void scheduler_come_first(void);

/* SPDX-License-Identifier: Apache-2.0 */
/* scheduler_slice.h — how soon the calling thread is let in among others that are ready to run. */
#pragma once

/* Asks for short slices: who wants little at a time gets it sooner. For every user since Linux 6.12; older kernels
 * and those with another scheduler do not listen, and nothing is changed. */
void scheduler_want_short_slices(void);

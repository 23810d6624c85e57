/* SPDX-License-Identifier: Apache-2.0 */
/* own_clock.h — the guest reads libc's own clock_gettime, not that of a library that stands before libc. */
#pragma once

/* Once, at load. Before it the kernel is asked, which is slower and as true. */
void own_clock_resolve(void);

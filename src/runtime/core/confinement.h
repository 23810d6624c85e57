/* SPDX-License-Identifier: Apache-2.0 */
/* confinement.h — the program gives up rights, and the guest does without them from that moment on.
 *
 * Words:    a process is confined when a system call filter may be on one of its threads. A filter may kill for a call
 *           that the program itself does not make, so a confined process makes none for us: syscall.h answers -EPERM.
 *           What needs none goes on: events into mapped memory, timed by the TSC. What the kernel alone knows is
 *           missing: CPU time and switches (so gaps are not explained), names of descriptors. Children are not recorded.
 *           A thread may also give up the TSC (PR_TSC_SIGSEGV, and with it SECCOMP_MODE_STRICT): the vDSO's clocks
 *           kill then too, and the process sleeps, with its children.
 * Found:    by the hooks of prctl and syscall; and at load, since filters are inherited.
 * Threads:  any; safe in a signal handler. What is given up is given up for good.
 */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* 0, or how many filters were asked for. */
extern _Atomic uint32_t guest_confined __attribute__((visibility("hidden")));

static inline bool confinement_holds(void)
{
	return __builtin_expect(atomic_load_explicit(&guest_confined, memory_order_relaxed) != 0, 0);
}

enum confinement { CONFINEMENT_NONE, CONFINEMENT_FILTER, CONFINEMENT_STRICT, CONFINEMENT_NO_CLOCK };

/* Around the program's request: programs also ask only to see what the kernel supports. */
void confinement_ask(enum confinement what);
void confinement_answer(enum confinement what, bool is_granted);

/* At load, with no system call that the loader has not made before: whether the guest may make others. It may when the
 * process has no filter, or only those that the agent has, who makes the same calls; how many those are stands in the
 * socket's name (hello.h). */
bool confinement_permits_hello(const char *socket_name);

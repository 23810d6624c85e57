/* SPDX-License-Identifier: Apache-2.0 */
/* off_cpu.h — how long, and why, a thread was off the CPU when no clock was read before.
 *
 * Since the last account (`base`) wall time passed; the thread was on the CPU for what its CPU clock says; it waited
 * in calls that were timed for `waited_ticks`. What is left was spent off the CPU in places that nobody timed.
 * A timed wait holds a little CPU time of its own (entering and leaving the kernel); how much is learnt from
 * accounts between which nothing else happened, and taken out.
 *
 * Cost:     two system calls, some 0.6 µs: only after the CPU was left, never on a straight path.
 * Unknown:  where the kernel may not be asked (confinement.h) nothing is known to have been off the CPU; a call in which
 *           the thread may have been blocked counts as one in which it was.
 * Threads:  the calling thread. Errno is kept; safe in a signal handler.
 */
#pragma once
#include "runtime/core/thread.h"

struct off_cpu {
	uint64_t now;         /* ticks */
	uint64_t ticks;       /* off the CPU and not timed, at most since last_ticks */
	uint64_t voluntary;   /* switches beyond those of the timed waits: it was blocked */
	uint64_t involuntary; /* the CPU was taken away */
	uint64_t major_faults;
};

/* Settles the account of the time since the last one, and begins a new one. */
struct off_cpu off_cpu_account(struct thread *thread);

/* How often the thread was blocked since the last account, beyond the timed waits. One system call, no account. */
uint64_t off_cpu_voluntary(struct thread *thread);

/* Whether the thread was blocked at all since its switches were counted last: when not, no call since was a wait, however
 * long it took. One system call, no account. */
bool off_cpu_was_blocked(struct thread *thread);

/* After a wait that may have been several switches (a condition and then its lock): all of them belong to waits. */
void off_cpu_forgive_switches(struct thread *thread);

/* The CPU was taken away for a moment too short to be told by itself: settles when the last account is a millisecond
 * old, so that such moments do not add up to a wrong one. */
void off_cpu_refresh(struct thread *thread, uint64_t now);

/* Enters a wait that was timed. Settles now and then, so that small errors do not add up. */
void off_cpu_add_wait(struct thread *thread, uint64_t duration);

/* SPDX-License-Identifier: Apache-2.0 */
/* left_cpu.h — has this thread left the CPU since it last looked? Answered without a clock or a system call.
 *
 * linux/rseq.h promises that the kernel clears the field rseq_cs of a thread's registered area when it preempts, migrates or
 * signals the thread while it runs outside the critical section that the field names. glibc 2.35 and later register the area
 * for every thread. So: name a section that is never executed ("arm"), and look later whether the field was cleared.
 * The kernel reads the named section at the switch and kills the process when it cannot: the library must never be unmapped.
 *
 * Where there is no area, or the program uses the field itself, every look says "left", and clocks decide.
 *
 * Threads:  the calling thread's own area only; safe in a signal handler.
 */
#pragma once
#include <stdint.h>
#include <sys/rseq.h>

extern const struct rseq_cs left_cpu_never_run __attribute__((visibility("hidden")));

/* Once, at load: finds out whether and where threads have an area. */
void left_cpu_init(void);

/* The field of the calling thread, NULL when it has none. Constant for the life of the thread. */
volatile uint64_t *left_cpu_field(void);

static inline void left_cpu_arm(volatile uint64_t *field)
{
	*field = (uintptr_t)&left_cpu_never_run;
}

static inline int left_cpu_look(const volatile uint64_t *field)
{
	return *field != (uintptr_t)&left_cpu_never_run;
}

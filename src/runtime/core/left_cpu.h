/* SPDX-License-Identifier: Apache-2.0 */
/* left_cpu.h — has this thread left the CPU since it last looked? Answered without a clock or a system call.
 *
 * linux/rseq.h promises that the kernel clears the field rseq_cs of a thread's registered area when it preempts,
 * migrates or signals the thread while it runs outside the critical section that the field names. glibc 2.35 and
 * later register the area for every thread. So: name a section that is never executed ("arm"), and look later
 * whether the field was cleared. The kernel reads the named section at the switch and kills the process when it
 * cannot: the library must never be unmapped.
 *
 * Where there is no area, or the program uses the field itself, every look says "left", and clocks decide.
 *
 * Threads:  the calling thread's own area only; safe in a signal handler.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/rseq.h>
#include "runtime/core/quick_words.h"

extern const struct rseq_cs left_cpu_never_run __attribute__((visibility("hidden")));

/* Where every thread's field lies, from its thread pointer on. Where there is no area, it is a word of the guest's own
 * that nobody arms. Looks read quick_words.left_cpu_offset, which in a process where no thread has begun is 0: that of
 * a word that is never armed either. */
extern ptrdiff_t left_cpu_offset __attribute__((visibility("hidden")));

/* Once, at load: finds out whether and where threads have an area. */
void left_cpu_init(void);

static inline volatile uint64_t *left_cpu_field(void)
{
	return (volatile uint64_t *)((char *)__builtin_thread_pointer() + left_cpu_offset);
}

/* Arms the calling thread's field. Returns whether looks will mean something: false where there is no area, or the
 * program uses the field for itself. */
bool left_cpu_begin(void);

static inline void left_cpu_arm(void)
{
	*left_cpu_field() = (uintptr_t)&left_cpu_never_run;
}

/* Gives the field back. */
static inline void left_cpu_disarm(void)
{
	*left_cpu_field() = 0;
}

/* *left_cpu_field() != &left_cpu_never_run. Written out for two reasons: behind a system call nothing overlaps, so
 * each load in the chain shows; and a compiler keeps the addresses in saved registers over the call, which costs
 * more than making them anew. */
static inline bool left_cpu_look(void)
{
	bool left;
	uintptr_t offset, never_run;
	__asm__ volatile("mov quick_words+%c3(%%rip), %1\n\t"
			 "lea left_cpu_never_run(%%rip), %2\n\t"
			 "cmp %2, %%fs:(%1)"
			 : "=@ccne"(left), "=&r"(offset), "=&r"(never_run)
			 : "i"(offsetof(struct quick_words, left_cpu_offset))
			 : "memory");
	return left;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* processes.c — how processes come to be.
 *
 * A child with a memory of its own finds the word of the process wiped and says hello by itself; only what was being
 * written when it was forked needs care. A child in our memory (vfork) stands on its parent's thread: while it does,
 * that thread records nothing.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include "runtime/core/process.h"
#include "runtime/hooks/hook.h"

/* A handler that forks in the middle of an event comes back, in the child too, to where it was being written. */
#define FORK(name)                                                                                           \
	HOOK pid_t name(void)                                                                                \
	{                                                                                                    \
		if (__builtin_expect(!guest_thread.writer, 1))                                               \
			return real_##name();                                                                \
		struct arena arena = guest_process.arena;                                                    \
		pid_t child = real_##name();                                                                 \
		if (child == 0)                                                                              \
			process_cover_arena(&arena);                                                         \
		return child;                                                                                \
	}
FORK(fork)
FORK(_Fork)
HOOK __typeof__(fork) __fork __attribute__((alias("fork")));

static __attribute__((used)) int vfork_failed(int error)
{
	errno = error;
	return -1;
}

_Static_assert(offsetof(struct thread, epoch) == 0 && sizeof guest_thread.epoch == 4, "vfork below");

/* The child returns from here first and writes over the stack, so the parent may have nothing on it: the return address
 * and the thread's epoch wait in registers, which the kernel keeps for each of the two. */
HOOK __attribute__((naked)) pid_t vfork(void)
{
	__asm__("mov guest_thread@gottpoff(%%rip), %%rdx\n\t"
		"mov %%fs:(%%rdx), %%esi\n\t"
		"movl %0, %%fs:(%%rdx)\n\t"
		"pop %%rdi\n\t"
		".cfi_adjust_cfa_offset -8\n\t"
		".cfi_register %%rip, %%rdi\n\t"
		"mov %1, %%eax\n\t"
		"syscall\n\t"
		"push %%rdi\n\t"
		".cfi_adjust_cfa_offset 8\n\t"
		".cfi_offset %%rip, -8\n\t"
		"test %%rax, %%rax\n\t"
		"jz 1f\n\t"
		"mov %%esi, %%fs:(%%rdx)\n\t"
		"js 2f\n\t"
		"1: ret\n\t"
		"2: neg %%eax\n\t"
		"mov %%eax, %%edi\n\t"
		"jmp vfork_failed"
		:
		: "i"(THREAD_LENT), "i"(SYS_vfork));
}
HOOK __typeof__(vfork) __vfork __attribute__((alias("vfork")));

/* A child that shares our memory and is not given a thread's memory of its own has the caller's. */
HOOK int clone(int (*start)(void *), void *stack, int flags, void *argument, ...)
{
	va_list rest;
	va_start(rest, argument);
	pid_t *parent_tid = va_arg(rest, pid_t *);
	void *tls = va_arg(rest, void *);
	pid_t *child_tid = va_arg(rest, pid_t *);
	va_end(rest);

	bool is_shared = (flags & CLONE_VM) && !(flags & CLONE_SETTLS);
	uint32_t epoch = guest_thread.epoch;
	if (is_shared)
		guest_thread.epoch = THREAD_LENT;
	int child = real_clone(start, stack, flags, argument, parent_tid, tls, child_tid);
	/* Without CLONE_VFORK the two go on at the same time: then this thread is the program's alone from now on. */
	if (is_shared && (child < 0 || (flags & CLONE_VFORK)))
		guest_thread.epoch = epoch;
	return child;
}
HOOK __typeof__(clone) __clone __attribute__((alias("clone")));

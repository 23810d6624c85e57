/* SPDX-License-Identifier: Apache-2.0 */
/* confinement.c — the calls by which a program gives up rights: prctl, and syscall for what has no name of its own.
 *
 * `syscall` may be the program's way to anything, futexes and clones among them: what is none of ours passes through
 * without a frame, so that it finds the stack as the program left it.
 */
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include "runtime/core/confinement.h"
#include "runtime/hooks/hook.h"

static enum confinement by_prctl(long option, long argument)
{
	if (option == PR_SET_TSC && argument == PR_TSC_SIGSEGV)
		return CONFINEMENT_NO_CLOCK;
	if (option != PR_SET_SECCOMP)
		return CONFINEMENT_NONE;
	return argument == SECCOMP_MODE_STRICT ? CONFINEMENT_STRICT : CONFINEMENT_FILTER;
}

static enum confinement by_seccomp(long operation)
{
	return operation == SECCOMP_SET_MODE_STRICT   ? CONFINEMENT_STRICT
	       : operation == SECCOMP_SET_MODE_FILTER ? CONFINEMENT_FILTER
						      : CONFINEMENT_NONE;
}

/* SYS_seccomp or SYS_prctl. */
static __attribute__((used)) long confining_syscall(long number, long a, long b, long c, long d, long e,
						    long f)
{
	enum confinement what = number == SYS_prctl ? by_prctl(a, b) : by_seccomp(a);
	confinement_ask(what);
	long result = real_syscall(number, a, b, c, d, e, f);
	confinement_answer(what, result == 0);
	return result;
}

HOOK __attribute__((naked)) long syscall(__attribute__((unused)) long number, ...)
{
	__asm__("cmp %0, %%rdi\n\t"
		"je confining_syscall\n\t"
		"cmp %1, %%rdi\n\t"
		"je confining_syscall\n\t"
		"jmp *real_syscall(%%rip)"
		:
		: "i"(SYS_seccomp), "i"(SYS_prctl));
}

HOOK int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	enum confinement what = by_prctl(option, (long)a);
	confinement_ask(what);
	int result = real_prctl(option, a, b, c, d);
	confinement_answer(what, result == 0);
	return result;
}

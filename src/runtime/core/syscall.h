/* SPDX-License-Identifier: Apache-2.0 */
/* syscall.h — system calls as the kernel gives them: no errno, no cancellation point, no hook in the way.
 *
 * Words:    program_call_… is a call that the program made, passed on; syscall_… is one of the guest's own. A confined
 *           process (confinement.h) makes none of those.
 * Results:  what the kernel returns: a value, or -errno; -EPERM for a call that was not made.
 * Threads:  safe in a signal handler.
 * Processor: x86-64, as every file of the guest that has __asm__ or <x86intrin.h> in it.
 */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include "runtime/core/confinement.h"

static inline long program_call_6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long program_call_4(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long program_call_3(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long syscall_6(long number, long a, long b, long c, long d, long e, long f)
{
	return confinement_holds() ? -EPERM : program_call_6(number, a, b, c, d, e, f);
}

static inline long syscall_3(long number, long a, long b, long c)
{
	return confinement_holds() ? -EPERM : program_call_3(number, a, b, c);
}

static inline int syscall_close(int fd)
{
	return (int)syscall_3(SYS_close, fd, 0, 0);
}

static inline int syscall_fstat(int fd, struct stat *out_stat)
{
	return (int)syscall_3(SYS_fstat, fd, (long)out_stat, 0);
}

static inline uint32_t syscall_thread_id(void)
{
	return (uint32_t)syscall_3(SYS_gettid, 0, 0, 0);
}

static inline int syscall_thread_usage(struct rusage *out_usage)
{
	return (int)syscall_3(SYS_getrusage, RUSAGE_THREAD, (long)out_usage, 0);
}

/* CPU time of the calling thread in ns, exact to the moment; 0 when the kernel refuses. */
static inline uint64_t syscall_thread_cpu_ns(void)
{
	struct timespec used;
	if (syscall_3(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, (long)&used, 0))
		return 0;
	return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

/* NULL when refused. */
static inline void *syscall_map(size_t size, int protection, int flags, int fd)
{
	long at = syscall_6(SYS_mmap, 0, (long)size, protection, flags, fd, 0);
	return at < 0 && at > -4096 ? NULL : (void *)at;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* own_clock.c — the kernel's time for the guest, whatever time another interposer (libfaketime) gives to the program. */
#include <dlfcn.h>
#include <time.h>
#include "runtime/core/syscall.h"
#include "runtime/hooks/own_clock.h"

static int ask_kernel(clockid_t clock, struct timespec *out_time)
{
	return (int)syscall_3(SYS_clock_gettime, clock, (long)out_time, 0);
}

static __typeof__(clock_gettime) *libc_clock_gettime = ask_kernel;

/* Hidden: it stands before libc's for the guest alone. */
__attribute__((visibility("hidden"))) int clock_gettime(clockid_t clock, struct timespec *out_time)
{
	return libc_clock_gettime(clock, out_time);
}

void own_clock_resolve(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	__typeof__(clock_gettime) *found =
		libc ? (__typeof__(clock_gettime) *)dlsym(libc, "clock_gettime") : NULL;
	if (found)
		libc_clock_gettime = found;
}

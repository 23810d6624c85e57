/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in front of libc's read and pwrite, and counts: preloaded by tests/preload/interposers.py. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_uint reads, writes;

__attribute__((visibility("default"))) ssize_t read(int fd, void *bytes, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);
	if (!next)
		next = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
	reads++;
	return next(fd, bytes, size);
}

__attribute__((visibility("default"))) ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	static ssize_t (*next)(int, const void *, size_t, off_t);
	if (!next)
		next = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
	writes++;
	return next(fd, bytes, size, offset);
}

__attribute__((destructor)) static void tell(void)
{
	printf("counted %u reads, %u writes\n", reads, writes);
}

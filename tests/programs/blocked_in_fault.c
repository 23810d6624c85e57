/* SPDX-License-Identifier: Apache-2.0 */
/* Touches a mapped file whose pages are on the disk only: each touch is a major fault. Argument: a folder
 * on a disk. */
#include "must.h"
#include "truth.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 16384, STRIDE = 16, TOUCHED = PAGES / STRIDE, LITTLE_NS = 2000000 };

static int file_make(void)
{
	static char block[256 * PAGE];
	int fd = MUST(open("fault.bytes", O_RDWR | O_CREAT | O_TRUNC, 0600));
	unlink("fault.bytes");
	for (int i = 0; i < (int)sizeof block; i++)
		block[i] = (char)(i * 2654435761u >> 13);
	for (int written = 0; written < PAGES; written += 256)
		MUST(LOGGED("disk", fd, write(fd, block, sizeof block)));
	MUST(LOGGED("disk", fd, fsync(fd)));
	MUST_ZERO(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
	return fd;
}

static int resident_pages(const char *bytes)
{
	static unsigned char is_resident[PAGES];
	MUST(mincore((void *)bytes, (size_t)PAGES * PAGE, is_resident));
	int count = 0;
	for (int i = 0; i < PAGES; i++)
		count += is_resident[i] & 1;
	return count;
}

static long major_faults(void)
{
	struct rusage usage;
	MUST(getrusage(RUSAGE_THREAD, &usage));
	return usage.ru_majflt;
}

static int touch(const char *bytes)
{
	int sum = 0;
	for (int i = 0; i < TOUCHED; i++)
		sum += ((volatile const char *)bytes)[(size_t)i * STRIDE * PAGE];
	return sum;
}

SCENE static int touch_the_cold_pages(const char *bytes)
{
	return LOGGED("unseen", bytes, touch(bytes));
}

static long off_cpu_ns(void)
{
	struct timespec wall, cpu;
	clock_gettime(CLOCK_MONOTONIC, &wall);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
	return (wall.tv_sec - cpu.tv_sec) * 1000000000 + wall.tv_nsec - cpu.tv_nsec;
}

int main(int argument_count, char **arguments)
{
	if (argument_count != 2 || chdir(arguments[1]) != 0) {
		fprintf(stderr, "usage: blocked_in_fault FOLDER\n");
		return 2;
	}
	int fd = file_make();
	const char *bytes =
		MUST((const char *)mmap(NULL, (size_t)PAGES * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	MUST(madvise((void *)bytes, (size_t)PAGES * PAGE, MADV_RANDOM));
	if (resident_pages(bytes) > PAGES / 2)
		truth_missing("a file system that lets go of cached pages: posix_fadvise left them resident");

	long faults_before = major_faults(), off_before_ns = off_cpu_ns();
	int sum = touch_the_cold_pages(bytes);
	if (major_faults() - faults_before < TOUCHED / 2)
		truth_missing("major faults: the pages came back from a cache");
	else if (off_cpu_ns() - off_before_ns < LITTLE_NS)
		truth_missing("a disk that takes time: the pages came back at once");
	usleep(1000);
	printf("sum %d\n", sum);
}

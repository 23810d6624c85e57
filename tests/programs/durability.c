/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a file durable again and again, until enough time went into it to be compared. Argument: a folder
 * on a disk. */
#include "must.h"
#include "truth.h"
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 400, WRITTEN = 256 * 1024, ENOUGH_MS = 100, LITTLE_MS = 5 };

SCENE static void make_durable_by_fsync(int fd)
{
	MUST(LOGGED("disk", fd, fsync(fd)));
}

SCENE static void make_durable_by_fdatasync(int fd)
{
	MUST(LOGGED("disk", fd, fdatasync(fd)));
}

static long now_ms(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argument_count, char **arguments)
{
	static char page[WRITTEN];
	if (argument_count != 2 || chdir(arguments[1]) != 0) {
		fprintf(stderr, "usage: durability FOLDER\n");
		return 2;
	}
	int fd = MUST(open("durability.bytes", O_RDWR | O_CREAT | O_TRUNC, 0600));
	unlink("durability.bytes");
	long waited_ms = 0;
	for (int round = 0; round < ROUNDS_MAX && waited_ms < ENOUGH_MS; round++) {
		page[0]++;
		MUST(pwrite(fd, page, sizeof page, 0));
		long before_ms = now_ms(CLOCK_MONOTONIC) - now_ms(CLOCK_THREAD_CPUTIME_ID);
		if (round % 2)
			make_durable_by_fsync(fd);
		else
			make_durable_by_fdatasync(fd);
		waited_ms += now_ms(CLOCK_MONOTONIC) - now_ms(CLOCK_THREAD_CPUTIME_ID) - before_ms;
	}
	if (waited_ms < LITTLE_MS)
		truth_missing("a disk that takes time: fsync of 256 KiB does not wait in this folder");
	puts("durable");
}

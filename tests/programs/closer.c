/* SPDX-License-Identifier: Apache-2.0 */
/* Takes every descriptor from 3 up for itself, as daemons do, then opens its own and waits. Argument: loop, range,
 * closefrom, or dup2, which puts stdin over all of them. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <sys/stat.h>
#include <unistd.h>

enum { LAST = 1023, AFTER_MS = 50 };

SCENE static void wait_with_nothing_open(void)
{
	pause_ms(AFTER_MS);
}

static void put_stdin_over_all(void)
{
	for (int fd = 3; fd <= LAST; fd++)
		MUST(dup2(0, fd));
}

/* Whether they all still are what they were made, then gives two of them free. */
static void check_stdin_is_over_all(void)
{
	struct stat input, other;
	int same = 0;
	MUST(fstat(0, &input));
	for (int fd = 3; fd <= LAST; fd++)
		same += fstat(fd, &other) == 0 && other.st_dev == input.st_dev &&
			other.st_ino == input.st_ino;
	printf("%d descriptors are stdin\n", same);
	MUST(close(LAST - 1));
	MUST(close(LAST));
}

int main(int argument_count, char **arguments)
{
	const char *way = argument_count == 2 ? arguments[1] : "";
	int fds[2];
	pause_ms(AFTER_MS);
	if (strcmp(way, "range") == 0) {
		MUST(close_range(3, ~0u, 0));
	} else if (strcmp(way, "closefrom") == 0) {
		closefrom(3);
	} else if (strcmp(way, "dup2") == 0) {
		put_stdin_over_all();
		wait_with_nothing_open();
		check_stdin_is_over_all();
	} else if (strcmp(way, "loop") == 0) {
		for (int fd = 3; fd <= LAST; fd++)
			close(fd);
	} else {
		fprintf(stderr, "usage: closer loop|range|closefrom|dup2\n");
		return 2;
	}
	MUST(pipe(fds));
	printf("the first free descriptors are %d and %d\n", fds[0], fds[1]);
	MUST(write(fds[1], "byte", 4));
	wait_with_nothing_open();
	char bytes[8];
	printf("read %zd\n", read(fds[0], bytes, sizeof bytes));
	fclose(stdout);
}

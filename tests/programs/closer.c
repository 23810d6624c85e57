/* SPDX-License-Identifier: Apache-2.0 */
/* Closes every descriptor from 3 up, as daemons do, then opens its own and waits. Argument: loop or range. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <unistd.h>

enum { LAST = 1023, AFTER_MS = 50 };

SCENE static void wait_with_nothing_open(void)
{
	pause_ms(AFTER_MS);
}

int main(int argument_count, char **arguments)
{
	if (argument_count != 2) {
		fprintf(stderr, "usage: closer loop|range\n");
		return 2;
	}
	int fds[2];
	pause_ms(AFTER_MS);
	if (strcmp(arguments[1], "range") == 0)
		MUST(close_range(3, ~0u, 0));
	else
		for (int fd = 3; fd <= LAST; fd++)
			close(fd);
	MUST(pipe(fds));
	printf("the first free descriptors are %d and %d\n", fds[0], fds[1]);
	MUST(write(fds[1], "byte", 4));
	wait_with_nothing_open();
	char bytes[8];
	printf("read %zd\n", read(fds[0], bytes, sizeof bytes));
	fclose(stdout);
}

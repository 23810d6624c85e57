/* SPDX-License-Identifier: Apache-2.0 */
/* start — nanoseconds from fork until the child is gone, for rows/start.py.
 *
 * usage: start exec PROGRAM      the child executes PROGRAM
 *        start fork              the child makes one hooked call and exits
 *        (then a line on standard input for each batch; turns.h)
 *
 * A batch is a few children, one after the other; the median of them counts.
 */
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "record/clock.h"
#include "turns.h"

enum { CHILDREN = 5 };

static char *program[2]; /* NULL: none */

static double one_child(void)
{
	uint64_t start = clock_monotonic_ns();
	pid_t child = fork();
	if (child == 0 && program[0])
		execv(program[0], program);
	if (child == 0)
		_exit(poll(NULL, 0, 0));
	int status;
	if (waitpid(child, &status, 0) != child || status)
		abort();
	return (double)(clock_monotonic_ns() - start);
}

static double batch(void)
{
	double took[CHILDREN];
	for (int i = 0; i < CHILDREN; i++)
		took[i] = one_child();
	return turns_median(took, CHILDREN);
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "exec") == 0) {
		program[0] = arguments[2];
	} else if (count != 2 || strcmp(arguments[1], "fork") != 0) {
		fprintf(stderr, "usage: start exec PROGRAM | start fork\n");
		return 2;
	}
	turns_take(batch);
	return 0;
}

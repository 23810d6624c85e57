/* SPDX-License-Identifier: Apache-2.0 */
/* A vfork child calls what waits while it has its parent's memory and stands on its parent's thread. Argument: exit (the
 * child ends itself), exec (it becomes another program), forked (the vfork is the first thing that a fork's child does)
 * or "sleep" which only does that (what the exec'd child is asked to do). */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 3, LENT_MS = 20, OWN_MS = 30 };

static int bytes[2];

SCENE static void lent_work(void)
{
	struct timespec duration = {.tv_nsec = LENT_MS * 1000000};
	nanosleep(&duration, NULL);
	if (write(bytes[1], "x", 1) != 1)
		_exit(98);
}

SCENE static void own_work(void)
{
	pause_ms(OWN_MS);
}

static int exit_code_of(pid_t pid)
{
	int status;
	MUST(waitpid(pid, &status, 0));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

SCENE static int lend(char **program)
{
	pid_t pid = MUST(vfork());
	if (pid == 0) {
		lent_work();
		if (program)
			execv(program[0], program);
		_exit(5);
	}
	return exit_code_of(pid);
}

static void lend_and_work(char **program)
{
	for (int round = 0; round < ROUNDS; round++) {
		char byte = 0;
		int exit_code = lend(program);
		own_work();
		MUST(read(bytes[0], &byte, 1));
		printf("child: %d, byte %c\n", exit_code, byte);
	}
	fflush(stdout);
}

int main(int argument_count, char **arguments)
{
	const char *mode = argument_count == 2 ? arguments[1] : "";
	char *program[] = {"/proc/self/exe", "sleep", NULL};
	MUST(pipe(bytes));
	if (strcmp(mode, "exit") == 0) {
		own_work();
		lend_and_work(NULL);
	} else if (strcmp(mode, "exec") == 0) {
		own_work();
		lend_and_work(program);
	} else if (strcmp(mode, "forked") == 0) {
		pid_t pid = MUST(fork());
		if (pid == 0) {
			lend_and_work(NULL);
			_exit(7);
		}
		printf("forked: %d\n", exit_code_of(pid));
	} else if (strcmp(mode, "sleep") == 0) {
		own_work();
		return 6;
	} else {
		fprintf(stderr, "usage: lender exit|exec|forked|sleep\n");
		return 2;
	}
}

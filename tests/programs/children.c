/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for children that take their time, by every call of the wait family. */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIFE_MS = 40 };

static pid_t child_start(int exit_code)
{
	pid_t pid = MUST(fork());
	if (pid == 0) {
		pause_ms(LIFE_MS);
		_exit(exit_code);
	}
	return pid;
}

SCENE static int await_by_wait(pid_t pid)
{
	int status;
	(void)pid;
	MUST(LOGGED("child", -1, wait(&status)));
	return WEXITSTATUS(status);
}

SCENE static int await_by_waitpid(pid_t pid)
{
	int status;
	MUST(LOGGED("child", pid, waitpid(pid, &status, 0)));
	return WEXITSTATUS(status);
}

SCENE static int await_by_wait3(pid_t pid)
{
	int status;
	struct rusage usage;
	(void)pid;
	MUST(LOGGED("child", -1, wait3(&status, 0, &usage)));
	return WEXITSTATUS(status);
}

SCENE static int await_by_wait4(pid_t pid)
{
	int status;
	MUST(LOGGED("child", pid, wait4(pid, &status, 0, NULL)));
	return WEXITSTATUS(status);
}

SCENE static int await_by_waitid(pid_t pid)
{
	siginfo_t answer;
	MUST(LOGGED("child", pid, waitid(P_PID, (id_t)pid, &answer, WEXITED)));
	return answer.si_status;
}

static int (*const ways[])(pid_t pid) = {await_by_wait, await_by_waitpid, await_by_wait3, await_by_wait4,
					 await_by_waitid};

int main(void)
{
	for (int way = 0; way < (int)(sizeof ways / sizeof *ways); way++)
		printf("way %d: exit code %d\n", way, ways[way](child_start(way + 1)));
}

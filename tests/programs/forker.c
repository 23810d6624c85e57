/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a child in one of the ways there are; each process sleeps a while of its own. Argument: fork,
 * exec, spawn, vfork, execve, daemon, or "sleep" which only does that (what the exec'd child is asked to
 * do). */
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARENT_MS = 30, CHILD_MS = 60 };

extern char **environ;

SCENE static void child_work(void)
{
	pause_ms(CHILD_MS);
}

SCENE static void parent_work(void)
{
	pause_ms(PARENT_MS);
}

SCENE static int await_child(pid_t pid)
{
	int status;
	MUST(LOGGED("child", pid, waitpid(pid, &status, 0)));
	return WEXITSTATUS(status);
}

static int fork_only(void)
{
	pid_t pid = MUST(fork());
	if (pid == 0) {
		child_work();
		_exit(5);
	}
	parent_work();
	return await_child(pid);
}

static int fork_then_exec(char **child)
{
	pid_t pid = MUST(fork());
	if (pid == 0) {
		execv(child[0], child);
		_exit(127);
	}
	parent_work();
	return await_child(pid);
}

static int vfork_then_exec(char **child)
{
	pid_t pid = MUST(vfork());
	if (pid == 0) {
		execv(child[0], child);
		_exit(127);
	}
	parent_work();
	return await_child(pid);
}

static int spawn(char **child)
{
	pid_t pid;
	MUST_ZERO(posix_spawn(&pid, child[0], NULL, NULL, child, environ));
	parent_work();
	return await_child(pid);
}

/* The daemon outlives its parent; the pipe tells when it is gone, since nobody can wait for it. */
static int daemonise(void)
{
	int alive[2];
	char byte;
	MUST(pipe(alive));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		close(alive[0]);
		MUST(daemon(0, 1));
		child_work();
		_exit(0);
	}
	close(alive[1]);
	int exit_code = await_child(pid);
	MUST(LOGGED("pipe", alive[0], read(alive[0], &byte, 1)));
	return exit_code;
}

int main(int argument_count, char **arguments)
{
	char *mode = argument_count == 2 ? arguments[1] : "";
	char *child[] = {"/proc/self/exe", "sleep", NULL};
	int exit_code;
	if (strcmp(mode, "fork") == 0)
		exit_code = fork_only();
	else if (strcmp(mode, "exec") == 0)
		exit_code = fork_then_exec(child);
	else if (strcmp(mode, "spawn") == 0)
		exit_code = spawn(child);
	else if (strcmp(mode, "vfork") == 0)
		exit_code = vfork_then_exec(child);
	else if (strcmp(mode, "daemon") == 0)
		exit_code = daemonise();
	else if (strcmp(mode, "execve") == 0) {
		parent_work();
		execv(child[0], child);
		return 127;
	} else if (strcmp(mode, "sleep") == 0) {
		child_work();
		return 6;
	} else {
		fprintf(stderr, "usage: forker fork|exec|spawn|vfork|execve|daemon|sleep\n");
		return 2;
	}
	printf("child: %d\n", exit_code);
}

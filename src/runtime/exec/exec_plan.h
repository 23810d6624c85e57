/* SPDX-License-Identifier: Apache-2.0 */
/* exec_plan.h — what is done before a program is run, and after it was not.
 *
 *	struct exec_plan plan;
 *	size_t room = exec_plan_make(&plan, AT_FDCWD, path, 0, environment);
 *	if (room)
 *		environment = child_environment_make(&plan.environment, alloca(room));
 *	exec_plan_tell(&plan, 0);
 *	result = real_execve(path, arguments, environment);
 *	exec_plan_undo(&plan);
 *
 * The program is looked at (program_look.h), its environment made so that it is recorded or unharmed
 * (child_environment.h), and the agent told of one that will not be recorded.
 *
 * Threads:  safe in a signal handler, in a child of vfork and in one that has not said hello; system calls only, no
 *           lock, no allocation, errno kept. A descriptor is held within a call, never between two.
 */
#pragma once
#include "runtime/exec/child_environment.h"

struct exec_plan {
	struct child_environment environment;
	const char *path;
	enum program_kind kind;
};

/* Whether there is anything to do at all. */
static inline bool exec_is_watched(void)
{
	return __builtin_expect(guest_kept_environment.is_kept, 0);
}

/* For what execveat(directory, path, …, environment, flags) would run. path: NULL when it was not found. The bytes that the
 * new environment takes, 0 when it stays as it is. */
size_t exec_plan_make(struct exec_plan *out_plan, int directory, const char *path, int flags,
		      char *const *environment);

/* Tells the agent when the program will not be recorded. child: the process that became it; 0 the calling one, which is
 * about to. */
void exec_plan_tell(const struct exec_plan *plan, int child);

/* The exec that was told has failed. */
void exec_plan_undo(const struct exec_plan *plan);

/* What execvp would run. */
const char *exec_plan_find(const char *name, char room[PROGRAM_PATH_SIZE]);

/* The process has another root: when the library is not there, commands that libc itself runs (system, popen) must not ask
 * for it. */
void exec_plan_root_changed(void);

/* SPDX-License-Identifier: Apache-2.0 */
/* exec.c — how programs are run, and what else decides whether our library loads there.
 *
 * The real function of the same name does it when the environment stays as it is, so that what another library has put
 * before libc is not passed by. Functions that libc itself runs commands by (system, popen) come through here only in
 * the shell that they start.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include "runtime/exec/exec_plan.h"
#include "runtime/hooks/hook.h"
#include "runtime/hooks/switches.h"

#define IS_WATCHED(name) (exec_is_watched() && !hook_is_off(HOOK_##name))

/* The environment that the plan gives, on the stack of the hook that uses this. */
#define PLANNED_ENVIRONMENT(plan, directory, path, flags, given)                                             \
	({                                                                                                   \
		size_t room_ = exec_plan_make(plan, directory, path, flags, given);                          \
		room_ ? child_environment_make(&(plan)->environment, __builtin_alloca(room_)) : (given);     \
	})

/* is_own: the environment is that of the process. */
static int exec_path(enum hook_number hook, const char *path, char *const arguments[], char *const given[],
		     bool is_own)
{
	struct exec_plan plan;
	char *const *environment = given;
	bool is_watched = exec_is_watched() && !hook_is_off(hook);
	if (is_watched) {
		environment = PLANNED_ENVIRONMENT(&plan, AT_FDCWD, path, 0, given);
		exec_plan_tell(&plan, 0);
	}
	int result = is_own && environment == given ? real_execv(path, arguments)
						    : real_execve(path, arguments, environment);
	if (is_watched)
		exec_plan_undo(&plan);
	return result;
}

static int exec_name(enum hook_number hook, const char *name, char *const arguments[], char *const given[],
		     bool is_own)
{
	struct exec_plan plan;
	char *const *environment = given;
	char room[PROGRAM_PATH_SIZE];
	bool is_watched = exec_is_watched() && !hook_is_off(hook);
	if (is_watched) {
		environment = PLANNED_ENVIRONMENT(&plan, AT_FDCWD, exec_plan_find(name, room), 0, given);
		exec_plan_tell(&plan, 0);
	}
	int result = is_own && environment == given ? real_execvp(name, arguments)
						    : real_execvpe(name, arguments, environment);
	if (is_watched)
		exec_plan_undo(&plan);
	return result;
}

HOOK int execve(const char *path, char *const arguments[], char *const environment[])
{
	return exec_path(HOOK_execve, path, arguments, environment, false);
}

HOOK int execv(const char *path, char *const arguments[])
{
	return exec_path(HOOK_execv, path, arguments, environ, true);
}

HOOK int execvpe(const char *name, char *const arguments[], char *const environment[])
{
	return exec_name(HOOK_execvpe, name, arguments, environment, false);
}

HOOK int execvp(const char *name, char *const arguments[])
{
	return exec_name(HOOK_execvp, name, arguments, environ, true);
}

/* The arguments of an execl, which stand one by one, as a list on the stack of the hook that uses this. behind: is done
 * with what follows the list. */
#define COLLECT(out_arguments, first, behind)                                                                \
	va_list words_;                                                                                      \
	size_t count_ = 0;                                                                                   \
	va_start(words_, first);                                                                             \
	for (const char *word_ = first; word_; word_ = va_arg(words_, const char *))                         \
		count_++;                                                                                    \
	behind;                                                                                              \
	va_end(words_);                                                                                      \
	char **out_arguments = __builtin_alloca((count_ + 1) * sizeof(char *));                              \
	va_start(words_, first);                                                                             \
	out_arguments[0] = (char *)first;                                                                    \
	for (size_t i_ = 1; i_ <= count_; i_++)                                                              \
		out_arguments[i_] = va_arg(words_, char *);                                                  \
	va_end(words_)

HOOK int execl(const char *path, const char *first, ...)
{
	COLLECT(arguments, first, (void)0);
	return exec_path(HOOK_execl, path, arguments, environ, true);
}

HOOK int execlp(const char *name, const char *first, ...)
{
	COLLECT(arguments, first, (void)0);
	return exec_name(HOOK_execlp, name, arguments, environ, true);
}

HOOK int execle(const char *path, const char *first, ...)
{
	char *const *environment;
	COLLECT(arguments, first, environment = va_arg(words_, char *const *));
	return exec_path(HOOK_execle, path, arguments, environment, false);
}

HOOK int fexecve(int fd, char *const arguments[], char *const given[])
{
	if (!IS_WATCHED(fexecve))
		return real_fexecve(fd, arguments, given);
	struct exec_plan plan;
	char *const *environment = PLANNED_ENVIRONMENT(&plan, fd, "", AT_EMPTY_PATH, given);
	exec_plan_tell(&plan, 0);
	int result = real_fexecve(fd, arguments, environment);
	exec_plan_undo(&plan);
	return result;
}

HOOK int execveat(int directory, const char *path, char *const arguments[], char *const given[], int flags)
{
	if (!IS_WATCHED(execveat))
		return real_execveat(directory, path, arguments, given, flags);
	struct exec_plan plan;
	char *const *environment = PLANNED_ENVIRONMENT(&plan, directory, path, flags, given);
	exec_plan_tell(&plan, 0);
	int result = real_execveat(directory, path, arguments, environment, flags);
	exec_plan_undo(&plan);
	return result;
}

/* Where a relative path is from depends on the file actions too: then the program is looked at in vain, or for another. */
HOOK int posix_spawn(pid_t *out_pid, const char *path, const posix_spawn_file_actions_t *actions,
		     const posix_spawnattr_t *attributes, char *const arguments[], char *const given[])
{
	if (!IS_WATCHED(posix_spawn))
		return real_posix_spawn(out_pid, path, actions, attributes, arguments, given);
	struct exec_plan plan;
	pid_t child = 0;
	char *const *environment = PLANNED_ENVIRONMENT(&plan, AT_FDCWD, path, 0, given);
	int error = real_posix_spawn(&child, path, actions, attributes, arguments, environment);
	if (error)
		return error;
	if (out_pid)
		*out_pid = child;
	exec_plan_tell(&plan, child);
	return 0;
}

HOOK int posix_spawnp(pid_t *out_pid, const char *name, const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attributes, char *const arguments[], char *const given[])
{
	if (!IS_WATCHED(posix_spawnp))
		return real_posix_spawnp(out_pid, name, actions, attributes, arguments, given);
	struct exec_plan plan;
	char room[PROGRAM_PATH_SIZE];
	pid_t child = 0;
	char *const *environment = PLANNED_ENVIRONMENT(&plan, AT_FDCWD, exec_plan_find(name, room), 0, given);
	int error = real_posix_spawnp(&child, name, actions, attributes, arguments, environment);
	if (error)
		return error;
	if (out_pid)
		*out_pid = child;
	exec_plan_tell(&plan, child);
	return 0;
}

HOOK int chroot(const char *path)
{
	int result = real_chroot(path);
	if (result == 0 && IS_WATCHED(chroot))
		exec_plan_root_changed();
	return result;
}

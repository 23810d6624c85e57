/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_child.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/memory.h"
#include "record/environment.h"

char *run_library(struct error *out_error)
{
	static const char *const places[] = {"libtickbird.so", "../lib/tickbird/libtickbird.so"};
	char program[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
	if (size < 0) {
		error_set_errno(out_error, errno,
				"cannot find out where tickbird is installed (/proc/self/exe)");
		return NULL;
	}
	program[size] = 0;
	char *name = strrchr(program, '/');
	*name = 0;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char path[2 * PATH_MAX];
		snprintf(path, sizeof path, "%s/%s", program, places[i]);
		char *library = access(path, R_OK) == 0 ? realpath(path, NULL) : NULL;
		if (library && !strpbrk(library, " :"))
			return library;
		if (library) {
			error_set(
				out_error,
				"%s: the loader cannot preload a library with a space or colon in its path; "
				"install tickbird elsewhere",
				library);
			free(library);
			return NULL;
		}
	}
	error_set(out_error,
		  "libtickbird.so is neither in %s nor in %s/../lib/tickbird; install tickbird whole",
		  program, program);
	return NULL;
}

static long system_call(long number, long a, long b, long c, long d)
{
	long result = syscall(number, a, b, c, d);
	return result < 0 ? -errno : result;
}

void run_look(struct run_program *out_program, const char *command, const char *library)
{
	const char *disabled = getenv(ENVIRONMENT_DISABLE);
	const char *found = program_find(system_call, command, getenv("PATH"), out_program->room);
	out_program->path = found ? found : command;
	out_program->kind = disabled && *disabled ? PROGRAM_DISABLED
			    : found               ? program_look(system_call, AT_FDCWD, found, 0, library)
						  : PROGRAM_UNKNOWN;
}

static char *joined(const char *first, char between, const char *second)
{
	size_t size = strlen(first) + strlen(second) + 2;
	char *text = memory_allocate(size);
	snprintf(text, size, "%s%c%s", first, between, second);
	return text;
}

static bool is_variable(const char *entry, const char *name)
{
	size_t size = strlen(name);
	return strncmp(entry, name, size) == 0 && entry[size] == '=';
}

/* Our environment with the library and the socket. The last two entries are the caller's to free, and the array. */
static char **environment_for(const char *library, const char *socket_name)
{
	size_t count = 0, used = 0;
	while (environ[count])
		count++;
	char **entries = memory_allocate((count + 3) * sizeof *entries);
	for (size_t i = 0; i < count; i++)
		if (!is_variable(environ[i], PRELOAD_VARIABLE) &&
		    !is_variable(environ[i], ENVIRONMENT_SOCKET))
			entries[used++] = environ[i];

	const char *before = getenv(PRELOAD_VARIABLE);
	char *preload =
		before && *before ? joined(before, ':', library) : memory_copy_text(library, strlen(library));
	entries[used++] = joined(PRELOAD_VARIABLE, '=', preload);
	entries[used++] = joined(ENVIRONMENT_SOCKET, '=', socket_name);
	free(preload);
	return entries;
}

static void environment_free(char **entries)
{
	size_t count = 0;
	while (entries[count])
		count++;
	free(entries[count - 1]);
	free(entries[count - 2]);
	free(entries);
}

enum { FIRST_INTERNAL_SIGNAL = 32 };

/* As the kernel has it; libc's own functions know nothing of its internal signals. */
struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

void run_signals_read(struct run_signals *out_signals)
{
	sigprocmask(SIG_SETMASK, NULL, &out_signals->mask);
	for (int i = 0; i < 2; i++) {
		struct kernel_action action = {0};
		syscall(SYS_rt_sigaction, FIRST_INTERNAL_SIGNAL + i, NULL, &action, sizeof action.mask);
		out_signals->ignores[i] = action.handler == SIG_IGN;
	}
}

static void signals_restore(const struct run_signals *signals)
{
	static const struct kernel_action ignore = {.handler = SIG_IGN};
	for (int i = 0; i < 2; i++)
		if (signals->ignores[i])
			syscall(SYS_rt_sigaction, FIRST_INTERNAL_SIGNAL + i, &ignore, NULL,
				sizeof ignore.mask);
	sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

/* In the child: becomes the command, or tells why not. posix_spawn would leave libc's own signals ignored. */
static _Noreturn void become(char *const *words, char *const *environment, const struct run_signals *signals,
			     int failure)
{
	signals_restore(signals);
	execvpe(words[0], words, environment);
	int error = errno;
	if (write(failure, &error, sizeof error) != sizeof error)
		abort();
	_exit(EXIT_CODE_NOT_FOUND);
}

enum exit_code run_child(char *const *words, const char *library, const char *socket_name,
			 const struct run_signals *signals, pid_t *out_pid, struct error *out_error)
{
	int failure[2], error = 0;
	if (pipe2(failure, O_CLOEXEC)) {
		error_set_errno(out_error, errno, "cannot make a pipe");
		return EXIT_CODE_CANNOT_RUN;
	}
	char **environment = library ? environment_for(library, socket_name) : NULL;
	pid_t pid = fork();
	if (pid == 0)
		become(words, environment ? environment : environ, signals, failure[1]);
	error = pid < 0 ? errno : 0;
	if (environment)
		environment_free(environment);
	close(failure[1]);
	if (pid > 0 && read(failure[0], &error, sizeof error) == sizeof error)
		waitpid(pid, NULL, 0);
	close(failure[0]);
	if (!error) {
		*out_pid = pid;
		return EXIT_CODE_OK;
	}
	if (error == ENOENT) {
		error_set(out_error, "%s: no such command; check the name, or give its path", words[0]);
		return EXIT_CODE_NOT_FOUND;
	}
	error_set_errno(out_error, error, "%s: cannot be run", words[0]);
	return EXIT_CODE_CANNOT_RUN;
}

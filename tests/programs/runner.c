/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program in one of all the ways there are. Arguments: the way, the environment that it gets (own, empty but for PATH,
 * cleared: without LD_PRELOAD, changed: with another library in it), the program and its arguments. "leaf" instead: exits with
 * 7. "errors": prints what each way answers when it fails. */
#include "must.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 16 };

static const char *way;
static char *words[WORDS_MAX + 1], **given;
static const char *program, *name;

static bool is_way(const char *this_one)
{
	return strcmp(way, this_one) == 0;
}

/* Becomes the program; returns when that fails. */
static void become(void)
{
	if (is_way("execve"))
		execve(program, words, given);
	if (is_way("execvpe"))
		execvpe(name, words, given);
	if (is_way("execle"))
		execle(program, words[0], words[1], words[2], words[3], NULL, given);
	if (is_way("fexecve"))
		fexecve(MUST(open(program, O_RDONLY | O_CLOEXEC)), words, given);
	if (is_way("fexecve_path"))
		fexecve(MUST(open(program, O_PATH | O_CLOEXEC)), words, given);
	if (is_way("execveat"))
		execveat(MUST(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)), program + 1, words, given, 0);
	environ = given;
	if (is_way("execv") || is_way("vfork") || is_way("signal"))
		execv(program, words);
	if (is_way("execvp"))
		execvp(name, words);
	if (is_way("execl"))
		execl(program, words[0], words[1], words[2], words[3], NULL);
	if (is_way("execlp"))
		execlp(name, words[0], words[1], words[2], words[3], NULL);
}

static void become_in_handler(int number)
{
	(void)number;
	if (fork() == 0) {
		become();
		_exit(127);
	}
}

static pid_t start_in_handler(void)
{
	/* a stack just as small as a handler's may be */
	static char stack[16 << 10];
	struct sigaction action = {.sa_handler = become_in_handler, .sa_flags = SA_ONSTACK};
	stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
	MUST(sigaltstack(&other, NULL));
	MUST(sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	return -1;
}

static pid_t start(void)
{
	pid_t pid = 0;
	if (is_way("signal"))
		return start_in_handler();
	if (is_way("posix_spawn")) {
		posix_spawn_file_actions_t actions;
		MUST_ZERO(posix_spawn_file_actions_init(&actions));
		MUST_ZERO(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0));
		MUST_ZERO(posix_spawn(&pid, program, &actions, NULL, words, given));
		posix_spawn_file_actions_destroy(&actions);
		return pid;
	}
	if (is_way("posix_spawnp")) {
		MUST_ZERO(posix_spawnp(&pid, name, NULL, NULL, words, given));
		return pid;
	}
	pid = is_way("vfork") ? vfork() : fork();
	if (pid == 0) {
		become();
		_exit(127);
	}
	return MUST(pid);
}

static void choose_environment(const char *which)
{
	static char changed[] = "LD_PRELOAD=libm.so.6";
	static char *entries[1024];
	size_t used = 0;
	if (strcmp(which, "empty") != 0)
		for (char **entry = environ; *entry && used < 1000; entry++)
			if (strcmp(which, "own") == 0 || strncmp(*entry, "LD_PRELOAD=", 11) != 0)
				entries[used++] = *entry;
	if (!used) /* or it would find nothing by name */
		entries[used++] = getenv("PATH") - strlen("PATH=");
	if (strcmp(which, "changed") == 0)
		entries[used++] = changed;
	given = entries;
}

static void show(const char *what, int error)
{
	printf("%s: %s\n", what, error ? strerrorname_np(error) : "no error");
}

static void show_errors(void)
{
	static const char *const paths[] = {"/no/such/program", "/etc/passwd", "/", "/dev/null", "",
					    "/etc/passwd/x"};
	static char *const none[] = {NULL};
	pid_t pid = 4711;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char *const arguments[] = {(char *)paths[i], NULL};
		printf("%s\n", paths[i]);
		show("execve", execve(paths[i], arguments, none) ? errno : 0);
		show("execv", execv(paths[i], arguments) ? errno : 0);
		show("execvp", execvp(paths[i], arguments) ? errno : 0);
		show("execl", execl(paths[i], "x", NULL) ? errno : 0);
		show("execle", execle(paths[i], "x", NULL, environ) ? errno : 0);
		show("execlp", execlp(paths[i], "x", NULL) ? errno : 0);
		show("execveat", execveat(AT_FDCWD, paths[i], arguments, none, 0) ? errno : 0);
		show("posix_spawn", posix_spawn(&pid, paths[i], NULL, NULL, arguments, none));
		show("posix_spawnp", posix_spawnp(&pid, paths[i], NULL, NULL, arguments, none));
		printf("pid untouched: %d\n", pid);
	}
	void *volatile nowhere = (void *)1;
	show("fexecve of nothing", fexecve(-1, none, environ) ? errno : 0);
	show("fexecve of a pipe", fexecve(0, none, environ) ? errno : 0);
	show("execve of no path", execve(nowhere, none, none) ? errno : 0);
	show("execve of no flag", execveat(AT_FDCWD, "/bin/true", none, none, -1) ? errno : 0);
	show("a name that is not on the path", execvp("no-such-program-anywhere", none) ? errno : 0);
}

int main(int count, char **arguments)
{
	if (count >= 2 && strcmp(arguments[1], "leaf") == 0)
		return 7;
	if (count == 2 && strcmp(arguments[1], "errors") == 0) {
		show_errors();
		return 0;
	}
	if (count < 4 || count > 3 + WORDS_MAX)
		return 2;
	way = arguments[1];
	choose_environment(arguments[2]);
	for (int i = 3; i < count; i++)
		words[i - 3] = arguments[i];
	program = words[0];
	const char *slash = strrchr(program, '/');
	name = slash ? slash + 1 : program;
	int status;
	MUST(waitpid(start(), &status, 0));
	printf("%s: exit code %d\n", way, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}

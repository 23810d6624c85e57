/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/symbol_worker.h"
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "symbol/demangle.h"
#include "symbol/module_cache.h"
#include "symbol/symbol_message.h"
#include "symbol/symbol_table.h"

enum { SOCKET = STDERR_FILENO + 1 };

static void put_frame(struct symbol_message *answer, const struct code_frame *frame)
{
	char *mangled = strndup(frame->name_size ? frame->name : "", frame->name_size);
	char *function = demangle(mangled ? mangled : "");
	const char *file = frame->file ? frame->file : "";
	symbol_message_put_text(answer, function, strlen(function));
	symbol_message_put_text(answer, file, strnlen(file, PATH_MAX));
	symbol_message_put_number(answer, frame->line);
	free(function);
	free(mangled);
}

/* Takes the question; -1 when it is none. */
static int answer_question(struct module_cache *modules, struct symbol_message *question,
			   struct symbol_message *answer)
{
	const char *path, *build_id;
	uint64_t file_offset, max;
	if (!symbol_message_take_text(question, &path) || !symbol_message_take_text(question, &build_id) ||
	    !symbol_message_take_number(question, &file_offset) ||
	    !symbol_message_take_number(question, &max))
		return -1;
	struct code_module *module = module_cache_borrow(modules, path, build_id);
	struct code_frame frames[SYMBOL_FRAMES_MAX];
	size_t wanted = max < SYMBOL_FRAMES_MAX ? max : SYMBOL_FRAMES_MAX;
	size_t count = module ? code_module_find(module, file_offset, frames, wanted) : 0;
	symbol_message_clear(answer);
	for (size_t i = 0; i < count; i++)
		put_frame(answer, &frames[i]);
	return 0;
}

static _Noreturn void serve(void)
{
	struct module_cache *modules = module_cache_create();
	struct symbol_message question = {0}, answer = {0};
	while (symbol_message_receive(SOCKET, &question) == 0) {
		alarm(ANSWER_SECONDS_MAX); /* its signal is what ends us */
		if (answer_question(modules, &question, &answer) || symbol_message_send(SOCKET, &answer))
			break;
		alarm(0);
	}
	_exit(0);
}

static void limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit bound;
	if (getrlimit(resource, &bound) == 0 && bound.rlim_cur > most) {
		bound.rlim_cur = most;
		setrlimit(resource, &bound);
	}
}

static void leave_parent(int socket)
{
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	const int of_terminals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGPIPE};
	for (size_t i = 0; i < sizeof of_terminals / sizeof *of_terminals; i++)
		signal(of_terminals[i], SIG_IGN);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);

	if (socket != SOCKET)
		dup2(socket, SOCKET);
	close_range(SOCKET + 1, ~0u, 0);
	unsetenv("DEBUGINFOD_URLS");
	limit(RLIMIT_CORE, 0);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ /* whose shadows count as memory */
	limit(RLIMIT_DATA, MEMORY_MAX);
#endif
}

pid_t symbol_worker_start(int *out_socket)
{
	int sockets[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
		return -1;
	fflush(NULL); /* or the child would print it again, if it dies of too little memory */
	pid_t pid = fork();
	if (pid == 0) {
		close(sockets[0]); /* or it would never hear that the other side is gone */
		leave_parent(sockets[1]);
		serve();
	}
	close(sockets[1]);
	if (pid < 0)
		close(sockets[0]);
	else
		*out_socket = sockets[0];
	return pid;
}

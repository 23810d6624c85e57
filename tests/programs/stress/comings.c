/* SPDX-License-Identifier: Apache-2.0 */
/* What comes and goes: threads, children, libraries. */
#include "must.h"
#include "stress.h"
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CHILD_CODE = 3, CHILD_PATIENCE_MS = 50 };

static void *short_life(void *kind)
{
	sleep_for(100000);
	if (kind)
		pthread_exit(NULL);
	return NULL;
}

void play_threads(struct actor *actor)
{
	while (!is_over()) {
		uint64_t kind = draw(actor, 4);
		start_thread(short_life, kind & 1 ? actor : NULL, kind & 2);
		sleep_for(1000000 + draw(actor, 8000000));
	}
}

static void count_cancel(void *unused)
{
	(void)unused;
	tally.cancels++;
}

/* Sleeps until it is cancelled. */
static void *condemned(void *unused)
{
	pthread_cleanup_push(count_cancel, NULL);
	for (;;)
		sleep_for(50000000);
	pthread_cleanup_pop(0);
	return unused;
}

void play_cancels(struct actor *actor)
{
	while (!is_over()) {
		pthread_t thread;
		void *result;
		MUST_ZERO(pthread_create(&thread, NULL, condemned, NULL));
		tally.threads++;
		sleep_for(draw(actor, 10000000));
		MUST_ZERO(pthread_cancel(thread));
		MUST_ZERO(pthread_join(thread, &result));
		if (result != PTHREAD_CANCELED)
			abort();
	}
}

/* A child's own work: threads of its own and a sleep or two. On a busy machine it may be over before a recorder has come to it:
 * then nothing is to be accounted for. Returns the exit code. */
static int child_work(void)
{
	tally.threads = 1;
	int is_counted = is_recorded(CHILD_PATIENCE_MS);
	start_thread(short_life, NULL, 0);
	sleep_for(500000);
	sleep_for(500000);
	if (is_counted)
		print_tally();
	return CHILD_CODE;
}

int child_main(void)
{
	return child_work();
}

/* In a child of fork, where only this thread is left; what the parent had counted is not the child's. */
static _Noreturn void be_forked(void)
{
	memset(&tally, 0, sizeof tally);
	_exit(child_work());
}

void play_children(struct actor *actor)
{
	char *command[] = {"/proc/self/exe", "child", NULL};
	while (!is_over()) {
		pid_t pid;
		switch (draw(actor, 4)) {
		case 0:
			pid = MUST(fork());
			if (pid == 0)
				be_forked();
			break;
		case 1:
			pid = MUST(fork());
			if (pid == 0) {
				execv(command[0], command);
				_exit(127);
			}
			break;
		case 2:
			pid = MUST(vfork());
			if (pid == 0) {
				execv(command[0], command);
				_exit(127);
			}
			break;
		default:
			MUST_ZERO(posix_spawn(&pid, command[0], NULL, NULL, command, environ));
		}
		int status;
		while (waitpid(pid, &status, 0) < 0)
			if (errno != EINTR)
				abort();
		if (!WIFEXITED(status) || WEXITSTATUS(status) != CHILD_CODE) {
			fprintf(stderr, "child %d ended with status %#x\n", pid, status);
			abort();
		}
		tally.children++;
		sleep_for(20000000 + draw(actor, 60000000));
	}
}

static char *wing_path(char *path)
{
	ssize_t size = MUST(readlink("/proc/self/exe", path, PATH_MAX - 1));
	path[size] = 0;
	return strcat(dirname(path), "/stress_wing.so");
}

void play_libraries(struct actor *actor)
{
	char space[PATH_MAX + 32];
	const char *path = wing_path(space);
	while (!is_over()) {
		void *wing = dlopen(path, draw(actor, 2) ? RTLD_NOW : RTLD_LAZY);
		int (*flap)(long) = wing ? (int (*)(long))dlsym(wing, "wing_flap") : NULL;
		if (!flap || flap(SLEEP_NS_LEAST) < 1) {
			fprintf(stderr, "%s: %s\n", path, dlerror());
			abort();
		}
		tally.interrupted++; /* its sleep may not have left the CPU */
		MUST_ZERO(dlclose(wing));
		tally.loads++;
		sleep_for(draw(actor, 3000000));
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Dies by a signal while its threads wait in different calls. Argument: KILL, SEGV, TERM, ABRT, or
 * "return". */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WAITERS = 4, BEFORE_MS = 20, LATER_MS = 100, FOREVER_S = 3600 };

static struct gate about_to_wait;
static int silent[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t tids[WAITERS];

SCENE static int read_for_ever(void)
{
	char byte;
	return LOGGED("pipe", silent[0], read(silent[0], &byte, 1)) == 1;
}

SCENE static int lock_for_ever(void)
{
	return LOGGED("lock", &lock, pthread_mutex_lock(&lock));
}

SCENE static int sleep_for_ever(void)
{
	return LOGGED("sleep", 0, sleep(FOREVER_S)) != 0;
}

SCENE static int poll_for_ever(void)
{
	struct pollfd polled = {silent[0], POLLIN, 0};
	return LOGGED("poll", silent[0], poll(&polled, 1, -1));
}

static int (*const ways[WAITERS])(void) = {read_for_ever, lock_for_ever, sleep_for_ever, poll_for_ever};

static void *waiter(void *index)
{
	pause_ms(BEFORE_MS);
	tids[(long)index] = gettid();
	gate_tell(&about_to_wait);
	ways[(long)index]();
	return NULL;
}

/* Until the kernel says that the thread sleeps. It began its wait after gate_tell, so that is where. */
static void await_blocked(pid_t tid)
{
	char path[64], text[256] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	do {
		int fd = MUST(open(path, O_RDONLY));
		ssize_t size = MUST(read(fd, text, sizeof text - 1));
		text[size] = 0;
		close(fd);
	} while (!strstr(text, ") S "));
}

/* A null pointer is meant: no instrument is to stop it by a signal of its own. */
__attribute__((no_sanitize("undefined"))) SCENE static void die(const char *how)
{
	static int *volatile nowhere;
	if (strcmp(how, "SEGV") == 0)
		*nowhere = 1;
	if (strcmp(how, "ABRT") == 0)
		abort();
	if (strcmp(how, "KILL") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(how, "TERM") == 0)
		kill(getpid(), SIGTERM);
}

int main(int argument_count, char **arguments)
{
	if (argument_count != 2) {
		fprintf(stderr, "usage: dier KILL|SEGV|TERM|ABRT|return\n");
		return 2;
	}
	gate_init(&about_to_wait);
	MUST(pipe(silent));
	MUST_ZERO(pthread_mutex_lock(&lock));
	pthread_t threads[WAITERS];
	for (long i = 0; i < WAITERS; i++)
		MUST_ZERO(pthread_create(&threads[i], NULL, waiter, (void *)i));
	for (int i = 0; i < WAITERS; i++)
		gate_await(&about_to_wait);
	for (int i = 0; i < WAITERS; i++)
		await_blocked(tids[i]);
	pause_ms(LATER_MS);
	fputs("last words\n", stderr);
	die(arguments[1]);
	return 23;
}

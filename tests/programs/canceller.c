/* SPDX-License-Identifier: Apache-2.0 */
/* Threads are cancelled in calls that wait, and at calls that would not have waited; locks and clean-up
 * must come out right. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BEFORE_MS = 10 };

static struct gate started;
static int silent[2], ready[2], sockets[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pid_t tid;
static int is_cleaned_up;

static void clean_up(void *mutex)
{
	is_cleaned_up = 1;
	if (mutex)
		MUST_ZERO(pthread_mutex_unlock(mutex));
}

/* Each of these waits until it is cancelled. */
static void in_read(void)
{
	char byte;
	MUST(read(silent[0], &byte, 1));
}

static void in_poll(void)
{
	MUST(poll(NULL, 0, -1));
}

static void in_recv(void)
{
	char byte;
	MUST(recv(sockets[0], &byte, 1, 0));
}

static void in_sleep(void)
{
	sleep(3600);
}

static void in_condition(void)
{
	MUST_ZERO(pthread_mutex_lock(&lock));
	pthread_cleanup_push(clean_up, &lock);
	pthread_cond_wait(&never, &lock);
	pthread_cleanup_pop(1);
}

/* These would not wait, but are cancellation points all the same. */
static void at_ready_read(void)
{
	char byte;
	MUST(read(ready[0], &byte, 1));
}

static void at_ready_poll(void)
{
	struct pollfd polled = {ready[0], POLLIN, 0};
	MUST(poll(&polled, 1, -1));
}

static void at_write(void)
{
	MUST(write(ready[1], "", 1));
}

/* No cancellation point: the thread goes on and ends by itself. */
static void at_free_lock(void)
{
	MUST_ZERO(pthread_mutex_lock(&lock));
	MUST_ZERO(pthread_mutex_unlock(&lock));
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
}

struct place {
	const char *name;
	void (*visit)(void);
	int is_pending_before; /* the thread cancels itself first */
};
static const struct place places[] = {
	{"read", in_read, 0},
	{"poll", in_poll, 0},
	{"recv", in_recv, 0},
	{"sleep", in_sleep, 0},
	{"condition", in_condition, 0},
	{"read with a byte there", at_ready_read, 1},
	{"poll with a byte there", at_ready_poll, 1},
	{"write", at_write, 1},
	{"free lock", at_free_lock, 1},
};

static void *victim(void *argument)
{
	const struct place *place = argument;
	pthread_cleanup_push(clean_up, NULL);
	tid = gettid();
	gate_tell(&started);
	if (place->is_pending_before)
		pthread_cancel(pthread_self());
	place->visit();
	pthread_cleanup_pop(0);
	return NULL;
}

static void await_blocked(void)
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

int main(void)
{
	gate_init(&started);
	MUST(pipe(silent));
	MUST(pipe(ready));
	MUST(write(ready[1], "", 1));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	for (const struct place *place = places; place < places + sizeof places / sizeof *places; place++) {
		pthread_t thread;
		void *result;
		is_cleaned_up = 0;
		MUST_ZERO(pthread_create(&thread, NULL, victim, (void *)place));
		gate_await(&started);
		if (!place->is_pending_before) {
			await_blocked();
			pause_ms(BEFORE_MS);
			MUST_ZERO(pthread_cancel(thread));
		}
		MUST_ZERO(LOGGED("join", thread, pthread_join(thread, &result)));
		MUST_ZERO(pthread_mutex_trylock(&lock));
		MUST_ZERO(pthread_mutex_unlock(&lock));
		printf("%s: %s, %s\n", place->name, result == PTHREAD_CANCELED ? "cancelled" : "ended",
		       is_cleaned_up ? "cleaned up" : "not cleaned up");
	}
}

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
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BEFORE_MS = 10 };

static struct gate started, may_end;
static int silent[2], ready[2], sockets[2], epoll;
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

static void at_no_sleep(void)
{
	struct timespec nothing = {0, 0};
	MUST(nanosleep(&nothing, NULL));
}

static void at_no_poll(void)
{
	MUST(poll(NULL, 0, 0));
}

static void at_select(void)
{
	struct timeval nothing = {0, 0};
	MUST(select(0, NULL, NULL, NULL, &nothing));
}

static void at_epoll(void)
{
	struct epoll_event event;
	MUST(epoll_wait(epoll, &event, 1, 0));
}

static void at_readv(void)
{
	char byte;
	struct iovec part = {&byte, 1};
	MUST(readv(ready[0], &part, 1));
}

static void at_send(void)
{
	MUST(send(sockets[1], "", 1, 0));
}

static void at_waitpid(void)
{
	waitpid(-1, NULL, WNOHANG);
}

static void at_fsync(void)
{
	fsync(ready[0]);
}

/* The lock is taken again, and the handler finds it so. */
static void at_condition(void)
{
	in_condition();
}

/* Whoever joins a thread that has ended comes by no cancellation point. */
static void *live_until_told(void *unused)
{
	gate_await(&may_end);
	return unused;
}

static void join_after_all(void *other)
{
	gate_tell(&may_end);
	MUST_ZERO(pthread_join(*(pthread_t *)other, NULL));
}

static void at_join(void)
{
	pthread_t other;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	MUST_ZERO(pthread_create(&other, NULL, live_until_told, NULL));
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	pthread_cleanup_push(join_after_all, &other);
	pthread_join(other, NULL);
	pthread_cleanup_pop(0);
}

/* Cancelled while cancelling is off, and at the next point after it is on again. */
static void at_point_after_disabled(void)
{
	char byte;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	pthread_cancel(pthread_self());
	MUST(read(ready[0], &byte, 1));
	MUST(write(ready[1], "", 1));
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	MUST(read(ready[0], &byte, 1));
}

/* At any instruction, those of whoever stands before libc too. */
static void anywhere(void)
{
	struct timespec moment = {0, 20000};
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	for (;;) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, NULL);
		poll(NULL, 0, 0);
	}
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
	enum {
		FROM_OUTSIDE,   /* once it waits */
		PENDING_BEFORE, /* the thread cancels itself first */
		BY_ITSELF,      /* when it likes */
		AT_ANY_TIME,    /* from outside, without looking what it does */
	} how;
};
static const struct place places[] = {
	{"read", in_read, FROM_OUTSIDE},
	{"poll", in_poll, FROM_OUTSIDE},
	{"recv", in_recv, FROM_OUTSIDE},
	{"sleep", in_sleep, FROM_OUTSIDE},
	{"condition", in_condition, FROM_OUTSIDE},
	{"read with a byte there", at_ready_read, PENDING_BEFORE},
	{"poll with a byte there", at_ready_poll, PENDING_BEFORE},
	{"write", at_write, PENDING_BEFORE},
	{"readv", at_readv, PENDING_BEFORE},
	{"send", at_send, PENDING_BEFORE},
	{"fsync", at_fsync, PENDING_BEFORE},
	{"nanosleep of nothing", at_no_sleep, PENDING_BEFORE},
	{"poll of nothing", at_no_poll, PENDING_BEFORE},
	{"select of nothing", at_select, PENDING_BEFORE},
	{"epoll_wait of nothing", at_epoll, PENDING_BEFORE},
	{"waitpid", at_waitpid, PENDING_BEFORE},
	{"condition, pending", at_condition, PENDING_BEFORE},
	{"join", at_join, PENDING_BEFORE},
	{"free lock", at_free_lock, PENDING_BEFORE},
	{"after cancelling was off", at_point_after_disabled, BY_ITSELF},
	{"any instruction", anywhere, AT_ANY_TIME},
	{"any instruction again", anywhere, AT_ANY_TIME},
	{"any instruction once more", anywhere, AT_ANY_TIME},
};

static void *victim(void *argument)
{
	const struct place *place = argument;
	pthread_cleanup_push(clean_up, NULL);
	tid = gettid();
	gate_tell(&started);
	if (place->how == PENDING_BEFORE)
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
	gate_init(&may_end);
	MUST(pipe(silent));
	MUST(pipe(ready));
	epoll = MUST(epoll_create1(EPOLL_CLOEXEC));
	MUST(write(ready[1], "", 1));
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	for (const struct place *place = places; place < places + sizeof places / sizeof *places; place++) {
		pthread_t thread;
		void *result;
		is_cleaned_up = 0;
		MUST_ZERO(pthread_create(&thread, NULL, victim, (void *)place));
		gate_await(&started);
		if (place->how == FROM_OUTSIDE)
			await_blocked();
		if (place->how == FROM_OUTSIDE || place->how == AT_ANY_TIME) {
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

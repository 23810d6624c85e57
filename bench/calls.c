/* SPDX-License-Identifier: Apache-2.0 */
/* calls — nanoseconds of a hooked call that does not block, for rows/calls.py.
 *
 * usage: calls SCENARIO CPU      (then a line on standard input for each batch; turns.h)
 *
 * A batch is LOOPS short loops of the call; the quickest tells what the call takes when nothing comes
 * between.
 */
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record/clock.h"
#include "turns.h"

enum { LOOPS = 64 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int fd;
static char byte;

static void lock_and_unlock(unsigned count)
{
	while (count--) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
}

static void *sleep_for_ever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* glibc locks without atomic instructions while the program has one thread. */
static void start_second_thread(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, sleep_for_ever, NULL))
		abort();
}

static void signal_nobody(unsigned count)
{
	while (count--)
		pthread_cond_signal(&condition);
}

static void open_socket(void)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		abort();
	fd = pair[0];
}

static void receive_nothing(unsigned count)
{
	while (count--)
		if (recv(fd, &byte, 1, 0) >= 0)
			abort();
}

static void read_nothing(unsigned count)
{
	while (count--)
		if (read(fd, &byte, 1) >= 0)
			abort();
}

static void open_epoll(void)
{
	fd = epoll_create1(0);
}

static void poll_at_once(unsigned count)
{
	struct epoll_event event;
	while (count--)
		epoll_wait(fd, &event, 1, 0);
}

static void open_file(void)
{
	fd = memfd_create("calls", 0);
	if (write(fd, &byte, 1) != 1)
		abort();
}

static void read_file(unsigned count)
{
	while (count--)
		if (pread(fd, &byte, 1, 0) != 1)
			abort();
}

static const struct scenario {
	const char *name;
	void (*prepare)(void);
	void (*loop)(unsigned count);
	unsigned count; /* calls, or pairs of calls, a loop: some 30 µs */
} scenarios[] = {
	{"lock", NULL, lock_and_unlock, 2000},
	{"lock-threads", start_second_thread, lock_and_unlock, 2000},
	{"signal", NULL, signal_nobody, 5000},
	{"recv", open_socket, receive_nothing, 200},
	{"read", open_socket, read_nothing, 200},
	{"epoll", open_epoll, poll_at_once, 200},
	{"file", open_file, read_file, 200},
};
static const struct scenario *scenario;

static double batch(void)
{
	uint64_t least = UINT64_MAX;
	for (int i = 0; i < LOOPS; i++) {
		uint64_t start = clock_monotonic_ns();
		scenario->loop(scenario->count);
		uint64_t took = clock_monotonic_ns() - start;
		least = took < least ? took : least;
	}
	return (double)least / scenario->count;
}

int main(int count, char **arguments)
{
	for (size_t i = 0; count == 3 && i < sizeof scenarios / sizeof *scenarios; i++)
		if (strcmp(scenarios[i].name, arguments[1]) == 0)
			scenario = &scenarios[i];
	if (!scenario) {
		fprintf(stderr, "usage: calls SCENARIO CPU\n");
		return 2;
	}
	turns_pin(arguments[2]);
	if (scenario->prepare)
		scenario->prepare();
	turns_take(batch);
	return 0;
}

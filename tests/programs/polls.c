/* SPDX-License-Identifier: Apache-2.0 */
/* Every way to wait for one of several descriptors: a byte that comes after a while, and a timeout. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

enum { AFTER_MS = 30, TIMEOUT_MS = 40 };

static struct gate ready;
static int channel[2], epoll;

SCENE static int wait_by_poll(int timeout_ms)
{
	struct pollfd polled = {channel[0], POLLIN, 0};
	return LOGGED("poll", channel[0], poll(&polled, 1, timeout_ms));
}

SCENE static int wait_by_ppoll(int timeout_ms)
{
	struct pollfd polled = {channel[0], POLLIN, 0};
	struct timespec timeout = {0, timeout_ms * 1000000};
	return LOGGED("poll", channel[0], ppoll(&polled, 1, timeout_ms < 0 ? NULL : &timeout, NULL));
}

SCENE static int wait_by_select(int timeout_ms)
{
	fd_set readable;
	FD_ZERO(&readable);
	FD_SET(channel[0], &readable);
	struct timeval timeout = {0, timeout_ms * 1000};
	return LOGGED("poll", channel[0],
		      select(channel[0] + 1, &readable, NULL, NULL, timeout_ms < 0 ? NULL : &timeout));
}

SCENE static int wait_by_pselect(int timeout_ms)
{
	fd_set readable;
	FD_ZERO(&readable);
	FD_SET(channel[0], &readable);
	struct timespec timeout = {0, timeout_ms * 1000000};
	return LOGGED("poll", channel[0],
		      pselect(channel[0] + 1, &readable, NULL, NULL, timeout_ms < 0 ? NULL : &timeout, NULL));
}

SCENE static int wait_by_epoll_wait(int timeout_ms)
{
	struct epoll_event event;
	return LOGGED("poll", epoll, epoll_wait(epoll, &event, 1, timeout_ms));
}

SCENE static int wait_by_epoll_pwait(int timeout_ms)
{
	struct epoll_event event;
	return LOGGED("poll", epoll, epoll_pwait(epoll, &event, 1, timeout_ms, NULL));
}

static int (*const ways[])(int timeout_ms) = {wait_by_poll,    wait_by_ppoll,      wait_by_select,
					      wait_by_pselect, wait_by_epoll_wait, wait_by_epoll_pwait};
enum { WAYS = sizeof ways / sizeof *ways };

static void *writer(void *unused)
{
	for (int i = 0; i < WAYS; i++) {
		gate_await(&ready);
		pause_ms(AFTER_MS);
		MUST(write(channel[1], "", 1));
	}
	return unused;
}

int main(void)
{
	gate_init(&ready);
	MUST(pipe(channel));
	epoll = MUST(epoll_create1(0));
	struct epoll_event event = {.events = EPOLLIN};
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, channel[0], &event));
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, writer, NULL));
	for (int i = 0; i < WAYS; i++) {
		char byte;
		gate_tell(&ready);
		int count = ways[i](-1);
		MUST(read(channel[0], &byte, 1));
		printf("way %d: %d with a byte, %d at the timeout\n", i, count, ways[i](TIMEOUT_MS));
	}
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that do not block, often enough to be believed not to; then one that does. With one thread, and with two, of
 * which one is cancelled in the call that blocks at last. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OFTEN = 50, BEFORE_MS = 20 };

static struct gate believed;
static int ends[2];
static void *volatile nowhere = (void *)8;

/* What calls give, and errno where it fails: the same for every one of them. */
static void say(const char *call, long value)
{
	printf("%s %ld %s\n", call, value, value < 0 ? strerror(errno) : "");
}

static void streams(int in, int out)
{
	char bytes[64] = "tick";
	struct iovec parts[2] = {{bytes, 2}, {bytes + 2, 2}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	long sum = 0;
	for (int i = 0; i < OFTEN; i++) {
		sum += MUST(write(out, bytes, 4)) + MUST(read(in, bytes, sizeof bytes));
		sum += MUST(writev(out, parts, 2)) + MUST(readv(in, parts, 2));
		sum += MUST(send(out, bytes, 4, 0)) + MUST(recv(in, bytes, sizeof bytes, 0));
		sum += MUST(sendto(out, bytes, 4, 0, NULL, 0)) +
		       MUST(recvfrom(in, bytes, sizeof bytes, 0, NULL, NULL));
		sum += MUST(sendmsg(out, &message, 0)) + MUST(recvmsg(in, &message, 0));
		sum += MUST(send(out, bytes, 4, 0)) + MUST(recv(in, bytes, sizeof bytes, MSG_PEEK)) +
		       MUST(recv(in, bytes, sizeof bytes, MSG_DONTWAIT));
	}
	printf("streams %ld bytes, %.4s\n", sum, bytes);
	for (int i = 0; i < OFTEN; i++)
		if (recv(in, bytes, 1, MSG_DONTWAIT) != -1 || errno != EAGAIN)
			say("recv of nothing", i);
	errno = 0;
	say("recv of nothing", recv(in, bytes, 1, MSG_DONTWAIT));
	say("read into nowhere", MUST(write(out, bytes, 1)) * read(in, nowhere, 1));
	say("recv", recv(in, bytes, 8, 0));
	say("write to a closed number", write(-1, bytes, 1));
}

static void files(void)
{
	char name[] = "/tmp/tickbird-straight-XXXXXX", bytes[16] = "0123456789";
	int fd = MUST(mkstemp(name)), ear = MUST(memfd_create("straight", 0));
	MUST(unlink(name));
	long sum = 0;
	for (int i = 0; i < OFTEN; i++)
		sum += MUST(pwrite(fd, bytes, 10, 10 * i)) + MUST(pread(fd, bytes, 10, 10 * i));
	for (int i = 0; i < OFTEN; i++) {
		off_t from = 10 * i;
		sum += MUST(sendfile(ear, fd, &from, 10)) + from;
	}
	say("files", sum);
	say("pread behind the end", pread(fd, bytes, 10, 10 * OFTEN));
	say("pread before the start", pread(fd, bytes, 10, -1));
	MUST(close(fd));
	MUST(close(ear));
}

static void polls(int in)
{
	int epoll = MUST(epoll_create1(0));
	struct epoll_event event = {.events = EPOLLIN}, found;
	struct pollfd polled = {in, POLLIN, 0};
	MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, in, &event));
	long sum = 0;
	for (int i = 0; i < OFTEN; i++)
		sum += MUST(epoll_wait(epoll, &found, 1, 0)) + MUST(poll(&polled, 1, 0));
	say("polls", sum);
	say("poll of memory that is none", poll(nowhere, 1, 0));
	say("epoll_wait for no event", epoll_wait(epoll, &found, 0, 0));
	MUST(close(epoll));
}

static SCENE void at_last_it_blocks(int in)
{
	char byte;
	LOGGED("network", in, MUST(read(in, &byte, 1)));
}

static void clean_up(void *unused)
{
	(void)unused;
	printf("cleaned up\n");
}

static void *reader(void *unused)
{
	char byte;
	for (int i = 0; i < OFTEN; i++)
		MUST(write(ends[1], "x", 1) + read(ends[0], &byte, 1));
	gate_tell(&believed);
	pthread_cleanup_push(clean_up, NULL);
	MUST(read(ends[0], &byte, 1));
	pthread_cleanup_pop(0);
	return unused;
}

static void cancelled(void)
{
	pthread_t thread;
	void *result;
	MUST_ZERO(pthread_create(&thread, NULL, reader, NULL));
	gate_await(&believed);
	pause_ms(BEFORE_MS);
	MUST_ZERO(pthread_cancel(thread));
	MUST_ZERO(pthread_join(thread, &result));
	printf("%s\n", result == PTHREAD_CANCELED ? "cancelled" : "not cancelled");
}

int main(void)
{
	gate_init(&believed);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	streams(ends[0], ends[1]);
	files();
	polls(ends[0]);
	fflush(stdout);
	if (!MUST(fork())) {
		pause_ms(BEFORE_MS);
		MUST(write(ends[1], "x", 1));
		_exit(0);
	}
	at_last_it_blocks(ends[0]);
	LOGGED("child", -1, MUST(wait(NULL)));
	if (!MUST(fork())) {
		streams(ends[0], ends[1]);
		return 0;
	}
	LOGGED("child", -1, MUST(wait(NULL)));
	cancelled();
	streams(ends[0], ends[1]);
	return 0;
}

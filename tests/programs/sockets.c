/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets that keep their caller waiting: silent peers, full buffers, accept without a client, connect to
 * a full backlog. */
#include "gate.h"
#include "must.h"
#include "pause.h"
#include "truth.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { AFTER_MS = 25, SENT = 65536 };

static struct gate ready;
static int pair[2], tcp_listener, unix_listener;
static struct sockaddr_in tcp_address;
static struct sockaddr_un unix_address;
static socklen_t unix_address_size;

SCENE static void wait_by_read(int fd)
{
	char byte;
	gate_tell(&ready);
	MUST(LOGGED("network", fd, read(fd, &byte, 1)));
}

SCENE static void wait_by_recv(int fd)
{
	char byte;
	gate_tell(&ready);
	MUST(LOGGED("network", fd, recv(fd, &byte, 1, 0)));
}

SCENE static void wait_by_recvfrom(int fd)
{
	char byte;
	gate_tell(&ready);
	MUST(LOGGED("network", fd, recvfrom(fd, &byte, 1, 0, NULL, NULL)));
}

SCENE static void wait_by_recvmsg(int fd)
{
	char byte;
	struct iovec piece = {&byte, 1};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	gate_tell(&ready);
	MUST(LOGGED("network", fd, recvmsg(fd, &message, 0)));
}

static void (*const ways[])(int fd) = {wait_by_read, wait_by_recv, wait_by_recvfrom, wait_by_recvmsg};
enum { WAYS = sizeof ways / sizeof *ways };

static void fill(int fd, const char *page)
{
	while (send(fd, page, SENT, MSG_DONTWAIT) > 0)
		;
}

SCENE static void send_to_a_full_buffer(int fd)
{
	static const char page[SENT];
	fill(fd, page);
	gate_tell(&ready);
	MUST(LOGGED("network", fd, send(fd, page, SENT, 0)));
}

SCENE static int wait_by_accept(void)
{
	gate_tell(&ready);
	return MUST(LOGGED("network", tcp_listener, accept(tcp_listener, NULL, NULL)));
}

SCENE static int wait_by_accept4(void)
{
	gate_tell(&ready);
	return MUST(LOGGED("network", tcp_listener, accept4(tcp_listener, NULL, NULL, SOCK_CLOEXEC)));
}

/* A Unix socket's backlog of 0 holds one connection; the next has to wait until that one was accepted. */
SCENE static void wait_by_connect(void)
{
	int first = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), second = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(connect(first, (struct sockaddr *)&unix_address, unix_address_size));
	gate_tell(&ready);
	MUST(LOGGED("network", second, connect(second, (struct sockaddr *)&unix_address, unix_address_size)));
	close(first);
	close(second);
}

static void drain(int fd)
{
	static char page[SENT];
	ssize_t size;
	do
		size = recv(fd, page, sizeof page, 0);
	while (size > 0);
}

static int connect_after_a_while(void)
{
	gate_await(&ready);
	pause_ms(AFTER_MS);
	int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(fd, (struct sockaddr *)&tcp_address, sizeof tcp_address));
	return fd;
}

static void *peer(void *unused)
{
	for (int way = 0; way < WAYS; way++) {
		gate_await(&ready);
		pause_ms(AFTER_MS);
		MUST(write(pair[1], "", 1));
	}
	int first = connect_after_a_while(), second = connect_after_a_while();
	for (int way = 0; way < WAYS; way++) {
		gate_await(&ready);
		pause_ms(AFTER_MS);
		MUST(write(first, "", 1));
	}
	gate_await(&ready);
	pause_ms(AFTER_MS);
	int third = MUST(accept(unix_listener, NULL, NULL));
	close(third);
	close(second);

	gate_await(&ready);
	pause_ms(AFTER_MS);
	drain(pair[1]);
	return unused;
}

static void listeners_open(void)
{
	tcp_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof tcp_address;
	tcp_listener = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(bind(tcp_listener, (struct sockaddr *)&tcp_address, size));
	MUST(getsockname(tcp_listener, (struct sockaddr *)&tcp_address, &size));
	MUST(listen(tcp_listener, 8));

	/* An address of the family alone is answered with a free abstract name. */
	unix_address.sun_family = AF_UNIX;
	unix_listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(bind(unix_listener, (struct sockaddr *)&unix_address, sizeof unix_address.sun_family));
	unix_address_size = sizeof unix_address;
	MUST(getsockname(unix_listener, (struct sockaddr *)&unix_address, &unix_address_size));
	MUST(listen(unix_listener, 0));
}

int main(void)
{
	gate_init(&ready);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	listeners_open();
	pthread_t thread;
	MUST_ZERO(pthread_create(&thread, NULL, peer, NULL));
	for (int way = 0; way < WAYS; way++)
		ways[way](pair[0]);
	int first = wait_by_accept(), second = wait_by_accept4();
	for (int way = 0; way < WAYS; way++)
		ways[way](first);
	wait_by_connect();
	close(first);
	close(second);
	send_to_a_full_buffer(pair[0]);
	close(pair[0]);
	MUST_ZERO(LOGGED("join", thread, pthread_join(thread, NULL)));
	printf("%d ways\n", WAYS);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* test_hello.h — for tests: says hello to an agent, as the guest does. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "record/arena.h"
#include "record/hello.h"

/* As a program says it that was just started. */
static const struct hello test_hello = {.magic = HELLO_MAGIC, .layout_version = ARENA_LAYOUT_VERSION};

static inline int test_connect(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = strlen(name);
	assert_in_range(size, 1, HELLO_ADDRESS_MAX);
	memcpy(address.sun_path + 1, name, size);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	socklen_t address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, address_size), 0);
	return fd;
}

/* The answer to a hello of so many bytes: the arena's descriptor, -1 when the agent hangs up without one. */
static inline int test_ask(const char *name, const void *hello, size_t size)
{
	int connection = test_connect(name), arena_fd = -1;
	send(connection, hello, size, MSG_NOSIGNAL); /* fails when the agent has hung up already */
	struct welcome welcome = {0};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {&welcome, sizeof welcome};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) == sizeof welcome && CMSG_FIRSTHDR(&message)) {
		assert_int_equal(welcome.magic, HELLO_MAGIC);
		assert_int_equal(welcome.layout_version, ARENA_LAYOUT_VERSION);
		memcpy(&arena_fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof arena_fd);
	}
	close(connection);
	return arena_fd;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/listener.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "record/hello.h"

static const struct arena_terms terms = {.size = ARENA_SIZE_MIN,
					 .threshold_ns = 10000,
					 .clock = TRACE_CLOCK_MONOTONIC,
					 .ticks_per_second = {1000000000, 46875000}};

static const struct hello good_hello = {.magic = HELLO_MAGIC, .layout_version = ARENA_LAYOUT_VERSION};

static int connect_to(const struct listener *listener)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = strlen(listener_name(listener));
	assert_in_range(size, 1, HELLO_ADDRESS_MAX);
	memcpy(address.sun_path + 1, listener_name(listener), size);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	socklen_t address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, address_size), 0);
	return fd;
}

/* The answer to a hello of so many bytes: the arena's descriptor, -1 when the agent hangs up without one. */
static int ask(const struct listener *listener, const void *hello, size_t size)
{
	int connection = connect_to(listener), arena_fd = -1;
	assert_int_equal(send(connection, hello, size, MSG_NOSIGNAL), size);
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

static struct newcomer *wait_for_newcomer(struct listener *listener)
{
	struct pollfd ready = {.fd = listener_fd(listener), .events = POLLIN};
	assert_int_equal(poll(&ready, 1, -1), 1);
	return listener_take(listener);
}

static void newcomer_end(struct newcomer *newcomer)
{
	shared_arena_close(&newcomer->shared);
	newcomer_destroy(newcomer);
}

static void a_hello_is_answered_with_an_arena(void **state)
{
	(void)state;
	struct error error = {""};
	struct listener *listener = listener_open(&terms, &error);
	assert_non_null(listener);
	assert_null(listener_take(listener));
	int arena_fd = ask(listener, &good_hello, sizeof good_hello);
	assert_true(arena_fd >= 0);
	assert_true(fcntl(arena_fd, F_GET_SEALS) & F_SEAL_SHRINK);
	struct newcomer *newcomer = wait_for_newcomer(listener);
	assert_non_null(newcomer);
	assert_null(newcomer->next);
	assert_int_equal(newcomer->pid, getpid());
	assert_int_equal(newcomer->forked_from, 0);
	assert_in_range(newcomer->ticks, 1, clock_monotonic_ns());
	assert_non_null(strstr(newcomer->mappings, newcomer->executable)); /* read while it stood still */
	assert_in_range(newcomer->command_size, 1, 4096);
	/* Both have the same memory. */
	uint32_t value = 77;
	assert_int_equal(pwrite(arena_fd, &value, sizeof value, offsetof(struct arena_header, chunks_used)),
			 4);
	assert_int_equal(newcomer->shared.arena.header->chunks_used, 77);
	close(arena_fd);
	newcomer_end(newcomer);
	listener_close(listener);
}

static void a_forked_child_is_not_read_again(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	struct hello hello = good_hello;
	hello.forked_from = 4711;
	close(ask(listener, &hello, sizeof hello));
	struct newcomer *newcomer = wait_for_newcomer(listener);
	assert_int_equal(newcomer->forked_from, 4711);
	assert_null(newcomer->mappings);
	assert_null(newcomer->executable);
	newcomer_end(newcomer);
	listener_close(listener);
}

static void what_is_no_hello_gets_no_arena_and_disturbs_nobody(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	struct hello hello = good_hello;
	hello.magic ^= 1;
	assert_int_equal(ask(listener, &hello, sizeof hello), -1);
	hello = good_hello;
	hello.layout_version++;
	assert_int_equal(ask(listener, &hello, sizeof hello), -1);
	assert_int_equal(ask(listener, &good_hello, sizeof good_hello - 1), -1);
	assert_int_equal(ask(listener, "", 1), -1);
	close(connect_to(listener)); /* hangs up at once */
	int silent = connect_to(listener);
	assert_null(listener_take(listener));

	int arena_fd = ask(listener, &good_hello, sizeof good_hello);
	assert_true(arena_fd >= 0);
	close(arena_fd);
	close(silent);
	struct newcomer *newcomer = wait_for_newcomer(listener);
	assert_null(newcomer->next);
	newcomer_end(newcomer);
	listener_close(listener);
}

static void newcomers_come_in_order_and_carry_the_clock_of_their_time(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	struct hello hello = good_hello;
	for (hello.forked_from = 1; hello.forked_from <= 3; hello.forked_from++) {
		if (hello.forked_from == 3) {
			/* Answered after new arenas were made ready for those that were taken. */
			assert_int_equal(ask(listener, "", 1), -1);
			listener_set_clock(listener, TRACE_CLOCK_TSC);
		}
		int arena_fd = ask(listener, &hello, sizeof hello);
		assert_true(arena_fd >= 0);
		close(arena_fd);
	}
	uint32_t expected = 1;
	while (expected <= 3) {
		for (struct newcomer *newcomer = wait_for_newcomer(listener), *next; newcomer;
		     newcomer = next) {
			next = newcomer->next;
			assert_int_equal(newcomer->forked_from, expected);
			assert_int_equal(newcomer->shared.arena.header->clock,
					 expected == 3 ? TRACE_CLOCK_TSC : TRACE_CLOCK_MONOTONIC);
			newcomer_end(newcomer);
			expected++;
		}
	}
	listener_close(listener);
}

/* With newcomers that nobody took; the sanitizer of addresses finds what is left. */
static void closing_frees_everything(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	for (int i = 0; i < 3; i++)
		close(ask(listener, &good_hello, sizeof good_hello));
	listener_close(listener);
	int fds = 0;
	for (int fd = 3; fd < 100; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && fcntl(fd, F_GET_SEALS) > 0)
			fds++;
	assert_int_equal(fds, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_is_answered_with_an_arena),
		cmocka_unit_test(a_forked_child_is_not_read_again),
		cmocka_unit_test(what_is_no_hello_gets_no_arena_and_disturbs_nobody),
		cmocka_unit_test(newcomers_come_in_order_and_carry_the_clock_of_their_time),
		cmocka_unit_test(closing_frees_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/listener.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/test_hello.h"
#include "base/program_look.h"

static const struct arena_terms terms = {.size = ARENA_SIZE_MIN,
					 .threshold_ns = 10000,
					 .clock = TRACE_CLOCK_MONOTONIC,
					 .ticks_per_second = {1000000000, 46875000}};

static struct newcomer *wait_for_newcomer(struct listener *listener)
{
	struct pollfd ready = {.fd = listener_fd(listener), .events = POLLIN};
	assert_int_equal(poll(&ready, 1, -1), 1);
	return listener_take(listener);
}

static void newcomer_end(struct newcomer *newcomer)
{
	shared_arena_close(&newcomer->shared);
	close(newcomer->pidfd);
	newcomer_destroy(newcomer);
}

static void a_hello_is_answered_with_an_arena(void **state)
{
	(void)state;
	struct error error = {""};
	struct listener *listener = listener_open(&terms, &error);
	assert_non_null(listener);
	assert_null(listener_take(listener));
	int arena_fd = test_ask(listener_name(listener), &test_hello, sizeof test_hello);
	assert_true(arena_fd >= 0);
	assert_true(fcntl(arena_fd, F_GET_SEALS) & F_SEAL_SHRINK);
	struct newcomer *newcomer = wait_for_newcomer(listener);
	assert_non_null(newcomer);
	assert_null(newcomer->next);
	assert_int_equal(newcomer->pid, getpid());
	assert_int_equal(newcomer->forked_from, 0);
	assert_in_range(newcomer->start.ticks, 1, clock_monotonic_ns());
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
	struct hello hello = test_hello;
	hello.forked_from = 4711;
	close(test_ask(listener_name(listener), &hello, sizeof hello));
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
	struct hello hello = test_hello;
	hello.magic ^= 1;
	assert_int_equal(test_ask(listener_name(listener), &hello, sizeof hello), -1);
	hello = test_hello;
	hello.layout_version++;
	assert_int_equal(test_ask(listener_name(listener), &hello, sizeof hello), -1);
	assert_int_equal(test_ask(listener_name(listener), &test_hello, sizeof test_hello - 1), -1);
	assert_int_equal(test_ask(listener_name(listener), "", 1), -1);
	close(test_connect(listener_name(listener))); /* hangs up at once */
	int silent = test_connect(listener_name(listener));
	assert_null(listener_take(listener));

	int arena_fd = test_ask(listener_name(listener), &test_hello, sizeof test_hello);
	assert_true(arena_fd >= 0);
	close(arena_fd);
	close(silent);
	struct newcomer *newcomer = wait_for_newcomer(listener);
	assert_null(newcomer->next);
	newcomer_end(newcomer);
	listener_close(listener);
}

static void a_process_of_another_version_is_counted(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	struct hello hello = test_hello;
	hello.layout_version++;
	assert_int_equal(test_ask(listener_name(listener), &hello, sizeof hello), -1);
	assert_null(wait_for_newcomer(listener));
	assert_int_equal(listener_take_refused(listener), 1);
	assert_int_equal(listener_take_refused(listener), 0);
	listener_close(listener);
}

/* In a process of its own, which may have no descriptor beyond those that are open when the child asks. */
static void without_descriptors_processes_are_sent_away_at_once_and_counted(void **state)
{
	(void)state;
	enum { ASKED = 20 };
	struct listener *listener = listener_open(&terms, NULL);
	struct rlimit before, none;
	getrlimit(RLIMIT_NOFILE, &before);
	int answers[2];
	assert_int_equal(pipe(answers), 0);
	none = (struct rlimit){(rlim_t)answers[1] + 1, before.rlim_max};

	char name[HELLO_ADDRESS_MAX];
	snprintf(name, sizeof name, "%s", listener_name(listener));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	pid_t child = fork();
	if (!child) {
		setrlimit(RLIMIT_NOFILE, &before);
		uint64_t start = clock_monotonic_ns();
		int welcomed = 0;
		for (int i = 0; i < ASKED; i++)
			welcomed += test_ask(name, &test_hello, sizeof test_hello) >= 0;
		/* Nobody waits for a time-out. */
		uint64_t each_ms = (clock_monotonic_ns() - start) / ASKED / 1000000;
		_exit(welcomed ? 1 : each_ms < HELLO_WAIT_US / 1000 ? 0 : 2);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_null(listener_take(listener));
	assert_int_equal(listener_take_refused(listener), ASKED);

	/* With descriptors again everything is as before. */
	close(answers[0]);
	close(answers[1]);
	int arena_fd = test_ask(listener_name(listener), &test_hello, sizeof test_hello);
	assert_true(arena_fd >= 0);
	close(arena_fd);
	newcomer_end(wait_for_newcomer(listener));
	listener_close(listener);
}

static void newcomers_come_in_order_and_carry_the_clock_of_their_time(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	struct hello hello = test_hello;
	for (hello.forked_from = 1; hello.forked_from <= 3; hello.forked_from++) {
		if (hello.forked_from == 3) {
			/* Answered after new arenas were made ready for those that were taken. */
			assert_int_equal(test_ask(listener_name(listener), "", 1), -1);
			listener_set_clock(listener, TRACE_CLOCK_TSC);
		}
		int arena_fd = test_ask(listener_name(listener), &hello, sizeof hello);
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
		close(test_ask(listener_name(listener), &test_hello, sizeof test_hello));
	listener_close(listener);
	int fds = 0;
	for (int fd = 3; fd < 100; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && fcntl(fd, F_GET_SEALS) > 0)
			fds++;
	assert_int_equal(fds, 0);
}

static struct unseen_notice notice_of(const char *path)
{
	struct unseen_notice notice = {
		.magic = UNSEEN_MAGIC, .layout_version = ARENA_LAYOUT_VERSION, .kind = PROGRAM_STATIC};
	strcpy(notice.path, path);
	return notice;
}

static void a_notice_is_handed_on_with_its_path_from_the_root(void **state)
{
	(void)state;
	static const struct {
		const char *told, *expected;
	} paths[] = {{"/bin/alone", "/bin/alone"},
		     {"alone", "%s/alone"},
		     {"./a/../alone", "%s/a/../alone"},
		     {"", ""}};
	char folder[4096], expected[5000];
	assert_non_null(getcwd(folder, sizeof folder));
	struct listener *listener = listener_open(&terms, NULL);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct unseen_notice notice = notice_of(paths[i].told);
		notice.pid = 4711;
		assert_int_equal(test_ask(listener_name(listener), &notice, sizeof notice),
				 -1); /* no answer */
		struct newcomer *newcomer = wait_for_newcomer(listener);
		assert_true(newcomer->is_notice);
		assert_int_equal(newcomer->pid, getpid());
		assert_int_equal(newcomer->child, 4711);
		assert_int_equal(newcomer->notice_kind, PROGRAM_STATIC);
		snprintf(expected, sizeof expected, paths[i].expected, folder);
		assert_string_equal(newcomer->executable, expected);
		newcomer_destroy(newcomer);
	}
	listener_close(listener);
}

static void who_spoke_before_the_end_is_heard(void **state)
{
	(void)state;
	enum { NOTICES = 50 };
	struct listener *listener = listener_open(&terms, NULL);
	for (int i = 0; i < NOTICES; i++) {
		struct unseen_notice notice = notice_of("/bin/alone");
		int connection = test_connect(listener_name(listener));
		assert_int_equal(send(connection, &notice, sizeof notice, 0), sizeof notice);
		close(connection);
	}
	listener_stop(listener);
	int count = 0;
	for (struct newcomer *newcomer = listener_take(listener), *next; newcomer; newcomer = next) {
		next = newcomer->next;
		newcomer_destroy(newcomer);
		count++;
	}
	assert_int_equal(count, NOTICES);
	listener_close(listener);
}

static void a_notice_that_cannot_be_one_is_dropped(void **state)
{
	(void)state;
	struct listener *listener = listener_open(&terms, NULL);
	struct unseen_notice notice = notice_of("/bin/alone");
	notice.kind = PROGRAM_KIND_COUNT;
	assert_int_equal(test_ask(listener_name(listener), &notice, sizeof notice), -1);
	notice = notice_of("/bin/alone");
	notice.layout_version++;
	assert_int_equal(test_ask(listener_name(listener), &notice, sizeof notice), -1);
	notice = notice_of("/bin/alone");
	assert_int_equal(test_ask(listener_name(listener), &notice, sizeof notice - 1), -1);
	memset(notice.path, 'x', sizeof notice.path); /* without an end */
	*notice.path = '/';
	assert_int_equal(test_ask(listener_name(listener), &notice, sizeof notice), -1);
	struct newcomer *newcomer = wait_for_newcomer(listener);
	assert_int_equal(strlen(newcomer->executable), sizeof notice.path);
	assert_null(newcomer->next);
	newcomer_destroy(newcomer);
	listener_close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_is_answered_with_an_arena),
		cmocka_unit_test(a_forked_child_is_not_read_again),
		cmocka_unit_test(what_is_no_hello_gets_no_arena_and_disturbs_nobody),
		cmocka_unit_test(a_process_of_another_version_is_counted),
		cmocka_unit_test(without_descriptors_processes_are_sent_away_at_once_and_counted),
		cmocka_unit_test(newcomers_come_in_order_and_carry_the_clock_of_their_time),
		cmocka_unit_test(a_notice_is_handed_on_with_its_path_from_the_root),
		cmocka_unit_test(a_notice_that_cannot_be_one_is_dropped),
		cmocka_unit_test(who_spoke_before_the_end_is_heard),
		cmocka_unit_test(closing_frees_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

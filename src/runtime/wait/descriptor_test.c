/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "runtime/wait/descriptor.h"
#include "runtime/wait/descriptor_identity.h"

static struct test_events events;

static struct thread *seeing_thread(void)
{
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	thread->is_blind =
		false; /* hints are given in any case, also where the test's own machine has no rseq */
	memset(quick_words.hints, 0, sizeof quick_words.hints);
	return thread;
}

static void a_stream_that_does_not_block_is_no_longer_timed(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int pipe_fds[2], sockets[2];
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	const int streams[] = {pipe_fds[0], pipe_fds[1], sockets[0]};
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		for (int call = 1; call <= HINT_EVIDENCE; call++) {
			assert_in_range(descriptor_hint(streams[i]), 0, HINT_EVIDENCE - 1);
			descriptor_did_not_block(thread, streams[i]);
		}
		assert_int_equal(descriptor_hint(streams[i]), HINT_STREAM);
	}
	assert_in_range(descriptor_hint(sockets[1]), 0,
			HINT_EVIDENCE - 1); /* hints belong to one descriptor */
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(sockets[0]);
	close(sockets[1]);
	test_process_end();
}

/* The first call after a gap comes by the long way, hinted or not. It used to take the hint for another 250 calls. */
static void a_hint_stays_when_a_later_call_was_looked_at_too(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	for (int call = 0; call < 3 * 256; call++) {
		descriptor_did_not_block(thread, fds[0]);
		assert_int_equal(descriptor_hint(fds[0]), call + 1 < HINT_EVIDENCE ? call + 1 : HINT_STREAM);
	}
	close(fds[0]);
	close(fds[1]);
	test_process_end();
}

static void a_file_is_always_timed(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	const struct {
		int fd;
		uint8_t hint;
	} files[] = {{open("/proc/self/exe", O_RDONLY), HINT_FILE},
		     {open("/", O_RDONLY), HINT_FILE},
		     {open("/dev/null", O_WRONLY), 0},
		     {1000, 0}};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		for (uint8_t clock = 0; clock < TRACE_CLOCK_COUNT; clock++) {
			thread->clock = clock;
			quick_words.hints[files[i].fd] = 0;
			for (int call = 0; call < HINT_EVIDENCE; call++)
				descriptor_did_not_block(thread, files[i].fd);
			/* the short way reads the TSC alone */
			assert_int_equal(descriptor_hint(files[i].fd),
					 clock == TRACE_CLOCK_TSC ? files[i].hint : 0);
		}
		close(files[i].fd);
	}
	thread->clock = TRACE_CLOCK_MONOTONIC;
	test_process_end();
}

static void a_number_that_became_a_stream_is_seen_to_be_one(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fds[2], file = open("/proc/self/exe", O_RDONLY);
	thread->clock = TRACE_CLOCK_TSC;
	for (int call = 0; call < HINT_EVIDENCE; call++)
		descriptor_did_not_block(thread, file);
	assert_int_equal(descriptor_hint(file), HINT_FILE);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], file), file);
	descriptor_did_not_block(thread, file);
	assert_int_equal(descriptor_hint(file), HINT_STREAM);
	thread->clock = TRACE_CLOCK_MONOTONIC;
	close(fds[0]);
	close(fds[1]);
	close(file);
	test_process_end();
}

/* A clock that the kernel gave up in the middle of the call: the start is in ticks of the other one. */
static void a_file_timed_by_a_clock_that_changed_has_its_start_inferred(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int file = open("/proc/self/exe", O_RDONLY);
	thread->last_ticks = thread_ticks(thread);
	struct timespec how_long = {.tv_nsec = 20000000};
	nanosleep(&how_long, NULL);
	descriptor_file_left_cpu(thread, file, 1, 0, __builtin_frame_address(0));
	char expected[100];
	snprintf(expected, sizeof expected, "descriptor_seen %d, start_inferred 0, disk_wait %d", file, file);
	assert_string_equal(test_events_told(thread->slot, 1), expected);
	close(file);
	test_process_end();
}

static void a_blind_thread_gives_no_hints(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	thread->is_blind = true;
	for (int call = 0; call < 10; call++)
		descriptor_did_not_block(thread, fds[0]);
	assert_in_range(descriptor_hint(fds[0]), 0, HINT_EVIDENCE - 1);
	thread->is_blind = false;
	close(fds[0]);
	close(fds[1]);
	test_process_end();
}

static void numbers_without_a_hint_are_always_timed(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	static const int fds[] = {-1, HINTED_DESCRIPTORS, INT32_MAX, INT32_MIN};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		for (int call = 0; call < 10; call++)
			descriptor_did_not_block(thread, fds[i]);
		assert_in_range(descriptor_hint(fds[i]), 0, HINT_EVIDENCE - 1);
	}
	test_process_end();
}

static void block(uint64_t nanoseconds)
{
	struct timespec how_long = {.tv_nsec = (long)nanoseconds};
	nanosleep(&how_long, NULL);
}

static void a_hint_is_taken_back_by_the_first_call_that_blocked(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	for (int timed = 0; timed < 2; timed++) {
		for (int call = 0; call < HINT_EVIDENCE; call++)
			descriptor_did_not_block(thread, fds[0]);
		assert_int_equal(descriptor_hint(fds[0]), HINT_STREAM);
		uint64_t start = wait_start(thread);
		block(20000000);
		descriptor_left_cpu(thread, fds[0], timed ? start : 0, 0, __builtin_frame_address(0));
		assert_in_range(descriptor_hint(fds[0]), 0, HINT_EVIDENCE - 1);
		assert_int_equal(quick_words.hints[fds[0]], 0);
	}
	/* descriptor_seen of the pipe, a wait with its start inferred, a wait that was timed */
	char expected[100];
	snprintf(expected, sizeof expected,
		 "descriptor_seen %d, start_inferred 0, pipe_wait %d, pipe_wait %d", fds[0], fds[0], fds[0]);
	assert_string_equal(test_events_told(thread->slot, 1), expected);
	close(fds[0]);
	close(fds[1]);
	test_process_end();
}

static void a_hint_stays_when_the_cpu_was_only_taken_away(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	for (int call = 0; call < HINT_EVIDENCE; call++)
		descriptor_did_not_block(thread, fds[0]);
	wait_start(thread);
	descriptor_left_cpu(thread, fds[0], 0, 0, __builtin_frame_address(0));
	assert_int_equal(descriptor_hint(fds[0]), HINT_STREAM);
	close(fds[0]);
	close(fds[1]);
	test_process_end();
}

/* --- what a descriptor stands for -------------------------------------------------------------------------------- */

static void the_event_of_a_wait_follows_from_what_the_descriptor_is(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int pipe_fds[2], sockets[2];
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	const struct {
		int fd;
		enum event_number expected;
		unsigned kind;
	} cases[] = {
		{open("/proc/self/exe", O_RDONLY), EVENT_DISK_WAIT, 1},
		{open("/", O_RDONLY), EVENT_DISK_WAIT, 2},
		{sockets[0], EVENT_NETWORK_WAIT, 3},
		{pipe_fds[0], EVENT_PIPE_WAIT, 4},
		{open("/dev/null", O_RDONLY), EVENT_OTHER_WAIT, 5},
		{epoll_create1(0), EVENT_OTHER_WAIT, 10},
	};
	size_t count = sizeof cases / sizeof *cases;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(descriptor_identify(thread, cases[i].fd, 0, false, 1000), cases[i].expected);
		/* A hook that knows better is not contradicted. */
		assert_int_equal(descriptor_identify(thread, cases[i].fd, EVENT_LOCK_WAIT, false, 1000),
				 EVENT_LOCK_WAIT);
	}
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 1 + count); /* each was told once */
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(events.events[1 + i].type->number, EVENT_DESCRIPTOR_SEEN);
		assert_int_equal(events.events[1 + i].values[EVENT_DESCRIPTOR_SEEN_FD].number, cases[i].fd);
		assert_int_equal(events.events[1 + i].values[EVENT_DESCRIPTOR_SEEN_KIND].number,
				 cases[i].kind);
	}
	for (size_t i = 0; i < count; i++)
		close(cases[i].fd);
	close(pipe_fds[1]);
	close(sockets[1]);
	test_process_end();
}

static void a_number_that_stands_for_another_file_is_told_again(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fd = open("/proc/self/exe", O_RDONLY), other = open("/", O_RDONLY);
	descriptor_identify(thread, fd, 0, false, 1000);
	descriptor_identify(thread, fd, 0, false, 1000);
	assert_int_equal(dup2(other, fd), fd);
	descriptor_identify(thread, fd, 0, false, 3000);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 3);
	assert_int_equal(events.events[2].values[EVENT_DESCRIPTOR_SEEN_KIND].number, 2);
	assert_int_equal(events.events[2].time, 3000);
	close(fd);
	close(other);
	test_process_end();
}

/* The roots of file systems have the same inode, each on its own device. */
static void the_same_inode_of_another_device_is_told_again(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	struct stat one, other;
	int fd = open("/proc", O_RDONLY), root = open("/sys", O_RDONLY);
	if (fd < 0 || root < 0 || fstat(fd, &one) || fstat(root, &other) || one.st_ino != other.st_ino) {
		print_message("the roots of /proc and /sys do not have one inode here\n");
		skip();
	}
	assert_int_not_equal(one.st_dev, other.st_dev);
	descriptor_identify(thread, fd, 0, false, 1000);
	assert_int_equal(dup2(root, fd), fd);
	descriptor_identify(thread, fd, 0, false, 3000);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 3);
	assert_int_equal(events.events[2].time, 3000);
	close(fd);
	close(root);
	test_process_end();
}

/* Numbers that share a slot, in processes whose epochs are neighbours. What is polled is believed by its number alone. */
static void numbers_that_share_a_slot_are_told_apart(void **state)
{
	(void)state;
	enum { DISTANCE = 1024 };
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	struct rlimit high = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
	if (limit.rlim_max < 2 * DISTANCE || setrlimit(RLIMIT_NOFILE, &high)) {
		print_message("no descriptor may be above %d here\n", DISTANCE);
		skip();
	}
	struct thread *thread = seeing_thread();
	uint32_t epoch = thread->epoch;
	int fd = open("/", O_RDONLY), far = dup2(fd, fd + DISTANCE);
	assert_int_equal(far, fd + DISTANCE);
	for (uint32_t child = 0; child < 2; child++) {
		thread->epoch = epoch;
		descriptor_identify(thread, fd, EVENT_POLL_WAIT, false, 1000);
		thread->epoch = epoch ^ child;
		descriptor_identify(thread, far, EVENT_POLL_WAIT, false, 2000);
		descriptor_identify(thread, far, EVENT_POLL_WAIT, false, 3000);
	}
	thread->epoch = epoch;
	char expected[200];
	snprintf(expected, sizeof expected,
		 "descriptor_seen %d, descriptor_seen %d, descriptor_seen %d, descriptor_seen %d", fd, far,
		 fd, far);
	assert_string_equal(test_events_told(thread->slot, 1), expected);
	close(far);
	close(fd);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	test_process_end();
}

/* A parent's word is not a child's: the epoch is part of what was told. */
static void another_epoch_is_told_again(void **state)
{
	(void)state;
	int fd = open("/", O_RDONLY);
	for (int i = 0; i < 2; i++) {
		struct thread *thread = seeing_thread();
		descriptor_identify(thread, fd, 0, false, 1000);
		test_events_read(thread->slot, &events);
		assert_int_equal(events.count, 2);
		test_process_end();
	}
	close(fd);
}

static void the_peer_of_a_socket_is_told(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t); /* the kernel picks a name */
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	size = sizeof address;
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, size), 0);
	descriptor_identify(thread, client, 0, false, 1000);
	descriptor_identify(thread, listener, 0, false, 1000); /* has none */
	test_events_read(thread->slot, &events);
	const struct event_value *peer = &events.events[1].values[EVENT_DESCRIPTOR_SEEN_PEER];
	assert_int_equal(peer->number, size);
	assert_memory_equal(peer->text, &address, size);
	assert_int_equal(events.events[2].values[EVENT_DESCRIPTOR_SEEN_PEER].number, 0);
	close(client);
	close(listener);
	test_process_end();
}

static void an_epoll_is_told_apart_by_who_knows(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	int fd = epoll_create1(0);
	assert_int_equal(descriptor_identify(thread, fd, EVENT_POLL_WAIT, true, 1000), EVENT_POLL_WAIT);
	test_events_read(thread->slot, &events);
	assert_int_equal(events.count, 2);
	assert_int_equal(events.events[1].values[EVENT_DESCRIPTOR_SEEN_KIND].number, 7);
	close(fd);
	test_process_end();
}

static void what_cannot_be_looked_at_is_no_more_than_other(void **state)
{
	(void)state;
	struct thread *thread = seeing_thread();
	assert_int_equal(descriptor_identify(thread, -1, 0, false, 1000), EVENT_OTHER_WAIT);
	assert_int_equal(descriptor_identify(thread, 1 << 20, 0, false, 1000), EVENT_OTHER_WAIT);
	assert_int_equal(descriptor_identify(thread, -1, EVENT_POLL_WAIT, false, 1000), EVENT_POLL_WAIT);
	assert_string_equal(test_events_told(thread->slot, 1), "");
	test_process_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_that_does_not_block_is_no_longer_timed),
		cmocka_unit_test(a_hint_stays_when_a_later_call_was_looked_at_too),
		cmocka_unit_test(a_file_is_always_timed),
		cmocka_unit_test(a_file_timed_by_a_clock_that_changed_has_its_start_inferred),
		cmocka_unit_test(a_number_that_became_a_stream_is_seen_to_be_one),
		cmocka_unit_test(a_blind_thread_gives_no_hints),
		cmocka_unit_test(numbers_without_a_hint_are_always_timed),
		cmocka_unit_test(a_hint_is_taken_back_by_the_first_call_that_blocked),
		cmocka_unit_test(a_hint_stays_when_the_cpu_was_only_taken_away),
		cmocka_unit_test(the_event_of_a_wait_follows_from_what_the_descriptor_is),
		cmocka_unit_test(a_number_that_stands_for_another_file_is_told_again),
		cmocka_unit_test(the_same_inode_of_another_device_is_told_again),
		cmocka_unit_test(numbers_that_share_a_slot_are_told_apart),
		cmocka_unit_test(another_epoch_is_told_again),
		cmocka_unit_test(the_peer_of_a_socket_is_told),
		cmocka_unit_test(an_epoll_is_told_apart_by_who_knows),
		cmocka_unit_test(what_cannot_be_looked_at_is_no_more_than_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recording.h"
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include "agent/test_hello.h"
#include "base/memory.h"
#include "block/test_bytes.h"
#include "block/trace_reader.h"

static const struct recording_options options = {
	.command = "a command", .directory = "/", .threshold_ns = 10000, .arena_size = ARENA_SIZE_MIN};

static struct recording *recording_start(struct test_bytes *file)
{
	struct error error = {""};
	struct recording *recording = recording_open(&options, test_bytes_sink(file), &error);
	assert_non_null(recording);
	return recording;
}

/* Turns until that many recorded processes live. */
static void turn_until_living(struct recording *recording, size_t count)
{
	struct pollfd ready = {.fd = recording_fd(recording), .events = POLLIN};
	while (recording_living(recording) != count) {
		assert_int_equal(poll(&ready, 1, 60000), 1);
		recording_turn(recording);
	}
}

/* A child that says hello and waits to be killed. */
static pid_t guest_start(const struct recording *recording)
{
	pid_t pid = fork();
	if (!pid) {
		if (test_ask(recording_socket(recording), &test_hello, sizeof test_hello) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	return pid;
}

static void guest_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void guest_end(struct recording *recording, pid_t pid)
{
	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT);
	recording_reap(recording, (uint32_t)pid);
	waitpid(pid, NULL, 0);
}

static void guest_live(struct recording *recording)
{
	pid_t guest = guest_start(recording);
	turn_until_living(recording, 1);
	guest_end(recording, guest);
}

static size_t count_events(const struct test_bytes *file, uint16_t number)
{
	struct trace_bytes bytes = {file->bytes, file->size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	assert_non_null(reader);
	struct event event;
	const struct trace_slice *slice;
	size_t count = 0;
	while (trace_reader_next(reader, &event, &slice, NULL) > 0)
		count += event.type->number == number;
	trace_reader_close(reader);
	return count;
}

static void a_recording_that_nobody_joined_is_whole(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct recording_summary summary;
	struct error error = {""};
	assert_int_equal(recording_finish(recording_start(&file), 3, &summary, &error), 0);
	assert_int_equal(summary.processes, 0);
	assert_int_equal(summary.bytes, file.size);
	assert_int_equal(count_events(&file, EVENT_RECORDING_START), 1);
	assert_int_equal(count_events(&file, EVENT_RECORDING_END), 1);
	free(file.bytes);
}

/* A recorder may be killed at any time. */
static void the_first_second_is_written_while_it_lasts(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct recording *recording = recording_start(&file);
	uint64_t start = clock_monotonic_ns();
	pid_t guest = guest_start(recording);
	struct pollfd ready = {.fd = recording_fd(recording), .events = POLLIN};
	while (!file.size) {
		assert_int_equal(poll(&ready, 1, 60000), 1);
		recording_turn(recording);
	}
	assert_in_range(clock_monotonic_ns() - start, 0, 900000000);
	assert_int_equal(count_events(&file, EVENT_PROCESS_START), 1);
	guest_end(recording, guest);
	recording_abandon(recording);
	free(file.bytes);
}

static void an_abandoned_recording_has_written_nothing(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	recording_abandon(recording_start(&file));
	assert_int_equal(file.size, 0);
}

static void processes_are_known_while_they_live(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct recording *recording = recording_start(&file);
	pid_t first = guest_start(recording), second = guest_start(recording);
	turn_until_living(recording, 2);
	guest_end(recording, first);
	assert_int_equal(recording_living(recording), 1);
	guest_end(recording, second);
	assert_int_equal(recording_living(recording), 0);
	struct recording_summary summary;
	assert_int_equal(recording_finish(recording, 0, &summary, NULL), 0);
	assert_int_equal(summary.processes, 2);
	assert_int_equal(count_events(&file, EVENT_PROCESS_START), 2);
	assert_int_equal(count_events(&file, EVENT_PROCESS_END), 2);
	free(file.bytes);
}

/* A shell script that runs a million programs must not grow its recorder. */
static void memory_does_not_grow_with_processes_that_have_ended(void **state)
{
	(void)state;
	enum { PROCESSES = 100, BYTES_EACH = 1500 };
	struct test_bytes file = {0};
	struct recording *recording = recording_start(&file);
	while (!file.size) /* the writer has its buffers once it has written */
		guest_live(recording);
	size_t before = mallinfo2().uordblks - file.size;
	for (int i = 0; i < PROCESSES; i++)
		guest_live(recording);
	size_t after = mallinfo2().uordblks - file.size;
	struct recording_summary summary;
	recording_finish(recording, 0, &summary, NULL);
	assert_true(summary.processes > PROCESSES);
	free(file.bytes);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	print_message("not compared: a sanitizer's allocator does not count\n");
	(void)before, (void)after;
#else
	/* Facts that wait for the end of their segment take some. What was kept of each took 2,200 more. */
	assert_in_range(after, 0, before + (size_t)PROCESSES * BYTES_EACH);
#endif
}

static void say(const struct recording *recording, uint32_t child, enum program_kind kind, const char *path)
{
	struct unseen_notice notice = {
		.magic = UNSEEN_MAGIC, .layout_version = ARENA_LAYOUT_VERSION, .pid = child, .kind = kind};
	strcpy(notice.path, path);
	test_ask(recording_socket(recording), &notice, sizeof notice);
}

/* A child that says hello, then that it becomes something else, and perhaps that it did not. */
static pid_t becoming_start(const struct recording *recording, bool fails)
{
	pid_t pid = fork();
	if (!pid) {
		if (test_ask(recording_socket(recording), &test_hello, sizeof test_hello) < 0)
			_exit(1);
		say(recording, 0, PROGRAM_STATIC, "/bin/alone");
		if (fails)
			say(recording, 0, PROGRAM_FITS, "");
		for (;;)
			pause();
	}
	return pid;
}

static void a_process_ends_where_it_becomes_what_is_not_recorded(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct recording_summary summary;
	struct recording *recording = recording_start(&file);
	pid_t pid = becoming_start(recording, false);
	turn_until_living(recording, 1);
	turn_until_living(recording, 0); /* although it lives on */
	assert_int_equal(recording_finish(recording, 0, &summary, NULL), 0);
	guest_kill(pid);
	assert_int_equal(summary.unseen.program_count, 1);
	assert_string_equal(summary.unseen.programs[0].path, "/bin/alone");
	assert_int_equal(count_events(&file, EVENT_PROCESS_END), 1);
	assert_int_equal(count_events(&file, EVENT_PROCESS_UNSEEN), 1);
	unseen_fini(&summary.unseen);
	free(file.bytes);
}

static void a_process_whose_exec_failed_lives_on(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct recording_summary summary;
	struct recording *recording = recording_start(&file);
	pid_t pid = becoming_start(recording, true);
	turn_until_living(recording, 1);
	pid_t other = becoming_start(recording, false); /* its end shows that the time has come */
	turn_until_living(recording, 2);
	turn_until_living(recording, 1);
	assert_int_equal(recording_finish(recording, 0, &summary, NULL), 0);
	guest_kill(pid);
	guest_kill(other);
	assert_int_equal(summary.unseen.program_count, 1);
	assert_int_equal(summary.unseen.programs[0].processes, 1);
	unseen_fini(&summary.unseen);
	free(file.bytes);
}

static void a_child_that_was_spawned_unseen_changes_nothing_for_its_parent(void **state)
{
	(void)state;
	struct test_bytes file = {0};
	struct recording_summary summary;
	struct recording *recording = recording_start(&file);
	pid_t pid = guest_start(recording);
	turn_until_living(recording, 1);
	say(recording, 4711, PROGRAM_GO, "/bin/gopher");
	recording_tell_unseen(recording, 4712, PROGRAM_DISABLED, "/bin/quiet");
	assert_int_equal(recording_finish(recording, 0, &summary, NULL), 0);
	guest_kill(pid);
	assert_int_equal(summary.unseen.program_count, 2);
	assert_int_equal(count_events(&file, EVENT_PROCESS_UNSEEN), 2);
	unseen_fini(&summary.unseen);
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_ends_where_it_becomes_what_is_not_recorded),
		cmocka_unit_test(a_process_whose_exec_failed_lives_on),
		cmocka_unit_test(a_child_that_was_spawned_unseen_changes_nothing_for_its_parent),
		cmocka_unit_test(a_recording_that_nobody_joined_is_whole),
		cmocka_unit_test(the_first_second_is_written_while_it_lasts),
		cmocka_unit_test(an_abandoned_recording_has_written_nothing),
		cmocka_unit_test(processes_are_known_while_they_live),
		cmocka_unit_test(memory_does_not_grow_with_processes_that_have_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

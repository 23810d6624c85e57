/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recorded.h"
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent/test_recorded.h"

/* A child that waits until its end of the pipe is closed. */
struct waiting_child {
	pid_t pid;
	int pipe;
};

static struct waiting_child child_start(void)
{
	int ends[2];
	char nothing;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (!pid) {
		close(ends[1]);
		_exit((int)read(ends[0], &nothing, 1));
	}
	close(ends[0]);
	return (struct waiting_child){pid, ends[1]};
}

static void child_end(struct waiting_child child)
{
	close(child.pipe);
	waitpid(child.pid, NULL, 0);
}

static struct newcomer *newcomer_of(pid_t pid, uint32_t forked_from)
{
	struct hello hello = {.forked_from = forked_from, .name = "worker", .voluntary = 7};
	struct arena_supply supply = {.terms = test_terms()};
	struct error error = {""};
	struct newcomer *newcomer = newcomer_create((uint32_t)pid, &hello, &error);
	assert_non_null(newcomer);
	assert_int_equal(supply_take(&supply, &newcomer->shared, NULL), 0);
	return newcomer;
}

static struct recorded *record(struct test_recorded *test, struct newcomer *newcomer,
			       const struct recorded *parent)
{
	struct recorded *recorded = recorded_create(newcomer, parent, &test->journal);
	newcomer_destroy(newcomer);
	return recorded;
}

/* "process_start 2 PID PARENT "EXECUTABLE" "COMMAND"" as it must be for a process of this test program. */
static void assert_told(const char *told, pid_t pid, pid_t parent)
{
	char executable[1000] = "", expected[1100];
	assert_true(readlink("/proc/self/exe", executable, sizeof executable - 1) > 0);
	snprintf(expected, sizeof expected, "process_start 2 %d %d \"%s\" \"", pid, parent, executable);
	assert_non_null(strstr(told, expected));
	assert_non_null(strstr(told, "\nmapping 2 "));
}

static void a_program_is_told_with_its_parent_and_mappings(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct waiting_child child = child_start();
	struct recorded *recorded = record(test, newcomer_of(child.pid, 0), NULL);
	assert_string_equal(recorded->name, "worker");
	assert_int_equal(recorded->counts.voluntary, 7);
	recorded_destroy(recorded);
	assert_told(test_recorded_tell(test), child.pid, getpid());
	child_end(child);
	test_recorded_destroy(test);
}

static void a_forked_process_is_what_its_parent_is(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct waiting_child child = child_start();
	struct recorded parent = {.executable = "/bin/parent", .command = "parent -x"};
	mappings_update(&parent, &test->journal, "1000-2000 r-xp 0 08:01 1 /nowhere/parent\n");
	recorded_destroy(record(test, newcomer_of(child.pid, 4711), &parent));
	mappings_destroy(&parent);
	char expected[200];
	snprintf(expected, sizeof expected,
		 "module 1 \"/nowhere/parent\" \"\"\n"
		 "mapping 0 0x1000 4096 0 1\n"
		 "process_start 2 %d 4711 \"/bin/parent\" \"parent -x\"\n"
		 "mapping 2 0x1000 4096 0 1\n",
		 child.pid);
	assert_string_equal(test_recorded_tell(test), expected);
	child_end(child);
	test_recorded_destroy(test);
}

static void a_forked_process_whose_parent_is_gone_is_asked_itself(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct waiting_child child = child_start();
	recorded_destroy(record(test, newcomer_of(child.pid, 4711), NULL));
	assert_told(test_recorded_tell(test), child.pid, 4711);
	child_end(child);
	test_recorded_destroy(test);
}

/* It was welcomed in the old clock and is taken over in the new one. */
static void a_newcomer_follows_a_change_of_the_clock(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct waiting_child child = child_start();
	struct newcomer *newcomer = newcomer_of(child.pid, 0);
	newcomer->start = (struct trace_moment){77, TRACE_CLOCK_TSC};
	newcomer->shared.arena.header->clock = TRACE_CLOCK_TSC;
	struct recorded *recorded = record(test, newcomer, NULL);
	assert_int_equal(recorded->shared.arena.header->clock, TRACE_CLOCK_MONOTONIC);
	recorded_destroy(recorded);

	test_recorded_tell(test);
	struct trace_bytes bytes = {test->file.bytes, test->file.size};
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), NULL);
	struct event event;
	const struct trace_slice *slice;
	bool is_found = false;
	while (trace_reader_next(reader, &event, &slice, NULL) > 0) {
		if (event.type->number != EVENT_PROCESS_START)
			continue;
		is_found = true;
		assert_int_equal(event.time, 77);
		assert_int_equal(slice->clock, TRACE_CLOCK_TSC);
	}
	assert_true(is_found);
	trace_reader_close(reader);
	child_end(child);
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_told_with_its_parent_and_mappings),
		cmocka_unit_test(a_forked_process_is_what_its_parent_is),
		cmocka_unit_test(a_forked_process_whose_parent_is_gone_is_asked_itself),
		cmocka_unit_test(a_newcomer_follows_a_change_of_the_clock),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

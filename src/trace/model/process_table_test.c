/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/model/process_table.h"

#define SECOND UINT64_C(1000000000)

static struct trace_moment at(uint64_t time_ns)
{
	return (struct trace_moment){time_ns, TRACE_CLOCK_MONOTONIC};
}

static void life_of_a_thread_is_within_the_recording_and_its_process(void **state)
{
	(void)state;
	struct process_table table = {0};
	struct clock_map clock = {0};
	uint32_t process = process_table_process(&table, 4);
	table.processes[process].end = at(8 * SECOND);
	table.processes[process].has_end = 1;
	uint32_t quiet = process_table_thread(&table, 1), late = process_table_thread(&table, 2),
		 ended = process_table_thread(&table, 3);
	for (uint32_t i = 0; i < 3; i++)
		table.threads[i].process = process;
	thread_seen(&table.threads[quiet], TRACE_CLOCK_MONOTONIC, 3 * SECOND, 3 * SECOND);
	thread_seen(&table.threads[late], TRACE_CLOCK_MONOTONIC, SECOND / 2, 8 * SECOND + 5);
	thread_seen(&table.threads[ended], TRACE_CLOCK_MONOTONIC, 2 * SECOND, 6 * SECOND);
	table.threads[ended].end = at(5 * SECOND);
	table.threads[ended].has_end = 1;
	process_table_settle(&table, &clock, SECOND, 10 * SECOND);
	assert_int_equal(table.threads[quiet].start_ns, 3 * SECOND);
	assert_int_equal(table.threads[quiet].end_ns, 8 * SECOND);
	assert_int_equal(table.threads[late].start_ns, SECOND);
	assert_int_equal(table.threads[late].end_ns, 8 * SECOND + 5);
	assert_int_equal(table.threads[ended].end_ns, 5 * SECOND);
	process_table_fini(&table);
}

static void thread_that_was_never_declared_belongs_to_nobody(void **state)
{
	(void)state;
	struct process_table table = {0};
	uint32_t thread = process_table_thread(&table, 99);
	assert_int_equal(table.processes[table.threads[thread].process].number, 0);
	assert_int_equal(process_table_thread(&table, 99), thread);
	process_table_fini(&table);
}

static void throttled_time_grew_in_the_second_before_it_was_told(void **state)
{
	(void)state;
	struct process_table table = {0};
	struct clock_map clock = {0};
	uint32_t index = process_table_process(&table, 1);
	process_throttled(&table.processes[index], at(SECOND), 100);
	process_throttled(&table.processes[index], at(11 * SECOND), 300);
	process_throttled(&table.processes[index], at(12 * SECOND),
			  250); /* a counter that fell is nonsense */
	process_table_settle(&table, &clock, 0, 20 * SECOND);
	const struct process *process = &table.processes[index];
	assert_int_equal(process_throttle_between(process, 0, 10 * SECOND), 0);
	assert_int_equal(process_throttle_between(process, 10 * SECOND, 10 * SECOND + SECOND / 2), 100);
	assert_int_equal(process_throttle_between(process, 0, 20 * SECOND), 200);
	assert_int_equal(process_throttle_between(process, 12 * SECOND, 20 * SECOND), 0);
	process_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_of_a_thread_is_within_the_recording_and_its_process),
		cmocka_unit_test(thread_that_was_never_declared_belongs_to_nobody),
		cmocka_unit_test(throttled_time_grew_in_the_second_before_it_was_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/totals.h"
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
#include "agent/test_recorded.h"

/* The test program as the recorded process, its only thread as a lane. */
static struct test_recorded *create_of_ourselves(void)
{
	struct test_recorded *test = test_recorded_create();
	test->recorded.pid = (uint32_t)getpid();
	*recorded_lane(&test->recorded, 1) =
		(struct lane){.thread = 1, .tid = (uint32_t)gettid(), .is_alive = true};
	return test;
}

static uint64_t cpu_ns(void)
{
	struct timespec used;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

static void the_totals_of_a_thread_are_those_of_the_kernel(void **state)
{
	(void)state;
	struct test_recorded *test = create_of_ourselves();
	char name_before[16];
	prctl(PR_GET_NAME, name_before);
	prctl(PR_SET_NAME, "counts");
	struct timespec moment = {.tv_nsec = 1000000};
	nanosleep(&moment, NULL); /* gives the CPU away: what was used so far is booked */
	uint64_t before = cpu_ns();
	totals_tell(&test->recorded, &test->journal);
	uint64_t after = cpu_ns();
	prctl(PR_SET_NAME, name_before);

	unsigned long long cpu, delay, voluntary, involuntary;
	char name[32];
	const char *told = test_recorded_tell(test);
	assert_int_equal(sscanf(told, "thread_totals 1 %llu %llu %llu %llu\nthread_name 1 %31s", &cpu, &delay,
				&voluntary, &involuntary, name),
			 5);
	assert_in_range(cpu + 20000000, before,
			after + 20000000); /* of a thread that runs it may be some ticks old */
	assert_in_range(cpu, 1, after);
	assert_in_range(voluntary, 1, 1000000);
	assert_string_equal(name, "\"counts\"");
	test_recorded_destroy(test);
}

static void lanes_that_ended_or_never_were_are_left_out(void **state)
{
	(void)state;
	struct test_recorded *test = create_of_ourselves();
	test->recorded.lanes[0].is_alive = false;
	*recorded_lane(&test->recorded, 2) = (struct lane){.tid = (uint32_t)gettid(), .is_alive = true};
	totals_tell(&test->recorded, &test->journal);
	totals_tell_last(&test->recorded, &test->journal);
	assert_string_equal(test_recorded_tell(test), "");
	test_recorded_destroy(test);
}

/* Its /proc is that of the new program by now: what it had used until then was asked when that one said hello. */
static void a_program_that_was_replaced_has_the_totals_of_that_moment(void **state)
{
	(void)state;
	struct test_recorded *test = create_of_ourselves();
	test->recorded.is_replaced = true;
	test->recorded.replaced = (struct trace_moment){4711, TRACE_CLOCK_MONOTONIC};
	test->recorded.replaced_counts =
		(struct thread_counts){.cpu_ns = 11, .run_delay_ns = 22, .voluntary = 3, .involuntary = 4};
	totals_tell_last(&test->recorded, &test->journal);
	assert_string_equal(test_recorded_tell(test), "thread_totals 1 11 22 3 4\n");
	test_recorded_destroy(test);
}

static void a_thread_that_is_gone_has_no_totals(void **state)
{
	(void)state;
	struct test_recorded *test = create_of_ourselves();
	test->recorded.pid = test->recorded.lanes[0].tid = TEST_PID_OF_NOBODY;
	totals_tell(&test->recorded, &test->journal);
	totals_tell_last(&test->recorded, &test->journal);
	totals_find_throttle(&test->recorded);
	assert_null(test->recorded.throttle_path);
	assert_string_equal(test_recorded_tell(test), "");
	test_recorded_destroy(test);
}

static void a_name_is_told_when_it_is_another(void **state)
{
	(void)state;
	struct test_recorded *test = create_of_ourselves();
	struct lane *lane = &test->recorded.lanes[0];
	totals_tell_name(&test->journal, lane, "worker", 6);
	totals_tell_name(&test->journal, lane, "worker", 6);
	totals_tell_name(&test->journal, lane, "work", 4);
	totals_tell_name(&test->journal, lane, "exactly15bytes!", 15);
	totals_tell_name(&test->journal, lane, "exactly15bytes!and more", 23);
	assert_string_equal(test_recorded_tell(test), "thread_name 1 \"worker\"\n"
						      "thread_name 1 \"work\"\n"
						      "thread_name 1 \"exactly15bytes!\"\n");
	test_recorded_destroy(test);
}

static void throttling_is_told_at_first_and_when_there_is_more(void **state)
{
	(void)state;
	struct test_recorded *test = create_of_ourselves();
	char path[] = "/tmp/tickbird-cpu-stat-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	test->recorded.lane_count = 0;
	test->recorded.throttle_path = memory_copy_text(path, strlen(path));
	static const char *const texts[] = {"throttled_usec 0\n", "throttled_usec 0\n", "throttled_usec 8\n"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(pwrite(fd, texts[i], strlen(texts[i]), 0), strlen(texts[i]));
		totals_tell(&test->recorded, &test->journal);
	}
	close(fd);
	unlink(path);
	totals_tell(&test->recorded, &test->journal); /* the group is gone */
	assert_string_equal(test_recorded_tell(test), "throttled 1 0\n"
						      "throttled 1 8000\n");
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_totals_of_a_thread_are_those_of_the_kernel),
		cmocka_unit_test(lanes_that_ended_or_never_were_are_left_out),
		cmocka_unit_test(a_program_that_was_replaced_has_the_totals_of_that_moment),
		cmocka_unit_test(a_thread_that_is_gone_has_no_totals),
		cmocka_unit_test(a_name_is_told_when_it_is_another),
		cmocka_unit_test(throttling_is_told_at_first_and_when_there_is_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

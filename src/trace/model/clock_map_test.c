/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "trace/model/clock_map.h"

#define SECOND UINT64_C(1000000000)

static uint64_t time_of(struct clock_map *map, uint64_t ticks)
{
	return clock_map_time(map, (struct trace_moment){ticks, TRACE_CLOCK_TSC});
}

/* A clock of 20 ns a tick with a pair every second, which is at 7 s when its ticks begin. */
static void add_good_pairs(struct clock_map *map, uint64_t seconds)
{
	for (uint64_t i = 0; i <= seconds; i++)
		clock_map_add(map, TRACE_CLOCK_TSC,
			      (struct tick_pair){1000 + i * SECOND / 20, 7 * SECOND + i * SECOND, 30});
}

static void times_between_pairs_are_interpolated(void **state)
{
	(void)state;
	struct clock_map map = {0};
	clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){1000, 5 * SECOND, 30});
	clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){1000 + 50000000, 6 * SECOND, 30});
	clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){1000 + 100000000, 7 * SECOND + 1000000, 30});
	clock_map_settle(&map);
	assert_int_equal(time_of(&map, 1000), 5 * SECOND);
	assert_int_equal(time_of(&map, 1000 + 25000000), 5 * SECOND + SECOND / 2);
	assert_in_range(time_of(&map, 1000 + 75000000), 6 * SECOND + SECOND / 2 + 500000 - 1,
			6 * SECOND + SECOND / 2 + 500000);
	assert_int_equal(map.is_guess, 0);
	clock_map_fini(&map);
}

static void times_outside_the_pairs_go_on_at_the_rate_of_the_nearest_second(void **state)
{
	(void)state;
	struct clock_map map = {0};
	add_good_pairs(&map, 3);
	clock_map_settle(&map);
	assert_in_range(time_of(&map, 1000 + 4 * SECOND / 20), 11 * SECOND - 2, 11 * SECOND);
	assert_int_equal(time_of(&map, 0), 7 * SECOND - 20000);
	clock_map_fini(&map);
}

static void pairs_of_a_recording_of_a_millisecond_are_enough(void **state)
{
	(void)state;
	struct clock_map map = {0};
	clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){0, SECOND, 30});
	clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){50000, SECOND + 1000000, 30});
	clock_map_settle(&map);
	assert_int_equal(map.is_guess, 0);
	assert_int_equal(time_of(&map, 25000), SECOND + 500000);
	clock_map_fini(&map);
}

static void malformed_pairs_are_dropped_wherever_they_stand(void **state)
{
	(void)state;
	for (uint64_t place = 0; place <= 4; place++) {
		struct clock_map map = {0};
		add_good_pairs(&map, 4);
		clock_map_add(&map, TRACE_CLOCK_TSC,
			      (struct tick_pair){1000 + place * SECOND / 20 + 777, 12345 + place, 1});
		clock_map_settle(&map);
		assert_int_equal(map.dropped, 1);
		assert_in_range(time_of(&map, 1000 + 3 * SECOND / 40), 8 * SECOND + SECOND / 2 - 2,
				8 * SECOND + SECOND / 2);
		clock_map_fini(&map);
	}
}

static void later_ticks_never_get_an_earlier_time(void **state)
{
	(void)state;
	struct clock_map map = {0};
	add_good_pairs(&map, 10);
	/* Two writers: pairs a little beside the line, within their uncertainty. */
	for (uint64_t i = 0; i < 10; i++)
		clock_map_add(
			&map, TRACE_CLOCK_TSC,
			(struct tick_pair){1000 + i * SECOND / 20 + 3, 7 * SECOND + i * SECOND + 160, 200});
	clock_map_settle(&map);
	uint64_t last = 0;
	for (uint64_t ticks = 0; ticks < 12 * SECOND / 20; ticks += 99991) {
		uint64_t now = time_of(&map, ticks);
		assert_true(now >= last);
		last = now;
	}
	clock_map_fini(&map);
}

static void of_pairs_close_together_the_most_certain_counts(void **state)
{
	(void)state;
	struct clock_map map = {0};
	add_good_pairs(&map, 2);
	clock_map_add(&map, TRACE_CLOCK_TSC,
		      (struct tick_pair){1000 + SECOND / 20 + 1000, 8 * SECOND + 20000 + 50000, 60000});
	clock_map_settle(&map);
	assert_in_range(time_of(&map, 1000 + SECOND / 20 + 1000), 8 * SECOND + 20000 - 1, 8 * SECOND + 20000);
	clock_map_fini(&map);
}

static void a_day_of_pairs_of_many_processes_stays_small(void **state)
{
	(void)state;
	struct clock_map map = {0};
	for (uint64_t i = 0; i < 100000; i++)
		clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){i * 500000, i * 10000000, 30});
	clock_map_settle(&map);
	assert_true(map.count <= 100000 / 20);
	assert_in_range(time_of(&map, 33333 * UINT64_C(500000)), 33333 * UINT64_C(10000000) - 2,
			33333 * UINT64_C(10000000));
	clock_map_fini(&map);
}

static void wild_ticks_stay_within_the_limit(void **state)
{
	(void)state;
	struct clock_map map = {0};
	assert_int_equal(clock_map_time(&map, (struct trace_moment){UINT64_MAX, TRACE_CLOCK_MONOTONIC}),
			 CLOCK_TIME_MAX);
	add_good_pairs(&map, 2);
	clock_map_settle(&map);
	assert_int_equal(time_of(&map, UINT64_MAX), CLOCK_TIME_MAX);
	clock_map_fini(&map);
}

static void without_two_pairs_a_tick_is_a_nanosecond_and_it_says_so(void **state)
{
	(void)state;
	struct clock_map map = {0};
	clock_map_add(&map, TRACE_CLOCK_TSC, (struct tick_pair){1000, 5000, 30});
	clock_map_settle(&map);
	assert_int_equal(map.is_guess, 1);
	assert_int_equal(time_of(&map, 1500), 5500);
	clock_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_between_pairs_are_interpolated),
		cmocka_unit_test(times_outside_the_pairs_go_on_at_the_rate_of_the_nearest_second),
		cmocka_unit_test(pairs_of_a_recording_of_a_millisecond_are_enough),
		cmocka_unit_test(malformed_pairs_are_dropped_wherever_they_stand),
		cmocka_unit_test(later_ticks_never_get_an_earlier_time),
		cmocka_unit_test(of_pairs_close_together_the_most_certain_counts),
		cmocka_unit_test(a_day_of_pairs_of_many_processes_stays_small),
		cmocka_unit_test(wild_ticks_stay_within_the_limit),
		cmocka_unit_test(without_two_pairs_a_tick_is_a_nanosecond_and_it_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

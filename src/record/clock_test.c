/* SPDX-License-Identifier: Apache-2.0 */
#include "record/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void ticks_of_the_monotonic_clock_are_its_nanoseconds(void **state)
{
	(void)state;
	uint64_t before = clock_monotonic_ns();
	uint64_t ticks = clock_ticks(TRACE_CLOCK_MONOTONIC);
	uint64_t after = clock_monotonic_ns();
	assert_in_range(ticks, before, after);
}

static void ticks_of_the_tsc_are_64_cycles(void **state)
{
	(void)state;
	uint64_t before = __rdtsc();
	uint64_t ticks = clock_ticks(TRACE_CLOCK_TSC);
	uint64_t after = __rdtsc();
	assert_in_range(ticks, before / 64, after / 64);
}

/* Its own clock shows how far a pair is off: never more than it says. */
static void a_pair_is_one_moment_on_both_clocks(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t before = clock_monotonic_ns();
		struct clock_pair pair = clock_take_pair(TRACE_CLOCK_MONOTONIC);
		uint64_t after = clock_monotonic_ns();
		assert_in_range(pair.monotonic_ns, before, after);
		assert_in_range(pair.ticks, before, after);
		assert_in_range(pair.uncertainty_ns, 1, after - before);
		uint64_t apart = pair.ticks > pair.monotonic_ns ? pair.ticks - pair.monotonic_ns
								: pair.monotonic_ns - pair.ticks;
		assert_in_range(apart, 0, pair.uncertainty_ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_of_the_monotonic_clock_are_its_nanoseconds),
		cmocka_unit_test(ticks_of_the_tsc_are_64_cycles),
		cmocka_unit_test(a_pair_is_one_moment_on_both_clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/model/delays.h"
#include "base/memory.h"
#include "trace/model/spans.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static int ascending(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, two = *(const uint64_t *)b;
	return (one > two) - (one < two);
}

static void percentiles_are_at_most_a_step_above_the_true_ones(void **state)
{
	(void)state;
	enum { COUNT = 10007 };
	static uint64_t values[COUNT];
	struct delays *delays = memory_allocate(sizeof *delays);
	uint64_t total = 0, seed = 88172645463325252u;
	for (size_t i = 0; i < COUNT; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		values[i] = seed >> (seed % 50);
		values[i] >>= 8;
		total += values[i];
		delays_add(delays, values[i]);
	}
	qsort(values, COUNT, sizeof *values, ascending);
	assert_int_equal(delays->count, COUNT);
	assert_int_equal(delays->total_ns, total);
	assert_int_equal(delays->max_ns, values[COUNT - 1]);
	static const unsigned percents[] = {1, 50, 95, 99, 100};
	for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
		uint64_t truth = values[(COUNT * percents[i] + 99) / 100 - 1];
		uint64_t found = delays_percentile(delays, percents[i]);
		assert_true(found >= truth && found - truth <= truth / 32 && found <= delays->max_ns);
	}
	free(delays);
}

static void small_and_largest_values_have_a_place(void **state)
{
	(void)state;
	struct delays *delays = memory_allocate(sizeof *delays);
	assert_int_equal(delays_percentile(delays, 50), 0);
	delays_add(delays, 0);
	delays_add(delays, 31);
	delays_add(delays, 32);
	delays_add(delays, UINT64_MAX);
	assert_int_equal(delays_percentile(delays, 25), 0);
	assert_int_equal(delays_percentile(delays, 50), 31);
	assert_int_equal(delays_percentile(delays, 75), 32);
	assert_int_equal(delays_percentile(delays, 100), UINT64_MAX);
	free(delays);
}

static void percentiles_of_spans_are_nearest_rank(void **state)
{
	(void)state;
	struct span_kinds spans = {0};
	struct span_kind *kind = span_kinds_find(&spans, SPAN_TASK, 0, 7, "order");
	for (uint64_t ns = 200; ns > 0; ns--)
		span_kinds_add(&spans, kind, ns);
	assert_ptr_equal(span_kinds_find(&spans, SPAN_TASK, 0, 7, "order"), kind);
	span_kinds_settle(&spans);
	assert_int_equal(span_kind_percentile(kind, 50), 100);
	assert_int_equal(span_kind_percentile(kind, 95), 190);
	assert_int_equal(span_kind_percentile(kind, 99), 198);
	assert_int_equal(kind->max_ns, 200);
	assert_int_equal(kind->total_ns, 200 * 201 / 2);
	assert_int_equal(span_kind_percentile(span_kinds_find(&spans, SPAN_REGION, 0, 7, "order"), 50), 0);
	span_kinds_fini(&spans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_are_at_most_a_step_above_the_true_ones),
		cmocka_unit_test(small_and_largest_values_have_a_place),
		cmocka_unit_test(percentiles_of_spans_are_nearest_rank),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

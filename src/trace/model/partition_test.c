/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/memory.h"
#include "trace/model/partition.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The pieces as a picture: one letter for each unit of time, '.' where there is none. */
static char *picture(const struct partition *partition, uint64_t end)
{
	char *text = memory_allocate(end + 1);
	memset(text, '.', end);
	uint64_t last = 0;
	for (size_t i = 0; i < partition->count; i++) {
		const struct piece *piece = &partition->pieces[i];
		assert_true(piece->start_ns >= last && piece->end_ns > piece->start_ns);
		last = piece->end_ns;
		memset(text + piece->start_ns, 'a' + (int)piece->range, piece->end_ns - piece->start_ns);
	}
	return text;
}

static void assert_pieces(const struct partition *partition, const char *expected)
{
	char *text = picture(partition, strlen(expected));
	assert_string_equal(text, expected);
	free(text);
}

static void ranges_apart_stay_as_they_are(void **state)
{
	(void)state;
	struct partition partition = {0};
	partition_add(&partition, 0, 1, 3, 0);
	partition_add(&partition, 0, 5, 8, 1);
	assert_pieces(&partition, ".aa..bbb..");
	partition_fini(&partition);
}

static void inner_range_cuts_the_outer(void **state)
{
	(void)state;
	struct partition partition = {0};
	partition_add(&partition, 0, 3, 5, 0);
	partition_add(&partition, 0, 6, 7, 1);
	partition_add(&partition, 0, 1, 9, 2);
	assert_pieces(&partition, ".ccaacbcc.");
	partition_fini(&partition);
}

static void overlapping_range_begins_where_the_one_before_ends(void **state)
{
	(void)state;
	struct partition partition = {0};
	partition_add(&partition, 0, 1, 5, 0);
	partition_add(&partition, 0, 3, 8, 1);
	assert_pieces(&partition, ".aaaabbb..");
	partition_fini(&partition);
}

static void range_that_is_all_covered_has_no_piece(void **state)
{
	(void)state;
	struct partition partition = {0};
	partition_add(&partition, 0, 1, 5, 0);
	partition_add(&partition, 0, 2, 5, 1);
	assert_pieces(&partition, ".aaaa.....");
	partition_fini(&partition);
}

static void nothing_lies_before_what_is_spent(void **state)
{
	(void)state;
	struct partition partition = {0};
	partition_add(&partition, 4, 1, 6, 0);
	partition_add(&partition, 4, 1, 3, 1);
	assert_pieces(&partition, "....aa....");
	partition_fini(&partition);
}

static void deep_nesting_is_bounded(void **state)
{
	(void)state;
	enum { DEEP = 100000 };
	struct partition partition = {0};
	for (uint64_t i = 0; i < DEEP; i++)
		partition_add(&partition, 0, DEEP - i, DEEP + 1 + i, (uint32_t)i);
	uint64_t last = 0;
	for (size_t i = 0; i < partition.count; i++) {
		assert_true(partition.pieces[i].start_ns >= last);
		last = partition.pieces[i].end_ns;
	}
	assert_int_equal(last, 2 * DEEP);
	partition_fini(&partition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_apart_stay_as_they_are),
		cmocka_unit_test(inner_range_cuts_the_outer),
		cmocka_unit_test(overlapping_range_begins_where_the_one_before_ends),
		cmocka_unit_test(range_that_is_all_covered_has_no_piece),
		cmocka_unit_test(nothing_lies_before_what_is_spent),
		cmocka_unit_test(deep_nesting_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

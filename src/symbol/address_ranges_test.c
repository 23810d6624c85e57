/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/address_ranges.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The item at each address from 0 on, as a digit; '.' where there is none. */
static const char *items_at(struct address_ranges *ranges, uint64_t end)
{
	static char text[64];
	for (uint64_t address = 0; address < end; address++) {
		const struct address_range *range = address_ranges_find(ranges, address);
		text[address] = range ? (char)('0' + range->item) : '.';
	}
	text[end] = 0;
	return text;
}

static void of_ranges_within_each_other_the_inner_is_found(void **state)
{
	(void)state;
	struct address_ranges ranges = {0};
	address_ranges_add(&ranges, 12, 14, 3);
	address_ranges_add(&ranges, 5, 7, 2);
	address_ranges_add(&ranges, 2, 10, 1);
	address_ranges_add(&ranges, 5, 9, 4);
	address_ranges_add(&ranges, 3, 3, 5); /* empty */
	address_ranges_sort(&ranges);
	assert_string_equal(items_at(&ranges, 16), "..11122441..33..");
	address_ranges_fini(&ranges);
}

static void the_ends_of_the_address_space_can_be_found(void **state)
{
	(void)state;
	struct address_ranges ranges = {0};
	address_ranges_add(&ranges, UINT64_MAX - 1, UINT64_MAX, 1);
	address_ranges_add(&ranges, 0, 1, 2);
	address_ranges_add(&ranges, 9, 8, 3); /* backwards */
	address_ranges_sort(&ranges);
	assert_int_equal(address_ranges_find(&ranges, UINT64_MAX - 1)->item, 1);
	assert_null(address_ranges_find(&ranges, UINT64_MAX));
	assert_int_equal(address_ranges_find(&ranges, 0)->item, 2);
	assert_null(address_ranges_find(&ranges, 8));
	address_ranges_fini(&ranges);
}

static void nothing_is_found_among_none(void **state)
{
	(void)state;
	struct address_ranges ranges = {0};
	address_ranges_sort(&ranges);
	assert_null(address_ranges_find(&ranges, 0));
	address_ranges_fini(&ranges);
}

static void any_ranges_are_found_as_by_looking_at_all(void **state)
{
	(void)state;
	enum { ROUNDS = 500, COUNT = 8, END = 40 };
	unsigned seed = (unsigned)(uintptr_t)&seed;
	print_message("seed %u\n", seed);
	for (int round = 0; round < ROUNDS; round++) {
		struct address_ranges ranges = {0};
		for (size_t item = 0; item < COUNT; item++) {
			uint64_t low = (uint64_t)rand_r(&seed) % END;
			address_ranges_add(&ranges, low, low + 1 + (uint64_t)rand_r(&seed) % 10, item);
		}
		address_ranges_sort(&ranges);
		for (uint64_t address = 0; address < END + 10; address++) {
			uint64_t begins_last = 0;
			int is_held = 0;
			for (size_t i = 0; i < ranges.count; i++) {
				const struct address_range *range = &ranges.items[i];
				if (range->low > address || range->high <= address)
					continue;
				is_held = 1;
				if (range->low > begins_last)
					begins_last = range->low;
			}
			const struct address_range *found = address_ranges_find(&ranges, address);
			assert_int_equal(found != NULL, is_held);
			if (found)
				assert_int_equal(found->low, begins_last);
		}
		address_ranges_fini(&ranges);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_ranges_within_each_other_the_inner_is_found),
		cmocka_unit_test(the_ends_of_the_address_space_can_be_found),
		cmocka_unit_test(nothing_is_found_among_none),
		cmocka_unit_test(any_ranges_are_found_as_by_looking_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

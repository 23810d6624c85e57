/* SPDX-License-Identifier: Apache-2.0 */
#include "block/block_index.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct trace_index_entry entry_at(uint64_t number)
{
	return (struct trace_index_entry){.offset = 16 + 1000 * number,
					  .events = 10,
					  .first_time = 5000 + 100 * number,
					  .last_time = 5150 + 100 * number,
					  .clock = TRACE_CLOCK_TSC};
}

static void entries_come_back_as_they_were_added(void **state)
{
	(void)state;
	struct block_index index = {0}, again = {0};
	struct trace_index_entry entries[] = {
		entry_at(0),
		{.offset = 1 << 20, .first_time = 3, .last_time = UINT64_MAX, .clock = TRACE_CLOCK_MONOTONIC},
		{.offset = UINT64_MAX, .events = 1, .first_time = UINT64_MAX, .last_time = UINT64_MAX},
	};
	for (unsigned i = 0; i < 3; i++)
		block_index_add(&index, &entries[i]);
	size_t size;
	uint8_t *payload = block_index_encode(&index, &size);
	assert_int_equal(block_index_decode(&again, payload, size), 0);
	assert_int_equal(again.count, 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(again.entries[i].offset, entries[i].offset);
		assert_int_equal(again.entries[i].events, entries[i].events);
		assert_int_equal(again.entries[i].first_time, entries[i].first_time);
		assert_int_equal(again.entries[i].last_time, entries[i].last_time);
		assert_int_equal(again.entries[i].clock, entries[i].clock);
	}
	block_index_fini(&again);
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(block_index_decode(&again, payload, cut), -1);
	free(payload);
	block_index_fini(&index);
}

static void a_full_index_joins_neighbours(void **state)
{
	(void)state;
	struct block_index index = {0};
	for (uint64_t i = 0; i <= BLOCK_INDEX_MAX; i++) {
		struct trace_index_entry entry = entry_at(i);
		if (i == 3)
			entry.clock = TRACE_CLOCK_MONOTONIC;
		block_index_add(&index, &entry);
	}
	assert_int_equal(index.count, BLOCK_INDEX_MAX / 2 + 1);
	assert_int_equal(index.entries[0].offset, 16);
	assert_int_equal(index.entries[0].events, 20);
	assert_int_equal(index.entries[0].first_time, 5000);
	assert_int_equal(index.entries[0].last_time, 5250);
	assert_int_equal(index.entries[1].offset, 2016);
	assert_int_equal(index.entries[1].first_time, 0);
	assert_int_equal(index.entries[1].last_time, UINT64_MAX);
	assert_int_equal(index.entries[BLOCK_INDEX_MAX / 2].events, 10);
	block_index_fini(&index);
}

static void an_index_that_says_to_be_larger_than_it_can_be_is_refused(void **state)
{
	(void)state;
	struct block_index index = {0};
	enum { ENTRY = 5, COUNT = BLOCK_INDEX_MAX + 1, HEAD = 3 };
	uint8_t *payload = calloc(1, HEAD + ENTRY * COUNT);
	memcpy(payload, "\x81\x80\x04", HEAD);
	assert_int_equal(block_index_decode(&index, payload, HEAD + ENTRY * COUNT), -1);
	payload[0] = 0x80;
	assert_int_equal(block_index_decode(&index, payload, HEAD + ENTRY * BLOCK_INDEX_MAX), 0);
	block_index_fini(&index);
	assert_int_equal(block_index_decode(&index, payload, HEAD + ENTRY), -1);
	free(payload);
}

static void offsets_that_run_over_or_clocks_nobody_knows_are_refused(void **state)
{
	(void)state;
	struct block_index index = {0};
	assert_int_equal(block_index_decode(&index, (const uint8_t *)"\x01\x05\x01\x02\x00\x00", 6), -1);
	assert_int_equal(
		block_index_decode(
			&index,
			(const uint8_t *)"\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01\x00\x00\x00"
					 "\x01\x01\x00\x00\x00",
			20),
		-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_back_as_they_were_added),
		cmocka_unit_test(a_full_index_joins_neighbours),
		cmocka_unit_test(an_index_that_says_to_be_larger_than_it_can_be_is_refused),
		cmocka_unit_test(offsets_that_run_over_or_clocks_nobody_knows_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

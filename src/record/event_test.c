/* SPDX-License-Identifier: Apache-2.0 */
#include "record/event.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>

static const struct event_registers at_start = {.time = 1000, .address = 0x7000};

/* An event of each type, with values that are easy to tell apart; texts of 1, 2, … bytes. */
static struct event event_of(const struct event_type *type)
{
	struct event event = {.type = type, .time = 5000, .duration = type->shape == EVENT_RANGE ? 300 : 0};
	for (unsigned i = 0; i < type->field_count; i++) {
		struct event_value *value = &event.values[i];
		value->number = type->fields[i].type == FIELD_SINT ? (uint64_t)-5 - i : 100000 + i;
		if (type->fields[i].type == FIELD_TEXT)
			*value = (struct event_value){1 + i, (const uint8_t *)"abcdefgh"};
	}
	return event;
}

static void assert_same(const struct event *event, const struct event *expected)
{
	assert_ptr_equal(event->type, expected->type);
	assert_int_equal(event->time, expected->time);
	assert_int_equal(event->duration, expected->duration);
	for (unsigned i = 0; i < EVENT_FIELDS_MAX; i++) {
		assert_int_equal(event->values[i].number, expected->values[i].number);
		if (expected->values[i].text)
			assert_memory_equal(event->values[i].text, expected->values[i].text,
					    expected->values[i].number);
	}
}

static void every_type_comes_back_as_it_was_written(void **state)
{
	(void)state;
	unsigned types = 0;
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		const struct event_type *type = event_schema_own.by_number[number];
		if (!type)
			continue;
		types++;
		assert_int_equal(type->number, number);
		struct event expected = event_of(type), event;
		uint8_t bytes[512] = {0};
		struct event_cursor cursor = {bytes, at_start};
		event_encode(&cursor, &expected);
		assert_in_range(cursor.at - bytes, 1, event_encoded_max(&expected));

		struct event_registers registers = at_start;
		const uint8_t *at = bytes;
		assert_int_equal(event_decode(&event_schema_own, &registers, &at, cursor.at, &event), 1);
		assert_ptr_equal(at, cursor.at);
		assert_same(&event, &expected);
		assert_memory_equal(&registers, &cursor.registers, sizeof registers);
		assert_int_equal(event_decode(&event_schema_own, &registers, &at, cursor.at, &event), 0);
	}
	assert_true(types > 30);
}

static void generated_writers_write_what_the_table_reads(void **state)
{
	(void)state;
	uint8_t bytes[256] = {0};
	struct event_cursor cursor = {bytes, at_start};
	event_put_condition_wait(&cursor, 900, 250, 0x7040, 0x6fc0, 12);
	event_put_poll_wait(&cursor, 1200, 50, -1, 0);
	event_put_string(&cursor, 1250, 7, "seven", 5);

	struct event_registers registers = at_start;
	const uint8_t *at = bytes;
	struct event event;
	assert_int_equal(event_decode(&event_schema_own, &registers, &at, cursor.at, &event), 1);
	assert_string_equal(event.type->name, "condition_wait");
	assert_string_equal(event.type->reason, "condition");
	assert_int_equal(event.time, 1150);
	assert_int_equal(event.duration, 250);
	assert_int_equal(event.values[EVENT_CONDITION_WAIT_OBJECT].number, 0x7040);
	assert_int_equal(event.values[EVENT_CONDITION_WAIT_MUTEX].number, 0x6fc0);
	assert_int_equal(event.values[EVENT_CONDITION_WAIT_STACK].number, 12);

	assert_int_equal(event_decode(&event_schema_own, &registers, &at, cursor.at, &event), 1);
	assert_int_equal(event.time, 1250);
	assert_int_equal((int64_t)event.values[EVENT_POLL_WAIT_FD].number, -1);

	assert_int_equal(event_decode(&event_schema_own, &registers, &at, cursor.at, &event), 1);
	assert_int_equal(event.duration, 0);
	assert_memory_equal(event.values[EVENT_STRING_TEXT].text, "seven", 5);
	assert_ptr_equal(at, cursor.at);
}

static void an_ordinary_wait_takes_few_bytes(void **state)
{
	(void)state;
	uint8_t bytes[64] = {0};
	struct event_cursor cursor = {bytes, at_start};
	event_put_poll_wait(&cursor, 1000 + 5000, 2500, 9, 1234);
	assert_in_range(cursor.at - bytes, 1, 9);
}

/* The bytes end where the allocation ends, so that a sanitizer sees a read behind them. */
static int decode_copy(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, bytes, size);
	struct event_registers registers = at_start;
	const uint8_t *at = copy;
	struct event event;
	int result = event_decode(&event_schema_own, &registers, &at, copy + size, &event);
	if (result <= 0) {
		assert_ptr_equal(at, copy);
		assert_memory_equal(&registers, &at_start, sizeof registers);
	}
	free(copy);
	return result;
}

static void an_event_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (unsigned number = 0; number < EVENT_NUMBER_LIMIT; number++) {
		if (!event_schema_own.by_number[number])
			continue;
		struct event event = event_of(event_schema_own.by_number[number]);
		uint8_t bytes[512] = {0};
		struct event_cursor cursor = {bytes, at_start};
		event_encode(&cursor, &event);
		size_t size = (size_t)(cursor.at - bytes);
		assert_int_equal(decode_copy(bytes, size), 1);
		assert_int_equal(decode_copy(bytes, 0), 0);
		for (size_t cut = 1; cut < size; cut++)
			assert_int_equal(decode_copy(bytes, cut), -1);
	}
}

static void a_type_that_nobody_declared_is_refused(void **state)
{
	(void)state;
	assert_int_equal(decode_copy((const uint8_t *)"\x00\x00", 2), -1);
	assert_int_equal(decode_copy((const uint8_t *)"\x7e\x00\x00\x00", 4), -1);
	assert_int_equal(decode_copy((const uint8_t *)"\xff\xff\xff\xff\x0f\x00", 6), -1);
}

static void a_text_that_says_to_be_longer_than_an_event_is_refused(void **state)
{
	(void)state;
	size_t room = EVENT_SIZE_MAX + 64;
	uint8_t *text = calloc(1, room), *bytes = calloc(2, room);
	for (int is_too_long = 0; is_too_long < 2; is_too_long++) {
		struct event_cursor cursor = {bytes, at_start};
		/* number 1, time 1, id 1, size of the text 3 */
		event_put_string(&cursor, 1000, 1, text, EVENT_SIZE_MAX - 6 + (size_t)is_too_long);
		assert_int_equal(decode_copy(bytes, (size_t)(cursor.at - bytes)), is_too_long ? -1 : 1);
	}
	/* size of the text 2^64 - 1 */
	assert_int_equal(
		decode_copy((const uint8_t *)"\x05\x00\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x", 14),
		-1);
	free(text);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_comes_back_as_it_was_written),
		cmocka_unit_test(generated_writers_write_what_the_table_reads),
		cmocka_unit_test(an_ordinary_wait_takes_few_bytes),
		cmocka_unit_test(an_event_cut_anywhere_is_refused),
		cmocka_unit_test(a_type_that_nobody_declared_is_refused),
		cmocka_unit_test(a_text_that_says_to_be_longer_than_an_event_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
	uint64_t number;
	size_t size;
	const char *bytes;
} numbers[] = {
	{0, 1, "\x00"},
	{1, 1, "\x01"},
	{127, 1, "\x7f"},
	{128, 2, "\x80\x01"},
	{300, 2, "\xac\x02"},
	{16383, 2, "\xff\x7f"},
	{16384, 3, "\x80\x80\x01"},
	{UINT64_C(1) << 56, 9, "\x80\x80\x80\x80\x80\x80\x80\x80\x01"},
	{UINT64_MAX, 10, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static void a_number_takes_seven_bits_a_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUMBERS; i++) {
		uint8_t bytes[WIRE_VARINT_MAX];
		uint8_t *end = wire_put_uint(bytes, numbers[i].number);
		assert_int_equal(end - bytes, numbers[i].size);
		assert_memory_equal(bytes, numbers[i].bytes, numbers[i].size);

		uint64_t number = 42;
		assert_ptr_equal(wire_get_uint(bytes, end, &number), end);
		assert_int_equal(number, numbers[i].number);
	}
}

static void a_number_cut_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < NUMBERS; i++) {
		const uint8_t *bytes = (const uint8_t *)numbers[i].bytes;
		for (size_t size = 0; size < numbers[i].size; size++) {
			uint64_t number = 42;
			assert_null(wire_get_uint(bytes, bytes + size, &number));
			assert_int_equal(number, 42);
		}
	}
}

static void a_number_of_more_than_64_bits_is_refused(void **state)
{
	(void)state;
	static const char *const too_long[] = {
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
		"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
	};
	for (size_t i = 0; i < sizeof too_long / sizeof *too_long; i++) {
		const uint8_t *bytes = (const uint8_t *)too_long[i];
		uint64_t number;
		assert_null(wire_get_uint(bytes, bytes + strlen(too_long[i]), &number));
	}
}

static void small_negative_numbers_are_short(void **state)
{
	(void)state;
	static const struct {
		int64_t number;
		size_t size;
		const char *bytes;
	} cases[] = {
		{0, 1, "\x00"},
		{-1, 1, "\x01"},
		{1, 1, "\x02"},
		{-64, 1, "\x7f"},
		{64, 2, "\x80\x01"},
		{INT64_MAX, 10, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
		{INT64_MIN, 10, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[WIRE_VARINT_MAX];
		uint8_t *end = wire_put_sint(bytes, cases[i].number);
		assert_int_equal(end - bytes, cases[i].size);
		assert_memory_equal(bytes, cases[i].bytes, cases[i].size);

		int64_t number;
		assert_ptr_equal(wire_get_sint(bytes, end, &number), end);
		assert_true(number == cases[i].number);
	}
}

static void a_text_is_its_size_and_its_bytes(void **state)
{
	(void)state;
	uint8_t bytes[16];
	uint8_t *end = wire_put_text(bytes, "lock", 4);
	end = wire_put_text(end, NULL, 0);
	assert_int_equal(end - bytes, 6);
	assert_memory_equal(bytes, "\x04lock\x00", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_takes_seven_bits_a_byte),
		cmocka_unit_test(a_number_cut_anywhere_is_refused),
		cmocka_unit_test(a_number_of_more_than_64_bits_is_refused),
		cmocka_unit_test(small_negative_numbers_are_short),
		cmocka_unit_test(a_text_is_its_size_and_its_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/quantity.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { UNTOUCHED = 77 };

struct example {
	const char *text;
	uint64_t value;
};

static void each_is_read(int (*read)(const char *, uint64_t *), const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = UNTOUCHED;
		print_message("%s\n", examples[i].text);
		assert_int_equal(read(examples[i].text, &value), 0);
		assert_int_equal(value, examples[i].value);
	}
}

static void each_is_refused(int (*read)(const char *, uint64_t *), const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value = UNTOUCHED;
		print_message("'%s'\n", texts[i]);
		assert_int_equal(read(texts[i], &value), -1);
		assert_int_equal(value, UNTOUCHED);
	}
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void durations_are_read_in_every_unit(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{"0", 0},
		{"0s", 0},
		{"7ns", 7},
		{"10us", 10000},
		{"5ms", 5000000},
		{"1s", 1000000000},
		{"1.5s", 1500000000},
		{"0.0000000019s", 1},
		{"2m", UINT64_C(120000000000)},
		{"1h", UINT64_C(3600000000000)},
		{"18446744073709551615ns", UINT64_MAX},
	};
	each_is_read(quantity_read_duration, examples, COUNT(examples));
}

static void what_is_no_duration_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"5",
		"5 ms",
		" 5ms",
		"5ms ",
		"-5ms",
		"+5ms",
		"5 parsecs",
		"ms",
		"1.s",
		".5s",
		"1e3s",
		"0x10s",
		"1,5s",
		"1.5ns",
		"1.5.5s",
		"18446744073709551616ns",
		"999999999999h",
	};
	each_is_refused(quantity_read_duration, texts, COUNT(texts));
}

static void sizes_are_powers_of_1024(void **state)
{
	(void)state;
	static const struct example examples[] = {
		{"0", 0},          {"4096", 4096},      {"1K", 1024},
		{"16M", 16777216}, {"0.5g", 536870912}, {"1G", 1073741824},
	};
	each_is_read(quantity_read_size, examples, COUNT(examples));
}

static void what_is_no_size_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "M", "1T", "1.5", "1MB", "-1M", "17179869184G"};
	each_is_refused(quantity_read_size, texts, COUNT(texts));
}

static void counts_are_digits_alone(void **state)
{
	(void)state;
	static const struct example examples[] = {{"0", 0}, {"10", 10}, {"18446744073709551615", UINT64_MAX}};
	static const char *const texts[] = {"", "ten", "1.0", "-1", "1 ", "18446744073709551616"};
	each_is_read(quantity_read_count, examples, COUNT(examples));
	each_is_refused(quantity_read_count, texts, COUNT(texts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read_in_every_unit),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(what_is_no_size_is_refused),
		cmocka_unit_test(counts_are_digits_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

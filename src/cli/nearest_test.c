/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char *const words[] = {"run", "report", "dump", "a-very-long-word-that-nobody-would-ever-type"};

static const char *nearest(const char *word)
{
	return nearest_word(word, strlen(word), words, sizeof words / sizeof *words);
}

static void a_slip_of_the_finger_is_recognised(void **state)
{
	(void)state;
	assert_string_equal(nearest("rnu"), "run");
	assert_string_equal(nearest("runn"), "run");
	assert_string_equal(nearest("rport"), "report");
	assert_string_equal(nearest("reprot"), "report");
	assert_string_equal(nearest("damp"), "dump");
}

static void another_word_is_near_to_nothing(void **state)
{
	(void)state;
	assert_null(nearest(""));
	assert_null(nearest("install"));
	assert_null(nearest("xyz"));
	assert_null(nearest("a-very-long-word-that-nobody-would-ever-typo"));
}

static void only_the_size_given_is_looked_at(void **state)
{
	(void)state;
	assert_string_equal(nearest_word("dumq=5", 4, words, 3), "dump");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_of_the_finger_is_recognised),
		cmocka_unit_test(another_word_is_near_to_nothing),
		cmocka_unit_test(only_the_size_given_is_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

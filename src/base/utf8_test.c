/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

static void only_well_formed_characters_have_a_size(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{"a", 1},
		{"\x7f", 1},
		{"\xc2\x80", 2},
		{"\xdf\xbf", 2},
		{"\xe0\xa0\x80", 3},
		{"\xed\x9f\xbf", 3},
		{"\xee\x80\x80", 3},
		{"\xef\xbf\xbf", 3},
		{"\xf0\x90\x80\x80", 4},
		{"\xf4\x8f\xbf\xbf", 4},
		{"\x80", 0},
		{"\xbf", 0},
		{"\xc1\xbf", 0},
		{"\xc2", 0},
		{"\xc2\x20", 0},
		{"\xe0\x9f\xbf", 0},
		{"\xed\xa0\x80", 0},
		{"\xe2\x82", 0},
		{"\xe2\x82\x20", 0},
		{"\xf0\x8f\xbf\xbf", 0},
		{"\xf4\x90\x80\x80", 0},
		{"\xf5\x80\x80\x80", 0},
		{"\xff", 0},
		{"\xf0\x90\x80", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(utf8_character_size((const uint8_t *)cases[i].bytes, strlen(cases[i].bytes)),
				 cases[i].size);
}

static void what_a_terminal_obeys_is_a_control_character(void **state)
{
	(void)state;
	static const char *const controls[] = {"\x1b", "\n", "\x7f", "\xc2\x80", "\xc2\x9f"};
	static const char *const others[] = {" ", "~", "\xc2\xa0", "\xc3\x80"};
	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
		assert_true(utf8_is_control((const uint8_t *)controls[i]));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(utf8_is_control((const uint8_t *)others[i]));
}

static void a_character_that_was_cut_is_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t whole;
	} cases[] = {{"", 0},
		     {"ab", 2},
		     {"a\xc3\xa4", 3},
		     {"a\xc3", 1},
		     {"a\xe2\x82\xac", 4},
		     {"a\xe2\x82", 1},
		     {"a\xf0\x9f\x90\xa6", 5},
		     {"a\xf0\x9f\x90", 1},
		     {"\xe2\x82", 0},
		     {"\xe2", 0}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(utf8_whole_size((const uint8_t *)cases[i].text, strlen(cases[i].text)),
				 cases[i].whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_characters_have_a_size),
		cmocka_unit_test(what_a_terminal_obeys_is_a_control_character),
		cmocka_unit_test(a_character_that_was_cut_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

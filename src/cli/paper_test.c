/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "cli/paper.h"
#include <stdlib.h>
#include <string.h>

static void durations_have_three_digits_and_a_unit(void **state)
{
	(void)state;
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0, "0 s"},
		{1, "1 ns"},
		{999, "999 ns"},
		{1000, "1.00 us"},
		{9994, "9.99 us"},
		{9996, "10.0 us"},
		{99960, "100 us"},
		{999499, "999 us"},
		{999500, "1.00 ms"},
		{41200000, "41.2 ms"},
		{999600000, "1.00 s"},
		{41200000000, "41.2 s"},
		{599000000000, "599 s"},
		{600000000000, "10.0 min"},
		{7200000000000, "2.00 h"},
		{UINT64_MAX, "5124096 h"},
	};
	char text[PAPER_NUMBER_MAX];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(paper_duration(cases[i].ns, text), cases[i].text);
}

static void counts_and_shares_read_easily(void **state)
{
	(void)state;
	char text[PAPER_NUMBER_MAX];
	assert_string_equal(paper_count(0, text), "0");
	assert_string_equal(paper_count(1234567, text), "1,234,567");
	assert_string_equal(paper_count(UINT64_MAX, text), "18,446,744,073,709,551,615");
	assert_string_equal(paper_percent(0, 5, text), "0 %");
	assert_string_equal(paper_percent(1, 100000, text), "<0.1 %");
	assert_string_equal(paper_percent(1, 3, text), "33.3 %");
	assert_string_equal(paper_percent(5, 5, text), "100 %");
	assert_string_equal(paper_percent(5, 0, text), "0 %");
}

static char *printed(void (*print)(const struct paper *paper), bool is_coloured)
{
	char *text;
	size_t size;
	struct paper paper = {open_memstream(&text, &size), is_coloured};
	print(&paper);
	fclose(paper.output);
	return text;
}

static void print_columns(const struct paper *paper)
{
	paper_column(paper, INK_PLAIN, 8, "größe");
	paper_column(paper, INK_PLAIN, 6, "%s", "too long");
	paper_right(paper, INK_PLAIN, 6, "12 ms");
	paper_print(paper, INK_PLAIN, 3, "時間です");
}

static void columns_count_characters_and_cut_what_is_too_long(void **state)
{
	(void)state;
	char *text = printed(print_columns, 0);
	assert_string_equal(text, "größe   too l… 12 ms時間…");
	free(text);
}

static void print_alarm(const struct paper *paper)
{
	paper_print(paper, INK_ALARM, 20, "lost");
}

static void colour_comes_only_when_asked_for(void **state)
{
	(void)state;
	char *plain = printed(print_alarm, 0), *coloured = printed(print_alarm, 1);
	assert_string_equal(plain, "lost");
	assert_string_equal(coloured, "\033[1;31mlost\033[0m");
	free(plain);
	free(coloured);
}

static void print_paragraph(const struct paper *paper)
{
	paper_paragraph(paper, INK_PLAIN, 4, "%s",
			"one two three four five six seven eight nine ten eleven twelve thirteen "
			"fourteen");
}

static void paragraphs_break_between_words(void **state)
{
	(void)state;
	char *text = printed(print_paragraph, 0);
	assert_string_equal(text,
			    "    one two three four five six seven eight nine ten eleven twelve thirteen\n"
			    "    fourteen\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_have_three_digits_and_a_unit),
		cmocka_unit_test(counts_and_shares_read_easily),
		cmocka_unit_test(columns_count_characters_and_cut_what_is_too_long),
		cmocka_unit_test(colour_comes_only_when_asked_for),
		cmocka_unit_test(paragraphs_break_between_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/settings.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ARGUMENTS_MAX = 16 };

/* One command line, split at blanks, read for its verb. */
struct reading {
	char text[256];
	char *arguments[ARGUMENTS_MAX];
	struct settings settings;
	char **words;
	struct error error;
};

static const struct verb *verb_named(const char *name)
{
	for (const struct verb *verb = verb_table; verb->name; verb++)
		if (!strcmp(verb->name, name))
			return verb;
	return &verb_program;
}

static int read_line(struct reading *reading, const char *line)
{
	*reading = (struct reading){0};
	strncpy(reading->text, line, sizeof reading->text - 1);
	size_t count = 0;
	for (char *word = strtok(reading->text, " "); word && count < ARGUMENTS_MAX - 1;
	     word = strtok(NULL, " "))
		reading->arguments[count++] = word;
	return settings_read(&reading->settings, verb_named(reading->arguments[0]), reading->arguments,
			     &reading->words, &reading->error);
}

static void is_read(struct reading *reading, const char *line)
{
	int result = read_line(reading, line);
	if (result < 0)
		fail_msg("%s: %s", line, reading->error.text);
}

static void is_refused(const char *line, const char *message)
{
	struct reading reading;
	assert_int_equal(read_line(&reading, line), -1);
	assert_string_equal(reading.error.text, message);
	settings_fini(&reading.settings);
}

static void what_is_not_said_has_its_default(void **state)
{
	(void)state;
	struct reading reading;
	is_read(&reading, "run true");
	assert_null(reading.settings.output);
	assert_false(reading.settings.force);
	assert_int_equal(reading.settings.threshold_ns, 10000);
	assert_int_equal(reading.settings.arena_size_bytes, 32 << 20);
	is_read(&reading, "report a.tbt");
	assert_int_equal(reading.settings.from_ns, 0);
	assert_int_equal(reading.settings.to_ns, UINT64_MAX);
	assert_int_equal(reading.settings.top, 10);
	assert_int_equal(reading.settings.color, COLOR_AUTO);
}

static void options_are_read_long_and_short(void **state)
{
	(void)state;
	struct reading reading;
	is_read(&reading, "run -o a.tbt --force --threshold=1.5ms --arena-size 16M true");
	assert_string_equal(reading.settings.output, "a.tbt");
	assert_true(reading.settings.force);
	assert_int_equal(reading.settings.threshold_ns, 1500000);
	assert_int_equal(reading.settings.arena_size_bytes, 16 << 20);
	is_read(&reading, "run -ob.tbt true");
	assert_string_equal(reading.settings.output, "b.tbt");
}

static void options_of_run_end_at_the_command(void **state)
{
	(void)state;
	struct reading reading;
	is_read(&reading, "run --quiet ls --force -o x");
	assert_true(reading.settings.quiet);
	assert_false(reading.settings.force);
	assert_string_equal(reading.words[0], "ls");
	assert_string_equal(reading.words[1], "--force");
	assert_string_equal(reading.words[3], "x");
	assert_null(reading.words[4]);
}

static void options_of_run_end_at_two_dashes(void **state)
{
	(void)state;
	struct reading reading;
	is_read(&reading, "run --quiet -- --force");
	assert_false(reading.settings.force);
	assert_string_equal(reading.words[0], "--force");
	assert_null(reading.words[1]);
}

static void options_of_report_may_follow_the_file(void **state)
{
	(void)state;
	struct reading reading;
	is_read(&reading, "report a.tbt --json --top 3");
	assert_true(reading.settings.json);
	assert_int_equal(reading.settings.top, 3);
	assert_string_equal(reading.words[0], "a.tbt");
	assert_null(reading.words[1]);
}

static void a_list_keeps_every_value_in_order(void **state)
{
	(void)state;
	struct reading reading;
	is_read(&reading, "report --thread 17 a.tbt --thread=worker");
	assert_int_equal(reading.settings.thread.count, 2);
	assert_string_equal(reading.settings.thread.items[0], "17");
	assert_string_equal(reading.settings.thread.items[1], "worker");
	settings_fini(&reading.settings);
	assert_int_equal(reading.settings.thread.count, 0);
}

static void a_wrong_value_is_refused_with_the_right_form(void **state)
{
	(void)state;
	is_refused("run --threshold 5parsecs true",
		   "--threshold: '5parsecs' is not a duration; write it like 10us, 5ms or 1s");
	is_refused("run --arena-size big true",
		   "--arena-size: 'big' is not a size; write it like 512K, 16M or 1G");
	is_refused("run --arena-size 5K true", "--arena-size: 5K is too small; the least is 1M");
	is_refused("run --arena-size 5G true", "--arena-size: 5G is too much; the most is 4G");
	is_refused("report --top many a", "--top: 'many' is not a number");
	is_refused("report --color blue a", "--color: 'blue' is none of auto, always, never");
	is_refused("run --output= true", "--output: the name of the file is empty");
}

static void a_wrong_option_is_refused_with_the_one_meant(void **state)
{
	(void)state;
	is_refused("run --treshold=5ms true", "there is no option '--treshold'; did you mean --threshold?");
	is_refused("run --json true", "there is no option '--json'; see tickbird run --help");
	is_refused("run -x true", "there is no option '-x'; see tickbird run --help");
	is_refused("run --quiet=yes true", "--quiet takes no value");
	is_refused("run --threshold", "--threshold needs a value");
	is_refused("report --no-color a", "there is no option '--no-color'; did you mean --color?");
}

static void no_color_switches_automatic_colour_off(void **state)
{
	(void)state;
	struct reading reading;
	setenv("NO_COLOR", "", 1);
	is_read(&reading, "report a");
	assert_false(reading.settings.no_color);
	setenv("NO_COLOR", "1", 1);
	is_read(&reading, "report a");
	unsetenv("NO_COLOR");
	assert_true(reading.settings.no_color);
	assert_false(settings_color_wanted(&reading.settings, 1));
	reading.settings.color = COLOR_ALWAYS;
	assert_true(settings_color_wanted(&reading.settings, 1));
	reading.settings.color = COLOR_NEVER;
	assert_false(settings_color_wanted(&reading.settings, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(options_are_read_long_and_short),
		cmocka_unit_test(options_of_run_end_at_the_command),
		cmocka_unit_test(options_of_run_end_at_two_dashes),
		cmocka_unit_test(options_of_report_may_follow_the_file),
		cmocka_unit_test(a_list_keeps_every_value_in_order),
		cmocka_unit_test(a_wrong_value_is_refused_with_the_right_form),
		cmocka_unit_test(a_wrong_option_is_refused_with_the_one_meant),
		cmocka_unit_test(no_color_switches_automatic_colour_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

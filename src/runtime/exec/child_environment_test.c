/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec/child_environment.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct kept_environment kept = {
	.is_kept = true,
	.library = "/opt/tickbird.so",
	.library_size = sizeof "/opt/tickbird.so" - 1,
	.variable_count = 2,
	.variables = {"TICKBIRD_SOCKET=nest", "TICKBIRD_DISABLE_HOOKS="},
};

#define OURS "TICKBIRD_SOCKET=nest", "TICKBIRD_DISABLE_HOOKS="

/* The environment that a child gets, entries parted by |; "same" for the given one. */
static const char *made_from(enum program_preload preload, char *const *given)
{
	static char line[64 * 1024];
	struct child_environment plan;
	size_t room = child_environment_plan(&plan, &kept, given, preload);
	if (!room)
		return "same";
	/* exactly the room that was asked for, so that a sanitizer sees a byte more */
	void *memory = malloc(room);
	char **entries = child_environment_make(&plan, memory);
	*line = 0;
	for (char **entry = entries; *entry; entry++)
		sprintf(line + strlen(line), "%s%s", entry == entries ? "" : "|", *entry);
	free(memory);
	return line;
}

#define MADE(preload, ...) made_from(preload, (char *const[]){__VA_ARGS__, NULL})

static void an_empty_environment_gains_ours(void **state)
{
	(void)state;
	const char *expected = "LD_PRELOAD=/opt/tickbird.so|TICKBIRD_SOCKET=nest|TICKBIRD_DISABLE_HOOKS=";
	assert_string_equal(made_from(PRELOAD_ADD, NULL), expected);
	assert_string_equal(made_from(PRELOAD_ADD, (char *const[]){NULL}), expected);
}

static void what_is_there_stays_in_its_place(void **state)
{
	(void)state;
	assert_string_equal(MADE(PRELOAD_ADD, "A=1", "LD_PRELOAD=/opt/tickbird.so", OURS, "B=2"), "same");
	assert_string_equal(MADE(PRELOAD_ADD, "A=1", "LD_PRELOAD=a.so:/opt/tickbird.so b.so", OURS), "same");
	assert_string_equal(
		MADE(PRELOAD_ADD, "A=1", OURS, "B=2"),
		"A=1|TICKBIRD_SOCKET=nest|TICKBIRD_DISABLE_HOOKS=|B=2|LD_PRELOAD=/opt/tickbird.so");
	assert_string_equal(
		MADE(PRELOAD_ADD, "LD_PRELOAD=/opt/tickbird.so", "A=1", "TICKBIRD_DISABLE_HOOKS=read"),
		"LD_PRELOAD=/opt/tickbird.so|A=1|TICKBIRD_DISABLE_HOOKS=read|TICKBIRD_SOCKET=nest");
}

static void other_libraries_keep_their_order_before_ours(void **state)
{
	(void)state;
	assert_string_equal(
		MADE(PRELOAD_ADD, "LD_PRELOAD=a.so b.so", OURS, "A=1"),
		"LD_PRELOAD=a.so b.so:/opt/tickbird.so|TICKBIRD_SOCKET=nest|TICKBIRD_DISABLE_HOOKS=|A=1");
	assert_string_equal(MADE(PRELOAD_ADD, "LD_PRELOAD=", OURS),
			    "LD_PRELOAD=/opt/tickbird.so|TICKBIRD_SOCKET=nest|TICKBIRD_DISABLE_HOOKS=");
	assert_string_equal(MADE(PRELOAD_ADD, "LD_PRELOAD=/opt/tickbird.so.old", OURS),
			    "LD_PRELOAD=/opt/tickbird.so.old:/opt/"
			    "tickbird.so|TICKBIRD_SOCKET=nest|TICKBIRD_DISABLE_HOOKS=");
}

static void of_two_lists_the_last_counts_as_for_the_loader(void **state)
{
	(void)state;
	assert_string_equal(MADE(PRELOAD_ADD, "LD_PRELOAD=/opt/tickbird.so", "LD_PRELOAD=a.so", OURS),
			    "LD_PRELOAD=/opt/tickbird.so|LD_PRELOAD=a.so:/opt/"
			    "tickbird.so|TICKBIRD_SOCKET=nest|TICKBIRD_DISABLE_HOOKS=");
	assert_string_equal(MADE(PRELOAD_ADD, "LD_PRELOAD=a.so", "LD_PRELOAD=/opt/tickbird.so", OURS),
			    "same");
}

static void another_recorder_of_the_child_is_not_replaced(void **state)
{
	(void)state;
	assert_string_equal(MADE(PRELOAD_ADD, "TICKBIRD_SOCKET=inner", "LD_PRELOAD=/opt/tickbird.so",
				 "TICKBIRD_DISABLE_HOOKS="),
			    "same");
}

static void names_that_only_begin_alike_are_others(void **state)
{
	(void)state;
	assert_string_equal(MADE(PRELOAD_ADD, "LD_PRELOAD_X=a", "TICKBIRD_SOCKETS=b", "LD_PRELOAD"),
			    "LD_PRELOAD_X=a|TICKBIRD_SOCKETS=b|LD_PRELOAD|LD_PRELOAD=/opt/"
			    "tickbird.so|TICKBIRD_SOCKET=nest|"
			    "TICKBIRD_DISABLE_HOOKS=");
}

static void where_it_would_do_harm_the_list_is_as_without_us(void **state)
{
	(void)state;
	assert_string_equal(MADE(PRELOAD_REMOVE, "A=1", "LD_PRELOAD=/opt/tickbird.so", "B=2"), "A=1|B=2");
	assert_string_equal(MADE(PRELOAD_REMOVE, "LD_PRELOAD=a.so:/opt/tickbird.so"), "LD_PRELOAD=a.so");
	assert_string_equal(MADE(PRELOAD_REMOVE, "LD_PRELOAD=/opt/tickbird.so a.so:b.so"),
			    "LD_PRELOAD=a.so:b.so");
	assert_string_equal(MADE(PRELOAD_REMOVE, "LD_PRELOAD=a.so:/opt/tickbird.so:b.so:/opt/tickbird.so"),
			    "LD_PRELOAD=a.so:b.so");
	assert_string_equal(
		MADE(PRELOAD_REMOVE, "LD_PRELOAD=/opt/tickbird.so", "LD_PRELOAD=a.so:/opt/tickbird.so"),
		"LD_PRELOAD=a.so");
	assert_string_equal(MADE(PRELOAD_REMOVE, "LD_PRELOAD=a.so", "LD_PRELOAD="), "same");
	assert_string_equal(made_from(PRELOAD_REMOVE, NULL), "same");
}

static void what_is_to_be_left_is_left(void **state)
{
	(void)state;
	assert_string_equal(MADE(PRELOAD_LEAVE, "LD_PRELOAD=a.so"), "same");
	assert_string_equal(made_from(PRELOAD_LEAVE, NULL), "same");
}

static void an_environment_too_big_for_a_stack_is_left_alone(void **state)
{
	(void)state;
	enum { ENTRIES = CHILD_ENVIRONMENT_ROOM_MAX / sizeof(char *) };
	char **given = calloc(ENTRIES + 1, sizeof *given);
	for (size_t i = 0; i < ENTRIES; i++)
		given[i] = (char *)"A=1";
	assert_string_equal(made_from(PRELOAD_ADD, given), "same");
	given[ENTRIES - 30] = NULL;
	assert_string_not_equal(made_from(PRELOAD_ADD, given), "same");
	free(given);
}

static void values_are_found_by_name(void **state)
{
	(void)state;
	char *const given[] = {"PATHS=no", "PATH=/bin", "PATH=/later", NULL};
	assert_string_equal(environment_value(given, "PATH"), "/bin");
	assert_null(environment_value(given, "PAT"));
	assert_null(environment_value(NULL, "PATH"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_environment_gains_ours),
		cmocka_unit_test(what_is_there_stays_in_its_place),
		cmocka_unit_test(other_libraries_keep_their_order_before_ours),
		cmocka_unit_test(of_two_lists_the_last_counts_as_for_the_loader),
		cmocka_unit_test(another_recorder_of_the_child_is_not_replaced),
		cmocka_unit_test(names_that_only_begin_alike_are_others),
		cmocka_unit_test(where_it_would_do_harm_the_list_is_as_without_us),
		cmocka_unit_test(what_is_to_be_left_is_left),
		cmocka_unit_test(an_environment_too_big_for_a_stack_is_left_alone),
		cmocka_unit_test(values_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

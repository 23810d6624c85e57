/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/mappings.h"
#include <limits.h>
#include <string.h>
#include "agent/test_recorded.h"

static void update(struct test_recorded *test, const char *maps)
{
	mappings_update(&test->recorded, &test->journal, maps);
}

static void only_executable_mappings_count(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	update(test,
	       "00400000-00401000 r--p 00000000 08:01 123                                /nowhere/program\n"
	       "00401000-00403000 r-xp 00001000 08:01 123                                /nowhere/program\n"
	       "00403000-00404000 rw-p 00003000 08:01 123                                /nowhere/program\n"
	       "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
	       "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]\n"
	       "7ffc00100000-7ffc00102000 r-xp 00000000 00:00 0                          [vdso]\n");
	assert_string_equal(test_recorded_tell(test), "module 1 \"/nowhere/program\" \"\"\n"
						      "mapping 1 0x401000 8192 4096 1\n"
						      "module 2 \"\" \"\"\n"
						      "mapping 1 0x7f0000000000 4096 0 2\n"
						      "module 3 \"[vdso]\" \"\"\n"
						      "mapping 1 0x7ffc00100000 8192 0 3\n");
	test_recorded_destroy(test);
}

static void what_stays_is_not_told_again_and_what_went_is(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	update(test, "1000-2000 r-xp 0 08:01 1 /nowhere/program\n"
		     "5000-6000 r-xp 0 08:01 2 /nowhere/gone.so\n"
		     "8000-9000 r-xp 0 08:01 3 /nowhere/grows.so\n");
	test->recorded.has_unknown_code = true;
	update(test, "1000-2000 r-xp 0 08:01 1 /nowhere/program\n"
		     "5000-6000 r-xp 0 08:01 4 /nowhere/came.so\n"
		     "8000-a000 r-xp 0 08:01 3 /nowhere/grows.so\n");
	assert_false(test->recorded.has_unknown_code);
	assert_int_equal(test->recorded.mapping_count, 3);
	assert_string_equal(test_recorded_tell(test), "module 1 \"/nowhere/program\" \"\"\n"
						      "mapping 1 0x1000 4096 0 1\n"
						      "module 2 \"/nowhere/gone.so\" \"\"\n"
						      "mapping 1 0x5000 4096 0 2\n"
						      "module 3 \"/nowhere/grows.so\" \"\"\n"
						      "mapping 1 0x8000 4096 0 3\n"
						      "module 4 \"/nowhere/came.so\" \"\"\n"
						      "mapping 1 0x5000 4096 0 4\n"
						      "mapping 1 0x8000 8192 0 3\n"
						      "unmapping 1 0x5000\n"
						      "unmapping 1 0x8000\n");
	test_recorded_destroy(test);
}

static void a_path_may_hold_blanks(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	update(test, "1000-2000 r-xp 0 08:01 1       /nowhere/a  file (deleted)\n");
	assert_string_equal(test->recorded.mappings[0].path, "/nowhere/a  file (deleted)");
	test_recorded_destroy(test);
}

static void lines_that_are_none_are_left_out(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	char long_line[PATH_MAX + 300];
	int head = snprintf(long_line, sizeof long_line, "1000-2000 r-xp 0 08:01 1 /");
	memset(long_line + head, 'x', sizeof long_line - (size_t)head - 1);
	long_line[sizeof long_line - 1] = 0;
	update(test, "\n\nrubbish\n"
		     "1000-2000\n"
		     "1000-2000 r-xp\n"
		     "1000-2000 x 0 08:01 1 /short/permissions\n"
		     "2000-1000 r-xp 0 08:01 1 /ends/before/it/begins\n"
		     "1000-1000 r-xp 0 08:01 1 /empty\n"
		     "zzzz-2000 r-xp 0 08:01 1 /no/number\n"
		     "9000-a000 r-xp 0 08:01 1 /nowhere/cut");
	assert_int_equal(test->recorded.mapping_count, 1);
	assert_string_equal(test->recorded.mappings[0].path, "/nowhere/cut");
	update(test, long_line);
	assert_int_equal(test->recorded.mapping_count, 0);
	test_recorded_destroy(test);
}

static void an_address_is_found_in_the_mapping_that_holds_it(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	assert_null(mappings_find(&test->recorded, 0x1000));
	update(test, "1000-2000 r-xp 0 08:01 1 /nowhere/first\n"
		     "3000-5000 r-xp 0 08:01 1 /nowhere/second\n");
	assert_null(mappings_find(&test->recorded, 0xfff));
	assert_string_equal(mappings_find(&test->recorded, 0x1000)->path, "/nowhere/first");
	assert_string_equal(mappings_find(&test->recorded, 0x1fff)->path, "/nowhere/first");
	assert_null(mappings_find(&test->recorded, 0x2000));
	assert_string_equal(mappings_find(&test->recorded, 0x4fff)->path, "/nowhere/second");
	assert_null(mappings_find(&test->recorded, UINT64_MAX));
	test_recorded_destroy(test);
}

static void there_are_no_more_mappings_than_allowed(void **state)
{
	(void)state;
	enum { LINES = 16384 + 10, LINE_SIZE = 64 };
	struct test_recorded *test = test_recorded_create();
	char *maps = memory_allocate(LINES * LINE_SIZE + 1);
	for (size_t i = 0, used = 0; i < LINES; i++)
		used += (size_t)snprintf(maps + used, LINE_SIZE, "%zx000-%zx800 r-xp 0 00:00 0 /nowhere/x\n",
					 i + 1, i + 1);
	update(test, maps);
	assert_int_equal(test->recorded.mapping_count, 16384);
	free(maps);
	test_recorded_destroy(test);
}

static void a_forked_process_has_its_parents_mappings(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct recorded child = {.process = 2};
	update(test, "1000-2000 r-xp 0 08:01 1 /nowhere/program\n");
	mappings_inherit(&child, &test->journal, &test->recorded);
	assert_int_equal(child.mapping_count, 1);
	assert_ptr_not_equal(child.mappings[0].path, test->recorded.mappings[0].path);
	mappings_destroy(&child);
	assert_string_equal(test_recorded_tell(test), "module 1 \"/nowhere/program\" \"\"\n"
						      "mapping 1 0x1000 4096 0 1\n"
						      "mapping 2 0x1000 4096 0 1\n");
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_executable_mappings_count),
		cmocka_unit_test(what_stays_is_not_told_again_and_what_went_is),
		cmocka_unit_test(a_path_may_hold_blanks),
		cmocka_unit_test(lines_that_are_none_are_left_out),
		cmocka_unit_test(an_address_is_found_in_the_mapping_that_holds_it),
		cmocka_unit_test(there_are_no_more_mappings_than_allowed),
		cmocka_unit_test(a_forked_process_has_its_parents_mappings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "agent/test_recorded.h"

static void a_text_is_told_once_and_has_one_number(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	assert_int_equal(journal_string(&test->journal, "main"), 1);
	assert_int_equal(journal_string(&test->journal, "write"), 2);
	assert_int_equal(journal_string(&test->journal, "main"), 1);
	assert_int_equal(journal_string(&test->journal, "mai"), 3);
	assert_string_equal(test_recorded_tell(test), "string 1 \"main\"\n"
						      "string 2 \"write\"\n"
						      "string 3 \"mai\"\n");
	test_recorded_destroy(test);
}

static void no_text_is_number_0(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	assert_int_equal(journal_string(&test->journal, ""), 0);
	assert_int_equal(journal_string(&test->journal, NULL), 0);
	assert_string_equal(test_recorded_tell(test), "");
	test_recorded_destroy(test);
}

static void texts_are_cut_at_4096_bytes(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	char longest[4097 + 1], longer[4099 + 1];
	memset(longest, 'x', sizeof longest);
	memset(longer, 'x', sizeof longer);
	longest[4096] = 0;
	longer[4099] = 0;
	assert_int_equal(journal_string(&test->journal, longest), 1);
	assert_int_equal(journal_string(&test->journal, longer), 1);
	const char *build_id = "0123456789abcdef0123456789abcdef01234567";
	assert_int_equal(journal_module(&test->journal, longest, build_id), 1);
	assert_int_equal(journal_module(&test->journal, longer, build_id), 1);
	test_recorded_destroy(test);
}

static void a_module_is_found_by_its_number(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	for (int i = 1; i <= 20; i++) {
		char path[20], build_id[20];
		snprintf(path, sizeof path, "/bin/%d", i);
		snprintf(build_id, sizeof build_id, "%x", i);
		assert_int_equal(journal_module(&test->journal, path, build_id), i);
	}
	assert_int_equal(journal_module(&test->journal, "/bin/none", ""), 21);
	assert_string_equal(journal_module_path(&test->journal, 7), "/bin/7");
	assert_string_equal(journal_module_build_id(&test->journal, 17), "11");
	assert_string_equal(journal_module_path(&test->journal, 21), "/bin/none");
	assert_string_equal(journal_module_build_id(&test->journal, 21), "");
	test_recorded_destroy(test);
}

static void a_module_is_a_path_with_a_build_id(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	assert_int_equal(journal_module(&test->journal, "/bin/a", "11"), 1);
	assert_int_equal(journal_module(&test->journal, "/bin/b", "11"), 2);
	assert_int_equal(journal_module(&test->journal, "/bin/a", "22"), 3); /* replaced by another version */
	assert_int_equal(journal_module(&test->journal, "/bin/a", ""), 4);
	assert_int_equal(journal_module(&test->journal, "", ""), 5);
	assert_int_equal(journal_module(&test->journal, "/bin/a", "11"), 1);
	assert_int_equal(journal_module(&test->journal, "", ""), 5);
	assert_string_equal(test_recorded_tell(test), "module 1 \"/bin/a\" \"11\"\n"
						      "module 2 \"/bin/b\" \"11\"\n"
						      "module 3 \"/bin/a\" \"22\"\n"
						      "module 4 \"/bin/a\" \"\"\n"
						      "module 5 \"\" \"\"\n");
	test_recorded_destroy(test);
}

static void losses_add_up(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	journal_lost(&test->journal, 1, "arena_full", 3);
	journal_lost(&test->journal, 2, "malformed", 4);
	assert_int_equal(test->journal.lost_events, 7);
	assert_string_equal(test_recorded_tell(test), "lost 1 \"arena_full\" 3\n"
						      "lost 2 \"malformed\" 4\n");
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_told_once_and_has_one_number),
		cmocka_unit_test(no_text_is_number_0),
		cmocka_unit_test(texts_are_cut_at_4096_bytes),
		cmocka_unit_test(a_module_is_found_by_its_number),
		cmocka_unit_test(a_module_is_a_path_with_a_build_id),
		cmocka_unit_test(losses_add_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/unseen.h"
#include <unistd.h>
#include "agent/test_recorded.h"

static struct unseen_notice_taken notice_of(uint32_t pid, const char *path, enum program_kind kind)
{
	return (struct unseen_notice_taken){.pid = pid,
					    .parent_pid = 1,
					    .kind = kind,
					    .path = memory_copy_text(path, strlen(path)),
					    .moment = {1000 + pid, TRACE_CLOCK_MONOTONIC},
					    .taken_ns = pid};
}

static void settle_all(struct unseen *unseen, struct journal *journal)
{
	const struct unseen_notice_taken *notice;
	while ((notice = unseen_due(unseen, UINT64_MAX, 0)))
		unseen_settle(unseen, journal, notice);
}

static void each_process_is_told_and_each_program_counted(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct unseen unseen = {0};
	unseen_add(&unseen, notice_of(10, "/bin/alone", PROGRAM_STATIC));
	unseen_add(&unseen, notice_of(11, "/bin/gopher", PROGRAM_GO));
	unseen_add(&unseen, notice_of(12, "/bin/alone", PROGRAM_STATIC));
	settle_all(&unseen, &test->journal);
	assert_string_equal(test_recorded_tell(test), "process_unseen 10 1 \"static\" \"/bin/alone\"\n"
						      "process_unseen 11 1 \"go\" \"/bin/gopher\"\n"
						      "process_unseen 12 1 \"static\" \"/bin/alone\"\n");
	assert_int_equal(unseen.program_count, 2);
	assert_int_equal(unseen.programs[0].processes, 2);
	assert_string_equal(unseen.programs[1].path, "/bin/gopher");
	unseen_fini(&unseen);
	test_recorded_destroy(test);
}

static void an_exec_that_failed_is_taken_back(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct unseen unseen = {0};
	unseen_add(&unseen, notice_of(10, "/first", PROGRAM_STATIC));
	unseen_add(&unseen, notice_of(11, "/other", PROGRAM_STATIC));
	unseen_add(&unseen, notice_of(10, "/second", PROGRAM_STATIC));
	unseen_take_back(&unseen, 10);
	unseen_take_back(&unseen, 99);
	settle_all(&unseen, &test->journal);
	assert_string_equal(test_recorded_tell(test), "process_unseen 10 1 \"static\" \"/first\"\n"
						      "process_unseen 11 1 \"static\" \"/other\"\n");
	unseen_fini(&unseen);
	test_recorded_destroy(test);
}

static void a_notice_is_due_when_it_is_old_or_there_are_too_many(void **state)
{
	(void)state;
	struct unseen unseen = {0};
	unseen_add(&unseen, notice_of(100, "/program", PROGRAM_STATIC));
	assert_null(unseen_due(&unseen, 149, 50));
	assert_ptr_equal(unseen_due(&unseen, 150, 50), &unseen.pending[0]);
	for (uint32_t i = 1; i < UNSEEN_PENDING_MAX; i++)
		unseen_add(&unseen, notice_of(100, "/program", PROGRAM_STATIC));
	assert_null(unseen_due(&unseen, 100, 50));
	unseen_add(&unseen, notice_of(100, "/program", PROGRAM_STATIC));
	assert_non_null(unseen_due(&unseen, 100, 50));
	unseen_fini(&unseen);
}

static void beyond_the_limit_programs_are_only_counted(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct unseen unseen = {0};
	for (uint32_t i = 0; i < UNSEEN_PROGRAMS_MAX + 3; i++) {
		char path[32];
		snprintf(path, sizeof path, "/bin/%u", i);
		unseen_add(&unseen, notice_of(i + 1, path, PROGRAM_STATIC));
	}
	settle_all(&unseen, &test->journal);
	assert_int_equal(unseen.program_count, UNSEEN_PROGRAMS_MAX);
	assert_int_equal(unseen.others, 3);
	unseen_fini(&unseen);
	test_recorded_destroy(test);
}

static void a_program_run_by_its_descriptor_is_named_by_the_kernel(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	struct unseen unseen = {0};
	char own[4096] = "";
	assert_true(readlink("/proc/self/exe", own, sizeof own - 1) > 0);
	unseen_add(&unseen, notice_of((uint32_t)getpid(), "", PROGRAM_STATIC));
	unseen_add(&unseen, notice_of(TEST_PID_OF_NOBODY, "", PROGRAM_STATIC));
	settle_all(&unseen, &test->journal);
	assert_string_equal(unseen.programs[0].path, own);
	assert_string_equal(unseen.programs[1].path, "");
	unseen_fini(&unseen);
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_is_told_and_each_program_counted),
		cmocka_unit_test(an_exec_that_failed_is_taken_back),
		cmocka_unit_test(a_notice_is_due_when_it_is_old_or_there_are_too_many),
		cmocka_unit_test(beyond_the_limit_programs_are_only_counted),
		cmocka_unit_test(a_program_run_by_its_descriptor_is_named_by_the_kernel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/symbolize.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/proc_file.h"
#include "agent/stack_nodes.h"
#include "agent/test_recorded.h"

__attribute__((noinline)) static void function_that_is_looked_for(void)
{
	__asm__ volatile("nop; nop; nop; nop");
}

/* The test program itself as the recorded process. */
static void a_place_in_a_living_file_gets_its_function(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	test->recorded.pid = (uint32_t)getpid();
	char *maps = proc_read(NULL, "/proc/self/maps");
	mappings_update(&test->recorded, &test->journal, maps);
	free(maps);
	struct arena *arena = &test->recorded.shared.arena;
	arena_node(arena, 1)->pc_and_kind = (uintptr_t)function_that_is_looked_for + 3;
	arena->header->nodes_used = 1;
	stack_nodes_tell(&test->recorded, &test->journal);

	test->recorded.pid = TEST_PID_OF_NOBODY; /* it has ended */
	symbolize(&test->journal);
	const char *told = test_recorded_tell(test);
	const char *frame = strstr(told, "\nframe 0 ");
	assert_non_null(frame);
	assert_non_null(strstr(told, "\"function_that_is_looked_for\""));
	assert_null(strstr(frame + 1, "\nframe ")); /* one place, nothing inlined there */
	test_recorded_destroy(test);
}

static void a_place_in_a_file_that_is_gone_or_another_has_no_frame(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	uint64_t gone = journal_module(&test->journal, "/nowhere/program", "");
	uint64_t another = journal_module(&test->journal, "/proc/self/exe", "00112233");
	code_places_add(&test->journal.places, (struct code_place){gone, 0x1000});
	code_places_add(&test->journal.places, (struct code_place){another, 0x1000});
	symbolize(&test->journal);
	assert_null(strstr(test_recorded_tell(test), "frame "));
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_in_a_living_file_gets_its_function),
		cmocka_unit_test(a_place_in_a_file_that_is_gone_or_another_has_no_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

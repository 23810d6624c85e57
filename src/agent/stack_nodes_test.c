/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stack_nodes.h"
#include "agent/test_recorded.h"

/* A node as the guest makes it; pc 0 leaves it half made. */
static void node_put(struct test_recorded *test, uint32_t number, uint32_t parent, uint64_t pc, uint64_t kind)
{
	struct arena *arena = &test->recorded.shared.arena;
	struct stack_node *node = arena_node(arena, number);
	if (arena->header->nodes_used < number)
		arena->header->nodes_used = number;
	node->parent = parent;
	node->pc_and_kind = pc ? pc | kind << STACK_KIND_SHIFT : 0;
}

static void tell(struct test_recorded *test)
{
	stack_nodes_tell(&test->recorded, &test->journal);
}

static void new_nodes_are_told_once(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	tell(test);
	node_put(test, 1, 0, 0x401000, 0);
	tell(test);
	node_put(test, 2, 1, 0x402000, 1);
	node_put(test, 3, 0, 1, STACK_NODE_END);
	tell(test);
	tell(test);
	assert_string_equal(test_recorded_tell(test), "stack_node 1 1 0 0x401000 0\n"
						      "stack_node 1 2 1 0x402000 1\n"
						      "stack_node 1 3 0 0x1 2\n");
	/* What is looked up for symbols is code: no end markers. */
	assert_int_equal(test->recorded.unplaced_count, 2);
	assert_int_equal(test->recorded.unplaced[0], 0x401000);
	assert_int_equal(test->recorded.unplaced[1], 0x402000);
	test_recorded_destroy(test);
}

static void a_node_that_is_not_whole_is_told_when_it_is(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	node_put(test, 1, 0, 0x401000, 0);
	node_put(test, 2, 0, 0, 0);
	node_put(test, 3, 0, 0, 0);
	node_put(test, 4, 1, 0x404000, 0);
	tell(test);
	node_put(test, 3, 1, 0x403000, 0);
	tell(test);
	node_put(test, 2, 1, 0x402000, 0);
	tell(test);
	assert_string_equal(test_recorded_tell(test), "stack_node 1 1 0 0x401000 0\n"
						      "stack_node 1 4 1 0x404000 0\n"
						      "stack_node 1 3 1 0x403000 0\n"
						      "stack_node 1 2 1 0x402000 0\n");
	test_recorded_destroy(test);
}

static void nothing_is_left_out_when_many_are_not_whole(void **state)
{
	(void)state;
	enum { HOLES = 40 };
	struct test_recorded *test = test_recorded_create();
	for (uint32_t i = 1; i <= HOLES; i++)
		node_put(test, i, 0, 0, 0);
	node_put(test, HOLES + 1, 0, 0x401000, 0);
	tell(test);
	for (uint32_t i = 1; i <= HOLES; i++)
		node_put(test, i, 0, i, 0);
	tell(test);
	assert_int_equal(test->recorded.unplaced_count, HOLES + 1);
	assert_int_equal(test->recorded.nodes_told, HOLES + 1);
	assert_int_equal(test->recorded.unfinished_count, 0);
	test_recorded_destroy(test);
}

static void a_parent_that_is_not_older_is_none(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	node_put(test, 1, 1, 0x401000, 0);
	node_put(test, 2, 3, 0x402000, 0);
	node_put(test, 3, UINT32_MAX, 0x403000, 0);
	node_put(test, 4, 3, 0x404000, 0);
	tell(test);
	assert_string_equal(test_recorded_tell(test), "stack_node 1 1 0 0x401000 0\n"
						      "stack_node 1 2 0 0x402000 0\n"
						      "stack_node 1 3 0 0x403000 0\n"
						      "stack_node 1 4 3 0x404000 0\n");
	test_recorded_destroy(test);
}

static void more_nodes_than_there_are_are_not_told(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	const struct arena *arena = &test->recorded.shared.arena;
	for (uint32_t i = 1; i <= arena->node_count; i++)
		node_put(test, i, 0, i, 0);
	arena->header->nodes_used = UINT32_MAX;
	tell(test);
	tell(test);
	assert_int_equal(test->recorded.unplaced_count, arena->node_count);
	test_recorded_destroy(test);
}

static void code_in_no_mapping_makes_them_be_read_again(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	mappings_update(&test->recorded, &test->journal,
			"401000-402000 r-xp 00000000 00:00 0 /nowhere/program\n");
	node_put(test, 1, 0, 0x401000, 0);
	node_put(test, 2, 0, 5, STACK_NODE_END);
	tell(test);
	assert_false(test->recorded.has_unknown_code);
	node_put(test, 3, 0, 0x402000, 0);
	tell(test);
	assert_true(test->recorded.has_unknown_code);
	test_recorded_destroy(test);
}

static void assert_places(const struct test_recorded *test, const struct code_place *expected, size_t count)
{
	size_t found;
	struct code_place *places = code_places_list(&test->journal.places, &found);
	assert_int_equal(found, count);
	assert_memory_equal(places, expected, count * sizeof *places);
	free(places);
}

static void places_of_code_outlive_the_mapping_and_are_one_for_all_processes(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	mappings_update(&test->recorded, &test->journal,
			"401000-402000 r-xp 00001000 00:00 0 /nowhere/program\n"
			"601000-602000 r-xp 00000000 00:00 0 /nowhere/plugin.so\n"
			"701000-702000 r-xp 00001000 00:00 0 /nowhere/program\n");
	node_put(test, 1, 0, 0x401010, 0);
	node_put(test, 2, 1, 0x401020, 0);
	node_put(test, 3, 1, 0x601020, 0);
	node_put(test, 4, 1, 0x701010, 0); /* the same file elsewhere, as in another process */
	tell(test);
	mappings_update(&test->recorded, &test->journal, "");
	tell(test);
	assert_places(test, (const struct code_place[]){{1, 0x1010}, {1, 0x1020}, {2, 0x20}}, 3);
	test_recorded_destroy(test);
}

static void code_that_was_loaded_after_the_mappings_were_read_is_placed_later(void **state)
{
	(void)state;
	struct test_recorded *test = test_recorded_create();
	node_put(test, 1, 0, 0x401010, 0);
	node_put(test, 2, 1, 0x999999, 0);
	tell(test);
	assert_places(test, NULL, 0);
	mappings_update(&test->recorded, &test->journal,
			"401000-402000 r-xp 00001000 00:00 0 /nowhere/plugin.so\n");
	stack_nodes_place(&test->recorded, &test->journal);
	assert_places(test, (const struct code_place[]){{1, 0x1010}}, 1);
	assert_int_equal(test->recorded.unplaced_count, 1);
	test_recorded_destroy(test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_nodes_are_told_once),
		cmocka_unit_test(a_node_that_is_not_whole_is_told_when_it_is),
		cmocka_unit_test(nothing_is_left_out_when_many_are_not_whole),
		cmocka_unit_test(a_parent_that_is_not_older_is_none),
		cmocka_unit_test(more_nodes_than_there_are_are_not_told),
		cmocka_unit_test(places_of_code_outlive_the_mapping_and_are_one_for_all_processes),
		cmocka_unit_test(code_that_was_loaded_after_the_mappings_were_read_is_placed_later),
		cmocka_unit_test(code_in_no_mapping_makes_them_be_read_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

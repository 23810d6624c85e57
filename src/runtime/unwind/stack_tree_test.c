/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/stack_tree.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <cmocka.h>
#include <sys/mman.h>

static struct arena arena;

static int arena_make(void **state)
{
	(void)state;
	void *memory = mmap(NULL, ARENA_SIZE_MIN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? -1 : arena_lay_out(&arena, memory, ARENA_SIZE_MIN);
}

static int arena_free(void **state)
{
	(void)state;
	return munmap(arena.header, arena.size);
}

static uint32_t make(uint32_t parent, uint64_t pc)
{
	return stack_tree_find(&arena, parent, pc, STACK_NODE_RETURN);
}

static void the_same_frame_below_the_same_caller_is_one_node(void **state)
{
	(void)state;
	uint32_t outer = make(0, 0x1000);
	uint32_t inner = make(outer, 0x2000);
	assert_int_equal(outer, 1);
	assert_int_equal(inner, 2);
	assert_int_equal(make(0, 0x1000), outer);
	assert_int_equal(make(outer, 0x2000), inner);
	assert_int_equal(make(outer, 0x2000), inner);
	assert_int_equal(arena.header->nodes_used, 2);
	assert_int_equal(arena_node(&arena, inner)->parent, outer);
	assert_int_equal(arena_node(&arena, inner)->pc_and_kind, 0x2000);
}

static void another_caller_or_kind_is_another_node(void **state)
{
	(void)state;
	uint32_t outer = make(0, 0x1000);
	uint32_t below = make(outer, 0x1000);
	uint32_t exact = stack_tree_find(&arena, 0, 0x1000, STACK_NODE_EXACT);
	uint32_t end = stack_tree_end(&arena, 0x1000);
	assert_int_equal(arena.header->nodes_used, 4);
	assert_int_equal(make(0, 0x1000), outer);
	assert_int_equal(make(outer, 0x1000), below);
	assert_int_equal(stack_tree_find(&arena, 0, 0x1000, STACK_NODE_EXACT), exact);
	assert_int_equal(stack_tree_end(&arena, 0x1000), end);
	assert_int_equal(arena_node(&arena, end)->pc_and_kind, UINT64_C(2) << 56 | 0x1000);
}

/* Many of these share a bucket. */
static void a_frame_below_each_of_many_callers_is_as_many_nodes(void **state)
{
	(void)state;
	for (uint32_t parent = 1; parent <= 2000; parent++)
		assert_int_equal(make(parent, 0x1000), parent);
	for (uint32_t parent = 1; parent <= 2000; parent++)
		assert_int_equal(make(parent, 0x1000), parent);
}

/* The same frames, whole, cut off, and cut off for another reason. */
static void a_stack_that_ended_early_never_merges_with_a_whole_one(void **state)
{
	(void)state;
	uint32_t whole = make(make(0, 0xb), 0xa);
	uint32_t too_deep = stack_tree_end(&arena, 3);
	uint32_t unknown = stack_tree_end(&arena, 2);
	uint32_t cut = make(make(too_deep, 0xb), 0xa);
	uint32_t cut_otherwise = make(make(unknown, 0xb), 0xa);
	assert_int_not_equal(whole, cut);
	assert_int_not_equal(whole, cut_otherwise);
	assert_int_not_equal(cut, cut_otherwise);
	assert_int_equal(make(make(0, 0xb), 0xa), whole);
}

static void bits_of_an_address_never_reach_the_kind(void **state)
{
	(void)state;
	uint32_t node = make(0, UINT64_C(0x02ffffffffffff00)); /* no address of user space has these bits */
	assert_int_equal(arena_node(&arena, node)->pc_and_kind, UINT64_C(0xffffffffffff00));
}

static void address_zero_has_no_node(void **state)
{
	(void)state;
	assert_int_equal(make(0, 0), 0);
	assert_int_equal(arena.header->nodes_used, 0);
}

static void a_full_tree_finds_what_it_has_and_makes_nothing(void **state)
{
	(void)state;
	uint32_t most = arena.node_count - STACK_TREE_ENDS_MAX;
	for (uint32_t i = 1; i <= most; i++)
		assert_int_equal(make(0, i), i);
	assert_int_equal(make(0, most + 1), 0);
	assert_int_equal(make(7, 1), 0);
	assert_int_equal(arena.header->nodes_used, most);
	for (uint32_t i = 1; i <= most; i++)
		assert_int_equal(make(0, i), i);
}

static void a_full_tree_has_room_for_end_markers(void **state)
{
	(void)state;
	uint32_t most = arena.node_count - STACK_TREE_ENDS_MAX;
	arena.header->nodes_used = most;
	for (uint32_t i = 1; i <= STACK_TREE_ENDS_MAX; i++)
		assert_int_equal(stack_tree_end(&arena, i), most + i);
	assert_int_equal(stack_tree_end(&arena, STACK_TREE_ENDS_MAX + 1), 0);
	assert_int_equal(stack_tree_end(&arena, 1), most + 1);
}

static void a_damaged_chain_ends(void **state)
{
	(void)state;
	uint32_t node = make(0, 0x1000);
	for (unsigned i = 0; i < ARENA_BUCKETS; i++)
		arena.buckets[i] = node;
	arena_node(&arena, node)->next = node; /* a circle */
	assert_int_equal(make(0, 0x9999), 2);
	arena_node(&arena, node)->next = arena.node_count + 1;
	assert_int_equal(make(0, 0x9998), 3);
	for (unsigned i = 0; i < ARENA_BUCKETS; i++)
		arena.buckets[i] = UINT32_MAX;
	assert_int_equal(make(0, 0x1000), 4);
	assert_int_equal(make(0, 0x1000), 4);
}

enum { THREADS = 2, STACKS = 1500, DEPTH = 3 };

struct interner {
	pthread_t thread;
	uint32_t nodes[STACKS];
};

static _Atomic unsigned arrived; /* at all stacks so far, by all threads */

/* All make each stack at the same moment. */
static void *intern_all(void *argument)
{
	struct interner *interner = argument;
	for (unsigned stack = 0; stack < STACKS; stack++) {
		uint32_t node = 0;
		atomic_fetch_add(&arrived, 1);
		while (atomic_load(&arrived) < (stack + 1) * THREADS)
			;
		for (unsigned depth = 0; depth < DEPTH; depth++)
			node = make(node, 0x1000 + (stack >> 4 * (DEPTH - 1 - depth)));
		interner->nodes[stack] = node;
	}
	return NULL;
}

static void threads_give_a_stack_one_number(void **state)
{
	(void)state;
	static struct interner interners[THREADS];
	arrived = 0;
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&interners[i].thread, NULL, intern_all, &interners[i]), 0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(interners[i].thread, NULL);

	assert_in_range(arena.header->nodes_used, STACKS, arena.node_count);
	for (unsigned stack = 0; stack < STACKS; stack++) {
		for (unsigned i = 1; i < THREADS; i++)
			assert_int_equal(interners[i].nodes[stack], interners[0].nodes[stack]);
		uint32_t node = interners[0].nodes[stack];
		for (unsigned depth = DEPTH; depth-- > 0;) {
			assert_int_equal(arena_node(&arena, node)->pc_and_kind,
					 0x1000 + (stack >> 4 * (DEPTH - 1 - depth)));
			assert_in_range(arena_node(&arena, node)->parent, 0,
					node - 1); /* older than its children */
			node = arena_node(&arena, node)->parent;
		}
		assert_int_equal(node, 0);
	}
}

#define in_new_arena(test) cmocka_unit_test_setup_teardown(test, arena_make, arena_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_new_arena(the_same_frame_below_the_same_caller_is_one_node),
		in_new_arena(another_caller_or_kind_is_another_node),
		in_new_arena(a_frame_below_each_of_many_callers_is_as_many_nodes),
		in_new_arena(a_stack_that_ended_early_never_merges_with_a_whole_one),
		in_new_arena(bits_of_an_address_never_reach_the_kind),
		in_new_arena(address_zero_has_no_node),
		in_new_arena(a_full_tree_finds_what_it_has_and_makes_nothing),
		in_new_arena(a_full_tree_has_room_for_end_markers),
		in_new_arena(a_damaged_chain_ends),
		in_new_arena(threads_give_a_stack_one_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

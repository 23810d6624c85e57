/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include "runtime/core/room.h"
#include "runtime/unwind/stack_capture.h"
#include "runtime/unwind/stack_tree.h"

/* A thread whose stack is a few words: frames of two words each, the leaf's first. */
enum { WORDS = 300 };
static uintptr_t words[WORDS];

/* Two addresses with a call in front of them, as far as the bytes can tell. */
static const uint8_t calls[] = {0xe8, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0x90};
#define BEHIND_A ((uintptr_t)(calls + 5))
#define BEHIND_B ((uintptr_t)(calls + 10))

static struct thread *thread_on_words(void)
{
	struct thread *thread = test_process_begin(ARENA_SIZE_MIN);
	thread->stack_low = (uintptr_t)words;
	thread->stack_high = (uintptr_t)(words + WORDS);
	thread->stack_root = (uintptr_t)(words + WORDS - 2);
	return thread;
}

/* `depth` frames, whole: all of them return behind calls, to different places. */
static void frames_put(unsigned depth, const uintptr_t *pcs)
{
	for (unsigned i = 0; i < depth; i++) {
		words[2 * i] = (uintptr_t)(words + 2 * (i + 1));
		words[2 * i + 1] = pcs[i];
	}
	words[2 * depth] = (uintptr_t)(words + WORDS - 2);
}

/* The path of a stack from its leaf: "a b" by names of the addresses given. */
static const char *path_of(uint32_t node)
{
	static char text[2000];
	size_t used = 0;
	text[0] = 0;
	for (; node && used + 20 < sizeof text; node = arena_node(&guest_process.arena, node)->parent) {
		uint64_t word = arena_node(&guest_process.arena, node)->pc_and_kind;
		used += (size_t)snprintf(text + used, sizeof text - used,
					 word == BEHIND_A   ? "a "
					 : word == BEHIND_B ? "b "
							    : "%#llx ",
					 (unsigned long long)word);
	}
	return text;
}

static void a_stack_is_a_path_in_the_tree_from_leaf_to_root(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	frames_put(3, (uintptr_t[]){BEHIND_A, BEHIND_B, BEHIND_B});
	assert_string_equal(path_of(stack_capture(thread, words)), "a b b ");
	test_process_end();
}

static void the_same_stack_gives_the_same_number_again(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	frames_put(2, (uintptr_t[]){BEHIND_A, BEHIND_B});
	uint32_t first = stack_capture(thread, words);
	frames_put(2, (uintptr_t[]){BEHIND_B, BEHIND_A});
	uint32_t second = stack_capture(thread, words);
	frames_put(2, (uintptr_t[]){BEHIND_A, BEHIND_B});
	assert_int_equal(stack_capture(thread, words), first);
	frames_put(2, (uintptr_t[]){BEHIND_B, BEHIND_A});
	assert_int_equal(stack_capture(thread, words), second);
	assert_int_not_equal(first, second);
	frames_put(3, (uintptr_t[]){BEHIND_A, BEHIND_B, BEHIND_B});
	assert_string_equal(path_of(stack_capture(thread, words)), "a b b ");
	/* Remembered in the same place, for leaf and depth are the same. */
	frames_put(2, (uintptr_t[]){BEHIND_A, BEHIND_A});
	assert_string_equal(path_of(stack_capture(thread, words)), "a a ");
	test_process_end();
}

/* What was remembered is not looked up: the tree may be gone, and another process's would have other numbers. */
static void a_stack_of_another_epoch_is_looked_up_again(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	frames_put(2, (uintptr_t[]){BEHIND_A, BEHIND_B});
	assert_int_equal(stack_capture(thread, words), 2);
	struct arena_header *header = guest_process.arena.header;
	memset(guest_process.arena.buckets, 0, ARENA_BUCKETS * sizeof(uint32_t));
	header->nodes_used = 10;
	assert_int_equal(stack_capture(thread, words), 2);
	thread->epoch++;
	assert_int_equal(stack_capture(thread, words), 12);
	test_process_end();
}

static void a_stack_deeper_than_is_remembered_is_one_path_too(void **state)
{
	(void)state;
	enum { DEEP = MEMO_DEPTH + 5 };
	struct thread *thread = thread_on_words();
	uintptr_t pcs[DEEP];
	for (unsigned i = 0; i < DEEP; i++)
		pcs[i] = i % 3 ? BEHIND_A : BEHIND_B;
	frames_put(DEEP, pcs);
	uint32_t node = stack_capture(thread, words);
	assert_int_equal(node, DEEP);
	assert_int_equal(stack_capture(thread, words), DEEP);
	assert_int_equal(guest_process.arena.header->nodes_used, DEEP);
	test_process_end();
}

static void a_stack_too_deep_hangs_below_an_end_marker(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	uintptr_t pcs[STACK_DEPTH_MAX + 10];
	for (unsigned i = 0; i < STACK_DEPTH_MAX + 10; i++)
		pcs[i] = BEHIND_A;
	frames_put(STACK_DEPTH_MAX + 10, pcs);
	uint32_t node = stack_capture(thread, words);
	unsigned depth = 0;
	uint64_t root = 0;
	for (; node; node = arena_node(&guest_process.arena, node)->parent, depth++)
		root = arena_node(&guest_process.arena, node)->pc_and_kind;
	assert_int_equal(depth, STACK_DEPTH_MAX + 1);
	assert_int_equal(root, (uint64_t)STACK_NODE_END << STACK_KIND_SHIFT | STACK_END_TOO_DEEP);
	test_process_end();
}

static void what_no_call_left_is_cut_off_the_first_time_and_every_time(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	frames_put(3, (uintptr_t[]){BEHIND_A, BEHIND_B, 0x1234});
	for (int i = 0; i < 3; i++)
		assert_string_equal(path_of(stack_capture(thread, words)), "a b 0x200000000000002 ");
	/* … and when it is no longer remembered. */
	memset(thread->room->memo, 0, sizeof thread->room->memo);
	assert_string_equal(path_of(stack_capture(thread, words)), "a b 0x200000000000002 ");
	assert_int_equal(guest_process.arena.header->nodes_used, 3);
	test_process_end();
}

/* Without frame pointers the same addresses may be found and the walk end otherwise. */
static void a_stack_that_ended_early_is_not_taken_for_the_whole_one_seen_before(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	frames_put(2, (uintptr_t[]){BEHIND_A, BEHIND_B});
	assert_string_equal(path_of(stack_capture(thread, words)), "a b ");
	words[4] = 1; /* no frame pointer; the addresses are the same */
	words[2] = 1;
	assert_string_equal(path_of(stack_capture(thread, words)), "a b 0x200000000000001 ");
	test_process_end();
}

static void a_full_tree_gives_no_stack_until_it_has_one(void **state)
{
	(void)state;
	struct thread *thread = thread_on_words();
	frames_put(2, (uintptr_t[]){BEHIND_A, BEHIND_B});
	guest_process.arena.header->nodes_used = guest_process.arena.node_count - 1;
	assert_int_equal(stack_capture(thread, words), 0);
	guest_process.arena.header->nodes_used = 100; /* "no stack" was not remembered */
	assert_int_not_equal(stack_capture(thread, words), 0);
	test_process_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stack_is_a_path_in_the_tree_from_leaf_to_root),
		cmocka_unit_test(the_same_stack_gives_the_same_number_again),
		cmocka_unit_test(a_stack_of_another_epoch_is_looked_up_again),
		cmocka_unit_test(a_stack_deeper_than_is_remembered_is_one_path_too),
		cmocka_unit_test(a_stack_too_deep_hangs_below_an_end_marker),
		cmocka_unit_test(what_no_call_left_is_cut_off_the_first_time_and_every_time),
		cmocka_unit_test(a_stack_that_ended_early_is_not_taken_for_the_whole_one_seen_before),
		cmocka_unit_test(a_full_tree_gives_no_stack_until_it_has_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Real stacks of this program, against what glibc's backtrace() finds. */
#include "runtime/core/test_process.h"
#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <ucontext.h>
#include "runtime/core/room.h"
#include "runtime/unwind/code.h"
#include "runtime/unwind/rule_cache.h"
#include "runtime/unwind/stack_capture.h"
#include "runtime/unwind/stack_tree.h"
#include "runtime/unwind/stack_walk.h"

enum { MOST = 200 };

/* A function that is called as a hook is: it has a frame of its own. Code around it keeps none. */
#define HOOK    __attribute__((noinline, optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")))
#define PROGRAM __attribute__((noinline, optimize("omit-frame-pointer", "no-optimize-sibling-calls")))

static struct {
	uint32_t node;
	void *peers[MOST];
	int peer_count;
} captured;

static HOOK void capture(void)
{
	captured.node = stack_capture(&guest_thread, __builtin_frame_address(0));
	captured.peer_count = backtrace(captured.peers, MOST);
}

/* The peer tells of capture() and of what a sanitizer puts around it, too: how many frames are those. */
static int frames_in_front(uint64_t leaf)
{
	enum { IN_FRONT_MAX = 4 };
	int i = 1;
	while (i < IN_FRONT_MAX && i < captured.peer_count && (uintptr_t)captured.peers[i] != leaf)
		i++;
	return i;
}

/* The addresses of a node's path from the leaf on are those of the peer. */
static void assert_same_as_peer(void)
{
	uint32_t node = captured.node;
	int i = node ? frames_in_front(arena_node(&guest_process.arena, node)->pc_and_kind) : 1;
	for (; node && i < captured.peer_count; i++) {
		const struct stack_node *found = arena_node(&guest_process.arena, node);
		uint64_t pc =
			stack_node_key(found->pc_and_kind, STACK_NODE_RETURN); /* the peer marks nothing */
		if (pc != (uintptr_t)captured.peers[i])
			fail_msg("frame %d: %#lx, not %p", i - 1, (unsigned long)pc, captured.peers[i]);
		node = found->parent;
	}
	if (node || i != captured.peer_count)
		fail_msg("%s frames than the peer's %d", node ? "more" : "fewer", captured.peer_count - 1);
}

static uint64_t root_of(uint32_t node)
{
	uint64_t root = 0;
	for (; node; node = arena_node(&guest_process.arena, node)->parent)
		root = arena_node(&guest_process.arena, node)->pc_and_kind;
	return root;
}

static unsigned exact_frames(uint32_t node)
{
	unsigned count = 0;
	for (; node; node = arena_node(&guest_process.arena, node)->parent)
		count += arena_node(&guest_process.arena, node)->pc_and_kind >> STACK_KIND_SHIFT ==
			 STACK_NODE_EXACT;
	return count;
}

static PROGRAM void odd(unsigned depth, void (*leaf)(void));

static PROGRAM void even(unsigned depth, void (*leaf)(void))
{
	volatile char room[24] = {0};
	if (depth)
		odd(depth - 1, leaf);
	else
		leaf();
	(void)room[0];
}

static PROGRAM void odd(unsigned depth, void (*leaf)(void))
{
	volatile char room[200] = {0};
	if (depth)
		even(depth - 1, leaf);
	else
		leaf();
	(void)room[0];
}

static PROGRAM void of_any_size(unsigned depth, void (*leaf)(void))
{
	volatile char *room = __builtin_alloca(depth * 40 + 8);
	room[0] = 0;
	if (depth)
		of_any_size(depth - 1, leaf);
	else
		leaf();
	(void)room[0];
}

static void stacks_without_frame_pointers_are_exact(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned depth = 0; depth < 40; depth++) {
			even(depth, capture);
			assert_same_as_peer();
			odd(depth * 7 % 40, capture);
			assert_same_as_peer();
			of_any_size(depth * 3 % 20, capture);
			assert_same_as_peer();
		}
	}
	test_process_end();
}

static void a_stack_seen_before_has_the_same_number_without_a_new_node(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	uint32_t nodes[8], used = 0;
	for (unsigned round = 0; round < 4; round++) {
		if (round > 1)
			guest_thread.room->memo.firm = 0; /* walked anew */
		if (round == 3)                           /* looked up anew */
			memset(guest_thread.room->memo.edges, 0, sizeof guest_thread.room->memo.edges);
		for (unsigned depth = 0; depth < 8; depth++) {
			even(depth, capture);
			if (round)
				assert_int_equal(captured.node, nodes[depth]);
			nodes[depth] = captured.node;
		}
		if (round)
			assert_int_equal(guest_process.arena.header->nodes_used, used);
		used = guest_process.arena.header->nodes_used;
	}
	test_process_end();
}

/* What was remembered belongs to another arena: its numbers mean nothing here. */
static void a_stack_of_another_epoch_is_looked_up_again(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	even(5, capture);
	assert_same_as_peer();
	memset(guest_process.arena.buckets, 0, ARENA_BUCKETS * sizeof(uint32_t));
	guest_process.arena.header->nodes_used = 100;
	guest_thread.epoch++;
	even(5, capture);
	assert_in_range(captured.node, 101, 200);
	assert_same_as_peer();
	test_process_end();
}

static void a_stack_too_deep_hangs_below_an_end_marker(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	even(STACK_DEPTH_MAX + 10, capture);
	unsigned depth = 0;
	for (uint32_t node = captured.node; node; node = arena_node(&guest_process.arena, node)->parent)
		depth++;
	assert_int_equal(depth, STACK_DEPTH_MAX + 1);
	assert_int_equal(root_of(captured.node), stack_node_key(STACK_END_TOO_DEEP, STACK_NODE_END));
	test_process_end();
}

static void a_full_tree_gives_a_marker_until_there_is_room(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	uint32_t limit = guest_process.arena.node_count - STACK_TREE_ENDS_MAX;
	guest_process.arena.header->nodes_used = limit - 1;
	for (int i = 0; i < 2; i++) {
		even(5, capture);
		assert_int_equal(root_of(captured.node), stack_node_key(STACK_END_TREE_FULL, STACK_NODE_END));
		assert_int_equal(arena_node(&guest_process.arena, captured.node)->parent, 0);
	}
	guest_process.arena.header->nodes_used = 100; /* it was not taken for the stack */
	even(5, capture);
	assert_same_as_peer();
	test_process_end();
}

/* --- all registers ----------------------------------------------------------------------------------------------- */

/* A frame that is found by rbx alone, as that of the loader's lazy binding is; and rbx itself is what its caller's caller
 * keeps in a register that the hook's own functions may have saved. */
void found_by_rbx(void (*leaf)(void));
__asm__(".text\n"
	".type found_by_rbx, @function\n"
	"found_by_rbx:\n"
	".cfi_startproc\n"
	"push %rbx\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset rbx, -16\n"
	"mov %rsp, %rbx\n"
	".cfi_def_cfa rbx, 16\n"
	"sub $512, %rsp\n"
	"and $-64, %rsp\n"
	"call *%rdi\n"
	"mov %rbx, %rsp\n"
	".cfi_def_cfa rsp, 16\n"
	"pop %rbx\n"
	".cfi_def_cfa_offset 8\n"
	".cfi_restore rbx\n"
	"ret\n"
	".cfi_endproc\n"
	".size found_by_rbx, . - found_by_rbx\n");

static PROGRAM void deeper(void)
{
	odd(3, capture);
	__asm__ volatile("");
}

static PROGRAM void twice(void)
{
	found_by_rbx(deeper);
	__asm__ volatile("");
}

static void a_frame_that_needs_other_registers_is_left_by_them(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	found_by_rbx(capture);
	assert_same_as_peer();
	found_by_rbx(deeper);
	assert_same_as_peer();
	found_by_rbx(twice);
	assert_same_as_peer();
	assert_int_equal(guest_thread.room->memo.firm, 0);
	test_process_end();
}

/* --- signals and other stacks ------------------------------------------------------------------------------------ */

static void handle(int signal)
{
	(void)signal;
	odd(2, capture);
}

static PROGRAM void raise_here(void)
{
	raise(SIGUSR1);
	__asm__ volatile("");
}

static void a_handler_is_followed_to_what_it_interrupted(void **state)
{
	(void)state;
	enum { SIZE = 64 << 10 };
	stack_t stack = {.ss_sp = test_pages(SIZE), .ss_size = SIZE};
	for (int on_stack = 0; on_stack < 2; on_stack++) {
		test_process_begin(ARENA_SIZE_MIN);
		if (on_stack)
			assert_int_equal(sigaltstack(&stack, NULL), 0);
		struct sigaction action = {.sa_handler = handle, .sa_flags = on_stack ? SA_ONSTACK : 0};
		assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
		for (int i = 0; i < 3; i++) {
			even(9, raise_here);
			assert_same_as_peer();
			assert_int_equal(exact_frames(captured.node), 1);
			even(4, capture);
			assert_same_as_peer();
			assert_int_equal(exact_frames(captured.node), 0);
		}
		test_process_end();
	}
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	munmap(stack.ss_sp, SIZE);
}

static ucontext_t outside, inside;

static void coroutine(void)
{
	for (;;) {
		odd(6, capture);
		swapcontext(&inside, &outside);
	}
}

/* Stacks of coroutines: nobody told us of them. */
static void a_coroutines_stack_is_walked_to_its_end(void **state)
{
	(void)state;
	enum { SIZE = 32 << 10 };
	test_process_begin(ARENA_SIZE_MIN);
	uint8_t *stack = test_pages(SIZE);
	assert_int_equal(getcontext(&inside), 0);
	inside.uc_stack = (stack_t){.ss_sp = stack, .ss_size = SIZE};
	inside.uc_link = &outside;
	makecontext(&inside, coroutine, 0);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(swapcontext(&outside, &inside), 0);
		assert_same_as_peer();
		even(7, capture);
		assert_same_as_peer();
	}
	munmap(stack, SIZE);
	test_process_end();
}

/* A thread that a library of its own made: where its stack lies is not known. */
static void a_stack_without_bounds_is_walked_to_its_end(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	guest_thread.stack_low = guest_thread.stack_high = 0;
	even(9, capture);
	assert_same_as_peer();
	test_process_end();
}

/* --- what stacks do not show ------------------------------------------------------------------------------------- */

static void own_code_is_not_shown(void **state)
{
	(void)state;
	test_process_begin(ARENA_SIZE_MIN);
	code_init(own_code_is_not_shown);
	even(9, capture); /* all of it is this program's: what is left is libc's */
	code_init(NULL);
	struct dl_find_object here, found;
	assert_int_equal(_dl_find_object((void *)own_code_is_not_shown, &here), 0);
	unsigned count = 0;
	for (uint32_t node = captured.node; node;
	     node = arena_node(&guest_process.arena, node)->parent, count++) {
		uint64_t pc = arena_node(&guest_process.arena, node)->pc_and_kind;
		assert_int_equal(_dl_find_object((void *)pc, &found), 0);
		assert_ptr_not_equal(found.dlfo_map_start, here.dlfo_map_start);
	}
	assert_in_range(count, 2, 10);
	code_own_low = code_own_size = 0;
	test_process_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_without_frame_pointers_are_exact),
		cmocka_unit_test(a_stack_seen_before_has_the_same_number_without_a_new_node),
		cmocka_unit_test(a_stack_of_another_epoch_is_looked_up_again),
		cmocka_unit_test(a_stack_too_deep_hangs_below_an_end_marker),
		cmocka_unit_test(a_full_tree_gives_a_marker_until_there_is_room),
		cmocka_unit_test(a_frame_that_needs_other_registers_is_left_by_them),
		cmocka_unit_test(a_handler_is_followed_to_what_it_interrupted),
		cmocka_unit_test(a_coroutines_stack_is_walked_to_its_end),
		cmocka_unit_test(a_stack_without_bounds_is_walked_to_its_end),
		cmocka_unit_test(own_code_is_not_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

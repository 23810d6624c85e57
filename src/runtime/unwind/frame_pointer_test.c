/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/test_process.h"
#include <dlfcn.h>
#include <string.h>

/* A stack of words, lowest address first. A frame is two of them: where the caller's frame is, and a return address. */
enum { WORDS = 64, MOST = 127 };

struct stack {
	_Alignas(16) uintptr_t words[WORDS];
	struct thread thread;
	uint64_t pcs[MOST];
};

static void stack_init(struct stack *stack)
{
	memset(stack, 0, sizeof *stack);
	stack->thread.stack_low = (uintptr_t)stack->words;
	stack->thread.stack_high = (uintptr_t)(stack->words + WORDS);
}

/* A frame at a word whose caller's is at another, with a return address. */
static void frame_put(struct stack *stack, unsigned at, unsigned caller, uintptr_t pc)
{
	stack->words[at] = (uintptr_t)(stack->words + caller);
	stack->words[at + 1] = pc;
}

static struct stack_walk walk_from(struct stack *stack, unsigned at, uint32_t most)
{
	return stack_walk(&stack->thread, stack->words + at, stack->pcs, most);
}

#define assert_walk(walk, expected_depth, expected_end)                                                      \
	do {                                                                                                 \
		struct stack_walk found = (walk);                                                            \
		assert_int_equal(found.depth, expected_depth);                                               \
		assert_int_equal(found.end, expected_end);                                                   \
	} while (0)

static void frames_are_followed_from_leaf_to_root(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	frame_put(&stack, 2, 6, 0xa);
	frame_put(&stack, 6, 20, 0xb);
	frame_put(&stack, 20, 60, 0xc);
	frame_put(&stack, 60, 0, 0xdead);
	stack.thread.stack_root = (uintptr_t)(stack.words + 60);
	assert_walk(walk_from(&stack, 2, MOST), 2, STACK_WHOLE);
	assert_int_equal(stack.pcs[0], 0xa);
	assert_int_equal(stack.pcs[1], 0xb);
	assert_int_equal(stack.pcs[2], 0); /* not 0xc: the guest's own start routine */
}

static void the_callers_address_is_found_even_directly_below_the_root(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	frame_put(&stack, 2, 60, 0xa);
	stack.thread.stack_root = (uintptr_t)(stack.words + 60);
	assert_walk(walk_from(&stack, 2, MOST), 1, STACK_WHOLE);
	assert_int_equal(stack.pcs[0], 0xa);
}

static void a_frame_pointer_that_is_none_ends_the_walk(void **state)
{
	(void)state;
	static const struct {
		const char *why;
		uintptr_t offset; /* of the caller's frame from the lowest word, bytes */
	} cases[] = {
		{"itself", 6 * 8},
		{"below", 2 * 8},
		{"not aligned", 20 * 8 + 4},
		{"half of it outside", WORDS * 8 - 8},
		{"just outside", WORDS * 8},
		{"far outside", (uintptr_t)1 << 40},
		{"below the stack", (uintptr_t)-8},
		{"at the top of all addresses", (uintptr_t)-16},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stack stack;
		stack_init(&stack);
		frame_put(&stack, 2, 6, 0xa);
		stack.words[6] = (uintptr_t)stack.words + cases[i].offset;
		stack.words[7] = 0xb;
		struct stack_walk walk = walk_from(&stack, 2, MOST);
		if (walk.depth != 2 || walk.end != STACK_END_FRAME_POINTER)
			fail_msg("%s: depth %u, end %d", cases[i].why, walk.depth, (int)walk.end);
		assert_int_equal(stack.pcs[0], 0xa);
		assert_int_equal(stack.pcs[1], 0xb);
	}
}

static void a_zero_frame_pointer_is_not_the_root_of_a_thread_whose_root_is_unknown(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	frame_put(&stack, 2, 6, 0xa);
	stack.words[7] = 0xb;
	assert_walk(walk_from(&stack, 2, MOST), 2, STACK_END_FRAME_POINTER);
}

static void the_last_frame_may_end_where_the_stack_does(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	frame_put(&stack, 0, WORDS - 2, 0xa);
	stack.words[WORDS - 1] = 0xb;
	assert_walk(walk_from(&stack, 0, MOST), 2, STACK_END_FRAME_POINTER);
	assert_int_equal(stack.pcs[1], 0xb);
	assert_walk(walk_from(&stack, WORDS - 2, MOST), 1, STACK_END_FRAME_POINTER);
}

static void a_frame_outside_the_threads_stack_gives_its_return_address_alone(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	frame_put(&stack, 2, 6, 0xa);
	frame_put(&stack, 6, 10, 0xb);
	stack.thread.stack_low = (uintptr_t)(stack.words + 4); /* we are on a signal's stack below it */
	assert_walk(walk_from(&stack, 2, MOST), 1, STACK_END_NO_BOUNDS);
	assert_int_equal(stack.pcs[0], 0xa);
	assert_int_equal(stack.pcs[1], 0);

	stack.thread.stack_low = (uintptr_t)stack.words - 4096; /* … or above */
	stack.thread.stack_high = (uintptr_t)stack.words;
	assert_walk(walk_from(&stack, 2, MOST), 1, STACK_END_NO_BOUNDS);
}

/* A thread that was not started through pthread_create: its frames could lead anywhere. */
static void nothing_is_followed_when_the_stack_is_not_known(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	stack.thread.stack_low = stack.thread.stack_high = 0;
	frame_put(&stack, 2, 6, 0xa);
	frame_put(&stack, 6, 10, 0xb);
	assert_walk(walk_from(&stack, 2, MOST), 1, STACK_END_NO_BOUNDS);
	stack.thread.stack_high = 8; /* no frame fits below */
	assert_walk(walk_from(&stack, 2, MOST), 1, STACK_END_NO_BOUNDS);
}

static void a_deep_stack_keeps_the_frames_next_to_the_leaf(void **state)
{
	(void)state;
	struct stack stack;
	stack_init(&stack);
	for (unsigned i = 0; i < WORDS - 2; i += 2)
		frame_put(&stack, i, i + 2, 100 + i);
	assert_walk(walk_from(&stack, 0, 5), 5, STACK_END_TOO_DEEP);
	assert_int_equal(stack.pcs[0], 100);
	assert_int_equal(stack.pcs[4], 108);
	assert_int_equal(stack.pcs[5], 0); /* nothing behind what was allowed */
	assert_walk(walk_from(&stack, 0, 1), 1, STACK_END_TOO_DEEP);
	assert_walk(walk_from(&stack, 0, WORDS / 2), WORDS / 2, STACK_END_FRAME_POINTER);
}

/* --- what the code in front of an address says ------------------------------------------------------------------- */

/* Code as it may lie in front of an address. */
enum { CODE_SIZE = 8 };
static const struct {
	const char *what;
	uint8_t bytes[CODE_SIZE];
	bool is_call;
} codes[] = {
	{"call rel32", {0x90, 0x90, 0x90, 0xe8, 1, 2, 3, 4}, true},
	{"call *%rax", {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0}, true},
	{"call *%r11", {0x90, 0x90, 0x90, 0x90, 0x90, 0x41, 0xff, 0xd3}, true},
	{"call *8(%rax)", {0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0x50, 8}, true},
	{"call *8(%rsp)", {0x90, 0x90, 0x90, 0x90, 0xff, 0x54, 0x24, 8}, true},
	{"call *disp32(%rax,%rbx)", {0x90, 0xff, 0x94, 0x18, 1, 2, 3, 4}, true},
	{"call *disp32(%rip)", {0x90, 0x90, 0xff, 0x15, 1, 2, 3, 4}, true},
	{"nops", {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90}, false},
	{"jmp *%rax", {0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0}, false},
	{"jmp *disp32(%rip)", {0x90, 0x90, 0xff, 0x25, 1, 2, 3, 4}, false},
	{"call rel32, a byte too far", {0x90, 0x90, 0xe8, 1, 2, 3, 4, 0x90}, false},
	{"call rel32, cut", {0x90, 0x90, 0x90, 0x90, 0xe8, 1, 2, 3}, false},
	{"call *, eight bytes before", {0xff, 0x14, 0x25, 1, 2, 3, 4, 0x90}, false},
};

static uint64_t address_behind(size_t code)
{
	return (uintptr_t)(codes[code].bytes + CODE_SIZE);
}

static struct stack_walk check(uint64_t second)
{
	uint64_t pcs[] = {0x1, second, 0x2};
	return stack_walk_check((struct stack_walk){3, STACK_END_TOO_DEEP}, pcs);
}

static void only_addresses_behind_calls_are_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		struct stack_walk walk = check(address_behind(i));
		if (walk.depth != (codes[i].is_call ? 2 : 1) || walk.end != STACK_END_UNKNOWN_CODE)
			fail_msg("behind %s: depth %u, end %d", codes[i].what, walk.depth, (int)walk.end);
	}
	uint64_t pcs[] = {0x1, address_behind(0), address_behind(1), address_behind(2)};
	assert_walk(stack_walk_check((struct stack_walk){4, STACK_END_FRAME_POINTER}, pcs), 4,
		    STACK_END_FRAME_POINTER);
}

static void a_walk_is_cut_at_the_first_address_that_lies_in_no_object(void **state)
{
	(void)state;
	char on_stack;
	assert_walk(check(0), 1, STACK_END_UNKNOWN_CODE);
	assert_walk(check(0x1234), 1, STACK_END_UNKNOWN_CODE);
	assert_walk(check((uintptr_t)&on_stack), 1, STACK_END_UNKNOWN_CODE);
	assert_walk(check(UINT64_MAX), 1, STACK_END_UNKNOWN_CODE);
	uint64_t pcs[] = {0x1, address_behind(0), 0x1234, address_behind(0)};
	assert_walk(stack_walk_check((struct stack_walk){4, STACK_WHOLE}, pcs), 2, STACK_END_UNKNOWN_CODE);
}

/* An address at the very start of an object has no bytes in front of it that may be read. */
static void nothing_in_front_of_an_object_is_looked_at(void **state)
{
	(void)state;
	struct dl_find_object object;
	assert_int_equal(_dl_find_object((void *)codes, &object), 0);
	for (unsigned offset = 0; offset <= 7; offset++)
		assert_walk(check((uintptr_t)object.dlfo_map_start + offset), 1, STACK_END_UNKNOWN_CODE);
}

static void the_leaf_is_believed_whatever_it_is(void **state)
{
	(void)state;
	uint64_t pcs[] = {0x1};
	assert_walk(stack_walk_check((struct stack_walk){1, STACK_END_NO_BOUNDS}, pcs), 1,
		    STACK_END_NO_BOUNDS);
}

/* libc calls main from a function that stands beside __libc_start_main: nothing above it is the program's. */
static void an_address_in_the_start_of_the_program_makes_a_stack_whole(void **state)
{
	(void)state;
	uintptr_t start = (uintptr_t)dlsym(RTLD_DEFAULT, "__libc_start_main");
	assert_int_not_equal(start, 0);
	unsigned calls = 0;
	for (uintptr_t pc = start - 255; pc < start + 255; pc++) {
		uint64_t pcs[] = {0x1, address_behind(0), pc, 0x2};
		struct stack_walk walk =
			stack_walk_check((struct stack_walk){4, STACK_END_FRAME_POINTER}, pcs);
		if (walk.depth == 2 && walk.end == STACK_END_UNKNOWN_CODE)
			continue; /* no call there */
		assert_walk(walk, 3, STACK_WHOLE);
		calls++;
	}
	assert_in_range(calls, 1, 100);
}

static int load(void **state)
{
	(void)state;
	stack_walk_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_followed_from_leaf_to_root),
		cmocka_unit_test(the_callers_address_is_found_even_directly_below_the_root),
		cmocka_unit_test(a_frame_pointer_that_is_none_ends_the_walk),
		cmocka_unit_test(a_zero_frame_pointer_is_not_the_root_of_a_thread_whose_root_is_unknown),
		cmocka_unit_test(the_last_frame_may_end_where_the_stack_does),
		cmocka_unit_test(a_frame_outside_the_threads_stack_gives_its_return_address_alone),
		cmocka_unit_test(nothing_is_followed_when_the_stack_is_not_known),
		cmocka_unit_test(a_deep_stack_keeps_the_frames_next_to_the_leaf),
		cmocka_unit_test(only_addresses_behind_calls_are_believed),
		cmocka_unit_test(a_walk_is_cut_at_the_first_address_that_lies_in_no_object),
		cmocka_unit_test(nothing_in_front_of_an_object_is_looked_at),
		cmocka_unit_test(the_leaf_is_believed_whatever_it_is),
		cmocka_unit_test(an_address_in_the_start_of_the_program_makes_a_stack_whole),
	};
	return cmocka_run_group_tests(tests, load, NULL);
}

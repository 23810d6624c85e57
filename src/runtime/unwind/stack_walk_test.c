/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks of a few words, drawn by hand: what lies on them, the rules of the addresses, and what a walk finds. */
#include "runtime/core/test_process.h"
#include "cfi/rule.h"
#include "runtime/unwind/rule_cache.h"
#include "runtime/unwind/stack_walk.h"

enum { WORDS = 64, CODE = 0x10000 };

static struct {
	_Alignas(16) uint64_t words[WORDS];
	struct thread thread;
	struct memo memo;
} made;

/* Addresses a, b, c … of code: 16 bytes apart, where no object is. */
#define PC(letter) (CODE + 16 * (uint64_t)((letter) - 'a'))

static uint64_t at(unsigned word)
{
	return (uintptr_t)(made.words + word);
}

static void rule_put(uint64_t pc, uint32_t rule)
{
	rule_cache[rule_cache_place(pc)] =
		(rule_cache_tag(pc) * RULE_GENERATIONS + rule_cache_state) << RULE_BITS | rule;
}

/* The rule behind a call from there. */
static void code(char letter, enum rule_kind kind, uint32_t offset, uint32_t bp)
{
	rule_put(PC(letter) - 1, rule_make(kind, offset, bp));
}

static void begin(void)
{
	memset(&made, 0, sizeof made);
	for (unsigned i = 0; i < WORDS; i++)
		made.words[i] = 0xbad0000000000000 + i; /* nothing that a walk could take for an address */
	made.thread.stack_low = at(0);
	made.thread.stack_high = at(WORDS);
	rule_cache_unload_begin(); /* forgets all rules */
	rule_cache_unload_end();
}

static const char *const end_names[] = {"",           " no-rule",  " unknown-code", " too-deep",
					" no-bounds", " bad-rule", " outside"};

/* The walk from a state, leaf first, with how many frames were kept of the last one: "a b c (1)". */
static const char *walk_told(char letter, unsigned sp, uint64_t bp)
{
	static char text[1024];
	size_t used = 0;
	struct stack_start start = {.pc = PC(letter), .sp = at(sp), .bp = bp};
	enum stack_end end = stack_walk(&made.thread, &made.memo, start);
	for (uint32_t i = made.memo.count; i-- > 0 && used < sizeof text - 32;)
		used += (size_t)snprintf(text + used, sizeof text - used, "%c ",
					 (int)((made.memo.frames[i].pc - CODE) / 16) + 'a');
	snprintf(text + used, sizeof text - used, "(%u)%s", made.memo.kept, end_names[end]);
	return text;
}

/* a ← b ← c, frames of 2, 3 and 4 words; rbp is kept by b. */
static void three_frames(void)
{
	begin();
	code('a', RULE_SP, 2, 0);
	code('b', RULE_SP, 3, 2);
	code('c', RULE_END, 0, 0);
	made.words[10 + 1] = PC('b');
	made.words[12 + 1] = 77; /* rbp of c, at CFA - 2 */
	made.words[12 + 2] = PC('c');
}

static void frames_are_left_by_the_rules_of_their_addresses(void **state)
{
	(void)state;
	three_frames();
	assert_string_equal(walk_told('a', 10, 5), "a b c (0)");
	const struct memo_frame *root = &made.memo.frames[0];
	assert_int_equal(root->sp, at(15));
	assert_int_equal(root->bp, 77);
	assert_int_equal(root->words, 2);
	assert_int_equal(made.memo.words[0].address, at(14));
	assert_int_equal(made.memo.words[1].address, at(13));
	assert_int_equal(made.memo.frames[1].bp, 5);
}

static void a_frame_pointer_is_a_rule_like_any_other(void **state)
{
	(void)state;
	begin();
	code('a', RULE_BP, 2, 2);
	code('b', RULE_BP, 2, 2);
	code('c', RULE_END, 0, 0);
	made.words[20] = at(30);
	made.words[21] = PC('b');
	made.words[30] = 0;
	made.words[31] = PC('c');
	assert_string_equal(walk_told('a', 10, at(20)), "a b c (0)");
}

static void frames_that_aligned_their_stack_keep_the_way_back_in_memory(void **state)
{
	(void)state;
	begin();
	rule_put(PC('a') - 1, rule_make_deref(true, -1, 0, RULE_BP_AT_BP)); /* CFA at rbp - 8, rbp at rbp */
	rule_put(PC('b') - 1, rule_make_deref(false, 2, 1, 0));             /* CFA = *(rsp + 16) + 8 */
	code('c', RULE_END, 0, 0);
	made.words[15] = at(20);
	made.words[16] = 99;
	made.words[19] = PC('b');
	made.words[22] = at(25);
	made.words[25] = PC('c');
	assert_string_equal(walk_told('a', 10, at(16)), "a b c (0)");
	assert_int_equal(made.memo.frames[0].bp, 99);
	assert_int_equal(made.memo.frames[0].sp, at(26));
	assert_int_equal(made.memo.firm, 1); /* the other two read more than two words */
}

/* --- the memo ---------------------------------------------------------------------------------------------------- */

static void the_same_stack_is_recognised_whole(void **state)
{
	(void)state;
	three_frames();
	walk_told('a', 10, 5);
	assert_string_equal(walk_told('a', 10, 5), "a b c (3)");
	assert_string_equal(walk_told('a', 10, 5), "a b c (3)");
}

static void another_leaf_keeps_what_lies_towards_the_root(void **state)
{
	(void)state;
	three_frames();
	code('d', RULE_SP, 3, 0);
	code('e', RULE_SP, 1, 0);
	walk_told('a', 10, 5);
	made.words[11] = PC('b');
	assert_string_equal(walk_told('d', 9, 5), "d b c (2)");
	made.words[6] = PC('a');
	made.words[7] = PC('b'); /* a stale word */
	made.words[11] = PC('b');
	code('f', RULE_SP, 4, 0);
	made.words[5] = PC('f');
	made.words[9] = PC('a');
	assert_string_equal(walk_told('e', 5, 5), "e f a b c (2)");
	assert_string_equal(walk_told('b', 12, 5), "b c (2)");
	assert_string_equal(walk_told('c', 15, 77), "c (1)");
}

/* Each word that the walk went by, changed to something else with a rule: nothing that was known may be kept above it. */
static void every_word_that_was_read_counts(void **state)
{
	(void)state;
	static const struct {
		unsigned word;
		uint64_t value;
		const char *told;
	} cases[] = {
		{11, PC('g'), "a g (0)"},
		{14, PC('g'), "a b g (0)"},
		{13, 78, "a b c (0)"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		three_frames();
		code('g', RULE_END, 0, 0);
		walk_told('a', 10, 5);
		made.words[cases[i].word] = cases[i].value;
		const char *told = walk_told('a', 10, 5);
		if (strcmp(told, cases[i].told))
			fail_msg("word %u: %s, not %s", cases[i].word, told, cases[i].told);
	}
	three_frames();
	walk_told('a', 10, 5);
	assert_string_equal(walk_told('a', 10, 6),
			    "a b c (1)"); /* rbp goes into the state, up to where b had saved it */
}

/* A memo whose frames changed in the middle: the walk goes on and finds the rest again behind it. */
static void what_did_not_change_towards_the_root_is_kept_behind_a_change(void **state)
{
	(void)state;
	begin();
	for (char letter = 'a'; letter < 'h'; letter++)
		code(letter, RULE_SP, 2, 0);
	code('h', RULE_END, 0, 0);
	code('x', RULE_SP, 2, 0);
	for (unsigned i = 0; i < 7; i++)
		made.words[10 + 2 * i + 1] = PC('b' + (char)i);
	assert_string_equal(walk_told('a', 10, 0), "a b c d e f g h (0)");
	made.words[10 + 2 * 3 + 1] = PC('x'); /* e is now x, of the same size */
	assert_string_equal(walk_told('a', 10, 0), "a b c d x f g h (3)");
	assert_string_equal(walk_told('a', 10, 0), "a b c d x f g h (8)");
}

static void a_memo_of_another_epoch_stack_or_generation_is_not_used(void **state)
{
	(void)state;
	three_frames();
	walk_told('a', 10, 5);
	made.thread.epoch++;
	assert_string_equal(walk_told('a', 10, 5), "a b c (0)");
	made.thread.stack_high -= 8;
	assert_string_equal(walk_told('a', 10, 5), "a b c (0)");
	assert_string_equal(walk_told('a', 10, 5), "a b c (3)");
	rule_cache_unload_begin();
	rule_cache_unload_end();
	code('a', RULE_SP, 2, 0);
	code('b', RULE_END, 0, 0); /* something else was loaded there */
	assert_string_equal(walk_told('a', 10, 5), "a b (0)");
}

static void a_stack_that_ended_early_is_walked_again(void **state)
{
	(void)state;
	three_frames();
	made.words[14] = 12; /* no code is there */
	assert_string_equal(walk_told('a', 10, 5), "a b (0) unknown-code");
	assert_string_equal(walk_told('a', 10, 5), "a b (0) unknown-code");
	made.words[14] = PC('c');
	assert_string_equal(walk_told('a', 10, 5), "a b c (0)");
}

/* --- ends -------------------------------------------------------------------------------------------------------- */

static void what_leads_out_of_the_stack_ends_the_walk(void **state)
{
	(void)state;
	static const struct {
		const char *what, *told;
		enum rule_kind kind;
		uint32_t offset, bp;
		int64_t base; /* rbp, in words from the lowest */
	} cases[] = {
		{"a frame that ends where the stack does", "a (0) unknown-code", RULE_SP, WORDS - 10, 0, 0},
		{"one word more", "a (0) outside", RULE_SP, WORDS - 9, 0, 0},
		{"the largest", "a (0) outside", RULE_SP, RULE_OFFSET_LIMIT - 1, 0, 0},
		{"rbp below rsp", "a (0) outside", RULE_BP, 2, 2, 8},
		{"rbp that gives no progress", "a (0) outside", RULE_BP, 1, 0, 9},
		{"rbp below the stack", "a (0) outside", RULE_BP, 2, 2, -100},
		{"rbp above the stack", "a (0) outside", RULE_BP, 2, 2, WORDS - 1},
		{"rbp far above", "a (0) outside", RULE_BP, 2, 2, (int64_t)1 << 40},
		{"rbp saved below rsp", "a (0) outside", RULE_SP, 2, 3, 0},
		{"rbp saved where rbp points, below", "a (0) outside", RULE_SP, 2, RULE_BP_AT_BP, 9},
		{"rbp saved where rbp points, above", "a (0) outside", RULE_SP, 2, RULE_BP_AT_BP, WORDS},
		{"CFA in memory that is none", "a (0) outside", RULE_DEREF, RULE_DEREF_BASE_BP, 0, WORDS},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		code('a', cases[i].kind, cases[i].offset, cases[i].bp);
		const char *told = walk_told('a', 10, (uint64_t)((int64_t)at(0) + 8 * cases[i].base));
		if (strcmp(told, cases[i].told))
			fail_msg("%s: %s", cases[i].what, told);
	}
	begin();
	code('a', RULE_BP, 2, 2);
	assert_string_equal(walk_told('a', 10, at(20) + 4), "a (0) outside"); /* not a word's place */
}

static void only_the_unwind_data_say_that_a_stack_is_whole(void **state)
{
	(void)state;
	static const struct {
		uint64_t pc, bp;
		const char *told;
	} cases[] = {
		{0, 0, "a (0)"}, /* as the first frame of a thread is left */
		{0, 1, "a (0) unknown-code"},
		{1, 0, "a (0) unknown-code"},
		{4095, 0, "a (0) unknown-code"},
		{UINT64_C(1) << 47, 0, "a (0) unknown-code"},
		{UINT64_MAX, 0, "a (0) unknown-code"},
		{PC('z'), 0, "a (0) unknown-code"}, /* an address of nothing */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin();
		code('a', RULE_SP, 2, 0);
		made.words[11] = cases[i].pc;
		const char *told = walk_told('a', 10, cases[i].bp);
		if (strcmp(told, cases[i].told))
			fail_msg("%#lx: %s", (unsigned long)cases[i].pc, told);
	}
}

static void a_stack_that_is_too_deep_keeps_the_frames_next_to_the_leaf(void **state)
{
	(void)state;
	static uint64_t deep[400];
	begin();
	code('a', RULE_SP, 1, 0);
	for (unsigned i = 0; i < 400; i++)
		deep[i] = PC('a');
	made.thread.stack_low = (uintptr_t)deep;
	made.thread.stack_high = (uintptr_t)(deep + 400);
	for (unsigned from = 0; from < 3; from++) {
		struct stack_start start = {.pc = PC('a'), .sp = (uintptr_t)(deep + from)};
		assert_int_equal(stack_walk(&made.thread, &made.memo, start), STACK_END_TOO_DEEP);
		assert_int_equal(made.memo.count, STACK_DEPTH_MAX);
		assert_int_equal(made.memo.kept, 0);
		assert_int_equal(made.memo.frames[STACK_DEPTH_MAX - 1].sp, (uintptr_t)(deep + from));
	}
	/* As deep as can be, root and all: kept frames and new ones together. */
	deep[STACK_DEPTH_MAX - 1] = PC('b');
	code('b', RULE_END, 0, 0);
	for (unsigned from = 1; from <= 2; from++) {
		struct stack_start start = {.pc = PC('a'), .sp = (uintptr_t)(deep + 3 - from)};
		assert_int_equal(stack_walk(&made.thread, &made.memo, start), STACK_WHOLE);
		assert_int_equal(made.memo.count, STACK_DEPTH_MAX - 2 + from);
		assert_int_equal(made.memo.kept, from == 1 ? 0 : STACK_DEPTH_MAX - 1);
	}
}

/* No loop without end: each frame lies above the one before, whatever is written there. */
static void random_words_end_every_walk(void **state)
{
	(void)state;
	unsigned seed = 7;
	begin();
	for (unsigned round = 0; round < 20000; round++) {
		made.memo.epoch += round % 3 == 0; /* now and then without the last walk */
		for (char letter = 'a'; letter <= 'h'; letter++)
			rule_put(PC(letter) - 1, (uint32_t)rand_r(&seed) & ((1 << RULE_BITS) - 1) &
							 ~(uint32_t)(0x3ff0 | 0xf0 << RULE_BP_SHIFT));
		for (unsigned i = 0; i < WORDS; i++) {
			unsigned what = (unsigned)rand_r(&seed);
			made.words[i] = what % 4 == 0   ? at(what / 4 % WORDS)
					: what % 4 == 1 ? what
							: PC('a' + (char)(what / 4 % 8));
		}
		walk_told('a', 10, at((unsigned)rand_r(&seed) % WORDS));
		walk_told('b', 8, at((unsigned)rand_r(&seed) % WORDS));
		assert_in_range(made.memo.count, 1, WORDS + 1);
	}
}

/* --- signals ----------------------------------------------------------------------------------------------------- */

/* The handler h was called for a signal that came while a ran, on the same stack. */
static void a_signal_leads_to_the_place_that_it_interrupted(void **state)
{
	(void)state;
	three_frames();
	code('h', RULE_SP, 1, 0);
	code('r', RULE_SIGNAL, 0, 0); /* where handlers return to */
	rule_put(PC('i'),
		 rule_make(RULE_SP, 1, 0)); /* interrupted: its own address counts, not the one before */
	enum { CONTEXT = 20 };
	memmove(made.words + 50, made.words + 10, 6 * 8);
	made.words[CONTEXT - 1] = PC('r');
	made.words[CONTEXT + RULE_SIGNAL_BP / 8] = 5;
	made.words[CONTEXT + RULE_SIGNAL_SP / 8] = at(49);
	made.words[CONTEXT + RULE_SIGNAL_PC / 8] = PC('i');
	made.words[49] = PC('a');
	assert_string_equal(walk_told('h', CONTEXT - 1, 0), "h r i a b c (0)");
	assert_int_equal(made.memo.frames[3].path, 1); /* exact */
	assert_int_equal(made.memo.frames[2].path, 0);
	assert_string_equal(walk_told('h', CONTEXT - 1, 0), "h r i a b c (3)");
	/* A context that leads back: bounded. */
	made.words[CONTEXT + RULE_SIGNAL_SP / 8] = at(CONTEXT - 1);
	made.words[CONTEXT + RULE_SIGNAL_PC / 8] = PC('h') - 1;
	made.words[CONTEXT - 1] = PC('r');
	rule_put(PC('h') - 1, rule_make(RULE_SP, 1, 0));
	struct stack_start start = {.pc = PC('h'), .sp = at(CONTEXT - 1)};
	assert_int_equal(stack_walk(&made.thread, &made.memo, start), STACK_END_TOO_DEEP);
	/* … or nowhere. */
	made.words[CONTEXT + RULE_SIGNAL_SP / 8] = 8;
	assert_string_equal(walk_told('h', CONTEXT - 1, 0), "h r (0) no-bounds");
}

/* --- stacks that are not the thread's own ------------------------------------------------------------------------ */

static void a_stack_that_nobody_knows_is_probed_page_by_page(void **state)
{
	(void)state;
	enum { PAGE = 4096, PAGES = 3 };
	three_frames();
	uint8_t *pages = test_pages(PAGES * PAGE);
	munmap(pages + 2 * PAGE, PAGE);
	uint64_t *top = (uint64_t *)(pages + PAGE) - 13; /* frames of a, b, c: in two pages */
	code('a', RULE_SP, 2, 0);
	top[1] = PC('b');
	code('b', RULE_SP, 20, 0);
	top[2 + 19] = PC('c');
	struct stack_start start = {.pc = PC('a'), .sp = (uintptr_t)top};
	made.thread.stack_low = made.thread.stack_high = 0;
	assert_int_equal(stack_walk(&made.thread, &made.memo, start), STACK_WHOLE);
	assert_int_equal(made.memo.count, 3);
	assert_int_equal(made.memo.firm, 0);
	code('b', RULE_SP, 13 + PAGE / 8, 0); /* out of what is there */
	assert_int_equal(stack_walk(&made.thread, &made.memo, start), STACK_END_OUTSIDE);
	start.sp = (uintptr_t)pages + 2 * PAGE + 8;
	assert_int_equal(stack_walk(&made.thread, &made.memo, start), STACK_END_NO_BOUNDS);
	assert_int_equal(made.memo.count, 1);
	munmap(pages, 2 * PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_left_by_the_rules_of_their_addresses),
		cmocka_unit_test(a_frame_pointer_is_a_rule_like_any_other),
		cmocka_unit_test(frames_that_aligned_their_stack_keep_the_way_back_in_memory),
		cmocka_unit_test(the_same_stack_is_recognised_whole),
		cmocka_unit_test(another_leaf_keeps_what_lies_towards_the_root),
		cmocka_unit_test(every_word_that_was_read_counts),
		cmocka_unit_test(what_did_not_change_towards_the_root_is_kept_behind_a_change),
		cmocka_unit_test(a_memo_of_another_epoch_stack_or_generation_is_not_used),
		cmocka_unit_test(a_stack_that_ended_early_is_walked_again),
		cmocka_unit_test(what_leads_out_of_the_stack_ends_the_walk),
		cmocka_unit_test(only_the_unwind_data_say_that_a_stack_is_whole),
		cmocka_unit_test(a_stack_that_is_too_deep_keeps_the_frames_next_to_the_leaf),
		cmocka_unit_test(random_words_end_every_walk),
		cmocka_unit_test(a_signal_leads_to_the_place_that_it_interrupted),
		cmocka_unit_test(a_stack_that_nobody_knows_is_probed_page_by_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

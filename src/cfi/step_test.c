/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/step.h"
#include "cfi/test_image.h"

enum { LOW = 0x1000, SIZE = 0x100, STACK = 0x7000, WORDS = 32 };

static struct test_image made;
static uint64_t words[WORDS]; /* memory from STACK on; nothing else may be read */

static bool read_word(void *context, uint64_t address, uint64_t *out_word)
{
	(void)context;
	if (address < STACK || address >= STACK + sizeof words || address % 8)
		return false;
	*out_word = words[(address - STACK) / 8];
	return true;
}

/* One function with this program behind what every CIE says; all registers known: n * 0x100. */
static struct cfi_registers registers_in(const uint8_t *program, size_t size)
{
	test_image_begin(&made, "zR", BYTES(0x0c, 7, 8, 0x90, 1));
	test_image_function(&made, LOW, SIZE, program, size);
	test_image_end(&made);
	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = 0xa00 + i;
	struct cfi_registers registers = {.known = (1 << CFI_REGISTERS) - 1};
	for (uint64_t i = 0; i < CFI_REGISTERS; i++)
		registers.values[i] = i * 0x100;
	registers.values[CFI_RSP] = STACK;
	registers.values[CFI_PC] = TEST_IMAGE + LOW;
	return registers;
}

static enum cfi_stepped step(struct cfi_registers *registers)
{
	return cfi_step(&made.image, registers->values[CFI_PC], registers, read_word, NULL);
}

static void a_call_loses_what_the_callee_may_change(void **state)
{
	(void)state;
	struct cfi_registers registers = registers_in(BYTES(0x0e, 24, 0x83, 2, 0x86, 3));
	assert_int_equal(step(&registers), CFI_STEPPED);
	assert_int_equal(registers.values[CFI_PC], 0xa02);
	assert_int_equal(registers.values[3], 0xa01); /* rbx: saved */
	assert_int_equal(registers.values[CFI_RBP], 0xa00);
	assert_int_equal(registers.values[CFI_RSP], STACK + 24);
	assert_int_equal(registers.values[12], 0xc00); /* untouched */
	/* rbx, rbp, rsp, r12 to r15, pc */
	assert_int_equal(registers.known, 1 << 3 | 1 << 6 | 1 << 7 | 0xf << 12 | 1 << 16);
}

static void every_place_of_a_register_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		unsigned number;
		uint64_t value;
		uint8_t size, program[24];
	} cases[] = {
		{"CFA from rbx", CFI_RSP, 0x300 + 8, 7, {0x0c, 3, 8, 0x14, 16, 0, 0}},
		{"offset", 12, 0xa02, 4, {0x0e, 32, 0x8c, 2}},
		{"value offset", 13, STACK + 8 - 24, 3, {0x14, 13, 3}},
		{"value offset, signed", 13, STACK + 8 + 16, 3, {0x15, 13, 0x7e}},
		{"another register", 14, 0x300, 3, {0x09, 14, 3}},
		{"lost register kept by name", 0, 0, 2, {0x08, 0}},
		{"expression: at rsp + 16", 15, 0xa02, 5, {0x10, 15, 2, 0x77, 16}},
		{"expression on the CFA", 15, 0xa03, 5, {0x10, 15, 2, 0x23, 16}},
		{"value of an expression", 15, STACK + 8 + 16, 5, {0x16, 15, 2, 0x23, 16}},
		{"CFA from memory",
		 CFI_RSP,
		 0xa02 + 8,
		 15,
		 {0x0f, 5, 0x77, 16, 0x06, 0x23, 8, 0x14, 16, 0, 0, 0, 0, 0, 0}},
		{"GNU negative offset", 12, 0xa02, 5, {0x0e, 8, 0x2f, 12, 1}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cfi_registers registers = registers_in(cases[i].program, cases[i].size);
		if (step(&registers) != CFI_STEPPED)
			fail_msg("%s: no step", cases[i].what);
		if (registers.values[cases[i].number] != cases[i].value ||
		    !(registers.known >> cases[i].number & 1))
			fail_msg("%s: %#llx", cases[i].what,
				 (unsigned long long)registers.values[cases[i].number]);
	}
}

/* vfork keeps its return address in rdi while the child uses the stack. */
static void a_return_address_in_a_register_moves_no_stack(void **state)
{
	(void)state;
	struct cfi_registers registers = registers_in(BYTES(0x0e, 0, 0x09, 16, 5));
	assert_int_equal(step(&registers), CFI_STEPPED);
	assert_int_equal(registers.values[CFI_PC], 0x500);
	assert_int_equal(registers.values[CFI_RSP], STACK);
}

static void what_is_lost_or_not_to_be_read_ends_the_walk_and_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint32_t lost;
		uint8_t size, program[16];
	} cases[] = {
		{"the CFA's register is lost", 1 << 3, 3, {0x0c, 3, 8}},
		{"the return address is outside", 0, 4, {0x0e, 0x80, 0x80, 0x01}},
		{"a saved register is outside", 0, 2, {0x8c, 3}},
		{"the return address's register is lost", 1 << 5, 3, {0x09, 16, 5}},
		{"an expression needs a lost register", 1 << 12, 6, {0x0f, 2, 0x7c, 0, 0, 0}},
		{"an expression reads outside", 0, 5, {0x0f, 3, 0x73, 0, 0x06}},
		{"an expression branches", 0, 7, {0x0f, 5, 0x77, 0, 0x2f, 0xfd, 0xff}},
		{"an expression gives nothing", 0, 3, {0x0f, 1, 0x96}},
		{"an expression takes from nothing", 0, 3, {0x0f, 1, 0x22}},
		{"an expression names a register that is none", 0, 4, {0x0f, 2, 0x82, 0}},
		{"rsp is lost", 0, 2, {0x07, 7}},
		{"the program is bad", 0, 1, {0x3c}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cfi_registers registers = registers_in(cases[i].program, cases[i].size), before;
		registers.known &= ~cases[i].lost;
		before = registers;
		if (step(&registers) != CFI_STEP_BAD)
			fail_msg("%s: stepped", cases[i].what);
		assert_memory_equal(&registers, &before, sizeof before);
	}
}

static void the_outermost_frame_and_unknown_code_are_told_apart(void **state)
{
	(void)state;
	struct cfi_registers registers = registers_in(BYTES(0x07, 16));
	assert_int_equal(step(&registers), CFI_STEP_END);
	registers.values[CFI_PC] += SIZE;
	assert_int_equal(step(&registers), CFI_STEP_NONE);
}

/* --- expressions ------------------------------------------------------------------------------------------------ */

static void expressions_compute_as_dwarf_says(void **state)
{
	(void)state;
	static const struct {
		uint64_t value;
		uint8_t size, bytes[16];
	} cases[] = {
		{31, 1, {0x4f}},
		{200, 2, {0x08, 200}},
		{(uint64_t)-56, 2, {0x09, 200}},
		{0xfffe, 3, {0x0a, 0xfe, 0xff}},
		{(uint64_t)-2, 3, {0x0b, 0xfe, 0xff}},
		{0xfffffffe, 5, {0x0c, 0xfe, 0xff, 0xff, 0xff}},
		{(uint64_t)-2, 5, {0x0d, 0xfe, 0xff, 0xff, 0xff}},
		{0x0807060504030201, 9, {0x0e, 1, 2, 3, 4, 5, 6, 7, 8}},
		{0x0807060504030201, 9, {0x03, 1, 2, 3, 4, 5, 6, 7, 8}},
		{200, 3, {0x10, 0xc8, 0x01}},
		{(uint64_t)-2, 2, {0x11, 0x7e}},
		{0x300 + 5, 2, {0x73, 5}},
		{0x300 - 8, 2, {0x73, 0x78}},
		{0xa01, 3, {0x77, 8, 0x06}},
		{6, 3, {0x33, 0x12, 0x22}},                  /* 3 dup plus */
		{3, 3, {0x33, 0x35, 0x13}},                  /* 3 5 drop */
		{3, 3, {0x33, 0x35, 0x14}},                  /* 3 5 over */
		{2, 4, {0x33, 0x35, 0x16, 0x1c}},            /* 3 5 swap minus */
		{(uint64_t)-2, 3, {0x33, 0x35, 0x1c}},       /* 3 5 minus */
		{15, 3, {0x33, 0x35, 0x1e}},                 /* times */
		{(uint64_t)-3, 2, {0x33, 0x1f}},             /* negate */
		{~UINT64_C(3), 2, {0x33, 0x20}},             /* not */
		{1, 3, {0x33, 0x35, 0x1a}},                  /* and */
		{7, 3, {0x33, 0x35, 0x21}},                  /* or */
		{6, 3, {0x33, 0x35, 0x27}},                  /* xor */
		{24, 3, {0x33, 0x33, 0x24}},                 /* 3 << 3 */
		{2, 3, {0x3a, 0x32, 0x25}},                  /* 10 >> 2 */
		{(uint64_t)-1, 4, {0x09, 0xff, 0x33, 0x26}}, /* -1 >> 3, signed */
		{0, 4, {0x31, 0x08, 64, 0x24}},              /* by more than there are bits */
		{0, 4, {0x31, 0x08, 64, 0x25}},
		{0, 3, {0x33, 0x35, 0x29}},       /* equal */
		{0, 3, {0x33, 0x35, 0x2a}},       /* 3 >= 5 */
		{0, 3, {0x33, 0x35, 0x2b}},       /* 3 > 5 */
		{1, 3, {0x33, 0x35, 0x2c}},       /* 3 <= 5 */
		{1, 3, {0x33, 0x35, 0x2d}},       /* 3 < 5 */
		{1, 3, {0x33, 0x35, 0x2e}},       /* 3 != 5 */
		{1, 4, {0x09, 0xff, 0x30, 0x2d}}, /* -1 < 0: signed */
		{40, 3, {0x38, 0x23, 32}},        /* plus constant */
		{8, 2, {0x38, 0x96}},             /* nop */
	};
	struct cfi_registers registers = registers_in(BYTES(0));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cfi_bytes bytes = {cases[i].bytes, cases[i].bytes + cases[i].size, false};
		uint64_t value = 0;
		int failed = cfi_expression(bytes, &registers, NULL, read_word, NULL, &value);
		if (failed || value != cases[i].value)
			fail_msg("case %zu: %d, %#llx", i, failed, (unsigned long long)value);
	}
}

static void an_expression_deeper_than_the_stack_fails(void **state)
{
	(void)state;
	uint8_t literals[17];
	uint64_t value;
	struct cfi_registers registers = registers_in(BYTES(0));
	memset(literals, 0x31, sizeof literals);
	assert_int_equal(cfi_expression((struct cfi_bytes){literals, literals + 16, false}, &registers, NULL,
					read_word, NULL, &value),
			 0);
	assert_int_equal(cfi_expression((struct cfi_bytes){literals, literals + 17, false}, &registers, NULL,
					read_word, NULL, &value),
			 -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_loses_what_the_callee_may_change),
		cmocka_unit_test(every_place_of_a_register_is_found),
		cmocka_unit_test(a_return_address_in_a_register_moves_no_stack),
		cmocka_unit_test(what_is_lost_or_not_to_be_read_ends_the_walk_and_changes_nothing),
		cmocka_unit_test(the_outermost_frame_and_unknown_code_are_told_apart),
		cmocka_unit_test(expressions_compute_as_dwarf_says),
		cmocka_unit_test(an_expression_deeper_than_the_stack_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/compile.h"
#include "cfi/row.h"
#include "cfi/test_image.h"

/* What every compiler's CIE says: at entry the CFA is rsp + 8, the return address lies at CFA - 8. */
#define AT_ENTRY 0x0c, 7, 8, 0x90, 1
enum { LOW = 0x1000, SIZE = 0x100 };

static struct test_image made;

static const char *rule_at(uint32_t offset)
{
	return test_rule_told(cfi_rule_at(&made.image, TEST_IMAGE + LOW + offset));
}

/* One function with this program, asked at an offset into it. */
static const char *rule_of(const uint8_t *program, size_t size, uint32_t offset)
{
	test_image_begin(&made, "zR", BYTES(AT_ENTRY));
	test_image_function(&made, LOW, SIZE, program, size);
	test_image_end(&made);
	return rule_at(offset);
}

static void a_function_with_a_frame_pointer_has_three_rules(void **state)
{
	(void)state;
	/* push %rbp; mov %rsp,%rbp; …; leave; ret */
	const uint8_t program[] = {0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x02, 0x40, 0x0c, 7, 8};
	assert_string_equal(rule_of(program, sizeof program, 0), "sp+1");
	assert_string_equal(rule_at(1), "sp+2 bp@2");
	assert_string_equal(rule_at(3), "sp+2 bp@2");
	assert_string_equal(rule_at(4), "bp+2 bp@2");
	assert_string_equal(rule_at(0x43), "bp+2 bp@2");
	assert_string_equal(rule_at(0x44), "sp+1 bp@2"); /* it is still there */
	assert_string_equal(rule_at(SIZE - 1), "sp+1 bp@2");
}

static void every_way_to_say_a_row_is_understood(void **state)
{
	(void)state;
	static const struct {
		const char *rule;
		uint8_t size, program[24];
	} cases[] = {
		{"sp+1", 0, {0}},
		{"sp+1", 3, {0, 0, 0}},                 /* nop */
		{"sp+3", 2, {0x0e, 24}},                /* def_cfa_offset */
		{"sp+9", 3, {0x0e, 0xc8, 0x00}},        /* … of two bytes */
		{"sp+5", 3, {0x0c, 7, 40}},             /* def_cfa */
		{"bp+1", 2, {0x0d, 6}},                 /* def_cfa_register */
		{"sp+2", 3, {0x12, 7, 0x7e}},           /* def_cfa_sf: -2 units of -8 */
		{"sp+3", 2, {0x13, 0x7d}},              /* def_cfa_offset_sf */
		{"sp+1 bp@3", 2, {0x86, 3}},            /* offset */
		{"sp+1 bp@3", 3, {0x05, 6, 3}},         /* offset_extended */
		{"sp+1 bp@2", 3, {0x11, 6, 2}},         /* offset_extended_sf */
		{"sp+1 bp@254", 3, {0x86, 0xfe, 0x01}}, /* the largest that fits */
		{"sp+1", 3, {0x86, 2, 0xc6}},           /* restore */
		{"sp+1", 4, {0x86, 2, 0x06, 6}},        /* restore_extended */
		{"sp+1", 2, {0x08, 6}},                 /* same_value */
		{"sp+1 bp@2", 4, {0x86, 2, 0x2e, 16}},  /* GNU_args_size */
		{"sp+2 bp@2",
		 10,
		 {0x0e, 16, 0x86, 2, 0x0a, 0xc6, 0x0e, 8, 0x0b, 0}}, /* remember, restore_state */
		{"sp+1", 4, {0x91, 2, 0x83, 3}},                     /* other registers */
		{"end", 2, {0x07, 16}},                              /* no return address */
		{"*(bp-1)+0 bp@bp",
		 12,
		 {0x10, 6, 2, 0x76, 0, 0x0f, 3, 0x76, 0x78, 0x06, 0, 0}},            /* stack aligned anew */
		{"*(sp+19)+1", 9, {0x0f, 6, 0x77, 0x98, 0x01, 0x06, 0x23, 0x08, 0}}, /* OpenSSL's assembler */
		{"*(sp+255)+15", 8, {0x0f, 6, 0x77, 0xf8, 0x0f, 0x06, 0x23, 120}},
		{"plt 11", 13, {0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22}},
		{"plt 10", 13, {0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3a, 0x2a, 0x33, 0x24, 0x22}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *found = rule_of(cases[i].program, cases[i].size, 0);
		if (strcmp(found, cases[i].rule))
			fail_msg("case %zu: %s, not %s", i, found, cases[i].rule);
	}
}

/* Never a guess: all of these need more than rsp and rbp, or mean nothing. */
static void what_a_rule_cannot_say_is_slow(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		uint8_t size, program[20];
	} cases[] = {
		{"CFA from rbx", 3, {0x0c, 3, 16}},
		{"CFA from r10", 3, {0x0c, 10, 0}},
		{"CFA is rsp", 2, {0x0e, 0}},
		{"CFA below rsp", 2, {0x13, 1}},
		{"CFA not of words", 2, {0x0e, 12}},
		{"frame too large", 4, {0x0e, 0x80, 0x80, 0x08}},
		{"return address elsewhere", 2, {0x90, 2}},
		{"return address in a register", 3, {0x09, 16, 5}},
		{"return address computed", 5, {0x16, 16, 2, 0x77, 0}},
		{"rbp in a register", 3, {0x09, 6, 3}},
		{"rbp lost", 2, {0x07, 6}},
		{"rbp is an offset of the CFA", 3, {0x14, 6, 2}},
		{"rbp above the CFA", 3, {0x11, 6, 0x7e}},
		{"rbp too far below", 3, {0x86, 0xff, 0x01}},
		{"rbp somewhere else", 5, {0x10, 6, 2, 0x76, 8}},
		{"CFA from memory of rax", 5, {0x0f, 3, 0x70, 8, 0x06}},
		{"CFA from memory, too far", 6, {0x0f, 4, 0x77, 0x80, 0x10, 0x06}},
		{"CFA from memory, too far below", 6, {0x0f, 4, 0x77, 0xf8, 0x6f, 0x06}},
		{"CFA from memory, not a word's", 5, {0x0f, 3, 0x77, 4, 0x06}},
		{"CFA from memory plus too much", 8, {0x0f, 6, 0x77, 8, 0x06, 0x23, 0x80, 0x01}},
		{"CFA from memory plus half a word", 7, {0x0f, 5, 0x77, 8, 0x06, 0x23, 4}},
		{"CFA from memory and more", 6, {0x0f, 4, 0x77, 8, 0x06, 0x1f}},
		{"CFA an empty expression", 2, {0x0f, 0}},
		{"an operation that nobody knows", 1, {0x3c}},
		{"that of another processor", 1, {0x2d}},
		{"restore_state without remember", 1, {0x0b}},
		{"a number that is cut", 2, {0x0e, 0x80}},
		{"a number without end",
		 12,
		 {0x0e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{"an expression that is cut", 4, {0x0f, 9, 0x77, 8}},
		{"a register that is none", 3, {0x0c, 17, 8}},
		{"an offset beyond 32 bits", 9, {0x86, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0}},
		{"offset of an expression's CFA", 7, {0x0f, 3, 0x77, 8, 0x06, 0x0e, 8}},
		{"nine rows remembered", 9, {0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *found = rule_of(cases[i].program, cases[i].size, 0);
		if (strcmp(found, "slow"))
			fail_msg("%s: %s", cases[i].what, found);
	}
}

static void advances_of_every_size_lead_to_their_row(void **state)
{
	(void)state;
	static const struct {
		uint8_t size, program[16];
		uint32_t at;
	} cases[] = {
		{3, {0x7f, 0x0e, 16}, 63},
		{4, {0x02, 200, 0x0e, 16}, 200},
		{5, {0x03, 0x01, 0x01, 0x0e, 16}, 0x101},
		{7, {0x04, 0x34, 0x12, 0, 0, 0x0e, 16}, 0x1234},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_image_begin(&made, "zR", BYTES(AT_ENTRY));
		test_image_function(&made, LOW, 0x2000, cases[i].program, cases[i].size);
		test_image_end(&made);
		assert_string_equal(rule_at(cases[i].at - 1), "sp+1");
		assert_string_equal(rule_at(cases[i].at), "sp+2");
	}
}

static void a_location_that_is_set_may_not_go_back(void **state)
{
	(void)state;
	for (uint32_t to = 0; to <= 0x40; to += 0x40) {
		test_image_begin(&made, "zR", BYTES(AT_ENTRY));
		/* The pointer is relative to its place: behind the entry's head of 17 bytes and two operations. */
		uint32_t place = (uint32_t)made.size + 17 + 2, distance = LOW + to - place;
		uint8_t program[] = {0x60, 0x01, 0, 0, 0, 0, 0x0e, 16};
		memcpy(program + 2, &distance, 4);
		test_image_function(&made, LOW, SIZE, program, sizeof program);
		test_image_end(&made);
		assert_string_equal(rule_at(0x20), to ? "sp+1" : "slow");
		assert_string_equal(rule_at(0x40), to ? "sp+2" : "slow");
	}
}

static void each_address_finds_its_function(void **state)
{
	(void)state;
	for (uint32_t count = 1; count <= TEST_ROWS_MAX; count++) {
		test_image_begin(&made, "zR", BYTES(AT_ENTRY));
		for (uint32_t i = 0; i < count; i++) {
			const uint8_t program[] = {0x0e, (uint8_t)(16 + 8 * i)};
			test_image_function(&made, LOW + 32 * i, 16, program, sizeof program);
		}
		test_image_end(&made);
		assert_string_equal(rule_at((uint32_t)-1), "none");
		for (uint32_t i = 0; i < count; i++) {
			char expected[16];
			snprintf(expected, sizeof expected, "sp+%u", 2 + i);
			assert_string_equal(rule_at(32 * i), expected);
			assert_string_equal(rule_at(32 * i + 15), expected);
			assert_string_equal(rule_at(32 * i + 16), "none"); /* between two */
		}
	}
	assert_string_equal(test_rule_told(cfi_rule_at(&made.image, 0)), "none");
	assert_string_equal(test_rule_told(cfi_rule_at(&made.image, UINT64_MAX)), "none");
	assert_string_equal(test_rule_told(cfi_rule_at(&made.image, TEST_IMAGE + (UINT64_C(1) << 32) + LOW)),
			    "none");
}

/* Where CFA and registers lie in the frame that the kernel pushes, as glibc's __restore_rt tells it. */
static void the_kernels_signal_frame_is_a_rule_of_its_own(void **state)
{
	(void)state;
	static const uint8_t as_libc[] = {0x0f, 4,    0x77, 0xa0, 0x01, 0x06, 0x10, 6,    3,
					  0x77, 0xf8, 0,    0x10, 16,   3,    0x77, 0xa8, 0x01};
	test_image_begin(&made, "zRS", BYTES(0));
	test_image_function(&made, LOW, SIZE, as_libc, sizeof as_libc);
	test_image_end(&made);
	assert_string_equal(rule_at(0), "signal");

	for (size_t i = 0; i < sizeof as_libc; i++) { /* anything else is not it */
		uint8_t other[sizeof as_libc];
		memcpy(other, as_libc, sizeof other);
		other[i] ^= 1;
		test_image_begin(&made, "zRS", BYTES(0));
		test_image_function(&made, LOW, SIZE, other, sizeof other);
		test_image_end(&made);
		assert_string_equal(rule_at(0), "slow");
	}
	test_image_begin(&made, "zR", BYTES(0)); /* nor is it one without the mark */
	test_image_function(&made, LOW, SIZE, as_libc, sizeof as_libc);
	test_image_end(&made);
	assert_string_equal(rule_at(0), "slow");
}

/* A function with exception tables: a pointer to them stands in front of its program. */
static void data_for_exceptions_are_stepped_over(void **state)
{
	(void)state;
	test_image_begin(&made, "zR", BYTES(AT_ENTRY));
	size_t fde = made.size;
	test_image_function(&made, LOW, SIZE, BYTES(0x0e, 0x0e, 0x0e, 0x0e, 0x0e, 16));
	made.bytes[fde + 16] = 4; /* the size of what follows: four of these bytes */
	test_image_end(&made);
	assert_string_equal(rule_at(0), "sp+2");
	made.bytes[TEST_BYTES_MAX - made.size + fde + 16] = 100; /* more than there is */
	assert_string_equal(rule_at(0), "slow");
}

static void augmentations_that_nobody_knows_are_not_read(void **state)
{
	(void)state;
	static const struct {
		const char *augmentation, *rule;
	} cases[] = {{"zR", "sp+1"}, {"zQ", "slow"}, {"eh", "slow"}, {"zRQ", "slow"}, {"R", "slow"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		test_image_begin(&made, cases[i].augmentation, BYTES(AT_ENTRY));
		test_image_function(&made, LOW, SIZE, BYTES(0));
		test_image_end(&made);
		if (strcmp(rule_at(0), cases[i].rule))
			fail_msg("\"%s\": %s", cases[i].augmentation, rule_at(0));
	}
}

static void an_index_of_another_form_is_not_read(void **state)
{
	(void)state;
	rule_of(BYTES(0), 0);
	for (size_t i = 0; i < 4; i++) {
		struct test_image other = made;
		other.image.bytes = other.bytes + TEST_BYTES_MAX - other.size;
		((uint8_t *)other.image.bytes)[i] ^=
			i == 1 ? 0x8e : 1; /* the second: how .eh_frame is told */
		uint32_t rule = cfi_rule_at(&other.image, TEST_IMAGE + LOW);
		if (rule_kind(rule) != RULE_SLOW)
			fail_msg("byte %zu: %s", i, test_rule_told(rule));
	}
}

/* An image that ends anywhere, or with any byte flipped: read to its end and no further (the sanitizers see to that), and
 * the rule of an address that no byte of it was needed for stays the same. */
static void an_image_cut_anywhere_is_read_to_its_end(void **state)
{
	(void)state;
	const uint8_t program[] = {0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6};
	assert_string_equal(rule_of(program, sizeof program, 4), "bp+2 bp@2");
	for (size_t size = 0; size < made.size; size++) {
		uint8_t *cut = malloc(size ? size : 1);
		memcpy(cut, made.image.bytes, size);
		struct cfi_image image = made.image;
		image.bytes = cut;
		image.size = size;
		assert_string_equal(test_rule_told(cfi_rule_at(&image, TEST_IMAGE + LOW + 4)), "slow");
		free(cut);
	}
}

static void a_program_longer_than_any_is_not_run(void **state)
{
	(void)state;
	static uint8_t nops[CFI_PROGRAM_MAX + 1];
	assert_string_equal(rule_of(nops, CFI_PROGRAM_MAX, 0), "sp+1");
	assert_string_equal(rule_of(nops, CFI_PROGRAM_MAX + 1, 0), "slow");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_with_a_frame_pointer_has_three_rules),
		cmocka_unit_test(every_way_to_say_a_row_is_understood),
		cmocka_unit_test(what_a_rule_cannot_say_is_slow),
		cmocka_unit_test(advances_of_every_size_lead_to_their_row),
		cmocka_unit_test(a_location_that_is_set_may_not_go_back),
		cmocka_unit_test(each_address_finds_its_function),
		cmocka_unit_test(the_kernels_signal_frame_is_a_rule_of_its_own),
		cmocka_unit_test(data_for_exceptions_are_stepped_over),
		cmocka_unit_test(augmentations_that_nobody_knows_are_not_read),
		cmocka_unit_test(an_index_of_another_form_is_not_read),
		cmocka_unit_test(an_image_cut_anywhere_is_read_to_its_end),
		cmocka_unit_test(a_program_longer_than_any_is_not_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

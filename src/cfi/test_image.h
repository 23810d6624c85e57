/* SPDX-License-Identifier: Apache-2.0 */
/* test_image.h — for tests: an image made by hand.
 *
 *	struct test_image made;
 *	test_image_begin(&made, "zR", BYTES(0x0c, 7, 8, 0x90, 1));
 *	test_image_function(&made, 0x100, 0x20, BYTES(0x41, 0x0e, 16));
 *	test_image_end(&made);
 *
 * It lies at TEST_IMAGE; addresses of functions count from there, as .eh_frame's do. Its bytes end where the memory
 * does, so that a sanitizer sees a read behind them.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include "cfi/image.h"
#include "cfi/rule.h"

enum { TEST_IMAGE = 0x400000, TEST_ROWS_MAX = 8, TEST_BYTES_MAX = 1 << 19 };

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

struct test_image {
	uint8_t bytes[TEST_BYTES_MAX];
	size_t size, cie;
	struct {
		int32_t low, fde;
	} rows[TEST_ROWS_MAX];
	uint32_t row_count;
	struct cfi_image image; /* after test_image_end */
};

static inline void test_put(struct test_image *made, const void *bytes, size_t size)
{
	assert_in_range(made->size + size, 0, TEST_BYTES_MAX);
	memcpy(made->bytes + made->size, bytes, size);
	made->size += size;
}

static inline void test_put_u32(struct test_image *made, uint32_t value)
{
	test_put(made, &value, sizeof value);
}

static inline void test_put_u8(struct test_image *made, uint8_t value)
{
	test_put(made, &value, 1);
}

/* The length of the entry that begins at `entry`, when all of it is there. */
static inline void test_close_entry(struct test_image *made, size_t entry)
{
	uint32_t length = (uint32_t)(made->size - entry - 4);
	memcpy(made->bytes + entry, &length, sizeof length);
}

static inline void test_image_begin(struct test_image *made, const char *augmentation, const uint8_t *program,
				    size_t size)
{
	memset(made, 0, sizeof *made);
	made->size = 12 + TEST_ROWS_MAX * 8; /* the index: written at the end */
	made->cie = made->size;
	test_put_u32(made, 0);
	test_put_u32(made, 0);
	test_put_u8(made, 1);
	test_put(made, augmentation, strlen(augmentation) + 1);
	test_put(made, BYTES(1, 0x78, 16)); /* code unit 1, data unit -8, return address in 16 */
	if (augmentation[0] == 'z')
		test_put(made, BYTES(1, 0x1b)); /* FDEs: relative to the place, four bytes signed */
	test_put(made, program, size);
	test_close_entry(made, made->cie);
}

static inline void test_image_function(struct test_image *made, uint32_t low, uint32_t code_size,
				       const uint8_t *program, size_t size)
{
	size_t fde = made->size;
	assert_in_range(made->row_count, 0, TEST_ROWS_MAX - 1);
	made->rows[made->row_count].low = (int32_t)low;
	made->rows[made->row_count++].fde = (int32_t)fde;
	test_put_u32(made, 0);
	test_put_u32(made, (uint32_t)(fde + 4 - made->cie));
	test_put_u32(made, low - (uint32_t)made->size);
	test_put_u32(made, code_size);
	test_put_u8(made, 0);
	test_put(made, program, size);
	test_close_entry(made, fde);
}

static inline void test_image_end(struct test_image *made)
{
	const uint8_t head[] = {1, 0x1b, 0x03, 0x3b};
	uint32_t frames = (uint32_t)made->cie - 4;
	memcpy(made->bytes, head, sizeof head);
	memcpy(made->bytes + 4, &frames, 4);
	memcpy(made->bytes + 8, &made->row_count, 4);
	memcpy(made->bytes + 12, made->rows, made->row_count * sizeof made->rows[0]);
	memmove(made->bytes + TEST_BYTES_MAX - made->size, made->bytes, made->size);
	made->image = (struct cfi_image){.bytes = made->bytes + TEST_BYTES_MAX - made->size,
					 .size = made->size,
					 .address = TEST_IMAGE,
					 .index = TEST_IMAGE};
}

/* A rule in words: "sp+2 bp@2", "bp+2 bp@2", "*(sp+19)+1", "plt 11", "signal", "end", "slow", "none". */
static inline const char *test_rule_told(uint32_t rule)
{
	static char text[64];
	char bp[16] = "";
	if (rule_bp(rule) == RULE_BP_AT_BP)
		snprintf(bp, sizeof bp, " bp@bp");
	else if (rule_bp(rule))
		snprintf(bp, sizeof bp, " bp@%u", rule_bp(rule));
	switch (rule_kind(rule)) {
	case RULE_NONE:
		return "none";
	case RULE_SP:
		snprintf(text, sizeof text, "sp+%u%s", rule_offset(rule), bp);
		return text;
	case RULE_BP:
		snprintf(text, sizeof text, "bp+%u%s", rule_offset(rule), bp);
		return text;
	case RULE_DEREF:
		snprintf(text, sizeof text, "*(%s%+d)+%u%s", rule_deref_is_base_bp(rule) ? "bp" : "sp",
			 rule_deref_slot(rule), rule_deref_addend(rule), bp);
		return text;
	case RULE_PLT:
		snprintf(text, sizeof text, "plt %u%s", rule_offset(rule), bp);
		return text;
	case RULE_SIGNAL:
		return "signal";
	case RULE_END:
		return "end";
	case RULE_SLOW:
		return "slow";
	}
	return "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
/* row.h — where a frame keeps its caller's registers, at one address: a row of the table that CFI stands for.
 *
 * Hostile:  a program is run for at most CFI_PROGRAM_MAX bytes; anything not understood fails.
 * Threads:  no state; safe in a signal handler, 1.5 KiB of stack for all registers, 0.4 KiB for the two.
 * Source:   DWARF 5, 6.4.2; GNU extensions as in the LSB; register numbers of the x86-64 ABI, 3.6.2.
 */
#pragma once
#include "cfi/image.h"

enum { CFI_RBP = 6, CFI_RSP = 7, CFI_PC = 16, CFI_REGISTERS = 17 };

/* Far more than any function of Debian's libraries has (34 KiB). */
enum { CFI_PROGRAM_MAX = 1 << 17 };

enum cfi_place_kind {
	CFI_UNSPECIFIED, /* what the ABI says */
	CFI_UNDEFINED,   /* lost; for the pc: there is no caller */
	CFI_SAME,
	CFI_AT,            /* in memory at CFA + value */
	CFI_IS,            /* CFA + value; for the CFA itself: the register's + value */
	CFI_REGISTER,      /* in the register `value` */
	CFI_AT_EXPRESSION, /* in memory at what the expression gives */
	CFI_IS_EXPRESSION, /* what the expression gives */
};

struct cfi_place {
	uint8_t kind;         /* enum cfi_place_kind */
	uint8_t cfa_register; /* of the CFA alone */
	int32_t value;        /* expressions: where it begins with its length, from the image's first byte */
};

struct cfi_row {
	struct cfi_place cfa; /* CFI_UNSPECIFIED, CFI_IS or CFI_IS_EXPRESSION */
	struct cfi_place places[CFI_REGISTERS];
};

/* The place of a register: those that the fast lane needs come first. */
static inline unsigned cfi_place_index(uint64_t number)
{
	return number == CFI_PC    ? 0
	       : number == CFI_RBP ? 1
	       : number < CFI_RBP  ? (unsigned)number + 2
				   : (unsigned)number + 1;
}

/* The row at `pc`, inside the function: 0, or -1. `short` fills in the CFA, the pc and rbp alone. */
int cfi_row_find(const struct cfi_function *function, uint64_t pc, struct cfi_row *out_row);
int cfi_row_find_short(const struct cfi_function *function, uint64_t pc, struct cfi_row *out_row);

/* The bytes of the expression of a place. */
struct cfi_bytes cfi_expression_of(const struct cfi_image *image, struct cfi_place place);

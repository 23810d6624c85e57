/* SPDX-License-Identifier: Apache-2.0 */
/* step.h — from a frame to its caller's with all registers: for what a rule cannot say.
 *
 * Words:    registers have DWARF's numbers for x86-64; CFI_PC is the address of the code. A register whose bit in
 *           `known` is not set has lost its value.
 * Hostile:  the process's memory is read through the caller's function alone; expressions have no loops here, so that
 *           each byte is run once.
 * Threads:  no state; safe in a signal handler, 2 KiB of stack.
 * Source:   DWARF 5, 2.5 and 6.4.4.
 */
#pragma once
#include "cfi/row.h"

struct cfi_registers {
	uint64_t values[CFI_REGISTERS];
	uint32_t known;
};

/* Reads a word of the process's memory; false where that is not allowed. */
typedef bool (*cfi_read)(void *context, uint64_t address, uint64_t *out_word);

enum cfi_stepped {
	CFI_STEPPED,
	CFI_STEPPED_OVER_SIGNAL, /* the caller was interrupted: its pc is that of no call */
	CFI_STEP_END,            /* this was the outermost frame */
	CFI_STEP_NONE,           /* the image has nothing for it */
	CFI_STEP_BAD,            /* malformed, or a lost register or memory that may not be read is needed */
};

/* `registers` become the caller's; unchanged when there is no step. lookup: the pc, minus one behind a call. */
enum cfi_stepped cfi_step(const struct cfi_image *image, uint64_t lookup, struct cfi_registers *registers,
			  cfi_read read, void *context);

/* What an expression gives. `initial`: pushed first, NULL for none. 0 or -1. */
int cfi_expression(struct cfi_bytes expression, const struct cfi_registers *registers,
		   const uint64_t *initial, cfi_read read, void *context, uint64_t *out_value);

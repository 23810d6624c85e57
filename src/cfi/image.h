/* SPDX-License-Identifier: Apache-2.0 */
/* image.h — call frame information of one loaded object: which function an address is in, and its unwind program.
 *
 * Words:    an image is the object's bytes in memory, from the start of its index (.eh_frame_hdr) to the end of the
 *           segment, and back to the segment's start: both .eh_frame and its index lie in one segment. An FDE tells of
 *           one function, a CIE what several FDEs have in common.
 * Hostile:  bytes may be anything: nothing outside the image is read, and what is not understood is CFI_BAD, never
 *           guessed.
 * Threads:  no state; safe in a signal handler, 64 bytes of stack.
 * Source:   Linux Standard Base 5, 10.6 (.eh_frame, .eh_frame_hdr); DWARF 5, 6.4.
 */
#pragma once
#include "cfi/bytes.h"

struct cfi_image {
	const uint8_t *bytes;
	uint64_t size;
	uint64_t address; /* of the first byte in the memory of the process that is unwound */
	uint64_t index;   /* address of .eh_frame_hdr */
};

enum cfi_found {
	CFI_NONE, /* no function there */
	CFI_FOUND,
	CFI_BAD, /* malformed, or of a form that nobody writes */
};

struct cfi_function {
	uint64_t low, high;            /* addresses of its code */
	struct cfi_bytes common, own;  /* programs of its CIE and its FDE */
	uint64_t code_unit;            /* of advances */
	int64_t data_unit;             /* of offsets */
	const struct cfi_image *image; /* borrowed */
	uint8_t pointer_encoding;
	bool is_signal_frame; /* its caller was interrupted, and made no call */
};

/* The function that has code at `pc`. */
enum cfi_found cfi_function_find(const struct cfi_image *image, uint64_t pc,
				 struct cfi_function *out_function);

/* A pointer as the encoding says it, for DW_CFA_set_loc. */
uint64_t cfi_pointer(struct cfi_bytes *bytes, const struct cfi_image *image, uint8_t encoding);

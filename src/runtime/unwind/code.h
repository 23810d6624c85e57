/* SPDX-License-Identifier: Apache-2.0 */
/* code.h — what is known of an address of code: its object's unwind sections, and whether a call can stand before it.
 *
 * Threads:  any; no lock, no allocation; safe in a signal handler.
 * Needs:    _dl_find_object of glibc 2.35. Without it no address has an image.
 */
#pragma once
#include <stdbool.h>
#include "cfi/image.h"

/* Once, at load. own: an address in the object whose code no stack shows, NULL for none. */
void code_init(const void *own);

/* The unwind sections of the object that the address is in; false when it is in none, or the object has none. An address on
 * a live stack keeps its object, and so what the image borrows. */
bool code_image(uint64_t pc, struct cfi_image *out_image);

/* Whether an object lies there. */
bool code_is_in_object(uint64_t pc);

/* Whether a call may have left the address: there is memory before it, and what it holds ends like a call. */
bool code_is_behind_call(uint64_t pc);

/* The bytes at an address of code, `before` in front of it and `behind`; NULL when they cannot be read. */
const uint8_t *code_bytes(uint64_t pc, unsigned before, unsigned behind);

/* Where a function returns to that makecontext started: no call stands before it. 0 where that is not known. */
extern uint64_t code_context_start;

/* Where it lies. */
extern uintptr_t code_own_low, code_own_size;
static inline bool code_is_own(uint64_t pc)
{
	return pc - code_own_low < code_own_size;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* rule.h — how one frame of x86-64 is left for its caller's, in 25 bits.
 *
 *   bits 0-13 offset │ 14-16 kind │ 17-24 where the caller's rbp is
 *
 * Words:    the CFA of a frame is the stack pointer's value in the caller, behind the call; the return address lies 8
 *           bytes below it. All offsets count words of 8 bytes. A frame pointer needs no kind of its own: it is
 *           RULE_BP, offset 2, rbp at 2.
 * Source:   System V ABI for x86-64, 3.2.2 and 6.2; what compilers write was counted over Debian's libraries.
 */
#pragma once
#include <stdint.h>

enum rule_kind {
	RULE_NONE,   /* nothing is known of this address */
	RULE_SP,     /* CFA = rsp + offset */
	RULE_BP,     /* CFA = rbp + offset */
	RULE_DEREF,  /* CFA = *(base + slot) + addend: a frame that aligned its stack anew keeps it so */
	RULE_PLT,    /* CFA = rsp + 1, or + 2 from byte `offset` of a 16 byte entry on: a lazily bound call */
	RULE_SIGNAL, /* rsp points to the ucontext that a signal handler returns to */
	RULE_END,    /* the outermost frame */
	RULE_SLOW,   /* needs more than rsp and rbp: cfi/step.h */
};

enum {
	RULE_BITS = 25,
	RULE_OFFSET_LIMIT = 1 << 14,
	RULE_KIND_SHIFT = 14,
	RULE_BP_SHIFT = 17,

	/* Where the caller's rbp is: unchanged, n words below the CFA, or where rbp points to. */
	RULE_BP_UNCHANGED = 0,
	RULE_BP_BELOW_CFA_MAX = 254,
	RULE_BP_AT_BP = 255,

	/* The offset of RULE_DEREF: base is rbp │ addend │ slot, signed. */
	RULE_DEREF_BASE_BP = 1 << 13,
	RULE_DEREF_ADDEND_SHIFT = 9,
	RULE_DEREF_ADDEND_LIMIT = 1 << 4,
	RULE_DEREF_SLOT_MIN = -256,
	RULE_DEREF_SLOT_MAX = 255,

	/* In the ucontext of the kernel's signal frame, bytes: asm/sigcontext.h behind uc_flags, uc_link and uc_stack. */
	RULE_SIGNAL_BP = 120,
	RULE_SIGNAL_SP = 160,
	RULE_SIGNAL_PC = 168,
};

static inline uint32_t rule_make(enum rule_kind kind, uint32_t offset, uint32_t bp)
{
	return offset | (uint32_t)kind << RULE_KIND_SHIFT | bp << RULE_BP_SHIFT;
}

static inline enum rule_kind rule_kind(uint32_t rule)
{
	return (enum rule_kind)(rule >> RULE_KIND_SHIFT & 7);
}

static inline uint32_t rule_offset(uint32_t rule)
{
	return rule & (RULE_OFFSET_LIMIT - 1);
}

static inline uint32_t rule_bp(uint32_t rule)
{
	return rule >> RULE_BP_SHIFT & 255;
}

static inline uint32_t rule_make_deref(int is_base_bp, int slot, uint32_t addend, uint32_t bp)
{
	uint32_t offset = (is_base_bp ? RULE_DEREF_BASE_BP : 0) | addend << RULE_DEREF_ADDEND_SHIFT |
			  ((uint32_t)slot & 511);
	return rule_make(RULE_DEREF, offset, bp);
}

static inline int rule_deref_slot(uint32_t rule)
{
	return (int)(rule & 511) - (int)(rule & 256) * 2;
}

static inline uint32_t rule_deref_addend(uint32_t rule)
{
	return rule_offset(rule) >> RULE_DEREF_ADDEND_SHIFT & (RULE_DEREF_ADDEND_LIMIT - 1);
}

static inline int rule_deref_is_base_bp(uint32_t rule)
{
	return (rule & RULE_DEREF_BASE_BP) != 0;
}

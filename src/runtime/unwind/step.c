/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/rule.h"
#include "runtime/unwind/code.h"
#include "runtime/unwind/walk.h"

enum { WORD = 8, RED_ZONE = 128 };

/* The lowest word of a frame that still holds what was put there: below rsp only where nothing was called. */
static uint64_t floor_of(const struct walk *walk)
{
	return walk->is_exact ? walk->sp - RED_ZONE : walk->sp;
}

/* To the caller at `cfa`, whose rbp is at bp_slot (0: unchanged). */
static enum walk_step leave_to(struct walk *walk, uint64_t cfa, uint64_t bp_slot)
{
	uint64_t pc, bp = walk->bp;
	if (cfa <= walk->sp || !walk_load(walk, cfa - WORD, &pc) ||
	    (bp_slot && (bp_slot < floor_of(walk) || !walk_load(walk, bp_slot, &bp))))
		return walk_end(walk, STACK_END_OUTSIDE);
	walk->pc = pc;
	walk->sp = cfa;
	walk->bp = bp;
	walk->is_exact = false;
	return WALK_STEP_LOOSE;
}

/* Where the caller's rbp is, 0 for unchanged. */
static uint64_t bp_slot_of(const struct walk *walk, uint32_t rule, uint64_t cfa)
{
	uint32_t bp = rule_bp(rule);
	return bp == RULE_BP_AT_BP ? walk->bp : bp ? cfa - WORD * bp : 0;
}

static enum walk_step leave_by_register(struct walk *walk, uint32_t rule, uintptr_t *out_bp_slot)
{
	uint64_t cfa = (rule_kind(rule) == RULE_SP ? walk->sp : walk->bp) + WORD * rule_offset(rule);
	*out_bp_slot = bp_slot_of(walk, rule, cfa);
	return leave_to(walk, cfa, *out_bp_slot) == WALK_STEP_END ? WALK_STEP_END : WALK_STEP_FIRM;
}

static enum walk_step leave_by_memory(struct walk *walk, uint32_t rule)
{
	uint64_t base = rule_deref_is_base_bp(rule) ? walk->bp : walk->sp;
	uint64_t slot = base + (uint64_t)((int64_t)WORD * rule_deref_slot(rule)), cfa;
	if (slot < floor_of(walk) || !walk_load(walk, slot, &cfa))
		return walk_end(walk, STACK_END_OUTSIDE);
	cfa += WORD * rule_deref_addend(rule);
	return leave_to(walk, cfa, bp_slot_of(walk, rule, cfa));
}

/* To where the signal came: it may be another stack. */
static enum walk_step leave_handler(struct walk *walk)
{
	uint64_t context = walk->sp, pc, sp, bp;
	if (!walk_load(walk, context + RULE_SIGNAL_PC, &pc) ||
	    !walk_load(walk, context + RULE_SIGNAL_SP, &sp) ||
	    !walk_load(walk, context + RULE_SIGNAL_BP, &bp))
		return walk_end(walk, STACK_END_OUTSIDE);
	if (!stack_range_find(walk->thread, sp, &walk->range))
		return walk_end(walk, STACK_END_NO_BOUNDS);
	walk->pc = pc;
	walk->sp = sp;
	walk->bp = bp;
	walk->is_exact = true;
	return WALK_STEP_LOOSE;
}

enum walk_step walk_step(struct walk *walk, uint32_t rule, uintptr_t *out_bp_slot)
{
	*out_bp_slot = 0;
	switch (rule_kind(rule)) {
	case RULE_SP:
	case RULE_BP:
		return leave_by_register(walk, rule, out_bp_slot);
	case RULE_NONE:
		return walk_step_no_rule(walk, out_bp_slot);
	case RULE_DEREF:
		return leave_by_memory(walk, rule);
	case RULE_PLT:
		return leave_to(walk, walk->sp + WORD * ((walk->pc & 15) >= rule_offset(rule) ? 2 : 1), 0);
	case RULE_SIGNAL:
		return leave_handler(walk);
	case RULE_END:
		return walk_end(walk, STACK_WHOLE);
	case RULE_SLOW:
		return WALK_STEP_SLOW;
	}
	return walk_end(walk, STACK_END_BAD_RULE);
}

/* Whether code can be called from there: an address that a call left, in an object or in memory that a program made. */
static bool is_return_address(uint64_t pc)
{
	return pc >> 47 == 0 && code_is_behind_call(pc);
}

/* What lies on top of the stack of a function that was interrupted. */
enum top { TOP_UNKNOWN, TOP_IS_RETURN_ADDRESS, TOP_IS_RBP, TOP_IS_FREE };

/* What the instruction says that comes next, or came before: the return address is on top in front of push %rbp, endbr64
 * and ret; rbp behind the push and in front of its pop; _init and _fini make room for one word
 * (sub $8,%rsp, and then mov …(%rip),%rax or add $8,%rsp). */
static enum top top_by_instruction(uint64_t pc)
{
	static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa}, mov_rsp_rbp[] = {0x48, 0x89, 0xe5},
			     sub_8_rsp[] = {0x48, 0x83, 0xec, 0x08}, add_rsp[] = {0x48, 0x83, 0xc4},
			     mov_rip_rax[] = {0x48, 0x8b, 0x05};
	enum { PUSH_RBP = 0x55, POP_RBP = 0x5d, RET = 0xc3, RET_AND_POP = 0xc2, INIT_SIZE = 32 };
	const uint8_t *code = code_bytes(pc, 1, sizeof endbr64);
	if (!code)
		return TOP_UNKNOWN;
	if (*code == PUSH_RBP || *code == RET || *code == RET_AND_POP ||
	    !memcmp(code, endbr64, sizeof endbr64))
		return TOP_IS_RETURN_ADDRESS;
	if (*code == POP_RBP || (!memcmp(code, mov_rsp_rbp, sizeof mov_rsp_rbp) && code[-1] == PUSH_RBP))
		return TOP_IS_RBP;
	if (!code_is_in_object(pc) || !code_bytes(pc, INIT_SIZE, 0))
		return TOP_UNKNOWN;
	for (unsigned back = sizeof sub_8_rsp; back <= INIT_SIZE; back++) {
		const uint8_t *behind = code - back + sizeof sub_8_rsp;
		if (!memcmp(code - back, sub_8_rsp, sizeof sub_8_rsp) &&
		    (!memcmp(behind, mov_rip_rax, sizeof mov_rip_rax) ||
		     !memcmp(behind, add_rsp, sizeof add_rsp)))
			return TOP_IS_FREE;
	}
	return TOP_UNKNOWN;
}

enum walk_step walk_step_no_rule(struct walk *walk, uintptr_t *out_bp_slot)
{
	uint64_t pc;
	if (walk->is_exact) {
		enum top top = top_by_instruction(walk->pc);
		if (top == TOP_UNKNOWN && walk_load(walk, walk->sp, &pc) && is_return_address(pc))
			top = TOP_IS_RETURN_ADDRESS;
		if (top != TOP_UNKNOWN)
			return leave_to(walk, walk->sp + (top == TOP_IS_RETURN_ADDRESS ? 1 : 2) * WORD,
					top == TOP_IS_RBP ? walk->sp : 0);
	}
	if (!walk->is_exact && walk->pc == code_context_start && walk->pc)
		return walk_end(walk, STACK_WHOLE);
	if (!walk->is_exact && !is_return_address(walk->pc))
		return walk_end(walk, STACK_END_UNKNOWN_CODE);
	if (walk->bp < walk->sp || !walk_load(walk, walk->bp + WORD, &pc) || !is_return_address(pc))
		return walk_end(walk, STACK_END_NO_RULE);
	bool is_firm = !walk->is_exact;
	*out_bp_slot = walk->bp;
	if (leave_to(walk, walk->bp + 2 * WORD, walk->bp) == WALK_STEP_END)
		return WALK_STEP_END;
	return is_firm ? WALK_STEP_FIRM : WALK_STEP_LOOSE;
}

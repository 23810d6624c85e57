/* SPDX-License-Identifier: Apache-2.0 */
/* walk.h — a walk under way, for the parts that make it: stack_walk.c walks by the usual rules, step.c knows all
 * of them, slow_lane.c all registers. Nobody else needs it. */
#pragma once
#include "cfi/step.h"
#include "runtime/unwind/stack_memory.h"
#include "runtime/unwind/stack_walk.h"

struct walk {
	const struct thread *thread;
	struct stack_range range; /* that sp is in */
	uint64_t pc, sp, bp;
	bool is_exact; /* the pc was interrupted, and is not behind a call */
	enum stack_end end;
};

/* What became of a step. */
enum walk_step {
	WALK_STEP_FIRM, /* by two words of the stack and the state alone: memo.h */
	WALK_STEP_LOOSE,
	WALK_STEP_END, /* walk.end says why */
	WALK_STEP_SLOW /* all registers are needed */
};

static inline enum walk_step walk_end(struct walk *walk, enum stack_end end)
{
	walk->end = end;
	return WALK_STEP_END;
}

/* The word at an address of the stack; false when it is outside. */
static inline bool walk_load(struct walk *walk, uint64_t address, uint64_t *out_word)
{
	if (!stack_range_has(&walk->range, address))
		return false;
	*out_word = *(const uint64_t *)address;
	return true;
}

static inline void walk_begin(struct walk *walk, struct stack_start start)
{
	walk->pc = start.pc;
	walk->sp = start.sp;
	walk->bp = start.bp;
	walk->is_exact = start.interrupted != NULL;
	walk->end = STACK_WHOLE;
}

/* Leaves a frame by any rule. out_bp_slot: where bp was found, 0 unchanged. */
enum walk_step walk_step(struct walk *walk, uint32_t rule, uintptr_t *out_bp_slot);

/* Leaves a frame of code without unwind data. */
enum walk_step walk_step_no_rule(struct walk *walk, uintptr_t *out_bp_slot);

/* All registers where the walk starts. */
bool slow_lane_begin(struct walk *walk, struct stack_start start, struct cfi_registers *out_registers);

/* Leaves a frame with all registers. */
enum walk_step slow_lane_step(struct walk *walk, struct cfi_registers *registers);

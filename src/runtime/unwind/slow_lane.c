/* SPDX-License-Identifier: Apache-2.0 */
/* The registers that a function must keep are still where they were when a hook decides to record: in the registers, or in
 * the frames of the guest's own functions, whose unwind data say where. So no hook has to spill any beforehand. */
#include "cfi/step.h"
#include "runtime/unwind/code.h"
#include "runtime/unwind/walk.h"

/* The general registers of a ucontext, by DWARF's numbers. */
static const uint8_t of_context[CFI_REGISTERS] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
						  REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
						  REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
enum { RBX = 3, R12 = 12, R13 = 13, R14 = 14, R15 = 15, OWN_FRAMES_MAX = 32 };
#define KEPT_IN_CALL (1u << RBX | 1u << CFI_RBP | 1u << CFI_RSP | 0xfu << R12 | 1u << CFI_PC)

static bool read_stack(void *context, uint64_t address, uint64_t *out_word)
{
	return walk_load(context, address, out_word);
}

static void registers_interrupted(const uint64_t *context, struct cfi_registers *out_registers)
{
	for (unsigned number = 0; number < CFI_REGISTERS; number++)
		out_registers->values[number] = context[of_context[number]];
	out_registers->known = (1u << CFI_REGISTERS) - 1;
}

/* Those of this function at the place where it reads them. */
static inline __attribute__((always_inline)) void registers_here(struct cfi_registers *out_registers)
{
	uint64_t *values = out_registers->values;
	__asm__ volatile("lea 0(%%rip), %%rax\n\t"
			 "mov %%rax, %0\n\t"
			 "mov %%rsp, %1\n\t"
			 "mov %%rbp, %2\n\t"
			 "mov %%rbx, %3\n\t"
			 "mov %%r12, %4\n\t"
			 "mov %%r13, %5\n\t"
			 "mov %%r14, %6\n\t"
			 "mov %%r15, %7"
			 : "=m"(values[CFI_PC]), "=m"(values[CFI_RSP]), "=m"(values[CFI_RBP]),
			   "=m"(values[RBX]), "=m"(values[R12]), "=m"(values[R13]), "=m"(values[R14]),
			   "=m"(values[R15])
			 :
			 : "rax");
	out_registers->known = KEPT_IN_CALL;
}

bool slow_lane_begin(struct walk *walk, struct stack_start start, struct cfi_registers *out_registers)
{
	if (start.interrupted) {
		registers_interrupted(start.interrupted, out_registers);
		return true;
	}
	registers_here(out_registers);
	if (out_registers->values[CFI_RSP] < walk->range.low)
		walk->range.low =
			out_registers->values[CFI_RSP]; /* the hook's frames and ours are there, too */
	uint64_t lookup = out_registers->values[CFI_PC];
	for (int i = 0; i < OWN_FRAMES_MAX && out_registers->values[CFI_RSP] < start.sp; i++) {
		struct cfi_image image;
		if (!code_image(lookup, &image) ||
		    cfi_step(&image, lookup, out_registers, read_stack, walk) != CFI_STEPPED)
			return false;
		lookup = out_registers->values[CFI_PC] - 1;
	}
	return out_registers->values[CFI_RSP] == start.sp && out_registers->values[CFI_PC] == start.pc;
}

enum walk_step slow_lane_step(struct walk *walk, struct cfi_registers *registers)
{
	uint64_t lookup = walk->pc - !walk->is_exact, sp = walk->sp;
	uintptr_t bp_slot;
	struct cfi_image image;
	enum cfi_stepped stepped = code_image(lookup, &image)
					   ? cfi_step(&image, lookup, registers, read_stack, walk)
					   : CFI_STEP_NONE;
	switch (stepped) {
	case CFI_STEP_END:
		return walk_end(walk, STACK_WHOLE);
	case CFI_STEP_BAD:
		return walk_end(walk, STACK_END_BAD_RULE);
	case CFI_STEP_NONE:
		if (walk_step_no_rule(walk, &bp_slot) == WALK_STEP_END)
			return WALK_STEP_END;
		registers->values[CFI_PC] = walk->pc;
		registers->values[CFI_RSP] = walk->sp;
		registers->values[CFI_RBP] = walk->bp;
		registers->known = 1u << CFI_PC | 1u << CFI_RSP | 1u << CFI_RBP;
		return WALK_STEP_LOOSE;
	case CFI_STEPPED:
	case CFI_STEPPED_OVER_SIGNAL:
		break;
	}
	walk->pc = registers->values[CFI_PC];
	walk->sp = registers->values[CFI_RSP];
	walk->bp = registers->values[CFI_RBP];
	if (stepped == CFI_STEPPED_OVER_SIGNAL) {
		walk->is_exact = true;
		return stack_range_find(walk->thread, walk->sp, &walk->range)
			       ? WALK_STEP_LOOSE
			       : walk_end(walk, STACK_END_NO_BOUNDS);
	}
	/* Only an interrupted function can have its return address elsewhere than on the stack (vfork). */
	if (walk->sp < sp || (walk->sp == sp && !walk->is_exact) ||
	    !stack_range_has(&walk->range, walk->sp - 8))
		return walk_end(walk, STACK_END_OUTSIDE);
	walk->is_exact = false;
	return WALK_STEP_LOOSE;
}

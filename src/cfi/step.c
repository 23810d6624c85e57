/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/step.h"

/* Registers that a call may change: rax, rdx, rcx, rsi, rdi, r8 to r11 (System V ABI, 3.2.1). */
enum { LOST_IN_CALL = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 5 | 0xf << 8 };

struct frame {
	const struct cfi_image *image;
	const struct cfi_registers *registers;
	uint64_t cfa;
	cfi_read read;
	void *context;
};

static bool is_known(const struct cfi_registers *registers, uint64_t number)
{
	return number < CFI_REGISTERS && registers->known >> number & 1;
}

/* The value of a register in the caller: 1, 0 when it is lost, -1 when it cannot be told. */
static int value_of(const struct frame *frame, unsigned number, struct cfi_place place, uint64_t *out_value)
{
	uint64_t address;
	switch ((enum cfi_place_kind)place.kind) {
	case CFI_UNSPECIFIED:
		if (number == CFI_RSP) {
			*out_value = frame->cfa;
			return 1;
		}
		if (number == CFI_PC)
			return -1;
		if (LOST_IN_CALL >> number & 1)
			return 0;
		/* fall through */
	case CFI_SAME:
		*out_value = frame->registers->values[number];
		return is_known(frame->registers, number);
	case CFI_UNDEFINED:
		return 0;
	case CFI_AT:
		return frame->read(frame->context, frame->cfa + (uint64_t)(int64_t)place.value, out_value)
			       ? 1
			       : -1;
	case CFI_IS:
		*out_value = frame->cfa + (uint64_t)(int64_t)place.value;
		return 1;
	case CFI_REGISTER:
		if (!is_known(frame->registers, (uint32_t)place.value))
			return 0;
		*out_value = frame->registers->values[place.value];
		return 1;
	case CFI_AT_EXPRESSION:
		if (cfi_expression(cfi_expression_of(frame->image, place), frame->registers, &frame->cfa,
				   frame->read, frame->context, &address) ||
		    !frame->read(frame->context, address, out_value))
			return -1;
		return 1;
	case CFI_IS_EXPRESSION:
		return cfi_expression(cfi_expression_of(frame->image, place), frame->registers, &frame->cfa,
				      frame->read, frame->context, out_value)
			       ? -1
			       : 1;
	}
	return -1;
}

static bool find_cfa(struct frame *frame, struct cfi_place place)
{
	if (place.kind == CFI_IS_EXPRESSION)
		return !cfi_expression(cfi_expression_of(frame->image, place), frame->registers, NULL,
				       frame->read, frame->context, &frame->cfa);
	if (!is_known(frame->registers, place.cfa_register))
		return false;
	frame->cfa = frame->registers->values[place.cfa_register] + (uint64_t)(int64_t)place.value;
	return true;
}

enum cfi_stepped cfi_step(const struct cfi_image *image, uint64_t lookup, struct cfi_registers *registers,
			  cfi_read read, void *context)
{
	struct cfi_function function;
	struct cfi_row row;
	switch (cfi_function_find(image, lookup, &function)) {
	case CFI_NONE:
		return CFI_STEP_NONE;
	case CFI_BAD:
		return CFI_STEP_BAD;
	case CFI_FOUND:
		break;
	}
	if (cfi_row_find(&function, lookup, &row))
		return CFI_STEP_BAD;
	if (row.places[cfi_place_index(CFI_PC)].kind == CFI_UNDEFINED)
		return CFI_STEP_END;
	struct frame frame = {.image = image, .registers = registers, .read = read, .context = context};
	if (!find_cfa(&frame, row.cfa))
		return CFI_STEP_BAD;

	struct cfi_registers caller = {.known = 0};
	for (unsigned number = 0; number < CFI_REGISTERS; number++) {
		int found =
			value_of(&frame, number, row.places[cfi_place_index(number)], &caller.values[number]);
		if (found < 0)
			return CFI_STEP_BAD;
		caller.known |= (uint32_t)found << number;
	}
	if (!is_known(&caller, CFI_PC) || !is_known(&caller, CFI_RSP))
		return CFI_STEP_BAD;
	*registers = caller;
	return function.is_signal_frame ? CFI_STEPPED_OVER_SIGNAL : CFI_STEPPED;
}

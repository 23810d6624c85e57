/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/step.h"

enum {
	OP_ADDRESS = 0x03,
	OP_DEREF = 0x06,
	OP_CONST_U1 = 0x08,
	OP_CONST_S1 = 0x09,
	OP_CONST_U2 = 0x0a,
	OP_CONST_S2 = 0x0b,
	OP_CONST_U4 = 0x0c,
	OP_CONST_S4 = 0x0d,
	OP_CONST_U8 = 0x0e,
	OP_CONST_S8 = 0x0f,
	OP_CONST_ULEB = 0x10,
	OP_CONST_SLEB = 0x11,
	OP_DUPLICATE = 0x12,
	OP_DROP = 0x13,
	OP_OVER = 0x14,
	OP_SWAP = 0x16,
	OP_AND = 0x1a,
	OP_MINUS = 0x1c,
	OP_MULTIPLY = 0x1e,
	OP_NEGATE = 0x1f,
	OP_NOT = 0x20,
	OP_OR = 0x21,
	OP_PLUS = 0x22,
	OP_PLUS_CONSTANT = 0x23,
	OP_SHIFT_LEFT = 0x24,
	OP_SHIFT_RIGHT = 0x25,
	OP_SHIFT_RIGHT_SIGNED = 0x26,
	OP_XOR = 0x27,
	OP_EQUAL = 0x29,
	OP_NOT_LESS = 0x2a,
	OP_GREATER = 0x2b,
	OP_NOT_GREATER = 0x2c,
	OP_LESS = 0x2d,
	OP_NOT_EQUAL = 0x2e,
	OP_LITERAL_0 = 0x30,
	OP_LITERAL_31 = 0x4f,
	OP_REGISTER_0 = 0x70,
	OP_REGISTER_31 = 0x8f,
	OP_NOP = 0x96,
};

enum { STACK_MAX = 16 };

struct machine {
	uint64_t stack[STACK_MAX];
	unsigned depth;
	bool failed;
};

static void push(struct machine *machine, uint64_t value)
{
	if (machine->depth == STACK_MAX)
		machine->failed = true;
	else
		machine->stack[machine->depth++] = value;
}

static uint64_t pop(struct machine *machine)
{
	if (machine->depth)
		return machine->stack[--machine->depth];
	machine->failed = true;
	return 0;
}

/* Shifts by more than a word has bits give nothing. */
static uint64_t shifted(uint64_t value, uint64_t bits, uint8_t operation)
{
	if (operation == OP_SHIFT_RIGHT_SIGNED)
		return (uint64_t)((int64_t)value >> (bits < 63 ? bits : 63));
	if (bits > 63)
		return 0;
	return operation == OP_SHIFT_LEFT ? value << bits : value >> bits;
}

/* Operations of two operands; false for any other. */
static bool binary(struct machine *machine, uint8_t operation)
{
	switch (operation) {
	case OP_AND:
	case OP_MINUS:
	case OP_MULTIPLY:
	case OP_OR:
	case OP_PLUS:
	case OP_SHIFT_LEFT:
	case OP_SHIFT_RIGHT:
	case OP_SHIFT_RIGHT_SIGNED:
	case OP_XOR:
	case OP_EQUAL:
	case OP_NOT_LESS:
	case OP_GREATER:
	case OP_NOT_GREATER:
	case OP_LESS:
	case OP_NOT_EQUAL:
		break;
	default:
		return false;
	}
	uint64_t right = pop(machine), left = pop(machine), value = 0;
	switch (operation) {
	case OP_AND:
		value = left & right;
		break;
	case OP_MINUS:
		value = left - right;
		break;
	case OP_MULTIPLY:
		value = left * right;
		break;
	case OP_OR:
		value = left | right;
		break;
	case OP_PLUS:
		value = left + right;
		break;
	case OP_SHIFT_LEFT:
	case OP_SHIFT_RIGHT:
	case OP_SHIFT_RIGHT_SIGNED:
		value = shifted(left, right, operation);
		break;
	case OP_XOR:
		value = left ^ right;
		break;
	case OP_EQUAL:
		value = left == right;
		break;
	case OP_NOT_LESS:
		value = (int64_t)left >= (int64_t)right;
		break;
	case OP_GREATER:
		value = (int64_t)left > (int64_t)right;
		break;
	case OP_NOT_GREATER:
		value = (int64_t)left <= (int64_t)right;
		break;
	case OP_LESS:
		value = (int64_t)left < (int64_t)right;
		break;
	case OP_NOT_EQUAL:
		value = left != right;
		break;
	}
	push(machine, value);
	return true;
}

/* Operations that push what stands in the expression; false for any other. */
static bool constant(struct machine *machine, uint8_t operation, struct cfi_bytes *expression)
{
	if (operation >= OP_LITERAL_0 && operation <= OP_LITERAL_31) {
		push(machine, operation - (uint64_t)OP_LITERAL_0);
		return true;
	}
	switch (operation) {
	case OP_CONST_U1:
		push(machine, cfi_u8(expression));
		return true;
	case OP_CONST_S1:
		push(machine, (uint64_t)(int8_t)cfi_u8(expression));
		return true;
	case OP_CONST_U2:
	case OP_CONST_U4:
		push(machine, cfi_fixed(expression, operation == OP_CONST_U2 ? 2 : 4));
		return true;
	case OP_CONST_S2:
	case OP_CONST_S4:
		push(machine, (uint64_t)cfi_fixed_signed(expression, operation == OP_CONST_S2 ? 2 : 4));
		return true;
	case OP_ADDRESS:
	case OP_CONST_U8:
	case OP_CONST_S8:
		push(machine, cfi_fixed(expression, 8));
		return true;
	case OP_CONST_ULEB:
		push(machine, cfi_uleb(expression));
		return true;
	case OP_CONST_SLEB:
		push(machine, (uint64_t)cfi_sleb(expression));
		return true;
	}
	return false;
}

static void push_register(struct machine *machine, unsigned number, int64_t offset,
			  const struct cfi_registers *registers)
{
	machine->failed |= number >= CFI_REGISTERS || !(registers->known >> number & 1);
	if (!machine->failed)
		push(machine, registers->values[number] + (uint64_t)offset);
}

int cfi_expression(struct cfi_bytes expression, const struct cfi_registers *registers,
		   const uint64_t *initial, cfi_read read, void *context, uint64_t *out_value)
{
	struct machine machine = {.depth = 0};
	if (initial)
		push(&machine, *initial);
	while (expression.at < expression.end && !expression.failed && !machine.failed) {
		uint8_t operation = *expression.at++;
		uint64_t value, under;
		if (binary(&machine, operation) || constant(&machine, operation, &expression))
			continue;
		if (operation >= OP_REGISTER_0 && operation <= OP_REGISTER_31) {
			push_register(&machine, (unsigned)operation - OP_REGISTER_0, cfi_sleb(&expression),
				      registers);
			continue;
		}
		switch (operation) {
		case OP_DEREF:
			value = pop(&machine);
			machine.failed = machine.failed || !read(context, value, &value);
			push(&machine, value);
			break;
		case OP_PLUS_CONSTANT:
			value = pop(&machine);
			push(&machine, value + cfi_uleb(&expression));
			break;
		case OP_DUPLICATE:
			value = pop(&machine);
			push(&machine, value);
			push(&machine, value);
			break;
		case OP_DROP:
			pop(&machine);
			break;
		case OP_OVER:
			value = pop(&machine);
			under = pop(&machine);
			push(&machine, under);
			push(&machine, value);
			push(&machine, under);
			break;
		case OP_SWAP:
			value = pop(&machine);
			under = pop(&machine);
			push(&machine, value);
			push(&machine, under);
			break;
		case OP_NEGATE:
			push(&machine, -pop(&machine));
			break;
		case OP_NOT:
			push(&machine, ~pop(&machine));
			break;
		case OP_NOP:
			break;
		default: /* branches too */
			return -1;
		}
	}
	if (expression.failed || machine.failed || !machine.depth)
		return -1;
	*out_value = machine.stack[machine.depth - 1];
	return 0;
}

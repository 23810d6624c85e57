/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/row.h"

enum {
	/* in the upper two bits */
	OP_ADVANCE = 1,
	OP_OFFSET = 2,
	OP_RESTORE = 3,
	/* whole */
	OP_NOP = 0x00,
	OP_SET_LOCATION = 0x01,
	OP_ADVANCE_1 = 0x02,
	OP_ADVANCE_2 = 0x03,
	OP_ADVANCE_4 = 0x04,
	OP_OFFSET_EXTENDED = 0x05,
	OP_RESTORE_EXTENDED = 0x06,
	OP_UNDEFINED = 0x07,
	OP_SAME_VALUE = 0x08,
	OP_REGISTER = 0x09,
	OP_REMEMBER = 0x0a,
	OP_RESTORE_STATE = 0x0b,
	OP_CFA = 0x0c,
	OP_CFA_REGISTER = 0x0d,
	OP_CFA_OFFSET = 0x0e,
	OP_CFA_EXPRESSION = 0x0f,
	OP_EXPRESSION = 0x10,
	OP_OFFSET_EXTENDED_SIGNED = 0x11,
	OP_CFA_SIGNED = 0x12,
	OP_CFA_OFFSET_SIGNED = 0x13,
	OP_VALUE_OFFSET = 0x14,
	OP_VALUE_OFFSET_SIGNED = 0x15,
	OP_VALUE_EXPRESSION = 0x16,
	OP_GNU_ARGUMENTS_SIZE = 0x2e,
	OP_GNU_NEGATIVE_OFFSET_EXTENDED = 0x2f,
};

enum { REMEMBERED_MAX = 8, PLACES_SHORT = 2 };

struct run {
	struct cfi_row row, initial, remembered[REMEMBERED_MAX];
	unsigned remembered_count;
	unsigned places; /* how many are kept: all, or PLACES_SHORT */
	uint64_t location, pc;
	const struct cfi_function *function;
	bool is_common; /* still in the CIE's program */
	bool failed;
};

static inline __attribute__((always_inline)) void copy_row(struct cfi_row *to, const struct cfi_row *from,
							   unsigned places)
{
	to->cfa = from->cfa;
	memcpy(to->places, from->places, places * sizeof *from->places);
}

static int32_t checked(struct run *run, int64_t value)
{
	run->failed |= value != (int32_t)value;
	return (int32_t)value;
}

static int64_t times(int64_t count, int64_t unit)
{
	return (int64_t)((uint64_t)count * (uint64_t)unit);
}

static inline __attribute__((always_inline)) void put(struct run *run, uint64_t number,
						      enum cfi_place_kind kind, int64_t value)
{
	unsigned index = cfi_place_index(number);
	if (number >= CFI_REGISTERS || index >= run->places)
		return; /* vector registers and the like are nobody's */
	run->row.places[index] = (struct cfi_place){.kind = (uint8_t)kind, .value = checked(run, value)};
}

static inline __attribute__((always_inline)) void restore(struct run *run, uint64_t number)
{
	unsigned index = cfi_place_index(number);
	run->failed |= run->is_common;
	if (number < CFI_REGISTERS && index < run->places)
		run->row.places[index] = run->initial.places[index];
}

static void put_cfa(struct run *run, uint64_t number, int64_t offset)
{
	run->failed |= number >= CFI_REGISTERS;
	run->row.cfa = (struct cfi_place){
		.kind = CFI_IS, .cfa_register = (uint8_t)number, .value = checked(run, offset)};
}

/* Steps over an expression; where it begins. */
static int64_t pass_expression(struct run *run, struct cfi_bytes *program)
{
	int64_t at = program->at - run->function->image->bytes;
	cfi_part(program, cfi_uleb(program));
	return at;
}

/* Whether the row before the advance is the one that is looked for. */
static inline __attribute__((always_inline)) bool advance_to(struct run *run, uint64_t location)
{
	run->failed |= run->is_common || location < run->location;
	if (location > run->pc)
		return true;
	run->location = location;
	return false;
}

static inline __attribute__((always_inline)) bool advance(struct run *run, uint64_t units)
{
	return advance_to(run, run->location + units * run->function->code_unit);
}

static void remember(struct run *run)
{
	if (run->remembered_count == REMEMBERED_MAX)
		run->failed = true;
	else
		copy_row(&run->remembered[run->remembered_count++], &run->row, run->places);
}

static void recall(struct run *run)
{
	if (run->remembered_count == 0)
		run->failed = true;
	else
		copy_row(&run->row, &run->remembered[--run->remembered_count], run->places);
}

/* Those that no usual function has. */
static void run_rare(struct run *run, uint8_t operation, struct cfi_bytes *program)
{
	int64_t unit = run->function->data_unit;
	uint64_t number;
	switch (operation) {
	case OP_OFFSET_EXTENDED:
		number = cfi_uleb(program);
		put(run, number, CFI_AT, times((int64_t)cfi_uleb(program), unit));
		break;
	case OP_RESTORE_EXTENDED:
		restore(run, cfi_uleb(program));
		break;
	case OP_UNDEFINED:
		put(run, cfi_uleb(program), CFI_UNDEFINED, 0);
		break;
	case OP_SAME_VALUE:
		put(run, cfi_uleb(program), CFI_SAME, 0);
		break;
	case OP_REGISTER:
		number = cfi_uleb(program);
		put(run, number, CFI_REGISTER, (int64_t)cfi_uleb(program));
		break;
	case OP_CFA_EXPRESSION:
		run->row.cfa = (struct cfi_place){.kind = CFI_IS_EXPRESSION,
						  .value = checked(run, pass_expression(run, program))};
		break;
	case OP_EXPRESSION:
		number = cfi_uleb(program);
		put(run, number, CFI_AT_EXPRESSION, pass_expression(run, program));
		break;
	case OP_VALUE_EXPRESSION:
		number = cfi_uleb(program);
		put(run, number, CFI_IS_EXPRESSION, pass_expression(run, program));
		break;
	case OP_OFFSET_EXTENDED_SIGNED:
		number = cfi_uleb(program);
		put(run, number, CFI_AT, times(cfi_sleb(program), unit));
		break;
	case OP_CFA_SIGNED:
		number = cfi_uleb(program);
		put_cfa(run, number, times(cfi_sleb(program), unit));
		break;
	case OP_CFA_OFFSET_SIGNED:
		run->failed |= run->row.cfa.kind != CFI_IS;
		run->row.cfa.value = checked(run, times(cfi_sleb(program), unit));
		break;
	case OP_VALUE_OFFSET:
		number = cfi_uleb(program);
		put(run, number, CFI_IS, times((int64_t)cfi_uleb(program), unit));
		break;
	case OP_VALUE_OFFSET_SIGNED:
		number = cfi_uleb(program);
		put(run, number, CFI_IS, times(cfi_sleb(program), unit));
		break;
	case OP_GNU_ARGUMENTS_SIZE:
		cfi_uleb(program);
		break;
	case OP_GNU_NEGATIVE_OFFSET_EXTENDED:
		number = cfi_uleb(program);
		put(run, number, CFI_AT, -times((int64_t)cfi_uleb(program), unit));
		break;
	default:
		run->failed = true;
	}
}

/* Runs a program to its end, or until it is past the pc. */
static inline __attribute__((always_inline)) void run_program(struct run *run, struct cfi_bytes program)
{
	run->failed |= program.end - program.at > CFI_PROGRAM_MAX;
	while (program.at < program.end && !run->failed) {
		uint8_t operation = *program.at++;
		uint64_t low = operation & 0x3f;
		bool is_past = false;
		switch (operation >> 6) {
		case OP_ADVANCE:
			is_past = advance(run, low);
			break;
		case OP_OFFSET:
			put(run, low, CFI_AT, times((int64_t)cfi_uleb(&program), run->function->data_unit));
			break;
		case OP_RESTORE:
			restore(run, low);
			break;
		default:
			switch (operation) {
			case OP_NOP:
				break;
			case OP_SET_LOCATION:
				is_past = advance_to(run, cfi_pointer(&program, run->function->image,
								      run->function->pointer_encoding));
				break;
			case OP_ADVANCE_1:
				is_past = advance(run, cfi_u8(&program));
				break;
			case OP_ADVANCE_2:
				is_past = advance(run, cfi_fixed(&program, 2));
				break;
			case OP_ADVANCE_4:
				is_past = advance(run, cfi_fixed(&program, 4));
				break;
			case OP_REMEMBER:
				remember(run);
				break;
			case OP_RESTORE_STATE:
				recall(run);
				break;
			case OP_CFA: {
				uint64_t number = cfi_uleb(&program);
				put_cfa(run, number, (int64_t)cfi_uleb(&program));
				break;
			}
			case OP_CFA_REGISTER: {
				uint64_t number = cfi_uleb(&program);
				run->failed |= run->row.cfa.kind != CFI_IS || number >= CFI_REGISTERS;
				run->row.cfa.cfa_register = (uint8_t)number;
				break;
			}
			case OP_CFA_OFFSET:
				run->failed |= run->row.cfa.kind != CFI_IS;
				run->row.cfa.value = checked(run, (int64_t)cfi_uleb(&program));
				break;
			default:
				run_rare(run, operation, &program);
			}
		}
		run->failed |= program.failed;
		if (is_past)
			return;
	}
}

static inline __attribute__((always_inline)) int find(const struct cfi_function *function, uint64_t pc,
						      unsigned places, struct cfi_row *out_row)
{
	struct run run; /* most of it is never touched */
	run.row.cfa = (struct cfi_place){.kind = CFI_UNSPECIFIED};
	memset(run.row.places, 0, places * sizeof *run.row.places);
	run.remembered_count = 0;
	run.places = places;
	run.location = function->low;
	run.pc = pc;
	run.function = function;
	run.failed = false;
	run.is_common = true;
	run_program(&run, function->common);
	copy_row(&run.initial, &run.row, places);
	run.is_common = false;
	run_program(&run, function->own);
	if (run.failed || run.row.cfa.kind == CFI_UNSPECIFIED)
		return -1;
	copy_row(out_row, &run.row, places);
	return 0;
}

int cfi_row_find(const struct cfi_function *function, uint64_t pc, struct cfi_row *out_row)
{
	return find(function, pc, CFI_REGISTERS, out_row);
}

int cfi_row_find_short(const struct cfi_function *function, uint64_t pc, struct cfi_row *out_row)
{
	return find(function, pc, PLACES_SHORT, out_row);
}

struct cfi_bytes cfi_expression_of(const struct cfi_image *image, struct cfi_place place)
{
	struct cfi_bytes bytes = {image->bytes + place.value, image->bytes + image->size, false};
	return cfi_part(&bytes, cfi_uleb(&bytes));
}

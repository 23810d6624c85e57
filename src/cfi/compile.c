/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi/compile.h"
#include "cfi/row.h"

enum { OP_DEREF = 0x06, OP_PLUS_CONSTANT = 0x23, OP_LITERAL_0 = 0x30, OP_REGISTER_0 = 0x70 };

enum { WORD = 8, RETURN_ADDRESS_AT = -8 };

#define SLOW rule_make(RULE_SLOW, 0, 0)

/* "register + offset" and nothing else in front of what follows. */
static bool take_register(struct cfi_bytes *expression, unsigned number, int64_t *out_offset)
{
	if (cfi_u8(expression) != OP_REGISTER_0 + number)
		return false;
	*out_offset = cfi_sleb(expression);
	return !expression->failed;
}

/* Whether the place is in memory at register + offset. */
static bool is_at(const struct cfi_image *image, struct cfi_place place, unsigned number, int64_t offset)
{
	int64_t found;
	if (place.kind != CFI_AT_EXPRESSION)
		return false;
	struct cfi_bytes expression = cfi_expression_of(image, place);
	return take_register(&expression, number, &found) && expression.at == expression.end &&
	       found == offset;
}

/* The kernel's frame as libc describes it: every register in the ucontext at rsp. */
static uint32_t signal_rule(const struct cfi_image *image, const struct cfi_row *row)
{
	int64_t offset;
	if (row->cfa.kind != CFI_IS_EXPRESSION ||
	    !is_at(image, row->places[cfi_place_index(CFI_PC)], CFI_RSP, RULE_SIGNAL_PC) ||
	    !is_at(image, row->places[cfi_place_index(CFI_RBP)], CFI_RSP, RULE_SIGNAL_BP))
		return SLOW;
	struct cfi_bytes cfa = cfi_expression_of(image, row->cfa);
	if (!take_register(&cfa, CFI_RSP, &offset) || offset != RULE_SIGNAL_SP || cfi_u8(&cfa) != OP_DEREF ||
	    cfa.at != cfa.end)
		return SLOW;
	return rule_make(RULE_SIGNAL, 0, 0);
}

/* The linker's words for an entry of a lazily bound PLT: rsp + 8 + ((rip & 15) >= n) * 8. */
static uint32_t plt_rule(struct cfi_bytes expression)
{
	static const uint8_t front[] = {0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a},
			     back[] = {0x2a, 0x33, 0x24, 0x22};
	enum { SIZE = sizeof front + 1 + sizeof back };
	const uint8_t *bytes = expression.at;
	if (expression.end - bytes != SIZE || memcmp(bytes, front, sizeof front) ||
	    memcmp(bytes + sizeof front + 1, back, sizeof back))
		return SLOW;
	unsigned from = (unsigned)bytes[sizeof front] - OP_LITERAL_0;
	return from < 16 ? rule_make(RULE_PLT, from, 0) : SLOW;
}

/* *(register + offset) [+ addend] */
static uint32_t deref_rule(struct cfi_bytes expression, uint32_t bp)
{
	int64_t slot;
	uint64_t addend = 0;
	bool is_bp = expression.at < expression.end && *expression.at == OP_REGISTER_0 + CFI_RBP;
	if (!take_register(&expression, is_bp ? CFI_RBP : CFI_RSP, &slot) || cfi_u8(&expression) != OP_DEREF)
		return SLOW;
	if (expression.at < expression.end) {
		if (cfi_u8(&expression) != OP_PLUS_CONSTANT)
			return SLOW;
		addend = cfi_uleb(&expression);
	}
	if (expression.failed || expression.at != expression.end || slot % WORD || addend % WORD ||
	    slot / WORD < RULE_DEREF_SLOT_MIN || slot / WORD > RULE_DEREF_SLOT_MAX ||
	    addend / WORD >= RULE_DEREF_ADDEND_LIMIT)
		return SLOW;
	return rule_make_deref(is_bp, (int)(slot / WORD), (uint32_t)(addend / WORD), bp);
}

/* Where the caller's rbp is, in a rule's terms; -1 when it has none. */
static int bp_of(const struct cfi_image *image, struct cfi_place place)
{
	switch ((enum cfi_place_kind)place.kind) {
	case CFI_UNSPECIFIED:
	case CFI_SAME:
		return RULE_BP_UNCHANGED;
	case CFI_AT: {
		int below = -place.value / WORD;
		return place.value % WORD == 0 && below >= 1 && below <= RULE_BP_BELOW_CFA_MAX ? below : -1;
	}
	case CFI_AT_EXPRESSION:
		return is_at(image, place, CFI_RBP, 0) ? RULE_BP_AT_BP : -1;
	case CFI_UNDEFINED:
	case CFI_IS:
	case CFI_REGISTER:
	case CFI_IS_EXPRESSION:
		return -1;
	}
	return -1;
}

static uint32_t rule_of(const struct cfi_function *function, const struct cfi_row *row)
{
	struct cfi_place pc = row->places[cfi_place_index(CFI_PC)];
	if (pc.kind == CFI_UNDEFINED)
		return rule_make(RULE_END, 0, 0);
	if (function->is_signal_frame)
		return signal_rule(function->image, row);
	int bp = bp_of(function->image, row->places[cfi_place_index(CFI_RBP)]);
	if (pc.kind != CFI_AT || pc.value != RETURN_ADDRESS_AT || bp < 0)
		return SLOW;
	if (row->cfa.kind == CFI_IS_EXPRESSION) {
		struct cfi_bytes expression = cfi_expression_of(function->image, row->cfa);
		uint32_t rule = deref_rule(expression, (uint32_t)bp);
		return rule == SLOW && bp == RULE_BP_UNCHANGED ? plt_rule(expression) : rule;
	}
	int words = row->cfa.value / WORD;
	if (row->cfa.value % WORD || words <= 0 || words >= RULE_OFFSET_LIMIT)
		return SLOW;
	if (row->cfa.cfa_register == CFI_RSP)
		return rule_make(RULE_SP, (uint32_t)words, (uint32_t)bp);
	if (row->cfa.cfa_register == CFI_RBP)
		return rule_make(RULE_BP, (uint32_t)words, (uint32_t)bp);
	return SLOW;
}

uint32_t cfi_rule_at(const struct cfi_image *image, uint64_t pc)
{
	struct cfi_function function;
	struct cfi_row row;
	switch (cfi_function_find(image, pc, &function)) {
	case CFI_NONE:
		return rule_make(RULE_NONE, 0, 0);
	case CFI_BAD:
		return SLOW;
	case CFI_FOUND:
		break;
	}
	return cfi_row_find_short(&function, pc, &row) ? SLOW : rule_of(&function, &row);
}

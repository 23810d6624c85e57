/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the unwind sections of an object: two numbers, where the index begins and which address is asked, and the
 * image. Nothing outside is read, and where all registers can be told the rule says the same as they. */
#include "fuzz.h"
#include "cfi/compile.h"
#include "cfi/step.h"
#include <stdlib.h>

enum { IMAGE = 0x400000, HEAD_SIZE = 8 };

/* Memory that has a word everywhere but in the last pages of all addresses. */
static bool read_word(void *context, uint64_t address, uint64_t *out_word)
{
	(void)context;
	*out_word = address * UINT64_C(0x9e3779b97f4a7c15);
	return address < UINT64_C(1) << 47;
}

static struct cfi_registers some_registers(void)
{
	struct cfi_registers registers = {.known = (1 << CFI_REGISTERS) - 1};
	for (uint64_t i = 0; i < CFI_REGISTERS; i++)
		registers.values[i] = 0x7000000 + i * 0x1000;
	return registers;
}

/* What the rule makes of rsp and rbp, against the step with all registers. */
static void check_rule(uint32_t rule, const struct cfi_registers *before, const struct cfi_registers *after)
{
	uint64_t cfa = before->values[rule_kind(rule) == RULE_BP ? CFI_RBP : CFI_RSP] + 8 * rule_offset(rule);
	uint64_t bp = before->values[CFI_RBP], pc;
	if (rule_bp(rule) == RULE_BP_AT_BP)
		read_word(NULL, bp, &bp);
	else if (rule_bp(rule))
		read_word(NULL, cfa - 8 * rule_bp(rule), &bp);
	read_word(NULL, cfa - 8, &pc);
	if (after->values[CFI_PC] != pc || after->values[CFI_RBP] != bp)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size < HEAD_SIZE)
		return 0;
	uint32_t index, asked;
	memcpy(&index, bytes, 4);
	memcpy(&asked, bytes + 4, 4);
	struct cfi_image image = {bytes + HEAD_SIZE, size - HEAD_SIZE, IMAGE, IMAGE + index};
	uint64_t pc = IMAGE + asked;

	uint32_t rule = cfi_rule_at(&image, pc);
	struct cfi_registers before = some_registers(), after = before;
	enum cfi_stepped stepped = cfi_step(&image, pc, &after, read_word, NULL);
	if ((rule_kind(rule) == RULE_NONE) != (stepped == CFI_STEP_NONE))
		abort();
	if ((rule_kind(rule) == RULE_SP || rule_kind(rule) == RULE_BP) && stepped == CFI_STEPPED)
		check_rule(rule, &before, &after);
	return 0;
}

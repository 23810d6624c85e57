/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of whole objects, read by us and by elfutils, are the same: this program's, libc's, the loader's, the vdso's, and
 * those of the libraries that elfutils needs. */
#include "cfi/row.h"
#include "cfi/compile.h"
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>
#include <link.h>
#include "cfi/test_image.h"

/* An address in so many is asked: a prime, so that all places in a function come. */
enum { STRIDE = 13, EXPRESSION_MAX = 64 };

struct object {
	const struct dl_phdr_info *loaded;
	struct cfi_image image;
	const uint8_t *low, *high; /* its segment with the index */
};

static unsigned long compared;

/* What elfutils says of a register, as we would: the kind, and the number that goes with it. */
static struct cfi_place place_of(Dwarf_Op *operations, size_t count, const Dwarf_Op *own)
{
	if (count == 0 && operations == own)
		return (struct cfi_place){.kind = CFI_UNDEFINED};
	if (count == 0)
		return (struct cfi_place){.kind = CFI_SAME};
	if (count == 1 && operations[0].atom == DW_OP_regx)
		return (struct cfi_place){.kind = CFI_REGISTER, .value = (int32_t)operations[0].number};
	if (count == 1 && operations[0].atom >= DW_OP_reg0 && operations[0].atom <= DW_OP_reg31)
		return (struct cfi_place){.kind = CFI_REGISTER, .value = operations[0].atom - DW_OP_reg0};
	if (operations[0].atom == DW_OP_call_frame_cfa && count == 1)
		return (struct cfi_place){.kind = CFI_AT};
	if (operations[0].atom == DW_OP_call_frame_cfa && operations[1].atom == DW_OP_stack_value)
		return (struct cfi_place){.kind = CFI_IS};
	if (operations[0].atom == DW_OP_call_frame_cfa && operations[1].atom == DW_OP_plus_uconst &&
	    count <= 3)
		return (struct cfi_place){.kind = count == 2 ? CFI_AT : CFI_IS,
					  .value = (int32_t)operations[1].number};
	return (struct cfi_place){.kind = operations[count - 1].atom == DW_OP_stack_value
						  ? CFI_IS_EXPRESSION
						  : CFI_AT_EXPRESSION};
}

/* Registers that a call keeps are the same unless told otherwise; the ABI hook of elfutils says so as a rule. */
static bool is_same(struct cfi_place ours, struct cfi_place theirs, unsigned number)
{
	if (ours.kind == CFI_UNSPECIFIED && number == CFI_RSP)
		return theirs.kind == CFI_IS && theirs.value == 0;
	if (ours.kind == CFI_UNSPECIFIED)
		return theirs.kind == CFI_SAME || theirs.kind == CFI_UNDEFINED;
	if (ours.kind != theirs.kind)
		return false;
	bool has_value = ours.kind == CFI_AT || ours.kind == CFI_IS || ours.kind == CFI_REGISTER;
	return !has_value || ours.value == theirs.value;
}

static bool is_same_cfa(struct cfi_place ours, const Dwarf_Op *operations, size_t count)
{
	if (count == 1 && operations[0].atom >= DW_OP_breg0 && operations[0].atom <= DW_OP_breg31)
		return ours.kind == CFI_IS && ours.cfa_register == operations[0].atom - DW_OP_breg0 &&
		       ours.value == (int32_t)operations[0].number;
	if (count == 1 && operations[0].atom == DW_OP_bregx)
		return ours.kind == CFI_IS && ours.cfa_register == operations[0].number &&
		       ours.value == (int32_t)operations[0].number2;
	return ours.kind == CFI_IS_EXPRESSION;
}

static void compare_row(const struct object *object, uint64_t pc, Dwarf_Frame *frame)
{
	struct cfi_function function;
	struct cfi_row row, row_short;
	if (cfi_function_find(&object->image, pc, &function) != CFI_FOUND ||
	    cfi_row_find(&function, pc, &row) || cfi_row_find_short(&function, pc, &row_short))
		fail_msg("%s: nothing at %#lx, where elfutils has a row", object->loaded->dlpi_name,
			 (unsigned long)(pc - object->loaded->dlpi_addr));
	Dwarf_Op *operations, own[3];
	size_t count;
	assert_int_equal(dwarf_frame_cfa(frame, &operations, &count), 0);
	if (!is_same_cfa(row.cfa, operations, count))
		fail_msg("%s: another CFA at %#lx", object->loaded->dlpi_name,
			 (unsigned long)(pc - object->loaded->dlpi_addr));
	for (unsigned number = 0; number < CFI_REGISTERS; number++) {
		assert_int_equal(dwarf_frame_register(frame, (int)number, own, &operations, &count), 0);
		struct cfi_place ours = row.places[cfi_place_index(number)];
		if (!is_same(ours, place_of(operations, count, own), number))
			fail_msg("%s: register %u at %#lx: kind %d, value %d, not kind %d, value %d",
				 object->loaded->dlpi_name, number,
				 (unsigned long)(pc - object->loaded->dlpi_addr), ours.kind, ours.value,
				 place_of(operations, count, own).kind,
				 place_of(operations, count, own).value);
	}
	assert_memory_equal(&row.cfa, &row_short.cfa, sizeof row.cfa);
	assert_memory_equal(row.places, row_short.places, 2 * sizeof *row.places);
	compared++;
}

static void compare_code(const struct object *object, Dwarf_CFI *peer, const ElfW(Phdr) * segment)
{
	for (uint64_t at = 0; at < segment->p_memsz; at += STRIDE) {
		Dwarf_Frame *frame;
		uint64_t address = segment->p_vaddr + at, pc = object->loaded->dlpi_addr + address;
		if (dwarf_cfi_addrframe(peer, address, &frame)) {
			assert_int_equal(rule_kind(cfi_rule_at(&object->image, pc)), RULE_NONE);
			continue;
		}
		compare_row(object, pc, frame);
		free(frame);
	}
}

static int compare_object(struct dl_phdr_info *loaded, size_t size, void *context)
{
	(void)size;
	(void)context;
	struct object object = {.loaded = loaded};
	for (unsigned i = 0; i < loaded->dlpi_phnum; i++)
		if (loaded->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			object.image.index = loaded->dlpi_addr + loaded->dlpi_phdr[i].p_vaddr;
	for (unsigned i = 0; i < loaded->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &loaded->dlpi_phdr[i];
		uint64_t low = loaded->dlpi_addr + segment->p_vaddr;
		if (segment->p_type == PT_LOAD && object.image.index - low < segment->p_memsz) {
			object.image.address = low;
			object.image.bytes = (const uint8_t *)low;
			object.image.size = segment->p_memsz;
		}
	}
	if (!object.image.size)
		return 0;
	Elf *elf = NULL;
	int fd = -1;
	if (*loaded->dlpi_name == '/' || !*loaded->dlpi_name) {
		fd = open(*loaded->dlpi_name ? loaded->dlpi_name : "/proc/self/exe", O_RDONLY);
		elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	} else {
		uint64_t end = (uint64_t)loaded->dlpi_phdr & ~UINT64_C(4095); /* the vdso: a page or two */
		elf = elf_memory((char *)end, object.image.address + object.image.size - end);
	}
	Dwarf_CFI *peer = dwarf_getcfi_elf(elf);
	if (peer)
		for (unsigned i = 0; i < loaded->dlpi_phnum; i++)
			if (loaded->dlpi_phdr[i].p_type == PT_LOAD && loaded->dlpi_phdr[i].p_flags & PF_X)
				compare_code(&object, peer, &loaded->dlpi_phdr[i]);
	dwarf_cfi_end(peer);
	elf_end(elf);
	close(fd);
	return 0;
}

static void rows_of_every_loaded_library_are_those_that_elfutils_reads(void **state)
{
	(void)state;
	elf_version(EV_CURRENT);
	dl_iterate_phdr(compare_object, NULL);
	print_message("%lu rows are the same\n", compared);
	assert_in_range(compared, 50000, UINT64_MAX >> 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_every_loaded_library_are_those_that_elfutils_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/debug_units.h"
#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/memory.h"
#include "symbol/address_ranges.h"

enum {
	UNITS_MAX = 1 << 20,
	FUNCTIONS_MAX = 1 << 20, /* in a unit */
	ENTRIES_MAX = 1 << 24,   /* entries of a unit that are looked at */
	RANGES_MAX = 1 << 16,    /* of one function or unit */
	DEPTH_MAX = 128,         /* of entries within each other */
};

struct unit {
	Dwarf_Die head;  /* has the line table */
	Dwarf_Die tree;  /* has the functions: the same, or in a .dwo file */
	bool is_indexed; /* functions and ranges are read */
	Dwarf_Die *functions;
	size_t function_count, function_capacity;
	struct address_ranges ranges; /* item: a function */
};

struct debug_units {
	struct unit *units;
	size_t count, capacity;
	struct address_ranges ranges; /* item: a unit */
};

static void add_ranges(struct address_ranges *ranges, Dwarf_Die *die, size_t item)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t next = 0;
	for (int i = 0; i < RANGES_MAX && (next = dwarf_ranges(die, next, &base, &low, &high)) > 0; i++)
		address_ranges_add(ranges, low, high, item);
}

struct debug_units *debug_units_create(Dwarf *dwarf)
{
	struct debug_units *units = memory_allocate(sizeof *units);
	Dwarf_CU *at = NULL;
	Dwarf_Die head, tree;
	uint8_t type;
	while (units->count < UNITS_MAX && dwarf_get_units(dwarf, at, &at, NULL, &type, &head, &tree) == 0) {
		if (type != DW_UT_compile && type != DW_UT_skeleton)
			continue;
		bool is_split = type == DW_UT_skeleton && dwarf_tag(&tree) == DW_TAG_compile_unit;
		MEMORY_GROW(units->units, units->count, units->capacity);
		units->units[units->count] = (struct unit){.head = head, .tree = is_split ? tree : head};
		add_ranges(&units->ranges, &head, units->count);
		units->count++;
	}
	address_ranges_sort(&units->ranges);
	return units;
}

void debug_units_destroy(struct debug_units *units)
{
	if (!units)
		return;
	for (size_t i = 0; i < units->count; i++) {
		free(units->units[i].functions);
		address_ranges_fini(&units->units[i].ranges);
	}
	free(units->units);
	address_ranges_fini(&units->ranges);
	free(units);
}

/* Entries that functions may stand in. */
static bool may_hold_functions(int tag)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
		return true;
	default:
		return false;
	}
}

static void read_functions(struct unit *unit, Dwarf_Die *parent, int depth, int *entries_left)
{
	Dwarf_Die die;
	if (depth == DEPTH_MAX || dwarf_child(parent, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);
		if (tag == DW_TAG_subprogram && unit->function_count < FUNCTIONS_MAX) {
			size_t known = unit->ranges.count;
			add_ranges(&unit->ranges, &die, unit->function_count);
			if (unit->ranges.count > known) {
				MEMORY_GROW(unit->functions, unit->function_count, unit->function_capacity);
				unit->functions[unit->function_count++] = die;
			}
		}
		if (may_hold_functions(tag))
			read_functions(unit, &die, depth + 1, entries_left);
	} while (--*entries_left > 0 && dwarf_siblingof(&die, &die) == 0);
}

static void index_unit(struct unit *unit)
{
	int entries_left = ENTRIES_MAX;
	read_functions(unit, &unit->tree, 0, &entries_left);
	address_ranges_sort(&unit->ranges);
	unit->is_indexed = true;
}

/* The inlined function or block among the children of `parent` that holds the address. */
static bool find_inner(Dwarf_Die *parent, uint64_t address, int *entries_left, Dwarf_Die *out_inner)
{
	Dwarf_Die die;
	if (dwarf_child(parent, &die) != 0)
		return false;
	do {
		int tag = dwarf_tag(&die);
		if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) &&
		    dwarf_haspc(&die, address) == 1) {
			*out_inner = die;
			return true;
		}
	} while (--*entries_left > 0 && dwarf_siblingof(&die, &die) == 0);
	return false;
}

/* The function and those inlined in it at the address, outermost first; returns how many. */
static size_t find_chain(const Dwarf_Die *function, uint64_t address, Dwarf_Die *out_chain)
{
	size_t count = 0;
	int entries_left = ENTRIES_MAX;
	Dwarf_Die at = *function;
	out_chain[count++] = at;
	for (int depth = 0; depth < DEPTH_MAX && count < INLINED_MAX; depth++) {
		Dwarf_Die inner;
		if (!find_inner(&at, address, &entries_left, &inner))
			break;
		at = inner;
		if (dwarf_tag(&at) == DW_TAG_inlined_subroutine)
			out_chain[count++] = at;
	}
	return count;
}

static const char *text_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	return dwarf_attr_integrate(die, name, &attribute) ? dwarf_formstring(&attribute) : NULL;
}

static uint64_t number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number;
	return dwarf_attr(die, name, &attribute) && dwarf_formudata(&attribute, &number) == 0 ? number : 0;
}

static void read_names(Dwarf_Die *die, struct debug_frame *out_frame)
{
	out_frame->name = text_of(die, DW_AT_name);
	out_frame->linkage_name = text_of(die, DW_AT_linkage_name);
	if (!out_frame->linkage_name)
		out_frame->linkage_name = text_of(die, DW_AT_MIPS_linkage_name);
	Dwarf_Addr entry;
	bool is_itself = dwarf_tag(die) == DW_TAG_subprogram;
	out_frame->entry = is_itself && dwarf_entrypc(die, &entry) == 0 ? entry : 0;
}

static uint32_t line_number(uint64_t number)
{
	return number <= INT32_MAX ? (uint32_t)number : 0;
}

static bool read_line(struct unit *unit, uint64_t address, struct debug_frame *out_frame)
{
	Dwarf_Line *row = dwarf_getsrc_die(&unit->head, address);
	int number = 0;
	if (!row || dwarf_lineno(row, &number) != 0 || number <= 0)
		return false;
	out_frame->file = dwarf_linesrc(row, NULL, NULL);
	out_frame->line = (uint32_t)number;
	return true;
}

/* Where `inlined` was called: a line of the function around it. */
static void read_call(struct unit *unit, Dwarf_Die *inlined, struct debug_frame *out_caller)
{
	Dwarf_Files *files;
	size_t file_count;
	uint64_t file = number_of(inlined, DW_AT_call_file);
	if (dwarf_getsrcfiles(&unit->tree, &files, &file_count) == 0 && file < file_count)
		out_caller->file = dwarf_filesrc(files, file, NULL, NULL);
	out_caller->line = line_number(number_of(inlined, DW_AT_call_line));
}

size_t debug_units_find(struct debug_units *units, uint64_t address, struct debug_frame *out_frames,
			size_t max)
{
	const struct address_range *range = address_ranges_find(&units->ranges, address);
	if (!range || !max)
		return 0;
	struct unit *unit = &units->units[range->item];
	if (!unit->is_indexed)
		index_unit(unit);
	const struct address_range *of_function = address_ranges_find(&unit->ranges, address);
	out_frames[0] = (struct debug_frame){0};
	bool has_line = read_line(unit, address, &out_frames[0]);
	if (!of_function)
		return has_line;

	Dwarf_Die chain[INLINED_MAX];
	size_t count = find_chain(&unit->functions[of_function->item], address, chain);
	size_t told = count < max ? count : max;
	for (size_t i = 0; i < told; i++) {
		if (i) {
			out_frames[i] = (struct debug_frame){0};
			read_call(unit, &chain[count - i], &out_frames[i]);
		}
		read_names(&chain[count - 1 - i], &out_frames[i]);
	}
	return told;
}

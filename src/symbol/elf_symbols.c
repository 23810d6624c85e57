/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/elf_symbols.h"
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "symbol/address_ranges.h"

enum { SYMBOLS_MAX = 1 << 23 };

/* A symbol while the best names are chosen. */
struct candidate {
	struct elf_symbol symbol;
	uint64_t size; /* bytes of code, 0 unknown */
};

struct elf_symbols {
	struct elf_symbol *items; /* by address, each address once */
	size_t count;
	struct address_ranges ranges; /* item: a symbol */
};

static bool is_in_code(Elf *elf, GElf_Word section_number)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_getscn(elf, section_number);
	return section && gelf_getshdr(section, &header) && (header.sh_flags & SHF_EXECINSTR);
}

/* Labels of assembly have no type, and functions of assembly often no size: theirs reaches up to the next symbol. */
static bool is_function(const GElf_Sym *symbol, Elf *elf, GElf_Word section_number)
{
	int type = GELF_ST_TYPE(symbol->st_info);
	if (section_number == SHN_UNDEF || section_number >= SHN_LORESERVE)
		return false;
	if (type == STT_FUNC || type == STT_GNU_IFUNC)
		return true;
	return type == STT_NOTYPE && is_in_code(elf, section_number);
}

static size_t underscores(const char *name)
{
	return strspn(name, "_");
}

/* By address, and of those at one address the best name first. */
static int compare(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	if (a->symbol.low != b->symbol.low)
		return a->symbol.low < b->symbol.low ? -1 : 1;
	if (!a->size != !b->size)
		return a->size ? -1 : 1;
	if (a->symbol.is_public != b->symbol.is_public)
		return a->symbol.is_public ? -1 : 1;
	if (underscores(a->symbol.name) != underscores(b->symbol.name))
		return underscores(a->symbol.name) < underscores(b->symbol.name) ? -1 : 1;
	if (a->symbol.name_size != b->symbol.name_size)
		return a->symbol.name_size < b->symbol.name_size ? -1 : 1;
	return strcmp(a->symbol.name, b->symbol.name);
}

static struct candidate *read_candidates(Dwfl_Module *module, size_t *out_count)
{
	struct candidate *candidates = NULL;
	size_t used = 0, capacity = 0;
	int count = dwfl_module_getsymtab(module);
	for (int i = 1; i < count && i < SYMBOLS_MAX; i++) {
		GElf_Sym symbol;
		GElf_Addr low;
		GElf_Word section_number;
		Elf *elf;
		const char *name =
			dwfl_module_getsym_info(module, i, &symbol, &low, &section_number, &elf, NULL);
		if (!name || !name[0] || !is_function(&symbol, elf, section_number))
			continue;
		MEMORY_GROW(candidates, used, capacity);
		candidates[used++] = (struct candidate){
			.symbol = {.low = low,
				   .name = name,
				   .name_size = strcspn(name, "@"),
				   .is_public = GELF_ST_BIND(symbol.st_info) != STB_LOCAL},
			.size = symbol.st_size <= UINT64_MAX - low ? symbol.st_size : 0,
		};
	}
	*out_count = used;
	return candidates;
}

struct elf_symbols *elf_symbols_create(Dwfl_Module *module)
{
	struct elf_symbols *symbols = memory_allocate(sizeof *symbols);
	size_t count;
	struct candidate *candidates = read_candidates(module, &count);
	if (count)
		qsort(candidates, count, sizeof *candidates, compare);
	symbols->items = memory_allocate(count * sizeof *symbols->items);
	uint64_t reach = 0; /* where the code of all before ends */
	for (size_t i = 0, next; i < count; i = next) {
		const struct candidate *best = &candidates[i];
		uint64_t low = best->symbol.low, high = low + best->size;
		for (next = i + 1; next < count && candidates[next].symbol.low == low;)
			next++;
		if (!best->size && low < reach)
			continue; /* a label inside a function */
		if (!best->size && next < count)
			high = candidates[next].symbol.low;
		if (high > reach)
			reach = high;
		address_ranges_add(&symbols->ranges, low, high, symbols->count);
		symbols->items[symbols->count++] = best->symbol;
	}
	address_ranges_sort(&symbols->ranges);
	free(candidates);
	return symbols;
}

void elf_symbols_destroy(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->items);
	address_ranges_fini(&symbols->ranges);
	free(symbols);
}

const struct elf_symbol *elf_symbols_find(const struct elf_symbols *symbols, uint64_t address)
{
	const struct address_range *range = address_ranges_find(&symbols->ranges, address);
	return range ? &symbols->items[range->item] : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/code_module.h"
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "symbol/build_id.h"
#include "symbol/debug_file.h"
#include "symbol/debug_units.h"
#include "symbol/elf_symbols.h"

enum { SEGMENTS_MAX = 4096 };

struct code_module {
	char build_id[BUILD_ID_TEXT_SIZE];
	Dwfl *dwfl;
	Dwfl_Module *file;
	Elf *elf; /* of the file */
	struct elf_symbols *symbols;
	struct debug_units *units; /* NULL without debug information */
};

/* Files are handed over open; nobody is to look for another. */
static int find_no_file(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, char **path,
			Elf **elf)
{
	(void)module, (void)user, (void)name, (void)base, (void)path, (void)elf;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_file,
	.find_debuginfo = debug_file_find,
};

/* Whether the part of the debug information that dwz made several files share is missing, or of another build. */
static bool misses_shared_part(Dwarf *dwarf)
{
	const char *name;
	const void *wanted, *found;
	ssize_t wanted_size = dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &wanted);
	if (wanted_size <= 0)
		return false;
	Dwarf *shared = dwarf_getalt(dwarf);
	return !shared || dwelf_elf_gnu_build_id(dwarf_getelf(shared), &found) != wanted_size ||
	       memcmp(wanted, found, (size_t)wanted_size) != 0;
}

struct code_module *code_module_open(const char *path, const char *build_id)
{
	int fd = symbol_open_regular(path);
	if (fd < 0)
		return NULL;
	struct code_module *module = memory_allocate(sizeof *module);
	symbol_build_id_of(fd, module->build_id, sizeof module->build_id);
	if (strcmp(module->build_id, build_id) != 0 || !(module->dwfl = dwfl_begin(&callbacks)))
		goto fail;
	/* Addresses of the module are those written in the file: it is placed where its program headers say. */
	module->file = dwfl_report_elf(module->dwfl, path, path, fd, 0, true);
	if (!module->file)
		goto fail;
	fd = -1; /* taken */
	void **user;
	dwfl_module_info(module->file, &user, NULL, NULL, NULL, NULL, NULL, NULL);
	*user = module->build_id;
	GElf_Addr bias;
	if (dwfl_report_end(module->dwfl, NULL, NULL) != 0 ||
	    !(module->elf = dwfl_module_getelf(module->file, &bias)) || bias != 0)
		goto fail;
	Dwarf *dwarf = dwfl_module_getdwarf(module->file, &bias);
	if (dwarf && bias == 0 && !misses_shared_part(dwarf))
		module->units = debug_units_create(dwarf);
	module->symbols = elf_symbols_create(module->file);
	return module;

fail:
	if (fd >= 0)
		close(fd);
	code_module_close(module);
	return NULL;
}

void code_module_close(struct code_module *module)
{
	if (!module)
		return;
	debug_units_destroy(module->units);
	elf_symbols_destroy(module->symbols);
	if (module->dwfl)
		dwfl_end(module->dwfl);
	free(module);
}

/* Where the linker placed a byte of the file that is code. */
static bool find_address(Elf *elf, uint64_t file_offset, uint64_t *out_address)
{
	size_t count;
	if (elf_getphdrnum(elf, &count) != 0)
		return false;
	for (size_t i = 0; i < count && i < SEGMENTS_MAX; i++) {
		GElf_Phdr segment;
		if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD ||
		    !(segment.p_flags & PF_X) || file_offset - segment.p_offset >= segment.p_filesz)
			continue;
		*out_address = segment.p_vaddr + (file_offset - segment.p_offset);
		return true;
	}
	return false;
}

static void name_by_symbol(struct code_frame *frame, const struct elf_symbol *symbol)
{
	frame->name = symbol->name;
	frame->name_size = symbol->name_size;
}

static void name_by_text(struct code_frame *frame, const char *name)
{
	frame->name = name;
	frame->name_size = strlen(name);
}

/* Libraries define their functions under a name of their own and give it the public one as a second: what the source
 * calls ___pthread_mutex_lock is called pthread_mutex_lock by everybody else. */
static bool is_public_name(const struct elf_symbol *symbol, const struct debug_frame *function)
{
	return symbol && symbol->low == function->entry && symbol->is_public && symbol->name[0] != '_' &&
	       function->name && function->name[0] == '_' && !function->linkage_name;
}

static void name_frame(struct code_frame *frame, const struct debug_frame *function,
		       const struct elf_symbol *symbol)
{
	if (is_public_name(symbol, function))
		name_by_symbol(frame, symbol);
	else if (function->linkage_name)
		name_by_text(frame, function->linkage_name);
	else if (function->name)
		name_by_text(frame, function->name);
}

size_t code_module_find(struct code_module *module, uint64_t file_offset, struct code_frame *out_frames,
			size_t max)
{
	uint64_t address;
	if (!max || !find_address(module->elf, file_offset, &address))
		return 0;
	const struct elf_symbol *symbol = elf_symbols_find(module->symbols, address);
	struct debug_frame functions[INLINED_MAX];
	size_t wanted = max < INLINED_MAX ? max : INLINED_MAX;
	size_t count = module->units ? debug_units_find(module->units, address, functions, wanted) : 0;
	for (size_t i = 0; i < count; i++) {
		out_frames[i] = (struct code_frame){.file = functions[i].file, .line = functions[i].line};
		name_frame(&out_frames[i], &functions[i], symbol);
	}
	if (count == 1 && !out_frames[0].name_size && symbol)
		name_by_symbol(&out_frames[0], symbol);
	if (count || !symbol)
		return count;
	out_frames[0] = (struct code_frame){0};
	name_by_symbol(&out_frames[0], symbol);
	return 1;
}

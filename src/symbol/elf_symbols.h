/* SPDX-License-Identifier: Apache-2.0 */
/* elf_symbols.h — the functions of a file by its symbol table: .symtab, or .dynsym and .gnu_debugdata where it was
 * stripped.
 *
 * Words:    several symbols may name one address; the public one is meant, the plain `read` before `__read` and
 *           `__libc_read`.
 * Threads:  one at a time.
 */
#pragma once
#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_symbol {
	uint64_t low;
	const char *name; /* mangled; lives as long as the module; may have a version behind it */
	size_t name_size; /* without version */
	bool is_public;   /* global or weak */
};

struct elf_symbols;

/* Of a module that the caller keeps open longer; never NULL. */
struct elf_symbols *elf_symbols_create(Dwfl_Module *module);
void elf_symbols_destroy(struct elf_symbols *symbols);

/* The symbol whose code holds the address, NULL when there is none. */
const struct elf_symbol *elf_symbols_find(const struct elf_symbols *symbols, uint64_t address);

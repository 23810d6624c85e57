/* SPDX-License-Identifier: Apache-2.0 */
/* elf_look.h — what the headers of a program say about who will load it and what with.
 *
 * Source:   System V ABI, chapters 4 and 5 (program headers, dynamic section, note section); its GNU additions as
 *           binutils writes them (DT_GNU_HASH, DF_1_PIE); Go's build id note (cmd/link: owner "Go", type 4).
 * Hostile:  nothing that the file says is believed to lie inside it; every loop has a bound.
 * Threads:  safe in a signal handler: no allocation, about 1 KiB of stack, no call but the caller's read_at.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the file's bytes come from. read_at copies up to `size` bytes from `offset` on and returns how many there were,
 * negative on failure. */
struct elf_source {
	long (*read_at)(void *file, uint64_t offset, void *out_bytes, size_t size);
	void *file;
};

enum { ELF_INTERPRETER_MAX = 256 };

struct elf_look {
	bool is_foreign;                       /* not of 64-bit x86: nothing below is filled in */
	bool is_position_bound;                /* ET_EXEC */
	bool is_pie_marked;                    /* DF_1_PIE: made to be run, not to be loaded */
	bool has_interpreter;                  /* dynamically linked */
	bool is_go;                            /* linked by Go */
	bool is_sanitized;                     /* has a sanitizer's runtime, linked in or needed */
	char interpreter[ELF_INTERPRETER_MAX]; /* path; empty when longer */
};

/* 0, or -1 when the bytes are no ELF file or end where its headers say there is more. */
int elf_look(struct elf_source source, struct elf_look *out_look);

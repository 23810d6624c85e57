/* SPDX-License-Identifier: Apache-2.0 */
/* code_module.h — one file with code, opened to be asked what stands where in it.
 *
 * Promise:  answers for the file of the build id asked for and no other.
 * Files:    stay mapped while the module is open. One that is cut short meanwhile ends the process by SIGBUS, as for
 *           every user of libelf; symbol_table.h keeps that from its caller.
 * Threads:  one at a time.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A function. Texts live as long as the module. */
struct code_frame {
	const char *name; /* as the linker knows it, mangled; may have a version behind it */
	size_t name_size; /* bytes, without the version; 0 unknown */
	const char *file; /* NULL unknown */
	uint32_t line;    /* 0 unknown */
};

struct code_module;

/* Opens the file at `path` if its build id is `build_id` ("" for a file without one). NULL when it is another file, none
 * with code, or gone. */
struct code_module *code_module_open(const char *path, const char *build_id);
void code_module_close(struct code_module *module);

/* The functions whose code is the file's byte `file_offset`, innermost inlined first; returns how many, at most `max`, 0
 * when nothing is known. */
size_t code_module_find(struct code_module *module, uint64_t file_offset, struct code_frame *out_frames,
			size_t max);

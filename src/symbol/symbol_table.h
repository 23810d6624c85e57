/* SPDX-License-Identifier: Apache-2.0 */
/* symbol_table.h — what stands at an address of code: function, file and line.
 *
 * Sources:  the file's own debug information, that in a separate file (by build id or .gnu_debuglink), or its symbol
 *           table, which knows neither file nor line. Names are demangled (C++, Rust).
 * Promise:  the answer is of the file with the build id that was asked for; a file that is gone or was replaced gives
 *           none. The network is never asked.
 * Hostile:  files are read in a process of their own, started by the first question. Whatever a broken file does to it
 *           (crash, endless loop, memory) costs the answers about that file, which is then not asked again.
 * Process:  the caller gets a child process, which ends with the table; waiting for any child may meet it.
 * Cost:     an answer takes some 20 µs, most of it between the processes; before the first about a file its debug
 *           information is unpacked and looked through, some 10 ms a megabyte.
 * Threads:  one at a time.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_frame {
	const char *function; /* "" unknown */
	const char *file; /* as the compiler was told it, behind the folder it was told it in; "" unknown */
	uint32_t line;    /* 0 unknown */
};

enum { SYMBOL_FRAMES_MAX = 64 }; /* of one answer */

struct symbol_table;

struct symbol_table *symbol_table_create(void);
void symbol_table_destroy(struct symbol_table *table);

/* What stands at byte `file_offset` of the file at `path`, if its build id is `build_id` ("" for a file without one; see
 * build_id.h): the functions inlined there, innermost first, and at last the function that owns the code. A return
 * address stands behind the call it belongs to, and it is the call that is looked up.
 *
 * Returns how many frames, at most `max`; 0 when nothing is known. Their texts live until the next call. */
size_t symbol_find(struct symbol_table *table, const char *path, const char *build_id, uint64_t file_offset,
		   bool is_return_address, struct symbol_frame *out_frames, size_t max);

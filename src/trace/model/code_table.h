/* SPDX-License-Identifier: Apache-2.0 */
/* code_table.h — what stands at a code address: function and line when the recording symbolised it, else module and offset.
 *
 * Words:    a module is a file with code; a mapping is a piece of one in a process's memory from one time to another.
 * Promise:  an address is looked up in the mappings of its own time, so that code loaded later at the same place does not
 *           lend its name.
 * Memory:   grows with modules, mappings and addresses seen on stacks.
 */
#pragma once
#include <stdbool.h>
#include "trace/model/clock_map.h"
#include "trace/model/string_table.h"

enum { INLINE_DEPTH_MAX = 32 }; /* functions at one address; deeper ones are left out */

struct code_mapping {
	uint64_t process; /* number */
	uint64_t start, size, file_offset;
	uint64_t module; /* number */
	struct trace_moment from, to;
	bool is_unmapped;
	uint64_t from_ns, to_ns; /* once settled */
};

/* What a frame is of: an address in a process's memory, or an offset in a module's file. */
struct code_place {
	uint64_t process; /* number; 0: of the module */
	uint64_t module;  /* number; 0 unless of the module */
	uint64_t address;
};

/* A `frame` event. */
struct code_frame {
	struct code_place place;
	uint64_t inline_depth;
	uint64_t function, file, line, module; /* numbers; 0 unknown */
};

struct code_table {
	struct string_table module_paths;
	struct code_mapping *mappings;
	size_t mapping_count, mapping_capacity;
	struct code_frame *frames; /* once settled in order of place and inline depth */
	size_t frame_count, frame_capacity;
};

/* What a person reads of one frame; texts live as long as the tables. */
struct source_frame {
	const char *function; /* NULL unknown */
	const char *file;     /* NULL unknown */
	uint64_t line;        /* 0 unknown */
	const char *module;   /* path; NULL unknown */
	uint64_t address;     /* in the module's file when the module is known, else in memory */
};

void code_table_fini(struct code_table *table);
void code_table_map(struct code_table *table, struct code_mapping mapping);
void code_table_unmap(struct code_table *table, uint64_t process, uint64_t start, struct trace_moment moment);
void code_table_frame(struct code_table *table, struct code_frame frame);
/* Call once when all is in. */
void code_table_settle(struct code_table *table, struct clock_map *clock);

/* The frames at an address, innermost first, at most INLINE_DEPTH_MAX; always at least one. Returns how many. */
size_t code_table_resolve(const struct code_table *table, const struct string_table *strings,
			  uint64_t process, uint64_t pc, uint64_t time_ns,
			  struct source_frame out_frames[INLINE_DEPTH_MAX]);

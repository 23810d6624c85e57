/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/symbolize.h"
#include <stdlib.h>
#include "agent/mappings.h"
#include "symbol/symbol_table.h"

static int by_address(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return a < b ? -1 : a > b;
}

/* The nodes of a process name the same address below many callers: each once. */
static void sort_addresses(struct recorded *recorded)
{
	size_t kept = 0;
	if (recorded->pc_count)
		qsort(recorded->pcs, recorded->pc_count, sizeof *recorded->pcs, by_address);
	for (size_t i = 0; i < recorded->pc_count; i++)
		if (!kept || recorded->pcs[kept - 1] != recorded->pcs[i])
			recorded->pcs[kept++] = recorded->pcs[i];
	recorded->pc_count = kept;
}

static void tell_address(struct symbol_table *table, const struct recorded *recorded, struct journal *journal,
			 uint64_t pc)
{
	const struct code_mapping *mapping = mappings_find(recorded, pc);
	if (!mapping)
		return;
	struct symbol_frame frames[SYMBOL_FRAMES_MAX];
	size_t count =
		symbol_find(table, mapping->path, mapping->build_id,
			    pc - mapping->start + mapping->file_offset, true, frames, SYMBOL_FRAMES_MAX);
	for (size_t depth = 0; depth < count; depth++) {
		uint64_t function = journal_string(journal, frames[depth].function);
		uint64_t file = journal_string(journal, frames[depth].file);
		event_put_frame(trace_writer_fact(journal->writer, journal->clock, EVENT_FRAME_MAX),
				journal_now(journal), recorded->process, pc, depth, function, file,
				frames[depth].line, mapping->module);
	}
}

void symbolize(struct recorded *processes, struct journal *journal)
{
	struct symbol_table *table = symbol_table_create();
	for (struct recorded *recorded = processes; recorded; recorded = recorded->next) {
		sort_addresses(recorded);
		for (size_t i = 0; i < recorded->pc_count; i++)
			tell_address(table, recorded, journal, recorded->pcs[i]);
	}
	symbol_table_destroy(table);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/symbolize.h"
#include <stdlib.h>
#include "symbol/symbol_table.h"

static void tell_place(struct symbol_table *table, struct journal *journal, struct code_place place)
{
	struct symbol_frame frames[SYMBOL_FRAMES_MAX];
	size_t count = symbol_find(table, journal_module_path(journal, place.module),
				   journal_module_build_id(journal, place.module), place.offset, true, frames,
				   SYMBOL_FRAMES_MAX);
	for (size_t depth = 0; depth < count; depth++) {
		uint64_t function = journal_string(journal, frames[depth].function);
		uint64_t file = journal_string(journal, frames[depth].file);
		event_put_frame(trace_writer_fact(journal->writer, journal->clock, EVENT_FRAME_MAX),
				journal_now(journal), 0, place.offset, depth, function, file,
				frames[depth].line, place.module);
	}
}

void symbolize(struct journal *journal)
{
	size_t count;
	struct code_place *places = code_places_list(&journal->places, &count);
	struct symbol_table *table = symbol_table_create();
	for (size_t i = 0; i < count; i++)
		tell_place(table, journal, places[i]);
	symbol_table_destroy(table);
	free(places);
}

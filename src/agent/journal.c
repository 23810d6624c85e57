/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "agent/journal.h"
#include "base/memory.h"
#include "symbol/build_id.h"

struct journal_text {
	UT_hash_handle hh;
	uint64_t number;
	size_t size;
	char text[];
};

enum { TEXT_MAX = 4096 }; /* longer texts are cut: names and paths of an enemy */

void journal_init(struct journal *journal, struct trace_writer *writer, enum trace_clock clock)
{
	*journal = (struct journal){.writer = writer,
				    .clock = clock,
				    .next_process = 1,
				    .next_thread = 1,
				    .next_module = 1,
				    .next_string = 1};
}

static void table_destroy(struct journal_text **table)
{
	struct journal_text *entry, *next;
	HASH_ITER (hh, *table, entry, next) {
		HASH_DEL(*table, entry);
		free(entry);
	}
}

void journal_fini(struct journal *journal)
{
	table_destroy(&journal->modules);
	table_destroy(&journal->strings);
	free(journal->module_list);
	code_places_fini(&journal->places);
}

uint64_t journal_now(const struct journal *journal)
{
	return clock_ticks(journal->clock);
}

/* The entry of the text in the table; one that was not there gets *next, which goes up. */
static struct journal_text *table_intern(struct journal_text **table, const char *text, size_t size,
					 uint64_t *next)
{
	struct journal_text *entry;
	HASH_FIND(hh, *table, text, size, entry);
	if (entry)
		return entry;
	entry = memory_allocate(sizeof *entry + size + 1);
	entry->number = (*next)++;
	entry->size = size;
	memcpy(entry->text, text, size);
	HASH_ADD_KEYPTR(hh, *table, entry->text, entry->size, entry);
	return entry;
}

uint64_t journal_string(struct journal *journal, const char *text)
{
	size_t size = text ? strnlen(text, TEXT_MAX) : 0;
	if (!size)
		return 0;
	uint64_t fresh = journal->next_string;
	uint64_t number = table_intern(&journal->strings, text, size, &journal->next_string)->number;
	if (number == fresh)
		event_put_string(trace_writer_fact(journal->writer, journal->clock, EVENT_STRING_MAX + size),
				 journal_now(journal), number, text, size);
	return number;
}

/* An entry's text is the build id, a zero, the path. */
uint64_t journal_module(struct journal *journal, const char *path, const char *build_id)
{
	size_t path_size = strnlen(path, TEXT_MAX), id_size = strnlen(build_id, BUILD_ID_TEXT_SIZE - 1);
	char key[BUILD_ID_TEXT_SIZE + TEXT_MAX];
	memcpy(key, build_id, id_size);
	key[id_size] = 0;
	memcpy(key + id_size + 1, path, path_size);
	uint64_t fresh = journal->next_module;
	struct journal_text *entry =
		table_intern(&journal->modules, key, id_size + 1 + path_size, &journal->next_module);
	if (entry->number == fresh) {
		MEMORY_GROW(journal->module_list, journal->module_count, journal->module_room);
		journal->module_list[journal->module_count++] = entry;
		event_put_module(trace_writer_fact(journal->writer, journal->clock,
						   EVENT_MODULE_MAX + path_size + id_size),
				 journal_now(journal), fresh, path, path_size, build_id, id_size);
	}
	return entry->number;
}

const char *journal_module_build_id(const struct journal *journal, uint64_t module)
{
	return journal->module_list[module - 1]->text;
}

const char *journal_module_path(const struct journal *journal, uint64_t module)
{
	const char *build_id = journal_module_build_id(journal, module);
	return build_id + strlen(build_id) + 1;
}

void journal_lost(struct journal *journal, uint64_t process, const char *reason, uint64_t events)
{
	journal->lost_events += events;
	event_put_lost(trace_writer_fact(journal->writer, journal->clock, EVENT_LOST_MAX + strlen(reason)),
		       journal_now(journal), process, reason, strlen(reason), events);
}

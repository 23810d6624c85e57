/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include "agent/recorded.h"
#include "base/memory.h"

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
}

uint64_t journal_now(const struct journal *journal)
{
	return clock_ticks(journal->clock);
}

/* The number of the text in the table; *next is given to one that was not there, and goes up. */
static uint64_t table_number(struct journal_text **table, const char *text, size_t size, uint64_t *next)
{
	struct journal_text *entry;
	HASH_FIND(hh, *table, text, size, entry);
	if (entry)
		return entry->number;
	entry = memory_allocate(sizeof *entry + size);
	entry->number = (*next)++;
	entry->size = size;
	memcpy(entry->text, text, size);
	HASH_ADD_KEYPTR(hh, *table, entry->text, entry->size, entry);
	return entry->number;
}

uint64_t journal_string(struct journal *journal, const char *text)
{
	size_t size = text ? strnlen(text, TEXT_MAX) : 0;
	if (!size)
		return 0;
	uint64_t fresh = journal->next_string;
	uint64_t number = table_number(&journal->strings, text, size, &journal->next_string);
	if (number == fresh)
		event_put_string(trace_writer_fact(journal->writer, journal->clock, EVENT_STRING_MAX + size),
				 journal_now(journal), number, text, size);
	return number;
}

uint64_t journal_module(struct journal *journal, const char *path, const char *build_id)
{
	size_t path_size = strnlen(path, TEXT_MAX), id_size = strlen(build_id);
	char key[TEXT_MAX + 64];
	memcpy(key, build_id, id_size);
	memcpy(key + id_size, path, path_size);
	uint64_t fresh = journal->next_module;
	uint64_t number = table_number(&journal->modules, key, id_size + path_size, &journal->next_module);
	if (number == fresh)
		event_put_module(trace_writer_fact(journal->writer, journal->clock,
						   EVENT_MODULE_MAX + path_size + id_size),
				 journal_now(journal), number, path, path_size, build_id, id_size);
	return number;
}

void journal_lost(struct journal *journal, uint64_t process, const char *reason, uint64_t events)
{
	journal->lost_events += events;
	event_put_lost(trace_writer_fact(journal->writer, journal->clock, EVENT_LOST_MAX + strlen(reason)),
		       journal_now(journal), process, reason, strlen(reason), events);
}

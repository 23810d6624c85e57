/* SPDX-License-Identifier: Apache-2.0 */
/* journal.h — the trace being written and the numbers given out in it.
 *
 * Threads:  the agent's main thread only.
 * Memory:   grows with texts, modules and places of code, each once however many processes name it.
 */
#pragma once
#include "agent/code_places.h"
#include "block/trace_writer.h"

struct journal {
	struct trace_writer *writer;
	enum trace_clock clock; /* of what the agent tells */
	uint64_t next_process, next_thread, next_module, next_string;
	uint64_t lost_events;
	struct journal_text *strings; /* text → number */
	struct journal_text *modules; /* build id and path → number */
	struct journal_text **module_list;
	size_t module_count, module_room;
	struct code_places places; /* that stacks named */
};

void journal_init(struct journal *journal, struct trace_writer *writer, enum trace_clock clock);
void journal_fini(struct journal *journal);

/* Now, in ticks of the journal's clock. */
uint64_t journal_now(const struct journal *journal);

/* The number of a text, told to the trace the first time. "" and NULL are 0. */
uint64_t journal_string(struct journal *journal, const char *text);
uint64_t journal_module(struct journal *journal, const char *path, const char *build_id);

/* What journal_module was called with; they live as long as the journal. */
const char *journal_module_path(const struct journal *journal, uint64_t module);
const char *journal_module_build_id(const struct journal *journal, uint64_t module);

/* Counts events as lost and tells the trace why. process: 0 when none is known. */
void journal_lost(struct journal *journal, uint64_t process, const char *reason, uint64_t events);

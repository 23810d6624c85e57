/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recorded.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/mappings.h"
#include "agent/proc_file.h"
#include "agent/totals.h"
#include "base/memory.h"

enum { COMMAND_MAX = 4096 }; /* bytes of a command line that are kept */

/* Words ended by zeros, as a line. */
static size_t command_line(char *words, size_t size)
{
	while (size && words[size - 1] == 0)
		size--;
	for (size_t i = 0; i < size; i++)
		if (words[i] == 0)
			words[i] = ' ';
	return size < COMMAND_MAX ? size : COMMAND_MAX;
}

struct recorded *recorded_create(struct newcomer *newcomer, const struct recorded *parent,
				 struct journal *journal)
{
	struct recorded *recorded = memory_allocate(sizeof *recorded);
	recorded->process = journal->next_process++;
	recorded->pid = newcomer->pid;
	recorded->shared = newcomer->shared;
	recorded->counts = newcomer->counts;
	recorded->start = newcomer->start;
	recorded->pidfd = newcomer->pidfd;
	memcpy(recorded->name, newcomer->name, sizeof recorded->name);

	if (parent) {
		recorded->executable = memory_copy_text(parent->executable, strlen(parent->executable));
		recorded->command = memory_copy_text(parent->command, strlen(parent->command));
	} else {
		if (newcomer->forked_from) /* its parent is not known, or has ended: nobody to ask but itself */
			newcomer_read_program(newcomer);
		const char *executable = newcomer->executable ? newcomer->executable : "";
		recorded->executable = memory_copy_text(executable, strlen(executable));
		size_t size = newcomer->command ? command_line(newcomer->command, newcomer->command_size) : 0;
		recorded->command = memory_copy_text(newcomer->command ? newcomer->command : "", size);
	}
	uint32_t parent_pid = newcomer->forked_from ? newcomer->forked_from : proc_parent(newcomer->pid);
	size_t most = EVENT_PROCESS_START_MAX + strlen(recorded->executable) + strlen(recorded->command);
	event_put_process_start(trace_writer_fact(journal->writer, newcomer->start.clock, most),
				newcomer->start.ticks, recorded->process, recorded->pid, parent_pid,
				recorded->executable, strlen(recorded->executable), recorded->command,
				strlen(recorded->command));
	if (parent)
		mappings_inherit(recorded, journal, parent);
	else if (newcomer->mappings)
		mappings_update(recorded, journal, newcomer->mappings);
	totals_find_throttle(recorded);
	/* The kernel's clock may have changed since it was welcomed. */
	atomic_store_explicit(&recorded->shared.arena.header->clock, journal->clock, memory_order_relaxed);
	return recorded;
}

struct trace_moment recorded_now(const struct recorded *recorded, const struct journal *journal)
{
	return recorded->is_replaced ? recorded->replaced
				     : (struct trace_moment){journal_now(journal), journal->clock};
}

struct lane *recorded_lane(struct recorded *recorded, uint32_t slot)
{
	if (slot > recorded->lane_count) {
		uint32_t count = slot > 2 * recorded->lane_count ? slot : 2 * recorded->lane_count;
		recorded->lanes = memory_resize(recorded->lanes, count, sizeof *recorded->lanes);
		memset(recorded->lanes + recorded->lane_count, 0,
		       (count - recorded->lane_count) * sizeof *recorded->lanes);
		recorded->lane_count = count;
	}
	return &recorded->lanes[slot - 1];
}

void recorded_destroy(struct recorded *recorded)
{
	if (recorded->pidfd >= 0)
		close(recorded->pidfd);
	shared_arena_close(&recorded->shared);
	mappings_destroy(recorded);
	free(recorded->lanes);
	free(recorded->unplaced);
	free(recorded->unfinished);
	free(recorded->throttle_path);
	free(recorded->executable);
	free(recorded->command);
	free(recorded);
}

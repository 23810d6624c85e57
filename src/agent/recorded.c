/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/recorded.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "agent/listener.h"
#include "agent/mappings.h"
#include "agent/proc_file.h"
#include "agent/recorded_life.h"
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

static uint32_t parent_of(uint32_t pid)
{
	char *status = proc_read(NULL, "/proc/%u/status", pid);
	const char *line = status ? strstr(status, "\nPPid:") : NULL;
	uint32_t parent = line ? (uint32_t)strtoul(line + strlen("\nPPid:"), NULL, 10) : 0;
	free(status);
	return parent;
}

/* A program that was forked is its parent's: what it is and what code it has need not be read again. */
static void read_program_again(struct newcomer *newcomer)
{
	newcomer->mappings = proc_read(NULL, "/proc/%u/maps", newcomer->pid);
	newcomer->executable = proc_link("/proc/%u/exe", newcomer->pid);
	newcomer->command = proc_read(&newcomer->command_size, "/proc/%u/cmdline", newcomer->pid);
}

struct recorded *recorded_create(struct newcomer *newcomer, const struct recorded *parent,
				 struct journal *journal)
{
	struct recorded *recorded = memory_allocate(sizeof *recorded);
	recorded->process = journal->next_process++;
	recorded->pid = newcomer->pid;
	recorded->shared = newcomer->shared;
	recorded->counts = newcomer->counts;
	recorded->start_ticks = newcomer->ticks;
	memcpy(recorded->name, newcomer->name, sizeof recorded->name - 1);
	recorded->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)newcomer->pid, 0);
	recorded->is_over = recorded->pidfd < 0 && errno == ESRCH; /* gone already */

	if (parent) {
		recorded->executable = memory_copy_text(parent->executable, strlen(parent->executable));
		recorded->command = memory_copy_text(parent->command, strlen(parent->command));
	} else {
		if (newcomer->forked_from)
			read_program_again(newcomer);
		const char *executable = newcomer->executable ? newcomer->executable : "";
		recorded->executable = memory_copy_text(executable, strlen(executable));
		size_t size = newcomer->command ? command_line(newcomer->command, newcomer->command_size) : 0;
		recorded->command = memory_copy_text(newcomer->command ? newcomer->command : "", size);
	}
	uint32_t parent_pid = newcomer->forked_from ? newcomer->forked_from : parent_of(newcomer->pid);
	size_t most = EVENT_PROCESS_START_MAX + strlen(recorded->executable) + strlen(recorded->command);
	event_put_process_start(trace_writer_fact(journal->writer, journal->clock, most), newcomer->ticks,
				recorded->process, recorded->pid, parent_pid, recorded->executable,
				strlen(recorded->executable), recorded->command, strlen(recorded->command));
	if (parent)
		mappings_inherit(recorded, journal, parent);
	else if (newcomer->mappings)
		mappings_update(recorded, journal, newcomer->mappings);
	totals_find_throttle(recorded);
	return recorded;
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

void recorded_let_go(struct recorded *recorded)
{
	if (recorded->pidfd >= 0)
		close(recorded->pidfd);
	recorded->pidfd = -1;
	shared_arena_close(&recorded->shared);
	recorded->shared.arena.header = NULL;
	free(recorded->lanes);
	recorded->lanes = NULL;
	recorded->lane_count = 0;
}

void recorded_destroy(struct recorded *recorded)
{
	if (recorded->shared.arena.header)
		recorded_let_go(recorded);
	mappings_destroy(recorded);
	free(recorded->pcs);
	free(recorded->unfinished);
	free(recorded->throttle_path);
	free(recorded->executable);
	free(recorded->command);
	free(recorded);
}

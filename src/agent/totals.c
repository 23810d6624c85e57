/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/totals.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "agent/control_group.h"
#include "agent/proc_file.h"
#include "base/memory.h"

void totals_tell_name(struct journal *journal, struct lane *lane, const void *name, size_t size)
{
	char text[sizeof lane->name];
	snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text),
		 (const char *)name);
	if (strcmp(text, lane->name) == 0)
		return;
	memcpy(lane->name, text, sizeof text);
	event_put_thread_name(
		trace_writer_fact(journal->writer, journal->clock, EVENT_THREAD_NAME_MAX + sizeof text),
		journal_now(journal), lane->thread, text, strlen(text));
}

void totals_read_name(struct recorded *recorded, struct journal *journal, struct lane *lane)
{
	if (recorded->is_replaced)
		return;
	char *name = proc_read(NULL, "/proc/%u/task/%u/comm", recorded->pid, lane->tid);
	if (name)
		totals_tell_name(journal, lane, name, strcspn(name, "\n"));
	free(name);
}

void totals_tell_counts(struct journal *journal, const struct lane *lane, struct trace_moment moment,
			const struct thread_counts *counts)
{
	event_put_thread_totals(trace_writer_fact(journal->writer, moment.clock, EVENT_THREAD_TOTALS_MAX),
				moment.ticks, lane->thread, counts->cpu_ns, counts->run_delay_ns,
				counts->voluntary, counts->involuntary);
}

static void tell_lane(struct recorded *recorded, struct journal *journal, struct lane *lane)
{
	struct thread_counts counts;
	if (thread_counts_read_times(recorded->pid, lane->tid, &counts) ||
	    (counts.timeslices == lane->timeslices && counts.timeslices) ||
	    thread_counts_read(recorded->pid, lane->tid, &counts))
		return;
	totals_tell_counts(journal, lane, recorded_now(recorded, journal), &counts);
	lane->timeslices = counts.timeslices;
	totals_read_name(recorded, journal, lane);
}

static void tell_throttled(struct recorded *recorded, struct journal *journal)
{
	char *stat = recorded->throttle_path ? proc_read(NULL, "%s", recorded->throttle_path) : NULL;
	if (!stat)
		return;
	uint64_t throttled_ns = control_group_throttled_ns(stat);
	free(stat);
	if (recorded->was_throttle_told && throttled_ns == recorded->throttled_ns)
		return;
	recorded->was_throttle_told = true; /* the first is the base of the later ones */
	recorded->throttled_ns = throttled_ns;
	event_put_throttled(trace_writer_fact(journal->writer, journal->clock, EVENT_THROTTLED_MAX),
			    journal_now(journal), recorded->process, throttled_ns);
}

void totals_tell(struct recorded *recorded, struct journal *journal)
{
	for (uint32_t i = 0; i < recorded->lane_count; i++)
		if (recorded->lanes[i].thread && recorded->lanes[i].is_alive)
			tell_lane(recorded, journal, &recorded->lanes[i]);
	tell_throttled(recorded, journal);
}

void totals_tell_last(struct recorded *recorded, struct journal *journal)
{
	for (uint32_t i = 0; i < recorded->lane_count; i++) {
		struct lane *lane = &recorded->lanes[i];
		if (!lane->thread || !lane->is_alive || lane->tid != recorded->pid)
			continue;
		if (recorded->is_replaced) {
			if (recorded->replaced_counts.cpu_ns)
				totals_tell_counts(journal, lane, recorded->replaced,
						   &recorded->replaced_counts);
		} else {
			lane->timeslices = 0; /* tell even what did not change: these are its last */
			tell_lane(recorded, journal, lane);
		}
	}
	tell_throttled(recorded, journal);
}

char *totals_throttle_path(uint32_t pid)
{
	static const struct {
		const char *controller, *mount;
	} places[] = {{"cpu", "/sys/fs/cgroup/cpu"}, {"", "/sys/fs/cgroup"}, {"", "/sys/fs/cgroup/unified"}};

	char *found = NULL, *groups = proc_read(NULL, "/proc/%u/cgroup", pid);
	for (size_t i = 0; groups && !found && i < sizeof places / sizeof *places; i++) {
		char *group = control_group_path(groups, places[i].controller);
		char path[1024];
		if (group &&
		    (size_t)snprintf(path, sizeof path, "%s%s/cpu.stat", places[i].mount, group) <
			    sizeof path &&
		    access(path, R_OK) == 0)
			found = memory_copy_text(path, strlen(path));
		free(group);
	}
	free(groups);
	return found;
}

void totals_find_throttle(struct recorded *recorded)
{
	if (!recorded->throttle_path)
		recorded->throttle_path = totals_throttle_path(recorded->pid);
}

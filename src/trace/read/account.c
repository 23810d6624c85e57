/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/account.h"
#include "base/memory.h"
#include <stdlib.h>

void account_init(struct account *account, struct survey *survey, const struct event_schema *schema,
		  uint64_t from_ns, uint64_t to_ns)
{
	*account = (struct account){.survey = survey, .lane_count = survey->processes.thread_count};
	account->lanes = memory_resize(NULL, account->lane_count, sizeof *account->lanes);
	for (size_t i = 0; i < account->lane_count; i++)
		lane_init(&account->lanes[i], (uint32_t)i, &survey->processes.threads[i]);
	account->world = (struct lane_world){
		.processes = &survey->processes,
		.sites = &account->sites,
		.edges = &account->edges,
		.from_ns = from_ns,
		.to_ns = to_ns,
	};
	wait_shapes_init(&account->shapes, schema);
}

void account_fini(struct account *account)
{
	for (size_t i = 0; i < account->lane_count; i++)
		lane_fini(&account->lanes[i]);
	free(account->lanes);
	partition_fini(&account->world.pieces);
	wait_sites_fini(&account->sites);
	wake_edges_fini(&account->edges);
	*account = (struct account){0};
}

static struct lane *lane_of(struct account *account, uint64_t thread)
{
	uint32_t index = key_map_find(&account->survey->processes.thread_numbers, (struct map_key){{thread}});
	return index == KEY_MAP_NONE ? NULL : &account->lanes[index];
}

static uint64_t value_at(const struct event *event, int8_t index)
{
	return index < 0 ? 0 : event->values[index].number;
}

static struct object_id object_of(struct account *account, const struct lane *lane,
				  const struct wait_shape *shape, const struct event *event, uint64_t time_ns)
{
	if (shape->object >= 0)
		return (struct object_id){OBJECT_ADDRESS, value_at(event, shape->object)};
	int64_t fd = (int64_t)value_at(event, shape->fd);
	if (shape->fd < 0 || fd < 0)
		return (struct object_id){OBJECT_NONE, 0};
	const struct process_table *table = &account->survey->processes;
	uint64_t process = table->processes[table->threads[lane->index].process].number;
	uint32_t description = descriptor_names_find(&account->survey->descriptors, process, fd, time_ns);
	if (description == DESCRIPTION_UNKNOWN)
		return (struct object_id){OBJECT_UNNAMED_FD, (uint64_t)fd};
	return (struct object_id){OBJECT_DESCRIPTOR, description};
}

static struct lane_range range_of(struct account *account, const struct event *event,
				  const struct trace_slice *slice)
{
	struct trace_moment end = {event->time, slice->clock};
	uint64_t end_ns = clock_map_time(&account->survey->clock, end);
	return (struct lane_range){
		.start_ns = end_ns - clock_map_duration(&account->survey->clock, end, event->duration),
		.end_ns = end_ns,
		.block = slice->block,
	};
}

static void take_wait(struct account *account, struct lane *lane, const struct event *event,
		      const struct trace_slice *slice)
{
	const struct wait_shape *shape = &account->shapes.by_number[event->type->number];
	struct lane_range range = range_of(account, event, slice);
	range.reason = (uint8_t)shape->reason;
	range.object = object_of(account, lane, shape, event, range.end_ns);
	range.mutex = value_at(event, shape->mutex);
	range.stack = value_at(event, shape->stack);
	lane_add_range(lane, range);
	account->waits++;
}

static void take_gap(struct account *account, struct lane *lane, const struct event *event,
		     const struct trace_slice *slice)
{
	struct lane_range range = range_of(account, event, slice);
	struct trace_moment end = {event->time, slice->clock};
	uint64_t off = value_at(event, EVENT_GAP_OFF);
	if (off > event->duration)
		off = event->duration;
	uint64_t involuntary = value_at(event, EVENT_GAP_INVOLUNTARY_SWITCHES);
	range.is_gap = 1;
	range.off_ns = clock_map_duration(&account->survey->clock, end, off);
	range.stack = value_at(event, EVENT_GAP_STACK);
	range.voluntary_switches = value_at(event, EVENT_GAP_VOLUNTARY_SWITCHES);
	range.is_preempted = range.voluntary_switches == 0;
	range.is_mixed = range.voluntary_switches > 0 && involuntary > 0;
	range.reason = value_at(event, EVENT_GAP_MAJOR_FAULTS) > 0 ? WAIT_FAULT : WAIT_UNSEEN;
	lane_add_range(lane, range);
	account->waits++;
}

static void take_edge(struct account *account, const struct lane *lane, enum wake_kind kind,
		      const struct event *event, const struct trace_slice *slice)
{
	/* lock_release, condition_signal and condition_broadcast have the same fields. */
	wake_edges_add(&account->edges, account->survey->processes.threads[lane->index].process,
		       value_at(event, EVENT_LOCK_RELEASE_OBJECT), kind,
		       (struct wake_edge){
			       .time_ns = clock_map_time(&account->survey->clock,
							 (struct trace_moment){event->time, slice->clock}),
			       .stack = value_at(event, EVENT_LOCK_RELEASE_STACK),
			       .block = slice->block,
			       .thread = lane->index,
		       });
}
_Static_assert((int)EVENT_CONDITION_SIGNAL_OBJECT == (int)EVENT_LOCK_RELEASE_OBJECT &&
		       (int)EVENT_CONDITION_BROADCAST_STACK == (int)EVENT_LOCK_RELEASE_STACK,
	       "edges share their fields");

static void take_thread_end(struct account *account, struct lane *lane, const struct event *event,
			    const struct trace_slice *slice)
{
	lane_add_checkpoint(
		lane, (struct checkpoint){
			      .time_ns = clock_map_time(&account->survey->clock,
							(struct trace_moment){event->time, slice->clock}),
			      .cpu_ns = value_at(event, EVENT_THREAD_END_CPU_NS),
			      .voluntary_switches = value_at(event, EVENT_THREAD_END_VOLUNTARY_SWITCHES),
			      .is_exact = 1,
		      });
}

static void take_totals(struct account *account, const struct event *event, const struct trace_slice *slice)
{
	struct lane *lane = lane_of(account, value_at(event, EVENT_THREAD_TOTALS_THREAD));
	if (!lane)
		return;
	lane_add_checkpoint(
		lane, (struct checkpoint){
			      .time_ns = clock_map_time(&account->survey->clock,
							(struct trace_moment){event->time, slice->clock}),
			      .cpu_ns = value_at(event, EVENT_THREAD_TOTALS_CPU_NS),
			      .delay_ns = value_at(event, EVENT_THREAD_TOTALS_RUN_DELAY_NS),
			      .voluntary_switches = value_at(event, EVENT_THREAD_TOTALS_VOLUNTARY_SWITCHES),
			      .has_delay = 1,
		      });
}

static void take_short_waits(struct account *account, struct lane *lane, const struct event *event,
			     const struct trace_slice *slice)
{
	struct trace_moment moment = {event->time, slice->clock};
	uint64_t time_ns = clock_map_time(&account->survey->clock, moment);
	if (time_ns < account->world.from_ns || time_ns > account->world.to_ns)
		return;
	lane->short_count += value_at(event, EVENT_SHORT_WAITS_COUNT);
	lane->short_ns +=
		clock_map_duration(&account->survey->clock, moment, value_at(event, EVENT_SHORT_WAITS_TOTAL));
}

/* Nothing that is still to come in the file can concern ranges older than the horizon. */
static void enter_block(struct account *account, uint64_t block)
{
	account->block = block;
	if (block < HORIZON_BLOCKS)
		return;
	for (size_t i = 0; i < account->lane_count; i++)
		lane_settle(&account->lanes[i], &account->world, block - HORIZON_BLOCKS + 1);
	if (block >= EDGE_BLOCKS)
		wake_edges_forget(&account->edges, block - EDGE_BLOCKS + 1);
}

void account_event(struct account *account, const struct event *event, const struct trace_slice *slice)
{
	if (slice->block != account->block)
		enter_block(account, slice->block);
	unsigned number = event->type->number;
	if (!slice->thread) {
		if (number == EVENT_THREAD_TOTALS)
			take_totals(account, event, slice);
		return;
	}
	struct lane *lane = lane_of(account, slice->thread);
	if (!lane)
		return;
	if (account->shapes.by_number[number].is_wait) {
		take_wait(account, lane, event, slice);
		return;
	}
	switch (number) {
	case EVENT_GAP:
		take_gap(account, lane, event, slice);
		break;
	case EVENT_LOCK_RELEASE:
		take_edge(account, lane, WAKE_RELEASE, event, slice);
		break;
	case EVENT_CONDITION_SIGNAL:
	case EVENT_CONDITION_BROADCAST:
		take_edge(account, lane, WAKE_SIGNAL, event, slice);
		break;
	case EVENT_THREAD_END:
		take_thread_end(account, lane, event, slice);
		break;
	case EVENT_SHORT_WAITS:
		take_short_waits(account, lane, event, slice);
		break;
	case EVENT_START_INFERRED:
		lane->is_next_inferred = 1;
		break;
	}
}

void account_finish(struct account *account)
{
	for (size_t i = 0; i < account->lane_count; i++)
		lane_finish(&account->lanes[i], &account->world);
}

int account_read(struct account *account, struct trace_reader *reader, struct error *out_error)
{
	struct event event;
	const struct trace_slice *slice;
	int result;
	while ((result = trace_reader_next(reader, &event, &slice, out_error)) > 0)
		account_event(account, &event, slice);
	if (result < 0)
		return -1;
	account_finish(account);
	return 0;
}

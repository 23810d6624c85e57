/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/account.h"
#include "base/memory.h"
#include <stdlib.h>

void account_init(struct account *account, struct survey *survey, const struct event_schema *schema,
		  struct ledger *ledger)
{
	const struct process_table *table = &survey->processes;
	*account = (struct account){.survey = survey, .ledger = ledger, .thread_count = table->thread_count};
	account->threads = memory_resize(NULL, account->thread_count, sizeof *account->threads);
	for (size_t i = 0; i < account->thread_count; i++) {
		const struct thread *thread = &table->threads[i];
		thread_time_init(&account->threads[i], (uint32_t)i, thread);
		uint32_t group = ledger_add_group(ledger, (struct lane_group){.name = thread->name,
									      .process = thread->process,
									      .kind = LANE_THREAD});
		ledger_add_lane(ledger, (struct lane){.id = thread->number,
						      .tid = thread->tid,
						      .group = group,
						      .first_wait = LANE_WAIT_NONE,
						      .kind = LANE_THREAD});
	}
	account->world = (struct thread_world){
		.processes = &survey->processes,
		.sites = &ledger->sites,
		.edges = &account->edges,
		.from_ns = ledger->from_ns,
		.to_ns = ledger->to_ns,
	};
	wait_shapes_init(&account->shapes, schema);
}

void account_fini(struct account *account)
{
	for (size_t i = 0; i < account->thread_count; i++)
		thread_time_fini(&account->threads[i]);
	free(account->threads);
	partition_fini(&account->world.pieces);
	wake_edges_fini(&account->edges);
	*account = (struct account){0};
}

static struct thread_time *lane_of(struct account *account, uint64_t thread)
{
	uint32_t index = key_map_find(&account->survey->processes.thread_numbers, (struct map_key){{thread}});
	return index == KEY_MAP_NONE ? NULL : &account->threads[index];
}

static uint64_t value_at(const struct event *event, int8_t index)
{
	return index < 0 ? 0 : event->values[index].number;
}

static struct object_id object_of(struct account *account, const struct thread_time *lane,
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

static struct thread_range range_of(struct account *account, const struct event *event,
				    const struct trace_slice *slice)
{
	struct trace_moment end = {event->time, slice->clock};
	uint64_t end_ns = clock_map_time(&account->survey->clock, end);
	return (struct thread_range){
		.start_ns = end_ns - clock_map_duration(&account->survey->clock, end, event->duration),
		.end_ns = end_ns,
		.block = slice->block,
	};
}

static void take_wait(struct account *account, struct thread_time *lane, const struct event *event,
		      const struct trace_slice *slice)
{
	const struct wait_shape *shape = &account->shapes.by_number[event->type->number];
	struct thread_range range = range_of(account, event, slice);
	range.reason = (uint8_t)shape->reason;
	range.object = object_of(account, lane, shape, event, range.end_ns);
	range.mutex = value_at(event, shape->mutex);
	range.stack = value_at(event, shape->stack);
	thread_time_add_range(lane, range);
}

static void take_gap(struct account *account, struct thread_time *lane, const struct event *event,
		     const struct trace_slice *slice)
{
	struct thread_range range = range_of(account, event, slice);
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
	thread_time_add_range(lane, range);
}

static void take_edge(struct account *account, const struct thread_time *lane, enum wake_kind kind,
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

static void take_thread_end(struct account *account, struct thread_time *lane, const struct event *event,
			    const struct trace_slice *slice)
{
	thread_time_add_checkpoint(
		lane, (struct checkpoint){
			      .time_ns = clock_map_time(&account->survey->clock,
							(struct trace_moment){event->time, slice->clock}),
			      .cpu_ns = value_at(event, EVENT_THREAD_END_CPU_NS),
			      .voluntary_switches = value_at(event, EVENT_THREAD_END_VOLUNTARY_SWITCHES),
			      .involuntary_switches = value_at(event, EVENT_THREAD_END_INVOLUNTARY_SWITCHES),
			      .is_exact = 1,
		      });
}

static void take_totals(struct account *account, const struct event *event, const struct trace_slice *slice)
{
	struct thread_time *lane = lane_of(account, value_at(event, EVENT_THREAD_TOTALS_THREAD));
	if (!lane)
		return;
	thread_time_add_checkpoint(
		lane,
		(struct checkpoint){
			.time_ns = clock_map_time(&account->survey->clock,
						  (struct trace_moment){event->time, slice->clock}),
			.cpu_ns = value_at(event, EVENT_THREAD_TOTALS_CPU_NS),
			.delay_ns = value_at(event, EVENT_THREAD_TOTALS_RUN_DELAY_NS),
			.voluntary_switches = value_at(event, EVENT_THREAD_TOTALS_VOLUNTARY_SWITCHES),
			.involuntary_switches = value_at(event, EVENT_THREAD_TOTALS_INVOLUNTARY_SWITCHES),
			.has_delay = 1,
		});
}

static void take_short_waits(struct account *account, struct thread_time *lane, const struct event *event,
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
	for (size_t i = 0; i < account->thread_count; i++)
		thread_time_settle(&account->threads[i], &account->world, block - HORIZON_BLOCKS + 1);
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
	struct thread_time *lane = lane_of(account, slice->thread);
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

static void enter_lane(struct account *account, const struct thread_time *thread)
{
	struct ledger *ledger = account->ledger;
	struct lane *lane = &ledger->lanes[thread->index];
	lane->start_ns = thread->start_ns > ledger->from_ns ? thread->start_ns : ledger->from_ns;
	lane->end_ns = lane->start_ns + thread_time_span(thread, &account->world).inside;
	lane->running_ns = thread->states.running.inside;
	lane->runnable_ns = thread->states.runnable.inside;
	lane->throttled_ns = thread->states.throttled.inside;
	lane->unknown_ns = thread->states.unknown.inside;
	lane->inferred_ns = thread->states.inferred_ns;
	lane->short_count = thread->short_count;
	lane->short_ns = thread->short_ns;
	ledger->groups[thread->index].life_ns = thread->end_ns - thread->start_ns;
}

void account_finish(struct account *account)
{
	struct ledger *ledger = account->ledger;
	for (size_t i = 0; i < account->thread_count; i++) {
		thread_time_finish(&account->threads[i], &account->world);
		enter_lane(account, &account->threads[i]);
	}
	for (size_t i = 0; i < ledger->sites.count; i++) {
		const struct wait_site *site = &ledger->sites.sites[i];
		ledger_add_wait(ledger, site->group, (uint32_t)i, site->blocked.inside);
		ledger->lanes[site->group].inferred_ns += site->inferred_ns;
	}
	ledger->edges_forgotten = account->edges.forgotten;
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
